//! A session that ends at any request of a deploy: before it starts, in a poll, in a retrieve. One new
//! login each time, one deploy in all.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;
#[path = "common/served.rs"]
mod served;
#[path = "common/wire.rs"]
mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use common::{Place, Ran};
use served::{CONFIG, Served};
use wire::{Fate, Wire};

const SECRET: &str = "c4nary-s3cret";

fn place() -> Place {
    let auth = "client_credentials: { client_id: 3MVG9.app, client_secret: \"${env:CANARY}\", \
                login_url: \"${env:LOGIN}\" }";
    let config = CONFIG.replace("auth: env", &format!("auth: {{ {auth} }}"));
    let place = Place::with_config(&config);
    place.write(
        "webhook.txt",
        "https://opencx.invalid/webhook/c4nary-t0ken\n",
    );
    place
}

#[test]
fn a_session_that_ends_at_any_request_is_renewed_and_nothing_is_sent_twice() {
    for uses in 1..=9 {
        let place = place();
        let served = Served::start(&place, &["--fault", &format!("expire-session-once={uses}")]);
        let logins = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&logins);
        let wire = Wire::to(&served.instance_url, move |line| {
            let is_login = line.starts_with("POST /services/oauth2/token");
            count.fetch_add(u32::from(is_login), Ordering::SeqCst);
            Fate::Pass
        });
        let args = ["deploy", "-o", "dev", "--json", "--test-level", "NoTestRun"];
        let ran: Ran = place
            .command(&args)
            .env("LOGIN", &wire.url)
            .env("CANARY", SECRET)
            .output()
            .unwrap()
            .into();
        let said = format!("{}{}", ran.out, ran.err);
        assert!(!said.contains("c4nary"), "{said}");
        let report = ran.exits(0).json();
        assert_eq!(report["status"], "deployed", "{uses}");
        assert_eq!(
            served.deploys(),
            [("Succeeded".to_owned(), false)],
            "{uses}"
        );
        let logins = logins.load(Ordering::SeqCst);
        assert!(logins > 1, "{uses}: {logins}");
    }
}

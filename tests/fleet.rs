//! Many orgs in one run: a hundred of them in this process, and through the binary what each argument
//! chooses and which exit code it comes to.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;
#[path = "common/nothing.rs"]
mod nothing;
#[path = "common/several.rs"]
mod several;

use std::path::Path;
use std::time::Duration;

use common::{Place, root};
use nothing::Nothing;
use opencx_sf::config::{Config, Secrets, Target};
use opencx_sf::drift::{self, Drift, Expected};
use opencx_sf::emulator::{EmulatedOrg, Fault, Options, OrgKind, Processing, Server};
use opencx_sf::fleet;
use opencx_sf::package::Package;
use opencx_sf::render::render;
use opencx_sf::sf::{Reader, Session};
use opencx_sf::template::Catalog;
use several::{lines, local, top};

fn wanted() -> (Target, Package) {
    let text = std::fs::read_to_string(root().join("examples/minimal/opencx.yaml")).unwrap();
    let config = Config::parse(Path::new("opencx.yaml"), &text).unwrap();
    let target = config.target("local", &Nothing, Secrets::Required).unwrap();
    let package = render(&target.integration, &Catalog::embedded()).unwrap();
    (target, package.resolved().unwrap())
}

/// One org in this process, looked at over HTTP.
async fn look(
    state: &Path,
    fault: Option<Fault>,
    (target, package): &(Target, Package),
) -> (Result<Drift, drift::Error>, u32) {
    let options = Options {
        kind: OrgKind::Sandbox,
        latency: Duration::from_millis(150),
        processing: Processing::IMMEDIATE,
        fault,
        ..Options::default()
    };
    let org = EmulatedOrg::open(state, &options).unwrap();
    let running = Server::start(org, ([127, 0, 0, 1], 0).into())
        .await
        .unwrap();
    let version = target.integration.api_version;
    let session = Session::new(
        running.instance_url(),
        running.access_token().clone(),
        version,
    );
    let reader = Reader::new(session.unwrap()).unwrap();
    let expected = Expected {
        target,
        package,
        rules: &[],
        today: jiff::civil::date(2026, 1, 1),
        journals: None,
    };
    let drift = drift::inspect(&reader, expected, Duration::from_secs(60)).await;
    (drift, reader.requests())
}

#[tokio::test]
async fn a_hundred_orgs_and_none_hides_another() {
    let place = Place::minimal();
    place.run(&["deploy", "-o", "local"]).exits(0);
    let state = place.path().join(".opencx/emulator/local");
    let wanted = wanted();
    let folder = tempfile::tempdir().unwrap();
    let jobs: Vec<usize> = (0..100).collect();
    let work = |job: usize| {
        let (wanted, state) = (&wanted, &state);
        let own = folder.path().join(job.to_string());
        async move {
            // Every fourth org was never deployed to; one refuses the token and one hides a class.
            if job % 4 != 3 {
                copy(state, &own);
            }
            let fault = match job {
                40 => Some(Fault::RefuseToken),
                41 => Some(Fault::HideComponent("ApexClass:OpenCxLog".parse().unwrap())),
                _ => None,
            };
            look(&own, fault, wanted).await
        }
    };
    let mut told = 0;
    let results = fleet::run(jobs, 25, work, |_| told += 1).await;
    assert_eq!((results.len(), told), (100, 100));
    for (job, (drift, requests)) in results.iter().enumerate() {
        match (job, drift) {
            (40, drift) => assert!(drift.is_err()),
            (41, Ok(drift)) => {
                assert!(drift.is_undetermined() && !drift.differs());
            }
            (_, Ok(drift)) => {
                assert_eq!(drift.is_clean(), job % 4 != 3, "{job}");
                assert!(*requests <= 4, "{job}: {requests} requests");
            }
            (_, Err(error)) => panic!("{job}: {error}"),
        }
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(target).unwrap();
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Three local orgs and one whose login is not there.
fn several() -> Place {
    let far = "  far: { auth: env, email_cases: { webhook_url: \"${file:hook.txt}\" } }\n";
    let mut orgs: Vec<String> = ["eu-1", "eu-2", "us-1"].map(|name| local(name, "")).into();
    orgs.push(far.to_owned());
    several::place(&orgs)
}

#[test]
fn one_org_that_fails_hides_none() {
    let place = several();
    place.write("hook.txt", "https://opencx.invalid/webhook/c4nary\n");
    place.run(&["deploy", "-o", "eu-1"]).exits(0);
    let ran = place.run(&["drift", "--all", "--json"]).exits(4);
    let told = lines(&ran.out);
    let mut states: Vec<(&str, &str)> = told[..4]
        .iter()
        .map(|line| {
            (
                line["target"].as_str().unwrap(),
                line["status"].as_str().unwrap(),
            )
        })
        .collect();
    states.sort_unstable();
    assert_eq!(
        states,
        [
            ("eu-1", "clean"),
            ("eu-2", "drifted"),
            ("far", "error"),
            ("us-1", "drifted")
        ]
    );
    assert_eq!(told[4]["counts"]["drifted"], 2);
    let schema: serde_json::Value =
        serde_json::from_str(&place.run(&["schema", "drift"]).exits(0).out).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for line in &told {
        assert!(schema.is_valid(line), "{line}");
    }
    let table = place.run(&["drift", "--all"]).exits(4);
    for part in [
        "eu-1  clean",
        "eu-2  drifted",
        "far   not reached",
        "4 orgs: 1 clean, 2 drifted, 1 not reached",
    ] {
        assert!(table.out.contains(part), "{part}: {}", table.out);
    }
    assert!(table.err.contains("auth/"), "{}", table.err);
    assert!(!table.out.contains("c4nary") && !table.err.contains("c4nary"));
}

#[test]
fn one_org_takes_four_requests() {
    let place = Place::minimal();
    for code in [2, 0] {
        let ran = place.run(&["drift", "-o", "local", "--json"]).exits(code);
        assert_eq!(ran.json()["requests"], 4);
        let ran = place
            .run(&["drift", "-o", "local", "--verbose"])
            .exits(code);
        assert!(ran.out.contains("4 HTTP requests"), "{}", ran.out);
        if code == 2 {
            let args = ["deploy", "-o", "local", "--test-level", "NoTestRun"];
            place.run(&args).exits(0);
        }
    }
}

#[test]
fn an_org_that_another_branch_deployed_is_called_so() {
    let place = Place::minimal();
    let args = ["deploy", "-o", "local", "--test-level", "NoTestRun"];
    place.run(&args).exits(0);
    let config = std::fs::read_to_string(place.path().join("opencx.yaml")).unwrap();
    let other = config.replace("support@acme.example", "help@acme.example");
    assert_ne!(config, other);
    place.write("opencx.yaml", &other);
    let ran = place.run(&["drift", "-o", "local"]).exits(2);
    assert!(ran.err.contains("fleet/other-config"), "{}", ran.err);
    // With an edit by hand among them it is drift like any other.
    let edit = ["emulator", "set-trigger-status", "CaseTrigger", "inactive"];
    place.run(&edit).exits(0);
    let ran = place.run(&["drift", "-o", "local"]).exits(2);
    assert!(!ran.err.contains("fleet/other-config"), "{}", ran.err);
}

#[test]
fn orgs_are_chosen_by_name_pattern_and_share() {
    let place = several();
    let targets = |args: &[&str]| {
        let ran = place.run(&[&["drift", "--json"], args].concat()).exits(2);
        let mut names: Vec<String> = lines(&ran.out)
            .iter()
            .filter_map(|line| line["target"].as_str().map(str::to_owned))
            .collect();
        names.sort_unstable();
        names
    };
    assert_eq!(targets(&["-o", "eu-*"]), ["eu-1", "eu-2"]);
    assert_eq!(targets(&["-o", "us-1", "-o", "eu-2"]), ["eu-2", "us-1"]);
    assert_eq!(
        targets(&["-o", "us-*", "-o", "eu-*", "--shard", "2/2"]),
        ["eu-2"]
    );
    // More machines than orgs: the last ones have nothing to do.
    let none = place
        .run(&["drift", "-o", "eu-*", "--shard", "3/3"])
        .exits(0);
    assert!(
        none.out.contains("no org falls to this machine's share"),
        "{}",
        none.out
    );
    let ran = place.run(&["drift", "-o", "ap-*"]).exits(64);
    assert!(ran.err.contains("fleet/empty-selection"), "{}", ran.err);
    place.run(&["drift", "-o", "eu-1", "--all"]).exits(64);
    place.run(&["drift", "--all", "--shard", "3/2"]).exits(64);
}

#[test]
fn a_folder_of_configs_is_one_fleet_and_one_org_is_not_two() {
    let place = several();
    let top = top();
    let folder = place.path().join("configs");
    std::fs::create_dir(&folder).unwrap();
    for (file, org) in [("a.yaml", "one"), ("b.yml", "two")] {
        std::fs::write(
            folder.join(file),
            format!("{top}\norgs:\n{}", local(org, "")),
        )
        .unwrap();
    }
    let ran = place
        .run(&["drift", "--configs", "configs", "--json"])
        .exits(2);
    assert_eq!(lines(&ran.out).len(), 3);
    place
        .run(&["drift", "--configs", "configs", "-o", "two"])
        .exits(2);

    let same = |name: &str| local(name, "").replace("emulator: {}", "emulator: { state: shared }");
    std::fs::write(
        folder.join("a.yaml"),
        format!("{top}\norgs:\n{}", same("one")),
    )
    .unwrap();
    std::fs::write(
        folder.join("b.yml"),
        format!("{top}\norgs:\n{}", same("two")),
    )
    .unwrap();
    let ran = place
        .run(&["drift", "--configs", "configs", "--at-once", "1"])
        .exits(5);
    assert!(ran.err.contains("fleet/same-org"), "{}", ran.err);
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::create_dir(&folder).unwrap();
    place.run(&["drift", "--configs", "configs"]).exits(65);
}

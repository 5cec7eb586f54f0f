//! Many local orgs in one process, for `benches/fleet.py`: `cargo bench --bench orgs -- COUNT LATENCY`.
//!
//! Each org is in memory, has a port of its own and holds the minimal example's package. Prints the
//! process id, then each org's URL, and serves until its standard input ends.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that can't prepare its input has to stop; its output is read by a script"
)]

use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use opencx_sf::config::{Config, References, Secrets};
use opencx_sf::emulator::{EmulatedOrg, Options, Server};
use opencx_sf::package::Package;
use opencx_sf::render::render;
use opencx_sf::template::Catalog;

struct Nothing;

impl References for Nothing {
    fn env(&self, _: &str) -> Option<String> {
        None
    }

    fn file(&self, _: &Path) -> std::io::Result<String> {
        Err(std::io::ErrorKind::NotFound.into())
    }
}

fn package() -> Package {
    let text = include_str!("../examples/minimal/opencx.yaml");
    let config = Config::parse("opencx.yaml".as_ref(), text).unwrap();
    let target = config.target("local", &Nothing, Secrets::Required).unwrap();
    let package = render(&target.integration, &Catalog::embedded()).unwrap();
    package.resolved().unwrap()
}

fn org(package: &Package, options: &Options) -> EmulatedOrg {
    let mut org = EmulatedOrg::in_memory(options).unwrap();
    for component in package.components.values() {
        org.put(component, &options.user_name).unwrap();
    }
    org
}

fn main() {
    let numbers: Vec<u64> = std::env::args()
        .filter_map(|arg| arg.parse().ok())
        .collect();
    let [count, latency] = numbers[..] else {
        // `cargo bench` without a count runs the other benches.
        return;
    };
    let options = Options {
        latency: Duration::from_millis(latency),
        ..Options::default()
    };
    let package = package();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut running = Vec::new();
        for _ in 0..count {
            let org = org(&package, &options);
            let any_port = ([127, 0, 0, 1], 0).into();
            running.push(Server::start(org, any_port).await.unwrap());
        }
        println!("{}", std::process::id());
        for org in &running {
            println!("{}", org.instance_url());
        }
        let ended = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
        ended.await.unwrap().unwrap();
    });
}

//! A local org behind real HTTP in a process of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use crate::common::{Place, Ran};

/// A local org served by another process, reached like a real one.
pub struct Served {
    child: Child,
    pub instance_url: String,
    pub token: String,
}

impl Served {
    pub fn start(place: &Place, more: &[&str]) -> Self {
        let mut args = vec!["emulator", "start", "--state", "served"];
        args.extend(more);
        let mut child = place.command(&args).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut value = |name: &str| {
            let line = lines.next().unwrap().unwrap();
            let value = line.strip_prefix(&format!("export {name}=")).expect(&line);
            value.trim_matches('\'').to_owned()
        };
        let instance_url = value("SF_INSTANCE_URL");
        let token = value("SF_ACCESS_TOKEN");
        Self {
            child,
            instance_url,
            token,
        }
    }

    pub fn run(&self, place: &Place, args: &[&str]) -> Ran {
        place
            .command(args)
            .env("SF_INSTANCE_URL", &self.instance_url)
            .env("SF_ACCESS_TOKEN", &self.token)
            .output()
            .unwrap()
            .into()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

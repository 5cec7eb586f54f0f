//! A local org behind real HTTP in a process of its own.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::io::{BufRead, BufReader, Read as _};
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

    /// Begins a run, ends it by SIGTERM once it has said `until`, and returns what it said on stderr;
    /// its exit code must be that of an interruption.
    pub fn ended_by_sigterm(&self, place: &Place, args: &[&str], until: &str) -> String {
        let mut child = place
            .command(args)
            .env("SF_INSTANCE_URL", &self.instance_url)
            .env("SF_ACCESS_TOKEN", &self.token)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let mut said = String::new();
        while !said.contains(until) {
            let mut bytes = [0; 4096];
            let count = stderr.read(&mut bytes).unwrap();
            assert!(count > 0, "{said}");
            said.push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
        let killed = std::process::Command::new("kill")
            .arg(child.id().to_string())
            .status();
        assert!(killed.unwrap().success());
        stderr.read_to_string(&mut said).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
        said
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

impl Served {
    /// The rows of a query on Tooling objects.
    pub fn tooling_query(&self, soql: &str) -> Vec<serde_json::Value> {
        self.rows("tooling/query", soql)
    }

    /// The rows of a query on data.
    pub fn query(&self, soql: &str) -> Vec<serde_json::Value> {
        self.rows("query", soql)
    }

    fn rows(&self, path: &str, soql: &str) -> Vec<serde_json::Value> {
        let soql = soql.replace(' ', "+");
        let page = self.ask("GET", &format!("{path}?q={soql}"), "");
        page["records"].as_array().unwrap().clone()
    }

    /// Makes a record.
    pub fn insert(&self, object: &str, fields: &str) {
        let made = self.ask("POST", &format!("sobjects/{object}"), fields);
        assert_eq!(made["success"], true, "{made:#}");
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> serde_json::Value {
        use std::io::{Read, Write};

        let address = self.instance_url.strip_prefix("http://").unwrap();
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        write!(
            stream,
            "{method} /services/data/v66.0/{path} HTTP/1.1\r\nHost: {address}\r\n\
             Authorization: Bearer {}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.token,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).expect(body)
    }

    /// The deploys that the org has received: status and whether each only validated.
    pub fn deploys(&self) -> Vec<(String, bool)> {
        let rows = self.tooling_query("SELECT Id, Status, CheckOnly FROM DeployRequest");
        rows.iter()
            .map(|row| {
                let status = row["Status"].as_str().unwrap().to_owned();
                (status, row["CheckOnly"].as_bool().unwrap())
            })
            .collect()
    }

    /// A config whose org `dev` is reached by the environment, with a canary in its webhook URL.
    pub fn place() -> Place {
        let place = Place::with_config(CONFIG);
        place.write(
            "webhook.txt",
            "https://opencx.invalid/webhook/c4nary-t0ken\n",
        );
        place
    }
}

/// The config of [`Served::place`].
pub const CONFIG: &str = "\
version: 1
email_cases:
  webhook_url: ${file:webhook.txt}
  reply_to: support@acme.example
  outbound: { sender: { display_name: Acme Support } }
orgs:
  dev: { auth: env }
";

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

//! The shell of examples/ci and action.yml, executed: against local orgs, with `cargo` and `gh` that
//! only remember what they were asked. What a `uses:` step does stays with GitHub, and the Dockerfile
//! with Docker: those are listed here, not run.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use common::{Place, root};
use serde_json::Value;

/// A checkout with the stubs and their memory.
struct Runner {
    place: Place,
    tools: tempfile::TempDir,
}

/// How a job ended: each step with its exit code, `None` where it was left out.
struct Job {
    steps: Vec<(String, Option<i32>)>,
    log: String,
}

impl Job {
    fn code(&self, part: &str) -> Option<i32> {
        let step = self.steps.iter().find(|(name, _)| name.contains(part));
        step.unwrap_or_else(|| panic!("no step has {part}: {:?}", self.steps))
            .1
    }
}

const CARGO: &str = r#"#!/bin/sh
# `cargo install --root DIR` puts the tool there; everything is remembered.
echo "cargo $*" >> "$MEMORY/calls"
while [ $# -gt 0 ]; do
  if [ "$1" = --root ]; then mkdir -p "$2/bin" && ln -sf "$TOOL" "$2/bin/opencx-sf"; fi
  shift
done
"#;

const GH: &str = r#"#!/bin/sh
# Issues and comments as files.
echo "gh $*" >> "$MEMORY/calls"
all="$*"
file() { for word in "$@"; do case "$word" in body=@*) echo "${word#body=@}";; esac; done; }
case "$1 $2" in
  "label create") ;;
  "issue list") [ -f "$MEMORY/issue" ] && echo 7 ;;
  "issue create") for w in "$@"; do [ "$last" = --body-file ] && cp "$w" "$MEMORY/issue"; last="$w"; done ;;
  "issue edit") for w in "$@"; do [ "$last" = --body-file ] && cp "$w" "$MEMORY/issue"; last="$w"; done ;;
  "issue close") mv "$MEMORY/issue" "$MEMORY/closed" ;;
  "api --method")
    case "$3" in
      PATCH) cp "$(file "$@")" "$MEMORY/comments/${4##*/}" ;;
      POST) cp "$(file "$@")" "$MEMORY/comments/$(($(ls "$MEMORY/comments" | wc -l) + 1))" ;;
    esac ;;
  api*)
    mark=$(printf %s "$all" | sed -n 's/.*startswith("\([^"]*\)").*/\1/p')
    [ -n "$mark" ] || { echo "the filter has no marker" >&2; exit 1; }
    for comment in "$MEMORY"/comments/*; do
      case "$(head -n 1 "$comment")" in "$mark"*) echo "${comment##*/}" ;; esac
    done ;;
  *) echo "unknown: $*" >&2; exit 1 ;;
esac
true
"#;

impl Runner {
    fn new() -> Self {
        let config = "version: 1\n\
            email_cases:\n  webhook_url: ${env:OPENCX_WEBHOOK_URL}\n  reply_to: support@acme.example\n  \
            outbound: { sender: { display_name: Acme Support } }\n\
            orgs:\n  sandbox: { emulator: {} }\n  production: { emulator: {} }\n";
        let place = Place::with_config(config);
        let tools = tempfile::tempdir().unwrap();
        let runner = Self { place, tools };
        std::fs::create_dir_all(runner.memory().join("comments")).unwrap();
        std::fs::write(runner.memory().join("comments/1"), "Looks good to me.\n").unwrap();
        for (name, text) in [("cargo", CARGO), ("gh", GH)] {
            let path = runner.tools.path().join(name);
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        let tool = runner.tools.path().join("opencx-sf");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_opencx-sf"), tool).unwrap();
        // Deployed once, and copied for every test.
        static DEPLOYED: OnceLock<tempfile::TempDir> = OnceLock::new();
        let deployed = DEPLOYED.get_or_init(|| {
            for org in ["sandbox", "production"] {
                runner.tool(&["deploy", "-o", org, "--yes"]);
            }
            runner.tool(&["render", "--out", "rendered"]);
            let kept = tempfile::tempdir().unwrap();
            copy(runner.place.path(), kept.path());
            kept
        });
        copy(deployed.path(), runner.place.path());
        runner
    }

    fn memory(&self) -> PathBuf {
        self.tools.path().join("memory")
    }

    fn remembered(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.memory().join(name)).ok()
    }

    fn tool(&self, args: &[&str]) {
        let mut command = self.place.command(args);
        command.env("OPENCX_WEBHOOK_URL", WEBHOOK);
        let output = command.output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    fn break_the_sandbox(&self) {
        self.tool(&[
            "emulator",
            "set-trigger-status",
            "CaseTrigger",
            "inactive",
            "--target-org",
            "sandbox",
        ]);
    }

    /// Runs a script as a runner does: stops at the first command that fails.
    fn shell(&self, script: &str, env: &BTreeMap<String, String>) -> (i32, String) {
        let path = format!(
            "{}:/usr/local/bin:/usr/bin:/bin",
            self.tools.path().display()
        );
        let output = Command::new("bash")
            .args(["-e", "-o", "pipefail", "-c", script])
            .current_dir(self.place.path())
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.tools.path())
            .env("MEMORY", self.memory())
            .env("TOOL", env!("CARGO_BIN_EXE_opencx-sf"))
            .env("GITHUB_STEP_SUMMARY", self.memory().join("summary"))
            .env("GITHUB_OUTPUT", self.memory().join("output"))
            .env("GITHUB_REPOSITORY", "acme/salesforce")
            .env("GITHUB_SERVER_URL", "https://github.example")
            .env("GITHUB_RUN_ID", "42")
            .env("GITHUB_ACTION_PATH", root())
            .env("RUNNER_TEMP", self.memory().join("temp"))
            .env("CI_NODE_INDEX", "1")
            .env("CI_NODE_TOTAL", "1")
            .envs(env)
            .output()
            .unwrap();
        let log = [output.stdout, output.stderr].concat();
        (
            output.status.code().unwrap(),
            String::from_utf8(log).unwrap(),
        )
    }

    /// Runs the steps of a job of GitHub's, or of a composite action.
    fn steps(&self, steps: &Value, env: &Value) -> Job {
        let mut job = Job {
            steps: Vec::new(),
            log: String::new(),
        };
        let mut failed = false;
        for step in steps.as_array().unwrap() {
            let text = |key: &str| step[key].as_str().unwrap_or_default();
            let name = format!("{} {}{}", text("name"), text("uses"), text("run"));
            let is_due = match text("if") {
                "" | "success()" => !failed,
                "failure()" => failed,
                "always()" => true,
                other => panic!("a condition that is not known here: {other}"),
            };
            if step["run"].is_null() {
                assert!(USES.contains(&text("uses")), "not listed: {}", text("uses"));
                job.steps.push((name, None));
                continue;
            }
            if !is_due {
                job.steps.push((name, None));
                continue;
            }
            let mut all = BTreeMap::new();
            for values in [env, &step["env"]] {
                for (key, value) in values.as_object().into_iter().flatten() {
                    all.insert(key.clone(), expression(value.as_str().unwrap()));
                }
            }
            let (code, log) = self.shell(text("run"), &all);
            failed |= code != 0;
            job.log.push_str(&log);
            job.steps.push((name, Some(code)));
        }
        job
    }

    fn workflow(&self, file: &str, job: &str) -> Job {
        let workflow = read(&format!("examples/ci/{file}"));
        let job = &workflow["jobs"][job];
        self.steps(&job["steps"], &job["env"])
    }

    /// Runs the lines of a job of another system, one after the other.
    fn lines<'a>(&self, lines: impl Iterator<Item = &'a str>) -> (i32, String) {
        let script: Vec<&str> = lines.collect();
        assert!(!script.is_empty());
        let env = [
            ("OPENCX_WEBHOOK_URL".to_owned(), WEBHOOK.to_owned()),
            ("SF_JWT_KEY".to_owned(), "a key".to_owned()),
        ];
        self.shell(&script.join("\n"), &env.into())
    }
}

/// Copies what a folder holds.
fn copy(from: &Path, to: &Path) {
    let from = format!("{}/.", from.display());
    let status = Command::new("cp").arg("-R").arg(from).arg(to).status();
    assert!(status.unwrap().success());
}

const WEBHOOK: &str = "https://opencx.invalid/webhook/c4nary-t0ken";

/// What only GitHub can run.
const USES: [&str; 3] = [
    "actions/checkout@v4",
    "actions/upload-artifact@v4",
    "github/codeql-action/upload-sarif@v3",
];

/// The value of an expression of GitHub's.
fn expression(text: &str) -> String {
    let inner = text
        .strip_prefix("${{ ")
        .and_then(|text| text.strip_suffix(" }}"));
    match inner {
        None => text.to_owned(),
        Some("secrets.OPENCX_WEBHOOK_URL") => WEBHOOK.to_owned(),
        Some("secrets.SF_JWT_KEY" | "github.token") => "a secret".to_owned(),
        // Not set in this repository.
        Some("secrets.SLACK_WEBHOOK_URL") => String::new(),
        Some("github.event.number") => "12".to_owned(),
        Some("inputs.args") => "drift --target-org sandbox --output github=-".to_owned(),
        Some(other) => panic!("an expression that is not known here: {other}"),
    }
}

fn read(file: &str) -> Value {
    let text = std::fs::read_to_string(root().join(file)).unwrap();
    serde_yaml::from_str(&text).expect(file)
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap())
}

#[test]
fn github_at_night_keeps_one_issue() {
    let runner = Runner::new();
    let night = || runner.workflow("github-drift.yml", "drift");
    let quiet = night();
    assert_eq!(quiet.code("opencx-sf drift"), Some(0), "{}", quiet.log);
    assert_eq!(runner.remembered("issue"), None);

    runner.break_the_sandbox();
    let first = night();
    assert_eq!(first.code("opencx-sf drift"), Some(2), "{}", first.log);
    assert!(
        first.log.contains("::error file=opencx.yaml,line="),
        "{}",
        first.log
    );
    assert_eq!(first.code("One issue"), Some(0), "{}", first.log);
    let issue = runner.remembered("issue").unwrap();
    assert!(issue.contains("CaseTrigger"), "{issue}");
    assert!(
        runner
            .remembered("summary")
            .unwrap()
            .contains("CaseTrigger")
    );
    night();
    let calls = runner.remembered("calls").unwrap();
    assert_eq!(calls.matches("gh issue create").count(), 1, "{calls}");
    assert_eq!(calls.matches("gh issue edit 7").count(), 1, "{calls}");

    let on = ["--overwrite", "ApexTrigger:CaseTrigger"];
    runner.tool(&[&["drift", "-o", "sandbox", "--fix"][..], &on].concat());
    let repaired = night();
    assert_eq!(
        repaired.code("opencx-sf drift"),
        Some(0),
        "{}",
        repaired.log
    );
    assert!(runner.remembered("closed").is_some(), "{}", repaired.log);
    // A run that comes to no report leaves no empty issue.
    std::fs::remove_file(runner.place.path().join("drift.md")).unwrap();
    runner.place.write("opencx.yaml", "version: 2\n");
    let broken = night();
    assert_eq!(broken.code("opencx-sf drift"), Some(65), "{}", broken.log);
    let told = runner.remembered("issue").unwrap();
    assert!(told.contains("see its log"), "{told}");
    for told in [quiet.log, first.log, repaired.log, issue] {
        assert!(!told.contains("c4nary-t0ken"));
    }
}

#[test]
fn github_comments_a_pull_request_once() {
    let runner = Runner::new();
    let check = || runner.workflow("github-pull-request.yml", "check");
    let job = check();
    for (name, code) in &job.steps {
        assert!(code.is_none_or(|code| code == 0), "{name}\n{}", job.log);
    }
    runner.break_the_sandbox();
    let job = check();
    assert_eq!(job.code("One comment"), Some(0), "{}", job.log);
    let calls = runner.remembered("calls").unwrap();
    assert_eq!(calls.matches("--method POST").count(), 1, "{calls}");
    assert_eq!(calls.matches("--method PATCH").count(), 1, "{calls}");
    let comments = std::fs::read_dir(runner.memory().join("comments")).unwrap();
    assert_eq!(comments.count(), 2, "the other comment, and ours");
    assert!(
        runner
            .remembered("comments/2")
            .unwrap()
            .contains("CaseTrigger")
    );
    assert_eq!(
        runner.remembered("comments/1").unwrap(),
        "Looks good to me.\n"
    );

    // Somebody forgets to render.
    let text = std::fs::read_to_string(runner.place.path().join("opencx.yaml")).unwrap();
    runner
        .place
        .write("opencx.yaml", &text.replace("support@", "care@"));
    let job = check();
    assert_eq!(job.code("render --check"), Some(2), "{}", job.log);
    assert_eq!(job.code("One comment"), None);
}

#[test]
fn github_deploys_main() {
    let runner = Runner::new();
    let job = runner.workflow("github-deploy.yml", "deploy");
    assert_eq!(job.code("opencx-sf deploy"), Some(0), "{}", job.log);
    assert!(!job.log.contains("c4nary-t0ken"));
}

#[test]
fn the_action_gives_its_exit_code() {
    let runner = Runner::new();
    runner.break_the_sandbox();
    let action = read("action.yml");
    let env = serde_json::json!({ "OPENCX_WEBHOOK_URL": WEBHOOK });
    let job = runner.steps(&action["runs"]["steps"], &env);
    assert_eq!(job.code("cargo install"), Some(0), "{}", job.log);
    assert_eq!(job.code("opencx-sf/bin"), Some(2), "{}", job.log);
    assert_eq!(runner.remembered("output").unwrap(), "exit-code=2\n");
    assert!(job.log.contains("::error file=opencx.yaml"), "{}", job.log);
}

#[test]
fn gitlab_bitbucket_and_jenkins_write_their_reports() {
    let runner = Runner::new();
    let gitlab = read("examples/ci/gitlab-ci.yml");
    let install = || texts(&gitlab["default"]["before_script"]);
    for (job, code) in [("check", 0), ("drift", 0), ("deploy", 0)] {
        let (ended, log) = runner.lines(install().chain(texts(&gitlab[job]["script"])));
        assert_eq!(ended, code, "{job}: {log}");
    }
    runner.break_the_sandbox();
    let (ended, log) = runner.lines(install().chain(texts(&gitlab["drift"]["script"])));
    assert_eq!(ended, 2, "{log}");

    let bitbucket = read("examples/ci/bitbucket-pipelines.yml");
    let step = &bitbucket["pipelines"]["custom"]["drift"][0]["step"];
    let (ended, log) = runner.lines(texts(&step["script"]));
    assert_eq!(ended, 2, "{log}");

    let jenkins = std::fs::read_to_string(root().join("examples/ci/Jenkinsfile")).unwrap();
    let lines = jenkins
        .lines()
        .filter_map(|line| line.trim().strip_prefix("sh '")?.strip_suffix('\''));
    let lines: Vec<&str> = lines.collect();
    let (ended, log) = runner.lines(lines.iter().copied());
    assert_eq!(ended, 2, "{log}");
    for file in [
        "drift.xml",
        "quality.json",
        "drift.html",
        "test-results/drift.xml",
    ] {
        let text = std::fs::read_to_string(runner.place.path().join(file)).expect(file);
        assert!(text.contains("CaseTrigger"), "{file}");
    }
    // A run that comes to nothing leaves no report of the run before.
    runner.place.write("opencx.yaml", "version: 2\n");
    let (ended, log) = runner.lines(lines.into_iter());
    assert_eq!(ended, 65, "{log}");
    assert!(!runner.place.path().join("drift.xml").exists());
}

#[test]
fn cron_ends_as_drift_does() {
    let runner = Runner::new();
    let script = std::fs::read_to_string(root().join("examples/ci/cron.sh")).unwrap();
    runner.place.write("cron.sh", &script);
    let (ended, log) = runner.lines(["sh cron.sh"].into_iter());
    assert_eq!(ended, 0, "{log}");
    runner.break_the_sandbox();
    let (ended, log) = runner.lines(["sh cron.sh"].into_iter());
    assert_eq!(ended, 2, "{log}");

    // With an address a message goes out.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let heard = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut text = [0; 8192];
        let count = stream.read(&mut text).unwrap();
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .unwrap();
        String::from_utf8_lossy(&text[..count]).into_owned()
    });
    let line = format!("SLACK_WEBHOOK_URL={url} sh cron.sh");
    let (ended, log) = runner.lines([line.as_str()].into_iter());
    assert_eq!(ended, 2, "{log}");
    assert!(heard.join().unwrap().starts_with("POST /hook HTTP/1.1"));
}

fn fits(schema: &str, file: &str) {
    let schema = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let document = read(file);
    let errors = validator
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path()));
    let errors: Vec<String> = errors.collect();
    assert_eq!(errors, Vec::<String>::new(), "{file}");
}

#[test]
fn the_files_fit_the_schemas_that_their_systems_publish() {
    for file in [
        "github-drift.yml",
        "github-pull-request.yml",
        "github-deploy.yml",
    ] {
        fits(
            include_str!("schemas/github-workflow.json"),
            &format!("examples/ci/{file}"),
        );
    }
    fits(include_str!("schemas/github-action.json"), "action.yml");
    fits(
        include_str!("schemas/gitlab-ci.json"),
        "examples/ci/gitlab-ci.yml",
    );
}

//! Programs that are not part of this project, run two at a time.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Instant;

use serde::Deserialize;

/// As many as the machines of CI have processors.
const AT_A_TIME: usize = 2;
/// A mutated loop may have no end.
const PATIENCE_SECONDS: &str = "180";

/// The folder of the checkers, from `OPENCX_SF_CHECKERS`.
pub fn checkers() -> PathBuf {
    let folder = std::env::var_os("OPENCX_SF_CHECKERS");
    PathBuf::from(folder.expect("OPENCX_SF_CHECKERS names the folder of the checkers"))
}

/// A path as a program takes it.
pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A folder for what a test writes; the same one in each run.
pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// How a program ended: `None` for one that didn't.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub text: String,
}

/// One line of `apex-run.sh --json`.
#[derive(Debug, Deserialize)]
pub struct ApexTest {
    /// `Class.method`.
    pub test: String,
    /// `PASS`, `FAIL` or `UNSUPPORTED`.
    pub status: String,
    pub detail: String,
}

impl Ended {
    /// What `apex-run.sh --json` says of each Apex test.
    pub fn apex_tests(&self) -> impl Iterator<Item = ApexTest> {
        let lines = self.text.lines().filter(|line| line.starts_with('{'));
        lines.filter_map(|line| serde_json::from_str(line).ok())
    }

    /// Whether Apex tests passed, but for those that need what the runtime doesn't have and is
    /// known not to have.
    pub fn is_passed(&self) -> bool {
        match self.code {
            Some(0) => true,
            Some(3) => !self.gaps().is_empty() && self.gaps().iter().all(|gap| is_known(gap)),
            _ => false,
        }
    }

    /// What each of the Apex tests needs that could not run to its end.
    pub fn gaps(&self) -> Vec<String> {
        let unsupported = self
            .apex_tests()
            .filter(|test| test.status == "UNSUPPORTED");
        unsupported.map(|test| test.detail).collect()
    }
}

/// The runtime of the checkers has no duplicate signatures of jobs (Apex Developer Guide,
/// "Detecting Duplicate Queueable Jobs").
fn is_known(gap: &str) -> bool {
    gap.starts_with("System.QueueableDuplicateSignature.Builder.")
}

#[test]
fn only_known_gaps_are_accepted() {
    let ended = |code, gap: &str| Ended {
        code: Some(code),
        text: format!(
            "{{\"test\":\"A.b\",\"status\":\"PASS\",\"ms\":1,\"detail\":\"\"}}\n\
             {{\"test\":\"A.c\",\"status\":\"UNSUPPORTED\",\"ms\":2,\"detail\":\"{gap}\"}}\n"
        ),
    };
    let known = "System.QueueableDuplicateSignature.Builder.addString (1 arguments) at A:1";
    assert!(ended(3, known).is_passed());
    assert!(!ended(3, "System.Crypto.sign (3 arguments) at A:1").is_passed());
    assert!(!ended(1, known).is_passed());
    let nothing = Ended {
        code: Some(3),
        text: String::new(),
    };
    assert!(!nothing.is_passed());
}

/// Runs one of the checkers to its end.
pub fn run(checker: &str, arguments: &[&str]) -> Ended {
    let interpreter = match checker.rsplit_once('.') {
        Some((_, "mjs")) => "node",
        Some((_, "py")) => "python3",
        _ => "bash",
    };
    // `timeout` ends the program together with what it has started.
    let output = Command::new("timeout")
        .args([PATIENCE_SECONDS, interpreter])
        .arg(checkers().join(checker))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let code = output.status.code().filter(|code| *code != 124);
    let text = [output.stdout, output.stderr].concat();
    Ended {
        code,
        text: String::from_utf8_lossy(&text).into_owned(),
    }
}

/// Does the work for each item, two at a time, and gives the results in the order of the items.
pub fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = Mutex::new(0);
    let results = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let index = {
                        let mut next = next.lock().unwrap();
                        *next += 1;
                        *next - 1
                    };
                    let Some(item) = items.get(index) else {
                        return;
                    };
                    let result = work(item);
                    results.lock().unwrap().push((index, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// How long something took, for the line that says so.
pub fn seconds(since: Instant) -> String {
    format!("{:5.1} s", since.elapsed().as_secs_f64())
}

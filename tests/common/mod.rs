//! The real binary in a folder of its own.

#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What the machine that runs the tests may have set, and what the tool behaves differently with:
/// `CI` alone gives a terminal colours that has none.
pub const OF_THIS_MACHINE: [&str; 14] = [
    "SF_ACCESS_TOKEN",
    "SF_INSTANCE_URL",
    "OPENCX_WEBHOOK_URL",
    "UAT_WEBHOOK_URL",
    "OPENCX_SF_EMULATOR_FAULT",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "http_proxy",
    "https_proxy",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "NO_COLOR",
    "CI",
    "COLUMNS",
];

/// A temporary folder with the minimal example's config in it.
pub struct Place {
    folder: tempfile::TempDir,
}

/// How a run ended: exit code and both streams as text.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output
                .status
                .code()
                .expect("the binary was killed by a signal"),
            out: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            err: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
        }
    }
}

impl Ran {
    /// Fails the test unless the run ended with that code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "\nstdout:\n{}\nstderr:\n{}",
            self.out, self.err
        );
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).expect(&self.out)
    }
}

impl Place {
    /// With the config of `examples/minimal`.
    pub fn minimal() -> Self {
        let text = std::fs::read_to_string(root().join("examples/minimal/opencx.yaml")).unwrap();
        Self::with_config(&text)
    }

    /// With that config.
    pub fn with_config(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("opencx.yaml"), text).unwrap();
        Self { folder }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    /// The command, with an environment that holds nothing of ours.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_opencx-sf"));
        command
            .args(args)
            .current_dir(self.path())
            .stdin(Stdio::null());
        for variable in OF_THIS_MACHINE {
            command.env_remove(variable);
        }
        command
    }

    /// Runs it to its end.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.command(args).output().unwrap().into()
    }
}

/// The repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

//! Ends the tool (SIGKILL) at one moment of the writing of its journals: before a line is written,
//! in the middle of it, or when it is whole. Nothing of the tool takes part in that: a library that
//! is preloaded into it counts what it writes.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::PathBuf;
use std::process::Command;

use crate::common::{Ran, root};

/// The moments of each line.
pub const OF_A_LINE: u32 = 3;

/// The library, as long as it is needed.
pub struct Moments {
    library: PathBuf,
    _folder: tempfile::TempDir,
}

impl Moments {
    /// Compiles it, by what cargo links with.
    pub fn compiled() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("kill_at_line.so");
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-Wall", "-Werror", "-o"])
            .arg(&library)
            .arg(root().join("tests/common/kill_at_line.c"))
            .status();
        assert!(compiled.expect("there is a `cc`").success());
        let _folder = folder;
        Self { library, _folder }
    }

    /// Runs a command that is killed at that moment, counted from 1. `None` when it was; how it
    /// ended when it had come to its end before.
    pub fn killed_at(&self, moment: u32, mut command: Command) -> Option<Ran> {
        use std::os::unix::process::ExitStatusExt as _;

        let output = command
            .env("LD_PRELOAD", &self.library)
            .env("KILL_AT_MOMENT", moment.to_string())
            .output()
            .unwrap();
        (output.status.signal() != Some(9)).then(|| output.into())
    }
}

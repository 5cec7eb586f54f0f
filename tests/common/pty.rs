//! The real binary at a terminal, with somebody who reads and types.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::Child;

use pty_process::blocking::{Command, Pty, open};
use rustix::termios::LocalModes;

/// Ctrl-C, as a keyboard sends it.
pub const INTERRUPT: &str = "\u{3}";

/// A run that is still going on.
pub struct AtTerminal {
    terminal: Pty,
    child: Child,
    pub seen: String,
}

impl AtTerminal {
    pub fn start(folder: &Path, args: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::with_columns(200, folder, args, environment)
    }

    pub fn with_columns(
        columns: u16,
        folder: &Path,
        args: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let (terminal, inside) = open().unwrap();
        terminal
            .resize(pty_process::Size::new(24, columns))
            .unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_opencx-sf"));
        for variable in crate::common::OF_THIS_MACHINE {
            command = command.env_remove(variable);
        }
        let child = command
            .args(args)
            .current_dir(folder)
            .envs(environment.iter().copied())
            .spawn(inside)
            .unwrap();
        Self {
            terminal,
            child,
            seen: String::new(),
        }
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Reads on until that is there; a terminal that closes before is a failure.
    pub fn until(&mut self, text: &str) -> &mut Self {
        while !self.seen.contains(text) {
            let mut bytes = [0; 4096];
            let count = (&self.terminal).read(&mut bytes).unwrap_or_default();
            assert!(count > 0, "it ended without `{text}`: {}", self.seen);
            self.seen
                .push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
        self
    }

    /// Types that, and forgets what was seen, in which no secret was.
    pub fn type_in(&mut self, keys: &str) -> &mut Self {
        assert!(!self.seen.contains("c4nary"), "{}", self.seen);
        self.seen.clear();
        (&self.terminal).write_all(keys.as_bytes()).unwrap();
        self
    }

    /// Types what must not be shown, once the terminal shows nothing of what is typed: a question
    /// stands there a moment before that, too short for a person.
    pub fn type_in_secret(&mut self, keys: &str) -> &mut Self {
        let is_shown = |terminal: &Pty| {
            let settings = rustix::termios::tcgetattr(terminal).unwrap();
            settings.local_modes.contains(LocalModes::ECHO)
        };
        while is_shown(&self.terminal) {
            let ended = self.child.try_wait().unwrap();
            assert_eq!(ended, None, "it ended without hiding: {}", self.seen);
            std::thread::yield_now();
        }
        self.type_in(keys)
    }

    /// Reads to the end, which must come to that exit code.
    pub fn ends(&mut self, code: i32) -> &mut Self {
        // What it still writes must be read, or it can't end.
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = (&self.terminal).read(&mut bytes) {
            self.seen
                .push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), Some(code), "{}", self.seen);
        assert!(!self.seen.contains("c4nary"), "{}", self.seen);
        self
    }
}

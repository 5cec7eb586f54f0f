//! The two streams and what they can show: data on stdout, talk on stderr. All text passes the
//! redactor on its way out.

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};

use crate::secret::{Redactor, Secret};

/// Where a command writes.
pub(super) struct Terminal {
    out: AutoStream<io::Stdout>,
    err: AutoStream<io::Stderr>,
    redactor: Redactor,
    quiet: bool,
    /// Whether a transient progress line stands on the terminal.
    transient: bool,
    last_progress: String,
}

impl Terminal {
    pub(super) fn new(color: ColorChoice, quiet: bool) -> Self {
        Self {
            out: AutoStream::new(io::stdout(), color),
            err: AutoStream::new(io::stderr(), color),
            redactor: Redactor::default(),
            quiet,
            transient: false,
            last_progress: String::new(),
        }
    }

    /// From now on this text is masked wherever it would be shown.
    pub(super) fn hide(&self, secret: &Secret) {
        self.redactor.add(secret);
    }

    /// What masks; a clone of it masks what this one is told.
    pub(super) fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Writes a result to stdout.
    pub(super) fn data(&mut self, text: &str) -> io::Result<()> {
        self.clear_progress();
        self.out.write_all(self.redactor.redact(text).as_bytes())?;
        self.out.flush()
    }

    /// Writes a result to stdout as it is: for rendered files that are asked for with their
    /// secrets.
    pub(super) fn raw_data(&mut self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }

    /// Says something on stderr that must be seen.
    pub(super) fn say(&mut self, text: &str) {
        self.clear_progress();
        let text = self.redactor.redact(text);
        // A closed stderr leaves no way to say so.
        let _ = self
            .err
            .write_all(text.as_bytes())
            .and_then(|()| self.err.flush());
    }

    /// Says where work stands: a line that replaces itself on a terminal, a line per new state
    /// elsewhere, nothing with `--quiet`.
    pub(super) fn progress(&mut self, text: &str) {
        if self.quiet || text == self.last_progress {
            return;
        }
        text.clone_into(&mut self.last_progress);
        let text = self.redactor.redact(text);
        let written = if io::stderr().is_terminal() {
            self.transient = true;
            write!(self.err, "\r\u{1b}[2K  {text} …")
        } else {
            writeln!(self.err, "{text}")
        };
        let _ = written.and_then(|()| self.err.flush());
    }

    fn clear_progress(&mut self) {
        if self.transient {
            self.transient = false;
            let _ = write!(self.err, "\r\u{1b}[2K").and_then(|()| self.err.flush());
        }
    }

    /// Whether a person can be asked: stdin and stderr are a terminal.
    pub(super) fn is_interactive(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Asks a question that is answered with yes or no; anything but yes is no.
    pub(super) fn confirm(&mut self, question: &str) -> bool {
        let answer = self.ask(&format!("{question} [y/N]"));
        matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes")
    }

    /// Asks for a line of text; empty when there is none.
    pub(super) fn ask(&mut self, question: &str) -> String {
        self.say(&format!("{question} "));
        let mut answer = String::new();
        // An answer ends its line; the end of input does not.
        if matches!(io::stdin().read_line(&mut answer), Ok(0) | Err(_)) {
            self.say("\n");
        }
        answer.trim().to_owned()
    }
}

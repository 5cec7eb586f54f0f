//! The two streams and what they can show: data on stdout, talk on stderr. All text passes the
//! redactor on its way out.

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};

use super::environment::env;
use super::typed::Typed;
use crate::secret::{Redactor, Secret};

/// Where a command writes.
pub(super) struct Terminal {
    out: AutoStream<io::Stdout>,
    err: AutoStream<io::Stderr>,
    redactor: Redactor,
    quiet: bool,
    /// How many columns of the terminal's line progress stands in.
    transient: usize,
    last_progress: String,
    has_data: bool,
    /// What commands in messages are completed by.
    typed: Typed,
}

impl Terminal {
    pub(super) fn new(color: ColorChoice, quiet: bool) -> Self {
        Self {
            out: AutoStream::new(io::stdout(), color),
            err: AutoStream::new(io::stderr(), color),
            redactor: Redactor::default(),
            quiet,
            transient: 0,
            last_progress: String::new(),
            has_data: false,
            typed: Typed::default(),
        }
    }

    /// What this run was told, so that commands in messages say it again.
    pub(super) fn typed(&mut self) -> &mut Typed {
        &mut self.typed
    }

    /// The text as it is shown: commands as they have to be typed, and without secrets.
    fn shown(&self, text: &str) -> String {
        self.redactor.redact(&self.typed.complete(text))
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
        self.has_data = true;
        self.out.write_all(self.shown(text).as_bytes())?;
        self.out.flush()
    }

    /// Whether a result was given already, or begun.
    pub(super) fn has_data(&self) -> bool {
        self.has_data
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
        let text = self.shown(text);
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
        let text = self.shown(text);
        let written = match self.replaced_columns() {
            Some(columns) => {
                // What goes on in the next row could not be taken back.
                let line: String = format!("  {text} …").chars().take(columns).collect();
                self.clear_progress();
                self.transient = line.chars().count();
                write!(self.err, "{line}")
            }
            None => writeln!(self.err, "{text}"),
        };
        let _ = written.and_then(|()| self.err.flush());
    }

    /// How wide a line may be that the next one replaces; `None` where lines can't be replaced.
    fn replaced_columns(&self) -> Option<usize> {
        if !io::stderr().is_terminal() || env("TERM").is_some_and(|kind| kind == "dumb") {
            return None;
        }
        let columns = terminal_size::terminal_size_of(io::stderr())
            .map_or(80, |(terminal_size::Width(columns), _)| {
                usize::from(columns)
            });
        Some(columns.saturating_sub(1))
    }

    // By blanks: a stream without colours takes no sequence that erases a line.
    fn clear_progress(&mut self) {
        let columns = std::mem::take(&mut self.transient);
        if columns > 0 {
            let blank = " ".repeat(columns);
            let _ = write!(self.err, "\r{blank}\r").and_then(|()| self.err.flush());
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

//! What stops a command: findings, printed once, with the exit code they lead to.

use super::exit::Exit;
use super::network;
use super::terminal::Terminal;
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::report;
use crate::sf::wire::DeployResult;

/// Why a command could not finish.
#[derive(Debug)]
pub(super) struct Failure {
    findings: Vec<Diagnostic>,
    exit: Exit,
}

impl Failure {
    /// Stops with an exit code and no finding of its own (Ctrl-C).
    pub(super) fn silent(exit: Exit) -> Self {
        Self {
            findings: Vec::new(),
            exit,
        }
    }

    /// Ctrl-C, with what goes on without us.
    pub(super) fn interrupted(finding: Diagnostic) -> Self {
        Self {
            findings: vec![finding],
            exit: Exit::Interrupted,
        }
    }

    /// Ctrl-C, with what goes on without us in several orgs.
    pub(super) fn interrupted_by(findings: Vec<Diagnostic>) -> Self {
        Self {
            findings,
            exit: Exit::Interrupted,
        }
    }

    /// Says what the org told last of a deploy that is out of sight now.
    pub(super) fn with_last_status(mut self, last: Option<&str>) -> Self {
        let Some(last) = last else { return self };
        for finding in &mut self.findings {
            if ["deploy/contact-lost", "deploy/not-read-back"].contains(&finding.code.0) {
                finding.because.push(format!("the org said last: {last}"));
            }
        }
        self
    }

    /// The findings, to be looked at.
    pub(super) fn findings(&self) -> &[Diagnostic] {
        &self.findings
    }

    /// The findings alone.
    pub(super) fn into_findings(self) -> Vec<Diagnostic> {
        self.findings
    }

    /// Whether Ctrl-C is the reason.
    pub(super) fn is_interrupt(&self) -> bool {
        self.exit == Exit::Interrupted
    }

    /// The output could not be written: its reader went away.
    pub(super) fn output(error: &std::io::Error, consequence: &str) -> Self {
        Diagnostic::error(
            Code("cli/output-closed"),
            Category::Failed,
            "the output could not be written",
        )
        .because(error.to_string())
        .help(consequence.to_owned())
        .into()
    }

    /// A file or folder could not be read or written.
    pub(super) fn file(code: &'static str, verb: &str, path: &str, error: &std::io::Error) -> Self {
        Diagnostic::error(
            Code(code),
            Category::Failed,
            format!("`{path}` could not be {verb}"),
        )
        .at(Place::Path {
            path: path.to_owned(),
        })
        .because(error.to_string())
        .into()
    }

    /// Prints the findings (for people on stderr, and as JSON on stdout when that was asked for)
    /// and gives the exit code.
    pub(super) fn report(mut self, command: &str, json: bool, terminal: &mut Terminal) -> Exit {
        network::name_proxy(&mut self.findings);
        if !self.findings.is_empty() {
            terminal.say(&format!(
                "{}\n",
                report::diagnostics::render_all(&self.findings)
            ));
            // A program that reads one document gets one: what came after it is on stderr.
            if json && !terminal.has_data() {
                // The exit code and stderr tell it all; a closed stdout adds nothing.
                let _ = terminal.data(&report::json::failure(command, &self.findings));
            }
        }
        self.exit
    }
}

/// What the org says of a deploy, with the time, for the case that it says no more.
pub(super) fn last_status(result: &DeployResult) -> String {
    let at = jiff::Timestamp::now().strftime("%H:%M:%S UTC");
    format!("{}, at {at}", report::human::progress(result))
}

impl From<Vec<Diagnostic>> for Failure {
    fn from(findings: Vec<Diagnostic>) -> Self {
        let exit = Exit::of(&findings);
        Self { findings, exit }
    }
}

impl From<Box<Diagnostic>> for Failure {
    fn from(finding: Box<Diagnostic>) -> Self {
        (*finding).into()
    }
}

impl From<Diagnostic> for Failure {
    fn from(finding: Diagnostic) -> Self {
        vec![finding].into()
    }
}

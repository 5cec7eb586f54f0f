//! What a finding is: a code, a severity, a place, the cause, and what to do next.
//!
//! Every module that can fail has its own error enum of facts; this module is what those facts
//! become before a person or a program reads them. Nothing here formats for a terminal.

use std::fmt;

use serde::Serialize;

/// The name of one kind of finding, `area/kebab-name`, unique in the whole tool
/// (`config/unknown-key`, `deploy/contact-lost`). Scripts may match on it, so it never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Code(pub &'static str);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing has to be done.
    Note,
    /// Something is likely wrong, and work goes on.
    Warning,
    /// Work stops here.
    Error,
}

/// Which exit code a finding leads to. `cli::exit` holds the numbers and what wins when several
/// findings meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// The work was tried and failed (exit 1).
    Failed,
    /// It could not be determined (exit 3).
    Undetermined,
    /// Authentication or permission (exit 4).
    Auth,
    /// A guard refused (exit 5).
    Refused,
    /// The command line was used wrongly (exit 64).
    Usage,
    /// Config or template is wrong (exit 65).
    Config,
    /// A defect of this tool (exit 70).
    Bug,
}

/// A part of a text file that a finding points at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Snippet {
    /// The file as the user named it.
    pub file: String,
    /// 1-based line.
    pub line: usize,
    /// 1-based column, counted in characters.
    pub column: usize,
    /// The text of that one line, without its line end.
    pub text: String,
    /// How many characters to underline from `column` (at least 1).
    pub length: usize,
    /// What the underlined part is called, for example "unknown key".
    pub label: String,
}

/// Where a finding is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Place {
    /// A line of a file.
    File(Snippet),
    /// A whole file or folder.
    Path {
        /// The path as the user named it.
        path: String,
    },
    /// A component, in a package or in an org.
    Component {
        /// Target name from the config, when an org is meant.
        org: Option<String>,
        /// `ApexTrigger:CaseTrigger`.
        component: String,
        /// 1-based line in its source, where one is known.
        line: Option<usize>,
    },
    /// An org as a whole.
    Org {
        /// Target name from the config.
        org: String,
    },
}

/// One finding, ready to be shown in any format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// What kind of finding.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// Which exit code it leads to.
    pub category: Category,
    /// What happened, one sentence without a full stop at its end.
    pub message: String,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Why, outermost cause first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<String>,
    /// What a person should do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error of the given kind.
    pub fn error(code: Code, category: Category, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            category,
            message: message.into(),
            place: None,
            because: Vec::new(),
            help: None,
        }
    }

    /// A warning; `category` says what it would have led to as an error.
    pub fn warning(code: Code, category: Category, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, category, message)
        }
    }

    /// Says where.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Adds a cause below those that are there.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.because.push(cause.into());
        self
    }

    /// Says what to do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

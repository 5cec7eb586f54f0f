//! What CI systems and people away from the terminal read of a drift run: one report over any number
//! of orgs, in the form that each of them wants. And a plan, for a comment of a pull request.

mod github;
mod gitlab;
mod html;
mod json;
mod junit;
mod markdown;
mod plan;
mod rows;
mod sarif;
#[cfg(test)]
mod tests;

use std::str::FromStr;

use jiff::Timestamp;

use crate::diag::Diagnostic;
use crate::fleet::Inspection;

pub use json::{drift_schema, line, one, summary};
pub use markdown::MARKER;
pub use plan::{PLAN_MARKER, plan_markdown};

/// A drift run, whole.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// Every org.
    pub orgs: &'a [Inspection],
    /// What is wrong with the orgs together.
    pub findings: &'a [Diagnostic],
    /// When it was.
    pub at: Timestamp,
}

/// A form of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// All of it, for programs.
    Json,
    /// Test cases.
    Junit,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands of GitHub Actions.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// A job summary, or a comment of a pull request.
    Markdown,
    /// A page that needs nothing else.
    Html,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Json,
        Self::Junit,
        Self::Sarif,
        Self::Github,
        Self::Gitlab,
        Self::Markdown,
        Self::Html,
    ];

    /// As it is written on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Markdown => "markdown",
            Self::Html => "html",
        }
    }

    /// The report in this form.
    pub fn render(self, report: Report<'_>) -> String {
        match self {
            Self::Json => json::report(report),
            Self::Junit => junit::report(report),
            Self::Sarif => sarif::report(report),
            Self::Github => github::report(report),
            Self::Gitlab => gitlab::report(report),
            Self::Markdown => markdown::report(report),
            Self::Html => html::report(report),
        }
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|format| format.name() == text);
        known.ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.into_iter().map(Self::name).collect();
            format!(
                "`{text}` is no format; the formats are {}",
                names.join(", ")
            )
        })
    }
}

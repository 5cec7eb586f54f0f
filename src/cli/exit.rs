//! The exit codes that scripts rely on, and which one wins when several apply.

use std::process::ExitCode;

use crate::diag::{Category, Diagnostic};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done; no difference; all checks passed.
    Done,
    /// Failed: deploy, tests, check or lint.
    Failed,
    /// Differences found, nothing failed (`plan`, `drift`, `render --check`).
    Differences,
    /// Could not determine.
    Undetermined,
    /// Authentication or permission.
    Auth,
    /// Refused by a guard; the org is as it was.
    Refused,
    /// Used wrongly.
    Usage,
    /// Config or template is wrong.
    Config,
    /// A defect of this tool.
    Bug,
    /// Interrupted by the user.
    Interrupted,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Differences => 2,
            Self::Undetermined => 3,
            Self::Auth => 4,
            Self::Refused => 5,
            Self::Usage => 64,
            Self::Config => 65,
            Self::Bug => 70,
            Self::Interrupted => 130,
        }
    }

    /// Which of two is reported: a defect before a refusal before a missing right before a failure
    /// before "could not determine" before differences. Usage and config errors come before
    /// anything was done, so they never meet the others.
    pub fn or_worse(self, other: Self) -> Self {
        if other.weight() > self.weight() {
            other
        } else {
            self
        }
    }

    fn weight(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Differences => 1,
            Self::Undetermined => 2,
            Self::Failed => 3,
            Self::Auth => 4,
            Self::Refused => 5,
            Self::Config => 6,
            Self::Usage => 7,
            Self::Interrupted => 8,
            Self::Bug => 9,
        }
    }

    /// What a set of findings leads to.
    pub fn of(findings: &[Diagnostic]) -> Self {
        findings
            .iter()
            .map(|finding| finding.category.into())
            .fold(Self::Done, Self::or_worse)
    }
}

impl From<Category> for Exit {
    fn from(category: Category) -> Self {
        match category {
            Category::Failed => Self::Failed,
            Category::Undetermined => Self::Undetermined,
            Category::Auth => Self::Auth,
            Category::Refused => Self::Refused,
            Category::Usage => Self::Usage,
            Category::Config => Self::Config,
            Category::Bug => Self::Bug,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_honesty() {
        let order = [
            Exit::Bug,
            Exit::Refused,
            Exit::Auth,
            Exit::Failed,
            Exit::Undetermined,
            Exit::Differences,
            Exit::Done,
        ];
        for pair in order.windows(2) {
            assert_eq!(pair[0].or_worse(pair[1]), pair[0]);
            assert_eq!(pair[1].or_worse(pair[0]), pair[0]);
        }
    }
}

//! Why nothing could be played.

use crate::diag::{Category, Code, Diagnostic};
use crate::{emulator, package};

/// Why nothing could be played.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The package cannot be written.
    #[error(transparent)]
    Package(#[from] package::Error),
    /// The local org's state.
    #[error(transparent)]
    Org(#[from] emulator::Error),
    /// The local org refuses the package.
    #[error("the local org refuses the package")]
    NotInstalled {
        /// A line per component.
        problems: Vec<String>,
    },
    /// The local org cannot execute the package's Apex.
    #[error("the local org cannot execute the rendered Apex")]
    UnknownApex {
        /// What it does not have, with its place.
        problem: String,
    },
    /// The receiver of callouts cannot listen.
    #[error("the receiver of callouts could not be started")]
    Receiver {
        /// What the system said.
        source: std::io::Error,
    },
}

impl Error {
    /// The finding for people.
    pub fn to_diagnostic(&self) -> Diagnostic {
        let finding = |code, category| Diagnostic::error(Code(code), category, self.to_string());
        match self {
            Self::Package(error) => error.to_diagnostic(),
            Self::Org(error) => error.to_diagnostic(),
            Self::NotInstalled { problems } => {
                finding("simulate/not-installed", Category::Failed)
                    .because(problems.join("\n"))
                    .help("`opencx-sf deploy -o local` says it component by component; an overridden template is the usual cause")
            }
            Self::UnknownApex { problem } => {
                finding("simulate/unknown-apex", Category::Undetermined)
                    .because(problem.clone())
                    .help("a sandbox can: `opencx-sf deploy --target-org …` runs the Apex tests there")
            }
            Self::Receiver { source } => finding("simulate/no-receiver", Category::Failed)
                .because(source.to_string())
                .help("callouts are received on a free port of 127.0.0.1: allow that"),
        }
    }
}

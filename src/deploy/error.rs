//! Why a deploy did not come to an outcome.

use crate::dispatch;
use crate::drift;
use crate::guard::Refusal;
use crate::journal;
use crate::package;
use crate::sf::wire::DeployResult;
use crate::sf::{DeployId, Fault};

/// Why a deploy did not come to an outcome.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A guard said no; the org is as it was.
    #[error("refused")]
    Refused(Vec<Refusal>),
    /// The org did not answer as it should. `started` holds the id when a deploy is under way.
    #[error("{fault}")]
    Fault {
        /// What went wrong.
        fault: Box<Fault>,
        /// The deploy that the org had taken by then.
        started: Option<DeployId>,
        /// Packages that the org took before.
        earlier: Vec<String>,
    },
    /// The org is done with what it was sent, and could not be read afterwards.
    #[error("{fault}")]
    NotReadBack {
        /// What went wrong.
        fault: Box<Fault>,
        /// The last deploy that it is done with.
        ended: Option<DeployId>,
    },
    /// The org may have a package, and it could not be found there.
    #[error("it is not known whether the org received the deploy")]
    Unsettled {
        /// Deploys that could be it.
        candidates: Vec<DeployId>,
        /// What spoiled the answer or the search; `None` for a request of an earlier run that may
        /// still arrive.
        cause: Option<Box<Fault>>,
    },
    /// The journal cannot be written, or another process has it; nothing was sent.
    #[error(transparent)]
    Journal(journal::Error),
    /// The package cannot be written.
    #[error(transparent)]
    Package(#[from] package::Error),
    /// The backup cannot be written; the org is as it was.
    #[error("the backup could not be written: {0}")]
    Backup(std::io::Error),
    /// Nobody reads the output any more; nothing was changed after that.
    #[error("the output could not be written: {0}")]
    Output(std::io::Error),
}

impl From<drift::Error> for Error {
    fn from(error: drift::Error) -> Self {
        match error {
            drift::Error::Refused(refusals) => Self::Refused(refusals),
            drift::Error::Fault(fault) => Self::Fault {
                fault: Box::new(fault),
                started: None,
                earlier: Vec::new(),
            },
            drift::Error::Package(error) => Self::Package(error),
        }
    }
}

impl From<dispatch::Error> for Error {
    fn from(error: dispatch::Error) -> Self {
        match error {
            dispatch::Error::Fault { fault, started } => Self::Fault {
                fault,
                started,
                earlier: Vec::new(),
            },
            dispatch::Error::Unsettled { candidates, cause } => {
                Self::Unsettled { candidates, cause }
            }
            dispatch::Error::Busy(request) => Self::Refused(vec![Refusal::Busy(request)]),
            dispatch::Error::Journal(error) => Self::Journal(error),
        }
    }
}

impl From<journal::Error> for Error {
    fn from(error: journal::Error) -> Self {
        Self::Journal(error)
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        dispatch::Error::from(fault).into()
    }
}

impl Error {
    /// What went wrong while the org was read that had ended this deploy.
    pub(crate) fn after_the_end(fault: Fault, result: Option<&DeployResult>) -> Self {
        Self::NotReadBack {
            fault: Box::new(fault),
            ended: result.and_then(|result| result.id.parse().ok()),
        }
    }

    /// The same, with the packages that the org took before.
    pub(super) fn after(self, taken: Vec<String>) -> Self {
        match self {
            Self::Fault { fault, started, .. } => Self::Fault {
                fault,
                started,
                earlier: taken,
            },
            other => other,
        }
    }
}

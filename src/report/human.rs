//! What a person reads on a terminal. One file per kind of report; `rows` has what they share.

mod adopt;
mod conversation;
mod deploy;
mod doctor;
mod drift;
mod first_config;
mod fleet;
mod lint;
mod miaw;
mod orgs;
mod plan;
mod problems;
mod removal;
mod render_check;
mod rows;
mod simulate;
mod table;
mod trace;
mod verify;
mod waves;

pub use adopt::{adopted, adoption};
pub use conversation::conversation;
pub use deploy::{deploy, progress, report};
pub use doctor::{examination, symptoms};
pub use drift::{drift, drift_next};
pub use first_config::first_config;
pub use fleet::fleet;
pub use lint::lint;
pub use miaw::{key_pair, messaging_settings};
pub use orgs::orgs;
pub use plan::plan;
pub(in crate::report) use plan::summary as plan_summary;
pub use removal::{rollback, uninstall};
pub use render_check::render_check;
pub use simulate::{Told, scenarios, simulation};
pub use trace::{trace, traced_users};
pub use verify::verification;
pub use waves::waves;

/// How much to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Detail {
    /// Unchanged components and passed checks one by one.
    pub verbose: bool,
    /// HTTP requests sent so far, shown with `verbose`.
    pub requests: Option<u32>,
}

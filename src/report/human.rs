//! What a person reads on a terminal. One file per kind of report; `rows` has what they share.

mod deploy;
mod drift;
mod lint;
mod plan;
mod render_check;
mod rows;
mod verify;

pub use deploy::{deploy, progress};
pub use drift::drift;
pub use lint::lint;
pub use plan::plan;
pub use render_check::render_check;
pub use verify::verification;

/// How much to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Detail {
    /// Unchanged components and passed checks one by one.
    pub verbose: bool,
    /// HTTP requests sent so far, shown with `verbose`.
    pub requests: Option<u32>,
}

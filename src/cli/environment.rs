//! The environment of the process, which nothing else reads.

/// A variable of the environment; one that is not Unicode counts as unset.
#[expect(
    clippy::disallowed_methods,
    reason = "the command line is where the environment is read"
)]
pub(super) fn env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

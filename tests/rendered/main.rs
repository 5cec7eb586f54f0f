//! What is rendered, for every choice that a config leaves to an admin.
//!
//! The tests here need Rust alone. Those marked `#[ignore]` hold the same output against checkers
//! that are not part of this project, and run Apex tests; `tests/checkers.sh` calls them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test stops where it can't go on, and says how long it took"
)]

mod apex_tests;
mod checkers;
mod combinations;
mod coverage;
mod drift;
mod external;
mod hostile;
mod matrix;
mod mutations;
mod names;
mod oracles;
mod org_drift;
mod project;
mod runtime;
mod second_opinion;

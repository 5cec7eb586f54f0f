//! What is rendered, for every choice that a config leaves to an admin.
//!
//! The tests here need Rust alone. Those marked `#[ignore]` hold the same output against checkers
//! that are not part of this project, and run Apex tests; `tests/checkers.sh` calls them.

mod apex_tests;
mod checkers;
mod combinations;
mod external;
mod hostile;
mod matrix;
mod mutations;
mod names;
mod oracles;
mod project;

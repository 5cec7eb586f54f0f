//! What people read, compared to the letter: every file in `tests/cmd` is a session.
//!
//! After a change that is meant, `TRYCMD=overwrite cargo test --test cmd` writes them anew. Put
//! `[..]` again where an org id, a time or a duration stands, and read the diff.

#[test]
fn sessions() {
    trycmd::TestCases::new()
        .case("tests/cmd/*.trycmd")
        .env("NO_COLOR", "1");
}

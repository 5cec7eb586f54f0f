//! A panic is a defect of this tool: it ends in a report and exit code 70, never in a backtrace.

use std::io::Write;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};

use super::exit::Exit;

/// Runs the tool; a panic anywhere in it becomes [`Exit::Bug`].
pub(super) fn caught(work: impl FnOnce() -> Exit) -> Exit {
    std::panic::set_hook(Box::new(report));
    let outcome = catch_unwind(AssertUnwindSafe(work));
    // The hook that was set belongs to this run alone.
    let _ = std::panic::take_hook();
    outcome.unwrap_or(Exit::Bug)
}

/// Says what a person can do. The panic's own text is left out: it may hold data of an org.
fn report(panic: &PanicHookInfo<'_>) {
    let place = panic
        .location()
        .map_or_else(String::new, |place| format!(" at {place}"));
    // A closed stderr leaves no way to say so.
    let _ = writeln!(
        anstream::stderr(),
        "error[bug/panic]: opencx-sf {version} has a defect{place}\n = help: please report this \
         line with the command that you ran; `opencx-sf verify` shows the state of the org",
        version = env!("CARGO_PKG_VERSION"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_exit_code_70() {
        assert_eq!(caught(|| Exit::Done), Exit::Done);
        assert_eq!(caught(|| panic!("with data")).code(), 70);
    }
}

//! Unified diffs, from the org's content to ours.

use std::time::Duration;

use similar::TextDiff;

use crate::metadata::ComponentId;

/// Two files that have nothing in common take long; after this the diff gets coarser, not wrong.
const TIMEOUT: Duration = Duration::from_millis(500);

/// The lines that differ, with three lines around them; `None` when none do.
pub(super) fn unified(id: &ComponentId, live: &str, wanted: &str) -> Option<String> {
    if live == wanted {
        return None;
    }
    let diff = TextDiff::configure()
        .timeout(TIMEOUT)
        .diff_lines(live, wanted);
    let text = diff
        .unified_diff()
        .context_radius(3)
        .header(&format!("org: {id}"), &format!("opencx-sf: {id}"))
        .to_string();
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_from_the_org_to_us() {
        let id: ComponentId = "ApexClass:X".parse().unwrap();
        assert_eq!(unified(&id, "a\n", "a\n"), None);
        assert_eq!(
            unified(&id, "1\n2\n3\n4\nold\n5\n", "1\n2\n3\n4\nnew\n5\n").unwrap(),
            "--- org: ApexClass:X\n+++ opencx-sf: ApexClass:X\n@@ -2,5 +2,5 @@\n 2\n 3\n 4\n\
             -old\n+new\n 5\n"
        );
    }
}

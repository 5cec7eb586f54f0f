//! Words that all reports share.

use crate::compare::{Change, ChangeKind};
use crate::provenance::CauseKind;
use crate::report::plain;

/// What a change kind is called.
pub(super) fn kind(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Same => "same",
        ChangeKind::Missing => "missing",
        ChangeKind::Changed => "changed",
        ChangeKind::Older => "older version of ours",
        ChangeKind::EditedByHand => "edited by hand",
        ChangeKind::PerhapsEdited => "perhaps edited by hand",
        ChangeKind::Inactive => "switched off",
        ChangeKind::Foreign => "not ours",
        ChangeKind::Incompatible => "of another kind",
        ChangeKind::Leftover => "left by an older config",
        ChangeKind::Unreadable => "could not be read",
    }
}

/// What a difference most likely comes from.
pub(super) fn cause(kind: CauseKind) -> &'static str {
    match kind {
        CauseKind::HandEdit => "looks like an edit by hand",
        CauseKind::OtherDeployer => "looks like a deploy by another tool",
        CauseKind::OlderRelease => "written by an older release of opencx-sf",
        CauseKind::NewerRelease => "written by a newer release of opencx-sf",
        CauseKind::OtherConfig => "written by opencx-sf from another config",
        CauseKind::SandboxRefresh => "looks like a refreshed sandbox",
        CauseKind::NotDeployed => "not deployed, or removed again",
        CauseKind::Deleted => "deleted in the org, or never deployed",
    }
}

/// Who changed a component last and when, and which version of ours it was until then.
pub(super) fn modified(change: &Change) -> Option<String> {
    let modified = change.modified.as_ref()?;
    let mut text = format!(
        "last changed by {} on {}",
        plain(&modified.by),
        time(&modified.at)
    );
    let is_edited = matches!(change.kind, ChangeKind::EditedByHand | ChangeKind::Inactive);
    if let (true, Some(written)) = (is_edited, &change.written) {
        text.push_str(&format!("; until then version {} of ours", written.version));
    }
    Some(text)
}

/// A moment as people write it, `2026-11-22 19:04 UTC`; other text as it is.
pub(super) fn time(text: &str) -> String {
    text.parse::<jiff::Timestamp>().map_or_else(
        |_| plain(text),
        |time| time.strftime("%Y-%m-%d %H:%M UTC").to_string(),
    )
}

//! What a problem of the local org is called, and what to do about it.

use super::Error;
use crate::diag::{Category, Code, Diagnostic, Place};

impl Error {
    /// The finding for people.
    pub fn to_diagnostic(&self) -> Diagnostic {
        let (code, category, help) = match self {
            Self::Io { .. } => ("emulator/io", Category::Failed, None),
            Self::NotAState { .. } => (
                "emulator/not-a-state",
                Category::Failed,
                Some("`opencx-sf emulator reset` removes it; the next command starts a new org"),
            ),
            Self::Format { .. } => (
                "emulator/format",
                Category::Failed,
                Some("`opencx-sf emulator reset` removes it; the next command starts a new org"),
            ),
            Self::ForeignFolder { .. } => (
                "emulator/foreign-folder",
                Category::Refused,
                Some("name another folder: this one holds files that are not the local org's"),
            ),
            Self::NoSuchComponent(_) => (
                "emulator/no-such-component",
                Category::Failed,
                Some("`opencx-sf drift --verbose` lists what the org holds"),
            ),
            Self::TextNotFound(_) => (
                "emulator/text-not-found",
                Category::Failed,
                Some("the text given with `--from` must stand in the code exactly like this"),
            ),
            Self::Unfit { .. } => ("emulator/unfit", Category::Failed, None),
            Self::NotLoopback(_) => ("emulator/not-loopback", Category::Usage, None),
            Self::Listen { .. } => (
                "emulator/cannot-listen",
                Category::Failed,
                Some("another program may use the port: `--port 0` picks a free one"),
            ),
        };
        let finding = Diagnostic::error(Code(code), category, self.to_string());
        let finding = match help {
            Some(help) => finding.help(help),
            None => finding,
        };
        match self {
            Self::Io { path, .. }
            | Self::NotAState { path, .. }
            | Self::Format { path, .. }
            | Self::ForeignFolder { path, .. } => finding.at(Place::Path {
                path: path.display().to_string(),
            }),
            Self::NoSuchComponent(id) | Self::TextNotFound(id) | Self::Unfit { id, .. } => finding
                .at(Place::Component {
                    org: None,
                    component: id.to_string(),
                    line: None,
                }),
            Self::NotLoopback(_) | Self::Listen { .. } => finding,
        }
    }
}

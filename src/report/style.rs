//! The few styles that human output uses, and what makes foreign text safe to show.

use anstyle::{AnsiColor, Style};

/// Headings.
pub(super) const BOLD: Style = Style::new().bold();
/// What a person may skip.
pub(super) const DIM: Style = Style::new().dimmed();
/// Good.
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
/// Bad.
pub(super) const BAD: Style = AnsiColor::Red.on_default();
/// Needs a look.
pub(super) const WARN: Style = AnsiColor::Yellow.on_default();
/// Names and numbers that matter.
pub(super) const NAME: Style = AnsiColor::Cyan.on_default();

/// The text in that style.
pub(super) fn paint(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Text that came from outside, with control characters made visible: an org's text must not be
/// able to move the cursor, set a title or hide what stands before it.
pub fn plain(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' | '\t' => character,
            _ if character.is_control() => '\u{FFFD}',
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => '\u{FFFD}',
            _ => character,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_cannot_steer_a_terminal() {
        assert_eq!(
            plain("a\u{1b}[2Jb\rc\u{202E}d\ne"),
            "a\u{FFFD}[2Jb\u{FFFD}c\u{FFFD}d\ne"
        );
    }
}

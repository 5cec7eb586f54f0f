//! Text from the network, before a person sees it.

/// How much of a server's text is worth showing.
const LONGEST: usize = 500;

/// How much is worth showing of what can't be read.
const BEGINNING: usize = 200;

/// How much of it is shown when all of it counts.
const WHOLE: usize = 10_000;

/// The text on one line, without characters that steer a terminal, at most 500 characters long.
///
/// Control characters (escape sequences start with one), marks that reverse the direction of
/// writing, and invisible ones become spaces; runs of spaces become one.
pub fn clean(text: &str) -> String {
    shortened(text, LONGEST)
}

/// The whole text in the same form, if it is not longer than any honest one.
pub fn whole(text: &str) -> String {
    shortened(text, WHOLE)
}

/// How something begins that can't be read, in the same form: its first 200 characters.
pub fn beginning(text: &str) -> String {
    shortened(text, BEGINNING)
}

fn shortened(text: &str, longest: usize) -> String {
    let mut out = String::new();
    let mut length = 0;
    for word in text.split(|char: char| char.is_whitespace() || steers(char)) {
        if word.is_empty() {
            continue;
        }
        if length > 0 {
            out.push(' ');
            length += 1;
        }
        for char in word.chars() {
            if length >= longest {
                out.push('…');
                return out;
            }
            out.push(char);
            length += 1;
        }
    }
    out
}

fn steers(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn strips_escapes_and_joins_lines() {
        assert_eq!(
            clean("\u{1b}[31mred\u{7}\r\n\tnext\u{202e}line \u{9b}2J"),
            "[31mred next line 2J"
        );
    }

    proptest! {
        #[test]
        fn short_and_without_controls(text in any::<String>()) {
            let cleaned = clean(&text);
            prop_assert!(cleaned.chars().count() <= LONGEST + 1);
            prop_assert!(!cleaned.chars().any(steers));
            prop_assert!(whole(&text).starts_with(cleaned.trim_end_matches('…')));
        }
    }

    #[test]
    fn caps_the_length() {
        assert_eq!(clean(&"é".repeat(501)), format!("{}…", "é".repeat(500)));
        assert_eq!(clean(&"é".repeat(500)), "é".repeat(500));
    }
}

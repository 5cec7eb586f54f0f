//! Values inside Apex source: string literals both ways, and text inside comments.

use std::fmt::Write as _;

/// Text that cannot be written as an Apex literal.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LiteralError {
    /// NUL has no place in Apex source.
    #[error("the text contains a NUL character")]
    Nul,
}

/// The text as an Apex string literal with its quotes.
///
/// The result is ASCII: everything else becomes `\uXXXX`, in surrogate pairs beyond U+FFFF, so no
/// tool between here and the org can garble it, and nothing invisible can hide in it. The escapes
/// are those of the Apex Developer Guide, "Primitive Data Types" (String).
pub fn string_literal(text: &str) -> Result<String, LiteralError> {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('\'');
    for character in text.chars() {
        match character {
            '\0' => return Err(LiteralError::Nul),
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(character),
            _ => push_unicode_escape(&mut out, character),
        }
    }
    out.push('\'');
    Ok(out)
}

fn push_unicode_escape(out: &mut String, character: char) {
    for unit in character.encode_utf16(&mut [0; 2]) {
        // Writing to a String cannot fail.
        let _ = write!(out, "\\u{unit:04X}");
    }
}

/// The value of a string literal with its quotes: the inverse of [`string_literal`], by the rules
/// of the Apex lexer.
///
/// `None` when the text is not exactly one literal: no quotes around it, a quote or a line break
/// inside, an unknown escape, or half a surrogate pair. Multi-line literals (`'''`) are another
/// kind of token and `None` as well.
pub fn parse_string_literal(literal: &str) -> Option<String> {
    String::from_utf16(&units(literal).ok()?).ok()
}

/// What the Apex compiler says of a token between quotes that is no string literal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Illegal {
    #[error("Missing closing quote character ' on string")]
    Unclosed,
    #[error("Illegal string literal: Line breaks are not allowed in string literals")]
    LineBreak,
    #[error("Illegal string literal: Illegal character sequence \\{0} in string literal")]
    Escape(char),
    #[error("Illegal string literal: Illegal unicode sequence. Less than four hex digits")]
    Unicode,
}

/// The UTF-16 units of a literal's value, which is what an Apex string is made of: the compiler
/// accepts half a surrogate pair, and escapes in capitals (`\N`).
pub(super) fn units(literal: &str) -> Result<Vec<u16>, Illegal> {
    let inside = literal
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''))
        .ok_or(Illegal::Unclosed)?;
    let mut units = Vec::with_capacity(inside.len());
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        let value = match character {
            '\'' => return Err(Illegal::Unclosed),
            '\n' | '\r' => return Err(Illegal::LineBreak),
            '\\' => match characters.next().ok_or(Illegal::Unclosed)? {
                'b' | 'B' => '\u{8}',
                't' | 'T' => '\t',
                'n' | 'N' => '\n',
                'f' | 'F' => '\u{c}',
                'r' | 'R' => '\r',
                same @ ('"' | '\'' | '\\') => same,
                'u' | 'U' => {
                    let digits = characters.as_str().get(..4).ok_or(Illegal::Unicode)?;
                    // `from_str_radix` alone would accept a sign.
                    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                        return Err(Illegal::Unicode);
                    }
                    units.push(u16::from_str_radix(digits, 16).map_err(|_| Illegal::Unicode)?);
                    characters = characters.as_str()[4..].chars();
                    continue;
                }
                other => return Err(Illegal::Escape(other)),
            },
            other => other,
        };
        units.extend_from_slice(value.encode_utf16(&mut [0; 2]));
    }
    Ok(units)
}

/// The text made safe inside a comment of either kind: one line of printable ASCII that neither
/// ends nor opens a comment.
///
/// Line breaks of every kind become a space, other control characters `?`, and characters beyond
/// ASCII their `\uXXXX` spelling. A space parts `*/`, `/*` and a `\u` that the text itself has:
/// a tool that decodes Unicode escapes before it reads comments, as Java's compiler does, must not
/// find a line break or a comment's end there either. The same goes for a `/` at the start and a
/// `*` at the end, which could meet their other half outside.
pub fn comment_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut previous = '*';
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' if characters.peek() == Some(&'\n') => continue,
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\t' => {
                out.push(' ');
            }
            ' '..='~' => {
                if matches!(
                    (previous, character),
                    ('*', '/') | ('/', '*') | ('\\', 'u' | 'U')
                ) {
                    out.push(' ');
                }
                out.push(character);
            }
            _ if character.is_control() => out.push('?'),
            _ => push_unicode_escape(&mut out, character),
        }
        previous = character;
    }
    if out.ends_with('*') {
        out.push(' ');
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn writes_what_the_documentation_lists() {
        for (text, literal) in [
            ("", "''"),
            ("O'Brien \"x\"", r#"'O\'Brien "x"'"#),
            ("a\\b", r"'a\\b'"),
            ("\n\r\t\u{8}\u{c}", r"'\n\r\t\b\f'"),
            ("Zoë", r"'Zo\u00EB'"),
            ("😀", r"'\uD83D\uDE00'"),
            (
                "\u{7f}\u{2028}\u{feff}\u{202e}",
                r"'\u007F\u2028\uFEFF\u202E'",
            ),
            ("{!x} ${y} %_", "'{!x} ${y} %_'"),
        ] {
            assert_eq!(string_literal(text).as_deref(), Ok(literal));
        }
        assert_eq!(string_literal("a\0b"), Err(LiteralError::Nul));
    }

    #[test]
    fn reads_literals_of_other_hands() {
        for (literal, value) in [
            (r#"'\"'"#, "\""),
            (r"'\u00eb\uD83d\uDe00'", "ë😀"),
            ("'ë😀'", "ë😀"),
            (r"'\N\T'", "\n\t"),
        ] {
            assert_eq!(parse_string_literal(literal).as_deref(), Some(value));
        }
    }

    #[test]
    fn refuses_what_is_not_one_literal() {
        for text in [
            "",
            "'",
            "a",
            "'a",
            "a'",
            "'a' + 'b'",
            r"'\'",
            r"'\x'",
            r"'\u12'",
            r"'\u+123'",
            r"'\uD83D'",
            r"'\uDE00\uD83D'",
            "'a\nb'",
            "'''a'''",
            r"'\uëëë'",
            " 'a'",
        ] {
            assert_eq!(parse_string_literal(text), None, "{text}");
        }
    }

    #[test]
    fn comments_are_one_harmless_line() {
        for (text, comment) in [
            ("plain: a/b * c", "plain: a/b * c"),
            ("a*/b/*c", "a* /b/ *c"),
            ("/x*", " /x* "),
            ("*/*/", "* / * /"),
            ("a\r\nb\nc\rd\u{2028}e\tf", "a b c d e f"),
            ("Zoë 😀 \u{1b}", "Zo\\u00EB \\uD83D\\uDE00 ?"),
            (r"\u000a*\u002f", r"\ u000a*\ u002f"),
        ] {
            assert_eq!(comment_text(text), comment);
        }
    }

    proptest! {
        #[test]
        fn literals_come_back(text in any::<String>().prop_map(|text| text.replace('\0', ""))) {
            let literal = string_literal(&text).unwrap();
            prop_assert!(literal.bytes().all(|byte| matches!(byte, b' '..=b'~')));
            prop_assert_eq!(parse_string_literal(&literal), Some(text));
        }

        #[test]
        fn any_text_can_be_read(text in r"'(\\?.)*'|.*") {
            parse_string_literal(&text);
        }

        #[test]
        fn a_comment_keeps_to_itself(text in r"([/*\\u]|.|\n)+") {
            let comment = comment_text(&text);
            let around = format!("*{comment}/");
            let inner = &around[1..around.len() - 1];
            prop_assert!(inner.bytes().all(|byte| matches!(byte, b' '..=b'~')));
            prop_assert!(!around.contains("*/") && !inner.contains("/*"), "{}", comment);
        }
    }
}

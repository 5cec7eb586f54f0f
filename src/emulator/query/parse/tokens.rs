//! SOQL's words.

use super::super::super::refusal::Refusal;
use super::malformed;

/// A word, literal or sign.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// A keyword or a name.
    Word(String),
    /// The value of a string literal.
    Text(String),
    /// A number or a date, as written.
    Number(String),
    /// An operator or punctuation.
    Sign(&'static str),
}

const SIGNS: [&str; 12] = [
    "!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", ",", ".", ":",
];

/// Splits a query; each token with its byte offset.
pub fn tokens(text: &str) -> Result<Vec<(Token, usize)>, Refusal> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let length;
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        } else if first == '\'' {
            let (value, used) =
                string(rest).ok_or_else(|| malformed(text, at, "unexpected token: '<EOF>'"))?;
            tokens.push((Token::Text(value), at));
            length = used;
        } else if first.is_ascii_alphabetic() || first == '_' {
            length = run(rest, |c| c.is_ascii_alphanumeric() || c == '_');
            tokens.push((Token::Word(rest[..length].to_owned()), at));
        } else if first.is_ascii_digit() || first == '-' {
            length = 1 + run(&rest[1..], |c| {
                c.is_ascii_alphanumeric() || matches!(c, ':' | '.' | '-' | '+')
            });
            tokens.push((Token::Number(rest[..length].to_owned()), at));
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            tokens.push((Token::Sign(sign), at));
            length = sign.len();
        } else {
            return Err(malformed(text, at, &format!("unexpected token: '{first}'")));
        }
        at += length;
    }
    Ok(tokens)
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|character| !belongs(character))
        .unwrap_or(text.len())
}

/// A string literal at the start of the text: its value, and the bytes that it takes.
fn string(text: &str) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '\'' => return Some((value, at + 1)),
            '\\' => value.push(match characters.next()?.1 {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                other => other,
            }),
            other => value.push(other),
        }
    }
    None
}

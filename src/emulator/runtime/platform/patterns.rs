//! Regular expressions: what Pattern, Matcher and the String methods that take one search with.
//! The platform's are Java's; of those that mean something else or nothing to the engine here
//! nothing is guessed.

use std::fmt::Write as _;
use std::sync::Arc;

use regex::{Captures, Regex};

use super::super::machine::{Machine, Outcome, Throw};
use super::super::types::Type;
use super::super::value::Value;
use super::Table;

/// The natives here.
pub const TABLE: Table = &[
    ("Pattern.compile", |m, _, a| {
        let text = text(m, &a[0])?;
        expression(&text)?;
        Ok(m.platform_object("system.pattern", &[("text", Value::String(text))]))
    }),
    ("Pattern.quote", |m, _, a| {
        Ok(Value::text(format!("\\Q{}\\E", text(m, &a[0])?)))
    }),
    ("Matcher.search", |m, _, a| search(m, a)),
    ("Matcher.countGroups", |m, _, a| {
        let found = expression(&text(m, &a[0])?)?;
        Ok(integer(found.captures_len() - 1))
    }),
    ("Matcher.replace", |m, _, a| {
        replace(m, &a[0], &a[1], &a[2], matches!(a[3], Value::Boolean(true)))
    }),
    ("String.replaceAll", |m, t, a| {
        replace(m, &a[0], t, &a[1], true)
    }),
    ("String.replaceFirst", |m, t, a| {
        replace(m, &a[0], t, &a[1], false)
    }),
];

fn text(machine: &Machine<'_>, value: &Value) -> Outcome<Arc<str>> {
    value.as_text().ok_or_else(|| machine.null_pointer())
}

fn integer(number: usize) -> Value {
    Value::Integer(i32::try_from(number).unwrap_or(i32::MAX))
}

/// A pattern as the engine here has it.
pub fn expression(pattern: &str) -> Outcome<Regex> {
    let unknown = || Throw::Unsupported(format!("the regular expression {pattern}"));
    let translated = translate(pattern).ok_or_else(unknown)?;
    Regex::new(&translated).map_err(|_| unknown())
}

// `$` in Java also matches before a line break that ends the text; the engine's doesn't.
fn ends_clearly(found: &Regex, input: &str) -> Outcome<()> {
    if found.as_str().contains('$') && input.ends_with(['\n', '\r', '\u{85}', '\u{2028}']) {
        return Err(Throw::Unsupported(
            "$ in a regular expression for a text that ends with a line break".to_owned(),
        ));
    }
    Ok(())
}

// A match of all of the text.
fn whole<'t>(found: &Regex, input: &'t str) -> Option<Captures<'t>> {
    let all = Regex::new(&format!("\\A(?:{})\\z", found.as_str())).ok()?;
    all.captures(input)
}

// `search(pattern, input, from, mode)`: starts and ends of the match and its groups in UTF-16 units,
// -1 for groups that took no part; null without a match. Modes: find, whole text, at the beginning.
fn search(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let found = expression(&text(machine, &arguments[0])?)?;
    let input = text(machine, &arguments[1])?;
    ends_clearly(&found, &input)?;
    let from = arguments[2].as_long().unwrap_or_default();
    let from = bytes(&input, usize::try_from(from).unwrap_or_default());
    let captures = match arguments[3].as_long() {
        Some(0) => from.and_then(|from| found.captures_at(&input, from)),
        Some(1) => whole(&found, &input),
        _ => found
            .captures(&input)
            .filter(|captures| captures.get(0).is_some_and(|all| all.start() == 0)),
    };
    let Some(captures) = captures else {
        return Ok(Value::Null);
    };
    let places = captures.iter().flat_map(|group| match group {
        Some(group) => [units(&input, group.start()), units(&input, group.end())],
        None => [Value::Integer(-1), Value::Integer(-1)],
    });
    Ok(Value::list(Type::Integer, places.collect()))
}

fn units(text: &str, byte: usize) -> Value {
    integer(text[..byte].encode_utf16().count())
}

// The byte at which a UTF-16 unit begins.
fn bytes(text: &str, unit: usize) -> Option<usize> {
    let mut units = 0;
    for (byte, character) in text.char_indices() {
        if units >= unit {
            return Some(byte);
        }
        units += character.len_utf16();
    }
    (units >= unit).then_some(text.len())
}

fn replace(
    machine: &mut Machine<'_>,
    pattern: &Value,
    input: &Value,
    by: &Value,
    all: bool,
) -> Outcome<Value> {
    let found = expression(&text(machine, pattern)?)?;
    let input = text(machine, input)?;
    ends_clearly(&found, &input)?;
    let by = text(machine, by)?;
    let most = if all { usize::MAX } else { 1 };
    let mut result = String::new();
    let mut end = 0;
    for captures in found.captures_iter(&input).take(most) {
        let Some(whole) = captures.get(0) else {
            continue;
        };
        result.push_str(&input[end..whole.start()]);
        let inserted = filled(&by, &captures)
            .ok_or_else(|| Throw::Unsupported(format!("the replacement {by}")))?;
        result.push_str(&inserted);
        end = whole.end();
    }
    result.push_str(&input[end..]);
    Ok(Value::text(result))
}

// `$1` is a group and `\` takes the next character as it is.
fn filled(by: &str, captures: &Captures<'_>) -> Option<String> {
    let mut result = String::new();
    let mut characters = by.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => result.push(characters.next()?),
            '$' => {
                let mut number = usize::try_from(characters.next()?.to_digit(10)?).ok()?;
                // As many digits as name a group that there is.
                while let Some(digit) = characters.peek().and_then(|next| next.to_digit(10)) {
                    let longer = number * 10 + usize::try_from(digit).ok()?;
                    if longer >= captures.len() {
                        break;
                    }
                    number = longer;
                    characters.next();
                }
                if number >= captures.len() {
                    return None;
                }
                result.push_str(captures.get(number).map_or("", |group| group.as_str()));
            }
            other => result.push(other),
        }
    }
    Some(result)
}

/// The parts of a text between matches; `limit` as for `String.split`.
pub fn split(pattern: &str, input: &str, limit: i64) -> Outcome<Value> {
    let found = expression(pattern)?;
    ends_clearly(&found, input)?;
    let most = usize::try_from(limit).ok().filter(|limit| *limit > 0);
    let mut parts: Vec<&str> = Vec::new();
    let mut start = 0;
    for hit in found.find_iter(input) {
        if most.is_some_and(|most| parts.len() + 1 >= most) {
            break;
        }
        // What is empty at the beginning parts nothing.
        if hit.end() == 0 || (hit.is_empty() && hit.start() == input.len()) {
            continue;
        }
        parts.push(&input[start..hit.start()]);
        start = hit.end();
    }
    parts.push(&input[start..]);
    // Without a limit empty texts at the end are left out.
    if limit == 0 {
        while parts.len() > 1 && parts.last().is_some_and(|part| part.is_empty()) {
            parts.pop();
        }
    }
    let parts = parts.into_iter().map(Value::text).collect();
    Ok(Value::list(Type::String, parts))
}

// From Java's syntax; nothing where the engine has no such construct.
fn translate(pattern: &str) -> Option<String> {
    let mut result = String::new();
    let mut characters = pattern.chars().peekable();
    let mut classes = 0;
    let mut repeated = false;
    while let Some(character) = characters.next() {
        let was_repeated = std::mem::take(&mut repeated);
        match character {
            '\\' => escape(&mut characters, classes > 0, &mut result)?,
            '[' => {
                classes += 1;
                result.push('[');
            }
            ']' if classes > 0 => {
                classes -= 1;
                result.push(']');
            }
            '-' | '~' if classes > 0 && characters.peek() == Some(&character) => return None,
            _ if classes > 0 => result.push(character),
            '.' => result.push_str("[^\\n\\r\\x{85}\\x{2028}\\x{2029}]"),
            '(' if characters.peek() == Some(&'?') => {
                characters.next();
                // Of what begins so, only groups without a number or with a name, and no regard to case.
                let next = characters.next()?;
                match (next, characters.peek()) {
                    (':', _) => result.push_str("(?:"),
                    ('i', Some(')')) => result.push_str("(?i"),
                    ('<', Some(letter)) if letter.is_ascii_alphabetic() => {
                        result.push_str("(?P<");
                    }
                    _ => return None,
                }
            }
            // A possessive quantifier.
            '+' if was_repeated => return None,
            '*' | '+' | '?' | '}' => {
                repeated = true;
                result.push(character);
            }
            other => result.push(other),
        }
    }
    Some(result)
}

type Rest<'p> = std::iter::Peekable<std::str::Chars<'p>>;

fn escape(characters: &mut Rest<'_>, in_class: bool, result: &mut String) -> Option<()> {
    const SPACES: &str = " \\t\\n\\x0B\\f\\r";
    let next = characters.next()?;
    let (set, negated) = match next {
        'd' | 'D' => ("0-9", next == 'D'),
        'w' | 'W' => ("a-zA-Z_0-9", next == 'W'),
        's' | 'S' => (SPACES, next == 'S'),
        'n' | 't' | 'r' | 'f' | 'b' | 'B' | 'A' | 'z' => {
            write!(result, "\\{next}").ok()?;
            return Some(());
        }
        'Q' => {
            let rest: String = characters.collect();
            let (quoted, after) = rest.split_once("\\E").unwrap_or((rest.as_str(), ""));
            result.push_str(&regex::escape(quoted));
            result.push_str(&translate(after)?);
            return Some(());
        }
        'p' | 'P' => {
            // Unicode's own categories have the same names.
            write!(result, "\\{next}").ok()?;
            return Some(());
        }
        letter if letter.is_ascii_alphanumeric() => return None,
        other => {
            result.push_str(&regex::escape(other.encode_utf8(&mut [0; 4])));
            return Some(());
        }
    };
    match (in_class, negated) {
        (true, false) => result.push_str(set),
        (_, true) => write!(result, "[^{set}]").ok()?,
        (false, false) => write!(result, "[{set}]").ok()?,
    }
    Some(())
}

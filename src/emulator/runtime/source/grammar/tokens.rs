//! Apex text as tokens.

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A name, or a word that may be one.
    Name,
    /// A word that may be no name.
    Keyword,
    /// Digits, also with a fraction, or a date of a query.
    Number,
    /// Text in quotes.
    Text,
    /// An operator or punctuation.
    Symbol,
    /// The end of the source.
    End,
    /// What is no token, with what the platform says of it.
    Illegal(String),
}

/// A token and where it begins.
#[derive(Debug, Clone)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind,
    /// As it is written.
    pub text: &'a str,
    /// In lower case: Apex does not tell cases apart.
    pub lower: String,
    /// The byte where it begins.
    pub start: usize,
}

// The longest first. `>` stands alone, for it also closes type arguments.
const SYMBOLS: [&str; 24] = [
    "<<=", "===", "!==", "<<", "<=", "==", "!=", "<>", "&&", "||", "++", "--", "+=", "-=", "*=",
    "/=", "&=", "|=", "^=", "=>", "?.", "??", ">=", "::",
];

const SINGLE: &str = "(){}[];,.@=<>!~?:+-*/&|^";

// Words that the parser takes for something else than names, in order.
const KEYWORDS: [&str; 64] = [
    "abstract",
    "and",
    "as",
    "asc",
    "break",
    "bulk",
    "by",
    "catch",
    "class",
    "commit",
    "continue",
    "delete",
    "desc",
    "do",
    "else",
    "enum",
    "extends",
    "false",
    "final",
    "finally",
    "for",
    "from",
    "global",
    "having",
    "if",
    "implements",
    "in",
    "insert",
    "instanceof",
    "interface",
    "like",
    "limit",
    "list",
    "map",
    "merge",
    "new",
    "not",
    "null",
    "nulls",
    "on",
    "or",
    "override",
    "private",
    "protected",
    "public",
    "return",
    "select",
    "static",
    "super",
    "testmethod",
    "this",
    "throw",
    "trigger",
    "true",
    "try",
    "undelete",
    "update",
    "upsert",
    "using",
    "virtual",
    "webservice",
    "when",
    "where",
    "while",
];

/// Whether a word in lower case can be no name.
pub fn is_keyword(lower: &str) -> bool {
    KEYWORDS.binary_search(&lower).is_ok()
}

/// All tokens of a source, with one for its end.
pub fn read(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut start = 0;
    while let Some(rest) = source.get(start..) {
        let trimmed = rest.trim_start();
        start += rest.len() - trimmed.len();
        let (kind, length) = next(trimmed);
        // Comments are no tokens.
        if let Some(kind) = kind {
            let ended = kind == Kind::End;
            let text = trimmed.get(..length).unwrap_or_default();
            tokens.push(Token {
                kind,
                text: if ended { "<EOF>" } else { text },
                lower: text.to_ascii_lowercase(),
                start,
            });
            if ended {
                break;
            }
        }
        start += length;
    }
    // `Trigger.new` names a variable.
    for index in 1..tokens.len() {
        if tokens[index].text == "." && tokens[index - 1].lower == "trigger" {
            tokens[index - 1].kind = Kind::Name;
        }
    }
    tokens
}

fn next(rest: &str) -> (Option<Kind>, usize) {
    let Some(first) = rest.chars().next() else {
        return (Some(Kind::End), 0);
    };
    if rest.starts_with("//") {
        return (None, rest.find(['\n', '\r']).unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        let text = "Missing closing mark */ on multi-line comment.";
        return match rest.get(2..).and_then(|inside| inside.find("*/")) {
            Some(end) => (None, end + 4),
            None => (Some(Kind::Illegal(text.to_owned())), rest.len()),
        };
    }
    if first == '\'' {
        return text(rest);
    }
    let begins_fraction = first == '.' && rest[1..].starts_with(|next: char| next.is_ascii_digit());
    if first.is_ascii_digit() || begins_fraction {
        return (Some(Kind::Number), number(rest));
    }
    if first.is_ascii_alphabetic() || first == '_' || !first.is_ascii() {
        let length = rest
            .find(|character: char| {
                character.is_ascii() && !character.is_ascii_alphanumeric() && character != '_'
            })
            .unwrap_or(rest.len());
        let word = rest.get(..length).unwrap_or_default();
        let lower = word.to_ascii_lowercase();
        let kind = if !word.is_ascii() {
            Kind::Illegal(format!(
                "Invalid identifier '{word}'. Apex identifiers must start with an ASCII letter (a-z or A-Z) followed by any number of ASCII letters (a-z or A-Z), digits (0 - 9), '_'."
            ))
        } else if is_keyword(&lower) {
            Kind::Keyword
        } else {
            Kind::Name
        };
        return (Some(kind), length);
    }
    if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
        return (Some(Kind::Symbol), symbol.len());
    }
    if SINGLE.contains(first) {
        return (Some(Kind::Symbol), first.len_utf8());
    }
    let text = if matches!(first, '%' | '#' | '\\' | '`') {
        format!("Found punctuation symbol or operator '{first}' that isn't valid in Apex.")
    } else {
        format!("Unrecognized symbol '{first}', which is not a valid Apex identifier.")
    };
    (Some(Kind::Illegal(text)), first.len_utf8())
}

// `1`, `1L`, `1.5`, `1.5d`; in queries `2026-01-31` and `2026-01-31T00:00:00Z`.
fn number(rest: &str) -> usize {
    let digits = |from: usize| {
        let rest = rest.get(from..).unwrap_or_default();
        let count = rest.bytes().take_while(u8::is_ascii_digit).count();
        from + count
    };
    let end = digits(0);
    let bytes = rest.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let at = |at: usize| bytes.get(at).copied().unwrap_or_default();
    if end == 4 && at(4) == b'-' && is_digit(5) && is_digit(6) && at(7) == b'-' && is_digit(8) {
        let mut end = digits(8);
        if matches!(at(end), b'T' | b't') {
            let timed = |byte: &u8| byte.is_ascii_digit() || b":.+-".contains(byte);
            end += 1;
            end += bytes
                .iter()
                .skip(end)
                .take_while(|byte| timed(byte))
                .count();
            end += usize::from(matches!(at(end), b'Z' | b'z'));
        }
        return end;
    }
    let mut end = end;
    if at(end) == b'.' && is_digit(end + 1) {
        end = digits(end + 1);
    }
    if matches!(at(end), b'l' | b'L' | b'd' | b'D') && !at(end + 1).is_ascii_alphanumeric() {
        end += 1;
    }
    end
}

fn text(rest: &str) -> (Option<Kind>, usize) {
    if rest.starts_with("'''") {
        let inside = rest.get(3..).unwrap_or_default();
        if let Some(end) = inside.find("'''") {
            return (Some(Kind::Text), end + 6);
        }
    }
    let mut escaped = false;
    for (index, character) in rest.char_indices().skip(1) {
        match character {
            '\'' if !escaped => {
                let token = rest.get(..=index).unwrap_or(rest);
                let breaks = token.contains(['\n', '\r']);
                let broken =
                    "Illegal string literal: Line breaks are not allowed in string literals";
                let illegal = breaks.then(|| broken.to_owned());
                let kind = match illegal.or_else(|| illegal_escape(token)) {
                    Some(text) => Kind::Illegal(text),
                    None => Kind::Text,
                };
                return (Some(kind), index + 1);
            }
            _ => escaped = character == '\\' && !escaped,
        }
    }
    let text = "Missing closing quote character ' on string.".to_owned();
    let line = rest.find(['\n', '\r']).unwrap_or(rest.len());
    (Some(Kind::Illegal(text)), line)
}

fn illegal_escape(token: &str) -> Option<String> {
    let mut characters = token.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            continue;
        }
        let escaped = characters.next()?;
        if !"btnfru\"'\\_%BTNFRU".contains(escaped) {
            return Some(format!(
                "Illegal string literal: Invalid string literal {token}. Illegal character sequence \\{escaped}' in string literal."
            ));
        }
    }
    None
}

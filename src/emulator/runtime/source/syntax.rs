//! What a syntax error is, in the words of the platform's parser.

use tree_sitter::{Parser, Tree};

use super::{At, Node};
use crate::apex::for_parser;

/// Tokens that are often forgotten.
const FORGOTTEN: [&str; 4] = [";", ")", "}", "]"];

/// The first syntax error of a source: where, and the text.
pub fn problem(root: Node<'_>, parser: &mut Parser) -> Option<(At, String)> {
    let node = root.first_error()?;
    if node.raw.is_missing() {
        return Some(missing(root, node.kind(), node.raw.start_byte()));
    }
    let text = node.text();
    let first = text.split_whitespace().next().unwrap_or_default();
    if let Some(problem) = literal(root, node) {
        return Some(problem);
    }
    if first == "try" {
        let text = "Try block must have at least one catch block or a finally block";
        return Some((node.at(), text.to_owned()));
    }
    if matches!(first, "else" | "catch" | "finally") {
        return Some((node.at(), format!("Expecting '}}' but was: '{first}'")));
    }
    let token = root.token_at(node.raw.start_byte());
    if let Some((_, "}")) = token
        && root.token_at(node.raw.start_byte() + 1).is_none()
    {
        return Some((node.at(), "Extra '<EOF>', at '}'.".to_owned()));
    }
    if let Some(problem) = forgotten(root, node, parser) {
        return Some(problem);
    }
    let (at, token) = token.unwrap_or((node.at(), first));
    Some((at, format!("Unexpected token '{token}'.")))
}

// The platform's parser names what it found instead of the missing token.
fn missing(root: Node<'_>, wanted: &str, from: usize) -> (At, String) {
    match root.token_at(from) {
        Some((at, token)) if wanted == "identifier" => (at, format!("Unexpected token '{token}'.")),
        Some((at, token)) => (at, format!("Missing '{wanted}' at '{token}'")),
        None => (
            root.place(root.source.len()),
            format!("Expecting '{wanted}' but was: '<EOF>'"),
        ),
    }
}

// Text in quotes that does not end, has an unknown escape, or the wrong quotes. The tree may have
// the error before the quote or at it.
fn literal(root: Node<'_>, node: Node<'_>) -> Option<(At, String)> {
    let text = node.text();
    let line = text.lines().next().unwrap_or_default();
    let start = node.raw.start_byte() + line.find(['\'', '"'])?;
    let at = root.place(start);
    let rest = root.source.get(start..)?;
    let rest = rest.lines().next().unwrap_or_default();
    if rest.starts_with('"') {
        let text = "Unrecognized symbol '\"', which is not a valid Apex identifier.";
        return Some((at, text.to_owned()));
    }
    let mut characters = rest.char_indices().skip(1);
    while let Some((index, character)) = characters.next() {
        if character == '\'' {
            return None;
        }
        if character == '\\' {
            let (_, escaped) = characters.next()?;
            if !"btnfru\"'\\_%BTNFRU".contains(escaped) {
                let end = rest[index + 2..]
                    .find('\'')
                    .map_or(rest.len(), |end| index + 3 + end);
                return Some((
                    at,
                    format!(
                        "Illegal string literal: Invalid string literal {}. Illegal character sequence \\{escaped}' in string literal.",
                        &rest[..end]
                    ),
                ));
            }
        }
    }
    Some((
        at,
        "Missing closing quote character ' on string.".to_owned(),
    ))
}

// Whether the source would be right with one more token at the error.
fn forgotten(root: Node<'_>, node: Node<'_>, parser: &mut Parser) -> Option<(At, String)> {
    let (start, end) = (node.raw.start_byte(), node.raw.end_byte());
    for wanted in FORGOTTEN {
        for place in [end, start] {
            let mut source = root.source.to_owned();
            source.insert_str(place, wanted);
            let tree: Tree = parser.parse(for_parser(&source).as_ref(), None)?;
            if !tree.root_node().has_error() {
                return Some(missing(root, wanted, place));
            }
        }
    }
    None
}

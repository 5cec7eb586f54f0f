//! Words that cannot be names.

use super::super::resolve::Fault;
use super::super::source::{Node, is_keyword};

// Kept for later; methods may have them (Apex Developer Guide, "Reserved Keywords").
const RESERVED: &str = "activate any array autonomous begin bigdecimal blob boolean byte case cast char collect const \
    currency date datetime decimal default double end exception exit export float goto group hint import inner int \
    integer into join long loop number object of outer package parallel pragma retrieve rollback set short sobject \
    sort string switch synchronized system then time transaction void";

/// What a name is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// A class, interface or enum.
    Type,
    /// A method.
    Method,
    /// A variable, field, property or parameter.
    Variable,
}

/// Whether a name may be given.
pub fn check(name: Node<'_>, what: Named) -> Result<(), Fault> {
    let text = name.text();
    let lower = text.to_ascii_lowercase();
    let is_in = |list: &str| list.split_whitespace().any(|word| word == lower);
    if is_keyword(&lower) && !(what != Named::Variable && lower == "when") {
        return Err(Fault::new(name.at(), format!("Unexpected token '{text}'.")));
    }
    let reserved = match what {
        Named::Method => false,
        // Everybody's own `Exception` is a class like others.
        Named::Type => is_in(RESERVED) && lower != "exception",
        Named::Variable => is_in(RESERVED),
    };
    if reserved {
        return Err(Fault::new(
            name.at(),
            format!("Identifier name is reserved: {text}"),
        ));
    }
    let is_plain = text
        .chars()
        .all(|character| character.is_ascii_alphanumeric() || character == '_');
    let begins = text.starts_with(|first: char| first.is_ascii_alphabetic());
    if !is_plain || !begins || text.ends_with('_') || text.contains("__") {
        return Err(Fault::new(
            name.at(),
            format!("Invalid character in identifier: {text}"),
        ));
    }
    if text.len() > 255 {
        return Err(Fault::new(
            name.at(),
            format!("Identifier name is too long: {text}"),
        ));
    }
    Ok(())
}

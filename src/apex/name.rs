//! Which names Salesforce accepts for Apex classes and triggers.

/// The longest name of an Apex class or trigger (Metadata API Developer Guide, "ApexClass").
const MAX_LENGTH: usize = 40;

/// Words that can't name a class, trigger, variable or method, in lower case and sorted: Apex
/// Developer Guide, "Reserved Keywords", those for future use included, and the names of the
/// built-in types and the `System` namespace, which a class of the same name would hide.
#[rustfmt::skip]
pub const RESERVED: &[&str] = &[
    "abstract", "activate", "and", "any", "array", "as", "asc", "autonomous",
    "begin", "bigdecimal", "blob", "boolean", "break", "bulk", "by", "byte",
    "case", "cast", "catch", "char", "class", "collect", "commit", "const", "continue",
    "convertcurrency", "currency",
    "date", "datetime", "decimal", "default", "delete", "desc", "do", "double",
    "else", "end", "enum", "exception", "exit", "export", "extends",
    "false", "final", "finally", "float", "for", "from", "future",
    "global", "goto", "group", "having", "hint",
    "id", "if", "implements", "import", "in", "inner", "insert", "instanceof", "int", "integer",
    "interface", "into", "join",
    "last_90_days", "last_month", "last_n_days", "last_week", "like", "limit", "list", "long",
    "loop", "map", "merge",
    "new", "next_90_days", "next_month", "next_n_days", "next_week", "not", "null", "nulls",
    "number", "object", "of", "on", "or", "outer", "override",
    "package", "parallel", "pragma", "private", "protected", "public",
    "retrieve", "return", "returning", "rollback",
    "savepoint", "search", "select", "set", "short", "sobject", "sort", "stat", "static",
    "string", "super", "switch", "synchronized", "system",
    "testmethod", "then", "this", "this_month", "this_week", "throw", "time", "today", "tolabel",
    "tomorrow", "transaction", "trigger", "true", "try", "type",
    "undelete", "update", "upsert", "using", "virtual", "void",
    "webservice", "when", "where", "while", "yesterday",
];

/// Why a name cannot be that of an Apex class or trigger, or of another component. The texts
/// continue a sentence that begins with the name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Nothing at all.
    #[error("is empty; give it at least one letter")]
    Empty,
    /// More than 40 characters.
    #[error("is {0} characters long; Salesforce allows 40")]
    TooLong(usize),
    /// The first character is no letter of `A` to `Z`.
    #[error("starts with {0:?}; start it with a letter of A to Z")]
    Start(char),
    /// A character that is no letter of `A` to `Z`, digit or underscore.
    #[error("contains {0:?}; use only the letters A to Z, digits and underscores")]
    Character(char),
    /// Two underscores in a row: that is how Salesforce parts a namespace from a name.
    #[error("contains `__`; use single underscores")]
    DoubleUnderscore,
    /// An underscore at the end.
    #[error("ends with `_`; leave the last underscore out")]
    TrailingUnderscore,
    /// A word of the language, as it was given.
    #[error("is the reserved word `{0}` of Apex; add a prefix, for example `OpenCx{0}`")]
    Reserved(String),
}

/// Checks a class or trigger name by all of Salesforce's rules (Metadata API Developer Guide,
/// "ApexClass", and Apex Developer Guide, "Reserved Keywords"); the first broken rule is returned.
pub fn check_name(name: &str) -> Result<(), NameError> {
    let first = name.chars().next().ok_or(NameError::Empty)?;
    if !first.is_ascii_alphabetic() {
        return Err(NameError::Start(first));
    }
    let fits = |character: &char| character.is_ascii_alphanumeric() || *character == '_';
    if let Some(character) = name.chars().find(|character| !fits(character)) {
        return Err(NameError::Character(character));
    }
    if name.contains("__") {
        return Err(NameError::DoubleUnderscore);
    }
    if name.ends_with('_') {
        return Err(NameError::TrailingUnderscore);
    }
    if name.len() > MAX_LENGTH {
        return Err(NameError::TooLong(name.len()));
    }
    if RESERVED.contains(&name.to_ascii_lowercase().as_str()) {
        return Err(NameError::Reserved(name.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn accepts_ordinary_names() {
        let longest = "A".repeat(40);
        for name in [
            "A",
            "OpenCX_Integration",
            "caseTrigger2",
            "Order",
            "Count",
            &longest,
        ] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn says_which_rule_is_broken() {
        for (name, error) in [
            ("", NameError::Empty),
            ("1A", NameError::Start('1')),
            ("_A", NameError::Start('_')),
            ("Été", NameError::Start('É')),
            ("Case Trigger", NameError::Character(' ')),
            ("A\u{202e}", NameError::Character('\u{202e}')),
            ("Case_From__c", NameError::DoubleUnderscore),
            ("Open_", NameError::TrailingUnderscore),
            ("Number", NameError::Reserved("Number".to_owned())),
            ("TRIGGER", NameError::Reserved("TRIGGER".to_owned())),
        ] {
            assert_eq!(check_name(name), Err(error), "{name}");
        }
        assert_eq!(check_name(&"A".repeat(41)), Err(NameError::TooLong(41)));
    }

    #[test]
    fn errors_continue_a_sentence() {
        let say = |name| check_name(name).unwrap_err().to_string();
        assert_eq!(
            say("Number"),
            "is the reserved word `Number` of Apex; add a prefix, for example `OpenCxNumber`"
        );
        assert_eq!(
            say("1"),
            "starts with '1'; start it with a letter of A to Z"
        );
    }

    #[test]
    fn reserved_words_are_sorted_and_in_lower_case() {
        assert!(RESERVED.is_sorted_by(|one, next| one < next));
        assert!(
            RESERVED
                .iter()
                .all(|word| *word == word.to_ascii_lowercase())
        );
    }

    proptest! {
        #[test]
        fn accepted_names_have_the_documented_form(name in "[A-Za-z][A-Za-z0-9_]{0,45}|.*") {
            let accepted = check_name(&name).is_ok();
            let fits = name.len() <= 40 && !name.contains("__") && !name.ends_with('_');
            prop_assert!(!accepted || (fits && name.is_ascii() && !name.is_empty()));
        }
    }
}

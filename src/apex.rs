//! Apex as text: literals, identifiers, syntax, normal form, and the marker that says who wrote it.

/// Where a component's text came from: one line that every rendered component carries.
///
/// In Apex a line comment, in XML the end of `description`:
/// `opencx-sf template=classes/OpenCxJob.cls version=3 digest=0123456789abcdef`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// The template's path below `templates/`.
    pub template: String,
    /// The template's version.
    pub version: u32,
    /// First 16 hexadecimal digits of SHA-256 over the content without the marker.
    pub digest: String,
}

impl Marker {
    /// Finds the marker in any text (Apex source or an XML description).
    pub fn find(_text: &str) -> Option<Self> {
        unimplemented!()
    }
}

impl std::fmt::Display for Marker {
    fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        unimplemented!()
    }
}

/// Apex source in the form in which two sources are compared: no BOM, LF, exactly one final
/// newline; the marker line is left out. Nothing else is touched, so any other edit is seen.
pub fn normalize(_source: &str) -> String {
    unimplemented!()
}

/// First 16 hexadecimal digits of SHA-256 over [`normalize`]d source.
pub fn digest(_source: &str) -> String {
    unimplemented!()
}

/// Puts the marker comment into a rendered source (after any leading comment block or as the first line;
/// the owner decides), replacing one that is there.
pub fn stamp(_source: &str, _template: &str, _version: u32) -> String {
    unimplemented!()
}

/// Text that cannot be written as an Apex literal.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LiteralError {
    /// NUL has no place in Apex source.
    #[error("the text contains a NUL character")]
    Nul,
}

/// The text as an Apex string literal with its quotes, ASCII only (apex.md §6.2).
pub fn string_literal(_text: &str) -> Result<String, LiteralError> {
    unimplemented!()
}

/// The value of a string literal with its quotes: the inverse of [`string_literal`], by the rules of the Apex lexer. `None` when it is not one literal.
pub fn parse_string_literal(_literal: &str) -> Option<String> {
    unimplemented!()
}

/// The text made safe inside a comment: one line, no `*/`, printable ASCII.
pub fn comment_text(_text: &str) -> String {
    unimplemented!()
}

/// Why a name cannot be that of an Apex class or trigger, or of another component.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// More than 40 characters.
    #[error("is {0} characters long; Salesforce allows 40")]
    TooLong(usize),
    // … the owner adds: Empty, not a letter first, characters, double underscore, trailing underscore, Reserved(String)
}

/// Checks a class or trigger name (apex.md §6.3).
pub fn check_name(_name: &str) -> Result<(), NameError> {
    unimplemented!()
}

/// A place where a source does not parse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// 1-based line.
    pub line: usize,
    /// 1-based column in characters.
    pub column: usize,
    /// For example "Unexpected token '}'", "Missing ';' at '}'".
    pub message: String,
}

/// The outermost declaration of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Declaration {
    /// A class, interface or enum.
    Class {
        /// Its name.
        name: String,
        /// Whether it is annotated `@IsTest`.
        is_test: bool,
    },
    /// A trigger.
    Trigger {
        /// Its name.
        name: String,
        /// The object it is on.
        object: String,
        /// Its events in lower case, single-spaced: `after insert`.
        events: Vec<String>,
    },
}

/// What parsing a source gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Syntax {
    /// The outermost declaration, where one was recognised.
    pub declaration: Option<Declaration>,
    /// Where it does not parse; empty for valid Apex.
    pub errors: Vec<SyntaxError>,
}

/// Parses a class or trigger file with tree-sitter.
pub fn parse(_source: &str) -> Syntax {
    unimplemented!()
}

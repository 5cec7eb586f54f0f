//! Apex syntax by tree-sitter.

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

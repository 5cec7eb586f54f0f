//! Metadata XML as trees, and what the WSDL says of each type.

use crate::metadata::{Component, MetadataType};

/// An element of a metadata file. Namespace prefixes are resolved away; comments, processing
/// instructions and white space between elements are dropped; `xsi:nil="true"` is kept as `nil`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    /// Local name.
    pub name: String,
    /// Text content (of a leaf; empty otherwise), unescaped.
    pub text: String,
    /// `xsi:type`, as written, where given.
    pub xsi_type: Option<String>,
    /// Whether `xsi:nil="true"` was given.
    pub nil: bool,
    /// Child elements in document order.
    pub children: Vec<Element>,
    /// 1-based line of the start tag, 0 when made in memory.
    pub line: usize,
    /// 1-based column of the start tag, 0 when made in memory.
    pub column: usize,
}

/// Why a text is not a metadata XML tree.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// Not well-formed, or deeper or larger than any metadata file.
    #[error("line {line}, column {column}: {problem}")]
    Malformed {
        /// 1-based.
        line: usize,
        /// 1-based.
        column: usize,
        /// The parser's words.
        problem: String,
    },
}

/// Parses a document to its root element.
pub fn parse(_text: &str) -> Result<Element, Error> {
    unimplemented!()
}

/// Writes a document: XML declaration, metadata namespace on the root, 4 spaces, LF, final newline.
/// (`xmlns:xsi`/`xmlns:xsd` only when the tree uses `xsi_type` or `nil`.)
pub fn write(_root: &Element) -> String {
    unimplemented!()
}

/// A violation of the WSDL in one metadata file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// 1-based line.
    pub line: usize,
    /// 1-based column.
    pub column: usize,
    /// What is wrong.
    pub kind: ViolationKind,
}

/// What can be wrong with a metadata file according to the WSDL.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ViolationKind {
    /// `element` is no field of `parent` (a WSDL type name).
    Unknown {
        /// The element.
        element: String,
        /// The WSDL type it stands in.
        parent: String,
    },
    // … the owner adds: out of order, duplicate single field, split group, missing required, bad enum value, bad boolean, wrong root
}

/// Holds a file of that type against the WSDL: known fields, WSDL order, grouping, cardinality,
/// enum values, booleans.
pub fn validate(_kind: MetadataType, _root: &Element) -> Vec<Violation> {
    unimplemented!()
}

/// The tree in canonical form: WSDL order, defaults written, false user permissions dropped, keyed
/// lists sorted by key, text of lists inside one string respaced. `org_to_ours(ours) == ours`.
pub fn normalize(_kind: MetadataType, _root: &Element) -> Element {
    unimplemented!()
}

/// The first 16 hexadecimal digits of SHA-256 over the canonical form of the fields that we own
/// (without `description`, which holds the marker itself).
pub fn digest(_component: &Component) -> Result<String, Error> {
    unimplemented!()
}

//! Apex as text: literals, identifiers, syntax, normal form, and the marker that says who wrote it.
//!
//! Everything that knows how Apex is spelled is here, so that a template, a comparison and a rule
//! mean the same thing by "this literal" or "this name". Nothing here runs Apex.

mod flow;
mod grammar;
mod literal;
mod marker;
mod name;
mod source;
mod syntax;
mod syntax_error;

pub use flow::{Method, Step};
pub use grammar::for_parser;
pub use literal::{LiteralError, comment_text, parse_string_literal, string_literal};
pub use marker::{Marker, digest, normalize, stamp};
pub use name::{NameError, RESERVED, check_name};
pub use source::{Binding, Call, Expression, Source, Span};
pub use syntax::{Declaration, Sharing, Syntax, SyntaxError, parse};

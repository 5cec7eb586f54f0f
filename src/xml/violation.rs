//! What can be wrong with a metadata file according to the WSDL.

use std::fmt;

use super::schema::{FieldType, type_named};

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

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, kind } = self;
        write!(f, "line {line}, column {column}: {kind}")
    }
}

/// What can be wrong with a metadata file according to the WSDL. `parent` is always the name of a
/// WSDL type.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ViolationKind {
    /// The root element is that of another type.
    WrongRoot {
        /// The root element.
        found: String,
        /// The type's own.
        expected: &'static str,
    },
    /// `element` is no field of `parent` (a WSDL type name).
    Unknown {
        /// The element.
        element: String,
        /// The WSDL type it stands in.
        parent: String,
    },
    /// `element` comes before `after` in WSDL order. A deploy accepts this, a retrieve never gives it.
    OutOfOrder {
        /// The element.
        element: String,
        /// The WSDL type it stands in.
        parent: String,
        /// The element before it that belongs behind it.
        after: String,
    },
    /// A field that may occur once occurs again.
    Duplicate {
        /// The element.
        element: String,
        /// The WSDL type it stands in.
        parent: String,
    },
    /// A repeated field whose occurrences do not stand together. A deploy refuses this too.
    Split {
        /// The element.
        element: String,
        /// The WSDL type it stands in.
        parent: String,
    },
    /// A field that the WSDL requires is not there.
    Missing {
        /// The element.
        element: &'static str,
        /// The WSDL type it belongs in.
        parent: String,
    },
    /// A value that is not one of its field's.
    BadValue {
        /// The element.
        element: String,
        /// The WSDL type it stands in.
        parent: String,
        /// What stands there.
        value: String,
        /// What could: `Boolean`, `Integer`, `Double` or an `Enum`.
        expected: FieldType,
    },
    /// Elements inside of a field that holds a plain value.
    NotALeaf {
        /// The element.
        element: String,
        /// The WSDL type it stands in.
        parent: String,
    },
    /// Text inside of a field that holds elements.
    TextInside {
        /// The element.
        element: String,
        /// The WSDL type it stands in.
        parent: String,
    },
}

impl fmt::Display for ViolationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongRoot { found, expected } => {
                write!(f, "the root element is `{found}`, expected `{expected}`")
            }
            Self::Unknown { element, parent } => {
                write!(f, "`{element}` is no field of {parent}")?;
                let fields = type_named(parent).into_iter().flat_map(|of| of.fields);
                let names = fields.map(|field| field.name);
                match nearest(element, names) {
                    Some(name) => write!(f, "; did you mean `{name}`?"),
                    None => Ok(()),
                }
            }
            Self::OutOfOrder {
                element,
                parent,
                after,
            } => write!(f, "`{element}` of {parent} belongs before `{after}`"),
            Self::Duplicate { element, parent } => {
                write!(
                    f,
                    "`{element}` of {parent} may occur once, and occurs again"
                )
            }
            Self::Split { element, parent } => {
                write!(f, "all `{element}` of {parent} must stand together")
            }
            Self::Missing { element, parent } => write!(f, "`{element}` of {parent} is missing"),
            Self::BadValue {
                element,
                parent,
                value,
                expected,
            } => {
                write!(f, "`{element}` of {parent} is `{value}`, expected ")?;
                match *expected {
                    FieldType::Boolean => f.write_str("true or false"),
                    FieldType::Integer => f.write_str("a whole number"),
                    FieldType::Double => f.write_str("a number"),
                    FieldType::Enum(allowed) => {
                        write!(f, "one of {}", allowed.join(", "))?;
                        match nearest(value, allowed.iter().copied()) {
                            Some(name) => write!(f, "; did you mean `{name}`?"),
                            None => Ok(()),
                        }
                    }
                    FieldType::Text
                    | FieldType::TextList
                    | FieldType::Complex(_)
                    | FieldType::Unlisted(_) => f.write_str("something else"),
                }
            }
            Self::NotALeaf { element, parent } => {
                write!(
                    f,
                    "`{element}` of {parent} holds elements, expected a plain value"
                )
            }
            Self::TextInside { element, parent } => {
                write!(f, "`{element}` of {parent} holds text, expected elements")
            }
        }
    }
}

/// The name that was probably meant: another case first, else a few letters off.
fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let mut by_case = names.clone().filter(|name| name.eq_ignore_ascii_case(word));
    by_case.next().or_else(|| {
        names
            .map(|name| (strsim::damerau_levenshtein(word, name), name))
            .filter(|(distance, name)| *distance * 3 <= name.chars().count().max(3))
            .min()
            .map(|(_, name)| name)
    })
}

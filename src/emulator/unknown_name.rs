//! Names that were given and are none of the known ones.

/// A name that is not one of a fixed list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is not a {what}; known: {known}")]
pub struct UnknownName {
    what: &'static str,
    name: String,
    known: &'static str,
}

impl UnknownName {
    /// A name that is none of the known ones.
    pub(super) fn new(what: &'static str, name: &str, known: &'static str) -> Self {
        Self {
            what,
            name: name.to_owned(),
            known,
        }
    }
}

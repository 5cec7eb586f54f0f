//! One value of the file: written there, referred to, absent, or refused.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::json;

use super::reference::Reference;
use super::source::Span;
use super::value::{Word, schema};

/// A value of the file with its place.
#[derive(Debug, Clone, Default)]
pub(super) enum Setting<T> {
    /// The key is not there.
    #[default]
    Absent,
    /// Something is there that is no such value. It has been reported, so nothing further is said
    /// about the key; a config with one is not given out.
    Refused,
    /// The value itself.
    Literal(T, Span),
    /// Where the value is.
    Reference(Reference, Span),
}

impl<T> Setting<T> {
    pub fn is_present(&self) -> bool {
        !matches!(self, Self::Absent)
    }

    /// Where the value stands; the start of the file for none.
    pub fn span(&self) -> Span {
        match self {
            Self::Literal(_, span) | Self::Reference(_, span) => *span,
            Self::Absent | Self::Refused => Span::default(),
        }
    }

    /// The reference that stands in the value's place.
    pub fn reference(&self) -> Option<&Reference> {
        match self {
            Self::Reference(reference, _) => Some(reference),
            _ => None,
        }
    }

    /// The value, if it stands in the file itself.
    pub fn literal(&self) -> Option<(&T, Span)> {
        match self {
            Self::Literal(value, span) => Some((value, *span)),
            _ => None,
        }
    }
}

impl<T: Word> Setting<T> {
    /// The value as `config show` has it.
    pub fn shown(&self) -> Option<String> {
        match self {
            Self::Absent | Self::Refused => None,
            Self::Literal(value, _) => Some(value.shown()),
            Self::Reference(reference, _) => Some(reference.written()),
        }
    }
}

impl<T: Word> JsonSchema for Setting<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Setting".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        schema(json!({ "anyOf": [T::schema(), generator.subschema_for::<Reference>()] }))
    }
}

//! One row of the WSDL table, and the words in which the table is written.

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// `xsd:string`, and `xsd:base64Binary` of `content`.
    Text,
    /// `xsd:string` with texts between commas. Their order and the blanks around them mean nothing,
    /// and an org may change both.
    TextList,
    /// `xsd:boolean`.
    Boolean,
    /// `xsd:int`.
    Integer,
    /// `xsd:double`.
    Double,
    /// One of these values, with this case.
    Enum(&'static [&'static str]),
    /// Another [`Type`](super::Type) of the table.
    Complex(&'static str),
    /// A type of the WSDL that the table leaves out: the field is known, its content is not looked at.
    Unlisted(&'static str),
}

/// How far a value of a field is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Rendered, compared and shown.
    Owned,
    /// Rendered and compared; may hold a secret, so shown masked only.
    Confidential,
    /// Never comes back from an org: not compared.
    Secret,
    /// Depends on the org's settings, or belongs to its administrators, as the classification of
    /// their own data does: not compared.
    OrgDependent,
    /// Made by the org, which may refuse a file that brings it: not rendered, compared or kept.
    Generated,
}

/// A field of a type.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Element name.
    pub name: &'static str,
    /// What it holds.
    pub ty: FieldType,
    /// Whether it may occur more than once (`maxOccurs="unbounded"`).
    pub many: bool,
    /// Whether the WSDL asks for it (`minOccurs` 1).
    pub required: bool,
    /// What an org takes, and returns, when the field is left out. An optional boolean without
    /// one counts as false.
    pub default: Option<&'static str>,
    /// How far its value is ours.
    pub role: Role,
}

impl Field {
    const fn new(name: &'static str, ty: FieldType) -> Self {
        Self {
            name,
            ty,
            many: false,
            required: false,
            default: None,
            role: Role::Owned,
        }
    }

    pub(super) const fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }

    pub(super) const fn many(self) -> Self {
        Self { many: true, ..self }
    }

    pub(super) const fn default(self, value: &'static str) -> Self {
        Self {
            default: Some(value),
            ..self
        }
    }

    pub(super) const fn role(self, role: Role) -> Self {
        Self { role, ..self }
    }
}

pub(super) const fn text(name: &'static str) -> Field {
    Field::new(name, FieldType::Text)
}

pub(super) const fn text_list(name: &'static str) -> Field {
    Field::new(name, FieldType::TextList)
}

pub(super) const fn boolean(name: &'static str) -> Field {
    Field::new(name, FieldType::Boolean)
}

pub(super) const fn integer(name: &'static str) -> Field {
    Field::new(name, FieldType::Integer)
}

pub(super) const fn double(name: &'static str) -> Field {
    Field::new(name, FieldType::Double)
}

pub(super) const fn choice(name: &'static str, values: &'static [&'static str]) -> Field {
    Field::new(name, FieldType::Enum(values))
}

pub(super) const fn one(name: &'static str, ty: &'static str) -> Field {
    Field::new(name, FieldType::Complex(ty))
}

pub(super) const fn list(name: &'static str, ty: &'static str) -> Field {
    Field::new(name, FieldType::Complex(ty)).many()
}

pub(super) const fn unlisted(name: &'static str, ty: &'static str) -> Field {
    Field::new(name, FieldType::Unlisted(ty))
}

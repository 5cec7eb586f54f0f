//! The static types of Apex.

use std::sync::Arc;

/// A class, interface, enum or trigger of a program, by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassId(pub u32);

/// A method, constructor or accessor of a program, by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MethodId(pub u32);

/// An sObject of the schema, by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId(pub u32);

/// A static type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    /// No value.
    Void,
    /// The type of `null`.
    Null,
    /// `Object`.
    Object,
    /// `Boolean`.
    Boolean,
    /// `Integer`.
    Integer,
    /// `Long`.
    Long,
    /// `Double`.
    Double,
    /// `Decimal`.
    Decimal,
    /// `String`.
    String,
    /// `Id`.
    Id,
    /// `Date`.
    Date,
    /// `Datetime`.
    Datetime,
    /// `Time`.
    Time,
    /// `Blob`.
    Blob,
    /// `SObject`.
    SObject,
    /// A concrete sObject.
    Record(ObjectId),
    /// `List<T>`.
    List(Arc<Type>),
    /// `Set<T>`.
    Set(Arc<Type>),
    /// `Map<K, V>`.
    Map(Arc<(Type, Type)>),
    /// A class, interface or enum.
    Class(ClassId),
    /// An interface of the platform with its type argument, such as `Iterator<String>`.
    Generic(Arc<(ClassId, Type)>),
    /// One that the platform has and this runtime does not, by name.
    Unknown(Arc<str>),
    /// A type parameter of a platform class.
    Parameter(u8),
}

impl Type {
    /// `List<element>`.
    pub fn list(element: Self) -> Self {
        Self::List(Arc::new(element))
    }

    /// A generic interface of the platform.
    pub fn generic(interface: ClassId, argument: Self) -> Self {
        Self::Generic(Arc::new((interface, argument)))
    }

    /// Whether it is one of the number types.
    pub fn is_number(&self) -> bool {
        self.number_rank().is_some()
    }

    /// Integer < Long < Double < Decimal: what each is promoted to in arithmetic.
    pub fn number_rank(&self) -> Option<u8> {
        match self {
            Self::Integer => Some(0),
            Self::Long => Some(1),
            Self::Double => Some(2),
            Self::Decimal => Some(3),
            _ => None,
        }
    }

    /// Whether values are sObjects.
    pub fn is_record(&self) -> bool {
        matches!(self, Self::SObject | Self::Record(_))
    }

    /// The type with the type parameters of a generic class replaced.
    pub fn substitute(&self, arguments: &[Self]) -> Self {
        match self {
            Self::Parameter(index) => arguments
                .get(usize::from(*index))
                .cloned()
                .unwrap_or(Self::Object),
            Self::List(element) => Self::list(element.substitute(arguments)),
            Self::Set(element) => Self::Set(Arc::new(element.substitute(arguments))),
            Self::Map(pair) => Self::Map(Arc::new((
                pair.0.substitute(arguments),
                pair.1.substitute(arguments),
            ))),
            Self::Generic(pair) => Self::generic(pair.0, pair.1.substitute(arguments)),
            other => other.clone(),
        }
    }

    /// The type arguments of a collection or interface.
    pub fn arguments(&self) -> Vec<Self> {
        match self {
            Self::List(element) | Self::Set(element) => vec![(**element).clone()],
            Self::Map(pair) => vec![pair.0.clone(), pair.1.clone()],
            Self::Generic(pair) => vec![pair.1.clone()],
            _ => Vec::new(),
        }
    }

    /// The name of a type that isn't a class or concrete sObject.
    pub fn builtin_name(&self) -> Option<&'static str> {
        Some(match self {
            Self::Void => "void",
            Self::Null => "NULL",
            Self::Object | Self::Parameter(_) => "Object",
            Self::Boolean => "Boolean",
            Self::Integer => "Integer",
            Self::Long => "Long",
            Self::Double => "Double",
            Self::Decimal => "Decimal",
            Self::String => "String",
            Self::Id => "Id",
            Self::Date => "Date",
            Self::Datetime => "Datetime",
            Self::Time => "Time",
            Self::Blob => "Blob",
            Self::SObject => "SObject",
            Self::List(_) => "List",
            Self::Set(_) => "Set",
            Self::Map(_) => "Map",
            Self::Record(_) | Self::Class(_) | Self::Generic(_) | Self::Unknown(_) => return None,
        })
    }

    /// The type with this name, if the language has it.
    pub fn builtin(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "void" => Self::Void,
            "object" => Self::Object,
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            "long" => Self::Long,
            "double" => Self::Double,
            "decimal" => Self::Decimal,
            "string" => Self::String,
            "id" => Self::Id,
            "date" => Self::Date,
            "datetime" => Self::Datetime,
            "time" => Self::Time,
            "blob" => Self::Blob,
            "sobject" => Self::SObject,
            _ => return None,
        })
    }
}

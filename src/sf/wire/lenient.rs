//! Reading the scalars and lists of the Metadata API in every shape in which they arrive.
//!
//! REST sends typed JSON with `null` for what is missing. SOAP has text only, sends one element
//! where a list has one item and none where it is empty, and clients that parse it without the
//! WSDL hand on exactly that. One definition reads both.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// One value, typed or not.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Scalar {
    Missing(()),
    Flag(bool),
    Whole(u64),
    Decimal(f64),
    Text(String),
}

/// A text; a number or a flag as it is written; nothing as the empty text.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Scalar::deserialize(deserializer)? {
        Scalar::Missing(()) => String::new(),
        Scalar::Flag(flag) => flag.to_string(),
        Scalar::Whole(number) => number.to_string(),
        Scalar::Decimal(number) => number.to_string(),
        Scalar::Text(text) => text,
    })
}

/// A text, with the empty one as none: SOAP sends nil, an empty element or nothing alike.
pub(super) fn optional_text<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    Ok(Some(text(deserializer)?).filter(|text| !text.is_empty()))
}

/// `true` and `false`, as JSON or as text in any case (`xsd:boolean` knows `1` and `0` too).
pub(super) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    match Scalar::deserialize(deserializer)? {
        Scalar::Missing(()) => Ok(false),
        Scalar::Flag(flag) => Ok(flag),
        Scalar::Whole(number) => Ok(number != 0),
        Scalar::Decimal(number) => Err(Error::custom(format_args!("{number} is not a boolean"))),
        Scalar::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" => Ok(true),
            "false" | "0" | "" => Ok(false),
            _ => Err(Error::custom("a text that is not a boolean")),
        },
    }
}

/// A count, as JSON or as text; nothing as zero.
pub(super) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    Ok(optional_count(deserializer)?.unwrap_or_default())
}

/// A line or column. Negative ones and nonsense are none: they say "not applicable".
pub(super) fn optional_count<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<u32>, D::Error> {
    Ok(match Scalar::deserialize(deserializer)? {
        Scalar::Whole(number) => u32::try_from(number).ok(),
        Scalar::Text(text) => text.trim().parse().ok(),
        Scalar::Missing(()) | Scalar::Flag(_) | Scalar::Decimal(_) => None,
    })
}

/// Milliseconds, as JSON or as text. Nonsense is zero: no decision hangs on them.
pub(super) fn decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let number = match Scalar::deserialize(deserializer)? {
        Scalar::Missing(()) | Scalar::Flag(_) => None,
        Scalar::Whole(number) => u32::try_from(number).ok().map(f64::from),
        Scalar::Decimal(number) => Some(number),
        Scalar::Text(text) => text.trim().parse().ok(),
    };
    Ok(number
        .filter(|number| number.is_finite())
        .unwrap_or_default())
}

/// A value of a closed list; one that is not in it counts as absent.
pub(super) fn known<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    let word = text(deserializer)?;
    Ok(serde_json::from_value(serde_json::Value::String(word)).ok())
}

/// A list: an array, one item that stands alone, or nothing.
pub(super) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_any(List(PhantomData))
}

struct List<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list, one item, or nothing")
    }

    fn visit_unit<E: Error>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<T>, E> {
        if text.trim().is_empty() {
            return Ok(Vec::new());
        }
        T::deserialize(serde::de::value::StrDeserializer::new(text)).map(|item| vec![item])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, item: A) -> Result<Vec<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(item)).map(|item| vec![item])
    }
}

/// A structure, with `null` and the empty element as its default.
pub(super) fn structure<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(optional_structure(deserializer)?.unwrap_or_default())
}

/// A structure, with `null` and the empty element as none.
pub(super) fn optional_structure<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_any(Structure(PhantomData))
}

struct Structure<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Structure<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or nothing")
    }

    fn visit_unit<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Option<T>, E> {
        if text.trim().is_empty() {
            Ok(None)
        } else {
            Err(E::custom("a text where an object belongs"))
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Option<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(Some)
    }
}

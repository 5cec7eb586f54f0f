//! Values for the Cases that the Apex tests make: what an org demands and its description of its
//! own fields doesn't say.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::convert::Infallible;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::json;

use super::layer::{Layers, Origin};
use super::option::{Key, Part, Shown};
use super::problem::Problem;
use super::section::Section;
use super::value::{ValueError, schema};
use super::yaml::{Entry, Value};

/// The value of a field in a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TestValue {
    /// A text, also the API name of a picklist value.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// A number with decimals, as it is written.
    Decimal(String),
    /// A checkbox.
    Flag(bool),
    /// A date: year, month, day.
    Date(i16, i8, i8),
    /// An instant in UTC: year, month, day, hour, minute, second.
    Instant(i16, i8, i8, i8, i8, i8),
}

impl TestValue {
    /// As a person would write it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Whole(number) => number.to_string(),
            Self::Decimal(number) => number.clone(),
            Self::Flag(flag) => flag.to_string(),
            Self::Date(year, month, day) => format!("{year:04}-{month:02}-{day:02}"),
            Self::Instant(year, month, day, hour, minute, second) => {
                format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
            }
        }
    }
}

/// The values by field, as they stand in one layer.
#[derive(Debug, Clone, Default)]
pub(super) struct TestCaseFields(pub BTreeMap<String, TestValue>);

/// Stands for the record type, by its API name.
pub(super) const RECORD_TYPE: &str = "RecordType";
/// What the tests set themselves, to prove something by it.
const OURS: [&str; 4] = ["id", "case_from__c", "subject", "suppliedemail"];

impl JsonSchema for TestCaseFields {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "TestCaseFields".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schema(json!({
            "type": "object",
            "propertyNames": { "pattern": "^[A-Za-z][A-Za-z0-9_]{0,79}$" },
            "additionalProperties": { "type": ["string", "number", "boolean"] },
        }))
    }
}

impl Part for TestCaseFields {
    type Value = Infallible;

    fn read(section: &mut Section<'_, '_>, key: &'static str) -> Self {
        section.section(key, test_case_fields)
    }

    fn json(default: Infallible) -> serde_json::Value {
        match default {}
    }

    fn is_present(&self) -> bool {
        !self.0.is_empty()
    }

    fn show<S, T>(layers: &Layers<'_, S>, key: &Key<S, Self, T>, list: &mut Vec<Shown>) {
        let layers = layers.below(key);
        for (field, (value, origin)) in layers.fields() {
            list.push((layers.path_of(field), value.shown(), origin));
        }
    }
}

impl<'a> Layers<'a, TestCaseFields> {
    /// The values that hold, by field.
    pub fn fields(&self) -> BTreeMap<&'a String, (&'a TestValue, Origin)> {
        let values = |layer: Option<&'a TestCaseFields>, origin| {
            let fields = layer.into_iter().flat_map(|fields| &fields.0);
            fields.map(move |(field, value)| (field, (value, origin)))
        };
        let mut fields: BTreeMap<_, _> = values(self.top, Origin::TopLevel).collect();
        for (field, value) in values(self.org, Origin::OrgBlock) {
            // Field names have no regard to case: an org's spelling replaces the top level's.
            fields.retain(|known, _| !known.eq_ignore_ascii_case(field));
            fields.insert(field, value);
        }
        fields
    }
}

fn test_case_fields(mut section: Section<'_, '_>) -> TestCaseFields {
    let mut fields: BTreeMap<String, TestValue> = BTreeMap::new();
    let entries: Vec<&Entry> = section.all().collect();
    for entry in entries {
        let name = entry.key.as_str();
        let reason = field_problem(name).or_else(|| {
            let twice = fields.keys().any(|known| known.eq_ignore_ascii_case(name));
            twice.then_some("it is there twice, in upper and lower case")
        });
        if let Some(reason) = reason {
            let key = section.path_of(&super::problem::shown(name));
            let error = ValueError::TestField(reason);
            let problem = Problem::Value {
                key,
                error,
                from: None,
            };
            section.report(entry.key_span, problem);
            continue;
        }
        match value(entry) {
            Ok(value) => {
                fields.insert(name.to_owned(), value);
            }
            Err(Refusal::Type) => section.wrong_type(entry, "a text, a number or true/false", None),
            Err(Refusal::Value(reason)) => section.refuse(entry, ValueError::TestField(reason)),
        }
    }
    TestCaseFields(fields)
}

fn field_problem(name: &str) -> Option<&'static str> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if !starts || name.len() > 80 || !name.bytes().all(fits) {
        Some("it is not the API name of a field of Case")
    } else if OURS.iter().any(|ours| name.eq_ignore_ascii_case(ours)) {
        Some("the tests set this field themselves")
    } else {
        None
    }
}

enum Refusal {
    Type,
    Value(&'static str),
}

fn value(entry: &Entry) -> Result<TestValue, Refusal> {
    let Value::Scalar { text, plain } = &entry.node.value else {
        return Err(Refusal::Type);
    };
    if entry.key == RECORD_TYPE && entry.node.kind() != "a text" {
        return Err(Refusal::Type);
    }
    match entry.node.kind() {
        "a true/false value" => Ok(TestValue::Flag(text.eq_ignore_ascii_case("true"))),
        "a number" => number(text),
        "a text" if text.contains("${") => Err(Refusal::Value(
            "a reference is not possible here: the value stands in Apex",
        )),
        "a text" if text.contains('\0') => Err(Refusal::Value("it has a NUL character")),
        "a text" => {
            let moment = plain.then(|| moment(text)).flatten();
            Ok(moment.unwrap_or_else(|| TestValue::Text(text.clone())))
        }
        _ => Err(Refusal::Type),
    }
}

/// Apex has no exponents, infinities or other bases.
fn number(text: &str) -> Result<TestValue, Refusal> {
    if let Ok(whole) = text.parse() {
        // Its positive half is no literal of Apex, so the minus in front would be too late.
        return match whole {
            i64::MIN => Err(Refusal::Value("the number is too large")),
            whole => Ok(TestValue::Whole(whole)),
        };
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    match digits.split_once('.') {
        Some((whole, decimals))
            if all_digits(whole) && all_digits(decimals) && digits.len() <= 18 =>
        {
            Ok(TestValue::Decimal(text.to_owned()))
        }
        _ => Err(Refusal::Value(
            "write the number with up to 17 digits and without an exponent, or put it in quotes",
        )),
    }
}

/// A date or an instant that stands without quotes.
fn moment(text: &str) -> Option<TestValue> {
    if let Some(instant) = text
        .strip_suffix('Z')
        .and_then(|text| text.parse::<jiff::civil::DateTime>().ok())
    {
        let (date, time) = (instant.date(), instant.time());
        return Some(TestValue::Instant(
            date.year(),
            date.month(),
            date.day(),
            time.hour(),
            time.minute(),
            time.second(),
        ));
    }
    let date = (text.len() == 10).then(|| text.parse::<jiff::civil::Date>());
    let date = date?.ok()?;
    Some(TestValue::Date(date.year(), date.month(), date.day()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_instants_are_told_from_texts() {
        assert_eq!(moment("2026-01-31"), Some(TestValue::Date(2026, 1, 31)));
        assert_eq!(
            moment("2026-01-31T10:20:30Z"),
            Some(TestValue::Instant(2026, 1, 31, 10, 20, 30))
        );
        for text in ["2026-02-30", "2026-01", "20260131", "Z", "", "EMEA"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_what_apex_can_write() {
        let read = |text| number(text).ok();
        assert_eq!(read("-3"), Some(TestValue::Whole(-3)));
        assert_eq!(read("3000000000"), Some(TestValue::Whole(3_000_000_000)));
        assert_eq!(read("12.50"), Some(TestValue::Decimal("12.50".to_owned())));
        for text in ["1e5", ".inf", ".5", "5.", "0x1F", "-9223372036854775808"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn only_fields_of_the_org_can_be_set() {
        assert_eq!(field_problem("Region__c"), None);
        assert_eq!(field_problem("ns__Region__c"), None);
        for name in ["Case_From__c", "SUBJECT", "Id", "a.b", "", "1a", "a b"] {
            assert!(field_problem(name).is_some(), "{name}");
        }
    }
}

//! Functions of dates.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::super::super::refusal::Refusal;
use super::super::super::runtime::{FieldKind, date_part};
use super::super::parse::{Field, located};
use super::super::tables::Column;
use super::Source;
use super::compare::moment;

/// What a function makes of the value of a field; null of null.
pub fn apply(function: &str, value: &Value) -> Value {
    let Some(at) = value.as_str().and_then(at) else {
        return Value::Null;
    };
    match function {
        "day_only" => json!(at.date().to_string()),
        _ => json!(date_part(function, at)),
    }
}

fn at(text: &str) -> Option<DateTime> {
    match moment(text) {
        Some(moment) => Some(moment.to_zoned(TimeZone::UTC).datetime()),
        None => Some(text.parse::<Date>().ok()?.at(0, 0, 0, 0)),
    }
}

impl Source<'_> {
    pub(super) fn refuse_function(
        &self,
        column: &Column<'_>,
        field: &Field,
    ) -> Result<(), Refusal> {
        if matches!(column.kind(), FieldKind::Date | FieldKind::DateTime) {
            return Ok(());
        }
        // The platform's text for it is nowhere documented.
        let problem = format!("{} needs a field of dates", field.text());
        let place = located(self.text, field.at(), &problem);
        Err(Refusal::new("MALFORMED_QUERY", place))
    }
}

//! Functions of dates in queries (SOQL and SOSL Reference, "Date Functions"). Days are those of UTC,
//! and the fiscal year is that of the calendar, as in an org whose administrator changed neither.

use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, tz::TimeZone};

use super::super::super::value::Value;

/// Their names.
pub const DATE_FUNCTIONS: [&str; 13] = [
    "calendar_month",
    "calendar_quarter",
    "calendar_year",
    "day_in_month",
    "day_in_week",
    "day_in_year",
    "day_only",
    "fiscal_month",
    "fiscal_quarter",
    "fiscal_year",
    "hour_in_day",
    "week_in_month",
    "week_in_year",
];

/// What a function makes of a value of a field; null of null.
pub fn apply(function: &str, value: &Value) -> Value {
    let Some(at) = moment(value) else {
        return Value::Null;
    };
    match function {
        "day_only" => Value::Date(at.date()),
        _ => part(function, at).map_or(Value::Null, |number| Value::Integer(number.into())),
    }
}

/// What a function other than DAY_ONLY says of a moment, its name in lower case.
pub fn part(function: &str, at: DateTime) -> Option<i16> {
    let day = at.date();
    Some(match function {
        "calendar_year" | "fiscal_year" => day.year(),
        "calendar_quarter" | "fiscal_quarter" => (i16::from(day.month()) - 1) / 3 + 1,
        "calendar_month" | "fiscal_month" => i16::from(day.month()),
        "day_in_month" => i16::from(day.day()),
        "day_in_week" => i16::from(day.weekday().to_sunday_one_offset()),
        "day_in_year" => day.day_of_year(),
        "hour_in_day" => i16::from(at.hour()),
        "week_in_month" => (i16::from(day.day()) - 1) / 7 + 1,
        "week_in_year" => (day.day_of_year() - 1) / 7 + 1,
        _ => return None,
    })
}

fn moment(value: &Value) -> Option<DateTime> {
    match value {
        Value::Date(day) => Some(midnight(*day)),
        Value::Datetime(at) => {
            let at = Timestamp::from_millisecond(*at).ok()?;
            Some(at.to_zoned(TimeZone::UTC).datetime())
        }
        _ => None,
    }
}

fn midnight(day: Date) -> DateTime {
    day.at(0, 0, 0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_day() {
        // A Saturday.
        let at: Timestamp = "2026-11-28T23:30:00Z".parse().unwrap();
        let at = Value::Datetime(at.as_millisecond());
        for (function, expected) in [
            ("calendar_year", 2026),
            ("calendar_quarter", 4),
            ("calendar_month", 11),
            ("fiscal_quarter", 4),
            ("day_in_month", 28),
            ("day_in_week", 7),
            ("day_in_year", 332),
            ("hour_in_day", 23),
            ("week_in_month", 4),
            ("week_in_year", 48),
        ] {
            let found = apply(function, &at);
            assert!(found.equals(&Value::Integer(expected)), "{function}");
        }
        assert!(apply("calendar_year", &Value::Null).is_null());
    }
}

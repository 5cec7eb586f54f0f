//! Cron expressions of `System.schedule` (Apex Developer Guide, "Apex Scheduler": seconds, minutes,
//! hours, day of month, month, day of week, optional year), in GMT, the time zone of the local org.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// So many days ahead a time is looked for: a 29th of February comes within eight years.
const DAYS_AHEAD: usize = 40 * 366;

/// When something is to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    second: i8,
    minute: i8,
    hours: BTreeSet<i16>,
    days: Days,
    months: BTreeSet<i16>,
    years: Option<BTreeSet<i16>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Days {
    Every,
    OfMonth(BTreeSet<i16>),
    LastOfMonth,
    // The weekday nearest to a day of the month, in that month; to its last day.
    NearestWeekday(Option<i16>),
    // 1 is Sunday.
    OfWeek(BTreeSet<i16>),
    // The nth of a month, or its last.
    NthOfWeek(i16, Option<i16>),
}

/// Why an expression is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The platform's text.
    Refused(String),
    /// What the platform may take, or refuses with a text that is not known here.
    Unknown,
}

impl Schedule {
    /// Reads an expression.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let parts: Vec<&str> = text.split_whitespace().collect();
        let (&[second, minute, hours, day, months, weekday], rest) =
            parts.split_first_chunk::<6>().ok_or(Problem::Unknown)?;
        let whole = |part: &str| {
            let number: Option<i8> = part.parse().ok().filter(|number| (0..60).contains(number));
            number.ok_or_else(|| {
                Problem::Refused(format!(
                    "Seconds and minutes must be specified as integers: {text}"
                ))
            })
        };
        let years = match rest {
            [] | ["*"] => None,
            [years] => Some(set(years, 1970, 2099, &[])?),
            _ => return Err(Problem::Unknown),
        };
        Ok(Self {
            second: whole(second)?,
            minute: whole(minute)?,
            hours: set(hours, 0, 23, &[])?,
            days: days(day, weekday)?,
            months: set(months, 1, 12, &MONTHS)?,
            years,
        })
    }

    /// The first moment after another one.
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let start = after.to_zoned(TimeZone::UTC).date();
        let dates = std::iter::successors(Some(start), |date| date.checked_add(1.day()).ok());
        dates
            .take(DAYS_AHEAD)
            .filter(|date| self.has(*date))
            .find_map(|date| {
                self.hours.iter().find_map(|hour| {
                    let hour = i8::try_from(*hour).ok()?;
                    let at = date.at(hour, self.minute, self.second, 0);
                    let at = at.to_zoned(TimeZone::UTC).ok()?.timestamp();
                    (at > after).then_some(at)
                })
            })
    }

    fn has(&self, date: Date) -> bool {
        let day = i16::from(date.day());
        let weekday = i16::from(date.weekday().to_sunday_one_offset());
        let is_last_week = date.day() + 7 > date.days_in_month();
        self.months.contains(&i16::from(date.month()))
            && self
                .years
                .as_ref()
                .is_none_or(|years| years.contains(&date.year()))
            && match &self.days {
                Days::Every => true,
                Days::OfMonth(days) => days.contains(&day),
                Days::LastOfMonth => date.day() == date.days_in_month(),
                Days::NearestWeekday(wanted) => nearest_weekday(date, *wanted) == Some(day),
                Days::OfWeek(days) => days.contains(&weekday),
                Days::NthOfWeek(wanted, Some(nth)) => {
                    weekday == *wanted && (day - 1) / 7 + 1 == *nth
                }
                Days::NthOfWeek(wanted, None) => weekday == *wanted && is_last_week,
            }
    }
}

// The day of Monday to Friday that is nearest to a day, without leaving the month.
fn nearest_weekday(month: Date, wanted: Option<i16>) -> Option<i16> {
    let last = i16::from(month.days_in_month());
    let wanted = wanted.unwrap_or(last);
    let date = Date::new(month.year(), month.month(), i8::try_from(wanted).ok()?).ok()?;
    Some(match date.weekday() {
        Weekday::Saturday if wanted == 1 => 3,
        Weekday::Saturday => wanted - 1,
        Weekday::Sunday if wanted == last => wanted - 2,
        Weekday::Sunday => wanted + 1,
        _ => wanted,
    })
}

// One of the two says nothing.
fn days(day: &str, weekday: &str) -> Result<Days, Problem> {
    let is_open = |part: &str| matches!(part, "?" | "*");
    let last = weekday
        .strip_suffix(['L', 'l'])
        .filter(|rest| !rest.is_empty());
    Ok(match (is_open(day), is_open(weekday)) {
        (true, true) => Days::Every,
        (false, true) if day.eq_ignore_ascii_case("L") => Days::LastOfMonth,
        (false, true) if day.eq_ignore_ascii_case("LW") => Days::NearestWeekday(None),
        (false, true) if let Some(day) = day.strip_suffix(['W', 'w']) => {
            Days::NearestWeekday(Some(number(day, 1, 31, &[])?))
        }
        (false, true) => Days::OfMonth(set(day, 1, 31, &[])?),
        (true, false) => match (weekday.split_once('#'), last) {
            (Some((weekday, nth)), _) => {
                let nth = nth.parse().map_err(|_| Problem::Unknown)?;
                Days::NthOfWeek(number(weekday, 1, 7, &WEEKDAYS)?, Some(nth))
            }
            (None, Some(weekday)) => Days::NthOfWeek(number(weekday, 1, 7, &WEEKDAYS)?, None),
            (None, None) => Days::OfWeek(set(weekday, 1, 7, &WEEKDAYS)?),
        },
        (false, false) => return Err(Problem::Unknown),
    })
}

// `*`, `a`, `a-b`, `a/step`, `*/step` and lists of them.
fn set(text: &str, least: i16, most: i16, names: &[&str]) -> Result<BTreeSet<i16>, Problem> {
    let mut found = BTreeSet::new();
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse().map_err(|_| Problem::Unknown)?),
            None => (part, 1),
        };
        let (first, last) = match range.split_once('-') {
            Some((first, last)) => (
                number(first, least, most, names)?,
                number(last, least, most, names)?,
            ),
            None if matches!(range, "*" | "?") => (least, most),
            None => {
                let first = number(range, least, most, names)?;
                (first, if part.contains('/') { most } else { first })
            }
        };
        let step = usize::try_from(step).ok().filter(|step: &usize| *step > 0);
        let step = step.ok_or(Problem::Unknown)?;
        if first > last {
            return Err(Problem::Unknown);
        }
        found.extend((first..=last).step_by(step));
    }
    Ok(found)
}

fn number(text: &str, least: i16, most: i16, names: &[&str]) -> Result<i16, Problem> {
    let named = names
        .iter()
        .position(|name| name.eq_ignore_ascii_case(text))
        .and_then(|index| i16::try_from(index + 1).ok());
    named
        .or_else(|| text.parse().ok())
        .filter(|number| (least..=most).contains(number))
        .ok_or(Problem::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(expression: &str) -> String {
        // A Saturday.
        let after = "2026-11-28T12:00:00Z".parse().unwrap();
        let found = Schedule::parse(expression).unwrap().next(after);
        found.map_or("never".to_owned(), |at| at.to_string())
    }

    #[test]
    fn finds_the_next_time() {
        for (expression, expected) in [
            ("0 0 13 * * ?", "2026-11-28T13:00:00Z"),
            ("0 0 12 * * ?", "2026-11-29T12:00:00Z"),
            ("5 30 8,20 * * ?", "2026-11-28T20:30:05Z"),
            // The last Friday of November was the day before.
            ("0 0 22 ? * 6L", "2026-12-25T22:00:00Z"),
            ("0 0 10 ? * MON-FRI", "2026-11-30T10:00:00Z"),
            ("0 0 8 10 2 ?", "2027-02-10T08:00:00Z"),
            ("0 0 8 L * ?", "2026-11-30T08:00:00Z"),
            ("0 0 8 ? * 2#1", "2026-12-07T08:00:00Z"),
            // The 29th is a Sunday, the 30th a Monday; the 1st of May 2027 is a Saturday.
            ("0 0 8 29W 11 ?", "2026-11-30T08:00:00Z"),
            ("0 0 8 LW * ?", "2026-11-30T08:00:00Z"),
            ("0 0 8 1W 5 ?", "2027-05-03T08:00:00Z"),
            ("0 0 0 29 FEB ?", "2028-02-29T00:00:00Z"),
            ("0 0 */6 1/15 * ?", "2026-12-01T00:00:00Z"),
            ("0 0 0 15 3 ? 2022", "never"),
        ] {
            assert_eq!(next(expression), expected, "{expression}");
        }
    }

    #[test]
    fn seconds_and_minutes_are_numbers() {
        assert_eq!(
            Schedule::parse("0 0/5 * * * ?"),
            Err(Problem::Refused(
                "Seconds and minutes must be specified as integers: 0 0/5 * * * ?".to_owned()
            ))
        );
        for unknown in ["0 0 0", "0 0 24 * * ?", "0 0 0 1 1 MON", "0 0 0 32 * ?"] {
            assert_eq!(Schedule::parse(unknown), Err(Problem::Unknown), "{unknown}");
        }
    }
}

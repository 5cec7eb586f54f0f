//! Date literals: spans of days (SOQL and SOSL Reference, "Date Formats and Date Literals"). Weeks
//! begin on Sunday and days in UTC, as they do for this org's user.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan as _};

/// A span of days, seen from today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateSpan {
    kind: Kind,
    unit: Unit,
    /// The number behind the colon.
    pub count: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    This,
    Last,
    Next,
    // The last so many, up to now: today is among the last days, the running month not among the
    // last months.
    LastCounted,
    NextCounted,
    Ago,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Day,
    Week,
    Month,
    Quarter,
    Year,
    // 90 days.
    NinetyDays,
}

impl DateSpan {
    /// The literal of that name, in any case, without its number.
    pub fn named(name: &str) -> Option<Self> {
        use Kind::{Ago, Last, LastCounted, Next, NextCounted, This};
        use Unit::{Day, Month, NinetyDays, Quarter, Week, Year};
        let (kind, unit) = match name.to_ascii_uppercase().as_str() {
            "TODAY" => (This, Day),
            "YESTERDAY" => (Last, Day),
            "TOMORROW" => (Next, Day),
            "THIS_WEEK" => (This, Week),
            "LAST_WEEK" => (Last, Week),
            "NEXT_WEEK" => (Next, Week),
            "THIS_MONTH" => (This, Month),
            "LAST_MONTH" => (Last, Month),
            "NEXT_MONTH" => (Next, Month),
            "THIS_QUARTER" => (This, Quarter),
            "LAST_QUARTER" => (Last, Quarter),
            "NEXT_QUARTER" => (Next, Quarter),
            "THIS_YEAR" => (This, Year),
            "LAST_YEAR" => (Last, Year),
            "NEXT_YEAR" => (Next, Year),
            "LAST_90_DAYS" => (Last, NinetyDays),
            "NEXT_90_DAYS" => (Next, NinetyDays),
            "LAST_N_DAYS" => (LastCounted, Day),
            "LAST_N_WEEKS" => (LastCounted, Week),
            "LAST_N_MONTHS" => (LastCounted, Month),
            "LAST_N_QUARTERS" => (LastCounted, Quarter),
            "LAST_N_YEARS" => (LastCounted, Year),
            "NEXT_N_DAYS" => (NextCounted, Day),
            "NEXT_N_WEEKS" => (NextCounted, Week),
            "NEXT_N_MONTHS" => (NextCounted, Month),
            "NEXT_N_QUARTERS" => (NextCounted, Quarter),
            "NEXT_N_YEARS" => (NextCounted, Year),
            "N_DAYS_AGO" => (Ago, Day),
            "N_WEEKS_AGO" => (Ago, Week),
            "N_MONTHS_AGO" => (Ago, Month),
            "N_QUARTERS_AGO" => (Ago, Quarter),
            "N_YEARS_AGO" => (Ago, Year),
            _ => return None,
        };
        Some(Self {
            kind,
            unit,
            count: 1,
        })
    }

    /// Whether a colon and a number belong to it.
    pub fn is_counted(self) -> bool {
        matches!(self.kind, Kind::LastCounted | Kind::NextCounted | Kind::Ago)
    }

    /// Its first day, and the first day after it. A date that the calendar does not have makes it
    /// empty.
    pub fn days(self, today: Date) -> (Date, Date) {
        let start = self.unit.start(today);
        let at = |steps: i64, from: Date| {
            self.unit
                .steps(steps)
                .map_or(from, |length| from.saturating_add(length))
        };
        let tomorrow = today.saturating_add(1.day());
        match (self.kind, self.unit) {
            (Kind::Last, Unit::NinetyDays) => (today.saturating_sub(90.days()), tomorrow),
            (Kind::Next, Unit::NinetyDays) => (tomorrow, tomorrow.saturating_add(90.days())),
            (Kind::This, _) => (start, at(1, start)),
            (Kind::Last, _) => (at(-1, start), start),
            (Kind::Next, _) => (at(1, start), at(2, start)),
            (Kind::LastCounted, Unit::Day) => (at(-self.count, today), tomorrow),
            (Kind::LastCounted, _) => (at(-self.count, start), start),
            (Kind::NextCounted, Unit::Day) => (tomorrow, at(self.count, tomorrow)),
            (Kind::NextCounted, _) => (at(1, start), at(self.count + 1, start)),
            (Kind::Ago, _) => (at(-self.count, start), at(1 - self.count, start)),
        }
    }

    /// The same in moments.
    pub fn moments(self, now: Timestamp) -> (Timestamp, Timestamp) {
        let (first, end) = self.days(now.to_zoned(TimeZone::UTC).date());
        (midnight(first), midnight(end))
    }
}

/// The beginning of a day.
pub fn midnight(day: Date) -> Timestamp {
    day.to_zoned(TimeZone::UTC)
        .map_or(Timestamp::MAX, |moment| moment.timestamp())
}

impl Unit {
    fn start(self, day: Date) -> Date {
        match self {
            Self::Day | Self::NinetyDays => day,
            Self::Week => {
                let since = day.weekday().since(Weekday::Sunday);
                day.saturating_sub(i64::from(since).days())
            }
            Self::Month => day.first_of_month(),
            Self::Quarter => {
                let months = i64::from((day.month() - 1) % 3);
                day.first_of_month().saturating_sub(months.months())
            }
            Self::Year => day.first_of_year(),
        }
    }

    fn steps(self, count: i64) -> Option<Span> {
        let length = Span::new();
        match self {
            Self::Day => length.try_days(count),
            Self::NinetyDays => length.try_days(count.checked_mul(90)?),
            Self::Week => length.try_weeks(count),
            Self::Month => length.try_months(count),
            Self::Quarter => length.try_months(count.checked_mul(3)?),
            Self::Year => length.try_years(count),
        }
        .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_those_of_the_calendar() {
        // A Wednesday.
        let today: Date = "2026-03-04".parse().unwrap();
        for (name, count, first, end) in [
            ("today", 1, "2026-03-04", "2026-03-05"),
            ("YESTERDAY", 1, "2026-03-03", "2026-03-04"),
            ("THIS_WEEK", 1, "2026-03-01", "2026-03-08"),
            ("LAST_WEEK", 1, "2026-02-22", "2026-03-01"),
            ("LAST_MONTH", 1, "2026-02-01", "2026-03-01"),
            ("THIS_QUARTER", 1, "2026-01-01", "2026-04-01"),
            ("NEXT_YEAR", 1, "2027-01-01", "2028-01-01"),
            ("LAST_N_DAYS", 7, "2026-02-25", "2026-03-05"),
            ("NEXT_N_DAYS", 2, "2026-03-05", "2026-03-07"),
            ("LAST_N_MONTHS", 2, "2026-01-01", "2026-03-01"),
            ("NEXT_N_WEEKS", 1, "2026-03-08", "2026-03-15"),
            ("N_DAYS_AGO", 3, "2026-03-01", "2026-03-02"),
        ] {
            let span = DateSpan {
                count,
                ..DateSpan::named(name).unwrap()
            };
            let expected: (Date, Date) = (first.parse().unwrap(), end.parse().unwrap());
            assert_eq!(span.days(today), expected, "{name}");
        }
        let far = DateSpan {
            count: i64::MAX,
            ..DateSpan::named("N_YEARS_AGO").unwrap()
        };
        let _ = far.days(today);
        assert_eq!(DateSpan::named("SOMEDAY"), None);
    }
}

//! Date, Datetime and Time. The local org's users are in GMT, so both forms of a method agree.

use jiff::civil::{self, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};

use super::super::machine::{Machine, Outcome, Throw, datetime};
use super::super::value::Value;
use super::Table;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The natives here.
pub const TABLE: Table = &[
    ("Date.newInstance", |m, _, a| {
        civil_date(m, number(m, &a[0])?, number(m, &a[1])?, number(m, &a[2])?).map(Value::Date)
    }),
    ("Date.today", |m, _, _| Ok(today(m))),
    ("Date.valueOf", |m, _, a| match &a[0] {
        Value::Date(_) => Ok(a[0].clone()),
        Value::Datetime(at) => Ok(Value::Date(datetime(*at).date())),
        other => {
            let text = other.as_text().ok_or_else(|| m.null_pointer())?;
            let day = text.split(' ').next().unwrap_or_default().parse();
            day.map(Value::Date)
                .map_err(|_| m.raise("TypeException", format!("Invalid date: {text}")))
        }
    }),
    ("Date.daysInMonth", |m, _, a| {
        let first = civil_date(m, number(m, &a[0])?, number(m, &a[1])?, 1)?;
        Ok(Value::Integer(i32::from(first.days_in_month())))
    }),
    ("Date.isLeapYear", |m, _, a| {
        let first = civil_date(m, number(m, &a[0])?, 1, 1)?;
        Ok(Value::Boolean(first.in_leap_year()))
    }),
    ("Date.addDays", |m, t, a| {
        m.add_days(date(m, t)?, number(m, &a[0])?)
    }),
    ("Date.addMonths", |m, t, a| {
        let months = number(m, &a[0])?;
        shifted(m, date(m, t)?, Span::new().try_months(months))
    }),
    ("Date.addYears", |m, t, a| {
        let years = number(m, &a[0])?;
        shifted(m, date(m, t)?, Span::new().try_years(years))
    }),
    ("Date.day", |m, t, _| {
        Ok(Value::Integer(i32::from(date(m, t)?.day())))
    }),
    ("Date.month", |m, t, _| {
        Ok(Value::Integer(i32::from(date(m, t)?.month())))
    }),
    ("Date.year", |m, t, _| {
        Ok(Value::Integer(i32::from(date(m, t)?.year())))
    }),
    ("Date.dayOfYear", |m, t, _| {
        Ok(Value::Integer(i32::from(date(m, t)?.day_of_year())))
    }),
    ("Date.daysBetween", |m, t, a| {
        let (from, to) = (date(m, t)?, date(m, &a[0])?);
        Ok(Value::Integer(
            from.until(to).map_or(0, |span| span.get_days()),
        ))
    }),
    ("Date.monthsBetween", |m, t, a| {
        let (from, to) = (date(m, t)?, date(m, &a[0])?);
        let years = i32::from(to.year()) - i32::from(from.year());
        Ok(Value::Integer(
            years * 12 + i32::from(to.month()) - i32::from(from.month()),
        ))
    }),
    ("Date.parse", |m, _, a| {
        // As the locale en_US writes dates.
        let text = a[0].as_text().ok_or_else(|| m.null_pointer())?;
        let parts: Vec<i64> = text
            .trim()
            .split('/')
            .map_while(|part| part.parse().ok())
            .collect();
        match parts.as_slice() {
            [month, day, year] => civil_date(m, *year, *month, *day).map(Value::Date),
            _ => Err(m.raise("TypeException", format!("Invalid date: {text}"))),
        }
    }),
    ("Date.toStartOfMonth", |m, t, _| {
        Ok(Value::Date(date(m, t)?.first_of_month()))
    }),
    ("Date.toStartOfWeek", |m, t, _| {
        // Weeks begin on Sunday in the locale en_US.
        let day = date(m, t)?;
        let back = i64::from(day.weekday().since(Weekday::Sunday));
        m.add_days(day, -back)
    }),
    ("Date.format", |m, t, _| {
        let day = date(m, t)?;
        Ok(Value::text(format!(
            "{}/{}/{}",
            day.month(),
            day.day(),
            day.year()
        )))
    }),
    ("Date.toString", |m, t, _| m.show(t).map(Value::text)),
    ("Datetime.now", |m, _, _| {
        Ok(Value::Datetime(m.org.now.as_millisecond()))
    }),
    ("Datetime.newInstance", |m, _, a| new_datetime(m, a)),
    ("Datetime.newInstanceGmt", |m, _, a| new_datetime(m, a)),
    ("Datetime.valueOf", |m, _, a| match &a[0] {
        Value::Datetime(_) => Ok(a[0].clone()),
        other => parse(m, other),
    }),
    ("Datetime.valueOfGmt", |m, _, a| parse(m, &a[0])),
    ("Datetime.addDays", |m, t, a| later(m, t, &a[0], DAY)),
    ("Datetime.addHours", |m, t, a| later(m, t, &a[0], HOUR)),
    ("Datetime.addMinutes", |m, t, a| later(m, t, &a[0], MINUTE)),
    ("Datetime.addSeconds", |m, t, a| later(m, t, &a[0], 1000)),
    ("Datetime.addMonths", |m, t, a| {
        let months = number(m, &a[0])?;
        moved(m, t, Span::new().try_months(months))
    }),
    ("Datetime.addYears", |m, t, a| {
        let years = number(m, &a[0])?;
        moved(m, t, Span::new().try_years(years))
    }),
    ("Datetime.date", |m, t, _| {
        Ok(Value::Date(zoned(m, t)?.date()))
    }),
    ("Datetime.dateGmt", |m, t, _| {
        Ok(Value::Date(zoned(m, t)?.date()))
    }),
    ("Datetime.time", |m, t, _| {
        Ok(Value::Time(moment(m, t)?.rem_euclid(DAY)))
    }),
    ("Datetime.timeGmt", |m, t, _| {
        Ok(Value::Time(moment(m, t)?.rem_euclid(DAY)))
    }),
    ("Datetime.year", |m, t, _| {
        Ok(Value::Integer(i32::from(zoned(m, t)?.year())))
    }),
    ("Datetime.yearGmt", |m, t, _| {
        Ok(Value::Integer(i32::from(zoned(m, t)?.year())))
    }),
    ("Datetime.month", |m, t, _| {
        Ok(Value::Integer(i32::from(zoned(m, t)?.month())))
    }),
    ("Datetime.monthGmt", |m, t, _| {
        Ok(Value::Integer(i32::from(zoned(m, t)?.month())))
    }),
    ("Datetime.day", |m, t, _| {
        Ok(Value::Integer(i32::from(zoned(m, t)?.day())))
    }),
    ("Datetime.dayGmt", |m, t, _| {
        Ok(Value::Integer(i32::from(zoned(m, t)?.day())))
    }),
    ("Datetime.hour", |m, t, _| {
        Ok(Value::Integer(i32::from(zoned(m, t)?.hour())))
    }),
    ("Datetime.hourGmt", |m, t, _| {
        Ok(Value::Integer(i32::from(zoned(m, t)?.hour())))
    }),
    ("Datetime.minute", |m, t, _| {
        Ok(Value::Integer(i32::from(zoned(m, t)?.minute())))
    }),
    ("Datetime.minuteGmt", |m, t, _| {
        Ok(Value::Integer(i32::from(zoned(m, t)?.minute())))
    }),
    ("Datetime.second", |m, t, _| {
        Ok(Value::Integer(i32::from(zoned(m, t)?.second())))
    }),
    ("Datetime.secondGmt", |m, t, _| {
        Ok(Value::Integer(i32::from(zoned(m, t)?.second())))
    }),
    ("Datetime.millisecond", |m, t, _| {
        Ok(Value::Integer(i32::from(zoned(m, t)?.millisecond())))
    }),
    ("Datetime.getTime", |m, t, _| Ok(Value::Long(moment(m, t)?))),
    ("Datetime.format", |m, t, a| {
        formatted(m, t, &a[0], a.get(1))
    }),
    ("Datetime.formatGmt", |m, t, a| formatted(m, t, &a[0], None)),
    ("Datetime.toString", |m, t, _| m.show(t).map(Value::text)),
    ("Time.newInstance", |m, _, a| {
        let (hour, minute) = (number(m, &a[0])?, number(m, &a[1])?);
        let (second, millisecond) = (number(m, &a[2])?, number(m, &a[3])?);
        let fits = (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && (0..60).contains(&second)
            && (0..1000).contains(&millisecond);
        if !fits {
            return Err(m.raise("TypeException", "Invalid time"));
        }
        Ok(Value::Time(
            hour * HOUR + minute * MINUTE + second * 1000 + millisecond,
        ))
    }),
    ("Time.hour", |m, t, _| clock_part(m, t, HOUR, 24)),
    ("Time.minute", |m, t, _| clock_part(m, t, MINUTE, 60)),
    ("Time.second", |m, t, _| clock_part(m, t, 1000, 60)),
    ("Time.millisecond", |m, t, _| clock_part(m, t, 1, 1000)),
    ("Time.addHours", |m, t, a| clock_later(m, t, &a[0], HOUR)),
    ("Time.addMinutes", |m, t, a| {
        clock_later(m, t, &a[0], MINUTE)
    }),
    ("Time.addMilliseconds", |m, t, a| {
        clock_later(m, t, &a[0], 1)
    }),
    ("TimeZone.known", |m, _, a| {
        let name = a[0].as_text().ok_or_else(|| m.null_pointer())?;
        Ok(Value::Boolean(TimeZone::get(&name).is_ok()))
    }),
    ("TimeZone.getOffset", |m, t, a| {
        let Value::Object(zone) = t else {
            return Err(m.null_pointer());
        };
        let name = m.variable_of(zone, "name").as_text().unwrap_or_default();
        let zone = TimeZone::get(&name).unwrap_or(TimeZone::UTC);
        let at = zoned(m, &a[0])?.with_time_zone(zone);
        Ok(Value::Integer(at.offset().seconds() * 1000))
    }),
    ("Time.addSeconds", |m, t, a| clock_later(m, t, &a[0], 1000)),
    ("Time.toString", |m, t, _| m.show(t).map(Value::text)),
];

/// The day of the org's time.
pub fn today(machine: &Machine<'_>) -> Value {
    Value::Date(datetime(machine.org.now.as_millisecond()).date())
}

fn number(machine: &Machine<'_>, value: &Value) -> Outcome<i64> {
    value.as_long().ok_or_else(|| machine.null_pointer())
}

fn date(machine: &Machine<'_>, value: &Value) -> Outcome<civil::Date> {
    match value {
        Value::Date(date) => Ok(*date),
        _ => Err(machine.null_pointer()),
    }
}

fn moment(machine: &Machine<'_>, value: &Value) -> Outcome<i64> {
    match value {
        Value::Datetime(at) => Ok(*at),
        _ => Err(machine.null_pointer()),
    }
}

fn zoned(machine: &Machine<'_>, value: &Value) -> Outcome<Zoned> {
    moment(machine, value).map(datetime)
}

// Months and days beyond their range carry over, as in `Date.newInstance(2024, 1, 32)`.
fn civil_date(machine: &Machine<'_>, year: i64, month: i64, day: i64) -> Outcome<civil::Date> {
    let invalid = || {
        machine.raise(
            "TypeException",
            format!("Invalid date: {year}-{month}-{day}"),
        )
    };
    let months = year
        .checked_mul(12)
        .and_then(|months| months.checked_add(month - 1))
        .ok_or_else(invalid)?;
    let year = i16::try_from(months.div_euclid(12)).map_err(|_| invalid())?;
    let month = i8::try_from(months.rem_euclid(12) + 1).map_err(|_| invalid())?;
    let first = civil::Date::new(year, month, 1).map_err(|_| invalid())?;
    Span::new()
        .try_days(day - 1)
        .and_then(|span| first.checked_add(span))
        .map_err(|_| invalid())
}

fn shifted(
    machine: &Machine<'_>,
    date: civil::Date,
    span: Result<Span, jiff::Error>,
) -> Outcome<Value> {
    span.and_then(|span| date.checked_add(span))
        .map(Value::Date)
        .map_err(|_| machine.raise("TypeException", "Invalid date"))
}

fn moved(machine: &Machine<'_>, this: &Value, span: Result<Span, jiff::Error>) -> Outcome<Value> {
    let at = zoned(machine, this)?;
    span.and_then(|span| at.checked_add(span))
        .map(|at| Value::Datetime(at.timestamp().as_millisecond()))
        .map_err(|_| machine.raise("TypeException", "Invalid date/time"))
}

fn later(machine: &Machine<'_>, this: &Value, amount: &Value, unit: i64) -> Outcome<Value> {
    let amount = number(machine, amount)?;
    Ok(Value::Datetime(
        moment(machine, this)?.saturating_add(amount.saturating_mul(unit)),
    ))
}

fn new_datetime(machine: &Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let (day, clock) = match arguments {
        [Value::Long(at)] => return Ok(Value::Datetime(*at)),
        [Value::Date(day), Value::Time(clock)] => (*day, *clock),
        [year, month, day, rest @ ..] => {
            let day = civil_date(
                machine,
                number(machine, year)?,
                number(machine, month)?,
                number(machine, day)?,
            )?;
            let mut clock = 0;
            for (value, unit) in rest.iter().zip([HOUR, MINUTE, 1000]) {
                clock += number(machine, value)? * unit;
            }
            (day, clock)
        }
        _ => return Err(machine.null_pointer()),
    };
    let midnight = day
        .to_zoned(TimeZone::UTC)
        .map_err(|_| machine.raise("TypeException", "Invalid date/time"))?;
    Ok(Value::Datetime(
        midnight.timestamp().as_millisecond() + clock,
    ))
}

fn parse(machine: &Machine<'_>, value: &Value) -> Outcome<Value> {
    let text = value.as_text().ok_or_else(|| machine.null_pointer())?;
    let parsed: Result<civil::DateTime, _> = text.trim().replace(' ', "T").parse();
    parsed
        .and_then(|at| at.to_zoned(TimeZone::UTC))
        .map(|at| Value::Datetime(at.timestamp().as_millisecond()))
        .map_err(|_| machine.raise("TypeException", format!("Invalid date/time: {text}")))
}

// Java's pattern letters that are common; the others are not known here.
fn formatted(
    machine: &Machine<'_>,
    this: &Value,
    pattern: &Value,
    timezone: Option<&Value>,
) -> Outcome<Value> {
    let at = zoned(machine, this)?;
    let at = match timezone.and_then(Value::as_text) {
        Some(name) => at.with_time_zone(TimeZone::get(&name).unwrap_or(TimeZone::UTC)),
        None => at,
    };
    let pattern = pattern.as_text().ok_or_else(|| machine.null_pointer())?;
    let mut text = String::new();
    let mut rest = &*pattern;
    while let Some(letter) = rest.chars().next() {
        if letter == '\'' {
            let inner = &rest[1..];
            let (quoted, after) = inner.split_once('\'').unwrap_or((inner, ""));
            text.push_str(if quoted.is_empty() { "'" } else { quoted });
            rest = after;
            continue;
        }
        let run: String = rest.chars().take_while(|next| *next == letter).collect();
        rest = &rest[run.len()..];
        let known = match run.as_str() {
            "yyyy" => "%Y",
            "yy" => "%y",
            "MM" => "%m",
            "MMM" => "%b",
            "MMMM" => "%B",
            "M" => "%-m",
            "dd" => "%d",
            "d" => "%-d",
            "HH" => "%H",
            "H" => "%-H",
            "hh" => "%I",
            "h" => "%-I",
            "mm" => "%M",
            "ss" => "%S",
            "SSS" => "%3f",
            "a" => "%p",
            "EEE" | "E" => "%a",
            "EEEE" => "%A",
            "Z" => "%z",
            other if letter.is_ascii_alphabetic() => {
                return Err(Throw::Unsupported(format!("the date format {other}")));
            }
            other => {
                text.push_str(other);
                continue;
            }
        };
        text.push_str(&at.strftime(known).to_string());
    }
    Ok(Value::text(text))
}

fn clock_part(machine: &Machine<'_>, this: &Value, unit: i64, range: i64) -> Outcome<Value> {
    match this {
        Value::Time(at) => Ok(Value::Integer(
            i32::try_from(at / unit % range).unwrap_or_default(),
        )),
        _ => Err(machine.null_pointer()),
    }
}

fn clock_later(machine: &Machine<'_>, this: &Value, amount: &Value, unit: i64) -> Outcome<Value> {
    match this {
        Value::Time(at) => {
            let amount = number(machine, amount)?;
            Ok(Value::Time(
                at.saturating_add(amount.saturating_mul(unit))
                    .rem_euclid(DAY),
            ))
        }
        _ => Err(machine.null_pointer()),
    }
}

/// `2026-01-02T03:04:05.000Z`, as JSON has it.
pub fn iso(milliseconds: i64) -> String {
    datetime(milliseconds)
        .strftime("%Y-%m-%dT%H:%M:%S.%3fZ")
        .to_string()
}

/// A moment from the forms that JSON has it in.
pub fn parse_iso(text: &str) -> Option<i64> {
    // Salesforce writes the offset without a colon in some places.
    let text = text.replace("+0000", "Z");
    text.parse::<Timestamp>()
        .ok()
        .map(Timestamp::as_millisecond)
}

//! String and Blob. Positions count UTF-16 units, as on the platform.

use std::rc::Rc;
use std::sync::Arc;

use super::super::machine::{Machine, Outcome};
use super::super::types::Type;
use super::super::value::Value;
use super::collections::{count, elements};
use super::utf16::Units;
use super::{Table, unsettled};

/// The natives here.
pub const TABLE: Table = &[
    ("String.valueOf", |m, _, a| match &a[0] {
        Value::Null => Ok(Value::Null),
        Value::Date(date) => Ok(Value::text(date.to_string())),
        other => m.show(other).map(Value::text),
    }),
    ("String.isBlank", |_, _, a| {
        Ok(Value::Boolean(is_blank(&a[0])))
    }),
    ("String.isNotBlank", |_, _, a| {
        Ok(Value::Boolean(!is_blank(&a[0])))
    }),
    ("String.isEmpty", |_, _, a| {
        Ok(Value::Boolean(is_empty(&a[0])))
    }),
    ("String.isNotEmpty", |_, _, a| {
        Ok(Value::Boolean(!is_empty(&a[0])))
    }),
    ("String.join", |m, _, a| {
        let separator = text(m, &a[1])?;
        let mut parts = Vec::new();
        for value in elements(m, &a[0])? {
            if value.is_null() {
                return Err(unsettled("String.join of a list with null in it"));
            }
            parts.push(m.show(&value)?);
        }
        Ok(Value::text(parts.join(&separator)))
    }),
    ("String.format", |m, _, a| format(m, &a[0], &a[1])),
    ("String.escapeSingleQuotes", |m, _, a| {
        Ok(Value::text(text(m, &a[0])?.replace('\'', "\\'")))
    }),
    ("String.fromCharArray", |m, _, a| {
        let mut units = Vec::new();
        for value in elements(m, &a[0])? {
            let unit = value.as_long().ok_or_else(|| m.null_pointer())?;
            units.push(u16::try_from(unit).unwrap_or(u16::MAX));
        }
        Ok(Value::text(String::from_utf16_lossy(&units)))
    }),
    ("String.abbreviate", |m, t, a| {
        let units = units(m, t)?;
        let width = size(m, &a[0])?;
        if width < 4 {
            return Err(m.raise(
                "IllegalArgumentException",
                "Minimum abbreviation width is 4",
            ));
        }
        if units.len() <= width {
            return Ok(t.clone());
        }
        Ok(Value::text(units.slice(0..width - 3) + "..."))
    }),
    ("String.capitalize", |m, t, _| first_letter(m, t, true)),
    ("String.uncapitalize", |m, t, _| first_letter(m, t, false)),
    ("String.charAt", |m, t, a| {
        let units = units(m, t)?;
        let index = a[0].as_long().ok_or_else(|| m.null_pointer())?;
        match usize::try_from(index)
            .ok()
            .and_then(|index| units.get(index))
        {
            Some(unit) => Ok(Value::Integer(i32::from(unit))),
            None => Err(unsettled("String.charAt of an index outside of the text")),
        }
    }),
    ("String.getChars", |m, t, _| {
        let units = units(m, t)?;
        let units = units
            .iter()
            .map(|unit| Value::Integer(i32::from(unit)))
            .collect();
        Ok(Value::list(Type::Integer, units))
    }),
    ("String.compareTo", |m, t, a| {
        let (a, b) = (units(m, t)?, units(m, &a[0])?);
        let differing = a.iter().zip(b.iter()).find(|(a, b)| a != b);
        Ok(Value::Integer(match differing {
            Some((a, b)) => i32::from(a) - i32::from(b),
            None => {
                let lengths = (i32::try_from(a.len()), i32::try_from(b.len()));
                lengths.0.unwrap_or(i32::MAX) - lengths.1.unwrap_or(i32::MAX)
            }
        }))
    }),
    ("String.contains", |m, t, a| {
        Ok(Value::Boolean(text(m, t)?.contains(&*text(m, &a[0])?)))
    }),
    ("String.containsIgnoreCase", |m, t, a| {
        Ok(Value::Boolean(lower(m, t)?.contains(&lower(m, &a[0])?)))
    }),
    ("String.containsAny", |m, t, a| {
        let wanted = text(m, &a[0])?;
        Ok(Value::Boolean(
            text(m, t)?.contains(|one| wanted.contains(one)),
        ))
    }),
    ("String.containsNone", |m, t, a| {
        let wanted = text(m, &a[0])?;
        Ok(Value::Boolean(
            !text(m, t)?.contains(|one| wanted.contains(one)),
        ))
    }),
    ("String.containsOnly", |m, t, a| {
        let wanted = text(m, &a[0])?;
        Ok(Value::Boolean(
            text(m, t)?.chars().all(|one| wanted.contains(one)),
        ))
    }),
    ("String.containsWhitespace", |m, t, _| {
        Ok(Value::Boolean(text(m, t)?.contains(char::is_whitespace)))
    }),
    ("String.countMatches", |m, t, a| {
        let wanted = text(m, &a[0])?;
        let found = if wanted.is_empty() {
            0
        } else {
            text(m, t)?.matches(&*wanted).count()
        };
        Ok(count(found))
    }),
    ("String.deleteWhitespace", |m, t, _| {
        Ok(Value::text(text(m, t)?.replace(char::is_whitespace, "")))
    }),
    ("String.endsWith", |m, t, a| {
        Ok(Value::Boolean(text(m, t)?.ends_with(&*text(m, &a[0])?)))
    }),
    ("String.endsWithIgnoreCase", |m, t, a| {
        Ok(Value::Boolean(lower(m, t)?.ends_with(&lower(m, &a[0])?)))
    }),
    ("String.startsWith", |m, t, a| {
        Ok(Value::Boolean(text(m, t)?.starts_with(&*text(m, &a[0])?)))
    }),
    ("String.startsWithIgnoreCase", |m, t, a| {
        Ok(Value::Boolean(lower(m, t)?.starts_with(&lower(m, &a[0])?)))
    }),
    ("String.equals", |m, t, a| {
        text(m, t)?;
        Ok(Value::Boolean(t.equals(&a[0])))
    }),
    ("String.equalsIgnoreCase", |m, t, a| {
        let mine = lower(m, t)?;
        Ok(Value::Boolean(
            a[0].as_text()
                .is_some_and(|other| other.to_lowercase() == mine),
        ))
    }),
    // That of Java's texts (Apex Reference Guide, "String Class").
    ("String.hashCode", |m, t, _| {
        let units = text(m, t)?;
        let add = |sum: i32, unit: u16| sum.wrapping_mul(31).wrapping_add(i32::from(unit));
        Ok(Value::Integer(units.encode_utf16().fold(0, add)))
    }),
    ("String.indexOf", |m, t, a| {
        let start = match a.get(1) {
            Some(start) => size(m, start)?,
            None => 0,
        };
        let (all, wanted) = (units(m, t)?, units(m, &a[0])?);
        Ok(index(all.find(&wanted, start)))
    }),
    ("String.indexOfIgnoreCase", |m, t, a| {
        let all = Units::from(Arc::from(lower(m, t)?));
        let wanted = Units::from(Arc::from(lower(m, &a[0])?));
        Ok(index(all.find(&wanted, 0)))
    }),
    ("String.lastIndexOf", |m, t, a| {
        let (all, wanted) = (units(m, t)?, units(m, &a[0])?);
        Ok(index(all.find_last(&wanted)))
    }),
    ("String.isAllLowerCase", |m, t, _| {
        every(m, t, char::is_lowercase)
    }),
    ("String.isAllUpperCase", |m, t, _| {
        every(m, t, char::is_uppercase)
    }),
    ("String.isAlpha", |m, t, _| every(m, t, char::is_alphabetic)),
    ("String.isAlphanumeric", |m, t, _| {
        every(m, t, char::is_alphanumeric)
    }),
    ("String.isNumeric", |m, t, _| every(m, t, char::is_numeric)),
    ("String.isWhitespace", |m, t, _| {
        Ok(Value::Boolean(text(m, t)?.chars().all(char::is_whitespace)))
    }),
    ("String.left", |m, t, a| part(m, t, 0, Some(&a[0]))),
    ("String.right", |m, t, a| {
        let units = units(m, t)?;
        let start = units.len().saturating_sub(size(m, &a[0])?);
        Ok(Value::text(units.slice(start..units.len())))
    }),
    ("String.mid", |m, t, a| {
        part(m, t, size(m, &a[0])?, Some(&a[1]))
    }),
    ("String.leftPad", |m, t, a| pad(m, t, a, true)),
    ("String.rightPad", |m, t, a| pad(m, t, a, false)),
    ("String.length", |m, t, _| Ok(count(units(m, t)?.len()))),
    ("String.normalizeSpace", |m, t, _| {
        let words: Vec<String> = text(m, t)?.split_whitespace().map(str::to_owned).collect();
        Ok(Value::text(words.join(" ")))
    }),
    ("String.remove", |m, t, a| {
        let wanted = text(m, &a[0])?;
        if wanted.is_empty() {
            return Ok(t.clone());
        }
        Ok(Value::text(text(m, t)?.replace(&*wanted, "")))
    }),
    ("String.removeEnd", |m, t, a| {
        let all = text(m, t)?;
        Ok(Value::text(
            all.strip_suffix(&*text(m, &a[0])?).unwrap_or(&all),
        ))
    }),
    ("String.removeStart", |m, t, a| {
        let all = text(m, t)?;
        Ok(Value::text(
            all.strip_prefix(&*text(m, &a[0])?).unwrap_or(&all),
        ))
    }),
    ("String.repeat", |m, t, a| {
        let times = size(m, &a[0])?;
        let all = text(m, t)?;
        if all.len().saturating_mul(times) > 6_000_000 {
            return Err(m.raise("LimitException", "Apex heap size too large"));
        }
        Ok(Value::text(all.repeat(times)))
    }),
    ("String.replace", |m, t, a| {
        let (wanted, replacement) = (text(m, &a[0])?, text(m, &a[1])?);
        Ok(Value::text(text(m, t)?.replace(&*wanted, &replacement)))
    }),
    ("String.reverse", |m, t, _| {
        Ok(Value::text(text(m, t)?.chars().rev().collect::<String>()))
    }),
    ("String.split", |m, t, a| split(m, t, a)),
    ("String.substring", |m, t, a| substring(m, t, a)),
    ("String.substringAfter", |m, t, a| {
        let all = text(m, t)?;
        Ok(Value::text(
            all.split_once(&*text(m, &a[0])?)
                .map_or("", |(_, after)| after),
        ))
    }),
    ("String.substringAfterLast", |m, t, a| {
        let all = text(m, t)?;
        Ok(Value::text(
            all.rsplit_once(&*text(m, &a[0])?)
                .map_or("", |(_, after)| after),
        ))
    }),
    ("String.substringBefore", |m, t, a| {
        let all = text(m, t)?;
        Ok(Value::text(
            all.split_once(&*text(m, &a[0])?)
                .map_or(&*all, |(before, _)| before),
        ))
    }),
    ("String.substringBeforeLast", |m, t, a| {
        let all = text(m, t)?;
        Ok(Value::text(
            all.rsplit_once(&*text(m, &a[0])?)
                .map_or(&*all, |(before, _)| before),
        ))
    }),
    ("String.substringBetween", |m, t, a| {
        let open = text(m, &a[0])?;
        let close = text(m, a.get(1).unwrap_or(&a[0]))?;
        let all = text(m, t)?;
        let found = all
            .split_once(&*open)
            .and_then(|(_, after)| after.split_once(&*close));
        Ok(found.map_or(Value::Null, |(between, _)| Value::text(between)))
    }),
    ("String.toLowerCase", |m, t, _| lower(m, t).map(Value::text)),
    ("String.toUpperCase", |m, t, _| {
        Ok(Value::text(text(m, t)?.to_uppercase()))
    }),
    ("String.toString", |m, t, _| text(m, t).map(Value::String)),
    ("String.trim", |m, t, _| {
        Ok(Value::text(
            text(m, t)?.trim_matches(|one: char| one <= ' '),
        ))
    }),
    ("String.escapeHtml4", |m, t, _| {
        let all = text(m, t)?
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        Ok(Value::text(all.replace('"', "&quot;")))
    }),
    ("Blob.valueOf", |m, _, a| {
        Ok(Value::Blob(Arc::from(text(m, &a[0])?.as_bytes())))
    }),
    ("Blob.size", |m, t, _| match t {
        Value::Blob(bytes) => Ok(count(bytes.len())),
        _ => Err(m.null_pointer()),
    }),
    ("Blob.toString", |m, t, _| match t {
        Value::Blob(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Value::text(text)),
            Err(_) => Err(m.raise("StringException", "BLOB is not a valid UTF-8 string")),
        },
        _ => Err(m.null_pointer()),
    }),
];

/// The text of a String or Id.
pub fn text(machine: &Machine<'_>, value: &Value) -> Outcome<Arc<str>> {
    value.as_text().ok_or_else(|| machine.null_pointer())
}

fn lower(machine: &Machine<'_>, value: &Value) -> Outcome<String> {
    Ok(text(machine, value)?.to_lowercase())
}

// The units of a long text are kept until the next one is asked for, since loops over the
// characters of a text ask again at each of them.
fn units(machine: &Machine<'_>, value: &Value) -> Outcome<Rc<Units>> {
    const LONG: usize = 64;
    let text = text(machine, value)?;
    if text.len() < LONG {
        return Ok(Rc::new(Units::from(text)));
    }
    if let Some((known, units)) = &*machine.units.borrow()
        && Arc::ptr_eq(known, &text)
    {
        return Ok(units.clone());
    }
    let units = Rc::new(Units::from(text.clone()));
    machine.units.replace(Some((text, units.clone())));
    Ok(units)
}

// A length or position; negative ones count as zero.
fn size(machine: &Machine<'_>, value: &Value) -> Outcome<usize> {
    let size = value.as_long().ok_or_else(|| machine.null_pointer())?;
    Ok(usize::try_from(size.max(0)).unwrap_or(usize::MAX))
}

fn is_blank(value: &Value) -> bool {
    value.as_text().is_none_or(|text| text.trim().is_empty())
}

fn is_empty(value: &Value) -> bool {
    value.as_text().is_none_or(|text| text.is_empty())
}

fn index(found: Option<usize>) -> Value {
    found.map_or(Value::Integer(-1), count)
}

fn every(machine: &Machine<'_>, value: &Value, fits: fn(char) -> bool) -> Outcome<Value> {
    let text = text(machine, value)?;
    Ok(Value::Boolean(!text.is_empty() && text.chars().all(fits)))
}

fn first_letter(machine: &Machine<'_>, value: &Value, upper: bool) -> Outcome<Value> {
    let text = text(machine, value)?;
    let mut characters = text.chars();
    let first: String = match characters.next() {
        Some(first) if upper => first.to_uppercase().collect(),
        Some(first) => first.to_lowercase().collect(),
        None => String::new(),
    };
    Ok(Value::text(first + characters.as_str()))
}

fn part(
    machine: &Machine<'_>,
    value: &Value,
    start: usize,
    length: Option<&Value>,
) -> Outcome<Value> {
    let units = units(machine, value)?;
    let length = match length {
        Some(length) => size(machine, length)?,
        None => units.len(),
    };
    Ok(Value::text(
        units.slice(start..start.saturating_add(length)),
    ))
}

fn substring(machine: &Machine<'_>, this: &Value, arguments: &[Value]) -> Outcome<Value> {
    let units = units(machine, this)?;
    let bound = |value: &Value| value.as_long().ok_or_else(|| machine.null_pointer());
    let length = i64::try_from(units.len()).unwrap_or(i64::MAX);
    let start = bound(&arguments[0])?;
    let end = match arguments.get(1) {
        Some(end) => bound(end)?,
        None => length,
    };
    if start < 0 || start > length {
        let text = format!("Starting position out of bounds: {start}");
        return Err(machine.raise("StringException", text));
    }
    if end > length || end < start {
        let text = format!("Ending position out of bounds: {end}");
        return Err(machine.raise("StringException", text));
    }
    let range = usize::try_from(start).unwrap_or(0)..usize::try_from(end).unwrap_or(0);
    Ok(Value::text(units.slice(range)))
}

fn pad(machine: &Machine<'_>, this: &Value, arguments: &[Value], left: bool) -> Outcome<Value> {
    let all = text(machine, this)?;
    let wanted = size(machine, &arguments[0])?.min(1_000_000);
    let filler = match arguments.get(1) {
        Some(filler) => text(machine, filler)?,
        None => " ".into(),
    };
    let missing = wanted.saturating_sub(all.encode_utf16().count());
    let padding: String = filler
        .chars()
        .cycle()
        .take(if filler.is_empty() { 0 } else { missing })
        .collect();
    Ok(Value::text(if left {
        padding + &all
    } else {
        format!("{all}{padding}")
    }))
}

fn split(machine: &Machine<'_>, this: &Value, arguments: &[Value]) -> Outcome<Value> {
    let all = text(machine, this)?;
    let pattern = text(machine, &arguments[0])?;
    let limit = match arguments.get(1) {
        Some(limit) => limit.as_long().ok_or_else(|| machine.null_pointer())?,
        None => 0,
    };
    super::patterns::split(&pattern, &all, limit)
}

// `{0}` stands for the first value; two apostrophes for one.
fn format(machine: &mut Machine<'_>, pattern: &Value, values: &Value) -> Outcome<Value> {
    let mut text = text(machine, pattern)?.replace("''", "'");
    for (index, value) in elements(machine, values)?.iter().enumerate() {
        let shown = machine.show(value)?;
        text = text.replace(&format!("{{{index}}}"), &shown);
    }
    Ok(Value::text(text))
}

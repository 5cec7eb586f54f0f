//! What one line of a log is.

use super::Header;

pub(super) enum Line<'a> {
    Event {
        clock: &'a str,
        nanoseconds: u64,
        name: &'a str,
        /// Where the text behind the name begins in the line.
        text_at: usize,
    },
    Header(Header<'a>),
    /// `*** Skipped 22606355 bytes of detailed log`; numbers occur with commas too.
    Skipped(Option<u64>),
    /// `MAXIMUM DEBUG LOG SIZE REACHED` between asterisks.
    Full,
    Other,
}

pub(super) fn classify(line: &str) -> Line<'_> {
    match line.as_bytes().first() {
        Some(b'0'..=b'9') => event(line)
            .or_else(|| header(line).map(Line::Header))
            .unwrap_or(Line::Other),
        Some(b'*') => marker(line),
        _ => Line::Other,
    }
}

/// `09:18:22.6 (100)|EXECUTION_STARTED`
fn event(line: &str) -> Option<Line<'_>> {
    let (clock, rest) = line.split_once(" (")?;
    let (nanoseconds, rest) = rest.split_once(")|")?;
    if !is_clock(clock) || !is_number(nanoseconds) {
        return None;
    }
    let length = rest
        .bytes()
        .take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
        .count();
    let (name, behind) = rest.split_at(length);
    let text_at = line.len() - behind.len() + usize::from(behind.starts_with('|'));
    let fits = name.starts_with(|c: char| c.is_ascii_uppercase())
        && (behind.is_empty() || behind.starts_with('|'));
    fits.then(|| Line::Event {
        clock,
        // A number that is too large is no time; the event is one all the same.
        nanoseconds: nanoseconds.parse().unwrap_or(u64::MAX),
        name,
        text_at,
    })
}

/// `9:18:22.6`: the platform writes milliseconds without leading zeros.
fn is_clock(text: &str) -> bool {
    let mut parts = text.split([':', '.']);
    let mut next = |most: usize| {
        parts
            .next()
            .is_some_and(|part| part.len() <= most && is_number(part))
    };
    next(2) && next(2) && next(2) && next(9) && parts.next().is_none() && text.contains('.')
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `66.0 APEX_CODE,FINE;APEX_PROFILING,INFO`
fn header(line: &str) -> Option<Header<'_>> {
    let (api_version, rest) = line.split_once(' ')?;
    let (major, minor) = api_version.split_once('.')?;
    if !is_number(major) || !is_number(minor) {
        return None;
    }
    let is_word = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    };
    let levels: Option<Vec<(&str, &str)>> = rest
        .trim_end()
        .trim_end_matches(';')
        .split(';')
        .map(|part| {
            part.split_once(',')
                .filter(|(category, level)| is_word(category) && is_word(level))
        })
        .collect();
    levels.map(|levels| Header {
        api_version,
        levels,
    })
}

fn marker(line: &str) -> Line<'_> {
    let inner = line.trim_matches(|c: char| c == '*' || c == ' ');
    if inner == "MAXIMUM DEBUG LOG SIZE REACHED" {
        return Line::Full;
    }
    let number = inner
        .strip_prefix("Skipped ")
        .and_then(|rest| rest.strip_suffix(" bytes of detailed log"));
    match number {
        Some(number) => Line::Skipped(number.replace(',', "").parse().ok()),
        None => Line::Other,
    }
}

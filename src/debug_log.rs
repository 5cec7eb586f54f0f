//! Apex debug logs, as text in and events out. The parser is total: whatever a log holds, every byte
//! of it is either part of an event, a marker, or counted as stray, and the time is linear.
//!
//! Sources: Apex Developer Guide, "Debug Log", "Debug Log Levels" and "Working with Logs in the
//! Developer Console" (lines, header, code units, events with their fields); Salesforce Help, "Debug
//! Log Details" (what is skipped in a log of more than 20 MB). What a line of text inside a message
//! looks like can't be told from an event if it has an event's form: the platform doesn't escape.

mod line;
mod message;
#[cfg(test)]
mod tests;
mod unit;

use std::collections::HashMap;

use line::Line;

pub use message::{Callout, Limit, answer, limits, named_callout, request, status_of_named};
pub use unit::{Unit, UnitKind};

/// A log that was read.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct DebugLog<'a> {
    /// Its first line; a log that was cut from another has none.
    pub header: Option<Header<'a>>,
    /// What happened, in the order of the log.
    pub events: Vec<Event<'a>>,
    /// Code units in the order of their start.
    pub units: Vec<Unit<'a>>,
    /// What the platform left out.
    pub truncations: Vec<Truncation>,
    /// Lines that belong to no event: what is left behind a gap.
    pub stray_lines: usize,
}

/// `66.0 APEX_CODE,FINE;APEX_PROFILING,INFO;…`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header<'a> {
    /// The API version.
    pub api_version: &'a str,
    /// Category and level.
    pub levels: Vec<(&'a str, &'a str)>,
}

/// Something left out of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truncation {
    /// So many bytes in the middle.
    Skipped {
        /// How many, where the number can be read.
        bytes: Option<u64>,
        /// How many events stand before the gap.
        before: usize,
    },
    /// Everything from here on.
    Full,
}

/// One event with the lines that continue it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event<'a> {
    /// Time of day in the user's zone, `09:18:22.6`.
    pub clock: &'a str,
    /// Nanoseconds since the start of the transaction.
    pub nanoseconds: u64,
    /// `USER_DEBUG`, …
    pub name: &'a str,
    /// What follows the name, without its bar.
    pub text: &'a str,
    /// The code unit in which it happened, as an index of [`DebugLog::units`].
    pub unit: Option<usize>,
}

impl<'a> Event<'a> {
    /// The fields between the bars. A message with bars of its own falls apart into several.
    pub fn fields(&self) -> impl Iterator<Item = &'a str> {
        self.text.split('|')
    }

    /// The line of code: `[42]`; none for `[EXTERNAL]` and the like.
    pub fn line(&self) -> Option<u32> {
        let field = self.fields().next()?;
        field.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
    }

    /// What stands behind the field `[…]`, or everything where there is none.
    pub fn detail(&self) -> &'a str {
        let (first, rest) = self.text.split_once('|').unwrap_or((self.text, ""));
        if first.starts_with('[') && first.ends_with(']') {
            rest
        } else {
            self.text
        }
    }

    /// Level and message of `USER_DEBUG`.
    pub fn debug(&self) -> Option<(&'a str, &'a str)> {
        (self.name == "USER_DEBUG")
            .then(|| self.detail().split_once('|'))
            .flatten()
    }
}

impl DebugLog<'_> {
    /// Whether something that happened may be missing.
    pub fn is_truncated(&self) -> bool {
        !self.truncations.is_empty()
    }

    /// The level of a category, `APEX_CODE`; none where the header doesn't name it.
    pub fn level(&self, category: &str) -> Option<&str> {
        let levels = &self.header.as_ref()?.levels;
        let found = levels.iter().find(|(name, _)| *name == category);
        found.map(|(_, level)| *level)
    }
}

/// Reads a log.
pub fn parse(text: &str) -> DebugLog<'_> {
    let mut reading = Reading::default();
    let mut start = 0;
    for whole in text.split_inclusive('\n') {
        reading.take(text, start, whole);
        start += whole.len();
    }
    reading.close_event(text, start);
    reading.log
}

/// A log that is half read.
#[derive(Default)]
struct Reading<'a> {
    log: DebugLog<'a>,
    /// The event whose text goes on: where that begins.
    open_event: Option<(Event<'a>, usize)>,
    /// Code units that have not ended, by index.
    open_units: Vec<usize>,
    /// How many of them have which name, so that an end without a beginning costs nothing.
    open_names: HashMap<&'a str, usize>,
}

impl<'a> Reading<'a> {
    fn take(&mut self, text: &'a str, start: usize, whole: &'a str) {
        match line::classify(whole.trim_end_matches(['\n', '\r'])) {
            Line::Event {
                clock,
                nanoseconds,
                name,
                text_at,
            } => {
                self.close_event(text, start);
                let event = Event {
                    clock,
                    nanoseconds,
                    name,
                    text: "",
                    unit: None,
                };
                self.open_event = Some((event, start + text_at));
            }
            Line::Header(header) if self.is_at_start() => self.log.header = Some(header),
            Line::Skipped(bytes) => {
                self.close_event(text, start);
                self.log.truncations.push(Truncation::Skipped {
                    bytes,
                    before: self.log.events.len(),
                });
            }
            Line::Full => {
                self.close_event(text, start);
                self.log.truncations.push(Truncation::Full);
            }
            Line::Header(_) | Line::Other => {
                let is_empty = whole.trim().is_empty();
                if self.open_event.is_none() && !is_empty {
                    self.log.stray_lines += 1;
                }
            }
        }
    }

    fn is_at_start(&self) -> bool {
        self.log.events.is_empty() && self.open_event.is_none() && self.log.header.is_none()
    }

    fn close_event(&mut self, text: &'a str, end: usize) {
        let Some((mut event, at)) = self.open_event.take() else {
            return;
        };
        event.text = text[at.min(end)..end].trim_end_matches(['\n', '\r', ' ']);
        if event.name == "CODE_UNIT_STARTED" {
            self.begin_unit(&event);
        }
        event.unit = self.open_units.last().copied();
        if event.name == "CODE_UNIT_FINISHED" {
            self.end_unit(&event);
        }
        self.log.events.push(event);
    }

    fn begin_unit(&mut self, event: &Event<'a>) {
        let unit = Unit::begun_by(
            event,
            self.log.events.len(),
            self.open_units.last().copied(),
        );
        *self.open_names.entry(unit.name).or_default() += 1;
        self.open_units.push(self.log.units.len());
        self.log.units.push(unit);
    }

    /// Ends the innermost unit of that name. Those inside it whose end is missing have ended too.
    fn end_unit(&mut self, event: &Event<'a>) {
        let name = unit::name_in_end(event.text);
        if self.open_names.get(name).is_none_or(|count| *count == 0) {
            return;
        }
        while let Some(index) = self.open_units.pop() {
            let unit = &mut self.log.units[index];
            if let Some(count) = self.open_names.get_mut(unit.name) {
                *count = count.saturating_sub(1);
            }
            if unit.name == name {
                unit.nanoseconds = Some(event.nanoseconds.saturating_sub(unit.began));
                return;
            }
        }
    }
}

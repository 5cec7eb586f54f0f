//! Code units: the trigger, job, flow or request that events belong to.

use super::Event;

/// A code unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit<'a> {
    /// As the log names it, `CaseTrigger on Case trigger event AfterInsert`.
    pub name: &'a str,
    /// What that means.
    pub kind: UnitKind<'a>,
    /// The event that begins it, as an index of the log's events.
    pub event: usize,
    /// The unit around it, as an index of the log's units.
    pub parent: Option<usize>,
    /// Nanoseconds since the start of the transaction.
    pub(super) began: u64,
    /// How long it took; none when the log doesn't hold its end.
    pub nanoseconds: Option<u64>,
}

/// What a code unit is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnitKind<'a> {
    /// A trigger: `X on Case trigger event AfterInsert for [500…]`.
    Trigger {
        /// Its name.
        name: &'a str,
        /// Its object.
        object: &'a str,
        /// `AfterInsert`, …
        event: &'a str,
        /// The records, `[500…, 500…]` without the brackets; empty where the log doesn't name them.
        records: &'a str,
    },
    /// Anything else.
    Other,
}

impl<'a> Unit<'a> {
    pub(super) fn begun_by(event: &Event<'a>, index: usize, parent: Option<usize>) -> Self {
        let name = name_in_start(event);
        Self {
            name,
            kind: kind(name),
            event: index,
            parent,
            began: event.nanoseconds,
            nanoseconds: None,
        }
    }
}

/// `[EXTERNAL]|01q…|NAME|__sfdc_trigger/X`, `[EXTERNAL]|NAME`, `[EXTERNAL]|01p…|NAME`.
fn name_in_start<'a>(event: &Event<'a>) -> &'a str {
    let mut fields = event.detail().split('|');
    let first = fields.next().unwrap_or_default();
    let is_id = matches!(first.len(), 15 | 18)
        && first.starts_with('0')
        && first.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match fields.next() {
        Some(name) if is_id || first == "TRIGGERS" => name,
        _ => first,
    }
}

/// `NAME|__sfdc_trigger/X`
pub(super) fn name_in_end(text: &str) -> &str {
    text.split('|').next().unwrap_or_default()
}

fn kind(name: &str) -> UnitKind<'_> {
    let trigger = || {
        let (trigger, rest) = name.split_once(" on ")?;
        let (object, rest) = rest.split_once(" trigger event ")?;
        let (event, records) = rest.split_once(" for ").unwrap_or((rest, ""));
        Some(UnitKind::Trigger {
            name: trigger.strip_prefix("trigger ").unwrap_or(trigger),
            object,
            event,
            records: records.trim_matches(['[', ']']),
        })
    };
    trigger().unwrap_or(UnitKind::Other)
}

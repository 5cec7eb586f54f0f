//! `ApexClass`, `ApexTrigger`, `ApexLog`. Columns: tooling.wsdl.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::apex::{self, Declaration};
use crate::metadata::MetadataType;

use super::super::super::clock::rest_date;
use super::super::super::state::{ApexLog, State, Stored};
use super::{BOTH, Row, Rows, Table, add, column, one_row, parent, row_of, unfilterable};

/// Classes.
pub static APEX_CLASS: Table<'static> = Table {
    name: "ApexClass",
    apis: BOTH,
    columns: stamped![
        column("Id"),
        column("Name"),
        column("NamespacePrefix"),
        column("ApiVersion"),
        column("Status"),
        column("IsValid"),
        column("BodyCrc"),
        unfilterable("Body"),
        column("LengthWithoutComments"),
        column("ManageableState"),
        one_row("FullName"),
        one_row("Metadata"),
    ],
    rows: Rows::Derived(classes),
};

/// Triggers.
pub static APEX_TRIGGER: Table<'static> = Table {
    name: "ApexTrigger",
    apis: BOTH,
    columns: stamped![
        column("Id"),
        column("Name"),
        column("NamespacePrefix"),
        column("TableEnumOrId"),
        column("EntityDefinitionId"),
        column("ApiVersion"),
        column("Status"),
        column("IsValid"),
        column("BodyCrc"),
        unfilterable("Body"),
        column("LengthWithoutComments"),
        column("ManageableState"),
        one_row("FullName"),
        one_row("Metadata"),
        column("UsageBeforeInsert"),
        column("UsageAfterInsert"),
        column("UsageBeforeUpdate"),
        column("UsageAfterUpdate"),
        column("UsageBeforeDelete"),
        column("UsageAfterDelete"),
        column("UsageIsBulk"),
        column("UsageAfterUndelete"),
    ],
    rows: Rows::Derived(triggers),
};

/// Debug logs.
pub static APEX_LOG: Table<'static> = Table {
    name: "ApexLog",
    apis: BOTH,
    columns: Cow::Borrowed(&[
        column("Id"),
        column("Application"),
        column("DurationMilliseconds"),
        column("Location"),
        column("LogLength"),
        parent("LogUserId", "LogUser", "User"),
        column("Operation"),
        column("Request"),
        column("RequestIdentifier"),
        column("StartTime"),
        column("Status"),
        column("SystemModstamp"),
        column("LastModifiedDate"),
    ]),
    rows: Rows::Derived(logs),
};

fn logs(state: &State, _now: Timestamp) -> Vec<Row> {
    let row = |log: &ApexLog| {
        let start = rest_date(log.start);
        add(
            Row::new(),
            [
                ("Id", json!(log.id)),
                ("Application", json!("Unknown")),
                ("DurationMilliseconds", json!(log.milliseconds)),
                ("Location", json!("SystemLog")),
                ("LogLength", json!(log.body.len())),
                ("LogUserId", json!(log.user)),
                ("Operation", json!(log.operation)),
                ("Request", json!("Api")),
                ("StartTime", json!(start)),
                ("Status", json!(log.status)),
                ("SystemModstamp", json!(start)),
                ("LastModifiedDate", json!(start)),
            ],
        )
    };
    state.logs.iter().map(row).collect()
}

fn classes(state: &State, _now: Timestamp) -> Vec<Row> {
    state
        .of_type(MetadataType::ApexClass)
        .into_iter()
        .map(code)
        .collect()
}

fn code(stored: &Stored) -> Row {
    let source = stored.source.as_deref().unwrap_or_default();
    let tree = stored.tree();
    let api = tree
        .text_of("apiVersion")
        .and_then(|text| text.parse::<f64>().ok());
    let status = tree.text_of("status").unwrap_or("Active").to_owned();
    add(
        row_of(stored),
        [
            ("Name", json!(stored.full_name)),
            ("FullName", json!(stored.full_name)),
            ("ApiVersion", json!(api)),
            (
                "Metadata",
                json!({ "apiVersion": api, "packageVersions": [], "status": status, "urls": null }),
            ),
            ("Status", json!(status)),
            ("IsValid", json!(true)),
            ("Body", json!(source)),
            ("BodyCrc", json!(f64::from(crc32(source.as_bytes())))),
            (
                "LengthWithoutComments",
                json!(without_comments(source).len()),
            ),
        ],
    )
}

fn triggers(state: &State, _now: Timestamp) -> Vec<Row> {
    state
        .of_type(MetadataType::ApexTrigger)
        .into_iter()
        .map(trigger)
        .collect()
}

fn trigger(stored: &Stored) -> Row {
    let (object, events) =
        match apex::parse(stored.source.as_deref().unwrap_or_default()).declaration {
            Some(Declaration::Trigger { object, events, .. }) => (Value::from(object), events),
            _ => (Value::Null, Vec::new()),
        };
    let on = |event: &str| json!(events.iter().any(|found| found == event));
    add(
        code(stored),
        [
            ("TableEnumOrId", object.clone()),
            ("EntityDefinitionId", object),
            ("UsageBeforeInsert", on("before insert")),
            ("UsageAfterInsert", on("after insert")),
            ("UsageBeforeUpdate", on("before update")),
            ("UsageAfterUpdate", on("after update")),
            ("UsageBeforeDelete", on("before delete")),
            ("UsageAfterDelete", on("after delete")),
            ("UsageAfterUndelete", on("after undelete")),
            ("UsageIsBulk", json!(false)),
        ],
    )
}

/// CRC-32 as zip has it.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                (crc >> 1) ^ 0xEDB8_8320
            } else {
                crc >> 1
            }
        })
    })
}

/// The source without its comments; string literals are kept whatever is in them.
fn without_comments(source: &str) -> String {
    let mut out = String::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else {
            let length = if first == '\'' {
                literal(rest)
            } else {
                first.len_utf8()
            };
            out.push_str(&rest[..length]);
            length
        };
        rest = &rest[length..];
    }
    out
}

/// Bytes of the string literal at the start; one that is not closed ends with the source.
fn literal(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\'' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_zip() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn comments_are_not_in_string_literals() {
        assert_eq!(
            without_comments("a /* b */ '//c\\'' // d\ne /*"),
            "a  '//c\\'' \ne "
        );
    }
}

//! What traces have set goes again: one's own at its end, and what killed ones left behind.
//!
//! Several traces may run in one org, each with a debug level of its own. What belongs to a trace that
//! goes on is never touched: its flags end later than now, or it has only begun.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

use super::LEASE;
use super::flags::LEVEL_PREFIX;
use crate::doctor::moment;
use crate::sf::{Fault, TraceWriter};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LevelRow {
    id: String,
    developer_name: Option<String>,
    created_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FlagRow {
    id: String,
    debug_level_id: Option<String>,
    expiration_date: Option<String>,
}

/// Removes the debug level of that name with its flags, and reads back that nothing is left.
pub(super) async fn remove(writer: &TraceWriter, level: &str) -> Result<(), Fault> {
    let reader = writer.reader();
    let levels = format!("SELECT Id FROM DebugLevel WHERE DeveloperName = '{level}'");
    let flags = format!("SELECT Id FROM TraceFlag WHERE DebugLevel.DeveloperName = '{level}'");
    for attempt in 1_u32.. {
        let found: Vec<LevelRow> = reader.tooling_query(&levels).await?;
        if found.is_empty() {
            return Ok(());
        }
        let flags: Vec<FlagRow> = reader.tooling_query(&flags).await?;
        let done = async {
            for flag in &flags {
                writer.delete_flag(&flag.id).await?;
            }
            for level in &found {
                writer.delete_level(&level.id).await?;
            }
            Ok::<(), Fault>(())
        }
        .await;
        match done {
            Err(fault) if attempt >= 3 => return Err(fault),
            // A lost answer: what is there now says whether it was done.
            Err(_) => reader.clock().sleep(Duration::from_secs(2)).await,
            Ok(()) if attempt >= 3 => {
                return Err(Fault::Inconsistent {
                    what: "the removal of a debug level",
                    reason: "it is still there",
                });
            }
            Ok(()) => {}
        }
    }
    Ok(())
}

/// Removes what killed traces left behind; how many debug levels that were. `now` is the org's time.
pub(super) async fn sweep(writer: &TraceWriter, own: &str, now: Timestamp) -> Result<usize, Fault> {
    let reader = writer.reader();
    let levels: Vec<LevelRow> = reader
        .tooling_query(&format!(
            "SELECT Id, DeveloperName, CreatedDate FROM DebugLevel WHERE DeveloperName LIKE \
             '{LEVEL_PREFIX}%'"
        ))
        .await?;
    let is_old = |level: &LevelRow| {
        moment(level.created_date.as_deref()).is_some_and(|made| made < now - LEASE)
    };
    let mut old: Vec<LevelRow> = levels
        .into_iter()
        .filter(|level| {
            // `_` stands for any character in a LIKE.
            let name = level.developer_name.as_deref().unwrap_or_default();
            name.starts_with(LEVEL_PREFIX) && name != own && is_old(level)
        })
        .collect();
    if old.is_empty() {
        return Ok(0);
    }
    let flags: Vec<FlagRow> = reader
        .tooling_query(&format!(
            "SELECT Id, DebugLevelId, ExpirationDate FROM TraceFlag WHERE DebugLevel.DeveloperName \
             LIKE '{LEVEL_PREFIX}%'"
        ))
        .await?;
    let of = |level: &LevelRow, flag: &FlagRow| {
        let of = flag.debug_level_id.as_deref().unwrap_or_default();
        of.get(..15) == level.id.get(..15)
    };
    let lives =
        |flag: &FlagRow| moment(flag.expiration_date.as_deref()).is_none_or(|end| end > now);
    old.retain(|level| !flags.iter().any(|flag| of(level, flag) && lives(flag)));
    for level in &old {
        for flag in flags.iter().filter(|flag| of(level, flag)) {
            writer.delete_flag(&flag.id).await?;
        }
        writer.delete_level(&level.id).await?;
    }
    Ok(old.len())
}

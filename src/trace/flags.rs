//! Whose Apex is logged: the users that matter, and their trace flags.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{LEASE, Options, Scene, removal, users};
use crate::conversation;
use crate::doctor::moment;
use crate::sf::text::clean;
use crate::sf::{Fault, Question};

/// What the names of our debug levels begin with, by which leftovers are known.
pub const LEVEL_PREFIX: &str = "OpenCX_Trace";

/// The clock of an org that is asked twice may seem to run backwards by so much.
const SKEW: SignedDuration = SignedDuration::from_mins(1);

/// A user and whether logs are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TracedUser {
    /// `005…`
    #[serde(skip)]
    pub id: String,
    /// The name.
    pub name: String,
    /// Why this one matters.
    pub role: &'static str,
    /// Whether logs are kept.
    #[serde(flatten)]
    pub traced: Traced,
}

/// Whether logs of a user are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "flag", rename_all = "kebab-case")]
pub enum Traced {
    /// By a flag of ours.
    Ours,
    /// By a flag that was there.
    Theirs {
        /// The name of its debug level.
        level: String,
        /// When it ends.
        until: Option<Timestamp>,
        /// Whether it logs what a trace needs.
        is_enough: bool,
    },
    /// Not.
    Not {
        /// Why.
        reason: String,
    },
}

impl TracedUser {
    /// Whether logs are kept.
    pub fn is_traced(&self) -> bool {
        !matches!(self.traced, Traced::Not { .. })
    }
}

impl Traced {
    /// Whether another trace keeps these logs, which it will end when it likes.
    pub fn is_of_another_trace(&self) -> bool {
        matches!(self, Self::Theirs { level, .. } if level.starts_with(LEVEL_PREFIX))
    }
}

/// What was set.
#[derive(Debug)]
pub(super) struct Flags {
    pub users: Vec<TracedUser>,
    /// The name of our debug level, which no other trace has.
    pub name: String,
    level: Option<String>,
    /// Ids of our flags, with their users' ids.
    ours: Vec<(String, String)>,
    /// The org's time at the beginning.
    pub began: Option<Timestamp>,
    /// When ours end.
    pub until: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Record {
    created_date: Option<String>,
}

impl Flags {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        let mut mark = [0; 4];
        if aws_lc_rs::rand::fill(&mut mark).is_err() {
            mark = std::process::id().to_be_bytes();
        }
        Self {
            users: Vec::new(),
            name: format!("{LEVEL_PREFIX}_{:08x}", u32::from_be_bytes(mark)),
            level: None,
            ours: Vec::new(),
            began: None,
            until: None,
        }
    }

    /// Whether logs may have ended that others let be kept.
    fn may_have_lost(&self, now: Timestamp) -> bool {
        self.users.iter().any(|user| match &user.traced {
            Traced::Theirs { until, .. } => {
                user.traced.is_of_another_trace() || until.is_some_and(|until| until <= now)
            }
            Traced::Ours | Traced::Not { .. } => false,
        })
    }
}

/// Sets a flag for each user that matters and has none; how many debug levels of killed traces were
/// removed before.
pub(super) async fn set(
    scene: &Scene<'_>,
    options: &Options,
    flags: &mut Flags,
) -> Result<usize, Fault> {
    let writer = scene.writer;
    let reader = writer.reader();
    flags.users = users::users(scene, options).await?;
    let level = writer.create_level(&flags.name).await?;
    let found: Vec<Record> = reader
        .tooling_query(&format!(
            "SELECT CreatedDate FROM DebugLevel WHERE Id = '{level}'"
        ))
        .await?;
    // The clock of this machine may be wrong; the org's is what rows and flags go by.
    let began = found
        .first()
        .and_then(|level| moment(level.created_date.as_deref()))
        .unwrap_or_else(|| reader.clock().wall());
    flags.began = Some(began);
    flags.until = Some(began + LEASE);
    flags.level = Some(level);
    let swept = removal::sweep(writer, &flags.name, began).await?;
    use_or_create(scene, flags, began).await?;
    Ok(swept)
}

/// Goes on keeping logs: lets our flags live on when that `is_due`, and sets what somebody removed, or
/// what another's flag no longer does.
pub(super) async fn keep(
    scene: &Scene<'_>,
    flags: &mut Flags,
    passed: Duration,
    is_due: bool,
) -> Result<(), Fault> {
    let Some(began) = flags.began else {
        return Ok(());
    };
    let now = began + SignedDuration::try_from(passed).unwrap_or_default();
    let mut lost = false;
    if is_due {
        for (id, _) in &flags.ours {
            match scene.writer.extend_flag(id, now + LEASE).await {
                Ok(()) => {}
                Err(Fault::NotFound { .. }) => lost = true,
                Err(fault) => return Err(fault),
            }
        }
        flags.until = Some(now + LEASE);
    }
    if lost {
        removal::remove(scene.writer, &flags.name).await?;
        flags.ours.clear();
        flags.level = Some(scene.writer.create_level(&flags.name).await?);
    }
    if lost || flags.may_have_lost(now) {
        use_or_create(scene, flags, now).await?;
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FlagRow {
    traced_entity_id: String,
    debug_level: Option<LevelRow>,
    start_date: Option<String>,
    expiration_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LevelRow {
    developer_name: Option<String>,
    apex_code: Option<String>,
    callout: Option<String>,
}

/// The flags of users that are in force.
async fn in_force(
    scene: &Scene<'_>,
    ids: &[String],
    now: Timestamp,
) -> Result<Vec<FlagRow>, Fault> {
    let mut rows: Vec<FlagRow> = scene
        .writer
        .reader()
        .tooling_query(&format!(
            "SELECT TracedEntityId, DebugLevel.DeveloperName, DebugLevel.ApexCode, \
             DebugLevel.Callout, StartDate, ExpirationDate FROM TraceFlag WHERE TracedEntityId IN \
             ({}) AND LogType IN ('USER_DEBUG', 'DEVELOPER_LOG')",
            conversation::quoted_names(ids)
        ))
        .await?;
    rows.retain(|row| {
        let start = moment(row.start_date.as_deref());
        let end = moment(row.expiration_date.as_deref());
        start.is_none_or(|start| start <= now + SKEW) && end.is_some_and(|end| end > now)
    });
    Ok(rows)
}

async fn use_or_create(scene: &Scene<'_>, flags: &mut Flags, now: Timestamp) -> Result<(), Fault> {
    let ids: Vec<String> = flags.users.iter().map(|user| user.id.clone()).collect();
    let rows = in_force(scene, &ids, now).await?;
    let until = flags.until.unwrap_or(now);
    for user in &mut flags.users {
        if user.id.is_empty() {
            continue;
        }
        let found = rows.iter().find(|row| row.is_of(&user.id));
        user.traced = match (found, &flags.level) {
            (Some(row), _) if row.level_name() == flags.name => Traced::Ours,
            (Some(row), _) => theirs(row),
            (None, Some(level)) => match scene.writer.create_flag(&user.id, level, until).await {
                Ok(id) => {
                    flags.ours.push((id, user.id.clone()));
                    Traced::Ours
                }
                Err(fault) => refused(scene, &user.id, now, fault).await?,
            },
            (None, None) => continue,
        };
    }
    Ok(())
}

/// A user for whom the org takes no flag; a fault that would meet every request stays one.
async fn refused(
    scene: &Scene<'_>,
    id: &str,
    now: Timestamp,
    fault: Fault,
) -> Result<Traced, Fault> {
    let reason = match &fault {
        Fault::Rest { errors, .. } => {
            let text = errors.first().map(|error| error.message.as_str());
            clean(text.unwrap_or_default())
        }
        Fault::InsufficientAccess { text, .. } => clean(text),
        _ => return Err(fault),
    };
    if !reason.contains("already being traced") {
        return Ok(Traced::Not { reason });
    }
    // Somebody was faster, or has set one that is to begin later.
    let rows = in_force(scene, &[id.to_owned()], now).await?;
    Ok(rows.first().map_or_else(
        || Traced::Not {
            reason: "a trace flag that begins later is in the way: Setup > Debug Logs".to_owned(),
        },
        theirs,
    ))
}

impl FlagRow {
    fn is_of(&self, user: &str) -> bool {
        is_same(&self.traced_entity_id, user)
    }

    fn level_name(&self) -> &str {
        let level = self.debug_level.as_ref();
        level
            .and_then(|level| level.developer_name.as_deref())
            .unwrap_or_default()
    }
}

fn theirs(row: &FlagRow) -> Traced {
    let level = row.debug_level.as_ref();
    let at_least = |level: Option<&String>, words: &[&str]| {
        level.is_some_and(|level| words.contains(&level.as_str()))
    };
    Traced::Theirs {
        level: clean(row.level_name()),
        until: moment(row.expiration_date.as_deref()),
        is_enough: at_least(
            level.and_then(|level| level.apex_code.as_ref()),
            &["INFO", "DEBUG", "FINE", "FINER", "FINEST", "INTERNAL"],
        ) && at_least(
            level.and_then(|level| level.callout.as_ref()),
            &["INFO", "DEBUG", "FINE", "FINER", "FINEST", "INTERNAL"],
        ),
    }
}

fn is_same(one: &str, other: &str) -> bool {
    one == other || one.len() >= 15 && other.len() >= 15 && one.get(..15) == other.get(..15)
}

/// The logs of our users since the beginning, as a question of a batch.
pub(super) fn logs_question(flags: &Flags) -> Option<Question> {
    let ids: Vec<String> = flags
        .users
        .iter()
        .filter(|user| user.is_traced())
        .map(|user| user.id.clone())
        .collect();
    let since = flags.began?.strftime("%Y-%m-%dT%H:%M:%SZ");
    Some(Question::Query(format!(
        "SELECT Id, Operation, Status, LogUserId, StartTime, DurationMilliseconds FROM ApexLog WHERE \
         LogUserId IN ({}) AND StartTime >= {since} ORDER BY StartTime, Id LIMIT 100",
        conversation::quoted_names(&ids)
    )))
}

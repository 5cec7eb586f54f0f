//! Whose Apex is logged: the users that matter, and their trace flags.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{LEASE, Options, Scene};
use crate::conversation;
use crate::doctor::moment;
use crate::sf::text::clean;
use crate::sf::{Fault, Question, Reader, Told, TraceWriter};

/// The debug level that is ours, by which leftovers are known.
pub const LEVEL_NAME: &str = "OpenCX_Trace";

/// More than these are no longer the users that matter.
const MOST_USERS: usize = 20;

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

/// What was set.
#[derive(Debug, Default)]
pub(super) struct Flags {
    pub users: Vec<TracedUser>,
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
    id: String,
    created_date: Option<String>,
}

/// Removes everything that has our debug level, and reads back that nothing is left; how many trace
/// flags that were.
pub(super) async fn remove(writer: &TraceWriter) -> Result<usize, Fault> {
    let reader = writer.reader();
    let levels =
        format!("SELECT Id, CreatedDate FROM DebugLevel WHERE DeveloperName = '{LEVEL_NAME}'");
    let mut removed = 0;
    for attempt in 1_u32.. {
        let found: Vec<Record> = reader.tooling_query(&levels).await?;
        if found.is_empty() {
            return Ok(removed);
        }
        let flags: Vec<Record> = reader
            .tooling_query(&format!(
                "SELECT Id, CreatedDate FROM TraceFlag WHERE DebugLevel.DeveloperName = '{LEVEL_NAME}'"
            ))
            .await?;
        let done = async {
            for flag in &flags {
                writer.delete_flag(&flag.id).await?;
                removed += 1;
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
    Ok(removed)
}

/// Sets a flag for each user that matters and has none.
pub(super) async fn set(
    scene: &Scene<'_>,
    options: &Options,
    flags: &mut Flags,
) -> Result<(), Fault> {
    let writer = scene.writer;
    let reader = writer.reader();
    flags.users = users(scene, options).await?;
    let level = writer.create_level(LEVEL_NAME).await?;
    let found: Vec<Record> = reader
        .tooling_query(&format!(
            "SELECT Id, CreatedDate FROM DebugLevel WHERE Id = '{level}'"
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
    use_or_create(scene, flags, began).await
}

/// Lets our flags live on. Those that somebody removed are set again.
pub(super) async fn prolong(
    scene: &Scene<'_>,
    flags: &mut Flags,
    passed: Duration,
) -> Result<(), Fault> {
    let Some(began) = flags.began else {
        return Ok(());
    };
    let passed = SignedDuration::try_from(passed).unwrap_or_default();
    let now = began + passed;
    let mut lost = false;
    for (id, _) in &flags.ours {
        match scene.writer.extend_flag(id, now + LEASE).await {
            Ok(()) => {}
            Err(Fault::NotFound { .. }) => lost = true,
            Err(fault) => return Err(fault),
        }
    }
    flags.until = Some(now + LEASE);
    if lost {
        remove(scene.writer).await?;
        flags.ours.clear();
        flags.level = Some(scene.writer.create_level(LEVEL_NAME).await?);
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

async fn use_or_create(scene: &Scene<'_>, flags: &mut Flags, now: Timestamp) -> Result<(), Fault> {
    let writer = scene.writer;
    let ids: Vec<String> = flags.users.iter().map(|user| user.id.clone()).collect();
    let rows: Vec<FlagRow> = writer
        .reader()
        .tooling_query(&format!(
            "SELECT TracedEntityId, DebugLevel.DeveloperName, DebugLevel.ApexCode, \
             DebugLevel.Callout, StartDate, ExpirationDate FROM TraceFlag WHERE TracedEntityId IN \
             ({}) AND LogType IN ('USER_DEBUG', 'DEVELOPER_LOG')",
            conversation::quoted_names(&ids)
        ))
        .await?;
    let until = flags.until.unwrap_or(now);
    for user in &mut flags.users {
        if user.id.is_empty() {
            continue;
        }
        let in_force = rows.iter().find(|row| {
            let start = moment(row.start_date.as_deref());
            let end = moment(row.expiration_date.as_deref());
            is_same(&row.traced_entity_id, &user.id)
                && start.is_none_or(|start| start <= now)
                && end.is_some_and(|end| end > now)
        });
        user.traced = match (in_force, &flags.level) {
            (Some(row), _) => theirs(row),
            (None, Some(level)) => match writer.create_flag(&user.id, level, until).await {
                Ok(id) => {
                    flags.ours.push((id, user.id.clone()));
                    Traced::Ours
                }
                Err(fault) => Traced::Not {
                    reason: refusal(fault)?,
                },
            },
            (None, None) => continue,
        };
    }
    Ok(())
}

fn theirs(row: &FlagRow) -> Traced {
    let level = row.debug_level.as_ref();
    let at_least = |level: Option<&String>, words: &[&str]| {
        level.is_some_and(|level| words.contains(&level.as_str()))
    };
    Traced::Theirs {
        level: clean(
            level
                .and_then(|level| level.developer_name.as_deref())
                .unwrap_or_default(),
        ),
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

/// What an org says when it does not trace a user; a fault that would meet every request stays one.
fn refusal(fault: Fault) -> Result<String, Fault> {
    match &fault {
        Fault::Rest { errors, .. } => {
            let text = errors.first().map(|error| error.message.as_str());
            let text = clean(text.unwrap_or_default());
            Ok(if text.contains("already being traced") {
                "a trace flag that begins later is in the way: Setup > Debug Logs".to_owned()
            } else {
                text
            })
        }
        Fault::InsufficientAccess { text, .. } => Ok(clean(text)),
        _ => Err(fault),
    }
}

fn is_same(one: &str, other: &str) -> bool {
    one == other || one.len() >= 15 && other.len() >= 15 && one.get(..15) == other.get(..15)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UserRow {
    id: String,
    name: Option<String>,
    username: Option<String>,
    user_type: Option<String>,
    is_active: Option<bool>,
}

/// The users that matter: whoever holds the permission set by which replies are recognised or is
/// named as the integration user, Automated Process, whoever saves the Cases of Email-to-Case, the one
/// who traces and may try something by hand, and those that were asked for.
async fn users(scene: &Scene<'_>, options: &Options) -> Result<Vec<TracedUser>, Fault> {
    let reader = scene.writer.reader();
    let names = &scene.target.integration.names;
    let set = names
        .get("OpenCX_Integration")
        .map_or("OpenCX_Integration", String::as_str);
    let (holders, default_case_user) =
        tokio::try_join!(conversation::holders(reader, set), case_user(reader))?;
    let mut wanted: Vec<(String, &'static str)> = Vec::new();
    if let Some(user) = &scene.target.integration_user {
        wanted.push((user.clone(), "OpenCX"));
    }
    if let Some(user) = default_case_user {
        wanted.push((user, "saves the Cases of Email-to-Case"));
    }
    for user in &options.users {
        wanted.push((user.clone(), "asked for"));
    }
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('\'', "\\'");
    let usernames: Vec<String> = wanted.iter().map(|(name, _)| escaped(name)).collect();
    let holders: Vec<String> = holders.unwrap_or_default().into_iter().collect();
    let mut conditions = vec![
        "UserType = 'AutomatedProcess'".to_owned(),
        format!("Id = '{}'", escaped(&scene.org.user_id)),
    ];
    if !usernames.is_empty() {
        let list = conversation::quoted_names(&usernames);
        conditions.push(format!("Username IN ({list})"));
    }
    if !holders.is_empty() {
        let list = conversation::quoted_names(&holders);
        conditions.push(format!("Id IN ({list})"));
    }
    let rows: Vec<UserRow> = reader
        .query(&format!(
            "SELECT Id, Name, Username, UserType, IsActive FROM User WHERE {} LIMIT 200",
            conditions.join(" OR ")
        ))
        .await?;
    let mut users: Vec<TracedUser> = Vec::new();
    let mut add = |row: &UserRow, role| {
        if !users.iter().any(|user| user.id == row.id) && users.len() < MOST_USERS {
            users.push(TracedUser {
                id: row.id.clone(),
                name: clean(row.name.as_deref().unwrap_or_default()),
                role,
                traced: Traced::Not {
                    reason: "not tried".to_owned(),
                },
            });
        }
    };
    let is_active = |row: &&UserRow| row.is_active != Some(false);
    for row in rows.iter().filter(is_active) {
        if holders.contains(&row.id) {
            add(row, "OpenCX");
        }
    }
    for (name, role) in &wanted {
        let found = rows.iter().find(|row| {
            row.username
                .as_deref()
                .is_some_and(|username| username.eq_ignore_ascii_case(name))
        });
        if let Some(row) = found {
            add(row, role);
        }
    }
    if let Some(row) = rows.iter().find(|row| row.id == scene.org.user_id) {
        add(row, "you");
    }
    for row in &rows {
        if row.user_type.as_deref() == Some("AutomatedProcess") {
            add(row, "platform events and automated Cases");
        }
    }
    for (name, role) in wanted {
        let known = rows.iter().any(|row| {
            row.username
                .as_deref()
                .is_some_and(|username| username.eq_ignore_ascii_case(&name))
        });
        if !known {
            users.push(TracedUser {
                id: String::new(),
                name: clean(&name),
                role,
                traced: Traced::Not {
                    reason: "the org has no such user".to_owned(),
                },
            });
        }
    }
    Ok(users)
}

/// The username in `CaseSettings.defaultCaseUser`.
async fn case_user(reader: &Reader) -> Result<Option<String>, Fault> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Settings {
        #[serde(default)]
        metadata: Value,
    }
    let told: Told<Vec<Settings>> = reader
        .tooling_told("SELECT Metadata FROM CaseSettings LIMIT 1")
        .await?;
    let settings = told.ok().and_then(|rows| rows.into_iter().next());
    Ok(settings.and_then(|row| {
        let user = row.metadata["defaultCaseUser"].as_str()?;
        (!user.is_empty()).then(|| user.to_owned())
    }))
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

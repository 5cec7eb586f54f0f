//! The users that matter: as whom something may be saved that a trace has to tell of.

use serde::Deserialize;
use serde_json::Value;

use super::flags::{Traced, TracedUser};
use super::{Options, Scene};
use crate::conversation;
use crate::sf::text::clean;
use crate::sf::{Fault, Reader, Told};

/// More than these are no longer the users that matter.
const MOST_USERS: usize = 20;

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
pub(super) async fn users(scene: &Scene<'_>, options: &Options) -> Result<Vec<TracedUser>, Fault> {
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

//! The permission sets of the integration are given to the user that OpenCX logs in as.
//!
//! What the user has already stays as it is. Whether an assignment is there is read from the org, so
//! an answer that was lost is nothing to guess about.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::advice;
use crate::config::Integration;
use crate::diag::Code;
use crate::metadata::{ComponentId, FullName, MetadataType};
use crate::package::Package;
use crate::sf::wire::rest::RestError;
use crate::sf::{self, Fault, Question, Reader, Told, Writer, text};
use crate::verify;

/// A user of the org.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct User {
    id: String,
    /// As the org writes it.
    pub username: String,
    /// Whether the user may log in.
    pub is_active: bool,
}

/// What became of a permission set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum State {
    /// The user had it before.
    Held,
    /// The user has it now.
    Given,
    /// The org refused.
    Refused {
        /// What kind of refusal; `org/unexplained` for one that nobody knows.
        code: Code,
        /// The org's words.
        text: String,
        /// What to do.
        help: String,
    },
    /// The org did not say.
    Unknown {
        /// Why it is not known.
        reason: String,
    },
}

/// One permission set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Assigned {
    /// Which.
    pub component: ComponentId,
    /// What became of it.
    #[serde(flatten)]
    pub state: State,
}

/// What the integration user was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Assignment {
    /// The user.
    pub username: String,
    /// The sets that are for that user.
    pub sets: Vec<Assigned>,
}

impl Assignment {
    /// Whether the org refused one.
    pub fn is_refused(&self) -> bool {
        let mut sets = self.sets.iter();
        sets.any(|set| matches!(set.state, State::Refused { .. }))
    }

    /// Whether it is not known of one.
    pub fn is_unknown(&self) -> bool {
        let mut sets = self.sets.iter();
        sets.any(|set| matches!(set.state, State::Unknown { .. }))
    }
}

impl User {
    /// Asks for the user of that name.
    pub fn question(username: &str) -> Question {
        let name = username.replace('\\', "\\\\").replace('\'', "\\'");
        Question::Query(format!(
            "SELECT Id, Username, IsActive FROM User WHERE Username = '{name}'"
        ))
    }

    /// The user in the answer; `None` when the org shows none.
    ///
    /// # Errors
    /// [`Fault::Rest`] with why the org did not say.
    pub fn answer(told: &Told<serde_json::Value>) -> Result<Option<Self>, Fault> {
        let refused = |error: &RestError| Fault::Rest {
            status: 400,
            errors: vec![error.clone()],
        };
        told.as_ref().map_err(refused)?;
        Ok(sf::rows_told(told).and_then(|rows| rows.into_iter().next()))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SetRow {
    id: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HeldRow {
    permission_set_id: String,
}

/// Gives a user the permission sets of the package that are for the integration user.
pub async fn assign(
    writer: &Writer,
    integration: &Integration,
    package: &Package,
    user: &User,
) -> Assignment {
    let sets: Vec<&ComponentId> = package
        .of_kind(MetadataType::PermissionSet)
        .map(|set| &set.id)
        .filter(|id| verify::is_for_integration_user(id, integration))
        .collect();
    let mut assigned = Vec::new();
    let found = look(writer.reader(), &sets, user).await;
    for set in sets {
        let state = match &found {
            Err(fault) => unknown(fault),
            Ok((ids, held)) => match ids.get(&set.full_name) {
                None => State::Unknown {
                    reason: "the org does not show the permission set".to_owned(),
                },
                Some(id) if held.iter().any(|held| same(held, id)) => State::Held,
                Some(id) => give(writer, user, id).await,
            },
        };
        assigned.push(Assigned {
            component: set.clone(),
            state,
        });
    }
    Assignment {
        username: user.username.clone(),
        sets: assigned,
    }
}

/// The ids of the sets, and of those that the user has.
async fn look(
    reader: &Reader,
    sets: &[&ComponentId],
    user: &User,
) -> Result<(BTreeMap<FullName, String>, Vec<String>), Fault> {
    if sets.is_empty() {
        return Ok(Default::default());
    }
    let names: Vec<String> = sets
        .iter()
        .map(|set| format!("'{}'", set.full_name))
        .collect();
    let sets = format!(
        "SELECT Id, Name FROM PermissionSet WHERE NamespacePrefix = null AND Name IN ({})",
        names.join(",")
    );
    let (sets, held) = tokio::try_join!(reader.query::<SetRow>(&sets), held(reader, user))?;
    let ids = sets
        .into_iter()
        .map(|row| (FullName::new(&*row.name), row.id));
    Ok((ids.collect(), held))
}

async fn held(reader: &Reader, user: &User) -> Result<Vec<String>, Fault> {
    let soql = format!(
        "SELECT PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId = '{}'",
        user.id
    );
    let rows: Vec<HeldRow> = reader.query(&soql).await?;
    Ok(rows.into_iter().map(|row| row.permission_set_id).collect())
}

async fn give(writer: &Writer, user: &User, set: &str) -> State {
    match writer.assign(&user.id, set).await {
        Ok(()) => State::Given,
        Err(Fault::Rest { errors, .. }) => {
            let first = errors.first();
            let (code, message) = first.map_or(("", ""), |error| {
                (error.error_code.as_str(), error.message.as_str())
            });
            // Somebody was faster.
            if code == "DUPLICATE_VALUE" {
                return State::Held;
            }
            refused(&format!("{code}: {message}"))
        }
        Err(fault @ Fault::InsufficientAccess { .. }) => refused(&fault.to_string()),
        Err(fault) => match held(writer.reader(), user).await {
            Ok(held) if held.iter().any(|held| same(held, set)) => State::Given,
            _ => unknown(&fault),
        },
    }
}

fn refused(words: &str) -> State {
    let text = text::whole(words);
    let found = advice::find("PermissionSetAssignment", &text);
    let code = found
        .as_ref()
        .map_or(advice::UNEXPLAINED.code, |found| found.advice.code);
    let help = found.map_or_else(
        || "assign it in Setup > Permission Sets > the set > Manage Assignments".to_owned(),
        |found| text::clean(&found.fix),
    );
    State::Refused { code, text, help }
}

fn unknown(fault: &Fault) -> State {
    State::Unknown {
        reason: fault.to_string(),
    }
}

/// Whether two ids name one record: the last three of 18 characters are a checksum.
fn same(one: &str, other: &str) -> bool {
    one.get(..15).is_some() && one.get(..15) == other.get(..15)
}

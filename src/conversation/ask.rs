//! The questions about a conversation, each answered or refused by itself.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Shown;
use super::message::{Message, Row};
use crate::config::{Integration, OnFailure};
use crate::doctor::{moment, without_addresses};
use crate::metadata::MetadataType;
use crate::package::Package;
use crate::sf::text::clean;
use crate::sf::wire::rest::RestError;
use crate::sf::{Fault, Question, Reader, Told};

/// A Case, without what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CaseRow {
    /// `500…`
    pub id: String,
    /// `CaseNumber`
    pub number: String,
    /// `Status`
    pub status: String,
    /// `Origin`: `Email`, `Web`, …
    pub origin: String,
    /// When it was saved.
    pub created: Option<Timestamp>,
    /// The name of the user who saved it.
    pub author: String,
    /// That user's id.
    #[serde(skip)]
    pub author_id: String,
    /// What `Case_From__c` says; nothing where your user can't see the field.
    pub from: Option<String>,
    /// Whether that field could be read.
    pub shows_from: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawCase {
    id: String,
    case_number: Option<String>,
    status: Option<String>,
    origin: Option<String>,
    created_date: Option<String>,
    created_by_id: Option<String>,
    created_by: Option<Named>,
    #[serde(rename = "Case_From__c")]
    from: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    name: Option<String>,
}

/// An Apex job of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// `707…`
    pub id: String,
    /// Its class.
    pub class: String,
    /// `Queued`, `Completed`, `Failed`, …
    pub status: String,
    /// What ended it, without addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// When it was queued.
    pub created: Option<Timestamp>,
    /// The user as whom it runs.
    #[serde(skip)]
    pub author_id: String,
}

impl Job {
    /// Whether it has ended, however.
    pub fn has_ended(&self) -> bool {
        matches!(self.status.as_str(), "Completed" | "Failed" | "Aborted")
    }

    /// Whether it ended by an error.
    pub fn has_failed(&self) -> bool {
        matches!(self.status.as_str(), "Failed" | "Aborted")
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawJob {
    id: String,
    apex_class: Option<Named>,
    status: Option<String>,
    extended_status: Option<String>,
    created_date: Option<String>,
    created_by_id: Option<String>,
}

/// Cases that fit a condition, oldest first.
///
/// # Errors
/// Faults that would meet every question alike.
pub async fn cases(
    reader: &Reader,
    condition: &str,
    most: u32,
) -> Result<Told<Vec<CaseRow>>, Fault> {
    let query = |more: &str| {
        format!(
            "SELECT Id, CaseNumber, Status, Origin, CreatedDate, CreatedById, CreatedBy.Name{more} \
             FROM Case WHERE {condition} ORDER BY CreatedDate, Id LIMIT {most}"
        )
    };
    let mut shows_from = true;
    let mut rows = told::<RawCase>(reader, query(", Case_From__c")).await?;
    if rows
        .as_ref()
        .is_err_and(|said| said.error_code == "INVALID_FIELD")
    {
        shows_from = false;
        rows = told(reader, query("")).await?;
    }
    Ok(rows.map(|rows| {
        let plain = |text: Option<String>| clean(text.as_deref().unwrap_or_default());
        let case = |row: RawCase| CaseRow {
            id: row.id,
            number: plain(row.case_number),
            status: plain(row.status),
            origin: plain(row.origin),
            created: moment(row.created_date.as_deref()),
            author: plain(row.created_by.and_then(|user| user.name)),
            author_id: row.created_by_id.unwrap_or_default(),
            from: row.from.as_deref().map(clean),
            shows_from,
        };
        rows.into_iter().map(case).collect()
    }))
}

/// E-mail that fits a condition, oldest first.
///
/// # Errors
/// Faults that would meet every question alike.
pub async fn messages(
    reader: &Reader,
    condition: &str,
    integration: &Integration,
    shown: Shown,
) -> Result<Told<Vec<Message>>, Fault> {
    let mut more = String::new();
    if shown.addresses {
        more.push_str(", FromAddress, ToAddress");
    }
    if integration.outbound.on_failure == OnFailure::Flag {
        more.push_str(", OpenCX_Send_Error__c");
    }
    let query = format!(
        "SELECT Id, ParentId, CreatedDate, CreatedById, CreatedBy.Name, Incoming, Status, \
         MessageIdentifier, Subject, TextBody, HtmlBody{more} FROM EmailMessage WHERE {condition} \
         ORDER BY CreatedDate, Id LIMIT 100"
    );
    let rows = told::<Row>(reader, query).await?;
    Ok(rows.map(|rows| rows.into_iter().map(|row| row.reduced(shown)).collect()))
}

/// Our jobs from a little before a moment on, oldest first.
///
/// # Errors
/// Faults that would meet every question alike.
pub async fn jobs(
    reader: &Reader,
    classes: &[String],
    since: Timestamp,
) -> Result<Told<Vec<Job>>, Fault> {
    if classes.is_empty() {
        return Ok(Ok(Vec::new()));
    }
    let since = (since - SignedDuration::from_secs(2)).strftime("%Y-%m-%dT%H:%M:%SZ");
    let query = format!(
        "SELECT Id, ApexClass.Name, Status, ExtendedStatus, CreatedDate, CreatedById FROM \
         AsyncApexJob WHERE ApexClass.Name IN ({}) AND CreatedDate >= {since} ORDER BY CreatedDate, \
         Id LIMIT 500",
        quoted_names(classes)
    );
    let rows = told::<RawJob>(reader, query).await?;
    let job = |row: RawJob| Job {
        id: row.id,
        class: clean(
            &row.apex_class
                .and_then(|class| class.name)
                .unwrap_or_default(),
        ),
        status: clean(row.status.as_deref().unwrap_or_default()),
        problem: row
            .extended_status
            .as_deref()
            .filter(|text| !text.is_empty())
            .map(|text| without_addresses(without_our_exception(text))),
        created: moment(row.created_date.as_deref()),
        author_id: row.created_by_id.unwrap_or_default(),
    };
    Ok(rows.map(|rows| rows.into_iter().map(job).collect()))
}

/// Our job ends itself with an exception of its own, whose name tells nobody anything.
fn without_our_exception(text: &str) -> &str {
    text.split_once("DeliveryException: ")
        .map_or(text, |(_, message)| message)
}

/// The users who hold a permission set.
///
/// # Errors
/// Faults that would meet every question alike.
pub async fn holders(reader: &Reader, set: &str) -> Result<Told<BTreeSet<String>>, Fault> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Assignment {
        assignee_id: String,
    }
    let query = format!(
        "SELECT AssigneeId FROM PermissionSetAssignment WHERE PermissionSet.Name = '{set}' LIMIT 200"
    );
    let rows = told::<Assignment>(reader, query).await?;
    Ok(rows.map(|rows| rows.into_iter().map(|row| row.assignee_id).collect()))
}

async fn told<T: DeserializeOwned>(reader: &Reader, query: String) -> Result<Told<Vec<T>>, Fault> {
    let answers = reader.batch(&[Question::Query(query)]).await?;
    let answer: Told<Value> = answers.into_iter().next().unwrap_or(Ok(Value::Null));
    Ok(answer.and_then(|mut answer| {
        serde_json::from_value(answer["records"].take()).map_err(|error| RestError {
            error_code: "UNREADABLE".to_owned(),
            message: error.to_string(),
        })
    }))
}

/// Our classes that work, not the tests.
pub fn classes(package: &Package) -> Vec<String> {
    let is_test = |source: &str| source.to_ascii_lowercase().contains("@istest");
    package
        .of_kind(MetadataType::ApexClass)
        .filter(|component| !component.source.as_deref().is_some_and(is_test))
        .map(|component| component.id.full_name.as_str().to_owned())
        .collect()
}

/// Names for a query. They hold letters, digits and underscores only, so there is nothing to escape.
pub fn quoted_names(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    quoted.join(",")
}

//! The questions to an org: one batch of queries, a few that only the Tooling API answers, all at
//! the same time; then one about the users that the first answers named.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::facts::{Allowance, CaseSettingsRow, EmailToCase, Facts, MailerRow};
use super::scene::{is_test, name_of};
use crate::compare::{Change, compare};
use crate::config::Integration;
use crate::metadata::MetadataType;
use crate::package::Package;
use crate::sf::wire::rest::RestError;
use crate::sf::{Fault, Question, Reader, Told};

/// How far back rows and jobs are looked at.
pub(super) const DAYS: i64 = 7;

/// Asks for everything.
pub(super) async fn facts(
    reader: &Reader,
    integration: &Integration,
    package: &Package,
    now: Timestamp,
    with_app: bool,
) -> Result<Facts, Fault> {
    let questions = questions(package, now);
    let credential = format!(
        "SELECT Endpoint, CalloutStatus, NamedCredentialType, Metadata FROM NamedCredential \
         WHERE DeveloperName = '{}' LIMIT 1",
        name_of(integration, "OpenCX_Integration")
    );
    let (answers, credential, settings, authorized_domains, mail, app) = tokio::try_join!(
        reader.batch(&questions),
        reader.tooling_told(&credential),
        reader.tooling_told::<CaseSettingsRow>("SELECT Metadata FROM CaseSettings LIMIT 1"),
        reader.tooling_told(
            "SELECT DomainName, IsDomainOwnershipVerified FROM AuthorizedEmailDomain LIMIT 200"
        ),
        reader.mail_permission(),
        app(reader, package, with_app),
    )?;
    let mut answers = answers.into_iter();
    let mut next = || {
        answers.next().unwrap_or_else(|| {
            Err(RestError {
                error_code: "UNREADABLE".to_owned(),
                message: "no answer".to_owned(),
            })
        })
    };
    let mut facts = Facts {
        now,
        mail_allowance: next().map(|limits| allowance(&limits)),
        triggers: rows(next()),
        classes: rows(next()),
        jobs: rows(next()),
        assignments: rows(next()),
        outbound: rows(next()),
        received: rows(next()),
        cases: rows(next()),
        org_wide: rows(next()),
        dkim_keys: rows(next()),
        authorized_domains,
        credential,
        email_to_case: settings.map(email_to_case),
        mail,
        app,
        mailers: Ok(Vec::new()),
        messaging: None,
        messaging_org: None,
    };
    facts.mailers = mailers(reader, &facts).await?;
    Ok(facts)
}

/// The External Client App can only be retrieved, which takes longer than all the rest.
async fn app(
    reader: &Reader,
    package: &Package,
    is_wanted: bool,
) -> Result<Option<Told<Vec<Change>>>, Fault> {
    let mut parts = package.clone();
    parts.secrets.clear();
    parts.components.retain(|id, _| {
        id.kind.belongs_to_app() || id.kind == MetadataType::ExternalClientApplication
    });
    if parts.components.is_empty() || !is_wanted {
        return Ok(None);
    }
    let polling = reader.polling(Duration::from_secs(120));
    let live = reader.live_told(&parts.manifest(), polling).await?;
    Ok(Some(live.map(|live| compare(&parts, &live))))
}

fn questions(package: &Package, now: Timestamp) -> Vec<Question> {
    let since = now - SignedDuration::from_hours(24 * DAYS);
    let since = since.strftime("%Y-%m-%dT%H:%M:%SZ");
    let classes: Vec<&str> = package
        .components
        .values()
        .filter(|component| component.id.kind == MetadataType::ApexClass && !is_test(component))
        .map(|component| component.id.full_name.as_str())
        .collect();
    let classes = list(&classes);
    let sets: Vec<&str> = package
        .components
        .keys()
        .filter(|id| id.kind == MetadataType::PermissionSet)
        .map(|id| id.full_name.as_str())
        .collect();
    let code = "Name, Status, ApiVersion, Body, LastModifiedDate, LastModifiedBy.Name";
    let triggers: Vec<&str> = package
        .components
        .keys()
        .filter(|id| id.kind == MetadataType::ApexTrigger)
        .map(|id| id.full_name.as_str())
        .collect();
    let queries = [
        format!(
            "SELECT {code}, TableEnumOrId, UsageAfterInsert FROM ApexTrigger WHERE \
             NamespacePrefix = null AND (TableEnumOrId IN ('Case', 'EmailMessage') OR Name IN ({})) \
             LIMIT 200",
            list(&triggers)
        ),
        format!(
            "SELECT {code} FROM ApexClass WHERE NamespacePrefix = null AND Name IN ({classes}) \
             LIMIT 200"
        ),
        format!(
            "SELECT ApexClass.Name, Status, ExtendedStatus, CreatedDate FROM AsyncApexJob WHERE \
             CreatedDate >= {since} AND ApexClass.Name IN ({classes}) ORDER BY CreatedDate DESC \
             LIMIT 500"
        ),
        format!(
            "SELECT AssigneeId, Assignee.Name, Assignee.Username, Assignee.Email, \
             Assignee.IsActive, PermissionSet.Name FROM PermissionSetAssignment WHERE \
             PermissionSet.Name IN ({}) LIMIT 200",
            list(&sets)
        ),
        format!(
            "SELECT CreatedDate, CreatedById, CreatedBy.Name, CreatedBy.Username, \
             CreatedBy.Email, Status, MessageIdentifier, ParentId FROM EmailMessage WHERE \
             Incoming = false AND CreatedDate >= {since} ORDER BY CreatedDate DESC LIMIT 2000"
        ),
        "SELECT CreatedDate, FromAddress, Subject, TextBody, Parent.CaseNumber, Parent.CreatedDate FROM \
         EmailMessage WHERE Incoming = true ORDER BY CreatedDate DESC LIMIT 50"
            .to_owned(),
        format!(
            "SELECT CreatedDate, Case_From__c FROM Case WHERE CreatedDate >= {since} ORDER BY \
             CreatedDate DESC LIMIT 200"
        ),
        "SELECT Address, IsVerified FROM OrgWideEmailAddress LIMIT 200".to_owned(),
        "SELECT Domain, DomainMatch, IsActive FROM EmailDomainKey LIMIT 200".to_owned(),
    ];
    std::iter::once(Question::Limits)
        .chain(queries.map(Question::Query))
        .collect()
}

/// Names hold letters, digits and underscores only, so there is nothing to escape. No name at all
/// would not be SOQL.
fn list(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    if names.is_empty() {
        "''".to_owned()
    } else {
        names.join(",")
    }
}

fn rows<T: DeserializeOwned>(answer: Told<Value>) -> Told<Vec<T>> {
    let mut answer = answer?;
    serde_json::from_value(answer["records"].take()).map_err(|error| RestError {
        error_code: "UNREADABLE".to_owned(),
        message: error.to_string(),
    })
}

fn allowance(limits: &Value) -> Option<Allowance> {
    serde_json::from_value(limits["SingleEmail"].clone()).ok()
}

fn email_to_case(rows: Vec<CaseSettingsRow>) -> EmailToCase {
    rows.into_iter()
        .next()
        .and_then(|row| row.metadata?.email_to_case)
        .unwrap_or_default()
}

/// The ids of the users that write or may write replies.
fn writers(facts: &Facts) -> BTreeSet<String> {
    let holders = facts.assignments.iter().flatten();
    let authors = facts.outbound.iter().flatten();
    holders
        .filter_map(|row| row.assignee_id.clone())
        .chain(
            authors
                .filter(|row| row.looks_like_opencx())
                .filter_map(|row| row.created_by_id.clone()),
        )
        .filter(|id| id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        .take(50)
        .collect()
}

/// Which of them may send mail, by profile, permission set or group: assignments show all of it.
async fn mailers(reader: &Reader, facts: &Facts) -> Result<Told<Vec<MailerRow>>, Fault> {
    let writers = writers(facts);
    if writers.is_empty() {
        return Ok(Ok(Vec::new()));
    }
    let ids: Vec<&str> = writers.iter().map(String::as_str).collect();
    let soql = format!(
        "SELECT AssigneeId, PermissionSet.Name FROM PermissionSetAssignment WHERE AssigneeId IN \
         ({}) AND PermissionSet.PermissionsEmailSingle = true LIMIT 500",
        list(&ids)
    );
    let answers = reader.batch(&[Question::Query(soql)]).await?;
    Ok(answers.into_iter().next().map_or(Ok(Vec::new()), rows))
}

//! The questions to an org: one batch of queries, a few that only the Tooling API answers, all at
//! the same time; then one about the users that the first answers named.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::facts::{Allowance, CaseSettingsRow, EmailToCase, Facts, Rights, RightsRow};
use super::request::Request;
use super::scene::{is_test, name_of};
use super::{app, app_facts, dns, threading, webhook};
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
    user_id: &str,
    integration: &Integration,
    package: &Package,
    now: Timestamp,
    request: &Request<'_>,
) -> Result<Facts, Fault> {
    let mut questions = questions(package, now, request);
    // The rights of whoever asks add up over all sets; a profile is one too.
    questions.push(Question::Query(format!(
        "SELECT PermissionSet.PermissionsViewAllData, PermissionSet.PermissionsModifyAllData FROM \
         PermissionSetAssignment WHERE AssigneeId IN ({}) LIMIT 500",
        list(&[user_id])
    )));
    let with_app = app::CODES.iter().any(|code| request.covers(code));
    let credential = format!(
        "SELECT Endpoint, CalloutStatus, NamedCredentialType, Metadata FROM NamedCredential \
         WHERE DeveloperName = '{}' LIMIT 1",
        name_of(integration, "OpenCX_Integration")
    );
    let (answers, credential, settings, authorized_domains, mail, wanted_app) = tokio::try_join!(
        reader.batch(&questions),
        reader.tooling_told(&credential),
        reader.tooling_told::<CaseSettingsRow>("SELECT Metadata FROM CaseSettings LIMIT 1"),
        reader.tooling_told(
            "SELECT DomainName, IsDomainOwnershipVerified FROM AuthorizedEmailDomain LIMIT 200"
        ),
        reader.mail_permission(),
        app_facts::of_package(reader, package, with_app),
    )?;
    let mut answers = answers.into_iter();
    let mut next = || answers.next().unwrap_or_else(|| Err(no_answer()));
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
        apps: rows(next()),
        bounced: rows(next()),
        sent_texts: request
            .covers(threading::IN_ROWS.code.0)
            .then(|| rows(next())),
        send_errors: has_send_error(package).then(|| rows(next())),
        sees_all: sees_all(rows(next())),
        authorized_domains,
        credential,
        email_to_case: settings.map(email_to_case),
        mail,
        app: wanted_app,
        connections: Ok(Vec::new()),
        mailers: Ok(Vec::new()),
        messaging: None,
        messaging_org: None,
        call: None,
        dns: None,
    };
    if facts.app.is_none() && with_app {
        facts.app = app_facts::made_by_hand(reader, package, &facts.apps).await?;
    }
    users(reader, &mut facts).await?;
    if request.call_webhook {
        facts.call = Some(webhook::call(&facts.credential).await?);
    }
    if dns::CODES.iter().any(|code| request.covers(code)) {
        facts.dns = Some(dns::look_up(integration, &facts.dkim_keys, request.dns_server).await);
    }
    Ok(facts)
}

fn no_answer() -> RestError {
    RestError {
        error_code: "UNREADABLE".to_owned(),
        message: "no answer".to_owned(),
    }
}

/// Whether replies that were not sent are marked (`on_failure: flag`).
fn has_send_error(package: &Package) -> bool {
    package
        .components
        .keys()
        .any(|id| id.full_name.as_str() == "EmailMessage.OpenCX_Send_Error__c")
}

fn questions(package: &Package, now: Timestamp, request: &Request<'_>) -> Vec<Question> {
    let since = now - SignedDuration::from_hours(24 * DAYS);
    let since = since.strftime("%Y-%m-%dT%H:%M:%SZ");
    let classes: Vec<&str> = package
        .of_kind(MetadataType::ApexClass)
        .filter(|component| !is_test(component))
        .map(|component| component.id.full_name.as_str())
        .collect();
    let classes = list(&classes);
    let sets: Vec<&str> = package
        .of_kind(MetadataType::PermissionSet)
        .map(|set| set.id.full_name.as_str())
        .collect();
    let code = "Name, Status, ApiVersion, Body, LastModifiedDate, LastModifiedBy.Name";
    let triggers: Vec<&str> = package
        .of_kind(MetadataType::ApexTrigger)
        .map(|trigger| trigger.id.full_name.as_str())
        .collect();
    let mut queries = vec![
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
            "SELECT CreatedDate, CreatedById, CreatedBy.Name, Case_From__c FROM Case WHERE CreatedDate >= {since} ORDER BY \
             CreatedDate DESC LIMIT 200"
        ),
        "SELECT Address, IsVerified FROM OrgWideEmailAddress LIMIT 200".to_owned(),
        "SELECT Domain, DomainMatch, Selector, IsActive FROM EmailDomainKey LIMIT 200".to_owned(),
        "SELECT DeveloperName, MasterLabel FROM ExternalClientApplication LIMIT 200".to_owned(),
        format!(
            "SELECT CreatedDate FROM EmailMessage WHERE IsBounced = true AND CreatedDate >= {since} \
             ORDER BY CreatedDate DESC LIMIT 200"
        ),
    ];
    if request.covers(threading::IN_ROWS.code.0) {
        queries.push(format!(
            "SELECT Subject, TextBody, HtmlBody FROM EmailMessage WHERE Incoming = false AND \
             CreatedDate >= {since} ORDER BY CreatedDate DESC LIMIT 25"
        ));
    }
    if has_send_error(package) {
        queries.push(format!(
            "SELECT CreatedDate, OpenCX_Send_Error__c FROM EmailMessage WHERE OpenCX_Send_Error__c \
             != null AND CreatedDate >= {since} ORDER BY CreatedDate DESC LIMIT 200"
        ));
    }
    std::iter::once(Question::Limits)
        .chain(queries.into_iter().map(Question::Query))
        .collect()
}

/// Names of components have nothing to escape; labels of apps may. No name at all would not be SOQL.
fn list(names: &[&str]) -> String {
    let escaped = |name: &&str| name.replace('\\', "\\\\").replace('\'', "\\'");
    let names: Vec<String> = names
        .iter()
        .map(|name| format!("'{}'", escaped(name)))
        .collect();
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

/// Every user has a profile: no row at all says nothing.
fn sees_all(rows: Told<Vec<RightsRow>>) -> Option<bool> {
    let sets: Vec<Rights> = rows
        .ok()?
        .into_iter()
        .filter_map(|row| row.permission_set)
        .collect();
    let is_enough = |set: &Rights| set.permissions_view_all_data || set.permissions_modify_all_data;
    (!sets.is_empty()).then(|| sets.iter().any(is_enough))
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

/// Who of them may send mail, by profile, permission set or group: assignments show all of it. And
/// who has connected through the app.
async fn users(reader: &Reader, facts: &mut Facts) -> Result<(), Fault> {
    let writers = writers(facts);
    let ids: Vec<&str> = writers.iter().map(String::as_str).collect();
    let mail = (!ids.is_empty()).then(|| {
        format!(
            "SELECT AssigneeId, PermissionSet.Name FROM PermissionSetAssignment WHERE AssigneeId IN \
             ({}) AND PermissionSet.PermissionsEmailSingle = true LIMIT 500",
            list(&ids)
        )
    });
    let app = facts.app.as_ref().and_then(|app| app.as_ref().ok());
    let connections = app.map(|app| {
        format!(
            "SELECT UserId, User.Name, User.Username, LastUsedDate FROM OauthToken WHERE AppName IN \
             ({}) LIMIT 200",
            list(&app.names())
        )
    });
    let (asks_mail, asks_app) = (mail.is_some(), connections.is_some());
    let questions: Vec<Question> = [mail, connections]
        .into_iter()
        .flatten()
        .map(Question::Query)
        .collect();
    if questions.is_empty() {
        return Ok(());
    }
    let mut answers = reader.batch(&questions).await?.into_iter();
    if asks_mail {
        facts.mailers = answers.next().map_or(Ok(Vec::new()), rows);
    }
    if asks_app {
        facts.connections = answers.next().map_or(Ok(Vec::new()), rows);
    }
    Ok(())
}

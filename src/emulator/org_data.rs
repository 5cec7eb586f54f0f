//! What the org's state tells Apex and the APIs of the org itself: allowances, permissions, users.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::metadata::MetadataType;

use super::condition::Condition;
use super::credentials;
use super::ids::same_id;
use super::options::OrgKind;
use super::record::Record;
use super::runtime::{OrgData, User};
use super::state::{State, Stored};

/// Queueables in a chain in Developer Edition and trial orgs (Apex Developer Guide, "Queueable Apex").
const CHAIN_LIMIT: u32 = 5;

/// What Apex knows of the org and its running user.
pub fn org_data(state: &State, now: Timestamp) -> OrgData {
    let mut data = OrgData {
        organization_id: state.organization.id.as_str().into(),
        organization_name: state.organization.name.as_str().into(),
        now,
        deliverable: !state.has(Condition::DeliverabilityOff),
        mail_capacity: mail_allowance(state, now).1,
        credentials: credentials::logged(state),
        max_scheduled_jobs: match state.organization.kind {
            OrgKind::Developer => 5,
            _ => 100,
        },
        ..OrgData::default()
    };
    if let Some(user) = state.users.first() {
        data.user_id = user.id.as_str().into();
        data.user_name = user.name.as_str().into();
        data.username = user.username.as_str().into();
        data.email = user.email.as_str().into();
    }
    data.event_users = event_users(state);
    for kind in [MetadataType::ApexClass, MetadataType::ApexTrigger] {
        for stored in state.of_type(kind) {
            let id = stored.component_id();
            data.record_ids.insert(id, stored.id.clone());
        }
    }
    data
}

/// Who runs triggers on platform events instead of the Automated Process user
/// (`PlatformEventSubscriberConfig`), by the trigger's name in lower case.
fn event_users(state: &State) -> BTreeMap<String, User> {
    let configs = state.of_type(MetadataType::PlatformEventSubscriberConfig);
    configs
        .into_iter()
        .filter_map(|config| {
            let tree = config.tree();
            let name = tree.text_of("user")?.trim();
            let mut users = state.users.iter();
            let user = users.find(|user| user.username.eq_ignore_ascii_case(name))?;
            let trigger = tree.text_of("platformEventConsumer")?.trim();
            Some((
                trigger.to_ascii_lowercase(),
                User {
                    id: user.id.clone(),
                    name: user.name.clone(),
                    email: user.email.clone(),
                    permissions: permissions(state, &user.id),
                },
            ))
        })
        .collect()
}

/// How long a chain of queueables may be in that kind of org.
pub fn chain_limit(kind: OrgKind) -> Option<u32> {
    (kind == OrgKind::Developer).then_some(CHAIN_LIMIT)
}

/// How many recipients may get mail in a day, and how many still may today.
pub fn mail_allowance(state: &State, now: Timestamp) -> (u32, u32) {
    let most = state.organization.kind.daily_mails();
    if state.has(Condition::MailLimitUsedUp) {
        return (most, 0);
    }
    let day = |at: Timestamp| at.to_zoned(jiff::tz::TimeZone::UTC).date();
    let used: usize = state
        .activity
        .mails
        .iter()
        .filter(|mail| day(mail.at) == day(now))
        .map(|mail| mail.to.len() + mail.cc.len() + mail.bcc.len())
        .sum();
    (
        most,
        most.saturating_sub(u32::try_from(used).unwrap_or(most)),
    )
}

/// Asynchronous Apex that began in the last 24 hours: a batch counts its start, its finish and each of its
/// parts (Apex Developer Guide, "Execution Governors and Limits").
pub fn executions(state: &State, now: Timestamp) -> u64 {
    let since = now.as_second() - 24 * 60 * 60;
    let jobs = state.records.iter().filter(|record| {
        let created = record.fields.get("CreatedDate").and_then(|at| at.as_str());
        let created = created.and_then(|at| at.replace("+0000", "Z").parse::<Timestamp>().ok());
        record.object == "AsyncApexJob" && created.is_some_and(|at| at.as_second() > since)
    });
    jobs.map(|record| match record.fields.get("JobType") {
        Some(kind) if kind == "BatchApex" => {
            let parts = record.fields.get("JobItemsProcessed");
            2 + parts.and_then(|parts| parts.as_u64()).unwrap_or_default()
        }
        _ => 1,
    })
    .sum()
}

/// The custom permissions of the permission sets that a user has.
pub fn permissions(state: &State, user: &str) -> BTreeSet<String> {
    let text = |record: &Record, name: &str| {
        let value = record.fields.get(name).and_then(|value| value.as_str());
        value.unwrap_or_default().to_owned()
    };
    let assigned: Vec<String> = state
        .records
        .iter()
        .filter(|record| record.object == "PermissionSetAssignment")
        .filter(|record| same_id(&text(record, "AssigneeId"), user))
        .map(|record| text(record, "PermissionSetId"))
        .collect();
    state
        .of_type(MetadataType::PermissionSet)
        .into_iter()
        .filter(|stored| assigned.iter().any(|id| same_id(id, &stored.id)))
        .flat_map(granted_by)
        .collect()
}

/// The custom permissions of a permission set.
pub fn granted_by(set: &Stored) -> Vec<String> {
    let enabled = set.tree().children.into_iter().filter(|child| {
        child.name == "customPermissions" && child.text_of("enabled") == Some("true")
    });
    enabled
        .filter_map(|child| child.text_of("name").map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::options::Options;
    use super::super::users;
    use super::*;

    #[test]
    fn executions_are_those_of_the_last_24_hours() {
        let now: Timestamp = "2026-03-10T12:00:00Z".parse().unwrap();
        let mut state = users::new_org(&Options::default(), now);
        for (kind, created, parts) in [
            ("Queueable", "2026-03-09T11:59:59.000+0000", 0),
            ("Queueable", "2026-03-09T12:00:01.000+0000", 0),
            ("BatchApex", "2026-03-10T11:00:00.000+0000", 3),
        ] {
            let fields =
                json!({ "JobType": kind, "CreatedDate": created, "JobItemsProcessed": parts });
            state.records.push(Record {
                object: "AsyncApexJob".to_owned(),
                id: created.to_owned(),
                deleted: false,
                fields: fields.as_object().cloned().unwrap_or_default(),
            });
        }
        assert_eq!(executions(&state, now), 6);
    }
}

//! Is it so? Checks against the live org: content read back and compared, and what no file shows.

mod assignment;
mod case_trigger;
mod external_client_app;
mod mail_provider;

pub use assignment::is_for_integration_user;

use serde::{Deserialize, Serialize};

use crate::apex::{self, Declaration};
use crate::compare::{Change, ChangeKind};
use crate::config::Integration;
use crate::diag::Code;
use crate::metadata::{Component, ComponentId, MetadataType};
use crate::package::Package;
use crate::sf::{Fault, Reader};

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Shown to be so.
    Passed,
    /// Shown not to be so.
    Failed,
    /// It should have been possible to tell, and was not.
    Unknown,
    /// This tool does not check it here; the message says why.
    NotChecked,
    /// A person has to do it; the integration waits for it.
    ToDo,
}

/// One fact about the org.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Which check: `verify/trigger-active`.
    pub code: Code,
    /// The component it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component: Option<ComponentId>,
    /// How it ended.
    pub status: Status,
    /// What was found, one sentence.
    pub message: String,
    /// What to do, when something is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Check {
    /// A check with its outcome.
    pub fn new(code: Code, status: Status, message: impl Into<String>) -> Self {
        Self {
            code,
            component: None,
            status,
            message: message.into(),
            help: None,
        }
    }

    /// Says which component it is about.
    #[must_use]
    pub fn about(mut self, component: &ComponentId) -> Self {
        self.component = Some(component.clone());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// What verifying an org showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Every component of the package, read back and compared.
    pub components: Vec<Change>,
    /// What no file shows.
    pub checks: Vec<Check>,
}

impl Verification {
    /// Of the comparison of what was read back, and of what no file shows. What is not there can't be
    /// given to anybody.
    pub fn new(components: Vec<Change>, mut checks: Vec<Check>) -> Self {
        let is_missing = |check: &Check| {
            let mut missing = components
                .iter()
                .filter(|change| change.kind == ChangeKind::Missing);
            missing.any(|change| check.component.as_ref() == Some(&change.component))
        };
        checks.retain(|check| check.status != Status::ToDo || !is_missing(check));
        Self { components, checks }
    }

    /// Whether every component is equal and no check failed or stayed unknown.
    pub fn passed(&self) -> bool {
        self.components
            .iter()
            .all(|change| change.kind == ChangeKind::Same)
            && self
                .checks
                .iter()
                .all(|check| !matches!(check.status, Status::Failed | Status::Unknown))
    }

    /// Whether something could not be determined.
    pub fn is_undetermined(&self) -> bool {
        self.components
            .iter()
            .any(|change| change.kind == ChangeKind::Unreadable)
            || self
                .checks
                .iter()
                .any(|check| check.status == Status::Unknown)
    }

    /// Whether something was shown to be wrong.
    pub fn failed(&self) -> bool {
        self.components
            .iter()
            .any(|change| !matches!(change.kind, ChangeKind::Same | ChangeKind::Unreadable))
            || self
                .checks
                .iter()
                .any(|check| check.status == Status::Failed)
    }
}

/// What is read back and what no file shows, together. `components` is the comparison of what was
/// read back.
///
/// # Errors
/// As [`checks`].
pub async fn verify(
    reader: &Reader,
    integration: &Integration,
    package: &Package,
    components: Vec<Change>,
) -> Result<Verification, Fault> {
    let checks = checks(reader, integration, package).await?;
    Ok(Verification::new(components, checks))
}

/// Asks the org what its files do not show, about every component of the package. The queries run
/// at the same time.
///
/// # Errors
/// A [`Fault`] that would meet every query alike: a refused token, an unreachable org. A query
/// that the org refuses for a reason of its own becomes a check with status unknown.
pub async fn checks(
    reader: &Reader,
    integration: &Integration,
    package: &Package,
) -> Result<Vec<Check>, Fault> {
    let (triggers, callers, credentials, assignments) = tokio::join!(
        check_triggers(reader, package),
        case_trigger::check(reader, integration),
        check_credentials(reader, package),
        assignment::check(reader, integration, package),
    );
    let mut checks = Vec::new();
    for found in [triggers, callers, credentials, assignments] {
        checks.extend(found?);
    }
    checks.extend(external_client_app::to_do(package));
    checks.extend(mail_provider::to_do(package));
    Ok(checks)
}

/// The checks on who holds the permission sets, asked again after some were given.
///
/// # Errors
/// As [`verify`].
pub async fn assignments(
    reader: &Reader,
    integration: &Integration,
    package: &Package,
) -> Result<Vec<Check>, Fault> {
    assignment::check(reader, integration, package).await
}

impl Verification {
    /// Puts newer checks of the same kinds in the place of those that are there.
    pub fn renew(&mut self, checks: Vec<Check>) {
        let is_newer = |check: &Check| checks.iter().any(|newer| newer.code == check.code);
        let at = self.checks.iter().position(is_newer);
        self.checks.retain(|check| !is_newer(check));
        let at = at.unwrap_or(self.checks.len()).min(self.checks.len());
        self.checks.splice(at..at, checks);
    }
}

/// The names of components as a SOQL list of string literals. Developer names hold letters, digits
/// and underscores only, so there is nothing to escape.
fn soql_names(components: &[&Component]) -> String {
    let names: Vec<String> = components
        .iter()
        .map(|component| format!("'{}'", component.id.full_name))
        .collect();
    names.join(",")
}

/// Splits a failed query into what ends the whole verification and what is one unknown check.
fn unknown_or_fatal(
    fault: Fault,
    code: Code,
    components: &[&Component],
) -> Result<Vec<Check>, Fault> {
    let about_this_query = matches!(
        fault,
        Fault::Rest { .. }
            | Fault::NotFound { .. }
            | Fault::InsufficientAccess { .. }
            | Fault::Unparsable { .. }
            | Fault::Inconsistent { .. }
    );
    if !about_this_query {
        return Err(fault);
    }
    Ok(components
        .iter()
        .map(|component| {
            Check::new(
                code,
                Status::Unknown,
                format!("the org did not answer: {fault}"),
            )
            .about(&component.id)
        })
        .collect())
}

/// Row of `ApexTrigger`, Tooling API.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TriggerRow {
    name: String,
    status: String,
    table_enum_or_id: Option<String>,
    usage_after_delete: bool,
    usage_after_insert: bool,
    usage_after_undelete: bool,
    usage_after_update: bool,
    usage_before_delete: bool,
    usage_before_insert: bool,
    usage_before_update: bool,
}

impl TriggerRow {
    fn events(&self) -> Vec<String> {
        [
            (self.usage_after_delete, "after delete"),
            (self.usage_after_insert, "after insert"),
            (self.usage_after_undelete, "after undelete"),
            (self.usage_after_update, "after update"),
            (self.usage_before_delete, "before delete"),
            (self.usage_before_insert, "before insert"),
            (self.usage_before_update, "before update"),
        ]
        .into_iter()
        .filter(|(on, _)| *on)
        .map(|(_, event)| event.to_owned())
        .collect()
    }
}

const TRIGGER: Code = Code("verify/trigger-active");

async fn check_triggers(reader: &Reader, package: &Package) -> Result<Vec<Check>, Fault> {
    let triggers: Vec<_> = package.of_kind(MetadataType::ApexTrigger).collect();
    if triggers.is_empty() {
        return Ok(Vec::new());
    }
    let soql = format!(
        "SELECT Name, Status, TableEnumOrId, UsageAfterDelete, UsageAfterInsert, \
         UsageAfterUndelete, UsageAfterUpdate, UsageBeforeDelete, UsageBeforeInsert, \
         UsageBeforeUpdate FROM ApexTrigger WHERE NamespacePrefix = null AND Name IN ({})",
        soql_names(&triggers)
    );
    let rows: Vec<TriggerRow> = match reader.tooling_query(&soql).await {
        Ok(rows) => rows,
        Err(fault) => return unknown_or_fatal(fault, TRIGGER, &triggers),
    };
    Ok(triggers
        .into_iter()
        .map(|trigger| check_trigger(trigger, &rows))
        .collect())
}

fn check_trigger(trigger: &Component, rows: &[TriggerRow]) -> Check {
    let id = &trigger.id;
    let found = rows
        .iter()
        .find(|row| row.name.eq_ignore_ascii_case(id.full_name.as_str()));
    let Some(row) = found else {
        return Check::new(
            TRIGGER,
            Status::Failed,
            "the org lists no trigger of this name",
        )
        .about(id)
        .help("run `opencx-sf deploy`");
    };
    let Some(Declaration::Trigger {
        object, mut events, ..
    }) = apex::parse(trigger.source.as_deref().unwrap_or_default()).declaration
    else {
        return Check::new(
            TRIGGER,
            Status::Unknown,
            "our own trigger source does not parse",
        )
        .about(id);
    };
    events.sort();
    let live_object = row.table_enum_or_id.clone().unwrap_or_default();
    let live_events = row.events();
    if row.status != "Active" {
        return Check::new(
            TRIGGER,
            Status::Failed,
            format!("its status is {}", row.status),
        )
        .help(format!(
            "run `opencx-sf deploy --overwrite {id}`: it switches the trigger on"
        ))
        .about(id);
    }
    if !live_object.eq_ignore_ascii_case(&object) || live_events != events {
        let message = format!(
            "it runs on {live_object} ({}), expected {object} ({})",
            live_events.join(", "),
            events.join(", ")
        );
        return Check::new(TRIGGER, Status::Failed, message)
            .about(id)
            .help("run `opencx-sf plan` to see whose trigger it is");
    }
    let message = format!("active on {object}, {}", events.join(", "));
    Check::new(TRIGGER, Status::Passed, message).about(id)
}

/// Row of `NamedCredential`, Tooling API.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CredentialRow {
    developer_name: String,
    callout_status: Option<String>,
}

const CALLOUTS: Code = Code("verify/callouts-enabled");

async fn check_credentials(reader: &Reader, package: &Package) -> Result<Vec<Check>, Fault> {
    let credentials: Vec<_> = package.of_kind(MetadataType::NamedCredential).collect();
    if credentials.is_empty() {
        return Ok(Vec::new());
    }
    let soql = format!(
        "SELECT DeveloperName, CalloutStatus FROM NamedCredential WHERE DeveloperName IN ({})",
        soql_names(&credentials)
    );
    let rows: Vec<CredentialRow> = match reader.tooling_query(&soql).await {
        Ok(rows) => rows,
        Err(fault) => return unknown_or_fatal(fault, CALLOUTS, &credentials),
    };
    Ok(credentials
        .into_iter()
        .map(|credential| check_credential(&credential.id, &rows))
        .collect())
}

fn check_credential(id: &ComponentId, rows: &[CredentialRow]) -> Check {
    let found = rows.iter().find(|row| {
        row.developer_name
            .eq_ignore_ascii_case(id.full_name.as_str())
    });
    let check = match found.map(|row| row.callout_status.as_deref()) {
        None => Check::new(
            CALLOUTS,
            Status::Failed,
            "the org lists no credential of this name",
        )
        .help("run `opencx-sf deploy`"),
        Some(Some("Enabled")) => Check::new(CALLOUTS, Status::Passed, "callouts are enabled"),
        Some(Some(other)) => Check::new(
            CALLOUTS,
            Status::Failed,
            format!("its callout status is {other}"),
        )
        .help("run `opencx-sf deploy`: it enables callouts"),
        Some(None) => Check::new(
            CALLOUTS,
            Status::Unknown,
            "the org did not say whether callouts are enabled",
        ),
    };
    check.about(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trigger() -> Component {
        Component {
            id: ComponentId::new(MetadataType::ApexTrigger, "CaseTrigger"),
            source: Some("trigger CaseTrigger on Case (after insert) { }\n".into()),
            xml: String::new(),
        }
    }

    fn row(status: &str, object: &str) -> TriggerRow {
        TriggerRow {
            name: "casetrigger".into(),
            status: status.into(),
            table_enum_or_id: Some(object.into()),
            usage_after_delete: false,
            usage_after_insert: true,
            usage_after_undelete: false,
            usage_after_update: false,
            usage_before_delete: false,
            usage_before_insert: false,
            usage_before_update: false,
        }
    }

    #[test]
    fn nobody_is_told_to_give_what_is_not_there() {
        let id = ComponentId::new(MetadataType::PermissionSet, "OpenCX_Integration");
        let told = |kind| {
            let components = vec![Change::bare(id.clone(), kind, None)];
            let code = Code("verify/permission-set-assigned");
            let check = Check::new(code, Status::ToDo, "nobody holds it yet").about(&id);
            Verification::new(components, vec![check]).checks.len()
        };
        assert_eq!(told(ChangeKind::Missing), 0);
        assert_eq!(told(ChangeKind::Same), 1);
    }

    #[test]
    fn a_trigger_must_be_there_active_and_on_its_object() {
        assert_eq!(
            check_trigger(&trigger(), &[row("Active", "Case")]).status,
            Status::Passed
        );
        assert_eq!(check_trigger(&trigger(), &[]).status, Status::Failed);
        assert_eq!(
            check_trigger(&trigger(), &[row("Inactive", "Case")]).status,
            Status::Failed
        );
        let wrong = check_trigger(&trigger(), &[row("Active", "Account")]);
        assert_eq!(
            wrong.message,
            "it runs on Account (after insert), expected Case (after insert)"
        );
    }

    #[test]
    fn a_credential_without_a_status_is_unknown() {
        let id = ComponentId::new(MetadataType::NamedCredential, "OpenCX_Integration");
        let row = |status: Option<&str>| CredentialRow {
            developer_name: "OpenCX_Integration".into(),
            callout_status: status.map(str::to_owned),
        };
        assert_eq!(check_credential(&id, &[row(None)]).status, Status::Unknown);
        assert_eq!(
            check_credential(&id, &[row(Some("Disabled"))]).status,
            Status::Failed
        );
        assert_eq!(
            check_credential(&id, &[row(Some("Enabled"))]).status,
            Status::Passed
        );
    }
}

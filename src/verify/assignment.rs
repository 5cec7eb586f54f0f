//! Who holds the permission sets: deploying one gives it to nobody.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Check, Status, soql_names, unknown_or_fatal};
use crate::config::Integration;
use crate::diag::Code;
use crate::metadata::{ComponentId, FullName, MetadataType};
use crate::package::Package;
use crate::sf::{Fault, Reader};

/// Row of `PermissionSetAssignment`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AssignmentRow {
    permission_set: Option<NameOf>,
    assignee: Option<UserOf>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NameOf {
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UserOf {
    username: Option<String>,
}

const ASSIGNED: Code = Code("verify/permission-set-assigned");

/// Whether somebody holds each permission set of the package.
pub(super) async fn check(
    reader: &Reader,
    integration: &Integration,
    package: &Package,
) -> Result<Vec<Check>, Fault> {
    let sets: Vec<_> = package.of_kind(MetadataType::PermissionSet).collect();
    if sets.is_empty() {
        return Ok(Vec::new());
    }
    let soql = format!(
        "SELECT PermissionSet.Name, Assignee.Username FROM PermissionSetAssignment \
         WHERE PermissionSet.Name IN ({})",
        soql_names(&sets)
    );
    let rows: Vec<AssignmentRow> = match reader.query(&soql).await {
        Ok(rows) => rows,
        Err(fault) => return unknown_or_fatal(fault, ASSIGNED, &sets),
    };
    let mut holders: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows {
        let set = row
            .permission_set
            .and_then(|set| set.name)
            .unwrap_or_default();
        let user = row
            .assignee
            .and_then(|user| user.username)
            .unwrap_or_default();
        holders
            .entry(set.to_ascii_lowercase())
            .or_default()
            .push(user);
    }
    Ok(sets
        .into_iter()
        .map(|set| {
            let key = set.id.full_name.as_str().to_ascii_lowercase();
            let users = holders.get(&key).map_or(&[][..], Vec::as_slice);
            check_assignment(&set.id, users, holders_of(&set.id, integration))
        })
        .collect())
}

const INTEGRATION_USER: &str = "the user that OpenCX logs in as";

/// Whether a permission set is for the user that OpenCX logs in as.
pub fn is_for_integration_user(id: &ComponentId, integration: &Integration) -> bool {
    holders_of(id, integration) == INTEGRATION_USER
}

/// Who is to hold a set. Most are for the integration user.
fn holders_of(id: &ComponentId, integration: &Integration) -> &'static str {
    let is = |shipped: &str| {
        let name = integration
            .names
            .get(shipped)
            .map_or(shipped, String::as_str);
        id.full_name == FullName::new(name)
    };
    if is("OpenCX_Webhook_Access") {
        "every user who saves Cases (with Email-to-Case the Automated Case User, with web forms and \
         sites the guest user): without it their new Cases are not announced"
    } else if is("OpenCX_Send_Errors") {
        "whoever looks after replies that were not sent"
    } else if is("OpenCX_Drift_Reader") {
        "the user that CI logs in as to look for drift"
    } else {
        INTEGRATION_USER
    }
}

fn check_assignment(id: &ComponentId, users: &[String], whom: &str) -> Check {
    let check = if users.is_empty() {
        Check::new(ASSIGNED, Status::ToDo, "nobody holds it yet").help(format!(
            "assign it to {whom}: Setup → Permission Sets → {} → Manage Assignments{}",
            id.full_name,
            if whom == INTEGRATION_USER {
                ", or deploy again with `--assign USERNAME`"
            } else {
                ""
            }
        ))
    } else {
        Check::new(
            ASSIGNED,
            Status::Passed,
            format!("held by {}", users.join(", ")),
        )
    };
    check.about(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, References, Secrets};

    struct Nothing;

    impl References for Nothing {
        fn env(&self, _: &str) -> Option<String> {
            None
        }

        fn file(&self, _: &std::path::Path) -> std::io::Result<String> {
            Err(std::io::ErrorKind::NotFound.into())
        }
    }

    fn set(name: &str) -> ComponentId {
        ComponentId::new(MetadataType::PermissionSet, name)
    }

    #[test]
    fn a_set_that_nobody_holds_is_to_be_given_to_whom_it_is_for() {
        let config = "version: 1\nemail_cases:\n  webhook_url: ${env:A}\n  \
                      reply_to: a@b.example\n  outbound: { sender: { display_name: A } }\n  \
                      names: { OpenCX_Webhook_Access: Ours }\n";
        let integration = Config::parse("opencx.yaml".as_ref(), config)
            .and_then(|config| config.integration(&Nothing, Secrets::Unresolved))
            .unwrap();
        for (name, whom) in [
            (
                "OpenCX_Integration",
                "assign it to the user that OpenCX logs in as: ",
            ),
            ("ours", "assign it to every user who saves Cases ("),
            (
                "OpenCX_Send_Errors",
                "assign it to whoever looks after replies ",
            ),
        ] {
            let id = set(name);
            let check = check_assignment(&id, &[], holders_of(&id, &integration));
            assert_eq!(check.status, Status::ToDo);
            let help = check.help.unwrap();
            assert!(help.starts_with(whom), "{help}");
        }
    }

    #[test]
    fn a_set_that_somebody_holds_is_fine() {
        let users = ["a@b.example".to_owned(), "c@d.example".to_owned()];
        let check = check_assignment(&set("A"), &users, "");
        assert_eq!(check.status, Status::Passed);
        assert_eq!(check.message, "held by a@b.example, c@d.example");
    }
}

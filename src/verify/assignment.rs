//! Who holds the permission sets: deploying one gives it to nobody.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Check, Status, of_kind, soql_names, unknown_or_fatal};
use crate::diag::Code;
use crate::metadata::{Component, ComponentId, MetadataType};
use crate::package::Package;
use crate::sf::{Fault, Reader};
use crate::xml;

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
pub(super) async fn check(reader: &Reader, package: &Package) -> Result<Vec<Check>, Fault> {
    let sets = of_kind(package, MetadataType::PermissionSet);
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
            check_assignment(&set.id, users, whom(set))
        })
        .collect())
}

/// For whom a set is, by what it grants.
fn whom(set: &Component) -> &'static str {
    let Ok(root) = xml::parse(&set.xml) else {
        return "the user that OpenCX logs in as";
    };
    let principal = root
        .child("externalCredentialPrincipalAccesses")
        .map(|access| access.child("externalCredentialPrincipal"));
    let grants = |name: &str| root.child(name).is_some();
    match principal {
        // The principal of the mail provider: its jobs run as the user who inserts the answers.
        Some(Some(name)) if name.text.trim().ends_with("-Mail") => {
            "the user that OpenCX logs in as"
        }
        Some(_) => {
            "every user who saves Cases (with Email-to-Case the Automated Case User, with web forms \
             and sites the guest user): without it their new Cases are not announced"
        }
        None if grants("fieldPermissions") && !grants("customPermissions") => {
            "everybody who looks after answers that were not sent"
        }
        None => "the user that OpenCX logs in as",
    }
}

fn check_assignment(id: &ComponentId, users: &[String], whom: &str) -> Check {
    let check = if users.is_empty() {
        Check::new(ASSIGNED, Status::ToDo, "nobody holds it yet").help(format!(
            "assign it to {whom}: Setup → Permission Sets → {} → Manage Assignments",
            id.full_name
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

    fn set(body: &str) -> Component {
        Component {
            id: ComponentId::new(MetadataType::PermissionSet, "A"),
            source: None,
            xml: format!("<PermissionSet>{body}</PermissionSet>"),
        }
    }

    #[test]
    fn a_set_that_nobody_holds_is_to_be_given_to_whom_it_is_for() {
        let principal = "<externalCredentialPrincipalAccesses><enabled>true</enabled>\
                         </externalCredentialPrincipalAccesses>";
        let provider = "<externalCredentialPrincipalAccesses><enabled>true</enabled>\
                        <externalCredentialPrincipal>A-Mail</externalCredentialPrincipal>\
                        </externalCredentialPrincipalAccesses>";
        let field = "<fieldPermissions><field>EmailMessage.A__c</field></fieldPermissions>";
        for (set, start) in [
            (set(""), "assign it to the user that OpenCX logs in as: "),
            (
                set(provider),
                "assign it to the user that OpenCX logs in as: ",
            ),
            (set(field), "assign it to everybody who looks after answers"),
            (set(principal), "assign it to every user who saves Cases ("),
        ] {
            let check = check_assignment(&set.id, &[], whom(&set));
            assert_eq!(check.status, Status::ToDo);
            let help = check.help.unwrap();
            assert!(help.starts_with(start), "{help}");
        }
    }

    #[test]
    fn a_set_that_somebody_holds_is_fine() {
        let users = ["a@b.example".to_owned(), "c@d.example".to_owned()];
        let check = check_assignment(&set("").id, &users, "anybody");
        assert_eq!(check.status, Status::Passed);
        assert_eq!(check.message, "held by a@b.example, c@d.example");
    }
}

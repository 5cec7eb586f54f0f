//! What the org says of itself.

use serde::{Deserialize, Serialize};

use super::{Fault, Reader};
use crate::metadata::OrgId;

/// What an org is for, as far as the platform's rules for deploys differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrgKind {
    /// Customers' data: all-or-nothing, tests and coverage are enforced.
    Production,
    /// A copy of a production org.
    Sandbox,
    /// A sandbox that expires.
    Scratch,
    /// Developer Edition.
    Developer,
    /// An org that expires and is neither sandbox nor Developer Edition.
    Trial,
}

/// The org, from its one `Organization` record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Organization {
    /// Its id.
    pub id: OrgId,
    /// The company's name in it.
    pub name: String,
    /// `Enterprise Edition`, `Developer Edition`, …
    pub edition: String,
    /// What it is for.
    pub kind: OrgKind,
    /// The instance it runs on, `EU45`; what status.salesforce.com lists.
    pub instance: String,
    /// When it expires.
    pub expires: Option<String>,
    /// Its namespace, when it has one.
    pub namespace: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: OrgId,
    name: Option<String>,
    organization_type: Option<String>,
    is_sandbox: Option<bool>,
    instance_name: Option<String>,
    trial_expiration_date: Option<String>,
    namespace_prefix: Option<String>,
}

impl Reader {
    /// What the org is.
    ///
    /// # Errors
    /// [`Fault::Inconsistent`] when its answer does not establish the kind, and whatever a query
    /// can run into.
    pub async fn organization(&self) -> Result<Organization, Fault> {
        let rows: Vec<Row> = self
            .query(
                "SELECT Id, Name, OrganizationType, IsSandbox, InstanceName, \
                 TrialExpirationDate, NamespacePrefix FROM Organization",
            )
            .await?;
        let refuse = |reason| Fault::Inconsistent {
            what: "the query for the organization",
            reason,
        };
        let [row] = <[Row; 1]>::try_from(rows)
            .map_err(|_| refuse("an org has one Organization record, and it did not give one"))?;
        let edition = row
            .organization_type
            .filter(|edition| !edition.is_empty())
            .ok_or_else(|| refuse("it has no OrganizationType"))?;
        let is_sandbox = row
            .is_sandbox
            .ok_or_else(|| refuse("it has no IsSandbox"))?;
        Ok(Organization {
            kind: kind(is_sandbox, &edition, row.trial_expiration_date.is_some()),
            id: row.id,
            name: row.name.unwrap_or_default(),
            edition,
            instance: row.instance_name.unwrap_or_default(),
            expires: row.trial_expiration_date,
            namespace: row.namespace_prefix.filter(|prefix| !prefix.is_empty()),
        })
    }
}

fn kind(is_sandbox: bool, edition: &str, expires: bool) -> OrgKind {
    match (is_sandbox, edition, expires) {
        (true, _, true) => OrgKind::Scratch,
        (true, _, false) => OrgKind::Sandbox,
        (false, "Developer Edition", _) => OrgKind::Developer,
        (false, _, true) => OrgKind::Trial,
        (false, _, false) => OrgKind::Production,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_org_that_is_nothing_else_is_production() {
        for (is_sandbox, edition, expires, expected) in [
            (false, "Enterprise Edition", false, OrgKind::Production),
            (false, "Developer Edition", false, OrgKind::Developer),
            (false, "Enterprise Edition", true, OrgKind::Trial),
            (true, "Unlimited Edition", false, OrgKind::Sandbox),
            (true, "Developer Edition", true, OrgKind::Scratch),
        ] {
            assert_eq!(kind(is_sandbox, edition, expires), expected);
        }
    }
}

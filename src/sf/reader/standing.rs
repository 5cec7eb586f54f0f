//! Who this login is in the org, and what it may do there.

use serde::{Deserialize, Serialize};

use super::{Fault, OrgKind, Organization, Reader};
use crate::metadata::{ApiVersion, OrgId};

/// What a deploy asks of its user: the API's name of the permission, and the name in Setup.
///
/// Source: Metadata API guide, "Metadata API Edit Access" and "Modify Metadata Through Metadata API
/// Functions Permission"; Salesforce Help on Author Apex.
const NEEDED: [(&str, &str); 4] = [
    (
        "PermissionsModifyMetadata",
        "Modify Metadata Through Metadata API Functions",
    ),
    ("PermissionsAuthorApex", "Author Apex"),
    ("PermissionsCustomizeApplication", "Customize Application"),
    ("PermissionsViewSetup", "View Setup and Configuration"),
];

/// Stands in for the first of them.
const ALL_DATA: &str = "PermissionsModifyAllData";

/// A login, looked at from the org's side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// The org.
    pub org_id: OrgId,
    /// The user.
    pub username: String,
    /// What the org is for; nothing when it did not say.
    pub kind: Option<OrgKind>,
    /// The org's own name.
    pub name: Option<String>,
    /// The highest API version that the org has; nothing when it did not say.
    pub api_version: Option<ApiVersion>,
    /// Permissions that a deploy needs and the user lacks, as Setup calls them; nothing when the org
    /// did not say which the user has.
    pub missing_permissions: Option<Vec<&'static str>>,
}

impl Standing {
    /// Whether it must be treated as production: it is, or nobody knows.
    pub fn is_production(&self) -> bool {
        self.kind.is_none_or(|kind| kind == OrgKind::Production)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Assignment {
    permission_set: Option<serde_json::Map<String, serde_json::Value>>,
}

impl Reader {
    /// Who this login is in the org. What the user may not see is left out.
    ///
    /// # Errors
    /// Of the question who the user is; then nothing is known.
    pub async fn standing(&self) -> Result<Standing, Fault> {
        let identity = self.identity().await?;
        let organization: Option<Organization> = self.organization().await.ok();
        let versions = self.versions().await.unwrap_or_default();
        Ok(Standing {
            missing_permissions: self.missing_permissions(&identity.user_id).await,
            org_id: identity.organization_id,
            username: identity.username,
            kind: organization.as_ref().map(|org| org.kind),
            name: organization.map(|org| org.name),
            api_version: versions.last().copied(),
        })
    }

    /// A profile is a permission set too, so the assignments tell all that a user may do.
    async fn missing_permissions(&self, user_id: &str) -> Option<Vec<&'static str>> {
        if !user_id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let columns: Vec<String> = NEEDED
            .iter()
            .map(|(name, _)| *name)
            .chain([ALL_DATA])
            .map(|name| format!("PermissionSet.{name}"))
            .collect();
        let soql = format!(
            "SELECT {} FROM PermissionSetAssignment WHERE AssigneeId = '{user_id}'",
            columns.join(", ")
        );
        let rows: Vec<Assignment> = self.query(&soql).await.ok()?;
        let sets: Vec<_> = rows
            .into_iter()
            .filter_map(|row| row.permission_set)
            .collect();
        // Every user has a profile: no row at all means that the user may not look.
        if sets.is_empty() {
            return None;
        }
        let has = |name: &str| {
            sets.iter()
                .any(|set| set.get(name).and_then(serde_json::Value::as_bool) == Some(true))
        };
        let may = |name: &str| has(name) || (name == NEEDED[0].0 && has(ALL_DATA));
        Some(
            NEEDED
                .iter()
                .filter(|(name, _)| !may(name))
                .map(|(_, label)| *label)
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::sf::scripted::{Scripted, VirtualClock, json};

    const USER: &str = r#"{"user_id":"005xx000001Sv6AAAS","organization_id":"00D000000000062EAA",
        "preferred_username":"ci@acme.example","name":"CI"}"#;
    const VERSIONS: &str = r#"[{"version":"65.0"},{"version":"66.0"}]"#;

    async fn standing(organization: &str, permissions: (u16, &str)) -> Standing {
        let server = Scripted::start([
            json(200, USER),
            json(200, organization),
            json(200, VERSIONS),
            json(permissions.0, permissions.1),
        ])
        .await;
        let clock = Arc::<VirtualClock>::default();
        server.reader(&clock).standing().await.unwrap()
    }

    const ORG: &str = r#"{"totalSize":1,"done":true,"records":[{"Id":"00D000000000062EAA",
        "Name":"Acme","OrganizationType":"Enterprise Edition","IsSandbox":true}]}"#;

    #[tokio::test]
    async fn permissions_add_up_over_all_sets() {
        let rows = r#"{"totalSize":2,"done":true,"records":[
            {"PermissionSet":{"PermissionsAuthorApex":true,"PermissionsModifyAllData":false}},
            {"PermissionSet":{"PermissionsViewSetup":true,"PermissionsModifyAllData":true}}]}"#;
        let found = standing(ORG, (200, rows)).await;
        assert_eq!(found.kind, Some(OrgKind::Sandbox));
        assert!(!found.is_production());
        assert_eq!(found.api_version, Some(ApiVersion::new(66)));
        assert_eq!(
            found.missing_permissions,
            Some(vec!["Customize Application"])
        );
    }

    #[tokio::test]
    async fn what_is_not_shown_is_not_guessed() {
        let refused = r#"[{"errorCode":"INVALID_TYPE","message":"m"}]"#;
        let empty = r#"{"totalSize":0,"done":true,"records":[]}"#;
        let found = standing(empty, (400, refused)).await;
        assert_eq!((found.kind, found.missing_permissions), (None, None));
        let found = standing(empty, (200, empty)).await;
        assert!(found.is_production());
        assert_eq!(found.missing_permissions, None);
    }
}

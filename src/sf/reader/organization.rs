//! What the org says of itself.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Fault, Identity, Question, Reader};
use crate::metadata::OrgId;
use crate::sf::wire::rest::{ChatterUser, QueryPage};

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
    /// When it was made (`Organization.CreatedDate`); for a sandbox, when it was copied. That a copy
    /// has a date of its own is how we understand the field, and nowhere documented. Production's
    /// `SandboxProcess` has the date for certain, and can't be read from the sandbox.
    pub created: Option<Timestamp>,
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
    created_date: Option<String>,
    namespace_prefix: Option<String>,
}

const ORGANIZATION: &str = "SELECT Id, Name, OrganizationType, IsSandbox, InstanceName, \
                            TrialExpirationDate, CreatedDate, NamespacePrefix FROM Organization";

impl Reader {
    /// What the org is.
    ///
    /// # Errors
    /// [`Fault::Inconsistent`] when its answer does not establish the kind, and whatever a query
    /// can run into.
    pub async fn organization(&self) -> Result<Organization, Fault> {
        organization(self.query(ORGANIZATION).await?)
    }

    /// Whose token it is and what the org is, in one request. Where the user has no Chatter, whose
    /// resources can be in a batch, userinfo is asked in a second one. The time zone stays empty.
    ///
    /// # Errors
    /// As [`Reader::identity`] and [`Reader::organization`].
    pub async fn who_and_what(&self) -> Result<(Identity, Organization), Fault> {
        let questions = [Question::Query(ORGANIZATION.to_owned()), Question::Me];
        let mut answers = self.batch(&questions).await?.into_iter();
        let page = answers.next().and_then(Result::ok);
        let page = page.and_then(|page| serde_json::from_value::<QueryPage<Row>>(page).ok());
        let organization = match page {
            Some(page) => organization(page.records)?,
            // Asked alone it says what is wrong in the words of this fault.
            None => self.organization().await?,
        };
        let user = answers.next().and_then(Result::ok);
        let user = user.and_then(|user| serde_json::from_value::<ChatterUser>(user).ok());
        let identity = match user {
            Some(user) => Identity {
                user_id: user.id,
                organization_id: organization.id.clone(),
                username: user.username,
                name: user.name,
                time_zone: String::new(),
            },
            None => self.identity().await?,
        };
        Ok((identity, organization))
    }
}

fn organization(rows: Vec<Row>) -> Result<Organization, Fault> {
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
        created: row.created_date.and_then(|date| date.parse().ok()),
        namespace: row.namespace_prefix.filter(|prefix| !prefix.is_empty()),
    })
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
    use std::sync::Arc;

    use super::*;
    use crate::sf::scripted::{Play, Scripted, VirtualClock, json};

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
    const ROW: &str = r#"{"Id":"00D000000000001AAA","Name":"Acme","OrganizationType":"Enterprise Edition","IsSandbox":true,"TrialExpirationDate":null}"#;

    async fn asked(
        batch: &str,
        more: impl IntoIterator<Item = Play>,
    ) -> (Result<(Identity, Organization), Fault>, Vec<String>) {
        let first = json(
            200,
            &format!(r#"{{"hasErrors":false,"results":[{batch}]}}"#),
        );
        let server = Scripted::start(std::iter::once(first).chain(more)).await;
        let clock = Arc::<VirtualClock>::default();
        let told = server.reader(&clock).who_and_what().await;
        let seen = server.seen().into_iter().map(|request| {
            let line = request.lines().next().unwrap_or_default();
            line.split(['?', ' ']).nth(1).unwrap_or_default().to_owned()
        });
        (told, seen.collect())
    }

    fn organization_answer() -> String {
        format!(r#"{{"statusCode":200,"result":{{"done":true,"totalSize":1,"records":[{ROW}]}}}}"#)
    }

    #[tokio::test]
    async fn one_request_says_who_and_what() {
        let me = r#"{"statusCode":200,"result":{"id":"005000000000001AAA","username":"ci@acme.example","name":"CI"}}"#;
        let (told, seen) = asked(&format!("{},{me}", organization_answer()), []).await;
        let (identity, organization) = told.unwrap();
        assert_eq!(identity.username, "ci@acme.example");
        assert_eq!(identity.organization_id, organization.id);
        assert_eq!(organization.kind, OrgKind::Sandbox);
        assert_eq!(seen, ["/services/data/v66.0/composite/batch"]);
    }

    #[tokio::test]
    async fn a_user_without_chatter_is_asked_for_by_userinfo() {
        let refused = r#"{"statusCode":403,"result":[{"errorCode":"API_DISABLED_FOR_ORG","message":"no Chatter"}]}"#;
        let userinfo = json(
            200,
            r#"{"user_id":"005000000000001AAA","organization_id":"00D000000000001AAA","preferred_username":"ci@acme.example"}"#,
        );
        let (told, seen) = asked(&format!("{},{refused}", organization_answer()), [userinfo]).await;
        assert_eq!(told.unwrap().0.username, "ci@acme.example");
        assert_eq!(seen.last().unwrap(), "/services/oauth2/userinfo");
        assert_eq!(seen.len(), 2);
    }

    #[tokio::test]
    async fn what_the_org_is_is_never_guessed() {
        let me = r#"{"statusCode":200,"result":{"id":"005000000000001AAA","username":"ci@acme.example"}}"#;
        let none = r#"{"statusCode":200,"result":{"done":true,"totalSize":0,"records":[]}}"#;
        let (told, _) = asked(&format!("{none},{me}"), []).await;
        assert!(matches!(told, Err(Fault::Inconsistent { .. })));
        let refused =
            r#"{"statusCode":403,"result":[{"errorCode":"INSUFFICIENT_ACCESS","message":"no"}]}"#;
        let alone = json(
            403,
            r#"[{"errorCode":"INSUFFICIENT_ACCESS","message":"no"}]"#,
        );
        let (told, seen) = asked(&format!("{refused},{me}"), [alone]).await;
        assert!(
            matches!(told, Err(Fault::InsufficientAccess { .. })),
            "{told:?}"
        );
        assert_eq!(seen.last().unwrap(), "/services/data/v66.0/query");
    }
}

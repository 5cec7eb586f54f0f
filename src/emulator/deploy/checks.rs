//! What the platform checks of each component before it takes it.

mod apex;
mod credential;
mod custom_metadata;
mod external_client_app;
mod field;
mod messaging;
mod permission_set;
mod platform_event;

use std::collections::BTreeSet;

use crate::metadata::{ComponentId, MetadataType};

use super::super::components::Found;
use super::super::condition::Condition;
use super::super::schema::{self, Problem};
use super::super::state::State;
use super::super::tree::Node;

/// Standard objects that the org has. Of custom ones, platform events and custom metadata
/// types can be deployed to it.
pub const OBJECTS: [&str; 22] = [
    "Account",
    "Asset",
    "Campaign",
    "CampaignMember",
    "Case",
    "CaseComment",
    "Contact",
    "ContentDocument",
    "ContentDocumentLink",
    "ContentVersion",
    "Contract",
    "EmailMessage",
    "Event",
    "FeedItem",
    "Lead",
    "MessagingSession",
    "Opportunity",
    "Order",
    "Product2",
    "Task",
    "User",
    "UserExternalCredential",
];

/// What a component may refer to.
pub struct Context<'a> {
    /// The org before the deploy.
    pub state: &'a State,
    /// The components of the deploy.
    pub package: BTreeSet<ComponentId>,
    /// The principals of external credentials in the deploy, as [`principals`] names them.
    pub principals: BTreeSet<String>,
    /// What the deploy deletes.
    pub deleted: &'a [ComponentId],
    /// The org's newest API version.
    pub newest: u16,
}

impl Context<'_> {
    fn knows(&self, kind: MetadataType, name: &str) -> bool {
        let id = ComponentId::new(kind, name);
        self.package.contains(&id)
            || (self.state.component(&id).is_some() && !self.deleted.contains(&id))
    }

    fn knows_principal(&self, name: &str) -> bool {
        let wanted = name.to_ascii_lowercase();
        self.principals.contains(&wanted)
            || self
                .state
                .of_type(MetadataType::ExternalCredential)
                .into_iter()
                .filter(|stored| !self.deleted.contains(&stored.component_id()))
                .any(|stored| principals(&stored.full_name, &stored.tree()).contains(&wanted))
    }

    fn knows_object(&self, name: &str) -> bool {
        let is_off =
            name.eq_ignore_ascii_case("EmailMessage") && self.state.has(Condition::EmailToCaseOff);
        !is_off
            && OBJECTS
                .iter()
                .any(|object| object.eq_ignore_ascii_case(name))
            || self.knows(MetadataType::CustomObject, name)
    }
}

/// The principals of an external credential: its name, a dash, the principal's name; lower case.
pub fn principals(credential: &str, xml: &Node) -> Vec<String> {
    xml.children
        .iter()
        .filter(|child| child.name == "externalCredentialParameters")
        .filter(|child| {
            child
                .text_of("parameterType")
                .is_some_and(|kind| kind.trim().ends_with("Principal"))
        })
        .filter_map(|child| child.text_of("parameterName"))
        .map(|name| format!("{credential}-{}", name.trim()).to_ascii_lowercase())
        .collect()
}

/// What the WSDL does not allow in a component's XML.
pub fn xml_problems(found: &Found, version: u16) -> Vec<Problem> {
    let mut problems = schema::problems(schema::definition(found.id.kind), &found.xml, version);
    // The platform stops at the first error of a file.
    problems.truncate(1);
    problems
}

/// What else is wrong with a component; empty when the org takes it.
pub fn problems(found: &Found, context: &Context<'_>) -> Vec<Problem> {
    match found.id.kind {
        MetadataType::ApexClass | MetadataType::ApexTrigger => apex::code(found, context),
        MetadataType::CustomObject if custom_metadata::is_type(found) => {
            required(&found.xml, &["label", "pluralLabel"])
        }
        MetadataType::CustomObject => platform_event::event(found),
        MetadataType::CustomMetadata => custom_metadata::record(found, context),
        MetadataType::CustomField => field::field(found, context),
        MetadataType::PlatformEventSubscriberConfig => platform_event::config(found, context),
        MetadataType::ExternalCredential => credential::external(found),
        MetadataType::NamedCredential => credential::credential(found, context),
        MetadataType::PermissionSet => permission_set::permission_set(found, context),
        MetadataType::CustomPermission => required(&found.xml, &["label"]),
        MetadataType::ExternalClientApplication
        | MetadataType::ExtlClntAppGlobalOauthSettings
        | MetadataType::ExtlClntAppOauthSettings
        | MetadataType::ExtlClntAppOauthConfigurablePolicies
        | MetadataType::ExtlClntAppConfigurablePolicies => {
            external_client_app::part(found, context)
        }
        MetadataType::Queue
        | MetadataType::Flow
        | MetadataType::PublicKeyCertificate
        | MetadataType::PublicKeyCertificateSet
        | MetadataType::MessagingChannel
        | MetadataType::EmbeddedServiceConfig => messaging::part(found, context),
    }
}

fn at(node: &Node, text: String) -> Problem {
    Problem {
        line: node.line,
        column: node.column,
        text,
    }
}

fn whole(text: impl Into<String>) -> Problem {
    Problem {
        line: 0,
        column: 0,
        text: text.into(),
    }
}

fn required(xml: &Node, names: &[&str]) -> Vec<Problem> {
    names
        .iter()
        .filter(|name| xml.text_of(name).is_none_or(|text| text.trim().is_empty()))
        .map(|name| whole(format!("Required field is missing: {name}")))
        .collect()
}

fn missing(field: &str, kind: &str, name: &str) -> String {
    format!("In field: {field} - no {kind} named {name} found")
}

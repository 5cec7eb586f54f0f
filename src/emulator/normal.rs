//! The form in which the org keeps a component and hands it out: fields in the WSDL's order,
//! defaults written, disabled user permissions dropped, entries of permission sets sorted.
//!
//! Sources: the Metadata API guide's pages of the types (defaults), files that were retrieved
//! from orgs.

use crate::metadata::MetadataType;

mod custom_metadata;
mod external_client_app;

use super::schema::{self, Kind, Type};
use super::state::{State, Stored};
use super::tree::Node;

/// The element as the org keeps it. Its name becomes the type's.
pub fn normal(kind: MetadataType, node: &Node) -> Node {
    let definition = schema::definition(kind);
    let mut root = ordered(definition, node);
    kind.name().clone_into(&mut root.name);
    // A file is named by its path; only a field inside its object's file carries its name.
    root.children.retain(|child| child.name != "fullName");
    match kind {
        MetadataType::ApexClass | MetadataType::ApexTrigger => {
            default(&mut root, "status", "Active")
        }
        MetadataType::NamedCredential => {
            default(&mut root, "allowMergeFieldsInBody", "false");
            default(&mut root, "allowMergeFieldsInHeader", "false");
            default(&mut root, "calloutStatus", "Enabled");
            default(&mut root, "generateAuthorizationHeader", "true");
            // The org keeps these and never gives them back.
            root.children.retain(|child| {
                !matches!(
                    child.name.as_str(),
                    "password" | "oauthToken" | "oauthRefreshToken"
                )
            });
        }
        MetadataType::ExternalCredential => parameter_groups(&mut root),
        MetadataType::CustomField => field_defaults(&mut root),
        MetadataType::PermissionSet => permission_set(&mut root),
        MetadataType::CustomPermission => default(&mut root, "isLicensed", "false"),
        // Custom metadata types have no status.
        MetadataType::CustomObject if root.child("eventType").is_none() => {
            default(&mut root, "visibility", "Public");
        }
        MetadataType::CustomObject => default(&mut root, "deploymentStatus", "Deployed"),
        MetadataType::CustomMetadata => default(&mut root, "protected", "false"),
        MetadataType::PlatformEventSubscriberConfig => default(&mut root, "isProtected", "false"),
        MetadataType::ExternalClientApplication
        | MetadataType::ExtlClntAppGlobalOauthSettings
        | MetadataType::ExtlClntAppOauthSettings
        | MetadataType::ExtlClntAppOauthConfigurablePolicies
        | MetadataType::ExtlClntAppConfigurablePolicies => {
            external_client_app::defaults(kind, &mut root);
        }
        MetadataType::Queue
        | MetadataType::Flow
        | MetadataType::PublicKeyCertificate
        | MetadataType::PublicKeyCertificateSet
        | MetadataType::MessagingChannel
        | MetadataType::EmbeddedServiceConfig => {}
    }
    ordered(definition, &root)
}

/// The file of a stored component as the org hands it out: with what the org itself adds.
pub fn handed_out(stored: &Stored, state: &State) -> Node {
    let mut root = stored.tree();
    external_client_app::generated(stored, &mut root, &state.organization.id);
    let mut root = ordered(schema::definition(stored.kind), &root);
    if stored.kind == MetadataType::CustomMetadata {
        custom_metadata::unset(stored, &mut root, state);
    }
    root
}

/// The element without the fields that this API version does not have.
pub fn at_version(kind: MetadataType, node: &Node, version: u16) -> Node {
    without_newer(schema::definition(kind), node, version)
}

fn without_newer(definition: &Type, node: &Node, version: u16) -> Node {
    let mut out = node.clone();
    out.children.clear();
    for child in &node.children {
        match definition
            .fields
            .iter()
            .find(|field| field.name == child.name)
        {
            Some(field) if field.since > version => {}
            Some(field) => out.children.push(match &field.kind {
                Kind::Nested(inner) => without_newer(inner, child, version),
                _ => child.clone(),
            }),
            None => out.children.push(child.clone()),
        }
    }
    out
}

fn ordered(definition: &Type, node: &Node) -> Node {
    let mut out = Node {
        name: node.name.clone(),
        ..Node::default()
    };
    for field in definition.fields {
        for child in node
            .children
            .iter()
            .filter(|child| child.name == field.name && !child.nil)
        {
            out.children.push(match &field.kind {
                Kind::Nested(inner) => ordered(inner, child),
                Kind::Boolean => Node::leaf(field.name, boolean(&child.text)),
                Kind::Integer | Kind::Double | Kind::Enum(..) => {
                    Node::leaf(field.name, child.text.trim())
                }
                Kind::Text => Node::leaf(field.name, child.text.as_str()),
                Kind::Unchecked => child.clone(),
            });
        }
    }
    out
}

fn boolean(text: &str) -> &'static str {
    if matches!(text.trim(), "true" | "1") {
        "true"
    } else {
        "false"
    }
}

fn default(node: &mut Node, name: &str, value: &str) {
    if node.child(name).is_none() {
        node.children.push(Node::leaf(name, value));
    }
}

fn field_defaults(field: &mut Node) {
    let kind = field.text_of("type").unwrap_or_default().to_owned();
    if matches!(kind.as_str(), "Text" | "Number" | "Email" | "AutoNumber") {
        default(field, "externalId", "false");
    }
    if matches!(kind.as_str(), "Text" | "Number" | "Email") {
        default(field, "unique", "false");
    }
    if kind != "Checkbox" {
        default(field, "required", "false");
    }
    default(field, "trackFeedHistory", "false");
    default(field, "trackHistory", "false");
    default(field, "trackTrending", "false");
}

/// A principal is its own group, everything else is in the default group (Metadata API guide,
/// `ExternalCredentialParameter`).
fn parameter_groups(root: &mut Node) {
    for child in &mut root.children {
        if child.name == "externalCredentialParameters" {
            let kind = child.text_of("parameterType").unwrap_or_default();
            let group = if kind.ends_with("Principal") {
                child
                    .text_of("parameterName")
                    .unwrap_or_default()
                    .to_owned()
            } else {
                "DEFAULT_GROUP".to_owned()
            };
            default(child, "parameterGroup", &group);
        }
    }
}

fn permission_set(root: &mut Node) {
    default(root, "hasActivationRequired", "false");
    root.children.retain(|child| {
        child.name != "userPermissions" || child.text_of("enabled") == Some("true")
    });
    for child in &mut root.children {
        match child.name.as_str() {
            "objectPermissions" => {
                for flag in ["modifyAllRecords", "viewAllFields", "viewAllRecords"] {
                    default(child, flag, "false");
                }
            }
            "fieldPermissions" => {
                let editable = child.text_of("editable").unwrap_or("false").to_owned();
                default(child, "readable", &editable);
            }
            _ => {}
        }
    }
    // Stable, so entries of one name keep together and `ordered` puts the groups in their places.
    root.children.sort_by_cached_key(entry_key);
}

/// What an entry of a permission set is about.
pub fn entry_key(entry: &Node) -> String {
    const KEYS: [&str; 12] = [
        "apexClass",
        "field",
        "object",
        "name",
        "externalCredentialPrincipal",
        "application",
        "flow",
        "apexPage",
        "recordType",
        "tab",
        "agentName",
        "externalDataSource",
    ];
    KEYS.iter()
        .find_map(|key| entry.text_of(key))
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::tree;
    use super::*;

    fn retrieved(kind: MetadataType, text: &str) -> String {
        let Ok(root) = tree::parse(text) else {
            panic!("well-formed");
        };
        let once = normal(kind, &root);
        assert!(
            normal(kind, &once) == once,
            "a normal form is its own normal form"
        );
        once.document()
    }

    #[test]
    fn a_field_gets_its_defaults_in_wsdl_order() {
        assert_eq!(
            retrieved(
                MetadataType::CustomField,
                "<CustomField><type>Text</type><length>255</length><!-- c --><label>Case From</label>\
                 <description></description></CustomField>"
            ),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <CustomField xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    \
             <description/>\n    <externalId>false</externalId>\n    <label>Case From</label>\n    \
             <length>255</length>\n    <required>false</required>\n    \
             <trackFeedHistory>false</trackFeedHistory>\n    <trackHistory>false</trackHistory>\n    \
             <trackTrending>false</trackTrending>\n    <type>Text</type>\n    <unique>false</unique>\n\
             </CustomField>\n"
        );
    }

    #[test]
    fn a_permission_set_is_sorted_and_keeps_enabled_permissions_only() {
        assert_eq!(
            retrieved(
                MetadataType::PermissionSet,
                "<PermissionSet><userPermissions><name>ViewSetup</name><enabled>false</enabled></userPermissions>\
                 <userPermissions><name>EmailSingle</name><enabled>true</enabled></userPermissions>\
                 <userPermissions><name>ApiEnabled</name><enabled>true</enabled></userPermissions>\
                 <label>L</label></PermissionSet>"
            ),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <PermissionSet xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    \
             <hasActivationRequired>false</hasActivationRequired>\n    <label>L</label>\n    \
             <userPermissions>\n        <enabled>true</enabled>\n        <name>ApiEnabled</name>\n    </userPermissions>\n    \
             <userPermissions>\n        <enabled>true</enabled>\n        <name>EmailSingle</name>\n    </userPermissions>\n\
             </PermissionSet>\n"
        );
    }

    #[test]
    fn a_named_credential_gets_its_callout_status() {
        assert_eq!(
            retrieved(
                MetadataType::NamedCredential,
                "<NamedCredential><label>L</label><password>p</password><endpoint>https://x.example</endpoint></NamedCredential>"
            ),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <NamedCredential xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    \
             <allowMergeFieldsInBody>false</allowMergeFieldsInBody>\n    \
             <allowMergeFieldsInHeader>false</allowMergeFieldsInHeader>\n    \
             <calloutStatus>Enabled</calloutStatus>\n    <endpoint>https://x.example</endpoint>\n    \
             <generateAuthorizationHeader>true</generateAuthorizationHeader>\n    <label>L</label>\n\
             </NamedCredential>\n"
        );
    }
}

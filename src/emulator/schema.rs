//! What the platform knows about each metadata type: its fields in the order in which a retrieve
//! writes them, and what may stand in them. Kept apart from the client's own table on purpose.

mod apex;
mod credential;
mod custom_field;
mod custom_metadata;
mod external_client_app;
mod external_credential;
mod messaging;
mod permission;
mod platform_event;

use crate::metadata::{MetadataType, NAMESPACE};

use super::tree::Node;

/// A WSDL complex type.
pub struct Type {
    /// Its name.
    pub name: &'static str,
    /// Its fields, in the WSDL's order.
    pub fields: &'static [Field],
}

/// A field of a type.
pub struct Field {
    /// Element name.
    pub name: &'static str,
    /// What stands in it.
    pub kind: Kind,
    /// Whether it may be repeated.
    pub many: bool,
    /// Whether the WSDL requires it.
    pub required: bool,
    /// First API version that has it; 0 for all that the emulator serves.
    pub since: u16,
}

/// What stands in a field.
pub enum Kind {
    /// Any text.
    Text,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// A number.
    Double,
    /// One of these; the first member is the name of the WSDL type.
    Enum(&'static str, &'static [&'static str]),
    /// Fields of its own.
    Nested(&'static Type),
    /// Not looked into.
    Unchecked,
}

impl Field {
    const fn since(mut self, version: u16) -> Self {
        self.since = version;
        self
    }
}

const fn one(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        many: false,
        required: false,
        since: 0,
    }
}

const fn required(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        many: false,
        required: true,
        since: 0,
    }
}

const fn many(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        many: true,
        required: false,
        since: 0,
    }
}

/// The type's definition.
pub fn definition(kind: MetadataType) -> &'static Type {
    match kind {
        MetadataType::CustomObject => &platform_event::CUSTOM_OBJECT,
        MetadataType::CustomField => &custom_field::CUSTOM_FIELD,
        MetadataType::CustomMetadata => &custom_metadata::CUSTOM_METADATA,
        MetadataType::CustomPermission => &permission::CUSTOM_PERMISSION,
        MetadataType::ExternalCredential => &external_credential::EXTERNAL_CREDENTIAL,
        MetadataType::NamedCredential => &credential::NAMED_CREDENTIAL,
        MetadataType::PermissionSet => &permission::PERMISSION_SET,
        MetadataType::ApexClass => &apex::APEX_CLASS,
        MetadataType::ApexTrigger => &apex::APEX_TRIGGER,
        MetadataType::PlatformEventSubscriberConfig => {
            &platform_event::PLATFORM_EVENT_SUBSCRIBER_CONFIG
        }
        MetadataType::ExternalClientApplication => {
            &external_client_app::EXTERNAL_CLIENT_APPLICATION
        }
        MetadataType::ExtlClntAppGlobalOauthSettings => {
            &external_client_app::EXTL_CLNT_APP_GLOBAL_OAUTH_SETTINGS
        }
        MetadataType::ExtlClntAppOauthSettings => {
            &external_client_app::EXTL_CLNT_APP_OAUTH_SETTINGS
        }
        MetadataType::ExtlClntAppOauthConfigurablePolicies => {
            &external_client_app::EXTL_CLNT_APP_OAUTH_CONFIGURABLE_POLICIES
        }
        MetadataType::ExtlClntAppConfigurablePolicies => {
            &external_client_app::EXTL_CLNT_APP_CONFIGURABLE_POLICIES
        }
        MetadataType::Queue => &messaging::QUEUE,
        MetadataType::Flow => &messaging::FLOW,
        MetadataType::PublicKeyCertificate => &messaging::PUBLIC_KEY_CERTIFICATE,
        MetadataType::PublicKeyCertificateSet => &messaging::PUBLIC_KEY_CERTIFICATE_SET,
        MetadataType::MessagingChannel => &messaging::MESSAGING_CHANNEL,
        MetadataType::EmbeddedServiceConfig => &messaging::EMBEDDED_SERVICE_CONFIG,
    }
}

/// What the platform objects to in a file, with the place.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// 1-based.
    pub line: u32,
    /// 1-based.
    pub column: u32,
    /// The platform's words.
    pub text: String,
}

impl Problem {
    fn new(node: &Node, text: String) -> Self {
        Self {
            line: node.line,
            column: node.column,
            text,
        }
    }
}

/// Everything in an element that its type does not allow at that API version. Different fields
/// may stand in any order; those of one name must stand together.
pub fn problems(definition: &Type, node: &Node, version: u16) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for (index, child) in node.children.iter().enumerate() {
        let field = definition
            .fields
            .iter()
            .find(|field| field.name == child.name && field.since <= version);
        let Some(field) = field else {
            let name = format!("{{{NAMESPACE}}}{}", child.name);
            let text = format!(
                "Error parsing file: Element {name} invalid at this location in type {}",
                definition.name
            );
            found.push(Problem::new(child, text));
            continue;
        };
        let follows = index > 0 && node.children[index - 1].name == child.name;
        if seen.contains(&field.name) && !(field.many && follows) {
            let text = format!(
                "Error parsing file: Element {} is duplicated at this location in type {}",
                child.name, definition.name
            );
            found.push(Problem::new(child, text));
        }
        seen.push(field.name);
        found.extend(value_problems(&field.kind, child, version));
    }
    found
}

/// The fields that the WSDL requires and the element lacks.
pub fn missing(definition: &Type, node: &Node) -> Vec<&'static str> {
    definition
        .fields
        .iter()
        .filter(|field| field.required && node.child(field.name).is_none())
        .map(|field| field.name)
        .collect()
}

fn value_problems(kind: &Kind, node: &Node, version: u16) -> Vec<Problem> {
    if let Kind::Nested(inner) = kind {
        return problems(inner, node, version);
    }
    if matches!(kind, Kind::Unchecked) || node.nil {
        return Vec::new();
    }
    let text = node.text.trim();
    let problem = if let Some(child) = node.children.first() {
        Some(format!(
            "Error parsing file: Element {} invalid at this location",
            child.name
        ))
    } else {
        match kind {
            Kind::Boolean if !matches!(text, "true" | "false" | "1" | "0") => Some(format!(
                "Error parsing file: '{text}' is not a valid value for the type xsd:boolean"
            )),
            Kind::Integer if text.parse::<i64>().is_err() => Some(format!(
                "Error parsing file: '{text}' is not a valid value for the type xsd:int"
            )),
            Kind::Double if text.parse::<f64>().is_err() => Some(format!(
                "Error parsing file: '{text}' is not a valid value for the type xsd:double"
            )),
            Kind::Enum(name, values) if !values.contains(&text) => Some(format!(
                "Error parsing file: '{text}' is not a valid value for the enum '{name}'"
            )),
            _ => None,
        }
    };
    problem
        .map(|text| Problem::new(node, text))
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tree;
    use super::*;

    fn texts(kind: MetadataType, body: &str, version: u16) -> Vec<String> {
        let Ok(root) = tree::parse(&format!("<X>{body}</X>")) else {
            panic!("well-formed");
        };
        problems(definition(kind), &root, version)
            .into_iter()
            .map(|problem| problem.text)
            .collect()
    }

    #[test]
    fn names_what_the_wsdl_does_not_allow() {
        assert_eq!(
            texts(MetadataType::CustomField, "<labl>x</labl>", 66),
            [
                "Error parsing file: Element {http://soap.sforce.com/2006/04/metadata}labl invalid at this \
              location in type CustomField"
            ]
        );
        assert_eq!(
            texts(
                MetadataType::CustomField,
                "<label>a</label><label>b</label>",
                66
            ),
            [
                "Error parsing file: Element label is duplicated at this location in type CustomField"
            ]
        );
        assert_eq!(
            texts(MetadataType::ApexTrigger, "<status>active</status>", 66),
            ["Error parsing file: 'active' is not a valid value for the enum 'ApexCodeUnitStatus'"]
        );
    }

    #[test]
    fn repeated_fields_must_stand_together_and_order_is_free() {
        let access =
            "<classAccesses><enabled>true</enabled><apexClass>A</apexClass></classAccesses>";
        let label = "<label>x</label>";
        let split = format!("{access}{label}{access}");
        assert_eq!(
            texts(MetadataType::PermissionSet, &split, 66),
            [
                "Error parsing file: Element classAccesses is duplicated at this location in type PermissionSet"
            ]
        );
        let together = format!("{label}{access}{access}");
        assert_eq!(texts(MetadataType::PermissionSet, &together, 66), [""; 0]);
    }

    #[test]
    fn fields_come_with_a_version() {
        let body = "<description>x</description>";
        assert_eq!(texts(MetadataType::NamedCredential, body, 64), [""; 0]);
        assert_eq!(texts(MetadataType::NamedCredential, body, 63).len(), 1);
    }
}

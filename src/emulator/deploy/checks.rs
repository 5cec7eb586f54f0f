//! What the platform checks of each component before it takes it.

use std::collections::BTreeSet;

use crate::apex::{self, Declaration};
use crate::metadata::{ComponentId, MetadataType};

use super::super::components::Found;
use super::super::schema::{self, Problem};
use super::super::state::State;
use super::super::tree::Node;

/// Standard objects that the org has. Custom objects cannot be deployed to it yet.
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

    fn knows_object(&self, name: &str) -> bool {
        OBJECTS
            .iter()
            .any(|object| object.eq_ignore_ascii_case(name))
    }
}

/// What is wrong with a component; empty when the org takes it.
pub fn problems(found: &Found, version: u16, context: &Context<'_>) -> Vec<Problem> {
    let mut xml = schema::problems(schema::definition(found.id.kind), &found.xml, version);
    if !xml.is_empty() {
        // The platform stops at the first error of a file.
        xml.truncate(1);
        return xml;
    }
    match found.id.kind {
        MetadataType::ApexClass | MetadataType::ApexTrigger => code(found, context),
        MetadataType::CustomField => field(found, context),
        MetadataType::NamedCredential => credential(found),
        MetadataType::PermissionSet => permission_set(found, context),
        MetadataType::CustomPermission => required(&found.xml, &["label"]),
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

fn code(found: &Found, context: &Context<'_>) -> Vec<Problem> {
    let name = found.id.full_name.as_str();
    let mut problems = required(&found.xml, &["apiVersion"]);
    if let Some(api) = found.xml.text_of("apiVersion") {
        let number = api.trim().parse::<f64>().unwrap_or_default();
        if number < 1.0 || number > f64::from(context.newest) {
            problems.push(whole(format!(
                "The ({name}) apiVersion can't be \"{}\"",
                api.trim()
            )));
        }
    }
    let source = found.source.as_deref().unwrap_or_default();
    let syntax = apex::parse(source);
    if let Some(error) = syntax.errors.first() {
        problems.push(Problem {
            line: u32::try_from(error.line).unwrap_or_default(),
            column: u32::try_from(error.column).unwrap_or_default(),
            text: error.message.clone(),
        });
        return problems;
    }
    match (found.id.kind, syntax.declaration) {
        (MetadataType::ApexClass, Some(Declaration::Class { name: declared, .. })) => {
            if !declared.eq_ignore_ascii_case(name) {
                problems.push(Problem {
                    line: 1,
                    column: 1,
                    text: format!("Class name must match file name: {declared}"),
                });
            }
            if found.xml.text_of("status") == Some("Inactive") {
                problems.push(whole("Apex classes cannot be inactive"));
            }
        }
        (
            MetadataType::ApexTrigger,
            Some(Declaration::Trigger {
                name: declared,
                object,
                ..
            }),
        ) => {
            if !declared.eq_ignore_ascii_case(name) {
                problems.push(Problem {
                    line: 1,
                    column: 1,
                    text: format!("Trigger name must match file name: {declared}"),
                });
            }
            problems.extend(trigger(found, &object, context));
        }
        (kind, _) => problems.push(Problem {
            line: 1,
            column: 1,
            text: format!("Unexpected declaration: the file is not that of an {kind}"),
        }),
    }
    problems
}

fn trigger(found: &Found, object: &str, context: &Context<'_>) -> Vec<Problem> {
    if !context.knows_object(object) {
        return vec![Problem {
            line: 1,
            column: 1,
            text: format!("Invalid type: {object}"),
        }];
    }
    let stored = context.state.component(&found.id);
    let before =
        stored.and_then(
            |stored| match apex::parse(stored.source.as_deref()?).declaration {
                Some(Declaration::Trigger { object, .. }) => Some(object),
                _ => None,
            },
        );
    // The texts of these two refusals are not recorded anywhere; the refusals are documented.
    match before {
        Some(before) if !before.eq_ignore_ascii_case(object) => {
            vec![whole(format!(
                "Cannot change the object of a trigger from {before} to {object}"
            ))]
        }
        None if found.xml.text_of("status") == Some("Inactive") => {
            vec![whole(
                "A trigger must be deployed with status Active before it can be Inactive",
            )]
        }
        _ => Vec::new(),
    }
}

fn field(found: &Found, context: &Context<'_>) -> Vec<Problem> {
    let xml = &found.xml;
    let (object, name) = found
        .id
        .full_name
        .as_str()
        .split_once('.')
        .unwrap_or_default();
    if !context.knows_object(object) {
        return vec![at(
            xml,
            format!("Entity Enumeration Or ID: bad value for restricted picklist field: {object}"),
        )];
    }
    if !name.to_ascii_lowercase().ends_with("__c") {
        return vec![at(
            xml,
            format!("Cannot modify standard field: {object}.{name}"),
        )];
    }
    let mut problems = required(xml, &["label", "type"]);
    let kind = xml.text_of("type").unwrap_or_default().trim();
    let needs: &[&str] = match kind {
        "Text" => &["length"],
        "LongTextArea" | "Html" => &["length", "visibleLines"],
        "Checkbox" => &["defaultValue"],
        "Number" | "Currency" | "Percent" => &["precision", "scale"],
        "Picklist" | "MultiselectPicklist" => &["valueSet"],
        _ => &[],
    };
    for name in needs {
        if xml.child(name).is_none() {
            problems.push(at(
                xml,
                format!("Must specify '{name}' for a CustomField of type {kind}"),
            ));
        }
    }
    if let (Some(length), "Text") = (xml.child("length"), kind)
        && !length
            .text
            .trim()
            .parse::<u32>()
            .is_ok_and(|value| (1..=255).contains(&value))
    {
        problems.push(at(
            length,
            "The length of a Text field must be between 1 and 255".to_owned(),
        ));
    }
    if let Some(stored) = context.state.component(&found.id) {
        let before = stored.tree();
        let old = before.text_of("type").unwrap_or_default().to_owned();
        if old != kind {
            problems.push(at(
                xml,
                format!("Cannot change field type from {old} to {kind}"),
            ));
        }
    }
    problems
}

fn credential(found: &Found) -> Vec<Problem> {
    let xml = &found.xml;
    let mut problems = required(xml, &["label"]);
    let kind = xml
        .text_of("namedCredentialType")
        .unwrap_or("Legacy")
        .trim();
    if kind == "Legacy" {
        match xml.child("endpoint") {
            None => problems.extend(required(xml, &["endpoint"])),
            Some(endpoint) => {
                let url = endpoint.text.trim();
                if !(url.starts_with("https://") || url.starts_with("http://")) {
                    problems.push(at(endpoint, "Endpoint: invalid URL".to_owned()));
                } else if url.chars().count() > 1000 {
                    problems.push(at(
                        endpoint,
                        "Endpoint: data value too large: max length=1000".to_owned(),
                    ));
                }
            }
        }
    } else if xml.child("endpoint").is_some() {
        problems.push(whole(format!(
            "Endpoint can't be specified for a named credential of type {kind}"
        )));
    }
    for parameter in xml
        .children
        .iter()
        .filter(|child| child.name == "namedCredentialParameters")
    {
        if let Some(name) = parameter.text_of("externalCredential") {
            problems.push(at(
                parameter,
                missing("externalCredential", "ExternalCredential", name),
            ));
        }
    }
    problems
}

fn missing(field: &str, kind: &str, name: &str) -> String {
    format!("In field: {field} - no {kind} named {name} found")
}

fn permission_set(found: &Found, context: &Context<'_>) -> Vec<Problem> {
    let mut problems = required(&found.xml, &["label"]);
    for entry in &found.xml.children {
        if let Some(definition) = nested(&entry.name) {
            let lacking = schema::missing(definition, entry);
            if let Some(name) = lacking.first() {
                problems.push(at(entry, format!("Required field is missing: {name}")));
                continue;
            }
        }
        if let Some(text) = entry_problem(entry, context) {
            problems.push(at(entry, text));
        }
    }
    problems
}

fn nested(name: &str) -> Option<&'static schema::Type> {
    // Files that deploy leave the booleans of object permissions out, so those are not demanded.
    if name == "objectPermissions" {
        return None;
    }
    schema::definition(MetadataType::PermissionSet)
        .fields
        .iter()
        .find(|field| field.name == name)
        .and_then(|field| match field.kind {
            schema::Kind::Nested(inner) => Some(inner),
            _ => None,
        })
}

fn entry_problem(entry: &Node, context: &Context<'_>) -> Option<String> {
    let text = |name: &str| entry.text_of(name).unwrap_or_default().trim();
    match entry.name.as_str() {
        "classAccesses" => {
            let name = text("apexClass");
            (!context.knows(MetadataType::ApexClass, name))
                .then(|| missing("apexClass", "ApexClass", name))
        }
        "customPermissions" => {
            let name = text("name");
            (!context.knows(MetadataType::CustomPermission, name))
                .then(|| missing("customPermission", "CustomPermission", name))
        }
        "fieldPermissions" => field_permission(text("field"), context),
        "objectPermissions" => object_permission(entry, context),
        "externalCredentialPrincipalAccesses" => {
            let name = text("externalCredentialPrincipal");
            Some(missing(
                "externalCredentialPrincipal",
                "ExternalCredentialPrincipal",
                name,
            ))
        }
        "userPermissions" => {
            let name = text("name");
            let known = super::super::query::user_permissions().contains(&name);
            (!known).then(|| format!("Unknown user permission: {name}"))
        }
        _ => None,
    }
}

fn field_permission(name: &str, context: &Context<'_>) -> Option<String> {
    let (object, field) = name.split_once('.').unwrap_or((name, ""));
    let custom = field.to_ascii_lowercase().ends_with("__c");
    let known = if custom {
        context.knows(MetadataType::CustomField, name)
    } else {
        context.knows_object(object) && !field.is_empty()
    };
    (!known).then(|| missing("field", "CustomField", name))
}

fn object_permission(entry: &Node, context: &Context<'_>) -> Option<String> {
    let object = entry.text_of("object").unwrap_or_default().trim();
    if !context.knows_object(object) {
        return Some(missing("object", "CustomObject", object));
    }
    let on = |flag: &str| {
        entry
            .text_of(flag)
            .is_some_and(|text| matches!(text.trim(), "true" | "1"))
    };
    // What Setup ticks along when somebody ticks the first of each row.
    let rules: [(&str, &str, &[(&str, &str)]); 5] = [
        ("allowCreate", "Create", &[("allowRead", "Read")]),
        ("allowEdit", "Edit", &[("allowRead", "Read")]),
        (
            "allowDelete",
            "Delete",
            &[("allowRead", "Read"), ("allowEdit", "Edit")],
        ),
        ("viewAllRecords", "View All", &[("allowRead", "Read")]),
        (
            "modifyAllRecords",
            "Modify All",
            &[
                ("allowRead", "Read"),
                ("allowEdit", "Edit"),
                ("allowDelete", "Delete"),
                ("viewAllRecords", "View All"),
            ],
        ),
    ];
    rules
        .iter()
        .filter(|(flag, ..)| on(flag))
        .find_map(|(_, name, needs)| {
            let lacking: Vec<String> = needs
                .iter()
                .filter(|(flag, _)| !on(flag))
                .map(|(_, need)| format!("{need} {object}"))
                .collect();
            (!lacking.is_empty()).then(|| {
                format!(
                    "Permission {name} {object} depends on permission(s): {}",
                    lacking.join(", ")
                )
            })
        })
}

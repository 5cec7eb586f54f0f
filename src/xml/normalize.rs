//! The canonical form of a metadata file: the same tree for what was deployed and for what an org
//! returns for it.
//!
//! An org returns fields in WSDL order, writes defaults out, leaves empty elements, false user
//! permissions and secrets away, and may sort the entries of a list. All of that is undone by
//! putting both sides into one form; nothing else is touched, so every other edit shows.

use super::schema::{Field, FieldType, Role, Type, type_named, type_of};
use super::{Element, write};
use crate::metadata::MetadataType;

/// The tree in canonical form: WSDL order, defaults written, entries that grant nothing dropped,
/// lists with a key sorted by it, values that never come back or that depend on the org dropped,
/// empty elements dropped, texts trimmed. Places are cleared. Elements that the WSDL doesn't know
/// are kept, at the end, so that they show as differences.
///
/// `normalize(kind, &normalize(kind, root)) == normalize(kind, root)`.
pub fn normalize(kind: MetadataType, root: &Element) -> Element {
    let mut tree = match type_of(kind) {
        Some(of) => {
            let mut tree = of_type(of, root);
            write_defaults(of, &mut tree);
            tree
        }
        None => of_no_type(root),
    };
    // Files don't repeat the name that their path has; only a field's name is in its file.
    if kind != MetadataType::CustomField {
        tree.children.retain(|child| child.name != "fullName");
    }
    tree
}

/// The part of the canonical form that decides whether two components are equal: without
/// `fullName`, which the component's id has, and `description`, which holds the marker.
pub fn comparable(kind: MetadataType, root: &Element) -> Element {
    let mut tree = normalize(kind, root);
    tree.children
        .retain(|child| !matches!(child.name.as_str(), "fullName" | "description"));
    tree
}

fn of_type(of: &Type, element: &Element) -> Element {
    let children = element.children.iter();
    let mut children: Vec<Element> = children
        .filter_map(|child| match of.field(&child.name) {
            Some(field) => of_field(field, child),
            None => Some(of_no_type(child)).filter(|child| !is_empty(child)),
        })
        .collect();
    sort(of, &mut children);
    Element {
        name: element.name.clone(),
        xsi_type: element.xsi_type.clone(),
        children,
        ..Element::default()
    }
}

/// A field's element in canonical form; `None` when it means the same as no element.
fn of_field(field: &Field, element: &Element) -> Option<Element> {
    if matches!(field.role, Role::Secret | Role::OrgDependent) {
        return None;
    }
    if let FieldType::Complex(name) = field.ty
        && let Some(of) = type_named(name)
    {
        let mut entry = of_type(of, element);
        if entry.children.is_empty() {
            return None;
        }
        write_defaults(of, &mut entry);
        return (!of.grants || grants_something(of, &entry)).then_some(entry);
    }
    let mut leaf = of_no_type(element);
    leaf.text = canonical_text(field.ty, &leaf.text);
    let counts_as_absent = field.ty == FieldType::Boolean
        && !field.required
        && field.default.is_none()
        && leaf.text == "false";
    (!is_empty(&leaf) && !counts_as_absent).then_some(leaf)
}

fn of_no_type(element: &Element) -> Element {
    let children: Vec<Element> = element
        .children
        .iter()
        .map(of_no_type)
        .filter(|child| !is_empty(child))
        .collect();
    Element {
        name: element.name.clone(),
        text: trimmed(&element.text),
        xsi_type: element.xsi_type.clone(),
        children,
        ..Element::default()
    }
}

fn is_empty(element: &Element) -> bool {
    element.text.is_empty() && element.children.is_empty()
}

fn write_defaults(of: &Type, element: &mut Element) {
    for field in of.fields {
        if let Some(default) = field.default
            && element.child(field.name).is_none()
        {
            element.children.push(Element::leaf(field.name, default));
        }
    }
    sort(of, &mut element.children);
}

fn grants_something(of: &Type, entry: &Element) -> bool {
    entry.children.iter().any(|child| {
        !of.key.contains(&child.name.as_str()) && !matches!(child.text.as_str(), "false" | "None")
    })
}

fn sort(of: &Type, children: &mut [Element]) {
    children.sort_by_cached_key(|child| {
        let position = of.position(&child.name).unwrap_or(usize::MAX);
        let entry = of.field(&child.name).map(|field| entry_key(field, child));
        (position, child.name.clone(), entry)
    });
}

/// What an entry of a list is sorted by; nothing where the order of the entries has a meaning.
fn entry_key(field: &Field, entry: &Element) -> Vec<String> {
    let mut key = Vec::new();
    match field.ty {
        _ if !field.many => {}
        FieldType::Complex(name) => {
            let names = type_named(name).map_or(&[][..], |of| of.key);
            for name in names {
                key.push(entry.child_text(name).unwrap_or_default().to_lowercase());
            }
            if !names.is_empty() {
                key.push(write(entry));
            }
        }
        FieldType::Unlisted(_) => {}
        _ => key = vec![entry.text.to_lowercase(), entry.text.clone()],
    }
    key
}

/// `66` and `66.0`, `1` and `true` are the same value in XML Schema.
fn canonical_text(ty: FieldType, text: &str) -> String {
    match ty {
        FieldType::Boolean => match text {
            "1" => "true".to_owned(),
            "0" => "false".to_owned(),
            _ => text.to_owned(),
        },
        FieldType::Integer => text
            .parse::<i64>()
            .map_or_else(|_| text.to_owned(), |number| number.to_string()),
        FieldType::TextList => {
            let mut words: Vec<&str> = text
                .split(',')
                .map(str::trim)
                .filter(|word| !word.is_empty())
                .collect();
            words.sort_unstable();
            words.dedup();
            words.join(", ")
        }
        FieldType::Double => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => format!("{number:?}"),
            _ => text.to_owned(),
        },
        _ => text.to_owned(),
    }
}

/// An org stores LF and trims as Java does: everything up to U+0020.
fn trimmed(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    lines.trim_matches(|c| c <= ' ').to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn normal(kind: MetadataType, body: &str) -> String {
        let text = format!("<{kind}>{body}</{kind}>");
        let text = write(&normalize(kind, &parse(&text).unwrap()));
        let (_, body) = text.split_once("metadata\"").unwrap();
        body.split_whitespace()
            .collect::<String>()
            .trim_start_matches('>')
            .trim_end_matches(&format!("</{kind}>"))
            .to_owned()
    }

    #[test]
    fn named_credential_gets_its_defaults_and_loses_its_secrets() {
        let written = normal(
            MetadataType::NamedCredential,
            "<label> A </label><endpoint>https://a</endpoint><password>x</password>\
             <oauthToken>y</oauthToken><certificate/><fullName>A</fullName>",
        );
        assert_eq!(
            written,
            "<allowMergeFieldsInBody>false</allowMergeFieldsInBody>\
             <allowMergeFieldsInHeader>false</allowMergeFieldsInHeader>\
             <calloutStatus>Enabled</calloutStatus><endpoint>https://a</endpoint>\
             <generateAuthorizationHeader>true</generateAuthorizationHeader><label>A</label>\
             <namedCredentialType>Legacy</namedCredentialType>"
        );
    }

    #[test]
    fn permission_set_is_a_set() {
        let written = normal(
            MetadataType::PermissionSet,
            "<userPermissions><enabled>1</enabled><name>EmailSingle</name></userPermissions>\
             <label>A</label>\
             <userPermissions><name>ApiEnabled</name><enabled>true</enabled></userPermissions>\
             <userPermissions><enabled>false</enabled><name>ViewSetup</name></userPermissions>\
             <objectPermissions><object>Case</object><allowRead>true</allowRead>\
             <viewSetup>false</viewSetup></objectPermissions>\
             <tabSettings><tab>standard-Case</tab><visibility>None</visibility></tabSettings>",
        );
        assert_eq!(
            written,
            "<hasActivationRequired>false</hasActivationRequired><label>A</label>\
             <objectPermissions><allowCreate>false</allowCreate><allowDelete>false</allowDelete>\
             <allowEdit>false</allowEdit><allowRead>true</allowRead>\
             <modifyAllRecords>false</modifyAllRecords><object>Case</object>\
             <viewAllFields>false</viewAllFields><viewAllRecords>false</viewAllRecords>\
             </objectPermissions>\
             <userPermissions><enabled>true</enabled><name>ApiEnabled</name></userPermissions>\
             <userPermissions><enabled>true</enabled><name>EmailSingle</name></userPermissions>"
        );
    }

    #[test]
    fn custom_field_keeps_its_name_and_the_order_of_picklist_values() {
        let written = normal(
            MetadataType::CustomField,
            "<trackHistory>true</trackHistory><fullName>F__c</fullName><type>Picklist</type>\
             <valueSet><valueSetDefinition><sorted>false</sorted>\
             <value><fullName>z</fullName><default>false</default></value>\
             <value><fullName>a</fullName><default>false</default><isActive>true</isActive></value>\
             </valueSetDefinition></valueSet><strange> x </strange>",
        );
        assert_eq!(
            written,
            "<fullName>F__c</fullName><externalId>false</externalId><required>false</required>\
             <type>Picklist</type><unique>false</unique><valueSet><valueSetDefinition>\
             <sorted>false</sorted>\
             <value><fullName>z</fullName><default>false</default><isActive>true</isActive></value>\
             <value><fullName>a</fullName><default>false</default><isActive>true</isActive></value>\
             </valueSetDefinition></valueSet><strange>x</strange>"
        );
    }

    #[test]
    fn apex_is_active_and_its_version_a_number() {
        assert_eq!(
            normal(MetadataType::ApexTrigger, "<apiVersion>66</apiVersion>"),
            "<apiVersion>66.0</apiVersion><status>Active</status>"
        );
    }
}

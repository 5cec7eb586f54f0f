//! Names that the config changes.

use super::*;
use crate::config::SHIPPED_NAMES;

#[test]
fn the_config_knows_every_name_that_can_be_changed() {
    let ids = |names: &BTreeMap<String, String>| -> BTreeSet<String> {
        let packages = variants().into_iter().map(|integration| {
            render_embedded(&Integration {
                names: names.clone(),
                external_client_app: None,
                ..integration
            })
        });
        packages
            .flat_map(|package| package.components.into_keys())
            .map(|id| id.to_string())
            .collect()
    };
    let fixed = BTreeSet::from([
        "CustomField:Case.Case_From__c".to_owned(),
        "CustomField:EmailMessage.OpenCX_Send_Error__c".to_owned(),
    ]);
    let shipped = ids(&BTreeMap::new());
    assert_eq!(&shipped & &ids(&all_renamed()), fixed);

    let mut known: BTreeSet<String> = SHIPPED_NAMES
        .iter()
        .map(|(name, kind)| match kind {
            // The platform demands the ending.
            MetadataType::CustomObject if *name == "OpenCX_Setting" => {
                format!("{kind}:{name}__mdt")
            }
            MetadataType::CustomObject => format!("{kind}:{name}__e"),
            _ => format!("{kind}:{name}"),
        })
        .collect();
    known.extend(fixed);
    // Renamed together with their object.
    for field in ["Event_Key__c", "Event_Name__c", "Record_Id__c"] {
        known.insert(format!("CustomField:OpenCX_Case_Event__e.{field}"));
    }
    for field in ["Log_Level__c", "Outbound_Enabled__c", "Webhook_Enabled__c"] {
        known.insert(format!("CustomField:OpenCX_Setting__mdt.{field}"));
    }
    known.insert("CustomMetadata:OpenCX_Setting.Default".to_owned());
    // Renamed together with the Named Credentials of the same names.
    known.insert("PermissionSet:OpenCX_Integration".to_owned());
    known.insert("PermissionSet:OpenCX_Mail_Provider".to_owned());
    known.insert("ExternalCredential:OpenCX_Mail_Provider".to_owned());
    assert_eq!(shipped, known);
}

#[test]
fn no_component_uses_a_name_that_is_not_in_use() {
    let packages: Vec<Package> = variants()
        .into_iter()
        .map(|integration| {
            render_embedded(&Integration {
                names: all_renamed(),
                ..integration
            })
        })
        .collect();
    for component in packages
        .iter()
        .flat_map(|package| package.components.values())
    {
        let words: BTreeSet<&str> = component
            .source
            .as_deref()
            .unwrap_or_default()
            .lines()
            .chain(component.xml.lines())
            .filter(|line| !line.contains("opencx-sf template="))
            .flat_map(|line| line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'))
            .collect();
        for (shipped, _) in SHIPPED_NAMES {
            assert!(!words.contains(shipped), "{shipped} in {}", component.id);
        }
    }
}

#[test]
fn bad_names_are_refused() {
    let with = |shipped: &str, name: &str| {
        let names = BTreeMap::from([(shipped.to_owned(), name.to_owned())]);
        let integration = Integration {
            names,
            ..integration()
        };
        let error = render(&integration, &Catalog::embedded()).unwrap_err();
        error.to_diagnostic().code.0
    };
    assert_eq!(with("CaseTrigger", "x {} } class y {"), "template/name");
    assert_eq!(with("OpenCxLog", "opencxaccess"), "template/same-name");
    assert_eq!(with("OpenCX_Bypass", ""), "template/name");
}

#[test]
fn an_event_and_its_fields_are_renamed_together() {
    let names = BTreeMap::from([("OpenCX_Case_Event".to_owned(), "Acme_Event".to_owned())]);
    let package = render_embedded(&with_everything(names));
    let events: Vec<String> = package
        .components
        .keys()
        .map(ToString::to_string)
        .filter(|id| id.contains("__e"))
        .collect();
    assert_eq!(
        events,
        [
            "CustomObject:Acme_Event__e",
            "CustomField:Acme_Event__e.Event_Key__c",
            "CustomField:Acme_Event__e.Event_Name__c",
            "CustomField:Acme_Event__e.Record_Id__c",
        ]
    );
    let files = package.files(Format::Metadata).unwrap();
    let object = xml::parse(&files["objects/Acme_Event__e.object"]).unwrap();
    assert_eq!(xml::validate(MetadataType::CustomObject, &object), []);
    let children: Vec<&str> = object
        .children
        .iter()
        .map(|child| child.name.as_str())
        .collect();
    assert_eq!(
        children,
        [
            "deploymentStatus",
            "description",
            "eventType",
            "fields",
            "fields",
            "fields",
            "label",
            "pluralLabel",
            "publishBehavior",
        ]
    );
}

//! Packages for tests: one that looks like the real one, and arbitrary ones.

use proptest::prelude::*;

use super::{Package, SecretSlot};
use crate::apex::{self, Marker};
use crate::metadata::{ApiVersion, Component, ComponentId, MetadataType};
use crate::secret::Secret;
use crate::xml::{self, Element, properties};

pub(crate) const PLACEHOLDER: &str = "__OPENCX_WEBHOOK_URL__";
pub(crate) const WEBHOOK: &str = "https://api.example.com/hooks/a&b?token=0123456789";

/// A component of XML with its marker; `{marker}` in the body stands for it.
pub(crate) fn xml_component(kind: MetadataType, name: &str, body: &str) -> Component {
    let document = |marker: &str| {
        let body = body.replace("{marker}", marker);
        xml::write(&xml::parse(&format!("<{kind}>{body}</{kind}>")).unwrap())
    };
    let mut component = Component {
        id: ComponentId::new(kind, name),
        source: None,
        xml: document("-"),
    };
    let marker = Marker {
        template: format!("{}/{name}.{}", kind.folder(), kind.suffix()),
        version: 2,
        digest: xml::digest(&component).unwrap(),
    };
    component.xml = document(&marker.to_string());
    component
}

/// An Apex component with its marker.
pub(crate) fn apex_component(kind: MetadataType, name: &str, source: &str) -> Component {
    let template = format!("{}/{name}.{}", kind.folder(), kind.suffix());
    Component {
        id: ComponentId::new(kind, name),
        source: Some(apex::stamp(source, &template, 2)),
        xml: xml::write(&Element::parent(
            kind.name(),
            vec![
                Element::leaf("apiVersion", "66.0"),
                Element::leaf("status", "Active"),
            ],
        )),
    }
}

/// A small package with every type in it and one secret, not resolved into its component yet.
pub(crate) fn sample() -> Package {
    let components = [
        xml_component(
            MetadataType::CustomField,
            "Case.Case_From__c",
            "<fullName>Case_From__c</fullName><description>Who. {marker}</description>\
             <externalId>false</externalId><label>Case From</label><length>255</length>\
             <required>false</required><type>Text</type><unique>false</unique>",
        ),
        xml_component(
            MetadataType::CustomField,
            "Case.Another__c",
            "<fullName>Another__c</fullName><label>Another</label><length>18</length>\
             <type>Text</type>",
        ),
        xml_component(
            MetadataType::CustomPermission,
            "OpenCX_Log",
            "<description>{marker}</description><isLicensed>false</isLicensed><label>Log</label>",
        ),
        xml_component(
            MetadataType::NamedCredential,
            "OpenCX_Integration",
            "<calloutStatus>Enabled</calloutStatus><description>{marker}</description>\
             <endpoint>__OPENCX_WEBHOOK_URL__</endpoint>\
             <generateAuthorizationHeader>false</generateAuthorizationHeader>\
             <label>OpenCX_Integration</label><principalType>Anonymous</principalType>\
             <protocol>NoAuthentication</protocol>",
        ),
        xml_component(
            MetadataType::PermissionSet,
            "OpenCX_Integration",
            "<classAccesses><apexClass>OpenCxJob</apexClass><enabled>true</enabled>\
             </classAccesses><description>{marker}</description><fieldPermissions>\
             <editable>true</editable><field>Case.Case_From__c</field><readable>true</readable>\
             </fieldPermissions><label>OpenCX Integration</label>\
             <userPermissions><enabled>true</enabled><name>ApiEnabled</name></userPermissions>\
             <userPermissions><enabled>true</enabled><name>EmailSingle</name></userPermissions>",
        ),
        apex_component(
            MetadataType::ApexClass,
            "OpenCxJob",
            "public with sharing class OpenCxJob {\n    static Integer one = 1;\n}\n",
        ),
        apex_component(
            MetadataType::ApexTrigger,
            "CaseTrigger",
            "trigger CaseTrigger on Case (after insert) {\n    OpenCxJob.run();\n}\n",
        ),
    ];
    Package {
        api_version: ApiVersion::new(66),
        components: by_id(components),
        secrets: vec![SecretSlot {
            placeholder: PLACEHOLDER.to_owned(),
            component: ComponentId::new(MetadataType::NamedCredential, "OpenCX_Integration"),
            env: Some("OPENCX_WEBHOOK_URL".to_owned()),
            value: Some(Secret::new(WEBHOOK)),
        }],
    }
}

/// Packages with arbitrary names and contents.
pub(crate) fn any_package() -> impl Strategy<Value = Package> {
    let component = properties::any_kind().prop_flat_map(|kind| {
        let source = "[ -~\n]{0,40}".prop_map(move |text| kind.has_source().then_some(text));
        (
            Just(kind),
            "[A-Z][a-z]{0,3}",
            properties::tree(kind),
            source,
        )
    });
    let component = component.prop_map(|(kind, name, mut tree, source)| {
        let full_name = if kind == MetadataType::CustomField {
            tree.children.retain(|child| child.name != "fullName");
            tree.children
                .insert(0, Element::leaf("fullName", format!("{name}__c")));
            format!("Case.{name}__c")
        } else if kind == MetadataType::CustomObject {
            // Its fields are components of their own, and one that says nothing has no file.
            let replaced = ["fields", "fullName", "label"];
            tree.children
                .retain(|child| !replaced.contains(&child.name.as_str()));
            tree.children.push(Element::leaf("label", name.as_str()));
            format!("{name}__e")
        } else {
            name
        };
        Component {
            id: ComponentId::new(kind, full_name),
            source,
            xml: xml::write(&tree),
        }
    });
    prop::collection::vec(component, 0..6).prop_map(|components| Package {
        api_version: ApiVersion::new(66),
        components: by_id(components),
        secrets: Vec::new(),
    })
}

fn by_id(
    components: impl IntoIterator<Item = Component>,
) -> std::collections::BTreeMap<ComponentId, Component> {
    components
        .into_iter()
        .map(|component| (component.id.clone(), component))
        .collect()
}

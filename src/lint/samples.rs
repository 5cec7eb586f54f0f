//! Packages for the tests of rules.

use std::collections::BTreeMap;

use crate::config::{
    Announcements, CaseFilter, CaseTrigger, CredentialModel, Integration, Outbound, SecretRef,
    Sender,
};
use crate::diag::{Diagnostic, Place};
use crate::metadata::{ApiVersion, Component, ComponentId};
use crate::package::Package;
use crate::secret::Secret;

pub(super) const PERMISSION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<CustomPermission xmlns="http://soap.sforce.com/2006/04/metadata">
    <isLicensed>false</isLicensed>
    <label>P</label>
</CustomPermission>
"#;

pub(super) const FIELD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<CustomField xmlns="http://soap.sforce.com/2006/04/metadata">
    <fullName>Case_From__c</fullName>
    <label>Case From</label>
    <length>255</length>
    <type>Text</type>
</CustomField>
"#;

pub(super) const CREDENTIAL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<NamedCredential xmlns="http://soap.sforce.com/2006/04/metadata">
    <calloutStatus>Enabled</calloutStatus>
    <endpoint>__OPENCX_WEBHOOK_URL__</endpoint>
    <label>OpenCX_Integration</label>
</NamedCredential>
"#;

/// A class that no rule objects to.
pub(super) fn class(name: &str) -> String {
    format!("public with sharing class {name} {{}}\n")
}

/// A class with a method whose body, in line 2, is the given one.
pub(super) fn method(name: &str, body: &str) -> String {
    format!("public with sharing class {name} {{ void f() {{\n{body}\n}} }}\n")
}

/// A package and its integration, put together component by component.
pub(super) struct Sample {
    package: Package,
    integration: Integration,
}

impl Sample {
    pub(super) fn new() -> Self {
        let api_version = ApiVersion::new(66);
        Self {
            package: Package {
                api_version,
                components: BTreeMap::new(),
                secrets: Vec::new(),
            },
            integration: Integration {
                api_version,
                webhook_url: SecretRef {
                    env: None,
                    value: None,
                },
                reply_to: "support@acme.example".to_owned(),
                case_filter: CaseFilter::NotOpencx,
                sender: Sender::DisplayName("Acme".to_owned()),
                announcements: Announcements::default(),
                test_case_fields: BTreeMap::new(),
                named_credential: CredentialModel::Legacy,
                case_trigger: CaseTrigger::Shipped,
                external_client_app: None,
                live_messaging: None,
                outbound: Outbound::default(),
                runtime_settings: false,
                drift_reader: false,
                names: BTreeMap::new(),
                templates: None,
            },
        }
    }

    /// Adds a class or trigger.
    pub(super) fn source(self, id: &str, source: &str) -> Self {
        let id: ComponentId = id.parse().unwrap();
        let xml = format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<{kind} xmlns="http://soap.sforce.com/2006/04/metadata">
    <apiVersion>66.0</apiVersion>
    <status>Active</status>
</{kind}>
"#,
            kind = id.kind
        );
        self.add(id, Some(source.to_owned()), xml)
    }

    /// Adds a component that is XML alone.
    pub(super) fn xml(self, id: &str, xml: &str) -> Self {
        self.add(id.parse().unwrap(), None, xml.to_owned())
    }

    fn add(mut self, id: ComponentId, source: Option<String>, xml: String) -> Self {
        let component = Component {
            id: id.clone(),
            source,
            xml,
        };
        self.package.components.insert(id, component);
        self
    }

    /// Replaces a text in a component's XML; it must be there.
    pub(super) fn edit_xml(mut self, id: &str, from: &str, to: &str) -> Self {
        let component = self
            .package
            .components
            .get_mut(&id.parse().unwrap())
            .unwrap();
        assert!(component.xml.contains(from), "{from}");
        component.xml = component.xml.replace(from, to);
        self
    }

    /// Gives a shipped component another name.
    pub(super) fn name(mut self, shipped: &str, name: &str) -> Self {
        self.integration
            .names
            .insert(shipped.to_owned(), name.to_owned());
        self
    }

    pub(super) fn webhook_url(mut self, url: &str) -> Self {
        self.integration.webhook_url.value = Some(Secret::new(url));
        self
    }

    pub(super) fn integration(&self) -> Integration {
        self.integration.clone()
    }

    /// Runs every rule.
    pub(super) fn run(&self) -> Vec<Diagnostic> {
        super::run(&self.package, &self.integration)
    }

    /// The findings of one rule as `component:line message`.
    pub(super) fn found(&self, code: &str) -> Vec<String> {
        let findings = self.run().into_iter();
        findings
            .filter(|finding| finding.code.0 == code)
            .map(|finding| match finding.place {
                Some(Place::Component {
                    component,
                    line: Some(line),
                    ..
                }) => {
                    format!("{component}:{line} {}", finding.message)
                }
                Some(Place::Component { component, .. }) => {
                    format!("{component} {}", finding.message)
                }
                _ => finding.message,
            })
            .collect()
    }
}

mod options;

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::config::{
    CaseFilter, CaseTrigger, CredentialModel, ExternalClientApp, SHIPPED_NAMES, SecretRef, Sender,
};
use crate::metadata::ApiVersion;
use crate::package::Format;
use crate::secret::Secret;
use crate::template::VARIABLES;

const URL: &str = "https://opencx.invalid/webhook/5ecret";

fn integration() -> Integration {
    Integration {
        api_version: ApiVersion::new(66),
        webhook_url: SecretRef {
            env: Some("OPENCX_WEBHOOK_URL".to_owned()),
            value: Some(Secret::new(URL)),
        },
        reply_to: "support@acme.example".to_owned(),
        case_filter: CaseFilter::NotOpencx,
        sender: Sender::DisplayName("Acme Support".to_owned()),
        named_credential: CredentialModel::Legacy,
        case_trigger: CaseTrigger::Shipped,
        external_client_app: None,
        names: BTreeMap::new(),
        templates: None,
    }
}

/// Every option beside the default.
fn variants() -> Vec<Integration> {
    let address = Sender::OrgWideAddress("help@acme.example".to_owned());
    vec![
        integration(),
        Integration {
            case_filter: CaseFilter::All,
            sender: address.clone(),
            api_version: ApiVersion::new(62),
            ..integration()
        },
        Integration {
            case_filter: CaseFilter::OnlyOpencx,
            names: renamed(),
            ..integration()
        },
        Integration {
            sender: address.clone(),
            names: renamed(),
            ..integration()
        },
        Integration {
            named_credential: CredentialModel::SecuredEndpoint,
            external_client_app: Some(app(false)),
            ..integration()
        },
        Integration {
            named_credential: CredentialModel::SecuredEndpoint,
            case_trigger: CaseTrigger::Existing,
            external_client_app: Some(app(true)),
            api_version: ApiVersion::new(62),
            names: renamed(),
            ..integration()
        },
    ]
}

/// Another name for everything that can have one: `X1`, `X2`, …
fn renamed() -> BTreeMap<String, String> {
    SHIPPED_NAMES
        .iter()
        .enumerate()
        .map(|(index, (shipped, _))| ((*shipped).to_owned(), format!("X{index}")))
        .collect()
}

fn render_embedded(integration: &Integration) -> Package {
    render(integration, &Catalog::embedded()).unwrap()
}

fn source<'a>(package: &'a Package, class: &str) -> &'a str {
    let id = ComponentId::new(MetadataType::ApexClass, class);
    package.components[&id].source.as_deref().unwrap()
}

/// The value of the constant of that name.
fn constant(source: &str, name: &str) -> Option<String> {
    let (_, rest) = source.split_once(&format!(" String {name} = "))?;
    apex::parse_string_literal(rest.lines().next()?.strip_suffix(';')?)
}

/// Every component that some option brings is among these.
fn with_everything(names: BTreeMap<String, String>) -> Integration {
    Integration {
        named_credential: CredentialModel::SecuredEndpoint,
        names,
        ..integration()
    }
}

fn app(require_pkce: bool) -> ExternalClientApp {
    ExternalClientApp {
        name: "Acme_AI".to_owned(),
        label: "Acme & AI".to_owned(),
        contact_email: "admin@acme.example".to_owned(),
        require_pkce,
    }
}

#[test]
fn the_config_knows_every_name_that_can_be_changed() {
    let ids = |renamed: BTreeMap<String, String>| -> BTreeSet<String> {
        let package = render_embedded(&with_everything(renamed));
        package.components.keys().map(ToString::to_string).collect()
    };
    let fixed = BTreeSet::from(["CustomField:Case.Case_From__c".to_owned()]);
    let shipped = ids(BTreeMap::new());
    assert_eq!(&shipped & &ids(renamed()), fixed);

    let mut known: BTreeSet<String> = SHIPPED_NAMES
        .iter()
        .map(|(name, kind)| format!("{kind}:{name}"))
        .collect();
    known.extend(fixed);
    // Renamed together with the Named Credential of the same name.
    known.insert("PermissionSet:OpenCX_Integration".to_owned());
    assert_eq!(shipped, known);
}

#[test]
fn no_component_uses_a_name_that_is_not_in_use() {
    for component in render_embedded(&with_everything(renamed()))
        .components
        .values()
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
fn every_component_is_valid_and_marked() {
    for integration in variants() {
        for (id, component) in render_embedded(&integration).components {
            let root = xml::parse(&component.xml).unwrap();
            assert_eq!(xml::validate(id.kind, &root), [], "{id}");
            assert_eq!(component.xml, xml::write(&root), "{id}");
            let marker = match &component.source {
                Some(source) => {
                    assert!(!source.contains('\r') && source.is_ascii(), "{id}");
                    assert!(source.ends_with("}\n"), "{id}");
                    let marker = apex::Marker::in_source(source).unwrap();
                    assert_eq!(marker.digest, apex::digest(source), "{id}");
                    marker
                }
                None => {
                    let description = root.children.iter().find(|e| e.name == "description");
                    let Some(description) = description else {
                        let too_old = integration.api_version == ApiVersion::new(62)
                            && id.kind == MetadataType::NamedCredential;
                        assert!(too_old || id.kind.belongs_to_app(), "{id}");
                        continue;
                    };
                    assert!(description.text.chars().count() <= 255, "{id}");
                    let marker = apex::Marker::in_description(&description.text).unwrap();
                    assert_eq!(marker.digest, xml::digest(&component).unwrap(), "{id}");
                    marker
                }
            };
            assert!(Catalog::embedded().template(&marker.template).is_some());
            assert_eq!(marker.version, 1, "{id}");
        }
    }
}

#[test]
fn every_source_declares_its_component() {
    for integration in variants() {
        for (id, component) in render_embedded(&integration).components {
            let Some(source) = component.source else {
                continue;
            };
            let syntax = apex::parse(&source);
            assert_eq!(syntax.errors, [], "{id}");
            let name = match syntax.declaration {
                Some(apex::Declaration::Class { name, is_test }) => {
                    assert_eq!(is_test, source.contains("\n@IsTest\n"), "{id}");
                    name
                }
                Some(apex::Declaration::Trigger { name, events, .. }) => {
                    assert_eq!(events, ["after insert"], "{id}");
                    name
                }
                None => panic!("{id} declares nothing"),
            };
            assert_eq!(name, id.full_name.as_str());
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for integration in variants() {
        let files = || {
            render_embedded(&integration)
                .files(Format::Metadata)
                .unwrap()
        };
        assert_eq!(files(), files());
    }
}

#[test]
fn the_secret_stays_out_of_the_components() {
    let package = render_embedded(&integration());
    let [slot] = package.secrets.as_slice() else {
        panic!("{:?}", package.secrets);
    };
    assert_eq!(slot.placeholder, WEBHOOK_URL_PLACEHOLDER);
    assert_eq!(
        slot.component.to_string(),
        "NamedCredential:OpenCX_Integration"
    );
    assert_eq!(slot.env.as_deref(), Some("OPENCX_WEBHOOK_URL"));
    for component in package.components.values() {
        assert!(!component.xml.contains(URL), "{}", component.id);
        let source = component.source.as_deref().unwrap_or_default();
        assert!(!source.contains(URL), "{}", component.id);
    }
    let resolved = package.resolved().unwrap();
    assert!(resolved.components[&slot.component].xml.contains(URL));
}

#[test]
fn templates_get_the_documented_values() {
    let names = Names::new(&[], &BTreeMap::new()).unwrap();
    let contexts: Vec<_> = variants()
        .iter()
        .map(|integration| values::of(integration, &names).unwrap())
        .collect();
    assert!(VARIABLES.is_sorted());
    for name in VARIABLES {
        let known = contexts.iter().any(|values| values.contains_key(name));
        assert!(known, "{name}");
    }
}

#[test]
fn the_case_filter_is_what_the_config_says() {
    for (case_filter, condition) in [
        (CaseFilter::All, None),
        (
            CaseFilter::NotOpencx,
            Some("return newCase.Case_From__c != OPENCX;"),
        ),
        (
            CaseFilter::OnlyOpencx,
            Some("return newCase.Case_From__c == OPENCX;"),
        ),
    ] {
        let package = render_embedded(&Integration {
            case_filter,
            ..integration()
        });
        let conditions: Vec<&str> = source(&package, "OpenSalesforceCaseManagement")
            .lines()
            .map(str::trim)
            .filter(|line| line.contains("Case_From__c"))
            .collect();
        assert_eq!(conditions, Vec::from_iter(condition));
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
fn a_nul_is_refused_with_its_key() {
    let integration = Integration {
        reply_to: "a\0b".to_owned(),
        ..integration()
    };
    let error = render(&integration, &Catalog::embedded()).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Literal {
                key: "reply_to",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn an_override_that_breaks_the_xml_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("customPermissions");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(
        folder.join("OpenCX_Bypass.customPermission"),
        "{# version: 1 #}\n<a>",
    )
    .unwrap();
    let catalog = Catalog::with_overrides(dir.path()).unwrap();
    let error = render(&integration(), &catalog).unwrap_err();
    assert_eq!(error.to_diagnostic().code.0, "template/not-xml");
}

proptest! {
    // Each case renders all components.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_value_stays_inside_its_literal(value in "[^\0]*") {
        let catalog = Catalog::embedded();
        for sender in [Sender::DisplayName(value.clone()), Sender::OrgWideAddress(value.clone())] {
            let name = match &sender {
                Sender::DisplayName(_) => "DISPLAY_NAME",
                Sender::OrgWideAddress(_) => "ORG_WIDE_ADDRESS",
            };
            let integration = Integration {
                reply_to: value.clone(),
                sender,
                ..integration()
            };
            let package = render(&integration, &catalog).unwrap();
            let identity = source(&package, "OpenCxSenderIdentity");
            prop_assert_eq!(apex::parse(identity).errors, []);
            prop_assert_eq!(constant(identity, "REPLY_TO_ADDRESS"), Some(value.clone()));
            prop_assert_eq!(constant(identity, name), Some(value.clone()));
        }
    }
}

//! Deploy, then drift, over HTTP. An org hands out what was deployed in its own form, in every kind of org
//! and for every option set, and that is no drift; what somebody changes in the org is, and each kind of
//! change is found for what it is.

use std::path::Path;
use std::time::Duration;

use opencx_sf::compare::ChangeKind;
use opencx_sf::config::{Config, Secrets, Target};
use opencx_sf::drift::{self, Drift, Expected};
use opencx_sf::emulator::{EmulatedOrg, Options, OrgKind, Processing, Running, Server};
use opencx_sf::metadata::{Component, ComponentId, MetadataType};
use opencx_sf::package::Package;
use opencx_sf::sf::{Reader, Session};
use opencx_sf::xml::{self, Element};
use serde_json::{Value, json};

use crate::combinations::{Combination, combination_of, combinations};
use crate::drift::{changed_sources, changed_trees, deployed};
use crate::mutations::Share;
use crate::project::{Environment, package};

/// An org that holds the package of a config, and what it is held against.
struct Held {
    org: EmulatedOrg,
    // Serves as long as it is there.
    _running: Running,
    reader: Reader,
    target: Target,
    package: Package,
}

const DANA: &str = "Dana Admin";

impl Held {
    async fn new(kind: OrgKind, combination: &Combination) -> Self {
        let mut config: Value = serde_json::from_str(&combination.config).unwrap();
        config["orgs"] = json!({ "held": { "emulator": {} } });
        let text = serde_json::to_string_pretty(&config).unwrap();
        let config = Config::parse(Path::new("opencx.yaml"), &text).unwrap();
        let target = config.target("held", &Environment, Secrets::Required);
        let target = target.unwrap();
        let package = package(&target.integration).resolved().unwrap();
        let options = Options {
            kind,
            processing: Processing::IMMEDIATE,
            ..Options::default()
        };
        let org = EmulatedOrg::in_memory(&options).unwrap();
        let problems = org.install(&package.zip().unwrap()).unwrap();
        assert!(problems.is_empty(), "{}: {problems:#?}", combination.name);
        let loopback = ([127, 0, 0, 1], 0).into();
        let running = Server::start(org.clone(), loopback).await.unwrap();
        let version = target.integration.api_version;
        let token = running.access_token().clone();
        let session = Session::new(running.instance_url(), token, version).unwrap();
        Self {
            org,
            reader: Reader::new(session).unwrap(),
            _running: running,
            target,
            package,
        }
    }

    async fn drift(&self) -> Drift {
        let expected = Expected {
            target: &self.target,
            package: &self.package,
            rules: &[],
            today: jiff::civil::date(2026, 1, 1),
            journals: None,
        };
        let minute = Duration::from_secs(60);
        drift::inspect(&self.reader, expected, minute)
            .await
            .unwrap()
    }

    /// What differs, and how.
    async fn differing(&self) -> Vec<(String, ChangeKind)> {
        let rows = self.drift().await.components.into_iter();
        rows.filter(|row| row.change.kind != ChangeKind::Same)
            .map(|row| (row.change.component.to_string(), row.change.kind))
            .collect()
    }

    /// The component of that name, as it was deployed.
    fn component(&self, id: &str) -> Component {
        let id: ComponentId = id.parse().unwrap();
        deployed(&self.package).remove(&id).unwrap()
    }
}

/// Every kind of org with every option set; a share of them, unless `OPENCX_SF_ORG_DRIFT` asks for another.
#[tokio::test]
async fn deploy_then_drift_is_clean_in_every_kind_of_org_and_every_option_set() {
    let kinds = [OrgKind::Production, OrgKind::Sandbox, OrgKind::Developer];
    let pairs: Vec<(OrgKind, Combination)> = combinations()
        .into_iter()
        .flat_map(|combination| kinds.map(|kind| (kind, combination.clone())))
        .collect();
    let all = pairs.len();
    let share = Share::of_variable("OPENCX_SF_ORG_DRIFT", "1/40").of(pairs);
    println!("{} of {all} pairs", share.len());
    for (kind, combination) in share {
        let held = Held::new(kind, &combination).await;
        let differing = held.differing().await;
        assert_eq!(differing, [], "{kind:?}: {}", combination.name);
    }
}

/// With every type of component that a config can bring.
const MOST: &str = "named_credential=secured_endpoint async_context=event external_client_app=named \
                    on_failure=flag rep_replies=all runtime_settings=some drift_reader=some";

/// The places of each component in turn: what is changed in one round is another place in the next.
#[tokio::test]
async fn what_is_changed_in_the_org_is_found_for_each_component_in_each_place() {
    const ROUNDS: usize = 9;
    let mut held = Held::new(OrgKind::Sandbox, &combination_of(MOST)).await;
    let changes: Vec<(Component, Vec<(String, Component)>)> = deployed(&held.package)
        .into_values()
        .filter(|component| !component.id.kind.is_the_administrators())
        .map(|component| {
            let mut changes = changed(&component);
            // What an org fills in by itself.
            changes.retain(|(what, _)| !filled_in(what));
            (component, changes)
        })
        .collect();
    let mut found = 0;
    let mut missed = Vec::new();
    for round in 0..ROUNDS {
        let mut expected = Vec::new();
        for (component, changes) in &changes {
            // Places that are far from each other; one with few is left as it was in later rounds.
            let change = (round < changes.len())
                .then(|| &changes[(round * (changes.len() / ROUNDS).max(1)) % changes.len()]);
            let put = change.map_or(component, |(_, changed)| changed);
            held.org.put(put, DANA).unwrap();
            expected.extend(change.map(|(what, _)| (component.id.to_string(), what.clone())));
        }
        let differing = held.differing().await;
        for (id, what) in &expected {
            if !differing.iter().any(|(other, _)| other == id) {
                missed.push(format!("{id}: {what}"));
            }
        }
        assert!(differing.len() <= expected.len(), "{differing:?}");
        found += differing.len();
    }
    assert!(missed.is_empty(), "\n{}", missed.join("\n"));
    println!("{found} changes were made in the org and found");
    assert!(found > 400, "{found}");
}

/// Whether an org writes a value for what was left away: who may edit a field may read it, an app is
/// local, a type is public.
fn filled_in(what: &str) -> bool {
    let names = [
        " deploymentStatus ",
        " distributionState ",
        " parameterGroup ",
        " readable ",
        " visibility ",
    ];
    what.ends_with("gone") && names.iter().any(|name| what.contains(name))
}

/// The component with another value, a part less or a line changed, for every place.
fn changed(component: &Component) -> Vec<(String, Component)> {
    let root = xml::parse(&component.xml).unwrap();
    let root = xml::comparable(component.id.kind, &root);
    let trees = changed_trees(component.id.kind, &root);
    let trees = trees.into_iter().map(|(what, tree)| {
        let xml = xml::write(&tree);
        let component = component.clone();
        (what, Component { xml, ..component })
    });
    let sources = component.source.iter();
    let sources = sources.flat_map(|source| changed_sources(source));
    let sources = sources.map(|(what, source)| {
        let source = Some(source);
        let component = component.clone();
        (
            what,
            Component {
                source,
                ..component
            },
        )
    });
    trees.chain(sources).collect()
}

/// What people change, by name: each is found, alone, for what it is.
#[tokio::test]
async fn each_kind_of_change_is_found_alone_and_called_what_it_is() {
    let mut held = Held::new(OrgKind::Production, &combination_of(MOST)).await;
    let with_xml = |held: &Held, id: &str, change: &dyn Fn(&mut Element)| {
        let component = held.component(id);
        let mut root = xml::parse(&component.xml).unwrap();
        change(&mut root);
        let xml = xml::write(&root);
        Component { xml, ..component }
    };
    let with_source = |held: &Held, id: &str, from: &str, to: &str| {
        let component = held.component(id);
        let source = component.source.as_deref().unwrap();
        assert!(source.contains(from), "{id}: {from}");
        let source = Some(source.replace(from, to));
        Component {
            source,
            ..component
        }
    };
    let set = |name: &'static str, value: &'static str| {
        move |root: &mut Element| {
            root.children.retain(|child| child.name != name);
            root.children.push(Element::leaf(name, value));
        }
    };
    let integration = "PermissionSet:OpenCX_Integration";
    let without = |name: &'static str| {
        move |root: &mut Element| {
            let at = root.children.iter().position(|child| child.name == name);
            root.children.remove(at.unwrap());
        }
    };
    let more = |root: &mut Element| {
        let mut entry = Element::leaf("userPermissions", "");
        entry.children.push(Element::leaf("enabled", "true"));
        entry.children.push(Element::leaf("name", "ViewAllData"));
        root.children.push(entry);
    };
    let legacy = |root: &mut Element| {
        root.children.retain(|child| child.name == "label");
        let url = Element::leaf("endpoint", "https://opencx.invalid/webhook/x");
        root.children.push(url);
        root.children
            .push(Element::leaf("principalType", "Anonymous"));
        root.children
            .push(Element::leaf("protocol", "NoAuthentication"));
    };
    let elsewhere = |root: &mut Element| {
        for child in &mut root.children {
            if child.name == "namedCredentialParameters"
                && child.child_text("parameterType") == Some("Url")
            {
                let value = child.children.iter_mut();
                let mut value = value.filter(|child| child.name == "parameterValue");
                "https://elsewhere.example".clone_into(&mut value.next().unwrap().text);
            }
        }
    };
    use ChangeKind::{EditedByHand, Foreign, Inactive, Incompatible};
    let of = |id: &str, change: &dyn Fn(&mut Element)| with_xml(&held, id, change);
    let cases: Vec<(&str, Component, ChangeKind)> = vec![
        (
            "Apex body",
            with_source(&held, "ApexClass:OpenCxLog", "'OpenCX: '", "'Ours: '"),
            EditedByHand,
        ),
        (
            "status",
            of("ApexTrigger:CaseTrigger", &set("status", "Inactive")),
            Inactive,
        ),
        (
            "object",
            with_source(&held, "ApexTrigger:CaseTrigger", "on Case(", "on Account("),
            Foreign,
        ),
        (
            "event",
            with_source(
                &held,
                "ApexTrigger:CaseTrigger",
                "after insert",
                "before insert",
            ),
            EditedByHand,
        ),
        (
            "API version of a class",
            of("ApexClass:OpenCxLog", &set("apiVersion", "61.0")),
            EditedByHand,
        ),
        (
            "API version of a trigger",
            of("ApexTrigger:CaseTrigger", &set("apiVersion", "61.0")),
            EditedByHand,
        ),
        (
            "endpoint",
            of("NamedCredential:OpenCX_Integration", &elsewhere),
            EditedByHand,
        ),
        (
            "callouts switched off",
            of(
                "NamedCredential:OpenCX_Integration",
                &set("calloutStatus", "Disabled"),
            ),
            Inactive,
        ),
        (
            "credential model",
            of("NamedCredential:OpenCX_Integration", &legacy),
            Incompatible,
        ),
        (
            "authentication",
            of(
                "ExternalCredential:OpenCX_Webhook",
                &set("authenticationProtocol", "Oauth"),
            ),
            EditedByHand,
        ),
        (
            "permission removed",
            of(integration, &without("userPermissions")),
            EditedByHand,
        ),
        ("permission added", of(integration, &more), EditedByHand),
        (
            "field type",
            of("CustomField:Case.Case_From__c", &set("type", "TextArea")),
            EditedByHand,
        ),
        (
            "field length",
            of(
                "CustomField:EmailMessage.OpenCX_Send_Error__c",
                &set("length", "131072"),
            ),
            EditedByHand,
        ),
        (
            "custom permission",
            of("CustomPermission:OpenCX_Bypass", &set("isLicensed", "true")),
            EditedByHand,
        ),
        (
            "platform event",
            of(
                "CustomObject:OpenCX_Case_Event__e",
                &set("publishBehavior", "PublishImmediately"),
            ),
            EditedByHand,
        ),
        (
            "subscriber",
            of(
                "PlatformEventSubscriberConfig:OpenCxCaseEventConfig",
                &set("batchSize", "7"),
            ),
            EditedByHand,
        ),
        (
            "app",
            of(
                "ExternalClientApplication:Acme_OpenCX",
                &set("contactEmail", "x@acme.example"),
            ),
            EditedByHand,
        ),
        (
            "app settings: PKCE",
            of(
                "ExtlClntAppGlobalOauthSettings:Acme_OpenCX_glbloauth",
                &set("isPkceRequired", "false"),
            ),
            EditedByHand,
        ),
        (
            "app settings: scopes",
            of(
                "ExtlClntAppOauthSettings:Acme_OpenCX_oauth",
                &set("commaSeparatedOauthScopes", "Full"),
            ),
            EditedByHand,
        ),
        (
            "app policy: users",
            of(
                "ExtlClntAppOauthConfigurablePolicies:Acme_OpenCX_oauthPlcy",
                &set("permittedUsersPolicyType", "AdminApprovedPreAuthorized"),
            ),
            EditedByHand,
        ),
        (
            "app policy: enabled",
            of(
                "ExtlClntAppConfigurablePolicies:Acme_OpenCX_plcy",
                &set("isEnabled", "false"),
            ),
            EditedByHand,
        ),
    ];
    let mut wrong = Vec::new();
    for (what, component, kind) in cases {
        let before = held.component(&component.id.to_string());
        held.org.put(&component, DANA).unwrap();
        let rows = held.drift().await.components.into_iter();
        let rows: Vec<_> = rows
            .filter(|row| row.change.kind != ChangeKind::Same)
            .collect();
        let named: Vec<_> = rows
            .iter()
            .map(|row| (row.change.component.clone(), row.change.kind))
            .collect();
        let by = rows.first().and_then(|row| row.change.modified.as_ref());
        let is_dana = by.is_some_and(|modified| modified.by == DANA);
        if named != [(component.id.clone(), kind)] || !is_dana {
            wrong.push(format!("{what}: {named:?}, {by:?}"));
        }
        held.org.put(&before, "Local Admin").unwrap();
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    // One of each type.
    let mut gone: Vec<ComponentId> = held.package.components.keys().cloned().collect();
    gone.retain(|id| !id.kind.is_the_administrators());
    gone.sort_by_key(|id| id.kind);
    gone.dedup_by_key(|id| id.kind);
    for id in &gone {
        let before = held.component(&id.to_string());
        held.org.delete(id, DANA).unwrap();
        let differing = held.differing().await;
        let missing = (id.to_string(), ChangeKind::Missing);
        assert!(differing.contains(&missing), "{id}: {differing:?}");
        held.org.put(&before, DANA).unwrap();
    }
    assert_eq!(held.differing().await, []);
}

/// Order, line ends, a BOM, comments, escapes, white space, the name in the file: none is content.
#[tokio::test]
async fn what_means_nothing_is_no_drift_for_any_component() {
    let mut held = Held::new(OrgKind::Developer, &combination_of(MOST)).await;
    let mut types = std::collections::BTreeSet::<MetadataType>::new();
    for component in deployed(&held.package).into_values() {
        types.insert(component.id.kind);
        let root = xml::parse(&component.xml).unwrap();
        let mut reordered = root.clone();
        reordered.children.sort_by(|a, b| b.name.cmp(&a.name));
        let text = xml::write(&reordered)
            .replace("opencx", "&#111;pencx")
            .replace("</label>", "\n    </label>")
            .replacen('>', "><!-- from the org -->", 2)
            .replace('\n', "\r\n");
        let other = Component {
            xml: text,
            source: component
                .source
                .as_ref()
                .map(|source| format!("\u{feff}{}\r\n\r\n", source.replace('\n', "\r\n"))),
            ..component.clone()
        };
        held.org.put(&other, DANA).unwrap();
    }
    assert!(types.len() >= 13, "{types:?}");
    assert_eq!(held.differing().await, []);
}

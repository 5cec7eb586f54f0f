use std::path::Path;

use super::*;
use crate::compare::LiveState;
use crate::config::{Config, Secrets};
use crate::metadata::Component;
use crate::package::Package;
use crate::render;

struct World;

impl References for World {
    fn env(&self, name: &str) -> Option<String> {
        Some(match name {
            "SENDER" => "Acme Support".to_owned(),
            _ => "https://api.open.cx/hook/s3cr3t-token".to_owned(),
        })
    }

    fn file(&self, _: &Path) -> std::io::Result<String> {
        Err(std::io::ErrorKind::NotFound.into())
    }
}

const TEXT: &str = "\
# Kept by the support team.
version: 1
email_cases:
  webhook_url: ${env:OPENCX_WEBHOOK_URL}
  reply_to: support@acme.example   # verified in May
  outbound: { sender: { display_name: Acme Support } }
orgs:
  dev: { auth: env }
";

fn package(text: &str) -> Package {
    let config = Config::parse(Path::new("opencx.yaml"), text).unwrap();
    let target = config.target("dev", &World, Secrets::Required).unwrap();
    let package = render::render(&target.integration, &Catalog::embedded()).unwrap();
    package.resolved().unwrap()
}

/// An org that holds what a config renders to, but for what is changed in it.
fn org(text: &str, change: impl Fn(&mut Component)) -> Live {
    let components = package(text)
        .components
        .into_iter()
        .map(|(id, mut component)| {
            change(&mut component);
            let state = LiveState::Present {
                component,
                modified: None,
            };
            (id, state)
        });
    Live {
        components: components.collect(),
    }
}

fn adopted(text: &str, live: &Live) -> Adoption {
    let asked = Manifest {
        api_version: crate::metadata::ApiVersion::new(66),
        members: live.components.keys().cloned().collect(),
    };
    adopt(Ground {
        file: Path::new("opencx.yaml"),
        text,
        org: "dev",
        references: &World,
        catalog: &Catalog::embedded(),
        live,
        asked: &asked,
        rules: &[],
        today: jiff::civil::date(2026, 6, 1),
    })
    .unwrap()
}

fn as_it_is(_: &mut Component) {}

fn in_source(name: &'static str, from: &'static str, to: &'static str) -> impl Fn(&mut Component) {
    move |component| {
        if component.id.full_name.as_str() == name {
            let source = component.source.as_mut().unwrap();
            assert!(source.contains(from), "{source}");
            *source = source.replacen(from, to, 1);
        }
    }
}

#[test]
fn values_of_another_config_come_back_line_by_line() {
    let theirs = TEXT
        .replace("support@acme.example", "care@acme.example")
        .replace("Acme Support", "\"Acme: Care\"")
        .replace(
            "  outbound",
            "  case_filter: only_opencx\n  rep_replies: { comments: true }\n  outbound",
        );
    let live = org(&theirs, as_it_is);
    let found = adopted(TEXT, &live);
    assert_eq!(found.left, [], "{:?}", found.values);
    assert_eq!(found.templates, []);
    let text = found.text.unwrap();
    assert_eq!(
        package(&text).components,
        package(&theirs).components,
        "{text}"
    );
    assert!(
        text.contains("  reply_to: care@acme.example   # verified in May\n"),
        "{text}"
    );
    assert!(text.starts_with("# Kept by the support team.\n"), "{text}");
    assert_eq!(found.values.len(), 4, "{:?}", found.values);
}

#[test]
fn an_edit_by_hand_becomes_a_template_that_keeps_the_values() {
    let edit = in_source(
        "OpenCxLog",
        "public with sharing class",
        "/* {{ ours }} */ public with sharing class",
    );
    let live = org(TEXT, edit);
    let found = adopted(TEXT, &live);
    assert_eq!(found.left, []);
    assert_eq!(found.text, None);
    let [template] = found.templates.as_slice() else {
        panic!("{:?}", found.templates);
    };
    assert_eq!(template.path, "classes/OpenCxLog.cls");
    assert!(template.keeps_values && !template.replaces);
    assert!(
        template.text.contains("{% raw %}/* {{ ours }} */"),
        "{}",
        template.text
    );
}

#[test]
fn what_has_no_place_is_left_with_the_reason() {
    let live = org(TEXT, |component| {
        let xml = &mut component.xml;
        match component.id.full_name.as_str() {
            "CaseTrigger" => *xml = xml.replace("Active", "Inactive"),
            "OpenCX_Integration" if xml.contains("NamedCredential") => {
                *xml = xml.replace("s3cr3t-token", "0ther-token");
            }
            _ => {}
        }
    });
    let found = adopted(TEXT, &live);
    assert!(found.is_empty(), "{found:?}");
    let why: Vec<String> = found
        .left
        .iter()
        .map(|(change, reason)| format!("{}: {}", change.component, reason.why))
        .collect();
    assert_eq!(
        why,
        [
            "NamedCredential:OpenCX_Integration: it holds a secret, which no file may hold",
            "ApexTrigger:CaseTrigger: `status` stands in the -meta.xml that all triggers share",
        ]
    );
    assert!(
        found.left[1]
            .1
            .help
            .contains("component: \"ApexTrigger:CaseTrigger\", field: \"status\"")
    );
}

#[test]
fn a_value_that_comes_from_elsewhere_is_not_written_here() {
    let text = TEXT.replace("Acme Support", "\"${env:SENDER}\"");
    let theirs = TEXT.replace("Acme Support", "Acme Care");
    let found = adopted(&text, &org(&theirs, as_it_is));
    assert!(found.is_empty(), "{found:?}");
    assert!(!found.left.is_empty());
    for (_, reason) in found.left {
        assert_eq!(
            reason.why,
            "`email_cases.outbound.sender.display_name` comes from ${env:SENDER}, which is not of this file"
        );
    }
}

#[test]
fn an_org_among_several_gets_its_own_value() {
    let text = format!("{TEXT}  test: {{ auth: env }}\n");
    let theirs = TEXT.replace("support@acme.example", "care@acme.example");
    let found = adopted(&text, &org(&theirs, as_it_is));
    assert_eq!(found.left, []);
    assert_eq!(found.values[0].key, "orgs.dev.email_cases.reply_to");
    assert_eq!(found.values[0].also_for, [""; 0]);
    let text = found.text.unwrap();
    assert!(text.contains("  reply_to: support@acme.example   # verified in May\n"));
    assert!(
        text.contains("  dev: { email_cases: { reply_to: care@acme.example }, auth: env }\n"),
        "{text}"
    );
}

#[test]
fn metadata_without_a_value_of_the_config_becomes_a_template_too() {
    let live = org(TEXT, |component| {
        if component.id.full_name.as_str() == "Case.Case_From__c" {
            component.xml = component.xml.replace("<length>255<", "<length>200<");
        }
    });
    let found = adopted(TEXT, &live);
    assert_eq!(found.left, []);
    let [template] = found.templates.as_slice() else {
        panic!("{:?}", found.templates);
    };
    assert_eq!(template.path, "objects/Case/fields/Case_From__c.field");
    assert!(template.text.contains("<length>200<"), "{}", template.text);
    assert!(!template.text.contains("digest="), "{}", template.text);
}

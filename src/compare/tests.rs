mod credential_and_app;

use proptest::prelude::*;

use super::*;
use crate::apex;
use crate::metadata::MetadataType;
use crate::package::samples::{self, apex_component, sample, xml_component};
use crate::package::{components_from_files, read_zip};
use crate::xml::{self, Element};

fn present(component: Component) -> LiveState {
    LiveState::Present {
        component,
        modified: None,
    }
}

/// An org that holds exactly this package.
fn org_with(package: &Package) -> Live {
    let files = read_zip(&package.zip().unwrap()).unwrap();
    let components = components_from_files(&files).unwrap();
    Live {
        components: components
            .into_iter()
            .map(|component| (component.id.clone(), present(component)))
            .collect(),
    }
}

fn id(text: &str) -> ComponentId {
    text.parse().unwrap()
}

/// The one change of a component that the org holds in another form.
fn one(wanted: &Component, live: Component) -> Change {
    let mut package = sample();
    package.components = BTreeMap::from([(wanted.id.clone(), wanted.clone())]);
    let live = Live {
        components: BTreeMap::from([(wanted.id.clone(), present(live))]),
    };
    compare(&package, &live).remove(0)
}

fn edited(component: &Component, from: &str, to: &str) -> Component {
    let xml = component.xml.replace(from, to);
    let source = component
        .source
        .as_ref()
        .map(|source| source.replace(from, to));
    let edited = Component {
        xml,
        source,
        ..component.clone()
    };
    assert_ne!(&edited, component, "`{from}` is not there");
    edited
}

fn credential(endpoint: &str) -> Component {
    xml_component(
        MetadataType::NamedCredential,
        "N",
        &format!(
            "<calloutStatus>Enabled</calloutStatus><description>{{marker}}</description>\
             <endpoint>{endpoint}</endpoint><label>N</label>"
        ),
    )
}

fn class(body: &str) -> Component {
    apex_component(
        MetadataType::ApexClass,
        "C",
        &format!("class C {{ {body} }}\n"),
    )
}

#[test]
fn what_was_deployed_is_the_same() {
    let package = sample().resolved().unwrap();
    for change in compare(&package, &org_with(&package)) {
        assert_eq!(
            change,
            Change::new(
                &package.components[&change.component],
                ChangeKind::Same,
                None
            )
        );
        assert!(!change.is_difference());
    }
}

#[test]
fn a_name_in_another_case_is_the_same_with_a_note() {
    let wanted = class("Integer one;");
    let mut live = wanted.clone();
    live.id = id("ApexClass:c");
    let change = one(&wanted, live);
    assert_eq!(change.kind, ChangeKind::Same);
    assert_eq!(change.component.full_name.as_str(), "C");
    assert_eq!(change.note.as_deref(), Some("the org spells its name `c`"));
}

#[test]
fn missing_and_unreadable_are_told_apart() {
    let mut package = sample();
    package
        .components
        .retain(|id, _| id.kind != MetadataType::CustomField);
    let mut live = Live::default();
    live.components
        .insert(id("ApexClass:OpenCxJob"), LiveState::Absent);
    let reason = "no access".to_owned();
    live.components.insert(
        id("ApexTrigger:CaseTrigger"),
        LiveState::Unreadable { reason },
    );
    let told: Vec<_> = compare(&package, &live)
        .into_iter()
        .map(|change| (change.component.to_string(), change.kind, change.note))
        .collect();
    let unasked = Some("the org was not asked for it".to_owned());
    assert_eq!(
        told,
        [
            (
                "CustomPermission:OpenCX_Log",
                ChangeKind::Unreadable,
                unasked.clone()
            ),
            (
                "NamedCredential:OpenCX_Integration",
                ChangeKind::Unreadable,
                unasked.clone()
            ),
            (
                "PermissionSet:OpenCX_Integration",
                ChangeKind::Unreadable,
                unasked
            ),
            ("ApexClass:OpenCxJob", ChangeKind::Missing, None),
            (
                "ApexTrigger:CaseTrigger",
                ChangeKind::Unreadable,
                Some("no access".to_owned())
            ),
        ]
        .map(|(name, kind, note)| (name.to_owned(), kind, note))
    );
}

#[test]
fn apex_by_its_marker() {
    let ours = class("Integer a;");
    let before = class("Integer b;");
    assert_eq!(one(&ours, before.clone()).kind, ChangeKind::Changed);

    let by_hand = edited(&before, "Integer b", "Integer c");
    let change = one(&ours, by_hand);
    assert_eq!(change.kind, ChangeKind::EditedByHand);
    assert!(change.needs_consent());
    assert_eq!(
        change.diff.unwrap(),
        "--- org: ApexClass:C\n+++ opencx-sf: ApexClass:C\n@@ -1 +1 @@\n\
         -class C { Integer c; }\n+class C { Integer a; }\n"
    );

    let older = edited(&before, "version=2", "version=1");
    let change = one(&ours, older);
    assert_eq!(change.kind, ChangeKind::Older);
    assert_eq!(
        change.note.unwrap(),
        "template version 1, this release writes 2"
    );

    let newer = edited(&before, "version=2", "version=3");
    let change = one(&ours, newer);
    assert_eq!(change.kind, ChangeKind::Changed);
    assert_eq!(
        change.note.unwrap(),
        "written by a newer release: template version 3, this release writes 2"
    );

    let mut foreign = before;
    foreign.source = foreign.source.map(|source| apex::normalize(&source));
    let change = one(&ours, foreign);
    assert_eq!(change.kind, ChangeKind::Foreign);
    assert!(change.needs_consent());
}

#[test]
fn apex_switched_off_or_moved_to_another_version() {
    let ours = class("");
    let change = one(&ours, edited(&ours, "Active", "Inactive"));
    assert_eq!(change.kind, ChangeKind::Inactive);
    assert_eq!(
        change.fields,
        [FieldChange {
            field: "status".to_owned(),
            live: Some("Inactive".to_owned()),
            wanted: Some("Active".to_owned()),
        }]
    );
    assert_eq!(change.diff, None);
    assert_eq!(
        one(&ours, edited(&ours, "66.0", "50.0")).kind,
        ChangeKind::Changed
    );
}

#[test]
fn a_trigger_on_another_object_is_foreign() {
    let on = |object| {
        let source = format!("trigger T on {object} (after insert) {{ }}");
        apex_component(MetadataType::ApexTrigger, "T", &source)
    };
    let change = one(&on("Case"), on("Account"));
    assert_eq!(change.kind, ChangeKind::Foreign);
    assert_eq!(
        change.note.unwrap(),
        "it is a trigger on Account, ours is on Case"
    );
    assert_eq!(one(&on("Case"), on("case")).kind, ChangeKind::Changed);
}

#[test]
fn xml_by_its_marker() {
    let ours = credential("https://a.example/new-t0ken");
    let before = credential("https://a.example/old-t0ken");
    let change = one(&ours, before.clone());
    assert_eq!(change.kind, ChangeKind::Changed);
    // The values differ only where they may not be shown.
    assert_eq!(change.diff, None);
    assert_eq!(
        change.fields[0].wanted.as_deref(),
        Some("https://a.example/[redacted] (the part after the host differs)")
    );
    assert!(!format!("{change:?}").contains("t0ken"));

    let by_hand = edited(&before, "old-t0ken", "other-t0ken");
    assert_eq!(one(&ours, by_hand).kind, ChangeKind::EditedByHand);
    let older = edited(&before, "version=2", "version=1");
    assert_eq!(one(&ours, older).kind, ChangeKind::Older);
    let foreign = edited(&before, "opencx-sf", "somebody");
    assert_eq!(one(&ours, foreign).kind, ChangeKind::Foreign);
    let equal_without_marker = edited(&ours, "opencx-sf", "somebody");
    assert_eq!(one(&ours, equal_without_marker).kind, ChangeKind::Same);
}

#[test]
fn a_credential_switched_off_is_inactive_and_not_edited() {
    let ours = credential("https://a.example/1");
    let off = edited(&ours, "Enabled", "Disabled");
    let change = one(&ours, off);
    assert_eq!(change.kind, ChangeKind::Inactive);
    assert_eq!(change.fields[0].field, "calloutStatus");

    let before_and_off = edited(&credential("https://a.example/0"), "Enabled", "Disabled");
    let change = one(&ours, before_and_off);
    // Another config does not take it along.
    assert_eq!(change.kind, ChangeKind::Inactive);
    assert_eq!(change.fields[0].field, "calloutStatus");
}

#[test]
fn what_cannot_be_read_is_never_green() {
    let ours = class("");
    let mut broken = ours.clone();
    broken.xml = "<a".to_owned();
    assert_eq!(one(&ours, broken).kind, ChangeKind::Unreadable);
    let mut hidden = ours.clone();
    hidden.source = None;
    assert_eq!(one(&ours, hidden).kind, ChangeKind::Unreadable);
}

/// Every leaf below an element: its path of child numbers.
fn leaves(element: &Element, path: &mut Vec<usize>, out: &mut Vec<Vec<usize>>) {
    for (index, child) in element.children.iter().enumerate() {
        path.push(index);
        if child.children.is_empty() {
            out.push(path.clone());
        }
        leaves(child, path, out);
        path.pop();
    }
}

fn leaf_at<'a>(root: &'a mut Element, path: &[usize]) -> &'a mut Element {
    path.iter()
        .fold(root, |element, index| &mut element.children[*index])
}

#[test]
fn every_owned_field_of_the_sample_is_watched() {
    let package = sample().resolved().unwrap();
    for wanted in package.components.values() {
        let root = xml::comparable(wanted.id.kind, &xml::parse(&wanted.xml).unwrap());
        let mut paths = Vec::new();
        leaves(&root, &mut Vec::new(), &mut paths);
        assert!(paths.len() >= 2, "{}", wanted.id);
        for path in paths {
            let mut changed = root.clone();
            let leaf = leaf_at(&mut changed, &path);
            leaf.text = match leaf.text.as_str() {
                "true" => "false".to_owned(),
                "false" => "true".to_owned(),
                text => format!("{text}1"),
            };
            let live = Component {
                xml: xml::write(&changed),
                ..wanted.clone()
            };
            let change = one(wanted, live);
            assert!(change.is_difference(), "{} {path:?}", wanted.id);
            assert_ne!(change.fields, [], "{} {path:?}", wanted.id);
        }
    }
}

fn apex_ids() -> impl Strategy<Value = ComponentId> {
    proptest::sample::select(vec![
        id("ApexClass:OpenCxJob"),
        id("ApexTrigger:CaseTrigger"),
    ])
}

proptest! {
    #[test]
    fn any_deployed_package_is_the_same(package in samples::any_package()) {
        for change in compare(&package, &org_with(&package)) {
            prop_assert_eq!(change.kind, ChangeKind::Same, "{:?}", change);
            prop_assert_eq!(change.fields, []);
            prop_assert_eq!(change.diff, None);
        }
    }

    #[test]
    fn any_edit_of_apex_is_a_difference(
        id in apex_ids(),
        at in any::<prop::sample::Index>(),
        with in "[ -~]{0,3}",
        removed in 0_usize..3,
    ) {
        let wanted = sample().components[&id].clone();
        let source = wanted.source.clone().unwrap();
        let (marker, code) = source.split_once('\n').unwrap();
        let start = at.index(code.len());
        let end = (start + removed).min(code.len());
        let edited = format!("{marker}\n{}{with}{}", &code[..start], &code[end..]);
        let is_edit = edited.trim_end_matches('\n') != source.trim_end_matches('\n');
        let live = Component { source: Some(edited), ..wanted.clone() };
        prop_assert_eq!(one(&wanted, live).is_difference(), is_edit);
    }

    #[test]
    fn what_an_org_may_change_by_itself_is_the_same(seed in any::<u64>(), newlines in 0_usize..3) {
        let package = sample().resolved().unwrap();
        for wanted in package.components.values() {
            let mut root = xml::parse(&wanted.xml).unwrap();
            let defaults = xml::schema::type_of(wanted.id.kind).unwrap();
            root.children.retain(|child| {
                let default = defaults.field(&child.name).and_then(|field| field.default);
                default != Some(child.text.as_str())
            });
            root.children.sort_by_key(|child| {
                child.name.bytes().fold(seed, |hash, byte| {
                    hash.wrapping_mul(31).wrapping_add(byte.into())
                })
            });
            let live = Component {
                id: wanted.id.clone(),
                source: wanted.source.as_ref().map(|source| {
                    let ended = format!("{}{}", source.trim_end(), "\n".repeat(newlines));
                    format!("\u{feff}{}", ended.replace('\n', "\r\n"))
                }),
                xml: xml::write(&root).replace('\n', "\r\n"),
            };
            prop_assert_eq!(one(wanted, live).kind, ChangeKind::Same, "{}", wanted.id);
        }
    }
}

#[test]
fn values_of_a_custom_metadata_record_are_the_administrators() {
    let record = xml_component(
        MetadataType::CustomMetadata,
        "OpenCX_Setting.Default",
        "<label>Default</label><values><field>A__c</field>\
         <value xmlns:xsi=\"i\" xsi:type=\"xsd:boolean\">true</value></values>",
    );
    let changed = edited(&record, ">true<", ">false<");
    assert_eq!(one(&record, changed).kind, ChangeKind::Same);
    let renamed = edited(&record, "<label>Default<", "<label>Ours<");
    assert_eq!(one(&record, renamed).kind, ChangeKind::Same);
}

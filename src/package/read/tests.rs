use proptest::prelude::*;

use super::*;
use crate::package::{Format, Package, read_zip, samples};
use crate::xml;

fn files(list: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
    list.iter()
        .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
        .collect()
}

fn names(list: &[(&str, &str)]) -> Vec<String> {
    let components = components_from_files(&files(list)).unwrap();
    components.iter().map(|c| c.id.to_string()).collect()
}

/// A component as far as two of them are compared.
fn meaning(component: &Component) -> (ComponentId, Option<String>, xml::Element) {
    let tree = xml::parse(&component.xml).unwrap();
    (
        component.id.clone(),
        component.source.clone(),
        xml::normalize(component.id.kind, &tree),
    )
}

fn round_trip(package: &Package) -> Vec<Component> {
    components_from_files(&read_zip(&package.zip().unwrap()).unwrap()).unwrap()
}

#[test]
fn splits_fields_out_of_their_object_and_leaves_other_types_out() {
    let object = "<CustomObject xmlns=\"http://soap.sforce.com/2006/04/metadata\">\
                  <label>Case</label><fields><fullName>A__c</fullName><type>Text</type></fields>\
                  <fields><fullName>B__c</fullName></fields></CustomObject>";
    let list = [
        ("unpackaged/package.xml", ""),
        ("unpackaged/objects/Case.object", object),
        (
            "unpackaged/objects/E__e.object",
            "<CustomObject><label>E</label></CustomObject>",
        ),
        ("unpackaged/layouts/X.layout", "?"),
        ("unpackaged/classes/A.cls", "class A {}"),
        ("unpackaged/classes/A.cls-meta.xml", "<ApexClass/>"),
    ];
    assert_eq!(
        names(&list),
        [
            "CustomObject:E__e",
            "CustomField:Case.A__c",
            "CustomField:Case.B__c",
            "ApexClass:A"
        ]
    );
    let components = components_from_files(&files(&list)).unwrap();
    assert_eq!(
        components[1].xml,
        r#"<?xml version="1.0" encoding="UTF-8"?>
<CustomField xmlns="http://soap.sforce.com/2006/04/metadata">
    <fullName>A__c</fullName>
    <type>Text</type>
</CustomField>
"#
    );
    assert_eq!(components[3].source.as_deref(), Some("class A {}"));
}

#[test]
fn accepts_a_package_at_the_root_or_in_one_folder() {
    let credential = "<NamedCredential/>";
    for path in [
        "namedCredentials/A.namedCredential",
        "unpackaged/namedCredentials/A.namedCredential",
        "My Package/namedCredentials/A.namedCredential",
    ] {
        assert_eq!(
            names(&[(path, credential)]),
            ["NamedCredential:A"],
            "{path}"
        );
    }
    let deeper = "a/b/namedCredentials/A.namedCredential";
    assert_eq!(names(&[(deeper, credential)]), [""; 0]);
}

#[test]
fn says_which_file_is_wrong() {
    let error =
        |list: &[(&str, &str)]| components_from_files(&files(list)).unwrap_err().to_string();
    assert_eq!(
        error(&[("classes/A.cls", "")]),
        "`classes/A.cls` has no `classes/A.cls-meta.xml` beside it"
    );
    assert_eq!(
        error(&[("x/triggers/A.trigger-meta.xml", "")]),
        "`x/triggers/A.trigger-meta.xml` has no `x/triggers/A.trigger` beside it"
    );
    assert_eq!(
        error(&[("objects/Case.object", "<a")]),
        "`objects/Case.object` cannot be read"
    );
    assert_eq!(
        error(&[("objects/Case.object", "<a>\n<fields/></a>")]),
        "`objects/Case.object`, line 2: a field has no `fullName`"
    );
    assert_eq!(
        error(&[
            ("customPermissions/a.customPermission", ""),
            ("customPermissions/A.customPermission", ""),
        ]),
        "CustomPermission:A is there twice"
    );
    let mut bad = BTreeMap::new();
    bad.insert(
        "customPermissions/A.customPermission".to_owned(),
        vec![0xff],
    );
    assert_eq!(
        components_from_files(&bad).unwrap_err().to_string(),
        "`customPermissions/A.customPermission` is not UTF-8 text"
    );
}

#[test]
fn the_sample_comes_back_as_it_was() {
    let package = samples::sample();
    let read = round_trip(&package);
    assert_eq!(
        read.iter().map(meaning).collect::<Vec<_>>(),
        package.components.values().map(meaning).collect::<Vec<_>>()
    );
    let object = &package.files(Format::Metadata).unwrap()["objects/Case.object"];
    let order: Vec<_> = object.match_indices("__c</fullName>").collect();
    assert_eq!(order.len(), 2);
    assert!(object.find("Another__c") < object.find("Case_From__c"));
}

proptest! {
    #[test]
    fn any_package_comes_back_as_it_was(package in samples::any_package()) {
        let read = round_trip(&package);
        prop_assert_eq!(
            read.iter().map(meaning).collect::<Vec<_>>(),
            package.components.values().map(meaning).collect::<Vec<_>>()
        );
    }

    #[test]
    fn any_files_give_components_or_an_error(
        entries in prop::collection::btree_map(
            "(x/)?(classes|objects|triggers|y)/[AB](\\.cls|\\.object|\\.trigger)?(-meta\\.xml)?",
            prop::collection::vec(any::<u8>(), 0..20),
            0..6,
        )
    ) {
        let _ = components_from_files(&entries);
    }
}

//! What a rendered package is.

mod contents;
mod integrations;
mod options;
mod origins;
mod renaming;

use std::collections::BTreeSet;

use super::*;
use crate::config::{CaseFilter, Sender};
use crate::metadata::ApiVersion;
use crate::package::Format;
use integrations::*;

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
                        let never = id.kind.belongs_to_app()
                            || matches!(
                                id.kind,
                                MetadataType::PlatformEventSubscriberConfig
                                    | MetadataType::CustomMetadata
                            );
                        assert!(too_old || never, "{id}");
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
                    let expected: &[&str] = match shipped_of(&integration, &name) {
                        "OpenCxRepEmailTrigger" => &["after insert", "after update"],
                        "OpenCxCaseChangeTrigger" => &["after update"],
                        _ => &["after insert"],
                    };
                    assert_eq!(events, expected, "{id}");
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

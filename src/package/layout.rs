//! Metadata format: what the Metadata API takes and a retrieve gives.

use std::collections::BTreeMap;

use super::{Error, Package, object, path};
use crate::metadata::{Component, FullName, MetadataType};

/// The files of a package in metadata format.
pub(super) fn files(package: &Package) -> Result<BTreeMap<String, String>, Error> {
    let mut files = BTreeMap::new();
    let mut objects: BTreeMap<FullName, (Option<&Component>, Vec<&Component>)> = BTreeMap::new();
    for component in package.components.values() {
        let id = &component.id;
        if id.kind == MetadataType::CustomField {
            let (object, _) = object::object_and_field(id)?;
            let (_, fields) = objects.entry(FullName::new(object)).or_default();
            fields.push(component);
            continue;
        }
        if id.kind == MetadataType::CustomObject {
            objects.entry(id.full_name.clone()).or_default().0 = Some(component);
            continue;
        }
        let path = format!("{}/{}.{}", id.kind.folder(), id.full_name, id.kind.suffix());
        if id.kind.has_source() {
            files.insert(format!("{path}-meta.xml"), lf(&component.xml));
            let source = component.source.as_deref().unwrap_or_default();
            files.insert(path, lf(source));
        } else {
            files.insert(path, lf(&component.xml));
        }
    }
    for (name, (object, fields)) in objects {
        let path = format!("objects/{name}.object");
        files.insert(path, object::file_of(object, &fields)?);
    }
    files.insert("package.xml".to_owned(), package.manifest().to_xml());
    for path in files.keys() {
        path::check(path)?;
    }
    Ok(files)
}

pub(super) fn lf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

//! Components out of the files of a retrieve.

use std::collections::{BTreeMap, BTreeSet};

use super::{Error, object};
use crate::metadata::{Component, ComponentId, MetadataType};

/// The components among the files of a metadata-format folder (`package.xml` aside): what a
/// retrieve gives. Files of other types are left out. A leading `unpackaged/`, or another single
/// folder around the package, is accepted. Sorted by id.
pub fn components_from_files(files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<Component>, Error> {
    let root = root_folder(files);
    let mut components = BTreeMap::new();
    for (path, bytes) in files {
        let Some((kind, name, is_meta)) = path.strip_prefix(root.as_str()).and_then(kind_and_name)
        else {
            continue;
        };
        let found = if kind.folder() == MetadataType::CustomObject.folder() {
            object::fields_in(path, name, &text(path, bytes)?)?
        } else if kind.has_source() {
            let (body, meta) = match path.strip_suffix("-meta.xml") {
                Some(body) => (body.to_owned(), path.clone()),
                None => (path.clone(), format!("{path}-meta.xml")),
            };
            let missing = if is_meta { &body } else { &meta };
            let Some(other) = files.get(missing) else {
                return Err(Error::Unpaired {
                    path: path.clone(),
                    missing: missing.clone(),
                });
            };
            if is_meta {
                continue;
            }
            vec![Component {
                id: ComponentId::new(kind, name),
                source: Some(text(path, bytes)?),
                xml: super::layout::lf(&text(&meta, other)?),
            }]
        } else {
            vec![Component {
                id: ComponentId::new(kind, name),
                source: None,
                xml: super::layout::lf(&text(path, bytes)?),
            }]
        };
        for component in found {
            if let Some(first) = components.insert(component.id.clone(), component) {
                return Err(Error::DuplicateComponent {
                    component: first.id,
                });
            }
        }
    }
    Ok(components.into_values().collect())
}

/// The folder around the package with its slash, or nothing.
fn root_folder(files: &BTreeMap<String, Vec<u8>>) -> String {
    let tops: BTreeSet<&str> = files
        .keys()
        .map(|path| path.split_once('/').map_or("", |(top, _)| top))
        .collect();
    let is_package_folder = |name: &str| MetadataType::ALL.iter().any(|kind| kind.folder() == name);
    match tops.first() {
        Some(top) if tops.len() == 1 && !top.is_empty() && !is_package_folder(top) => {
            format!("{top}/")
        }
        _ => String::new(),
    }
}

/// The type and name that a path in metadata format stands for, and whether it is the `-meta.xml`
/// of a code file.
fn kind_and_name(path: &str) -> Option<(MetadataType, &str, bool)> {
    let (folder, file) = path.split_once('/')?;
    let kind = MetadataType::ALL
        .into_iter()
        .find(|kind| kind.folder() == folder)?;
    let (file, is_meta) = match file.strip_suffix("-meta.xml") {
        Some(body) if kind.has_source() => (body, true),
        _ => (file, false),
    };
    let name = file.strip_suffix(kind.suffix())?.strip_suffix('.')?;
    (!name.is_empty() && !name.contains('/')).then_some((kind, name, is_meta))
}

fn text(path: &str, bytes: &[u8]) -> Result<String, Error> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text).to_owned()),
        Err(_) => Err(Error::NotUtf8 {
            path: path.to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests;

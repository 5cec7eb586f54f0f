//! Where components lie among the files of the metadata format.

use std::collections::{BTreeMap, BTreeSet};

use crate::metadata::{ComponentId, MetadataType};

use super::state::Stored;
use super::tree::{self, Malformed, Node};

/// The files of a package: path → content.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A component as it was found in files.
pub struct Found {
    /// Which one.
    pub id: ComponentId,
    /// The file that stands for it in results.
    pub path: String,
    /// The code.
    pub source: Option<String>,
    /// Its metadata: the root element, or the `<fields>` element of the object's file.
    pub xml: Node,
}

/// Why a component cannot be taken from the files.
pub enum Missing {
    /// There is no file for it.
    File,
    /// The `-meta.xml` beside its code is missing.
    Meta(String),
    /// Its file is no XML.
    Malformed(String, Malformed),
    /// Its file is XML of something else.
    WrongRoot(String, String),
    /// Its code is not UTF-8.
    NotText(String),
}

/// The path of the file that a component lies in.
pub fn path(id: &ComponentId) -> String {
    let name = id.full_name.as_str();
    let file = match id.kind {
        MetadataType::CustomField => name.split_once('.').map_or(name, |(object, _)| object),
        _ => name,
    };
    format!("{}/{file}.{}", id.kind.folder(), id.kind.suffix())
}

/// Takes a component out of the files, and notes in `used` which files it lies in.
pub fn find(
    files: &Files,
    id: &ComponentId,
    used: &mut BTreeSet<String>,
) -> Result<Found, Missing> {
    let wanted = path(id);
    // Full names are unique without regard to case, and so are the files'.
    let path = files
        .keys()
        .find(|key| key.eq_ignore_ascii_case(&wanted))
        .ok_or(Missing::File)?
        .clone();
    used.insert(path.clone());
    let (source, meta) = if id.kind.has_source() {
        let meta = format!("{path}-meta.xml");
        let code =
            String::from_utf8(files[&path].clone()).map_err(|_| Missing::NotText(path.clone()))?;
        (Some(code), meta)
    } else {
        (None, path.clone())
    };
    let bytes = files
        .get(&meta)
        .ok_or_else(|| Missing::Meta(meta.clone()))?;
    used.insert(meta.clone());
    let root = tree::parse(&String::from_utf8_lossy(bytes))
        .map_err(|error| Missing::Malformed(meta.clone(), error))?;
    let expected = if id.kind.folder() == MetadataType::CustomObject.folder() {
        "CustomObject"
    } else {
        id.kind.name()
    };
    if root.name != expected {
        return Err(Missing::WrongRoot(meta, root.name));
    }
    let xml = match id.kind {
        MetadataType::CustomField => field_of(&root, id)?,
        MetadataType::CustomObject => object_of(root),
        _ => root,
    };
    Ok(Found {
        id: id.clone(),
        path,
        source,
        xml,
    })
}

/// What an object's file says beside its fields, which are components of their own.
fn object_of(mut object: Node) -> Node {
    object.children.retain(|child| child.name != "fields");
    object
}

fn field_of(object: &Node, id: &ComponentId) -> Result<Node, Missing> {
    let name = id
        .full_name
        .as_str()
        .split_once('.')
        .map_or("", |(_, field)| field);
    object
        .children
        .iter()
        .filter(|child| child.name == "fields")
        .find(|field| {
            field
                .text_of("fullName")
                .is_some_and(|text| text.trim().eq_ignore_ascii_case(name))
        })
        .cloned()
        .ok_or(Missing::File)
}

/// The members of a type that the files hold, for `*` in a manifest.
pub fn members(files: &Files, kind: MetadataType) -> Vec<String> {
    let (start, end) = (format!("{}/", kind.folder()), format!(".{}", kind.suffix()));
    files
        .keys()
        .filter_map(|path| path.strip_prefix(&start)?.strip_suffix(&end))
        .map(str::to_owned)
        .collect()
}

/// The files of stored components, in the metadata format: fields gather in their object's file.
pub fn to_files(components: &[(&Stored, Node)]) -> Files {
    let mut files = Files::new();
    let mut objects: BTreeMap<String, Vec<Node>> = BTreeMap::new();
    for (stored, xml) in components {
        let path = path(&stored.component_id());
        if stored.kind == MetadataType::CustomField {
            let name = stored
                .full_name
                .split_once('.')
                .map_or("", |(_, field)| field);
            let mut children = vec![Node::leaf("fullName", name)];
            children.extend(xml.children.iter().cloned());
            objects
                .entry(path)
                .or_default()
                .push(Node::with("fields", children));
            continue;
        }
        if stored.kind == MetadataType::CustomObject {
            let children = xml.children.iter().cloned();
            objects.entry(path).or_default().extend(children);
            continue;
        }
        let document = xml.document().into_bytes();
        match &stored.source {
            Some(source) => {
                files.insert(format!("{path}-meta.xml"), document);
                files.insert(path, source.clone().into_bytes());
            }
            None => {
                files.insert(path, document);
            }
        }
    }
    for (path, mut children) in objects {
        // The order of the WSDL, which is that of the names here; fields by their own names.
        children.sort_by_cached_key(|child| {
            let field = child.text_of("fullName").unwrap_or_default();
            (child.name.clone(), field.to_owned())
        });
        files.insert(
            path,
            Node::with("CustomObject", children).document().into_bytes(),
        );
    }
    files
}

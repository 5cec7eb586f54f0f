//! Retrieve requests: what is asked for, what is there, and the zip.

use jiff::Timestamp;

use crate::metadata::{ComponentId, MetadataType};

use super::archive;
use super::clock::soap_date;
use super::components;
use super::ids::same_id;
use super::normal::{at_version, handed_out};
use super::options::{Fault, Options};
use super::refusal::Refusal;
use super::state::{Retrieve, State, Stored};
use super::tree::Node;

/// What a retrieve came to.
pub struct Retrieved {
    /// Members that were not found: the file that named them, and the platform's words.
    pub messages: Vec<(String, String)>,
    /// Path, and the component in it; the last one, `None`, is the manifest.
    pub files: Vec<(String, Option<Stored>)>,
    /// The zip.
    pub zip: Vec<u8>,
}

/// Accepts a retrieve; its id.
pub fn submit(state: &mut State, request: &Node, now: Timestamp) -> Result<String, Refusal> {
    let package = request.child("unpackaged");
    if package.is_none() && request.child("packageNames").is_none() {
        return Err(Refusal::new(
            "INVALID_OPERATION",
            "No packages or files were specified",
        ));
    }
    let version = package
        .and_then(|package| package.text_of("version"))
        .or_else(|| request.text_of("apiVersion"))
        .and_then(|text| text.trim().parse::<f64>().ok())
        .unwrap_or(66.0);
    let files: Vec<String> = request
        .children
        .iter()
        .filter(|child| child.name == "specificFiles" && !child.nil)
        .map(|child| child.text.trim().to_owned())
        .collect();
    let single_package = is_true(request.text_of("singlePackage"));
    // Metadata API guide, RetrieveRequest: "singlePackage must be set to true" and "packageNames
    // must be set to null".
    if !files.is_empty() && (!single_package || request.child("packageNames").is_some()) {
        return Err(Refusal::new(
            "INVALID_OPERATION",
            "specificFiles needs singlePackage and no packageNames",
        ));
    }
    let id = state.next_id("09S");
    let types = package.map(types_of).unwrap_or_default();
    state
        .retrieves
        .retain(|retrieve| now.as_second() - retrieve.created.as_second() < 86_400);
    state.retrieves.push(Retrieve {
        id: id.clone(),
        created: now,
        polls: 0,
        single_package,
        files,
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped"
        )]
        version: version.clamp(1.0, 999.0) as u16,
        types,
        packages: request
            .children
            .iter()
            .filter(|child| child.name == "packageNames" && !child.nil)
            .map(|child| child.text.trim().to_owned())
            .collect(),
        taken: false,
    });
    Ok(id)
}

/// XML's `true`, which clients also send as `True` or `1`.
pub fn is_true(text: Option<&str>) -> bool {
    text.is_some_and(|text| text.trim().eq_ignore_ascii_case("true") || text.trim() == "1")
}

/// Types and members of a manifest, in the order in which a retrieve lists them.
fn types_of(package: &Node) -> Vec<(String, Vec<String>)> {
    let mut types: std::collections::BTreeMap<String, std::collections::BTreeSet<String>> =
        std::collections::BTreeMap::new();
    for entry in package
        .children
        .iter()
        .filter(|child| child.name == "types")
    {
        let members = types
            .entry(entry.text_of("name").unwrap_or_default().trim().to_owned())
            .or_default();
        for member in entry
            .children
            .iter()
            .filter(|child| child.name == "members")
        {
            members.insert(member.text.trim().to_owned());
        }
    }
    types
        .into_iter()
        .map(|(name, members)| (name, members.into_iter().collect()))
        .collect()
}

/// Answers one status request: whether it is done, and the request.
pub fn poll(
    state: &mut State,
    id: &str,
    options: &Options,
    now: Timestamp,
) -> Option<(bool, Retrieve)> {
    let retrieve = state
        .retrieves
        .iter_mut()
        .find(|retrieve| same_id(&retrieve.id, id))?;
    retrieve.polls += 1;
    let age = std::time::Duration::try_from(now.duration_since(retrieve.created));
    let processing = options.processing;
    let done = retrieve.polls > processing.polls
        || age.is_ok_and(|age| {
            age >= processing.at_most || (retrieve.polls > 1 && age >= processing.retrieve)
        });
    Some((done, retrieve.clone()))
}

/// Notes that the zip was handed out.
pub fn take(state: &mut State, id: &str) {
    if let Some(retrieve) = state
        .retrieves
        .iter_mut()
        .find(|retrieve| same_id(&retrieve.id, id))
    {
        retrieve.taken = true;
    }
}

/// Collects what was asked for.
pub fn collect(
    state: &State,
    retrieve: &Retrieve,
    fault: Option<&Fault>,
) -> Result<Retrieved, String> {
    let prefix = if retrieve.single_package {
        ""
    } else {
        "unpackaged/"
    };
    let manifest = format!("{prefix}package.xml");
    let mut messages = Vec::new();
    let mut chosen: Vec<&Stored> = Vec::new();
    for (name, members) in &retrieve.types {
        let Ok(kind) = name.parse::<MetadataType>() else {
            for member in members.iter().filter(|member| *member != "*") {
                messages.push((manifest.clone(), not_found(name, member)));
            }
            continue;
        };
        for member in members {
            // Fields of standard objects do not come with a wildcard.
            if member == "*" && kind != MetadataType::CustomField {
                chosen.extend(state.of_type(kind));
                continue;
            }
            match state.component(&ComponentId::new(kind, member.as_str())) {
                Some(stored) => chosen.push(stored),
                None => messages.push((manifest.clone(), not_found(name, member))),
            }
        }
    }
    chosen.sort_by(|a, b| (a.kind, &a.full_name).cmp(&(b.kind, &b.full_name)));
    chosen.dedup_by(|a, b| a.id == b.id);
    if let Some(Fault::HideComponent(hidden)) = fault {
        chosen.retain(|stored| stored.component_id() != *hidden);
    }
    if !retrieve.files.is_empty() {
        chosen.retain(|stored| {
            let path = components::path(&stored.component_id());
            retrieve.files.iter().any(|file| {
                let file = file.strip_prefix("unpackaged/").unwrap_or(file);
                file.strip_suffix("-meta.xml").unwrap_or(file) == path
            })
        });
    }
    let trees: Vec<(&Stored, Node)> = chosen
        .iter()
        .map(|stored| {
            (
                *stored,
                at_version(stored.kind, &handed_out(stored, state), retrieve.version),
            )
        })
        .collect();
    let mut zipped: Vec<(String, Vec<u8>)> = components::to_files(&trees)
        .into_iter()
        .map(|(path, content)| (format!("{prefix}{path}"), content))
        .collect();
    if fault == Some(&Fault::RetrieveZipWithDotDot) {
        zipped.push((
            format!("{prefix}../../escaped.txt"),
            b"out of the folder\n".to_vec(),
        ));
    }
    zipped.push((manifest.clone(), manifest_file(retrieve).into_bytes()));
    let mut zip = archive::write(&zipped)?;
    if fault == Some(&Fault::TruncateRetrieveZip) {
        zip.truncate(zip.len() / 2);
    }
    let mut files: Vec<(String, Option<Stored>)> = chosen
        .iter()
        .map(|stored| {
            (
                format!("{prefix}{}", components::path(&stored.component_id())),
                Some((*stored).clone()),
            )
        })
        .collect();
    files.push((manifest, None));
    Ok(Retrieved {
        messages,
        files,
        zip,
    })
}

fn not_found(kind: &str, name: &str) -> String {
    format!("Entity of type '{kind}' named '{name}' cannot be found")
}

/// The manifest of a retrieve lists what was asked for, also what was not found.
fn manifest_file(retrieve: &Retrieve) -> String {
    let mut children: Vec<Node> = retrieve
        .types
        .iter()
        .map(|(name, members)| {
            let mut entry: Vec<Node> = members
                .iter()
                .map(|member| Node::leaf("members", member.as_str()))
                .collect();
            entry.push(Node::leaf("name", name.as_str()));
            Node::with("types", entry)
        })
        .collect();
    children.push(Node::leaf("version", format!("{}.0", retrieve.version)));
    Node::with("Package", children).document()
}

/// WSDL `FileProperties` of one file.
pub fn file_properties(
    state: &State,
    path: &str,
    stored: Option<&Stored>,
    now: Timestamp,
) -> Vec<Node> {
    let admin = state.admin_id();
    let (name, id, kind) = match stored {
        Some(stored) => (
            stored.full_name.as_str(),
            stored.id.as_str(),
            stored.kind.name(),
        ),
        None => (path, "", "Package"),
    };
    let (created_by, created) = stored.map_or((admin.as_str(), now), |stored| {
        (stored.created.by.as_str(), stored.created.at)
    });
    let (modified_by, modified) = stored.map_or((admin.as_str(), now), |stored| {
        (stored.modified.by.as_str(), stored.modified.at)
    });
    vec![
        Node::leaf("createdById", created_by),
        Node::leaf("createdByName", state.user_name(created_by)),
        Node::leaf("createdDate", soap_date(created)),
        Node::leaf("fileName", path),
        Node::leaf("fullName", name),
        Node::leaf("id", id),
        Node::leaf("lastModifiedById", modified_by),
        Node::leaf("lastModifiedByName", state.user_name(modified_by)),
        Node::leaf("lastModifiedDate", soap_date(modified)),
        Node::leaf("manageableState", "unmanaged"),
        Node::leaf("type", kind),
    ]
}

#[cfg(test)]
mod tests;

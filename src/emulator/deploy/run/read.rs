//! What a deploy brings: the deletions and components that its manifests name.

use std::collections::BTreeSet;

use crate::metadata::{ComponentId, MetadataType};

use super::super::super::components::{self, Missing};
use super::super::super::state::State;
use super::super::super::tree;
use super::super::package::{self, Upload};
use super::{Candidate, Run};

impl Run<'_> {
    /// Deletions of the manifests for them. What is not there is a warning.
    pub fn delete(&mut self, state: &State, upload: &Upload) {
        for (file, types) in &upload.deletions {
            for (kind, member) in members_of(types) {
                self.outcome.total += 1;
                let id = kind.parse().map(|kind| ComponentId::new(kind, member));
                let stored = id.as_ref().ok().and_then(|id| state.component(id));
                if let (Ok(id), Some(stored)) = (&id, stored) {
                    let mut row =
                        self.row(kind, &stored.full_name, &format!("{}{file}", upload.prefix));
                    row.deleted = true;
                    row.changed = true;
                    row.success = true;
                    row.id = Some(stored.id.clone());
                    self.outcome.details.component_successes.push(row);
                    self.outcome.deployed += 1;
                    match file.as_str() {
                        "destructiveChangesPost.xml" => self.deleted_after.push(id.clone()),
                        _ => self.deleted.push(id.clone()),
                    }
                    continue;
                }
                let mut row = self.row(kind, file, &format!("{}{file}", upload.prefix));
                row.problem = Some(format!("No {kind} named: {member} found"));
                row.problem_type = Some("Warning".to_owned());
                row.success = self.options.ignore_warnings;
                if row.success {
                    self.outcome.details.component_successes.push(row);
                } else {
                    self.outcome.details.component_failures.push(row);
                }
            }
        }
    }

    /// The components that the manifest names, from the files.
    pub fn read(&mut self, upload: &Upload) {
        let mut used = BTreeSet::new();
        let mut seen = BTreeSet::new();
        for (kind_name, member) in members_of(&upload.types) {
            let Ok(kind) = kind_name.parse::<MetadataType>() else {
                let row = self.row(kind_name, member, &format!("{}package.xml", upload.prefix));
                self.outcome.total += 1;
                self.fail(
                    row,
                    "Not available for deploy for this organization".to_owned(),
                );
                continue;
            };
            let names = match member {
                "*" => components::members(&upload.files, kind),
                _ => vec![member.to_owned()],
            };
            for name in names {
                let id = ComponentId::new(kind, name);
                // A member may be listed twice, or by name beside `*`.
                if seen.insert(id.clone()) {
                    self.outcome.total += 1;
                    self.read_one(upload, &id, &mut used);
                }
            }
        }
        self.refuse_unnamed(upload, &used);
        let mut row = self.row("", "package.xml", &format!("{}package.xml", upload.prefix));
        row.changed = true;
        row.success = true;
        self.outcome.details.component_successes.insert(0, row);
    }

    fn read_one(&mut self, upload: &Upload, id: &ComponentId, used: &mut BTreeSet<String>) {
        let (kind, name) = (id.kind.name(), id.full_name.as_str());
        match components::find(&upload.files, id, used) {
            Ok(found) => {
                let file = format!("{}{}", upload.prefix, found.path);
                self.candidates.push(Candidate {
                    found,
                    file,
                    version: upload.version,
                });
            }
            Err(Missing::File) => {
                if self.options.allow_missing_files {
                    return;
                }
                let row = self.row("", name, &format!("{}package.xml", upload.prefix));
                self.fail(row, format!(
                    "An object '{name}' of type {kind} was named in package.xml, but was not found in zipped directory"
                ));
            }
            Err(Missing::Meta(file)) => {
                let row = self.row(
                    kind,
                    name,
                    &format!("{}{}", upload.prefix, components::path(id)),
                );
                self.fail(row, format!("Metadata file is missing: {file}"));
            }
            Err(Missing::Malformed(file, error)) => {
                let mut row = self.row(kind, name, &format!("{}{file}", upload.prefix));
                row.line_number = Some(error.line);
                row.column_number = Some(error.column);
                self.fail(row, format!("Error parsing file: {}", error.problem));
            }
            Err(Missing::WrongRoot(file, root)) => {
                let row = self.row(kind, name, &format!("{}{file}", upload.prefix));
                self.fail(
                    row,
                    format!("Error parsing file: Element {root} invalid at this location"),
                );
            }
            Err(Missing::NotText(file)) => {
                let row = self.row(kind, name, &format!("{}{file}", upload.prefix));
                self.fail(
                    row,
                    "Error parsing file: the file is not encoded in UTF-8".to_owned(),
                );
            }
        }
    }

    /// The server goes by the manifest: files that it does not name are errors.
    fn refuse_unnamed(&mut self, upload: &Upload, used: &BTreeSet<String>) {
        for (path, content) in &upload.files {
            let file = format!("{}{path}", upload.prefix);
            if !used.contains(path) {
                // A -meta.xml goes with its code file, which is reported itself.
                let companion = path
                    .strip_suffix("-meta.xml")
                    .is_some_and(|code| upload.files.contains_key(code));
                if !companion {
                    let row = self.row("", path, &file);
                    self.fail(row, "Not in package.xml".to_owned());
                }
            } else if path.starts_with("objects/") {
                self.refuse_unnamed_in_object(upload, path, &file, content);
            }
        }
    }

    fn refuse_unnamed_in_object(
        &mut self,
        upload: &Upload,
        path: &str,
        file: &str,
        content: &[u8],
    ) {
        let Ok(root) = tree::parse(&String::from_utf8_lossy(content)) else {
            return;
        };
        let object = path
            .trim_start_matches("objects/")
            .trim_end_matches(".object");
        for child in &root.children {
            let name = format!(
                "{object}.{}",
                child.text_of("fullName").unwrap_or_default().trim()
            );
            let (kind, name) = match child.name.as_str() {
                "fields" => ("CustomField", name.as_str()),
                _ => ("CustomObject", object),
            };
            let named = members_of(&upload.types)
                .any(|(of, member)| of == kind && member.eq_ignore_ascii_case(name));
            if !named {
                let mut row = self.row("CustomObject", object, file);
                row.line_number = Some(child.line);
                row.column_number = Some(child.column);
                self.fail(row, format!("Not in package.xml: {}", child.name));
            }
        }
    }
}

fn members_of(types: &package::Types) -> impl Iterator<Item = (&str, &str)> {
    types.iter().flat_map(|(kind, members)| {
        members
            .iter()
            .map(move |member| (kind.as_str(), member.as_str()))
    })
}

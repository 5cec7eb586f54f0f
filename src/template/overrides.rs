//! Reads a folder of the user's that replaces single templates.

use std::collections::BTreeMap;
use std::path::Path;

use walkdir::{DirEntry, WalkDir};

use super::{Error, Template, slashed};

/// An Apex class has at most one million characters; nothing else comes near.
const MAX_BYTES: u64 = 4_000_000;

/// The templates of the folder, each of which must have a shipped counterpart. Hidden files (those
/// of editors, Git and file managers) are passed over.
pub(super) fn read(
    dir: &Path,
    shipped: &BTreeMap<String, Template>,
) -> Result<Vec<Template>, Error> {
    let mut templates = Vec::new();
    let entries = WalkDir::new(dir)
        .min_depth(1)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| !is_hidden(entry));
    for entry in entries {
        let entry = entry.map_err(|error| Error::Unreadable {
            path: error.path().unwrap_or(dir).to_path_buf(),
            source: error.into(),
        })?;
        if !entry.file_type().is_dir() {
            templates.push(read_one(dir, entry.path(), shipped)?);
        }
    }
    Ok(templates)
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().to_string_lossy().starts_with('.')
}

fn read_one(
    dir: &Path,
    file: &Path,
    shipped: &BTreeMap<String, Template>,
) -> Result<Template, Error> {
    let path = slashed(file.strip_prefix(dir).unwrap_or(file));
    if !shipped.contains_key(&path) {
        return Err(Error::UnknownTemplate {
            path: file.to_path_buf(),
            similar: most_similar(&path, shipped.keys()),
        });
    }
    let unreadable = |source| Error::Unreadable {
        path: file.to_path_buf(),
        source,
    };
    if std::fs::metadata(file).map_err(unreadable)?.len() > MAX_BYTES {
        return Err(Error::TooLarge {
            path: file.to_path_buf(),
            limit: MAX_BYTES,
        });
    }
    let bytes = std::fs::read(file).map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|_| Error::NotText {
        path: file.to_path_buf(),
    })?;
    Template::parse(&path, &text)
}

/// The shipped path that the given one was probably meant to be.
fn most_similar<'a>(path: &str, shipped: impl Iterator<Item = &'a String>) -> Option<String> {
    let score = |known: &str| strsim::jaro_winkler(&path.to_lowercase(), &known.to_lowercase());
    shipped
        .map(|known| (score(known), known))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, known)| known.clone())
}

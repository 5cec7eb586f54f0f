//! What was uploaded: one or more packages in a zip, each with its manifest.

use super::super::components::Files;
use super::super::tree;

/// One package of an upload.
pub struct Upload {
    /// `""`, or the top folder with its slash.
    pub prefix: String,
    /// API version of the manifest.
    pub version: u16,
    /// Types and members, as written.
    pub types: Types,
    /// Deletions: the manifest's file name and what it lists.
    pub deletions: Vec<(String, Types)>,
    /// All other files, without the prefix.
    pub files: Files,
}

/// Type names with their members.
pub type Types = Vec<(String, Vec<String>)>;

/// Why an upload is no package; becomes a row of `package.xml`.
pub struct Problem {
    /// The file.
    pub file: String,
    /// 1-based line and column, where known.
    pub place: Option<(u32, u32)>,
    /// The platform's words.
    pub text: String,
}

const DELETIONS: [&str; 3] = [
    "destructiveChangesPre.xml",
    "destructiveChanges.xml",
    "destructiveChangesPost.xml",
];

/// Splits an upload into its packages.
pub fn uploads(files: &Files, single: bool, newest: u16) -> Result<Vec<Upload>, Problem> {
    // A package at the root; the official client puts a single one below a folder, too.
    let prefixes: Vec<String> = if single && files.contains_key("package.xml") {
        vec![String::new()]
    } else {
        files
            .keys()
            .filter_map(|path| path.strip_suffix("/package.xml"))
            .filter(|folder| !folder.contains('/'))
            .map(|folder| format!("{folder}/"))
            .collect()
    };
    if prefixes.is_empty() {
        return Err(no_manifest("package.xml"));
    }
    prefixes
        .into_iter()
        .map(|prefix| upload(files, prefix, newest))
        .collect()
}

fn upload(files: &Files, prefix: String, newest: u16) -> Result<Upload, Problem> {
    let mut own: Files = files
        .iter()
        .filter_map(|(path, content)| {
            Some((path.strip_prefix(&prefix)?.to_owned(), content.clone()))
        })
        .collect();
    let manifest = own
        .remove("package.xml")
        .ok_or_else(|| no_manifest("package.xml"))?;
    let name = format!("{prefix}package.xml");
    let (types, version) = manifest_of(&name, &manifest)?;
    let version = version.ok_or_else(|| Problem {
        file: name.clone(),
        place: None,
        text: "Required field is missing: version".to_owned(),
    })?;
    let major = version
        .strip_suffix(".0")
        .unwrap_or(&version)
        .parse::<u16>()
        .ok()
        .filter(|major| (1..=newest).contains(major))
        .ok_or_else(|| Problem {
            file: name,
            place: None,
            text: format!("Invalid api version:{version}"),
        })?;
    let mut deletions = Vec::new();
    for file in DELETIONS {
        if let Some(content) = own.remove(file) {
            deletions.push((file.to_owned(), manifest_of(file, &content)?.0));
        }
    }
    Ok(Upload {
        prefix,
        version: major,
        types,
        deletions,
        files: own,
    })
}

fn manifest_of(file: &str, content: &[u8]) -> Result<(Types, Option<String>), Problem> {
    let root = tree::parse(&String::from_utf8_lossy(content)).map_err(|error| Problem {
        file: file.to_owned(),
        place: Some((error.line, error.column)),
        text: format!("Error parsing file: {}", error.problem),
    })?;
    let invalid = |text: String| Problem {
        file: file.to_owned(),
        place: None,
        text,
    };
    if root.name != "Package" {
        return Err(invalid(format!(
            "Error parsing file: Element {} invalid at this location",
            root.name
        )));
    }
    let mut types: Types = Vec::new();
    for entry in root.children.iter().filter(|child| child.name == "types") {
        let name = entry
            .text_of("name")
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .ok_or_else(|| invalid("Required field is missing: name".to_owned()))?;
        let members = entry
            .children
            .iter()
            .filter(|child| child.name == "members")
            .map(|member| member.text.trim().to_owned())
            .collect();
        types.push((name.to_owned(), members));
    }
    Ok((
        types,
        root.text_of("version").map(|text| text.trim().to_owned()),
    ))
}

fn no_manifest(file: &str) -> Problem {
    Problem {
        file: file.to_owned(),
        place: None,
        text: "No package.xml found".to_owned(),
    }
}

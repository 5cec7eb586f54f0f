//! `${env:NAME}` and `${file:path}`: values that stand outside of the config file.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::json;

use super::References;
use super::problem::{Problem, shown};
use super::value::schema;
use crate::diag::Diagnostic;
use crate::secret::Secret;

/// Where a value is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reference {
    Env(String),
    File(PathBuf),
}

/// What a text of the config is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Text {
    Plain,
    Reference(Reference),
    Malformed,
}

impl Reference {
    /// Tells a reference from a plain text. `${` never occurs in a value of this config, so a text
    /// with one that is not a whole reference is a mistake.
    pub fn read(text: &str) -> Text {
        if !text.contains("${") {
            return Text::Plain;
        }
        let inner = text
            .strip_prefix("${")
            .and_then(|rest| rest.strip_suffix('}'));
        match inner.and_then(|inner| inner.split_once(':')) {
            Some(("env", name)) if is_variable(name) => Text::Reference(Self::Env(name.to_owned())),
            Some(("file", path)) if is_path(path) => Text::Reference(Self::File(path.into())),
            _ => Text::Malformed,
        }
    }

    /// The value. A file's final line end is not part of it.
    pub fn resolve(&self, key: &str, references: &dyn References) -> Result<String, Problem> {
        let key = key.to_owned();
        match self {
            Self::Env(variable) => match references.env(variable) {
                Some(value) if !value.is_empty() => Ok(value),
                Some(_) => Err(Problem::EmptyVariable {
                    key,
                    variable: variable.clone(),
                }),
                None => Err(Problem::UnsetVariable {
                    key,
                    variable: variable.clone(),
                }),
            },
            Self::File(path) => match references.file(path) {
                Ok(content) => Ok(content.trim_end_matches(['\r', '\n']).to_owned()),
                Err(error) => Err(Problem::UnreadableFile {
                    key,
                    path: path.clone(),
                    cause: error.to_string(),
                }),
            },
        }
    }

    /// As it is written in a config.
    pub fn written(&self) -> String {
        match self {
            Self::Env(name) => format!("${{env:{name}}}"),
            Self::File(path) => format!("${{file:{}}}", path.display()),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "the environment variable `{name}`"),
            Self::File(path) => write!(f, "the file `{}`", shown(&path.to_string_lossy())),
        }
    }
}

impl JsonSchema for Reference {
    fn schema_name() -> Cow<'static, str> {
        "Reference".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schema(json!({
            "description": "A value that stands outside of this file.",
            "type": "string",
            "pattern": r"^\$\{(env:[A-Za-z_][A-Za-z0-9_]*|file:[^${}]+)\}$",
        }))
    }
}

/// The secret that a reference leads to; `None` when the text is no reference.
///
/// # Errors
/// A variable that is not set, or a file that can't be read.
pub fn resolve_secret(
    text: &str,
    key: &str,
    references: &dyn References,
) -> Option<Result<Secret, Diagnostic>> {
    let Text::Reference(reference) = Reference::read(text) else {
        return None;
    };
    let resolved = reference.resolve(key, references);
    Some(resolved.map(Secret::new).map_err(Problem::into_diagnostic))
}

/// A name that every shell can set.
fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn is_path(path: &str) -> bool {
    !path.is_empty() && !path.contains(['$', '{', '}']) && !path.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_references_from_texts() {
        let env = Text::Reference(Reference::Env("A_1".to_owned()));
        assert_eq!(Reference::read("${env:A_1}"), env);
        let file = Text::Reference(Reference::File("secrets/hook url".into()));
        assert_eq!(Reference::read("${file:secrets/hook url}"), file);
        assert_eq!(Reference::read("$A costs {5}"), Text::Plain);
        for bad in [
            "${A}",
            "${env:}",
            "${env:1A}",
            "${ENV:A}",
            "${env: A}",
            "${env:A",
            "x${env:A}",
            "${env:A}/x",
            "${env:A}${env:B}",
            "${file:}",
            "${file:a\nb}",
            "${command:ls}",
        ] {
            assert_eq!(Reference::read(bad), Text::Malformed, "{bad}");
        }
    }
}

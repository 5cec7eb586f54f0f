//! What can be wrong with a config file as a whole: facts first, words for people second.

use std::path::PathBuf;

use super::conflict::Conflict;
use super::reference::Reference;
use super::source::{Source, Span};
use super::value::ValueError;
use crate::diag::{Category, Code, Diagnostic, Place};

/// One mistake, without its place.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("the file is {size} bytes long; a config has at most {limit}")]
    TooLarge { size: usize, limit: usize },
    #[error("the file is not valid YAML: {reason}")]
    NotYaml { reason: String, unquoted: bool },
    #[error("{0} is not supported in a config")]
    Unsupported(&'static str),
    #[error("{} does not exist", in_section(.section, .key))]
    UnknownKey {
        section: String,
        key: String,
        near: Option<&'static str>,
        known: Vec<&'static str>,
    },
    #[error("the key `{}` is there twice", shown(.key))]
    DuplicateKey { key: String, line: usize },
    #[error("`{key}` must be {expected}, not {found}")]
    WrongType {
        key: String,
        expected: &'static str,
        found: &'static str,
        write: Option<String>,
    },
    #[error("`{key}` is missing{}", for_orgs(.orgs))]
    MissingKey {
        key: String,
        orgs: Vec<String>,
        example: &'static str,
    },
    #[error("`{key}` has a reference that cannot be read")]
    MalformedReference { key: String },
    #[error("`{key}` holds a token and must not stand in the file")]
    InlineSecret { key: String },
    #[error("`{key}` {error}")]
    Value {
        key: String,
        error: ValueError,
        from: Option<Reference>,
    },
    #[error("`{key}` needs the environment variable `{variable}`, which is not set")]
    UnsetVariable { key: String, variable: String },
    #[error("`{key}` needs the environment variable `{variable}`, which is empty")]
    EmptyVariable { key: String, variable: String },
    #[error("`{key}` needs the file `{}`, which cannot be read", .path.display())]
    UnreadableFile {
        key: String,
        path: PathBuf,
        cause: String,
    },
    #[error("`email_cases.outbound.sender` has both a display name and an org-wide address")]
    TwoSenders,
    #[error("{0}")]
    Conflict(Conflict),
    #[error("the org `{0}` has neither `auth` nor `emulator`")]
    NoAccess(String),
    #[error("the org `{0}` has both `auth` and `emulator`")]
    TwoAccesses(String),
    #[error("`{0}` is missing")]
    AuthLacks(String),
    #[error("`key_file` and `private_key` are both there")]
    TwoKeys,
    #[error("the org `{0}` cannot be an emulator and production at once")]
    ProductionEmulator(String),
    #[error("`{0}` cannot be the name of an org")]
    OrgName(String),
    #[error("the orgs `{0}` and `{1}` differ only in upper and lower case")]
    SimilarOrgNames(String, String),
    #[error("the orgs `{0}` and `{1}` are pinned to the same organisation id")]
    SamePin(String, String),
    #[error("`{name}` would be the name of both `{first}` and `{second}`{}", for_org(.org))]
    SameName {
        name: String,
        first: &'static str,
        second: &'static str,
        org: Option<String>,
    },
    #[error("the config has no org `{}`", shown(.name))]
    UnknownOrg {
        name: String,
        near: Option<String>,
        known: Vec<String>,
    },
}

impl Problem {
    /// What the YAML parser said about a text.
    pub fn not_yaml(reason: String, text: &str) -> Self {
        // `{ url: ${env:X} }` is the one mistake that the parser's words do not explain.
        let unquoted = text.lines().any(|line| {
            let reference = line.find("${");
            reference
                .is_some_and(|at| line[..at].contains('{') && !line[..at].ends_with(['"', '\'']))
        });
        Self::NotYaml { reason, unquoted }
    }

    fn code(&self) -> Code {
        Code(match self {
            Self::TooLarge { .. } => "config/too-large",
            Self::NotYaml { .. } => "config/not-yaml",
            Self::Unsupported(_) => "config/unsupported-yaml",
            Self::UnknownKey { .. } => "config/unknown-key",
            Self::DuplicateKey { .. } => "config/duplicate-key",
            Self::WrongType { .. } => "config/wrong-type",
            Self::MissingKey { .. } => "config/missing-key",
            Self::MalformedReference { .. } => "config/malformed-reference",
            Self::InlineSecret { .. } => "config/inline-secret",
            Self::Value { error, .. } => error.code(),
            Self::UnsetVariable { .. } | Self::EmptyVariable { .. } => "config/unset-variable",
            Self::UnreadableFile { .. } => "config/unreadable-file",
            Self::TwoSenders => "config/two-senders",
            Self::Conflict(_) => "config/conflict",
            Self::NoAccess(_) => "config/no-access",
            Self::TwoAccesses(_) => "config/two-accesses",
            Self::AuthLacks(_) | Self::TwoKeys => "config/bad-auth",
            Self::ProductionEmulator(_) => "config/production-emulator",
            Self::OrgName(_) => "config/bad-org-name",
            Self::SimilarOrgNames(..) => "config/similar-org-names",
            Self::SamePin(..) => "config/same-org-id",
            Self::SameName { .. } => "config/same-name",
            Self::UnknownOrg { .. } => "config/unknown-org",
        })
    }

    /// What the underlined part is called.
    fn label(&self) -> &'static str {
        match self {
            Self::NotYaml { .. } => "here",
            Self::TooLarge { .. } | Self::Unsupported(_) => "not supported",
            Self::UnknownKey { .. } => "unknown key",
            Self::DuplicateKey { .. } => "second one",
            Self::WrongType { .. } => "wrong type",
            Self::MissingKey { .. } => "belongs in here",
            Self::MalformedReference { .. } => "not a reference",
            Self::InlineSecret { .. } => "secret in the file",
            Self::Value { error, .. } => error.label(),
            Self::UnsetVariable { .. } => "not set",
            Self::EmptyVariable { .. } => "empty",
            Self::UnreadableFile { .. } => "cannot be read",
            Self::TwoSenders => "one too many",
            Self::Conflict(_) => "not with the others",
            Self::NoAccess(_) => "how is it reached?",
            Self::TwoAccesses(_) => "one too many",
            Self::AuthLacks(_) => "belongs in here",
            Self::TwoKeys => "one too many",
            Self::ProductionEmulator(_) => "an emulator is never production",
            Self::OrgName(_) => "not a name",
            Self::SimilarOrgNames(..) => "same name",
            Self::SamePin(..) => "same id",
            Self::SameName { .. } => "same name",
            Self::UnknownOrg { .. } => "no such org",
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::TooLarge { .. } => "is this the right file?".to_owned(),
            Self::NotYaml { unquoted: true, .. } => {
                "inside `{ }` a reference needs quotes: \"${env:NAME}\"".to_owned()
            }
            Self::NotYaml { .. } => {
                "check indentation (spaces, not tabs), quotes and brackets on this line and above"
                    .to_owned()
            }
            Self::Unsupported(_) => {
                "write plain sections, texts, numbers and true/false".to_owned()
            }
            Self::UnknownKey {
                near: Some(near), ..
            } => format!("did you mean `{near}`?"),
            Self::UnknownKey { known, .. } => format!("the keys here are {}", list(known)),
            Self::DuplicateKey { line, .. } => {
                format!("the first one is on line {line}; remove one of them")
            }
            Self::WrongType { write, .. } => format!("write {}", write.as_deref()?),
            Self::MissingKey { example, .. } => format!("add `{example}`"),
            Self::MalformedReference { .. } => {
                "a reference is the whole value: ${env:NAME} or ${file:path}".to_owned()
            }
            Self::InlineSecret { key } if key.starts_with("orgs.") && key.contains(".auth.") => {
                "put it into an environment variable and write `${env:NAME}`, or into a file \
                 outside of version control and write `${file:path}`; if it was committed, replace \
                 it in Salesforce"
                    .to_owned()
            }
            Self::InlineSecret { key } if key.ends_with("live_messaging.private_key") => {
                "put it into a file outside of version control and write `${file:path}`; if it was \
                 committed, make a new pair with `opencx-sf miaw keygen`"
                    .to_owned()
            }
            Self::InlineSecret { .. } => "put it into an environment variable and write \
                `${env:OPENCX_WEBHOOK_URL}`, or into a file outside of version control and write \
                `${file:path}`; if it was committed, have OpenCX issue a new one"
                .to_owned(),
            Self::Value { error, .. } => return error.help(),
            Self::UnsetVariable { variable, .. } | Self::EmptyVariable { variable, .. } => {
                format!("set `{variable}` in the environment of this command")
            }
            Self::UnreadableFile { .. } => {
                "the path is relative to the folder of the config".to_owned()
            }
            Self::TwoSenders => "keep `display_name` for the integration user's own address, or \
                 `org_wide_address`"
                .to_owned(),
            Self::Conflict(conflict) => conflict.help().to_owned(),
            Self::NoAccess(_) => {
                "add `auth: login` for a real org, or `emulator: {}` for the built-in one"
                    .to_owned()
            }
            Self::TwoAccesses(_) => {
                "keep `auth` for a real org, or `emulator` for the built-in one".to_owned()
            }
            Self::AuthLacks(key) if key.ends_with(".key_file") => {
                "the path of the private key, or `private_key: ${env:NAME}` where a CI system keeps it"
                    .to_owned()
            }
            Self::AuthLacks(_) => "this way of logging in needs it".to_owned(),
            Self::TwoKeys | Self::ProductionEmulator(_) => "remove one of the two".to_owned(),
            Self::OrgName(_) => "use up to 64 letters, digits, `-`, `_` and `.`, starting with a \
                                 letter or digit"
                .to_owned(),
            Self::SimilarOrgNames(..) => "give one of them another name".to_owned(),
            Self::SamePin(..) => {
                "each org of the config is one Salesforce org: check the ids in Setup > Company \
                 Information"
                    .to_owned()
            }
            Self::SameName { .. } => {
                "Salesforce does not tell upper from lower case; choose another name".to_owned()
            }
            Self::UnknownOrg {
                near: Some(near), ..
            } => format!("did you mean `{near}`?"),
            Self::UnknownOrg { known, .. } if known.is_empty() => "add it under `orgs`".to_owned(),
            Self::UnknownOrg { known, .. } => format!("the orgs are {}", list(known)),
        })
    }

    fn because(&self) -> Option<String> {
        match self {
            Self::Value {
                from: Some(from), ..
            } => Some(format!("the value comes from {from}")),
            Self::UnreadableFile { cause, .. } => Some(cause.clone()),
            _ => None,
        }
    }

    /// The finding without a place in the file.
    pub fn into_diagnostic(self) -> Diagnostic {
        let mut diagnostic = Diagnostic::error(self.code(), Category::Config, self.to_string());
        diagnostic.because.extend(self.because());
        diagnostic.help = self.help();
        diagnostic
    }
}

/// The mistakes found so far. Their lines are shown only at the end, when every secret is known.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<(Span, Problem)>);

impl Findings {
    pub fn add(&mut self, span: Span, problem: Problem) {
        self.0.push((span, problem));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the order of the file.
    pub fn into_diagnostics(mut self, source: &Source) -> Vec<Diagnostic> {
        self.0.sort_by_key(|(span, _)| *span);
        let diagnostics = self.0.into_iter().map(|(span, problem)| {
            let snippet = source.snippet(span, problem.label());
            problem.into_diagnostic().at(Place::File(snippet))
        });
        diagnostics.collect()
    }
}

/// A value from outside, fit for a message: one line, short, and no URL.
pub(super) fn shown(value: &str) -> String {
    const LONGEST: usize = 64;
    if value.contains("://") {
        return crate::secret::mask_url(value);
    }
    let clean = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut text: String = value.chars().take(LONGEST).map(clean).collect();
    if value.chars().nth(LONGEST).is_some() {
        text.push('…');
    }
    text
}

/// The candidate that a misspelt word most likely means.
pub(super) fn nearest<T: AsRef<str>>(
    word: &str,
    candidates: impl IntoIterator<Item = T>,
) -> Option<T> {
    // A word longer than any name is no misspelling, and distances cost its length squared.
    if word.len() > 100 {
        return None;
    }
    let word = word.to_lowercase();
    let scored = candidates.into_iter().map(|candidate| {
        let distance = strsim::damerau_levenshtein(&word, &candidate.as_ref().to_lowercase());
        (distance, candidate)
    });
    let (distance, candidate) = scored.min_by_key(|(distance, _)| *distance)?;
    let tolerated = (candidate.as_ref().chars().count() / 3).max(1);
    (distance <= tolerated).then_some(candidate)
}

fn list<T: AsRef<str>>(words: &[T]) -> String {
    let quoted: Vec<String> = words.iter().map(|w| format!("`{}`", w.as_ref())).collect();
    quoted.join(", ")
}

fn in_section(section: &str, key: &str) -> String {
    if section.is_empty() {
        format!("the key `{}`", shown(key))
    } else {
        format!("the key `{}` in `{section}`", shown(key))
    }
}

fn for_orgs(orgs: &[String]) -> String {
    match orgs {
        [] => String::new(),
        [org] => format!(" for the org `{org}`"),
        _ => format!(" for the orgs {}", list(orgs)),
    }
}

fn for_org(org: &Option<String>) -> String {
    org.as_ref()
        .map(|org| format!(" in the org `{org}`"))
        .unwrap_or_default()
}

//! One section of the file while it is read: hands out the values of the keys that it is asked
//! for, and reports what was not.

use super::problem::{Findings, Problem, nearest, shown};
use super::reference::{Reference, Text};
use super::setting::Setting;
use super::source::Span;
use super::value::{ValueError, Word};
use super::yaml::{Entry, Node, Value};

/// A section with its path (`email_cases.outbound`; empty for the whole file).
pub(super) struct Section<'n, 'f> {
    path: String,
    entries: &'n [Entry],
    asked: Vec<&'static str>,
    /// Something else stands in the section's place: it has been reported, and nothing that would
    /// belong in here is reported as missing.
    broken: bool,
    /// Whether secrets may stand in here.
    takes_secrets: bool,
    findings: &'f mut Findings,
}

impl<'n, 'f> Section<'n, 'f> {
    /// Opens a value as a section; nothing at all is an empty one.
    pub fn open(path: String, node: &'n Node, findings: &'f mut Findings) -> Self {
        let broken = !matches!(node.value, Value::Map(_)) && !node.is_null();
        if broken {
            let problem = Problem::WrongType {
                key: if path.is_empty() {
                    "the file".to_owned()
                } else {
                    path.clone()
                },
                expected: "a section with keys",
                found: node.kind(),
                write: None,
            };
            findings.add(node.span, problem);
        }
        Self {
            path,
            entries: node.entries(),
            asked: Vec::new(),
            broken,
            takes_secrets: false,
            findings,
        }
    }

    /// Lets secrets stand in here, and in the sections below.
    pub fn take_secrets(&mut self, takes: bool) {
        self.takes_secrets = takes;
    }

    /// Whether something else than a section stands here.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// The key's whole path.
    pub fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// Every entry, for a section whose keys the user chooses.
    pub fn all(&self) -> impl Iterator<Item = &'n Entry> + use<'n> {
        self.entries.iter().filter(|entry| !entry.repeated)
    }

    /// The entry of a key, which is a known one from now on.
    pub fn entry(&mut self, key: &'static str) -> Option<&'n Entry> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.all().find(|entry| entry.key == key)
    }

    /// The section under a key, read by `read`; the default where there is none.
    pub fn section<T: Default>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(Section<'n, '_>) -> T,
    ) -> T {
        match self.entry(key) {
            Some(entry) => self.below(entry, read),
            None if self.broken => read(Section {
                path: self.path_of(key),
                entries: &[],
                asked: Vec::new(),
                broken: true,
                takes_secrets: self.takes_secrets,
                findings: self.findings,
            }),
            None => T::default(),
        }
    }

    /// The section that an entry is, read by `read`.
    pub fn below<T>(&mut self, entry: &'n Entry, read: impl FnOnce(Section<'n, '_>) -> T) -> T {
        let path = self.path_of(&shown(&entry.key));
        let takes_secrets = self.takes_secrets;
        let mut section = Section::open(path, &entry.node, self.findings);
        section.take_secrets(takes_secrets);
        read(section)
    }

    /// The items of the list of sections under a key, each read by `read` with its place.
    pub fn items<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(Section<'n, '_>, Span) -> T,
    ) -> Vec<T> {
        let Some(entry) = self.entry(key) else {
            return Vec::new();
        };
        if !matches!(entry.node.value, Value::List(_)) && !entry.node.is_null() {
            self.wrong_type(entry, "a list", None);
        }
        let path = self.path_of(key);
        let items = entry.node.items().iter().enumerate().map(|(index, item)| {
            let path = format!("{path}.{index}");
            read(Section::open(path, item, self.findings), item.span)
        });
        items.collect()
    }

    /// The text under a key.
    pub fn setting<T: Word>(&mut self, key: &'static str) -> Setting<T> {
        let Some(entry) = self.entry(key) else {
            return if self.broken {
                Setting::Refused
            } else {
                Setting::Absent
            };
        };
        let span = entry.node.span;
        if T::SECRET
            && !self.takes_secrets
            && matches!(&entry.node.value, Value::Scalar { text, .. }
                if Reference::read(text) == Text::Plain && !entry.node.is_null())
        {
            let key = self.path_of(key);
            self.report(span, Problem::InlineSecret { key });
            return Setting::Refused;
        }
        let text = match &entry.node.value {
            Value::Scalar { text, .. } if entry.node.kind() == T::KIND => text,
            Value::Scalar { text, .. }
                if entry.node.kind() == "a text" && Reference::read(text) != Text::Plain =>
            {
                text
            }
            Value::Scalar { text, .. } if !entry.node.is_null() => {
                self.wrong_type(entry, T::EXPECTED, write_as::<T>(key, text));
                return Setting::Refused;
            }
            _ => {
                self.wrong_type(entry, T::EXPECTED, None);
                return Setting::Refused;
            }
        };
        match Reference::read(text) {
            Text::Reference(reference) => Setting::Reference(reference, span),
            Text::Malformed => {
                let key = self.path_of(key);
                self.report(span, Problem::MalformedReference { key });
                Setting::Refused
            }
            Text::Plain => match T::read(text) {
                Ok(value) => Setting::Literal(value, span),
                Err(error) => {
                    self.refuse(entry, error);
                    Setting::Refused
                }
            },
        }
    }

    /// The boolean under a key. Only what YAML 1.2 calls one: `no` is a text there.
    pub fn boolean(&mut self, key: &'static str) -> Option<bool> {
        let entry = self.entry(key)?;
        let text = match &entry.node.value {
            Value::Scalar { text, .. } => text.to_ascii_lowercase(),
            Value::List(_) | Value::Map(_) => String::new(),
        };
        if entry.node.kind() == "a true/false value" {
            return Some(text == "true");
        }
        let meant = match text.as_str() {
            "yes" | "on" | "y" | "true" => Some("true"),
            "no" | "off" | "n" | "false" => Some("false"),
            _ => None,
        };
        let write = meant.map(|meant| format!("`{key}: {meant}`"));
        self.wrong_type(entry, "true or false", write);
        None
    }

    /// Reports a mistake in this section.
    pub fn report(&mut self, span: Span, problem: Problem) {
        self.findings.add(span, problem);
    }

    /// Reports an entry whose text is not a value of its kind.
    pub fn refuse(&mut self, entry: &Entry, error: ValueError) {
        let problem = Problem::Value {
            key: self.path_of(&entry.key),
            error,
            from: None,
        };
        self.report(entry.node.span, problem);
    }

    /// Reports an entry of the wrong type, `write` being what was probably meant.
    pub fn wrong_type(&mut self, entry: &Entry, expected: &'static str, write: Option<String>) {
        let problem = Problem::WrongType {
            key: self.path_of(&entry.key),
            expected,
            found: entry.node.kind(),
            write,
        };
        // `key:` alone has no value to point at.
        let nothing = entry.node.span.start == entry.node.span.end;
        self.report(
            if nothing {
                entry.key_span
            } else {
                entry.node.span
            },
            problem,
        );
    }

    /// Ends the section: every key that was not asked for is unknown.
    pub fn close(self) {
        for entry in self.entries.iter().filter(|entry| !entry.repeated) {
            if self.asked.contains(&entry.key.as_str()) {
                continue;
            }
            let absent = |key: &&&'static str| self.entries.iter().all(|entry| entry.key != ***key);
            let problem = Problem::UnknownKey {
                section: self.path.clone(),
                key: entry.key.clone(),
                near: nearest(&entry.key, self.asked.iter().filter(absent).copied()),
                known: self.asked.clone(),
            };
            self.findings.add(entry.key_span, problem);
        }
    }
}

/// What to write so that YAML takes a text for a value of its kind.
fn write_as<T: Word>(key: &str, text: &str) -> Option<String> {
    let text = match (T::KIND, text.to_ascii_lowercase().as_str()) {
        ("a text", _) => return Some(format!("`{key}: \"{}\"`", shown(text))),
        ("a true/false value", "yes" | "on" | "y") => "true",
        ("a true/false value", "no" | "off" | "n") => "false",
        _ => text,
    };
    T::read(text).ok().map(|_| format!("`{key}: {text}`"))
}

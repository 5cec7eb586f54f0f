//! Which modifiers and annotations a declaration may have.

use super::super::resolve::Fault;
use super::super::source::{At, Node};
use super::Modifiers;

/// What is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A class, interface or enum.
    Class,
    /// A method.
    Method,
    /// A constructor.
    Constructor,
    /// A field or property.
    Field,
    /// A local variable.
    Local,
    /// A parameter.
    Parameter,
}

impl Place {
    fn plural(self) -> &'static str {
        match self {
            Self::Class => "classes",
            Self::Method => "methods",
            Self::Field => "fields",
            Self::Local => "locals",
            Self::Constructor => "constructors",
            Self::Parameter => "parameters",
        }
    }

    fn allows(self, word: &str) -> bool {
        let scope = SCOPES.contains(&word);
        match self {
            Self::Class => {
                (scope && word != "protected")
                    || word.ends_with("sharing")
                    || ["virtual", "abstract", "final"].contains(&word)
            }
            Self::Method => {
                let words = [
                    "static",
                    "virtual",
                    "abstract",
                    "override",
                    "testmethod",
                    "webservice",
                    "final",
                ];
                scope || words.contains(&word)
            }
            Self::Field => {
                scope || ["static", "final", "transient", "webservice", "const"].contains(&word)
            }
            Self::Local => ["final", "transient"].contains(&word),
            Self::Parameter => word == "final",
            Self::Constructor => scope,
        }
    }
}

const SCOPES: [&str; 4] = ["public", "private", "protected", "global"];

/// An annotation: its name, where it may stand, and its properties where they are few and known
/// (Apex Developer Guide, "Apex Annotations").
type Annotation = (
    &'static str,
    &'static [Place],
    Option<&'static [&'static str]>,
);

const ALL: &[Place] = &[
    Place::Class,
    Place::Method,
    Place::Constructor,
    Place::Field,
    Place::Local,
    Place::Parameter,
];
const MEMBERS: &[Place] = &[
    Place::Class,
    Place::Method,
    Place::Constructor,
    Place::Field,
];
const METHOD: &[Place] = &[Place::Method];
const ANNOTATIONS: [Annotation; 19] = [
    (
        "AuraEnabled",
        &[Place::Method, Place::Field],
        Some(&["cacheable", "continuation", "scope"]),
    ),
    ("Deprecated", MEMBERS, None),
    ("Future", METHOD, Some(&["callout"])),
    ("HttpDelete", METHOD, None),
    ("HttpGet", METHOD, None),
    ("HttpPatch", METHOD, None),
    ("HttpPost", METHOD, None),
    ("HttpPut", METHOD, None),
    (
        "InvocableMethod",
        METHOD,
        Some(&[
            "callout",
            "capabilitytype",
            "category",
            "configurationeditor",
            "description",
            "iconname",
            "label",
        ]),
    ),
    (
        "InvocableVariable",
        &[Place::Field],
        Some(&[
            "defaultvalue",
            "description",
            "label",
            "placeholdertext",
            "required",
        ]),
    ),
    (
        "IsTest",
        &[Place::Class, Place::Method],
        Some(&[
            "critical",
            "isparallel",
            "oninstall",
            "seealldata",
            "testfor",
        ]),
    ),
    (
        "JsonAccess",
        &[Place::Class],
        Some(&["serializable", "deserializable"]),
    ),
    ("NamespaceAccessible", MEMBERS, None),
    ("ReadOnly", METHOD, None),
    ("RemoteAction", METHOD, None),
    ("RestResource", &[Place::Class], Some(&["urlmapping"])),
    ("SuppressWarnings", ALL, None),
    ("TestSetup", METHOD, None),
    ("TestVisible", MEMBERS, None),
];

/// Refuses modifiers and annotations that do not exist, do not belong there or exclude each other.
/// `at` is the name that is declared.
pub fn check(node: Node<'_>, modifiers: &Modifiers, place: Place, at: At) -> Result<(), Fault> {
    for (index, word) in modifiers.words.iter().enumerate() {
        if modifiers.words[..index].contains(word) {
            return Err(Fault::new(at, format!("Duplicate modifier: {word}")));
        }
        if !place.allows(word) {
            let text = format!("{word} is not allowed on {}", place.plural());
            return Err(Fault::new(at, text));
        }
    }
    let scopes = modifiers.words.iter();
    if scopes
        .filter(|word| SCOPES.contains(&word.as_str()))
        .count()
        > 1
    {
        return Err(Fault::new(at, "Declarations can only have one scope"));
    }
    match place {
        Place::Method => method(modifiers, at)?,
        Place::Class => class(modifiers, at)?,
        Place::Field | Place::Local | Place::Constructor | Place::Parameter => {}
    }
    annotations(node, place, at)
}

// What an annotation cannot do without.
fn required(annotation: Node<'_>, name: &str, at: At) -> Result<(), Fault> {
    if name != "RestResource" {
        return Ok(());
    }
    let text: String = annotation.text().split_whitespace().collect();
    let Some((_, url)) = text
        .to_ascii_lowercase()
        .split_once("urlmapping=")
        .map(|(_, url)| ((), url.to_owned()))
    else {
        let text = "Required property is missing: urlMapping";
        return Err(Fault::new(annotation.at(), text));
    };
    if !url.starts_with("'/") {
        let text = "Rest Resource url must begin with a forward slash, '/'";
        return Err(Fault::new(at, text));
    }
    Ok(())
}

fn class(modifiers: &Modifiers, at: At) -> Result<(), Fault> {
    if modifiers.has("final") {
        return Err(Fault::new(at, "classes are by default final"));
    }
    if modifiers.has("abstract") && modifiers.has("virtual") {
        return Err(Fault::new(at, "abstract are by default virtual"));
    }
    let sharing: Vec<&str> = ["with sharing", "without sharing", "inherited sharing"]
        .into_iter()
        .filter(|word| modifiers.has(word))
        .collect();
    if let [one, other, ..] = sharing[..] {
        let name = |word: &str| word.replace(" s", "S");
        let text = format!("{} classes cannot be {}", name(one), name(other));
        return Err(Fault::new(at, text));
    }
    Ok(())
}

fn method(modifiers: &Modifiers, at: At) -> Result<(), Fault> {
    if modifiers.has("final") {
        return Err(Fault::new(at, "methods are by default final"));
    }
    if modifiers.has("webservice") && !modifiers.has("static") {
        return Err(Fault::new(
            at,
            "webService methods must be declared as static",
        ));
    }
    for word in ["virtual", "abstract", "override"] {
        if modifiers.has("static") && modifiers.has(word) {
            return Err(Fault::new(at, format!("static methods cannot be {word}")));
        }
    }
    if modifiers.has("abstract") && modifiers.has("virtual") {
        return Err(Fault::new(at, "abstract are by default virtual"));
    }
    Ok(())
}

fn annotations(node: Node<'_>, place: Place, at: At) -> Result<(), Fault> {
    let list = node.child("modifiers").map(|list| list.children());
    let mut seen: Vec<String> = Vec::new();
    for annotation in list.unwrap_or_default() {
        if annotation.kind() != "annotation" {
            continue;
        }
        let written = annotation.field("name").map_or("", |name| name.text());
        let Some((name, places, properties)) = ANNOTATIONS
            .iter()
            .find(|(name, ..)| name.eq_ignore_ascii_case(written))
        else {
            let text = format!("Annotation does not exist: {written}");
            return Err(Fault::new(annotation.at(), text));
        };
        if !places.contains(&place) {
            let text = format!("{name} is not allowed on {}", place.plural());
            return Err(Fault::new(at, text));
        }
        if seen.iter().any(|other| other.eq_ignore_ascii_case(name)) {
            return Err(Fault::new(at, format!("Duplicate modifier: {name}")));
        }
        seen.push((*name).to_owned());
        required(annotation, name, at)?;
        let arguments = annotation.field("arguments").map(|list| list.children());
        for argument in arguments.unwrap_or_default() {
            let Some(key) = argument
                .field("key")
                .or_else(|| argument.children().first().copied())
            else {
                continue;
            };
            let known = properties
                .is_none_or(|known| known.contains(&key.text().to_ascii_lowercase().as_str()));
            if argument.kind() == "annotation_key_value" && !known {
                let key = key.text();
                return Err(Fault::new(
                    argument.at(),
                    format!("No such property, {key}, defined on this annotation: {name}"),
                ));
            }
        }
    }
    Ok(())
}

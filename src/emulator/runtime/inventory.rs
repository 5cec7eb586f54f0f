//! What the platform has, whether or not this runtime has it: names of classes with their members,
//! and of sObjects with their fields. So a name that is not known here is told from one that does
//! not exist.
//!
//! The tables were written by `inventory/make.py`. A `*` line lists names whose members are not
//! listed. `m/1,2,2` is a method with one overload of one parameter and two of two.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

static CLASSES: LazyLock<BTreeMap<String, Option<Members>>> =
    LazyLock::new(|| classes(include_str!("inventory/classes.txt")));

static OBJECTS: LazyLock<BTreeMap<String, Option<BTreeSet<String>>>> =
    LazyLock::new(|| objects(include_str!("inventory/objects.txt")));

// Objects that most others have beside them.
const DERIVED: [&str; 4] = ["feed", "history", "share", "changeevent"];

// The objects whose relationships to children are listed too.
const PARENTS: [&str; 6] = [
    "account",
    "case",
    "contact",
    "emailmessage",
    "lead",
    "opportunity",
];

// Fields of which an object has hundreds, not listed one by one.
const MANY: [&str; 3] = ["permissions", "userpermissions", "userpreferences"];

#[derive(Default)]
struct Members {
    parent: Option<String>,
    fields: BTreeSet<String>,
    methods: BTreeMap<String, Vec<usize>>,
}

/// What is known of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// The platform has it.
    Yes,
    /// The platform does not have it.
    No,
    /// The tables do not say.
    Unclear,
}

/// Whether the platform has a class of this qualified name, such as `Auth.JWT`; without a namespace
/// one of `System` or `Schema`.
pub fn has_class(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    CLASSES.contains_key(&name)
        || CLASSES.contains_key(&format!("system.{name}"))
        || CLASSES.contains_key(&format!("schema.{name}"))
}

/// Whether a name is a namespace of the platform.
pub fn has_namespace(name: &str) -> bool {
    let prefix = format!("{}.", name.to_ascii_lowercase());
    CLASSES
        .range(prefix.clone()..)
        .next()
        .is_some_and(|(class, _)| class.starts_with(&prefix))
}

/// The number of overloads with that many parameters; none if the tables do not say. `class` is
/// qualified; constructors are `<init>`.
pub fn overloads(class: &str, method: &str, parameters: usize) -> Option<usize> {
    let method = method.to_ascii_lowercase();
    let mut name = class.to_ascii_lowercase();
    let mut count = 0;
    for _ in 0..10 {
        let members = CLASSES.get(&name)?.as_ref()?;
        let found = members.methods.get(&method).into_iter().flatten();
        count += found.filter(|arity| **arity == parameters).count();
        match &members.parent {
            Some(parent) if method != "<init>" => name.clone_from(parent),
            _ => break,
        }
    }
    Some(count)
}

/// Whether a class has a static or instance variable or constant.
pub fn has_variable(class: &str, variable: &str) -> Known {
    let variable = variable.to_ascii_lowercase();
    let mut name = class.to_ascii_lowercase();
    for _ in 0..10 {
        let Some(Some(members)) = CLASSES.get(&name) else {
            return Known::Unclear;
        };
        if members.fields.contains(&variable) {
            return Known::Yes;
        }
        match &members.parent {
            Some(parent) => name.clone_from(parent),
            None => return Known::No,
        }
    }
    Known::Unclear
}

/// Whether there is a standard sObject of this name.
pub fn has_object(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let base = DERIVED.iter().find_map(|end| name.strip_suffix(end));
    OBJECTS.contains_key(&name) || base.is_some_and(|base| OBJECTS.contains_key(base))
}

/// Whether a standard sObject has a standard field or relationship.
pub fn has_field(object: &str, field: &str) -> Known {
    let field = field.to_ascii_lowercase();
    // What an org adds is known to the org alone.
    if field.ends_with("__c") || field.ends_with("__r") {
        return Known::No;
    }
    if MANY.iter().any(|start| field.starts_with(start)) {
        return Known::Unclear;
    }
    let object = object.to_ascii_lowercase();
    match OBJECTS.get(&object) {
        Some(Some(fields)) if fields.contains(&field) => Known::Yes,
        // It may be the plural of children.
        Some(Some(_)) if field.ends_with('s') && !PARENTS.contains(&object.as_str()) => {
            Known::Unclear
        }
        Some(Some(_)) => Known::No,
        _ if has_object(&object) => Known::Unclear,
        _ => Known::No,
    }
}

fn classes(text: &str) -> BTreeMap<String, Option<Members>> {
    let mut found = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let line = line.to_ascii_lowercase();
        let mut words = line.split(' ');
        let name = words.next().unwrap_or_default();
        if let Some(namespace) = name.strip_prefix('*') {
            found.extend(words.map(|class| (format!("{namespace}.{class}"), None)));
            continue;
        }
        let mut members = Members::default();
        for word in words {
            if let Some(parent) = word.strip_prefix('<').filter(|_| !word.contains('>')) {
                members.parent = Some(parent.to_owned());
            } else if let Some((method, counts)) = word.split_once('/') {
                let counts = counts.split(',').filter_map(|count| count.parse().ok());
                members.methods.insert(method.to_owned(), counts.collect());
            } else {
                members.fields.insert(word.to_owned());
            }
        }
        found.insert(name.to_owned(), Some(members));
    }
    found
}

fn objects(text: &str) -> BTreeMap<String, Option<BTreeSet<String>>> {
    let mut found = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let line = line.to_ascii_lowercase();
        let mut words = line.split(' ').map(str::to_owned);
        let name = words.next().unwrap_or_default();
        if name == "*" {
            found.extend(words.map(|object| (object, None)));
        } else {
            found.insert(name, Some(words.collect()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_and_members_are_found_in_any_case() {
        assert!(has_class("string") && has_class("System.String") && has_class("auth.JWT"));
        assert!(has_class("ConnectApi.FeedItem"));
        assert!(!has_class("Strin") && !has_class("System.Case"));
        assert!(has_namespace("connectapi") && !has_namespace("connect"));
        assert_eq!(overloads("System.String", "ABBREVIATE", 2), Some(1));
        assert_eq!(overloads("System.String", "abbreviate", 3), Some(0));
        assert_eq!(
            overloads("System.MathException", "getMessage", 0),
            Some(1),
            "inherited"
        );
        assert_eq!(overloads("System.MathException", "<init>", 1), Some(2));
        assert_eq!(overloads("ConnectApi.FeedItem", "x", 0), None);
        assert_eq!(has_variable("System.Math", "pi"), Known::Yes);
        assert_eq!(has_variable("System.Math", "tau"), Known::No);
        assert_eq!(has_variable("System.StatusCode", "x"), Known::Unclear);
    }

    #[test]
    fn objects_and_fields_are_found_in_any_case() {
        assert!(has_object("case") && has_object("CaseHistory") && has_object("Quote"));
        assert!(!has_object("Ticket") && !has_object("Foo__c"));
        assert_eq!(has_field("Case", "subject"), Known::Yes);
        assert_eq!(has_field("Case", "Contact"), Known::Yes);
        assert_eq!(has_field("Case", "Subjekt"), Known::No);
        assert_eq!(has_field("Case", "Mine__c"), Known::No);
        assert_eq!(has_field("Quote", "Anything"), Known::Unclear);
        assert_eq!(has_field("Ticket", "Id"), Known::No);
    }
}

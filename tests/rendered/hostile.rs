//! Values that would break out of where they stand, in every text of the config.
//!
//! What is accepted must come out as it went in: the rendered Apex has the same words and symbols
//! as with a harmless value, and its literals and XML texts hold the value.

use std::collections::BTreeSet;
use std::path::Path;

use opencx_sf::apex::{Source, parse_string_literal};
use opencx_sf::config::{Config, Secrets};
use opencx_sf::metadata::Component;
use opencx_sf::package::Package;
use opencx_sf::xml::{self, Element};
use serde_json::Value;

use crate::combinations::{combination_of, labels};
use crate::project::{Environment, integration, package};

const HOSTILE: [&str; 22] = [
    "'",
    "\\",
    "\\'",
    "\"",
    "'''",
    "\n",
    "\r\n",
    "\t",
    "*/",
    "/*",
    "//",
    "\u{2028}\u{2029}\u{feff}",
    "\u{202e}\u{2066}",
    "\u{0}",
    "🙂é",
    "\\u0027 + x + \\u0027",
    "'; System.abortJob(null); String s = '",
    "{!Contact.Name} {!$Credential.Password}",
    "{{ names.CaseTrigger }}{% if x %}{# y #}",
    "x${env:HOME}",
    "</endpoint><a b='c'/>&amp;&#0;]]><!--",
    "--><script>%0d%0aBcc: x@x.io",
];

/// Where every text of a config stands, as JSON pointers.
fn texts(tree: &Value, pointer: &str, found: &mut Vec<String>) {
    match tree {
        Value::String(_) => found.push(pointer.to_owned()),
        Value::Object(entries) => {
            for (key, value) in entries {
                texts(value, &format!("{pointer}/{key}"), found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                texts(value, &format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn hostile_values_stay_where_they_belong() {
    let mut accepted = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for label in labels() {
        let config: Value = serde_json::from_str(&combination_of(&label).config).unwrap();
        let mut pointers = Vec::new();
        texts(&config, "", &mut pointers);
        let fresh: Vec<String> = pointers
            .into_iter()
            .filter(|pointer| seen.insert(pointer.clone()))
            .collect();
        let harmless = package(&integration(&config.to_string()));
        for pointer in fresh {
            let old = config.pointer(&pointer).unwrap().as_str().unwrap();
            for hostile in HOSTILE {
                let accepted_form = values(hostile).into_iter().find_map(|new| {
                    let mut config = config.clone();
                    *config.pointer_mut(&pointer).unwrap() = Value::from(new.as_str());
                    let config = Config::parse(Path::new("opencx.yaml"), &config.to_string());
                    let integration = config
                        .and_then(|config| config.integration(&Environment, Secrets::Required));
                    Some((new, integration.ok()?))
                });
                if let Some((new, integration)) = accepted_form {
                    compare(&harmless, &package(&integration), old, &new, &pointer);
                    accepted.insert(pointer.clone());
                }
            }
        }
    }
    for pointer in [
        "/email_cases/reply_to",
        "/email_cases/outbound/sender/display_name",
        "/email_cases/outbound/sender/org_wide_address",
    ] {
        assert!(
            accepted.contains(pointer),
            "{pointer} takes nothing hostile"
        );
    }
}

/// A hostile text in the forms that a key may want; the first that is accepted counts.
fn values(hostile: &str) -> [String; 4] {
    [
        hostile.to_owned(),
        format!("a{hostile}b"),
        format!("a{hostile}b@acme.example"),
        format!("\"a{hostile}b\"@acme.example"),
    ]
}

#[track_caller]
fn compare(harmless: &Package, hostile: &Package, old: &str, new: &str, pointer: &str) {
    let what = format!("{pointer} = {new:?}");
    let ids = |package: &Package| Vec::from_iter(package.components.keys().cloned());
    assert_eq!(ids(harmless), ids(hostile), "{what}");
    let is_right = |before: &str, after: &str| before == after || before.replace(old, new) == after;
    for (before, after) in harmless
        .components
        .values()
        .zip(hostile.components.values())
    {
        if before == after {
            continue;
        }
        let id = &before.id;
        let (words, literals) = parts(before);
        let (new_words, new_literals) = parts(after);
        assert_eq!(words, new_words, "{id}, {what}");
        assert_eq!(literals.len(), new_literals.len(), "{id}, {what}");
        for (literal, new_literal) in literals.iter().zip(&new_literals) {
            assert!(
                is_right(literal, new_literal),
                "{id}, {what}: {new_literal}"
            );
        }
        let (tree, new_tree) = (tree(before), tree(after));
        assert_eq!(tree.len(), new_tree.len(), "{id}, {what}");
        for ((name, text), (new_name, new_text)) in tree.iter().zip(&new_tree) {
            assert_eq!(name, new_name, "{id}, {what}");
            // The marker has the digest of the component.
            let is_marker = text.contains("opencx-sf template=");
            assert!(
                is_marker || is_right(text, new_text),
                "{id}, {what}: {new_text}"
            );
        }
    }
}

/// The Apex of a component without its literals, comments and spaces, and the literals' values.
fn parts(component: &Component) -> (String, Vec<String>) {
    let Some(text) = &component.source else {
        return Default::default();
    };
    let source = Source::parse(text);
    assert_eq!(source.errors(), [], "{}", component.id);
    let literals = source.string_literals();
    let mut rest = String::new();
    let mut end = 0;
    let mut cut: Vec<&str> = literals.iter().map(|literal| literal.text).collect();
    cut.extend(source.comments().iter().map(|comment| comment.text));
    // Pieces of the text itself: their addresses say where they stand.
    let start_of = |piece: &str| piece.as_ptr() as usize - text.as_ptr() as usize;
    cut.sort_by_key(|piece| start_of(piece));
    for piece in cut {
        let start = start_of(piece);
        if start >= end {
            rest.push_str(&text[end..start]);
            end = start + piece.len();
        }
    }
    rest.push_str(&text[end..]);
    rest.retain(|c| !c.is_whitespace());
    let values = literals.iter();
    let values = values.map(|literal| parse_string_literal(literal.text).unwrap());
    (rest, values.collect())
}

/// Name and text of every element.
fn tree(component: &Component) -> Vec<(String, String)> {
    fn add(element: &Element, found: &mut Vec<(String, String)>) {
        found.push((element.name.clone(), element.text.clone()));
        for child in &element.children {
            add(child, found);
        }
    }
    let mut found = Vec::new();
    add(&xml::parse(&component.xml).unwrap(), &mut found);
    found
}

/// Where every text that isn't one of a few words can stand, by the schema of the config.
fn places(schema: &Value, node: &Value, pointer: &str, found: &mut BTreeSet<String>) {
    let node = match node["$ref"].as_str() {
        Some(reference) => schema.pointer(reference.trim_start_matches('#')).unwrap(),
        None => node,
    };
    let ways = node["anyOf"]
        .as_array()
        .map_or(vec![node], |ways| ways.iter().collect());
    if ways
        .iter()
        .any(|way| way["type"] == "string" && way["enum"].is_null())
    {
        found.insert(pointer.to_owned());
    }
    for way in ways {
        for (key, value) in way["properties"].as_object().into_iter().flatten() {
            places(schema, value, &format!("{pointer}/{key}"), found);
        }
    }
}

#[test]
fn the_option_table_has_every_text_of_the_config() {
    let schema: Value = serde_json::from_str(&opencx_sf::config::schema()).unwrap();
    let mut wanted = BTreeSet::new();
    places(&schema, &schema, "", &mut wanted);
    // What says where things are, not what is rendered.
    wanted.retain(|pointer| pointer.starts_with("/email_cases/"));
    let mut known = Vec::new();
    for label in labels() {
        let config: Value = serde_json::from_str(&combination_of(&label).config).unwrap();
        texts(&config, "", &mut known);
    }
    let known: BTreeSet<String> = known.into_iter().collect();
    let missing: Vec<&String> = wanted.difference(&known).collect();
    assert!(
        missing.is_empty(),
        "tests/rendered/options.yaml lacks {missing:?}"
    );
    assert!(wanted.contains("/email_cases/reply_to"));
}

//! The table of options in the README is that of the JSON Schema: each key once, in its order, with
//! its default.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

use opencx_sf::config::schema;
use serde_json::Value;

/// Sections whose keys the user chooses, or that only repeat others.
const WHOLE: &[&str] = &["email_cases.names", "orgs"];

/// Path and default of every key below a schema, in its order.
fn keys(root: &Value, of: &Value, path: &str, found: &mut Vec<(String, String)>) {
    let of = match of["$ref"].as_str() {
        Some(reference) => root.pointer(&reference[1..]).unwrap(),
        None => of,
    };
    match of["properties"].as_object() {
        Some(properties) if !WHOLE.contains(&path) => {
            for (name, below) in properties {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                keys(root, below, &path, found);
            }
        }
        _ => {
            let default = match &of["default"] {
                Value::Null => String::new(),
                Value::String(text) => format!("`{text}`"),
                other => format!("`{other}`"),
            };
            found.push((format!("`{path}`"), default));
        }
    }
}

#[test]
fn every_option_is_in_the_table_with_its_default() {
    let root: Value = serde_json::from_str(&schema()).unwrap();
    let mut expected = Vec::new();
    keys(&root, &root, "", &mut expected);
    let (_, table) = include_str!("../README.md")
        .split_once("| key | default | what it decides |\n| --- | --- | --- |\n")
        .expect("the table of the config");
    let rows: Vec<(String, String)> = table
        .lines()
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let mut cells = line.split('|').map(str::trim).skip(1);
            let mut next = || cells.next().unwrap_or_default().to_owned();
            (next(), next())
        })
        .collect();
    assert_eq!(rows, expected);
}

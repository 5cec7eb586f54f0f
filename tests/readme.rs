//! Tables of the README are those of the tool: options with their defaults, symptoms with their checks,
//! commands with their manual pages.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

use opencx_sf::config::schema;
use opencx_sf::doctor::{Match, SYMPTOMS, recognise};
use opencx_sf::help;
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

/// The rows of the table with that head, cell by cell.
fn table(head: &str) -> Vec<Vec<&'static str>> {
    let (_, rows) = include_str!("../README.md").split_once(head).expect(head);
    rows.lines()
        .skip(1)
        .skip_while(|line| line.starts_with("| ---"))
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect()
}

/// What stands in backquotes.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_symptom_is_in_its_table_with_its_checks() {
    let rows = table("| symptom | what doctor looks at and says | its checks, likeliest first |");
    assert_eq!(rows.len(), SYMPTOMS.len());
    let pages = help::pages();
    for (row, symptom) in rows.iter().zip(SYMPTOMS) {
        assert_eq!(recognise(row[0]), Match::Is(symptom), "{}", row[0]);
        let checks: Vec<String> = quoted(row[2])
            .iter()
            .map(|check| format!("doctor/{check}"))
            .collect();
        assert_eq!(checks, symptom.path, "{}", symptom.name);
        for check in checks {
            assert!(pages.iter().any(|page| page.code == check), "{check}");
        }
    }
}

#[test]
fn every_command_has_a_manual_page_with_its_options() {
    let folder = tempfile::tempdir().unwrap();
    let binary = env!("CARGO_BIN_EXE_opencx-sf");
    let man = |args: &[&str]| {
        let mut command = std::process::Command::new(binary);
        command.arg("man").args(args).current_dir(folder.path());
        let ran = command.output().unwrap();
        assert!(ran.status.success(), "{ran:?}");
        String::from_utf8(ran.stdout).unwrap()
    };
    assert!(man(&[]).contains(".TH opencx-sf 1"));
    man(&["--out", "pages"]);
    let page = |name: &str| {
        let path = folder.path().join(format!("pages/{name}.1"));
        std::fs::read_to_string(path).expect(name)
    };
    for row in table("| command | what it does |") {
        for command in quoted(row[0]) {
            let name = command.split_whitespace().next().unwrap();
            let text = page(&format!("opencx-sf-{name}"));
            assert!(text.contains(".SH OPTIONS"), "{name}: {text}");
        }
    }
    assert!(page("opencx-sf-doctor").contains("request\\-token"));
    assert!(page("opencx-sf-miaw-keygen").contains("Auth Key ID"));
}

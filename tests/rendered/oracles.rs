//! `tests/apex/ORACLES.md`: every behaviour has a test, or says why only an org can show it.

use std::path::Path;

/// How many behaviours there are.
const BEHAVIOURS: usize = 89;

/// The rows of the table: number, behaviour, what shows it.
fn rows() -> Vec<(usize, String, String)> {
    let text = include_str!("../apex/ORACLES.md");
    let mut rows = Vec::new();
    for line in text.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.trim_matches('|').splitn(3, " | ").collect();
        let [number, behaviour, shown] = cells.as_slice() else {
            panic!("{line}");
        };
        if let Ok(number) = number.trim().parse() {
            rows.push((number, (*behaviour).to_owned(), shown.trim().to_owned()));
        }
    }
    rows
}

/// The tests that a cell names: `Class.method` of Apex, `path.rs::function` of Rust.
fn tests_in(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// Whether there is such a test.
fn exists(test: &str) -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if let Some((path, function)) = test.split_once("::") {
        let text = std::fs::read_to_string(root.join(path)).unwrap_or_default();
        let declared = format!("fn {function}(");
        return text
            .split("#[test]")
            .skip(1)
            .any(|test| test.contains(&declared));
    }
    let Some((class, method)) = test.split_once('.') else {
        return false;
    };
    let text = ["templates/classes", "tests/apex"]
        .iter()
        .find_map(|folder| {
            std::fs::read_to_string(root.join(folder).join(format!("{class}.cls"))).ok()
        });
    let declared = format!("static void {method}() {{");
    text.is_some_and(|text| text.contains(&declared))
}

#[test]
fn every_behaviour_is_in_the_table_once() {
    let numbers: Vec<usize> = rows().iter().map(|(number, ..)| *number).collect();
    assert_eq!(numbers, Vec::from_iter(1..=BEHAVIOURS));
}

#[test]
fn every_behaviour_has_a_test_or_a_reason() {
    let mut missing = Vec::new();
    for (number, behaviour, shown) in rows() {
        assert!(behaviour.len() > 20, "{number}");
        let tests = tests_in(&shown);
        if tests.is_empty() && !shown.starts_with("Only in an org: ") {
            missing.push(format!("{number}: {shown}"));
        }
        for test in tests.into_iter().filter(|test| !exists(test)) {
            missing.push(format!("{number}: there is no test {test}"));
        }
    }
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}

#[test]
fn a_test_that_does_not_exist_is_noticed() {
    assert!(exists(
        "tests/rendered/oracles.rs::a_test_that_does_not_exist_is_noticed"
    ));
    assert!(!exists("tests/rendered/oracles.rs::rows"));
    assert!(!exists("OpenCxWebhookTest.doesNothing"));
    assert!(!exists("OpenCxWebhookTest"));
}

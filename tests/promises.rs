//! What SECURITY.md and tests/FAULTS.md promise names tests, and there are such tests.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;

use std::collections::BTreeSet;

use common::root;

/// The last cell of each row of a document's tables of promises.
fn cells(document: &str, rows: impl Fn(&str) -> bool) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(document)).unwrap();
    let rows = text
        .lines()
        .filter(|line| line.starts_with("| ") && rows(line));
    rows.map(|row| {
        let row = row.trim_end_matches(" |");
        row.rsplit_once(" | ").unwrap().1.to_owned()
    })
    .collect()
}

/// The sources with the names of their functions.
struct Sources {
    files: Vec<(String, String)>,
    functions: BTreeSet<String>,
}

impl Sources {
    fn read() -> Self {
        let mut files = Vec::new();
        for folder in ["src", "tests"] {
            for entry in walkdir::WalkDir::new(root().join(folder)) {
                let path = entry.unwrap().into_path();
                if path.extension().is_some_and(|suffix| suffix == "rs") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    let name = path.strip_prefix(root()).unwrap().with_extension("");
                    files.push((name.display().to_string().replace('\\', "/"), text));
                }
            }
        }
        let lines = files.iter().flat_map(|(_, text)| text.lines());
        let functions = lines.filter_map(|line| {
            let (before, rest) = line.split_once("fn ")?;
            let name = rest.split(['(', '<']).next()?;
            let is_item = before
                .split_whitespace()
                .all(|word| word == "async" || word.starts_with("pub"));
            is_item.then(|| name.to_owned())
        });
        let functions = functions.collect();
        Self { files, functions }
    }

    /// Whether there is a file or a folder of that module, or of the one that it is in.
    fn has_module(&self, path: &str) -> bool {
        let path = path.replace("::", "/");
        let path = path.trim_start_matches("tests/").trim_end_matches(".rs");
        let is_there = |path: &str| {
            self.files.iter().any(|(file, _)| {
                ["src", "tests"].iter().any(|folder| {
                    file.strip_prefix(&format!("{folder}/"))
                        .and_then(|file| file.strip_prefix(path))
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                })
            })
        };
        is_there(path)
            || path
                .rsplit_once('/')
                .is_some_and(|(above, _)| is_there(above))
    }

    /// Whether there is that test, or one whose name begins like that: `killed_…`.
    fn has_test(&self, name: &str) -> bool {
        match name.strip_suffix('…') {
            Some(start) => self.functions.iter().any(|name| name.starts_with(start)),
            None => self.functions.contains(name),
        }
    }

    fn keep(&self, promised: &str) -> bool {
        match promised.split_once(": ") {
            Some(("…", test)) => self.has_test(test),
            Some((module, test)) => self.has_module(module) && self.has_test(test),
            None => self.has_module(promised) || self.has_test(promised),
        }
    }
}

#[test]
fn every_test_that_is_named_is_there() {
    let sources = Sources::read();
    assert!(!sources.keep("login: no_such_test") && !sources.keep("no::such::module"));
    let faults = cells("tests/FAULTS.md", |row| row.starts_with("| F"));
    let promises = cells("SECURITY.md", |row| {
        !row.starts_with("| ---") && !row.starts_with("| promise")
    });
    assert!(!promises.is_empty());
    let mut broken = Vec::new();
    for cell in faults.iter().chain(&promises) {
        let named: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "no test: {cell}");
        broken.extend(named.into_iter().filter(|name| !sources.keep(name)));
    }
    assert_eq!(broken, [""; 0]);
}

#[test]
fn every_fault_has_its_row() {
    let text = std::fs::read_to_string(root().join("tests/FAULTS.md")).unwrap();
    let first_cells = text
        .lines()
        .filter_map(|line| line.strip_prefix("| F")?.split(" | ").next());
    let known: Vec<u32> = first_cells
        .flat_map(|cell| cell.split(", "))
        .map(|number| number.trim_start_matches('F').parse().unwrap())
        .collect();
    let wanted: Vec<u32> = (1..=75).chain(81..=84).collect();
    let missing = wanted.iter().find(|number| !known.contains(number));
    assert_eq!(missing, None);
}

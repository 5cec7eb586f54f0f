//! The local org's runtime and that of the checkers, test by test: they agree, or
//! `tests/rendered/differences.yaml` says why they don't, by Salesforce's documentation.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use opencx_sf::emulator::runtime::{Outcome, TestRun};
use serde::Deserialize;

use crate::apex_tests;
use crate::combinations::combinations;
use crate::external::{Ended, each, folder, run, seconds, text};
use crate::mutations::{self, Mutation, Share};
use crate::project::{source_files, write};
use crate::runtime::{Sources, run as run_here, subject};
use crate::runtime::{schema, sources};

/// What the two may differ in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Difference {
    /// `PASS`, `FAIL` or `UNSUPPORTED`.
    here: String,
    /// The same by the runtime of the checkers.
    there: String,
    /// How what it says of the test begins.
    detail: String,
    /// Why, by which page of Salesforce's documentation.
    because: String,
}

/// One line of `apex-run.sh --json`.
#[derive(Debug, Deserialize)]
struct Line {
    test: String,
    status: String,
    detail: String,
}

fn differences() -> Vec<Difference> {
    serde_yaml::from_str(include_str!("differences.yaml")).unwrap()
}

/// `Class.method` → PASS, FAIL or UNSUPPORTED.
fn here(run: &TestRun) -> BTreeMap<String, String> {
    let status = |outcome: &Outcome| match outcome {
        Outcome::Passed => "PASS",
        Outcome::Failed(_) => "FAIL",
        Outcome::Unsupported { .. } => "UNSUPPORTED",
    };
    let results = run.results.iter();
    results
        .map(|one| {
            let test = format!("{}.{}", one.class, one.method);
            (test, status(&one.outcome).to_owned())
        })
        .collect()
}

/// How the checkers run these Apex tests.
fn run_there(files: &BTreeMap<String, String>, name: &str) -> Ended {
    let path = folder("second-opinion").join(name);
    write(&path, files);
    run("apex-run.sh", &["--json", text(&path)])
}

/// The same as [`here`] by the checkers: status and detail.
fn there(ended: &Ended) -> BTreeMap<String, (String, String)> {
    let lines = ended.text.lines().filter(|line| line.starts_with('{'));
    lines
        .filter_map(|line| serde_json::from_str::<Line>(line).ok())
        .map(|line| (line.test, (line.status, line.detail)))
        .collect()
}

/// Where the two disagree. A test that would not end is said to fail by both.
fn disagreements(
    name: &str,
    here: &BTreeMap<String, String>,
    there: &BTreeMap<String, (String, String)>,
    known: &[Difference],
) -> Vec<String> {
    let tests: BTreeSet<&String> = here.keys().chain(there.keys()).collect();
    let mut found = Vec::new();
    for test in tests {
        let ours = here.get(test).map_or("not run", String::as_str);
        let (theirs, detail) = there
            .get(test)
            .map_or(("not run", ""), |(status, detail)| (status, detail));
        let is_known = known.iter().any(|one| {
            (one.here.as_str(), one.there.as_str()) == (ours, theirs)
                && detail.starts_with(&one.detail)
        });
        if ours != theirs && !is_known {
            found.push(format!(
                "{name}: {test}: {ours} here, {theirs} there: {detail}"
            ));
        }
    }
    found
}

#[test]
fn every_difference_has_its_reason() {
    for difference in differences() {
        assert_ne!(difference.here, difference.there);
        assert!(difference.detail.len() > 10, "{difference:?}");
        assert!(difference.because.len() > 40, "{difference:?}");
    }
}

#[test]
#[ignore = "needs the checkers, see tests/checkers.sh"]
fn both_runtimes_agree_on_every_combination() {
    let start = Instant::now();
    let mut known: BTreeSet<Sources> = BTreeSet::new();
    let mut subjects = Vec::new();
    for combination in combinations() {
        let package = crate::project::package(&crate::project::integration(&combination.config));
        if known.insert(sources(&package)) {
            subjects.push((subjects.len(), combination, package));
        }
    }
    let differences = differences();
    let wrong = each(&subjects, |(index, combination, package)| {
        let here = here(&run_here(&sources(package), &schema(package)).unwrap());
        let files = source_files(&combination.config);
        let there = there(&run_there(&files, &format!("combination-{index:02}")));
        disagreements(&combination.name, &here, &there, &differences)
    });
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    println!("{} {} combinations", seconds(start), subjects.len());
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
#[ignore = "needs the checkers, see tests/checkers.sh"]
fn both_runtimes_notice_every_mutation_but_the_known_ones() {
    let start = Instant::now();
    let numbered: Vec<(usize, Mutation)> =
        Share::asked_for("1/1").of(mutations::mutations().into_iter().enumerate().collect());
    let differences = differences();
    let wrong = each(&numbered, |(index, mutation)| {
        let (sources, schema) = subject(&mutation.options);
        let here = here(&run_here(&mutation.apply_to(sources), &schema).unwrap());
        let files = mutation.apply(apex_tests::project(&mutation.options));
        let ended = run_there(&files, &format!("mutation-{index:03}"));
        let mut wrong = Vec::from_iter(mutation.contradiction(&ended));
        let there = there(&ended);
        // A mutant without end runs into the patience of the one and the CPU limit of the other.
        if there.is_empty() {
            let ends = here.values().all(|status| status == "PASS");
            wrong.extend(ends.then(|| format!("{}: no end there", mutation.fault)));
        } else if mutation.otherwise_there.is_none() {
            wrong.extend(disagreements(&mutation.fault, &here, &there, &differences));
        }
        wrong
    });
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    println!("{} {} mutations", seconds(start), numbered.len());
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

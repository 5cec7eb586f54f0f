//! The local org's runtime and that of the checkers, test by test: they agree, or
//! `tests/rendered/differences.yaml` says why they don't, by Salesforce's documentation.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use opencx_sf::emulator::runtime::{Outcome, TestRun};
use serde::Deserialize;

use crate::apex_tests;
use crate::external::{Ended, each, folder, run, seconds, text};
use crate::mutations::{self, Mutation, Share};
use crate::project::write;
use crate::runtime::{run as run_here, subject};

/// What the two may differ in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// `PASS`, `FAIL` or `UNSUPPORTED`.
    here: String,
    /// The same by the runtime of the checkers.
    there: String,
    /// How what it says of the test begins.
    detail: String,
    /// Why, by which page of Salesforce's documentation.
    because: String,
}

pub fn differences() -> Vec<Difference> {
    serde_yaml::from_str(include_str!("differences.yaml")).unwrap()
}

/// `Class.method` → PASS, FAIL or UNSUPPORTED.
pub fn here(run: &TestRun) -> BTreeMap<String, String> {
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

/// The same as [`here`] by the checkers: status and detail.
pub fn there(ended: &Ended) -> BTreeMap<String, (String, String)> {
    let tests = ended.apex_tests();
    tests
        .map(|one| (one.test, (one.status, one.detail)))
        .collect()
}

/// Where the two disagree. A test that would not end is said to fail by both.
pub fn disagreements(
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
fn both_runtimes_notice_every_mutation_but_the_known_ones() {
    let start = Instant::now();
    let numbered: Vec<(usize, Mutation)> =
        Share::asked_for("1/1").of(mutations::mutations().into_iter().enumerate().collect());
    let differences = differences();
    let wrong = each(&numbered, |(index, mutation)| {
        let (sources, schema) = subject(&mutation.options);
        let here = here(&run_here(&mutation.apply_to(sources), &schema).unwrap());
        let files = mutation.apply(apex_tests::project(&mutation.options));
        let path = folder("second-opinion").join(format!("mutation-{index:03}"));
        write(&path, &files);
        let ended = run("apex-run.sh", &["--json", text(&path)]);
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

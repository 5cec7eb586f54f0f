//! Faults put into the rendered Apex, one at a time: do the Apex tests notice?

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use serde::Deserialize;

use crate::apex_tests::project;
use crate::external::{each, folder, run, seconds, text};
use crate::project::write;

/// One fault, an entry of `tests/rendered/mutations.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mutation {
    /// What goes wrong; its name.
    fault: String,
    /// The file that it is in.
    file: String,
    /// The text to replace, which is in the file once.
    from: String,
    /// What to put in its place.
    to: String,
    /// The options that the Apex is rendered with, where they are not the defaults.
    #[serde(default)]
    options: String,
    /// Why no test notices.
    survives: Option<String>,
}

impl Mutation {
    /// The project with the fault in it.
    #[track_caller]
    fn apply(&self, mut files: BTreeMap<String, String>) -> BTreeMap<String, String> {
        let Self { fault, file, .. } = self;
        let suffix = format!("/{file}");
        let text = files.iter_mut().find(|(path, _)| path.ends_with(&suffix));
        let (_, text) = text.unwrap_or_else(|| panic!("{fault}: there is no {file}"));
        let times = text.matches(&self.from).count();
        assert_eq!(times, 1, "{fault}: in {file} is this text:\n{}", self.from);
        *text = text.replacen(&self.from, &self.to, 1);
        files
    }
}

fn mutations() -> Vec<Mutation> {
    serde_yaml::from_str(include_str!("mutations.yaml")).unwrap()
}

/// The projects of the options that faults are tried with.
fn projects(mutations: &[Mutation]) -> BTreeMap<&str, BTreeMap<String, String>> {
    let options: BTreeSet<&str> = mutations.iter().map(|m| m.options.as_str()).collect();
    let options = options.into_iter();
    options.map(|options| (options, project(options))).collect()
}

#[test]
fn every_mutation_changes_something() {
    let mutations = mutations();
    assert!(mutations.len() >= 60, "{}", mutations.len());
    let names: BTreeSet<&str> = mutations.iter().map(|m| m.fault.as_str()).collect();
    assert_eq!(names.len(), mutations.len(), "two have one name");
    let projects = projects(&mutations);
    for mutation in &mutations {
        let before = &projects[mutation.options.as_str()];
        assert_ne!(&mutation.apply(before.clone()), before);
    }
}

#[test]
fn nine_in_ten_are_said_to_be_noticed() {
    let mutations = mutations();
    let survivors = mutations.iter().filter(|m| m.survives.is_some()).count();
    assert!(survivors * 10 <= mutations.len(), "{survivors} survive");
}

#[test]
#[ignore = "needs the checkers, see tests/checkers.sh"]
fn every_mutation_but_the_known_ones_is_noticed() {
    let start = Instant::now();
    let mutations = mutations();
    let projects = projects(&mutations);
    let numbered: Vec<(usize, &Mutation)> = mutations.iter().enumerate().collect();
    let outcomes = each(&numbered, |(index, mutation)| {
        let path = folder("mutations").join(format!("{index:03}"));
        let files = projects[mutation.options.as_str()].clone();
        write(&path, &mutation.apply(files));
        let ended = run("apex-run.sh", &[text(&path)]);
        let fault = &mutation.fault;
        // Exit 1: a test failed. Without an end it would run into a limit of the platform.
        match (ended.code, &mutation.survives) {
            (Some(1) | None, None) | (Some(0), Some(_)) => None,
            (Some(1) | None, Some(_)) => Some(format!("{fault}: is noticed by now")),
            (Some(0), None) => Some(format!("{fault}: no test notices")),
            (code, _) => Some(format!("{fault}: exit {code:?}\n{}", ended.text)),
        }
    });
    let wrong: Vec<String> = outcomes.into_iter().flatten().collect();
    println!("{} {} mutations", seconds(start), mutations.len());
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

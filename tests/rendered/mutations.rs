//! Faults put into the rendered Apex, one at a time: do the Apex tests notice, or else a scenario of
//! `simulate`?

use std::collections::{BTreeMap, BTreeSet};

use opencx_sf::config::Integration;
use opencx_sf::emulator::runtime::{Outcome, Schema};
use opencx_sf::emulator::{EmulatedOrg, Options};
use opencx_sf::simulate::{self, Scenario, Verdict};
use serde::Deserialize;

use crate::apex_tests::project;
use crate::combinations::combination_of;
use crate::external::{Ended, each};
use crate::project::{integration, package};
use crate::runtime::{Sources, compile, org, subject};

/// One fault, an entry of `tests/rendered/mutations.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutation {
    /// What goes wrong; its name.
    pub fault: String,
    /// The file that it is in.
    file: String,
    /// The text to replace, which is in the file once.
    from: String,
    /// What to put in its place.
    to: String,
    /// The options that the Apex is rendered with, where they are not the defaults.
    #[serde(default)]
    pub options: String,
    /// The scenario that notices, where no Apex test can.
    scenario: Option<String>,
    /// Why neither a test nor a scenario notices.
    survives: Option<String>,
    /// Why it is otherwise in the runtime of the checkers, which notices where no test here does, or does
    /// not where one does: by which page of Salesforce's documentation.
    pub otherwise_there: Option<String>,
}

impl Mutation {
    /// The project with the fault in it.
    #[track_caller]
    pub fn apply(&self, mut files: BTreeMap<String, String>) -> BTreeMap<String, String> {
        let Self { fault, file, .. } = self;
        let suffix = format!("/{file}");
        let text = files.iter_mut().find(|(path, _)| path.ends_with(&suffix));
        let (_, text) = text.unwrap_or_else(|| panic!("{fault}: there is no {file}"));
        self.replace_in(text);
        files
    }

    /// The same for what is compiled in this process.
    #[track_caller]
    pub fn apply_to(&self, mut sources: Sources) -> Sources {
        let Self { fault, file, .. } = self;
        let name = file.split('.').next().unwrap();
        let text = sources
            .iter_mut()
            .find(|(id, _)| id.full_name.as_str() == name);
        let (_, text) = text.unwrap_or_else(|| panic!("{fault}: there is no {file}"));
        self.replace_in(text);
        sources
    }

    /// What is wrong with what the table says of this one, by how its Apex tests ended in the runtime
    /// of the checkers.
    pub fn contradiction(&self, ended: &Ended) -> Option<String> {
        let fault = &self.fault;
        // Exit 1: a test failed. Without an end it would run into a limit of the platform.
        let survives_here = self.survives.is_some() || self.scenario.is_some();
        let survives = survives_here != self.otherwise_there.is_some();
        match (ended.code, survives) {
            (Some(1) | None, false) | (Some(0), true) => None,
            (Some(1) | None, true) => Some(format!("{fault}: is noticed by now")),
            (Some(0), false) => Some(format!("{fault}: no test notices")),
            (code, _) => Some(format!("{fault}: exit {code:?}\n{}", ended.text)),
        }
    }

    #[track_caller]
    fn replace_in(&self, text: &mut String) {
        let Self { fault, file, .. } = self;
        let times = text.matches(&self.from).count();
        assert_eq!(times, 1, "{fault}: in {file} is this text:\n{}", self.from);
        *text = text.replacen(&self.from, &self.to, 1);
    }
}

pub fn mutations() -> Vec<Mutation> {
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
fn nineteen_in_twenty_are_said_to_be_noticed() {
    let mutations = mutations();
    let survivors = mutations.iter().filter(|m| m.survives.is_some()).count();
    assert!(survivors * 20 <= mutations.len(), "{survivors} survive");
    let both = |m: &&Mutation| m.survives.is_some() && m.scenario.is_some();
    assert!(!mutations.iter().any(|m| both(&m)), "one or the other");
}

/// Which faults are tried: all, or a share of them, `2/5` for the second of five.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    number: usize,
    count: usize,
}

impl Share {
    /// From `OPENCX_SF_MUTATIONS`, which CI sets to another share with each commit.
    pub fn asked_for(otherwise: &str) -> Self {
        Self::of_variable("OPENCX_SF_MUTATIONS", otherwise)
    }

    /// From an environment variable.
    pub fn of_variable(variable: &str, otherwise: &str) -> Self {
        let asked_for = std::env::var_os(variable).unwrap_or_else(|| otherwise.into());
        let text = asked_for.to_string_lossy();
        Self::read(&text).unwrap_or_else(|| panic!("{variable}={text} is no share like 2/5"))
    }

    fn read(text: &str) -> Option<Self> {
        let (number, count) = text.split_once('/')?;
        let (number, count) = (number.parse().ok()?, count.parse().ok()?);
        let is_share = (1..=count).contains(&number);
        is_share.then_some(Self { number, count })
    }

    /// Neighbours are about one class and go to different shares.
    pub fn of<T>(self, all: Vec<T>) -> Vec<T> {
        let own = all.into_iter().skip(self.number - 1);
        own.step_by(self.count).collect()
    }
}

#[test]
fn shares_together_are_all() {
    let shares: Vec<Share> = ["1/3", "2/3", "3/3"]
        .map(|text| Share::read(text).unwrap())
        .into();
    let all: Vec<usize> = (0..10).collect();
    let taken: BTreeSet<usize> = shares.iter().flat_map(|s| s.of(all.clone())).collect();
    assert_eq!(taken, all.iter().copied().collect());
    assert_eq!(shares[1].of(all), [1, 4, 7]);
    for text in ["", "1", "0/3", "4/3", "1/0", "a/b"] {
        assert!(Share::read(text).is_none(), "{text}");
    }
}

/// What is wrong with what the table says of the mutations, by the runtime of the local org.
fn contradictions(mutations: &[Mutation]) -> Vec<String> {
    let options: BTreeSet<&str> = mutations.iter().map(|m| m.options.as_str()).collect();
    let subjects: BTreeMap<&str, _> = options.into_iter().map(|o| (o, subject(o))).collect();
    let outcomes = each(mutations, |mutation| {
        let (sources, schema) = &subjects[mutation.options.as_str()];
        let sources = mutation.apply_to(sources.clone());
        let noticed = notices(&sources, schema, mutation.file.split('.').next().unwrap());
        let contradiction = match noticed {
            Ok(true) if mutation.survives.is_none() && mutation.scenario.is_none() => None,
            Ok(true) => Some("an Apex test notices by now".to_owned()),
            Ok(false) => played_out(mutation, &sources),
            Err(problem) => Some(problem),
        };
        contradiction.map(|text| format!("{}: {text}", mutation.fault))
    });
    outcomes.into_iter().flatten().collect()
}

/// What is wrong with what the table says of a mutation that no Apex test notices: the scenario that
/// it names has to fail, and every one to pass where it says that nothing notices.
fn played_out(mutation: &Mutation, sources: &Sources) -> Option<String> {
    let mut scenarios = Scenario::shipped().unwrap();
    if let Some(name) = &mutation.scenario {
        scenarios.retain(|scenario| scenario.name == *name);
        assert_eq!(scenarios.len(), 1, "{name}");
    }
    let integration = integration(&combination_of(&mutation.options).config);
    let failed = failing(&integration, sources, &scenarios);
    match (&mutation.scenario, &mutation.survives) {
        (Some(name), _) if failed != [name.as_str()] => Some(format!("{name} does not notice")),
        (None, Some(_)) if !failed.is_empty() => Some(format!("{failed:?} notice by now")),
        (None, None) => Some(format!("no Apex test notices; of the scenarios {failed:?}")),
        _ => None,
    }
}

/// The scenarios that fail with these sources.
fn failing(integration: &Integration, sources: &Sources, scenarios: &[Scenario]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let org = EmulatedOrg::open(&folder.path().join("org"), &Options::default()).unwrap();
    let integration = simulate::prepared(integration);
    let mut package = package(&integration);
    for (id, component) in &mut package.components {
        if let Some(source) = sources.get(id) {
            component.source = Some(source.clone());
        }
    }
    let start = crate::runtime::org().now;
    let simulation = simulate::run(&org, &integration, &package, scenarios, start).unwrap();
    let failed = simulation.scenarios.into_iter();
    failed
        .filter(|shown| shown.verdict == Verdict::Failed)
        .map(|shown| shown.name)
        .collect()
}

/// Whether a test fails. Those of the changed class come first: most often one of them does.
fn notices(sources: &Sources, schema: &Schema, changed: &str) -> Result<bool, String> {
    let program = compile(sources, schema)?;
    let mut classes = program.test_classes();
    classes.sort_by_key(|class| class.strip_suffix("Test") != Some(changed));
    for class in classes {
        for test in program.run_tests(&[class], &org()).results {
            match test.outcome {
                Outcome::Passed => {}
                Outcome::Failed(_) => return Ok(true),
                Outcome::Unsupported { construct, .. } => return Err(construct),
            }
        }
    }
    Ok(false)
}

#[test]
fn a_share_of_the_mutations_is_noticed_by_the_local_org() {
    let wrong = contradictions(&Share::asked_for("1/6").of(mutations()));
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
#[ignore = "takes minutes; a share runs with every test run"]
fn every_mutation_but_the_known_ones_is_noticed_by_the_local_org() {
    let wrong = contradictions(&mutations());
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

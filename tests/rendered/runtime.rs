//! What is rendered, compiled and tested by the runtime of the local org, in this process.

use std::collections::{BTreeMap, BTreeSet};

use opencx_sf::emulator::runtime::{OrgData, Outcome, Program, Schema, TestRun};
use opencx_sf::metadata::{ComponentId, MetadataType};
use opencx_sf::package::Package;

use crate::apex_tests;
use crate::combinations::{combination_of, combinations};
use crate::coverage::MIN_PERCENT;
use crate::project::{integration, package};

/// Classes and triggers.
pub type Sources = BTreeMap<ComponentId, String>;

/// The Apex of a package.
pub fn sources(package: &Package) -> Sources {
    let components = package.components.iter();
    components
        .filter_map(|(id, component)| Some((id.clone(), component.source.clone()?)))
        .filter(|(id, _)| matches!(id.kind, MetadataType::ApexClass | MetadataType::ApexTrigger))
        .collect()
}

/// The objects that a package's Apex is compiled against.
pub fn schema(package: &Package) -> Schema {
    let components = package.components.iter();
    Schema::with_components(components.map(|(id, component)| (id.clone(), component.xml.as_str())))
}

/// The program, or what does not compile.
pub fn compile(sources: &Sources, schema: &Schema) -> Result<Program, String> {
    let sources: Vec<_> = sources.clone().into_iter().collect();
    Program::compile(&sources, schema).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })
}

/// The org that tests run in.
pub fn org() -> OrgData {
    OrgData {
        now: "2026-03-04T05:06:07Z".parse().unwrap(),
        ..OrgData::default()
    }
}

/// Runs all tests, or says what does not compile.
pub fn run(sources: &Sources, schema: &Schema) -> Result<TestRun, String> {
    let program = compile(sources, schema)?;
    Ok(program.run_tests(&program.test_classes(), &org()))
}

/// The tests that did not pass, one per line.
pub fn failed(run: &TestRun) -> Vec<String> {
    run.results
        .iter()
        .filter(|result| result.outcome != Outcome::Passed)
        .map(|result| format!("{}.{}: {:?}", result.class, result.method, result.outcome))
        .collect()
}

/// The classes and triggers that are covered too little, one per line. This runtime marks every line
/// that it passes, so nothing has to be left out as for the runner of the checkers.
fn uncovered(run: &TestRun) -> Vec<String> {
    let short = run.coverage.iter().filter(|c| c.percent() < MIN_PERCENT);
    short
        .map(|c| format!("{} {} %, not {:?}", c.component, c.percent(), c.uncovered))
        .collect()
}

/// What does not pass, does not compile, or is covered too little, one per line.
fn problems(name: &str, sources: &Sources, schema: &Schema) -> Vec<String> {
    let found = match run(sources, schema) {
        Ok(run) => failed(&run).into_iter().chain(uncovered(&run)).collect(),
        Err(errors) => vec![errors],
    };
    found.iter().map(|text| format!("{name}: {text}")).collect()
}

#[test]
fn the_tests_of_every_combination_pass() {
    let mut known = BTreeSet::new();
    let mut problems = Vec::new();
    for combination in combinations() {
        let package = package(&integration(&combination.config));
        let sources = sources(&package);
        if known.insert(sources.clone()) {
            problems.extend(self::problems(
                &combination.name,
                &sources,
                &schema(&package),
            ));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_tests_that_customers_need_not_run_pass() {
    let mut problems = Vec::new();
    for options in apex_tests::option_sets() {
        let (sources, schema) = subject(&options);
        problems.extend(self::problems(&options, &sources, &schema));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// The Apex that is rendered with these options, with the tests of `tests/apex` that are for them.
pub fn subject(options: &str) -> (Sources, Schema) {
    let package = package(&integration(&combination_of(options).config));
    let mut sources = sources(&package);
    for (file, text) in apex_tests::classes().remove(options).unwrap_or_default() {
        let name = file.strip_suffix(".cls").unwrap();
        sources.insert(ComponentId::new(MetadataType::ApexClass, name), text);
    }
    (sources, schema(&package))
}

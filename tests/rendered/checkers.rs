//! Every combination of options, held against the checkers.
//!
//! A Java program takes two seconds to start, so nothing is checked twice: combinations that render
//! the same Apex are compiled and tested once, with the local org's runtime held against the outcome,
//! and PMD and the formatter see each different file once, all in one run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use opencx_sf::package::{Format, Package};

use crate::combinations::{Combination, combinations};
use crate::coverage;
use crate::external::{Ended, each, folder, run, seconds, text};
use crate::project::{integration, is_apex, package, write};
use crate::runtime;
use crate::second_opinion::{differences, disagreements, here, there};

/// Variants of one file are copies of each other. Within a package copies are looked for, by the
/// run of PMD over each example.
const COPIES: &str = "DetectCopyPasteForApex,DetectCopyPasteForXml";

/// What a checker is called, the checker, and its arguments.
type Check<'a> = (&'static str, &'static str, Vec<&'a str>);

/// What is checked of one combination.
struct Subject {
    combination: Combination,
    package: Package,
    source: PathBuf,
    metadata: PathBuf,
    /// In source format.
    files: BTreeMap<String, String>,
    /// No combination before it has the same Apex, and the same metadata.
    has_own_apex: bool,
    has_own_xml: bool,
}

#[test]
#[ignore = "needs the checkers, see tests/checkers.sh"]
fn every_combination_passes_the_checkers() {
    let start = Instant::now();
    let root = folder("combinations");
    let subjects = subjects(&root);
    println!("{} combinations", subjects.len());
    let mut problems: Vec<String> = each(&subjects, check)
        .into_iter()
        .flatten()
        .chain(check_different_files(&root, &subjects))
        .collect();
    problems.dedup();
    println!("{} in all", seconds(start));
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

/// Renders each combination into folders of its own.
fn subjects(root: &Path) -> Vec<Subject> {
    let mut known = BTreeSet::new();
    let mut subjects = Vec::new();
    for (index, combination) in combinations().into_iter().enumerate() {
        let package = package(&integration(&combination.config));
        let source = root.join(format!("{index:02}/source"));
        let metadata = root.join(format!("{index:02}/metadata"));
        let files = package.files(Format::Source).unwrap();
        write(&source, &files);
        write(&metadata, &package.files(Format::Metadata).unwrap());
        let (apex, xml): (BTreeMap<_, _>, BTreeMap<_, _>) = files
            .clone()
            .into_iter()
            .partition(|(path, _)| is_apex(path));
        subjects.push(Subject {
            combination,
            package,
            source,
            metadata,
            files,
            has_own_apex: known.insert(apex),
            has_own_xml: known.insert(xml),
        });
    }
    subjects
}

/// Compiles, tests and validates one combination; gives what is wrong.
fn check(subject: &Subject) -> Vec<String> {
    let start = Instant::now();
    let (source, metadata) = (text(&subject.source), text(&subject.metadata));
    let mut checks: Vec<Check<'_>> = Vec::new();
    if subject.has_own_apex {
        checks.push(("compiler front end", "jorje-check.sh", vec![source]));
        checks.push(("apex-ls", "apex-ls-check.mjs", vec!["--warnings", source]));
        checks.push((
            "Apex tests",
            "apex-run.sh",
            vec!["--coverage", "--json", source],
        ));
    }
    if subject.has_own_xml {
        let validator = "validate_metadata_xml.py";
        checks.push((
            "WSDL, metadata format",
            validator,
            vec![metadata, "--canonical-order"],
        ));
        checks.push((
            "WSDL, source format",
            validator,
            vec![source, "--format", "source", "--canonical-order"],
        ));
        checks.push((
            "source resolution",
            "sdr-check.mjs",
            vec!["--quiet", source],
        ));
    }
    let mut problems = Vec::new();
    let mut not_run = 0;
    for (name, checker, arguments) in &checks {
        let ended = run(checker, arguments);
        let name_of_both = format!("{name}, {}", subject.combination.name);
        // Its exit code tells errors only.
        let warns = *name == "apex-ls" && !ended.text.contains("0 errors, 0 warnings");
        if !ended.is_passed() || warns {
            problems.push(failure(&name_of_both, &ended.text));
        }
        if *name == "Apex tests" {
            problems.extend(second_opinion(subject, &ended));
        }
        not_run += ended.gaps().len();
        if !ended.gaps().is_empty() {
            // A test that stops half-way covers half.
            continue;
        }
        let short = coverage::shortfalls(&ended.text, &subject.files);
        problems.extend(short.iter().map(|short| format!("{name_of_both}: {short}")));
    }
    println!(
        "{} {} checks, {} problems, {not_run} Apex tests NOT RUN to their end: {}",
        seconds(start),
        checks.len(),
        problems.len(),
        subject.combination.name
    );
    problems
}

/// Where the local org's runtime has other results for the Apex tests.
fn second_opinion(subject: &Subject, ended: &Ended) -> Vec<String> {
    let (sources, schema) = (
        runtime::sources(&subject.package),
        runtime::schema(&subject.package),
    );
    let name = &subject.combination.name;
    match runtime::run(&sources, &schema) {
        Ok(run) => disagreements(name, &here(&run), &there(ended), &differences()),
        Err(errors) => vec![format!("{name}: {errors}")],
    }
}

/// PMD and the formatter over each different file once.
fn check_different_files(root: &Path, subjects: &[Subject]) -> Vec<String> {
    let start = Instant::now();
    let mut known = BTreeSet::new();
    let (mut files, mut formatted) = (BTreeMap::new(), BTreeMap::new());
    for (index, subject) in subjects.iter().enumerate() {
        for (path, text) in &subject.files {
            if !path.starts_with("force-app/") || !known.insert(text) {
                continue;
            }
            // Rules that look for a file's -meta.xml find it.
            if is_apex(path) {
                let meta = format!("{path}-meta.xml");
                files.insert(format!("{index:02}/{meta}"), subject.files[&meta].clone());
                if !subject.combination.is_unformatted {
                    formatted.insert(format!("{index:02}/{path}"), text.clone());
                }
            }
            files.insert(format!("{index:02}/{path}"), text.clone());
        }
    }
    let (pmd, format) = (root.join("different"), root.join("formatted"));
    write(&pmd, &files);
    write(&format, &formatted);
    let checks: [Check<'_>; 2] = [
        (
            "PMD",
            "pmd-check.mjs",
            vec!["--fail-at", "5", "--skip", COPIES, text(&pmd)],
        ),
        (
            "formatting",
            "apex-format-check.sh",
            vec![text(&format), "--tab-width", "4", "--print-width", "120"],
        ),
    ];
    let problems: Vec<String> = each(&checks, |(name, checker, arguments)| {
        let ended = run(checker, arguments);
        (ended.code != Some(0)).then(|| failure(name, &ended.text))
    })
    .into_iter()
    .flatten()
    .collect();
    println!(
        "{} PMD on {} different files, formatting of {}",
        seconds(start),
        files.len(),
        formatted.len()
    );
    problems
}

/// A checker's own words, without the lines about what is right.
fn failure(check: &str, text: &str) -> String {
    let is_good =
        |line: &&str| line.contains(r#","status":"PASS","#) || line.starts_with("COVERAGE ");
    let lines = text.lines().filter(|line| !is_good(line));
    let text: Vec<String> = lines.map(|line| format!("    {line}")).collect();
    format!("{check}:\n{}", text.join("\n"))
}

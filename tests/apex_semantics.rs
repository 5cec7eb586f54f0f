//! What Apex means: small programs with documented results, and the integration's own tests as a
//! whole, which must notice when the code or a test of it is changed.

#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::path::Path;

use opencx_sf::emulator::runtime::{Field, FieldKind, OrgData, Outcome, Program, Schema, TestRun};
use opencx_sf::metadata::{ComponentId, MetadataType};

type Sources = Vec<(ComponentId, String)>;

/// One row of a table: a program and what comes of it.
struct Row {
    place: String,
    members: String,
    code: String,
    expected: String,
}

/// Rows are apart by blank lines. `| …` declares a member of the class around the code; the last
/// line is `--> text` of the result. Code without a semicolon is an expression; other code assigns
/// `result`. An expected text that begins with `!` is an exception, one with `?` a compile error.
fn rows(file: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(file).unwrap();
    let mut rows = Vec::new();
    let (mut members, mut code) = (String::new(), String::new());
    for (index, line) in text.lines().enumerate() {
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        if let Some(member) = line.strip_prefix("| ") {
            writeln!(members, "{member}").unwrap();
            continue;
        }
        let (before, expected) = match line.split_once("--> ") {
            Some((before, expected)) => (before, Some(expected)),
            None => (line, None),
        };
        writeln!(code, "{before}").unwrap();
        if let Some(expected) = expected {
            rows.push(Row {
                place: format!("{}:{}", file.display(), index + 1),
                members: std::mem::take(&mut members),
                code: std::mem::take(&mut code),
                expected: expected.to_owned(),
            });
        }
    }
    assert!(
        code.is_empty(),
        "{}: a row without a result: {code}",
        file.display()
    );
    rows
}

fn program_of(row: &Row) -> String {
    let code = row.code.trim();
    let body = if code.contains(';') {
        format!("Object result; Boolean go = true; if (go) {{\n{code}\n}}")
    } else {
        format!("Object result = {code};")
    };
    format!(
        "@IsTest\nprivate class Row {{\nclass ResultException extends Exception {{}}\n{}\
         @IsTest static void row() {{\n{body}\nthrow new ResultException(result == null ? 'null' : String.valueOf(result));\n}}\n}}\n",
        row.members
    )
}

fn schema() -> Schema {
    let mut schema = Schema::standard();
    assert!(schema.add_field(
        "Case",
        Field::custom("Case_From__c", FieldKind::String, 255)
    ));
    schema
}

fn org() -> OrgData {
    OrgData {
        now: "2026-03-04T05:06:07Z".parse().unwrap(),
        ..OrgData::default()
    }
}

fn result_of(row: &Row) -> String {
    let id = ComponentId::new(MetadataType::ApexClass, "Row");
    let program = match Program::compile(&[(id, program_of(row))], &schema()) {
        Ok(program) => program,
        Err(errors) => return format!("?{}", errors[0].message),
    };
    let run = program.run_tests(&["Row".to_owned()], &org());
    match &run.results[0].outcome {
        Outcome::Passed => "passed".to_owned(),
        Outcome::Failed(failure) if failure.exception == "Row.ResultException" => {
            failure.message.clone()
        }
        Outcome::Failed(failure) => format!("!{}: {}", failure.exception, failure.message),
        Outcome::Unsupported { construct, .. } => format!("unsupported: {construct}"),
    }
}

#[test]
fn programs_have_their_documented_results() {
    let mut files: Vec<_> = std::fs::read_dir("tests/apex_semantics")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    let rows: Vec<Row> = files.iter().flat_map(|file| rows(file)).collect();
    assert!(rows.len() >= 150, "only {} rows", rows.len());
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let found = result_of(row).replace('\n', "\\n");
            (found != row.expected)
                .then(|| format!("{}: expected {} found {found}", row.place, row.expected))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn example(name: &str) -> Sources {
    let mut sources = Sources::new();
    for (folder, extension, kind) in [
        ("classes", "cls", MetadataType::ApexClass),
        ("triggers", "trigger", MetadataType::ApexTrigger),
    ] {
        let folder = format!("examples/{name}/expected/{folder}");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|found| found == extension))
            .collect();
        files.sort();
        for file in files {
            let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
            let source = std::fs::read_to_string(&file).unwrap();
            sources.push((ComponentId::new(kind, name), source));
        }
    }
    sources
}

fn run(sources: &Sources) -> TestRun {
    let program = Program::compile(sources, &schema()).unwrap();
    program.run_tests(&program.test_classes(), &org())
}

fn failed(run: &TestRun) -> Vec<String> {
    run.results
        .iter()
        .filter(|result| result.outcome != Outcome::Passed)
        .map(|result| format!("{}.{}: {:?}", result.class, result.method, result.outcome))
        .collect()
}

#[test]
fn every_test_of_the_examples_passes_and_covers() {
    for (name, tests) in [("minimal", 61), ("sandbox-and-production", 63)] {
        let run = run(&example(name));
        assert_eq!(failed(&run), Vec::<String>::new(), "{name}");
        assert_eq!(run.results.len(), tests, "{name}");
        assert!(run.coverage.len() >= 19, "{name}");
        for row in &run.coverage {
            assert!(
                row.percent() >= 75,
                "{name}: {} {}%",
                row.component,
                row.percent()
            );
        }
    }
}

/// A change of a class, and whether tests must notice it.
const MUTANTS: [(&str, &str, &str); 11] = [
    ("OpenCxWebhookTest", "areEqual('POST'", "areEqual('GET'"),
    ("OpenCxWebhook", "status >= 500", "status > 500"),
    ("OpenCxWebhook", "setMethod('POST')", "setMethod('PUT')"),
    ("OpenCxWebhook", "408, 425, 429", "408, 425"),
    (
        "OpenCxRetryAfter",
        "RoundingMode.CEILING",
        "RoundingMode.FLOOR",
    ),
    ("OpenCxRetryAfter", "/ 60)", "/ 61)"),
    ("OpenCxEmailAddresses", "character == ';' || ", ""),
    ("OpenCxRecipients", "known.add(comparable)", "true"),
    (
        "OpenCxOutboundMessage",
        "setSaveAsActivity(false)",
        "setSaveAsActivity(true)",
    ),
    (
        "OpenCxOutboundEmail",
        "row.Incoming == false",
        "row.Incoming != null",
    ),
    ("OpenCxThreadingToken", "'<br><br>' + token", "token"),
];

#[test]
fn tests_notice_changed_code() {
    let sources = example("minimal");
    let mut survivors = Vec::new();
    for (class, from, to) in MUTANTS {
        let mut changed = sources.clone();
        let (_, source) = changed
            .iter_mut()
            .find(|(id, _)| id.full_name.as_str() == class)
            .unwrap();
        assert!(source.contains(from), "{class} has no {from}");
        *source = source.replacen(from, to, 1);
        if failed(&run(&changed)).is_empty() {
            survivors.push(format!("{class}: {from} -> {to}"));
        }
    }
    assert_eq!(survivors, Vec::<String>::new());
}

#[test]
fn a_run_has_the_same_result_every_time() {
    let sources = example("minimal");
    assert_eq!(
        format!("{:?}", run(&sources)),
        format!("{:?}", run(&sources))
    );
}

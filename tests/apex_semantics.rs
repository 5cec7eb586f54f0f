//! What Apex means: small programs with documented results, and the integration's own tests as a
//! whole, which must notice when the code or a test of it is changed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

#[allow(dead_code, reason = "the other half is for tests/rendered")]
#[path = "rendered/external.rs"]
mod external;

use std::fmt::Write as _;
use std::path::Path;

use opencx_sf::emulator::runtime::{Field, FieldKind, OrgData, Outcome, Program, Schema, TestRun};
use opencx_sf::metadata::{ComponentId, MetadataType};

type Sources = Vec<(ComponentId, String)>;

/// One row of a table: a program and what comes of it.
struct Row {
    place: String,
    // Classes beside the row's own.
    beside: String,
    members: String,
    code: String,
    expected: String,
}

/// Rows are apart by blank lines. `| …` declares a member of the class around the code, `^ …` a class
/// beside it, whose name begins with `Row`; the last line is `--> text` of the result. Code without a semicolon is an expression; other code assigns
/// `result`. An expected text that begins with `!` is an exception, one with `?` a compile error.
fn rows(file: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(file).unwrap();
    let mut rows = Vec::new();
    let (mut members, mut code, mut beside) = (String::new(), String::new(), String::new());
    for (index, line) in text.lines().enumerate() {
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        if let Some(member) = line.strip_prefix("| ") {
            writeln!(members, "{member}").unwrap();
            continue;
        }
        if let Some(class) = line.strip_prefix("^ ") {
            writeln!(beside, "{class}").unwrap();
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
                beside: std::mem::take(&mut beside),
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

/// The classes in a text by their names.
fn classes(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let starts: Vec<usize> = text
        .match_indices("public class ")
        .filter(|(at, _)| *at == 0 || text[..*at].ends_with('\n'))
        .map(|(at, _)| at)
        .collect();
    let ends = starts.iter().copied().skip(1).chain([text.len()]);
    let parts: Vec<(usize, usize)> = starts.iter().copied().zip(ends).collect();
    parts.into_iter().map(|(start, end)| {
        let source = &text[start..end];
        let name = source["public class ".len()..].split([' ', '{']).next();
        (name.unwrap(), source)
    })
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
    let id = |name: &str| ComponentId::new(MetadataType::ApexClass, name);
    let mut sources = vec![(id("Row"), program_of(row))];
    sources.extend(classes(&row.beside).map(|(name, source)| (id(name), source.to_owned())));
    let program = match Program::compile(&sources, &schema()) {
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

fn all_rows() -> Vec<Row> {
    let mut files: Vec<_> = std::fs::read_dir("tests/apex_semantics")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    files.iter().flat_map(|file| rows(file)).collect()
}

#[test]
fn programs_have_their_documented_results() {
    let rows = all_rows();
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
    for (name, tests) in [("minimal", 63), ("sandbox-and-production", 65)] {
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

/// A row in which the checkers' runtime differs, and why ours is right or can't be judged.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Difference {
    code: String,
    because: String,
}

impl external::ApexTest {
    /// What the row came to, as `result_of` says it.
    fn result(&self, class: &str) -> String {
        let end = self.detail.rfind(&format!(" at {class}."));
        let detail = &self.detail[..end.unwrap_or(self.detail.len())];
        let result = format!("{class}.ResultException: ");
        match (self.status.as_str(), detail.strip_prefix(&result)) {
            ("PASS", _) => "passed".to_owned(),
            (_, Some(text)) => text.replace(class, "Row"),
            ("FAIL", None) => format!("!{}", detail.replace(class, "Row")),
            (other, None) => format!("{other}: {detail}"),
        }
    }
}

fn differences() -> Vec<Difference> {
    serde_yaml::from_str(include_str!("apex_semantics/differences.yaml")).unwrap()
}

#[test]
fn every_difference_is_of_a_row_and_has_its_reason() {
    let rows = all_rows();
    for Difference { code, because } in differences() {
        assert!(rows.iter().any(|row| row.code.trim() == code), "{code}");
        assert!(because.len() > 40, "{code}");
    }
}

#[test]
#[ignore = "needs the checkers, see tests/checkers.sh"]
fn the_checkers_runtime_has_the_same_results() {
    // What the compiler refuses is compared by its own corpus; what never ends has no end there; its
    // compiler knows batches over a QueryLocator alone.
    let rows: Vec<Row> = all_rows()
        .into_iter()
        .filter(|row| !row.expected.starts_with('?') && !row.expected.contains("CPU time"))
        .filter(|row| !row.beside.contains("Iterable<String> start"))
        .collect();
    let root = external::folder("semantics");
    if root.exists() {
        std::fs::remove_dir_all(&root).unwrap();
    }
    let folder = root.join("force-app/main/default/classes");
    std::fs::create_dir_all(&folder).unwrap();
    let project = r#"{"packageDirectories":[{"path":"force-app","default":true}]}"#;
    std::fs::write(root.join("sfdx-project.json"), project).unwrap();
    let meta = "<ApexClass xmlns=\"http://soap.sforce.com/2006/04/metadata\">\
        <apiVersion>66.0</apiVersion><status>Active</status></ApexClass>";
    // One class for each row, so that all of them are compiled at once.
    let name = |index: usize| format!("Row{index:03}");
    for (index, row) in rows.iter().enumerate() {
        let own = name(index);
        let text = program_of(row).replacen("class Row {", &format!("class {own} {{"), 1);
        let beside: Vec<(&str, &str)> = classes(&row.beside).collect();
        // The classes beside it get its name too, so that every row has its own.
        let renamed = |text: &str| {
            beside.iter().fold(text.to_owned(), |text, (class, _)| {
                text.replace(class, &class.replacen("Row", &own, 1))
            })
        };
        let all = beside.iter().map(|(class, source)| (*class, *source));
        for (class, source) in all.chain([("Row", text.as_str())]) {
            let class = class.replacen("Row", &own, 1);
            std::fs::write(folder.join(format!("{class}.cls")), renamed(source)).unwrap();
            std::fs::write(folder.join(format!("{class}.cls-meta.xml")), meta).unwrap();
        }
    }
    let ended = external::run("apex-run.sh", &["--json", external::text(&root)]);
    let lines: Vec<external::ApexTest> = ended.apex_tests().collect();
    let known = differences();
    let mut wrong = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let class = name(index);
        let line = lines
            .iter()
            .find(|line| line.test == format!("{class}.row"));
        let found = line.map_or_else(|| "not run".to_owned(), |line| line.result(&class));
        let is_known = known.iter().any(|one| one.code == row.code.trim());
        if found.replace('\n', "\\n") != row.expected && !is_known {
            wrong.push(format!("{}: {found}, here {}", row.place, row.expected));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

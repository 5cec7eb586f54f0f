//! What the compiler refuses, with the line and text of Salesforce's own, and what it takes.

#![allow(clippy::unwrap_used, reason = "a test stops where it can't go on")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use opencx_sf::emulator::runtime::{CompileError, Program, Schema};
use opencx_sf::metadata::{ComponentId, MetadataType};

/// A program and what is expected of it.
struct Wrong {
    name: String,
    source: String,
    line: u32,
    text: String,
    /// Whether the text is that of the platform's front end too.
    same_text: bool,
}

const WRONG: &str = "tests/apex_wrong/programs.txt";

fn blocks(file: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(file).unwrap();
    text.split("\n=== ")
        .skip(1)
        .map(|block| {
            let (name, source) = block.split_once('\n').unwrap();
            (name.to_owned(), format!("{}\n", source.trim_end()))
        })
        .collect()
}

/// The programs, and the class beside them.
fn wrong() -> (Vec<Wrong>, String) {
    let mut all = blocks(WRONG);
    let (_, beside) = all.pop().unwrap();
    let programs = all
        .into_iter()
        .map(|(name, block)| {
            let (source, expected) = block.trim_end().rsplit_once('\n').unwrap();
            let (arrow, expected) = expected.split_once(' ').unwrap();
            let (line, text) = expected.split_once(": ").unwrap();
            Wrong {
                name,
                source: format!("{source}\n"),
                line: line.parse().unwrap(),
                text: text.to_owned(),
                same_text: arrow == "-->",
            }
        })
        .collect();
    (programs, beside)
}

fn is_trigger(source: &str) -> bool {
    source.to_ascii_lowercase().starts_with("trigger ")
}

/// A class, or a trigger where the source is that of one.
fn class(name: &str, source: &str) -> (ComponentId, String) {
    let kind = if is_trigger(source) {
        MetadataType::ApexTrigger
    } else {
        MetadataType::ApexClass
    };
    (ComponentId::new(kind, name), source.to_owned())
}

fn first_error(sources: &[(ComponentId, String)]) -> String {
    match Program::compile(sources, &Schema::standard()) {
        Ok(program) if program.gaps().is_empty() => "compiles".to_owned(),
        Ok(program) => format!("not known here: {}", program.gaps()[0]),
        Err(errors) => format!("{}: {}", errors[0].line, errors[0].message),
    }
}

#[test]
fn wrong_programs_are_refused_with_the_platforms_line_and_text() {
    let (programs, beside) = wrong();
    assert!(programs.len() >= 850, "only {} programs", programs.len());
    let failed: Vec<String> = programs
        .iter()
        .filter_map(|program| {
            let sources = [class("Wrong", &program.source), class("Secretive", &beside)];
            let found = first_error(&sources);
            let expected = format!("{}: {}", program.line, program.text);
            (found != expected).then(|| {
                format!(
                    "{}\n  expected {expected}\n  found    {found}",
                    program.name
                )
            })
        })
        .collect();
    assert!(
        failed.is_empty(),
        "{} of {}:\n{}",
        failed.len(),
        programs.len(),
        failed.join("\n")
    );
}

#[test]
fn right_programs_are_taken() {
    let programs = blocks("tests/apex_wrong/right.txt");
    assert!(programs.len() >= 220, "only {} programs", programs.len());
    let failed: Vec<String> = programs
        .iter()
        .map(|(name, source)| (name, first_error(&[class("Right", source)])))
        .filter(|(_, found)| found != "compiles")
        .map(|(name, found)| format!("{name}: {found}"))
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

const TYPES: &str = "tests/apex_wrong/types.txt";

/// A statement, and for each type of `a` the marks of the types of `b`.
struct Fitting {
    statement: String,
    rows: Vec<(String, String)>,
}

fn fittings() -> (Vec<Fitting>, String) {
    let beside = std::fs::read_to_string(TYPES).unwrap();
    let beside = beside.lines().filter_map(|line| line.strip_prefix("#   "));
    let fittings = blocks(TYPES).into_iter().map(|(statement, rows)| Fitting {
        statement,
        rows: rows
            .lines()
            .map(|line| line.split_once(' ').unwrap())
            .map(|(ty, marks)| (ty.to_owned(), marks.trim().to_owned()))
            .collect(),
    });
    (fittings.collect(), beside.collect::<Vec<_>>().join("\n"))
}

/// A class with a method on a line of its own for each type of `b`; the first is on line 2.
fn every_method(fitting: &Fitting, from: &str, beside: &str) -> String {
    let methods: Vec<String> = fitting
        .rows
        .iter()
        .enumerate()
        .map(|(index, (to, _))| {
            let statement = replaced(&fitting.statement, "B", to);
            format!("void m{index}({from} a, {to} b) {{ {statement} }}\n")
        })
        .collect();
    format!("public class Wrong {{\n{}{beside}\n}}\n", methods.concat())
}

/// The marks of a row, given the lines where something is refused or not known.
fn marks(count: usize, refused: &[usize], gaps: &[usize]) -> String {
    let mark = |index: usize| match index + 2 {
        line if refused.contains(&line) => '.',
        line if gaps.contains(&line) => '?',
        _ => 'x',
    };
    (0..count).map(mark).collect()
}

fn lines(errors: &[CompileError]) -> Vec<usize> {
    errors.iter().map(|error| error.line as usize).collect()
}

#[test]
fn types_fit_where_the_platforms_compiler_takes_them() {
    let (fittings, beside) = fittings();
    let mut differing = Vec::new();
    for fitting in &fittings {
        for (from, expected) in &fitting.rows {
            let source = every_method(fitting, from, &beside);
            let compile = |source: String| match Program::compile(
                &[class("Wrong", &source)],
                &Schema::standard(),
            ) {
                Ok(program) => (Vec::new(), lines(program.gaps())),
                Err(errors) => (lines(&errors), Vec::new()),
            };
            let (refused, mut gaps) = compile(source.clone());
            // What is not known is named when nothing is refused.
            if !refused.is_empty() {
                let lines = source.lines().enumerate();
                let taken = lines.map(|(index, line)| match refused.contains(&(index + 1)) {
                    true => "",
                    false => line,
                });
                gaps = compile(taken.collect::<Vec<_>>().join("\n")).1;
            }
            let found = marks(fitting.rows.len(), &refused, &gaps);
            if found != *expected {
                let statement = &fitting.statement;
                differing.push(format!("{statement} {from}\n  {expected}\n  {found}"));
            }
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

/// Writes programs as a project, each with a name of its own in place of `word`.
fn project(folder: &Path, word: &str, programs: &[(String, String)]) {
    for kind in ["classes", "triggers"] {
        std::fs::create_dir_all(folder.join(kind)).unwrap();
    }
    let manifest = "<Package xmlns=\"http://soap.sforce.com/2006/04/metadata\"><version>65.0</version></Package>";
    std::fs::write(folder.join("package.xml"), manifest).unwrap();
    for (name, source) in programs {
        let source = replaced(source, word, name);
        let (file, kind) = if is_trigger(&source) {
            (
                folder.join(format!("triggers/{name}.trigger")),
                "ApexTrigger",
            )
        } else {
            (folder.join(format!("classes/{name}.cls")), "ApexClass")
        };
        let meta = format!(
            "<{kind} xmlns=\"http://soap.sforce.com/2006/04/metadata\"><apiVersion>65.0</apiVersion></{kind}>"
        );
        std::fs::write(format!("{}-meta.xml", file.display()), meta).unwrap();
        std::fs::write(file, source).unwrap();
    }
}

/// The text with another word in place of one.
fn replaced(text: &str, word: &str, with: &str) -> String {
    let is_word = |character: Option<char>| {
        character.is_some_and(|character| character.is_alphanumeric() || character == '_')
    };
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        result.push_str(before);
        let inside = is_word(before.chars().last()) || is_word(after.chars().next());
        result.push_str(if inside { word } else { with });
        rest = after;
    }
    result + rest
}

/// What the platform's front end says, by class: lines and texts in its order, syntax first.
fn front_end(folder: &Path) -> BTreeMap<String, Vec<(u64, String)>> {
    #[expect(clippy::disallowed_methods, reason = "where the external checkers are")]
    let tools = std::env::var("OPENCX_SF_CHECKERS").unwrap();
    let output = Command::new(Path::new(&tools).join("jorje-check.sh"))
        .arg("--json")
        .arg(folder)
        .output()
        .unwrap();
    assert_ne!(output.status.code(), Some(2), "the checker could not run");
    let mut found: BTreeMap<String, Vec<(bool, u64, u64, String)>> = BTreeMap::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let file = row["file"].as_str().unwrap();
        let class = Path::new(file).file_stem().unwrap().to_str().unwrap();
        found.entry(class.to_owned()).or_default().push((
            row["kind"] != "parse",
            row["line"].as_u64().unwrap(),
            row["column"].as_u64().unwrap(),
            row["message"].as_str().unwrap().to_owned(),
        ));
    }
    found
        .into_iter()
        .map(|(class, mut rows)| {
            rows.sort();
            let rows = rows.into_iter().map(|(_, line, _, text)| (line, text));
            (class, rows.collect())
        })
        .collect()
}

#[test]
#[ignore = "needs the platform's compiler front end, by OPENCX_SF_CHECKERS"]
fn the_platforms_front_end_agrees() {
    let folder = tempfile::tempdir().unwrap();
    let (programs, beside) = wrong();
    let named = |index: usize| format!("Wrong{index:03}");
    let mut sources: Vec<(String, String)> = programs
        .iter()
        .enumerate()
        .map(|(index, program)| (named(index), program.source.clone()))
        .collect();
    sources.push(("Secretive".to_owned(), beside));
    project(folder.path(), "Wrong", &sources);
    let found = front_end(folder.path());
    let mut differing = Vec::new();
    for (index, program) in programs.iter().enumerate() {
        let name = named(index);
        let Some((line, text)) = found.get(&name).and_then(|rows| rows.first()) else {
            differing.push(format!("{}: taken", program.name));
            continue;
        };
        let text = text.replace(&name, "Wrong");
        let same = *line == u64::from(program.line) && (!program.same_text || text == program.text);
        if !same {
            differing.push(format!("{}: {line}: {text}", program.name));
        }
    }
    assert_eq!(differing, Vec::<String>::new());

    let folder = tempfile::tempdir().unwrap();
    let sources: Vec<(String, String)> = blocks("tests/apex_wrong/right.txt")
        .into_iter()
        .enumerate()
        .map(|(index, (_, source))| (format!("Right{index:03}"), source))
        .collect();
    project(folder.path(), "Right", &sources);
    assert_eq!(front_end(folder.path()), BTreeMap::new());
}

#[test]
#[ignore = "needs the platform's compiler front end, by OPENCX_SF_CHECKERS"]
fn the_platforms_front_end_agrees_about_types() {
    let folder = tempfile::tempdir().unwrap();
    let (fittings, beside) = fittings();
    let rows: Vec<(&Fitting, &String, &String)> = fittings
        .iter()
        .flat_map(|fitting| {
            fitting
                .rows
                .iter()
                .map(move |(from, row)| (fitting, from, row))
        })
        .collect();
    let sources: Vec<(String, String)> = rows
        .iter()
        .enumerate()
        .map(|(index, (fitting, from, _))| {
            (
                format!("Wrong{index:03}"),
                every_method(fitting, from, &beside),
            )
        })
        .collect();
    project(folder.path(), "Wrong", &sources);
    let found = front_end(folder.path());
    let mut differing = Vec::new();
    for ((name, _), (fitting, from, row)) in sources.iter().zip(rows) {
        let refused = found.get(name).into_iter().flatten();
        let refused: Vec<usize> = refused.map(|(line, _)| *line as usize).collect();
        let expected = row.replace('?', "x");
        let found = marks(fitting.rows.len(), &refused, &[]);
        if found != expected {
            let statement = &fitting.statement;
            differing.push(format!("{statement} {from}\n  {expected}\n  {found}"));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

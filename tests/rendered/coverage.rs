//! Coverage of classes and triggers, from what the runner of the checkers counts.
//!
//! That runner takes the compiler's list of lines that count, and marks the lines whose statements
//! it executes. Four kinds of line are on the list but are never marked, whatever runs: `try {`,
//! `} catch (…) {`, `} else if (…) {`, and a line of a query that begins with WHERE or LIMIT and
//! binds a variable. An org marks them when it passes them, so they are left out here on both sides:
//! neither covered nor counted.

use std::collections::BTreeMap;

/// What each class and trigger must have from the tests that are rendered with it. Deploying to
/// production takes 75.
pub const MIN_PERCENT: usize = 85;

/// What is covered too little, of the runner's lines `COVERAGE OpenCxLog 77% (7/9)`; `files` are the
/// texts of the project by their paths.
pub fn shortfalls(output: &str, files: &BTreeMap<String, String>) -> Vec<String> {
    let rows = output.lines().filter_map(|line| Row::read(line, files));
    let short = rows.filter(|row| row.covered * 100 < row.lines * MIN_PERCENT);
    short
        .map(|row| format!("{}: {} of {} lines", row.name, row.covered, row.lines))
        .collect()
}

/// The coverage of one class or trigger.
struct Row {
    name: String,
    covered: usize,
    lines: usize,
}

impl Row {
    /// Nothing for other lines, and for the sum over all classes.
    fn read(line: &str, files: &BTreeMap<String, String>) -> Option<Self> {
        let (name, count) = line.strip_prefix("COVERAGE ")?.rsplit_once(" (")?;
        let (name, _) = name.rsplit_once(' ')?;
        if name == "all" {
            return None;
        }
        let (covered, counted) = count.strip_suffix(')')?.split_once('/')?;
        let (covered, counted): (usize, usize) = (covered.parse().ok()?, counted.parse().ok()?);
        let file = match name.strip_prefix("trigger ") {
            Some(trigger) => format!("/{trigger}.trigger"),
            None => format!("/{name}.cls"),
        };
        let text = files.iter().find(|(path, _)| path.ends_with(&file));
        let (_, text) = text.unwrap_or_else(|| panic!("{file} is not in the project"));
        let lines = counted - text.lines().filter(|line| is_never_marked(line)).count();
        assert!(
            covered <= lines,
            "{name}: the runner has marked such a line"
        );
        Some(Self {
            name: name.to_owned(),
            covered,
            lines,
        })
    }
}

/// Whether this is one of the four kinds of line.
fn is_never_marked(line: &str) -> bool {
    let line = line.trim_start();
    let is_clause = line.starts_with("WHERE ") || line.starts_with("LIMIT ");
    line == "try {"
        || line.starts_with("} catch (")
        || line.starts_with("} else if (")
        || (is_clause && line.contains(':'))
}

#[test]
fn a_class_without_tests_falls_short() {
    let lines = "try {\n  a();\n} catch (System.Exception e) {\n  b();\n}\nLIMIT :x\nLIMIT 1\n";
    let path = |name: &str| format!("force-app/main/default/{name}");
    let files = BTreeMap::from([
        (path("classes/A.cls"), lines.to_owned()),
        (path("triggers/T.trigger"), "a();\n".to_owned()),
    ]);
    let output = |rows: &str| shortfalls(rows, &files);
    assert_eq!(
        output("COVERAGE trigger T 0% (0/1)"),
        ["trigger T: 0 of 1 lines"]
    );
    assert_eq!(output("COVERAGE trigger T 100% (1/1)").len(), 0);
    // Three of the lines can't be marked: 17 of 20 are 85 %.
    assert_eq!(output("COVERAGE A 73% (17/23)").len(), 0);
    assert_eq!(output("COVERAGE A 69% (16/23)"), ["A: 16 of 20 lines"]);
    assert_eq!(output("PASS A.b (1 ms)\nCOVERAGE all 10% (1/10)").len(), 0);
}

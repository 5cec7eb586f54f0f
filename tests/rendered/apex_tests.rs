//! The Apex tests under `tests/apex`, which show behaviours that customers' orgs needn't run.
//!
//! A class may name the options that it is for in its first line,
//! `// options: case_filter=all sender=org_wide_address`; without that line it is for the defaults.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use crate::combinations::combination_of;
use crate::external::{each, folder, run, seconds, text};
use crate::project::{source_files, write};

const CLASSES: &str = "force-app/main/default/classes";

/// The classes of `tests/apex` by the options that they are for: file name → text.
pub fn classes() -> BTreeMap<String, BTreeMap<String, String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/apex");
    let mut classes: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|suffix| suffix == "cls") {
            let text = std::fs::read_to_string(&path).unwrap();
            let first = text.lines().next().unwrap_or_default();
            let options = first.strip_prefix("// options: ").unwrap_or_default();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let set = classes.entry(options.to_owned()).or_default();
            set.insert(name, text);
        }
    }
    classes
}

/// The options that there are classes for.
pub fn option_sets() -> Vec<String> {
    classes().into_keys().collect()
}

/// A project as it is rendered with these options, with the tests that are for them.
pub fn project(options: &str) -> BTreeMap<String, String> {
    let mut files = source_files(&combination_of(options).config);
    let meta = files
        .iter()
        .find(|(path, _)| path.ends_with(".cls-meta.xml"));
    let meta = meta.unwrap().1.clone();
    for (name, text) in classes().remove(options).unwrap_or_default() {
        files.insert(format!("{CLASSES}/{name}-meta.xml"), meta.clone());
        files.insert(format!("{CLASSES}/{name}"), text);
    }
    files
}

#[test]
fn every_class_is_for_known_options() {
    for (options, classes) in classes() {
        assert!(!combination_of(&options).config.is_empty());
        for (name, text) in classes {
            let class = name.strip_suffix(".cls").unwrap();
            assert!(text.contains(&format!(" class {class} {{")), "{name}");
        }
    }
}

#[test]
#[ignore = "needs the checkers, see tests/checkers.sh"]
fn every_class_passes() {
    let sets = option_sets();
    let problems = each(&sets, |options| {
        let start = Instant::now();
        let name = format!("for {options}").replace([' ', '='], "-");
        let path = folder("apex").join(name);
        write(&path, &project(options));
        let ended = run("apex-run.sh", &["--json", text(&path)]);
        println!("{} tests/apex [{options}]", seconds(start));
        (!ended.is_passed()).then_some(ended.text)
    });
    let problems: Vec<String> = problems.into_iter().flatten().collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

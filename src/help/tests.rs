use std::collections::BTreeSet;
use std::path::Path;

use walkdir::WalkDir;

use super::*;

/// Texts of the shape `area/kebab-name` that are no codes.
const OTHER: [&str; 3] = [
    "application/json",
    "application/x-www-form-urlencoded",
    "application/zip",
];

/// Every text of the shape `area/kebab-name` in the sources outside of tests, whatever is made of it.
/// So a code can't be missed for the way in which it is written down.
fn codes_in_sources() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut codes = BTreeSet::new();
    for entry in WalkDir::new(root).into_iter().map(Result::unwrap) {
        let path = entry.path();
        let name = path.to_string_lossy();
        if !name.ends_with(".rs") || name.contains("/tests") || name.contains("/samples") {
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        let code = text
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap_or_default();
        codes.extend(
            code.split('"')
                .filter(|text| is_code(text) && !OTHER.contains(text))
                .map(str::to_owned),
        );
    }
    codes
}

fn is_code(text: &str) -> bool {
    let is_kebab = |text: &str| {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(fits)
    };
    text.split_once('/')
        .is_some_and(|(area, name)| is_kebab(area) && is_kebab(name))
}

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let pages: Vec<String> = pages().iter().map(|page| page.code.to_owned()).collect();
    let known: BTreeSet<String> = pages.iter().cloned().collect();
    assert_eq!(known.len(), pages.len(), "two pages of one code");
    let codes = codes_in_sources();
    let without_page: Vec<_> = codes.difference(&known).collect();
    assert!(without_page.is_empty(), "no page: {without_page:?}");
    let without_code: Vec<_> = known.difference(&codes).collect();
    assert!(without_code.is_empty(), "no code: {without_code:?}");
    // What is said to be no code is in the sources, and has no page.
    for other in OTHER {
        assert!(is_code(other) && !known.contains(other), "{other}");
    }
}

#[test]
fn codes_are_texts_in_the_sources() {
    // A `Code` is made of a literal, or of a constant or a field that was made of one.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in WalkDir::new(root).into_iter().map(Result::unwrap) {
        let path = entry.path();
        let text = match path.extension() {
            Some(suffix) if suffix == "rs" => std::fs::read_to_string(path).unwrap(),
            _ => continue,
        };
        for rest in text.split("Code(").skip(1) {
            let made_of = rest.trim_start().split(')').next().unwrap_or_default();
            assert!(
                !made_of.contains("format!") && !made_of.contains("leak"),
                "{made_of} in {}",
                path.display()
            );
        }
    }
}

#[test]
fn pages_are_in_the_file_of_their_area_in_order() {
    for (area, file) in FILES {
        let codes: Vec<&str> = file
            .lines()
            .filter_map(|line| line.strip_prefix("## "))
            .collect();
        assert!(codes.is_sorted(), "{area}");
        for code in codes {
            assert!(code.starts_with(&format!("{area}/")), "{code}");
            let page = page(code).unwrap();
            assert!(!page.summary().is_empty(), "{code}");
            assert!(page.text.ends_with('.'), "{code}");
            assert!(page.text.len() < 900, "{code}: a page is short");
        }
    }
}

#[test]
fn a_rule_is_its_own_page() {
    let page = page("lint/hard-coded-url").unwrap();
    assert_eq!(page.summary(), "No Apex outside of tests holds a URL.");
    assert!(
        page.text
            .ends_with("What to do: use a Named Credential and `callout:`.")
    );
}

use std::collections::BTreeSet;
use std::path::Path;

use walkdir::WalkDir;

use super::*;

/// Every code in the sources: a text `"area/kebab-name"` outside of tests, where the area is one
/// that findings have.
fn codes_in_sources() -> BTreeSet<String> {
    let areas: BTreeSet<&str> = FILES
        .iter()
        .map(|(area, _)| *area)
        .chain(["lint", "org"])
        .collect();
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
        for literal in code.split('"') {
            let Some((area, kebab)) = literal.split_once('/') else {
                continue;
            };
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if areas.contains(area) && !kebab.is_empty() && kebab.chars().all(fits) {
                codes.insert(literal.to_owned());
            }
        }
    }
    codes
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
}

#[test]
fn every_area_of_the_sources_has_a_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in WalkDir::new(root).into_iter().map(Result::unwrap) {
        let path = entry.path();
        if path.extension().is_none_or(|suffix| suffix != "rs") || path.ends_with("help/tests.rs") {
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        for rest in text.split("Code(\"").skip(1) {
            let code = rest.split('"').next().unwrap_or_default();
            let area = code.split('/').next().unwrap_or_default();
            let known = FILES.iter().any(|(name, _)| *name == area);
            // `a/b` and the like are codes of tests.
            assert!(
                known || matches!(area, "lint" | "org") || area.len() == 1,
                "{code} in {}",
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

//! What holds for every combination of options and needs nothing but this crate.

use std::collections::BTreeSet;

use opencx_sf::config::SHIPPED_NAMES;
use opencx_sf::lint;
use opencx_sf::package::Format;

use crate::combinations::combinations;
use crate::project::{SECRET, integration, is_apex, package};

#[test]
fn every_combination_renders_and_keeps_all_rules() {
    for combination in combinations() {
        let name = &combination.name;
        let integration = integration(&combination.config);
        let rendered = package(&integration);
        assert_eq!(lint::run(&rendered, &integration), [], "{name}");
        assert!(rendered == package(&integration), "{name}: not the same");

        for format in [Format::Metadata, Format::Source] {
            let files = rendered.files(format).unwrap();
            for (path, text) in &files {
                assert!(!text.contains(SECRET), "{name}: a secret in {path}");
                assert!(!text.contains('\r'), "{name}: {path}");
                if !is_apex(path) {
                    continue;
                }
                let meta = &files[&format!("{path}-meta.xml")];
                let version = format!("<apiVersion>{}</apiVersion>", integration.api_version);
                assert!(meta.contains(&version), "{name}: {path}");
                assert!(meta.contains("<status>Active</status>"), "{name}: {path}");
            }
        }
        let resolved = rendered.resolved().unwrap();
        for slot in &rendered.secrets {
            assert!(resolved.components[&slot.component].xml.contains(SECRET));
        }
    }
}

#[test]
fn a_new_name_is_used_everywhere() {
    for combination in combinations() {
        let integration = integration(&combination.config);
        if integration.names.is_empty() {
            continue;
        }
        for (path, text) in package(&integration).files(Format::Source).unwrap() {
            let words: BTreeSet<&str> = text
                .lines()
                .chain([path.as_str()])
                // The marker names the template.
                .filter(|line| !line.contains("opencx-sf template="))
                .flat_map(|line| line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'))
                .collect();
            for (shipped, _) in SHIPPED_NAMES {
                let name = &combination.name;
                assert!(!words.contains(shipped), "{name}: {shipped} in {path}");
            }
        }
    }
}

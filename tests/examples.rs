//! The examples: each renders to the tree that is committed beside it, lints clean, and deploys
//! into the local org where it has one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;

use std::path::PathBuf;

use common::{Place, root};

/// The folders of `examples` that hold a config.
fn examples() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(root().join("examples"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|folder| folder.join("opencx.yaml").is_file())
        .collect();
    found.sort();
    assert!(found.len() >= 2, "{found:?}");
    found
}

/// After a change that is meant: `opencx-sf render --config examples/NAME/opencx.yaml --out
/// examples/NAME/expected`.
#[test]
fn every_example_renders_to_its_committed_tree() {
    for folder in examples() {
        let config = folder.join("opencx.yaml").display().to_string();
        let expected = folder.join("expected").display().to_string();
        Place::with_config("")
            .run(&["render", "--config", &config, "--check", &expected])
            .exits(0);
    }
}

#[test]
fn every_example_lints_clean() {
    for folder in examples() {
        let config = folder.join("opencx.yaml").display().to_string();
        let ran = Place::with_config("")
            .run(&["lint", "--config", &config, "--json"])
            .exits(0);
        assert_eq!(ran.json()["status"], "passed");
    }
}

#[test]
fn every_example_deploys_into_its_local_org_without_any_variable() {
    for folder in examples() {
        let text = std::fs::read_to_string(folder.join("opencx.yaml")).unwrap();
        if !text.contains("\n  local:") {
            continue;
        }
        let place = Place::with_config(&text);
        let report = place
            .run(&["deploy", "-o", "local", "--json"])
            .exits(0)
            .json();
        assert_eq!(report["status"], "deployed", "{}", folder.display());
        place.run(&["drift", "-o", "local"]).exits(0);
    }
}

#[test]
fn two_renders_are_byte_identical_in_every_format() {
    let place = Place::minimal();
    for (format, out) in [("metadata", "m"), ("source", "s")] {
        for run in ["1", "2"] {
            let out = format!("{out}{run}");
            place
                .run(&["render", "--format", format, "--out", &out])
                .exits(0);
        }
        let check = format!("{out}2");
        let first = files(&place.path().join(format!("{out}1")));
        assert!(first.len() > 20);
        assert_eq!(first, files(&place.path().join(check)));
    }
    place
        .run(&["render", "--format", "zip", "--out", "1.zip"])
        .exits(0);
    place
        .run(&["render", "--format", "zip", "--out", "2.zip"])
        .exits(0);
    let zip = |name: &str| std::fs::read(place.path().join(name)).unwrap();
    assert_eq!(zip("1.zip"), zip("2.zip"));
}

#[test]
fn source_format_lets_the_salesforce_cli_fill_the_secret_in() {
    let place = Place::minimal();
    place
        .run(&["render", "--format", "source", "--out", "s"])
        .exits(0);
    let project = std::fs::read_to_string(place.path().join("s/sfdx-project.json")).unwrap();
    let project: serde_json::Value = serde_json::from_str(&project).unwrap();
    assert_eq!(
        project["replacements"],
        serde_json::json!([{
            "filename": "force-app/main/default/namedCredentials/\
                         OpenCX_Integration.namedCredential-meta.xml",
            "stringToReplace": "__OPENCX_WEBHOOK_URL__",
            "replaceWithEnv": "OPENCX_WEBHOOK_URL",
        }])
    );
}

#[test]
fn secrets_are_written_only_when_asked_for() {
    let place = Place::minimal();
    let wanted = "<endpoint>https://opencx.invalid/webhook/local-demo</endpoint>";
    let component = "NamedCredential:OpenCX_Integration";
    let plain = place.run(&["render", "-o", "local", component]).exits(0);
    assert!(
        plain
            .out
            .contains("<endpoint>__OPENCX_WEBHOOK_URL__</endpoint>"),
        "{}",
        plain.out
    );
    let resolved = place
        .run(&["render", "-o", "local", component, "--resolve-secrets"])
        .exits(0);
    assert!(resolved.out.contains(wanted), "{}", resolved.out);
    place
        .run(&["render", component, "--resolve-secrets"])
        .exits(65);
}

#[test]
fn the_schema_is_the_committed_one_and_the_examples_name_it() {
    let printed = Place::with_config("").run(&["schema"]).exits(0).out;
    let committed = root().join("src/config/opencx.schema.json");
    assert_eq!(printed, std::fs::read_to_string(committed).unwrap());
    for folder in examples() {
        let text = std::fs::read_to_string(folder.join("opencx.yaml")).unwrap();
        let header = "# yaml-language-server: $schema=../../src/config/opencx.schema.json\n";
        assert!(text.starts_with(header), "{}", folder.display());
    }
}

fn files(folder: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry
                .path()
                .strip_prefix(folder)
                .unwrap()
                .display()
                .to_string();
            (path, std::fs::read(entry.path()).unwrap())
        })
        .collect()
}

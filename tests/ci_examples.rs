//! The files of examples/ci: they are well-formed, and the tool takes every command line in them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;

use common::{Place, root};

fn files() -> Vec<(String, String)> {
    let mut paths: Vec<_> = std::fs::read_dir(root().join("examples/ci"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.push(root().join("action.yml"));
    let named = paths.iter().map(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).unwrap())
    });
    named.collect()
}

#[test]
fn every_yaml_file_is_yaml() {
    let mut read = 0;
    for (name, text) in files() {
        if name.ends_with(".yml") {
            let tree: Result<serde_json::Value, _> = serde_yaml::from_str(&text);
            assert!(
                tree.unwrap_or_else(|error| panic!("{name}: {error}"))
                    .is_object()
            );
            read += 1;
        }
    }
    assert!(read >= 6, "{read}");
}

#[test]
fn the_tool_takes_every_command_line() {
    let place = Place::with_config("");
    let mut tried = 0;
    for (name, text) in files() {
        for line in text.lines() {
            let line = line.trim().trim_start_matches(['-', ' ']);
            let line = line.strip_prefix("run: ").unwrap_or(line);
            let line = line.strip_prefix("sh '").unwrap_or(line);
            let line = line.strip_prefix("exec ").unwrap_or(line);
            let Some(rest) = line.strip_prefix("opencx-sf ") else {
                continue;
            };
            let rest = rest.split(" || ").next().unwrap();
            let args: Vec<String> = rest
                .split_whitespace()
                // What a script adds by itself.
                .filter(|word| *word != "\"$@\"")
                .map(|word| {
                    let word = word.trim_matches(['"', '\'']);
                    word.replace("$CI_NODE_INDEX/$CI_NODE_TOTAL", "1/2")
                })
                .collect();
            // A line that the tool does not take ends in a usage error before its help is shown.
            let mut args: Vec<&str> = args.iter().map(String::as_str).collect();
            args.push("--help");
            let ran = place.run(&args);
            assert_eq!(ran.code, 0, "{name}: {line}\n{}", ran.err);
            tried += 1;
        }
    }
    assert!(tried >= 10, "{tried}");
}

//! What commands print with `--json`, held against the schema that `schema commands` prints.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;
#[path = "common/several.rs"]
mod several;

use common::Place;
use several::{lines, local};

fn fits(schema: &jsonschema::Validator, text: &str, several: bool) {
    let documents = match several {
        true => lines(text),
        false => vec![serde_json::from_str(text).expect(text)],
    };
    assert!(!documents.is_empty());
    for document in documents {
        let errors: Vec<String> = schema
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{document:#}");
    }
}

#[test]
fn every_command_keeps_to_its_schema() {
    let place = several::place(&[local("a", ""), local("b", ""), local("c", "")]);
    let schema = place.run(&["schema", "commands"]).exits(0).json();
    let schema = jsonschema::validator_for(&schema).unwrap();
    place.run(&["render", "--out", "rendered"]).exits(0);
    let without_tests = ["--test-level", "NoTestRun"];
    let many = ["deploy", "-o", "*", "--wave", "1"];
    let taken = "public class OpenCxLog { }\n";
    place.write("Mine.cls", taken);
    let paste = ["emulator", "paste", "Mine.cls", "-o", "b"];
    place.run(&paste).exits(0);
    for (args, code) in [
        (&["plan", "-o", "a"][..], 2),
        (&["lint"], 0),
        (&["render", "--check", "rendered"], 0),
        (&["verify", "-o", "a"], 1),
        // One org of three is done, one refused, one not tried.
        (&[&many[..], &without_tests].concat(), 5),
        (&[&["deploy", "-o", "a"], &without_tests[..]].concat(), 0),
        (&["report", "-o", "a"], 0),
        (&["doctor", "-o", "a"], 1),
        (&["simulate", "new-case"], 0),
        (&["orgs"], 0),
        (&["support-bundle", "-o", "a", "--list"], 0),
        (&["rollback", "-o", "a", "--yes"], 0),
        (&["uninstall", "-o", "a", "--yes"], 0),
        // Before it had a result.
        (&["plan", "-o", "nobody"], 65),
    ] {
        let ran = place.run(&[args, &["--json"]].concat()).exits(code);
        fits(&schema, &ran.out, args.starts_with(&many));
    }
    for wrong in [
        r#"{ "formatVersion": 1, "command": "plan", "status": "fine" }"#,
        r#"{ "formatVersion": 2, "command": "lint", "status": "passed", "findings": [] }"#,
        r#"{ "formatVersion": 1, "command": "lint", "status": "passed" }"#,
    ] {
        assert!(
            !schema.is_valid(&serde_json::from_str(wrong).unwrap()),
            "{wrong}"
        );
    }
}

#[test]
fn a_plan_is_written_for_a_comment() {
    let place = Place::minimal();
    let plan = || {
        place
            .run(&["plan", "-o", "local", "--markdown", "plan.md"])
            .exits(2);
        std::fs::read_to_string(place.path().join("plan.md")).unwrap()
    };
    let first = plan();
    assert!(
        first.starts_with("<!-- opencx-sf plan -->\n## local: 39 to create\n"),
        "{first}"
    );
    assert!(
        first.contains("- new NamedCredential: `OpenCX_Integration`\n"),
        "{first}"
    );
    let deploy = ["deploy", "-o", "local", "--test-level", "NoTestRun"];
    place.run(&deploy).exits(0);
    let edit = [
        "emulator",
        "edit-source",
        "ApexClass:OpenCxLog",
        "--from",
        "class OpenCxLog",
        "--to",
        "class /* @ann ``` */ OpenCxLog",
        "--as",
        "Dana | <b>",
    ];
    place.run(&edit).exits(0);
    let second = plan();
    for part in [
        "## local: 1 with somebody else's work in them\n",
        "<code>ApexClass:OpenCxLog</code> edited by hand, holds somebody else's work: only with `--overwrite`",
        "last changed by Dana \\| &lt;b>",
        "\n````diff\n",
    ] {
        assert!(second.contains(part), "{part}\n{second}");
    }
}

//! Names that Salesforce would refuse, through the binary (exit 65) with the rule named.

use std::process::Command;

#[test]
fn bad_names_are_refused_with_the_rule() {
    let too_long = "A".repeat(41);
    for (name, rule) in [
        (
            too_long.as_str(),
            "is 41 characters long; Salesforce allows 40",
        ),
        ("Trigger", "is the reserved word `Trigger` of Apex"),
        ("Number", "is the reserved word `Number` of Apex"),
        ("Open__Cx", "contains `__`; use single underscores"),
        ("OpenCx_", "ends with `_`; leave the last underscore out"),
        (
            "1OpenCx",
            "starts with '1'; start it with a letter of A to Z",
        ),
        (
            "_OpenCx",
            "starts with '_'; start it with a letter of A to Z",
        ),
        (
            "ÖpenCx",
            "starts with 'Ö'; start it with a letter of A to Z",
        ),
        (
            "OpenÇx",
            "contains 'Ç'; use only the letters A to Z, digits and underscores",
        ),
        (
            "Open Cx",
            "contains ' '; use only the letters A to Z, digits and underscores",
        ),
        (
            "Open-Cx",
            "contains '-'; use only the letters A to Z, digits and underscores",
        ),
    ] {
        let (code, text) = render_with("OpenCxLog", name);
        assert_eq!(code, Some(65), "{name}\n{text}");
        assert!(text.contains(rule), "{name}: {rule}\n{text}");
        assert!(text.contains("config/bad-name"), "{name}\n{text}");
    }
}

#[test]
fn names_that_differ_in_case_only_are_one_name() {
    let (code, text) = render_with("OpenCxLog", "OPENCXACCESS");
    assert_eq!(code, Some(65), "{text}");
    assert!(text.contains("config/same-name"), "{text}");
}

#[test]
fn the_longest_name_is_accepted() {
    let (code, text) = render_with("OpenCxLog", &"A".repeat(40));
    assert_eq!(code, Some(0), "{text}");
}

/// Exit code and output of `render` with a new name for a component.
fn render_with(shipped: &str, name: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let config = format!(
        "version: 1
email_cases:
  webhook_url: ${{env:OPENCX_WEBHOOK_URL}}
  reply_to: support@acme.example
  outbound: {{ sender: {{ display_name: Acme }} }}
  names: {{ {shipped}: '{name}' }}
"
    );
    std::fs::write(folder.path().join("opencx.yaml"), config).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_opencx-sf"))
        .arg("render")
        .current_dir(folder.path())
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

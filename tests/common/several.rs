//! A config with many built-in orgs.

#![allow(dead_code, reason = "each test file uses a part of it")]

use crate::common::{Place, root};

/// The minimal example's config up to its orgs.
pub fn top() -> String {
    let text = std::fs::read_to_string(root().join("examples/minimal/opencx.yaml")).unwrap();
    let (top, _) = text.split_once("\norgs:").unwrap();
    top.to_owned()
}

/// The block of a built-in org, with more of its keys: `wave: canary,`.
pub fn local(name: &str, more: &str) -> String {
    format!(
        "  {name}: {{ emulator: {{}}, {more} email_cases: {{ webhook_url: https://opencx.invalid/webhook/local-demo }} }}\n"
    )
}

/// A folder with a config of these blocks.
pub fn place(orgs: &[String]) -> Place {
    Place::with_config(&format!("{}\norgs:\n{}", top(), orgs.concat()))
}

/// Standard output as JSON, line by line.
pub fn lines(text: &str) -> Vec<serde_json::Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect()
}

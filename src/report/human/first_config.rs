//! What a first config leads to.

use super::rows::line;
use crate::report::style::{DIM, paint};

/// The file that was written, and the commands to say next, each with what it is for.
pub fn first_config(path: &str, steps: &[(String, &str)]) -> String {
    let mut out = line("Wrote", path);
    for (index, (command, purpose)) in steps.iter().enumerate() {
        let label = if index == 0 { "Next" } else { "" };
        out.push_str(&line(label, &format!("{}. {command}", index + 1)));
        out.push_str(&line("", &paint(DIM, format!("   {purpose}")).to_string()));
    }
    out
}

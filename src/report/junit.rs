//! JUnit XML, as CI systems read it.

mod deploy;

use crate::doctor::{self, Examination, Finding};
use crate::simulate::{Shown, Simulation, Verdict};

pub use deploy::{deploy, nothing_to_deploy, stopped};

/// Scenarios as test cases of one suite. What could not be played is an error, what is about another
/// config is skipped.
pub fn simulation(simulation: &Simulation) -> String {
    let failures = simulation.count(|verdict| *verdict == Verdict::Failed);
    let errors = simulation.count(|verdict| matches!(verdict, Verdict::Undetermined { .. }));
    let skipped = simulation.count(|verdict| matches!(verdict, Verdict::NotApplicable { .. }));
    let cases: String = simulation.scenarios.iter().map(case).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  \
         <testsuite name=\"opencx-sf simulate\" tests=\"{}\" failures=\"{failures}\" \
         errors=\"{errors}\" skipped=\"{skipped}\">\n{cases}  </testsuite>\n</testsuites>\n",
        simulation.scenarios.len()
    )
}

/// Checks as test cases of one suite. What could not be told is an error.
pub fn examination(examination: &Examination) -> String {
    let count = |verdict| examination.of(verdict).count();
    let cases: String = examination.findings.iter().map(checked).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  \
         <testsuite name=\"opencx-sf doctor\" tests=\"{}\" failures=\"{}\" errors=\"{}\" \
         skipped=\"0\">\n{cases}  </testsuite>\n</testsuites>\n",
        examination.findings.len(),
        count(doctor::Verdict::Failed),
        count(doctor::Verdict::Unknown)
    )
}

fn checked(finding: &Finding) -> String {
    let open = format!(
        "    <testcase classname=\"doctor\" name=\"{}\"",
        escaped(finding.code.0)
    );
    let text: Vec<&str> = [&finding.effect, &finding.fix, &finding.command]
        .into_iter()
        .filter_map(Option::as_deref)
        .collect();
    match finding.verdict {
        doctor::Verdict::Passed => format!("{open}/>\n"),
        doctor::Verdict::Failed => child(&open, "failure", &finding.found, &text.join("\n")),
        doctor::Verdict::Unknown => child(&open, "error", &finding.found, &text.join("\n")),
    }
}

fn child(open: &str, tag: &str, message: &str, text: &str) -> String {
    let message = escaped(message);
    let end = if text.is_empty() {
        "/>".to_owned()
    } else {
        format!(">{}</{tag}>", escaped(text))
    };
    format!("{open}>\n      <{tag} message=\"{message}\"{end}\n    </testcase>\n")
}

fn case(shown: &Shown) -> String {
    let name = escaped(&format!("{}: {}", shown.name, shown.title));
    let open = format!("    <testcase classname=\"simulate\" name=\"{name}\"");
    let child = |tag: &str, message: &str, text: &str| child(&open, tag, message, text);
    match &shown.verdict {
        Verdict::Passed => format!("{open}/>\n"),
        Verdict::Failed => {
            let bad = shown.steps.iter().find(|step| !step.problems.is_empty());
            bad.map_or_else(String::new, |step| {
                let text = format!("when {}\n{}", step.when, step.seen.join("\n"));
                child("failure", &step.problems.join("; "), &text)
            })
        }
        Verdict::NotApplicable { reason } => child("skipped", reason, ""),
        Verdict::Undetermined { reason } => child("error", reason, ""),
    }
}

// XML 1.0 has no way to write most control characters.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(character),
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::StepShown;

    #[test]
    fn every_verdict_has_its_element() {
        let shown = |name: &str, verdict| Shown {
            name: name.to_owned(),
            title: "a & b".to_owned(),
            verdict,
            steps: vec![StepShown {
                when: "x < y".to_owned(),
                seen: vec!["line\u{1b}".to_owned()],
                problems: vec!["expected \"1\"".to_owned()],
            }],
        };
        let reason = "no".to_owned();
        let simulation = Simulation {
            scenarios: vec![
                shown("good", Verdict::Passed),
                shown("bad", Verdict::Failed),
                shown(
                    "other",
                    Verdict::NotApplicable {
                        reason: reason.clone(),
                    },
                ),
                shown("odd", Verdict::Undetermined { reason }),
            ],
        };
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<testsuites>
  <testsuite name=\"opencx-sf simulate\" tests=\"4\" failures=\"1\" errors=\"1\" skipped=\"1\">
    <testcase classname=\"simulate\" name=\"good: a &amp; b\"/>
    <testcase classname=\"simulate\" name=\"bad: a &amp; b\">
      <failure message=\"expected &quot;1&quot;\">when x &lt; y
line\u{FFFD}</failure>
    </testcase>
    <testcase classname=\"simulate\" name=\"other: a &amp; b\">
      <skipped message=\"no\"/>
    </testcase>
    <testcase classname=\"simulate\" name=\"odd: a &amp; b\">
      <error message=\"no\"/>
    </testcase>
  </testsuite>
</testsuites>
";
        assert_eq!(super::simulation(&simulation), expected);
    }
}

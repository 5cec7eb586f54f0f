//! What `drift --adopt` would write, what it wrote, and what has no place.

use super::rows::{component, count, line};
use crate::drift::adopt::Adoption;
use crate::report::adopt::{AdoptedFiles, unified};
use crate::report::plain;
use crate::report::style::{BAD, DIM, GOOD, NAME, WARN, paint};

/// What would be written: the config's lines, each template with what differs from the one in use,
/// and what stays.
pub fn adoption(adoption: &Adoption, files: AdoptedFiles<'_>) -> String {
    let AdoptedFiles {
        config,
        before,
        after,
        folder,
    } = files;
    let what = match (adoption.values.len(), adoption.templates.len()) {
        (0, 0) => paint(WARN, "nothing of this has a place in config or templates"),
        (values, 0) => count(values, "value"),
        (0, templates) => count(templates, "template"),
        (values, templates) => {
            format!(
                "{} and {}",
                count(values, "value"),
                count(templates, "template")
            )
        }
    };
    let mut out = line("Adopt", &what);
    for value in &adoption.values {
        let was = value.was.as_deref().unwrap_or("absent");
        out.push_str(&format!(
            "  {} {config}:{}  {}: {} {} {}\n",
            paint(GOOD, "~"),
            value.line,
            paint(NAME, plain(&value.key)),
            plain(was),
            paint(DIM, "→"),
            plain(
                &value
                    .value
                    .as_str()
                    .map_or_else(|| value.value.to_string(), str::to_owned)
            )
        ));
        also_for(&mut out, &value.also_for);
    }
    if before != after {
        diff(&mut out, config, before, after);
    }
    for template in &adoption.templates {
        let sign = if template.replaces {
            paint(WARN, "!")
        } else {
            paint(GOOD, "+")
        };
        out.push_str(&format!(
            "  {sign} {}  {}\n",
            component(&template.component),
            plain(&format!("{folder}/{}", template.path))
        ));
        let mut notes = Vec::new();
        if template.replaces {
            notes.push("replaces a template of your own: only with --overwrite");
        }
        if !template.keeps_values {
            notes.push("the config's values stand in it as the org has them: later changes of the config won't reach it");
        }
        notes.push("it holds for every org of the config, and newer templates of opencx-sf won't reach it: `lint` says when that happens");
        for note in notes {
            out.push_str(&format!("      {}\n", paint(DIM, note)));
        }
        diff(&mut out, &template.path, &template.was, &template.text);
    }
    for (change, reason) in &adoption.left {
        out.push_str(&format!(
            "  {} {}  stays: {}\n      {}\n",
            paint(BAD, "✗"),
            component(&change.component),
            plain(&reason.why),
            paint(DIM, plain(&reason.help))
        ));
    }
    out
}

fn also_for(out: &mut String, orgs: &[String]) {
    if !orgs.is_empty() {
        let names: Vec<String> = orgs.iter().map(|name| plain(name)).collect();
        let text = format!(
            "stands at the top level, so it holds for {} too",
            names.join(", ")
        );
        out.push_str(&format!("      {}\n", paint(WARN, text)));
    }
}

/// After it was written.
pub fn adopted(adoption: &Adoption, org: &str) -> String {
    let left = adoption
        .left
        .iter()
        .filter(|(change, _)| change.is_difference());
    let left = left.count();
    let text = match left {
        0 => paint(GOOD, "what is rendered now is what the org holds"),
        _ => paint(WARN, format!("{} still differ", count(left, "component"))),
    };
    let next = format!(
        "review and commit the files; `opencx-sf drift --target-org {}` looks again",
        plain(org)
    );
    line("Written", &text) + &line("Next", &next)
}

fn diff(out: &mut String, name: &str, before: &str, after: &str) {
    let text = unified(name, before, after);
    for line in text.lines().skip(2) {
        let style = match line.as_bytes().first() {
            Some(b'+') => GOOD,
            Some(b'-') => BAD,
            Some(b'@') => NAME,
            _ => DIM,
        };
        out.push_str(&format!("      {}\n", paint(style, plain(line))));
    }
}

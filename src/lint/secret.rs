//! No secret may be in what is written to disk and shown in diffs.

use super::Rule;
use super::context::Context;
use super::finding::Finding;
use crate::apex::string_literal;
use crate::diag::{Code, Severity};
use crate::secret::Secret;

/// A path of a URL that is shorter than this may be an ordinary word.
const SHORTEST_TOKEN: usize = 16;

pub(super) const SECRET_IN_SOURCE: Rule = Rule {
    code: Code("lint/secret-in-source"),
    summary: "no component holds a secret of the config",
    explain: "Rendered files are committed, shown in diffs and readable by every admin of the \
        org. The webhook's URL holds a token: it belongs into the Named Credential alone, where a \
        placeholder stands for it until the deploy. Looked for are all secrets that have a value \
        now, as they are and as XML and Apex spell them, and the part of a URL behind its host.",
    help: "leave the value to the placeholder; if it was committed, get a new webhook URL",
    severity: Severity::Error,
    check: secrets,
};

fn secrets<'a>(rule: &'static Rule, context: &'a Context<'a>) -> Vec<Finding<'a>> {
    let slots = context.package.secrets.iter().map(|slot| &slot.value);
    let spellings: Vec<Secret> = slots
        .chain([&context.integration.webhook_url.value])
        .flatten()
        .flat_map(spellings)
        .collect();
    let holds = |line: &str| {
        spellings
            .iter()
            .any(|secret| line.contains(secret.expose()))
    };
    let mut findings = Vec::new();
    for component in context.package.components.values() {
        let source = component.source.as_deref().unwrap_or_default();
        for (index, _) in source.lines().enumerate().filter(|(_, line)| holds(line)) {
            findings.push(rule.at(
                &component.id,
                Some(index + 1),
                "holds a secret of the config",
            ));
        }
        for (index, _) in component
            .xml
            .lines()
            .enumerate()
            .filter(|(_, line)| holds(line))
        {
            let line = (!component.id.kind.has_source()).then_some(index + 1);
            findings.push(rule.at(&component.id, line, "its XML holds a secret of the config"));
        }
    }
    findings
}

/// The ways in which a secret can be written in a component.
fn spellings(secret: &Secret) -> Vec<Secret> {
    let text = secret.expose();
    if text.trim().is_empty() {
        return Vec::new();
    }
    let mut spellings = vec![
        text.to_owned(),
        quick_xml::escape::escape(text).into_owned(),
    ];
    if let Ok(literal) = string_literal(text) {
        // Without its quotes: it may be part of a longer literal.
        spellings.push(literal[1..literal.len() - 1].to_owned());
    }
    let behind_host = text
        .split_once("://")
        .and_then(|(_, rest)| rest.split_once('/'))
        .map(|(_, path)| path.to_owned());
    spellings.extend(behind_host.filter(|path| path.len() >= SHORTEST_TOKEN));
    spellings.sort();
    spellings.dedup();
    spellings.into_iter().map(Secret::new).collect()
}

#[cfg(test)]
mod tests {
    use crate::lint::samples::{CREDENTIAL, Sample, method};

    const URL: &str = "https://api.open.cx/hooks/tok&en-0123456789";

    #[test]
    fn secret_in_source() {
        let code = |text: &str| {
            Sample::new()
                .webhook_url(URL)
                .source("ApexClass:A", &method("A", &format!("// {text}")))
                .xml("NamedCredential:OpenCX_Integration", CREDENTIAL)
        };
        for text in [URL, "hooks/tok&en-0123456789"] {
            assert_eq!(
                code(text).found("lint/secret-in-source"),
                ["ApexClass:A:2 holds a secret of the config"]
            );
        }
        let xml = code("").edit_xml(
            "NamedCredential:OpenCX_Integration",
            "__OPENCX_WEBHOOK_URL__",
            "https://api.open.cx/hooks/tok&amp;en-0123456789",
        );
        assert_eq!(
            xml.found("lint/secret-in-source"),
            ["NamedCredential:OpenCX_Integration:4 its XML holds a secret of the config"]
        );
        assert_eq!(
            code("https://api.open.cx/").found("lint/secret-in-source"),
            [""; 0]
        );
    }

    #[test]
    fn findings_do_not_show_the_secret() {
        let sample = Sample::new().webhook_url(URL).source(
            "ApexClass:A",
            &method("A", &format!("r.setEndpoint('{URL}');")),
        );
        let all = format!("{:?}", sample.run());
        assert!(all.contains("lint/secret-in-source") && all.contains("lint/hard-coded-url"));
        assert!(!all.contains("en-0123456789"), "{all}");
    }
}

//! Rules on where Apex calls out to.

use super::Rule;
use super::context::{Context, contains_ignoring_case};
use super::finding::Finding;
use crate::diag::{Code, Severity};
use crate::metadata::MetadataType;

pub(super) const CALLOUT_ENDPOINT: Rule = Rule {
    code: Code("lint/callout-endpoint"),
    summary: "every callout goes to a Named Credential of the package, and exactly to it",
    explain: "The webhook's URL holds a token and is complete: the Named Credential keeps it out \
        of the code, and anything appended to `callout:Name` would be appended to the URL. The \
        argument of setEndpoint must be that text, or a constant that holds it.",
    help: "write `setEndpoint('callout:{{ names.OpenCX_Integration }}')`",
    severity: Severity::Error,
    check: endpoints,
};

fn endpoints<'a>(rule: &'static Rule, context: &'a Context<'a>) -> Vec<Finding<'a>> {
    let allowed: Vec<String> = context
        .package
        .of_kind(MetadataType::NamedCredential)
        .map(|credential| format!("callout:{}", credential.id.full_name))
        .collect();
    let mut findings = Vec::new();
    for file in context.production() {
        for call in &file.calls {
            if !call.name.eq_ignore_ascii_case("setEndpoint") {
                continue;
            }
            let value = call
                .arguments
                .first()
                .and_then(|one| context.constant(file, one));
            let message = match value {
                Some(value) if allowed.contains(&value) => continue,
                // The value may hold a token, so it isn't shown.
                Some(_) => {
                    "the endpoint is not exactly `callout:` and a Named Credential of the package"
                }
                None => "the endpoint is neither a text nor a constant, so it can't be checked",
            };
            findings.push(rule.at(file.id, Some(call.span.line), message));
        }
    }
    findings
}

pub(super) const HARD_CODED_URL: Rule = Rule {
    code: Code("lint/hard-coded-url"),
    summary: "no Apex outside of tests holds a URL",
    explain: "Where to call belongs into a Named Credential: it differs from org to org, an admin \
        can change it without a deploy, and webhook URLs hold tokens.",
    help: "use a Named Credential and `callout:`",
    severity: Severity::Error,
    check: |rule, context| {
        let mut findings = Vec::new();
        for file in context.production() {
            for literal in file.source.string_literals() {
                let holds = |scheme| contains_ignoring_case(literal.text, scheme);
                if holds("http://") || holds("https://") {
                    findings.push(rule.at(file.id, Some(literal.line), "holds a URL"));
                }
            }
        }
        findings
    },
};

#[cfg(test)]
mod tests {
    use crate::lint::samples::{CREDENTIAL, Sample, method};

    #[test]
    fn callout_endpoint() {
        let calls = |argument: &str| {
            let body = format!("r.setEndpoint({argument});");
            Sample::new()
                .xml("NamedCredential:OpenCX_Integration", CREDENTIAL)
                .source("ApexClass:A", &method("A", &body))
                .source(
                    "ApexClass:B",
                    "public with sharing class B { static final String URL = 'callout:OpenCX_Integration';
                     void f() { r.setEndpoint(url); } }",
                )
                .found("lint/callout-endpoint")
        };
        for good in ["'callout:OpenCX_Integration'", "B.URL"] {
            assert_eq!(calls(good), [""; 0], "{good}");
        }
        for bad in [
            "'callout:OpenCX_Integration/'",
            "'https://x.example'",
            "'callout:Other'",
        ] {
            assert_eq!(
                calls(bad),
                [
                    "ApexClass:A:2 the endpoint is not exactly `callout:` and a Named Credential of \
                  the package"
                ],
                "{bad}"
            );
        }
        for unknown in ["B.URL + '/x'", "C.URL", "", "url"] {
            assert_eq!(
                calls(unknown),
                [
                    "ApexClass:A:2 the endpoint is neither a text nor a constant, so it can't be checked"
                ],
                "{unknown}"
            );
        }
    }

    #[test]
    fn hard_coded_url() {
        let code = |literal: &str| method("A", &format!("String s = {literal};"));
        let found = |source: &str| {
            Sample::new()
                .source("ApexClass:A", source)
                .found("lint/hard-coded-url")
        };
        assert_eq!(
            found(&code("'see HTTPS://x.example'")),
            ["ApexClass:A:2 holds a URL"]
        );
        assert_eq!(found(&code("'http'; // https://x.example")), [""; 0]);
        assert_eq!(
            found(&format!("@IsTest {}", code("'http://x.example'"))),
            [""; 0]
        );
    }
}

//! The rule on what Salesforce does to a message unless it is told not to.

use super::Rule;
use super::context::Context;
use super::finding::Finding;
use super::mail;
use crate::diag::{Code, Severity};

pub(super) const MAIL_FLAG: Rule = Rule {
    code: Code("lint/mail-flag"),
    summary: "messages are not filed, not signed, and no merge fields are filled in",
    explain: "setSaveAsActivity and setUseSignature are true unless they are set: the reply would \
        be recorded twice, or closed with the personal signature of the connected user. With \
        setTreatBodiesAsTemplate(true) Salesforce fills in `{!…}` that a customer or the AI wrote, \
        and so gives data away. All three must be set to `false`.",
    help: "write `message.setSaveAsActivity(false); message.setUseSignature(false); \
        message.setTreatBodiesAsTemplate(false);`",
    severity: Severity::Error,
    check: flags,
};

const SETTERS: [&str; 3] = [
    "setSaveAsActivity",
    "setUseSignature",
    "setTreatBodiesAsTemplate",
];

fn flags<'a>(rule: &'static Rule, context: &'a Context<'a>) -> Vec<Finding<'a>> {
    let mut findings = Vec::new();
    if !mail::sends_mail(context) {
        return findings;
    }
    for setter in SETTERS {
        let mut is_set = false;
        for file in context.production() {
            for value in mail::values(file, setter) {
                is_set = true;
                if !value.span.text.eq_ignore_ascii_case("false") {
                    let message = format!("{setter} gets `{}`, not `false`", value.span.text);
                    findings.push(rule.at(file.id, Some(value.span.line), message));
                }
            }
        }
        if !is_set {
            findings.push(rule.of_package(format!("no message gets {setter}(false)")));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use crate::lint::samples::{Sample, class, method};

    fn found(body: &str) -> Vec<String> {
        let body = format!("Messaging.SingleEmailMessage m; {body}");
        let sample = Sample::new().source("ApexClass:A", &method("A", &body));
        sample.found("lint/mail-flag")
    }

    #[test]
    fn all_three_are_false() {
        let good = "m.setSaveAsActivity(false); m.useSignature = FALSE; \
            m.setTreatBodiesAsTemplate(false);";
        assert_eq!(found(good), [""; 0]);
        assert_eq!(
            found(&good.replace("Template(false)", "Template(true)")),
            ["ApexClass:A:2 setTreatBodiesAsTemplate gets `true`, not `false`"]
        );
        assert_eq!(
            found(&good.replace("m.useSignature = FALSE;", "")),
            ["no message gets setUseSignature(false)"]
        );
        let no_mail = Sample::new().source("ApexClass:A", &class("A"));
        assert_eq!(no_mail.found("lint/mail-flag"), [""; 0]);
    }
}

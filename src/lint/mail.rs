//! Rules on the messages that Apex makes: whom answers go to, and no recipient by Id.

use super::Rule;
use super::context::{ApexFile, Context};
use super::finding::Finding;
use crate::apex::Expression;
use crate::diag::{Code, Severity};

/// The constant that OpenCX's documentation tells admins to look for.
const CONSTANT: &str = "REPLY_TO_ADDRESS";

/// Everything that a file gives a property of a message: arguments of the setter (`setSubject`),
/// and, in files that handle messages, assignments (`message.subject = …`).
pub(super) fn values<'a>(file: &'a ApexFile<'a>, setter: &str) -> Vec<&'a Expression<'a>> {
    let mut values = Vec::new();
    for call in &file.calls {
        if call.name.eq_ignore_ascii_case(setter) {
            values.extend(call.arguments.first());
        }
    }
    if file.makes_mail {
        let property = setter.strip_prefix("set").unwrap_or(setter);
        for binding in &file.bindings {
            if binding.receiver.is_some() && binding.name.eq_ignore_ascii_case(property) {
                values.push(&binding.value);
            }
        }
    }
    values
}

/// Whether the package sends mail at all.
pub(super) fn sends_mail(context: &Context<'_>) -> bool {
    context.production().any(|file| file.makes_mail)
}

pub(super) const REPLY_TO_MISSING: Rule = Rule {
    code: Code("lint/reply-to-missing"),
    summary: "every message says that answers go to the configured address",
    explain: "Customers' answers come back into the Case only through a verified Email-to-Case \
        address. Without setReplyTo they go to the sender. The argument must be the address of \
        `email_cases.reply_to`, as a text or as a constant that holds it; any constant \
        REPLY_TO_ADDRESS must hold it too.",
    help: "call `message.setReplyTo(REPLY_TO_ADDRESS)`, with `REPLY_TO_ADDRESS = {{ reply_to }}`",
    severity: Severity::Error,
    check: reply_to,
};

fn reply_to<'a>(rule: &'static Rule, context: &'a Context<'a>) -> Vec<Finding<'a>> {
    let wanted = &context.integration.reply_to;
    let mut findings = Vec::new();
    let mut is_set = false;
    for file in context.production() {
        for binding in &file.bindings {
            let is_other = || context.constant(file, &binding.value).as_ref() != Some(wanted);
            if binding.name.eq_ignore_ascii_case(CONSTANT) && is_other() {
                let message = format!("{CONSTANT} is not `{wanted}`, the address in the config");
                findings.push(rule.at(file.id, Some(binding.value.span.line), message));
            }
        }
        for value in values(file, "setReplyTo") {
            is_set = true;
            // What is wrong with the constant itself is said there.
            if value
                .words
                .last()
                .is_some_and(|word| word.eq_ignore_ascii_case(CONSTANT))
            {
                continue;
            }
            let message = match context.constant(file, value) {
                Some(address) if address == *wanted => continue,
                Some(address) => {
                    format!("the reply address is `{address}`, and in the config `{wanted}`")
                }
                None => "the reply address is neither a text nor a constant, so it can't be \
                         checked"
                    .to_owned(),
            };
            findings.push(rule.at(file.id, Some(value.span.line), message));
        }
    }
    if !is_set && sends_mail(context) {
        findings.push(rule.of_package("no message gets a reply address"));
    }
    findings
}

pub(super) const TARGET_OBJECT_ID: Rule = Rule {
    code: Code("lint/target-object-id"),
    summary: "no message is addressed by record Id or filed under a record",
    explain: "setTargetObjectId and setWhatId make Salesforce log the message once more and apply \
        opt-out and bounce rules to it: the reply would be there twice, or not be sent.",
    help: "address messages with setToAddresses only",
    severity: Severity::Error,
    check: |rule, context| {
        let mut findings = Vec::new();
        for file in context.production() {
            for setter in ["setTargetObjectId", "setWhatId"] {
                for value in values(file, setter) {
                    let message = format!("a message gets a value by {setter}");
                    findings.push(rule.at(file.id, Some(value.span.line), message));
                }
            }
        }
        findings
    },
};

#[cfg(test)]
mod tests {
    use crate::lint::samples::{Sample, class, method};

    const IDENTITY: &str = "public with sharing class Identity {
        public static final String REPLY_TO_ADDRESS = 'support@acme.example';
    }";

    fn found(body: &str, identity: &str, rule: &str) -> Vec<String> {
        let body = format!("Messaging.SingleEmailMessage m; {body}");
        Sample::new()
            .source("ApexClass:A", &method("A", &body))
            .source("ApexClass:Identity", identity)
            .found(rule)
    }

    #[test]
    fn reply_to_missing() {
        let rule = "lint/reply-to-missing";
        for good in [
            "m.setReplyTo(Identity.REPLY_TO_ADDRESS);",
            "m.replyTo = 'support@acme.example';",
        ] {
            assert_eq!(found(good, IDENTITY, rule), [""; 0], "{good}");
        }
        assert_eq!(
            found("", IDENTITY, rule),
            ["no message gets a reply address"]
        );
        assert_eq!(
            found("m.setReplyTo('x@acme.example');", IDENTITY, rule),
            [
                "ApexClass:A:2 the reply address is `x@acme.example`, and in the config \
              `support@acme.example`"
            ]
        );
        assert_eq!(
            found("m.setReplyTo(getAddress());", IDENTITY, rule),
            [
                "ApexClass:A:2 the reply address is neither a text nor a constant, so it can't be \
              checked"
            ]
        );
        for other in ["'sales@acme.example'", "null"] {
            let identity = IDENTITY.replace("'support@acme.example'", other);
            assert_eq!(
                found("m.setReplyTo(Identity.REPLY_TO_ADDRESS);", &identity, rule),
                [
                    "ApexClass:Identity:2 REPLY_TO_ADDRESS is not `support@acme.example`, the \
                  address in the config"
                ]
            );
        }
    }

    #[test]
    fn a_package_without_mail_needs_no_reply_address() {
        let sample = Sample::new().source("ApexClass:A", &class("A"));
        assert_eq!(sample.found("lint/reply-to-missing"), [""; 0]);
    }

    #[test]
    fn target_object_id() {
        let rule = "lint/target-object-id";
        assert_eq!(
            found("m.setWhatId(c.Id); m.targetObjectId = x;", IDENTITY, rule),
            [
                "ApexClass:A:2 a message gets a value by setTargetObjectId",
                "ApexClass:A:2 a message gets a value by setWhatId",
            ]
        );
        assert_eq!(found("m.setToAddresses(x);", IDENTITY, rule), [""; 0]);
    }
}

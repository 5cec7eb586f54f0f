//! Rules on triggers: where they are, and that they only hand over.

use super::Rule;
use super::context::{ApexFile, Context};
use super::finding::Finding;
use crate::apex::{Call, Declaration};
use crate::diag::{Code, Severity};
use crate::metadata::{FullName, MetadataType};

/// The triggers, the object that each is on, and when it runs. OpenCX's documentation names the first
/// two.
const TRIGGERS: [(&str, &str, &[&str]); 6] = [
    ("CaseTrigger", "Case", &["after insert"]),
    (
        "OpenCxOutboundEmailSender",
        "EmailMessage",
        &["after insert"],
    ),
    (
        "OpenCxRepEmailTrigger",
        "EmailMessage",
        &["after insert", "after update"],
    ),
    ("OpenCxRepCommentTrigger", "CaseComment", &["after insert"]),
    ("OpenCxCaseChangeTrigger", "Case", &["after update"]),
    ("OpenCxCaseEventTrigger", EVENT, &["after insert"]),
];

/// The platform event, by the name under which it is shipped.
const EVENT: &str = "OpenCX_Case_Event";

pub(super) const TRIGGER_OBJECT: Rule = Rule {
    code: Code("lint/trigger-object"),
    summary: "each trigger is on its object and its events",
    explain: "CaseTrigger announces new Cases, so it is on Case; OpenCxOutboundEmailSender sends \
        replies, which OpenCX writes as EmailMessage. Both need the Id of the new record, which \
        only exists after insert, and on any other event would do their work again. The triggers \
        for agents' work and for platform events have their objects and events likewise.",
    help: "declare it as the shipped template does: `trigger Name on Object(after insert)`",
    severity: Severity::Error,
    check: trigger_objects,
};

fn trigger_objects<'a>(rule: &'static Rule, context: &'a Context<'a>) -> Vec<Finding<'a>> {
    let mut findings = Vec::new();
    for (shipped, object, wanted_events) in TRIGGERS {
        let event = format!("{}__e", context.name(EVENT));
        let wanted = if object == EVENT { &event } else { object };
        let name = FullName::new(context.name(shipped));
        for file in &context.apex {
            let Some(Declaration::Trigger { object, events, .. }) = &file.declaration else {
                continue;
            };
            if file.id.full_name != name {
                continue;
            }
            if !object.eq_ignore_ascii_case(wanted) || *events != *wanted_events {
                let (events, wanted_events) = (events.join(", "), wanted_events.join(", "));
                let message =
                    format!("is on {object} ({events}), and must be on {wanted} ({wanted_events})");
                findings.push(rule.at(file.id, None, message));
            }
        }
    }
    findings
}

pub(super) const TRIGGER_DOES_WORK: Rule = Rule {
    code: Code("lint/trigger-does-work"),
    summary: "a trigger's body is one call of its handler",
    explain: "An org should have one trigger per object. When the customer has one already, the \
        handler is called from there, which takes a trigger that is a single call. Queries, DML, \
        callouts, mail and jobs in the body itself are errors; any other statement is a warning.",
    help: "move the work into the handler class",
    severity: Severity::Error,
    check: |rule, context| {
        let mut findings = Vec::new();
        for file in &context.apex {
            if file.id.kind == MetadataType::ApexTrigger {
                findings.extend(work(rule, file));
            }
        }
        findings
    },
};

fn work<'a>(rule: &'static Rule, file: &'a ApexFile<'a>) -> Vec<Finding<'a>> {
    let mut findings = Vec::new();
    for access in file.source.data_access() {
        let what = if access.text.starts_with('[') {
            "queries"
        } else {
            "changes"
        };
        findings.push(rule.at(
            file.id,
            Some(access.line),
            format!("the trigger {what} records"),
        ));
    }
    for call in file.calls.iter().filter(|call| is_work(call)) {
        let message = format!("the trigger calls `{}` itself", call.name);
        findings.push(rule.at(file.id, Some(call.span.line), message));
    }
    let is_call = |text: &str| {
        let text = text.trim_end_matches(';').trim_end();
        file.calls.iter().any(|call| call.span.text == text)
    };
    let statements = file.source.trigger_statements();
    let extra = match statements.as_slice() {
        [] => Some(None),
        [only] if is_call(only.text) => None,
        [first, ..] if !is_call(first.text) => Some(Some(first.line)),
        [_, second, ..] => Some(Some(second.line)),
        [_] => None,
    };
    if let Some(line) = extra
        && findings.is_empty()
    {
        let message = "the trigger's body is not just one call of a handler";
        findings.push(
            rule.at(file.id, line, message)
                .with_severity(Severity::Warning),
        );
    }
    findings
}

/// Whether a call of the platform's is work that belongs into a handler or job.
fn is_work(call: &Call<'_>) -> bool {
    let receiver = call.receiver.unwrap_or_default().to_ascii_lowercase();
    let class = receiver.strip_prefix("system.").unwrap_or(&receiver);
    let name = call.name.to_ascii_lowercase();
    matches!(
        class,
        "database" | "messaging" | "eventbus" | "search" | "approval"
    ) || matches!(name.as_str(), "enqueuejob" | "sendemail" | "schedule")
        || (name == "send" && (class == "http" || receiver.starts_with("new ")))
}

#[cfg(test)]
mod tests {
    use crate::lint::samples::Sample;

    fn trigger(id: &str, declaration: &str, body: &str) -> Sample {
        Sample::new().source(id, &format!("trigger {declaration} {{\n{body}\n}}"))
    }

    #[test]
    fn trigger_object() {
        let case =
            |declaration| trigger("ApexTrigger:CaseTrigger", declaration, "A.f(Trigger.new);");
        for (declaration, found) in [
            ("CaseTrigger on Case(after insert)", vec![]),
            ("CaseTrigger on case(AFTER  INSERT)", vec![]),
            (
                "CaseTrigger on Lead(after insert)",
                vec![
                    "ApexTrigger:CaseTrigger is on Lead (after insert), and must be on Case (after insert)",
                ],
            ),
            (
                "CaseTrigger on Case(before insert, after insert)",
                vec![
                    "ApexTrigger:CaseTrigger is on Case (before insert, after insert), and must be \
                     on Case (after insert)",
                ],
            ),
        ] {
            assert_eq!(
                case(declaration).found("lint/trigger-object"),
                found,
                "{declaration}"
            );
        }
        let change =
            |declaration| trigger("ApexTrigger:OpenCxCaseChangeTrigger", declaration, "A.f();");
        assert_eq!(
            change("OpenCxCaseChangeTrigger on Case(after update)").found("lint/trigger-object"),
            [""; 0]
        );
        assert_eq!(
            change("OpenCxCaseChangeTrigger on Case(before update)").found("lint/trigger-object"),
            [
                "ApexTrigger:OpenCxCaseChangeTrigger is on Case (before update), and must be on Case \
                 (after update)"
            ]
        );
        let event = trigger(
            "ApexTrigger:OpenCxCaseEventTrigger",
            "OpenCxCaseEventTrigger on OpenCX_Case_Event__e(after insert)",
            "A.f();",
        );
        assert_eq!(event.found("lint/trigger-object"), [""; 0]);
        let event = event.name("OpenCX_Case_Event", "Acme_Event");
        assert_eq!(
            event.found("lint/trigger-object"),
            [
                "ApexTrigger:OpenCxCaseEventTrigger is on OpenCX_Case_Event__e (after insert), and must \
                 be on Acme_Event__e (after insert)"
            ]
        );
        let renamed = trigger(
            "ApexTrigger:OurMail",
            "OurMail on Case(after insert)",
            "A.f();",
        )
        .name("OpenCxOutboundEmailSender", "OurMail");
        assert_eq!(
            renamed.found("lint/trigger-object"),
            [
                "ApexTrigger:OurMail is on Case (after insert), and must be on EmailMessage (after insert)"
            ]
        );
    }

    #[test]
    fn trigger_does_work() {
        for (body, found) in [
            ("// why\nHandler.handleAfterInsert(Trigger.new);", vec![]),
            (
                "insert x;",
                vec!["ApexTrigger:T:2 the trigger changes records"],
            ),
            (
                "H.f();\nfor (Case c : [SELECT Id FROM Case]) { H.f(c); }",
                vec!["ApexTrigger:T:3 the trigger queries records"],
            ),
            (
                "System.Database.update(Trigger.new);\nnew Http().send(r);\nSystem.enqueueJob(new J());",
                vec![
                    "ApexTrigger:T:2 the trigger calls `update` itself",
                    "ApexTrigger:T:3 the trigger calls `send` itself",
                    "ApexTrigger:T:4 the trigger calls `enqueueJob` itself",
                ],
            ),
            (
                "H.f();\nH.g();",
                vec!["ApexTrigger:T:3 the trigger's body is not just one call of a handler"],
            ),
            (
                "if (x) { H.f(); }",
                vec!["ApexTrigger:T:2 the trigger's body is not just one call of a handler"],
            ),
            (
                "",
                vec!["ApexTrigger:T the trigger's body is not just one call of a handler"],
            ),
        ] {
            let sample = trigger("ApexTrigger:T", "T on Case(after insert)", body);
            assert_eq!(sample.found("lint/trigger-does-work"), found, "{body}");
        }
    }
}

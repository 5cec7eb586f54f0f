//! Rules on getting in nobody's way: not in a save, not in other people's tests, no real mail in
//! ours.

use super::Rule;
use super::context::{ApexFile, Context, contains_ignoring_case};
use crate::diag::{Code, Severity};
use crate::metadata::{ComponentId, MetadataType};

pub(super) const HANDLER_WITHOUT_CATCH: Rule = Rule {
    code: Code("lint/handler-without-catch"),
    summary: "what a trigger calls catches exceptions",
    explain: "An exception that leaves a trigger fails the save of the user, the import or the \
        e-mail that it runs in: nobody could create Cases while the integration is broken. The \
        handler of each trigger must have a `catch` for Exception. The rule looks for one in the \
        handler's class; it doesn't prove that it encloses everything.",
    help: "put the handler's work into `try { … } catch (System.Exception cause) { … }` and log it",
    severity: Severity::Error,
    check: |rule, context| {
        let mut findings = Vec::new();
        for handler in handlers(context) {
            let catches = handler.source.catches();
            let is_general = |text: &str| {
                let head = text.split('{').next().unwrap_or_default();
                let head = head.to_ascii_lowercase().replace("system.", "");
                head.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .any(|word| word == "exception")
            };
            if !catches.iter().any(|clause| is_general(clause.text)) {
                let message = "a trigger calls this class, which doesn't catch Exception";
                findings.push(rule.at(handler.id, None, message));
            }
        }
        findings
    },
};

/// The classes of the package that its triggers call.
fn handlers<'a>(context: &'a Context<'a>) -> Vec<&'a ApexFile<'a>> {
    let is_trigger = |file: &&ApexFile<'_>| file.id.kind == MetadataType::ApexTrigger;
    let mut handlers: Vec<&ApexFile<'_>> = Vec::new();
    for trigger in context.apex.iter().filter(is_trigger) {
        for call in &trigger.calls {
            let class =
                ComponentId::new(MetadataType::ApexClass, call.receiver.unwrap_or_default());
            let known = handlers.iter().any(|file| *file.id == class);
            handlers.extend(context.apex.iter().find(|file| *file.id == class && !known));
        }
    }
    handlers
}

pub(super) const NOT_INERT_IN_TESTS: Rule = Rule {
    code: Code("lint/not-inert-in-tests"),
    summary: "triggers do nothing in other people's tests",
    explain: "The org's own tests insert Cases and mail too. Our jobs would call out at their \
        Test.stopTest(), fail them, and with them every deployment to that org. So somewhere on \
        the way from trigger to job Test.isRunningTest() must be asked. The rule wants one such \
        call in the package; it doesn't prove where it is.",
    help: "stay out while `System.Test.isRunningTest()`, unless a @TestVisible switch is on",
    severity: Severity::Error,
    check: |rule, context| {
        let asks = context.production().any(|file| {
            let mut calls = file.calls.iter();
            calls.any(|call| call.name.eq_ignore_ascii_case("isRunningTest"))
        });
        if asks || handlers(context).is_empty() {
            return Vec::new();
        }
        vec![rule.of_package("no Apex asks Test.isRunningTest()")]
    },
};

pub(super) const SEE_ALL_DATA: Rule = Rule {
    code: Code("lint/see-all-data"),
    summary: "no test sees the org's records",
    explain: "A test with SeeAllData=true passes or fails with the records that happen to be in \
        the org, so a deployment may fail tomorrow that succeeds today.",
    help: "create in the test what it needs, and remove `SeeAllData=true`",
    severity: Severity::Error,
    check: |rule, context| {
        let mut findings = Vec::new();
        for file in &context.apex {
            for annotation in file.source.annotations() {
                let text: String = annotation.text.split_whitespace().collect();
                if contains_ignoring_case(&text, "SeeAllData=true") {
                    let message = "the test sees the org's records";
                    findings.push(rule.at(file.id, Some(annotation.line), message));
                }
            }
        }
        findings
    },
};

pub(super) const TEST_SEAM_MISSING: Rule = Rule {
    code: Code("lint/test-seam-missing"),
    summary: "tests can put their own in the place of Messaging.sendEmail",
    explain: "sendEmail fails in orgs where deliverability is off, which is the default of a \
        refreshed sandbox: a test that really sends fails there, and the deployment with it. \
        sendEmail must be called from a class with a virtual method, or one that implements an \
        interface, which tests replace; and no test may call it.",
    help: "call sendEmail in a `public virtual class Mailer` that a test extends",
    severity: Severity::Error,
    check: |rule, context| {
        let mut findings = Vec::new();
        for file in &context.apex {
            let words = || {
                file.source
                    .text()
                    .split(|c: char| !c.is_ascii_alphanumeric())
            };
            let has_seam = words().any(|word| {
                word.eq_ignore_ascii_case("virtual") || word.eq_ignore_ascii_case("implements")
            });
            for call in &file.calls {
                if !call.name.eq_ignore_ascii_case("sendEmail") {
                    continue;
                }
                let message = match (file.is_test(), has_seam) {
                    (true, _) => "a test sends mail",
                    (false, false) => "tests can't put anything in the place of sendEmail",
                    (false, true) => continue,
                };
                findings.push(rule.at(file.id, Some(call.span.line), message));
            }
        }
        findings
    },
};

#[cfg(test)]
mod tests {
    use crate::lint::samples::{Sample, method};

    fn with_handler(handler: &str) -> Sample {
        Sample::new()
            .source(
                "ApexTrigger:T",
                "trigger T on Case(after insert) {\n    H.f(Trigger.new);\n}\n",
            )
            .source("ApexClass:H", handler)
    }

    #[test]
    fn handler_without_catch() {
        let found =
            |body: &str| with_handler(&method("H", body)).found("lint/handler-without-catch");
        for good in ["catch (Exception e)", "catch (System.Exception cause)"] {
            assert_eq!(
                found(&format!("try {{ g(); }} {good} {{ }}")),
                [""; 0],
                "{good}"
            );
        }
        for bad in [
            "g();",
            "try { g(); } catch (DmlException e) { Exception x; }",
        ] {
            assert_eq!(
                found(bad),
                ["ApexClass:H a trigger calls this class, which doesn't catch Exception"],
                "{bad}"
            );
        }
    }

    #[test]
    fn not_inert_in_tests() {
        let found = |body: &str| with_handler(&method("H", body)).found("lint/not-inert-in-tests");
        assert_eq!(
            found("if (System.Test.isRunningTest()) { return; }"),
            [""; 0]
        );
        assert_eq!(found("g();"), ["no Apex asks Test.isRunningTest()"]);
        let alone = Sample::new().source("ApexClass:A", &method("A", "g();"));
        assert_eq!(alone.found("lint/not-inert-in-tests"), [""; 0]);
    }

    #[test]
    fn see_all_data() {
        let found = |annotation: &str| {
            let source = format!("{annotation}\nprivate class A {{}} // SeeAllData=true");
            let sample = Sample::new().source("ApexClass:A", &source);
            sample.found("lint/see-all-data")
        };
        let message = "ApexClass:A:1 the test sees the org's records";
        assert_eq!(found("@IsTest(SeeAllData=true)"), [message]);
        assert_eq!(found("@isTest(seealldata = TRUE)"), [message]);
        assert_eq!(found("@IsTest(SeeAllData=false)"), [""; 0]);
        assert_eq!(found("@IsTest"), [""; 0]);
    }

    #[test]
    fn test_seam_missing() {
        let found = |source: &str| {
            let sample = Sample::new().source("ApexClass:A", source);
            sample.found("lint/test-seam-missing")
        };
        let send = method("A", "Messaging.sendEmail(mails, false);");
        assert_eq!(
            found(&send),
            ["ApexClass:A:2 tests can't put anything in the place of sendEmail"]
        );
        assert_eq!(
            found(&format!("@IsTest {send}")),
            ["ApexClass:A:2 a test sends mail"]
        );
        assert_eq!(found(&send.replace("void", "virtual void")), [""; 0]);
    }
}

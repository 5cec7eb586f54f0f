//! Rules that hold for any Apex: no Ids, stated sharing and access mode, no hidden system classes.

use super::Rule;
use super::context::contains_ignoring_case;
use crate::apex::{Sharing, parse_string_literal};
use crate::diag::{Code, Severity};
use crate::metadata::id18;

pub(super) const HARD_CODED_ID: Rule = Rule {
    code: Code("lint/hard-coded-id"),
    summary: "no Apex holds the Id of a record",
    explain: "Every org, each sandbox included, has other Ids. Reported are texts of 15 letters \
        and digits with `0` in sixth place, as all Ids have it, and of 18 with the right checksum.",
    help: "look the record up by name, or use a custom permission",
    severity: Severity::Error,
    check: |rule, context| {
        let mut findings = Vec::new();
        for file in &context.apex {
            for literal in file.source.string_literals() {
                if parse_string_literal(literal.text).is_some_and(|value| is_id(&value)) {
                    let message = format!("holds the Id {}", literal.text);
                    findings.push(rule.at(file.id, Some(literal.line), message));
                }
            }
        }
        findings
    },
};

fn is_id(text: &str) -> bool {
    let alphanumeric = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let numbered = text.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
    if !alphanumeric || !numbered || text.as_bytes().get(5) != Some(&b'0') {
        return false;
    }
    match text.len() {
        15 => true,
        18 => id18(&text[..15]) == text,
        _ => false,
    }
}

pub(super) const MISSING_SHARING: Rule = Rule {
    code: Code("lint/missing-sharing"),
    summary: "every class outside of tests says under whose sharing rules it runs",
    explain: "Without a keyword that depends on the caller, and from API version 67 on it is \
        `with sharing`. Code that must see all records, or must not, has to say so.",
    help: "write `with sharing`, or `without sharing` and why, before `class`",
    severity: Severity::Error,
    check: |rule, context| {
        let mut findings = Vec::new();
        for file in context.production() {
            if file.source.sharing() == Some(Sharing::Unstated) {
                findings.push(rule.at(file.id, None, "the class has no sharing keyword"));
            }
        }
        findings
    },
};

pub(super) const ACCESS_MODE_MISSING: Rule = Rule {
    code: Code("lint/access-mode-missing"),
    summary: "every query and DML statement outside of tests says whose permissions count",
    explain: "Up to API version 66 Apex reads and writes in system mode unless told otherwise; \
        from 67 on in user mode, where fields that the running user can't see make a query fail. \
        Code that says it behaves the same in both.",
    help: "write `WITH SYSTEM_MODE` or `WITH USER_MODE` in the query, `insert as system` or \
        `insert as user` in the statement",
    severity: Severity::Error,
    check: |rule, context| {
        let mut findings = Vec::new();
        for file in context.production() {
            for access in file.source.data_access() {
                let text: Vec<&str> = access.text.split_whitespace().collect();
                let text = text.join(" ");
                let says = |phrase| contains_ignoring_case(&text, phrase);
                let message = match access.text.starts_with('[') {
                    true if says("WITH SYSTEM_MODE") || says("WITH USER_MODE") => continue,
                    false if says(" as system ") || says(" as user ") => continue,
                    true => "the query has no access mode",
                    false => "the statement has no access mode",
                };
                findings.push(rule.at(file.id, Some(access.line), message));
            }
        }
        findings
    },
};

pub(super) const UNQUALIFIED_CLASS: Rule = Rule {
    code: Code("lint/unqualified-class"),
    summary: "classes of Salesforce's that an org may hide are called with their namespace",
    explain: "A class of the org named Test, Assert, Limits, JSON or Http wins over Salesforce's \
        own (Apex Developer Guide, \"Namespace, Class, and Variable Name Precedence\"), and many \
        orgs have one: the deployment would fail there. Reported are calls of static methods.",
    help: "write `System.` before it, for example `System.Test.isRunningTest()`",
    severity: Severity::Warning,
    check: |rule, context| {
        let mut findings = Vec::new();
        for file in &context.apex {
            for call in &file.calls {
                let receiver = call.receiver.unwrap_or_default();
                let hidden = OFTEN_HIDDEN
                    .iter()
                    .find(|name| name.eq_ignore_ascii_case(receiver));
                let is_variable = || {
                    let mut bindings = file.bindings.iter();
                    bindings.any(|binding| binding.name.eq_ignore_ascii_case(receiver))
                };
                if let Some(name) = hidden
                    && !is_variable()
                {
                    let message = format!("calls `{name}` without `System.`");
                    findings.push(rule.at(file.id, Some(call.span.line), message));
                }
            }
        }
        findings
    },
};

/// Names that classes of orgs have.
const OFTEN_HIDDEN: [&str; 8] = [
    "Assert",
    "FeatureManagement",
    "JSON",
    "Limits",
    "Math",
    "Test",
    "URL",
    "UserInfo",
];

#[cfg(test)]
mod tests {
    use crate::lint::samples::{Sample, class, method};

    #[test]
    fn hard_coded_id() {
        let found = |text: &str| {
            Sample::new()
                .source(
                    "ApexClass:A",
                    &method("A", &format!("String s = '{text}';")),
                )
                .found("lint/hard-coded-id")
        };
        for id in ["005000000000062", "00D000000000062EAA", "a015e00000Kx1Yz"] {
            assert_eq!(found(id), [format!("ApexClass:A:2 holds the Id '{id}'")]);
        }
        for other in [
            "00D000000000062EAB",
            "internalization",
            "1234567890abcde",
            "000000000000000",
        ] {
            assert_eq!(found(other), [""; 0], "{other}");
        }
    }

    #[test]
    fn missing_sharing() {
        let found = |source: &str| {
            Sample::new()
                .source("ApexClass:A", source)
                .found("lint/missing-sharing")
        };
        assert_eq!(
            found("public class A {}"),
            ["ApexClass:A the class has no sharing keyword"]
        );
        for good in [
            &class("A"),
            "@IsTest private class A {}",
            "public interface A {}",
        ] {
            assert_eq!(found(good), [""; 0], "{good}");
        }
    }

    #[test]
    fn access_mode_missing() {
        let found = |body: &str| {
            let sample = Sample::new().source("ApexClass:A", &method("A", body));
            sample.found("lint/access-mode-missing")
        };
        for good in [
            "List<Case> c = [SELECT Id FROM Case\nWITH  SYSTEM_MODE];",
            "List<Case> c = [SELECT Id FROM Case with user_mode LIMIT 1];",
            "insert as system x;",
            "update as user x;",
        ] {
            assert_eq!(found(good), [""; 0], "{good}");
        }
        assert_eq!(
            found("List<Case> c = [SELECT Id FROM Case];\ninsert x;"),
            [
                "ApexClass:A:2 the query has no access mode",
                "ApexClass:A:3 the statement has no access mode",
            ]
        );
    }

    #[test]
    fn unqualified_class() {
        let found = |body: &str| {
            let sample = Sample::new().source("ApexClass:A", &method("A", body));
            sample.found("lint/unqualified-class")
        };
        assert_eq!(
            found("System.Test.startTest(); String json = '{}'; json.trim();"),
            [""; 0]
        );
        assert_eq!(
            found("test.startTest();"),
            ["ApexClass:A:2 calls `Test` without `System.`"]
        );
    }
}

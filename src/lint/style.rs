//! Rules that hold for any Apex: no Ids, and stated sharing.

use super::Rule;
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
}

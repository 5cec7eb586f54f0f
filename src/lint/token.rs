//! The rule on the threading token, which brings customers' answers back into their Case.

use std::collections::BTreeSet;

use super::Rule;
use super::context::{Context, contains_ignoring_case};
use super::finding::Finding;
use super::mail;
use crate::apex::{Binding, Expression};
use crate::diag::{Code, Severity};

pub(super) const THREADING_TOKEN_MISSING: Rule = Rule {
    code: Code("lint/threading-token-missing"),
    summary: "subject and both bodies of every message get the Case's threading token",
    explain: "Email-to-Case finds the Case of an answer by the token of \
        EmailMessages.getFormattedThreadingToken. Mail programs keep the subject, the text or the \
        HTML, never surely all three, so the token must be in each. The rule follows the argument \
        of setSubject, setPlainTextBody and setHtmlBody through variables and methods of the same \
        file until a name with `token` in it takes part, a method `addToken(text)` or a variable \
        `token` for example. It does not follow values into other files, nor know types: what it \
        can't follow it reports.",
    help: "wrap the argument: `message.setSubject(token.addToText(subject, ' '))`",
    severity: Severity::Error,
    check: tokens,
};

const SETTERS: [&str; 3] = ["setSubject", "setPlainTextBody", "setHtmlBody"];

fn tokens<'a>(rule: &'static Rule, context: &'a Context<'a>) -> Vec<Finding<'a>> {
    let mut findings = Vec::new();
    if !mail::sends_mail(context) {
        return findings;
    }
    let is_asked_for = context.production().any(|file| {
        file.calls
            .iter()
            .any(|call| call.name.eq_ignore_ascii_case("getFormattedThreadingToken"))
    });
    if !is_asked_for {
        findings.push(rule.of_package("no Apex calls getFormattedThreadingToken"));
    }
    for setter in SETTERS {
        let mut is_set = false;
        for file in context.production() {
            for value in mail::values(file, setter) {
                is_set = true;
                if !has_token(value, &file.bindings, &mut BTreeSet::new()) {
                    let message = format!("{setter} gets a value without the threading token");
                    findings.push(rule.at(file.id, Some(value.span.line), message));
                }
            }
        }
        if !is_set {
            let message = format!("no message gets the threading token by {setter}");
            findings.push(rule.of_package(message));
        }
    }
    findings
}

/// Whether the token takes part in a value: by a name in it, or by what a name in it stands for.
///
/// A name stands for the last value that it got before, which is how a body is put together line by
/// line. Methods and fields may stand further down; then every value of theirs must have the token.
fn has_token(value: &Expression<'_>, bindings: &[Binding<'_>], seen: &mut BTreeSet<usize>) -> bool {
    let place = |expression: &Expression<'_>| (expression.span.line, expression.span.column);
    value.words.iter().any(|word| {
        if contains_ignoring_case(word, "token") {
            return true;
        }
        let named: Vec<usize> = (0..bindings.len())
            .filter(|index| bindings[*index].name.eq_ignore_ascii_case(word))
            .collect();
        let before = named
            .iter()
            .copied()
            .filter(|index| place(&bindings[*index].value) < place(value))
            .max_by_key(|index| place(&bindings[*index].value));
        let sources = before.map_or(named, |last| vec![last]);
        // A value that leads back to itself has no token from there.
        !sources.is_empty()
            && sources.into_iter().all(|index| {
                seen.insert(index) && has_token(&bindings[index].value, bindings, seen)
            })
    })
}

#[cfg(test)]
mod tests {
    use crate::lint::samples::{Sample, class};

    const GOOD: &str = "m.setSubject(token.addToText(subject, ' '));
        String body = row.TextBody;
        body = withToken(body, caseId);
        body += '\\n';
        m.setPlainTextBody(body);
        m.htmlBody = html();";

    fn found(body: &str, rest: &str) -> Vec<String> {
        let source = format!(
            "public with sharing class A {{ void f(Messaging.SingleEmailMessage m) {{
        {body}
        }}
        {rest} }}"
        );
        Sample::new()
            .source("ApexClass:A", &source)
            .found("lint/threading-token-missing")
    }

    const REST: &str = "
        String html() { if (x) { return wrap(EmailMessages.getFormattedThreadingToken(id)); }
            return again(); }
        String again() { return text + TOKEN; }";

    #[test]
    fn the_token_is_followed_through_variables_and_methods() {
        assert_eq!(found(GOOD, REST), [""; 0]);
        let no_mail = Sample::new().source("ApexClass:A", &class("A"));
        assert_eq!(no_mail.found("lint/threading-token-missing"), [""; 0]);
    }

    #[test]
    fn each_part_of_the_message_needs_it() {
        for (from, to, missing) in [
            (
                "token.addToText(subject, ' ')",
                "subject",
                "ApexClass:A:2 setSubject",
            ),
            (
                "withToken(body, caseId)",
                "trim(body)",
                "ApexClass:A:6 setPlainTextBody",
            ),
            ("html();", "row.HtmlBody;", "ApexClass:A:7 setHtmlBody"),
        ] {
            let body = GOOD.replace(from, to);
            assert_ne!(body, GOOD);
            let message = format!("{missing} gets a value without the threading token");
            assert_eq!(found(&body, REST), [message], "{to}");
        }
    }

    #[test]
    fn one_way_without_the_token_is_enough() {
        let rest = REST.replace("text + TOKEN", "text");
        assert_eq!(
            found(GOOD, &rest),
            ["ApexClass:A:7 setHtmlBody gets a value without the threading token"]
        );
        let endless = REST.replace("text + TOKEN", "again()");
        assert_eq!(
            found(GOOD, &endless),
            ["ApexClass:A:7 setHtmlBody gets a value without the threading token"]
        );
    }

    #[test]
    fn the_token_must_come_from_salesforce_and_be_used() {
        assert_eq!(
            found("", ""),
            [
                "no Apex calls getFormattedThreadingToken",
                "no message gets the threading token by setHtmlBody",
                "no message gets the threading token by setPlainTextBody",
                "no message gets the threading token by setSubject",
            ]
        );
    }
}

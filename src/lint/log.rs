//! The rule on what logs may say.

use super::Rule;
use super::context::{ApexFile, Context};
use super::finding::Finding;
use crate::apex::Call;
use crate::diag::{Code, Severity};

/// Fields with personal data, and the body of a request.
const PERSONAL: [&str; 14] = [
    "Subject",
    "TextBody",
    "HtmlBody",
    "Description",
    "CommentBody",
    "ToAddress",
    "CcAddress",
    "BccAddress",
    "FromAddress",
    "RelationAddress",
    "SuppliedEmail",
    "SuppliedName",
    "Email",
    "getBody",
];

pub(super) const PERSONAL_DATA_IN_LOG: Rule = Rule {
    code: Code("lint/personal-data-in-log"),
    summary: "logs hold record Ids, no texts and no addresses",
    explain: "Debug logs are read by people who may not see the Case, and are kept beside it: \
        Salesforce's Secure Coding Guide keeps sensitive data out of them. Reported are fields of \
        the message and of the Case in the arguments of System.debug and of the log class. Values \
        that got there by a variable are not seen.",
    help: "log the record's Id and what to do",
    severity: Severity::Error,
    check: logs,
};

fn logs<'a>(rule: &'static Rule, context: &'a Context<'a>) -> Vec<Finding<'a>> {
    let log = context.name("OpenCxLog");
    let mut findings = Vec::new();
    for file in context.production() {
        for call in file.calls.iter().filter(|call| is_log(call, file, log)) {
            let words = call.arguments.iter().flat_map(|argument| &argument.words);
            for word in words {
                if PERSONAL
                    .iter()
                    .any(|field| field.eq_ignore_ascii_case(word))
                {
                    let message = format!("logs `{word}`");
                    findings.push(rule.at(file.id, Some(call.span.line), message));
                }
            }
        }
    }
    findings
}

fn is_log(call: &Call<'_>, file: &ApexFile<'_>, log: &str) -> bool {
    match call.receiver {
        Some(receiver) if receiver.eq_ignore_ascii_case("System") => {
            call.name.eq_ignore_ascii_case("debug")
        }
        Some(receiver) => receiver.eq_ignore_ascii_case(log),
        None => file.id.full_name.as_str().eq_ignore_ascii_case(log),
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::samples::{Sample, method};

    #[test]
    fn personal_data_in_log() {
        let found = |body: &str| {
            let sample = Sample::new().source("ApexClass:A", &method("A", body));
            sample.found("lint/personal-data-in-log")
        };
        for good in [
            "OpenCxLog.error('EmailMessage ' + row.Id + ' was not sent');",
            "System.debug(LoggingLevel.ERROR, 'Subject');",
            "message.setSubject(row.Subject);",
        ] {
            assert_eq!(found(good), [""; 0], "{good}");
        }
        assert_eq!(
            found("System.debug(row.ToAddress);"),
            ["ApexClass:A:2 logs `ToAddress`"]
        );
        assert_eq!(
            found("OpenCxLog.warn('About ' + String.valueOf(c.Contact.Email));"),
            ["ApexClass:A:2 logs `Email`"]
        );
    }
}

//! Rules over a package.
//!
//! What can be known without an org: that every file is what it says it is, and that the Apex
//! keeps to what the integration depends on. Templates can be overridden, so the shipped ones
//! being right is not enough.
//!
//! A rule is an entry of [`rules`]; its file under `lint/` holds the check. Rules look at syntax,
//! not at types, and say in their explanation what they cannot see.

mod callout;
mod context;
mod finding;
mod inert;
mod log;
mod mail;
mod mail_flag;
mod metadata;
mod order;
mod secret;
mod style;
mod syntax;
mod token;
mod trigger;

#[cfg(test)]
mod samples;

use crate::config::Integration;
use crate::diag::{Code, Diagnostic, Severity};
use crate::package::Package;
use context::Context;
use finding::Finding;

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// The code of its findings.
    pub code: Code,
    /// What it demands, in one line.
    pub summary: &'static str,
    /// Why, and what it looks at.
    pub explain: &'static str,
    /// What to do about a finding.
    pub help: &'static str,
    /// How bad its findings usually are.
    pub severity: Severity,
    check: for<'a> fn(&'static Rule, &'a Context<'a>) -> Vec<Finding<'a>>,
}

static RULES: [Rule; 26] = [
    syntax::APEX_SYNTAX,
    syntax::NAME_MISMATCH,
    metadata::API_VERSION,
    metadata::XML_MALFORMED,
    metadata::XML_SCHEMA,
    metadata::MANIFEST_MISMATCH,
    trigger::TRIGGER_OBJECT,
    trigger::TRIGGER_DOES_WORK,
    inert::HANDLER_WITHOUT_CATCH,
    inert::NOT_INERT_IN_TESTS,
    inert::SEE_ALL_DATA,
    inert::TEST_SEAM_MISSING,
    mail::REPLY_TO_MISSING,
    mail::TARGET_OBJECT_ID,
    mail_flag::MAIL_FLAG,
    token::THREADING_TOKEN_MISSING,
    token::THREADING_TOKEN_TWICE,
    callout::CALLOUT_ENDPOINT,
    callout::HARD_CODED_URL,
    order::CALLOUT_AFTER_WORK,
    log::PERSONAL_DATA_IN_LOG,
    style::HARD_CODED_ID,
    style::MISSING_SHARING,
    style::ACCESS_MODE_MISSING,
    style::UNQUALIFIED_CLASS,
    secret::SECRET_IN_SOURCE,
];

/// Every rule, each code once.
pub fn rules() -> &'static [Rule] {
    &RULES
}

/// Runs every rule over a package whose secrets are not filled in (a resolved one holds them, and
/// is reported for it). Findings in the order of components and lines; those of the package as a
/// whole come first.
pub fn run(package: &Package, integration: &Integration) -> Vec<Diagnostic> {
    let context = Context::new(package, integration);
    let mut findings: Vec<Finding<'_>> = RULES
        .iter()
        .flat_map(|rule| (rule.check)(rule, &context))
        .collect();
    findings.sort_by(|one, other| one.order().cmp(&other.order()));
    findings.into_iter().map(Finding::into_diagnostic).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::samples::{Sample, class};
    use super::*;
    use crate::config::{
        Announcements, AsyncContext, CaseFilter, RepReplies, SHIPPED_NAMES, Sender,
    };
    use crate::render::render;
    use crate::template::Catalog;

    #[test]
    fn the_shipped_templates_have_no_findings() {
        let senders = [
            Sender::DisplayName("Zoë's \\ shop".to_owned()),
            Sender::OrgWideAddress("help@acme.example".to_owned()),
        ];
        for sender in senders {
            for case_filter in [
                CaseFilter::All,
                CaseFilter::NotOpencx,
                CaseFilter::OnlyOpencx,
            ] {
                let mut sample =
                    Sample::new().webhook_url("https://api.open.cx/hook/0123456789abcdef");
                for (shipped, _) in SHIPPED_NAMES {
                    if case_filter == CaseFilter::OnlyOpencx {
                        sample = sample.name(shipped, &format!("Our{shipped}"));
                    }
                }
                let mut integration = sample.integration();
                integration.sender = sender.clone();
                integration.case_filter = case_filter;
                let package = render(&integration, &Catalog::embedded()).unwrap();
                assert_eq!(run(&package, &integration), []);
            }
        }
    }

    #[test]
    fn no_way_of_announcing_has_findings() {
        let contexts = [
            AsyncContext::Enqueue,
            AsyncContext::FutureInQueueable,
            AsyncContext::Event,
            AsyncContext::Skip,
        ];
        for (async_context, bits) in contexts.into_iter().zip([0_u8, 0b0111, 0b1111, 0b1010]) {
            let mut sample = Sample::new().webhook_url("https://api.open.cx/hook/0123456789abcdef");
            if async_context == AsyncContext::Event {
                sample = sample.name("OpenCX_Case_Event", "Acme_Event");
            }
            let mut integration = sample.integration();
            integration.announcements = Announcements {
                async_context,
                event_user: Some("integration@acme.example".to_owned()),
                rep_replies: RepReplies {
                    emails: bits & 1 != 0,
                    comments: bits & 2 != 0,
                    case_changes: bits & 4 != 0,
                    include_text: bits & 8 != 0,
                },
                ..Announcements::default()
            };
            let package = render(&integration, &Catalog::embedded()).unwrap();
            assert_eq!(run(&package, &integration), []);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn any_package_can_be_looked_at(
            source in "(class |A |trigger |SingleEmailMessage |m\\.setSubject|[(){};=.,'\\[]|.|\n)*",
            xml in "(<a>|</a>|[<>/&;]|.)*",
        ) {
            Sample::new()
                .source("ApexClass:A", &source)
                .source("ApexTrigger:CaseTrigger", &source)
                .xml("CustomPermission:P", &xml)
                .run();
        }
    }

    #[test]
    fn rules_are_documented_and_have_codes_of_their_own() {
        let codes: BTreeSet<_> = rules().iter().map(|rule| rule.code.0).collect();
        assert_eq!(codes.len(), rules().len());
        for rule in rules() {
            let name = rule.code.0.strip_prefix("lint/").unwrap_or_default();
            let fits = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
            assert!(!name.is_empty() && name.bytes().all(fits), "{}", rule.code);
            for text in [rule.summary, rule.explain, rule.help] {
                assert!(
                    !text.is_empty() && !text.contains("  "),
                    "{}: {text}",
                    rule.code
                );
            }
        }
    }

    #[test]
    fn findings_are_in_the_order_of_components_and_lines() {
        let sample = Sample::new()
            .source(
                "ApexTrigger:CaseTrigger",
                "trigger CaseTrigger on Lead(after insert) {}",
            )
            .source(
                "ApexClass:B",
                "public class B {\nString s = 'http://x';\nMessaging.SingleEmailMessage m; }",
            )
            .source("ApexClass:A", &class("X"));
        let findings = sample.run();
        let places: Vec<_> = findings
            .iter()
            .map(|finding| match &finding.place {
                Some(crate::diag::Place::Component {
                    component, line, ..
                }) => {
                    format!("{} {component} {line:?}", finding.code)
                }
                _ => finding.code.to_string(),
            })
            .collect();
        assert_eq!(
            places,
            [
                "lint/mail-flag",
                "lint/mail-flag",
                "lint/mail-flag",
                "lint/reply-to-missing",
                "lint/threading-token-missing",
                "lint/threading-token-missing",
                "lint/threading-token-missing",
                "lint/threading-token-missing",
                "lint/name-mismatch ApexClass:A None",
                "lint/missing-sharing ApexClass:B None",
                "lint/hard-coded-url ApexClass:B Some(2)",
                "lint/trigger-does-work ApexTrigger:CaseTrigger None",
                "lint/trigger-object ApexTrigger:CaseTrigger None",
            ]
        );
        assert!(findings.iter().all(|finding| finding.help.is_some()));
    }
}

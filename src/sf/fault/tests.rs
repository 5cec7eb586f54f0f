//! Every fact with its class, its exit category and its words.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::diag::{Category, Place};
use crate::secret::{Redactor, Secret};
use crate::sf::wire::soap::SoapFault;

const TEXT: &str = "the org's text";

fn soap(code: &str) -> Fault {
    from_soap(
        &SoapFault {
            code: code.to_owned(),
            text: TEXT.to_owned(),
        },
        &Redactor::default(),
    )
}

fn http(status: u16, body: &str) -> Fault {
    let refusal = Refusal {
        host: "acme",
        status,
        content_type: "text/html",
        location: None,
        body: body.as_bytes(),
    };
    from_http(&refusal, &Redactor::default())
}

fn rest(status: u16, code: &str) -> Fault {
    http(
        status,
        &format!(r#"[{{"message":"{TEXT}","errorCode":"{code}"}}]"#),
    )
}

/// One row per fact: the fault, its class, its code, its category.
fn table() -> Vec<(Fault, FaultClass, &'static str, Category)> {
    use Category::{Auth, Config, Failed, Undetermined, Usage};
    use FaultClass::{OutcomeUnknown, Permanent, Transient};
    let host = || "acme".to_owned();
    let reason = || "reason".to_owned();
    vec![
        (
            Fault::BadInstanceUrl {
                url: host(),
                reason: "reason",
            },
            Permanent,
            "sf/bad-instance-url",
            Config,
        ),
        (
            Fault::BadToken { reason: "reason" },
            Permanent,
            "sf/bad-token",
            Auth,
        ),
        (
            Fault::NotADeployId { text: host() },
            Permanent,
            "sf/not-a-deploy-id",
            Usage,
        ),
        (
            Fault::Setup { reason: reason() },
            Permanent,
            "sf/no-request",
            Failed,
        ),
        (
            Fault::HostNotFound { host: host() },
            Transient,
            "sf/host-not-found",
            Undetermined,
        ),
        (
            Fault::Unreachable {
                host: host(),
                reason: reason(),
            },
            Transient,
            "sf/unreachable",
            Undetermined,
        ),
        (
            Fault::Tls {
                host: host(),
                reason: reason(),
            },
            Permanent,
            "sf/tls",
            Undetermined,
        ),
        (
            Fault::ConnectTimedOut { host: host() },
            Transient,
            "sf/timeout",
            Undetermined,
        ),
        (
            Fault::AnswerTimedOut { host: host() },
            Transient,
            "sf/timeout",
            Undetermined,
        ),
        (
            Fault::ConnectionLost {
                host: host(),
                reason: reason(),
            },
            Transient,
            "sf/connection-lost",
            Undetermined,
        ),
        (http(420, ""), Transient, "sf/no-org", Undetermined),
        (http(429, "slow"), Transient, "sf/unavailable", Undetermined),
        (
            http(500, "<html>"),
            Transient,
            "sf/unavailable",
            Undetermined,
        ),
        (
            http(502, "<html>"),
            Transient,
            "sf/unavailable",
            Undetermined,
        ),
        (
            rest(503, "SERVER_UNAVAILABLE"),
            Transient,
            "sf/unavailable",
            Undetermined,
        ),
        (
            soap("SERVER_UNAVAILABLE"),
            Transient,
            "sf/soap-fault",
            Failed,
        ),
        (
            soap("UNKNOWN_EXCEPTION"),
            Transient,
            "sf/soap-fault",
            Failed,
        ),
        (
            soap("REQUEST_RUNNING_TOO_LONG"),
            Transient,
            "sf/soap-fault",
            Failed,
        ),
        (
            soap("ALREADY_IN_PROCESS"),
            Transient,
            "sf/soap-fault",
            Failed,
        ),
        (soap("INVALID_TYPE"), Permanent, "sf/soap-fault", Failed),
        (
            soap("INVALID_SESSION_ID"),
            Permanent,
            "sf/token-refused",
            Auth,
        ),
        (
            rest(401, "INVALID_SESSION_ID"),
            Permanent,
            "sf/token-refused",
            Auth,
        ),
        (
            rest(401, "INVALID_AUTH_HEADER"),
            Permanent,
            "sf/token-refused",
            Auth,
        ),
        (rest(401, "ANYTHING"), Permanent, "sf/token-refused", Auth),
        (http(401, "no"), Permanent, "sf/token-refused", Auth),
        (
            http(403, "Bad_OAuth_Token"),
            Permanent,
            "sf/token-refused",
            Auth,
        ),
        (
            http(403, "Missing_OAuth_Token"),
            Permanent,
            "sf/token-refused",
            Auth,
        ),
        (Fault::JwtOverSoap, Permanent, "sf/jwt-over-soap", Auth),
        (
            soap("INSUFFICIENT_ACCESS"),
            Permanent,
            "sf/insufficient-access",
            Auth,
        ),
        (
            rest(403, "INVALID_OPERATION_WITH_EXPIRED_PASSWORD"),
            Permanent,
            "sf/insufficient-access",
            Auth,
        ),
        (
            rest(403, "FUNCTIONALITY_NOT_ENABLED"),
            Permanent,
            "sf/insufficient-access",
            Auth,
        ),
        (
            rest(403, "API_DISABLED_FOR_ORG"),
            Permanent,
            "sf/api-disabled",
            Auth,
        ),
        (
            soap("API_CURRENTLY_DISABLED"),
            Permanent,
            "sf/api-disabled",
            Auth,
        ),
        (
            rest(403, "REQUEST_LIMIT_EXCEEDED"),
            Permanent,
            "sf/request-limit",
            Undetermined,
        ),
        (
            soap("REQUEST_LIMIT_EXCEEDED"),
            Permanent,
            "sf/request-limit",
            Undetermined,
        ),
        (
            soap("UNSUPPORTED_API_VERSION"),
            Permanent,
            "sf/unsupported-version",
            Failed,
        ),
        (rest(404, "NOT_FOUND"), Permanent, "sf/not-found", Failed),
        (http(404, "<html>"), Permanent, "sf/not-found", Failed),
        (
            rest(400, "MALFORMED_QUERY"),
            Permanent,
            "sf/rest-error",
            Failed,
        ),
        (
            rest(400, "UNABLE_TO_LOCK_ROW"),
            Transient,
            "sf/rest-error",
            Failed,
        ),
        (
            rest(400, "QUERY_TIMEOUT"),
            Transient,
            "sf/rest-error",
            Failed,
        ),
        (
            rest(500, "UNKNOWN_EXCEPTION"),
            Transient,
            "sf/rest-error",
            Failed,
        ),
        (
            rest(500, "INVALID_CROSS_REFERENCE_KEY"),
            Permanent,
            "sf/rest-error",
            Failed,
        ),
        (
            http(200, "<html>"),
            Permanent,
            "sf/unexpected-content",
            Undetermined,
        ),
        (
            http(403, "<html>"),
            Permanent,
            "sf/unexpected-content",
            Undetermined,
        ),
        (
            Fault::Unparsable {
                what: "it",
                start: "PK".to_owned(),
                source: DecodeError::NotText,
            },
            Permanent,
            "sf/unreadable-answer",
            Undetermined,
        ),
        (
            Fault::Inconsistent {
                what: "it",
                reason: "reason",
            },
            Permanent,
            "sf/unreadable-answer",
            Undetermined,
        ),
        (
            http(302, ""),
            Permanent,
            "sf/redirect-refused",
            Undetermined,
        ),
        (http(414, ""), Permanent, "sf/too-large", Failed),
        (http(413, ""), Permanent, "sf/too-large", Failed),
        (
            Fault::RetrieveFailed {
                code: "UNKNOWN_EXCEPTION".to_owned(),
                text: TEXT.to_owned(),
            },
            Transient,
            "sf/retrieve-failed",
            Undetermined,
        ),
        (
            Fault::DeadlinePassed {
                what: "it",
                waited: Duration::ZERO,
            },
            Transient,
            "sf/deadline-passed",
            Undetermined,
        ),
        (
            Fault::StillRunning {
                id: "0Afxx00000001VP".parse().unwrap(),
                waited: Duration::ZERO,
                status: Some(DeployStatus::Pending),
            },
            OutcomeUnknown,
            "sf/still-running",
            Undetermined,
        ),
        (
            Fault::OutcomeUnknown {
                what: "it",
                cause: Box::new(http(502, "")),
            },
            OutcomeUnknown,
            "sf/outcome-unknown",
            Undetermined,
        ),
    ]
}

#[test]
fn every_fact_has_its_class_code_and_category() {
    for (fault, class, code, category) in table() {
        let diagnostic = fault.to_diagnostic("uat");
        assert_eq!(fault.class(), class, "{fault:?}");
        assert_eq!(diagnostic.code.0, code, "{fault:?}");
        assert_eq!(diagnostic.category, category, "{fault:?}");
    }
}

#[test]
fn every_finding_is_written_for_people() {
    let mut helps: BTreeMap<&str, String> = BTreeMap::new();
    for (fault, _, code, _) in table() {
        let diagnostic = fault.to_diagnostic("uat");
        assert!(!diagnostic.message.ends_with('.'), "{}", diagnostic.message);
        let help = diagnostic.help.unwrap();
        assert!(help.ends_with('.') && !help.contains("  "), "{help}");
        assert_eq!(*helps.entry(code).or_insert_with(|| help.clone()), help);
        assert!(diagnostic.because.iter().all(|cause| !cause.is_empty()));
        assert_eq!(
            diagnostic.place,
            Some(Place::Org {
                org: "uat".to_owned()
            })
        );
    }
    assert_eq!(
        rest(400, "MALFORMED_QUERY").to_diagnostic("uat").because,
        ["MALFORMED_QUERY: the org's text"]
    );
    let unknown = Fault::OutcomeUnknown {
        what: "the deploy",
        cause: Box::new(http(502, "Bad\nGateway")),
    };
    assert_eq!(
        unknown.to_diagnostic("uat").because,
        [
            "the org is not available at the moment (HTTP 502)",
            "Bad Gateway"
        ]
    );
}

#[test]
fn a_host_that_is_not_found_has_its_usual_causes() {
    let fault = Fault::HostNotFound {
        host: "acme.my.salesforce.com".to_owned(),
    };
    let finding = fault.to_diagnostic("uat");
    assert!(finding.message.contains("acme.my.salesforce.com"));
    let help = finding.help.unwrap();
    for cause in [
        "typing mistakes",
        "HTTPS_PROXY",
        "NO_PROXY",
        "expired scratch org",
    ] {
        assert!(help.contains(cause), "{cause} in {help}");
    }
}

/// A fault may lack its code or its text, and a code may be new.
#[test]
fn what_a_refusal_leaves_out_is_no_reason_for_silence() {
    let because = |fault: Fault| fault.to_diagnostic("uat").because;
    for (code, text, expected) in [
        ("INVALID_TYPE", "", "INVALID_TYPE"),
        ("", "why", "why"),
        ("A_NEW_CODE", "why", "A_NEW_CODE: why"),
    ] {
        let fault = SoapFault {
            code: code.to_owned(),
            text: text.to_owned(),
        };
        assert_eq!(because(from_soap(&fault, &Redactor::default())), [expected]);
        let body = format!(r#"[{{"message":"{text}","errorCode":"{code}"}}]"#);
        assert_eq!(because(http(400, &body)), [expected]);
    }
    for (body, expected) in [
        (r#"[{"message":"why"}]"#, "why"),
        (r#"[{"errorCode":"A_NEW_CODE"}]"#, "A_NEW_CODE"),
        (
            r#"{"error":"a_new_code","error_description":"why"}"#,
            "a_new_code: why",
        ),
    ] {
        assert_eq!(because(http(400, body)), [expected]);
    }
    for body in ["[]", "{}", "", "[{}]"] {
        let finding = http(400, body).to_diagnostic("uat");
        assert_eq!(finding.code.0, "sf/unexpected-content", "{body}");
        assert!(finding.message.contains("HTTP 400"), "{}", finding.message);
    }
}

#[test]
fn an_org_in_maintenance_is_called_so() {
    let page = http(503, "<html>We are down for maintenance.</html>");
    let finding = page.to_diagnostic("uat");
    assert_eq!(finding.message, "the org is in maintenance (HTTP 503)");
    let help = finding.help.unwrap();
    assert!(help.contains("https://status.salesforce.com"), "{help}");
    let busy = http(503, "busy").to_string();
    assert_eq!(busy, "the org is not available at the moment (HTTP 503)");
}

proptest! {
    #[test]
    fn any_answer_is_a_fault_without_the_token(
        status in 100_u16..600,
        before in any::<String>(),
        padding in 400_usize..520,
    ) {
        let token = "00D000000000062!secret";
        let redactor = Redactor::default();
        redactor.add(&Secret::new(token));
        for body in [
            format!("{before}{}{token}", "x".repeat(padding)),
            format!(r#"[{{"message":"{} {token}","errorCode":"{token}"}}]"#, "x".repeat(padding)),
        ] {
            let refusal = Refusal {
                host: "acme",
                status,
                content_type: token,
                location: None,
                body: body.as_bytes(),
            };
            let fault = from_http(&refusal, &redactor);
            let diagnostic = fault.to_diagnostic("uat");
            let shown = format!("{fault:?}{diagnostic:?}");
            prop_assert!(!shown.contains("062!"), "{}", shown);
            let mut lines = diagnostic.because.iter().chain([&diagnostic.message]);
            let controls = lines.any(|line| line.chars().any(char::is_control));
            prop_assert!(!controls, "{}", shown);
        }
    }
}

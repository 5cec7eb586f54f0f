//! An org's block over the top level.

use super::*;

const TEXT: &str = "\
version: 1
templates: mine
email_cases:
  webhook_url: ${env:HOOK}
  reply_to: support@acme.example
  case_filter: all
  outbound: { sender: { display_name: Acme } }
  rep_replies: { emails: true, comments: true }
  test_case_fields: { Region__c: EMEA, Due__c: 2026-01-31 }
orgs:
  plain: { auth: env, org_id: 00D000000000062 }
  other:
    emulator: { state: state }
    email_cases:
      webhook_url: http://localhost:8080/T0kenT0ken
      outbound: { sender: { org_wide_address: care@acme.example } }
      webhook: { event_names: { case_closed: ticket.closed } }
      rep_replies: { emails: false }
      test_case_fields: { region__c: APAC }
";

fn target(name: &str) -> Target {
    let references = Outside::env([("HOOK", "https://api.open.cx/T0kenT0ken")]);
    parse(TEXT)
        .unwrap()
        .target(name, &references, Secrets::Required)
        .unwrap()
}

#[test]
fn an_org_inherits_what_it_does_not_say() {
    let expected = Target {
        name: "plain".to_owned(),
        auth: Auth::Environment,
        org_id: Some("00D000000000062".parse().unwrap()),
        integration_user: None,
        production: false,
        integration: Integration {
            api_version: ApiVersion::new(66),
            webhook_url: SecretRef {
                env: Some("HOOK".to_owned()),
                value: Some(Secret::new("https://api.open.cx/T0kenT0ken")),
            },
            reply_to: "support@acme.example".to_owned(),
            case_filter: CaseFilter::All,
            sender: Sender::DisplayName("Acme".to_owned()),
            announcements: Announcements {
                rep_replies: RepReplies {
                    emails: true,
                    comments: true,
                    ..RepReplies::default()
                },
                ..Announcements::default()
            },
            test_case_fields: BTreeMap::from([
                ("Due__c".to_owned(), TestValue::Date(2026, 1, 31)),
                ("Region__c".to_owned(), TestValue::Text("EMEA".to_owned())),
            ]),
            named_credential: CredentialModel::Legacy,
            case_trigger: CaseTrigger::Shipped,
            external_client_app: None,
            live_messaging: None,
            outbound: Outbound::default(),
            runtime_settings: false,
            drift_reader: false,
            names: BTreeMap::new(),
            templates: Some("conf/mine".into()),
        },
    };
    assert_eq!(target("plain"), expected);
}

#[test]
fn an_org_replaces_what_it_says_and_nothing_else() {
    let plain = target("plain");
    let expected = Target {
        name: "other".to_owned(),
        auth: Auth::Emulator {
            state: "conf/state".into(),
        },
        org_id: None,
        integration: Integration {
            webhook_url: SecretRef {
                env: None,
                value: Some(Secret::new("http://localhost:8080/T0kenT0ken")),
            },
            sender: Sender::OrgWideAddress("care@acme.example".to_owned()),
            announcements: Announcements {
                event_names: EventNames {
                    case_closed: "ticket.closed".to_owned(),
                    ..EventNames::default()
                },
                rep_replies: RepReplies {
                    comments: true,
                    ..RepReplies::default()
                },
                ..Announcements::default()
            },
            test_case_fields: BTreeMap::from([
                ("Due__c".to_owned(), TestValue::Date(2026, 1, 31)),
                ("region__c".to_owned(), TestValue::Text("APAC".to_owned())),
            ]),
            ..plain.integration.clone()
        },
        ..plain
    };
    assert_eq!(target("other"), expected);
}

#[test]
fn every_value_has_an_origin_and_no_secret_is_shown() {
    let config = parse(TEXT).unwrap();
    let shown: Vec<String> = config
        .origins("other")
        .unwrap()
        .into_iter()
        .map(|(key, value, origin)| format!("{key}={value} {origin:?}"))
        .collect();
    assert_eq!(
        shown,
        [
            "templates=mine TopLevel",
            "salesforce.api_version=66.0 Default",
            "email_cases.webhook_url=http://localhost:8080/[redacted] OrgBlock",
            "email_cases.reply_to=support@acme.example TopLevel",
            "email_cases.case_filter=all TopLevel",
            "email_cases.webhook.async_context=enqueue Default",
            "email_cases.webhook.event_names.case_created=case.created Default",
            "email_cases.webhook.event_names.case_updated=case.updated Default",
            "email_cases.webhook.event_names.case_closed=ticket.closed OrgBlock",
            "email_cases.webhook.event_names.email_sent=email.sent Default",
            "email_cases.webhook.event_names.comment_created=comment.created Default",
            "email_cases.rep_replies.emails=false OrgBlock",
            "email_cases.rep_replies.comments=true TopLevel",
            "email_cases.rep_replies.case_changes=false Default",
            "email_cases.rep_replies.include_text=false Default",
            "email_cases.named_credential=legacy Default",
            "email_cases.case_trigger=shipped Default",
            "email_cases.outbound.sender.org_wide_address=care@acme.example OrgBlock",
            "email_cases.outbound.on_failure=log Default",
            "email_cases.outbound.delivery=salesforce Default",
            "email_cases.outbound.region=us Default",
            "email_cases.outbound.attachments.enabled=false Default",
            "email_cases.outbound.attachments.delay_minutes=1 Default",
            "email_cases.outbound.attachments.max_megabytes=10 Default",
            "email_cases.outbound.recipients_fallback=none Default",
            "email_cases.runtime_settings=false Default",
            "email_cases.test_case_fields.Due__c=2026-01-31 TopLevel",
            "email_cases.test_case_fields.region__c=APAC OrgBlock",
            "drift.reader_permission_set=false Default",
        ]
    );
    assert_eq!(config.origins("nowhere"), None);
    assert_eq!(config.org_names(), ["plain", "other"]);
}

#[test]
fn names_merge_by_component_and_case_is_kept() {
    let text = format!(
        "{TOP}  names: {{ CaseTrigger: OpenCxCaseTrigger, OpenCX_Bypass: OpenCX_Bypass }}\n\
         orgs: {{ a: {{ auth: env, email_cases: {{ names: {{ OpenCX_Integration: Ours }} }} }} }}\n"
    );
    let target = parse(&text)
        .unwrap()
        .target("a", &Outside::default(), Secrets::Unresolved)
        .unwrap();
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(
        target.integration.names,
        BTreeMap::from([
            pair("CaseTrigger", "OpenCxCaseTrigger"),
            pair("OpenCX_Integration", "Ours"),
        ])
    );
}

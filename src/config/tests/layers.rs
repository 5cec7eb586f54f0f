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
orgs:
  plain: { auth: env, org_id: 00D000000000062 }
  other:
    emulator: { state: state }
    email_cases:
      webhook_url: http://localhost:8080/T0kenT0ken
      outbound: { sender: { org_wide_address: care@acme.example } }
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
            named_credential: CredentialModel::Legacy,
            case_trigger: CaseTrigger::Shipped,
            external_client_app: None,
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
            "email_cases.named_credential=legacy Default",
            "email_cases.case_trigger=shipped Default",
            "email_cases.outbound.sender.org_wide_address=care@acme.example OrgBlock",
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

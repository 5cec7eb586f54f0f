//! Values from outside of the file.

use super::*;

const TEXT: &str = "\
version: 1
templates: ${file:where}
email_cases:
  webhook_url: ${env:HOOK}
  reply_to: ${env:REPLY_TO}
  outbound: { sender: { display_name: \"${env:SENDER}\" } }
orgs:
  own:
    auth: env
    email_cases: { webhook_url: \"${file:hook}\", reply_to: a@acme.example }
  other: { auth: env, org_id: \"${env:ORG_ID}\" }
";

#[test]
fn each_missing_value_is_reported_for_the_org_that_needs_it() {
    let config = parse(TEXT).unwrap();
    let references = Outside::env([("SENDER", ""), ("ORG_ID", "00D")]);
    let found = briefs(config.target("other", &references, Secrets::Required));
    assert_eq!(
        found,
        [
            "config/unreadable-file 2:12+13 `templates` needs the file `where`, which cannot be \
             read | no such file | the path is relative to the folder of the config",
            "config/unset-variable 4:16+11 `email_cases.webhook_url` needs the environment \
             variable `HOOK`, which is not set | set `HOOK` in the environment of this command",
            "config/unset-variable 5:13+15 `email_cases.reply_to` needs the environment variable \
             `REPLY_TO`, which is not set | set `REPLY_TO` in the environment of this command",
            "config/unset-variable 6:39+15 `email_cases.outbound.sender.display_name` needs the \
             environment variable `SENDER`, which is empty | set `SENDER` in the environment of \
             this command",
            "config/bad-org-id 11:31+15 `orgs.other.org_id` is `00D`: expected 15 or 18 letters \
             and digits starting with `00D` | the value comes from the environment variable \
             `ORG_ID` | copy it from Setup > Company Information",
        ]
    );
}

#[test]
fn an_orgs_own_values_make_those_of_the_top_level_unnecessary() {
    let references = Outside {
        env: BTreeMap::from([("SENDER", "Acme")]),
        files: BTreeMap::from([
            ("where", "mine\n"),
            ("hook", "https://api.open.cx/T0kenT0ken\r\n"),
        ]),
    };
    let config = parse(TEXT).unwrap();
    let target = config
        .target("own", &references, Secrets::Required)
        .unwrap();
    let expected = SecretRef {
        env: None,
        value: Some(Secret::new("https://api.open.cx/T0kenT0ken")),
    };
    assert_eq!(target.integration.webhook_url, expected);
    assert_eq!(target.integration.templates, Some("conf/mine".into()));
}

#[test]
fn only_secrets_may_stay_unresolved() {
    let config = parse(TEXT).unwrap();
    let mut references = Outside::env([("REPLY_TO", "a@acme.example"), ("SENDER", "Acme")]);
    references.files.insert("where", "mine");
    let integration = config
        .integration(&references, Secrets::Unresolved)
        .unwrap();
    let expected = SecretRef {
        env: Some("HOOK".to_owned()),
        value: None,
    };
    assert_eq!(integration.webhook_url, expected);
    references.env.remove("SENDER");
    let found = briefs(config.integration(&references, Secrets::Unresolved));
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn plain_http_is_for_the_emulator_even_by_reference() {
    let text = format!("{TOP}orgs: {{ real: {{ auth: env }}, local: {{ emulator: {{}} }} }}\n");
    let config = parse(&text).unwrap();
    let references = Outside::env([("HOOK", "http://127.0.0.1:1/T0kenT0ken")]);
    let target = |name| briefs(config.target(name, &references, Secrets::Required));
    assert_eq!(target("local"), Vec::<String>::new());
    assert_eq!(
        target("real"),
        [
            "config/bad-webhook-url 3:16+11 `email_cases.webhook_url` is not a usable webhook \
             URL: it is not https | the value comes from the environment variable `HOOK` | copy \
             the webhook's address from OpenCX as it is; it starts with https://"
        ]
    );
}

#[test]
fn the_top_level_alone_may_be_incomplete() {
    let text = "\
version: 1
orgs:
  a:
    auth: env
    email_cases:
      webhook_url: ${env:HOOK}
      reply_to: a@acme.example
      outbound: { sender: { display_name: Acme } }
";
    let config = parse(text).unwrap();
    let references = Outside::env([("HOOK", "https://api.open.cx/T0kenT0ken")]);
    assert!(config.target("a", &references, Secrets::Required).is_ok());
    assert_eq!(
        briefs(config.integration(&references, Secrets::Required)).len(),
        3
    );
}

#[test]
fn names_by_reference_are_checked_against_the_others() {
    let text = format!("{TOP}  names: {{ CaseTrigger: \"${{env:NAME}}\" }}\n");
    let references = Outside::env([("NAME", "opencx_bypass")]);
    let found = briefs(
        parse(&text)
            .unwrap()
            .integration(&references, Secrets::Unresolved),
    );
    assert_eq!(
        found,
        [
            "config/same-name 6:25+13 `OpenCX_Bypass` would be the name of both `CaseTrigger` \
             and `OpenCX_Bypass` | Salesforce does not tell upper from lower case; choose another \
             name"
        ]
    );
}

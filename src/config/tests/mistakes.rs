//! What is said about files that are wrong.

use super::*;

#[test]
fn every_mistake_is_reported_at_once_in_the_order_of_the_file() {
    let text = "\
version: 2
salesforce:
  api_version: 66.0
email_case: {}
email_cases:
  reply_too: support@acme.example
  case_filter: not_opencxx
  outbound: [a]
orgs:
  a: { auth: env, production: no }
  a: { auth: env }
  b: {}
";
    assert_eq!(
        mistakes(text),
        [
            "config/bad-version 1:10+1 `version` is 2, which this version of opencx-sf does not \
             read | write `version: 1`, or update opencx-sf",
            "config/wrong-type 3:16+4 `salesforce.api_version` must be an API version in quotes, \
             not a number | write `api_version: \"66.0\"`",
            "config/unknown-key 4:1+10 the key `email_case` does not exist | the keys here are \
             `version`, `templates`, `salesforce`, `email_cases`, `external_client_app`, `live_messaging`, `drift`, `orgs`",
            "config/missing-key 5:1+11 `email_cases.webhook_url` is missing | add `webhook_url: \
             ${env:OPENCX_WEBHOOK_URL}`",
            "config/missing-key 5:1+11 `email_cases.reply_to` is missing | add `reply_to: \
             support@acme.example`",
            "config/unknown-key 6:3+9 the key `reply_too` in `email_cases` does not exist | did \
             you mean `reply_to`?",
            "config/bad-choice 7:16+11 `email_cases.case_filter` cannot be `not_opencxx` | did \
             you mean `not_opencx`?",
            "config/wrong-type 8:13+3 `email_cases.outbound` must be a section with keys, not a \
             list",
            "config/wrong-type 10:31+2 `orgs.a.production` must be true or false, not a text | \
             write `production: false`",
            "config/duplicate-key 11:3+1 the key `a` is there twice | the first one is on line \
             10; remove one of them",
            "config/no-access 12:3+1 the org `b` has neither `auth` nor `emulator` | add `auth: \
             login` for a real org, or `emulator: {}` for the built-in one",
        ]
    );
}

/// Each line is added to a config without mistakes.
#[test]
fn one_mistake_gives_one_finding() {
    for (line, expected) in [
        (
            "templates: ''",
            "config/bad-path 6:12+2 `templates` is not a path: it is empty",
        ),
        (
            "templates:",
            "config/wrong-type 6:1+9 `templates` must be a path, not nothing",
        ),
        (
            "salesforce: { api_version: \"67.0\" }",
            "config/bad-api-version 6:28+6 `salesforce.api_version` cannot be 67.0: this version \
             of opencx-sf knows 62.0 to 66.0 | write \"66.0\", or an older version from \"62.0\" on",
        ),
        (
            "salesforce: { api_version: v66 }",
            "config/bad-api-version 6:28+3 `salesforce.api_version` cannot be `v66`: expected a \
             form like \"66.0\" | write \"66.0\", or an older version from \"62.0\" on",
        ),
        (
            "orgs: { a: { auth: env, org_id: 005000000000062 } }",
            "config/wrong-type 6:33+15 `orgs.a.org_id` must be an organisation id, not a number | \
             write `org_id: \"005000000000062\"`",
        ),
        (
            "orgs: { a: { auth: env, org_id: 00D00000000006 } }",
            "config/bad-org-id 6:33+14 `orgs.a.org_id` is `00D00000000006`: expected 15 or 18 \
             letters and digits starting with `00D` | copy it from Setup > Company Information",
        ),
        (
            "orgs: { a: { auth: env, org_id: 00D000000000062 }, \
             b: { auth: env, org_id: 00D000000000062EAA } }",
            "config/same-org-id 6:76+18 the orgs `a` and `b` are pinned to the same organisation \
             id | each org of the config is one Salesforce org: check the ids in Setup > Company \
             Information",
        ),
        (
            "orgs: { a: { auth: { oauth: {} } } }",
            "config/unknown-auth 6:20+13 `orgs.a.auth` cannot be `oauth` | the ways are `env`, \
             `login`, and the sections `sf`, `sfdx_url`, `jwt`, `client_credentials`, `refresh` and \
             `login`",
        ),
        (
            "orgs: { a: { auth: { sf: uat, login: {} } } }",
            "config/bad-auth 6:20+22 `orgs.a.auth` must name one way of logging in | the ways are \
             `env`, `login`, and the sections `sf`, `sfdx_url`, `jwt`, `client_credentials`, \
             `refresh` and `login`",
        ),
        (
            "orgs: { a: { auth: { jwt: { client_id: x, key_file: k.pem } } } }",
            "config/bad-auth 6:22+3 `orgs.a.auth.jwt.username` is missing | this way of logging in \
             needs it",
        ),
        (
            "orgs: { a: { auth: { refresh: { client_id: x, refresh_token: T0ken } } } }",
            "config/inline-secret 6:62+10 `orgs.a.auth.refresh.refresh_token` holds a token and \
             must not stand in the file | put it into an environment variable and write \
             `${env:NAME}`, or into a file outside of version control and write `${file:path}`; if \
             it was committed, replace it in Salesforce",
        ),
        (
            "orgs: { a: { auth: { sf: --help } } }",
            "config/bad-auth 6:26+6 `orgs.a.auth.sf` is not usable: it starts with a hyphen",
        ),
        (
            "orgs: { a: { auth: { login: { login_url: http://acme.example } } } }",
            "config/bad-auth 6:42+10 `orgs.a.auth.login.login_url` is not usable: it is not https",
        ),
        (
            "orgs: { a: { auth: env, emulator: {} } }",
            "config/two-accesses 6:25+8 the org `a` has both `auth` and `emulator` | keep `auth` \
             for a real org, or `emulator` for the built-in one",
        ),
        (
            "orgs: { a: { emulator: , production: true } }",
            "config/production-emulator 6:26+10 the org `a` cannot be an emulator and production \
             at once | remove one of the two",
        ),
        (
            "orgs: { ../a: { auth: env } }",
            "config/bad-org-name 6:9+4 `../a` cannot be the name of an org | use up to 64 \
             letters, digits, `-`, `_` and `.`, starting with a letter or digit",
        ),
        (
            "orgs: { uat: { auth: env }, UAT: { auth: env } }",
            "config/similar-org-names 6:29+3 the orgs `uat` and `UAT` differ only in upper and \
             lower case | give one of them another name",
        ),
        (
            "orgs: { a: { auth: env, email_cases: { outbound: { sender: \
             { display_name: A, org_wide_address: a@b.example } } } } }",
            "config/two-senders 6:79+16 `email_cases.outbound.sender` has both a display name \
             and an org-wide address | keep `display_name` for the integration user's own \
             address, or `org_wide_address`",
        ),
        (
            "orgs: { a: { auth: env, email_cases: { outbound: { sender: { display_name: '' } } } } }",
            "config/bad-display-name 6:76+2 `orgs.a.email_cases.outbound.sender.display_name` is \
             not a display name: it is empty | write 1 to 80 characters on one line",
        ),
        (
            "orgs: { a: { auth: env, email_cases: { reply_to: a@b } } }",
            "config/bad-address 6:50+3 `orgs.a.email_cases.reply_to` is not an e-mail address: \
             the domain has no dot | write one plain address, for example support@acme.example",
        ),
        (
            "orgs: { a: { auth: env, email_cases: { names: { CaseTriger: A } } } }",
            "config/unknown-key 6:49+10 the key `CaseTriger` in `orgs.a.email_cases.names` does \
             not exist | did you mean `CaseTrigger`?",
        ),
        (
            "templates: $${env:A}",
            "config/malformed-reference 6:12+9 `templates` has a reference that cannot be read | \
             a reference is the whole value: ${env:NAME} or ${file:path}",
        ),
        (
            "templates: !!str a",
            "config/unsupported-yaml 6:18+1 a tag is not supported in a config | write plain \
             sections, texts, numbers and true/false",
        ),
        (
            "--- {}",
            "config/unsupported-yaml 6:1+3 a second document is not supported in a config | \
             write plain sections, texts, numbers and true/false",
        ),
    ] {
        assert_eq!(mistakes(&format!("{TOP}{line}\n")), [expected], "{line}");
    }
}

#[test]
fn text_that_is_no_yaml_is_one_finding() {
    for (text, code) in [
        ("version: 1\nemail_cases: {", "config/not-yaml"),
        ("version: 1\n\torgs: {}", "config/not-yaml"),
        ("a: b: c", "config/not-yaml"),
        ("version: *a", "config/not-yaml"),
        ("version: &a { b: *a }", "config/unsupported-yaml"),
        ("? [a]\n: b", "config/unsupported-yaml"),
        ("just a text", "config/wrong-type"),
    ] {
        let codes: Vec<_> = parse(text).unwrap_err().iter().map(|d| d.code.0).collect();
        assert_eq!(codes, [code], "{text}");
    }
    let unquoted = mistakes("version: 1\norgs: { a: { b: ${env:A} } }\n");
    assert_eq!(unquoted.len(), 1);
    assert!(
        unquoted[0].ends_with("| inside `{ }` a reference needs quotes: \"${env:NAME}\""),
        "{unquoted:?}"
    );
}

#[test]
fn limits_hold_without_much_work() {
    let large = "#".repeat(MAX_BYTES + 1);
    assert_eq!(parse(&large).unwrap_err()[0].code.0, "config/too-large");
    let mut bomb = String::from("a0: &a0 {x: 1}\n");
    for level in 1..20 {
        let below = level - 1;
        bomb += &format!("a{level}: &a{level} {{x: *a{below}, y: *a{below}}}\n");
    }
    assert_eq!(
        parse(&bomb).unwrap_err()[0].code.0,
        "config/unsupported-yaml"
    );
    let deep = format!("a: {}", "{a: ".repeat(40));
    assert_eq!(
        parse(&deep).unwrap_err()[0].code.0,
        "config/unsupported-yaml"
    );
}

#[test]
fn aliases_byte_order_mark_and_windows_line_ends_are_fine() {
    let text = "\u{feff}version: 1\r\nemail_cases:\r\n  webhook_url: ${env:HOOK}\r\n  reply_to: \
                &a support@acme.example\r\n  outbound: { sender: { org_wide_address: *a } }\r\n";
    let integration = parse(text).unwrap();
    let integration = integration
        .integration(&Outside::default(), Secrets::Unresolved)
        .unwrap();
    assert_eq!(
        integration.sender,
        Sender::OrgWideAddress("support@acme.example".to_owned())
    );
}

#[test]
fn a_value_that_only_some_orgs_lack_names_them() {
    let text = "\
version: 1
email_cases:
  reply_to: support@acme.example
  outbound: { sender: { display_name: Acme } }
orgs:
  a: { auth: env, email_cases: { webhook_url: \"${env:A}\" } }
  b: { auth: env }
";
    assert_eq!(
        mistakes(text),
        [
            "config/missing-key 2:1+11 `email_cases.webhook_url` is missing for the org `b` | \
              add `webhook_url: ${env:OPENCX_WEBHOOK_URL}`"
        ]
    );
    let empty = mistakes("version: 1");
    assert_eq!(empty.len(), 3, "{empty:?}");
}

#[test]
fn an_unknown_org_is_a_finding() {
    let config = parse(&format!("{TOP}orgs: {{ sandbox: {{ auth: env }} }}\n")).unwrap();
    let mut found = Vec::new();
    for name in ["sandbx", "elsewhere"] {
        let outcome = config.target(name, &Outside::default(), Secrets::Unresolved);
        let diagnostic = outcome.unwrap_err().remove(0);
        found.push((diagnostic.message, diagnostic.help.unwrap()));
    }
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(
        found,
        [
            pair("the config has no org `sandbx`", "did you mean `sandbox`?"),
            pair(
                "the config has no org `elsewhere`",
                "the orgs are `sandbox`"
            ),
        ]
    );
}

#[test]
fn names_are_checked_and_may_not_collide() {
    let names = |names: &str| {
        let names = format!("  names: {{ {names} }}\n");
        mistakes(&format!("{TOP}{names}"))
    };
    assert_eq!(
        names("CaseTrigger: OpenCxBypass, OpenCX_Bypass: opencxbypass"),
        [
            "config/same-name 6:54+12 `opencxbypass` would be the name of both `CaseTrigger` and \
             `OpenCX_Bypass` | Salesforce does not tell upper from lower case; choose another name"
        ]
    );
    for bad in ["Select", "1A", "A-B", "A__B", "A_", &"A".repeat(41)] {
        let found = names(&format!("CaseTrigger: {bad}"));
        assert_eq!(found.len(), 1, "{bad}");
        assert!(found[0].starts_with("config/bad-name 6:25+"), "{found:?}");
    }
}

#[test]
fn options_of_outbound_mail_are_checked_alone_and_together() {
    let outbound = |options: &str| {
        let text = TOP.replace("outbound: { ", &format!("outbound: {{ {options}, "));
        assert_ne!(text, TOP);
        mistakes(&text)
            .iter()
            .map(|found| {
                let (code, rest) = found.split_once(' ').unwrap();
                let (_, rest) = rest.split_once(' ').unwrap();
                format!("{code} {}", rest.split(" | ").next().unwrap())
            })
            .collect::<Vec<_>>()
    };
    for (options, expected) in [
        (
            "on_failure: flagg",
            "config/bad-choice `email_cases.outbound.on_failure` cannot be `flagg`",
        ),
        (
            "attachments: { enabled: yes }",
            "config/wrong-type `email_cases.outbound.attachments.enabled` must be true or false, \
             not a text",
        ),
        (
            "attachments: { delay_minutes: 11 }",
            "config/bad-number `email_cases.outbound.attachments.delay_minutes` must be from 0 to \
             10",
        ),
        (
            "attachments: { max_megabytes: \"5\" }",
            "config/wrong-type `email_cases.outbound.attachments.max_megabytes` must be a whole \
             number, not a text",
        ),
        (
            "mailgun_domain: localhost",
            "config/bad-domain `email_cases.outbound.mailgun_domain` is not a domain: the domain \
             has no dot",
        ),
        (
            "only_when: { field: Parent.Subject, equals: a }",
            "config/bad-condition `email_cases.outbound.only_when.field` is not usable as a \
             condition: it must be a field of EmailMessage itself",
        ),
        (
            "only_when: { field: Source__c }",
            "config/conflict `only_when` needs both `field` and `equals`",
        ),
        (
            "delivery: postmark",
            "config/conflict delivery by a mail provider needs `from_address`",
        ),
        (
            "delivery: postmark, region: eu, from_address: a@acme.example",
            "config/conflict Postmark has no region `eu`",
        ),
        (
            "delivery: sendgrid, from_address: a@acme.example, on_failure: reject",
            "config/conflict `on_failure: reject` cannot be together with delivery by a mail \
             provider",
        ),
        (
            "delivery: mailgun, from_address: a@acme.example, attachments: { enabled: true }",
            "config/conflict attachments cannot be together with delivery by a mail provider",
        ),
        (
            "on_failure: reject, attachments: { enabled: true }",
            "config/conflict `on_failure: reject` cannot be together with attachments",
        ),
    ] {
        assert_eq!(outbound(options), [expected], "{options}");
    }
}

#[test]
fn thousands_of_orgs_are_read_and_aliases_do_not_multiply() {
    let orgs: String = (0..5_000)
        .map(|number| {
            format!("  org-{number}: {{ auth: {{ refresh: {{ client_id: a, refresh_token: \"${{env:T}}\" }} }} }}\n")
        })
        .collect();
    let config = parse(&format!("{TOP}orgs:\n{orgs}"));
    assert_eq!(
        config.map(|config| config.org_names().len()).ok(),
        Some(5_000)
    );

    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..7 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    let found = mistakes(&text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("more than 100000 values"), "{found:?}");
}

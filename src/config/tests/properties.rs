//! What holds for any text.

use proptest::prelude::*;

use super::super::choice::Choice;
use super::super::outbound::{DeliveryKind, Region};
use super::*;

/// Pieces of which nearly valid configs are made.
fn fragments() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "version: 1\n",
        "email_cases:\n",
        "  webhook_url: ",
        "${env:A}\n",
        "  reply_to: a@b.example\n",
        "  outbound: {sender: {display_name: A}}\n",
        "orgs:\n",
        "  a: {auth: env}\n",
        "  b: {emulator: , ",
        "production: yes",
        "}\n",
        "&x ",
        "*x\n",
        "- ",
        "? ",
        "|\n",
        "\"",
        "'",
        "\t",
        "\r\n",
        "\u{2028}",
        "https://é.example/\u{1f600} ",
        "[",
        "#",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn snippets_lie_inside(text: &str) -> Result<(), TestCaseError> {
    let Err(diagnostics) = parse(text) else {
        return Ok(());
    };
    prop_assert!(!diagnostics.is_empty());
    for diagnostic in diagnostics {
        let Some(Place::File(snippet)) = diagnostic.place else {
            return Err(TestCaseError::fail(diagnostic.message));
        };
        let breaks = text.replace("\r\n", "\n").replace('\r', "\n");
        prop_assert!((1..=breaks.split('\n').count()).contains(&snippet.line));
        let length = snippet.text.chars().count();
        prop_assert!((1..=length + 1).contains(&snippet.column), "{snippet:?}");
        prop_assert!(snippet.length >= 1);
        prop_assert!(snippet.column + snippet.length <= length + 2, "{snippet:?}");
    }
    Ok(())
}

/// Quoted so that any text stays what it is: JSON's strings are YAML's.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

prop_compose! {
    fn apps()(
        name in "[A-Z][a-zA-Z0-9]{0,28}",
        label in "[a-z\"': ]{0,20}[a-z]",
        contact_email in "[a-z]{1,9}@[a-z]{1,9}\\.example",
        require_pkce in any::<bool>(),
    ) -> ExternalClientApp {
        // Half of the reserved words of Apex are short.
        ExternalClientApp { name: format!("{name}9"), label, contact_email, require_pkce }
    }
}

prop_compose! {
    fn announcements()(
        async_context in prop::sample::select(vec![
            AsyncContext::Enqueue, AsyncContext::FutureInQueueable, AsyncContext::Event,
            AsyncContext::Skip,
        ]),
        event_user in prop::option::of("[a-z]{1,9}@[a-z]{1,9}\\.example"),
        [case_created, case_updated, case_closed, email_sent, comment_created]
            in prop::array::uniform5("[A-Za-z][A-Za-z0-9._-]{0,59}"),
        [emails, comments, case_changes, include_text] in any::<[bool; 4]>(),
    ) -> Announcements {
        Announcements {
            async_context,
            event_user,
            event_names: EventNames {
                case_created, case_updated, case_closed, email_sent, comment_created,
            },
            rep_replies: RepReplies { emails, comments, case_changes, include_text },
        }
    }
}

fn test_values() -> impl Strategy<Value = TestValue> {
    prop_oneof![
        "[ -#%-~\u{e9}\u{4e2d}]{0,20}".prop_map(TestValue::Text),
        (i64::MIN + 1..=i64::MAX).prop_map(TestValue::Whole),
        "-?[0-9]{1,8}\\.[0-9]{1,8}".prop_map(TestValue::Decimal),
        any::<bool>().prop_map(TestValue::Flag),
        (1900_i16..2100, 1_i8..13, 1_i8..29)
            .prop_map(|(year, month, day)| TestValue::Date(year, month, day)),
        (
            1900_i16..2100,
            1_i8..13,
            1_i8..29,
            0_i8..24,
            0_i8..60,
            0_i8..60
        )
            .prop_map(|(year, month, day, hour, minute, second)| {
                TestValue::Instant(year, month, day, hour, minute, second)
            }),
    ]
}

/// What stands in YAML for a value of a test.
fn test_value(value: &TestValue) -> String {
    match value {
        TestValue::Text(text) => quoted(text),
        other => other.shown(),
    }
}

fn written_announcements(announcements: &Announcements) -> String {
    let names = &announcements.event_names;
    let user = announcements.event_user.iter();
    let user: String = user
        .map(|user| format!("    event_user: {user}\n"))
        .collect();
    let replies = announcements.rep_replies;
    format!(
        "  webhook:\n    async_context: {}\n{user}    event_names:\n      case_created: {}\n      \
         case_updated: {}\n      case_closed: {}\n      email_sent: {}\n      comment_created: {}\n  \
         rep_replies: {{ emails: {}, comments: {}, case_changes: {}, include_text: {} }}\n",
        announcements.async_context.word(),
        quoted(&names.case_created),
        quoted(&names.case_updated),
        quoted(&names.case_closed),
        quoted(&names.email_sent),
        quoted(&names.comment_created),
        replies.emails,
        replies.comments,
        replies.case_changes,
        replies.include_text,
    )
}

/// What goes together: a provider has its own sender's address, no files, and no `reject`.
fn outbounds() -> impl Strategy<Value = (Outbound, Option<(Region, String)>)> {
    let fallback = prop::sample::select(RecipientsFallback::ALL);
    let only_when = prop::option::of(("[A-Z][a-z]{1,9}__c", "[a-z\"': ]{0,20}[a-z]"));
    let only_when =
        only_when.prop_map(|pair| pair.map(|(field, equals)| OnlyWhen { field, equals }));
    let attachments = prop::option::of((0_u8..=10, 1_u8..=10)).prop_map(|pair| {
        pair.map(|(delay_minutes, max_megabytes)| Attachments {
            delay_minutes,
            max_megabytes,
        })
    });
    let salesforce = (prop::sample::select(OnFailure::ALL), attachments).prop_map(
        |(on_failure, attachments)| {
            let has_files = attachments.is_some() && on_failure != OnFailure::Reject;
            let attachments = attachments.filter(|_| has_files);
            (on_failure, Delivery::Salesforce, attachments, None)
        },
    );
    let provider = (
        prop::sample::select(&OnFailure::ALL[..3]),
        prop::sample::select(vec![
            Provider::Sendgrid,
            Provider::Postmark,
            Provider::Mailgun,
        ]),
        prop::sample::select(Region::ALL),
        "[a-z]{1,9}@[a-z]{1,9}\\.example",
        "mg\\.[a-z]{1,9}\\.example",
    );
    let provider = provider.prop_map(|(on_failure, provider, region, from_address, domain)| {
        let region = match provider {
            Provider::Postmark => Region::Us,
            _ => region,
        };
        let delivery = Delivery::Provider {
            provider,
            url: provider.url(region, &domain),
            from_address,
        };
        (on_failure, delivery, None, Some((region, domain)))
    });
    (prop_oneof![salesforce, provider], fallback, only_when).prop_map(
        |((on_failure, delivery, attachments, provider), recipients_fallback, only_when)| {
            let outbound = Outbound {
                on_failure,
                delivery,
                attachments,
                recipients_fallback,
                only_when,
            };
            (outbound, provider)
        },
    )
}

fn written_outbound(outbound: &Outbound, provider: Option<&(Region, String)>) -> String {
    let mut text = format!(
        "    on_failure: {}\n    recipients_fallback: {}\n",
        outbound.on_failure.word(),
        outbound.recipients_fallback.word(),
    );
    if let Delivery::Provider {
        provider: kind,
        from_address,
        ..
    } = &outbound.delivery
    {
        let kind = DeliveryKind::Provider(*kind);
        text += &format!(
            "    delivery: {}\n    from_address: {from_address}\n",
            kind.word()
        );
    }
    if let Some((region, domain)) = provider {
        text += &format!(
            "    region: {}\n    mailgun_domain: {domain}\n",
            region.word()
        );
    }
    if let Some(files) = outbound.attachments {
        text += &format!(
            "    attachments: {{ enabled: true, delay_minutes: {}, max_megabytes: {} }}\n",
            files.delay_minutes, files.max_megabytes
        );
    }
    if let Some(only_when) = &outbound.only_when {
        text += &format!(
            "    only_when: {{ field: {}, equals: {} }}\n",
            only_when.field,
            quoted(&only_when.equals)
        );
    }
    text
}

/// An integration, with the region and domain that its provider's address is made of.
type Written = (Integration, Option<(Region, String)>);

prop_compose! {
    fn integrations()(
        major in OLDEST_API_VERSION.major()..=NEWEST_API_VERSION.major(),
        variable in "[A-Z_][A-Z0-9_]{0,12}",
        reply_to in "[a-z0-9'+=~]{1,20}@[a-z0-9]{1,10}\\.[a-z]{2,6}",
        case_filter in prop::sample::select(vec![
            CaseFilter::All, CaseFilter::NotOpencx, CaseFilter::OnlyOpencx,
        ]),
        sender in prop_oneof![
            "[a-zA-Z\"'\\\\\u{e9}\u{4e2d}:#{}$ ]{0,30}[a-z]"
                .prop_filter("`${` begins a reference", |name| !name.contains("${"))
                .prop_map(Sender::DisplayName),
            "[a-z]{1,9}@[a-z]{1,9}\\.example".prop_map(Sender::OrgWideAddress),
        ],
        named_credential in prop::sample::select(vec![
            CredentialModel::Legacy, CredentialModel::SecuredEndpoint,
        ]),
        case_trigger in prop::sample::select(vec![CaseTrigger::Shipped, CaseTrigger::Existing]),
        external_client_app in prop::option::of(apps()),
        announcements in announcements(),
        test_case_fields in prop::collection::btree_map("[A-Z][a-z]{1,9}__c", test_values(), 0..4),
        names in prop::collection::btree_map(0..SHIPPED_NAMES.len(), "Acme[A-Za-z]{0,9}", 0..4),
        templates in prop::option::of("[a-z][a-z ]{0,8}"),
        (outbound, provider) in outbounds(),
        runtime_settings in any::<bool>(),
    ) -> Written {
        let sender = match (&provider, sender) {
            (Some(_), Sender::OrgWideAddress(address)) => Sender::DisplayName(address),
            (_, sender) => sender,
        };
        // A number after each name keeps them apart.
        let names = names.into_iter().map(|(index, name)| {
            (SHIPPED_NAMES[index].0.to_owned(), format!("{name}{index}"))
        });
        let integration = Integration {
            api_version: ApiVersion::new(major),
            webhook_url: SecretRef { env: Some(variable), value: None },
            reply_to,
            case_filter,
            sender,
            announcements,
            test_case_fields,
            named_credential,
            case_trigger,
            external_client_app,
            live_messaging: None,
            outbound,
            runtime_settings,
            drift_reader: false,
            names: names.collect(),
            templates: templates.map(|path| Path::new("conf").join(path)),
        };
        (integration, provider)
    }
}

fn written((integration, provider): &Written) -> String {
    let filter = match integration.case_filter {
        CaseFilter::All => "all",
        CaseFilter::NotOpencx => "not_opencx",
        CaseFilter::OnlyOpencx => "only_opencx",
    };
    let sender = match &integration.sender {
        Sender::DisplayName(name) => format!("display_name: {}", quoted(name)),
        Sender::OrgWideAddress(address) => format!("org_wide_address: {}", quoted(address)),
    };
    let variable = integration.webhook_url.env.as_deref().unwrap();
    let mut text = format!(
        "version: 1\nsalesforce: {{ api_version: \"{}\" }}\nemail_cases:\n  webhook_url: \
         ${{env:{variable}}}\n  reply_to: {}\n  case_filter: {filter}\n  outbound:\n    sender:\n      \
         {sender}\n{}  named_credential: {}\n  case_trigger: {}\n  runtime_settings: {}\n{}  test_case_fields:\n",
        integration.api_version,
        quoted(&integration.reply_to),
        written_outbound(&integration.outbound, provider.as_ref()),
        integration.named_credential.word(),
        integration.case_trigger.word(),
        integration.runtime_settings,
        written_announcements(&integration.announcements),
    );
    for (field, value) in &integration.test_case_fields {
        text += &format!("    {field}: {}\n", test_value(value));
    }
    text += "  names:\n";
    for (shipped, name) in &integration.names {
        text += &format!("    {shipped}: {name}\n");
    }
    if let Some(app) = &integration.external_client_app {
        text += &format!(
            "external_client_app: {{ name: {}, label: {}, contact_email: {}, require_pkce: {} }}\n",
            app.name,
            quoted(&app.label),
            app.contact_email,
            app.require_pkce,
        );
    }
    if let Some(path) = &integration.templates {
        let path = path.strip_prefix("conf").unwrap().to_str().unwrap();
        text += &format!("templates: {}\n", quoted(path));
    }
    text
}

proptest! {
    #[test]
    fn any_text_gives_a_config_or_findings_inside_of_it(text in any::<String>()) {
        snippets_lie_inside(&text)?;
    }

    #[test]
    fn any_bytes_do(bytes in any::<Vec<u8>>()) {
        snippets_lie_inside(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn any_near_config_does(text in fragments()) {
        snippets_lie_inside(&text)?;
    }

    #[test]
    fn any_value_is_taken_or_refused(value in any::<String>()) {
        let value = quoted(&value);
        let keys = ["webhook_url", "reply_to", "case_filter", "outbound", "named_credential", "case_trigger", "runtime_settings"];
        for key in keys {
            snippets_lie_inside(&format!("version: 1\nemail_cases: {{ {key}: {value} }}\n"))?;
        }
        snippets_lie_inside(&format!(
            "version: 1\nemail_cases: {{ names: {{ CaseTrigger: {value} }} }}\n"
        ))?;
        for key in ["async_context", "event_user", "event_names"] {
            snippets_lie_inside(&format!(
                "version: 1\nemail_cases: {{ webhook: {{ {key}: {value} }} }}\n"
            ))?;
        }
        snippets_lie_inside(&format!(
            "version: 1\nemail_cases: {{ webhook: {{ event_names: {{ case_closed: {value} }} }}, \
             rep_replies: {{ emails: {value} }}, test_case_fields: {{ A__c: {value}, {value}: 1 }} }}\n"
        ))?;
        for key in [
            "sender", "on_failure", "delivery", "from_address", "region", "mailgun_domain",
            "attachments", "recipients_fallback", "only_when",
        ] {
            snippets_lie_inside(&format!(
                "version: 1\nemail_cases: {{ outbound: {{ {key}: {value} }} }}\n"
            ))?;
        }
        snippets_lie_inside(&format!(
            "version: 1\nemail_cases: {{ outbound: {{ attachments: {{ enabled: {value}, \
             delay_minutes: {value}, max_megabytes: {value} }}, only_when: {{ field: {value}, \
             equals: {value} }} }} }}\n"
        ))?;
        for key in ["contact_email", "require_pkce", "label", "name"] {
            let app = format!("external_client_app: {{ {key}: {value} }}");
            snippets_lie_inside(&format!("version: 1\n{app}\n"))?;
        }
    }

    #[test]
    fn what_is_written_is_read(integration in integrations()) {
        let text = written(&integration);
        let (integration, _) = integration;
        let read = parse(&text).unwrap();
        let read = read.integration(&Outside::default(), Secrets::Unresolved).unwrap();
        prop_assert_eq!(read, integration);
    }
}

//! What holds for any text.

use proptest::prelude::*;

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
        names in prop::collection::btree_map(0..SHIPPED_NAMES.len(), "Acme[A-Za-z]{0,9}", 0..4),
        templates in prop::option::of("[a-z][a-z ]{0,8}"),
    ) -> Integration {
        // A number after each name keeps them apart.
        let names = names.into_iter().map(|(index, name)| {
            (SHIPPED_NAMES[index].0.to_owned(), format!("{name}{index}"))
        });
        Integration {
            api_version: ApiVersion::new(major),
            webhook_url: SecretRef { env: Some(variable), value: None },
            reply_to,
            case_filter,
            sender,
            named_credential,
            case_trigger,
            external_client_app,
            names: names.collect(),
            templates: templates.map(|path| Path::new("conf").join(path)),
        }
    }
}

fn written(integration: &Integration) -> String {
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
         {sender}\n  named_credential: {}\n  case_trigger: {}\n  names:\n",
        integration.api_version,
        quoted(&integration.reply_to),
        integration.named_credential.word(),
        integration.case_trigger.word(),
    );
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
        let keys = ["webhook_url", "reply_to", "case_filter", "outbound", "named_credential", "case_trigger"];
        for key in keys {
            snippets_lie_inside(&format!("version: 1\nemail_cases: {{ {key}: {value} }}\n"))?;
        }
        snippets_lie_inside(&format!(
            "version: 1\nemail_cases: {{ names: {{ CaseTrigger: {value} }} }}\n"
        ))?;
        for key in ["contact_email", "require_pkce", "label", "name"] {
            let app = format!("external_client_app: {{ {key}: {value} }}");
            snippets_lie_inside(&format!("version: 1\n{app}\n"))?;
        }
    }

    #[test]
    fn what_is_written_is_read(integration in integrations()) {
        let text = written(&integration);
        let read = parse(&text).unwrap();
        let read = read.integration(&Outside::default(), Secrets::Unresolved).unwrap();
        prop_assert_eq!(read, integration);
    }
}

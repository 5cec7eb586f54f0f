//! Integrations to render, and where to look in what they render to.

use super::*;
use crate::config::{
    Announcements, AsyncContext, Attachments, CaseTrigger, CredentialModel, Delivery,
    ExternalClientApp, OnFailure, OnlyWhen, Outbound, Provider, RecipientsFallback, RepReplies,
    SHIPPED_NAMES, SecretRef, TestValue,
};
use crate::secret::Secret;

pub(super) const URL: &str = "https://opencx.invalid/webhook/5ecret";

pub(super) fn integration() -> Integration {
    Integration {
        api_version: ApiVersion::new(66),
        webhook_url: SecretRef {
            env: Some("OPENCX_WEBHOOK_URL".to_owned()),
            value: Some(Secret::new(URL)),
        },
        reply_to: "support@acme.example".to_owned(),
        case_filter: CaseFilter::NotOpencx,
        sender: Sender::DisplayName("Acme Support".to_owned()),
        announcements: Announcements::default(),
        test_case_fields: BTreeMap::new(),
        named_credential: CredentialModel::Legacy,
        case_trigger: CaseTrigger::Shipped,
        external_client_app: None,
        live_messaging: None,
        outbound: Outbound::default(),
        runtime_settings: false,
        drift_reader: false,
        names: BTreeMap::new(),
        templates: None,
    }
}

/// Every option beside the default.
pub(super) fn variants() -> Vec<Integration> {
    let address = Sender::OrgWideAddress("help@acme.example".to_owned());
    vec![
        integration(),
        Integration {
            case_filter: CaseFilter::All,
            sender: address.clone(),
            api_version: ApiVersion::new(62),
            ..integration()
        },
        Integration {
            case_filter: CaseFilter::OnlyOpencx,
            names: all_renamed(),
            ..integration()
        },
        Integration {
            sender: address.clone(),
            names: all_renamed(),
            ..integration()
        },
        with_everything(BTreeMap::new()),
        with_everything(all_renamed()),
        Integration {
            announcements: Announcements {
                async_context: AsyncContext::FutureInQueueable,
                ..announcements()
            },
            test_case_fields: test_case_fields(),
            ..integration()
        },
        Integration {
            announcements: Announcements {
                async_context: AsyncContext::Skip,
                ..Announcements::default()
            },
            case_filter: CaseFilter::All,
            ..integration()
        },
        Integration {
            named_credential: CredentialModel::SecuredEndpoint,
            external_client_app: Some(app(false)),
            ..integration()
        },
        Integration {
            named_credential: CredentialModel::SecuredEndpoint,
            case_trigger: CaseTrigger::Existing,
            external_client_app: Some(app(true)),
            api_version: ApiVersion::new(62),
            names: all_renamed(),
            ..integration()
        },
        Integration {
            outbound: Outbound {
                on_failure: OnFailure::Flag,
                attachments: Some(Attachments {
                    delay_minutes: 2,
                    max_megabytes: 10,
                }),
                recipients_fallback: RecipientsFallback::CaseContact,
                ..Outbound::default()
            },
            ..integration()
        },
        Integration {
            outbound: Outbound {
                on_failure: OnFailure::Reject,
                only_when: Some(OnlyWhen {
                    field: "Subject".to_owned(),
                    equals: "it's OpenCX".to_owned(),
                }),
                ..Outbound::default()
            },
            sender: address,
            ..integration()
        },
        provider(Provider::Sendgrid, OnFailure::Log),
        provider(Provider::Postmark, OnFailure::Comment),
        provider(Provider::Mailgun, OnFailure::Flag),
    ]
}

pub(super) fn provider(provider: Provider, on_failure: OnFailure) -> Integration {
    Integration {
        outbound: Outbound {
            on_failure,
            delivery: Delivery::Provider {
                provider,
                from_address: "care@acme.example".to_owned(),
                url: "https://mail.acme.example/send".to_owned(),
            },
            ..Outbound::default()
        },
        names: all_renamed(),
        ..integration()
    }
}

/// Another name for everything that can have one: `X1`, `X2`, …
pub(super) fn all_renamed() -> BTreeMap<String, String> {
    SHIPPED_NAMES
        .iter()
        .enumerate()
        .map(|(index, (shipped, _))| ((*shipped).to_owned(), format!("X{index}")))
        .collect()
}

pub(super) fn render_embedded(integration: &Integration) -> Package {
    render(integration, &Catalog::embedded()).unwrap()
}

pub(super) fn source<'a>(package: &'a Package, class: &str) -> &'a str {
    let id = ComponentId::new(MetadataType::ApexClass, class);
    package.components[&id].source.as_deref().unwrap()
}

/// The value of the constant of that name.
pub(super) fn constant(source: &str, name: &str) -> Option<String> {
    let (_, rest) = source.split_once(&format!(" String {name} = "))?;
    apex::parse_string_literal(rest.lines().next()?.strip_suffix(';')?)
}

/// Announcements of everything, by platform events.
pub(super) fn announcements() -> Announcements {
    Announcements {
        async_context: AsyncContext::Event,
        event_user: Some("integration@acme.example".to_owned()),
        rep_replies: RepReplies {
            emails: true,
            comments: true,
            case_changes: true,
            include_text: true,
        },
        ..Announcements::default()
    }
}

/// Every component that some option brings is among these.
pub(super) fn with_everything(names: BTreeMap<String, String>) -> Integration {
    Integration {
        announcements: announcements(),
        named_credential: CredentialModel::SecuredEndpoint,
        runtime_settings: true,
        drift_reader: true,
        names,
        ..integration()
    }
}

pub(super) fn test_case_fields() -> BTreeMap<String, TestValue> {
    let text = |text: &str| TestValue::Text(text.to_owned());
    BTreeMap::from([
        (
            "Amount__c".to_owned(),
            TestValue::Decimal("-12.50".to_owned()),
        ),
        (
            "At__c".to_owned(),
            TestValue::Instant(2026, 1, 31, 10, 0, 0),
        ),
        ("Big__c".to_owned(), TestValue::Whole(3_000_000_000)),
        ("Due__c".to_owned(), TestValue::Date(2026, 1, 31)),
        ("Flag__c".to_owned(), TestValue::Flag(true)),
        ("RecordType".to_owned(), text("Support")),
        ("Region__c".to_owned(), text("it's \"EMEA\"\n*/")),
    ])
}

/// The name under which a component is shipped.
pub(super) fn shipped_of<'a>(integration: &'a Integration, name: &'a str) -> &'a str {
    let renamed = integration.names.iter().find(|(_, new)| *new == name);
    renamed.map_or(name, |(shipped, _)| shipped)
}

pub(super) fn app(require_pkce: bool) -> ExternalClientApp {
    ExternalClientApp {
        name: "Acme_AI".to_owned(),
        label: "Acme & AI".to_owned(),
        contact_email: "admin@acme.example".to_owned(),
        require_pkce,
    }
}

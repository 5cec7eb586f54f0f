//! What templates can say: the integration's values by the names that templates use.

use std::collections::BTreeMap;

use tera::{Context, Value};

use super::{Error, Names, WEBHOOK_URL_PLACEHOLDER};
use crate::apex;
use crate::config::{CaseFilter, Integration, Sender};

/// The values of a component's template.
pub(super) fn of(integration: &Integration, names: &Names) -> Result<Context, Error> {
    // A template that uses the value of the other kind of sender is wrong, and gets an error.
    let (sender, key, text) = match &integration.sender {
        Sender::DisplayName(name) => ("display_name", "sender_display_name", name),
        Sender::OrgWideAddress(address) => ("org_wide_address", "sender_org_wide_address", address),
    };
    let mut values = of_manifest(integration);
    values.insert("sender", sender);
    for (key, text) in [("reply_to", &integration.reply_to), (key, text)] {
        apex::string_literal(text).map_err(|source| Error::Literal { key, source })?;
        values.insert(key, text);
    }
    values.insert("webhook_url", WEBHOOK_URL_PLACEHOLDER);
    // Identifiers stand in Apex as they are: `Names` has checked each.
    let names: BTreeMap<String, Value> = names
        .iter()
        .map(|(shipped, name)| (shipped.to_owned(), Value::safe_string(name)))
        .collect();
    values.insert_value("names", Value::from(names));
    Ok(values)
}

/// The values of a manifest, which is rendered before the names are known.
pub(super) fn of_manifest(integration: &Integration) -> Context {
    let case_filter = match integration.case_filter {
        CaseFilter::All => "all",
        CaseFilter::NotOpencx => "not_opencx",
        CaseFilter::OnlyOpencx => "only_opencx",
    };
    let mut values = Context::new();
    values.insert("api_version", &integration.api_version.to_string());
    values.insert("api_major", &integration.api_version.major());
    values.insert("case_filter", case_filter);
    values.insert("case_trigger", integration.case_trigger.word());
    values.insert("named_credential", integration.named_credential.word());
    let app = integration.external_client_app.as_ref().map(|app| {
        BTreeMap::from([
            ("label", Value::from(app.label.as_str())),
            ("contact_email", Value::from(app.contact_email.as_str())),
            ("require_pkce", Value::from(app.require_pkce)),
        ])
    });
    values.insert("external_client_app", &app);
    values
}

//! Which layer each value of an org came from, for `config show`.

use super::external_client_app::{AppLayers, AppName, DEFAULT_NAME};
use super::file::{ConfigFile, Org};
use super::layer::{Layers, Origin};
use super::setting::Setting;
use super::value::Word;
use super::{CaseFilter, CaseTrigger, CredentialModel, DEFAULT_API_VERSION};

/// Key path, shown value, origin; in the order of the file. Values that are neither written nor
/// have a default are left out.
pub(super) fn origins(file: &ConfigFile, org: &Org) -> Vec<(String, String, Origin)> {
    let layers = Layers::new(&file.email_cases, Some(&org.block.email_cases));
    let mut list = List(Vec::new());
    let top = |present: bool| {
        if present {
            Origin::TopLevel
        } else {
            Origin::Default
        }
    };

    list.add("templates", (&file.templates, Origin::TopLevel), None);
    let version = &file.salesforce.api_version;
    let pinned = (version, top(version.is_present()));
    list.add("salesforce.api_version", pinned, Some(DEFAULT_API_VERSION));
    list.add(
        "email_cases.webhook_url",
        layers.pick(|cases| &cases.webhook_url),
        None,
    );
    list.add(
        "email_cases.reply_to",
        layers.pick(|cases| &cases.reply_to),
        None,
    );
    let filter = layers.pick(|cases| &cases.case_filter);
    list.add("email_cases.case_filter", filter, Some(CaseFilter::DEFAULT));
    let model = layers.pick(|cases| &cases.named_credential);
    list.add(
        "email_cases.named_credential",
        model,
        Some(CredentialModel::DEFAULT),
    );
    let trigger = layers.pick(|cases| &cases.case_trigger);
    list.add(
        "email_cases.case_trigger",
        trigger,
        Some(CaseTrigger::DEFAULT),
    );
    let (sender, origin) = layers.sender();
    let name = (&sender.display_name, origin);
    list.add("email_cases.outbound.sender.display_name", name, None);
    let address = (&sender.org_wide_address, origin);
    list.add(
        "email_cases.outbound.sender.org_wide_address",
        address,
        None,
    );
    for (shipped, name, origin) in layers.names() {
        list.add(
            &format!("email_cases.names.{shipped}"),
            (name, origin),
            None,
        );
    }
    if let Some(app) = AppLayers::new(file, Some(org)) {
        list.external_client_app(app);
    }
    list.0
}

struct List(Vec<(String, String, Origin)>);

impl List {
    fn external_client_app(&mut self, app: AppLayers<'_>) {
        let key = |key: &str| format!("external_client_app.{key}");
        self.add(
            &key("contact_email"),
            app.pick(|app| &app.contact_email),
            None,
        );
        if let Some((demanded, origin)) = app.require_pkce() {
            self.0
                .push((key("require_pkce"), demanded.to_string(), origin));
        }
        self.add(&key("label"), app.pick(|app| &app.label), None);
        let default = AppName(DEFAULT_NAME.to_owned());
        self.add(&key("name"), app.pick(|app| &app.name), Some(default));
    }

    fn add<T: Word>(&mut self, key: &str, found: (&Setting<T>, Origin), default: Option<T>) {
        let (setting, origin) = found;
        let default = default.map(|value| (value.shown(), Origin::Default));
        let written = setting.shown().map(|value| (value, origin));
        if let Some((value, origin)) = written.or(default) {
            self.0.push((key.to_owned(), value, origin));
        }
    }
}

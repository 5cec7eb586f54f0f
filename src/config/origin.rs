//! Which layer each value of an org came from, for `config show`.

use super::announce::{self, AsyncContext, SWITCHES};
use super::choice::Whole;
use super::external_client_app::{AppLayers, AppName, DEFAULT_NAME};
use super::file::{ConfigFile, Org};
use super::layer::{Layers, Origin};
use super::outbound::DeliveryKind;
use super::setting::Setting;
use super::value::Word;
use super::{
    Attachments, CaseFilter, CaseTrigger, CredentialModel, DEFAULT_API_VERSION, OnFailure,
    RecipientsFallback,
};

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
    let context = layers.pick(|cases| &cases.webhook.async_context);
    let default = Some(AsyncContext::default());
    list.add("email_cases.webhook.async_context", context, default);
    let user = layers.pick(|cases| &cases.webhook.event_user);
    list.add("email_cases.webhook.event_user", user, None);
    for (key, default, found) in announce::event_names(layers) {
        list.add(&key, found, Some(default));
    }
    for switch in SWITCHES {
        let (value, origin) = layers.switch(switch.of);
        let key = format!("email_cases.rep_replies.{}", switch.key);
        let value = value.unwrap_or_default().to_string();
        list.0.push((key, value, origin));
    }
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
    outbound(layers, &mut list);
    for (field, (value, origin)) in layers.test_case_fields() {
        let key = format!("email_cases.test_case_fields.{field}");
        list.0.push((key, value.shown(), origin));
    }
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

fn outbound(layers: Layers<'_>, list: &mut List) {
    let found = layers.outbound(|outbound| &outbound.on_failure);
    list.outbound("on_failure", found, Some(OnFailure::default()));
    let found = layers.outbound(|outbound| &outbound.delivery);
    list.outbound("delivery", found, Some(DeliveryKind::default()));
    let found = layers.outbound(|outbound| &outbound.from_address);
    list.outbound("from_address", found, None);
    let found = layers.outbound(|outbound| &outbound.region);
    list.outbound("region", found, None);
    let found = layers.outbound(|outbound| &outbound.mailgun_domain);
    list.outbound("mailgun_domain", found, None);
    let found = layers.outbound(|outbound| &outbound.attachments.enabled);
    list.outbound("attachments.enabled", found, Some(false));
    let default = Attachments::DEFAULT;
    let found = layers.outbound(|outbound| &outbound.attachments.delay_minutes);
    let minutes = Whole(default.delay_minutes);
    list.outbound("attachments.delay_minutes", found, Some(minutes));
    let found = layers.outbound(|outbound| &outbound.attachments.max_megabytes);
    let megabytes = Whole(default.max_megabytes);
    list.outbound("attachments.max_megabytes", found, Some(megabytes));
    let found = layers.outbound(|outbound| &outbound.recipients_fallback);
    let nobody = RecipientsFallback::default();
    list.outbound("recipients_fallback", found, Some(nobody));
    let found = layers.outbound(|outbound| &outbound.only_when.field);
    list.outbound("only_when.field", found, None);
    let found = layers.outbound(|outbound| &outbound.only_when.equals);
    list.outbound("only_when.equals", found, None);
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

    fn outbound<T: Word>(&mut self, key: &str, found: (&Setting<T>, Origin), default: Option<T>) {
        self.add(&format!("email_cases.outbound.{key}"), found, default);
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

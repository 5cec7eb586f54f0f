//! Which line of the config made a component what it is.

use super::Config;
use super::source::Span;
use super::yaml::Node;
use crate::diag::Snippet;
use crate::metadata::{ComponentId, MetadataType};

impl Config {
    /// The line that a difference in a component of an org is to be shown at: the most special key
    /// that is written and decides it, the org's own before the top level's.
    pub fn place_of(&self, org: &str, component: &ComponentId, field: Option<&str>) -> Snippet {
        let mut keys: Vec<Vec<&str>> = Vec::new();
        let name = component.full_name.as_str();
        let renamed = self.shipped_name(org, name);
        if let Some(shipped) = renamed {
            keys.push(vec!["email_cases", "names", shipped]);
        }
        if field == Some("apiVersion") {
            keys.push(vec!["salesforce", "api_version"]);
        }
        keys.extend(
            deciding(component.kind, renamed.unwrap_or(name)).map(|key| key.split('.').collect()),
        );
        let own = |key: &Vec<&str>| {
            let path = ["orgs", org].into_iter().chain(key.iter().copied());
            self.key_span(path)
                .or_else(|| self.key_span(key.iter().copied()))
        };
        let span = keys
            .iter()
            .find_map(own)
            .or_else(|| self.key_span(["email_cases"].into_iter()))
            .or_else(|| self.key_span(["orgs", org].into_iter()))
            .unwrap_or_default();
        self.source.snippet(span, "made by this")
    }

    /// Where an org's block begins.
    pub fn place_of_org(&self, org: &str) -> Snippet {
        let span = self.key_span(["orgs", org].into_iter()).unwrap_or_default();
        self.source.snippet(span, "this org")
    }

    fn shipped_name(&self, org: &str, name: &str) -> Option<&'static str> {
        let org = self.org(org);
        let names =
            super::check::email_cases(&self.file, org).below(&super::file::EmailCases::names());
        names
            .renamed()
            .find(|(_, setting, _)| setting.literal().is_some_and(|(new, _)| new.0 == name))
            .map(|(shipped, ..)| shipped)
    }

    pub(super) fn key_span<'k>(&self, keys: impl Iterator<Item = &'k str>) -> Option<Span> {
        let mut node: &Node = &self.root;
        let mut span = None;
        for key in keys {
            let mut entries = node.entries().iter();
            let entry = entries.find(|entry| entry.key == key && !entry.repeated)?;
            span = Some(entry.key_span);
            node = &entry.node;
        }
        span
    }
}

/// The keys that bring a component, the most special one first.
fn deciding(kind: MetadataType, name: &str) -> impl Iterator<Item = &'static str> {
    let keys: &[&'static str] = match kind {
        MetadataType::ExternalClientApplication => &["external_client_app"],
        kind if kind.belongs_to_app() => &["external_client_app"],
        MetadataType::PlatformEventSubscriberConfig => &["email_cases.webhook.async_context"],
        MetadataType::NamedCredential | MetadataType::ExternalCredential
            if name.contains("Mail_Provider") =>
        {
            &["email_cases.outbound.delivery"]
        }
        MetadataType::ExternalCredential => &["email_cases.named_credential"],
        MetadataType::NamedCredential => &["email_cases.webhook_url"],
        _ if name.contains("Webhook_Access") => &["email_cases.named_credential"],
        _ if name.contains("Setting") => &["email_cases.runtime_settings"],
        _ if name.contains("CaseEvent") || name.contains("Case_Event") => {
            &["email_cases.webhook.async_context", "email_cases.webhook"]
        }
        _ if name.contains("Rep") && !name.contains("Reply") => &["email_cases.rep_replies"],
        _ if name.contains("Provider") => &["email_cases.outbound.delivery"],
        _ if name.contains("Attachments") => &["email_cases.outbound.attachments"],
        _ if ["Outbound", "Mail", "Send", "Recipients", "Threading"]
            .iter()
            .any(|part| name.contains(part)) =>
        {
            &["email_cases.outbound"]
        }
        _ if name == "CaseTrigger" => &["email_cases.case_trigger", "email_cases.case_filter"],
        _ if ["Webhook", "Case", "Announcer", "RetryAfter"]
            .iter()
            .any(|part| name.contains(part)) =>
        {
            &["email_cases.webhook"]
        }
        _ => &[],
    };
    keys.iter().copied()
}

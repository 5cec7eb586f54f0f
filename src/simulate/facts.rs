//! What a scenario has to know of the config, and whether it is about this config at all.

use std::collections::BTreeMap;

use super::scenario::{DeliveryBy, Needs, RepReply};
use crate::config::{CaseFilter, Delivery, Integration, Named as _, OnFailure, OnlyWhen, Sender};

/// What of the config matters to scenarios.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Where customers write and answer.
    pub reply_to: String,
    /// The Named Credential of the webhook.
    pub webhook: String,
    /// The Named Credential of the mail provider.
    pub provider: String,
    /// What events are called, by their key in the config.
    pub events: BTreeMap<&'static str, String>,
    /// Where the reason stands when a reply was not sent.
    pub on_failure: OnFailure,
    /// The organisation-wide address that mail comes from.
    pub org_wide_address: Option<String>,
    /// What a row must have to be sent.
    pub only_when: Option<OnlyWhen>,
    /// How long the job waits that sends a reply.
    pub send_delay_minutes: u8,
    /// The custom metadata type of what an administrator can switch.
    pub settings_type: String,
    case_filter: CaseFilter,
    delivery: DeliveryBy,
    runtime_settings: bool,
    async_context: &'static str,
    rep_replies: Vec<RepReply>,
}

/// What a component of ours is called in a config.
pub fn name(integration: &Integration, shipped: &str) -> String {
    let given = integration.names.get(shipped);
    given.cloned().unwrap_or_else(|| shipped.to_owned())
}

impl Facts {
    /// The facts of a config.
    pub fn of(integration: &Integration) -> Self {
        let announced = &integration.announcements;
        let names = &announced.event_names;
        let replies = announced.rep_replies;
        let outbound = &integration.outbound;
        Self {
            reply_to: integration.reply_to.clone(),
            webhook: name(integration, "OpenCX_Integration"),
            provider: name(integration, "OpenCX_Mail_Provider"),
            events: BTreeMap::from([
                ("case_created", names.case_created.clone()),
                ("case_updated", names.case_updated.clone()),
                ("case_closed", names.case_closed.clone()),
                ("email_sent", names.email_sent.clone()),
                ("comment_created", names.comment_created.clone()),
            ]),
            on_failure: outbound.on_failure,
            org_wide_address: match &integration.sender {
                Sender::OrgWideAddress(address) => Some(address.clone()),
                Sender::DisplayName(_) => None,
            },
            only_when: outbound.only_when.clone(),
            send_delay_minutes: outbound.attachments.map_or(0, |files| files.delay_minutes),
            case_filter: integration.case_filter,
            delivery: match outbound.delivery {
                Delivery::Salesforce => DeliveryBy::Salesforce,
                Delivery::Provider { .. } => DeliveryBy::Provider,
            },
            runtime_settings: integration.runtime_settings,
            settings_type: name(integration, "OpenCX_Setting"),
            async_context: announced.async_context.word(),
            rep_replies: [
                (replies.emails, RepReply::Emails),
                (replies.comments, RepReply::Comments),
                (replies.case_changes, RepReply::CaseChanges),
            ]
            .into_iter()
            .filter_map(|(on, kind)| on.then_some(kind))
            .collect(),
        }
    }

    /// Which demand of a scenario the config does not meet.
    pub fn unmet(&self, needs: &Needs) -> Option<String> {
        let filter = match self.case_filter {
            CaseFilter::All => "all",
            CaseFilter::NotOpencx => "not_opencx",
            CaseFilter::OnlyOpencx => "only_opencx",
        };
        for (setting, has, wanted) in [
            ("case_filter", filter, &needs.case_filter),
            (
                "outbound.on_failure",
                self.on_failure.word(),
                &needs.on_failure,
            ),
            (
                "webhook.async_context",
                self.async_context,
                &needs.async_context,
            ),
        ] {
            if !wanted.is_empty() && !wanted.iter().any(|word| word == has) {
                let wanted = wanted.join(" or ");
                return Some(format!("it is about `email_cases.{setting}: {wanted}`"));
            }
        }
        match needs.delivery {
            Some(DeliveryBy::Salesforce) if self.delivery != DeliveryBy::Salesforce => {
                return Some("it is about mail that Salesforce sends".to_owned());
            }
            Some(DeliveryBy::Provider) if self.delivery != DeliveryBy::Provider => {
                return Some(
                    "it is about `email_cases.outbound.delivery` by a provider".to_owned(),
                );
            }
            _ => {}
        }
        if needs.runtime_settings && !self.runtime_settings {
            return Some("it is about `email_cases.runtime_settings: true`".to_owned());
        }
        let off = needs
            .rep_replies
            .iter()
            .find(|kind| !self.rep_replies.contains(kind))?;
        let key = match off {
            RepReply::Emails => "emails",
            RepReply::Comments => "comments",
            RepReply::CaseChanges => "case_changes",
        };
        Some(format!("it is about `email_cases.rep_replies.{key}: true`"))
    }
}

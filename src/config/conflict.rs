//! Values of `email_cases.outbound` that exclude or need each other.

use super::check;
use super::file::{Attachments, ConfigFile, EmailCases, OnlyWhen, Outbound, Sender};
use super::layer::Layers;
use super::option::Key;
use super::outbound::{DeliveryKind, OnFailure, Provider, Region};
use super::problem::{Findings, Problem};
use super::setting::Setting;
use super::source::Span;
use super::value::Word;

/// Two values that can't be together, or one without another that it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Conflict {
    #[error("`on_failure: reject` cannot be together with delivery by a mail provider")]
    RejectWithProvider,
    #[error("`on_failure: reject` cannot be together with attachments")]
    RejectWithAttachments,
    #[error("attachments cannot be together with delivery by a mail provider")]
    AttachmentsWithProvider,
    #[error("`sender.org_wide_address` cannot be together with delivery by a mail provider")]
    AddressWithProvider,
    #[error("delivery by a mail provider needs `from_address`")]
    NoFromAddress,
    #[error("Postmark has no region `eu`")]
    PostmarkRegion,
    #[error("`only_when` needs both `field` and `equals`")]
    HalfCondition,
}

impl Conflict {
    /// Why, and what to write.
    pub fn help(self) -> &'static str {
        match self {
            Self::RejectWithProvider => {
                "a mail provider is called after the insert, because a trigger cannot call out; \
                 use log, flag or comment"
            }
            Self::RejectWithAttachments => {
                "files are linked after the insert, which is when reject has already sent the \
                 mail; use log, flag or comment, or remove attachments"
            }
            Self::AttachmentsWithProvider => {
                "a job has not enough memory to put files into a request; remove attachments, or \
                 use `delivery: salesforce`"
            }
            Self::AddressWithProvider => {
                "org-wide addresses are Salesforce's; write `from_address` and \
                 `sender: { display_name: … }`"
            }
            Self::NoFromAddress => {
                "add `from_address`: an address that is verified at the provider"
            }
            Self::PostmarkRegion => "remove `region`",
            Self::HalfCondition => "add the other one, or remove `only_when`",
        }
    }
}

/// The values that decide.
pub(super) struct Chosen {
    pub on_failure: OnFailure,
    pub delivery: DeliveryKind,
    pub attachments: bool,
    pub region: Region,
}

impl Chosen {
    /// As far as they stand in the file itself.
    fn written(outbound: &Layers<'_, Outbound>) -> Self {
        fn literal<W: Word + Copy, T>(
            outbound: &Layers<'_, Outbound>,
            key: &Key<Outbound, Setting<W>, T>,
        ) -> Option<W> {
            let literal = outbound.setting(key).setting.literal();
            literal.map(|(value, _)| *value)
        }
        let attachments = outbound.section(&Outbound::attachments());
        let enabled = attachments.setting(&Attachments::enabled()).setting;
        Self {
            on_failure: literal(outbound, &Outbound::on_failure()).unwrap_or_default(),
            delivery: literal(outbound, &Outbound::delivery()).unwrap_or_default(),
            attachments: enabled.literal().is_some_and(|(enabled, _)| *enabled),
            region: literal(outbound, &Outbound::region()).unwrap_or_default(),
        }
    }

    /// What doesn't go together, with the place to change.
    pub fn conflicts(&self, outbound: &Layers<'_, Outbound>) -> Vec<(Span, Conflict)> {
        let rejects = self.on_failure == OnFailure::Reject;
        let has_provider = self.delivery != DeliveryKind::Salesforce;
        let sender = outbound.section(&Outbound::sender());
        let address = sender.setting(&Sender::org_wide_address()).setting;
        let on_failure = outbound.setting(&Outbound::on_failure()).setting.span();
        let attachments = outbound.section(&Outbound::attachments());
        let attachments = attachments.setting(&Attachments::enabled()).setting.span();
        let only_when = outbound.section(&Outbound::only_when());
        let field = only_when.setting(&OnlyWhen::field()).setting;
        let equals = only_when.setting(&OnlyWhen::equals()).setting;

        let mut found = Vec::new();
        if rejects && has_provider {
            found.push((on_failure, Conflict::RejectWithProvider));
        }
        if rejects && self.attachments {
            found.push((on_failure, Conflict::RejectWithAttachments));
        }
        if self.attachments && has_provider {
            found.push((attachments, Conflict::AttachmentsWithProvider));
        }
        if has_provider && address.is_present() {
            found.push((address.span(), Conflict::AddressWithProvider));
        }
        if has_provider && !outbound.any(&Outbound::from_address()) {
            let delivery = outbound.setting(&Outbound::delivery()).setting;
            found.push((delivery.span(), Conflict::NoFromAddress));
        }
        if self.delivery == DeliveryKind::Provider(Provider::Postmark) && self.region == Region::Eu
        {
            let region = outbound.setting(&Outbound::region()).setting;
            found.push((region.span(), Conflict::PostmarkRegion));
        }
        if field.is_present() != equals.is_present() {
            let span = field.span().max(equals.span());
            found.push((span, Conflict::HalfCondition));
        }
        found
    }
}

/// Reports each conflict of the orgs, or of the top level where there are none, once.
pub(super) fn written(file: &ConfigFile, findings: &mut Findings) {
    let orgs: Vec<_> = if file.orgs.0.is_empty() {
        vec![None]
    } else {
        file.orgs.0.iter().map(Some).collect()
    };
    let mut known = Vec::new();
    for org in orgs {
        let outbound = check::email_cases(file, org).section(&EmailCases::outbound());
        for conflict in Chosen::written(&outbound).conflicts(&outbound) {
            if !known.contains(&conflict) {
                known.push(conflict);
                findings.add(conflict.0, Problem::Conflict(conflict.1));
            }
        }
    }
}

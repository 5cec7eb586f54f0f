//! Values of `email_cases.outbound` that exclude or need each other.

use super::file::{ConfigFile, Outbound};
use super::layer::{Layers, Origin};
use super::outbound::{DeliveryKind, OnFailure, Provider, Region};
use super::problem::{Findings, Problem};
use super::setting::Setting;
use super::source::Span;

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
    fn written(layers: Layers<'_>) -> Self {
        fn literal<T: Copy>((setting, _): (&Setting<T>, Origin)) -> Option<T> {
            setting.literal().map(|(value, _)| *value)
        }
        Self {
            on_failure: literal(layers.outbound(|outbound| &outbound.on_failure))
                .unwrap_or_default(),
            delivery: literal(layers.outbound(|outbound| &outbound.delivery)).unwrap_or_default(),
            attachments: literal(layers.outbound(|outbound| &outbound.attachments.enabled))
                .unwrap_or_default(),
            region: literal(layers.outbound(|outbound| &outbound.region)).unwrap_or_default(),
        }
    }

    /// What doesn't go together, with the place to change.
    pub fn conflicts(&self, layers: Layers<'_>) -> Vec<(Span, Conflict)> {
        let span = |of: fn(&Outbound) -> Span| layers.outbound_span(of);
        let rejects = self.on_failure == OnFailure::Reject;
        let has_provider = self.delivery != DeliveryKind::Salesforce;
        let (sender, _) = layers.sender();
        let (from_address, _) = layers.outbound(|outbound| &outbound.from_address);
        let (field, _) = layers.outbound(|outbound| &outbound.only_when.field);
        let (equals, _) = layers.outbound(|outbound| &outbound.only_when.equals);

        let mut found = Vec::new();
        let on_failure = span(|outbound| outbound.on_failure.span());
        let attachments = span(|outbound| outbound.attachments.enabled.span());
        if rejects && has_provider {
            found.push((on_failure, Conflict::RejectWithProvider));
        }
        if rejects && self.attachments {
            found.push((on_failure, Conflict::RejectWithAttachments));
        }
        if self.attachments && has_provider {
            found.push((attachments, Conflict::AttachmentsWithProvider));
        }
        if has_provider && sender.org_wide_address.is_present() {
            let span = sender.org_wide_address.span();
            found.push((span, Conflict::AddressWithProvider));
        }
        if has_provider && !from_address.is_present() {
            let span = span(|outbound| outbound.delivery.span());
            found.push((span, Conflict::NoFromAddress));
        }
        if self.delivery == DeliveryKind::Provider(Provider::Postmark) && self.region == Region::Eu
        {
            let span = span(|outbound| outbound.region.span());
            found.push((span, Conflict::PostmarkRegion));
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
    let orgs = file.orgs.0.iter().map(|org| Some(&org.block.email_cases));
    let blocks: Vec<_> = if file.orgs.0.is_empty() {
        vec![None]
    } else {
        orgs.collect()
    };
    let mut known = Vec::new();
    for block in blocks {
        let layers = Layers::new(&file.email_cases, block);
        for conflict in Chosen::written(layers).conflicts(layers) {
            if !known.contains(&conflict) {
                known.push(conflict);
                findings.add(conflict.0, Problem::Conflict(conflict.1));
            }
        }
    }
}

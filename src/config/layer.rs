//! An org's block laid over the top level, key by key, and which of them a value came from.

use std::collections::BTreeMap;

use serde::Serialize;

use super::SHIPPED_NAMES;
use super::announce::RepRepliesSection;
use super::file::{EmailCases, Outbound, Sender};
use super::names::ComponentName;
use super::setting::Setting;
use super::source::Span;
use super::test_fields::TestValue;

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The config's top level.
    TopLevel,
    /// The org's own block.
    OrgBlock,
    /// Nothing is written: the value that holds then.
    Default,
}

/// The top level and, for an org, its block over it.
#[derive(Clone, Copy)]
pub(super) struct Layers<'a> {
    top: &'a EmailCases,
    org: Option<&'a EmailCases>,
}

impl<'a> Layers<'a> {
    pub fn new(top: &'a EmailCases, org: Option<&'a EmailCases>) -> Self {
        Self { top, org }
    }

    /// The setting that holds; absent where neither layer has it.
    pub fn pick<T>(
        &self,
        of: impl Fn(&'a EmailCases) -> &'a Setting<T>,
    ) -> (&'a Setting<T>, Origin) {
        if let Some(setting) = self.org.map(&of).filter(|setting| setting.is_present()) {
            return (setting, Origin::OrgBlock);
        }
        let setting = of(self.top);
        let origin = if setting.is_present() {
            Origin::TopLevel
        } else {
            Origin::Default
        };
        (setting, origin)
    }

    /// The setting of `outbound` that holds.
    pub fn outbound<T>(
        &self,
        of: impl Fn(&'a Outbound) -> &'a Setting<T>,
    ) -> (&'a Setting<T>, Origin) {
        self.pick(|cases| of(&cases.outbound))
    }

    /// The place of a setting of `outbound`: the org's, where it has one.
    pub fn outbound_span(&self, of: fn(&Outbound) -> Span) -> Span {
        let org = self.org.map(|cases| of(&cases.outbound));
        org.filter(|span| *span != Span::default())
            .unwrap_or_else(|| of(&self.top.outbound))
    }

    /// The sender that holds, as a whole: a display name below an org's address would be both.
    pub fn sender(&self) -> (&'a Sender, Origin) {
        let org = self.org.map(|cases| &cases.outbound.sender);
        match org.filter(|sender| sender.is_present()) {
            Some(sender) => (sender, Origin::OrgBlock),
            None => (&self.top.outbound.sender, Origin::TopLevel),
        }
    }

    /// The switch of `rep_replies` that holds.
    pub fn switch(self, of: impl Fn(&RepRepliesSection) -> Option<bool>) -> (Option<bool>, Origin) {
        let org = self.org.and_then(|cases| of(&cases.rep_replies));
        match (org, of(&self.top.rep_replies)) {
            (Some(value), _) => (Some(value), Origin::OrgBlock),
            (None, Some(value)) => (Some(value), Origin::TopLevel),
            (None, None) => (None, Origin::Default),
        }
    }

    /// The values of test fields that hold, by field.
    pub fn test_case_fields(self) -> BTreeMap<&'a String, (&'a TestValue, Origin)> {
        let values = |cases: &'a EmailCases, origin| {
            let fields = cases.test_case_fields.0.iter();
            fields.map(move |(field, value)| (field, (value, origin)))
        };
        let mut fields: BTreeMap<_, _> = values(self.top, Origin::TopLevel).collect();
        for (field, value) in self
            .org
            .into_iter()
            .flat_map(|org| values(org, Origin::OrgBlock))
        {
            // Field names have no regard to case: an org's spelling replaces the top level's.
            fields.retain(|known, _| !known.eq_ignore_ascii_case(field));
            fields.insert(field, value);
        }
        fields
    }

    /// The new names that hold, by shipped name.
    pub fn names(self) -> impl Iterator<Item = (&'static str, &'a Setting<ComponentName>, Origin)> {
        SHIPPED_NAMES.iter().filter_map(move |&(shipped, _)| {
            let org = self.org.and_then(|cases| cases.names.0.get(shipped));
            let org = org.map(|name| (shipped, name, Origin::OrgBlock));
            let top = self.top.names.0.get(shipped);
            org.or(top.map(|name| (shipped, name, Origin::TopLevel)))
        })
    }
}

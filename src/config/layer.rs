//! An org's block laid over the top level, key by key, and which of them a value came from.

use serde::Serialize;

use super::option::{Fields, Key, Part};
use super::setting::Setting;
use super::value::Word;

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

/// A section of the top level and, for an org, the one of its block over it.
pub(super) struct Layers<'a, S> {
    path: String,
    pub top: Option<&'a S>,
    pub org: Option<&'a S>,
}

/// The setting that holds, with its whole path.
pub(super) struct Found<'a, W> {
    pub path: String,
    pub setting: &'a Setting<W>,
    pub origin: Origin,
}

impl<'a, S> Layers<'a, S> {
    pub fn new(path: &str, top: Option<&'a S>, org: Option<&'a S>) -> Self {
        Self {
            path: path.to_owned(),
            top,
            org,
        }
    }

    /// A key's whole path.
    pub fn path_of(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    /// What stands under a key in both layers.
    pub fn below<P: Part, T>(&self, key: &Key<S, P, T>) -> Layers<'a, P> {
        Layers {
            path: self.path_of(key.name),
            top: self.top.map(key.of),
            org: self.org.map(key.of),
        }
    }

    /// The section under a key.
    pub fn section<F: Fields, T>(&self, key: &Key<S, F, T>) -> Layers<'a, F> {
        F::layered(self.below(key))
    }

    /// The setting that holds; absent where neither layer has it.
    pub fn setting<W: Word, T>(&self, key: &Key<S, Setting<W>, T>) -> Found<'a, W> {
        let Layers { path, top, org } = self.below(key);
        let present = |setting: &&Setting<W>| setting.is_present();
        let org = org.filter(present).map(|org| (org, Origin::OrgBlock));
        let top = top.filter(present).map(|top| (top, Origin::TopLevel));
        let (setting, origin) = org.or(top).unwrap_or((&Setting::Absent, Origin::Default));
        Found {
            path,
            setting,
            origin,
        }
    }

    /// Without the top level.
    pub fn org_alone(self) -> Self {
        Self { top: None, ..self }
    }

    /// Whether a layer has the key.
    pub fn any<P: Part, T>(&self, key: &Key<S, P, T>) -> bool {
        let layers = self.below(key);
        [layers.top, layers.org]
            .into_iter()
            .flatten()
            .any(P::is_present)
    }
}

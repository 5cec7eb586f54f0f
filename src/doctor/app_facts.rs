//! The External Client App by which OpenCX logs in, as the org has it. Its callback URL, PKCE and
//! secret flags are in no query: only a retrieve shows them, which takes longer than all the rest.

use std::collections::BTreeMap;
use std::time::Duration;

use super::facts::AppRow;
use crate::compare::{Change, Live, LiveState, Modified, compare};
use crate::metadata::{ComponentId, MetadataType};
use crate::package::{Manifest, Package};
use crate::sf::{Fault, Reader, Told};
use crate::xml::{self, Element};

/// The parts of an app, and how Salesforce calls them: the app's name and this.
const PARTS: [(MetadataType, &str); 5] = [
    (MetadataType::ExternalClientApplication, ""),
    (MetadataType::ExtlClntAppGlobalOauthSettings, "_glbloauth"),
    (MetadataType::ExtlClntAppOauthSettings, "_oauth"),
    (
        MetadataType::ExtlClntAppOauthConfigurablePolicies,
        "_oauthPlcy",
    ),
    (MetadataType::ExtlClntAppConfigurablePolicies, "_plcy"),
];

/// An app.
#[derive(Debug)]
pub(super) struct AppFacts {
    /// Its name in the API.
    pub name: String,
    /// Its name in Setup.
    pub label: Option<String>,
    /// How its parts stand to the config; nothing where somebody made it by hand.
    pub changes: Option<Vec<Change>>,
    parts: BTreeMap<MetadataType, LiveState>,
}

impl AppFacts {
    fn new(live: Live, changes: Option<Vec<Change>>) -> Option<Self> {
        let parts: BTreeMap<_, _> = live
            .components
            .iter()
            .map(|(id, state)| (id.kind, state.clone()))
            .collect();
        let app = live
            .components
            .into_keys()
            .find(|id| id.kind == MetadataType::ExternalClientApplication)?;
        let mut facts = Self {
            name: app.full_name.to_string(),
            label: None,
            changes,
            parts,
        };
        facts.label = facts.text(MetadataType::ExternalClientApplication, "label");
        Some(facts)
    }

    /// The names under which its tokens may be listed.
    pub(super) fn names(&self) -> Vec<&str> {
        let label = self.label.as_deref().filter(|label| *label != self.name);
        std::iter::once(self.name.as_str()).chain(label).collect()
    }

    /// A part as the org has it, or why it isn't known. Nothing where the org has none.
    pub(super) fn part(&self, kind: MetadataType) -> Result<Option<Element>, &str> {
        match self.parts.get(&kind) {
            Some(LiveState::Present { component, .. }) => xml::parse(&component.xml)
                .map(Some)
                .map_err(|_| "the org's answer could not be parsed"),
            Some(LiveState::Unreadable { reason }) => Err(reason),
            Some(LiveState::Absent) | None => Ok(None),
        }
    }

    /// A field of a part.
    pub(super) fn text(&self, kind: MetadataType, field: &str) -> Option<String> {
        let part = self.part(kind).ok()??;
        part.child_text(field).map(str::to_owned)
    }

    /// Who changed a part of it last, and when.
    pub(super) fn youngest(&self) -> Option<&Modified> {
        let modified = self.parts.values().filter_map(|part| match part {
            LiveState::Present { modified, .. } => modified.as_ref(),
            _ => None,
        });
        // In one form and one zone, so that the text's order is the time's.
        modified.max_by(|one, other| one.at.cmp(&other.at))
    }
}

/// The app of the config.
pub(super) async fn of_package(
    reader: &Reader,
    package: &Package,
    is_wanted: bool,
) -> Result<Option<Told<AppFacts>>, Fault> {
    let mut parts = package.clone();
    parts.secrets.clear();
    parts.components.retain(|id, _| {
        id.kind.belongs_to_app() || id.kind == MetadataType::ExternalClientApplication
    });
    if parts.components.is_empty() || !is_wanted {
        return Ok(None);
    }
    let told = retrieved(reader, &parts.manifest()).await?;
    Ok(match told {
        Err(said) => Some(Err(said)),
        Ok(live) => {
            let changes = compare(&parts, &live);
            AppFacts::new(live, Some(changes)).map(Ok)
        }
    })
}

/// The app that somebody made for OpenCX by hand, by its name. Nothing where none or more than one is
/// called so.
pub(super) async fn made_by_hand(
    reader: &Reader,
    package: &Package,
    apps: &Told<Vec<AppRow>>,
) -> Result<Option<Told<AppFacts>>, Fault> {
    let named: Vec<&AppRow> = apps
        .iter()
        .flatten()
        .filter(|row| is_for_opencx(row))
        .collect();
    let [row] = named.as_slice() else {
        return Ok(None);
    };
    let member = |(kind, suffix): &(MetadataType, &str)| {
        ComponentId::new(*kind, format!("{}{suffix}", row.developer_name))
    };
    let manifest = Manifest {
        api_version: package.api_version,
        members: PARTS.iter().map(member).collect(),
    };
    let told = retrieved(reader, &manifest).await?;
    Ok(match told {
        Err(said) => Some(Err(said)),
        Ok(live) => AppFacts::new(live, None).map(Ok),
    })
}

async fn retrieved(reader: &Reader, manifest: &Manifest) -> Result<Told<Live>, Fault> {
    let polling = reader.polling(Duration::from_secs(120));
    reader.live_told(manifest, polling).await
}

/// Whether an app is called after OpenCX.
pub(super) fn is_for_opencx(row: &AppRow) -> bool {
    let names = [
        Some(row.developer_name.as_str()),
        row.master_label.as_deref(),
    ];
    names.into_iter().flatten().any(|name| {
        let letters: String = name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        letters.contains("opencx")
    })
}

//! The section `external_client_app`: an org's block over the top level, key by key, and what must
//! be said in one of them.

use schemars::Schema;
use serde_json::json;

use super::file::{ConfigFile, ExternalClientApp, Org};
use super::layer::Origin;
use super::problem::{Findings, Problem};
use super::setting::Setting;
use super::source::Span;
use super::value::{ValueError, Word, schema};
use crate::apex;

/// What an app is called where the config doesn't say.
pub(super) const DEFAULT_NAME: &str = "OpenCX";

/// An app's name in the API. Its parts are called by it and a suffix of up to ten characters, and
/// names have at most 40.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AppName(pub String);

impl AppName {
    const LONGEST: usize = 30;
}

impl Word for AppName {
    const EXPECTED: &'static str = "a name";

    fn read(text: &str) -> Result<Self, ValueError> {
        if text.len() > Self::LONGEST {
            return Err(ValueError::AppName);
        }
        apex::check_name(text)
            .map(|()| Self(text.to_owned()))
            .map_err(|error| ValueError::Name {
                name: text.to_owned(),
                error,
            })
    }

    fn shown(&self) -> String {
        self.0.clone()
    }

    fn schema() -> Schema {
        schema(json!({
            "type": "string",
            "maxLength": Self::LONGEST,
            "pattern": "^[A-Za-z][A-Za-z0-9_]*$",
        }))
    }
}

/// The section of the top level and, for an org, the one over it.
#[derive(Clone, Copy)]
pub(super) struct AppLayers<'a> {
    top: Option<&'a ExternalClientApp>,
    org: Option<&'a ExternalClientApp>,
}

impl<'a> AppLayers<'a> {
    /// What holds for an org, or the top level alone; `None` when neither has the section.
    pub fn new(file: &'a ConfigFile, org: Option<&'a Org>) -> Option<Self> {
        let top = file.external_client_app.0.as_ref();
        let org = org.and_then(|org| org.block.external_client_app.0.as_ref());
        (top.is_some() || org.is_some()).then_some(Self { top, org })
    }

    /// The setting that holds; absent where neither layer has it.
    pub fn pick<T>(
        &self,
        of: impl Fn(&'a ExternalClientApp) -> &'a Setting<T>,
    ) -> (&'a Setting<T>, Origin) {
        let found = |layer: Option<&'a ExternalClientApp>, origin| {
            let setting = of(layer?);
            setting.is_present().then_some((setting, origin))
        };
        found(self.org, Origin::OrgBlock)
            .or_else(|| found(self.top, Origin::TopLevel))
            .unwrap_or((&Setting::Absent, Origin::Default))
    }

    /// Whether PKCE is demanded, and who says so; `None` where nobody does.
    pub fn require_pkce(&self) -> Option<(bool, Origin)> {
        let org = self.org.and_then(|app| app.require_pkce);
        let top = self.top.and_then(|app| app.require_pkce);
        org.map(|demanded| (demanded, Origin::OrgBlock))
            .or(top.map(|demanded| (demanded, Origin::TopLevel)))
    }

    fn place(&self) -> Span {
        self.org
            .or(self.top)
            .map(|app| app.place)
            .unwrap_or_default()
    }

    /// The keys that are said nowhere, as mistakes of the top level or of an org.
    pub fn missing(&self, org: Option<&str>) -> Vec<Problem> {
        let lacks_email = !self.pick(|app| &app.contact_email).0.is_present();
        // A value that is no true or false has been reported where it stands.
        let layers = [self.org, self.top];
        let lacks_pkce =
            self.require_pkce().is_none() && !layers.iter().flatten().any(|app| app.refused_pkce);
        let missing = |key, example| Problem::MissingKey {
            key,
            orgs: org.map(str::to_owned).into_iter().collect(),
            example,
        };
        let email = lacks_email.then(|| {
            missing(
                "external_client_app.contact_email",
                "contact_email: admin@acme.example",
            )
        });
        let pkce =
            lacks_pkce.then(|| missing("external_client_app.require_pkce", "require_pkce: false"));
        email.into_iter().chain(pkce).collect()
    }
}

/// Reports sections that are not complete: the top level's where it stands for itself, an org's
/// where it has a section of its own.
pub(super) fn check(file: &ConfigFile, findings: &mut Findings) {
    let orgs = &file.orgs.0;
    let inherits = orgs
        .iter()
        .any(|org| org.block.external_client_app.0.is_none());
    if orgs.is_empty() || inherits {
        report(AppLayers::new(file, None), None, findings);
    }
    for org in orgs {
        if org.block.external_client_app.0.is_some() {
            report(AppLayers::new(file, Some(org)), Some(&org.name), findings);
        }
    }
}

fn report(layers: Option<AppLayers<'_>>, org: Option<&str>, findings: &mut Findings) {
    if let Some(layers) = layers {
        for problem in layers.missing(org) {
            findings.add(layers.place(), problem);
        }
    }
}

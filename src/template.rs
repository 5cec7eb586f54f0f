//! Embedded templates and manifests, overrides, and one engine per output language.
//!
//! `templates/` mirrors the folders of the metadata format, one file per component, and
//! `manifests/` holds one `package.xml` per feature: the catalogue of what belongs to the
//! integration. A folder of the user's can replace single templates.

mod engine;
mod error;
mod outline;
mod overrides;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, OnceLock};

use include_dir::{Dir, include_dir};

use engine::Compiled;
pub use engine::{Engines, Language};
pub use error::Error;
pub use outline::Outline;

static TEMPLATES: Dir = include_dir!("$CARGO_MANIFEST_DIR/templates");
static MANIFESTS: Dir = include_dir!("$CARGO_MANIFEST_DIR/manifests");

/// The values that templates can use, sorted; `render` gives them.
pub const VARIABLES: &[&str] = &[
    "api_major",
    "api_version",
    "async_context",
    "attachments_delay_minutes",
    "attachments_max_megabytes",
    "case_filter",
    "case_trigger",
    "delivery",
    "drift_reader",
    "event_names",
    "event_user",
    "external_client_app",
    "from_address",
    "has_attachments",
    "has_condition",
    "named_credential",
    "names",
    "on_failure",
    "only_when_field",
    "only_when_value",
    "provider_name",
    "provider_url",
    "recipients_fallback",
    "rep_replies",
    "reply_to",
    "runtime_settings",
    "sender",
    "sender_display_name",
    "sender_org_wide_address",
    "test_case_fields",
    "webhook_url",
];

/// One template file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Where it is below `templates/`, with forward slashes: `classes/OpenCxWebhook.cls`.
    pub path: String,
    /// What stands in its first line, `{# version: N #}`; the marker of the component repeats it.
    pub version: u32,
    /// Its text with LF line ends, the first line included, so that line numbers are the file's.
    pub text: String,
}

impl Template {
    /// Reads a template. The first line must be `{# version: N #}`.
    pub fn parse(path: &str, text: &str) -> Result<Self, Error> {
        let text = text
            .trim_start_matches('\u{feff}')
            .replace("\r\n", "\n")
            .replace('\r', "\n");
        let version = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("{# version: "))
            .and_then(|line| line.strip_suffix(" #}"))
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| Error::NoVersion {
                template: path.to_owned(),
            })?;
        Ok(Self {
            path: path.to_owned(),
            version,
            text,
        })
    }
}

/// A shipped template that a file of the user's replaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// Where it is below the folder, which is where the shipped one is below `templates/`.
    pub path: String,
    /// The version in its first line.
    pub version: u32,
    /// The version of the template that it replaces.
    pub shipped: u32,
}

impl Override {
    /// Whether it was made from an older version than the shipped one, so that it may lack fixes.
    pub fn is_older(&self) -> bool {
        self.version < self.shipped
    }
}

/// Everything that can be rendered. A copy shares what it holds with its original, and templates are
/// compiled once for all copies: a run over many orgs renders the same ones again and again.
#[derive(Debug, Clone)]
pub struct Catalog {
    templates: Arc<BTreeMap<String, Template>>,
    manifests: Arc<BTreeMap<String, Template>>,
    overrides: Vec<Override>,
    compiled: Arc<OnceLock<Compiled>>,
}

impl Catalog {
    /// The shipped templates and manifests.
    pub fn embedded() -> Self {
        static EMBEDDED: LazyLock<Catalog> = LazyLock::new(|| Catalog {
            templates: Arc::new(shipped(&TEMPLATES)),
            manifests: Arc::new(shipped(&MANIFESTS)),
            overrides: Vec::new(),
            compiled: Arc::default(),
        });
        EMBEDDED.clone()
    }

    /// The shipped templates with those replaced that the folder holds under the same path
    /// (`classes/OpenCxWebhook.cls`). A file that replaces nothing is an error, so that a typing
    /// mistake is not silently without effect.
    pub fn with_overrides(dir: &Path) -> Result<Self, Error> {
        let mut catalog = Self::embedded();
        for template in overrides::read(dir, &catalog.templates)? {
            let path = template.path.clone();
            let version = template.version;
            if let Some(replaced) = catalog.put(template) {
                catalog.overrides.push(Override {
                    path,
                    version,
                    shipped: replaced.version,
                });
            }
        }
        Ok(catalog)
    }

    /// The same with one template in the place of that of its path, as if a file of the user's
    /// replaced it.
    #[must_use]
    pub fn replacing(&self, template: Template) -> Self {
        let mut catalog = self.clone();
        let (path, version) = (template.path.clone(), template.version);
        let replaced = catalog.put(template);
        catalog.overrides.retain(|own| own.path != path);
        catalog.overrides.push(Override {
            path,
            version,
            shipped: replaced.map_or(version, |replaced| replaced.version),
        });
        catalog
    }

    /// Puts a template in the place of that of its path, which it gives back.
    fn put(&mut self, template: Template) -> Option<Template> {
        self.compiled = Arc::default();
        Arc::make_mut(&mut self.templates).insert(template.path.clone(), template)
    }

    /// The templates in use, by path.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        self.templates.values()
    }

    /// The template of that path.
    pub fn template(&self, path: &str) -> Option<&Template> {
        self.templates.get(path)
    }

    /// The manifest of a feature: `email-cases` is `manifests/email-cases/package.xml`.
    pub fn manifest(&self, feature: &str) -> Option<&Template> {
        self.manifests.get(&format!("{feature}/package.xml"))
    }

    /// Templates and manifests.
    fn files(&self) -> impl Iterator<Item = &Template> {
        self.templates.values().chain(self.manifests.values())
    }

    /// What was replaced, by path.
    pub fn overrides(&self) -> &[Override] {
        &self.overrides
    }
}

/// The files of an embedded folder. A file that is no template is left out here; a test keeps
/// the shipped ones readable.
fn shipped(dir: &Dir) -> BTreeMap<String, Template> {
    let mut templates = BTreeMap::new();
    let mut folders = vec![dir];
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        for file in folder.files() {
            let path = slashed(file.path());
            if let Some(text) = file.contents_utf8()
                && let Ok(template) = Template::parse(&path, text)
            {
                templates.insert(path, template);
            }
        }
    }
    templates
}

/// A relative path with forward slashes on every system.
fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}

#[cfg(test)]
mod tests;

//! A package of components ↔ metadata format, source format and zip.

use std::collections::BTreeMap;

use crate::metadata::{ApiVersion, Component, ComponentId};
use crate::secret::Secret;

/// A place in a package where a secret belongs. Components hold the placeholder; the value is put
/// in at the last moment ([`Package::resolved`]), so that nothing else can show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretSlot {
    /// What stands in the XML in its place: `__OPENCX_WEBHOOK_URL__`.
    pub placeholder: String,
    /// The component it is in.
    pub component: ComponentId,
    /// The environment variable it comes from, when it comes from one.
    pub env: Option<String>,
    /// The value, when it was resolved.
    pub value: Option<Secret>,
}

/// A set of components that belong together, with the API version they are written for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The version in `package.xml`.
    pub api_version: ApiVersion,
    /// The components, each once.
    pub components: BTreeMap<ComponentId, Component>,
    /// Where secrets belong.
    pub secrets: Vec<SecretSlot>,
}

/// How a package is laid out in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `package.xml`, `classes/X.cls`, … : what the Metadata API takes.
    Metadata,
    /// An SFDX project: `sfdx-project.json`, `force-app/main/default/classes/X.cls`, …
    Source,
}

/// Why a package cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A secret is needed and was not resolved.
    #[error("the secret for {component} is not set")]
    UnresolvedSecret {
        /// The component that needs it.
        component: ComponentId,
        /// The variable that would hold it.
        env: Option<String>,
    },
    // … the owner adds: broken zip, unsafe path (`../`), too large, bad XML, …
}

impl Package {
    /// The package with every placeholder replaced by its secret (escaped for XML) and the markers
    /// of those components stamped anew. What is deployed, and what a live org is compared with.
    pub fn resolved(&self) -> Result<Self, Error> {
        unimplemented!()
    }

    /// The files of the package: path with forward slashes → content. Sorted, LF, deterministic.
    pub fn files(&self, _format: Format) -> Result<BTreeMap<String, String>, Error> {
        unimplemented!()
    }

    /// The package in metadata format as a zip, `package.xml` at its root. Same package, same bytes.
    pub fn zip(&self) -> Result<Vec<u8>, Error> {
        unimplemented!()
    }

    /// What the package holds.
    pub fn manifest(&self) -> Manifest {
        unimplemented!()
    }

    /// SHA-256 of the zip, hexadecimal: what quick deploy and saved plans are bound to.
    pub fn digest(&self) -> Result<String, Error> {
        unimplemented!()
    }
}

/// A `package.xml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Its `version`.
    pub api_version: ApiVersion,
    /// Its members.
    pub members: Vec<ComponentId>,
}

impl Manifest {
    /// Writes it: types and members sorted.
    pub fn to_xml(&self) -> String {
        unimplemented!()
    }

    /// Reads it. Types that this tool does not handle are an error.
    pub fn parse(_xml: &str) -> Result<Self, Error> {
        unimplemented!()
    }
}

/// Files of a zip in memory: path → bytes, read through the central directory, with limits on
/// count and size, and no path that leaves the folder.
pub fn read_zip(_bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    unimplemented!()
}

/// The components among the files of a metadata-format folder (`package.xml` aside): what a
/// retrieve gives. Files of other types are left out. A leading `unpackaged/` is accepted.
pub fn components_from_files(_files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<Component>, Error> {
    unimplemented!()
}

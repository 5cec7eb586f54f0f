//! A package of components ↔ metadata format, source format and zip.
//!
//! What is written here is what an org and other tools read, and what is read here came from an
//! org or from a disk: so writing is deterministic to the byte, and reading trusts nothing.

use std::collections::BTreeMap;
use std::fmt;

use crate::metadata::{ApiVersion, Component, ComponentId, MetadataType};
use crate::secret::Secret;

mod archive;
mod error;
mod layout;
mod manifest;
mod object;
pub mod parts;
mod path;
mod read;
mod rollout;
mod secrets;
mod size;
mod source;

#[cfg(test)]
pub(crate) mod samples;

pub use archive::{MAX_FILES, MAX_UNPACKED_BYTES, read_zip};
pub use error::Error;
pub use manifest::Manifest;
pub use read::components_from_files;
pub use rollout::{Rollout, Stage};
pub use secrets::{is_whole, without_secrets};
pub use size::{Excess, MAX_ZIP_BYTES};

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
///
/// The components of a resolved package hold secrets, so `Debug` names the components and shows
/// nothing of them. Don't print a [`Component`] of one either.
#[derive(Clone, PartialEq, Eq)]
pub struct Package {
    /// The version in `package.xml`.
    pub api_version: ApiVersion,
    /// The components, each once.
    pub components: BTreeMap<ComponentId, Component>,
    /// Where secrets belong.
    pub secrets: Vec<SecretSlot>,
}

impl fmt::Debug for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.components.keys().map(ToString::to_string).collect();
        f.debug_struct("Package")
            .field("api_version", &self.api_version)
            .field("components", &names)
            .field("secrets", &self.secrets)
            .finish()
    }
}

/// How a package is laid out in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `package.xml`, `classes/X.cls`, … : what the Metadata API takes.
    Metadata,
    /// An SFDX project: `sfdx-project.json`, `force-app/main/default/classes/X.cls`, …
    Source,
}

/// A zip of these files. Same files, same bytes.
///
/// # Errors
/// [`Error::Unwritable`] when it can't be packed.
pub fn zip_of(files: &BTreeMap<String, String>) -> Result<Vec<u8>, Error> {
    archive::write_zip(files)
}

impl Package {
    /// The components of a type, in the order of their names.
    pub fn of_kind(&self, kind: MetadataType) -> impl Iterator<Item = &Component> {
        let components = self.components.values();
        components.filter(move |component| component.id.kind == kind)
    }

    /// The package with every placeholder replaced by its secret (escaped for XML) and the markers
    /// of those components stamped anew. What is deployed, and what a live org is compared with.
    pub fn resolved(&self) -> Result<Self, Error> {
        secrets::resolved(self)
    }

    /// The files of the package: path with forward slashes → content. Sorted, LF, deterministic.
    pub fn files(&self, format: Format) -> Result<BTreeMap<String, String>, Error> {
        match format {
            Format::Metadata => layout::files(self),
            Format::Source => source::files(self),
        }
    }

    /// The package in metadata format as a zip, `package.xml` at its root. Same package, same bytes.
    pub fn zip(&self) -> Result<Vec<u8>, Error> {
        archive::write_zip(&self.files(Format::Metadata)?)
    }

    /// The package as [`Package::zip`] has it, with deletions before and after what it brings
    /// (Metadata API guide, "Deleting Components from an Organization").
    pub fn zip_deleting(
        &self,
        before: &[ComponentId],
        after: &[ComponentId],
    ) -> Result<Vec<u8>, Error> {
        let mut files = self.files(Format::Metadata)?;
        for (name, members) in [
            ("destructiveChangesPre.xml", before),
            ("destructiveChangesPost.xml", after),
        ] {
            if !members.is_empty() {
                let manifest = Manifest {
                    api_version: self.api_version,
                    members: members.to_vec(),
                };
                files.insert(name.to_owned(), manifest.to_xml());
            }
        }
        archive::write_zip(&files)
    }

    /// SHA-256 of [`Package::zip_deleting`], hexadecimal.
    pub fn digest_deleting(
        &self,
        before: &[ComponentId],
        after: &[ComponentId],
    ) -> Result<String, Error> {
        self.zip_deleting(before, after).map(|zip| sha256(&zip))
    }

    /// What the package holds.
    pub fn manifest(&self) -> Manifest {
        Manifest {
            api_version: self.api_version,
            members: self.components.keys().cloned().collect(),
        }
    }

    /// SHA-256 of the zip, hexadecimal: what quick deploy and saved plans are bound to.
    pub fn digest(&self) -> Result<String, Error> {
        self.zip().map(|zip| sha256(&zip))
    }
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};

    let hash = Sha256::digest(bytes);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

//! YAML → validated config → the integration of one org.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::diag::Diagnostic;
use crate::metadata::{ApiVersion, OrgId};
use crate::secret::Secret;

/// Where references in a config lead: the command line gives the real ones, tests give maps.
pub trait References {
    /// The value of an environment variable.
    fn env(&self, name: &str) -> Option<String>;
    /// The content of a file, relative to the config's folder.
    fn file(&self, path: &Path) -> std::io::Result<String>;
}

/// A config file that was read and checked.
#[derive(Debug, Clone)]
pub struct Config {
    // the owner decides what is inside
}

impl Config {
    /// Reads and checks a config. `file` is the name shown in findings and the base of relative
    /// paths. All mistakes at once; warnings alone do not make it fail.
    pub fn parse(_file: &Path, _text: &str) -> Result<Self, Vec<Diagnostic>> {
        unimplemented!()
    }

    /// The names of the orgs in the order of the file.
    pub fn org_names(&self) -> Vec<String> {
        unimplemented!()
    }

    /// The integration of one org: its block laid over the top level, references resolved.
    /// An unknown name is a finding with "did you mean".
    pub fn target(
        &self,
        _name: &str,
        _references: &dyn References,
        _secrets: Secrets,
    ) -> Result<Target, Vec<Diagnostic>> {
        unimplemented!()
    }

    /// The integration of the top level alone, for offline work without an org.
    pub fn integration(
        &self,
        _references: &dyn References,
        _secrets: Secrets,
    ) -> Result<Integration, Vec<Diagnostic>> {
        unimplemented!()
    }
}

/// The JSON Schema of the config file, pretty-printed, made from the types that read it.
pub fn schema() -> String {
    unimplemented!()
}

/// Whether secret references must resolve now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// An unset variable is an error: the value goes to the org.
    Required,
    /// Leave unresolved references as they are: the value is not written anywhere.
    Unresolved,
}

/// One org and what belongs into it.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its name in the config.
    pub name: String,
    /// How to reach it.
    pub auth: Auth,
    /// The id that the org must have, when pinned.
    pub org_id: Option<OrgId>,
    /// Whether the config says that it is a production org.
    pub production: bool,
    /// What belongs into it.
    pub integration: Integration,
}

/// How to reach an org.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Auth {
    /// The built-in org, its state in this folder (absolute or relative to the working directory).
    Emulator {
        /// Folder of its state.
        state: PathBuf,
    },
    /// `SF_ACCESS_TOKEN` and `SF_INSTANCE_URL` of the environment.
    Environment,
}

/// Which Cases are announced to OpenCX.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseFilter {
    /// Every Case.
    All,
    /// Every Case but those that OpenCX made (`Case_From__c` = `opencx`). The default.
    NotOpencx,
    /// Only those that OpenCX made.
    OnlyOpencx,
}

/// A secret value of the config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretRef {
    /// The environment variable it comes from, when it comes from one.
    pub env: Option<String>,
    /// The value, unless it was left unresolved.
    pub value: Option<Secret>,
}

/// Who outbound mail comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    /// The integration user's address with this display name.
    DisplayName(String),
    /// An organisation-wide address.
    OrgWideAddress(String),
}

/// What belongs into one org: complete, no options left open.
#[derive(Debug, Clone)]
pub struct Integration {
    /// The API version that everything is pinned to.
    pub api_version: ApiVersion,
    /// OpenCX's webhook.
    pub webhook_url: SecretRef,
    /// The verified Email-to-Case routing address that customers answer to.
    pub reply_to: String,
    /// Which Cases are announced.
    pub case_filter: CaseFilter,
    /// Who outbound mail comes from.
    pub sender: Sender,
    /// Names in use, by the shipped name: `CaseTrigger` → `OpenCxCaseTrigger`. Only renamed ones.
    pub names: BTreeMap<String, String>,
    /// Overriding templates, when configured.
    pub templates: Option<PathBuf>,
}

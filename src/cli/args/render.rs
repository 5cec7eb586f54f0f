//! `render` on the command line.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::metadata::ComponentId;

#[derive(Debug, Args)]
pub(in crate::cli) struct RenderArgs {
    /// Print one component only, for example `ApexTrigger:CaseTrigger`.
    #[arg(value_name = "COMPONENT", conflicts_with_all = ["out", "check"])]
    pub(in crate::cli) component: Option<ComponentId>,

    /// Render for this org of the config; without it the top level alone.
    #[arg(long, short = 'o', value_name = "NAME")]
    pub(in crate::cli) target_org: Option<String>,

    /// Layout of the files.
    #[arg(long, value_name = "FORMAT", default_value = "metadata")]
    pub(in crate::cli) format: RenderFormat,

    /// Where to write: a folder, or a file for `zip`. Without it the files are listed.
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) out: Option<PathBuf>,

    /// Compare with the files in this folder instead of writing (exit 2 when they differ).
    #[arg(long, value_name = "DIR", conflicts_with = "out")]
    pub(in crate::cli) check: Option<PathBuf>,

    /// Write secrets into the files. Without it they stay placeholders.
    #[arg(long)]
    pub(in crate::cli) resolve_secrets: bool,

    /// Print the result of `--check` as JSON.
    #[arg(long, requires = "check")]
    pub(in crate::cli) json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum RenderFormat {
    /// package.xml, classes/, triggers/ …: what the Metadata API takes.
    Metadata,
    /// An SFDX project that the Salesforce CLI takes as it is.
    Source,
    /// Metadata format in one zip file.
    Zip,
}

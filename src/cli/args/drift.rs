//! `drift` and `schema` on the command line.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};

use super::ChosenOrgs;
use crate::fleet::Shard;
use crate::metadata::ComponentId;
use crate::report::ci::Format;

#[derive(Debug, Args)]
pub(in crate::cli) struct DriftArgs {
    #[command(flatten)]
    pub(in crate::cli) org: ChosenOrgs,

    /// Look at every n-th org only: `2/5` is the second of five machines' share.
    #[arg(long, value_name = "I/N")]
    pub(in crate::cli) shard: Option<Shard>,

    /// Write the report to files: json, junit, sarif, github, gitlab, markdown, html. Repeatable, or
    /// with commas; `-` is stdout.
    #[arg(long, value_name = "FORMAT=FILE", value_delimiter = ',')]
    pub(in crate::cli) output: Vec<OutputFile>,

    /// Repair what differs: `deploy`, with its guards. For one org.
    #[arg(long, group = "change", conflicts_with_all = ["all", "configs", "json"])]
    pub(in crate::cli) fix: bool,

    /// The other way round: write what the org holds into the config, or as templates of your own.
    /// Shows it first. For one org.
    #[arg(long, group = "change", conflicts_with_all = ["all", "configs", "output", "notify"])]
    pub(in crate::cli) adopt: bool,

    /// With `--fix`: replace this component although somebody edited or wrote it. With `--adopt`:
    /// replace your own template for it. Repeatable.
    #[arg(long, value_name = "COMPONENT", requires = "change")]
    pub(in crate::cli) overwrite: Vec<ComponentId>,

    /// With `--fix`: confirm changing a production org without being asked. With `--adopt`: write
    /// without being asked.
    #[arg(long, requires = "change")]
    pub(in crate::cli) yes: bool,

    /// Send a message to this webhook, given as `${env:NAME}` or `${file:path}`: the address is a
    /// secret.
    #[arg(long, value_name = "REFERENCE")]
    pub(in crate::cli) notify: Option<String>,

    /// On what to send it: drift, undetermined (something could not be read or reached), always.
    /// Repeatable, or with commas.
    #[arg(long, value_name = "WHEN", value_delimiter = ',', requires = "notify",
        default_values = ["drift", "undetermined"])]
    pub(in crate::cli) notify_on: Vec<NotifyOn>,

    /// The message: slack, json, or a file with a Tera template of your own.
    #[arg(
        long,
        value_name = "TEMPLATE",
        requires = "notify",
        default_value = "slack"
    )]
    pub(in crate::cli) notify_template: String,

    /// A page that the message leads to, for example that of the CI job.
    #[arg(long, value_name = "URL", requires = "notify")]
    pub(in crate::cli) notify_link: Option<String>,
}

/// Where a form of the report goes.
#[derive(Debug, Clone)]
pub(in crate::cli) struct OutputFile {
    pub(in crate::cli) format: Format,
    /// `-` is stdout.
    pub(in crate::cli) path: PathBuf,
}

impl FromStr for OutputFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, path) = text
            .split_once('=')
            .filter(|(_, path)| !path.is_empty())
            .ok_or("expected FORMAT=FILE, for example junit=drift.xml")?;
        Ok(Self {
            format: format.parse()?,
            path: path.into(),
        })
    }
}

/// On what a message is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum NotifyOn {
    /// Something differs.
    Drift,
    /// Something could not be read, or an org not be reached.
    Undetermined,
    /// Every run.
    Always,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SchemaArgs {
    /// Of what.
    #[arg(value_name = "OF", default_value = "config")]
    pub(in crate::cli) of: SchemaOf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(in crate::cli) enum SchemaOf {
    /// opencx.yaml.
    Config,
    /// What `drift --json` and `drift --output json=FILE` give.
    Drift,
    /// What `drift --adopt --json` gives.
    Adopt,
    /// What every other command gives with `--json`.
    Commands,
    /// What `drift --notify-template json` sends, and what a template of your own can use.
    Notify,
}

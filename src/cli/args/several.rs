//! Many orgs on the command line of a command that changes them.

use std::path::PathBuf;

use clap::Args;

use crate::fleet::WaveStep;

#[derive(Debug, Args)]
pub(in crate::cli) struct SeveralOrgs {
    /// The org, by its name in the config; repeatable, and `*` stands for any text.
    #[arg(long, short = 'o', value_name = "NAME")]
    pub(in crate::cli) target_org: Vec<String>,

    /// Every org of the config, in waves.
    #[arg(long, conflicts_with = "target_org")]
    pub(in crate::cli) all: bool,

    /// Every config (*.yaml) in this folder, instead of one.
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) configs: Option<PathBuf>,

    /// How many orgs go in each wave (`1,10,rest`; the last size repeats), or which waves that the
    /// config names (`canary,early`). A wave begins when the one before it is verified. Without it the
    /// waves of the config, or one org first and then the rest.
    #[arg(long, value_name = "WAVES", value_delimiter = ',')]
    pub(in crate::cli) wave: Vec<WaveStep>,

    /// How many orgs of a wave are deployed to at a time.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..))]
    pub(in crate::cli) at_once: u8,

    /// Print JSON on stdout: one document, or for several orgs a line each, as they finish.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

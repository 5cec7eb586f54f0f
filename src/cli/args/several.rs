//! Many orgs on the command line: which of them, and the waves in which a command changes them.

use std::path::PathBuf;

use clap::Args;

use crate::fleet::WaveStep;

#[derive(Debug, Args)]
pub(in crate::cli) struct ChosenOrgs {
    /// The org, by its name in the config; repeatable, and `*` stands for any text.
    #[arg(long, short = 'o', value_name = "NAME")]
    pub(in crate::cli) target_org: Vec<String>,

    /// Every org of the config.
    #[arg(long, conflicts_with = "target_org")]
    pub(in crate::cli) all: bool,

    /// Every config (*.yaml) in this folder, instead of one.
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) configs: Option<PathBuf>,

    /// How many orgs go at a time; without it 32 that are only read, or 8 of a wave.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
    pub(in crate::cli) at_once: Option<u8>,

    /// Print JSON on stdout: one document, or for several orgs a line each, as they finish.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

impl ChosenOrgs {
    /// How many orgs go at a time, when `usual` do where nothing was said.
    pub(in crate::cli) fn at_once(&self, usual: u8) -> usize {
        self.at_once.unwrap_or(usual).into()
    }

    /// Whether the arguments mean several orgs, even if it comes to one.
    pub(in crate::cli) fn are_several(&self) -> bool {
        self.all
            || self.configs.is_some()
            || self.target_org.len() > 1
            || self.target_org.iter().any(|name| name.contains('*'))
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Waves {
    /// How many orgs go in each wave (`1,10,rest`; the last size repeats), or which waves that the
    /// config names (`canary,early`). A wave begins when the one before it is verified. Without it the
    /// waves of the config, or one org first and then the rest.
    #[arg(long, value_name = "WAVES", value_delimiter = ',')]
    pub(in crate::cli) wave: Vec<WaveStep>,
}

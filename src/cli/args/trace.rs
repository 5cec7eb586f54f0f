//! `trace` and `support-bundle` on the command line.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::OrgArgs;

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("subject").required(true)))]
pub(in crate::cli) struct TraceArgs {
    /// Wait for the next e-mail on this Case: its id, its number, or the address of its page.
    #[arg(long, value_name = "CASE", group = "subject")]
    pub(in crate::cli) case: Option<String>,

    /// Wait for the next e-mail that anybody saves.
    #[arg(long, group = "subject")]
    pub(in crate::cli) next_email: bool,

    /// Wait for the next Case that anybody saves.
    #[arg(long, group = "subject")]
    pub(in crate::cli) next_case: bool,

    #[command(flatten)]
    pub(in crate::cli) org: OrgArgs,

    /// Minutes to wait.
    #[arg(long, value_name = "MINUTES", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=240))]
    pub(in crate::cli) wait: u32,

    /// Keep logs of this user too; repeatable.
    #[arg(long, value_name = "USERNAME")]
    pub(in crate::cli) user: Vec<String>,

    /// Show who wrote to whom.
    #[arg(long)]
    pub(in crate::cli) show_addresses: bool,

    /// Show subjects, texts, and the messages of exceptions.
    #[arg(long)]
    pub(in crate::cli) show_text: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SupportBundleArgs {
    #[command(flatten)]
    pub(in crate::cli) org: OrgArgs,

    /// The Case where the problem shows: its id, its number, or the address of its page.
    #[arg(long, value_name = "CASE")]
    pub(in crate::cli) case: Option<String>,

    /// Where to write; a new file.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,

    /// List what would be in it, write nothing.
    #[arg(long)]
    pub(in crate::cli) list: bool,

    /// Write it without being asked.
    #[arg(long)]
    pub(in crate::cli) yes: bool,
}

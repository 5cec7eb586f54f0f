//! What can be said about live messaging.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::OrgArgs;

#[derive(Debug, Args)]
pub(in crate::cli) struct MiawArgs {
    #[command(subcommand)]
    pub(in crate::cli) action: MiawAction,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum MiawAction {
    /// Make the key pair for OpenCX, and the key with a certificate for Salesforce; writes over
    /// nothing.
    Keygen(KeygenArgs),
    /// Check what OpenCX's MIAW tab asks for, as the config has it; asks no org.
    Check(OrgArgs),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct KeygenArgs {
    /// The key's id, which OpenCX calls Auth Key ID. Default: `opencx-` and today's date.
    #[arg(long, value_name = "ID", value_parser = key_id)]
    pub(in crate::cli) kid: Option<String>,

    /// The folder to write to.
    #[arg(long, value_name = "DIR", default_value = "miaw-keys")]
    pub(in crate::cli) out: PathBuf,
}

fn key_id(text: &str) -> Result<String, &'static str> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if text.is_empty() || text.len() > 64 || !text.chars().all(fits) {
        return Err("use up to 64 letters, digits, dots, hyphens and underscores");
    }
    Ok(text.to_owned())
}

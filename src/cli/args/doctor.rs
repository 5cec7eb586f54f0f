//! `doctor` on the command line.

use std::path::PathBuf;

use clap::Args;

use super::OrgArgs;

#[derive(Debug, Args)]
pub(in crate::cli) struct DoctorArgs {
    /// What you see, in your own words: "no case appears"; without it every check.
    #[arg(value_name = "SYMPTOM")]
    pub(in crate::cli) symptom: Vec<String>,

    /// One conversation: its Case, by id, number, or the address of its page.
    #[arg(long, value_name = "CASE", conflicts_with_all = ["symptom", "session", "junit", "html"])]
    pub(in crate::cli) case: Option<String>,

    /// One conversation: a session of OpenCX, or a Messaging Session, by its id.
    #[arg(long, value_name = "SESSION", conflicts_with_all = ["symptom", "junit", "html"])]
    pub(in crate::cli) session: Option<String>,

    #[command(flatten)]
    pub(in crate::cli) org: OrgArgs,

    /// Name the symptoms, ask no org.
    #[arg(long)]
    pub(in crate::cli) list: bool,

    /// Check the Consumer Key and Secret too: two lines on stdin, or asked for. They are looked at
    /// and forgotten.
    #[arg(long)]
    pub(in crate::cli) credentials_stdin: bool,

    /// The Login URL as it stands in OpenCX, to be checked against the org.
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) login_url: Option<String>,

    /// Call the webhook once from this machine, with an empty JSON object.
    #[arg(long)]
    pub(in crate::cli) call_webhook: bool,

    /// Live messaging: ask the org's messaging service for tokens, which begins no chat.
    #[arg(long)]
    pub(in crate::cli) request_token: bool,

    /// Ask this DNS server instead of the machine's.
    #[cfg(feature = "dns")]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(in crate::cli) dns_server: Option<std::net::SocketAddr>,

    /// Write the findings as JUnit XML too.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) junit: Option<PathBuf>,

    /// Write the findings as a page that needs nothing else too.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) html: Option<PathBuf>,
}

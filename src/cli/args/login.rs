//! `orgs`, `login` and `logout` on the command line.

use clap::Args;

#[derive(Debug, Args)]
pub(in crate::cli) struct OrgsArgs {
    /// Print JSON on stdout.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct LoginArgs {
    /// The org, by its name in the config (one with `auth: login`).
    #[arg(long, short = 'o', value_name = "NAME")]
    pub(in crate::cli) target_org: Option<String>,

    /// Where the user logs in, instead of what the config says.
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) login_url: Option<String>,

    /// Port on this machine for the browser's answer; 0 picks a free one.
    #[arg(long, default_value_t = 1717)]
    pub(in crate::cli) port: u16,

    /// Print the address only, open no browser.
    #[arg(long)]
    pub(in crate::cli) no_browser: bool,

    /// Minutes to wait for the browser.
    #[arg(long, value_name = "MINUTES", default_value_t = 5)]
    pub(in crate::cli) wait: u32,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct LogoutArgs {
    /// The org, by its name in the config.
    #[arg(long, short = 'o', value_name = "NAME")]
    pub(in crate::cli) target_org: Option<String>,
}

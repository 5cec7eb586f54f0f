//! What can be said to the local org.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::emulator::{Condition, Fault, MessagingFault, OrgKind};
use crate::metadata::ComponentId;

#[derive(Debug, Args)]
pub(in crate::cli) struct EmulatorArgs {
    #[command(subcommand)]
    pub(in crate::cli) action: EmulatorAction,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct EmulatedOrgArgs {
    /// The org, by its name in the config (one with `emulator:`).
    #[arg(long, short = 'o', value_name = "NAME", default_value = "local")]
    pub(in crate::cli) target_org: String,

    /// Folder of the org's state, instead of the one that the config names.
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) state: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct EditArgs {
    #[command(flatten)]
    pub(in crate::cli) org: EmulatedOrgArgs,

    /// The user's name that the org records as "last modified by".
    #[arg(long = "as", value_name = "NAME", default_value = "Dana Admin")]
    pub(in crate::cli) user: String,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum EmulatorAction {
    /// Serve the local org over HTTP until Ctrl-C, and print how to connect.
    Start {
        #[command(flatten)]
        org: EmulatedOrgArgs,
        /// Port on loopback; 0 picks a free one.
        #[arg(long, default_value_t = 0)]
        port: u16,
        /// What kind of org, when it doesn't exist yet: production, sandbox or developer.
        #[arg(long, value_name = "KIND", default_value = "developer")]
        org_kind: OrgKind,
        /// Bad luck by name, for trying out what happens then.
        #[arg(long, value_name = "NAME")]
        fault: Option<Fault>,
        /// A state of the org that gets in the way, for example `email-to-case-off`; may be repeated.
        #[arg(long, value_name = "NAME")]
        condition: Vec<Condition>,
        /// Milliseconds that each answer takes longer.
        #[arg(long, value_name = "MS", default_value_t = 0)]
        latency: u64,
        /// The newest API version that the org speaks; an org of an older release speaks fewer.
        #[arg(long, value_name = "VERSION", default_value_t = 66, value_parser = clap::value_parser!(u16).range(60..=66))]
        newest_api: u16,
        /// Give out the tokens of this user, who may do only what permission sets allow; without it
        /// those of the administrator. The user is made when missing.
        #[arg(long, value_name = "NAME")]
        user: Option<String>,
        /// Give that user this permission set; repeatable.
        #[arg(long, value_name = "NAME", requires = "user")]
        permission_set: Vec<String>,
    },
    /// Forget everything: remove the org's state.
    Reset {
        #[command(flatten)]
        org: EmulatedOrgArgs,
    },
    /// Do what the deploy leaves to people: assign the permission sets to OpenCX's user, verify the
    /// routing address and the sender's domain.
    FinishSetup {
        #[command(flatten)]
        org: EmulatedOrgArgs,
    },
    /// Switch a trigger on or off.
    SetTriggerStatus {
        /// Its name.
        name: String,
        /// `active` or `inactive`.
        status: TriggerStatus,
        #[command(flatten)]
        edit: EditArgs,
    },
    /// Replace a text in a component's Apex code.
    EditSource {
        /// `ApexClass:Name` or `ApexTrigger:Name`.
        component: ComponentId,
        /// The text to replace; it must be there.
        #[arg(long)]
        from: String,
        /// What to put in its place.
        #[arg(long)]
        to: String,
        #[command(flatten)]
        edit: EditArgs,
    },
    /// Change the URL of a Named Credential.
    SetEndpoint {
        /// Its name.
        name: String,
        /// The new URL.
        url: String,
        #[command(flatten)]
        edit: EditArgs,
    },
    /// Break live messaging in one place, for example `channel-inactive`; `finish-setup` mends it.
    Break {
        /// What is broken; a wrong name lists all.
        fault: MessagingFault,
        #[command(flatten)]
        org: EmulatedOrgArgs,
    },
    /// Delete a component.
    Delete {
        /// `Type:FullName`.
        component: ComponentId,
        #[command(flatten)]
        edit: EditArgs,
    },
    /// Paste Apex code from a file, as somebody without this tool would.
    Paste {
        /// A `.cls` or `.trigger` file.
        file: PathBuf,
        #[command(flatten)]
        edit: EditArgs,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum TriggerStatus {
    /// It runs.
    Active,
    /// It doesn't.
    Inactive,
}

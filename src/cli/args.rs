//! What can be said on the command line. Flags mean what they mean in `sf` and Terraform.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::emulator::{Fault, OrgKind};
use crate::metadata::ComponentId;

/// OpenCX for Salesforce as code: render, deploy, verify and watch the Email Cases integration.
#[derive(Debug, Parser)]
#[command(
    name = "opencx-sf",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,

    /// Config file; without it `opencx.yaml` here or in a folder above.
    #[arg(long, short, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,

    /// No progress, no hints; results and errors only.
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,

    /// Every component and check one by one, and the number of requests.
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    pub(super) verbose: bool,

    /// When to colour output; NO_COLOR is honoured too.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write the package that the config stands for: files, zip, or one component to stdout.
    Render(RenderArgs),
    /// Check config, Apex and metadata offline.
    Lint(LintArgs),
    /// Show what a deploy would change in an org.
    Plan(OrgArgs),
    /// Bring an org to the config: plan, guard, backup, deploy, read back, verify.
    Deploy(DeployArgs),
    /// Read the org back and prove that the integration is in place.
    Verify(OrgArgs),
    /// Find what differs between an org and the config, and who changed it (exit 2).
    Drift(OrgArgs),
    /// The built-in local org: start it, reset it, change it as an admin would in Setup.
    Emulator(EmulatorArgs),
    /// Explain the code of a finding; without a code list all of them.
    Explain(ExplainArgs),
    /// Print the JSON Schema of the config file.
    Schema,
    /// Print a completion script for a shell.
    Completions(CompletionsArgs),
}

impl Command {
    /// The word that was typed.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Render(_) => "render",
            Self::Lint(_) => "lint",
            Self::Plan(_) => "plan",
            Self::Deploy(_) => "deploy",
            Self::Verify(_) => "verify",
            Self::Drift(_) => "drift",
            Self::Emulator(_) => "emulator",
            Self::Explain(_) => "explain",
            Self::Schema => "schema",
            Self::Completions(_) => "completions",
        }
    }

    /// Whether `--json` was given.
    pub(super) fn json(&self) -> bool {
        match self {
            Self::Render(args) => args.json,
            Self::Lint(args) => args.json,
            Self::Plan(args) | Self::Verify(args) | Self::Drift(args) => args.json,
            Self::Deploy(args) => args.org.json,
            Self::Emulator(_) | Self::Explain(_) | Self::Schema | Self::Completions(_) => false,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct OrgArgs {
    /// The org, by its name in the config.
    #[arg(long, short = 'o', value_name = "NAME")]
    pub(super) target_org: Option<String>,

    /// Print JSON on stdout.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct RenderArgs {
    /// Print one component only, for example `ApexTrigger:CaseTrigger`.
    #[arg(value_name = "COMPONENT", conflicts_with_all = ["out", "check"])]
    pub(super) component: Option<ComponentId>,

    /// Render for this org of the config; without it the top level alone.
    #[arg(long, short = 'o', value_name = "NAME")]
    pub(super) target_org: Option<String>,

    /// Layout of the files.
    #[arg(long, value_name = "FORMAT", default_value = "metadata")]
    pub(super) format: RenderFormat,

    /// Where to write: a folder, or a file for `zip`. Without it the files are listed.
    #[arg(long, value_name = "PATH")]
    pub(super) out: Option<PathBuf>,

    /// Compare with the files in this folder instead of writing (exit 2 when they differ).
    #[arg(long, value_name = "DIR", conflicts_with = "out")]
    pub(super) check: Option<PathBuf>,

    /// Write secrets into the files. Without it they stay placeholders.
    #[arg(long)]
    pub(super) resolve_secrets: bool,

    /// Print the result of `--check` as JSON.
    #[arg(long, requires = "check")]
    pub(super) json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum RenderFormat {
    /// package.xml, classes/, triggers/ …: what the Metadata API takes.
    Metadata,
    /// An SFDX project that the Salesforce CLI takes as it is.
    Source,
    /// Metadata format in one zip file.
    Zip,
}

#[derive(Debug, Args)]
pub(super) struct LintArgs {
    /// Check what this org of the config would get; without it the top level alone.
    #[arg(long, short = 'o', value_name = "NAME")]
    pub(super) target_org: Option<String>,

    /// Print JSON on stdout.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct DeployArgs {
    #[command(flatten)]
    pub(super) org: OrgArgs,

    /// Validate in the org, change nothing.
    #[arg(long)]
    pub(super) dry_run: bool,

    /// Replace this component although somebody edited or wrote it; repeatable.
    #[arg(long, value_name = "COMPONENT")]
    pub(super) overwrite: Vec<ComponentId>,

    /// Confirm changing a production org without being asked.
    #[arg(long)]
    pub(super) yes: bool,

    /// Minutes to wait for the org.
    #[arg(long, value_name = "MINUTES", default_value_t = 33)]
    pub(super) wait: u32,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The code, for example `guard/foreign`.
    pub(super) code: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// Which shell.
    pub(super) shell: Shell,
}

#[derive(Debug, Args)]
pub(super) struct EmulatorArgs {
    #[command(subcommand)]
    pub(super) action: EmulatorAction,
}

#[derive(Debug, Args)]
pub(super) struct EmulatedOrgArgs {
    /// The org, by its name in the config (one with `emulator:`).
    #[arg(long, short = 'o', value_name = "NAME", default_value = "local")]
    pub(super) target_org: String,

    /// Folder of the org's state, instead of the one that the config names.
    #[arg(long, value_name = "DIR")]
    pub(super) state: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct EditArgs {
    #[command(flatten)]
    pub(super) org: EmulatedOrgArgs,

    /// The user's name that the org records as "last modified by".
    #[arg(long = "as", value_name = "NAME", default_value = "Dana Admin")]
    pub(super) user: String,
}

#[derive(Debug, Subcommand)]
pub(super) enum EmulatorAction {
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
    },
    /// Forget everything: remove the org's state.
    Reset {
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
pub(super) enum TriggerStatus {
    /// It runs.
    Active,
    /// It doesn't.
    Inactive,
}

//! What can be said on the command line. Flags mean what they mean in `sf` and Terraform.

mod doctor;
mod drift;
mod emulator;
mod login;
mod miaw;
mod render;
mod several;
mod trace;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::config::StarterAuth;
use crate::metadata::ComponentId;
use crate::sf::wire::TestLevel;

pub(super) use doctor::DoctorArgs;
pub(super) use drift::{DriftArgs, NotifyOn, OutputFile, SchemaArgs, SchemaOf};
pub(super) use emulator::{EditArgs, EmulatedOrgArgs, EmulatorAction, EmulatorArgs, TriggerStatus};
pub(super) use login::{LoginArgs, LogoutArgs, OrgsArgs};
pub(super) use miaw::{KeygenArgs, MiawAction, MiawArgs};
pub(super) use render::{RenderArgs, RenderFormat};
pub(super) use several::{ChosenOrgs, Waves};
pub(super) use trace::{SupportBundleArgs, TraceArgs};

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
    /// Write a first config: asks a few questions, or takes flags.
    Init(InitArgs),
    /// Write the package that the config stands for: files, zip, or one component to stdout.
    Render(RenderArgs),
    /// Check config, Apex and metadata offline.
    Lint(LintArgs),
    /// Show what a deploy would change in an org.
    Plan(PlanArgs),
    /// Bring an org to the config: plan, guard, backup, deploy, read back, verify.
    Deploy(DeployArgs),
    /// Undo a deploy from its backup: put back what it replaced, remove what it brought.
    Rollback(RollbackArgs),
    /// Remove what is ours from an org, and prove that nothing of it is left.
    Uninstall(UninstallArgs),
    /// How a deploy stands or ended; without an id the last one from here.
    Report(ReportArgs),
    /// Stop a deploy that the org has not finished; without an id the last one from here.
    Cancel(CancelArgs),
    /// Read the org back and prove that the integration is in place.
    Verify(OrgArgs),
    /// Find what differs between an org and the config, and who changed it (exit 2).
    Drift(DriftArgs),
    /// Read the code of a mail provider's forwarding confirmation out of the org.
    ForwardingCode(ForwardingCodeArgs),
    /// Find the cause of what goes wrong: all checks, or the path of one symptom.
    Doctor(DoctorArgs),
    /// Live messaging: make the key pair, check what OpenCX's MIAW tab asks for.
    Miaw(MiawArgs),
    /// Wait for the next e-mail or Case, and tell from debug logs what happens to it.
    Trace(TraceArgs),
    /// Write what support needs into one file, without secrets, addresses or texts of mail.
    SupportBundle(SupportBundleArgs),
    /// Play the integration in a fresh local org: Cases, replies, answers, failures.
    Simulate(SimulateArgs),
    /// List the orgs of the config: what they are, who you are there, what is missing.
    Orgs(OrgsArgs),
    /// Log in to an org in the browser, and keep the login on this machine.
    Login(LoginArgs),
    /// End a login that is kept on this machine, there and in the org.
    Logout(LogoutArgs),
    /// The built-in local org: start it, reset it, change it as an admin would in Setup.
    Emulator(EmulatorArgs),
    /// Explain the code of a finding; without a code list all of them.
    Explain(ExplainArgs),
    /// Print the JSON Schema of the config file, or of what the tool gives as JSON.
    Schema(SchemaArgs),
    /// Print a completion script for a shell.
    Completions(CompletionsArgs),
    /// Print the manual page, or write one for each command.
    Man(ManArgs),
}

impl Command {
    /// The word that was typed.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Init(_) => "init",
            Self::Render(_) => "render",
            Self::Lint(_) => "lint",
            Self::Plan(_) => "plan",
            Self::Deploy(_) => "deploy",
            Self::Rollback(_) => "rollback",
            Self::Uninstall(_) => "uninstall",
            Self::Report(_) => "report",
            Self::Cancel(_) => "cancel",
            Self::Verify(_) => "verify",
            Self::Drift(_) => "drift",
            Self::ForwardingCode(_) => "forwarding-code",
            Self::Doctor(_) => "doctor",
            Self::Miaw(_) => "miaw",
            Self::Trace(_) => "trace",
            Self::SupportBundle(_) => "support-bundle",
            Self::Simulate(_) => "simulate",
            Self::Orgs(_) => "orgs",
            Self::Login(_) => "login",
            Self::Logout(_) => "logout",
            Self::Emulator(_) => "emulator",
            Self::Explain(_) => "explain",
            Self::Schema(_) => "schema",
            Self::Completions(_) => "completions",
            Self::Man(_) => "man",
        }
    }

    /// Whether `--json` was given.
    pub(super) fn json(&self) -> bool {
        match self {
            Self::Render(args) => args.json,
            Self::Lint(args) => args.json,
            Self::Orgs(args) => args.json,
            Self::Plan(args) => args.org.json,
            Self::Rollback(args) => args.org.json,
            Self::Uninstall(args) => args.org.json,
            Self::Verify(args) => args.json,
            Self::Drift(args) => args.org.json,
            Self::Deploy(args) => args.org.json,
            Self::ForwardingCode(args) => args.org.json,
            Self::Doctor(args) => args.org.json,
            Self::Miaw(args) => matches!(&args.action, MiawAction::Check(args) if args.json),
            Self::Trace(args) => args.org.json,
            Self::SupportBundle(args) => args.org.json,
            Self::Simulate(args) => args.json,
            Self::Report(args) => args.org.json,
            Self::Cancel(args) => args.org.json,
            Self::Init(_)
            | Self::Login(_)
            | Self::Logout(_)
            | Self::Emulator(_)
            | Self::Explain(_)
            | Self::Schema(_)
            | Self::Completions(_)
            | Self::Man(_) => false,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The address that customers answer to: a verified routing address of Email-to-Case.
    #[arg(long, value_name = "ADDRESS")]
    pub(super) reply_to: Option<String>,

    /// The name that customers see beside the address.
    #[arg(long, value_name = "NAME")]
    pub(super) display_name: Option<String>,

    /// How to log in to the sandbox: `login` (in the browser), `env`, or `sf:ALIAS`.
    #[arg(long, value_name = "AUTH")]
    pub(super) sandbox: Option<StarterAuth>,

    /// How to log in to production: `login` (in the browser), `env`, or `sf:ALIAS`.
    #[arg(long, value_name = "AUTH")]
    pub(super) production: Option<StarterAuth>,
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
    pub(super) org: ChosenOrgs,

    #[command(flatten)]
    pub(super) waves: Waves,

    /// Validate in the org, change nothing.
    #[arg(long)]
    pub(super) dry_run: bool,

    /// Carry out this plan of `plan --out`, and nothing if config, templates or org have changed.
    #[arg(long, value_name = "FILE")]
    pub(super) plan: Option<PathBuf>,

    /// Undo the deploy when what is read back is not what was meant.
    #[arg(long, conflicts_with_all = ["dry_run", "detach"])]
    pub(super) rollback_on_verify_failure: bool,

    /// Make the last `--dry-run` of this very package real: the org runs no tests again.
    #[arg(long, conflicts_with = "dry_run")]
    pub(super) quick: bool,

    /// Deploy to production in one step. Without it the package is validated there first, and the
    /// validation made real.
    #[arg(long)]
    pub(super) one_step: bool,

    /// Give the permission sets to this user, or to the org's `integration_user`, when all is well.
    #[arg(
        long,
        value_name = "USERNAME",
        num_args = 0..=1,
        conflicts_with_all = ["dry_run", "detach"]
    )]
    pub(super) assign: Option<Option<String>>,

    /// Don't wait for Apex jobs of classes that would change: the org allows it.
    #[arg(long)]
    pub(super) allow_pending_jobs: bool,

    /// Return when the org has the deploy; `report` shows how it ends.
    #[arg(long = "async")]
    pub(super) detach: bool,

    /// Write the Apex tests and what the org found wrong as JUnit XML too.
    #[arg(long, value_name = "FILE")]
    pub(super) junit: Option<PathBuf>,

    /// Apex tests to run; without it those of the package.
    #[arg(long, value_name = "LEVEL")]
    pub(super) test_level: Option<TestLevelArg>,

    /// A test class to run besides those of the package; repeatable.
    #[arg(long, value_name = "CLASS")]
    pub(super) tests: Vec<String>,

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

/// The words of the Metadata API and of `sf`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "PascalCase")]
pub(super) enum TestLevelArg {
    NoTestRun,
    RunSpecifiedTests,
    RunLocalTests,
    RunAllTestsInOrg,
}

impl From<TestLevelArg> for TestLevel {
    fn from(level: TestLevelArg) -> Self {
        match level {
            TestLevelArg::NoTestRun => Self::NoTestRun,
            TestLevelArg::RunSpecifiedTests => Self::RunSpecifiedTests,
            TestLevelArg::RunLocalTests => Self::RunLocalTests,
            TestLevelArg::RunAllTestsInOrg => Self::RunAllTestsInOrg,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    pub(super) org: OrgArgs,

    /// Save the plan for `deploy --plan`.
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,

    /// Write it as Markdown too, for a comment of a pull request.
    #[arg(long, value_name = "FILE")]
    pub(super) markdown: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct RollbackArgs {
    /// The deploy to undo; without it the last one from here that the org took.
    #[arg(value_name = "ID")]
    pub(super) id: Option<String>,

    #[command(flatten)]
    pub(super) org: OrgArgs,

    #[command(flatten)]
    pub(super) removal: RemovalArgs,
}

#[derive(Debug, Args)]
pub(super) struct UninstallArgs {
    #[command(flatten)]
    pub(super) org: OrgArgs,

    #[command(flatten)]
    pub(super) removal: RemovalArgs,
}

#[derive(Debug, Args)]
pub(super) struct RemovalArgs {
    /// Touch this component although somebody edited it; repeatable.
    #[arg(long, value_name = "COMPONENT")]
    pub(super) overwrite: Vec<ComponentId>,

    /// Confirm without being asked.
    #[arg(long)]
    pub(super) yes: bool,

    /// Apex tests to run; without it what the org asks for.
    #[arg(long, value_name = "LEVEL")]
    pub(super) test_level: Option<TestLevelArg>,

    /// A test class of the org's own to run, and no others; repeatable.
    #[arg(long, value_name = "CLASS")]
    pub(super) tests: Vec<String>,

    /// Minutes to wait for the org.
    #[arg(long, value_name = "MINUTES", default_value_t = 33)]
    pub(super) wait: u32,
}

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// The deploy, 15 or 18 characters.
    #[arg(value_name = "ID")]
    pub(super) id: Option<String>,

    #[command(flatten)]
    pub(super) org: OrgArgs,

    /// Minutes to wait for its end; without it only where it stands.
    #[arg(long, value_name = "MINUTES", default_value_t = 0)]
    pub(super) wait: u32,
}

#[derive(Debug, Args)]
pub(super) struct CancelArgs {
    /// The deploy, 15 or 18 characters.
    #[arg(value_name = "ID")]
    pub(super) id: Option<String>,

    #[command(flatten)]
    pub(super) org: OrgArgs,

    /// Minutes to wait for its end.
    #[arg(long, value_name = "MINUTES", default_value_t = 33)]
    pub(super) wait: u32,
}

#[derive(Debug, Args)]
pub(super) struct SimulateArgs {
    /// Scenarios to play, by name; without any all of them. One that is named is told in full.
    #[arg(value_name = "SCENARIO")]
    pub(super) names: Vec<String>,

    /// Play what this org of the config would get; without it the top level alone.
    #[arg(long, short = 'o', value_name = "NAME")]
    pub(super) target_org: Option<String>,

    /// A folder with scenarios of your own (*.yaml), played after the shipped ones.
    #[arg(long, value_name = "DIR")]
    pub(super) scenarios: Option<PathBuf>,

    /// Name the scenarios, play none.
    #[arg(long)]
    pub(super) list: bool,

    /// Write the results as JUnit XML too.
    #[arg(long, value_name = "FILE")]
    pub(super) junit: Option<PathBuf>,

    /// Print JSON on stdout.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct ForwardingCodeArgs {
    #[command(flatten)]
    pub(super) org: OrgArgs,

    /// Minutes to wait for the mail.
    #[arg(long, value_name = "MINUTES", default_value_t = 0)]
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
pub(super) struct ManArgs {
    /// Write all pages to this folder, for `man -l` or your MANPATH.
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
}

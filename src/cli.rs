//! The command line: arguments, environment, terminal, exit code. One file per command.

mod args;
mod bug;
mod callback;
mod change;
mod cmd_adopt;
mod cmd_cancel;
mod cmd_completions;
mod cmd_conversation;
mod cmd_deploy;
mod cmd_doctor;
mod cmd_drift;
mod cmd_emulator;
mod cmd_explain;
mod cmd_forwarding_code;
mod cmd_init;
mod cmd_lint;
mod cmd_login;
mod cmd_man;
mod cmd_miaw;
mod cmd_orgs;
mod cmd_plan;
mod cmd_render;
mod cmd_report;
mod cmd_rollback;
mod cmd_schema;
mod cmd_simulate;
mod cmd_support_bundle;
mod cmd_trace;
mod cmd_uninstall;
mod cmd_verify;
mod connect;
mod context;
mod deploy_failure;
mod deploy_terms;
mod deploy_waves;
mod environment;
mod exit;
mod failure;
mod find;
mod follower;
mod gates;
mod inspect;
mod interrupt;
mod log_in;
mod login_store;
mod network;
mod notice;
mod opencx_folder;
mod outputs;
mod person;
mod salesforce_cli;
mod system_keyring;
mod terminal;
mod typed;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};
use context::Context;
pub use exit::Exit;
use failure::Failure;

use crate::diag::{Category, Code, Diagnostic};
use crate::report;

/// What every command gives back: how it ended, or the findings that stopped it.
type Outcome = Result<Exit, Failure>;

/// Reads the arguments, runs the command, and gives the process's exit code.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error).into(),
    };
    bug::caught(|| {
        let mut context = Context::new(&arguments);
        let name = arguments.command.name();
        let json = arguments.command.json();
        match run(arguments.command, &mut context) {
            Ok(exit) => exit,
            Err(failure) => failure.report(name, json, &mut context.terminal),
        }
    })
    .into()
}

/// `--help` and `--version` are answers (exit 0); anything else is a usage error (exit 64, since
/// clap's own 2 means "differences" here).
fn usage(error: &clap::Error) -> Exit {
    // Nothing is left to do about a terminal that cannot be written to.
    let _ = error.print();
    if !error.use_stderr() {
        return Exit::Done;
    }
    if std::env::args_os().any(|argument| argument == "--json") {
        let _ = write!(io::stdout(), "{}", usage_as_json(error));
    }
    Exit::Usage
}

/// The error as the document that was asked for.
fn usage_as_json(error: &clap::Error) -> String {
    let text = error.to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let finding = Diagnostic::error(
        Code("cli/usage"),
        Category::Usage,
        first.trim_start_matches("error: "),
    );
    let finding = lines
        .take_while(|line| !line.starts_with("Usage:"))
        .fold(finding, Diagnostic::because)
        .help("`opencx-sf COMMAND --help` lists what a command takes");
    report::json::failure("opencx-sf", &[finding])
}

fn run(command: Command, context: &mut Context) -> Outcome {
    match command {
        Command::Init(args) => cmd_init::run(&args, context),
        Command::Render(args) => cmd_render::run(&args, context),
        Command::Lint(args) => cmd_lint::run(&args, context),
        Command::Plan(args) => cmd_plan::run(&args, context),
        Command::Deploy(args) => cmd_deploy::run(&args, context),
        Command::Rollback(args) => cmd_rollback::run(&args, context),
        Command::Uninstall(args) => cmd_uninstall::run(&args, context),
        Command::Report(args) => cmd_report::run(&args, context),
        Command::Cancel(args) => cmd_cancel::run(&args, context),
        Command::Verify(args) => cmd_verify::run(&args, context),
        Command::Drift(args) => cmd_drift::run(&args, context),
        Command::ForwardingCode(args) => cmd_forwarding_code::run(&args, context),
        Command::Doctor(args) => cmd_doctor::run(&args, context),
        Command::Miaw(args) => cmd_miaw::run(&args, context),
        Command::Trace(args) => cmd_trace::run(&args, context),
        Command::SupportBundle(args) => cmd_support_bundle::run(&args, context),
        Command::Simulate(args) => cmd_simulate::run(&args, context),
        Command::Orgs(args) => cmd_orgs::run(&args, context),
        Command::Login(args) => cmd_login::run(&args, context),
        Command::Logout(args) => cmd_login::out(&args, context),
        Command::Emulator(args) => cmd_emulator::run(&args, context),
        Command::Explain(args) => cmd_explain::run(&args, context),
        Command::Schema(args) => cmd_schema::run(&args, context),
        Command::Completions(args) => cmd_completions::run(&args, context),
        Command::Man(args) => cmd_man::run(&args, context),
    }
}

//! `completions`: the script that lets a shell complete our commands and flags.

use clap::CommandFactory;

use super::Outcome;
use super::args::{Arguments, CompletionsArgs};
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;

pub(super) fn run(args: &CompletionsArgs, context: &mut Context) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(
        args.shell,
        &mut Arguments::command(),
        "opencx-sf",
        &mut script,
    );
    context
        .terminal
        .data(&String::from_utf8_lossy(&script))
        .map_err(|error| Failure::output(&error, "nothing else was to be done"))?;
    Ok(Exit::Done)
}

//! `man`: the manual pages of this program and of its commands.

use std::path::Path;

use clap::CommandFactory;

use super::Outcome;
use super::args::{Arguments, ManArgs};
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;

pub(super) fn run(args: &ManArgs, context: &mut Context) -> Outcome {
    let mut command = Arguments::command();
    // Gives every command the flags that all have, and its full name.
    command.build();
    if let Some(folder) = &args.out {
        std::fs::create_dir_all(folder).map_err(|error| not_written(folder, &error))?;
        clap_mangen::generate_to(command, folder).map_err(|error| not_written(folder, &error))?;
        return Ok(Exit::Done);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(command)
        .render(&mut page)
        .map_err(|error| Failure::output(&error, "nothing else was to be done"))?;
    context
        .terminal
        .data(&String::from_utf8_lossy(&page))
        .map_err(|error| Failure::output(&error, "nothing else was to be done"))?;
    Ok(Exit::Done)
}

fn not_written(folder: &Path, error: &std::io::Error) -> Failure {
    let path = folder.display().to_string();
    Failure::file("cli/not-written", "written", &path, error)
}

//! `schema`: the JSON Schema of the config file.

use super::Outcome;
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use crate::config;

pub(super) fn run(context: &mut Context) -> Outcome {
    context
        .terminal
        .data(&config::schema())
        .map_err(|error| Failure::output(&error, "nothing else was to be done"))?;
    Ok(Exit::Done)
}

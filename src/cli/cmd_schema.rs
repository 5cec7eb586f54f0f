//! `schema`: the JSON Schema of the config file, or of a report.

use super::Outcome;
use super::args::{SchemaArgs, SchemaOf};
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use crate::{config, report};

pub(super) fn run(args: &SchemaArgs, context: &mut Context) -> Outcome {
    let text = match args.of {
        SchemaOf::Config => config::schema(),
        SchemaOf::Drift => report::ci::drift_schema().to_owned(),
    };
    context
        .terminal
        .data(&text)
        .map_err(|error| Failure::output(&error, "nothing else was to be done"))?;
    Ok(Exit::Done)
}

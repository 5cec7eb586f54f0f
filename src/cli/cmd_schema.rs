//! `schema`: the JSON Schema of the config file, of a report, or of a message.

use super::Outcome;
use super::args::{SchemaArgs, SchemaOf};
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use crate::{config, notify, report};

pub(super) fn run(args: &SchemaArgs, context: &mut Context) -> Outcome {
    let text = match args.of {
        SchemaOf::Config => config::schema(),
        SchemaOf::Drift => report::ci::drift_schema().to_owned(),
        SchemaOf::Adopt => report::adopt::adopt_schema().to_owned(),
        SchemaOf::Commands => report::json::commands_schema().to_owned(),
        SchemaOf::Notify => notify::schema().to_owned(),
    };
    context
        .terminal
        .data(&text)
        .map_err(|error| Failure::output(&error, "nothing else was to be done"))?;
    Ok(Exit::Done)
}

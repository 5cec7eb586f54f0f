//! `simulate`: the integration's life, played in a fresh local org.

use std::path::Path;

use jiff::Timestamp;

use super::Outcome;
use super::args::SimulateArgs;
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use crate::config::Secrets;
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::emulator::{EmulatedOrg, Options};
use crate::report::{self, human::Told};
use crate::simulate::{self, Scenario, Simulation};

/// Where the local org is left, beside the config.
const STATE: &str = ".opencx/simulate";

/// A Monday morning, the same in every run.
const START: Timestamp = Timestamp::constant(1_767_603_600, 0);

pub(super) fn run(args: &SimulateArgs, context: &mut Context) -> Outcome {
    let all = scenarios(args)?;
    if args.list {
        return print(&report::human::scenarios(&all), context).map(|()| Exit::Done);
    }
    let chosen = chosen(all, &args.names)?;
    let integration = context.integration(args.target_org.as_deref(), Secrets::Unresolved)?;
    let integration = simulate::prepared(&integration);
    let package = context.package(&integration)?;
    let state = context.config_folder()?.join(STATE);
    context
        .terminal
        .progress("installing the package in a fresh local org");
    EmulatedOrg::reset(&state).map_err(|error| error.to_diagnostic())?;
    let org =
        EmulatedOrg::open(&state, &Options::default()).map_err(|error| error.to_diagnostic())?;
    context.terminal.progress("playing");
    let simulation = simulate::run(&org, &integration, &package, &chosen, START)
        .map_err(|error| error.to_diagnostic())?;
    if let Some(file) = &args.junit {
        write_junit(file, &simulation)?;
    }
    let text = if args.json {
        report::json::simulation(&simulation)
    } else {
        let told = if args.names.is_empty() && !context.detail.verbose {
            Told::InALine
        } else {
            Told::InFull
        };
        report::human::simulation(&simulation, told, &state)
    };
    print(&text, context)?;
    Ok(exit(&simulation))
}

fn exit(simulation: &Simulation) -> Exit {
    if simulation.failed() {
        Exit::Failed
    } else if simulation.is_undetermined() {
        Exit::Undetermined
    } else {
        Exit::Done
    }
}

fn print(text: &str, context: &mut Context) -> Result<(), Failure> {
    context
        .terminal
        .data(text)
        .map_err(|error| Failure::output(&error, "nothing outside of this machine was changed"))
}

/// The shipped scenarios, then those of the user's folder in the order of their names.
fn scenarios(args: &SimulateArgs) -> Result<Vec<Scenario>, Failure> {
    let malformed = |error: simulate::Malformed| -> Failure {
        Diagnostic::error(
            Code("simulate/malformed-scenario"),
            Category::Config,
            format!("`{}` is not a scenario", error.file),
        )
        .because(error.problem)
        .help("a scenario has `title` and `steps`; `opencx-sf explain simulate/malformed-scenario`")
        .into()
    };
    let mut all = Scenario::shipped().map_err(malformed)?;
    let Some(folder) = &args.scenarios else {
        return Ok(all);
    };
    let unreadable = |path: &Path, error: &std::io::Error| {
        Failure::file(
            "simulate/not-readable",
            "read",
            &path.display().to_string(),
            error,
        )
    };
    let entries = std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| unreadable(folder, &error))?.path();
        if path
            .extension()
            .is_some_and(|suffix| suffix == "yaml" || suffix == "yml")
        {
            files.push(path);
        }
    }
    files.sort();
    for path in files {
        let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        all.push(Scenario::parse(&name, &text).map_err(malformed)?);
    }
    Ok(all)
}

/// The scenarios of these names in the order of the command line; all of them without names.
fn chosen(all: Vec<Scenario>, names: &[String]) -> Result<Vec<Scenario>, Failure> {
    if names.is_empty() {
        return Ok(all);
    }
    names
        .iter()
        .map(|name| {
            all.iter()
                .find(|scenario| scenario.name == *name)
                .cloned()
                .ok_or_else(|| unknown(name, &all))
        })
        .collect()
}

fn unknown(name: &str, all: &[Scenario]) -> Failure {
    let known: Vec<&str> = all.iter().map(|scenario| scenario.name.as_str()).collect();
    Diagnostic::error(
        Code("simulate/no-such-scenario"),
        Category::Usage,
        format!("there is no scenario `{name}`"),
    )
    .help(format!("known: {}", known.join(", ")))
    .into()
}

fn write_junit(file: &Path, simulation: &Simulation) -> Result<(), Failure> {
    let path = file.display().to_string();
    std::fs::write(file, report::junit::simulation(simulation)).map_err(|error| {
        Diagnostic::error(
            Code("simulate/not-written"),
            Category::Failed,
            format!("`{path}` could not be written"),
        )
        .at(Place::Path { path: path.clone() })
        .because(error.to_string())
        .into()
    })
}

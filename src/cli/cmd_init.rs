//! `init`: a first config, by a few questions or by flags.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::Outcome;
use super::args::InitArgs;
use super::context::{CONFIG_NAME, Context};
use super::exit::Exit;
use super::failure::Failure;
use crate::config::{self, Config, Starter, StarterAuth};
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::report;

/// Where editors find the JSON Schema, beside the config.
const SCHEMA: &str = ".opencx/opencx.schema.json";
/// Backups, journals and the local org hold what an org's owner may not want in version control;
/// the schema is the same for everybody.
const IGNORED: &str = "*\n!.gitignore\n!opencx.schema.json\n";
/// How often a question is repeated.
const TRIES: usize = 3;

pub(super) fn run(args: &InitArgs, context: &mut Context) -> Outcome {
    let path = context
        .named_config()
        .unwrap_or_else(|| PathBuf::from(CONFIG_NAME));
    if path.exists() {
        return Err(exists(&path).into());
    }
    let starter = answers(args, &path, context)?;
    let text = starter.yaml(SCHEMA);
    Config::parse(&path, &text)?;

    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    write_new(&path, &text)?;
    let beside = folder.join(".opencx");
    std::fs::create_dir_all(&beside)
        .map_err(|error| not_written(&beside.display().to_string(), &error))?;
    let schema = folder.join(SCHEMA);
    std::fs::write(&schema, config::schema())
        .map_err(|error| not_written(&schema.display().to_string(), &error))?;
    let ignore = beside.join(".gitignore");
    if !ignore.exists() {
        write_new(&ignore, IGNORED)?;
    }
    context
        .terminal
        .data(&next_steps(&path, &starter))
        .map_err(|error| Failure::output(&error, "the config was written"))?;
    Ok(Exit::Done)
}

/// From the flags, and from the person where a flag is missing and somebody can be asked.
fn answers(args: &InitArgs, path: &Path, context: &mut Context) -> Result<Starter, Failure> {
    let ask = context.terminal.is_interactive();
    let mut starter = Starter {
        reply_to: args.reply_to.clone().unwrap_or_default(),
        display_name: args.display_name.clone().unwrap_or_default(),
        sandbox: args.sandbox.clone().unwrap_or(StarterAuth::Login),
        production: args.production.clone().unwrap_or(StarterAuth::Login),
    };
    let complete = args.reply_to.is_some() && args.display_name.is_some();
    if !ask {
        return if complete {
            Ok(starter)
        } else {
            Err(incomplete().into())
        };
    }
    for (given, question, key, field) in [
        (
            &args.reply_to,
            "Address that customers answer to (a verified routing address of Email-to-Case):",
            "reply_to",
            (|starter, answer| starter.reply_to = answer) as fn(&mut Starter, String),
        ),
        (
            &args.display_name,
            "Name that customers see beside it, for example Acme Support:",
            "display_name",
            |starter, answer| starter.display_name = answer,
        ),
    ] {
        if given.is_none() {
            ask_until_valid(question, key, &mut starter, field, path, context)?;
        }
    }
    for (given, org, auth) in [
        (&args.sandbox, "sandbox", &mut starter.sandbox),
        (&args.production, "production org", &mut starter.production),
    ] {
        if given.is_none() {
            let alias = context.terminal.ask(&format!(
                "Alias of your {org} in the Salesforce CLI (Enter: log in with the browser):"
            ));
            if !alias.is_empty() {
                *auth = StarterAuth::SalesforceCli(alias);
            }
        }
    }
    Ok(starter)
}

/// Asks for the value of one key until the config takes it, and says what is wrong with it.
fn ask_until_valid(
    question: &str,
    key: &str,
    starter: &mut Starter,
    field: fn(&mut Starter, String),
    path: &Path,
    context: &mut Context,
) -> Result<(), Failure> {
    let mut wrong = Vec::new();
    for _ in 0..TRIES {
        field(starter, context.terminal.ask(question));
        // Keys that are still empty have findings of their own.
        wrong = Config::parse(path, &starter.yaml(SCHEMA))
            .err()
            .unwrap_or_default();
        wrong.retain(|finding| finding.message.contains(key));
        if wrong.is_empty() {
            return Ok(());
        }
        for finding in &wrong {
            context.terminal.say(&format!("  {}\n", finding.message));
        }
    }
    Err(wrong.into())
}

fn incomplete() -> Diagnostic {
    Diagnostic::error(
        Code("cli/no-answers"),
        Category::Usage,
        "nobody can be asked here: give `--reply-to ADDRESS` and `--display-name NAME`",
    )
    .help(
        "the address is a routing address of Email-to-Case (Setup > Email-to-Case > Routing \
         Addresses), the name is what customers see beside it",
    )
}

fn next_steps(path: &Path, starter: &Starter) -> String {
    let file = match path.to_str() {
        Some(CONFIG_NAME) => String::new(),
        _ => format!(" --config {}", path.display()),
    };
    let mut steps = vec![
        (
            format!("opencx-sf deploy{file} --target-org local"),
            "try it in the built-in org first",
        ),
        (
            "export OPENCX_WEBHOOK_URL='https://…'".to_owned(),
            "OpenCX shows it: Settings > Integrations > Salesforce",
        ),
    ];
    match starter.sandbox {
        StarterAuth::Login => steps.push((
            format!(
                "opencx-sf login{file} --target-org sandbox --login-url https://test.salesforce.com"
            ),
            "once",
        )),
        StarterAuth::Environment => steps.push((
            "export SF_INSTANCE_URL='https://…' SF_ACCESS_TOKEN='…'".to_owned(),
            "the sandbox's",
        )),
        StarterAuth::SalesforceCli(_) => {}
    }
    steps.push((
        format!("opencx-sf plan{file} --target-org sandbox"),
        "what a deploy would change; it changes nothing",
    ));
    report::human::first_config(&path.display().to_string(), &steps)
}

fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    match written {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(exists(path).into()),
        other => other.map_err(|error| not_written(&path.display().to_string(), &error)),
    }
}

fn not_written(path: &str, error: &std::io::Error) -> Failure {
    Failure::file("cli/not-written", "written", path, error)
}

fn exists(path: &Path) -> Diagnostic {
    let path = path.display().to_string();
    Diagnostic::error(
        Code("cli/config-exists"),
        Category::Refused,
        format!("`{path}` is there already, and is not written over"),
    )
    .at(Place::Path { path })
    .help("edit it, or name another file with `--config FILE`")
}

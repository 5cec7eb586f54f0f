//! `doctor`: from what a user sees to its cause, without changing anything.

use std::net::SocketAddr;
use std::path::Path;

use super::Outcome;
use super::args::DoctorArgs;
use super::cmd_conversation::{self, Which};
use super::connect::{block_on, connect_known};
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::terminal::Terminal;
use crate::config::Secrets;
use crate::diag::{Category, Code, Diagnostic};
use crate::doctor::{self, Credentials, Examination, Match, Request, Symptom};
use crate::report;
use crate::secret::Secret;

pub(super) fn run(args: &DoctorArgs, context: &mut Context) -> Outcome {
    if args.list {
        return print(&report::human::symptoms(), context).map(|()| Exit::Done);
    }
    if args.case.is_some() || args.session.is_some() {
        let which = Which {
            case: args.case.as_deref(),
            session: args.session.as_deref(),
        };
        let target_org = args.org.target_org.as_deref();
        return cmd_conversation::run(&which, target_org, args.org.json, context);
    }
    let symptom = symptom(&args.symptom.join(" "))?;
    for file in [&args.junit, &args.html].into_iter().flatten() {
        writable(file)?;
    }
    let examination = match symptom {
        Some(symptom) if !symptom.needs_an_org() => of_config(args, symptom, context)?,
        _ => of_org(args, symptom, context)?,
    };
    for (file, text) in [
        (
            &args.junit,
            report::junit::examination as fn(&Examination) -> String,
        ),
        (&args.html, report::examination_page),
    ] {
        if let Some(file) = file {
            let text = context.terminal.redactor().redact(&text(&examination));
            write(file, &text)?;
        }
    }
    let text = if args.org.json {
        report::json::examination(&examination)
    } else {
        report::human::examination(&examination, context.detail)
    };
    print(&text, context)?;
    Ok(exit(&examination))
}

/// The path of a symptom that needs no org, and no login to one.
fn of_config(
    args: &DoctorArgs,
    symptom: &'static Symptom,
    context: &mut Context,
) -> Result<Examination, Failure> {
    let target = args.org.target_org.as_deref();
    let integration = context.integration(target, Secrets::Unresolved)?;
    let messaging = context.messaging_settings(&integration)?;
    let target = target.unwrap_or_default();
    let now = jiff::Timestamp::now();
    let messaging = messaging.as_ref();
    Ok(doctor::examine_config(target, symptom, messaging, now))
}

fn of_org(
    args: &DoctorArgs,
    symptom: Option<&'static Symptom>,
    context: &mut Context,
) -> Result<Examination, Failure> {
    let target = context.examined(args.org.target_org.as_deref())?;
    let package = context.package(&target.integration)?;
    let mut messaging = context.messaging_settings(&target.integration)?;
    if let Some(settings) = &mut messaging {
        settings.request_token = args.request_token;
    }
    let credentials = args
        .credentials_stdin
        .then(|| credentials(&mut context.terminal))
        .transpose()?;
    let request = Request {
        symptom,
        credentials: credentials.as_ref(),
        login_url: args.login_url.as_deref(),
        call_webhook: args.call_webhook,
        dns_server: dns_server(args),
    };
    block_on(async {
        let known = connect_known(&target, context, "examining").await?;
        let reader = &known.connected.reader;
        let now = jiff::Timestamp::now();
        let examination = doctor::examine(
            reader,
            known.facts,
            &target.integration,
            &package,
            now,
            request,
            messaging,
        )
        .await
        .map_err(|fault| fault.to_diagnostic(&target.name))?;
        context.detail.requests = Some(reader.requests());
        Ok(examination)
    })
}

#[cfg(feature = "dns")]
fn dns_server(args: &DoctorArgs) -> Option<SocketAddr> {
    args.dns_server
}

#[cfg(not(feature = "dns"))]
fn dns_server(_: &DoctorArgs) -> Option<SocketAddr> {
    None
}

/// A Consumer Key and Secret: asked for, with nothing shown of what is typed, or two lines of stdin.
/// Whatever they are, they appear nowhere from now on.
fn credentials(terminal: &mut Terminal) -> Result<Credentials, Failure> {
    let (key, secret) = if terminal.is_interactive() {
        (
            typed("Consumer Key (Client ID in OpenCX; not shown): ")?,
            typed("Consumer Secret (Client Secret; not shown): ")?,
        )
    } else {
        let mut lines = std::io::stdin().lines();
        let mut line = || lines.next().transpose().map(Option::unwrap_or_default);
        let read = line().and_then(|key| Ok((key, line()?)));
        read.map_err(|error| not_read(&error))?
    };
    let credentials = Credentials {
        consumer_key: Secret::new(key),
        consumer_secret: Secret::new(secret),
    };
    for secret in [&credentials.consumer_key, &credentials.consumer_secret] {
        terminal.hide(secret);
        terminal.hide(&Secret::new(secret.expose().trim()));
    }
    Ok(credentials)
}

fn typed(question: &str) -> Result<String, Failure> {
    rpassword::prompt_password(question).map_err(|error| not_read(&error))
}

fn not_read(error: &std::io::Error) -> Failure {
    Diagnostic::error(
        Code("cli/not-read"),
        Category::Usage,
        "the Consumer Key and Secret could not be read",
    )
    .because(error.to_string())
    .help("type them when asked, or pipe in two lines: the key, then the secret")
    .into()
}

fn exit(examination: &Examination) -> Exit {
    if examination.causes().next().is_some() {
        Exit::Failed
    } else if examination.is_undetermined() {
        Exit::Undetermined
    } else {
        Exit::Done
    }
}

/// The symptom that is meant, or a usage finding that lists them.
fn symptom(text: &str) -> Result<Option<&'static Symptom>, Failure> {
    let (message, help) = match doctor::recognise(text) {
        _ if text.trim().is_empty() => return Ok(None),
        Match::Is(symptom) => return Ok(Some(symptom)),
        Match::Unclear(symptoms) => {
            let titles: Vec<String> = symptoms
                .iter()
                .map(|symptom| format!("{} ({})", symptom.name, symptom.title))
                .collect();
            (
                format!("`{text}` could be more than one symptom"),
                format!("name one: {}", titles.join("; ")),
            )
        }
        Match::Nothing => {
            let names: Vec<&str> = doctor::SYMPTOMS.iter().map(|one| one.name).collect();
            (
                format!("`{text}` is no symptom that is known here"),
                format!(
                    "known: {}; `opencx-sf doctor --list` shows what each means",
                    names.join(", ")
                ),
            )
        }
    };
    Err(
        Diagnostic::error(Code("doctor/unknown-symptom"), Category::Usage, message)
            .help(help)
            .into(),
    )
}

fn print(text: &str, context: &mut Context) -> Result<(), Failure> {
    context
        .terminal
        .data(text)
        .map_err(|error| Failure::output(&error, "nothing was changed in the org"))
}

/// Finds out before the org is asked.
fn writable(file: &Path) -> Result<(), Failure> {
    let path = file.display().to_string();
    std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .map(drop)
        .map_err(|error| Failure::file("cli/not-written", "written", &path, &error))
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let path = file.display().to_string();
    std::fs::write(file, text)
        .map_err(|error| Failure::file("cli/not-written", "written", &path, &error))
}

//! `doctor`: from what a user sees to its cause, without changing anything.

use std::path::Path;

use super::Outcome;
use super::args::DoctorArgs;
use super::connect::{block_on, connect};
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use crate::config::Target;
use crate::diag::{Category, Code, Diagnostic};
use crate::doctor::{self, Examination, Match, Symptom};
use crate::guard;
use crate::plan::OrgFacts;
use crate::report;

pub(super) fn run(args: &DoctorArgs, context: &mut Context) -> Outcome {
    if args.list {
        return print(&report::human::symptoms(), context).map(|()| Exit::Done);
    }
    let symptom = symptom(&args.symptom.join(" "))?;
    let target = context.examined(args.org.target_org.as_deref())?;
    let package = context.package(&target.integration)?;
    let mut messaging = context.messaging_settings(&target.integration)?;
    if let Some(settings) = &mut messaging {
        settings.request_token = args.request_token;
    }
    let examination = block_on(async {
        let connected = connect(&target, context).await?;
        context
            .terminal
            .progress(&format!("examining {}", target.name));
        let failed = |fault: crate::sf::Fault| fault.to_diagnostic(&target.name);
        let reader = &connected.reader;
        let org = OrgFacts::ask(reader, &target).await.map_err(failed)?;
        refuse_other_org(&target, &org)?;
        let now = jiff::Timestamp::now();
        let examination = doctor::examine(
            reader,
            org,
            &target.integration,
            &package,
            now,
            symptom,
            messaging,
        )
        .await
        .map_err(failed)?;
        context.detail.requests = Some(reader.requests());
        Ok(examination)
    })?;
    if let Some(file) = &args.junit {
        write(file, &report::junit::examination(&examination))?;
    }
    let text = if args.org.json {
        report::json::examination(&examination)
    } else {
        report::human::examination(&examination, context.detail)
    };
    print(&text, context)?;
    Ok(exit(&examination))
}

/// An org that is not the pinned one is not examined.
fn refuse_other_org(target: &Target, org: &OrgFacts) -> Result<(), Failure> {
    let findings: Vec<Diagnostic> = guard::check_org(target, org)
        .iter()
        .map(|refusal| refusal.to_diagnostic(&target.name))
        .collect();
    if findings.is_empty() {
        Ok(())
    } else {
        Err(findings.into())
    }
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
    let known = |symptoms: &mut dyn Iterator<Item = &'static Symptom>| {
        let list: Vec<String> = symptoms
            .map(|symptom| format!("{} ({})", symptom.name, symptom.title))
            .collect();
        list.join("; ")
    };
    let (message, help) = match doctor::recognise(text) {
        _ if text.trim().is_empty() => return Ok(None),
        Match::Is(symptom) => return Ok(Some(symptom)),
        Match::Unclear(symptoms) => (
            format!("`{text}` could be more than one symptom"),
            format!("name one: {}", known(&mut symptoms.into_iter())),
        ),
        Match::Nothing => (
            format!("`{text}` is no symptom that is known here"),
            format!("known: {}", known(&mut doctor::SYMPTOMS.iter())),
        ),
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

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let path = file.display().to_string();
    std::fs::write(file, text)
        .map_err(|error| Failure::file("cli/not-written", "written", &path, &error))
}

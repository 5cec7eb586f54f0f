//! `drift`: what differs between orgs and the config, for people and CI.

use clap::Parser;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Outcome;
use super::args::{Arguments, Command, DriftArgs};
use super::cmd_adopt;
use super::cmd_deploy;
use super::connect::block_on;
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::gates::Gates;
use super::inspect::{inspect, jobs};
use super::notice::Notice;
use super::outputs;
use crate::diag::{Category, Code, Diagnostic};
use crate::fleet::{self, Inspection, State};
use crate::report;
use crate::report::ci::Report;

/// How many orgs are read at a time, where nothing was said.
const AT_ONCE: u8 = 32;

pub(super) fn run(args: &DriftArgs, context: &mut Context) -> Outcome {
    let (jobs, alone) = jobs(&args.org, args.shard, context)?;
    if (args.fix || args.adopt) && !alone {
        return Err(Diagnostic::error(
            Code("fleet/one-at-a-time"),
            Category::Usage,
            "`--fix` and `--adopt` are for one org at a time",
        )
        .help("name one org with `--target-org`")
        .into());
    }
    if args.adopt {
        return cmd_adopt::run(args, context);
    }
    outputs::check(&args.output)?;
    let notice = Notice::of(args, context)?;
    let at = Timestamp::now();
    let today = at.to_zoned(TimeZone::UTC).date();
    let redactor = context.terminal.redactor().clone();
    let total = jobs.len();
    if alone {
        let names = jobs.iter().map(|job| job.name());
        let name: String = names.collect();
        context.terminal.progress(&format!("reading {name}"));
    }
    let mut done = 0;
    let mut printed = Ok(());
    let mut orgs = block_on(async {
        let gates = Gates::default();
        let work = |job| inspect(job, today, &redactor, &gates);
        let finished = |org: &Inspection| {
            done += 1;
            if !alone {
                let (org, state) = (report::plain(&org.target), org.state().words());
                let progress = format!("{org}: {state} ({done} of {total})");
                context.terminal.progress(&progress);
            }
            if args.org.json && !alone && printed.is_ok() {
                printed = context.terminal.data(&report::ci::line(org));
            }
        };
        Ok(fleet::run(jobs, args.org.at_once(AT_ONCE), work, finished).await)
    })?;
    printed.map_err(|error| closed(&error))?;
    if !alone {
        fleet::settle_rules(&mut orgs);
    }
    let findings = fleet::same_orgs(&orgs);
    let hints = fleet::other_configs(&orgs);
    let report = Report {
        orgs: &orgs,
        findings: &findings,
        at,
    };
    let written = outputs::write(&args.output, report, &mut context.terminal);
    let sent = notice.map_or(Ok(()), |notice| notice.tell(report, context));
    if alone {
        let ended = written.and_then(|()| one(args, orgs, context));
        if !args.fix {
            tell(&hints, context);
        }
        return both(ended, sent, context);
    }
    let text = if args.org.json {
        report::ci::summary(&orgs, &findings)
    } else {
        report::human::fleet(&orgs, context.detail)
    };
    context
        .terminal
        .data(&text)
        .map_err(|error| closed(&error))?;
    written?;
    let mut exit = Exit::of(&findings);
    let mut stopped = findings;
    stopped.extend(hints);
    for org in orgs {
        exit = exit.or_worse(exit_of(&org));
        stopped.extend(org.outcome.err().unwrap_or_default());
    }
    tell(&stopped, context);
    both(Ok(exit), sent, context)
}

/// How a run ended whose message may not have arrived: the worse of the two, and both are told.
fn both(ended: Outcome, sent: Result<(), Failure>, context: &mut Context) -> Outcome {
    let Err(failure) = sent else {
        return ended;
    };
    let findings = failure.into_findings();
    match ended {
        Ok(exit) => {
            tell(&findings, context);
            Ok(exit.or_worse(Exit::of(&findings)))
        }
        Err(failure) => {
            let mut all = failure.into_findings();
            all.extend(findings);
            Err(all.into())
        }
    }
}

/// One org, as it was always told.
fn one(args: &DriftArgs, orgs: Vec<Inspection>, context: &mut Context) -> Outcome {
    let mut exit = Exit::Done;
    let mut differing = None;
    for org in orgs {
        exit = exit.or_worse(exit_of(&org));
        if org.state() == State::Drifted {
            differing = Some(org.target.clone());
        }
        context.detail.requests = Some(org.requests);
        let text = match org.outcome {
            Err(findings) => return Err(findings.into()),
            Ok(_) if args.org.json => report::ci::one(&org),
            Ok(drift) => {
                let mut text = report::human::drift(&drift, context.detail);
                // With `--fix` that is what comes next.
                if !args.fix {
                    text.push_str(&report::human::drift_next(&drift));
                }
                text
            }
        };
        context
            .terminal
            .data(&text)
            .map_err(|error| closed(&error))?;
    }
    match differing {
        Some(target) if args.fix => repair(&target, args, context),
        _ => Ok(exit),
    }
}

/// `deploy`, as if it had been typed: plan, guards, backup, read back.
fn repair(target: &str, args: &DriftArgs, context: &mut Context) -> Outcome {
    let mut typed = vec!["opencx-sf".to_owned(), "deploy".to_owned()];
    typed.extend(["--target-org".to_owned(), target.to_owned()]);
    for component in &args.overwrite {
        typed.extend(["--overwrite".to_owned(), component.to_string()]);
    }
    typed.extend(args.yes.then(|| "--yes".to_owned()));
    match Arguments::try_parse_from(typed).map(|arguments| arguments.command) {
        Ok(Command::Deploy(args)) => cmd_deploy::run(&args, context),
        _ => Ok(Exit::Bug),
    }
}

fn exit_of(org: &Inspection) -> Exit {
    match (&org.outcome, org.state()) {
        (Err(findings), _) => Exit::of(findings).or_worse(Exit::Undetermined),
        (_, State::Undetermined | State::Failed) => Exit::Undetermined,
        (_, State::Drifted) => Exit::Differences,
        (_, State::Clean) => Exit::Done,
    }
}

fn tell(findings: &[Diagnostic], context: &mut Context) {
    if !findings.is_empty() {
        let text = report::diagnostics::render_all(findings);
        context.terminal.say(&format!("{text}\n"));
    }
}

fn closed(error: &std::io::Error) -> Failure {
    Failure::output(error, "nothing was changed in any org")
}

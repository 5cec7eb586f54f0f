//! `trace`: what happens to one message or Case, told from debug logs.

use std::io::IsTerminal as _;
use std::time::Duration;

use super::Outcome as Ended;
use super::args::TraceArgs;
use super::connect::{block_on_until, connect};
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::find;
use super::terminal::Terminal;
use crate::config::Target;
use crate::conversation::Shown;
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::guard;
use crate::package::Package;
use crate::plan::OrgFacts;
use crate::report;
use crate::sf::TraceWriter;
use crate::sf::text::clean;
use crate::trace::{self, Ending, Event, Listener, Options, Outcome, Scene, Subject, TracedUser};

pub(super) fn run(args: &TraceArgs, context: &mut Context) -> Ended {
    let key = args.case.as_deref().map(find::key).transpose()?;
    let target = context.examined(args.org.target_org.as_deref())?;
    let package = context.package(&target.integration)?;
    let outcome = block_on_until(async {
        let failed = |fault: crate::sf::Fault| Failure::from(fault.to_diagnostic(&target.name));
        let prepare = async {
            let connected = connect(&target, context).await?;
            let reader = &connected.reader;
            let org = OrgFacts::ask(reader, &target).await.map_err(failed)?;
            let writer = guard::authorize_trace(&target, &org, reader).map_err(|refusals| {
                let shown = |one: &guard::Refusal| one.to_diagnostic(&target.name);
                Failure::from(refusals.iter().map(shown).collect::<Vec<_>>())
            })?;
            let subject = match &key {
                Some(key) => Subject::Case(Box::new(find::case(reader, key, &target.name).await?)),
                None if args.next_case => Subject::NextCase,
                None => Subject::NextEmail,
            };
            Ok::<_, Failure>((connected, org, writer, subject))
        };
        let (_connected, org, writer, subject) = tokio::select! {
            prepared = prepare => prepared?,
            () = stopped() => return Err(Failure::silent(Exit::Interrupted)),
        };
        let outcome = watch(args, &target, &package, &org, &writer, &subject, context).await?;
        context.detail.requests = Some(writer.reader().requests());
        Ok(outcome)
    })?;
    finish(args, &outcome, &target, context)
}

async fn watch(
    args: &TraceArgs,
    target: &Target,
    package: &Package,
    org: &OrgFacts,
    writer: &TraceWriter,
    subject: &Subject,
    context: &mut Context,
) -> Result<Outcome, Failure> {
    let options = Options {
        wait: Duration::from_secs(u64::from(args.wait) * 60),
        users: args.user.clone(),
        shown: Shown {
            addresses: args.show_addresses,
            text: args.show_text,
        },
    };
    let scene = Scene {
        writer,
        org,
        target,
        package,
    };
    let mut teller = Teller {
        subject,
        terminal: &mut context.terminal,
        counts_down: std::io::stderr().is_terminal(),
    };
    trace::trace(&scene, subject, &options, stopped, &mut teller)
        .await
        .map_err(|error| failure(error, &target.name))
}

/// Ctrl-C, or whoever ends the process in a civil way.
async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        // Without a handler such a signal ends the process, and the flags end by themselves.
        let wait = async |kind| match signal(kind) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = wait(SignalKind::terminate()) => {}
            () = wait(SignalKind::hangup()) => {}
        }
    }
    #[cfg(not(unix))]
    {
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// Says on stderr what goes on.
struct Teller<'a> {
    subject: &'a Subject,
    terminal: &'a mut Terminal,
    /// Elsewhere than on a terminal only a new state is worth a line.
    counts_down: bool,
}

impl Teller<'_> {
    fn awaited(&self) -> String {
        match self.subject {
            Subject::Case(case) => format!("the next e-mail on Case {}", case.number),
            Subject::NextEmail => "the next e-mail".to_owned(),
            Subject::NextCase => "the next Case".to_owned(),
        }
    }

    fn tracing(&mut self, users: &[TracedUser]) {
        let text = report::human::traced_users(users);
        self.terminal.say(&text);
        let what = match self.subject {
            Subject::Case(case) => format!(
                "Now let OpenCX reply on Case {} (or answer as the customer). Ctrl-C stops and cleans up.\n",
                case.number
            ),
            Subject::NextEmail => {
                "Now let OpenCX reply, or write as a customer. Ctrl-C stops and cleans up.\n"
                    .to_owned()
            }
            Subject::NextCase => "Now let a Case come in. Ctrl-C stops and cleans up.\n".to_owned(),
        };
        self.terminal.say(&what);
    }
}

impl Listener for Teller<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Swept { levels } => {
                let what = match levels {
                    1 => "a debug level with its trace flags".to_owned(),
                    many => format!("{many} debug levels with their trace flags"),
                };
                self.terminal
                    .say(&format!("Removed what a killed trace had left: {what}.\n"));
            }
            Event::Tracing(users) => self.tracing(users),
            Event::Waiting { left, seen } => {
                let what = if seen {
                    "it happened; waiting for its jobs and logs".to_owned()
                } else {
                    format!("waiting for {}", self.awaited())
                };
                let text = if self.counts_down {
                    let seconds = left.as_secs();
                    format!("{what}, {}:{:02} left", seconds / 60, seconds % 60)
                } else {
                    what
                };
                self.terminal.progress(&text);
            }
            Event::Removed => self
                .terminal
                .progress("the debug level and the trace flags of this trace are removed"),
        }
    }
}

fn failure(error: trace::Error, org: &str) -> Failure {
    let place = || Place::Org {
        org: org.to_owned(),
    };
    match error {
        trace::Error::Fault(fault) => fault.to_diagnostic(org).into(),
        trace::Error::Unreadable { what, said } => Diagnostic::error(
            Code("trace/not-readable"),
            Category::Undetermined,
            format!("{what} can't be waited for: the org does not show your user any"),
        )
        .at(place())
        .because(format!("{}: {}", said.error_code, clean(&said.message)))
        .help(
            "trace as a user who may read Cases and their e-mail; without Email-to-Case an org has no \
             e-mail on Cases. What this trace had set is removed",
        )
        .into(),
        trace::Error::NoOne { users } => {
            let mut finding = Diagnostic::error(
                Code("trace/no-one"),
                Category::Undetermined,
                "no user could be traced, so there would be no logs",
            )
            .at(place());
            if users.is_empty() {
                finding = finding.because(
                    "nobody holds our permission set, and the config names no `integration_user`",
                );
            }
            for user in &users {
                if let trace::Traced::Not { reason } = &user.traced {
                    finding = finding.because(format!("{}: {reason}", user.name));
                }
            }
            finding
                .help("name the user as whom OpenCX is connected with `--user USERNAME`")
                .into()
        }
        trace::Error::LeftBehind {
            level,
            until,
            fault,
        } => {
            let until = until.map_or_else(
                || "within five minutes".to_owned(),
                |until| format!("at {}", until.strftime("%H:%M UTC")),
            );
            let mut finding = Diagnostic::error(
                Code("trace/left-behind"),
                Category::Failed,
                format!("a debug level {level} and its trace flags may be left in the org"),
            )
            .at(place());
            if let Some(fault) = fault {
                for cause in fault.to_diagnostic(org).because {
                    finding = finding.because(cause);
                }
                finding = finding.because(fault.to_string());
            }
            finding
                .help(format!(
                    "the flags end by themselves {until}; a later `opencx-sf trace` removes the rest, or \
                     you do in Setup > Debug Levels"
                ))
                .into()
        }
    }
}

fn finish(args: &TraceArgs, outcome: &Outcome, target: &Target, context: &mut Context) -> Ended {
    let text = if args.org.json {
        report::json::trace(outcome)
    } else {
        report::human::trace(outcome, context.detail)
    };
    context
        .terminal
        .data(&text)
        .map_err(|error| Failure::output(&error, "what was set in the org is removed"))?;
    match outcome.ending {
        Ending::Interrupted => {
            context
                .terminal
                .say("Stopped. What this trace had set in the org is removed.\n");
            Ok(Exit::Interrupted)
        }
        Ending::NothingHappened => {
            let finding = nothing_happened(args, &target.name);
            context.terminal.say(&format!(
                "{}\n",
                report::diagnostics::render_all(std::slice::from_ref(&finding))
            ));
            Ok(Exit::Undetermined)
        }
        Ending::Told if outcome.has_failed() => Ok(Exit::Failed),
        Ending::Told if outcome.is_undetermined() => Ok(Exit::Undetermined),
        Ending::Told => Ok(Exit::Done),
    }
}

fn nothing_happened(args: &TraceArgs, org: &str) -> Diagnostic {
    let what = if args.next_case { "Case" } else { "e-mail" };
    let minutes = match args.wait {
        1 => "1 minute".to_owned(),
        many => format!("{many} minutes"),
    };
    Diagnostic::error(
        Code("trace/nothing-happened"),
        Category::Undetermined,
        format!("no such {what} was saved in Salesforce within {minutes}"),
    )
    .at(Place::Org {
        org: org.to_owned(),
    })
    .help(
        "if OpenCX shows the reply as sent, it wrote it to another Case or org, or is not connected \
         any more: `opencx-sf doctor \"connect fails\"`; wait longer with `--wait MINUTES`",
    )
}

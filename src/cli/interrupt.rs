//! Ctrl-C, or SIGTERM, during a deploy: it ends this process, not what the org has accepted.

use std::cell::RefCell;
use std::io::{self, IsTerminal as _, Write as _};
use std::pin::pin;

use super::connect::block_on_until;
use super::exit::Exit;
use super::failure::Failure;
use crate::config::Target;
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::sf::{Cancel, DeployId, Fault, Writer};

/// How far a deploy has come, for whoever interrupts it.
#[derive(Debug, Default)]
pub(super) enum Reached {
    /// Nothing was sent.
    #[default]
    Nothing,
    /// The org may have the request.
    Sending,
    /// The org has it.
    Running(DeployId),
}

/// What is shared between a deploy and the one who interrupts it.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// How far it has come.
    pub(super) reached: RefCell<Reached>,
    /// What the org said last of the deploy, and when.
    pub(super) last: RefCell<Option<String>>,
    /// What a cancel is sent with.
    pub(super) writer: RefCell<Option<Writer>>,
}

/// What a person wants when a deploy is interrupted.
enum Wish {
    Detach,
    Cancel,
}

/// How this process is asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    /// By somebody at the keyboard.
    Interrupt,
    /// By a program, which waits a few seconds before it kills: there is nobody to ask.
    Terminate,
}

/// Waits until this process is asked to end.
#[cfg(unix)]
pub(super) async fn signal() -> Signal {
    use tokio::signal::unix::{SignalKind, signal};

    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return Signal::Interrupt;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => Signal::Interrupt,
        _ = terminate.recv() => Signal::Terminate,
    }
}

/// Waits until this process is asked to end.
#[cfg(not(unix))]
pub(super) async fn signal() -> Signal {
    let _ = tokio::signal::ctrl_c().await;
    Signal::Interrupt
}

/// Runs a deploy to its end, or to Ctrl-C.
pub(super) fn block_on<T>(
    work: impl Future<Output = Result<T, Failure>>,
    shared: &Shared,
    target: &Target,
) -> Result<T, Failure> {
    block_on_until(async {
        let mut work = pin!(work);
        let asked = tokio::select! {
            result = &mut work => return result,
            asked = signal() => asked,
        };
        let wish = match asked {
            Signal::Interrupt => wish(shared, target).await,
            Signal::Terminate => Wish::Detach,
        };
        let writer = shared.writer.take();
        let running = match &*shared.reached.borrow() {
            Reached::Running(id) => Some(id.clone()),
            Reached::Nothing | Reached::Sending => None,
        };
        match (wish, writer, running) {
            (Wish::Cancel, Some(writer), Some(id)) => {
                match writer.cancel(&id).await {
                    // It may have been heard: how the deploy ends is seen below.
                    Ok(Cancel::Heard) | Err(Fault::OutcomeUnknown { .. }) => {}
                    Ok(Cancel::TooLate(_)) => {
                        let text = format!(
                            "the org does not stop deploy {id} any more; waiting for its end\n"
                        );
                        // A terminal that can't be written to shows the end neither.
                        let _ = io::stderr().write_all(text.as_bytes());
                    }
                    Err(fault) => return Err(fault.to_diagnostic(&target.name).into()),
                }
            }
            _ => return Err(left(&shared.reached.borrow(), target)),
        }
        // The org decides how it ends: what is asked to stop may still succeed.
        tokio::select! {
            result = &mut work => result,
            _ = signal() => Err(left(&shared.reached.borrow(), target)),
        }
    })
}

/// Asks on a terminal; elsewhere, and at a second Ctrl-C, the org is left to go on.
async fn wish(shared: &Shared, target: &Target) -> Wish {
    let running = matches!(&*shared.reached.borrow(), Reached::Running(_));
    if !running || !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Wish::Detach;
    }
    let question = format!(
        "\n{} goes on with the deploy. [d]etach and leave it to the org, or [c]ancel it? [d/c] ",
        target.name
    );
    // A terminal that can't be written to can't be asked either.
    if io::stderr().write_all(question.as_bytes()).is_err() {
        return Wish::Detach;
    }
    let (answer, answered) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line);
        // Nobody waits for the answer any more after a second Ctrl-C.
        let _ = answer.send(read.map(|_| line).unwrap_or_default());
    });
    tokio::select! {
        line = answered => match line.unwrap_or_default().trim() {
            "c" | "cancel" => Wish::Cancel,
            _ => Wish::Detach,
        },
        _ = signal() => Wish::Detach,
    }
}

/// What an interrupt leaves behind in an org.
pub(super) fn left(reached: &Reached, target: &Target) -> Failure {
    let name = &target.name;
    let finding = |text: String| {
        Diagnostic::warning(Code("deploy/interrupted"), Category::Undetermined, text)
            .at(Place::Org { org: name.clone() })
    };
    match reached {
        Reached::Nothing => Failure::silent(Exit::Interrupted),
        Reached::Sending => Failure::interrupted(
            finding(
                "interrupted while the package was on its way; the org may have received it"
                    .to_owned(),
            )
            .help(format!(
                "find out with `opencx-sf report --target-org {name}`"
            )),
        ),
        Reached::Running(id) => Failure::interrupted(
            finding(format!("interrupted; the org goes on with deploy {id}")).help(format!(
                "see how it ends with `opencx-sf report {id} --target-org {name}`; stop it with \
                 `opencx-sf cancel {id} --target-org {name}`"
            )),
        ),
    }
}

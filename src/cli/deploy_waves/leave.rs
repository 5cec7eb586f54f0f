//! Ctrl-C, or SIGTERM, while many orgs get their deploy.

use std::pin::pin;

use crate::cli::connect::block_on_until;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::follower::Board;
use crate::cli::interrupt::{Signal, left, signal};
use crate::diag::{Category, Code, Diagnostic};

/// Runs the deploys to their end. After Ctrl-C no other org is begun; a second one, or SIGTERM, leaves
/// what is under way to the orgs.
pub(super) fn block_on<T>(
    work: impl Future<Output = Result<T, Failure>>,
    board: &Board<'_>,
) -> Result<T, Failure> {
    block_on_until(async {
        let mut work = pin!(work);
        let asked = tokio::select! {
            // In this order: Ctrl-C is listened for before anything is sent.
            biased;
            asked = signal() => asked,
            result = &mut work => return result,
        };
        board.stop();
        if asked == Signal::Interrupt {
            board.say(
                "\nNo other org is begun. Orgs that have their deploy are followed to its end; Ctrl-C \
                 once more leaves them alone.\n",
            );
            tokio::select! {
                biased;
                _ = signal() => {}
                result = &mut work => return result,
            }
        }
        Err(Failure::silent(Exit::Interrupted))
    })
}

/// What an end in the middle leaves: which orgs are done, which go on without us, which were not begun.
pub(super) fn left_alone(
    orgs: &[String],
    done: &[(String, &'static str)],
    board: &Board<'_>,
) -> Failure {
    let unfinished = board.unfinished();
    let is_done = |name: &String| done.iter().any(|(other, _)| other == name);
    let goes_on = |name: &String| unfinished.iter().any(|(other, _)| other.name == *name);
    let others = orgs.iter().filter(|name| !is_done(name) && !goes_on(name));
    let others: Vec<&str> = others.map(String::as_str).collect();
    let ended: Vec<String> = done
        .iter()
        .map(|(name, status)| format!("{name} {status}"))
        .collect();
    let mut because = Vec::new();
    because.extend((!ended.is_empty()).then(|| format!("done: {}", ended.join(", "))));
    because.extend((!others.is_empty()).then(|| format!("nothing sent: {}", others.join(", "))));
    let mut finding = Diagnostic::warning(
        Code("fleet/interrupted"),
        Category::Undetermined,
        format!(
            "interrupted: of {} orgs {} are done, {} go on by themselves, and to {} nothing was sent",
            orgs.len(),
            ended.len(),
            unfinished.len(),
            others.len()
        ),
    )
    .help("run the same command again: orgs that are as they should be stay untouched");
    finding.because = because;
    let goes_on = unfinished
        .iter()
        .flat_map(|(target, reached)| left(reached, target).into_findings());
    Failure::interrupted_by([finding].into_iter().chain(goes_on).collect())
}

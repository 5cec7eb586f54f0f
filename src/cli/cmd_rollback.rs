//! `rollback`: undoes a deploy from its backup.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::Outcome;
use super::args::RollbackArgs;
use super::change::{Change, removal};
use super::context::Context;
use super::deploy_failure::failure;
use super::exit::Exit;
use super::failure::Failure;
use super::person::Person;
use crate::deploy::Options;
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::journal::{Purpose, Run};
use crate::metadata::Component;
use crate::package::components_from_files;
use crate::report;
use crate::rollback::{self, Undoing};
use crate::sf::{DeployId, Reader};

/// How many deploys are named where none is the one that is meant.
const MOST_NAMED: usize = 5;

pub(super) fn run(args: &RollbackArgs, context: &mut Context) -> Outcome {
    let (change, options, agreed) = removal(&args.org, &args.removal, context)?;
    let id = args.id.as_deref().map(str::parse::<DeployId>).transpose();
    let id = id.map_err(|fault| fault.to_diagnostic(&change.target.name))?;
    let outcome = change.run(agreed, context, async |reader, person| {
        last(reader, &change, id.as_ref(), &options, person).await
    })?;
    let text = if args.org.json {
        report::json::rollback(&outcome)
    } else {
        report::human::rollback(&outcome)
    };
    context
        .terminal
        .data(&text)
        .map_err(|error| Failure::output(&error, "`opencx-sf plan` shows what the org holds"))?;
    Ok(if outcome.is_done() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

/// Undoes the named deploy, or the last one from here that the org took.
pub(super) async fn last(
    reader: &Reader,
    change: &Change,
    id: Option<&DeployId>,
    options: &Options,
    person: &mut Person<'_>,
) -> Result<rollback::Outcome, Failure> {
    let Change {
        target,
        rollout,
        ledger,
        ..
    } = change;
    let whole = rollout.whole();
    let wait = options.wait;
    let undoing = Undoing::begin(reader, target, &whole, ledger, wait, person)
        .await
        .map_err(|error| failure(error, target))?;
    let run = undoing.runs().iter().rev().find(|run| is_meant(run, id));
    let Some(run) = run else {
        let known = known(undoing.runs());
        let finding = Diagnostic::error(
            Code("deploy/nothing-to-undo"),
            Category::Usage,
            match id {
                Some(id) => format!("the org took no deploy {id} from this folder"),
                None => "the org took no deploy from this folder".to_owned(),
            },
        )
        .at(Place::Org {
            org: target.name.clone(),
        })
        .help(format!(
            "`opencx-sf uninstall --target-org {}` removes all that is ours, whoever deployed it",
            target.name
        ));
        return Err(known
            .into_iter()
            .fold(finding, |finding, deploy| finding.because(deploy))
            .into());
    };
    let replaced = match &run.backup {
        Some(place) => backup(Path::new(place))?,
        None => Vec::new(),
    };
    undoing
        .undo(run, replaced, &options.tests, person)
        .await
        .map_err(|error| failure(error, target))
}

/// The deploys that can be undone from here, the last ones, newest first.
fn known(runs: &[Run]) -> Vec<String> {
    let runs = runs.iter().rev().filter(|run| is_meant(run, None));
    runs.take(MOST_NAMED)
        .filter_map(|run| {
            let mut deploys = run.deploys.iter();
            let last = deploys.rfind(|deploy| deploy.has_changed_the_org())?;
            let at = run.begin.at.strftime("%Y-%m-%d %H:%M UTC");
            Some(format!("sent from here at {at}: {}", last.id))
        })
        .collect()
}

fn is_meant(run: &Run, id: Option<&DeployId>) -> bool {
    let deploys = run.deploys.iter();
    let mut taken = deploys.filter(|deploy| deploy.has_changed_the_org());
    run.begin.purpose == Purpose::Deploy && taken.any(|deploy| id.is_none_or(|id| deploy.id == *id))
}

/// The components of a backup.
fn backup(folder: &Path) -> Result<Vec<Component>, Failure> {
    let shown = folder.display().to_string();
    let unreadable =
        |error: &io::Error| Failure::file("deploy/unreadable-backup", "read", &shown, error);
    let mut files = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| unreadable(&error.into()))?;
        if !entry.file_type().is_file() {
            continue;
        }
        let path = entry.path();
        let inside = path.strip_prefix(folder).unwrap_or(path);
        let name: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
        let content = std::fs::read(path).map_err(|error| unreadable(&error))?;
        files.insert(name.join("/"), content);
    }
    Ok(components_from_files(&files).map_err(|error| error.to_diagnostic())?)
}

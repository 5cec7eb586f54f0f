//! `orgs`: every org of the config, who one is there, and what is missing.

use std::path::PathBuf;

use tokio::task::{JoinSet, LocalSet};

use super::Outcome;
use super::args::OrgsArgs;
use super::connect::{block_on, reach};
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use crate::config::Access;
use crate::diag::Diagnostic;
use crate::report::{self, OrgLine};
use crate::secret::Redactor;
use crate::sf::Standing;

pub(super) fn run(args: &OrgsArgs, context: &mut Context) -> Outcome {
    let names = context.config()?.0.org_names();
    let folder = context.config_folder()?;
    let redactor = context.terminal.redactor().clone();
    context.terminal.progress("asking the orgs");
    let accesses: Vec<Result<Access, Failure>> = names
        .iter()
        .map(|name| context.access(Some(name)))
        .collect();
    let lines = block_on(async {
        // Tasks, because one org that does not answer must not hold up the others.
        let local = LocalSet::new();
        let mut tasks = JoinSet::new();
        for (index, access) in accesses.into_iter().enumerate() {
            let (folder, redactor) = (folder.clone(), redactor.clone());
            let asking = async move { (index, ask(access, folder, redactor).await) };
            tasks.spawn_local_on(asking, &local);
        }
        Ok(local.run_until(async move { tasks.join_all().await }).await)
    })?;
    let mut lines = lines;
    lines.sort_by_key(|(index, _)| *index);
    let lines: Vec<OrgLine> = names
        .into_iter()
        .zip(lines)
        .map(|(name, (_, (access, standing)))| OrgLine {
            name,
            pinned: access.as_ref().and_then(|access| access.org_id.clone()),
            declared_production: access.is_some_and(|access| access.production),
            standing,
        })
        .collect();
    let text = if args.json {
        report::json::orgs(&lines)
    } else {
        report::human::orgs(&lines)
    };
    context
        .terminal
        .data(&text)
        .map_err(|error| Failure::output(&error, "nothing was changed in any org"))?;
    let findings: Vec<Diagnostic> = lines
        .into_iter()
        .filter_map(|line| line.standing.err())
        .flatten()
        .collect();
    if findings.is_empty() {
        Ok(Exit::Done)
    } else if args.json {
        // They stand in the document already.
        Err(Failure::silent(Exit::of(&findings)))
    } else {
        Err(findings.into())
    }
}

type Asked = (Option<Access>, Result<Standing, Vec<Diagnostic>>);

async fn ask(access: Result<Access, Failure>, folder: PathBuf, redactor: Redactor) -> Asked {
    let access = match access {
        Ok(access) => access,
        Err(failure) => return (None, Err(failure.into_findings())),
    };
    let reached = reach(
        &access.name,
        &access.auth,
        access.api_version,
        &folder,
        &redactor,
    );
    let standing = match reached.await {
        Ok(connected) => connected
            .reader
            .standing()
            .await
            .map_err(|fault| vec![fault.to_diagnostic(&access.name)]),
        Err(failure) => Err(failure.into_findings()),
    };
    (Some(access), standing)
}

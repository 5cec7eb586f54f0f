//! `report`: how a deploy stands or ended, also one that another run or machine has sent.

use std::time::Duration;

use super::Outcome;
use super::args::ReportArgs;
use super::connect::{block_on, connect};
use super::context::Context;
use super::deploy_failure::lost;
use super::exit::Exit;
use super::failure::Failure;
use super::opencx_folder::journal_folder;
use crate::config::Target;
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::diagnosis::Sent;
use crate::journal::{self, Position};
use crate::package::Package;
use crate::plan::OrgFacts;
use crate::render::Origins;
use crate::sf::wire::DeployResult;
use crate::sf::{DeployId, Fault, Found, Reader, Sought, find_deploy, wait_for_deploy};
use crate::{guard, report};

/// How long a request whose answer was lost is looked for, and in an org on this machine.
const LOOK: Duration = Duration::from_secs(10);
const LOOK_HERE: Duration = Duration::from_secs(1);

pub(super) fn run(args: &ReportArgs, context: &mut Context) -> Outcome {
    let target = context.target(args.org.target_org.as_deref())?;
    let wait = Duration::from_secs(u64::from(args.wait) * 60);
    let (org, result) = block_on(async {
        let connected = connect(&target, context).await?;
        let reader = &connected.reader;
        let org = asked(reader, &target).await?;
        let id = chosen(args.id.as_deref(), reader, &org, &target, context).await?;
        let result = if wait.is_zero() {
            reader.deploy_status(&id).await
        } else {
            wait_for_deploy(reader, &id, reader.polling(wait), &mut |progress| {
                let text = report::human::progress(progress);
                context.terminal.progress(&text);
            })
            .await
        };
        let result = result.map_err(|fault| unseen(&fault, &id, &target.name))?;
        Ok((org, result))
    })?;
    let consequence = "nothing was changed in the org";
    tell(
        args.org.json,
        &target,
        (&org, &result),
        consequence,
        context,
    )?;
    Ok(exit(&result))
}

/// Why a deploy can't be seen. What time may heal leaves it to the org; and an org forgets them.
pub(super) fn unseen(fault: &Fault, id: &DeployId, name: &str) -> Diagnostic {
    if matches!(
        fault,
        Fault::StillRunning { .. } | Fault::OutcomeUnknown { .. }
    ) {
        return lost(id, fault, name);
    }
    let mut finding = fault.to_diagnostic(name);
    if let Fault::NotFound { .. } = fault {
        finding.message = format!("the org shows no deploy {id}");
        finding.help = Some(
            "An org keeps a deploy for 30 days, and knows its own alone: check that the id is \
             whole and that it is this org's. Setup > Deployment Status lists the deploys that \
             it still has."
                .to_owned(),
        );
        return finding;
    }
    finding.because(format!("asked about deploy {id}"))
}

/// Shows how a deploy stands. One that was sent from here with what the config still says is traced
/// to its templates.
pub(super) fn tell(
    json: bool,
    target: &Target,
    (org, result): (&OrgFacts, &DeployResult),
    consequence: &str,
    context: &mut Context,
) -> Result<(), Failure> {
    let known = if result.success {
        None
    } else {
        sent_from_here(result, target, context)
    };
    let sent = known
        .as_ref()
        .map_or_else(Sent::default, |(package, origins)| Sent {
            package: Some(package),
            origins: Some(origins),
        });
    let text = if json {
        report::json::report(org, result, sent)
    } else {
        report::human::report(org, result, sent)
    };
    context
        .terminal
        .data(&text)
        .map_err(|error| Failure::output(&error, consequence))
}

/// The package of a deploy that was sent from this folder, if the config still renders to it.
/// Whatever gets in the way of finding out is no reason not to show the deploy.
pub(super) fn sent_from_here(
    result: &DeployResult,
    target: &Target,
    context: &mut Context,
) -> Option<(Package, Origins)> {
    let folder = journal_folder(&context.config_folder().ok()?, target);
    let runs = journal::runs(&folder).ok()?;
    let mut deploys = runs.iter().rev().flat_map(|run| &run.deploys);
    let id: DeployId = result.id.parse().ok()?;
    let sent = &deploys.find(|deploy| deploy.id == id)?.sent;
    let rollout = context.rollout(&target.integration).ok()?;
    let resolved = rollout.resolved().ok()?;
    let whole = resolved.whole();
    let stages = resolved.stages().iter().map(|stage| &stage.package);
    let is_same = |package: &Package| package.digest().is_ok_and(|digest| digest == sent.digest);
    let package = stages.chain([&whole]).find(|package| is_same(package))?;
    Some((package.clone(), context.origins(&target.integration).ok()?))
}

/// A deploy that isn't over is not known to have worked.
fn exit(result: &DeployResult) -> Exit {
    match (result.done, result.success) {
        (true, true) => Exit::Done,
        (true, false) => Exit::Failed,
        (false, _) => Exit::Undetermined,
    }
}

/// The org, when it is the one that is meant.
pub(super) async fn asked(reader: &Reader, target: &Target) -> Result<OrgFacts, Failure> {
    let org = OrgFacts::ask(reader, target)
        .await
        .map_err(|fault| fault.to_diagnostic(&target.name))?;
    let refusals = guard::check_org(target, &org);
    if refusals.is_empty() {
        return Ok(org);
    }
    let findings = refusals.iter();
    let findings = findings.map(|refusal| refusal.to_diagnostic(&target.name));
    Err(findings.collect::<Vec<_>>().into())
}

/// The deploy that was named, or the last one that was sent from here to this org.
pub(super) async fn chosen(
    id: Option<&str>,
    reader: &Reader,
    org: &OrgFacts,
    target: &Target,
    context: &mut Context,
) -> Result<DeployId, Failure> {
    let at = || Place::Org {
        org: target.name.clone(),
    };
    if let Some(id) = id {
        let id: Result<DeployId, _> = id.parse();
        return Ok(id.map_err(|fault| fault.to_diagnostic(&target.name))?);
    }
    let folder = journal_folder(&context.config_folder()?, target);
    let runs = journal::runs(&folder).map_err(|error| {
        Diagnostic::error(
            Code("deploy/no-journal"),
            Category::Failed,
            "the journals of earlier runs could not be read",
        )
        .at(at())
        .because(error.to_string())
        .help("give the id of the deploy: Setup > Deployment Status lists them")
    })?;
    let last = runs
        .iter()
        .rev()
        .filter(|run| run.begin.org == org.id)
        .find(|run| !matches!(run.position, Position::Settled) || !run.deploys.is_empty());
    let Some(run) = last else {
        return Err(Diagnostic::error(
            Code("deploy/none-from-here"),
            Category::Usage,
            "no deploy was sent to this org from this folder",
        )
        .at(at())
        .help("give its id: Setup > Deployment Status lists deploys with their ids")
        .into());
    };
    let sent = match (&run.position, run.deploys.last()) {
        (Position::Running(id), _) => return Ok(id.clone()),
        (Position::Settled, Some(deploy)) => return Ok(deploy.id.clone()),
        (Position::Sending(sent), _) => sent,
        (Position::Settled, None) => return Err(Failure::silent(Exit::Undetermined)),
    };
    let sought = Sought {
        user_id: &run.begin.user,
        known: &sent.known,
        check_only: sent.check_only,
        runs_tests: sent.runs_tests,
        components: &sent.components,
    };
    let look = if reader.session().instance_url.is_loopback() {
        LOOK_HERE
    } else {
        LOOK
    };
    let found = find_deploy(reader, &sought, reader.polling(look)).await;
    let unknown = |text: &str| {
        Diagnostic::error(Code("deploy/outcome-unknown"), Category::Undetermined, text).at(at())
    };
    match found.map_err(|fault| fault.to_diagnostic(&target.name))? {
        Found::Taken(id) => Ok(id),
        Found::Nothing => Err(unknown("the org shows no such deploy, so far")
            .because(format!("it was about to be sent at {}", sent.at))
            .help("ask again in ten minutes: if it isn't there then, the org never received it")
            .into()),
        Found::Unclear(ids) => Err(unknown("several deploys could be the one that was sent")
            .because(
                ids.iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(", "),
            )
            .help("name one: `opencx-sf report ID`")
            .into()),
    }
}

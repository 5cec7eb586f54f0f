//! `deploy` over many orgs: wave after wave, each org with its own guards, journal and backup.

mod leave;

use std::cell::RefCell;
use std::path::Path;

use super::Outcome;
use super::args::DeployArgs;
use super::connect::{Connected, reach};
use super::context::{Context, World, origins_of, rollout_of};
use super::deploy_failure::{failure, no_journal};
use super::deploy_terms::{exit, options, refuse_lint_errors};
use super::exit::Exit;
use super::failure::Failure;
use super::follower::{Board, Follower};
use super::inspect::{Job, jobs};
use super::opencx_folder::journal_folder;
use super::terminal::Terminal;
use crate::config::{Secrets, Target};
use crate::deploy::{self, Options};
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::fleet::{self, Deployment, NotTried, RolledOut, Wave, WaveError};
use crate::journal::Ledger;
use crate::package::Rollout;
use crate::report;
use crate::sf::Reader;

/// How many orgs of a wave are deployed to at a time, where nothing was said.
const AT_ONCE: u8 = 8;

/// How the deploys went, and whom nobody came to.
type Rolled = RolledOut<NotTried, Deployment>;

/// One org's deploy, ready to begin.
struct Order {
    job: Job,
    target: Target,
    /// Secrets in place.
    rollout: Rollout,
    options: Options,
    /// The name of its wave in the config.
    wave: Option<String>,
}

impl Order {
    fn folder(&self) -> &Path {
        self.job.path.parent().unwrap_or(Path::new(""))
    }

    fn config(&self) -> String {
        self.job.path.display().to_string()
    }
}

pub(super) fn run(args: &DeployArgs, context: &mut Context) -> Outcome {
    refuse_what_is_for_one_org(args)?;
    let (jobs, _) = jobs(&args.org, None, context)?;
    let orders = orders(args, jobs, context)?;
    refuse_twins(&orders)?;
    let (waves, others) = fleet::waves(orders, &args.waves.wave, |order| order.wave.clone())
        .map_err(|error| bad_waves(&error))?;
    if !others.is_empty() {
        let names: Vec<&str> = others
            .iter()
            .map(|order| order.target.name.as_str())
            .collect();
        let text = format!("not in these waves: {}\n", names.join(", "));
        context.terminal.say(&text);
    }
    confirm_production(&waves, args, context)?;
    let names: Vec<String> = waves.iter().map(|wave| wave.name.clone()).collect();
    let (rolled, closed, interrupted) = roll_out(args, waves, context)?;
    let written = tell(args, &names, &rolled, context);
    closed?;
    written?;
    let mut ended = if interrupted {
        Exit::Interrupted
    } else {
        Exit::Done
    };
    let mut stopped = Vec::new();
    for (_, org) in rolled.results {
        ended = ended.or_worse(exit_of(&org));
        stopped.extend(org.outcome.err().unwrap_or_default());
    }
    if !stopped.is_empty() {
        let text = report::diagnostics::render_all(&stopped);
        context.terminal.say(&format!("{text}\n"));
    }
    Ok(ended)
}

/// How a deploy of one org ended.
fn exit_of(org: &Deployment) -> Exit {
    match &org.outcome {
        Ok(outcome) => exit(outcome),
        Err(findings) => Exit::of(findings),
    }
}

fn is_good(org: &Deployment) -> bool {
    exit_of(org) == Exit::Done
}

/// Some arguments are about one org's plan, file or user.
fn refuse_what_is_for_one_org(args: &DeployArgs) -> Result<(), Failure> {
    let given = [
        ("--plan", args.plan.is_some()),
        ("--junit", args.junit.is_some()),
        ("--async", args.detach),
        ("--quick", args.quick),
        (
            "--rollback-on-verify-failure",
            args.rollback_on_verify_failure,
        ),
        ("--assign USERNAME", matches!(args.assign, Some(Some(_)))),
    ];
    match given.into_iter().find(|(_, is_given)| *is_given) {
        Some((argument, _)) => Err(Diagnostic::error(
            Code("fleet/for-one-org"),
            Category::Usage,
            format!("`{argument}` is for a deploy to one org"),
        )
        .help("name one org with `--target-org`, or leave the argument out")
        .into()),
        None => Ok(()),
    }
}

/// Everything that can be wrong before an org is asked, for all orgs at once: nothing is deployed
/// anywhere then. Orgs that are not production come first.
fn orders(args: &DeployArgs, jobs: Vec<Job>, context: &mut Context) -> Result<Vec<Order>, Failure> {
    let mut findings = Vec::new();
    let mut orders = Vec::new();
    for job in jobs {
        match order(args, job, context) {
            Ok(order) => orders.push(order),
            Err(failure) => {
                for finding in failure.into_findings() {
                    // A mistake of the top level is one mistake, however many orgs it is in.
                    if !findings.contains(&finding) {
                        findings.push(finding);
                    }
                }
            }
        }
    }
    if !findings.is_empty() {
        return Err(findings.into());
    }
    orders.sort_by_key(|order| order.target.production);
    Ok(orders)
}

fn order(args: &DeployArgs, job: Job, context: &mut Context) -> Result<Order, Failure> {
    let world = World::beside(&job.path);
    let target = job.config.target(&job.name, &world, Secrets::Required)?;
    if let Some(value) = &target.integration.webhook_url.value {
        context.terminal.hide(value);
    }
    let rollout = rollout_of(&target.integration)?;
    refuse_lint_errors(&rollout.whole(), &target)?;
    let rollout = rollout.resolved().map_err(|error| error.to_diagnostic())?;
    Ok(Order {
        wave: job.config.wave(&job.name, &world)?,
        options: options(args, &target)?,
        job,
        target,
        rollout,
    })
}

/// Two names that lead to one org by their pinned ids, or to one journal by their name and folder.
fn refuse_twins(orders: &[Order]) -> Result<(), Failure> {
    let mut findings = Vec::new();
    for (index, order) in orders.iter().enumerate() {
        let place = || Place::File(order.job.config.place_of_org(&order.job.name));
        for other in &orders[..index] {
            let (name, other_name) = (&order.target.name, &other.target.name);
            if let (Some(id), Some(same)) = (&order.target.org_id, &other.target.org_id)
                && id == same
            {
                findings.push(
                    fleet::same_org(other_name, &other.config(), name, id.as_str()).at(place()),
                );
            } else if name == other_name && order.folder() == other.folder() {
                findings.push(
                    Diagnostic::error(
                        Code("fleet/same-name"),
                        Category::Config,
                        format!("two configs of one folder have an org called `{name}`"),
                    )
                    .at(place())
                    .because(format!("the other one stands in {}", other.config()))
                    .help(
                        "journals and backups go by the name of an org, beside the config: rename \
                         one, or put each config into a folder of its own",
                    ),
                );
            }
        }
    }
    if findings.is_empty() {
        Ok(())
    } else {
        Err(findings.into())
    }
}

fn bad_waves(error: &WaveError) -> Failure {
    let help = match error {
        WaveError::Mixed => {
            "write sizes as in `--wave 1,10,rest`, or names as in `--wave canary,early`"
        }
        WaveError::Empty(_) => {
            "write `wave: NAME` in the blocks of its orgs; without `--wave` every wave of the config \
             goes"
        }
        WaveError::Twice(_) => "name each wave once",
    };
    Diagnostic::error(Code("fleet/bad-waves"), Category::Usage, error.to_string())
        .help(help)
        .into()
}

/// One question that names every production org. Each org's own guards hold besides.
fn confirm_production(
    waves: &[Wave<Order>],
    args: &DeployArgs,
    context: &mut Context,
) -> Result<(), Failure> {
    let orders = waves.iter().flat_map(|wave| &wave.jobs);
    let names: Vec<&str> = orders
        .filter(|order| order.target.production)
        .map(|order| order.target.name.as_str())
        .collect();
    if names.is_empty() || args.yes {
        return Ok(());
    }
    let count = names.len();
    let names = names.join(", ");
    if context.terminal.is_interactive() && !args.org.json {
        let question = format!(
            "Production orgs, {count} of them: {names}. Type their number to deploy to them:"
        );
        if context.terminal.ask(&question) == count.to_string() {
            return Ok(());
        }
    }
    Err(Diagnostic::error(
        Code("guard/production-not-confirmed"),
        Category::Refused,
        format!("changing production orgs was not confirmed: {names}"),
    )
    .because("nothing was deployed to any org")
    .help("see what would change with `opencx-sf plan` for each, then run again with `--yes`")
    .into())
}

/// Deploys wave by wave. The second value says whether the output could be written on the way, the
/// third whether somebody asked for an end.
fn roll_out(
    args: &DeployArgs,
    waves: Vec<Wave<Order>>,
    context: &mut Context,
) -> Result<(Rolled, Result<(), Failure>, bool), Failure> {
    let orgs: Vec<String> = waves
        .iter()
        .flat_map(|wave| &wave.jobs)
        .map(|order| order.target.name.clone())
        .collect();
    let total = orgs.len();
    let names: Vec<String> = waves.iter().map(|wave| wave.name.clone()).collect();
    let board = Board::new(&mut context.terminal);
    let done = RefCell::new(Vec::new());
    let printed = RefCell::new(Ok(()));
    let work = async {
        let starting = |index: usize, wave: &Wave<Order>| {
            let orgs: Vec<&str> = wave
                .jobs
                .iter()
                .map(|one| one.target.name.as_str())
                .collect();
            let (number, of) = (index + 1, names.len());
            let name = if wave.name == number.to_string() {
                String::new()
            } else {
                format!(" ({})", wave.name)
            };
            board.progress(&format!("wave {number} of {of}{name}: {}", orgs.join(", ")));
        };
        let work =
            |index: usize, order: Order| deploy_one(args, order, names[index].clone(), &board);
        let finished = |(org, wave): &(Deployment, String)| {
            let status = org.status();
            done.borrow_mut().push((org.target.clone(), status));
            let count = done.borrow().len();
            board.progress(&format!("{}: {status} ({count} of {total})", org.target));
            if args.org.json && printed.borrow().is_ok() {
                *printed.borrow_mut() = board.data(&report::waves::line(org, wave));
            }
        };
        let is_good = |(org, _): &(Deployment, String)| is_good(org);
        let at_once = args.org.at_once(AT_ONCE);
        let may_begin = || !board.is_stopped();
        Ok(fleet::roll_out(waves, at_once, may_begin, starting, work, is_good, finished).await)
    };
    let rolled = leave::block_on(work, &board).map_err(|failure| match failure.is_interrupt() {
        true => leave::left_alone(&orgs, &done.borrow(), &board),
        false => failure,
    })?;
    let interrupted = board.is_stopped();
    let closed = printed
        .into_inner()
        .map_err(|error| Failure::output(&error, "the deploys themselves went on to their end"));
    let rolled = RolledOut {
        results: rolled
            .results
            .into_iter()
            .map(|(index, (org, _))| (index, org))
            .collect(),
        not_tried: rolled
            .not_tried
            .into_iter()
            .map(|(index, order)| {
                let config = order.config();
                let target = order.target.name;
                (index, NotTried { target, config })
            })
            .collect(),
    };
    Ok((rolled, closed, interrupted))
}

async fn deploy_one(
    args: &DeployArgs,
    order: Order,
    wave: String,
    board: &Board<'_>,
) -> (Deployment, String) {
    let mut deployment = Deployment {
        target: order.target.name.clone(),
        config: order.config(),
        outcome: Err(Vec::new()),
        package: order.rollout.whole(),
        origins: None,
        requests: 0,
        usage: None,
    };
    let outcome = bring(args, &order, board, &mut deployment).await;
    board.finished(&order.target);
    let integration = &order.target.integration;
    deployment.outcome = outcome.map_err(Failure::into_findings);
    if !is_good(&deployment) {
        deployment.origins = origins_of(integration).ok();
    }
    (deployment, wave)
}

async fn bring(
    args: &DeployArgs,
    order: &Order,
    board: &Board<'_>,
    deployment: &mut Deployment,
) -> Result<deploy::Outcome, Failure> {
    let Order {
        target,
        rollout,
        options,
        ..
    } = order;
    let root = order.folder();
    let ledger =
        Ledger::open(&journal_folder(root, target)).map_err(|error| no_journal(&error, target))?;
    let version = target.integration.api_version;
    let redactor = board.redactor();
    let turn = board.gates.pass(&target.auth).await;
    let Connected { reader, running } =
        reach(&target.name, &target.auth, version, root, &redactor).await?;
    drop(turn);
    let mut follower = Follower {
        target,
        config: &order.config(),
        root,
        overwrite: &args.overwrite,
        board,
        stopped_by: None,
        last: None,
    };
    let outcome = deploy::deploy(&reader, target, rollout, options, &ledger, &mut follower).await;
    let (stopped_by, last) = (follower.stopped_by.take(), follower.last.take());
    drop(running);
    remember(&reader, deployment);
    match (outcome, stopped_by) {
        (Err(deploy::Error::Output(_)), Some(finding)) => {
            let place = Place::File(order.job.config.place_of_org(&order.job.name));
            Err(finding.at(place).into())
        }
        (outcome, _) => {
            outcome.map_err(|error| failure(error, target).with_last_status(last.as_deref()))
        }
    }
}

fn remember(reader: &Reader, deployment: &mut Deployment) {
    deployment.requests = reader.requests();
    deployment.usage = reader.usage();
}

/// Shows how it went, and what was not tried.
fn tell(
    args: &DeployArgs,
    names: &[String],
    rolled: &Rolled,
    context: &mut Context,
) -> Result<(), Failure> {
    let text = if args.org.json {
        let wave = |index: &usize| names.get(*index).map_or("", String::as_str);
        let not_tried = rolled.not_tried.iter();
        let mut text: String = not_tried
            .map(|(index, org)| report::waves::not_tried(org, wave(index)))
            .collect();
        let good =
            rolled.not_tried.is_empty() && rolled.results.iter().all(|(_, org)| is_good(org));
        text.push_str(&report::waves::summary(rolled, good));
        text
    } else {
        report::human::waves(names, rolled, is_good, context.detail)
    };
    let terminal: &mut Terminal = &mut context.terminal;
    terminal
        .data(&text)
        .map_err(|error| Failure::output(&error, "the deploys themselves are over"))
}

//! `deploy`: brings an org to the config.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Outcome;
use super::args::DeployArgs;
use super::cmd_verify;
use super::connect::{Connected, block_on, connect};
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use crate::config::Target;
use crate::deploy::{self, Event, Options, Surroundings};
use crate::diag::{Category, Code, Diagnostic, Place, Severity};
use crate::guard::Consent;
use crate::package::Package;
use crate::plan::{Action, Plan};
use crate::sf::DeployId;
use crate::{lint, report};

pub(super) fn run(args: &DeployArgs, context: &mut Context) -> Outcome {
    let target = context.target(args.org.target_org.as_deref())?;
    let rollout = context.rollout(&target.integration)?;
    refuse_lint_errors(&rollout.whole(), &target)?;
    let rollout = rollout.resolved().map_err(|error| error.to_diagnostic())?;
    let root = context.config_folder()?;
    let options = Options {
        check_only: args.dry_run,
        wait: Duration::from_secs(u64::from(args.wait) * 60),
    };
    let started = RefCell::new(None);
    let outcome = block_on(async {
        let Connected { reader, running } = connect(&target, context).await?;
        let mut terminal = Person {
            args,
            target: &target,
            root: &root,
            context,
            started: &started,
        };
        let outcome = deploy::deploy(&reader, &target, &rollout, &options, &mut terminal).await;
        context.detail.requests = Some(reader.requests());
        drop(running);
        outcome.map_err(|error| failure(error, &target))
    });
    let outcome = outcome.map_err(|failure| interrupted(failure, started.take(), &target))?;
    let consequence = if outcome.deployed() && outcome.deploy.is_some() && !outcome.check_only {
        "the deploy itself succeeded; `opencx-sf verify` shows the org's state"
    } else {
        "nothing was changed in the org"
    };
    let text = if args.org.json {
        report::json::deploy(&outcome)
    } else {
        report::human::deploy(&outcome, context.detail)
    };
    context
        .terminal
        .data(&text)
        .map_err(|error| Failure::output(&error, consequence))?;
    let verified = outcome
        .verification
        .as_ref()
        .map_or(Exit::Done, cmd_verify::exit);
    Ok(if outcome.deployed() {
        verified
    } else {
        Exit::Failed.or_worse(verified)
    })
}

/// A package that our own rules call wrong doesn't reach an org.
fn refuse_lint_errors(package: &Package, target: &Target) -> Result<(), Failure> {
    let errors: Vec<Diagnostic> = lint::run(package, &target.integration)
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error)
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors.into())
    }
}

/// Ctrl-C ends this process, not the deploy: say what goes on in the org.
fn interrupted(failure: Failure, started: Option<DeployId>, target: &Target) -> Failure {
    match started {
        Some(id) if failure.is_interrupt() => Failure::interrupted(
            Diagnostic::warning(
                Code("deploy/interrupted"),
                Category::Undetermined,
                format!("interrupted; the org goes on with deploy {id}"),
            )
            .at(Place::Org {
                org: target.name.clone(),
            })
            .help("see how it ended with `opencx-sf verify`"),
        ),
        _ => failure,
    }
}

fn failure(error: deploy::Error, target: &Target) -> Failure {
    let org = || Place::Org {
        org: target.name.clone(),
    };
    match error {
        deploy::Error::Refused(refusals) => refusals
            .iter()
            .map(|refusal| refusal.to_diagnostic(&target.name))
            .collect::<Vec<_>>()
            .into(),
        deploy::Error::Fault {
            fault,
            started: None,
            earlier,
        } => {
            let finding = fault.to_diagnostic(&target.name);
            taken(finding, &earlier).into()
        }
        deploy::Error::Fault {
            fault,
            started: Some(id),
            earlier,
        } => {
            let finding = Diagnostic::error(
                Code("deploy/contact-lost"),
                Category::Undetermined,
                format!("contact with the org was lost while deploy {id} was running"),
            )
            .at(org())
            .because(fault.to_string())
            .help("the org finishes it by itself; see how it ended with `opencx-sf verify`");
            taken(finding, &earlier).into()
        }
        deploy::Error::Package(error) => error.to_diagnostic().into(),
        deploy::Error::Backup(error) => Diagnostic::error(
            Code("deploy/no-backup"),
            Category::Failed,
            "the backup could not be written, so nothing was deployed",
        )
        .at(org())
        .because(error.to_string())
        .into(),
        deploy::Error::Output(error) => {
            Failure::output(&error, "the deploy was not started; the org is as it was")
        }
    }
}

/// Says which packages are in the org although a later one was not deployed.
fn taken(finding: Diagnostic, earlier: &[String]) -> Diagnostic {
    if earlier.is_empty() {
        return finding;
    }
    finding.because(format!(
        "the org has taken {}; another `opencx-sf deploy` goes on from there",
        earlier.join(", ")
    ))
}

/// The person (or the log) in front of a deploy.
struct Person<'a> {
    args: &'a DeployArgs,
    target: &'a Target,
    root: &'a Path,
    context: &'a mut Context,
    started: &'a RefCell<Option<DeployId>>,
}

impl Surroundings for Person<'_> {
    fn event(&mut self, event: Event<'_>) -> io::Result<()> {
        let terminal = &mut self.context.terminal;
        match event {
            Event::Reading => terminal.progress(&format!("reading {}", self.target.name)),
            Event::Planned(plan) if !self.args.org.json => {
                return terminal.data(&report::human::plan(plan, self.context.detail));
            }
            Event::Planned(_) => {}
            Event::BackedUp(place) => terminal.progress(&format!("backup in {place}")),
            Event::Package(name, index, count) => {
                terminal.progress(&format!("package {index} of {count}: {name}"));
            }
            Event::Started(id) => {
                *self.started.borrow_mut() = Some(id.clone());
                terminal.progress(&format!("deploy {id} started"));
            }
            Event::Progress(result) => terminal.progress(&report::human::progress(result)),
            Event::ReadingBack => terminal.progress("reading back"),
        }
        Ok(())
    }

    fn consent(&mut self, plan: &Plan) -> Consent {
        let mut consent = Consent {
            overwrite: self.args.overwrite.iter().cloned().collect(),
            production: self.args.yes,
        };
        if !self.context.terminal.is_interactive() || self.args.org.json {
            return consent;
        }
        for step in plan.with(Action::Overwrite) {
            let component = &step.change.component;
            if !consent.overwrite.contains(component)
                && self.context.terminal.confirm(&format!(
                    "Replace {component} with ours? What the org holds is backed up first."
                ))
            {
                consent.overwrite.insert(component.clone());
            }
        }
        if self.target.production && !consent.production {
            let name = &self.target.name;
            let question = format!("{name} is a production org. Type `{name}` to deploy:");
            consent.production = self.context.terminal.ask(&question) == *name;
        }
        consent
    }

    fn keep_backup(&mut self, files: &BTreeMap<String, String>) -> io::Result<String> {
        let folder = backup_folder(self.root, &self.target.name)?;
        for (path, content) in files {
            let path = folder.join(path);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::write(path, content)?;
        }
        Ok(folder.display().to_string())
    }
}

/// A new folder `.opencx/backups/<org>/<time>` beside the config.
fn backup_folder(root: &Path, target: &str) -> io::Result<PathBuf> {
    let time = jiff::Timestamp::now()
        .strftime("%Y-%m-%dT%H%M%S%.3fZ")
        .to_string();
    let folder = root.join(".opencx").join("backups").join(target).join(time);
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

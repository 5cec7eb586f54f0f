//! What every command that changes an org starts from: the package with its secrets, the journals,
//! the org, and the person in front of it.

use std::path::PathBuf;
use std::time::Duration;

use super::args::{OrgArgs, RemovalArgs};
use super::connect::{Connected, connect};
use super::context::Context;
use super::deploy_failure::no_journal;
use super::failure::Failure;
use super::interrupt::{self, Shared};
use super::opencx_folder::journal_folder;
use super::person::Person;
use crate::config::Target;
use crate::deploy::{Options, Tests};
use crate::guard;
use crate::journal::Ledger;
use crate::metadata::ComponentId;
use crate::package::Rollout;
use crate::sf::Reader;

/// A change that is about to begin.
pub(super) struct Change {
    pub(super) target: Target,
    /// Secrets in place.
    pub(super) rollout: Rollout,
    /// This process alone may write them.
    pub(super) ledger: Ledger,
    /// The folder of the config.
    root: PathBuf,
}

/// What was agreed to on the command line.
#[derive(Clone, Copy)]
pub(super) struct Agreed<'a> {
    pub(super) overwrite: &'a [ComponentId],
    pub(super) yes: bool,
    /// Programs read the output.
    pub(super) json: bool,
}

/// What `rollback` and `uninstall` begin with: the change, how it is to be made, and what was agreed
/// to.
pub(super) fn removal<'a>(
    org: &OrgArgs,
    args: &'a RemovalArgs,
    context: &mut Context,
) -> Result<(Change, Options, Agreed<'a>), Failure> {
    let target = context.target(org.target_org.as_deref())?;
    let rollout = context.rollout(&target.integration)?;
    let change = Change::of(target, &rollout, context)?;
    let options = Options {
        one_step: true,
        allow_pending_jobs: true,
        tests: Tests {
            level: args.test_level.map(Into::into),
            more: args.tests.clone(),
        },
        wait: Duration::from_secs(u64::from(args.wait) * 60),
        ..Options::default()
    };
    let agreed = Agreed {
        overwrite: &args.overwrite,
        yes: args.yes,
        json: org.json,
    };
    Ok((change, options, agreed))
}

impl Change {
    /// Puts the secrets in place, and takes the journals for this process.
    pub(super) fn of(
        target: Target,
        rollout: &Rollout,
        context: &Context,
    ) -> Result<Self, Failure> {
        let rollout = rollout.resolved().map_err(|error| error.to_diagnostic())?;
        let root = context.config_folder()?;
        let ledger = Ledger::open(&journal_folder(&root, &target))
            .map_err(|error| no_journal(&error, &target))?;
        Ok(Self {
            target,
            rollout,
            ledger,
            root,
        })
    }

    /// Reaches the org and does the work, until its end or Ctrl-C.
    pub(super) fn run<T>(
        &self,
        agreed: Agreed<'_>,
        context: &mut Context,
        work: impl AsyncFnOnce(&Reader, &mut Person<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let shared = Shared::default();
        let all = async {
            let Connected { reader, running } = connect(&self.target, context).await?;
            *shared.writer.borrow_mut() = Some(guard::canceler(&reader));
            let mut person = Person {
                overwrite: agreed.overwrite,
                yes: agreed.yes,
                json: agreed.json,
                target: &self.target,
                root: &self.root,
                context,
                shared: &shared,
            };
            let done = work(&reader, &mut person).await;
            person.context.detail.requests = Some(reader.requests());
            drop(running);
            let last = shared.last.take();
            done.map_err(|failure| failure.with_last_status(last.as_deref()))
        };
        interrupt::block_on(all, &shared, &self.target)
    }
}

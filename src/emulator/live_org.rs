//! A local org that is put to work: what a package brings, who works in it, where its callouts go,
//! and what is kept of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::metadata::{ComponentId, MetadataType};
use crate::sf::wire::DeployOptions;

use super::activity::Played;
use super::callouts::Endpoint;
use super::deploy;
use super::org::EmulatedOrg;
use super::org_data::{chain_limit, granted_by};
use super::refusal::Refusal;
use super::runtime::{self, CompileError, LiveOrg, OrgData, Program, Transport, User};
use super::state::State;
use super::{Error, compile, credentials, users};

/// Who works in the org.
#[derive(Debug, Clone)]
pub struct Staff {
    /// OpenCX's user, with every permission set that the org has.
    pub opencx: User,
    /// Somebody of the company.
    pub agent: User,
    /// Whoever saves the Cases that Email-to-Case makes.
    pub automated: User,
}

/// What is set about the work.
pub struct Work {
    /// Whether e-mail may leave.
    pub deliverable: bool,
    /// Recipients that may still get mail today.
    pub mail_capacity: u32,
    /// When it starts.
    pub start: jiff::Timestamp,
    /// How callouts leave.
    pub transport: Box<dyn Transport + Send>,
}

impl EmulatedOrg {
    /// Deploys a zip in metadata format at once, without its tests. What is wrong with it, a line
    /// per component.
    ///
    /// # Errors
    /// When the state cannot be read or written.
    pub fn install(&self, zip: &[u8]) -> Result<Vec<String>, Error> {
        let options = DeployOptions {
            rollback_on_error: true,
            single_package: true,
            ..DeployOptions::default()
        };
        let now = self.options().clock.now();
        let result = self.update(|state| {
            let id = deploy::submit(state, options, zip, now)?;
            deploy::complete(state, &id, self.options(), now);
            Ok::<Vec<String>, Refused>(problems(state, &id))
        });
        match result {
            Ok(problems) => Ok(problems),
            Err(Refused::Request(refusal)) => Ok(vec![refusal.message]),
            Err(Refused::State(error)) => Err(error),
        }
    }

    /// The org's Apex together with other classes and triggers.
    ///
    /// # Errors
    /// When the state cannot be read; what the compiler says stands in the inner result.
    pub fn program(
        &self,
        others: &[(ComponentId, String)],
    ) -> Result<Result<Program, Vec<CompileError>>, Error> {
        let state = self.state()?;
        let changes: Vec<_> = others
            .iter()
            .map(|(id, source)| (id.clone(), Some(source.clone()), String::new()))
            .collect();
        let mut whole: BTreeSet<ComponentId> = others.iter().map(|(id, _)| id.clone()).collect();
        for kind in [MetadataType::ApexClass, MetadataType::ApexTrigger] {
            whole.extend(state.of_type(kind).iter().map(|one| one.component_id()));
        }
        Ok(compile::compile(&state, &changes, &[], &whole))
    }

    /// Who works in the org.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn staff(&self) -> Result<Staff, Error> {
        let mut state = State::clone(&*self.state()?);
        let now = self.options().clock.now();
        let permissions = granted(&state);
        let mut user = |name: &str, permissions: BTreeSet<String>| {
            let id = users::stamp(&mut state, name, now).by;
            let found = state.users.iter().find(|user| user.id == id);
            User {
                email: found.map(|user| user.email.clone()).unwrap_or_default(),
                name: name.to_owned(),
                id,
                permissions,
            }
        };
        Ok(Staff {
            opencx: user("OpenCX Integration", permissions),
            agent: user("Ada Agent", BTreeSet::new()),
            automated: user("Automated Case User", BTreeSet::new()),
        })
    }

    /// Where the Named Credentials lead, by name.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn endpoints(&self) -> Result<BTreeMap<String, Endpoint>, Error> {
        let state = self.state()?;
        let found = state.of_type(MetadataType::NamedCredential);
        Ok(found
            .into_iter()
            .map(|stored| {
                let root = stored.tree();
                let url = credentials::url_of(&root).to_owned();
                // Legacy credentials have no such switch.
                let enabled = root.text_of("calloutStatus") != Some("Disabled");
                (stored.full_name.clone(), Endpoint { url, enabled })
            })
            .collect())
    }

    /// Puts the org to work with a program. Nothing when no thread could be started.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn work<T: Send>(
        &self,
        program: &Program,
        work: Work,
        play: impl FnOnce(&mut LiveOrg<'_>) -> T + Send,
    ) -> Result<Option<T>, Error> {
        let kind = self.state()?.organization.kind;
        let settings = runtime::Settings {
            // The id of the org differs from run to run; here the same gives the same bytes.
            org: OrgData {
                now: work.start,
                ..OrgData::default()
            },
            transport: work.transport,
            deliverable: work.deliverable,
            mail_capacity: work.mail_capacity,
            chain_limit: chain_limit(kind),
        };
        Ok(program.live(settings, play))
    }

    /// Keeps what was played, instead of what was kept before.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn keep_played(&self, played: Vec<Played>) -> Result<(), Error> {
        self.update(|state| {
            state.played = played;
            Ok(())
        })
    }
}

// Either of the two ways in which a deploy is not even taken.
enum Refused {
    Request(Refusal),
    State(Error),
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Request(refusal)
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::State(error)
    }
}

fn problems(state: &State, id: &str) -> Vec<String> {
    let Some(deploy) = deploy::get(state, id) else {
        return Vec::new();
    };
    let outcome = &deploy.outcome;
    let rows = outcome.rows();
    let rows = rows.component_failures.iter().map(|row| {
        let place = row
            .line_number
            .map_or_else(String::new, |line| format!(" line {line}"));
        let problem = row.problem.as_deref().unwrap_or_default();
        format!("{}:{}{place}: {problem}", row.component_type, row.full_name)
    });
    let whole = outcome.error.iter().map(|(_, message)| message.clone());
    whole.chain(rows).collect()
}

// The custom permissions of all permission sets.
fn granted(state: &State) -> BTreeSet<String> {
    state
        .of_type(MetadataType::PermissionSet)
        .into_iter()
        .flat_map(granted_by)
        .collect()
}

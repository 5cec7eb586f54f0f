//! What one of many deploys tells and asks: a line under its org's name, and what was agreed to before
//! the first of them began.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::failure::last_status;
use super::gates::Gates;
use super::interrupt::Reached;
use super::opencx_folder::write_backup;
use super::terminal::Terminal;
use crate::config::Target;
use crate::deploy::{Event, Surroundings};
use crate::diag::{Category, Code, Diagnostic};
use crate::dispatch;
use crate::fleet;
use crate::guard::{Consent, Touched};
use crate::metadata::ComponentId;
use crate::plan::{OrgFacts, Plan};
use crate::report;
use crate::secret::Redactor;

/// What the deploys of one run share.
pub(super) struct Board<'a> {
    terminal: RefCell<&'a mut Terminal>,
    redactor: Redactor,
    /// How far each has come that is not over.
    reached: RefCell<Vec<(Target, Reached)>>,
    /// How many log in at a time.
    pub(super) gates: Gates,
    /// Target and config that came to each org, by its id.
    taken: RefCell<BTreeMap<String, (String, String)>>,
    /// Whether somebody asked for an end: what has not been sent anywhere is not sent any more.
    stopped: Cell<bool>,
}

impl<'a> Board<'a> {
    pub(super) fn new(terminal: &'a mut Terminal) -> Self {
        Self {
            redactor: terminal.redactor().clone(),
            terminal: RefCell::new(terminal),
            reached: RefCell::default(),
            gates: Gates::default(),
            taken: RefCell::default(),
            stopped: Cell::default(),
        }
    }

    /// Nothing is begun from now on.
    pub(super) fn stop(&self) {
        self.stopped.set(true);
    }

    /// Whether nothing is begun any more.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.get()
    }

    pub(super) fn say(&self, text: &str) {
        self.terminal.borrow_mut().say(text);
    }

    pub(super) fn redactor(&self) -> Redactor {
        self.redactor.clone()
    }

    pub(super) fn progress(&self, text: &str) {
        self.terminal.borrow_mut().progress(text);
    }

    pub(super) fn data(&self, text: &str) -> io::Result<()> {
        self.terminal.borrow_mut().data(text)
    }

    /// The deploys that are under way.
    pub(super) fn unfinished(&self) -> Vec<(Target, Reached)> {
        self.reached.take()
    }

    /// The deploy to this target is over.
    pub(super) fn finished(&self, target: &Target) {
        self.reached
            .borrow_mut()
            .retain(|(other, _)| other != target);
    }

    fn has_sent(&self, target: &Target) -> bool {
        let all = self.reached.borrow();
        all.iter().any(|(other, _)| other == target)
    }

    fn has_come(&self, target: &Target, reached: Reached) {
        let mut all = self.reached.borrow_mut();
        match all.iter_mut().find(|(other, _)| other == target) {
            Some((_, known)) => *known = reached,
            None => all.push((target.clone(), reached)),
        }
    }
}

/// The one who follows one of many deploys.
pub(super) struct Follower<'a, 't> {
    pub(super) target: &'a Target,
    /// The config file, as the user named it.
    pub(super) config: &'a str,
    /// The folder of the config.
    pub(super) root: &'a Path,
    /// What may be touched although somebody edited or wrote it, in every org.
    pub(super) overwrite: &'a [ComponentId],
    pub(super) board: &'a Board<'t>,
    /// Why the deploy was stopped: another target leads to the same org, or somebody asked for an end.
    pub(super) stopped_by: Option<Diagnostic>,
    /// What the org said last of its deploy, and when.
    pub(super) last: Option<String>,
}

impl Follower<'_, '_> {
    fn tell(&self, text: &str) {
        self.board
            .progress(&format!("{}: {text}", self.target.name));
    }

    /// Takes the org for this target, unless another one has it.
    fn take(&mut self, org: &OrgFacts) -> io::Result<()> {
        let mut taken = self.board.taken.borrow_mut();
        let id = org.id.as_str();
        if let Some((other, config)) = taken.get(id) {
            self.stopped_by = Some(fleet::same_org(other, config, &self.target.name, id));
            return Err(io::Error::other("another target leads to the same org"));
        }
        let mine = (self.target.name.clone(), self.config.to_owned());
        taken.insert(id.to_owned(), mine);
        Ok(())
    }

    /// Nothing is sent to an org after somebody asked for an end.
    fn may_go_on(&mut self) -> io::Result<()> {
        if !self.board.is_stopped() || self.board.has_sent(self.target) {
            return Ok(());
        }
        let name = &self.target.name;
        let finding = Diagnostic::warning(
            Code("deploy/interrupted"),
            Category::Undetermined,
            format!("interrupted before anything was sent to `{name}`"),
        );
        self.stopped_by = Some(finding.help("the org is as it was"));
        Err(io::Error::other("interrupted"))
    }

    fn request(&mut self, event: dispatch::Event<'_>) {
        use dispatch::Event;

        match event {
            Event::Earlier(_) => {
                self.tell("an earlier run left something open: settling that first")
            }
            Event::Busy(other) => self.tell(&format!(
                "the org is busy with deploy {} of {}: waiting",
                other.id, other.user_name
            )),
            Event::Sending => self.board.has_come(self.target, Reached::Sending),
            Event::Looking(fault) => self.tell(&format!(
                "{fault}: looking in the org whether it has the deploy"
            )),
            Event::Started(id) => {
                self.board
                    .has_come(self.target, Reached::Running(id.clone()));
                self.tell(&format!("deploy {id} started"));
            }
            Event::Progress(result) => {
                self.tell(&report::human::progress(result));
                self.last = Some(last_status(result));
            }
            Event::JournalLost(error) => self.tell(&format!(
                "the journal could not be written any more ({error}); the deploy goes on"
            )),
        }
    }
}

impl Surroundings for Follower<'_, '_> {
    fn event(&mut self, event: Event<'_>) -> io::Result<()> {
        if !matches!(event, Event::Request(_)) {
            self.may_go_on()?;
        }
        match event {
            Event::Reading => self.tell("reading"),
            Event::Planned(plan) => return self.take(&plan.org),
            Event::Jobs(count) => self.tell(&format!(
                "waiting for {count} of the org's Apex jobs: they use classes that would change or go"
            )),
            Event::BackedUp(place) => self.tell(&format!("backup in {place}")),
            Event::Package(name, index, count) => {
                self.tell(&format!("package {index} of {count}: {name}"));
            }
            Event::Request(event) => self.request(event),
            Event::CompilerBehind(name) => self.tell(&format!(
                "the org's compiler did not know {} yet, which the package brings: sending it once \
                 more",
                report::plain(name)
            )),
            Event::Validated => self.tell("validated; making that real"),
            Event::ReadingBack => self.tell("reading back"),
            Event::LinkingApp => {
                self.tell("waiting for the org to link the new External Client App");
            }
        }
        Ok(())
    }

    /// Production was confirmed for all orgs at once; nobody is asked about single components.
    fn consent(&mut self, _: &Plan) -> Consent {
        Consent {
            overwrite: self.overwrite.iter().cloned().collect(),
            production: true,
            removal: false,
        }
    }

    fn consent_to_removal(&mut self, _: &OrgFacts, _: Touched<'_>, _: &Plan) -> Consent {
        Consent::default()
    }

    fn keep_backup(&mut self, files: &BTreeMap<String, String>) -> io::Result<String> {
        write_backup(self.root, &self.target.name, files)
    }
}

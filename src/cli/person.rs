//! The person, or the log, in front of a change of an org: what is shown and what is asked.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::context::Context;
use super::failure::last_status;
use super::interrupt::{Reached, Shared};
use super::opencx_folder::write_backup;
use super::terminal::Terminal;
use crate::compare::ChangeKind;
use crate::config::Target;
use crate::deploy::{Event, Surroundings};
use crate::dispatch;
use crate::guard::{Consent, FieldValues, Touched};
use crate::metadata::ComponentId;
use crate::plan::{Action, OrgFacts, Plan};
use crate::report;

/// Shows what happens to a request, and remembers how far it has come.
fn request(event: dispatch::Event<'_>, shared: &Shared, terminal: &mut Terminal) {
    use dispatch::Event;

    match event {
        Event::Earlier(run) => terminal.progress(&format!(
            "an earlier run, of {}, left something open: settling that first",
            run.begin.at.strftime("%Y-%m-%d %H:%M:%S UTC")
        )),
        Event::Busy(other) => terminal.progress(&format!(
            "the org is busy with deploy {} of {}, received {}: waiting",
            other.id, other.user_name, other.created
        )),
        Event::Sending => *shared.reached.borrow_mut() = Reached::Sending,
        Event::Looking(fault) => terminal.progress(&format!(
            "{fault}: looking in the org whether it has the deploy"
        )),
        Event::Started(id) => {
            *shared.reached.borrow_mut() = Reached::Running(id.clone());
            terminal.progress(&format!("deploy {id} started"));
        }
        Event::Progress(result) => {
            let text = report::human::progress(result);
            terminal.progress(&text);
            *shared.last.borrow_mut() = Some(last_status(result));
        }
        Event::JournalLost(error) => terminal.say(&format!(
            "the journal could not be written any more ({error}); the deploy goes on\n"
        )),
    }
}

/// The person (or the log) in front of a deploy.
pub(super) struct Person<'a> {
    /// What may be touched although somebody edited or wrote it.
    pub(super) overwrite: &'a [ComponentId],
    /// Everything else was confirmed.
    pub(super) yes: bool,
    /// Programs read the output.
    pub(super) json: bool,
    pub(super) target: &'a Target,
    /// The folder of the config.
    pub(super) root: &'a Path,
    pub(super) context: &'a mut Context,
    pub(super) shared: &'a Shared,
}

impl Surroundings for Person<'_> {
    fn event(&mut self, event: Event<'_>) -> io::Result<()> {
        let terminal = &mut self.context.terminal;
        match event {
            Event::Reading => terminal.progress(&format!("reading {}", self.target.name)),
            Event::Planned(plan) if !self.json => {
                return terminal.data(&report::human::plan(plan, self.context.detail));
            }
            Event::Planned(_) => {}
            Event::Jobs(count) => terminal.progress(&format!(
                "waiting for {count} of the org's Apex jobs: they use classes that would change or go"
            )),
            Event::CompilerBehind(name) => terminal.progress(&format!(
                "the org's compiler did not know {} yet, which the package brings: sending it once \
                 more",
                report::plain(name)
            )),
            Event::Validated => terminal.progress("validated; making that real"),
            Event::BackedUp(place) => terminal.progress(&format!("backup in {place}")),
            Event::Package(name, index, count) => {
                terminal.progress(&format!("package {index} of {count}: {name}"));
            }
            Event::Request(event) => request(event, self.shared, terminal),
            Event::ReadingBack => terminal.progress("reading back"),
            Event::LinkingApp => {
                terminal.progress("waiting for the org to link the new External Client App");
            }
        }
        Ok(())
    }

    fn consent(&mut self, plan: &Plan) -> Consent {
        let mut consent = Consent {
            overwrite: self.overwrite.iter().cloned().collect(),
            production: self.yes,
            removal: false,
        };
        if !self.context.terminal.is_interactive() || self.json {
            return consent;
        }
        for step in plan.needs_consent() {
            let component = &step.change.component;
            let question = match (step.action, step.change.kind) {
                (Action::Activate, _) => format!("{component} is switched off. Switch it on?"),
                (_, ChangeKind::Foreign) => format!(
                    "{component} was not written by opencx-sf, and what it does would end. Replace it \
                     with ours? `n` shows the other ways; what the org holds is backed up first."
                ),
                _ => {
                    format!("Replace {component} with ours? What the org holds is backed up first.")
                }
            };
            if !consent.overwrite.contains(component) && self.context.terminal.confirm(&question) {
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

    fn consent_to_removal(&mut self, org: &OrgFacts, touched: Touched<'_>, plan: &Plan) -> Consent {
        let mut consent = Consent {
            overwrite: self.overwrite.iter().cloned().collect(),
            production: self.yes,
            removal: self.yes,
        };
        let interactive = self.context.terminal.is_interactive() && !self.json;
        let mut list = format!("In {} ({}):\n", org.name, org.id);
        for id in touched.restored {
            list.push_str(&format!("  ↩ {id} is put back as it was\n"));
        }
        for id in touched.removed {
            let lost = touched.values.iter().find(|values| values.field == *id);
            let lost = lost.map(with_values).unwrap_or_default();
            list.push_str(&format!("  - {id} goes{lost}\n"));
        }
        self.context.terminal.say(&list);
        if !interactive {
            return consent;
        }
        for step in plan.needs_consent() {
            let component = &step.change.component;
            let is_off = step.action == Action::Activate;
            let is_asked = match is_off {
                true => touched.restored.contains(component),
                false => touched.all().any(|id| id == component),
            };
            let what = match step.change.kind {
                _ if is_off => "is switched off",
                ChangeKind::PerhapsEdited => "may have been edited",
                _ => "was edited",
            };
            if is_asked
                && !consent.overwrite.contains(component)
                && self.context.terminal.confirm(&format!(
                    "{component} {what} in the org. Go on? It is backed up first."
                ))
            {
                consent.overwrite.insert(component.clone());
            }
        }
        if !self.yes {
            let name = &self.target.name;
            let question = format!("Type `{name}` to take this out of the org or put it back:");
            let meant = self.context.terminal.ask(&question) == *name;
            consent.production = meant;
            consent.removal = meant;
        }
        consent
    }

    fn keep_backup(&mut self, files: &BTreeMap<String, String>) -> io::Result<String> {
        write_backup(self.root, &self.target.name, files)
    }
}

/// What goes with a field, for the list of what goes.
fn with_values(values: &FieldValues) -> String {
    let object = values.field.full_name.as_str();
    let object = object.split('.').next().unwrap_or_default();
    match values.records {
        Some(0) => ", and no record has a value in it".to_owned(),
        Some(count) => format!(
            " with its value in {count} {object} record{}: no backup holds that, and the org keeps it \
             for 15 days (Setup > Object Manager > {object} > Fields & Relationships > Deleted Fields)",
            if count == 1 { "" } else { "s" }
        ),
        None => format!(
            " with its values, which no backup holds; in how many {object} records the org did not say"
        ),
    }
}

//! The org as a value: opened from its folder, and changed as an administrator does in Setup.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::Notify;

use crate::metadata::{Component, ComponentId, MetadataType};

use super::condition::Condition;
use super::normal::normal;
use super::options::Options;
use super::runtime::Anonymous;
use super::runtime::log::LogLevels;
use super::state::{State, Stored};
use super::store::Store;
use super::tree::{self, Node};
use super::{Error, deploy, users};

/// A local org. Everything is read from and written to its folder at once, so several of these,
/// also in different processes, may be open on one folder.
#[derive(Debug, Clone)]
pub struct EmulatedOrg {
    store: Store,
    options: Options,
    work: Arc<Notify>,
}

impl EmulatedOrg {
    /// Opens the org in that folder, or makes a new one there.
    pub fn open(state: &Path, options: &Options) -> Result<Self, Error> {
        let org = Self {
            store: Store::open(state)?,
            options: options.clone(),
            work: Arc::default(),
        };
        if org.store.read()?.is_none() {
            org.update(|_| Ok::<(), Error>(()))?;
        }
        Ok(org)
    }

    /// A new org that is gone when nothing holds it any more.
    pub fn in_memory(options: &Options) -> Result<Self, Error> {
        let org = Self {
            store: Store::Memory(Arc::default()),
            options: options.clone(),
            work: Arc::default(),
        };
        org.update(|_| Ok::<(), Error>(()))?;
        Ok(org)
    }

    /// The same org, and nothing goes wrong with it.
    #[must_use]
    pub fn without_fault(&self) -> Self {
        let mut org = self.clone();
        org.options.fault = None;
        org
    }

    /// Whether it is kept in memory, where nothing has to be waited for.
    pub(super) fn is_in_memory(&self) -> bool {
        matches!(self.store, Store::Memory(_))
    }

    /// Puts the org into these conditions, and out of all others.
    pub fn set_conditions(&mut self, conditions: &[Condition]) -> Result<(), Error> {
        let now = self.options.clock.now();
        let wanted: BTreeSet<Condition> = conditions.iter().copied().collect();
        self.update(|state| {
            for condition in state
                .conditions
                .difference(&wanted)
                .copied()
                .collect::<Vec<_>>()
            {
                condition.clear_away(state);
            }
            for condition in wanted.difference(&state.conditions.clone()) {
                condition.furnish(state, now);
            }
            state.conditions = wanted;
            Ok(())
        })
    }

    /// Removes the org of that folder, and nothing else; whether there was one. A folder that
    /// holds other files is refused.
    pub fn reset(state: &Path) -> Result<bool, Error> {
        Store::reset(state)
    }

    /// The organisation id, 18 characters.
    pub fn org_id(&self) -> Result<String, Error> {
        Ok(self.state()?.organization.id.clone())
    }

    /// Activates or deactivates a trigger.
    pub fn set_trigger_status(
        &mut self,
        name: &str,
        active: bool,
        user: &str,
    ) -> Result<(), Error> {
        let id = ComponentId::new(MetadataType::ApexTrigger, name);
        let status = if active { "Active" } else { "Inactive" };
        self.edit_xml(&id, user, |root| root.set("status", status))
    }

    /// Replaces the code of a class or trigger.
    pub fn edit_source(&mut self, id: &ComponentId, source: &str, user: &str) -> Result<(), Error> {
        self.edit(id, user, |stored| match &mut stored.source {
            Some(code) => {
                source.clone_into(code);
                Ok(())
            }
            None => Err(no_source(id)),
        })
    }

    /// Replaces every occurrence of a text in the code of a class or trigger.
    pub fn replace_in_source(
        &mut self,
        id: &ComponentId,
        from: &str,
        to: &str,
        user: &str,
    ) -> Result<(), Error> {
        self.edit(id, user, |stored| match &mut stored.source {
            Some(code) if code.contains(from) => {
                *code = code.replace(from, to);
                Ok(())
            }
            Some(_) => Err(Error::TextNotFound(id.clone())),
            None => Err(no_source(id)),
        })
    }

    /// Sets the URL of a named credential, wherever its model has it.
    pub fn set_endpoint(&mut self, name: &str, url: &str, user: &str) -> Result<(), Error> {
        let id = ComponentId::new(MetadataType::NamedCredential, name);
        self.edit_xml(&id, user, |root| {
            let parameter = root
                .children
                .iter_mut()
                .find(|child| child.text_of("parameterType") == Some("Url"));
            match parameter {
                Some(parameter) => parameter.set("parameterValue", url),
                None => root.set("endpoint", url),
            }
        })
    }

    /// Sets "Enabled for Callouts" of a named credential.
    pub fn set_callouts_enabled(&mut self, name: &str, on: bool, user: &str) -> Result<(), Error> {
        let id = ComponentId::new(MetadataType::NamedCredential, name);
        let status = if on { "Enabled" } else { "Disabled" };
        self.edit_xml(&id, user, |root| root.set("calloutStatus", status))
    }

    /// Sets a field of a component that holds a text.
    pub fn set_field(
        &mut self,
        id: &ComponentId,
        field: &str,
        value: &str,
        user: &str,
    ) -> Result<(), Error> {
        self.edit_xml(id, user, |root| root.set(field, value))
    }

    /// Makes the last change of a component look older, as if that much time had passed since.
    pub fn age(&mut self, id: &ComponentId, by: jiff::SignedDuration) -> Result<(), Error> {
        self.update(|state| {
            let stored = state
                .component_mut(id)
                .ok_or_else(|| Error::NoSuchComponent(id.clone()))?;
            for stamp in [&mut stored.created, &mut stored.modified] {
                stamp.at = stamp.at.checked_sub(by).unwrap_or(stamp.at);
            }
            Ok(())
        })
    }

    /// Deletes a component. The user is not recorded: the component is gone.
    pub fn delete(&mut self, id: &ComponentId, _user: &str) -> Result<(), Error> {
        self.update(|state| {
            state
                .remove(id)
                .then_some(())
                .ok_or_else(|| Error::NoSuchComponent(id.clone()))
        })
    }

    /// Creates or replaces a component by hand. Only its syntax is checked, not what it refers to.
    pub fn put(&mut self, component: &Component, user: &str) -> Result<(), Error> {
        let id = &component.id;
        let unfit = |problem: String| Error::Unfit {
            id: id.clone(),
            problem,
        };
        let root = tree::parse(&component.xml).map_err(|error| {
            unfit(format!(
                "line {}, column {}: {}",
                error.line, error.column, error.problem
            ))
        })?;
        if id.kind.has_source() != component.source.is_some() {
            return Err(unfit(
                "source where the type has none, or none where it has".to_owned(),
            ));
        }
        let xml = normal(id.kind, &root).document();
        let now = self.options.clock.now();
        self.update(|state| {
            let stamp = users::stamp(state, user, now);
            state.put(id, component.source.clone(), xml, stamp);
            Ok(())
        })
    }

    /// Runs anonymous Apex as the administrator. With `levels` its debug log becomes a row of
    /// `ApexLog`. When it ends well, what it did to the records stays.
    pub fn execute_anonymous(&self, code: &str, levels: &LogLevels) -> Result<Anonymous, Error> {
        let now = self.options.clock.now();
        self.transact(|state, callouts| {
            let ran = deploy::execute_anonymous(state, code, levels, now, callouts);
            deploy::keep_log(state, &ran, now);
            Ok(ran)
        })
    }

    /// The text of a debug log by its id of 15 or 18 characters.
    pub fn log_body(&self, id: &str) -> Result<Option<String>, Error> {
        Ok(self.state()?.log_body(id).map(Cow::into_owned))
    }

    /// The same org, whose new work waits until [`EmulatedOrg::announce_work`] is called on this one.
    pub(super) fn held(&self) -> Self {
        Self {
            work: Arc::default(),
            ..self.clone()
        }
    }

    /// Tells whoever works the queue off that there is something in it.
    pub(super) fn announce_work(&self) {
        self.work.notify_one();
    }

    /// Waits until there may be work.
    pub(super) async fn work_announced(&self) {
        self.work.notified().await;
    }

    /// The settings that it was opened with.
    pub(super) fn options(&self) -> &Options {
        &self.options
    }

    /// The state now, with everything finished that is due.
    pub(super) fn state(&self) -> Result<Arc<State>, Error> {
        let now = self.options.clock.now();
        match self.store.read()? {
            Some(state) if !deploy::is_due(&state, &self.options, now) => Ok(state),
            _ => self.update(|state| Ok(Arc::new(state.clone()))),
        }
    }

    /// Changes the state, after everything that is due was finished.
    pub(super) fn update<T, E: From<Error>>(
        &self,
        change: impl FnOnce(&mut State) -> Result<T, E>,
    ) -> Result<T, E> {
        let now = self.options.clock.now();
        self.store.update(
            || users::new_org(&self.options, now),
            |state| {
                deploy::finish_due(state, &self.options, now);
                change(state)
            },
        )
    }

    fn edit(
        &self,
        id: &ComponentId,
        user: &str,
        change: impl FnOnce(&mut Stored) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let now = self.options.clock.now();
        self.update(|state| {
            let stamp = users::stamp(state, user, now);
            let stored = state
                .component_mut(id)
                .ok_or_else(|| Error::NoSuchComponent(id.clone()))?;
            change(stored)?;
            stored.modified = stamp;
            Ok(())
        })
    }

    fn edit_xml(
        &self,
        id: &ComponentId,
        user: &str,
        change: impl FnOnce(&mut Node),
    ) -> Result<(), Error> {
        self.edit(id, user, |stored| {
            let mut root = stored.tree();
            change(&mut root);
            stored.xml = normal(id.kind, &root).document();
            Ok(())
        })
    }
}

impl Stored {
    /// The metadata XML as a tree; empty when somebody damaged it in the state file.
    pub(super) fn tree(&self) -> Node {
        tree::parse(&self.xml).unwrap_or_else(|_| Node::with(self.kind.name(), Vec::new()))
    }
}

fn no_source(id: &ComponentId) -> Error {
    Error::Unfit {
        id: id.clone(),
        problem: "it has no source".to_owned(),
    }
}

#[cfg(test)]
mod tests;

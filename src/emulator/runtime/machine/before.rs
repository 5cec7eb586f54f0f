//! What is taken back when something fails that has to be complete.

use super::super::data::store::Store;
use super::Machine;

/// The records, the jobs and the events before it began.
pub struct Before {
    store: Store,
    jobs: usize,
    events: usize,
}

impl Before {
    /// As things stand.
    pub fn now(machine: &Machine<'_>) -> Self {
        Self {
            store: machine.store.clone(),
            jobs: machine.jobs.len(),
            events: machine.events.len(),
        }
    }

    /// Takes back what was written, enqueued and published since.
    pub fn take_back(&self, machine: &mut Machine<'_>) {
        machine.store = self.store.clone();
        machine.jobs.truncate(self.jobs);
        machine.events.truncate(self.events);
    }
}

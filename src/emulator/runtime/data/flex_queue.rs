//! The Apex flex queue: batches that wait for one of the five places of batches that are queued or
//! active (Apex Developer Guide, "Use Batch Apex", on holding batch jobs, and "Execution Governors and
//! Limits").

use std::rc::Rc;

use super::super::machine::{Machine, Outcome};
use super::super::program::World;
use super::super::value::Value;
use super::store::{Row, Store};

/// Batches that may be queued or active, and those that a test may submit.
const PLACES: usize = 5;

/// Batches that may be held.
const HELD: usize = 100;

impl Machine<'_> {
    /// The status of a batch that is submitted now. The guide has a full queue end the transaction
    /// with a LimitException; what orgs throw can be caught, with this text (as quoted at
    /// salesforcexytools.com and salesforce.stackexchange.com/questions/104810).
    pub fn place_for_batch(&mut self) -> Outcome<&'static str> {
        if self.is_test {
            self.test.batches += 1;
            if self.test.batches as usize > PLACES {
                return Err(self.raise(
                    "LimitException",
                    "Attempted to schedule too many concurrent batch jobs in this org (limit is 5).",
                ));
            }
            return Ok("Queued");
        }
        let rows = batches(self.world, &self.store);
        if taken(&rows) < PLACES {
            return Ok("Queued");
        }
        if held(&rows).count() >= HELD {
            let org = &self.org.organization_id;
            let org = org.get(..15).unwrap_or(org);
            return Err(self.raise(
                "AsyncException",
                format!(
                    "You've exceeded the limit of {HELD} jobs in the flex queue for org {org}. Wait for \
                     some of your batch jobs to finish before adding more. To monitor and reorder jobs, \
                     use the Apex Flex Queue page in Setup."
                ),
            ));
        }
        Ok("Holding")
    }
}

/// Gives places that are free to the batches that were held longest.
pub fn release(world: &World, store: &mut Store) {
    let Some(object) = world.schema.find("AsyncApexJob") else {
        return;
    };
    let rows = batches(world, store);
    let free = PLACES.saturating_sub(taken(&rows));
    let next: Vec<Rc<Row>> = held(&rows).take(free).cloned().collect();
    for row in next {
        if let Some(id) = row.get("Id").and_then(Value::as_text) {
            let mut row = (*row).clone();
            row.insert("Status".into(), Value::text("Queued"));
            store.put(object, id, row);
        }
    }
}

// The rows of batches, in the order of their Ids and so of their submission.
fn batches(world: &World, store: &Store) -> Vec<Rc<Row>> {
    let jobs = world.schema.find("AsyncApexJob");
    let mut rows = jobs.map(|jobs| store.rows(jobs)).unwrap_or_default();
    rows.retain(|row| is(row, "JobType", &["BatchApex"]));
    rows
}

fn taken(rows: &[Rc<Row>]) -> usize {
    let active = |row: &&Rc<Row>| is(row, "Status", &["Queued", "Preparing", "Processing"]);
    rows.iter().filter(active).count()
}

fn held(rows: &[Rc<Row>]) -> impl Iterator<Item = &Rc<Row>> {
    rows.iter().filter(|row| is(row, "Status", &["Holding"]))
}

fn is(row: &Row, field: &str, values: &[&str]) -> bool {
    let value = row.get(field).and_then(Value::as_text);
    value.is_some_and(|value| values.contains(&&*value))
}

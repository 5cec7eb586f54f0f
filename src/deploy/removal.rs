//! What taking components out of an org, or putting others back, begins with: the org is reached and
//! read, a person agrees, and what is there now is kept.

use std::time::Duration;

use futures_util::future::join_all;
use serde::Deserialize;

use super::{Arrival, Error, Host, Surroundings, arrive, open_journal, pending};
use crate::compare::Live;
use crate::config::Target;
use crate::dispatch::{Dispatcher, Past};
use crate::drift::Survey;
use crate::guard::{self, FieldValues, Touched};
use crate::journal::{Ledger, Purpose};
use crate::metadata::{ComponentId, MetadataType};
use crate::package::Package;
use crate::plan::Plan;
use crate::sf::{Fault, Reader, Writer};

/// What such a change is made with.
#[derive(Clone, Copy)]
pub(crate) struct Tools<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) target: &'a Target,
    /// All that is ours.
    pub(crate) whole: &'a Package,
    pub(crate) ledger: &'a Ledger,
    /// How long the org is waited for.
    pub(crate) wait: Duration,
}

#[derive(Deserialize)]
struct Counted {
    records: u64,
}

/// An org before such a change.
pub(crate) struct Removal<'a> {
    pub(crate) tools: Tools<'a>,
    pub(crate) past: Past,
    pub(crate) plan: Plan,
    pub(crate) live: Live,
}

impl<'a> Removal<'a> {
    /// Settles what came before, and reads the org.
    pub(crate) async fn survey(
        tools: Tools<'a>,
        surroundings: &mut dyn Surroundings,
    ) -> Result<Self, Error> {
        let Tools {
            reader,
            target,
            whole,
            ledger,
            wait,
        } = tools;
        let host = Host {
            reader,
            target,
            ledger,
            wait,
        };
        let manifest = whole.manifest();
        let read = async || reader.live(&manifest, reader.polling(wait)).await;
        let (Arrival { org, past }, live) = arrive(host, read, surroundings).await?;
        let history = past.history(reader.clock().wall());
        let Survey { plan, live } = Survey::new(org, whole, live, &history)?;
        Ok(Self {
            tools,
            past,
            plan,
            live,
        })
    }

    /// Waits a while for Apex jobs of these, as the org deletes no class under its jobs. What is left
    /// then is for the org to judge.
    pub(crate) async fn wait_for_jobs(
        &self,
        touched: &[ComponentId],
        surroundings: &mut dyn Surroundings,
    ) -> Result<(), Error> {
        let Tools { reader, wait, .. } = self.tools;
        let classes: Vec<String> = touched
            .iter()
            .filter(|id| id.kind == MetadataType::ApexClass)
            .map(|id| id.full_name.to_string())
            .collect();
        if classes.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = classes.iter().map(String::as_str).collect();
        let jobs = match reader.pending_jobs(&names).await {
            Ok(jobs) => jobs,
            Err(Fault::Rest { .. } | Fault::InsufficientAccess { .. }) => return Ok(()),
            Err(fault) => return Err(fault.into()),
        };
        pending::wait(reader, jobs, &classes, wait, surroundings).await?;
        Ok(())
    }

    /// What records hold in those of these that are fields. It goes with them, and is in no backup.
    pub(crate) async fn values(&self, removed: &[ComponentId]) -> Vec<FieldValues> {
        let fields = removed
            .iter()
            .filter(|id| id.kind == MetadataType::CustomField);
        let counts = fields.filter_map(|id| {
            let (object, field) = id.full_name.as_str().split_once('.')?;
            let soql = format!("SELECT COUNT(Id) records FROM {object} WHERE {field} != null");
            Some(async move {
                // Where the user may not see the field, the person is told that it is not known.
                let counted = self.tools.reader.query::<Counted>(&soql).await;
                let first = counted.ok().and_then(|rows| rows.into_iter().next());
                FieldValues {
                    field: id.clone(),
                    records: first.map(|counted| counted.records),
                }
            })
        });
        join_all(counts).await
    }

    /// Asks whether these may be taken out or put back. Called once.
    pub(crate) fn authorize(
        &self,
        touched: Touched<'_>,
        surroundings: &mut dyn Surroundings,
    ) -> Result<Writer, Error> {
        let Tools { reader, target, .. } = self.tools;
        let consent = surroundings.consent_to_removal(&self.plan.org, touched, &self.plan);
        guard::authorize_removal(&self.plan, target, &consent, touched, reader)
            .map_err(Error::Refused)
    }

    /// Keeps what the org holds, and gives what requests are sent with, and where the backup lies.
    pub(crate) fn begin<'b>(
        &'b self,
        purpose: Purpose,
        writer: &'b Writer,
        surroundings: &mut dyn Surroundings,
    ) -> Result<(Dispatcher<'b>, Option<String>), Error> {
        let (journal, backup) = open_journal(
            purpose,
            &self.plan,
            self.tools.target,
            (self.tools.whole, &self.live),
            self.tools.ledger,
            self.tools.reader.clock().wall(),
            surroundings,
        )?;
        let (user, known) = (&self.plan.org.user_id, self.past.known());
        let dispatcher = Dispatcher::new(writer, user, known, journal, self.tools.wait);
        Ok((dispatcher, backup))
    }
}

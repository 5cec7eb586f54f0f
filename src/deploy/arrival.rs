//! Reaching an org that is to be changed: who it is, what came before, and what it holds.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{self, Either};

use super::{Error, Event, Surroundings};
use crate::config::Target;
use crate::dispatch::{self, Past};
use crate::drift;
use crate::journal::Ledger;
use crate::plan::OrgFacts;
use crate::sf::{Fault, Reader};

/// An org that was reached: who it is, and what came before.
#[derive(Debug)]
pub(crate) struct Arrival {
    /// Who it is.
    pub(crate) org: OrgFacts,
    /// What came before, settled.
    pub(crate) past: Past,
}

/// The org that is to be changed, and from where.
#[derive(Clone, Copy)]
pub(crate) struct Host<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) target: &'a Target,
    pub(crate) ledger: &'a Ledger,
    /// How long the org is waited for.
    pub(crate) wait: Duration,
}

/// Asks the org who it is, settles what earlier runs left open and what it is busy with, and reads it,
/// all at the same time. What was read from an org that was not at rest is read once more.
///
/// # Errors
/// See [`Error`]; nothing was sent. What speaks against the org is said before why it could not be read.
pub(crate) async fn arrive<T>(
    host: Host<'_>,
    read: impl AsyncFn() -> Result<T, Fault>,
    surroundings: &mut dyn Surroundings,
) -> Result<(Arrival, T), Error> {
    surroundings.event(Event::Reading).map_err(Error::Output)?;
    host.reader.begin_reading();
    let greeting = pin!(greet(host, surroundings));
    let reading = pin!(read());
    let (arrival, early) = match future::select(greeting, reading).await {
        Either::Left((arrival, reading)) => {
            let arrival = arrival?;
            let early = match arrival.past.was_at_rest {
                true => Some(reading.await),
                false => None,
            };
            (arrival, early)
        }
        Either::Right((early, greeting)) => {
            let arrival = greeting.await?;
            let early = arrival.past.was_at_rest.then_some(early);
            (arrival, early)
        }
    };
    let found = match early {
        Some(found) => found?,
        None => {
            host.reader.begin_reading();
            read().await?
        }
    };
    Ok((arrival, found))
}

async fn greet(host: Host<'_>, surroundings: &mut dyn Surroundings) -> Result<Arrival, Error> {
    let Host {
        reader,
        target,
        ledger,
        wait,
    } = host;
    // Why an org can't be told is said before why its deploys can't be.
    let (org, requests) = tokio::join!(drift::greet(reader, target), reader.deploy_requests());
    let (org, requests) = (org?, requests?);
    // Nothing of this run is on its way yet, so a reader that went away stops it later.
    let sink = &mut |event: dispatch::Event<'_>| drop(surroundings.event(Event::Request(event)));
    let past = dispatch::settle(reader, &org.id, ledger, requests, wait, sink).await?;
    Ok(Arrival { org, past })
}

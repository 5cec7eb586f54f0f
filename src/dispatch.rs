//! One request that changes an org: written down, sent once, followed to its end.
//!
//! The journal has the request before the org can have it. When the answer is lost, the request is
//! looked for in the org and adopted; it is never sent a second time while it may have arrived.

mod earlier;

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use crate::journal::{self, Entry, Journal, Sent};
use crate::sf::wire::{DeployOptions, DeployResult, TestLevel};
use crate::sf::{
    self, DeployId, DeployRequest, Fault, FaultClass, Found, Polling, Reader, Sought, Writer,
};

pub use earlier::{Past, settle};

/// What happens on the way, for whoever shows progress.
#[derive(Debug)]
pub enum Event<'a> {
    /// An earlier run left something open, and that is settled first.
    Earlier(&'a journal::Run),
    /// The org is busy with this deploy, and that is waited for.
    Busy(&'a DeployRequest),
    /// From here on the org may have the request.
    Sending,
    /// The answer was lost, and the request is looked for in the org.
    Looking(&'a Fault),
    /// The org has the request under this id.
    Started(&'a DeployId),
    /// Where it stands.
    Progress(&'a DeployResult),
    /// The journal can't be written any more. What the org does counts, so the work goes on.
    JournalLost(&'a journal::Error),
}

/// Takes events.
pub type Sink<'a> = dyn FnMut(Event<'_>) + 'a;

/// Why a request did not come to an end that is known.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The org did not answer as it should. With an id, the org goes on with that deploy.
    #[error("{fault}")]
    Fault {
        /// What went wrong.
        fault: Box<Fault>,
        /// What the org has.
        started: Option<DeployId>,
    },
    /// The org may have the request, and it could not be found there.
    #[error("it is not known whether the org received the deploy")]
    Unsettled {
        /// Deploys that could be it.
        candidates: Vec<DeployId>,
        /// What spoiled the answer or the search.
        cause: Option<Box<Fault>>,
    },
    /// The org did not become free in time.
    #[error("the org is busy with deploy {} of {}", .0.id, .0.user_name)]
    Busy(Box<DeployRequest>),
    /// The journal can't be written; nothing was sent.
    #[error(transparent)]
    Journal(#[from] journal::Error),
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Fault {
            fault: Box::new(fault),
            started: None,
        }
    }
}

/// What to send.
#[derive(Debug)]
pub struct Request {
    /// What the package is called.
    pub package: String,
    /// The package, or the deploy that validated it and is to be made real.
    pub content: Content,
    /// SHA-256 of the zip.
    pub digest: String,
    /// How.
    pub options: DeployOptions,
    /// `Type:FullName` of what it brings or removes.
    pub components: BTreeSet<String>,
}

/// What a request consists of.
pub enum Content {
    /// A zip.
    Zip(Vec<u8>),
    /// A validation that succeeded: a quick deploy.
    Validated(DeployId),
}

/// A zip may hold secrets: its size alone is shown.
impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Zip(zip) => write!(f, "Zip({} bytes)", zip.len()),
            Self::Validated(id) => write!(f, "Validated({id})"),
        }
    }
}

/// For how long a lost request is looked for. The org lists a deploy soon after it has received it.
const LOOKING: Duration = Duration::from_secs(60);

/// When a request that the org never listed can't be under way any more: five times what a request
/// may take.
const NEVER_RECEIVED: Duration = Duration::from_secs(600);

/// The same two for an org on this machine, where nothing is under way for long.
const LOCAL: Duration = Duration::from_secs(2);

fn looking(reader: &Reader, at_most: Duration) -> Polling {
    if reader.session().instance_url.is_loopback() {
        reader.polling(at_most.min(LOCAL))
    } else {
        reader.polling(at_most)
    }
}

/// Tries for a request that the org certainly does not have: nobody listened, or it was locked.
const MOST_TRIES: u32 = 6;

const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Sends requests to one org, and writes down what becomes of them.
#[derive(Debug)]
pub struct Dispatcher<'a> {
    writer: &'a Writer,
    user_id: &'a str,
    known: Vec<DeployId>,
    journal: Journal,
    wait: Duration,
}

impl<'a> Dispatcher<'a> {
    /// For one run. `known` are the deploys that the org has had so far; `wait` is how long the end
    /// of a request is waited for.
    pub fn new(
        writer: &'a Writer,
        user_id: &'a str,
        known: Vec<DeployId>,
        journal: Journal,
        wait: Duration,
    ) -> Self {
        Self {
            writer,
            user_id,
            known,
            journal,
            wait,
        }
    }

    /// Writes down what a run has done besides requests.
    ///
    /// # Errors
    /// When that fails.
    pub fn note(&mut self, entry: &Entry) -> Result<(), Error> {
        Ok(self.journal.append(entry)?)
    }

    /// Sends a request, once, and says under which id the org has it. A request that the org
    /// certainly does not have, for a reason that passes, is sent again.
    ///
    /// # Errors
    /// [`Error::Unsettled`] when the org may have it.
    pub async fn send(
        &mut self,
        request: &Request,
        sink: &mut Sink<'_>,
    ) -> Result<DeployId, Error> {
        let mut tries = 0;
        loop {
            let sent = self.sent(request);
            self.journal.append(&Entry::Sending(sent.clone()))?;
            sink(Event::Sending);
            let answer = match &request.content {
                Content::Zip(zip) => self.writer.deploy(zip.clone(), &request.options).await,
                Content::Validated(id) => self.writer.quick_deploy(id).await,
            };
            let fault = match answer {
                Ok(id) => return Ok(self.taken(id, false, sink)),
                Err(Fault::OutcomeUnknown { cause, .. }) => {
                    return self.look(&sent, *cause, sink).await;
                }
                Err(fault) => fault,
            };
            let reason = fault.to_string();
            self.write(&Entry::NotTaken { reason }, sink);
            tries += 1;
            if fault.class() != FaultClass::Transient || tries >= MOST_TRIES {
                return Err(fault.into());
            }
            let pause = FIRST_PAUSE * 2_u32.pow(tries - 1);
            let clock = self.writer.reader().clock();
            clock.sleep(clock.spread(pause)).await;
        }
    }

    fn sent(&self, request: &Request) -> Sent {
        Sent {
            at: self.writer.reader().clock().wall(),
            package: request.package.clone(),
            digest: request.digest.clone(),
            check_only: request.options.check_only,
            runs_tests: runs_tests(&request.options),
            components: request.components.clone(),
            known: self.known.clone(),
        }
    }

    async fn look(
        &mut self,
        sent: &Sent,
        lost: Fault,
        sink: &mut Sink<'_>,
    ) -> Result<DeployId, Error> {
        sink(Event::Looking(&lost));
        let reader = self.writer.reader();
        let sought = sought(self.user_id, sent);
        match sf::find_deploy(reader, &sought, looking(reader, LOOKING)).await {
            Ok(Found::Taken(id)) => Ok(self.taken(id, true, sink)),
            Ok(Found::Nothing) => Err(Error::Unsettled {
                candidates: Vec::new(),
                cause: Some(Box::new(lost)),
            }),
            Ok(Found::Unclear(candidates)) => Err(Error::Unsettled {
                candidates,
                cause: Some(Box::new(lost)),
            }),
            Err(fault) => Err(Error::Unsettled {
                candidates: Vec::new(),
                cause: Some(Box::new(fault)),
            }),
        }
    }

    fn taken(&mut self, id: DeployId, found: bool, sink: &mut Sink<'_>) -> DeployId {
        self.known.push(id.clone());
        let entry = Entry::Taken {
            id: id.clone(),
            found,
        };
        self.write(&entry, sink);
        sink(Event::Started(&id));
        id
    }

    /// Waits for the end of a request that the org has.
    ///
    /// # Errors
    /// [`Error::Fault`] with the id when its end is not known: the org goes on with it.
    pub async fn follow(
        &mut self,
        id: &DeployId,
        sink: &mut Sink<'_>,
    ) -> Result<DeployResult, Error> {
        let reader = self.writer.reader();
        let polling = reader.polling(self.wait);
        let result = sf::wait_for_deploy(reader, id, polling, &mut |progress| {
            sink(Event::Progress(progress));
        })
        .await
        .map_err(|fault| Error::Fault {
            fault: Box::new(fault),
            started: Some(id.clone()),
        })?;
        self.write(&ended(id, &result, reader.clock().wall()), sink);
        Ok(result)
    }

    /// Writes down that nothing is left to do or to find out.
    pub fn finish(&mut self, sink: &mut Sink<'_>) {
        self.write(&Entry::Finished, sink);
    }

    /// After something was sent, a full disk must not hide what the org did.
    fn write(&mut self, entry: &Entry, sink: &mut Sink<'_>) {
        if let Err(error) = self.journal.append(entry) {
            sink(Event::JournalLost(&error));
        }
    }
}

/// Whether a deploy with these options is asked to run tests.
pub fn runs_tests(options: &DeployOptions) -> bool {
    let level = options.test_level;
    !options.run_tests.is_empty() || level.is_some_and(|level| level != TestLevel::NoTestRun)
}

fn sought<'a>(user_id: &'a str, sent: &'a Sent) -> Sought<'a> {
    Sought {
        user_id,
        known: &sent.known,
        check_only: sent.check_only,
        runs_tests: sent.runs_tests,
        components: &sent.components,
    }
}

fn ended(id: &DeployId, result: &DeployResult, at: Timestamp) -> Entry {
    Entry::Ended {
        id: id.clone(),
        status: sf::text::clean(&result.status.to_string()),
        success: result.success,
        at,
    }
}

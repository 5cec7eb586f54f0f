//! What a journal says, read back.

use std::path::PathBuf;

use jiff::Timestamp;

use super::{Begin, Entry, FORMAT_VERSION, Purpose, Sent};
use crate::sf::DeployId;

/// Where a run was when its journal ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    /// Nothing is open: nothing was sent, or the end of all that was sent is known.
    Settled,
    /// A request may or may not have reached the org.
    Sending(Sent),
    /// The org has the request, and its end is not known.
    Running(DeployId),
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its file.
    pub path: PathBuf,
    /// What it is about.
    pub begin: Begin,
    /// Where it was when the journal ends.
    pub position: Position,
    /// Whether it came to its own end.
    pub finished: bool,
    /// Where the backup lies.
    pub backup: Option<String>,
    /// The requests that the org has or had, oldest first.
    pub deploys: Vec<Ended>,
}

/// A request that the org has or had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// What was sent.
    pub sent: Sent,
    /// The org's id for it.
    pub id: DeployId,
    /// Whether the org took it, and when that was seen; `None` while that is not known.
    pub success: Option<(bool, Timestamp)>,
}

impl Ended {
    /// Whether the org took it, and it was more than a validation.
    pub fn has_changed_the_org(&self) -> bool {
        !self.sent.check_only && self.success.is_some_and(|(success, _)| success)
    }
}

impl Run {
    /// Reads a file; `None` when it is not a journal of this form.
    pub(super) fn read(path: PathBuf) -> Option<Self> {
        let text = String::from_utf8_lossy(&std::fs::read(&path).ok()?).into_owned();
        Self::parse(path, &text)
    }

    /// What these lines say. Lines that can't be read were cut off, and are left out.
    pub(super) fn parse(path: PathBuf, text: &str) -> Option<Self> {
        let mut entries = text
            .lines()
            .filter_map(|line| serde_json::from_str::<Entry>(line).ok());
        let Entry::Begin(begin) = entries.next()? else {
            return None;
        };
        if begin.format != FORMAT_VERSION {
            return None;
        }
        let mut run = Self {
            path,
            begin,
            position: Position::Settled,
            finished: false,
            backup: None,
            deploys: Vec::new(),
        };
        entries.for_each(|entry| run.add(entry));
        Some(run)
    }

    /// Whether it was a deploy of the package of that digest, and the org took all of it.
    pub(super) fn brought(&self, digest: &str) -> bool {
        let mut real = self.deploys.iter().filter(|deploy| !deploy.sent.check_only);
        self.begin.purpose == Purpose::Deploy
            && self.begin.digest == digest
            && self.finished
            && !self.deploys.is_empty()
            && real.all(Ended::has_changed_the_org)
    }

    fn add(&mut self, entry: Entry) {
        match entry {
            Entry::Begin(_) => {}
            Entry::BackedUp { place } => self.backup = Some(place),
            Entry::Sending(sent) => self.position = Position::Sending(sent),
            Entry::Taken { id, .. } => {
                let position = std::mem::replace(&mut self.position, Position::Running(id.clone()));
                if let Position::Sending(sent) = position {
                    self.deploys.push(Ended {
                        sent,
                        id,
                        success: None,
                    });
                }
            }
            Entry::NotTaken { .. } => self.position = Position::Settled,
            Entry::Ended {
                id, success, at, ..
            } => {
                if let Some(deploy) = self.deploys.iter_mut().find(|deploy| deploy.id == id) {
                    deploy.success = Some((success, at));
                }
                self.position = Position::Settled;
            }
            Entry::Finished => self.finished = true,
        }
    }
}

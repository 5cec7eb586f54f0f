//! What this machine did to an org: one file per run, written before the org is asked, so that
//! whoever comes after a crash knows what is going on.
//!
//! A file holds one JSON object per line. Lines are appended and flushed to the disk one by one; a
//! line that was cut off by a crash says nothing and is left out. Nothing in it is secret.

mod entry;
mod run;
#[cfg(test)]
mod tests;

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

pub use entry::{Begin, Entry, Purpose, Sent};
pub use run::{Ended, Position, Run};

/// Version of the lines' form.
pub const FORMAT_VERSION: u32 = 1;

/// The journals of one org, as long as this process alone may write them.
#[derive(Debug)]
pub struct Ledger {
    folder: PathBuf,
    /// Held, not read: the system lets go of it when the process ends, however it ends.
    _lock: File,
}

/// Why the journals of an org can't be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process on this machine is changing the same org.
    #[error("another opencx-sf on this machine is working on this org")]
    Busy,
    /// The folder or a file can't be written or read.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: String,
        /// Why.
        source: io::Error,
    },
}

impl Error {
    fn file(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        |source| Self::File {
            path: path.display().to_string(),
            source,
        }
    }
}

impl Ledger {
    /// Takes the folder, which is made when it isn't there, for this process.
    ///
    /// # Errors
    /// [`Error::Busy`] while another process has it.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(folder).map_err(Error::file(folder))?;
        let path = folder.join("lock");
        let lock = private(&path, OpenOptions::new().write(true).create(true))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                folder: folder.to_path_buf(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(Error::Busy),
            Err(TryLockError::Error(source)) => Err(Error::file(&path)(source)),
        }
    }

    /// Every run of this folder that can be read, oldest first.
    ///
    /// # Errors
    /// When the folder can't be listed. A file that can't be read or understood is left out: what
    /// it says would not be known anyway, and the org is asked for what is under way.
    pub fn runs(&self) -> Result<Vec<Run>, Error> {
        runs(&self.folder)
    }

    /// Whether the last change from here was a deploy of the package of that digest, and the org took
    /// all of it.
    ///
    /// # Errors
    /// As [`Ledger::runs`].
    pub fn last_brought(&self, digest: &str) -> Result<bool, Error> {
        let runs = self.runs()?;
        let mut changes = runs.iter().rev();
        let last = changes.find(|run| run.begin.purpose != Purpose::Validate);
        Ok(last.is_some_and(|run| run.brought(digest)))
    }

    /// Starts the journal of a run.
    ///
    /// # Errors
    /// When it can't be written: then nothing must be sent.
    pub fn begin(&self, begin: Begin) -> Result<Journal, Error> {
        let mut journal = self.new_file(begin.at)?;
        journal.append(&Entry::Begin(begin))?;
        // The file's name is in the folder's own data.
        #[cfg(unix)]
        File::open(&self.folder)
            .and_then(|folder| folder.sync_all())
            .map_err(Error::file(&self.folder))?;
        Ok(journal)
    }

    /// A file named after that time, so that names sort as the runs came.
    fn new_file(&self, mut at: Timestamp) -> Result<Journal, Error> {
        loop {
            let name = at.strftime("%Y-%m-%dT%H%M%S%.6fZ.jsonl").to_string();
            let path = self.folder.join(name);
            match private(&path, OpenOptions::new().append(true).create_new(true)) {
                Ok(file) => return Ok(Journal { file, path }),
                // A clock that stands still, or was set back.
                Err(Error::File { source, .. })
                    if source.kind() == io::ErrorKind::AlreadyExists =>
                {
                    at += SignedDuration::from_micros(1);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Goes on with the journal of an earlier run.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn resume(&self, run: &Run) -> Result<Journal, Error> {
        Ok(Journal {
            file: private(&run.path, OpenOptions::new().append(true))?,
            path: run.path.clone(),
        })
    }
}

/// Every run of a folder that can be read, oldest first; none when there is no such folder.
///
/// # Errors
/// When the folder can't be listed.
pub fn runs(folder: &Path) -> Result<Vec<Run>, Error> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::file(folder)(error)),
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|suffix| suffix == "jsonl"))
        .collect();
    paths.sort();
    Ok(paths.into_iter().filter_map(Run::read).collect())
}

/// The file of one run.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
}

impl Journal {
    /// Writes a line, and returns when the disk has it.
    ///
    /// # Errors
    /// When that fails. Before something is sent it must not be; after, the org's answer counts.
    pub fn append(&mut self, entry: &Entry) -> Result<(), Error> {
        // A line that a crash cut off must not swallow this one: empty lines say nothing.
        let mut line = b"\n".to_vec();
        serde_json::to_writer(&mut line, entry)
            .map_err(io::Error::from)
            .map_err(Error::file(&self.path))?;
        line.push(b'\n');
        // One write, so that lines of two writers never mix.
        self.file
            .write_all(&line)
            .and_then(|()| self.file.sync_data())
            .map_err(Error::file(&self.path))
    }
}

/// Opens a file that only its owner may read.
fn private(path: &Path, options: &mut OpenOptions) -> Result<File, Error> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path).map_err(Error::file(path))
}

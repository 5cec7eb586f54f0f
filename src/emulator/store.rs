//! The state in a folder: `org.json`, written whole and atomically, and a lock file so that two
//! processes that change the same org take turns.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Error;
use super::state::State;

/// Layout of `org.json`.
pub const FORMAT: u64 = 1;

const STATE: &str = "org.json";
const TEMPORARY: &str = "org.json.tmp";
const LOCK: &str = "org.lock";
const OURS: [&str; 3] = [STATE, TEMPORARY, LOCK];

/// The folder of one org.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// The store in that folder, which is created when it is missing. A folder with other files
    /// in it is refused.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(|source| io(folder, source))?;
        refuse_foreign(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// The state as it is now, `None` before the first write.
    pub fn read(&self) -> Result<Option<State>, Error> {
        let _lock = self.lock(false)?;
        self.load()
    }

    /// Reads the state, lets it be changed, and writes it, with nobody in between. `make` gives
    /// the state of an org that is not there yet.
    pub fn update<T, E: From<Error>>(
        &self,
        make: impl FnOnce() -> State,
        change: impl FnOnce(&mut State) -> Result<T, E>,
    ) -> Result<T, E> {
        let _lock = self.lock(true)?;
        let mut state = self.load()?.unwrap_or_else(make);
        let answer = change(&mut state)?;
        self.save(&state)?;
        Ok(answer)
    }

    /// Removes the org; whether there was one.
    pub fn reset(folder: &Path) -> Result<bool, Error> {
        match fs::metadata(folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(source) => return Err(io(folder, source)),
            Ok(_) => refuse_foreign(folder)?,
        }
        let store = Self {
            folder: folder.to_owned(),
        };
        let lock = store.lock(true)?;
        let had = store.path(STATE).exists();
        for name in [TEMPORARY, STATE] {
            match fs::remove_file(store.path(name)) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(io(&store.path(name), error));
                }
                _ => {}
            }
        }
        // The lock file stays: a process that waits for it holds the same file, and would lock
        // nothing if another were made in its place.
        drop(lock);
        Ok(had)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn lock(&self, exclusive: bool) -> Result<File, Error> {
        let path = self.path(LOCK);
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|source| io(&path, source))?;
        let locked = if exclusive {
            file.lock()
        } else {
            file.lock_shared()
        };
        locked.map_err(|source| io(&path, source))?;
        Ok(file)
    }

    fn load(&self) -> Result<Option<State>, Error> {
        #[derive(Deserialize)]
        struct Header {
            format: u64,
        }
        let path = self.path(STATE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(io(&path, source)),
        };
        let damaged = |error: serde_json::Error| Error::NotAState {
            path: path.clone(),
            // The position alone: the parser's words may quote a value, and values may be secret.
            problem: format!("line {}, column {}", error.line(), error.column()),
        };
        let header: Header = serde_json::from_str(&text).map_err(damaged)?;
        if header.format != FORMAT {
            return Err(Error::Format {
                path,
                found: header.format,
                expected: FORMAT,
            });
        }
        serde_json::from_str(&text).map(Some).map_err(damaged)
    }

    fn save(&self, state: &State) -> Result<(), Error> {
        let temporary = self.path(TEMPORARY);
        let text = serde_json::to_vec_pretty(state).map_err(|error| Error::NotAState {
            path: self.path(STATE),
            problem: error.to_string(),
        })?;
        let written = private_file(&temporary).and_then(|mut file| {
            file.write_all(&text)?;
            file.write_all(b"\n")?;
            file.sync_all()
        });
        written.map_err(|source| io(&temporary, source))?;
        fs::rename(&temporary, self.path(STATE)).map_err(|source| io(&self.path(STATE), source))
    }
}

/// A file that only its owner can read: named credentials hold webhook tokens.
fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn refuse_foreign(folder: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(|source| io(folder, source))? {
        let name = entry.map_err(|source| io(folder, source))?.file_name();
        if !OURS.iter().any(|ours| name.as_os_str() == *ours) {
            return Err(Error::ForeignFolder {
                path: folder.to_owned(),
                example: name.to_string_lossy().into_owned(),
            });
        }
    }
    Ok(())
}

fn io(path: &Path, source: std::io::Error) -> Error {
    Error::Io {
        path: path.to_owned(),
        source,
    }
}

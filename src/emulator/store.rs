//! The state in a folder: `org.json`, written whole and atomically, and a lock file so that two
//! processes that change the same org take turns. What a process has read or written it keeps, and
//! reads again only when somebody else has written since. Or all in memory, for tests that want many
//! orgs.

use std::fmt;
use std::fs::{self, File};
use std::io::{ErrorKind, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use serde::Deserialize;

use super::Error;
use super::state::FORMAT;
use super::state::State;

const STATE: &str = "org.json";
const TEMPORARY: &str = "org.json.tmp";
const LOCK: &str = "org.lock";
const OURS: [&str; 3] = [STATE, TEMPORARY, LOCK];

/// Where one org is kept.
#[derive(Clone)]
pub enum Store {
    /// In a folder.
    Folder(Folder),
    /// As long as something holds it.
    Memory(Arc<Mutex<Option<Arc<State>>>>),
}

/// Without the state, which holds secrets.
impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => f.debug_tuple("Folder").field(&folder.path).finish(),
            Self::Memory(_) => f.write_str("Memory"),
        }
    }
}

/// The folder of one org.
#[derive(Clone)]
pub struct Folder {
    path: PathBuf,
    known: Arc<Mutex<Option<Known>>>,
}

/// What was read or written last.
struct Known {
    version: Version,
    text: String,
    state: Arc<State>,
}

/// Tells one writing of the state from every other.
#[derive(PartialEq, Eq)]
struct Version {
    /// How often the state was written: the number in the lock file.
    writings: u64,
    /// So that a change by hand is seen, too.
    modified: Option<SystemTime>,
    length: u64,
}

impl Store {
    /// The store in that folder, which is created when it is missing. A folder with other files
    /// in it is refused.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(|source| io(folder, source))?;
        refuse_foreign(folder)?;
        Ok(Self::Folder(Folder::at(folder)))
    }

    /// The state as it is now, `None` before the first write.
    pub fn read(&self) -> Result<Option<Arc<State>>, Error> {
        match self {
            Self::Folder(folder) => folder.read(),
            Self::Memory(state) => {
                let state = state.lock().unwrap_or_else(PoisonError::into_inner);
                Ok(state.clone())
            }
        }
    }

    /// Reads the state, lets it be changed, and writes it, with nobody in between. `make` gives
    /// the state of an org that is not there yet.
    pub fn update<T, E: From<Error>>(
        &self,
        make: impl FnOnce() -> State,
        change: impl FnOnce(&mut State) -> Result<T, E>,
    ) -> Result<T, E> {
        match self {
            Self::Folder(folder) => folder.update(make, change),
            Self::Memory(state) => {
                let mut kept = state.lock().unwrap_or_else(PoisonError::into_inner);
                let mut state = kept.as_deref().map_or_else(make, State::clone);
                let answer = change(&mut state)?;
                *kept = Some(Arc::new(state));
                Ok(answer)
            }
        }
    }

    /// Removes the org; whether there was one.
    pub fn reset(folder: &Path) -> Result<bool, Error> {
        match fs::metadata(folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(source) => return Err(io(folder, source)),
            Ok(_) => refuse_foreign(folder)?,
        }
        Folder::at(folder).remove()
    }
}

impl Folder {
    fn at(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            known: Arc::default(),
        }
    }

    fn read(&self) -> Result<Option<Arc<State>>, Error> {
        let mut lock = self.lock(false)?;
        let known = self.current(&mut lock)?;
        Ok(known.as_ref().map(|known| known.state.clone()))
    }

    /// What is in the folder now; nobody may write meanwhile.
    fn current(&self, lock: &mut File) -> Result<MutexGuard<'_, Option<Known>>, Error> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let version = self.version(lock)?;
        if known.as_ref().map(|known| &known.version) != version.as_ref() {
            *known = None;
            if let (Some(version), Some(text)) = (version, self.text()?) {
                let state = Arc::new(self.decode(&text)?);
                *known = Some(Known {
                    version,
                    text,
                    state,
                });
            }
        }
        Ok(known)
    }

    /// The version of the state; `None` before the first writing.
    fn version(&self, lock: &mut File) -> Result<Option<Version>, Error> {
        let path = self.path(STATE);
        let about = match fs::metadata(&path) {
            Ok(about) => about,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(io(&path, source)),
        };
        Ok(Some(Version {
            writings: self.writings(lock)?,
            modified: about.modified().ok(),
            length: about.len(),
        }))
    }

    fn writings(&self, lock: &mut File) -> Result<u64, Error> {
        let mut text = String::new();
        lock.rewind()
            .and_then(|()| lock.read_to_string(&mut text))
            .map_err(|source| io(&self.path(LOCK), source))?;
        Ok(text.trim().parse().unwrap_or_default())
    }

    fn update<T, E: From<Error>>(
        &self,
        make: impl FnOnce() -> State,
        change: impl FnOnce(&mut State) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut lock = self.lock(true)?;
        let before = self.current(&mut lock)?;
        let mut state = match &*before {
            Some(known) => State::clone(&known.state),
            None => make(),
        };
        drop(before);
        let answer = change(&mut state)?;
        let text = self.encode(&state)?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.as_ref().is_none_or(|known| known.text != text) {
            // Until it is written, nothing is known of what is in the folder.
            *known = None;
            self.save(&text, &mut lock)?;
            *known = self.version(&mut lock)?.map(|version| Known {
                version,
                text,
                state: Arc::new(state),
            });
        }
        Ok(answer)
    }

    fn remove(&self) -> Result<bool, Error> {
        let lock = self.lock(true)?;
        let had = self.path(STATE).exists();
        for name in [TEMPORARY, STATE] {
            match fs::remove_file(self.path(name)) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(io(&self.path(name), error));
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
        self.path.join(name)
    }

    fn lock(&self, exclusive: bool) -> Result<File, Error> {
        let path = self.path(LOCK);
        let file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
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

    fn text(&self) -> Result<Option<String>, Error> {
        let path = self.path(STATE);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(io(&path, source)),
        }
    }

    fn decode(&self, text: &str) -> Result<State, Error> {
        #[derive(Deserialize)]
        struct Header {
            format: u64,
        }
        let path = self.path(STATE);
        let damaged = |error: serde_json::Error| Error::NotAState {
            path: path.clone(),
            // The position alone: the parser's words may quote a value, and values may be secret.
            problem: format!("line {}, column {}", error.line(), error.column()),
        };
        let header: Header = serde_json::from_str(text).map_err(damaged)?;
        if header.format != FORMAT {
            return Err(Error::Format {
                path,
                found: header.format,
                expected: FORMAT,
            });
        }
        serde_json::from_str(text).map_err(damaged)
    }

    fn encode(&self, state: &State) -> Result<String, Error> {
        serde_json::to_string_pretty(state)
            .map(|text| text + "\n")
            .map_err(|error| Error::NotAState {
                path: self.path(STATE),
                problem: error.to_string(),
            })
    }

    fn save(&self, text: &str, lock: &mut File) -> Result<(), Error> {
        // Counted before it is done: whoever dies in between has others read once too often.
        let writings = self.writings(lock)?.wrapping_add(1);
        lock.rewind()
            .and_then(|()| lock.set_len(0))
            .and_then(|()| write!(lock, "{writings}"))
            .map_err(|source| io(&self.path(LOCK), source))?;
        let temporary = self.path(TEMPORARY);
        let written = private_file(&temporary).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        written.map_err(|source| io(&temporary, source))?;
        fs::rename(&temporary, self.path(STATE))
            .and_then(|()| sync_folder(&self.path))
            .map_err(|source| io(&self.path(STATE), source))
    }
}

/// Makes the new name of a file last, as its content does already.
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    // Other systems do not let a folder be opened for this.
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::super::options::Options;
    use super::super::users;
    use super::*;

    fn count(store: &Store) -> Result<String, Error> {
        let make = || users::new_org(&Options::default(), jiff::Timestamp::UNIX_EPOCH);
        store.update(make, |state| Ok(state.next_id("01p")))
    }

    #[test]
    fn writers_take_turns() {
        let folder = TempDir::new().unwrap();
        let writers: Vec<_> = (0..4)
            .map(|_| {
                let store = Store::open(folder.path()).unwrap();
                std::thread::spawn(move || {
                    (0..10).map(|_| count(&store).unwrap()).collect::<Vec<_>>()
                })
            })
            .collect();
        let mut ids: Vec<String> = writers
            .into_iter()
            .flat_map(|writer| writer.join().unwrap())
            .collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 40);
    }

    #[test]
    fn what_others_write_is_seen() {
        let folder = TempDir::new().unwrap();
        let one = Store::open(folder.path()).unwrap();
        let other = Store::open(folder.path()).unwrap();
        let last = |store: &Store| {
            let state = store.read().unwrap().unwrap();
            state.counters.get("01p").copied()
        };
        for round in 1..=20_u64 {
            count(if round % 3 == 0 { &one } else { &other }).unwrap();
            assert_eq!((last(&one), last(&other)), (Some(round), Some(round)));
        }
        // By hand, with the same length.
        let path = folder.path().join(STATE);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("\"01p\": 20", "\"01p\": 42")).unwrap();
        let later = SystemTime::now() + std::time::Duration::from_secs(5);
        let file = File::options().write(true).open(&path).unwrap();
        file.set_modified(later).unwrap();
        assert_eq!((last(&one), last(&other)), (Some(42), Some(42)));
        Store::reset(folder.path()).unwrap();
        assert!(one.read().unwrap().is_none());
    }

    #[test]
    fn a_change_that_is_refused_leaves_nothing() {
        let folder = TempDir::new().unwrap();
        let store = Store::open(folder.path()).unwrap();
        count(&store).unwrap();
        let make = || users::new_org(&Options::default(), jiff::Timestamp::UNIX_EPOCH);
        let refused: Result<(), Error> = store.update(make, |state| {
            state.next_id("01p");
            Err(Error::NotAState {
                path: PathBuf::new(),
                problem: String::new(),
            })
        });
        assert!(refused.is_err());
        assert_eq!(count(&store).unwrap(), "01p000000000002AAA");
    }

    #[test]
    fn leaves_other_peoples_folders_alone() {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("thesis.tex"), "x").unwrap();
        assert!(matches!(
            Store::open(folder.path()),
            Err(Error::ForeignFolder { .. })
        ));
        assert!(matches!(
            Store::reset(folder.path()),
            Err(Error::ForeignFolder { .. })
        ));
    }

    #[test]
    fn resets_to_nothing() {
        let folder = TempDir::new().unwrap();
        assert!(!Store::reset(&folder.path().join("missing")).unwrap());
        let store = Store::open(folder.path()).unwrap();
        count(&store).unwrap();
        assert!(Store::reset(folder.path()).unwrap());
        assert!(store.read().unwrap().is_none());
        assert!(!Store::reset(folder.path()).unwrap());
    }

    #[test]
    fn says_what_is_wrong_without_quoting_it() {
        let folder = TempDir::new().unwrap();
        let store = Store::open(folder.path()).unwrap();
        fs::write(
            folder.path().join(STATE),
            "{\"format\": 1, \"users\": \"hunter2\"}",
        )
        .unwrap();
        let Err(Error::NotAState { problem, .. }) = store.read() else {
            panic!("damaged");
        };
        assert_eq!(problem, "line 1, column 32");
        fs::write(folder.path().join(STATE), "{\"format\": 2}").unwrap();
        assert!(matches!(
            store.read(),
            Err(Error::Format {
                found: 2,
                expected: 1,
                ..
            })
        ));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = TempDir::new().unwrap();
        count(&Store::open(folder.path()).unwrap()).unwrap();
        let mode = fs::metadata(folder.path().join(STATE))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

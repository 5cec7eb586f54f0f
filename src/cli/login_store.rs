//! The logins that `opencx-sf login` made: one file in the user's own configuration folder, which
//! nobody else may read. Where there is a keyring, the refresh tokens are in it, and the file says
//! which there are.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::environment::env;
use super::failure::Failure;
use super::system_keyring::{self, NoKeyring};
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::secret::Secret;

/// A login. The access token is not kept: each run gets a new one.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    /// Which org of which config it is for.
    pub(super) username: String,
    /// Where its tokens come from.
    pub(super) login_url: String,
    /// The app that the refresh token was given to.
    pub(super) client_id: String,
    /// The refresh token.
    pub(super) refresh_token: Secret,
}

/// The file's form.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Store {
    format_version: u32,
    logins: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    folder: PathBuf,
    org: String,
    username: String,
    login_url: String,
    client_id: String,
    /// Nothing when it is in the keyring.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

/// Where the refresh token of a login is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kept {
    /// In the system's keyring.
    Keyring,
    /// In this file.
    File(PathBuf),
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry")
            .field("org", &self.org)
            .finish_non_exhaustive()
    }
}

const FORMAT: u32 = 1;

/// The login of an org of the config in that folder.
pub(super) fn read(folder: &Path, org: &str) -> Result<Option<Stored>, Failure> {
    let path = file()?;
    let folder = identity(folder);
    let store = load(&path)?;
    let entry = store
        .logins
        .into_iter()
        .find(|entry| is(entry, &folder, org));
    let Some(entry) = entry else {
        return Ok(None);
    };
    let refresh_token = match entry.refresh_token {
        Some(token) => Some(Secret::new(token)),
        None => system_keyring::get(&account(&folder, org)).map_err(|error| locked(&error, org))?,
    };
    Ok(refresh_token.map(|refresh_token| Stored {
        username: entry.username,
        login_url: entry.login_url,
        client_id: entry.client_id,
        refresh_token,
    }))
}

/// Keeps a login, in place of an earlier one: in the keyring where there is one, else in the file.
pub(super) fn write(folder: &Path, org: &str, login: Stored) -> Result<Kept, Failure> {
    let path = file()?;
    let folder = identity(folder);
    let mut store = load(&path)?;
    store.logins.retain(|entry| !is(entry, &folder, org));
    let in_keyring = system_keyring::set(&account(&folder, org), &login.refresh_token).is_ok();
    let refresh_token = login.refresh_token.expose().to_owned();
    store.logins.push(Entry {
        folder,
        org: org.to_owned(),
        username: login.username,
        login_url: login.login_url,
        client_id: login.client_id,
        refresh_token: (!in_keyring).then_some(refresh_token),
    });
    save(&path, &store)?;
    Ok(if in_keyring {
        Kept::Keyring
    } else {
        Kept::File(path)
    })
}

/// Forgets a login; says whether there was one.
pub(super) fn remove(folder: &Path, org: &str) -> Result<bool, Failure> {
    let path = file()?;
    let folder = identity(folder);
    let mut store = load(&path)?;
    let Some(at) = store
        .logins
        .iter()
        .position(|entry| is(entry, &folder, org))
    else {
        return Ok(false);
    };
    if store.logins.remove(at).refresh_token.is_none() {
        let account = account(&folder, org);
        system_keyring::remove(&account).map_err(|error| locked(&error, org))?;
    }
    save(&path, &store)?;
    Ok(true)
}

/// The name of a login in the keyring.
fn account(folder: &Path, org: &str) -> String {
    format!("{org} of {}", folder.display())
}

fn locked(error: &NoKeyring, org: &str) -> Failure {
    Diagnostic::error(
        Code("auth/no-keyring"),
        Category::Auth,
        "the login is in the system's keyring, and that does not give it",
    )
    .at(Place::Org {
        org: org.to_owned(),
    })
    .because(error.to_string())
    .help(format!(
        "unlock the keyring; or log in again with `opencx-sf login --target-org {org}`"
    ))
    .into()
}

fn is(entry: &Entry, folder: &Path, org: &str) -> bool {
    entry.folder == folder && entry.org == org
}

/// The config's folder, however it was named.
fn identity(folder: &Path) -> PathBuf {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    folder
        .canonicalize()
        .unwrap_or_else(|_| folder.to_path_buf())
}

/// `logins.json` in the folder for this tool's settings: XDG's, else Windows' own, else
/// `~/.config`.
fn file() -> Result<PathBuf, Failure> {
    let set = |name: &str| {
        env(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    set("XDG_CONFIG_HOME")
        .or_else(|| set("APPDATA"))
        .or_else(|| set("HOME").map(|home| home.join(".config")))
        .map(|folder| folder.join("opencx-sf").join("logins.json"))
        .ok_or_else(|| {
            Diagnostic::error(
                Code("auth/no-store"),
                Category::Auth,
                "there is no folder to keep logins in",
            )
            .help("set HOME or XDG_CONFIG_HOME; in CI use another way of logging in, such as `jwt`")
            .into()
        })
}

fn load(path: &Path) -> Result<Store, Failure> {
    let unusable = |because: String| -> Failure {
        Diagnostic::error(
            Code("auth/bad-store"),
            Category::Auth,
            "the stored logins cannot be read",
        )
        .at(Place::Path {
            path: path.display().to_string(),
        })
        .because(because)
        .help("remove the file and log in again with `opencx-sf login`")
        .into()
    };
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Store {
                format_version: FORMAT,
                logins: Vec::new(),
            });
        }
        Err(error) => return Err(unusable(error.to_string())),
    };
    // serde's own text can quote the content.
    let store: Store = serde_json::from_str(&text)
        .map_err(|error| unusable(format!("line {}, column {}", error.line(), error.column())))?;
    if store.format_version == FORMAT {
        Ok(store)
    } else {
        Err(unusable("another release of opencx-sf wrote it".to_owned()))
    }
}

/// Writes beside and renames, so that a file is whole or old. From its first byte on nobody else
/// may read it.
fn save(path: &Path, store: &Store) -> Result<(), Failure> {
    let written = (|| {
        let folder = path.parent().unwrap_or(Path::new("."));
        create_private_folder(folder)?;
        let beside = folder.join(format!("logins.{}.tmp", std::process::id()));
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = create_private_file(&beside)?;
        serde_json::to_writer_pretty(&mut file, store)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        drop(file);
        fs::rename(&beside, path)
    })();
    written.map_err(|error| {
        Failure::file(
            "auth/store-not-written",
            "written",
            &path.display().to_string(),
            &error,
        )
    })
}

#[cfg(unix)]
fn create_private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(not(unix))]
fn create_private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(unix)]
fn create_private_file(path: &Path) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

#[cfg(not(unix))]
fn create_private_file(path: &Path) -> io::Result<fs::File> {
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
}

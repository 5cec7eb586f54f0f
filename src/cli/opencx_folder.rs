//! The folder `.opencx` beside the config: journals and backups, by org.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::config::Target;

/// Where the journals of a target lie, beside the config.
pub(super) fn journal_folder(root: &Path, target: &Target) -> PathBuf {
    root.join(".opencx").join("journal").join(&target.name)
}

/// Writes a backup of a target beside the config, and says where.
pub(super) fn write_backup(
    root: &Path,
    target: &str,
    files: &BTreeMap<String, String>,
) -> io::Result<String> {
    let folder = backup_folder(root, target)?;
    for (path, content) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        write_private(&path, content)?;
    }
    Ok(folder.display().to_string())
}

/// A new folder `.opencx/backups/<org>/<time>` beside the config.
fn backup_folder(root: &Path, target: &str) -> io::Result<PathBuf> {
    let time = jiff::Timestamp::now()
        .strftime("%Y-%m-%dT%H%M%S%.3fZ")
        .to_string();
    let folder = root.join(".opencx").join("backups").join(target).join(time);
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// An org's code is its owner's: nobody else on this machine reads it.
fn write_private(path: &Path, content: &str) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(content.as_bytes())?;
    // The backup must outlive what is about to be replaced.
    file.sync_all()
}

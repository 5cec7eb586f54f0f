//! Zips: written so that the same package gives the same bytes, read as if by an enemy.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipArchive, ZipWriter};

use super::{Error, path};

/// More files than the Metadata API takes or gives in one zip.
pub const MAX_FILES: usize = 10_000;
/// More than the unpacked size that is read; the integration itself is far below 1 MB.
pub const MAX_UNPACKED_BYTES: u64 = 200 << 20;
/// Text packs to a tenth; above this ratio a file is made to unpack, not to be read.
const MAX_RATIO: u64 = 200;
/// Small files may pack better than that.
const RATIO_FREE_BYTES: u64 = 1 << 20;

/// A zip with these files in their order, whatever the clock and the system.
pub(super) fn write_zip(files: &BTreeMap<String, String>) -> Result<Vec<u8>, Error> {
    let unwritable = |error: ZipError| Error::Unwritable {
        reason: error.to_string(),
    };
    // The default date is 1 January 1980, where the zip format begins.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(6))
        .last_modified_time(DateTime::default())
        .system(System::Unix)
        .unix_permissions(0o644);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in files {
        writer.start_file(path, options).map_err(unwritable)?;
        writer
            .write_all(content.as_bytes())
            .map_err(|error| unwritable(error.into()))?;
    }
    Ok(writer.finish().map_err(unwritable)?.into_inner())
}

/// Files of a zip in memory: path → bytes, read through the central directory, with limits on
/// count and size, and no path that leaves the folder. Folders are left out.
///
/// Orgs write the sizes behind the data (general-purpose flags 0x0808), so a local header alone
/// tells nothing.
pub fn read_zip(bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    if archive.len() > MAX_FILES {
        return Err(Error::TooLarge {
            reason: format!("it has {} files, more than {MAX_FILES}", archive.len()),
        });
    }
    if archive.has_duplicate_names() {
        return Err(broken("a path is there twice"));
    }
    if archive.has_overlapping_files().map_err(broken)? {
        return Err(broken("files overlap"));
    }
    let mut files = BTreeMap::new();
    let mut left = MAX_UNPACKED_BYTES;
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).map_err(broken)?;
        let name = file.name().map_err(broken)?.into_owned();
        path::check(name.strip_suffix('/').unwrap_or(&name))?;
        if file.is_symlink() {
            return Err(Error::UnsafePath {
                path: name,
                reason: "it is a symbolic link",
            });
        }
        if file.is_dir() {
            continue;
        }
        let packed = file.compressed_size();
        let limit = left.min(packed.saturating_mul(MAX_RATIO).max(RATIO_FREE_BYTES));
        let mut content = Vec::new();
        let size = file
            .by_ref()
            .take(limit + 1)
            .read_to_end(&mut content)
            .map_err(broken)?;
        let size = u64::try_from(size).unwrap_or(u64::MAX);
        if size > left {
            return Err(Error::TooLarge {
                reason: format!("it unpacks to more than {MAX_UNPACKED_BYTES} bytes"),
            });
        }
        if size > limit {
            return Err(Error::TooLarge {
                reason: format!("`{name}` unpacks to more than {MAX_RATIO} times its packed size"),
            });
        }
        left -= size;
        files.insert(name, content);
    }
    Ok(files)
}

fn broken(error: impl ToString) -> Error {
    Error::BrokenZip {
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests;

//! Zip files as the org reads and writes them, apart from the client's own reader and writer.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

/// Files per deploy (Metadata API guide, "Metadata Limits").
const MOST_FILES: usize = 10_000;
/// Bytes after unpacking (same page).
const LARGEST: u64 = 629_145_600;

/// The files of an uploaded zip, directories left out. The error is the platform's text.
pub fn read(bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let invalid = |_| "INVALID_ZIP_FILE: Unable to open zip file".to_owned();
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(invalid)?;
    if archive.len() > MOST_FILES {
        return Err(format!(
            "LIMIT_EXCEEDED: Maximum number of files is {MOST_FILES}"
        ));
    }
    let mut left = LARGEST;
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let entry = archive
            .by_index(index)
            .map_err(|_| "INVALID_ZIP_FILE: Unable to read zip entry".to_owned())?;
        if entry.is_dir() {
            continue;
        }
        let name = entry
            .name()
            .map_err(|_| "INVALID_ZIP_FILE: Unable to read zip entry".to_owned())?
            .trim_start_matches('/')
            .to_owned();
        let mut content = Vec::new();
        let read = entry
            .take(left + 1)
            .read_to_end(&mut content)
            .map_err(|_| "INVALID_ZIP_FILE: Unable to read zip entry".to_owned())?;
        left = left.checked_sub(read as u64).ok_or_else(|| {
            "LIMIT_EXCEEDED: Maximum size of uncompressed files exceeded".to_owned()
        })?;
        files.insert(name, content);
    }
    Ok(files)
}

/// A zip of these files, in this order. Streamed, so that the sizes follow the data as in the
/// zips of real orgs.
pub fn write(files: &[(String, Vec<u8>)]) -> Result<Vec<u8>, String> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    let mut writer = ZipWriter::new_stream(Vec::new());
    for (name, content) in files {
        writer
            .start_file(name.as_str(), options)
            .map_err(|error| error.to_string())?;
        writer
            .write_all(content)
            .map_err(|error| error.to_string())?;
    }
    writer
        .finish()
        .map(zip::write::StreamWriter::into_inner)
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let files = vec![
            ("package.xml".to_owned(), b"<Package/>".to_vec()),
            ("classes/A.cls".to_owned(), b"class A {}".to_vec()),
        ];
        let bytes = write(&files).unwrap();
        assert_eq!(read(&bytes).unwrap(), files.into_iter().collect());
        // Bit 3: the sizes follow the data.
        assert_eq!(bytes[6] & 8, 8);
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&bytes);
        }
    }
}

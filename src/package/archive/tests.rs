use proptest::prelude::*;

use super::*;
use crate::package::samples;

fn zip_of(entries: &[(&str, &[u8])], options: SimpleFileOptions) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in entries {
        writer.start_file(path, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn reason(bytes: &[u8]) -> String {
    read_zip(bytes).unwrap_err().to_string()
}

#[test]
fn the_same_package_gives_the_same_bytes() {
    let package = samples::sample();
    let zip = package.zip().unwrap();
    assert_eq!(zip, package.clone().zip().unwrap());
    let mut archive = ZipArchive::new(Cursor::new(&zip)).unwrap();
    let file = archive.by_name("package.xml").unwrap();
    assert_eq!(file.last_modified(), Some(DateTime::default()));
    assert_eq!(file.unix_mode(), Some(0o100_644));
    drop(file);
    let names: Vec<_> = (0..archive.len())
        .map(|index| {
            archive
                .by_index(index)
                .unwrap()
                .name()
                .unwrap()
                .into_owned()
        })
        .collect();
    assert!(names.is_sorted());
    let digest = package.digest().unwrap();
    assert_eq!(digest.len(), 64);
    let mut other = package;
    other.api_version = crate::metadata::ApiVersion::new(65);
    assert_ne!(other.digest().unwrap(), digest);
}

#[test]
fn reads_sizes_behind_the_data_as_orgs_write_them() {
    let mut writer = ZipWriter::new_stream(Vec::new());
    let options = SimpleFileOptions::default();
    writer.start_file("classes/Ä.cls", options).unwrap();
    writer.write_all(b"class A {}").unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    // General-purpose flags of the local header: sizes behind the data, UTF-8 names.
    assert_eq!(bytes[6..8], [0x08, 0x08]);
    let files = read_zip(&bytes).unwrap();
    assert_eq!(files["classes/Ä.cls"], b"class A {}");
}

#[test]
fn refuses_paths_that_leave_the_folder() {
    let options = SimpleFileOptions::default();
    for path in ["../a", "/a", "a/../../b", "C:/a", "a\\b"] {
        let error = read_zip(&zip_of(&[(path, b"x")], options)).unwrap_err();
        assert!(matches!(error, Error::UnsafePath { .. }), "{path}: {error}");
    }
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_symlink("a", "/etc/passwd", options).unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    assert_eq!(
        reason(&bytes),
        "the path `a` is not safe: it is a symbolic link"
    );
}

#[test]
fn leaves_folders_out() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    writer.add_directory("classes/", options).unwrap();
    writer.start_file("classes/A.cls", options).unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    let files = read_zip(&bytes).unwrap();
    assert_eq!(files.keys().collect::<Vec<_>>(), ["classes/A.cls"]);
}

#[test]
fn refuses_a_path_that_is_there_twice() {
    let options = SimpleFileOptions::default();
    let mut bytes = zip_of(&[("aaaa", b"1"), ("bbbb", b"2")], options);
    for index in 0..bytes.len() - 4 {
        if bytes[index..index + 4] == *b"bbbb" {
            bytes[index..index + 4].copy_from_slice(b"aaaa");
        }
    }
    assert_eq!(
        reason(&bytes),
        "the zip cannot be read: a path is there twice"
    );
}

#[test]
fn refuses_what_unpacks_to_too_much() {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let bomb = zip_of(&[("a", &vec![0; 8 << 20])], options);
    assert_eq!(
        reason(&bomb),
        "the zip is too large: `a` unpacks to more than 200 times its packed size"
    );
    let names: Vec<String> = (0..=MAX_FILES).map(|n| n.to_string()).collect();
    let entries: Vec<(&str, &[u8])> = names.iter().map(|n| (n.as_str(), &b""[..])).collect();
    assert_eq!(
        reason(&zip_of(&entries, options)),
        "the zip is too large: it has 10001 files, more than 10000"
    );
}

#[test]
fn refuses_garbage_and_cut_zips() {
    let zip = samples::sample().zip().unwrap();
    for bytes in [
        &b""[..],
        b"PK",
        b"<html>",
        &zip[..zip.len() - 1],
        &zip[..zip.len() / 2],
    ] {
        let error = read_zip(bytes).unwrap_err();
        assert!(matches!(error, Error::BrokenZip { .. }), "{error}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_zip(&bytes);
    }

    #[test]
    fn any_damage_is_read_or_refused(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let mut bytes = samples::sample().zip().unwrap();
        for (index, value) in edits {
            let index = index.index(bytes.len());
            bytes[index] = value;
        }
        if is_cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(files) = read_zip(&bytes) {
            for path in files.keys() {
                prop_assert!(path::check(path).is_ok());
            }
        }
    }

    #[test]
    fn zip_holds_the_files(files in prop::collection::btree_map(
        "[a-z]{1,6}(/[a-z]{1,6})?", ".{0,40}", 0..8,
    )) {
        let bytes = write_zip(&files).unwrap();
        let expected: BTreeMap<String, Vec<u8>> =
            files.into_iter().map(|(path, text)| (path, text.into_bytes())).collect();
        prop_assert_eq!(read_zip(&bytes).unwrap(), expected);
    }
}

#[test]
fn refuses_files_that_share_their_bytes() {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut bytes = zip_of(&[("aaaa", b"1"), ("bbbb", b"2")], options);
    // The directory's entry for the second file leads to the first: its place is in bytes 42 to 46.
    let directory = |bytes: &[u8]| {
        let entries = bytes.windows(4).enumerate();
        let entries = entries.filter(|(_, signature)| *signature == b"PK\x01\x02");
        entries.map(|(at, _)| at).next_back().unwrap()
    };
    let second = directory(&bytes);
    bytes[second + 42..second + 46].fill(0);
    assert_eq!(reason(&bytes), "the zip cannot be read: files overlap");
}

//! Paths inside of a package: relative, forward slashes, and nothing that a file system could take
//! to mean another place.

use super::Error;

/// Checks that a path stays inside of the folder it is unpacked to, on every system.
pub(super) fn check(path: &str) -> Result<(), Error> {
    let reason = if path.is_empty() {
        "it is empty"
    } else if path.starts_with('/') {
        "it is absolute"
    } else if path.contains('\\') {
        "it has a backslash"
    } else if path.contains(':') {
        "it has a colon, as a drive letter has"
    } else if path.chars().any(char::is_control) {
        "it has a control character"
    } else if path.split('/').any(|part| part == "..") {
        "it has `..`"
    } else if path.split('/').any(|part| part.is_empty() || part == ".") {
        "it has an empty part or `.`"
    } else {
        return Ok(());
    };
    Err(Error::UnsafePath {
        path: path.escape_debug().to_string(),
        reason,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_could_leave_the_folder() {
        for path in [
            "", "/a", "a/../b", "..", "a\\b", "C:/a", "C:a", "a\0b", "a//b", "./a", "a/",
        ] {
            assert!(check(path).is_err(), "{path:?}");
        }
        for path in [
            "package.xml",
            "classes/A.cls",
            "a/..b",
            "objects/Case.object",
        ] {
            assert!(check(path).is_ok(), "{path:?}");
        }
    }
}

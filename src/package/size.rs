//! What one deploy may hold.

use std::collections::BTreeMap;

use super::{Error, Format, MAX_FILES, Package};

/// Bytes of a zip (Metadata API guide, `deploy()`: about 39 MB, so that the message stays below
/// 50 MB in Base64).
pub const MAX_ZIP_BYTES: usize = 39_000_000;

/// Bytes of all files, unpacked: what the guide's page on the REST resource says. Its page on
/// `deploy()` speaks of 600 MB by now.
const MAX_BYTES: u64 = 400_000_000;

/// A zip is never much larger than what is in it, so below this it need not be written to know.
const SURELY_SMALL: u64 = MAX_ZIP_BYTES as u64 / 2;

/// How many of the largest files are named.
const NAMED: usize = 3;

/// A package that no org takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excess {
    /// What there is too much of, with both numbers: `10,003 files, and a deploy takes 10,000`.
    pub what: String,
    /// Its largest files with their size in bytes, the largest first.
    pub largest: Vec<(String, u64)>,
}

impl Package {
    /// Why no org would take the package, if it is too large for a deploy.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn excess(&self) -> Result<Option<Excess>, Error> {
        let files = self.files(Format::Metadata)?;
        let bytes = files.values().map(|content| content.len() as u64).sum();
        let zip = if bytes > SURELY_SMALL {
            super::archive::write_zip(&files)?.len()
        } else {
            0
        };
        let what = too_much(files.len(), bytes, zip);
        Ok(what.map(|what| Excess {
            what,
            largest: largest(&files),
        }))
    }
}

fn too_much(files: usize, bytes: u64, zip: usize) -> Option<String> {
    let megabytes = |bytes: u64| bytes.div_ceil(1_000_000);
    if files > MAX_FILES {
        Some(format!("{files} files, and a deploy takes {MAX_FILES}"))
    } else if zip > MAX_ZIP_BYTES {
        let (found, most) = (megabytes(zip as u64), megabytes(MAX_ZIP_BYTES as u64));
        Some(format!("{found} MB as a zip, and a deploy takes {most} MB"))
    } else if bytes > MAX_BYTES {
        let (found, most) = (megabytes(bytes), megabytes(MAX_BYTES));
        Some(format!("{found} MB of files, and a deploy takes {most} MB"))
    } else {
        None
    }
}

fn largest(files: &BTreeMap<String, String>) -> Vec<(String, u64)> {
    let mut sizes: Vec<(String, u64)> = files
        .iter()
        .map(|(path, content)| (path.clone(), content.len() as u64))
        .collect();
    sizes.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    sizes.truncate(NAMED);
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::{ApiVersion, Component, ComponentId, MetadataType};

    #[test]
    fn each_limit_counts_for_itself() {
        assert_eq!(too_much(10_000, 400_000_000, 39_000_000), None);
        assert_eq!(
            too_much(10_001, 0, 0).unwrap(),
            "10001 files, and a deploy takes 10000"
        );
        assert_eq!(
            too_much(2, 0, 39_000_001).unwrap(),
            "40 MB as a zip, and a deploy takes 39 MB"
        );
        assert_eq!(
            too_much(2, 400_000_001, 0).unwrap(),
            "401 MB of files, and a deploy takes 400 MB"
        );
    }

    fn package(classes: usize, source: &str) -> Package {
        let class = |number: usize| {
            let id = ComponentId::new(MetadataType::ApexClass, format!("C{number}").as_str());
            let component = Component {
                id: id.clone(),
                source: Some(source.to_owned()),
                xml: "<ApexClass/>".to_owned(),
            };
            (id, component)
        };
        Package {
            api_version: ApiVersion::new(66),
            components: (0..classes).map(class).collect(),
            secrets: Vec::new(),
        }
    }

    #[test]
    fn a_package_of_too_many_files_names_the_largest() {
        assert_eq!(package(4_999, "x").excess().unwrap(), None);
        let excess = package(5_000, "x").excess().unwrap().unwrap();
        assert_eq!(excess.what, "10001 files, and a deploy takes 10000");
        assert_eq!(excess.largest[0].0, "package.xml");
        assert_eq!(excess.largest.len(), 3);
    }
}

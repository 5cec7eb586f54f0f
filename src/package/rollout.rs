//! Packages that an org must take one after the other.
//!
//! Most components refer to each other within one deploy. Some need that an earlier deploy is done:
//! the policies of an External Client App belong to an app that the org has.

use std::collections::BTreeMap;
use std::fmt;

use super::{Error, Format, Package, source};

/// Packages in the order in which an org must take them. There is at least one.
#[derive(Clone, PartialEq, Eq)]
pub struct Rollout(Vec<Stage>);

/// One package of a rollout.
#[derive(Clone, PartialEq, Eq)]
pub struct Stage {
    /// What it is called: the folder of its manifest, `external-client-app`.
    pub name: String,
    /// What it brings.
    pub package: Package,
}

impl fmt::Debug for Rollout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stages = self.0.iter().map(|stage| (&stage.name, &stage.package));
        f.debug_map().entries(stages).finish()
    }
}

impl Rollout {
    /// A first package, and those after it that hold anything.
    pub fn new(first: Stage, others: impl IntoIterator<Item = Stage>) -> Self {
        let others = others
            .into_iter()
            .filter(|stage| !stage.package.components.is_empty());
        Self(std::iter::once(first).chain(others).collect())
    }

    /// The packages in their order.
    pub fn stages(&self) -> &[Stage] {
        &self.0
    }

    /// Whether everything goes in one deploy.
    pub fn is_single(&self) -> bool {
        self.0.len() == 1
    }

    /// Everything in one package: what an org is compared with.
    pub fn whole(&self) -> Package {
        let mut whole = self.0[0].package.clone();
        for stage in &self.0[1..] {
            whole.components.extend(stage.package.components.clone());
            whole.secrets.extend(stage.package.secrets.clone());
        }
        whole
    }

    /// Every package with its secrets in place; see [`Package::resolved`].
    pub fn resolved(&self) -> Result<Self, Error> {
        let resolved = self.0.iter().map(|stage| {
            Ok(Stage {
                name: stage.name.clone(),
                package: stage.package.resolved()?,
            })
        });
        Ok(Self(resolved.collect::<Result<_, Error>>()?))
    }

    /// The files of all packages: path with forward slashes → content. Sorted, LF, deterministic.
    ///
    /// In metadata format each of several packages has a folder of its own, numbered in their order;
    /// source format stays one project, with a manifest for each of several packages beside the one
    /// for all of it.
    pub fn files(&self, format: Format) -> Result<BTreeMap<String, String>, Error> {
        let whole = self.whole();
        if self.is_single() {
            return whole.files(format);
        }
        if format == Format::Source {
            let manifests = self.numbered().map(|(name, stage)| {
                let path = format!("manifest/{name}/package.xml");
                (path, stage.package.manifest().to_xml())
            });
            let mut files = source::files(&whole)?;
            files.extend(manifests);
            return Ok(files);
        }
        let mut files = BTreeMap::new();
        for (name, stage) in self.numbered() {
            let package = stage.package.files(format)?.into_iter();
            files.extend(package.map(|(path, content)| (format!("{name}/{path}"), content)));
        }
        Ok(files)
    }

    /// The packages with their names in files: `2-external-client-app`.
    pub fn numbered(&self) -> impl Iterator<Item = (String, &Stage)> {
        let stages = self.0.iter().enumerate();
        stages.map(|(index, stage)| (format!("{}-{}", index + 1, stage.name), stage))
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use crate::metadata::MetadataType;

    fn stage(name: &str, keep: impl Fn(MetadataType) -> bool) -> Stage {
        let mut package = samples::sample();
        package.components.retain(|id, _| keep(id.kind));
        package.secrets.retain(|slot| keep(slot.component.kind));
        Stage {
            name: name.to_owned(),
            package,
        }
    }

    fn two() -> Rollout {
        let is_set = |kind| kind == MetadataType::PermissionSet;
        let empty = stage("nothing", |_| false);
        Rollout::new(
            stage("base", move |kind| !is_set(kind)),
            [empty, stage("sets", is_set)],
        )
    }

    #[test]
    fn one_package_is_laid_out_as_ever() {
        let sample = samples::sample();
        let one = Rollout::new(stage("base", |_| true), []);
        for format in [Format::Metadata, Format::Source] {
            assert_eq!(one.files(format).unwrap(), sample.files(format).unwrap());
        }
        assert_eq!(one.resolved().unwrap().whole(), sample.resolved().unwrap());
    }

    #[test]
    fn several_packages_have_folders_in_their_order_and_empty_ones_none() {
        let files = two().files(Format::Metadata).unwrap();
        let manifests: Vec<&str> = files
            .keys()
            .filter(|path| path.ends_with("package.xml"))
            .map(String::as_str)
            .collect();
        assert_eq!(manifests, ["1-base/package.xml", "2-sets/package.xml"]);
        let in_second: Vec<&str> = files
            .keys()
            .filter_map(|path| path.strip_prefix("2-sets/"))
            .collect();
        assert_eq!(
            in_second,
            [
                "package.xml",
                "permissionsets/OpenCX_Integration.permissionset"
            ]
        );
    }

    #[test]
    fn source_format_stays_one_project() {
        let mut files = two().files(Format::Source).unwrap();
        assert!(files.remove("manifest/1-base/package.xml").is_some());
        let second = files.remove("manifest/2-sets/package.xml").unwrap();
        assert_eq!(second, two().stages()[1].package.manifest().to_xml());
        assert_eq!(files, samples::sample().files(Format::Source).unwrap());
    }

    #[test]
    fn the_whole_is_everything() {
        assert_eq!(two().whole(), samples::sample());
    }
}

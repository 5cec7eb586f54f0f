//! `package.xml`: the list of what a package holds.

use std::collections::BTreeMap;

use super::Error;
use crate::metadata::{ApiVersion, ComponentId, FullName, MetadataType};
use crate::xml::{self, Element};

/// A `package.xml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Its `version`.
    pub api_version: ApiVersion,
    /// Its members.
    pub members: Vec<ComponentId>,
}

impl Manifest {
    /// Writes it: types and members sorted, as the `package.xml` of a retrieve is.
    pub fn to_xml(&self) -> String {
        let mut types: BTreeMap<&str, Vec<&FullName>> = BTreeMap::new();
        for member in &self.members {
            let names = types.entry(member.kind.name()).or_default();
            names.push(&member.full_name);
        }
        let mut children = Vec::new();
        for (kind, mut names) in types {
            names.sort();
            names.dedup();
            let mut entry: Vec<Element> = names
                .into_iter()
                .map(|name| Element::leaf("members", name.as_str()))
                .collect();
            entry.push(Element::leaf("name", kind));
            children.push(Element::parent("types", entry));
        }
        children.push(Element::leaf("version", self.api_version.to_string()));
        xml::write(&Element::parent("Package", children))
    }

    /// Reads it. Types that this tool does not handle are an error. A member may be `*`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let root = xml::parse(text).map_err(|source| Error::FileXml {
            path: "package.xml".to_owned(),
            source,
        })?;
        let problem = |element: &Element, problem: &str| Error::Manifest {
            line: element.line,
            problem: problem.to_owned(),
        };
        if root.name != "Package" {
            return Err(problem(&root, "the root element is not `Package`"));
        }
        let word = |element: &Element, source| Error::ManifestWord {
            line: element.line,
            source,
        };
        let mut members = Vec::new();
        for entry in root.children.iter().filter(|child| child.name == "types") {
            let name = entry
                .child("name")
                .ok_or_else(|| problem(entry, "`types` has no `name`"))?;
            let kind: MetadataType = name
                .text
                .trim()
                .parse()
                .map_err(|source| word(name, source))?;
            for member in entry
                .children
                .iter()
                .filter(|child| child.name == "members")
            {
                if member.text.trim().is_empty() {
                    return Err(problem(member, "`members` is empty"));
                }
                members.push(ComponentId::new(kind, member.text.trim()));
            }
        }
        let version = root
            .child("version")
            .ok_or_else(|| problem(&root, "there is no `version`"))?;
        let api_version = version
            .text
            .trim()
            .parse()
            .map_err(|source| word(version, source))?;
        Ok(Self {
            api_version,
            members,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_members_are_sorted() {
        let manifest = Manifest {
            api_version: ApiVersion::new(66),
            members: vec![
                ComponentId::new(MetadataType::CustomField, "Case.Case_From__c"),
                ComponentId::new(MetadataType::ApexClass, "B"),
                ComponentId::new(MetadataType::ApexClass, "A"),
            ],
        };
        let text = manifest.to_xml();
        assert_eq!(
            text,
            r#"<?xml version="1.0" encoding="UTF-8"?>
<Package xmlns="http://soap.sforce.com/2006/04/metadata">
    <types>
        <members>A</members>
        <members>B</members>
        <name>ApexClass</name>
    </types>
    <types>
        <members>Case.Case_From__c</members>
        <name>CustomField</name>
    </types>
    <version>66.0</version>
</Package>
"#
        );
        let read = Manifest::parse(&text).unwrap();
        assert_eq!(read.to_xml(), text);
        assert_eq!(read.api_version, ApiVersion::new(66));
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        for (text, message) in [
            ("<Package/>", "`package.xml`, line 1: there is no `version`"),
            (
                "<A/>",
                "`package.xml`, line 1: the root element is not `Package`",
            ),
            (
                "<Package>\n<types/></Package>",
                "`package.xml`, line 2: `types` has no `name`",
            ),
            (
                "<Package>\n<types><members/><name>ApexClass</name></types></Package>",
                "`package.xml`, line 2: `members` is empty",
            ),
            (
                "<Package>\n<types><name>Layout</name></types></Package>",
                "`package.xml`, line 2",
            ),
            (
                "<Package>\n\n<version>66</version></Package>",
                "`package.xml`, line 3",
            ),
            ("", "`package.xml` cannot be read"),
        ] {
            assert_eq!(Manifest::parse(text).unwrap_err().to_string(), message);
        }
    }
}

//! Metadata XML as trees, and what the WSDL says of each type.
//!
//! Everything that reads or writes a metadata file goes through here, so that "equal" means the
//! same thing when a package is rendered, deployed, read back and compared: an org returns what it
//! was given in another order, with its defaults written out and without its secrets.

use crate::metadata::{Component, MetadataType};

mod mask;
mod normalize;
mod parse;
pub mod schema;
mod validate;
mod violation;
mod write;

#[cfg(test)]
pub(crate) mod properties;

pub use mask::{hidden, masked, with_secrets_replaced};
pub use normalize::{comparable, normalize};
pub use parse::parse;
pub use validate::{validate, validate_as};
pub use violation::{Violation, ViolationKind};
pub use write::write;

/// An element of a metadata file. Namespace prefixes are resolved away; comments, processing
/// instructions and white space between elements are dropped; `xsi:nil="true"` is kept as `nil`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    /// Local name.
    pub name: String,
    /// Text content (of a leaf; empty otherwise), unescaped.
    pub text: String,
    /// `xsi:type`, as written, where given.
    pub xsi_type: Option<String>,
    /// Whether `xsi:nil="true"` was given.
    pub nil: bool,
    /// Child elements in document order.
    pub children: Vec<Element>,
    /// 1-based line of the start tag, 0 when made in memory.
    pub line: usize,
    /// 1-based column of the start tag, 0 when made in memory.
    pub column: usize,
}

impl Element {
    /// An element with that name and those children, made in memory.
    pub fn parent(name: impl Into<String>, children: Vec<Self>) -> Self {
        Self {
            name: name.into(),
            children,
            ..Self::default()
        }
    }

    /// A leaf with that name and text, made in memory.
    pub fn leaf(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
            ..Self::default()
        }
    }

    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of that name.
    pub fn child_text(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }
}

/// Why a text is not a metadata XML tree.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// Not well-formed, or deeper or larger than any metadata file.
    #[error("line {line}, column {column}: {problem}")]
    Malformed {
        /// 1-based.
        line: usize,
        /// 1-based.
        column: usize,
        /// The parser's words.
        problem: String,
    },
}

/// The first 16 hexadecimal digits of SHA-256 over the [`comparable`] form of a component's XML:
/// the fields that we own, without `description`, which holds the marker itself.
///
/// Equal for what was deployed and what an org returns for it unchanged. The digests stand in
/// customers' orgs, so a change of the canonical form makes untouched components look edited.
pub fn digest(component: &Component) -> Result<String, Error> {
    let tree = parse(&component.xml)?;
    Ok(tree_digest(component.id.kind, &tree))
}

/// [`digest`] of a tree that is parsed already.
pub fn tree_digest(kind: MetadataType, root: &Element) -> String {
    use sha2::{Digest, Sha256};

    let hash = Sha256::digest(write(&comparable(kind, root)).as_bytes());
    hash.iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_is_that_of_what_an_org_returns() {
        let component = |kind, xml: &str| Component {
            id: crate::metadata::ComponentId::new(kind, "A"),
            source: None,
            xml: xml.to_owned(),
        };
        let kind = MetadataType::CustomPermission;
        let ours = component(
            kind,
            "<CustomPermission><label>A</label><description>d</description></CustomPermission>",
        );
        let returned = component(
            kind,
            "<?xml version=\"1.0\"?>\r\n<CustomPermission xmlns=\"x\">\r\n<fullName>A</fullName>\
             <description>d digest=1</description><isLicensed>false</isLicensed>\
             <label>A</label></CustomPermission>",
        );
        assert_eq!(digest(&ours), digest(&returned));
        let edited = component(
            kind,
            "<CustomPermission><label>B</label></CustomPermission>",
        );
        assert_ne!(digest(&ours), digest(&edited));
    }

    /// These stand in orgs as parts of markers. When this test fails, components that nobody
    /// touched would be reported as edited by hand.
    #[test]
    fn digests_stay_what_they_were() {
        for (kind, body, expected) in [
            (
                MetadataType::CustomPermission,
                "<label>A</label>",
                "59194060beda9bc9",
            ),
            (
                MetadataType::NamedCredential,
                "<endpoint>https://a</endpoint><label>A</label>",
                "69c2bed95841d1c5",
            ),
            (
                MetadataType::PermissionSet,
                "<label>A</label><userPermissions><enabled>true</enabled>\
                 <name>ApiEnabled</name></userPermissions>",
                "2418bab13365aa65",
            ),
            (
                MetadataType::CustomField,
                "<fullName>A__c</fullName><label>A</label><type>Text</type>",
                "781c09461e986f38",
            ),
        ] {
            let tree = parse(&format!("<{kind}>{body}</{kind}>")).unwrap();
            assert_eq!(tree_digest(kind, &tree), expected, "{kind}");
        }
    }
}

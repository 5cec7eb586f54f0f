//! Why a package cannot be written or read, as facts and as findings.

use crate::diag::{Category, Code, Diagnostic, Place};
use crate::metadata::{self, ComponentId};
use crate::xml;

/// Why a package cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A secret is needed and was not resolved.
    #[error("the secret for {component} is not set")]
    UnresolvedSecret {
        /// The component that needs it.
        component: ComponentId,
        /// The variable that would hold it.
        env: Option<String>,
    },
    /// A component's XML is not XML.
    #[error("the XML of {component} cannot be read")]
    ComponentXml {
        /// Whose.
        component: ComponentId,
        /// Where and why.
        source: xml::Error,
    },
    /// A file's XML is not XML.
    #[error("`{path}` cannot be read")]
    FileXml {
        /// Which file.
        path: String,
        /// Where and why.
        source: xml::Error,
    },
    /// A field whose name is not `Object.Field`.
    #[error("`{component}` names no object: expected a form like `CustomField:Case.Case_From__c`")]
    NoObject {
        /// The field.
        component: ComponentId,
    },
    /// A `<fields>` element without the name of the field.
    #[error("`{path}`, line {line}: a field has no `fullName`")]
    UnnamedField {
        /// The object's file.
        path: String,
        /// 1-based line of the element.
        line: usize,
    },
    /// Two files hold the same component.
    #[error("{component} is there twice")]
    DuplicateComponent {
        /// Which.
        component: ComponentId,
    },
    /// Apex code without its `-meta.xml`, or the other way round.
    #[error("`{path}` has no `{missing}` beside it")]
    Unpaired {
        /// The file that is there.
        path: String,
        /// The file that is missing.
        missing: String,
    },
    /// A file that should be text is not UTF-8.
    #[error("`{path}` is not UTF-8 text")]
    NotUtf8 {
        /// Which file.
        path: String,
    },
    /// A path that could leave its folder, or that not every system can hold.
    #[error("the path `{path}` is not safe: {reason}")]
    UnsafePath {
        /// The path, with what cannot be printed escaped.
        path: String,
        /// Which rule it breaks.
        reason: &'static str,
    },
    /// Not a zip, damaged, or using a feature that no org's zip uses.
    #[error("the zip cannot be read: {reason}")]
    BrokenZip {
        /// The decoder's words.
        reason: String,
    },
    /// A zip that would unpack to more than a package can be.
    #[error("the zip is too large: {reason}")]
    TooLarge {
        /// Which limit.
        reason: String,
    },
    /// A zip that could not be written.
    #[error("the zip cannot be written: {reason}")]
    Unwritable {
        /// The encoder's words.
        reason: String,
    },
    /// A `package.xml` that is not one.
    #[error("`package.xml`, line {line}: {problem}")]
    Manifest {
        /// 1-based line.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// A `package.xml` with words that this tool doesn't know.
    #[error("`package.xml`, line {line}")]
    ManifestWord {
        /// 1-based line.
        line: usize,
        /// Which word.
        source: metadata::Error,
    },
}

impl Error {
    /// The finding to show for it.
    pub fn to_diagnostic(&self) -> Diagnostic {
        let (code, category) = match self {
            Self::UnresolvedSecret { .. } => ("config/unset-secret", Category::Config),
            Self::ComponentXml { .. } | Self::FileXml { .. } => {
                ("package/broken-xml", Category::Failed)
            }
            Self::NoObject { .. } => ("package/no-object", Category::Failed),
            Self::UnnamedField { .. } => ("package/unnamed-field", Category::Failed),
            Self::DuplicateComponent { .. } => ("package/duplicate-component", Category::Failed),
            Self::Unpaired { .. } => ("package/unpaired-file", Category::Failed),
            Self::NotUtf8 { .. } => ("package/not-utf8", Category::Failed),
            Self::UnsafePath { .. } => ("package/unsafe-path", Category::Failed),
            Self::BrokenZip { .. } => ("package/broken-zip", Category::Failed),
            Self::TooLarge { .. } => ("package/too-large", Category::Failed),
            Self::Unwritable { .. } => ("package/unwritable-zip", Category::Failed),
            Self::Manifest { .. } | Self::ManifestWord { .. } => {
                ("package/broken-manifest", Category::Failed)
            }
        };
        let mut finding = Diagnostic::error(Code(code), category, self.to_string());
        if let Some(place) = self.place() {
            finding = finding.at(place);
        }
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            finding = finding.because(error.to_string());
            cause = error.source();
        }
        match self.help() {
            Some(help) => finding.help(help),
            None => finding,
        }
    }

    fn place(&self) -> Option<Place> {
        match self {
            Self::UnresolvedSecret { component, .. }
            | Self::NoObject { component }
            | Self::DuplicateComponent { component } => Some(component_place(component, None)),
            Self::ComponentXml { component, source } => {
                let xml::Error::Malformed { line, .. } = source;
                Some(component_place(component, Some(*line)))
            }
            Self::FileXml { path, .. }
            | Self::UnnamedField { path, .. }
            | Self::Unpaired { path, .. }
            | Self::NotUtf8 { path } => Some(Place::Path { path: path.clone() }),
            _ => None,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::UnresolvedSecret { env: Some(env), .. } => {
                format!("set the environment variable {env} and run the command again")
            }
            Self::UnresolvedSecret { env: None, .. } => {
                "give the value in the config by reference, for example `${env:OPENCX_WEBHOOK_URL}`"
                    .to_owned()
            }
            Self::BrokenZip { .. } => {
                "if an org sent it, run the command again: a retrieve gives its zip only once"
                    .to_owned()
            }
            Self::Unpaired { missing, .. } => format!("add `{missing}`, or remove the file"),
            Self::ManifestWord { .. } => {
                "remove the entry: opencx-sf handles only the types of its own package".to_owned()
            }
            _ => return None,
        })
    }
}

fn component_place(component: &ComponentId, line: Option<usize>) -> Place {
    Place::Component {
        org: None,
        component: component.to_string(),
        line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::MetadataType;

    #[test]
    fn an_unset_secret_names_its_variable() {
        let error = Error::UnresolvedSecret {
            component: ComponentId::new(MetadataType::NamedCredential, "A"),
            env: Some("OPENCX_WEBHOOK_URL".to_owned()),
        };
        let finding = error.to_diagnostic();
        assert_eq!(finding.code, Code("config/unset-secret"));
        assert_eq!(finding.category, Category::Config);
        assert_eq!(
            finding.message,
            "the secret for NamedCredential:A is not set"
        );
        assert_eq!(
            finding.help.as_deref(),
            Some("set the environment variable OPENCX_WEBHOOK_URL and run the command again")
        );
    }

    #[test]
    fn the_cause_of_broken_xml_is_told_with_its_line() {
        let error = Error::ComponentXml {
            component: ComponentId::new(MetadataType::NamedCredential, "A"),
            source: xml::parse("<a>\n<b></a>").unwrap_err(),
        };
        let finding = error.to_diagnostic();
        assert_eq!(
            finding.place,
            Some(Place::Component {
                org: None,
                component: "NamedCredential:A".to_owned(),
                line: Some(2)
            })
        );
        assert_eq!(finding.because.len(), 1);
    }
}

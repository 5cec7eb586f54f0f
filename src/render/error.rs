//! Why an integration cannot be rendered.

use crate::diag::{Category, Code, Diagnostic, Place};
use crate::{apex, package, template, xml};

/// Why an integration cannot be rendered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A template cannot be rendered.
    #[error(transparent)]
    Template(#[from] template::Error),
    /// A manifest names a component that has no template.
    #[error("there is no template {0}")]
    NoTemplate(String),
    /// A manifest does not render to a `package.xml`.
    #[error("{template} does not render to a package.xml")]
    Manifest {
        /// The manifest's path.
        template: String,
        /// What is wrong with it.
        source: package::Error,
    },
    /// A template does not render to XML.
    #[error("{template} does not render to XML")]
    Xml {
        /// The template's path.
        template: String,
        /// What is wrong with it.
        source: xml::Error,
    },
    /// A component's name cannot be used.
    #[error("the name `{name}` for {shipped} {source}")]
    Name {
        /// The shipped name.
        shipped: String,
        /// The name in use.
        name: String,
        /// What is wrong with it.
        source: apex::NameError,
    },
    /// Two components of one type have the same name.
    #[error("two components are named {0}")]
    SameName(String),
    /// The field of the condition is no field name.
    #[error("`{0}` is not the name of a field")]
    Field(String),
    /// A value cannot be written in Apex.
    #[error("{key} cannot be written as an Apex literal: {source}")]
    Literal {
        /// The config key.
        key: &'static str,
        /// What is wrong with its value.
        source: apex::LiteralError,
    },
}

impl Error {
    /// The finding that a person reads.
    pub fn to_diagnostic(&self) -> Diagnostic {
        let finding = |code, category| Diagnostic::error(Code(code), category, self.to_string());
        let template = |path: &str| Place::Path {
            path: path.to_owned(),
        };
        match self {
            Self::Template(error) => error.to_diagnostic(),
            Self::NoTemplate(path) => finding("template/missing", Category::Bug)
                .at(template(path))
                .help("report this: a shipped manifest and the shipped templates disagree"),
            Self::Manifest {
                template: path,
                source,
            } => finding("template/manifest", Category::Bug)
                .at(template(path))
                .because(source.to_string())
                .help("report this: a shipped manifest is broken"),
            Self::Xml {
                template: path,
                source,
            } => finding("template/not-xml", Category::Config)
                .at(template(path))
                .because(source.to_string())
                .help("compare the overriding file with the shipped template"),
            Self::Name { shipped, .. } => finding("template/name", Category::Config)
                .help(format!("change `names.{shipped}` in the config")),
            Self::SameName(_) => finding("template/same-name", Category::Config)
                .help("give each component its own name under `names` in the config"),
            Self::Field(_) => finding("template/field", Category::Config)
                .help("change `outbound.only_when.field` in the config"),
            Self::Literal { key, .. } => finding("template/literal", Category::Config)
                .help(format!("change `{key}` in the config")),
        }
    }
}

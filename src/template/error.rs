//! Why templates cannot be read or rendered.

use std::path::PathBuf;

use super::VARIABLES;
use crate::diag::{Category, Code, Diagnostic, Place, Snippet};

/// Why a template cannot be read or rendered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder of overrides, or a file in it, cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file of the folder is not UTF-8 text.
    #[error("{} is not UTF-8 text", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// A file of the folder is larger than any Apex class can be.
    #[error("{} is larger than {limit} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// What is allowed.
        limit: u64,
    },
    /// A file of the folder replaces no shipped template.
    #[error("{} does not replace any shipped template", path.display())]
    UnknownTemplate {
        /// The file.
        path: PathBuf,
        /// The shipped path that is most like it.
        similar: Option<String>,
    },
    /// The first line does not say which version the template is.
    #[error("{template} does not begin with a line `{{# version: N #}}`")]
    NoVersion {
        /// The template's path.
        template: String,
    },
    /// The template engine's error: syntax, an unknown variable or filter, a wrong type.
    #[error("{template}: {message}")]
    Engine {
        /// The template's path.
        template: String,
        /// 1-based line, where the engine names one.
        line: Option<usize>,
        /// 1-based column, 0 without a line.
        column: usize,
        /// The text of that line, empty without one.
        text: String,
        /// The engine's own words.
        message: String,
    },
}

impl Error {
    /// The finding that a person reads.
    pub fn to_diagnostic(&self) -> Diagnostic {
        let finding = |code| Diagnostic::error(Code(code), Category::Config, self.to_string());
        let in_file = |path: &PathBuf| Place::Path {
            path: path.display().to_string(),
        };
        match self {
            Self::Unreadable { path, source } => finding("template/unreadable")
                .at(in_file(path))
                .because(source.to_string())
                .help("check the path of `templates` in the config and the file's permissions"),
            Self::NotText { path } => finding("template/not-text")
                .at(in_file(path))
                .help("save the file as UTF-8"),
            Self::TooLarge { path, .. } => finding("template/too-large")
                .at(in_file(path))
                .help("an Apex class or trigger has at most one million characters"),
            Self::UnknownTemplate { path, similar } => finding("template/unknown")
                .at(in_file(path))
                .help(match similar {
                    Some(similar) => format!("did you mean `{similar}`?"),
                    None => "name the file as the shipped template is named, for example \
                             `classes/OpenCxWebhook.cls`"
                        .to_owned(),
                }),
            Self::NoVersion { template } => finding("template/no-version")
                .at(Place::Path {
                    path: template.clone(),
                })
                .help("begin with the version of the shipped template that it was made from"),
            Self::Engine {
                template,
                line,
                column,
                text,
                message,
            } => finding("template/render")
                .at(match line {
                    Some(line) => Place::File(Snippet {
                        file: template.clone(),
                        line: *line,
                        column: *column,
                        text: text.clone(),
                        length: 1,
                        label: message.clone(),
                    }),
                    None => Place::Path {
                        path: template.clone(),
                    },
                })
                .help(format!("a template may use {}", VARIABLES.join(", "))),
        }
    }
}

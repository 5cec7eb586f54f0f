//! One Tera engine per output language: what a value becomes in Apex is not what it becomes in
//! XML.

use std::io::{Error as IoError, Write};

use tera::{Context, ErrorKind, Kwargs, State, StringInput, Tera, Value};

use super::{Catalog, Error, Template};
use crate::apex;

/// What a template is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Apex: `{{ value }}` is a complete string literal with its quotes, and
    /// `{{ value | comment }}` is text that cannot leave a comment.
    Apex,
    /// Metadata XML: `{{ value }}` is escaped text.
    Xml,
}

impl Language {
    /// The language of the template at that path.
    pub fn of(path: &str) -> Self {
        if path.ends_with(".cls") || path.ends_with(".trigger") {
            Self::Apex
        } else {
            Self::Xml
        }
    }
}

/// All templates of a catalogue, compiled.
#[derive(Debug)]
pub(super) struct Compiled {
    apex: Tera,
    xml: Tera,
}

/// The engines with all templates of a catalogue.
pub struct Engines<'a> {
    catalog: &'a Catalog,
    compiled: &'a Compiled,
}

impl<'a> Engines<'a> {
    /// Compiles the templates and manifests of the catalogue, unless that was done before.
    pub fn new(catalog: &'a Catalog) -> Result<Self, Error> {
        let compiled = match catalog.compiled.get() {
            Some(compiled) => compiled,
            None => {
                let compiled = Compiled::new(catalog)?;
                catalog.compiled.get_or_init(|| compiled)
            }
        };
        Ok(Self { catalog, compiled })
    }

    /// The template's text with the values put in: LF, one final newline, no blank line at the
    /// top. A variable that has no value is an error.
    pub fn render(&self, template: &Template, values: &Context) -> Result<String, Error> {
        let tera = match Language::of(&template.path) {
            Language::Apex => &self.compiled.apex,
            Language::Xml => &self.compiled.xml,
        };
        let text = tera
            .render(&template.path, values)
            .map_err(|error| from_tera(&error, &template.path, self.catalog))?;
        Ok(format!("{}\n", text.trim_matches('\n')))
    }
}

impl Compiled {
    fn new(catalog: &Catalog) -> Result<Self, Error> {
        let mut apex = Tera::new();
        apex.set_escape_fn(write_literal);
        apex.register_filter("comment", comment);
        let mut xml = Tera::new();
        xml.set_escape_fn(write_xml_text);
        for (language, tera) in [(Language::Apex, &mut apex), (Language::Xml, &mut xml)] {
            let sources: Vec<_> = catalog
                .files()
                .filter(|template| Language::of(&template.path) == language)
                .map(|template| (template.path.as_str(), template.text.as_str()))
                .collect();
            // Every path ends with the empty suffix: there is no template without escaping.
            tera.autoescape_on([""]);
            tera.add_raw_templates(sources)
                .map_err(|error| from_tera(&error, "templates", catalog))?;
        }
        Ok(Self { apex, xml })
    }
}

fn write_literal(text: &str, out: &mut dyn Write) -> std::io::Result<()> {
    let literal = apex::string_literal(text).map_err(IoError::other)?;
    out.write_all(literal.as_bytes())
}

fn write_xml_text(text: &str, out: &mut dyn Write) -> std::io::Result<()> {
    out.write_all(quick_xml::escape::escape(text).as_bytes())
}

fn comment(text: StringInput, _: Kwargs, _: &State) -> Value {
    Value::safe_string(&apex::comment_text(text.as_str()))
}

/// `template` is the path for errors that name none themselves.
fn from_tera(error: &tera::Error, template: &str, catalog: &Catalog) -> Error {
    let report = match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => Some(report),
        _ => None,
    };
    let template = report.map_or(template, |report| report.filename());
    let line = report.map(|report| report.span().start_line);
    // The engine appends a list of variables, which the finding has anyway.
    let message = report.map_or_else(|| error.to_string(), |report| report.message().to_owned());
    let message = message
        .split_once(" Available ")
        .map_or(message.as_str(), |(message, _)| message);
    Error::Engine {
        template: template.to_owned(),
        line,
        column: report.map_or(0, |report| report.span().start_col + 1),
        text: catalog
            .files()
            .find(|file| file.path == template)
            .zip(line)
            .and_then(|(file, line)| file.text.lines().nth(line.saturating_sub(1)))
            .unwrap_or_default()
            .to_owned(),
        message: message.to_owned(),
    }
}

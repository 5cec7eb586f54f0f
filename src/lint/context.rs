//! What rules look at: the package, with its Apex and XML parsed once.

use crate::apex::{Binding, Call, Declaration, Expression, Source, parse_string_literal};
use crate::config::Integration;
use crate::metadata::{Component, ComponentId, MetadataType};
use crate::package::Package;
use crate::xml::{self, Element};

/// A class or trigger, parsed.
#[derive(Debug)]
pub(super) struct ApexFile<'a> {
    pub(super) id: &'a ComponentId,
    pub(super) source: Source<'a>,
    pub(super) declaration: Option<Declaration>,
    pub(super) calls: Vec<Call<'a>>,
    pub(super) bindings: Vec<Binding<'a>>,
    /// Whether it handles e-mail messages that Apex makes.
    pub(super) makes_mail: bool,
}

impl ApexFile<'_> {
    /// Whether it is a test class, which nothing but tests runs.
    pub(super) fn is_test(&self) -> bool {
        matches!(
            self.declaration,
            Some(Declaration::Class { is_test: true, .. })
        )
    }
}

/// The package and what was made of it.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) package: &'a Package,
    pub(super) integration: &'a Integration,
    pub(super) apex: Vec<ApexFile<'a>>,
    pub(super) xml: Vec<(&'a Component, Result<Element, xml::Error>)>,
}

impl<'a> Context<'a> {
    pub(super) fn new(package: &'a Package, integration: &'a Integration) -> Self {
        let components = || package.components.values();
        Self {
            package,
            integration,
            apex: components()
                .filter_map(|component| {
                    let source = Source::parse(component.source.as_deref()?);
                    Some(ApexFile {
                        id: &component.id,
                        declaration: source.declaration(),
                        calls: source.calls(),
                        bindings: source.bindings(),
                        makes_mail: contains_ignoring_case(source.text(), "SingleEmailMessage"),
                        source,
                    })
                })
                .collect(),
            xml: components()
                .map(|component| (component, xml::parse(&component.xml)))
                .collect(),
        }
    }

    /// The Apex that runs outside of tests.
    pub(super) fn production(&self) -> impl Iterator<Item = &ApexFile<'a>> {
        self.apex.iter().filter(|file| !file.is_test())
    }

    /// The name in use of a component, by its shipped name.
    pub(super) fn name<'b>(&'b self, shipped: &'b str) -> &'b str {
        self.integration
            .names
            .get(shipped)
            .map_or(shipped, String::as_str)
    }

    /// The value of an expression that is a string literal, or that names a constant of this file
    /// or, as `Class.NAME`, of another one. `None` when it is anything else, or when the constant
    /// gets more than one value.
    pub(super) fn constant(&self, file: &ApexFile<'_>, value: &Expression<'_>) -> Option<String> {
        let text = value.span.text;
        if let Some(literal) = parse_string_literal(text) {
            return Some(literal);
        }
        match text.split_once('.') {
            None => named_value(file, text),
            Some((class, name)) => {
                let id = ComponentId::new(MetadataType::ApexClass, class.trim());
                let owner = self.apex.iter().find(|file| *file.id == id)?;
                named_value(owner, name.trim())
            }
        }
    }
}

fn named_value(file: &ApexFile<'_>, name: &str) -> Option<String> {
    let mut values = file
        .bindings
        .iter()
        .filter(|binding| binding.receiver.is_none() && binding.name.eq_ignore_ascii_case(name))
        .map(|binding| parse_string_literal(binding.value.span.text));
    let first = values.next()??;
    values
        .all(|value| value.as_ref() == Some(&first))
        .then_some(first)
}

/// Apex has no regard to the case of names.
pub(super) fn contains_ignoring_case(text: &str, part: &str) -> bool {
    text.as_bytes()
        .windows(part.len())
        .any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}

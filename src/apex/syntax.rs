//! What the parser says of a whole file: its declaration and where it does not parse.

use tree_sitter::Node;

use super::source::{Source, descendants, place};
use super::syntax_error;

/// A place where a source does not parse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// 1-based line.
    pub line: usize,
    /// 1-based column in characters.
    pub column: usize,
    /// In the Apex compiler's words: "Unexpected token '}'", "Missing ';' at '}'".
    pub message: String,
}

/// The outermost declaration of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Declaration {
    /// A class, interface or enum.
    Class {
        /// Its name.
        name: String,
        /// Whether it is annotated `@IsTest`.
        is_test: bool,
    },
    /// A trigger.
    Trigger {
        /// Its name.
        name: String,
        /// The object it is on.
        object: String,
        /// Its events in lower case, single-spaced: `after insert`.
        events: Vec<String>,
    },
}

impl Declaration {
    /// The declared name.
    pub fn name(&self) -> &str {
        match self {
            Self::Class { name, .. } | Self::Trigger { name, .. } => name,
        }
    }
}

/// Under whose sharing rules the code of a class runs (Apex Developer Guide, "Use the with
/// sharing, without sharing, and inherited sharing Keywords").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// `with sharing`.
    With,
    /// `without sharing`.
    Without,
    /// `inherited sharing`.
    Inherited,
    /// No keyword: up to the caller, and since API version 67 `with sharing`.
    Unstated,
}

/// What parsing a source gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Syntax {
    /// The outermost declaration, where one was recognised.
    pub declaration: Option<Declaration>,
    /// Where it does not parse, in the order of the text, at most 20; empty for valid Apex.
    pub errors: Vec<SyntaxError>,
}

/// Parses a class or trigger file with tree-sitter: one declaration and nothing beside it.
///
/// Its grammar is wider than Apex's in places (a reserved word as a variable's name, for example),
/// so no error is no proof that Salesforce compiles the file.
pub fn parse(source: &str) -> Syntax {
    let source = Source::parse(source);
    Syntax {
        declaration: source.declaration(),
        errors: source.errors(),
    }
}

/// Whether a node can be a whole file.
pub(super) fn is_declaration(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        "class_declaration" | "interface_declaration" | "enum_declaration" | "trigger_declaration"
    )
}

impl<'a> Source<'a> {
    /// The outermost declaration, where one was recognised.
    pub fn declaration(&self) -> Option<Declaration> {
        let node = self.outermost()?;
        let field = |name| {
            let text = self.text_of(node.child_by_field_name(name)?);
            (!text.is_empty()).then(|| text.to_owned())
        };
        if node.kind() == "trigger_declaration" {
            return Some(Declaration::Trigger {
                name: field("name")?,
                object: field("object")?,
                events: descendants(node)
                    .take_while(|inner| inner.kind() != "trigger_body")
                    .filter(|inner| inner.kind() == "trigger_event")
                    .map(|event| single_spaced(self.text_of(event)))
                    .collect(),
            });
        }
        Some(Declaration::Class {
            name: field("name")?,
            is_test: self.modifiers(node).any(|modifier| {
                modifier.kind() == "annotation"
                    && modifier
                        .child_by_field_name("name")
                        .is_some_and(|name| self.text_of(name).eq_ignore_ascii_case("istest"))
            }),
        })
    }

    /// Under whose sharing rules the outermost class runs; `None` when it is no class.
    pub fn sharing(&self) -> Option<Sharing> {
        let node = self
            .outermost()
            .filter(|node| node.kind() == "class_declaration")?;
        let stated =
            self.modifiers(node)
                .find_map(|modifier| match modifier.named_child(0)?.kind() {
                    "with_sharing" => Some(Sharing::With),
                    "without_sharing" => Some(Sharing::Without),
                    "inherited_sharing" => Some(Sharing::Inherited),
                    _ => None,
                });
        Some(stated.unwrap_or(Sharing::Unstated))
    }

    /// Where the source does not parse, in the order of the text, at most 20.
    pub fn errors(&self) -> Vec<SyntaxError> {
        let mut errors = match self.root() {
            Some(root) => syntax_error::find(self.text(), root),
            None => vec![(0, "The parser gave up".to_owned())],
        };
        errors.sort();
        errors.dedup_by_key(|(byte, _)| *byte);
        errors.truncate(20);
        errors
            .into_iter()
            .map(|(byte, message)| {
                let (line, column) = place(self.text(), byte);
                SyntaxError {
                    line,
                    column,
                    message,
                }
            })
            .collect()
    }

    fn outermost<'tree>(&'tree self) -> Option<Node<'tree>> {
        let root = self.root()?;
        let mut cursor = root.walk();
        root.named_children(&mut cursor)
            .find(|node| is_declaration(*node))
    }

    fn modifiers<'tree>(&self, declaration: Node<'tree>) -> impl Iterator<Item = Node<'tree>> {
        let modifiers = declaration
            .named_child(0)
            .filter(|first| first.kind() == "modifiers");
        let count = modifiers.map_or(0, |node| node.child_count());
        (0..count).filter_map(move |index| modifiers?.child(index))
    }
}

fn single_spaced(text: &str) -> String {
    let words: Vec<_> = text
        .split_whitespace()
        .map(str::to_ascii_lowercase)
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(name: &str, is_test: bool) -> Option<Declaration> {
        Some(Declaration::Class {
            name: name.to_owned(),
            is_test,
        })
    }

    #[test]
    fn declarations() {
        for (source, declaration) in [
            ("public class A { class B {} }", class("A", false)),
            (
                "/** x */ @isTEST(critical=true) private class A {}",
                class("A", true),
            ),
            (
                "@JsonAccess(serializable='always') class A {}",
                class("A", false),
            ),
            ("public interface I { void f(); }", class("I", false)),
            ("enum E { X, Y }", class("E", false)),
            ("class A { @IsTest static void f() {} }", class("A", false)),
            ("x = 1;", None),
            ("", None),
        ] {
            assert_eq!(parse(source).declaration, declaration, "{source}");
        }
        assert_eq!(
            parse("trigger T on Case(AFTER  Insert, before\nupdate) {}").declaration,
            Some(Declaration::Trigger {
                name: "T".to_owned(),
                object: "Case".to_owned(),
                events: vec!["after insert".to_owned(), "before update".to_owned()],
            })
        );
    }

    #[test]
    fn sharing() {
        for (source, sharing) in [
            ("public with sharing class A {}", Some(Sharing::With)),
            ("WITHOUT SHARING class A {}", Some(Sharing::Without)),
            (
                "public inherited  sharing class A {}",
                Some(Sharing::Inherited),
            ),
            (
                "class A { without sharing class B {} }",
                Some(Sharing::Unstated),
            ),
            ("interface I {}", None),
            ("trigger T on Case(after insert) {}", None),
        ] {
            assert_eq!(Source::parse(source).sharing(), sharing, "{source}");
        }
    }
}

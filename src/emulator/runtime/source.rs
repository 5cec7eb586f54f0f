//! Syntax trees of Apex sources, and places in them.

mod grammar;
mod syntax;

use std::ops::Range;

use tree_sitter::{Parser, Tree};

use super::CompileError;
use super::resolve::NOT_SUPPORTED;
use crate::apex::for_parser;
use crate::metadata::ComponentId;

pub use grammar::{Whole, is_keyword};

/// A place in a source; both numbers start at 1. Line 0 stands for the platform's own classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct At {
    /// Line.
    pub line: u32,
    /// Column in characters.
    pub column: u32,
}

/// A node of a syntax tree together with its text.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    raw: tree_sitter::Node<'a>,
    source: &'a str,
}

impl<'a> Node<'a> {
    /// The root of a tree.
    pub fn root(tree: &'a Tree, source: &'a str) -> Self {
        Self {
            raw: tree.root_node(),
            source,
        }
    }

    /// The grammar's name of the node.
    pub fn kind(&self) -> &'a str {
        self.raw.kind()
    }

    /// The source text that it spans.
    pub fn text(&self) -> &'a str {
        self.source.get(self.raw.byte_range()).unwrap_or_default()
    }

    /// The bytes of the source that it spans.
    pub fn range(&self) -> Range<usize> {
        self.raw.byte_range()
    }

    /// Where it begins.
    pub fn at(&self) -> At {
        let (byte, point) = (self.raw.start_byte(), self.raw.start_position());
        self.place_in_line(point.row, byte.saturating_sub(point.column)..byte)
    }

    // Any place of the source, whose lines have to be counted.
    fn place(&self, byte: usize) -> At {
        place(self.source, byte)
    }

    // The place behind some bytes of a line, whose number starts at 0.
    fn place_in_line(&self, line: usize, before: Range<usize>) -> At {
        place_in_line(self.source, line, before)
    }

    /// The token that follows the node, if there is one.
    pub fn next_token(&self) -> Option<(At, &'a str)> {
        self.token_at(self.raw.end_byte())
    }

    // The first token from a byte on: a word, a number or a single character.
    fn token_at(&self, byte: usize) -> Option<(At, &'a str)> {
        let mut start = byte;
        loop {
            let rest = self.source.get(start..)?;
            let trimmed = rest.trim_start();
            start += rest.len() - trimmed.len();
            if trimmed.starts_with("//") {
                start += trimmed.find('\n')?;
            } else if trimmed.starts_with("/*") {
                start += trimmed.find("*/")? + 2;
            } else {
                let first = trimmed.chars().next()?;
                let is_word = |character: char| character.is_alphanumeric() || character == '_';
                let length = if is_word(first) {
                    trimmed
                        .find(|character| !is_word(character))
                        .unwrap_or(trimmed.len())
                } else {
                    first.len_utf8()
                };
                return Some((self.place(start), &trimmed[..length]));
            }
        }
    }

    /// The child with this field name.
    pub fn field(&self, name: &str) -> Option<Self> {
        self.raw
            .child_by_field_name(name)
            .map(|raw| Self { raw, ..*self })
    }

    /// All children with this field name.
    pub fn fields(&self, name: &str) -> Vec<Self> {
        let mut cursor = self.raw.walk();
        self.raw
            .children_by_field_name(name, &mut cursor)
            .map(|raw| Self { raw, ..*self })
            .collect()
    }

    /// The named children, without comments.
    pub fn children(&self) -> Vec<Self> {
        let mut cursor = self.raw.walk();
        self.raw
            .named_children(&mut cursor)
            .filter(|raw| !raw.is_extra())
            .map(|raw| Self { raw, ..*self })
            .collect()
    }

    /// Every child, also keywords and punctuation, without comments.
    pub fn tokens(&self) -> Vec<Self> {
        let mut cursor = self.raw.walk();
        self.raw
            .children(&mut cursor)
            .filter(|raw| !raw.is_extra())
            .map(|raw| Self { raw, ..*self })
            .collect()
    }

    /// The first named child of a kind.
    pub fn child(&self, kind: &str) -> Option<Self> {
        self.children()
            .into_iter()
            .find(|child| child.kind() == kind)
    }

    // Without recursion: sources may be nested as deeply as they are long.
    fn first_error(&self) -> Option<Self> {
        let mut waiting = vec![*self];
        while let Some(node) = waiting.pop() {
            if node.raw.is_error() || node.raw.is_missing() {
                return Some(node);
            }
            if node.raw.has_error() {
                let mut cursor = node.raw.walk();
                let children: Vec<_> = node.raw.children(&mut cursor).collect();
                waiting.extend(children.into_iter().rev().map(|raw| Self { raw, ..*self }));
            }
        }
        None
    }
}

// A place of a source by byte.
fn place(source: &str, byte: usize) -> At {
    let before = source.get(..byte).unwrap_or(source);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    place_in_line(
        source,
        before.matches('\n').count(),
        line_start..before.len(),
    )
}

fn place_in_line(source: &str, line: usize, before: Range<usize>) -> At {
    let before = source.get(before).unwrap_or_default();
    At {
        line: u32::try_from(line + 1).unwrap_or(u32::MAX),
        column: u32::try_from(before.chars().count() + 1).unwrap_or(u32::MAX),
    }
}

/// Parses the source of a class or trigger, or code that is run once, as the platform's parser does.
pub fn parse_strictly(
    component: &ComponentId,
    source: &str,
    whole: Whole,
) -> Result<Tree, CompileError> {
    let problems = grammar::problems(source, whole);
    let error = |(byte, message): (usize, String)| {
        let at = place(source, byte);
        CompileError {
            component: component.clone(),
            line: at.line,
            column: at.column,
            message,
        }
    };
    if let Some(problem) = problems.grammar {
        return Err(error(problem));
    }
    if let Some(refused) = problems.refused {
        return Err(error(refused));
    }
    let mut bytes = source.as_bytes().to_vec();
    for place in problems.loose {
        bytes[place] = b' ';
    }
    // The grammar takes it: what the tree is made with does not know all of it.
    parse(component, &String::from_utf8_lossy(&bytes)).map_err(|error| CompileError {
        message: format!("{NOT_SUPPORTED}what is written here ({})", error.message),
        ..error
    })
}

/// Parses one source.
pub fn parse(component: &ComponentId, source: &str) -> Result<Tree, CompileError> {
    let error = |at: At, message: String| CompileError {
        component: component.clone(),
        line: at.line,
        column: at.column,
        message,
    };
    let mut parser = Parser::new();
    parser
        .set_language(&tree_sitter_sfapex::apex::LANGUAGE.into())
        .map_err(|cause| error(At::default(), cause.to_string()))?;
    let tree = parser
        .parse(for_parser(source).as_ref(), None)
        .ok_or_else(|| error(At::default(), "the source cannot be parsed".to_owned()))?;
    if let Some((at, message)) = syntax::problem(Node::root(&tree, source), &mut parser) {
        return Err(error(at, message));
    }
    Ok(tree)
}

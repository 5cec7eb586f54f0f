//! YAML as a tree in which every key and value knows where it stands. Built from the parser's
//! events, so that all mistakes of a file can be found in one go, whatever their types.

use std::collections::BTreeMap;

use serde_yaml::granit_parser::{Event, Parser, ScalarStyle, Span as ParserSpan};

use super::problem::{Findings, Problem};
use super::source::{Source, Span};

/// More than any config has, of thousands of orgs too; a few aliases to aliases would otherwise multiply
/// without limit.
const MAX_NODES: usize = 100_000;
/// The config's own sections go six deep.
const MAX_DEPTH: usize = 32;

/// A value and its place.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub span: Span,
    pub value: Value,
}

/// What a value is.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Scalar { text: String, plain: bool },
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key and its value. A repeated key stays in the tree only so that its value can be masked.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub key: String,
    pub key_span: Span,
    pub node: Node,
    pub repeated: bool,
}

impl Node {
    fn size(&self) -> usize {
        self.below().map(Self::size).sum::<usize>() + 1
    }

    fn depth(&self) -> usize {
        self.below().map(Self::depth).max().unwrap_or_default() + 1
    }

    /// The values inside, of a section or a list.
    fn below(&self) -> impl Iterator<Item = &Self> {
        let entries = self.entries().iter().map(|entry| &entry.node);
        entries.chain(self.items())
    }

    /// The items of a list; empty for anything else.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            Value::Scalar { .. } | Value::Map(_) => &[],
        }
    }

    /// Every entry of a section, repeated ones too; empty for anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            Value::Scalar { .. } | Value::List(_) => &[],
        }
    }

    /// Whether nothing stands there: `key:`, `key: ~` or `key: null`.
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// What stands there, in words.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            _ if self.is_null() => "nothing",
            Value::List(_) => "a list",
            Value::Map(_) => "a section with keys",
            Value::Scalar { text, plain: true } if is_boolean(text) => "a true/false value",
            Value::Scalar { text, plain: true } if is_number(text) => "a number",
            Value::Scalar { .. } => "a text",
        }
    }
}

/// Only what YAML 1.2 calls a boolean: `no` and `on` are texts.
fn is_boolean(text: &str) -> bool {
    matches!(text, "true" | "True" | "TRUE" | "false" | "False" | "FALSE")
}

/// A number of YAML 1.2's core schema.
fn is_number(text: &str) -> bool {
    let radix = text.strip_prefix("0x").map(|digits| (digits, 16));
    let radix = radix.or_else(|| text.strip_prefix("0o").map(|digits| (digits, 8)));
    if let Some((digits, radix)) = radix {
        return !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let special = matches!(unsigned, ".inf" | ".Inf" | ".INF");
    let special = special || matches!(text, ".nan" | ".NaN" | ".NAN");
    let digits = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    special || (digits && unsigned.parse::<f64>().is_ok())
}

/// Reads the one document of a text. `None` when it is not YAML that a config can be read from;
/// the findings say why. An empty text is an empty section.
pub(super) fn parse(text: &str, source: &Source, findings: &mut Findings) -> Option<Node> {
    let mut tree = Tree::default();
    for event in Parser::new_from_str(text) {
        let step = match event {
            Ok((event, span)) => tree.step(event, &span, source, findings),
            Err(error) => {
                let at = error.marker().index();
                Err((
                    Span { start: at, end: at },
                    Problem::not_yaml(error.info(), text),
                ))
            }
        };
        if let Err((span, problem)) = step {
            findings.add(span, problem);
            return None;
        }
    }
    Some(tree.root.unwrap_or(Node {
        span: Span::default(),
        value: Value::Map(Vec::new()),
    }))
}

/// A tree that grows event by event.
#[derive(Default)]
struct Tree {
    open: Vec<Open>,
    anchors: BTreeMap<usize, Node>,
    nodes: usize,
    documents: usize,
    root: Option<Node>,
}

/// A collection whose end has not come yet.
struct Open {
    start: usize,
    anchor: usize,
    map: Option<Vec<Entry>>,
    items: Vec<Node>,
    key: Option<(String, Span)>,
}

type Step = Result<(), (Span, Problem)>;

impl Tree {
    fn step(
        &mut self,
        event: Event<'_>,
        place: &ParserSpan,
        source: &Source,
        findings: &mut Findings,
    ) -> Step {
        let span = Span {
            start: place.start.index(),
            end: place.end.index(),
        };
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err((span, Problem::Unsupported("a second document")));
                }
                Ok(())
            }
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, _, Some(_))
            | Event::MappingStart(_, _, Some(_)) => Err((span, Problem::Unsupported("a tag"))),
            Event::Scalar(text, style, anchor, None) => {
                let node = Node {
                    span,
                    value: Value::Scalar {
                        text: text.into_owned(),
                        plain: style == ScalarStyle::Plain,
                    },
                };
                self.place(node, anchor, source, findings)
            }
            Event::SequenceStart(_, anchor, None) => self.open(span, anchor, None),
            Event::MappingStart(_, anchor, None) => self.open(span, anchor, Some(Vec::new())),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else {
                    return Ok(());
                };
                let node = Node {
                    span: Span {
                        start: open.start,
                        end: span.end.max(open.start),
                    },
                    value: open.map.map_or(Value::List(open.items), Value::Map),
                };
                self.place(node, open.anchor, source, findings)
            }
            Event::Alias(id) => match self.anchors.get(&id) {
                Some(node) => {
                    let node = node.clone();
                    self.nodes += node.size();
                    self.within_limits(span, node.depth())?;
                    self.place(node, 0, source, findings)
                }
                None => Err((span, Problem::Unsupported("an alias inside its own anchor"))),
            },
            _ => Ok(()),
        }
    }

    fn open(&mut self, span: Span, anchor: usize, map: Option<Vec<Entry>>) -> Step {
        self.open.push(Open {
            start: span.start,
            anchor,
            map,
            items: Vec::new(),
            key: None,
        });
        self.within_limits(span, 0)
    }

    fn within_limits(&self, span: Span, further: usize) -> Step {
        if self.nodes > MAX_NODES {
            return Err((span, Problem::Unsupported("more than 100000 values")));
        }
        if self.open.len() + further > MAX_DEPTH {
            return Err((span, Problem::Unsupported("more than 32 nested sections")));
        }
        Ok(())
    }

    /// Puts a finished value where it belongs: as a key, as a key's value, or as the whole.
    fn place(
        &mut self,
        node: Node,
        anchor: usize,
        source: &Source,
        findings: &mut Findings,
    ) -> Step {
        self.nodes += 1;
        self.within_limits(node.span, 0)?;
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        let Some(entries) = &mut open.map else {
            open.items.push(node);
            return Ok(());
        };
        match (open.key.take(), node.value) {
            (None, Value::Scalar { text, .. }) => open.key = Some((text, node.span)),
            (None, _) => return Err((node.span, Problem::Unsupported("a key that is no text"))),
            (Some((key, key_span)), value) => {
                let first = entries.iter().find(|entry| entry.key == key);
                let repeated = first.is_some();
                if let Some(first) = first {
                    let line = source.line_number(first.key_span.start);
                    let key = key.clone();
                    findings.add(key_span, Problem::DuplicateKey { key, line });
                }
                entries.push(Entry {
                    key,
                    key_span,
                    node: Node {
                        span: node.span,
                        value,
                    },
                    repeated,
                });
            }
        }
        Ok(())
    }
}

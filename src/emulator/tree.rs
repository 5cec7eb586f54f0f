//! XML as the server reads and writes it: elements by local name, with their positions.

use quick_xml::Reader;
use quick_xml::escape::{escape, resolve_predefined_entity};
use quick_xml::events::{BytesStart, Event};

use crate::metadata::NAMESPACE;

/// What `xsi:type` and its values need on the root.
const INSTANCE: &str = "xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
                        xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";

/// Deeper than any message or metadata file.
const DEEPEST: usize = 64;

/// An element.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Node {
    /// Local name.
    pub name: String,
    /// Text of a leaf.
    pub text: String,
    /// `xsi:nil="true"`.
    pub nil: bool,
    /// `xsi:type`.
    pub xsi_type: Option<String>,
    /// Child elements.
    pub children: Vec<Node>,
    /// 1-based, 0 when made here.
    pub line: u32,
    /// 1-based, 0 when made here.
    pub column: u32,
}

/// Why a text is no XML document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// 1-based.
    pub line: u32,
    /// 1-based.
    pub column: u32,
    /// What is wrong.
    pub problem: String,
}

impl Node {
    /// A leaf.
    pub fn leaf(name: &str, text: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            text: text.into(),
            ..Self::default()
        }
    }

    /// An element that is nil.
    pub fn nil(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            nil: true,
            ..Self::default()
        }
    }

    /// An element with children.
    pub fn with(name: &str, children: Vec<Self>) -> Self {
        Self {
            name: name.to_owned(),
            children,
            ..Self::default()
        }
    }

    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of that name.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }

    /// Sets the text of the first child of that name, or adds the child.
    pub fn set(&mut self, name: &str, text: &str) {
        match self.children.iter_mut().find(|child| child.name == name) {
            Some(child) => text.clone_into(&mut child.text),
            None => self.children.push(Self::leaf(name, text)),
        }
    }

    /// Writes it into `out` on one line, as SOAP messages are.
    pub fn write_flat(&self, out: &mut String) {
        if self.nil {
            out.push_str(&format!("<{} xsi:nil=\"true\"/>", self.name));
            return;
        }
        match &self.xsi_type {
            Some(of_type) => out.push_str(&format!("<{} xsi:type=\"{of_type}\">", self.name)),
            None => out.push_str(&format!("<{}>", self.name)),
        }
        out.push_str(&escape(self.text.as_str()));
        for child in &self.children {
            child.write_flat(out);
        }
        out.push_str(&format!("</{}>", self.name));
    }

    /// A metadata file: 4 spaces, empty elements closed in themselves, one final line end.
    pub fn document(&self) -> String {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        self.write_indented(0, &mut out);
        out
    }

    fn has_types(&self) -> bool {
        self.xsi_type.is_some() || self.children.iter().any(Self::has_types)
    }

    fn write_indented(&self, depth: usize, out: &mut String) {
        let indent = "    ".repeat(depth);
        let name = &self.name;
        let mut opening = name.clone();
        if depth == 0 {
            opening.push_str(&format!(" xmlns=\"{NAMESPACE}\""));
            if self.has_types() {
                opening.push_str(&format!(" {INSTANCE}"));
            }
        }
        if let Some(of) = &self.xsi_type {
            opening.push_str(&format!(" xsi:type=\"{}\"", escape(of.as_str())));
        }
        if self.children.is_empty() && self.text.is_empty() {
            out.push_str(&format!("{indent}<{opening}/>\n"));
        } else if self.children.is_empty() {
            let text = escape(self.text.as_str());
            out.push_str(&format!("{indent}<{opening}>{text}</{name}>\n"));
        } else {
            out.push_str(&format!("{indent}<{opening}>\n"));
            for child in &self.children {
                child.write_indented(depth + 1, out);
            }
            out.push_str(&format!("{indent}</{name}>\n"));
        }
    }
}

/// Reads a document.
pub fn parse(text: &str) -> Result<Node, Malformed> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::from_str(text);
    let mut position = Position::default();
    let mut open: Vec<Node> = Vec::new();
    let mut root = None;
    loop {
        let start = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let event = reader.read_event().map_err(|error| {
            let at = usize::try_from(reader.error_position()).unwrap_or(usize::MAX);
            position.advance(text, at.max(position.offset));
            position.problem(&error.to_string())
        })?;
        match event {
            Event::Start(tag) => {
                position.advance(text, start);
                if open.len() >= DEEPEST || root.is_some() {
                    return Err(position.problem("Content is not allowed here"));
                }
                open.push(position.node(&tag)?);
            }
            Event::Empty(tag) => {
                position.advance(text, start);
                let node = position.node(&tag)?;
                close(node, &mut open, &mut root, &position)?;
            }
            Event::End(_) => {
                if let Some(node) = open.pop() {
                    close(node, &mut open, &mut root, &position)?;
                }
            }
            Event::Text(part) => add_text(&mut open, &part.xml10_content()),
            Event::CData(part) => add_text(&mut open, &part.xml10_content()),
            Event::GeneralRef(entity) => {
                let name = entity.to_string();
                match (entity.resolve_char_ref(), resolve_predefined_entity(&name)) {
                    (Ok(Some(character)), _) => add_text(&mut open, &character.to_string()),
                    (_, Some(known)) => add_text(&mut open, known),
                    _ => {
                        position.advance(text, start);
                        return Err(position.problem(&format!(
                            "The entity \"{name}\" was referenced, but not declared."
                        )));
                    }
                }
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    match (root, open.is_empty()) {
        (Some(root), true) => Ok(root),
        _ => {
            position.advance(text, text.len());
            Err(position
                .problem("XML document structures must start and end within the same entity."))
        }
    }
}

fn close(
    mut node: Node,
    open: &mut [Node],
    root: &mut Option<Node>,
    position: &Position,
) -> Result<(), Malformed> {
    if !node.children.is_empty() {
        node.text.clear();
    }
    match open.last_mut() {
        Some(parent) => parent.children.push(node),
        None if root.is_none() => *root = Some(node),
        None => return Err(position.problem("Content is not allowed here")),
    }
    Ok(())
}

fn add_text(open: &mut [Node], text: &str) {
    if let Some(node) = open.last_mut() {
        node.text.push_str(text);
    }
}

/// How far the text was counted.
struct Position {
    offset: usize,
    line: u32,
    column: u32,
}

impl Default for Position {
    fn default() -> Self {
        Self {
            offset: 0,
            line: 1,
            column: 1,
        }
    }
}

impl Position {
    fn advance(&mut self, text: &str, to: usize) {
        let mut to = to.min(text.len());
        while !text.is_char_boundary(to) {
            to -= 1;
        }
        for character in text.get(self.offset..to).unwrap_or_default().chars() {
            if character == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self.offset = self.offset.max(to);
    }

    fn problem(&self, problem: &str) -> Malformed {
        Malformed {
            line: self.line,
            column: self.column,
            problem: problem.to_owned(),
        }
    }

    fn node(&self, tag: &BytesStart<'_>) -> Result<Node, Malformed> {
        let name = tag.local_name().as_ref().to_owned();
        let mut nil = false;
        let mut xsi_type = None;
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| self.problem(&error.to_string()))?;
            match attribute.key.local_name().as_ref() {
                "nil" => nil = matches!(attribute.value.as_ref(), "true" | "1"),
                "type" if !attribute.value.contains('&') => {
                    xsi_type = Some(attribute.value.as_ref().to_owned());
                }
                _ => {}
            }
        }
        Ok(Node {
            name,
            nil,
            xsi_type,
            line: self.line,
            column: self.column,
            ..Node::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_prefixes_entities_cdata_and_positions() {
        let Ok(root) = parse(
            "<a:b xmlns:a='x'>\n  <c>1 &lt; &#50; &amp; <![CDATA[<3>]]></c><!-- no -->\n<d/></a:b>",
        ) else {
            panic!("well-formed");
        };
        assert_eq!(root.name, "b");
        assert_eq!(root.text_of("c"), Some("1 < 2 & <3>"));
        let c = root.child("c").unwrap();
        assert_eq!((c.line, c.column), (2, 3));
        let d = root.child("d").unwrap();
        assert_eq!((d.line, d.column), (3, 1));
    }

    #[test]
    fn refuses_what_is_not_one_document() {
        for bad in [
            "",
            "x",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a>&nope;</a>",
            "<a b=c/>",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        let deep = "<a>".repeat(200) + &"</a>".repeat(200);
        assert!(parse(&deep).is_err());
    }

    #[test]
    fn writes_files_as_the_org_does() {
        let root = Node::with("X", vec![Node::leaf("a", "1 < 2"), Node::leaf("b", "")]);
        assert_eq!(
            root.document(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <X xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <a>1 &lt; 2</a>\n    <b/>\n</X>\n"
        );
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,200}") {
            let _ = parse(&text);
        }

        #[test]
        fn never_panics_on_almost_xml(text in "[<>/ab&;#x0-9\"'=! \\[\\]\\-\n]{0,120}") {
            let _ = parse(&text);
        }

        #[test]
        fn reads_what_it_writes(text in "[ -~]{1,40}") {
            let mut out = String::new();
            Node::with("a", vec![Node::leaf("b", text.clone())]).write_flat(&mut out);
            let read = parse(&out).map(|root| root.text_of("b").map(str::to_owned));
            prop_assert_eq!(read.ok().flatten(), Some(text));
        }
    }
}

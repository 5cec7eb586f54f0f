//! An XML document held against a schema of W3C's language, of which this knows what the schema of JUnit
//! reports uses: elements by reference, sequences and choices, attributes that are texts. It stops at
//! anything else.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// One element.
#[derive(Debug, Default)]
struct Node {
    name: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Node>,
    has_text: bool,
}

impl Node {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }
}

/// What is wrong with a document; empty when it fits.
pub fn errors(schema: &str, document: &str) -> Vec<String> {
    let schema = parse(schema);
    let document = parse(document);
    let mut found = Vec::new();
    check(&schema, &document, &mut found);
    found
}

fn parse(text: &str) -> Node {
    let mut reader = Reader::from_str(text);
    let mut open = vec![Node::default()];
    loop {
        match reader.read_event().expect(text) {
            Event::Start(tag) => open.push(node(&tag)),
            Event::Empty(tag) => open.last_mut().unwrap().children.push(node(&tag)),
            Event::End(_) => {
                let closed = open.pop().unwrap();
                open.last_mut().unwrap().children.push(closed);
            }
            Event::Text(text) => {
                open.last_mut().unwrap().has_text |= !text.trim().is_empty();
            }
            Event::CData(_) | Event::GeneralRef(_) => open.last_mut().unwrap().has_text = true,
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(open.len(), 1, "an element is not closed");
    open.pop().unwrap().children.pop().unwrap()
}

fn node(tag: &BytesStart<'_>) -> Node {
    let attributes = tag.attributes().map(|attribute| {
        let attribute = attribute.unwrap();
        (attribute.key.0.to_owned(), attribute.value.to_string())
    });
    Node {
        name: tag.name().0.to_owned(),
        attributes: attributes.collect(),
        ..Node::default()
    }
}

fn check(schema: &Node, element: &Node, found: &mut Vec<String>) {
    let name = &element.name;
    let declared = schema
        .children
        .iter()
        .find(|one| one.name == "xs:element" && one.attribute("name") == Some(name));
    let Some(declared) = declared else {
        found.push(format!("no element <{name}>"));
        return;
    };
    let Some(kind) = declared.child("xs:complexType") else {
        assert_eq!(declared.attribute("type"), Some("xs:string"));
        if !element.children.is_empty() || !element.attributes.is_empty() {
            found.push(format!("<{name}> is a text and nothing else"));
        }
        return;
    };
    if element.has_text && kind.attribute("mixed") != Some("true") {
        found.push(format!("<{name}> has text"));
    }
    let mut allowed = BTreeMap::new();
    let mut particles = Vec::new();
    for part in &kind.children {
        match part.name.as_str() {
            "xs:attribute" => {
                assert_eq!(part.attribute("type"), Some("xs:string"));
                let is_required = part.attribute("use") == Some("required");
                allowed.insert(part.attribute("name").unwrap(), is_required);
            }
            _ => particles.push(part),
        }
    }
    for attribute in element.attributes.keys() {
        if !allowed.contains_key(attribute.as_str()) {
            found.push(format!("<{name}> has no attribute {attribute}"));
        }
    }
    for (attribute, is_required) in allowed {
        if is_required && !element.attributes.contains_key(attribute) {
            found.push(format!("<{name}> needs the attribute {attribute}"));
        }
    }
    let names: Vec<&str> = element
        .children
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    let mut rest = names.as_slice();
    for particle in particles {
        match taken(particle, rest) {
            Some(count) => rest = &rest[count..],
            None => found.push(format!("<{name}> lacks what {} asks for", particle.name)),
        }
    }
    if let Some(extra) = rest.first() {
        found.push(format!("<{name}> has <{extra}> where it may not stand"));
    }
    for child in &element.children {
        check(schema, child, found);
    }
}

/// How many of the children a particle takes; `None` when it needs more than there are.
fn taken(particle: &Node, children: &[&str]) -> Option<usize> {
    let bound = |name: &str| match particle.attribute(name) {
        Some("unbounded") => usize::MAX,
        Some(number) => number.parse().unwrap(),
        None => 1,
    };
    let (mut times, mut count) = (0, 0);
    while times < bound("maxOccurs") {
        match taken_once(particle, &children[count..]) {
            Some(more) if more > 0 => count += more,
            _ => break,
        }
        times += 1;
    }
    (times >= bound("minOccurs") || taken_once(particle, &[]) == Some(0)).then_some(count)
}

fn taken_once(particle: &Node, children: &[&str]) -> Option<usize> {
    match particle.name.as_str() {
        "xs:element" => (particle.attribute("ref") == children.first().copied()).then_some(1),
        "xs:choice" => particle
            .children
            .iter()
            .find_map(|one| taken(one, children).filter(|count| *count > 0)),
        "xs:sequence" => {
            let mut count = 0;
            for one in &particle.children {
                count += taken(one, &children[count..])?;
            }
            Some(count)
        }
        other => panic!("{other} is not known here"),
    }
}

//! XML as JSON values, so that the types of `wire` read both.
//!
//! Names lose their prefix: the server and the recorded responses use several. Attributes other
//! than `xsi:nil` carry nothing that is read here.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value};

use super::DecodeError;

/// Deeper than any message of the Metadata API; a bound on the recursion of whoever walks it.
const DEEPEST: usize = 64;

struct Open {
    name: String,
    nil: bool,
    text: String,
    children: Map<String, Value>,
}

impl Open {
    fn new(start: &BytesStart<'_>) -> Self {
        let nil = start.attributes().with_checks(false).any(|attribute| {
            attribute.is_ok_and(|attribute| {
                attribute.key.local_name().as_ref() == "nil"
                    && matches!(attribute.value.as_ref(), "true" | "1")
            })
        });
        Self {
            name: start.local_name().as_ref().to_owned(),
            nil,
            text: String::new(),
            children: Map::new(),
        }
    }

    /// An element with children is an object (text between them is layout), any other its text.
    fn close(self) -> (String, Value) {
        let value = if self.nil {
            Value::Null
        } else if self.children.is_empty() {
            Value::String(self.text)
        } else {
            Value::Object(self.children)
        };
        (self.name, value)
    }

    /// The second element of one name makes a list of it.
    fn add(&mut self, name: String, value: Value) {
        match self.children.get_mut(&name) {
            Some(Value::Array(items)) => items.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
            None => {
                self.children.insert(name, value);
            }
        }
    }
}

/// The root element of a document: its name, and its content as text, object or null.
pub(super) fn parse(document: &str) -> Result<(String, Value), DecodeError> {
    let mut reader = Reader::from_str(document);
    let mut open: Vec<Open> = Vec::new();
    loop {
        let event = reader.read_event().map_err(not_xml)?;
        let closed = match event {
            Event::Start(start) => {
                if open.len() == DEEPEST {
                    return Err(not_xml("elements are nested too deep"));
                }
                open.push(Open::new(&start));
                None
            }
            Event::Empty(start) => Some(Open::new(&start)),
            Event::End(_) => open.pop(),
            Event::Text(text) => {
                append(&mut open, &text.xml10_content());
                None
            }
            Event::CData(text) => {
                append(&mut open, &text.xml10_content());
                None
            }
            Event::GeneralRef(reference) => {
                if let Some(char) = reference.resolve_char_ref().map_err(not_xml)? {
                    append(&mut open, char.encode_utf8(&mut [0; 4]));
                } else {
                    let name = reference.xml10_content();
                    let text = resolve_predefined_entity(&name)
                        .ok_or_else(|| not_xml(format_args!("unknown entity `{name}`")))?;
                    append(&mut open, text);
                }
                None
            }
            Event::Eof => return Err(not_xml("it ends too early")),
            // A document type could define entities; Salesforce sends none.
            Event::DocType(_) => return Err(not_xml("it has a document type")),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => None,
        };
        if let Some(element) = closed {
            let (name, value) = element.close();
            match open.last_mut() {
                Some(parent) => parent.add(name, value),
                None => return Ok((name, value)),
            }
        }
    }
}

fn append(open: &mut [Open], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn not_xml(reason: impl std::fmt::Display) -> DecodeError {
    DecodeError::NotXml {
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn singles_lists_nil_cdata_and_references() {
        let (name, value) = parse(
            "<?xml version=\"1.0\"?><!-- c --><s:r xmlns:s='u' xmlns:xsi='v'>\n <a>1</a>\n \
             <b>x</b><b><![CDATA[<&]]></b><c xsi:nil=\"true\"/><d/><e>&lt;&#65;&apos;</e></s:r>",
        )
        .unwrap();
        assert_eq!(name, "r");
        assert_eq!(
            value,
            json!({"a": "1", "b": ["x", "<&"], "c": null, "d": "", "e": "<A'"})
        );
    }

    #[test]
    fn refuses_what_is_cut_or_dangerous() {
        for document in [
            "",
            "<a><b>",
            "<a></b>",
            "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
            "<a>&unknown;</a>",
            "text",
        ] {
            assert!(parse(document).is_err(), "{document}");
        }
        let deep = "<a>".repeat(100) + &"</a>".repeat(100);
        assert!(parse(&deep).is_err());
    }

    proptest! {
        #[test]
        fn never_panics(document in "(<|>|/|a|b|&|;|\\[|CDATA|!|-|\"|=| |x|#|1|\\PC){0,60}") {
            let _ = parse(&document);
        }
    }
}

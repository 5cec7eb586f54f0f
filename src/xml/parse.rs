//! Text to trees. A metadata file is a small part of XML: no DTD, no entities of its own, no text
//! beside elements. Whatever is outside of that is refused with its place, never guessed at.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::write::is_xml_char;
use super::{Element, Error};

/// Deeper than any metadata type nests (the deepest is about a dozen).
const MAX_DEPTH: usize = 100;
/// A whole deploy is limited to 39 MB compressed, so no single file comes near.
const MAX_BYTES: usize = 64 << 20;

/// Parses a document to its root element.
pub fn parse(text: &str) -> Result<Element, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut cursor = Cursor::new(text);
    if text.len() > MAX_BYTES {
        return Err(cursor.malformed(0, "the document is larger than 64 MiB"));
    }
    if let Some((offset, found)) = text.char_indices().find(|(_, c)| !is_xml_char(*c)) {
        let problem = format!(
            "the character U+{:04X} is not allowed in XML",
            u32::from(found)
        );
        return Err(cursor.malformed(offset, problem));
    }
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root: Option<Element> = None;
    loop {
        let start = offset_of(reader.buffer_position());
        let event = reader.read_event().map_err(|error| {
            cursor.malformed(offset_of(reader.error_position()), error.to_string())
        })?;
        let finished = match event {
            Event::Start(tag) => {
                let element = open_element(&tag, start, &mut cursor)?;
                if root.is_some() {
                    return Err(cursor.malformed(start, "there is a second root element"));
                }
                if open.len() == MAX_DEPTH {
                    return Err(cursor.malformed(start, "elements are nested too deeply"));
                }
                check_no_text_beside(&open, start, &mut cursor)?;
                open.push(element);
                None
            }
            Event::Empty(tag) => {
                let element = open_element(&tag, start, &mut cursor)?;
                if root.is_some() {
                    return Err(cursor.malformed(start, "there is a second root element"));
                }
                check_no_text_beside(&open, start, &mut cursor)?;
                Some(element)
            }
            Event::End(_) => open.pop(),
            Event::Text(content) => {
                add_text(&mut open, &content.xml10_content(), start, &mut cursor)?;
                None
            }
            Event::CData(content) => {
                add_text(&mut open, &content.xml10_content(), start, &mut cursor)?;
                None
            }
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref() {
                    Ok(Some(c)) if is_xml_char(c) => Some(c),
                    Ok(None) => predefined(&reference),
                    Ok(Some(_)) | Err(_) => None,
                };
                let Some(c) = resolved else {
                    let problem = format!("`&{};` is not a known entity", &*reference);
                    return Err(cursor.malformed(start, problem));
                };
                add_text(&mut open, c.encode_utf8(&mut [0; 4]), start, &mut cursor)?;
                None
            }
            Event::DocType(_) => {
                return Err(cursor.malformed(start, "a document type declaration is not allowed"));
            }
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => None,
            Event::Eof => break,
        };
        if let Some(mut element) = finished {
            if !element.children.is_empty() {
                element.text.clear();
            }
            match open.last_mut() {
                Some(parent) => parent.children.push(element),
                None => root = Some(element),
            }
        }
    }
    if let Some(element) = open.last() {
        let problem = format!("`<{}>` is never closed", element.name);
        return Err(Error::Malformed {
            line: element.line,
            column: element.column,
            problem,
        });
    }
    root.ok_or_else(|| cursor.malformed(text.len(), "there is no root element"))
}

fn open_element(
    tag: &BytesStart<'_>,
    start: usize,
    cursor: &mut Cursor<'_>,
) -> Result<Element, Error> {
    let (line, column) = cursor.position(start);
    let malformed = |problem: String| Error::Malformed {
        line,
        column,
        problem,
    };
    let local = tag.local_name();
    let name: &str = local.as_ref();
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.is_empty() || !name.chars().all(is_name) {
        return Err(malformed(format!("`{name}` is no element name")));
    }
    let mut element = Element {
        name: name.to_owned(),
        line,
        column,
        ..Element::default()
    };
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| malformed(error.to_string()))?;
        let (local, prefix) = attribute.key.decompose();
        if prefix.is_none_or(|prefix| prefix.as_ref() == "xmlns") {
            continue;
        }
        let value = attribute
            .normalized_value(quick_xml::XmlVersion::Implicit1_0)
            .map_err(|error| malformed(error.to_string()))?;
        match local.as_ref() {
            "type" => element.xsi_type = Some(value.into_owned()),
            "nil" => element.nil = matches!(&*value, "true" | "1"),
            _ => {}
        }
    }
    Ok(element)
}

/// Text is kept until the element shows whether it is a leaf: white space around children is
/// layout, anything else there is a mistake (a stray `....` between elements).
fn add_text(
    open: &mut [Element],
    text: &str,
    start: usize,
    cursor: &mut Cursor<'_>,
) -> Result<(), Error> {
    let blank = text.chars().all(char::is_whitespace);
    match open.last_mut() {
        Some(element) if element.children.is_empty() => element.text.push_str(text),
        _ if blank => {}
        _ => return Err(cursor.malformed(start, "there is text beside elements")),
    }
    Ok(())
}

fn check_no_text_beside(
    open: &[Element],
    start: usize,
    cursor: &mut Cursor<'_>,
) -> Result<(), Error> {
    match open.last() {
        Some(parent) if !parent.text.trim().is_empty() => {
            Err(cursor.malformed(start, "there is text beside elements"))
        }
        _ => Ok(()),
    }
}

fn predefined(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

fn offset_of(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

/// Line and column of growing offsets; looks at every byte once.
struct Cursor<'a> {
    rest: &'a str,
    offset: usize,
    line: usize,
    column: usize,
}

impl<'a> Cursor<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            offset: 0,
            line: 1,
            column: 1,
        }
    }

    fn position(&mut self, offset: usize) -> (usize, usize) {
        let mut chars = self.rest.chars();
        while self.offset < offset {
            let Some(c) = chars.next() else { break };
            self.offset += c.len_utf8();
            if c == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self.rest = chars.as_str();
        (self.line, self.column)
    }

    fn malformed(&mut self, offset: usize, problem: impl Into<String>) -> Error {
        let (line, column) = self.position(offset);
        Error::Malformed {
            line,
            column,
            problem: problem.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> (usize, usize, String) {
        let Error::Malformed {
            line,
            column,
            problem,
        } = parse(text).unwrap_err();
        (line, column, problem)
    }

    #[test]
    fn keeps_names_texts_and_places() {
        let text = "\u{feff}<?xml version=\"1.0\"?>\n<!-- c -->\n<m:A xmlns:m=\"u\" \
                    xmlns:xsi=\"i\">\n  <é>ü</é><b xsi:type=\"T\" xsi:nil=\"true\"/>\n  \
                    <c>&lt;&#x41;<![CDATA[<&]]>\r\n</c>\n</m:A>\n";
        let root = parse(text).unwrap();
        assert_eq!((root.name.as_str(), root.line, root.column), ("A", 3, 1));
        assert_eq!(root.text, "");
        let [first, second, third] = &root.children[..] else {
            panic!("{root:?}")
        };
        assert_eq!((first.text.as_str(), first.line, first.column), ("ü", 4, 3));
        assert_eq!((second.line, second.column), (4, 11));
        assert_eq!((second.xsi_type.as_deref(), second.nil), (Some("T"), true));
        assert_eq!(third.text, "<A<&\n");
    }

    #[test]
    fn refuses_with_a_place() {
        for (text, line, column, words) in [
            ("", 1, 1, "there is no root element"),
            (
                "<a>\n <b>\n</a>",
                3,
                1,
                "ill-formed document: expected `</b>`, but `</a>` was found",
            ),
            ("<a>\n <b/>", 1, 1, "`<a>` is never closed"),
            ("<a/>\n<b/>", 2, 1, "there is a second root element"),
            ("<a>\n x<b/></a>", 2, 3, "there is text beside elements"),
            ("<a><b/>....</a>", 1, 8, "there is text beside elements"),
            ("<a>&nope;</a>", 1, 4, "`&nope;` is not a known entity"),
            ("<a>&#0;</a>", 1, 4, "`&#0;` is not a known entity"),
            (
                "<a>\u{1}</a>",
                1,
                4,
                "the character U+0001 is not allowed in XML",
            ),
            ("< >", 1, 1, "`` is no element name"),
            (
                "<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;</a>",
                1,
                1,
                "a document type declaration is not allowed",
            ),
        ] {
            assert_eq!(problem(text), (line, column, words.to_owned()), "{text}");
        }
    }

    #[test]
    fn refuses_deep_and_large_documents() {
        let deep = format!("{}{}", "<a>".repeat(101), "</a>".repeat(101));
        assert_eq!(problem(&deep).2, "elements are nested too deeply");
        assert!(parse(&format!("{}{}", "<a>".repeat(100), "</a>".repeat(100))).is_ok());
        let large = format!("<a>{}</a>", "x".repeat(MAX_BYTES));
        assert_eq!(problem(&large).2, "the document is larger than 64 MiB");
    }
}

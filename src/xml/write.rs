//! Trees to text, laid out as a retrieve lays files out.

use quick_xml::escape::escape;

use super::Element;
use crate::metadata::NAMESPACE;

/// Writes a document: XML declaration, metadata namespace on the root, 4 spaces, LF, final newline.
/// (`xmlns:xsi`/`xmlns:xsd` only when the tree uses `xsi_type` or `nil`.)
///
/// Characters that XML 1.0 cannot hold at all, such as U+0000, become U+FFFD.
pub fn write(root: &Element) -> String {
    let mut namespaces = format!(" xmlns=\"{NAMESPACE}\"");
    if uses_instance_attributes(root) {
        namespaces.push_str(concat!(
            " xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"",
            " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"",
        ));
    }
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    write_element(&mut out, root, &namespaces, 0);
    out
}

fn uses_instance_attributes(element: &Element) -> bool {
    element.nil
        || element.xsi_type.is_some()
        || element.children.iter().any(uses_instance_attributes)
}

fn write_element(out: &mut String, element: &Element, namespaces: &str, depth: usize) {
    let indent = "    ".repeat(depth);
    let name = &element.name;
    out.push_str(&format!("{indent}<{name}{namespaces}"));
    if let Some(xsi_type) = &element.xsi_type {
        out.push_str(&format!(" xsi:type=\"{}\"", escaped(xsi_type)));
    }
    if element.nil {
        out.push_str(" xsi:nil=\"true\"");
    }
    if !element.children.is_empty() {
        out.push_str(">\n");
        for child in &element.children {
            write_element(out, child, "", depth + 1);
        }
        out.push_str(&format!("{indent}</{name}>\n"));
    } else if element.text.is_empty() {
        out.push_str("/>\n");
    } else {
        out.push_str(&format!(">{}</{name}>\n", escaped(&element.text)));
    }
}

/// A bare carriage return would come back as a line feed, so it is written as a reference.
fn escaped(text: &str) -> String {
    let clean: String = text
        .chars()
        .map(|c| if is_xml_char(c) { c } else { '\u{fffd}' })
        .collect();
    escape(clean).replace('\r', "&#13;")
}

/// `Char` of XML 1.0 (W3C, section 2.2).
pub(super) fn is_xml_char(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lays_out_as_a_retrieve_does() {
        let root = Element::parent(
            "NamedCredential",
            vec![
                Element::leaf("description", ""),
                Element::leaf("label", "A & \"B\""),
                Element::parent("x", vec![Element::leaf("y", "1")]),
            ],
        );
        assert_eq!(
            write(&root),
            r#"<?xml version="1.0" encoding="UTF-8"?>
<NamedCredential xmlns="http://soap.sforce.com/2006/04/metadata">
    <description/>
    <label>A &amp; &quot;B&quot;</label>
    <x>
        <y>1</y>
    </x>
</NamedCredential>
"#
        );
    }

    #[test]
    fn declares_the_instance_namespace_only_when_it_is_used() {
        let nil = Element {
            nil: true,
            ..Element::leaf("value", "")
        };
        assert_eq!(
            write(&Element::parent("CustomMetadata", vec![nil])),
            concat!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
                "<CustomMetadata xmlns=\"http://soap.sforce.com/2006/04/metadata\"",
                " xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"",
                " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n",
                "    <value xsi:nil=\"true\"/>\n",
                "</CustomMetadata>\n",
            )
        );
    }
}

//! The table held against the WSDL itself, which anybody can download from an org (Setup, API,
//! Generate Metadata WSDL) or from `github.com/forcedotcom/wsdl`. The table is v66.0.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{Field, FieldType, types};

const VARIABLE: &str = "OPENCX_SF_METADATA_WSDL";

#[derive(Debug, Default)]
struct ComplexType {
    base: Option<String>,
    /// Name, type, whether required, whether many.
    elements: Vec<(String, String, bool, bool)>,
}

#[derive(Debug, Default)]
struct Wsdl {
    complex: BTreeMap<String, ComplexType>,
    simple: BTreeMap<String, Vec<String>>,
}

impl Wsdl {
    fn read(text: &str) -> Self {
        let mut wsdl = Self::default();
        let mut complex = String::new();
        let mut simple = String::new();
        let mut reader = Reader::from_str(text);
        loop {
            match reader.read_event().unwrap() {
                Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                    "complexType" => {
                        complex = attribute(&tag, "name").unwrap_or_default();
                        wsdl.complex.entry(complex.clone()).or_default();
                    }
                    "simpleType" => simple = attribute(&tag, "name").unwrap_or_default(),
                    "extension" => {
                        wsdl.complex.entry(complex.clone()).or_default().base =
                            attribute(&tag, "base");
                    }
                    "enumeration" => wsdl
                        .simple
                        .entry(simple.clone())
                        .or_default()
                        .extend(attribute(&tag, "value")),
                    "element" => {
                        if let (Some(name), Some(ty)) =
                            (attribute(&tag, "name"), attribute(&tag, "type"))
                        {
                            let required = attribute(&tag, "minOccurs").as_deref() != Some("0");
                            let many = attribute(&tag, "maxOccurs").as_deref() == Some("unbounded");
                            let of = wsdl.complex.entry(complex.clone()).or_default();
                            of.elements.push((name, ty, required, many));
                        }
                    }
                    _ => {}
                },
                Event::End(tag) if tag.local_name().as_ref() == "complexType" => complex.clear(),
                Event::Eof => return wsdl,
                _ => {}
            }
        }
    }

    /// The rows of a type as text, those of its base types first.
    fn rows(&self, name: &str) -> Vec<String> {
        let of = &self.complex[name];
        let base = of
            .base
            .as_deref()
            .and_then(|base| base.strip_prefix("tns:"));
        let mut rows = base.map(|base| self.rows(base)).unwrap_or_default();
        for (name, ty, required, many) in &of.elements {
            let ty = match ty.as_str() {
                "xsd:string" | "xsd:base64Binary" => "Text".to_owned(),
                "xsd:boolean" => "Boolean".to_owned(),
                "xsd:int" => "Integer".to_owned(),
                "xsd:double" => "Double".to_owned(),
                other => {
                    let (_, other) = other.split_once(':').unwrap_or(("", other));
                    match self.simple.get(other) {
                        Some(values) => values.join("|"),
                        None => other.to_owned(),
                    }
                }
            };
            rows.push(format!("{name}: {ty} required={required} many={many}"));
        }
        rows
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.try_get_attribute(name).unwrap()?;
    Some(attribute.value.into_owned())
}

fn row(field: &Field) -> String {
    let ty = match field.ty {
        FieldType::Text | FieldType::TextList => "Text".to_owned(),
        FieldType::Boolean => "Boolean".to_owned(),
        FieldType::Integer => "Integer".to_owned(),
        FieldType::Double => "Double".to_owned(),
        FieldType::Enum(values) => values.join("|"),
        FieldType::Complex(name) | FieldType::Unlisted(name) => name.to_owned(),
    };
    let (name, required, many) = (field.name, field.required, field.many);
    format!("{name}: {ty} required={required} many={many}")
}

#[test]
fn the_table_says_what_the_wsdl_says() {
    #[allow(
        clippy::disallowed_methods,
        reason = "the WSDL is not in the repository; CI names its copy"
    )]
    let Ok(path) = std::env::var(VARIABLE) else {
        eprintln!("{VARIABLE} is not set: the table was not compared with the WSDL");
        return;
    };
    let wsdl = Wsdl::read(&std::fs::read_to_string(path).unwrap());
    for of in types() {
        let table: Vec<String> = of.fields.iter().map(row).collect();
        assert_eq!(table, wsdl.rows(of.name), "{}", of.name);
    }
}

#[test]
fn reads_a_wsdl() {
    let wsdl = Wsdl::read(
        r#"<s xmlns:xsd="x"><xsd:simpleType name="E"><xsd:restriction base="xsd:string">
        <xsd:enumeration value="A"/><xsd:enumeration value="B"/></xsd:restriction></xsd:simpleType>
        <xsd:complexType name="M"><xsd:sequence><xsd:element name="fullName" minOccurs="0"
        type="xsd:string"/></xsd:sequence></xsd:complexType><xsd:complexType name="T">
        <xsd:complexContent><xsd:extension base="tns:M"><xsd:sequence><xsd:element name="e"
        type="tns:E"/><xsd:element name="m" minOccurs="0" maxOccurs="unbounded" type="tns:M"/>
        </xsd:sequence></xsd:extension></xsd:complexContent></xsd:complexType></s>"#,
    );
    assert_eq!(
        wsdl.rows("T"),
        [
            "fullName: Text required=false many=false",
            "e: A|B required=true many=false",
            "m: M required=false many=true",
        ]
    );
}

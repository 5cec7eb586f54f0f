//! A metadata file held against the WSDL.

use super::schema::{Field, FieldType, Type, type_named, type_of};
use super::{Element, Violation, ViolationKind};
use crate::metadata::MetadataType;

/// Holds a file of that type against the WSDL: root, known fields, WSDL order, grouping,
/// cardinality, enum values, booleans and numbers. Sorted by place.
pub fn validate(kind: MetadataType, root: &Element) -> Vec<Violation> {
    match type_of(kind) {
        Some(of) => validate_as(of, root),
        None => Vec::new(),
    }
}

/// Holds a file against any type of the table: a `package.xml` against `Package`, the file of an
/// object against `CustomObject`.
pub fn validate_as(of: &'static Type, root: &Element) -> Vec<Violation> {
    let mut found = Vec::new();
    if root.name == of.name {
        check_complex(of, root, &mut found);
    } else {
        let kind = ViolationKind::WrongRoot {
            found: root.name.clone(),
            expected: of.name,
        };
        found.push(at(root, kind));
    }
    found.sort_by_key(|violation| (violation.line, violation.column));
    found
}

fn at(element: &Element, kind: ViolationKind) -> Violation {
    Violation {
        line: element.line,
        column: element.column,
        kind,
    }
}

fn check_complex(of: &'static Type, element: &Element, found: &mut Vec<Violation>) {
    let parent = || of.name.to_owned();
    let mut furthest: Option<(usize, &str)> = None;
    let mut previous = None;
    let mut seen: Vec<&str> = Vec::new();
    for child in &element.children {
        let name = || child.name.clone();
        let Some(index) = of.position(&child.name) else {
            let kind = ViolationKind::Unknown {
                element: name(),
                parent: parent(),
            };
            found.push(at(child, kind));
            previous = Some(child.name.as_str());
            continue;
        };
        let field = &of.fields[index];
        if seen.contains(&field.name) {
            if !field.many {
                let kind = ViolationKind::Duplicate {
                    element: name(),
                    parent: parent(),
                };
                found.push(at(child, kind));
            } else if previous != Some(field.name) {
                let kind = ViolationKind::Split {
                    element: name(),
                    parent: parent(),
                };
                found.push(at(child, kind));
            }
        } else {
            match furthest {
                Some((position, after)) if index < position => {
                    let kind = ViolationKind::OutOfOrder {
                        element: name(),
                        parent: parent(),
                        after: after.to_owned(),
                    };
                    found.push(at(child, kind));
                }
                _ => furthest = Some((index, field.name)),
            }
            seen.push(field.name);
        }
        previous = Some(field.name);
        check_value(of, field, child, found);
    }
    for field in of.fields.iter().filter(|field| field.required) {
        if !seen.contains(&field.name) {
            let kind = ViolationKind::Missing {
                element: field.name,
                parent: parent(),
            };
            found.push(at(element, kind));
        }
    }
}

fn check_value(of: &Type, field: &Field, element: &Element, found: &mut Vec<Violation>) {
    let parent = || of.name.to_owned();
    if element.nil {
        return;
    }
    let fits = match field.ty {
        FieldType::Unlisted(_) => return,
        FieldType::Complex(name) => {
            if !element.text.trim().is_empty() {
                let kind = ViolationKind::TextInside {
                    element: element.name.clone(),
                    parent: parent(),
                };
                found.push(at(element, kind));
            } else if let Some(of) = type_named(name) {
                check_complex(of, element, found);
            }
            return;
        }
        _ if !element.children.is_empty() => {
            let kind = ViolationKind::NotALeaf {
                element: element.name.clone(),
                parent: parent(),
            };
            found.push(at(element, kind));
            return;
        }
        FieldType::Text => true,
        // XML Schema collapses white space around booleans and numbers, but not around enums.
        FieldType::Boolean => matches!(element.text.trim(), "true" | "false" | "1" | "0"),
        FieldType::Integer => element.text.trim().parse::<i32>().is_ok(),
        FieldType::Double => is_double(element.text.trim()),
        FieldType::Enum(allowed) => allowed.contains(&element.text.as_str()),
    };
    if !fits {
        let kind = ViolationKind::BadValue {
            element: element.name.clone(),
            parent: parent(),
            value: element.text.clone(),
            expected: field.ty,
        };
        found.push(at(element, kind));
    }
}

/// `xsd:double` without its `INF` and `NaN`, which no field of the Metadata API means. Rust's
/// parser takes words such as `infinity` too.
fn is_double(text: &str) -> bool {
    text.parse::<f64>().is_ok()
        && text
            .bytes()
            .all(|byte| !byte.is_ascii_alphabetic() || byte == b'e' || byte == b'E')
}

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
        FieldType::Text | FieldType::TextList => true,
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

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn findings(kind: MetadataType, text: &str) -> Vec<String> {
        validate(kind, &parse(text).unwrap())
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn a_file_as_an_org_returns_it_is_fine() {
        let text = "<CustomField><fullName>A__c</fullName><label>A</label>\
                    <trackTrending>false</trackTrending><type>Picklist</type><valueSet>\
                    <restricted>true</restricted><valueSetDefinition><sorted>false</sorted>\
                    <value><fullName>a</fullName><default> 0 </default><label>a</label></value>\
                    <value><fullName>b</fullName><default>true</default></value>\
                    </valueSetDefinition></valueSet></CustomField>";
        assert_eq!(findings(MetadataType::CustomField, text), [""; 0]);
        let object = format!(
            "<CustomObject><actionOverrides><x/></actionOverrides><enableFeeds>true</enableFeeds>{}\
             <label>Case</label></CustomObject>",
            text.replace("CustomField>", "fields>")
        );
        let of = type_named("CustomObject").unwrap();
        assert_eq!(validate_as(of, &parse(&object).unwrap()), []);
    }

    #[test]
    fn every_violation_is_told_with_its_place() {
        for (kind, text, expected) in [
            (
                MetadataType::ApexClass,
                "<ApexTrigger/>",
                &["line 1, column 1: the root element is `ApexTrigger`, expected `ApexClass`"][..],
            ),
            (
                MetadataType::CustomField,
                "<CustomField>\n  <labl>A</labl>\n  <Type>Text</Type><qqq/></CustomField>",
                &[
                    "line 2, column 3: `labl` is no field of CustomField; did you mean `label`?",
                    "line 3, column 3: `Type` is no field of CustomField; did you mean `type`?",
                    "line 3, column 20: `qqq` is no field of CustomField",
                ],
            ),
            (
                MetadataType::ApexTrigger,
                "<ApexTrigger>\n<status>active</status>\n<apiVersion>x</apiVersion>\
                 <status>Active</status></ApexTrigger>",
                &[
                    "line 2, column 1: `status` of ApexTrigger is `active`, expected one of \
                     Inactive, Active, Deleted; did you mean `Active`?",
                    "line 3, column 1: `apiVersion` of ApexTrigger belongs before `status`",
                    "line 3, column 1: `apiVersion` of ApexTrigger is `x`, expected a number",
                    "line 3, column 27: `status` of ApexTrigger may occur once, and occurs again",
                ],
            ),
            (
                MetadataType::PermissionSet,
                "<PermissionSet>\n<classAccesses><apexClass>A</apexClass>\
                 <enabled>yes</enabled></classAccesses>\n<label>A</label>\n\
                 <classAccesses>\n</classAccesses></PermissionSet>",
                &[
                    "line 2, column 40: `enabled` of PermissionSetApexClassAccess is `yes`, \
                     expected true or false",
                    "line 4, column 1: all `classAccesses` of PermissionSet must stand together",
                    "line 4, column 1: `apexClass` of PermissionSetApexClassAccess is missing",
                    "line 4, column 1: `enabled` of PermissionSetApexClassAccess is missing",
                ],
            ),
            (
                MetadataType::NamedCredential,
                "<NamedCredential>\n<jwtValidityPeriodSeconds>1.5</jwtValidityPeriodSeconds>\n\
                 <label><b/></label>\n<namedCredentialParameters>x</namedCredentialParameters>\
                 </NamedCredential>",
                &[
                    "line 2, column 1: `jwtValidityPeriodSeconds` of NamedCredential is `1.5`, \
                     expected a whole number",
                    "line 3, column 1: `label` of NamedCredential holds elements, expected a \
                     plain value",
                    "line 4, column 1: `namedCredentialParameters` of NamedCredential holds text, \
                     expected elements",
                ],
            ),
        ] {
            assert_eq!(findings(kind, text), expected, "{text}");
        }
    }
}

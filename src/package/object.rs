//! Fields live in the file of their object in metadata format, and in files of their own in source
//! format. A [`Component`] holds the latter, also for the object itself.

use super::Error;
use crate::metadata::{Component, ComponentId, MetadataType};
use crate::xml::{self, Element};

/// `Case` and `Case_From__c` of `Case.Case_From__c`.
pub(super) fn object_and_field(id: &ComponentId) -> Result<(&str, &str), Error> {
    match id.full_name.as_str().split_once('.') {
        Some((object, field)) if !object.is_empty() && !field.is_empty() => Ok((object, field)),
        _ => Err(Error::NoObject {
            component: id.clone(),
        }),
    }
}

/// The file of an object that holds these fields, and what the object itself says when it is ours.
pub(super) fn file_of(object: Option<&Component>, fields: &[&Component]) -> Result<String, Error> {
    let mut children = match object {
        Some(object) => {
            let root = xml::parse(&object.xml).map_err(|source| Error::ComponentXml {
                component: object.id.clone(),
                source,
            })?;
            root.children
        }
        None => Vec::new(),
    };
    for field in fields {
        let (_, name) = object_and_field(&field.id)?;
        let mut element = xml::parse(&field.xml).map_err(|source| Error::ComponentXml {
            component: field.id.clone(),
            source,
        })?;
        element.name = "fields".to_owned();
        element.children.retain(|child| child.name != "fullName");
        element.children.insert(0, Element::leaf("fullName", name));
        children.push(element);
    }
    // In the order of the WSDL, `fields` stand amid what the object says; fields keep their order.
    let position = |child: &Element| {
        let object = xml::schema::type_of(MetadataType::CustomObject);
        object.and_then(|of| of.position(&child.name))
    };
    children.sort_by_key(position);
    Ok(xml::write(&Element::parent("CustomObject", children)))
}

/// The fields in the file of an object, and a custom object itself where the file says something of
/// it.
pub(super) fn fields_in(path: &str, object: &str, text: &str) -> Result<Vec<Component>, Error> {
    let root = xml::parse(text).map_err(|source| Error::FileXml {
        path: path.to_owned(),
        source,
    })?;
    let mut fields = Vec::new();
    let mut rest = Vec::new();
    for element in root.children {
        if element.name != "fields" {
            rest.push(element);
            continue;
        }
        let name = element.child_text("fullName").map_or("", str::trim);
        if name.is_empty() {
            return Err(Error::UnnamedField {
                path: path.to_owned(),
                line: element.line,
            });
        }
        let id = ComponentId::new(MetadataType::CustomField, format!("{object}.{name}"));
        let field = Element {
            name: "CustomField".to_owned(),
            ..element
        };
        fields.push(Component {
            id,
            source: None,
            xml: xml::write(&field),
        });
    }
    rest.retain(|child| child.name != "fullName");
    // Of a standard object nothing but fields can be ours.
    if object.contains("__") && !rest.is_empty() {
        fields.push(Component {
            id: ComponentId::new(MetadataType::CustomObject, object),
            source: None,
            xml: xml::write(&Element::parent("CustomObject", rest)),
        });
    }
    Ok(fields)
}

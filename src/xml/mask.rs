//! What of a metadata file may be shown: everything but the values that can hold a secret.

use super::Element;
use super::schema::{FieldType, Role, Type, type_named, type_of};
use crate::metadata::MetadataType;
use crate::secret::{MASK, mask_url};

/// The tree with every value that can hold a secret hidden: of a URL its host stays.
pub fn masked(kind: MetadataType, root: &Element) -> Element {
    match type_of(kind) {
        Some(of) => masked_as(of, root),
        None => root.clone(),
    }
}

fn masked_as(of: &Type, element: &Element) -> Element {
    let mut out = element.clone();
    for child in &mut out.children {
        let Some(field) = of.field(&child.name) else {
            continue;
        };
        match (field.role, field.ty) {
            (Role::Secret, _) => *child = Element::leaf(child.name.clone(), MASK),
            (Role::Confidential, _) => {
                *child = Element::leaf(child.name.clone(), mask_url(&child.text));
            }
            (_, FieldType::Complex(name)) => {
                if let Some(of) = type_named(name) {
                    *child = masked_as(of, child);
                }
            }
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::{parse, write};
    use super::*;

    #[test]
    fn hides_secrets_wherever_they_stand() {
        let text = "<NamedCredential><endpoint>https://a.example/hook/t0ken</endpoint>\
                    <namedCredentialParameters><parameterName>Url</parameterName>\
                    <parameterValue>https://u:t0ken@a.example/t0ken</parameterValue>\
                    </namedCredentialParameters><password>t0ken</password>\
                    <username>t0ken</username></NamedCredential>";
        let shown = write(&masked(
            MetadataType::NamedCredential,
            &parse(text).unwrap(),
        ));
        assert!(!shown.contains("t0ken"), "{shown}");
        assert_eq!(shown.matches("https://a.example/[redacted]").count(), 2);
    }
}

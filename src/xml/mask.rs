//! What of a metadata file may be shown: everything but the values that can hold a secret.

use super::Element;
use super::schema::{FieldType, Role, Type, type_named, type_of};
use crate::metadata::MetadataType;
use crate::secret::{MASK, mask_url};

/// The tree with every value that can hold a secret hidden: of a URL its host stays.
pub fn masked(kind: MetadataType, root: &Element) -> Element {
    with_secrets_replaced(kind, root, &hidden)
}

/// What may be shown of a value with that role: the host of a web address, else nothing.
pub fn hidden(role: Role, text: &str) -> String {
    let is_address = text.starts_with("https://") || text.starts_with("http://");
    match role {
        Role::Owned | Role::OrgDependent => text.to_owned(),
        Role::Confidential if is_address => mask_url(text),
        Role::Confidential | Role::Secret => MASK.to_owned(),
    }
}

/// The tree with `replace` done to every value that can hold a secret.
pub fn with_secrets_replaced(
    kind: MetadataType,
    root: &Element,
    replace: &dyn Fn(Role, &str) -> String,
) -> Element {
    let mut tree = root.clone();
    if let Some(of) = type_of(kind) {
        replace_in(of, &mut tree, replace);
    }
    tree
}

fn replace_in(of: &Type, element: &mut Element, replace: &dyn Fn(Role, &str) -> String) {
    for child in &mut element.children {
        let Some(field) = of.field(&child.name) else {
            continue;
        };
        if matches!(field.role, Role::Secret | Role::Confidential) {
            *child = Element::leaf(child.name.clone(), replace(field.role, &child.text));
        } else if let FieldType::Complex(name) = field.ty
            && let Some(of) = type_named(name)
        {
            replace_in(of, child, replace);
        }
    }
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
                    </namedCredentialParameters><password>x://t0ken</password>\
                    <username>x://t0ken</username></NamedCredential>";
        let shown = write(&masked(
            MetadataType::NamedCredential,
            &parse(text).unwrap(),
        ));
        assert!(!shown.contains("t0ken"), "{shown}");
        assert_eq!(shown.matches("https://a.example/[redacted]").count(), 2);
    }
}

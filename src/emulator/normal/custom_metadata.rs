//! What a retrieve adds to a record of a custom metadata type: each field that it leaves unset, as
//! nil (Metadata API guide, "CustomMetadata").

use crate::metadata::MetadataType;

use super::super::state::{State, Stored};
use super::super::tree::Node;

/// Adds the fields of its type that the record says nothing of.
pub fn unset(stored: &Stored, root: &mut Node, state: &State) {
    let Some((of, _)) = stored.full_name.split_once('.') else {
        return;
    };
    let fields = state.of_type(MetadataType::CustomField);
    for field in fields {
        let Some((object, name)) = field.full_name.split_once('.') else {
            continue;
        };
        let is_of_type = object
            .strip_suffix("__mdt")
            .is_some_and(|object| object.eq_ignore_ascii_case(of));
        let is_set = root.children.iter().any(|child| {
            let field = child.text_of("field").map(str::trim);
            child.name == "values" && field.is_some_and(|field| field.eq_ignore_ascii_case(name))
        });
        if is_of_type && !is_set {
            let parts = vec![Node::leaf("field", name), Node::nil("value")];
            root.children.push(Node::with("values", parts));
        }
    }
}

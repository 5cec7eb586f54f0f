//! Which fields of two metadata files differ, named so that a person finds them:
//! `userPermissions[EmailSingle].enabled`.

use std::collections::BTreeMap;

use super::FieldChange;
use crate::metadata::MetadataType;
use crate::xml::schema::{FieldType, Role, Type, type_named, type_of};
use crate::xml::{Element, hidden};

/// A value and how to name it.
struct Leaf {
    path: String,
    /// How many leaves of that path stand before it: a key can look like a number of ours.
    nth: usize,
    text: String,
    role: Role,
}

/// What differs between two trees in canonical form. Values that can hold a secret are masked.
pub(super) fn differences(
    kind: MetadataType,
    live: &Element,
    wanted: &Element,
) -> Vec<FieldChange> {
    let (live, wanted) = (leaves(kind, live), leaves(kind, wanted));
    let text_at = |leaves: &[Leaf], like: &Leaf| {
        let leaf = leaves
            .iter()
            .find(|leaf| leaf.path == like.path && leaf.nth == like.nth);
        leaf.map(|leaf| leaf.text.clone())
    };
    let mut changes = Vec::new();
    for ours in &wanted {
        let theirs = text_at(&live, ours);
        if theirs.as_ref() != Some(&ours.text) {
            changes.push(change(ours, theirs, Some(ours.text.clone())));
        }
    }
    for theirs in &live {
        if text_at(&wanted, theirs).is_none() {
            changes.push(change(theirs, Some(theirs.text.clone()), None));
        }
    }
    changes
}

fn change(leaf: &Leaf, live: Option<String>, wanted: Option<String>) -> FieldChange {
    let field = leaf.path.clone();
    let shown = |text: String| hidden(leaf.role, &text);
    let live = live.map(shown);
    let mut wanted = wanted.map(shown);
    // Masked, both may look the same: say that they are not.
    if let Some(text) = &mut wanted
        && live.as_ref() == Some(text)
    {
        text.push_str(if text.contains("://") {
            " (the part after the host differs)"
        } else {
            " (the values differ)"
        });
    }
    FieldChange {
        field,
        live,
        wanted,
    }
}

fn leaves(kind: MetadataType, root: &Element) -> Vec<Leaf> {
    let mut out = Vec::new();
    collect(type_of(kind), root, "", &mut out);
    let mut before = BTreeMap::new();
    for leaf in &mut out {
        let count = before.entry(leaf.path.clone()).or_insert(0);
        leaf.nth = *count;
        *count += 1;
    }
    out
}

fn collect(of: Option<&Type>, element: &Element, prefix: &str, out: &mut Vec<Leaf>) {
    let mut paths: Vec<String> = Vec::new();
    for child in &element.children {
        let field = of.and_then(|of| of.field(&child.name));
        let inner = match field.map(|field| field.ty) {
            Some(FieldType::Complex(name)) => type_named(name),
            _ => None,
        };
        let label = label(child, inner);
        let mut path = format!("{prefix}{label}");
        // A second element of that name, where only one belongs or where order is all there is.
        let same = paths.iter().filter(|known| **known == path).count();
        paths.push(path.clone());
        if same > 0 || (label == child.name && field.is_some_and(|field| field.many)) {
            path = format!("{path}[{}]", same + 1);
        }
        let is_key = of.is_some_and(|of| of.key.contains(&child.name.as_str()));
        if !child.children.is_empty() {
            let before = out.len();
            collect(inner, child, &format!("{path}."), out);
            if out.len() == before {
                out.push(Leaf {
                    path,
                    nth: 0,
                    text: "present".to_owned(),
                    role: Role::Owned,
                });
            }
        } else if !is_key || prefix.is_empty() {
            out.push(Leaf {
                path,
                nth: 0,
                text: child.text.clone(),
                role: field.map_or(Role::Owned, |field| field.role),
            });
        }
    }
}

/// `userPermissions[EmailSingle]` for an entry of a list with a key, else the element's name.
fn label(element: &Element, of: Option<&'static Type>) -> String {
    let key: Vec<&str> = of
        .map_or(&[][..], |of| of.key)
        .iter()
        .filter_map(|name| element.child_text(name))
        .collect();
    match key.is_empty() {
        true => element.name.clone(),
        false => format!("{}[{}]", element.name, key.join("/")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{comparable, parse};

    fn told(kind: MetadataType, live: &str, wanted: &str) -> Vec<String> {
        let tree =
            |body: &str| comparable(kind, &parse(&format!("<{kind}>{body}</{kind}>")).unwrap());
        differences(kind, &tree(live), &tree(wanted))
            .into_iter()
            .map(|change| {
                let or_absent = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
                format!(
                    "{}: {} → {}",
                    change.field,
                    or_absent(change.live),
                    or_absent(change.wanted)
                )
            })
            .collect()
    }

    #[test]
    fn names_entries_by_their_key() {
        assert_eq!(
            told(
                MetadataType::PermissionSet,
                "<label>A</label><license>L</license>\
                 <fieldPermissions><editable>false</editable><field>Case.A__c</field>\
                 <readable>true</readable></fieldPermissions>\
                 <userPermissions><enabled>true</enabled><name>ViewSetup</name></userPermissions>",
                "<label>B</label><fieldPermissions><editable>true</editable>\
                 <field>Case.A__c</field><readable>true</readable></fieldPermissions>\
                 <userPermissions><enabled>true</enabled><name>EmailSingle</name>\
                 </userPermissions>",
            ),
            [
                "fieldPermissions[Case.A__c].editable: false → true",
                "label: A → B",
                "userPermissions[EmailSingle].enabled: - → true",
                "license: L → -",
                "userPermissions[ViewSetup].enabled: true → -",
            ]
        );
    }

    #[test]
    fn a_key_may_look_like_a_number_of_ours() {
        let versions = "<apiVersion>66.0</apiVersion><packageVersions>\
             <majorNumber>1</majorNumber><minorNumber>0</minorNumber></packageVersions>\
             <packageVersions><majorNumber>2</majorNumber><minorNumber>0</minorNumber>\
             <namespace>1</namespace></packageVersions>";
        let none: [String; 0] = [];
        assert_eq!(told(MetadataType::ApexClass, versions, versions), none);
    }

    #[test]
    fn counts_where_order_is_all_there_is() {
        let set = |values: [&str; 2]| {
            let [first, second] = values.map(|name| {
                format!("<value><fullName>{name}</fullName><default>false</default></value>")
            });
            format!("<valueSet><valueSetDefinition>{first}{second}</valueSetDefinition></valueSet>")
        };
        assert_eq!(
            told(
                MetadataType::CustomField,
                &set(["a", "b"]),
                &set(["a", "c"])
            ),
            ["valueSet.valueSetDefinition.value[2].fullName: b → c"]
        );
    }

    #[test]
    fn masks_what_can_hold_a_secret() {
        assert_eq!(
            told(
                MetadataType::NamedCredential,
                "<endpoint>https://a.example/old</endpoint><username>u1</username>",
                "<endpoint>https://a.example/new</endpoint><username>u2</username>",
            ),
            [
                "endpoint: https://a.example/[redacted] → https://a.example/[redacted] \
                 (the part after the host differs)",
                "username: [redacted] → [redacted] (the values differ)",
            ]
        );
    }
}

//! Properties of trees that hold for any text and any tree.

use proptest::prelude::*;

use super::*;
use crate::metadata::MetadataType;

/// Arbitrary trees that look like a file of some type, often with its own fields.
pub(crate) fn tree(kind: MetadataType) -> impl Strategy<Value = Element> {
    let fields = schema::type_of(kind).map_or(&[][..], |of| of.fields);
    let child = proptest::sample::select(fields).prop_flat_map(element_of);
    prop::collection::vec(prop_oneof![9 => child, 1 => leaf()], 0..12)
        .prop_map(move |children| Element::parent(kind.name(), children))
}

fn leaf() -> impl Strategy<Value = Element> {
    ("[a-z]{1,4}", text()).prop_map(|(name, text)| Element::leaf(name, text))
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[ a-zA-Z0-9&<>\"'\r\n\t]{0,8}", any::<String>()]
}

fn element_of(field: schema::Field) -> BoxedStrategy<Element> {
    use schema::FieldType;
    let name = field.name;
    let value = match field.ty {
        FieldType::Boolean => prop_oneof![
            Just("true".to_owned()),
            Just("false".to_owned()),
            Just(" 1 ".to_owned()),
            Just("0".to_owned())
        ]
        .boxed(),
        FieldType::Integer => any::<i32>().prop_map(|n| n.to_string()).boxed(),
        FieldType::Double => prop_oneof![
            Just("66.0".to_owned()),
            any::<f64>().prop_map(|n| n.to_string())
        ]
        .boxed(),
        FieldType::Enum(values) => proptest::sample::select(values)
            .prop_map(str::to_owned)
            .boxed(),
        FieldType::Complex(ty) => {
            let fields = schema::type_named(ty).map_or(&[][..], |of| of.fields);
            return prop::collection::vec(
                proptest::sample::select(fields).prop_flat_map(element_of),
                0..6,
            )
            .prop_map(move |children| Element::parent(name, children))
            .boxed();
        }
        FieldType::TextList => "[ a-zA-Z,]{0,12}".boxed(),
        FieldType::Text | FieldType::Unlisted(_) => text().boxed(),
    };
    value
        .prop_map(move |text| Element::leaf(name, text))
        .boxed()
}

pub(crate) fn any_kind() -> impl Strategy<Value = MetadataType> {
    proptest::sample::select(&MetadataType::ALL[..])
}

/// The tree as a document can carry it: characters that XML can't hold replaced, places cleared.
fn carried(element: &Element) -> Element {
    Element {
        text: if element.children.is_empty() {
            element
                .text
                .chars()
                .map(|c| if write::is_xml_char(c) { c } else { '\u{fffd}' })
                .collect()
        } else {
            String::new()
        },
        children: element.children.iter().map(carried).collect(),
        line: 0,
        column: 0,
        ..element.clone()
    }
}

proptest! {
    #[test]
    fn any_text_parses_or_is_refused_inside_of_the_text(text in any::<String>()) {
        if let Err(Error::Malformed { line, column, .. }) = parse(&text) {
            prop_assert!(line >= 1 && column >= 1);
            prop_assert!(line <= text.matches('\n').count() + 1);
        }
    }

    #[test]
    fn any_markup_like_text_parses_or_is_refused(text in "[<>/&;?!\\[\\]a-c =\"'-]{0,60}") {
        let _ = parse(&text);
    }

    #[test]
    fn parse_reads_what_write_wrote((_, root) in any_kind().prop_flat_map(|kind| (Just(kind), tree(kind)))) {
        let read = parse(&write(&root)).unwrap();
        prop_assert_eq!(carried(&read), carried(&root));
    }

    #[test]
    fn normalize_is_idempotent((kind, root) in any_kind().prop_flat_map(|kind| (Just(kind), tree(kind)))) {
        let once = normalize(kind, &root);
        prop_assert_eq!(&normalize(kind, &once), &once);
    }

    #[test]
    fn digest_does_not_see_the_order_of_different_fields(
        (kind, root, seed) in any_kind().prop_flat_map(|kind| (Just(kind), tree(kind), any::<u64>()))
    ) {
        let mut shuffled = root.clone();
        shuffled.children.sort_by_key(|child| {
            child.name.bytes().fold(seed, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()))
        });
        prop_assert_eq!(tree_digest(kind, &shuffled), tree_digest(kind, &root));
    }

    #[test]
    fn a_normal_tree_has_no_order_or_grouping_violation(
        (kind, root) in any_kind().prop_flat_map(|kind| (Just(kind), tree(kind)))
    ) {
        for violation in validate(kind, &normalize(kind, &root)) {
            let ordered = !matches!(
                violation.kind,
                ViolationKind::OutOfOrder { .. } | ViolationKind::Split { .. }
            );
            prop_assert!(ordered, "{}", violation);
        }
    }
}

//! Parts that have no place for a marker, and the component that keeps digests of them.
//!
//! The settings and policies of an External Client App and of a trigger's subscription have no
//! description. What belongs to them and has one says there which of them were written with it:
//! `opencx-sf parts=0123abcd,…`, before the marker. So an org itself tells whether a part is as it was
//! last written, whoever wrote it and however long ago.

use std::collections::BTreeMap;

use crate::metadata::{Component, ComponentId, MetadataType};
use crate::xml::{self, Element};

const LEAD: &str = "opencx-sf parts=";

/// Hexadecimal digits of a digest: descriptions are short.
const DIGITS: usize = 8;

/// The component that keeps a digest of this part, out of those of a package; `None` for what has a
/// marker of its own.
pub fn keeper_of<'a>(
    part: &Component,
    components: impl IntoIterator<Item = &'a ComponentId>,
) -> Option<&'a ComponentId> {
    let mut components = components.into_iter();
    match part.id.kind {
        kind if kind.belongs_to_app() => {
            let root = xml::parse(&part.xml).ok()?;
            let app = root.child_text("externalClientApplication")?.trim();
            components.find(|id| {
                id.kind == MetadataType::ExternalClientApplication && id.full_name.as_str() == app
            })
        }
        // The trigger's marker stands in a source; the event that it is on has a description.
        MetadataType::PlatformEventSubscriberConfig => components.find(|id| {
            id.kind == MetadataType::CustomObject && id.full_name.as_str().ends_with("__e")
        }),
        _ => None,
    }
}

/// The digest of a part as an org returns it.
pub fn digest(part: &Component) -> Option<String> {
    let mut digest = xml::digest(part).ok()?;
    digest.truncate(DIGITS);
    Some(digest)
}

/// The digests that a component keeps, as they stand there.
pub fn kept(keeper: &Component) -> Option<Vec<String>> {
    let root = xml::parse(&keeper.xml).ok()?;
    let description = root.child_text("description")?;
    let (_, rest) = description.split_once(LEAD)?;
    let digests = rest.split_ascii_whitespace().next()?.split(',');
    Some(digests.map(str::to_owned).collect())
}

/// A description without the digests in it.
pub fn without_digests(description: &str) -> String {
    match description.split_once(LEAD) {
        Some((before, rest)) => {
            let after = rest.split_once(' ').map_or("", |(_, after)| after);
            format!("{before}{after}").trim_end().to_owned()
        }
        None => description.to_owned(),
    }
}

/// Writes digests of all parts into the components that keep them. They stand before the marker, which
/// covers no description.
pub fn keep_digests<'a>(components: impl IntoIterator<Item = &'a mut Component>) {
    let mut components: BTreeMap<ComponentId, &mut Component> = components
        .into_iter()
        .map(|component| (component.id.clone(), component))
        .collect();
    let mut kept: BTreeMap<ComponentId, Vec<String>> = BTreeMap::new();
    for part in components.values() {
        if let Some(keeper) = keeper_of(part, components.keys()) {
            kept.entry(keeper.clone()).or_default().extend(digest(part));
        }
    }
    for (keeper, digests) in kept {
        if let Some(keeper) = components.get_mut(&keeper)
            && let Ok(mut root) = xml::parse(&keeper.xml)
            && write(&mut root, &digests.join(","))
        {
            keeper.xml = xml::write(&root);
        }
    }
}

/// Whether there was a marker to write them before.
fn write(root: &mut Element, digests: &str) -> bool {
    let mut children = root.children.iter_mut();
    let Some(description) = children.find(|child| child.name == "description") else {
        return false;
    };
    let Some(at) = description.text.rfind("opencx-sf template=") else {
        return false;
    };
    description
        .text
        .insert_str(at, &format!("{LEAD}{digests} "));
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(id: &str, body: &str) -> Component {
        let id: ComponentId = id.parse().unwrap();
        let kind = id.kind;
        Component {
            id,
            source: None,
            xml: format!("<{kind}>{body}</{kind}>"),
        }
    }

    const MARKER: &str = "opencx-sf template=externalClientApps/OpenCX.eca version=1 \
                          digest=0123456789abcdef";

    fn app() -> Component {
        let body = format!("<description>Ours. {MARKER}</description><label>A</label>");
        component("ExternalClientApplication:App", &body)
    }

    fn policy(app: &str, level: &str) -> Component {
        let body = format!(
            "<externalClientApplication>{app}</externalClientApplication>\
             <requiredSessionLevel>{level}</requiredSessionLevel>"
        );
        component(
            &format!("ExtlClntAppOauthConfigurablePolicies:{app}_oauthPlcy"),
            &body,
        )
    }

    fn config() -> Component {
        let body = "<platformEventConsumer>T</platformEventConsumer>";
        component("PlatformEventSubscriberConfig:Config", body)
    }

    #[test]
    fn a_component_keeps_digests_of_its_own_parts_before_its_marker() {
        let mut all = [
            app(),
            policy("App", "STANDARD"),
            policy("Other", "STANDARD"),
        ];
        let before = xml::digest(&all[0]).unwrap();
        keep_digests(&mut all);
        let wanted = digest(&all[1]).unwrap();
        assert_eq!(wanted.len(), DIGITS);
        assert_eq!(kept(&all[0]), Some(vec![wanted.clone()]));
        assert!(
            all[0].xml.contains(&format!(
                "<description>Ours. opencx-sf parts={wanted} {MARKER}</description>"
            )),
            "{}",
            all[0].xml
        );
        // It is a description, which decides nothing.
        assert_eq!(xml::digest(&all[0]).unwrap(), before);
        assert_ne!(digest(&policy("App", "HIGH_ASSURANCE")), Some(wanted));
    }

    #[test]
    fn a_subscription_is_kept_by_its_event() {
        let object = |name: &str| {
            let body = format!("<description>Ours. {MARKER}</description>");
            component(&format!("CustomObject:{name}"), &body)
        };
        let mut all = [object("Setting__mdt"), object("Event__e"), config()];
        keep_digests(&mut all);
        assert_eq!(kept(&all[0]), None);
        assert_eq!(kept(&all[1]), Some(vec![digest(&config()).unwrap()]));
    }

    #[test]
    fn without_a_marker_nothing_is_kept() {
        let bare = component(
            "ExternalClientApplication:App",
            "<description>Mine</description>",
        );
        let mut all = [bare.clone(), policy("App", "STANDARD")];
        keep_digests(&mut all);
        assert_eq!(all[0], bare);
        assert_eq!(kept(&all[0]), None);
    }

    #[test]
    fn digests_leave_a_description_as_they_came() {
        for (with, without) in [
            ("Ours. opencx-sf parts=0123abcd,4567cdef", "Ours."),
            ("Ours. opencx-sf parts=0123abcd and more", "Ours. and more"),
            ("Ours.", "Ours."),
        ] {
            assert_eq!(without_digests(with), without);
        }
    }
}

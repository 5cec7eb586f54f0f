//! One component: what we want, what the org holds, and what the marker says that we wrote.

use super::{Change, ChangeKind, Written, credential, diff, fields};
use crate::apex::{self, Declaration, Marker};
use crate::metadata::{Component, MetadataType};
use crate::xml::{self, Element};

/// How a component that the org returned stands to the wanted one.
pub(super) fn change(wanted: &Component, live: &Component) -> Change {
    let unreadable = |why: String| Change::new(wanted, ChangeKind::Unreadable, Some(why));
    let kind = wanted.id.kind;
    let live_root = match xml::parse(&live.xml) {
        Ok(root) => root,
        Err(error) => return unreadable(format!("what the org returned is no XML: {error}")),
    };
    let wanted_root = match xml::parse(&wanted.xml) {
        Ok(root) => root,
        Err(error) => return unreadable(format!("what we would write is no XML: {error}")),
    };
    let trees = Trees {
        kind,
        live: xml::comparable(kind, &live_root),
        wanted: xml::comparable(kind, &wanted_root),
    };
    let ((mut change_kind, note), diff) = if kind.has_source() {
        let Some(live_source) = live.source.as_deref() else {
            return unreadable("the org returned no source".to_owned());
        };
        let wanted_source = wanted.source.as_deref().unwrap_or_default();
        let (live_text, wanted_text) =
            (apex::normalize(live_source), apex::normalize(wanted_source));
        (
            judge_apex(&trees, live_source, wanted_source, live_text == wanted_text),
            diff::unified(&wanted.id, &live_text, &wanted_text),
        )
    } else {
        let shown = |tree: &Element| xml::write(&xml::masked(kind, tree));
        let judgement = match credential::other_model(kind, &trees.live, &trees.wanted) {
            Some(note) => (ChangeKind::Incompatible, Some(note)),
            None => judge_xml(&trees, &live_root, &wanted_root),
        };
        (
            judgement,
            diff::unified(&wanted.id, &shown(&trees.live), &shown(&trees.wanted)),
        )
    };
    let is_as_written = matches!(change_kind, ChangeKind::Changed | ChangeKind::Older);
    if is_as_written && trees.is_off() {
        change_kind = ChangeKind::Inactive;
    }
    let written = super::marker(live)
        .filter(|_| change_kind != ChangeKind::Same)
        .map(|marker| Written {
            template: marker.template,
            version: marker.version,
        });
    Change {
        written,
        fields: fields::differences(kind, &trees.live, &trees.wanted),
        diff,
        ..Change::new(wanted, change_kind, note)
    }
}

/// The comparable XML of both sides.
struct Trees {
    kind: MetadataType,
    live: Element,
    wanted: Element,
}

impl Trees {
    fn are_equal(&self) -> bool {
        self.live == self.wanted
    }

    /// Whether the org's component is switched off, and ours is not.
    fn is_off(&self) -> bool {
        switch(self.kind)
            .is_some_and(|switch| switch.is_off(&self.live) && !switch.is_off(&self.wanted))
    }

    /// Whether nothing differs but that the org's component is switched off.
    fn is_only_off(&self) -> bool {
        self.is_off()
            && switch(self.kind).is_some_and(|switch| switch.turned_on(&self.live) == self.wanted)
    }
}

type Judgement = (ChangeKind, Option<String>);

fn judge_apex(trees: &Trees, live: &str, wanted: &str, is_same_text: bool) -> Judgement {
    if is_same_text && trees.are_equal() {
        (ChangeKind::Same, None)
    } else if is_same_text && trees.is_only_off() {
        (ChangeKind::Inactive, None)
    } else if let Some(note) = other_object(live, wanted) {
        (ChangeKind::Foreign, Some(note))
    } else {
        // The digest covers the source alone. Who changed `apiVersion` or `status` beside it can't
        // be known, so that counts as a change of ours.
        by_marker(
            Marker::in_source(live),
            |marker| marker.digest == apex::digest(live),
            Marker::in_source(wanted),
        )
    }
}

fn judge_xml(trees: &Trees, live: &Element, wanted: &Element) -> Judgement {
    if trees.are_equal() {
        (ChangeKind::Same, None)
    } else if trees.is_only_off() {
        (ChangeKind::Inactive, None)
    } else {
        by_marker(
            marker_in(live),
            |marker| is_as_written(trees.kind, live, marker),
            marker_in(wanted),
        )
    }
}

/// What two contents that differ mean.
fn by_marker(
    live: Option<Marker>,
    is_intact: impl Fn(&Marker) -> bool,
    wanted: Option<Marker>,
) -> Judgement {
    let Some(live) = live else {
        return (ChangeKind::Foreign, None);
    };
    if !is_intact(&live) {
        return (ChangeKind::EditedByHand, None);
    }
    let (found, ours) = match wanted {
        Some(wanted) => (live.version, wanted.version),
        None => return (ChangeKind::Changed, None),
    };
    if found < ours {
        let note = format!("template version {found}, this release writes {ours}");
        (ChangeKind::Older, Some(note))
    } else if found > ours {
        let note = format!(
            "written by a newer release: template version {found}, this release writes {ours}"
        );
        (ChangeKind::Changed, Some(note))
    } else {
        (ChangeKind::Changed, None)
    }
}

fn marker_in(root: &Element) -> Option<Marker> {
    Marker::in_description(root.child_text("description")?)
}

/// Whether a file is as we wrote it, perhaps switched off since.
fn is_as_written(kind: MetadataType, root: &Element, marker: &Marker) -> bool {
    xml::tree_digest(kind, root) == marker.digest
        || switch(kind)
            .is_some_and(|switch| xml::tree_digest(kind, &switch.turned_on(root)) == marker.digest)
}

/// The field with which an administrator switches a component off.
struct Switch {
    field: &'static str,
    on: &'static str,
    off: &'static str,
}

impl Switch {
    fn is_off(&self, root: &Element) -> bool {
        root.child_text(self.field).map(str::trim) == Some(self.off)
    }

    fn turned_on(&self, root: &Element) -> Element {
        let mut root = root.clone();
        for child in &mut root.children {
            if child.name == self.field {
                self.on.clone_into(&mut child.text);
            }
        }
        root
    }
}

fn switch(kind: MetadataType) -> Option<Switch> {
    match kind {
        MetadataType::ApexTrigger | MetadataType::ApexClass => Some(Switch {
            field: "status",
            on: "Active",
            off: "Inactive",
        }),
        MetadataType::NamedCredential => Some(Switch {
            field: "calloutStatus",
            on: "Enabled",
            off: "Disabled",
        }),
        _ => None,
    }
}

/// A trigger of that name on another object serves something else, whoever wrote it: an org
/// cannot move a trigger to another object.
fn other_object(live: &str, wanted: &str) -> Option<String> {
    let object_of = |source| match apex::parse(source).declaration {
        Some(Declaration::Trigger { object, .. }) => Some(object),
        _ => None,
    };
    let (live, wanted) = (object_of(live)?, object_of(wanted)?);
    (!live.eq_ignore_ascii_case(&wanted))
        .then(|| format!("it is a trigger on {live}, ours is on {wanted}"))
}

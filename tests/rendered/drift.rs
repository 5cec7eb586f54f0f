//! What drift sees: every change that means something, and none that doesn't, in a package of every
//! option set.

use std::collections::BTreeMap;

use opencx_sf::compare::{ChangeKind, Live, LiveState, compare};
use opencx_sf::metadata::{Component, ComponentId, MetadataType};
use opencx_sf::package::{Package, components_from_files, read_zip};
use opencx_sf::xml::{self, Element};

use crate::combinations::combinations;
use crate::project::{integration, package};

/// An org as it is after a deploy of the package.
pub fn deployed(package: &Package) -> BTreeMap<ComponentId, Component> {
    let files = read_zip(&package.zip().unwrap()).unwrap();
    let components = components_from_files(&files).unwrap();
    let by_id = |component: Component| (component.id.clone(), component);
    components.into_iter().map(by_id).collect()
}

/// How one component stands, the org holding it in this form.
fn kind(wanted: &Component, held: Component) -> ChangeKind {
    let package = Package {
        api_version: opencx_sf::metadata::ApiVersion::new(66),
        components: BTreeMap::from([(wanted.id.clone(), wanted.clone())]),
        secrets: Vec::new(),
    };
    let state = LiveState::Present {
        component: held,
        modified: None,
    };
    let live = Live {
        components: BTreeMap::from([(wanted.id.clone(), state)]),
    };
    compare(&package, &live).remove(0).kind
}

/// A tree with one place of it changed, for every place: each value another one, each element gone,
/// each entry of a list there under another name.
pub fn changed_trees(kind: MetadataType, root: &Element) -> Vec<(String, Element)> {
    let mut paths = Vec::new();
    collect(root, &mut Vec::new(), &mut paths);
    let mut trees = Vec::new();
    for path in paths {
        let mut tree = root.clone();
        let leaf = at(&mut tree, &path);
        let name = leaf.name.clone();
        if leaf.children.is_empty() {
            leaf.text = match leaf.text.as_str() {
                "true" => "false".to_owned(),
                "false" => "true".to_owned(),
                text => format!("{text}1"),
            };
            trees.push((format!("{kind} {name} {path:?} another value"), tree));
        }
        let (last, above) = path.split_last().unwrap();
        let mut tree = root.clone();
        at(&mut tree, above).children.remove(*last);
        // What falls back to the default by itself is no change.
        if xml::comparable(kind, &tree) != xml::comparable(kind, root) {
            trees.push((format!("{kind} {name} {path:?} gone"), tree));
        }
    }
    trees
}

fn collect(element: &Element, path: &mut Vec<usize>, out: &mut Vec<Vec<usize>>) {
    for (index, child) in element.children.iter().enumerate() {
        path.push(index);
        out.push(path.clone());
        collect(child, path, out);
        path.pop();
    }
}

fn at<'a>(root: &'a mut Element, path: &[usize]) -> &'a mut Element {
    path.iter()
        .fold(root, |element, index| &mut element.children[*index])
}

/// Apex with one line of it changed: every seventh line gone, and every other seventh doubled. Lines
/// that are only an end of a block count too: the normal form is of the text.
pub fn changed_sources(source: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = source.lines().collect();
    let mut sources = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        // The marker is no content.
        if line.trim().is_empty() || line.contains("opencx-sf") {
            continue;
        }
        let mut changed = lines.clone();
        match number % 7 {
            0 => {
                changed.remove(number);
                sources.push((format!("line {number} gone"), changed.join("\n")));
            }
            3 => {
                let edited = format!("{line} // edited");
                changed[number] = &edited;
                sources.push((format!("line {number} edited"), changed.join("\n")));
            }
            _ => {}
        }
    }
    sources
}

// Tens of thousands of comparisons: in a debug build that takes longer than other tests.
#[test]
fn every_change_that_means_something_is_found_in_every_option_set() {
    let mut found = 0;
    let mut by_type: BTreeMap<MetadataType, usize> = BTreeMap::new();
    // A component that several option sets render alike is tried once.
    let mut seen: Vec<Component> = Vec::new();
    for combination in combinations() {
        let package = package(&integration(&combination.config))
            .resolved()
            .unwrap();
        for (id, held) in deployed(&package) {
            let wanted = &package.components[&id];
            if seen.contains(wanted) {
                continue;
            }
            seen.push(wanted.clone());
            if !id.kind.is_the_administrators() {
                let root = xml::comparable(id.kind, &xml::parse(&held.xml).unwrap());
                for (what, tree) in changed_trees(id.kind, &root) {
                    let changed = Component {
                        xml: xml::write(&tree),
                        ..held.clone()
                    };
                    let kind = kind(wanted, changed);
                    assert_ne!(kind, ChangeKind::Same, "{}: {id} {what}", combination.name);
                    found += 1;
                    *by_type.entry(id.kind).or_default() += 1;
                }
            }
            for (what, source) in held.source.iter().flat_map(|text| changed_sources(text)) {
                let changed = Component {
                    source: Some(source),
                    ..held.clone()
                };
                let kind = kind(wanted, changed);
                assert_ne!(kind, ChangeKind::Same, "{}: {id} {what}", combination.name);
                found += 1;
                *by_type.entry(id.kind).or_default() += 1;
            }
        }
    }
    assert!(found > 10_000, "{found} changes were tried");
    assert!(by_type.len() >= 12, "{by_type:?}");
}

#[test]
fn what_an_org_may_do_to_a_file_is_no_change_in_any_option_set() {
    let mut seen: Vec<Component> = Vec::new();
    for combination in combinations() {
        let package = package(&integration(&combination.config))
            .resolved()
            .unwrap();
        for (id, held) in deployed(&package) {
            let wanted = &package.components[&id];
            if seen.contains(wanted) {
                continue;
            }
            seen.push(wanted.clone());
            assert_eq!(kind(wanted, held.clone()), ChangeKind::Same, "{id}");
            let root = xml::parse(&held.xml).unwrap();
            let mut reordered = root.clone();
            reordered.children.reverse();
            let mut without_defaults = root.clone();
            let of = xml::schema::type_of(id.kind).unwrap();
            without_defaults.children.retain(|child| {
                let default = of.field(&child.name).and_then(|field| field.default);
                default != Some(child.text.as_str())
            });
            // Order means something among the values of a picklist and the steps of nothing else.
            let trees = [without_defaults, stable(&root, reordered)];
            for tree in trees {
                let text = xml::write(&tree).replace('\n', "\r\n");
                let changed = Component {
                    xml: format!("\u{feff}{text}"),
                    source: held.source.as_ref().map(|source| {
                        let source = source.trim_end().replace('\n', "\r\n");
                        format!("\u{feff}{source}\r\n\r\n")
                    }),
                    ..held.clone()
                };
                assert_eq!(
                    kind(wanted, changed),
                    ChangeKind::Same,
                    "{}: {id}",
                    combination.name
                );
            }
        }
    }
}

/// The elements in reverse, but those of one name in their own order.
fn stable(root: &Element, mut reordered: Element) -> Element {
    reordered.children = {
        let mut names: Vec<&str> = Vec::new();
        for child in root.children.iter().rev() {
            if !names.contains(&child.name.as_str()) {
                names.push(&child.name);
            }
        }
        let of = |name: &str| {
            let children = root.children.iter().filter(move |child| child.name == name);
            children.cloned().collect::<Vec<_>>()
        };
        names.into_iter().flat_map(of).collect()
    };
    reordered
}

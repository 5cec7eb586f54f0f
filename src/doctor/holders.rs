//! The users by whom replies of OpenCX are recognised: those with our permission set.

use super::facts::{AssignmentRow, UserRow};
use super::scene::Scene;
use crate::metadata::MetadataType;
use crate::sf::text::clean;

/// The permission set by which replies are recognised, and who holds it. Nothing where the org did
/// not say.
pub(super) fn holders<'a>(scene: &Scene<'a>) -> Option<(&'a str, Vec<&'a AssignmentRow>)> {
    of_set(scene, "OpenCX_Integration")
}

/// A permission set of ours by its shipped name, and who holds it.
pub(super) fn of_set<'a>(
    scene: &Scene<'a>,
    shipped: &'static str,
) -> Option<(&'a str, Vec<&'a AssignmentRow>)> {
    let set = scene
        .wanted(MetadataType::PermissionSet, shipped)?
        .id
        .full_name
        .as_str();
    let rows = scene.facts.assignments.as_ref().ok()?;
    let held = rows
        .iter()
        .filter(|row| {
            let name = row
                .permission_set
                .as_ref()
                .and_then(|set| set.name.as_deref());
            name.is_some_and(|name| name.eq_ignore_ascii_case(set))
        })
        .collect();
    Some((set, held))
}

/// Whether a user holds the permission set, and its name.
pub(super) fn is_holder<'a>(scene: &Scene<'a>, user: Option<&str>) -> Option<(&'a str, bool)> {
    let (set, held) = holders(scene)?;
    let user = user?;
    let holds = held
        .iter()
        .any(|row| row.assignee_id.as_deref() == Some(user));
    Some((set, holds))
}

/// How a user is called to an administrator.
pub(super) fn person(user: Option<&UserRow>) -> String {
    let user = user.and_then(|user| user.username.as_deref().or(user.name.as_deref()));
    user.map_or_else(|| "an unnamed user".to_owned(), clean)
}

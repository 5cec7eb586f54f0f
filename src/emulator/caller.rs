//! Who a server's tokens belong to, and what that user may do with the APIs.

use crate::metadata::MetadataType;

use super::ids::same_id;
use super::options::Options;
use super::refusal::NO_PERMISSION;
use super::refusal::Refusal;
use super::state::{State, User};

/// What the APIs say to a user who may not use them.
const NO_API: &str = "The REST API is not enabled for this Organization";

/// The user of the tokens: the administrator, or the one that the server was started for.
pub fn user<'a>(state: &'a State, options: &Options) -> Option<&'a User> {
    match &options.caller {
        Some(name) => state.users.iter().find(|user| user.name == *name),
        None => state.users.first(),
    }
}

/// Whether the user of the tokens has a permission: by the administrator's profile, or by a
/// permission set.
fn may(state: &State, options: &Options, permission: &str) -> bool {
    let Some(user) = user(state, options) else {
        return false;
    };
    !user.is_minimal || granted(state, &user.id).any(|name| name == permission)
}

/// The user permissions of the permission sets that a user has.
fn granted<'a>(state: &'a State, user: &'a str) -> impl Iterator<Item = String> + 'a {
    let text = |record: &super::record::Record, name: &str| {
        let value = record.fields.get(name).and_then(|value| value.as_str());
        value.unwrap_or_default().to_owned()
    };
    let assigned: Vec<String> = state
        .records
        .iter()
        .filter(|record| record.object == "PermissionSetAssignment" && !record.deleted)
        .filter(|record| same_id(&text(record, "AssigneeId"), user))
        .map(|record| text(record, "PermissionSetId"))
        .collect();
    state
        .of_type(MetadataType::PermissionSet)
        .into_iter()
        .filter(move |stored| assigned.iter().any(|id| same_id(id, &stored.id)))
        .flat_map(|stored| {
            let root = stored.tree();
            let granted = root.children.iter().filter(|child| {
                child.name == "userPermissions" && child.text_of("enabled") == Some("true")
            });
            let names = granted.filter_map(|child| child.text_of("name").map(str::to_owned));
            names.collect::<Vec<String>>()
        })
}

/// Any API takes "API Enabled".
pub fn check_api(state: &State, options: &Options) -> Result<(), Refusal> {
    match may(state, options, "ApiEnabled") {
        true => Ok(()),
        false => Err(Refusal::new("API_DISABLED_FOR_ORG", NO_API)),
    }
}

/// The Metadata API takes "Modify Metadata Through Metadata API Functions" or "Modify All Data", for
/// reading too (Salesforce Help, "Metadata API Edit Access").
pub fn check_metadata(state: &State, options: &Options) -> Result<(), Refusal> {
    let any = ["ModifyMetadata", "ModifyAllData"];
    match any.iter().any(|name| may(state, options, name)) {
        true => Ok(()),
        false => Err(Refusal::new("INSUFFICIENT_ACCESS", NO_PERMISSION)),
    }
}

/// Writing takes also the permission for the feature that is written: "Author Apex" for Apex,
/// "Customize Application" for the rest (the same page, "Permission that enables use of the feature").
/// In which words an org refuses isn't documented; these are what it says elsewhere to somebody who
/// may not write a thing.
pub fn check_deploy(state: &State, options: &Options) -> Result<(), Refusal> {
    let all = ["AuthorApex", "CustomizeApplication"];
    match all.iter().all(|name| may(state, options, name)) {
        true => Ok(()),
        false => Err(Refusal::new(
            "INSUFFICIENT_ACCESS",
            "insufficient access rights on cross-reference id",
        )),
    }
}

//! `ExternalClientApplication` and `OauthToken`: by what and as whom other systems log in.

use std::borrow::Cow;

use serde_json::json;

use crate::metadata::MetadataType;

use super::{DATA, Rows, Table, column, components, parent};

/// External Client Apps. Their OAuth settings are not here: only a retrieve shows those.
pub static EXTERNAL_CLIENT_APPLICATION: Table<'static> = Table {
    name: "ExternalClientApplication",
    apis: DATA,
    columns: stamped![
        column("Id"),
        column("DeveloperName"),
        column("MasterLabel"),
        column("ContactEmail"),
        column("DistributionState"),
    ],
    rows: Rows::Derived(|state, _| {
        components(
            state,
            MetadataType::ExternalClientApplication,
            |stored, tree| {
                let text = |name: &str| json!(tree.text_of(name));
                [
                    ("DeveloperName", json!(stored.full_name)),
                    ("MasterLabel", text("label")),
                    ("ContactEmail", text("contactEmail")),
                    ("DistributionState", text("distributionState")),
                ]
            },
        )
    }),
};

/// Refresh tokens that are in use (Object Reference, "OauthToken").
pub static OAUTH_TOKEN: Table<'static> = Table {
    name: "OauthToken",
    apis: DATA,
    columns: Cow::Borrowed(&[
        column("Id"),
        column("AppName"),
        parent("UserId", "User", "User"),
        column("LastUsedDate"),
        column("UseCount"),
        column("CreatedDate"),
    ]),
    rows: Rows::Records,
};

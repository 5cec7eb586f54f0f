//! Named credentials, fields, and permissions.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::metadata::MetadataType;

use super::super::super::schema::{self, Kind, Type};
use super::super::super::state::{State, Stored, User};
use super::super::super::tree::Node;
use super::organization::{PROFILES, profile_of};
use super::{
    BOTH, Column, DATA, PERMISSIONS, Row, Rows, TOOLING, Table, add, column, components, one_row,
    parent, row_of, unfilterable,
};

/// Named credentials for `/query`.
pub static NAMED_CREDENTIAL_DATA: Table<'static> = Table {
    name: "NamedCredential",
    apis: DATA,
    columns: stamped![
        column("Id"),
        column("DeveloperName"),
        column("MasterLabel"),
        column("NamespacePrefix"),
        unfilterable("Endpoint"),
        column("PrincipalType"),
        column("CalloutOptionsGenerateAuthorizationHeader"),
    ],
    rows: Rows::Derived(credentials),
};

/// Named credentials for `/tooling/query`.
pub static NAMED_CREDENTIAL_TOOLING: Table<'static> = Table {
    name: "NamedCredential",
    apis: TOOLING,
    columns: stamped![
        column("Id"),
        column("DeveloperName"),
        column("MasterLabel"),
        column("NamespacePrefix"),
        unfilterable("Endpoint"),
        column("PrincipalType"),
        column("Protocol"),
        column("CalloutStatus"),
        column("NamedCredentialType"),
        column("ManageableState"),
        one_row("FullName"),
        one_row("Metadata"),
    ],
    rows: Rows::Derived(credentials),
};

fn credentials(state: &State, _now: Timestamp) -> Vec<Row> {
    components(state, MetadataType::NamedCredential, |stored, tree| {
        let text = |name: &str| json!(tree.text_of(name));
        let kind = tree.text_of("namedCredentialType").unwrap_or("Legacy");
        [
            ("DeveloperName", json!(stored.full_name)),
            ("FullName", json!(stored.full_name)),
            ("MasterLabel", text("label")),
            (
                "Endpoint",
                if kind == "Legacy" {
                    text("endpoint")
                } else {
                    Value::Null
                },
            ),
            ("PrincipalType", text("principalType")),
            ("Protocol", text("protocol")),
            ("CalloutStatus", text("calloutStatus")),
            ("NamedCredentialType", json!(kind)),
            (
                "CalloutOptionsGenerateAuthorizationHeader",
                flag(tree, "generateAuthorizationHeader"),
            ),
            ("Metadata", metadata(stored)),
        ]
    })
}

/// Fields.
pub static CUSTOM_FIELD: Table<'static> = Table {
    name: "CustomField",
    apis: TOOLING,
    columns: stamped![
        column("Id"),
        column("DeveloperName"),
        column("TableEnumOrId"),
        column("EntityDefinitionId"),
        column("NamespacePrefix"),
        column("Length"),
        column("InlineHelpText"),
        column("ManageableState"),
        one_row("FullName"),
        one_row("Metadata"),
    ],
    rows: Rows::Derived(|state, _| {
        components(state, MetadataType::CustomField, |stored, tree| {
            let (object, field) = stored.full_name.split_once('.').unwrap_or_default();
            let length = tree
                .text_of("length")
                .and_then(|text| text.parse::<u32>().ok());
            [
                (
                    "DeveloperName",
                    json!(field.strip_suffix("__c").unwrap_or(field)),
                ),
                ("TableEnumOrId", json!(object)),
                ("EntityDefinitionId", json!(object)),
                ("Length", json!(length)),
                ("InlineHelpText", json!(tree.text_of("inlineHelpText"))),
                ("FullName", json!(stored.full_name)),
                ("Metadata", metadata(stored)),
            ]
        })
    }),
};

/// Custom permissions.
pub static CUSTOM_PERMISSION: Table<'static> = Table {
    name: "CustomPermission",
    apis: BOTH,
    columns: stamped![
        column("Id"),
        column("DeveloperName"),
        column("MasterLabel"),
        column("NamespacePrefix"),
        column("Description"),
        column("ManageableState"),
    ],
    rows: Rows::Derived(|state, _| {
        components(state, MetadataType::CustomPermission, |stored, tree| {
            [
                ("DeveloperName", json!(stored.full_name)),
                ("MasterLabel", json!(tree.text_of("label"))),
                ("Description", json!(tree.text_of("description"))),
            ]
        })
    }),
};

const OWN_COLUMNS: usize = 14;

/// The columns of permission sets: their own, and one for each user permission.
static PERMISSION_SET_COLUMNS: [Column<'static>; OWN_COLUMNS + PERMISSIONS.len()] = {
    let mut all = [const { column("") }; OWN_COLUMNS + PERMISSIONS.len()];
    let own = [
        column("Id"),
        column("Name"),
        column("Label"),
        column("Description"),
        column("NamespacePrefix"),
        column("IsOwnedByProfile"),
        column("IsCustom"),
        column("HasActivationRequired"),
        column("LicenseId"),
        column("CreatedDate"),
        parent("CreatedById", "CreatedBy", "User"),
        column("LastModifiedDate"),
        parent("LastModifiedById", "LastModifiedBy", "User"),
        column("SystemModstamp"),
    ];
    let mut index = 0;
    while index < OWN_COLUMNS {
        all[index] = own[index];
        index += 1;
    }
    while index < all.len() {
        all[index] = column(PERMISSIONS[index - OWN_COLUMNS]);
        index += 1;
    }
    all
};

/// Permission sets for `/query`.
pub static PERMISSION_SET_DATA: Table<'static> = Table {
    name: "PermissionSet",
    apis: DATA,
    columns: Cow::Borrowed(&PERMISSION_SET_COLUMNS),
    rows: Rows::Derived(permission_sets),
};

/// Permission sets for `/tooling/query`.
pub static PERMISSION_SET_TOOLING: Table<'static> = Table {
    name: "PermissionSet",
    apis: TOOLING,
    columns: Cow::Borrowed(&PERMISSION_SET_COLUMNS),
    rows: Rows::Derived(permission_sets),
};

fn permission_sets(state: &State, _now: Timestamp) -> Vec<Row> {
    let mut rows = profile_sets();
    rows.extend(own_sets(state));
    rows
}

/// A profile is a permission set, too. The administrator's has every permission, the other none.
fn profile_sets() -> Vec<Row> {
    let of = |(index, (_, id, name)): (usize, &(&str, &str, &str))| {
        let mut row = add(
            Row::new(),
            [
                ("Id", json!(id)),
                ("Name", json!(format!("X{id}"))),
                ("Label", json!(name)),
                ("IsOwnedByProfile", json!(true)),
                ("IsCustom", json!(false)),
                ("HasActivationRequired", json!(false)),
            ],
        );
        for name in PERMISSIONS {
            row.insert((*name).to_owned(), json!(index == 0));
        }
        row
    };
    PROFILES.iter().enumerate().map(of).collect()
}

fn own_sets(state: &State) -> Vec<Row> {
    state
        .of_type(MetadataType::PermissionSet)
        .into_iter()
        .map(|stored| {
            let tree = stored.tree();
            let mut row = add(
                row_of(stored),
                [
                    ("Name", json!(stored.full_name)),
                    ("Label", json!(tree.text_of("label"))),
                    ("Description", json!(tree.text_of("description"))),
                    ("IsOwnedByProfile", json!(false)),
                    ("IsCustom", json!(true)),
                    (
                        "HasActivationRequired",
                        flag(&tree, "hasActivationRequired"),
                    ),
                ],
            );
            for name in PERMISSIONS {
                row.insert((*name).to_owned(), json!(false));
            }
            for entry in tree
                .children
                .iter()
                .filter(|child| child.name == "userPermissions")
            {
                let name = format!("Permissions{}", entry.text_of("name").unwrap_or_default());
                row.insert(name, json!(entry.text_of("enabled") == Some("true")));
            }
            row
        })
        .collect()
}

/// Who has which permission set.
pub static PERMISSION_SET_ASSIGNMENT: Table<'static> = Table {
    name: "PermissionSetAssignment",
    apis: DATA,
    columns: Cow::Borrowed(&[
        column("Id"),
        parent("AssigneeId", "Assignee", "User"),
        parent("PermissionSetId", "PermissionSet", "PermissionSet"),
        column("PermissionSetGroupId"),
        column("IsActive"),
        column("ExpirationDate"),
        column("SystemModstamp"),
    ]),
    rows: Rows::RecordsAnd(profile_assignments),
};

/// Every user has a profile.
fn profile_assignments(state: &State, _now: Timestamp) -> Vec<Row> {
    let of = |(number, user): (usize, &User)| {
        add(
            Row::new(),
            [
                ("Id", json!(format!("0PaP{number:011}AAA"))),
                ("AssigneeId", json!(user.id)),
                ("PermissionSetId", json!(PROFILES[profile_of(user)].1)),
                ("IsActive", json!(true)),
            ],
        )
    };
    state.users.iter().enumerate().map(of).collect()
}

fn flag(tree: &Node, name: &str) -> Value {
    json!(tree.text_of(name) == Some("true"))
}

/// The `Metadata` column: the component's fields as JSON, those that are not set as null.
/// The column `Metadata` of a component.
pub(super) fn metadata(stored: &Stored) -> Value {
    value_of(schema::definition(stored.kind), &stored.tree())
}

/// What no definition looks into: a text, or fields by name; repeated ones are a list.
fn unchecked(node: &Node) -> Value {
    if node.children.is_empty() {
        return json!(node.text);
    }
    let mut out = Map::new();
    for child in &node.children {
        let value = unchecked(child);
        match out.get_mut(&child.name) {
            None => {
                out.insert(child.name.clone(), value);
            }
            Some(Value::Array(list)) => list.push(value),
            Some(first) => *first = json!([first.take(), value]),
        }
    }
    Value::Object(out)
}

fn value_of(definition: &Type, node: &Node) -> Value {
    let mut out = Map::new();
    for field in definition.fields {
        let mut found = node
            .children
            .iter()
            .filter(|child| child.name == field.name);
        let one = |child: &Node| match &field.kind {
            Kind::Nested(inner) => value_of(inner, child),
            Kind::Boolean => json!(child.text == "true"),
            Kind::Integer => json!(child.text.parse::<i64>().ok()),
            Kind::Double => json!(child.text.parse::<f64>().ok()),
            Kind::Unchecked => unchecked(child),
            Kind::Text | Kind::Enum(..) => json!(child.text),
        };
        let value = if field.many {
            Value::Array(found.map(one).collect())
        } else {
            found.next().map_or(Value::Null, one)
        };
        out.insert(field.name.to_owned(), value);
    }
    out.insert("urls".to_owned(), Value::Null);
    Value::Object(out)
}

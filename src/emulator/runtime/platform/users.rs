//! Who runs: `UserInfo`, also inside `System.runAs`.

use std::sync::Arc;

use super::super::machine::Machine;
use super::super::value::Value;
use super::Table;

/// The natives here.
pub const TABLE: Table = &[
    ("UserInfo.getFirstName", |m, _, _| Ok(of(m, "FirstName"))),
    ("UserInfo.getLastName", |m, _, _| Ok(of(m, "LastName"))),
    ("UserInfo.getName", |m, _, _| Ok(of(m, "Name"))),
    ("UserInfo.getOrganizationId", |m, _, _| {
        Ok(Value::String(m.org.organization_id.clone()))
    }),
    ("UserInfo.getOrganizationName", |m, _, _| {
        Ok(Value::String(m.org.organization_name.clone()))
    }),
    ("UserInfo.getProfileId", |m, _, _| {
        Ok(text(of(m, "ProfileId")))
    }),
    ("UserInfo.getUserEmail", |m, _, _| Ok(of(m, "Email"))),
    ("UserInfo.getUserId", |m, _, _| Ok(text(m.user_id()))),
    ("UserInfo.getUserName", |m, _, _| Ok(of(m, "Username"))),
];

// The platform gives these Ids as Strings.
fn text(id: Value) -> Value {
    id.as_text().map_or(Value::Null, Value::String)
}

// A field of the running user: from the record where there is one, else what the org says.
fn of(machine: &Machine<'_>, field: &str) -> Value {
    let row = machine.user_id().as_text().and_then(|id| {
        let users = machine.world.schema.find("User")?;
        machine.store.get(users, &id)
    });
    if let Some(value) = row.and_then(|row| row.get(field)) {
        return value.clone();
    }
    let org = machine.org;
    match field {
        "Name" | "LastName" => Value::String(org.user_name.clone()),
        "Email" => Value::String(org.email.clone()),
        "Username" => Value::String(org.username.clone()),
        _ => Value::Null,
    }
}

/// Profiles that every org has (Object Reference, "Profile"; Salesforce Help, "Standard Profiles").
const PROFILES: [&str; 3] = [
    "System Administrator",
    "Standard User",
    "Minimum Access - Salesforce",
];

/// Puts the records into a test's database that it sees without having made them: the running user
/// and profiles (Apex Developer Guide, "Isolation of Test Data from Organization Data").
pub fn furnish(machine: &mut Machine<'_>) {
    let schema = &machine.world.schema;
    let (Some(users), Some(profiles)) = (schema.find("User"), schema.find("Profile")) else {
        return;
    };
    let row = |values: &[(&str, Value)]| {
        let values = values.iter();
        values
            .map(|(name, value)| (Arc::from(*name), value.clone()))
            .collect()
    };
    let mut first = Value::Null;
    for (number, name) in (1..).zip(PROFILES) {
        let id: Arc<str> = crate::metadata::id18(&format!("00e00000000000{number}")).into();
        if first.is_null() {
            first = Value::Id(id.clone());
        }
        let values = [("Id", Value::Id(id.clone())), ("Name", Value::text(name))];
        machine.store.put(profiles, id, row(&values));
    }
    let org = machine.org;
    let text = |text: &Arc<str>| Value::String(text.clone());
    let (first_name, last_name) = org
        .user_name
        .rsplit_once(' ')
        .unwrap_or(("", &org.user_name));
    let values = [
        ("Id", Value::Id(org.user_id.clone())),
        ("Username", text(&org.username)),
        ("FirstName", Value::text(first_name)),
        ("LastName", Value::text(last_name)),
        ("Name", text(&org.user_name)),
        ("Email", text(&org.email)),
        ("IsActive", Value::Boolean(true)),
        ("ProfileId", first),
        ("TimeZoneSidKey", Value::text("GMT")),
        ("LocaleSidKey", Value::text("en_US")),
        ("LanguageLocaleKey", Value::text("en_US")),
        ("EmailEncodingKey", Value::text("UTF-8")),
    ];
    machine.store.put(users, org.user_id.clone(), row(&values));
}

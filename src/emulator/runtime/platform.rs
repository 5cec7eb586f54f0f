//! The platform's classes: declared in Apex under `platform/apex`, with what Apex cannot say
//! written in Rust. To add a class, declare it there; to add a native method, declare it without
//! a body and list it in the table of a module here.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::machine::{Machine, Outcome, Throw};
use super::value::Value;

/// The namespaces and their classes.
pub const SOURCES: [(&str, &str); 9] = [
    ("System", include_str!("platform/apex/language.apex")),
    ("System", include_str!("platform/apex/exceptions.apex")),
    ("System", include_str!("platform/apex/system.apex")),
    ("System", include_str!("platform/apex/web.apex")),
    ("System", include_str!("platform/apex/json.apex")),
    ("Database", include_str!("platform/apex/database.apex")),
    ("EventBus", include_str!("platform/apex/eventbus.apex")),
    ("Messaging", include_str!("platform/apex/messaging.apex")),
    ("Schema", include_str!("platform/apex/schema.apex")),
];

/// A method in Rust: the object (null for a static method) and the arguments, already converted
/// to the declared types, to the result.
pub type Native = fn(&mut Machine<'_>, &Value, &[Value]) -> Outcome<Value>;

/// A table of native methods by `Class.method`.
pub type Table = &'static [(&'static str, Native)];

/// What comes of something of which no page of the platform's tells: it is not guessed.
fn unsettled(what: &str) -> Throw {
    Throw::Unsupported(what.to_owned())
}

mod asserts;
pub(super) mod asynchronous;
pub(super) mod batches;
mod bytes;
mod collections;
mod custom_metadata;
mod database;
mod dates;
mod debug;
mod describe;
mod dynamic;
pub(super) mod events;
mod http;
mod json;
mod language;
mod limits;
mod mail;
mod numbers;
mod patterns;
mod records;
pub(super) mod schedules;
mod strings;
pub mod stubs;
mod testing;
mod users;
mod utf16;

pub use users::furnish;
pub use utf16::Units;

const TABLES: [Table; 24] = [
    asserts::TABLE,
    asynchronous::TABLE,
    batches::TABLE,
    bytes::TABLE,
    collections::TABLE,
    custom_metadata::TABLE,
    database::TABLE,
    dates::TABLE,
    debug::TABLE,
    describe::TABLE,
    dynamic::TABLE,
    events::TABLE,
    http::TABLE,
    json::TABLE,
    language::TABLE,
    limits::TABLE,
    mail::TABLE,
    numbers::TABLE,
    patterns::TABLE,
    records::TABLE,
    schedules::TABLE,
    strings::TABLE,
    testing::TABLE,
    users::TABLE,
];

static NATIVES: LazyLock<Vec<(&'static str, Native)>> = LazyLock::new(|| {
    TABLES
        .iter()
        .flat_map(|table| table.iter().copied())
        .collect()
});

static BY_NAME: LazyLock<HashMap<&'static str, usize>> = LazyLock::new(|| {
    NATIVES
        .iter()
        .enumerate()
        .map(|(index, (name, _))| (*name, index))
        .collect()
});

/// The position of a native method.
pub fn native(name: &str) -> Option<usize> {
    BY_NAME.get(name).copied()
}

/// The native method at a position.
pub fn native_at(index: usize) -> Option<Native> {
    NATIVES.get(index).map(|(_, function)| *function)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::PLATFORM;
    use super::super::program::Body;
    use super::{BY_NAME, NATIVES};

    #[test]
    fn the_platforms_classes_compile_and_use_every_native() {
        let world = PLATFORM.as_ref().unwrap();
        let used: BTreeSet<usize> = world
            .methods
            .iter()
            .filter_map(|method| match method.body {
                Body::Native(index) => Some(index),
                _ => None,
            })
            .collect();
        let unused: Vec<&str> = NATIVES
            .iter()
            .enumerate()
            .filter(|(index, _)| !used.contains(index))
            .map(|(_, (name, _))| *name)
            .collect();
        assert_eq!(unused, Vec::<&str>::new());
        assert_eq!(BY_NAME.len(), NATIVES.len(), "a native is listed twice");
    }
}

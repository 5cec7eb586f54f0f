//! Setup objects are not written in one transaction with others (Apex Developer Guide, "sObjects That
//! Cannot Be Used Together in DML Operations"). Of them this org has users.

use std::rc::Rc;

use super::super::super::ir::DmlOperation;
use super::super::super::machine::Machine;
use super::super::super::value::Record;
use super::Problem;

/// Fields of a user whose change makes it one of the setup.
const FIELDS: [&str; 6] = [
    "UserRoleId",
    "IsActive",
    "ForecastEnabled",
    "IsPortalEnabled",
    "Username",
    "ProfileId",
];

/// What is wrong with writing these records after what the transaction wrote before.
pub fn mixed(
    machine: &mut Machine<'_>,
    operation: DmlOperation,
    records: &[Rc<Record>],
) -> Option<Problem> {
    for record in records {
        let is_setup = is_setup(machine, operation, record);
        let name = |object| &machine.world.schema.object(object).name;
        // A user with other changes may be written along with anything.
        if !is_setup && &**name(record.object) == "User" {
            continue;
        }
        match machine.wrote {
            Some((before, first)) if before != is_setup => {
                let text = format!(
                    "DML operation on setup object is not permitted after you have updated a \
                     non-setup object (or vice versa): {}, original object: {}",
                    name(record.object),
                    name(first)
                );
                return Some(("MIXED_DML_OPERATION", text, Vec::new()));
            }
            Some(_) => {}
            None => machine.wrote = Some((is_setup, record.object)),
        }
    }
    None
}

// A new user without a role is none.
fn is_setup(machine: &Machine<'_>, operation: DmlOperation, record: &Record) -> bool {
    if &*machine.world.schema.object(record.object).name != "User" {
        return false;
    }
    let fields = record.fields.borrow();
    let is_given = |name: &&str| fields.get(*name).is_some_and(|value| !value.is_null());
    match operation {
        DmlOperation::Insert => is_given(&FIELDS[0]),
        // What a query brought along and the code left as it is, is no change.
        _ => FIELDS.iter().filter(|name| is_given(name)).any(|name| {
            let id = super::id_of(record).as_text().unwrap_or_default();
            let stored = machine.store.get(record.object, &id);
            let stored = stored.and_then(|row| row.get(*name));
            !stored.is_some_and(|stored| fields.get(*name).is_some_and(|new| new.equals(stored)))
        }),
    }
}

//! Running SOSL. In tests it finds what `Test.setFixedSearchResults` says, and nothing without
//! (Apex Developer Guide, "Adding SOSL Queries to Unit Tests"): records of tests are in no index.

use super::super::ir::Search;
use super::super::limits::Limit;
use super::super::machine::{Frame, Machine, Outcome, Throw};
use super::super::types::Type;
use super::super::value::Value;
use super::query;

/// Runs a search: a list of records for each object that is to be returned.
pub fn run(machine: &mut Machine<'_>, frame: &mut Frame, search: &Search) -> Outcome<Value> {
    if let Some(term) = &search.term
        && machine.expr(frame, term)?.is_null()
    {
        return Err(machine.null_pointer());
    }
    machine.spend(Limit::SoslQueries, 1)?;
    if !machine.is_test {
        return Err(Throw::Unsupported(
            "SOSL outside of tests: the local org has no index".to_owned(),
        ));
    }
    let fixed = machine.test.found.clone();
    let mut lists = Vec::with_capacity(search.returning.len());
    for wanted in &search.returning {
        let records = query::among(machine, frame, wanted, &fixed)?;
        let records = records.elements().unwrap_or_default();
        lists.push(Value::list(Type::SObject, records));
    }
    Ok(Value::list(Type::list(Type::SObject), lists))
}

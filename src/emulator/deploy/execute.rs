//! Anonymous Apex against the org's own classes.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::super::callouts::Exchanges;
use super::super::runtime::log::LogLevels;
use super::super::runtime::{Anonymous, CompileError};
use super::super::state::{ApexLog, Kept, State};
use super::super::{compile, records, serving};

/// Compiles and runs code as the administrator. `levels` say what its debug log holds; without any
/// there is none.
pub fn execute_anonymous(
    state: &mut State,
    code: &str,
    levels: &LogLevels,
    now: Timestamp,
    callouts: &Exchanges,
) -> Anonymous {
    match compile::compile(state, &[], &[], &BTreeSet::new()) {
        Ok(program) => {
            let mut serving = serving::serving(state, callouts.clone(), now);
            let user = serving.user.id.clone();
            serving.levels.insert(user, levels.clone());
            let (ran, left) = records::with_database(state, |database| {
                program.execute_anonymous(code, serving, database)
            });
            serving::keep(state, left);
            ran
        }
        Err(errors) => Anonymous {
            outcome: Err(errors.into_iter().next().unwrap_or_else(CompileError::none)),
            log: String::new(),
            milliseconds: 0,
        },
    }
}

/// Keeps the log of anonymous code as a row of `ApexLog`; its id, or none without a log.
pub fn keep_log(state: &mut State, ran: &Anonymous, now: Timestamp) -> Option<String> {
    if ran.log.is_empty() {
        return None;
    }
    let answer = ran.answer();
    let status = answer
        .compile_problem
        .or(answer.exception_message)
        .unwrap_or_else(|| "Success".to_owned());
    let user = state.admin_id();
    Some(state.keep_log(ApexLog {
        id: String::new(),
        user,
        start: now,
        milliseconds: ran.milliseconds,
        operation: "Api".to_owned(),
        status,
        body: Kept::new(ran.log.clone()),
    }))
}

#[cfg(test)]
mod tests {
    use super::super::super::options::Options;
    use super::super::super::query::{self, Api};
    use super::super::super::runtime::log::Level;
    use super::super::super::users;
    use super::*;

    #[test]
    fn a_log_is_kept_and_can_be_read() {
        let now: Timestamp = "2026-03-04T05:06:07Z".parse().unwrap();
        let mut state = users::new_org(&Options::default(), now);
        let ran = execute_anonymous(
            &mut state,
            "Integer i = 1 / 0;",
            &LogLevels::default(),
            now,
            &Exchanges::default(),
        );
        assert_eq!(keep_log(&mut state, &ran, now), None, "no levels, no log");
        let levels = LogLevels::all(Level::Info);
        let ran = execute_anonymous(
            &mut state,
            "Integer i = 1 / 0;",
            &levels,
            now,
            &Exchanges::default(),
        );
        let id = keep_log(&mut state, &ran, now).unwrap();
        assert_eq!(state.log_body(&id).as_deref(), Some(ran.log.as_str()));
        assert_eq!(state.log_body(&id[..15]).as_deref(), Some(ran.log.as_str()));
        assert_eq!(state.log_body("07L"), None);
        let soql = "SELECT Id, Status, LogLength FROM ApexLog ORDER BY StartTime DESC";
        let found = query::run(&state, Api::Tooling, soql, 66, now).unwrap();
        let row = &found["records"][0];
        assert_eq!(row["Id"], id.as_str());
        assert_eq!(row["Status"], "System.MathException: Divide by 0");
        assert_eq!(row["LogLength"], ran.log.len());
    }
}

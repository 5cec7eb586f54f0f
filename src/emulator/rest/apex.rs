//! Running Apex over the Tooling API.

use serde_json::{Value, json};

use super::super::debug_levels::log_levels;
use super::super::org::EmulatedOrg;
use super::super::refusal::Refusal;
use super::super::test_runs;
use super::{Answer, Body, parameter};

/// `executeAnonymous` (tooling.wsdl, `ExecuteAnonymousResult`).
pub fn execute_anonymous(org: &EmulatedOrg, query: &str) -> Result<Answer, Refusal> {
    let code = parameter(query, "anonymousBody").unwrap_or_default();
    let state = org.state()?;
    let levels = log_levels(&state, &state.admin_id(), org.options().clock.now());
    let answer = org.execute_anonymous(&code, &levels)?.answer();
    Ok(Answer::json(
        200,
        &json!({
            "line": answer.line,
            "column": answer.column,
            "compiled": answer.compiled,
            "success": answer.success,
            "compileProblem": answer.compile_problem,
            "exceptionStackTrace": answer.exception_stack_trace,
            "exceptionMessage": answer.exception_message,
        }),
    ))
}

/// `runTestsSynchronous`: the results are the answer.
pub fn run_tests(org: &EmulatedOrg, body: &Body) -> Result<Answer, Refusal> {
    let body = json_of(body)?;
    let now = org.options().clock.now();
    let answer = org.update(|state| {
        let ran = test_runs::run(state, &body, now)?;
        let logs = test_runs::keep_logs(state, &ran);
        Ok::<Value, Refusal>(test_runs::answer(state, &ran, logs.values().next()))
    })?;
    Ok(Answer::json(200, &answer))
}

/// `runTestsAsynchronous`: the answer is the id of the job as a bare string.
pub fn start_tests(org: &EmulatedOrg, body: &Body) -> Result<Answer, Refusal> {
    let body = json_of(body)?;
    let now = org.options().clock.now();
    let job = org.update(|state| {
        let ran = test_runs::run(state, &body, now)?;
        Ok::<String, Refusal>(test_runs::keep(state, &ran, now))
    })?;
    Ok(Answer::json(200, &json!(job)))
}

fn json_of(body: &Body) -> Result<Value, Refusal> {
    let bytes = match body {
        Body::Whole(bytes) => bytes.as_slice(),
        Body::Parts(_) => &[],
    };
    serde_json::from_slice(bytes)
        .map_err(|error| Refusal::new("JSON_PARSER_ERROR", error.to_string()))
}

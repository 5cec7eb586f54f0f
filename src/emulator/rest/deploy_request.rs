//! `/metadata/deployRequest`. Results have the members that a real org sends, with nulls, empty
//! lists and dates in `+0000`, which are not those of the guide's samples.

use serde_json::{Value, json};

use crate::sf::wire::{CodeCoverageWarning, DeployMessage, DeployOptions, RunTestsResult};

use super::super::caller;
use super::super::clock::rest_date;
use super::super::deploy;
use super::super::deploy_words;
use super::super::deploy_words::{status_word, test_level};
use super::super::ids::short;
use super::super::org::EmulatedOrg;
use super::super::refusal::Refusal;
use super::super::state::{Deploy, State};
use super::{Answer, Body, Part, Request, parameter};

/// Answers a request below `deployRequest`.
pub fn respond(org: &EmulatedOrg, request: &Request<'_>, rest: &[&str]) -> Result<Answer, Refusal> {
    match (request.method, rest) {
        ("POST", []) => match &request.body {
            Body::Parts(parts) => submit(org, parts),
            Body::Whole(bytes) => quick(org, request, bytes, None),
        },
        ("GET", [id]) => status(org, id, request.query),
        ("PATCH", [id]) => match &request.body {
            Body::Whole(bytes) => cancel(org, id, bytes),
            Body::Parts(_) => Err(malformed("a JSON body is needed")),
        },
        ("POST", [id]) => match &request.body {
            Body::Whole(bytes) => quick(org, request, bytes, Some(id)),
            Body::Parts(_) => Err(malformed("a JSON body is needed")),
        },
        _ => Ok(Answer::error(
            405,
            "METHOD_NOT_ALLOWED",
            &format!(
                "HTTP Method '{}' not allowed. Allowed are GET,PATCH,POST",
                request.method
            ),
        )),
    }
}

fn malformed(what: &str) -> Refusal {
    Refusal::new("JSON_PARSER_ERROR", what)
}

fn submit(org: &EmulatedOrg, parts: &[Part]) -> Result<Answer, Refusal> {
    let named = |name: &str| parts.iter().find(|part| part.name == name);
    let settings = named("json")
        .or_else(|| named("entity_content"))
        .or_else(|| parts.iter().find(|part| part.json))
        .ok_or_else(|| malformed("the part with the deploy options is missing"))?;
    let zip = named("file")
        .ok_or_else(|| Refusal::new("INVALID_MULTIPART_REQUEST", "the part `file` is missing"))?;
    let settings: Value = serde_json::from_slice(&settings.content)
        .map_err(|error| malformed(&format!("{error}")))?;
    let options = options_of(&settings["deployOptions"])?;
    caller::check_deploy(&*org.state()?, org.options())?;
    let now = org.options().clock.now();
    let echo = options.clone();
    let id = org.update(|state| deploy::submit(state, options, &zip.content, now))?;
    let answer = json!({
        "id": id,
        "deployOptions": options_json(&echo),
        "deployResult": {
            "id": id,
            "success": false,
            "checkOnly": echo.check_only,
            "ignoreWarnings": echo.ignore_warnings,
            "rollbackOnError": echo.rollback_on_error,
            "status": "Pending",
            "runTestsEnabled": false,
            "done": false,
        },
    });
    Ok(Answer {
        deployed: true,
        ..Answer::json(201, &answer)
    })
}

/// What is left out or null is false.
fn options_of(value: &Value) -> Result<DeployOptions, Refusal> {
    if !value.is_object() {
        return Err(malformed("deployOptions is missing"));
    }
    let flag = |name: &str| match &value[name] {
        Value::Null => Ok(false),
        Value::Bool(flag) => Ok(*flag),
        _ => Err(malformed(&format!("{name} is not a boolean"))),
    };
    let run_tests = match &value["runTests"] {
        Value::Null => Vec::new(),
        Value::Array(names) => names
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => return Err(malformed("runTests is not a list")),
    };
    Ok(DeployOptions {
        allow_missing_files: flag("allowMissingFiles")?,
        auto_update_package: flag("autoUpdatePackage")?,
        check_only: flag("checkOnly")?,
        ignore_warnings: flag("ignoreWarnings")?,
        perform_retrieve: flag("performRetrieve")?,
        purge_on_delete: flag("purgeOnDelete")?,
        rollback_on_error: flag("rollbackOnError")?,
        run_tests,
        single_package: flag("singlePackage")?,
        test_level: value["testLevel"].as_str().map(test_level).transpose()?,
    })
}

fn options_json(options: &DeployOptions) -> Value {
    let mut out = json!({
        "checkOnly": options.check_only,
        "singlePackage": options.single_package,
        "allowMissingFiles": options.allow_missing_files,
        "performRetrieve": options.perform_retrieve,
        "autoUpdatePackage": options.auto_update_package,
        "rollbackOnError": options.rollback_on_error,
        "ignoreWarnings": options.ignore_warnings,
        "purgeOnDelete": options.purge_on_delete,
        "runAllTests": false,
    });
    if let Some(level) = options.test_level {
        out["testLevel"] = json!(level);
        out["runTests"] = json!(options.run_tests);
    }
    out
}

/// Deploys a validation: its id is in the body, or in the URL alone. Without one that qualifies the
/// answer is 404.
fn quick(
    org: &EmulatedOrg,
    request: &Request<'_>,
    body: &[u8],
    id: Option<&str>,
) -> Result<Answer, Refusal> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let validation = body["validatedDeployRequestId"].as_str().or(id);
    let Some(validation) = validation else {
        return Err(malformed("validatedDeployRequestId is missing"));
    };
    let now = org.options().clock.now();
    match org.update(|state| deploy::quick(state, validation, now)) {
        Ok(id) => {
            let url = format!("{}{}/{id}", request.instance_url, request.path);
            Ok(Answer::json(
                201,
                &json!({
                    "validatedDeployRequestId": validation,
                    "id": id,
                    "url": url,
                    "deployOptions": null,
                }),
            ))
        }
        Err(refusal) if refusal.code == "INVALID_ID_FIELD" => {
            Ok(Answer::error(404, "NOT_FOUND", &refusal.message))
        }
        Err(refusal) => Err(refusal),
    }
}

fn status(org: &EmulatedOrg, id: &str, query: &str) -> Result<Answer, Refusal> {
    let details = parameter(query, "includeDetails").as_deref() == Some("true");
    let now = org.options().clock.now();
    org.update(|state| {
        if !deploy::poll(state, id, org.options(), now) {
            return Ok(Answer::not_found());
        }
        Ok(shown(state, id, details, 200))
    })
}

fn cancel(org: &EmulatedOrg, id: &str, body: &[u8]) -> Result<Answer, Refusal> {
    let wanted: Value =
        serde_json::from_slice(body).map_err(|error| malformed(&format!("{error}")))?;
    if wanted["deployResult"]["status"] != "Canceling" {
        return Err(Refusal::new(
            "INVALID_FIELD",
            "deployResult.status can be set to Canceling only",
        ));
    }
    let now = org.options().clock.now();
    org.update(|state| {
        deploy::cancel(state, id, now)?;
        Ok(shown(state, id, false, 202))
    })
}

fn shown(state: &State, id: &str, details: bool, status: u16) -> Answer {
    let Some(deploy) = deploy::get(state, id) else {
        return Answer::not_found();
    };
    Answer::json(
        status,
        &json!({
            "id": deploy.id,
            "validatedDeployRequestId": deploy.validated,
            "deployOptions": null,
            "deployResult": result(state, deploy, details),
        }),
    )
}

fn result(state: &State, deploy: &Deploy, details: bool) -> Value {
    let outcome = &deploy.outcome;
    let tests = outcome.details.run_test_result.as_ref();
    let canceled_by = deploy.canceled_by.as_deref();
    json!({
        "id": deploy.id,
        "messages": null,
        "retrieveResult": null,
        "success": outcome.success,
        "checkOnly": deploy.options.check_only,
        "ignoreWarnings": deploy.options.ignore_warnings,
        "rollbackOnError": deploy.options.rollback_on_error,
        "status": status_word(&deploy.status),
        "numberComponentsDeployed": outcome.deployed,
        "numberComponentsTotal": outcome.total,
        "numberComponentErrors": outcome.errors,
        "numberTestsCompleted": tests.map_or(0, |tests| tests.num_tests_run),
        "numberTestsTotal": tests.map_or(0, |tests| tests.num_tests_run),
        "numberTestErrors": tests.map_or(0, |tests| tests.num_failures),
        "numberFiles": outcome.files,
        "zipSize": outcome.size,
        "details": if details { details_json(deploy) } else { Value::Null },
        "createdDate": rest_date(deploy.created.at),
        "startDate": deploy.started.map(rest_date),
        "lastModifiedDate": rest_date(deploy_words::last_modified(deploy)),
        "completedDate": deploy.completed.map(rest_date),
        "errorStatusCode": outcome.error.as_ref().map(|(code, _)| code),
        "errorMessage": outcome.error.as_ref().map(|(code, text)| format!("{code}: {text}")),
        "stateDetail": deploy_words::state_detail(deploy),
        "createdBy": short(&deploy.created.by),
        "createdByName": state.user_name(&deploy.created.by),
        "canceledBy": canceled_by.map(short),
        "canceledByName": canceled_by.map(|id| state.user_name(id)),
        "done": deploy.done(),
        "runTestsEnabled": deploy_words::runs_tests(state, deploy),
        "runTestResult": null,
    })
}

fn details_json(deploy: &Deploy) -> Value {
    let details = deploy.outcome.rows();
    let failures: Vec<Value> = details.component_failures.iter().map(message).collect();
    let successes: Vec<Value> = details.component_successes.iter().map(message).collect();
    let all: Vec<Value> = successes.iter().chain(&failures).cloned().collect();
    let none = RunTestsResult::default();
    json!({
        "componentFailures": failures,
        "componentSuccesses": successes,
        "retrieveResult": null,
        "allComponentMessages": all,
        "runTestResult": tests(details.run_test_result.as_ref().unwrap_or(&none)),
    })
}

fn message(row: &DeployMessage) -> Value {
    json!({
        "componentType": row.component_type,
        "fileName": row.file_name,
        "fullName": row.full_name,
        "id": row.id,
        "problem": row.problem,
        "success": row.success,
        "warning": row.problem_type.as_deref() == Some("Warning"),
        "created": row.created,
        "changed": row.changed,
        "deleted": row.deleted,
        "lineNumber": row.line_number,
        "columnNumber": row.column_number,
        "requiresProductionTestRun": matches!(row.component_type.as_str(), "ApexClass" | "ApexTrigger"),
        // Rows are kept with SOAP's dates.
        "createdDate": row.created_date.replace('Z', "+0000"),
        "knownPackagingProblem": false,
        "forPackageManifestFile": row.full_name == "package.xml",
        "problemType": row.problem_type,
    })
}

fn tests(result: &RunTestsResult) -> Value {
    let warnings: Vec<Value> = result.code_coverage_warnings.iter().map(warning).collect();
    json!({
        "successes": result.successes,
        "failures": result.failures,
        "totalTime": result.total_time,
        "apexLogId": null,
        "flowCoverage": [],
        "numFailures": result.num_failures,
        "codeCoverage": result.code_coverage,
        "codeCoverageWarnings": warnings,
        "flowCoverageWarnings": [],
        "numTestsRun": result.num_tests_run,
    })
}

fn warning(item: &CodeCoverageWarning) -> Value {
    json!({ "id": item.id, "message": item.message, "name": item.name, "namespace": item.namespace })
}

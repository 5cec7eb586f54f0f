//! WSDL `RunTestsResult` and its parts.

use crate::sf::wire::{
    CodeCoverageResult, CodeCoverageWarning, RunTestFailure, RunTestSuccess, RunTestsResult,
};

use super::super::super::tree::Node;
use super::Children;

/// The element `runTestResult`.
pub fn result(result: &RunTestsResult) -> Node {
    let mut out = Children(Vec::new());
    for item in &result.code_coverage {
        out.node(coverage(item));
    }
    for item in &result.code_coverage_warnings {
        out.node(warning(item));
    }
    for item in &result.failures {
        out.node(failure(item));
    }
    out.put("numFailures", result.num_failures)
        .put("numTestsRun", result.num_tests_run);
    for item in &result.successes {
        out.node(success(item));
    }
    out.put("totalTime", format!("{:.1}", result.total_time));
    Node::with("runTestResult", out.0)
}

/// The element, with `xsi:nil` when there is no value.
fn nillable(name: &str, value: Option<&str>) -> Node {
    match value {
        Some(text) => Node::leaf(name, text),
        None => Node::nil(name),
    }
}

fn coverage(item: &CodeCoverageResult) -> Node {
    let mut out = Children(Vec::new());
    out.put("id", &item.id)
        .put("name", &item.name)
        .node(nillable("namespace", item.namespace.as_deref()))
        .put("numLocations", item.num_locations)
        .put("numLocationsNotCovered", item.num_locations_not_covered)
        .put("type", &item.kind);
    Node::with("codeCoverage", out.0)
}

fn warning(item: &CodeCoverageWarning) -> Node {
    let mut out = Children(Vec::new());
    out.put("id", item.id.as_deref().unwrap_or_default())
        .put("message", &item.message)
        .node(nillable("name", item.name.as_deref()))
        .node(nillable("namespace", item.namespace.as_deref()));
    Node::with("codeCoverageWarnings", out.0)
}

fn failure(item: &RunTestFailure) -> Node {
    let mut out = Children(Vec::new());
    out.put("id", item.id.as_deref().unwrap_or_default())
        .put("message", &item.message)
        .node(nillable("methodName", item.method_name.as_deref()))
        .put("name", &item.name)
        .node(nillable("namespace", None))
        .put("packageName", &item.name)
        .node(nillable("stackTrace", item.stack_trace.as_deref()))
        .put("time", format!("{:.1}", item.time))
        .put("type", "Class");
    Node::with("failures", out.0)
}

fn success(item: &RunTestSuccess) -> Node {
    let mut out = Children(Vec::new());
    out.put("id", item.id.as_deref().unwrap_or_default())
        .put("methodName", &item.method_name)
        .put("name", &item.name)
        .node(nillable("namespace", None))
        .put("time", format!("{:.1}", item.time));
    Node::with("successes", out.0)
}

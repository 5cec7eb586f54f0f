//! The results of the SOAP calls as elements, in the order of the WSDL's sequences.

mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use crate::metadata::MetadataType;
use crate::sf::wire::{DeployDetails, DeployMessage, RunTestsResult};

use super::super::clock::soap_date;

use super::super::deploy_words;
use super::super::deploy_words::status_word;
use super::super::ids::short;
use super::super::options::OrgKind;
use super::super::retrieve::{Retrieved, file_properties};
use super::super::state::{Deploy, Retrieve, State};
use super::super::tree::Node;

/// WSDL `AsyncResult`.
pub fn queued(id: &str) -> Node {
    Node::with(
        "result",
        vec![
            Node::leaf("done", "false"),
            Node::leaf("id", id),
            Node::leaf("state", "Queued"),
        ],
    )
}

struct Children(Vec<Node>);

impl Children {
    fn put(&mut self, name: &str, value: impl ToString) -> &mut Self {
        self.0.push(Node::leaf(name, value.to_string()));
        self
    }

    fn put_some(&mut self, name: &str, value: Option<impl ToString>) -> &mut Self {
        if let Some(value) = value {
            self.put(name, value);
        }
        self
    }

    fn node(&mut self, node: Node) -> &mut Self {
        self.0.push(node);
        self
    }
}

/// First API version with `numberFiles` and `zipSize`.
const SIZES_SINCE: u16 = 64;

/// WSDL `DeployResult`, as that API version has it.
pub fn deploy_result(state: &State, deploy: &Deploy, include_details: bool, version: u16) -> Node {
    let outcome = &deploy.outcome;
    let tests = outcome.details.run_test_result.as_ref();
    let canceled_by = deploy.canceled_by.as_deref();
    let mut out = Children(Vec::new());
    out.put_some("canceledBy", canceled_by.map(short))
        .put_some("canceledByName", canceled_by.map(|id| state.user_name(id)))
        .put("checkOnly", deploy.options.check_only)
        .put_some("completedDate", deploy.completed.map(soap_date))
        .put("createdBy", short(&deploy.created.by))
        .put("createdByName", state.user_name(&deploy.created.by))
        .put("createdDate", soap_date(deploy.created.at));
    if include_details {
        out.node(details(&outcome.rows()));
    }
    out.put("done", deploy.done())
        .put_some(
            "errorMessage",
            outcome
                .error
                .as_ref()
                .map(|(code, text)| format!("{code}: {text}")),
        )
        .put_some(
            "errorStatusCode",
            outcome.error.as_ref().map(|(code, _)| code),
        )
        .put("id", &deploy.id)
        .put("ignoreWarnings", deploy.options.ignore_warnings)
        .put(
            "lastModifiedDate",
            soap_date(deploy_words::last_modified(deploy)),
        )
        .put("numberComponentErrors", outcome.errors)
        .put("numberComponentsDeployed", outcome.deployed)
        .put("numberComponentsTotal", outcome.total);
    let counted = deploy.done() && version >= SIZES_SINCE;
    if counted {
        out.put("numberFiles", outcome.files);
    }
    out.put(
        "numberTestErrors",
        tests.map_or(0, |tests| tests.num_failures),
    )
    .put(
        "numberTestsCompleted",
        tests.map_or(0, |tests| tests.num_tests_run),
    )
    .put(
        "numberTestsTotal",
        tests.map_or(0, |tests| tests.num_tests_run),
    )
    .put("rollbackOnError", deploy.options.rollback_on_error)
    .put("runTestsEnabled", deploy_words::runs_tests(state, deploy))
    .put_some("startDate", deploy.started.map(soap_date))
    .put_some("stateDetail", deploy_words::state_detail(deploy))
    .put("status", status_word(&deploy.status))
    .put("success", outcome.success);
    if counted {
        out.put("zipSize", outcome.size);
    }
    Node::with("result", out.0)
}

fn details(details: &DeployDetails) -> Node {
    let mut out = Children(Vec::new());
    for row in &details.component_failures {
        out.node(message("componentFailures", row));
    }
    for row in &details.component_successes {
        out.node(message("componentSuccesses", row));
    }
    let none = RunTestsResult::default();
    out.node(tests::result(
        details.run_test_result.as_ref().unwrap_or(&none),
    ));
    Node::with("details", out.0)
}

fn message(name: &str, row: &DeployMessage) -> Node {
    let mut out = Children(Vec::new());
    out.put("changed", row.changed)
        .put_some("columnNumber", row.column_number)
        .put("componentType", &row.component_type)
        .put("created", row.created)
        .put("createdDate", &row.created_date)
        .put("deleted", row.deleted)
        .put("fileName", &row.file_name)
        .put("fullName", &row.full_name)
        .put_some("id", row.id.as_ref())
        .put_some("lineNumber", row.line_number)
        .put_some("problem", row.problem.as_ref())
        .put_some("problemType", row.problem_type.as_ref())
        .put("success", row.success);
    Node::with(name, out.0)
}

/// WSDL `RetrieveResult` of a retrieve that is being worked on.
pub fn retrieve_running(request: &Retrieve) -> Node {
    let status = if request.polls > 1 {
        "InProgress"
    } else {
        "Pending"
    };
    let mut out = Children(Vec::new());
    out.put("done", false)
        .put("id", &request.id)
        .put("status", status)
        .put("success", false);
    out.node(no_zip());
    Node::with("result", out.0)
}

/// WSDL `RetrieveResult` for an installed package that is not there. The HTTP status is 200.
pub fn retrieve_failed(request: &Retrieve, package: &str) -> Node {
    let text = format!("INVALID_CROSS_REFERENCE_KEY: No package named '{package}' found");
    let mut out = Children(Vec::new());
    out.put("done", true)
        .put("errorMessage", text)
        .put("errorStatusCode", "UNKNOWN_EXCEPTION")
        .put("id", &request.id)
        .put("status", "Failed")
        .put("success", false)
        .node(no_zip());
    Node::with("result", out.0)
}

/// WSDL `RetrieveResult` of a finished one.
pub fn retrieve_result(
    state: &State,
    request: &Retrieve,
    retrieved: &Retrieved,
    with_zip: bool,
    now: Timestamp,
) -> Node {
    let mut out = Children(Vec::new());
    out.put("done", true);
    for (path, stored) in &retrieved.files {
        out.node(Node::with(
            "fileProperties",
            file_properties(state, path, stored.as_ref(), now),
        ));
    }
    out.put("id", &request.id);
    for (file, problem) in &retrieved.messages {
        out.node(Node::with(
            "messages",
            vec![
                Node::leaf("fileName", file.as_str()),
                Node::leaf("problem", problem.as_str()),
            ],
        ));
    }
    out.put("status", "Succeeded").put("success", true);
    if with_zip {
        out.put("zipFile", STANDARD.encode(&retrieved.zip));
    } else {
        out.node(no_zip());
    }
    Node::with("result", out.0)
}

fn no_zip() -> Node {
    Node::nil("zipFile")
}

/// WSDL `DescribeMetadataResult`: the types that this org takes.
pub fn described(kind: OrgKind) -> Node {
    let mut out = Children(Vec::new());
    for kind in MetadataType::ALL {
        if kind == MetadataType::CustomObject {
            // Listed with its fields.
            continue;
        }
        let mut object = Children(Vec::new());
        // A field is a part of its object's file.
        let (suffix, name) = match kind {
            MetadataType::CustomField => {
                object.put("childXmlNames", "CustomField");
                ("object", "CustomObject")
            }
            other => (other.suffix(), other.name()),
        };
        object
            .put("directoryName", kind.folder())
            .put("inFolder", false)
            .put("metaFile", kind.has_source())
            .put("suffix", suffix)
            .put("xmlName", name);
        out.node(Node::with("metadataObjects", object.0));
    }
    out.put("organizationNamespace", "")
        .put("partialSaveAllowed", kind != OrgKind::Production)
        .put("testRequired", kind == OrgKind::Production);
    Node::with("result", out.0)
}

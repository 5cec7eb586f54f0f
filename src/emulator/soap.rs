//! The SOAP Metadata API. Arguments are taken by local name, in any order, under every name that
//! shipped clients use, because the platform takes them so; answers are in the WSDL's order.

mod answer;
pub mod apex;
pub mod partner;
mod read;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::metadata::{MetadataType, NAMESPACE};
use crate::sf::wire::DeployOptions;

use super::caller;
use super::components;
use super::condition::Condition;
use super::deploy;
use super::deploy_words::test_level;
use super::options::Fault;
use super::org::EmulatedOrg;
use super::refusal::NO_PERMISSION;
use super::refusal::Refusal;
use super::retrieve::{self, is_true};
use super::tree::{self, Node};

/// The types that the platform has.
const TYPES: &str = include_str!("soap/types.txt");

/// A SOAP answer.
pub struct Answer {
    /// Whether it is a fault (HTTP 500).
    pub fault: bool,
    /// The envelope.
    pub body: String,
    /// Whether a deploy was accepted, whose answer the fault hook may drop.
    pub deployed: bool,
}

/// Answers one message. `allowed` says whether a session id is valid.
pub fn respond(
    org: &EmulatedOrg,
    version: Option<u16>,
    text: &str,
    allowed: impl Fn(&str) -> bool,
) -> Answer {
    let called = call(org, version, text, allowed);
    let deployed = matches!(&called, Ok((operation, _)) if operation == "deploy");
    let body = called.map(|(operation, results)| envelope(&operation, &results));
    Answer {
        deployed,
        ..answered(body, fault)
    }
}

/// The answer to a call, whose failure is written as a fault.
fn answered(called: Result<String, Failure>, fault: impl FnOnce(&Failure) -> String) -> Answer {
    let is_fault = called.is_err();
    Answer {
        fault: is_fault,
        body: called.unwrap_or_else(|failure| fault(&failure)),
        deployed: false,
    }
}

/// Why there is no answer.
enum Failure {
    /// Not a message that the service knows.
    Client(String),
    /// Refused with a code.
    Refused(Refusal),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

fn call(
    org: &EmulatedOrg,
    version: Option<u16>,
    text: &str,
    allowed: impl Fn(&str) -> bool,
) -> Result<(String, Vec<Node>), Failure> {
    let envelope = tree::parse(text).map_err(|error| Failure::Client(error.problem))?;
    let (_, operation, served) = opened(org, version, &envelope, allowed)?;
    {
        let state = org.state().map_err(Refusal::from)?;
        if state.has(Condition::NoMetadataPermission) {
            return Err(Refusal::new("INSUFFICIENT_ACCESS", NO_PERMISSION).into());
        }
        caller::check_api(&state, org.options())?;
        caller::check_metadata(&state, org.options())?;
    }
    let results = match operation.name.as_str() {
        "deploy" => deploy(org, operation)?,
        "checkDeployStatus" => check_deploy(org, operation, served)?,
        "cancelDeploy" => cancel(org, operation)?,
        "deployRecentValidation" => quick(org, operation)?,
        "retrieve" => retrieve(org, operation)?,
        "checkRetrieveStatus" => check_retrieve(org, operation)?,
        "listMetadata" => list(org, operation)?,
        "readMetadata" => read::read(org, operation)?,
        "describeMetadata" => vec![answer::described(
            org.state().map_err(Refusal::from)?.organization.kind,
        )],
        other => {
            return Err(Failure::Client(format!(
                "No operation available for request {{{NAMESPACE}}}{other}"
            )));
        }
    };
    Ok((operation.name.clone(), results))
}

/// The header, the operation and the API version of a message whose session is valid.
fn opened<'a>(
    org: &EmulatedOrg,
    version: Option<u16>,
    envelope: &'a Node,
    allowed: impl Fn(&str) -> bool,
) -> Result<(Option<&'a Node>, &'a Node, u16), Failure> {
    let operation = envelope
        .child("Body")
        .filter(|_| envelope.name == "Envelope")
        .and_then(|body| body.children.first())
        .ok_or_else(|| Failure::Client("No operation in the message".to_owned()))?;
    let Some(served) = version.filter(|version| org.options().api_versions.contains(version))
    else {
        return Err(Refusal::new(
            "UNSUPPORTED_API_VERSION",
            "Invalid Api version specified on URL",
        )
        .into());
    };
    let header = envelope.child("Header");
    let session = header
        .and_then(|header| header.child("SessionHeader"))
        .and_then(|header| header.text_of("sessionId"))
        .unwrap_or_default();
    if !allowed(session.trim()) {
        return Err(Refusal::new(
            "INVALID_SESSION_ID",
            "Invalid Session ID found in SessionHeader: Illegal Session",
        )
        .into());
    }
    if org
        .state()
        .map_err(Refusal::from)?
        .has(Condition::ApiLimitUsedUp)
    {
        return Err(Refusal::new("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.").into());
    }
    Ok((header, operation, served))
}

/// The argument under the first of the names that is there, else the first argument of all.
fn argument<'a>(operation: &'a Node, names: &[&str]) -> Option<&'a Node> {
    names
        .iter()
        .find_map(|name| {
            operation
                .children
                .iter()
                .find(|child| child.name.eq_ignore_ascii_case(name))
        })
        .or_else(|| operation.children.first())
}

fn id_of(operation: &Node) -> String {
    argument(operation, &["asyncProcessId", "String", "id"])
        .map(|node| node.text.trim().to_owned())
        .unwrap_or_default()
}

fn unknown_id() -> Refusal {
    Refusal::new("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
}

fn deploy(org: &EmulatedOrg, operation: &Node) -> Result<Vec<Node>, Refusal> {
    let zip = argument(operation, &["ZipFile"])
        .map(|node| node.text.as_str())
        .unwrap_or_default();
    let compact: String = zip.split_ascii_whitespace().collect();
    let zip = STANDARD
        .decode(compact)
        .map_err(|_| Refusal::new("INVALID_ZIP_FILE", "ZipFile is not base64"))?;
    let options = operation
        .children
        .iter()
        .find(|child| child.name.eq_ignore_ascii_case("DeployOptions"))
        .map_or_else(|| options_of(&Node::default()), options_of)?;
    let now = org.options().clock.now();
    caller::check_deploy(&*org.state()?, org.options())?;
    let id = org.update(|state| deploy::submit(state, options, &zip, now))?;
    Ok(vec![answer::queued(&id)])
}

/// WSDL `DeployOptions`: what is left out is false.
fn options_of(node: &Node) -> Result<DeployOptions, Refusal> {
    let flag = |name: &str| is_true(node.text_of(name));
    let level = node
        .text_of("testLevel")
        .map(str::trim)
        .filter(|text| !text.is_empty());
    Ok(DeployOptions {
        allow_missing_files: flag("allowMissingFiles"),
        auto_update_package: flag("autoUpdatePackage"),
        check_only: flag("checkOnly"),
        ignore_warnings: flag("ignoreWarnings"),
        perform_retrieve: flag("performRetrieve"),
        purge_on_delete: flag("purgeOnDelete"),
        rollback_on_error: flag("rollbackOnError"),
        run_tests: node
            .children
            .iter()
            .filter(|child| child.name == "runTests" && !child.nil)
            .map(|child| child.text.trim().to_owned())
            .collect(),
        single_package: flag("singlePackage"),
        test_level: level.map(test_level).transpose()?,
    })
}

fn check_deploy(org: &EmulatedOrg, operation: &Node, version: u16) -> Result<Vec<Node>, Refusal> {
    let id = id_of(operation);
    let details = is_true(operation.text_of("includeDetails"));
    let now = org.options().clock.now();
    org.update(|state| {
        if !deploy::poll(state, &id, org.options(), now) {
            return Err(unknown_id());
        }
        let deploy = deploy::get(state, &id).ok_or_else(unknown_id)?;
        Ok(vec![answer::deploy_result(state, deploy, details, version)])
    })
}

fn cancel(org: &EmulatedOrg, operation: &Node) -> Result<Vec<Node>, Refusal> {
    let id = id_of(operation);
    let now = org.options().clock.now();
    let done = org.update(|state| deploy::cancel(state, &id, now))?;
    Ok(vec![Node::with(
        "result",
        vec![Node::leaf("done", done.to_string()), Node::leaf("id", id)],
    )])
}

/// The answer is the new id as text, which is not what `deploy` answers.
fn quick(org: &EmulatedOrg, operation: &Node) -> Result<Vec<Node>, Refusal> {
    let id = argument(operation, &["validationId", "validationID"])
        .map(|node| node.text.trim().to_owned())
        .unwrap_or_default();
    let now = org.options().clock.now();
    let id = org.update(|state| deploy::quick(state, &id, now))?;
    Ok(vec![Node::leaf("result", id)])
}

fn retrieve(org: &EmulatedOrg, operation: &Node) -> Result<Vec<Node>, Refusal> {
    let empty = Node::default();
    let request = argument(operation, &["retrieveRequest", "request"]).unwrap_or(&empty);
    let now = org.options().clock.now();
    let id = org.update(|state| retrieve::submit(state, request, now))?;
    Ok(vec![answer::queued(&id)])
}

fn check_retrieve(org: &EmulatedOrg, operation: &Node) -> Result<Vec<Node>, Refusal> {
    let id = id_of(operation);
    // Left out or nil means yes.
    let include = operation
        .child("includeZip")
        .is_none_or(|node| node.nil || is_true(Some(&node.text)));
    let now = org.options().clock.now();
    let fault: Option<&Fault> = org.options().fault.as_ref();
    org.update(|state| {
        let (done, request) =
            retrieve::poll(state, &id, org.options(), now).ok_or_else(unknown_id)?;
        if !done {
            return Ok(vec![answer::retrieve_running(&request)]);
        }
        if let Some(package) = request.packages.first() {
            return Ok(vec![answer::retrieve_failed(&request, package)]);
        }
        let retrieved = retrieve::collect(state, &request, fault)
            .map_err(|problem| Refusal::new("UNKNOWN_EXCEPTION", problem))?;
        let with_zip = include && !request.taken;
        if with_zip {
            retrieve::take(state, &id);
        }
        Ok(vec![answer::retrieve_result(
            state, &request, &retrieved, with_zip, now,
        )])
    })
}

fn list(org: &EmulatedOrg, operation: &Node) -> Result<Vec<Node>, Refusal> {
    let queries: Vec<&Node> = operation
        .children
        .iter()
        .filter(|child| matches!(child.name.as_str(), "queries" | "query"))
        .collect();
    if queries.len() > 3 {
        return Err(Refusal::new(
            "LIMIT_EXCEEDED",
            "Maximum number of queries is 3",
        ));
    }
    let state = org.state()?;
    let now = org.options().clock.now();
    let mut results = Vec::new();
    for query in queries {
        let name = query.text_of("type").unwrap_or_default().trim();
        let Ok(kind) = name.parse::<MetadataType>() else {
            // A type that the platform has and this org has none of lists nothing.
            if TYPES.split_whitespace().any(|known| known == name) {
                continue;
            }
            return Err(Refusal::new("INVALID_TYPE", format!("Unknown type:{name}")));
        };
        for stored in state.of_type(kind) {
            let path = components::path(&stored.component_id());
            let properties = retrieve::file_properties(&state, &path, Some(stored), now);
            results.push(Node::with("result", properties));
        }
    }
    Ok(results)
}

const OPENING: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope \
    xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"";

fn envelope(operation: &str, results: &[Node]) -> String {
    let mut body = String::new();
    for result in results {
        result.write_flat(&mut body);
    }
    let xsi = if body.contains("xsi:") {
        " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
    } else {
        ""
    };
    let answer = if results.is_empty() {
        format!("<{operation}Response/>")
    } else {
        format!("<{operation}Response>{body}</{operation}Response>")
    };
    format!(
        "{OPENING} xmlns=\"{NAMESPACE}\"{xsi}><soapenv:Body>{answer}</soapenv:Body></soapenv:Envelope>"
    )
}

fn fault(failure: &Failure) -> String {
    let (namespace, code, text) = match failure {
        Failure::Client(text) => (String::new(), "soapenv:Client".to_owned(), text.clone()),
        Failure::Refused(refusal) => (
            format!(" xmlns:sf=\"{NAMESPACE}\""),
            format!("sf:{}", refusal.code),
            format!("{}: {}", refusal.code, refusal.message),
        ),
    };
    let text = quick_xml::escape::escape(text.as_str());
    format!(
        "{OPENING}{namespace}><soapenv:Body><soapenv:Fault><faultcode>{code}</faultcode>\
         <faultstring>{text}</faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
}

#[cfg(test)]
mod tests;

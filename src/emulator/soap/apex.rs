//! The SOAP Apex API: `executeAnonymous`, whose debug log is in the answer's header.

use super::super::org::EmulatedOrg;
use super::super::refusal::Refusal;
use super::super::runtime::log::{Category, Level, LogLevels};
use super::super::tree::{self, Node};
use super::{Answer, Failure, OPENING};

const NAMESPACE: &str = "http://soap.sforce.com/2006/08/apex";

/// Answers one message. `allowed` says whether a session id is valid.
pub fn respond(
    org: &EmulatedOrg,
    version: Option<u16>,
    text: &str,
    allowed: impl Fn(&str) -> bool,
) -> Answer {
    super::answered(call(org, version, text, allowed), |failure| {
        fault(failure, NAMESPACE, "UnexpectedErrorFault")
    })
}

fn call(
    org: &EmulatedOrg,
    version: Option<u16>,
    text: &str,
    allowed: impl Fn(&str) -> bool,
) -> Result<String, Failure> {
    let envelope = tree::parse(text).map_err(|error| Failure::Client(error.problem))?;
    let (header, operation, _) = super::opened(org, version, &envelope, allowed)?;
    if operation.name != "executeAnonymous" {
        return Err(Failure::Client(format!(
            "No operation available for request {{{NAMESPACE}}}{}",
            operation.name
        )));
    }
    // `String` in the WSDL, `apexcode` on the wire of the official client.
    let code = operation
        .children
        .first()
        .map(|code| code.text.as_str())
        .unwrap_or_default();
    let levels = levels(header);
    let ran = org
        .execute_anonymous(code, &levels)
        .map_err(Refusal::from)?;
    let answer = ran.answer();
    let text = |name: &str, value: Option<String>| match value {
        Some(text) => Node::leaf(name, text),
        None => Node::nil(name),
    };
    let result = Node::with(
        "result",
        vec![
            Node::leaf("column", answer.column.to_string()),
            text("compileProblem", answer.compile_problem),
            Node::leaf("compiled", answer.compiled.to_string()),
            text("exceptionMessage", answer.exception_message),
            text("exceptionStackTrace", answer.exception_stack_trace),
            Node::leaf("line", answer.line.to_string()),
            Node::leaf("success", answer.success.to_string()),
        ],
    );
    let mut shown = String::new();
    if !ran.log.is_empty() {
        shown.push_str("<soapenv:Header>");
        let log = Node::leaf("debugLog", ran.log);
        Node::with("DebuggingInfo", vec![log]).write_flat(&mut shown);
        shown.push_str("</soapenv:Header>");
    }
    shown.push_str("<soapenv:Body>");
    Node::with("executeAnonymousResponse", vec![result]).write_flat(&mut shown);
    shown.push_str("</soapenv:Body>");
    Ok(format!(
        "{OPENING} xmlns=\"{NAMESPACE}\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
         {shown}</soapenv:Envelope>"
    ))
}

/// What `DebuggingHeader` asks for: a level by category, or the older `debugLevel`.
fn levels(header: Option<&Node>) -> LogLevels {
    let Some(asked) = header.and_then(|header| header.child("DebuggingHeader")) else {
        return LogLevels::default();
    };
    let categories: Vec<_> = asked
        .children
        .iter()
        .filter(|child| child.name == "categories")
        .filter_map(|child| {
            let category = Category::parse(child.text_of("category")?.trim())?;
            Some((category, Level::parse(child.text_of("level")?.trim())?))
        })
        .collect();
    if !categories.is_empty() {
        return categories
            .into_iter()
            .fold(LogLevels::default(), |levels, (category, level)| {
                levels.with(category, level)
            });
    }
    let plain = LogLevels::default()
        .with(Category::ApexCode, Level::Debug)
        .with(Category::ApexProfiling, Level::Info);
    match asked
        .text_of("debugLevel")
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
        .as_str()
    {
        "debugonly" => plain,
        "db" => plain.with(Category::Database, Level::Info),
        "profiling" => plain.with(Category::ApexProfiling, Level::Finest),
        "callout" => plain.with(Category::Callout, Level::Info),
        "detail" => LogLevels::all(Level::Finest),
        _ => LogLevels::default(),
    }
}

/// Unlike those of the Metadata API, these faults have a detail, an element of that type.
pub(super) fn fault(failure: &Failure, namespace: &str, detail: &str) -> String {
    let (code, text, detail) = match failure {
        Failure::Client(text) => ("soapenv:Client".to_owned(), text.clone(), String::new()),
        Failure::Refused(refusal) => {
            let message = quick_xml::escape::escape(refusal.message.as_str());
            let code = refusal.code;
            (
                format!("sf:{code}"),
                format!("{code}: {}", refusal.message),
                format!(
                    "<detail><sf:{detail} xsi:type=\"sf:{detail}\"><sf:exceptionCode>{code}</sf:exceptionCode>\
                     <sf:exceptionMessage>{message}</sf:exceptionMessage></sf:{detail}></detail>"
                ),
            )
        }
    };
    let text = quick_xml::escape::escape(text.as_str());
    format!(
        "{OPENING} xmlns:sf=\"{namespace}\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
         <soapenv:Body><soapenv:Fault><faultcode>{code}</faultcode><faultstring>{text}</faultstring>\
         {detail}</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
}

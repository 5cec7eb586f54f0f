//! The SOAP API with the partner WSDL: records are written and queried, fields by name.
//!
//! Source: SOAP API Developer Guide, "Core Calls" and "Core Data Types Used in API Calls".

mod record;
#[cfg(test)]
mod tests;

use serde_json::Value;

use super::super::clock::soap_date;
use super::super::cursor;
use super::super::org::EmulatedOrg;
use super::super::query::{self, Api, Found};
use super::super::refusal::Refusal;
use super::super::retrieve::is_true;
use super::super::tree::{self, Node};
use super::{Answer, Failure, OPENING, apex};

const NAMESPACE: &str = "urn:partner.soap.sforce.com";
const SOBJECT: &str = "urn:sobject.partner.soap.sforce.com";
const FAULTS: &str = "urn:fault.partner.soap.sforce.com";

/// Records in an answer, unless `QueryOptions` says otherwise (from 200 to 2,000).
const BATCH: usize = 500;

/// Records that a call may write, and that `retrieve` may ask for.
const MOST_WRITTEN: usize = 200;
const MOST_RETRIEVED: usize = 2000;

/// Answers one message. `allowed` says whether a session id is valid.
pub fn respond(
    org: &EmulatedOrg,
    version: Option<u16>,
    text: &str,
    allowed: impl Fn(&str) -> bool,
) -> Answer {
    super::answered(call(org, version, text, allowed), |failure| {
        apex::fault(failure, FAULTS, fault_type(failure))
    })
}

/// The fault's type by its code.
fn fault_type(failure: &Failure) -> &'static str {
    let Failure::Refused(refusal) = failure else {
        return "UnexpectedErrorFault";
    };
    match refusal.code {
        "INVALID_LOGIN" => "LoginFault",
        "MALFORMED_QUERY" => "MalformedQueryFault",
        "INVALID_TYPE" => "InvalidSObjectFault",
        "INVALID_FIELD" => "InvalidFieldFault",
        "INVALID_QUERY_LOCATOR" => "InvalidQueryLocatorFault",
        "INVALID_ID_FIELD" => "InvalidIdFault",
        _ => "UnexpectedErrorFault",
    }
}

fn call(
    org: &EmulatedOrg,
    version: Option<u16>,
    text: &str,
    allowed: impl Fn(&str) -> bool,
) -> Result<String, Failure> {
    let envelope = tree::parse(text).map_err(|error| Failure::Client(error.problem))?;
    let body = envelope.child("Body");
    if body.is_some_and(|body| body.child("login").is_some()) {
        // No user of this org has a password.
        return Err(Refusal::new(
            "INVALID_LOGIN",
            "Invalid username, password, security token; or user locked out.",
        )
        .into());
    }
    let (header, operation, version) = super::opened(org, version, &envelope, allowed)?;
    let batch = header
        .and_then(|header| header.child("QueryOptions")?.text_of("batchSize"))
        .and_then(|size| size.trim().parse::<usize>().ok())
        .map_or(BATCH, |size| size.clamp(200, 2000));
    let all_or_none = header
        .and_then(|header| header.child("AllOrNoneHeader"))
        .is_some_and(|header| is_true(header.text_of("allOrNone")));
    let call = Call {
        org,
        operation,
        version,
        batch,
        all_or_none,
    };
    let results = match operation.name.as_str() {
        "query" => vec![call.query(false)?],
        "queryAll" => vec![call.query(true)?],
        "queryMore" => vec![call.query_more()?],
        "retrieve" => call.retrieve()?,
        "create" | "update" | "upsert" | "delete" => {
            if record::given(operation).len() > MOST_WRITTEN {
                let text = format!(
                    "record limit reached. cannot submit more than {MOST_WRITTEN} records into this call"
                );
                return Err(Refusal::new("EXCEEDED_ID_LIMIT", text).into());
            }
            record::write(&call)?
        }
        "getUserInfo" => vec![call.user_info()?],
        "getServerTimestamp" => vec![Node::with(
            "result",
            vec![Node::leaf(
                "timestamp",
                soap_date(org.options().clock.now()),
            )],
        )],
        other => {
            return Err(Failure::Client(format!(
                "No operation available for request {{{NAMESPACE}}}{other}"
            )));
        }
    };
    let mut shown = String::new();
    Node::with(&format!("{}Response", operation.name), results).write_flat(&mut shown);
    Ok(format!(
        "{OPENING} xmlns=\"{NAMESPACE}\" xmlns:sf=\"{SOBJECT}\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"><soapenv:Body>{shown}</soapenv:Body></soapenv:Envelope>"
    ))
}

/// A call and what its header asks for.
struct Call<'a> {
    org: &'a EmulatedOrg,
    operation: &'a Node,
    version: u16,
    batch: usize,
    all_or_none: bool,
}

impl Call<'_> {
    fn query(&self, all: bool) -> Result<Node, Refusal> {
        let text = self.operation.text_of("queryString").unwrap_or_default();
        let (found, cursor) =
            cursor::open(self.org, Api::Data, self.version, text, all, self.batch)?;
        Ok(page(found, 0, self.batch, cursor.as_deref()))
    }

    fn query_more(&self) -> Result<Node, Refusal> {
        let locator = self.operation.text_of("queryLocator").unwrap_or_default();
        let rest = cursor::more(self.org, Api::Data, self.version, locator.trim())?;
        Ok(page(rest.found, rest.first, rest.size, Some(&rest.cursor)))
    }

    /// The records of those ids, in their order; nothing for one that is not there.
    fn retrieve(&self) -> Result<Vec<Node>, Refusal> {
        let object = self
            .operation
            .text_of("sObjectType")
            .unwrap_or_default()
            .trim();
        let fields = self.operation.text_of("fieldList").unwrap_or_default();
        let ids = self
            .operation
            .children
            .iter()
            .filter(|child| child.name == "ids");
        let ids: Vec<&str> = ids.map(|id| id.text.trim()).collect();
        if ids.len() > MOST_RETRIEVED {
            let text = format!("exceeded {MOST_RETRIEVED} ids in retrieve");
            return Err(Refusal::new("EXCEEDED_ID_LIMIT", text));
        }
        let now = self.org.options().clock.now();
        let state = self.org.state()?;
        let mut results = Vec::new();
        for id in ids {
            if !matches!(id.len(), 15 | 18) || !id.bytes().all(|byte| byte.is_ascii_alphanumeric())
            {
                return Err(Refusal::new("MALFORMED_ID", format!("malformed id {id}")));
            }
            let text = format!("SELECT {fields} FROM {object} WHERE Id = '{id}'");
            let found = query::find(&state, Api::Data, &text, self.version, now, false)?;
            let row = found.records.first();
            results
                .push(row.map_or_else(|| Node::nil("result"), |row| record::shown("result", row)));
        }
        Ok(results)
    }

    fn user_info(&self) -> Result<Node, Refusal> {
        let state = self.org.state()?;
        let user = state.admin_id();
        let known = state.users.iter().find(|known| known.id == user);
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        let org = &state.organization;
        Ok(Node::with(
            "result",
            vec![
                Node::leaf("organizationId", org.id.as_str()),
                Node::leaf("organizationMultiCurrency", "false"),
                Node::leaf("organizationName", org.name.as_str()),
                Node::leaf("userDefaultCurrencyIsoCode", ""),
                Node::leaf("userEmail", text(known.map(|user| user.email.as_str()))),
                Node::leaf("userFullName", text(known.map(|user| user.name.as_str()))),
                Node::leaf("userId", user.as_str()),
                Node::leaf("userLanguage", "en_US"),
                Node::leaf("userLocale", "en_US"),
                Node::leaf("userName", text(known.map(|user| user.username.as_str()))),
                Node::leaf("userTimeZone", "GMT"),
                Node::leaf("userType", "Standard"),
                Node::leaf("userUiSkin", "Theme3"),
            ],
        ))
    }
}

/// WSDL `QueryResult`: the records from `first` on.
fn page(found: Found, first: usize, size: usize, cursor: Option<&str>) -> Node {
    let end = first + size;
    let done = end >= found.total;
    let locator = cursor.filter(|_| !done);
    let part = found.records.iter().skip(first).take(size);
    let mut children = vec![
        Node::leaf("done", done.to_string()),
        locator.map_or_else(
            || Node::nil("queryLocator"),
            |cursor| Node::leaf("queryLocator", format!("{cursor}-{end}")),
        ),
    ];
    children.extend(part.map(|row: &Value| record::shown("records", row)));
    children.push(Node::leaf("size", found.total.to_string()));
    Node {
        xsi_type: Some("QueryResult".to_owned()),
        ..Node::with("result", children)
    }
}

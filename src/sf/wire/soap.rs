//! SOAP messages of the Metadata API: requests written in the WSDL's names and order, answers read
//! by local name.
//!
//! Source: metadata.wsdl v66 and the Metadata API guide's pages on `retrieve` and
//! `checkRetrieveStatus`.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{AsyncResult, DecodeError, DeployResult, RetrieveResult, element};
use crate::metadata::{ApiVersion, ComponentId, NAMESPACE};

const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    /// The access token. SOAP carries it in the message.
    pub session_id: &'a str,
    /// The program's name for the org's API usage records.
    pub client: &'a str,
}

/// What a SOAP answer holds: the result of the operation, or a fault.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer<T> {
    /// The `result` of the operation's response.
    Result(T),
    /// A SOAP 1.1 fault.
    Fault(SoapFault),
}

/// A SOAP fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoapFault {
    /// `INVALID_SESSION_ID` of `sf:INVALID_SESSION_ID`: prefixes vary.
    pub code: String,
    /// `faultstring`, without the code that it usually starts with.
    pub text: String,
}

/// The `retrieve` of those members, laid out without a top folder.
///
/// # Errors
/// None that memory does not cause; the writer's type asks for it.
pub fn encode_retrieve(
    caller: Caller<'_>,
    api_version: ApiVersion,
    members: &[ComponentId],
) -> io::Result<Vec<u8>> {
    let version = api_version.to_string();
    let mut types: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for member in members {
        types
            .entry(member.kind.name())
            .or_default()
            .insert(member.full_name.as_str());
    }
    encode(caller, "retrieve", |writer| {
        writer
            .create_element("retrieveRequest")
            .write_inner_content(|writer| {
                leaf(writer, "apiVersion", &version)?;
                leaf(writer, "singlePackage", "true")?;
                writer
                    .create_element("unpackaged")
                    .write_inner_content(|writer| {
                        for (name, members) in &types {
                            writer
                                .create_element("types")
                                .write_inner_content(|writer| {
                                    for member in members {
                                        leaf(writer, "members", member)?;
                                    }
                                    leaf(writer, "name", name)
                                })?;
                        }
                        leaf(writer, "version", &version)
                    })?;
                Ok(())
            })?;
        Ok(())
    })
}

/// The `checkRetrieveStatus` of a retrieve. With `include_zip` a finished one hands out its zip,
/// and the org deletes it: a second call has none.
///
/// # Errors
/// As [`encode_retrieve`].
pub fn encode_check_retrieve_status(
    caller: Caller<'_>,
    id: &str,
    include_zip: bool,
) -> io::Result<Vec<u8>> {
    encode(caller, "checkRetrieveStatus", |writer| {
        leaf(writer, "asyncProcessId", id)?;
        leaf(
            writer,
            "includeZip",
            if include_zip { "true" } else { "false" },
        )
    })
}

/// The answer to `retrieve` (and `deploy`).
///
/// # Errors
/// When it is not such an answer.
pub fn decode_async_result(body: &[u8]) -> Result<Answer<AsyncResult>, DecodeError> {
    decode(body)
}

/// The answer to `checkRetrieveStatus`.
///
/// # Errors
/// When it is not such an answer.
pub fn decode_retrieve_result(body: &[u8]) -> Result<Answer<RetrieveResult>, DecodeError> {
    decode(body)
}

/// The answer to `checkDeployStatus`.
///
/// # Errors
/// When it is not such an answer.
pub fn decode_deploy_result(body: &[u8]) -> Result<Answer<DeployResult>, DecodeError> {
    decode(body)
}

fn encode(
    caller: Caller<'_>,
    operation: &str,
    arguments: impl FnOnce(&mut Writer<Vec<u8>>) -> io::Result<()>,
) -> io::Result<Vec<u8>> {
    let mut writer = Writer::new(Vec::new());
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer
        .create_element("soapenv:Envelope")
        .with_attribute(("xmlns:soapenv", ENVELOPE))
        .write_inner_content(|writer| {
            writer
                .create_element("soapenv:Header")
                .with_attribute(("xmlns", NAMESPACE))
                .write_inner_content(|writer| {
                    writer
                        .create_element("SessionHeader")
                        .write_inner_content(|writer| {
                            leaf(writer, "sessionId", caller.session_id)
                        })?;
                    writer
                        .create_element("CallOptions")
                        .write_inner_content(|writer| leaf(writer, "client", caller.client))?;
                    Ok(())
                })?;
            writer
                .create_element("soapenv:Body")
                .with_attribute(("xmlns", NAMESPACE))
                .write_inner_content(|writer| {
                    writer
                        .create_element(operation)
                        .write_inner_content(arguments)?;
                    Ok(())
                })?;
            Ok(())
        })?;
    Ok(writer.into_inner())
}

fn leaf(writer: &mut Writer<Vec<u8>>, name: &str, text: &str) -> io::Result<()> {
    writer
        .create_element(name)
        .write_text_content(BytesText::new(text))?;
    Ok(())
}

fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<Answer<T>, DecodeError> {
    let text = std::str::from_utf8(body).map_err(|_| DecodeError::NotText)?;
    let (root, mut envelope) = element::parse(text)?;
    if root != "Envelope" {
        return Err(DecodeError::Missing("Envelope"));
    }
    let Some(Value::Object(body)) = envelope.get_mut("Body").map(Value::take) else {
        return Err(DecodeError::Missing("Body"));
    };
    let Some((name, mut response)) = body.into_iter().next() else {
        return Err(DecodeError::Missing("Body"));
    };
    if name == "Fault" {
        return Ok(Answer::Fault(fault(&response)));
    }
    let result = response
        .get_mut("result")
        .map(Value::take)
        .ok_or(DecodeError::Missing("result"))?;
    serde_json::from_value(result)
        .map(Answer::Result)
        .map_err(|error| DecodeError::NotXml {
            reason: error.to_string(),
        })
}

fn fault(fault: &Value) -> SoapFault {
    let word = |name| {
        fault
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .trim()
    };
    let faultcode = word("faultcode");
    let code = faultcode.rsplit(':').next().unwrap_or_default();
    let text = word("faultstring");
    let text = text
        .strip_prefix(code)
        .and_then(|rest| rest.strip_prefix(':'))
        .unwrap_or(text);
    SoapFault {
        code: code.to_owned(),
        text: text.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests;

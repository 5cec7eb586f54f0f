//! From a session of OpenCX to its Case. OpenCX keeps the Case's id on its side; Salesforce knows the
//! session only where a field holds it.

use std::str::FromStr;

use serde::Deserialize;

use super::ask::{CaseRow, cases};
use crate::sf::{Fault, Question, Reader};

/// The id of a session, as OpenCX's Inbox shows it, or of a Messaging Session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionKey(String);

/// Why a text is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSession {
    /// It is that of a Case.
    #[error("`{0}` is the id of a Case; look at it with `--case`")]
    Case(String),
    /// It has other characters, or too many or too few.
    #[error("`{0}` is not the id of a session: letters, digits, `-` and `_` only")]
    Characters(String),
}

impl FromStr for SessionKey {
    type Err = BadSession;

    fn from_str(text: &str) -> Result<Self, BadSession> {
        let text = text.trim();
        let fits = text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if !fits || !(1..=100).contains(&text.len()) {
            return Err(BadSession::Characters(crate::sf::text::clean(text)));
        }
        if matches!(text.len(), 15 | 18) && text.starts_with("500") {
            return Err(BadSession::Case(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl SessionKey {
    fn is_messaging_session(&self) -> bool {
        matches!(self.0.len(), 15 | 18) && self.0.starts_with("0Mw")
    }
}

/// Where a session was looked for, and what was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traces {
    /// The Case, if one was found.
    pub case: Option<CaseRow>,
    /// Places that were looked at, with what they said.
    pub looked: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Session {
    id: String,
    case_id: Option<String>,
}

/// Looks for a session's Case in every place where Salesforce may hold it.
///
/// # Errors
/// Faults that would meet every question alike.
pub async fn find_session(reader: &Reader, key: &SessionKey) -> Result<Traces, Fault> {
    let mut looked = Vec::new();
    let id = &key.0;
    if !key.is_messaging_session() {
        let condition = format!("OpencxSessionId__c = '{id}'");
        let place = "Case.OpencxSessionId__c";
        match cases(reader, &condition, 1).await? {
            Ok(mut rows) if !rows.is_empty() => {
                return Ok(Traces {
                    case: Some(rows.remove(0)),
                    looked,
                });
            }
            Ok(_) => looked.push(format!("{place}: no Case has this session")),
            Err(said) if said.error_code == "INVALID_FIELD" => looked.push(format!(
                "{place}: no such field, or your user can't see it; OpenCX doesn't need one"
            )),
            Err(said) => looked.push(format!("{place}: the org said {}", said.error_code)),
        }
    }
    let field = if key.is_messaging_session() {
        "Id"
    } else {
        "OpencxSessionId__c"
    };
    let place = format!("MessagingSession.{field}");
    let query = format!("SELECT Id, CaseId FROM MessagingSession WHERE {field} = '{id}' LIMIT 1");
    let answers = reader.batch(&[Question::Query(query)]).await?;
    match answers.into_iter().next() {
        Some(Ok(mut answer)) => {
            let rows: Vec<Session> =
                serde_json::from_value(answer["records"].take()).unwrap_or_default();
            match rows.into_iter().next() {
                Some(row) => {
                    let id = crate::sf::text::clean(&row.id);
                    let session = format!("{place}: found, Messaging Session {id}");
                    if let Some(case) = row.case_id {
                        let condition = format!("Id = '{}'", case.replace('\'', ""));
                        let found = cases(reader, &condition, 1).await?;
                        let case = found.ok().and_then(|rows| rows.into_iter().next());
                        if case.is_none() {
                            looked.push(format!("{session}, whose Case your user can't see"));
                        }
                        return Ok(Traces { case, looked });
                    }
                    looked.push(format!("{session}, which has no Case yet"));
                }
                None => looked.push(format!("{place}: no Messaging Session has it")),
            }
        }
        Some(Err(said)) => {
            let why = match said.error_code.as_str() {
                "INVALID_TYPE" => "this org has no Messaging, or your user can't see it".to_owned(),
                "INVALID_FIELD" => "no such field, or your user can't see it".to_owned(),
                other => format!("the org said {other}"),
            };
            looked.push(format!("{place}: {why}"));
        }
        None => {}
    }
    Ok(Traces { case: None, looked })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_told_from_a_case_and_from_nonsense() {
        assert!(
            "6f1c2a9e-77aa-4c1e-9a55-0d3c7b1d2f10"
                .parse::<SessionKey>()
                .is_ok()
        );
        assert!(matches!(
            "5005f000001ABCD".parse::<SessionKey>(),
            Err(BadSession::Case(_))
        ));
        for text in ["", "a' OR 'b", "a b"] {
            assert!(matches!(
                text.parse::<SessionKey>(),
                Err(BadSession::Characters(_))
            ));
        }
    }
}

//! Email-to-Case: a mail to a routing address becomes an EmailMessage, on the Case that it belongs to
//! or on a new one (Salesforce Help, "Email-to-Case Threading": tokens in subject and body first, then
//! the headers In-Reply-To and References).

use serde_json::json;

use super::record::Fields;
use super::runtime::{LiveOrg, Unknown, User};

/// The texts around a threading token, as `EmailMessages.getFormattedThreadingToken` gives it.
const TOKEN: (&str, &str) = ("thread::", "::");

/// A mail that arrives at a routing address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingMail {
    /// The sender's address.
    pub from: String,
    /// The sender's name.
    pub from_name: String,
    /// The routing address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// `Message-ID`
    pub message_id: String,
    /// `In-Reply-To`, where it has one.
    pub in_reply_to: Option<String>,
    /// `References`, the oldest first.
    pub references: Vec<String>,
}

/// What became of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The Case that it is on.
    pub case: String,
    /// Whether the Case was made for it.
    pub is_new: bool,
}

/// Takes a mail as the automated user of Email-to-Case.
///
/// # Errors
/// When a trigger meets something that the local org does not have. The inner result tells which
/// record could not be saved.
pub fn receive(
    org: &mut LiveOrg<'_>,
    user: &User,
    mail: &IncomingMail,
) -> Result<Result<Received, String>, Unknown> {
    let known = thread_of(org, mail);
    let is_new = known.is_none();
    let case = match known {
        Some(case) => case,
        None => {
            let row = fields([
                ("Subject", json!(mail.subject)),
                ("Description", json!(mail.text)),
                ("Origin", json!("Email")),
                ("SuppliedEmail", json!(mail.from)),
                ("SuppliedName", json!(mail.from_name)),
            ]);
            match saved(org.insert(user, "Case", &[row])?) {
                Ok(case) => case,
                Err(problem) => return Ok(Err(problem)),
            }
        }
    };
    let row = fields([
        ("ParentId", json!(case)),
        ("Incoming", json!(true)),
        // New
        ("Status", json!("0")),
        ("FromAddress", json!(mail.from)),
        ("FromName", json!(mail.from_name)),
        ("ToAddress", json!(mail.to)),
        ("Subject", json!(mail.subject)),
        ("TextBody", json!(mail.text)),
        ("MessageIdentifier", json!(mail.message_id)),
    ]);
    let result = saved(org.insert(user, "EmailMessage", &[row])?);
    Ok(result.map(|_| Received { case, is_new }))
}

fn saved(results: Vec<Result<String, String>>) -> Result<String, String> {
    results
        .into_iter()
        .next()
        .unwrap_or_else(|| Err("nothing was saved".to_owned()))
}

/// Fields by name.
pub fn fields<const N: usize>(list: [(&str, serde_json::Value); N]) -> Fields {
    list.into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

// The Case that a mail answers to.
fn thread_of(org: &LiveOrg<'_>, mail: &IncomingMail) -> Option<String> {
    let cases = org.records("Case");
    let id_of = |row: &Fields| row.get("Id")?.as_str().map(str::to_owned);
    for token in [&mail.subject, &mail.text]
        .into_iter()
        .flat_map(|text| tokens(text))
    {
        let found = cases
            .iter()
            .filter_map(id_of)
            .find(|id| id.ends_with(token));
        if found.is_some() {
            return found;
        }
    }
    let messages = org.records("EmailMessage");
    // The newest reference is the nearest one.
    let named = mail.in_reply_to.iter().chain(mail.references.iter().rev());
    named
        .filter_map(|identifier| {
            messages.iter().find(|message| {
                message
                    .get("MessageIdentifier")
                    .and_then(|value| value.as_str())
                    == Some(identifier)
            })
        })
        .find_map(|message| message.get("ParentId")?.as_str().map(str::to_owned))
}

// What stands in the tokens of a text.
fn tokens(text: &str) -> Vec<&str> {
    text.split(TOKEN.0)
        .skip(1)
        .filter_map(|rest| rest.split(TOKEN.1).next())
        .filter(|token| token.len() == 13 && token.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::tokens;

    #[test]
    fn finds_every_token() {
        let text = "Re: thread::k0000000001AA:: and thread::k0000000002AA::, thread::short::";
        assert_eq!(tokens(text), ["k0000000001AA", "k0000000002AA"]);
    }

    proptest! {
        #[test]
        fn takes_any_text(text in "(thread::|::|[a-z0-9]{0,14}|\\PC){0,8}") {
            for token in tokens(&text) {
                prop_assert_eq!(token.len(), 13);
            }
        }
    }
}

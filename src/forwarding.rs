//! The code that a mail provider sends before it forwards mail: found among what the org received,
//! and nothing else of it shown.

use serde::{Deserialize, Serialize};

use crate::sf::{Fault, Question, Reader, Told};

/// A confirmation that somebody has to give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Confirmation {
    /// Who asks: `Gmail`, or the domain of the sender.
    pub from: String,
    /// The code to type in.
    pub code: Option<String>,
    /// The link to click instead; of Gmail only, whose addresses are known.
    pub link: Option<String>,
}

const GMAIL: &str = "forwarding-noreply@google.com";
const GMAIL_LINKS: [&str; 3] = [
    "https://mail-settings.google.com/mail/",
    "https://mail.google.com/mail/",
    "https://isolated.mail.google.com/mail/",
];

/// The confirmation in a mail, when it is such a mail.
pub fn confirmation(from: &str, subject: &str, text: &str) -> Option<Confirmation> {
    let from = from.trim().to_ascii_lowercase();
    if from == GMAIL {
        let found = Confirmation {
            from: "Gmail".to_owned(),
            code: number(subject).or_else(|| number(text)),
            link: link(text),
        };
        return (found.code.is_some() || found.link.is_some()).then_some(found);
    }
    // Others are recognised by what their subject says.
    let lower = subject.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if !has(&["forward", "weiterleit", "redirect"])
        || !has(&["confirm", "verif", "bestätig", "code"])
    {
        return None;
    }
    let domain = from
        .rsplit('@')
        .next()
        .filter(|domain| domain.contains('.'))?;
    let plain = domain
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
    Some(Confirmation {
        from: plain.then(|| domain.to_owned())?,
        code: Some(number(subject).or_else(|| number(text))?),
        link: None,
    })
}

/// The first number of 6 to 12 digits that stands by itself.
fn number(text: &str) -> Option<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .find(|word| {
            (6..=12).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit())
        })
        .map(str::to_owned)
}

/// The first link by which Gmail takes the confirmation; the second one in its mails withdraws it.
fn link(text: &str) -> Option<String> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>' | '(' | ')'))
        .find(|word| {
            GMAIL_LINKS.iter().any(|start| word.starts_with(start)) && word.contains("/vf-")
        })
        .map(str::to_owned)
}

/// The newest confirmation among the last mails that the org received, and when it came.
///
/// # Errors
/// Faults that would meet every question alike.
pub async fn newest(reader: &Reader) -> Result<Told<Option<(Confirmation, String)>>, Fault> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Row {
        created_date: Option<String>,
        from_address: Option<String>,
        subject: Option<String>,
        text_body: Option<String>,
    }
    let soql = "SELECT CreatedDate, FromAddress, Subject, TextBody FROM EmailMessage WHERE Incoming \
                = true ORDER BY CreatedDate DESC LIMIT 100";
    let answers = reader.batch(&[Question::Query(soql.to_owned())]).await?;
    let Some(answer) = answers.into_iter().next() else {
        return Ok(Ok(None));
    };
    Ok(answer.map(|mut answer| {
        let rows: Vec<Row> = serde_json::from_value(answer["records"].take()).unwrap_or_default();
        rows.into_iter().find_map(|row| {
            let text = |text: Option<String>| text.unwrap_or_default();
            let found = confirmation(
                &text(row.from_address),
                &text(row.subject),
                &text(row.text_body),
            )?;
            Some((found, text(row.created_date)))
        })
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn code_and_link_of_gmail() {
        let found = confirmation(
            "Forwarding-NoReply@google.com",
            "(#123456789) Gmail Forwarding Confirmation - Receive Mail from ann@acme.example",
            "ann@acme.example has requested to automatically forward mail.\nConfirmation code: \
             123456789\n\nhttps://mail-settings.google.com/mail/vf-%5BANGj-abc%5D-x\n\nto cancel \
             https://mail-settings.google.com/mail/uf-%5BANGj-abc%5D-x",
        );
        let expected = Confirmation {
            from: "Gmail".to_owned(),
            code: Some("123456789".to_owned()),
            link: Some("https://mail-settings.google.com/mail/vf-%5BANGj-abc%5D-x".to_owned()),
        };
        assert_eq!(found, Some(expected));
    }

    #[test]
    fn others_give_a_code_and_never_a_link() {
        let found = confirmation(
            "noreply@mail.example",
            "Verify your forwarding address",
            "Code: 4711-00, no: 998877. https://evil.example/mail/vf-1",
        )
        .unwrap();
        assert_eq!((found.code.as_deref(), found.link), (Some("998877"), None));
        assert_eq!(found.from, "mail.example");
        for (from, subject, text) in [
            ("ann@acme.example", "My order 123456789", "please forward"),
            ("ann@acme.example", "Forwarding confirmation", "no number"),
            ("not an address", "Forwarding confirmation", "123456"),
            (GMAIL, "Hello", "nothing"),
        ] {
            assert_eq!(confirmation(from, subject, text), None, "{subject}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_digits_and_links_of_google(
            from in "(forwarding-noreply@google.com|[a-z@.]{0,9})",
            subject in "(forward|confirm|[0-9]{0,14}| |\\PC){0,6}",
            text in "(https://mail.google.com/mail/vf-|[0-9]{0,14}| |\\PC){0,8}",
        ) {
            if let Some(found) = confirmation(&from, &subject, &text) {
                prop_assert!(found.code.iter().all(|code| code.bytes().all(|byte| byte.is_ascii_digit())));
                prop_assert!(found.link.iter().all(|link| GMAIL_LINKS.iter().any(|start| link.starts_with(start))));
            }
        }
    }
}

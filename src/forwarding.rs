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
    /// The Case that the mail became, for what stands in the mail alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_number: Option<String>,
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
            case_number: None,
        };
        return (found.code.is_some() || found.link.is_some()).then_some(found);
    }
    // Others are recognised by what their subject says.
    let lower = subject.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if !has(&FORWARDING) || !has(&CONFIRMING) {
        return None;
    }
    let domain = from
        .rsplit('@')
        .next()
        .filter(|domain| domain.contains('.'))?;
    let plain = domain
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
    let code = number(subject)
        .or_else(|| labelled(text))
        .or_else(|| number(text));
    // Some have a link alone. Whose it is can't be known here, so it is not shown: the Case is.
    let has_link = text.contains("https://");
    (plain && (code.is_some() || has_link)).then(|| Confirmation {
        from: domain.to_owned(),
        code,
        link: None,
        case_number: None,
    })
}

/// What subjects of such mails have, in the languages of most of them.
const FORWARDING: [&str; 10] = [
    "forward",
    "redirect",
    "weiterleit",
    "umleit",
    "transfert",
    "reenv",
    "inoltr",
    "encaminha",
    "doorstu",
    "転送",
];
const CONFIRMING: [&str; 11] = [
    "confirm",
    "verif",
    "vérif",
    "bestätig",
    "code",
    "código",
    "codice",
    "conferma",
    "bevestig",
    "validat",
    "確認",
];

/// The word beside "code" or "PIN", when it has a digit in it and no small letter: `Code: AB12-CD34`
/// is one, the words of a sentence are not.
fn labelled(text: &str) -> Option<String> {
    let mut words = text
        .split(|c: char| c.is_whitespace() || matches!(c, ':' | '=' | '"' | '<' | '>' | ',' | '.'))
        .filter(|word| !word.is_empty());
    let is_label = |word: &str| {
        let word = word.to_lowercase();
        ["code", "pin", "código", "codice", "コード"].contains(&word.as_str())
    };
    while words.by_ref().any(is_label) {
        let near = words.clone().take(3).find(|word| {
            let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
            (4..=16).contains(&word.len())
                && word.chars().all(fits)
                && word.chars().any(|c| c.is_ascii_digit())
        });
        if let Some(near) = near {
            return Some(near.to_owned());
        }
    }
    None
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
        parent: Option<Parent>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Parent {
        case_number: Option<String>,
    }
    let soql = "SELECT CreatedDate, FromAddress, Subject, TextBody, Parent.CaseNumber FROM EmailMessage WHERE Incoming \
                = true ORDER BY CreatedDate DESC LIMIT 100";
    let answers = reader.batch(&[Question::Query(soql.to_owned())]).await?;
    let Some(answer) = answers.into_iter().next() else {
        return Ok(Ok(None));
    };
    Ok(answer.map(|mut answer| {
        let rows: Vec<Row> = serde_json::from_value(answer["records"].take()).unwrap_or_default();
        rows.into_iter().find_map(|row| {
            let text = |text: Option<String>| text.unwrap_or_default();
            let mut found = confirmation(
                &text(row.from_address),
                &text(row.subject),
                &text(row.text_body),
            )?;
            // Digits, by which people call a Case.
            let number = row.parent.and_then(|case| case.case_number);
            found.case_number = number.filter(|number| {
                number
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '-')
            });
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
            case_number: None,
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
        assert_eq!((found.code.as_deref(), found.link), (Some("4711-00"), None));
        assert_eq!(found.from, "mail.example");
        for (subject, text, code) in [
            (
                "Bestätigen Sie die Weiterleitung",
                "Ihr Code: AB12-CD34.",
                Some("AB12-CD34"),
            ),
            (
                "Confirm your forwarding address",
                "The code is 4711 for you",
                Some("4711"),
            ),
            (
                "Vérifiez le transfert",
                "https://mail.example/verify?x=1",
                None,
            ),
        ] {
            let found = confirmation("a@mail.example", subject, text).unwrap();
            assert_eq!(
                (found.code.as_deref(), found.link),
                (code, None),
                "{subject}"
            );
        }
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
                let is_code = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
                prop_assert!(found.code.iter().all(|code| code.len() <= 16 && code.chars().all(is_code)));
                prop_assert!(found.link.iter().all(|link| GMAIL_LINKS.iter().any(|start| link.starts_with(start))));
            }
        }
    }
}

//! The code that a mail provider sends before it forwards mail: found among what the org received,
//! and nothing else of it shown.
//!
//! Who sends what, as far as it is published:
//!
//! - **Gmail**, and Google Workspace under the customer's own name: from one known address. The subject
//!   begins with `(#123456789)`, and the text has the code and a link; lately some have the link alone
//!   (mails that became public GitHub issues, among them OAButton/discussion 665 and
//!   sparcopen/opencon 26, and fixtures of several projects). In the language of who asks.
//! - **Zoho Mail**: a link, behind which one has to log in to Zoho (Zoho Mail Help, "Email Forwarding"
//!   FAQ). **Proton Mail**: a mail in which the other side accepts (Proton's blog, "Email forwarding").
//!   **OpenSRS** and those who resell it: a link, good for 24 hours (OpenSRS, "Forward Opt-In").
//!   **Zimbra**, where switched on: a link (zm-mailbox, pull request 371). Their senders and subjects
//!   are published nowhere, so they are known by their words.
//! - **Microsoft 365** sends none: it refuses to forward outside until an administrator allows that
//!   (Microsoft, "Control automatic external email forwarding": 550 5.7.520). **iCloud** and
//!   **Fastmail** have no such step in their instructions. Of Yahoo nothing was found.

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
            code: numbered(subject)
                .or_else(|| labelled(text))
                .or_else(|| number(text)),
            link: link(text),
            case_number: None,
        };
        return (found.code.is_some() || found.link.is_some()).then_some(found);
    }
    // Others are recognised by what their subject says; a program that speaks of it in the text only
    // may have sent one too, but a number in there may be anything.
    let says = |text: &str, words: &[&str]| {
        let text = text.to_lowercase();
        words.iter().any(|word| text.contains(word))
    };
    let by_subject = says(subject, &FORWARDING) && says(subject, &CONFIRMING);
    let by_text = || {
        says(subject, &CONFIRMING)
            && [&FORWARDING[..], &CONFIRMING, &["mail"]]
                .iter()
                .all(|words| says(text, words))
            && is_of_a_program(&from)
    };
    if !by_subject && !by_text() {
        return None;
    }
    let (_, domain) = from
        .rsplit_once('@')
        .filter(|(_, domain)| domain.contains('.'))?;
    let plain = domain
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
    let code = number(subject)
        .or_else(|| labelled(text))
        .or_else(|| number(text).filter(|_| by_subject));
    // Some have a link alone. Whose it is can't be known here, so it is not shown: the Case is.
    let has_link = text.contains("https://");
    (plain && (code.is_some() || has_link)).then(|| Confirmation {
        from: domain.to_owned(),
        code,
        link: None,
        case_number: None,
    })
}

/// Whether nobody reads answers to that address.
fn is_of_a_program(from: &str) -> bool {
    let name = from.split('@').next().unwrap_or_default();
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    ["noreply", "donotreply", "mailer", "notification", "verif"]
        .iter()
        .any(|part| name.contains(part))
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

/// The number that Gmail's subjects begin with: `(#123456789) …`.
fn numbered(subject: &str) -> Option<String> {
    let (_, rest) = subject.split_once('#')?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    is_code(&digits).then_some(digits)
}

/// The first number of 6 to 12 digits that stands by itself: not in an address, and not in a link.
fn number(text: &str) -> Option<String> {
    text.split_whitespace()
        .filter(|word| !word.contains('@') && !word.contains("://"))
        .flat_map(|word| word.split(|c: char| !c.is_alphanumeric()))
        .find(|word| is_code(word))
        .map(str::to_owned)
}

fn is_code(word: &str) -> bool {
    (6..=12).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit())
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
    fn gmail_in_its_other_forms() {
        let of = |subject: &str, text: &str| {
            let found = confirmation(GMAIL, subject, text);
            found.map(|found| (found.code, found.link.is_some()))
        };
        let code = |code: &str| Some(code.to_owned());
        let link = "https://mail-settings.google.com/mail/vf-%5BANGj-123456789%5D-x";
        for (subject, text, expected) in [
            // Google Workspace, under the name of the customer's own mail.
            (
                "(#239314020) ACME Forwarding Confirmation - Receive Mail from joe@acme.example",
                link.to_owned(),
                (code("239314020"), true),
            ),
            // Lately: no code at all. The digits in addresses and links are none.
            (
                "(Gmail Forwarding Confirmation - Receive Mail from 4711471147@acme.example",
                format!("4711471147@acme.example has requested to forward mail to you:\n{link}"),
                (None, true),
            ),
            (
                "(Gmail) 转发确认",
                "确认码：987654321".to_owned(),
                (code("987654321"), false),
            ),
            (
                "Potwierdzenie przesyłania dalej",
                "1234567@acme.example prosi. Kod potwierdzenia: 9876543210".to_owned(),
                (code("9876543210"), false),
            ),
        ] {
            assert_eq!(of(subject, &text), Some(expected), "{subject}");
        }
        assert_eq!(
            of("(#12) Gmail Forwarding Confirmation", "1@a.example"),
            None
        );
    }

    #[test]
    fn of_a_provider_that_nothing_is_published_of_the_case_is_shown() {
        let found = |from: &str, subject: &str, text: &str| {
            confirmation(from, subject, text).map(|found| (found.from, found.code))
        };
        let link = "Confirm that mail may be forwarded to you: https://mail.example/a/998877665";
        let expected = Some(("mail.example".to_owned(), None));
        assert_eq!(
            found("no-reply@mail.example", "Please verify this address", link),
            expected
        );
        assert_eq!(
            found("noreply@mail.example", "Forward opt-in: confirm", link),
            expected
        );
        let order = "Order 998877665. Forward it to your chef: https://shop.example";
        for from in ["ann@acme.example", "noreply@shop.example"] {
            assert_eq!(found(from, "Please confirm your order", order), None);
        }
        assert_eq!(found("ann@acme.example", "Please verify this", link), None);
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

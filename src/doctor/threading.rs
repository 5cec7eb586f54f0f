//! The threading token, which brings answers back into their Case.

use super::facts::{CodeRow, ReceivedRow, TextRow, moment};
use super::finding::{Finding, Group};
use super::scene::Scene;
use super::token::{Form, token_form};
use super::{Check, wording};
use crate::apex;
use crate::compare::ChangeKind;
use crate::diag::Code;
use crate::metadata::MetadataType;

type Of = (Code, Group);

const CODE: Of = (Code("doctor/threading-token"), Group::InboundMail);
pub(super) const CODE_HAS_TOKEN: Check = Check {
    code: CODE.0,
    judge: code_has_token,
};

/// By what the code does, not by its date: ours unedited, or any that asks for the token and puts it
/// into subject and body.
fn code_has_token(scene: &Scene<'_>) -> Option<Finding> {
    let trigger = scene.wanted(MetadataType::ApexTrigger, "OpenCxOutboundEmailSender")?;
    let name = trigger.id.full_name.as_str();
    let setup = format!("Object Manager > Email Message > Triggers > {name}");
    let change = scene.change(&trigger.id)?;
    let is_ours = !matches!(change.kind, ChangeKind::Foreign | ChangeKind::EditedByHand);
    let (triggers, classes) = match (&scene.facts.triggers, &scene.facts.classes) {
        (Ok(triggers), Ok(classes)) => (triggers, classes),
        (Err(said), _) | (_, Err(said)) => {
            return Some(Finding::untold(CODE, "the Apex code", said).setup(setup));
        }
    };
    let token_class = scene.name("OpenCxThreadingToken");
    let sender_classes: Vec<&str> = classes.iter().map(CodeRow::text).collect();
    let live = triggers.iter().find(|row| row.code.is(name))?;
    let body = live.code.text();
    // Ours leaves the work to classes; somebody else's trigger does it itself or in classes that
    // were not asked for.
    let sources: Vec<&str> = if is_ours { sender_classes } else { vec![body] };
    let uses = uses_of_token(&sources);
    if uses.asked && uses.in_subject && uses.in_body {
        return Some(Finding::passed(
            CODE,
            "the code that sends replies puts the threading token into subject and body",
        ));
    }
    if !is_ours && !uses.sends {
        return Some(
            Finding::unknown(
                CODE,
                format!("{name} leaves sending to code of your own, which was not looked at"),
            )
            .fix("look there for EmailMessages.getFormattedThreadingToken")
            .setup(setup),
        );
    }
    let what = if uses.asked {
        let place = if uses.in_body { "subject" } else { "body" };
        format!("{name} asks for the threading token, but does not put it into the {place}")
    } else if is_ours {
        format!("the class {token_class} in the org does not ask for the threading token")
    } else {
        format!(
            "{name} sends mail without the threading token: an older version, or somebody else's"
        )
    };
    let command = if is_ours {
        scene.run("deploy")
    } else {
        format!("{} --overwrite {}", scene.run("deploy"), trigger.id)
    };
    Some(
        Finding::failed(CODE, what)
            .effect("Email-to-Case can't tell which Case an answer belongs to, and opens a new one")
            .fix("replace it with ours; the present one puts the token into subject, text and HTML")
            .setup(setup)
            .command(command),
    )
}

struct Uses {
    sends: bool,
    asked: bool,
    in_subject: bool,
    in_body: bool,
}

fn uses_of_token(sources: &[&str]) -> Uses {
    let mut uses = Uses {
        sends: false,
        asked: false,
        in_subject: false,
        in_body: false,
    };
    for text in sources {
        let source = apex::Source::parse(text);
        let bindings = source.bindings();
        for call in source.calls() {
            let is = |name: &str| call.name.eq_ignore_ascii_case(name);
            uses.sends |= is("sendEmail");
            uses.asked |= is("getFormattedThreadingToken");
            let has_token = call.arguments.iter().any(|argument| {
                argument
                    .words
                    .iter()
                    .any(|word| names_token(word, &bindings, 3))
            });
            uses.in_subject |= is("setSubject") && has_token;
            uses.in_body |= (is("setPlainTextBody") || is("setHtmlBody")) && has_token;
        }
    }
    uses
}

/// Whether a name has to do with a token: by itself, or by what it stands for.
fn names_token(word: &str, bindings: &[apex::Binding<'_>], depth: u8) -> bool {
    word.to_ascii_lowercase().contains("token")
        || depth > 0
            && bindings
                .iter()
                .filter(|binding| binding.name.eq_ignore_ascii_case(word))
                .any(|binding| {
                    let mut words = binding.value.words.iter();
                    words.any(|word| names_token(word, bindings, depth - 1))
                })
}

const ARRIVED: Of = (Code("doctor/answers-thread"), Group::InboundMail);
pub(super) const ANSWERS: Check = Check {
    code: ARRIVED.0,
    judge: answers,
};

/// What the last mail of customers shows: answers that opened a Case of their own.
fn answers(scene: &Scene<'_>) -> Option<Finding> {
    let rows = match &scene.facts.received {
        Ok(rows) => rows,
        // Without Email-to-Case there is no such mail; that has a finding of its own.
        Err(said) if said.error_code == "INVALID_TYPE" => return None,
        Err(said) => {
            return Some(
                Finding::untold(ARRIVED, "the mail of customers", said)
                    .fix("ask again as a user who may read Cases"),
            );
        }
    };
    let answers: Vec<&ReceivedRow> = rows
        .iter()
        .filter(|row| is_answer(row.subject.as_deref(), row.text_body.as_deref()))
        .collect();
    if answers.is_empty() && scene.may_hide_rows() {
        return Some(Finding::maybe_hidden(ARRIVED, "no answer of a customer"));
    }
    let strays: Vec<&&ReceivedRow> = answers.iter().filter(|row| opened_a_case(row)).collect();
    let Some(last) = strays.first() else {
        let found = match answers.len() {
            0 => "no answer of a customer among the last mail".to_owned(),
            count => format!("the last {count} answers of customers came back into their Cases"),
        };
        return Some(Finding::passed(ARRIVED, found));
    };
    let number = last
        .parent
        .as_ref()
        .and_then(|parent| parent.case_number.as_deref())
        .unwrap_or("?");
    let texts = [last.subject.as_deref(), last.text_body.as_deref()];
    let token = texts.into_iter().flatten().find_map(token_form);
    let (why, fix) = match token {
        None => (
            "the newest of them has no threading token at all: it left without one, or the \
             customer's program cut it out",
            "see the finding on the threading token; an answer to mail from before the fix stays \
             without one",
        ),
        Some(form) => (
            match form {
                Form::Lightning => {
                    "the newest of them has the token, in the present form (thread::…::)"
                }
                Form::RefId => "the newest of them has a token in the older form (ref:…:ref)",
            },
            "look whether the Case of that token still exists and whether this org uses the form: \
             Lightning threading and Ref ID exclude each other",
        ),
    };
    Some(
        Finding::failed(
            ARRIVED,
            format!(
                "{} of the last {} answers of customers opened a Case of their own, the newest Case {number}",
                strays.len(),
                answers.len()
            ),
        )
        .effect(why)
        .fix(fix)
        .setup("Email-to-Case"),
    )
}

/// Whether a mail of that subject and text looks like an answer.
pub(crate) fn is_answer(subject: Option<&str>, text: Option<&str>) -> bool {
    let start = subject.unwrap_or_default().trim_start();
    // What programs put before the subject of an answer, in the languages of most of them.
    let is_marked = ["re:", "aw:", "antw:", "sv:", "rv:", "res:", "rif:", "odp:"]
        .iter()
        .any(|mark| start.to_ascii_lowercase().starts_with(mark));
    let texts = [subject, text];
    is_marked
        || texts
            .into_iter()
            .flatten()
            .any(|text| token_form(text).is_some())
}

/// Whether the Case came into being with the message.
fn opened_a_case(row: &ReceivedRow) -> bool {
    let case = row
        .parent
        .as_ref()
        .and_then(|parent| moment(parent.created_date.as_deref()));
    match (case, moment(row.created_date.as_deref())) {
        (Some(case), Some(message)) => message.duration_since(case).abs().as_secs() <= 60,
        _ => false,
    }
}

const HOW: Of = (Code("doctor/threading-settings"), Group::InboundMail);
pub(super) const SETTINGS: Check = Check {
    code: HOW.0,
    judge: settings,
};

/// By what Email-to-Case finds the Case of an answer (Salesforce Help, "Email-to-Case Threading").
fn settings(scene: &Scene<'_>) -> Option<Finding> {
    // What the org does not show or has off is said by the checks on Email-to-Case itself.
    let Ok(settings) = &scene.facts.email_to_case else {
        return None;
    };
    if settings.enable_email_to_case == Some(false) {
        return None;
    }
    let setup = "Email-to-Case > Edit > Email Threading";
    let any = |flags: [Option<bool>; 2]| flags.contains(&Some(true));
    if any([settings.ref_id_in_body, settings.ref_id_in_subject]) {
        return Some(
            Finding::failed(
                HOW,
                "the org finds Cases by Ref ID (Insert thread ID …), the older way of threading",
            )
            .effect(
                "our mail carries the present token, thread::…::, and Ref ID can't be used together \
                 with it: answers may open new Cases",
            )
            .fix(
                "in a sandbox first, then here: enable the release update Disable Ref ID and Switch \
                 to Lightning Threading, and tick Insert email threading token in email body",
            )
            .setup("Release Updates > Disable Ref ID and Switch to Lightning Threading"),
        );
    }
    let tokens = [settings.token_in_body, settings.token_in_subject];
    if any(tokens) {
        return Some(Finding::passed(
            HOW,
            "Email-to-Case threads by token (Lightning threading)",
        ));
    }
    if tokens == [None, None] {
        return None;
    }
    let by_headers = if settings.by_headers == Some(true) {
        "; only mail headers are left, which many customers' programs lose"
    } else {
        ""
    };
    Some(
        Finding::failed(
            HOW,
            format!("threading by token is switched off in Email-to-Case{by_headers}"),
        )
        .effect("an answer to mail that your people write opens a new Case, and ours may too")
        .fix("tick Insert email threading token in email body, or in the subject, or both")
        .setup(setup),
    )
}

const SENT: Of = (Code("doctor/tokens-in-mail"), Group::InboundMail);
pub(super) const IN_ROWS: Check = Check {
    code: SENT.0,
    judge: in_rows,
};

/// What the last outbound rows hold. OpenCX's page looks for the token there; ours is added to the
/// mail as it leaves, so that rows without it prove nothing.
fn in_rows(scene: &Scene<'_>) -> Option<Finding> {
    let rows = match scene.facts.sent_texts.as_ref()? {
        Ok(rows) => rows,
        Err(said) if said.error_code == "INVALID_TYPE" => return None,
        Err(said) => {
            return Some(
                Finding::untold(SENT, "the texts of outbound mail", said)
                    .fix("ask again as a user who may read Cases"),
            );
        }
    };
    if rows.is_empty() {
        return None;
    }
    let form = |row: &TextRow| {
        let texts = [&row.subject, &row.text_body, &row.html_body];
        texts
            .into_iter()
            .flatten()
            .find_map(|text| token_form(text))
    };
    let forms: Vec<Form> = rows.iter().filter_map(form).collect();
    let count = |wanted: Form| forms.iter().filter(|form| **form == wanted).count();
    let total = rows.len();
    Some(match (count(Form::Lightning), count(Form::RefId)) {
        (0, 0) => Finding::passed(
            SENT,
            format!(
                "none of the last {} holds a token, which proves nothing: ours is added to the mail \
                 as it leaves, not to the record",
                wording::count(total, "outbound Email Message")
            ),
        ),
        (present, 0) => Finding::passed(
            SENT,
            format!(
                "{present} of the last {total} outbound Email Messages hold the token (thread::…::)"
            ),
        ),
        (present, older) => Finding::passed(
            SENT,
            format!(
                "of the last {total} outbound Email Messages {older} hold a token in the older form \
                 (ref:…:ref) and {present} in the present one (thread::…::)"
            ),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_judged_by_what_it_does() {
        let of = |body: &str| {
            let uses = uses_of_token(&[&format!(
                "trigger T on EmailMessage(after insert) {{ {body} }}"
            )]);
            (uses.sends, uses.asked, uses.in_subject, uses.in_body)
        };
        assert_eq!(
            of(
                "String t = EmailMessages.getFormattedThreadingToken(em.ParentId); \
                m.setSubject(em.Subject + ' ' + t); m.setHtmlBody(body + t); \
                Messaging.sendEmail(list);"
            ),
            (true, true, true, true)
        );
        assert_eq!(
            of("m.setSubject(em.Subject); m.setHtmlBody(em.HtmlBody); Messaging.sendEmail(l);"),
            (true, false, false, false)
        );
        assert_eq!(
            of("// EmailMessages.getFormattedThreadingToken(x);"),
            (false, false, false, false)
        );
    }
}

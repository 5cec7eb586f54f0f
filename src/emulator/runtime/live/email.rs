//! E-mail that leaves when its transaction does: from whom, and when it may not.

use super::super::machine::{Machine, Outcome};
use super::super::value::{Object, Value};
use super::Mail;

/// Status code and text.
type Refusal = (&'static str, &'static str);

/// Whether mail may leave, and to how many recipients yet; nothing in a test.
fn allowance(machine: &Machine<'_>) -> Option<(bool, u32)> {
    match &machine.live {
        Some(live) => Some((live.deliverable, live.mail_capacity)),
        None if machine.is_test => None,
        None => Some((machine.org.deliverable, machine.org.mail_capacity)),
    }
}

/// `Messaging.reserveSingleEmailCapacity` outside of tests.
pub fn reserve(machine: &Machine<'_>, count: i64) -> Outcome<Value> {
    match allowance(machine) {
        Some((false, _)) => Err(machine.raise(
            "NoAccessException",
            "The organization is not permitted to send email",
        )),
        Some((true, capacity)) if count > i64::from(capacity) => Err(machine.raise(
            "HandledException",
            "The daily limit for the org would be exceeded by this request",
        )),
        _ => Ok(Value::Null),
    }
}

/// Why the org does not let a message of so many recipients leave.
pub fn refuse(machine: &Machine<'_>, recipients: usize) -> Option<Refusal> {
    let (deliverable, capacity) = allowance(machine)?;
    if !deliverable {
        return Some((
            "NO_MASS_MAIL_PERMISSION",
            "Single email is not enabled for your organization or profile.",
        ));
    }
    (recipients > capacity as usize)
        .then_some(("SINGLE_EMAIL_LIMIT_EXCEEDED", "Email limit exceeded"))
}

/// Keeps a message that leaves with the transaction.
pub fn accept(machine: &mut Machine<'_>, message: &Object) {
    let texts = |name: &str| -> Vec<String> {
        let values = machine.variable_of(message, name).elements();
        values
            .into_iter()
            .flatten()
            .filter_map(|value| value.as_text())
            .map(|text| text.to_string())
            .collect()
    };
    let text = |name: &str| {
        let value = machine.variable_of(message, name).as_text();
        value
            .filter(|text| !text.is_empty())
            .map(|text| text.to_string())
    };
    let (address, name) = sender(machine, message);
    let mail = Mail {
        at: machine.org.now,
        reply_to: text("replyToValue").unwrap_or_else(|| address.clone()),
        from: address,
        from_name: text("senderDisplayNameValue").unwrap_or(name),
        to: texts("toAddressesValue"),
        cc: texts("ccAddressesValue"),
        bcc: texts("bccAddressesValue"),
        subject: text("subjectValue").unwrap_or_default(),
        text: text("plainTextBodyValue"),
        html: text("htmlBodyValue"),
        in_reply_to: text("inReplyToValue"),
        references: text("referencesValue"),
    };
    let recipients = mail.to.len() + mail.cc.len() + mail.bcc.len();
    if let Some(live) = &mut machine.live {
        let recipients = u32::try_from(recipients).unwrap_or(u32::MAX);
        live.mail_capacity = live.mail_capacity.saturating_sub(recipients);
        live.mails.push(mail);
    }
}

// The organisation-wide address that was chosen, else the running user.
fn sender(machine: &Machine<'_>, message: &Object) -> (String, String) {
    let chosen = machine.variable_of(message, "orgWideEmailAddressIdValue");
    let row = chosen.as_text().and_then(|id| {
        let object = machine.world.schema.find("OrgWideEmailAddress")?;
        machine.store.get(object, &id).cloned()
    });
    let of = |name: &str| {
        let value = row.as_ref()?.get(name)?.as_text()?;
        Some(value.to_string())
    };
    (
        of("Address").unwrap_or_else(|| machine.org.email.to_string()),
        of("DisplayName").unwrap_or_else(|| machine.org.user_name.to_string()),
    )
}

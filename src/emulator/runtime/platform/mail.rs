//! E-mail: captured, never sent.

use super::super::limits::Limit;
use super::super::live;
use super::super::machine::{Machine, Outcome};
use super::super::types::Type;
use super::super::value::Value;
use super::Table;

/// The natives here.
pub const TABLE: Table = &[
    ("Messaging.sendEmail", |m, _, a| send(m, &a[0], a.get(1))),
    ("Messaging.reserveSingleEmailCapacity", |m, _, a| {
        live::reserve(m, a[0].as_long().unwrap_or_default())
    }),
    ("EmailMessages.getFormattedThreadingToken", |m, _, a| {
        let Some(id) = a[0].as_text() else {
            return Ok(Value::Null);
        };
        // Getting a token "may perform DML" (Apex Reference Guide, "EmailMessages Class"). Here it
        // always does, so that code which would fail then fails here.
        m.spend(Limit::DmlStatements, 1)?;
        m.pending = true;
        // Only a record that exists has a token.
        let exists = m
            .object_of_id(&id)
            .is_some_and(|object| m.store.get(object, &id).is_some());
        Ok(if exists {
            Value::text(format!("thread::{}::", &id[5..]))
        } else {
            Value::Null
        })
    }),
];

fn send(machine: &mut Machine<'_>, messages: &Value, all: Option<&Value>) -> Outcome<Value> {
    let Some(messages) = messages.elements() else {
        return Err(machine.null_pointer());
    };
    machine.spend(Limit::EmailInvocations, 1)?;
    machine.pending = true;
    let all_or_none = !matches!(all, Some(Value::Boolean(false)));
    let error_type = platform_type(machine, "messaging.sendemailerror");
    let mut results = Vec::new();
    for message in messages {
        let problem = problem(machine, &message)?;
        if let (Some((code, text)), true) = (&problem, all_or_none) {
            return Err(machine.raise(
                "EmailException",
                format!(
                    "SendEmail failed. First exception on row {}; first error: {code}, {text}: []",
                    results.len()
                ),
            ));
        }
        let errors = problem.iter().map(|(code, text)| {
            machine.platform_object(
                "messaging.sendemailerror",
                &[
                    ("code", machine.platform_enum("system.statuscode", code)),
                    ("message", Value::text(*text)),
                ],
            )
        });
        let errors = Value::list(error_type.clone(), errors.collect());
        results.push(machine.platform_object(
            "messaging.sendemailresult",
            &[
                ("success", Value::Boolean(problem.is_none())),
                ("errors", errors),
            ],
        ));
        if problem.is_none() {
            if let Value::Object(object) = &message {
                live::accept(machine, object);
            }
            machine.test.sent.push(message);
            machine.log_mail();
        }
    }
    Ok(Value::list(
        platform_type(machine, "messaging.sendemailresult"),
        results,
    ))
}

fn platform_type(machine: &Machine<'_>, name: &str) -> Type {
    machine
        .world
        .platform_class(name)
        .map_or(Type::Object, Type::Class)
}

// What the platform refuses (Apex Reference Guide, "SingleEmailMessage Methods").
fn problem(
    machine: &Machine<'_>,
    message: &Value,
) -> Outcome<Option<(&'static str, &'static str)>> {
    let Value::Object(object) = message else {
        return Err(machine.null_pointer());
    };
    let value = |name: &str| machine.variable_of(object, name);
    let texts = |name: &str| value(name).elements().unwrap_or_default();
    let recipients: Vec<Value> = ["toAddressesValue", "ccAddressesValue", "bccAddressesValue"]
        .iter()
        .flat_map(|name| texts(name))
        .collect();
    let blank = |name: &str| {
        value(name)
            .as_text()
            .is_none_or(|text| text.trim().is_empty())
    };
    Ok(
        if recipients.is_empty() && value("targetObjectIdValue").is_null() {
            Some(("MISSING_ARGUMENT", "Add a recipient to send an email."))
        } else if recipients
            .iter()
            .any(|one| one.as_text().is_none_or(|text| !text.contains('@')))
        {
            Some(("INVALID_EMAIL_ADDRESS", "Email address is invalid"))
        } else if recipients.len() > 150 {
            Some(("LIMIT_EXCEEDED", "Too many recipients"))
        } else if blank("plainTextBodyValue") && blank("htmlBodyValue") {
            Some((
                "REQUIRED_FIELD_MISSING",
                "Missing body, need at least one of html or plainText",
            ))
        } else if !value("orgWideEmailAddressIdValue").is_null() && !blank("senderDisplayNameValue")
        {
            Some((
                "DUPLICATE_SENDER_DISPLAY_NAME",
                "Sender display name given twice",
            ))
        } else {
            live::refuse(machine, recipients.len())
        },
    )
}

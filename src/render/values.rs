//! What templates can say: the integration's values by the names that templates use.

use crate::config::Named;
use std::collections::BTreeMap;

use tera::{Context, Value};

use super::{Error, Names, WEBHOOK_URL_PLACEHOLDER};
use crate::apex;
use crate::config::{
    CaseFilter, Delivery, Integration, OnFailure, Provider, RecipientsFallback, Sender, TestValue,
};

/// The values of a component's template.
pub(super) fn of(integration: &Integration, names: &Names) -> Result<Context, Error> {
    // A template that uses the value of the other kind of sender is wrong, and gets an error.
    let (sender, key, text) = match &integration.sender {
        Sender::DisplayName(name) => ("display_name", "sender_display_name", name),
        Sender::OrgWideAddress(address) => ("org_wide_address", "sender_org_wide_address", address),
    };
    let mut values = of_manifest(integration);
    values.insert("sender", sender);
    let mut texts = vec![("reply_to", &integration.reply_to), (key, text)];
    let outbound = &integration.outbound;
    // A word of ours, which stands in comments and literals as it is.
    let name = provider_name(&outbound.delivery);
    values.insert_value("provider_name", Value::safe_string(name));
    if let Delivery::Provider {
        from_address, url, ..
    } = &outbound.delivery
    {
        texts.extend([("from_address", from_address), ("provider_url", url)]);
    }
    if let Some(only_when) = &outbound.only_when {
        // A field stands in Apex as it is.
        let field = check_field(&only_when.field)?;
        values.insert_value("only_when_field", Value::safe_string(field));
        texts.push(("only_when_value", &only_when.equals));
    }
    for (key, text) in texts {
        apex::string_literal(text).map_err(|source| Error::Literal { key, source })?;
        values.insert(key, text);
    }
    if let Some(attachments) = outbound.attachments {
        values.insert("attachments_delay_minutes", &attachments.delay_minutes);
        values.insert("attachments_max_megabytes", &attachments.max_megabytes);
    }
    values.insert("webhook_url", WEBHOOK_URL_PLACEHOLDER);
    values.insert_value("test_case_fields", test_case_fields(integration)?);
    // Identifiers stand in Apex as they are: `Names` has checked each.
    let names: BTreeMap<String, Value> = names
        .iter()
        .map(|(shipped, name)| (shipped.to_owned(), Value::safe_string(name)))
        .collect();
    values.insert_value("names", Value::from(names));
    Ok(values)
}

/// The values of a manifest, which is rendered before the names are known.
pub(super) fn of_manifest(integration: &Integration) -> Context {
    let case_filter = match integration.case_filter {
        CaseFilter::All => "all",
        CaseFilter::NotOpencx => "not_opencx",
        CaseFilter::OnlyOpencx => "only_opencx",
    };
    let mut values = Context::new();
    values.insert("api_version", &integration.api_version.to_string());
    values.insert("api_major", &integration.api_version.major());
    values.insert("case_filter", case_filter);
    let announcements = &integration.announcements;
    values.insert("async_context", announcements.async_context.word());
    values.insert("event_user", &announcements.event_user);
    let names = &announcements.event_names;
    let names = BTreeMap::from([
        ("case_created", &names.case_created),
        ("case_updated", &names.case_updated),
        ("case_closed", &names.case_closed),
        ("email_sent", &names.email_sent),
        ("comment_created", &names.comment_created),
    ]);
    values.insert("event_names", &names);
    let replies = announcements.rep_replies;
    let replies = BTreeMap::from([
        ("emails", replies.emails),
        ("comments", replies.comments),
        ("case_changes", replies.case_changes),
        ("include_text", replies.include_text),
    ]);
    values.insert("rep_replies", &replies);
    values.insert("runtime_settings", &integration.runtime_settings);
    values.insert("drift_reader", &integration.drift_reader);
    values.insert("case_trigger", integration.case_trigger.word());
    values.insert("named_credential", integration.named_credential.word());
    let app = integration.external_client_app.as_ref().map(|app| {
        BTreeMap::from([
            ("label", Value::from(app.label.as_str())),
            ("contact_email", Value::from(app.contact_email.as_str())),
            ("require_pkce", Value::from(app.require_pkce)),
        ])
    });
    values.insert("external_client_app", &app);
    let outbound = &integration.outbound;
    values.insert(
        "on_failure",
        match outbound.on_failure {
            OnFailure::Log => "log",
            OnFailure::Flag => "flag",
            OnFailure::Comment => "comment",
            OnFailure::Reject => "reject",
        },
    );
    values.insert("delivery", delivery(&outbound.delivery));
    values.insert("has_attachments", &outbound.attachments.is_some());
    values.insert("has_condition", &outbound.only_when.is_some());
    let fallback = match outbound.recipients_fallback {
        RecipientsFallback::None => "none",
        RecipientsFallback::CaseContact => "case_contact",
    };
    values.insert("recipients_fallback", fallback);
    values
}

fn delivery(delivery: &Delivery) -> &'static str {
    match delivery {
        Delivery::Salesforce => "salesforce",
        Delivery::Provider { provider, .. } => match provider {
            Provider::Sendgrid => "sendgrid",
            Provider::Postmark => "postmark",
            Provider::Mailgun => "mailgun",
        },
    }
}

fn provider_name(delivery: &Delivery) -> &'static str {
    match delivery {
        Delivery::Salesforce => "Salesforce",
        Delivery::Provider { provider, .. } => match provider {
            Provider::Sendgrid => "SendGrid",
            Provider::Postmark => "Postmark",
            Provider::Mailgun => "Mailgun",
        },
    }
}

/// The name of a field, unless it is more than a name.
fn check_field(name: &str) -> Result<&str, Error> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(is_word) {
        Ok(name)
    } else {
        Err(Error::Field(name.to_owned()))
    }
}

/// Field names with the Apex expressions of their values.
fn test_case_fields(integration: &Integration) -> Result<Value, Error> {
    let mut fields = Vec::new();
    for (name, value) in &integration.test_case_fields {
        let expression = expression(value).map_err(|source| Error::Literal {
            key: "test_case_fields",
            source,
        })?;
        fields.push(Value::from(BTreeMap::from([
            ("name", Value::from(name.as_str())),
            ("value", Value::safe_string(&expression)),
        ])));
    }
    Ok(Value::from(fields))
}

fn expression(value: &TestValue) -> Result<String, apex::LiteralError> {
    Ok(match value {
        TestValue::Text(text) => apex::string_literal(text)?,
        TestValue::Whole(number) if i32::try_from(*number).is_ok() => number.to_string(),
        TestValue::Whole(number) => format!("{number}L"),
        TestValue::Decimal(number) => number.clone(),
        TestValue::Flag(flag) => flag.to_string(),
        TestValue::Date(year, month, day) => format!("Date.newInstance({year}, {month}, {day})"),
        TestValue::Instant(year, month, day, hour, minute, second) => {
            format!("Datetime.newInstanceGmt({year}, {month}, {day}, {hour}, {minute}, {second})")
        }
    })
}

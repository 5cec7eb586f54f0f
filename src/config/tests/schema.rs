//! The schema and the reader know the same keys.

use serde_json::Value;

use super::*;

/// The keys that the schema has for an object.
fn described(schema: &Value, pointer: &str) -> Vec<String> {
    let properties = schema.pointer(pointer).and_then(Value::as_object);
    properties.unwrap().keys().cloned().collect()
}

/// The keys that the reader names when it meets one that is like none of them.
fn read(text: &str) -> Vec<String> {
    let diagnostics = parse(text).unwrap_err();
    let unknown = diagnostics
        .iter()
        .find(|found| found.code.0 == "config/unknown-key");
    let help = unknown.unwrap().help.clone().unwrap();
    let keys = help.strip_prefix("the keys here are ").unwrap();
    keys.split(", ")
        .map(|key| key.trim_matches('`').to_owned())
        .collect()
}

#[test]
fn every_key_is_read_and_described() {
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    for (pointer, text) in [
        ("/properties", "zzz: 1"),
        ("/$defs/Salesforce/properties", "salesforce: { zzz: 1 }"),
        ("/$defs/EmailCases/properties", "email_cases: { zzz: 1 }"),
        (
            "/$defs/EmailCases/properties",
            "orgs: { a: { email_cases: { zzz: 1 } } }",
        ),
        (
            "/$defs/EmailCases/properties/names/properties",
            "email_cases: { names: { zzz: 1 } }",
        ),
        (
            "/$defs/Webhook/properties",
            "email_cases: { webhook: { zzz: 1 } }",
        ),
        (
            "/$defs/EventNames/properties",
            "email_cases: { webhook: { event_names: { zzz: 1 } } }",
        ),
        (
            "/$defs/RepReplies/properties",
            "email_cases: { rep_replies: { zzz: 1 } }",
        ),
        (
            "/$defs/Outbound/properties",
            "email_cases: { outbound: { zzz: 1 } }",
        ),
        (
            "/$defs/Sender/properties",
            "email_cases: { outbound: { sender: { zzz: 1 } } }",
        ),
        (
            "/$defs/Attachments/properties",
            "email_cases: { outbound: { attachments: { zzz: 1 } } }",
        ),
        (
            "/$defs/OnlyWhen/properties",
            "email_cases: { outbound: { only_when: { zzz: 1 } } }",
        ),
        ("/$defs/Org/properties", "orgs: { a: { zzz: 1 } }"),
        (
            "/$defs/ExternalClientApp/properties",
            "external_client_app: { zzz: 1 }",
        ),
        (
            "/$defs/ExternalClientApp/properties",
            "orgs: { a: { external_client_app: { zzz: 1 } } }",
        ),
        (
            "/$defs/LiveMessaging/properties",
            "live_messaging: { zzz: 1 }",
        ),
        (
            "/$defs/LiveMessaging/properties",
            "orgs: { a: { live_messaging: { zzz: 1 } } }",
        ),
        (
            "/$defs/Auth/properties",
            "orgs: { a: { auth: { sf: x, zzz: 1 } } }",
        ),
        (
            "/$defs/Jwt/properties",
            "orgs: { a: { auth: { jwt: { zzz: 1 } } } }",
        ),
        (
            "/$defs/ClientCredentials/properties",
            "orgs: { a: { auth: { client_credentials: { zzz: 1 } } } }",
        ),
        (
            "/$defs/Refresh/properties",
            "orgs: { a: { auth: { refresh: { zzz: 1 } } } }",
        ),
        (
            "/$defs/Login/properties",
            "orgs: { a: { auth: { login: { zzz: 1 } } } }",
        ),
        ("/$defs/DriftSection/properties", "drift: { zzz: 1 }"),
        (
            "/$defs/Rule/properties",
            "drift: { ignore: [ { zzz: 1 } ] }",
        ),
        (
            "/$defs/Emulator/properties",
            "orgs: { a: { emulator: { zzz: 1 } } }",
        ),
    ] {
        let (mut described, mut read) = (described(&schema, pointer), read(text));
        described.sort();
        read.sort();
        assert_eq!(described, read, "{pointer}");
    }
    let sections = schema["$defs"].as_object().unwrap();
    let objects = sections
        .iter()
        .filter(|(_, section)| section["type"] == "object");
    let names: Vec<&String> = objects.map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "Salesforce",
            "EmailCases",
            "Webhook",
            "EventNames",
            "RepReplies",
            "Outbound",
            "Sender",
            "Attachments",
            "OnlyWhen",
            "ExternalClientApp",
            "LiveMessaging",
            "DriftSection",
            "Rule",
            "Org",
            "Auth",
            "Jwt",
            "ClientCredentials",
            "Refresh",
            "Login",
            "Emulator"
        ],
        "a new section needs a line above"
    );
}

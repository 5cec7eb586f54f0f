//! `CaseSettings`, `EmailDomainKey`, `AuthorizedEmailDomain`.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::super::condition::Condition;
use super::super::super::state::State;
use super::{DATA, Row, Rows, TOOLING, Table, add, column, one_row};

/// The settings of Cases, Email-to-Case among them; one row (Tooling API guide, "CaseSettings").
pub static CASE_SETTINGS: Table<'static> = Table {
    name: "CaseSettings",
    apis: TOOLING,
    columns: Cow::Borrowed(&[column("Id"), one_row("FullName"), one_row("Metadata")]),
    rows: Rows::Derived(case_settings),
};

fn case_settings(state: &State, _now: Timestamp) -> Vec<Row> {
    let is_on = !state.has(Condition::EmailToCaseOff);
    let address = |address: &super::super::super::state::RoutingAddress| {
        let domain = address.address.rsplit('@').next().unwrap_or_default();
        json!({
            "addressType": "EmailToCase",
            "caseOrigin": "Email",
            "casePriority": "Medium",
            "emailAddress": address.address,
            "emailServicesAddress": format!("support@1.{domain}.case.local.example"),
            "isVerified": address.is_verified,
            "routingName": address.address,
        })
    };
    let addresses: Vec<Value> = state.mail.routing_addresses.iter().map(address).collect();
    // The two ways of threading exclude each other (Salesforce Help, "Email-to-Case Threading").
    let by_ref_id = state.has(Condition::RefIdThreading);
    let settings = json!({
        "emailToCase": {
            "enableEmailToCase": is_on,
            "enableOnDemandEmailToCase": is_on,
            "enableThreadIDInBody": by_ref_id,
            "enableThreadIDInSubject": by_ref_id,
            "enableThreadTokenInBody": !by_ref_id,
            "enableThreadTokenInSubject": !by_ref_id,
            "useEmailHeadersForThreading": !by_ref_id,
            "routingAddresses": if is_on { addresses } else { Vec::new() },
        },
    });
    vec![add(
        Row::new(),
        [
            ("Id", json!("000000000000000AAA")),
            ("FullName", json!("Case")),
            ("Metadata", settings),
        ],
    )]
}

/// DKIM keys (Object Reference, "EmailDomainKey").
pub static EMAIL_DOMAIN_KEY: Table<'static> = Table {
    name: "EmailDomainKey",
    apis: DATA,
    columns: Cow::Borrowed(&[
        column("Id"),
        column("Domain"),
        column("DomainMatch"),
        column("IsActive"),
        column("Selector"),
    ]),
    rows: Rows::Derived(|state, _| {
        let row = |(number, domain): (usize, &String)| {
            add(
                Row::new(),
                [
                    ("Id", json!(format!("0U5{number:012}AAA"))),
                    ("Domain", json!(domain)),
                    ("DomainMatch", json!("DomainOnly")),
                    ("IsActive", json!(true)),
                    ("Selector", json!("sf1")),
                ],
            )
        };
        let domains = state.mail.signed_domains.iter().enumerate();
        domains.map(row).collect()
    }),
};

/// Domains whose ownership was shown by a TXT record (Tooling API guide, "AuthorizedEmailDomain").
pub static AUTHORIZED_EMAIL_DOMAIN: Table<'static> = Table {
    name: "AuthorizedEmailDomain",
    apis: TOOLING,
    columns: Cow::Borrowed(&[
        column("Id"),
        column("DeveloperName"),
        column("DomainName"),
        column("IsDomainOwnershipVerified"),
    ]),
    rows: Rows::Derived(|_, _| Vec::new()),
};

//! What a retrieve changes of what was deployed, one test per rule. Sources: the Metadata API guide's
//! pages of the types, files that were retrieved from orgs.

use std::collections::BTreeMap;

use crate::sf::wire::{DeployOptions, DeployStatus};

use super::super::deploy;
use super::super::options::Processing;
use super::super::users;
use super::*;

const NS: &str = "xmlns=\"http://soap.sforce.com/2006/04/metadata\"";

/// Deploys those files to a new org and retrieves the members as that version has them.
fn retrieved(
    members: &[(&str, &str)],
    files: &[(&str, &str)],
    version: u16,
) -> BTreeMap<String, String> {
    let options = Options {
        processing: Processing::IMMEDIATE,
        ..Options::default()
    };
    let now = Timestamp::UNIX_EPOCH;
    let mut state = users::new_org(&options, now);
    let types: String = members
        .iter()
        .map(|(kind, name)| format!("<types><members>{name}</members><name>{kind}</name></types>"))
        .collect();
    let manifest = format!("<Package {NS}>{types}<version>66.0</version></Package>");
    let mut all = vec![("package.xml".to_owned(), manifest.into_bytes())];
    all.extend(
        files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())),
    );
    let single = DeployOptions {
        rollback_on_error: true,
        single_package: true,
        ..DeployOptions::default()
    };
    let zip = archive::write(&all).unwrap();
    let id = deploy::submit(&mut state, single, &zip, now).unwrap();
    assert!(deploy::poll(&mut state, &id, &options, now));
    let deployed = deploy::get(&state, &id).unwrap();
    let problems = &deployed.outcome.details.component_failures;
    assert_eq!(deployed.status, DeployStatus::Succeeded, "{problems:?}");
    let request = format!(
        "<r><singlePackage>true</singlePackage><unpackaged>{types}<version>{version}.0</version></unpackaged></r>"
    );
    let Ok(request) = super::super::tree::parse(&request) else {
        panic!("well-formed");
    };
    let id = submit(&mut state, &request, now).unwrap();
    let (done, request) = poll(&mut state, &id, &options, now).unwrap();
    assert!(done);
    let zip = collect(&state, &request, None).unwrap().zip;
    let files = archive::read(&zip).unwrap();
    files
        .into_iter()
        .map(|(path, bytes)| (path, String::from_utf8(bytes).unwrap()))
        .collect()
}

/// One component of one file.
fn one(kind: &str, name: &str, path: &str, body: &str) -> String {
    at(kind, name, path, body, 66)
}

fn at(kind: &str, name: &str, path: &str, body: &str, version: u16) -> String {
    let text =
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{kind} {NS}>{body}</{kind}>\n");
    let files = retrieved(&[(kind, name)], &[(path, &text)], version);
    files[path].clone()
}

fn permission_set(body: &str, version: u16) -> String {
    at(
        "PermissionSet",
        "P",
        "permissionsets/P.permissionset",
        body,
        version,
    )
}

fn credential(body: &str) -> String {
    one(
        "NamedCredential",
        "N",
        "namedCredentials/N.namedCredential",
        body,
    )
}

const CREDENTIAL: &str = "<endpoint>https://x.example/hook</endpoint><label>N</label>\
                          <principalType>Anonymous</principalType><protocol>NoAuthentication</protocol>";

/// Where each of the texts is; they stand in that order.
fn in_order(text: &str, parts: &[&str]) {
    let places: Vec<usize> = parts
        .iter()
        .map(|part| {
            text.find(part)
                .unwrap_or_else(|| panic!("{part} in\n{text}"))
        })
        .collect();
    assert!(places.is_sorted(), "{parts:?} in\n{text}");
}

#[test]
fn elements_come_in_the_order_of_the_wsdl() {
    let mixed = "<protocol>NoAuthentication</protocol><label>N</label>\
                 <principalType>Anonymous</principalType><endpoint>https://x.example/hook</endpoint>";
    let parts = ["<endpoint>", "<label>", "<principalType>", "<protocol>"];
    in_order(&credential(mixed), &parts);
}

#[test]
fn optional_elements_come_with_their_defaults() {
    let text = credential(CREDENTIAL);
    for default in [
        "<allowMergeFieldsInBody>false</allowMergeFieldsInBody>",
        "<allowMergeFieldsInHeader>false</allowMergeFieldsInHeader>",
        "<calloutStatus>Enabled</calloutStatus>",
        "<generateAuthorizationHeader>true</generateAuthorizationHeader>",
    ] {
        assert!(text.contains(default), "{text}");
    }
    let text = permission_set("<label>P</label>", 66);
    assert!(
        text.contains("<hasActivationRequired>false</hasActivationRequired>"),
        "{text}"
    );
}

#[test]
fn a_value_that_was_given_wins_over_the_default() {
    let text = credential(&format!(
        "<calloutStatus>Disabled</calloutStatus>{CREDENTIAL}"
    ));
    assert!(
        text.contains("<calloutStatus>Disabled</calloutStatus>"),
        "{text}"
    );
    assert_eq!(text.matches("calloutStatus").count(), 2);
}

#[test]
fn what_the_org_generates_is_there() {
    let path = "externalClientApps/A.eca";
    let body = "<contactEmail>a@b.example</contactEmail><distributionState>Local</distributionState><label>A</label>";
    let text = one("ExternalClientApplication", "A", path, body);
    assert!(text.contains("<orgScopedExternalApp>00D"), "{text}");
}

#[test]
fn secrets_are_gone() {
    let body = "<endpoint>https://x.example/hook</endpoint><label>N</label><password>hush</password>\
                <principalType>NamedUser</principalType><protocol>Password</protocol><username>u</username>";
    let text = credential(body);
    assert!(text.contains("<username>u</username>"), "{text}");
    assert!(
        !text.contains("hush") && !text.contains("password"),
        "{text}"
    );
}

#[test]
fn user_permissions_that_are_off_are_left_out() {
    let body = "<label>P</label>\
                <userPermissions><enabled>false</enabled><name>ViewSetup</name></userPermissions>\
                <userPermissions><enabled>true</enabled><name>ApiEnabled</name></userPermissions>";
    let text = permission_set(body, 66);
    assert!(
        text.contains("ApiEnabled") && !text.contains("ViewSetup"),
        "{text}"
    );
}

#[test]
fn empty_elements_close_themselves() {
    let body = "<description></description><label>P</label>";
    let text = permission_set(body, 66);
    assert!(text.contains("    <description/>\n"), "{text}");
}

#[test]
fn entries_of_a_permission_set_are_sorted() {
    let entry = |name: &str| {
        format!("<userPermissions><enabled>true</enabled><name>{name}</name></userPermissions>")
    };
    let body = format!(
        "<label>P</label>{}{}",
        entry("EmailSingle"),
        entry("ApiEnabled")
    );
    in_order(&permission_set(&body, 66), &["ApiEnabled", "EmailSingle"]);
}

#[test]
fn a_list_in_one_text_is_respaced() {
    let app = "<contactEmail>a@b.example</contactEmail><distributionState>Local</distributionState><label>A</label>";
    let settings = "<commaSeparatedOauthScopes>Api,RefreshToken</commaSeparatedOauthScopes>\
                    <externalClientApplication>A</externalClientApplication><label>A</label>";
    let file = |kind: &str, body: &str| format!("<{kind} {NS}>{body}</{kind}>");
    let path = "extlClntAppOauthSettings/A_oauth.ecaOauth";
    let files = retrieved(
        &[
            ("ExternalClientApplication", "A"),
            ("ExtlClntAppOauthSettings", "A_oauth"),
        ],
        &[
            (
                "externalClientApps/A.eca",
                &file("ExternalClientApplication", app),
            ),
            (path, &file("ExtlClntAppOauthSettings", settings)),
        ],
        66,
    );
    assert!(
        files[path].contains(">Api, RefreshToken<"),
        "{}",
        files[path]
    );
}

#[test]
fn comments_and_instructions_are_gone() {
    let text = credential(&format!("<!-- who --><?what now?>{CREDENTIAL}"));
    assert!(!text.contains("who") && !text.contains("<?what"), "{text}");
}

#[test]
fn code_comes_back_as_it_is_with_lf() {
    let source = "public class C {\n    // é\n}\n";
    let meta = format!("<ApexClass {NS}><apiVersion>66.0</apiVersion></ApexClass>");
    let files = retrieved(
        &[("ApexClass", "C")],
        &[("classes/C.cls", source), ("classes/C.cls-meta.xml", &meta)],
        66,
    );
    assert_eq!(files["classes/C.cls"], source);
    let meta = &files["classes/C.cls-meta.xml"];
    assert!(meta.contains("<status>Active</status>"), "{meta}");
}

#[test]
fn what_is_newer_than_the_version_is_left_out() {
    let body = "<label>P</label><objectPermissions><allowCreate>false</allowCreate><allowDelete>false</allowDelete>\
                <allowEdit>false</allowEdit><allowRead>true</allowRead><modifyAllRecords>false</modifyAllRecords>\
                <object>Case</object><viewAllFields>false</viewAllFields><viewAllRecords>false</viewAllRecords>\
                </objectPermissions>";
    assert!(permission_set(body, 66).contains("viewAllFields"));
    let older = permission_set(body, 62);
    assert!(
        older.contains("viewAllRecords") && !older.contains("viewAllFields"),
        "{older}"
    );
}

#[test]
fn what_was_retrieved_deploys_and_comes_back_the_same() {
    let once = permission_set("<label>P</label><description></description>", 66);
    let path = "permissionsets/P.permissionset";
    let again = retrieved(&[("PermissionSet", "P")], &[(path, &once)], 66);
    assert_eq!(again[path], once);
}

#[test]
fn a_retrieve_is_pending_then_in_progress_and_done_when_its_time_is_over() {
    let options = Options::default();
    let start = Timestamp::UNIX_EPOCH;
    let later = |milliseconds| Timestamp::from_millisecond(milliseconds).unwrap();
    let request = format!("<r><unpackaged {NS}><version>66.0</version></unpackaged></r>");
    let asked_at = |times: &[i64]| {
        let mut state = users::new_org(&options, start);
        let Ok(request) = super::super::tree::parse(&request) else {
            panic!("well-formed");
        };
        let id = submit(&mut state, &request, start).unwrap();
        let mut done = |at| poll(&mut state, &id, &options, later(at)).unwrap().0;
        times.iter().map(|at| done(*at)).collect::<Vec<_>>()
    };
    assert_eq!(asked_at(&[1, 2, 3]), [false, false, true]);
    assert_eq!(asked_at(&[20, 60]), [false, true]);
    assert_eq!(asked_at(&[1000, 1001]), [false, true]);
    assert_eq!(asked_at(&[5000]), [true]);
}

//! Messages, without HTTP.

use proptest::prelude::*;
use tempfile::TempDir;

use super::super::options::Options;
use super::*;

fn org() -> (TempDir, EmulatedOrg) {
    let folder = TempDir::new().unwrap();
    let org = EmulatedOrg::open(folder.path(), &Options::default()).unwrap();
    (folder, org)
}

fn message(session: &str, operation: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Header><SessionHeader>\
         <sessionId>{session}</sessionId></SessionHeader></s:Header><s:Body>{operation}</s:Body></s:Envelope>"
    )
}

fn answer(org: &EmulatedOrg, text: &str) -> String {
    respond(org, Some(66), text, |session| session == "good").body
}

#[test]
fn a_wrong_session_is_a_fault() {
    let (_folder, org) = org();
    assert_eq!(
        answer(&org, &message("bad", "<describeMetadata/>")),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope \
         xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:sf=\"http://soap.sforce.com/2006/04/metadata\"><soapenv:Body><soapenv:Fault>\
         <faultcode>sf:INVALID_SESSION_ID</faultcode><faultstring>INVALID_SESSION_ID: Invalid Session ID found \
         in SessionHeader: Illegal Session</faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    );
}

#[test]
fn nothing_to_list_is_an_empty_answer() {
    let (_folder, org) = org();
    assert_eq!(
        answer(
            &org,
            &message(
                "good",
                "<listMetadata><queries><type>ApexClass</type></queries></listMetadata>"
            )
        ),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope \
         xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns=\"http://soap.sforce.com/2006/04/metadata\"><soapenv:Body><listMetadataResponse/>\
         </soapenv:Body></soapenv:Envelope>"
    );
}

#[test]
fn a_pending_deploy_has_the_wsdl_order() {
    let (_folder, org) = org();
    let operation = "<x:deploy xmlns:x=\"y\"><x:zipFile></x:zipFile><x:deployOptions/></x:deploy>";
    let queued = tree::parse(&answer(&org, &message("good", operation)));
    let id = queued
        .ok()
        .and_then(|envelope| {
            let result = envelope
                .child("Body")?
                .child("deployResponse")?
                .child("result")?;
            result.text_of("id").map(str::to_owned)
        })
        .unwrap();
    // By the id alone, under a name that no client uses.
    let check = format!(
        "<checkDeployStatus><whatever>{id}</whatever><includeDetails>1</includeDetails></checkDeployStatus>"
    );
    let body = answer(&org, &message("good", &check));
    let names: Vec<String> = tree::parse(&body)
        .ok()
        .and_then(|envelope| {
            let result = envelope
                .child("Body")?
                .child("checkDeployStatusResponse")?
                .child("result")?
                .clone();
            Some(
                result
                    .children
                    .iter()
                    .map(|child| child.name.clone())
                    .collect(),
            )
        })
        .unwrap();
    assert_eq!(
        names,
        [
            "checkOnly",
            "createdBy",
            "createdByName",
            "createdDate",
            "details",
            "done",
            "id",
            "ignoreWarnings",
            "lastModifiedDate",
            "numberComponentErrors",
            "numberComponentsDeployed",
            "numberComponentsTotal",
            "numberTestErrors",
            "numberTestsCompleted",
            "numberTestsTotal",
            "rollbackOnError",
            "runTestsEnabled",
            "status",
            "success"
        ]
    );
    assert!(body.contains(
        "<details><runTestResult><numFailures>0</numFailures><numTestsRun>0</numTestsRun>\
         <totalTime>0.0</totalTime></runTestResult></details>"
    ));
}

#[test]
fn an_installed_package_is_not_found() {
    let (_folder, org) = org();
    let operation = "<retrieve><retrieveRequest><packageNames>Abacus</packageNames></retrieveRequest></retrieve>";
    answer(&org, &message("good", operation));
    let check = "<checkRetrieveStatus><id>09S000000000001</id></checkRetrieveStatus>";
    let mut body = String::new();
    for _ in 0..3 {
        body = answer(&org, &message("good", check));
    }
    assert!(body.contains(
        "<result><done>true</done><errorMessage>INVALID_CROSS_REFERENCE_KEY: No package named &apos;Abacus&apos; \
         found</errorMessage><errorStatusCode>UNKNOWN_EXCEPTION</errorStatusCode><id>09S000000000001EAA</id>\
         <status>Failed</status><success>false</success><zipFile xsi:nil=\"true\"/></result>"
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn never_panics(text in "\\PC{0,120}") {
        let (_folder, org) = org();
        prop_assert!(respond(&org, None, &text, |_| true).fault);
    }

    #[test]
    fn never_panics_on_almost_operations(
        operation in "(deploy|checkDeployStatus|cancelDeploy|retrieve|checkRetrieveStatus|listMetadata)",
        body in "(<ZipFile>|</ZipFile>|<unpackaged>|</unpackaged>|<types>|</types>|<name>ApexClass</name>|<id>x</id>|\
                 <members>\\*</members>|<queries>|</queries>|<type>PermissionSet</type>|x){0,8}",
    ) {
        let (_folder, org) = org();
        let text = message("good", &format!("<{operation}>{body}</{operation}>"));
        prop_assert!(!respond(&org, Some(66), &text, |_| true).body.is_empty());
    }
}

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
fn a_type_that_the_platform_lacks_is_refused() {
    let (_folder, org) = org();
    let list = |kind: &str| {
        let operation =
            format!("<listMetadata><queries><type>{kind}</type></queries></listMetadata>");
        answer(&org, &message("good", &operation))
    };
    assert!(list("Flow").contains("<listMetadataResponse/>"));
    let refused = list("ApexClasses");
    assert!(
        refused.contains("<faultstring>INVALID_TYPE: Unknown type:ApexClasses</faultstring>"),
        "{refused}"
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
    // How many looks it takes depends on how fast they follow each other.
    let looks = (0..3).map(|_| answer(&org, &message("good", check)));
    let mut done = looks.filter(|body| body.contains("<done>true</done>"));
    let body = done.next().unwrap();
    assert!(body.contains(
        "<result><done>true</done><errorMessage>INVALID_CROSS_REFERENCE_KEY: No package named &apos;Abacus&apos; \
         found</errorMessage><errorStatusCode>UNKNOWN_EXCEPTION</errorStatusCode><id>09S000000000001EAA</id>\
         <status>Failed</status><success>false</success><zipFile xsi:nil=\"true\"/></result>"
    ));
}

fn store(org: &EmulatedOrg, kind: MetadataType, name: &str, source: Option<&str>, xml: &str) {
    org.update(|state| {
        let stamp = super::super::users::stamp(state, "Local Admin", org.options().clock.now());
        let id = crate::metadata::ComponentId::new(kind, name);
        state.put(&id, source.map(str::to_owned), xml.to_owned(), stamp);
        Ok::<(), super::super::Error>(())
    })
    .unwrap();
}

#[test]
fn reads_components_in_the_order_of_their_names() {
    let (_folder, org) = org();
    let xml =
        "<CustomPermission><isLicensed>false</isLicensed><label>May</label></CustomPermission>";
    store(&org, MetadataType::CustomPermission, "May", None, xml);
    let read = |kind: &str, names: &[&str]| {
        let names: String = names
            .iter()
            .map(|name| format!("<fullNames>{name}</fullNames>"))
            .collect();
        let operation = format!("<readMetadata><type>{kind}</type>{names}</readMetadata>");
        answer(&org, &message("good", &operation))
    };
    assert!(read("CustomPermission", &["Nope", "may"]).ends_with(
        "<readMetadataResponse><result><records xsi:nil=\"true\"/><records xsi:type=\"CustomPermission\">\
         <fullName>May</fullName><isLicensed>false</isLicensed><label>May</label></records></result>\
         </readMetadataResponse></soapenv:Body></soapenv:Envelope>"
    ));
    assert!(
        read("ApexClass", &["X"])
            .contains("INVALID_TYPE: This type of metadata is not available for this organization")
    );
    assert!(read("CustomPermission", &["x"; 11]).contains("LIMIT_EXCEEDED"));
}

#[test]
fn specific_files_are_retrieved_alone() {
    let (_folder, org) = org();
    let xml = "<ApexClass><apiVersion>66.0</apiVersion><status>Active</status></ApexClass>";
    for name in ["A", "B"] {
        let source = format!("class {name} {{}}");
        store(&org, MetadataType::ApexClass, name, Some(&source), xml);
    }
    let request = |single: bool| {
        format!(
            "<retrieve><retrieveRequest><singlePackage>{single}</singlePackage>\
             <specificFiles>unpackaged/classes/B.cls</specificFiles><unpackaged><types><members>*</members>\
             <name>ApexClass</name></types><version>66.0</version></unpackaged></retrieveRequest></retrieve>"
        )
    };
    assert!(answer(&org, &message("good", &request(false))).contains("INVALID_OPERATION"));
    answer(&org, &message("good", &request(true)));
    let check = "<checkRetrieveStatus><id>09S000000000001</id></checkRetrieveStatus>";
    // How many looks it takes depends on how fast they follow each other.
    let looks = (0..3).map(|_| answer(&org, &message("good", check)));
    let mut done = looks.filter(|body| body.contains("<done>true</done>"));
    let body = done.next().unwrap();
    let files: Vec<&str> = body
        .split("<fileName>")
        .skip(1)
        .filter_map(|rest| rest.split('<').next())
        .collect();
    assert_eq!(files, ["classes/B.cls", "package.xml"]);
}

#[test]
fn anonymous_apex_answers_with_its_log_in_the_header() {
    let (_folder, org) = org();
    let run = |header: &str, code: &str| {
        let text = format!(
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Header><SessionHeader>\
             <sessionId>good</sessionId></SessionHeader>{header}</s:Header><s:Body><executeAnonymous>\
             <apexcode>{code}</apexcode></executeAnonymous></s:Body></s:Envelope>"
        );
        apex::respond(&org, Some(66), &text, |session| session == "good")
    };
    let quiet = run("", "Integer i = 1;");
    assert!(quiet.body.ends_with(
        "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body><executeAnonymousResponse><result>\
         <column>-1</column><compileProblem xsi:nil=\"true\"/><compiled>true</compiled>\
         <exceptionMessage xsi:nil=\"true\"/><exceptionStackTrace xsi:nil=\"true\"/><line>-1</line>\
         <success>true</success></result></executeAnonymousResponse></soapenv:Body></soapenv:Envelope>"
    ));
    let debug = "<DebuggingHeader><debugLevel>DEBUGONLY</debugLevel></DebuggingHeader>";
    let told = run(debug, "System.debug(&apos;seen&apos;);").body;
    assert!(told.contains(
        "<soapenv:Header><DebuggingInfo><debugLog>66.0 APEX_CODE,DEBUG;APEX_PROFILING,INFO\n"
    ));
    assert!(told.contains("|USER_DEBUG|[1]|DEBUG|seen\n"), "{told}");
    let broken = run("", "Integer i = missing;");
    assert!(!broken.fault);
    assert!(
        broken
            .body
            .contains("<compileProblem>Variable does not exist: missing</compileProblem>")
    );
    let refused = apex::respond(
        &org,
        Some(66),
        "<s:Envelope xmlns:s=\"x\"><s:Body><a/></s:Body></s:Envelope>",
        |_| false,
    );
    assert!(refused.fault);
    assert!(
        refused
            .body
            .contains("<sf:exceptionCode>INVALID_SESSION_ID</sf:exceptionCode>")
    );
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
        operation in "(deploy|checkDeployStatus|cancelDeploy|retrieve|checkRetrieveStatus|listMetadata|readMetadata|deployRecentValidation)",
        body in "(<ZipFile>|</ZipFile>|<unpackaged>|</unpackaged>|<types>|</types>|<name>ApexClass</name>|<id>x</id>|\
                 <members>\\*</members>|<queries>|</queries>|<type>PermissionSet</type>|x){0,8}",
    ) {
        let (_folder, org) = org();
        let text = message("good", &format!("<{operation}>{body}</{operation}>"));
        prop_assert!(!respond(&org, Some(66), &text, |_| true).body.is_empty());
    }
}

//! SOAP messages against the documented ones, and against anything.

use proptest::prelude::*;

use super::*;
use crate::metadata::MetadataType;
use crate::sf::wire::{DeployStatus, RetrieveStatus, TestLevel};

const CALLER: Caller<'_> = Caller {
    session_id: "00D!<&>",
    client: "opencx-sf/0",
};

fn envelope(body: &str) -> Vec<u8> {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope \
         xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns=\"http://soap.sforce.com/2006/04/metadata\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>{body}\
         </soapenv:Body></soapenv:Envelope>"
    )
    .into_bytes()
}

#[test]
fn writes_a_retrieve_in_the_order_of_the_wsdl() {
    let members = [
        ComponentId::new(MetadataType::CustomField, "Case.B__c"),
        ComponentId::new(MetadataType::ApexClass, "A<B"),
        ComponentId::new(MetadataType::CustomField, "Case.A__c"),
    ];
    let message = encode_retrieve(CALLER, ApiVersion::new(66), &members).unwrap();
    assert_eq!(
        String::from_utf8(message).unwrap(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\">\
         <soapenv:Header xmlns=\"http://soap.sforce.com/2006/04/metadata\">\
         <SessionHeader><sessionId>00D!&lt;&amp;&gt;</sessionId></SessionHeader>\
         <CallOptions><client>opencx-sf/0</client></CallOptions></soapenv:Header>\
         <soapenv:Body xmlns=\"http://soap.sforce.com/2006/04/metadata\"><retrieve>\
         <retrieveRequest><apiVersion>66.0</apiVersion><singlePackage>true</singlePackage>\
         <unpackaged><types><members>A&lt;B</members><name>ApexClass</name></types>\
         <types><members>Case.A__c</members><members>Case.B__c</members>\
         <name>CustomField</name></types><version>66.0</version></unpackaged>\
         </retrieveRequest></retrieve></soapenv:Body></soapenv:Envelope>"
    );
}

#[test]
fn asks_for_a_retrieves_status() {
    let message = encode_check_retrieve_status(CALLER, "09S1", false).unwrap();
    let message = String::from_utf8(message).unwrap();
    let (_, body) = message.split_once("<soapenv:Body").unwrap();
    assert_eq!(
        body,
        " xmlns=\"http://soap.sforce.com/2006/04/metadata\"><checkRetrieveStatus>\
         <asyncProcessId>09S1</asyncProcessId><includeZip>false</includeZip>\
         </checkRetrieveStatus></soapenv:Body></soapenv:Envelope>"
    );
}

#[test]
fn reads_the_start_of_a_retrieve() {
    let body = envelope(
        "<retrieveResponse><result><done>false</done><id>09S1</id><state>Queued</state></result>\
         </retrieveResponse>",
    );
    let expected = AsyncResult {
        done: false,
        id: "09S1".to_owned(),
        state: Some("Queued".to_owned()),
    };
    assert_eq!(decode_async_result(&body), Ok(Answer::Result(expected)));
}

#[test]
fn reads_a_retrieve_with_one_row_and_many_messages() {
    let body = envelope(
        "<checkRetrieveStatusResponse><result><done>true</done><fileProperties>\
         <fullName>A</fullName><id></id><type>ApexClass</type></fileProperties><id>09S1</id>\
         <messages><problem>Entity of type &apos;CustomField&apos; named &apos;Case.X__c&apos; cannot \
         be found</problem></messages><messages><problem>b</problem></messages>\
         <status>Succeeded</status><success>true</success><zipFile>UEs=</zipFile></result>\
         </checkRetrieveStatusResponse>",
    );
    let Ok(Answer::Result(result)) = decode_retrieve_result(&body) else {
        panic!("no result");
    };
    assert_eq!(result.file_properties.len(), 1);
    assert_eq!(result.file_properties[0].kind, "ApexClass");
    assert_eq!(
        result.messages[0].problem,
        "Entity of type 'CustomField' named 'Case.X__c' cannot be found"
    );
    assert_eq!(result.messages.len(), 2);
    assert_eq!(result.status, Some(RetrieveStatus::Succeeded));
    assert_eq!(result.zip_file.as_deref(), Some("UEs="));
}

#[test]
fn a_nil_zip_is_none_and_an_unknown_status_too() {
    let body = envelope(
        "<checkRetrieveStatusResponse><result><done>1</done><id>09S1</id><status>Odd</status>\
         <success>false</success><zipFile xsi:nil=\"true\"/></result>\
         </checkRetrieveStatusResponse>",
    );
    let Ok(Answer::Result(result)) = decode_retrieve_result(&body) else {
        panic!("no result");
    };
    assert_eq!((result.zip_file, result.status), (None, None));
    assert!(result.done);
}

#[test]
fn reads_a_deploy_with_and_without_details() {
    let failure = "<componentFailures><changed>false</changed><componentType></componentType>\
         <lineNumber>4</lineNumber><problem><![CDATA[a < b]]></problem></componentFailures>";
    for (details, failures) in [
        ("<details/>", 0),
        ("", 0),
        ("<details xsi:nil=\"true\"/>", 0),
        (&*format!("<details>{failure}</details>"), 1),
        (&*format!("<details>{failure}{failure}</details>"), 2),
    ] {
        let body = envelope(&format!(
            "<checkDeployStatusResponse><result>{details}<done>false</done><id>0Af1</id>\
             <numberComponentErrors>3</numberComponentErrors><status>Thinking</status>\
             </result></checkDeployStatusResponse>"
        ));
        let Ok(Answer::Result(result)) = decode_deploy_result(&body) else {
            panic!("no result: {details}");
        };
        assert_eq!(result.status, DeployStatus::Other("Thinking".to_owned()));
        assert_eq!(result.number_component_errors, 3);
        assert_eq!(result.details.component_failures.len(), failures);
        for failure in result.details.component_failures {
            assert_eq!(failure.problem.as_deref(), Some("a < b"));
            assert_eq!(
                (failure.line_number, failure.column_number),
                (Some(4), None)
            );
        }
    }
}

#[test]
fn reads_faults_without_their_prefix() {
    for (code, string) in [
        ("sf:INVALID_SESSION_ID", "INVALID_SESSION_ID: Expired"),
        (
            "soapenv:INVALID_SESSION_ID",
            "<![CDATA[INVALID_SESSION_ID: Expired]]>",
        ),
        ("INVALID_SESSION_ID", "Expired"),
    ] {
        let body = envelope(&format!(
            "<soapenv:Fault><faultcode>{code}</faultcode><faultstring>{string}</faultstring>\
             <detail><x>y</x></detail></soapenv:Fault>"
        ));
        let expected = SoapFault {
            code: "INVALID_SESSION_ID".to_owned(),
            text: "Expired".to_owned(),
        };
        assert_eq!(decode_async_result(&body), Ok(Answer::Fault(expected)));
    }
}

#[test]
fn says_what_is_missing() {
    let decode = |body: &[u8]| decode_async_result(body).unwrap_err();
    assert_eq!(decode(b"<a/>"), DecodeError::Missing("Envelope"));
    assert_eq!(decode(&envelope("")), DecodeError::Missing("Body"));
    assert_eq!(
        decode(&envelope("<retrieveResponse/>")),
        DecodeError::Missing("result")
    );
    assert_eq!(decode(b"\xff"), DecodeError::NotText);
    assert!(matches!(
        decode(&envelope("<retrieveResponse><result/></retrieveResponse>")),
        DecodeError::NotXml { .. }
    ));
}

#[test]
fn options_leave_out_what_is_not_asked_for() {
    let mut options = crate::sf::wire::DeployOptions::default();
    let json = |options: &crate::sf::wire::DeployOptions| serde_json::to_value(options).unwrap();
    assert_eq!(json(&options).get("runTests"), None);
    assert_eq!(json(&options).get("testLevel"), None);
    options.run_tests = vec!["A".to_owned()];
    options.test_level = Some(TestLevel::RunSpecifiedTests);
    assert_eq!(json(&options)["runTests"], serde_json::json!(["A"]));
    assert_eq!(json(&options)["testLevel"], "RunSpecifiedTests");
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(body in any::<Vec<u8>>()) {
        let _ = decode_async_result(&body);
        let _ = decode_retrieve_result(&body);
        let _ = decode_deploy_result(&body);
    }

    #[test]
    fn any_envelope_is_read_or_refused(
        body in "(<result>|</result>|<details>|</details>|<id>|</id>|<done>|</done>|0Af|true|&amp;|<soapenv:Fault>|</soapenv:Fault>|<x/>){0,20}",
    ) {
        let body = envelope(&format!("<r>{body}</r>"));
        let _ = decode_deploy_result(&body);
        let _ = decode_retrieve_result(&body);
    }

    #[test]
    fn any_member_survives_the_writing(name in any::<String>(), token in "\\PC*") {
        let members = [ComponentId::new(MetadataType::ApexClass, name.as_str())];
        let caller = Caller { session_id: &token, client: "c" };
        let message = encode_retrieve(caller, ApiVersion::new(66), &members).unwrap();
        let (_, envelope) = element::parse(std::str::from_utf8(&message).unwrap()).unwrap();
        prop_assert_eq!(&envelope["Header"]["SessionHeader"]["sessionId"], &Value::from(token));
        let types = &envelope["Body"]["retrieve"]["retrieveRequest"]["unpackaged"]["types"];
        prop_assert!(types["members"].is_string());
        prop_assert_eq!(&types["name"], "ApexClass");
    }
}

//! The server over real HTTP, on loopback.

use reqwest::Client;
use serde_json::Value;
use tempfile::TempDir;

use super::super::options::{Options, OrgKind, Processing};
use super::super::tree::{self, Node};
use super::*;

mod debugging;
mod records;
mod work;

struct Org {
    running: Running,
    client: Client,
    folder: TempDir,
}

async fn start(options: Options) -> Org {
    let folder = TempDir::new().unwrap();
    let org = EmulatedOrg::open(folder.path(), &options).unwrap();
    let running = Server::start(org, SocketAddr::from(([127, 0, 0, 1], 0)))
        .await
        .unwrap();
    Org {
        running,
        client: Client::new(),
        folder,
    }
}

fn immediate() -> Options {
    Options {
        processing: Processing::IMMEDIATE,
        ..Options::default()
    }
}

impl Org {
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.running.instance_url())
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let request = self
            .client
            .get(self.url(path))
            .bearer_auth(self.running.access_token().expose());
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn soap(&self, operation: &str) -> (u16, Node) {
        let body = format!(
            "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Header>\
             <SessionHeader><sessionId>{}</sessionId></SessionHeader></soapenv:Header><soapenv:Body>{operation}\
             </soapenv:Body></soapenv:Envelope>",
            self.running.access_token().expose()
        );
        let request = self
            .client
            .post(self.url("/services/Soap/m/66.0"))
            .header("SOAPAction", "\"\"")
            .body(body);
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        let Ok(envelope) = tree::parse(&text) else {
            panic!("no XML: {text}")
        };
        (status, envelope.child("Body").unwrap().children[0].clone())
    }

    async fn deploy(&self, files: &[(&str, &str)], options: Value) -> Value {
        let zip = super::super::deploy::zip_of(files);
        let settings = serde_json::json!({ "deployOptions": options }).to_string();
        let form = reqwest::multipart::Form::new()
            .part(
                "json",
                reqwest::multipart::Part::text(settings)
                    .mime_str("application/json")
                    .unwrap(),
            )
            .part(
                "file",
                reqwest::multipart::Part::bytes(zip).file_name("deploy.zip"),
            );
        let request = self
            .client
            .post(self.url("/services/data/v66.0/metadata/deployRequest"))
            .bearer_auth(self.running.access_token().expose())
            .multipart(form);
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), 201);
        let accepted: Value = response.json().await.unwrap();
        let id = accepted["id"].as_str().unwrap().to_owned();
        let (_, answer) = self
            .get(&format!(
                "/services/data/v66.0/metadata/deployRequest/{id}?includeDetails=true"
            ))
            .await;
        answer["deployResult"].clone()
    }

    async fn query(&self, path: &str, soql: &str) -> (u16, Value) {
        let request = self
            .client
            .get(format!(
                "{}?q={}",
                self.url(&format!("/services/data/v66.0{path}")),
                encoded(soql)
            ))
            .bearer_auth(self.running.access_token().expose());
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn manifest(types: &[(&str, &str)]) -> String {
    let types: String = types
        .iter()
        .map(|(kind, member)| {
            format!("<types><members>{member}</members><name>{kind}</name></types>")
        })
        .collect();
    format!(
        "<Package xmlns=\"http://soap.sforce.com/2006/04/metadata\">{types}<version>66.0</version></Package>"
    )
}

const CREDENTIAL: &str = "<NamedCredential xmlns=\"http://soap.sforce.com/2006/04/metadata\"><label>L</label>\
    <endpoint>https://x.example/hook</endpoint><principalType>Anonymous</principalType>\
    <protocol>NoAuthentication</protocol></NamedCredential>";
const FIELD: &str = "<CustomObject xmlns=\"http://soap.sforce.com/2006/04/metadata\"><fields>\
    <fullName>From__c</fullName><label>From</label><length>255</length><type>Text</type></fields></CustomObject>";

fn single() -> Value {
    serde_json::json!({ "rollbackOnError": true, "singlePackage": true })
}

async fn deploy_all(org: &Org) -> Value {
    let manifest = manifest(&[("NamedCredential", "N"), ("CustomField", "Case.From__c")]);
    org.deploy(
        &[
            ("package.xml", manifest.as_str()),
            ("namedCredentials/N.namedCredential", CREDENTIAL),
            ("objects/Case.object", FIELD),
        ],
        single(),
    )
    .await
}

#[tokio::test]
async fn says_who_it_is() {
    let org = start(immediate()).await;
    let response = org
        .client
        .get(org.url("/services/data/"))
        .send()
        .await
        .unwrap();
    assert!(response.headers().get("sforce-limit-info").is_none());
    let versions: Value = response.json().await.unwrap();
    let shown: Vec<String> = versions
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            format!(
                "{} {}",
                one["version"].as_str().unwrap(),
                one["label"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "60.0 Spring '24",
            "61.0 Summer '24",
            "62.0 Winter '25",
            "63.0 Spring '25",
            "64.0 Summer '25",
            "65.0 Winter '26",
            "66.0 Spring '26"
        ]
    );
    let (status, me) = org.get("/services/oauth2/userinfo").await;
    assert_eq!((status, me["name"].as_str()), (200, Some("Local Admin")));
    let token = org.running.access_token().expose();
    assert_eq!(
        token.get(..15),
        me["organization_id"].as_str().unwrap().get(..15)
    );
}

#[tokio::test]
async fn refuses_as_the_platform_does() {
    let org = start(immediate()).await;
    let stranger = |path: &str| org.client.get(org.url(path)).bearer_auth("nope").send();
    let response = stranger("/services/data/v66.0/limits").await.unwrap();
    assert_eq!(response.status().as_u16(), 401);
    assert_eq!(
        response.text().await.unwrap(),
        r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#
    );
    let response = stranger("/services/oauth2/userinfo").await.unwrap();
    assert_eq!(
        (
            response.status().as_u16(),
            response.text().await.unwrap().as_str()
        ),
        (403, "Bad_OAuth_Token")
    );
    for path in [
        "/services/data/v99.0/limits",
        "/services/data/v66.0/nope",
        "//services/data/v66.0/x/",
    ] {
        let (status, body) = org.get(path).await;
        assert_eq!(
            (status, body[0]["errorCode"].as_str()),
            (404, Some("NOT_FOUND")),
            "{path}"
        );
    }
    let (status, fault) = org.soap("<nope/>").await;
    assert_eq!(
        (status, fault.text_of("faultcode")),
        (500, Some("soapenv:Client"))
    );
    let bad = org
        .client
        .post(org.url("/services/Soap/m/66.0/00D"))
        .body("<x/>")
        .send()
        .await
        .unwrap();
    assert_eq!(bad.status().as_u16(), 500);
}

#[tokio::test]
async fn deploys_and_says_what_changed() {
    let org = start(immediate()).await;
    let result = deploy_all(&org).await;
    assert_eq!(result["status"], "Succeeded", "{result}");
    let rows = result["details"]["componentSuccesses"]
        .as_array()
        .unwrap()
        .clone();
    let shown: Vec<(String, bool, bool)> = rows
        .iter()
        .map(|row| {
            (
                format!(
                    "{}:{}",
                    row["componentType"].as_str().unwrap(),
                    row["fullName"].as_str().unwrap()
                ),
                row["created"].as_bool().unwrap(),
                row["changed"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            (":package.xml".to_owned(), false, true),
            ("NamedCredential:N".to_owned(), true, true),
            ("CustomField:Case.From__c".to_owned(), true, true),
        ]
    );
    let again = deploy_all(&org).await;
    let row = &again["details"]["componentSuccesses"][1];
    assert_eq!(
        (&row["changed"], &row["id"]),
        (&Value::Bool(false), &rows[1]["id"])
    );
}

#[tokio::test]
async fn moves_through_the_states() {
    let org = start(Options::default()).await;
    let zip = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        super::super::deploy::zip_of(&[
            (
                "package.xml",
                manifest(&[("NamedCredential", "N")]).as_str(),
            ),
            ("namedCredentials/N.namedCredential", CREDENTIAL),
        ]),
    );
    let (_, queued) = org
        .soap(&format!(
            "<deploy><ZipFile>{zip}</ZipFile><DeployOptions><singlePackage>True</singlePackage>\
             <rollbackOnError>true</rollbackOnError></DeployOptions></deploy>"
        ))
        .await;
    let result = queued.child("result").unwrap();
    assert_eq!(result.text_of("state"), Some("Queued"));
    let id = result.text_of("id").unwrap().to_owned();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let (_, answer) = org
            .soap(&format!(
                "<checkDeployStatus><asyncProcessId>{id}</asyncProcessId></checkDeployStatus>"
            ))
            .await;
        let result = answer.child("result").unwrap().clone();
        seen.push((
            result.text_of("status").unwrap().to_owned(),
            result.text_of("numberComponentsTotal").unwrap().to_owned(),
        ));
    }
    let expected = [("Pending", "0"), ("InProgress", "1"), ("Succeeded", "1")];
    assert_eq!(
        seen,
        expected.map(|(status, total)| (status.to_owned(), total.to_owned()))
    );
    let (status, fault) = org
        .soap(&format!(
            "<cancelDeploy><String>{id}</String></cancelDeploy>"
        ))
        .await;
    assert_eq!(
        (status, fault.text_of("faultstring")),
        (500, Some("INVALID_ID_FIELD: Deployment already completed"))
    );
}

#[tokio::test]
async fn retrieves_once_and_names_what_is_missing() {
    let org = start(immediate()).await;
    deploy_all(&org).await;
    let (_, queued) = org
        .soap(
            "<retrieve><request><apiVersion>66.0</apiVersion><unpackaged><types><members>Case.Nope__c</members>\
             <members>Case.From__c</members><name>CustomField</name></types><version>66.0</version></unpackaged>\
             </request></retrieve>",
        )
        .await;
    let id = queued
        .child("result")
        .unwrap()
        .text_of("id")
        .unwrap()
        .to_owned();
    let check =
        format!("<checkRetrieveStatus><asyncProcessId>{id}</asyncProcessId></checkRetrieveStatus>");
    let (_, first) = org.soap(&check).await;
    let result = first.child("result").unwrap();
    assert_eq!(
        result
            .child("messages")
            .and_then(|message| message.text_of("problem")),
        Some("Entity of type 'CustomField' named 'Case.Nope__c' cannot be found")
    );
    let zip = base64::Engine::decode(
        &base64::engine::general_purpose::STANDARD,
        result.text_of("zipFile").unwrap(),
    )
    .unwrap();
    let files = super::super::archive::read(&zip).unwrap();
    assert_eq!(
        files.keys().collect::<Vec<_>>(),
        ["unpackaged/objects/Case.object", "unpackaged/package.xml"]
    );
    assert_eq!(
        String::from_utf8_lossy(&files["unpackaged/objects/Case.object"]),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <CustomObject xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <fields>\n        \
         <fullName>From__c</fullName>\n        <externalId>false</externalId>\n        <label>From</label>\n        \
         <length>255</length>\n        <required>false</required>\n        \
         <trackFeedHistory>false</trackFeedHistory>\n        <trackHistory>false</trackHistory>\n        \
         <trackTrending>false</trackTrending>\n        <type>Text</type>\n        <unique>false</unique>\n    \
         </fields>\n</CustomObject>\n"
    );
    let (_, second) = org.soap(&check).await;
    assert!(
        second
            .child("result")
            .unwrap()
            .child("zipFile")
            .unwrap()
            .nil
    );
}

#[tokio::test]
async fn answers_queries() {
    let org = start(Options {
        kind: OrgKind::Sandbox,
        ..immediate()
    })
    .await;
    deploy_all(&org).await;
    let (_, body) = org
        .query(
            "/query",
            "SELECT IsSandbox, OrganizationType FROM Organization",
        )
        .await;
    assert_eq!(
        (body["totalSize"].as_u64(), &body["records"][0]["IsSandbox"]),
        (Some(1), &Value::Bool(true))
    );
    let soql = "SELECT Endpoint, CalloutStatus, Metadata, LastModifiedBy.Name FROM NamedCredential WHERE DeveloperName = 'n'";
    let (_, body) = org.query("/tooling/query/", soql).await;
    let row = &body["records"][0];
    assert_eq!(row["Endpoint"], "https://x.example/hook");
    assert_eq!(row["CalloutStatus"], "Enabled");
    assert_eq!(row["Metadata"]["generateAuthorizationHeader"], true);
    assert_eq!(row["LastModifiedBy"]["Name"], "Local Admin");
    assert_eq!(body["entityTypeName"], "NamedCredential");
    let (status, body) = org.query("/query", "SELECT Nope FROM ApexClass").await;
    assert_eq!(
        (status, body[0]["errorCode"].as_str()),
        (400, Some("INVALID_FIELD"))
    );
    let (status, body) = org.query("/query", "SELECT Id FROM CustomField").await;
    assert_eq!(
        (status, body[0]["errorCode"].as_str()),
        (400, Some("INVALID_TYPE"))
    );
}

#[tokio::test]
async fn a_dropped_answer_leaves_the_deploy_in_the_org() {
    let org = start(Options {
        fault: Some(Fault::DropDeployResponse),
        ..immediate()
    })
    .await;
    let zip = super::super::deploy::zip_of(&[("package.xml", manifest(&[]).as_str())]);
    let form = reqwest::multipart::Form::new()
        .part(
            "json",
            reqwest::multipart::Part::text("{\"deployOptions\":{}}"),
        )
        .part("file", reqwest::multipart::Part::bytes(zip));
    let request = org
        .client
        .post(org.url("/services/data/v66.0/metadata/deployRequest"))
        .bearer_auth(org.running.access_token().expose())
        .multipart(form);
    assert!(request.send().await.is_err());
    let (_, body) = org
        .query(
            "/tooling/query",
            "SELECT Id, Status, CreatedBy.Name FROM DeployRequest",
        )
        .await;
    assert_eq!(body["size"], 1);
}

#[tokio::test]
async fn serves_this_machine_only_and_stops() {
    let folder = TempDir::new().unwrap();
    let org = EmulatedOrg::open(folder.path(), &immediate()).unwrap();
    let refused = Server::start(org, SocketAddr::from(([0, 0, 0, 0], 0))).await;
    assert!(matches!(refused, Err(Error::NotLoopback(_))));
    let org = start(immediate()).await;
    let url = org.url("/services/data");
    org.running.shutdown().await;
    assert!(org.client.get(url).send().await.is_err());
}

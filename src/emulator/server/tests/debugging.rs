//! Debug logs, single fields of a record, and conditions that consist of components.

use serde_json::json;

use super::super::super::condition::Condition;
use super::*;

impl Org {
    async fn text(&self, path: &str) -> (u16, String) {
        let request = self
            .client
            .get(self.url(path))
            .bearer_auth(self.running.access_token().expose());
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }
}

#[tokio::test]
async fn debug_logs_are_asked_for_read_and_deleted() {
    let org = start(immediate()).await;
    let (_, users) = org
        .get("/services/data/v66.0/query?q=SELECT+Id+FROM+User")
        .await;
    let user = &users["records"][0]["Id"];
    let level = json!({ "DeveloperName": "Trace", "MasterLabel": "Trace", "ApexCode": "FINEST" });
    let (status, level) = org
        .send(Method::POST, "/tooling/sobjects/DebugLevel", &level)
        .await;
    assert_eq!(status, 201, "{level}");
    let loud = json!({ "DeveloperName": "Loud", "MasterLabel": "Loud", "ApexCode": "LOUD" });
    let (_, refused) = org
        .send(Method::POST, "/tooling/sobjects/DebugLevel", &loud)
        .await;
    assert_eq!(
        refused[0]["message"],
        "Apex Code: bad value for restricted picklist field: LOUD"
    );

    let flag = |entity: &Value, kind: &str| json!({ "TracedEntityId": entity, "LogType": kind, "DebugLevelId": level["id"] });
    let flags = "/tooling/sobjects/TraceFlag";
    for (given, code, field) in [
        (
            flag(user, "NOPE"),
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "LogType",
        ),
        (
            flag(&json!("005000000000999"), "USER_DEBUG"),
            "INVALID_CROSS_REFERENCE_KEY",
            "TracedEntityId",
        ),
    ] {
        let (status, refused) = org.send(Method::POST, flags, &given).await;
        let found = (status, &refused[0]["errorCode"], &refused[0]["fields"][0]);
        assert_eq!(found, (400, &json!(code), &json!(field)));
    }
    let (status, made) = org
        .send(Method::POST, flags, &flag(user, "USER_DEBUG"))
        .await;
    assert_eq!(status, 201, "{made}");
    let (status, again) = org
        .send(Method::POST, flags, &flag(user, "DEVELOPER_LOG"))
        .await;
    let text = again[0]["message"].as_str().unwrap();
    assert!(
        status == 400 && text.starts_with("This entity is already being traced"),
        "{again}"
    );
    let place = format!("{flags}/{}", made["id"].as_str().unwrap());
    let longer = json!({ "ExpirationDate": "2100-01-01T00:00:00Z" });
    assert_eq!(org.send(Method::PATCH, &place, &longer).await.0, 400);

    org.get("/services/data/v66.0/tooling/executeAnonymous/?anonymousBody=System.debug(1)%3B")
        .await;
    let logs =
        "/services/data/v66.0/tooling/query?q=SELECT+Id,LogUserId,RequestIdentifier+FROM+ApexLog";
    let (_, found) = org.get(logs).await;
    assert_eq!(
        (&found["size"], &found["records"][0]["LogUserId"]),
        (&json!(1), user)
    );
    let log = found["records"][0]["Id"].as_str().unwrap();
    for api in ["tooling/sobjects", "sobjects"] {
        let (status, body) = org
            .text(&format!("/services/data/v66.0/{api}/ApexLog/{log}/Body"))
            .await;
        assert!(
            status == 200 && body.contains("|USER_DEBUG|[1]|DEBUG|1"),
            "{body}"
        );
    }
    let place = format!("/tooling/sobjects/ApexLog/{log}");
    assert_eq!(org.send(Method::DELETE, &place, &json!({})).await.0, 204);
    assert_eq!(org.send(Method::DELETE, &place, &json!({})).await.0, 404);
    assert_eq!(org.get(logs).await.1["size"], 0);

    let (_, described) = org
        .get("/services/data/v66.0/tooling/sobjects/TraceFlag/describe")
        .await;
    assert_eq!(described["keyPrefix"], "7tf");
    let fields = described["fields"].as_array().unwrap();
    let traced = fields
        .iter()
        .find(|field| field["name"] == "TracedEntityId")
        .unwrap();
    assert_eq!(
        (&traced["createable"], &traced["nillable"]),
        (&json!(true), &json!(false))
    );
}

#[tokio::test]
async fn what_the_platform_runs_by_itself_is_logged_for_its_own_user() {
    let org = start(immediate()).await;
    let ns = "xmlns=\"http://soap.sforce.com/2006/04/metadata\"";
    let object = format!(
        "<CustomObject {ns}><deploymentStatus>Deployed</deploymentStatus>\
         <eventType>HighVolume</eventType><label>E</label><pluralLabel>Es</pluralLabel>\
         <publishBehavior>PublishAfterCommit</publishBehavior></CustomObject>"
    );
    let meta = format!(
        "<ApexTrigger {ns}><apiVersion>66.0</apiVersion><status>Active</status></ApexTrigger>"
    );
    let trigger = "trigger T on E__e (after insert) { System.debug(UserInfo.getName()); }";
    let deployed = org
        .deploy(
            &[
                (
                    "package.xml",
                    &manifest(&[("CustomObject", "E__e"), ("ApexTrigger", "T")]),
                ),
                ("objects/E__e.object", &object),
                ("triggers/T.trigger", trigger),
                ("triggers/T.trigger-meta.xml", &meta),
            ],
            json!({ "singlePackage": true, "rollbackOnError": true }),
        )
        .await;
    assert_eq!(deployed["success"], true, "{deployed}");
    let soql = "SELECT Id, Alias, ProfileId FROM User WHERE UserType = 'AutomatedProcess'";
    let (_, found) = org.query("/query", soql).await;
    let user = &found["records"][0];
    assert_eq!(
        (&user["Alias"], &user["ProfileId"]),
        (&json!("autoproc"), &Value::Null)
    );
    let level = json!({ "DeveloperName": "Trace", "MasterLabel": "Trace", "ApexCode": "DEBUG" });
    let (_, level) = org
        .send(Method::POST, "/tooling/sobjects/DebugLevel", &level)
        .await;
    let flag = json!({ "TracedEntityId": user["Id"], "LogType": "USER_DEBUG", "DebugLevelId": level["id"] });
    let (status, made) = org
        .send(Method::POST, "/tooling/sobjects/TraceFlag", &flag)
        .await;
    assert_eq!(status, 201, "{made}");
    org.get("/services/data/v66.0/tooling/executeAnonymous/?anonymousBody=EventBus.publish(new+E__e())%3B")
        .await;
    let soql = "SELECT Id, LogUser.Name, Operation FROM ApexLog";
    let mut found = Value::Null;
    for _ in 0..1_000 {
        found = org.query("/query", soql).await.1;
        if found["totalSize"] != 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let log = &found["records"][0];
    let seen = (&found["totalSize"], &log["LogUser"]["Name"]);
    assert_eq!(seen, (&json!(1), &json!("Automated Process")), "{found}");
    let id = log["Id"].as_str().unwrap();
    let (_, body) = org
        .text(&format!("/services/data/v66.0/sobjects/ApexLog/{id}/Body"))
        .await;
    for part in [
        "|USER_INFO|[EXTERNAL]|0050000000000APAAY|autoproc@",
        "|USER_DEBUG|[1]|DEBUG|Automated Process",
    ] {
        assert!(body.contains(part), "{body}");
    }
}

#[tokio::test]
async fn a_record_comes_with_the_fields_that_are_asked_for() {
    let org = start(immediate()).await;
    let (_, made) = org
        .send(
            Method::POST,
            "/sobjects/Case",
            &json!({ "Subject": "one", "Status": "Closed" }),
        )
        .await;
    let place = format!(
        "/services/data/v66.0/sobjects/Case/{}",
        made["id"].as_str().unwrap()
    );
    let (status, found) = org.get(&format!("{place}?fields=Subject,Owner.Name")).await;
    assert_eq!(
        (status, &found["Subject"], &found["Owner"]["Name"]),
        (200, &json!("one"), &json!("Local Admin"))
    );
    assert_eq!((&found["Id"], found.get("Status")), (&made["id"], None));
    let (status, refused) = org.get(&format!("{place}?fields=Nope")).await;
    assert_eq!(
        (status, &refused[0]["errorCode"]),
        (400, &json!("INVALID_FIELD"))
    );
    let (_, whole) = org.get(&place).await;
    assert_eq!(whole["ClosedDate"], whole["CreatedDate"]);
    let open = json!({ "Status": "Working" });
    org.send(
        Method::PATCH,
        &format!("/sobjects/Case/{}", made["id"].as_str().unwrap()),
        &open,
    )
    .await;
    assert_eq!(org.get(&place).await.1["ClosedDate"], json!(null));
}

#[tokio::test]
async fn conditions_bring_their_components_and_take_them_away() {
    let org = start(immediate()).await;
    let mut state = EmulatedOrg::open(org.folder.path(), &immediate()).unwrap();
    let both = [
        Condition::ForeignCaseTrigger,
        Condition::RequiredCustomField,
    ];
    state.set_conditions(&both).unwrap();
    let triggers =
        "/services/data/v66.0/tooling/query?q=SELECT+Name,CreatedBy.Name+FROM+ApexTrigger";
    let (_, found) = org.get(triggers).await;
    assert_eq!(found["records"][0]["Name"], "CaseTrigger");
    assert_eq!(found["records"][0]["CreatedBy"]["Name"], "Dana Admin");
    let (status, refused) = org
        .send(Method::POST, "/sobjects/Case", &json!({ "Subject": "one" }))
        .await;
    assert_eq!(status, 400);
    assert_eq!(
        refused[0]["message"],
        "Required fields are missing: [Region__c]"
    );
    let with = json!({ "Subject": "one", "Region__c": "EMEA" });
    assert_eq!(org.send(Method::POST, "/sobjects/Case", &with).await.0, 201);
    state.set_conditions(&[]).unwrap();
    assert_eq!(org.get(triggers).await.1["size"], 0);
    assert_eq!(
        org.send(Method::POST, "/sobjects/Case", &json!({})).await.0,
        201
    );
}

#[tokio::test]
async fn a_lookup_leads_to_a_record_that_is_there() {
    let org = start(immediate()).await;
    let cases = "/sobjects/Case";
    let nobody = json!({ "ContactId": "003000000000999AAA" });
    let (status, refused) = org.send(Method::POST, cases, &nobody).await;
    assert_eq!(
        (status, &refused[0]["errorCode"], &refused[0]["fields"]),
        (
            400,
            &json!("INVALID_CROSS_REFERENCE_KEY"),
            &json!(["ContactId"])
        )
    );
    let contact = json!({ "LastName": "L" });
    let (_, contact) = org.send(Method::POST, "/sobjects/Contact", &contact).await;
    // 15 characters are enough.
    let id = contact["id"].as_str().unwrap();
    let case = json!({ "ContactId": &id[..15] });
    let (status, made) = org.send(Method::POST, cases, &case).await;
    assert_eq!(status, 201, "{made}");
    org.send(
        Method::DELETE,
        &format!("/sobjects/Contact/{id}"),
        &json!({}),
    )
    .await;
    let (status, refused) = org.send(Method::POST, cases, &case).await;
    assert_eq!(
        (status, &refused[0]["errorCode"]),
        (400, &json!("ENTITY_IS_DELETED"))
    );
}

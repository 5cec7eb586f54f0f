//! Records, composite calls, long results and conditions over HTTP.

use serde_json::json;

use super::super::super::condition::Condition;
use super::*;

impl Org {
    pub async fn send(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let request = self
            .client
            .request(method, self.url(&format!("/services/data/v66.0{path}")))
            .bearer_auth(self.running.access_token().expose())
            .json(body);
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or_default())
    }
}

#[tokio::test]
async fn a_record_is_made_changed_and_deleted() {
    let org = start(immediate()).await;
    let (status, body) = org
        .send(
            Method::POST,
            "/sobjects/Contact",
            &json!({ "LastName": "Lovelace" }),
        )
        .await;
    assert_eq!(
        (status, &body["success"], &body["errors"]),
        (201, &json!(true), &json!([]))
    );
    let place = format!("/sobjects/Contact/{}", body["id"].as_str().unwrap());
    let change = json!({ "FirstName": "Ada" });
    assert_eq!(
        org.send(Method::PATCH, &place, &change).await,
        (204, Value::Null)
    );
    let (status, record) = org.get(&format!("/services/data/v66.0{place}")).await;
    assert_eq!((status, &record["Name"]), (200, &json!("Ada Lovelace")));
    assert_eq!(org.send(Method::DELETE, &place, &Value::Null).await.0, 204);
    let (status, gone) = org.send(Method::DELETE, &place, &Value::Null).await;
    assert_eq!(status, 404);
    assert_eq!(
        gone,
        json!([{ "message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED" }])
    );
    let (status, wrong) = org
        .send(Method::POST, "/sobjects/Contact", &json!({}))
        .await;
    assert_eq!(status, 400);
    assert_eq!(
        wrong,
        json!([{
            "message": "Required fields are missing: [LastName]",
            "errorCode": "REQUIRED_FIELD_MISSING",
            "fields": ["LastName"],
        }])
    );
    let (status, unknown) = org
        .send(
            Method::PATCH,
            "/sobjects/Contact/003000000000999AAA",
            &change,
        )
        .await;
    assert_eq!(
        (status, &unknown[0]["errorCode"]),
        (404, &json!("NOT_FOUND"))
    );
}

#[tokio::test]
async fn a_composite_call_uses_its_own_answers_or_is_taken_back() {
    let org = start(immediate()).await;
    let call = |last_name: Value, all_or_none: bool| {
        json!({ "allOrNone": all_or_none, "compositeRequest": [
            { "method": "POST", "url": "/services/data/v66.0/sobjects/Case", "referenceId": "case",
              "body": { "Subject": "One" } },
            { "method": "POST", "url": "/services/data/v66.0/sobjects/EmailMessage", "referenceId": "mail",
              "body": { "ParentId": "@{case.id}", "Status": "0" } },
            { "method": "POST", "url": "/services/data/v66.0/sobjects/Contact", "referenceId": "contact",
              "body": { "LastName": last_name } },
        ] })
    };
    let (status, body) = org
        .send(Method::POST, "/composite", &call(json!("L"), true))
        .await;
    assert_eq!(status, 200);
    let statuses = |body: &Value| -> Vec<Value> {
        let parts = body["compositeResponse"].as_array().unwrap();
        parts
            .iter()
            .map(|part| part["httpStatusCode"].clone())
            .collect()
    };
    assert_eq!(statuses(&body), [201, 201, 201], "{body}");
    let count = "/services/data/v66.0/query?q=SELECT+COUNT()+FROM+Case";
    assert_eq!(org.get(count).await.1["totalSize"], 1);
    let (_, body) = org
        .send(Method::POST, "/composite", &call(Value::Null, true))
        .await;
    assert_eq!(statuses(&body), [400, 400, 400]);
    let parts = &body["compositeResponse"];
    assert_eq!(parts[0]["body"][0]["errorCode"], "PROCESSING_HALTED");
    assert_eq!(parts[2]["body"][0]["errorCode"], "REQUIRED_FIELD_MISSING");
    assert_eq!(org.get(count).await.1["totalSize"], 1);
    let (_, body) = org
        .send(Method::POST, "/composite", &call(Value::Null, false))
        .await;
    assert_eq!(statuses(&body), [201, 201, 400]);
    assert_eq!(org.get(count).await.1["totalSize"], 2);
    let batch = json!({ "batchRequests": [
        { "method": "GET", "url": "v66.0/query?q=SELECT+COUNT()+FROM+Case" },
        { "method": "GET", "url": "v66.0/sobjects/Nope" },
    ] });
    let (_, body) = org.send(Method::POST, "/composite/batch", &batch).await;
    assert_eq!(body["hasErrors"], true);
    assert_eq!(body["results"][0]["result"]["totalSize"], 2);
    assert_eq!(body["results"][1]["statusCode"], 404);
}

#[tokio::test]
async fn a_long_result_comes_in_parts() {
    let org = start(immediate()).await;
    for _ in 0..2 {
        let records: Vec<Value> = (0..150)
            .map(|_| json!({ "attributes": { "type": "Contact" }, "LastName": "L" }))
            .collect();
        let body = json!({ "allOrNone": true, "records": records });
        let (status, saved) = org.send(Method::POST, "/composite/sobjects", &body).await;
        assert_eq!((status, &saved[149]["success"]), (200, &json!(true)));
    }
    let request = org
        .client
        .get(org.url("/services/data/v66.0/query/?q=SELECT+Id+FROM+Contact"))
        .header("Sforce-Query-Options", "batchSize=200")
        .bearer_auth(org.running.access_token().expose());
    let first: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(
        (&first["totalSize"], &first["done"]),
        (&json!(300), &json!(false))
    );
    assert_eq!(first["records"].as_array().unwrap().len(), 200);
    let next = first["nextRecordsUrl"].as_str().unwrap();
    assert!(
        next.starts_with("/services/data/v66.0/query/01g") && next.ends_with("-200"),
        "{next}"
    );
    let (_, rest) = org.get(next).await;
    assert_eq!(
        (&rest["done"], rest["records"].as_array().unwrap().len()),
        (&json!(true), 100)
    );
    let (status, wrong) = org
        .get("/services/data/v66.0/query/01g000000000999AAA-200")
        .await;
    assert_eq!(
        (status, &wrong[0]["errorCode"]),
        (400, &json!("INVALID_QUERY_LOCATOR"))
    );
}

#[tokio::test]
async fn conditions_are_met_by_every_request() {
    let folder = TempDir::new().unwrap();
    let mut state = EmulatedOrg::open(folder.path(), &immediate()).unwrap();
    let running = Server::start(state.clone(), SocketAddr::from(([127, 0, 0, 1], 0)))
        .await
        .unwrap();
    let org = Org {
        running,
        client: Client::new(),
        folder,
    };
    state
        .set_conditions(&[Condition::ApiLimitUsedUp, Condition::MailLimitUsedUp])
        .unwrap();
    let (status, body) = org
        .get("/services/data/v66.0/query?q=SELECT+Id+FROM+User")
        .await;
    assert_eq!(status, 403);
    assert_eq!(
        body,
        json!([{ "message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED" }])
    );
    let (status, limits) = org.get("/services/data/v66.0/limits").await;
    assert_eq!(status, 200);
    assert_eq!(limits["DailyApiRequests"]["Remaining"], 0);
    assert_eq!(limits["SingleEmail"]["Remaining"], 0);
    state
        .set_conditions(&[Condition::NoMetadataPermission])
        .unwrap();
    let (status, fault) = org.soap("<describeMetadata/>").await;
    assert_eq!(status, 500);
    assert_eq!(fault.text_of("faultcode"), Some("sf:INSUFFICIENT_ACCESS"));
    state.set_conditions(&[Condition::EmailToCaseOff]).unwrap();
    let (_, body) = org
        .get("/services/data/v66.0/query?q=SELECT+Id+FROM+EmailMessage")
        .await;
    assert_eq!(body[0]["errorCode"], "INVALID_TYPE");
    assert_eq!(
        org.get("/services/data/v66.0/sobjects/EmailMessage/describe")
            .await
            .0,
        404
    );
    state.set_conditions(&[]).unwrap();
    assert_eq!(
        org.get("/services/data/v66.0/sobjects/EmailMessage/describe")
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn tests_are_run_over_the_tooling_api() {
    let org = start(immediate()).await;
    let none = json!({ "tests": [{ "className": "Nope" }] });
    let (status, body) = org
        .send(Method::POST, "/tooling/runTestsSynchronous", &none)
        .await;
    assert_eq!(
        (status, &body[0]["errorCode"]),
        (400, &json!("INVALID_INPUT"))
    );
    let all = json!({ "testLevel": "RunLocalTests" });
    let (status, body) = org
        .send(Method::POST, "/tooling/runTestsAsynchronous", &all)
        .await;
    assert_eq!((status, body.as_str().map(str::len)), (200, Some(15)));
    let (_, body) = org
        .get("/services/data/v66.0/tooling/executeAnonymous/?anonymousBody=Integer+i+%3D+1%3B")
        .await;
    assert_eq!(
        (&body["compiled"], &body["success"], &body["line"]),
        (&json!(true), &json!(true), &json!(-1))
    );
}

#[tokio::test]
async fn an_external_id_finds_its_record_or_makes_it() {
    let org = start(immediate()).await;
    let field = "<CustomObject xmlns=\"http://soap.sforce.com/2006/04/metadata\"><fields>\
        <fullName>Ticket__c</fullName><externalId>true</externalId><label>Ticket</label>\
        <length>20</length><type>Text</type></fields></CustomObject>";
    let package = manifest(&[("CustomField", "Case.Ticket__c")]);
    let deployed = org
        .deploy(
            &[("package.xml", &package), ("objects/Case.object", field)],
            json!({ "singlePackage": true, "rollbackOnError": true }),
        )
        .await;
    assert_eq!(deployed["success"], true, "{deployed}");
    let place = "/sobjects/Case/Ticket__c/T%2D1";
    let (status, made) = org
        .send(Method::PATCH, place, &json!({ "Subject": "one" }))
        .await;
    assert_eq!((status, &made["created"]), (201, &json!(true)));
    let (status, changed) = org
        .send(Method::PATCH, place, &json!({ "Subject": "two" }))
        .await;
    assert_eq!(
        (status, &changed["created"], &changed["id"]),
        (200, &json!(false), &made["id"])
    );
    let (_, found) = org.get(&format!("/services/data/v66.0{place}")).await;
    assert_eq!(
        (&found["Subject"], &found["Ticket__c"]),
        (&json!("two"), &json!("T-1"))
    );
    let twice = json!({ "Ticket__c": "T-1" });
    let (status, wrong) = org.send(Method::PATCH, place, &twice).await;
    assert_eq!(
        (status, &wrong[0]["errorCode"]),
        (400, &json!("INVALID_FIELD"))
    );
    org.send(Method::POST, "/sobjects/Case", &twice).await;
    assert_eq!(org.send(Method::PATCH, place, &json!({})).await.0, 300);
    let unknown = "/sobjects/Case/Subject/two";
    assert_eq!(org.send(Method::PATCH, unknown, &json!({})).await.0, 404);
}

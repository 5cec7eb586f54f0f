//! Apex at work in a served org: triggers, jobs, callouts, mail, and the page that shows them.

use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::super::super::condition::Condition;
use super::*;

const TRIGGER: &str = "trigger Announce on Case(after insert) {
    for (Case row : Trigger.new) {
        System.enqueueJob(new Announcer(new List<Id>{ row.Id }));
    }
}";

const CLASS: &str = "public class Announcer implements Queueable, Database.AllowsCallouts {
    private final List<Id> ids;
    public Announcer(List<Id> ids) {
        this.ids = ids;
    }
    public void execute(QueueableContext context) {
        HttpRequest request = new HttpRequest();
        request.setEndpoint('callout:Hook');
        request.setMethod('POST');
        request.setBody(JSON.serialize(ids));
        Integer status = new Http().send(request).getStatusCode();
        System.debug('answered ' + status);
        Messaging.SingleEmailMessage mail = new Messaging.SingleEmailMessage();
        mail.setToAddresses(new List<String>{ 'customer@example.com' });
        mail.setSubject('We have it');
        mail.setPlainTextBody('Thanks');
        Messaging.SendEmailResult result = Messaging.sendEmail(new List<Messaging.SingleEmailMessage>{ mail }, false)[0];
        update new Case(Id = ids[0], Status = result.isSuccess() ? 'Working' : 'Escalated');
    }
}";

const META: &str = "<ApexClass xmlns=\"http://soap.sforce.com/2006/04/metadata\">\
    <apiVersion>66.0</apiVersion><status>Active</status></ApexClass>";

async fn deploy(org: &Org, hook: &str) {
    let credential = CREDENTIAL.replace("https://x.example/hook", hook);
    let package = manifest(&[
        ("ApexClass", "Announcer"),
        ("ApexTrigger", "Announce"),
        ("NamedCredential", "Hook"),
    ]);
    let deployed = org
        .deploy(
            &[
                ("package.xml", &package),
                ("classes/Announcer.cls", CLASS),
                ("classes/Announcer.cls-meta.xml", META),
                ("triggers/Announce.trigger", TRIGGER),
                (
                    "triggers/Announce.trigger-meta.xml",
                    &META.replace("ApexClass", "ApexTrigger"),
                ),
                ("namedCredentials/Hook.namedCredential", &credential),
            ],
            json!({ "singlePackage": true, "rollbackOnError": true }),
        )
        .await;
    assert_eq!(deployed["success"], true, "{deployed}");
}

/// The row of the only job, once it ended.
async fn ended(org: &Org) -> Value {
    let soql = "SELECT Status, ExtendedStatus, ApexClass.Name FROM AsyncApexJob";
    for _ in 0..1_000 {
        let (status, found) = org.query("/query", soql).await;
        assert_eq!(status, 200, "{found}");
        let row = found["records"][0].clone();
        if matches!(row["Status"].as_str(), Some("Completed" | "Failed")) {
            assert_eq!(found["totalSize"], 1, "{found}");
            return row;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the job never ended");
}

async fn page(org: &Org) -> String {
    let response = org.client.get(org.url("/")).send().await.unwrap();
    response.text().await.unwrap().replace("&#39;", "'")
}

/// A receiver that asks the org about the Case before it answers, as OpenCX may.
async fn receiver(org: &Org) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let got = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&got);
    let (client, token) = (
        org.client.clone(),
        org.running.access_token().expose().to_owned(),
    );
    let sobjects = org.url("/services/data/v66.0/sobjects");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = String::new();
            while !request.ends_with(']') {
                let mut part = [0; 4096];
                let count = stream.read(&mut part).await.unwrap();
                request.push_str(&String::from_utf8_lossy(&part[..count]));
            }
            let comment = json!({
                "ParentId": request.split('"').nth(1).unwrap(),
                "CommentBody": "seen by the receiver",
            });
            let made = client
                .post(format!("{sobjects}/CaseComment"))
                .bearer_auth(&token)
                .json(&comment)
                .send()
                .await
                .unwrap();
            assert_eq!(made.status().as_u16(), 201);
            seen.lock().unwrap().push(request);
            let answer = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            stream.write_all(answer).await.unwrap();
        }
    });
    (url, got)
}

#[tokio::test]
async fn a_case_written_over_rest_reaches_the_webhook_and_the_page() {
    let org = start(immediate()).await;
    let (url, got) = receiver(&org).await;
    deploy(&org, &url).await;
    let case = json!({ "Subject": "Where is it?", "SuppliedEmail": "a@b.example" });
    let (status, made) = org.send(Method::POST, "/sobjects/Case", &case).await;
    assert_eq!(status, 201);
    let job = ended(&org).await;
    assert_eq!(
        (&job["Status"], &job["ApexClass"]["Name"]),
        (&json!("Completed"), &json!("Announcer")),
        "{job}"
    );
    // Once, although the transaction had to wait for its answer.
    let requests = got.lock().unwrap().clone();
    assert_eq!(requests.len(), 1);
    assert!(requests[0].contains(made["id"].as_str().unwrap()));
    let (_, found) = org.query("/query", "SELECT Status FROM Case").await;
    assert_eq!(found["records"][0]["Status"], "Working");
    // What the receiver wrote while the job waited is not lost.
    let (_, found) = org
        .query("/query", "SELECT CommentBody FROM CaseComment")
        .await;
    assert_eq!(found["totalSize"], 1);
    let page = page(&org).await;
    for part in [
        "Case 00001001: Where is it?",
        "seen by the receiver",
        "<dd>customer@example.com</dd>",
        "<strong class=\"good\">202</strong>",
        "<td>Announcer</td><td><span class=\"good\">Completed</span>",
        "answered 202",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    let (_, limits) = org.get("/services/data/v66.0/limits").await;
    assert_eq!(limits["SingleEmail"], json!({ "Max": 50, "Remaining": 49 }));
}

#[tokio::test]
async fn a_callout_to_elsewhere_is_not_sent_and_says_so() {
    let org = start(immediate()).await;
    deploy(&org, "https://opencx.example/hook/secret-token").await;
    let code = "insert new Case(Subject = 'x');";
    let (_, ran) = org
        .get(&format!(
            "/services/data/v66.0/tooling/executeAnonymous?anonymousBody={}",
            encoded(code)
        ))
        .await;
    assert_eq!(ran["success"], true);
    let job = ended(&org).await;
    assert_eq!(job["Status"], "Failed");
    let detail = job["ExtendedStatus"].as_str().unwrap();
    assert!(
        detail.starts_with("System.CalloutException: not sent: the local org sends nothing"),
        "{detail}"
    );
    let page = page(&org).await;
    assert!(
        page.contains("POST Hook → <strong class=\"bad\">not sent:"),
        "{page}"
    );
    assert!(!page.contains("secret-token"));
}

#[tokio::test]
async fn mail_stays_when_deliverability_is_off() {
    let org = start(immediate()).await;
    let mut state = EmulatedOrg::open(org.folder.path(), &immediate()).unwrap();
    state
        .set_conditions(&[Condition::DeliverabilityOff])
        .unwrap();
    let (url, _) = receiver(&org).await;
    deploy(&org, &url).await;
    org.send(Method::POST, "/sobjects/Case", &json!({ "Subject": "x" }))
        .await;
    assert_eq!(ended(&org).await["Status"], "Completed");
    let (_, found) = org.query("/query", "SELECT Status FROM Case").await;
    assert_eq!(found["records"][0]["Status"], "Escalated");
    assert!(!page(&org).await.contains("Mail that left"));
}

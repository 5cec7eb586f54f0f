//! An org at work, on a small program of its own.

mod callout_time;
mod flex_queue;

use std::sync::{Arc, Mutex};

use serde_json::json;

use super::super::value::Value;
use super::*;
use crate::emulator::record::Fields;
use crate::emulator::runtime::Schema;
use crate::metadata::{ComponentId, MetadataType};

const TRIGGER: &str = "trigger T on Case(after insert) {
    for (Case row : Trigger.new) {
        if (row.Subject == 'bad') {
            row.addError('no');
        }
    }
    System.enqueueJob(new Job(1), 1);
}";

const JOB: &str = "public class Job implements Queueable, Database.AllowsCallouts {
    public static Integer runs = 0;
    private Integer attempt;
    public Job(Integer attempt) {
        this.attempt = attempt;
    }
    public void execute(QueueableContext context) {
        System.attachFinalizer(new Last());
        runs++;
        System.debug(LoggingLevel.ERROR, 'run ' + runs + ' attempt ' + attempt);
        HttpRequest request = new HttpRequest();
        request.setEndpoint('callout:Hook');
        request.setMethod('POST');
        request.setBody('{}');
        Integer status = new Http().send(request).getStatusCode();
        if (status == 500) {
            System.enqueueJob(new Job(attempt + 1), 5);
        } else if (status != 200) {
            throw new CalloutException('status ' + status);
        } else {
            Messaging.SingleEmailMessage mail = new Messaging.SingleEmailMessage();
            mail.setToAddresses(new List<String>{ 'a@b.example' });
            mail.setSubject('s');
            mail.setPlainTextBody('t');
            Messaging.sendEmail(new List<Messaging.SingleEmailMessage>{ mail });
        }
    }
    public class Last implements Finalizer {
        public void execute(FinalizerContext context) {
            System.debug(context.getResult().name());
        }
    }
}";

#[derive(Clone)]
struct Answers(Arc<Mutex<Vec<u16>>>);

impl Transport for Answers {
    fn send(&mut self, _: &HttpCall) -> Result<HttpReply, String> {
        let status = self.0.lock().unwrap().pop().ok_or("nobody answers")?;
        Ok(HttpReply {
            status,
            headers: Vec::new(),
            body: String::new(),
            milliseconds: 0,
        })
    }
}

fn program() -> Program {
    let source = |kind, name: &str, text: &str| (ComponentId::new(kind, name), text.to_owned());
    let sources = [
        source(MetadataType::ApexTrigger, "T", TRIGGER),
        source(MetadataType::ApexClass, "Job", JOB),
    ];
    Program::compile(&sources, &Schema::standard()).unwrap()
}

// The last answer comes first.
fn play<T: Send>(answers: &[u16], work: impl FnOnce(&mut LiveOrg<'_>) -> T + Send) -> T {
    let settings = Settings {
        org: OrgData::default(),
        transport: Box::new(Answers(Arc::new(Mutex::new(answers.to_vec())))),
        deliverable: true,
        mail_capacity: 1,
        chain_limit: Some(5),
    };
    program().live(settings, work).unwrap()
}

fn user() -> User {
    User {
        id: "005000000000009AAA".to_owned(),
        name: "Ada".to_owned(),
        email: "ada@acme.example".to_owned(),
        permissions: BTreeSet::new(),
    }
}

fn case(subject: &str) -> Fields {
    [("Subject".to_owned(), json!(subject))].into()
}

fn lines(org: &LiveOrg<'_>) -> Vec<String> {
    org.log().iter().map(|line| line.text.clone()).collect()
}

#[test]
fn jobs_wait_until_they_are_due_and_start_with_fresh_statics() {
    play(&[200, 500], |org| {
        org.insert(&user(), "Case", &[case("x")]).unwrap();
        org.pass(0).unwrap();
        assert_eq!(lines(org), Vec::<String>::new());
        org.pass(1).unwrap();
        assert_eq!(lines(org), ["run 1 attempt 1", "SUCCESS"]);
        org.pass(4).unwrap();
        assert_eq!(org.jobs()[1].status, JobStatus::Queued);
        org.pass(1).unwrap();
        assert_eq!(lines(org)[2..], ["run 1 attempt 2", "SUCCESS"]);
        assert_eq!(org.mails().len(), 1);
        assert_eq!(org.mails()[0].from, "ada@acme.example");
        assert_eq!(org.mails()[0].reply_to, "ada@acme.example");
    });
}

#[test]
fn a_job_that_dies_is_failed_and_its_finalizer_runs() {
    play(&[404], |org| {
        org.insert(&user(), "Case", &[case("x")]).unwrap();
        org.pass(1).unwrap();
        let job = &org.jobs()[0];
        assert_eq!(job.status, JobStatus::Failed);
        assert_eq!(
            job.detail.as_deref(),
            Some("System.CalloutException: status 404")
        );
        assert_eq!(lines(org)[1], "UNHANDLED_EXCEPTION");
    });
}

#[test]
fn a_chain_ends_where_developer_edition_ends_it() {
    play(&[500; 9], |org| {
        org.insert(&user(), "Case", &[case("x")]).unwrap();
        org.pass(60).unwrap();
        assert_eq!(org.jobs().len(), 5);
        assert_eq!(
            org.jobs()[4].detail.as_deref(),
            Some("System.AsyncException: Maximum stack depth has been reached.")
        );
    });
}

#[test]
fn mail_beyond_the_limit_of_the_day_does_not_leave() {
    play(&[200, 200], |org| {
        org.insert(&user(), "Case", &[case("x")]).unwrap();
        org.insert(&user(), "Case", &[case("y")]).unwrap();
        org.pass(1).unwrap();
        assert_eq!(org.mails().len(), 1);
        let detail = org.jobs()[1].detail.clone().unwrap();
        assert!(detail.contains("SINGLE_EMAIL_LIMIT_EXCEEDED"), "{detail}");
    });
}

#[test]
fn rows_are_saved_one_by_one_as_the_api_does() {
    play(&[], |org| {
        let results = org
            .insert(&user(), "Case", &[case("x"), case("bad")])
            .unwrap();
        assert!(results[0].is_ok());
        assert_eq!(
            results[1],
            Err("FIELD_CUSTOM_VALIDATION_EXCEPTION: no".to_owned())
        );
        // The first run of the trigger was rolled back, and its job with it.
        assert_eq!(org.jobs().len(), 1);
        let results = org.insert(&user(), "Case", &[[("Nope".to_owned(), json!(1))].into()]);
        assert_eq!(
            results.unwrap(),
            [Err(
                "INVALID_FIELD: No such column 'Nope' on sobject of type Case".to_owned()
            )]
        );
        assert_eq!(org.records("Case").len(), 1);
        assert_eq!(org.records("Case")[0]["Subject"], "x");
    });
}

#[test]
fn a_platform_event_is_delivered_after_its_transaction() {
    let source = |kind, name: &str, text: &str| (ComponentId::new(kind, name), text.to_owned());
    let sources = [
        source(
            MetadataType::ApexTrigger,
            "T",
            "trigger T on Case(after insert) {
                EventBus.publish(new E__e());
                for (Case row : Trigger.new) {
                    if (row.Subject == 'bad') {
                        row.addError('no');
                    }
                }
            }",
        ),
        source(
            MetadataType::ApexTrigger,
            "OnEvent",
            "trigger OnEvent on E__e(after insert) {
                System.debug(UserInfo.getName() + ' ' + Trigger.new.size());
                if (EventBus.TriggerContext.currentContext().retries < 2) {
                    throw new EventBus.RetryableException('again');
                }
            }",
        ),
    ];
    let event = ComponentId::new(MetadataType::CustomObject, "E__e");
    let schema = Schema::with_components([(event, "<CustomObject/>")]);
    let program = Program::compile(&sources, &schema).unwrap();
    let settings = |org| Settings {
        org,
        transport: Box::new(Answers(Arc::default())),
        deliverable: true,
        mail_capacity: 1,
        chain_limit: None,
    };
    let seen = program.live(settings(OrgData::default()), |org| {
        org.insert(&user(), "Case", &[case("bad")]).unwrap();
        org.pass(0).unwrap();
        assert_eq!(lines(org), Vec::<String>::new());
        org.insert(&user(), "Case", &[case("x")]).unwrap();
        org.pass(0).unwrap();
        lines(org)
    });
    assert_eq!(seen.unwrap(), ["Automated Process 1"; 3]);

    let set = User {
        name: "Eve".to_owned(),
        ..user()
    };
    let org = OrgData {
        event_users: [("onevent".to_owned(), set)].into(),
        ..OrgData::default()
    };
    let seen = program.live(settings(org), |org| {
        org.insert(&user(), "Case", &[case("x")]).unwrap();
        org.pass(0).unwrap();
        lines(org)
    });
    assert_eq!(seen.unwrap(), ["Eve 1"; 3]);
}

const NIGHT: &str =
    "public class Night implements Database.Batchable<SObject>, Database.Stateful, Schedulable {
    private Integer seen = 0;
    public void execute(SchedulableContext context) {
        Database.executeBatch(this, 2);
    }
    public Database.QueryLocator start(Database.BatchableContext context) {
        return Database.getQueryLocator([SELECT Id, Subject FROM Case ORDER BY Subject]);
    }
    public void execute(Database.BatchableContext context, List<Case> scope) {
        seen += scope.size();
        for (Case one : scope) {
            one.Description = 'seen';
        }
        update scope;
        if (scope[0].Subject == 'c') {
            throw new IllegalArgumentException('no c');
        }
    }
    public void finish(Database.BatchableContext context) {
        System.debug(seen);
    }
}";

#[test]
fn a_scheduled_batch_runs_every_night_in_parts() {
    let source = |kind, name: &str, text: &str| (ComponentId::new(kind, name), text.to_owned());
    let sources = [source(MetadataType::ApexClass, "Night", NIGHT)];
    let program = Program::compile(&sources, &Schema::standard()).unwrap();
    assert_eq!(program.gaps(), []);
    let settings = Settings {
        org: OrgData {
            now: "2026-03-04T21:00:00Z".parse().unwrap(),
            ..OrgData::default()
        },
        transport: Box::new(Answers(Arc::default())),
        deliverable: true,
        mail_capacity: 1,
        chain_limit: None,
    };
    let played = program.live(settings, |org| {
        for subject in ["a", "b", "c"] {
            org.insert(&user(), "Case", &[case(subject)]).unwrap()[0]
                .as_ref()
                .unwrap();
        }
        let night = org.world.top["night"];
        org.of_user(&user(), "Test", |machine| {
            let job = machine.construct(night, None, Vec::new())?;
            let schedule = [Value::text("n"), Value::text("0 0 22 * * ?"), job];
            let system = machine.world.platform_class("system.system").unwrap();
            let method = machine.world.methods_named(system, "schedule")[0];
            machine.run_method(method, Value::Null, schedule.to_vec())
        })
        .unwrap()
        .unwrap();
        org.pass(59).unwrap();
        let before = org.jobs().len();
        org.pass(2).unwrap();
        let seen = org
            .records("Case")
            .iter()
            .map(|row| row.get("Description")?.as_str().map(str::to_owned))
            .collect::<Vec<_>>();
        let jobs = org.records("AsyncApexJob");
        let batch = jobs.iter().find(|row| row["JobType"] == "BatchApex");
        let batch = batch.cloned().unwrap();
        let cron = org.records("CronTrigger").remove(0);
        org.pass(24 * 60).unwrap();
        let runs = org.jobs().len();
        (before, seen, batch, cron, runs, lines(org))
    });
    let (before, seen, batch, cron, runs, lines) = played.unwrap();
    assert_eq!(before, 1);
    let done = Some("seen".to_owned());
    assert_eq!(seen, [done.clone(), done, None]);
    assert_eq!(batch["Status"], "Completed");
    assert_eq!(batch["TotalJobItems"], 2);
    assert_eq!(batch["JobItemsProcessed"], 2);
    assert_eq!(batch["NumberOfErrors"], 1);
    assert_eq!(
        batch["ExtendedStatus"],
        "First error: System.IllegalArgumentException: no c"
    );
    assert_eq!(cron["TimesTriggered"], 1);
    assert_eq!(cron["NextFireTime"], "2026-03-05T22:00:00.000Z");
    assert_eq!(runs, 3, "the schedule and two batches");
    // What the failed part counted is not in the state of the batch.
    assert_eq!(lines, ["2", "2"]);
}

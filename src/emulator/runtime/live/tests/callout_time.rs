//! How long the callouts of a transaction may take together.

use std::sync::{Arc, Mutex};

use super::*;

const CALLER: &str = "trigger T on Case(after insert) {
    System.enqueueJob(new Job());
}";

const JOB: &str = "public class Job implements Queueable, Database.AllowsCallouts {
    public void execute(QueueableContext context) {
        for (Integer index = 0; index < 4; index++) {
            HttpRequest request = new HttpRequest();
            request.setEndpoint('callout:Hook');
            request.setMethod('POST');
            request.setTimeout(50000);
            try {
                new Http().send(request);
            } catch (CalloutException problem) {
                System.debug(LoggingLevel.ERROR, problem.getMessage());
            }
        }
    }
}";

/// Nobody answers in time; what the waiting was limited to.
struct Silent(Arc<Mutex<Vec<u64>>>);

impl Transport for Silent {
    fn send(&mut self, call: &HttpCall) -> Result<HttpReply, String> {
        self.0.lock().unwrap().push(call.timeout_milliseconds);
        Err(TIMED_OUT.to_owned())
    }
}

#[test]
fn all_callouts_of_a_transaction_share_two_minutes() {
    let source = |kind, name: &str, text: &str| (ComponentId::new(kind, name), text.to_owned());
    let sources = [
        source(MetadataType::ApexTrigger, "T", CALLER),
        source(MetadataType::ApexClass, "Job", JOB),
    ];
    let waited = Arc::new(Mutex::new(Vec::new()));
    let settings = Settings {
        org: OrgData::default(),
        transport: Box::new(Silent(Arc::clone(&waited))),
        deliverable: true,
        mail_capacity: 1,
        chain_limit: None,
    };
    let program = Program::compile(&sources, &Schema::standard()).unwrap();
    let said = program.live(settings, |org| {
        org.insert(&user(), "Case", &[case("x")]).unwrap();
        org.pass(1).unwrap();
        lines(org)
    });
    let out_of_time = "Exceeded maximum time allotted for callout (120000 ms)";
    assert_eq!(
        said.unwrap(),
        ["Read timed out", "Read timed out", out_of_time, out_of_time]
    );
    // The third has what the others left, the fourth never leaves.
    assert_eq!(*waited.lock().unwrap(), [50_000, 50_000, 20_000]);
}

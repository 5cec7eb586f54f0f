//! More batches than may be active at once.

use super::super::super::types::ClassId;
use super::*;

const LITTLE: &str = "public class Little implements Database.Batchable<String> {
    public static void submit(Integer count) {
        for (Integer i = 0; i < count; i++) {
            Database.executeBatch(new Little());
        }
    }
    public Iterable<String> start(Database.BatchableContext context) {
        return new List<String>();
    }
    public void execute(Database.BatchableContext context, List<String> scope) { }
    public void finish(Database.BatchableContext context) { }
}";

fn statuses(org: &LiveOrg<'_>) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for job in org.records("AsyncApexJob") {
        let status = job["Status"].as_str().unwrap().to_owned();
        *found.entry(status).or_default() += 1;
    }
    found
}

#[test]
fn batches_beyond_five_are_held_until_there_is_room() {
    let id = ComponentId::new(MetadataType::ApexClass, "Little");
    let program = Program::compile(&[(id, LITTLE.to_owned())], &Schema::standard()).unwrap();
    assert_eq!(program.gaps(), []);
    let settings = Settings {
        org: OrgData::default(),
        transport: Box::new(Answers(Arc::default())),
        deliverable: true,
        mail_capacity: 1,
        chain_limit: None,
    };
    let counts = |pairs: &[(&str, usize)]| {
        let pairs = pairs
            .iter()
            .map(|(name, count)| ((*name).to_owned(), *count));
        pairs.collect::<BTreeMap<String, usize>>()
    };
    let played = program.live(settings, |org| {
        let call = |org: &mut LiveOrg<'_>, class: ClassId, name: &str, argument: Value| {
            org.of_user(&user(), "Test", |machine| {
                let method = machine.world.methods_named(class, name)[0];
                machine.run_method(method, Value::Null, vec![argument])
            })
            .unwrap()
        };
        let little = org.world.top["little"];
        call(org, little, "submit", Value::Integer(105)).unwrap();
        assert_eq!(statuses(org), counts(&[("Holding", 100), ("Queued", 5)]));
        assert_eq!(
            call(org, little, "submit", Value::Integer(1)).err().unwrap(),
            "System.AsyncException: You've exceeded the limit of 100 jobs in the flex queue for org \
             00D000000000001. Wait for some of your batch jobs to finish before adding more. To \
             monitor and reorder jobs, use the Apex Flex Queue page in Setup."
        );
        let first = org.records("AsyncApexJob").remove(0);
        let first = Value::text(first["Id"].as_str().unwrap());
        let system = org.world.platform_class("system.system").unwrap();
        call(org, system, "abortJob", first).unwrap();
        let after = counts(&[("Aborted", 1), ("Holding", 99), ("Queued", 5)]);
        assert_eq!(statuses(org), after);
        call(org, little, "submit", Value::Integer(1)).unwrap();
        org.pass(0).unwrap();
        statuses(org)
    });
    let after = counts(&[("Aborted", 1), ("Completed", 105)]);
    assert_eq!(played.unwrap(), after);
}

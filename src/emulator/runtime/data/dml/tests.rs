//! Writing records, with triggers that see it.

use crate::emulator::runtime::{OrgData, Outcome, Program, Schema};
use crate::metadata::{ComponentId, MetadataType};

const TRIGGER: &str = "trigger Seen on Contact(
    before update, after update, before delete, after delete
) {
    for (Contact row : Trigger.old) {
        T.seen.add(Trigger.operationType.name() + ' ' + row.LastName + ' ' + (row.MasterRecordId != null));
    }
}";

const TEST: &str = "@IsTest private class T {
    public static List<String> seen = new List<String>();
    @IsTest static void t() {
        List<Contact> all = new List<Contact>{
            new Contact(LastName = 'a'), new Contact(LastName = 'b'), new Contact(LastName = 'c')
        };
        insert all;
        merge all[0] new List<Contact>{ all[1], all[2] };
        System.assertEquals(
            new List<String>{
                'BEFORE_DELETE b false', 'BEFORE_DELETE c false',
                'AFTER_DELETE b true', 'AFTER_DELETE c true',
                'BEFORE_UPDATE a false', 'AFTER_UPDATE a false'
            },
            seen
        );
    }
}";

// Apex Developer Guide, "Triggers and Merge Statements".
#[test]
fn a_merge_deletes_the_losers_and_updates_the_winner() {
    let source = |kind, name: &str, text: &str| (ComponentId::new(kind, name), text.to_owned());
    let sources = [
        source(MetadataType::ApexTrigger, "Seen", TRIGGER),
        source(MetadataType::ApexClass, "T", TEST),
    ];
    let program = Program::compile(&sources, &Schema::standard()).unwrap();
    let run = program.run_tests(&["T".to_owned()], &OrgData::default());
    assert_eq!(run.results[0].outcome, Outcome::Passed);
}

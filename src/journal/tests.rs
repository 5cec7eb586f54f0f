use proptest::prelude::*;

use super::*;

fn begin() -> Begin {
    Begin {
        format: FORMAT_VERSION,
        at: "2026-11-20T10:00:00Z".parse().unwrap(),
        target: "dev".to_owned(),
        org: "00D000000000062EAA".parse().unwrap(),
        user: "005000000000001".to_owned(),
        purpose: Purpose::Deploy,
        digest: "d1".to_owned(),
    }
}

fn sending() -> Entry {
    Entry::Sending(Sent {
        at: "2026-11-20T10:00:01Z".parse().unwrap(),
        package: "email-cases".to_owned(),
        digest: "d2".to_owned(),
        check_only: false,
        runs_tests: true,
        components: ["ApexClass:X".to_owned()].into(),
        known: vec!["0Af000000000001".parse().unwrap()],
    })
}

fn taken() -> Entry {
    Entry::Taken {
        id: "0Af000000000002".parse().unwrap(),
        found: false,
    }
}

fn ended() -> Entry {
    Entry::Ended {
        id: "0Af000000000002AAA".parse().unwrap(),
        status: "Succeeded".to_owned(),
        success: true,
        at: "2026-11-20T10:00:09Z".parse().unwrap(),
    }
}

fn whole() -> [Entry; 6] {
    let place = "backups/1".to_owned();
    [
        Entry::Begin(begin()),
        Entry::BackedUp { place },
        sending(),
        taken(),
        ended(),
        Entry::Finished,
    ]
}

/// What is known after a crash that left this much of the file.
fn position(text: &str) -> Option<&'static str> {
    Run::parse(PathBuf::new(), text).map(|run| match run.position {
        Position::Settled if run.finished => "finished",
        Position::Settled => "settled",
        Position::Sending(_) => "sending",
        Position::Running(_) => "running",
    })
}

#[test]
fn every_cut_says_what_the_last_whole_line_said() {
    let mut text = String::new();
    let expected = [
        Some("settled"),
        Some("settled"),
        Some("sending"),
        Some("running"),
        Some("settled"),
        Some("finished"),
    ];
    let mut before = None;
    for (entry, after) in whole().iter().zip(expected) {
        let line = serde_json::to_string(entry).unwrap();
        for cut in 0..line.len() {
            let torn = format!("{text}{}", &line[..cut]);
            assert_eq!(position(&torn), before, "{torn}");
            // The next run writes after what the crash has left.
            if before.is_some() {
                let going_on = format!("{torn}\n{}", serde_json::to_string(&taken()).unwrap());
                assert_eq!(position(&going_on).is_some(), before.is_some());
            }
        }
        text.push_str(&line);
        text.push('\n');
        assert_eq!(position(&text), after);
        before = after;
    }
}

#[test]
fn a_file_is_read_back_as_written_and_is_private() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    let [first, rest @ ..] = whole();
    let Entry::Begin(begin) = first else {
        panic!("{first:?}");
    };
    let mut journal = ledger.begin(begin).unwrap();
    for entry in &rest {
        journal.append(entry).unwrap();
    }
    let runs = ledger.runs().unwrap();
    let [run] = runs.as_slice() else {
        panic!("{runs:?}");
    };
    assert!(run.finished);
    assert_eq!(run.backup.as_deref(), Some("backups/1"));
    assert_eq!(run.deploys[0].id.as_str(), "0Af000000000002");
    assert!(run.deploys[0].success.is_some_and(|(success, _)| success));
    assert!(ledger.last_brought("d1").unwrap());
    assert!(!ledger.last_brought("d2").unwrap());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&run.path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn two_processes_do_not_write_the_same_journals() {
    let folder = tempfile::tempdir().unwrap();
    let first = Ledger::open(folder.path()).unwrap();
    assert!(matches!(Ledger::open(folder.path()), Err(Error::Busy)));
    drop(first);
    Ledger::open(folder.path()).unwrap();
}

proptest! {
    #[test]
    fn any_file_is_read_or_left_out(text in "(\\PC|\n|\\{\"event\":\"finished\"\\}){0,60}") {
        let begin = serde_json::to_string(&Entry::Begin(begin())).unwrap();
        let journal = format!("{begin}\n{text}");
        prop_assert!(Run::parse(PathBuf::new(), &journal).is_some());
        let _ = Run::parse(PathBuf::new(), &text);
    }
}

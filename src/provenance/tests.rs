mod noted;

use super::author::{Author, author};
use super::*;
use crate::compare::{FieldChange, Made, Written};
use crate::journal::{Begin, Ended, Position, Purpose, Run, Sent};
use crate::metadata::ApiVersion;
use crate::sf::DeployRequest;

fn change(id: &str, kind: ChangeKind) -> Change {
    Change::bare(id.parse().unwrap(), kind, None)
}

fn edited() -> Change {
    Change {
        diff: Some("--- a\n+++ b\n@@ -1 +1 @@\n-  debug(1);\n+  debug(2);\n".to_owned()),
        ..change("ApexClass:C", ChangeKind::EditedByHand)
    }
}

/// Nobody was asked.
fn nothing() -> History {
    History {
        deploys: Listed::NotAsked,
        runs: Vec::new(),
        now: "2026-01-01T00:01:00Z".parse().unwrap(),
    }
}

fn deploy(by: &str, created: &str, completed: &str) -> DeployRequest {
    DeployRequest {
        id: "0Af000000000001AAA".parse().unwrap(),
        status: "Succeeded".to_owned(),
        check_only: false,
        created: format!("2026-01-01T00:00:{created}.000+0000"),
        completed: format!("2026-01-01T00:00:{completed}.000+0000"),
        user_id: "005000000000001AAA".to_owned(),
        user_name: by.to_owned(),
    }
}

fn org(kind: OrgKind) -> OrgFacts {
    OrgFacts {
        target: "o".to_owned(),
        id: "00D000000000062EAA".parse().unwrap(),
        name: "O".to_owned(),
        kind,
        username: String::new(),
        user_id: String::new(),
        time_zone: "Etc/UTC".to_owned(),
        instance_url: String::new(),
        max_api_version: ApiVersion::new(66),
        created: None,
        local_state: None,
    }
}

fn at(change: Change, by: &str, second: u8) -> Change {
    let at = format!("2026-01-01T00:00:{second:02}Z");
    let by = by.to_owned();
    Change {
        modified: Some(Modified {
            by,
            by_id: String::new(),
            at,
            made: None,
        }),
        ..change
    }
}

fn kinds(kind: OrgKind, changes: &[Change]) -> Vec<Option<CauseKind>> {
    let causes = causes(&org(kind), changes, &nothing());
    causes
        .into_iter()
        .map(|cause| cause.map(|c| c.kind))
        .collect()
}

#[test]
fn causes_are_told_apart() {
    let same = || change("ApexClass:S", ChangeKind::Same);
    let by_hand = |second| {
        let id = format!("ApexClass:C{second}");
        at(change(&id, ChangeKind::EditedByHand), "Dana", second)
    };
    assert_eq!(
        kinds(OrgKind::Production, &[by_hand(1), by_hand(40), same()]),
        [Some(CauseKind::HandEdit), Some(CauseKind::HandEdit), None]
    );
    assert_eq!(
        kinds(OrgKind::Production, &[by_hand(1), by_hand(3), by_hand(5)]),
        [Some(CauseKind::OtherDeployer); 3]
    );
    let two_people = [at(edited(), "Dana", 1), at(edited(), "Ben", 1)];
    assert_eq!(
        kinds(OrgKind::Production, &two_people),
        [Some(CauseKind::HandEdit); 2]
    );
    let ours = |change: Change| Change {
        written: Some(Written {
            template: "t".to_owned(),
            version: 1,
        }),
        ..change
    };
    let credential = || ours(change("NamedCredential:N", ChangeKind::Changed));
    for kind in [OrgKind::Sandbox, OrgKind::Production] {
        assert_eq!(kinds(kind, &[credential()]), [Some(CauseKind::OtherConfig)]);
    }
    // No marker covers the settings of an app, nor what stands beside a source.
    let settings = |by| {
        at(
            change("ExtlClntAppOauthSettings:S", ChangeKind::Changed),
            by,
            9,
        )
    };
    let version = |by| at(ours(change("ApexClass:V", ChangeKind::Changed)), by, 10);
    for unmarked in [settings("Dana"), version("Dana")] {
        let with = |second| at(same(), "Dana", second);
        for (all, expected) in [
            ([unmarked.clone(), with(30)], CauseKind::HandEdit),
            ([unmarked.clone(), with(12)], CauseKind::OtherConfig),
        ] {
            let asks = needs_history(&org(OrgKind::Production), &all, &all);
            assert_eq!(asks, expected == CauseKind::HandEdit);
            assert_eq!(kinds(OrgKind::Production, &all), [Some(expected), None]);
        }
    }
    let missing = || change("ApexClass:M", ChangeKind::Missing);
    assert_eq!(
        kinds(OrgKind::Sandbox, &[missing(), same()]),
        [Some(CauseKind::Deleted), None]
    );
    assert_eq!(
        kinds(OrgKind::Sandbox, &[missing(), missing()]),
        [Some(CauseKind::NotDeployed); 2]
    );
    assert_eq!(
        kinds(
            OrgKind::Sandbox,
            &[change("ApexClass:O", ChangeKind::Older)]
        ),
        [Some(CauseKind::OlderRelease)]
    );
}

#[test]
fn what_was_changed_before_a_sandbox_was_made_came_with_its_copy() {
    let made = "2026-01-01T00:00:30Z".parse().unwrap();
    let told = |kind, change: Change| {
        let org = OrgFacts {
            created: Some(made),
            ..org(kind)
        };
        let asks = needs_history(&org, [&change], &[]);
        let mut causes = causes(&org, &[change], &nothing());
        (causes.remove(0), asks)
    };
    let of = |kind| change("NamedCredential:N", kind);
    for kind in [
        ChangeKind::Changed,
        ChangeKind::Older,
        ChangeKind::EditedByHand,
        ChangeKind::Inactive,
        ChangeKind::Foreign,
    ] {
        let (cause, asks) = told(OrgKind::Sandbox, at(of(kind), "Dana", 29));
        let cause = cause.unwrap();
        assert_eq!(cause.kind, CauseKind::SandboxRefresh, "{kind:?}");
        assert!(cause.evidence.contains("made on 2026-01-01"), "{cause:?}");
        assert!(!asks, "{kind:?}");
        for (org, second) in [(OrgKind::Sandbox, 30), (OrgKind::Production, 29)] {
            let (cause, _) = told(org, at(of(kind), "Dana", second));
            assert_ne!(cause.unwrap().kind, CauseKind::SandboxRefresh, "{kind:?}");
        }
    }
    assert!(
        told(
            OrgKind::Sandbox,
            at(of(ChangeKind::EditedByHand), "Dana", 31)
        )
        .1
    );
    let same = at(of(ChangeKind::Same), "Dana", 1);
    assert_eq!(told(OrgKind::Sandbox, same), (None, false));
    let (gone, _) = told(OrgKind::Sandbox, of(ChangeKind::Missing));
    let gone = gone.unwrap();
    assert_eq!(gone.kind, CauseKind::NotDeployed);
    assert!(gone.evidence.contains("before that is gone"), "{gone:?}");
}

#[test]
fn the_orgs_list_of_deploys_decides_where_it_reaches() {
    let deploys = [deploy("Dana", "10", "20"), deploy("Ben", "30", "40")];
    let told = |change: Change, now: &str| {
        let history = History {
            deploys: Listed::Deploys(deploys.to_vec()),
            runs: Vec::new(),
            now: now.parse().unwrap(),
        };
        let mut causes = causes(&org(OrgKind::Production), &[change], &history);
        causes.remove(0).unwrap()
    };
    let soon = "2026-01-05T00:00:00Z";
    for (by, second, kind) in [
        ("Dana", 9, CauseKind::HandEdit),
        ("Dana", 10, CauseKind::OtherDeployer),
        ("Dana", 20, CauseKind::OtherDeployer),
        ("Dana", 21, CauseKind::HandEdit),
        ("Dana", 35, CauseKind::HandEdit),
        ("Ben", 35, CauseKind::OtherDeployer),
    ] {
        let cause = told(at(edited(), by, second), soon);
        assert_eq!(cause.kind, kind, "{by} {second}: {cause:?}");
        assert!(!cause.evidence.contains("guess"), "{cause:?}");
    }
    let later = told(at(edited(), "Dana", 21), "2026-03-01T00:00:00Z");
    assert_eq!(later.kind, CauseKind::HandEdit);
    assert!(later.evidence.contains("a guess"), "{later:?}");
    let unknown = told(edited(), soon);
    assert!(unknown.evidence.contains("a guess"), "{unknown:?}");
}

/// Settings of an app, which no marker covers.
fn settings(second: u8) -> Change {
    let bare = change("ExtlClntAppOauthSettings:S", ChangeKind::Changed);
    at(bare, "Dana", second)
}

/// Who changed the settings at second 15, as it was told on 5 January.
fn by(all: &[Change], history: &History) -> Author {
    author(&org(OrgKind::Production), &all[0], all, history)
}

fn listed(deploys: Vec<DeployRequest>) -> History {
    History {
        deploys: Listed::Deploys(deploys),
        now: "2026-01-05T00:00:00Z".parse().unwrap(),
        ..nothing()
    }
}

/// A run of this machine that brought the settings between second 10 and 20.
fn run(by: &str, components: &[&str], success: Option<bool>) -> Run {
    let moment = |text: &str| text.parse::<Timestamp>().unwrap();
    let sent = Sent {
        at: moment("2026-01-01T00:00:10Z"),
        package: "p".to_owned(),
        digest: "d".to_owned(),
        check_only: false,
        runs_tests: true,
        components: components.iter().map(|id| (*id).to_owned()).collect(),
        known: Vec::new(),
    };
    Run {
        path: "j".into(),
        begin: Begin {
            format: 1,
            at: sent.at,
            target: "o".to_owned(),
            org: "00D000000000062EAA".parse().unwrap(),
            user: by.to_owned(),
            purpose: Purpose::Deploy,
            digest: "d".to_owned(),
        },
        position: Position::Settled,
        finished: true,
        backup: None,
        deploys: vec![Ended {
            sent,
            id: "0Af000000000001AAA".parse().unwrap(),
            success: success.map(|success| (success, moment("2026-01-01T00:00:20Z"))),
        }],
    }
}

fn why(author: Author) -> String {
    match author {
        Author::Unknown(why) => why,
        told => panic!("{told:?}"),
    }
}

#[test]
fn the_orgs_list_tells_a_person_from_a_deploy() {
    let with = |change: fn(&mut DeployRequest)| {
        let mut deploy = deploy("Dana", "10", "20");
        change(&mut deploy);
        by(&[settings(15)], &listed(vec![deploy]))
    };
    assert_eq!(with(|_| {}), Author::Deploy);
    let running = |deploy: &mut DeployRequest| deploy.completed.clear();
    assert_eq!(with(running), Author::Deploy);
    let others: [fn(&mut DeployRequest); 5] = [
        |deploy| deploy.user_name = "Ben".to_owned(),
        |deploy| deploy.check_only = true,
        // What an org did not take changed nothing.
        |deploy| deploy.status = "Failed".to_owned(),
        |deploy| deploy.status = "Canceled".to_owned(),
        |deploy| deploy.completed = deploy.created.clone(),
    ];
    for (index, other) in others.into_iter().enumerate() {
        assert_eq!(with(other), Author::Person, "{index}");
    }
    assert_eq!(by(&[settings(15)], &listed(Vec::new())), Author::Person);
    // Two users may have one name; their ids decide where the org gives them.
    let mut change = settings(15);
    let history = listed(vec![deploy("Dana", "10", "20")]);
    for (id, expected) in [
        ("005000000000001", Author::Deploy),
        ("005000000000002AAA", Author::Person),
    ] {
        id.clone_into(&mut change.modified.as_mut().unwrap().by_id);
        assert_eq!(
            by(std::slice::from_ref(&change), &history),
            expected,
            "{id}"
        );
    }
}

#[test]
fn without_the_list_it_is_asked_unless_something_else_tells() {
    let refused = || History {
        deploys: Listed::Refused("no permission".to_owned()),
        ..listed(Vec::new())
    };
    let late = || History {
        now: "2026-03-01T00:00:00Z".parse().unwrap(),
        ..listed(vec![deploy("Dana", "30", "40")])
    };
    let full = || listed(vec![deploy("Ben", "30", "40"); crate::sf::LISTED_DEPLOYS]);
    assert!(why(by(&[settings(15)], &refused())).contains("(no permission)"));
    assert!(why(by(&[settings(15)], &late())).contains("on 2026-01-01"));
    assert!(why(by(&[settings(15)], &full())).contains("newest 200"));
    let undated = change("ExtlClntAppOauthSettings:S", ChangeKind::Changed);
    assert!(why(by(&[undated], &listed(Vec::new()))).contains("did not say who"));

    let same = |id: &str, second| at(change(id, ChangeKind::Same), "Dana", second);
    let differs = |id: &str| at(change(id, ChangeKind::EditedByHand), "Dana", 15);
    for history in [refused, late, full] {
        let author = |more: Vec<Change>| by(&[vec![settings(15)], more].concat(), &history());
        // Of the same seconds, by the same user, and as we wrote it.
        assert_eq!(author(vec![same("ApexClass:C", 16)]), Author::Deploy);
        why(author(vec![same("ApexClass:C", 40)]));
        // What one page of Setup saves together, or has no marker either, tells nothing.
        why(author(vec![same("ExternalClientApplication:A", 15)]));
        why(author(vec![same("PlatformEventSubscriberConfig:P", 15)]));
        let parts =
            ["Global", ""].map(|part| differs(&format!("ExtlClntApp{part}OauthSettings:T")));
        why(author(parts.to_vec()));
        // Nobody has changed it since the app was made, and that was a deploy.
        for (maker, second, expected) in [
            ("005000000000001AAA", 14, true),
            ("005000000000001AAA", 1, false),
            ("005000000000002AAA", 14, false),
        ] {
            let mut all = [
                settings(15),
                at(
                    change("ExternalClientApplication:A", ChangeKind::Older),
                    "Ben",
                    50,
                ),
            ];
            "005000000000001".clone_into(&mut all[0].modified.as_mut().unwrap().by_id);
            all[1].modified.as_mut().unwrap().made = Some(Made {
                by_id: maker.to_owned(),
                at: format!("2026-01-01T00:00:{second:02}Z"),
            });
            assert_eq!(by(&all, &history()) == Author::Deploy, expected);
            all[1].kind = ChangeKind::Foreign;
            why(by(&all, &history()));
        }
        // So much at once is a deploy.
        let many = vec![differs("ApexClass:C"), differs("ApexClass:D")];
        assert_eq!(author(many), Author::Deploy);
    }
}

#[test]
fn a_journal_of_this_machine_knows_its_deploys_for_ever() {
    const DANA: &str = "005000000000001AAA";
    let told = |run: Run, second| {
        let mut change = settings(second);
        DANA.clone_into(&mut change.modified.as_mut().unwrap().by_id);
        let history = History {
            runs: vec![run],
            now: "2026-09-01T00:00:00Z".parse().unwrap(),
            ..listed(Vec::new())
        };
        by(&[change], &history)
    };
    let brought = &["ExtlClntAppOauthSettings:S"][..];
    assert_eq!(told(run(DANA, brought, Some(true)), 15), Author::Deploy);
    why(told(run(DANA, brought, Some(true)), 40));
    why(told(run(DANA, brought, Some(false)), 15));
    why(told(run(DANA, brought, None), 15));
    why(told(run(DANA, &["ApexClass:C"], Some(true)), 15));
    why(told(run("005000000000002AAA", brought, Some(true)), 15));
    let mut elsewhere = run(DANA, brought, Some(true));
    elsewhere.begin.org = "00D000000000099EAA".parse().unwrap();
    why(told(elsewhere, 15));
    let mut validated = run(DANA, brought, Some(true));
    validated.deploys[0].sent.check_only = true;
    why(told(validated, 15));
}

#[test]
fn what_a_copy_brought_is_never_called_an_edit_in_the_sandbox() {
    let sandbox = OrgFacts {
        created: Some("2026-01-01T00:00:30Z".parse().unwrap()),
        ..org(OrgKind::Sandbox)
    };
    let all = [settings(15)];
    assert!(!in_question(&sandbox, &all));
    let told = author(&sandbox, &all[0], &all, &listed(Vec::new()));
    assert!(why(told).contains("copy of production"));
}

#[test]
fn only_what_no_marker_covers_is_judged() {
    let ours = Some(Written {
        template: "t".to_owned(),
        version: 1,
    });
    let version = Change {
        written: ours.clone(),
        ..at(change("ApexClass:V", ChangeKind::Changed), "Dana", 15)
    };
    let covered = Change {
        written: ours,
        ..at(change("NamedCredential:N", ChangeKind::Changed), "Dana", 15)
    };
    let inactive = at(change("ApexTrigger:T", ChangeKind::Inactive), "Dana", 15);
    let mut changes = [settings(15), version, covered, inactive];
    let production = org(OrgKind::Production);
    assert!(in_question(&production, &changes[..1]));
    assert!(!in_question(&production, &changes[2..3]));
    assert!(in_question(&production, &changes[3..]));
    let judged = |history: &History| {
        let mut changes = changes.clone();
        // Far from each other: not one go.
        for (change, second) in changes.iter_mut().zip([10, 20, 40, 50]) {
            change.modified.as_mut().unwrap().at = format!("2026-01-01T00:00:{second}Z");
        }
        judge(&production, &mut changes, history);
        changes.map(|change| (change.kind, change.note.is_some()))
    };
    let (left, off) = ((ChangeKind::Changed, false), (ChangeKind::Inactive, false));
    let by_hand = (ChangeKind::EditedByHand, false);
    assert_eq!(judged(&listed(Vec::new())), [by_hand, by_hand, left, off]);
    let perhaps = (ChangeKind::PerhapsEdited, true);
    assert_eq!(judged(&nothing()), [perhaps, perhaps, left, off]);
    changes[0].kind = ChangeKind::Same;
    assert!(!in_question(&production, &changes[..1]));
}

#[test]
fn an_api_version_that_all_of_ours_has_is_an_older_configs() {
    let class = |name: u8, version: &str| Change {
        fields: vec![FieldChange {
            field: "apiVersion".to_owned(),
            live: Some(version.to_owned()),
            wanted: Some("66.0".to_owned()),
        }],
        written: Some(Written {
            template: "t".to_owned(),
            version: 1,
        }),
        // Each was changed by itself.
        ..at(
            change(&format!("ApexClass:C{name}"), ChangeKind::Changed),
            "Dana",
            name * 10,
        )
    };
    let all: Vec<Change> = (0..4).map(|name| class(name, "64.0")).collect();
    let late = History {
        now: "2026-09-01T00:00:00Z".parse().unwrap(),
        ..listed(Vec::new())
    };
    assert_eq!(by(&all, &late), Author::Deploy);
    why(by(&all[..3], &late));
    let mut own = all.clone();
    own[0] = class(0, "60.0");
    why(by(&own, &late));
    let mut rest_is_right = all.clone();
    rest_is_right[1] = change("ApexClass:C1", ChangeKind::Same);
    why(by(&rest_is_right, &late));
    // Where the org's list reaches, it decides.
    assert_eq!(by(&all, &listed(Vec::new())), Author::Person);
}

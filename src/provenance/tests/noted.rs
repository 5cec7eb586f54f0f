//! What an org keeps of what we wrote last, for parts that have no place for a marker.

use super::*;
use crate::compare::LastApplied;

const APP: &str = "ExternalClientApplication:A";

fn noted(part: Applied, is_current: bool) -> Change {
    Change {
        last_applied: Some(LastApplied {
            keeper: APP.parse().unwrap(),
            part,
            is_current,
        }),
        ..settings(15)
    }
}

/// The app as it should be, changed at that second.
fn app(second: u8) -> Change {
    at(change(APP, ChangeKind::Same), "Dana", second)
}

/// Long after, where no list of deploys reaches.
fn late() -> History {
    History {
        now: "2026-09-01T00:00:00Z".parse().unwrap(),
        ..listed(Vec::new())
    }
}

#[test]
fn what_is_as_it_was_written_asks_nobody_however_long_ago() {
    let mut all = [noted(Applied::AsWritten, false), app(40)];
    for org in [org(OrgKind::Production), org(OrgKind::Sandbox)] {
        assert!(!in_question(&org, &all));
        assert!(!needs_history(&org, &all[..1], &all));
        for history in [late(), nothing(), listed(Vec::new())] {
            assert_eq!(author(&org, &all[0], &all, &history), Author::Deploy);
            let told = causes(&org, &all, &history).remove(0).unwrap();
            assert_eq!(told.kind, CauseKind::OtherConfig);
            assert!(told.evidence.contains("digest"), "{told:?}");
            judge(&org, &mut all, &history);
            assert_eq!(all[0].kind, ChangeKind::Changed);
        }
    }
    // Also where the org does not say who changed it.
    all[0].modified = None;
    assert_eq!(by(&all, &late()), Author::Deploy);
}

#[test]
fn what_is_otherwise_was_changed_by_somebody_and_no_list_excuses_it() {
    let then = || listed(vec![deploy("Dana", "10", "20")]);
    for history in [late(), nothing(), listed(Vec::new()), then()] {
        let mut all = [noted(Applied::Otherwise, false), app(16)];
        let production = org(OrgKind::Production);
        assert!(in_question(&production, &all));
        assert!(needs_history(&production, &all[..1], &all));
        let told = causes(&production, &all, &history).remove(0).unwrap();
        assert!(
            matches!(told.kind, CauseKind::HandEdit | CauseKind::OtherDeployer),
            "{told:?}"
        );
        judge(&production, &mut all, &history);
        assert_eq!(
            (all[0].kind, &all[0].note),
            (ChangeKind::EditedByHand, &None)
        );
    }
    let all = [noted(Applied::Otherwise, false), app(40)];
    let told = causes(&org(OrgKind::Production), &all, &late()).remove(0);
    let told = told.unwrap();
    assert_eq!(told.kind, CauseKind::HandEdit);
    assert!(told.evidence.contains("keeps of it"), "{told:?}");
    let listed = causes(&org(OrgKind::Production), &all, &then()).remove(0);
    assert_eq!(listed.unwrap().kind, CauseKind::OtherDeployer);
}

#[test]
fn an_org_makes_parts_with_its_app_and_this_machine_knows_its_own_deploys() {
    let dana = |change: Change| {
        let mut change = change;
        let modified = change.modified.as_mut().unwrap();
        "005000000000001AAA".clone_into(&mut modified.by_id);
        change
    };
    let mut all = [dana(noted(Applied::Otherwise, false)), app(40)];
    for (second, expected) in [(14, Author::Deploy), (1, Author::Person)] {
        all[1].modified.as_mut().unwrap().made = Some(Made {
            by_id: "005000000000001AAA".to_owned(),
            at: format!("2026-01-01T00:00:{second:02}Z"),
        });
        assert_eq!(by(&all, &late()), expected, "{second}");
    }
    let brought = &["ExtlClntAppOauthSettings:S"][..];
    let history = |run| History {
        runs: vec![run],
        ..late()
    };
    let run = run("005000000000001AAA", brought, Some(true));
    assert_eq!(by(&all, &history(run)), Author::Deploy);
}

#[test]
fn what_a_broken_off_deploy_did_not_come_to_is_no_edit() {
    let ended = || listed(vec![deploy("Dana", "30", "40")]);
    let elsewhere = || listed(vec![deploy("Ben", "30", "40")]);
    for (is_current, app_at, history, expected) in [
        // The app was written later, by a deploy, and says what we want.
        (true, 35, ended(), Author::Deploy),
        // It speaks of something else.
        (false, 35, ended(), Author::Person),
        // A person may save an app without changing it.
        (true, 35, elsewhere(), Author::Person),
        (true, 45, ended(), Author::Person),
        (true, 35, late(), Author::Person),
        // The part was changed after it.
        (true, 10, ended(), Author::Person),
    ] {
        let all = [noted(Applied::Otherwise, is_current), app(app_at)];
        let told = by(&all, &history);
        assert_eq!(told, expected, "{is_current} {app_at} {history:?}");
    }
}

#[test]
fn where_nothing_is_noted_the_rest_tells_as_ever() {
    let all = [noted(Applied::NotKnown, false), app(40)];
    why(by(&all, &late()));
    assert_eq!(by(&all, &listed(Vec::new())), Author::Person);
    let then = listed(vec![deploy("Dana", "10", "20")]);
    assert_eq!(by(&all, &then), Author::Deploy);
}

#[test]
fn what_this_machine_switched_off_itself_is_nobodys_decision() {
    let off = |by_id: &str| {
        let mut change = at(change("ApexTrigger:T", ChangeKind::Inactive), "Dana", 15);
        by_id.clone_into(&mut change.modified.as_mut().unwrap().by_id);
        change
    };
    const DANA: &str = "005000000000001AAA";
    let uninstall = || {
        let mut run = run(DANA, &["ApexTrigger:T"], Some(true));
        run.begin.purpose = Purpose::Uninstall;
        History {
            runs: vec![run],
            ..late()
        }
    };
    let production = org(OrgKind::Production);
    for (by, history, kind, cause) in [
        (
            DANA,
            uninstall(),
            ChangeKind::Changed,
            CauseKind::OtherConfig,
        ),
        (DANA, late(), ChangeKind::Inactive, CauseKind::HandEdit),
        (
            "005000000000002AAA",
            uninstall(),
            ChangeKind::Inactive,
            CauseKind::HandEdit,
        ),
    ] {
        let mut all = [off(by)];
        let told = causes(&production, &all, &history).remove(0).unwrap();
        assert_eq!(told.kind, cause);
        judge(&production, &mut all, &history);
        assert_eq!(all[0].kind, kind);
    }
}

use super::ignore::apply;
use super::*;
use crate::compare::{Change, ChangeKind, FieldChange, Modified, Written};
use crate::config::Pattern;
use crate::metadata::{ApiVersion, ComponentId};
use crate::sf::OrgKind;

fn rule(component: &str, field: Option<&str>, line: Option<&str>) -> IgnoreRule {
    IgnoreRule {
        component: Pattern::new(component),
        field: field.map(Pattern::new),
        line: line.map(Pattern::new),
        reason: "agreed".to_owned(),
        until: None,
        config_line: 7,
    }
}

fn change(id: &str, kind: ChangeKind) -> Change {
    let id: ComponentId = id.parse().unwrap();
    Change::bare(id, kind, None)
}

fn edited() -> Change {
    Change {
        fields: vec![FieldChange {
            field: "status".to_owned(),
            live: Some("Inactive".to_owned()),
            wanted: Some("Active".to_owned()),
        }],
        diff: Some("--- a\n+++ b\n@@ -1 +1 @@\n x\n-  debug(1);\n+  debug(2);\n".to_owned()),
        ..change("ApexClass:C", ChangeKind::EditedByHand)
    }
}

const TODAY: Date = jiff::civil::date(2026, 6, 1);

fn excused(rules: &[IgnoreRule], change: Change) -> (usize, bool) {
    let mut done = apply(rules, TODAY, vec![change]);
    let (_, ignored, all) = done.changes.remove(0);
    (ignored.len(), all)
}

#[test]
fn a_component_is_excused_when_all_that_differs_is() {
    let field = || rule("ApexClass:*", Some("status"), None);
    let line = || rule("ApexClass:C", None, Some("debug(*);"));
    assert_eq!(excused(&[field()], edited()), (1, false));
    assert_eq!(excused(&[line()], edited()), (2, false));
    assert_eq!(excused(&[field(), line()], edited()), (3, true));
    let one_line = rule("ApexClass:C", None, Some("debug(1);"));
    assert_eq!(excused(&[field(), one_line], edited()), (2, false));
    assert_eq!(
        excused(&[rule("ApexClass:C", None, None)], edited()),
        (1, true)
    );
}

#[test]
fn what_cannot_be_read_is_never_excused_and_what_is_missing_only_as_a_whole() {
    let whole = rule("*", None, None);
    let unread = change("ApexClass:C", ChangeKind::Unreadable);
    assert_eq!(excused(std::slice::from_ref(&whole), unread), (0, false));
    let missing = || change("ApexClass:C", ChangeKind::Missing);
    assert_eq!(excused(&[whole], missing()), (1, true));
    assert_eq!(
        excused(&[rule("*", Some("*"), Some("*"))], missing()),
        (0, false)
    );
}

#[test]
fn rules_that_end_or_match_nothing_are_told() {
    let mut over = rule("ApexClass:C", None, None);
    over.until = Some(TODAY.yesterday().unwrap());
    let mut last_day = over.clone();
    last_day.until = Some(TODAY);
    let idle = rule("ApexTrigger:*", None, None);
    let done = apply(&[over, last_day, idle], TODAY, vec![edited()]);
    assert!(done.changes[0].2);
    let told: Vec<_> = done.stale.iter().map(|rule| rule.expired).collect();
    assert_eq!(told, [Some(TODAY.yesterday().unwrap()), None]);
    assert_eq!(done.stale[1].component, "ApexTrigger:*");
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
        modified: Some(Modified { by, at }),
        ..change
    }
}

fn kinds(kind: OrgKind, changes: &[Change]) -> Vec<Option<CauseKind>> {
    let causes = cause::causes(&org(kind), changes, None);
    causes
        .into_iter()
        .map(|cause| cause.map(|c| c.kind))
        .collect()
}

#[test]
fn causes_are_told_apart() {
    let same = || change("ApexClass:S", ChangeKind::Same);
    let by_hand = |second| at(edited(), "Dana", second);
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
            let asks = cause::needs_history(&org(OrgKind::Production), &all, &all);
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
        [Some(CauseKind::NeverDeployed); 2]
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
        let asks = cause::needs_history(&org, [&change], &[]);
        let mut causes = cause::causes(&org, &[change], None);
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
    assert_eq!(gone.kind, CauseKind::NeverDeployed);
    assert!(gone.evidence.contains("before that is gone"), "{gone:?}");
}

#[test]
fn the_orgs_list_of_deploys_decides_where_it_reaches() {
    let deploy = |by: &str, created: &str, completed: &str| crate::sf::DeployRequest {
        id: "0Af000000000001AAA".parse().unwrap(),
        status: "Succeeded".to_owned(),
        check_only: false,
        created: format!("2026-01-01T00:00:{created}.000+0000"),
        completed: format!("2026-01-01T00:00:{completed}.000+0000"),
        user_id: "005000000000001AAA".to_owned(),
        user_name: by.to_owned(),
    };
    let deploys = [deploy("Dana", "10", "20"), deploy("Ben", "30", "40")];
    let told = |change: Change, now: &str| {
        let history = cause::History {
            deploys: &deploys,
            now: now.parse().unwrap(),
        };
        let mut causes = cause::causes(&org(OrgKind::Production), &[change], Some(&history));
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

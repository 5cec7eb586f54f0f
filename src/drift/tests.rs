use std::collections::BTreeMap;
use std::sync::Arc;

use super::ignore::apply;
use super::*;
use crate::compare::{Change, ChangeKind, FieldChange};
use crate::config::Pattern;
use crate::metadata::{ApiVersion, ComponentId};
use crate::sf::scripted::{Scripted, VirtualClock, soap};

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

#[tokio::test]
async fn an_org_is_looked_at_as_seldom_as_will_do() {
    let status = |members: &str| {
        soap(
            200,
            &format!(
                "<checkRetrieveStatusResponse><result><id>09S1</id>{members}</result>\
                 </checkRetrieveStatusResponse>"
            ),
        )
    };
    let pending = || status("<done>false</done><status>InProgress</status>");
    let started = soap(
        200,
        "<retrieveResponse><result><id>09S1</id></result></retrieveResponse>",
    );
    let server = Scripted::start([started, pending(), pending(), pending()]).await;
    let clock = Arc::<VirtualClock>::default();
    let package = Package {
        api_version: ApiVersion::new(66),
        components: BTreeMap::new(),
        secrets: Vec::new(),
    };
    let asked = package.manifest();
    // An org on this machine is looked at fifty times as soon.
    let wait = Duration::from_millis(140);
    let read = read(&server.reader(&clock), &package, &asked, wait).await;
    assert!(matches!(read, Err(Fault::DeadlinePassed { .. })));
    assert_eq!(clock.sleeps(), [20, 40, 80]);
}

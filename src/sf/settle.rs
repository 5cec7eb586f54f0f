//! Finding a deploy whose answer was lost.
//!
//! A deploy has no key by which an org would know it again, and sending it again would queue a
//! second one. So it is looked for among the org's deploys: by its user, by not having been there
//! before, by its options, and by the components that its rows name.

use std::collections::BTreeSet;

use super::deploy_id::DeployId;
use super::fault::{Fault, FaultClass};
use super::polling::Polling;
use super::reader::{DeployRequest, Reader};
use super::wire::DeployResult;

/// What is known of the deploy that is looked for.
#[derive(Debug, Clone)]
pub struct Sought<'a> {
    /// The user who asked for it.
    pub user_id: &'a str,
    /// The deploys that the org knew before.
    pub known: &'a [DeployId],
    /// Whether it only validates.
    pub check_only: bool,
    /// Whether it runs tests.
    pub runs_tests: bool,
    /// `Type:FullName` of its components.
    pub components: &'a BTreeSet<String>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The org has it.
    Taken(DeployId),
    /// The org shows no deploy that could be it.
    Nothing,
    /// These could be it, and none can be told to be.
    Unclear(Vec<DeployId>),
}

enum Likeness {
    Same,
    Other,
    Unclear,
}

/// Looks until it is found, or the time is over. A bad moment of the network ends only one look.
///
/// # Errors
/// A fault that time does not heal, or the one that spoiled the last look.
pub async fn find_deploy(
    reader: &Reader,
    sought: &Sought<'_>,
    polling: Polling,
) -> Result<Found, Fault> {
    let clock = reader.connection().clock();
    let start = clock.now();
    let mut pause = polling.first;
    reader.connection().begin_phase(polling.deadline);
    loop {
        let found = look(reader, sought).await;
        let waited = clock.now().saturating_sub(start);
        match &found {
            Ok(Found::Taken(_)) => return found,
            Err(fault) if fault.class() != FaultClass::Transient => return found,
            _ if waited >= polling.deadline => return found,
            _ => {}
        }
        pause = polling.next(pause, 0, 0, 0).min(polling.deadline - waited);
        clock.sleep(pause).await;
    }
}

async fn look(reader: &Reader, sought: &Sought<'_>) -> Result<Found, Fault> {
    let rows = reader.deploy_requests().await?;
    let mut candidates = Vec::new();
    let mut certain = Vec::new();
    for row in rows.iter().filter(|row| may_be(row, sought)) {
        let result = reader.deploy_status(&row.id).await?;
        match likeness(&result, sought) {
            Likeness::Same => certain.push(row.id.clone()),
            Likeness::Unclear => candidates.push(row.id.clone()),
            Likeness::Other => {}
        }
    }
    Ok(match (certain.as_slice(), candidates.as_slice()) {
        ([one], []) => Found::Taken(one.clone()),
        ([], []) => Found::Nothing,
        _ => {
            certain.append(&mut candidates);
            Found::Unclear(certain)
        }
    })
}

fn may_be(row: &DeployRequest, sought: &Sought<'_>) -> bool {
    row.user_id.get(..15) == sought.user_id.get(..15)
        && row.check_only == sought.check_only
        && !sought.known.contains(&row.id)
}

/// Whether the rows of a deploy are those of our package. Before it is worked on it has none.
fn likeness(result: &DeployResult, sought: &Sought<'_>) -> Likeness {
    let rows = &result.details;
    let names: Vec<String> = rows
        .component_successes
        .iter()
        .chain(&rows.component_failures)
        .filter(|row| !row.component_type.is_empty())
        .map(|row| format!("{}:{}", row.component_type, row.full_name).to_ascii_lowercase())
        .collect();
    let ours = |name: &String| {
        let mut ours = sought.components.iter();
        ours.any(|component| component.eq_ignore_ascii_case(name))
    };
    if !names.iter().all(ours) || result.check_only != sought.check_only {
        Likeness::Other
    } else if names.is_empty() && !result.done {
        Likeness::Unclear
    } else if result.done && result.run_tests_enabled && !sought.runs_tests {
        Likeness::Other
    } else {
        Likeness::Same
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::sf::scripted::{Play, Scripted, VirtualClock, json};

    const USER: &str = "005000000000001AAA";

    fn requests(rows: &[(&str, &str, bool)]) -> Play {
        let rows: Vec<String> = rows
            .iter()
            .map(|(id, user, check_only)| {
                format!(
                    r#"{{"attributes":{{}},"Id":"{id}","Status":"Pending","CheckOnly":{check_only},
                    "CreatedDate":"2026-11-20T10:00:00.000+0000","CreatedById":"{user}",
                    "CreatedBy":{{"Name":"Ann"}}}}"#
                )
            })
            .collect();
        json(
            200,
            &format!(r#"{{"done":true,"records":[{}]}}"#, rows.join(",")),
        )
    }

    fn status(id: &str, done: bool, components: &[&str]) -> Play {
        let rows: Vec<String> = components
            .iter()
            .map(|name| {
                format!(r#"{{"componentType":"ApexClass","fullName":"{name}","success":true}}"#)
            })
            .collect();
        json(
            200,
            &format!(
                r#"{{"deployResult":{{"id":"{id}","status":"InProgress","done":{done},
                "details":{{"componentSuccesses":[{}]}}}}}}"#,
                rows.join(",")
            ),
        )
    }

    async fn find(script: impl IntoIterator<Item = Play>) -> (Result<Found, Fault>, usize) {
        let server = Scripted::start(script).await;
        let clock = Arc::<VirtualClock>::default();
        let known = ["0Af000000000001".parse().unwrap()];
        let components = ["ApexClass:A".to_owned(), "ApexClass:B".to_owned()].into();
        let sought = Sought {
            user_id: USER,
            known: &known,
            check_only: false,
            runs_tests: false,
            components: &components,
        };
        let polling = Polling::new(Duration::from_secs(3));
        let found = find_deploy(&server.reader(&clock), &sought, polling).await;
        (found, clock.sleeps().len())
    }

    fn taken(id: &str) -> Found {
        Found::Taken(id.parse().unwrap())
    }

    #[tokio::test]
    async fn waits_until_the_rows_tell() {
        let rows = || requests(&[("0Af000000000002", USER, false)]);
        let (found, sleeps) = find([
            requests(&[("0Af000000000001", USER, false)]),
            rows(),
            status("0Af000000000002", false, &[]),
            rows(),
            status("0Af000000000002", false, &["a"]),
        ])
        .await;
        assert_eq!((found.unwrap(), sleeps), (taken("0Af000000000002"), 2));
    }

    #[tokio::test]
    async fn tells_others_from_ours() {
        let (found, _) = find([
            requests(&[
                ("0Af000000000002", "005000000000009AAA", false),
                ("0Af000000000003", USER, true),
                ("0Af000000000004", USER, false),
                ("0Af000000000005", USER, false),
            ]),
            status("0Af000000000004", true, &["A", "C"]),
            status("0Af000000000005", true, &["B", "A"]),
        ])
        .await;
        assert_eq!(found.unwrap(), taken("0Af000000000005"));
    }

    #[tokio::test]
    async fn says_nothing_only_after_the_time() {
        let (found, sleeps) = find((0..40).map(|_| requests(&[]))).await;
        assert_eq!(found.unwrap(), Found::Nothing);
        assert!(sleeps > 2);
    }

    #[tokio::test]
    async fn two_that_are_alike_stay_unclear() {
        let look = || {
            [
                requests(&[
                    ("0Af000000000002", USER, false),
                    ("0Af000000000003", USER, false),
                ]),
                status("0Af000000000002", true, &["A"]),
                status("0Af000000000003", true, &["A"]),
            ]
        };
        let (found, _) = find((0..20).flat_map(|_| look())).await;
        assert!(matches!(found, Ok(Found::Unclear(ids)) if ids.len() == 2));
    }

    #[tokio::test]
    async fn a_bad_moment_is_not_nothing() {
        let (found, _) = find((0..99).map(|_| Play::Reset)).await;
        assert!(matches!(found, Err(Fault::ConnectionLost { .. })));
    }
}

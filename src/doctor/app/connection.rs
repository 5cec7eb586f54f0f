//! Whether the app can be used yet, and as whom OpenCX has connected through it.

use jiff::{SignedDuration, Timestamp};

use super::{CODES, Of, check, of, shown};
use crate::doctor::finding::Finding;
use crate::doctor::scene::Scene;
use crate::doctor::{Check, facts, holders, wording};

const AGE_OF: Of = of(CODES[5]);
pub(in crate::doctor) const AGE: Check = check(AGE_OF, age);

/// Salesforce takes so long, at most, until a change of an app counts (OpenCX: 2 to 10 minutes).
const MINUTES: i64 = 10;

fn age(scene: &Scene<'_>) -> Option<Finding> {
    let app = shown(scene)?;
    let name = &app.name;
    let modified = app.youngest()?;
    let minutes = minutes_since(&modified.at, scene.facts.now)?;
    if minutes >= MINUTES {
        return Some(Finding::passed(
            AGE_OF,
            format!("{name} was not changed in the last {MINUTES} minutes, so it can be used"),
        ));
    }
    let left = MINUTES - minutes;
    Some(
        Finding::failed(
            AGE_OF,
            format!(
                "the app {name} was changed {} ago",
                wording::count(usize::try_from(minutes).unwrap_or_default(), "minute")
            ),
        )
        .effect(
            "Salesforce needs 2 to 10 minutes until an app can be used; earlier, credentials don't \
             save and connecting fails",
        )
        .fix(format!(
            "wait {} more, then try again",
            wording::count(usize::try_from(left).unwrap_or_default(), "minute")
        )),
    )
}

fn minutes_since(at: &str, now: Timestamp) -> Option<i64> {
    let at: Timestamp = at.parse().ok()?;
    Some(now.duration_since(at).max(SignedDuration::ZERO).as_mins())
}

const CONNECTED_OF: Of = of(CODES[6]);
pub(in crate::doctor) const CONNECTED: Check = check(CONNECTED_OF, connected);

/// As whom OpenCX has connected, and whether that user's rows count as OpenCX's.
fn connected(scene: &Scene<'_>) -> Option<Finding> {
    let app = shown(scene)?;
    let place = "Connected Apps OAuth Usage";
    let rows = match &scene.facts.connections {
        Ok(rows) => rows,
        Err(said) => {
            return Some(
                Finding::untold(CONNECTED_OF, "who has connected through the app", said)
                    .fix("look there for the user (seeing others' tokens needs Manage Users)")
                    .setup(place),
            );
        }
    };
    let Some(row) = rows
        .iter()
        .max_by(|one, other| one.last_used_date.cmp(&other.last_used_date))
    else {
        return Some(
            Finding::unknown(
                CONNECTED_OF,
                format!("the org lists no login through {} yet", app.name),
            )
            .effect("OpenCX has not connected, or your user may not see the tokens of others")
            .fix(
                "in OpenCX, Settings > Integrations > Salesforce > Email: Connect to Salesforce, as \
                 the user of OpenCX",
            )
            .setup(place),
        );
    };
    let who = holders::person(row.user.as_ref());
    let used = facts::moment(row.last_used_date.as_deref()).map_or_else(String::new, |at| {
        format!(", last used {}", wording::time(at))
    });
    let said = format!("OpenCX has connected as {who}{used}");
    let holds = holders::is_holder(scene, row.user_id.as_deref());
    if let Some((set, false)) = holds {
        return Some(
            Finding::failed(
                CONNECTED_OF,
                format!("{said}, and that user does not hold the permission set {set}"),
            )
            .effect(
                "only what a holder writes counts as a reply of OpenCX, so none of its replies is sent",
            )
            .fix(format!(
                "assign {set} to {who}; if that is a person who writes mail by hand, connect OpenCX \
                 again as a user of its own"
            ))
            .setup(format!("Permission Sets > {set} > Manage Assignments")),
        );
    }
    Some(Finding::passed(CONNECTED_OF, said))
}

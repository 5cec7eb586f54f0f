//! An External Client App that was just made: it takes a while until OpenCX can connect by it.

use std::time::Duration;

use super::{Event, Options, Outcome, Surroundings};
use crate::compare::{Live, LiveState};
use crate::metadata::MetadataType;
use crate::package::{Manifest, Package};
use crate::sf::{Fault, Reader};
use crate::verify::Verification;

/// For how long the org is waited for to link the app with its OAuth settings.
const LINKED: Duration = Duration::from_secs(60);

/// The same for an org on this machine.
const LOCAL: Duration = Duration::from_secs(1);

/// How long Salesforce's login servers may take to know a new app, at most as OpenCX says.
const KNOWN_AFTER: jiff::SignedDuration = jiff::SignedDuration::from_mins(10);

/// When the deploys of this run made the app; `None` when it was there before.
fn made(outcome: &Outcome) -> Option<jiff::Timestamp> {
    let results = outcome.earlier.iter().map(|done| &done.result);
    let rows = results
        .chain(&outcome.deploy)
        .flat_map(|result| &result.details.component_successes);
    let kind = MetadataType::ExternalClientApplication.name();
    let row = rows
        .into_iter()
        .find(|row| row.created && row.component_type == kind)?;
    row.created_date.replace("+0000", "Z").parse().ok()
}

/// Waits until the org has linked a new app with its OAuth settings, which is all that can be seen
/// from here: key and secret are shown to a person only.
pub(super) async fn wait(
    reader: &Reader,
    package: &Package,
    live: &mut Live,
    outcome: &Outcome,
    options: &Options,
    surroundings: &mut dyn Surroundings,
) -> Result<(), Fault> {
    if made(outcome).is_none() || is_linked(live) {
        return Ok(());
    }
    let longest = if reader.session().instance_url.is_loopback() {
        LOCAL
    } else {
        LINKED
    };
    let wait = options.wait.min(longest);
    let polling = reader.polling(wait);
    let (clock, mut pause) = (reader.clock(), polling.first);
    let start = clock.now();
    let settings = package.manifest();
    let settings = Manifest {
        members: settings
            .members
            .into_iter()
            .filter(|id| id.kind == MetadataType::ExtlClntAppOauthSettings)
            .collect(),
        ..settings
    };
    while !is_linked(live) && clock.now().saturating_sub(start) < wait {
        // The org has taken everything: a reader that went away must not hide that.
        let _ = surroundings.event(Event::LinkingApp);
        clock.sleep(pause).await;
        pause = polling.next(pause, 0, 0, 0);
        let read = reader.live(&settings, reader.polling(wait)).await?;
        live.components.extend(read.components);
    }
    Ok(())
}

/// Whether every OAuth setting that was read has the link that the org makes.
fn is_linked(live: &Live) -> bool {
    let mut settings = live.components.iter();
    settings.all(|(id, state)| match state {
        LiveState::Present { component, .. } => {
            id.kind != MetadataType::ExtlClntAppOauthSettings
                || component.xml.contains("<oauthLink>")
        }
        _ => true,
    })
}

/// Says of a new app from when on OpenCX can connect by it.
pub(super) fn say_when(verification: &mut Verification, live: &Live, outcome: &Outcome) {
    let Some(made) = made(outcome) else {
        return;
    };
    let known = made.checked_add(KNOWN_AFTER).unwrap_or(made);
    let (made, known) = (made.strftime("%H:%M"), known.strftime("%H:%M UTC"));
    let unlinked = if is_linked(live) {
        ""
    } else {
        ", and the org has not linked it with its OAuth settings yet"
    };
    for check in &mut verification.checks {
        if check.code.0 == "verify/opencx-connected" {
            check.message = format!(
                "the app is new, made at {made}{unlinked}: connecting may fail until {known}"
            );
        }
    }
}

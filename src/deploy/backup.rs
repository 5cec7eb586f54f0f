//! What a deploy will replace, saved before.

use std::collections::BTreeMap;

use super::{Error, Event, Surroundings};
use crate::compare::{Live, LiveState};
use crate::package::{self, Package};

/// Writes what the deploy will replace. Secrets of the live org are left out.
pub(super) fn keep_backup(
    package: &Package,
    live: &Live,
    surroundings: &mut dyn Surroundings,
) -> Result<Option<String>, Error> {
    let components: BTreeMap<_, _> = package
        .components
        .keys()
        .filter_map(|id| match live.components.get(id) {
            Some(LiveState::Present { component, .. }) => {
                Some((id.clone(), package::without_secrets(component)))
            }
            _ => None,
        })
        .collect();
    if components.is_empty() {
        return Ok(None);
    }
    let snapshot = Package {
        api_version: package.api_version,
        components,
        secrets: Vec::new(),
    };
    let files = snapshot.files(package::Format::Metadata)?;
    let place = surroundings.keep_backup(&files).map_err(Error::Backup)?;
    surroundings
        .event(Event::BackedUp(&place))
        .map_err(Error::Output)?;
    Ok(Some(place))
}

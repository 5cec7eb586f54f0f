//! What a person has to do after an External Client App was deployed.

use super::{Check, Status};
use crate::diag::Code;
use crate::metadata::MetadataType;
use crate::package::Package;

const CONNECTED: Code = Code("verify/opencx-connected");

/// The org makes the key and secret of an app, and shows them to a person only.
pub(super) fn to_do(package: &Package) -> Option<Check> {
    let app = package
        .components
        .keys()
        .find(|id| id.kind == MetadataType::ExternalClientApplication)?;
    let check = Check::new(
        CONNECTED,
        Status::ToDo,
        "whether OpenCX is connected by it cannot be read from the org",
    );
    let help = format!(
        "copy Consumer Key and Secret (Setup → External Client App Manager → {} → Settings → OAuth \
         Settings) to OpenCX (Settings → Integrations → Salesforce → Email) and connect there; a new \
         app takes 2 to 10 minutes, at times 30, until that works",
        app.full_name
    );
    Some(check.about(app).help(help))
}

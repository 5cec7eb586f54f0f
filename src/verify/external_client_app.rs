//! What a person has to do after an External Client App was deployed.

use super::{Check, Status};
use crate::diag::Code;
use crate::metadata::MetadataType;
use crate::package::Package;

const CONNECTED: Code = Code("verify/opencx-connected");

/// The org makes the key and secret of an app, and shows them to a person only.
pub(super) fn to_do(package: &Package) -> Option<Check> {
    let app = package
        .of_kind(MetadataType::ExternalClientApplication)
        .map(|component| &component.id)
        .next()?;
    let check = Check::new(
        CONNECTED,
        Status::ToDo,
        "whether OpenCX is connected by it cannot be read from the org",
    );
    let help = format!(
        "in Setup → External Client App Manager → {} → Settings → OAuth Settings open Consumer Key and \
         Secret (Salesforce asks who you are); in OpenCX → Settings → Integrations → Salesforce → Email \
         paste the key as Client ID and the secret as Client Secret, take the Login URL \
         https://login.salesforce.com (a sandbox: https://test.salesforce.com), Save Credentials, then \
         Connect to Salesforce; a new app takes 2 to 10 minutes, at times 30, until that works",
        app.full_name
    );
    Some(check.about(app).help(help))
}

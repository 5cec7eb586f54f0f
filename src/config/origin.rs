//! Which layer each value of an org came from, for `config show`.

use super::check;
use super::file::{ConfigFile, Org};
use super::layer::{Layers, Origin};
use super::option::{Fields, Shown};

/// Key path, shown value, origin; in the order of the file. Values that are neither written nor
/// have a default are left out.
pub(super) fn origins(file: &ConfigFile, org: &Org) -> Vec<Shown> {
    let mut list = Vec::new();
    if let Some(templates) = file.templates.shown() {
        list.push(("templates".to_owned(), templates, Origin::TopLevel));
    }
    let salesforce = Layers::new("salesforce", Some(&file.salesforce), None);
    Fields::shown(&salesforce, &mut list);
    Fields::shown(&check::email_cases(file, Some(org)), &mut list);
    if let Some(app) = check::external_client_app(file, Some(org)) {
        Fields::shown(&app, &mut list);
    }
    if let Some(messaging) = check::live_messaging(file, Some(org)) {
        Fields::shown(&messaging, &mut list);
    }
    let drift = Layers::new("drift", Some(&file.drift), None);
    Fields::shown(&drift, &mut list);
    list
}

//! What a person has to do after delivery by a mail provider was deployed.

use super::{Check, Status};
use crate::diag::Code;
use crate::metadata::MetadataType;
use crate::package::Package;

const KEY_ENTERED: Code = Code("verify/provider-key");

/// A key stands in the org only, where nothing can read it back. An External Credential that
/// writes a header needs one.
pub(super) fn to_do(package: &Package) -> Option<Check> {
    let mut credentials = package.of_kind(MetadataType::ExternalCredential);
    let writes_a_header = "<parameterType>AuthHeader</parameterType>";
    let credential = &credentials
        .find(|one| one.xml.contains(writes_a_header))?
        .id;
    let check = Check::new(
        KEY_ENTERED,
        Status::ToDo,
        "whether the mail provider's key is entered cannot be read from the org",
    );
    let help = format!(
        "enter the mail provider's key as the authentication parameter ApiKey: Setup → Named \
         Credentials → External Credentials → {} → Principals → Mail → Edit",
        credential.full_name
    );
    Some(check.about(credential).help(help))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::metadata::{ApiVersion, Component, ComponentId};

    fn package(parameter: &str) -> Package {
        let id = ComponentId::new(MetadataType::ExternalCredential, "Mail");
        let component = Component {
            id: id.clone(),
            source: None,
            xml: format!("<parameterType>{parameter}</parameterType>"),
        };
        Package {
            api_version: ApiVersion::new(66),
            components: BTreeMap::from([(id, component)]),
            secrets: Vec::new(),
        }
    }

    #[test]
    fn a_credential_with_a_header_needs_a_key() {
        let check = to_do(&package("AuthHeader")).unwrap();
        assert_eq!(check.status, Status::ToDo);
        assert!(to_do(&package("NamedPrincipal")).is_none());
    }
}

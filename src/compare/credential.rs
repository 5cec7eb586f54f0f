//! Named Credentials of two models.

use crate::metadata::MetadataType;
use crate::xml::Element;

/// Why the org's credential cannot become ours: a deploy doesn't switch `namedCredentialType`.
pub(super) fn other_model(kind: MetadataType, live: &Element, wanted: &Element) -> Option<String> {
    if kind != MetadataType::NamedCredential {
        return None;
    }
    let model = |root: &Element| root.child_text("namedCredentialType").map(str::to_owned);
    let (live, wanted) = (model(live)?, model(wanted)?);
    (live != wanted).then(|| {
        format!(
            "it is of type {live}, ours is of type {wanted}: a deploy cannot switch the type of a \
             Named Credential"
        )
    })
}

//! External Client Apps as an org hands them out. What the org makes (key, secret, links that hold
//! its id) is no part of the stored form; the org adds it when it hands a file out.

use crate::metadata::MetadataType;

use super::super::state::Stored;
use super::super::tree::Node;
use super::default;

/// Writes what the Metadata API guide calls the defaults of the type.
pub fn defaults(kind: MetadataType, root: &mut Node) {
    let values: &[(&str, &str)] = match kind {
        MetadataType::ExternalClientApplication => {
            &[("distributionState", "Local"), ("isProtected", "false")]
        }
        MetadataType::ExtlClntAppGlobalOauthSettings => &[
            ("isConsumerSecretOptional", "false"),
            ("isIntrospectAllTokens", "false"),
            ("isPkceRequired", "true"),
            ("isSecretRequiredForRefreshToken", "true"),
            ("shouldRotateConsumerKey", "false"),
            ("shouldRotateConsumerSecret", "false"),
        ],
        MetadataType::ExtlClntAppOauthSettings => &[("isFirstPartyAppEnabled", "false")],
        MetadataType::ExtlClntAppOauthConfigurablePolicies => &[
            ("isClientCredentialsFlowEnabled", "false"),
            ("isGuestCodeCredFlowEnabled", "false"),
            ("isTokenExchangeFlowEnabled", "false"),
        ],
        MetadataType::ExtlClntAppConfigurablePolicies => {
            &[("isOauthPluginEnabled", "false"), ("startPage", "None")]
        }
        _ => &[],
    };
    for (name, value) in values {
        default(root, name, value);
    }
    if kind == MetadataType::ExtlClntAppOauthSettings
        && let Some(scopes) = root
            .children
            .iter_mut()
            .find(|child| child.name == "commaSeparatedOauthScopes")
    {
        let words: Vec<&str> = scopes.text.split(',').map(str::trim).collect();
        scopes.text = words.join(", ");
    }
}

/// What an org adds to the file when it hands it out.
pub fn generated(stored: &Stored, root: &mut Node, org_id: &str) {
    let org = org_id.get(..15).unwrap_or(org_id);
    let (app, record) = (&stored.full_name, &stored.id);
    match stored.kind {
        MetadataType::ExternalClientApplication => {
            root.set("orgScopedExternalApp", &format!("{org}:{app}"));
        }
        MetadataType::ExtlClntAppGlobalOauthSettings => {
            root.set("consumerKey", &format!("3MVG9.emulated.{record}"));
        }
        MetadataType::ExtlClntAppOauthSettings => {
            root.set("oauthLink", &format!("{org}:{record}"));
        }
        _ => {}
    }
}

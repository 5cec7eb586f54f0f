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
    // The org keeps it and never gives it back.
    root.children.retain(|child| child.name != "consumerSecret");
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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::super::options::Options;
    use super::super::super::state::Stamp;
    use super::super::super::{tree, users};
    use super::super::{handed_out, normal};
    use super::*;

    fn retrieved(kind: MetadataType, body: &str) -> String {
        let Ok(root) = tree::parse(&format!("<{kind}>{body}</{kind}>")) else {
            panic!("well-formed");
        };
        let stamp = Stamp {
            by: String::new(),
            at: Timestamp::UNIX_EPOCH,
        };
        let stored = Stored {
            kind,
            full_name: "A".to_owned(),
            id: "0xI000000000001".to_owned(),
            source: None,
            xml: normal(kind, &root).document(),
            created: stamp.clone(),
            modified: stamp,
        };
        let mut out = String::new();
        let mut state = users::new_org(&Options::default(), Timestamp::UNIX_EPOCH);
        state.organization.id = "00D000000000062EAA".to_owned();
        for child in handed_out(&stored, &state).children {
            child.write_flat(&mut out);
        }
        out
    }

    #[test]
    fn keys_and_links_of_the_org_stand_in_wsdl_order() {
        assert_eq!(
            retrieved(
                MetadataType::ExternalClientApplication,
                "<label>A</label><contactEmail>a@b.example</contactEmail>"
            ),
            "<contactEmail>a@b.example</contactEmail><distributionState>Local</distributionState>\
             <isProtected>false</isProtected><label>A</label>\
             <orgScopedExternalApp>00D000000000062:A</orgScopedExternalApp>"
        );
        assert_eq!(
            retrieved(
                MetadataType::ExtlClntAppOauthSettings,
                "<externalClientApplication>A</externalClientApplication>\
                 <commaSeparatedOauthScopes>Full,RefreshToken</commaSeparatedOauthScopes>"
            ),
            "<commaSeparatedOauthScopes>Full, RefreshToken</commaSeparatedOauthScopes>\
             <externalClientApplication>A</externalClientApplication>\
             <isFirstPartyAppEnabled>false</isFirstPartyAppEnabled>\
             <oauthLink>00D000000000062:0xI000000000001</oauthLink>"
        );
        let settings = retrieved(
            MetadataType::ExtlClntAppGlobalOauthSettings,
            "<externalClientApplication>A</externalClientApplication>",
        );
        let start = "<consumerKey>3MVG9.emulated.0xI000000000001</consumerKey>\
                     <externalClientApplication>";
        assert!(settings.starts_with(start), "{settings}");
        assert!(settings.contains("<isPkceRequired>true</isPkceRequired>"));
    }
}

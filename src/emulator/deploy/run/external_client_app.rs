//! An org makes the policies of an External Client App when the app gets its OAuth settings, with
//! names of its own choice, unless the deploy brought some.

use crate::metadata::{ComponentId, MetadataType};

use super::super::super::normal::normal;
use super::super::super::state::State;
use super::super::super::tree::Node;

/// The policies that apps of this org lack, with the XML that they begin with.
pub fn policies(state: &State) -> Vec<(ComponentId, String)> {
    let app_of = |tree: &Node| {
        let name = tree.text_of("externalClientApplication");
        name.unwrap_or_default().trim().to_owned()
    };
    let settings = state.of_type(MetadataType::ExtlClntAppOauthSettings);
    let mut made = Vec::new();
    for app in settings.iter().map(|stored| app_of(&stored.tree())) {
        for (kind, suffix, values) in [
            (
                MetadataType::ExtlClntAppOauthConfigurablePolicies,
                "oauthPlcy",
                &[
                    ("ipRelaxationPolicyType", "Enforce"),
                    ("permittedUsersPolicyType", "AllSelfAuthorized"),
                    ("refreshTokenPolicyType", "Infinite"),
                ][..],
            ),
            (
                MetadataType::ExtlClntAppConfigurablePolicies,
                "plcy",
                &[("isEnabled", "true"), ("isOauthPluginEnabled", "true")][..],
            ),
        ] {
            let is_there = state
                .of_type(kind)
                .iter()
                .any(|stored| app_of(&stored.tree()).eq_ignore_ascii_case(&app));
            if is_there {
                continue;
            }
            let name = format!("{app}_{suffix}");
            let mut children = vec![
                Node::leaf("externalClientApplication", app.as_str()),
                Node::leaf("label", name.as_str()),
            ];
            children.extend(
                values
                    .iter()
                    .map(|(field, value)| Node::leaf(field, *value)),
            );
            let root = Node::with(kind.name(), children);
            made.push((ComponentId::new(kind, name), normal(kind, &root).document()));
        }
    }
    made
}

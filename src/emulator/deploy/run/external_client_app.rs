//! An org makes the policies of an External Client App when the app gets its OAuth settings, with
//! names of its own choice, unless the deploy brought some. None of an app's parts outlives it.

use crate::metadata::{ComponentId, MetadataType};

use super::super::super::normal::normal;
use super::super::super::state::State;
use super::super::super::tree::Node;

const PARTS: [MetadataType; 4] = [
    MetadataType::ExtlClntAppGlobalOauthSettings,
    MetadataType::ExtlClntAppOauthSettings,
    MetadataType::ExtlClntAppOauthConfigurablePolicies,
    MetadataType::ExtlClntAppConfigurablePolicies,
];

fn app_of(tree: &Node) -> String {
    let name = tree.text_of("externalClientApplication");
    name.unwrap_or_default().trim().to_owned()
}

/// The parts whose app is not there any more.
pub fn orphans(state: &State) -> Vec<ComponentId> {
    let apps = state.of_type(MetadataType::ExternalClientApplication);
    let has_app = |app: &str| {
        let mut names = apps.iter().map(|stored| stored.component_id().full_name);
        names.any(|name| name.as_str().eq_ignore_ascii_case(app))
    };
    let parts = PARTS.into_iter().flat_map(|kind| state.of_type(kind));
    parts
        .filter(|stored| !has_app(&app_of(&stored.tree())))
        .map(|stored| stored.component_id())
        .collect()
}

/// The policies that apps of this org lack, with the XML that they begin with.
pub fn policies(state: &State) -> Vec<(ComponentId, String)> {
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

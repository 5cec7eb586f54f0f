//! What single options of the config change in the package.

use super::*;
use crate::config::{CaseTrigger, CredentialModel};

fn xml<'a>(package: &'a Package, kind: MetadataType, name: &str) -> &'a str {
    &package.components[&ComponentId::new(kind, name)].xml
}

#[test]
fn an_existing_trigger_takes_the_place_of_ours() {
    let package = render_embedded(&Integration {
        case_trigger: CaseTrigger::Existing,
        ..integration()
    });
    let triggers: Vec<&str> = package
        .components
        .keys()
        .filter(|id| id.kind == MetadataType::ApexTrigger)
        .map(|id| id.full_name.as_str())
        .collect();
    assert_eq!(triggers, ["OpenCxOutboundEmailSender"]);
    let line = "     * OpenSalesforceCaseManagement.handleAfterInsert(Trigger.new);";
    let handler = source(&package, "OpenSalesforceCaseManagement");
    assert_eq!(handler.lines().filter(|found| *found == line).count(), 1);
    assert!(!handler.contains("Can be called from a trigger of your\n"));
}

#[test]
fn a_secured_endpoint_has_the_url_in_a_parameter_and_a_principal_for_everybody() {
    let package = render_embedded(&Integration {
        named_credential: CredentialModel::SecuredEndpoint,
        ..integration()
    });
    let resolved = package.resolved().unwrap();
    let credential = xml(
        &resolved,
        MetadataType::NamedCredential,
        "OpenCX_Integration",
    );
    let root = xml::parse(credential).unwrap();
    assert_eq!(root.child_text("endpoint"), None);
    let parameters: Vec<Vec<(&str, &str)>> = root
        .children
        .iter()
        .filter(|child| child.name == "namedCredentialParameters")
        .map(|child| {
            let fields = child.children.iter();
            fields.map(|field| (&*field.name, &*field.text)).collect()
        })
        .collect();
    assert_eq!(
        parameters,
        [
            vec![
                ("parameterName", "Url"),
                ("parameterType", "Url"),
                ("parameterValue", URL)
            ],
            vec![
                ("externalCredential", "OpenCX_Webhook"),
                ("parameterName", "ExternalCredential"),
                ("parameterType", "Authentication")
            ],
        ]
    );
    let access = xml(
        &package,
        MetadataType::PermissionSet,
        "OpenCX_Webhook_Access",
    );
    assert!(access.contains(">OpenCX_Webhook-OpenCX<"), "{access}");
    assert!(!access.contains("classAccesses"), "{access}");
    // The marker fits what is deployed.
    let marker = apex::Marker::in_description(root.child_text("description").unwrap()).unwrap();
    let id = ComponentId::new(MetadataType::NamedCredential, "OpenCX_Integration");
    assert_eq!(
        marker.digest,
        xml::digest(&resolved.components[&id]).unwrap()
    );
}

#[test]
fn an_app_goes_before_its_policies_and_after_everything_else() {
    let rollout = |external_client_app| {
        let integration = Integration {
            external_client_app,
            ..integration()
        };
        rollout(&integration, &Catalog::embedded()).unwrap()
    };
    let without = rollout(None);
    assert!(without.is_single());
    let with = rollout(Some(app(true)));
    assert_eq!(with.stages()[0].package, without.whole());
    let later: Vec<(&str, Vec<String>)> = with.stages()[1..]
        .iter()
        .map(|stage| {
            let components = stage.package.components.keys();
            (&*stage.name, components.map(ToString::to_string).collect())
        })
        .collect();
    assert_eq!(
        later,
        [
            (
                "external-client-app",
                vec![
                    "ExternalClientApplication:Acme_AI".to_owned(),
                    "ExtlClntAppGlobalOauthSettings:Acme_AI_glbloauth".to_owned(),
                    "ExtlClntAppOauthSettings:Acme_AI_oauth".to_owned(),
                ]
            ),
            (
                "external-client-app-policies",
                vec![
                    "ExtlClntAppOauthConfigurablePolicies:Acme_AI_oauthPlcy".to_owned(),
                    "ExtlClntAppConfigurablePolicies:Acme_AI_plcy".to_owned(),
                ]
            ),
        ]
    );
    let whole = with.whole();
    let kind = MetadataType::ExtlClntAppGlobalOauthSettings;
    let settings = xml::parse(xml(&whole, kind, "Acme_AI_glbloauth")).unwrap();
    assert_eq!(
        settings.child_text("callbackUrl"),
        Some("https://api.open.cx/backend/salesforce-case-management/oauth/callback")
    );
    assert_eq!(settings.child_text("isPkceRequired"), Some("true"));
    let app = xml(&whole, MetadataType::ExternalClientApplication, "Acme_AI");
    let app = xml::parse(app).unwrap();
    assert_eq!(app.child_text("label"), Some("Acme & AI"));
}

#[test]
fn object_permissions_say_everything_that_their_version_knows() {
    for (major, viewed) in [(62, None), (63, Some("false"))] {
        let package = render_embedded(&Integration {
            api_version: ApiVersion::new(major),
            ..integration()
        });
        let set = xml(&package, MetadataType::PermissionSet, "OpenCX_Integration");
        let set = xml::parse(set).unwrap();
        let permissions = set.child("objectPermissions").unwrap();
        assert_eq!(permissions.child_text("object"), Some("Case"));
        assert_eq!(permissions.child_text("viewAllFields"), viewed);
        for (field, granted) in [
            ("allowCreate", "true"),
            ("allowDelete", "false"),
            ("allowEdit", "true"),
            ("allowRead", "true"),
            ("modifyAllRecords", "false"),
            ("viewAllRecords", "false"),
        ] {
            assert_eq!(permissions.child_text(field), Some(granted), "{field}");
        }
    }
}

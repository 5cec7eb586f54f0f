//! Credentials of the newer model and External Client Apps.

use super::*;
use crate::metadata::{ComponentId, MetadataType};

const EXTERNAL: &str = "<label>E</label><authenticationProtocol>Custom</authenticationProtocol>\
    <externalCredentialParameters><parameterName>P</parameterName>\
    <parameterType>NamedPrincipal</parameterType></externalCredentialParameters>";
const SECURED: &str = "<label>N</label><namedCredentialParameters>\
    <parameterName>Url</parameterName><parameterType>Url</parameterType>\
    <parameterValue>https://a.example</parameterValue></namedCredentialParameters>\
    <namedCredentialParameters><externalCredential>E</externalCredential>\
    <parameterName>X</parameterName><parameterType>Authentication</parameterType>\
    </namedCredentialParameters><namedCredentialType>SecuredEndpoint</namedCredentialType>";

fn file(kind: &str, body: &str) -> String {
    format!("<{kind} {NS}>{body}</{kind}>")
}

fn principal(name: &str) -> String {
    let access = format!(
        "<externalCredentialPrincipalAccesses><enabled>true</enabled>\
         <externalCredentialPrincipal>{name}</externalCredentialPrincipal>\
         </externalCredentialPrincipalAccesses><label>P</label>"
    );
    file("PermissionSet", &access)
}

/// A new org that took the external credential, the secured endpoint and access to the principal.
fn secured() -> (State, Options) {
    let (mut state, settings) = org(OrgKind::Developer);
    let manifest = manifest(&[
        ("ExternalCredential", "E"),
        ("NamedCredential", "N"),
        ("PermissionSet", "P"),
    ]);
    let deploy = run(
        &mut state,
        &settings,
        single(),
        &[
            ("package.xml", &manifest),
            (
                "externalCredentials/E.externalCredential",
                &file("ExternalCredential", EXTERNAL),
            ),
            (
                "namedCredentials/N.namedCredential",
                &file("NamedCredential", SECURED),
            ),
            ("permissionsets/P.permissionset", &principal("e-p")),
        ],
    );
    assert_eq!(failures(&deploy), [""; 0]);
    (state, settings)
}

#[test]
fn one_package_may_bring_a_principal_and_the_access_to_it() {
    let (state, _) = secured();
    let external = ComponentId::new(MetadataType::ExternalCredential, "E");
    let stored = state.component(&external).unwrap();
    let groups: Vec<_> = stored
        .tree()
        .children
        .iter()
        .filter_map(|child| child.text_of("parameterGroup").map(str::to_owned))
        .collect();
    assert_eq!(groups, ["P"]);
}

#[test]
fn what_is_referred_to_must_be_there() {
    assert_eq!(
        refused(
            &[("NamedCredential", "N"), ("PermissionSet", "P")],
            &[
                (
                    "namedCredentials/N.namedCredential",
                    &file("NamedCredential", SECURED)
                ),
                ("permissionsets/P.permissionset", &principal("E-P")),
            ]
        ),
        [
            "namedCredentials/N.namedCredential 1:255 In field: externalCredential - no \
             ExternalCredential named E found",
            "permissionsets/P.permissionset 1:64 In field: externalCredentialPrincipal - no \
             ExternalCredentialPrincipal named E-P found",
        ]
    );
    let part = "<externalClientApplication>A</externalClientApplication><consumerKey>k\
                </consumerKey>";
    let settings = file("ExtlClntAppGlobalOauthSettings", part);
    let policies = "<externalClientApplication>A</externalClientApplication>";
    assert_eq!(
        refused(
            &[
                ("ExtlClntAppConfigurablePolicies", "A_plcy"),
                ("ExtlClntAppGlobalOauthSettings", "A_g"),
            ],
            &[
                (
                    "extlClntAppPolicies/A_plcy.ecaPlcy",
                    &file("ExtlClntAppConfigurablePolicies", policies)
                ),
                ("extlClntAppGlobalOauthSets/A_g.ecaGlblOauth", &settings),
            ]
        ),
        [
            "extlClntAppPolicies/A_plcy.ecaPlcy 1:82 In field: externalClientApplication - no \
             ExternalClientApplication named A found",
            "extlClntAppPolicies/A_plcy.ecaPlcy Required field is missing: isEnabled",
            "extlClntAppGlobalOauthSets/A_g.ecaGlblOauth 1:81 In field: externalClientApplication \
             - no ExternalClientApplication named A found",
            "extlClntAppGlobalOauthSets/A_g.ecaGlblOauth 1:137 consumerKey can't be specified",
        ]
    );
}

#[test]
fn a_credential_keeps_its_type() {
    let (mut state, settings) = secured();
    let legacy = "<endpoint>https://a.example</endpoint><label>N</label>";
    let manifest = manifest(&[("NamedCredential", "N")]);
    let deploy = run(
        &mut state,
        &settings,
        single(),
        &[
            ("package.xml", &manifest),
            (
                "namedCredentials/N.namedCredential",
                &file("NamedCredential", legacy),
            ),
        ],
    );
    assert_eq!(
        failures(&deploy),
        [
            "namedCredentials/N.namedCredential Cannot change the type of a named credential from \
             SecuredEndpoint to Legacy"
        ]
    );
}

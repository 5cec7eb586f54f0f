//! Named Credentials of two models, and External Client Apps with their parts.

use super::*;
use crate::package::parts;

fn of_type(model: &str) -> Component {
    xml_component(
        MetadataType::NamedCredential,
        "N",
        &format!(
            "<description>{{marker}}</description><label>N</label>\
             <namedCredentialType>{model}</namedCredentialType>"
        ),
    )
}

#[test]
fn a_credential_of_the_other_model_is_incompatible_whoever_wrote_it() {
    let secured = of_type("SecuredEndpoint");
    let note = |live: &str, ours: &str| {
        Some(format!(
            "it is of type {live}, ours is of type {ours}: a deploy cannot switch the type of a \
             Named Credential"
        ))
    };
    // One that says its type, and one that leaves it out.
    for live in [of_type("Legacy"), credential("https://a.example")] {
        let change = one(&secured, live);
        assert_eq!(change.kind, ChangeKind::Incompatible);
        assert_eq!(change.note, note("Legacy", "SecuredEndpoint"));
    }
    let change = one(&credential("https://a.example"), secured);
    assert_eq!(change.note, note("SecuredEndpoint", "Legacy"));
}

#[test]
fn a_url_in_a_parameter_is_masked() {
    let secured = |url: &str| {
        xml_component(
            MetadataType::NamedCredential,
            "N",
            &format!(
                "<description>{{marker}}</description><label>N</label><namedCredentialParameters>\
                 <parameterName>Url</parameterName><parameterType>Url</parameterType>\
                 <parameterValue>{url}</parameterValue></namedCredentialParameters>\
                 <namedCredentialType>SecuredEndpoint</namedCredentialType>"
            ),
        )
    };
    let change = one(
        &secured("https://a.example/t0ken"),
        secured("https://b.example/s3cret"),
    );
    assert_eq!(change.kind, ChangeKind::Changed);
    let shown = serde_json::to_string(&change).unwrap();
    assert!(shown.contains("b.example"), "{shown}");
    assert!(
        !shown.contains("t0ken") && !shown.contains("s3cret"),
        "{shown}"
    );
}

const SETTINGS: MetadataType = MetadataType::ExtlClntAppGlobalOauthSettings;

fn app(description: &str) -> Component {
    xml_component(
        MetadataType::ExternalClientApplication,
        "A",
        &format!("<description>{description}</description><label>A</label>"),
    )
}

fn settings(body: &str) -> Component {
    xml_component(
        SETTINGS,
        "A_glbloauth",
        &format!("<externalClientApplication>A</externalClientApplication>{body}<label>A</label>"),
    )
}

#[test]
fn what_the_org_makes_and_how_it_writes_lists_is_no_difference() {
    let pkce = "<isPkceRequired>true</isPkceRequired>";
    let live = settings("<consumerKey>3MVG9</consumerKey>");
    assert_eq!(one(&settings(pkce), live).kind, ChangeKind::Same);
    let scopes = |scopes: &str| {
        xml_component(
            MetadataType::ExtlClntAppOauthSettings,
            "A_oauth",
            &format!(
                "<commaSeparatedOauthScopes>{scopes}</commaSeparatedOauthScopes>\
                 <externalClientApplication>A</externalClientApplication>"
            ),
        )
    };
    let same = one(&scopes("Full, RefreshToken"), scopes("RefreshToken,Full"));
    assert_eq!(same.kind, ChangeKind::Same);
    let other = one(&scopes("Full, RefreshToken"), scopes("Full, Api"));
    assert_eq!(other.kind, ChangeKind::Foreign);
}

#[test]
fn a_part_is_ours_when_its_app_is() {
    let wanted = settings("<isPkceRequired>false</isPkceRequired>");
    let live = settings("<isPkceRequired>true</isPkceRequired>");
    for (head, kind) in [
        (Some("{marker}"), ChangeKind::Changed),
        (Some("Somebody's"), ChangeKind::Foreign),
        (None, ChangeKind::Foreign),
    ] {
        let mut package = sample();
        package.components = [app("{marker}"), wanted.clone()]
            .into_iter()
            .map(|component| (component.id.clone(), component))
            .collect();
        let mut org = Live::default();
        let state = head.map_or(LiveState::Absent, |head| present(app(head)));
        org.components.insert(app("").id, state);
        org.components
            .insert(live.id.clone(), present(live.clone()));
        let change = compare(&package, &org)
            .into_iter()
            .find(|change| change.component.kind == SETTINGS);
        assert_eq!(change.unwrap().kind, kind, "{head:?}");
    }
}

/// What stands in an org after it was given an app with these settings, and how the settings stand now
/// to what is wanted.
fn since(written: Option<&str>, now: Option<&str>, wanted: &str) -> Option<LastApplied> {
    let pkce = |value: &str| settings(&format!("<isPkceRequired>{value}</isPkceRequired>"));
    let with_digests = |value: &str| {
        let mut both = [app("{marker}"), pkce(value)];
        parts::keep_digests(&mut both);
        both
    };
    let mut package = sample();
    package.components = with_digests(wanted)
        .into_iter()
        .map(|component| (component.id.clone(), component))
        .collect();
    let [head, _] = written.map_or_else(|| [app("{marker}"), settings("")], with_digests);
    let mut org = Live::default();
    let part = pkce(now.unwrap_or_default());
    let state = now.map_or(LiveState::Absent, |_| present(part.clone()));
    org.components.insert(part.id.clone(), state);
    org.components.insert(head.id.clone(), present(head));
    let changes = compare(&package, &org);
    let of = |id: &ComponentId| changes.iter().find(|change| change.component == *id);
    // What is noted is no difference.
    let head = of(&app("").id).unwrap();
    assert_eq!((head.kind, &head.last_applied), (ChangeKind::Same, &None));
    let change = of(&part.id).unwrap();
    change.last_applied.clone()
}

#[test]
fn an_org_tells_of_a_part_whether_it_is_as_it_was_written_last() {
    for (written, now, wanted, expected) in [
        // The config changed.
        (
            Some("false"),
            Some("false"),
            "true",
            Some((Applied::AsWritten, false)),
        ),
        // Somebody changed it, and perhaps the config too.
        (
            Some("false"),
            Some("true"),
            "false",
            Some((Applied::Otherwise, true)),
        ),
        (Some("true"), None, "true", Some((Applied::NotKnown, true))),
        (
            Some("true"),
            None,
            "false",
            Some((Applied::NotKnown, false)),
        ),
        // An older release.
        (
            None,
            Some("false"),
            "true",
            Some((Applied::NotKnown, false)),
        ),
        // Of what is as it should be nobody asks.
        (Some("false"), Some("true"), "true", None),
    ] {
        let told = since(written, now, wanted);
        let told = told.map(|last| (last.part, last.is_current));
        assert_eq!(told, expected, "{written:?} {now:?} {wanted}");
    }
}

#[test]
fn a_digest_is_no_word_for_an_app_that_is_not_ours() {
    let mut both = [
        app("{marker}"),
        settings("<isPkceRequired>false</isPkceRequired>"),
    ];
    parts::keep_digests(&mut both);
    let mut package = sample();
    package.components = both
        .iter()
        .map(|component| (component.id.clone(), component.clone()))
        .collect();
    let digest = parts::digest(&both[1]).unwrap();
    let theirs = app(&format!("Somebody's opencx-sf parts={digest}"));
    let live = settings("<isPkceRequired>true</isPkceRequired>");
    let mut org = Live::default();
    for component in [theirs, live.clone()] {
        org.components
            .insert(component.id.clone(), present(component));
    }
    let changes = compare(&package, &org);
    let change = changes.iter().find(|change| change.component == live.id);
    let change = change.unwrap();
    assert_eq!(
        (change.kind, &change.last_applied),
        (ChangeKind::Foreign, &None)
    );
}

//! The section `external_client_app`.

use super::*;

fn app(text: &str, org: Option<&str>) -> Result<Option<ExternalClientApp>, Vec<String>> {
    let config = parse(&format!("{TOP}{text}")).map_err(|found| briefs::<()>(Err(found)))?;
    let outside = Outside::default();
    let integration = match org {
        Some(org) => {
            config
                .target(org, &outside, Secrets::Unresolved)
                .unwrap()
                .integration
        }
        None => config.integration(&outside, Secrets::Unresolved).unwrap(),
    };
    Ok(integration.external_client_app)
}

fn made(name: &str, label: &str, contact_email: &str, require_pkce: bool) -> ExternalClientApp {
    ExternalClientApp {
        name: name.to_owned(),
        label: label.to_owned(),
        contact_email: contact_email.to_owned(),
        require_pkce,
    }
}

#[test]
fn without_the_section_there_is_no_app() {
    assert_eq!(app("", None), Ok(None));
    assert_eq!(app("orgs: { a: { auth: env } }\n", Some("a")), Ok(None));
}

#[test]
fn an_org_replaces_key_by_key_and_may_have_an_app_alone() {
    let text = "\
external_client_app: { contact_email: a@acme.example, require_pkce: false }
orgs:
  plain: { auth: env }
  other: { auth: env, external_client_app: { require_pkce: true, name: Acme, label: \"A & B\" } }
";
    let plain = made("OpenCX", "OpenCX", "a@acme.example", false);
    assert_eq!(app(text, None), Ok(Some(plain.clone())));
    assert_eq!(app(text, Some("plain")), Ok(Some(plain)));
    let other = made("Acme", "A & B", "a@acme.example", true);
    assert_eq!(app(text, Some("other")), Ok(Some(other)));
    let text = "orgs: { plain: { auth: env }, alone: { auth: env, external_client_app: { \
                contact_email: b@acme.example, require_pkce: true } } }\n";
    assert_eq!(app(text, Some("plain")), Ok(None));
    let alone = made("OpenCX", "OpenCX", "b@acme.example", true);
    assert_eq!(app(text, Some("alone")), Ok(Some(alone)));
}

#[test]
fn pkce_and_the_address_must_be_decided() {
    let email = "add `contact_email: admin@acme.example`";
    let pkce = "add `require_pkce: false`";
    for (text, expected) in [
        (
            "external_client_app: {}\n",
            vec![
                format!("`external_client_app.contact_email` is missing | {email}"),
                format!("`external_client_app.require_pkce` is missing | {pkce}"),
            ],
        ),
        (
            "external_client_app: { contact_email: a@acme.example }\norgs: { a: { auth: env } }\n",
            vec![format!(
                "`external_client_app.require_pkce` is missing | {pkce}"
            )],
        ),
        (
            "orgs: { a: { auth: env, external_client_app: { require_pkce: true } } }\n",
            vec![format!(
                "`external_client_app.contact_email` is missing for the org `a` | {email}"
            )],
        ),
        (
            "external_client_app: { contact_email: a@acme.example, require_pkce: no }\n",
            vec![
                "`external_client_app.require_pkce` must be true or false, not a text | write \
                 `require_pkce: false`"
                    .to_owned(),
            ],
        ),
        (
            "external_client_app: { contact_email: a@acme.example, require_pkce: true, name: \
             A234567890123456789012345678901 }\n",
            vec![
                "`external_client_app.name` has more than 30 characters | use up to 30 letters, \
                 digits and single underscores, starting with a letter: the parts of the app get \
                 this name and a suffix"
                    .to_owned(),
            ],
        ),
        (
            "external_client_app: { contact_email: a@acme.example, require_pkce: true, name: a-b \
             }\n",
            vec![
                "`external_client_app.name` cannot be `a-b`: the name contains '-'; use only the \
                 letters A to Z, digits and underscores | use up to 40 letters, digits and single \
                 underscores, starting with a letter"
                    .to_owned(),
            ],
        ),
    ] {
        let found = app(text, None).unwrap_err();
        // Code and place stand before the message.
        let messages: Vec<&str> = found
            .iter()
            .filter_map(|text| text.splitn(3, ' ').nth(2))
            .collect();
        assert_eq!(messages, expected, "{text}");
    }
}

#[test]
fn an_org_may_say_what_the_top_level_leaves_open() {
    let text = "\
external_client_app: { contact_email: a@acme.example }
orgs: { a: { auth: env, external_client_app: { require_pkce: true } } }
";
    let made = made("OpenCX", "OpenCX", "a@acme.example", true);
    assert_eq!(app(text, Some("a")), Ok(Some(made)));
    // The top level alone is not complete.
    let config = parse(&format!("{TOP}{text}")).unwrap();
    let found = config.integration(&Outside::default(), Secrets::Unresolved);
    assert_eq!(briefs(found).len(), 1);
}

#[test]
fn every_value_has_its_origin() {
    let text = "\
external_client_app: { contact_email: a@acme.example, require_pkce: false }
orgs: { a: { auth: env, external_client_app: { require_pkce: true } } }
";
    let config = parse(&format!("{TOP}{text}")).unwrap();
    let shown: Vec<String> = config
        .origins("a")
        .unwrap()
        .into_iter()
        .filter(|(key, ..)| key.starts_with("external_client_app"))
        .map(|(key, value, origin)| format!("{key}={value} {origin:?}"))
        .collect();
    assert_eq!(
        shown,
        [
            "external_client_app.contact_email=a@acme.example TopLevel",
            "external_client_app.require_pkce=true OrgBlock",
            "external_client_app.name=OpenCX Default",
        ]
    );
}

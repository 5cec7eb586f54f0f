//! Every way of logging in, from the file to what it needs.

use super::*;
use crate::secret::Secret;

fn access(auth: &str, outside: &Outside) -> Result<Auth, Vec<Diagnostic>> {
    let config = parse(&format!("{TOP}orgs: {{ a: {{ auth: {auth} }} }}\n"))?;
    let access = config.access("a", outside)?;
    assert_eq!(access.name, "a");
    Ok(access.auth)
}

fn secret(env: Option<&str>, value: &str) -> SecretRef {
    SecretRef {
        env: env.map(str::to_owned),
        value: Some(Secret::new(value)),
    }
}

fn app(login_url: &str) -> App {
    App {
        client_id: "3MVG9.x".to_owned(),
        login_url: login_url.to_owned(),
    }
}

#[test]
fn reads_every_way() {
    let outside = Outside {
        env: [("S", "s3cret"), ("U", "force://a::b@acme.example")].into(),
        files: [("ci.key", "-----BEGIN PRIVATE KEY-----\n")].into(),
    };
    for (auth, expected) in [
        ("env", Auth::Environment),
        (
            "login",
            Auth::Login {
                client_id: None,
                login_url: PRODUCTION_LOGIN.to_owned(),
            },
        ),
        (
            "{ login: { login_url: https://test.salesforce.com, client_id: 3MVG9.x } }",
            Auth::Login {
                client_id: Some("3MVG9.x".to_owned()),
                login_url: "https://test.salesforce.com".to_owned(),
            },
        ),
        (
            "{ sf: acme-uat }",
            Auth::SalesforceCli {
                alias: "acme-uat".to_owned(),
            },
        ),
        (
            "{ sfdx_url: \"${env:U}\" }",
            Auth::SfdxUrl(secret(Some("U"), "force://a::b@acme.example")),
        ),
        (
            "{ jwt: { client_id: 3MVG9.x, username: ci@acme.example, key_file: ci.key } }",
            Auth::Jwt {
                app: app(PRODUCTION_LOGIN),
                username: "ci@acme.example".to_owned(),
                key: secret(None, "-----BEGIN PRIVATE KEY-----"),
            },
        ),
        (
            "{ jwt: { client_id: 3MVG9.x, username: ci@acme.example, private_key: \"${env:S}\" } }",
            Auth::Jwt {
                app: app(PRODUCTION_LOGIN),
                username: "ci@acme.example".to_owned(),
                key: secret(Some("S"), "s3cret"),
            },
        ),
        (
            "{ client_credentials: { client_id: 3MVG9.x, client_secret: \"${env:S}\", \
             login_url: https://acme.my.salesforce.com } }",
            Auth::ClientCredentials {
                app: app("https://acme.my.salesforce.com"),
                client_secret: secret(Some("S"), "s3cret"),
            },
        ),
        (
            "{ refresh: { client_id: 3MVG9.x, refresh_token: \"${env:S}\" } }",
            Auth::Refresh {
                app: app(PRODUCTION_LOGIN),
                client_secret: None,
                refresh_token: secret(Some("S"), "s3cret"),
            },
        ),
    ] {
        assert_eq!(access(auth, &outside).unwrap(), expected, "{auth}");
    }
}

#[test]
fn offline_work_needs_no_login() {
    let text = format!(
        "{TOP}orgs: {{ a: {{ auth: {{ jwt: {{ client_id: \"${{env:ID}}\", username: x@y.example, \
         key_file: none.pem }} }} }} }}\n"
    );
    let config = parse(&text).unwrap();
    let nothing = Outside::default();
    assert!(config.target("a", &nothing, Secrets::Unresolved).is_ok());
    let missing: Vec<_> = config.access("a", &nothing).unwrap_err();
    let codes: Vec<&str> = missing.iter().map(|found| found.code.0).collect();
    assert_eq!(codes, ["config/unset-variable", "config/unreadable-file"]);
}

#[test]
fn no_secret_of_a_login_is_shown() {
    let broken = [
        "{ refresh: { client_id: x, refresh_token: T0kenT0ken } }",
        "{ client_credentials: { client_secret: T0kenT0ken } }",
        "{ sfdx_url: force://a::T0kenT0ken@acme.example }",
        "{ jwt: { private_key: T0kenT0ken } }",
        "{ jwt: { private_key: T0kenT0ken }",
    ];
    for auth in broken {
        let found = access(auth, &Outside::default()).unwrap_err();
        assert!(!format!("{found:?}").contains("T0ken"), "{found:?}");
    }
}

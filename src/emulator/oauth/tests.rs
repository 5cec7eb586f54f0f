use proptest::prelude::*;

use super::*;
use crate::emulator::Options;

#[test]
fn assertions_are_judged_by_their_claims() {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let assertion_of = |aud: &str, sub: &str, exp: i64| {
        let claims = json!({ "iss": "app", "sub": sub, "aud": aud, "exp": exp });
        let signature = URL_SAFE_NO_PAD.encode([7; 256]);
        format!(
            "{}.{}.{signature}",
            part(json!({ "alg": "RS256" })),
            part(claims)
        )
    };
    let login = "https://login.salesforce.com";
    let judged = |text: &str| assertion(text, "a@b.example", 1_000).map(|(_, words)| words);
    assert_eq!(judged(&assertion_of(login, "a@b.example", 1_170)), None);
    for (text, words) in [
        (assertion_of(login, "a@b.example", 999), "invalid assertion"),
        (
            assertion_of(login, "a@b.example", 9_000),
            "invalid assertion",
        ),
        (
            assertion_of("https://acme.example", "a@b.example", 1_170),
            "audience is invalid",
        ),
        (
            assertion_of(login, "c@d.example", 1_170),
            "user hasn't approved this consumer",
        ),
        ("a.b.c".to_owned(), "invalid assertion"),
    ] {
        assert_eq!(judged(&text), Some(words));
    }
}

#[test]
fn a_token_ends_by_use_and_by_revocation() {
    let sessions = Sessions::new("00D000000000062EAA", Expiry::After(2));
    let token = sessions.new_access();
    assert!(token.starts_with("00D000000000062!"));
    assert_eq!(
        [1, 2, 3].map(|_| sessions.takes(&token)),
        [true, true, false]
    );
    let (refresh, access) = (sessions.new_refresh(), sessions.new_access());
    assert!(sessions.revoke(&refresh));
    assert!(!sessions.takes(&access) && !sessions.knows_refresh(&refresh));
    assert!(!sessions.revoke(&refresh));
}

#[test]
fn names_and_refusals_are_one_to_one() {
    for (name, refusal) in Refusal::ALL {
        assert_eq!(name.parse(), Ok(refusal));
        assert_eq!(refusal.to_string(), name);
    }
    assert!("".parse::<Refusal>().is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_request_is_answered(
        method in "GET|POST",
        endpoint in "authorize|token|revoke|\\PC{0,5}",
        form in "((grant_type|code|client_id|redirect_uri|assertion|token)=(authorization_code|client_credentials|http%3A%2F%2Flocalhost%3A1|\\PC{0,8})&?){0,5}",
    ) {
        let folder = tempfile::TempDir::new().unwrap();
        let org = EmulatedOrg::open(folder.path(), &Options::default()).unwrap();
        let sessions = Sessions::new("00D000000000062EAA", Expiry::Never);
        let request = Request { method: &method, endpoint: &endpoint, form: &form, instance_url: "http://127.0.0.1:1" };
        if let Some(answer) = respond(&org, &sessions, &request).unwrap() {
            prop_assert!(matches!(answer.status, 200 | 302 | 400));
        }
    }
}

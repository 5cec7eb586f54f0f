use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair as Pair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use proptest::prelude::*;

use super::*;

/// Made once: it takes a moment.
fn pair() -> &'static (Pair, String) {
    static PAIR: std::sync::OnceLock<(Pair, String)> = std::sync::OnceLock::new();
    PAIR.get_or_init(|| {
        let pair = Pair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let pem = pem("PRIVATE KEY", der.as_ref());
        (pair, pem)
    })
}

fn pem(label: &str, der: &[u8]) -> String {
    let digits = STANDARD.encode(der);
    let lines: Vec<&str> = digits
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

fn read(text: &str) -> Result<PrivateKey, KeyProblem> {
    PrivateKey::from_pem(&Secret::new(text))
}

#[test]
fn reads_keys_as_they_are_stored() {
    let (_, pem) = pair();
    for text in [
        pem.clone(),
        pem.replace('\n', "\r\n"),
        pem.replace('\n', "\\n"),
        format!("Bag Attributes\n  friendlyName: x\n{pem}"),
        format!("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n{pem}"),
    ] {
        assert!(read(&text).is_ok(), "{text}");
    }
}

#[test]
fn tells_what_is_there_instead_of_a_key() {
    let (_, pem) = pair();
    for (text, problem) in [
        (String::new(), KeyProblem::NotPem),
        ("MIIEvQIBADANBg".to_owned(), KeyProblem::NotPem),
        (pem[..pem.len() / 2].to_owned(), KeyProblem::Damaged),
        (pem.replacen('M', "~", 1), KeyProblem::Damaged),
        (
            pem.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"),
            KeyProblem::Encrypted,
        ),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIB\n\
             -----END RSA PRIVATE KEY-----"
                .to_owned(),
            KeyProblem::Encrypted,
        ),
        (
            pem.replace("PRIVATE KEY", "PUBLIC KEY"),
            KeyProblem::NotPrivate,
        ),
        (
            pem.replace("PRIVATE KEY", "CERTIFICATE"),
            KeyProblem::NotPrivate,
        ),
        (
            pem.replace("PRIVATE KEY", "EC PRIVATE KEY"),
            KeyProblem::NotRsa,
        ),
        (self::pem("PRIVATE KEY", b"no DER"), KeyProblem::NotRsa),
    ] {
        assert_eq!(read(&text).unwrap_err(), problem, "{text}");
    }
}

#[test]
fn signs_what_salesforce_asks_for() {
    let (pair, pem) = pair();
    let now = "2026-11-20T10:00:00Z".parse().unwrap();
    let assertion = read(pem)
        .unwrap()
        .assertion("3MVG9.key", "ci@acme.example", "login.salesforce.com", now)
        .unwrap();
    let parts: Vec<&str> = assertion.expose().split('.').collect();
    let [header, claims, signature] = parts.as_slice() else {
        panic!("{parts:?}");
    };
    let text = |part: &str| String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    assert_eq!(text(header), r#"{"alg":"RS256"}"#);
    assert_eq!(
        text(claims),
        r#"{"iss":"3MVG9.key","sub":"ci@acme.example","aud":"https://login.salesforce.com","exp":1795168970}"#
    );
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref())
        .verify(
            format!("{header}.{claims}").as_bytes(),
            &URL_SAFE_NO_PAD.decode(signature).unwrap(),
        )
        .unwrap();
}

#[test]
fn a_sandbox_has_an_audience_of_its_own() {
    for (host, expected) in [
        ("login.salesforce.com", "https://login.salesforce.com"),
        ("acme.my.salesforce.com", "https://login.salesforce.com"),
        (
            "acme-dev-ed.develop.my.salesforce.com",
            "https://login.salesforce.com",
        ),
        ("test.salesforce.com", "https://test.salesforce.com"),
        (
            "acme--uat.sandbox.my.salesforce.com",
            "https://test.salesforce.com",
        ),
        (
            "x-1.scratch.my.salesforce.com",
            "https://test.salesforce.com",
        ),
    ] {
        assert_eq!(audience(host), expected);
    }
}

proptest! {
    #[test]
    fn any_text_is_a_key_or_not(text in "\\PC{0,40}|-----BEGIN \\PC{0,20}-----\\PC{0,30}(-----END )?\\PC{0,9}") {
        let _ = read(&text);
    }
}

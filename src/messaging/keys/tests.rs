use proptest::prelude::*;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, RsaKeySize};

use super::*;

fn pair() -> (String, String) {
    let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    (pair.serialize_pem(), pair.public_key_pem())
}

fn private(text: &str) -> Option<KeyProblem> {
    PrivateKey::from_pem(text).err()
}

fn public(text: &str) -> Option<KeyProblem> {
    PublicKey::from_pem(text).err()
}

/// 1024 bits.
const SMALL: &str = "-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCnxFhmga3U4kLDC2ceturlyzVV
dFC49Pgxm5egXaohSZQn5+Fp9CEI4JMKfpOnmWZcqXT4VUwhNlsdnxIWXdUaTTmA
+3z1fAQkEYE9v05jFbS8pboqM9nuzsFIP2y4FVyU1QFEXj4vzI6/v1i1bhndAmsj
GEi27J4rddgEP/yypwIDAQAB
-----END PUBLIC KEY-----
";

#[test]
fn a_key_is_read_with_any_line_ends_and_its_half_is_known() {
    let (secret, open) = pair();
    let other = PublicKey::from_pem(&pair().1).unwrap();
    for text in [
        secret.clone(),
        secret.replace('\n', "\r\n"),
        format!("\n{secret}\n\n"),
    ] {
        let key = PrivateKey::from_pem(&text).unwrap();
        assert!(key.belongs_to(&PublicKey::from_pem(&open).unwrap()));
        assert!(!key.belongs_to(&other));
        assert_eq!(
            key.public(),
            PublicKey::from_pem(&open.replace('\n', "\r\n")).unwrap()
        );
    }
}

#[test]
fn what_is_there_instead_is_named() {
    let (secret, open) = pair();
    let relabelled = |text: &str, from: &str, to: &str| text.replace(from, to);
    let lines: Vec<&str> = secret.lines().collect();
    let body = lines[1..lines.len() - 1].join("\n");
    for (text, problem) in [
        (String::new(), KeyProblem::Empty),
        (body.clone(), KeyProblem::NoHeader("PRIVATE KEY")),
        (lines[..9].join("\n"), KeyProblem::NoFooter("PRIVATE KEY")),
        (secret.replace('\n', ""), KeyProblem::OneLine),
        (secret.replace('\n', " "), KeyProblem::OneLine),
        (secret.replace('\n', "\\n"), KeyProblem::OneLine),
        (secret.replacen("\nM", "\n*", 1), KeyProblem::Damaged),
        ([&lines[..9], &lines[lines.len() - 1..]].concat().join("\n"), KeyProblem::NotAKey),
        (relabelled(&secret, "PRIVATE", "RSA PRIVATE"), KeyProblem::Pkcs1),
        (relabelled(&secret, "PRIVATE", "ENCRYPTED PRIVATE"), KeyProblem::Encrypted),
        (relabelled(&secret, "PRIVATE", "OPENSSH PRIVATE"), KeyProblem::OpenSsh),
        (relabelled(&secret, "PRIVATE", "EC PRIVATE"), KeyProblem::NotRsa),
        (relabelled(&secret, "PRIVATE KEY", "CERTIFICATE"), KeyProblem::Certificate),
        (relabelled(&secret, "PRIVATE KEY", "CERTIFICATE REQUEST"), KeyProblem::SomethingElse),
        (relabelled(&secret, "END PRIVATE", "END PUBLIC"), KeyProblem::Mismatched),
        (open.clone(), KeyProblem::PublicForPrivate),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE \
             KEY-----"
                .to_owned(),
            KeyProblem::Encrypted,
        ),
    ] {
        assert_eq!(private(&text), Some(problem), "{problem:?}");
    }
    for (text, problem) in [
        (secret.clone(), KeyProblem::PrivateForPublic),
        (SMALL.to_owned(), KeyProblem::TooSmall(1024)),
        (relabelled(&open, "PUBLIC", "RSA PUBLIC"), KeyProblem::Pkcs1),
        (
            relabelled(&open, "PUBLIC KEY", "CERTIFICATE"),
            KeyProblem::Certificate,
        ),
        (body, KeyProblem::NoHeader("PUBLIC KEY")),
    ] {
        assert_eq!(public(&text), Some(problem), "{problem:?}");
    }
    let curve = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    assert_eq!(private(&curve.serialize_pem()), Some(KeyProblem::NotRsa));
    assert_eq!(public(&curve.public_key_pem()), Some(KeyProblem::NotRsa));
}

proptest! {
    #[test]
    fn any_text_is_read_or_not_and_never_repeated(
        label in "(PRIVATE KEY|PUBLIC KEY|\\PC{0,9})",
        body in "[A-Za-z0-9+/=\n:]{0,90}",
    ) {
        let text = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
        for problem in [private(&text), public(&text)].into_iter().flatten() {
            let said = problem.to_string();
            prop_assert!(body.len() < 12 || !said.contains(body.trim()));
        }
        let _ = private(&body);
    }
}

//! A new key pair, with the certificate and the JSON Web Key that Salesforce's keyset needs.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_RSA_SHA256, RsaKeySize};

use super::jwk;
use super::keys::PublicKey;
use crate::secret::Secret;

/// How long the certificate is good for. Salesforce wants ten days at least; nobody wants to
/// exchange keys because a certificate that nothing else uses has run out.
const YEARS: i32 = 10;

/// A pair and what is made of it.
#[derive(Debug, Clone)]
pub struct Made {
    /// PEM `PRIVATE KEY`, PKCS#8: for OpenCX alone.
    pub private_key: Secret,
    /// PEM `PUBLIC KEY`: for OpenCX.
    pub public_key: String,
    /// PEM `CERTIFICATE`, self-signed.
    pub certificate: String,
    /// The JSON Web Key with the certificate in `x5c`: for Salesforce.
    pub jwk: String,
    /// The last day of the certificate, `2036-11-28`.
    pub expires: String,
}

/// No pair could be made.
#[derive(Debug, thiserror::Error)]
pub enum NotMade {
    /// The library's words.
    #[error("the key pair could not be made: {0}")]
    Library(String),
    /// What was made could not be read back.
    #[error("the key pair that was made could not be read back")]
    Unreadable,
}

impl From<rcgen::Error> for NotMade {
    fn from(error: rcgen::Error) -> Self {
        Self::Library(error.to_string())
    }
}

/// Makes an RSA pair of 2048 bits, named `kid`.
///
/// # Errors
/// [`NotMade`] when the system has no random numbers.
pub fn make(kid: &str, now: Timestamp) -> Result<Made, NotMade> {
    let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?;
    of_pair(&pair, kid, now)
}

/// As [`make`], of a private key that is there already (PEM, PKCS#8).
///
/// # Errors
/// [`NotMade`] when it is no such key.
pub fn remake(private_key: &Secret, kid: &str, now: Timestamp) -> Result<Made, NotMade> {
    let pair = KeyPair::from_pkcs8_pem_and_sign_algo(private_key.expose(), &PKCS_RSA_SHA256)?;
    of_pair(&pair, kid, now)
}

fn of_pair(pair: &KeyPair, kid: &str, now: Timestamp) -> Result<Made, NotMade> {
    let public_key = pair.public_key_pem();
    let today = now.to_zoned(TimeZone::UTC).date();
    // A year ago, for clocks that are behind; the 28th is a day of every month.
    let (year, month) = (i32::from(today.year()), today.month().unsigned_abs());
    let day = today.day().unsigned_abs().min(28);
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, format!("OpenCX {kid}"));
    params.not_before = rcgen::date_time_ymd(year - 1, month, day);
    params.not_after = rcgen::date_time_ymd(year + YEARS, month, day);
    let certificate = params.self_signed(pair)?;
    let key = PublicKey::from_pem(&public_key).map_err(|_| NotMade::Unreadable)?;
    Ok(Made {
        private_key: Secret::new(pair.serialize_pem()),
        jwk: jwk::document(kid, &key, certificate.der()),
        certificate: certificate.pem(),
        public_key,
        expires: format!("{:04}-{month:02}-{day:02}", year + YEARS),
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Jwk, PrivateKey};
    use super::*;

    #[test]
    fn what_is_made_belongs_together() {
        let now: Timestamp = "2028-02-29T10:00:00Z".parse().unwrap();
        let made = make("opencx-1", now).unwrap();
        let private = PrivateKey::from_pem(made.private_key.expose()).unwrap();
        let public = PublicKey::from_pem(&made.public_key).unwrap();
        assert!(private.belongs_to(&public));
        assert_eq!((private.bits(), public.bits()), (2048, 2048));
        let jwk = Jwk::parse(&made.jwk).unwrap();
        assert_eq!(
            (jwk.kid.as_str(), jwk.holds(&public)),
            ("opencx-1", Some(true))
        );
        assert_eq!(made.expires, "2038-02-28");
        // Salesforce's four, and the certificate is the one beside it.
        let fields: serde_json::Value = serde_json::from_str(&made.jwk).unwrap();
        assert_eq!(
            (&fields["kty"], &fields["alg"]),
            (&"RSA".into(), &"RS256".into())
        );
        let body: String = made
            .certificate
            .lines()
            .filter(|line| !line.contains('-'))
            .collect();
        assert_eq!(fields["x5c"][0], body);
        assert!(!format!("{made:?}").contains("PRIVATE KEY"));
    }
}

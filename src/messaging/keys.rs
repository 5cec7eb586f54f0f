//! RSA keys in PEM, as the MIAW tab wants them, and what can be there instead.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::der::{self, Found, Numbers};

/// The smallest key that Salesforce takes (OpenCX's page on live messaging).
pub const SMALLEST_BITS: usize = 2048;

/// Why a text is not the key that belongs there. Holds nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    /// Nothing.
    #[error("it is empty")]
    Empty,
    /// No header line.
    #[error("it has no line -----BEGIN {0}-----")]
    NoHeader(&'static str),
    /// No footer line.
    #[error("it has no line -----END {0}----- at its end: it is cut off")]
    NoFooter(&'static str),
    /// Header and footer speak of different things.
    #[error("its first and its last line don't name the same thing")]
    Mismatched,
    /// Line breaks were lost, or are written as `\n`.
    #[error(
        "it stands on one line: the line breaks after the header and before the footer are lost"
    )]
    OneLine,
    /// Characters that Base64 hasn't, or too few of them.
    #[error("the lines between header and footer are damaged: they are not Base64")]
    Damaged,
    /// Locked with a passphrase.
    #[error("it is encrypted with a passphrase")]
    Encrypted,
    /// A certificate.
    #[error("it is a certificate, not a key")]
    Certificate,
    /// The public key.
    #[error("it is a public key, and the private one belongs here")]
    PublicForPrivate,
    /// The private key.
    #[error("it is a PRIVATE key, and the public one belongs here")]
    PrivateForPublic,
    /// `RSA PRIVATE KEY` or `RSA PUBLIC KEY`.
    #[error("it is in the older form PKCS#1 (its first line has the word RSA)")]
    Pkcs1,
    /// OpenSSH's own form.
    #[error("it is in the form of OpenSSH")]
    OpenSsh,
    /// Another algorithm.
    #[error("it is not an RSA key")]
    NotRsa,
    /// Another header.
    #[error("its first line names something else than a key")]
    SomethingElse,
    /// Too few bits.
    #[error("it has {0} bits, and 2048 is the least")]
    TooSmall(usize),
    /// PEM all right, and no key.
    #[error("what is between header and footer is no key: it is cut off or damaged")]
    NotAKey,
}

/// An RSA public key of at least 2048 bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    pub(super) numbers: Numbers,
}

/// An RSA private key of at least 2048 bits.
#[derive(Clone)]
pub struct PrivateKey {
    pair: Arc<rsa::KeyPair>,
    numbers: Numbers,
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey")
    }
}

const PUBLIC: &str = "PUBLIC KEY";
const PRIVATE: &str = "PRIVATE KEY";

impl PublicKey {
    /// Reads PEM `PUBLIC KEY` (SubjectPublicKeyInfo).
    ///
    /// # Errors
    /// What is there instead.
    pub fn from_pem(text: &str) -> Result<Self, KeyProblem> {
        let (label, der) = block(text, PUBLIC)?;
        match label {
            PUBLIC => {}
            "RSA PUBLIC KEY" => return Err(KeyProblem::Pkcs1),
            label if label.ends_with(PRIVATE) => return Err(KeyProblem::PrivateForPublic),
            label => return Err(other(label)),
        }
        let numbers = rsa_numbers(der::public_key_info(&der))?;
        rsa::PublicKey::from_der(&der).map_err(|_| KeyProblem::NotAKey)?;
        Ok(Self { numbers })
    }

    /// The size of the key.
    pub fn bits(&self) -> usize {
        self.numbers.bits()
    }
}

impl PrivateKey {
    /// Reads PEM `PRIVATE KEY` (PKCS#8).
    ///
    /// # Errors
    /// What is there instead.
    pub fn from_pem(text: &str) -> Result<Self, KeyProblem> {
        let (label, der) = block(text, PRIVATE)?;
        match label {
            PRIVATE => {}
            "ENCRYPTED PRIVATE KEY" => return Err(KeyProblem::Encrypted),
            "RSA PRIVATE KEY" if text.contains("ENCRYPTED") => return Err(KeyProblem::Encrypted),
            "RSA PRIVATE KEY" => return Err(KeyProblem::Pkcs1),
            "OPENSSH PRIVATE KEY" => return Err(KeyProblem::OpenSsh),
            label if label.ends_with(PRIVATE) => return Err(KeyProblem::NotRsa),
            label if label.ends_with(PUBLIC) => return Err(KeyProblem::PublicForPrivate),
            label => return Err(other(label)),
        }
        let numbers = rsa_numbers(der::private_key_info(&der))?;
        let pair = rsa::KeyPair::from_pkcs8(&der).map_err(|_| KeyProblem::NotAKey)?;
        Ok(Self {
            pair: Arc::new(pair),
            numbers,
        })
    }

    /// Whether that is the other half.
    pub fn belongs_to(&self, public: &PublicKey) -> bool {
        self.numbers == public.numbers
    }

    /// The other half.
    pub fn public(&self) -> PublicKey {
        PublicKey {
            numbers: self.numbers.clone(),
        }
    }

    /// The size of the key.
    pub fn bits(&self) -> usize {
        self.numbers.bits()
    }

    /// Signs with RS256; nothing where the system has no random numbers.
    pub(super) fn sign(&self, text: &str) -> Option<Vec<u8>> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                text.as_bytes(),
                &mut signature,
            )
            .ok()?;
        Some(signature)
    }
}

fn other(label: &str) -> KeyProblem {
    match label {
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => KeyProblem::Certificate,
        label if label.ends_with("KEY") => KeyProblem::NotRsa,
        _ => KeyProblem::SomethingElse,
    }
}

fn rsa_numbers(found: Option<Found>) -> Result<Numbers, KeyProblem> {
    match found {
        None => Err(KeyProblem::NotAKey),
        Some(Found::Other) => Err(KeyProblem::NotRsa),
        Some(Found::Rsa(numbers)) if numbers.bits() < SMALLEST_BITS => {
            Err(KeyProblem::TooSmall(numbers.bits()))
        }
        Some(Found::Rsa(numbers)) => Ok(numbers),
    }
}

/// Label and bytes of the PEM block that the text is. Line ends may be those of any system.
fn block<'t>(
    text: &'t str,
    wanted: &'static str,
) -> Result<(&'t str, Zeroizing<Vec<u8>>), KeyProblem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(KeyProblem::Empty);
    }
    let (_, begin) = text
        .split_once("-----BEGIN ")
        .ok_or(KeyProblem::NoHeader(wanted))?;
    let (label, rest) = begin
        .split_once("-----")
        .ok_or(KeyProblem::NoHeader(wanted))?;
    let (body, end) = rest
        .split_once("-----END ")
        .ok_or(KeyProblem::NoFooter(wanted))?;
    let (footer, _) = end
        .split_once("-----")
        .ok_or(KeyProblem::NoFooter(wanted))?;
    if footer != label {
        return Err(KeyProblem::Mismatched);
    }
    let is_line_end = |c: char| matches!(c, '\n' | '\r');
    if !(body.starts_with(is_line_end) && body.ends_with(is_line_end)) {
        return Err(KeyProblem::OneLine);
    }
    // Lines like `Proc-Type: 4,ENCRYPTED` belong to the older forms, which are told by their labels.
    let is_head = |line: &&str| line.contains(':');
    let digits: Zeroizing<String> = Zeroizing::new(
        body.lines()
            .filter(|line| !is_head(line))
            .flat_map(str::chars)
            .filter(|c| !c.is_whitespace())
            .collect(),
    );
    let der = STANDARD
        .decode(digits.as_bytes())
        .map_err(|_| KeyProblem::Damaged)?;
    Ok((label, Zeroizing::new(der)))
}

#[cfg(test)]
mod tests;

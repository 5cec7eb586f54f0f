//! EncodingUtil and Crypto.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::super::machine::{Machine, Outcome, Throw};
use super::super::value::Value;
use super::Table;

/// The natives here.
pub const TABLE: Table = &[
    ("EncodingUtil.base64Encode", |m, _, a| {
        Ok(Value::text(STANDARD.encode(blob(m, &a[0])?)))
    }),
    ("EncodingUtil.base64Decode", |m, _, a| {
        let text = text(m, &a[0])?;
        let clean: String = text.split_whitespace().collect();
        STANDARD
            .decode(clean)
            .map(|bytes| Value::Blob(bytes.into()))
            .map_err(|_| m.raise("StringException", "Unrecognized base64 character"))
    }),
    ("EncodingUtil.convertToHex", |m, _, a| {
        let bytes = blob(m, &a[0])?;
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Value::text(hex))
    }),
    ("EncodingUtil.convertFromHex", |m, _, a| {
        let text = text(m, &a[0])?;
        let invalid = || m.raise("InvalidParameterValueException", "Invalid hex string");
        let digits: Vec<u32> = text
            .chars()
            .map(|digit| digit.to_digit(16))
            .collect::<Option<_>>()
            .ok_or_else(invalid)?;
        if digits.len() % 2 == 1 {
            return Err(invalid());
        }
        let bytes: Vec<u8> = digits
            .chunks(2)
            .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap_or_default())
            .collect();
        Ok(Value::Blob(bytes.into()))
    }),
    ("EncodingUtil.urlEncode", |m, _, a| {
        let text = utf8(m, &a[0], &a[1])?;
        Ok(Value::text(url_encode(&text)))
    }),
    ("EncodingUtil.urlDecode", |m, _, a| {
        let text = utf8(m, &a[0], &a[1])?;
        url_decode(&text).map(Value::text).ok_or_else(|| {
            m.raise(
                "IllegalArgumentException",
                "URLDecoder: Illegal hex characters in escape (%) pattern",
            )
        })
    }),
    ("Crypto.getRandomInteger", |m, _, _| {
        let bits = m.random().to_le_bytes();
        Ok(Value::Integer(i32::from_le_bytes([
            bits[0], bits[1], bits[2], bits[3],
        ])))
    }),
    ("Crypto.getRandomLong", |m, _, _| {
        Ok(Value::Long(i64::from_le_bytes(m.random().to_le_bytes())))
    }),
    ("Crypto.generateDigest", |m, _, a| {
        let algorithm = text(m, &a[0])?;
        let bytes = blob(m, &a[1])?;
        let digest = match &*algorithm.to_ascii_uppercase() {
            "MD5" => Md5::digest(&bytes).to_vec(),
            // The name is the library's: Apex still has it.
            "SHA1" | "SHA-1" => {
                let algorithm = &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;
                aws_lc_rs::digest::digest(algorithm, &bytes)
                    .as_ref()
                    .to_vec()
            }
            "SHA-256" | "SHA256" => Sha256::digest(&bytes).to_vec(),
            "SHA-384" | "SHA384" => Sha384::digest(&bytes).to_vec(),
            "SHA-512" | "SHA512" => Sha512::digest(&bytes).to_vec(),
            _ => return Err(unsupported(&algorithm)),
        };
        Ok(Value::Blob(digest.into()))
    }),
    ("Crypto.generateMac", |m, _, a| {
        let algorithm = text(m, &a[0])?;
        let (bytes, key) = (blob(m, &a[1])?, blob(m, &a[2])?);
        let mac = match &*algorithm.to_ascii_lowercase() {
            "hmacsha1" => {
                let algorithm = aws_lc_rs::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY;
                let key = aws_lc_rs::hmac::Key::new(algorithm, &key);
                aws_lc_rs::hmac::sign(&key, &bytes).as_ref().to_vec()
            }
            "hmacmd5" => hmac::<Md5>(&key, &bytes, 64),
            "hmacsha256" => hmac::<Sha256>(&key, &bytes, 64),
            "hmacsha512" => hmac::<Sha512>(&key, &bytes, 128),
            _ => return Err(unsupported(&algorithm)),
        };
        Ok(Value::Blob(mac.into()))
    }),
];

fn unsupported(algorithm: &str) -> Throw {
    Throw::Unsupported(format!("Crypto with {algorithm}"))
}

fn text(machine: &Machine<'_>, value: &Value) -> Outcome<Arc<str>> {
    value.as_text().ok_or_else(|| machine.null_pointer())
}

fn blob(machine: &Machine<'_>, value: &Value) -> Outcome<Arc<[u8]>> {
    match value {
        Value::Blob(bytes) => Ok(bytes.clone()),
        _ => Err(machine.null_pointer()),
    }
}

// A text and the only character set that it can be in.
fn utf8(machine: &Machine<'_>, value: &Value, charset: &Value) -> Outcome<Arc<str>> {
    let charset = text(machine, charset)?;
    if charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8") {
        text(machine, value)
    } else {
        Err(Throw::Unsupported(format!("the character set {charset}")))
    }
}

// The form of `application/x-www-form-urlencoded`, as in the Apex Reference Guide's example.
fn url_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'*' | b'_' => {
                encoded.push(char::from(byte));
            }
            b' ' => encoded.push('+'),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

fn url_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        bytes.push(match first {
            b'+' => b' ',
            b'%' => {
                let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
                rest = &rest[2..];
                u8::from_str_radix(digits, 16).ok()?
            }
            other => *other,
        });
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

// RFC 2104.
fn hmac<D: Digest>(key: &[u8], message: &[u8], block: usize) -> Vec<u8> {
    let mut padded = if key.len() > block {
        D::digest(key).to_vec()
    } else {
        key.to_vec()
    };
    padded.resize(block, 0);
    let pad = |with: u8| padded.iter().map(|byte| byte ^ with).collect::<Vec<u8>>();
    let inner = D::digest([&pad(0x36), message].concat());
    D::digest([pad(0x5c), inner.to_vec()].concat()).to_vec()
}

#[cfg(test)]
mod tests {
    use sha2::Sha256;

    use super::{hmac, url_decode, url_encode};

    #[test]
    fn a_mac_is_that_of_the_rfc() {
        // RFC 4231, test case 2.
        let mac = hmac::<Sha256>(b"Jefe", b"what do ya want for nothing?", 64);
        let hex: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            hex,
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn urls_are_encoded_and_back() {
        let text = "a b&c=ü*~";
        assert_eq!(url_encode(text), "a+b%26c%3D%C3%BC*%7E");
        assert_eq!(url_decode(&url_encode(text)).as_deref(), Some(text));
        assert_eq!(url_decode("%2"), None);
        assert_eq!(url_decode("%zz"), None);
    }
}

//! As much of DER (X.690) as it takes to find the numbers of an RSA key.

/// `rsaEncryption`, 1.2.840.113549.1.1.1.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT_ID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// Modulus and exponent, big-endian without leading zeros.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Numbers {
    pub modulus: Vec<u8>,
    pub exponent: Vec<u8>,
}

impl Numbers {
    /// The size of the key.
    pub fn bits(&self) -> usize {
        let leading = self.modulus.first().map_or(0, |byte| byte.leading_zeros());
        self.modulus.len() * 8 - usize::try_from(leading).unwrap_or_default()
    }
}

/// What a structure holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Rsa(Numbers),
    /// A key of another algorithm.
    Other,
}

/// `SubjectPublicKeyInfo` (RFC 5280).
pub(super) fn public_key_info(input: &[u8]) -> Option<Found> {
    let (info, _) = element(SEQUENCE, input)?;
    let (algorithm, rest) = element(SEQUENCE, info)?;
    let (object, _) = element(OBJECT_ID, algorithm)?;
    if object != RSA {
        return Some(Found::Other);
    }
    let (bits, _) = element(BIT_STRING, rest)?;
    rsa_public(bits.strip_prefix(&[0])?).map(Found::Rsa)
}

/// `RSAPublicKey` (RFC 8017).
pub(super) fn rsa_public(input: &[u8]) -> Option<Numbers> {
    numbers(element(SEQUENCE, input)?.0)
}

/// `PrivateKeyInfo` (RFC 5208).
pub(super) fn private_key_info(input: &[u8]) -> Option<Found> {
    let (info, _) = element(SEQUENCE, input)?;
    let (_, rest) = element(INTEGER, info)?;
    let (algorithm, rest) = element(SEQUENCE, rest)?;
    let (object, _) = element(OBJECT_ID, algorithm)?;
    if object != RSA {
        return Some(Found::Other);
    }
    let (key, _) = element(OCTET_STRING, rest)?;
    let (key, _) = element(SEQUENCE, key)?;
    let (_, rest) = element(INTEGER, key)?;
    numbers(rest).map(Found::Rsa)
}

fn numbers(input: &[u8]) -> Option<Numbers> {
    let (modulus, rest) = element(INTEGER, input)?;
    let (exponent, _) = element(INTEGER, rest)?;
    Some(Numbers {
        modulus: without_zeros(modulus),
        exponent: without_zeros(exponent),
    })
}

pub(super) fn without_zeros(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number[zeros..].to_vec()
}

/// The content of the element that the input begins with, when it has that tag, and what follows.
fn element(tag: u8, input: &[u8]) -> Option<(&[u8], &[u8])> {
    let (found, rest) = input.split_first()?;
    if *found != tag {
        return None;
    }
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let count = usize::from(*first & 0x7f);
        if count == 0 || count > 4 {
            return None;
        }
        let (bytes, rest) = rest.split_at_checked(count)?;
        let length = bytes
            .iter()
            .fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
        (length, rest)
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_are_read_or_not(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = (public_key_info(&bytes), private_key_info(&bytes), rsa_public(&bytes));
            let mut framed = vec![SEQUENCE, u8::try_from(bytes.len()).unwrap()];
            framed.extend(&bytes);
            let _ = (public_key_info(&framed), private_key_info(&framed), rsa_public(&framed));
        }
    }

    #[test]
    fn sizes_count_from_the_first_bit() {
        let of = |modulus: &[u8]| {
            Numbers {
                modulus: modulus.to_vec(),
                exponent: vec![3],
            }
            .bits()
        };
        assert_eq!(
            (of(&[]), of(&[1]), of(&[0x80, 0]), of(&[0x7f, 0])),
            (0, 1, 16, 15)
        );
    }
}

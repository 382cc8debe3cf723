//! The public part of private keys as OpenSSL writes them, unencrypted: PKCS#1,
//! SEC 1 and PKCS#8. Only so much of DER is read as that needs; what is not
//! understood is left to the `.pub` beside the file.

use crate::authorization::signature::PublicKey;
use crate::authorization::signature::wire::push;

const INTEGER: u8 = 0x02;
const BITS: u8 = 0x03;
const BYTES: u8 = 0x04;
const OBJECT: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
/// `[1]`, where SEC 1 has the public key.
const PUBLIC: u8 = 0xa1;

/// 1.3.101.112
const ED25519: [u8; 3] = [0x2b, 0x65, 0x70];
/// 1.2.840.113549.1.1.1
const RSA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// 1.2.840.10045.2.1
const CURVE: [u8; 7] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];

/// The elements that are left.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (tag, rest) = self.0.split_first()?;
        let (first, mut rest) = rest.split_first()?;
        let mut length = usize::from(*first);
        if length >= 0x80 {
            let (bytes, after) = rest.split_at_checked(length & 0x7f)?;
            if bytes.is_empty() || bytes.len() > 3 {
                return None;
            }
            length = bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
            rest = after;
        }
        let (content, after) = rest.split_at_checked(length)?;
        self.0 = after;
        Some((*tag, content))
    }

    fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, content)| content)
    }
}

/// The key in PKCS#1: version, modulus, exponent, and what is private.
pub(super) fn rsa(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut key = Der(Der(bytes).expect(SEQUENCE)?);
    let _version = key.expect(INTEGER)?;
    let (modulus, exponent) = (key.expect(INTEGER)?, key.expect(INTEGER)?);
    // Numbers are written alike here and there.
    Some(blob(&[b"ssh-rsa", exponent, modulus]))
}

/// The key in SEC 1: version, secret, and perhaps the curve and the point.
pub(super) fn curve(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut key = Der(Der(bytes).expect(SEQUENCE)?);
    let _version = key.expect(INTEGER)?;
    let _secret = key.expect(BYTES)?;
    while let Some((tag, content)) = key.next() {
        if tag == PUBLIC {
            let point = Der(content).expect(BITS)?.strip_prefix(&[0])?;
            return match point.len() {
                65 => Some(blob(&[b"ecdsa-sha2-nistp256", b"nistp256", point])),
                97 => Some(blob(&[b"ecdsa-sha2-nistp384", b"nistp384", point])),
                _ => None,
            };
        }
    }
    None
}

/// The key in PKCS#8: version, algorithm, and the key in the algorithm's own form.
pub(super) fn any(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut key = Der(Der(bytes).expect(SEQUENCE)?);
    let _version = key.expect(INTEGER)?;
    let algorithm = Der(key.expect(SEQUENCE)?).expect(OBJECT)?;
    let inner = key.expect(BYTES)?;
    if algorithm == RSA {
        rsa(inner)
    } else if algorithm == CURVE {
        curve(inner)
    } else if algorithm == ED25519 {
        let seed = Der(inner).expect(BYTES)?.try_into().ok()?;
        Some(PublicKey::blob_of_seed(seed))
    } else {
        None
    }
}

fn blob(parts: &[&[u8]]) -> Vec<u8> {
    let mut blob = Vec::new();
    for part in parts {
        push(&mut blob, part);
    }
    blob
}

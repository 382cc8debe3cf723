//! Signatures as `ssh-keygen -Y sign` makes them, and the keys that make them.
//!
//! The frame of a signature is read here, strictly: one reading, one spelling.
//! Keys and arithmetic are the crate `ssh_key`'s, with two exceptions. It does
//! not look at what a security key vouches for (touch, PIN, counter): these
//! bytes are read here, and the very bytes that were read go into what is
//! verified. And it verifies ed25519 with keys that anybody can sign for: that
//! is done by the strict method of `ed25519_dalek`. No other module names these
//! crates.

mod key;
#[cfg(test)]
pub(in crate::authorization) mod openssh;
pub(in crate::authorization) mod wire;

use base64ct::{Base64, Encoding as _};
use ed25519_dalek::Verifier as _;
use sha2::{Digest as _, Sha256};
use ssh_key::public::KeyData;
use ssh_key::{Algorithm, HashAlg, SshSig};

use self::key::shown;
pub use self::key::{KeyError, PublicKey};
use self::wire::Wire;
use super::request::NAMESPACE;
use crate::digest;

/// The longest signature, in bytes. The largest that is taken, of RSA with 4096
/// bits, has about 1.2 KiB.
pub const LIMIT: usize = 8 * 1024;

/// The first line of an armoured signature.
pub const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
/// The last line of an armoured signature.
pub const END: &str = "-----END SSH SIGNATURE-----";

const MAGIC: &[u8] = b"SSHSIG";
const VERSION: u32 = 1;
/// How long `ssh-keygen` makes the lines of a signature.
const COLUMNS: usize = 70;

const TOUCHED: u8 = 0x01;
const VERIFIED: u8 = 0x04;

/// What a security key says of how it came to sign. It is as true as it is that
/// the key is one of hardware.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vouched {
    /// Somebody touched it.
    pub touched: bool,
    /// It knew that somebody: by a PIN or a fingerprint.
    pub verified: bool,
    /// How often it has signed; always 0 where it does not count.
    pub counter: u32,
}

/// A signature, well formed, of a key that is taken: over what, is not known
/// before [`Signature::verify`].
#[derive(Clone, Debug)]
pub struct Signature {
    blob: Vec<u8>,
    key: PublicKey,
    namespace: String,
    hash: HashAlg,
    algorithm: Algorithm,
    data: Vec<u8>,
    /// Flags and counter, where the key is a security key.
    device: Option<(u8, u32)>,
}

/// Why something is no signature that is taken, or not of this message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Longer than [`LIMIT`].
    #[error("it has {0} bytes, and a signature has at most {LIMIT}")]
    TooLong(usize),
    /// Another file.
    #[error("it is not a signature: make one with `ssh-keygen -Y sign -n {NAMESPACE} -f KEY FILE`")]
    NotOne,
    /// A later version of the format.
    #[error("it is a signature of version {0} of its format, and only {VERSION} is known")]
    Version(u32),
    /// It ends too early, goes on too long, or holds what cannot be.
    #[error("the signature is damaged ({0}): copy it again, whole")]
    Damaged(&'static str),
    /// Something where nothing belongs.
    #[error("the signature holds reserved data, which nobody knows how to read")]
    Reserved,
    /// Another digest.
    #[error(
        "the signature was made with the digest `{0}`: sign again with sha512, which ssh-keygen takes by itself"
    )]
    Hash(String),
    /// The key is not taken.
    #[error("the signature's key is not accepted: {0}")]
    Key(#[from] KeyError),
    /// Another algorithm than the key's.
    #[error("the signature was made by `{made}`, which does not belong to a key of {key}")]
    Algorithm {
        /// The algorithm of the signature.
        made: String,
        /// That of the key.
        key: String,
    },
    /// Made for something else.
    #[error("it was signed for `{0}`, not for an approval: sign with `-n {NAMESPACE}`")]
    Namespace(String),
    /// A signature, but not of this.
    #[error("the signature does not belong to this text: it was changed, or another one was signed")]
    Mismatch,
}

impl Signature {
    /// Reads a signature from bytes that are anybody's.
    ///
    /// # Errors
    /// Where it is none, or of a kind that is not taken.
    pub fn read(bytes: &[u8]) -> Result<Self, SignatureError> {
        if bytes.len() > LIMIT {
            return Err(SignatureError::TooLong(bytes.len()));
        }
        let mut wire = Wire::new(bytes.strip_prefix(MAGIC).ok_or(SignatureError::NotOne)?);
        let version = wire.number().ok_or(SignatureError::NotOne)?;
        if version != VERSION {
            return Err(SignatureError::Version(version));
        }
        let short = || SignatureError::Damaged("it ends too early");
        let key = PublicKey::from_blob(wire.string().ok_or_else(short)?)?;
        let namespace = wire.string().ok_or_else(short)?;
        let namespace =
            std::str::from_utf8(namespace).map_err(|_| SignatureError::Damaged("its namespace"))?;
        if !wire.string().ok_or_else(short)?.is_empty() {
            return Err(SignatureError::Reserved);
        }
        let hash = String::from_utf8_lossy(wire.string().ok_or_else(short)?);
        let hash = HashAlg::new(&hash).map_err(|_| SignatureError::Hash(shown(&hash)))?;
        let mut inner = Wire::new(wire.string().ok_or_else(short)?);
        let algorithm = String::from_utf8_lossy(inner.string().ok_or_else(short)?);
        let algorithm = algorithm_of(&algorithm, &key)?;
        let data = inner.string().ok_or_else(short)?.to_vec();
        let device = if key.is_security_key() {
            Some(inner.byte().zip(inner.number()).ok_or_else(short)?)
        } else {
            None
        };
        if !wire.is_empty() || !inner.is_empty() {
            return Err(SignatureError::Damaged("it goes on after its end"));
        }
        let namespace = namespace.to_owned();
        Ok(Self { blob: bytes.to_vec(), key, namespace, hash, algorithm, data, device })
    }

    /// The bytes that were read.
    pub fn bytes(&self) -> &[u8] {
        &self.blob
    }

    /// The key that it says it was made with.
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// What it was signed for. Anybody's text.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// What a security key vouches for; `None` where the key is none. True no
    /// sooner than the signature is verified.
    pub fn presence(&self) -> Option<Vouched> {
        self.device.map(|(flags, counter)| Vouched {
            touched: flags & TOUCHED != 0,
            verified: flags & VERIFIED != 0,
            counter,
        })
    }

    /// Whether it is a signature of `message`, for an approval.
    ///
    /// # Errors
    /// Where it is not.
    pub fn verify(&self, message: &[u8]) -> Result<(), SignatureError> {
        if self.namespace != NAMESPACE {
            return Err(SignatureError::Namespace(shown(&self.namespace)));
        }
        let mismatch = || SignatureError::Mismatch;
        let signed = SshSig::signed_data(NAMESPACE, self.hash, message).map_err(|_| mismatch())?;
        match (self.device, key::behind(self.key.data())) {
            (None, None) => verified(self.key.data(), self.algorithm.clone(), &signed, &self.data),
            (Some((flags, counter)), Some((key, application))) => {
                // As the FIDO standard has it: what the device signs.
                let mut device = Sha256::digest(application).to_vec();
                device.push(flags);
                device.extend_from_slice(&counter.to_be_bytes());
                device.extend_from_slice(&Sha256::digest(&signed));
                verified(&key, key.algorithm(), &device, &self.data)
            }
            _ => None,
        }
        .ok_or_else(mismatch)
    }

    /// The signature as `ssh-keygen` writes it into a file.
    pub fn armored(&self) -> String {
        let text = Base64::encode_string(&self.blob);
        let mut armor = format!("{BEGIN}\n");
        for (at, letter) in text.chars().enumerate() {
            if at > 0 && at % COLUMNS == 0 {
                armor.push('\n');
            }
            armor.push(letter);
        }
        armor.push('\n');
        armor.push_str(END);
        armor.push('\n');
        armor
    }

    /// `sha256:…` of the bytes.
    pub fn sha256(&self) -> String {
        format!("sha256:{}", digest::sha256(&self.blob))
    }
}

/// The algorithm `name` of a signature, where it is one of `key`'s.
fn algorithm_of(name: &str, key: &PublicKey) -> Result<Algorithm, SignatureError> {
    let belongs = match key.data() {
        // With SHA-1, which goes by the key's own name, it is not taken.
        KeyData::Rsa(_) => ["rsa-sha2-256", "rsa-sha2-512"].contains(&name),
        _ => name == key.algorithm(),
    };
    let other = || SignatureError::Algorithm { made: shown(name), key: key.algorithm().to_owned() };
    if belongs { Algorithm::new(name).map_err(|_| other()) } else { Err(other()) }
}

/// `Some` where `data` is the signature of `message` by `key`, which is none of
/// a security key.
fn verified(key: &KeyData, algorithm: Algorithm, message: &[u8], data: &[u8]) -> Option<()> {
    if let KeyData::Ed25519(key) = key {
        let key = ed25519_dalek::VerifyingKey::from_bytes(&key.0).ok()?;
        let signature = ed25519_dalek::Signature::from_slice(data).ok()?;
        return key.verify_strict(message, &signature).ok();
    }
    let signature = ssh_key::Signature::new(algorithm, data).ok()?;
    key.verify(message, &signature).ok()
}

#[cfg(test)]
pub(in crate::authorization) mod tests;

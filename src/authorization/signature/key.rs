//! Public keys as OpenSSH writes them: those that approvals are accepted from,
//! and in words why the others are not.

use base64ct::{Base64, Encoding as _};
use ssh_key::HashAlg;
use ssh_key::public::{EcdsaPublicKey, KeyData};

use super::wire::{Wire, push};
use crate::ui::sanitize;

/// The longest line that is read as a key, in bytes: RSA of 16384 bits has 2.8 KiB.
const LIMIT: usize = 8 * 1024;
/// The sizes of RSA keys that are taken, in bits; the largest is what the `rsa`
/// crate takes.
const RSA_BITS: std::ops::RangeInclusive<usize> = 3072..=4096;

const SECURITY_KEYS: [&str; 2] = ["sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"];
const ED25519: &str = "ssh-ed25519";
const PLAIN: [&str; 3] = [ED25519, "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384"];
const RSA: &str = "ssh-rsa";
const REFUSED: [&str; 2] = ["ssh-dss", "ecdsa-sha2-nistp521"];
const CERTIFICATE: &str = "-cert-v01@openssh.com";

/// A public key whose signatures are accepted. Two are equal where they are
/// the same key, whatever the comments beside them.
#[derive(Clone, Debug)]
pub struct PublicKey {
    data: KeyData,
    algorithm: &'static str,
    blob: Vec<u8>,
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.blob == other.blob
    }
}

impl Eq for PublicKey {}

/// Why a key is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Nothing, or an algorithm without a key.
    #[error("there is no key: it is a line such as `ssh-ed25519 AAAA… name`, from a file that ends in .pub")]
    Missing,
    /// Several lines, or an absurd one.
    #[error("a key is one line of at most {LIMIT} bytes: give the line of a file that ends in .pub")]
    NotALine,
    /// A private key.
    #[error(
        "this is a private key, which nobody but its owner may see: give the line of the file that ends in .pub"
    )]
    Private,
    /// Options or a name before the algorithm.
    #[error("a key begins with its algorithm: leave out what stands before `{0}`")]
    InFront(String),
    /// A certificate.
    #[error(
        "ssh certificates are not taken: give the plain key that the certificate was made for, and sign with it"
    )]
    Certificate,
    /// DSA.
    #[error("DSA keys are too weak: make another one with `ssh-keygen -t ed25519`")]
    Dsa,
    /// The largest of NIST's curves.
    #[error("ECDSA keys on the curve P-521 are not taken: use P-256, P-384, or `ssh-keygen -t ed25519`")]
    P521,
    /// An RSA key of another size.
    #[error(
        "an RSA key has to have 3072 to 4096 bits, and this one has {0}: make another one with `ssh-keygen -t ed25519`"
    )]
    RsaSize(usize),
    /// RSA where it was left out.
    #[error(
        "this tollgate was built without RSA: use a key of `ssh-keygen -t ed25519`, or build it with `--features rsa`"
    )]
    NoRsa,
    /// Anything else.
    #[error(
        "`{0}` is not a kind of key that is taken: make one with `ssh-keygen -t ed25519`, or with `-t ed25519-sk` on a security key"
    )]
    Unknown(String),
    /// Not the bytes that it says it is.
    #[error("the {0} key is damaged: copy its line again, whole")]
    Damaged(String),
    /// A point of small order: anybody can sign for it.
    #[error("the {0} key is one that anybody can sign for")]
    Weak(&'static str),
}

impl PublicKey {
    /// Reads a line as `ssh-keygen` writes it: algorithm, key, and a comment
    /// that does not count.
    ///
    /// # Errors
    /// Where it is none, or of a kind that is not taken.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let line = text.trim();
        if line.contains("PRIVATE KEY-----") {
            return Err(KeyError::Private);
        }
        if line.len() > LIMIT || line.contains(['\n', '\r']) {
            return Err(KeyError::NotALine);
        }
        let mut words = line.split_ascii_whitespace();
        let name = words.next().ok_or(KeyError::Missing)?;
        if !is_algorithm(name)
            && let Some(algorithm) = words.clone().find(|word| is_algorithm(word))
        {
            return Err(KeyError::InFront(shown(algorithm)));
        }
        let algorithm = accepted(name)?;
        let text = words.next().ok_or(KeyError::Missing)?;
        let blob = Base64::decode_vec(text).map_err(|_| KeyError::Damaged(algorithm.to_owned()))?;
        let key = Self::from_blob(&blob)?;
        if key.algorithm == algorithm { Ok(key) } else { Err(KeyError::Damaged(algorithm.to_owned())) }
    }

    /// Reads a key as it is sent and signed: that what is in the line's base 64.
    ///
    /// # Errors
    /// Where it is none, or of a kind that is not taken.
    pub fn from_blob(blob: &[u8]) -> Result<Self, KeyError> {
        let mut wire = Wire::new(blob);
        let name = wire.string().and_then(|name| std::str::from_utf8(name).ok()).ok_or(KeyError::Missing)?;
        let algorithm = accepted(name)?;
        let damaged = || KeyError::Damaged(algorithm.to_owned());
        let data = decoded(blob).ok_or_else(damaged)?;
        match &data {
            KeyData::Ed25519(key) => check_ed25519(&key.0, algorithm)?,
            KeyData::SkEd25519(key) => check_ed25519(&key.public_key().0, algorithm)?,
            // OpenSSH takes points in this form only; one key has one form.
            KeyData::Ecdsa(key) if is_uncompressed(key.as_sec1_bytes()) => {}
            KeyData::SkEcdsaSha2NistP256(key) if is_uncompressed(key.ec_point().as_bytes()) => {}
            KeyData::Rsa(key) => {
                let bits = bits(key.n.as_positive_bytes().ok_or_else(damaged)?);
                if !RSA_BITS.contains(&bits) {
                    return Err(KeyError::RsaSize(bits));
                }
                if !cfg!(feature = "rsa") {
                    return Err(KeyError::NoRsa);
                }
            }
            _ => return Err(damaged()),
        }
        Ok(Self { data, algorithm, blob: blob.to_vec() })
    }

    /// The key that a certificate was made for, where it is of a kind that is taken.
    pub fn of_certificate(blob: &[u8]) -> Option<Self> {
        let mut wire = Wire::new(blob);
        let name = std::str::from_utf8(wire.string()?).ok()?.strip_suffix(CERTIFICATE)?;
        let (name, fields) = match name {
            "ssh-ed25519" => (name.to_owned(), 1),
            "ecdsa-sha2-nistp256" | "ecdsa-sha2-nistp384" | RSA => (name.to_owned(), 2),
            "sk-ssh-ed25519" => (format!("{name}@openssh.com"), 2),
            "sk-ecdsa-sha2-nistp256" => (format!("{name}@openssh.com"), 3),
            _ => return None,
        };
        let _nonce = wire.string()?;
        let mut key = Vec::new();
        push(&mut key, name.as_bytes());
        for _ in 0..fields {
            push(&mut key, wire.string()?);
        }
        Self::from_blob(&key).ok()
    }

    /// The public part, as it is sent, of the ed25519 key that is made of `seed`.
    pub(in crate::authorization) fn blob_of_seed(seed: &[u8; 32]) -> Vec<u8> {
        let mut key = Vec::new();
        push(&mut key, ED25519.as_bytes());
        push(&mut key, &ed25519_dalek::SigningKey::from_bytes(seed).verifying_key().to_bytes());
        key
    }

    /// `SHA256:…`, as `ssh-keygen -l` prints it.
    pub fn fingerprint(&self) -> String {
        self.data.fingerprint(HashAlg::Sha256).to_string()
    }

    /// The name of its algorithm, such as `ssh-ed25519`.
    pub const fn algorithm(&self) -> &str {
        self.algorithm
    }

    /// Whether it says that a security key holds it, which then vouches for a
    /// touch. Software can make such a key as well.
    pub fn is_security_key(&self) -> bool {
        SECURITY_KEYS.contains(&self.algorithm)
    }

    /// The line without its comment.
    pub fn openssh(&self) -> String {
        format!("{} {}", self.algorithm, Base64::encode_string(&self.blob))
    }

    pub(super) const fn data(&self) -> &KeyData {
        &self.data
    }
}

fn is_algorithm(word: &str) -> bool {
    word == RSA
        || [&SECURITY_KEYS[..], &PLAIN, &REFUSED].iter().any(|names| names.contains(&word))
        || word.ends_with(CERTIFICATE)
}

/// The algorithm of that name, where its keys are taken.
fn accepted(name: &str) -> Result<&'static str, KeyError> {
    let known = PLAIN.iter().chain(&SECURITY_KEYS).chain([&RSA]).find(|known| **known == name);
    match (known, name) {
        (Some(known), _) => Ok(*known),
        (None, "ssh-dss") => Err(KeyError::Dsa),
        (None, "ecdsa-sha2-nistp521") => Err(KeyError::P521),
        (None, _) if name.ends_with(CERTIFICATE) => Err(KeyError::Certificate),
        (None, _) => Err(KeyError::Unknown(shown(name))),
    }
}

/// A word of somebody's, short and fit to be shown.
pub(super) fn shown(word: &str) -> String {
    let short: String = word.chars().take(64).collect();
    sanitize::text(&short).into_owned()
}

/// The key in `blob`, where that is exactly how it is written.
fn decoded(blob: &[u8]) -> Option<KeyData> {
    let key = ssh_key::PublicKey::from_bytes(blob).ok()?;
    (key.to_bytes().ok()? == blob).then(|| key.key_data().clone())
}

/// Refuses what is no point, and the few points for which a signature fits
/// almost any message.
fn check_ed25519(bytes: &[u8; 32], algorithm: &'static str) -> Result<(), KeyError> {
    let damaged = || KeyError::Damaged(algorithm.to_owned());
    let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| damaged())?;
    if key.is_weak() {
        return Err(KeyError::Weak(algorithm));
    }
    // A few points have two spellings, and one key must not look like two.
    if key.to_edwards().compress().to_bytes() == *bytes { Ok(()) } else { Err(damaged()) }
}

fn is_uncompressed(point: &[u8]) -> bool {
    point.first() == Some(&4)
}

fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

/// The key that is behind one of a security key, for which it signs.
pub(super) fn behind(data: &KeyData) -> Option<(KeyData, &str)> {
    match data {
        KeyData::SkEd25519(key) => Some((KeyData::Ed25519(*key.public_key()), key.application())),
        KeyData::SkEcdsaSha2NistP256(key) => {
            Some((KeyData::Ecdsa(EcdsaPublicKey::NistP256(*key.ec_point())), key.application()))
        }
        _ => None,
    }
}

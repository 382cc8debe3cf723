use ed25519_dalek::Signer as _;

use super::openssh::{OpenSsh, blob};
use super::*;

const MESSAGE: &[u8] = b"TOLLGATE-REQUEST-v1\nid: \"7KQ2-M4TD-91XH\"\nEND\n";

/// A signature in its parts, to be put together wrongly.
#[derive(Clone)]
struct Parts {
    magic: &'static [u8],
    version: u32,
    key: Vec<u8>,
    namespace: &'static str,
    reserved: &'static [u8],
    hash: &'static str,
    algorithm: &'static str,
    data: Vec<u8>,
    device: Vec<u8>,
}

impl Parts {
    fn of(key: Vec<u8>, algorithm: &'static str, data: Vec<u8>) -> Self {
        Self {
            magic: MAGIC,
            version: VERSION,
            key,
            namespace: NAMESPACE,
            reserved: b"",
            hash: "sha512",
            algorithm,
            data,
            device: Vec::new(),
        }
    }

    /// An approval of [`MESSAGE`] by the ed25519 key 7.
    fn good() -> Self {
        let data = seven().sign(&signed(HashAlg::Sha512)).to_bytes().to_vec();
        Self::of(ed25519(&seven().verifying_key().to_bytes()), "ssh-ed25519", data)
    }

    fn bytes(&self) -> Vec<u8> {
        let mut inner = Vec::new();
        wire::push(&mut inner, self.algorithm.as_bytes());
        wire::push(&mut inner, &self.data);
        inner.extend_from_slice(&self.device);
        let mut bytes = self.magic.to_vec();
        bytes.extend_from_slice(&self.version.to_be_bytes());
        for part in [&self.key, self.namespace.as_bytes(), self.reserved, self.hash.as_bytes(), &inner] {
            wire::push(&mut bytes, part);
        }
        bytes
    }
}

fn seven() -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[7; 32])
}

fn signed(hash: HashAlg) -> Vec<u8> {
    SshSig::signed_data(NAMESPACE, hash, MESSAGE).unwrap()
}

fn strings(parts: &[&[u8]]) -> Vec<u8> {
    parts.iter().fold(Vec::new(), |mut bytes, part| {
        wire::push(&mut bytes, part);
        bytes
    })
}

fn ed25519(point: &[u8]) -> Vec<u8> {
    strings(&[b"ssh-ed25519", point])
}

fn checked(bytes: &[u8]) -> Result<(), SignatureError> {
    Signature::read(bytes)?.verify(MESSAGE)
}

#[test]
fn what_ssh_keygen_signs_is_verified() {
    let Some(ssh) = OpenSsh::find() else { return };
    let mut kinds = vec![vec!["ed25519"], vec!["ecdsa", "-b", "256"], vec!["ecdsa", "-b", "384"]];
    if cfg!(feature = "rsa") {
        kinds.extend([vec!["rsa", "-b", "3072"], vec!["rsa", "-b", "4096"]]);
    }
    for kind in kinds {
        let name = kind.concat();
        let line = ssh.line(&name, &kind);
        let key = PublicKey::parse(&line).unwrap();
        let listed = String::from_utf8(ssh.keygen(&["-l", "-f", &name]).stdout).unwrap();
        assert!(listed.contains(&key.fingerprint()), "{listed} {}", key.fingerprint());
        assert!(key.fingerprint().starts_with("SHA256:"));
        assert_eq!(line.trim_end(), format!("{} a comment", key.openssh()));
        assert!(line.starts_with(key.algorithm()) && !key.is_security_key());
        for hash in ["hashalg=sha256", "hashalg=sha512"] {
            let armor = ssh.armor(&name, NAMESPACE, MESSAGE, &["-O", hash]);
            let signature = Signature::read(&blob(&armor)).unwrap();
            assert_eq!(signature.verify(MESSAGE), Ok(()), "{name} {hash}");
            assert_eq!(signature.verify(b"another"), Err(SignatureError::Mismatch), "{name} {hash}");
            assert_eq!((signature.key(), signature.namespace()), (&key, NAMESPACE));
            assert_eq!(signature.presence(), None, "{name}");
            assert_eq!(signature.armored(), armor, "as ssh-keygen writes it");
            assert_eq!(signature.bytes(), blob(&armor));
            assert_eq!(signature.sha256(), format!("sha256:{}", digest::sha256(&blob(&armor))));
        }
    }
}

#[test]
fn keys_that_are_not_taken_are_refused_in_words() {
    let Some(ssh) = OpenSsh::find() else { return };
    let mut kinds = vec![
        ("dsa", vec!["dsa"], KeyError::Dsa),
        ("small", vec!["rsa", "-b", "2048"], KeyError::RsaSize(2048)),
        ("odd", vec!["rsa", "-b", "3064"], KeyError::RsaSize(3064)),
        ("p521", vec!["ecdsa", "-b", "521"], KeyError::P521),
    ];
    if cfg!(not(feature = "rsa")) {
        kinds.push(("rsa", vec!["rsa", "-b", "3072"], KeyError::NoRsa));
    }
    for (name, kind, why) in kinds {
        if name == "dsa" && ssh.keygen(&["-q", "-N", "", "-f", "probe", "-t", "dsa"]).status.code() != Some(0)
        {
            continue; // OpenSSH 9.8 and later make none; the table below has one.
        }
        let line = ssh.line(name, &kind);
        assert_eq!(PublicKey::parse(&line), Err(why.clone()), "{name}");
        let armor = ssh.armor(name, NAMESPACE, MESSAGE, &[]);
        assert_eq!(checked(&blob(&armor)), Err(SignatureError::Key(why)), "{name}");
    }
}

#[test]
fn certificates_are_refused_in_words() {
    let Some(ssh) = OpenSsh::find() else { return };
    ssh.key("authority", &["ed25519"]);
    for kind in [vec!["ed25519"], vec!["ecdsa", "-b", "256"]] {
        let name = kind.concat();
        let plain = ssh.key(&name, &kind);
        let made = ssh.keygen(&[
            "-q",
            "-s",
            "authority",
            "-I",
            "somebody",
            "-n",
            "peer@corp",
            &format!("{name}.pub"),
        ]);
        assert!(made.status.success(), "{made:?}");
        let certificate = std::fs::read_to_string(ssh.path(&format!("{name}-cert.pub"))).unwrap();
        assert_eq!(PublicKey::parse(&certificate), Err(KeyError::Certificate));
        // With the private key beside it, `-f` of a certificate signs with that.
        let armor = ssh.armor(&format!("{name}-cert.pub"), NAMESPACE, MESSAGE, &[]);
        assert_eq!(checked(&blob(&armor)), Err(SignatureError::Key(KeyError::Certificate)), "{name}");
        let bytes = Base64::decode_vec(certificate.split(' ').nth(1).unwrap()).unwrap();
        assert_eq!(PublicKey::of_certificate(&bytes), Some(plain));
    }
    assert_eq!(PublicKey::of_certificate(b"nothing"), None);
}

#[test]
fn a_signature_for_something_else_is_refused() {
    let Some(ssh) = OpenSsh::find() else { return };
    ssh.key("key", &["ed25519"]);
    for namespace in ["git", "file", "tollgate-approve-v2", "tollgate-approve-v1 "] {
        let signature = Signature::read(&blob(&ssh.armor("key", namespace, MESSAGE, &[]))).unwrap();
        assert_eq!(signature.namespace(), namespace);
        assert_eq!(signature.verify(MESSAGE), Err(SignatureError::Namespace(namespace.to_owned())));
    }
}

/// A key as a security key has it, made of software, with a signature of
/// [`MESSAGE`] that vouches for `flags`.
fn security_key(ssh: &OpenSsh, curve: &str, application: &str, flags: u8, counter: u32) -> Parts {
    security_key_for(ssh, curve, application, (flags, counter), MESSAGE)
}

/// The same over any message, as it is read.
pub(in crate::authorization) fn touched(ssh: &OpenSsh, flags: u8, counter: u32, message: &[u8]) -> Signature {
    Signature::read(&security_key_for(ssh, "ed25519", "ssh:", (flags, counter), message).bytes()).unwrap()
}

fn security_key_for(
    ssh: &OpenSsh,
    curve: &str,
    application: &str,
    (flags, counter): (u8, u32),
    message: &[u8],
) -> Parts {
    let file = ssh.path(curve);
    if !file.exists() {
        ssh.key(curve, &[curve]);
    }
    let private = ssh_key::PrivateKey::read_openssh_file(&file).unwrap();
    let mut device = Sha256::digest(application).to_vec();
    device.push(flags);
    device.extend_from_slice(&counter.to_be_bytes());
    let trailer = device[32..].to_vec();
    let signed = SshSig::signed_data(NAMESPACE, HashAlg::Sha512, message).unwrap();
    device.extend_from_slice(&Sha256::digest(signed));
    let data = private.try_sign(&device).unwrap().as_bytes().to_vec();
    let (name, key) = match private.public_key().key_data() {
        KeyData::Ed25519(key) => {
            let name = "sk-ssh-ed25519@openssh.com";
            (name, strings(&[name.as_bytes(), &key.0, application.as_bytes()]))
        }
        KeyData::Ecdsa(key) => {
            let name = "sk-ecdsa-sha2-nistp256@openssh.com";
            (name, strings(&[name.as_bytes(), b"nistp256", key.as_sec1_bytes(), application.as_bytes()]))
        }
        _ => unreachable!(),
    };
    Parts { device: trailer, ..Parts::of(key, name, data) }
}

#[test]
fn what_a_security_key_vouches_for_is_read_from_what_is_verified() {
    let Some(ssh) = OpenSsh::find() else { return };
    for curve in ["ed25519", "ecdsa"] {
        for (flags, touched, verified, counter) in [
            (0x00, false, false, 0),
            (0x01, true, false, 1),
            (0x04, false, true, 0x0102_0304),
            (0x05, true, true, u32::MAX),
            (0x45, true, true, 9),
            (0xfa, false, false, 9),
        ] {
            for application in ["ssh:", "ssh:tollgate"] {
                let parts = security_key(&ssh, curve, application, flags, counter);
                let signature = Signature::read(&parts.bytes()).unwrap();
                assert_eq!(signature.verify(MESSAGE), Ok(()), "{curve} {flags}");
                assert_eq!(
                    signature.presence(),
                    Some(Vouched { touched, verified, counter }),
                    "{curve} {flags}"
                );
                let key = signature.key();
                assert!(key.is_security_key());
                assert_eq!(PublicKey::parse(&key.openssh()).as_ref(), Ok(key));
                assert!(
                    ssh.accepts(&key.openssh(), &signature.armored(), MESSAGE),
                    "{curve} {flags}: ssh-keygen"
                );
                assert!(!ssh.accepts(&key.openssh(), &signature.armored(), b"another"), "{curve} {flags}");
            }
        }
        let good = security_key(&ssh, curve, "ssh:", 0x00, 7);
        for at in 0..5 {
            for bit in 0..8 {
                let mut claimed = good.clone();
                claimed.device[at] ^= 1 << bit;
                assert_eq!(checked(&claimed.bytes()), Err(SignatureError::Mismatch), "{curve} {at} {bit}");
            }
        }
        let missing = Parts { device: good.device[..4].to_vec(), ..good.clone() };
        let twice = Parts { device: good.device.repeat(2), ..good.clone() };
        let inside =
            Parts { data: [&good.data[..], &good.device].concat(), device: Vec::new(), ..good.clone() };
        for parts in [missing, twice, inside] {
            assert!(matches!(checked(&parts.bytes()), Err(SignatureError::Damaged(_))), "{curve}");
        }
        let mut within = good.clone();
        within.data.extend_from_slice(&good.device);
        assert_eq!(checked(&within.bytes()), Err(SignatureError::Mismatch), "{curve}");
    }
}

#[test]
fn one_changed_byte_is_one_too_many() {
    let Some(ssh) = OpenSsh::find() else { return };
    ssh.key("p256", &["ecdsa", "-b", "256"]);
    ssh.key("p384", &["ecdsa", "-b", "384"]);
    let mut all = vec![
        ("ed25519", Parts::good().bytes(), vec![0x01, 0x80, 0xff]),
        ("p256", blob(&ssh.armor("p256", NAMESPACE, MESSAGE, &[])), vec![0x01]),
        ("p384", blob(&ssh.armor("p384", NAMESPACE, MESSAGE, &[])), vec![0x01]),
        ("sk-ed25519", security_key(&ssh, "ed25519", "ssh:", 1, 7).bytes(), vec![0x01, 0x80]),
        ("sk-ecdsa", security_key(&ssh, "ecdsa", "ssh:", 1, 7).bytes(), vec![0x01]),
    ];
    if cfg!(feature = "rsa") {
        ssh.key("rsa", &["rsa", "-b", "3072"]);
        all.push(("rsa", blob(&ssh.armor("rsa", NAMESPACE, MESSAGE, &[])), vec![0x01]));
    }
    for (name, good, masks) in all {
        assert_eq!(checked(&good), Ok(()), "{name}");
        // RSA takes a while, unoptimized; its two numbers are most of it.
        for at in (0..good.len()).step_by(if name == "rsa" { 7 } else { 1 }) {
            for mask in &masks {
                let mut changed = good.clone();
                changed[at] ^= mask;
                assert!(checked(&changed).is_err(), "{name}: byte {at}");
            }
            assert!(checked(&good[..at]).is_err(), "{name}: only {at} bytes");
        }
        for more in [&b"\0"[..], b"x", &good] {
            assert!(checked(&[&good, more].concat()).is_err(), "{name}: more");
        }
    }
}

#[test]
fn a_frame_is_read_in_one_way_only() {
    let good = Parts::good();
    assert_eq!(checked(&good.bytes()), Ok(()));
    let damaged = SignatureError::Damaged;
    let table: &[(&str, Parts, SignatureError)] = &[
        ("magic", Parts { magic: b"SSHSIH", ..good.clone() }, SignatureError::NotOne),
        ("no version yet", Parts { version: 0, ..good.clone() }, SignatureError::Version(0)),
        ("a later version", Parts { version: 2, ..good.clone() }, SignatureError::Version(2)),
        ("reserved", Parts { reserved: b"x", ..good.clone() }, SignatureError::Reserved),
        ("sha1", Parts { hash: "sha1", ..good.clone() }, SignatureError::Hash("sha1".to_owned())),
        ("case", Parts { hash: "SHA512", ..good.clone() }, SignatureError::Hash("SHA512".to_owned())),
        ("none", Parts { hash: "", ..good.clone() }, SignatureError::Hash(String::new())),
        ("other hash", Parts { hash: "sha256", ..good.clone() }, SignatureError::Mismatch),
        ("no namespace", Parts { namespace: "", ..good.clone() }, SignatureError::Namespace(String::new())),
        ("after it", Parts { device: vec![0], ..good.clone() }, damaged("it goes on after its end")),
        ("short", Parts { data: good.data[..63].to_vec(), ..good.clone() }, SignatureError::Mismatch),
        ("long", Parts { data: [&good.data[..], b"\0"].concat(), ..good.clone() }, SignatureError::Mismatch),
        ("no key", Parts { key: Vec::new(), ..good.clone() }, KeyError::Missing.into()),
        (
            "after the key",
            Parts { key: [&good.key[..], b"\0"].concat(), ..good.clone() },
            KeyError::Damaged("ssh-ed25519".to_owned()).into(),
        ),
        (
            "a message for people",
            Parts { namespace: "a\u{1b}[2J", ..good.clone() },
            SignatureError::Namespace("a\\u{1b}[2J".to_owned()),
        ),
    ];
    for (name, parts, why) in table {
        assert_eq!(checked(&parts.bytes()).as_ref(), Err(why), "{name}");
    }
    let unknown = |name: &str| KeyError::Unknown(name.to_owned());
    for (name, why) in [
        ("ssh-dss", KeyError::Dsa),
        ("ecdsa-sha2-nistp521", KeyError::P521),
        ("ssh-ed25519-cert-v01@openssh.com", KeyError::Certificate),
        ("ssh-rsa-cert-v01@openssh.com", KeyError::Certificate),
        (
            "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
            unknown("webauthn-sk-ecdsa-sha2-nistp256@openssh.com"),
        ),
        ("rsa-sha2-512", unknown("rsa-sha2-512")),
        ("SSH-ED25519", unknown("SSH-ED25519")),
        ("ssh-rsa", KeyError::Damaged("ssh-rsa".to_owned())),
    ] {
        let parts = Parts { key: strings(&[name.as_bytes(), &[9; 32]]), ..good.clone() };
        assert_eq!(checked(&parts.bytes()), Err(SignatureError::Key(why)), "{name}");
    }
    for algorithm in
        ["ssh-rsa", "rsa-sha2-512", "sk-ssh-ed25519@openssh.com", "ecdsa-sha2-nistp256", "", "x@y"]
    {
        let refused = checked(&Parts { algorithm, ..good.clone() }.bytes());
        assert!(matches!(refused, Err(SignatureError::Algorithm { .. })), "{algorithm}: {refused:?}");
    }
    assert_eq!(checked(&[b'S'; LIMIT + 1]), Err(SignatureError::TooLong(LIMIT + 1)));
    assert_eq!(checked(b""), Err(SignatureError::NotOne));
    assert_eq!(checked(b"SSHSIG"), Err(SignatureError::NotOne));
    let trailing = [&good.bytes()[..], b"\n"].concat();
    assert_eq!(checked(&trailing), Err(damaged("it goes on after its end")));
}

#[test]
fn both_digests_are_taken() {
    for (hash, name) in [(HashAlg::Sha256, "sha256"), (HashAlg::Sha512, "sha512")] {
        let data = seven().sign(&signed(hash)).to_bytes().to_vec();
        assert_eq!(checked(&Parts { hash: name, data, ..Parts::good() }.bytes()), Ok(()));
    }
}

/// The encodings of the points of small order on the curve of ed25519, those
/// that are not canonical included.
fn small_order() -> Vec<[u8; 32]> {
    let point = |first: u8, middle: u8, last: u8| {
        let mut bytes = [middle; 32];
        (bytes[0], bytes[31]) = (first, last);
        bytes
    };
    let mut points = vec![
        point(1, 0, 0),
        point(1, 0, 0x80),
        point(0, 0, 0),
        point(0, 0, 0x80),
        point(0xec, 0xff, 0x7f),
        point(0xec, 0xff, 0xff),
        point(0xed, 0xff, 0x7f),
        point(0xed, 0xff, 0xff),
        point(0xee, 0xff, 0x7f),
        point(0xee, 0xff, 0xff),
    ];
    for y in [
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ] {
        let mut bytes = [0; 32];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(y.get(at * 2..at * 2 + 2).unwrap(), 16).unwrap();
        }
        points.push(bytes);
        bytes[31] |= 0x80;
        points.push(bytes);
    }
    points
}

#[test]
fn a_key_that_anybody_can_sign_for_is_none() {
    for point in small_order() {
        for key in [ed25519(&point), strings(&[b"sk-ssh-ed25519@openssh.com", &point, b"ssh:"])] {
            let refused = PublicKey::from_blob(&key);
            assert!(
                matches!(refused, Err(KeyError::Weak(_) | KeyError::Damaged(_))),
                "{point:x?}: {refused:?}"
            );
        }
    }
    // The neutral element with the signature (itself, 0): the crate takes it
    // for a signature of anything.
    let neutral = small_order()[0];
    let key = KeyData::Ed25519(ssh_key::public::Ed25519PublicKey(neutral));
    let data = [&neutral[..], &[0; 32]].concat();
    let signature = ssh_key::Signature::new(Algorithm::Ed25519, &data[..]).unwrap();
    assert!(key.verify(b"anything", &signature).is_ok(), "the crate is not strict");
    assert_eq!(verified(&key, Algorithm::Ed25519, b"anything", &data), None);
    assert!(checked(&Parts { data, ..Parts::good() }.bytes()).is_err(), "of another key");
}

#[test]
fn a_signature_has_one_spelling() {
    // The same number, by the order of the group higher.
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut parts = Parts::good();
    let mut carry = 0;
    for (byte, order) in parts.data[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    assert_eq!(checked(&parts.bytes()), Err(SignatureError::Mismatch));
}

#[test]
fn a_key_is_one_line() {
    let key = PublicKey::from_blob(&Parts::good().key).unwrap();
    let line = key.openssh();
    for accepted in [line.clone(), format!("  {line} a name with spaces \r\n"), line.replace(' ', "\t")] {
        assert_eq!(PublicKey::parse(&accepted).as_ref(), Ok(&key), "{accepted:?}");
    }
    let base64 = line.split(' ').nth(1).unwrap();
    let unpadded = PublicKey::parse(&format!("ssh-ed25519 {base64}="));
    assert_eq!(unpadded, Err(KeyError::Damaged("ssh-ed25519".to_owned())));
    let in_front = || KeyError::InFront("ssh-ed25519".to_owned());
    let private = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\n-----END OPENSSH PRIVATE KEY-----\n";
    for (text, why) in [
        (String::new(), KeyError::Missing),
        ("ssh-ed25519".to_owned(), KeyError::Missing),
        (format!("{line}\n{line}"), KeyError::NotALine),
        (format!("{line} {}", "x".repeat(9000)), KeyError::NotALine),
        (private.to_owned(), KeyError::Private),
        (format!("restrict,command=\"x y\" {line}"), in_front()),
        (format!("cert-authority {line}"), in_front()),
        (format!("bob@corp namespaces=\"file\" {line}"), in_front()),
        (
            "x \u{1b}c-cert-v01@openssh.com".to_owned(),
            KeyError::InFront("\\u{1b}c-cert-v01@openssh.com".to_owned()),
        ),
        (format!("ssh-dss {base64}"), KeyError::Dsa),
        (format!("ecdsa-sha2-nistp521 {base64}"), KeyError::P521),
        (format!("ssh-ed25519-cert-v01@openssh.com {base64}"), KeyError::Certificate),
        (format!("ssh-ed448 {base64}"), KeyError::Unknown("ssh-ed448".to_owned())),
        (base64.to_owned(), KeyError::Unknown(base64.chars().take(64).collect())),
        ("a\u{202e}b c".to_owned(), KeyError::Unknown("a\\u{202e}b".to_owned())),
        (format!("ecdsa-sha2-nistp256 {base64}"), KeyError::Damaged("ecdsa-sha2-nistp256".to_owned())),
        (
            format!("sk-ssh-ed25519@openssh.com {base64}"),
            KeyError::Damaged("sk-ssh-ed25519@openssh.com".to_owned()),
        ),
        (line.replace("AAAAC3", "AAAAC4"), KeyError::Unknown(String::new())),
        (format!("ssh-ed25519 {}", base64.split_at(40).0), KeyError::Damaged("ssh-ed25519".to_owned())),
    ] {
        let refused = PublicKey::parse(&text);
        match why {
            KeyError::Unknown(name) if name.is_empty() => assert!(refused.is_err(), "{text:?}"),
            why => assert_eq!(refused, Err(why), "{text:?}"),
        }
    }
}

#[test]
fn a_point_has_one_spelling() {
    let Some(ssh) = OpenSsh::find() else { return };
    let key = ssh.key("key", &["ecdsa"]);
    let KeyData::Ecdsa(point) = key.data() else { panic!("{key:?}") };
    let point = point.as_sec1_bytes();
    let mut compressed = point[..33].to_vec();
    compressed[0] = 2 + (point[64] & 1);
    for (name, more) in
        [("ecdsa-sha2-nistp256", &[][..]), ("sk-ecdsa-sha2-nistp256@openssh.com", &[&b"ssh:"[..]])]
    {
        let blob = |point: &[u8]| strings(&[&[name.as_bytes(), b"nistp256", point], more].concat());
        assert!(PublicKey::from_blob(&blob(point)).is_ok(), "{name}");
        for refused in [&compressed[..], &point[..64], b"\0", b""] {
            let damaged = KeyError::Damaged(name.to_owned());
            assert_eq!(PublicKey::from_blob(&blob(refused)), Err(damaged), "{name}");
        }
    }
}

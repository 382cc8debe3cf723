use std::io::Write as _;

use proptest::prelude::*;
use rawzip::ZipArchiveWriter;
use serde_json::json;

use super::*;

/// A message of protobuf: fields with their numbers.
fn message(fields: &[(u8, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (number, field) in fields {
        bytes.push(number << 3 | 2);
        let mut length = field.len();
        while length > 0x7f {
            bytes.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
            length >>= 7;
        }
        bytes.push(u8::try_from(length).unwrap());
        bytes.extend(*field);
    }
    bytes
}

/// A backend with a configuration in `MessagePack`.
fn backend(packed: &[u8]) -> Vec<u8> {
    message(&[(1, b"s3"), (2, &message(&[(1, packed)])), (3, b"prod")])
}

fn packed() -> Vec<u8> {
    let mut packed = vec![0x84];
    for (key, value) in
        [("bucket", &b"\xa1b"[..]), ("retries", b"\x05"), ("role", b"\xc0"), ("l", b"\x92\xc3\xcd\x01\x00")]
    {
        packed.push(0xa0 | u8::try_from(key.len()).unwrap());
        packed.extend(key.bytes());
        packed.extend(value);
    }
    packed
}

/// A plan with other fields around its backend.
fn plan(backend: &[u8]) -> Vec<u8> {
    let mut bytes = vec![1 << 3, 3];
    bytes.extend(message(&[(3, &[7; 300])]));
    bytes.extend(message(&[(13, backend)]));
    bytes.extend([21 << 3 & 0x7f | 0x80 | 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = ZipArchiveWriter::new(&mut bytes);
    for (name, text) in files {
        let new = archive.new_file(name).compression_method(CompressionMethod::DEFLATE);
        let (mut entry, config) = new.start().unwrap();
        let encoder = flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::default());
        let mut writer = config.wrap(encoder);
        writer.write_all(text).unwrap();
        let (encoder, descriptor) = writer.finish().unwrap();
        encoder.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    bytes
}

fn opened(bytes: &[u8]) -> Result<Snapshot, SnapshotError> {
    Snapshot::open(&Sealed::of(bytes).unwrap())
}

#[test]
fn the_place_and_the_configuration_are_read() {
    let plan = plan(&backend(&packed()));
    let files: [(&str, &[u8]); 5] = [
        ("tfplan", &plan),
        ("tfstate", b"{}"),
        ("tfconfig/m-/main.tf", b"root"),
        ("tfconfig/m-a.b/main.tf", b"inner"),
        ("tfconfig/modules.json", b"[]"),
    ];
    let snapshot = opened(&zip(&files)).unwrap();
    assert_eq!(
        snapshot.place().unwrap(),
        Place {
            kind: "s3".into(),
            config: json!({"bucket": "b", "retries": null, "role": null, "l": [true, null]}),
            workspace: "prod".into()
        }
    );
    let sources = snapshot.sources().unwrap();
    let told: Vec<_> = sources.iter().map(|one| (&*one.module, &*one.name, &*one.text)).collect();
    assert_eq!(told, [("", "main.tf", "root"), ("module.a.module.b.", "main.tf", "inner")]);
}

#[test]
fn what_can_be_read_in_two_ways_is_not_read() {
    let plan = plan(&backend(&packed()));
    let good = zip(&[("tfplan", &plan), ("x", b"x")]);
    assert!(opened(&good).is_ok());
    assert!(opened(&zip(&[("tfplan", &plan), ("tfplan", &plan)])).is_err(), "a name twice");
    assert!(opened(&[b"PK".as_slice(), &good].concat()).is_err(), "bytes before it");
    assert!(opened(&[&good, b"PK".as_slice()].concat()).is_err(), "bytes behind it");
    assert!(opened(&[good.as_slice(), &good].concat()).is_err(), "two in one");
    assert!(opened(b"").is_err() && opened(b"PK").is_err());
    let mut broken = good.clone();
    // Within what is packed.
    broken.iter_mut().skip(60).take(20).for_each(|byte| *byte ^= 0x55);
    assert!(opened(&broken).and_then(|snapshot| snapshot.place()).is_err(), "its checksum");
    assert!(opened(&zip(&[("x", b"x")])).unwrap().place().is_err(), "no plan");
    assert!(opened(&good).unwrap().sources().is_err(), "no configuration");
    let latin = zip(&[("tfconfig/m-/main.tf", b"\xe9")]);
    assert!(opened(&latin).unwrap().sources().is_err(), "no text");
}

#[test]
fn a_place_that_is_told_otherwise_is_not_told() {
    let place = |plan: &[u8]| wire::place(&mut &*plan);
    let whole = plan(&backend(&packed()));
    assert!(place(&whole).is_ok());
    for length in 0..whole.len() - 10 {
        assert!(place(&whole[..length]).is_err(), "{length}");
    }
    let config = message(&[(1, &packed())]);
    for backend in [
        message(&[(1, b"s3"), (2, &config), (3, b"dev"), (3, b"prod")]),
        message(&[(1, b"s3"), (2, &config)]),
        message(&[(1, b"s3"), (3, b"dev")]),
        message(&[(2, &config), (3, b"dev")]),
        message(&[(1, b"s3"), (2, &config), (3, b"\xff")]),
        backend(b"\x81\xa1a"),
        backend(b"\x82\xa1a\xc0\xa1a\xc0"),
        backend(b"\xc0\xc0"),
        backend(&[0x91; 100]),
        backend(b"\xdd\xff\xff\xff\xff"),
        backend(b"\xc1"),
    ] {
        assert!(place(&plan(&backend)).is_err(), "{backend:?}");
    }
    let twice = [plan(&backend(&packed())), plan(&backend(&packed()))].concat();
    assert!(place(&twice).is_err());
}

proptest! {
    #[test]
    fn reading_never_panics(bytes in any::<Vec<u8>>(), at in 0_usize..400, byte: u8) {
        let _ = wire::place(&mut bytes.as_slice());
        let _ = opened(&bytes);
        let mut plan = plan(&backend(&packed()));
        if let Some(place) = plan.get_mut(at) {
            *place = byte;
        }
        let _ = wire::place(&mut plan.as_slice());
        let mut zip = zip(&[("tfplan", &plan), ("tfconfig/m-/main.tf", b"text")]);
        if let Some(place) = zip.get_mut(at) {
            *place = byte;
        }
        if let Ok(snapshot) = opened(&zip) {
            let _ = (snapshot.place(), snapshot.sources());
        }
    }
}

//! How the plan in a plan's file is written: protobuf, of which the messages are known by the
//! numbers of their fields, with values in `MessagePack`.
//!
//! Terraform's `planfile.proto`: `Plan { Backend backend = 13 }`, `Backend { string type = 1;
//! DynamicValue config = 2; string workspace = 3 }`, `DynamicValue { bytes msgpack = 1 }`.

use std::collections::BTreeMap;
use std::io::{self, Read};

use serde_json::{Map, Value};

use super::{Place, SnapshotError};

/// The fields by their numbers.
const BACKEND: u64 = 13;
const KIND: u64 = 1;
const CONFIG: u64 = 2;
const WORKSPACE: u64 = 3;
const PACKED: u64 = 1;

/// The longest message that is looked into, in bytes.
const LONGEST: u64 = 1 << 20;

/// How deep values may stand in others.
const DEPTH: usize = 32;

const ODD: SnapshotError = SnapshotError::Form("the plan in its file is of a form that nobody knows");

/// Where the plan that `reader` gives was made to be applied.
///
/// # Errors
/// Where it does not say so in a known way.
pub(super) fn place(reader: &mut dyn Read) -> Result<Place, SnapshotError> {
    let plan = message(reader, &[BACKEND])?;
    let backend = plan
        .get(&BACKEND)
        .ok_or(SnapshotError::Form("the plan in its file names no backend in the way that is known"))?;
    let backend = message(&mut backend.as_slice(), &[KIND, CONFIG, WORKSPACE])?;
    let text = |number: u64| {
        let bytes = backend.get(&number).cloned().unwrap_or_default();
        String::from_utf8(bytes).ok().filter(|text| !text.is_empty()).ok_or(ODD)
    };
    let config = backend.get(&CONFIG).ok_or(ODD)?;
    let config = message(&mut config.as_slice(), &[PACKED])?;
    let mut packed = config.get(&PACKED).ok_or(ODD)?.as_slice();
    let config = value(&mut packed, 0).filter(|_| packed.is_empty()).ok_or(ODD)?;
    Ok(Place { kind: text(KIND)?, config, workspace: text(WORKSPACE)? })
}

/// The `wanted` fields of a message, each of which may stand there once. Others are passed over.
fn message(mut reader: &mut dyn Read, wanted: &[u64]) -> Result<BTreeMap<u64, Vec<u8>>, SnapshotError> {
    let mut found = BTreeMap::new();
    while let Some(key) = varint(reader)? {
        let number = key >> 3;
        let length = match key & 7 {
            0 => {
                varint(reader)?.ok_or(ODD)?;
                0
            }
            1 => 8,
            2 => varint(reader)?.ok_or(ODD)?,
            5 => 4,
            _ => return Err(ODD),
        };
        if !wanted.contains(&number) {
            if io::copy(&mut Read::take(&mut reader, length), &mut io::sink())? != length {
                return Err(ODD);
            }
            continue;
        }
        let mut bytes = Vec::new();
        Read::take(&mut reader, length.min(LONGEST)).read_to_end(&mut bytes)?;
        let is_whole = key & 7 == 2 && bytes.len() as u64 == length;
        if !is_whole || found.insert(number, bytes).is_some() {
            return Err(ODD);
        }
    }
    Ok(found)
}

/// A number, seven bits in each byte, the lowest first; nothing where the message ends.
fn varint(reader: &mut dyn Read) -> Result<Option<u64>, SnapshotError> {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let mut byte = [0];
        match reader.read_exact(&mut byte) {
            Err(error) if shift == 0 && error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        let [byte] = byte;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(Some(number));
        }
    }
    Err(ODD)
}

/// A value in `MessagePack`, taken off the beginning of `bytes`. Numbers are passed over as
/// `null`, and so is what is not known: neither names a place.
fn value(bytes: &mut &[u8], depth: usize) -> Option<Value> {
    let [first] = taken(bytes)?;
    Some(match first {
        0xc2 | 0xc3 => Value::Bool(first == 0xc3),
        0x00..=0x7f | 0xc0 | 0xe0..=0xff => Value::Null,
        0xcc..=0xd3 => {
            skipped(bytes, 1 << (first & 3))?;
            Value::Null
        }
        0xca | 0xcb => {
            skipped(bytes, if first == 0xca { 4 } else { 8 })?;
            Value::Null
        }
        0xa0..=0xbf => text(bytes, usize::from(first & 0x1f))?,
        0xc4 | 0xd9 => length::<1>(bytes).and_then(|length| text(bytes, length))?,
        0xc5 | 0xda => length::<2>(bytes).and_then(|length| text(bytes, length))?,
        0xc6 | 0xdb => length::<4>(bytes).and_then(|length| text(bytes, length))?,
        0x90..=0x9f => list(bytes, usize::from(first & 0xf), depth)?,
        0xdc => length::<2>(bytes).and_then(|length| list(bytes, length, depth))?,
        0xdd => length::<4>(bytes).and_then(|length| list(bytes, length, depth))?,
        0x80..=0x8f => map(bytes, usize::from(first & 0xf), depth)?,
        0xde => length::<2>(bytes).and_then(|length| map(bytes, length, depth))?,
        0xdf => length::<4>(bytes).and_then(|length| map(bytes, length, depth))?,
        0xd4..=0xd8 => {
            skipped(bytes, (1 << (first - 0xd4)) + 1)?;
            Value::Null
        }
        0xc7 => length::<1>(bytes).and_then(|length| skipped(bytes, length.checked_add(1)?))?,
        0xc8 => length::<2>(bytes).and_then(|length| skipped(bytes, length.checked_add(1)?))?,
        0xc9 => length::<4>(bytes).and_then(|length| skipped(bytes, length.checked_add(1)?))?,
        0xc1 => return None,
    })
}

fn taken<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

fn skipped(bytes: &mut &[u8], length: usize) -> Option<Value> {
    *bytes = bytes.get(length..)?;
    Some(Value::Null)
}

/// A length of `N` bytes, the highest first.
fn length<const N: usize>(bytes: &mut &[u8]) -> Option<usize> {
    let bytes = taken::<N>(bytes)?;
    Some(bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)))
}

fn text(bytes: &mut &[u8], length: usize) -> Option<Value> {
    let (text, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    String::from_utf8(text.to_vec()).ok().map(Value::String)
}

fn list(bytes: &mut &[u8], length: usize, depth: usize) -> Option<Value> {
    deeper(depth)?;
    (0..length).map(|_| value(bytes, depth + 1)).collect::<Option<Vec<Value>>>().map(Value::Array)
}

fn map(bytes: &mut &[u8], length: usize, depth: usize) -> Option<Value> {
    deeper(depth)?;
    let mut map = Map::new();
    for _ in 0..length {
        let Value::String(key) = value(bytes, depth + 1)? else { return None };
        if map.insert(key, value(bytes, depth + 1)?).is_some() {
            return None;
        }
    }
    Some(Value::Object(map))
}

fn deeper(depth: usize) -> Option<()> {
    (depth < DEPTH).then_some(())
}

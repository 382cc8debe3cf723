//! How one tollgate recognises another.
//!
//! A shim must never run a tollgate as if it were the tool: two builds on one
//! PATH would call each other for ever. The same file is recognised by device
//! and inode; another build or a copy, by an ELF note that every tollgate
//! carries in a loaded segment, where `strip` leaves it. The note usually lies
//! in a program's first page, so recognising costs one read.
//!
//! A file that is not ELF (Mach-O, a package's wrapper script) is a tollgate
//! where its name, all links resolved, is `tollgate`.
//!
//! Files are taken as hostile: what is read is bounded, and a file that hides
//! its note only makes tollgate run it as the program it then is.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

const NOTE_NAME: &[u8; 9] = b"tollgate\0";
/// "toll": this owner has only one type of note.
const NOTE_TYPE: u32 = 0x746f_6c6c;
const PT_NOTE: u32 = 4;
/// How much of a file, or of one segment, is read at once.
const WINDOW: usize = 4096;
/// More program headers than any linker writes.
const MAX_SEGMENTS: u16 = 64;
/// More note segments than any linker writes.
const MAX_NOTE_SEGMENTS: usize = 8;

/// The ELF note, as it lies in the file: an `Elf_Nhdr`, the name padded to
/// four bytes, and the marker's version.
#[derive(Debug)]
#[repr(C, align(4))]
pub struct Note {
    name_size: u32,
    description_size: u32,
    kind: u32,
    name: [u8; 12],
    version: u32,
}

impl Note {
    /// The note of this build.
    pub const CURRENT: Self =
        Self { name_size: 9, description_size: 4, kind: NOTE_TYPE, name: *b"tollgate\0\0\0\0", version: 1 };
}

/// Whether `file`, which was opened as `path`, is a tollgate of any build.
///
/// # Errors
/// Where `file` cannot be read.
pub fn is_tollgate(path: &Path, file: &File) -> io::Result<bool> {
    match inspect(|buffer, offset| file.read_at(buffer, offset))? {
        Marker::Present => Ok(true),
        Marker::Absent => Ok(false),
        Marker::NotElf => Ok(is_named_tollgate(path)),
    }
}

/// Whether `path`, all links resolved, is called `tollgate`.
pub fn is_named_tollgate(path: &Path) -> bool {
    // Only the last component's links change the name, and most are none.
    let resolved = if path.is_symlink() { path.canonicalize().ok() } else { None };
    resolved.as_deref().unwrap_or(path).file_name() == Some(OsStr::new(crate::process::BINARY))
}

/// What the program headers say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Marker {
    Present,
    Absent,
    NotElf,
}

/// Looks for the note in what `read_at` (buffer, offset) reads.
fn inspect(read_at: impl Fn(&mut [u8], u64) -> io::Result<usize>) -> io::Result<Marker> {
    let source = Source { read_at };
    let mut head = [0; WINDOW];
    let head = source.read(&mut head, 0)?;
    let Some(header) = Header::parse(head) else {
        return Ok(Marker::NotElf);
    };
    let mut note_segments = 0;
    for index in 0..header.segments.min(MAX_SEGMENTS) {
        let Some(segment) = header.segment(index, head, &source)? else {
            return Ok(Marker::Absent);
        };
        if segment.kind != PT_NOTE {
            continue;
        }
        if header.has_note(&segment, head, &source)? {
            return Ok(Marker::Present);
        }
        note_segments += 1;
        if note_segments == MAX_NOTE_SEGMENTS {
            break;
        }
    }
    Ok(Marker::Absent)
}

/// A file, or a test's bytes.
struct Source<R> {
    read_at: R,
}

impl<R: Fn(&mut [u8], u64) -> io::Result<usize>> Source<R> {
    /// As much of `buffer` as the file has from `offset` on.
    fn read<'b>(&self, buffer: &'b mut [u8], offset: u64) -> io::Result<&'b [u8]> {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let Some(position) = offset.checked_add(filled as u64) else { break };
            match (self.read_at)(rest, position) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // An offset past what the system can express is past the end.
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => break,
                Err(error) => return Err(error),
            }
        }
        Ok(buffer.get(..filled).unwrap_or_default())
    }
}

/// A program header's part that matters here.
struct Segment {
    kind: u32,
    offset: u64,
    size: u64,
    alignment: u64,
}

/// The ELF header's part that matters here.
struct Header {
    wide: bool,
    big_endian: bool,
    table: u64,
    entry_size: u16,
    segments: u16,
}

impl Header {
    fn parse(head: &[u8]) -> Option<Self> {
        if head.get(..4)? != b"\x7fELF" {
            return None;
        }
        let wide = *head.get(4)? == 2;
        let big_endian = *head.get(5)? == 2;
        let mut header = Self { wide, big_endian, table: 0, entry_size: 0, segments: 0 };
        (header.table, header.entry_size, header.segments) = if wide {
            (header.long(head, 32)?, header.half(head, 54)?, header.half(head, 56)?)
        } else {
            (header.word(head, 28)?.into(), header.half(head, 42)?, header.half(head, 44)?)
        };
        Some(header)
    }

    /// The program header at `index`; `None` where the file ends before it.
    fn segment<R>(&self, index: u16, head: &[u8], source: &Source<R>) -> io::Result<Option<Segment>>
    where
        R: Fn(&mut [u8], u64) -> io::Result<usize>,
    {
        let needed = if self.wide { 56 } else { 32 };
        let position = u64::from(index) * u64::from(self.entry_size);
        let Some(offset) = self.table.checked_add(position) else {
            return Ok(None);
        };
        if let Some(entry) = within(head, offset, needed) {
            return Ok(self.parse_segment(entry));
        }
        let mut buffer = [0; 56];
        let entry = source.read(&mut buffer, offset)?;
        Ok(self.parse_segment(entry))
    }

    fn parse_segment(&self, entry: &[u8]) -> Option<Segment> {
        let kind = self.word(entry, 0)?;
        Some(if self.wide {
            Segment {
                kind,
                offset: self.long(entry, 8)?,
                size: self.long(entry, 32)?,
                alignment: self.long(entry, 48)?,
            }
        } else {
            Segment {
                kind,
                offset: self.word(entry, 4)?.into(),
                size: self.word(entry, 16)?.into(),
                alignment: self.word(entry, 28)?.into(),
            }
        })
    }

    /// Whether tollgate's note is in the first [`WINDOW`] bytes of `segment`.
    fn has_note<R>(&self, segment: &Segment, head: &[u8], source: &Source<R>) -> io::Result<bool>
    where
        R: Fn(&mut [u8], u64) -> io::Result<usize>,
    {
        let size = usize::try_from(segment.size).unwrap_or(WINDOW).min(WINDOW);
        let alignment = if segment.alignment == 8 { 8 } else { 4 };
        if let Some(notes) = within(head, segment.offset, size) {
            return Ok(self.note_among(notes, alignment));
        }
        let mut buffer = [0; WINDOW];
        let Some(wanted) = buffer.get_mut(..size) else {
            return Ok(false);
        };
        let notes = source.read(wanted, segment.offset)?;
        Ok(self.note_among(notes, alignment))
    }

    fn note_among(&self, mut notes: &[u8], alignment: usize) -> bool {
        while let Some((rest, found)) = self.next_note(notes, alignment) {
            if found {
                return true;
            }
            notes = rest;
        }
        false
    }

    /// What follows the first note, and whether that note is tollgate's. A
    /// note is at least its header, so that the rest always is shorter.
    fn next_note<'n>(&self, notes: &'n [u8], alignment: usize) -> Option<(&'n [u8], bool)> {
        let name_size = usize::try_from(self.word(notes, 0)?).ok()?;
        let description_size = usize::try_from(self.word(notes, 4)?).ok()?;
        let kind = self.word(notes, 8)?;
        let name_end = 12_usize.checked_add(name_size)?;
        let name = notes.get(12..name_end)?;
        let description = name_end.checked_next_multiple_of(alignment)?;
        let end = description.checked_add(description_size)?.checked_next_multiple_of(alignment)?;
        Some((notes.get(end..).unwrap_or_default(), name == NOTE_NAME && kind == NOTE_TYPE))
    }

    fn bytes<const N: usize>(&self, data: &[u8], at: usize) -> Option<[u8; N]> {
        let mut bytes: [u8; N] = data.get(at..at.checked_add(N)?)?.try_into().ok()?;
        if self.big_endian {
            bytes.reverse();
        }
        Some(bytes)
    }

    fn half(&self, data: &[u8], at: usize) -> Option<u16> {
        self.bytes(data, at).map(u16::from_le_bytes)
    }

    fn word(&self, data: &[u8], at: usize) -> Option<u32> {
        self.bytes(data, at).map(u32::from_le_bytes)
    }

    fn long(&self, data: &[u8], at: usize) -> Option<u64> {
        self.bytes(data, at).map(u64::from_le_bytes)
    }
}

/// `size` bytes of `head` from `offset` on, where `head` holds all of them.
fn within(head: &[u8], offset: u64, size: usize) -> Option<&[u8]> {
    let start = usize::try_from(offset).ok()?;
    head.get(start..start.checked_add(size)?)
}

/// Program files for tests.
#[cfg(test)]
pub(crate) mod fixtures {
    use super::{NOTE_TYPE, PT_NOTE};

    /// A 64-bit little-endian ELF file whose one segment, at `offset`, holds `notes`.
    pub(crate) fn elf(offset: usize, notes: &[u8]) -> Vec<u8> {
        let mut file = vec![0; offset.max(120)];
        file[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
        file[32..40].copy_from_slice(&64_u64.to_le_bytes());
        file[54..56].copy_from_slice(&56_u16.to_le_bytes());
        file[56..58].copy_from_slice(&1_u16.to_le_bytes());
        file[64..68].copy_from_slice(&PT_NOTE.to_le_bytes());
        file[72..80].copy_from_slice(&(offset as u64).to_le_bytes());
        file[96..104].copy_from_slice(&(notes.len() as u64).to_le_bytes());
        file[112..120].copy_from_slice(&4_u64.to_le_bytes());
        file.extend_from_slice(notes);
        file
    }

    /// One note, padded to four bytes.
    pub(crate) fn note(name: &[u8], kind: u32, description: &[u8]) -> Vec<u8> {
        let mut note = Vec::new();
        for size in [name.len(), description.len()] {
            note.extend_from_slice(&u32::try_from(size).unwrap().to_le_bytes());
        }
        note.extend_from_slice(&kind.to_le_bytes());
        for part in [name, description] {
            note.extend_from_slice(part);
            note.resize(note.len().next_multiple_of(4), 0);
        }
        note
    }

    /// A file that is recognised as a tollgate of another build.
    pub(crate) fn tollgate() -> Vec<u8> {
        elf(120, &note(b"tollgate\0", NOTE_TYPE, &1_u32.to_le_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::fixtures::{elf, note, tollgate};
    use super::*;
    use proptest::prelude::*;

    fn marker(bytes: &[u8]) -> Marker {
        inspect(|buffer, offset| bytes.read_at_slice(buffer, offset)).unwrap()
    }

    trait ReadAtSlice {
        fn read_at_slice(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
    }

    impl ReadAtSlice for [u8] {
        fn read_at_slice(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
            let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.len());
            let count = buffer.len().min(self.len() - start);
            buffer[..count].copy_from_slice(&self[start..start + count]);
            Ok(count)
        }
    }

    #[test]
    fn the_static_has_the_layout_of_an_elf_note() {
        assert_eq!(std::mem::size_of::<Note>(), 28);
        let note = Note::CURRENT;
        assert_eq!(note.name_size as usize, NOTE_NAME.len());
        assert_eq!(&note.name[..9], NOTE_NAME);
        assert_eq!(note.description_size as usize, std::mem::size_of_val(&note.version));
        assert_eq!(note.kind, NOTE_TYPE);
    }

    #[test]
    fn finds_the_note_wherever_the_linker_put_it() {
        let ours = note(NOTE_NAME, NOTE_TYPE, &[1, 0, 0, 0]);
        let build_id = note(b"GNU\0", 3, &[7; 20]);
        assert_eq!(marker(&tollgate()), Marker::Present);
        assert_eq!(marker(&elf(120, &[build_id.clone(), ours.clone()].concat())), Marker::Present);
        assert_eq!(marker(&elf(4090, &ours)), Marker::Present, "across the first page's end");
        assert_eq!(marker(&elf(70_000, &[build_id, ours].concat())), Marker::Present);
    }

    #[test]
    fn other_programs_are_no_tollgate() {
        let empty = note(NOTE_NAME, 1, &[]);
        assert_eq!(marker(&elf(120, &empty)), Marker::Absent, "another type of note");
        assert_eq!(marker(&elf(120, &note(b"tollgat\0", NOTE_TYPE, &[]))), Marker::Absent);
        assert_eq!(marker(&elf(120, b"tollgate\0")), Marker::Absent, "the name alone");
        assert_eq!(marker(b"#!/bin/sh\nexec terraform \"$@\"\n"), Marker::NotElf);
        assert_eq!(marker(b""), Marker::NotElf);
        let system = File::open("/bin/true").unwrap();
        assert!(!is_tollgate(Path::new("/bin/true"), &system).unwrap());
    }

    #[test]
    fn reads_32_bit_and_big_endian_headers() {
        let ours = [&[0, 0, 0, 9, 0, 0, 0, 4][..], &NOTE_TYPE.to_be_bytes(), b"tollgate\0\0\0\0\0\0\0\x01"];
        let ours = ours.concat();
        let mut file = vec![0; 84];
        file[..7].copy_from_slice(b"\x7fELF\x01\x02\x01");
        file[28..32].copy_from_slice(&52_u32.to_be_bytes());
        file[42..44].copy_from_slice(&32_u16.to_be_bytes());
        file[44..46].copy_from_slice(&1_u16.to_be_bytes());
        file[52..56].copy_from_slice(&PT_NOTE.to_be_bytes());
        file[56..60].copy_from_slice(&84_u32.to_be_bytes());
        file[68..72].copy_from_slice(&u32::try_from(ours.len()).unwrap().to_be_bytes());
        file.extend_from_slice(&ours);
        assert_eq!(marker(&file), Marker::Present);
    }

    #[test]
    fn a_truncated_file_is_no_tollgate() {
        let whole = tollgate();
        let name_end = 120 + 12 + NOTE_NAME.len();
        for length in 0..name_end {
            assert_ne!(marker(&whole[..length]), Marker::Present, "cut to {length} bytes");
        }
    }

    #[test]
    fn a_file_of_another_format_is_known_by_its_resolved_name() {
        let directory = tempfile::tempdir().unwrap();
        let wrapper = directory.path().join("tollgate");
        std::fs::write(&wrapper, "#!/bin/sh\n").unwrap();
        let link = directory.path().join("terraform");
        std::os::unix::fs::symlink(&wrapper, &link).unwrap();
        assert!(is_tollgate(&link, &File::open(&link).unwrap()).unwrap());
        let other = directory.path().join("tofu");
        std::fs::write(&other, "#!/bin/sh\n").unwrap();
        assert!(!is_tollgate(&other, &File::open(&other).unwrap()).unwrap());
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            prop_assert_eq!(marker(&bytes), Marker::NotElf);
        }

        #[test]
        fn a_mangled_program_never_panics(changes in proptest::collection::vec((4_usize..148, any::<u8>()), 0..40)) {
            let mut file = tollgate();
            for (at, byte) in &changes {
                if let Some(place) = file.get_mut(*at) {
                    *place = *byte;
                }
            }
            prop_assert_ne!(marker(&file), Marker::NotElf);
        }
    }
}

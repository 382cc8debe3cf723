//! What a plan's file holds that `show -json` leaves out: the workspace and the backend that
//! it was made for, and the files of the configuration that it was made from.
//!
//! It is a zip archive, which terraform reads by its own means. One that another reader
//! could take for something else is not read here: a name that stands twice, or bytes
//! around it.

mod wire;

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};

use flate2::bufread::DeflateDecoder;
use rawzip::{CompressionMethod, FileReader, RECOMMENDED_BUFFER_SIZE, ZipArchive, ZipArchiveEntryWayfinder};
use serde_json::Value;

use super::super::sealed::Sealed;
use crate::invocation::plan::Source;

/// The most that the files of a configuration hold together, in bytes.
const LARGEST: u64 = 64 << 20;

/// The most files that a plan holds.
const MOST: usize = 20_000;

/// The plan itself.
const PLAN: &str = "tfplan";

/// What the files of modules begin with. The module's path follows, then `/` and the file's name.
const MODULES: &str = "tfconfig/m-";

/// Why a plan's file cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum SnapshotError {
    /// Not an archive.
    #[error("its file is no zip archive that can be read")]
    Zip(#[from] rawzip::Error),
    /// Not readable, or not what its checksum says.
    #[error("a part of its file cannot be read")]
    Read(#[from] io::Error),
    /// Of a form that nobody knows.
    #[error("{0}")]
    Form(&'static str),
}

/// Where a plan was made to be applied.
#[derive(Debug, PartialEq)]
pub(super) struct Place {
    /// The type of the backend.
    pub(super) kind: String,
    /// How the backend is configured.
    pub(super) config: Value,
    /// The workspace.
    pub(super) workspace: String,
}

/// The file of a plan, opened.
pub(super) struct Snapshot {
    archive: ZipArchive<FileReader>,
    entries: BTreeMap<String, (ZipArchiveEntryWayfinder, CompressionMethod)>,
}

impl Snapshot {
    /// Opens a plan's file.
    ///
    /// # Errors
    /// Where it is no archive that can be read in one way only.
    pub(super) fn open(sealed: &Sealed) -> Result<Self, SnapshotError> {
        let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
        let archive = ZipArchive::from_file(sealed.file()?, &mut buffer)?;
        let mut entries = BTreeMap::new();
        let (mut listed, mut first) = (0_u64, u64::MAX);
        let mut all = archive.entries(&mut buffer);
        while let Some(entry) = all.next_entry()? {
            let name = std::str::from_utf8(entry.file_path().as_ref())
                .map_err(|_| SnapshotError::Form("a name in its file is no text"))?
                .to_owned();
            listed += 1;
            first = first.min(entry.local_header_offset());
            let found = (entry.wayfinder(), entry.compression_method());
            if entries.insert(name, found).is_some() {
                return Err(SnapshotError::Form("a name stands twice in its file"));
            }
            if entries.len() > MOST {
                return Err(SnapshotError::Form("its file holds too many files"));
            }
        }
        let is_all = archive.end_offset() == sealed.length()? && first == 0;
        if !is_all || archive.entries_hint() != listed || archive.comment().remaining() > 0 {
            return Err(SnapshotError::Form("its file holds more than the archive"));
        }
        Ok(Self { archive, entries })
    }

    /// Where it was made to be applied.
    ///
    /// # Errors
    /// Where it does not say so, or in a way that nobody knows.
    pub(super) fn place(&self) -> Result<Place, SnapshotError> {
        let plan = self.entries.get(PLAN).ok_or(SnapshotError::Form("its file holds no plan"))?;
        self.inflated(*plan, |mut plan| {
            let place = wire::place(&mut plan)?;
            // To the end, where it is seen whether this was all of it, unchanged.
            io::copy(&mut plan, &mut io::sink())?;
            Ok(place)
        })
    }

    /// The files of the configuration.
    ///
    /// # Errors
    /// Where one cannot be read, or they are too large.
    pub(super) fn sources(&self) -> Result<Vec<Source>, SnapshotError> {
        let mut left = LARGEST;
        let mut sources = Vec::new();
        for (name, entry) in &self.entries {
            let Some((module, name)) = name.strip_prefix(MODULES).and_then(|rest| rest.rsplit_once('/'))
            else {
                continue;
            };
            let mut bytes = Vec::new();
            self.inflated(*entry, |file| Ok(file.take(left + 1).read_to_end(&mut bytes)?))?;
            left = (left.checked_sub(bytes.len() as u64))
                .ok_or(SnapshotError::Form("the configuration that it holds is too large"))?;
            let text = String::from_utf8(bytes)
                .map_err(|_| SnapshotError::Form("a file of the configuration that it holds is no text"))?;
            sources.push(Source { module: path(module), name: name.to_owned(), text });
        }
        if sources.is_empty() {
            return Err(SnapshotError::Form("it holds no configuration"));
        }
        Ok(sources)
    }

    /// Has `read` read one file, whose length and checksum are verified at its end.
    fn inflated<T>(
        &self,
        (entry, method): (ZipArchiveEntryWayfinder, CompressionMethod),
        read: impl FnOnce(&mut dyn Read) -> Result<T, SnapshotError>,
    ) -> Result<T, SnapshotError> {
        let entry = self.archive.get_entry(entry)?;
        let raw = BufReader::new(entry.reader());
        match method {
            CompressionMethod::STORE => read(&mut BufReader::new(entry.verifying_reader(raw))),
            CompressionMethod::DEFLATE => {
                read(&mut BufReader::new(entry.verifying_reader(DeflateDecoder::new(raw))))
            }
            _ => Err(SnapshotError::Form("its file is packed in a way that terraform does not use")),
        }
    }
}

/// The path of a module as addresses begin in it: the file has the names of the calls, with dots between.
fn path(calls: &str) -> String {
    let mut path = String::new();
    for call in calls.split('.').filter(|call| !call.is_empty()) {
        path.push_str("module.");
        path.push_str(call);
        path.push('.');
    }
    path
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;

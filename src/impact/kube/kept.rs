//! The manifests of what a command deletes, kept before it runs, for `tollgate undo`.
//!
//! In the state directory, for the user alone: `kept/ID.json`, where ID is the request
//! that authorized the run. Its first line is the [`Record`], its second a MAC of the
//! first by the key of this installation: nobody who can merely write files has something
//! else made. What a secret holds is left out, unless a person asked for it.
//!
//! That it could not be kept stops no run: somebody agreed to the deletion.

mod aim;
mod gather;
pub mod manifest;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use aim::Aim;
use manifest::Manifest;

use crate::audit::{Event, InstallKey, Log, redact};
use crate::authorization::ledger::{is_id, private, publish};
use crate::impact::{Impact, Subject};
use crate::ui::chain;

/// How long it is kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How long it may take to gather it.
const PATIENCE: Duration = Duration::from_secs(4);

/// The largest record, in bytes.
const MOST: usize = 32 << 20;

/// What the MAC is of.
const DOMAIN: &str = "tollgate-kept-v1";

/// Which form a record has.
const VERSION: u32 = 1;

/// What a run deleted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    /// The form of this record.
    pub version: u32,
    /// The request that authorized the run.
    pub id: String,
    /// When it was kept.
    pub when: Timestamp,
    /// Until when it is.
    pub until: Timestamp,
    /// The command line, redacted.
    pub command: String,
    /// Where it acted.
    pub aim: Aim,
    /// The objects, in the order in which they are made again.
    pub objects: Vec<Saved>,
    /// What could not be read.
    pub missing: Vec<String>,
}

/// An object as it was.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Saved {
    /// As the server had it.
    pub manifest: Value,
    /// The keys of a secret whose values were not kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<String>,
}

/// What a command takes away.
struct Lost {
    objects: Vec<Saved>,
    missing: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Seal {
    mac: String,
}

/// Keeps what `subject` deletes, and says how it is brought back; `None` where it
/// deletes nothing that lasts.
///
/// # Errors
/// Why it could not be kept.
pub fn keep(subject: &Subject<'_>, impact: &Impact, request: &str) -> Result<Option<String>, String> {
    let failed =
        |why: String| format!("what this deletes could not be kept, so undo will not bring it back: {why}");
    let until = Instant::now() + PATIENCE;
    let Some(Lost { objects, missing }) = found(subject, impact, until).map_err(failed)? else {
        return Ok(None);
    };
    if objects.is_empty() {
        return Ok(None);
    }
    let state = subject.state.ok_or_else(|| failed("there is no state directory".to_owned()))?;
    let now = subject.process.now();
    let until = now.checked_add(KEPT).map_err(|error| failed(error.to_string()))?;
    let mut words = vec![subject.command.tool.clone().into()];
    words.extend(subject.program.arguments.iter().cloned());
    let record = Record {
        version: VERSION,
        id: request.to_owned(),
        when: now,
        until,
        command: redact::shown(&words),
        aim: Aim::of(subject.command, subject.program, subject.directory),
        objects,
        missing,
    };
    prune(state, now);
    let sha256 = store(state, &record).map_err(failed)?;
    let event = Event::Kept { request: request.to_owned(), sha256, objects: record.objects.len(), until };
    let _receipt = Log::at(state).append(&event, now).map_err(|error| failed(chain(&error)))?;
    Ok(Some(told(&record)))
}

/// How many lines stand before that of what is kept: so many are shown to whoever is asked.
const FORESEEN: usize = 19;

/// Says beforehand whether what `subject` deletes can be kept, where that is found out
/// until then: the run itself has its own time for it.
pub fn foresee(subject: &Subject<'_>, impact: &mut Impact, until: Instant) {
    let line = match found(subject, impact, until) {
        Ok(None) => return,
        Ok(Some(lost)) if lost.objects.is_empty() => return,
        Ok(Some(Lost { objects, missing })) => {
            let mut line =
                format!("undo: {} would be kept for 30 days{}", count(objects.len()), but(&objects));
            if let Some(why) = missing.first() {
                line = format!("{line}; not all could be read: {why}");
            }
            line
        }
        Err(_) if until <= Instant::now() => {
            "undo: there was no time to find out what can be kept".to_owned()
        }
        Err(why) => {
            format!("undo: what it deletes could not be kept, so undo would not bring it back: {why}")
        }
    };
    // Behind a long list, nobody would see it.
    impact.lines.insert(impact.lines.len().min(FORESEEN), line);
}

/// What it deletes that lasts, in order, and what could not be read.
fn found(subject: &Subject<'_>, impact: &Impact, until: Instant) -> Result<Option<Lost>, String> {
    let Some(found) = gather::gather(subject, impact, until)? else { return Ok(None) };
    let mut objects: Vec<Saved> = manifest::lasting(found.objects)
        .into_iter()
        .map(|mut manifest| {
            let withheld = if subject.keeps_secrets { Vec::new() } else { manifest::withhold(&mut manifest) };
            Saved { manifest, withheld }
        })
        .collect();
    objects.sort_by_key(|one| Manifest(&one.manifest).rank());
    Ok(Some(Lost { objects, missing: found.missing }))
}

/// How it is brought back.
fn told(record: &Record) -> String {
    let until = record.until.strftime("%Y-%m-%d");
    let id = &record.id;
    let (objects, but) = (count(record.objects.len()), but(&record.objects));
    let mut text = format!("`tollgate undo {id}` brings back {objects}{but}, until {until}");
    if let Some(why) = record.missing.first() {
        text = format!("{text}; not all could be kept: {why}");
    }
    text
}

/// `1 object`, `3 objects`.
pub fn count(objects: usize) -> String {
    if objects == 1 { "1 object".to_owned() } else { format!("{objects} objects") }
}

/// What of them does not come back.
fn but(objects: &[Saved]) -> String {
    let emptied = objects.iter().filter(|one| !one.withheld.is_empty()).count();
    let holds =
        |one: &&Saved| matches!(Manifest(&one.manifest).kind(), "PersistentVolume" | "PersistentVolumeClaim");
    let volumes = objects.iter().filter(holds).count();
    let mut parts = Vec::new();
    if emptied > 0 {
        parts.push(format!("the data of {emptied} secret{}", if emptied == 1 { "" } else { "s" }));
    }
    if volumes > 0 {
        parts.push("what is on volumes".to_owned());
    }
    if parts.is_empty() { String::new() } else { format!(" (without {})", parts.join(" and ")) }
}

fn directory(state: &Path) -> PathBuf {
    state.join("kept")
}

fn mac(state: &Path, line: &[u8]) -> Result<String, String> {
    let key = InstallKey::of(state).map_err(|error| chain(&error))?;
    Ok(key.mac(DOMAIN, &[line]))
}

/// Writes a record, durably; returns its hash.
fn store(state: &Path, record: &Record) -> Result<String, String> {
    let line = serde_json::to_vec(record).map_err(|error| error.to_string())?;
    if line.len() > MOST {
        return Err(format!("it is more than {} MiB", MOST >> 20));
    }
    let seal = Seal { mac: mac(state, &line)? };
    let seal = serde_json::to_vec(&seal).map_err(|error| error.to_string())?;
    let directory = directory(state);
    private(&directory).map_err(|error| chain(&error))?;
    let bytes = [line.as_slice(), b"\n", &seal, b"\n"].concat();
    publish(&directory.join(format!("{}.json", record.id)), &bytes).map_err(|error| chain(&error))?;
    Ok(format!("sha256:{}", crate::digest::sha256(&line)))
}

/// The record of a run; `None` where there is none any more.
///
/// # Errors
/// Where what is there was not kept by this installation.
pub fn load(state: &Path, id: &str, now: Timestamp) -> Result<Option<Record>, String> {
    if !is_id(id) {
        return Ok(None);
    }
    let path = directory(state).join(format!("{id}.json"));
    let Some(bytes) = crate::files::read(&path, (MOST + 4096) as u64)? else { return Ok(None) };
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let (line, seal) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let seal: Seal = serde_json::from_slice(seal).map_err(|_| changed(id))?;
    if mac(state, line)? != seal.mac {
        return Err(changed(id));
    }
    let record: Record = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    if record.id != id {
        return Err(changed(id));
    }
    if record.version != VERSION {
        return Err(format!("what was kept of {id} has the form {}, of another version", record.version));
    }
    Ok(Some(record).filter(|record| now < record.until))
}

fn changed(id: &str) -> String {
    format!("what was kept of {id} was changed since, so nothing is made of it")
}

/// The names of all that is kept, as files have them.
///
/// # Errors
/// Where the directory cannot be read.
pub fn ids(state: &Path) -> Result<Vec<String>, String> {
    let names = crate::files::names(&directory(state), usize::MAX)?.unwrap_or_default();
    let ids = names.iter().filter_map(|name| name.to_str()?.strip_suffix(".json"));
    Ok(ids.filter(|id| is_id(id)).map(str::to_owned).collect())
}

/// Removes what was kept long enough. What cannot be removed now is later.
pub fn prune(state: &Path, now: Timestamp) {
    for id in ids(state).unwrap_or_default() {
        let path = directory(state).join(format!("{id}.json"));
        let written = path.metadata().and_then(|metadata| metadata.modified()).ok();
        let written = written.and_then(|time| Timestamp::try_from(time).ok());
        if written.is_some_and(|written| now.duration_since(written) > KEPT) {
            let _ = std::fs::remove_file(&path);
        }
    }
}

#[cfg(test)]
mod tests;

//! Requests on disk: waiting, or used, and nothing in between.
//!
//! In the state directory, for the user alone:
//!
//! | file | is |
//! |---|---|
//! | `pending/ID.request` | a request that waits: the bytes that are signed |
//! | `pending/ID.HASH.sig` | a signature that came back for it, armoured |
//! | `pending/ID.confirmed` | that a human agreed to it at a terminal |
//! | `pending/ID.plan` | the plan that it would apply, until the request is used, cancelled or expires |
//! | `used/ID.…` | the same, once it was used |
//!
//! An approval is used by making `used/ID.request`, which one process alone can
//! do, before anything starts: whoever dies behind that has used it up. What is
//! in `used/` stays for whoever looks back, longer than any request is valid.

mod live;

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::request::{LIMIT, Request, RequestError};
use super::signature::Signature;
use crate::audit;
use crate::files;

/// How many requests may wait that can still be used: an agent that asks without end is refused.
pub const MOST: usize = 64;

/// How long what was used, or has expired, is kept behind its end.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How long a file may be written: what is older was left behind.
const DRAFT: SignedDuration = SignedDuration::from_hours(1);

/// The most signatures that are read for one request.
const SIGNATURES: usize = 32;

/// The longest file beside a request, in bytes.
const BESIDE: u64 = 16 * 1024;

/// Why a request could not be kept, found or used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The operating system refused.
    #[error("cannot {action} {}", crate::ui::sanitize::os(path.as_os_str()))]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It has no text.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// There are [`MOST`] of them.
    #[error(
        "{MOST} requests wait already: `tollgate request list` shows them, `tollgate request cancel ID` removes \
         one, and `--all` in place of the ID all of them"
    )]
    TooMany,
    /// Somebody used it.
    #[error("the approval of request {0} was used already: it is good for one run")]
    Used(String),
    /// It is not there any more.
    #[error("request {0} does not wait any more: it was used, cancelled or removed")]
    Gone(String),
    /// The key of this installation cannot be read.
    #[error(transparent)]
    Key(#[from] audit::AuditError),
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> LedgerError {
    let path = path.to_path_buf();
    move |source| LedgerError::Io { action, path, source }
}

/// The requests of one state directory.
#[derive(Clone, Debug)]
pub struct Ledger {
    state: PathBuf,
}

/// A request that is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Where.
    pub path: PathBuf,
    /// The bytes that are signed.
    pub bytes: Vec<u8>,
    /// What they say.
    pub request: Request,
}

/// What waits.
#[derive(Debug, Default)]
pub struct Listing {
    /// Requests, the newest last.
    pub waiting: Vec<Pending>,
    /// Files that are no requests, and why.
    pub unreadable: Vec<(PathBuf, String)>,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nobody used it.
    Waiting,
    /// Somebody did.
    Used,
}

/// What discharges a request.
#[derive(Debug)]
pub enum Discharge<'a> {
    /// Signatures of other people.
    Signatures(&'a [Signature]),
    /// A human's confirmation, which lies beside it.
    Confirmation,
}

/// Proof that this process, and no other, used a request.
#[derive(Debug)]
#[must_use]
pub struct Consumed {
    id: String,
}

impl Consumed {
    /// The request.
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl Ledger {
    /// That of a state directory. Does no I/O.
    #[must_use]
    pub fn at(state: &Path) -> Self {
        Self { state: state.to_path_buf() }
    }

    fn pending_directory(&self) -> PathBuf {
        self.state.join("pending")
    }

    fn used_directory(&self) -> PathBuf {
        self.state.join("used")
    }

    /// Keeps a new request, durably.
    ///
    /// # Errors
    /// Where too many wait, or it cannot be written.
    pub fn store(&self, request: &Request, now: Timestamp) -> Result<Pending, LedgerError> {
        let bytes = request.bytes()?;
        let directory = self.pending_directory();
        private(&directory)?;
        self.prune(now)?;
        let waiting = self.pending()?.waiting;
        if waiting.len() >= MOST {
            let mut live = 0;
            for pending in &waiting {
                live += usize::from(self.is_live(pending, now)?);
            }
            if live >= MOST {
                return Err(LedgerError::TooMany);
            }
        }
        let path = directory.join(format!("{}.request", request.id));
        publish(&path, &bytes)?;
        Ok(Pending { path, bytes, request: request.clone() })
    }

    /// What waits, the expired among it.
    ///
    /// # Errors
    /// Where the directory cannot be read.
    pub fn pending(&self) -> Result<Listing, LedgerError> {
        let mut listing = Listing::default();
        for path in requests(&self.pending_directory())? {
            match read(&path) {
                Ok(Some(pending)) => listing.waiting.push(pending),
                Ok(None) => {}
                Err(why) => listing.unreadable.push((path, why)),
            }
        }
        listing
            .waiting
            .sort_by(|a, b| (a.request.created, &a.request.id).cmp(&(b.request.created, &b.request.id)));
        Ok(listing)
    }

    /// What was used, as long as it is kept.
    ///
    /// # Errors
    /// Where the directory cannot be read.
    pub fn used(&self) -> Result<Vec<Pending>, LedgerError> {
        let paths = requests(&self.used_directory())?;
        Ok(paths.iter().filter_map(|path| read(path).ok().flatten()).collect())
    }

    /// The request of this name, wherever it is.
    ///
    /// # Errors
    /// Where what has its name cannot be read.
    pub fn find(&self, id: &str) -> Result<Option<(Pending, Stage)>, LedgerError> {
        if !is_id(id) {
            return Ok(None);
        }
        let name = format!("{id}.request");
        for (directory, stage) in
            [(self.used_directory(), Stage::Used), (self.pending_directory(), Stage::Waiting)]
        {
            let path = directory.join(&name);
            match read(&path) {
                Ok(Some(found)) => return Ok(Some((found, stage))),
                Ok(None) => {}
                // Whoever used it died while saying so: what it was is still beside.
                Err(_) if stage == Stage::Used => {
                    let waiting = read(&self.pending_directory().join(&name)).ok().flatten();
                    return Ok(waiting.map(|found| (found, Stage::Used)));
                }
                Err(why) => return Err(failed("read", &path)(io::Error::other(why))),
            }
        }
        Ok(None)
    }

    /// Keeps a signature that came back.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn keep(&self, pending: &Pending, signature: &Signature) -> Result<(), LedgerError> {
        let path = self.pending_directory().join(signature_name(&pending.request.id, signature));
        publish(&path, signature.armored().as_bytes())
    }

    /// The signatures that came back for it. Files that are none are passed over.
    ///
    /// # Errors
    /// Where the directory cannot be read.
    pub fn signatures(&self, pending: &Pending) -> Result<Vec<Signature>, LedgerError> {
        let directory = pending.path.parent().unwrap_or(&self.state);
        let start = format!("{}.", pending.request.id);
        let mut signatures = Vec::new();
        for path in names(directory)? {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let is_signature = path.extension().is_some_and(|extension| extension == "sig");
            if !name.starts_with(&start) || !is_signature {
                continue;
            }
            let text = files::read(&path, BESIDE).ok().flatten().unwrap_or_default();
            let tokens = super::token::Token::parse(&text).unwrap_or_default();
            signatures.extend(tokens.into_iter().map(|token| token.signature));
            if signatures.len() >= SIGNATURES {
                break;
            }
        }
        Ok(signatures)
    }

    /// Keeps the plan that it would apply: it may hold secrets, and is gone with it.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn keep_plan(&self, pending: &Pending, plan: &[u8]) -> Result<(), LedgerError> {
        publish(&Self::plan_of(pending), plan)
    }

    /// Where the plan of a request is kept, if one is.
    #[must_use]
    pub fn plan_of(pending: &Pending) -> PathBuf {
        pending.path.with_extension("plan")
    }

    /// Removes plans that nothing can use any more: of requests that have expired or are
    /// gone, and of a run that was killed while it kept one. They may hold secrets.
    ///
    /// # Errors
    /// Where one cannot be removed.
    pub fn expire(&self, now: Timestamp) -> Result<(), LedgerError> {
        let directory = self.pending_directory();
        for path in names(&directory)? {
            if path.extension().is_none_or(|extension| extension != "plan") {
                continue;
            }
            let request = read(&path.with_extension("request")).ok().flatten();
            if request.is_none_or(|pending| pending.request.execute_before <= now) {
                remove(&path)?;
            }
        }
        for path in drafts(&directory)? {
            let changed = fs::metadata(&path).and_then(|data| data.modified()).map(Timestamp::try_from);
            let is_old = |at: Timestamp| now.duration_since(at) > DRAFT;
            if changed.is_ok_and(|at| at.is_ok_and(is_old)) {
                remove(&path)?;
            }
        }
        Ok(())
    }

    /// Notes that a human agreed to it at a terminal. Whoever can read this
    /// installation's key can write such a note: it keeps out what can only
    /// write files, and a confirmation is never a second person's approval.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn confirm(&self, pending: &Pending) -> Result<(), LedgerError> {
        publish(&self.confirmation_path(pending), self.confirmation(pending)?.as_bytes())
    }

    /// Whether a human agreed to it.
    ///
    /// # Errors
    /// Where this installation's key cannot be read.
    pub fn is_confirmed(&self, pending: &Pending) -> Result<bool, LedgerError> {
        let Ok(Some(note)) = files::read(&self.confirmation_path(pending), BESIDE) else { return Ok(false) };
        Ok(note == self.confirmation(pending)?.as_bytes())
    }

    fn confirmation_path(&self, pending: &Pending) -> PathBuf {
        self.pending_directory().join(format!("{}.confirmed", pending.request.id))
    }

    fn confirmation(&self, pending: &Pending) -> Result<String, LedgerError> {
        Ok(format!(
            "{}\n",
            audit::InstallKey::of(&self.state)?.mac("tollgate-confirmation-v1", &[&pending.bytes])
        ))
    }

    /// Forgets a request that waits.
    ///
    /// # Errors
    /// Where it cannot be removed.
    pub fn cancel(&self, pending: &Pending) -> Result<(), LedgerError> {
        self.forget(&pending.request.id)
    }

    /// Uses the request up, for one run. Of all who try, one succeeds.
    ///
    /// # Errors
    /// Where it was used already, is gone, or that cannot be made durable.
    pub fn consume(&self, pending: &Pending, by: &Discharge<'_>) -> Result<Consumed, LedgerError> {
        let id = &pending.request.id;
        let used = self.used_directory();
        private(&used)?;
        // What proves it is there before the claim that it was used.
        match by {
            Discharge::Signatures(signatures) => {
                for signature in *signatures {
                    publish(&used.join(signature_name(id, signature)), signature.armored().as_bytes())?;
                }
            }
            Discharge::Confirmation => {
                let name = format!("{id}.confirmed");
                publish(&used.join(name), self.confirmation(pending)?.as_bytes())?;
            }
        }
        self.claim(pending)?;
        self.forget(id)?;
        Ok(Consumed { id: id.clone() })
    }

    /// Makes `used/ID.request`, which exists for one process that tries.
    fn claim(&self, pending: &Pending) -> Result<(), LedgerError> {
        let id = &pending.request.id;
        let path = self.used_directory().join(format!("{id}.request"));
        let mut file = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(LedgerError::Used(id.clone()));
            }
            Err(error) => return Err(failed("create", &path)(error)),
        };
        // Cancelled meanwhile: the claim stays, so that it is never used.
        if read(&pending.path).ok().flatten().is_none_or(|now| now.bytes != pending.bytes) {
            return Err(LedgerError::Gone(id.clone()));
        }
        file.write_all(&pending.bytes).and_then(|()| file.sync_all()).map_err(failed("write", &path))?;
        sync(&self.used_directory())
    }

    /// Removes what waits under this name.
    fn forget(&self, id: &str) -> Result<(), LedgerError> {
        let directory = self.pending_directory();
        let start = format!("{id}.");
        for path in names(&directory)? {
            let is_its =
                path.file_name().and_then(|name| name.to_str()).is_some_and(|n| n.starts_with(&start));
            if is_its {
                remove(&path)?;
            }
        }
        sync(&directory)
    }

    /// Removes what expired or was used long ago.
    fn prune(&self, now: Timestamp) -> Result<(), LedgerError> {
        self.expire(now)?;
        for (directory, kept) in
            [(self.pending_directory(), SignedDuration::from_hours(24)), (self.used_directory(), KEPT)]
        {
            for path in requests(&directory)? {
                let over = |pending: Pending| {
                    pending.request.execute_before.checked_add(kept).is_ok_and(|until| until < now)
                };
                let Ok(Some(pending)) = read(&path) else { continue };
                let start = format!("{}.", pending.request.id);
                if !over(pending) {
                    continue;
                }
                for path in names(&directory)? {
                    if path.file_name().and_then(|n| n.to_str()).is_some_and(|name| name.starts_with(&start))
                    {
                        remove(&path)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Whether this is a request's name, and nothing that leads elsewhere.
pub fn is_id(text: &str) -> bool {
    text.len() == 14
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-')
}

fn signature_name(id: &str, signature: &Signature) -> String {
    let hash = signature.sha256();
    let short: String = hash.trim_start_matches("sha256:").chars().take(16).collect();
    format!("{id}.{short}.sig")
}

/// The request at `path`; `None` where there is nothing.
fn read(path: &Path) -> Result<Option<Pending>, String> {
    let Some(bytes) = files::read(path, LIMIT as u64)? else { return Ok(None) };
    let request = Request::read(&bytes).map_err(|error| error.to_string())?;
    let named = path.file_name().and_then(|name| name.to_str()) == Some(&format!("{}.request", request.id));
    if !is_id(&request.id) || !named {
        return Err("its name is not that of the request in it".to_owned());
    }
    Ok(Some(Pending { path: path.to_path_buf(), bytes, request }))
}

/// The files of requests in a directory.
fn requests(directory: &Path) -> Result<Vec<PathBuf>, LedgerError> {
    let mut paths = names(directory)?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "request"));
    Ok(paths)
}

/// What is in a directory, sorted; nothing where there is none.
fn names(directory: &Path) -> Result<Vec<PathBuf>, LedgerError> {
    let mut paths = entries(directory)?;
    paths.retain(|path| !is_hidden(path));
    Ok(paths)
}

/// Files that were never written to their end.
fn drafts(directory: &Path) -> Result<Vec<PathBuf>, LedgerError> {
    let mut paths = entries(directory)?;
    paths.retain(|path| is_hidden(path) && path.extension().is_some_and(|extension| extension == "tmp"));
    Ok(paths)
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."))
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>, LedgerError> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        // Nothing is below a home such as /dev/null either.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(failed("read", directory)(error)),
    };
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()
        .map_err(failed("read", directory))?;
    paths.sort();
    Ok(paths)
}

/// Writes a file whole or not at all, durably.
pub(crate) fn publish(path: &Path, bytes: &[u8]) -> Result<(), LedgerError> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let random = getrandom::u64().map_err(|error| failed("name", path)(io::Error::other(error)))?;
    let temporary = directory.join(format!(".{random:016x}.tmp"));
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&temporary, path));
    if let Err(error) = written {
        let _ = fs::remove_file(&temporary);
        return Err(failed("write", path)(error));
    }
    sync(directory)
}

fn remove(path: &Path) -> Result<(), LedgerError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Makes a directory for the user alone.
pub(crate) fn private(directory: &Path) -> Result<(), LedgerError> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed("create", directory))?;
    if let Some(parent) = directory.parent() {
        sync(parent)?;
    }
    Ok(())
}

fn sync(directory: &Path) -> Result<(), LedgerError> {
    File::open(directory).and_then(|handle| handle.sync_all()).map_err(failed("sync", directory))
}

#[cfg(test)]
mod tests;

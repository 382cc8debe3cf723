//! Where the request comes from: this host's own by its id, a file, or standard
//! input, as bytes or as a block of base 64 out of a chat.

use std::ffi::OsStr;
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use base64ct::{Base64, Base64Unpadded, Encoding as _};
use jiff::Timestamp;

use crate::authorization::approvers::{self, Approvers};
use crate::authorization::ledger::{Ledger, Pending, Stage, is_id};
use crate::authorization::request::{LIMIT, Request};
use crate::cli::request::fate::{self, Fate};
use crate::files;
use crate::process::Process;
use crate::rules::layers::Directories;
use crate::ui::sanitize;
use crate::verdict::PrincipalKind;

/// The most that is read of a request, encoded, in bytes.
const MOST: u64 = 2 * LIMIT as u64;

/// A request, and the very bytes that are signed.
pub(in crate::cli) struct Source {
    pub(in crate::cli) request: Request,
    pub(in crate::cli) bytes: Vec<u8>,
    /// The same, where it waits on this host.
    pub(in crate::cli) pending: Option<Pending>,
}

/// What a request is looked at with.
pub(in crate::cli) struct Setting<'a> {
    pub(in crate::cli) process: &'a dyn Process,
    /// The list of approvers that can be read here.
    pub(in crate::cli) approvers: Option<Approvers>,
    /// Why there is none, where there should be one.
    pub(in crate::cli) unlisted: Option<String>,
    pub(in crate::cli) now: Timestamp,
    /// Whether it waits on this host.
    pub(in crate::cli) is_here: bool,
}

impl<'a> Setting<'a> {
    pub(in crate::cli) fn of(process: &'a dyn Process, places: &Directories, is_here: bool) -> Self {
        let (approvers, unlisted) = match approvers::find(places, PrincipalKind::Human) {
            Ok(list) => (list, None),
            Err(error) => (None, Some(crate::ui::chain(&error))),
        };
        Self { process, approvers, unlisted, now: process.now(), is_here }
    }
}

/// The ledger of this host.
pub(in crate::cli) fn ledger(places: &Directories) -> anyhow::Result<Ledger> {
    let state = places.state.as_deref().context("there is no home directory to keep requests in")?;
    Ok(Ledger::at(state))
}

/// An id as it is written, where it was typed in small letters or without its dashes.
fn spelled(name: &str) -> String {
    let name = name.to_ascii_uppercase();
    if name.contains('-') || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return name;
    }
    let mut spelled = String::new();
    for (at, letter) in name.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            spelled.push('-');
        }
        spelled.push(letter);
    }
    spelled
}

/// Says what to do, where somebody at a terminal would wait for nothing.
fn hint(what: &str) {
    if std::io::stdin().is_terminal() {
        let _ = writeln!(std::io::stderr(), "tollgate: paste {what}, then press Ctrl-D on a line of its own");
    }
}

/// The request of this host that `name` means: its id, in any case, or the
/// beginning of one alone.
pub(in crate::cli) fn by_id(ledger: &Ledger, name: &str) -> anyhow::Result<Option<(Pending, Stage)>> {
    let wanted = spelled(name);
    if is_id(&wanted) {
        return Ok(ledger.find(&wanted)?);
    }
    let is_start =
        wanted.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-');
    if wanted.is_empty() || wanted.len() > 14 || !is_start {
        return Ok(None);
    }
    let of = |mut list: Vec<Pending>, stage| {
        list.retain(|pending| pending.request.id.starts_with(&wanted));
        list.into_iter().map(move |pending| (pending, stage))
    };
    let waiting = of(ledger.pending()?.waiting, Stage::Waiting);
    let mut found: Vec<_> = waiting.collect();
    if found.is_empty() {
        found.extend(of(ledger.used()?, Stage::Used));
    }
    if found.len() > 1 {
        let ids: Vec<&str> = found.iter().map(|(pending, _)| pending.request.id.as_str()).collect();
        let used = found.iter().all(|(_, stage)| *stage == Stage::Used);
        let which = if used { "requests that were used already" } else { "requests" };
        bail!("`{}` is the beginning of several {which}: {}", sanitize::text(name), ids.join(", "));
    }
    Ok(found.pop())
}

impl Source {
    /// Reads what `name` stands for: `-`, a file, or a request of this host.
    pub(in crate::cli) fn read(
        name: &OsStr,
        process: &dyn Process,
        places: &Directories,
    ) -> anyhow::Result<Self> {
        let shown = sanitize::word(name);
        if name == "-" {
            hint("the request");
            let mut text = Vec::new();
            std::io::stdin().lock().take(MOST + 1).read_to_end(&mut text)?;
            return Self::decode(&text, places).context("standard input holds no request");
        }
        // A whole id is this host's, whatever files a repository holds.
        let id = name.to_str().filter(|name| is_id(&spelled(name)));
        let mut found = id.map(|id| by_id(&ledger(places)?, id)).transpose()?.flatten();
        if found.is_none() {
            let path = process.current_dir().unwrap_or_default().join(name);
            let file = files::read(&path, MOST).map_err(|why| anyhow::anyhow!("{}", sanitize::text(&why)))?;
            if let Some(text) = file {
                return Self::decode(&text, places);
            }
            found = name.to_str().map(|id| by_id(&ledger(places)?, id)).transpose()?.flatten();
        }
        match found {
            Some((pending, Stage::Waiting)) => Ok(Self {
                request: pending.request.clone(),
                bytes: pending.bytes.clone(),
                pending: Some(pending),
            }),
            Some((pending, Stage::Used)) => bail!(
                "request {} was used already: it is good for one run, and `tollgate request show {}` says which",
                pending.request.id,
                pending.request.id
            ),
            None => {
                let id = name.to_str().map(spelled).filter(|id| is_id(id));
                let state = places.state.as_deref().zip(id);
                let fate = state.map(|(state, id)| fate::of(state, &id)).transpose()?;
                match fate.and_then(Fate::in_words) {
                    Some(fate) => bail!("request {shown} does not wait here any more: {fate}"),
                    None => {
                        bail!(
                            "{shown} is neither a file nor a request that waits here: see `tollgate request list`"
                        )
                    }
                }
            }
        }
    }

    /// The request in a text that is anybody's.
    fn decode(text: &[u8], places: &Directories) -> anyhow::Result<Self> {
        if text.len() as u64 > MOST {
            bail!("it has more than {MOST} bytes, and a request never has");
        }
        let bytes = plain(text).unwrap_or_else(|| text.to_vec());
        let request = Request::read(&bytes).with_context(|| {
            if is_request(text) {
                "it was changed on its way, as chats do with white space: ask for the file as an attachment, or \
                 for what `base64 FILE` prints"
            } else {
                "it is no approval request"
            }
        })?;
        if !is_id(&request.id) {
            bail!("its id is none that tollgate gives");
        }
        let waiting = ledger(places).ok().and_then(|ledger| ledger.find(&request.id).ok().flatten());
        // The same id is not enough: it is anybody's to write.
        let pending = waiting
            .filter(|(pending, stage)| *stage == Stage::Waiting && pending.bytes == bytes)
            .map(|(pending, _)| pending);
        Ok(Self { request, bytes, pending })
    }
}

fn is_request(text: &[u8]) -> bool {
    text.trim_ascii_start().starts_with(b"TOLLGATE-REQUEST-")
}

/// The bytes as tollgate wrote them, where only the ends of lines were changed
/// on the way, or base 64 was put around them. What is not exactly a request
/// then is refused all the same.
fn plain(text: &[u8]) -> Option<Vec<u8>> {
    let unwrapped = |text: &[u8]| {
        let text = std::str::from_utf8(text).ok()?.replace("\r\n", "\n");
        Some(format!("{}\n", text.trim()).into_bytes())
    };
    if is_request(text) {
        return unwrapped(text);
    }
    let text = std::str::from_utf8(text).ok()?;
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("```"));
    let block: String = lines.flat_map(str::split_whitespace).collect();
    let bytes = Base64::decode_vec(&block).or_else(|_| Base64Unpadded::decode_vec(&block)).ok()?;
    is_request(&bytes).then(|| unwrapped(&bytes)).flatten()
}

/// Reads a file, or standard input for `-`, of at most `limit` bytes.
pub(in crate::cli) fn content(name: &Path, process: &dyn Process, limit: u64) -> anyhow::Result<Vec<u8>> {
    let mut text = Vec::new();
    if name == Path::new("-") {
        hint("the token or the signature");
        std::io::stdin().lock().take(limit + 1).read_to_end(&mut text)?;
        if text.len() as u64 > limit {
            bail!("standard input is too long");
        }
        return Ok(text);
    }
    let path = process.current_dir().unwrap_or_default().join(name);
    let file = files::read(&path, limit).map_err(|why| anyhow::anyhow!("{}", sanitize::text(&why)))?;
    file.with_context(|| format!("there is no file {}", sanitize::os(name.as_os_str())))
}

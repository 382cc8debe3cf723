//! `tollgate approvers add`. A person does it, at a terminal that no agent
//! holds, having seen the lines and the key's fingerprint.

use std::io::{Read as _, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::agents::Change;
use crate::authorization::Refused;
use crate::authorization::approvers::file::{bad_login, bad_name, presence_of};
use crate::authorization::approvers::{Added, Addition, Approvers, FILE, LIMIT};
use crate::authorization::prompt;
use crate::authorization::request::Presence;
use crate::authorization::signature::PublicKey;
use crate::authorization::terminal::Answer;
use crate::cli::loosening;
use crate::files;
use crate::gate::REFUSED;
use crate::process::{Process, absolute};
use crate::rules::layers::{Directories, exists};
use crate::ui::sanitize;

/// The longest file with a public key, in bytes.
const KEY_LIMIT: u64 = 16 << 10;

/// Whom to add, and where.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("what").args(["key", "groups", "os_users"]).required(true).multiple(true)))]
pub struct Add {
    /// The person, as requests and records name them, such as a mail address
    #[arg(value_name = "ID", value_parser = id)]
    id: String,
    /// A file with the person's public key; - for standard input
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// A group that the person is in
    #[arg(long = "group", value_name = "G", value_parser = id)]
    groups: Vec<String>,
    /// A login name of the person: under it nobody approves their own commands
    #[arg(long = "os-user", value_name = "U", value_parser = login)]
    os_users: Vec<String>,
    /// What the key has to vouch for: none, touch, or touch+pin
    #[arg(long, value_name = "WHAT", requires = "key", value_parser = presence_of, default_value = "none", hide_default_value = true)]
    require: Presence,
    /// Write root's list in /etc/tollgate
    #[arg(long)]
    system: bool,
}

fn id(text: &str) -> Result<String, String> {
    bad_name(text).map_or_else(|| Ok(text.to_owned()), Err)
}

fn login(text: &str) -> Result<String, String> {
    bad_login(text).map_or_else(|| Ok(text.to_owned()), Err)
}

/// Adds it, once a person at the terminal agreed.
///
/// # Errors
/// Where it cannot be added, or not written.
pub(super) fn run(add: &Add, process: &dyn Process, out: &mut dyn Write) -> anyhow::Result<u8> {
    let what = format!("approvers add {}", sanitize::text(&add.id));
    if let Some(code) = loosening::refused(process, &what, out)? {
        return Ok(code);
    }
    let places = Directories::of(process);
    let (path, system) = place(add.system, &places, process)?;
    let addition = add.read(process)?;
    let Some(change) = change(&addition, path, system, out)? else { return Ok(0) };
    if let Err(refused) = agreed(&addition, &change, system)? {
        return refuse(&what, &refused, out);
    }
    let key = addition.key.as_ref().map(|(key, _)| format!(" {}", key.fingerprint())).unwrap_or_default();
    let shown = sanitize::os(change.file.as_os_str());
    loosening::record(process, &format!("{what}{key} in {shown}"))?;
    change.apply().with_context(|| format!("{shown} was not written"))?;
    writeln!(out, "{shown} names {}", sanitize::text(&addition.id))?;
    writeln!(out, "see what it comes to: tollgate approvers check")?;
    Ok(0)
}

fn refuse(what: &str, refused: &Refused, out: &mut dyn Write) -> anyhow::Result<u8> {
    out.flush()?;
    let mut errors = std::io::stderr();
    writeln!(errors, "tollgate: refused: {what}\n  why:      {}", sanitize::text(&refused.because))?;
    if !refused.asked {
        writeln!(errors, "  approve:  {}", refused.approve)?;
    }
    Ok(REFUSED)
}

impl Add {
    fn read(&self, process: &dyn Process) -> anyhow::Result<Addition> {
        let key = match &self.key {
            None => None,
            Some(path) => {
                let text = key_text(path, process)?;
                let shown = sanitize::os(path.as_os_str());
                Some(PublicKey::parse(&text).with_context(|| format!("no key in {shown}"))?)
            }
        };
        if let Some(key) = &key
            && self.require != Presence::None
            && !key.is_security_key()
        {
            bail!(
                "a key of the kind {} cannot vouch for a touch: make one with `ssh-keygen -t ed25519-sk`, or leave --require out",
                key.algorithm()
            );
        }
        Ok(Addition {
            id: self.id.clone(),
            groups: self.groups.clone(),
            os_users: self.os_users.clone(),
            key: key.map(|key| (key, self.require)),
        })
    }
}

fn key_text(path: &Path, process: &dyn Process) -> anyhow::Result<String> {
    let bytes = if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().take(KEY_LIMIT + 1).read_to_end(&mut bytes)?;
        bytes
    } else {
        let path = absolute(&process.current_dir()?, path);
        let found =
            files::read(&path, KEY_LIMIT).map_err(|why| anyhow::anyhow!("{}", sanitize::text(&why)))?;
        found.with_context(|| format!("there is no file {}", sanitize::os(path.as_os_str())))?
    };
    if bytes.len() as u64 > KEY_LIMIT {
        bail!("that is too long to be a public key");
    }
    String::from_utf8(bytes).context("that is no public key: it is no text")
}

/// The list that is written, and whether it is root's.
fn place(system: bool, places: &Directories, process: &dyn Process) -> anyhow::Result<(PathBuf, bool)> {
    let administrators = places.administrator.join(FILE);
    let is_root = process.user().uid == 0;
    if system || (is_root && exists(&places.administrator)) {
        return Ok((administrators, true));
    }
    // Anything else would not count.
    if places.administered || exists(&administrators) {
        bail!("only {} counts here: root runs it with --system", sanitize::os(administrators.as_os_str()));
    }
    let trusted = places.trusted_config.as_ref().map(|config| config.join(FILE)).filter(|path| exists(path));
    let own = places.config.as_ref().map(|config| config.join(FILE));
    let path = trusted.or(own).context("there is no home directory to keep the list in")?;
    Ok((path, false))
}

/// The change to the list; `None`, said aloud, where there is nothing to change.
fn change(
    addition: &Addition,
    path: PathBuf,
    system: bool,
    out: &mut dyn Write,
) -> anyhow::Result<Option<Change>> {
    let shown = sanitize::os(path.as_os_str());
    let mode = if system { 0o644 } else { 0o600 };
    let before = files::read(&path, LIMIT).map_err(|why| anyhow::anyhow!("{}", sanitize::text(&why)))?;
    let Some(before) = before else {
        return Ok(Some(Change::new(path, None, addition.alone(!system), mode)));
    };
    let before = String::from_utf8(before).with_context(|| format!("{shown} is no UTF-8 text"))?;
    let list = Approvers::read(&path, &before)?;
    conflict(addition, &list)?;
    match addition.to(&list, &before) {
        Added::Nothing => {
            writeln!(out, "{shown} says all of that already")?;
            Ok(None)
        }
        Added::Text(after) => Ok(Some(Change::new(path, Some(before), after, mode))),
        Added::ByHand => bail!(
            "{shown} is laid out so that nothing can be put in without touching the rest; add below `people`:\n{}",
            addition.block()
        ),
    }
}

/// Why the list would not be sound with it.
fn conflict(addition: &Addition, list: &Approvers) -> anyhow::Result<()> {
    if let Some((key, require)) = &addition.key {
        let fingerprint = key.fingerprint();
        if list.is_revoked(key) {
            bail!("the key {fingerprint} is revoked");
        }
        match list.holder(key) {
            Some((holder, _)) if holder.id != addition.id => {
                bail!(
                    "the key {fingerprint} is already that of {}, and a key belongs to one person",
                    holder.id
                );
            }
            Some((_, listed)) if *require != Presence::None && listed.require != *require => {
                bail!("the key {fingerprint} is listed already: change its `require` in the file");
            }
            _ => {}
        }
    }
    let near = |id: &str| id != addition.id && id.eq_ignore_ascii_case(&addition.id);
    if let Some(person) = list.people().iter().find(|person| near(&person.id)) {
        bail!("the list has {} already: names may not differ in case only", person.id);
    }
    Ok(())
}

/// Whether nothing was said of the person before.
fn is_new(addition: &Addition, change: &Change) -> bool {
    let list = change.before.as_ref().and_then(|text| Approvers::read(&change.file, text).ok());
    list.is_none_or(|list| list.people().iter().all(|person| person.id != addition.id))
}

/// Shows the change and asks. The reason, where nobody agreed.
fn agreed(addition: &Addition, change: &Change, system: bool) -> anyhow::Result<Result<(), Refused>> {
    let mut terminal = match prompt::human_terminal() {
        Ok(terminal) => terminal,
        Err(refused) => return Ok(Err(refused)),
    };
    let mut turn = match prompt::turn_at(&mut terminal) {
        Ok(turn) => turn,
        Err(refused) => return Ok(Err(refused)),
    };
    let id = sanitize::text(&addition.id);
    let mut text = match &addition.key {
        Some((key, _)) => format!(
            "tollgate: whoever holds this key then approves as {id}:\n  {} {}\n  compare it with what {id} says by another way than the one it came\n",
            key.algorithm(),
            key.fingerprint(),
        ),
        None if is_new(addition, change) => format!("tollgate: {id} is listed, still without a key:\n"),
        None => format!("tollgate: more is said of {id}:\n"),
    };
    if !system {
        text.push_str("  the list is advisory: whoever asks for an approval may be able to write it\n");
    }
    text.push_str(&change.diff());
    turn.show(&text)?;
    Ok(match turn.confirm("Write it?", prompt::PATIENCE)? {
        Answer::Yes => Ok(()),
        Answer::No(refusal) => Err(Refused {
            because: format!("at the prompt: {refusal}; nothing was written"),
            approve: String::new(),
            asked: true,
        }),
    })
}

//! A file of an agent's configuration, and what tollgate does to it.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::files::{Change, Original, backup_of};
use super::json::{Document, Fault};
use super::node::{Fields, Layout, Node};
use super::slot::Slot;
use super::toml::Settings;
use super::world;
use super::{Command, Entry, Launch, Problem, Scope};

/// How long the agent is to wait for us, in seconds: we answer within three.
pub(super) const TIMEOUT: u32 = 20;

/// What an entry has to leave us, in seconds: longer than we take to answer.
pub(super) const LEAST_TIME: u32 = 5;

/// What is wrong with a file of our own that is not as we would have written it.
pub(super) const CHANGED: &str = "it was changed: it is not what `tollgate hook install` writes";

/// The mark of a file that is ours as a whole.
pub(super) const MADE_BY: &str = "Made by `tollgate hook install";

/// A file, and what is ours in it.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) file: PathBuf,
    /// Whether an entry goes here; else only one that is here already is looked at.
    pub(super) is_main: bool,
    pub(super) content: Content,
    /// A directory that is ours as a whole, and that it is in.
    pub(super) own_directory: Option<PathBuf>,
}

/// What a file holds.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// JSON, with the agent's hooks among other things.
    Json {
        /// What the document has to have beside them.
        head: Fields,
        /// The places for entries.
        slots: Vec<Slot>,
        /// The field of an entry by which a failure denies.
        closed: Option<(&'static str, Node)>,
    },
    /// Codex's settings, with this command in them.
    Toml { command: String },
    /// A file of our own.
    Own {
        /// What is in it where it calls this.
        made: fn(&Command) -> String,
        command: Command,
        is_program: bool,
        /// The tollgate that such a file calls.
        calls: fn(&str) -> Option<String>,
        /// Whether a failure of it denies.
        fails_closed: Option<bool>,
    },
}

impl Content {
    /// JSON of an agent that offers no choice of what a failure means.
    pub(super) fn json(slots: Vec<Slot>) -> Self {
        Self::Json { head: Vec::new(), slots, closed: None }
    }
}

impl Target {
    pub(super) const fn main(file: PathBuf, content: Content) -> Self {
        Self { file, is_main: true, content, own_directory: None }
    }

    pub(super) const fn also(file: PathBuf, content: Content) -> Self {
        Self { file, is_main: false, content, own_directory: None }
    }

    pub(super) fn in_own_directory(self, directory: &Path) -> Self {
        Self { own_directory: Some(directory.to_owned()), ..self }
    }

    fn problem(&self, why: &dyn std::fmt::Display) -> Problem {
        // Where an entry goes elsewhere there is nothing to add here.
        let by_hand = if self.is_main { self.by_hand() } else { String::new() };
        Problem { file: self.file.clone(), why: why.to_string(), by_hand }
    }

    fn read(&self) -> Result<Option<String>, Problem> {
        world::text(&self.file).map_err(|why| {
            let file = format!("{}: ", self.file.display());
            self.problem(&why.strip_prefix(&file).unwrap_or(&why))
        })
    }

    /// What makes our entry what it should be; `None` where it is.
    pub(super) fn install(&self, scope: Scope) -> Result<Option<Change>, Problem> {
        let before = self.read()?;
        let text = before.as_deref().unwrap_or_default();
        let has_ours = self.has_ours(text).map_err(|fault| self.problem(&fault))?;
        if !self.is_main && !has_ours {
            return Ok(None);
        }
        let after = self.installed(text).map_err(|fault| self.problem(&fault))?;
        let is_program = matches!(self.content, Content::Own { is_program: true, .. });
        if before.as_deref() == Some(after.as_str()) && (!is_program || is_executable(&self.file)) {
            return Ok(None);
        }
        let private = if scope == Scope::User { 0o700 } else { 0o755 };
        Ok(Some(Change {
            file: self.file.clone(),
            by_hand: self.by_hand(),
            original: match &before {
                Some(_) if !has_ours => Original::Keep,
                Some(before) if self.was_changed(before) => Original::KeepToo,
                _ => Original::Leave,
            },
            before,
            after: Some(after),
            mode: if is_program { private } else { private & 0o666 },
            own_directory: self.own_directory.clone(),
        }))
    }

    /// What takes our entries out; `None` where there are none.
    pub(super) fn remove(&self) -> Result<Option<Change>, Problem> {
        let Some(before) = self.read()? else { return Ok(None) };
        if !self.has_ours(&before).map_err(|fault| self.problem(&fault))? {
            return Ok(None);
        }
        let kept = world::text(&backup_of(&self.file)).ok().flatten();
        let (after, original) =
            self.removed(&before, kept.as_deref()).map_err(|fault| self.problem(&fault))?;
        Ok(Some(Change {
            file: self.file.clone(),
            by_hand: String::new(),
            before: Some(before),
            after,
            original,
            mode: 0o600,
            own_directory: self.own_directory.clone(),
        }))
    }

    fn has_ours(&self, text: &str) -> Result<bool, Fault> {
        Ok(match &self.content {
            Content::Json { slots, .. } => {
                let document = Document::read(text)?;
                slots.iter().any(|slot| !slot.find(&document).is_empty())
            }
            Content::Toml { .. } => !Settings::read(text)?.find().is_empty(),
            Content::Own { calls, .. } => text.contains(MADE_BY) || calls(text).is_some(),
        })
    }

    /// Whether a file of our own is not what we would have written, whichever tollgate
    /// it calls.
    fn was_changed(&self, text: &str) -> bool {
        let Content::Own { made, command, calls, .. } = &self.content else { return false };
        let called = calls(text).map(|program| Command { program });
        text != made(called.as_ref().unwrap_or(command))
    }

    fn installed(&self, text: &str) -> Result<String, Fault> {
        match &self.content {
            Content::Json { head, slots, .. } => {
                let mut document = Document::read(text)?;
                for (name, node) in head {
                    document.add_missing(name, node)?;
                }
                for slot in slots {
                    slot.install(&mut document)?;
                }
                // An edit that was not needed leaves an empty file as it is.
                Ok(document.text())
            }
            Content::Toml { command } => Settings::read(text)?.installed(command, TIMEOUT),
            Content::Own { made, command, calls, .. }
                if text.is_empty() || text.contains(MADE_BY) || calls(text).is_some() =>
            {
                Ok(made(command))
            }
            Content::Own { .. } => Err(Fault::Shape("a file that is not ours is in its place".to_owned())),
        }
    }

    fn removed(&self, text: &str, kept: Option<&str>) -> Result<(Option<String>, Original), Fault> {
        let back = |text: &str| (Some(text.to_owned()), Original::Drop);
        // What nobody has changed since is what it was.
        let is_before = |kept: &&str| {
            // A file of ours that somebody has changed is no original.
            let is_ours = matches!(self.content, Content::Own { .. }) && !kept.is_empty();
            !is_ours && self.installed(kept).is_ok_and(|again| again == text)
        };
        if let Some(kept) = kept.filter(is_before) {
            return Ok(back(kept));
        }
        let after = match &self.content {
            Content::Json { head, slots, .. } => {
                let mut document = Document::read(text)?;
                let before = kept.and_then(|kept| Document::read(kept).ok());
                for slot in slots {
                    slot.remove(&mut document, before.as_ref())?;
                }
                if kept.is_none() && is_only(document.value(), head) {
                    return Ok((None, Original::Leave));
                }
                document.text()
            }
            Content::Toml { .. } => {
                let after = Settings::read(text)?.removed()?;
                if kept.is_none() && after.trim().is_empty() {
                    return Ok((None, Original::Leave));
                }
                after
            }
            Content::Own { .. } if text.contains(MADE_BY) => {
                let changed = self.was_changed(text);
                return Ok((None, if changed { Original::KeepToo } else { Original::Leave }));
            }
            Content::Own { .. } => {
                return Err(Fault::Shape(
                    "it is a file of your own: take the call of tollgate out by hand".to_owned(),
                ));
            }
        };
        if kept == Some(after.as_str()) { Ok(back(&after)) } else { Ok((Some(after), Original::Leave)) }
    }

    /// Every entry of ours in it.
    pub(super) fn entries(&self, agent: &'static str, scope: Scope) -> Result<Vec<Entry>, Problem> {
        let Some(text) = self.read()? else { return Ok(Vec::new()) };
        let entry = |event, command: Launch, weakness: Option<String>, fails_closed| Entry {
            agent,
            scope,
            file: self.file.clone(),
            event,
            command,
            enabled: weakness.map_or(Ok(()), Err),
            fails_closed,
        };
        let mut entries = Vec::new();
        match &self.content {
            Content::Json { slots, closed, .. } => {
                let document = Document::read(&text).map_err(|fault| self.problem(&fault))?;
                for slot in slots {
                    for found in slot.find(&document) {
                        let is_closed =
                            |(name, node): &(&str, Node)| found.entry.get(*name) == Some(&node.value());
                        let (weakness, closed) = (slot.weakness(&found), closed.as_ref().map(is_closed));
                        entries.push(entry(slot.event, found.launch, weakness, closed));
                    }
                }
            }
            Content::Toml { .. } => {
                let settings = Settings::read(&text).map_err(|fault| self.problem(&fault))?;
                for found in settings.find() {
                    let weakness = found.weakness();
                    entries.push(entry("PreToolUse", found.launch, weakness, None));
                }
            }
            Content::Own { calls, is_program, fails_closed, .. } => {
                let changed = self.was_changed(&text).then(|| CHANGED.to_owned());
                let weakness = changed.or_else(|| is_program.then(|| not_run(&self.file)).flatten());
                let launch = calls(&text).map(|program| Launch::Plugin { program });
                entries.extend(launch.map(|launch| entry("", launch, weakness, *fails_closed)));
            }
        }
        Ok(entries)
    }

    /// What a person can put in by hand.
    fn by_hand(&self) -> String {
        let layout = Layout { newline: "\n", unit: "  ".to_owned(), space: " " };
        match &self.content {
            Content::Json { slots, .. } => {
                let lines = |slot: &Slot| {
                    [format!("in the array {}:", slot.path.join(".")), layout.block(&slot.element(), "")]
                };
                slots.iter().flat_map(lines).collect::<Vec<_>>().join(
                    "
",
                )
            }
            Content::Toml { .. } => self.installed("").unwrap_or_default().trim_start().to_owned(),
            Content::Own { made, command, .. } => made(command),
        }
    }
}

/// Whether a document holds nothing that we would not have made.
fn is_only(value: &Value, head: &Fields) -> bool {
    value.as_object().is_some_and(|object| {
        object
            .iter()
            .all(|(name, value)| head.iter().any(|(ours, node)| ours == name && node.value() == *value))
    })
}

/// Why a program of ours is passed over.
fn not_run(file: &Path) -> Option<String> {
    if file.is_symlink() {
        return Some("it is a link, which is passed over: put the file itself in its place".to_owned());
    }
    (!is_executable(file)).then(|| "it is not executable".to_owned())
}

fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o100 != 0)
}

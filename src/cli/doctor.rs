//! `tollgate doctor`: what is and is not protected on this machine, each line
//! checked by trying it.

mod approval;
mod codex;
mod hooks;
mod shells;
mod shims;
mod unclassified;

use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::audit;
use crate::context::principal;
use crate::process::Process;
use crate::rules::book::{Layer, Origin, Power, Rulebook};
use crate::rules::layers::{self, Directories};
use crate::rules::schema::RuleFile;
use crate::ui::sanitize;

/// How a line of the report turned out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// As it should be.
    Good,
    /// Worth knowing; nothing is broken.
    Note,
    /// Something is not protected, or does not work.
    Bad,
}

/// The report as it is written.
struct Report<'a> {
    out: &'a mut dyn Write,
    bad: usize,
}

impl Report<'_> {
    fn title(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "\n{text}")
    }

    fn line(&mut self, mark: Mark, text: &str) -> io::Result<()> {
        let sign = match mark {
            Mark::Good => "ok  ",
            Mark::Note => "note",
            Mark::Bad => {
                self.bad += 1;
                "BAD "
            }
        };
        writeln!(self.out, "  {sign}  {}", sanitize::text(text))
    }

    fn advice(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "        {}", sanitize::text(text))
    }
}

/// Writes the report; the exit code is 1 where something is not protected.
///
/// # Errors
/// Where the report cannot be written.
pub fn run(process: &dyn Process, out: &mut dyn Write) -> anyhow::Result<u8> {
    let places = Directories::of(process);
    level(&places, out)?;
    let mut report = Report { out, bad: 0 };
    let book = rulebook(process, &places, &mut report)?;
    shims::report(process, &places, &book, &mut report)?;
    hooks::report(process, &mut report)?;
    who(process, &mut report)?;
    state(&places, &mut report)?;
    approval::report(process, &places, &mut report)?;
    unclassified::report(process, &places, &mut report)?;
    let bad = report.bad;
    writeln!(out)?;
    match bad {
        0 => writeln!(out, "Nothing is broken.")?,
        1 => writeln!(out, "1 line needs attention.")?,
        bad => writeln!(out, "{bad} lines need attention.")?,
    }
    Ok(u8::from(bad > 0))
}

/// What it stops here, and what not.
fn level(places: &Directories, out: &mut dyn Write) -> io::Result<()> {
    let changeable = approval::changeable(places);
    let (level, rules, edits) = if changeable.is_empty() {
        ("L1", ", by rules that this user cannot change", "or uses an SDK")
    } else {
        ("L0", "", "uses an SDK, or edits the gate")
    };
    let version = env!("CARGO_PKG_VERSION");
    writeln!(
        out,
        "tollgate {version} — level {level}: it stops accidents made through the usual commands{rules}."
    )?;
    writeln!(out, "It does not stop a program that calls a tool by its absolute path, {edits}.")?;
    if !changeable.is_empty() {
        writeln!(out, "Whatever runs as this user can change:")?;
    }
    changeable.iter().try_for_each(|what| writeln!(out, "  {what}"))
}

/// The layers and who can write them.
fn rulebook(process: &dyn Process, places: &Directories, report: &mut Report<'_>) -> io::Result<Rulebook> {
    report.title("Rulebook")?;
    let directories: Vec<PathBuf> = process.current_dir().into_iter().collect();
    let book = match layers::load(places, &[], &directories, process.user().uid) {
        Ok(book) => book,
        Err(error) => {
            report.line(Mark::Bad, "a layer is broken, so every gated command is refused:")?;
            writeln!(report.out, "{error}")?;
            return Ok(Rulebook::default());
        }
    };
    for layer in &book.layers {
        let power = |power: Power| match power {
            Power::Absent => "not counted",
            Power::Tightens => "may tighten",
            Power::Loosens => "may loosen",
        };
        let (human, agent) = (power(layer.for_human), power(layer.for_agent));
        let text = format!(
            "{} layer: {}; for a human it {human}, for an agent it {agent}",
            layer.origin.name(),
            held(layer)
        );
        report.line(Mark::Good, &text.replace("it not counted", "is not counted"))?;
        for (path, _) in layer.files().iter().filter(|_| layer.origin != Origin::BuiltIn) {
            let (mark, who) = writable(path, process.user().uid);
            report.line(mark, &format!("{}: {who}", sanitize::os(path.as_os_str())))?;
        }
    }
    if !places.administered {
        let path = places.administrator.join("rules");
        let text = format!("no administrator's layer ({}): your own layer may loosen", path.display());
        report.line(Mark::Note, &text)?;
    }
    if places.config != places.trusted_config {
        report.line(Mark::Note, "HOME or XDG_CONFIG_HOME points away from your home directory; for an agent, what is there loosens nothing")?;
    }
    Ok(book)
}

/// How much of everything a layer holds: `3 rules, 1 cell, 0 environments, 1 exemption`.
fn held(layer: &Layer) -> String {
    let count = |number: fn(&RuleFile) -> usize| layer.files().iter().map(|(_, file)| number(file)).sum();
    let cells = |file: &RuleFile| file.cells().count();
    let counted =
        |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    [
        counted(count(|file| file.rules.len()), "rule"),
        counted(count(cells), "cell"),
        counted(count(|file| file.environments.len()), "environment"),
        counted(count(|file| file.exempt.len()), "exemption"),
    ]
    .join(", ")
}

/// Who besides its owner can write a file.
fn writable(path: &Path, uid: u32) -> (Mark, String) {
    let Ok(metadata) = std::fs::metadata(path) else { return (Mark::Bad, "cannot be read".to_owned()) };
    let mode = metadata.permissions().mode();
    let owner = match metadata.uid() {
        0 => "root".to_owned(),
        owner if owner == uid => "you (and so every program you start)".to_owned(),
        owner => format!("user {owner}"),
    };
    match mode & 0o022 {
        0 => (Mark::Good, format!("can be written by {owner}")),
        0o020 => (Mark::Bad, format!("can be written by {owner} and the group: chmod go-w")),
        _ => (Mark::Bad, format!("can be written by {owner} and others: chmod go-w")),
    }
}

fn who(process: &dyn Process, report: &mut Report<'_>) -> io::Result<()> {
    report.title("Who asks")?;
    let principal = principal::detect(process.environment(), true);
    let name = principal.name.map(|name| format!(" ({name})")).unwrap_or_default();
    if principal.evidence.is_empty() {
        report.line(Mark::Good, "you are taken for a human: no sign of an agent here")
    } else {
        report.line(
            Mark::Note,
            &format!("you are taken for an {}{name}: {}", principal.kind, principal.evidence.join(", ")),
        )
    }
}

fn state(places: &Directories, report: &mut Report<'_>) -> io::Result<()> {
    report.title("Record")?;
    let Some(state) = &places.state else {
        return report.line(
            Mark::Bad,
            "there is no home directory to keep a record in, so gated commands are refused",
        );
    };
    match std::fs::symlink_metadata(state) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return report.line(Mark::Note, &format!("{}: nothing was recorded yet", state.display()));
        }
        Err(error) => return report.line(Mark::Bad, &format!("{}: {error}", state.display())),
        Ok(_) => {}
    }
    for path in [state.join("audit"), state.join("install.key")] {
        if let Ok(metadata) = std::fs::symlink_metadata(&path)
            && metadata.permissions().mode() & 0o077 != 0
        {
            report.line(
                Mark::Bad,
                &format!("{} can be read or written by others: chmod go-rwx", path.display()),
            )?;
        }
    }
    if let Err(error) = probe(state) {
        let text = format!("{} cannot be written, so gated commands are refused: {error}", state.display());
        report.line(Mark::Bad, &text)?;
    }
    match audit::verify(state) {
        Ok(found) if found.intact() => report.line(
            Mark::Good,
            &format!("{} records in {}, intact", found.records, state.join("audit").display()),
        ),
        Ok(found) => report.line(
            Mark::Bad,
            &format!("the record has {} faults: see `tollgate audit verify`", found.findings.len()),
        ),
        Err(error) => report.line(Mark::Bad, &crate::gate::chain(&error)),
    }
}

/// Writes as much as a record takes, and takes it away again.
fn probe(state: &Path) -> io::Result<()> {
    let path = state.join(format!("probe-{}", std::process::id()));
    let written = std::fs::write(&path, [b'x'; 8192]);
    let removed = std::fs::remove_file(&path);
    written.and(removed)
}

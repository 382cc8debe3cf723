//! `tollgate trust` and `untrust`: whether a project's file may loosen.

use std::io::Write;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::audit::{Event, Log};
use crate::authorization::prompt;
use crate::authorization::terminal::Answer;
use crate::context::principal;
use crate::gate::REFUSED;
use crate::process::{Process, absolute};
use crate::rules::layers::{Directories, PROJECT_FILE, trust_line, trust_list};
use crate::rules::load;
use crate::ui::sanitize;
use crate::verdict::PrincipalKind;

/// Which project.
#[derive(Debug, clap::Args)]
pub struct TrustArguments {
    /// The project's directory [default: the working directory]
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
}

impl TrustArguments {
    fn file(&self, process: &dyn Process) -> anyhow::Result<PathBuf> {
        let here = process.current_dir().context("the working directory is gone")?;
        let directory = self.directory.as_ref().map_or_else(|| here.clone(), |named| absolute(&here, named));
        let directory = directory
            .canonicalize()
            .with_context(|| format!("there is no directory {}", sanitize::os(directory.as_os_str())))?;
        if directory.as_os_str().as_bytes().contains(&b'\n') {
            bail!("the path holds a line feed, which the list of trusted files cannot");
        }
        Ok(directory.join(PROJECT_FILE))
    }
}

fn config(process: &dyn Process) -> anyhow::Result<(Directories, PathBuf)> {
    let places = Directories::of(process);
    let config = places.config.clone().context("there is no home directory to keep the list in")?;
    Ok((places, config))
}

/// Shows the project's file, asks the human at the terminal, and lists it.
///
/// # Errors
/// Where there is no such file, or the list cannot be written.
pub fn trust(arguments: &TrustArguments, process: &dyn Process, out: &mut dyn Write) -> anyhow::Result<u8> {
    let file = arguments.file(process)?;
    let (places, config) = config(process)?;
    let shown = sanitize::os(file.as_os_str());
    let text =
        load::read_within(&file, load::PROJECT_LIMIT)?.with_context(|| format!("there is no {shown}"))?;
    load::parse(&file, &text)?;
    if places.administered {
        bail!("the administrator's layer exists, and below it a project can only tighten");
    }
    let refuse = |because: &str, out: &mut dyn Write| -> anyhow::Result<u8> {
        out.flush()?;
        writeln!(
            std::io::stderr(),
            "tollgate: refused: trust {shown}\n  why:      {because}\n  approve:  a person runs it in a terminal of their own"
        )?;
        Ok(REFUSED)
    };
    let principal = principal::detect(process.environment(), true);
    if principal.kind == PrincipalKind::Agent {
        return refuse(
            &format!("only a person can trust, and an agent asks ({})", principal.evidence.join(", ")),
            out,
        );
    }
    let mut terminal = match prompt::human_terminal() {
        Ok(terminal) => terminal,
        Err(refused) => return refuse(&refused.because, out),
    };
    let mut turn = match prompt::turn_at(&mut terminal) {
        Ok(turn) => turn,
        Err(refused) => return refuse(&refused.because, out),
    };
    let lines: Vec<String> = text.lines().map(|line| format!("  | {}\n", sanitize::text(line))).collect();
    turn.show(&format!("tollgate: {shown} may then loosen what the rulebook asks for:\n{}", lines.concat()))?;
    match turn.confirm("Trust it as it stands?", prompt::PATIENCE)? {
        Answer::Yes => {}
        Answer::No(refusal) => {
            out.flush()?;
            writeln!(
                std::io::stderr(),
                "tollgate: refused: trust {shown}\n  because:  at the prompt: {refusal}; it is not trusted"
            )?;
            return Ok(REFUSED);
        }
    }
    drop(turn);
    record(&places, process, &format!("trust {shown}"))?;
    let mut list = without(&config, &file)?;
    list.extend_from_slice(trust_line(&file, &text).as_bytes());
    list.push(b'\n');
    write(&config, &list)?;
    writeln!(out, "{shown} may loosen, as long as it stays as it is")?;
    Ok(0)
}

/// Takes the project's file off the list.
///
/// # Errors
/// Where the list cannot be read or written.
pub fn untrust(arguments: &TrustArguments, process: &dyn Process, out: &mut dyn Write) -> anyhow::Result<u8> {
    let file = arguments.file(process)?;
    let (places, config) = config(process)?;
    let shown = sanitize::os(file.as_os_str());
    let before = std::fs::read(trust_list(&config)).unwrap_or_default();
    let list = without(&config, &file)?;
    if list == before {
        writeln!(out, "{shown} was not trusted")?;
        return Ok(0);
    }
    write(&config, &list)?;
    record(&places, process, &format!("untrust {shown}"))?;
    writeln!(out, "{shown} can only tighten from now on")?;
    Ok(0)
}

/// The list without any entry for `file`.
fn without(config: &Path, file: &Path) -> anyhow::Result<Vec<u8>> {
    let path = trust_list(config);
    let list = match std::fs::read(&path) {
        Ok(list) => list,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
    };
    let mut ending = b"  ".to_vec();
    ending.extend_from_slice(file.as_os_str().as_bytes());
    let kept = list.split(|byte| *byte == b'\n').filter(|line| !line.is_empty() && !line.ends_with(&ending));
    Ok(kept.flat_map(|line| line.iter().copied().chain([b'\n'])).collect())
}

/// Replaces the list whole, so that a reader sees the old one or the new.
fn write(config: &Path, list: &[u8]) -> anyhow::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(config)?;
    let path = trust_list(config);
    let draft = path.with_extension("new");
    let written =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft);
    written
        .and_then(|mut file| file.write_all(list).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&draft, &path))
        .with_context(|| format!("{} cannot be written", path.display()))
}

fn record(places: &Directories, process: &dyn Process, what: &str) -> anyhow::Result<()> {
    let state = places.state.as_deref().context("there is no home directory to keep a record in")?;
    let user = process.user();
    let event = Event::Change { uid: user.uid, user: user.name.clone(), agent: None, what: what.to_owned() };
    let _receipt = Log::at(state).append(&event, process.now())?;
    Ok(())
}

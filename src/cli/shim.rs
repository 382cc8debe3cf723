//! `tollgate shim`: makes, lists and removes the links that put tollgate in
//! front of a tool.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::error::ErrorKind;
use serde_json::json;

use super::init::Shell;
use super::loosening;
use crate::process::{BINARY, Process, absolute};
use crate::rules::layers::Directories;
use crate::shim::links::{self, Link, Outcome, Removed, State};
use crate::shim::real::{Own, RealError, find_real};
use crate::ui::sanitize;

/// The exit code where a link could not be made or removed.
const INCOMPLETE: u8 = 78;

/// What `--help` says of `--dir`.
pub(super) const DIRECTORY_HELP: &str = "The directory of the shims [default: $XDG_DATA_HOME/tollgate/shims]";

/// What to do with the links.
#[derive(Debug, clap::Subcommand)]
pub enum ShimCommand {
    /// Put tollgate in front of tools; without TOOL, of every known one on PATH
    Install {
        /// Where to make the links.
        #[arg(long, value_name = "DIR", help = DIRECTORY_HELP)]
        dir: Option<PathBuf>,
        /// The tools to stand in front of, on PATH or not
        #[arg(value_name = "TOOL")]
        tools: Vec<String>,
    },
    /// Show the links, and whether each works
    List {
        /// Where the links are.
        #[arg(long, value_name = "DIR", help = DIRECTORY_HELP)]
        dir: Option<PathBuf>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Remove the links; without TOOL, all of them
    Remove {
        /// Where the links are.
        #[arg(long, value_name = "DIR", help = DIRECTORY_HELP)]
        dir: Option<PathBuf>,
        /// The tools to no longer stand in front of
        #[arg(value_name = "TOOL")]
        tools: Vec<String>,
    },
}

impl ShimCommand {
    /// Whether it makes links, for which the known tools are needed.
    pub const fn installs(&self) -> bool {
        matches!(self, Self::Install { .. })
    }
}

/// What the command line leaves open, taken from the process's surroundings.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// The shim directory; `None` where there is no home to put it in.
    pub shims: Option<PathBuf>,
    /// The working directory; `None` where it was removed.
    pub current: Option<PathBuf>,
    /// PATH.
    pub path: Option<OsString>,
    /// The shell that SHELL names.
    pub shell: Option<Shell>,
    /// This very file.
    pub own: Own,
    /// What links should point to.
    pub target: PathBuf,
}

impl Defaults {
    /// Asks `process`, and the kernel for the program it runs.
    ///
    /// # Errors
    /// Where the kernel does not tell.
    pub fn of(process: &dyn Process) -> io::Result<Self> {
        let environment = process.environment();
        let path = environment.get("PATH").map(OsStr::to_owned);
        let called = process.arguments().first().map(OsString::as_os_str).unwrap_or_default();
        let own = Own::of_this_process()?;
        let target = links::link_target(&std::env::current_exe()?, called, path.as_deref(), &own);
        Ok(Self {
            shims: Directories::of(process).shims(),
            current: process.current_dir().ok(),
            shell: environment.get("SHELL").and_then(|shell| Shell::of_program(Path::new(shell))),
            path,
            own,
            target,
        })
    }

    /// The shim directory: `asked` as an absolute path, or else the default.
    ///
    /// # Errors
    /// Where there is neither, or `asked` is relative to a directory that was
    /// removed.
    pub fn directory(&self, asked: Option<&Path>) -> anyhow::Result<PathBuf> {
        let Some(asked) = asked else {
            return self
                .shims
                .clone()
                .context("there is no home directory for the shims: name a directory with --dir");
        };
        if asked.is_absolute() {
            return Ok(asked.to_owned());
        }
        let current =
            self.current.as_deref().context("the working directory is gone: --dir has to be absolute")?;
        // Without the `.` components, which PATH's entry would not have either.
        Ok(absolute(current, asked).components().collect())
    }

    fn first_on_path(&self, directory: &Path) -> bool {
        let first = self.path.as_deref().and_then(|path| std::env::split_paths(path).next());
        first.as_deref() == Some(directory)
    }

    /// How to call this tollgate from an rc file.
    fn command(&self) -> String {
        let by_name = find_in(self.path.as_deref(), &self.target);
        if by_name { BINARY.to_owned() } else { sanitize::word(self.target.as_os_str()) }
    }
}

/// Whether `target` is what PATH has for the name tollgate.
fn find_in(path: Option<&OsStr>, target: &Path) -> bool {
    path.into_iter()
        .flat_map(std::env::split_paths)
        .map(|entry| entry.join(BINARY))
        .find(|file| file.is_file())
        .is_some_and(|file| file == target)
}

/// Does what `command` says, with the tools that the rulebook knows; what it
/// returns is the exit code.
///
/// # Errors
/// A [`clap::Error`] where a TOOL is not known. Any other error where the
/// links cannot be read or written, or nothing could be linked.
pub fn run(
    command: &ShimCommand,
    defaults: &Defaults,
    known_tools: &[String],
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    match command {
        ShimCommand::Install { dir, tools } => {
            install(&defaults.directory(dir.as_deref())?, defaults, tools, known_tools, out)
        }
        ShimCommand::List { dir, json } => {
            list(&defaults.directory(dir.as_deref())?, defaults, *json, out)?;
            Ok(0)
        }
        ShimCommand::Remove { dir, tools } => remove(&defaults.directory(dir.as_deref())?, tools, out),
    }
}

/// Refuses an agent that would take links away, and records it of anybody else. A
/// record that cannot be written holds nobody who leaves.
///
/// # Errors
/// Where the refusal cannot be written.
pub(super) fn refused(
    command: &ShimCommand,
    process: &dyn Process,
    out: &mut dyn Write,
) -> anyhow::Result<Option<u8>> {
    let ShimCommand::Remove { tools, .. } = command else { return Ok(None) };
    let what = if tools.is_empty() {
        "remove every shim".to_owned()
    } else {
        format!("remove the shim of {}", sanitize::text(&tools.join(", ")))
    };
    if let Some(code) = loosening::refused(process, &what, out)? {
        return Ok(Some(code));
    }
    if let Err(error) = loosening::record(process, &what) {
        out.flush()?;
        writeln!(std::io::stderr(), "tollgate: warning: this is not recorded: {error:#}")?;
    }
    Ok(None)
}

fn install(
    directory: &Path,
    defaults: &Defaults,
    asked: &[String],
    known: &[String],
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    check_known(asked, known)?;
    let (mut tools, mut missing) = (Vec::new(), Vec::new());
    for tool in if asked.is_empty() { known } else { asked } {
        match find_real(OsStr::new(tool), defaults.path.as_deref(), &defaults.own) {
            Ok(_) => tools.push(tool),
            Err(RealError::NotFound { .. } | RealError::NoPath { .. }) => {
                missing.push(tool.as_str());
                if !asked.is_empty() {
                    tools.push(tool);
                }
            }
            Err(error @ RealError::NotAName { .. }) => return Err(error.into()),
        }
    }
    if tools.is_empty() {
        bail!("none of {} is on PATH: name a tool to stand in front of it anyway", listed(known));
    }
    let outcomes = links::install(directory, &defaults.target, tools)?;
    let mut code = 0;
    for (tool, outcome) in &outcomes {
        let done = match outcome {
            Outcome::Created => "linked",
            Outcome::Updated => "linked again, to this tollgate",
            Outcome::Unchanged => "already linked",
            Outcome::Refused(state) => {
                code = INCOMPLETE;
                in_the_way(*state)
            }
        };
        writeln!(out, "{}: {done}", sanitize::text(tool))?;
    }
    match (missing.as_slice(), asked) {
        ([], _) => {}
        (missing, []) => writeln!(out, "not on PATH, so not linked: {}", listed(missing))?,
        (missing, _) => writeln!(out, "not on PATH yet: {}", listed(missing))?,
    }
    write_next_step(directory, defaults, &outcomes, out)?;
    Ok(code)
}

fn check_known(asked: &[String], known: &[String]) -> Result<(), clap::Error> {
    let Some(unknown) = asked.iter().find(|tool| !known.contains(tool)) else {
        return Ok(());
    };
    let known = if known.is_empty() { "none".to_owned() } else { listed(known) };
    let message =
        format!("the rulebook has no rules for {}, only for: {known}\n", sanitize::word(OsStr::new(unknown)));
    Err(clap::Error::raw(ErrorKind::InvalidValue, message))
}

/// What a person has to do before the links guard their shell.
fn write_next_step(
    directory: &Path,
    defaults: &Defaults,
    outcomes: &[(String, Outcome)],
    out: &mut dyn Write,
) -> io::Result<()> {
    if defaults.first_on_path(directory) {
        if outcomes.iter().any(|(_, outcome)| *outcome == Outcome::Created) {
            writeln!(
                out,
                "In shells that are already open, run `hash -r`: they may remember the tool itself."
            )?;
        }
        return Ok(());
    }
    let option = match &defaults.shims {
        Some(default) if default == directory => String::new(),
        _ => format!(" --dir {}", sanitize::word(directory.as_os_str())),
    };
    let command = defaults.command();
    writeln!(
        out,
        "\nNothing is guarded yet: {} is not first on PATH.",
        sanitize::word(directory.as_os_str())
    )?;
    let shells = defaults.shell.map_or(Shell::ALL.to_vec(), |shell| vec![shell]);
    for shell in shells {
        let line = match shell {
            Shell::Bash | Shell::Zsh => format!("eval \"$({command} init {}{option})\"", shell.name()),
            Shell::Fish => format!("{command} init fish{option} | source"),
        };
        writeln!(out, "Add this line at the end of {}, and open a new shell:\n    {line}", shell.rc_file())?;
    }
    writeln!(
        out,
        "Agents often start login shells, which need it too; `tollgate doctor` tells, and says what to add."
    )?;
    Ok(())
}

fn list(directory: &Path, defaults: &Defaults, json: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let links = links::list(directory)?;
    let first = defaults.first_on_path(directory);
    if json {
        let links: Vec<_> = links.iter().map(as_json).collect();
        let object = json!({
            "schema": 1,
            "directory": sanitize::os(directory.as_os_str()),
            "first_on_path": first,
            "links": links,
        });
        serde_json::to_writer_pretty(&mut *out, &object)?;
        writeln!(out)?;
        return Ok(());
    }
    let directory = sanitize::word(directory.as_os_str());
    if links.is_empty() {
        writeln!(out, "no links in {directory}")?;
        return Ok(());
    }
    for link in &links {
        let target =
            link.target.as_deref().map(|target| format!(" -> {}", sanitize::word(target.as_os_str())));
        let tool = sanitize::os(&link.tool);
        writeln!(out, "{tool}{}: {}", target.unwrap_or_default(), described(link.state))?;
    }
    if !first {
        writeln!(out, "{directory} is not first on PATH here")?;
    }
    Ok(())
}

fn as_json(link: &Link) -> serde_json::Value {
    let state = match link.state {
        State::Ready => "ready",
        State::NotExecutable => "not-executable",
        State::Dangling => "dangling",
        State::Elsewhere => "elsewhere",
        State::NotALink => "not-a-link",
    };
    json!({
        "tool": sanitize::os(&link.tool),
        "target": link.target.as_deref().map(|target| sanitize::os(target.as_os_str())),
        "state": state,
    })
}

fn remove(directory: &Path, asked: &[String], out: &mut dyn Write) -> anyhow::Result<u8> {
    let removal = links::remove(directory, (!asked.is_empty()).then_some(asked))?;
    let (mut code, mut gone) = (0, false);
    for (tool, removed) in &removal.links {
        let done = match removed {
            Removed::Gone => {
                gone = true;
                "removed"
            }
            Removed::Absent => "not linked",
            Removed::Kept(state) => {
                // Only a tool that was named was asked for.
                code = if asked.is_empty() { code } else { INCOMPLETE };
                in_the_way(*state)
            }
        };
        writeln!(out, "{}: {done}", sanitize::os(tool))?;
    }
    if removal.links.is_empty() {
        writeln!(out, "no links in {}", sanitize::word(directory.as_os_str()))?;
    }
    if gone {
        writeln!(out, "In a bash that is already open, run `hash -r`: it may remember the link.")?;
        writeln!(
            out,
            "If you are leaving, take the line with `tollgate init` out of your shell's start-up file too."
        )?;
    }
    Ok(code)
}

const fn described(state: State) -> &'static str {
    match state {
        State::Ready => "ready",
        State::NotExecutable => "broken: that tollgate may not be executed",
        State::Dangling => "broken: that tollgate is gone (`tollgate shim install` links this one)",
        State::Elsewhere => "not a link to a tollgate",
        State::NotALink => "not a link",
    }
}

const fn in_the_way(state: State) -> &'static str {
    match state {
        State::NotALink => "left alone: what is there is not a link",
        _ => "left alone: what is there is not a link to a tollgate",
    }
}

fn listed<S: AsRef<str>>(names: &[S]) -> String {
    names.iter().map(|name| sanitize::text(name.as_ref())).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use tempfile::TempDir;

    use super::*;
    use crate::process::TestProcess;
    use crate::shim::marker::fixtures;

    struct World {
        root: TempDir,
        defaults: Defaults,
    }

    impl World {
        /// A home, a tollgate, and a terraform on PATH.
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            let bin = root.path().join("bin");
            fs::create_dir(&bin).unwrap();
            program(&bin.join("tollgate"), &fixtures::tollgate());
            program(&bin.join("terraform"), b"#!/bin/sh\n");
            let process = TestProcess::new(
                root.path(),
                &[
                    ("HOME", "/nonexistent"),
                    ("XDG_DATA_HOME", root.path().join("data").to_str().unwrap()),
                    ("PATH", bin.to_str().unwrap()),
                    ("SHELL", "/usr/bin/zsh"),
                ],
            );
            let defaults = Defaults { target: bin.join("tollgate"), ..Defaults::of(&process).unwrap() };
            Self { root, defaults }
        }

        fn shims(&self) -> PathBuf {
            self.root.path().join("data/tollgate/shims")
        }

        fn run(&self, command: &ShimCommand) -> anyhow::Result<(u8, String)> {
            let known = ["terraform", "kubectl"].map(str::to_owned);
            let mut out = Vec::new();
            let code = run(command, &self.defaults, &known, &mut out)?;
            Ok((code, String::from_utf8(out).unwrap()))
        }

        fn install(&self, tools: &[&str]) -> anyhow::Result<(u8, String)> {
            self.run(&ShimCommand::Install { dir: None, tools: owned(tools) })
        }

        fn remove(&self, tools: &[&str]) -> (u8, String) {
            self.run(&ShimCommand::Remove { dir: None, tools: owned(tools) }).unwrap()
        }
    }

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().copied().map(str::to_owned).collect()
    }

    fn program(path: &Path, content: &[u8]) {
        fs::write(path, content).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn reads_its_arguments() {
        use clap::{FromArgMatches as _, Subcommand as _};
        let parse = |words: &[&str]| {
            let matches =
                ShimCommand::augment_subcommands(clap::Command::new("shim")).try_get_matches_from(words)?;
            ShimCommand::from_arg_matches(&matches)
        };
        let install = parse(&["shim", "install", "terraform", "--dir", "d", "kubectl"]).unwrap();
        assert!(
            matches!(install, ShimCommand::Install { dir: Some(_), tools } if tools == ["terraform", "kubectl"])
        );
        assert!(matches!(
            parse(&["shim", "list", "--json"]),
            Ok(ShimCommand::List { dir: None, json: true })
        ));
        assert!(parse(&["shim", "list", "terraform"]).is_err());
        let help = parse(&["shim", "remove", "--help"]).unwrap_err().to_string();
        assert!(help.contains("[default: $XDG_DATA_HOME/tollgate/shims]"), "{help}");
    }

    #[test]
    fn links_the_known_tools_that_are_installed_and_says_what_is_next() {
        let world = World::new();
        let (code, text) = world.install(&[]).unwrap();
        assert_eq!(code, 0);
        assert!(text.starts_with("terraform: linked\nnot on PATH, so not linked: kubectl\n"), "{text}");
        assert!(text.contains("at the end of ~/.zshrc"), "{text}");
        assert!(text.contains("    eval \"$(tollgate init zsh)\"\n"), "{text}");
        assert!(world.shims().join("terraform").is_symlink());
        assert!(!world.shims().join("kubectl").is_symlink());
        assert!(world.install(&[]).unwrap().1.starts_with("terraform: already linked\n"));
    }

    #[test]
    fn links_a_named_tool_that_is_not_installed_yet() {
        let world = World::new();
        let (code, text) = world.install(&["kubectl"]).unwrap();
        assert_eq!(code, 0);
        assert!(text.starts_with("kubectl: linked\nnot on PATH yet: kubectl\n"), "{text}");
    }

    #[test]
    fn an_unknown_tool_is_a_usage_error_that_lists_the_known_ones() {
        let world = World::new();
        let error = world.install(&["terraform", "vault\u{1b}"]).unwrap_err();
        let error = error.downcast::<clap::Error>().unwrap();
        assert_eq!(error.exit_code(), 2);
        let text = error.to_string();
        assert!(text.contains("no rules for $'vault\\x1b', only for: terraform, kubectl"), "{text}");
        assert!(!world.shims().exists());
    }

    #[test]
    fn nothing_to_link_is_an_error() {
        let world = World::new();
        fs::remove_file(world.root.path().join("bin/terraform")).unwrap();
        let error = world.install(&[]).unwrap_err();
        assert!(error.to_string().starts_with("none of terraform, kubectl is on PATH"), "{error}");
    }

    #[test]
    fn what_is_in_the_way_is_named_and_left_alone() {
        let world = World::new();
        fs::create_dir_all(world.shims()).unwrap();
        symlink("/bin/true", world.shims().join("terraform")).unwrap();
        let (code, text) = world.install(&[]).unwrap();
        assert_eq!(code, INCOMPLETE);
        assert!(
            text.starts_with("terraform: left alone: what is there is not a link to a tollgate\n"),
            "{text}"
        );
        assert_eq!(world.remove(&[]).0, 0);
        assert_eq!(world.remove(&["terraform"]).0, INCOMPLETE);
        assert_eq!(fs::read_link(world.shims().join("terraform")).unwrap(), Path::new("/bin/true"));
    }

    #[test]
    fn once_first_on_path_only_open_shells_are_left() {
        let mut world = World::new();
        let path = [world.shims(), world.root.path().join("bin")];
        world.defaults.path = Some(std::env::join_paths(path).unwrap());
        let (_, text) = world.install(&[]).unwrap();
        assert!(text.contains("`hash -r`") && !text.contains("init"), "{text}");
        assert!(!world.install(&[]).unwrap().1.contains("hash -r"));
    }

    #[test]
    fn another_directory_is_passed_on_to_init() {
        let world = World::new();
        let command = ShimCommand::Install { dir: Some("./my shims".into()), tools: vec![] };
        let (_, text) = world.run(&command).unwrap();
        let directory = world.root.path().join("my shims");
        assert!(text.contains(&format!("init zsh --dir '{}')\"", directory.display())), "{text}");
        assert!(directory.join("terraform").is_symlink());
    }

    #[test]
    fn lists_for_people_and_programs() {
        let world = World::new();
        let list = |json| world.run(&ShimCommand::List { dir: None, json }).unwrap().1;
        assert!(list(false).starts_with("no links in "));
        world.install(&["terraform"]).unwrap();
        let target = world.defaults.target.display();
        assert!(list(false).starts_with(&format!("terraform -> {target}: ready\n")), "{}", list(false));
        let object: serde_json::Value = serde_json::from_str(&list(true)).unwrap();
        assert_eq!(object["links"][0]["state"], "ready");
        assert_eq!(object["first_on_path"], false);
    }

    #[test]
    fn removes_and_says_what_an_open_shell_remembers() {
        let world = World::new();
        world.install(&["terraform", "kubectl"]).unwrap();
        let (code, text) = world.remove(&["terraform"]);
        assert_eq!(code, 0);
        assert!(text.starts_with("terraform: removed\n") && text.contains("`hash -r`"), "{text}");
        assert!(world.remove(&[]).1.starts_with("kubectl: removed\n"));
        assert!(world.remove(&[]).1.starts_with("no links in "));
        assert!(!world.shims().exists());
    }
}

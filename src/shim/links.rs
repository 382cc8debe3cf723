//! The links that put tollgate in a tool's place.
//!
//! Each shim is a symbolic link, named like the tool, in a directory that goes
//! first on PATH. Nothing but links towards a tollgate is ever replaced or
//! removed.
//!
//! What shells do with such links, as tried with bash 5.2, zsh 5.9, fish 3.6
//! and dash 0.5:
//!
//! - A link that dangles, say because tollgate was uninstalled first, is passed
//!   over by all four, and by execvp(3): the tool still works, unguarded.
//! - bash remembers where it found a command. In one that is already running, a
//!   removed link is an error until `hash -r`; zsh, fish and dash search again.
//! - bash, zsh and dash that ran the tool before its link was made go on
//!   running it unguarded until `hash -r`; fish searches every time.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, symlink};
use std::path::{Path, PathBuf};

use super::real::{Own, is_executable, is_tollgate};
use crate::process::BINARY;

/// Begins the name of a link on its way to replace another.
const TEMPORARY: &[u8] = b".tollgate-";

/// Why the links could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The directory cannot be an entry of PATH.
    #[error("{} cannot be on PATH: it has to be absolute and without a colon", shown(directory))]
    Directory {
        /// The directory asked for.
        directory: PathBuf,
    },
    /// What the links should point to would not run as tollgate.
    #[error("{} is not a tollgate that can be executed by an absolute path", shown(target))]
    Target {
        /// The file the links should have pointed to.
        target: PathBuf,
    },
    /// A link of this name cannot stand for a tool.
    #[error("{} is no name for a shim", crate::ui::sanitize::word(tool.as_ref()))]
    Name {
        /// The name asked for.
        tool: String,
    },
    /// The system refused.
    #[error("cannot {action} {}", shown(path))]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// With which file or directory.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

fn shown(path: &Path) -> String {
    crate::ui::sanitize::word(path.as_os_str())
}

/// Names the action and the file that an error belongs to.
fn failed<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> LinkError + 'a {
    move |source| LinkError::Io { action, path: path.to_owned(), source }
}

/// What is at a link's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// A link to a tollgate that can be executed.
    Ready,
    /// A link to a tollgate that this user may not execute: shells pass it over.
    NotExecutable,
    /// A link to a file named `tollgate` that is gone: shells pass it over.
    Dangling,
    /// A link to something else.
    Elsewhere,
    /// Not a link.
    NotALink,
}

impl State {
    /// Whether it is one of tollgate's links, in order or not.
    pub const fn is_ours(self) -> bool {
        matches!(self, Self::Ready | Self::NotExecutable | Self::Dangling)
    }

    fn of(path: &Path, target: &Path) -> Self {
        // `exists` resolves the link at `path`, and with it a relative target.
        if !path.exists() {
            let towards_tollgate = target.file_name() == Some(OsStr::new(BINARY));
            return if towards_tollgate { Self::Dangling } else { Self::Elsewhere };
        }
        if !path.is_file() || !is_tollgate(path) {
            return Self::Elsewhere;
        }
        if is_executable(path) { Self::Ready } else { Self::NotExecutable }
    }
}

/// An entry of the shim directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The tool it stands for.
    pub tool: OsString,
    /// What it points to, as written; `None` where it is no link.
    pub target: Option<PathBuf>,
    /// What that is worth.
    pub state: State,
}

/// What [`install`] did for a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There was nothing, now there is a link.
    Created,
    /// A link to another tollgate, or a dangling one, now leads to this one.
    Updated,
    /// The link was there.
    Unchanged,
    /// Something foreign is in the way, and was left alone.
    Refused(State),
}

/// What [`remove`] did for a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removed {
    /// The link is gone.
    Gone,
    /// There was none.
    Absent,
    /// Something foreign is there, and was left alone.
    Kept(State),
}

/// What [`remove`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// Each tool, and what became of its link.
    pub links: Vec<(OsString, Removed)>,
    /// Whether the directory was empty then, and is gone too.
    pub directory: bool,
}

/// Whether `directory` can be an entry of PATH.
///
/// # Errors
/// Where it is relative or has a colon in it.
pub fn check_directory(directory: &Path) -> Result<(), LinkError> {
    if directory.is_absolute() && !directory.as_os_str().as_bytes().contains(&b':') {
        Ok(())
    } else {
        Err(LinkError::Directory { directory: directory.to_owned() })
    }
}

/// What links to this tollgate should point to, so that they survive its
/// upgrade: the first `tollgate` on `path` that is this very file, by the name
/// it has there (a package manager moves that one to the next version), or the
/// absolute name it was called by, or else `executable`.
pub fn link_target(executable: &Path, called: &OsStr, path: Option<&OsStr>, own: &Own) -> PathBuf {
    let is_own = |file: &PathBuf| {
        file.is_absolute() && is_executable(file) && file.metadata().is_ok_and(|metadata| own.is(&metadata))
    };
    let on_path = path.into_iter().flat_map(std::env::split_paths).map(|entry| entry.join(BINARY));
    let called = Path::new(called);
    // Called as a shim, its own name is the link that is to be made.
    let called = (called.file_name() == Some(OsStr::new(BINARY))).then(|| called.to_path_buf());
    on_path.chain(called).find(is_own).unwrap_or_else(|| executable.to_owned())
}

/// Links each of `tools` in `directory` to `target`, this tollgate. The
/// directory and its parents are made where they are missing.
///
/// # Errors
/// Before anything was changed: where the directory cannot be on PATH, a name
/// is no tool's, or `target` is no tollgate that runs. Later: where the system
/// refuses.
pub fn install<S: AsRef<str>>(
    directory: &Path,
    target: &Path,
    tools: impl IntoIterator<Item = S> + Clone,
) -> Result<Vec<(String, Outcome)>, LinkError> {
    check_directory(directory)?;
    for tool in tools.clone() {
        check_name(tool.as_ref())?;
    }
    if !target.is_absolute() || !target.is_file() || !is_executable(target) || !is_tollgate(target) {
        return Err(LinkError::Target { target: target.to_owned() });
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o755).create(directory).map_err(failed("create", directory))?;
    tools
        .into_iter()
        .map(|tool| {
            let outcome = link(&directory.join(tool.as_ref()), target)?;
            Ok((tool.as_ref().to_owned(), outcome))
        })
        .collect()
}

/// A link that is called `tollgate` would take the command's own name, and a
/// hidden one is not listed.
fn check_name(tool: &str) -> Result<(), LinkError> {
    if tool.is_empty() || tool.starts_with('.') || tool.contains(['/', '\0']) || tool == BINARY {
        return Err(LinkError::Name { tool: tool.to_owned() });
    }
    Ok(())
}

fn link(path: &Path, target: &Path) -> Result<Outcome, LinkError> {
    let Some((state, current)) = look(path)? else {
        symlink(target, path).map_err(failed("create", path))?;
        return Ok(Outcome::Created);
    };
    if current.as_deref() == Some(target) {
        return Ok(Outcome::Unchanged);
    }
    if !state.is_ours() {
        return Ok(Outcome::Refused(state));
    }
    replace(path, target).map_err(failed("replace", path))?;
    Ok(Outcome::Updated)
}

/// Puts a link to `target` in the place of the one at `path`, at no moment
/// without one.
fn replace(path: &Path, target: &Path) -> io::Result<()> {
    let mut name = OsString::from(OsStr::from_bytes(TEMPORARY));
    name.push(path.file_name().unwrap_or_default());
    name.push(format!("-{}", std::process::id()));
    let temporary = path.with_file_name(name);
    symlink(target, &temporary).or_else(|error| {
        // One of this process's id that died here: its link leads nowhere else.
        if error.kind() != ErrorKind::AlreadyExists {
            return Err(error);
        }
        fs::remove_file(&temporary)?;
        symlink(target, &temporary)
    })?;
    fs::rename(&temporary, path).inspect_err(|_| {
        let _ = fs::remove_file(&temporary);
    })
}

/// What is at `path`, and where it points; `None` where there is nothing.
fn look(path: &Path) -> Result<Option<(State, Option<PathBuf>)>, LinkError> {
    match fs::read_link(path) {
        Ok(target) => Ok(Some((State::of(path, &target), Some(target)))),
        Err(error) => match error.kind() {
            // EINVAL: there is something, and it is no link.
            ErrorKind::InvalidInput => Ok(Some((State::NotALink, None))),
            ErrorKind::NotFound | ErrorKind::NotADirectory => Ok(None),
            _ => Err(failed("read", path)(error)),
        },
    }
}

/// Every entry of `directory`, by name, hidden ones left out; none where the
/// directory does not exist.
///
/// # Errors
/// Where the directory or a link in it cannot be read.
pub fn list(directory: &Path) -> Result<Vec<Link>, LinkError> {
    let mut links = Vec::new();
    for name in names(directory)?.into_iter().filter(|name| !name.as_bytes().starts_with(b".")) {
        if let Some((state, target)) = look(&directory.join(&name))? {
            links.push(Link { tool: name, target, state });
        }
    }
    Ok(links)
}

fn names(directory: &Path) -> Result<Vec<OsString>, LinkError> {
    let read = || -> io::Result<_> { fs::read_dir(directory)?.map(|entry| Ok(entry?.file_name())).collect() };
    let mut names: Vec<_> = match read() {
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        names => names.map_err(failed("read", directory))?,
    };
    names.sort();
    Ok(names)
}

/// Removes the links of `tools` from `directory`, or of all tools where `None`
/// are named, and then the directory, if nothing is left in it.
///
/// # Errors
/// Where the system refuses.
pub fn remove(directory: &Path, tools: Option<&[String]>) -> Result<Removal, LinkError> {
    let tools = match tools {
        Some(tools) => {
            tools.iter().try_for_each(|tool| check_name(tool))?;
            tools.iter().map(OsString::from).collect()
        }
        None => names(directory)?.into_iter().filter(|name| is_listed_or_temporary(name)).collect::<Vec<_>>(),
    };
    let mut links = Vec::new();
    for tool in tools {
        let path = directory.join(&tool);
        let removed = match look(&path)? {
            None => Removed::Absent,
            Some((state, _)) if state.is_ours() => {
                fs::remove_file(&path).map_err(failed("remove", &path))?;
                Removed::Gone
            }
            Some((state, _)) => Removed::Kept(state),
        };
        if !tool.as_bytes().starts_with(TEMPORARY) {
            links.push((tool, removed));
        }
    }
    // Not empty, not there, not this user's: then it stays.
    Ok(Removal { links, directory: fs::remove_dir(directory).is_ok() })
}

fn is_listed_or_temporary(name: &OsStr) -> bool {
    !name.as_bytes().starts_with(b".") || name.as_bytes().starts_with(TEMPORARY)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use tempfile::TempDir;

    use super::*;
    use crate::shim::marker::fixtures;

    struct World {
        root: TempDir,
    }

    impl World {
        fn new() -> Self {
            let world = Self { root: tempfile::tempdir().unwrap() };
            world.tollgate("bin/tollgate");
            world
        }

        fn at(&self, name: &str) -> PathBuf {
            self.root.path().join(name)
        }

        fn tollgate(&self, name: &str) {
            let path = self.at(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, fixtures::tollgate()).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }

        fn install(&self, target: &str, tools: &[&str]) -> Result<Vec<(String, Outcome)>, LinkError> {
            install(&self.at("data/shims"), &self.at(target), tools)
        }

        fn outcome(&self, target: &str) -> Outcome {
            self.install(target, &["terraform"]).unwrap()[0].1
        }

        fn states(&self) -> Vec<(OsString, State)> {
            let links = list(&self.at("data/shims")).unwrap();
            links.into_iter().map(|link| (link.tool, link.state)).collect()
        }
    }

    #[test]
    fn installs_once_and_follows_the_binary() {
        let world = World::new();
        world.tollgate("next/tollgate");
        assert_eq!(world.outcome("bin/tollgate"), Outcome::Created);
        assert_eq!(world.outcome("bin/tollgate"), Outcome::Unchanged);
        assert_eq!(world.outcome("next/tollgate"), Outcome::Updated);
        let link = world.at("data/shims/terraform");
        assert_eq!(fs::read_link(&link).unwrap(), world.at("next/tollgate"));
        let mode = fs::metadata(world.at("data/shims")).unwrap().permissions().mode();
        assert_eq!(mode & 0o022, 0, "nobody else may plant a tool there");
        assert_eq!(names(&world.at("data/shims")).unwrap(), ["terraform"]);
    }

    #[test]
    fn repairs_a_dangling_link_but_leaves_what_is_foreign() {
        let world = World::new();
        let shims = world.at("data/shims");
        fs::create_dir_all(&shims).unwrap();
        symlink("/gone/0.1/tollgate", shims.join("a")).unwrap();
        symlink("/gone/terraform", shims.join("b")).unwrap();
        symlink("/bin/true", shims.join("c")).unwrap();
        fs::write(shims.join("d"), fixtures::tollgate()).unwrap();
        fs::create_dir(shims.join("e")).unwrap();
        let outcomes = world.install("bin/tollgate", &["a", "b", "c", "d", "e"]).unwrap();
        let outcomes: Vec<_> = outcomes.into_iter().map(|(_, outcome)| outcome).collect();
        assert_eq!(
            outcomes,
            [
                Outcome::Updated,
                Outcome::Refused(State::Elsewhere),
                Outcome::Refused(State::Elsewhere),
                Outcome::Refused(State::NotALink),
                Outcome::Refused(State::NotALink),
            ]
        );
        assert_eq!(fs::read_link(shims.join("c")).unwrap(), Path::new("/bin/true"));
        let removal = remove(&shims, None).unwrap();
        assert!(!removal.directory);
        assert_eq!(removal.links.iter().filter(|(_, removed)| *removed == Removed::Gone).count(), 1);
        assert_eq!(world.states().len(), 4);
    }

    #[test]
    fn a_temporary_link_left_behind_is_no_obstacle() {
        let world = World::new();
        world.tollgate("next/tollgate");
        world.outcome("bin/tollgate");
        let left = world.at(&format!("data/shims/.tollgate-terraform-{}", std::process::id()));
        symlink("/gone/tollgate", &left).unwrap();
        assert_eq!(world.outcome("next/tollgate"), Outcome::Updated);
        symlink("/gone/tollgate", &left).unwrap();
        assert_eq!(world.states(), [("terraform".into(), State::Ready)]);
        assert!(remove(&world.at("data/shims"), None).unwrap().directory);
    }

    #[test]
    fn lists_what_each_link_is_worth() {
        let world = World::new();
        world.install("bin/tollgate", &["terraform", "kubectl"]).unwrap();
        assert_eq!(world.states(), [("kubectl".into(), State::Ready), ("terraform".into(), State::Ready)]);
        fs::set_permissions(world.at("bin/tollgate"), fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(world.states()[0].1, State::NotExecutable);
        fs::remove_file(world.at("bin/tollgate")).unwrap();
        assert_eq!(world.states()[0].1, State::Dangling);
        fs::write(world.at("bin/tollgate"), fixtures::elf(120, &[])).unwrap();
        assert_eq!(world.states()[0].1, State::Elsewhere);
    }

    #[test]
    fn removes_its_links_and_the_empty_directory_again_and_again() {
        let world = World::new();
        let shims = world.at("data/shims");
        world.install("bin/tollgate", &["terraform", "kubectl"]).unwrap();
        let one = remove(&shims, Some(&["terraform".to_owned(), "aws".to_owned()])).unwrap();
        assert_eq!(one.links, [("terraform".into(), Removed::Gone), ("aws".into(), Removed::Absent)]);
        assert!(!one.directory);
        let rest = remove(&shims, None).unwrap();
        assert_eq!(rest, Removal { links: vec![("kubectl".into(), Removed::Gone)], directory: true });
        assert_eq!(remove(&shims, None).unwrap(), Removal { links: vec![], directory: false });
        assert!(list(&shims).unwrap().is_empty());
    }

    #[test]
    fn refuses_before_anything_is_made() {
        let world = World::new();
        for name in ["", "..", ".x", "a/b", "tollgate"] {
            let error = world.install("bin/tollgate", &["terraform", name]).unwrap_err();
            assert!(matches!(error, LinkError::Name { .. }), "{name}: {error}");
        }
        symlink("/bin/true", world.at("bin/other")).unwrap();
        for target in ["bin/missing", "bin/other", "bin"] {
            assert!(
                matches!(world.install(target, &["terraform"]), Err(LinkError::Target { .. })),
                "{target}"
            );
        }
        for directory in ["relative", "/a:b"] {
            let result = install(Path::new(directory), &world.at("bin/tollgate"), ["terraform"]);
            assert!(matches!(result, Err(LinkError::Directory { .. })), "{directory}");
        }
        assert!(!world.at("data").exists());
    }

    #[test]
    fn the_target_is_the_name_that_survives_an_upgrade() {
        let world = World::new();
        world.tollgate("other/tollgate");
        world.tollgate("cellar/1.0/tollgate");
        let executable = world.at("cellar/1.0/tollgate");
        let own = Own::of_file(&executable).unwrap();
        let target = |called: &OsStr, path: &str| {
            let path = path.split(' ').map(|entry| world.at(entry));
            link_target(&executable, called, Some(&std::env::join_paths(path).unwrap()), &own)
        };
        let bare = OsStr::new(BINARY);
        fs::create_dir(world.at("brew")).unwrap();
        symlink(&executable, world.at("brew/tollgate")).unwrap();
        assert_eq!(target(bare, "other brew"), world.at("brew/tollgate"));
        assert_eq!(target(bare, "other missing"), executable);
        assert_eq!(target(world.at("brew/tollgate").as_os_str(), "other"), world.at("brew/tollgate"));
        assert_eq!(target(world.at("other/tollgate").as_os_str(), "other"), executable);
    }
}

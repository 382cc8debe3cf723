//! Finds the real program behind a shim.
//!
//! The real program is the first on PATH that is not a tollgate: neither this
//! very file (device and inode) nor another build or a copy (see
//! [`marker`]). What the search returns is the path as PATH
//! names it, links unresolved: dispatchers such as mise look at the name they
//! are called by.
//!
//! PATH means what it means to a shell. An entry that is empty or relative is
//! taken from the working directory, and an empty PATH is one empty entry. So
//! a repository can plant a `terraform` there, but only where the caller's own
//! shell would run it as well; [`Real::is_relative`] tells. A PATH that is
//! unset is an error: the system's default path is not searched, since
//! nobody who sets up a shim means that.
//!
//! The search runs on every allowed call. It costs one `stat` for each entry
//! up to the real program, and an access check and a read for each candidate.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use nix::fcntl::{AT_FDCWD, AtFlags, OFlag};
use nix::unistd::{AccessFlags, faccessat};

use super::marker;

/// The file that this process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Own {
    device: u64,
    inode: u64,
}

impl Own {
    /// Asks the kernel, so that a file that was replaced since is meant too.
    ///
    /// # Errors
    /// Where /proc is not mounted (Linux), or the file is gone (elsewhere).
    pub fn of_this_process() -> io::Result<Self> {
        if cfg!(target_os = "linux") {
            Self::of_file(Path::new("/proc/self/exe"))
        } else {
            Self::of_file(&std::env::current_exe()?)
        }
    }

    /// The file at `path`, links resolved.
    ///
    /// # Errors
    /// Where there is none.
    pub fn of_file(path: &Path) -> io::Result<Self> {
        let metadata = path.metadata()?;
        Ok(Self { device: metadata.dev(), inode: metadata.ino() })
    }

    /// Whether `metadata` is of this very file.
    pub fn is(self, metadata: &Metadata) -> bool {
        self.inode == metadata.ino() && self.device == metadata.dev()
    }
}

/// Why there is no real program to run.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RealError {
    /// The name is empty, or has a slash: PATH is not searched for it.
    #[error("{} is no name of a program", crate::ui::sanitize::word(tool))]
    NotAName {
        /// The name asked for.
        tool: OsString,
    },
    /// The environment has no PATH.
    #[error("PATH is not set, so the real {} cannot be found", crate::ui::sanitize::os(tool))]
    NoPath {
        /// The name asked for.
        tool: OsString,
    },
    /// Nothing on PATH is a real program of that name.
    #[error("the real {} is not on PATH{}", crate::ui::sanitize::os(tool), skipped(*tollgates))]
    NotFound {
        /// The name asked for.
        tool: OsString,
        /// How many tollgates of that name were passed over.
        tollgates: usize,
    },
}

fn skipped(tollgates: usize) -> String {
    match tollgates {
        0 => String::new(),
        1 => " (skipped 1 tollgate)".to_owned(),
        count => format!(" (skipped {count} tollgates)"),
    }
}

/// A real program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Real {
    /// Where it is, as PATH names it: links unresolved, relative where the
    /// entry is.
    pub path: PathBuf,
    /// How many tollgates of that name come before it on PATH.
    pub tollgates: usize,
}

/// What stands between a name on PATH and the tool itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Launcher {
    /// A script: what it starts is known only by running it.
    Script,
    /// A link to a program of another name, such as mise or snap.
    Dispatcher(PathBuf),
}

impl Real {
    /// Whether it was found through an empty or relative entry of PATH, and so
    /// belongs to the working directory.
    pub fn is_relative(&self) -> bool {
        self.path.is_relative()
    }

    /// Whether the file is a launcher's rather than the tool's own, so that a
    /// hash of it says nothing about the tool. Not for the fast path.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn is_launcher(&self) -> io::Result<bool> {
        self.launcher().map(|launcher| launcher.is_some())
    }

    /// The launcher in front of the tool, if the file is one.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn launcher(&self) -> io::Result<Option<Launcher>> {
        let resolved = self.path.canonicalize()?;
        if resolved.file_name() != self.path.file_name() {
            return Ok(Some(Launcher::Dispatcher(resolved)));
        }
        let mut start = Vec::new();
        File::open(&resolved)?.take(2).read_to_end(&mut start)?;
        Ok((start == b"#!").then_some(Launcher::Script))
    }
}

/// What a file of the tool's name on PATH turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// This very tollgate: the shim.
    Shim,
    /// Another build of tollgate, or a copy.
    OtherTollgate,
    /// A directory, a socket, a device.
    NotAFile,
    /// A file that this user may not execute.
    NotExecutable,
    /// A link to nothing.
    Dangling,
    /// A program that is not a tollgate.
    Real,
}

/// One file of the tool's name on PATH.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where it is, as PATH names it.
    pub path: PathBuf,
    /// What it is.
    pub finding: Finding,
}

/// The first program called `tool` on `path` (the value of PATH) that is not a
/// tollgate.
///
/// # Errors
/// Where there is none; the shim then exits with 127.
pub fn find_real(tool: &OsStr, path: Option<&OsStr>, own: &Own) -> Result<Real, RealError> {
    let mut tollgates = 0;
    for candidate in places(tool, path)? {
        match examine(&candidate, own) {
            Some(Finding::Real) => return Ok(Real { path: candidate, tollgates }),
            Some(Finding::Shim | Finding::OtherTollgate) => tollgates += 1,
            _ => {}
        }
    }
    Err(RealError::NotFound { tool: tool.to_owned(), tollgates })
}

/// Everything called `tool` on `path`, in order, with what it is: the first
/// [`Finding::Real`] is what [`find_real`] returns. For people who ask why.
///
/// # Errors
/// As [`find_real`], except that finding nothing is none.
pub fn candidates(tool: &OsStr, path: Option<&OsStr>, own: &Own) -> Result<Vec<Candidate>, RealError> {
    let found = places(tool, path)?.filter_map(|path| {
        let dangling = || path.is_symlink().then_some(Finding::Dangling);
        let finding = examine(&path, own).or_else(dangling)?;
        Some(Candidate { path, finding })
    });
    Ok(found.collect())
}

/// What a shell runs for `tool` on `path`: the first that may be executed.
pub fn first(tool: &OsStr, path: Option<&OsStr>, own: &Own) -> Option<Candidate> {
    let runs = |finding: &Finding| matches!(finding, Finding::Shim | Finding::OtherTollgate | Finding::Real);
    places(tool, path).ok()?.find_map(|path| {
        let finding = examine(&path, own).filter(runs)?;
        Some(Candidate { path, finding })
    })
}

/// The places that PATH gives for `tool`.
fn places<'a>(
    tool: &'a OsStr,
    path: Option<&'a OsStr>,
) -> Result<impl Iterator<Item = PathBuf> + 'a, RealError> {
    if tool.is_empty() || tool.as_bytes().contains(&b'/') {
        return Err(RealError::NotAName { tool: tool.to_owned() });
    }
    let path = path.ok_or_else(|| RealError::NoPath { tool: tool.to_owned() })?;
    Ok(path.as_bytes().split(|byte| *byte == b':').map(move |entry| {
        let entry = if entry.is_empty() { b"." } else { entry };
        Path::new(OsStr::from_bytes(entry)).join(tool)
    }))
}

/// What is at `path`; `None` where there is nothing, or nothing that can be
/// reached.
fn examine(path: &Path, own: &Own) -> Option<Finding> {
    let metadata = path.metadata().ok()?;
    Some(if own.is(&metadata) {
        Finding::Shim
    } else if !metadata.is_file() {
        Finding::NotAFile
    } else if !is_executable(path) {
        Finding::NotExecutable
    } else if is_tollgate(path) {
        Finding::OtherTollgate
    } else {
        Finding::Real
    })
}

/// Whether the kernel would let this process execute the file: for root, where
/// anybody may.
pub(super) fn is_executable(path: &Path) -> bool {
    faccessat(AT_FDCWD, path, AccessFlags::X_OK, AtFlags::AT_EACCESS).is_ok()
}

/// Whether the file at `path` is a tollgate of any build. A program that may
/// be executed but not read is known by its resolved name.
pub(super) fn is_tollgate(path: &Path) -> bool {
    // Never waits, should the file have become a pipe since.
    let opened = OpenOptions::new().read(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(path);
    opened
        .and_then(|file| marker::is_tollgate(path, &file))
        .unwrap_or_else(|_| marker::is_named_tollgate(path))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use tempfile::TempDir;

    use super::*;

    /// Directories to put on PATH, and a file that plays this tollgate.
    struct World {
        root: TempDir,
        own: Own,
    }

    impl World {
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            for directory in ["shims", "a", "b", "c"] {
                fs::create_dir(root.path().join(directory)).unwrap();
            }
            program(&root.path().join("tollgate"), b"own");
            symlink(root.path().join("tollgate"), root.path().join("shims/terraform")).unwrap();
            let own = Own::of_file(&root.path().join("tollgate")).unwrap();
            Self { root, own }
        }

        fn at(&self, name: &str) -> PathBuf {
            self.root.path().join(name)
        }

        fn path(&self) -> OsString {
            std::env::join_paths(["shims", "a", "b", "c", "missing"].map(|name| self.at(name))).unwrap()
        }

        fn find(&self) -> Result<Real, RealError> {
            find_real(OsStr::new("terraform"), Some(&self.path()), &self.own)
        }

        fn findings(&self) -> Vec<Finding> {
            let found = candidates(OsStr::new("terraform"), Some(&self.path()), &self.own).unwrap();
            found.into_iter().map(|candidate| candidate.finding).collect()
        }
    }

    fn program(path: &Path, content: &[u8]) {
        fs::write(path, content).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn finds_the_first_program_that_is_not_the_shim() {
        let world = World::new();
        program(&world.at("b/terraform"), b"#!/bin/sh\n");
        program(&world.at("c/terraform"), b"#!/bin/sh\n");
        assert_eq!(world.find(), Ok(Real { path: world.at("b/terraform"), tollgates: 1 }));
        assert_eq!(world.findings(), [Finding::Shim, Finding::Real, Finding::Real]);
    }

    #[test]
    fn passes_over_what_a_shell_would_pass_over() {
        let world = World::new();
        fs::create_dir(world.at("a/terraform")).unwrap();
        fs::write(world.at("b/terraform"), "#!/bin/sh\n").unwrap();
        symlink(world.at("nowhere"), world.at("c/terraform")).unwrap();
        assert_eq!(
            world.findings(),
            [Finding::Shim, Finding::NotAFile, Finding::NotExecutable, Finding::Dangling]
        );
        let error = world.find().unwrap_err();
        assert_eq!(error, RealError::NotFound { tool: "terraform".into(), tollgates: 1 });
        assert_eq!(error.to_string(), "the real terraform is not on PATH (skipped 1 tollgate)");
    }

    #[test]
    fn passes_over_every_tollgate() {
        let world = World::new();
        program(&world.at("a/terraform"), &marker::fixtures::tollgate());
        fs::hard_link(world.at("tollgate"), world.at("b/terraform")).unwrap();
        assert_eq!(world.findings(), [Finding::Shim, Finding::OtherTollgate, Finding::Shim]);
        assert_eq!(
            world.find().unwrap_err().to_string(),
            "the real terraform is not on PATH (skipped 3 tollgates)"
        );
        symlink("/bin/true", world.at("c/terraform")).unwrap();
        assert_eq!(world.find(), Ok(Real { path: world.at("c/terraform"), tollgates: 3 }));
    }

    #[test]
    fn an_entry_that_is_empty_or_relative_means_the_working_directory() {
        let tool = OsStr::new("terraform");
        let found: Vec<_> = places(tool, Some(OsStr::new(":bin:/x"))).unwrap().collect();
        assert_eq!(found, ["./terraform", "bin/terraform", "/x/terraform"].map(PathBuf::from));
        let found: Vec<_> = places(tool, Some(OsStr::new(""))).unwrap().collect();
        assert_eq!(found, [PathBuf::from("./terraform")]);
        assert!(Real { path: "./terraform".into(), tollgates: 0 }.is_relative());
    }

    #[test]
    fn nothing_is_searched_without_a_path_or_a_name() {
        let own = Own::of_this_process().unwrap();
        let error = find_real(OsStr::new("terraform"), None, &own).unwrap_err();
        assert_eq!(error.to_string(), "PATH is not set, so the real terraform cannot be found");
        for name in ["", "a/b", "/bin/true"] {
            let error = find_real(OsStr::new(name), Some(OsStr::new("/bin")), &own).unwrap_err();
            assert_eq!(error, RealError::NotAName { tool: name.into() });
        }
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_searched_and_shown() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join(OsStr::from_bytes(b"\xff bin"));
        fs::create_dir(&directory).unwrap();
        let tool = OsStr::from_bytes(b"t\xfe");
        program(&directory.join(tool), b"#!/bin/sh\n");
        let own = Own::of_this_process().unwrap();
        let real = find_real(tool, Some(directory.as_os_str()), &own).unwrap();
        assert_eq!(real.path, directory.join(tool));
        let error = find_real(tool, Some(root.path().as_os_str()), &own).unwrap_err();
        assert_eq!(error.to_string(), "the real t\\xfe is not on PATH");
    }

    #[test]
    fn tells_launchers_from_tools() {
        let world = World::new();
        let real = |name: &str| Real { path: world.at(name), tollgates: 0 };
        program(&world.at("a/terraform"), b"#!/bin/sh\n");
        assert_eq!(real("a/terraform").launcher().unwrap(), Some(Launcher::Script));
        program(&world.at("b/terraform"), &marker::fixtures::elf(120, &[]));
        assert!(!real("b/terraform").is_launcher().unwrap());
        symlink(world.at("b/terraform"), world.at("c/terraform")).unwrap();
        assert!(!real("c/terraform").is_launcher().unwrap(), "a link to the same name is the tool");
        program(&world.at("mise"), &marker::fixtures::elf(120, &[]));
        fs::remove_file(world.at("c/terraform")).unwrap();
        symlink(world.at("mise"), world.at("c/terraform")).unwrap();
        let resolved = world.at("mise").canonicalize().unwrap();
        assert_eq!(real("c/terraform").launcher().unwrap(), Some(Launcher::Dispatcher(resolved)));
    }
}

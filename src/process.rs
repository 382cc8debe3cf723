//! The world as tollgate sees it: arguments, environment, directory, user,
//! clock and exec, behind one trait, so that tests can hand in another world.

use std::ffi::{CString, OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

/// The name of the binary.
pub const BINARY: &str = "tollgate";

/// The environment a process was started with.
///
/// Of several entries with the same name the first counts: Go and Python read
/// it so, and what is passed on holds each name once, so that no reader
/// downstream can see another value than the one that was judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// Shared until one is changed: each command of a line has its own, and most are
    /// those of the line.
    variables: Arc<Vec<(OsString, OsString)>>,
}

impl Environment {
    /// The environment of this process.
    #[must_use]
    pub fn of_this_process() -> Self {
        std::env::vars_os().collect()
    }

    /// The value of `name`, also where it is empty.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_os_str())
    }

    /// The value of `name`, unless it is unset or empty.
    pub fn non_empty(&self, name: &str) -> Option<&OsStr> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// Sets `name`, replacing any value it had.
    pub fn set(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) {
        let (name, value) = (name.into(), value.into());
        let variables = Arc::make_mut(&mut self.variables);
        match variables.iter_mut().find(|(key, _)| *key == name) {
            Some(entry) => entry.1 = value,
            None => variables.push((name, value)),
        }
    }

    /// Removes every variable whose name starts with `prefix`.
    pub fn remove_prefix(&mut self, prefix: &str) {
        let variables = Arc::make_mut(&mut self.variables);
        variables.retain(|(key, _)| !key.as_bytes().starts_with(prefix.as_bytes()));
    }

    /// Removes `name`.
    pub fn remove(&mut self, name: &str) {
        Arc::make_mut(&mut self.variables).retain(|(key, _)| key != name);
    }

    /// Every variable, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.variables.iter().map(|(key, value)| (key.as_os_str(), value.as_os_str()))
    }
}

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut variables: Vec<(OsString, OsString)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for (key, value) in pairs {
            let key = key.into();
            if seen.insert(key.clone()) {
                variables.push((key, value.into()));
            }
        }
        Self { variables: Arc::new(variables) }
    }
}

/// A program with everything it is started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executable {
    /// The file to run, as it was found on PATH: a dispatcher such as mise
    /// looks at the name it is called by.
    pub path: PathBuf,
    /// The arguments, without the program's own name.
    pub arguments: Vec<OsString>,
    /// The whole environment.
    pub environment: Environment,
}

/// A program as the kernel takes it: with NUL bytes at the ends only.
#[derive(Debug)]
pub struct Images {
    /// The file.
    pub path: CString,
    /// The arguments, the path first.
    pub arguments: Vec<CString>,
    /// `NAME=value`.
    pub environment: Vec<CString>,
}

impl Executable {
    /// The strings for `execve` and its kin.
    ///
    /// # Errors
    /// Where one of them holds a NUL byte.
    pub fn images(&self) -> io::Result<Images> {
        let path = CString::new(self.path.as_os_str().as_bytes())?;
        let arguments =
            std::iter::once(self.path.as_os_str()).chain(self.arguments.iter().map(OsString::as_os_str));
        let arguments = arguments.map(|word| CString::new(word.as_bytes())).collect::<Result<_, _>>()?;
        let variable = |(name, value): (&OsStr, &OsStr)| {
            CString::new([name.as_bytes(), b"=", value.as_bytes()].concat())
        };
        let environment = self.environment.iter().map(variable).collect::<Result<_, _>>()?;
        Ok(Images { path, arguments, environment })
    }
}

/// Who runs this process, by the kernel and the password database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The effective user id.
    pub uid: u32,
    /// The login name, or the number where the database has none.
    pub name: String,
    /// The home directory that the password database names: unlike HOME it is
    /// not the caller's to choose. `None` where the database has no entry.
    pub home: Option<PathBuf>,
}

/// What a process may ask of the operating system.
pub trait Process {
    /// The arguments, the program's own name first.
    fn arguments(&self) -> &[OsString];
    /// The environment this process was started with.
    fn environment(&self) -> &Environment;
    /// The working directory.
    ///
    /// # Errors
    /// Where it was removed or may not be read.
    fn current_dir(&self) -> io::Result<PathBuf>;
    /// Who runs this process.
    fn user(&self) -> &User;
    /// The wall clock.
    fn now(&self) -> Timestamp;
    /// Replaces this process by `program`; returns only where that failed.
    fn replace(&self, program: &Executable) -> io::Error;
}

/// A process in other surroundings: what a shell line makes of them for one of
/// its commands. It cannot be replaced.
pub struct Within<'a> {
    process: &'a dyn Process,
    environment: Environment,
    directory: Option<PathBuf>,
}

impl<'a> Within<'a> {
    /// `process` with this environment, in this directory where it is known.
    pub fn new(process: &'a dyn Process, environment: Environment, directory: Option<PathBuf>) -> Self {
        Self { process, environment, directory }
    }
}

impl std::fmt::Debug for Within<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Within").field("directory", &self.directory).finish_non_exhaustive()
    }
}

impl Process for Within<'_> {
    fn arguments(&self) -> &[OsString] {
        self.process.arguments()
    }

    fn environment(&self) -> &Environment {
        &self.environment
    }

    fn current_dir(&self) -> io::Result<PathBuf> {
        self.directory.clone().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn user(&self) -> &User {
        self.process.user()
    }

    fn now(&self) -> Timestamp {
        self.process.now()
    }

    fn replace(&self, _: &Executable) -> io::Error {
        io::Error::from(io::ErrorKind::Unsupported)
    }
}

/// The real process.
#[derive(Debug)]
pub struct OsProcess {
    arguments: Vec<OsString>,
    environment: Environment,
    user: std::sync::OnceLock<User>,
}

impl OsProcess {
    /// Reads this process's arguments and environment, once.
    #[must_use]
    pub fn new() -> Self {
        Self {
            arguments: std::env::args_os().collect(),
            environment: Environment::of_this_process(),
            user: std::sync::OnceLock::new(),
        }
    }
}

impl Default for OsProcess {
    fn default() -> Self {
        Self::new()
    }
}

/// The user's entry in the local password file. Every call needs it, and the
/// C library's look-up, which is asked where the file has no entry, takes as
/// long as all the rest of an allowed call.
fn local_user(passwd: &[u8], uid: u32) -> Option<User> {
    passwd.split(|byte| *byte == b'\n').find_map(|line| {
        let mut fields = line.split(|byte| *byte == b':');
        let name = fields.next()?;
        let number = std::str::from_utf8(fields.nth(1)?).ok()?;
        let home = fields.nth(2)?;
        let plain = !name.is_empty() && !name.starts_with(b"+") && !name.starts_with(b"-");
        (plain && number.parse() == Ok(uid)).then(|| User {
            uid,
            name: String::from_utf8_lossy(name).into_owned(),
            home: Some(PathBuf::from(OsStr::from_bytes(home))).filter(|home| home.is_absolute()),
        })
    })
}

/// Prepares a process that has more to do than to be replaced, and something to
/// say. An allowed command inherits what was there instead.
///
/// Closed standard streams become /dev/null, so that no file opened later takes
/// their numbers and receives what is meant for people. A reader that has gone
/// away (SIGPIPE) and a file that may grow no further (SIGXFSZ) become errors,
/// so that they cannot end this process before the record is complete.
pub fn settle() {
    let flag = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    for signal in [nix::libc::SIGPIPE, nix::libc::SIGXFSZ] {
        // A handler, unlike an ignored signal, is not inherited by programs.
        let _ = signal_hook::flag::register(signal, std::sync::Arc::clone(&flag));
    }
    fill_standard_streams();
}

fn fill_standard_streams() {
    use std::os::fd::AsFd as _;
    loop {
        let Ok(null) = std::fs::OpenOptions::new().read(true).write(true).open("/dev/null") else { return };
        let number = std::os::fd::AsRawFd::as_raw_fd(&null.as_fd());
        if number > 2 {
            return;
        }
        // It stays open for as long as the process lives.
        std::mem::forget(null);
    }
}

impl Process for OsProcess {
    fn arguments(&self) -> &[OsString] {
        &self.arguments
    }

    fn environment(&self) -> &Environment {
        &self.environment
    }

    fn current_dir(&self) -> io::Result<PathBuf> {
        std::env::current_dir()
    }

    fn user(&self) -> &User {
        self.user.get_or_init(|| {
            let uid = nix::unistd::geteuid();
            let local = std::fs::read("/etc/passwd").ok().and_then(|text| local_user(&text, uid.as_raw()));
            local.unwrap_or_else(|| {
                let entry = nix::unistd::User::from_uid(uid).ok().flatten();
                User {
                    uid: uid.as_raw(),
                    name: entry.as_ref().map_or_else(|| uid.to_string(), |user| user.name.clone()),
                    home: entry.map(|user| user.dir).filter(|home| home.is_absolute()),
                }
            })
        })
    }

    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn replace(&self, program: &Executable) -> io::Error {
        // Not `std`'s exec, which would set SIGPIPE to its default: what this
        // process inherited is the program's to inherit.
        let images = program.images();
        match images
            .and_then(|images| Ok(nix::unistd::execve(&images.path, &images.arguments, &images.environment)?))
        {
            Ok(never) => match never {},
            Err(error) => error,
        }
    }
}

/// A world for tests: everything given, nothing executed.
#[cfg(test)]
pub(crate) struct TestProcess {
    pub(crate) arguments: Vec<OsString>,
    pub(crate) environment: Environment,
    pub(crate) directory: PathBuf,
    pub(crate) user: User,
}

#[cfg(test)]
impl TestProcess {
    /// A process in `directory` with only the variables given.
    pub(crate) fn new(directory: impl AsRef<Path>, environment: &[(&str, &str)]) -> Self {
        let directory = directory.as_ref().to_path_buf();
        Self {
            arguments: vec!["tollgate".into()],
            environment: environment.iter().copied().collect(),
            user: User { uid: 1000, name: "tester".into(), home: Some(directory.join("home")) },
            directory,
        }
    }
}

#[cfg(test)]
impl Process for TestProcess {
    fn arguments(&self) -> &[OsString] {
        &self.arguments
    }

    fn environment(&self) -> &Environment {
        &self.environment
    }

    fn current_dir(&self) -> io::Result<PathBuf> {
        Ok(self.directory.clone())
    }

    fn user(&self) -> &User {
        &self.user
    }

    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn replace(&self, _: &Executable) -> io::Error {
        io::Error::other("a test process executes nothing")
    }
}

/// The absolute form of `path` seen from `directory`, without touching the disk.
pub fn absolute(directory: &Path, path: &Path) -> PathBuf {
    if path.is_absolute() { path.to_path_buf() } else { directory.join(path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_equal_names_counts() {
        let environment: Environment = [("A", "1"), ("B", "2"), ("A", "3")].into_iter().collect();
        assert_eq!(environment.get("A"), Some(OsStr::new("1")));
        assert_eq!(environment.iter().count(), 2);
    }

    #[test]
    fn the_local_password_file_is_read_as_the_c_library_reads_it() {
        let passwd =
            b"root:x:0:0:root:/root:/bin/bash\n+::::::\nbad\nann:x:1000:1000:Ann:/home/ann:/bin/sh\n";
        let user = local_user(passwd, 1000).unwrap();
        assert_eq!((user.name.as_str(), user.home), ("ann", Some(PathBuf::from("/home/ann"))));
        assert_eq!(local_user(passwd, 7), None);
        let uid = nix::unistd::geteuid();
        if let Some(user) = local_user(&std::fs::read("/etc/passwd").unwrap(), uid.as_raw()) {
            let other = nix::unistd::User::from_uid(uid).unwrap().unwrap();
            assert_eq!((user.name, user.home), (other.name, Some(other.dir)));
        }
    }

    #[test]
    fn a_prefix_is_removed_whole() {
        let mut environment: Environment =
            [("TF_CLI_ARGS", "x"), ("TF_CLI_ARGS_plan", "y"), ("TF_LOG", "z")].into_iter().collect();
        environment.remove_prefix("TF_CLI_ARGS");
        assert_eq!(environment.iter().count(), 1);
        assert_eq!(environment.non_empty("TF_LOG"), Some(OsStr::new("z")));
    }
}

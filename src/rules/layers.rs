//! Finds the layers on disk and says what each may do.
//!
//! What loosens counts for an agent only where the agent cannot choose the
//! place: in `/etc/tollgate`, and below the home directory that the password
//! database names. HOME and `XDG_CONFIG_HOME` are the caller's to set; where
//! an administrator's layer exists they are ignored altogether.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::book::{Layer, Origin, Power, Rulebook};
use super::builtin::{self, Scope};
use super::lint;
use super::load::{self, Diagnostic};
use crate::process::Process;

/// The administrator's directory.
pub const ADMINISTRATOR: &str = "/etc/tollgate";

/// The name of a project's file.
pub const PROJECT_FILE: &str = ".tollgate.yaml";

/// Where configuration and state are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directories {
    /// `/etc/tollgate`.
    pub administrator: PathBuf,
    /// Whether the administrator's layer exists.
    pub administered: bool,
    /// The user's configuration: `$XDG_CONFIG_HOME/tollgate`.
    pub config: Option<PathBuf>,
    /// The same below the home directory that the password database names.
    pub trusted_config: Option<PathBuf>,
    /// The user's state: `$XDG_STATE_HOME/tollgate`.
    pub state: Option<PathBuf>,
    /// The same below the home directory that the password database names.
    pub trusted_state: Option<PathBuf>,
    /// The user's data: `$XDG_DATA_HOME/tollgate`.
    pub data: Option<PathBuf>,
}

impl Directories {
    /// Where this process's user keeps things.
    pub fn of(process: &dyn Process) -> Self {
        Self::with_administrator(process, Path::new(ADMINISTRATOR))
    }

    /// The directory of the shims.
    pub fn shims(&self) -> Option<PathBuf> {
        self.data.as_ref().map(|data| data.join("shims"))
    }

    fn with_administrator(process: &dyn Process, administrator: &Path) -> Self {
        // What exists and may not be looked at is there all the same.
        let administered = exists(&administrator.join("rules"));
        let home = process.user().home.clone();
        let below_home = |fallback: &str| home.as_ref().map(|home| home.join(fallback).join("tollgate"));
        let chosen = |variable: &str, fallback: &str| {
            if administered {
                return below_home(fallback);
            }
            let absolute = |name: &str| {
                process.environment().non_empty(name).map(PathBuf::from).filter(|path| path.is_absolute())
            };
            absolute(variable)
                .or_else(|| absolute("HOME").map(|home| home.join(fallback)))
                .map(|directory| directory.join("tollgate"))
                .or_else(|| below_home(fallback))
        };
        Self {
            administered,
            config: chosen("XDG_CONFIG_HOME", ".config"),
            trusted_config: below_home(".config"),
            state: chosen("XDG_STATE_HOME", ".local/state"),
            trusted_state: below_home(".local/state"),
            data: chosen("XDG_DATA_HOME", ".local/share"),
            administrator: administrator.to_path_buf(),
        }
    }
}

/// Whether there is something at `path`. Only a plain "no such file" is a no:
/// a place that cannot be looked into is not taken for an empty one.
pub fn exists(path: &Path) -> bool {
    let missing =
        |error: &io::Error| matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
    path.symlink_metadata().map_or_else(|error| !missing(&error), |_| true)
}

/// A rulebook could not be put together; nothing runs.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A rule file is wrong.
    #[error("{}", join(.0))]
    Diagnostics(Vec<Diagnostic>),
    /// The binary is damaged.
    #[error(transparent)]
    Damaged(#[from] builtin::Damaged),
    /// A directory of rules cannot be listed.
    #[error("the rules in {path} cannot be read")]
    Directory {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

fn join(diagnostics: &[Diagnostic]) -> String {
    let mut text = String::new();
    for (at, diagnostic) in diagnostics.iter().enumerate() {
        let _ = write!(text, "{}{diagnostic}", if at == 0 { "" } else { "\n\n" });
    }
    text
}

/// Reads every layer that counts for a command started in one of
/// `directories`, as far as `scope` needs it.
///
/// # Errors
/// Any fault in any layer: a rulebook that cannot be read whole is not used.
pub fn load(
    places: &Directories,
    scope: Scope<'_>,
    directories: &[PathBuf],
    uid: u32,
) -> Result<Rulebook, LoadError> {
    let mut book = Rulebook { layers: vec![builtin::layer(scope)?] };
    let rules = places.administrator.join("rules");
    let mut locked = false;
    if places.administered {
        let files = yaml_files(&rules)?;
        locked = root_owned(&rules) && files.iter().all(|file| root_owned(file));
        add(&mut book, scope, Origin::Administrator, files, Power::Loosens, Power::Loosens)?;
    }
    let own = |human, agent| if locked { (Power::Tightens, Power::Tightens) } else { (human, agent) };
    let same = places.config == places.trusted_config;
    if let Some(config) = &places.config {
        let (human, agent) = own(Power::Loosens, if same { Power::Loosens } else { Power::Tightens });
        let rules = config.join("rules");
        // A home that the environment alone names may be none of the user's.
        let files = if !same && is_barred(&rules, uid) { Vec::new() } else { yaml_files(&rules)? };
        add(&mut book, scope, Origin::User, files, human, agent)?;
    }
    // An agent that points HOME elsewhere does not leave the user's rules behind.
    if let Some(trusted) = places.trusted_config.as_ref().filter(|_| !same) {
        let (_, agent) = own(Power::Absent, Power::Loosens);
        add(&mut book, scope, Origin::User, yaml_files(&trusted.join("rules"))?, Power::Absent, agent)?;
    }
    for file in project_files(directories, uid) {
        let text = load::read_within(&file, load::PROJECT_LIMIT).map_err(one)?.unwrap_or_default();
        let trusted = |config: &Option<PathBuf>| {
            !locked && config.as_ref().is_some_and(|config| is_trusted(config, &file, &text))
        };
        let power = |trusted| if trusted { Power::Loosens } else { Power::Tightens };
        let (human, agent) = (power(trusted(&places.config)), power(trusted(&places.trusted_config)));
        add(&mut book, scope, Origin::Project, vec![file], human, agent)?;
    }
    Ok(book)
}

/// The same layers with what is built in as far as `scope` needs it. Their files are not read again:
/// whatever is judged of one command is judged by the same.
///
/// # Errors
/// Any fault in what the scope adds.
pub fn widened(book: &Rulebook, scope: Scope<'_>) -> Result<Rulebook, LoadError> {
    let mut wide = Rulebook { layers: vec![builtin::layer(scope)?] };
    for layer in book.layers.iter().filter(|layer| layer.origin != Origin::BuiltIn) {
        wide.layers.push(layer.clone());
        let findings = lint::newest_layer(&wide, layer.texts(), scope);
        if !findings.is_empty() {
            return Err(LoadError::Diagnostics(findings));
        }
    }
    Ok(wide)
}

fn one(diagnostic: Diagnostic) -> LoadError {
    LoadError::Diagnostics(vec![diagnostic])
}

/// Reads `files` and adds them as one layer, where there are any.
fn add(
    book: &mut Rulebook,
    scope: Scope<'_>,
    origin: Origin,
    paths: Vec<PathBuf>,
    for_human: Power,
    for_agent: Power,
) -> Result<(), LoadError> {
    if paths.is_empty() {
        return Ok(());
    }
    let mut files = Vec::new();
    let mut texts = Vec::new();
    let limit = if origin == Origin::Project { load::PROJECT_LIMIT } else { load::FILE_LIMIT };
    for path in paths {
        let gone = || {
            one(Diagnostic::whole_file(&path, "the file is listed, but cannot be found: a dangling link?"))
        };
        let text = load::read_within(&path, limit).map_err(one)?.ok_or_else(gone)?;
        files.push((path.clone(), load::parse(&path, &text).map_err(one)?));
        texts.push(text);
    }
    book.layers.push(Layer::new(origin, files, for_human, for_agent));
    let findings = lint::newest_layer(book, &texts, scope);
    if let Some(layer) = book.layers.last_mut() {
        layer.keep_texts(texts);
    }
    if findings.is_empty() { Ok(()) } else { Err(LoadError::Diagnostics(findings)) }
}

/// The YAML files of a directory, by name. No directory is no files.
fn yaml_files(directory: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let error = |source| LoadError::Directory { path: directory.to_path_buf(), source };
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        // Nothing can be below a home such as /dev/null, where `rules` is not there either.
        Err(cause)
            if cause.kind() == io::ErrorKind::NotADirectory && directory.symlink_metadata().is_err() =>
        {
            return Ok(Vec::new());
        }
        Err(cause) => return Err(error(cause)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(error)?.path();
        let hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden && path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Whether a place of somebody else's bars the way to `directory`, on which nothing is the user's
/// `uid`: a home that was left over from another user, as by `su -m` or a container's `--user`.
fn is_barred(directory: &Path, uid: u32) -> bool {
    let denied = |error: &io::Error| error.kind() == io::ErrorKind::PermissionDenied;
    directory.symlink_metadata().is_err_and(|error| denied(&error))
        && directory.ancestors().filter_map(|way| way.metadata().ok()).all(|way| way.uid() != uid)
}

/// Whether only root can change what `path` holds.
fn root_owned(path: &Path) -> bool {
    std::fs::metadata(path)
        .is_ok_and(|metadata| metadata.uid() == 0 && metadata.permissions().mode() & 0o022 == 0)
}

/// The project files that count in `directories`: in each and above, up to the
/// repository's root. All of them, since one further down must not hide one
/// further up. A file of another user counts only where the directory is that
/// user's too: somebody may leave one in a shared directory.
fn project_files(directories: &[PathBuf], uid: u32) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for start in directories {
        for directory in start.ancestors() {
            let file = directory.join(PROJECT_FILE);
            if let Ok(metadata) = std::fs::metadata(&file)
                && (metadata.uid() == uid || metadata.uid() == 0 || owns(metadata.uid(), directory))
                && !files.contains(&file)
            {
                files.push(file);
            }
            if directory.join(".git").symlink_metadata().is_ok() {
                break;
            }
        }
    }
    files
}

fn owns(uid: u32, directory: &Path) -> bool {
    std::fs::metadata(directory).is_ok_and(|metadata| metadata.uid() == uid)
}

/// The list of project files that the user trusts, one `SHA-256  path` a line.
pub fn trust_list(config: &Path) -> PathBuf {
    config.join("trusted")
}

/// The line that stands for one file with its present content.
pub fn trust_line(file: &Path, text: &str) -> OsString {
    let digest = Sha256::digest(text.as_bytes());
    let mut line = String::new();
    for byte in digest {
        let _ = write!(line, "{byte:02x}");
    }
    let mut line = OsString::from(line + "  ");
    line.push(file);
    line
}

fn is_trusted(config: &Path, file: &Path, text: &str) -> bool {
    let Ok(list) = std::fs::read(trust_list(config)) else { return false };
    let line = trust_line(file, text);
    list.split(|byte| *byte == b'\n').any(|entry| entry == line.as_encoded_bytes())
}

#[cfg(test)]
mod tests;

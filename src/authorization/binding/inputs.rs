//! What the command reads: files and directories that its arguments name, and what the
//! tool reads beside them.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Component, Path, PathBuf};

use super::content::{Budget, Depth, is_small, outline, same_for_all};
use super::variables::{self, HIDDEN, Heeded};
use super::words::{self, Role, Word};
use super::{BindingError, Subject, folding, kustomize, shown};
use crate::audit::InstallKey;
use crate::command::kubectl::sources::{Source, sources};
use crate::command::{Found, Wanted};
use crate::context::entries::{self, Entries, Surroundings};
use crate::context::kube::manifests::{self, Listed};
use crate::files::clean;
use crate::invocation::files;
use crate::process::absolute;

/// What is known of a thing that is not there.
const ABSENT: &str = "absent";

/// Where a process finds its own open files: what these give is somebody else's to choose.
const STREAMS: [&str; 5] = ["/dev/stdin", "/dev/fd", "/proc/self/fd", "/proc/thread-self/fd", "/dev/tty"];

/// What was found of a command's inputs.
#[derive(Debug)]
pub(super) struct Inputs {
    /// The directory that the tool works in: names of files start there.
    base: PathBuf,
    /// Whether what is added belongs to that directory.
    is_work: bool,
    budget: Budget,
    /// By name, the digests.
    pub(super) found: BTreeMap<String, String>,
    /// What approvers have to know of what is not bound.
    pub(super) notes: Vec<String>,
    seen: BTreeSet<(PathBuf, Depth)>,
}

/// Where launchers look for the version to start, in the directory and above.
const VERSIONS: [&str; 11] = [
    ".tool-versions",
    ".terraform-version",
    ".opentofu-version",
    ".terragrunt-version",
    ".kubectl-version",
    ".helm-version",
    ".python-version",
    ".mise.toml",
    "mise.toml",
    "mise.local.toml",
    ".config/mise.toml",
];

/// Finds all that `subject` reads, started in `directory`; by a launcher, if it is one
/// that starts the tool.
pub(super) fn inputs(
    subject: &Subject<'_>,
    directory: &Path,
    heeded: &Heeded<'_>,
    key: &InstallKey,
    is_launched: bool,
) -> Result<Inputs, BindingError> {
    let mut inputs = Inputs::of(subject, directory);
    for word in words::of(subject.command) {
        inputs.word(subject, &word)?;
    }
    let here = Surroundings { environment: &subject.program.environment, directory };
    let entries = entries::of(subject.command, subject.target, here, &|name| heeded.is_told(name));
    inputs.is_work = is_terraform(subject);
    inputs.entries(&entries, key)?;
    inputs.is_work = false;
    inputs.grammar(subject, directory, &entries)?;
    for path in variables::files(subject, directory, heeded).difference(&entries.partly) {
        inputs.file(path)?;
    }
    if is_launched {
        for path in directory.ancestors().flat_map(|above| VERSIONS.map(|name| above.join(name))) {
            if path.is_file() {
                inputs.file(&path)?;
            }
        }
    }
    inputs.found = folding::folded(std::mem::take(&mut inputs.found));
    inputs.notes.extend(words::notes(subject.command, &inputs.base));
    Ok(inputs)
}

/// What the arguments name, as far as it can be read.
pub(super) fn named(subject: &Subject<'_>, directory: &Path) -> BTreeMap<String, String> {
    let mut inputs = Inputs::of(subject, directory);
    for word in words::of(subject.command) {
        // What cannot be read is told when the facts are found.
        let _ = inputs.word(subject, &word);
    }
    inputs.found
}

impl Inputs {
    /// None yet, of a command that is started in `directory`.
    fn of(subject: &Subject<'_>, directory: &Path) -> Self {
        let base = match &subject.command.directory {
            Some(changed) => absolute(directory, Path::new(changed)),
            None => directory.to_path_buf(),
        };
        Self {
            base,
            is_work: true,
            budget: Budget::default(),
            found: BTreeMap::new(),
            notes: Vec::new(),
            seen: BTreeSet::new(),
        }
    }

    /// Adds what an argument names, in each way that it may be read.
    fn word(&mut self, subject: &Subject<'_>, word: &Word<'_>) -> Result<(), BindingError> {
        if word.role == Role::Nothing {
            return Ok(());
        }
        let as_given = || shown(Path::new(word.value));
        if word.role == Role::Source {
            let is_stream = word.value == "-" || word.value.as_bytes().ends_with(b"=-");
            let is_remote = words::is_remote(word.value);
            // What was read before is bound by its hash, and handed over as it was.
            if (is_stream || is_remote) && is_replaced(subject, word.value) {
                return Ok(());
            }
            if is_stream {
                return Err(BindingError::Stream { word: as_given() });
            }
            if is_remote {
                return Err(BindingError::Remote { word: as_given() });
            }
        }
        if word.role == Role::Manifests {
            return self.manifests(subject, word.value);
        }
        if word.role == Role::Kustomization {
            let found = kustomize::files(&clean(&absolute(&self.base, Path::new(word.value))))?;
            for path in found.directories {
                self.directory(&path, Depth::Content)?;
            }
            return found.files.iter().try_for_each(|path| self.file(path));
        }
        for (piece, path) in self.paths(word.value)? {
            if is_stream(&path) {
                return Err(BindingError::Stream { word: as_given() });
            }
            // Also where this process finds nothing there.
            same_for_all(&path)?;
            let Ok(metadata) = path.metadata() else { continue };
            if metadata.is_file() && word.role == Role::Bulk && !is_small(&metadata) {
                self.put(&path, outline(&metadata));
            } else if metadata.is_file() {
                self.named_file(word.role, &path, &outline(&metadata))?;
            } else if metadata.is_dir() && is_looked_into(subject, word.role, piece) {
                self.named_directory(word.role, &path)?;
            }
        }
        Ok(())
    }

    /// Adds the files that kubectl reads of what a value of `-f` names.
    fn manifests(&mut self, subject: &Subject<'_>, value: &OsStr) -> Result<(), BindingError> {
        let word = || shown(Path::new(value));
        let mut whole = Ok(());
        for source in sources(value) {
            let added = match source {
                // What was read before is bound by its hash, and handed over as it was.
                Source::Input | Source::Url(_) if is_replaced(subject, value) => Ok(()),
                Source::Input => Err(BindingError::Stream { word: word() }),
                Source::Url(_) => Err(BindingError::Remote { word: word() }),
                Source::Path(path) if is_stream(&absolute(&self.base, &path)) => {
                    Err(BindingError::Stream { word: word() })
                }
                Source::Path(path) => self.listed(subject, absolute(&self.base, &path)),
            };
            // What can be read is added though something cannot.
            whole = whole.and(added);
        }
        whole
    }

    fn listed(&mut self, subject: &Subject<'_>, path: PathBuf) -> Result<(), BindingError> {
        // Also where this process finds nothing there.
        same_for_all(&path)?;
        let listed = Listed::of(&path, manifests::is_recursive(subject.command));
        let mut whole = if listed.is_too_much() { Err(BindingError::TooLarge { path }) } else { Ok(()) };
        for file in &listed.files {
            whole = whole.and(self.file(file));
        }
        let unread = listed.unread.into_iter().next();
        whole.and(unread.map_or(Ok(()), |why| Err(BindingError::Said(why))))
    }

    /// The paths that a word may name, each with the part of it. Some tools take `..` away
    /// with the name before it, others go where a link leads and up from there.
    fn paths<'a>(&self, word: &'a OsStr) -> Result<Vec<(&'a [u8], PathBuf)>, BindingError> {
        let mut paths = Vec::new();
        for piece in words::pieces(word)? {
            let given = absolute(&self.base, Path::new(OsStr::from_bytes(piece)));
            let cleaned = clean(&given);
            if given.components().any(|part| part == Component::ParentDir) {
                paths.push((piece, given));
            }
            paths.push((piece, cleaned));
        }
        Ok(paths)
    }

    /// Adds a file that an argument names. Where it may be the name of something else,
    /// a large one refuses nothing.
    fn named_file(&mut self, role: Role, path: &Path, outline: &str) -> Result<(), BindingError> {
        match self.file(path) {
            Err(BindingError::TooLarge { .. }) if role == Role::Anything => {
                self.notes.push(format!("{} is large: only its size and time are compared", shown(path)));
                self.put(path, outline.to_owned());
                Ok(())
            }
            other => other,
        }
    }

    fn named_directory(&mut self, role: Role, path: &Path) -> Result<(), BindingError> {
        match role {
            Role::Anything => {
                let added = self.directory(path, Depth::Outline);
                if matches!(added, Err(BindingError::Elsewhere { .. })) {
                    return added;
                }
                if added.is_err() {
                    let real = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
                    let place = crate::digest::sha256(real.as_os_str().as_bytes());
                    let what = shown(path);
                    self.notes.push(format!("{what} cannot be read whole: what it holds is not compared"));
                    self.put(path, format!("sha256:{place}"));
                }
                Ok(())
            }
            Role::Bulk => self.directory(path, Depth::Outline),
            _ => self.directory(path, Depth::Content),
        }
    }

    /// Adds the files that the tool's grammar asked for.
    fn grammar(
        &mut self,
        subject: &Subject<'_>,
        directory: &Path,
        entries: &Entries,
    ) -> Result<(), BindingError> {
        let read = files::read(subject.process, subject.invocation, Some(directory));
        for (wanted, found) in read.iter() {
            let (Wanted::File(path) | Wanted::Directory(path)) = wanted;
            let path = absolute(directory, path);
            same_for_all(&path)?;
            if entries.partly.contains(&path) || self.seen.contains(&(clean(&path), Depth::Content)) {
                continue;
            }
            let digest = match found {
                Found::Nothing => ABSENT.to_owned(),
                Found::Text(bytes) => format!("sha256:{}", crate::digest::sha256(bytes)),
                Found::Names(_) => self.budget.tree(&path, Depth::Content)?,
                // aws takes it for an empty file.
                Found::Unreadable(_) if path == Path::new("/dev/null") => ABSENT.to_owned(),
                Found::Unreadable(cause) => return Err(BindingError::Said(cause.clone())),
            };
            self.put(&path, digest);
        }
        Ok(())
    }

    /// Adds what the tool reads of configurations.
    fn entries(&mut self, entries: &Entries, key: &InstallKey) -> Result<(), BindingError> {
        if let Some(cause) = entries.unread.first() {
            return Err(BindingError::Said(cause.clone()));
        }
        for (name, part) in &entries.parts {
            // They hold secrets, of which a plain hash could be guessed.
            let mac = key.mac("tollgate-entry-v1", &[name.as_bytes(), part.as_bytes()]);
            self.insert(name.clone(), format!("{HIDDEN}{mac}"));
        }
        for path in &entries.files {
            self.file(path)?;
        }
        for (path, meaning) in &entries.meanings {
            let digest = match meaning.as_str() {
                "" => ABSENT.to_owned(),
                text => format!("sha256:{}", crate::digest::sha256(text.as_bytes())),
            };
            self.seen.insert((path.clone(), Depth::Content));
            self.put(path, digest);
        }
        for path in &entries.states {
            let digest = self.budget.file(path)?.unwrap_or_else(|| ABSENT.to_owned());
            self.insert("state".to_owned(), digest);
        }
        self.notes.extend(entries.notes.iter().map(|note| (*note).to_owned()));
        for (name, paths) in &entries.groups {
            let base = self.base.clone();
            let digest = self.budget.together(&base, paths)?;
            self.insert(name.clone(), digest);
        }
        Ok(())
    }

    /// Adds a file, or that there is none.
    fn file(&mut self, path: &Path) -> Result<(), BindingError> {
        if self.seen.insert((path.to_path_buf(), Depth::Content)) {
            let digest = self.budget.file(path)?.unwrap_or_else(|| ABSENT.to_owned());
            self.put(path, digest);
        }
        Ok(())
    }

    fn directory(&mut self, path: &Path, depth: Depth) -> Result<(), BindingError> {
        if self.seen.insert((path.to_path_buf(), depth)) {
            let digest = self.budget.tree(path, depth)?;
            self.put(path, digest);
        }
        Ok(())
    }

    /// Adds what was found at `path`. What belongs to the directory is named from there
    /// on, what belongs to the user by its whole path, wherever that is.
    fn put(&mut self, path: &Path, digest: String) {
        let path = clean(path);
        let inside = path.strip_prefix(clean(&self.base)).ok();
        let inside = inside.filter(|rest| self.is_work && !rest.as_os_str().is_empty());
        self.insert(shown(inside.unwrap_or(&path)), digest);
    }

    /// Adds a digest. Where a name stands twice, both count.
    fn insert(&mut self, name: String, digest: String) {
        let both = match self.found.get(&name) {
            Some(before) if *before != digest => {
                format!("sha256:{}", crate::digest::sha256(format!("{before} {digest}").as_bytes()))
            }
            _ => digest,
        };
        self.found.insert(name, both);
    }
}

/// Whether something else runs that does not have this word: what it names is not read
/// by what runs.
fn is_replaced(subject: &Subject<'_>, value: &OsStr) -> bool {
    let named = |word: &OsString| {
        let before = word.as_bytes().strip_suffix(value.as_bytes());
        before.is_some_and(|before| before.is_empty() || before == b"-f" || before.ends_with(b"="))
    };
    subject.runs.is_some_and(|words| !words.iter().any(named))
}

/// Whether the tool works in a directory of configurations.
pub(super) fn is_terraform(subject: &Subject<'_>) -> bool {
    matches!(subject.command.tool.as_str(), "terraform" | "tofu" | "terragrunt")
}

/// Whether what a directory holds may count.
fn is_looked_into(subject: &Subject<'_>, role: Role, piece: &[u8]) -> bool {
    match subject.command.tool.as_str() {
        // Their directories are places to work in; what counts there is added by itself.
        _ if is_terraform(subject) => false,
        // Most values are names: of a namespace, a release.
        "kubectl" | "helm" => role != Role::Anything || piece.contains(&b'/'),
        _ => true,
    }
}

/// Whether what a path gives is read once.
fn is_stream(path: &Path) -> bool {
    STREAMS.iter().any(|stream| path.starts_with(stream))
        || is_descriptor(path)
        || path.metadata().is_ok_and(|found| found.file_type().is_fifo())
}

/// Whether a path is of a process's open files: `/proc/123/fd/0`.
fn is_descriptor(path: &Path) -> bool {
    let parts: Vec<&[u8]> = path.components().map(|part| part.as_os_str().as_bytes()).collect();
    matches!(parts.as_slice(), [_, b"proc", _, b"fd", ..] | [_, b"proc", _, b"task", _, b"fd", ..])
}

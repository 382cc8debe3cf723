//! Scripts that a text runs, and files that it writes before it does.

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::state::{State, Written};
use super::{Found, Input, Io, Output, SCRIPT_DEPTH, Walk, What, look_up};
use crate::shell::inner::Language;
use crate::shell::value::Value;
use crate::shell::{parse, shebang};

/// Where programs of the system stand, which are no scripts of anybody's.
const SYSTEM: [&str; 8] =
    ["/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/lib", "/lib", "/nix/store", "/snap"];

impl Walk<'_> {
    /// A program that was called by its path: it may be a script.
    pub(super) fn program_file(&mut self, state: &mut State, program: &Value, rest: &[Value], io: &Io) {
        let known = state.path(program);
        state.settles(known.is_some());
        let system = |path: &Path| SYSTEM.iter().any(|directory| path.starts_with(directory));
        if known.as_deref().is_some_and(system) || !state.place.is_here() {
            return;
        }
        self.file(state, program, None, rest, false, io);
    }

    /// A script, run by an interpreter, by itself, or by this shell.
    pub(super) fn file(
        &mut self,
        state: &mut State,
        path: &Value,
        language: Option<Language>,
        arguments: &[Value],
        sourced: bool,
        io: &Io,
    ) -> Output {
        if is_standard_input(&path.bytes) {
            return match &io.input {
                Input::Known(text) => {
                    let text = text.clone();
                    self.code(state, &text, language.unwrap_or(Language::Shell), &Io::default())
                }
                Input::Unknown(who) => {
                    self.opaque(state, format!("it runs what {who} writes, which cannot be known before"));
                    Output::new()
                }
                _ => {
                    self.typed_into(state);
                    Output::new()
                }
            };
        }
        let known = state.path(path).filter(|_| state.place.is_here());
        if known.is_none() && !self.guessing {
            // It may be one of those that the line wrote.
            self.guessing = true;
            for text in state.files.values().filter_map(|one| one.text.clone()).take(16).collect::<Vec<_>>() {
                let mut own = self.own(state);
                self.code(&mut own, &text, language.unwrap_or(Language::Shell), io);
            }
            self.guessing = false;
        }
        let written = known.as_deref().and_then(|path| state.files.get(path)).cloned();
        let found = match (&written, &known) {
            (Some(Written { text: Some(text) }), _) => Found::Text(text.clone()),
            (Some(Written { text: None }), _) => {
                self.opaque(state, "it runs a file that it writes first, with content that is not known");
                return Output::new();
            }
            (None, Some(path)) if self.scripts < SCRIPT_DEPTH => self.surroundings.scripts.find(path),
            _ => Found::Nothing,
        };
        let text = match found {
            Found::Text(text) if !text.contains(&0) => text,
            _ => {
                self.push(state, &What::Script(path.clone()), None, false);
                state.settles(false);
                return Output::new();
            }
        };
        let Some(language) = language.or_else(|| language_of(&text, &path.bytes)) else {
            self.push(state, &What::Script(path.clone()), None, false);
            state.settles(false);
            return Output::new();
        };
        let deeper = usize::from(written.is_none());
        self.scripts += deeper;
        let text =
            if language == Language::Shell && deeper > 0 { self.readable(state, path, text) } else { text };
        let output = if sourced {
            self.code(state, &text, language, io)
        } else {
            let mut own = self.own(state);
            own.positional = Some(arguments.iter().map(|one| vec![one.clone()]).collect());
            own.settles(look_up::is_kept_by_script(&text));
            let before = std::mem::take(&mut self.traps);
            let output = self.code(&mut own, &text, language, io);
            self.run_traps(&mut own);
            self.traps = before;
            state.take_files(&own);
            output
        };
        self.scripts -= deeper;
        output
    }

    /// A script as far as it can be read: a shell runs what stands in front of a
    /// fault. The rest is known by the script's name.
    fn readable(&mut self, state: &State, path: &Value, text: Vec<u8>) -> Vec<u8> {
        if parse::parse(&text).is_ok() {
            return text;
        }
        self.push(state, &What::Script(path.clone()), None, false);
        let ends: Vec<usize> =
            text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
        // The longest beginning that is whole, to a few hundred bytes.
        let (mut low, mut high) = (0, ends.len());
        let mut best = 0;
        for _ in 0..64 {
            if low >= high {
                break;
            }
            let middle = low + (high - low).div_ceil(2);
            let end = ends.get(middle - 1).copied().unwrap_or_default();
            if text.get(..end).is_some_and(|text| parse::parse(text).is_ok()) {
                (low, best) = (middle, end);
            } else {
                high = middle - 1;
            }
        }
        text.get(..best).unwrap_or_default().to_vec()
    }

    /// What a command reads by `<`.
    pub(super) fn file_input(&mut self, state: &State, file: &Value) -> Input {
        let Some(path) = state.path(file) else { return Input::Missing(file.clone()) };
        match state.files.get(&path) {
            Some(Written { text: Some(text) }) => Input::Known(text.clone()),
            Some(Written { text: None }) => {
                Input::Unknown(String::from_utf8_lossy(file.shown()).into_owned())
            }
            None if state.place.is_here() => match self.surroundings.scripts.find(&path) {
                Found::Text(text) => Input::Known(text),
                Found::Nothing => Input::Missing(file.clone()),
            },
            None => Input::Missing(file.clone()),
        }
    }

    /// What `cat` prints of files.
    pub(super) fn printed(&mut self, state: &State, words: &[Value]) -> Option<Output> {
        let (program, files) = words.split_first()?;
        let plain = |word: &Value| word.is_known() && !word.bytes.starts_with(b"-");
        if program.bytes != b"cat" || files.is_empty() || !files.iter().all(plain) {
            return None;
        }
        let mut all = Vec::new();
        for file in files {
            match self.file_input(state, file) {
                Input::Known(text) => all.extend(text),
                _ => return Some(Output::new()),
            }
        }
        Some(vec![all])
    }

    /// Files that a command writes by its arguments.
    pub(super) fn writes_files(&mut self, state: &mut State, words: &[Value], io: &Io) {
        let Some((program, rest)) = words.split_first() else { return };
        let name = program.bytes.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let operands: Vec<&Value> = rest.iter().filter(|word| !word.bytes.starts_with(b"-")).collect();
        match name {
            b"curl" | b"wget" | b"http" | b"aria2c" => {
                for file in downloads(name, rest) {
                    state.written(&file, None, false);
                }
            }
            b"tee" => {
                let appends = rest.iter().any(|word| matches!(word.bytes.as_slice(), b"-a" | b"--append"));
                for file in operands {
                    match &io.input {
                        Input::Known(text) => state.written(file, Some(text), appends),
                        _ => state.written(file, None, appends),
                    }
                }
            }
            b"dd" => {
                let to = rest.iter().find_map(|word| word.bytes.strip_prefix(b"of="));
                if let Some(to) = to {
                    let text = if let Input::Known(text) = &io.input { Some(text.as_slice()) } else { None };
                    state.written(&Value::known(to.to_vec()), text, false);
                }
            }
            b"sed" | b"perl" if rest.iter().any(|word| word.bytes.starts_with(b"-i")) => {
                for file in operands {
                    if state.path(file).is_some_and(|path| state.files.contains_key(&path)) {
                        state.written(file, None, false);
                    }
                }
            }
            b"cp" | b"mv" | b"ln" | b"install" => {
                if let [.., from, to] = operands.as_slice() {
                    if let Some(path) = state.path(to) {
                        let from = state.program(from).unwrap_or_else(|| (*from).clone());
                        state.programs.insert(path, from);
                    }
                    if is_standard_input(&from.bytes) {
                        let text =
                            if let Input::Known(text) = &io.input { Some(text.as_slice()) } else { None };
                        state.written(to, text, false);
                        return;
                    }
                    match self.file_input(state, from) {
                        Input::Known(text) => state.written(to, Some(&text), false),
                        Input::Unknown(_) => state.written(to, None, false),
                        Input::Inherited | Input::Missing(_) => {}
                    }
                }
            }
            _ => {}
        }
    }
}

impl Walk<'_> {
    /// A program that is found by its name where the line changed PATH: it may be
    /// a file that the line wrote.
    pub(super) fn written_by_name(&mut self, state: &mut State, program: &Value, rest: &[Value], io: &Io) {
        let Some(name) = program.text() else { return };
        let named = |path: &&std::path::PathBuf| path.file_name().is_some_and(|file| file == name);
        let Some(path) = state.files.keys().find(named).cloned() else { return };
        self.file(state, &Value::known(path.as_os_str().as_bytes()), None, rest, false, io);
    }
}

/// The names of standard input as a file.
fn is_standard_input(path: &[u8]) -> bool {
    matches!(path, b"/dev/stdin" | b"/dev/fd/0" | b"/proc/self/fd/0")
}

/// The files that a download is written to.
fn downloads(program: &[u8], words: &[Value]) -> Vec<Value> {
    let mut files = Vec::new();
    let mut words = words.iter().peekable();
    let mut by_name = program == b"wget";
    let mut addresses = Vec::new();
    while let Some(word) = words.next() {
        let bytes = word.bytes.as_slice();
        let short: &[u8] = if program == b"wget" { b"-O" } else { b"-o" };
        let attached = |rest: &[u8]| Value::known(rest.to_vec());
        if let Some(rest) =
            bytes.strip_prefix(b"--output=").or_else(|| bytes.strip_prefix(b"--output-document="))
        {
            files.push(attached(rest));
        } else if bytes == b"--output" || bytes == b"--output-document" {
            files.extend(words.next().cloned());
        } else if bytes == b"--remote-name"
            || (program == b"curl" && letters(bytes).is_some_and(|all| all.contains(&b'O')))
        {
            by_name = true;
        } else if let Some(rest) = bytes.strip_prefix(short).filter(|rest| !rest.is_empty()) {
            files.push(attached(rest));
        } else if letters(bytes).is_some_and(|all| all.ends_with(short.get(1..).unwrap_or_default())) {
            files.extend(words.next().cloned());
        } else if bytes.windows(3).any(|window| window == b"://") {
            addresses.push(bytes.to_vec());
        }
    }
    if by_name && files.is_empty() {
        let name = |address: &Vec<u8>| {
            let path = address.split(|byte| matches!(byte, b'?' | b'#')).next().unwrap_or_default();
            path.rsplit(|byte| *byte == b'/').next().unwrap_or_default().to_vec()
        };
        files.extend(addresses.iter().map(|address| Value::known(name(address))));
    }
    files
}

/// The letters of `-sSLo`.
fn letters(word: &[u8]) -> Option<&[u8]> {
    word.strip_prefix(b"-").filter(|rest| !rest.is_empty() && !rest.starts_with(b"-"))
}

/// The language of a script: by its first line, else by its name. A text of
/// neither is the shell's, which runs what the kernel does not.
fn language_of(text: &[u8], path: &[u8]) -> Option<Language> {
    if text.starts_with(b"#!") {
        let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
        return language_named(shebang::interpreter(&String::from_utf8_lossy(first))?);
    }
    let extension = Path::new(std::ffi::OsStr::from_bytes(path)).extension().and_then(|one| one.to_str());
    match extension {
        Some("py") => Some(Language::Python),
        Some("js" | "mjs" | "cjs" | "ts") => Some(Language::JavaScript),
        Some("pl") => Some(Language::Perl),
        Some("rb") => Some(Language::Ruby),
        Some("php") => Some(Language::Php),
        Some("sh" | "bash" | "zsh" | "ksh" | "env") | None => {
            std::str::from_utf8(text).is_ok().then_some(Language::Shell)
        }
        Some(_) => None,
    }
}

fn language_named(name: &str) -> Option<Language> {
    Some(match name {
        "sh" | "bash" | "dash" | "ash" | "ksh" | "mksh" | "zsh" | "busybox" => Language::Shell,
        "fish" | "pwsh" | "nu" => Language::OtherShell,
        "python" | "pypy" | "uv" => Language::Python,
        "node" | "deno" | "bun" | "tsx" | "ts-node" => Language::JavaScript,
        "perl" => Language::Perl,
        "ruby" => Language::Ruby,
        "awk" | "gawk" | "mawk" => Language::Awk,
        "php" => Language::Php,
        _ => return None,
    })
}

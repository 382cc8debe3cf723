//! Builtins that change what later commands see.

use super::state::{State, Variable};
use super::{Input, Io, Output, Walk};
use crate::files::clean;
use crate::shell::output::outputs;
use crate::shell::value::{HOLES, Value};

impl Walk<'_> {
    /// Does what a builtin does to the state; `None` where these words are none.
    pub(super) fn builtin(&mut self, state: &mut State, words: &[Value], io: &Io) -> Option<Output> {
        let (program, rest) = words.split_first()?;
        let silent = Some(vec![Vec::new()]);
        match program.bytes.as_slice() {
            b"cd" | b"chdir" => {
                let operands = operands(rest);
                match operands.as_slice() {
                    [] => state.go_home(),
                    [one, ..] if one.bytes == b"-" => {
                        std::mem::swap(&mut state.directories, &mut state.previous);
                    }
                    // zsh replaces the one by the other in the path.
                    [_, _, ..] => state.change_directory(&Value::unknown()),
                    [one] => state.change_directory(one),
                }
                silent
            }
            b"pushd" => {
                state.stack.push(state.directories.clone());
                match operands(rest).first() {
                    Some(one) => state.change_directory(one),
                    None => state.change_directory(&Value::unknown()),
                }
                silent
            }
            b"popd" => {
                match state.stack.pop() {
                    Some(directories) => state.directories = directories,
                    None => state.change_directory(&Value::unknown()),
                }
                silent
            }
            b"export" | b"declare" | b"typeset" | b"local" | b"readonly" | b"let" => {
                self.declare(state, program, rest);
                silent
            }
            b"unset" => {
                unset(state, rest);
                silent
            }
            b"set" => {
                set(state, rest);
                silent
            }
            b"shift" => {
                let by =
                    rest.first().and_then(Value::text).and_then(|text| text.parse().ok()).unwrap_or(1_usize);
                if let Some(lists) = &mut state.positional {
                    lists.drain(..by.min(lists.len()));
                }
                silent
            }
            b"alias" | b"hash" => {
                alias(state, program, rest);
                silent
            }
            b"unalias" => silent,
            b"mkfifo" => {
                for file in operands(rest) {
                    state.written(file, None, false);
                }
                None
            }
            b"test" | b"[" | b"compgen" => {
                for word in rest {
                    if program.bytes == b"compgen" {
                        self.substitutions(state, &word.bytes);
                    }
                    self.subscripts(state, &word.bytes);
                }
                None
            }
            b"read" | b"mapfile" | b"readarray" | b"getopts" => {
                self.reads(state, &program.bytes, rest, io);
                silent
            }
            b"printf" if rest.first().is_some_and(|word| word.bytes == b"-v") => {
                let name = rest.get(1).and_then(Value::text).unwrap_or_default().to_owned();
                self.subscripts(state, name.as_bytes());
                let words: Vec<Value> =
                    std::iter::once(program.clone()).chain(rest.iter().skip(2).cloned()).collect();
                let values = outputs(&words, None).into_iter().map(Value::known).collect();
                self.assign(state, &name, Variable::any_of(values));
                silent
            }
            _ => None,
        }
    }

    /// `export A=b`, `declare -x A`.
    fn declare(&mut self, state: &mut State, program: &Value, rest: &[Value]) {
        let mut exports = program.bytes == b"export";
        let mut names = false;
        let local = program.bytes != b"export" && program.bytes != b"readonly";
        if let Some(locals) = self.locals.last_mut().filter(|_| local) {
            for word in rest.iter().filter(|word| !word.bytes.starts_with(b"-")) {
                let name = word.bytes.split(|byte| matches!(*byte, b'=' | b'+')).next().unwrap_or_default();
                let name = String::from_utf8_lossy(name).into_owned();
                if !locals.iter().any(|(known, _)| *known == name) {
                    let before = state.variables.get(&name).cloned();
                    locals.push((name, before));
                }
            }
        }
        for word in rest {
            self.subscripts(state, &word.bytes);
            if word.bytes.starts_with(b"-") {
                exports |= word.bytes.contains(&b'x');
                names |= word.bytes.contains(&b'n') && program.bytes != b"export";
                continue;
            }
            let at = word.bytes.iter().position(|byte| *byte == b'=');
            let Some(at) = at else {
                if let Some(variable) = word.text().and_then(|name| state.variables.get_mut(name)) {
                    variable.exported |= exports;
                }
                continue;
            };
            let (name, value) =
                (word.bytes.get(..at).unwrap_or_default(), word.bytes.get(at + 1..).unwrap_or_default());
            let appends = name.ends_with(b"+");
            let name = String::from_utf8_lossy(name.strip_suffix(b"+").unwrap_or(name)).into_owned();
            let list = value.strip_prefix(b"(").and_then(|rest| rest.strip_suffix(b")"));
            let variable = match list {
                // One variable by two names, and what is added: not followed.
                _ if appends || names => Variable::unknown(),
                Some(list) => {
                    let elements = list.split(u8::is_ascii_whitespace).filter(|one| !one.is_empty());
                    Variable::array(elements.map(|one| Value::known(one.to_vec())).collect())
                }
                None => Variable::one(Value::known(value.to_vec())),
            };
            let variable = Variable { exported: exports, ..variable };
            self.command_variable(state, &name, &variable);
            // Of several values, each was expanded into a command of its own.
            self.assign(state, &name, variable);
        }
    }

    /// `read X`: the first line of what it reads, where that is known.
    fn reads(&mut self, state: &mut State, program: &[u8], rest: &[Value], io: &Io) {
        for word in rest {
            self.subscripts(state, &word.bytes);
        }
        let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_');
        let names: Vec<String> =
            rest.iter().filter_map(Value::text).filter(|text| plain(text)).map(str::to_owned).collect();
        let fills = rest.iter().any(|word| word.bytes.starts_with(b"-") && word.bytes.contains(&b'a'));
        if fills || program != b"read" {
            // An array: words of the first line, or every line.
            let elements = match &io.input {
                Input::Known(text) if program == b"read" => {
                    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
                    line.split(u8::is_ascii_whitespace).filter(|one| !one.is_empty()).collect()
                }
                Input::Known(text) => {
                    text.split(|byte| *byte == b'\n').filter(|one| !one.is_empty()).collect()
                }
                _ => vec![[HOLES].as_slice()],
            };
            let array = Variable::array(elements.into_iter().map(|one| Value::known(one.to_vec())).collect());
            for name in names.iter().map(String::as_str).chain(["MAPFILE"]) {
                self.assign(state, name, array.clone());
            }
            return;
        }
        let line = match &io.input {
            Input::Known(text) => text.split(|byte| *byte == b'\n').next().map(<[u8]>::to_vec),
            _ => None,
        };
        for name in &names {
            let value = match (&io.input, &line, names.len()) {
                // Which of several lines it is depends on how often it reads.
                (Input::Known(text), Some(_), 1) => Variable::any_of(
                    text.split(|byte| *byte == b'\n')
                        .map(<[u8]>::trim_ascii)
                        .filter(|line| !line.is_empty())
                        .map(|line| Value::known(line.to_vec()))
                        .collect(),
                ),
                _ => Variable::unknown(),
            };
            self.assign(state, name, value);
        }
        if names.is_empty() {
            self.assign(state, "REPLY", Variable::unknown());
            self.assign(state, "MAPFILE", Variable::unknown());
        }
    }
}

impl State {
    pub(super) fn go_home(&mut self) {
        self.previous = std::mem::replace(&mut self.directories, vec![self.home.clone()]);
    }

    /// Goes to a directory, relative to each that it may be in.
    pub(super) fn change_directory(&mut self, to: &Value) {
        use std::os::unix::ffi::OsStrExt as _;
        let path = std::path::Path::new(std::ffi::OsStr::from_bytes(&to.bytes)).to_path_buf();
        let from = self.directories.clone();
        self.directories = if !to.is_known() {
            vec![None]
        } else if path.is_absolute() {
            vec![Some(clean(&path))]
        } else {
            let join = |one: &Option<std::path::PathBuf>| one.as_ref().map(|one| clean(&one.join(&path)));
            from.iter().map(join).collect()
        };
        self.previous = from;
    }
}

fn operands(words: &[Value]) -> Vec<&Value> {
    let option = |word: &&Value| !(word.bytes.len() > 1 && word.bytes.starts_with(b"-"));
    words.iter().filter(option).collect()
}

fn unset(state: &mut State, rest: &[Value]) {
    if rest.first().is_some_and(|word| word.bytes == b"-f") {
        // Whether it is there afterwards does not matter: the command itself is judged too.
        return;
    }
    for name in rest.iter().filter_map(Value::text).filter(|text| !text.starts_with('-')) {
        state.variables.remove(name);
        state.environment.push((name.to_owned(), None));
    }
}

/// `set -a`, `set -- x y`.
fn set(state: &mut State, rest: &[Value]) {
    let mut words = rest.iter();
    let mut arguments: Option<Vec<Vec<Value>>> = None;
    while let Some(word) = words.next() {
        match word.bytes.as_slice() {
            b"--" => {
                arguments = Some(words.by_ref().map(|one| vec![one.clone()]).collect());
            }
            b"-o" => {
                state.exports_all |= words.next().is_some_and(|word| word.bytes == b"allexport");
            }
            b"+o" => drop(words.next()),
            flags if flags.starts_with(b"-") && flags.len() > 1 => {
                state.exports_all |= flags.contains(&b'a');
                if flags.ends_with(b"o") {
                    state.exports_all |= words.next().is_some_and(|word| word.bytes == b"allexport");
                }
            }
            flags if flags.starts_with(b"+") => {}
            _ => {
                arguments =
                    Some(std::iter::once(word).chain(words.by_ref()).map(|one| vec![one.clone()]).collect());
            }
        }
    }
    if let Some(arguments) = arguments {
        state.positional = Some(arguments);
    }
}

/// `alias a=b`, and `hash -p PROGRAM NAME`, by which NAME is that program.
fn alias(state: &mut State, program: &Value, rest: &[Value]) {
    let assigns = rest.iter().any(|word| word.bytes.contains(&b'='));
    if program.bytes == b"hash" && !assigns {
        if let [option, path, name, ..] = rest
            && option.bytes == b"-p"
        {
            state.aliases.insert(name.bytes.clone(), path.bytes.clone());
        }
        return;
    }
    for word in rest.iter().filter(|word| !word.bytes.starts_with(b"-")) {
        if let Some(at) = word.bytes.iter().position(|byte| *byte == b'=') {
            let (name, text) =
                (word.bytes.get(..at).unwrap_or_default(), word.bytes.get(at + 1..).unwrap_or_default());
            state.aliases.insert(name.to_vec(), text.to_vec());
        }
    }
}

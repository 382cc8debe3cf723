//! What a command runs in turn: other commands, shell text, code of a language, a file.

use super::state::{COMBINATIONS, State, Variable};
use super::{CALL_DEPTH, Input, Io, Output, Walk, What, idioms, look_up, typed};
use crate::shell::code::{self, Finding};
use crate::shell::inner::{Changes, Inner, Language, Place, Runs};
use crate::shell::value::{HOLE, HOLES, Value};

impl Walk<'_> {
    /// What a program runs.
    pub(super) fn inner(&mut self, state: &mut State, words: &[Value], inner: Inner, io: &Io) -> Output {
        let Some(program) = words.first() else { return Output::new() };
        let in_this_shell: [&[u8]; 7] = [b"eval", b".", b"source", b"command", b"builtin", b"exec", b"trap"];
        if program.bytes == b"trap" && self.traps.len() < COMBINATIONS {
            if let Runs::Text { text, .. } = inner.runs {
                self.traps.push((text, self.here));
            }
            return vec![Vec::new()];
        }
        if in_this_shell.contains(&program.bytes.as_slice()) {
            return self.runs(state, inner.runs, io, true);
        }
        let is_input = matches!(inner.runs, Runs::Input { .. }) && io.input == Input::Inherited;
        if is_input && typed::only_reads(words) {
            return vec![Vec::new()];
        }
        let mut own = self.own(state);
        self.change(&mut own, &inner.changes);
        // What takes words from its input reads it itself.
        let reads = matches!(inner.runs, Runs::WordsFromInput { .. });
        let io = if inner.changes.other_input && !reads { Io::default() } else { io.clone() };
        let output = self.runs(&mut own, inner.runs, &io, false);
        state.take_files(&own);
        output
    }

    /// What is different for a command below a wrapper.
    pub(super) fn change(&mut self, state: &mut State, changes: &Changes) {
        state.settles(!changes.clears);
        if changes.clears || changes.place > state.place {
            state.hide_all();
            state.clears = true;
            state.environment.clear();
        }
        if changes.place > state.place {
            state.variables.clear();
            state.directories = vec![None];
            state.home = None;
            state.place = changes.place;
        }
        for (name, value) in &changes.environment {
            if let Some(value) = value {
                let variable = Variable { exported: true, ..Variable::one(value.clone()) };
                self.command_variable(state, name, &variable);
                state.assign(name, variable);
            } else {
                state.variables.remove(name);
                state.environment.push((name.clone(), None));
                state.settles(!look_up::is_special(name));
            }
        }
        if let Some(directory) = &changes.directory {
            state.change_directory(directory);
        }
    }

    /// `sees_traps` is set where this very shell runs it.
    pub(super) fn runs(&mut self, state: &mut State, runs: Runs, io: &Io, sees_traps: bool) -> Output {
        match runs {
            Runs::Words(words) => self.command(state, &words, io),
            Runs::WordsFromInput { words, replaces } => {
                self.with_input(state, &words, replaces.as_deref(), io)
            }
            Runs::Text { text, arguments } => {
                if let Some(name) = arguments.first() {
                    state.assign("0", Variable::one(name.clone()));
                    state.positional = Some(arguments.iter().skip(1).map(|one| vec![one.clone()]).collect());
                }
                if sees_traps {
                    return self.unknown_or_text(state, &text, io);
                }
                let before = std::mem::take(&mut self.traps);
                let output = self.unknown_or_text(state, &text, io);
                self.run_traps(state);
                self.traps = before;
                output
            }
            Runs::Code { code, language } => self.code(state, &code.bytes, language, io),
            Runs::File { path, language, arguments, sourced } => {
                if !sourced {
                    // Rules may speak of the script by its name (`manage.py flush`).
                    let words: Vec<Value> = std::iter::once(&path).chain(&arguments).cloned().collect();
                    self.push(state, &What::Command(words), None, true);
                }
                self.file(state, &path, language, &arguments, sourced, io)
            }
            Runs::Input { language, arguments } => match &io.input {
                Input::Inherited => {
                    self.typed_into(state);
                    vec![Vec::new()]
                }
                Input::Missing(path) => {
                    if path.bytes.starts_with(b"/dev/") {
                        self.typed_into(state);
                    }
                    self.push(state, &What::Script(path.clone()), None, false);
                    Output::new()
                }
                Input::Known(text) => {
                    state.positional = Some(arguments.iter().map(|one| vec![one.clone()]).collect());
                    let text = text.clone();
                    self.code(state, &text, language, &Io::default())
                }
                Input::Unknown(who) => {
                    self.opaque(state, format!("it runs what {who} writes, which cannot be known before"));
                    Output::new()
                }
            },
            Runs::Opaque(why) => {
                self.opaque(state, why);
                Output::new()
            }
        }
    }

    /// A subscript is evaluated wherever a number or a name is asked for.
    pub(super) fn subscripts(&mut self, state: &mut State, text: &[u8]) {
        if contains(text, b"[$(") || contains(text, b"[`") {
            self.substitutions(state, text);
        }
    }

    /// Text in which only substitutions run: a prompt, a subscript.
    pub(super) fn substitutions(&mut self, state: &mut State, text: &[u8]) {
        if self.calls >= CALL_DEPTH || !(contains(text, b"$(") || text.contains(&b'`')) {
            return;
        }
        self.calls += 1;
        let mut own = self.own(state);
        let quoted = text.iter().flat_map(|byte| match byte {
            b'"' => vec![b'\\', b'"'],
            byte => vec![*byte],
        });
        let line: Vec<u8> = b": \"".iter().copied().chain(quoted).chain([b'"']).collect();
        self.text(&mut own, &line, &Io::default());
        self.calls -= 1;
    }

    pub(super) fn unknown_or_text(&mut self, state: &mut State, text: &Value, io: &Io) -> Output {
        let hole = |byte: &u8| matches!(*byte, HOLE | HOLES | b' ' | b'\n' | b'\t' | b';');
        if !text.is_known() && text.bytes.iter().all(hole) {
            self.opaque(state, "it runs text that is not known before it runs");
            return Output::new();
        }
        self.text(state, &text.bytes, io)
    }

    /// `xargs`: words from what it reads.
    pub(super) fn with_input(
        &mut self,
        state: &mut State,
        words: &[Value],
        replaces: Option<&[u8]>,
        io: &Io,
    ) -> Output {
        let items: Vec<Value> = match &io.input {
            Input::Known(text) if replaces.is_some() => {
                let lines = text.split(|byte| matches!(*byte, b'\n' | 0)).map(<[u8]>::trim_ascii);
                lines.filter(|line| !line.is_empty()).map(|line| Value::known(line.to_vec())).collect()
            }
            Input::Known(text) => {
                let words = text.split(|byte| byte.is_ascii_whitespace() || *byte == 0);
                words.filter(|word| !word.is_empty()).map(|word| Value::known(word.to_vec())).collect()
            }
            _ => vec![Value::known([if replaces.is_some() { HOLE } else { HOLES }])],
        };
        let Some(mark) = replaces else {
            // All at once, one by one, or what stands on a line: as options say.
            if let Input::Known(text) = &io.input {
                for line in text.split(|byte| *byte == b'\n').take(COMBINATIONS) {
                    let items = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
                    let words: Vec<Value> =
                        words.iter().cloned().chain(items.map(|item| Value::known(item.to_vec()))).collect();
                    self.command(state, &words, &Io::default());
                }
                for end in [0, b'\n'] {
                    let items: Vec<Value> = text
                        .split(|byte| *byte == end)
                        .filter(|item| !item.is_empty())
                        .map(|item| Value::known(item.to_vec()))
                        .collect();
                    for item in items.iter().take(COMBINATIONS) {
                        let words: Vec<Value> = words.iter().chain([item]).cloned().collect();
                        self.command(state, &words, &Io::default());
                    }
                    let words: Vec<Value> = words.iter().cloned().chain(items).collect();
                    self.command(state, &words, &Io::default());
                }
                for item in items.iter().take(COMBINATIONS) {
                    let words: Vec<Value> = words.iter().chain([item]).cloned().collect();
                    self.command(state, &words, &Io::default());
                }
            }
            let words: Vec<Value> = words.iter().cloned().chain(items).collect();
            return self.command(state, &words, &Io::default());
        };
        for item in items.iter().take(COMBINATIONS) {
            let words: Vec<Value> =
                words.iter().map(|word| Value::known(substitute(&word.bytes, mark, &item.bytes))).collect();
            self.command(state, &words, &Io::default());
        }
        if items.len() > COMBINATIONS {
            let words: Vec<Value> =
                words.iter().map(|word| Value::known(substitute(&word.bytes, mark, &[HOLE]))).collect();
            self.command(state, &words, &Io::default());
        }
        Output::new()
    }

    /// Source code of a language.
    pub(super) fn code(&mut self, state: &mut State, code: &[u8], language: Language, io: &Io) -> Output {
        if language == Language::Shell {
            return self.text(state, code, io);
        }
        // Whoever reads it may take as many steps for a start.
        if !self.spend(code.len() + 1_000, state) {
            return Output::new();
        }
        let hole = |byte: &u8| matches!(*byte, HOLE | HOLES) || byte.is_ascii_whitespace();
        if !code.is_empty() && code.iter().all(hole) && code.iter().any(|byte| matches!(*byte, HOLE | HOLES))
        {
            self.opaque(state, "it runs code that is not known before it runs");
            return Output::new();
        }
        for finding in code::read(code, language) {
            match finding {
                Finding::Shell(text) => {
                    self.unknown_or_text(state, &Value::known(text), io);
                }
                Finding::Words(mut words) => {
                    for word in &mut words {
                        word.bytes = super::expand::from_home(state, &word.bytes);
                    }
                    self.command(state, &words, io);
                }
                Finding::Call { name, arguments } => {
                    match idioms::as_command(&name, &super::expand::from_home(state, &arguments)) {
                        Some(words) => {
                            self.command(state, &words, &Io::default());
                        }
                        None => self.opaque(state, format!("it calls {name}")),
                    }
                }
                Finding::Opaque(why) => self.opaque(state, why),
            }
        }
        // What it prints is not followed, unless `outputs` knows it.
        Output::new()
    }
}

/// Whether `text` stands in `bytes`.
fn contains(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

/// `text` with every `mark` replaced.
fn substitute(text: &[u8], mark: &[u8], with: &[u8]) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::new(), text);
    while let Some((first, tail)) = rest.split_first() {
        if let Some(tail) = rest.strip_prefix(mark).filter(|_| !mark.is_empty()) {
            out.extend_from_slice(with);
            rest = tail;
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    out
}

/// Where something in a container or on another machine runs.
impl Place {
    /// Whether files and variables are those of this machine.
    pub(super) fn is_here(self) -> bool {
        self == Self::Here
    }
}

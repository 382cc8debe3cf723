//! A script in the order of its execution, as far as that is known before it
//! runs: which simple commands it may run, with which words, where.
//!
//! What is known is followed (`T=terraform; $T destroy`, a function's arguments,
//! text that is piped into a shell); what is not becomes a hole in a value.
//! Where the script branches, every branch is walked, and afterwards a variable
//! may have the value of each.

mod builtins;
mod expand;
mod files;
mod idioms;
mod look_up;
mod parameter;
mod simple;
mod state;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::inner::Place;
use super::syntax::{Item, Join, Kind, Pipeline, Redirection, RedirectionKind, Script, Stage, Word};
use super::value::Value;
use super::{Opaque, parse};
use state::{State, Variable};

/// How deep functions, `eval`, `sh -c` and wrappers may stand in each other.
const CALL_DEPTH: usize = 24;

/// How often a function may stand in itself: it runs the same again.
const RECURSION: usize = 2;

/// How many different things a text may run before it is no longer followed.
const MAX_RUNS: usize = 8_000;

/// Builtins that change nothing outside the shell.
const SILENT: [&[u8]; 16] = [
    b":",
    b"[",
    b"break",
    b"cd",
    b"continue",
    b"echo",
    b"exit",
    b"export",
    b"false",
    b"local",
    b"printf",
    b"return",
    b"set",
    b"shift",
    b"test",
    b"true",
];

/// How deep scripts may run scripts and still be read.
const SCRIPT_DEPTH: usize = 3;

/// The longest script file that is read, in bytes.
pub const MAX_SCRIPT: usize = 256 << 10;

/// Something that a text may run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each says something else of what runs")]
pub struct Run {
    /// What runs.
    pub what: What,
    /// Variables that are set or removed for it, in order.
    pub environment: Vec<(String, Option<Value>)>,
    /// Whether it sees no other variables.
    pub clears: bool,
    /// The directory it runs in, where that is known.
    pub directory: Option<PathBuf>,
    /// Where it runs.
    pub place: Place,
    /// Set where a script file holds it, rather than the text that was asked about.
    pub from_file: bool,
    /// What it reads on standard input, where that is known.
    pub input: Option<Vec<u8>>,
    /// Set where all that it does is to run something else, which is listed too.
    pub carries: bool,
    /// Whether its program is looked for as the shell that was given the text does
    /// by itself: nothing in between is known to look elsewhere, or might.
    pub plain: bool,
}

/// What runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// A program with its arguments.
    Command(Vec<Value>),
    /// A file is read or written by a redirection.
    Redirection(RedirectionKind, Value),
    /// A script that could not be read.
    Script(Value),
    /// Something that cannot be told, and why.
    Opaque(String),
}

/// What was found where a script was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Its text.
    Text(Vec<u8>),
    /// There is none, or it is no script that can be read.
    Nothing,
}

/// The files that a text may run.
pub trait Scripts {
    /// What stands at `path`, at most [`MAX_SCRIPT`] bytes of it.
    fn find(&self, path: &Path) -> Found;
}

/// No file at all.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoScripts;

impl Scripts for NoScripts {
    fn find(&self, _: &Path) -> Found {
        Found::Nothing
    }
}

/// What surrounds the text.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// The directory that it starts in.
    pub directory: Option<&'a Path>,
    /// The home directory of who runs it.
    pub home: Option<&'a Path>,
    /// Whether a variable is in the environment that it is started with.
    pub inherited: &'a dyn Fn(&str) -> bool,
    /// The files that it may run.
    pub scripts: &'a dyn Scripts,
    /// Where it runs.
    pub place: Place,
    /// Whether what is typed later, into whatever reads it, is judged as well. Where
    /// it is not, a shell that waits for it may run anything.
    pub typing: Typing,
}

/// What becomes of what is typed into programs that the text starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Typing {
    /// Nobody types, or what is typed is a matter of its own.
    #[default]
    Apart,
    /// Whoever gave the text can type more, and nobody reads that.
    Unseen,
}

impl std::fmt::Debug for Surroundings<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Surroundings").field("directory", &self.directory).finish_non_exhaustive()
    }
}

/// What `text` may run, in order.
pub fn read(text: &[u8], surroundings: Surroundings<'_>) -> Vec<Run> {
    let mut walk = Walk::new(surroundings, text.len());
    let mut state = State::new(surroundings);
    walk.text(&mut state, text, &Io::default());
    walk.finish(&mut state)
}

/// What running `words` may run: the command itself, and what that runs in turn.
/// `input` is what it reads on standard input, where that is known.
pub fn read_words(words: &[Value], input: Option<&[u8]>, surroundings: Surroundings<'_>) -> Vec<Run> {
    let length = words.iter().map(|word| word.bytes.len()).sum();
    let mut walk = Walk::new(surroundings, length);
    let mut state = State::new(surroundings);
    let input = input.map_or(Input::Inherited, |text| Input::Known(text.to_vec()));
    walk.command(&mut state, words, &Io { input });
    walk.finish(&mut state)
}

/// What a command reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Input {
    /// What the whole text reads: nothing is fed to it.
    #[default]
    Inherited,
    /// This.
    Known(Vec<u8>),
    /// What something writes that is not known, named for people.
    Unknown(String),
    /// A file that was not found.
    Missing(Value),
}

/// What a command reads, and whether what it writes goes on.
#[derive(Clone, Debug, Default)]
struct Io {
    input: Input,
}

/// What was written to standard output: each text that it may be, none where
/// that is not known.
type Output = Vec<Vec<u8>>;

struct Walk<'a> {
    surroundings: Surroundings<'a>,
    runs: Vec<Run>,
    /// Work that may still be done, so that no text takes long.
    budget: u64,
    exhausted: bool,
    /// How deep calls stand in each other.
    calls: usize,
    /// How deep script files stand in each other.
    scripts: usize,
    /// Set while unknown commands are looked for among the functions.
    guessing: bool,
    /// How many process substitutions there were.
    pipes: usize,
    /// What `trap` keeps for the end.
    traps: Vec<Value>,
    /// How many of the commands around are in the background.
    background: usize,
    /// Set within `(( … ))`.
    arithmetic: bool,
    /// What variables were before a function made them its own, for each function
    /// that is being walked.
    locals: Vec<Vec<(String, Option<Variable>)>>,
    /// The functions that are being walked, by name.
    active: Vec<Vec<u8>>,
    /// What was noted already.
    seen: HashSet<Run>,
}

impl<'a> Walk<'a> {
    fn new(surroundings: Surroundings<'a>, length: usize) -> Self {
        let budget = 400_000 + 64 * length as u64;
        Self {
            surroundings,
            runs: Vec::new(),
            budget,
            exhausted: false,
            calls: 0,
            scripts: 0,
            guessing: false,
            pipes: 0,
            traps: Vec::new(),
            background: 0,
            arithmetic: false,
            locals: Vec::new(),
            active: Vec::new(),
            seen: HashSet::new(),
        }
    }

    /// Runs what was kept for the end, when the variables have their last values.
    fn finish(mut self, state: &mut State) -> Vec<Run> {
        self.run_traps(state);
        // git runs its hooks by itself, sooner or later.
        let is_hook = |path: &PathBuf| path.to_string_lossy().contains("/.git/hooks/");
        let hooks = state.files.iter().filter(|(path, _)| is_hook(path));
        for text in hooks.filter_map(|(_, file)| file.text.clone()).collect::<Vec<_>>() {
            self.text(&mut state.clone(), &text, &Io::default());
        }
        self.runs
    }

    fn run_traps(&mut self, state: &mut State) {
        for text in std::mem::take(&mut self.traps) {
            self.unknown_or_text(state, &text, &Io::default());
        }
    }

    /// Takes `amount` from what may still be done; false where it is used up.
    fn spend(&mut self, amount: usize, state: &State) -> bool {
        self.budget = self.budget.saturating_sub(amount as u64 + 1);
        if self.exhausted {
            return false;
        }
        if self.budget == 0 || self.runs.len() > MAX_RUNS {
            // Also where a script file does it.
            let scripts = std::mem::take(&mut self.scripts);
            self.opaque(state, "the text runs too much to follow");
            self.scripts = scripts;
            self.exhausted = true;
            return false;
        }
        true
    }

    /// Notes something that cannot be told.
    fn opaque(&mut self, state: &State, why: impl Into<String>) {
        self.push(state, &What::Opaque(why.into()), None, false);
    }

    /// Notes that something runs, for each directory that it may run in.
    fn push(&mut self, state: &State, what: &What, input: Option<&[u8]>, carries: bool) {
        // Of a script, what no rule could ever speak of is not noted.
        let silent =
            |words: &[Value]| words.first().is_some_and(|word| SILENT.contains(&word.bytes.as_slice()));
        if self.exhausted || (self.scripts > 0 && matches!(what, What::Command(words) if silent(words))) {
            return;
        }
        for (directory, environment) in state.situations() {
            let run = Run {
                what: what.clone(),
                environment,
                clears: state.clears,
                directory,
                place: state.place,
                from_file: self.scripts > 0,
                input: input.map(<[u8]>::to_vec),
                carries,
                plain: state.looks_up_plainly(),
            };
            if self.seen.insert(run.clone()) {
                self.runs.push(run);
            }
        }
    }

    /// Text, run by this shell.
    fn text(&mut self, state: &mut State, text: &[u8], io: &Io) -> Output {
        if !self.spend(text.len(), state) {
            return Output::new();
        }
        match parse::parse(text) {
            Ok(script) => self.script(state, &script, io),
            Err(Opaque(why)) => {
                self.opaque(state, why);
                Output::new()
            }
        }
    }

    /// A list of commands. What comes after `&&` and `||` may not run, so that
    /// afterwards the state may be that of each place where it may have stopped.
    fn script(&mut self, state: &mut State, script: &Script, io: &Io) -> Output {
        let mut written = vec![Vec::new()];
        let mut stopped: Vec<State> = Vec::new();
        let mut certain = true;
        for item in &script.items {
            if !self.spend(1, state) {
                return Output::new();
            }
            if item.join == Join::Then {
                self.settle(state, &mut stopped);
            } else if !certain || item.join == Join::Or {
                self.budget = self.budget.saturating_sub(state.weight());
                stopped.push(state.clone());
            }
            let output = self.item(state, item, io);
            certain = succeeds(&item.pipeline);
            written = joined(&written, &output);
        }
        self.settle(state, &mut stopped);
        written
    }

    fn settle(&mut self, state: &mut State, stopped: &mut Vec<State>) {
        for other in stopped.drain(..) {
            self.budget = self.budget.saturating_sub(state.weight());
            state.merge(other);
        }
    }

    fn item(&mut self, state: &mut State, item: &Item, io: &Io) -> Output {
        if !item.background {
            return self.pipeline(state, &item.pipeline, io);
        }
        let mut own = self.own(state);
        self.background += 1;
        self.pipeline(&mut own, &item.pipeline, io);
        self.background -= 1;
        // What it writes may come before or after anything else.
        state.take_files(own);
        Output::new()
    }

    /// A state of its own for a shell below this one.
    fn own(&mut self, state: &State) -> State {
        self.budget = self.budget.saturating_sub(state.weight());
        state.clone()
    }

    /// The stages of a pipeline: each reads what the one before writes. The last
    /// one may run in this shell (zsh, `lastpipe`), the others never do.
    fn pipeline(&mut self, state: &mut State, pipeline: &Pipeline, io: &Io) -> Output {
        let Some((last, before)) = pipeline.stages.split_last() else { return vec![Vec::new()] };
        let mut io = io.clone();
        for stage in before {
            let mut own = self.own(state);
            let output = self.stage(&mut own, stage, &io);
            state.take_files(own);
            io.input = fed(&output, stage);
        }
        if before.is_empty() {
            return self.stage(state, last, &io);
        }
        // Whether it runs in this shell depends on the shell.
        let mut own = self.own(state);
        let output = self.stage(&mut own, last, &io);
        state.merge(own);
        output
    }

    /// One command with its redirections.
    fn stage(&mut self, state: &mut State, one: &Stage, io: &Io) -> Output {
        if !self.spend(1, state) {
            return Output::new();
        }
        let mut io = io.clone();
        if io.input == Input::Inherited {
            io.input.clone_from(&state.input);
        }
        let writes = self.redirections(state, &one.redirections, &mut io);
        if let Kind::Simple { assignments, words } = &one.kind {
            // `exec` without a program moves the shell's own streams.
            if assignments.is_empty() && words.len() == 1 && words.iter().all(|word| word.source == b"exec") {
                state.input = io.input;
                return vec![Vec::new()];
            }
            let output = self.simple(state, assignments, words, &io);
            return Self::write(state, &writes, output);
        }
        let output = self.compound(state, &one.kind, &io);
        Self::write(state, &writes, output)
    }

    fn compound(&mut self, state: &mut State, kind: &Kind, io: &Io) -> Output {
        match kind {
            Kind::Simple { .. } => Output::new(),
            Kind::Group(script) => self.script(state, script, io),
            Kind::Subshell(script) => {
                let mut own = self.own(state);
                let output = self.script(&mut own, script, io);
                state.take_files(own);
                output
            }
            Kind::If(branches) => self.branches(state, branches, io),
            Kind::While { condition, body } => {
                state.forget_assigned(&[condition, body]);
                self.script(state, condition, io);
                // Of the turns, which write alike, one is enough.
                self.maybe(state, body, io)
            }
            Kind::For { names, words, body } => self.for_each(state, names, words.as_deref(), body, io),
            Kind::ForArithmetic { header, body } => {
                self.expressions(state, header);
                state.forget_assigned(&[body]);
                self.maybe(state, body, io)
            }
            Kind::Case { subject, arms } => {
                self.expressions(state, subject);
                let mut states = vec![self.own(state)];
                for (patterns, body) in arms {
                    for pattern in patterns {
                        self.expressions(state, pattern);
                    }
                    let mut own = self.own(state);
                    self.script(&mut own, body, io);
                    states.push(own);
                }
                self.settle(state, &mut states);
                Output::new()
            }
            Kind::Function { name, body } => {
                for fields in self.expand(state, name, false) {
                    for name in fields {
                        // The shell calls it for any command that there is none of.
                        if name.bytes.starts_with(b"command_not_found_handle") {
                            let mut own = self.own(state);
                            self.stage(&mut own, body, &Io::default());
                        }
                        state.functions.insert(name.bytes, vec![Rc::new((**body).clone())]);
                    }
                }
                vec![Vec::new()]
            }
            Kind::Test(words) => {
                for word in words {
                    for value in self.expand(state, word, false).into_iter().flatten() {
                        self.subscripts(state, &value.bytes);
                    }
                }
                vec![Vec::new()]
            }
            Kind::Arithmetic(word) => {
                let before = std::mem::replace(&mut self.arithmetic, true);
                self.expressions(state, word);
                self.arithmetic = before;
                vec![Vec::new()]
            }
            Kind::Coprocess(body) => {
                let mut own = self.own(state);
                // It reads what is written to it later.
                let io = Io { input: Input::Unknown("the coprocess's writer".to_owned()) };
                self.stage(&mut own, body, &io);
                Output::new()
            }
        }
    }

    /// `if`: each condition runs where those before failed, and one body at most.
    fn branches(&mut self, state: &mut State, branches: &[(Option<Script>, Script)], io: &Io) -> Output {
        let mut states = Vec::new();
        let mut has_else = false;
        // What each branch writes, one behind the other.
        let mut written = vec![Vec::new()];
        for (condition, body) in branches {
            match condition {
                Some(condition) => {
                    self.script(state, condition, io);
                }
                None => has_else = true,
            }
            let mut own = self.own(state);
            let output = self.script(&mut own, body, io);
            written = joined(&written, &output);
            states.push(own);
        }
        if has_else && let Some(last) = states.pop() {
            *state = last;
        }
        self.settle(state, &mut states);
        written
    }

    /// A body that runs once, several times, or never.
    fn maybe(&mut self, state: &mut State, body: &Script, io: &Io) -> Output {
        let mut own = self.own(state);
        let output = self.script(&mut own, body, io);
        state.merge(own);
        output
    }

    fn for_each(
        &mut self,
        state: &mut State,
        names: &[String],
        words: Option<&[Word]>,
        body: &Script,
        io: &Io,
    ) -> Output {
        let mut values: Vec<Value> = Vec::new();
        match words {
            Some(words) => {
                for word in words {
                    for fields in self.expand(state, word, true) {
                        values.extend(fields);
                    }
                }
            }
            None => values.extend(state.positional_values()),
        }
        state.forget_assigned(&[body]);
        let certain = !values.is_empty() && values.iter().all(|value| !value.may_split());
        for name in names {
            state.assign(name, Variable::any_of(values.clone()));
        }
        if certain && !state::may_leave(body) {
            self.script(state, body, io)
        } else {
            self.maybe(state, body, io)
        }
    }

    /// A word that is no argument: what it substitutes runs.
    fn expressions(&mut self, state: &mut State, word: &Word) {
        self.expand(state, word, false);
    }

    /// What the redirections feed, and where they write to.
    fn redirections(&mut self, state: &mut State, all: &[Redirection], io: &mut Io) -> Vec<(Value, bool)> {
        let mut writes = Vec::new();
        for one in all {
            let standard = |number: &str| one.descriptor.as_deref().is_none_or(|given| given == number);
            let targets = self.expand(state, &one.target, false);
            let Some(target) = targets.first().and_then(|fields| fields.first()).cloned() else { continue };
            match one.kind {
                RedirectionKind::HereDocument | RedirectionKind::HereString => {
                    let mut text = target.bytes;
                    if one.kind == RedirectionKind::HereString {
                        text.push(b'\n');
                    }
                    if standard("0") {
                        io.input = Input::Known(text);
                    } else {
                        state.describe(one.descriptor.as_deref(), Some(&text));
                    }
                    continue;
                }
                RedirectionKind::DuplicateInput => {
                    let number = String::from_utf8_lossy(&target.bytes).into_owned();
                    if standard("0") && number != "0" && number != "-" {
                        io.input = self.file_input(state, &Value::known(format!("/dev/fd/{number}")));
                    }
                    continue;
                }
                RedirectionKind::Duplicate => {
                    let number = String::from_utf8_lossy(&target.bytes).into_owned();
                    if let Some(file) = state.descriptors.get(&number).filter(|_| standard("1")) {
                        writes.push((file.clone(), true));
                    }
                    continue;
                }
                RedirectionKind::Read => {
                    let input = self.file_input(state, &target);
                    if standard("0") {
                        io.input = input;
                    } else {
                        let text = if let Input::Known(text) = input { Some(text) } else { None };
                        state.describe(one.descriptor.as_deref(), text.as_deref());
                    }
                }
                RedirectionKind::Write | RedirectionKind::Append | RedirectionKind::ReadWrite => {
                    if standard("1") {
                        writes.push((target.clone(), one.kind == RedirectionKind::Append));
                    } else if let Some(number) = &one.descriptor {
                        state.descriptors.insert(number.clone(), target.clone());
                    }
                }
            }
            for fields in targets {
                for target in fields.into_iter().filter(|target| !is_stream(&target.bytes)) {
                    self.push(state, &What::Redirection(one.kind, target), None, false);
                }
            }
        }
        writes
    }

    /// Keeps what a command writes into files, which may be run later.
    fn write(state: &mut State, writes: &[(Value, bool)], output: Output) -> Output {
        if writes.is_empty() {
            return output;
        }
        for (file, append) in writes {
            state.written(file, output.first().map(Vec::as_slice).filter(|_| output.len() == 1), *append);
        }
        vec![Vec::new()]
    }
}

/// What is fed on to the next stage.
fn fed(output: &Output, stage: &Stage) -> Input {
    match output.as_slice() {
        [] => Input::Unknown(named(stage)),
        // Of several, the last is the one with escapes undone.
        [.., last] => Input::Known(last.clone()),
    }
}

fn named(stage: &Stage) -> String {
    match &stage.kind {
        Kind::Simple { words, .. } => words
            .first()
            .map_or_else(|| "it".to_owned(), |word| String::from_utf8_lossy(&word.source).into_owned()),
        _ => "a group of commands".to_owned(),
    }
}

/// One text after the other.
fn joined(before: &Output, output: &Output) -> Output {
    if before.len() * output.len() > 4 {
        return Output::new();
    }
    before.iter().flat_map(|one| output.iter().map(move |other| [one.as_slice(), other].concat())).collect()
}

/// Files that are this process's streams, or none.
fn is_stream(path: &[u8]) -> bool {
    matches!(path, b"/dev/null" | b"/dev/tty" | b"/dev/stdout" | b"/dev/stderr" | b"/dev/stdin")
        || path.starts_with(b"/dev/fd/")
}

/// Whether a pipeline surely succeeds, so that what follows `&&` runs.
fn succeeds(pipeline: &Pipeline) -> bool {
    let [stage] = pipeline.stages.as_slice() else { return false };
    let Kind::Simple { words, .. } = &stage.kind else { return matches!(stage.kind, Kind::Function { .. }) };
    let sure: [&[u8]; 8] = [b"export", b"echo", b"true", b":", b"set", b"printf", b"alias", b"local"];
    stage.redirections.is_empty() && words.first().is_none_or(|word| sure.contains(&word.source.as_slice()))
}

#[cfg(test)]
mod tests;

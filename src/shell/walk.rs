//! A script in the order of its execution, as far as that is known before it
//! runs: which simple commands it may run, with which words, where.
//!
//! What is known is followed (`T=terraform; $T destroy`, a function's arguments,
//! text that is piped into a shell); what is not becomes a hole in a value.
//! Where the script branches, every branch is walked, and afterwards a variable
//! may have the value of each.

mod builtins;
mod carried;
mod compound;
mod expand;
mod files;
mod idioms;
mod look_up;
mod parameter;
mod redirections;
mod script;
mod shared;
mod simple;
mod state;
mod typed;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::Opaque;
use super::inner::Place;
use super::parse::{self, Dialect};
use super::syntax::{RedirectionKind, Stage};
use super::value::{HOLE, HOLES, Value};
use state::{State, Variable};

/// How deep functions, `eval`, `sh -c` and wrappers may stand in each other.
const CALL_DEPTH: usize = 24;

/// How often a function may stand in itself: it runs the same again.
const RECURSION: usize = 2;

/// In how many environments and directories one command of a script is looked at.
const SITUATIONS: usize = 2;

/// How many different things a text may run before it is no longer followed.
const MAX_RUNS: usize = 8_000;

/// The same of a script that was asked about, for which nobody waits at a prompt.
const MAX_SCRIPT_RUNS: usize = 30_000;

/// The most work that is done for a script, however long it is.
const MOST_WORK: u64 = 24_000_000;

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
    /// Set where a script file holds it, rather than a line that was asked about.
    pub from_file: bool,
    /// Where it stands in a script that was asked about, in bytes.
    pub at: Option<usize>,
    /// What it reads on standard input, where that is known.
    pub input: Option<Vec<u8>>,
    /// Set where all that it does is to run something else, which is listed too.
    pub carries: bool,
    /// Whether its program is looked for as the shell that was given the text does
    /// by itself: nothing in the text is such that it may change what a name stands for.
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
    /// What the text is.
    pub form: Form,
}

/// What a text is that is asked about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// A line that somebody is about to run.
    #[default]
    Line,
    /// A script, which may be run with any arguments: only what is certain in it
    /// counts, its functions are taken to be called, and each command has its place. With
    /// the shell that runs it.
    Script(Dialect),
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
    match surroundings.form {
        Form::Line => drop(walk.text(&mut state, text, &Io::default())),
        Form::Script(dialect) => walk.whole_script(&mut state, text, dialect),
    }
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
    traps: Vec<(Value, Option<usize>)>,
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
    /// Where the command stands that is being walked, in a script that was asked about.
    here: Option<usize>,
    /// Where the function was called that is being walked.
    called_at: Option<usize>,
    /// The functions of a script that was asked about, and the places of those that
    /// were called.
    defined: Vec<Rc<Stage>>,
    called: HashSet<usize>,
    /// How often functions within functions were called with the same arguments.
    calls_alike: HashMap<u64, u8>,
}

impl<'a> Walk<'a> {
    fn new(surroundings: Surroundings<'a>, length: usize) -> Self {
        let budget = match surroundings.form {
            Form::Line => 400_000 + 64 * length as u64,
            // Nobody waits for it at a prompt.
            Form::Script(_) => MOST_WORK.min(4_000_000 + 256 * length as u64),
        };
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
            here: None,
            called_at: None,
            defined: Vec::new(),
            called: HashSet::new(),
            calls_alike: HashMap::new(),
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
        let settled = state.settled.get();
        self.runs.iter_mut().for_each(|run| run.plain = settled);
        self.runs
    }

    fn run_traps(&mut self, state: &mut State) {
        for (text, at) in std::mem::take(&mut self.traps) {
            let around = std::mem::replace(&mut self.here, at);
            self.unknown_or_text(state, &text, &Io::default());
            self.here = around;
        }
    }

    /// Takes `amount` from what may still be done; false where it is used up.
    fn spend(&mut self, amount: usize, state: &State) -> bool {
        self.budget = self.budget.saturating_sub(amount as u64 + 1);
        if self.exhausted {
            return false;
        }
        let most = match self.surroundings.form {
            Form::Line => MAX_RUNS,
            Form::Script(_) => MAX_SCRIPT_RUNS,
        };
        if self.budget == 0 || self.runs.len() > most {
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
        state.settles(false);
        self.push(state, &What::Opaque(why.into()), None, false);
    }

    /// Notes that something runs what is typed into it, where nobody sees that: also
    /// where a script file starts it.
    fn typed_into(&mut self, state: &State) {
        if self.surroundings.typing == Typing::Unseen {
            let scripts = std::mem::take(&mut self.scripts);
            self.opaque(state, "it runs what is typed into it later, which nobody judges then");
            self.scripts = scripts;
        }
    }

    /// Notes that something runs, for each directory that it may run in.
    fn push(&mut self, state: &State, what: &What, input: Option<&[u8]>, carries: bool) {
        // Of a script, what no rule could ever speak of is not noted.
        let silent =
            |words: &[Value]| words.first().is_some_and(|word| SILENT.contains(&word.bytes.as_slice()));
        if self.exhausted || (self.scripts > 0 && matches!(what, What::Command(words) if silent(words))) {
            return;
        }
        // Of a script, each command is told of once.
        let most = if matches!(self.surroundings.form, Form::Script(_)) { SITUATIONS } else { usize::MAX };
        for (directory, environment) in state.situations(most) {
            if most == SITUATIONS {
                self.budget = self.budget.saturating_sub(environment.len() as u64);
            }
            let run = Run {
                what: what.clone(),
                environment,
                clears: state.clears,
                directory,
                place: state.place,
                from_file: self.scripts > 0,
                at: self.here,
                input: input.map(<[u8]>::to_vec),
                carries,
                plain: true,
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
        let read = match self.surroundings.form {
            Form::Line => parse::parse(text),
            Form::Script(dialect) => parse::parse_within(text, dialect),
        };
        match read {
            Ok(script) => self.script(state, &script, io),
            Err(Opaque(why)) => {
                // What stands in a script for certain, and cannot be read, is told.
                let certain = matches!(self.surroundings.form, Form::Script(_))
                    && !text.iter().any(|byte| matches!(*byte, HOLE | HOLES));
                let scripts = if certain { std::mem::take(&mut self.scripts) } else { self.scripts };
                self.opaque(state, why);
                self.scripts = scripts;
                Output::new()
            }
        }
    }
}

#[cfg(test)]
mod tests;

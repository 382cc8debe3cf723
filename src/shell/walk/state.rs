//! What is known at one point of a script.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::shared::{Has, Shared};
use super::{Input, Surroundings, look_up};
use crate::files::clean;
use crate::shell::inner::Place;
use crate::shell::syntax::{Kind, Script, Stage};
use crate::shell::value::{HOLE, HOLES, Value};

/// How many values a variable may have at once, before it is not known.
const ALTERNATIVES: usize = 16;

/// The longest value that is followed, in bytes.
const LONGEST: usize = 64 << 10;

/// How many elements an array may have and still be followed.
const ELEMENTS: usize = 2_048;

/// How many combinations of values are told apart.
pub(super) const COMBINATIONS: usize = 16;

/// A variable with every value that it may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Variable {
    /// Each a list of elements; one, where it is no array.
    pub(super) values: Vec<Vec<Value>>,
    /// Whether programs see it.
    pub(super) exported: bool,
    /// Whether it may be unset.
    pub(super) maybe_unset: bool,
}

impl Variable {
    pub(super) fn one(value: Value) -> Self {
        Self { values: vec![vec![value]], exported: false, maybe_unset: false }
    }

    pub(super) fn array(elements: Vec<Value>) -> Self {
        Self { values: vec![elements], exported: false, maybe_unset: false }
    }

    /// One of these; not known where there are none or too many.
    pub(super) fn any_of(mut values: Vec<Value>) -> Self {
        let mut seen = BTreeSet::new();
        values.retain(|value| seen.insert(value.bytes.clone()));
        if values.is_empty() || values.len() > ALTERNATIVES {
            return Self::unknown();
        }
        Self {
            values: values.into_iter().map(|value| vec![value]).collect(),
            exported: false,
            maybe_unset: false,
        }
    }

    pub(super) fn unknown() -> Self {
        Self::one(Value::known([HOLES]))
    }

    /// What it is where it may be this one or another.
    fn either(&self, other: &Self) -> Self {
        let exported = self.exported || other.exported;
        let new = other.values.iter().filter(|value| !self.values.contains(value));
        let values: Vec<Vec<Value>> = self.values.iter().chain(new).cloned().collect();
        if values.len() > ALTERNATIVES {
            return Self { exported, ..Self::unknown() };
        }
        Self { values, exported, maybe_unset: self.maybe_unset || other.maybe_unset }
    }
}

/// Variables that are set or removed, in order.
pub(super) type Variables = Vec<(String, Option<Value>)>;

/// A file that the script wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Written {
    /// Its content, where that is known.
    pub(super) text: Option<Vec<u8>>,
}

#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) variables: Shared<String, Variable>,
    /// Every body that a function may have.
    pub(super) functions: Shared<Vec<u8>, Vec<Rc<Stage>>>,
    pub(super) aliases: Shared<Vec<u8>, Vec<u8>>,
    /// `$1` and so on, with every list that they may be; `None` where not known.
    pub(super) positional: Option<Vec<Vec<Value>>>,
    /// Every directory that it may be; `None` among them is one that is not known.
    pub(super) directories: Vec<Option<PathBuf>>,
    pub(super) previous: Vec<Option<PathBuf>>,
    pub(super) stack: Vec<Vec<Option<PathBuf>>>,
    pub(super) home: Option<PathBuf>,
    pub(super) files: Shared<PathBuf, Written>,
    /// What programs read where nothing else is fed to them (`exec < file`).
    pub(super) input: Input,
    /// Files that are open for writing, by their number.
    pub(super) descriptors: Shared<String, Value>,
    /// Files that are another program by another name.
    pub(super) programs: Shared<PathBuf, Value>,
    /// Variables set for programs alone (`env A=b`, `sudo A=b`, `A=b cmd`).
    pub(super) environment: Vec<(String, Option<Vec<Value>>)>,
    pub(super) clears: bool,
    pub(super) exports_all: bool,
    pub(super) place: Place,
    /// Cleared, for the whole text, by the first thing that may change where programs
    /// are looked for.
    pub(super) settled: Rc<Cell<bool>>,
    inherited: BTreeSet<String>,
}

impl State {
    pub(super) fn new(surroundings: Surroundings<'_>) -> Self {
        Self {
            variables: Shared::new(),
            functions: Shared::new(),
            aliases: Shared::new(),
            // A line is given none.
            positional: Some(Vec::new()),
            directories: vec![surroundings.directory.map(Path::to_path_buf)],
            previous: vec![None],
            stack: Vec::new(),
            home: surroundings.home.map(Path::to_path_buf),
            files: Shared::new(),
            input: Input::Inherited,
            descriptors: Shared::new(),
            programs: Shared::new(),
            environment: Vec::new(),
            clears: false,
            exports_all: false,
            place: surroundings.place,
            settled: Rc::new(Cell::new(true)),
            inherited: BTreeSet::new(),
        }
    }

    /// What a copy costs.
    pub(super) fn weight(&self) -> u64 {
        let entries = self.variables.len() + self.functions.len() + self.aliases.len() + self.files.len();
        8 + entries as u64
    }

    /// Gives a variable a value. One that programs see already stays seen.
    pub(super) fn assign(&mut self, name: &str, variable: Variable) {
        let was = self.variables.get(name).is_some_and(|variable| variable.exported);
        let exported = was || variable.exported || self.exports_all || self.inherited.contains(name);
        let too_long = |value: &Value| value.bytes.len() > LONGEST;
        let elements: usize = variable.values.iter().map(Vec::len).sum();
        let variable = if elements > ELEMENTS || variable.values.iter().flatten().any(too_long) {
            Variable::unknown()
        } else {
            variable
        };
        self.variables.insert(name.to_owned(), Variable { exported, ..variable });
        self.settles(!look_up::is_special(name));
    }

    /// Notes whether something leaves alone where programs are looked for.
    pub(super) fn settles(&self, leaves: bool) {
        if !leaves {
            self.settled.set(false);
        }
    }

    /// Notes that the caller's environment has `name`, so that giving it a value
    /// changes what programs see.
    pub(super) fn inherits(&mut self, name: &str) {
        self.inherited.insert(name.to_owned());
    }

    /// The positional parameters one by one, every value that each may have.
    pub(super) fn positional_values(&self) -> Vec<Value> {
        match &self.positional {
            Some(lists) => lists.iter().flatten().cloned().collect(),
            None => vec![Value::known([HOLES])],
        }
    }

    /// The directories and environments that a program may be started with here: the
    /// first of them, `most` at most.
    pub(super) fn situations(&self, most: usize) -> Vec<(Option<PathBuf>, Variables)> {
        let mut environments: Vec<Variables> = vec![Vec::new()];
        // How many there are, with those that are not made.
        let mut combinations = 1;
        let exported =
            self.variables.iter().filter(|(_, variable)| variable.exported).map(|(name, variable)| {
                let mut values: Vec<Option<Value>> =
                    variable.values.iter().map(|elements| elements.first().cloned()).collect();
                if variable.maybe_unset {
                    values.push(None);
                }
                (name.clone(), values)
            });
        let own = self.environment.iter().map(|(name, values)| {
            let values =
                values.as_ref().map_or(vec![None], |values| values.iter().cloned().map(Some).collect());
            (name.clone(), values)
        });
        for (name, values) in exported.chain(own) {
            let values = match values.len() * combinations {
                0 => vec![None],
                1..=COMBINATIONS => values,
                _ => vec![Some(Value::unknown())],
            };
            combinations *= values.len();
            let with = |value: &Option<Value>| {
                let value = value.clone().map(|value| quoted(&value));
                environments
                    .iter()
                    .cloned()
                    .map(|mut environment| {
                        environment.push((name.clone(), value.clone()));
                        environment
                    })
                    .collect::<Vec<_>>()
            };
            environments = values.iter().flat_map(with).take(most).collect();
        }
        self.directories
            .iter()
            .flat_map(|directory| environments.iter().map(move |one| (directory.clone(), one.clone())))
            .take(most)
            .collect()
    }

    /// Hides every variable from programs.
    pub(super) fn hide_all(&mut self) {
        let exported = self.variables.iter().filter(|(_, variable)| variable.exported);
        for name in exported.map(|(name, _)| name.clone()).collect::<Vec<_>>() {
            if let Some(variable) = self.variables.get_mut(&name) {
                variable.exported = false;
            }
        }
    }

    /// Takes in a state that this point may be reached with as well. Gives how much
    /// was different.
    pub(super) fn merge(&mut self, other: Self) -> usize {
        let mut looked_at = self.variables.merge(&other.variables, &mut |has| match has {
            Has::Own(one) | Has::Other(one) if one.1.maybe_unset => Rc::clone(one),
            Has::Own(one) | Has::Other(one) => {
                Rc::new((one.0.clone(), Variable { maybe_unset: true, ..one.1.clone() }))
            }
            Has::Both(one, another) if one.1 == another.1 => Rc::clone(one),
            Has::Both(one, another) => Rc::new((one.0.clone(), one.1.either(&another.1))),
        });
        looked_at += self.functions.merge(&other.functions, &mut |has| match has {
            Has::Own(one) | Has::Other(one) => Rc::clone(one),
            Has::Both(one, another) => {
                let mut bodies = one.1.clone();
                for body in &another.1 {
                    if !bodies.iter().any(|one| Rc::ptr_eq(one, body)) && bodies.len() < COMBINATIONS {
                        bodies.push(Rc::clone(body));
                    }
                }
                if bodies.len() == one.1.len() { Rc::clone(one) } else { Rc::new((one.0.clone(), bodies)) }
            }
        });
        looked_at += self.aliases.extend(&other.aliases);
        if self.positional != other.positional {
            self.positional = None;
        }
        for directory in other.directories {
            if !self.directories.contains(&directory) {
                self.directories.push(directory);
            }
        }
        if self.directories.len() > 4 {
            self.directories = vec![None];
        }
        if self.previous != other.previous {
            self.previous = vec![None];
        }
        self.exports_all |= other.exports_all;
        if self.input != other.input {
            self.input = Input::Unknown("one of several files".to_owned());
        }
        looked_at += self.descriptors.extend(&other.descriptors);
        looked_at += self.programs.extend(&other.programs);
        looked_at += self.files.merge(&other.files, &mut |has| match has {
            Has::Own(one) | Has::Other(one) => Rc::clone(one),
            Has::Both(one, another) if one.1 == another.1 => Rc::clone(one),
            Has::Both(one, _) => Rc::new((one.0.clone(), Written { text: None })),
        });
        looked_at
    }

    /// Keeps the files that a shell below this one wrote.
    pub(super) fn take_files(&mut self, own: &Self) {
        self.files.extend(&own.files);
        self.programs.extend(&own.programs);
    }

    /// Notes what is read from a descriptor other than standard input.
    pub(super) fn describe(&mut self, number: Option<&str>, text: Option<&[u8]>) {
        let Some(number) = number else { return };
        let number = number.trim_matches(['{', '}']);
        self.files.insert(format!("/dev/fd/{number}").into(), Written { text: text.map(<[u8]>::to_vec) });
        // `{name}<` gives the variable the number.
        if !number.chars().all(|c| c.is_ascii_digit()) {
            self.assign(number, Variable::one(Value::known(number)));
        }
    }

    /// The program that a file is, where it was made a copy of one on this line.
    pub(super) fn program(&self, word: &Value) -> Option<Value> {
        if word.bytes.contains(&b'/') {
            return self.programs.get(&self.path(word)?).cloned();
        }
        // By its name alone only where somebody changed the look-up.
        let name = word.text().filter(|_| self.variables.contains_key("PATH"))?;
        let named = |path: &Path| path.file_name().is_some_and(|file| file == name);
        self.programs.iter().find(|(path, _)| named(path)).map(|(_, program)| program.clone())
    }

    /// Notes what was written into `file`.
    pub(super) fn written(&mut self, file: &Value, text: Option<&[u8]>, append: bool) {
        let Some(path) = self.path(file) else { return };
        let before = self.files.get(&path).filter(|_| append).map(|written| written.text.clone());
        let text = match (before, text) {
            (Some(Some(before)), Some(text)) if before.len() + text.len() <= LONGEST * 4 => {
                Some([before.as_slice(), text].concat())
            }
            (None, Some(text)) => Some(text.to_vec()),
            _ => None,
        };
        self.files.insert(path, Written { text });
    }

    /// A path from the directory, where both are known.
    pub(super) fn path(&self, path: &Value) -> Option<PathBuf> {
        use std::os::unix::ffi::OsStrExt as _;
        let path = Path::new(std::ffi::OsStr::from_bytes(&path.bytes)).to_path_buf();
        if path.as_os_str().as_bytes().iter().any(|byte| matches!(*byte, HOLE | HOLES)) {
            return None;
        }
        if path.is_absolute() {
            return Some(clean(&path));
        }
        match self.directories.as_slice() {
            [Some(directory)] => Some(clean(&directory.join(path))),
            _ => None,
        }
    }

    /// Makes what a loop's body assigns not known at its beginning: it may be
    /// there from the turn before.
    pub(super) fn forget_assigned(&mut self, scripts: &[&Script]) {
        let mut names = BTreeSet::new();
        let mut everything = false;
        for script in scripts {
            assigned(script, &mut names, &mut everything);
        }
        self.forget(names, everything);
    }

    /// The same of what a function's body assigns.
    pub(super) fn forget_assigned_by(&mut self, body: &Stage) {
        let mut names = BTreeSet::new();
        let mut everything = false;
        stage_assigns(body, &mut names, &mut everything);
        self.forget(names, everything);
    }

    fn forget(&mut self, mut names: BTreeSet<String>, everything: bool) {
        if everything {
            names.extend(self.variables.keys().cloned());
        }
        for name in names {
            // What it was is still one of the values that it may have.
            if let Some(variable) = self.variables.get_mut(&name) {
                variable.values.push(vec![Value::known([HOLES])]);
            }
        }
    }
}

/// Whether a script may end before its last command, or a loop before its last turn.
pub(super) fn may_leave(script: &Script) -> bool {
    script.items.iter().flat_map(|item| &item.pipeline.stages).any(stage_may_leave)
}

pub(super) fn stage_may_leave(stage: &Stage) -> bool {
    match &stage.kind {
        Kind::Simple { words, .. } => words.first().is_some_and(|word| {
            matches!(word.source.as_slice(), b"return" | b"break" | b"continue" | b"exit")
        }),
        Kind::Group(script) => may_leave(script),
        Kind::If(branches) => branches.iter().any(|(_, body)| may_leave(body)),
        Kind::While { body, .. } | Kind::For { body, .. } | Kind::ForArithmetic { body, .. } => {
            may_leave(body)
        }
        Kind::Case { arms, .. } => arms.iter().any(|(_, body)| may_leave(body)),
        _ => false,
    }
}

/// The names that a script may assign; `everything` where it may be any.
fn assigned(script: &Script, names: &mut BTreeSet<String>, everything: &mut bool) {
    for stage in script.items.iter().flat_map(|item| &item.pipeline.stages) {
        stage_assigns(stage, names, everything);
    }
}

fn stage_assigns(stage: &Stage, names: &mut BTreeSet<String>, everything: &mut bool) {
    match &stage.kind {
        Kind::Simple { assignments, words } => {
            names.extend(assignments.iter().map(|one| one.name.clone()));
            let name = words.first().map_or(&b""[..], |word| word.source.as_slice());
            match name {
                b"eval" | b"." | b"source" => *everything = true,
                b"read" | b"export" | b"declare" | b"typeset" | b"local" | b"readonly" | b"printf"
                | b"mapfile" | b"readarray" | b"getopts" | b"unset" | b"let" => {
                    for word in words.iter().skip(1) {
                        let text = String::from_utf8_lossy(&word.source);
                        let name = text.split(['=', '+', '[']).next().unwrap_or_default();
                        names.insert(name.to_owned());
                    }
                }
                _ => {}
            }
        }
        Kind::Group(script) | Kind::Subshell(script) => assigned(script, names, everything),
        Kind::If(branches) => {
            for (condition, body) in branches {
                if let Some(condition) = condition {
                    assigned(condition, names, everything);
                }
                assigned(body, names, everything);
            }
        }
        Kind::While { condition, body } => {
            assigned(condition, names, everything);
            assigned(body, names, everything);
        }
        Kind::For { names: own, body, .. } => {
            names.extend(own.iter().cloned());
            assigned(body, names, everything);
        }
        Kind::ForArithmetic { body, .. } => assigned(body, names, everything),
        Kind::Case { arms, .. } => arms.iter().for_each(|(_, body)| assigned(body, names, everything)),
        Kind::Function { body, .. } | Kind::Coprocess(body) => stage_assigns(body, names, everything),
        Kind::Test(_) | Kind::Arithmetic(_) => {}
    }
}

/// The value as one word: what is not known in it is no separator of words.
pub(super) fn quoted(value: &Value) -> Value {
    let bytes = value.bytes.iter().map(|byte| if *byte == HOLES { HOLE } else { *byte }).collect();
    Value { bytes, source: value.source.clone() }
}

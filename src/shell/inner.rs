//! Programs whose business is to run something else: what that is.
//!
//! One file a family. What a program runs is told from its arguments alone;
//! what it would read (a script, standard input) is named, for the walk to find.

#![expect(
    clippy::unnecessary_wraps,
    reason = "a program that always runs something is asked like those that may run nothing"
)]

mod aliases;
mod consoles;
mod containers;
mod databases;
mod editors;
mod embedded;
mod files;
mod find;
mod git;
mod images;
mod interpreters;
mod launchers;
mod mounts;
mod networks;
mod options;
mod packages;
mod privilege;
mod process;
mod remote;
mod scripts;
mod sed;
mod shells;
mod terminals;
mod tracing;

use super::value::Value;

/// A family: of a program's name and its arguments, what runs in turn.
type Family = fn(&str, &[Value]) -> Option<Vec<Inner>>;

/// The families, in the order in which they are asked. No program is in two.
const FAMILIES: &[Family] = &[
    shells::inner,
    privilege::inner,
    process::inner,
    tracing::inner,
    find::inner,
    files::inner,
    terminals::inner,
    interpreters::inner,
    consoles::inner,
    scripts::inner,
    git::inner,
    embedded::inner,
    sed::inner,
    editors::inner,
    databases::inner,
    remote::inner,
    networks::inner,
    containers::inner,
    launchers::inner,
    packages::inner,
];

/// What a command runs in turn, its program first; `None` where it is nothing else.
///
/// Where words are not known, what is listed may be more than runs: each reading
/// stands for itself.
pub fn inner(words: &[Value]) -> Option<Vec<Inner>> {
    let (program, arguments) = words.split_first()?;
    let name = name_of(program)?;
    FAMILIES
        .iter()
        .find_map(|family| family(&name, arguments))
        .or_else(|| aliases::inner(program, &name, arguments))
        .filter(|inners| !inners.is_empty())
}

/// The name that a program is known by: the last part of its path, in lower
/// case, for file systems that do not tell case apart.
fn name_of(program: &Value) -> Option<String> {
    let last = program.bytes.rsplit(|byte| *byte == b'/').next()?;
    let name = std::str::from_utf8(last).ok()?.to_ascii_lowercase();
    Some(name.strip_suffix(".exe").unwrap_or(&name).to_owned())
}

impl Inner {
    fn words(words: &[Value], changes: &Changes) -> Self {
        Self { runs: Runs::Words(words.to_vec()), changes: changes.clone() }
    }

    fn text(text: Value, arguments: &[Value], changes: &Changes) -> Self {
        Self { runs: Runs::Text { text, arguments: arguments.to_vec() }, changes: changes.clone() }
    }

    fn code(code: Value, language: Language) -> Self {
        Self { runs: Runs::Code { code, language }, changes: Changes::default() }
    }

    fn file(path: Value, language: Option<Language>, arguments: &[Value]) -> Self {
        let runs = Runs::File { path, language, arguments: arguments.to_vec(), sourced: false };
        Self { runs, changes: Changes::default() }
    }

    fn input(language: Language, arguments: &[Value], changes: &Changes) -> Self {
        Self { runs: Runs::Input { language, arguments: arguments.to_vec() }, changes: changes.clone() }
    }

    fn opaque(why: &str) -> Self {
        Self { runs: Runs::Opaque(why.to_owned()), changes: Changes::default() }
    }
}

impl Changes {
    fn place(place: Place) -> Self {
        Self { place, ..Self::default() }
    }

    fn set(&mut self, name: &str, value: Value) {
        self.environment.push((name.to_owned(), Some(value)));
    }

    /// Takes `NAME=value`; false where it is none. With a name that is not known
    /// it is one, of which nothing can be said.
    fn assign(&mut self, word: &Value) -> bool {
        let Some(at) = word.bytes.iter().position(|byte| *byte == b'=').filter(|at| *at > 0) else {
            return false;
        };
        if let Some(name) = word.bytes.get(..at).and_then(|name| std::str::from_utf8(name).ok()) {
            self.set(name, Value::known(word.bytes.get(at + 1..).unwrap_or_default()));
        }
        true
    }
}

/// Words joined by spaces, as programs do that hand them to a shell.
fn joined(words: &[Value]) -> Value {
    let parts: Vec<&[u8]> = words.iter().map(|word| word.bytes.as_slice()).collect();
    Value::known(parts.join(&b' '))
}

/// What of a word stands behind a beginning.
fn after(word: &Value, beginning: &str) -> Option<Value> {
    word.bytes.strip_prefix(beginning.as_bytes()).map(Value::known)
}

/// The words of a command behind options, in each reading, one inner each.
fn each<'a>(tails: impl Iterator<Item = &'a [Value]>, changes: &Changes) -> Option<Vec<Inner>> {
    let inners: Vec<Inner> = tails.map(|tail| Inner::words(tail, changes)).collect();
    (!inners.is_empty()).then_some(inners)
}

/// What a program runs, in each reading of its options, or a shell on standard
/// input where no command is given.
fn command_or_shell<'a>(tails: impl Iterator<Item = &'a [Value]>, changes: &Changes) -> Option<Vec<Inner>> {
    each(tails, changes).or_else(|| Some(vec![Inner::input(Language::Shell, &[], changes)]))
}

/// What a program runs, in each reading, behind so many operands of its own.
fn behind<'a>(
    tails: impl Iterator<Item = &'a [Value]>,
    operands: usize,
    changes: &Changes,
) -> Option<Vec<Inner>> {
    each(tails.filter_map(|tail| tail.get(operands..)).filter(|tail| !tail.is_empty()), changes)
}

/// What a program runs, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inner {
    /// What runs.
    pub runs: Runs,
    /// What is different there.
    pub changes: Changes,
}

/// What runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Runs {
    /// A command: the program and its arguments.
    Words(Vec<Value>),
    /// A command to which words from standard input are added at the end; or,
    /// line by line, each whole line wherever `replaces` stands in a word.
    WordsFromInput {
        /// The program and its arguments.
        words: Vec<Value>,
        /// `{}` of `xargs -I{}`.
        replaces: Option<Vec<u8>>,
    },
    /// Shell text, with `$0` and the positional parameters.
    Text {
        /// The text.
        text: Value,
        /// `$0`, `$1` and so on.
        arguments: Vec<Value>,
    },
    /// Source code of a language.
    Code {
        /// The code.
        code: Value,
        /// The language.
        language: Language,
    },
    /// A file of a language, or of that which its first line names.
    File {
        /// The path.
        path: Value,
        /// The language, where the program is its interpreter.
        language: Option<Language>,
        /// `$1` and so on.
        arguments: Vec<Value>,
        /// Set where the calling shell itself runs it (`source`).
        sourced: bool,
    },
    /// What comes from standard input.
    Input {
        /// In which language.
        language: Language,
        /// `$1` and so on.
        arguments: Vec<Value>,
    },
    /// Something that cannot be told, and why.
    Opaque(String),
}

/// What is different for what runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Variables that are set, or removed, in order.
    pub environment: Vec<(String, Option<Value>)>,
    /// Whether every other variable is removed first (`env -i`).
    pub clears: bool,
    /// The directory, where it is another; relative to the one before.
    pub directory: Option<Value>,
    /// Where it runs, where that is elsewhere.
    pub place: Place,
    /// Whether standard input is something else than the program's own.
    pub other_input: bool,
}

/// Where a command runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// On this machine.
    #[default]
    Here,
    /// In a container or a sandbox of this machine, which is its own to break.
    Container,
    /// On another machine.
    Remote,
}

/// A language that an interpreter reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// sh and its kin.
    Shell,
    /// fish, PowerShell, nushell: shells of another grammar.
    OtherShell,
    /// Python.
    Python,
    /// JavaScript and TypeScript.
    JavaScript,
    /// Perl.
    Perl,
    /// Ruby.
    Ruby,
    /// awk.
    Awk,
    /// PHP.
    Php,
    /// ed and ex, whose `!` runs what follows it.
    Editor,
}

#[cfg(test)]
mod tests;

//! Programs whose business is to run something else: what that is.
//!
//! One file a family. What a program runs is told from its arguments alone;
//! what it would read (a script, standard input) is named, for the walk to find.

use super::value::Value;

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
    /// A command to which words from standard input are added: at the end, or
    /// wherever `replaces` stands in a word.
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
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
}

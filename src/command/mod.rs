//! Argv to a parsed command, by the tool's own grammar.
//!
//! Everything here is pure: variables that the tool folds into its arguments
//! (`TF_CLI_ARGS`) are handed in as data. What is parsed is always the argv
//! that will be passed on, so what is judged is what runs.

pub mod generic;
pub mod terraform;

use std::ffi::{OsStr, OsString};

use crate::process::Environment;

/// One flag as the tool's grammar reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// The name with the dashes that the tool's documentation uses: `-lock`.
    pub name: String,
    /// The value; `None` for a bare boolean flag.
    pub value: Option<OsString>,
}

/// Why a command line does nothing but print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inert {
    /// A help flag.
    Help,
    /// A version flag.
    Version,
    /// A shell asks for completions.
    Completion,
    /// The tool prints its usage or an error, because no command was found.
    Usage,
}

/// A command line, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The tool's name, as the rulebook has it.
    pub tool: String,
    /// The tool's own command, aliases resolved: `["state", "rm"]`.
    pub path: Vec<String>,
    /// Whether the grammar has this command.
    pub known: bool,
    /// Flags in the order given.
    pub flags: Vec<Flag>,
    /// Arguments that are neither command, flag nor a flag's value.
    pub operands: Vec<OsString>,
    /// Set where a flag's arity is not known, so that what follows it may be
    /// read in two ways. Rules then assume the worse reading.
    pub uncertain: bool,
    /// Set where the command line only prints.
    pub inert: Option<Inert>,
    /// The directory the tool changes to before it starts (`-chdir`).
    pub directory: Option<OsString>,
    /// The arguments that are passed on, without the tool's name.
    pub arguments: Vec<OsString>,
    /// Variables folded into `arguments`, to be kept from the tool, by prefix.
    pub folded: Option<&'static str>,
    /// Set where the tool may ask a question on standard input whose yes would
    /// do more than the command line tells, with the variable and value that
    /// keep it from asking.
    pub may_ask: Option<(&'static str, &'static str)>,
}

impl Command {
    /// A command line of which nothing is understood yet.
    fn unread(tool: &str, arguments: Vec<OsString>) -> Self {
        Self {
            tool: tool.to_owned(),
            path: Vec::new(),
            known: true,
            flags: Vec::new(),
            operands: Vec::new(),
            uncertain: false,
            inert: None,
            directory: None,
            arguments,
            folded: None,
            may_ask: None,
        }
    }

    /// The command path as one string: `state rm`.
    pub fn name(&self) -> String {
        self.path.join(" ")
    }

    /// The last value given for a flag; the outer `None` means that it is absent.
    pub fn flag(&self, name: &str) -> Option<Option<&OsStr>> {
        self.flags.iter().rev().find(|flag| flag.name == name).map(|flag| flag.value.as_deref())
    }

    /// Every value given for a flag, in order.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Option<&'a OsStr>> {
        self.flags.iter().filter(move |flag| flag.name == name).map(|flag| flag.value.as_deref())
    }
}

/// Arguments that no grammar can be sure about.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// A variable that the tool splits into words cannot be split.
    #[error("{variable} cannot be read: {reason}")]
    Variable {
        /// The variable's name.
        variable: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Whether `tool` has a grammar of its own.
pub fn has_grammar(tool: &str) -> bool {
    matches!(tool, "terraform" | "tofu")
}

/// The command that an unknown one may be a slip of.
pub fn nearest(command: &Command) -> Option<&'static str> {
    let name = command.name();
    let near = |known: &&str| strsim::damerau_levenshtein(&name, known) <= 2;
    (has_grammar(&command.tool) && !command.known).then(|| terraform::commands().find(near)).flatten()
}

/// Parses `arguments` (without the tool's name) by the grammar of `tool`.
///
/// # Errors
/// Where a variable that the tool would fold into its arguments cannot be read.
pub fn parse(tool: &str, arguments: &[OsString], environment: &Environment) -> Result<Command, CommandError> {
    match tool {
        "terraform" | "tofu" => terraform::parse(tool, arguments, environment),
        _ => Ok(generic::parse(tool, arguments)),
    }
}

//! Argv to a parsed command, by the tool's own grammar.
//!
//! Everything here is pure: variables that the tool folds into its arguments
//! (`TF_CLI_ARGS`) are handed in as data. What is parsed is always the argv
//! that will be passed on, so what is judged is what runs.

pub mod aws;
pub mod cobra;
pub mod declared;
pub mod generic;
pub mod helm;
pub mod here;
pub mod kubectl;
pub mod terraform;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::process::Environment;

/// One flag as the tool's grammar reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// The name with the dashes that the tool's documentation uses: `-lock`.
    pub name: String,
    /// The value; `None` for a bare boolean flag.
    pub value: Option<OsString>,
}

impl Flag {
    /// The flag's boolean value, as Go's `strconv.ParseBool` reads it; a bare
    /// flag is true.
    pub fn boolean(&self) -> Option<bool> {
        let Some(value) = &self.value else { return Some(true) };
        match value.to_str()? {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
            _ => None,
        }
    }
}

/// An object that a command line names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its kind: the plural, lower-case name, `persistentvolumeclaims`.
    pub kind: String,
    /// Its name; `None` where every one, or those of a selector, are meant.
    pub name: Option<String>,
}

/// One field that a body sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Where it stands: `spec.replicas`. A list's members stand under the list.
    pub path: String,
    /// What it becomes, `null` where it is removed.
    pub value: String,
    /// Set where the tool may read the value otherwise.
    pub unsure: bool,
}

/// What a body given with the command sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// Every field.
    pub set: Vec<Field>,
    /// There is a body, or part of one, that was not read.
    pub unread: bool,
    /// Fields of which it is not known what they are, nor what stands below them.
    pub unread_below: Vec<String>,
    /// Fields of which it is not known what stands in them, though something does: rules may mean that
    /// which name them in full.
    pub unknown_inside: Vec<String>,
    /// What was not read may hold flags too.
    pub flags_unread: bool,
    /// Flags whose value stands in something that was not read.
    pub unread_flags: BTreeSet<String>,
}

/// Why a command line does nothing but print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inert {
    /// Help is asked for.
    Help,
    /// A version flag.
    Version,
    /// A shell asks for completions.
    Completion,
    /// The tool prints a body to fill in.
    Skeleton,
    /// The tool prints its usage or an error, because no command was found.
    Usage,
}

/// A command line, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and any may hold with any")]
pub struct Command {
    /// The tool's name, as the rulebook has it.
    pub tool: String,
    /// The tool's own command, aliases resolved: `["state", "rm"]`.
    pub path: Vec<String>,
    /// Whether the grammar has this command.
    pub known: bool,
    /// Why the grammar cannot vouch for what the command is, in words: something
    /// of the user's takes part in it.
    pub doubt: Option<String>,
    /// Flags in the order given.
    pub flags: Vec<Flag>,
    /// Set where the tool takes the beginning of a flag's name for the flag, and
    /// `flags` has it as it was given.
    pub abbreviates: bool,
    /// Arguments that are neither command, flag nor a flag's value.
    pub operands: Vec<OsString>,
    /// Set where a flag's arity is not known, so that what follows it may be
    /// read in two ways. Rules then assume the worse reading.
    pub uncertain: bool,
    /// Set where the command line only prints.
    pub inert: Option<Inert>,
    /// The directory the tool changes to before it starts (`-chdir`).
    pub directory: Option<OsString>,
    /// Set where no grammar read the line: `path` is every word before the
    /// first flag, and rules compare it from the left.
    pub conventional: bool,
    /// Set where a rule file says how the tool reads its line: `path` is then
    /// every word that is neither flag nor value, and rules compare it from the left.
    pub declared: Option<declared::Declared>,
    /// The objects that the line names.
    pub objects: Vec<Object>,
    /// What the body given with the line sets.
    pub fields: Fields,
    /// Set where the tool only says what it would do. It may still print what
    /// it reads.
    pub rehearsed: bool,
    /// Set where what it would do was found out, and is judged in its stead: the
    /// changes of a plan.
    pub planned: bool,
    /// The command line that this one carries to another place: what `exec`
    /// runs in a container.
    pub carried: Option<Vec<OsString>>,
    /// What is fed to it, where that is known.
    pub input: Option<Vec<u8>>,
    /// The arguments that are passed on, without the tool's name.
    pub arguments: Vec<OsString>,
    /// Variables folded into `arguments`, to be kept from the tool, by prefix.
    pub folded: Option<&'static str>,
    /// A variable, with its value, that keeps the tool from reading again what
    /// was folded into `arguments` from a file.
    pub pinned: Option<(&'static str, &'static str)>,
    /// Set where the tool may ask a question on standard input whose yes would
    /// do more than the command line tells, with the variable and value that
    /// keep it from asking.
    pub may_ask: Option<(&'static str, &'static str)>,
    /// What a reader of the verdict should know about how the line was read.
    pub notes: Vec<String>,
}

impl Command {
    /// A command line of which nothing is understood yet.
    fn unread(tool: &str, arguments: Vec<OsString>) -> Self {
        Self {
            tool: tool.to_owned(),
            path: Vec::new(),
            known: true,
            doubt: None,
            flags: Vec::new(),
            abbreviates: false,
            operands: Vec::new(),
            uncertain: false,
            inert: None,
            directory: None,
            conventional: false,
            declared: None,
            objects: Vec::new(),
            fields: Fields::default(),
            rehearsed: false,
            planned: false,
            carried: None,
            input: None,
            arguments,
            folded: None,
            pinned: None,
            may_ask: None,
            notes: Vec::new(),
        }
    }

    /// The command path as one string: `state rm`.
    pub fn name(&self) -> String {
        self.path.join(" ")
    }

    /// Whether the flag given as `given` may be the beginning of `name`, of which
    /// the tool takes a part for the whole.
    pub fn may_stand_for(&self, given: &str, name: &str) -> bool {
        if let Some(declared) = &self.declared {
            return declared.may_stand_for(given, name);
        }
        self.abbreviates
            && given.len() > 2
            && given != name
            && name.starts_with(given)
            && !aws::is_global(given)
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
    /// A flag that the grammar lacks stands before a word of the command, which
    /// is another one where the flag takes that word for its value.
    #[error(
        "which command {tool} would run cannot be told: tollgate does not know whether {flag} takes a value; \
         put it behind the command, or write {flag}=VALUE"
    )]
    Doubtful {
        /// The tool.
        tool: String,
        /// The flag, as it can be shown.
        flag: String,
    },
}

/// What parsing needs to know beside the arguments: read before, and handed in.
#[derive(Clone, Copy, Debug)]
pub struct Outside<'a> {
    /// The variables that the tool would be started with.
    pub environment: &'a Environment,
    /// The files that change what the arguments mean, or that they name.
    pub files: &'a Files,
}

impl<'a> From<&'a Environment> for Outside<'a> {
    /// With no file read.
    fn from(environment: &'a Environment) -> Self {
        static NONE: Files = Files::new(None);
        Self { environment, files: &NONE }
    }
}

/// What a grammar wants to have read. A relative path is one in the directory
/// that the tool starts in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wanted {
    /// What a file holds.
    File(PathBuf),
    /// The names in a directory.
    Directory(PathBuf),
}

/// What was found where a grammar asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// There is nothing.
    Nothing,
    /// A file with this content.
    Text(Vec<u8>),
    /// A directory with these names, sorted.
    Names(Vec<OsString>),
    /// Something that cannot be read, with the reason.
    Unreadable(String),
}

/// What was read for a grammar, by what it asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    found: BTreeMap<Wanted, Found>,
    home: Option<PathBuf>,
}

impl Files {
    /// None yet, for a user whose home directory the password database names.
    pub const fn new(home: Option<PathBuf>) -> Self {
        Self { found: BTreeMap::new(), home }
    }

    /// The home directory that the password database names.
    pub fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    /// Adds what was found.
    pub fn insert(&mut self, wanted: Wanted, found: Found) {
        self.found.insert(wanted, found);
    }

    /// What was found; `None` where nobody looked.
    pub fn get(&self, wanted: &Wanted) -> Option<&Found> {
        self.found.get(wanted)
    }

    /// Everything that was asked for, with what was found.
    pub fn iter(&self) -> impl Iterator<Item = (&Wanted, &Found)> {
        self.found.iter()
    }

    /// What was found as the file at `path`.
    pub fn file(&self, path: &Path) -> Option<&Found> {
        self.get(&Wanted::File(path.to_path_buf()))
    }
}

/// How one tool reads its command line.
pub trait Grammar: Sync {
    /// Every command path that the grammar knows, `state rm` among them.
    fn commands(&self) -> Vec<Cow<'static, str>>;

    /// Whether `path` is one of them.
    fn has_command(&self, path: &str) -> bool {
        self.commands().iter().any(|known| known == path)
    }

    /// Those of them that `name` may be a slip of, and maybe others.
    fn commands_like(&self, _name: &str) -> Vec<Cow<'static, str>> {
        self.commands()
    }

    /// Every flag of `command`, as rules name it; none where the grammar does
    /// not list them.
    fn flag_names(&self, command: &str) -> Vec<String>;

    /// What has to be read before [`Grammar::parse`] can tell what these
    /// arguments do. Asked again with what was found, until nothing is missing.
    fn reads(&self, _arguments: &[OsString], _outside: &Outside<'_>) -> Vec<Wanted> {
        Vec::new()
    }

    /// Whether the tool looks for a program of its own by this name where it has
    /// no such command.
    fn may_be_plugin(&self, _name: &str) -> bool {
        false
    }

    /// The kind of object that `word` names, as [`Object::kind`] has it; `None`
    /// where the tool's command line names no objects.
    fn kind(&self, _word: &str) -> Option<String> {
        None
    }

    /// The files of this machine that `command` writes or takes away.
    fn touches(&self, _command: &Command, _surroundings: &declared::Surroundings<'_>) -> Vec<here::Touched> {
        Vec::new()
    }

    /// Parses `arguments`, which do not hold the tool's name.
    ///
    /// # Errors
    /// Where something that the tool would fold into its arguments cannot be read.
    fn parse(
        &self,
        tool: &str,
        arguments: &[OsString],
        outside: &Outside<'_>,
    ) -> Result<Command, CommandError>;
}

/// The grammar of `tool`, where it has one of its own.
pub fn grammar(tool: &str) -> Option<&'static dyn Grammar> {
    match tool {
        "terraform" | "tofu" => Some(&terraform::Terraform),
        "kubectl" => Some(&kubectl::Kubectl),
        "helm" => Some(&helm::Helm),
        "aws" => Some(&aws::Aws),
        _ => None,
    }
}

/// How many letters may be wrong in a slip.
const SLIPS: usize = 2;

/// The longest name that is taken for a slip; every tool's are shorter.
const NAME: usize = 120;

/// The command that an unknown one may be a slip of.
pub fn nearest(command: &Command) -> Option<Cow<'static, str>> {
    let grammar = grammar(&command.tool).filter(|_| !command.known || command.conventional)?;
    // The words behind a plugin's name are not the name.
    let name = if command.conventional { command.path.first()?.clone() } else { command.name() };
    if command.doubt.is_some() || !(3..=NAME).contains(&name.len()) {
        return None;
    }
    let near = grammar.commands_like(&name).into_iter().filter_map(|known| {
        let may_be = name.len().abs_diff(known.len()) <= SLIPS;
        let distance = may_be.then(|| strsim::damerau_levenshtein(&name, &known))?;
        (distance <= SLIPS).then_some((distance, known))
    });
    near.min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
}

/// Parses `arguments` (without the tool's name) by the grammar of `tool`.
///
/// # Errors
/// Where a variable that the tool would fold into its arguments cannot be read.
pub fn parse<'a>(
    tool: &str,
    arguments: &[OsString],
    outside: impl Into<Outside<'a>>,
) -> Result<Command, CommandError> {
    match grammar(tool) {
        Some(grammar) => grammar.parse(tool, arguments, &outside.into()),
        None => Ok(generic::parse(tool, arguments)),
    }
}

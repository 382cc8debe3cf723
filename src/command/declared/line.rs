//! A line to words and flags, as a syntax declares them.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;

use super::syntax::Syntax;
use super::{Flag, behind, text};

/// How often a name may stand for another that is one in turn.
const ALIASES: usize = 4;

/// Flags that take no value in any tool, whether or not a syntax lists them.
const SWITCHES: [&str; 12] = [
    "--assume-yes",
    "--auto-approve",
    "--dry-run",
    "--force",
    "--help",
    "--non-interactive",
    "--quiet",
    "--recursive",
    "--silent",
    "--verbose",
    "--yes",
    "-y",
];

/// Whether a flag that no syntax lists takes no value.
fn is_switch(name: &str) -> bool {
    SWITCHES.contains(&name) || name.starts_with("--no-")
}

/// A line, taken apart.
pub(super) struct Line<'a> {
    /// What is neither flag nor value.
    pub(super) words: Vec<String>,
    /// The flags, by the names that rules have for them.
    pub(super) flags: Vec<Flag>,
    /// The words, by their number, that may be the value of the flag in front.
    pub(super) arguable: BTreeSet<usize>,
    /// The flags, by their number, that may be the value of one in front.
    pub(super) unsure: BTreeSet<usize>,
    /// Those of the flags, by these names, that the syntax lists.
    pub(super) listed: BTreeSet<String>,
    syntax: &'a Syntax,
    /// The commands of the syntax that the words may begin with.
    commands: Vec<&'a str>,
}

impl<'a> Line<'a> {
    /// Whether `flag`, as rules name it, is in a list of the syntax under any of its names.
    pub(super) fn lists(&self, list: &[String], flag: &Flag) -> bool {
        list.iter().any(|one| *one == flag.name || canonical(self.syntax, one, &self.commands) == flag.name)
    }

    pub(super) fn read(syntax: &'a Syntax, arguments: &'a [OsString]) -> Self {
        let mut reader = Reader::new(syntax, arguments);
        while let Some(word) = reader.next() {
            let is_flag = !reader.over && word.len() > 1 && word.starts_with('-');
            let follows_unlisted = std::mem::take(&mut reader.follows_unlisted);
            reader.doubtful = follows_unlisted;
            if is_flag && word == "--" {
                reader.over = true;
            } else if !is_flag {
                if follows_unlisted {
                    reader.arguable.insert(reader.words.len());
                }
                reader.words.push(word);
                reader.commands = None;
                reader.over |= syntax.stops;
            } else if word.starts_with("--") || syntax.single_dash {
                reader.long(&word);
            } else {
                reader.letters(&word);
            }
        }
        reader.finish()
    }
}

/// The name that rules have for a flag.
fn canonical<'a>(syntax: &'a Syntax, name: &'a str, commands: &[&str]) -> &'a str {
    let mut name = name;
    for _ in 0..ALIASES {
        let own = commands.iter().find_map(|command| syntax.command_aliases.get(*command)?.get(name));
        match own.or_else(|| syntax.aliases.get(name)) {
            Some(other) => name = other,
            None => break,
        }
    }
    name
}

/// The flags that the syntax lists for any command.
fn listed(syntax: &Syntax) -> impl Iterator<Item = &str> {
    let named = syntax.values.iter().chain(&syntax.switches).chain(&syntax.path_flags);
    let named = named.chain(syntax.aliases.iter().flat_map(|(alias, name)| [alias, name]));
    let named = named.chain(syntax.sql.iter().flat_map(|sql| &sql.flags));
    let named = named.chain(syntax.target.values().flatten());
    named.map(String::as_str).filter(|name| name.starts_with('-'))
}

struct Reader<'a> {
    syntax: &'a Syntax,
    arguments: std::slice::Iter<'a, OsString>,
    words: Vec<String>,
    flags: Vec<Flag>,
    arguable: BTreeSet<usize>,
    /// Made for the first flag, as many lines have none.
    listed: OnceCell<BTreeSet<&'a str>>,
    /// Flags that take a value, by the names that rules have for them; made so too.
    values: OnceCell<BTreeSet<&'a str>>,
    /// The commands of the syntax that the words so far may begin with.
    commands: Option<Vec<&'a str>>,
    over: bool,
    /// The word in front is a flag that is not listed, so this one may be its value.
    follows_unlisted: bool,
    /// The flag being read may be the value of the one in front.
    doubtful: bool,
    unsure: BTreeSet<usize>,
}

impl<'a> Reader<'a> {
    fn new(syntax: &'a Syntax, arguments: &'a [OsString]) -> Self {
        Self {
            syntax,
            arguments: arguments.iter(),
            words: Vec::new(),
            flags: Vec::new(),
            arguable: BTreeSet::new(),
            listed: OnceCell::new(),
            values: OnceCell::new(),
            commands: None,
            over: false,
            follows_unlisted: false,
            doubtful: false,
            unsure: BTreeSet::new(),
        }
    }

    fn listed(&self) -> &BTreeSet<&'a str> {
        self.listed.get_or_init(|| listed(self.syntax).collect())
    }

    fn lists(&self, name: &str) -> bool {
        self.listed().contains(name)
    }

    /// Whether a flag takes a value with any command, by the name that rules have for it.
    fn takes_value(&self, name: &str) -> bool {
        let syntax = self.syntax;
        let values = || syntax.values.iter().map(|value| canonical(syntax, value, &[])).collect();
        self.values.get_or_init(values).contains(name)
    }

    fn next(&mut self) -> Option<String> {
        self.arguments.next().map(|word| text(word))
    }

    /// The commands, of those for which the syntax says something, that the words may begin with.
    fn commands(&mut self) -> Vec<&'a str> {
        if let Some(commands) = &self.commands {
            return commands.clone();
        }
        let syntax = self.syntax;
        let all = syntax.command_values.keys().chain(syntax.command_aliases.keys());
        let mut commands: Vec<&str> = all
            .map(String::as_str)
            .filter(|command| behind(&self.words, &self.arguable, command, false).is_some())
            .collect();
        // What is said of `a b` counts before what is said of `a`.
        commands.sort_by_key(|command| std::cmp::Reverse(command.len()));
        commands.dedup();
        self.commands = Some(commands.clone());
        commands
    }

    /// Whether the flag is listed, and whether it takes a value.
    fn arity(&mut self, name: &str) -> (bool, bool) {
        let commands = self.commands();
        let syntax = self.syntax;
        let meant = canonical(syntax, name, &commands);
        let mut own = commands.iter().filter_map(|command| syntax.command_values.get(*command)).flatten();
        let takes = self.takes_value(meant)
            || own.any(|value| *value == name || canonical(syntax, value, &commands) == meant);
        let aliased = |command: &&str| {
            let aliases = syntax.command_aliases.get(*command);
            aliases.is_some_and(|aliases| aliases.iter().any(|(alias, of)| alias == name || of == name))
        };
        let listed = takes || is_switch(name) || self.lists(name) || commands.iter().any(aliased);
        (listed, takes)
    }

    /// The listed flag that is meant, where the beginning of its name is given.
    fn in_full(&mut self, name: &str) -> String {
        let syntax = self.syntax;
        if syntax.single_dash && !self.lists(name) {
            let one = name.strip_prefix('-').filter(|one| one.len() > 1 && self.lists(one));
            return one.unwrap_or(name).to_owned();
        }
        if !syntax.abbreviates || self.lists(name) || !name.starts_with("--") || name.len() < 3 {
            return name.to_owned();
        }
        let commands = self.commands();
        let own = commands.iter().filter_map(|command| syntax.command_values.get(*command)).flatten();
        let aliases = commands.iter().filter_map(|command| syntax.command_aliases.get(*command));
        let own = own.chain(aliases.flat_map(|aliases| aliases.keys())).map(String::as_str);
        let all = self.listed().iter().copied().chain(own);
        let mut meant: Vec<&str> = all.filter(|flag| flag.starts_with(name)).collect();
        if meant.contains(&name) {
            return name.to_owned();
        }
        meant.sort_unstable();
        meant.dedup();
        match meant.as_slice() {
            // Where a flag that is not listed begins so too, the tool asks for more of the name.
            [one] => (*one).to_owned(),
            _ => name.to_owned(),
        }
    }

    /// Reads `--name`, `--name=value`, and what is like them.
    fn long(&mut self, word: &str) {
        let (name, mut value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(OsString::from(value))),
            None => (word, None),
        };
        let name = self.in_full(name);
        let (listed, takes) = self.arity(&name);
        let mut next = None;
        if takes && value.is_none() {
            next = self.next();
            value = next.as_ref().map(OsString::from);
        }
        self.follows_unlisted = !listed && value.is_none();
        self.push(Flag { name, value });
        self.released(next);
    }

    /// Reads letters that run together; the rest is the value of one that takes one.
    fn letters(&mut self, word: &str) {
        let mut rest = word.get(1..).unwrap_or_default();
        while let Some(letter) = rest.chars().next() {
            rest = rest.get(letter.len_utf8()..).unwrap_or_default();
            let name = format!("-{letter}");
            let (listed, takes) = self.arity(&name);
            let assigned = rest.strip_prefix('=');
            if takes || assigned.is_some() {
                let next = if assigned.is_none() && rest.is_empty() { self.next() } else { None };
                let here = assigned.map(str::to_owned).or_else(|| Some(rest.to_owned()));
                let value = if assigned.is_none() && rest.is_empty() { next.clone() } else { here };
                self.push(Flag { name, value: value.map(OsString::from) });
                self.released(next);
                return;
            }
            self.follows_unlisted = !listed && rest.is_empty();
            self.push(Flag { name, value: None });
            // The rest of the word may be the value of this letter.
            self.doubtful |= !listed;
        }
    }

    fn push(&mut self, flag: Flag) {
        if self.doubtful {
            self.unsure.insert(self.flags.len());
        }
        self.flags.push(flag);
    }

    /// Where the flag just read may be the value of one in front, the word that it
    /// took for its own is a flag or an operand by itself.
    fn released(&mut self, next: Option<String>) {
        let Some(word) = next.filter(|_| self.doubtful) else { return };
        if word.len() < 2 || !word.starts_with('-') {
            self.arguable.insert(self.words.len());
            self.words.push(word);
            self.commands = None;
        } else if word.starts_with("--") || self.syntax.single_dash {
            let (name, value) = word.split_once('=').map_or((word.as_str(), None), |(a, b)| (a, Some(b)));
            let name = self.in_full(name);
            self.push(Flag { name, value: value.map(OsString::from) });
        } else {
            for letter in word.chars().skip(1) {
                self.push(Flag { name: format!("-{letter}"), value: None });
            }
        }
    }

    fn finish(mut self) -> Line<'a> {
        let (commands, syntax) = (self.commands(), self.syntax);
        let given = std::mem::take(&mut self.flags).into_iter();
        let named = |flag: Flag| Flag { name: canonical(syntax, &flag.name, &commands).to_owned(), ..flag };
        let flags: Vec<Flag> = given.map(named).collect();
        let lists = |name: &String| {
            let of_command = |command: &&str| {
                let renames = |aliases: &BTreeMap<String, String>| {
                    aliases.contains_key(name) || aliases.values().any(|one| one == name)
                };
                syntax.command_values.get(*command).is_some_and(|values| values.contains(name))
                    || syntax.command_aliases.get(*command).is_some_and(renames)
            };
            self.lists(name) || commands.iter().any(of_command)
        };
        let listed = flags.iter().map(|flag| &flag.name).filter(|name| lists(name)).cloned().collect();
        let Self { words, arguable, unsure, .. } = self;
        Line { words, flags, arguable, unsure, listed, syntax, commands }
    }
}

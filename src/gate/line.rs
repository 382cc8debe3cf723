//! A whole shell line, judged: every command that it may run, each with its own
//! environment, directory and target, and the strictest decision of all.

use std::collections::{BTreeSet, HashMap};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::rc::Rc;

use super::{Assumptions, GateError, Judged, Reading, book_for, has_terminal, judged_by};
use crate::command::declared::syntax::{Dialect, Syntax};
use crate::command::declared::{self, REDIRECT, SCRIPT};
use crate::command::{self, Command, Files, Outside, generic, grammar};
use crate::context::markers::is_marker;
use crate::context::principal::{self, Principal};
use crate::context::target::Target;
use crate::invocation::{Invocation, files, line};
use crate::process::{Environment, Process, Within, absolute};
use crate::rules::book::Rulebook;
use crate::rules::builtin::Wanted;
use crate::rules::carried::{REMOTE, elsewhere, is_pseudo};
use crate::rules::environment::classify;
use crate::rules::judge::{Contribution, Judgement, unreadable};
use crate::rules::layers::{self, Directories};
use crate::rules::matching::Situation;
use crate::shell::inner::Place;
use crate::shell::syntax::RedirectionKind;
use crate::shell::value::{HOLE, HOLES, Value};
use crate::shell::walk::{Run, Typing, What};
use crate::verdict::{Decision, Risk};

/// Tools whose commands are looked for behind a program that is not known: those
/// that people call through variables. In scripts, the first five.
const GATED: [&str; 17] = [
    "terraform",
    "tofu",
    "kubectl",
    "helm",
    "aws",
    "az",
    "dd",
    "docker",
    "eksctl",
    "gcloud",
    "gh",
    "git",
    "oc",
    "pulumi",
    "rm",
    "terragrunt",
    "vault",
];

/// A judged line.
#[derive(Debug)]
pub struct Line {
    /// Who asks.
    pub principal: Principal,
    /// Every command that it may run, in order.
    pub commands: Vec<Part>,
}

/// One command of a line.
#[derive(Debug)]
pub struct Part {
    /// The words, as they are written where they are not known.
    pub words: Vec<String>,
    /// The name under which its program is looked for on the caller's own PATH, by
    /// a process that still knows who calls; `None` where it may be another
    /// program, or none.
    pub looked_up: Option<String>,
    /// The directory it runs in, where that is known.
    pub directory: Option<PathBuf>,
    /// Where it runs.
    pub place: Place,
    /// Where it stands in a script that was asked about, in bytes.
    pub at: Option<usize>,
    /// What was read before judging; `None` where nothing could be.
    pub command: Command,
    /// The verdict.
    pub judged: Judged,
    /// What the verdict rests on beside these, where it is to be explained.
    pub basis: Option<Basis>,
}

/// What a command was judged by.
#[derive(Debug)]
pub struct Basis {
    /// The layers that count where it runs.
    pub book: Rc<Rulebook>,
    /// The variables that it would be started with.
    pub environment: Environment,
}

impl Line {
    /// The strictest decision.
    pub fn decision(&self) -> Decision {
        self.commands.iter().map(|part| part.judged.judgement.decision).max().unwrap_or_default()
    }

    /// The highest risk.
    pub fn risk(&self) -> Risk {
        self.commands.iter().map(|part| part.judged.judgement.risk).max().unwrap_or_default()
    }

    /// The part that decides: of the strictest the gravest, of these the first.
    pub fn leading(&self) -> Option<&Part> {
        let weight = |part: &Part| (part.judged.judgement.decision, part.judged.judgement.risk);
        let most = self.commands.iter().map(weight).max()?;
        self.commands.iter().find(|part| weight(part) == most)
    }
}

/// The rulebook for the directories that lines run in, read once for each.
#[derive(Debug, Default)]
pub struct Books {
    loaded: Vec<(Vec<PathBuf>, Rc<Rulebook>)>,
    /// The one that counts wherever a command runs.
    only: Option<Rc<Rulebook>>,
    /// The tools whose rules are read; every one where empty.
    scope: Vec<String>,
    /// What was found of commands whose program is not known: the tool as which
    /// each would be asked about.
    computed: HashMap<(Vec<u8>, Vec<OsString>), Option<&'static str>>,
}

impl Books {
    /// Books of every rule, for many lines.
    pub fn whole() -> Self {
        Self::default()
    }

    /// One book of every rule, that of `directory`, for texts of which it is not known
    /// where they will run.
    ///
    /// # Errors
    /// Where a layer is wrong.
    pub fn only(process: &dyn Process, directory: Option<&PathBuf>) -> Result<Self, GateError> {
        let mut books = Self::whole();
        books.only = Some(books.get(process, directory.cloned().into_iter().collect())?);
        Ok(books)
    }

    /// Books of the rules on files that are written by other means than a program.
    pub fn redirections() -> Self {
        Self { scope: vec![REDIRECT.to_owned()], ..Self::default() }
    }

    /// The book for one command alone, unless every rule is read anyway.
    fn of_command(
        &mut self,
        process: &dyn Process,
        command: &Command,
        directories: Vec<PathBuf>,
    ) -> Result<Rc<Rulebook>, GateError> {
        if self.scope.is_empty() {
            return self.get(process, directories);
        }
        let places = Directories::of(process);
        Ok(Rc::new(book_for(process, &places, command, &directories, Reading::Candidates)?))
    }

    /// The book for commands in `directories`.
    ///
    /// # Errors
    /// Where a layer is wrong.
    pub fn get(
        &mut self,
        process: &dyn Process,
        directories: Vec<PathBuf>,
    ) -> Result<Rc<Rulebook>, GateError> {
        if let Some(book) = &self.only {
            return Ok(Rc::clone(book));
        }
        if let Some((_, book)) = self.loaded.iter().find(|(known, _)| *known == directories) {
            return Ok(Rc::clone(book));
        }
        let places = Directories::of(process);
        let scope: Vec<Wanted<'_>> = self.scope.iter().map(|tool| Wanted { tool, command: None }).collect();
        let book = Rc::new(layers::load(&places, &scope, &directories, process.user().uid)?);
        self.loaded.push((directories, Rc::clone(&book)));
        Ok(book)
    }
}

/// Judges the line `text`, run by a shell in `directory`.
///
/// # Errors
/// Where a layer of the rulebook is wrong.
pub fn judge_line(
    process: &dyn Process,
    text: &[u8],
    directory: Option<&PathBuf>,
    assumptions: &Assumptions,
    books: Option<&mut Books>,
) -> Result<Line, GateError> {
    let runs = line::read(process, text, directory.map(PathBuf::as_path), assumptions.typing);
    judge_runs(process, &runs, directory, assumptions, books)
}

/// Judges what a text may run that starts in `directory`.
///
/// # Errors
/// Where a layer of the rulebook is wrong.
pub fn judge_runs(
    process: &dyn Process,
    runs: &[Run],
    directory: Option<&PathBuf>,
    assumptions: &Assumptions,
    books: Option<&mut Books>,
) -> Result<Line, GateError> {
    let mut own = Books::default();
    if books.is_none() {
        own.scope = scope(runs);
    }
    let books = books.unwrap_or(&mut own);
    let environment = process.environment();
    let principal =
        assumptions.principal.clone().unwrap_or_else(|| principal::detect(environment, has_terminal()));
    let assumptions = Assumptions { principal: Some(principal.clone()), ..assumptions.clone() };
    let mut commands = Vec::new();
    for run in runs {
        let judging = Judging { process, run, start: directory, assumptions: &assumptions };
        commands.extend(judging.parts(books)?);
    }
    commands.dedup_by(|one, other| {
        one.words == other.words
            && one.at == other.at
            && one.command == other.command
            && one.judged.judgement == other.judged.judgement
    });
    Ok(Line { principal, commands })
}

/// The tools whose rules these may need; none where it may be any.
fn scope(runs: &[Run]) -> Vec<String> {
    let mut tools: BTreeSet<String> = [REMOTE, REDIRECT, SCRIPT].map(str::to_owned).into();
    for run in runs {
        let What::Command(words) = &run.what else { continue };
        let Some(name) = words.first().map(name) else { continue };
        if !is_known(name) {
            return Vec::new();
        }
        // One with a grammar is given its own book, once its command is known; but
        // elsewhere it is one of those that are carried, as are its words.
        let has_grammar = grammar(&String::from_utf8_lossy(name)).is_some();
        let many = match (run.place, has_grammar) {
            (Place::Remote, true) => words.len(),
            (_, true) => 0,
            (_, false) => 1,
        };
        let names = words.iter().take(many).map(self::name);
        tools.extend(names.map(|name| String::from_utf8_lossy(name).into_owned()));
    }
    tools.into_iter().collect()
}

/// The program that a word calls: the last part of its path.
fn name(word: &Value) -> &[u8] {
    let name = word.bytes.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    name.strip_suffix(b".exe").unwrap_or(name)
}

fn is_known(bytes: &[u8]) -> bool {
    !bytes.iter().any(|byte| matches!(*byte, HOLE | HOLES))
}

struct Judging<'a> {
    process: &'a dyn Process,
    run: &'a Run,
    start: Option<&'a PathBuf>,
    assumptions: &'a Assumptions,
}

impl Judging<'_> {
    /// What is judged of one thing that runs; nothing where no rule speaks of it.
    fn parts(&self, books: &mut Books) -> Result<Vec<Part>, GateError> {
        if self.run.place == Place::Remote {
            let book = self.book(books)?;
            let words = match &self.run.what {
                What::Command(words) => words.iter().map(shown).collect(),
                What::Redirection(_, file) => vec![">".to_owned(), shown(file)],
                What::Script(path) => vec![shown(path)],
                What::Opaque(_) => Vec::new(),
            };
            let commands = elsewhere(&book, self.run).into_iter();
            return Ok(commands.map(|command| self.part(Rc::clone(&book), command, words.clone())).collect());
        }
        let process = self.surroundings();
        let surroundings = declared::Surroundings {
            directory: self.run.directory.as_deref(),
            base: self.start.map(PathBuf::as_path),
            home: line::home(self.process),
            environment: process.environment(),
            input: None,
        };
        match &self.run.what {
            What::Opaque(_) if self.run.from_file => Ok(Vec::new()),
            What::Opaque(why) => Ok(vec![self.opaque(books, Vec::new(), why)?]),
            What::Command(words) => self.command(books, words),
            _ if self.run.place == Place::Container => Ok(Vec::new()),
            What::Script(path) => {
                let command = declared::script(&path.to_os_string());
                Ok(vec![self.part(self.book(books)?, command, vec![shown(path)])])
            }
            What::Redirection(kind, file) => {
                let sign = match kind {
                    RedirectionKind::Append => ">>",
                    RedirectionKind::Read => "<",
                    _ => ">",
                };
                let command = declared::redirection(kind.name(), &file.to_os_string(), &surroundings);
                Ok(vec![self.part(self.book(books)?, command, vec![sign.to_owned(), shown(file)])])
            }
        }
    }

    fn command(&self, books: &mut Books, words: &[Value]) -> Result<Vec<Part>, GateError> {
        let Some((program, rest)) = words.split_first() else { return Ok(Vec::new()) };
        let name = name(program);
        let arguments: Vec<OsString> = rest.iter().map(Value::to_os_string).collect();
        let spelt: Vec<String> = words.iter().map(shown).collect();
        if !is_known(name) {
            return self.computed(books, name, &arguments, spelt);
        }
        match std::str::from_utf8(name) {
            Ok(tool) if grammar(tool).is_some() || (!is_pseudo(tool) && self.book(books)?.names(tool)) => {
                let part = self.judged(books, tool, &arguments, spelt)?;
                Ok(vec![self.without_unknown(books, tool, rest, &part)?.unwrap_or(part)])
            }
            _ => Ok(Vec::new()),
        }
    }

    /// In a script, a command without the words of which nothing is known, where that
    /// is asked about and the whole is not: most such words are options, or nothing.
    fn without_unknown(
        &self,
        books: &mut Books,
        tool: &str,
        words: &[Value],
        whole: &Part,
    ) -> Result<Option<Part>, GateError> {
        let unknown = |word: &&Value| {
            !word.bytes.is_empty() && word.bytes.iter().all(|byte| matches!(*byte, HOLE | HOLES))
        };
        let known: Vec<OsString> =
            words.iter().filter(|word| !unknown(word)).map(Value::to_os_string).collect();
        let asks = |part: &Part| {
            let sure = |one: &Contribution| !one.is_unknown() && one.decision > Decision::Allow;
            part.judged.judgement.contributions.iter().any(sure)
        };
        if !self.run.from_file || known.is_empty() || known.len() == words.len() || asks(whole) {
            return Ok(None);
        }
        Ok(Some(self.judged(books, tool, &known, whole.words.clone())?).filter(asks))
    }

    /// A command whose program is not known: judged where what follows would be
    /// gated as the command of a tool that it may be.
    fn computed(
        &self,
        books: &mut Books,
        name: &[u8],
        arguments: &[OsString],
        spelt: Vec<String>,
    ) -> Result<Vec<Part>, GateError> {
        if arguments.is_empty() {
            // Several words in one: nothing is known at all.
            let any = name.contains(&HOLES) && !self.run.from_file && !is_customary(spelt.first());
            let why = "which command this runs is not known before it runs";
            return if any { Ok(vec![self.opaque(books, spelt, why)?]) } else { Ok(Vec::new()) };
        }
        let key = (name.to_vec(), arguments.to_vec());
        if let Some(known) = books.computed.get(&key).copied() {
            return self.as_tool(books, spelt, known);
        }
        let found = self.would_be(books, name, arguments, &spelt)?;
        books.computed.insert(key, found);
        self.as_tool(books, spelt, found)
    }

    fn as_tool(
        &self,
        books: &mut Books,
        spelt: Vec<String>,
        tool: Option<&str>,
    ) -> Result<Vec<Part>, GateError> {
        let Some(tool) = tool else { return Ok(Vec::new()) };
        let why = format!("which program runs is not known before; as {tool}, this would be asked about");
        Ok(vec![self.opaque(books, spelt, &why)?])
    }

    /// The tool as which a command would be asked about whose program is not known.
    fn would_be(
        &self,
        books: &mut Books,
        name: &[u8],
        arguments: &[OsString],
        spelt: &[String],
    ) -> Result<Option<&'static str>, GateError> {
        let book = self.book(books)?;
        let tools = GATED.iter().take(if self.run.from_file { 5 } else { GATED.len() });
        for tool in tools.filter(|tool| book.names(tool) && may_be(name, tool.as_bytes())) {
            // Most words are no command of most tools.
            let environment = Environment::default();
            let known = command::parse(tool, arguments, &environment).is_ok_and(|command| command.known);
            if grammar(tool).is_some() && !known {
                continue;
            }
            let part = self.judged(books, tool, arguments, spelt.to_vec())?;
            let judgement = &part.judged.judgement;
            let sure = |one: &Contribution| !one.is_unknown() && one.decision > Decision::Allow;
            if judgement.contributions.iter().any(sure) {
                return Ok(Some(tool));
            }
        }
        Ok(None)
    }

    /// What a variable stands for that is a whole operand of a script's command, where
    /// that is nothing to speak of.
    fn own_operand(&self, tool: &str) -> Option<&'static str> {
        let asked = self.run.at.is_some();
        match tool {
            // Whoever reads the script wants to know what may be wiped.
            "wipefs" | "sgdisk" | "blkdiscard" | "mkfs" if asked => None,
            _ if asked && tool.starts_with("mkfs.") => None,
            // As likely as any a mode that takes rights away.
            "chmod" if asked => Some("./x"),
            _ => Some("./$"),
        }
    }

    /// A command of a tool that the rulebook names, with what it carries.
    fn judged(
        &self,
        books: &mut Books,
        tool: &str,
        arguments: &[OsString],
        spelt: Vec<String>,
    ) -> Result<Part, GateError> {
        let process = self.surroundings();
        let directory = self.run.directory.clone();
        // A script's own variables are taken for what they are for: a file of its own.
        let own = self.own_operand(tool);
        let ordinary = |word: &OsString| {
            let bytes = word.as_encoded_bytes();
            let hole = !bytes.is_empty() && bytes.iter().all(|byte| matches!(*byte, HOLE | HOLES));
            own.filter(|_| hole).map_or_else(|| word.clone(), OsString::from)
        };
        let declared: Vec<OsString> =
            if self.run.from_file { arguments.iter().map(ordinary).collect() } else { arguments.to_vec() };
        let (command, book) = if grammar(tool).is_some() {
            let invocation = Invocation { tool: tool.into(), program: None, arguments: arguments.to_vec() };
            // Apart from this machine a script's own files are read, and none of any other line.
            let files = match (self.assumptions.detached, self.run.at) {
                (false, _) => files::read(&process, &invocation, directory.as_deref()),
                (true, Some(_)) => files::named(&process, &invocation, directory.as_deref()),
                (true, None) => Files::new(process.user().home.clone()),
            };
            let outside = Outside { environment: process.environment(), files: &files };
            match command::parse(tool, arguments, outside) {
                Ok(mut command) => {
                    command.input.clone_from(&self.run.input);
                    let directories = self.directories(Some(&command));
                    let book = books.of_command(self.process, &command, directories)?;
                    (command, book)
                }
                Err(error) => return self.opaque(books, spelt, &error.to_string()),
            }
        } else {
            let book = self.book(books)?;
            let surroundings = declared::Surroundings {
                directory: directory.as_deref(),
                base: self.start.map(PathBuf::as_path),
                home: line::home(self.process),
                environment: process.environment(),
                input: self.run.input.as_deref(),
            };
            let command = match book.syntax(tool) {
                Some(syntax) => {
                    let command = declared::parse(syntax, tool, &declared, &surroundings);
                    if self.is_typed_into(syntax, &command) {
                        return self.opaque(books, spelt, "it runs statements that are typed into it later");
                    }
                    command
                }
                None => generic::parse(tool, arguments),
            };
            (command, book)
        };
        Ok(self.part_within(&process, book, command, spelt))
    }

    fn part(&self, book: Rc<Rulebook>, command: Command, spelt: Vec<String>) -> Part {
        self.part_within(&self.surroundings(), book, command, spelt)
    }

    fn part_within(
        &self,
        process: &Within<'_>,
        book: Rc<Rulebook>,
        command: Command,
        words: Vec<String>,
    ) -> Part {
        let directory = self.run.directory.as_deref();
        let mut judged = judged_by(&book, process, &command, directory, self.assumptions);
        if self.run.directory.is_none() {
            judged.notes.retain(|note| !note.starts_with("the working directory is gone"));
        }
        Part {
            words,
            looked_up: self.looked_up(),
            directory: self.run.directory.clone(),
            place: self.run.place,
            at: self.run.at,
            command,
            judged,
            basis: self
                .assumptions
                .explained
                .then(|| Basis { book, environment: process.environment().clone() }),
        }
    }

    /// The name by which the shell that runs the line finds the program, where
    /// nothing in the line has a say in what it finds, and what it finds would
    /// know the caller.
    fn looked_up(&self) -> Option<String> {
        let What::Command(words) = &self.run.what else { return None };
        let name = words.first().and_then(Value::text).filter(|name| !name.contains('/'))?;
        let meddles = |name: &str| {
            let kept = ["LD_", "DYLD_", "GLIBC_", "BASH_", "XDG_", "TOLLGATE_"];
            let kept = kept.iter().any(|prefix| name.starts_with(prefix));
            (kept && name != "TOLLGATE_TOKEN")
                || ["ENV", "ZDOTDIR", "HOME", "PATH"].contains(&name)
                || is_marker(name.as_ref())
        };
        // What a shell takes over at its start, before it reads the line.
        let takes_over = |name: &OsStr| {
            let name = name.as_encoded_bytes();
            name.starts_with(b"BASH_FUNC_") || [&b"BASH_ENV"[..], b"BASHOPTS", b"SHELLOPTS"].contains(&name)
        };
        let untouched = self.run.plain
            && !self.process.environment().iter().any(|(name, value)| takes_over(name) && !value.is_empty())
            && self.run.place == Place::Here
            && !self.run.clears
            && !self.run.environment.iter().any(|(name, _)| meddles(name));
        untouched.then(|| name.to_owned())
    }

    /// Whether it is a database's client that waits for statements, and nobody would
    /// see them.
    fn is_typed_into(&self, syntax: &Syntax, command: &Command) -> bool {
        const OTHERWISE: [&str; 10] =
            ["-f", "--file", "-l", "--list", "-V", "-v", "--version", "--help", "-?", "--ping"];
        const CLIENTS: [&str; 14] = [
            "clickhouse-client",
            "cqlsh",
            "litecli",
            "mariadb",
            "mongo",
            "mongosh",
            "mycli",
            "mysql",
            "pgcli",
            "psql",
            "redis-cli",
            "sqlcmd",
            "sqlite3",
            "valkey-cli",
        ];
        let reads = CLIENTS.contains(&command.tool.as_str());
        // A word alone may be the name of a database.
        let is_redis = syntax.sql.as_ref().is_some_and(|sql| sql.dialect == Dialect::Redis);
        let told = command.fields.set.iter().any(|field| {
            field.path == declared::STATEMENT && (is_redis || field.value.trim().contains([' ', '.', '(']))
        });
        let is_other = |word: &OsString| {
            let word = word.to_string_lossy();
            OTHERWISE.iter().any(|flag| word == *flag || word.starts_with(&format!("{flag}=")))
        };
        self.assumptions.typing == Typing::Unseen
            && reads
            && self.run.input.is_none()
            && !told
            && !command.arguments.iter().any(is_other)
    }

    /// Something that cannot be read.
    fn opaque(&self, books: &mut Books, words: Vec<String>, why: &str) -> Result<Part, GateError> {
        let book = self.book(books)?;
        let principal = self.assumptions.principal.clone().unwrap_or_default();
        let target = Target::default();
        let place =
            self.assumptions.environment.clone().unwrap_or_else(|| classify(&book, &target, principal.kind));
        let situation = Situation { principal: principal.kind, target: &target, place: &place };
        let contribution = unreadable(&book, why, situation);
        let judgement = Judgement {
            decision: contribution.decision,
            risk: contribution.risk,
            contributions: vec![contribution],
            exemptions: Vec::new(),
        };
        let command = generic::parse("shell", &[]);
        let judged = Judged { principal, target, place, judgement, notes: Vec::new() };
        let (directory, place, at) = (self.run.directory.clone(), self.run.place, self.run.at);
        Ok(Part { words, looked_up: None, directory, place, at, command, judged, basis: None })
    }

    /// The layers that count for a command here: those of where the line starts,
    /// of where the command runs, and of where the tool goes.
    fn book(&self, books: &mut Books) -> Result<Rc<Rulebook>, GateError> {
        books.get(self.process, self.directories(None))
    }

    fn directories(&self, command: Option<&Command>) -> Vec<PathBuf> {
        let mut directories: Vec<PathBuf> = self.start.cloned().into_iter().collect();
        directories.extend(self.run.directory.clone());
        let changed = command.and_then(|command| command.directory.as_ref());
        if let (Some(directory), Some(changed)) = (&self.run.directory, changed) {
            let changed = absolute(directory, std::path::Path::new(changed));
            directories.extend(changed.canonicalize());
            directories.push(changed);
        }
        directories.dedup();
        directories
    }

    /// The process as the command finds it.
    fn surroundings(&self) -> Within<'_> {
        let mut environment =
            if self.run.clears { Environment::default() } else { self.process.environment().clone() };
        for (name, value) in &self.run.environment {
            match value {
                Some(value) => environment.set(name.as_str(), value.to_os_string()),
                None => environment.remove(name),
            }
        }
        Within::new(self.process, environment, self.run.directory.clone())
    }
}

/// A word for people: as it was written, where it is not known.
fn shown(value: &Value) -> String {
    let text: Vec<u8> =
        value.shown().iter().map(|byte| if matches!(*byte, HOLE | HOLES) { b'$' } else { *byte }).collect();
    String::from_utf8_lossy(&text).into_owned()
}

/// Whether a name with unknown parts may be `tool`.
fn may_be(name: &[u8], tool: &[u8]) -> bool {
    let mut parts = name.split(|byte| matches!(*byte, HOLE | HOLES));
    let Some(mut rest) = parts.next().and_then(|first| tool.strip_prefix(first)) else { return false };
    let parts: Vec<&[u8]> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle.iter().filter(|part| !part.is_empty()) {
        let Some(at) = rest.windows(part.len()).position(|window| window == *part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    // Several words may follow in it.
    rest.ends_with(last) || name.contains(&HOLES)
}

/// Variables that hold a program by custom.
fn is_customary(word: Option<&String>) -> bool {
    const NAMES: [&str; 12] = [
        "BROWSER", "CARGO", "CC", "CXX", "EDITOR", "GO", "MAKE", "NODE", "PAGER", "PYTHON", "SHELL", "VISUAL",
    ];
    word.is_some_and(|word| NAMES.contains(&word.trim_matches(|c| matches!(c, '$' | '{' | '}' | '"'))))
}

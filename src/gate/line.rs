//! A whole shell line, judged: every command that it may run, each with its own
//! environment, directory and target, and the strictest decision of all.

mod books;
mod computed;

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::rc::Rc;

use super::{Assumptions, GateError, Judged, has_terminal, judged_by};
use crate::command::declared;
use crate::command::declared::syntax::{Dialect, Syntax};
use crate::command::{Command, Files, Outside, generic, grammar, here};
use crate::context::markers::is_marker;
use crate::context::principal::{self, Principal};
use crate::context::target::Target;
use crate::invocation::{Invocation, files, line};
use crate::process::{Environment, Process, Within, absolute};
use crate::rules::book::Rulebook;
use crate::rules::carried::{elsewhere, is_pseudo};
use crate::rules::environment::classify;
use crate::rules::judge::{Judgement, unreadable};
use crate::rules::matching::Situation;
use crate::shell::inner::Place;
use crate::shell::syntax::RedirectionKind;
use crate::shell::value::{HOLE, HOLES, Value};
use crate::shell::walk::{Run, Typing, What};
use crate::verdict::{Decision, Risk};
pub use books::Books;
use books::scope;

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
        let surroundings = self.around(&process);
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
            let surroundings = self.around(&process);
            let files = match (self.assumptions.detached, self.run.at) {
                (false, _) => files::read(&process, &invocation, directory.as_deref()),
                (true, Some(_)) => files::named(&process, &invocation, directory.as_deref()),
                (true, None) => Files::new(process.user().home.clone()),
            };
            let outside = Outside { environment: process.environment(), files: &files };
            match here::parse(tool, arguments, outside, &surroundings) {
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
            let input = self.run.input.as_deref();
            let surroundings = declared::Surroundings { input, ..self.around(&process) };
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

    /// What paths are named by, where the command finds `process`.
    fn around<'b>(&'b self, process: &'b Within<'_>) -> declared::Surroundings<'b> {
        declared::Surroundings {
            directory: self.run.directory.as_deref(),
            base: self.start.map(PathBuf::as_path),
            home: line::home(self.process),
            environment: process.environment(),
            input: None,
        }
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

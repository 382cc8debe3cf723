//! What a command carries to another place: the program that `kubectl exec`
//! starts in a container.
//!
//! It is judged in place of "runs something elsewhere": by the rules of its own
//! tool where a rule file names it, else by those of the pseudo tool
//! [`REMOTE`]. A program that those do not list cannot be judged.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::book::Rulebook;
use crate::command::declared::syntax::StatementOperands;
use crate::command::declared::{self, CHANGES, REDIRECT, SCRIPT};
use crate::command::{Command, generic, grammar, here};
use crate::process::Environment;
use crate::shell::inner::Place;
use crate::shell::syntax::RedirectionKind;
use crate::shell::value::Value;
use crate::shell::walk::{self, Form, NoScripts, Run, Surroundings, Typing, What};

/// The name under which rules list the programs that may run elsewhere: in a
/// container, on another machine. It is no tool that could be called.
pub const REMOTE: &str = "remote";

/// Whether rules name something by `tool` that cannot be called.
pub fn is_pseudo(tool: &str) -> bool {
    [REMOTE, REDIRECT, SCRIPT].contains(&tool) || CHANGES.contains(&tool)
}

/// How often a command may carry another (`exec` in an `exec`) and still be read.
const DEPTH_LIMIT: usize = 8;

/// What `command` carries to another place, and what that carries in turn. A
/// program that no rule file names is looked for among the remote ones.
pub fn carried(book: &Rulebook, command: &Command) -> Vec<Command> {
    let mut all: Vec<Command> = Vec::new();
    if command.carried.is_none() {
        return all;
    }
    let mut next = vec![command.clone()];
    for depth in 0..=DEPTH_LIMIT {
        let runs: Vec<Run> = next.iter().flat_map(runs).collect();
        if depth == DEPTH_LIMIT && !runs.is_empty() {
            all.push(unread("it carries commands too deep to be read"));
        } else {
            next = runs.iter().flat_map(|run| elsewhere(book, run)).collect();
            all.extend(next.iter().cloned());
        }
    }
    all
}

/// The names of the programs that `command` carries, whose rules are needed to
/// judge it.
pub fn programs(command: &Command) -> Vec<String> {
    let runs = runs(command);
    let words = runs.iter().filter_map(|run| match &run.what {
        What::Command(words) => Some(words),
        _ => None,
    });
    // What is carried may carry again: any of its words may be a program.
    let names =
        words.flatten().filter_map(|word| in_standard_place(OsStr::from_bytes(&word.bytes))?.to_str());
    names.map(str::to_owned).collect()
}

/// What the line that `command` carries may run there.
fn runs(command: &Command) -> Vec<Run> {
    let Some(words) = &command.carried else { return Vec::new() };
    let words: Vec<Value> = words.iter().map(|word| Value::known(word.as_bytes())).collect();
    let surroundings = Surroundings {
        directory: None,
        home: None,
        inherited: &|_| false,
        scripts: &NoScripts,
        place: Place::Remote,
        typing: Typing::Apart,
        form: Form::Line,
    };
    walk::read_words(&words, command.input.as_deref(), surroundings)
}

/// What is judged of something that runs on another machine, or in a container
/// of one: by the rules of its tool, and by those for programs elsewhere.
pub fn elsewhere(book: &Rulebook, run: &Run) -> Vec<Command> {
    match &run.what {
        What::Opaque(why) => vec![unread(why)],
        What::Script(path) => vec![generic::parse(REMOTE, &[path.to_os_string()])],
        What::Redirection(RedirectionKind::Read, _) => Vec::new(),
        What::Redirection(_, file) => vec![generic::parse(REMOTE, &[">".into(), file.to_os_string()])],
        What::Command(words) => program(book, run, words),
    }
}

fn program(book: &Rulebook, run: &Run, words: &[Value]) -> Vec<Command> {
    let words: Vec<OsString> = words.iter().map(Value::to_os_string).collect();
    let Some((program, arguments)) = words.split_first() else { return Vec::new() };
    let name = if matches!(program.to_str(), Some("." | "source")) {
        Some(OsStr::new("."))
    } else {
        in_standard_place(program)
    };
    let tool = name.and_then(OsStr::to_str).filter(|name| !is_pseudo(name));
    let environment: Environment = run
        .environment
        .iter()
        .filter_map(|(name, value)| value.as_ref().map(|value| (name, value.to_os_string())))
        .collect();
    let input = run.input.as_deref();
    let (directory, base, home) = (None, None, None);
    let surroundings = declared::Surroundings { directory, base, home, environment: &environment, input };
    if let Some(tool) = tool.filter(|tool| grammar(tool).is_some()) {
        let command = here::parse(tool, arguments, &environment, &surroundings);
        return vec![command.unwrap_or_else(|error| unread(&error.to_string()))];
    }
    let mut commands = Vec::new();
    if let Some(tool) = tool.filter(|tool| book.names(tool) && book.syntax(tool).is_none()) {
        return vec![generic::parse(tool, arguments)];
    }
    if let Some(syntax) = tool.and_then(|tool| book.syntax(tool)) {
        commands.push(declared::parse(syntax, tool.unwrap_or_default(), arguments, &surroundings));
    }
    // Rules for a declared tool are few: elsewhere, what they do not name is still
    // something that nobody judged. Known by itself is only what a database is
    // told on the line, and a few tools.
    let judged = commands
        .first()
        .is_some_and(|command: &Command| KNOWN.contains(&command.tool.as_str()) || is_told(book, command));
    if !run.carries && !judged && !tool.is_some_and(|tool| BUILTINS.contains(&tool)) {
        let mut words = words.clone();
        if let (Some(first), Some(name)) = (words.first_mut(), name) {
            name.clone_into(first);
        }
        commands.push(generic::parse(REMOTE, &words));
    }
    commands
}

/// Something there that cannot be read.
fn unread(why: &str) -> Command {
    Command { doubt: Some(why.to_owned()), ..generic::parse(REMOTE, &[]) }
}

/// Tools of which the rules of their own know enough, although some of what they
/// do is listed for elsewhere.
const KNOWN: [&str; 4] = ["docker", "docker-compose", "git", "podman"];

/// Whether `command` is a database's client, and every statement that it is given
/// is known. What is fed to `nc` is told to nobody knows what.
fn is_told(book: &Rulebook, command: &Command) -> bool {
    let is_client = book
        .syntax(&command.tool)
        .and_then(|syntax| syntax.sql.as_ref())
        .is_some_and(|sql| !sql.flags.is_empty() || sql.operands != StatementOperands::None);
    let mut told = command.fields.set.iter().filter(|field| field.path == declared::STATEMENT).peekable();
    is_client && told.peek().is_some() && told.all(|statement| !statement.value.contains('$'))
}

/// What a shell does by itself, and changes nothing but itself.
const BUILTINS: [&str; 27] = [
    ".", ":", "[", "alias", "break", "cd", "command", "continue", "declare", "exec", "exit", "export",
    "false", "getopts", "hash", "local", "popd", "pushd", "read", "readonly", "return", "set", "shift",
    "shopt", "true", "typeset", "unset",
];

/// The name of a program that is called by it, or by its path in a directory
/// of the system. `/tmp/ls` is not `ls`.
pub fn in_standard_place(program: &OsStr) -> Option<&OsStr> {
    let path = Path::new(program);
    let parent = path.parent()?;
    let standard = ["", "/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin"].map(Path::new);
    standard.contains(&parent).then(|| path.file_name()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::builtin;

    fn book() -> Rulebook {
        Rulebook { layers: vec![builtin::layer(&[]).unwrap()] }
    }

    fn read(line: &str) -> Vec<Command> {
        let words: Vec<OsString> =
            shell_words::split(line).unwrap().into_iter().skip(1).map(OsString::from).collect();
        carried(&book(), &crate::command::parse("kubectl", &words, &Environment::default()).unwrap())
    }

    #[test]
    fn a_tool_is_read_by_its_own_grammar() {
        let all = read("kubectl exec web -- kubectl -n x exec db -- terraform -chdir=y destroy");
        let names: Vec<String> = all.iter().map(|one| format!("{} {}", one.tool, one.name())).collect();
        assert_eq!(names, ["kubectl exec", "terraform destroy"]);
    }

    #[test]
    fn any_other_program_is_a_remote_one() {
        for (line, path) in [
            ("kubectl exec web -- ls -la", "ls"),
            ("kubectl exec web -- /usr/bin/ls", "ls"),
            ("kubectl exec web -- /tmp/ls", "/tmp/ls"),
            ("kubectl exec web -- ./ls", "./ls"),
            ("kubectl exec web -- /tmp/kubectl get pods", "/tmp/kubectl get pods"),
            ("kubectl exec web -- remote ls", "remote ls"),
            ("kubectl exec web -- /usr/bin/../../tmp/ls", "/usr/bin/../../tmp/ls"),
        ] {
            let all = read(line);
            assert_eq!(all.len(), 1, "{line}");
            assert_eq!((all[0].tool.as_str(), all[0].name().as_str()), (REMOTE, path), "{line}");
        }
        assert!(read("kubectl get pods").is_empty());
    }

    #[test]
    fn a_program_that_is_carried_too_deep_is_not_read() {
        let all = read(&format!("{}{}", "kubectl exec web -- ".repeat(20), "ls"));
        let last = all.last().unwrap();
        assert_eq!(last.tool, REMOTE);
        assert!(last.doubt.is_some(), "it is a program that nobody judged");
    }
}

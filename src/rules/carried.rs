//! What a command carries to another place: the program that `kubectl exec`
//! starts in a container.
//!
//! It is judged in place of "runs something elsewhere": by the rules of its own
//! tool where a rule file names it, else by those of the pseudo tool
//! [`REMOTE`]. A program that those do not list cannot be judged.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::book::Rulebook;
use crate::command::declared::{self, REDIRECT, SCRIPT, Surroundings};
use crate::command::{Command, generic, grammar, parse};
use crate::process::Environment;

/// The name under which rules list the programs that may run elsewhere: in a
/// container, on another machine. It is no tool that could be called.
pub const REMOTE: &str = "remote";

/// Whether rules name something by `tool` that cannot be called.
pub fn is_pseudo(tool: &str) -> bool {
    [REMOTE, REDIRECT, SCRIPT].contains(&tool)
}

/// How often a command may carry another (`exec` in an `exec`) and still be read.
const DEPTH_LIMIT: usize = 8;

/// What `command` carries to another place, and what that carries in turn. A
/// program that no rule file names is looked for among the remote ones.
pub fn carried(book: &Rulebook, command: &Command) -> Vec<Command> {
    let mut all: Vec<Command> = Vec::new();
    let mut next = command.carried.clone();
    for depth in 0..=DEPTH_LIMIT {
        let Some((program, arguments)) = next.as_deref().and_then(<[_]>::split_first) else { break };
        all.extend(read_declared(book, program, arguments));
        let inner = read_carried(book, program, arguments, depth < DEPTH_LIMIT);
        next.clone_from(&inner.carried);
        all.push(inner);
    }
    all
}

/// The program as a rule file declares its line. Rules for such a tool are few:
/// it is still a program that nobody judged, so it counts beside the remote one.
fn read_declared(book: &Rulebook, program: &OsStr, arguments: &[OsString]) -> Option<Command> {
    let tool = in_standard_place(program)?.to_str()?;
    let environment = &Environment::default();
    let surroundings = Surroundings { directory: None, home: None, environment, input: None };
    Some(declared::parse(book.syntax(tool)?, tool, arguments, &surroundings))
}

fn read_carried(book: &Rulebook, program: &OsStr, arguments: &[OsString], read: bool) -> Command {
    let name = in_standard_place(program);
    // One with a grammar also where its rules were not loaded for this call.
    let is_tool = |name: &str| grammar(name).is_some() || (book.names(name) && book.syntax(name).is_none());
    let tool = name.and_then(OsStr::to_str).filter(|name| read && !is_pseudo(name) && is_tool(name));
    if let Some(command) = tool.and_then(|tool| parse(tool, arguments, &Environment::default()).ok()) {
        return command;
    }
    let mut words = vec![name.filter(|_| read).unwrap_or(program).to_owned()];
    words.extend_from_slice(arguments);
    generic::parse(REMOTE, &words)
}

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
        carried(&book(), &parse("kubectl", &words, &Environment::default()).unwrap())
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
    fn a_declared_tool_counts_beside_the_remote_one() {
        let text = "version: 1\ntool: psql\nsyntax: { values: [-c] }\nrules: []\n";
        let file = crate::rules::load::parse("own.yaml".as_ref(), text).unwrap();
        let mut book = book();
        book.layers.push(crate::rules::book::Layer {
            origin: crate::rules::book::Origin::User,
            files: vec![("own.yaml".into(), file)],
            for_human: crate::rules::book::Power::Loosens,
            for_agent: crate::rules::book::Power::Loosens,
        });
        let words = ["exec", "db", "--", "psql", "-c", "drop table x"].map(OsString::from);
        let all = carried(&book, &parse("kubectl", &words, &Environment::default()).unwrap());
        let tools: Vec<&str> = all.iter().map(|one| one.tool.as_str()).collect();
        assert_eq!(tools, ["psql", REMOTE]);
    }

    #[test]
    fn a_program_that_is_carried_too_deep_is_not_read() {
        let all = read(&format!("{}{}", "kubectl exec web -- ".repeat(20), "ls"));
        assert_eq!(all.len(), DEPTH_LIMIT + 1);
        let last = all.last().unwrap();
        assert_eq!(last.tool, REMOTE);
        assert_eq!(last.path.first().unwrap(), "kubectl", "it is a program that nobody judged");
    }
}

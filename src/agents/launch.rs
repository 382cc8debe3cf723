//! How an entry in an agent's configuration starts a program, and whether that
//! program is tollgate.

use std::path::Path;

use crate::process::BINARY;

/// How an agent starts a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Launch {
    /// A line for a shell.
    Shell {
        /// The program that the line starts.
        program: String,
        /// What stands behind `hook`: nothing, or the agent's name. Anything else
        /// can change the answer.
        flags: Vec<String>,
        /// The line as it is written.
        line: String,
    },
    /// A program and its arguments, without a shell between.
    Exec {
        /// The program.
        program: String,
        /// All of its arguments, `hook` first.
        args: Vec<String>,
    },
    /// A file of tollgate's own, which the agent loads or runs.
    Plugin {
        /// The tollgate that it calls.
        program: String,
    },
}

impl Launch {
    /// The program that is started, as it is written: a path, or a name to be found
    /// on PATH.
    pub fn program(&self) -> &str {
        match self {
            Self::Shell { program, .. } | Self::Exec { program, .. } | Self::Plugin { program } => program,
        }
    }

    /// How it is written, for people.
    pub fn shown(&self) -> String {
        match self {
            Self::Shell { line, .. } => line.clone(),
            Self::Exec { program, args } => {
                shell_words::join(std::iter::once(program).chain(args).map(String::as_str))
            }
            Self::Plugin { program } => format!("{} hook", shell_words::quote(program)),
        }
    }

    /// What a shell line starts, if that is `tollgate hook`.
    pub(super) fn of_line(line: &str) -> Option<Self> {
        let words = shell_words::split(line).ok()?;
        let is_before = |word: &String| word == "exec" || is_assignment(word.as_str());
        let mut words = words.into_iter().skip_while(is_before);
        let program = words.next().filter(|program| is_tollgate(program))?;
        (words.next()? == "hook").then(|| Self::Shell {
            program,
            flags: words.collect(),
            line: line.to_owned(),
        })
    }

    /// What a program and its arguments are, if that is `tollgate hook`.
    pub(super) fn of_words(program: &str, args: Vec<String>) -> Option<Self> {
        let ours = is_tollgate(program) && args.first().is_some_and(|first| first == "hook");
        ours.then(|| Self::Exec { program: program.to_owned(), args })
    }

    /// Why the answer of this can be another than tollgate's.
    pub(super) fn doubt(&self) -> Option<String> {
        let rest = match self {
            Self::Shell { flags, .. } => flags.as_slice(),
            Self::Exec { args, .. } => args.get(1..).unwrap_or_default(),
            Self::Plugin { .. } => &[],
        };
        match rest {
            [] => None,
            [agent] if crate::invocation::hook::named(agent).is_some() => None,
            rest => Some(format!("`{}` behind `hook` can change the answer", shell_words::join(rest))),
        }
    }
}

fn is_tollgate(program: &str) -> bool {
    Path::new(program).file_name().is_some_and(|name| name == BINARY)
}

fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map_or("", |(name, _)| name);
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_is_told_by_the_command_in_any_form() {
        for (line, program, flags) in [
            ("tollgate hook", "tollgate", &[][..]),
            ("/usr/local/bin/tollgate hook", "/usr/local/bin/tollgate", &[]),
            ("'/opt/my tools/tollgate' hook cline", "/opt/my tools/tollgate", &["cline"]),
            ("\"/it's/tollgate\" hook", "/it's/tollgate", &[]),
            ("exec tollgate hook", "tollgate", &[]),
            ("A=b exec /x/tollgate hook", "/x/tollgate", &[]),
            ("tollgate hook || true", "tollgate", &["||", "true"]),
        ] {
            match Launch::of_line(line) {
                Some(Launch::Shell { program: found, flags: rest, line: whole }) => {
                    assert_eq!(
                        (found.as_str(), rest.as_slice(), whole.as_str()),
                        (program, &flags.iter().map(|flag| (*flag).to_owned()).collect::<Vec<_>>()[..], line)
                    );
                }
                other => panic!("{line}: {other:?}"),
            }
        }
        for line in [
            "",
            "tollgate",
            "tollgate check",
            "mytollgate hook",
            "echo tollgate hook",
            "/x/tollgate/gate hook",
            "'tollgate hook",
        ] {
            assert_eq!(Launch::of_line(line), None, "{line}");
        }
        let words = |args: &[&str]| args.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert!(Launch::of_words("/x/tollgate", words(&["hook"])).is_some());
        assert_eq!(Launch::of_words("/x/tollgate", words(&["check"])), None);
        assert_eq!(Launch::of_words("gate", words(&["hook"])), None);
    }

    #[test]
    fn what_follows_may_only_be_an_agents_name() {
        for (line, doubtful) in [
            ("tollgate hook", false),
            ("tollgate hook cline", false),
            ("tollgate hook || true", true),
            ("tollgate hook; true", true),
        ] {
            let found = Launch::of_line(line);
            assert_eq!(found.is_none_or(|launch| launch.doubt().is_some()), doubtful, "{line}");
        }
    }
}

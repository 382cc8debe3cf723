//! Commands whose output people evaluate every day, and calls of libraries that
//! do what a command does.

use crate::shell::value::{HOLE, HOLES, Value};

/// Programs that print shell code to set up this shell, with the words that
/// must follow. Whoever could replace them could replace the shell.
const SETUP: &[(&str, &[&str])] = &[
    ("asdf", &["exec-env", "env"]),
    ("assume-role", &[]),
    ("atuin", &["init"]),
    ("aws", &["configure"]),
    ("brew", &["shellenv"]),
    ("conda", &["shell.bash", "shell.zsh", "shell.posix"]),
    ("dircolors", &[]),
    ("direnv", &["export", "hook"]),
    ("docker-machine", &["env"]),
    ("fnm", &["env"]),
    ("fzf", &["--bash", "--zsh"]),
    ("gh", &["completion"]),
    ("gpg-agent", &[]),
    ("helm", &["completion"]),
    ("jenv", &["init"]),
    ("k3d", &["completion"]),
    ("keychain", &[]),
    ("kind", &["completion"]),
    ("kubectl", &["completion"]),
    ("luarocks", &["path"]),
    ("mcfly", &["init"]),
    ("micromamba", &["shell"]),
    ("minikube", &["docker-env", "podman-env", "completion"]),
    ("mise", &["activate", "env", "hook-env"]),
    ("nodenv", &["init"]),
    ("npm", &["completion"]),
    ("oh-my-posh", &["init"]),
    ("opam", &["env", "config"]),
    ("pdm", &["venv"]),
    ("perlbrew", &[]),
    ("pip", &["completion"]),
    ("pipx", &["ensurepath"]),
    ("poetry", &["env"]),
    ("pyenv", &["init", "virtualenv-init"]),
    ("rbenv", &["init"]),
    ("register-python-argcomplete", &[]),
    ("resize", &[]),
    ("rtx", &["activate", "env"]),
    ("sheldon", &["source"]),
    ("ssh-agent", &[]),
    ("starship", &["init"]),
    ("thefuck", &["--alias", "-a"]),
    ("tollgate", &["init", "completions"]),
    ("tset", &[]),
    ("uv", &["generate-shell-completion"]),
    ("zoxide", &["init"]),
];

/// Whether what these words print is shell code that is known for what it is.
pub(super) fn is_known(words: &[Value]) -> bool {
    let Some((program, rest)) = words.split_first() else { return false };
    let name = program.text().and_then(|text| text.rsplit('/').next()).unwrap_or_default();
    // Whatever the program, it writes a completion script.
    let completes = |word: &Value| {
        matches!(
            word.text(),
            Some("completion" | "completions" | "--completion" | "--completions" | "--completion-script")
        )
    };
    let shell = |word: &Value| matches!(word.text(), Some("bash" | "zsh" | "sh"));
    if rest.len() <= 4 && rest.iter().any(completes) && rest.iter().any(shell) {
        return true;
    }
    let Some((_, commands)) = SETUP.iter().find(|(program, _)| *program == name) else { return false };
    let says = |word: &Value| word.text().is_some_and(|text| commands.contains(&text));
    match name {
        // These run what is given to them.
        "ssh-agent" | "keychain" | "gpg-agent" | "assume-role" => {
            rest.iter().all(|word| word.bytes.starts_with(b"-") || name != "ssh-agent")
        }
        "aws" => rest.get(1).is_some_and(|word| word.bytes == b"export-credentials"),
        _ => commands.is_empty() || rest.iter().any(says),
    }
}

/// What a command that lists files prints, as far as rules need it: something
/// below the place that it looks in.
pub(super) fn listed(words: &[Value]) -> Option<Vec<u8>> {
    let (program, rest) = words.split_first()?;
    let name = program.text()?.rsplit('/').next()?;
    let operands: Vec<&Value> = rest.iter().take_while(|word| !word.bytes.starts_with(b"-")).collect();
    let below = |place: &[u8]| [place, b"/", &[HOLE], b"\n"].concat();
    match name {
        "find" if operands.is_empty() => Some(below(b".")),
        "find" => Some(operands.iter().flat_map(|place| below(&place.bytes)).collect()),
        "git" if operands.first().is_some_and(|word| word.bytes == b"ls-files") => Some(below(b".")),
        "grep" | "rg" | "ag" if rest.iter().any(|word| letter(word, b'l')) => Some(below(b".")),
        "fd" | "fdfind" => Some(below(b".")),
        "ls" => {
            let places = rest.iter().filter(|word| !word.bytes.starts_with(b"-"));
            let all: Vec<u8> = places.flat_map(|place| [place.bytes.as_slice(), b"\n"].concat()).collect();
            Some(if all.is_empty() { below(b".") } else { all })
        }
        _ => None,
    }
}

/// What a filter lets through of names that are not known: names of the same kind.
pub(super) fn filtered(words: &[Value], input: &[u8]) -> Option<Vec<u8>> {
    const FILTERS: [&str; 9] = ["grep", "egrep", "rg", "sort", "uniq", "head", "tail", "shuf", "tac"];
    let name = words.first()?.text()?.rsplit('/').next()?;
    let unknown = input.iter().any(|byte| matches!(*byte, HOLE | HOLES)) && input.len() > 1;
    (unknown && FILTERS.contains(&name)).then(|| input.to_vec())
}

fn letter(word: &Value, letter: u8) -> bool {
    word.bytes == b"--files-with-matches"
        || (word.bytes.starts_with(b"-") && !word.bytes.starts_with(b"--") && word.bytes.contains(&letter))
}

/// The command that does what a call does.
pub(super) fn as_command(name: &str, arguments: &[u8]) -> Option<Vec<Value>> {
    let mut words: Vec<Value> = Vec::new();
    let known = |text: &str| Value::from(text);
    let argument = || Value::known(if arguments.is_empty() { vec![HOLE] } else { arguments.to_vec() });
    match name {
        "remove-tree" => words.extend([known("rm"), known("-rf"), argument()]),
        // Of many, each has a name of its own.
        "remove-file-in-loop" if arguments.iter().all(|byte| matches!(*byte, HOLE | HOLES)) => {
            return Some(Vec::new());
        }
        "remove-file" | "remove-file-in-loop" => words.extend([known("rm"), argument()]),
        "write-file" => words.extend([known("tee"), argument()]),
        "append-file" => words.extend([known("tee"), known("-a"), argument()]),
        "sql" => words.extend([known("psql"), known("-c"), argument()]),
        "kubernetes delete" => words.extend([known("kubectl"), known("delete"), Value::unknown()]),
        _ => {
            let (family, rest) = name.split_once(' ')?;
            match family {
                "aws" => {
                    words.push(known("aws"));
                    words.extend(
                        rest.split(' ').map(|word| if word == "?" { Value::unknown() } else { known(word) }),
                    );
                }
                "redis" => {
                    words.push(known("redis-cli"));
                    words.extend(rest.split(' ').map(known));
                }
                "mongo" => words.extend([known("mongosh"), known("--eval"), Value::known(rest)]),
                "http" => {
                    words.extend([
                        known("curl"),
                        known("-X"),
                        Value::known(rest.to_ascii_uppercase()),
                        argument(),
                    ]);
                }
                _ => return None,
            }
        }
    }
    Some(words)
}

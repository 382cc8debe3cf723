//! Where programs are looked for: whether a text leaves that to the PATH that its
//! shell has, with the files that are there now.
//!
//! There are many ways to change what a name stands for, so this lists what leaves
//! it alone instead. Anything else, anywhere in the text, and nobody can say before
//! it runs which program a name will be.

use crate::shell::value::Value;

/// Programs that look up what they run on the PATH that they are given, and
/// change nothing before. A shell is one where it is no login shell and reads no
/// file of its own first; zsh always does.
const WRAPPERS: [&str; 19] = [
    ".", "ash", "bash", "builtin", "command", "dash", "env", "eval", "exec", "gtimeout", "ionice", "nice",
    "nohup", "sh", "source", "stdbuf", "time", "timeout", "xargs",
];

/// Programs and builtins that change neither the shell nor a file.
const READERS: [&str; 46] = [
    ":", "basename", "bg", "break", "cat", "cd", "cmp", "comm", "continue", "cut", "date", "df", "diff",
    "dirname", "du", "echo", "egrep", "exit", "expr", "false", "fg", "fgrep", "fold", "grep", "head",
    "hostname", "id", "jobs", "jq", "ls", "md5sum", "mkdir", "nl", "popd", "pushd", "pwd", "readlink",
    "realpath", "return", "rg", "seq", "sleep", "tac", "tail", "tr", "true",
];

/// More of them.
const OTHER_READERS: [&str; 14] = [
    "rev",
    "sha256sum",
    "stat",
    "tree",
    "tty",
    "type",
    "umask",
    "uname",
    "uniq",
    "wait",
    "wc",
    "which",
    "whoami",
    "yq",
];

/// Tools with a grammar of their own: what they do is judged, and none puts a
/// program anywhere, but where it copies files.
const TOOLS: [&str; 6] = ["aws", "helm", "kubectl", "terraform", "terragrunt", "tofu"];

/// What of git changes no file but its own.
const GIT: [&str; 14] = [
    "add",
    "blame",
    "branch",
    "commit",
    "describe",
    "diff",
    "fetch",
    "log",
    "ls-files",
    "push",
    "rev-parse",
    "show",
    "status",
    "tag",
];

/// Whether what these words run leaves alone which program a name stands for.
/// What they run in turn is asked about by itself.
pub(super) fn leaves(words: &[Value]) -> bool {
    let Some((program, arguments)) = words.split_first() else { return true };
    let Some(program) = program.text() else { return false };
    let Some(name) = of_system(program) else { return true };
    let known = || arguments.iter().all(Value::is_known);
    let first = arguments.first().and_then(Value::text);
    match name {
        "alias" => known() && !starts(arguments, b"-"),
        "declare" | "export" | "local" | "readonly" | "typeset" => arguments.iter().all(is_declared),
        "git" => first.is_some_and(|command| GIT.contains(&command)),
        "hash" => arguments.len() == 1 && first == Some("-r"),
        "printf" => first.is_some_and(|format| !format.starts_with("-v")),
        "read" => known() && !arguments.iter().any(|word| word.bytes.contains(&b'[')),
        "set" => are_options(arguments),
        "shift" => arguments.iter().all(|word| word.text().is_some_and(|text| text.parse::<u16>().is_ok())),
        "tee" => arguments.iter().all(|word| word.bytes.starts_with(b"-") || is_no_program(word)),
        "test" | "[" => !arguments.iter().any(|word| word.bytes == b"-v"),
        "trap" => {
            let signals = arguments.get(1..).unwrap_or_default();
            !signals.is_empty() && signals.iter().all(|word| matches!(word.text(), Some("EXIT" | "0")))
        }
        "unset" => known() && !arguments.iter().filter_map(Value::text).any(is_special),
        "aws" => !copies(arguments) || uploads(arguments),
        "kubectl" => !copies(arguments),
        name if WRAPPERS.contains(&name) => is_kept(name, arguments),
        name => READERS.contains(&name) || OTHER_READERS.contains(&name) || TOOLS.contains(&name),
    }
}

/// The name of a program of the system, or one that is looked for. Others are
/// files, which are read.
fn of_system(program: &str) -> Option<&str> {
    let Some((directory, name)) = program.rsplit_once('/') else { return Some(program) };
    matches!(directory, "/bin" | "/usr/bin").then_some(name)
}

fn starts(arguments: &[Value], beginning: &[u8]) -> bool {
    arguments.iter().any(|word| word.bytes.starts_with(beginning))
}

/// Whether files are copied to where programs may be.
fn copies(arguments: &[Value]) -> bool {
    let is_copy = |word: &Value| matches!(word.text(), None | Some("cp" | "mv" | "sync" | "get-object"));
    arguments.iter().any(is_copy)
}

/// What takes no value, in front of the places that `aws s3` copies between.
const SWITCHES: [&str; 7] = [
    "--delete",
    "--exact-timestamps",
    "--no-progress",
    "--only-show-errors",
    "--quiet",
    "--recursive",
    "--size-only",
];

/// Whether words of aws copy to a bucket and to nowhere else, for certain: where they say so first.
fn uploads(arguments: &[Value]) -> bool {
    let Some(words) = arguments.iter().map(Value::text).collect::<Option<Vec<&str>>>() else { return false };
    let mut words = words.as_slice();
    while let ["--profile" | "--region", value, rest @ ..] = words {
        if value.starts_with('-') {
            return false;
        }
        words = rest;
    }
    let ["s3", "cp" | "sync", places @ ..] = words else { return false };
    let mut places = places.iter().skip_while(|word| SWITCHES.contains(word));
    let source = places.next().is_some_and(|source| !source.starts_with('-'));
    source && places.next().is_some_and(|target| target.starts_with("s3://"))
}

/// A word behind `export` and its kin: an ordinary variable, with or without a value.
fn is_declared(word: &Value) -> bool {
    if let Some(letters) = word.bytes.strip_prefix(b"-") {
        return letters.iter().all(|letter| b"xrgaAlu".contains(letter));
    }
    let name = word.bytes.split(|byte| *byte == b'=').next().unwrap_or_default();
    let name = std::str::from_utf8(name.strip_suffix(b"+").unwrap_or(name)).unwrap_or_default();
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    !name.is_empty() && name.chars().all(is_name) && !is_special(name)
}

/// Options of `set` that change nothing but how errors and traces are treated.
fn are_options(arguments: &[Value]) -> bool {
    let mut words = arguments.iter().map(Value::text);
    while let Some(word) = words.next() {
        let Some(word) = word else { return false };
        if word == "--" {
            return true;
        }
        let Some(letters) = word.strip_prefix(['-', '+']) else { return false };
        let names_one = letters.ends_with('o');
        let known = letters.trim_end_matches('o').chars().all(|letter| "eux".contains(letter));
        let mut option = || words.next().flatten().unwrap_or_default();
        if !known || (names_one && !matches!(option(), "errexit" | "nounset" | "pipefail" | "xtrace")) {
            return false;
        }
    }
    true
}

/// Whether a wrapper looks up what it runs as the shell would.
fn is_kept(name: &str, arguments: &[Value]) -> bool {
    let mut options = arguments.iter().map_while(|word| {
        let is_option = !word.is_known() || word.bytes.starts_with(b"-") || word.bytes.starts_with(b"+");
        is_option.then(|| word.text())
    });
    match name {
        // `command -p` looks in the system's own directories.
        "builtin" | "command" | "exec" => {
            options.next().is_none_or(|option| matches!(option, Some("--" | "-v" | "-V")))
        }
        // BSD's -P names other directories, -S holds words of its own.
        "env" => options.all(|option| {
            option.is_some_and(|option| {
                !option.starts_with("-P") && !option.starts_with("-S") && !option.starts_with("--s")
            })
        }),
        "ash" | "bash" | "dash" | "sh" => options.all(|option| {
            option.is_some_and(|option| {
                let short = option.trim_start_matches(['-', '+']);
                !option.starts_with("--") && short.chars().all(|letter| "ceuxE".contains(letter))
            })
        }),
        _ => true,
    }
}

/// Whether the programs that a script runs are looked for as the script itself is:
/// not where its first line asks for a login shell, or for another language.
pub(super) fn is_kept_by_script(text: &[u8]) -> bool {
    let Some(line) = text.strip_prefix(b"#!") else { return true };
    let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let words: Vec<Value> = words.map(|word| Value::known(word.to_vec())).collect();
    let [program, rest @ ..] = words.as_slice() else { return false };
    let name = program.text().and_then(|path| path.rsplit('/').next());
    match (name, rest) {
        (Some("env"), [shell]) => matches!(shell.text(), Some("ash" | "bash" | "dash" | "sh")),
        (Some(name @ ("ash" | "bash" | "dash" | "sh")), rest) => is_kept(name, rest),
        _ => false,
    }
}

/// Variables that say where programs are looked for, what their names stand for, or
/// what a shell does by itself.
pub(super) fn is_special(name: &str) -> bool {
    const NAMES: [&str; 23] = [
        "BASHOPTS",
        "BASH_ALIASES",
        "BASH_CMDS",
        "BASH_ENV",
        "ENV",
        "FPATH",
        "MODULE_PATH",
        "PATH",
        "POSIXLY_CORRECT",
        "PROMPT_COMMAND",
        "PS0",
        "PS1",
        "PS4",
        "SHELLOPTS",
        "ZDOTDIR",
        "aliases",
        "commands",
        "fpath",
        "functions",
        "galiases",
        "module_path",
        "path",
        "saliases",
    ];
    NAMES.contains(&name) || name.ends_with("_functions")
}

/// Functions that a shell calls by itself.
pub(super) fn is_called_by_itself(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 6] = [b"chpwd", b"precmd", b"preexec", b"periodic", b"zshaddhistory", b"zshexit"];
    NAMES.contains(&name) || name.starts_with(b"TRAP") || name.starts_with(b"command_not_found")
}

/// Whether arithmetic computes with numbers alone: a name in it may hold an
/// assignment. `@` and `*` are every element of an array.
pub(super) fn is_number(text: &[u8]) -> bool {
    text.iter().all(|byte| byte.is_ascii_digit() || b" @*:+-/()<>#".contains(byte))
}

/// Whether a word between `[[` and `]]` makes arithmetic of its neighbours.
pub(super) fn computes(word: &[u8]) -> bool {
    matches!(word, b"-eq" | b"-ne" | b"-lt" | b"-le" | b"-gt" | b"-ge" | b"-v")
}

/// Whether a file can be no program of a tool's name: it has an extension.
pub(super) fn is_no_program(file: &Value) -> bool {
    let name = file.text().and_then(|path| path.rsplit('/').next());
    name.is_some_and(|name| name.trim_start_matches('.').contains('.'))
}

#[cfg(test)]
mod tests {
    use super::super::{Form, NoScripts, Surroundings, Typing, What, read};
    use super::*;
    use crate::shell::inner::Place;

    /// Whether `terraform` is looked for on the caller's PATH in `line`.
    fn is_plain(line: &str) -> bool {
        let surroundings = Surroundings {
            directory: Some(std::path::Path::new("/w")),
            home: None,
            inherited: &|name| name == "PATH",
            scripts: &NoScripts,
            place: Place::Here,
            typing: Typing::Apart,
            form: Form::Line,
        };
        let runs = read(line.as_bytes(), surroundings);
        let is_terraform = |words: &[Value]| words.first().is_some_and(|word| word.bytes == b"terraform");
        let all: Vec<bool> = runs
            .iter()
            .filter(|run| matches!(&run.what, What::Command(words) if is_terraform(words)))
            .map(|run| run.plain)
            .collect();
        assert!(!all.is_empty(), "{line} runs no terraform: {runs:?}");
        all.iter().all(|plain| *plain)
    }

    #[test]
    fn most_of_what_runs_programs_leaves_the_path_alone() {
        for line in [
            "terraform destroy",
            "cd x && A=b terraform destroy",
            "if true; then (terraform destroy) & fi",
            "nohup time -p nice -n 5 terraform destroy",
            "env A=b terraform destroy",
            "timeout 60 terraform destroy | tee -a log.txt",
            "bash -c 'terraform destroy'",
            "sh -euxc 'terraform destroy'",
            "echo x | xargs terraform destroy",
            "eval 'terraform destroy'",
            "command terraform destroy",
            "exec terraform destroy",
            "set -euo pipefail; hash -r; export TF_VAR_x=$(cat x); terraform destroy > plan.txt 2>&1",
            "git status && kubectl get pods -o json | jq . | head -n 5; terraform destroy",
            "[ -d x ] && [[ $a == b* ]] && for i in 1 2 3; do terraform destroy; done",
            "trap 'echo done' EXIT; x=${y:-z}; echo ${x%.*} $((1 + 2)) ${a[@]}; terraform destroy",
            "f() { terraform \"$@\"; }; f destroy",
            "aws --profile x s3 sync --delete dist s3://b --exclude x && terraform destroy",
            "printf '#!/bin/sh -e\\nterraform destroy' > x.sh; ./x.sh",
        ] {
            assert!(is_plain(line), "{line}");
        }
    }

    #[test]
    fn what_may_look_elsewhere_is_told() {
        for line in [
            "PATH=/usr/bin terraform destroy",
            "PATH=/usr/bin; terraform destroy",
            "export PATH=$HOME/bin:$PATH; terraform destroy",
            "PATH=/usr/bin; export -n PATH; terraform destroy",
            "if x; then PATH=/usr/bin; fi; terraform destroy",
            "path=(/usr/bin); terraform destroy",
            "unset PATH; terraform destroy",
            "env PATH=/usr/bin terraform destroy",
            "env -u PATH terraform destroy",
            "env -i terraform destroy",
            "env -P /usr/bin terraform destroy",
            "command -p terraform destroy",
            "command -pv x; command -p -- terraform destroy",
            "hash -p /usr/bin/terraform terraform; terraform destroy",
            "enable -f ./x.so terraform; terraform destroy",
            "bash -lc 'terraform destroy'",
            "bash --login -c 'terraform destroy'",
            "bash -ic 'terraform destroy'",
            "bash --rcfile x -ic 'terraform destroy'",
            "zsh -c 'terraform destroy'",
            "sudo terraform destroy",
            "su - x -c 'terraform destroy'",
            "script -qc 'terraform destroy'",
            "source ./unknown; terraform destroy",
            "nix-shell --run 'terraform destroy'",
            "npm exec -c 'terraform destroy'",
            "read -r PATH < x; terraform destroy",
            "printf -v PATH /usr/bin; terraform destroy",
            "v=PATH; declare $v=/usr/bin; terraform destroy",
            "for PATH in /usr/bin; do terraform destroy; done",
            "eval \"$(mise activate bash)\"; terraform destroy",
            "eval \"$(direnv export bash)\"; terraform destroy",
            "source <(brew shellenv); terraform destroy",
            "export `cat e || echo PATH=x`; terraform destroy",
            "export $(grep -v '^#' env.txt | xargs); terraform destroy",
            "rm -f $(which terraform); terraform destroy",
            "ln -sf /usr/bin/terraform ~/bin/terraform; terraform destroy",
            "mv bin late; terraform destroy",
            "echo x > late/terraform; terraform destroy",
            "for i in 1 2; do terraform destroy; rm \"$(command -v terraform)\"; done",
            "python3 -c 'x'; terraform destroy",
            "((PATH=0)); terraform destroy",
            "echo $((PATH=0)); terraform destroy",
            "x='PATH=0'; ((x)); terraform destroy",
            "a[PATH=0]=1; terraform destroy",
            "[[ PATH=0 -eq 0 ]]; terraform destroy",
            "echo ${y:PATH=0} ; terraform destroy",
            "for ((PATH=0;;)); do terraform destroy; done",
            "declare -i x=PATH=0; terraform destroy",
            "let PATH=0; terraform destroy",
            "test -v 'a[PATH=0]'; terraform destroy",
            "declare -n p=PATH; p=x; terraform destroy",
            "printf -vPATH x; terraform destroy",
            "BASH_CMDS[\"terraform\"]=/x; terraform destroy",
            "BASH_CMDS+=([terraform]=/x); terraform destroy",
            "export -n PATH; sh -c 'terraform destroy'",
            "declare +x PATH; env terraform destroy",
            "set -k; terraform destroy PATH=x",
            "set -o keyword; terraform destroy PATH=x",
            "bash -o keyword -c 'terraform destroy PATH=x'",
            "SHELLOPTS=keyword bash -c 'terraform destroy PATH=x'",
            "trap 'PATH=x' DEBUG; terraform destroy",
            "TRAPDEBUG() { PATH=x; }; terraform destroy",
            "PATH=x :; terraform destroy",
            "shift path; terraform destroy",
            "set -A path x; terraform destroy",
            "echo ${PATH::=x}; terraform destroy",
            "echo ${(P)x::=y}; terraform destroy",
            "repeat 1 PATH=x; terraform destroy",
            "chpwd() { x; }; cd /; terraform destroy",
            "chpwd_functions=(f); terraform destroy",
            "autoload terraform; terraform destroy",
            "commands+=(terraform x); terraform destroy",
            "eval \"$(declare -p X | sed s/X/PATH/)\"; terraform destroy",
            "aws s3 cp s3://b/terraform bin/; terraform destroy",
            "aws s3 sync --exclude x s3://b bin; terraform destroy",
            "aws s3 cp s3://b/terraform bin/ --grants s3 cp x s3://b; terraform destroy",
            "aws s3 mv bin/terraform s3://b; terraform destroy",
            "aws s3 sync s3://b s3 sync bin s3://b; terraform destroy",
            "aws s3 sync \"$A\" s3://b; terraform destroy",
            "sudo true; terraform destroy",
            "printf '#!/bin/bash -l\\nterraform destroy' > x; ./x",
        ] {
            assert!(!is_plain(line), "{line}");
        }
    }
}

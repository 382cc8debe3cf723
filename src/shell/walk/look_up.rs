//! Where a program is looked for: whether what runs it leaves that to PATH as it is.

use crate::shell::value::Value;

/// Programs that look up what they run on the PATH that they are given, and
/// change nothing before. A shell is one where it is no login shell and reads no
/// file of its own first; zsh always does.
const KEEP: [&str; 20] = [
    ".", "ash", "bash", "builtin", "command", "dash", "env", "eval", "exec", "gtimeout", "ionice", "nice",
    "nohup", "sh", "source", "stdbuf", "time", "timeout", "trap", "xargs",
];

/// Whether what these words run is looked for as they are themselves. Where one is
/// not known, it is not.
pub(super) fn is_kept(words: &[Value]) -> bool {
    let Some((program, arguments)) = words.split_first() else { return false };
    let Some(name) = program.text().filter(|name| KEEP.contains(name)) else { return false };
    let mut options = arguments.iter().map_while(|word| {
        let is_option = !word.is_known() || word.bytes.starts_with(b"-") || word.bytes.starts_with(b"+");
        is_option.then(|| word.text())
    });
    match name {
        // `command -p` looks in the system's own directories.
        "builtin" | "command" | "exec" => options.next().is_none_or(|option| option == Some("--")),
        // BSD's -P names other directories, -S holds words of its own.
        "env" => options.all(|option| {
            option.is_some_and(|option| {
                !option.starts_with("-P") && !option.starts_with("-S") && !option.starts_with("--s")
            })
        }),
        "ash" | "bash" | "dash" | "sh" => options.all(|option| {
            option.is_some_and(|option| {
                let short = option.trim_start_matches(['-', '+']);
                !option.starts_with("--") && short.chars().all(|letter| "aceuvxofE".contains(letter))
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
    let name = Value::known(program.bytes.rsplit(|byte| *byte == b'/').next().unwrap_or_default());
    let kept = is_kept(&[std::slice::from_ref(&name), rest].concat());
    match (name.text(), rest) {
        (Some("env"), [shell]) => is_kept(std::slice::from_ref(shell)),
        (Some("ash" | "bash" | "dash" | "sh"), _) => kept,
        _ => false,
    }
}

/// Whether a builtin changes which program a name stands for.
pub(super) fn is_changed_by(words: &[Value]) -> bool {
    let name = words.first().and_then(Value::text);
    matches!(name, Some("enable" | "hash" | "rehash" | "unhash")) && words.len() > 1
}

#[cfg(test)]
mod tests {
    use super::super::{NoScripts, Surroundings, Typing, What, read};
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
            "if a; then (terraform destroy) & fi",
            "nohup time -p nice -n 5 terraform destroy",
            "env A=b terraform destroy",
            "timeout 60 terraform destroy | tee log",
            "bash -c 'terraform destroy'",
            "sh -euxc 'terraform destroy'",
            "echo x | xargs terraform destroy",
            "eval 'terraform destroy'",
            "command terraform destroy",
            "exec terraform destroy",
            "f() { terraform \"$@\"; }; f destroy",
            "printf '#!/bin/sh -e\\nterraform destroy' > x; ./x",
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
            "printf '#!/bin/bash -l\\nterraform destroy' > x; ./x",
        ] {
            assert!(!is_plain(line), "{line}");
        }
    }
}

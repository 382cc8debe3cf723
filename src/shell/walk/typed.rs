//! Programs that wait for what is typed into them, and run it. They count where
//! nobody sees what is typed.

use crate::shell::value::Value;

/// Interpreters and debuggers, where no file or expression is given.
const PROMPTS: [&str; 26] = [
    "R", "bpython", "clj", "erl", "expect", "gdb", "ghci", "groovysh", "guile", "iex", "ipython", "ipython3",
    "irb", "jshell", "julia", "lldb", "lua", "luajit", "ocaml", "octave", "pry", "racket", "sbcl", "scala",
    "tclsh", "utop",
];

/// Editors and terminals from which anything can be run.
const SCREENS: [&str; 10] =
    ["byobu", "emacs", "mosh", "nvim", "rvim", "screen", "vi", "view", "vim", "zellij"];

/// Subcommands that open a shell or a prompt, where nothing says what to run there.
const SHELLS: [(&str, &[&str]); 22] = [
    ("az", &["interactive"]),
    ("bin/rails", &["console"]),
    ("bin/rails", &["dbconsole"]),
    ("devbox", &["shell"]),
    ("distrobox", &["enter"]),
    ("fly", &["ssh", "console"]),
    ("gcloud", &["compute", "ssh"]),
    ("gcloud", &["interactive"]),
    ("gh", &["codespace", "ssh"]),
    ("hatch", &["shell"]),
    ("manage.py", &["dbshell"]),
    ("manage.py", &["shell"]),
    ("minikube", &["ssh"]),
    ("multipass", &["shell"]),
    ("nix", &["develop"]),
    ("nix", &["shell"]),
    ("pipenv", &["shell"]),
    ("poetry", &["shell"]),
    ("python", &["manage.py", "dbshell"]),
    ("python", &["manage.py", "shell"]),
    ("rails", &["dbconsole"]),
    ("vagrant", &["ssh"]),
];

/// Options that say what runs instead.
const TOLD: [&str; 12] =
    ["--", "--batch", "--command", "--eval", "--help", "--version", "-batch", "-c", "-e", "-es", "-h", "-x"];

/// Whether these words wait for what is typed.
pub(super) fn waits(words: &[Value]) -> bool {
    let Some((program, arguments)) = words.split_first() else { return false };
    // `$SHELL` alone.
    let Some(program) = program.text() else { return arguments.is_empty() };
    let name = program.rsplit('/').next().unwrap_or(program);
    let told = arguments.iter().any(|word| {
        let flag = word.text().map(|text| text.split('=').next().unwrap_or(text));
        flag.is_some_and(|flag| TOLD.contains(&flag))
    });
    let operands: Vec<&str> =
        arguments.iter().filter_map(Value::text).filter(|word| !word.starts_with('-')).collect();
    let opens = |(tool, subcommand): &(&str, &[&str])| {
        (*tool == name || *tool == program) && operands.starts_with(subcommand)
    };
    match name {
        _ if told => false,
        "tmux" => {
            let detached = arguments.iter().any(|word| word.bytes == b"-d");
            let shows = ["a", "at", "attach", "attach-session", "new", "new-session"];
            operands.first().is_none_or(|command| shows.contains(command)) && !detached
        }
        name if SCREENS.contains(&name) => true,
        name if PROMPTS.contains(&name) => operands.is_empty() || matches!(name, "gdb" | "lldb"),
        _ => SHELLS.iter().any(opens),
    }
}

/// Whether what these words read is not run, although others of the program's uses
/// run it.
pub(super) fn only_reads(words: &[Value]) -> bool {
    let Some((program, arguments)) = words.split_first() else { return false };
    let has = |options: &[&str]| arguments.iter().filter_map(Value::text).any(|word| options.contains(&word));
    match program.text().and_then(|path| path.rsplit('/').next()) {
        Some("bq" | "heroku" | "nc" | "ncat" | "netcat" | "telnet") => true,
        Some("php") => has(&["-S", "-v", "-i", "-m", "--version", "--ini"]),
        Some("rails") => has(&["--help", "-h"]),
        // A git host greets, and runs nothing.
        Some("ssh") => arguments.iter().any(|word| word.bytes.starts_with(b"git@")),
        _ => has(&["--version", "--help"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &str) -> Vec<Value> {
        line.split(' ').map(Value::known).collect()
    }

    #[test]
    fn what_waits_is_told_from_what_is_given_something_to_do() {
        for line in [
            "irb",
            "vim",
            "vim x.txt",
            "tmux",
            "tmux new -s x",
            "tmux attach",
            "screen -S x",
            "gdb ./x",
            "nix develop",
            "poetry shell",
            "python manage.py dbshell",
            "gcloud compute ssh vm",
            "minikube ssh",
            "/usr/bin/lua",
            "emacs -nw",
            "fly ssh console",
        ] {
            assert!(waits(&split(line)), "{line}");
        }
        for line in [
            "irb x.rb",
            "lua -e x",
            "vim -es x",
            "vim --version",
            "tmux new -d -s x",
            "tmux ls",
            "tmux kill-server",
            "gdb --batch ./x",
            "nix develop -c make",
            "nix build",
            "poetry run x",
            "python manage.py migrate",
            "gcloud compute ssh vm --command=ls",
            "minikube ssh -- ls",
            "vagrant up",
            "R -e x",
            "ls",
        ] {
            assert!(!waits(&split(line)), "{line}");
        }
        assert!(waits(&[Value::unknown()]));
        for (line, reads) in [
            ("ssh -T git@github.com", true),
            ("php -S localhost:8000", true),
            ("nc -z localhost 5432", true),
            ("bash --version", true),
            ("ssh host", false),
            ("php", false),
            ("bash", false),
        ] {
            assert_eq!(only_reads(&split(line)), reads, "{line}");
        }
    }
}

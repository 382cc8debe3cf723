use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output};

use tempfile::TempDir;

use super::*;
use crate::process::Environment;

/// Where the shells' own programs are.
const SYSTEM: &str = "/usr/bin:/bin";

/// A shim directory with a `terraform`, a directory with another one, and the
/// code for a shell.
struct World {
    shell: Shell,
    root: TempDir,
    shims: PathBuf,
}

impl World {
    fn new(shell: Shell, name: impl Into<OsString>) -> Self {
        let root = tempfile::tempdir().unwrap();
        let shims = root.path().join(name.into());
        for directory in [&shims, &root.path().join("other"), &root.path().join("home")] {
            fs::create_dir(directory).unwrap();
        }
        for directory in [&shims, &root.path().join("other")] {
            let program = directory.join("terraform");
            fs::write(&program, "#!/bin/sh\nprintf '%s\\n' \"$0\"\n").unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        }
        fs::write(root.path().join("code"), code(shell, &shims)).unwrap();
        Self { shell, root, shims }
    }

    fn plain(shell: Shell) -> Self {
        Self::new(shell, "shims")
    }

    fn other(&self) -> PathBuf {
        self.root.path().join("other")
    }

    /// What loads the code, as an rc file has it.
    fn load(&self) -> &'static str {
        match self.shell {
            Shell::Bash | Shell::Zsh => "eval \"$(/bin/cat \"$CODE\")\"\n",
            Shell::Fish => "/bin/cat $CODE | source\n",
        }
    }

    fn command(&self, path: Option<OsString>) -> Command {
        let program = PathBuf::from("/usr/bin").join(self.shell.name());
        let mut command = Command::new(if program.exists() { program } else { self.shell.name().into() });
        command
            .args(match self.shell {
                Shell::Bash => &["--norc", "--noprofile"][..],
                Shell::Zsh => &["-f"],
                Shell::Fish => &["--no-config"],
            })
            .env_clear()
            .env("HOME", self.root.path().join("home"))
            .env("CODE", self.root.path().join("code"))
            .env("OTHER", self.other())
            .env("SHIMS", &self.shims)
            .env("TERM", "dumb")
            .current_dir(self.root.path());
        if let Some(path) = path {
            command.env("PATH", path);
        }
        command
    }

    /// Runs `script`, and takes what it prints.
    fn run_with(&self, path: Option<OsString>, script: &str) -> Vec<u8> {
        let output = self.command(path).arg("-c").arg(script).output().unwrap();
        checked(&output)
    }

    /// The directories on PATH after `script` was run with `path`.
    fn path_after(&self, path: &str, script: &str) -> Vec<PathBuf> {
        let path = path.replace("SHIMS", self.shims.to_str().unwrap());
        let path = path.replace("OTHER", self.other().to_str().unwrap());
        let printed = self.run_with(Some(path.into()), &format!("{script}\n/usr/bin/env"));
        let printed = String::from_utf8(printed).unwrap();
        let line = printed.lines().find_map(|line| line.strip_prefix("PATH=")).unwrap();
        std::env::split_paths(line).collect()
    }

    /// Feeds `lines` to an interactive shell, one prompt each.
    fn interact(&self, lines: &str) -> String {
        let input = self.root.path().join("input");
        fs::write(&input, lines).unwrap();
        let path = std::env::join_paths([self.other(), "/usr/bin".into(), "/bin".into()]).unwrap();
        let mut command = self.command(Some(path));
        let output = command.arg("-i").stdin(fs::File::open(input).unwrap()).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

/// What was printed on standard output, where nothing else was and it ended well.
fn checked(output: &Output) -> Vec<u8> {
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout.clone()
}

/// The shells of this machine; in CI all of them have to be there.
fn shells() -> Vec<Shell> {
    let required = Environment::of_this_process().non_empty("CI").is_some();
    let installed = |shell: &Shell| {
        let found = Command::new(shell.name()).args(["-c", "exit"]).status().is_ok();
        assert!(found || !required, "{} is not installed", shell.name());
        if !found {
            eprintln!("skipped: {} is not installed", shell.name());
        }
        found
    };
    Shell::ALL.into_iter().filter(installed).collect()
}

#[test]
fn puts_the_shims_first_once_and_keeps_the_rest_in_order() {
    for shell in shells() {
        let world = World::plain(shell);
        let (shims, other) = (world.shims.clone(), world.other());
        let expected = [shims, other, "/usr/bin".into(), "/bin".into()];
        for path in [
            "OTHER:/usr/bin:/bin",
            "SHIMS:OTHER:/usr/bin:/bin",
            "OTHER:SHIMS:/usr/bin:/bin",
            "OTHER:/usr/bin:/bin:SHIMS",
            "OTHER:SHIMS:SHIMS:/usr/bin:SHIMS:/bin:SHIMS",
        ] {
            assert_eq!(world.path_after(path, world.load()), expected, "{shell:?}: {path}");
            let twice = world.load().repeat(2);
            assert_eq!(world.path_after(path, &twice), expected, "{shell:?}: {path}, loaded twice");
        }
        let alike = world.path_after("SHIMS-2:/usr/bin", world.load());
        assert_eq!(alike.len(), 3, "{shell:?}: {alike:?}");
    }
}

#[test]
fn prints_nothing_and_starts_the_shim() {
    for shell in shells() {
        let world = World::plain(shell);
        let path = format!("{}:{SYSTEM}", world.other().display());
        let printed =
            world.run_with(Some(path.into()), &format!("{}type terraform; terraform", world.load()));
        let shim = world.shims.join("terraform");
        let printed = String::from_utf8(printed).unwrap();
        assert_eq!(printed, format!("terraform is {0}\n{0}\n", shim.display()), "{shell:?}");
    }
}

#[test]
fn survives_every_character_a_directory_may_have() {
    let names: [&[u8]; 9] = [
        b"with space",
        b"it's",
        b"a''b'",
        b"back\\slash\\",
        b"$HOME`id`$(id)",
        b"\"double\"!!",
        b"*?[a]{b,c}~#&;|<>%",
        "gr\u{fc}n \u{1f512}".as_bytes(),
        b"new\nline",
    ];
    for shell in shells() {
        for name in names {
            let world = World::new(shell, OsString::from_vec(name.to_vec()));
            let path = format!("{}:{SYSTEM}", world.other().display());
            let script = format!("{0}PATH=\"$OTHER:$PATH\"\n{0}", world.load());
            let script = if shell == Shell::Fish {
                script.replace("PATH=\"$OTHER:$PATH\"", "set PATH $OTHER $PATH")
            } else {
                script
            };
            let printed = world
                .run_with(Some(path.into()), &format!("{script}terraform\n/usr/bin/env printf %s \"$PATH\""));
            let mut expected = world.shims.join("terraform").into_os_string().into_vec();
            expected.push(b'\n');
            assert_eq!(
                printed.get(..expected.len()),
                Some(&expected[..]),
                "{shell:?}: {}",
                name.escape_ascii()
            );
            let count = printed.windows(name.len()).filter(|window| *window == name).count();
            assert_eq!(count, 2, "once on PATH: {shell:?}: {}", printed.escape_ascii());
        }
    }
}

#[test]
fn an_empty_or_missing_path_becomes_the_shims_alone() {
    for shell in shells() {
        let world = World::plain(shell);
        let expected = format!("PATH={}", world.shims.display());
        let scripts = match shell {
            Shell::Bash | Shell::Zsh => ["PATH=", "unset PATH"],
            Shell::Fish => ["set PATH", "set -e PATH"],
        };
        for script in scripts {
            let printed =
                world.run_with(Some(SYSTEM.into()), &format!("{script}\n{}/usr/bin/env", world.load()));
            let printed = String::from_utf8(printed).unwrap();
            assert!(printed.lines().any(|line| line == expected), "{shell:?}: {script}: {printed}");
        }
    }
}

#[test]
fn works_under_the_strictest_options_and_with_aliases() {
    let aliases = "alias local='echo alias' export='echo alias' builtin='echo alias' return='echo alias' \
        emulate='echo alias' typeset='echo alias' '['='echo alias'\n";
    for (shell, options) in [
        (Shell::Bash, "set -euo pipefail; shopt -s expand_aliases nocasematch extglob; IFS=/\n"),
        (Shell::Bash, "set -eu -o posix\n"),
        (
            Shell::Zsh,
            "setopt nounset errexit sh_word_split ksh_arrays rc_quotes no_unset warn_create_global\n",
        ),
        (
            Shell::Zsh,
            "setopt extended_glob glob_subst null_glob; emulate sh; setopt nounset errexit aliases\n",
        ),
    ] {
        if !shells().contains(&shell) {
            continue;
        }
        let world = World::plain(shell);
        let script = format!("{options}{aliases}{0}{0}\\unalias -a", world.load());
        let path = world.path_after("OTHER:/usr/bin:SHIMS", &script);
        assert_eq!(path, [world.shims.clone(), world.other(), "/usr/bin".into()], "{shell:?}: {options}");
    }
}

/// One line for an interactive shell that puts another terraform first.
fn steal(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash | Shell::Zsh => "PATH=\"$OTHER:$PATH\"\n",
        Shell::Fish => "set PATH $OTHER $PATH\n",
    }
}

#[test]
fn the_prompt_hook_takes_the_first_place_back_and_keeps_the_status() {
    for shell in shells().into_iter().filter(|shell| *shell != Shell::Fish) {
        let world = World::plain(shell);
        let lines = [
            "PS1=\n",
            "user_hook() { echo \"user saw $?\"; }\n",
            if shell == Shell::Bash {
                "PROMPT_COMMAND='user_hook; '\n"
            } else {
                "precmd_functions=(user_hook)\n"
            },
            world.load(),
            world.load(),
            steal(shell),
            "terraform\n",
            "(exit 7)\n",
            "echo \"status $?\"\n",
        ]
        .concat();
        let printed = world.interact(&lines);
        let shim = world.shims.join("terraform");
        assert!(printed.contains(&format!("{}\n", shim.display())), "{shell:?}: {printed}");
        assert!(printed.contains("user saw 7\n"), "{shell:?}: {printed}");
        assert!(printed.contains("status 7\n"), "{shell:?}: {printed}");
        assert!(!printed.contains("other/terraform"), "{shell:?}: {printed}");
    }
}

#[test]
fn bash_keeps_whatever_prompt_command_was() {
    if !shells().contains(&Shell::Bash) {
        return;
    }
    let world = World::plain(Shell::Bash);
    for (before, after) in [
        ("", "declare -- PROMPT_COMMAND=\"__tollgate_front\""),
        ("PROMPT_COMMAND='echo a;'", "declare -- PROMPT_COMMAND=$'echo a;\\n__tollgate_front'"),
        ("PROMPT_COMMAND='echo a # why'", "declare -- PROMPT_COMMAND=$'echo a # why\\n__tollgate_front'"),
        (
            "PROMPT_COMMAND=('echo a' 'echo b')",
            "declare -a PROMPT_COMMAND=([0]=\"echo a\" [1]=\"echo b\" [2]=\"__tollgate_front\")",
        ),
    ] {
        let lines =
            format!("set -u\nPS1=\n{before}\n{0}{0}declare -p PROMPT_COMMAND\nset +u\n", world.load());
        let printed = world.interact(&lines);
        assert!(printed.contains(after), "{before}: {printed}");
        assert!(before.is_empty() || printed.contains("a\n"), "{before}: {printed}");
    }
}

#[test]
fn bash_that_ends_on_errors_survives_its_prompt() {
    if !shells().contains(&Shell::Bash) {
        return;
    }
    let world = World::plain(Shell::Bash);
    let lines = format!("PS1=\n{}set -e\n! true\n{}terraform\n", world.load(), steal(Shell::Bash));
    let printed = world.interact(&lines);
    assert!(printed.contains(&world.shims.join("terraform").display().to_string()), "{printed}");
}

#[test]
fn zsh_takes_the_first_place_back_after_cd_on_the_same_line() {
    if !shells().contains(&Shell::Zsh) {
        return;
    }
    let world = World::plain(Shell::Zsh);
    let lines = format!(
        "PS1=\nsteal() {{ PATH=\"$OTHER:$PATH\" }}\nchpwd_functions=(steal)\n{}cd / && terraform\n",
        world.load()
    );
    let printed = world.interact(&lines);
    assert!(printed.contains(&world.shims.join("terraform").display().to_string()), "{printed}");
}

#[test]
fn fish_takes_the_first_place_back_at_its_events() {
    if !shells().contains(&Shell::Fish) {
        return;
    }
    let world = World::plain(Shell::Fish);
    let path = || Some(OsString::from(SYSTEM));
    let shim = format!("{}\n", world.shims.join("terraform").display());
    for event in ["emit fish_prompt", "emit fish_preexec x", "cd /"] {
        let script = format!("{}{}{event}\nterraform", world.load(), steal(Shell::Fish));
        assert_eq!(world.run_with(path(), &script), shim.as_bytes(), "{event}");
    }
    let script = format!("{}PATH=\"$OTHER\" cd /\nstring join : $PATH", world.load());
    let printed = world.run_with(path(), &script);
    let expected = format!("{}:{SYSTEM}\n", world.shims.display());
    assert_eq!(printed, expected.as_bytes(), "a PATH of one command's own does not stay");
}

#[test]
fn fish_takes_the_first_place_back_at_a_real_prompt() {
    if !shells().contains(&Shell::Fish) {
        return;
    }
    let world = World::plain(Shell::Fish);
    let mut command = world.command(Some(SYSTEM.into()));
    command.arg("-i").arg("--init-command").arg(world.load());
    let mut session = rexpect::session::spawn_command(command, Some(20_000)).unwrap();
    session.send_line("set PATH $OTHER $PATH").unwrap();
    session.send_line("false").unwrap();
    session.send_line("echo status=$status $PATH[1]=").unwrap();
    session.exp_string(&format!("status=1 {}=", world.shims.display())).unwrap();
    session.send_line("exit").unwrap();
    session.exp_eof().unwrap();
}

#[test]
fn knows_a_shell_by_its_program() {
    assert_eq!(Shell::of_program(Path::new("/opt/homebrew/bin/fish")), Some(Shell::Fish));
    assert_eq!(Shell::of_program(Path::new("/bin/dash")), None);
}

//! `tollgate init`, as each shell's rc file has it.

use std::process::Command;

use crate::support::pty::PtyCommand;
use crate::support::world::{MARKER, World, assert_code, is_installed, text, tollgate};

/// Each shell, how it starts without anybody's rc file, and the line that
/// `tollgate init` is for.
const SHELLS: &[(&str, &[&str], &str)] = &[
    ("bash", &["--norc", "--noprofile"], "eval \"$(\"$TOLLGATE\" init bash --dir \"$SHIMS\")\""),
    ("zsh", &["-f"], "eval \"$(\"$TOLLGATE\" init zsh --dir \"$SHIMS\")\""),
    ("fish", &["--no-config"], "$TOLLGATE init fish --dir $SHIMS | source"),
];

fn shell(world: &World, name: &str, options: &[&str], script: &str) -> Command {
    let mut command = world.command(format!("/usr/bin/{name}"));
    command.args(options).args(["-c", script]).env("TOLLGATE", tollgate()).env("SHIMS", world.path("shims"));
    command.env("PATH", world.search(&["bin"])).env("TERM", "dumb");
    command
}

#[test]
fn puts_the_shim_first_in_every_shell() {
    for (name, options, line) in SHELLS {
        if !is_installed(name) {
            continue;
        }
        let world = World::new();
        let script = format!("{line}\ncommand -v terraform; terraform destroy");
        let output = shell(&world, name, options, &script).env(MARKER.0, MARKER.1).output().unwrap();
        world.assert_nothing_ran();
        assert_code(&output, 77);
        assert_eq!(text(&output.stdout), format!("{}\n", world.shim().display()), "{name}");
        assert!(text(&output.stderr).starts_with("tollgate: refused: terraform destroy"), "{output:?}");

        let script = format!("{line}\n{line}\nterraform plan");
        let output = shell(&world, name, options, &script).output().unwrap();
        assert_code(&output, 0);
        assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
        let path = world.ran().variable("PATH").unwrap().to_owned();
        assert_eq!(path, world.search(&["shims", "bin"]), "{name}: once, however often it is sourced");
    }
}

#[test]
fn stays_first_at_every_prompt() {
    for (name, options, line) in SHELLS.iter().filter(|(name, ..)| *name != "fish") {
        if !is_installed(name) {
            continue;
        }
        let world = World::new();
        world.stub_at("other/terraform", "");
        let interactive = PtyCommand::leader(format!("/usr/bin/{name}")).args(*options).args(["-i"]);
        let mut terminal = world
            .in_terminal(interactive)
            .env("PS1", "prompt> ")
            .env("PATH", world.search(&["bin"]))
            .env("TOLLGATE", tollgate())
            .env("SHIMS", world.path("shims"))
            .env("OTHER", world.path("other"))
            .env(MARKER.0, MARKER.1)
            .start();
        terminal.expect("prompt> ");
        terminal.send_line(line);
        terminal.expect("prompt> ");
        terminal.send_line("PATH=\"$OTHER:$PATH\"");
        terminal.expect("prompt> ");
        terminal.send_line("terraform destroy");
        terminal.expect("tollgate: refused: terraform destroy");
        terminal.expect("prompt> ");
        terminal.send_line("exit");
        terminal.wait();
        world.assert_nothing_ran();
    }
}

#[test]
fn the_default_directory_is_that_of_the_links() {
    let world = World::new();
    let output = world.tollgate(["init", "bash"]).output().unwrap();
    assert_code(&output, 0);
    let directory = world.path("home/.local/share/tollgate/shims");
    assert!(text(&output.stdout).contains(&format!("shims='{}'", directory.display())), "{output:?}");
}

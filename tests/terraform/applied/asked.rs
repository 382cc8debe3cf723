//! What terraform asks, asked in its stead, and signals while it plans.

use std::fs;

use super::{Ground, fed, steady};
use crate::support::pty::PtyCommand;
use crate::support::world::{World, assert_code, is_human};

/// Terraform's own question.
const QUESTION: &str = "Enter a value: ";

#[test]
fn the_question_is_terraforms_own() {
    if !is_human() {
        return;
    }
    let [Some(gated), Some(plain)] = [Ground::new(), Ground::new()] else { return };
    let cases: &[(&[&str], &str)] = &[
        (&["apply"], "no\n"),
        (&["apply"], ""),
        (&["apply"], "yes"),
        (&["apply", "-no-color"], "y\n"),
        (&["apply", "-no-color"], ""),
        (&["apply", "-no-color", "-input=false"], " yes\n"),
        (&["apply", "-no-color"], "yes \nrest\n"),
        (&["apply", "-no-color"], ""),
        (&["apply", "-no-color", "-var=input=b"], "yes\n"),
    ];
    for (words, input) in cases {
        let shim = fed(gated.human(*words), input.as_bytes());
        let mut real = plain.quiet(plain.world.command(&plain.terraform));
        real.args(*words);
        let real = fed(real, input.as_bytes());
        assert_eq!(shim.status.code(), real.status.code(), "{words:?} {input:?}");
        assert_eq!(steady(&shim.stdout), steady(&real.stdout), "{words:?} {input:?}");
        assert_eq!(steady(&shim.stderr), steady(&real.stderr), "{words:?} {input:?}");
    }
    assert!(gated.world.record().is_empty());
}

#[test]
fn a_terminal_is_as_wide_and_as_coloured_as_it_was() {
    if !is_human() {
        return;
    }
    let Some(ground) = Ground::new() else { return };
    ground
        .configure("variable \"asked\" {}\nresource \"terraform_data\" \"env\" {\n  input = var.asked\n}\n");
    let mut terminal = ground.terminal(&["apply"]).start();
    terminal.expect("var.asked");
    terminal.expect(QUESTION.trim_end());
    terminal.send_line("typed");
    let shown = terminal.expect("Do you want to perform these actions?");
    assert!(shown.contains("\u{1b}[32m+") && shown.contains("\"typed\""), "{shown}");
    assert!(!shown.contains("Saved the plan"), "{shown}");
    terminal.send_line("yes");
    let (rest, code) = terminal.wait();
    assert!(rest.contains("Apply complete! Resources: 1 added"), "{rest}");
    assert_eq!(code, 0);
}

#[test]
fn an_interrupt_is_an_answer() {
    if !is_human() {
        return;
    }
    let Some(ground) = Ground::new() else { return };
    let mut terminal = ground.terminal(&["apply", "-no-color"]).start();
    terminal.expect(QUESTION);
    terminal.control('c');
    terminal.expect("Error: error asking for approval: interrupted");
    assert_eq!(terminal.wait().1, 1);
    assert_eq!(ground.state(), "");
    assert!(ground.kept().is_empty());
}

/// The tool is told once, ends as it likes, and nothing comes after it.
#[test]
fn an_interrupt_while_it_plans_ends_it() {
    if !is_human() {
        return;
    }
    for (end, code) in [("exit 1", 1), ("exit 0", 1), ("trap - INT; kill -INT $$", 130)] {
        let world = World::new();
        let log = world.path("log");
        world.script(
            "bin/terraform",
            &format!("echo $1 >>{0}\ntrap 'echo told >>{0}; {end}' INT\necho planning\nwhile :; do /bin/sleep 0.1; done", log.display()),
        );
        let mut terminal = world.at_terminal(["apply"]).start();
        terminal.expect("planning");
        terminal.control('c');
        assert_eq!(terminal.wait().1, code, "{end}");
        assert_eq!(fs::read_to_string(&log).unwrap(), "plan\ntold\n", "{end}");
    }
}

#[test]
fn a_reader_that_goes_away_ends_it_as_it_ends_terraform() {
    let Some(ground) = Ground::new() else { return };
    let script = "terraform apply -auto-approve -no-color | /usr/bin/head -c 1 >/dev/null; exit 0";
    let mut command = ground.quiet(ground.world.shell(script));
    command.env("CLAUDE_CODE_CHILD_SESSION", "1");
    assert!(command.status().unwrap().success());
    assert_eq!(ground.state(), "", "who reads nothing has agreed to nothing");
}

#[test]
fn a_disk_that_is_full_ends_nothing_half_way() {
    let Some(ground) = Ground::new() else { return };
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = ground.agent(["apply", "-auto-approve"]).stdout(full).output().unwrap();
    assert_code(&output, 0);
    assert!(ground.state().contains("terraform_data"), "{}", ground.state());
    let lock = ground.world.project().join(".terraform.tfstate.lock.info");
    assert!(!lock.exists(), "terraform was ended before it let go of its state");
}

impl Ground {
    /// The shim, called by a human at a terminal.
    pub(super) fn terminal(&self, words: &[&str]) -> PtyCommand {
        self.world.at_terminal(words).env("CHECKPOINT_DISABLE", "1").env("TMPDIR", self.world.path("home"))
    }
}

//! Where it is asked: at the human's terminal and nowhere else.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use crate::support::pty::PtyCommand;
use crate::support::world::{MARKER, PROJECT, REFUSED, World, is_human, is_installed};

const NAME: &str = "to run it: ";

#[test]
fn a_pipe_does_not_answer_for_the_human() {
    if !is_human() {
        return;
    }
    let world = World::new();
    world.stub("exit 3");
    let script =
        format!("yes {PROJECT} | terraform destroy; echo code $?; yes y | terraform destroy; echo code $?");
    let mut terminal = world.script_at_terminal(&script).start();
    terminal.expect(NAME);
    terminal.send_line("no");
    terminal.expect("code 77");
    world.assert_nothing_ran();
    terminal.expect(NAME);
    terminal.send_line(PROJECT);
    terminal.expect("code 3");
    terminal.wait();
    world.ran();
}

#[test]
fn redirected_output_stays_clean() {
    if !is_human() {
        return;
    }
    let world = World::new();
    world.stub("echo result");
    let script = "terraform destroy >out 2>err </dev/null; exit $?";
    let mut terminal = world.script_at_terminal(script).start();
    terminal.expect(NAME);
    terminal.send_line(PROJECT);
    assert_eq!(terminal.wait().1, 0);
    assert_eq!(fs::read_to_string(world.project().join("out")).unwrap(), "result\n");
    assert_eq!(fs::read_to_string(world.project().join("err")).unwrap(), "");
}

#[test]
fn what_was_typed_before_the_question_is_no_answer() {
    if !is_human() {
        return;
    }
    let world = World::new();
    let script = "/usr/bin/mkfifo gate; echo ready; read -r go <gate; terraform destroy; exit $?";
    let mut terminal = world.script_at_terminal(script).start();
    terminal.expect("ready");
    terminal.send_line(PROJECT);
    terminal.send_line(PROJECT);
    let mut gate = fs::OpenOptions::new().write(true).open(world.project().join("gate")).unwrap();
    gate.write_all(b"go\n").unwrap();
    terminal.expect(NAME);
    // Had it been taken, there would be nobody to take this.
    terminal.send_line("no");
    let (shown, code) = terminal.wait();
    assert_eq!(code, REFUSED, "{shown}");
    assert!(shown.contains("what was typed does not match"), "{shown}");
    world.assert_nothing_ran();
}

#[test]
fn the_terminal_is_as_before_afterwards() {
    if !is_human() {
        return;
    }
    let world = World::new();
    let script = "/bin/stty -a >before; terraform destroy; /bin/stty -a >after; \
        echo next; read -r line; echo \"got $line\"";
    for key in ['c', 'd', 'm', '\\'] {
        let mut terminal = world.script_at_terminal(script).start();
        terminal.expect(NAME);
        terminal.control(key);
        terminal.expect("next");
        terminal.send_line("hello");
        terminal.expect("got hello");
        terminal.wait();
        let settings = |name| fs::read_to_string(world.project().join(name)).unwrap();
        assert!(settings("before").contains("speed"), "{}", settings("before"));
        assert_eq!(settings("before"), settings("after"));
    }
    world.assert_nothing_ran();
}

#[test]
fn an_agent_at_a_terminal_is_refused_at_once() {
    let world = World::new();
    let (shown, code) = world.at_terminal(["destroy"]).env(MARKER.0, MARKER.1).start().wait();
    assert_eq!(code, REFUSED);
    assert!(shown.contains("claude-code asks"), "{shown}");
    assert!(!shown.contains(NAME), "{shown}");
    world.assert_nothing_ran();
}

#[test]
fn parallel_runs_ask_one_after_the_other() {
    if !is_human() || !is_installed("xargs") {
        return;
    }
    let world = World::new();
    world.stub("exit 0");
    for directory in ["one", "two"] {
        world.write(&format!("network/{directory}/main.tf"), "");
    }
    let script = "/bin/stty -a >before; printf 'one\\ntwo\\n' | xargs -I{} -P2 terraform -chdir={} destroy; \
        /bin/stty -a >after";
    let mut terminal = world.script_at_terminal(script).start();
    let mut names = Vec::new();
    for _ in 0..2 {
        let question = terminal.expect_regex("Type `[a-z]*` to run it: ");
        let name = question.split('`').nth(1).unwrap().to_owned();
        terminal.send_line(&name);
        names.push(name);
    }
    let (shown, code) = terminal.wait();
    assert_eq!(code, 0, "{shown}");
    names.sort();
    assert_eq!(names, ["one", "two"]);
    assert_eq!(world.runs().len(), 2, "{shown}");
    let settings = |name| fs::read_to_string(world.project().join(name)).unwrap();
    assert_eq!(settings("before"), settings("after"));
}

/// A script that runs the shim with a clean environment, once nothing of the
/// terminal is among its ancestors any more; how it ends is in files.
fn orphan(world: &World) -> String {
    let inner = world.script(
        "orphan",
        "while [ -e /proc/$1 ]; do /bin/sleep 0.02; done\n\
         terraform destroy </dev/null >shown 2>&1\n\
         echo $? >code.new; /bin/mv code.new code",
    );
    format!(
        "/bin/sh -c '/usr/bin/env -i PATH=\"$PATH\" HOME=\"$HOME\" {} $$ &'\n\
         until [ -e code ]; do /bin/sleep 0.02; done",
        inner.display()
    )
}

fn assert_orphan_refused(world: &World, why: &str) {
    world.assert_nothing_ran();
    let shown = fs::read_to_string(world.project().join("shown")).unwrap();
    assert!(shown.contains("an agent holds this terminal ("), "{shown}");
    assert!(shown.contains(why), "{shown}");
    assert_eq!(fs::read_to_string(world.project().join("code")).unwrap(), "77\n");
}

#[test]
fn an_agents_session_is_no_place_to_ask() {
    if !is_human() {
        return;
    }
    let world = World::new();
    world.script_at_terminal(&orphan(&world)).env(MARKER.0, MARKER.1).start().wait();
    assert_orphan_refused(&world, "session leader ");
}

#[test]
fn a_terminal_that_an_agent_program_holds_is_no_place_to_ask() {
    if !is_human() || !is_installed("script") {
        return;
    }
    let world = World::new();
    // script(1) under an agent's name: it holds the inner terminal's master.
    let codex = world.program(Path::new("/usr/bin/script"), "codex");
    let leader = world.script("leader", &orphan(&world));
    let arguments = ["-qec".into(), leader.into_os_string(), "/dev/null".into()];
    world.in_terminal(PtyCommand::new(codex).args(arguments)).start().wait();
    assert_orphan_refused(&world, "codex");
}

#[test]
fn a_background_job_does_not_wait_unseen() {
    if !is_human() {
        return;
    }
    let world = World::new();
    let script = "set -m; terraform destroy & wait $!; echo code $?";
    let mut terminal = world.script_at_terminal(script).start();
    let shown = terminal.expect("code 77");
    assert!(shown.contains("this process is a background job of its terminal"), "{shown}");
    terminal.wait();
    world.assert_nothing_ran();
}

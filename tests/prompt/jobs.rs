//! An authorized run is one job with the tollgate that waits for it.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::pty::{Pty, PtyCommand};
use crate::support::world::{PROJECT, World, is_human};

/// Answers the question.
fn confirm(terminal: &mut Pty) {
    terminal.expect("to run it: ");
    terminal.send_line(PROJECT);
}

#[test]
fn ctrl_c_reaches_the_tool_once() {
    if !is_human() {
        return;
    }
    let world = World::new();
    world.stub(
        "n=0; trap 'n=$((n + 1)); echo \"interrupt $n\"' INT\n\
         echo ready\n\
         until [ -n \"$line\" ]; do read -r line; done\n\
         echo \"$n in all\"; exit 4",
    );
    let mut terminal = world.at_terminal(["destroy"]).start();
    confirm(&mut terminal);
    terminal.expect("ready");
    terminal.control('c');
    terminal.expect("interrupt 1");
    terminal.send_line("go on");
    terminal.expect("1 in all");
    assert_eq!(terminal.wait().1, 4);
    assert_eq!(world.recorded("exit")[0]["exit"], 4);
}

#[test]
fn a_tool_that_dies_of_ctrl_c_is_recorded_as_that() {
    if !is_human() {
        return;
    }
    let world = World::new();
    world.stub("echo ready; exec /bin/sleep 600");
    let mut terminal = world.at_terminal(["destroy"]).start();
    confirm(&mut terminal);
    terminal.expect("ready");
    terminal.control('c');
    assert_eq!(terminal.wait().1, 130);
    assert_eq!(world.recorded("exit")[0]["signal"], 2);
    world.assert_intact();
}

#[test]
fn it_stops_and_goes_on_as_one_job() {
    if !is_human() {
        return;
    }
    let world = World::new();
    world.stub("echo ready; read -r line; echo \"got $line\"; exit 3");
    let shell = PtyCommand::leader("/bin/bash").args(["--norc", "--noprofile", "--noediting", "-i"]);
    let mut terminal = world.in_terminal(shell).env("PS1", "prompt> ").start();
    terminal.expect("prompt> ");
    terminal.send_line("terraform destroy");
    confirm(&mut terminal);
    terminal.expect("ready");
    terminal.control('z');
    terminal.expect("Stopped");
    terminal.expect("prompt> ");
    terminal.send_line("fg");
    terminal.expect("terraform destroy");
    terminal.send_line("hello");
    terminal.expect("got hello");
    terminal.expect("prompt> ");
    terminal.send_line("echo \"code $?\"");
    terminal.expect("code 3");
    terminal.send_line("exit");
    terminal.wait();
    world.ran();
    assert_eq!(world.recorded("exit")[0]["exit"], 3);
}

#[test]
fn a_signal_to_tollgate_is_passed_on() {
    if !is_human() {
        return;
    }
    let world = World::new();
    world.stub(
        "trap 'echo terminated; exit 5' TERM; echo \"parent $PPID.\"; while :; do /bin/sleep 0.05; done",
    );
    let mut terminal = world.at_terminal(["destroy"]).start();
    confirm(&mut terminal);
    let line = terminal.expect_regex("parent [0-9]+\\.");
    let pid = line.trim_start_matches("parent ").trim_end_matches('.').parse().unwrap();
    kill(Pid::from_raw(pid), Signal::SIGTERM).unwrap();
    terminal.expect("terminated");
    assert_eq!(terminal.wait().1, 5);
    assert_eq!(world.recorded("exit")[0]["exit"], 5);
}

#[test]
fn streams_arguments_and_environment_are_the_tools_own() {
    if !is_human() {
        return;
    }
    let world = World::new();
    world.stub("read -r line; echo \"read $line\"; exit 3");
    let script = "echo piped | TOLLGATE_TOKEN=x TF_CLI_ARGS_state_rm=-lock=false terraform state rm '' \"$(printf 'a\\377')\"";
    let mut terminal = world.script_at_terminal(script).start();
    confirm(&mut terminal);
    terminal.expect("read piped");
    assert_eq!(terminal.wait().1, 3);
    let run = world.ran();
    let bytes: Vec<&[u8]> = run.arguments.iter().map(|word| word.as_encoded_bytes()).collect();
    assert_eq!(bytes, [&b"state"[..], b"rm", b"-lock=false", b"", b"a\xff"]);
    assert_eq!(run.variable("TOLLGATE_TOKEN"), None);
    assert_eq!(run.variable("TF_CLI_ARGS_state_rm"), None);
    assert_eq!(run.variable("TOLLGATE_DEPTH").unwrap(), "1");
}

//! What an authorized run starts in turn.

use crate::support::world::{PROJECT, World, is_human, is_installed};

/// What the stub does at first: it calls the shim again, with `variables`.
fn calling_again(variables: &str) -> String {
    format!(
        "if [ -z \"$INNER\" ]; then INNER=1 {variables} terraform destroy; echo \"inner $?\"; exit 2; fi; exit 6"
    )
}

#[test]
fn what_an_authorized_run_starts_is_covered() {
    if !is_human() {
        return;
    }
    let world = World::new();
    world.stub(&calling_again(""));
    let mut terminal = world.at_terminal(["destroy"]).start();
    terminal.expect("to run it: ");
    terminal.send_line(PROJECT);
    let (shown, code) = terminal.wait();
    assert!(shown.contains("inner 6"), "{shown}");
    assert!(!shown.contains("to run it"), "not asked again: {shown}");
    assert_eq!(code, 2);
    assert_eq!(world.runs().len(), 2);

    world.assert_intact();
    let exec = world.recorded("exec");
    assert_eq!(exec[0]["authorization"], "confirmed");
    assert_eq!(exec[1]["authorization"], "covered");
    assert_eq!(
        exec[1]["note"],
        format!("started by the authorized run {}", exec[0]["req"].as_str().unwrap())
    );
    let exits: Vec<_> = world.recorded("exit").iter().map(|entry| entry["exit"].clone()).collect();
    assert_eq!(exits, [6, 2]);
}

#[test]
fn a_confirmation_does_not_cover_what_needs_a_second_person() {
    if !is_human() {
        return;
    }
    let world = World::new();
    world.stub(&calling_again("TF_WORKSPACE=prod"));
    let mut terminal = world.at_terminal(["destroy"]).start();
    terminal.expect(&format!("Type `{PROJECT}` to run it: "));
    terminal.send_line(PROJECT);
    terminal.expect("Type `prod` to run it: ");
    terminal.send_line("no");
    terminal.expect("inner 77");
    terminal.wait();
    world.ran();
}

#[test]
fn nothing_is_covered_once_the_run_is_over() {
    if !is_human() {
        return;
    }
    let world = World::new();
    let mut terminal = world.script_at_terminal("terraform destroy; terraform destroy; exit $?").start();
    terminal.expect("to run it: ");
    terminal.send_line(PROJECT);
    terminal.expect("to run it: ");
    terminal.control('c');
    assert_eq!(terminal.wait().1, 77);
    world.ran();
}

#[test]
fn an_agent_that_an_authorized_run_starts_is_not_covered_by_a_note_of_its_choice() {
    if !is_human() {
        return;
    }
    let world = World::new();
    // The state directory is chosen by HOME here, and so could be by an agent.
    world.stub(&calling_again("CLAUDE_CODE_CHILD_SESSION=1"));
    let mut terminal = world.at_terminal(["destroy"]).start();
    terminal.expect("to run it: ");
    terminal.send_line(PROJECT);
    terminal.expect("inner 77");
    terminal.wait();
    world.ran();
}

#[test]
fn a_forged_note_is_a_fault() {
    if !is_installed("python3") {
        return;
    }
    let world = World::new();
    // Sealed, with the true pid and start time, and handed down to the shim.
    world.write(
        "forge.py",
        "import fcntl, json, os, sys\n\
        stat = open('/proc/self/stat').read().rsplit(')', 1)[1].split()\n\
        note = {'pid': os.getpid(), 'started': int(stat[19]), 'request': 'x', 'level': 'peer', 'principal': 'agent'}\n\
        fd = os.memfd_create('tollgate-authorized', os.MFD_ALLOW_SEALING)\n\
        os.write(fd, json.dumps(note).encode())\n\
        fcntl.fcntl(fd, 1033, 15)\n\
        os.set_inheritable(fd, True)\n\
        os.execvp(sys.argv[1], sys.argv[1:])\n",
    );
    let forge = world.path("forge.py");
    for called in ["terraform destroy", "tollgate doctor", "tollgate exec -- terraform destroy"] {
        let called = called.replace("tollgate", env!("CARGO_BIN_EXE_tollgate"));
        let script = format!("python3 {} {called} </dev/null", forge.display());
        let output = world.shell(&script).output().unwrap();
        assert_eq!(output.status.code(), Some(78), "{called}: {output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("not its own"), "{called}: {output:?}");
    }
    world.assert_nothing_ran();
}

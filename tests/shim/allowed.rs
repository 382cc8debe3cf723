//! What is allowed runs as if tollgate were not there.

use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;

use crate::support::world::{MARKER, World, assert_code, text};

#[test]
fn allowed_commands_run_and_nothing_is_added() {
    let commands: &[&[&str]] = &[
        &["plan"],
        &["plan", "-destroy"],
        &["version"],
        &["-version"],
        &["fmt", "-check"],
        &["init"],
        &["destroy", "-help"],
        &["state", "list"],
        &[],
    ];
    for arguments in commands {
        for agent in [false, true] {
            let world = World::new();
            world.stub("echo out; echo err >&2; exit 5");
            let mut command = if agent { world.agent(*arguments) } else { world.terraform(*arguments) };
            let output = command.output().unwrap();
            assert_eq!(text(&output.stdout), "out\n", "{arguments:?}");
            assert_eq!(text(&output.stderr), "err\n", "{arguments:?}");
            assert_code(&output, 5);
            assert_eq!(world.ran().arguments, *arguments);
            assert!(!world.state().exists(), "what is allowed is not recorded");
        }
    }
}

#[test]
fn a_shell_finds_the_shim_by_name_by_path_and_by_alias() {
    let scripts = [
        "terraform plan",
        "\"$SHIM\" plan",
        "shopt -s expand_aliases\nalias tf=terraform\ntf plan",
        "tf() { command terraform \"$@\"; }; tf plan",
        "exec -a terraform \"$SHIM\" plan",
    ];
    for script in scripts {
        let world = World::new();
        world.stub("exit 6");
        let mut bash = world.command("/bin/bash");
        let output = bash.args(["-c", script]).env("SHIM", world.shim()).output().unwrap();
        assert_code(&output, 6);
        assert_eq!(text(&output.stderr), "", "{script}");
        let run = world.ran();
        assert_eq!(run.arguments, ["plan"], "{script}");
        assert_eq!(run.variable("TOLLGATE_DEPTH"), Some(OsStr::new("1")), "{script}: through the shim");
    }
}

#[test]
fn input_and_output_pass_through_unchanged() {
    let world = World::new();
    world.stub("/bin/cat; /bin/cat /dev/null >&2; echo on error >&2");
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let mut child = world
        .agent(["plan"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let sent = bytes.clone();
    let writer = std::thread::spawn(move || input.write_all(&sent));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert_eq!(output.stdout, bytes);
    assert_eq!(text(&output.stderr), "on error\n");
}

#[test]
fn every_exit_code_is_the_tools_own() {
    let world = World::new();
    // Not recorded, for speed: the code shows that it ran.
    world.script("bin/terraform", "shift 2; exit \"${1#-var=}\"");
    for code in 0..=255 {
        let output = world.terraform(["plan", "-no-color", &format!("-var={code}")]).output().unwrap();
        assert_code(&output, code);
        assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    }
}

#[test]
fn death_by_signal_is_the_tools_own() {
    for signal in [1, 2, 3, 6, 9, 13, 15] {
        let world = World::new();
        world.stub(&format!("ulimit -c 0; kill -{signal} $$"));
        let output = world.terraform(["plan"]).output().unwrap();
        assert_eq!(output.status.signal(), Some(signal), "{output:?}");
        world.ran();
    }
}

#[test]
fn it_is_the_same_process() {
    let world = World::new();
    let mut child = world.terraform(["plan"]).spawn().unwrap();
    let pid = child.id();
    assert!(child.wait().unwrap().success());
    assert_eq!(world.ran().pid, pid);
}

#[test]
fn arguments_are_passed_on_byte_for_byte() {
    let arguments: Vec<OsString> = [
        &b"plan"[..],
        b"",
        b"-var=\xff\xfe",
        b"-var=a b\tc\nd",
        b"-var=$(touch pwned)",
        b"-var=\x1b[2J",
        b"-var='\"\\",
        "-var=\u{202e}é".as_bytes(),
        b"",
    ]
    .iter()
    .map(|bytes| OsStr::from_bytes(bytes).to_owned())
    .collect();
    let world = World::new();
    let output = world.terraform(&arguments).output().unwrap();
    assert_code(&output, 0);
    assert_eq!(world.ran().arguments, arguments);
}

#[test]
fn the_environment_is_passed_on_but_for_tollgates_own() {
    let world = World::new();
    let output = world
        .terraform(["plan"])
        .env("A", "")
        .env("B", OsStr::from_bytes(b"\xff = \n"))
        .env("TOLLGATE_TOKEN", "secret")
        .env("TF_LOG", "TRACE")
        .env(MARKER.0, MARKER.1)
        .output()
        .unwrap();
    assert_code(&output, 0);
    let mut environment = world.ran().environment;
    environment.sort();
    let mut expected: Vec<OsString> = vec![
        OsStr::from_bytes(b"B=\xff = \n").to_owned(),
        "A=".into(),
        "CLAUDE_CODE_CHILD_SESSION=1".into(),
        "LANG=C.UTF-8".into(),
        "TF_LOG=TRACE".into(),
        "TOLLGATE_DEPTH=1".into(),
        [OsStr::new("HOME="), world.path("home").as_os_str()].join(OsStr::new("")),
        [OsStr::new("PATH="), &world.search_path()].join(OsStr::new("")),
    ];
    expected.sort();
    assert_eq!(environment, expected);
}

#[test]
fn arguments_from_the_environment_are_folded_in_and_taken_out() {
    let world = World::new();
    let output = world
        .terraform(["plan", "x"])
        .env("TF_CLI_ARGS", "-no-color")
        .env("TF_CLI_ARGS_plan", "-var 'a=b c'")
        .env("TF_CLI_ARGS_apply", "-auto-approve")
        .output()
        .unwrap();
    assert_code(&output, 0);
    let run = world.ran();
    assert_eq!(run.arguments, ["plan", "-var", "a=b c", "-no-color", "x"]);
    for name in ["TF_CLI_ARGS", "TF_CLI_ARGS_plan", "TF_CLI_ARGS_apply"] {
        assert_eq!(run.variable(name), None, "{name}");
    }
}

#[test]
fn closed_streams_stop_nothing() {
    for closed in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"] {
        let world = World::new();
        world.stub("exit 9");
        let mut shell = world.shell(&format!("exec \"$SHIM\" plan {closed}"));
        let output = shell.env("SHIM", world.shim()).output().unwrap();
        assert_code(&output, 9);
        world.ran();
    }
}

#[test]
fn a_deleted_working_directory_stops_nothing() {
    let world = World::new();
    let script = "/bin/mkdir gone; cd gone; /bin/rmdir ../gone; exec \"$SHIM\" plan";
    let output = world.shell(script).env("SHIM", world.shim()).output().unwrap();
    assert_code(&output, 0);
    world.ran();
}

#[test]
fn no_home_stops_nothing() {
    let world = World::new();
    assert_code(&world.terraform(["plan"]).env_remove("HOME").output().unwrap(), 0);
    world.ran();
    for home in ["", "/dev/null", "/nonexistent", "relative"] {
        let world = World::new();
        let output = world.agent(["plan"]).env("HOME", home).output().unwrap();
        assert_code(&output, 0);
        assert_eq!(text(&output.stderr), "", "{home}");
        world.ran();
    }
}

#[test]
fn an_unusable_state_directory_stops_nothing() {
    let world = World::new();
    world.write("home/.local/state/tollgate", "not a directory");
    let output = world.agent(["plan"]).output().unwrap();
    assert_code(&output, 0);
    assert_eq!(text(&output.stderr), "");
    world.ran();
}

#[test]
fn exec_runs_what_is_allowed() {
    let world = World::new();
    world.stub("echo out; exit 5");
    let output = world.tollgate(["exec", "--", "terraform", "plan", "--", "--json"]).output().unwrap();
    assert_code(&output, 5);
    assert_eq!(text(&output.stdout), "out\n");
    assert_eq!(world.ran().arguments, ["plan", "--", "--json"]);
}

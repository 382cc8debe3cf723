//! What is gated does not run without a human.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::process::Stdio;

use crate::support::world::{MARKER, REFUSED, World, assert_code, assert_refused, is_human, text};

/// Standard error without what differs from run to run.
fn stable(world: &World, text: &str) -> String {
    let text = text.replace(world.path("").to_str().unwrap().trim_end_matches('/'), "[WORLD]");
    let text =
        regex::Regex::new("[0-9A-Z]{4}(-[0-9A-Z]{4}){2}").unwrap().replace_all(&text, "[ID]").into_owned();
    regex::Regex::new("[0-9-]{10}T[0-9:]{8}Z").unwrap().replace_all(&text, "[TIME]").into_owned()
}

#[test]
fn an_agent_is_refused() {
    let world = World::new();
    let shown = assert_refused(&world, &mut world.agent(["destroy", "-auto-approve"]));
    insta::assert_snapshot!(stable(&world, &shown), @r"
    tollgate: refused: terraform destroy -auto-approve (rule terraform/destroy, critical)
      target:   environment unclassified, directory [WORLD]/network, workspace default
      effect:   destroy (loses data, objects, or the means to manage them)
      why:      every resource in this workspace's state is deleted, with its data
      instead:  terraform plan -destroy
      note:     what the plan does cannot be told, so it is judged by its words: it does not begin as a plan does; it may stand for one that is kept elsewhere
      because:  claude-code asks (CLAUDE_CODE_CHILD_SESSION); only a person can confirm
      approve:  request [ID] waits until [TIME]: a person runs, in a terminal of their own,
                tollgate approve [ID]
                then run this again; or they run it there: cd [WORLD]/network && terraform destroy -auto-approve
    ");
}

#[test]
fn colour_only_where_it_is_forced() {
    let world = World::new();
    let shown = assert_refused(&world, world.agent(["destroy"]).env("CLICOLOR_FORCE", "1"));
    insta::assert_snapshot!(stable(&world, &shown).replace('\u{1b}', "ESC"), @r"
    tollgate: ESC[1;31mrefused:ESC[0m terraform destroy (rule terraform/destroy, ESC[1;31mcriticalESC[0m)
      target:   environment unclassified, directory [WORLD]/network, workspace default
      effect:   destroy (loses data, objects, or the means to manage them)
      why:      every resource in this workspace's state is deleted, with its data
      instead:  terraform plan -destroy
      note:     what the plan does cannot be told, so it is judged by its words: it does not begin as a plan does; it may stand for one that is kept elsewhere
      because:  claude-code asks (CLAUDE_CODE_CHILD_SESSION); only a person can confirm
      approve:  request [ID] waits until [TIME]: a person runs, in a terminal of their own,
                tollgate approve [ID]
                then run this again; or they run it there: cd [WORLD]/network && terraform destroy
    ");
    let plain = assert_refused(&world, world.agent(["destroy"]).env("NO_COLOR", "1"));
    assert!(!plain.contains('\u{1b}'), "{plain:?}");
}

#[test]
fn every_agent_is_refused_whatever_it_tries() {
    let commands: &[&[&str]] = &[
        &["destroy"],
        &["apply", "-auto-approve"],
        &["apply", "-destroy"],
        &["-chdir=.", "destroy"],
        &["state", "rm", "x"],
        &["workspace", "delete", "-force", "old"],
        &["no-such-command"],
    ];
    for arguments in commands {
        let world = World::new();
        let shown = assert_refused(&world, &mut world.agent(*arguments));
        let first = format!("tollgate: refused: terraform {} (rule terraform/", arguments.join(" "));
        assert!(shown.starts_with(&first), "{shown}");
        assert!(shown.contains("claude-code asks (CLAUDE_CODE_CHILD_SESSION)"), "{shown}");
    }
}

#[test]
fn a_refusal_tells_no_secret_and_is_not_endless() {
    let world = World::new();
    let mut command = world.agent(["destroy", "-var", "db_password=hunter2"]);
    let shown = assert_refused(&world, command.env("TF_HTTP_ADDRESS", "https://u:hunter2@state.example/x"));
    insta::assert_snapshot!(stable(&world, &shown), @r"
    tollgate: refused: terraform destroy -var db_password=«redacted» (rule terraform/destroy, critical)
      target:   environment unclassified, backend state.example/x, directory [WORLD]/network, workspace default
      effect:   destroy (loses data, objects, or the means to manage them)
      why:      every resource in this workspace's state is deleted, with its data
      instead:  terraform plan -destroy
      note:     what the plan does cannot be told, so it is judged by its words: it does not begin as a plan does; it may stand for one that is kept elsewhere
      because:  claude-code asks (CLAUDE_CODE_CHILD_SESSION); only a person can confirm; and nothing can be asked for: `terraform destroy -var db_password=«redacted»` holds a secret, and a request is for others to read: put the value into a file (-var-file=PATH) or a variable (TF_VAR_name)
      approve:  a person runs it in a terminal of their own: cd [WORLD]/network && TF_HTTP_ADDRESS=https://«redacted»@state.example/x terraform destroy -var db_password=«redacted» («redacted» stands for a value of yours)
    ");
    let world = World::new();
    let long = vec!["-target=a.b".to_owned(); 9000];
    let shown = assert_refused(&world, &mut world.agent(std::iter::once("destroy".to_owned()).chain(long)));
    assert!(shown.len() < 8000 && shown.contains(" more characters)"), "{}", shown.len());
}

#[test]
fn who_may_write_no_file_is_refused() {
    let world = World::new();
    for before in [world.terraform([""; 0]), world.agent([""; 0])] {
        let mut command = std::process::Command::new("/bin/sh");
        command.args(["-c", "ulimit -f 0; exec \"$0\" destroy"]).arg(world.shim());
        command.env_clear().envs(before.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let shown = assert_refused(&world, command.current_dir(world.project()));
        assert!(shown.contains("it cannot be recorded: "), "{shown}");
    }
}

#[test]
fn arguments_from_the_environment_are_judged() {
    let world = World::new();
    let shown = assert_refused(&world, world.agent([""; 0]).env("TF_CLI_ARGS", "destroy -auto-approve"));
    assert!(shown.starts_with("tollgate: refused: terraform destroy -auto-approve (rule"), "{shown}");
}

#[test]
fn no_variable_opens_the_gate() {
    let variables = [
        ("TOLLGATE_TOKEN", "x"),
        ("TOLLGATE_DEPTH", "1"),
        ("TOLLGATE_DISABLE", "1"),
        ("TOLLGATE_REQUEST", "x"),
        ("TF_INPUT", "0"),
        ("CI", "1"),
    ];
    for (name, value) in variables {
        let world = World::new();
        assert_refused(&world, world.agent(["destroy"]).env(name, value));
    }
}

#[test]
fn control_characters_never_reach_the_terminal() {
    let world = World::new();
    let hostile = OsStr::from_bytes(b"-var=\x1b[2J\x07\r\n\x9b1m\xff\xe2\x80\xae");
    let mut command = world.agent([OsStr::new("destroy"), hostile]);
    command.env("TF_WORKSPACE", "\u{1b}]0;x\u{7}");
    let shown = assert_refused(&world, &mut command);
    let raw = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
    assert!(!shown.contains(raw), "{shown:?}");
    assert!(shown.lines().next().unwrap().contains(r"\x1b[2J\x07"), "{shown}");
    let listed = world.tollgate(["audit", "show"]).output().unwrap();
    assert!(!text(&listed.stdout).contains(raw), "{listed:?}");
    world.assert_intact();
}

#[test]
fn a_refusal_is_recorded() {
    let world = World::new();
    assert_refused(&world, &mut world.agent(["destroy", "-target", "x"]));
    world.assert_intact();
    let record = world.record();
    let kinds: Vec<_> = record.iter().map(|entry| entry["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["decision", "requested", "refused"]);
    let decision = &record[0];
    assert_eq!(decision["agent"], "claude-code");
    assert_eq!(decision["decision"], "peer");
    assert_eq!(decision["risk"], "critical");
    assert_eq!(decision["argv_redacted"], serde_json::json!(["terraform", "destroy", "-target", "x"]));
    assert_eq!(decision["cwd"], world.project().to_str().unwrap());
    assert_eq!(decision["rules"][0], "terraform/destroy");
    assert_eq!(decision["req"], record[1]["req"]);
}

#[test]
fn a_human_without_a_terminal_is_refused() {
    if !is_human() {
        return;
    }
    let world = World::new();
    let shown = assert_refused(&world, &mut world.terraform(["destroy"]));
    assert!(shown.contains("nobody can be asked: cannot open /dev/tty"), "{shown}");
    assert_eq!(world.recorded("decision")[0]["agent"], serde_json::Value::Null);
}

#[test]
fn a_pipe_that_says_yes_does_not_help() {
    for script in
        ["yes | terraform destroy", "yes network | terraform destroy", "terraform destroy </dev/zero"]
    {
        let world = World::new();
        for agent in [true, false] {
            let mut shell = world.shell(script);
            if agent {
                shell.env(MARKER.0, MARKER.1);
            }
            assert_refused(&world, &mut shell);
        }
    }
}

#[test]
fn the_mark_is_found_above_a_cleared_environment() {
    let world = World::new();
    let script = format!(
        "/usr/bin/env -i PATH='{}' HOME='{}' \"$SHIM\" destroy; code=$?; : not the last; exit $code",
        world.search_path().to_str().unwrap(),
        world.path("home").display()
    );
    let mut shell = world.shell(&script);
    shell.env("SHIM", world.shim()).env(MARKER.0, MARKER.1);
    let shown = assert_refused(&world, &mut shell);
    assert!(shown.contains("claude-code asks (pid ") && shown.contains(MARKER.0), "{shown}");
}

#[test]
fn a_mark_without_a_value_is_none() {
    if !is_human() {
        return;
    }
    let world = World::new();
    let shown = assert_refused(&world, world.terraform(["destroy"]).env(MARKER.0, ""));
    assert!(shown.contains("nobody can be asked"), "a human: {shown}");
}

#[test]
fn what_cannot_be_recorded_does_not_run() {
    let world = World::new();
    world.write("home/.local/state/tollgate", "not a directory");
    let shown = assert_refused(&world, &mut world.agent(["destroy"]));
    assert!(shown.contains("because:  it cannot be recorded: "), "{shown}");
    assert!(shown.contains("approve:  make the state directory writable"), "{shown}");
    let shown = assert_refused(&world, world.agent(["destroy"]).env("XDG_STATE_HOME", "/dev/null"));
    assert!(shown.contains("it cannot be recorded: "), "{shown}");
    let shown = assert_refused(&world, world.agent(["destroy"]).env("HOME", "/dev/null"));
    assert!(shown.contains("it cannot be recorded: "), "{shown}");
}

#[test]
fn closed_streams_and_lost_directories_do_not_help() {
    let scripts = [
        "exec \"$SHIM\" destroy <&- >&- 2>&-",
        "exec \"$SHIM\" destroy 2>&-",
        "/bin/mkdir gone; cd gone; /bin/rmdir ../gone; exec \"$SHIM\" destroy",
    ];
    for script in scripts {
        let world = World::new();
        let mut shell = world.shell(script);
        assert_refused(&world, shell.env("SHIM", world.shim()).env(MARKER.0, MARKER.1));
        assert_eq!(world.recorded("refused").len(), 1, "{script}");
    }
}

#[test]
fn a_missing_tool_is_refused_to_an_agent_all_the_same() {
    let world = World::new();
    fs::remove_file(world.path("bin/terraform")).unwrap();
    assert_refused(&world, &mut world.agent(["destroy"]));
}

#[test]
fn exec_judges_whatever_path_the_tool_has() {
    for program in ["terraform", "bin/terraform", "shims/terraform"] {
        let world = World::new();
        let named = if program.contains('/') { world.path(program).into() } else { program.into() };
        let words: [std::ffi::OsString; 4] = ["exec".into(), "--".into(), named, "destroy".into()];
        let shown = assert_refused(&world, world.tollgate(words).env(MARKER.0, MARKER.1));
        assert!(shown.starts_with("tollgate: refused: terraform destroy (rule"), "{shown}");
    }
    let world = World::new();
    let words = ["exec", "--", "../bin/terraform", "destroy"];
    assert_refused(&world, world.tollgate(words).env(MARKER.0, MARKER.1));
}

#[test]
fn a_broken_log_refuses() {
    let world = World::new();
    assert_refused(&world, &mut world.agent(["destroy"]));
    let log = fs::read_dir(world.state().join("audit")).unwrap().map(|entry| entry.unwrap().path());
    for file in log.filter(|path| path.extension().is_some_and(|extension| extension == "jsonl")) {
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
    }
    let shown = assert_refused(&world, &mut world.agent(["destroy"]));
    assert!(shown.contains("it cannot be recorded: "), "{shown}");
}

#[test]
fn many_at_once_are_all_recorded() {
    const COUNT: usize = 200;
    let world = World::new();
    let children: Vec<_> = (0..COUNT)
        .map(|number| {
            let mut command = world.agent(["state", "rm", &format!("resource.number_{number}")]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert_code(&output, REFUSED);
        assert!(!text(&output.stderr).contains("recorded"), "{output:?}");
    }
    world.assert_nothing_ran();
    world.assert_intact();
    let mut asked: Vec<_> =
        world.recorded("decision").iter().map(|entry| entry["argv_redacted"][3].to_string()).collect();
    asked.sort();
    asked.dedup();
    assert_eq!(asked.len(), COUNT);
    assert_eq!(world.recorded("refused").len(), COUNT);
}

//! One gate: what a shim judges, the hook leaves to it; it decides on the rest.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::process::Output;

use serde_json::json;

use super::payloads::{Protocol, Verdict, hooked};
use crate::support::world::{MARKER, REFUSED, World, assert_code, tollgate};

/// A world with the shims installed, in their own place, first on PATH.
struct Gate {
    world: World,
    path: OsString,
}

const SHIMS: &str = "home/.local/share/tollgate/shims";

impl Gate {
    fn new() -> Self {
        let world = World::new();
        let mut install = world.tollgate(["shim", "install", "terraform", "kubectl"]);
        assert_code(&install.output().unwrap(), 0);
        world.stub_at("bin/kubectl", "");
        let path = world.search(&[SHIMS, "bin"]);
        Self { world, path }
    }

    fn hook(&self, command: &str, path: &OsString) -> Output {
        let payload = json!({
            "cwd": self.world.project(),
            "permission_mode": "default",
            "hook_event_name": "PreToolUse",
            "tool_name": "Bash",
            "tool_input": {"command": command},
        });
        hooked(&self.world, &[], path.clone(), payload.to_string().as_bytes())
    }

    /// The line as the agent's shell runs it.
    fn shell(&self, command: &str) -> Output {
        let mut shell = self.world.command("/bin/bash");
        shell.args(["-c", command]).env("PATH", &self.path).env(MARKER.0, MARKER.1).output().unwrap()
    }
}

#[test]
fn what_a_shim_refuses_the_hook_leaves_to_it() {
    let gate = Gate::new();
    gate.world.script("network/inner.sh", "terraform destroy");
    for line in [
        "terraform destroy",
        "kubectl delete namespace prod",
        "cd . && terraform destroy -auto-approve",
        "TF_VAR_x=1 terraform destroy",
        "command terraform destroy",
        "bash -c 'terraform destroy'",
        "eval terraform destroy",
        "nohup terraform destroy",
        "sh inner.sh",
        "./inner.sh",
        "T=terraform; $T destroy",
    ] {
        let output = gate.hook(line, &gate.path);
        Protocol::Specific.assert(&output, Verdict::Passed, line);
        let output = gate.shell(line);
        assert_code(&output, REFUSED);
        gate.world.assert_nothing_ran();
    }
}

#[test]
fn what_may_miss_the_shim_the_hook_decides() {
    let gate = Gate::new();
    gate.world.script("network/outer.sh", "/usr/bin/terraform destroy");
    gate.world.script("network/login.sh", "bash -lc 'terraform destroy'");
    for line in [
        "/usr/bin/terraform destroy",
        "../bin/terraform destroy",
        "cd ../bin && ./terraform destroy",
        "PATH=/usr/bin terraform destroy",
        "PATH=/usr/bin; terraform destroy",
        "export PATH=/usr/bin; terraform destroy",
        "unset PATH; terraform destroy",
        "command -p terraform destroy",
        "env -i terraform destroy",
        "env -u PATH terraform destroy",
        "env -u CLAUDE_CODE_CHILD_SESSION terraform destroy",
        "CLAUDE_CODE_CHILD_SESSION= terraform destroy",
        "unset CLAUDE_CODE_CHILD_SESSION; terraform destroy",
        "HOME=/tmp terraform destroy",
        "XDG_CONFIG_HOME=/tmp terraform destroy",
        "TOLLGATE_DEPTH=7 terraform destroy",
        "LD_PRELOAD=x.so terraform destroy",
        "BASH_ENV=x bash -c 'terraform destroy'",
        "exec -c terraform destroy",
        "sudo terraform destroy",
        "sudo -E terraform destroy",
        "su -c 'terraform destroy'",
        "bash -lc 'terraform destroy'",
        "zsh -c 'terraform destroy'",
        "ssh host terraform destroy",
        "docker run x terraform destroy",
        "tmux send-keys 'terraform destroy' Enter",
        "find . -exec terraform destroy \\;",
        "hash -p /usr/bin/terraform terraform; terraform destroy",
        "alias terraform=/usr/bin/terraform; terraform destroy",
        "terraform() { /usr/bin/terraform \"$@\"; }; terraform destroy",
        "./outer.sh",
        "sh outer.sh",
        "./login.sh",
    ] {
        Protocol::Specific.assert(&gate.hook(line, &gate.path), Verdict::Denied, line);
    }
    gate.world.assert_nothing_ran();
}

#[test]
fn another_command_of_the_line_is_decided_on() {
    let gate = Gate::new();
    for (line, verdict) in [
        ("ls; git push --force", Verdict::Asked),
        ("terraform destroy; git push --force", Verdict::Asked),
        ("terraform destroy && helm uninstall x", Verdict::Asked),
        ("terraform destroy; /usr/bin/terraform destroy", Verdict::Denied),
        ("terraform plan; aws dynamodb delete-table --table-name x", Verdict::Denied),
        ("terraform plan && kubectl get pods", Verdict::Passed),
    ] {
        Protocol::Specific.assert(&gate.hook(line, &gate.path), verdict, line);
    }
}

#[test]
fn only_a_shim_that_comes_first_on_path_judges() {
    let gate = Gate::new();
    let world = &gate.world;
    fs::create_dir(world.path("dangling")).unwrap();
    symlink(world.path("nothing/tollgate"), world.path("dangling/terraform")).unwrap();
    fs::create_dir(world.path("directories")).unwrap();
    fs::create_dir(world.path("directories/terraform")).unwrap();
    world.write("plain/terraform", "no program");
    let relative = |name: &str| {
        let mut path = OsString::from(name);
        path.push(":");
        path.push(&gate.path);
        path
    };
    symlink(world.path(SHIMS), world.path("network/shims")).unwrap();
    for (about, path, verdict) in [
        ("the shims first", gate.path.clone(), Verdict::Passed),
        ("the real one first", world.search(&["bin", SHIMS]), Verdict::Denied),
        ("no shim at all", world.search(&["bin"]), Verdict::Denied),
        ("nothing at all", world.search(&[]), Verdict::Denied),
        ("a dangling link before the real one", world.search(&["dangling", "bin", SHIMS]), Verdict::Denied),
        ("a dangling link before the shims", world.search(&["dangling", SHIMS]), Verdict::Passed),
        ("a directory before the shims", world.search(&["directories", SHIMS]), Verdict::Passed),
        ("a file that is no program", world.search(&["plain", SHIMS]), Verdict::Passed),
        ("a relative entry", relative("shims"), Verdict::Denied),
    ] {
        Protocol::Specific.assert(&gate.hook("terraform destroy", &path), verdict, about);
    }
    // The working directory of the hook is not the one that the line runs in.
    let output = gate.hook("terraform destroy", &world.search(&["", SHIMS]));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn what_is_no_longer_our_link_judges_nothing() {
    let gate = Gate::new();
    let shim = gate.world.path(SHIMS).join("terraform");
    Protocol::Specific.assert(&gate.hook("terraform destroy", &gate.path), Verdict::Passed, "a link");
    fs::remove_file(&shim).unwrap();
    Protocol::Specific.assert(&gate.hook("terraform destroy", &gate.path), Verdict::Denied, "no link");
    gate.world.program("/bin/true".as_ref(), &format!("{SHIMS}/terraform"));
    Protocol::Specific.assert(
        &gate.hook("terraform destroy", &gate.path),
        Verdict::Denied,
        "another program",
    );
}

#[test]
fn what_another_tool_runs_is_not_left_to_a_shim() {
    let gate = Gate::new();
    for (tool, input) in [
        ("mcp__ssh__execute", json!({"host": "bastion", "command": "terraform destroy"})),
        ("mcp__desktop-commander__start_process", json!({"command": "terraform destroy"})),
        ("mcp__terraform__ExecuteTerraformCommand", json!({"command": "destroy"})),
    ] {
        let payload = json!({
            "cwd": gate.world.project(),
            "permission_mode": "default",
            "hook_event_name": "PreToolUse",
            "tool_name": tool,
            "tool_input": input,
        });
        let output = hooked(&gate.world, &[], gate.path.clone(), payload.to_string().as_bytes());
        Protocol::Specific.assert(&output, Verdict::Denied, tool);
    }
    assert!(tollgate().is_absolute());
}

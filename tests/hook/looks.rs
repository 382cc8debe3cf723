//! What a hook finds out of a command before it denies it: nothing of that is in the answer,
//! and it never takes too long.

use std::process::Output;

use serde_json::json;

use super::payloads::{Protocol, Verdict, hooked};
use crate::support::world::World;

/// A world with these tools and no shim, so that the hook decides.
fn world(tools: &[(&str, &str)]) -> World {
    let world = World::new();
    for (name, body) in tools {
        world.script(&format!("bin/{name}"), body);
    }
    world
}

fn hook(world: &World, command: &str) -> Output {
    let payload = json!({
        "cwd": world.project(),
        "permission_mode": "default",
        "hook_event_name": "PreToolUse",
        "tool_name": "Bash",
        "tool_input": {"command": command},
    });
    hooked(world, &[], world.search(&["bin"]), payload.to_string().as_bytes())
}

#[test]
fn whatever_a_look_finds_a_denial_is_all_that_is_printed() {
    const POD: &str = "case \"$*\" in *--output=name*) echo pod/web;; *--output=json*) \
        echo '{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[]}';; esac";
    for (line, tool, body) in [
        ("kubectl delete pods --all -n prod", "kubectl", ":"),
        ("echo hi; kubectl delete pods --all -n prod", "kubectl", ":"),
        ("kubectl delete pods --all -n prod", "kubectl", "echo 'No resources found'"),
        ("kubectl delete pods --all -n prod", "kubectl", POD),
        ("kubectl delete pods --all -n prod", "kubectl", "echo x; echo y >&2; exit 1"),
        ("kubectl delete namespace prod", "kubectl", "echo '{'; exit 0"),
        ("kubectl delete -f - -n prod", "kubectl", ":"),
        ("terraform destroy x y", "terraform", "echo no; echo why >&2; exit 1"),
        ("terraform destroy -json", "terraform", "echo planned"),
        ("terraform destroy -auto-approve", "terraform", "echo planned; exit 1"),
        ("aws rds delete-db-instance --db-instance-identifier prod", "aws", "echo no; exit 3"),
        ("aws rds delete-db-instance --db-instance-identifier prod", "aws", "echo '[]'"),
    ] {
        let world = world(&[(tool, body)]);
        let about = format!("{line}, {body}");
        // It reads all of standard output, and takes nothing beside the answer.
        let reason = Protocol::Specific.assert(&hook(&world, line), Verdict::Denied, &about);
        assert!(reason.contains("(rule "), "{about}: {reason}");
    }
}

#[test]
fn a_look_that_takes_too_long_leaves_out_the_request_and_nothing_else() {
    for (tool, line) in [
        ("kubectl", "kubectl delete pods --all -n prod"),
        ("aws", "aws rds delete-db-instance --db-instance-identifier prod --skip-final-snapshot"),
    ] {
        let world = world(&[(tool, "sleep 30")]);
        let reason = Protocol::Specific.assert(&hook(&world, line), Verdict::Denied, line);
        for part in
            ["(rule ", "instead: ", "takes longer than a hook has", &format!("tollgate exec -- {line}")]
        {
            assert!(reason.contains(part), "{part}: {reason}");
        }
        assert_eq!(world.recorded("request").len(), 0, "nobody is asked about what is not known");
    }
}

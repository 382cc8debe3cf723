//! `tollgate doctor` on the hooks in agents' configurations: each is started as its
//! agent would.

use std::fs;

use crate::support::world::{World, text, tollgate};

/// The agents whose entry works as it is installed: all but Codex, which wants it
/// reviewed first.
const WORKING: [&str; 10] =
    ["claude-code", "cline", "copilot", "cursor", "devin", "gemini", "goose", "kiro", "opencode", "windsurf"];

/// What doctor says of agents, line by line.
fn agents(world: &World) -> Vec<String> {
    let output = world.tollgate(["doctor"]).output().unwrap();
    let report = text(&output.stdout);
    let (_, rest) = report.split_once("\nAgents\n").unwrap_or_else(|| panic!("{report}"));
    rest.split("\n\n").next().unwrap().lines().map(|line| line.trim().to_owned()).collect()
}

fn install(world: &World, agent: &str) {
    let output = world.tollgate(["hook", "install", agent]).output().unwrap();
    assert!(output.status.success(), "{agent}: {output:?}");
}

#[test]
fn every_entry_that_works_is_seen_to_work() {
    let world = World::new();
    assert_eq!(agents(&world), ["ok    no coding agent was found on this machine"]);
    for agent in WORKING {
        install(&world, agent);
    }
    let found = agents(&world);
    for agent in WORKING {
        let own: Vec<&String> = found.iter().filter(|line| line.contains(&format!("  {agent} "))).collect();
        assert!(!own.is_empty(), "{agent}: {found:#?}");
        for line in own {
            assert!(line.starts_with("ok ") && line.ends_with("denies what must be denied"), "{line}");
        }
    }
    world.assert_nothing_ran();
}

#[test]
fn an_entry_that_would_let_everything_pass_is_found() {
    let path = tollgate().to_str().unwrap();
    for (from, to, expected) in [
        (format!("{path} hook"), format!("{path}x/tollgate hook"), "does not deny what must be denied"),
        (format!("{path} hook"), format!("{path} hook || true"), "can change the answer"),
        (format!("{path} hook"), format!("exec {path} hook nonsense"), "can change the answer"),
        (r#""onFailure": "block""#.to_owned(), r#""onFailure": "continue""#.to_owned(), "the agent goes on"),
        (r#""matcher": "*""#.to_owned(), r#""matcher": "Read""#.to_owned(), "BAD"),
        (
            "{\n  \"hooks\"".to_owned(),
            "{\n  \"disableAllHooks\": true,\n  \"hooks\"".to_owned(),
            "disableAllHooks",
        ),
    ] {
        let world = World::new();
        install(&world, "claude-code");
        let file = world.path("home/.claude/settings.json");
        let settings = fs::read_to_string(&file).unwrap();
        assert!(settings.contains(&from), "{from}: {settings}");
        fs::write(&file, settings.replace(&from, &to)).unwrap();
        let found = agents(&world);
        let told = found.iter().any(|line| line.starts_with("BAD ") && line.contains(expected));
        assert!(told || found.join("\n").contains(expected), "{to}: {found:#?}");
        assert!(found.iter().any(|line| line.starts_with("BAD ")), "{to}: {found:#?}");
    }
}

#[test]
fn an_agent_without_a_hook_is_named() {
    let world = World::new();
    fs::create_dir(world.path("home/.claude")).unwrap();
    let found = agents(&world);
    assert!(found[0].starts_with("note") && found[0].contains("Claude Code"), "{found:?}");
    assert_eq!(found[1], "run `tollgate hook install claude-code`");
}

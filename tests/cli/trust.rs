//! `tollgate trust` and `untrust`.

use crate::support::pty::PtyCommand;
use crate::support::world::{MARKER, REFUSED, World, assert_code, assert_refused, is_human, text, tollgate};

/// What nobody has to be asked about by the shipped rulebook, unless the user's
/// layer says so, and what loosens that again.
const TIGHTENS: &str = "version: 1\npolicy:\n  write:\n    human: { ordinary: confirm }\n";
const LOOSENS: &str = "version: 1\npolicy:\n  write:\n    human: { ordinary: allow }\n";

fn world() -> World {
    let world = World::new();
    world.write("home/.config/tollgate/rules/own.yaml", TIGHTENS);
    world.write("network/.tollgate.yaml", LOOSENS);
    world
}

fn decision(world: &World) -> i32 {
    let words = ["check", "--as", "human", "--", "terraform", "import", "a", "b"];
    world.tollgate(words).output().unwrap().status.code().unwrap()
}

fn trust(world: &World, answer: &str) -> (String, i32) {
    let mut terminal = world.in_terminal(PtyCommand::new(tollgate()).args(["trust"])).start();
    let shown = terminal.expect("Trust it as it stands? [y/N] ");
    assert!(shown.contains("may then loosen what the rulebook asks for"), "{shown}");
    assert!(shown.contains("  |     human: { ordinary: allow }"), "{shown}");
    terminal.send_line(answer);
    terminal.wait()
}

#[test]
fn a_project_loosens_only_as_long_as_it_is_trusted() {
    if !is_human() {
        return;
    }
    let world = world();
    assert_eq!(decision(&world), 10);
    assert_eq!(trust(&world, "").1, REFUSED);
    assert_eq!(decision(&world), 10);

    let (shown, code) = trust(&world, "y");
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("may loosen, as long as it stays as it is"), "{shown}");
    assert_eq!(decision(&world), 0);
    world.write("network/.tollgate.yaml", &format!("{LOOSENS}# changed\n"));
    assert_eq!(decision(&world), 10);
    world.write("network/.tollgate.yaml", LOOSENS);
    assert_eq!(decision(&world), 0);
    assert_eq!(world.terraform(["import", "a", "b"]).output().unwrap().status.code(), Some(0));
    world.ran();

    let untrusted = world.tollgate(["untrust"]).output().unwrap();
    assert_code(&untrusted, 0);
    assert!(text(&untrusted.stdout).ends_with("can only tighten from now on\n"), "{untrusted:?}");
    assert_eq!(decision(&world), 10);
    let again = world.tollgate(["untrust"]).output().unwrap();
    assert!(text(&again.stdout).ends_with("was not trusted\n"), "{again:?}");

    let changes = world.recorded("change");
    let file = world.path("network/.tollgate.yaml");
    assert_eq!(changes[0]["what"], format!("trust {}", file.display()));
    assert_eq!(changes[1]["what"], format!("untrust {}", file.display()));
    assert_eq!(changes.len(), 2, "what was refused changed nothing");
    world.assert_intact();
}

#[test]
fn an_agent_cannot_trust() {
    let world = world();
    let shown = assert_refused(&world, world.tollgate(["trust"]).env(MARKER.0, MARKER.1));
    assert!(shown.contains("only a person can trust, and an agent asks"), "{shown}");
    let command = PtyCommand::new(tollgate()).args(["trust"]);
    let terminal = world.in_terminal(command).env(MARKER.0, MARKER.1).start();
    let (shown, code) = terminal.wait();
    assert_eq!(code, REFUSED);
    assert!(!shown.contains("[y/N]"), "{shown}");
    assert_eq!(decision(&world), 10);
}

#[test]
fn nobody_trusts_without_a_terminal() {
    if !is_human() {
        return;
    }
    let world = world();
    let mut shell = world.shell("yes | \"$TOLLGATE\" trust");
    let shown = assert_refused(&world, shell.env("TOLLGATE", tollgate()));
    assert!(shown.contains("nobody can be asked"), "{shown}");
    assert_eq!(decision(&world), 10);
}

#[test]
fn an_exemption_is_recorded_where_it_lets_something_run() {
    let world = World::new();
    let exempts = "version: 1\nexempt:\n  - rule: terraform/destroy\n    \
        match:\n      command: destroy\n    reason: a scratch account\n    expires: 2999-12-31\n";
    world.write("home/.config/tollgate/rules/own.yaml", exempts);
    if !is_human() {
        return;
    }
    let output = world.terraform(["destroy"]).output().unwrap();
    assert_code(&output, 0);
    world.ran();
    assert_eq!(world.recorded("decision")[0]["exemptions"], serde_json::json!(["terraform/destroy"]));
    world.assert_intact();
}

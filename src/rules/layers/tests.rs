use std::fs;

use super::*;
use crate::process::TestProcess;
use crate::verdict::{Decision, Effect, PrincipalKind};

/// A world below a temporary directory.
struct World {
    root: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap() }
    }

    fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn directories(&self, variables: &[(&str, &str)]) -> Directories {
        let process = TestProcess::new(self.root.path(), variables);
        Directories::with_administrator(&process, &self.root.path().join("etc"))
    }

    fn load(&self, variables: &[(&str, &str)]) -> Result<Rulebook, LoadError> {
        let uid = nix::unistd::geteuid().as_raw();
        load(
            &self.directories(variables),
            &[crate::rules::builtin::Wanted { tool: "terraform", command: None }],
            &[self.root.path().join("repo/sub")],
            uid,
        )
    }

    fn write_cell(&self, variables: &[(&str, &str)], principal: PrincipalKind) -> Decision {
        self.load(variables).unwrap().cell(Effect::Write, principal, false)
    }
}

fn write_is(decision: &str) -> String {
    format!(
        "version: 1\npolicy:\n  write:\n    human: {{ ordinary: {decision} }}\n    agent: {{ ordinary: {decision} }}\n"
    )
}

const HUMAN: PrincipalKind = PrincipalKind::Human;
const AGENT: PrincipalKind = PrincipalKind::Agent;

#[test]
fn a_users_layer_may_loosen_what_is_built_in() {
    let world = World::new();
    world.write("home/.config/tollgate/rules/a.yaml", &write_is("deny"));
    assert_eq!(world.write_cell(&[], HUMAN), Decision::Deny);
    world.write("home/.config/tollgate/rules/b.yaml", &write_is("allow"));
    assert_eq!(world.write_cell(&[], HUMAN), Decision::Allow);
}

#[test]
fn a_project_only_tightens_until_it_is_trusted() {
    let world = World::new();
    world.write("home/.config/tollgate/rules/a.yaml", &write_is("peer"));
    let project = world.write("repo/.tollgate.yaml", &write_is("confirm"));
    assert_eq!(world.write_cell(&[], HUMAN), Decision::Peer);
    let line = trust_line(&project, &write_is("confirm"));
    world.write("home/.config/tollgate/trusted", &format!("{}\n", line.to_str().unwrap()));
    assert_eq!(world.write_cell(&[], HUMAN), Decision::Confirm);
    world.write("repo/.tollgate.yaml", &write_is("allow"));
    assert_eq!(world.write_cell(&[], HUMAN), Decision::Peer, "trust is in a content, not in a path");
}

#[test]
fn a_project_file_further_down_does_not_hide_one_further_up() {
    let world = World::new();
    fs::create_dir_all(world.root.path().join("repo/.git")).unwrap();
    world.write("repo/.tollgate.yaml", &write_is("deny"));
    world.write("repo/sub/.tollgate.yaml", "version: 1\n");
    assert_eq!(world.write_cell(&[], AGENT), Decision::Deny);
    world.write(".tollgate.yaml", &write_is("deny"));
    fs::remove_file(world.root.path().join("repo/.tollgate.yaml")).unwrap();
    assert_eq!(world.write_cell(&[], AGENT), Decision::Allow, "outside the repository it does not count");
}

#[test]
fn what_an_agent_can_point_elsewhere_loosens_nothing_for_it() {
    let world = World::new();
    let variables = |name| [("XDG_CONFIG_HOME", name)];
    let elsewhere = world.root.path().join("elsewhere");
    let elsewhere = elsewhere.to_str().unwrap();
    world.write("home/.config/tollgate/rules/a.yaml", &write_is("peer"));
    world.write("elsewhere/tollgate/rules/a.yaml", &write_is("allow"));
    assert_eq!(world.write_cell(&variables(elsewhere), AGENT), Decision::Peer);
    assert_eq!(world.write_cell(&variables(elsewhere), HUMAN), Decision::Allow);
    world.write("elsewhere/tollgate/rules/a.yaml", &write_is("deny"));
    let home = world.load(&[]).unwrap();
    assert_eq!(home.cell(Effect::Write, AGENT, false), Decision::Peer);
}

#[test]
fn an_administrators_layer_silences_the_environment_and_locks() {
    let world = World::new();
    world.write("etc/rules/a.yaml", &write_is("confirm"));
    world.write("elsewhere/tollgate/rules/a.yaml", &write_is("allow"));
    world.write("home/.config/tollgate/rules/a.yaml", &write_is("allow"));
    let elsewhere = world.root.path().join("elsewhere");
    let variables = [("XDG_CONFIG_HOME", elsewhere.to_str().unwrap()), ("XDG_STATE_HOME", "/tmp/x")];
    let directories = world.directories(&variables);
    assert!(directories.administered);
    assert_eq!(directories.config, directories.trusted_config);
    assert_eq!(directories.state, directories.trusted_state);
    if nix::unistd::geteuid().is_root() {
        assert_eq!(world.write_cell(&variables, HUMAN), Decision::Confirm, "root's layer locks");
        let rules = world.root.path().join("etc/rules");
        fs::set_permissions(&rules, fs::Permissions::from_mode(0o777)).unwrap();
    }
    assert_eq!(
        world.write_cell(&variables, HUMAN),
        Decision::Allow,
        "anybody can write it: it locks nothing"
    );
}

#[test]
fn more_of_what_is_built_in_comes_without_reading_a_layer_again() {
    let world = World::new();
    let file = world.write("home/.config/tollgate/rules/a.yaml", &write_is("deny"));
    let book = world.load(&[]).unwrap();
    assert!(!book.names("plan"));
    fs::write(&file, write_is("allow")).unwrap();
    let scope = ["terraform", "plan"].map(|tool| crate::rules::builtin::Wanted { tool, command: None });
    let wide = widened(&book, &scope).unwrap();
    assert!(wide.names("plan") && wide.names("terraform"));
    assert_eq!(wide.cell(Effect::Write, HUMAN, false), Decision::Deny, "as it was read");
    // The cases of what was not asked for before are judged now.
    let wrong = "version: 1\ntool: plan\nrules:\n  - id: plan/mine\n    match: {command: delete}\n    summary: Deletes.\n    effect: destroy\n    \
        risk: high\n    reason: x\n    cases:\n      match: [plan update aws_vpc a]\n      no_match: [plan update aws_vpc b]\n";
    world.write("home/.config/tollgate/rules/b.yaml", wrong);
    let book = world.load(&[]).unwrap();
    let error = widened(&book, &scope).unwrap_err().to_string();
    assert!(error.contains("plan update aws_vpc a"), "{error}");
}

#[test]
fn a_broken_file_in_any_layer_is_an_error() {
    for place in ["etc/rules/x.yaml", "home/.config/tollgate/rules/x.yaml", "repo/.tollgate.yaml"] {
        let world = World::new();
        world.write(place, "version: 1\npolcy: {}\n");
        let error = world.load(&[]).unwrap_err().to_string();
        assert!(error.contains("did you mean `policy`?") && error.contains(":2:1"), "{error}");
    }
    let world = World::new();
    fs::create_dir_all(world.root.path().join("repo/.tollgate.yaml")).unwrap();
    assert!(world.load(&[]).is_err());
}

#[test]
fn relative_settings_are_ignored() {
    let world = World::new();
    let shims = |variables: &[(&str, &str)]| world.directories(variables).shims().unwrap();
    assert_eq!(shims(&[("XDG_DATA_HOME", "/d"), ("HOME", "/h")]), Path::new("/d/tollgate/shims"));
    assert_eq!(shims(&[("XDG_DATA_HOME", "d"), ("HOME", "/h")]), Path::new("/h/.local/share/tollgate/shims"));
    let home = world.root.path().join("home/.local/share/tollgate/shims");
    assert_eq!(shims(&[("HOME", "")]), home);
}

#[test]
fn what_cannot_be_looked_at_is_there_all_the_same() {
    let world = World::new();
    world.write("etc", "a file where a directory belongs");
    assert!(!world.directories(&[]).administered);
    let world = World::new();
    std::os::unix::fs::symlink("/nowhere", world.root.path().join("etc")).unwrap();
    assert!(!world.directories(&[]).administered);
    let world = World::new();
    world.write("etc/rules/a.yaml", "version: 1\n");
    std::os::unix::fs::symlink("/nowhere", world.root.path().join("etc/rules/z.yaml")).unwrap();
    let error = world.load(&[]).unwrap_err().to_string();
    assert!(error.contains("dangling"), "{error}");
}

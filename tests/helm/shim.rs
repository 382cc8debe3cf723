//! The built binary as a shim in front of a stub helm.

use std::os::unix::fs::symlink;
use std::process::Command;

use crate::support::world::{MARKER, World, assert_code, assert_refused};

/// A world with a helm and its shim, and nothing that names a cluster.
fn world() -> World {
    let world = World::new();
    world.stub_at("bin/helm", "");
    symlink(crate::support::world::tollgate(), world.path("shims/helm")).unwrap();
    world
}

/// helm, called by an agent through the shim.
fn agent(world: &World, line: &str) -> Command {
    let mut command = world.command(world.path("shims/helm"));
    command.args(line.split(' ')).env(MARKER.0, MARKER.1);
    command
}

#[test]
fn what_destroys_does_not_run_for_an_agent() {
    for (line, rule) in [
        ("uninstall web", "uninstall"),
        ("-n x del web", "uninstall"),
        ("un web --keep-history", "uninstall"),
        ("--kube-context dev delete web --cascade=orphan", "uninstall"),
        ("-v 5 uninstall web", "uninstall"),
        ("uninstall web --dry-run=false", "uninstall"),
        ("uninstall web --newflag --dry-run", "uninstall"),
        ("--kube-context prod upgrade web ./chart --force", "replace-objects"),
        ("upgrade --install web ./chart --force-replace", "replace-objects"),
        ("upgrade web ./chart --history-max 1", "forget-revisions"),
        ("rollback web --no-hooks", "rollback-without-care"),
        ("secrets uninstall web", "plugin-delete"),
        ("2to3 cleanup", "2to3-cleanup"),
        ("unknown-plugin web", "unknown-command"),
    ] {
        let world = world();
        let told = assert_refused(&world, &mut agent(&world, line));
        assert!(told.contains(&format!("helm/{rule}")), "{line}: {told}");
    }
}

#[test]
fn production_is_not_changed_by_an_agent() {
    for (line, rule) in [
        ("--kube-context prod upgrade web ./chart", "upgrade"),
        ("-n prod upgrade --install web ./chart", "upgrade"),
        ("--namespace=prod install web ./chart", "upgrade"),
        ("-n prod rollback web", "rollback"),
        ("-n prod get values web", "values-guarded"),
        ("-n prod upgrade web ./chart --reuse-values --dry-run --debug", "upgrade-prints-values-guarded"),
    ] {
        let world = world();
        let told = assert_refused(&world, &mut agent(&world, line));
        assert!(told.contains(&format!("helm/{rule}")), "{line}: {told}");
    }
}

#[test]
fn everyday_commands_run_for_an_agent() {
    for line in [
        "list",
        "list -A -o json",
        "status web",
        "get values web",
        "history web",
        "template web ./chart -f values.yaml",
        "lint ./chart",
        "repo update",
        "dependency build ./chart",
        "upgrade --install web ./chart",
        "upgrade -i web ./chart -f values.yaml --set image.tag=v2 --atomic --wait --timeout 5m",
        "install web ./chart --create-namespace -n web",
        "uninstall web --dry-run",
        "-n prod upgrade web ./chart --dry-run=server",
        "-n prod list",
        "-n prod diff upgrade web ./chart",
        "uninstall --help",
        "version --short",
        "__complete uninstall w",
    ] {
        let world = world();
        let output = agent(&world, line).output().unwrap();
        assert_code(&output, 0);
        let words: Vec<String> =
            world.ran().arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        assert_eq!(words.join(" "), line);
        assert_eq!(output.stderr, b"", "{line}: an allowed call prints nothing");
    }
}

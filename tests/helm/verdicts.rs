//! What `check --json` says of helm's command lines.

use serde_json::Value;
use tollgate::command::helm::TABLE;
use tollgate::command::{Command, grammar};

use crate::support::ruled::{bare, without_rule};
use crate::support::world::{MARKER, World, text};

/// The verdict on a line that an agent would run.
fn verdict(world: &World, line: &str) -> Value {
    let mut words: Vec<&str> = vec!["check", "--json", "--", "helm"];
    words.extend(line.split(' '));
    let output = world.tollgate(words).env(MARKER.0, MARKER.1).output().unwrap();
    serde_json::from_str(&text(&output.stdout)).unwrap_or_else(|error| panic!("{line}: {error}: {output:?}"))
}

#[test]
fn each_line_has_the_verdict_that_its_effect_asks_for() {
    let world = World::new();
    for (line, decision) in [
        ("list", "allow"),
        ("uninstall web", "confirm"),
        ("uninstall web --dry-run", "allow"),
        ("-n prod uninstall web", "peer"),
        ("-n prod uninstall web --dry-run", "allow"),
        ("upgrade --install web ./chart", "allow"),
        ("--kube-context prod upgrade --install web ./chart", "peer"),
        ("--kube-context prod upgrade --install web ./chart --dry-run", "allow"),
        ("--kube-context prod upgrade --install web ./chart --dry-run=none", "peer"),
        ("upgrade web ./chart --reuse-values", "allow"),
        ("upgrade web ./chart --force", "confirm"),
        ("rollback web 3", "allow"),
        ("rollback web 3 --force", "confirm"),
        ("-n prod rollback web 3", "peer"),
        ("install web ./chart --replace", "confirm"),
        ("upgrade web ./chart --post-renderer ./kustomize.sh", "allow"),
        ("test web", "allow"),
        ("get values web", "allow"),
        ("-n prod get values web", "confirm"),
        ("-n prod get manifest web", "confirm"),
        ("-n prod status web", "allow"),
        ("-n prod status web -o yaml", "confirm"),
        ("-n prod upgrade web ./chart --reuse-values --dry-run --debug", "confirm"),
        ("-n prod upgrade web ./chart --reuse-values --dry-run --hide-secret", "allow"),
        ("upgrade web ./chart --reuse-values --dry-run --debug", "allow"),
        ("diff upgrade web ./chart -f values.yaml", "allow"),
        ("-n prod diff upgrade web ./chart", "allow"),
        ("secrets view secrets.yaml", "confirm"),
        ("secrets upgrade web ./chart -f secrets.yaml", "allow"),
        ("2to3 cleanup", "peer"),
        ("nosuchplugin web", "confirm"),
        ("-n prod nosuchplugin web", "peer"),
        ("-nprod secrets uninstall web", "peer"),
        ("repo purge x", "confirm"),
    ] {
        let verdict = verdict(&world, line);
        assert_eq!(verdict["decision"], decision, "{line}: {verdict}");
    }
}

#[test]
fn every_command_of_the_table_has_a_rule() {
    let names = grammar("helm").unwrap().commands();
    let commands: Vec<Command> = names.iter().map(|name| bare("helm", name)).collect();
    for (command, name) in commands.iter().zip(&names) {
        let prints = command.inert.is_some();
        assert!(command.known && (command.name() == *name || prints), "{name}");
        assert!(!prints || TABLE.is_group(&command.path), "{name}");
    }
    assert_eq!(without_rule(&commands), [""; 0]);
}

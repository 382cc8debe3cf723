//! The file of aliases and default flags, with the built binary in front of a
//! stub that records what it is started with.

use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::process::Command;

use serde_json::Value;

use crate::support::world::{MARKER, World, assert_code, assert_refused, text, tollgate};

/// Refuses an agent whatever deletes. Nothing of this home allows one anything.
const RULES: &str = "
version: 1
tools: [kubectl]
rules:
  - id: kubectl/own-delete
    summary: Deletes.
    effect: destroy
    risk: critical
    match: { command: delete }
    reason: it deletes
    cases: { match: [kubectl delete pod x], no_match: [kubectl get pods] }
";

const FILE: &str = "
apiVersion: kubectl.config.k8s.io/v1beta1
kind: Preference
defaults:
- {command: get, options: [{name: output, default: wide}]}
aliases:
- {name: zap, command: delete, prependArgs: [namespace], options: [{name: wait, default: 'false'}]}
- {name: ctx, command: delete, prependArgs: [namespace]}
- {name: mine, command: get, prependArgs: [pods], appendArgs: [--watch]}
";

fn world() -> World {
    let world = World::new();
    std::os::unix::fs::symlink(tollgate(), world.path("shims/kubectl")).unwrap();
    world.stub_at("bin/kubectl", "");
    world.write("home/.kube/kuberc", FILE);
    world
}

/// The same, with a rule.
fn guarded() -> World {
    let world = world();
    world.write("home/.config/tollgate/rules/own.yaml", RULES);
    world
}

/// kubectl, called by an agent.
fn agent(world: &World, line: &str) -> Command {
    let mut command = world.command(world.path("shims/kubectl"));
    command.args(line.split_whitespace()).env(MARKER.0, MARKER.1);
    command
}

/// What the stub was started with, and whether it was told to read no file.
#[track_caller]
fn started(world: &World, command: &mut Command) -> (String, Option<String>) {
    let output = command.output().unwrap();
    assert_code(&output, 0);
    let run = world.ran();
    fs::remove_dir_all(world.path("runs")).unwrap();
    fs::create_dir(world.path("runs")).unwrap();
    let words: Vec<_> = run.arguments.iter().map(|word| word.to_str().unwrap()).collect();
    let variable = run.variable("KUBECTL_KUBERC").map(|value| value.to_str().unwrap().to_owned());
    (words.join(" "), variable)
}

fn off(line: &str) -> (String, Option<String>) {
    (line.to_owned(), Some("false".to_owned()))
}

#[test]
fn an_agent_deletes_nothing_by_another_name() {
    let world = guarded();
    let deleting = FILE.replace("command: get", "command: delete").replace("name: mine", "name: other");
    let other = world.write("other", &deleting);
    let named = format!("other --kuberc={}", other.display());
    for line in ["zap prod", "ctx prod", "--context=dev zap prod", "zap prod --kuberc ../home/.kube/kuberc"] {
        let told = assert_refused(&world, &mut agent(&world, line));
        assert!(told.contains("delete"), "{line}: {told}");
    }
    assert_refused(&world, &mut agent(&world, &named));
    assert_refused(&world, agent(&world, "other").env("KUBERC", &other));
    let home = world.path("elsewhere");
    world.write("elsewhere/.kube/kuberc", &deleting);
    let config = world.path("home/.config");
    assert_refused(&world, agent(&world, "other").env("HOME", home).env("XDG_CONFIG_HOME", config));
    assert_refused(&world, agent(&world, "other").env("KUBERC", &other).env("KUBECTL_KUBERC", "true"));
}

#[test]
fn what_is_passed_on_is_what_was_judged() {
    let world = world();
    for (line, expected) in [
        ("mine", "get pods --watch"),
        ("get pods -ojson", "get pods -ojson"),
        ("get pods", "get --output=wide pods"),
        ("get pods --kuberc ../home/.kube/kuberc", "get --output=wide pods"),
        ("version", "version"),
    ] {
        assert_eq!(started(&world, &mut agent(&world, line)), off(expected), "{line}");
    }
    // With no file, or none that can be read: whoever writes one now is late.
    fs::remove_file(world.path("home/.kube/kuberc")).unwrap();
    assert_eq!(started(&world, &mut agent(&world, "get pods")), off("get pods"));
    nix::unistd::mkfifo(&world.path("home/.kube/kuberc"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    assert_eq!(started(&world, &mut agent(&world, "get pods")), off("get pods"));
}

#[test]
fn where_the_user_switched_it_off_it_stays_off() {
    let world = world();
    let (line, variable) = started(&world, agent(&world, "get pods").env("KUBECTL_KUBERC", "FALSE"));
    assert_eq!((line.as_str(), variable.as_deref()), ("get pods", Some("FALSE")));
    // Version 1.33 does not know that word.
    let started = started(&world, agent(&world, "get pods").env("KUBERC", "off"));
    assert_eq!(started, off("get pods"));
}

#[test]
fn completions_see_the_file() {
    let world = world();
    let line = "__complete zap x";
    assert_eq!(started(&world, &mut agent(&world, line)), (line.to_owned(), None));
}

/// What `check --json` says of a line.
fn check(world: &World, line: &str) -> Value {
    let words = ["check", "--json", "--", "kubectl"].into_iter().chain(line.split_whitespace());
    let output = world.tollgate(words).env(MARKER.0, MARKER.1).output().unwrap();
    serde_json::from_str(&text(&output.stdout)).unwrap()
}

/// Its note that holds `part`.
fn note(verdict: &Value, part: &str) -> Option<String> {
    let notes = verdict["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap());
    notes.into_iter().find(|note| note.contains(part)).map(str::to_owned)
}

#[test]
fn a_policy_on_credentials_does_not_let_kubectl_read_the_file_again() {
    let world = guarded();
    let file = format!("{FILE}credentialPluginPolicy: DenyAll\n");
    let file = world.write("home/.kube/kuberc", &file);
    let said = "policy on credential plugins does not hold";
    assert!(note(&check(&world, "get pods"), said).is_some());
    let told = assert_refused(&world, &mut agent(&world, "zap prod"));
    assert!(told.contains(said), "{told}");
    fs::remove_file(world.path("home/.config/tollgate/rules/own.yaml")).unwrap();
    assert_eq!(started(&world, &mut agent(&world, "get pods")), off("get --output=wide pods"));
    fs::write(file, FILE).unwrap();
    assert_eq!(note(&check(&world, "get pods"), said), None);
}

#[test]
fn a_file_that_cannot_be_read_is_spoken_of() {
    let world = guarded();
    let path = world.path("home/.kube/kuberc");
    fs::remove_file(&path).unwrap();
    nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let said = note(&check(&world, "get pods"), "cannot be read, so kubectl is kept from it").unwrap();
    assert!(said.ends_with(&format!("{}: not a regular file", path.display())), "{said}");
    let told = assert_refused(&world, &mut agent(&world, "delete pod x"));
    assert!(told.contains("not a regular file"), "{told}");
}

#[test]
fn a_flag_that_nobody_knows_hides_no_command() {
    let world = guarded();
    let output = agent(&world, "--newbool delete events --all").output().unwrap();
    assert_code(&output, 78);
    assert!(text(&output.stderr).contains("put it behind the command"), "{}", text(&output.stderr));
    assert_eq!(fs::read_dir(world.path("runs")).unwrap().count(), 0);
    assert_refused(&world, &mut agent(&world, "delete --newbool events --all"));
}

#[test]
fn words_are_passed_on_byte_for_byte() {
    let world = world();
    let odd = std::ffi::OsString::from_vec(b"l\xff".to_vec());
    let mut command = agent(&world, "mine");
    assert_code(&command.arg(&odd).output().unwrap(), 0);
    assert!(world.ran().arguments.iter().any(|word| word.as_bytes() == b"l\xff"));
}

#[test]
fn the_program_of_a_plugin_is_shown() {
    let world = guarded();
    world.script("bin/kubectl-fro_b", "");
    let found = check(&world, "fro-b x");
    let path = world.path("bin/kubectl-fro_b").display().to_string();
    assert_eq!(found["commands"][0]["target"]["plugin"], path);
    let missing = check(&world, "nothing x");
    assert!(note(&missing, "no plugin kubectl-nothing").is_some(), "{missing}");
    assert_eq!(check(&world, "zap prod")["commands"][0]["argv"][1], "delete");
}

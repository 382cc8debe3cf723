//! An approval from the refusal to the record, and what gains nothing by it.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::room::{DESTROY, NAMESPACE, Room};
use crate::support::world::{assert_code, is_human, text};

const ONE: &str = "{default: {quorum: 1, groups: [sre]}}";
const TOKEN: &str = "TOLLGATE_TOKEN";

/// What was said on standard error of a command that is refused.
#[track_caller]
fn refused(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert_code(&output, 77);
    assert_eq!(text(&output.stdout), "");
    text(&output.stderr)
}

/// A room, where a human can be played.
fn room(environments: &str) -> Option<Room> {
    is_human().then(|| Room::new(environments)).flatten()
}

#[test]
fn exactly_this_command_runs_exactly_once() {
    let Some(room) = room(ONE) else { return };
    let request = room.asked(&mut room.destroy());
    assert_eq!(room.asked_again(&mut room.destroy()), request, "it waits already");
    let signature = room.sign("bob", &request);
    let other = refused(room.prod(["destroy", "-auto-approve", "-target=x.y"]).env(TOKEN, &signature));
    assert!(other.contains("the arguments are not those that were approved"), "{other}");
    let elsewhere = refused(room.destroy().env("TF_WORKSPACE", "live").env(TOKEN, &signature));
    assert!(elsewhere.contains("it would act elsewhere: the workspace has changed"), "{elsewhere}");
    room.world.assert_nothing_ran();

    let ran = room.destroy().env(TOKEN, &signature).output().unwrap();
    assert_code(&ran, 0);
    assert_eq!(room.world.ran().arguments, DESTROY);
    assert_eq!(room.world.ran().variable(TOKEN), None, "it is not the tool's to see");
    let replay = refused(room.destroy().env(TOKEN, &signature));
    assert!(replay.contains("was used already: it is good for one run"), "{replay}");
    assert_eq!(room.world.runs().len(), 1);

    let exec = room.world.recorded("exec").remove(0);
    let id = request.file_stem().unwrap().to_str().unwrap();
    assert_eq!((exec["authorization"].as_str(), exec["approval"].as_str()), (Some("approved"), Some(id)));
    assert_eq!(exec["approvers"][0]["person"], "bob@corp");
    assert!(exec["note"].as_str().unwrap().contains("advisory"), "{exec}");
    let shown = text(&room.world.tollgate(["audit", "show"]).output().unwrap().stdout);
    assert!(shown.contains("bob@corp"), "{shown}");
    room.world.assert_intact();
}

#[test]
fn a_stranger_verifies_the_archive_with_openssh_alone() {
    let Some(room) = room(ONE) else { return };
    let signature = room.approved(room.destroy());
    assert_code(&room.destroy().env(TOKEN, &signature).output().unwrap(), 0);
    let exported = room.world.tollgate(["approvers", "export"]).output().unwrap();
    room.world.write("allowed_signers", &text(&exported.stdout));
    let [request] = room.files("used", ".request").try_into().unwrap();
    let [kept] = room.files("used", ".sig").try_into().unwrap();
    let verify = |who: &str, message: &Path| {
        let mut command = Command::new("/usr/bin/ssh-keygen");
        command.args(["-Y", "verify", "-n", NAMESPACE, "-I", who, "-f"]);
        command.arg(room.world.path("allowed_signers")).arg("-s").arg(&kept);
        command.stdin(fs::File::open(message).unwrap()).output().unwrap().status.success()
    };
    assert!(verify("bob@corp", &request));
    assert!(!verify("carol@corp", &request), "it was bob");
    let mut forged = fs::read_to_string(&request).unwrap();
    forged = forged.replace("-auto-approve", "-auto-approvE");
    assert!(!verify("bob@corp", &room.world.write("forged", &forged)), "it was this text");
}

#[test]
fn whatever_changes_in_between_is_refused_in_its_own_words() {
    type Change = fn(&Room, &mut Command);
    let project = crate::support::world::PROJECT;
    assert_eq!(project, "network");
    let changes: [(&str, Change); 10] = [
        ("the working directory is not the one", |room, command| {
            fs::create_dir(room.world.path("other")).unwrap();
            fs::copy(room.world.path("network/main.tf"), room.world.path("other/main.tf")).unwrap();
            command.current_dir(room.world.path("other"));
        }),
        ("the variable TF_VAR_size has changed", |_, command| {
            command.env("TF_VAR_size", "0");
        }),
        ("the variable LD_PRELOAD has changed", |_, command| {
            command.env("LD_PRELOAD", "");
        }),
        ("what it reads has changed: main.tf", |room, _| {
            room.world.write("network/main.tf", "# another\n");
        }),
        ("what it reads has changed: new.tf", |room, _| {
            room.world.write("network/new.tf", "# another\n");
        }),
        ("the program is not the one that was approved", |room, _| {
            room.world.stub("true");
        }),
        ("the rulebook has changed", |room, _| {
            room.world.write("home/.config/tollgate/rules/more.yaml", "version: 1\n");
        }),
        ("what it needs to be approved has changed", |room, _| {
            room.list("advisory", ONE, "# and one more line\n");
        }),
        ("what it needs to be approved has changed", |room, _| {
            room.list("advisory", "{default: {quorum: 1}}", "");
        }),
        ("over no request that waits here", |room, command| {
            let elsewhere = room.world.path("elsewhere");
            command.env("XDG_STATE_HOME", &elsewhere);
        }),
    ];
    for (words, change) in changes {
        let Some(room) = room(ONE) else { return };
        let signature = room.approved(room.destroy());
        let mut command = room.destroy();
        command.env(TOKEN, &signature);
        change(&room, &mut command);
        let why = refused(&mut command);
        assert!(why.contains(words), "{words}: {why}");
        room.world.assert_nothing_ran();
    }
}

#[test]
fn a_state_that_was_copied_elsewhere_gives_no_second_use() {
    let Some(room) = room(ONE) else { return };
    let signature = room.approved(room.destroy());
    let elsewhere = room.world.path("elsewhere");
    let copy = |from: &Path, to: &Path| {
        fs::create_dir_all(to).unwrap();
        let copied = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
        assert!(copied.success());
    };
    copy(&room.world.state(), &elsewhere);
    assert_code(&room.destroy().env(TOKEN, &signature).output().unwrap(), 0);
    let why = refused(room.destroy().env(TOKEN, &signature).env("XDG_STATE_HOME", &elsewhere));
    assert!(why.contains("the request belongs to another state directory"), "{why}");
    // Moved back to where it waited, it is still in the record.
    let [used] = room.files("used", ".request").try_into().unwrap();
    let pending = room.world.state().join("pending").join(used.file_name().unwrap());
    fs::rename(&used, &pending).unwrap();
    let why = refused(room.destroy().env(TOKEN, &signature));
    assert!(why.contains("used already: the record names a run that it approved"), "{why}");
    assert_eq!(room.world.runs().len(), 1);
}

#[test]
fn who_may_not_approve_is_told() {
    type Form = fn(&str) -> String;
    let Some(room) = room(ONE) else { return };
    let request = room.asked(&mut room.destroy());
    let with = |signature: &Path| refused(room.destroy().env(TOKEN, signature));
    assert!(with(&room.sign("eve", &request)).contains("is on nobody's list"));
    assert!(with(&room.sign_for("bob", &request, "git")).contains("in the namespace \"git\""));
    let good = room.sign("bob", &request);
    let mut armour = fs::read_to_string(&good).unwrap();
    for (name, junk) in [("short", armour.get(..80).unwrap()), ("empty", ""), ("words", "yes, go ahead")] {
        let why = with(&room.world.write(name, junk));
        assert!(why.contains("TOLLGATE_TOKEN holds no token"), "{name}: {why}");
    }
    let why = refused(room.destroy().env(TOKEN, room.world.path("nowhere")));
    assert!(why.contains("TOLLGATE_TOKEN holds no token"), "{why}");
    // A peer's key that somebody here could use.
    fs::create_dir(room.world.path("home/.ssh")).unwrap();
    fs::copy(room.world.path("peers/bob"), room.world.path("home/.ssh/work")).unwrap();
    assert!(with(&good).contains("can be used on this machine"), "{}", with(&good));
    fs::remove_dir_all(room.world.path("home/.ssh")).unwrap();
    let forms: [(&str, Form); 2] =
        [("crlf", |armour| armour.replace('\n', "\r\n")), ("line", |armour| armour.replace('\n', " "))];
    for (name, form) in forms {
        let file = room.world.write(name, &form(&armour));
        assert_code(&room.destroy().env(TOKEN, &file).output().unwrap(), 0);
        armour = fs::read_to_string(room.approved(room.destroy())).unwrap();
    }
    assert_eq!(room.world.runs().len(), 2);
}

#[test]
fn two_people_have_to_be_two() {
    let Some(room) = room("{default: {quorum: 2, groups: [sre]}}") else { return };
    let request = room.asked(&mut room.destroy());
    let [bob, bob2, carol] = ["bob", "bob2", "carol"].map(|name| room.sign(name, &request));
    let both = format!("{},{}", bob.display(), bob2.display());
    let why = refused(room.destroy().env(TOKEN, both));
    assert!(why.contains("1 of 2 people approved: bob@corp"), "{why}");
    assert_code(&room.destroy().env(TOKEN, &carol).output().unwrap(), 0);
    let people: Vec<String> = room.world.recorded("exec")[0]["approvers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|approver| approver["person"].as_str().unwrap().to_owned())
        .collect();
    assert!(
        people.contains(&"bob@corp".to_owned()) && people.contains(&"carol@corp".to_owned()),
        "{people:?}"
    );
}

#[test]
fn the_token_comes_back_in_every_way() {
    let Some(room) = room(ONE) else { return };
    let exec = |arguments: &[&str]| {
        let mut command = room.world.tollgate(["exec"]);
        command.env("TF_WORKSPACE", "prod").args(arguments).args(["--", "terraform"]).args(DESTROY);
        command
    };
    let signature = room.approved(exec(&[]));
    assert_code(&exec(&["--token", signature.to_str().unwrap()]).output().unwrap(), 0);
    let signature = room.approved(room.destroy());
    let imported = room.world.tollgate(["approve", "--import"]).arg(&signature).output().unwrap();
    assert_code(&imported, 0);
    assert_code(&room.destroy().output().unwrap(), 0);
    assert_code(&room.destroy().output().unwrap(), 77);
    let waits = exec(&["--wait=60s"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let request = loop {
        // The request that the last refusal made is the one that it waits for.
        if let [request] = room.waiting().as_slice() {
            break request.clone();
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let signature = room.sign("carol", &request);
    assert_code(&room.world.tollgate(["approve", "--import"]).arg(&signature).output().unwrap(), 0);
    assert_code(&waits.wait_with_output().unwrap(), 0);
    assert_eq!(room.world.runs().len(), 3);
}

#[test]
fn who_waits_with_a_request_that_took_the_place_of_an_old_one_is_heard() {
    let Some(room) = room(ONE) else { return };
    room.world.stub_at(
        "bin/kubectl",
        "case \"$*\" in *--dry-run=client*) echo persistentvolumeclaim/web;; *--output=json*) echo '{\"apiVersion\":\"v1\",\"kind\":\"PersistentVolumeClaim\",\
         \"metadata\":{\"name\":\"web\",\"namespace\":\"prod\"}}';; esac",
    );
    let exec = |arguments: &[&str]| {
        let mut command = room.world.tollgate(["exec"]);
        command.args(arguments).args(["--", "kubectl", "delete", "pvc", "-l", "app=web", "--context=prod"]);
        command
    };
    let config = |user: &str| {
        let text = format!(
            "contexts: [{{name: prod, context: {{cluster: c, user: {user}}}}}]\nclusters: \
            [{{name: c, cluster: {{server: 'https://127.0.0.1:1'}}}}]\n"
        );
        room.world.write("home/.kube/config", &text);
    };
    config("ann");
    let old = room.asked(&mut exec(&[]));
    config("root");
    let mut waits = exec(&["--wait=60s"]);
    let waits = waits.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let request = loop {
        let waiting = room.waiting();
        if let Some(new) = waiting.iter().find(|request| **request != old) {
            break new.clone();
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let signature = room.sign("carol", &request);
    assert_code(&room.world.tollgate(["approve", "--import"]).arg(&signature).output().unwrap(), 0);
    let ended = waits.wait_with_output().unwrap();
    assert_code(&ended, 0);
    let said = text(&ended.stderr);
    assert!(said.contains("out of date") && said.contains("waits for up to 1m"), "{said}");
    assert_eq!(room.waiting(), [old], "no third request was made");
}

#[test]
fn what_two_runs_asked_for_at_once_either_request_approves() {
    let Some(room) = room(ONE) else { return };
    let first = room.asked(&mut room.destroy());
    // The second began before the first had written its request.
    let hidden = room.world.path("hidden");
    fs::rename(&first, &hidden).unwrap();
    room.asked(&mut room.destroy());
    fs::rename(&hidden, &first).unwrap();
    let signature = room.sign("bob", &first);
    assert_code(&room.world.tollgate(["approve", "--import"]).arg(&signature).output().unwrap(), 0);
    assert_code(&room.destroy().output().unwrap(), 0);
    room.world.ran();
}

#[test]
fn what_is_no_token_is_neither_told_nor_recorded() {
    let Some(room) = room(ONE) else { return };
    let file = room.world.write("notes", "sk-live-Zx81kLmQ0pR7vT2wY9sB4nD6hJ3gF5aC\n");
    for secret in ["hunter2-Pa55w0rd", file.to_str().unwrap()] {
        let why = refused(room.destroy().env(TOKEN, secret));
        assert!(!why.contains("hunter2") && !why.contains("sk-live"), "{why}");
    }
    let record = format!("{:?}", room.world.record());
    assert!(!record.contains("hunter2") && !record.contains("sk-live"), "{record}");
}

#[test]
fn of_sixty_four_processes_with_one_token_one_runs() {
    let Some(room) = room(ONE) else { return };
    let signature = room.approved(room.destroy());
    let children: Vec<Child> = (0..64)
        .map(|_| {
            let mut command = room.destroy();
            command.env(TOKEN, &signature).stdout(Stdio::null()).stderr(Stdio::null());
            command.spawn().unwrap()
        })
        .collect();
    let codes: Vec<Option<i32>> =
        children.into_iter().map(|mut child| child.wait().unwrap().code()).collect();
    assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 1, "{codes:?}");
    assert!(codes.iter().all(|code| matches!(code, Some(0 | 77))), "{codes:?}");
    assert_eq!(room.world.runs().len(), 1);
    room.world.assert_intact();
}

#[test]
fn whoever_is_killed_at_any_moment_runs_at_most_once() {
    let Some(room) = room(ONE) else { return };
    let (mut ran, mut burnt) = (0, 0);
    for round in 0..24_u64 {
        let signature = room.approved(room.destroy());
        let before = room.world.runs().len();
        let mut command = room.destroy();
        command.env(TOKEN, &signature).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(round * 4));
        let _ = kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGKILL);
        child.wait().unwrap();
        // What was started before that may still be about to say so.
        std::thread::sleep(Duration::from_millis(50));
        let again = room.destroy().env(TOKEN, &signature).output().unwrap();
        let runs = room.world.runs().len() - before;
        assert!(runs <= 1, "round {round}: {runs} runs");
        match (again.status.code(), runs) {
            (Some(0), 1) => ran += 1,
            (Some(77), 0 | 1) => burnt += 1,
            other => panic!("round {round}: {other:?}: {}", text(&again.stderr)),
        }
        for request in room.waiting() {
            fs::remove_file(request).unwrap();
        }
    }
    assert_eq!(ran + burnt, 24);
    room.world.assert_intact();
}

#[test]
fn what_cannot_be_bound_or_told_asks_for_nothing() {
    let Some(room) = room(ONE) else { return };
    for (words, arguments) in [
        ("secret", vec!["destroy", "-auto-approve", "-var", "db_password=hunter2hunter2"]),
        ("65536", vec!["destroy", "-auto-approve", "-target"]),
    ] {
        let mut command = room.world.terraform(arguments);
        command.env("TF_WORKSPACE", "prod");
        if words != "secret" {
            command.arg("x".repeat(70_000));
        }
        let why = refused(&mut command);
        assert!(why.contains(words), "{why}");
        assert!(!why.contains("hunter2"), "{why}");
    }
    assert!(room.waiting().is_empty());
}

#[test]
fn a_list_that_an_agent_could_have_chosen_gives_it_nobody() {
    let Some(room) = room(ONE) else { return };
    let mut command = room.world.agent(DESTROY);
    let why = refused(&mut command);
    assert!(!why.contains("ssh-keygen"), "{why}");
    assert!(why.contains("approvers.yaml"), "{why}");
    assert!(room.waiting().is_empty());
}

/// The administrator's list, in a mount namespace of its own: `command` sees
/// /etc/tollgate/approvers.yaml, and nobody else does.
fn administered(room: &Room, environments: &str, command: &Command) -> Option<Command> {
    let list = room.world.write("approvers.yaml", &room.text("", environments, ""));
    let script = format!(
        "cp -a /etc '{0}/etc' 2>/dev/null; mkdir -p '{0}/etc/tollgate' && cp '{1}' '{0}/etc/tollgate/approvers.yaml' && \
         chown -R 0:0 '{0}/etc/tollgate' && chmod 755 '{0}/etc' '{0}/etc/tollgate' && \
         chmod 644 '{0}/etc/tollgate/approvers.yaml' && mount --bind '{0}/etc' /etc && exec \"$@\"",
        room.world.path(".").display(),
        list.display()
    );
    let mut inside = Command::new("/usr/bin/unshare");
    let by_root = nix::unistd::geteuid().is_root();
    inside.args(if by_root { &["--mount"][..] } else { &["--mount", "--map-root-user"] });
    let works = Command::new("/usr/bin/unshare")
        .args(if by_root { &["--mount"][..] } else { &["--mount", "--map-root-user"] })
        .args(["/bin/sh", "-c", "mount --bind /tmp /mnt"])
        .output()
        .is_ok_and(|output| output.status.success());
    if !works {
        eprintln!("NOT TESTED: the administrator's list, since no mount namespace can be made here");
        return None;
    }
    inside.args(["/bin/sh", "-c", &script, "sh"]).arg(command.get_program()).args(command.get_args());
    inside.env_clear().current_dir(room.world.project()).stdin(Stdio::null());
    for (name, value) in command.get_envs() {
        inside.env(name, value.unwrap());
    }
    Some(inside)
}

#[test]
fn an_agent_runs_what_a_peer_on_the_administrators_list_approved() {
    let Some(room) = room(ONE) else { return };
    let run = |token: Option<&Path>| {
        let mut command = room.world.agent(DESTROY);
        if let Some(token) = token {
            command.env(TOKEN, token);
        }
        administered(&room, ONE, &command)
    };
    let Some(mut first) = run(None) else { return };
    let request = room.asked(&mut first);
    let asked = fs::read_to_string(&request).unwrap();
    assert!(asked.contains("\"advisory\":false") && asked.contains("\"kind\":\"agent\""), "{asked}");
    let signature = room.sign("bob", &request);
    assert_code(&run(Some(&signature)).unwrap().output().unwrap(), 0);
    room.world.ran();
    assert_code(&run(Some(&signature)).unwrap().output().unwrap(), 77);
    let exec = room.world.recorded("exec").remove(0);
    assert_eq!((exec["approvers"][0]["person"].as_str(), exec.get("note")), (Some("bob@corp"), None));
}

#[test]
fn what_an_approved_run_starts_is_covered_and_nothing_else_is() {
    let Some(room) = room(ONE) else { return };
    let nested = format!("TF_WORKSPACE=prod '{}' state rm x.y", room.world.shim().display());
    let body = format!("[ \"$1\" = state ] || {nested}");
    room.world.stub(&body);
    let signature = room.approved(room.destroy());
    assert_code(&room.destroy().env(TOKEN, &signature).output().unwrap(), 0);
    assert_eq!(room.world.runs().len(), 2);
    let authorizations: Vec<String> = room
        .world
        .recorded("exec")
        .iter()
        .map(|exec| exec["authorization"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(authorizations, ["approved", "covered"]);
    assert_code(&room.prod(["state", "rm", "x.y"]).output().unwrap(), 77);
}

#[test]
fn a_hooks_denial_names_the_request_of_what_can_be_run_by_itself() {
    let Some(room) = room(ONE) else { return };
    let hook = |line: &str| {
        let mut command = room.world.tollgate(["hook"]);
        command.env("PATH", room.world.search(&["bin"])).stdin(Stdio::piped()).stdout(Stdio::piped());
        room.hooked(command, line)
    };
    // Nobody is on a list that counts for an agent: alone, its human would confirm.
    fs::remove_file(room.world.path("home/.config/tollgate/approvers.yaml")).unwrap();
    let denied = hook("terraform state rm -lock=false a.b");
    let [request] = room.waiting().try_into().unwrap();
    let id = request.file_stem().unwrap().to_str().unwrap().to_owned();
    assert!(denied.contains(&format!("approval request {id} waits")), "{denied}");
    assert!(denied.contains("tollgate exec -- terraform state rm -lock=false a.b"), "{denied}");
    assert!(hook("terraform state rm -lock=false a.b").contains(&id), "it waits already");
    let shimmed = |line: &str| {
        let mut command = room.world.tollgate(["hook"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        room.hooked(command, line)
    };
    assert_eq!(
        shimmed("TOLLGATE_TOKEN=/tmp/x.sig terraform state rm -lock=false a.b"),
        "",
        "the shim judges it, with the token"
    );
    let away = hook("cd / && terraform state rm -lock=false a.b");
    assert!(
        away.contains("then run `cd / && tollgate exec -- terraform state rm -lock=false a.b`"),
        "{away}"
    );
    for line in [
        "TF_WORKSPACE=x terraform state rm -lock=false a.b",
        "terraform state rm -lock=false $X",
        "terraform destroy",
    ] {
        assert!(!hook(line).contains("approval request"), "{line}");
    }
    assert_eq!(room.waiting().len(), 2);
}

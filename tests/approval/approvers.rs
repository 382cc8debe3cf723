//! `tollgate approvers`, and its keys in the hands of the real ssh-keygen.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::support::pty::PtyCommand;
use crate::support::world::{
    FAULT, MARKER, REFUSED, World, assert_code, assert_refused, is_human, is_installed, text, tollgate,
};

/// Where the user's list is.
const LIST: &str = "home/.config/tollgate/approvers.yaml";
const NAMESPACE: &str = "tollgate-approve-v1";

/// Public keys, the last as a security key has them; somebody threw the private ones away.
const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPqxzagr63CO/qnPeeLrAjsWSmW2RIxpIdd/rgYeRl8v";
const OTHER: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHndszUH6kP+5rVGeQ4FjSANtz4xhg9APTvQyfm/guB6";
const SECURITY_KEY: &str = "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAINPh7V+W1xpoee3t0y/EL2LeVMWMUtLMmXrMlGm5dULyAAAABHNzaDo=";
const FINGERPRINT: &str = "SHA256:2fV5YDtAhYhv+H/mYAB2quhhymM3MLlHqfWN+YTAqQY";

/// The login name of whoever runs the tests.
fn user() -> String {
    nix::unistd::User::from_uid(nix::unistd::geteuid())
        .unwrap()
        .map_or_else(|| nix::unistd::geteuid().to_string(), |user| user.name)
}

fn run(world: &World, words: &[&str]) -> Output {
    world.tollgate([&["approvers"], words].concat()).output().unwrap()
}

/// What a command prints, and its exit code.
fn said(world: &World, words: &[&str]) -> (String, i32) {
    let output = run(world, words);
    (text(&output.stdout) + &text(&output.stderr), output.status.code().unwrap())
}

/// `approvers add` at a terminal, answered.
fn add(world: &World, words: &[&str], answer: &str) -> (String, String, i32) {
    let command = PtyCommand::new(tollgate()).args(["approvers", "add"]).args(words);
    let mut terminal = world.in_terminal(command).start();
    let shown = terminal.expect("Write it? [y/N] ");
    terminal.send_line(answer);
    let (rest, code) = terminal.wait();
    (shown.replace("\r\n", "\n"), rest, code)
}

/// A list in which this user and others have their part.
fn list() -> String {
    format!(
        "version: 1
mode: advisory
people:
  - {{id: alice@corp, os_users: [{}]}}
  - id: bob@corp
    groups: [sre]
    os_users: [bob-who-is-nobody-here]
    keys:
      - {KEY} bob's own
      - {{key: {SECURITY_KEY}, valid_after: 2026-01-01T00:00:00Z, require: touch+pin}}
environments:
  default: {{groups: [sre]}}
",
        user()
    )
}

#[test]
fn the_list_is_shown_to_people_and_to_programs() {
    let world = World::new();
    let (none, code) = said(&world, &["list"]);
    assert_eq!(code, 0);
    assert_eq!(none, "no approvers are named: where a second person is needed, people confirm alone\n");
    if !is_human() {
        return;
    }
    let path = world.write(LIST, &list());
    let (shown, code) = said(&world, &["list"]);
    assert_eq!(code, 0, "{shown}");
    let lines: Vec<&str> = shown.lines().collect();
    let advisory = "advisory: whoever asks for an approval may be able to write it";
    assert_eq!(lines[0], format!("{} ({advisory})", path.display()));
    assert!(lines[2].starts_with("PERSON      GROUPS  OS USERS"), "{shown}");
    let key = lines[2].find("KEY").unwrap();
    assert!(lines[3].starts_with("alice@corp  -") && lines[3].get(key..).unwrap() == "no keys", "{shown}");
    assert!(lines[4].starts_with("bob@corp    sre     bob-who-is"), "{shown}");
    assert!(lines[4].get(key..).unwrap().starts_with(FINGERPRINT), "{shown}");
    assert!(lines[5].get(key..).unwrap().contains("  touch+pin  yes"), "{shown}");
    assert!(shown.contains("default      1       sre     none     15m     1 of 2\n"), "{shown}");
    assert!(!shown.contains('\u{1b}'), "colours are for terminals");

    let json: Value = serde_json::from_slice(&run(&world, &["list", "--json"]).stdout).unwrap();
    assert_eq!(json["schema"], 1);
    assert_eq!(json["advisory"], true);
    assert_eq!(json["path"], path.to_str().unwrap());
    assert_eq!(json["people"][1]["keys"][0]["fingerprint"], FINGERPRINT);
    assert_eq!(json["people"][1]["keys"][1]["security_key"], true);
    let default = json!({ "name": "default", "quorum": 1, "groups": ["sre"], "require": "none", "max_ttl": "15m", "able": ["bob@corp"] });
    assert_eq!(json["environments"], json!([default]));

    let command = PtyCommand::new(tollgate()).args(["approvers", "list"]);
    let (shown, code) = world.in_terminal(command).env("TERM", "xterm").start().wait();
    assert_eq!(code, 0);
    assert!(shown.contains("\u{1b}[1mPERSON"), "{shown:?}");
}

#[test]
fn a_home_that_an_agent_chose_names_nobody() {
    let world = World::new();
    let path = world.write(LIST, &list());
    let xdg = world.write("xdg/tollgate/approvers.yaml", &list());
    for (path, xdg) in [(path, None), (xdg.clone(), Some(xdg.ancestors().nth(2).unwrap()))] {
        for words in [&["list"][..], &["export"], &["list", "--json"]] {
            let mut command = world.tollgate([&["approvers"], words].concat());
            command.env(MARKER.0, MARKER.1).envs(xdg.map(|xdg| ("XDG_CONFIG_HOME", xdg)));
            let output = command.output().unwrap();
            assert_code(&output, FAULT);
            assert_eq!(text(&output.stdout), "");
            let expected = format!("{} names nobody to an agent", path.display());
            assert!(text(&output.stderr).contains(&expected), "{output:?}");
        }
    }
}

#[test]
fn what_will_not_work_is_told_before_somebody_waits() {
    if !is_human() {
        return;
    }
    let world = World::new();
    let path = world.write(LIST, &list());
    assert_eq!(
        said(&world, &["check"]),
        (format!("{}: sound: 2 people, 2 keys, 1 environment\n", path.display()), 0)
    );
    let all = list();
    let expired = format!("{{key: {KEY}, valid_before: 2020-01-01T00:00:00Z}}");
    let second =
        format!("\n  - {{id: carol, groups: [sre], os_users: [bob-who-is-nobody-here], keys: [{OTHER}]}}");
    for (from, to, expected) in [
        ("{groups: [sre]}", "{groups: [sre], quorum: 2}", "in default it takes 2 to approve, and 1 can"),
        (
            "{groups: [sre]}",
            "{groups: [sre], require: touch}",
            "is no security key, so it does not count in default",
        ),
        ("{groups: [sre]}", "{groups: [sre], qourum: 2}", "did you mean `quorum`?"),
        (user().as_str(), "nobody-we-know", "it does not say who you are: add `"),
        ("[bob-who-is-nobody-here]", "[]", "bob@corp has no os_users"),
        ("groups: [sre]\n", "groups: [sre]", "did not find expected"),
        (
            &format!("[{}]}}", user()),
            &format!("[{}], groups: [sre]}}", user()),
            "alice@corp is in the group sre, but has no key",
        ),
        (&format!("{KEY} bob's own"), &expired, "of bob@corp ended 2020-01-01T00:00:00Z"),
        (
            &format!("{KEY} bob's own"),
            &format!("{{key: {KEY}, require: touch}}"),
            "cannot vouch for touch: it counts nowhere",
        ),
        (
            "\nenvironments:",
            &format!("{second}\nenvironments:"),
            "the login bob-who-is-nobody-here is that of bob@corp and carol",
        ),
        ("mode: advisory\n", "", "has to say `mode: advisory`"),
    ] {
        assert!(all.contains(from), "{from}");
        world.write(LIST, &all.replacen(from, to, 1));
        let (said, code) = said(&world, &["check"]);
        assert!(said.contains(expected) && code == 1, "{expected}: {said}");
    }
    let soon = jiff::Timestamp::now().checked_add(jiff::SignedDuration::from_hours(24)).unwrap();
    let soon = soon.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    world.write(
        LIST,
        &all.replace(&format!("{KEY} bob's own"), &format!("{{key: {KEY}, valid_before: {soon}}}")),
    );
    assert!(said(&world, &["check"]).0.contains(&format!("ends {soon}: add its successor")));

    let named =
        world.write("elsewhere.yaml", &all.replace("mode: advisory\n", "").replace(&user(), "somebody"));
    let (said, code) = said(&world, &["check", named.to_str().unwrap()]);
    assert_eq!((said, code), (format!("{}: sound: 2 people, 2 keys, 1 environment\n", named.display()), 0));
    let mut writable = fs::metadata(&path).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut writable, 0o666);
    world.write(LIST, &all);
    fs::set_permissions(&path, writable).unwrap();
    assert!(run(&world, &["check"]).stdout.ends_with(format!("chmod go-w {}\n", path.display()).as_bytes()));
    assert_eq!(self::said(&world, &["check", "/no/such/file"]).1, FAULT);
}

#[test]
fn a_person_adds_a_key_and_touches_nothing_else() {
    if !is_human() {
        return;
    }
    let world = World::new();
    let key = world.write("bob.pub", &format!("{KEY} bob@laptop\n"));
    let words = ["bob@corp", "--key", key.to_str().unwrap(), "--group", "sre", "--os-user", "bob"];
    let (shown, rest, code) = add(&world, &words, "n");
    assert_eq!(code, REFUSED, "{rest}");
    assert!(shown.contains(&format!("approves as bob@corp:\n  ssh-ed25519 {FINGERPRINT}\n")), "{shown}");
    assert!(shown.contains("+  - id: bob@corp") && shown.contains("the list is advisory"), "{shown}");
    assert!(!world.path(LIST).exists() && world.recorded("change").is_empty());

    let (_, rest, code) = add(&world, &words, "y");
    assert_eq!(code, 0, "{rest}");
    let written = fs::read_to_string(world.path(LIST)).unwrap();
    let expected = format!(
        "version: 1\nmode: advisory\npeople:\n  - id: bob@corp\n    groups: [sre]\n    os_users: [bob]\n    keys:\n      - {KEY}\n"
    );
    assert_eq!(written, expected);
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(world.path(LIST)).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let changes = world.recorded("change");
    let list = world.path(LIST);
    assert_eq!(changes[0]["what"], format!("approvers add bob@corp {FINGERPRINT} in {}", list.display()));
    world.assert_intact();

    let (said, code) = said(&world, &[&["add"], &words[..]].concat());
    assert_eq!((said, code), (format!("{} says all of that already\n", list.display()), 0));

    // Somebody's own layout stays.
    let layout = format!(
        "# ours\nversion:   1\nmode: advisory\n\npeople:\n- id: bob@corp\n  keys:\n  # the old one\n  - {KEY}   # laptop\n\nrevoked: []\n"
    );
    world.write(LIST, &layout);
    world.write("sk.pub", SECURITY_KEY);
    let sk = world.path("sk.pub");
    let (_, rest, code) =
        add(&world, &["bob@corp", "--key", sk.to_str().unwrap(), "--require", "touch"], "y");
    assert_eq!(code, 0, "{rest}");
    let line = format!("  - {{key: {SECURITY_KEY}, require: touch}}\n");
    let written = fs::read_to_string(world.path(LIST)).unwrap();
    assert_eq!(written, layout.replace("# laptop\n", &format!("# laptop\n{line}")));

    let (_, rest, code) = add(&world, &["alice", "--os-user", &user()], "y");
    assert_eq!(code, 0, "{rest}");
    let added =
        format!("  - id: alice\n    os_users: [{}]\n", user()).replace("\n  ", "\n").replacen("  ", "", 1);
    assert_eq!(
        fs::read_to_string(world.path(LIST)).unwrap(),
        written.replace(&line, &(line.clone() + &added))
    );
}

#[test]
fn what_cannot_be_added_is_said() {
    if !is_human() {
        return;
    }
    let world = World::new();
    world.write(
        LIST,
        &format!("version: 1\nmode: advisory\npeople:\n  - {{id: bob, keys: [{KEY}]}}\nrevoked: [{OTHER}]\n"),
    );
    let bob = world.write("bob.pub", KEY);
    let other = world.write("other.pub", OTHER);
    let private = world
        .write("private", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n");
    let certificate = world.write("cert.pub", "ssh-ed25519-cert-v01@openssh.com AAAA x");
    let path = |path: &PathBuf| path.to_str().unwrap().to_owned();
    let before = fs::read(world.path(LIST)).unwrap();
    for (words, expected, code) in [
        (
            vec!["eve".to_owned(), "--key".into(), path(&bob)],
            "is already that of bob, and a key belongs to one person",
            FAULT,
        ),
        (vec!["eve".to_owned(), "--key".into(), path(&other)], "is revoked", FAULT),
        (vec!["eve".to_owned(), "--key".into(), path(&private)], "this is a private key", FAULT),
        (vec!["eve".to_owned(), "--key".into(), path(&certificate)], "certificates are not taken", FAULT),
        (vec!["eve".to_owned(), "--key".into(), "/no/such".into()], "there is no file /no/such", FAULT),
        (
            vec!["bob".to_owned(), "--key".into(), path(&bob), "--require".into(), "touch".into()],
            "cannot vouch for a touch",
            FAULT,
        ),
        (vec!["Bob".to_owned(), "--group".into(), "sre".into()], "names may not differ in case only", FAULT),
        (vec!["eve".to_owned()], "the following required arguments were not provided", 2),
        (vec!["e ve".to_owned(), "--group".into(), "sre".into()], "`e ve` cannot be a name", 2),
        (vec!["eve".to_owned(), "--group".into(), "sre".into()], "nobody can be asked", REFUSED),
    ] {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (said, found) = said(&world, &[&["add"], &words[..]].concat());
        assert!(said.contains(expected) && found == code, "{words:?}: {found}: {said}");
    }
    assert_eq!(fs::read(world.path(LIST)).unwrap(), before);
    let flow = "{version: 1, mode: advisory}\n";
    world.write(LIST, flow);
    let (said, code) = said(&world, &["add", "eve", "--group", "sre"]);
    assert!(
        said.contains("add below `people`:\n  - id: eve\n    groups: [sre]\n") && code == FAULT,
        "{said}"
    );
    assert_eq!(fs::read_to_string(world.path(LIST)).unwrap(), flow);
}

#[test]
fn an_agent_adds_nobody() {
    let world = World::new();
    world.write("bob.pub", KEY);
    let words = ["approvers", "add", "bob", "--key", "../bob.pub"];
    let shown = assert_refused(&world, world.tollgate(words).env(MARKER.0, MARKER.1));
    assert!(shown.contains("only a person can do that, and an agent asks"), "{shown}");
    let command = PtyCommand::new(tollgate()).args(words);
    let (shown, code) = world.in_terminal(command).env(MARKER.0, MARKER.1).start().wait();
    assert_eq!(code, REFUSED);
    assert!(!shown.contains("[y/N]"), "{shown}");
    assert!(!world.path(LIST).exists());
}

/// The real ssh-keygen, with a fresh home.
fn ssh_keygen(world: &World, words: &[&str]) -> Command {
    let mut command = world.command("/usr/bin/ssh-keygen");
    command.args(words);
    command
}

/// Whether `ssh-keygen -Y verify` takes a signature for a person's.
fn verifies(world: &World, signers: &Path, who: &str, signature: &Path) -> bool {
    let (signers, signature) = (signers.to_str().unwrap(), signature.to_str().unwrap());
    let words = ["-Y", "verify", "-f", signers, "-I", who, "-n", NAMESPACE, "-s", signature];
    let mut child = ssh_keygen(world, &words)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"a request\n").unwrap();
    child.wait().unwrap().success()
}

#[test]
fn anybody_verifies_with_what_is_exported() {
    if !is_human() || !is_installed("ssh-keygen") {
        return;
    }
    let world = World::new();
    let message = world.write("request", "a request\n");
    let mut keys = Vec::new();
    for name in ["bob", "old", "gone", "p256"] {
        let key = world.path(name);
        let kind = if name == "p256" { "ecdsa" } else { "ed25519" };
        let made =
            ssh_keygen(&world, &["-q", "-t", kind, "-N", "", "-C", "x y", "-f", key.to_str().unwrap()]);
        assert!({ made }.status().unwrap().success());
        let signature = world.path(&format!("{name}.sig"));
        let signed = ssh_keygen(
            &world,
            &["-q", "-Y", "sign", "-n", NAMESPACE, "-f", key.to_str().unwrap(), message.to_str().unwrap()],
        )
        .output()
        .unwrap();
        assert!(signed.status.success(), "{signed:?}");
        fs::rename(world.path("request.sig"), &signature).unwrap();
        keys.push(fs::read_to_string(world.path(&format!("{name}.pub"))).unwrap().trim().to_owned());
    }
    let [bob, old, gone, p256] = keys.as_slice() else { panic!("{keys:?}") };
    world.write(LIST, &format!(
        "version: 1\nmode: advisory\npeople:\n  - id: bob@corp\n    keys:\n      - {bob}\n      - {{key: {old}, valid_before: 2020-01-01T00:00:00Z}}\n      - {gone}\n  - id: carol\n    keys: [{{key: {p256}, valid_after: 2020-01-01T00:00:00Z, valid_before: 2999-01-01T00:00:00Z}}]\nrevoked: [{gone}]\n"
    ));
    let exported = run(&world, &["export"]);
    assert_code(&exported, 0);
    let signers = world.write("allowed_signers", &text(&exported.stdout));
    for (who, name, taken) in [
        ("bob@corp", "bob", true),
        ("carol", "bob", false),
        ("bob@corp", "old", false),
        ("bob@corp", "gone", false),
        ("carol", "p256", true),
        ("bob@corp", "p256", false),
    ] {
        let signature = world.path(&format!("{name}.sig"));
        assert_eq!(
            verifies(&world, &signers, who, &signature),
            taken,
            "{who} {name}: {}",
            text(&exported.stdout)
        );
    }
}

//! `tollgate request`, `approve` and `token`, as people type them.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64ct::{Base64, Encoding as _};
use serde_json::Value;
use tollgate::authorization::request::{Request, Text};

use crate::support::pty::{Pty, PtyCommand};
use crate::support::tools;
use crate::support::world::{
    MARKER, REFUSED, World, assert_code, assert_refused, is_human, is_installed, text, tollgate,
};

/// What makes the project a place where destroying takes two.
const GUARDED: &str = "version: 1\nenvironments:\n  - name: prod\n    guarded: true\n    match:\n      \
                       - directory: { regex: \".*/network\" }\n";

const NAMESPACE: &str = "tollgate-approve-v1";

/// Whether a person can be played who asks, and another who signs.
fn is_possible() -> bool {
    is_human() && is_installed("ssh-keygen")
}

/// Makes a key in this world, and returns its path.
fn key(world: &World, name: &str, passphrase: &str) -> PathBuf {
    let path = world.path(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut command = Command::new("/usr/bin/ssh-keygen");
    command.args(["-q", "-t", "ed25519", "-N", passphrase, "-C", "", "-f"]).arg(&path);
    assert!(command.status().unwrap().success());
    path
}

fn public(key: &Path) -> String {
    fs::read_to_string(key.with_extension("pub")).unwrap().trim().to_owned()
}

/// A world with a guarded project, where alice asks and bob approves.
fn world() -> World {
    let world = World::new();
    world.write("home/.config/tollgate/rules/own.yaml", GUARDED);
    let (alice, bob) = (key(&world, "keys/alice", ""), key(&world, "keys/bob", ""));
    list(&world, &[("alice@corp", &alice, true), ("bob@corp", &bob, false)]);
    world
}

fn list(world: &World, people: &[(&str, &Path, bool)]) {
    let user = Command::new("/usr/bin/id").arg("-un").output().unwrap();
    let user = text(&user.stdout).trim().to_owned();
    let mut list = "version: 1\nmode: advisory\npeople:\n".to_owned();
    for (id, key, asks) in people {
        let users = if *asks { format!("    os_users: [{user}]\n") } else { String::new() };
        writeln!(list, "  - id: {id}\n{users}    keys: [{{ key: {} }}]", public(key)).unwrap();
    }
    world.write("home/.config/tollgate/approvers.yaml", &list);
}

/// Asks for the destruction, and returns the request's id and file.
#[track_caller]
fn asked(world: &World) -> (String, PathBuf) {
    assert_refused(world, &mut world.terraform(["destroy"]));
    newest(world)
}

#[track_caller]
fn newest(world: &World) -> (String, PathBuf) {
    let waiting = waiting(world);
    let newest = waiting.last().expect("a request waits");
    (newest["id"].as_str().unwrap().to_owned(), newest["path"].as_str().unwrap().into())
}

fn waiting(world: &World) -> Vec<Value> {
    let listed = world.tollgate(["request", "list", "--json"]).output().unwrap();
    assert_code(&listed, 0);
    serde_json::from_slice(&listed.stdout).unwrap()
}

/// Signs a text with nothing but ssh-keygen.
fn signed(key: &Path, namespace: &str, bytes: &[u8]) -> Vec<u8> {
    let draft = tempfile::NamedTempFile::new().unwrap();
    fs::write(draft.path(), bytes).unwrap();
    let mut command = Command::new("/usr/bin/ssh-keygen");
    command.args(["-q", "-Y", "sign", "-n", namespace, "-f"]).arg(key);
    let output = command.stdin(fs::File::open(draft.path()).unwrap()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    output.stdout
}

fn import(world: &World, token: &[u8]) -> (i32, String) {
    let file = world.path("token-that-came-back");
    fs::write(&file, token).unwrap();
    let mut command = world.tollgate(["approve", "--import", "-"]);
    let output = command.stdin(Stdio::from(fs::File::open(file).unwrap())).output().unwrap();
    (output.status.code().unwrap(), text(&output.stdout) + &text(&output.stderr))
}

/// A shell line with tollgate as `$T`, at a terminal.
fn typed(world: &World, line: &str) -> Pty {
    let line = format!("T='{}'; {line}; exit $?", tollgate().display());
    world.script_at_terminal(&line).start()
}

fn ran<S: AsRef<OsStr>>(world: &World, arguments: impl IntoIterator<Item = S>) -> String {
    let output = world.tollgate(arguments).output().unwrap();
    text(&output.stdout) + &text(&output.stderr)
}

#[test]
fn another_person_signs_and_the_command_runs_once() {
    if !is_possible() {
        return;
    }
    let world = world();
    let (id, path) = asked(&world);
    let mut terminal = typed(&world, &format!("$T approve --key ../keys/bob {id} >token"));
    let shown = terminal.expect("Type `prod` to sign it: ");
    for part in [
        "CRITICAL risk",
        "  runs       terraform destroy\r\n",
        "environment prod (guarded)",
        "alice@corp, as ",
        ", of bob@corp\r\n",
        "the list of approvers is advisory",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    terminal.send_line("prod");
    let (rest, code) = terminal.wait();
    assert_eq!(code, 0, "{rest}");
    assert!(rest.contains("Send it to "), "{rest}");
    let token = fs::read_to_string(world.project().join("token")).unwrap();
    assert!(token.starts_with(&format!("tg1.{id}.")) && token.lines().count() == 1, "{token}");

    let checked = world.tollgate(["token", "verify", "token", "--request"]).arg(&path).output().unwrap();
    assert_code(&checked, 0);
    let told = ran(&world, ["token", "inspect", "--json", token.trim()]);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&told[0]["person"], &told[0]["state"]), (&"bob@corp".into(), &"waits".into()));
    assert_eq!(told[0]["request"], id);

    let (code, told) = import(&world, token.as_bytes());
    assert_eq!(code, 0, "{told}");
    assert!(told.contains(&format!("Request {id}: approved by bob@corp (SHA256:")), "{told}");
    assert!(told.contains("/network && tollgate exec -- terraform destroy\n"), "{told}");
    assert_code(&world.terraform(["destroy"]).output().unwrap(), 0);
    world.ran();
    assert_code(&world.terraform(["destroy"]).output().unwrap(), REFUSED);
    world.ran();
    assert_eq!(import(&world, token.as_bytes()).0, REFUSED, "it was used");

    let told = ran(&world, ["request", "show", &id.to_lowercase()]);
    assert!(told.contains("used by the run ") && told.contains("approved by bob@corp (SHA256:"), "{told}");
    let told = ran(&world, ["audit", "show"]);
    for part in ["approved by bob@corp (SHA256:", &format!("that of request {id}"), "exit code 0", "used by "]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(ran(&world, ["token", "verify", "token"]).matches("BAD").count(), 1, "used, and else good");
    world.assert_intact();
}

#[test]
fn a_request_is_read_as_it_came() {
    if !is_possible() {
        return;
    }
    let world = world();
    let (id, path) = asked(&world);
    let bytes = fs::read(&path).unwrap();
    let plain = text(&bytes);
    let block = Base64::encode_string(&bytes);
    let lines: Vec<&str> =
        block.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    for (form, content) in [
        ("the file", plain.clone()),
        ("ends of lines of Windows", plain.replace('\n', "\r\n")),
        ("blank lines around it", format!("\n\n{plain}\n\n")),
        ("base 64", lines.join("\n")),
        ("base 64 as a chat fences it", format!("```\n{}\n```\n", lines.join("\r\n"))),
        ("base 64 in one line", block.trim_end_matches('=').to_owned()),
    ] {
        world.write("network/came", &content);
        let mut terminal = typed(&world, "$T approve --key ../keys/bob - <came >token");
        let shown = terminal.expect("to sign it: ");
        assert!(shown.contains(&id), "{form}: {shown}");
        terminal.send_line("prod");
        let (rest, code) = terminal.wait();
        assert_eq!(code, 0, "{form}: {rest}");
        let checked = ran(&world, ["token", "verify", "token"]);
        assert!(checked.contains("byte for byte") && !checked.contains("BAD"), "{form}: {checked}");
    }
    for (form, content, why) in [
        ("nothing", String::new(), "it is no approval request"),
        ("a sentence", "please approve".to_owned(), "it is no approval request"),
        ("white space changed", plain.replace(": ", ":  "), "it was changed on its way"),
        ("one more line", plain.replace("\nEND", "\nmore: 1\nEND"), "it was changed on its way"),
        ("a part", plain.split_at(plain.len() / 2).0.to_owned(), "it was changed on its way"),
        ("no base 64", block.replace('A', "*"), "it is no approval request"),
        ("another id", plain.replace(&id, "\\u001b[2J"), "its id is none"),
        ("too much", "x".repeat(200_000), "too large"),
    ] {
        world.write("network/came", &content);
        let output = world.tollgate(["approve", "came"]).output().unwrap();
        assert_code(&output, REFUSED);
        let told = text(&output.stderr);
        assert!(told.contains(why), "{form}: {told}");
        assert!(!told.contains(|c: char| c.is_control() && c != '\n'), "{form}: {told:?}");
        assert_eq!(text(&output.stdout), "", "{form}");
    }
}

#[test]
fn what_is_shown_says_what_is_unusual_and_moves_no_cursor() {
    if !is_possible() {
        return;
    }
    let world = world();
    let (_, path) = asked(&world);
    let mut request = Request::read(&fs::read(&path).unwrap()).unwrap();
    request.facts.argv.push(Text::from("-target=\u{1b}[2J\u{202e}\u{440}rod\nsecond line"));
    request.facts.host.name = "web\u{1b}]0;x\u{7}".to_owned();
    request.facts.summary = "nothing \u{9b}2J".to_owned();
    request.facts.rules.push("more\u{8}".to_owned());
    request.facts.version = "99".to_owned();
    request.facts.variables.insert("LD_PRELOAD".to_owned(), "/tmp/x.so\u{1b}".to_owned());
    request.facts.variables.insert("KUBECONFIG".to_owned(), "/tmp/config".to_owned());
    request.facts.binary.launcher = Some("a script\r".to_owned());
    request.principal.evidence = vec!["\u{1b}[31m".to_owned()];
    request.untrusted_explanation = Some("just a test\n\u{1b}[2Japproved already".to_owned());
    request.execute_before += jiff::SignedDuration::from_hours(9);
    fs::write(world.path("network/other"), request.bytes().unwrap()).unwrap();
    let mut terminal = typed(&world, "$T approve --key ../keys/bob other");
    let shown = terminal.expect("to sign it: ");
    // The terminal hands over bytes.
    let bytes: Vec<u8> = shown.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let shown = text(&bytes);
    let raw = |c: char| c.is_control() && !"\r\n".contains(c) || c == '\u{202e}';
    assert!(!shown.contains(raw), "{shown:?}");
    let flat = shown.replace("\r\n             ", " ");
    for part in [
        r"-target=\x1b[2J\xe2\x80\xae\xd1\x80rod\nsecond line",
        "control characters",
        "characters beside ASCII",
        "it waits on another machine",
        "LD_PRELOAD is set, which loads other code",
        "KUBECONFIG is set",
        "a launcher",
        "tollgate 99 judged it",
        "rules matched",
        "longer than usual",
        "alice@corp asks for it, and by the list here that is you",
        "UNTRUSTED",
        r"> \u{1b}[2Japproved already",
    ] {
        assert!(flat.contains(part), "{part}: {flat}");
    }
    terminal.send_line("yes");
    let (rest, code) = terminal.wait();
    assert_eq!(code, REFUSED, "{rest}");
    assert!(!rest.contains("tg1."), "{rest}");
}

#[test]
fn what_an_agent_asks_for_a_human_confirms_apart() {
    if !is_human() {
        return;
    }
    let world = World::new();
    assert_refused(&world, &mut world.agent(["destroy"]));
    let (id, path) = newest(&world);
    let refused = |command: &mut Command, why: &str| {
        let told = assert_refused(&world, command);
        assert!(told.contains(why), "{told}");
        assert!(fs::read_dir(path.parent().unwrap()).unwrap().count() == 1, "nothing was noted");
    };
    refused(world.tollgate(["approve", &id]).env(MARKER.0, MARKER.1), "only a person can approve");
    refused(&mut world.tollgate(["approve", &id]), "this process has no terminal");
    refused(&mut world.tollgate(["approve", "ZZZZ-ZZZZ-ZZZZ"]), "neither a file nor a request");

    // Another machine's cannot be confirmed here, whatever it is called.
    let elsewhere = text(&fs::read(&path).unwrap()).replace("\"guarded\":false", "\"guarded\":true");
    world.write("network/elsewhere", &elsewhere);
    refused(&mut world.tollgate(["approve", "elsewhere"]), "does not wait here");

    for (answer, told) in [("", "declined"), ("y", "does not match"), ("networks", "does not match")] {
        let mut terminal = typed(&world, &format!("$T approve {id}"));
        let shown = terminal.expect("Type `network` to let it run once: ");
        assert!(shown.contains("claude-code for ") && shown.contains(MARKER.0), "{shown}");
        terminal.send_line(answer);
        let (rest, code) = terminal.wait();
        assert_eq!(code, REFUSED, "{rest}");
        assert!(rest.contains(told), "{rest}");
    }
    assert_refused(&world, &mut world.agent(["destroy"]));

    let mut terminal = typed(&world, &format!("$T approve {}", id.split_at(6).0.to_lowercase()));
    terminal.expect("Type `network` to let it run once: ");
    terminal.send_line("network");
    let (rest, code) = terminal.wait();
    assert_eq!(code, 0, "{rest}");
    assert!(rest.contains("/network && tollgate exec -- terraform destroy\r\n"), "{rest}");
    assert_code(&world.agent(["destroy"]).output().unwrap(), 0);
    world.ran();
    assert_code(&world.agent(["destroy"]).output().unwrap(), REFUSED);
    world.ran();
    let approved = world.recorded("approved");
    assert_eq!((approved.len(), &approved[0]["how"]), (1, &"confirmed".into()));
    assert_eq!(approved[0]["req"], id);
    let told = ran(&world, ["audit", "show"]);
    assert!(told.contains("confirmed at a terminal by "), "{told}");
}

#[test]
fn a_retry_takes_the_place_of_what_is_out_of_date() {
    if !is_human() {
        return;
    }
    let world = World::new();
    let ask = |edit: &str| {
        world.write("network/main.tf", edit);
        let said = assert_refused(&world, &mut world.agent(["destroy"]));
        (newest(&world).0, said)
    };
    let (first, _) = ask("# 1\n");
    let (second, _) = ask("# 2\n");
    assert_eq!(waiting(&world).len(), 1);
    let replaced = format!("out of date, and replaced by request {second}");
    let shown = ran(&world, ["request", "show", &first]);
    assert!(shown.contains(&replaced), "{shown}");
    let refused = assert_refused(&world, &mut world.tollgate(["approve", &first]));
    assert!(refused.contains(&replaced), "{refused}");

    // Another place waits beside it.
    assert_refused(&world, world.agent(["destroy"]).env("TF_VAR_size", "1"));
    assert_eq!(waiting(&world).len(), 2);

    let mut terminal = typed(&world, &format!("$T approve {second}"));
    terminal.expect("Type `network` to let it run once: ");
    terminal.send_line("network");
    assert_eq!(terminal.wait().1, 0);
    let (_, said) = ask("# 3\n");
    let passed_over =
        format!("request {second} is approved, and was not used: what it reads has changed: main.tf");
    assert!(said.contains(&passed_over), "{said}");
    assert!(waiting(&world).iter().any(|request| request["id"] == second), "what was approved stays");

    let told = ran(&world, ["request", "cancel", "--all"]);
    assert_eq!(told.matches("is cancelled").count(), 3, "{told}");
    assert_eq!(waiting(&world).len(), 0);
    assert_eq!(ran(&world, ["request", "cancel", "--all"]), "no requests wait\n");
}

#[test]
fn what_was_not_approved_in_time_is_confirmed_no_more() {
    if !is_human() {
        return;
    }
    let world = World::new();
    assert_refused(&world, &mut world.agent(["destroy"]));
    let (id, path) = newest(&world);
    let request = fs::read_to_string(&path).unwrap();
    let line = |name: &str| request.lines().find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap();
    let late = format!("approve-before: {}", line("created"));
    fs::write(&path, request.replace(&format!("approve-before: {}", line("approve-before")), &late)).unwrap();
    let told = assert_refused(&world, &mut world.tollgate(["approve", &id]));
    assert!(told.contains("it could be approved until"), "{told}");
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing was noted");
    let listed = ran(&world, ["request", "list"]);
    assert!(listed.contains("can no longer be approved"), "{listed}");
    assert_eq!(waiting(&world)[0]["state"], "late");
    let shown = ran(&world, ["request", "show", &id]);
    assert!(shown.contains("it is too late to approve it"), "{shown}");
}

#[test]
fn a_terminal_that_an_agent_holds_confirms_nothing() {
    if !is_human() {
        return;
    }
    let world = World::new();
    assert_refused(&world, &mut world.agent(["destroy"]));
    let (id, _) = newest(&world);
    let command = PtyCommand::new(tollgate()).args(["approve", &id]);
    let (shown, code) = world.in_terminal(command).env(MARKER.0, MARKER.1).start().wait();
    assert_eq!(code, REFUSED, "{shown}");
    assert!(shown.contains("only a person can approve, and an agent asks"), "{shown}");
}

#[test]
fn what_came_back_wrong_is_refused_in_its_own_words() {
    if !is_possible() {
        return;
    }
    let world = world();
    let (id, path) = asked(&world);
    let bytes = fs::read(&path).unwrap();
    let (alice, bob) = (world.path("keys/alice"), world.path("keys/bob"));
    let stranger = key(&world, "keys/eve", "");
    let changed = text(&bytes).replace("\"destroy\"", "\"apply\"");
    for (form, token, why) in [
        ("nobody's key", signed(&stranger, NAMESPACE, &bytes), "on nobody's list"),
        ("the requester's own", signed(&alice, NAMESPACE, &bytes), "nobody approves their own request"),
        ("git's", signed(&bob, "git", &bytes), "the namespace \"git\""),
        ("another text", signed(&bob, NAMESPACE, changed.as_bytes()), "over no request that waits here"),
        ("nothing", Vec::new(), "there is no token"),
        ("a sentence", b"approved, go ahead".to_vec(), "is no part of a token"),
        ("a part", b"tg1.7KQ2-M4TD-91XH.".to_vec(), "only part of a token"),
        ("escapes", b"\x1b[2J".to_vec(), "is no part of a token"),
    ] {
        let (code, told) = import(&world, &token);
        assert_eq!(code, REFUSED, "{form}: {told}");
        assert!(told.contains(why), "{form}: {told}");
        assert!(!told.contains(|c: char| c.is_control() && c != '\n'), "{form}: {told:?}");
    }
    assert_eq!(world.recorded("approved").len(), 0);
    assert_refused(&world, &mut world.terraform(["destroy"]));

    // This list names nobody to an agent.
    world.write("network/good", &text(&signed(&bob, NAMESPACE, &bytes)));
    let mut command = world.tollgate(["approve", "--import", "good"]);
    assert_code(&command.env(MARKER.0, MARKER.1).output().unwrap(), REFUSED);
    let output = world.tollgate(["approve", "--import", "good"]).output().unwrap();
    assert_code(&output, 0);
    let listed = waiting(&world);
    let listed = listed.iter().find(|request| request["id"] == id).unwrap();
    assert_eq!(listed["approvals"][0]["person"], "bob@corp");
}

#[test]
fn requests_are_listed_shown_and_cancelled() {
    if !is_possible() {
        return;
    }
    let world = world();
    assert_eq!(waiting(&world).len(), 0);
    assert_eq!(ran(&world, ["request", "list"]), "no requests wait\n");
    let (id, path) = asked(&world);
    let listed = waiting(&world);
    for (name, value) in
        [("needs", "peer"), ("state", "waiting"), ("environment", "prod"), ("command", "terraform destroy")]
    {
        assert_eq!(listed[0][name], value, "{name}");
    }
    assert!(listed[0]["summary"].as_str().unwrap().starts_with("terraform destroy: "));
    assert!(listed[0]["expires"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
    let raw = world.tollgate(["request", "show", "--raw", id.to_lowercase().split_at(5).0]).output().unwrap();
    assert_eq!(raw.stdout, fs::read(&path).unwrap());
    let listed = ran(&world, ["request", "list"]);
    assert!(listed.contains(&id) && listed.contains("signed by 0 of 1"), "{listed}");
    let shown = ran(&world, ["request", "show", &id]);
    assert!(shown.contains("ssh-keygen -Y sign") && shown.contains(path.to_str().unwrap()), "{shown}");

    world.write("home/.local/state/tollgate/pending/AAAA-AAAA-AAAA.request", "\u{1b}[2J");
    let listed = ran(&world, ["request", "list"]);
    assert!(listed.contains("AAAA-AAAA-AAAA.request is no request: "), "{listed}");

    let mut cancel = world.tollgate(["request", "cancel", &id]);
    assert_code(&cancel.env(MARKER.0, MARKER.1).output().unwrap(), 0);
    assert_eq!(waiting(&world).len(), 0);
    assert_eq!(world.recorded("cancelled")[0]["agent"], "claude-code");
    let shown = ran(&world, ["request", "show", &id]);
    assert!(shown.contains("cancelled by ") && shown.contains("(agent claude-code)"), "{shown}");
    assert_code(&world.tollgate(["request", "cancel", &id]).output().unwrap(), 78);
}

#[test]
fn a_key_is_found_and_what_speaks_against_it_said_before() {
    if !is_possible() {
        return;
    }
    let world = world();
    let own = key(&world, "home/.ssh/id_ecdsa", "secret");
    key(&world, "home/.ssh/id_ed25519", "");
    list(&world, &[("alice@corp", &world.path("keys/alice"), true), ("bob@corp", &own, false)]);
    let (id, _) = asked(&world);
    let mut terminal = typed(&world, &format!("$T approve {id} >token"));
    let shown = terminal.expect("to sign it: ");
    let flat = shown.replace("\r\n             ", " ");
    assert!(flat.contains("/.ssh/id_ecdsa, SHA256:"), "the one on the list: {flat}");
    assert!(flat.contains("can be used on this machine"), "{flat}");
    terminal.send_line("prod");
    terminal.expect("Enter passphrase");
    terminal.send_line("secret");
    let (rest, code) = terminal.wait();
    assert_eq!(code, 0, "{rest}");
    let (code, told) = import(&world, &fs::read(world.path("network/token")).unwrap());
    assert_eq!(code, REFUSED, "{told}");
    assert!(told.contains("so it proves no second person"), "{told}");

    let mut terminal = typed(&world, &format!("$T approve --key ../keys/alice {id}"));
    let shown = terminal.expect("to sign it: ");
    assert!(shown.contains("alice@corp asks for it, so this signature will be refused"), "{shown}");
    terminal.control('c');
    assert_eq!(terminal.wait().1, REFUSED);
    let (rest, code) = typed(&world, &format!("$T approve --key nothing {id}")).wait();
    assert!(code == REFUSED && rest.contains("there is no key"), "{rest}");
}

#[test]
fn doctor_says_who_can_approve() {
    if !is_possible() {
        return;
    }
    let world = world();
    let told = ran(&world, ["doctor"]);
    for part in [
        "level L0",
        "approvers.yaml names approvers, but is advisory",
        "you are alice@corp, who approves nothing that is asked for here",
        "any environment: 1 of bob@corp",
        "0 requests wait",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    list(&world, &[("alice@corp", &world.path("keys/alice"), true)]);
    let told = ran(&world, ["doctor"]);
    assert!(told.contains("any environment: nobody could approve what you ask for, and 1 have to"), "{told}");
}

#[test]
fn the_demo_shows_a_second_person() {
    if !is_possible() {
        return;
    }
    let world = World::new();
    let real = tools::terraform().and_then(Path::parent);
    for (path, plays) in [(Some(world.search_path()), "a stand-in"), (real.map(Into::into), "the real one")] {
        let Some(path) = path else { continue };
        let path =
            std::env::join_paths(std::env::split_paths(&path).chain(["/usr/bin".into(), "/bin".into()]));
        let output = world.tollgate(["demo"]).env("PATH", path.unwrap()).output().unwrap();
        assert_code(&output, 0);
        let told = text(&output.stdout);
        for part in [
            plays,
            "names nobody to an agent",
            "-Y sign -n tollgate-approve-v1",
            "approved by bob@demo (SHA256:",
            "was used already",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
    }
}

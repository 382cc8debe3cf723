//! `tollgate scan`, over files of every kind of trouble.

mod formats;
mod waivers;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use serde_json::Value;

use crate::support::pty::PtyCommand;
use crate::support::world::{FAULT, World, assert_code, text, tollgate};

/// What `tollgate scan` printed in the project's directory, after it ended with `code`.
#[track_caller]
fn scan<S: AsRef<OsStr>>(world: &World, arguments: &[S], code: i32) -> String {
    let mut command = world.tollgate(["scan"]);
    let output = command.args(arguments).output().unwrap();
    assert_code(&output, code);
    text(&output.stdout)
}

/// The same as JSON.
#[track_caller]
fn json<S: AsRef<OsStr>>(world: &World, arguments: &[S], code: i32) -> Value {
    let arguments: Vec<OsString> =
        ["--format", "json"].iter().map(OsString::from).chain(arguments.iter().map(Into::into)).collect();
    serde_json::from_str(&scan(world, &arguments, code)).unwrap()
}

/// Each finding as `PATH:LINE:COLUMN RULE`.
fn places(report: &Value) -> Vec<String> {
    let one = |finding: &Value| {
        let (path, rule) = (finding["path"].as_str().unwrap(), finding["rule"].as_str().unwrap());
        format!("{path}:{}:{} {rule}", finding["line"], finding["column"])
    };
    report["findings"].as_array().unwrap().iter().map(one).collect()
}

/// Writes a file of the project.
fn write(world: &World, name: &str, content: impl AsRef<[u8]>) {
    let path = world.project().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

#[test]
fn findings_are_shown_with_place_rule_reason_and_what_is_safer() {
    let world = World::new();
    write(
        &world,
        "deploy.sh",
        "set -e\ncd infra && terraform destroy -auto-approve\necho rm -rf /\ngit push --force\n",
    );
    write(&world, "sub/clean.sh", "for x in /etc /usr; do rm -rf $x; done\n");
    write(&world, "notes.txt", "terraform destroy\n");
    let expected = "\
deploy.sh:2:13: critical: terraform destroy -auto-approve (terraform/destroy)
  why:     every resource in this workspace's state is deleted, with its data
  instead: terraform plan -destroy
deploy.sh:4:1: medium: git push --force (git/force-push)
  why:     commits that somebody else pushed to the branch in the meantime are dropped unseen
  instead: git push --force-with-lease origin BRANCH

sub/clean.sh:1:24: critical: rm -rf /etc (rm/system)
  why:     the system, or all that a user keeps, is gone and comes back only from a backup
  instead: ls the path first, and delete the one directory below it that is meant

3 findings in 2 files (2 critical, 1 medium); 2 files read, 1 of other kinds
";
    assert_eq!(scan(&world, &["deploy.sh", "notes.txt", "sub", "deploy.sh", "./deploy.sh"], 1), expected);
    // Files that are clean cost one line.
    write(&world, "sub/clean.sh", "rm -rf build\nkubectl get pods\n");
    assert_eq!(scan(&world, &["sub"], 0), "no findings; 1 file read\n");
}

#[test]
fn the_exit_code_heeds_the_risk_that_is_asked_for() {
    let world = World::new();
    write(&world, "medium.sh", "git push --force\n");
    write(&world, "critical.sh", "terraform destroy\n");
    for (arguments, code) in [
        (&["medium.sh"][..], 0),
        (&["--fail-on", "medium", "medium.sh"], 1),
        (&["--fail-on=low", "medium.sh"], 1),
        (&["--fail-on", "critical", "critical.sh"], 1),
        (&["critical.sh"], 1),
    ] {
        let shown = scan(&world, arguments, code);
        assert!(shown.contains("\n1 finding in 1 file ("), "{shown}");
    }
    for wrong in [&["--fail-on", "grave", "medium.sh"][..], &[], &["--format", "xml", "medium.sh"]] {
        assert_eq!(scan(&world, wrong, 2), "");
    }
    world.write("home/.config/tollgate/rules/broken.yaml", "version: 1\ntool: 7\n");
    assert_eq!(scan(&world, &["medium.sh"], FAULT), "");
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_and_hides_no_other() {
    let world = World::new();
    write(&world, "a.sh", "terraform destroy\n");
    symlink("gone", world.project().join("dangling.sh")).unwrap();
    symlink("loop.sh", world.project().join("loop.sh")).unwrap();
    symlink("a.sh", world.project().join("link.sh")).unwrap();
    assert!(
        std::process::Command::new("mkfifo").arg(world.project().join("fifo.sh")).status().unwrap().success()
    );
    for (name, code, why) in [
        ("missing.sh", 2, "cannot read missing.sh: No such file"),
        ("dangling.sh", 2, "cannot read dangling.sh: No such file"),
        ("loop.sh", FAULT, "cannot read loop.sh: "),
        ("fifo.sh", FAULT, "cannot read fifo.sh: it is no regular file"),
        ("a.sh/b", FAULT, "cannot read a.sh/b: "),
    ] {
        let output = world.tollgate(["scan", name, "a.sh"]).output().unwrap();
        assert_code(&output, code);
        assert!(text(&output.stderr).contains(why), "{output:?}");
        let shown = text(&output.stdout);
        assert!(
            shown.contains("a.sh:1:1: critical") && shown.ends_with("1 file read; 1 not readable\n"),
            "{shown}"
        );
    }
    // A link that is named is followed.
    assert_eq!(places(&json(&world, &["link.sh"], 1)), ["link.sh:1:1 terraform/destroy"]);
    let report = json(&world, &["missing.sh"], 2);
    assert_eq!(report["errors"][0]["path"], "missing.sh");
    assert_eq!(report["files"], 0);
}

#[test]
fn what_git_tracks_is_read_though_it_ignores_it() {
    let world = World::new();
    let git = |arguments: &[&str]| {
        let done = std::process::Command::new("git").args(arguments).current_dir(world.project()).output();
        assert!(done.unwrap().status.success(), "{arguments:?}");
    };
    write(&world, ".gitignore", "ignored/\n");
    for name in ["ignored/added.sh", "ignored/other.sh", "a.sh"] {
        write(&world, name, "terraform destroy\n");
    }
    git(&["init", "--quiet"]);
    git(&["add", "--force", "ignored/added.sh"]);
    let found = ["./a.sh", "./ignored/added.sh"].map(|path| format!("{path}:1:1 terraform/destroy"));
    assert_eq!(places(&json(&world, &["."], 1)), found);
}

#[test]
fn a_directory_is_read_without_what_git_ignores() {
    let world = World::new();
    let bad = "terraform destroy\n";
    for name in ["b.sh", "a.sh", ".hidden/c.sh", "ignored/d.sh", "kept.sh", ".git/hooks/e.sh"] {
        write(&world, name, bad);
    }
    write(&world, ".gitignore", "ignored/\n");
    write(&world, ".ignore", "kept.sh\n");
    symlink(".", world.project().join("circle")).unwrap();
    symlink("/", world.project().join("root")).unwrap();
    let found = ["./.hidden/c.sh", "./a.sh", "./b.sh", "./kept.sh"]
        .map(|path| format!("{path}:1:1 terraform/destroy"));
    let report = json(&world, &["."], 1);
    assert_eq!(places(&report), found);
    assert_eq!((&report["files"], &report["skipped"]), (&4.into(), &2.into()));
    // What is named is read.
    assert_eq!(places(&json(&world, &["ignored/d.sh"], 1)).len(), 1);
    assert_eq!(places(&json(&world, &["ignored"], 1)).len(), 1);
    let locked = world.project().join("locked");
    fs::create_dir(&locked).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o0)).unwrap();
    // Root reads everything.
    let code = if fs::read_dir(&locked).is_ok() { 1 } else { FAULT };
    assert_eq!(places(&json(&world, &["."], code)), found);
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn text_of_every_form_is_read() {
    let world = World::new();
    let long = format!("#!/bin/sh\n{}terraform destroy\n", "echo harmless\n".repeat(750_000));
    let most = format!("#!/bin/sh\n{}", format!("# {}\n", "x".repeat(1 << 10)).repeat(17 << 10));
    for (name, content, expected) in [
        (
            "crlf.sh",
            &b"set -e\r\nterraform destroy\r\nrm \\\r\n  -rf /\r\n"[..],
            &["2:1 terraform/destroy", "3:1 rm/system"][..],
        ),
        ("bom.sh", b"\xef\xbb\xbfterraform destroy\n", &["1:1 terraform/destroy"]),
        ("latin.sh", b"# \xe4\necho \xe4; terraform destroy\n", &["2:9 terraform/destroy"]),
        ("umlaut.sh", "echo \u{e4}\u{1f600}; terraform destroy\n".as_bytes(), &["1:10 terraform/destroy"]),
        ("empty.sh", b"", &[]),
        ("nul.sh", b"true\nterraform\0 destroy\n", &["2:10 scan/unread"]),
        ("program", b"\x7fELF\0\0terraform destroy", &[]),
        ("broken.sh", b"true\nif x; then\n", &["2:1 scan/unread"]),
        ("long.sh", long.as_bytes(), &["1:1 scan/unread"]),
        ("most.sh", most.as_bytes(), &["1:1 scan/unread"]),
    ] {
        write(&world, name, content);
        let expected: Vec<String> = expected.iter().map(|place| format!("{name}:{place}")).collect();
        assert_eq!(places(&json(&world, &[name], i32::from(!expected.is_empty()))), expected);
    }
    let shown = scan(&world, &["broken.sh", "long.sh", "most.sh"], 1);
    for said in [
        "high: this cannot be read (scan/unread)\n  why:     `fi` is missing",
        "longer than 1048576",
        "longer than 16 MiB",
    ] {
        assert!(shown.contains(said), "{shown}");
    }
    assert!(!shown.contains("line "), "a place is told once: {shown}");
}

#[test]
fn names_and_commands_cannot_speak_to_the_terminal() {
    let world = World::new();
    let hostile = "x\n\u{1b}[2J\u{9b}31m\u{202e}.sh";
    let not_text = OsStr::from_bytes(b"\xff y.sh");
    let bad = "terraform destroy -target=\"\u{1b}]0;x\u{7}\u{9b}2J\u{202e}\" # tollgate: allow terraform/destroy because \u{1b}[2J\n\
               mysql --password=hunter2hunter2 -e 'drop database x'\n";
    for name in [OsStr::new(hostile), not_text, OsStr::new("-x.sh")] {
        fs::write(world.project().join(name), bad).unwrap();
    }
    for format in ["text", "json", "sarif"] {
        let named = [
            OsStr::new("--format"),
            format.as_ref(),
            "--".as_ref(),
            "-x.sh".as_ref(),
            hostile.as_ref(),
            not_text,
        ];
        for arguments in [&named[..], &["--format".as_ref(), format.as_ref(), ".".as_ref()]] {
            let shown = scan(&world, arguments, 1);
            let safe = |c: char| c == '\n' || !(c.is_control() || c == '\u{202e}');
            assert!(shown.chars().all(safe), "{shown:?}");
            assert!(!shown.contains("hunter2") && shown.contains("\u{ab}redacted\u{bb}"), "{shown}");
        }
    }
    let report = json(&world, &["."], 1);
    let uris: Vec<&str> =
        report["findings"].as_array().unwrap().iter().map(|one| one["uri"].as_str().unwrap()).collect();
    assert_eq!(uris, ["-x.sh", "x%0A%1B%5B2J%C2%9B31m%E2%80%AE.sh", "%FF%20y.sh"]);
    assert_eq!(report["findings"][1]["path"], format!("./{hostile}"));
    assert!(scan(&world, &["."], 1).contains("./\\xff y.sh:2:1: "));
}

#[test]
fn colour_is_for_terminals_and_a_reader_may_leave() {
    let world = World::new();
    write(&world, "a.sh", "terraform destroy\n");
    assert!(!scan(&world, &["a.sh"], 1).contains('\u{1b}'));
    let mut forced = world.tollgate(["scan", "a.sh"]);
    let output = forced.env("CLICOLOR_FORCE", "1").output().unwrap();
    assert!(text(&output.stdout).contains("\u{1b}["), "{output:?}");
    for (variable, coloured) in [("NO_COLOR", false), ("OTHER", true)] {
        let command = world.in_terminal(PtyCommand::new(tollgate()).args(["scan", "a.sh"]));
        let (shown, code) = command.env("TERM", "xterm").env(variable, "1").start().wait();
        assert_eq!(code, 1, "{shown:?}");
        assert!(shown.contains("terraform/destroy"), "{shown:?}");
        assert_eq!(shown.contains("\u{1b}["), coloured, "{variable}: {shown:?}");
    }
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let closed = world.tollgate(["scan", "a.sh"]).stdout(writer).output().unwrap();
    assert_code(&closed, 1);
}

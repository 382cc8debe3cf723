use std::fs;
use std::time::Duration;

use clap::Parser as _;

use super::*;
use crate::audit::samples::{append, change, content, decision, exec, exit, file, noon};
use crate::audit::{Ended, Event, Log};

#[derive(clap::Parser)]
struct Cli {
    #[command(subcommand)]
    command: AuditCommand,
}

fn parsed(arguments: &[&str]) -> Result<AuditCommand, clap::Error> {
    Cli::try_parse_from([&["audit"], arguments].concat()).map(|cli| cli.command)
}

fn ran(state: &Path, arguments: &[&str]) -> (u8, String) {
    let mut out = Vec::new();
    let code = run(&parsed(arguments).unwrap(), state, noon(), &mut out).unwrap();
    (code, String::from_utf8(out).unwrap())
}

fn example() -> tempfile::TempDir {
    let state = tempfile::tempdir().unwrap();
    let log = Log::at(state.path());
    let refused = Event::Refused { request: "B".into(), reason: "no terminal\u{1b}[2J".into() };
    let killed = Event::Exit { request: "D".into(), ended: Ended::Signal(9) };
    for event in [
        decision("A"),
        decision("B"),
        exec("A"),
        refused,
        exit("A", 1),
        decision("C"),
        exec("C"),
        change("trust /home/alice/infra"),
        decision("D"),
        exec("D"),
        killed,
        decision("E"),
    ] {
        append(&log, &event);
    }
    state
}

#[test]
fn show_joins_the_records_of_an_invocation() {
    let state = example();
    let (code, shown) = ran(state.path(), &["show"]);
    assert_eq!(code, 0);
    let about = "    terraform destroy -var 'db_password=«redacted:7»'\n    critical; destroy; rules terraform/destroy\n    \
                 environment prod; backend https://«redacted:4»@state.example/x; in /home/alice/infra\n";
    let line = |end: &str| format!("2026-11-22 12:00:00Z  alice{end}\n");
    let expected = [
        line(" (agent claude-code)  confirm: confirmed, exit code 1  A"),
        about.into(),
        line(" (agent claude-code)  confirm: refused  B"),
        about.into(),
        "    no terminal\\u{1b}[2J\n".into(),
        line(" (agent claude-code)  confirm: confirmed, unknown outcome  C"),
        about.into(),
        line("  changed: trust /home/alice/infra"),
        line(" (agent claude-code)  confirm: confirmed, ended by signal 9  D"),
        about.into(),
        line(" (agent claude-code)  confirm: no outcome recorded  E"),
        about.into(),
    ];
    assert_eq!(shown, expected.concat());
}

#[test]
fn export_and_json_are_the_lines_of_all_files() {
    let state = example();
    append(&Log::at(state.path()).rotating_at(1), &change("x"));
    let all = content(state.path(), 1) + &content(state.path(), 2);
    assert_eq!(ran(state.path(), &["export"]), (0, all.clone()));
    assert_eq!(ran(state.path(), &["show", "--json"]), (0, all));
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(ran(empty.path(), &["export"]), (0, String::new()));
    assert_eq!(ran(empty.path(), &["show"]), (0, "no records\n".into()));
}

#[test]
fn since_leaves_out_what_is_older() {
    let state = tempfile::tempdir().unwrap();
    let log = Log::at(state.path());
    let _ = log.append(&decision("A"), noon() - Duration::from_secs(3 * 86_400)).unwrap();
    let _ = log.append(&decision("B"), noon() - Duration::from_secs(3 * 3600)).unwrap();
    let _ = log.append(&exit("A", 0), noon() - Duration::from_secs(60)).unwrap();
    let exported = |since: &str| ran(state.path(), &["export", "--since", since]).1.lines().count();
    assert_eq!(
        ["4d", "5h", "2h", "2026-11-22", "2026-11-22T11:59:30Z", "1s"].map(exported),
        [3, 2, 1, 2, 0, 0]
    );
    let shown = ran(state.path(), &["show", "--since", "2h"]).1;
    assert!(shown.contains("  A\n") && !shown.contains("  B\n"), "{shown}");
}

#[test]
fn since_is_a_time_a_date_or_a_span() {
    for good in [
        "2026-11-22T03:00:00Z",
        "2026-11-22T03:00:00+01:00",
        "2026-11-22",
        "2h",
        "7d",
        "1w 2d",
        "90m",
        "PT2H",
    ] {
        assert!(parsed(&["show", "--since", good]).is_ok(), "{good}");
    }
    for bad in ["", "yesterday", "-2h", "2h ago", "2026-11-22T03:00:00", "2026-13-01", "7", "+2h"] {
        let error = parsed(&["export", &format!("--since={bad}")]).err().unwrap();
        assert_eq!(error.exit_code(), 2, "{bad}");
    }
    let long = parsed(&["export", "--since", "19000y"]).unwrap();
    let state = tempfile::tempdir().unwrap();
    assert!(run(&long, state.path(), noon(), &mut Vec::new()).is_err());
}

#[test]
fn verify_says_what_it_found_and_what_it_cannot_find() {
    let state = example();
    let (code, shown) = ran(state.path(), &["verify"]);
    assert_eq!(code, 0);
    assert!(shown.starts_with("intact: 12 records in 1 file\nnote: 000001.jsonl:7: C ran"), "{shown}");
    assert!(shown.contains("head: 12 ") && shown.contains("cannot show that the newest records"), "{shown}");
    fs::write(file(state.path(), 1), content(state.path(), 1).replacen("alice", "mallo", 1)).unwrap();
    let (code, shown) = ran(state.path(), &["verify"]);
    assert_eq!(code, 1);
    assert!(shown.starts_with("NOT INTACT: 1 finding; 11 records in 1 file"), "{shown}");
    assert!(shown.contains("\n000001.jsonl:1: edited: the hash does not match\n"), "{shown}");
    let empty = tempfile::tempdir().unwrap();
    assert!(ran(empty.path(), &["verify"]).1.starts_with("intact: 0 records in 0 files\n"));
}

#[test]
fn forged_records_do_not_reach_the_terminal_as_they_are() {
    let state = tempfile::tempdir().unwrap();
    fs::create_dir(state.path().join("audit")).unwrap();
    let evil = "\\u001b]0;x\\u0007\u{9b}2J\u{202e}";
    let forged = format!(
        r#"{{"type":"decision","req":"{evil}","ts":"{evil}","agent":"{evil}","actor":{{"user":"{evil}"}},"decision":"{evil}","risk":"{evil}","rules":["{evil}"],"argv_redacted":["{evil}\\x1b[1m"],"target":{{"{evil}":"{evil}"}},"cwd":"{evil}"}}
{{"type":"exec","req":"{evil}","authorization":"{evil}","note":"{evil}"}}
{{"type":"{evil}","what":"{evil}"}}
{{"type":3,"req":7,"argv_redacted":{{}},"target":[1.5],"ts":null}}
{evil}
[1]
"#
    );
    fs::write(file(state.path(), 1), forged).unwrap();
    let harmless = |text: &str| text.chars().all(|c| c == '\n' || (!c.is_control() && c != '\u{202e}'));
    let shown = ran(state.path(), &["show"]).1;
    assert!(harmless(&shown), "{shown:?}");
    assert!(shown.contains("000001.jsonl:5: cannot be read"), "{shown}");
    let (code, report) = ran(state.path(), &["verify"]);
    assert!(code == 1 && harmless(&report), "{report:?}");
    let mut out = Vec::new();
    let refused = run(&parsed(&["export"]).unwrap(), state.path(), noon(), &mut out).unwrap_err();
    assert!(refused.to_string().starts_with("2 lines of the log cannot be read"), "{refused}");
    let exported = String::from_utf8(out).unwrap();
    assert!(harmless(&exported) && exported.lines().count() == 4, "{exported:?}");
}

#[test]
fn torn_lines_that_are_accounted_for_do_not_disturb_readers() {
    let state = example();
    fs::write(file(state.path(), 1), content(state.path(), 1) + "{\"torn").unwrap();
    append(&Log::at(state.path()), &change("x"));
    let (code, exported) = ran(state.path(), &["export"]);
    assert_eq!((code, exported.lines().count()), (0, 14));
    let shown = ran(state.path(), &["show"]).1;
    assert!(shown.contains("an interrupted write was accounted for"), "{shown}");
    assert!(!shown.contains("cannot be read"), "{shown}");
}

/// A reader that goes away.
struct Broken(io::ErrorKind);

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(self.0.into())
    }
}

#[test]
fn a_broken_pipe_is_no_error_and_changes_no_code() {
    let state = example();
    for arguments in [&["show"][..], &["show", "--json"], &["export"], &["verify"]] {
        let command = parsed(arguments).unwrap();
        let mut broken = Broken(io::ErrorKind::BrokenPipe);
        assert_eq!(run(&command, state.path(), noon(), &mut broken).unwrap(), 0);
        assert!(run(&command, state.path(), noon(), &mut Broken(io::ErrorKind::StorageFull)).is_err());
    }
    fs::write(file(state.path(), 1), content(state.path(), 1).replacen("alice", "mallo", 1)).unwrap();
    let mut broken = Broken(io::ErrorKind::BrokenPipe);
    assert_eq!(run(&parsed(&["verify"]).unwrap(), state.path(), noon(), &mut broken).unwrap(), 1);
}

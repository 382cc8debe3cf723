use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::Value;

use super::*;
use crate::audit::samples::{append, change, content, decision, exec, exit, file, noon, receipt, verified};
use crate::audit::{Ended, verify};
use crate::process::Environment;

fn lines(state: &Path, number: u64) -> Vec<Value> {
    content(state, number).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn assert_intact(state: &Path, records: u64) {
    let report = verify(state).unwrap();
    assert_eq!((report.findings.as_slice(), report.records), (&[][..], records));
}

#[test]
fn a_decision_is_recorded_with_everything_but_its_secrets() {
    let state = tempfile::tempdir().unwrap();
    let log = Log::at(&state.path().join("new/state"));
    let receipt = receipt(&log, &decision("7KQ2-M4TD-91XH"));
    assert_eq!((receipt.sequence(), receipt.request()), (1, "7KQ2-M4TD-91XH"));
    let state = state.path().join("new/state");
    let line = lines(&state, 1).remove(0);
    let keys: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
    #[cfg(target_os = "linux")]
    assert_eq!(
        keys,
        [
            "actor",
            "agent",
            "argv_mac",
            "argv_redacted",
            "boot",
            "cwd",
            "decision",
            "effects",
            "environment",
            "evidence",
            "h",
            "mono",
            "prev",
            "req",
            "risk",
            "rules",
            "seq",
            "target",
            "tool",
            "ts",
            "type",
            "v"
        ]
    );
    for (name, expected) in [
        ("/actor/uid", Value::from(1000)),
        ("/actor/user", "alice".into()),
        ("/agent", "claude-code".into()),
        ("/argv_redacted/3", "db_password=«redacted:7»".into()),
        ("/cwd", "/home/alice/infra".into()),
        ("/decision", "confirm".into()),
        ("/effects/0", "destroy".into()),
        ("/prev", GENESIS.into()),
        ("/risk", "critical".into()),
        ("/seq", 1.into()),
        ("/target/backend", "https://«redacted:4»@state.example/x".into()),
        ("/ts", "2026-11-22T12:00:00Z".into()),
        ("/type", "decision".into()),
        ("/v", 1.into()),
    ] {
        assert_eq!(line.pointer(name), Some(&expected), "{name}");
    }
    assert!(!content(&state, 1).contains("hunter2"));
    assert_intact(&state, 1);
}

#[test]
fn every_type_of_record_has_its_fields_and_no_others() {
    let state = tempfile::tempdir().unwrap();
    let log = Log::at(state.path());
    let ended = |ended| Event::Exit { request: "R".into(), ended };
    let refused = Event::Refused { request: "R".into(), reason: "no terminal".into() };
    let noted = Event::Exec {
        request: "R".into(),
        authorization: "covered".into(),
        note: Some("by 7KQ2".into()),
        binary: "/bin/x".into(),
        pid: 1,
        started: 2,
        approval: None,
        nonce: None,
        approvers: Vec::new(),
    };
    for (event, kind, own) in [
        (refused, "refused", &["reason", "req"][..]),
        (exec("R"), "exec", &["authorization", "binary", "pid", "req", "started"]),
        (noted, "exec", &["authorization", "binary", "note", "pid", "req", "started"]),
        (exit("R", 3), "exit", &["exit", "req"]),
        (ended(Ended::Signal(9)), "exit", &["req", "signal"]),
        (ended(Ended::NotStarted("gone".into())), "exit", &["not_started", "req"]),
        (change("trust /x"), "change", &["actor", "agent", "what"]),
    ] {
        append(&log, &event);
        let record = lines(state.path(), 1).pop().unwrap();
        assert_eq!(record["type"], kind);
        let common = ["boot", "h", "mono", "prev", "seq", "ts", "type", "v"];
        let keys = record.as_object().unwrap().keys().map(String::as_str);
        let keys: Vec<&str> = keys.filter(|key| !common.contains(key)).collect();
        assert_eq!(keys, own, "{event:?}");
    }
    assert_intact(state.path(), 7);
}

#[test]
fn only_the_owner_may_read() {
    let state = tempfile::tempdir().unwrap();
    append(&Log::at(state.path()), &decision("R"));
    let mode = |name: &str| fs::metadata(state.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("audit"), 0o700);
    for name in ["audit/000001.jsonl", "audit/lock", "install.key"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
}

#[test]
fn threads_lose_nothing() {
    let state = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..16 {
            let log = Log::at(state.path()).rotating_at(4096).waiting(Duration::from_secs(120));
            scope.spawn(move || {
                for index in 0..10 {
                    append(&log, &change(&format!("{thread}/{index}")));
                }
            });
        }
    });
    let files = Directory::of(state.path()).files().unwrap();
    assert!(files.len() > 2, "{files:?}");
    let all: Vec<Value> = files.iter().flat_map(|file| lines(state.path(), file.number)).collect();
    let seen: BTreeSet<&str> = all.iter().filter_map(|record| record["what"].as_str()).collect();
    assert_eq!(seen.len(), 160);
    assert_intact(state.path(), 160 + files.len() as u64 - 1);
}

/// How [`processes_lose_nothing`] tells its children what to do.
const CHILD: &str = "TOLLGATE_TEST_APPEND";

/// What each of many processes does.
fn append_one(state: &std::ffi::OsStr) {
    let log = Log::at(Path::new(state)).rotating_at(32 * 1024).waiting(Duration::from_secs(120));
    let request = crate::audit::new_request_id().unwrap();
    assert_eq!(receipt(&log, &decision(&request)).request(), request);
}

#[test]
fn processes_lose_nothing() {
    if let Some(state) = Environment::of_this_process().get(CHILD) {
        return append_one(state);
    }
    let state = tempfile::tempdir().unwrap();
    let mut children: Vec<_> = (0..200)
        .map(|_| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "audit::log::tests::processes_lose_nothing", "--test-threads=1"])
                .env(CHILD, state.path())
                .stdout(std::process::Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    let files = Directory::of(state.path()).files().unwrap();
    assert!(files.len() > 1, "{files:?}");
    let all: Vec<Value> = files.iter().flat_map(|file| lines(state.path(), file.number)).collect();
    let requests: BTreeSet<&str> = all.iter().filter_map(|record| record["req"].as_str()).collect();
    assert_eq!(requests.len(), 200);
    assert_intact(state.path(), 200 + files.len() as u64 - 1);
}

/// Copies the log of `from` with file 1 cut to `length` bytes.
fn cut(from: &Path, length: usize) -> tempfile::TempDir {
    let state = tempfile::tempdir().unwrap();
    fs::create_dir(state.path().join("audit")).unwrap();
    let bytes = fs::read(file(from, 1)).unwrap();
    fs::write(file(state.path(), 1), &bytes[..length]).unwrap();
    state
}

#[test]
fn a_write_torn_anywhere_is_accounted_for() {
    let whole = tempfile::tempdir().unwrap();
    let log = Log::at(whole.path());
    append(&log, &change("first"));
    let first = content(whole.path(), 1).len();
    append(&log, &change("second"));
    let second = content(whole.path(), 1).len();
    for length in 0..=second {
        let state = cut(whole.path(), length);
        append(&Log::at(state.path()), &change("third"));
        let now = fs::read(file(state.path(), 1)).unwrap();
        let before = fs::read(file(whole.path(), 1)).unwrap();
        assert!(now.starts_with(&before[..length]), "nothing is ever cut off");
        let (findings, notes) = verified(state.path());
        assert!(findings.is_empty(), "{length}: {findings:?}");
        let torn = ![0, first - 1, first, second - 1, second].contains(&length);
        assert_eq!(notes.len(), usize::from(torn), "{length}: {notes:?}");
    }
}

#[test]
fn a_recovery_that_is_torn_itself_is_accounted_for() {
    let whole = tempfile::tempdir().unwrap();
    append(&Log::at(whole.path()), &change("first"));
    let torn = content(whole.path(), 1).len() + 20;
    append(&Log::at(whole.path()), &change("second"));
    let once = cut(whole.path(), torn);
    append(&Log::at(once.path()), &change("third"));
    for length in torn..=content(once.path(), 1).len() {
        let twice = cut(once.path(), length);
        append(&Log::at(twice.path()), &change("fourth"));
        let (findings, notes) = verified(twice.path());
        assert!(findings.is_empty(), "{length}: {findings:?}");
        assert!((1..=2).contains(&notes.len()), "{length}: {notes:?}");
        let record = lines_that_are_records(twice.path());
        assert_eq!(record.last().unwrap()["what"], "fourth");
    }
}

fn lines_that_are_records(state: &Path) -> Vec<Value> {
    content(state, 1).lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

#[test]
fn the_recovery_names_the_torn_bytes_and_links_past_them() {
    let state = tempfile::tempdir().unwrap();
    let log = Log::at(state.path());
    append(&log, &change("first"));
    let good = lines(state.path(), 1).remove(0);
    let zeros = vec![0; 200_000];
    for torn in [&b"{\"actor\":{\"u"[..], b"\0\0\0\n", b"\xff\n\n", &zeros] {
        let mut bytes = fs::read(file(state.path(), 1)).unwrap();
        bytes.truncate(good.to_string().len() + 1);
        bytes.extend_from_slice(torn);
        fs::write(file(state.path(), 1), bytes).unwrap();
        assert_eq!(receipt(&log, &change("next")).sequence(), 3);
        let bytes = fs::read(file(state.path(), 1)).unwrap();
        let line = bytes.split(|byte| *byte == b'\n').rev().nth(2).unwrap();
        let recovery: Value = serde_json::from_slice(line).unwrap();
        assert_eq!(recovery["type"], "recovered_torn");
        assert_eq!((&recovery["seq"], &recovery["prev"]), (&2.into(), &good["h"]));
        assert_eq!((&recovery["len"], &recovery["sha256"]), (&torn.len().into(), &sha256(torn).into()));
        assert_eq!(verified(state.path()).0, Vec::<String>::new());
    }
}

#[test]
fn rotation_links_the_files() {
    let state = tempfile::tempdir().unwrap();
    let log = Log::at(state.path()).rotating_at(1);
    for index in 0..4 {
        append(&log, &change(&index.to_string()));
    }
    let rotate = lines(state.path(), 1).pop().unwrap();
    let first = lines(state.path(), 2).remove(0);
    assert_eq!((&rotate["type"], &rotate["next"]), (&"rotate".into(), &"000002.jsonl".into()));
    assert_eq!(
        (&first["prev_file_h"], &first["prev"], &first["seq"]),
        (&rotate["h"], &rotate["h"], &3.into())
    );
    assert_eq!(lines(state.path(), 4).len(), 1);
    assert_intact(state.path(), 7);
}

#[test]
fn an_interrupted_rotation_goes_on() {
    let state = tempfile::tempdir().unwrap();
    let log = Log::at(state.path());
    append(&log, &change("first"));
    // The next file was made, and `rotate` is missing, or torn.
    for torn in ["", "{\"torn"] {
        let bytes = lines(state.path(), 1).remove(0).to_string() + "\n" + torn;
        fs::write(file(state.path(), 1), bytes).unwrap();
        fs::write(file(state.path(), 2), "").unwrap();
        append(&log, &change("second"));
        assert_eq!(lines(state.path(), 2).len(), 1);
        assert_eq!(verified(state.path()).0, Vec::<String>::new());
    }
    // `rotate` was written, and the first record of the next file is missing, or torn.
    for torn in ["", "{\"torn"] {
        fs::write(file(state.path(), 2), torn).unwrap();
        append(&log, &change("third"));
        assert_eq!(verified(state.path()).0, Vec::<String>::new());
        append(&log, &change("fourth"));
        assert_eq!(verified(state.path()).0, Vec::<String>::new());
    }
}

#[test]
fn nothing_is_linked_to_a_record_that_was_edited() {
    let state = tempfile::tempdir().unwrap();
    let log = Log::at(state.path());
    append(&log, &change("first"));
    let edited = content(state.path(), 1).replace("first", "fürst");
    fs::write(file(state.path(), 1), &edited).unwrap();
    let refused = log.append(&change("second"), noon()).unwrap_err();
    assert!(matches!(refused, AuditError::Damaged { .. }), "{refused}");
    assert!(refused.to_string().contains("000001.jsonl is damaged: record 1 is edited"), "{refused}");
    assert_eq!(content(state.path(), 1), edited);
}

#[test]
fn a_missing_newest_file_stops_the_log() {
    let state = tempfile::tempdir().unwrap();
    let log = Log::at(state.path()).rotating_at(1);
    append(&log, &change("first"));
    append(&log, &change("second"));
    fs::remove_file(file(state.path(), 2)).unwrap();
    assert!(matches!(log.append(&change("third"), noon()), Err(AuditError::Damaged { .. })));
    fs::write(file(state.path(), 7), "").unwrap();
    assert!(matches!(log.append(&change("third"), noon()), Err(AuditError::Io { .. })));
}

#[test]
fn a_place_that_cannot_be_written_is_an_error_that_says_where() {
    let state = tempfile::tempdir().unwrap();
    let blocked = state.path().join("file");
    fs::write(&blocked, "").unwrap();
    for path in [blocked.join("state"), "/proc/tollgate".into()] {
        for event in [decision("R"), change("x")] {
            let error = Log::at(&path).append(&event, noon()).unwrap_err();
            assert!(matches!(error, AuditError::Io { .. }), "{error:?}");
            assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
            assert!(std::error::Error::source(&error).is_some());
        }
    }
    assert!(matches!(
        Log::at(&blocked).append(&change("x"), noon()),
        Err(AuditError::WrongKind { .. } | AuditError::Io { .. })
    ));
}

#[test]
fn a_full_disk_is_an_error() {
    let full = fs::OpenOptions::new().append(true).open("/dev/full").unwrap();
    let error = write_durably(&full, b"{}\n").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
}

#[test]
fn a_lock_that_is_never_given_back_is_an_error() {
    let state = tempfile::tempdir().unwrap();
    let log = Log::at(state.path()).waiting(Duration::from_millis(30));
    append(&log, &change("first"));
    let held = Directory::of(state.path()).lock(Duration::from_secs(1)).unwrap();
    assert!(matches!(log.append(&change("second"), noon()), Err(AuditError::Locked { .. })));
    drop(held);
    let _ = log.waiting(Duration::from_secs(60)).append(&change("third"), noon()).unwrap();
    assert_intact(state.path(), 2);
}

use std::fs;

use super::*;
use crate::audit::Log;
use crate::audit::samples::{append, change, content, decision, exec, exit, file, verified};

/// A log of two files: change, rotate | change, torn bytes, recovery, change.
fn small() -> tempfile::TempDir {
    let state = tempfile::tempdir().unwrap();
    append(&Log::at(state.path()), &change("a"));
    append(&Log::at(state.path()).rotating_at(1), &change("b"));
    let torn = content(state.path(), 2) + "{\"torn";
    fs::write(file(state.path(), 2), torn).unwrap();
    append(&Log::at(state.path()), &change("c"));
    assert_eq!(verified(state.path()).0, Vec::<String>::new());
    state
}

fn intact(state: &Path) -> bool {
    verify(state).unwrap().intact()
}

#[test]
fn any_changed_byte_is_found() {
    let state = small();
    for number in [1, 2] {
        let path = file(state.path(), number);
        let original = fs::read(&path).unwrap();
        for position in 0..original.len() {
            let old = original[position];
            for new in [old ^ 1, old ^ 0x20, old ^ 0x80, b'\n', b' ', b'0', b'"', 0] {
                if new == old {
                    continue;
                }
                let mut changed = original.clone();
                changed[position] = new;
                fs::write(&path, &changed).unwrap();
                assert!(!intact(state.path()), "file {number}, byte {position}: {old} to {new}");
            }
        }
        fs::write(&path, &original).unwrap();
    }
    assert!(intact(state.path()));
}

#[test]
fn any_removed_added_or_inserted_byte_is_found() {
    let state = small();
    let path = file(state.path(), 2);
    let original = fs::read(&path).unwrap();
    for position in 0..original.len() {
        let mut changed = original.clone();
        changed.remove(position);
        fs::write(&path, &changed).unwrap();
        assert!(!intact(state.path()), "removed {position}");
        for new in *b"\n 0x" {
            let mut changed = original.clone();
            changed.insert(position, new);
            fs::write(&path, &changed).unwrap();
            assert!(!intact(state.path()), "inserted {new} at {position}");
        }
    }
}

#[test]
fn removed_repeated_and_exchanged_lines_are_found() {
    let state = tempfile::tempdir().unwrap();
    for index in 0..5 {
        append(&Log::at(state.path()), &change(&index.to_string()));
    }
    let path = file(state.path(), 1);
    let original = content(state.path(), 1);
    let lines: Vec<&str> = original.lines().collect();
    let write = |lines: &[&str]| fs::write(&path, lines.join("\n") + "\n").unwrap();
    for index in 0..4 {
        let mut changed = lines.clone();
        changed.remove(index);
        write(&changed);
        let (findings, _) = verified(state.path());
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(
            findings[0].starts_with(&format!("000001.jsonl:{}: has number {}", index + 1, index + 2)),
            "{findings:?}"
        );
        let mut changed = lines.clone();
        changed.swap(index, index + 1);
        write(&changed);
        assert!(!intact(state.path()));
        let mut changed = lines.clone();
        changed.insert(index, lines[index]);
        write(&changed);
        assert!(!intact(state.path()));
    }
}

#[test]
fn an_edit_is_found_where_it_is_and_only_there() {
    let state = tempfile::tempdir().unwrap();
    for index in 0..5 {
        append(&Log::at(state.path()), &change(&format!("change {index}")));
    }
    fs::write(file(state.path(), 1), content(state.path(), 1).replace("change 2", "change X")).unwrap();
    assert_eq!(verified(state.path()).0, ["000001.jsonl:3: edited: the hash does not match"]);
    let report = verify(state.path()).unwrap();
    assert_eq!((report.records, report.files, report.head.unwrap().0), (4, 1, 5));
}

#[test]
fn a_record_sealed_anew_breaks_the_next_link() {
    let state = tempfile::tempdir().unwrap();
    for index in 0..3 {
        append(&Log::at(state.path()), &change(&index.to_string()));
    }
    let original = content(state.path(), 1);
    let lines: Vec<&str> = original.lines().collect();
    let mut fields = record::read(lines[1].as_bytes()).unwrap().fields;
    fields.remove("h");
    fields.insert("what".into(), "forged".into());
    let forged = String::from_utf8(record::seal(fields).unwrap().0).unwrap();
    fs::write(file(state.path(), 1), format!("{}\n{forged}{}\n", lines[0], lines[2])).unwrap();
    assert_eq!(
        verified(state.path()).0,
        ["000001.jsonl:3: does not link to the record before it, which was replaced"]
    );
}

#[test]
fn missing_and_exchanged_files_are_found() {
    let make = || {
        let state = tempfile::tempdir().unwrap();
        let log = Log::at(state.path()).rotating_at(1);
        for index in 0..4 {
            append(&log, &change(&index.to_string()));
        }
        state
    };
    for (number, finding) in [
        (1, "000001.jsonl:0: missing: the log goes on in 000002.jsonl"),
        (2, "000002.jsonl:0: missing: the log goes on in 000003.jsonl"),
        (4, "000003.jsonl:2: the log goes on in 000004.jsonl, which is missing"),
    ] {
        let state = make();
        fs::remove_file(file(state.path(), number)).unwrap();
        assert_eq!(verified(state.path()).0, [finding]);
    }
    let state = make();
    fs::remove_file(file(state.path(), 1)).unwrap();
    fs::remove_file(file(state.path(), 2)).unwrap();
    assert_eq!(
        verified(state.path()).0,
        ["000001.jsonl:0: missing to 000002.jsonl: the log goes on in 000003.jsonl"]
    );
    let state = make();
    let (second, third) = (content(state.path(), 2), content(state.path(), 3));
    fs::write(file(state.path(), 2), third).unwrap();
    fs::write(file(state.path(), 3), second).unwrap();
    assert!(!intact(state.path()));
    let state = make();
    fs::copy(file(state.path(), 4), file(state.path(), 5)).unwrap();
    assert!(!intact(state.path()));
    let state = make();
    fs::write(file(state.path(), 2), "").unwrap();
    assert!(!intact(state.path()));
}

#[test]
fn a_recovery_covers_the_bytes_that_it_names_and_no_others() {
    let state = tempfile::tempdir().unwrap();
    append(&Log::at(state.path()), &change("a"));
    let torn = content(state.path(), 1) + "{\"torn";
    fs::write(file(state.path(), 1), torn).unwrap();
    let (findings, _) = verified(state.path());
    assert_eq!(findings.len(), 1);
    assert!(findings[0].starts_with("000001.jsonl:2: incomplete"), "{findings:?}");
    append(&Log::at(state.path()), &change("b"));
    let (findings, notes) = verified(state.path());
    assert!(findings.is_empty());
    assert_eq!(notes, ["000001.jsonl:2: 6 bytes were torn by an interrupted write and accounted for"]);
    let good = content(state.path(), 1);
    for bad in [
        good.replace("{\"torn\n", ""),
        good.replace("{\"torn\n", "{\"torm\n"),
        good.replace("{\"torn\n", "{\"torn\n{\"torn\n"),
        good.replace("{\"torn\n", "x\n{\"torn\n"),
        good.replace("{\"torn\n", "{\"torn\n\n"),
    ] {
        assert_ne!(bad, good);
        fs::write(file(state.path(), 1), bad).unwrap();
        assert!(!intact(state.path()));
    }
}

#[test]
fn a_run_without_an_end_is_a_note() {
    let state = tempfile::tempdir().unwrap();
    let log = Log::at(state.path());
    for event in [decision("A"), exec("A"), decision("B"), exec("B"), exit("A", 0)] {
        append(&log, &event);
    }
    let (findings, notes) = verified(state.path());
    assert!(findings.is_empty());
    assert_eq!(notes, ["000001.jsonl:4: B ran and its end was not recorded: unknown outcome"]);
}

#[test]
fn an_empty_or_missing_log_is_intact() {
    let state = tempfile::tempdir().unwrap();
    for path in [state.path().to_path_buf(), state.path().join("missing")] {
        let report = verify(&path).unwrap();
        assert!(report.intact() && report.notes.is_empty());
        assert_eq!((report.records, report.files, report.head), (0, 0, None));
    }
    append(&Log::at(state.path()), &decision("A"));
    fs::remove_dir_all(state.path().join("audit")).unwrap();
    let (findings, notes) = verified(state.path());
    assert!(findings.is_empty());
    assert_eq!(notes.len(), 1, "{notes:?}");
}

#[test]
fn dropping_the_newest_records_shows_only_in_the_head() {
    let state = tempfile::tempdir().unwrap();
    for index in 0..3 {
        append(&Log::at(state.path()), &change(&index.to_string()));
    }
    let before = verify(state.path()).unwrap().head;
    let kept: String = content(state.path(), 1).split_inclusive('\n').take(2).collect();
    fs::write(file(state.path(), 1), kept).unwrap();
    let report = verify(state.path()).unwrap();
    assert!(report.intact());
    assert_ne!(report.head, before);
}

#[test]
fn what_cannot_be_read_is_an_error_not_an_intact_log() {
    let state = tempfile::tempdir().unwrap();
    append(&Log::at(state.path()), &change("a"));
    fs::create_dir(file(state.path(), 2)).unwrap();
    assert!(matches!(verify(state.path()), Err(AuditError::WrongKind { .. })));
    assert!(verify(&file(state.path(), 1)).is_err());
}

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use nix::sys::signal::{Signal, raise};

use super::*;
use crate::authorization::request::tests::example;
use crate::authorization::request::{Approval, Facts, Needs};
use crate::authorization::verify;

fn noon() -> Timestamp {
    "2026-11-22T00:45:00Z".parse().unwrap()
}

fn request(id: &str) -> Request {
    Request { id: id.to_owned(), ..example() }
}

fn numbered(number: usize) -> Request {
    request(&format!("AAAA-AAAA-{number:04}"))
}

fn ledger() -> (tempfile::TempDir, Ledger) {
    let state = tempfile::tempdir().unwrap();
    let ledger = Ledger::at(&state.path().join("tollgate"));
    (state, ledger)
}

fn files(directory: &Path) -> Vec<String> {
    names(directory)
        .unwrap()
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_request_waits_as_the_bytes_that_are_signed() {
    let (_state, ledger) = ledger();
    let stored = ledger.store(&example(), noon()).unwrap();
    assert_eq!(fs::read(&stored.path).unwrap(), example().bytes().unwrap());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&stored.path), mode(stored.path.parent().unwrap())), (0o600, 0o700));
    assert_eq!(ledger.pending().unwrap().waiting, std::slice::from_ref(&stored));
    assert_eq!(ledger.find("7KQ2-M4TD-91XH").unwrap(), Some((stored, Stage::Waiting)));
    assert_eq!(ledger.find("7KQ2-M4TD-91XJ").unwrap(), None);
    for elsewhere in ["../../etc/passwd", "", "7KQ2-M4TD-91XH/", "7kq2-m4td-91xh"] {
        assert_eq!(ledger.find(elsewhere).unwrap(), None, "{elsewhere}");
    }
}

#[test]
fn what_is_no_request_is_told_and_stops_nothing() {
    let (_state, ledger) = ledger();
    let stored = ledger.store(&example(), noon()).unwrap();
    let directory = stored.path.parent().unwrap();
    fs::write(directory.join("7KQ2-M4TD-0000.request"), "junk").unwrap();
    fs::copy(&stored.path, directory.join("7KQ2-M4TD-1111.request")).unwrap();
    nix::unistd::mkfifo(&directory.join("7KQ2-M4TD-2222.request"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    fs::write(directory.join("7KQ2-M4TD-91XH.x.sig"), "junk").unwrap();
    let listing = ledger.pending().unwrap();
    assert_eq!((listing.waiting.len(), listing.unreadable.len()), (1, 3));
    assert!(ledger.signatures(&stored).unwrap().is_empty());
}

#[test]
fn only_so_many_wait_and_the_old_make_room() {
    let (_state, ledger) = ledger();
    for number in 0..MOST {
        ledger.store(&numbered(number), noon()).unwrap();
    }
    assert!(matches!(ledger.store(&numbered(MOST), noon()), Err(LedgerError::TooMany)));
    let later = noon() + SignedDuration::from_hours(30);
    ledger.store(&numbered(MOST), later).unwrap();
    assert_eq!(ledger.pending().unwrap().waiting.len(), 1);
}

#[test]
fn only_what_can_still_be_used_keeps_others_out() {
    let (_state, ledger) = ledger();
    let late = numbered(0).approve_before;
    let confirmed = |request: Request| {
        let facts = Facts {
            approval: Approval { needs: Needs::Confirmation, ..request.facts.approval },
            ..request.facts
        };
        Request { facts, ..request }
    };
    for number in 0..MOST {
        let stored = ledger.store(&confirmed(numbered(number)), noon()).unwrap();
        if number % 2 == 0 {
            ledger.confirm(&stored).unwrap();
        }
    }
    let before = late - SignedDuration::from_secs(1);
    assert!(matches!(ledger.store(&numbered(MOST), before), Err(LedgerError::TooMany)));
    // Half of them were confirmed, and may still run; the others nobody can approve any more.
    for number in 0..MOST / 2 {
        let anew = Request { approve_before: late + verify::GRACE, ..numbered(MOST + number) };
        ledger.store(&anew, late).unwrap();
    }
    assert!(matches!(ledger.store(&numbered(2 * MOST), late), Err(LedgerError::TooMany)));
}

#[test]
fn a_cancelled_request_is_gone() {
    let (_state, ledger) = ledger();
    let stored = ledger.store(&example(), noon()).unwrap();
    ledger.confirm(&stored).unwrap();
    ledger.cancel(&stored).unwrap();
    assert_eq!(files(stored.path.parent().unwrap()), Vec::<String>::new());
    assert!(matches!(ledger.consume(&stored, &Discharge::Confirmation), Err(LedgerError::Gone(_))));
}

#[test]
fn a_confirmation_is_for_these_bytes_and_this_installation() {
    let (_state, ledger) = ledger();
    let stored = ledger.store(&example(), noon()).unwrap();
    assert!(!ledger.is_confirmed(&stored).unwrap());
    ledger.confirm(&stored).unwrap();
    assert!(ledger.is_confirmed(&stored).unwrap());
    let mut other = stored.clone();
    other.bytes = Request { nonce: "00".repeat(16), ..example() }.bytes().unwrap();
    assert!(!ledger.is_confirmed(&other).unwrap());
    let (_elsewhere, foreign) = self::ledger();
    let copied = foreign.store(&example(), noon()).unwrap();
    fs::copy(ledger.confirmation_path(&stored), foreign.confirmation_path(&copied)).unwrap();
    assert!(!foreign.is_confirmed(&copied).unwrap(), "another installation has another key");
}

#[test]
fn of_all_who_use_it_at_once_one_does() {
    let (_state, ledger) = ledger();
    let stored = ledger.store(&example(), noon()).unwrap();
    let outcomes: Vec<Result<Consumed, LedgerError>> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..64).map(|_| scope.spawn(|| ledger.consume(&stored, &Discharge::Confirmation))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for error in outcomes.into_iter().filter_map(Result::err) {
        assert!(matches!(error, LedgerError::Used(_)), "{error}");
    }
    assert_eq!(ledger.find(&stored.request.id).unwrap().unwrap().1, Stage::Used);
    assert!(ledger.pending().unwrap().waiting.is_empty());
}

#[test]
fn moved_back_it_is_still_used() {
    let (_state, ledger) = ledger();
    let stored = ledger.store(&example(), noon()).unwrap();
    let _used = ledger.consume(&stored, &Discharge::Confirmation).unwrap();
    fs::write(&stored.path, &stored.bytes).unwrap();
    assert!(matches!(ledger.consume(&stored, &Discharge::Confirmation), Err(LedgerError::Used(_))));
    assert_eq!(ledger.find(&stored.request.id).unwrap().unwrap().1, Stage::Used);
}

const STATE: &str = "TEST_LEDGER_STATE";
const STEP: &str = "TEST_LEDGER_STEP";

/// What the process does that is killed at `step`.
fn be_killed(state: &std::ffi::OsStr, step: &std::ffi::OsStr) {
    let ledger = Ledger::at(Path::new(state));
    let (stored, _) = ledger.find("7KQ2-M4TD-91XH").unwrap().unwrap();
    let used = ledger.used_directory();
    let step: u32 = step.to_str().unwrap().parse().unwrap();
    let reached = |number| {
        if step == number {
            raise(Signal::SIGKILL).unwrap();
        }
    };
    private(&used).unwrap();
    reached(0);
    publish(&used.join("7KQ2-M4TD-91XH.confirmed"), b"note").unwrap();
    reached(1);
    if step == 2 {
        // In the middle of the claim: the name is there, the bytes are not.
        File::create_new(used.join("7KQ2-M4TD-91XH.request")).unwrap();
        reached(2);
    }
    ledger.claim(&stored).unwrap();
    reached(3);
    ledger.forget("7KQ2-M4TD-91XH").unwrap();
    reached(4);
}

#[test]
fn whoever_is_killed_has_used_it_up_or_not_begun() {
    let environment = crate::process::Environment::of_this_process();
    if let (Some(state), Some(step)) = (environment.get(STATE), environment.get(STEP)) {
        return be_killed(state, step);
    }
    for (step, still_good) in [(0, true), (1, true), (2, false), (3, false), (4, false)] {
        let (_state, ledger) = ledger();
        let stored = ledger.store(&example(), noon()).unwrap();
        let body = "authorization::ledger::tests::whoever_is_killed_has_used_it_up_or_not_begun";
        let ended = Command::new(std::env::current_exe().unwrap())
            .args([body, "--exact"])
            .env(STATE, &ledger.state)
            .env(STEP, step.to_string())
            .output()
            .unwrap();
        let killed = std::os::unix::process::ExitStatusExt::signal(&ended.status);
        assert_eq!(killed, Some(9), "step {step}: {}", String::from_utf8_lossy(&ended.stdout));
        let found = ledger.find("7KQ2-M4TD-91XH").unwrap().unwrap();
        let stage = if still_good { Stage::Waiting } else { Stage::Used };
        assert_eq!((found.0.bytes, found.1), (stored.bytes.clone(), stage), "step {step}");
        let again: BTreeSet<bool> =
            (0..3).map(|_| ledger.consume(&stored, &Discharge::Confirmation).is_ok()).collect();
        assert_eq!(again.contains(&true), still_good, "step {step}");
    }
}

#[test]
fn a_plan_is_gone_with_its_request() {
    let (_state, ledger) = ledger();
    let plan = |id: &str| ledger.pending_directory().join(format!("{id}.plan"));
    let [used, cancelled, waits] = [1, 2, 3].map(|number| {
        let pending = ledger.store(&numbered(number), noon()).unwrap();
        ledger.keep_plan(&pending, b"secret").unwrap();
        assert_eq!(fs::metadata(Ledger::plan_of(&pending)).unwrap().permissions().mode() & 0o777, 0o600);
        pending
    });
    let _consumed = ledger.consume(&used, &Discharge::Signatures(&[])).unwrap();
    ledger.cancel(&cancelled).unwrap();
    fs::write(plan("AAAA-AAAA-9999"), "of nothing").unwrap();
    fs::write(plan("nothing"), "of nothing").unwrap();
    ledger.expire(waits.request.execute_before - SignedDuration::from_secs(1)).unwrap();
    assert_eq!(
        files(&ledger.pending_directory()),
        [format!("{}.plan", waits.request.id), format!("{}.request", waits.request.id)]
    );
    assert!(files(&ledger.used_directory()).iter().all(|name| !name.contains("plan")));
    ledger.expire(waits.request.execute_before).unwrap();
    assert_eq!(files(&ledger.pending_directory()), [format!("{}.request", waits.request.id)]);
}

#[test]
fn the_next_request_removes_the_plans_of_those_that_expired() {
    let (_state, ledger) = ledger();
    let first = ledger.store(&numbered(1), noon()).unwrap();
    ledger.keep_plan(&first, b"secret").unwrap();
    ledger.store(&numbered(2), first.request.execute_before).unwrap();
    assert!(!Ledger::plan_of(&first).exists());
}

#[test]
fn what_was_never_written_to_its_end_does_not_stay() {
    let (_state, ledger) = ledger();
    ledger.store(&numbered(1), noon()).unwrap();
    let draft = ledger.pending_directory().join(".0123456789abcdef.tmp");
    fs::write(&draft, "half a plan").unwrap();
    let now = Timestamp::now();
    ledger.expire(now).unwrap();
    assert!(draft.exists(), "it may be being written");
    ledger.expire(now + SignedDuration::from_hours(2)).unwrap();
    assert!(!draft.exists());
}

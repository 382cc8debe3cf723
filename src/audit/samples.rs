//! Events for tests.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{Ended, Event, Log, Receipt, Subject};
use crate::verdict::{Decision, Effect, Risk};

/// The moment at which every sample happens.
pub(crate) fn noon() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

/// A destroy that an agent asked for.
pub(crate) fn decision(request: &str) -> Event {
    Event::Decision(Subject {
        request: request.to_owned(),
        uid: 1000,
        user: "alice".into(),
        agent: Some("claude-code".into()),
        evidence: vec!["CLAUDECODE".into()],
        tool: "terraform".into(),
        argv: ["terraform", "destroy", "-var", "db_password=hunter2"].map(Into::into).to_vec(),
        directory: Some(PathBuf::from("/home/alice/infra")),
        environment: "prod".into(),
        target: [("backend".to_owned(), "https://u:pw@state.example/x".to_owned())].into(),
        decision: Decision::Confirm,
        risk: Risk::Critical,
        effects: vec![Effect::Destroy],
        rules: vec!["terraform/destroy".into()],
        exemptions: vec![],
    })
}

/// Its authorized start.
pub(crate) fn exec(request: &str) -> Event {
    Event::Exec {
        request: request.to_owned(),
        authorization: "confirmed".into(),
        note: None,
        binary: PathBuf::from("/usr/local/bin/terraform"),
        pid: 4711,
        started: 123_456,
        approval: None,
        nonce: None,
        approvers: Vec::new(),
    }
}

/// Its end.
pub(crate) fn exit(request: &str, code: i32) -> Event {
    Event::Exit { request: request.to_owned(), ended: Ended::Code(code) }
}

/// A change by a human.
pub(crate) fn change(what: &str) -> Event {
    Event::Change { uid: 1000, user: "alice".into(), agent: None, what: what.to_owned() }
}

/// Appends `event` to `log` at noon.
pub(crate) fn receipt(log: &Log, event: &Event) -> Receipt {
    log.append(event, noon()).unwrap()
}

/// Appends `event` to `log` at noon, where the receipt does not matter.
pub(crate) fn append(log: &Log, event: &Event) {
    let _ = receipt(log, event);
}

/// The path of file `number` of the log in `state`.
pub(crate) fn file(state: &Path, number: u64) -> PathBuf {
    state.join(format!("audit/{number:06}.jsonl"))
}

/// The content of file `number` of the log in `state`.
pub(crate) fn content(state: &Path, number: u64) -> String {
    std::fs::read_to_string(file(state, number)).unwrap()
}

/// What `verify` says of the log in `state`, as text: findings, then notes.
pub(crate) fn verified(state: &Path) -> (Vec<String>, Vec<String>) {
    let report = super::verify(state).unwrap();
    let shown = |list: &[super::Finding]| {
        list.iter().map(|found| format!("{}:{}: {}", found.file, found.line, found.what)).collect()
    };
    (shown(&report.findings), shown(&report.notes))
}

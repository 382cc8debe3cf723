use std::cell::OnceCell;
use std::path::Path;

use super::*;
use crate::authorization::request::tests::example;
use crate::authorization::signature::openssh::{OpenSsh, blob};
use crate::authorization::signature::tests::touched;
use crate::process::{Environment, User};

/// A state directory, the list of approvers as it is written, and the keys of
/// people who are on it.
struct Room {
    ssh: OpenSsh,
    state: tempfile::TempDir,
    list: String,
    now: Timestamp,
}

/// Keys of three people on the list, and of one who is not.
const PEOPLE: [&str; 4] = ["bob", "carol", "alice", "eve"];

impl Room {
    /// `None` where there is no ssh-keygen; `entry` is what is said of bob's key.
    fn new(entry: &str, environments: &str, rest: &str) -> Option<Self> {
        let ssh = OpenSsh::find()?;
        let key = |name: &str| ssh.key(name, &["ed25519"]).openssh();
        let [bob, carol, alice, _eve] = PEOPLE.map(key);
        let second = key("bob2");
        let list = format!(
            "version: 1\npeople:\n\
             \x20 - {{id: bob@corp, groups: [sre], os_users: [bob], keys: [{{key: {bob}{entry}}}, {second}]}}\n\
             \x20 - {{id: carol@corp, groups: [sre, dba], os_users: [carol], keys: [{carol}]}}\n\
             \x20 - {{id: alice@corp, groups: [sre, dba], os_users: [alice], keys: [{alice}]}}\n\
             \x20 - {{id: dan@corp, os_users: [dan], keys: []}}\n\
             environments: {{default: {environments}}}\n{rest}"
        );
        let now = "2026-11-22T00:41:00Z".parse().unwrap();
        Some(Self { ssh, state: tempfile::tempdir().unwrap(), list, now })
    }

    fn facts(&self) -> Facts {
        let mut facts = example().facts;
        facts.requester.persons = vec!["alice@corp".to_owned()];
        facts.inputs.insert("list".to_owned(), self.list.len().to_string());
        facts
    }

    /// What is found among `given`, with facts as they are now.
    fn look(&self, facts: &Facts, given: &[Signature]) -> Result<Found, String> {
        self.with(facts, |case| case.look(given, "RUN").map_err(|error| error.to_string()))
    }

    fn ask(&self, id: &str) -> Pending {
        let asker = example().principal;
        self.with(&self.facts(), |case| case.ask(id, asker.clone(), "1 sha256:x", (&[], None)).unwrap())
    }

    fn with<T>(&self, facts: &Facts, act: impl Fn(&Case<'_>) -> T) -> T {
        let approvers = Approvers::read(Path::new("/etc/tollgate/approvers.yaml"), &self.list).unwrap();
        let requirement = approvers.requirement(&["prod"]).unwrap();
        let user = User { uid: 1, name: "alice".to_owned(), home: None };
        let reachable = Reachable::look(&Environment::default(), &user);
        act(&Case {
            ledger: &Ledger::at(self.state.path()),
            state: self.state.path(),
            live: facts,
            peers: Some(Peers { approvers: &approvers, requirement: &requirement, reachable: &reachable }),
            principal: PrincipalKind::Agent,
            now: self.now,
            boot: None,
            listing: OnceCell::default(),
        })
    }

    /// Records a run as the gate does.
    fn ran(&self, authorized: &Authorized) {
        let How::Approved { approval, nonce, approvers, .. } = authorized.how() else {
            panic!("{authorized:?}")
        };
        let event = audit::Event::Exec {
            request: authorized.request().to_owned(),
            authorization: authorized.how().name().to_owned(),
            note: None,
            binary: "/bin/true".into(),
            pid: 1,
            started: 1,
            approval: Some(approval.clone()),
            nonce: Some(nonce.clone()),
            approvers: approvers.clone(),
        };
        let _receipt = audit::Log::at(self.state.path()).append(&event, example().created).unwrap();
    }

    fn refused(&self, given: &[Signature]) -> String {
        match self.look(&self.facts(), given).unwrap() {
            Found::Approved(authorized) => panic!("{authorized:?}"),
            Found::Waiting { faults, .. } => faults.join(" | "),
        }
    }
}

const ONE: &str = "{quorum: 1, groups: [sre]}";

#[test]
fn who_may_not_approve_is_told_why() {
    let cases = [
        ("bob", "", ONE, "", ""),
        ("eve", "", ONE, "", "is on nobody's list"),
        ("alice", "", ONE, "", "nobody approves their own request"),
        ("bob", ", valid_before: 2026-11-22T00:00:00Z", ONE, "", "was valid until 2026-11-22T00:00:00Z"),
        (
            "bob",
            ", valid_after: 2026-11-23T00:00:00Z",
            ONE,
            "",
            "is valid from 2026-11-23T00:00:00Z on, not yet",
        ),
        ("bob", ", valid_after: 2026-11-22T00:42:30Z", ONE, "", ""),
        ("bob", ", require: touch", ONE, "", "with a key that is no security key, and touch is required"),
        ("bob", "", "{quorum: 1, groups: [sre], require: touch+pin}", "", "touch+pin is required"),
        ("bob", "", "{quorum: 1, groups: [dba]}", "", "bob@corp is not in dba, which prod asks for"),
        ("carol", "", "{quorum: 1, groups: [dba]}", "", ""),
        ("bob", "", ONE, "REVOKED", "of bob@corp is revoked"),
    ];
    for (who, entry, environments, rest, words) in cases {
        let Some(mut room) = Room::new(entry, environments, "") else { return };
        if rest == "REVOKED" {
            let line = std::fs::read_to_string(room.ssh.path("bob.pub")).unwrap();
            let print = super::super::signature::PublicKey::parse(&line).unwrap().fingerprint();
            room.list = format!("{}revoked: ['{print}']\n", room.list);
        }
        let pending = room.ask("AAAA-AAAA-0001");
        let signature = room.ssh.sign(who, &pending.bytes);
        match (words, room.look(&room.facts(), std::slice::from_ref(&signature)).unwrap()) {
            ("", Found::Approved(authorized)) => {
                let How::Approved { approval, approvers, .. } = authorized.how() else {
                    panic!("{authorized:?}")
                };
                assert_eq!((approval.as_str(), approvers.len()), ("AAAA-AAAA-0001", 1));
                assert_eq!(approvers[0].person, format!("{who}@corp"));
                assert_eq!((authorized.level(), authorized.request()), (Decision::Peer, "RUN"));
                assert!(room.refused(&[signature]).contains("was used already"), "{who} {entry}");
            }
            (words, Found::Waiting { faults, .. }) if !words.is_empty() => {
                assert!(faults.join("|").contains(words), "{who} {entry}: {faults:?}");
            }
            (words, found) => panic!("{who} {entry} {environments}: {words}: {found:?}"),
        }
    }
}

#[test]
fn a_security_key_vouches_for_what_is_asked_and_counts_on() {
    for (required, flags, words) in [
        ("none", 0x00, ""),
        ("touch", 0x00, "with a security key that was not touched, and touch is required"),
        ("touch", 0x01, ""),
        ("touch", 0x05, ""),
        ("touch", 0x04, "that was not touched"),
        ("touch+pin", 0x01, "whose PIN was not entered, and touch+pin is required"),
        ("touch+pin", 0x05, ""),
    ] {
        let environments = format!("{{quorum: 1, groups: [sre], require: {required}}}");
        let Some(mut room) = Room::new("", &environments, "") else { return };
        let key = touched(&room.ssh, flags, 1, b"").key().openssh();
        room.list = room.list.replace(
            "groups: [sre], os_users: [bob], keys: [",
            &format!("groups: [sre], os_users: [bob], keys: [{key}, "),
        );
        let pending = room.ask("AAAA-AAAA-0001");
        match (words, room.look(&room.facts(), &[touched(&room.ssh, flags, 7, &pending.bytes)]).unwrap()) {
            ("", Found::Approved(authorized)) => {
                let How::Approved { approvers, .. } = authorized.how() else { panic!("{authorized:?}") };
                let expected = ["none", "touch", "", "", "none", "touch+pin"][usize::from(flags)];
                assert_eq!(
                    (approvers[0].vouched.as_deref(), approvers[0].counter),
                    (Some(expected), Some(7))
                );
                room.ran(&authorized);
                for (id, counter, taken) in [("AAAA-AAAA-0002", 7, false), ("AAAA-AAAA-0003", 8, true)] {
                    let pending = room.ask(id);
                    let again =
                        room.look(&room.facts(), &[touched(&room.ssh, flags, counter, &pending.bytes)]);
                    assert_eq!(again.is_ok(), taken, "{counter}: {again:?}");
                    assert!(again.err().is_none_or(|why| why.contains("has counted further")));
                    room.with(&room.facts(), |case| case.ledger.cancel(&pending).unwrap());
                }
            }
            (words, Found::Waiting { faults, .. }) if !words.is_empty() => {
                assert!(faults.join("|").contains(words), "{required} {flags}: {faults:?}");
            }
            (words, found) => panic!("{required} {flags}: {words}: {found:?}"),
        }
    }
}

#[test]
fn a_signature_for_another_purpose_or_text_approves_nothing() {
    let Some(room) = Room::new("", ONE, "") else { return };
    let pending = room.ask("AAAA-AAAA-0001");
    let git = room.ssh.armor("bob", "git", &pending.bytes, &[]);
    let git = Signature::read(&blob(&git)).unwrap();
    assert!(room.refused(&[git]).contains("in the namespace \"git\""));
    let mut changed = pending.bytes.clone();
    changed[40] ^= 1;
    assert!(room.refused(&[room.ssh.sign("bob", &changed)]).contains("over no request that waits here"));
    let crlf = String::from_utf8(pending.bytes.clone()).unwrap().replace('\n', "\r\n");
    assert!(room.refused(&[room.ssh.sign("bob", crlf.as_bytes())]).contains("over no request"));
}

#[test]
fn what_changed_since_is_refused_and_the_request_still_waits() {
    let Some(room) = Room::new("", ONE, "") else { return };
    let pending = room.ask("AAAA-AAAA-0001");
    let signature = room.ssh.sign("bob", &pending.bytes);
    let mut live = room.facts();
    live.argv.push("-target=x".into());
    match room.look(&live, std::slice::from_ref(&signature)).unwrap() {
        Found::Waiting { pending: None, faults } => {
            assert!(faults[0].starts_with("the arguments are not those that were approved"), "{faults:?}");
        }
        found => panic!("{found:?}"),
    }
    assert!(matches!(room.look(&room.facts(), &[signature]).unwrap(), Found::Approved(_)));
}

#[test]
fn what_a_human_asked_for_is_not_an_agents_to_run() {
    let Some(room) = Room::new("", ONE, "") else { return };
    let pending = room.ask("AAAA-AAAA-0001");
    let mut request = pending.request.clone();
    request.id = "AAAA-AAAA-0002".to_owned();
    request.principal.kind = PrincipalKind::Human;
    let rewritten = Ledger::at(room.state.path()).store(&request, request.created).unwrap();
    let refused = room.refused(&[room.ssh.sign("bob", &rewritten.bytes)]);
    assert!(refused.contains("a human asked for it, and an agent would run it"), "{refused}");
}

#[test]
fn two_people_are_two_and_each_may_come_alone() {
    let Some(room) = Room::new("", "{quorum: 2, groups: [sre]}", "") else { return };
    let pending = room.ask("AAAA-AAAA-0001");
    let by = |name: &str| room.ssh.sign(name, &pending.bytes);
    assert!(room.refused(&[by("bob"), by("bob2")]).contains("1 of 2 people approved: bob@corp"));
    assert!(room.refused(&[]).contains("1 of 2 people approved: bob@corp"), "it is kept");
    assert!(room.refused(&[by("alice")]).contains("nobody approves their own"));
    match room.look(&room.facts(), &[by("carol")]).unwrap() {
        Found::Approved(authorized) => {
            let How::Approved { approvers, .. } = authorized.how() else { panic!("{authorized:?}") };
            let people: std::collections::BTreeSet<&str> =
                approvers.iter().map(|approver| approver.person.as_str()).collect();
            assert_eq!(people.into_iter().collect::<Vec<_>>(), ["bob@corp", "carol@corp"]);
        }
        found @ Found::Waiting { .. } => panic!("{found:?}"),
    }
}

#[test]
fn a_request_that_somebody_else_wrote_gains_nothing() {
    let Some(room) = Room::new("", ONE, "") else { return };
    let pending = room.ask("AAAA-AAAA-0001");
    // Longer than the list lets one be, by whoever can write the directory.
    let mut long = pending.request.clone();
    long.id = "AAAA-AAAA-0002".to_owned();
    long.execute_before = "2036-01-01T00:00:00Z".parse().unwrap();
    let long = Ledger::at(room.state.path()).store(&long, pending.request.created).unwrap();
    let refused = room.refused(&[room.ssh.sign("bob", &long.bytes)]);
    assert!(refused.contains("tollgate did not write it"), "{refused}");
    // A used one under another name.
    let used = room.look(&room.facts(), &[room.ssh.sign("bob", &pending.bytes)]).unwrap();
    assert!(matches!(used, Found::Approved(_)));
    std::fs::write(&pending.path, &pending.bytes).unwrap();
    let again = room.look(&room.facts(), &[room.ssh.sign("bob", &pending.bytes)]);
    assert!(again.as_ref().is_err_and(|why| why.contains("used already")), "{again:?}");
}

#[test]
fn of_several_requests_for_one_command_any_will_do() {
    let Some(room) = Room::new("", ONE, "") else { return };
    let first = room.ask("AAAA-AAAA-0001");
    let second = room.ask("AAAA-AAAA-0002");
    for (signed, other) in [(&first, &second), (&second, &first)] {
        let signature = room.ssh.sign("bob", &signed.bytes);
        Ledger::at(room.state.path()).keep(signed, &signature).unwrap();
        match room.look(&room.facts(), &[]).unwrap() {
            Found::Approved(authorized) => {
                let How::Approved { approval, .. } = authorized.how() else { panic!("{authorized:?}") };
                assert_eq!(*approval, signed.request.id);
            }
            Found::Waiting { faults, .. } => {
                panic!("{} beside {}: {faults:?}", signed.request.id, other.request.id)
            }
        }
    }
}

#[test]
fn nobody_is_sent_to_a_request_that_they_may_approve_no_longer() {
    let Some(mut room) = Room::new("", ONE, "") else { return };
    let late = room.ask("AAAA-AAAA-0001");
    let signature = room.ssh.sign("bob", &late.bytes);
    for (seconds, waits) in [(-1, true), (0, false), (1, false)] {
        room.now = late.request.approve_before + SignedDuration::from_secs(seconds);
        let found = room.with(&room.facts(), |case| case.waiting().unwrap());
        assert_eq!(found.is_some(), waits, "{seconds}");
        let Found::Waiting { pending, .. } = room.look(&room.facts(), &[]).unwrap() else { panic!() };
        assert_eq!(pending.is_some(), waits, "{seconds}");
    }
    let anew = room.ask("AAAA-AAAA-0002");
    let found = room.with(&room.facts(), |case| case.waiting().unwrap());
    assert_eq!(found, Some(anew));
    // What was signed in time may still be used.
    assert!(matches!(room.look(&room.facts(), &[signature]).unwrap(), Found::Approved(_)));
}

#[test]
fn a_request_is_made_no_later_than_now() {
    let Some(mut room) = Room::new("", ONE, "") else { return };
    room.now += SignedDuration::from_millis(900);
    let created = room.ask("AAAA-AAAA-0001").request.created;
    assert!(created < room.now && room.now.duration_since(created) < SignedDuration::from_secs(1));
}

#[test]
fn only_an_earlier_form_of_the_same_gives_way() {
    type Change = fn(&mut Request);
    let changes: [(&str, bool, Change); 13] = [
        ("nothing", false, |_| ()),
        ("a file", true, |request| request.facts.inputs.clear()),
        ("the rulebook", true, |request| request.facts.policy = "x".into()),
        ("the plan", true, |request| {
            request.facts.target.insert("plan".into(), "x".into());
        }),
        ("the objects", true, |request| request.facts.runs = Some(vec![(&"pvc/web").into()])),
        ("what was piped in", false, |request| request.facts.runs = Some(vec![(&"stdin:sha256:1").into()])),
        ("the arguments", false, |request| request.facts.argv.clear()),
        ("the directory", false, |request| request.facts.directory = (&"/elsewhere").into()),
        ("the workspace", false, |request| request.facts.target.clear()),
        ("a variable", false, |request| {
            request.facts.variables.insert("AWS_PROFILE".into(), "dev".into());
        }),
        ("who approves", false, |request| request.facts.approval.needs = Needs::Peer),
        ("the agent", false, |request| request.principal.name = Some("another".into())),
        ("the user", false, |request| request.facts.requester.uid += 1),
    ];
    let mut now = example();
    now.facts.approval.needs = Needs::Confirmation;
    for (what, gives_way, change) in changes {
        let state = tempfile::tempdir().unwrap();
        let ledger = Ledger::at(state.path());
        let mut earlier = now.clone();
        change(&mut earlier);
        let earlier = ledger.store(&earlier, now.created).unwrap();
        let (live, principal) = (&now.facts, PrincipalKind::Agent);
        let at = (&ledger, state.path(), now.created);
        let case = Case {
            ledger: at.0,
            state: at.1,
            live,
            peers: None,
            principal,
            now: at.2,
            boot: now.boot.as_ref(),
            listing: OnceCell::default(),
        };
        let found = case.outdated(&now.principal).unwrap();
        assert_eq!(found.len(), usize::from(gives_way), "{what}");
        if earlier.request.facts.approval.needs == Needs::Confirmation {
            ledger.confirm(&earlier).unwrap();
            assert!(case.outdated(&now.principal).unwrap().is_empty(), "{what}: it was approved");
            let told = case.passed_over().unwrap();
            let is_told = gives_way
                || matches!(what, "what was piped in" | "the workspace" | "a variable" | "the user");
            assert_eq!(told.is_some(), is_told, "{what}: {told:?}");
        }
    }
}

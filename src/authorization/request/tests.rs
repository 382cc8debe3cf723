use proptest::prelude::*;

use super::*;

/// A request in which every field holds something.
pub(crate) fn example() -> Request {
    let time = |text: &str| text.parse().unwrap();
    Request {
        id: "7KQ2-M4TD-91XH".to_owned(),
        principal: Asker {
            kind: PrincipalKind::Agent,
            name: Some("claude-code".to_owned()),
            evidence: vec!["CLAUDECODE".to_owned()],
        },
        facts: Facts {
            risk: Risk::Critical,
            summary: "terraform destroy: every resource is destroyed".to_owned(),
            environment: Environment { name: "prod".to_owned(), guarded: true },
            approval: Approval {
                needs: Needs::Peer,
                quorum: 1,
                groups: vec![vec!["sre".to_owned()]],
                require: Presence::TouchAndPin,
                approvers: Some("sha256:00".to_owned()),
                advisory: false,
            },
            requester: Requester {
                persons: vec!["alice@corp".to_owned()],
                user: "alice".to_owned(),
                uid: 1000,
            },
            host: Host { name: "laptop-3".to_owned(), id: "sha256:11".to_owned() },
            tool: "terraform".to_owned(),
            argv: [OsStr::new("destroy"), OsStr::from_bytes(b"-target=\xff")]
                .into_iter()
                .map(Text::from)
                .collect(),
            runs: None,
            directory: Text::from("/home/a/infra"),
            target: BTreeMap::from([("workspace".to_owned(), "prod".to_owned())]),
            challenge: Some("prod".to_owned()),
            effects: vec![Effect::Destroy],
            rules: vec!["terraform/destroy".to_owned()],
            notes: Vec::new(),
            binary: Binary {
                path: Text::from("/usr/bin/terraform"),
                sha256: "sha256:22".to_owned(),
                launcher: None,
            },
            inputs: BTreeMap::from([("main.tf".to_owned(), "sha256:33".to_owned())]),
            variables: BTreeMap::from([("AWS_PROFILE".to_owned(), "prod".to_owned())]),
            policy: "sha256:44".to_owned(),
            state: "/home/a/.local/state/tollgate 1:2".to_owned(),
            version: "0.1.0".to_owned(),
        },
        impact: vec!["delete aws_db_instance.main".to_owned()],
        created: time("2026-11-22T00:40:00Z"),
        approve_before: time("2026-11-22T00:55:00Z"),
        execute_before: time("2026-11-22T01:00:00Z"),
        boot: Some(Boot { id: "b".to_owned(), milliseconds: 5 }),
        nonce: "00112233445566778899aabbccddeeff".to_owned(),
        log_head: Some("1841 sha256:55".to_owned()),
        untrusted_explanation: Some("\u{1b}[2J\u{202e}nothing to see".to_owned()),
    }
}

#[test]
fn what_is_written_reads_back_and_is_safe_to_show() {
    let bytes = example().bytes().unwrap();
    let text = std::str::from_utf8(&bytes).unwrap();
    assert!(text.starts_with("TOLLGATE-REQUEST-v1\nid: \"7KQ2-M4TD-91XH\"\nrisk: \"critical\"\n"), "{text}");
    assert!(text.ends_with("\nEND\n"));
    assert!(text.contains("argv: [\"destroy\",{\"base64\":\"LXRhcmdldD3/\"}]\n"), "{text}");
    assert!(text.contains(r#"untrusted-explanation: "\u001b[2J\u202enothing to see""#), "{text}");
    assert!(bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n')));
    assert_eq!(Request::read(&bytes).unwrap(), example());
}

#[test]
fn any_other_spelling_is_refused() {
    let bytes = example().bytes().unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    let broken = [
        text.replace("risk: \"critical\"", "risk:  \"critical\""),
        text.replace("risk: \"critical\"", "risk: \"\\u0063ritical\""),
        text.replace("\"quorum\":1", "\"quorum\":1.0"),
        text.replace("\"quorum\":1", "\"quorum\":1,\"quorum\":1"),
        text.replace("\"quorum\":1", "\"quorum\":1,\"more\":1"),
        text.replace("\"quorum\":1,", ""),
        text.replace("\"uid\":1000,\"user\":\"alice\"", "\"user\":\"alice\",\"uid\":1000"),
        text.replace("LXRhcmdldD3/", "LXRhcmdldD3"),
        text.replace("\nEND\n", "\nEND"),
        text.replace("\nEND\n", "\nEND\n\n"),
        text.replace("\nEND\n", "\nmore: 1\nEND\n"),
        text.replace('\n', "\r\n"),
        text.replacen("nonce: ", "noncE: ", 1),
        format!("\u{feff}{text}"),
        text.replace("00:40:00Z", "00:40:00.0Z"),
        String::new(),
        "TOLLGATE-REQUEST-v1\nEND\n".to_owned(),
    ];
    for text in broken {
        assert_ne!(text.as_bytes(), bytes, "the replacement did nothing");
        assert!(Request::read(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn a_request_that_is_too_long_is_refused_not_cut() {
    let mut long = example();
    long.facts.argv = vec![Text::from(&"x".repeat(LIMIT))];
    assert!(matches!(long.bytes(), Err(RequestError::TooLong(length)) if length > LIMIT));
    assert!(matches!(Request::read(&vec![b'x'; LIMIT + 1]), Err(RequestError::TooLong(_))));
}

#[test]
fn differences_name_the_fact_and_recorded_fields_are_none() {
    let approved = example().facts;
    assert_eq!(approved.differences(&approved).unwrap(), []);
    let mut now = approved.clone();
    now.inputs.insert("main.tf".to_owned(), "sha256:99".to_owned());
    now.variables.clear();
    now.argv.push(Text::from("-target=x"));
    let fields: Vec<String> =
        approved.differences(&now).unwrap().into_iter().map(|difference| difference.field).collect();
    assert_eq!(fields, ["argv", "inputs.main.tf", "variables.AWS_PROFILE"]);
}

#[test]
fn every_field_is_listed_once_and_every_fact_is_compared() {
    let listed: std::collections::BTreeSet<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
    assert_eq!(listed.len(), FIELDS.len());
    let names = |fields: Map<String, Value>| fields.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(
        names(object(&example()).unwrap()),
        listed.iter().map(ToString::to_string).collect::<Vec<_>>()
    );
    let facts = FIELDS.iter().filter(|(_, kind)| *kind == Kind::Fact).map(|(name, _)| (*name).to_owned());
    assert_eq!(
        names(object(&example().facts).unwrap()),
        facts.collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    );
}

proptest! {
    #[test]
    fn reading_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Request::read(&bytes);
    }

    #[test]
    fn one_changed_byte_is_another_request_or_none(at in 0_usize..2000, with in any::<u8>()) {
        let mut bytes = example().bytes().unwrap();
        let at = at % bytes.len();
        prop_assume!(bytes[at] != with);
        bytes[at] = with;
        prop_assert!(Request::read(&bytes).map_or(true, |request| request != example()));
    }

    #[test]
    fn any_words_survive(words in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..20), 0..5)) {
        let mut request = example();
        request.facts.argv = words.iter().map(|word| Text::from(OsStr::from_bytes(word))).collect();
        let again = Request::read(&request.bytes().unwrap()).unwrap();
        let read: Vec<Vec<u8>> = again.facts.argv.iter().map(|word| word.os().as_bytes().to_vec()).collect();
        prop_assert_eq!(read, words);
    }
}

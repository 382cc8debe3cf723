use super::super::request::Needs;
use super::super::request::tests::example;
use super::*;

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn up(id: &str, milliseconds: u64) -> Boot {
    Boot { id: id.to_owned(), milliseconds }
}

#[test]
fn a_request_has_its_time_by_both_clocks() {
    let quarter = SignedDuration::from_mins(15);
    // Made at 00:40:00 when the machine had been up for 5 ms, good for 20 minutes.
    for (now, boot, expected) in [
        ("2026-11-22T00:40:00Z", Some(up("b", 5)), None),
        ("2026-11-22T00:59:59Z", Some(up("b", 5 + 1_199_999)), None),
        ("2026-11-22T01:00:00Z", Some(up("b", 5)), Some("could be used until 2026-11-22T01:00:00Z")),
        ("2026-11-22T00:41:00Z", Some(up("b", 5 + 1_200_000)), Some("could be used until")),
        ("2026-11-22T00:41:00Z", Some(up("b", 4)), Some("had been up for longer than now")),
        ("2026-11-22T00:41:00Z", Some(up("c", 60_000)), Some("the machine was started since")),
        ("2026-11-22T00:41:00Z", None, Some("by another clock")),
        ("2026-11-22T00:30:00Z", Some(up("b", 5)), Some("at a time that has not come")),
        ("2026-11-22T00:38:30Z", Some(up("b", 5)), None),
    ] {
        let outcome = in_time(&example(), quarter, time(now), boot.as_ref()).map_err(|why| why.to_string());
        match expected {
            None => assert_eq!(outcome, Ok(()), "{now} {boot:?}"),
            Some(words) => {
                assert!(outcome.clone().is_err_and(|why| why.contains(words)), "{now}: {outcome:?}");
            }
        }
    }
}

#[test]
fn a_request_that_claims_more_time_than_there_is_is_refused() {
    let (now, boot) = (time("2026-11-22T00:41:00Z"), up("b", 60_000));
    let mut long = example();
    let check = |request: &Request, minutes| {
        in_time(request, SignedDuration::from_mins(minutes), now, Some(&boot)).map_err(|why| why.to_string())
    };
    assert_eq!(check(&long, 15), Ok(()));
    assert!(check(&long, 14).unwrap_err().contains("valid for longer than 14m"), "{:?}", check(&long, 14));
    long.execute_before = time("2036-11-22T00:41:00Z");
    assert!(check(&long, 15).is_err());
    long.execute_before = time("2026-11-22T00:54:00Z");
    assert!(check(&long, 15).is_err(), "approved later than used");
}

#[test]
fn what_changed_is_told_in_its_own_words() {
    type Change = fn(&mut Facts);
    let changes: [(&str, Change); 13] = [
        ("the arguments are not those", |facts| facts.argv.clear()),
        ("the working directory is not", |facts| facts.directory = (&"/elsewhere").into()),
        ("the variable AWS_PROFILE has changed", |facts| {
            facts.variables.insert("AWS_PROFILE".into(), "dev".into());
        }),
        ("what it reads has changed: kubeconfig.cluster", |facts| {
            facts.inputs.insert("kubeconfig.cluster".into(), "x".into());
        }),
        ("the program is not the one", |facts| facts.binary.sha256 = "x".into()),
        ("the rulebook has changed", |facts| facts.policy = "x".into()),
        ("the list of approvers", |facts| facts.approval.approvers = Some("x".into())),
        ("the list of approvers", |facts| facts.approval.quorum = 2),
        ("it would act elsewhere: the workspace has changed", |facts| facts.target.clear()),
        ("another machine", |facts| facts.host.id = "x".into()),
        ("somebody else would run it", |facts| facts.requester.uid = 0),
        ("another state directory", |facts| facts.state = "x".into()),
        ("it is judged otherwise", |facts| facts.rules.clear()),
    ];
    assert!(unchanged(&example(), &example().facts).is_ok());
    for (words, change) in changes {
        let mut live = example().facts;
        change(&mut live);
        let why = unchanged(&example(), &live).unwrap_err().to_string();
        assert!(why.contains(words), "{why}");
    }
    for (now, told) in [
        (Some("sha256:99"), "what it reads has changed: main.tf"),
        (Some("absent"), "what it reads has changed: main.tf (it is gone)"),
        (None, "what it reads has changed: main.tf (it is gone)"),
        (Some("too large"), "what it reads has changed: main.tf (approved: sha256:"),
    ] {
        let mut live = example().facts;
        live.inputs.remove("main.tf");
        live.inputs.extend(now.map(|now| ("main.tf".to_owned(), now.to_owned())));
        let why = unchanged(&example(), &live).unwrap_err().to_string();
        assert!(if told.ends_with(':') { why.starts_with(told) } else { why == told }, "{why}");
    }
    let mut live = example().facts;
    live.inputs.insert("new.tf".into(), "sha256:99".into());
    let why = unchanged(&example(), &live).unwrap_err().to_string();
    assert_eq!(why, "what it reads has changed: new.tf (it was not there)");
    // A plan that was swapped needs something else, and that is not what is told first.
    let mut live = example().facts;
    live.approval.needs = Needs::Alone;
    live.runs = Some(vec![(&"apply").into()]);
    live.inputs.insert("main.tf".into(), "sha256:99".into());
    let why = unchanged(&example(), &live).unwrap_err().to_string();
    assert_eq!(why, "what it reads has changed: main.tf; also changed: runs, approval.needs");
    live.inputs = example().facts.inputs;
    let why = unchanged(&example(), &live).unwrap_err().to_string();
    assert!(why.starts_with("what would run is not what was approved"), "{why}");
    let mut live = example().facts;
    live.argv = vec![(&"x".repeat(500)).into()];
    live.policy.clear();
    let why = unchanged(&example(), &live).unwrap_err().to_string();
    assert!(why.len() < 500 && why.ends_with("also changed: policy"), "{why}");
}

#[test]
fn two_tokens_of_one_person_are_one() {
    let by = |person: &str, signature: &str| Approver {
        person: person.to_owned(),
        fingerprint: format!("SHA256:{signature}"),
        signature: signature.to_owned(),
        vouched: None,
        counter: None,
    };
    assert!(quorum(&[], 0).is_err(), "nobody is not enough, whatever is asked for");
    assert!(quorum(&[by("bob", "1")], 1).is_ok());
    let why = quorum(&[by("bob", "1"), by("bob", "2")], 2).unwrap_err().to_string();
    assert_eq!(why, "1 of 2 people approved: bob");
    assert!(quorum(&[by("bob", "1"), by("carol", "2")], 2).is_ok());
}

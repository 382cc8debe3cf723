use std::ffi::OsString;
use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;
use crate::context::target::Target;
use crate::rules::book::{Layer, Origin};
use crate::rules::builtin;
use crate::rules::environment::classify;
use crate::rules::load;
use crate::verdict::Fact;

const HUMAN: PrincipalKind = PrincipalKind::Human;
const AGENT: PrincipalKind = PrincipalKind::Agent;
const TODAY: &str = "2026-06-15";

fn layer(origin: Origin, text: &str) -> Layer {
    let file = load::parse("test.yaml".as_ref(), text).unwrap();
    let power = if origin == Origin::Project { Power::Tightens } else { Power::Loosens };
    Layer::new(origin, vec![("test.yaml".into(), file)], power, power)
}

pub(super) fn book(layers: &[(Origin, &str)]) -> Rulebook {
    let mut book = Rulebook { layers: vec![builtin::layer(&[]).unwrap()] };
    book.layers.extend(layers.iter().map(|(origin, text)| layer(*origin, text)));
    book
}

fn parse(words: &[&str]) -> Command {
    let words: Vec<OsString> = words.iter().map(OsString::from).collect();
    crate::command::parse("terraform", &words, &Environment::default()).unwrap()
}

pub(super) fn judged(
    book: &Rulebook,
    command: &Command,
    target: &Target,
    principal: PrincipalKind,
) -> Judgement {
    let place = classify(book, target, principal);
    let situation = Situation { principal, target, place: &place };
    judge(book, command, &Environment::default(), situation, TODAY)
}

fn in_workspace(name: &str) -> Target {
    let mut target = Target::default();
    target.add(Fact::Workspace, name);
    target
}

/// A project that calls everything `review`.
fn claims_review(guarded: bool) -> String {
    format!(
        "version: 1\nenvironments:\n  - name: review\n    guarded: {guarded}\n    match:\n      - workspace: {{ regex: \".*\" }}\n"
    )
}

const REVIEW: &str =
    "version: 1\nenvironments:\n  - name: review\n    match:\n      - workspace: { regex: \"review-.*\" }\n";

#[test]
fn a_project_cannot_claim_the_name_that_an_exemption_rests_on() {
    let exempts = format!(
        "{REVIEW}exempt:\n  - rule: terraform/destroy\n    match:\n      environment: {{ name: review }}\n    reason: torn down\n    expires: 2027-01-01\n"
    );
    let destroy = parse(&["destroy"]);
    let own = book(&[(Origin::User, &exempts)]);
    assert_eq!(judged(&own, &destroy, &in_workspace("review-1"), HUMAN).decision, Decision::Allow);
    assert_eq!(judged(&own, &destroy, &in_workspace("main"), HUMAN).decision, Decision::Confirm);
    for guarded in [false, true] {
        let claimed = book(&[(Origin::User, &exempts), (Origin::Project, &claims_review(guarded))]);
        let judgement = judged(&claimed, &destroy, &in_workspace("main"), HUMAN);
        assert!(judgement.decision >= Decision::Confirm && judgement.exemptions.is_empty(), "{judgement:?}");
    }
}

#[test]
fn a_project_cannot_claim_the_name_that_unless_or_not_rests_on() {
    let rule = |condition: &str| {
        format!(
            "{REVIEW}tool: terraform\nrules:\n  - id: terraform/plan-anywhere\n    summary: Denied.\n    effect: read\n    require: deny\n{condition}"
        )
    };
    let plan = parse(&["plan"]);
    for condition in [
        "    match: { command: plan }\n    unless:\n      environment: { name: review }\n",
        "    match:\n      command: plan\n      not: { environment: { name: review } }\n",
        "    match:\n      command: plan\n      not: { environment: { guarded: true } }\n",
        "    match:\n      command: plan\n      environment: { guarded: false }\n",
    ] {
        let rule = rule(condition);
        for project in [None, Some(claims_review(false)), Some(claims_review(true))] {
            let mut layers = vec![(Origin::User, rule.as_str())];
            layers.extend(project.as_deref().map(|text| (Origin::Project, text)));
            let judgement = judged(&book(&layers), &plan, &in_workspace("main"), HUMAN);
            assert_eq!(judgement.decision, Decision::Deny, "{condition} {project:?}");
        }
    }
}

/// What a body that nobody could read may hold is not certainly absent.
#[test]
fn no_flag_is_absent_that_a_body_may_hold() {
    let own = "version: 1\ntool: aws\nrules:\n  - id: aws/own\n    summary: Denied.\n    effect: read\n    require: deny\n    \
        match: { command: ec2 describe-instances }\n    unless: { flags: { --instance-ids: { present: false } } }\n";
    let book = book(&[(Origin::User, own)]);
    for (more, expected) in [
        (&[][..], Decision::Allow),
        (&["--instance-ids", "i-1"], Decision::Deny),
        (&["--cli-input-json", "{}"], Decision::Allow),
        (&["--cli-input-json", "{\"InstanceIds\": [\"i-1\"]}"], Decision::Deny),
        (&["--cli-input-json", "file://absent.json"], Decision::Deny),
    ] {
        let words = ["ec2", "describe-instances"].iter().chain(more).map(OsString::from);
        let command =
            crate::command::parse("aws", &words.collect::<Vec<_>>(), &Environment::default()).unwrap();
        assert_eq!(judged(&book, &command, &Target::default(), HUMAN).decision, expected, "{more:?}");
    }
}

#[test]
fn a_guarded_column_that_is_milder_is_not_reached_through_a_project() {
    let own = "version: 1\npolicy:\n  destroy:\n    human: { ordinary: deny, guarded: confirm }\n";
    let project = claims_review(true);
    let claimed = book(&[(Origin::User, own), (Origin::Project, &project)]);
    let judgement = judged(&claimed, &parse(&["destroy"]), &in_workspace("main"), HUMAN);
    assert_eq!(judgement.decision, Decision::Deny);
}

#[test]
fn an_exemption_that_changes_nothing_is_not_applied() {
    let exempts =
        "version: 1\nexempt:\n  - rule: terraform/plan\n    reason: none\n    expires: 2027-01-01\n";
    let judgement =
        judged(&book(&[(Origin::User, exempts)]), &parse(&["plan"]), &in_workspace("main"), HUMAN);
    assert_eq!((judgement.decision, judgement.exemptions), (Decision::Allow, Vec::new()));
}

fn words() -> impl Strategy<Value = Vec<OsString>> {
    let commands = select(vec![
        "plan",
        "apply",
        "destroy",
        "show",
        "output",
        "fmt",
        "validate",
        "init",
        "state list",
        "state rm",
        "state pull",
        "workspace list",
        "workspace select",
        "workspace delete",
        "import",
        "console",
        "version",
        "frob",
        "providers",
        "force-unlock",
        "taint",
        "get",
        "graph",
        "login",
    ]);
    let rest = select(vec![
        "-destroy",
        "-out=x",
        "-json",
        "-lock=false",
        "-auto-approve",
        "-auto-approve=false",
        "-refresh=false",
        "-novel",
        "-novel=x",
        "-upgrade",
        "-dry-run",
        "-help",
        "-target=a.b",
        "-raw",
        "-check",
        "-migrate-state",
        "-var",
        "a=b",
        "prod",
        "x",
        "--",
        "-force",
        "-input=false",
        "\u{202e}",
    ]);
    (prop::option::of(Just("-chdir=x")), commands, prop::collection::vec(rest, 0..4)).prop_map(
        |(before, command, rest)| {
            before.into_iter().chain(command.split(' ')).chain(rest).map(OsString::from).collect()
        },
    )
}

fn target() -> impl Strategy<Value = Target> {
    let value = select(vec!["prod", "dev", "review-1", "main", "acme-live", "https://127.0.0.1:6443"]);
    let fact = select(vec![Fact::Workspace, Fact::Backend, Fact::Server, Fact::Account, Fact::Profile]);
    (prop::collection::vec((fact, value, any::<bool>()), 0..4), prop::bool::weighted(0.2)).prop_map(
        |(facts, unreadable)| {
            let mut target = Target::default();
            for (fact, value, proven) in facts {
                if proven { target.add(fact, value) } else { target.claim(fact, value) }
            }
            if unreadable {
                target.cannot_read("x");
            }
            target
        },
    )
}

fn condition() -> impl Strategy<Value = &'static str> {
    select(vec![
        "",
        "environment: { name: review }",
        "environment: { name: prod }",
        "environment: { guarded: true }",
        "environment: { guarded: false }",
        "principal: agent",
        "principal: human",
        "target: { workspace: main }",
        "target: { backend: { regex: \".*\" } }",
        "not: { environment: { name: review } }",
        "not: { environment: { guarded: false } }",
        "not: { target: { workspace: [dev, main] } }",
        "not: { not: { environment: { name: review } } }",
        "flags: { -json: { present: true } }",
        "flags: { -destroy: { present: false } }",
    ])
}

const DECISIONS: &[&str] = &["allow", "confirm", "peer", "deny"];

fn cells() -> impl Strategy<Value = String> {
    let effect = select(Effect::ALL.map(Effect::name).to_vec());
    let decision = || select(DECISIONS.to_vec());
    prop::collection::btree_map(effect, (decision(), decision(), decision(), decision()), 0..4).prop_map(|rows| {
        let mut text = String::from("policy:\n");
        if rows.is_empty() {
            return String::new();
        }
        for (effect, (a, b, c, d)) in rows {
            let _ = writeln!(
                text,
                "  {effect}: {{ human: {{ ordinary: {a}, guarded: {b} }}, agent: {{ ordinary: {c}, guarded: {d} }} }}"
            );
        }
        text
    })
}

fn environments() -> impl Strategy<Value = String> {
    let all = vec![
        "  - { name: review, match: [{ workspace: { regex: \"review-.*\" } }] }\n",
        "  - { name: mine, guarded: true, match: [{ workspace: main }] }\n",
        "  - { name: kind, sandbox: true, match: [{ server: \"https://127.0.0.1:6443\" }] }\n",
        "  - { name: prod, match: [{ profile: prod }] }\n",
        "  - { name: id, guarded: true, match: [{ account: [main, dev] }, { server: main }] }\n",
        "  - { name: review, guarded: true, match: [{ workspace: { regex: \".*\" } }] }\n",
    ];
    subsequence(all, 0..4).prop_map(|some| {
        if some.is_empty() { String::new() } else { format!("environments:\n{}", some.concat()) }
    })
}

fn rules(prefix: &'static str) -> impl Strategy<Value = String> {
    let command = select(vec!["", "command: plan", "command: [destroy, apply]", "command: show"]);
    let effect = select(vec!["read", "write", "destroy", "disclose"]);
    let risk = select(vec!["low", "critical"]);
    let require = prop::option::of(select(DECISIONS.to_vec()));
    let one = (command, condition(), prop::option::of(condition()), effect, risk, require);
    prop::collection::vec(one, 0..3).prop_map(move |rules| {
        let mut text = String::new();
        for (at, (command, condition, unless, effect, risk, require)) in rules.iter().enumerate() {
            if at == 0 {
                text.push_str("tool: terraform\nrules:\n");
            }
            let parts: Vec<&str> = [*command, *condition].into_iter().filter(|part| !part.is_empty()).collect();
            let _ = write!(
                text,
                "  - id: terraform/{prefix}-{at}\n    summary: X.\n    effect: {effect}\n    risk: {risk}\n    reason: x\n    match: {{ {} }}\n",
                parts.join(", ")
            );
            if let Some(unless) = unless {
                let _ = writeln!(text, "    unless: {{ {unless} }}");
            }
            if let Some(require) = require {
                let _ = writeln!(text, "    require: {require}");
            }
        }
        text
    })
}

fn exemptions() -> impl Strategy<Value = String> {
    let rule = select(vec!["terraform/destroy", "terraform/apply", "terraform/plan", "terraform/user-0"]);
    let expires = select(vec!["2020-01-01", TODAY, "2027-01-01"]);
    prop::collection::vec((rule, condition(), expires), 0..3).prop_map(|some| {
        let mut text = String::new();
        for (at, (rule, condition, expires)) in some.iter().enumerate() {
            if at == 0 {
                text.push_str("exempt:\n");
            }
            let _ = writeln!(
                text,
                "  - {{ rule: {rule}, match: {{ {condition} }}, reason: x, expires: {expires} }}"
            );
        }
        text
    })
}

fn user() -> impl Strategy<Value = String> {
    (cells(), environments(), exemptions(), rules("user")).prop_map(|(cells, environments, exempt, rules)| {
        format!("version: 1\n{cells}{environments}{exempt}{rules}")
    })
}

fn project() -> impl Strategy<Value = String> {
    (cells(), environments(), rules("project"))
        .prop_map(|(cells, environments, rules)| format!("version: 1\n{cells}{environments}{rules}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_runs_unrecorded_is_always_judged_allow(
        words in words(), targets in prop::collection::vec(target(), 1..4), user in user(), project in project(),
    ) {
        let Ok(command) = crate::command::parse("terraform", &words, &Environment::default()) else { return Ok(()) };
        for layers in [
            &[][..],
            &[(Origin::User, user.as_str())],
            &[(Origin::User, user.as_str()), (Origin::Project, project.as_str())],
        ] {
            let book = book(layers);
            if always_allowed(&book, &command, &Environment::default()).is_none() {
                continue;
            }
            for target in &targets {
                for principal in [HUMAN, AGENT] {
                    let judgement = judged(&book, &command, target, principal);
                    prop_assert_eq!(judgement.decision, Decision::Allow);
                    prop_assert!(judgement.exemptions.is_empty());
                }
            }
        }
    }

    #[test]
    fn a_layer_that_only_tightens_never_lowers_a_decision(
        words in words(), target in target(), user in user(), project in project(),
    ) {
        let Ok(command) = crate::command::parse("terraform", &words, &Environment::default()) else { return Ok(()) };
        let without = book(&[(Origin::User, user.as_str())]);
        let with = book(&[(Origin::User, user.as_str()), (Origin::Project, project.as_str())]);
        for principal in [HUMAN, AGENT] {
            let before = judged(&without, &command, &target, principal).decision;
            let after = judged(&with, &command, &target, principal).decision;
            prop_assert!(after >= before, "{} became {}", before, after);
        }
        let proven = |book| always_allowed(book, &command, &Environment::default()).is_some();
        prop_assert!(proven(&without) || !proven(&with));
    }
}

#[test]
fn a_rule_that_names_no_command_makes_none_known() {
    let environment: Environment = [("TF_LOG_PATH", "x.tfstate")].into_iter().collect();
    let command = crate::command::parse("terraform", &["frobnicate".into()], &environment).unwrap();
    let book = Rulebook { layers: vec![crate::rules::builtin::layer(&[]).unwrap()] };
    let (target, place) = (Target::default(), crate::rules::environment::Place::default());
    let situation = Situation { principal: PrincipalKind::Human, target: &target, place: &place };
    let effects = judge(&book, &command, &environment, situation, "2027-01-01").effects();
    assert_eq!(effects, [Effect::Destroy, Effect::Unknown]);
}

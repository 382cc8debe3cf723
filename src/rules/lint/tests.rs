use std::fmt::Write as _;

use super::*;
use crate::rules::book::{Layer, Power};
use crate::rules::builtin;
use crate::rules::load;

fn findings(origin: Origin, text: &str) -> Vec<String> {
    let path = Path::new("own.yaml");
    let files = vec![(path.into(), load::parse(path, text).unwrap())];
    let own = Layer::new(origin, files, Power::Loosens, Power::Loosens);
    let book = Rulebook { layers: vec![builtin::layer(&[]).unwrap(), own] };
    let found = newest_layer(&book, &[text.to_owned()], &[]);
    found.iter().map(ToString::to_string).collect()
}

fn rule(id: &str, command: &str) -> String {
    format!(
        "  - id: terraform/{id}\n    summary: X.\n    effect: spend\n    reason: x\n    match:\n      command: {command}\n      flags: {{ -json: {{ present: true }} }}\n    cases: {{ match: [terraform show -json] }}\n"
    )
}

#[test]
fn a_day_that_is_none_is_underlined() {
    let text = "version: 1\nexempt:\n  - rule: terraform/apply\n    reason: a day\n    expires: 2027-13-31\n";
    let found = findings(Origin::User, text);
    insta::assert_snapshot!(found.concat(), @r"
    rulebook error: `2027-13-31` is not a day
     --> own.yaml:5:14
      |
    5 |     expires: 2027-13-31
      |              ^^^^^^^^^^
    help: write it as 2027-01-31
    ");
}

#[test]
fn a_variable_is_named_as_one_can_be() {
    let file = |names: &str| format!("version: 1\nvariables: [{names}]\n");
    assert_eq!(findings(Origin::Project, &file("A, _b, TF_VAR_*, http_proxy")), Vec::<String>::new());
    for name in ["'*'", "A-B", "1A", "'A*B'", "'$A'", "''"] {
        let found = findings(Origin::User, &file(name));
        assert!(found.len() == 1 && found[0].contains("is no name of a variable"), "{name}: {found:?}");
    }
}

#[test]
fn an_operation_can_be_exempted_by_its_id() {
    let exempt = |id: &str| {
        format!("version: 1\nexempt:\n  - rule: {id}\n    reason: a day\n    expires: 2027-01-31\n")
    };
    assert_eq!(findings(Origin::User, &exempt("aws/ec2/stop-instances")), Vec::<String>::new());
    let wrong = findings(Origin::User, &exempt("aws/ec2/stop-everything"));
    assert!(wrong.concat().contains("there is no rule `aws/ec2/stop-everything`"), "{wrong:?}");
}

#[test]
fn a_rule_that_another_covers_is_found_among_those_of_its_command() {
    let head = "version: 1\ntool: terraform\nrules:\n";
    let twice = format!("{head}{}{}", rule("a", "show"), rule("b", "show"));
    let found = findings(Origin::User, &twice);
    assert!(found.len() == 1 && found[0].contains("unreachable: `terraform/"), "{found:?}");
    let listed = format!("{head}{}{}", rule("a", "[plan, show]"), rule("b", "[show, plan]"));
    assert_eq!(findings(Origin::User, &listed).len(), 1);
    let same_id = format!("{head}{}{}", rule("a", "show"), rule("a", "[show, output]"));
    assert!(findings(Origin::User, &same_id).iter().any(|found| found.contains("another rule of this file")));
    let built_in = format!("{head}{}", rule("apply", "show"));
    assert!(findings(Origin::User, &built_in).concat().contains("taken: a built-in rule has it"));
}

#[test]
fn a_project_has_few_patterns_and_small_ones() {
    let environments = |number: usize, pattern: &str| {
        let mut text = "version: 1\nenvironments:\n  - name: x\n    guarded: true\n    match:\n".to_owned();
        for at in 0..number {
            let _ = writeln!(text, "      - workspace: {{ regex: '{pattern}{at}' }}");
        }
        text
    };
    assert_eq!(findings(Origin::Project, &environments(64, "a")), Vec::<String>::new());
    assert_eq!(findings(Origin::User, &environments(65, "a")), Vec::<String>::new());
    let many = findings(Origin::Project, &environments(10_000, r"\w{200}"));
    assert!(many.len() == 1 && many[0].contains("64 regular expressions"), "{}", many.len());
    let large = findings(Origin::Project, &environments(1, r"\w{200}"));
    assert!(large[0].contains("cannot be used"), "{large:?}");
}

/// What is found in a rule with this match.
fn of_match(tool: &str, text: &str) -> Vec<String> {
    let (tool_line, case) = (format!("tool: {tool}"), format!("{tool} x"));
    let rule = format!(
        "  - id: {tool}/own\n    summary: X.\n    effect: spend\n    reason: x\n    {text}\n    cases: {{ match: ['{case}'] }}\n"
    );
    let every = findings(Origin::User, &format!("version: 1\n{tool_line}\nrules:\n{rule}"));
    every.into_iter().filter(|found| !found.contains("this case")).collect()
}

#[test]
fn a_flag_that_no_command_has_is_found_wherever_it_stands() {
    for text in [
        "match: { command: show, flags: { -jsn: true } }",
        "match: { command: show, only_flags: [-jsn] }",
        "match: { command: show, not: { flags: { -jsn: true } } }",
        "match: { command: show }\n    unless: { flags: { -jsn: true } }",
    ] {
        let found = of_match("terraform", text).concat();
        assert!(found.contains("has a flag `-jsn`") && found.contains("did you mean `-json`?"), "{found}");
    }
    assert_eq!(of_match("terraform", "match: { command: show, only_flags: [-json] }"), [""; 0]);
    let short = of_match("kubectl", "match: { command: delete, flags: { -n: prod } }").concat();
    assert!(short.contains("`-n` is short for `--namespace`"), "{short}");
}

#[test]
fn a_plugin_may_have_any_flag() {
    for tool in ["kubectl", "helm"] {
        let plugin = of_match(tool, "match: { command: argo delete, flags: { --frob: true } }");
        assert_eq!(plugin, [""; 0], "{tool}");
        let known = of_match(tool, "match: { command: [argo delete, version], flags: { --frob: true } }");
        assert_eq!(known.len(), 1, "{tool}: {known:?}");
    }
}

#[test]
fn a_kind_goes_by_its_plural() {
    let of_kind =
        |kind: &str| of_match("kubectl", &format!("match: {{ command: get, operands: {{ kind: {kind} }} }}"));
    for (typed, right) in
        [("secret", "secrets"), ("PVC", "persistentvolumeclaims"), ("widgets.acme.io", "widgets")]
    {
        let found = of_kind(typed).concat();
        assert!(found.contains(&format!("use `{right}`")), "{typed}: {found}");
    }
    for kind in ["secrets", "widgets", "widget"] {
        assert_eq!(of_kind(kind), [""; 0], "{kind}");
    }
    let negated = "match: { command: get, not: { operands: { kind: [secrets, cm] } } }";
    assert!(of_match("kubectl", negated).concat().contains("use `configmaps`"));
}

#[test]
fn a_syntax_names_flags_that_can_be() {
    let file = |tool: &str, syntax: &str| {
        format!(
            "version: 1\ntool: {tool}\nsyntax: {{ {syntax} }}\nrules:\n  - id: {tool}/x\n    summary: X.\n    effect: read\n    match: {{ command: x }}\n    cases: {{ match: [{tool} x] }}\n"
        )
    };
    for (syntax, message) in [
        ("values: [name]", "`name` is no flag"),
        ("values: [--name=]", "`--name=` is no flag"),
        ("values: [-name]", "unless `single_dash` is set"),
        ("values: [-n], switches: [-n]", "`-n` is listed among `values` too"),
        ("aliases: { -a: -b, -b: -c }", "`-b` is an alias itself"),
        ("command_values: { 'a  b': [-x] }", "`a  b` is no command"),
        ("command_aliases: { x: { -a: b } }", "`b` is no flag"),
        ("path_flags: [of]", "`of` is no flag"),
        ("target: { project: [$A-B] }", "`$A-B` is no variable"),
        ("sql: { flags: [c] }", "`c` is no flag"),
    ] {
        let found = findings(Origin::User, &file("acmectl", syntax));
        assert!(found.len() == 1 && found.concat().contains(message), "{syntax}: {found:?}");
    }
    let sound =
        "values: [-name, --x], single_dash: true, path_flags: [of=, -t], target: { project: [$A, --p] }";
    assert_eq!(findings(Origin::User, &file("acmectl", sound)), Vec::<String>::new());
    let own = findings(Origin::User, "version: 1\ntool: kubectl\nsyntax: {}\nrules: []\n").concat();
    assert!(own.contains("kubectl has a grammar of its own"), "{own}");
    let pseudo = findings(Origin::User, "version: 1\ntool: redirect\nsyntax: {}\nrules: []\n").concat();
    assert!(pseudo.contains("`redirect` has no command line"), "{pseudo}");
}

#[test]
fn a_look_only_reads_and_is_no_project_s() {
    let file = |command: &str, read: &str, with: &str, and: &str| {
        format!(
            "version: 1\ntool: resource\npreviews:\n  - command: {command}\n    action: delete\n    kind: thing\n    looks:\n      - read: {read}\n        with: {{ {with} }}\n        and: [{and}]\n        query: X\n"
        )
    };
    let good =
        file("ec2 delete-key-pair", "ec2 describe-key-pairs", "--key-names: --key-name", "--max-items, '3'");
    assert_eq!(findings(Origin::User, &good), Vec::<String>::new());
    let second = "      - read: ec2 describe-tags\n        with: { --filters: .arn }\n        query: Tags\n";
    assert_eq!(findings(Origin::User, &format!("{good}{second}")), Vec::<String>::new());
    let listing = |command: &str, listed: &str| {
        format!(
            "{}    listed: {{ {listed} }}\n",
            file(command, "s3api get-bucket-tagging", "--bucket: to-bucket", "")
        )
    };
    assert_eq!(
        findings(Origin::User, &listing("s3 sync", "kind: o, rehearsed: delete")),
        Vec::<String>::new()
    );
    for (text, told) in [
        (listing("s3 rb", "kind: o, rehearsed: delete"), "`s3 rb` has no `--dryrun`"),
        (listing("ec2 run-instances", "kind: o, rehearsed: move"), "`ec2 run-instances` has no `--dryrun`"),
        (listing("s3 mv", "kind: o"), "is either `rehearsed` or in a `field`"),
        (listing("s3 mv", "kind: o, rehearsed: move, field: x"), "is either `rehearsed` or in a `field`"),
        (listing("s3 mv", "kind: a b, rehearsed: move"), "no word of letters, digits and dashes"),
        (file("ec2 delete-key-pear", "ec2 describe-key-pairs", "", ""), "has no command"),
        (
            file("ec2 delete-key-pair", "ec2 delete-key-pair", "", ""),
            "no operation of the API that only reads",
        ),
        (file("ec2 delete-key-pair", "kms decrypt", "", ""), "no operation of the API that only reads"),
        (file("ec2 delete-key-pair", "s3 ls", "", ""), "no operation of the API that only reads"),
        (
            file("ec2 delete-key-pair", "ec2 describe-key-pairs", "--prof: --key-name", ""),
            "not for a look to choose",
        ),
        (
            file("ec2 delete-key-pair", "ec2 describe-key-pairs", "", "--endpoint-u=x"),
            "not for a look to choose",
        ),
        (file("ec2 delete-key-pair", "ec2 describe-key-pairs", "", "file://x"), "would be fetched"),
        (
            file("ec2 delete-key-pair", "ec2 describe-key-pairs", "--key-names: name", ""),
            "no flag of the command",
        ),
        (
            file("ec2 delete-key-pair", "ec2 describe-key-pairs", "--key-names: .arn", ""),
            "the first look has no other's answer",
        ),
        (format!("{good}    columns: [type, of]\n"), "`of` is no name for a column"),
        (
            good.replace("and: [", "within: { --owners: .arn }\n        and: ["),
            "`.arn` is no flag of the command",
        ),
        (
            good.replace("and: [", "within: { --prof: --key-name }\n        and: ["),
            "not for a look to choose",
        ),
        (good.replace("resource", "aws"), "stand in a file of `tool: resource`"),
        ("version: 1\npatience: 0\n".to_owned(), "1 to 60 seconds"),
    ] {
        let found = findings(Origin::User, &text);
        assert!(found.iter().any(|found| found.contains(told)), "{text}: {found:?}");
    }
    assert!(
        findings(Origin::Project, &good).concat().contains("a project cannot declare what is asked of aws")
    );
    assert!(
        findings(Origin::Project, "version: 1\npatience: 9\n")
            .concat()
            .contains("a project cannot say how long")
    );
}

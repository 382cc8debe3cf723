//! What a comment can vouch for, and what it cannot.

use std::fs;

use serde_json::Value;

use super::{json, places, scan, write};
use crate::support::world::{FAULT, World};

/// Each waived finding as `LINE RULE: REASON (LINE OF THE WAIVER)`.
fn waived(report: &Value) -> Vec<String> {
    let one = |waived: &Value| {
        let (rule, because) = (waived["rule"].as_str().unwrap(), waived["because"].as_str().unwrap());
        format!("{} {rule}: {because} ({})", waived["line"], waived["waiver_line"])
    };
    report["waived"].as_array().unwrap().iter().map(one).collect()
}

/// A script, what is found in it, and what is waived.
type Case<'a> = (&'a str, &'a [&'a str], &'a [&'a str]);

#[track_caller]
fn check(cases: &[Case<'_>]) {
    let world = World::new();
    for (script, found, vouched) in cases {
        write(&world, "x.sh", script);
        let report = json(&world, &["--fail-on", "low", "x.sh"], i32::from(!found.is_empty()));
        let found: Vec<String> = found.iter().map(|place| format!("x.sh:{place}")).collect();
        assert_eq!(places(&report), found, "{script}");
        assert_eq!(waived(&report), *vouched, "{script}");
    }
}

#[test]
fn a_waiver_covers_one_command_and_one_rule() {
    check(&[
        (
            "true\nterraform destroy # tollgate: allow terraform/destroy because it is a test\n",
            &[],
            &["2 terraform/destroy: it is a test (2)"],
        ),
        (
            "true\n# tollgate: allow terraform/destroy because it is a test\n# and nothing else\nterraform destroy\n",
            &[],
            &["4 terraform/destroy: it is a test (2)"],
        ),
        // Of two on a line, each needs its own.
        (
            "rm -rf /; rm -rf /etc # tollgate: allow rm/system because x\n",
            &["1:11 rm/system"],
            &["1 rm/system: x (1)"],
        ),
        (
            "true\n# tollgate: allow rm/system because x\n# tollgate: allow rm/system because y\nrm -rf /; rm -rf /etc\n",
            &[],
            &["4 rm/system: x (2)", "4 rm/system: y (3)"],
        ),
        (
            "true\n# tollgate: allow rm/system because x\n# tollgate: allow terraform/destroy because y\n\
             rm -rf / && terraform destroy; rm -rf /etc\nrm -rf /usr\n",
            &["4:32 rm/system", "5:1 rm/system"],
            &["4 rm/system: x (2)", "4 terraform/destroy: y (3)"],
        ),
        // Commands over several lines.
        (
            "true\n# tollgate: allow rm/system because x\ncd / && \\\n  rm -rf \\\n  /\n",
            &[],
            &["4 rm/system: x (2)"],
        ),
        (
            "true\nterraform destroy \\\n  -auto-approve # tollgate: allow terraform/destroy because x\n",
            &[],
            &["2 terraform/destroy: x (3)"],
        ),
        // A loop runs one command.
        (
            "for x in /etc /usr; do\n  rm -rf $x # tollgate: allow rm/system because x\ndone\n",
            &[],
            &["2 rm/system: x (2)"],
        ),
        // What another rule says of the same command is told then.
        (
            "kubectl delete ns web # tollgate: allow kubectl/delete-namespace because x\n",
            &["1:1 kubectl/delete"],
            &["1 kubectl/delete-namespace: x (1)"],
        ),
        (
            "true\n# tollgate: allow kubectl/delete-namespace because x\n# tollgate: allow kubectl/delete because y\n\
             kubectl delete ns web\n",
            &[],
            &["4 kubectl/delete-namespace: x (2)", "4 kubectl/delete: y (3)"],
        ),
    ]);
}

#[test]
fn a_waiver_that_counts_for_nothing_is_a_finding() {
    let world = World::new();
    for (script, place, why) in [
        ("rm -rf / # tollgate: allow rm/system", "1:10", "gives no reason"),
        ("rm -rf / # tollgate: allow rm/system because", "1:10", "gives no reason"),
        ("rm -rf / # tollgate: allow rm/system, it is a test", "1:10", "gives no reason"),
        ("rm -rf / # tollgate: allow", "1:10", "names no rule"),
        ("rm -rf / # tollgate: allow rm/sytem because x", "1:10", "no such rule, did you mean `rm/system`?"),
        ("rm -rf / # tollgate: allow shell/unredable because x", "1:10", "no such rule"),
        ("rm -rf / # tollgate: allow * because x", "1:10", "names `*`, and there is no such rule"),
        ("rm -rf / # tollgate: allow rm because x", "1:10", "names `rm`, and there is no such rule"),
        ("rm -rf / # tollgate: allow scan/waiver because x", "1:10", "cannot be waived"),
        ("rm -rf / # tollgate: allow aws/s3/rb because x", "1:10", "covers nothing"),
        ("# tollgate: allow rm/system because x\n\nrm -rf /", "1:1", "covers nothing"),
        ("rm -rf /\n# tollgate: allow rm/system because x", "2:1", "covers nothing"),
        ("true\n# tollgate: allow rm/system because x\ntrue; echo\nrm -rf /", "2:1", "covers nothing"),
    ] {
        write(&world, "x.sh", script);
        let report = json(&world, &["x.sh"], 1);
        let both = places(&report);
        assert_eq!(both.len(), 2, "{script}: {both:?}");
        assert!(both.contains(&format!("x.sh:{place} scan/waiver")), "{script}: {both:?}");
        assert!(both.iter().any(|one| one.ends_with(" rm/system")), "{script}: {both:?}");
        let shown = scan(&world, &["x.sh"], 1);
        assert!(shown.contains(why), "{script}: {shown}");
    }
}

#[test]
fn text_that_looks_like_a_waiver_is_none() {
    check(&[
        ("rm -rf / '# tollgate: allow rm/system because x'\n", &["1:1 rm/system"], &[]),
        ("cat <<EOF\n# tollgate: allow rm/system because x\nEOF\nrm -rf /\n", &["4:1 rm/system"], &[]),
        ("echo '\n# tollgate: allow rm/system because x\n'; rm -rf /\n", &["3:4 rm/system"], &[]),
        ("rm -rf / #tollgate: allow rm/system because x\n", &[], &["1 rm/system: x (1)"]),
        ("# see tollgate: allow rm/system because x\nrm -rf /\n", &["2:1 rm/system"], &[]),
    ]);
}

#[test]
fn what_cannot_be_read_is_waived_where_the_file_begins_or_at_its_place() {
    check(&[
        (
            "#!/bin/sh\n# It is generated.\n# tollgate: allow scan/unread because x\n\ntrue\nif true; then (\n",
            &[],
            &["6 scan/unread: x (3)"],
        ),
        ("true\ntrue ) # tollgate: allow scan/unread because x\n", &[], &["2 scan/unread: x (2)"]),
        (
            "true\n\n# tollgate: allow scan/unread because x\ntrue\ntrue )\n",
            &["3:1 scan/waiver", "5:6 scan/unread"],
            &[],
        ),
    ]);
    // A file that is too long to be read still begins with its comments.
    let world = World::new();
    write(
        &world,
        "x.sh",
        format!(
            "#!/bin/sh\n# tollgate: allow scan/unread because x\n{}",
            format!("# {}\n", "x".repeat(1 << 10)).repeat(17 << 10)
        ),
    );
    assert_eq!(waived(&json(&world, &["x.sh"], 0)), ["1 scan/unread: x (2)"]);
}

#[test]
fn waived_commands_are_listed_at_the_end() {
    let world = World::new();
    write(
        &world,
        "x.sh",
        "terraform destroy # tollgate: allow terraform/destroy because it is torn down at night\n",
    );
    let expected = "\
waived:
  x.sh:1:1: terraform destroy (terraform/destroy)
    because: it is torn down at night

no findings; 1 file read; 1 waived
";
    assert_eq!(scan(&world, &["x.sh"], 0), expected);
}

#[test]
fn nothing_else_in_a_repository_loosens() {
    let world = World::new();
    write(&world, "x.sh", "terraform destroy\n");
    write(&world, ".tollgateignore", "*\n");
    write(&world, ".ignore", "*\n");
    let exempt =
        "version: 1\nexempt:\n  - rule: terraform/destroy\n    reason: none\n    expires: 2999-01-01\n";
    assert_eq!(places(&json(&world, &["."], 1)), ["./x.sh:1:1 terraform/destroy"]);
    write(&world, ".tollgate.yaml", exempt);
    assert_eq!(scan(&world, &["."], FAULT), "");
    fs::remove_file(world.project().join(".tollgate.yaml")).unwrap();
    // A person's own exemptions are for the person.
    world.write("home/.config/tollgate/rules/own.yaml", exempt);
    assert_eq!(places(&json(&world, &["."], 1)).len(), 1);
}

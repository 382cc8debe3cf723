//! The time from an argv to a verdict, without starting a process: reading the
//! built-in rules that a call needs, and judging by them.

use std::ffi::OsString;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tollgate::command::aws::operations::{by_name, find};
use tollgate::command::{Command, parse};
use tollgate::context::target::Target;
use tollgate::process::Environment;
use tollgate::rules::book::Rulebook;
use tollgate::rules::builtin::{Wanted, layer};
use tollgate::rules::environment::classify;
use tollgate::rules::judge::{always_allowed, judge};
use tollgate::rules::matching::Situation;
use tollgate::verdict::PrincipalKind;

fn command(tool: &str, words: &[&str], environment: &Environment) -> Command {
    let arguments: Vec<OsString> = words.iter().map(OsString::from).collect();
    parse(tool, &arguments, environment).unwrap_or_else(|error| unreachable!("{error}"))
}

fn book(tool: &str, command: &str) -> Rulebook {
    let scope = [Wanted { tool, command: Some(command) }];
    Rulebook { layers: layer(&scope).into_iter().collect() }
}

/// One tool's lines: one to parse, one that is allowed, one that is refused.
struct Lines<'a> {
    tool: &'a str,
    long: &'a [&'a str],
    allowed: &'a [&'a str],
    refused: &'a [&'a str],
}

fn verdicts(criterion: &mut Criterion) {
    for lines in [
        Lines {
            tool: "terraform",
            long: &["-chdir=x", "apply", "-auto-approve", "-var", "a=1"],
            allowed: &["plan"],
            refused: &["destroy", "-auto-approve"],
        },
        Lines {
            tool: "kubectl",
            long: &["-n", "web", "get", "pods", "-l", "app=web", "-oyaml", "--sort-by=.metadata.name"],
            allowed: &["get", "pods", "-n", "web"],
            refused: &["delete", "ns", "web"],
        },
        Lines {
            tool: "aws",
            long: &[
                "--reg=eu-west-1",
                "ec2",
                "describe-instances",
                "--filters",
                "Name=tag:Env,Values=prod,dev",
                "--query",
                "Reservations[].Instances[].InstanceId",
                "--output",
                "text",
            ],
            allowed: &["ec2", "describe-instances"],
            refused: &["ec2", "terminate-instances", "--instance-ids", "i-1"],
        },
    ] {
        of_tool(criterion, &lines);
    }
    let mut group = criterion.benchmark_group("aws");
    group.bench_function("look an operation up", |bencher| {
        bencher.iter(|| find(black_box("ec2 terminate-instances")));
    });
    group.bench_function("judge an operation by its name", |bencher| {
        bencher.iter(|| by_name(black_box("ec2"), black_box("delete-what-nobody-knows")));
    });
    group.finish();
}

fn of_tool(criterion: &mut Criterion, lines: &Lines<'_>) {
    let Lines { tool, long, allowed, refused } = *lines;
    let environment = Environment::default();
    let mut group = criterion.benchmark_group(tool);
    group.bench_function("parse", |bencher| bencher.iter(|| command(tool, black_box(long), &environment)));
    let allowed = command(tool, allowed, &environment);
    let name = allowed.name();
    group.bench_function("read the rules", |bencher| bencher.iter(|| book(tool, black_box(&name))));
    let rules = book(tool, &name);
    group.bench_function("allow", |bencher| {
        bencher.iter(|| always_allowed(black_box(&rules), &allowed, &environment));
    });
    let refused = command(tool, refused, &environment);
    let rules = book(tool, &refused.name());
    let target = Target::default();
    let place = classify(&rules, &target, PrincipalKind::Agent);
    let situation = Situation { principal: PrincipalKind::Agent, target: &target, place: &place };
    group.bench_function("refuse", |bencher| {
        bencher.iter(|| judge(black_box(&rules), &refused, &environment, situation, "2027-01-01"));
    });
    group.finish();
}

criterion_group!(benches, verdicts);
criterion_main!(benches);

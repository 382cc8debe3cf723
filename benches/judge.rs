//! The time from an argv to a verdict, without starting a process: reading the
//! built-in rules that a call needs, and judging by them.

use std::ffi::OsString;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tollgate::command::{Command, parse};
use tollgate::context::target::Target;
use tollgate::process::Environment;
use tollgate::rules::book::Rulebook;
use tollgate::rules::builtin::{Wanted, layer};
use tollgate::rules::environment::classify;
use tollgate::rules::judge::{always_allowed, judge};
use tollgate::rules::matching::Situation;
use tollgate::verdict::PrincipalKind;

fn command(words: &[&str], environment: &Environment) -> Command {
    let arguments: Vec<OsString> = words.iter().map(OsString::from).collect();
    parse("terraform", &arguments, environment).unwrap_or_else(|error| unreachable!("{error}"))
}

fn book(command: &str) -> Rulebook {
    let scope = [Wanted { tool: "terraform", command: Some(command) }];
    Rulebook { layers: layer(&scope).into_iter().collect() }
}

fn verdicts(criterion: &mut Criterion) {
    let environment = Environment::default();
    let mut group = criterion.benchmark_group("terraform");
    group.bench_function("parse", |bencher| {
        bencher.iter(|| {
            command(black_box(&["-chdir=x", "apply", "-auto-approve", "-var", "a=1"]), &environment)
        });
    });
    group.bench_function("read the rules", |bencher| bencher.iter(|| book(black_box("plan"))));
    let (plan, rules) = (command(&["plan"], &environment), book("plan"));
    group.bench_function("allow", |bencher| {
        bencher.iter(|| always_allowed(black_box(&rules), &plan, &environment));
    });
    let (destroy, rules) = (command(&["destroy", "-auto-approve"], &environment), book("destroy"));
    let target = Target::default();
    let place = classify(&rules, &target, PrincipalKind::Agent);
    let situation = Situation { principal: PrincipalKind::Agent, target: &target, place: &place };
    group.bench_function("refuse", |bencher| {
        bencher.iter(|| judge(black_box(&rules), &destroy, &environment, situation, "2027-01-01"));
    });
    group.finish();
}

criterion_group!(benches, verdicts);
criterion_main!(benches);

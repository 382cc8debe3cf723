//! `asked.txt`: what an agent meets most often that is not everyday. It is refused for the
//! rule that stands there, and told how to get it approved; nothing happens.

use std::fmt::Write as _;

use super::desk::{Caller, Desk};
use super::table::{Kind, section};
use crate::support::world::REFUSED;

fn run(tool: &str) {
    let Some(desk) = Desk::of(tool) else { return };
    let mut wrong = String::new();
    for step in section("asked.txt", tool) {
        match step.kind {
            Kind::Given => desk.make_ready(&step),
            Kind::Then => {
                let ran = desk.real(&step.line);
                if ran.code != Some(0) || !ran.text.contains(&step.expected) {
                    writeln!(wrong, "{}: {}\n    {ran:?}", step.place, step.line).unwrap();
                }
            }
            Kind::Run => {
                let (code, rule) = step.outcome();
                let ran = desk.run(&step.line, Caller::Agent);
                // What a plan says comes before.
                let told =
                    ran.text.contains("tollgate: refused: ") && ran.text.contains(&format!("(rule {rule}, "));
                if ran.code != Some(code) || !told || !ran.text.contains("tollgate approve ") {
                    writeln!(wrong, "{}: {}\n    {:?} {}", step.place, step.line, ran.code, ran.text)
                        .unwrap();
                }
                assert_eq!(code, REFUSED, "{}: nothing here runs", step.place);
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(desk.recorded().iter().all(|entry| entry["type"] != "exec"), "{tool}: something ran");
    desk.world.assert_intact();
}

#[test]
fn an_agents_terraform_is_asked_about() {
    run("terraform");
}

#[test]
fn an_agents_kubectl_is_asked_about() {
    run("kubectl");
}

#[test]
fn an_agents_aws_is_asked_about() {
    run("aws");
}

#[test]
fn an_agents_helm_is_asked_about() {
    run("helm");
}

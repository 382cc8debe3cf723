//! Where a plan was made to be applied, held against where the command would act: what chooses
//! that may be another file by the time that the plan is made, and a saved plan brings its own.

use super::snapshot::{Place, SnapshotError};
use crate::context::target::Target;
use crate::context::terraform::{NO_BACKEND, planned};
use crate::impact::Impact;
use crate::ui::{chain, sanitize};
use crate::verdict::Fact;

/// Tells of the place of a plan whatever `target`, found before, does not have.
pub(super) fn tell(impact: &mut Impact, target: &Target, place: Result<Place, SnapshotError>) {
    let place = match place {
        Ok(place) => place,
        Err(error) => {
            let why = chain(&error);
            impact.target.cannot_read(format!("the workspace and the backend of the plan: {why}"));
            impact.notes.push(format!("the workspace and the backend of the plan cannot be told: {why}"));
            return;
        }
    };
    let own = planned(&place.workspace, &place.kind, &place.config);
    for (fact, what) in [(Fact::Workspace, "workspace"), (Fact::Backend, "backend")] {
        let chosen: Vec<&str> = target.proven(fact).collect();
        for value in own.proven(fact).filter(|value| !chosen.contains(value)) {
            if chosen.is_empty() && value == NO_BACKEND {
                continue;
            }
            let chosen = if chosen.is_empty() { "none".to_owned() } else { chosen.join(", ") };
            impact.notes.push(format!(
                "the plan was made for the {what} {}, and chosen is {}: it is judged as being in both",
                sanitize::text(value),
                sanitize::text(&chosen)
            ));
            impact.target.add(fact, value);
        }
    }
    for why in own.unreadable() {
        impact.target.cannot_read(why.clone());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn told(workspace: &str, kind: &str, config: Value, chosen: &[(Fact, &str)]) -> Impact {
        let mut target = Target::default();
        for (fact, value) in chosen {
            target.add(*fact, *value);
        }
        let mut impact = Impact::default();
        let place = Place { kind: kind.to_owned(), config, workspace: workspace.to_owned() };
        tell(&mut impact, &target, Ok(place));
        impact
    }

    #[test]
    fn a_plan_for_another_place_is_in_both() {
        let s3 = || json!({"bucket": "acme-prod", "key": "net"});
        let local = || json!({"path": null, "workspace_dir": null});
        let dev = (Fact::Workspace, "dev");
        let there = (Fact::Backend, "s3://acme-prod/net");
        for (workspace, kind, config, chosen, found) in [
            ("dev", "local", local(), vec![dev], vec![]),
            ("dev", "s3", s3(), vec![dev, there], vec![]),
            ("dev", "s3", s3(), vec![dev, (Fact::Workspace, "other"), there], vec![]),
            ("prod", "local", local(), vec![dev], vec!["prod"]),
            ("prod", "s3", s3(), vec![dev, there], vec!["prod"]),
            ("prod", "s3", s3(), vec![dev], vec!["prod", "s3://acme-prod/net"]),
            ("dev", "s3", s3(), vec![dev], vec!["s3://acme-prod/net"]),
            ("dev", "s3", s3(), vec![dev, (Fact::Backend, "s3://acme-dev/net")], vec!["s3://acme-prod/net"]),
            ("dev", "local", local(), vec![dev, there], vec!["local://"]),
            ("dev", "local", json!({"path": "x"}), vec![dev], vec!["local://x"]),
        ] {
            let impact = told(workspace, kind, config, &chosen);
            let facts = impact.target.proven(Fact::Workspace).chain(impact.target.proven(Fact::Backend));
            assert_eq!(facts.collect::<Vec<_>>(), found, "{workspace} {kind} {chosen:?}");
            assert_eq!(impact.notes.is_empty(), found.is_empty(), "{:?}", impact.notes);
        }
    }

    #[test]
    fn a_claim_is_no_choice() {
        let mut target = Target::default();
        target.add(Fact::Workspace, "dev");
        target.claim(Fact::Backend, "s3://b");
        let mut impact = Impact::default();
        let place = Place { kind: "s3".into(), config: json!({"bucket": "b"}), workspace: "dev".into() };
        tell(&mut impact, &target, Ok(place));
        assert_eq!(impact.target.proven(Fact::Backend).collect::<Vec<_>>(), ["s3://b"]);
    }

    #[test]
    fn what_cannot_be_told_is_said() {
        let mut impact = Impact::default();
        tell(&mut impact, &Target::default(), Err(SnapshotError::Form("it is odd")));
        assert_eq!((impact.target.unreadable().len(), impact.notes.len()), (1, 1));
    }
}

//! `terraform apply -auto-approve` on production, although the plan showed deletions
//! inside what was meant as an update.

use super::desk::Desk;
use super::project::Project;

/// Where the local backend keeps the state of the workspace `prod`.
const PRODUCTION: &str = "terraform.tfstate.d/prod/terraform.tfstate";
const LINE: &str = "terraform apply -auto-approve";

/// Nodes in the workspace `prod`, and then a change that means to be small: a setting,
/// and a list from which a name is gone.
fn changed() -> Option<Desk> {
    let mut desk = Project::Nodes.bare()?;
    desk.real("terraform init");
    desk.real("terraform workspace new prod");
    desk.real(LINE);
    desk.set("TF_IN_AUTOMATION", "1");
    desk.edit("main.tf", r#""30s""#, r#""60s""#);
    desk.edit("main.tf", r#"["a", "b", "c"]"#, r#"["a", "c"]"#);
    Some(desk)
}

#[test]
fn the_deletions_are_told_and_nothing_is_applied() {
    let Some(desk) = changed() else { return };
    let before = desk.bytes(PRODUCTION);
    let refusal = desk.refused(LINE);
    refusal.says(&[
        "(rule plan/acme-environment, critical)",
        "target:   environment prod, ",
        "workspace prod",
        "would:    1 to destroy, 1 to change",
        "destroy terraform_data.node[\"b\"]",
    ]);
    assert!(!refusal.text.contains("node[\"a\"]"), "{}", refusal.text);
    assert_eq!(desk.bytes(PRODUCTION), before);
    desk.assert_unlocked();

    let (signature, said) = desk.approved(LINE, &refusal);
    assert!(said.contains("0 added, 1 changed, 1 destroyed"), "{said}");
    let after = desk.bytes(PRODUCTION);
    desk.edit("main.tf", r#"["a", "c"]"#, r#"["c"]"#);
    desk.assert_spent(LINE, &signature);
    assert_eq!(desk.bytes(PRODUCTION), after);
}

/// The plan that was approved is what runs, not a later one that deletes more.
#[test]
fn a_plan_that_grew_since_is_not_the_one_that_was_approved() {
    let Some(desk) = changed() else { return };
    let before = desk.bytes(PRODUCTION);
    let refusal = desk.refused(LINE);
    let signature = desk.room.sign("bob", &refusal.request);
    desk.edit("main.tf", r#"["a", "c"]"#, "[]");
    let output = desk.with(LINE, &signature).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(77), "{told}");
    assert!(told.contains("what it reads has changed: main.tf"), "{told}");
    assert_eq!(desk.bytes(PRODUCTION), before);
    desk.assert_unlocked();
}

/// The setting alone: a peer's in production as every write is, and in no other place.
#[test]
fn the_narrower_apply_deletes_nothing() {
    let Some(desk) = changed() else { return };
    let line = "terraform apply -auto-approve -target=terraform_data.settings";
    let refusal = desk.refused(line);
    assert!(!refusal.text.contains("terraform_data.node"), "{}", refusal.text);
    let (_, said) = desk.approved(line, &refusal);
    assert!(said.contains("0 added, 1 changed, 0 destroyed"), "{said}");

    let Some(staging) = Project::Nodes.desk() else { return };
    staging.edit("main.tf", r#""30s""#, r#""60s""#);
    staging.edit("main.tf", r#"["a", "b", "c"]"#, r#"["a", "c"]"#);
    let said = staging.passes(line);
    assert!(said.contains("0 added, 1 changed, 0 destroyed"), "{said}");
    staging.refused(LINE).says(&["terraform_data.node[\"b\"]"]);
}

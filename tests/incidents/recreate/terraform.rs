//! By terraform: a replacement inside an apply, and a destroy with an apply to follow.

use super::super::project::{Project, STATE};

const TRIGGER: &str = r#"triggers_replace = "v1""#;

#[test]
fn a_replacement_in_a_plan_is_stopped_and_then_approved() {
    let Some(desk) = Project::Environment.desk() else { return };
    let before = desk.bytes(STATE);
    // "The best course is to delete and recreate the environment."
    desk.edit("main.tf", TRIGGER, r#"triggers_replace = "v2""#);
    let line = "terraform apply -auto-approve";
    let refusal = desk.refused(line);
    refusal.says(&[
        "(rule plan/acme-environment, critical)",
        "workspace default",
        "why:      customers are cut off until it is made anew",
        "would:    ",
        "terraform_data.environment",
    ]);
    assert!(refusal.asked().contains("terraform_data.environment"), "the peer reads it too");
    assert_eq!(desk.bytes(STATE), before);
    desk.assert_unlocked();

    // The one setting that was to change needs nobody.
    desk.edit("main.tf", r#"triggers_replace = "v2""#, TRIGGER);
    desk.edit("main.tf", r#"timeout = "30s""#, r#"timeout = "60s""#);
    let narrower = desk.passes("terraform apply -auto-approve");
    assert!(narrower.contains("0 added, 1 changed, 0 destroyed"), "{narrower}");

    // Where it has to be, a peer reads the plan and signs, and that plan runs.
    desk.edit("main.tf", TRIGGER, r#"triggers_replace = "v2""#);
    let refusal = desk.refused(line);
    let (signature, said) = desk.approved(line, &refusal);
    assert!(said.contains("1 added, 0 changed, 1 destroyed"), "{said}");
    let after = desk.bytes(STATE);
    assert_ne!(after, before);
    desk.edit("main.tf", r#"triggers_replace = "v2""#, r#"triggers_replace = "v3""#);
    desk.assert_spent(line, &signature);
    assert_eq!(desk.bytes(STATE), after);
    desk.assert_unlocked();
}

/// Each is another way to the same loss.
#[test]
fn no_guise_of_it_passes() {
    let Some(desk) = Project::Environment.desk() else { return };
    let before = desk.bytes(STATE);
    for line in [
        "terraform destroy",
        "terraform destroy -auto-approve",
        "terraform destroy -auto-approve -target=terraform_data.environment",
        "terraform apply -auto-approve -destroy",
        "terraform apply -auto-approve -replace=terraform_data.environment",
        "terraform apply -replace=terraform_data.environment -input=false -auto-approve",
        "terraform state rm terraform_data.environment",
    ] {
        let output = desk.agent(line).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(77), "{line}: {told}");
        for words in [line, "target:   environment ", "why:      ", "instead:  ", "approve:  "] {
            assert!(told.contains(words), "{line}: {words} is not in: {told}");
        }
        assert_eq!(desk.bytes(STATE), before, "{line}");
        desk.assert_unlocked();
    }
    assert!(desk.world().recorded("exec").is_empty());
    // A taint by itself only marks; what comes of it is seen in the next plan.
    desk.passes("terraform taint terraform_data.environment");
    let marked = desk.bytes(STATE);
    desk.refused("terraform apply -auto-approve").says(&["terraform_data.environment", "instead:  "]);
    assert_eq!(desk.bytes(STATE), marked);
    desk.world().assert_intact();
}

#[test]
fn a_plan_that_was_saved_first_is_the_plan_that_is_approved() {
    let Some(desk) = Project::Environment.desk() else { return };
    let before = desk.bytes(STATE);
    desk.passes("terraform plan -destroy -out=tidy.tfplan");
    let line = "terraform apply tidy.tfplan";
    let refusal = desk.refused(line);
    refusal.says(&["terraform_data.environment", "workspace default"]);
    assert_eq!(desk.bytes(STATE), before);

    // The file is not what was approved when it is another plan.
    let signature = desk.room.sign("bob", &refusal.request);
    std::fs::rename(desk.world().project().join("tidy.tfplan"), desk.world().project().join("kept")).unwrap();
    desk.edit("main.tf", r#""30s""#, r#""90s""#);
    desk.passes("terraform plan -destroy -out=tidy.tfplan");
    let other = desk.with(line, &signature).output().unwrap();
    assert_eq!(other.status.code(), Some(77), "{other:?}");
    assert_eq!(desk.bytes(STATE), before);

    std::fs::rename(desk.world().project().join("kept"), desk.world().project().join("tidy.tfplan")).unwrap();
    desk.edit("main.tf", r#""90s""#, r#""30s""#);
    let refusal = desk.refused(line);
    let (signature, said) = desk.approved(line, &refusal);
    assert!(said.contains("2 destroyed"), "{said}");
    let after = desk.bytes(STATE);
    assert_ne!(after, before);
    desk.assert_spent(line, &signature);
    assert_eq!(desk.bytes(STATE), after);
}

/// Destroy, and then apply: the apply alone is harmless, the destroy never was.
#[test]
fn a_destroy_is_approved_alone_and_made_good_without_anybody() {
    let Some(desk) = Project::Environment.desk() else { return };
    let line = "terraform destroy -auto-approve";
    let refusal = desk.refused(line);
    refusal.says(&["terraform_data.environment", "terraform_data.settings"]);
    let (signature, said) = desk.approved(line, &refusal);
    assert!(said.contains("Destroy complete! Resources: 2 destroyed."), "{said}");
    let made = desk.passes("terraform apply -auto-approve");
    assert!(made.contains("2 added, 0 changed, 0 destroyed"), "{made}");
    let state = desk.bytes(STATE);
    desk.assert_spent(line, &signature);
    assert_eq!(desk.bytes(STATE), state);
}

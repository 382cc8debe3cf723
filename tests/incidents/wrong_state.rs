//! `terraform destroy` against a state that was not the one that was meant.

use std::fs;

use super::desk::Desk;
use super::project::{Project, STATE};

const DESTROY: &str = "terraform destroy -auto-approve";

/// A platform in the workspaces `staging` and `course`; `staging` is selected.
fn two() -> Option<Desk> {
    let desk = Project::Platform.bare()?;
    desk.real("terraform init");
    for workspace in ["course", "staging"] {
        desk.real(&format!("terraform workspace new {workspace}"));
        desk.real("terraform apply -auto-approve");
    }
    Some(desk)
}

fn state_of(workspace: &str) -> String {
    format!("terraform.tfstate.d/{workspace}/terraform.tfstate")
}

#[test]
fn the_workspace_and_the_backend_are_named_before_anything_is_lost() {
    let Some(mut desk) = two() else { return };
    desk.refused(DESTROY).says(&["workspace staging", "terraform_data.database", "plan sha256:"]);
    let before = desk.bytes(&state_of("course"));
    desk.set("TF_WORKSPACE", "course");
    let refusal = desk.refused(DESTROY);
    refusal.says(&["workspace course", "terraform_data.database", "terraform_data.vpc"]);
    let asked = refusal.asked();
    assert!(asked.contains("course") && !asked.contains("staging"), "{asked}");
    assert_eq!(desk.bytes(&state_of("course")), before);
}

#[test]
fn an_approval_for_one_workspace_does_not_run_in_the_other() {
    let Some(desk) = two() else { return };
    let both = ["course", "staging"].map(|workspace| desk.bytes(&state_of(workspace)));
    let refusal = desk.refused(DESTROY);
    let signature = desk.room.sign("bob", &refusal.request);
    let mut elsewhere = desk.with(DESTROY, &signature);
    let told = desk.refuses(DESTROY, elsewhere.env("TF_WORKSPACE", "course"));
    told.says(&["it would act elsewhere: the workspace has changed", "workspace course"]);
    // Nor where the other one is selected for good.
    desk.real("terraform workspace select course");
    let told = desk.refuses(DESTROY, &mut desk.with(DESTROY, &signature));
    told.says(&["it would act elsewhere: the workspace has changed"]);
    assert_eq!(["course", "staging"].map(|workspace| desk.bytes(&state_of(workspace))), both);

    desk.real("terraform workspace select staging");
    let [course, staging] = both;
    let said = desk.with(DESTROY, &signature).output().unwrap();
    assert!(said.status.success(), "{said:?}");
    assert_eq!(desk.bytes(&state_of("course")), course);
    assert_ne!(desk.bytes(&state_of("staging")), staging);
    desk.real("terraform apply -auto-approve");
    desk.assert_spent(DESTROY, &signature);
    desk.world().assert_intact();
}

/// The directory of another project, whose state the copied `.terraform` leads to.
#[test]
fn a_copied_backend_leads_nowhere_unseen() {
    let Some(desk) = Project::Platform.bare() else { return };
    let key = desk.world().path("states/course.tfstate");
    fs::create_dir(desk.world().path("states")).unwrap();
    desk.write("backend.tf", "terraform {\n  backend \"local\" {}\n}\n");
    desk.real(&format!("terraform init -backend-config=path={}", key.display()));
    desk.real("terraform apply -auto-approve");
    let before = fs::read(&key).unwrap();
    let refusal = desk.refused(DESTROY);
    let named = key.display().to_string();
    refusal.says(&[&format!("backend local://{named}"), "terraform_data.database", "terraform_data.vpc"]);
    assert_eq!(fs::read(&key).unwrap(), before);

    // What was approved there does not run on the state of another key.
    let signature = desk.room.sign("bob", &refusal.request);
    let other = desk.world().path("states/other.tfstate");
    desk.real(&format!("terraform init -reconfigure -backend-config=path={}", other.display()));
    desk.real("terraform apply -auto-approve");
    let kept = fs::read(&other).unwrap();
    let told = desk.refuses(DESTROY, &mut desk.with(DESTROY, &signature));
    told.says(&["it would act elsewhere: ", &other.display().to_string()]);
    assert_eq!((fs::read(&key).unwrap(), fs::read(&other).unwrap()), (before.clone(), kept.clone()));

    desk.real(&format!("terraform init -reconfigure -backend-config=path={}", key.display()));
    let refusal = desk.refused(DESTROY);
    let (signature, said) = desk.approved(DESTROY, &refusal);
    assert!(said.contains("2 destroyed"), "{said}");
    assert_eq!(fs::read(&other).unwrap(), kept);
    desk.real("terraform apply -auto-approve");
    desk.assert_spent(DESTROY, &signature);
    assert!(!before.is_empty());
}

#[test]
fn a_state_that_is_named_on_the_line_is_named_in_the_refusal() {
    let Some(desk) = Project::Platform.desk() else { return };
    fs::copy(desk.world().project().join(STATE), desk.world().project().join("course.tfstate")).unwrap();
    let before = desk.bytes("course.tfstate");
    let line = "terraform destroy -auto-approve -state=course.tfstate";
    let refusal = desk.refused(line);
    refusal.says(&["course.tfstate", "terraform_data.database", "terraform_data.vpc"]);
    assert_eq!(desk.bytes("course.tfstate"), before);
    let own = desk.bytes(STATE);
    let (_, said) = desk.approved(line, &refusal);
    assert!(said.contains("2 destroyed"), "{said}");
    assert_ne!(desk.bytes("course.tfstate"), before);
    assert_eq!(desk.bytes(STATE), own);
}

/// A plan first, which needs nobody, shows what is in that state.
#[test]
fn a_plan_shows_it_without_asking() {
    let Some(desk) = two() else { return };
    let said = desk.passes("terraform plan -destroy");
    assert!(said.contains("0 to add, 0 to change, 2 to destroy"), "{said}");
    assert_eq!(desk.passes("terraform workspace show").trim(), "staging");
    desk.passes("terraform state list");
    assert!(desk.world().record().is_empty());
}

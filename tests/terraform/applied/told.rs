//! What a plan's file tells beside its JSON: what a `removed` block runs, and the place that it
//! was made for.

use std::fs;

use super::Ground;
use crate::support::world::{REFUSED, assert_code, is_human, text};

/// A ground where nothing but the shipped rules holds, with one resource in the root and one in a
/// module.
fn shipped() -> Option<Ground> {
    let ground = Ground::new()?;
    fs::remove_file(ground.world.path("home/.config/tollgate/rules/own.yaml")).unwrap();
    ground.world.write("network/m/main.tf", "resource \"terraform_data\" \"inner\" {}\n");
    ground.configure(
        "module \"m\" {\n  source = \"./m\"\n}\nresource \"terraform_data\" \"outer\" {\n  count = 2\n}\n",
    );
    ground.real(["init", "-input=false"]);
    ground.real(["apply", "-auto-approve"]);
    Some(ground)
}

#[test]
fn what_a_removed_block_runs_is_asked_about() {
    let Some(ground) = shipped() else { return };
    let run = "\n  provisioner \"local-exec\" {\n    when    = destroy\n    command = \"touch ran\"\n  }";
    let removed = |from: &str, run: &str| {
        format!("removed {{\n  from = {from}\n  lifecycle {{\n    destroy = true\n  }}{run}\n}}\n")
    };
    let call = "module \"m\" {\n  source = \"./m\"\n}\n";
    let outer = "resource \"terraform_data\" \"outer\" {\n  count = 2\n}\n";
    let project = ground.world.project();
    let before = ground.state();
    for (root, inner, address) in [
        (format!("{call}{}", removed("terraform_data.outer", run)), None, "terraform_data.outer[1]"),
        (
            format!("{outer}{}", removed("module.m.terraform_data.inner", run)),
            None,
            "module.m.terraform_data.inner",
        ),
        (
            format!("{outer}{call}"),
            Some(removed("terraform_data.inner", run)),
            "module.m.terraform_data.inner",
        ),
    ] {
        ground.configure(&root);
        let kept = fs::read_to_string(project.join("m/main.tf")).unwrap();
        fs::write(project.join("m/main.tf"), inner.as_ref().unwrap_or(&kept)).unwrap();
        let output = ground.agent(["apply", "-auto-approve", "-no-color"]).output().unwrap();
        assert_code(&output, REFUSED);
        let said = text(&output.stderr);
        assert!(said.contains(&format!("run local-exec with {address}")), "{said}");
        assert_eq!(ground.state(), before, "{root}");
        assert!(!project.join("ran").exists());
        fs::write(project.join("m/main.tf"), kept).unwrap();
    }
    // The same in JSON, in a plan that was saved.
    fs::write(project.join("main.tf"), outer).unwrap();
    let json = r#"{"removed": {"from": "module.m.terraform_data.inner", "lifecycle": {"destroy": true},
        "provisioner": {"local-exec": {"when": "destroy", "command": "touch ran"}}}}"#;
    fs::write(project.join("more.tf.json"), json).unwrap();
    ground.real(["plan", "-out=saved.tfplan"]);
    let output = ground.agent(["apply", "saved.tfplan"]).output().unwrap();
    assert_code(&output, REFUSED);
    assert!(text(&output.stderr).contains("run local-exec with module.m"), "{output:?}");
    fs::remove_file(project.join("more.tf.json")).unwrap();

    // Without a program they are as any other, and so is what goes with its whole module: then
    // terraform has nothing left to run.
    let quiet = |ground: &Ground| {
        let output = ground.agent(["apply", "-auto-approve", "-no-color"]).output().unwrap();
        let said = text(&output.stderr);
        assert!(said.contains("plan/delete-state-only") && !said.contains("local-exec"), "{said}");
    };
    ground.configure(&format!("{call}{}", removed("terraform_data.outer", "")));
    quiet(&ground);
    let inner = format!("resource \"terraform_data\" \"inner\" {{{run}\n}}\n");
    fs::write(project.join("m/main.tf"), inner).unwrap();
    ground.configure(outer);
    quiet(&ground);
    ground.real(["apply", "-auto-approve"]);
    assert!(!ground.state().contains("\"inner\"") && !project.join("ran").exists());
}

const MADE: &str = "resource \"terraform_data\" \"made\" {}\n";

#[test]
fn a_plan_acts_in_its_own_workspace() {
    let Some(ground) = Ground::new() else { return };
    ground.configure(MADE);
    ground.real(["plan", "-out=default.tfplan"]);
    ground.real(["workspace", "new", "prod"]);
    ground.real(["plan", "-out=prod.tfplan"]);
    ground.real(["workspace", "select", "default"]);
    let output = ground.agent(["apply", "prod.tfplan"]).output().unwrap();
    assert_code(&output, REFUSED);
    let said = text(&output.stderr);
    assert!(said.contains("the plan was made for the workspace prod, and chosen is default"), "{said}");
    assert_eq!(ground.state(), "");
    assert_code(&ground.agent(["apply", "default.tfplan"]).output().unwrap(), 0);
    assert!(ground.state().contains("\"made\""));
}

#[test]
fn a_workspace_that_is_flipped_while_it_plans_counts() {
    let Some(ground) = Ground::new() else { return };
    ground.configure(MADE);
    ground.real(["workspace", "new", "prod"]);
    ground.real(["workspace", "select", "default"]);
    fs::remove_file(ground.world.path("bin/terraform")).unwrap();
    let flips = "if [ \"$1\" = plan ]; then printf prod >.terraform/environment; fi";
    ground.world.script("bin/terraform", &format!("{flips}\nexec {} \"$@\"", ground.terraform.display()));
    let output = ground.agent(["apply", "-auto-approve"]).output().unwrap();
    assert_code(&output, REFUSED);
    assert!(text(&output.stderr).contains("made for the workspace prod"), "{output:?}");
    assert!(!ground.world.project().join("terraform.tfstate.d/prod/terraform.tfstate").exists());
}

#[test]
fn a_plan_acts_on_its_own_backend() {
    let Some(ground) = Ground::new() else { return };
    let backend = |path: &str| {
        ground.configure(&format!(
            "terraform {{\n  backend \"local\" {{\n    path = \"{path}\"\n  }}\n}}\n{MADE}"
        ));
        ground.real(["init", "-input=false", "-reconfigure"]);
    };
    backend("prod.tfstate");
    ground.real(["plan", "-out=prod.tfplan"]);
    backend("dev.tfstate");
    let output = ground.agent(["apply", "prod.tfplan"]).output().unwrap();
    assert_code(&output, REFUSED);
    let said = text(&output.stderr);
    let differs = "the plan was made for the backend local://prod.tfstate, and chosen is local://dev.tfstate";
    assert!(said.contains(differs), "{said}");
    assert!(!ground.world.project().join("prod.tfstate").exists());
    // What is recorded and what a plan says of the same backend is the same.
    assert_code(&ground.agent(["apply", "-auto-approve"]).output().unwrap(), 0);
    assert!(ground.world.project().join("dev.tfstate").exists());
}

/// What a `local-exec` runs is judged as the same line would be; everyday ones run.
#[test]
fn what_a_provisioner_runs_is_judged() {
    let Some(ground) = shipped() else { return };
    let project = ground.world.project();
    let run = |more: &str| {
        format!("resource \"terraform_data\" \"run\" {{\n  provisioner \"local-exec\" {{\n{more}\n  }}\n}}\n")
    };
    let before = ground.state();
    for (more, rule) in [
        ("    command = \"false && rm -rf /home\"", "rm/"),
        ("    command = \"false && /usr/bin/aws rds delete-db-instance --db-instance-identifier x\"", "aws/"),
        (
            "    command = \"aws rds delete-db-instance --db-instance-identifier x\"\n    interpreter = [\"bash\", \"-c\", \"false && $0\"]",
            "shell/unreadable",
        ),
        ("    command = \"rm -rf /home\"\n    interpreter = [\"bash\", \"-nc\"]", "rm/"),
        ("    command = \"false && rm -rf $WHERE\"\n    environment = { WHERE = \"/home\" }", "rm/"),
        ("    command = \"false && rm -rf home\"\n    working_dir = \"/\"", "rm/"),
        ("    command = \"false && kubectl delete namespace web\"", "kubectl/"),
        ("    command = \"sh ./clean.sh\"", "rm/"),
    ] {
        fs::write(project.join("clean.sh"), "false && rm -rf /home\n").unwrap();
        ground.configure(&run(more));
        let output = ground.agent(["apply", "-auto-approve", "-no-color"]).output().unwrap();
        assert_code(&output, REFUSED);
        let said = text(&output.stderr);
        assert!(said.contains(rule) && said.contains("terraform_data.run runs "), "{more}: {said}");
        assert_eq!(ground.state(), before, "{more}");
    }
    let mut all = "resource \"terraform_data\" \"other\" {}\nmodule \"m\" {\n  source = \"./m\"\n}\nresource \"terraform_data\" \"outer\" {\n  count = 2\n}\n".to_owned();
    for more in [
        "    command = \"echo ${self.id} > id\"",
        "    command = \"./script.sh\"\n    working_dir = path.module",
        "    command = \"echo hi && mkdir -p out && rm -rf out/cache && sleep 0\"",
        "    command = \"ansible-playbook --version || true\"",
        "    command = \"test -z $A || python3 -c 'print(1)'\"\n    environment = { A = terraform_data.other.id }",
        "    command = \"until true; do sleep 1; done\"\n    interpreter = [\"/bin/bash\", \"-ec\"]",
    ] {
        fs::write(project.join("script.sh"), "#!/bin/sh\ntouch \"$PWD/ran\"\n").unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(project.join("script.sh"), mode).unwrap();
        let name = format!("run{}", more.len());
        all.push_str(&run(more).replace("\"run\"", &format!("\"{name}\"")));
        ground.configure(&all);
        // That a program runs is all that is said of it, and nothing to ask a human about.
        let output = ground.agent(["apply", "-auto-approve", "-no-color"]).output().unwrap();
        assert_code(&output, REFUSED);
        let said = text(&output.stderr);
        assert!(
            said.contains("rule plan/run-program, medium") && !said.contains(&format!("{name} runs ")),
            "{more}: {said}"
        );
        if is_human() {
            let output = ground.human(["apply", "-auto-approve", "-no-color"]).output().unwrap();
            assert_code(&output, 0);
        }
    }
}

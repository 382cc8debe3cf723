//! What an agent may apply, and what it may not.

use std::fs;

use super::{CONFIGURATION, Ground, fed, steady};
use crate::support::world::{REFUSED, assert_code, text};

/// Words, and variables beside them.
type Call<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)]);

#[test]
fn an_agent_makes_and_changes_things() {
    let Some(ground) = Ground::new() else { return };
    let world = &ground.world;
    world.write("network/more.tfvars", "input = \"file\"\n");
    let cases: &[(Call<'_>, &str)] = &[
        ((&["apply", "-auto-approve", "-input=false"], &[]), "x"),
        ((&["apply", "-auto-approve"], &[]), "x"),
        ((&["apply", "-auto-approve", "-var", "input=two words"], &[]), "two words"),
        ((&["apply", "-auto-approve", "-var=input=three"], &[("TF_VAR_input", "env")]), "three"),
        ((&["apply", "-auto-approve"], &[("TF_VAR_input", "env")]), "env"),
        ((&["apply", "-auto-approve", "-var-file=more.tfvars"], &[]), "file"),
        ((&["apply"], &[("TF_CLI_ARGS_apply", "-auto-approve -var input=folded")]), "folded"),
        (
            (
                &["apply", "-auto-approve"],
                &[("TF_CLI_ARGS_plan", "-destroy"), ("TF_CLI_ARGS_show", "-no-color")],
            ),
            "x",
        ),
        ((&["apply", "-auto-approve", "-json", "-var=input=j"], &[]), "j"),
    ];
    for ((words, variables), input) in cases {
        let output = ground.agent(*words).envs(variables.iter().copied()).output().unwrap();
        assert_code(&output, 0);
        let state = ground.state();
        assert!(state.contains(&format!("\"value\": \"{input}\"")), "{words:?}: {state}");
    }
    fs::create_dir(world.project().join("sub")).unwrap();
    fs::rename(world.project().join("main.tf"), world.project().join("sub/main.tf")).unwrap();
    ground.real(["-chdir=sub", "init"]);
    assert_code(&ground.agent(["-chdir=sub", "apply", "-auto-approve"]).output().unwrap(), 0);
    assert!(world.project().join("sub/terraform.tfstate").exists());
    assert!(world.record().is_empty(), "what is allowed is not recorded");
}

/// The same bytes as without a shim, but for what is random.
#[test]
fn what_is_shown_is_what_terraform_shows() {
    let [Some(gated), Some(plain)] = [Ground::new(), Ground::new()] else { return };
    let cases: &[&[&str]] = &[
        &["apply", "-auto-approve"],
        &["apply", "-auto-approve", "-no-color"],
        &["apply", "-auto-approve", "-no-color", "-var=input=y"],
        &["apply", "-auto-approve", "-compact-warnings", "-var=input=z", "-parallelism=1"],
        &["apply", "-auto-approve", "-var-file=missing.tfvars"],
        &["apply", "-auto-approve", "-var"],
        &["apply", "-auto-approve", "-target=..."],
    ];
    for words in cases {
        let shim = gated.agent(*words).output().unwrap();
        let mut real = plain.quiet(plain.world.command(&plain.terraform));
        let real = real.args(*words).output().unwrap();
        assert_eq!(shim.status.code(), real.status.code(), "{words:?}");
        assert_eq!(steady(&shim.stdout), steady(&real.stdout), "{words:?}");
        // What `plan` says of a flag that it lacks is followed by its own usage.
        let first = |bytes: &[u8]| text(bytes).lines().take(7).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(first(&shim.stderr), first(&real.stderr), "{words:?}");
    }
}

#[test]
fn an_agent_takes_nothing_away() {
    let Some(ground) = Ground::applied() else { return };
    ground.real(["plan", "-destroy", "-out=destroy.tfplan"]);
    ground.real(["plan", "-var=v=2", "-out=replace.tfplan"]);
    let cases: &[Call<'_>] = &[
        (&["apply", "-auto-approve", "-input=false", "-var", "v=2"], &[]),
        (&["apply", "-auto-approve", "-replace=terraform_data.env"], &[]),
        (&["apply"], &[("TF_CLI_ARGS_apply", "-auto-approve -destroy")]),
        (&["apply", "-destroy"], &[]),
        (&["destroy", "-auto-approve"], &[]),
        (&["destroy", "-destroy=false"], &[]),
        (&[], &[("TF_CLI_ARGS", "destroy -auto-approve")]),
        (&["apply", "destroy.tfplan"], &[]),
        (&["apply", "-input=false", "replace.tfplan"], &[]),
        (&["apply", "-refresh-only", "replace.tfplan"], &[]),
        (&["apply", "-json", "-auto-approve", "-var=v=3"], &[]),
        (&["apply", "-auto-approve", "-var=v=4", "-state=terraform.tfstate"], &[]),
    ];
    let before = ground.state();
    for (words, variables) in cases {
        let mut command = ground.agent(*words);
        command.envs(variables.iter().copied());
        let output = fed(command, "yes\n".repeat(20).as_bytes());
        assert_code(&output, REFUSED);
        assert!(text(&output.stderr).contains("terraform_data.env"), "{words:?}: {output:?}");
        assert_eq!(ground.state(), before, "{words:?}");
    }
    ground.configure("removed {\n  from = terraform_data.env\n  lifecycle {\n    destroy = false\n  }\n}\n");
    assert_code(&ground.agent(["apply", "-auto-approve"]).output().unwrap(), REFUSED);
    assert_eq!(ground.state(), before);
}

/// What is no plan, or made where nobody can look at it, is judged by its words.
#[test]
fn what_cannot_be_looked_at_is_judged_by_its_words() {
    let Some(ground) = Ground::applied() else { return };
    let world = &ground.world;
    world.write("network/bookmark", r#"{"remote_plan_format":1,"run_id":"run-1","hostname":"app.example"}"#);
    nix::unistd::mkfifo(&world.project().join("fifo"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    for (file, why) in [
        ("bookmark", "it does not begin as a plan does"),
        ("fifo", "fifo is not a file"),
        ("/dev/zero", "/dev/zero is not a file"),
    ] {
        let output = ground.agent(["apply", file]).output().unwrap();
        assert_code(&output, REFUSED);
        let said = text(&output.stderr);
        assert!(said.contains(why) && said.contains("terraform/apply"), "{file}: {said}");
    }
    for kind in ["remote", "cloud"] {
        let backend = format!(r#"{{"backend":{{"type":"{kind}","config":{{"organization":"acme"}}}}}}"#);
        world.write("network/.terraform/terraform.tfstate", &backend);
        let output = ground.agent(["apply", "-auto-approve"]).output().unwrap();
        assert_code(&output, REFUSED);
        let said = text(&output.stderr);
        assert!(said.contains(&format!("the backend `{kind}` plans remotely")), "{said}");
        assert_eq!(text(&output.stdout), "");
    }
}

/// `-json` leaves nobody to ask, and terraform ends there.
#[test]
fn without_a_way_to_ask_nothing_is_planned() {
    let Some(ground) = Ground::new() else { return };
    let shim = ground.agent(["apply", "-json"]).output().unwrap();
    let real =
        ground.quiet(ground.world.command(&ground.terraform)).args(["apply", "-json"]).output().unwrap();
    assert_eq!((shim.status.code(), real.status.code()), (Some(1), Some(1)));
    let last = |bytes: &[u8]| -> serde_json::Value {
        let mut line: serde_json::Value = serde_json::from_str(text(bytes).lines().last().unwrap()).unwrap();
        line["@timestamp"] = "".into();
        line
    };
    assert_eq!(last(&shim.stdout), last(&real.stdout));
}

/// Values that a plan does not hold are given to `apply` again.
#[test]
fn ephemeral_values_reach_the_apply() {
    let Some(ground) = Ground::new() else { return };
    ground.configure(&format!(
        "{CONFIGURATION}\nvariable \"token\" {{\n  ephemeral = true\n}}\nlocals {{\n  unused = var.token\n}}\n"
    ));
    let output = ground.agent(["apply", "-auto-approve", "-var=token=t", "-var=input=e"]).output().unwrap();
    if text(&output.stderr).contains("Unsupported argument") {
        crate::support::tools::skipped("this terraform has no ephemeral variables");
        return;
    }
    assert_code(&output, 0);
}

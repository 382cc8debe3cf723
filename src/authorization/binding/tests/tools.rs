//! What each tool reads: a change of it is told by itself.

use super::*;

#[test]
fn each_change_of_what_terraform_reads_is_told_by_itself() {
    assert_told(&[
        (APPLY, |world| world.write("work/plan.bin", "other"), &["inputs.plan.bin"]),
        (APPLY, |world| world.write("work/prod.tfvars", "a = 2"), &["inputs.prod.tfvars"]),
        (APPLY, |world| world.write("work/x.auto.tfvars", ""), &["inputs.x.auto.tfvars"]),
        (APPLY, |world| world.write("work/new.tf", ""), &["inputs.new.tf"]),
        (APPLY, |world| world.write("work/net/main.tf", ""), &["inputs.module.net"]),
        (APPLY, |world| world.write("work/net/more.tf", ""), &["inputs.module.net"]),
        (APPLY, |world| world.write("work/data/a.json", "[]"), &["inputs.data/a.json"]),
        (APPLY, |world| world.write("work/.terraform.lock.hcl", ""), &["inputs..terraform.lock.hcl"]),
        (APPLY, |world| world.write("home/.terraformrc", "x"), &["inputs.ROOT/home/.terraformrc"]),
        (
            APPLY,
            |world| world.edit("home/.aws/config", "eu-west-1\n[profile base]", "eu-west-2\n[profile base]"),
            &["inputs.aws.config.prod"],
        ),
        (
            APPLY,
            |world| world.edit("work/.terraform/terraform.tfstate", r#""b""#, r#""other""#),
            &["target.backend", "inputs..terraform/terraform.tfstate"],
        ),
        (
            APPLY,
            |world| world.write("work/.terraform/environment", "dev"),
            &["target.workspace", "challenge", "inputs..terraform/environment"],
        ),
        (APPLY, |world| world.write("work/.terraform/environment", " prod\n"), &[]),
        (
            APPLY,
            |world| {
                world.edit("work/.terraform/modules/modules.json", "\"Key\":\"\"", "\"Key\":\"\", \"x\":1");
            },
            &[],
        ),
        (
            APPLY,
            |world| world.edit("work/.terraform/modules/modules.json", "./net", "./x"),
            &["inputs..terraform/modules/modules.json"],
        ),
        (APPLY, |world| world.write(".terraform-version", "1.0"), &["inputs.ROOT/.terraform-version"]),
        (APPLY, |world| world.write("work/README.md", ""), &[]),
        (
            "terraform destroy -var-file=link/../x.vars",
            |world| world.write("home/x.vars", "a = 2"),
            &["inputs.x.vars"],
        ),
        (APPLY, |world| world.write("work/terraform.tfstate", ""), &[]),
        (APPLY, |world| world.write("work/.terraform/providers/p", ""), &[]),
        (NEAR, |world| world.write("work/near/terraform.tfstate", "{ }"), &["inputs.state"]),
        (NEAR, |world| fs::remove_file(world.at("work/near/terraform.tfstate")).unwrap(), &["inputs.state"]),
        (NEAR, |world| world.write("work/near/other.tfstate", ""), &[]),
        (NEAR, |world| world.write("work/near/terraform.tfstate.d/dev/terraform.tfstate", ""), &[]),
        (
            "terraform -chdir=near workspace delete -force dev",
            |world| world.write("work/near/terraform.tfstate.d/dev/terraform.tfstate", ""),
            &["inputs.state"],
        ),
        (
            "terraform -chdir=near destroy -state=other.tfstate",
            |world| world.write("work/near/other.tfstate", ""),
            &["inputs.state"],
        ),
        ("terraform destroy -state=s", |world| world.write("work/s", ""), &["inputs.state"]),
        (ELSEWHERE, |world| world.write("work/elsewhere/kept.tfstate", ""), &["inputs.state"]),
        (ELSEWHERE, |world| world.write("work/elsewhere/own.tfstate", ""), &["inputs.state"]),
        (ELSEWHERE, |world| world.write("work/elsewhere/terraform.tfstate", ""), &[]),
        (
            "terragrunt run-all destroy",
            |world| world.write("work/near/terraform.tfstate", ""),
            &["inputs.state"],
        ),
        (NEAR, |world| world.write("work/near/s.sh", "S"), &["inputs.s.sh"]),
        (NEAR, |world| world.write("work/near/b.sh", "B"), &["inputs.b.sh"]),
    ]);
}

#[test]
fn what_terraform_takes_for_no_file_is_none() {
    const NONE: [&str; 2] = [".terraform/environment", ".terraform/modules/modules.json"];
    let world = World::new("terraform destroy");
    for name in NONE {
        fs::remove_file(world.at("work").join(name)).unwrap();
    }
    let before = world.facts().unwrap();
    assert!(NONE.iter().all(|name| before.inputs[*name] == "absent"), "{:?}", before.inputs);
    let root_alone = r#"{"Modules":[{"Key":"","Source":"","Dir":"."}]}"#;
    for (name, text) in [(NONE[0], "default\n"), (NONE[0], ""), (NONE[1], root_alone)] {
        world.write(&format!("work/{name}"), text);
        assert_eq!(before.differences(&world.facts().unwrap()), Ok(vec![]), "{name}: {text}");
    }
}

#[test]
fn each_change_of_what_kubectl_and_helm_read_is_told_by_itself() {
    assert_told(&[
        (DELETE, |world| world.write("work/k8s/sub/b.yaml", "c"), &["inputs.k8s/sub/b.yaml"]),
        (DELETE, |world| world.write("work/k8s/c.yaml", ""), &["inputs.k8s/c.yaml"]),
        (
            "kubectl -n ./k8s delete -f ./k8s",
            |world| {
                let modified = fs::metadata(world.at("work/k8s/a.yaml")).unwrap().modified().unwrap();
                world.write("work/k8s/a.yaml", "b");
                fs::File::open(world.at("work/k8s/a.yaml")).unwrap().set_modified(modified).unwrap();
            },
            &["inputs.k8s", "inputs.k8s/a.yaml"],
        ),
        ("kubectl -n big delete ns big", |world| world.write("work/big/x", ""), &[]),
        (
            "kubectl delete -f k8s/a.yaml,values.yaml",
            |world| world.write("work/values.yaml", ""),
            &["inputs.values.yaml"],
        ),
        ("kubectl delete -fk8s/a.yaml", |world| world.write("work/k8s/a.yaml", ""), &["inputs.k8s/a.yaml"]),
        ("kubectl delete -k overlay", |world| world.write("work/base/d.yaml", ""), &["inputs.base"]),
        ("kubectl delete -k overlay", |world| world.write("work/extra.yaml", ""), &["inputs.extra.yaml"]),
        (
            DELETE,
            |world| world.edit("home/.kube/config", "https://prod.", "https://evil."),
            &["target.server", "inputs.kubeconfig.cluster"],
        ),
        (
            DELETE,
            |world| world.edit("home/.kube/config", "cluster: prod, user", "cluster: dev, user"),
            &[
                "target.cluster",
                "target.context",
                "target.server",
                "inputs.ROOT/home/.kube/ca.pem",
                "inputs.kubeconfig.cluster",
                "inputs.kubeconfig.context",
            ],
        ),
        (DELETE, |world| world.edit("home/.kube/config", "t0ps", "other"), &["inputs.kubeconfig.user"]),
        (DELETE, |world| world.write("home/.kube/ca.pem", "x"), &["inputs.ROOT/home/.kube/ca.pem"]),
        (DELETE, |world| world.edit("home/.kube/config", "https://dev.", "https://x."), &[]),
        (DELETE, |world| world.edit("home/.kube/config", "get-token", "x"), &[]),
        (DELETE, |world| world.edit("home/.aws/config", "eu-west-1", "x"), &[]),
        (
            "kubectl --context dev delete ns x",
            |world| world.edit("home/.aws/config", "eu-west-1\n[profile base]", "x\n[profile base]"),
            &["inputs.aws.config.prod"],
        ),
        (
            "kubectl --context dev delete ns x",
            |world| world.write("bin/aws", "#!/bin/sh\n#"),
            &["inputs.ROOT/bin/aws"],
        ),
        (
            "kubectl --user cred delete ns x",
            |world| world.write("work/near/s.sh", "S"),
            &["inputs.ROOT/work/near/s.sh"],
        ),
        (
            "kubectl --user cred delete ns x",
            |world| world.write("work/near/b.sh", "B"),
            &["inputs.ROOT/work/near/b.sh"],
        ),
        ("kubectl frobnicate x", |world| world.write("work/near/s.sh", "S"), &["inputs.ROOT/work/near/s.sh"]),
        (
            "kubectl frobnicate x",
            |world| world.write("bin/kubectl-frobnicate", "#!/bin/sh\n#"),
            &["inputs.ROOT/bin/kubectl-frobnicate"],
        ),
        (
            "kubectl frobnicate x",
            |world| world.edit("home/.kube/config", "https://dev.", "https://x."),
            &["inputs.kubeconfig"],
        ),
        (
            "kubectl delete ns x",
            |world| world.write("home/.kube/kuberc", ""),
            &["inputs.ROOT/home/.kube/kuberc"],
        ),
        (
            "helm upgrade x ./chart -f values.yaml",
            |world| world.write("work/chart/new", ""),
            &["inputs.chart"],
        ),
        (
            "helm upgrade x ./chart -f values.yaml",
            |world| world.write("work/values.yaml", ""),
            &["inputs.values.yaml"],
        ),
        (
            "helm uninstall x",
            |world| world.edit("home/.kube/config", "https://prod.", "https://evil."),
            &["target.server", "inputs.kubeconfig.cluster"],
        ),
    ]);
}

#[test]
fn each_change_of_what_aws_and_others_read_is_told_by_itself() {
    assert_told(&[
        (RDS, |world| world.edit("work/body.json", "{", "{ "), &["inputs.body.json"]),
        (
            RDS,
            |world| world.edit("home/.aws/config", "role/ops", "role/x"),
            &["target.role", "inputs.aws.config.prod"],
        ),
        (
            RDS,
            |world| world.edit("home/.aws/config", "[profile base]\n", "[profile base]\nx = 1\n"),
            &["inputs.aws.config.base"],
        ),
        (RDS, |world| world.edit("home/.aws/credentials", "= s", "= t"), &["inputs.aws.credentials.base"]),
        (RDS, |world| world.edit("home/.aws/config", "[profile dev]\n", "[profile dev]\nx = 1\n"), &[]),
        (
            "aws rds delete-db-instance --profile cred",
            |world| world.write("work/near/s.sh", "S"),
            &["inputs.ROOT/work/near/s.sh"],
        ),
        (RDS, |world| world.write("home/.aws/cli/alias", ""), &["inputs.ROOT/home/.aws/cli/alias"]),
        (
            "aws s3 sync site s3://b --delete",
            |world| world.write("work/site/index.html", "<html >"),
            &["inputs.site"],
        ),
        ("rm -rf big", |world| world.write("work/big/y", ""), &["inputs.big"]),
        (
            "rm -rf big",
            |world| {
                let modified = fs::metadata(world.at("work/big/x")).unwrap().modified().unwrap();
                world.write("work/big/x", "y");
                fs::File::open(world.at("work/big/x")).unwrap().set_modified(modified).unwrap();
            },
            &["inputs.big"],
        ),
        (
            "aws s3 mv site/index.html s3://b/x",
            |world| world.write("work/site/index.html", "<HTML>"),
            &["inputs.site/index.html"],
        ),
    ]);
}

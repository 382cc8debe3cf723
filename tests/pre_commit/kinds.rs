//! What reaches scan: every kind of file that it reads, and nothing that is no text.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::{SYSTEM, Scene, printed};
use crate::support::world::{Run, assert_code};

/// A file of each kind, with a command that destroys.
const KINDS: [(&str, &str); 24] = [
    ("deploy.sh", "aws s3 rb s3://backups --force\n"),
    ("deploy.ksh", "aws s3 rb s3://backups --force\n"),
    (".envrc", "aws s3 rb s3://backups --force\n"),
    ("bin/executable", "#!/usr/bin/env bash\naws s3 rb s3://backups --force\n"),
    // pre-commit looks for the interpreter of executable files alone.
    ("bin/sourced", "#!/bin/sh\naws s3 rb s3://backups --force\n"),
    ("bin/python.py", "#!/bin/sh\naws s3 rb s3://backups --force\n"),
    ("Makefile", "clean:\n\taws s3 rb s3://backups --force\n"),
    ("make/clean.mk", "clean:\n\taws s3 rb s3://backups --force\n"),
    ("justfile", "clean:\n    aws s3 rb s3://backups --force\n"),
    ("make/clean.just", "clean:\n    aws s3 rb s3://backups --force\n"),
    ("Dockerfile", "FROM debian\nRUN aws s3 rb s3://backups --force\n"),
    ("image/Dockerfile.clean", "FROM debian\nRUN aws s3 rb s3://backups --force\n"),
    ("image/clean.Dockerfile", "FROM debian\nRUN aws s3 rb s3://backups --force\n"),
    ("image/Containerfile", "FROM debian\nRUN aws s3 rb s3://backups --force\n"),
    (
        ".github/workflows/clean.yml",
        "on: push\njobs:\n  clean:\n    runs-on: ubuntu-24.04\n    steps:\n\
        \x20     - run: aws s3 rb s3://backups --force\n",
    ),
    (
        "clean/action.yml",
        "name: clean\nruns:\n  using: composite\n  steps:\n\
        \x20   - run: aws s3 rb s3://backups --force\n      shell: bash\n",
    ),
    (".gitlab-ci.yml", "clean:\n  script:\n    - aws s3 rb s3://backups --force\n"),
    ("package.json", "{\"scripts\": {\"clean\": \"aws s3 rb s3://backups --force\"}}\n"),
    ("Taskfile.yml", "version: '3'\ntasks:\n  clean:\n    cmds:\n      - aws s3 rb s3://backups --force\n"),
    ("main.tf", PROVISIONER),
    ("modules/main.tofu", PROVISIONER),
    (
        "modules/main.tf.json",
        r#"{"resource": {"null_resource": {"clean": {"provisioner": [
            {"local-exec": {"command": "aws s3 rb s3://backups --force"}}]}}}}"#,
    ),
    ("plan.json", PLAN),
    ("a name; with blanks.sh", "aws s3 rb s3://backups --force\n"),
];

const PROVISIONER: &str = "resource \"null_resource\" \"clean\" {\n  provisioner \"local-exec\" {\n\
    \x20   command = \"aws s3 rb s3://backups --force\"\n  }\n}\n";

pub(super) const PLAN: &str = r#"{"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [{
    "address": "aws_db_instance.main", "mode": "managed", "type": "aws_db_instance", "name": "main",
    "provider_name": "registry.terraform.io/hashicorp/aws",
    "change": {"actions": ["delete"], "before": {"identifier": "main"}, "after": null, "after_unknown": {},
        "before_sensitive": {}, "after_sensitive": false}}]}"#;

fn write(scene: &Scene) {
    for (name, content) in KINDS {
        scene.write(name, content);
    }
    let executable = scene.world.project().join("bin/executable");
    fs::set_permissions(executable, Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn every_kind_of_file_is_handed_to_scan() {
    let Some(scene) = Scene::new(SYSTEM) else { return };
    fs::remove_file(scene.world.path("bin/tollgate")).unwrap();
    scene.world.stub_at("bin/tollgate", "[ -d .git ]");
    write(&scene);
    // Names that would be options without the `--`.
    scene.write("--help", "#!/bin/sh\n");
    scene.write("-h.sh", "");
    scene.write("picture", "\0\u{1}\u{2}");
    symlink("deploy.sh", scene.world.project().join("link.sh")).unwrap();
    let below = scene.world.project().join("image");
    scene.git(&["add", "--all"]);
    let output = scene.command("git").args(["commit", "-m", "next"]).current_dir(below).output().unwrap();
    assert_code(&output, 0);

    let Run { arguments, .. } = scene.world.ran();
    let arguments: Vec<&str> = arguments.iter().map(|argument| argument.to_str().unwrap()).collect();
    assert_eq!(arguments[..2], ["scan", "--"]);
    let handed: BTreeSet<&str> = arguments[2..].iter().copied().collect();
    let mut wanted: BTreeSet<&str> = KINDS.iter().map(|(name, _)| *name).collect();
    wanted.extend(["--help", "-h.sh", ".pre-commit-config.yaml"]);
    assert_eq!(handed, wanted);
}

#[test]
fn every_kind_of_file_is_refused() {
    let Some(scene) = Scene::new(SYSTEM) else { return };
    write(&scene);
    scene.git(&["add", "--all"]);
    let output = scene.pre_commit(&["run", "--all-files"]).output().unwrap();
    assert_code(&output, 1);
    let printed = printed(&output);
    let told = |name: &str| printed.lines().any(|line| line.starts_with(&format!("{name}:")));
    let untold: Vec<&str> = KINDS.iter().map(|(name, _)| *name).filter(|name| !told(name)).collect();
    assert!(untold.is_empty(), "nothing of {untold:?} in\n{printed}");
}

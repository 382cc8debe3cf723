//! docs/ci.md and the examples beside it: they are what they say, and work.

use std::fs;
use std::path::Path;

use serde_yaml::Value;

use super::{SYSTEM, Scene, printed};
use crate::support::world::{World, assert_code, text, tollgate};

fn document(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)).unwrap()
}

fn example(name: &str) -> Value {
    serde_yaml::from_str(&document(&format!("examples/{name}"))).unwrap()
}

/// The blocks of docs/ci.md in this language.
fn blocks(language: &str) -> Vec<String> {
    let page = document("ci.md");
    let fenced = page.split("\n```").skip(1).step_by(2);
    fenced.filter_map(|block| block.strip_prefix(&format!("{language}\n")).map(str::to_owned)).collect()
}

/// The steps of the GitHub workflow.
fn steps() -> Vec<Value> {
    example("scan.yml")["jobs"]["scan"]["steps"].as_sequence().unwrap().clone()
}

/// What a step runs, where it runs tollgate.
fn command(step: &Value) -> Option<&str> {
    step["run"].as_str().filter(|line| line.starts_with("tollgate "))
}

#[test]
fn the_workflow_may_do_no_more_than_it_has_to() {
    let workflow = example("scan.yml");
    assert!(workflow["permissions"].as_mapping().unwrap().is_empty());
    let granted = workflow["jobs"]["scan"]["permissions"].as_mapping().unwrap();
    let granted: Vec<_> =
        granted.iter().map(|(name, how)| (name.as_str().unwrap(), how.as_str().unwrap())).collect();
    assert_eq!(granted, [("contents", "read"), ("security-events", "write")]);
    let used: Vec<String> =
        steps().iter().filter_map(|step| step["uses"].as_str().map(str::to_owned)).collect();
    assert_eq!(used.len(), 3);
    for action in used {
        let (_, revision) = action.split_once('@').unwrap();
        assert!(
            revision.len() == 40 && revision.chars().all(|c| c.is_ascii_hexdigit()),
            "{action} can be moved"
        );
    }
}

/// As the runner does it: what was found is there to be uploaded, and then fails.
#[test]
fn the_workflow_uploads_what_is_found_and_fails() {
    let steps = steps();
    let scan = steps.iter().position(|step| step["id"] == "scan").unwrap();
    let upload = steps.iter().position(|step| step["with"]["sarif_file"].is_string()).unwrap();
    let last = steps.len() - 1;
    assert!(scan < upload && upload < last);
    assert_eq!(steps[scan]["continue-on-error"], true);
    assert_eq!(steps[last]["if"], "${{ !cancelled() && steps.scan.outcome == 'failure' }}");
    let uploaded = steps[upload]["with"]["sarif_file"].as_str().unwrap();
    let uploaded = uploaded.strip_prefix("${{ runner.temp }}/").unwrap();

    for (script, code) in [("terraform destroy -auto-approve\n", 1), ("terraform plan\n", 0)] {
        let world = World::new();
        world.write("network/scripts/deploy.sh", script);
        fs::create_dir(world.path("temp")).unwrap();
        let run = |step: usize| {
            let mut bash = world.command("/bin/bash");
            bash.args(["-e", "-c", command(&steps[step]).unwrap()]);
            bash.env("RUNNER_TEMP", world.path("temp")).env("PATH", path());
            bash.output().unwrap()
        };
        assert_code(&run(scan), code);
        let found = fs::read_to_string(world.path("temp").join(uploaded)).unwrap();
        let found: serde_json::Value = serde_json::from_str(&found).unwrap();
        let results = found["runs"][0]["results"].as_array().unwrap();
        assert_eq!(results.len(), usize::try_from(code).unwrap(), "{results:?}");
        let shown = run(last);
        assert_code(&shown, code);
        assert_eq!(text(&shown.stdout).contains("scripts/deploy.sh:1:1"), code == 1, "{shown:?}");
    }
}

/// PATH with the built tollgate first.
fn path() -> std::ffi::OsString {
    let own = tollgate().parent().unwrap();
    std::env::join_paths([own, Path::new("/usr/bin"), Path::new("/bin")]).unwrap()
}

#[test]
fn scan_finds_nothing_in_the_examples() {
    let world = World::new();
    let places = [("scan.yml", ".github/workflows/tollgate.yml"), ("gitlab-ci.yml", ".gitlab-ci.yml")];
    for (name, place) in places {
        world.write(&format!("network/{place}"), &document(&format!("examples/{name}")));
        let output = world.tollgate(["scan", place]).output().unwrap();
        assert_code(&output, 0);
    }
}

#[test]
fn every_command_that_is_shown_exists() {
    let shown =
        [document("ci.md"), document("examples/scan.yml"), document("examples/gitlab-ci.yml")].concat();
    let help = World::new().tollgate(["scan", "--help"]).output().unwrap();
    let help = text(&help.stdout);
    let calls: Vec<&str> =
        shown.split("tollgate scan ").skip(1).map(|rest| rest.lines().next().unwrap()).collect();
    assert!(calls.len() >= 4, "{calls:?}");
    let arguments = shown.lines().filter_map(|line| line.trim().strip_prefix("args: ["));
    let words =
        calls.into_iter().chain(arguments).flat_map(|line| line.split([' ', ',', '=', ']', '`', ';']));
    let flags: Vec<&str> = words.filter(|word| word.starts_with("--") && word.len() > 2).collect();
    assert!(flags.contains(&"--fail-on") && flags.contains(&"--format"), "{flags:?}");
    for flag in flags {
        assert!(help.contains(flag), "{flag} is not in\n{help}");
    }
    // The job of GitLab is short enough to be called as it is.
    let job = example("gitlab-ci.yml");
    assert_eq!(job["tollgate"]["script"].as_sequence().unwrap().last().unwrap(), "tollgate scan .");
}

#[test]
fn pre_commit_takes_the_configurations_that_are_shown() {
    let Some(scene) = Scene::new(SYSTEM) else { return };
    let configurations: Vec<String> =
        blocks("yaml").into_iter().filter(|block| block.contains("repos:")).collect();
    assert_eq!(configurations.len(), 2);
    let hooks: Value = serde_yaml::from_str(&fs::read_to_string(".pre-commit-hooks.yaml").unwrap()).unwrap();
    let ids: Vec<&Value> = hooks.as_sequence().unwrap().iter().map(|hook| &hook["id"]).collect();
    for configuration in configurations {
        scene.write("shown.yaml", &configuration);
        let output = scene.pre_commit(&["validate-config", "shown.yaml"]).output().unwrap();
        assert_code(&output, 0);
        // It warns of keys that it does not know.
        assert_eq!(printed(&output), "");
        let configuration: Value = serde_yaml::from_str(&configuration).unwrap();
        assert!(ids.contains(&&configuration["repos"][0]["hooks"][0]["id"]));
    }
}

#[test]
fn the_plan_that_is_shown_is_scanned() {
    let block = blocks("yaml").into_iter().find(|block| block.contains("terraform show -json")).unwrap();
    let steps: Value = serde_yaml::from_str(&block).unwrap();
    let script: Vec<&str> =
        steps["steps"].as_sequence().unwrap().iter().map(|step| step["run"].as_str().unwrap()).collect();
    let world = World::new();
    fs::create_dir(world.path("temp")).unwrap();
    world.write("plan.json", super::kinds::PLAN);
    world.stub(&format!("if [ \"$1\" = show ]; then /bin/cat '{}'; fi", world.path("plan.json").display()));
    let path =
        std::env::join_paths([world.path("bin")].into_iter().chain(std::env::split_paths(&path()))).unwrap();
    let mut bash = world.command("/bin/bash");
    let output = bash
        .args(["-e", "-c", &script.join("\n")])
        .env("RUNNER_TEMP", world.path("temp"))
        .env("PATH", path)
        .output()
        .unwrap();
    assert_eq!(world.runs().len(), 2);
    assert_code(&output, 1);
    assert!(text(&output.stdout).contains("aws_db_instance.main"), "{output:?}");
}

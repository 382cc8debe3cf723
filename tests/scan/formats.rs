//! What programs read: JSON and SARIF.

use serde_json::{Value, json};

use super::{json, scan, write};
use crate::support::world::World;

const SCRIPT: &str = "terraform destroy\ngit push --force\n\
                      rm -rf / # tollgate: allow rm/system because the image is thrown away\n";

fn sarif(world: &World, files: &[&str], code: i32) -> Value {
    let arguments: Vec<&str> = ["--format", "sarif"].into_iter().chain(files.iter().copied()).collect();
    let log = serde_json::from_str(&scan(world, &arguments, code)).unwrap();
    let mut schema: Value = serde_json::from_str(include_str!("sarif-schema-2.1.0.json")).unwrap();
    // It has a bracket too many, and then is no pattern for strict readers.
    for place in ["run", "toolComponent"] {
        schema["definitions"][place]["properties"]["language"].as_object_mut().unwrap().remove("pattern");
    }
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(errors, [""; 0], "{log:#}");
    log
}

#[test]
fn json_has_a_key_for_everything() {
    let world = World::new();
    write(&world, "x.sh", SCRIPT);
    write(&world, "y.txt", "");
    let finding = json!({
        "path": "x.sh", "uri": "x.sh", "line": 1, "column": 1, "rule": "terraform/destroy", "risk": "critical",
        "effects": ["destroy"], "command": ["terraform", "destroy"], "also": [],
        "reason": "every resource in this workspace's state is deleted, with its data",
        "safer": "terraform plan -destroy",
    });
    let report = json(&world, &["x.sh", "y.txt"], 1);
    assert_eq!(report["findings"][0], finding);
    assert_eq!(report["findings"][1]["risk"], "medium");
    let waived = &report["waived"][0];
    assert_eq!(waived["command"], json!(["rm", "-rf", "/"]));
    assert_eq!((&waived["because"], &waived["waiver_line"]), (&json!("the image is thrown away"), &json!(3)));
    let counts = ["schema", "files", "skipped"].map(|key| report[key].as_u64().unwrap());
    assert_eq!(counts, [1, 1, 1]);
    assert_eq!(report["errors"], json!([]));
}

#[test]
fn sarif_is_what_code_scanning_reads() {
    let world = World::new();
    write(&world, "a b/x.sh", SCRIPT);
    write(&world, "broken.sh", "if (\n# tollgate: allow rm because x\n");
    let log = sarif(&world, &["a b/x.sh", "broken.sh"], 1);
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let told = |result: &Value| {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        format!("{} {}", result["ruleId"].as_str().unwrap(), result["level"].as_str().unwrap())
    };
    assert_eq!(
        results.iter().map(told).collect::<Vec<_>>(),
        [
            "terraform/destroy error",
            "git/force-push warning",
            "rm/system error",
            "scan/unread error",
            "scan/waiver error"
        ]
    );
    let place = json!({ "physicalLocation": {
        "artifactLocation": { "uri": "a%20b/x.sh", "uriBaseId": "%SRCROOT%" },
        "region": { "startLine": 2, "startColumn": 1 },
    } });
    assert_eq!(results[1]["locations"], json!([place]));
    assert!(results[0].get("suppressions").is_none());
    let suppression = &results[2]["suppressions"][0];
    assert_eq!(
        (&suppression["kind"], &suppression["justification"]),
        (&json!("inSource"), &json!("the image is thrown away"))
    );
    let rule = &rules[0];
    assert_eq!(rule["properties"]["security-severity"], "9.5");
    assert_eq!(rule["properties"]["tags"], json!(["security", "destroy"]));
    assert_eq!(rule["defaultConfiguration"]["level"], "error");
    for rule in rules {
        for text in ["shortDescription", "fullDescription", "help"] {
            let text = rule[text]["text"].as_str().unwrap();
            assert!(text.len() > 10 && text != rule["id"], "{rule:#}");
        }
    }
    assert!(rule["helpUri"].as_str().unwrap().starts_with("https://"), "{rule:#}");
    assert_eq!(run["columnKind"], "unicodeCodePoints");
}

#[test]
fn a_fingerprint_survives_moved_lines() {
    let world = World::new();
    let prints = |script: &str| -> Vec<String> {
        write(&world, "x.sh", script);
        let log = sarif(&world, &["x.sh"], 1);
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        results
            .iter()
            .map(|one| one["partialFingerprints"]["tollgate/v1"].as_str().unwrap().to_owned())
            .collect()
    };
    let before = prints("terraform destroy\nrm -rf /\nterraform destroy\n");
    assert_eq!(before.iter().collect::<std::collections::HashSet<_>>().len(), 3);
    assert_eq!(prints("set -e\n\n  terraform destroy\ntrue; rm -rf /\n\nterraform destroy\n"), before);
    assert_ne!(prints("terraform destroy -auto-approve\n")[0], before[0]);
}

#[test]
fn a_scan_that_failed_says_so() {
    let world = World::new();
    let log = sarif(&world, &["../gone.sh"], 2);
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let said = &invocation["toolExecutionNotifications"][0];
    assert!(said["message"]["text"].as_str().unwrap().contains("No such file"), "{said}");
    let uri = said["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
    assert!(uri.starts_with("file:///") && uri.ends_with("/gone.sh"), "{uri}");
    write(&world, "x.sh", "true\n");
    let clean = sarif(&world, &["x.sh"], 0);
    assert_eq!(clean["runs"][0]["results"], json!([]));
}

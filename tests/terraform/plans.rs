//! Plans that the real terraform makes, as they are scanned.

use crate::support::tools;
use crate::support::world::{World, text};

#[test]
fn a_real_plan_is_read() {
    let Some(terraform) = tools::terraform_1_11() else {
        return tools::skipped("terraform is not installed");
    };
    let world = World::new();
    let project = world.path("planned");
    world.write(
        "planned/main.tf",
        "resource \"terraform_data\" \"a\" {\n  for_each = toset([\"x y\"])\n}\nresource \"terraform_data\" \"b\" {}\n",
    );
    let run = |arguments: &[&str]| {
        let output = world.command(terraform).current_dir(&project).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        output.stdout
    };
    run(&["init", "-input=false"]);
    run(&["apply", "-auto-approve", "-input=false"]);
    for (name, options, rows) in [
        (
            "destroy",
            &["-destroy"][..],
            &[
                "plan delete aws_db_instance 'terraform_data.a[\"x y\"]'",
                "plan delete aws_db_instance terraform_data.b",
            ][..],
        ),
        ("replace", &["-replace=terraform_data.b"], &["plan replace aws_db_instance terraform_data.b"]),
    ] {
        run(&[&["plan", "-input=false", "-out=made.plan"], options].concat());
        let json = text(&run(&["show", "-json", "made.plan"]));
        let path = world.write(&format!("planned/{name}.json"), &json);
        let output = world.tollgate(["scan"]).arg(&path).output().unwrap();
        assert_eq!(
            text(&output.stdout),
            "no findings; 1 file read\n",
            "what stands in the state alone may go"
        );
        // Every provider's types stand alike in a plan.
        let path = world.write(
            &format!("planned/{name}.json"),
            &json.replace("\"terraform_data\"", "\"aws_db_instance\""),
        );
        let output = world.tollgate(["scan"]).arg(&path).output().unwrap();
        let told = text(&output.stdout);
        assert_eq!(told.matches("plan/delete-data").count(), rows.len(), "{told}");
        assert!(rows.iter().all(|row| told.contains(row)), "{told}");
    }
}

//! Plans that the real terraform makes, as they are scanned, and as they are read.

use tollgate::command::Command;
use tollgate::invocation::plan::Plan;

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

/// Plans of the real terraform, each after the one before was applied: what the
/// configuration is, and what is read of its plan.
#[test]
fn what_real_plans_do_is_told() {
    let Some(terraform) = tools::terraform_1_11() else {
        return tools::skipped("terraform is not installed");
    };
    let world = World::new();
    let project = world.path("planned");
    let run = |arguments: &[&str]| {
        let output = world.command(terraform).current_dir(&project).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        output.stdout
    };
    let secret = "variable \"s\" {\n  sensitive = true\n  default   = \"hunter2\"\n}\n";
    let module = "module \"m\" {\n  source = \"./m\"\n  count  = 1\n}\n";
    let inner = |name: &str, more: &str| {
        format!(
            "resource \"terraform_data\" \"{name}\" {{\n  provisioner \"local-exec\" {{\n    command = \"true\"\n  }}\n}}\n{more}"
        )
    };
    let moved = inner("d", "moved {\n  from = terraform_data.c\n  to   = terraform_data.d\n}\n");
    let a = |input: &str, trigger: &str| {
        format!(
            "resource \"terraform_data\" \"a\" {{\n  input = {{ {input}, s = var.s }}\n  triggers_replace = \"{trigger}\"\n}}\n"
        )
    };
    let removed = "removed {\n  from = terraform_data.a\n  lifecycle {\n    destroy = false\n  }\n}\n";
    for (root, inner, options, lines, commands) in [
        (
            format!("{secret}{module}{}", a("on = true, n = 5, l = [\"x\", \"y\"]", "1")),
            inner("c", ""),
            &[][..],
            &["2 to add", "run local-exec with module.m[0].terraform_data.c"][..],
            &[
                "create terraform_data.a",
                "create module.m[0].terraform_data.c",
                "provision module.m[0].terraform_data.c",
            ][..],
        ),
        (
            format!("{secret}{module}{}", a("on = false, n = 3, l = [\"y\"]", "1")),
            moved.clone(),
            &[],
            &[
                "1 to change, 1 to move",
                "change terraform_data.a: removes from input.l, lowers input.n, turns input.on off",
            ],
            &["update terraform_data.a", "move module.m[0].terraform_data.d"],
        ),
        (
            format!("{secret}{module}{}", a("on = false, n = 3, l = [\"y\"]", "2")),
            moved.clone(),
            &["-target=terraform_data.a"],
            &[
                "1 to replace",
                "the plan is not all of the configuration: something was left out, such as by -target",
                "1 of the 2 objects in the state are deleted or replaced",
                "replace terraform_data.a: triggers_replace cannot be changed in its place",
            ],
            &["replace terraform_data.a", "share 1"],
        ),
        (
            format!("{secret}{module}{removed}"),
            moved.clone(),
            &[],
            &["1 to forget", "forget terraform_data.a: it is not in the configuration any more"],
            &["forget terraform_data.a"],
        ),
        (
            format!("{secret}{module}"),
            moved,
            &["-destroy"],
            &[
                "1 to destroy",
                "destroy module.m[0].terraform_data.d",
                "run local-exec with module.m[0].terraform_data.d",
            ],
            &["delete module.m[0].terraform_data.d", "share 1", "provision module.m[0].terraform_data.d"],
        ),
    ] {
        world.write("planned/main.tf", &root);
        world.write("planned/m/main.tf", &inner);
        run(&["init", "-input=false"]);
        run(&[&["plan", "-input=false", "-out=made.plan"], options].concat());
        let plan = Plan::read(&run(&["show", "-json", "made.plan"])).unwrap();
        assert_eq!(plan.lines(), lines);
        let told: Vec<String> = plan.commands().iter().map(named).collect();
        let mut told: Vec<&str> = told.iter().map(String::as_str).collect();
        told.dedup();
        assert_eq!(told, commands, "{lines:?}");
        assert!(!format!("{:?}", plan.lines()).contains("hunter2"));
        run(&["apply", "-input=false", "made.plan"]);
    }
}

/// What a change does, and to what.
fn named(command: &Command) -> String {
    let address = command.operands.get(2).map(|word| word.to_string_lossy().into_owned());
    format!("{} {}", command.path.first().unwrap(), address.unwrap())
}

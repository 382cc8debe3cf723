use super::*;
use crate::invocation::scan::Passage;

fn passages(format: &dyn Format, text: &str) -> Vec<Passage> {
    let pieces = format.read(text).unwrap();
    let passages = pieces.into_iter().filter_map(|piece| match piece {
        Piece::Passage(passage) => Some(passage),
        Piece::Unread(_) => None,
        other @ Piece::Change(_) => panic!("{other:?}"),
    });
    passages.collect()
}

fn texts(text: &str) -> Vec<String> {
    passages(&Terraform, text).into_iter().map(|passage| passage.text).collect()
}

/// A resource with what a local-exec provisioner holds.
fn local(attributes: &str) -> String {
    format!(
        "resource \"null_resource\" \"x\" {{\n  triggers = {{ a = \"ls\" }}\n  provisioner \"local-exec\" {{\n{attributes}\n}}\n}}\n"
    )
}

#[test]
fn a_command_is_what_terraform_makes_of_it() {
    for (written, expected) in [
        (r#"command = "ls -l""#, "ls -l"),
        (r#"command = "a \"b\"\t\\ \u00e4 $${x} %%{y} $x""#, "a \"b\"\t\\ ä ${x} %{y} $x"),
        (r#"command = "rm ${path.module}/a ${path.root}/b""#, "rm ./a ./b"),
        (r#"command = "rm ${aws_s3_bucket.b[0].id}""#, "rm ${aws_s3_bucket_b_0_id}"),
        (r#"command = "rm ${local.a} ${var.b} ${var.c} ${local.z}""#, "rm one two ${var_c} ${local_y}"),
        (r#"command = "rm ${local.o.k} ${local.o["k"]} ${local.l[1]}""#, "rm v v m2"),
        (r"command = local.deep", "echo one!"),
        (r"command = self.triggers.a", "ls"),
        (r#"command = join(" && ", ["a", local.a])"#, "a && one"),
        (r#"command = join(" ", concat(["a"], local.l))"#, "a m1 m2"),
        (r#"command = format("%s -n %d %% %[1]s ", "a", 3)"#, "a -n 3 % a "),
        (r#"command = trimspace(("a"))"#, "a"),
        (r#"command = var.x ? "a" : "b""#, "(\na\n)\n(\nb\n)\n"),
        (r#"command = "a %{ if var.x }b%{ else }c%{ endif } d""#, "(\na b d\n)\n(\na c d\n)\n"),
        (r#"command = "a%{ for x in var.y } -t ${x}%{ endfor }""#, "a -t ${tf_x}"),
        ("command = <<EOT\n  a\n  b\nEOT", "  a\n  b\n"),
        ("command = <<-EOT\n    a \\\n      b\n\n    c ${var.c} d\n  EOT", "a \\\n  b\n\nc ${var_c} d\n"),
        ("command = <<-EOT\n  a\r\n  b\\n\n  EOT", "a\nb\\n\n"),
        (
            "command = <<-EOT\n  a \\\n  %{~ for x in var.y ~}\n  -t ${x} \\\n  %{~ endfor ~}\n  b\n  EOT",
            "a \\\n  -t ${tf_x} \\\n  b\n",
        ),
        (
            r#"command = "a'b ${var.c}"
            interpreter = ["python3", "-c"]"#,
            r#"'python3' '-c' 'a'\''b '"${var_c}"''"#,
        ),
        ("command = \"a 'b'\"\ninterpreter = [\"/bin/bash\", \"-euo\", \"pipefail\", \"-c\"]", "a 'b'"),
        ("command = \"a\"\ninterpreter = [\"/usr/bin/env\", \"sh\", \"-c\"]", "a"),
        ("command = \"a\"\ninterpreter = var.shell", "a"),
        ("command = \"a\"\ninterpreter = [\"bash\", \"x.sh\", \"-c\"]", "'bash' 'x.sh' '-c' 'a'"),
        (
            "command = \"a\"\nworking_dir = \"${path.module}/b\"\nenvironment = merge({ A = \"1 2\" }, { \"B\" = var.c, C = \"${var.c}x\" })",
            "export A='1 2'\nexport C=''\"${var_c}\"'x'\ncd './b'\na",
        ),
    ] {
        let names = "variable \"b\" { default = \"two\" }\nvariable \"c\" { default = \"\" }\nlocals {\n  a = \"one\"\n  deep = \"echo ${local.a}!\"\n  o = { k = \"v\" }\n  l = [\"m1\", \"m2\"]\n  y = local.z\n  z = local.y\n}\n";
        let text = format!("{}{names}", local(written));
        assert_eq!(texts(&text), [expected], "{written}");
    }
}

#[test]
fn what_is_not_known_is_no_command() {
    for written in [
        "command = var.x",
        "command = templatefile(\"x\", {})",
        "command = \"\"",
        "when = destroy",
        "command = null",
    ] {
        assert_eq!(texts(&local(written)), [""; 0], "{written}");
    }
}

#[test]
fn commands_stand_in_provisioners_and_data() {
    for (text, expected) in [
        (
            r#"resource "a" "b" { provisioner "remote-exec" { inline = ["if a; then", "${var.x} b", "fi"] } }"#,
            &["if a; then\n${var_x} b\nfi\n"][..],
        ),
        (r#"resource "a" "b" { provisioner "remote-exec" { script = "x.sh" } }"#, &[]),
        (r#"resource "a" "b" { provisioner "file" { content = "rm -rf /" } }"#, &[]),
        (r#"resource "a" "b" { command = "rm -rf /" }"#, &[]),
        (r#"data "external" "a" { program = ["kubectl", "get", "a b"] }"#, &["'kubectl' 'get' 'a b'"]),
        (r#"data "external" "a" { program = ["bash", "-c", "a | b"] }"#, &["a | b"]),
        (
            "resource \"shell_script\" \"a\" {\n lifecycle_commands {\n create = \"a\"\n delete = \"b\"\n }\n}",
            &["a", "b"],
        ),
        ("", &[]),
    ] {
        // A block within a block takes lines of its own.
        let text = text.replace("{ ", "{\n").replace(" }", "\n}");
        assert_eq!(texts(&text), expected, "{text}");
    }
}

#[test]
fn a_command_has_its_own_place() {
    for (written, at) in [
        ("command = \"echo \\\"x\\\" && HERE\"", "HERE"),
        ("command = <<-EOT\n    a\n      HERE b\n    EOT", "HERE"),
        ("command = <<EOT\n%{ if var.x ~}\n  HERE\n%{ endif ~}\nEOT", "HERE"),
        ("command = format(\"a %s HERE\", var.x)", "HERE"),
        ("command = join(\" \", [\"a\", \"HERE\"])", "HERE"),
        ("command = \"HERE a\"\ninterpreter = [\"bash\", \"-c\"]", "HERE"),
        ("command = \"it's 'HERE'\"\ninterpreter = [\"python3\", \"-c\"]", "HERE"),
    ] {
        let text = format!("\u{feff}# ä\n{}", local(written));
        let passage = passages(&Terraform, &text).remove(0);
        assert_eq!(passage.origin(passage.text.find(at).unwrap()), text.find(at).unwrap(), "{written}");
    }
    // A value that stands elsewhere runs where it is put in.
    let text = format!("locals {{ a = \"HERE\" }}\n{}", local("command = \"b ${local.a}\""));
    let passage = passages(&Terraform, &text).remove(0);
    assert_eq!(passage.origin(passage.text.find("HERE").unwrap()), text.find("${local").unwrap());
}

#[test]
fn a_configuration_in_json_is_read_alike() {
    let text = r#"{"resource": {"null_resource": {"x": [{"provisioner": [
      {"local-exec": {"command": "echo \"a\"\nrm ${path.module}/x ${var.y}", "interpreter": ["sh", "-c"], "environment": {"A": "1"}}},
      {"remote-exec": [{"inline": ["a", "b $${c}"]}], "file": {"content": "rm"}}]}]}},
      "data": {"external": {"e": {"program": ["bash", "-c", "HERE"]}}}}"#;
    let all = passages(&TerraformJson, text);
    let texts: Vec<&str> = all.iter().map(|passage| passage.text.as_str()).collect();
    assert_eq!(texts, ["export A='1'\necho \"a\"\nrm ./x ${var_y}", "a\nb ${c}\n", "HERE"]);
    assert_eq!(all[2].origin(0), text.find("HERE").unwrap());
    assert_eq!(all[0].origin(texts[0].find("rm").unwrap()), text.find("rm $").unwrap());
    assert!(TerraformJson.read("{").is_err());
}

#[test]
fn broken_text_says_where_and_nothing_panics() {
    for (text, at) in [("resource {", 10), ("\u{feff}a = \n", 7), ("a = \"\\q\"", 6), ("a = <<EOT\nx", 11)] {
        let unread = Terraform.read(text).unwrap_err();
        assert!(
            unread.at.abs_diff(at) <= 2 && unread.why.starts_with("it is no terraform configuration: "),
            "{text}: {unread:?}"
        );
    }
    let whole =
        local("command = <<-EOT\n  a ${join(\",\", [\"ä\", \"\\u00e4\"])} %{ if x ~}b%{ endif }\n  EOT");
    for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
        let (start, rest) = whole.split_at(end);
        for text in [start.to_owned(), format!("{start}${{{rest}"), format!("{start}\u{0}{rest}")] {
            drop((Terraform.read(&text), TerraformJson.read(&text)));
        }
    }
}

#[test]
fn names_that_stand_for_each_other_end() {
    let mut text = local("command = local.a0");
    text.push_str("locals {\n  a40 = \"echo\"\n");
    for number in 0..40 {
        let next = format!("${{local.a{}}}", number + 1);
        text.push_str(&["  a", &number.to_string(), " = \"", &next.repeat(9), "\"\n"].concat());
    }
    text.push_str("}\n");
    assert!(texts(&text).iter().all(|text| text.len() < 8 * text::EFFORT));
}

#[test]
fn configurations_are_known_by_their_ending() {
    let is = |path: &str| (Terraform.is(Path::new(path), ""), TerraformJson.is(Path::new(path), ""));
    assert_eq!([is("a/main.tf"), is("x.tofu")], [(true, false); 2]);
    assert_eq!([is("main.tf.json"), is("x.tofu.json")], [(false, true); 2]);
    assert_eq!([is("main.tfvars"), is("tf"), is("x.json")], [(false, false); 3]);
}

#[test]
fn names_are_put_into_json_as_well() {
    let source = r#"{"locals": {"c": "${var.t} destroy", "l": "${local.l}x"}, "variable": {"t": {"default": "terraform"}},
        "resource": {"null_resource": {"a": {"provisioner": {"local-exec": {"command": "cd x; ${local.c} $${local.c} ${local.z}"}}}}}}"#;
    let found = passages(&TerraformJson, source);
    assert_eq!(found[0].text, "cd x; terraform destroy ${local.c} ${local_z}");
    let ring = source.replace("cd x; ${local.c}", "${local.l}");
    let pieces = TerraformJson.read(&ring).unwrap();
    assert!(pieces.iter().any(|piece| matches!(piece, Piece::Unread(_))), "{pieces:?}");
}

//! Taskfiles, and what of them is run.

use super::*;

fn texts(source: &str) -> Vec<String> {
    let pieces = Taskfile.read(source).unwrap();
    let passages = pieces.into_iter().filter_map(|piece| match piece {
        Piece::Passage(passage) => Some(passage.text),
        _ => None,
    });
    passages.collect()
}

#[test]
fn taskfiles_are_known_by_their_name_or_what_they_hold() {
    for (path, text, expected) in [
        ("Taskfile.yml", "", true),
        ("x/taskfile.dist.yaml", "", true),
        ("Taskfile.json", "", false),
        ("tasks/docker.yml", "version: '3'\ntasks:\n  a: b\n", true),
        ("playbook.yml", "version: '3'\ntasks:\n  - a\n", false),
        ("compose.yml", "version: '3'\nservices:\n", false),
    ] {
        assert_eq!(Taskfile.is(Path::new(path), text), expected, "{path}");
    }
}

#[test]
fn each_command_is_a_passage() {
    for (source, expected) in [
        ("tasks: {a: one, b: [two, {cmd: three}], c: {cmd: four}}", vec!["one", "two", "three", "four"]),
        (
            "tasks: {a: {cmds: [one, {task: b}, {defer: two}, {defer: {task: b}}], deps: [b]}}",
            vec!["one", "two"],
        ),
        (
            "vars: {A: {sh: one}}\ntasks: {a: {vars: {B: {sh: two}}, env: {C: {sh: three}}, cmds: [four]}}",
            vec!["one", "two", "three", "four"],
        ),
        (
            "tasks: {a: {preconditions: [one, {sh: two, msg: no}], status: [three], desc: four}}",
            vec!["one", "two", "three"],
        ),
        ("env: {A: 1}\ntasks: {a: {dir: it's, cmd: one}}", vec!["export A='1'\ncd 'it'\\''s'\none"]),
        (
            "vars: {T: terraform, U: '{{.T}}'}\ntasks: {a: '{{.T}} {{ .U }} {{.V | default \"x\"}} {{\"y\"}}'}",
            vec!["terraform terraform x y"],
        ),
        ("vars: {T: a}\ntasks: {a: {vars: {T: b}, cmds: ['{{.T}}']}, b: '{{.T}}'}", vec!["b", "a"]),
        (
            "tasks: {a: {cmds: [{for: [x, y], cmd: 'rm {{.ITEM}}'}]}}",
            vec!["ITEM='x'\ncase ${ITEM_is} in\n0) ITEM='y' ;;\nesac\nrm ${ITEM}"],
        ),
        ("tasks: {a: 'tf {{.DO}}', b: {cmds: [{task: a, vars: {DO: destroy}}]}}", vec!["tf destroy"]),
        ("tasks: {a: 'x{{if eq OS \"windows\"}}.exe{{end}} y'}", vec!["x.exe y"]),
        ("tasks: {a: 'tf {{if .D}}destroy{{else}}plan{{end}} -y'}", vec!["tf destroy -y", "tf plan -y"]),
        ("tasks: {a: '{{if .A}}{{if .B}}1{{else}}2{{end}}3{{else}}4{{end}}5'}", vec!["135", "45"]),
        (
            "vars: {A: destroy, B: 'x {{.A}} -c={{.NS}}', C: '{{.B}}'}\ntasks: {a: 'tf {{.C}}'}",
            vec!["tf x destroy -c=${NS}"],
        ),
        (
            "vars: {A: '{{.A | default \"x\"}}', B: '{{default \"y\" .C}}'}\ntasks: {a: '{{.A}} {{.B}}'}",
            vec!["x y"],
        ),
        (
            "vars: {L: [x]}\ntasks: {a: {cmds: [{for: {var: L, as: I}, cmd: 'rm {{.I}}'}, {for: {matrix: {O: [y]}}, cmd: 'rm {{.ITEM.O}}'}]}}",
            vec!["rm x", "rm y"],
        ),
        (
            "vars: {L: 'x,y'}\ntasks: {a: {cmds: [{for: {var: L, split: ','}, cmd: 'rm {{.ITEM}}'}]}}",
            vec!["ITEM='x'\ncase ${ITEM_is} in\n0) ITEM='y' ;;\nesac\nrm ${ITEM}"],
        ),
        (
            "includes: {i: {vars: {A: {sh: one}}}}\ntasks: {a: {deps: [{task: b, vars: {A: {sh: two}}}], cmds: [{task: b, vars: {A: {sh: three}}}]}}",
            vec!["one", "two", "three"],
        ),
        ("tasks: []\nvars: x", vec![]),
    ] {
        assert_eq!(texts(source), expected, "{source}");
    }
}

#[test]
fn broken_and_hostile_taskfiles_are_not_read() {
    assert!(Taskfile.read("tasks: {").is_err());
    let twice =
        (1..60).map(|n| format!("  V{n}: '{{{{.V{}}}}}{{{{.V{0}}}}}'\n", n - 1)).collect::<Vec<_>>().concat();
    let bomb = format!("vars:\n  V0: x\n{twice}tasks: {{a: '{{{{.V59}}}}'}}");
    let pieces = Taskfile.read(&bomb).unwrap();
    assert!(pieces.iter().any(|piece| matches!(piece, Piece::Unread(_))), "{pieces:?}");
    let value = "x".repeat(50_000);
    let commands = "      - a\n".repeat(5_000);
    let source = format!("env: {{A: {value}}}\ntasks:\n  a:\n    cmds:\n{commands}");
    assert!(Taskfile.read(&source).unwrap_err().why.contains("too much"));
}

use super::*;

fn read(text: &str) -> Vec<String> {
    let lines = super::super::Lines::of(text);
    let pieces = Justfile.read(text).unwrap();
    let shown = |piece: Piece| {
        let Piece::Passage(passage) = piece else { return "no passage".to_owned() };
        let position = lines.position(passage.origin(0));
        format!("{}:{} {}", position.line, position.column, passage.text)
    };
    pieces.into_iter().map(shown).collect()
}

#[test]
fn justfiles_are_known_by_name_or_first_line() {
    let is = |path: &str, text: &str| Justfile.is(Path::new(path), text);
    assert!(["justfile", "Justfile", ".justfile", "a/x.just"].iter().all(|path| is(path, "")));
    assert!(is("x", "#!/usr/bin/env just --justfile\n"));
    assert!(!is("just", "") && !is("justfile.md", "") && !is("justfile", "#!/bin/sh\n"));
}

#[test]
fn recipes_run_line_by_line_or_as_a_script() {
    let end = "END_OF_EMBEDDED_SCRIPT";
    let python = format!("3:3 python <<'{end}'\n#!/usr/bin/env python3\nimport os\n\n{end}\n");
    let attribute = format!("3:3 python3 <<'{end}'\nimport os\n\n{end}\n");
    for (text, expected) in [
        ("a:\n  b c\n  @-d\n", &["2:3 b c", "3:5 d"][..]),
        ("# no\n@a x y='1' *z: b (c 'd') && e\n\tf\n\n\tg\nh:\n i\n", &["3:2 f", "5:2 g", "7:2 i"]),
        ("a:\n  b \\\n    c\n  d\n", &["2:3 b   c", "4:3 d"]),
        ("a:\n  #!/bin/bash\n  cd x\n    rm y\n", &["2:3 #!/bin/bash\ncd x\n  rm y\n"]),
        ("\na:\n  #!/usr/bin/env python3\n  import os\n", &[python.as_str()]),
        ("[script('python3')]\na:\n  import os\n", &[attribute.as_str()]),
        ("[group: 'x']\n[confirm('sure?')]\na:\n  b\n", &["4:3 b"]),
        ("import 'x'\nmod y\nalias z := a\nset dotenv-load\na:\n  b\n", &["6:3 b"]),
        ("a:\r\n  b\r\n", &["2:3 b"]),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn expressions_have_the_value_that_stands_there() {
    for (text, expected) in [
        ("k := 'kubectl'\na:\n  {{k}} delete ns {{ x }}\n", &["3:3 kubectl delete ns ${x}"][..]),
        ("a := b + \"\\tx\" / 'y'\nb := 'c'\nr:\n  d {{a}}\n", &["4:3 d c\tx/y"]),
        ("k := env('K', 'kubectl')\na:\n  {{k}} x {{ env('Y') }}\n", &["3:3 kubectl x ${env__Y__}"]),
        ("a x='1' y=(z + 'b') $w='3':\n  c {{x}} {{y}} {{w}}\nz := '2'\n", &["2:3 c 1 2b 3"]),
        ("a := `b c`\nr:\n  d {{a}} {{`e`}}\n", &["1:7 b c", "3:14 e", "3:3 d ${a} ${_e_}"]),
        ("a := if `b` == 'x' { 'y' } else { `c` }\n", &["1:10 b", "1:36 c"]),
        ("a := '''\n  x\n  y'''\nr:\n  b\n", &["5:3 b"]),
        ("export A := 'x'\nB := 'y'\nr:\n  c $A $B\n", &["4:3 export A='x'\nc $A $B"]),
        ("a:\n  b {{{{c}}\n", &["2:3 b {{c}}"]),
        (
            "set shell := ['python3', '-c']\na:\n  b\n",
            &["3:3 python3 <<'END_OF_EMBEDDED_SCRIPT'\nb\nEND_OF_EMBEDDED_SCRIPT\n"],
        ),
        ("a := b\nb := a\nr:\n  c {{a}}\n", &["4:3 c ${a}"]),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn recipes_are_read_as_others_call_them() {
    for (text, expected) in [
        ("a x:\n  b {{x}}\nc: (a 'd')\n", &["2:3 b ${x}", "2:3 b d"][..]),
        ("a x='p':\n  b {{x}}\nc: && (a y)\ny := 'd'\n", &["2:3 b p", "2:3 b d"]),
        ("a *x:\n  b {{x}}\nc: (a 'd' 'e')\n", &["2:3 b ${x}", "2:3 b d e"]),
        ("a x: (b x)\nb y:\n  c {{y}}\nd: (a 'e' + 'f')\n", &["3:3 c ${y}", "3:3 c ef"]),
        ("a $x='d':\n  b $x\n", &["2:3 export x='d'\nb $x"]),
        ("set positional-arguments\na *x:\n  b $1\nc: (a 'd')\n", &["3:3 b $1", "3:3 set -- 'd'\nb $1"]),
        (
            "a := if b == '' { 'c' } else if b == 'x' { 'd' } else { 'e' }\nr:\n  x {{a}}\n",
            &["3:3 x c", "3:3 x d", "3:3 x e"],
        ),
        ("a := env('x', '') || 'b'\nr:\n  x {{a}}\n", &["3:3 x b"]),
        ("a := shell('b $1', 'c')\n", &["1:12 set -- 'c'\nb $1"]),
        ("a := f'x{{b}}' + replace('cd', 'c', 'e') + \"\\u{65}\"\nb := 'y'\nr:\n  {{a}}\n", &["4:3 xyede"]),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn nothing_takes_long_or_panics() {
    for broken in [
        "a",
        "a:",
        "a:\n",
        ":",
        ":=",
        "a := ",
        "a := '",
        "a := \"\\",
        "a := `",
        "a := (",
        "a := f(",
        "a := f(,",
        "[",
        "[script(",
        "set",
        "set shell := [",
        "a:\n  {{",
        "a:\n  {{}",
        "a:\n  {{'",
        "é := 'é'\né:\n  {{é}}é",
        "a x=:\n b",
        "a x=(':\n b",
        "x''",
        "a := x'",
        "a := /",
        "\\",
        "a:\n \\",
        "@",
        "a:\n  #!",
        "a:\n  #!\n",
    ] {
        drop(read(broken));
    }
    drop(read(&format!("a := {}", "(".repeat(5_000))));
    drop(read(&"a := \"\n".repeat(2_000)));
    let doubling = (0..40).map(|at| format!("a{} := a{at} + a{at}\n", at + 1)).collect::<Vec<_>>().concat();
    drop(read(&format!("a0 := 'x'\n{doubling}r:\n  b {{{{a40}}}}\n")));
}

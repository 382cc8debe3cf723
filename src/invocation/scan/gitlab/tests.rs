//! Pipelines, and what of them is run.

use std::fmt::Write as _;

use super::super::Passage;
use super::*;

fn passages(source: &str) -> Vec<Passage> {
    let pieces = GitLab.read(source).unwrap();
    let passages = pieces.into_iter().filter_map(|piece| match piece {
        Piece::Passage(passage) => Some(passage),
        _ => None,
    });
    passages.collect()
}

#[test]
fn pipelines_are_known_by_their_name() {
    for (path, expected) in [
        (".gitlab-ci.yml", true),
        ("/x/.gitlab-ci.yaml", true),
        ("ci/build.gitlab-ci.yml", true),
        (".gitlab/ci/build.yml", true),
        ("/x/.gitlab-ci/a/build.yaml", true),
        (".gitlab/issue.yml", false),
        (".gitlab-ci.json", false),
        ("gitlab.yml", false),
    ] {
        assert_eq!(GitLab.is(Path::new(path), ""), expected, "{path}");
    }
}

#[test]
fn a_job_is_read_with_what_it_takes_from_elsewhere() {
    for (source, expected) in [
        ("a: {script: make}", vec!["make\n"]),
        ("a: {script: [cd x, [make, [test]]], after_script: [clean]}", vec!["cd x\nmake\ntest\n", "clean\n"]),
        (
            "before_script: [one]\na: {script: two}\nb: {before_script: [], script: [three]}",
            vec!["one\ntwo\n", "three\n"],
        ),
        (
            "default: {before_script: [one], after_script: [end]}\na: {script: two}",
            vec!["one\ntwo\n", "end\n"],
        ),
        (".t: {script: [one]}\na: {extends: .t}", vec!["one\n"]),
        (
            ".t: {script: [one], variables: {A: 1}}\n.u: {script: [two], variables: {A: 2}}\na: {extends: [.t, .u]}",
            vec!["export A='1'\nexport A='2'\ntwo\n", "export A='1'\none\n"],
        ),
        (".t: &t\n  script: [one]\na:\n  <<: *t\n  stage: x", vec!["one\n"]),
        (".t: {script: [one, two]}\na: {script: [zero, !reference [.t, script]]}", vec!["zero\none\ntwo\n"]),
        ("a: {script: [!reference [.elsewhere, script], one]}", vec!["one\n"]),
        (
            "variables: {A: x, B: {value: \"it's $A$$\"}}\na: {script: 'b $[[ inputs.x ]]'}",
            vec!["export A='x'\nexport B='it'\\''s '\"${A}\"'$'\nb ${inputs_x}\n"],
        ),
        (
            "a: {script: x $A, parallel: {matrix: [{A: [1, 2]}]}, variables: {A: 3}}",
            vec!["A='1'\ncase ${A_is} in\n0) A='2' ;;\nesac\nexport A\nx $A\n"],
        ),
        ("a: {run: [{name: x, script: one}]}", vec!["one\n"]),
        ("default: {before_script: [one]}\na: {trigger: x}", vec!["one\n"]),
        ("spec: {inputs: {a: }}\n---\na: {script: one}", vec!["one\n"]),
        (
            "spec: {inputs: {a: {default: destroy}}}\n---\na: {script: 'tf $[[ inputs.a ]]'}",
            vec!["tf destroy\n"],
        ),
        ("stages: [a]\ninclude: x\nworkflow: {rules: []}\n", vec![]),
        ("- a\n", vec![]),
    ] {
        let texts: Vec<String> = passages(source).into_iter().map(|passage| passage.text).collect();
        assert_eq!(texts, expected, "{source}");
    }
}

#[test]
fn an_image_is_a_place_of_its_own() {
    for (source, expected) in [
        ("a: {script: x}", Place::Here),
        ("a: {script: x, image: alpine}", Place::Container),
        ("image: {name: alpine}\na: {script: x}", Place::Container),
        ("default: {image: alpine}\na: {script: x}", Place::Container),
        (".t: {image: alpine}\na: {script: x, extends: .t}", Place::Container),
    ] {
        assert_eq!(passages(source)[0].place, expected, "{source}");
    }
}

#[test]
fn lines_are_where_they_stand() {
    let source = ".t:\n  script:\n    - one\n    - |\n      two\n      three\na:\n  extends: .t\n  before_script: ['zero']\n";
    let passage = &passages(source)[0];
    for word in ["zero", "one", "two", "three"] {
        assert_eq!(passage.origin(passage.text.find(word).unwrap()), source.find(word).unwrap(), "{word}");
    }
}

fn is_cut(piece: &Piece) -> bool {
    matches!(piece, Piece::Unread(_))
}

#[test]
fn hostile_pipelines_end() {
    let mut source = ".t0: {script: [x]}\n".to_owned();
    for level in 1..60 {
        let below = format!("!reference [.t{}, script]", level - 1);
        writeln!(source, ".t{level}: {{script: [{}]}}", vec![below; 40].join(", ")).unwrap();
    }
    assert!(GitLab.read(&source).unwrap_err().why.contains("too much"));
    assert!(GitLab.read("a: {script: [!reference [a, script], one]}").unwrap().iter().any(is_cut));
    let chain = |length: usize| -> String {
        let line =
            |n: usize| format!(".t{n}: {{script: [!reference [.t{}, script]], extends: .t{0}}}\n", n - 1);
        let all: String = (1..length).map(line).collect();
        format!(".t0: {{script: [x]}}\n{all}a: {{extends: .t{}}}\n", length - 1)
    };
    assert!(
        !GitLab.read(&chain(11)).unwrap().iter().any(is_cut)
            && GitLab.read(&chain(40)).unwrap().iter().any(is_cut)
    );
    let ring = "a: {extends: b, script: x}\nb: {extends: [a, b]}\n";
    assert_eq!(passages(ring).len(), 1);
    assert!(GitLab.read("a: [").is_err());
}

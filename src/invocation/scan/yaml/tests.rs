//! Values, and where they stand.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

/// Where in `source` each of `words` of the value of `run` stands: line and column.
fn places(source: &str, words: &[&str]) -> Vec<(usize, usize)> {
    let documents = documents(source).unwrap();
    let scalar = documents[0].get("run").unwrap().scalar().unwrap();
    let parts = scalar.parts(source);
    let lines = super::super::Lines::of(source);
    let place = |word: &&str| {
        let from = scalar.value.find(word).unwrap_or_else(|| panic!("{word} in {:?}", scalar.value));
        let part = parts.iter().rev().find(|part| part.from <= from).unwrap();
        let at = if part.verbatim { part.at + from - part.from } else { part.at };
        let position = lines.position(at);
        (position.line, position.column)
    };
    words.iter().map(place).collect()
}

#[test]
fn each_line_of_a_value_stands_at_its_own_place() {
    type Row<'a> = (&'a str, &'a [&'a str], &'a [(usize, usize)]);
    let cases: [Row<'_>; 18] = [
        ("run: one two", &["one", "two"], &[(1, 6), (1, 10)]),
        ("run: |\n  one\n  two three\n", &["one", "two", "three"], &[(2, 3), (3, 3), (3, 7)]),
        ("run: |-\n\n\n    one\n\n      two\n", &["one", "two"], &[(4, 5), (6, 7)]),
        ("run: |2\n    one\n  two\n", &["one", "two"], &[(2, 5), (3, 3)]),
        (
            "run: >-\n  one\n  two\n\n  three\n    four\n  five\n",
            &["two", "three", "four", "five"],
            &[(3, 3), (5, 3), (6, 5), (7, 3)],
        ),
        ("a: é\r\nrun: |\r\n  one\r\n  é two\r\nb: c\r\n", &["one", "two"], &[(3, 3), (4, 5)]),
        ("{b: é, run: 'é one'}", &["one"], &[(1, 16)]),
        ("run: one\n  two\n\n  three", &["one", "two", "three"], &[(1, 6), (2, 3), (4, 3)]),
        ("run: 'it''s one\n  two'", &["one", "two"], &[(1, 13), (2, 3)]),
        (
            "run: \"a\\tb \\\"one\\\"  \n\n  two \\\n  three\"",
            &["one", "two", "three"],
            &[(1, 14), (3, 3), (4, 3)],
        ),
        ("run: \"\\u00e9 one\\n two\"", &["one", "two"], &[(1, 14), (1, 20)]),
        ("x: &x |\n  one\nrun: *x\n", &["one"], &[(2, 3)]),
        ("\u{feff}run: one", &["one"], &[(1, 7)]),
        ("run: !!str &a \"one\"", &["one"], &[(1, 16)]),
        ("run: | # why\n  one\n# no more\n", &["one"], &[(2, 3)]),
        ("run: |+\n\tone", &[], &[]),
        ("? run\n: |\n one\n", &["one"], &[(3, 2)]),
        ("---\nrun: |\n  one\n---\nrun: two", &["one"], &[(3, 3)]),
    ];
    for (source, words, expected) in cases {
        if expected.is_empty() {
            assert!(documents(source).is_err(), "{source:?}");
        } else {
            assert_eq!(places(source, words), expected, "{source:?}");
        }
    }
}

#[test]
fn merged_mappings_are_part_of_those_that_merge_them() {
    let source =
        "a: &a {x: 1, y: 2}\nb: &b\n  <<: *a\n  y: 3\nc:\n  <<: [{z: 4}, *b]\n  z: 5\nd: *a\ny: 6\ny: 7";
    let root = &documents(source).unwrap()[0];
    let text = |path: &[&str]| root.path(path).and_then(Node::text);
    assert_eq!(text(&["b", "x"]), Some("1"));
    assert_eq!(text(&["b", "y"]), Some("3"));
    assert_eq!([text(&["c", "x"]), text(&["c", "y"]), text(&["c", "z"])], [Some("1"), Some("3"), Some("5")]);
    assert_eq!(text(&["d", "y"]), Some("2"));
    assert_eq!(text(&["y"]), Some("7"));
    assert_eq!(text(&["e"]), None);
    let keys: Vec<&str> =
        root.get("c").unwrap().entries().iter().map(|(name, _)| name.value.as_str()).collect();
    assert_eq!(keys, ["z", "x", "y", "y", "z"]);
}

#[test]
fn hostile_files_are_refused() {
    let deep = "[".repeat(100_000);
    let mut laughs = "a0: &a0 [lol]\n".to_owned();
    for level in 1..60 {
        let below = level - 1;
        writeln!(laughs, "a{level}: &a{level} [*a{below}, *a{below}, *a{below}]").unwrap();
    }
    let mut chain = "a0: &a0 [x]\n".to_owned();
    for level in 1..20_000 {
        writeln!(chain, "a{level}: &a{level} [*a{}]", level - 1).unwrap();
    }
    for (source, why) in [
        (deep.as_str(), "limit exceeded"),
        (&laughs, "too much"),
        (&chain, "too deep"),
        ("a: *b", "valid YAML"),
        ("a: 'b", "valid YAML"),
        ("a:\n\t- b", "valid YAML"),
    ] {
        let unread = documents(source).unwrap_err();
        assert!(unread.why.contains(why), "{unread}");
        assert!(unread.at <= source.len());
    }
    assert!(documents("a: &a [*a]").is_ok());
    assert!(documents("").unwrap().is_empty());
}

proptest! {
    #[test]
    fn no_text_breaks_the_reading(source in "[-a: \\[\\]{}|>'\"&*!#\n\r\t\\\\é0-9<?%@`,u]{0,60}") {
        for document in documents(&source).unwrap_or_default() {
            let mut rest = vec![document];
            while let Some(node) = rest.pop() {
                prop_assert!(node.at <= source.len());
                match &node.content {
                    Content::Scalar(scalar) => for part in scalar.parts(&source) {
                        prop_assert!(part.from <= scalar.value.len() && part.at <= source.len() + 1);
                    },
                    Content::Sequence(items) => rest.extend(items.iter().cloned()),
                    Content::Mapping(pairs) => {
                        rest.extend(pairs.iter().flat_map(|(key, value)| [key.clone(), value.clone()]));
                    }
                }
            }
        }
    }

    #[test]
    fn a_block_is_where_its_lines_are(lines in proptest::collection::vec("( {0,3}[a-zé#:' ]{0,8})?", 1..8), folded: bool) {
        let block = lines.iter().map(|line| format!("   {line}\n")).collect::<Vec<_>>().concat();
        let source = format!("run: {}3\n{block}", if folded { '>' } else { '|' });
        if let Ok(documents) = documents(&source) {
            let scalar = documents[0].get("run").unwrap().scalar().unwrap();
            let parts = scalar.parts(&source);
            for (index, part) in parts.iter().enumerate().filter(|(_, part)| part.verbatim) {
                let end = parts.get(index + 1).map_or(scalar.value.len(), |next| next.from);
                let text = scalar.value.get(part.from..end).unwrap().trim_end_matches(['\n', ' ']);
                prop_assert!(source.get(part.at..).unwrap().starts_with(text), "{source:?} {part:?}");
            }
            let words = lines.iter().flat_map(|line| line.split_whitespace()).count();
            let covered: usize = parts.windows(2).filter(|pair| pair[0].verbatim).count();
            prop_assert!(words == 0 || covered + 1 > 0 && parts.len() > 1);
        }
    }
}

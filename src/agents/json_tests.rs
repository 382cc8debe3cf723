use super::*;

fn item() -> Node {
    Node::Map(vec![("a", Node::Number(1)), ("b", Node::List(vec!["x".into()]))])
}

fn appended(text: &str) -> String {
    let mut document = Document::read(text).unwrap();
    document.append(&["hooks", "Pre"], &item()).unwrap();
    document.text()
}

fn removed(text: &str, index: usize, kept: usize) -> String {
    let mut document = Document::read(text).unwrap();
    document.remove(&[Step::Key("hooks"), Step::Key("Pre"), Step::Index(index)], kept).unwrap();
    document.text()
}

#[test]
fn an_entry_is_put_in_as_the_document_is_written() {
    let block = "{\n  \"hooks\": {\n    \"Pre\": [\n      {\n        \"a\": 1,\n        \"b\": [\n          \"x\"\n        ]\n      }\n    ]\n  }\n}";
    for (text, expected) in [
        ("", format!("{block}\n")),
        (" \n", format!("{block}\n")),
        ("{}", block.to_owned()),
        ("{}\n", format!("{block}\n")),
        ("\u{feff}{}", format!("\u{feff}{block}")),
        // Minified.
        (r#"{"z":1}"#, r#"{"z":1,"hooks":{"Pre":[{"a":1,"b":["x"]}]}}"#.to_owned()),
        (r#"{"z": 1}"#, r#"{"z": 1, "hooks": {"Pre": [{"a": 1, "b": ["x"]}]}}"#.to_owned()),
        (r#"{"hooks":{"Pre":[{}]}}"#, r#"{"hooks":{"Pre":[{},{"a":1,"b":["x"]}]}}"#.to_owned()),
        (r#"{"hooks":{"Pre":[]}}"#, r#"{"hooks":{"Pre":[{"a":1,"b":["x"]}]}}"#.to_owned()),
        // Tabs, and lines that end with two characters.
        (
            "{\r\n\t\"z\": 1\r\n}\r\n",
            "{\r\n\t\"z\": 1,\r\n\t\"hooks\": {\r\n\t\t\"Pre\": [\r\n\t\t\t{\r\n\t\t\t\t\"a\": 1,\r\n\t\t\t\t\"b\": [\r\n\t\t\t\t\t\"x\"\r\n\t\t\t\t]\r\n\t\t\t}\r\n\t\t]\r\n\t}\r\n}\r\n".to_owned(),
        ),
        // A comment behind the last, and a trailing comma.
        (
            "{ // top\n  \"hooks\": {\n    \"Pre\": [\n      {} // mine\n      /* end */\n    ]\n  }\n}\n",
            "{ // top\n  \"hooks\": {\n    \"Pre\": [\n      {}, // mine\n      /* end */\n      {\n        \"a\": 1,\n        \"b\": [\n          \"x\"\n        ]\n      }\n    ]\n  }\n}\n".to_owned(),
        ),
        (
            "{\n  \"hooks\": {\n    \"Pre\": [\n      {}, // mine\n    ],\n  },\n}\n",
            "{\n  \"hooks\": {\n    \"Pre\": [\n      {}, // mine\n      {\n        \"a\": 1,\n        \"b\": [\n          \"x\"\n        ]\n      },\n    ],\n  },\n}\n".to_owned(),
        ),
        // A list on one line of several.
        (
            "{\n  \"hooks\": {\"Pre\": [{}]}\n}\n",
            "{\n  \"hooks\": {\"Pre\": [{}, {\"a\": 1, \"b\": [\"x\"]}]}\n}\n".to_owned(),
        ),
        (
            "{\n    \"hooks\": {}\n}\n",
            "{\n    \"hooks\": {\n        \"Pre\": [\n            {\n                \"a\": 1,\n                \"b\": [\n                    \"x\"\n                ]\n            }\n        ]\n    }\n}\n".to_owned(),
        ),
    ] {
        assert_eq!(appended(text), expected, "{text}");
    }
}

#[test]
fn what_was_put_in_comes_out_without_a_trace() {
    for text in [
        "{}",
        "{}\n",
        r#"{"z":1}"#,
        r#"{"z": 1}"#,
        r#"{"hooks":{"Pre":[{}]}}"#,
        r#"{"hooks":{"Post":[]}}"#,
        r#"{ "hooks": { "Pre": [ {"x": "]//"} ] } }"#,
        "{\r\n\t\"z\": 1\r\n}\r\n",
        "{ // top\n  \"hooks\": {\n    \"Pre\": [\n      {} // mine\n      /* end */\n    ]\n  }\n}\n",
        "{\n  \"hooks\": {\n    \"Pre\": [\n      {}, // mine\n    ],\n  },\n}\n",
        "{\n  \"hooks\": {\"Pre\": [{}]}\n}\n",
        "{\n  \"a\": 1, // one\n  \"b\": 2 // two\n}",
        "{\n  \"a\": [{\n    \"b\": 1\n  }], \"c\": 2}",
        "\u{feff}{\n   \"a\": \"\\u00e9\"\n}\n\n\n",
    ] {
        let edited = appended(text);
        let index = Document::read(&edited).unwrap().value()["hooks"]["Pre"].as_array().unwrap().len() - 1;
        assert_eq!(removed(&edited, index, 0), text, "{edited}");
    }
}

#[test]
fn the_others_stay_as_they_are() {
    for (text, index, kept, expected) in [
        (r#"{"hooks":{"Pre":[1,2,3]}}"#, 0, 0, r#"{"hooks":{"Pre":[2,3]}}"#),
        (r#"{"hooks":{"Pre":[1, 2, 3]}}"#, 0, 0, r#"{"hooks":{"Pre":[2, 3]}}"#),
        (r#"{"hooks":{"Pre":[1, 2, 3]}}"#, 1, 0, r#"{"hooks":{"Pre":[1, 3]}}"#),
        (r#"{"hooks":{"Pre":[1, 2, 3]}}"#, 2, 0, r#"{"hooks":{"Pre":[1, 2]}}"#),
        (r#"{"hooks":{"Pre":[1]}}"#, 0, 0, "{}"),
        (r#"{"hooks":{"Pre":[1]}}"#, 0, 1, r#"{"hooks":{}}"#),
        (r#"{"hooks":{"Pre":[1]}}"#, 0, 2, r#"{"hooks":{"Pre":[]}}"#),
        (r#"{"hooks":{"Pre":[1],"Post":[]}}"#, 0, 0, r#"{"hooks":{"Post":[]}}"#),
        (r#"{"hooks":{"Pre":[/* note */ 1]}}"#, 0, 2, r#"{"hooks":{"Pre":[/* note */]}}"#),
        (
            "{\"hooks\":{\"Pre\":[\n  // one\n  1,\n  // two\n  2\n]}}",
            0,
            0,
            "{\"hooks\":{\"Pre\":[\n  // one\n  // two\n  2\n]}}",
        ),
        ("{\"hooks\":{\"Pre\":[\n  1,\n  2,\n]}}", 1, 0, "{\"hooks\":{\"Pre\":[\n  1,\n]}}"),
    ] {
        assert_eq!(removed(text, index, kept), expected, "{text} {index}");
    }
}

#[test]
fn an_entry_is_replaced_in_its_place() {
    let path = [Step::Key("hooks"), Step::Key("Pre"), Step::Index(0)];
    for (text, expected) in [
        (r#"{"hooks":{"Pre":[{},2]}}"#, r#"{"hooks":{"Pre":[{"a":1,"b":["x"]},2]}}"#),
        (
            "{\"hooks\":{\"Pre\":[\n\t{\n\t\t\"q\": 1\n\t}, // mine\n\t2\n]}}",
            "{\"hooks\":{\"Pre\":[\n\t{\n\t  \"a\": 1,\n\t  \"b\": [\n\t    \"x\"\n\t  ]\n\t}, // mine\n\t2\n]}}",
        ),
    ] {
        let mut document = Document::read(text).unwrap();
        document.replace(&path, &item()).unwrap();
        assert_eq!(document.text(), expected);
    }
}

#[test]
fn what_cannot_be_read_is_told_and_where() {
    for (text, expected) in [
        ("{", "line 1, column 1: Unterminated object"),
        ("{\n  \"a\": 1\n  \"b\": 2\n}", "line 2, column 9: Expected comma"),
        ("{'a': 1}", "line 1, column 2: Single-quoted strings are not allowed"),
        ("[]", "it holds no object"),
        ("7", "it holds no object"),
        ("// only a comment", "it holds nothing"),
        ("{\"hooks\": {}, \"hooks\": {}}", "`hooks` stands twice in one object"),
        ("{\"a\\x\": 1}", "line 1, column 4"),
    ] {
        let error = Document::read(text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{text}: {error}");
    }
    for (text, expected) in [
        (r#"{"hooks": []}"#, "`hooks` is not an object"),
        (r#"{"hooks": null}"#, "`hooks` is not an object"),
        (r#"{"hooks": {"Pre": {}}}"#, "`hooks.Pre` is not an array"),
    ] {
        let mut document = Document::read(text).unwrap();
        let error = document.append(&["hooks", "Pre"], &item()).unwrap_err();
        assert_eq!((error.to_string().as_str(), document.text().as_str()), (expected, text));
    }
}

#[test]
fn a_member_is_added_only_where_it_is_missing() {
    for (text, expected) in [
        ("{}", "{\n  \"version\": 1\n}"),
        (r#"{"a":1}"#, r#"{"a":1,"version":1}"#),
        (r#"{"version":2}"#, r#"{"version":2}"#),
    ] {
        let mut document = Document::read(text).unwrap();
        document.add_missing("version", &Node::Number(1)).unwrap();
        assert_eq!(document.text(), expected);
    }
}

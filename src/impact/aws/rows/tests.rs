use serde_json::json;

use super::super::tell;
use super::*;
use crate::command::Command;
use crate::impact::Impact;
use crate::rules::schema::previews::Preview;
use crate::verdict::Fact;

fn ids(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

fn trouble(code: &str) -> Trouble {
    Trouble { short: format!("aws answers {code}"), full: "x".to_owned(), code: Some(code.to_owned()) }
}

/// What is told of these answers: lines, changes, tags.
fn told(ids: &[String], heard: Vec<Heard<'_>>) -> (Vec<String>, Vec<String>, Vec<String>) {
    let preview = Preview {
        action: "delete".to_owned(),
        kind: "thing".to_owned(),
        columns: ["type", "objects", "encrypted"].map(str::to_owned).to_vec(),
        protection: Some("protection".to_owned()),
        ..Preview::default()
    };
    let mut impact = Impact::default();
    tell::all(&preview, &found(ids, heard), &mut impact);
    let words = |change: &Command| {
        let fields = change.fields.set.iter().map(|field| format!("{}={}", field.path, field.value));
        change.path.iter().cloned().chain(fields).collect::<Vec<_>>().join(" ")
    };
    let tags = impact.target.values(Fact::Tag).map(str::to_owned).collect();
    (impact.lines.clone(), impact.changes.iter().map(words).collect(), tags)
}

#[test]
fn rows_about_the_same_thing_are_put_together() {
    let first = Look { most: Some(1000), ..Look::default() };
    let each = Look { each: true, ..Look::default() };
    let tags = json!([{"Key": "Name", "Value": "web"}, {"Key": "Environment", "Value": "Prod"}, {"Key": "aws:x", "Value": "y"}]);
    let rows = json!([[{"id": "i-2", "type": "t3", "objects": 1001}], [{"id": "i-1", "tags": tags, "encrypted": false}]]);
    let (lines, changes, tags) = told(
        &ids("i-1 i-2"),
        vec![
            (&first, None, Ok(rows)),
            (&each, Some("i-1".to_owned()), Ok(json!({"protected": true}))),
            (&each, Some("i-2".to_owned()), Ok(json!({"protected": "false"}))),
        ],
    );
    assert_eq!(
        lines,
        [
            "delete thing i-1 (web, not encrypted, environment=Prod, protection on)",
            "delete thing i-2 (t3, more than 1000 objects, protection off)"
        ]
    );
    assert_eq!(
        changes,
        [
            "delete thing i-1 of=2 name=web protected=true encrypted=false tag.environment=Prod tag.name=web",
            "delete thing i-2 of=2 protected=false objects=1001 type=t3"
        ]
    );
    assert_eq!(tags, ["environment=Prod", "name=web"]);
}

#[test]
fn tags_are_read_however_a_service_writes_them() {
    for value in [
        json!([{"Key": "A", "Value": "b"}]),
        json!([{"key": "A", "value": "b"}]),
        json!([{"TagKey": "A", "TagValue": "b"}]),
        json!({"A": "b"}),
    ] {
        assert_eq!(tags(&value), [("a".to_owned(), "b".to_owned())].into(), "{value}");
    }
    assert_eq!(tags(&json!("A=b")), BTreeMap::new());
}

#[test]
fn what_is_not_known_is_a_change_and_what_is_not_there_is_none() {
    let look = Look::default();
    let (lines, changes, _) = told(&ids("a"), vec![(&look, None, Err(trouble("NoSuchThing")))]);
    assert_eq!(lines, ["thing a is not there: nothing of it is lost"]);
    assert_eq!(changes, Vec::<String>::new());
    let (lines, changes, _) = told(&ids("a"), vec![(&look, None, Err(trouble("AccessDenied")))]);
    assert_eq!(lines, ["what thing a is, is not known: aws answers AccessDenied: x"]);
    assert_eq!(changes, ["unknown thing a action=delete why=aws answers AccessDenied"]);
    let (_, changes, _) = told(&ids("a b"), vec![(&look, None, Err(trouble("NoSuchThing")))]);
    assert_eq!(
        changes,
        ["unknown thing a b action=delete why=aws answers NoSuchThing"],
        "either may be there"
    );
    let (lines, _, _) = told(&ids("a b"), vec![(&look, None, Ok(json!([{"id": "b"}])))]);
    assert_eq!(lines, ["delete thing b", "thing a is not there: nothing of it is lost"]);
}

#[test]
fn a_thing_that_is_known_by_another_name_is_there() {
    let (first, second) = (Look::default(), Look::default());
    let heard: Vec<Heard<'_>> = vec![
        (&first, Some("arn:aws:x:1:thing/a".to_owned()), Ok(json!({"id": "a"}))),
        (&second, Some("arn:aws:x:1:thing/a".to_owned()), Ok(json!({"protected": true}))),
    ];
    let (lines, ..) = told(&ids("arn:aws:x:1:thing/a"), heard);
    assert_eq!(lines, ["delete thing a (protection on)"]);
}

#[test]
fn only_exact_names_count_where_all_that_begin_so_are_told() {
    let look = Look { exact: true, ..Look::default() };
    let rows = || json!([{"id": "app"}, {"id": "app2"}]);
    assert_eq!(told(&ids("app"), vec![(&look, None, Ok(rows()))]).0, ["delete thing app"]);
    let (lines, ..) = told(&ids("ap"), vec![(&look, None, Ok(rows()))]);
    assert_eq!(lines, ["thing ap is not there: nothing of it is lost"]);
}

#[test]
fn what_goes_with_it_is_told_and_judged() {
    let (first, members) = (Look::default(), Look { members: true, ..Look::default() });
    let rows = json!([{"kind": "AWS::SQS::Queue", "id": "q"}, {"kind": "AWS::X", "id": null}]);
    let (lines, changes, _) =
        told(&ids("s"), vec![(&first, None, Ok(json!({"id": "s"}))), (&members, None, Ok(rows))]);
    assert_eq!(lines, ["delete thing s", "delete with it AWS::SQS::Queue q"]);
    assert_eq!(changes, ["delete thing s of=1", "delete AWS::SQS::Queue q member=true"]);
    for (count, unknown) in
        [(500, None), (501, Some("unknown thing  action=delete why=more than 500 go with it"))]
    {
        let rows: Vec<_> = (0..count).map(|at| json!({"kind": "AWS::X", "id": format!("m{at}")})).collect();
        let heard = vec![(&first, None, Ok(json!({"id": "s"}))), (&members, None, Ok(json!(rows)))];
        let (_, changes, _) = told(&ids("s"), heard);
        let found = changes.iter().find(|change| change.starts_with("unknown")).map(String::as_str);
        assert_eq!(found, unknown, "{count}");
    }
}

#[test]
fn the_order_of_an_answer_does_not_count() {
    let look = Look::default();
    let one = json!([{"id": "a", "tags": {"x": "1", "y": "2"}}, {"id": "b", "tags": {"z": "3"}}]);
    let other = json!([{"id": "b", "tags": {"z": "3"}}, {"id": "a", "tags": {"y": "2", "x": "1"}}]);
    assert_eq!(
        told(&ids("a b"), vec![(&look, None, Ok(one))]),
        told(&ids("b a"), vec![(&look, None, Ok(other))])
    );
}

#[test]
fn one_that_is_not_there_hides_no_other() {
    let (look, each) = (Look::default(), Look { each: true, ..Look::default() });
    let one = |id: &str| Some(id.to_owned());
    let (lines, changes, _) = told(
        &ids("a b c"),
        vec![
            (&each, one("a"), Err(trouble("NoSuchThing"))),
            (&each, one("b"), Ok(json!({"type": "t"}))),
            (&each, one("c"), Err(trouble("AccessDenied"))),
        ],
    );
    assert_eq!(lines, ["what thing c is, is not known: aws answers AccessDenied: x", "delete thing b (t)"]);
    assert_eq!(
        changes,
        ["unknown thing c action=delete why=aws answers AccessDenied", "delete thing b of=1 type=t"]
    );
    // As many rows as ids, but one of them by another name.
    let (lines, ..) = told(&ids("a b"), vec![(&look, None, Ok(json!([{"id": "x"}, {"id": "b"}])))]);
    assert_eq!(lines, ["delete thing b", "delete thing x"]);
}

#[test]
fn the_same_trouble_is_told_once() {
    let (first, second) = (Look::default(), Look::default());
    let denied = || Err(trouble("AccessDenied"));
    let (lines, changes, _) = told(
        &ids("a"),
        vec![(&first, None, denied()), (&second, None, denied()), (&second, None, Err(trouble("Slow")))],
    );
    assert_eq!((lines.len(), changes.len()), (2, 2), "{lines:?}");
}

#[test]
fn a_second_look_adds_to_what_was_found() {
    let (first, second) = (Look::default(), Look { members: true, ..Look::default() });
    let mut finding = found(&ids("a"), vec![(&first, None, Ok(json!({"id": "a", "arn": "arn:a"})))]);
    let one = || Some("a".to_owned());
    finding.add(vec![
        (&first, one(), Ok(json!({"tags": {"Env": "prod"}, "type": "t"}))),
        (&first, one(), Ok(json!([{"id": "b", "type": "t"}]))),
        (&second, one(), Ok(json!({"kind": "k", "id": "m"}))),
        (&first, one(), Err(trouble("NoSuchTagSet"))),
        (&first, one(), Err(trouble("AccessDenied"))),
    ]);
    assert_eq!(finding.things.len(), 1, "a later look finds nothing new: {:?}", finding.things);
    assert_eq!(finding.things[0].tags, [("env".to_owned(), "prod".to_owned())].into());
    assert_eq!(finding.members, [Member { kind: "k".to_owned(), id: "m".to_owned() }]);
    assert_eq!(finding.troubles, [("a".to_owned(), trouble("AccessDenied"))]);
}

#[test]
fn no_column_stands_for_what_every_change_says() {
    let look = Look::default();
    let (_, changes, _) = told(&ids("a"), vec![(&look, None, Ok(json!({"id": "a", "of": "main"})))]);
    assert_eq!(changes, ["delete thing a of=1"]);
}

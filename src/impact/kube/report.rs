//! What was found, gathered for the rulebook and for people.

use std::collections::BTreeMap;

use super::objects::Object;
use crate::command::Command;
use crate::command::declared::{OBJECT, change};
use crate::context::target::Target;
use crate::impact::Impact;
use crate::verdict::Fact;

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Report {
    changes: Vec<Command>,
    /// What could not be found out, what is lost for good, and the rest.
    lines: [Vec<String>; 3],
    notes: Vec<String>,
    target: Target,
}

impl Report {
    /// That `action` happens to `object`.
    pub(super) fn happens(&mut self, action: &str, object: &Object, fields: &[(&str, String)]) {
        self.changes.push(object.change(action, fields));
        self.acts_on(object);
    }

    /// That it acts where `object` is: the words may name another place.
    pub(super) fn acts_on(&mut self, object: &Object) {
        let own = (object.kind == "namespaces").then_some(&object.name);
        for name in own.into_iter().chain(&object.namespace) {
            self.target.add(Fact::Namespace, name);
        }
    }

    /// That `what` could not be found out.
    pub(super) fn unknown(&mut self, what: &str, why: &str) {
        self.changes.push(change(OBJECT, ["unknown", what, "-"]));
        self.first(format!("{what} unknown: {why}"));
    }

    /// How much is deleted.
    pub(super) fn share(&mut self, deleted: usize, dependents: usize) {
        let all = deleted + dependents;
        let fields = [format!("deleted={deleted}"), format!("dependents={dependents}"), format!("all={all}")];
        let words = ["share".to_owned(), "deleted".to_owned(), all.to_string()].into_iter().chain(fields);
        self.changes.push(change(OBJECT, words));
    }

    /// Changes that a manifest states, and the lines that tell them.
    pub(super) fn add(&mut self, changes: Vec<Command>, lines: Vec<String>) {
        self.changes.extend(changes);
        for line in lines {
            self.grave(line);
        }
    }

    /// A line that nobody is to miss.
    pub(super) fn first(&mut self, line: String) {
        let [first, ..] = &mut self.lines;
        first.push(line);
    }

    /// A line of something grave.
    pub(super) fn grave(&mut self, line: String) {
        let [_, grave, _] = &mut self.lines;
        grave.push(line);
    }

    /// A line.
    pub(super) fn line(&mut self, line: String) {
        let [.., rest] = &mut self.lines;
        rest.push(line);
    }

    /// What else a reader should know, the same whenever it is said.
    pub(super) fn note(&mut self, note: &str) {
        self.notes.push(note.to_owned());
    }

    /// What it comes to.
    pub(super) fn impact(self) -> Impact {
        let Self { changes, lines, notes, target } = self;
        let lines = lines.into_iter().flatten().collect();
        Impact { changes, target, lines, notes, ..Impact::default() }
    }
}

/// `2 persistentvolumeclaims, 1 pod`, the gravest first.
pub(super) fn counted<'a>(objects: impl IntoIterator<Item = &'a Object>) -> String {
    let mut counts: BTreeMap<(usize, &str), (usize, &str)> = BTreeMap::new();
    for object in objects {
        let (count, _) = counts.entry((object.gravity(), &object.kind)).or_insert((0, object.singular()));
        *count += 1;
    }
    let counted = counts.iter().map(|((_, kind), (count, singular))| match count {
        1 => format!("1 {singular}"),
        count => format!("{count} {kind}"),
    });
    counted.collect::<Vec<String>>().join(", ")
}

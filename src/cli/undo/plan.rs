//! What an undo makes, what it leaves, and what it cannot bring back.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::impact::kube::kept::Record;
use crate::impact::kube::kept::manifest::{self, Manifest};
use crate::impact::probe::Probe;
use crate::process::Executable;
use crate::ui::sanitize;

/// How many objects one look asks for.
const AT_ONCE: usize = 100;

/// How many lines of one sort are shown.
const LINES: usize = 100;

/// What is to be done.
#[derive(Debug, Default)]
pub(super) struct Plan<'a> {
    /// Manifests as they are sent, in order, with what they were.
    pub(super) made: Vec<(Value, Manifest<'a>)>,
    /// What stays as it is, and why.
    left: Vec<String>,
    /// What does not come back with an object.
    lost: Vec<String>,
}

/// What one `kubectl create` makes.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// The namespace of all of them, where they are in one.
    pub(super) namespace: Option<&'a str>,
    objects: Vec<&'a Value>,
}

impl Group<'_> {
    /// Its manifests, one after the other: of a list, kubectl would check the fields by
    /// itself, and not leave that to the server.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for one in &self.objects {
            let _ = writeln!(text, "{one}");
        }
        text
    }

    /// The kinds that it makes.
    pub(super) fn kinds(&self) -> Vec<&str> {
        let kinds = self.objects.iter().map(|one| Manifest(one));
        kinds.filter(|one| one.kind() == "CustomResourceDefinition").map(Manifest::name).collect()
    }
}

/// What names an object, whatever version it is asked for in.
type Name = (String, String, String, String);

fn name_of(one: Manifest<'_>) -> Name {
    let namespace = one.namespace().unwrap_or_default().to_owned();
    (one.group().to_owned(), one.kind().to_owned(), namespace, one.name().to_owned())
}

impl<'a> Plan<'a> {
    /// That of a record, as the cluster is now.
    pub(super) fn of(record: &'a Record, program: &Executable, directory: &Path) -> Self {
        let there = There::look(record, program, directory);
        let mut plan = Self::default();
        for saved in &record.objects {
            let was = Manifest(&saved.manifest);
            let shown = was.shown();
            if let Some(found) = there.named.get(&name_of(was)) {
                plan.left.push(format!("{shown} {}", found.told(was)));
                continue;
            }
            if let Some(why) = was.left(&saved.withheld) {
                plan.left.push(format!("{shown}: {why}"));
                continue;
            }
            if !saved.withheld.is_empty() {
                plan.lost.push(format!(
                    "{shown}: the values of {}, which were not kept",
                    saved.withheld.join(", ")
                ));
            }
            match was.kind() {
                "PersistentVolumeClaim" => {
                    plan.lost.push(format!("{shown}: the claim is made again, its data is not back"));
                }
                "PersistentVolume" => plan.lost.push(format!(
                    "{shown}: it names storage as before; whether its data is still there, only the storage tells"
                )),
                _ => {}
            }
            let sent = manifest::again(&saved.manifest, &|uid| there.uids.contains(uid));
            plan.made.push((sent, was));
        }
        plan.lost.extend(record.missing.iter().map(|why| format!("what could not be kept: {why}")));
        plan
    }

    /// For people.
    pub(super) fn shown(&self, record: &Record) -> String {
        let aim = &record.aim;
        let mut text = format!(
            "undo {}: {} ({})\n",
            record.id,
            sanitize::text(&record.command),
            record.when.strftime("%Y-%m-%d %H:%M UTC")
        );
        let place: Vec<String> =
            [("context", &aim.context), ("server", &aim.server), ("certificate authority", &aim.ca)]
                .into_iter()
                .filter_map(|(name, value)| Some(format!("{name} {}", value.as_deref()?)))
                .collect();
        let _ = writeln!(text, "  where:    {}", sanitize::text(&place.join(", ")));
        let made: Vec<String> = self.made.iter().map(|(_, was)| was.shown()).collect();
        for (head, lines) in [("makes:", &made), ("not back:", &self.lost), ("leaves:", &self.left)] {
            for (at, line) in lines.iter().take(LINES).enumerate() {
                let head = if at == 0 { head } else { "" };
                let _ = writeln!(text, "  {head:<9} {}", sanitize::text(line));
            }
            if lines.len() > LINES {
                let _ = writeln!(text, "  {:<9} and {} more", "", lines.len() - LINES);
            }
        }
        text
    }

    /// What is made together: kinds and namespaces, what else is in none, each namespace,
    /// and what may forbid others.
    pub(super) fn groups(&self) -> Vec<Group<'_>> {
        let mut groups: BTreeMap<(u8, Option<&str>), Vec<&Value>> = BTreeMap::new();
        for (sent, was) in &self.made {
            let namespace = was.namespace();
            let stage = match (namespace, was.kind()) {
                (Some(_), _) => 2,
                (None, "Namespace" | "CustomResourceDefinition") => 0,
                (None, kind) if kind.ends_with("WebhookConfiguration") || kind == "APIService" => 3,
                (None, _) => 1,
            };
            groups.entry((stage, namespace)).or_default().push(sent);
        }
        groups.into_iter().map(|((_, namespace), objects)| Group { namespace, objects }).collect()
    }
}

/// An object that has the name of one that was kept.
#[derive(Debug)]
struct Present {
    uid: String,
    /// Whether it only waits for its finalizers.
    is_going: bool,
}

impl Present {
    fn told(&self, was: Manifest<'_>) -> &'static str {
        match (self.is_going, Some(self.uid.as_str()) == was.uid()) {
            (true, _) => "is still being deleted: undo makes it again when it is gone",
            (false, true) => "was not deleted",
            (false, false) => "is there again",
        }
    }
}

/// What of a record is there now.
#[derive(Debug, Default)]
struct There {
    /// By name.
    named: BTreeMap<Name, Present>,
    /// Every uid, those of owners among it.
    uids: BTreeSet<String>,
}

impl There {
    /// Looks. What cannot be asked for is taken for gone: making it says so where it is not.
    fn look(record: &Record, program: &Executable, directory: &Path) -> Self {
        let mut wanted: BTreeMap<Option<&str>, BTreeSet<String>> = BTreeMap::new();
        for saved in &record.objects {
            let one = Manifest(&saved.manifest);
            let words = wanted.entry(one.namespace()).or_default();
            words.insert(one.word());
            words.extend(one.owner_words());
        }
        let mut there = Self::default();
        for (namespace, words) in wanted {
            let words: Vec<String> = words.into_iter().collect();
            for some in words.chunks(AT_ONCE) {
                if !there.ask(record, namespace, some, program, directory) {
                    // One kind that is gone fails them all.
                    for one in some {
                        there.ask(record, namespace, std::slice::from_ref(one), program, directory);
                    }
                }
            }
        }
        there
    }

    fn ask(
        &mut self,
        record: &Record,
        namespace: Option<&str>,
        words: &[String],
        program: &Executable,
        directory: &Path,
    ) -> bool {
        let mut arguments: Vec<OsString> = vec!["get".into()];
        arguments.extend(words.iter().map(OsString::from));
        arguments.extend(record.aim.arguments());
        arguments.extend(namespace.map(|name| format!("--namespace={name}").into()));
        arguments.extend(["--ignore-not-found".into(), "--output=json".into()]);
        let Ok(answer) = Probe::of(program, directory, arguments).ask() else { return false };
        let values = serde_json::Deserializer::from_slice(&answer.printed).into_iter::<Value>();
        for value in values.map_while(Result::ok) {
            let listed = value.get("items").and_then(Value::as_array).cloned();
            for one in listed.unwrap_or_else(|| vec![value]) {
                let one = Manifest(&one);
                let uid = one.uid().unwrap_or_default().to_owned();
                let is_going = one.0.pointer("/metadata/deletionTimestamp").is_some();
                self.named.insert(name_of(one), Present { uid: uid.clone(), is_going });
                self.uids.insert(uid);
            }
        }
        answer.code == Some(0)
    }
}

//! Which objects a command deletes, and what goes with them, asked of the real kubectl.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::time::Instant;

use serde_json::Value;

use super::manifest::Manifest;
use crate::command::cobra::Parsed;
use crate::command::kubectl::TABLE;
use crate::command::{self, Flag};
use crate::impact::kube::fed;
use crate::impact::probe::{Answer, Probe};
use crate::impact::{Given, Impact, Subject};
use crate::process::Environment;

/// Flags that say which objects are meant; `get` has the same.
const SELECTING: [&str; 7] = [
    "--all-namespaces",
    "--field-selector",
    "--filename",
    "--kustomize",
    "--namespace",
    "--recursive",
    "--selector",
];

/// Flags of every command that make it print or write more.
const NOISY: [&str; 8] = [
    "--add-dir-header",
    "--help",
    "--profile",
    "--profile-output",
    "--v",
    "--vmodule",
    "--warnings-as-errors",
    "--namespace",
];

/// Kinds in a namespace that are made again by themselves, or tell only what was.
const PASSING: [&str; 5] = [
    "endpointslices.discovery.k8s.io",
    "events",
    "events.events.k8s.io",
    "leases.coordination.k8s.io",
    "bindings",
];

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// The objects as the server has them.
    pub(super) objects: Vec<Value>,
    /// What could not be read, in words.
    pub(super) missing: Vec<String>,
}

/// How the objects are found.
#[derive(Debug, PartialEq, Eq)]
enum Question {
    /// `get` with these words.
    Get(Vec<OsString>),
    /// The command itself as a rehearsal, which prints what it would prune.
    Pruned(Vec<OsString>),
}

/// The objects that `subject` deletes, asked for until then; `None` where it deletes none.
///
/// # Errors
/// Why they are not known, or cannot be read.
pub(super) fn gather(
    subject: &Subject<'_>,
    impact: &Impact,
    until: Instant,
) -> Result<Option<Gathered>, String> {
    let command = subject.command;
    if command.rehearsed || command.inert.is_some() || command.conventional {
        return Ok(None);
    }
    let run = impact.run.as_ref();
    let arguments = run.map_or(&subject.program.arguments, |run| &run.arguments);
    let fed = match run.and_then(|run| run.given.as_ref()) {
        Some(Given::Input(sealed)) => Some(sealed),
        _ => None,
    };
    let parsed = TABLE.parse(arguments);
    if !deletes(&parsed) {
        return Ok(None);
    }
    if command.uncertain {
        return Err("which objects it means is not known".to_owned());
    }
    if fed.is_none() && fed::reads_once(arguments) {
        return Err("what it is fed can be read only once".to_owned());
    }
    let arguments = match fed {
        Some(sealed) => fed::readable(arguments, sealed).map_err(|error| error.to_string())?,
        None => arguments.clone(),
    };
    let parsed = TABLE.parse(&arguments);
    let asked = Asked { subject, flags: flags(&parsed), until };
    let mut found = Gathered::default();
    found.objects = match question(&parsed, &arguments)? {
        Question::Get(words) => asked.objects(&words, &mut found.missing)?,
        Question::Pruned(words) => {
            let mut printed = asked.objects(&words, &mut found.missing)?.into_iter();
            // What is applied is printed first, as one object or one list.
            printed.next();
            printed.collect()
        }
    };
    found.objects = found.objects.into_iter().flat_map(items).collect();
    asked.with_contents(&mut found);
    Ok(Some(found))
}

/// Whether a command takes objects away by what it says.
fn deletes(parsed: &Parsed) -> bool {
    let path: Vec<&str> = parsed.path.iter().map(String::as_str).collect();
    let is_on = |flag: &str| parsed.boolean(flag) == Some(true);
    match path.as_slice() {
        ["delete"] => true,
        ["replace"] => is_on("--force"),
        ["apply"] => is_on("--force") || is_on("--prune"),
        _ => false,
    }
}

fn question(parsed: &Parsed, arguments: &[OsString]) -> Result<Question, String> {
    if parsed.flags.iter().any(|flag| flag.name == "--raw") {
        return Err("what a raw request deletes is not looked up".to_owned());
    }
    // Put behind these, a flag would be none.
    let dashed = |word: &OsString| word.as_encoded_bytes().starts_with(b"-");
    if parsed.operands.iter().any(dashed) || arguments.iter().any(|word| word == "--") {
        return Err("words behind `--` are not looked up".to_owned());
    }
    if parsed.boolean("--prune") == Some(true) {
        return rehearsal(parsed, arguments).map(Question::Pruned);
    }
    let mut words: Vec<OsString> = vec!["get".into()];
    words.extend(parsed.operands.iter().cloned());
    let selecting = parsed.flags.iter().filter(|flag| SELECTING.contains(&flag.name.as_str()));
    words.extend(selecting.map(word));
    Ok(Question::Get(words))
}

/// The same as a rehearsal. Nothing is asked that may be read as anything else: put
/// behind the other words, the flag could be another one's value.
fn rehearsal(parsed: &Parsed, arguments: &[OsString]) -> Result<Vec<OsString>, String> {
    let behind = parsed.words.iter().max().map_or(0, |at| at + 1);
    let mut words = arguments.to_vec();
    let flags = ["--dry-run=server", "--output=json"].map(OsString::from);
    words.splice(behind..behind, flags);
    let read = command::parse("kubectl", &words, &Environment::default());
    if read.is_ok_and(|command| command.rehearsed && command.path == parsed.path && !command.uncertain) {
        Ok(words)
    } else {
        Err("what it prunes cannot be asked for without doing it".to_owned())
    }
}

/// The flags of every command that choose the cluster, the identity and the manners.
fn flags(parsed: &Parsed) -> Vec<OsString> {
    let global = TABLE.flag_names("");
    let of_all = |flag: &&Flag| global.contains(&flag.name) && !NOISY.contains(&flag.name.as_str());
    parsed.flags.iter().filter(of_all).map(word).collect()
}

fn word(flag: &Flag) -> OsString {
    let mut word = OsString::from(&flag.name);
    if let Some(value) = &flag.value {
        word.push("=");
        word.push(value);
    }
    word
}

/// The objects of a list, or the one that it is.
fn items(value: Value) -> Vec<Value> {
    match value {
        Value::Object(mut entries) if entries.get("items").is_some_and(Value::is_array) => {
            match entries.remove("items") {
                Some(Value::Array(items)) => items,
                _ => Vec::new(),
            }
        }
        other => vec![other],
    }
}

/// kubectl, asked as the command would act.
struct Asked<'a> {
    subject: &'a Subject<'a>,
    flags: Vec<OsString>,
    until: Instant,
}

impl Asked<'_> {
    fn ask(&self, words: &[OsString]) -> Result<Answer, String> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err("it takes too long".to_owned());
        }
        // The command itself has its own.
        let is_ours = words.first().is_some_and(|word| word == "get" || word == "api-resources");
        let words = words.iter().chain(self.flags.iter().filter(|_| is_ours)).cloned();
        let probe =
            Probe { patience: left, ..Probe::of(self.subject.program, self.subject.directory, words) };
        probe.ask().map_err(|error| crate::ui::chain(&error))
    }

    /// What is printed, also where some of it could not be.
    fn objects(&self, words: &[OsString], missing: &mut Vec<String>) -> Result<Vec<Value>, String> {
        let mut words = words.to_vec();
        if words.first().is_some_and(|word| word == "get") {
            words.extend(["--output=json", "--ignore-not-found"].map(OsString::from));
        }
        let answer = self.ask(&words)?;
        let printed = serde_json::Deserializer::from_slice(&answer.printed).into_iter::<Value>();
        let objects: Result<Vec<Value>, _> = printed.collect();
        let objects = match objects {
            Ok(objects) => objects,
            Err(_) if answer.code != Some(0) => Vec::new(),
            Err(_) => return Err("kubectl printed something else than objects".to_owned()),
        };
        if answer.code != Some(0) {
            let last = answer.said.lines().map(str::trim).rfind(|line| !line.is_empty());
            let why = last.unwrap_or("kubectl did not say why").to_owned();
            if objects.is_empty() {
                return Err(why);
            }
            missing.push(why);
        }
        Ok(objects)
    }

    /// Adds what is in namespaces that go, and the objects of kinds that go.
    fn with_contents(&self, found: &mut Gathered) {
        let mut seen: BTreeSet<String> = uids(&found.objects).collect();
        let mut add = |found: &mut Gathered, what: String, words: Result<Vec<OsString>, String>| {
            let objects = words.and_then(|words| self.objects(&words, &mut found.missing));
            match objects {
                Ok(objects) => {
                    let new = objects.into_iter().flat_map(items).filter(|one| match Manifest(one).uid() {
                        Some(uid) => seen.insert(uid.to_owned()),
                        None => true,
                    });
                    found.objects.extend(new);
                }
                Err(why) => found.missing.push(format!("{what}: {why}")),
            }
        };
        for object in found.objects.clone() {
            let manifest = Manifest(&object);
            let name = manifest.name().to_owned();
            match (manifest.group(), manifest.kind()) {
                ("", "Namespace") => add(found, format!("what is in {name}"), self.contents(&name)),
                ("apiextensions.k8s.io", "CustomResourceDefinition") => {
                    let words = vec!["get".into(), name.clone().into(), "--all-namespaces".into()];
                    add(found, format!("the {name}"), Ok(words));
                }
                _ => {}
            }
        }
    }

    /// The question for all in a namespace.
    fn contents(&self, namespace: &str) -> Result<Vec<OsString>, String> {
        let words = ["api-resources", "--namespaced", "--verbs=create,delete,list", "--output=name"];
        let answer = self.ask(&words.map(OsString::from))?;
        let printed = String::from_utf8_lossy(&answer.printed);
        let kinds: Vec<&str> = printed.lines().map(str::trim).filter(|kind| !kind.is_empty()).collect();
        let kinds: Vec<&str> = kinds.into_iter().filter(|kind| !PASSING.contains(kind)).collect();
        if kinds.is_empty() {
            return Err("which kinds there are is not known".to_owned());
        }
        Ok(vec!["get".into(), kinds.join(",").into(), format!("--namespace={namespace}").into()])
    }
}

fn uids(objects: &[Value]) -> impl Iterator<Item = String> {
    objects.iter().filter_map(|one| Manifest(one).uid().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(line: &str) -> Option<Result<String, String>> {
        let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let parsed = TABLE.parse(&arguments);
        let shown = |words: Vec<OsString>| {
            words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
        };
        deletes(&parsed).then(|| {
            question(&parsed, &arguments).map(|question| match question {
                Question::Get(words) | Question::Pruned(words) => shown(words),
            })
        })
    }

    #[test]
    fn what_is_deleted_is_asked_for_by_the_same_words() {
        for (line, expected) in [
            ("delete deploy web -n prod", Some("get deploy web --namespace=prod")),
            ("-n prod delete pods -l app=x --wait=false", Some("get pods --namespace=prod --selector=app=x")),
            ("delete pvc --all -A --force", Some("get pvc --all-namespaces")),
            ("delete -f x.yaml -R", Some("get --filename=x.yaml --recursive")),
            ("delete -k overlays/dev", Some("get --kustomize=overlays/dev")),
            ("replace --force -f x.yaml", Some("get --filename=x.yaml")),
            ("apply --force -f x.yaml", Some("get --filename=x.yaml")),
            (
                "apply --prune -l a=b -f x.yaml",
                Some("apply --dry-run=server --output=json --prune -l a=b -f x.yaml"),
            ),
            (
                "-n x apply --prune -f x.yaml -l",
                Some("-n x apply --dry-run=server --output=json --prune -f x.yaml -l"),
            ),
            ("apply -f x.yaml", None),
            ("replace -f x.yaml", None),
            ("drain n1", None),
            ("get pods", None),
        ] {
            assert_eq!(asked(line).transpose().unwrap().as_deref(), expected, "{line}");
        }
        for line in [
            "delete --raw /api/v1/namespaces/x",
            "delete -- pods -x",
            "apply --prune -f x.yaml --dry-run=none",
        ] {
            assert!(asked(line).unwrap().is_err(), "{line}");
        }
    }

    #[test]
    fn what_chooses_the_cluster_is_asked_with() {
        let arguments: Vec<OsString> =
            "delete ns x --context c --token t -v 9 -n y --as=root".split(' ').map(OsString::from).collect();
        assert_eq!(flags(&TABLE.parse(&arguments)), ["--context=c", "--token=t", "--as=root"]);
    }
}

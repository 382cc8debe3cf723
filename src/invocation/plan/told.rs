//! What a plan does, for people. Lines name attributes, and tell numbers and booleans:
//! any other value may be a secret that nobody marked.

use std::collections::BTreeSet;

use super::shown::Shown;
use super::{Change, EXTERNAL, Plan, SENSITIVE, UNKNOWN};

/// How many changes are named.
const MOST: usize = 1000;

/// How much is said of one update.
const MOST_SAID: usize = 6;

/// The actions in the order of the first line, with what they are called there and in the lines.
const ACTIONS: [(&str, &str, &str); 9] = [
    ("delete", "to destroy", "destroy"),
    ("replace", "to replace", "replace"),
    ("forget", "to forget", "forget"),
    ("drift", "reported as gone", "drop from the state"),
    ("update", "to change", "change"),
    ("create", "to add", "add"),
    ("import", "to import", "import"),
    ("move", "to move", "move"),
    ("record", "to write into the state as it is found", "record"),
];

/// How many of them take something away.
const TAKING: usize = 4;

/// Types of which everything stands in the state or the configuration.
const STATE_ONLY: [&str; 8] =
    ["null_", "terraform_", "random_", "time_", "tls_", "local_", "archive_", "template_"];

impl Plan {
    /// What it does, for people: how much in the first line, then what is lost, what is taken
    /// away in its place, and what it starts, one line each. Names are anybody's text.
    pub fn lines(&self) -> Vec<String> {
        let counts = ACTIONS.iter().filter_map(|(action, to, _)| {
            let count = self.changes.iter().filter(|change| change.action == *action).count();
            (count > 0).then(|| format!("{count} {to}"))
        });
        let mut lines = vec![counts.collect::<Vec<_>>().join(", ")];
        if lines.iter().all(String::is_empty) {
            lines = vec!["no resource is changed".to_owned()];
        }
        lines.extend(self.remarks.iter().cloned());
        lines.extend(self.share_lines());
        let mut told: Vec<String> = Vec::new();
        for (action, _, verb) in ACTIONS.iter().take(TAKING) {
            let of = |change: &&Change| change.action == *action;
            let (less, more): (Vec<&Change>, Vec<&Change>) =
                self.changes.iter().filter(of).partition(|change| is_state_only(&change.kind));
            told.extend(more.into_iter().chain(less).map(|change| change.line(verb)));
        }
        told.extend(self.changes.iter().filter(|change| change.action == "update").filter_map(Change::taken));
        told.extend(self.beside.iter().filter_map(|one| match one.action {
            "provision" => Some(format!("run {} with {}", one.kind, one.address)),
            EXTERNAL if one.kind == EXTERNAL => Some(format!("run the program of {}", one.address)),
            EXTERNAL => Some(format!("run {} to read {}", one.kind, one.address)),
            "invoke" => Some(format!("invoke {} ({})", one.address, one.kind)),
            _ => None,
        }));
        let rest = told.len().saturating_sub(MOST);
        told.truncate(MOST);
        lines.append(&mut told);
        lines.extend((rest > 0).then(|| format!("and {rest} more")));
        lines
    }

    fn share_lines(&self) -> impl Iterator<Item = String> {
        let shares = self.beside.iter().filter(|one| one.action == "share");
        shares.filter_map(|share| {
            let all: usize = share.fields.iter().find_map(|field| field.strip_prefix("of=")?.parse().ok())?;
            let what = if share.kind == "lost" {
                "are reported as gone, and dropped from it"
            } else {
                "are deleted or replaced"
            };
            // Without a state nobody knows of how many.
            let known = self.held > 1 || (share.kind == "lost" && all > 1);
            known.then(|| format!("{} of the {all} objects in the state {what}", share.address))
        })
    }
}

/// What lines call an action of a [`Change`] to a resource; nothing where it is none of a resource.
pub fn verb(action: &str) -> Option<&'static str> {
    ACTIONS.iter().find(|(name, ..)| *name == action).map(|(_, _, verb)| *verb)
}

fn is_state_only(kind: &str) -> bool {
    STATE_ONLY.iter().any(|prefix| kind.starts_with(prefix))
}

impl Change {
    fn line(&self, verb: &str) -> String {
        let why = self.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        format!("{verb} {}{why}", self.address)
    }

    /// The line of an update that takes something away, or turns something.
    fn taken(&self) -> Option<String> {
        let words: Vec<&str> =
            self.fields.iter().chain(self.members.iter().flatten()).map(String::as_str).collect();
        let values: BTreeSet<&str> = words.iter().copied().collect();
        let mut said: Vec<String> = Vec::new();
        for word in words {
            if let Some(one) = said_of(word, &values)
                && !said.contains(&one)
            {
                said.push(one);
            }
            if said.len() > MOST_SAID {
                said.truncate(MOST_SAID);
                said.push("and more".to_owned());
                break;
            }
        }
        if self.is_unread {
            said.push("more values than can be judged".to_owned());
        }
        (!said.is_empty()).then(|| format!("change {}: {}", self.address, said.join(", ")))
    }
}

/// What one word of a change takes away or turns.
fn said_of(word: &str, all: &BTreeSet<&str>) -> Option<String> {
    let (path, value) = word.split_once('=')?;
    if let Some(list) = path.strip_suffix(":removed") {
        // What stood under a key is told by the key.
        if let Some((map, key)) = list.rsplit_once('.')
            && all.contains(&*format!("{map}:removed={key}"))
        {
            return None;
        }
        // The key of a map is a name, what else is removed may be a secret.
        let is_key = begins(all, &format!("{list}.{value}:removed="));
        return Some(if is_key { format!("removes {list}.{value}") } else { format!("removes from {list}") });
    }
    if let Some(name) = path.strip_suffix(":less") {
        return Some(format!("lowers {name}"));
    }
    if path.contains(':') {
        return None;
    }
    let was = |value: &str| all.contains(&*format!("{path}:was={value}"));
    match value {
        "true" if was("false") => Some(format!("turns {path} on")),
        "false" if was("true") => Some(format!("turns {path} off")),
        "null" => Some(format!("unsets {path}")),
        SENSITIVE => Some(format!("changes {path}, which is sensitive")),
        UNKNOWN if begins(all, &format!("{path}:was=")) => {
            Some(format!("changes {path}, to what is known after apply"))
        }
        _ => None,
    }
}

/// Whether a word begins so.
fn begins(all: &BTreeSet<&str>, with: &str) -> bool {
    all.range(with..).next().is_some_and(|next| next.starts_with(with))
}

/// Why a resource is deleted or replaced, by what the plan gives for a reason.
pub(super) fn why(
    reason: Option<&str>,
    paths: Option<&serde_json::Value>,
    deposed: Option<&str>,
) -> Option<String> {
    if let Some(deposed) = deposed {
        return Some(format!("the object {deposed}, which was left over when it was replaced"));
    }
    let told = match reason? {
        "delete_because_no_resource_config" => "it is not in the configuration any more",
        "delete_because_no_module" => "its module is not in the configuration any more",
        "delete_because_wrong_repetition" => "its count or for_each is another one",
        "delete_because_count_index" => "its index is beyond count",
        "delete_because_each_key" => "its key is not in for_each any more",
        "delete_because_no_move_target" => "it was moved to where the configuration has nothing",
        "replace_because_tainted" => "it is tainted",
        "replace_by_request" => "-replace asks for it",
        "replace_by_triggers" => "replace_triggered_by asks for it",
        "replace_because_cannot_update" => {
            let paths = attributes(paths);
            let one = "an attribute cannot be changed in its place";
            let some = format!("{} cannot be changed in its place", paths.join(", "));
            return Some(if paths.is_empty() { one.to_owned() } else { some });
        }
        other => other,
    };
    Some(told.to_owned())
}

fn attributes(paths: Option<&serde_json::Value>) -> Vec<String> {
    let paths = paths.and_then(|paths| paths.as_array()).into_iter().flatten();
    let path = |path: &serde_json::Value| {
        let steps = path.as_array()?.iter().filter_map(|step| step.as_str());
        Some(steps.collect::<Vec<_>>().join("."))
    };
    paths.filter_map(path).take(MOST_SAID).collect()
}

/// What a reader should know of the plan itself.
pub(super) fn remarks(shown: &Shown<'_>) -> Vec<String> {
    let mut remarks = Vec::new();
    if shown.errored {
        remarks.push("making the plan failed, it is not all that was meant".to_owned());
    }
    match shown.deferred_changes.len() {
        0 => {}
        count => remarks.push(format!("{count} changes are put off to a later plan")),
    }
    if shown.complete == Some(false) && !shown.errored {
        remarks.push(
            "the plan is not all of the configuration: something was left out, such as by -target".to_owned(),
        );
    }
    remarks
}

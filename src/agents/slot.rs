//! A place for an entry in a JSON document: finding ours in it, bringing it up to
//! date, taking it out.

use serde_json::Value;

use super::Launch;
use super::json::{Document, Fault, Step};
use super::node::{Fields, Node};
use super::target::{LEAST_TIME, TIMEOUT};

/// Where an entry belongs, and what it is.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    /// The agent's event.
    pub(super) event: &'static str,
    /// The array of the event's entries.
    pub(super) path: &'static [&'static str],
    /// Where entries stand in groups: what a group has beside its `hooks`.
    pub(super) group: Option<Fields>,
    /// The entry.
    pub(super) entry: Fields,
}

/// An entry of ours, in a document.
#[derive(Debug)]
pub(super) struct Found {
    /// Which element of the array, and which of its `hooks`.
    index: (usize, Option<usize>),
    /// Whether its group holds nothing else.
    is_alone: bool,
    /// What it starts.
    pub(super) launch: Launch,
    /// The entry itself.
    pub(super) entry: Value,
    /// What is around it, where entries stand in groups.
    group: Option<Value>,
}

/// What agents call the time that an entry gets.
const TIMES: [&str; 3] = ["timeout", "timeoutSec", "timeout_ms"];

/// Fields of some agents by which an entry does not count, or not always.
const WEAKENING: [&str; 5] = ["if", "async", "asyncRewake", "once", "disabled"];

impl Slot {
    /// Every entry of ours.
    pub(super) fn find(&self, document: &Document) -> Vec<Found> {
        let array = self.path.iter().try_fold(document.value(), |at, key| at.get(*key));
        let elements = array.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let mut found = Vec::new();
        for (index, element) in elements.iter().enumerate() {
            match element.get("hooks").and_then(Value::as_array) {
                Some(hooks) => found.extend(hooks.iter().enumerate().filter_map(|(at, entry)| {
                    Some(Found {
                        index: (index, Some(at)),
                        is_alone: hooks.len() == 1,
                        launch: launch(entry)?,
                        entry: entry.clone(),
                        group: Some(element.clone()),
                    })
                })),
                None => found.extend(launch(element).map(|launch| Found {
                    index: (index, None),
                    is_alone: true,
                    launch,
                    entry: element.clone(),
                    group: None,
                })),
            }
        }
        found
    }

    /// Makes sure that there is one entry of ours, and that it is as it has to be.
    ///
    /// # Errors
    /// Where something else is in its place.
    pub(super) fn install(&self, document: &mut Document) -> Result<(), Fault> {
        let mut found = self.find(document);
        let kept = found.iter().position(|one| self.is_right(one)).unwrap_or(0);
        // From the end, so that what is before keeps its place.
        while found.len() > kept + 1 {
            self.take_out(document, found.pop(), 0)?;
        }
        let Some(ours) = found.pop() else { return document.append(self.path, &self.element()) };
        if self.is_right(&ours) {
        } else if ours.is_alone || ours.group.as_ref().is_some_and(|group| self.is_wide_enough(group)) {
            let (step, item) = match ours.index {
                (index, Some(hook)) if !ours.is_alone => {
                    (vec![Step::Index(index), Step::Key("hooks"), Step::Index(hook)], self.entry_node())
                }
                (index, _) => (vec![Step::Index(index)], self.element()),
            };
            document.replace(&[self.steps(), step].concat(), &item)?;
        } else {
            self.take_out(document, Some(ours), 0)?;
            document.append(self.path, &self.element())?;
        }
        while let Some(one) = found.pop() {
            self.take_out(document, Some(one), 0)?;
        }
        Ok(())
    }

    /// Takes every entry of ours out, and the containers that are empty then. Those
    /// that `before` has are not ours to take away.
    ///
    /// # Errors
    /// Where it cannot be done safely.
    pub(super) fn remove(&self, document: &mut Document, before: Option<&Document>) -> Result<(), Fault> {
        let mut kept = 0;
        if let Some(mut at) = before.map(Document::value) {
            for key in self.path {
                match at.get(*key) {
                    Some(below) => (at, kept) = (below, kept + 1),
                    None => break,
                }
            }
        }
        while let Some(last) = self.find(document).pop() {
            self.take_out(document, Some(last), kept)?;
        }
        Ok(())
    }

    fn take_out(&self, document: &mut Document, found: Option<Found>, kept: usize) -> Result<(), Fault> {
        let Some(found) = found else { return Ok(()) };
        let mut path = self.steps();
        path.push(Step::Index(found.index.0));
        if let (false, Some(hook)) = (found.is_alone, found.index.1) {
            path.extend([Step::Key("hooks"), Step::Index(hook)]);
        }
        document.remove(&path, kept)
    }

    fn steps(&self) -> Vec<Step<'static>> {
        self.path.iter().map(|key| Step::Key(key)).collect()
    }

    fn entry_node(&self) -> Node {
        Node::Map(self.entry.clone())
    }

    /// What the array gets.
    pub(super) fn element(&self) -> Node {
        match &self.group {
            None => self.entry_node(),
            Some(fields) => {
                let hooks = ("hooks", Node::List(vec![self.entry_node()]));
                Node::Map(fields.iter().cloned().chain([hooks]).collect())
            }
        }
    }

    /// Whether an entry of ours is what would be installed now. What was added to it
    /// may stay.
    fn is_right(&self, found: &Found) -> bool {
        let same =
            |(name, node): &(&str, Node)| *name == "matcher" || found.entry.get(*name) == Some(&node.value());
        self.group.is_some() == found.group.is_some()
            && self.entry.iter().all(same)
            // A field that says what is started, and that ours has not, goes first.
            && ["args", "exec", "bash", "command"].iter().all(|name| {
                found.entry.get(*name).is_none() || self.entry.iter().any(|(wanted, _)| wanted == name)
            })
            && self.weakness(found).is_none()
    }

    /// Why an entry of ours does not count, or not for all that it should.
    pub(super) fn weakness(&self, found: &Found) -> Option<String> {
        let of = |name: &str| found.entry.get(name);
        if let Some(name) = WEAKENING.iter().find(|name| of(name).is_some_and(is_set)) {
            return Some(format!("`{name}` is set on it"));
        }
        if of("enabled") == Some(&Value::Bool(false)) {
            return Some("`enabled` is false on it".to_owned());
        }
        if of("type").is_some_and(|kind| kind != "command") {
            return Some("its `type` is not `command`".to_owned());
        }
        if of("cache_ttl_seconds").is_some_and(is_set) {
            return Some("`cache_ttl_seconds` lets an earlier answer count again".to_owned());
        }
        let around = found.group.as_ref().unwrap_or(&found.entry);
        if !self.is_wide_enough(around) {
            let matcher = around.get("matcher").map(ToString::to_string).unwrap_or_default();
            return Some(format!("its matcher {matcher} is not for all tools that it should judge"));
        }
        self.short(&found.entry).or_else(|| found.launch.doubt())
    }

    /// Why the time that an entry of ours gets is not enough.
    fn short(&self, entry: &Value) -> Option<String> {
        let is_time = |name: &str| TIMES.contains(&name);
        let (ours, Node::Number(wanted)) = self.entry.iter().find(|(name, _)| is_time(name))? else {
            return None;
        };
        let set = TIMES.iter().filter_map(|name| Some((*name, entry.get(*name)?)));
        set.into_iter().find_map(|(name, value)| {
            // Another name for it is one in seconds, but for the one that says so.
            let unit = match name {
                name if name == *ours => wanted / TIMEOUT,
                "timeout_ms" => 1_000,
                _ => 1,
            };
            let least = f64::from(LEAST_TIME * unit);
            let is_enough = value.as_f64().is_some_and(|time| time >= least);
            let unit = if unit == 1 { "s" } else { "ms" };
            (!is_enough)
                .then(|| format!("its time-out `{name}` is {value}, and has to be {least} {unit} or more"))
        })
    }

    fn is_wide_enough(&self, around: &Value) -> bool {
        let wanted = self.group.as_ref().unwrap_or(&self.entry).iter().find(|(name, _)| *name == "matcher");
        let wanted = wanted.map(|(_, node)| node.value());
        // Where a star is all tools, so are these; elsewhere it is a broken regular
        // expression, for which the entry is passed over.
        match (around.get("matcher").map(Value::as_str), wanted.as_ref().and_then(Value::as_str)) {
            (None, wanted) => matches!(wanted, None | Some("*" | ".*")),
            (Some(found), Some("*")) => matches!(found, Some("" | "*" | ".*")),
            (Some(found), Some(wanted)) => found == Some(wanted),
            (Some(_), None) => false,
        }
    }
}

/// Whether a field says more than no.
fn is_set(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false)) && value.as_i64() != Some(0)
}

/// What an entry starts, in the words of any agent, if that is ours.
fn launch(entry: &Value) -> Option<Launch> {
    let text = |name: &str| entry.get(name).and_then(Value::as_str);
    let args = entry.get("args").and_then(Value::as_array).filter(|args| !args.is_empty());
    if let (Some(args), Some(program)) = (args, text("exec").or_else(|| text("command"))) {
        let args = args.iter().map(|arg| arg.as_str().map(str::to_owned)).collect::<Option<_>>()?;
        return Launch::of_words(program, args);
    }
    if let Some(action) = entry.get("action") {
        return launch(action);
    }
    ["bash", "command", "linux", "osx"].iter().find_map(|name| Launch::of_line(text(name)?))
}

#[cfg(test)]
#[path = "slot_tests.rs"]
mod tests;

//! Puts a person or a key into the text of a list, and touches nothing else in
//! it: comments, order and layout are somebody's.

use std::ops::Range;
use std::path::Path;

use super::outline::{Content, Node, outline};
use super::{Approvers, Key, Person};
use crate::authorization::request::Presence;
use crate::authorization::signature::PublicKey;

/// What is added: to a person who is listed, or a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// The person.
    pub id: String,
    /// Groups that the person shall be in.
    pub groups: Vec<String>,
    /// Login names of the person.
    pub os_users: Vec<String>,
    /// A key, and what it has to vouch for.
    pub key: Option<(PublicKey, Presence)>,
}

/// What adding would come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Added {
    /// All of it is there already.
    Nothing,
    /// The new text.
    Text(String),
    /// The text is laid out so that it cannot be put in safely.
    ByHand,
}

/// A change to a text: what stands in the range becomes something else.
type Edit = (Range<usize>, String);

impl Addition {
    /// The text of a list with only this in it.
    pub fn alone(&self, advisory: bool) -> String {
        let mode = if advisory { "mode: advisory\n" } else { "" };
        format!("version: 1\n{mode}people:{}\n", self.person("  ", "\n"))
    }

    /// The lines of the person, to be pasted into a list.
    pub fn block(&self) -> String {
        self.person("  ", "\n").trim_start_matches('\n').to_owned()
    }

    /// The `text` of the `list` with this in it. It is read again, and has to
    /// say what it said and this, nothing else.
    pub fn to(&self, list: &Approvers, text: &str) -> Added {
        let mut expected = list.people.clone();
        self.extend(&mut expected);
        if expected == list.people {
            return Added::Nothing;
        }
        let Some(edited) = outline(text).and_then(|root| self.edited(text, &root)) else {
            return Added::ByHand;
        };
        match Approvers::read(Path::new(""), &edited) {
            Ok(new)
                if new.people == expected
                    && new.environments == list.environments
                    && new.revoked == list.revoked
                    && new.advisory == list.advisory =>
            {
                Added::Text(edited)
            }
            _ => Added::ByHand,
        }
    }

    fn extend(&self, people: &mut Vec<Person>) {
        let at = people.iter().position(|person| person.id == self.id).unwrap_or_else(|| {
            people.push(Person {
                id: self.id.clone(),
                groups: Vec::new(),
                os_users: Vec::new(),
                keys: Vec::new(),
            });
            people.len() - 1
        });
        let Some(person) = people.get_mut(at) else { return };
        for (own, new) in [(&mut person.groups, &self.groups), (&mut person.os_users, &self.os_users)] {
            own.extend(missing(own, new));
        }
        if let Some((key, require)) = &self.key
            && !person.keys.iter().any(|own| own.key == *key)
        {
            person.keys.push(Key {
                key: key.clone(),
                valid_after: None,
                valid_before: None,
                require: *require,
            });
        }
    }

    /// The text with the new lines.
    fn edited(&self, text: &str, root: &Node) -> Option<String> {
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let people = root.get("people");
        let listed = people.map(Node::items).unwrap_or_default();
        let person = listed.iter().find(|person| person.get("id").and_then(Node::text) == Some(&self.id));
        let mut edits = match (person, people) {
            (Some(person), _) => self.beside_what_is_said(text, person, newline)?,
            (None, Some(people)) => vec![self.among_people(text, people, newline)?],
            (None, None) if root.flow => return None,
            (None, None) => {
                let start = if text.ends_with('\n') { "" } else { newline };
                let lines = format!("{start}people:{}{newline}", self.person("  ", newline));
                vec![(text.len()..text.len(), lines)]
            }
        };
        edits.sort_by_key(|(range, _)| range.start);
        let mut edited = text.to_owned();
        for (range, new) in edits.into_iter().rev() {
            edited.get(range.clone())?;
            edited.replace_range(range, &new);
        }
        Some(edited)
    }

    fn among_people(&self, text: &str, people: &Node, newline: &str) -> Option<Edit> {
        match people.items() {
            [] => {
                let start = text.get(..people.start)?.trim_end_matches(' ').len();
                Some((start..people.end, self.person("  ", newline)))
            }
            [.., last] if people.flow => Some((last.end..last.end, format!(", {}", self.in_brackets()))),
            [first, .., last] | [first @ last] => {
                let at = end_of_line(text, last.end);
                Some((at..at, self.person(dash(text, first.start)?, newline)))
            }
        }
    }

    fn beside_what_is_said(&self, text: &str, person: &Node, newline: &str) -> Option<Vec<Edit>> {
        let listed = |name: &str| {
            let items = person.get(name).map(Node::items).unwrap_or_default();
            items.iter().filter_map(|item| item.text().map(str::to_owned)).collect::<Vec<_>>()
        };
        let words = |words: Vec<String>| words.iter().map(|word| scalar(word)).collect::<Vec<_>>();
        let mut edits = Vec::new();
        // Those that are put behind the person come in this order.
        for (name, items) in [
            ("groups", words(missing(&listed("groups"), &self.groups))),
            ("os_users", words(missing(&listed("os_users"), &self.os_users))),
            ("keys", self.key_item().filter(|_| !self.holds_key(person)).into_iter().collect()),
        ] {
            if !items.is_empty() {
                edits.push(into_list(text, person, name, &items, newline)?);
            }
        }
        Some(edits)
    }

    /// Whether the key is among the person's.
    fn holds_key(&self, person: &Node) -> bool {
        let keys = person.get("keys").map(Node::items).unwrap_or_default();
        keys.iter().any(|key| {
            let text = key.text().or_else(|| key.get("key").and_then(Node::text));
            let listed = text.and_then(|text| PublicKey::parse(text).ok());
            listed.is_some() && listed.as_ref() == self.key.as_ref().map(|(key, _)| key)
        })
    }

    /// The key as an item of a list, in brackets or in lines.
    fn key_item(&self) -> Option<String> {
        let (key, require) = self.key.as_ref()?;
        let word = match require {
            Presence::None => return Some(key.openssh()),
            Presence::Touch => "touch",
            Presence::TouchAndPin => "touch+pin",
        };
        Some(format!("{{key: {}, require: {word}}}", key.openssh()))
    }

    /// The person in lines, the first of them empty.
    fn person(&self, indent: &str, newline: &str) -> String {
        let mut lines = vec![String::new(), format!("{indent}- id: {}", scalar(&self.id))];
        for (name, words) in [("groups", &self.groups), ("os_users", &self.os_users)] {
            if !words.is_empty() {
                lines.push(format!("{indent}  {name}: {}", list(words)));
            }
        }
        if let Some(key) = self.key_item() {
            lines.push(format!("{indent}  keys:"));
            lines.push(format!("{indent}    - {key}"));
        }
        lines.join(newline)
    }

    /// The person in brackets.
    fn in_brackets(&self) -> String {
        let mut parts = vec![format!("id: {}", scalar(&self.id))];
        for (name, words) in [("groups", &self.groups), ("os_users", &self.os_users)] {
            if !words.is_empty() {
                parts.push(format!("{name}: {}", list(words)));
            }
        }
        parts.extend(self.key_item().map(|key| format!("keys: [{key}]")));
        format!("{{{}}}", parts.join(", "))
    }
}

/// The words of `new` that are not in `own`, each once.
fn missing(own: &[String], new: &[String]) -> Vec<String> {
    let mut missing: Vec<String> = Vec::new();
    for word in new {
        if !own.contains(word) && !missing.contains(word) {
            missing.push(word.clone());
        }
    }
    missing
}

/// Items put into the list of that name.
fn into_list(text: &str, person: &Node, name: &str, items: &[String], newline: &str) -> Option<Edit> {
    let Some(found) = person.get(name) else { return beside(text, person, name, items, newline) };
    let Content::Sequence(listed) = &found.content else { return None };
    match listed.as_slice() {
        [] => Some((found.start..found.end, format!("[{}]", items.join(", ")))),
        [.., last] if found.flow => Some((last.end..last.end, format!(", {}", items.join(", ")))),
        [first, .., last] | [first @ last] => {
            let indent = dash(text, first.start)?;
            let lines: Vec<String> = items.iter().map(|item| format!("{newline}{indent}- {item}")).collect();
            let at = end_of_line(text, last.end);
            Some((at..at, lines.concat()))
        }
    }
}

/// A list of that name put behind all else that is said of a person.
fn beside(text: &str, person: &Node, name: &str, items: &[String], newline: &str) -> Option<Edit> {
    let Content::Mapping(entries) = &person.content else { return None };
    let ((first, _), (_, last)) = (entries.first()?, entries.last()?);
    let items = items.join(", ");
    if person.flow {
        return Some((last.end..last.end, format!(", {name}: [{items}]")));
    }
    let at = end_of_line(text, last.end);
    let indent = " ".repeat(column(text, first.start)?);
    Some((at..at, format!("{newline}{indent}{name}: [{items}]")))
}

/// A list of words in brackets.
fn list(words: &[String]) -> String {
    format!("[{}]", words.iter().map(|word| scalar(word)).collect::<Vec<_>>().join(", "))
}

/// A word as YAML takes it. No name holds a quotation mark.
fn scalar(word: &str) -> String {
    let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "@._+-".contains(c))
        && word.starts_with(|c: char| c.is_ascii_alphabetic())
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
            .contains(&word.to_ascii_lowercase().as_str());
    if plain { word.to_owned() } else { format!("'{word}'") }
}

/// Where the line of that place ends, before its line feed.
fn end_of_line(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let line = rest.split('\n').next().unwrap_or_default();
    at + line.strip_suffix('\r').unwrap_or(line).len()
}

/// How many columns a place is from the start of its line.
fn column(text: &str, at: usize) -> Option<usize> {
    let before = text.get(..at)?;
    Some(at - before.rfind('\n').map_or(0, |at| at + 1))
}

/// What stands before the dash of an item that begins at that place.
fn dash(text: &str, at: usize) -> Option<&str> {
    let line = text.get(..at)?.rsplit('\n').next()?;
    let (indent, rest) = line.split_once('-')?;
    (indent.trim().is_empty() && rest.trim().is_empty()).then_some(indent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorization::approvers::tests::{A, B, C};

    fn addition(key: Option<&str>) -> Addition {
        Addition {
            id: "bob@corp".to_owned(),
            groups: vec!["sre".to_owned()],
            os_users: vec!["bob".to_owned()],
            key: key.map(|key| (PublicKey::parse(key).unwrap(), Presence::None)),
        }
    }

    fn added(addition: &Addition, text: &str) -> Added {
        addition.to(&Approvers::read(Path::new("x"), text).unwrap(), text)
    }

    fn text(addition: &Addition, before: &str) -> String {
        match added(addition, before) {
            Added::Text(text) => text,
            other => panic!("{before}\n{other:?}"),
        }
    }

    #[test]
    fn a_new_person_comes_last() {
        let person =
            format!("  - id: bob@corp\n    groups: [sre]\n    os_users: [bob]\n    keys:\n      - {B}\n");
        let alone = addition(Some(B)).alone(true);
        assert_eq!(alone, format!("version: 1\nmode: advisory\npeople:\n{person}"));
        assert!(Approvers::read(Path::new("x"), &alone).unwrap().advisory());
        assert_eq!(addition(Some(B)).block() + "\n", person);
        for (before, after) in [
            ("version: 1\n", format!("version: 1\npeople:\n{person}")),
            ("version: 1", format!("version: 1\npeople:\n{person}")),
            (
                "version: 1\npeople: [] # nobody\n",
                format!("version: 1\npeople:\n{} # nobody\n", person.trim_end()),
            ),
            (
                "version: 1\npeople:\n  - id: a # one\n\n# about prod\nenvironments: {default: {}}\n",
                format!(
                    "version: 1\npeople:\n  - id: a # one\n{person}\n# about prod\nenvironments: {{default: {{}}}}\n"
                ),
            ),
            (
                "version: 1\npeople:\n- id: a\n  groups:\n  - x # y\nrevoked: []",
                format!(
                    "version: 1\npeople:\n- id: a\n  groups:\n  - x # y\n{}revoked: []",
                    person.replace("\n  ", "\n").trim_start()
                ),
            ),
            (
                "version: 1\npeople: [{id: a}, {id: b} ] # end\n",
                format!(
                    "version: 1\npeople: [{{id: a}}, {{id: b}}, {{id: bob@corp, groups: [sre], os_users: [bob], keys: [{B}]}} ] # end\n"
                ),
            ),
        ] {
            assert_eq!(text(&addition(Some(B)), before), after);
        }
        let windows = "version: 1\r\npeople:\r\n  - id: a\r\n";
        assert_eq!(text(&addition(Some(B)), windows), windows.to_owned() + &person.replace('\n', "\r\n"));
    }

    #[test]
    fn a_person_who_is_there_gets_what_is_missing() {
        let before = |person: &str| format!("version: 1\npeople:\n  - id: a\n{person}  # end\n  - id: z\n");
        for (person, after) in [
            (
                format!(
                    "  - id: bob@corp\n    groups: [sre]\n    os_users: [bob]\n    keys:\n      - {A} old # x\n"
                ),
                format!(
                    "  - id: bob@corp\n    groups: [sre]\n    os_users: [bob]\n    keys:\n      - {A} old # x\n      - {B}\n"
                ),
            ),
            (
                format!(
                    "  - id: 'bob@corp'\n    os_users: [ops]\n    groups: [sre, x]\n    keys: [{A}, {{key: {C}}}]\n"
                ),
                format!(
                    "  - id: 'bob@corp'\n    os_users: [ops, bob]\n    groups: [sre, x]\n    keys: [{A}, {{key: {C}}}, {B}]\n"
                ),
            ),
            (
                "  - keys: []\n    id: bob@corp   # here\n".to_owned(),
                format!(
                    "  - keys: [{B}]\n    id: bob@corp   # here\n    groups: [sre]\n    os_users: [bob]\n"
                ),
            ),
            (
                "  - {id: bob@corp, groups: [x]}\n".to_owned(),
                format!("  - {{id: bob@corp, groups: [x, sre], os_users: [bob], keys: [{B}]}}\n"),
            ),
        ] {
            let new = text(&addition(Some(B)), &before(&person));
            assert_eq!(new, before(&after));
            assert_eq!(added(&addition(Some(B)), &new), Added::Nothing, "{new}");
        }
    }

    #[test]
    fn what_a_key_has_to_vouch_for_is_written_too() {
        let mut addition = addition(None);
        let key = PublicKey::parse(crate::authorization::approvers::tests::SK).unwrap();
        addition.key = Some((key.clone(), Presence::TouchAndPin));
        let new = text(&addition, "version: 1\npeople:\n  - id: a\n");
        assert!(new.ends_with(&format!("      - {{key: {}, require: touch+pin}}\n", key.openssh())), "{new}");
    }

    #[test]
    fn names_that_mean_something_to_yaml_stay_names() {
        for word in
            ["123", "null", "True", "no", "0x1f", "1e3", "2026-01-01", "~x", "-x", "CORP\\bob", "#x", "&x"]
        {
            let mut addition = addition(None);
            addition.os_users = vec![word.to_owned()];
            let new = text(&addition, "version: 1\npeople:\n  - id: a\n");
            let list = Approvers::read(Path::new("x"), &new).unwrap();
            assert_eq!(list.people()[1].os_users, [word], "{new}");
        }
    }

    #[test]
    fn what_would_change_more_is_left_to_people() {
        for before in [
            // A list that two people share, a comma that would be doubled, a document that ends.
            "version: 1\npeople:\n  - {id: a, groups: &g [x]}\n  - {id: bob@corp, groups: *g}\n",
            "{version: 1}\n",
            "version: 1\n...\n",
            // The key is another's.
            &format!("version: 1\npeople:\n  - {{id: a, keys: [{B}]}}\n"),
        ] {
            assert_eq!(added(&addition(Some(B)), before), Added::ByHand, "{before}");
        }
        let same = format!(
            "version: 1\npeople:\n  - {{id: bob@corp, groups: [sre], os_users: [bob], keys: [{B} x]}}\n"
        );
        assert_eq!(added(&addition(Some(B)), &same), Added::Nothing);
    }
}

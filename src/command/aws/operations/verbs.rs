//! What a command does by the words of its name, where the table lacks it.
//!
//! The words and the order in which they are asked stand in
//! `rules/aws-verbs.yaml`, which also explains them.

use super::stored::Verbs;
use crate::verdict::{Effect, Risk};

static STORED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/aws-verbs.postcard"));

/// What a name promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByName {
    /// What an operation of this name does.
    pub effect: Effect,
    /// How much is at stake.
    pub risk: Risk,
}

/// What the operation `name` of `service` does by its name; effect
/// [`Effect::Unknown`] where its verb is in no list.
pub fn by_name(service: &str, name: &str) -> ByName {
    let unknown = ByName { effect: Effect::Unknown, risk: Risk::Medium };
    // Only a damaged binary has none.
    let Ok(rule) = postcard::from_bytes::<Verbs>(STORED) else { return unknown };
    rule.apply(service, name).unwrap_or(unknown)
}

impl Verbs {
    fn apply(&self, service: &str, name: &str) -> Option<ByName> {
        if name.starts_with("wait ") {
            return Some(self.with_risk(Effect::Read, None));
        }
        // Of a command with commands below it the last one's name counts.
        let mut words = name.split(' ').next_back()?.split('-').peekable();
        let mut verb = words.next()?;
        if self.prefixes.iter().any(|prefix| prefix == verb)
            && let Some(next) = words.next()
        {
            verb = next;
        }
        let effect = self.verb(verb)?;
        // One right behind the verb ends nothing: `get-on-cluster-app-ui-presigned-url`.
        let ends = |at: usize, word: &str| at > 0 && self.prepositions.iter().any(|one| one == word);
        let noun = words.enumerate().take_while(|(at, word)| !ends(*at, word));
        let noun: Vec<&str> = noun.map(|(_, word)| word).collect();
        let kind = self.kind(&noun);
        let changing = matches!(effect, Effect::Write | Effect::Disrupt | Effect::Destroy);
        let is_verb_of = |list: &[String]| list.iter().any(|one| one == verb);
        let decided = match kind {
            _ if changing && is_verb_of(&self.labelling) => Effect::Write,
            Some("label") if changing => Effect::Write,
            _ if changing && self.privilege_services.iter().any(|one| one == service) => Effect::Privilege,
            Some("secret") if is_verb_of(&self.handing_out) => Effect::Disclose,
            Some("privilege") if changing => Effect::Privilege,
            Some("safeguard") if matches!(effect, Effect::Disrupt | Effect::Destroy) => Effect::Unprotect,
            Some("code") if is_verb_of(&self.starting) => Effect::Execute,
            _ => effect,
        };
        Some(self.with_risk(decided, kind))
    }

    fn verb(&self, verb: &str) -> Option<Effect> {
        let mut effects = self.verbs.iter();
        effects.find(|(_, verbs)| verbs.iter().any(|one| one == verb)).map(|(effect, _)| *effect)
    }

    /// The kind of the longest listed noun that `words` end in.
    fn kind(&self, words: &[&str]) -> Option<&str> {
        (0..words.len()).find_map(|from| {
            let end = words.get(from..)?;
            let is_this = |listed: &String| {
                listed.split('-').count() == end.len()
                    && listed.split('-').zip(end).all(|(listed, word)| is_word(word, listed))
            };
            self.nouns.iter().find(|(_, nouns)| nouns.iter().any(is_this)).map(|(kind, _)| kind.as_str())
        })
    }

    fn with_risk(&self, effect: Effect, kind: Option<&str>) -> ByName {
        let risk = match (effect, kind) {
            (Effect::Destroy, Some("container")) => Risk::Critical,
            (Effect::Destroy, Some("data")) => Risk::High,
            _ => self.risks.get(&effect).copied().unwrap_or(Risk::Medium),
        };
        ByName { effect, risk }
    }
}

/// Whether `word` is the listed one or its plural.
fn is_word(word: &str, listed: &str) -> bool {
    let Some(end) = word.strip_prefix(listed) else {
        return listed.strip_suffix('y').is_some_and(|stem| word.strip_prefix(stem) == Some("ies"));
    };
    matches!(end, "" | "s" | "es")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_an_operation_does() {
        for (service, name, effect, risk) in [
            ("new", "describe-things", Effect::Read, Risk::Low),
            ("new", "list-things", Effect::Read, Risk::Low),
            ("new", "wait thing-exists", Effect::Read, Risk::Low),
            ("new", "create-thing", Effect::Write, Risk::Low),
            ("new", "delete-db-cluster", Effect::Destroy, Risk::Critical),
            ("new", "batch-delete-messages", Effect::Destroy, Risk::High),
            ("new", "delete-db-cluster-parameter-group", Effect::Destroy, Risk::Medium),
            ("new", "delete-resource-policy", Effect::Privilege, Risk::High),
            ("new", "stop-logging", Effect::Unprotect, Risk::High),
            ("new", "untag-resource", Effect::Write, Risk::Low),
            ("iam", "update-thing", Effect::Privilege, Risk::High),
            ("new", "get-session-token", Effect::Disclose, Risk::Medium),
            ("new", "get-on-shelf-session-token", Effect::Disclose, Risk::Medium),
            ("new", "delete-gadget-on-table", Effect::Destroy, Risk::Medium),
            ("new", "frobnicate-things", Effect::Unknown, Risk::Medium),
            ("new", "", Effect::Unknown, Risk::Medium),
            ("new", "batch", Effect::Unknown, Risk::Medium),
        ] {
            assert_eq!(by_name(service, name), ByName { effect, risk }, "{service} {name}");
        }
    }

    /// The generator has the general rule too, in Python. Where a row rests on
    /// it alone, or IAM only confirmed it, both are to agree; where IAM decided,
    /// the name is to be one of those about which it may.
    #[test]
    fn the_generator_reads_names_in_the_same_way() {
        use Effect::{Destroy, Disrupt, Execute, Privilege, Read, Unknown, Write};
        let rule: Verbs = postcard::from_bytes(STORED).unwrap();
        let mut alike = 0;
        for (path, row) in super::super::all(None) {
            let (service, name) = path.split_once(' ').unwrap_or((&path, ""));
            let ByName { effect, risk } =
                rule.apply(service, name).unwrap_or(ByName { effect: Unknown, risk: Risk::Medium });
            let is_one_of = |effects: &[Effect]| effects.contains(&effect);
            let fits = match row.provenance() {
                // IAM says no more than the name, or is not asked.
                "custom" | "verb" | "verb+noun" | "label" | "service" => {
                    (row.effect(), row.risk()) == (effect, risk)
                }
                both if both.contains("+iam:") => (row.effect(), row.risk()) == (effect, risk),
                // IAM knows better than a name that reads, or that says nothing.
                "iam:Write" => is_one_of(&[Read, Unknown]),
                "credentials" => is_one_of(&[Read, Write, Unknown]),
                // IAM says that it reads; the name says little.
                "iam:Read" | "readonly" => {
                    is_one_of(&[Write, Execute, Disrupt, Unknown])
                        || effect == Privilege && rule.privilege_services.iter().any(|one| one == service)
                }
                "iam:Tagging" => is_one_of(&[Write, Disrupt, Destroy, Read, Unknown]),
                "iam:Permissions" => row.effect() == Privilege && row.risk() >= risk,
                // What the name says does not count.
                "group" | "kept" | "override" | "waiter" => continue,
                other => panic!("{path}: the provenance {other} is not known"),
            };
            assert!(fits, "{path}: {row:?} ({}), by its name {effect:?} {risk:?}", row.provenance());
            alike += 1;
        }
        assert!(alike > 15_000, "{alike}");
    }
}

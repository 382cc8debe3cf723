//! Which environment a target is in, by the rulebook's patterns.

use super::book::Rulebook;
use super::matching::value_holds;
use super::schema::EnvironmentRule;
use crate::context::target::Target;
use crate::verdict::PrincipalKind;

/// What the rulebook calls a target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    names: Vec<String>,
    guarded: bool,
    sandbox: bool,
    unreadable: bool,
}

impl Place {
    /// The name shown in verdicts: the strictest environment that the target
    /// is in, `unclassified` where it is in none.
    pub fn name(&self) -> &str {
        self.names.first().map_or("unclassified", String::as_str)
    }

    /// Every environment that the target is in.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Whether the stricter column of the policy holds. A target that cannot
    /// be read is guarded for an agent.
    pub fn guarded_for(&self, principal: PrincipalKind) -> bool {
        self.guarded || (self.unreadable && principal == PrincipalKind::Agent)
    }

    /// Whether nearly everything is allowed here.
    pub fn is_sandbox(&self) -> bool {
        self.sandbox && !self.unreadable
    }
}

/// Classifies `target`. Several environments may hold: it is guarded where one
/// of them is. A sandbox, which is known by what it is, wins over a guarded
/// environment that only recognised a name.
pub fn classify(book: &Rulebook, target: &Target, principal: PrincipalKind) -> Place {
    let mut hits: Vec<(&EnvironmentRule, bool)> = book
        .environments(principal)
        .into_iter()
        .filter_map(|rule| hit(rule, target).map(|by_identity| (rule, by_identity)))
        .collect();
    // Guarded ones first: their name is the one to show.
    hits.sort_by_key(|(rule, _)| !rule.guarded);
    let guarded_by_identity = hits.iter().any(|(rule, identity)| rule.guarded && *identity);
    let sandbox = hits.iter().any(|(rule, identity)| rule.sandbox && *identity) && !guarded_by_identity;
    if sandbox {
        hits.retain(|(rule, _)| !rule.guarded);
    }
    Place {
        names: hits.iter().map(|(rule, _)| rule.name.clone()).collect(),
        guarded: hits.iter().any(|(rule, _)| rule.guarded),
        sandbox,
        unreadable: !target.unreadable().is_empty(),
    }
}

/// The place of a given name, for "what if it were there".
pub fn named(book: &Rulebook, name: &str, principal: PrincipalKind) -> Option<Place> {
    if name == "unclassified" {
        return Some(Place::default());
    }
    let rules: Vec<&EnvironmentRule> =
        book.environments(principal).into_iter().filter(|rule| rule.name == name).collect();
    (!rules.is_empty()).then(|| Place {
        names: vec![name.to_owned()],
        guarded: rules.iter().any(|rule| rule.guarded),
        sandbox: rules.iter().all(|rule| rule.sandbox),
        unreadable: false,
    })
}

/// Whether `target` is in this environment, and if so whether by what it is
/// (account, server, endpoint) rather than by a name.
fn hit(rule: &EnvironmentRule, target: &Target) -> Option<bool> {
    let entries = rule.matches.iter().filter(|entry| {
        !entry.is_empty()
            && entry
                .iter()
                .all(|(fact, condition)| target.values(*fact).any(|value| value_holds(condition, value)))
    });
    let mut by_identity = None;
    for entry in entries {
        let identity = entry.keys().any(|fact| fact.is_identity());
        by_identity = Some(by_identity.unwrap_or(false) || identity);
    }
    by_identity
}

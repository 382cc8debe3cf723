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
/// (account, server, endpoint) rather than by a name or a variable's claim.
fn hit(rule: &EnvironmentRule, target: &Target) -> Option<bool> {
    let mut by_identity = None;
    for entry in rule.matches.iter().filter(|entry| !entry.is_empty()) {
        let is = |condition, mut values: Box<dyn Iterator<Item = &str> + '_>| {
            values.any(|value| value_holds(condition, value))
        };
        if entry.iter().all(|(fact, condition)| is(condition, Box::new(target.values(*fact)))) {
            let proven = entry
                .iter()
                .any(|(fact, condition)| fact.is_identity() && is(condition, Box::new(target.proven(*fact))));
            by_identity = Some(by_identity.unwrap_or(false) || proven);
        }
    }
    by_identity
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::book::{Layer, Origin, Power};
    use crate::verdict::Fact;

    fn book(text: &str) -> Rulebook {
        let file = crate::rules::load::parse("test.yaml".as_ref(), text).unwrap();
        let files = vec![("test.yaml".into(), file)];
        let layer =
            Layer { origin: Origin::User, files, for_human: Power::Loosens, for_agent: Power::Loosens };
        let built_in = crate::rules::builtin::layer(crate::rules::builtin::Scope::default()).unwrap();
        Rulebook { layers: vec![built_in, layer] }
    }

    const KIND: &str = "version: 1\nenvironments:\n  - name: kind\n    sandbox: true\n    match:\n      - server: https://127.0.0.1:6443\n";

    #[test]
    fn a_sandbox_is_known_by_what_it_is() {
        let mut target = Target::default();
        target.add(Fact::Workspace, "prod");
        target.claim(Fact::Server, "https://127.0.0.1:6443");
        let place = classify(&book(KIND), &target, PrincipalKind::Agent);
        assert!(!place.is_sandbox() && place.guarded_for(PrincipalKind::Human), "a variable is a claim only");
        target.add(Fact::Server, "https://127.0.0.1:6443");
        let place = classify(&book(KIND), &target, PrincipalKind::Agent);
        assert!(place.is_sandbox(), "an identity wins over a name");
        target.add(Fact::Account, "live");
        let place = classify(&book(KIND), &target, PrincipalKind::Agent);
        assert!(!place.is_sandbox() && place.name() == "prod", "but not over a guarded identity");
    }

    #[test]
    fn what_cannot_be_read_is_guarded_for_an_agent() {
        let mut target = Target::default();
        target.cannot_read("x");
        let place = classify(&book(KIND), &target, PrincipalKind::Agent);
        assert!(place.guarded_for(PrincipalKind::Agent) && !place.guarded_for(PrincipalKind::Human));
        assert_eq!(place.name(), "unclassified");
    }
}

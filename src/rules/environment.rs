//! Which environment a target is in, by the rulebook's patterns.

use super::book::{Placed, Power, Rulebook, Source};
use super::matching::{Sense, value_holds};
use super::schema::{EnvironmentRule, Strings, ValueMatch};
use crate::context::target::{EVERY, Target};
use crate::verdict::{Fact, PrincipalKind};

/// What the policy distinguishes about a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Neither guarded nor a sandbox.
    Ordinary,
    /// The stricter column.
    Guarded,
    /// Nearly everything is allowed.
    Sandbox,
}

impl Column {
    /// Every column.
    pub const ALL: [Self; 3] = [Self::Ordinary, Self::Guarded, Self::Sandbox];

    /// The word for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::Guarded => "guarded",
            Self::Sandbox => "sandbox",
        }
    }
}

/// An environment that a target is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// The file that says so.
    pub source: Source,
    /// Whether its layer may loosen. One that may only tighten can add to a
    /// place, but nothing that lowers a verdict rests on it.
    pub may_loosen: bool,
}

/// What the rulebook calls a target: by the layers that may loosen alone, and
/// by all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    names: Vec<Named>,
    surely: Standing,
    all: Standing,
    unreadable: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Standing {
    guarded: bool,
    sandbox: bool,
}

impl Standing {
    const fn column(self, unreadable: bool, principal: PrincipalKind) -> Column {
        if self.sandbox && !unreadable {
            Column::Sandbox
        } else if self.guarded || (unreadable && matches!(principal, PrincipalKind::Agent)) {
            Column::Guarded
        } else {
            Column::Ordinary
        }
    }
}

impl Place {
    /// The name shown in verdicts: the strictest environment that the target
    /// is in, `unclassified` where it is in none.
    pub fn name(&self) -> &str {
        self.names.first().map_or("unclassified", |named| &named.name)
    }

    /// The names of every environment that the target is in.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|named| named.name.as_str())
    }

    /// Every environment that the target is in, the one that is shown first.
    pub fn environments(&self) -> impl Iterator<Item = &Named> {
        self.names.iter()
    }

    /// Whether the stricter column of the policy holds. A target that cannot
    /// be read is guarded for an agent.
    pub fn guarded_for(&self, principal: PrincipalKind) -> bool {
        self.all.guarded || (self.unreadable && principal == PrincipalKind::Agent)
    }

    /// Whether nearly everything is allowed here.
    pub fn is_sandbox(&self) -> bool {
        self.all.sandbox && !self.unreadable
    }

    /// The column that is shown.
    pub fn column(&self, principal: PrincipalKind) -> Column {
        self.all.column(self.unreadable, principal)
    }

    /// The columns that have to be asked; the strictest answer counts. They
    /// differ where a layer that may only tighten moved the target: the cell
    /// it is moved to may be a lower one.
    pub fn columns(&self, principal: PrincipalKind) -> Vec<Column> {
        let mut columns =
            [self.surely, self.all].map(|standing| standing.column(self.unreadable, principal)).to_vec();
        columns.dedup();
        columns
    }

    /// Whether the target is in an environment that `names` lists. Certainly
    /// so only by layers that may loosen.
    pub fn is_in(&self, names: &Strings, sense: Sense) -> bool {
        self.names
            .iter()
            .any(|named| (sense == Sense::Possibly || named.may_loosen) && names.has(&named.name))
    }

    /// Whether the target is `guarded` as a condition wants it: certainly
    /// where no layer that may only tighten makes the difference.
    pub fn is_guarded(&self, wanted: bool, principal: PrincipalKind, sense: Sense) -> bool {
        let unreadable = self.unreadable && principal == PrincipalKind::Agent;
        [self.surely, self.all]
            .map(|standing| (standing.guarded || unreadable) == wanted)
            .into_iter()
            .reduce(|surely, all| match sense {
                Sense::Possibly => surely || all,
                Sense::Certainly => surely && all,
            })
            .unwrap_or_default()
    }
}

impl Place {
    /// This place and `other` at once, for a command that is carried from one to
    /// the other: guarded where either is, and never a sandbox.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let both = |a: Standing, b: Standing| Standing { guarded: a.guarded || b.guarded, sandbox: false };
        let mut names = self.names.clone();
        names.extend(other.names.iter().filter(|named| !self.names.contains(named)).cloned());
        Self {
            names,
            surely: both(self.surely, other.surely),
            all: both(self.all, other.all),
            unreadable: self.unreadable || other.unreadable,
        }
    }
}

/// An environment that holds, and whether by what the target is.
type Hit<'a> = (Placed<'a, EnvironmentRule>, bool);

/// Classifies `target`. Several environments may hold: it is guarded where one
/// of them is. A sandbox, which is known by what it is, wins over a guarded
/// environment that only recognised a name.
pub fn classify(book: &Rulebook, target: &Target, principal: PrincipalKind) -> Place {
    let hits: Vec<Hit<'_>> = book
        .environments(principal)
        .into_iter()
        .filter_map(|rule| hit(rule.value, target).map(|by_identity| (rule, by_identity)))
        .collect();
    let unreadable = !target.unreadable().is_empty();
    place(&hits, unreadable, principal)
}

fn place(hits: &[Hit<'_>], unreadable: bool, principal: PrincipalKind) -> Place {
    let may_loosen = |rule: &Placed<'_, EnvironmentRule>| rule.layer.power(principal) == Power::Loosens;
    let every: Vec<&Hit<'_>> = hits.iter().collect();
    let loosening: Vec<&Hit<'_>> = hits.iter().filter(|(rule, _)| may_loosen(rule)).collect();
    let all = standing(&every);
    let mut named: Vec<&Hit<'_>> =
        hits.iter().filter(|(rule, _)| !(all.sandbox && rule.value.guarded)).collect();
    // Guarded ones first: their name is the one to show.
    named.sort_by_key(|(rule, _)| !rule.value.guarded);
    Place {
        names: named
            .iter()
            .map(|(rule, _)| Named {
                name: rule.value.name.clone(),
                source: rule.source(),
                may_loosen: may_loosen(rule),
            })
            .collect(),
        surely: standing(&loosening),
        all,
        unreadable,
    }
}

fn standing(hits: &[&Hit<'_>]) -> Standing {
    let guarded_by_identity = hits.iter().any(|(rule, identity)| rule.value.guarded && *identity);
    let sandbox = hits.iter().any(|(rule, identity)| rule.value.sandbox && *identity) && !guarded_by_identity;
    let guarded = !sandbox && hits.iter().any(|(rule, _)| rule.value.guarded);
    Standing { guarded, sandbox }
}

/// The place of a given name, for "what if it were there".
pub fn named(book: &Rulebook, name: &str, principal: PrincipalKind) -> Option<Place> {
    if name == "unclassified" {
        return Some(Place::default());
    }
    let hits: Vec<Hit<'_>> = book
        .environments(principal)
        .into_iter()
        .filter(|rule| rule.value.name == name)
        // As a sandbox it is one by what it is; a guarded one of that name wins.
        .map(|rule| (rule, true))
        .collect();
    (!hits.is_empty()).then(|| place(&hits, false, principal))
}

/// Whether `target` is in this environment, and if so whether by what it is
/// (account, server, endpoint) rather than by a name or a variable's claim.
fn hit(rule: &EnvironmentRule, target: &Target) -> Option<bool> {
    let mut by_identity = None;
    for entry in rule.matches.iter().filter(|entry| !entry.is_empty()) {
        // Every namespace may be one that is guarded.
        let every = |fact: &Fact, value: &str| rule.guarded && *fact == Fact::Namespace && value == EVERY;
        let holds = |(fact, condition): (&Fact, &ValueMatch)| {
            target.values(*fact).any(|value| every(fact, value) || value_holds(condition, value))
        };
        if !entry.iter().all(holds) {
            continue;
        }
        // What acts in two accounts is in no sandbox by one of them.
        let is_proven = |(fact, condition): (&Fact, &ValueMatch)| {
            let whole = !rule.sandbox || target.values(*fact).all(|value| value_holds(condition, value));
            fact.is_identity() && whole && target.proven(*fact).any(|value| value_holds(condition, value))
        };
        // What loosens has to be proven whole, what tightens in part.
        let proven = if rule.sandbox { entry.iter().all(is_proven) } else { entry.iter().any(is_proven) };
        by_identity = Some(by_identity.unwrap_or(false) || proven);
    }
    by_identity
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::book::{Layer, Origin};
    use crate::verdict::Fact;

    fn book(text: &str) -> Rulebook {
        let file = crate::rules::load::parse("test.yaml".as_ref(), text).unwrap();
        let files = vec![("test.yaml".into(), file)];
        let layer = Layer::new(Origin::User, files, Power::Loosens, Power::Loosens);
        let built_in = crate::rules::builtin::layer(&[]).unwrap();
        Rulebook { layers: vec![built_in, layer] }
    }

    const KIND: &str = "version: 1\nenvironments:\n  - name: kind\n    sandbox: true\n    match:\n      - server: https://127.0.0.1:6443\n";

    #[test]
    fn what_acts_in_two_accounts_is_in_no_sandbox_by_one() {
        let text = "version: 1\nenvironments:\n  - name: own\n    sandbox: true\n    match:\n      - account: '111111111111'\n";
        let mut target = Target::default();
        target.add(Fact::Account, "111111111111");
        assert!(classify(&book(text), &target, PrincipalKind::Agent).is_sandbox());
        target.claim(Fact::Account, "222222222222");
        assert!(!classify(&book(text), &target, PrincipalKind::Agent).is_sandbox());
    }

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

//! What is known, offline, about where a command would act.

use std::collections::BTreeMap;

use crate::verdict::Fact;

/// The value that stands for every namespace.
pub const EVERY: &str = "*";

/// One value of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Value {
    text: String,
    /// A variable says so, which anybody can set and the tool may not heed.
    claimed: bool,
}

/// Facts about a target. An absent fact is simply not there; one that exists
/// but cannot be read is named in [`Target::unreadable`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    facts: BTreeMap<Fact, Vec<Value>>,
    details: BTreeMap<&'static str, String>,
    unreadable: Vec<String>,
}

impl Target {
    /// Adds a value that the tool itself will use for `fact`. An empty value
    /// says nothing and is dropped.
    pub fn add(&mut self, fact: Fact, value: impl Into<String>) {
        self.insert(fact, value.into(), false);
    }

    /// Adds a value that a variable claims. It can make a target look guarded;
    /// it never proves what a target is.
    pub fn claim(&mut self, fact: Fact, value: impl Into<String>) {
        self.insert(fact, value.into(), true);
    }

    fn insert(&mut self, fact: Fact, text: String, claimed: bool) {
        if text.is_empty() {
            return;
        }
        let values = self.facts.entry(fact).or_default();
        match values.iter_mut().find(|value| value.text == text) {
            Some(value) => value.claimed &= claimed,
            None => values.push(Value { text, claimed }),
        }
    }

    /// Adds every value of `other` as a claim, and what of it cannot be read.
    pub fn claim_all(&mut self, other: &Self) {
        for (fact, values) in &other.facts {
            for value in values {
                self.claim(*fact, value.text.clone());
            }
        }
        self.unreadable.extend(other.unreadable.iter().cloned());
    }

    /// Adds every value and detail of `other` as they are there.
    pub fn add_all(&mut self, other: &Self) {
        for (fact, values) in &other.facts {
            for value in values {
                self.insert(*fact, value.text.clone(), value.claimed);
            }
        }
        self.details.extend(other.details.iter().map(|(name, value)| (*name, value.clone())));
        self.unreadable.extend(other.unreadable.iter().cloned());
    }

    /// Adds something that people want to see but that no rule matches on.
    pub fn detail(&mut self, name: &'static str, value: impl Into<String>) {
        self.details.insert(name, value.into());
    }

    /// Notes that part of the target exists and cannot be read.
    pub fn cannot_read(&mut self, what: impl Into<String>) {
        self.unreadable.push(what.into());
    }

    /// The values of one fact.
    pub fn values(&self, fact: Fact) -> impl Iterator<Item = &str> {
        self.facts.get(&fact).into_iter().flatten().map(|value| value.text.as_str())
    }

    /// The values of one fact that are more than a claim.
    pub fn proven(&self, fact: Fact) -> impl Iterator<Item = &str> {
        let values = self.facts.get(&fact).into_iter().flatten();
        values.filter(|value| !value.claimed).map(|value| value.text.as_str())
    }

    /// The first value of one fact.
    pub fn first(&self, fact: Fact) -> Option<&str> {
        self.values(fact).next()
    }

    /// What exists and cannot be read, in words.
    pub fn unreadable(&self) -> &[String] {
        &self.unreadable
    }

    /// Everything known, for messages, JSON and the record.
    pub fn shown(&self) -> BTreeMap<String, String> {
        let facts = self.facts.iter().map(|(fact, values)| {
            let texts: Vec<&str> = values.iter().map(|value| value.text.as_str()).collect();
            (fact.name().to_owned(), texts.join(", "))
        });
        let details = self.details.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        facts.chain(details).collect()
    }
}

//! What is known, offline, about where a command would act.

use std::collections::BTreeMap;

use crate::verdict::Fact;

/// Facts about a target. An absent fact is simply not there; one that exists
/// but cannot be read is named in [`Target::unreadable`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    facts: BTreeMap<Fact, Vec<String>>,
    details: BTreeMap<&'static str, String>,
    unreadable: Vec<String>,
}

impl Target {
    /// Adds a value for `fact`; a fact may have several (`AWS_PROFILE` and
    /// `AWS_VAULT`). An empty value says nothing and is dropped.
    pub fn add(&mut self, fact: Fact, value: impl Into<String>) {
        let value = value.into();
        let values = self.facts.entry(fact).or_default();
        if !value.is_empty() && !values.contains(&value) {
            values.push(value);
        }
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
        self.facts.get(&fact).into_iter().flatten().map(String::as_str)
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
        let facts = self
            .facts
            .iter()
            .filter(|(_, values)| !values.is_empty())
            .map(|(fact, values)| (fact.name().to_owned(), values.join(", ")));
        let details = self.details.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        facts.chain(details).collect()
    }
}

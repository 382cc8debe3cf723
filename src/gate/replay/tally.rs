//! What was counted of what would have been stopped.

use std::collections::{BTreeMap, HashMap};

use super::{Occurrence, Stopped};
use crate::verdict::{Decision, Risk};

/// How many distinct commands are kept to find the worst among them; of more, the
/// milder half is let go.
const KEPT: usize = 20_000;

/// What was counted of one of the people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How many commands there were.
    pub commands: u64,
    /// How many of them a person would have been asked about.
    pub confirm: u64,
    /// How many would have needed a second person.
    pub peer: u64,
    /// How many would have been denied.
    pub deny: u64,
    /// How many of those that would have been stopped were denied or interrupted then.
    pub withheld: u64,
}

impl Count {
    /// How many would have been stopped.
    pub fn stopped(&self) -> u64 {
        self.confirm + self.peer + self.deny
    }

    fn add(&mut self, decision: Decision, times: u64) {
        match decision {
            Decision::Allow => {}
            Decision::Confirm => self.confirm += times,
            Decision::Peer => self.peer += times,
            Decision::Deny => self.deny += times,
        }
    }
}

/// What was counted of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its id.
    pub rule: String,
    /// The highest risk among what it stopped.
    pub risk: Risk,
    /// How often it decided.
    pub times: u64,
}

/// A command that would have been stopped, however often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worst {
    /// Who did it.
    pub who: usize,
    /// What would have stopped it, where it was done last.
    pub stopped: Stopped,
    /// How often it was done.
    pub times: u64,
    /// How often it was denied or interrupted.
    pub withheld: u64,
    /// Where it was done last.
    pub newest: Occurrence,
}

/// All that was counted.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Each of the people.
    pub people: Vec<Count>,
    /// How many distinct things could not be judged, for an error in tollgate itself.
    pub unjudged: u64,
    risks: BTreeMap<Risk, u64>,
    rules: BTreeMap<String, (Risk, u64)>,
    commands: HashMap<(usize, String, String), Worst>,
}

impl Tally {
    pub(super) fn of(people: usize) -> Self {
        Self { people: vec![Count::default(); people], ..Self::default() }
    }

    pub(super) fn count(&mut self, who: usize, times: u64) {
        if let Some(count) = self.people.get_mut(who) {
            count.commands += times;
        }
    }

    pub(super) fn stop(
        &mut self,
        who: usize,
        stopped: Stopped,
        times: u64,
        withheld: u64,
        newest: Occurrence,
    ) {
        if let Some(count) = self.people.get_mut(who) {
            count.add(stopped.decision, times);
            count.withheld += withheld;
        }
        *self.risks.entry(stopped.risk).or_default() += times;
        let rule = self.rules.entry(stopped.rule.clone()).or_default();
        *rule = (rule.0.max(stopped.risk), rule.1 + times);
        let key = (who, stopped.command.clone(), stopped.rule.clone());
        match self.commands.get_mut(&key) {
            Some(known) => {
                known.times += times;
                known.withheld += withheld;
                if newest > known.newest {
                    (known.newest, known.stopped) = (newest, stopped);
                }
            }
            None => {
                self.commands.insert(key, Worst { who, stopped, times, withheld, newest });
            }
        }
        if self.commands.len() > KEPT {
            self.let_go();
        }
    }

    fn let_go(&mut self) {
        let mut ranks: Vec<_> = self.commands.values().map(rank).collect();
        ranks.sort_unstable();
        let Some(middle) = ranks.get(ranks.len() / 2).copied() else { return };
        self.commands.retain(|_, one| rank(one) >= middle);
    }

    /// The whole, of all people.
    pub fn total(&self) -> Count {
        self.people.iter().fold(Count::default(), |sum, one| Count {
            commands: sum.commands + one.commands,
            confirm: sum.confirm + one.confirm,
            peer: sum.peer + one.peer,
            deny: sum.deny + one.deny,
            withheld: sum.withheld + one.withheld,
        })
    }

    /// How many would have been stopped of each risk, the gravest first.
    pub fn risks(&self) -> Vec<(Risk, u64)> {
        self.risks.iter().rev().map(|(risk, times)| (*risk, *times)).collect()
    }

    /// The rules that decided, those that did most often first.
    pub fn rules(&self) -> Vec<Rule> {
        let rule = |(rule, (risk, times)): (&String, &(Risk, u64))| Rule {
            rule: rule.clone(),
            risk: *risk,
            times: *times,
        };
        let mut rules: Vec<Rule> = self.rules.iter().map(rule).collect();
        rules.sort_by_key(|rule| std::cmp::Reverse((rule.times, rule.risk)));
        rules
    }

    /// How many different commands would have been stopped, as far as they are kept.
    pub fn different(&self) -> usize {
        self.commands.len()
    }

    /// The worst commands: the gravest first, of these the newest.
    pub fn worst(&self, most: usize) -> Vec<&Worst> {
        let mut worst: Vec<&Worst> = self.commands.values().collect();
        worst.sort_by(|a, b| {
            let spelt = || a.stopped.command.cmp(&b.stopped.command);
            rank(b).cmp(&rank(a)).then_with(spelt)
        });
        worst.truncate(most);
        worst
    }
}

fn rank(one: &Worst) -> (Risk, Decision, Occurrence) {
    (one.stopped.risk, one.stopped.decision, one.newest)
}

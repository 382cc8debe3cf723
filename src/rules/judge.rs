//! What the rulebook says of one command.
//!
//! Pure. Every rule that matches counts, each effect is looked up in the
//! policy, and the strictest decision wins.

use std::collections::HashMap;

use super::book::{Power, Rulebook, Source};
use super::carried::{REMOTE, carried};
use super::environment::{Column, classify};
use super::matching::{Facts, Sense, Situation, holds, speaks};
use super::operations;
use super::schema::Rule;
use crate::command::{Command, grammar, here};
use crate::context::target_of;
use crate::process::Environment;
use crate::verdict::{Decision, Effect, PrincipalKind, Risk};

/// The id under which an unrecognised command is reported.
pub const UNKNOWN_COMMAND: &str = "unknown-command";

/// The id under which shell text is reported that cannot be read.
pub const UNREADABLE: &str = "shell/unreadable";

/// Proof that the rulebook lets a command run at once. Only this module makes
/// one, and without it or an authorization nothing is executed.
#[derive(Debug)]
#[must_use]
pub struct Allowed(());

/// What one rule contributed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// The rule's id.
    pub rule: String,
    /// What it says the command does.
    pub effects: Vec<Effect>,
    /// How much is at stake.
    pub risk: Risk,
    /// What it asks for here.
    pub decision: Decision,
    /// What is lost.
    pub reason: Option<String>,
    /// A safer command.
    pub safer: Option<String>,
    /// Whether an exemption made it not count; the decision is then allow.
    pub exempt: bool,
    /// The changes that it speaks of, each as the words of a [`change`](crate::command::declared::change)
    /// without its fields. None where it speaks of the command itself.
    pub about: Vec<Vec<String>>,
}

impl Contribution {
    /// Whether it stands for a command that no rule knows.
    pub fn is_unknown(&self) -> bool {
        self.rule.rsplit('/').next() == Some(UNKNOWN_COMMAND)
    }
}

/// An exemption that changed something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The rule that did not count.
    pub rule: String,
    /// Why, and until when.
    pub why: String,
    /// The file that exempts.
    pub source: Source,
}

/// What the rulebook says of one command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// The strictest decision.
    pub decision: Decision,
    /// The highest risk.
    pub risk: Risk,
    /// What every matching rule contributed, the strictest first.
    pub contributions: Vec<Contribution>,
    /// Exemptions that made a rule not count.
    pub exemptions: Vec<Applied>,
}

impl Judgement {
    /// Proof that the command may run, where it may.
    pub fn allowed(&self) -> Option<Allowed> {
        (self.decision == Decision::Allow).then_some(Allowed(()))
    }

    /// The rule that decided, if any rule matched.
    pub fn leading(&self) -> Option<&Contribution> {
        self.contributions.first()
    }

    /// Has another contribution count as well: it can only become stricter.
    pub fn add(&mut self, contribution: Contribution) {
        self.contributions.push(contribution);
        self.sum_up();
    }

    /// Sorts what was contributed, the strictest first, and takes the strictest for the whole.
    fn sum_up(&mut self) {
        self.contributions.sort_by(|a, b| {
            let weight = |one: &Contribution| (one.decision, one.risk, one.effects.iter().max().copied());
            // Of two that say the same, a rule tells more than the table.
            weight(b).cmp(&weight(a)).then_with(|| b.safer.is_some().cmp(&a.safer.is_some()))
        });
        self.decision = self.contributions.iter().map(|one| one.decision).max().unwrap_or_default();
        self.risk = self.contributions.iter().map(|one| one.risk).max().unwrap_or_default();
    }

    /// Every effect, the gravest first.
    pub fn effects(&self) -> Vec<Effect> {
        let mut effects: Vec<Effect> =
            self.contributions.iter().flat_map(|contribution| contribution.effects.iter().copied()).collect();
        effects.sort_unstable_by(|a, b| b.cmp(a));
        effects.dedup();
        effects
    }
}

/// Judges `command` in a known situation. `today` is the day as `YYYY-MM-DD`
/// in UTC; exemptions end by it.
pub fn judge(
    book: &Rulebook,
    command: &Command,
    environment: &Environment,
    situation: Situation<'_>,
    today: &str,
) -> Judgement {
    judge_changes(book, command, &[], environment, situation, today)
}

/// The same, with the `changes` that the command was found to make, as commands of
/// their own. What several of them have in common is said once.
pub fn judge_changes(
    book: &Rulebook,
    command: &Command,
    changes: &[Command],
    environment: &Environment,
    situation: Situation<'_>,
    today: &str,
) -> Judgement {
    let mut judgement = Judgement::default();
    contribute(&mut judgement, book, command, environment, situation, today);
    for change in changes {
        let before = judgement.contributions.len();
        contribute(&mut judgement, book, change, environment, situation, today);
        judgement.contributions.iter_mut().skip(before).for_each(|one| one.about.push(change.path.clone()));
    }
    judgement.contributions = once_each(judgement.contributions);
    // What is carried elsewhere does not see this environment.
    let none = Environment::default();
    let (mut target, mut place) = (situation.target.clone(), situation.place.clone());
    for inner in carried(book, command) {
        // It acts where it is, or where its own words lead. A file that it names
        // is none of this machine's.
        let mut words = inner.clone();
        words.flags.retain(|flag| flag.name != "--kubeconfig");
        let own = target_of(&words, &none, None);
        place = place.and(&classify(book, &own, situation.principal));
        target.claim_all(&own);
        let situation = Situation { target: &target, place: &place, ..situation };
        contribute(&mut judgement, book, &inner, &none, situation, today);
    }
    judgement.sum_up();
    judgement
}

/// What is said several times, once, with all that it speaks of.
fn once_each(contributions: Vec<Contribution>) -> Vec<Contribution> {
    let mut places = HashMap::new();
    let mut all: Vec<Contribution> = Vec::new();
    for one in contributions {
        let place = *places.entry((one.rule.clone(), one.decision)).or_insert(all.len());
        match all.get_mut(place) {
            Some(first) if first.about.last() == one.about.last() => {}
            Some(first) => first.about.extend(one.about),
            None => all.push(one),
        }
    }
    all
}

/// Adds what the rules say of one command, without what it carries.
fn contribute(
    judgement: &mut Judgement,
    book: &Rulebook,
    command: &Command,
    environment: &Environment,
    situation: Situation<'_>,
    today: &str,
) {
    if command.inert.is_some() {
        return;
    }
    let facts = Facts { command, environment, situation: Some(situation) };
    let own = operations::rule(command);
    let Spoken { rules, known } = spoken(book, own.as_ref(), &facts, situation.principal);
    for rule in rules {
        let decision = decide(book, rule, situation);
        // One that would change nothing is not applied, nor is `deny` ever lowered.
        let lowers = matches!(decision, Decision::Confirm | Decision::Peer);
        if lowers && let Some(applied) = exempted(book, rule, &facts, situation.principal, today) {
            judgement.exemptions.push(applied);
            let exempt = Contribution { exempt: true, ..contribution(rule, Decision::Allow) };
            judgement.contributions.push(exempt);
            continue;
        }
        judgement.contributions.push(contribution(rule, decision));
    }
    if !known {
        judgement.contributions.push(unknown(book, command, situation));
    }
}

/// Proof that a tool is none that any rule speaks of: it is not judged at all.
pub fn not_judged(book: &Rulebook, tool: &str) -> Option<Allowed> {
    (!book.names(tool)).then_some(Allowed(()))
}

/// Proof that the command is allowed whoever asks and wherever it acts, so that
/// neither has to be looked up. Never given where [`judge`] could say otherwise.
pub fn always_allowed(book: &Rulebook, command: &Command, environment: &Environment) -> Option<Allowed> {
    (command.inert.is_some() || allowed_everywhere(book, command, environment)).then_some(Allowed(()))
}

fn allowed_everywhere(book: &Rulebook, command: &Command, environment: &Environment) -> bool {
    let none = Environment::default();
    one_allowed_everywhere(book, command, environment)
        && carried(book, command)
            .iter()
            .all(|inner| inner.inert.is_some() || one_allowed_everywhere(book, inner, &none))
}

fn one_allowed_everywhere(book: &Rulebook, command: &Command, environment: &Environment) -> bool {
    let facts = Facts { command, environment, situation: None };
    let own = operations::rule(command);
    [PrincipalKind::Human, PrincipalKind::Agent].into_iter().all(|principal| {
        let Spoken { rules, known } = spoken(book, own.as_ref(), &facts, principal);
        let allows = |rule: &&Rule| {
            Column::ALL.into_iter().all(|column| in_column(book, rule, principal, column) == Decision::Allow)
        };
        known && rules.iter().all(allows)
    })
}

/// The rules that speak of a command.
struct Spoken<'a> {
    rules: Vec<&'a Rule>,
    /// Whether one of them, in a layer that may loosen, certainly does.
    known: bool,
}

/// The rules that may speak of these facts and count for `principal`, `own`
/// among them, which a table has of the command. Without a situation they are
/// all those that may speak in any.
fn spoken<'a>(
    book: &'a Rulebook,
    own: Option<&'a Rule>,
    facts: &Facts<'a>,
    principal: PrincipalKind,
) -> Spoken<'a> {
    let counts = own.filter(|own| !gives_way(own, facts.command));
    // Rules for a declared tool are few and sure: what none matches is nothing to ask about. Of
    // what was planned the changes say all that it does.
    let known = own.is_some() || facts.command.declared.is_some() || facts.command.planned;
    let mut spoken = Spoken { rules: counts.into_iter().collect(), known };
    // A rule about a variable, say, speaks of any command and makes none known.
    let names_commands = grammar(&facts.command.tool).is_some() || facts.command.tool == REMOTE;
    for (layer, rule) in book.rules(&facts.command.tool) {
        let power = layer.power(principal);
        if power != Power::Absent && matched(rule, facts, Sense::Possibly) {
            let names = !names_commands || !rule.commands().is_empty();
            spoken.known |= names && power == Power::Loosens && matched(rule, facts, Sense::Certainly);
            if !gives_way(rule, facts.command) {
                spoken.rules.push(rule);
            }
        }
    }
    spoken.known &= facts.command.doubt.is_none();
    spoken
}

/// Whether what a rule says does not hold for this command: where the command
/// that runs elsewhere can be read, that is judged in place of "runs something
/// elsewhere". A rule that requires something says more than that.
fn gives_way(rule: &Rule, command: &Command) -> bool {
    let only_runs = rule.effect.0 == [Effect::Execute] && rule.require.is_none();
    rehearses(rule, command) || (command.carried.is_some() && only_runs)
}

/// Whether a rule is about a change and the command only rehearses it. It may
/// still print a secret, or write what it heard to a file.
pub fn rehearses(rule: &Rule, command: &Command) -> bool {
    let is_of_here = || rule.matches.0.iter().any(|one| one.fields.keys().any(|name| here::tells(name)));
    command.rehearsed && !rule.effect.0.contains(&Effect::Disclose) && !is_of_here()
}

/// Whether `rule` speaks of these facts. What exempts is asked the other way round.
pub fn matched(rule: &Rule, facts: &Facts<'_>, sense: Sense) -> bool {
    speaks(&rule.matches, rule.unless.as_ref(), facts, sense)
}

/// The decision for one rule here: the strictest of the columns that hold.
fn decide(book: &Rulebook, rule: &Rule, situation: Situation<'_>) -> Decision {
    let columns = situation.place.columns(situation.principal).into_iter();
    columns.map(|column| in_column(book, rule, situation.principal, column)).max().unwrap_or(Decision::Deny)
}

/// The decision for one rule in one column: the policy's, at least what the
/// rule requires; in a sandbox only critical risk to an agent is asked about.
fn in_column(book: &Rulebook, rule: &Rule, principal: PrincipalKind, column: Column) -> Decision {
    if column == Column::Sandbox {
        let critical = rule.risk == Risk::Critical && principal == PrincipalKind::Agent;
        let denied = rule.require.filter(|floor| *floor == Decision::Deny);
        return denied.unwrap_or(if critical { Decision::Confirm } else { Decision::Allow });
    }
    policy(book, rule, principal, column == Column::Guarded)
}

/// What `rule` asks of `principal` by the policy, at least what it requires.
pub fn policy(book: &Rulebook, rule: &Rule, principal: PrincipalKind, guarded: bool) -> Decision {
    let decision = rule.effect.0.iter().map(|effect| book.cell(*effect, principal, guarded)).max();
    // A rule that names no effect is refused when it is loaded.
    let decision = raise(decision.unwrap_or(Decision::Deny), rule.risk, principal);
    rule.require.map_or(decision, |floor| decision.max(floor))
}

/// Critical risk raises an agent's confirm to peer and a human's allow to confirm.
pub fn raise(decision: Decision, risk: Risk, principal: PrincipalKind) -> Decision {
    match (risk, principal, decision) {
        (Risk::Critical, PrincipalKind::Agent, Decision::Confirm) => Decision::Peer,
        (Risk::Critical, PrincipalKind::Human, Decision::Allow) => Decision::Confirm,
        _ => decision,
    }
}

fn contribution(rule: &Rule, decision: Decision) -> Contribution {
    Contribution {
        rule: rule.id.clone(),
        effects: rule.effect.0.clone(),
        risk: rule.risk,
        decision,
        reason: rule.reason.clone(),
        safer: rule.safer.clone(),
        exempt: false,
        about: Vec::new(),
    }
}

/// What an unrecognised command counts as.
fn unknown(book: &Rulebook, command: &Command, situation: Situation<'_>) -> Contribution {
    let principal = situation.principal;
    let effect = if command.tool == REMOTE { Effect::Execute } else { Effect::Unknown };
    let asked = |column| match column {
        Column::Sandbox => Decision::Allow,
        column => book.cell(effect, principal, column == Column::Guarded),
    };
    let columns = situation.place.columns(principal).into_iter();
    let decision = columns.map(asked).max().unwrap_or(Decision::Deny);
    let remote = command.tool == REMOTE;
    let program = command.path.first();
    let told = || match (remote, program) {
        (true, Some(program)) => format!("it runs `{program}` there, which the rulebook cannot judge"),
        (true, None) => "it runs something there that cannot be judged".to_owned(),
        (false, None) => format!("the rulebook does not know what {} does with this command", command.tool),
        (false, Some(_)) => {
            format!("the rulebook does not know what {} does with `{}`", command.tool, command.name())
        }
    };
    let reason = command.doubt.clone().unwrap_or_else(told);
    Contribution {
        rule: format!("{}/{UNKNOWN_COMMAND}", command.tool),
        effects: vec![effect],
        risk: Risk::Medium,
        decision,
        reason: Some(reason),
        safer: if remote {
            Some("one program that only looks, without a shell: ls, cat, ps, curl -s URL".to_owned())
        } else {
            let near = crate::command::nearest(command);
            near.map(|near| format!("{} {near}, if that was meant", command.tool))
        },
        exempt: false,
        about: Vec::new(),
    }
}

/// What shell text counts as that cannot be read, for the reason `why`.
pub fn unreadable(book: &Rulebook, why: &str, situation: Situation<'_>) -> Contribution {
    let columns = situation.place.columns(situation.principal).into_iter();
    let asked = |column| match column {
        Column::Sandbox => Decision::Allow,
        column => book.cell(Effect::Unknown, situation.principal, column == Column::Guarded),
    };
    Contribution {
        rule: UNREADABLE.to_owned(),
        effects: vec![Effect::Unknown],
        risk: Risk::Medium,
        decision: columns.map(asked).max().unwrap_or(Decision::Deny),
        reason: Some(why.to_owned()),
        safer: Some("the command itself, with its words written out".to_owned()),
        exempt: false,
        about: Vec::new(),
    }
}

/// The exemption that makes `rule` not count here.
fn exempted(
    book: &Rulebook,
    rule: &Rule,
    facts: &Facts<'_>,
    principal: PrincipalKind,
    today: &str,
) -> Option<Applied> {
    book.exemptions(principal)
        .find(|exemption| {
            exemption.value.rule == rule.id
                && today <= exemption.value.expires.as_str()
                && holds(&exemption.value.matches, facts, Sense::Certainly)
        })
        .map(|exemption| Applied {
            rule: rule.id.clone(),
            why: format!("{} (until {})", exemption.value.reason, exemption.value.expires),
            source: exemption.source(),
        })
}

#[cfg(test)]
mod carried_tests;
#[cfg(test)]
mod declared_tests;
#[cfg(test)]
mod object_tests;
#[cfg(test)]
mod tests;

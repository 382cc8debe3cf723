//! What waivers make of findings.

use std::collections::{HashMap, HashSet};

use super::{Finding, UNREAD, WAIVER};
use crate::invocation::scan::{Lines, Waiver};
use crate::rules::book::Rulebook;
use crate::rules::judge::UNKNOWN_COMMAND;
use crate::rules::load::nearest;
use crate::rules::operations;
use crate::verdict::Risk;

/// What is to be told of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scanned {
    /// What somebody should have looked at, by place.
    pub findings: Vec<Finding>,
    /// What somebody has looked at, by place.
    pub waived: Vec<Waived>,
}

/// A finding for which somebody vouches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waived {
    /// What was found.
    pub finding: Finding,
    /// Why it may stay.
    pub because: String,
    /// Where the waiver stands in the file, in bytes.
    pub waiver: usize,
}

/// For how many waivers of a file the nearest rule is looked for.
const MOST_HINTS: usize = 20;

/// One command and one rule: what one waiver covers.
type Key = (usize, String);

/// Parts the findings of a file, sorted by place, into those that a waiver covers and
/// the rest, with the waivers that cover nothing.
pub(super) fn apply(
    findings: Vec<Finding>,
    waivers: &[Waiver],
    lines: &Lines<'_>,
    book: &Rulebook,
) -> Scanned {
    let covered = covered(&findings, waivers, lines);
    let used: HashSet<usize> = covered.values().copied().collect();
    let (mut told_of, mut vouched_for) = (HashSet::new(), HashSet::new());
    let mut scanned = Scanned::default();
    for mut finding in findings {
        // What a graver rule says goes first; where that is waived, the next is told.
        let also = std::mem::take(&mut finding.also);
        let mut told: Option<Finding> = None;
        for one in std::iter::once(finding).chain(also) {
            if let Some(waiver) = covered.get(&key(&one)).and_then(|index| waivers.get(*index)) {
                if vouched_for.insert(key(&one)) {
                    let because = waiver.because.clone();
                    scanned.waived.push(Waived { finding: one, because, waiver: waiver.at });
                }
            } else if let Some(told) = &mut told {
                told.also.push(one);
            } else {
                told = Some(one);
            }
        }
        scanned.findings.extend(told.filter(|told| told_of.insert(key(told))));
    }
    let void_ones = waivers.iter().enumerate().filter(|(index, _)| !used.contains(index));
    for (number, (_, waiver)) in void_ones.enumerate() {
        scanned.findings.push(void(waiver, book, number < MOST_HINTS));
    }
    scanned.findings.sort_by_key(|finding| finding.at);
    scanned.waived.sort_by_key(|waived| waived.finding.at);
    scanned
}

fn key(finding: &Finding) -> Key {
    (finding.at, finding.rule.clone())
}

/// Which waiver covers what. Each covers one command, but one in a file's first block
/// all of it that cannot be read.
fn covered(findings: &[Finding], waivers: &[Waiver], lines: &Lines<'_>) -> HashMap<Key, usize> {
    let every = || findings.iter().flat_map(|finding| std::iter::once(finding).chain(&finding.also));
    let mut on_line: HashMap<usize, Vec<&Finding>> = HashMap::new();
    for one in every() {
        on_line.entry(lines.position(one.at).line).or_default().push(one);
    }
    let mut covered: HashMap<Key, usize> = HashMap::new();
    for (index, waiver) in waivers.iter().enumerate() {
        if waiver.because.is_empty() {
            continue;
        }
        let meant = |line: usize, covered: &HashMap<Key, usize>| {
            let there = on_line.get(&line).into_iter().flatten();
            there
                .filter(|one| one.rule == waiver.rule)
                .map(|one| key(one))
                .find(|key| !covered.contains_key(key))
        };
        if let Some(key) = waiver.lines.iter().find_map(|line| meant(*line, &covered)) {
            covered.insert(key, index);
        }
        if waiver.for_file && waiver.rule == UNREAD {
            for one in every().filter(|one| one.rule == UNREAD && one.words.is_empty()) {
                covered.entry(key(one)).or_insert(index);
            }
        }
    }
    covered
}

/// What is to be said of a waiver that covers nothing.
fn void(waiver: &Waiver, book: &Rulebook, hints: bool) -> Finding {
    let rule = &waiver.rule;
    let reason = if rule.is_empty() {
        "this waiver names no rule".to_owned()
    } else if waiver.because.is_empty() {
        "this waiver gives no reason, so it does not count".to_owned()
    } else if rule == WAIVER {
        "what is wrong with a waiver cannot be waived".to_owned()
    } else if is_rule(rule, book) {
        format!("this waiver covers nothing: no command here is found by {rule} that no other waiver covers")
    } else {
        let near = hints.then(|| near(rule, book)).flatten();
        let near = near.map(|near| format!(", did you mean `{near}`?")).unwrap_or_default();
        format!("this waiver names `{rule}`, and there is no such rule{near}")
    };
    let safer = if is_rule(rule, book) && !waiver.because.is_empty() {
        "take it away, or put it on the line of its command or directly above"
    } else {
        "# tollgate: allow RULE because REASON"
    };
    Finding {
        at: waiver.at,
        rule: WAIVER.to_owned(),
        effects: Vec::new(),
        risk: Risk::High,
        reason,
        safer: Some(safer.to_owned()),
        words: Vec::new(),
        also: Vec::new(),
    }
}

fn ids(book: &Rulebook) -> impl Iterator<Item = &str> {
    let files = book.layers.iter().flat_map(crate::rules::book::Layer::files);
    files.flat_map(|(_, file)| &file.rules).map(|rule| rule.id.as_str()).chain([UNREAD])
}

fn is_rule(id: &str, book: &Rulebook) -> bool {
    let unknown =
        |id: &str| id.split_once('/').is_some_and(|(tool, name)| name == UNKNOWN_COMMAND && book.names(tool));
    ids(book).any(|known| known == id) || operations::by_id(id).is_some() || unknown(id)
}

fn near(id: &str, book: &Rulebook) -> Option<String> {
    let operations: Vec<String> = operations::near(id).collect();
    nearest(id, ids(book).chain(operations.iter().map(String::as_str))).map(str::to_owned)
}

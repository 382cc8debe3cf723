//! What the programs do that a plan starts on this machine: judged as the same lines would be.

use std::path::{Path, PathBuf};

use super::line::{Part, judge_line};
use super::{Assumptions, GateError, Inquiry};
use crate::audit::redact;
use crate::context::principal::Principal;
use crate::invocation::plan::Program;
use crate::process::{Process, absolute};
use crate::rules::judge::{Contribution, UNREADABLE};
use crate::verdict::{Decision, Effect};

/// What is to be said of one command that is started.
#[derive(Debug)]
pub(super) struct Said {
    /// What the rulebook says.
    pub(super) contribution: Contribution,
    /// The same for people.
    pub(super) line: String,
}

/// What is to be said of what `programs` run, started by the command of `inquiry`. That a program
/// runs is said already, by `plan/run-program`: only what a command does beside that counts.
///
/// # Errors
/// Where a layer of the rulebook is wrong.
pub(super) fn said(
    process: &dyn Process,
    inquiry: &Inquiry,
    principal: &Principal,
    programs: &[Program],
) -> Result<Vec<Said>, GateError> {
    let changed = inquiry.command.directory.as_ref();
    let directory: Option<PathBuf> = inquiry
        .directory
        .as_ref()
        .map(|directory| changed.map_or_else(|| directory.clone(), |to| absolute(directory, Path::new(to))));
    let assumptions = Assumptions { principal: Some(principal.clone()), ..Assumptions::default() };
    let mut said = Vec::new();
    for Program { address, text } in programs {
        let line = judge_line(process, text.text.as_bytes(), directory.as_ref(), &assumptions, None)?;
        for part in &line.commands {
            let counts = part.judged.judgement.contributions.iter().filter(|one| counts(one));
            said.extend(counts.map(|one| of(address, part, one)));
        }
    }
    Ok(said)
}

fn counts(one: &Contribution) -> bool {
    let only_runs = one.effects.iter().all(|effect| matches!(effect, Effect::Execute | Effect::Unknown));
    one.decision > Decision::Allow && (!only_runs || one.rule == UNREADABLE)
}

fn of(address: &str, part: &Part, one: &Contribution) -> Said {
    let shown = redact::shown(&part.words);
    let does = if shown.is_empty() { "a text that cannot be read".to_owned() } else { shown };
    let reason = one.reason.clone().unwrap_or_default();
    let contribution =
        Contribution { reason: Some(format!("{address} runs {does}: {reason}")), ..one.clone() };
    Said { contribution, line: format!("{address} runs {does} ({})", one.rule) }
}

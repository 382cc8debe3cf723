//! What an approval is bound to: the program, what it reads, and where it would act.

use std::path::Path;

use super::request::{Approval, Boot, Facts, Requester};
use crate::command::Command;
use crate::context::target::Target;
use crate::process::{Executable, Process};
use crate::rules::book::Rulebook;
use crate::rules::environment::Place;
use crate::rules::judge::Judgement;
use crate::rules::layers::Directories;
use crate::verdict::PrincipalKind;

/// One command.
#[expect(missing_docs, missing_debug_implementations, reason = "wip")]
pub struct Subject<'a> {
    pub process: &'a dyn Process,
    pub command: &'a Command,
    pub book: &'a Rulebook,
    pub directory: Option<&'a Path>,
    pub target: &'a Target,
    pub place: &'a Place,
    pub principal: PrincipalKind,
    pub judgement: &'a Judgement,
    pub notes: &'a [String],
    pub program: &'a Executable,
    pub places: &'a Directories,
    pub line: String,
}

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum BindingError {
    /// Nothing.
    #[error("not yet")]
    Nothing,
}

/// Facts.
///
/// # Errors
/// Where not.
pub fn facts(_: &Subject<'_>, _: Requester, _: Approval) -> Result<Facts, BindingError> {
    Err(BindingError::Nothing)
}

/// Boot.
pub fn boot() -> Option<Boot> {
    None
}

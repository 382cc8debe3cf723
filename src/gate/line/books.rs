//! The rulebook as far as a line needs it.

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsString;
use std::path::PathBuf;
use std::rc::Rc;

use super::{is_known, name};
use crate::command::declared::{REDIRECT, SCRIPT};
use crate::command::{Command, grammar};
use crate::gate::{GateError, Reading, book_for};
use crate::process::Process;
use crate::rules::book::Rulebook;
use crate::rules::builtin::Wanted;
use crate::rules::carried::REMOTE;
use crate::rules::layers::{self, Directories};
use crate::shell::inner::Place;
use crate::shell::walk::{Run, What};

/// The rulebook for the directories that lines run in, read once for each.
#[derive(Debug, Default)]
pub struct Books {
    loaded: Vec<(Vec<PathBuf>, Rc<Rulebook>)>,
    /// The one that counts wherever a command runs.
    only: Option<Rc<Rulebook>>,
    /// The tools whose rules are read; every one where empty.
    pub(super) scope: Vec<String>,
    /// What was found of commands whose program is not known: the tool as which
    /// each would be asked about.
    pub(super) computed: HashMap<(Vec<u8>, Vec<OsString>), Option<&'static str>>,
}

impl Books {
    /// Books of every rule, for many lines.
    pub fn whole() -> Self {
        Self::default()
    }

    /// One book of every rule, that of `directory`, for texts of which it is not known
    /// where they will run.
    ///
    /// # Errors
    /// Where a layer is wrong.
    pub fn only(process: &dyn Process, directory: Option<&PathBuf>) -> Result<Self, GateError> {
        let mut books = Self::whole();
        books.only = Some(books.get(process, directory.cloned().into_iter().collect())?);
        Ok(books)
    }

    /// Books of the rules on files that are written by other means than a program.
    pub fn redirections() -> Self {
        Self { scope: vec![REDIRECT.to_owned()], ..Self::default() }
    }

    /// The book for one command alone, unless every rule is read anyway.
    pub(super) fn of_command(
        &mut self,
        process: &dyn Process,
        command: &Command,
        directories: Vec<PathBuf>,
    ) -> Result<Rc<Rulebook>, GateError> {
        if self.scope.is_empty() {
            return self.get(process, directories);
        }
        let places = Directories::of(process);
        Ok(Rc::new(book_for(process, &places, command, &directories, Reading::Candidates)?))
    }

    /// The book for commands in `directories`.
    ///
    /// # Errors
    /// Where a layer is wrong.
    pub fn get(
        &mut self,
        process: &dyn Process,
        directories: Vec<PathBuf>,
    ) -> Result<Rc<Rulebook>, GateError> {
        if let Some(book) = &self.only {
            return Ok(Rc::clone(book));
        }
        if let Some((_, book)) = self.loaded.iter().find(|(known, _)| *known == directories) {
            return Ok(Rc::clone(book));
        }
        let places = Directories::of(process);
        let scope: Vec<Wanted<'_>> = self.scope.iter().map(|tool| Wanted { tool, command: None }).collect();
        let book = Rc::new(layers::load(&places, &scope, &directories, process.user().uid)?);
        self.loaded.push((directories, Rc::clone(&book)));
        Ok(book)
    }
}

/// The tools whose rules these may need; none where it may be any.
pub(super) fn scope(runs: &[Run]) -> Vec<String> {
    let mut tools: BTreeSet<String> = [REMOTE, REDIRECT, SCRIPT].map(str::to_owned).into();
    for run in runs {
        let What::Command(words) = &run.what else { continue };
        let Some(name) = words.first().map(name) else { continue };
        if !is_known(name) {
            return Vec::new();
        }
        // One with a grammar is given its own book, once its command is known; but
        // elsewhere it is one of those that are carried, as are its words.
        let has_grammar = grammar(&String::from_utf8_lossy(name)).is_some();
        let many = match (run.place, has_grammar) {
            (Place::Remote, true) => words.len(),
            (_, true) => 0,
            (_, false) => 1,
        };
        let names = words.iter().take(many).map(super::name);
        tools.extend(names.map(|name| String::from_utf8_lossy(name).into_owned()));
    }
    tools.into_iter().collect()
}

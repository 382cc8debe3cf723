//! Files that hold commands: what of them is run, and where it stands. One file a
//! format.
//!
//! A format takes a file apart into [`Passage`]s, shell text that one shell runs. What
//! the format puts into it before the shell sees it (a make variable, an expression of
//! a workflow) is put in where it is known, and is a shell variable that nobody sets
//! where it is not.

mod dockerfile;
mod github;
mod gitlab;
mod json;
mod justfile;
mod makefile;
mod package;
mod placed;
mod plan;
mod position;
mod shell;
mod taskfile;
mod template;
mod terraform;
mod waiver;
mod windows;
mod yaml;

use std::path::Path;

pub use plan::Change;
pub use position::{Lines, Position};
pub use terraform::planned;
pub use waiver::{Comments, Waiver, waivers};

use crate::process::Process;
use crate::shell::inner::Place;
use crate::shell::parse::Dialect;
use crate::shell::walk::{self, Form, NoScripts, Run, Surroundings, Typing};

/// Shell text that one shell runs, with where each part of it stands in its file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passage {
    /// What the shell is given.
    pub text: String,
    /// Where it runs. In an image or on a machine that is thrown away afterwards, what
    /// it does to the files around it is [`Place::Container`]'s to break.
    pub place: Place,
    /// The shell that reads it.
    pub shell: Dialect,
    origins: Vec<Origin>,
}

/// Where a part of a passage comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    /// Where the part begins in the passage.
    from: usize,
    /// Where it stands in the file.
    at: usize,
    /// Whether it stands there as it is, or was made of what stands there.
    verbatim: bool,
}

impl Passage {
    /// One that runs at `place`, still empty.
    pub fn at(place: Place) -> Self {
        // zsh runs only what says so.
        Self { place, shell: Dialect::Sh, ..Self::default() }
    }

    /// Adds `text`, which stands so at `at` in the file.
    pub fn push(&mut self, text: &str, at: usize) {
        self.origins.push(Origin { from: self.text.len(), at, verbatim: true });
        self.text.push_str(text);
    }

    /// Adds `text`, which was made of what stands at `at` in the file.
    pub fn push_made(&mut self, text: &str, at: usize) {
        self.origins.push(Origin { from: self.text.len(), at, verbatim: false });
        self.text.push_str(text);
    }

    /// Where in the file stands what is at `offset` of the text.
    pub fn origin(&self, offset: usize) -> usize {
        let behind = self.origins.partition_point(|origin| origin.from <= offset);
        let Some(origin) = behind.checked_sub(1).and_then(|last| self.origins.get(last)) else { return 0 };
        if origin.verbatim { origin.at + (offset - origin.from) } else { origin.at }
    }

    /// What it may run, in order; started in `directory`.
    pub fn runs(&self, process: &dyn Process, directory: Option<&Path>) -> Vec<Run> {
        let surroundings = Surroundings {
            // What an image's build or a job starts in is not the directory here.
            directory: directory.filter(|_| self.place == Place::Here),
            home: super::line::home(process),
            inherited: &|_| false,
            scripts: &NoScripts,
            place: self.place,
            typing: Typing::Apart,
            form: Form::Script(self.shell),
        };
        walk::read(self.text.as_bytes(), surroundings)
    }
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text that a shell runs.
    Passage(Passage),
    /// A change of a plan.
    Change(Change),
    /// Something that cannot be read, in a file the rest of which can.
    Unread(Unread),
}

/// Why a file of a known format cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Unread {
    /// Where, in bytes.
    pub at: usize,
    /// Why, in words for people.
    pub why: String,
}

/// The longest file of most kinds that is read, in bytes.
pub const LONGEST: u64 = 16 << 20;

/// One kind of file.
pub trait Format: Sync {
    /// What people call such a file.
    fn name(&self) -> &'static str;

    /// Whether a file is one, by its name or by how it begins.
    fn is(&self, path: &Path, text: &str) -> bool;

    /// What it holds.
    ///
    /// # Errors
    /// Where it is none after all, or is broken.
    fn read(&self, text: &str) -> Result<Vec<Piece>, Unread>;

    /// The longest file of the kind that is read, in bytes.
    fn longest(&self) -> u64 {
        LONGEST
    }

    /// The comments in which somebody may vouch for a command.
    fn comments(&self) -> Comments {
        Comments::Hash
    }
}

/// Every format, in the order in which they are tried.
const FORMATS: [&dyn Format; 11] = [
    &shell::Shell,
    &makefile::Makefile,
    &justfile::Justfile,
    &dockerfile::Dockerfile,
    &github::GitHub,
    &gitlab::GitLab,
    &taskfile::Taskfile,
    &terraform::Terraform,
    &terraform::TerraformJson,
    &package::Package,
    &plan::Plan,
];

/// The format of a file; `None` where it is of none.
pub fn format_of(path: &Path, text: &str) -> Option<&'static dyn Format> {
    FORMATS.into_iter().find(|format| format.is(path, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_passage_is_one_in_its_file() {
        let mut passage = Passage::at(Place::Here);
        passage.push("echo ", 10);
        passage.push_made("$NAME", 15);
        passage.push(" a\n", 25);
        assert_eq!(passage.text, "echo $NAME a\n");
        assert_eq!([0, 4, 5, 7, 10, 12].map(|at| passage.origin(at)), [10, 14, 15, 15, 25, 27]);
        assert_eq!(Passage::default().origin(3), 0);
    }
}

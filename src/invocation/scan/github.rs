//! GitHub's workflows and composite actions: the `run` of each step.
//!
//! GitHub puts `${{ … }}` into the text before a shell reads it. What `env`, a matrix
//! or the choices of an input say of it is put in here; the rest is unknown.

mod expression;
mod machine;

use std::path::Path;
use std::rc::Rc;

use super::template::{Draft, Growth, Reading};
use super::yaml::{Node, Scalar, documents};
use super::{Format, Passage, Piece, Unread, windows};
use crate::shell::inner::Place;
use expression::{Context, MARKS};
use machine::Interpreter;

/// Workflows and composite actions.
pub(super) struct GitHub;

/// The directories whose `workflows` are run, GitHub's and those of its kin.
const HOMES: [&str; 3] = [".forgejo", ".gitea", ".github"];

/// Actions of others that run what they are given: the beginning of their name, the
/// input, and where it runs where that is not the job's machine.
const RUNNERS: [(&str, &str, Option<Place>); 9] = [
    ("addnab/docker-run-action", "run", Some(Place::Container)),
    ("appleboy/ssh-action", "script", Some(Place::Remote)),
    ("azure/cli", "inlineScript", None),
    ("google-github-actions/ssh-compute", "command", Some(Place::Remote)),
    ("nick-fields/retry", "command", None),
    ("nick-invision/retry", "command", None),
    ("reactivecircus/android-emulator-runner", "script", None),
    ("uraimo/run-on-arch-action", "run", Some(Place::Container)),
    ("vmactions/", "run", Some(Place::Container)),
];

impl Format for GitHub {
    fn name(&self) -> &'static str {
        "GitHub workflow"
    }

    fn is(&self, path: &Path, text: &str) -> bool {
        if !has_extension(path) {
            return false;
        }
        let begins = |keys: &[&str]| text.lines().any(|line| keys.iter().any(|key| line.starts_with(key)));
        if name_of(path.parent()) == Some("workflows") {
            let home = name_of(path.parent().and_then(Path::parent));
            if home.is_some_and(|home| HOMES.contains(&home)) {
                return true;
            }
        }
        if matches!(name_of(Some(path)), Some("action.yml" | "action.yaml")) {
            return begins(&["runs:"]);
        }
        // A file that is named otherwise is one only if all of it is.
        let workflow = begins(&["jobs:"]) && begins(&["on:", "'on':", "\"on\":", "true:"]);
        let action = begins(&["runs:"]) && text.contains("composite");
        (workflow || action) && documents(text).is_ok_and(|documents| documents.iter().any(is_one))
    }

    fn read(&self, text: &str) -> Result<Vec<Piece>, Unread> {
        let mut reader = Reader { source: text, pieces: Vec::new(), growth: Growth::of(text) };
        for document in documents(text)? {
            let root = Context::of(&document);
            if let Some(runs) = document.get("runs") {
                let action = root.within(runs, Place::Here);
                reader.steps(runs, &action, true)?;
            }
            for (_, job) in document.get("jobs").map(|jobs| jobs.entries()).unwrap_or_default() {
                let context = root.within(job, machine::place(job));
                reader.steps(job, &context, machine::is_windows(job))?;
            }
        }
        Ok(reader.pieces)
    }
}

/// Whether a file's name is that of YAML.
pub(super) fn has_extension(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml")
}

fn name_of(path: Option<&Path>) -> Option<&str> {
    path?.file_name()?.to_str()
}

fn is_one(document: &Rc<Node>) -> bool {
    let jobs = document.get("jobs").map(|jobs| jobs.entries()).unwrap_or_default();
    let job = |job: &Node| job.get("steps").is_some() || job.get("uses").is_some();
    let using = document.path(&["runs", "using"]).and_then(Node::text);
    using == Some("composite") || jobs.iter().any(|(_, value)| job(value))
}

struct Reader<'a> {
    source: &'a str,
    pieces: Vec<Piece>,
    growth: Growth,
}

impl Reader<'_> {
    /// The steps of a job. Where `other`, a shell that is not named may be one of Windows.
    fn steps(&mut self, job: &Node, job_context: &Context<'_>, other: bool) -> Result<(), Unread> {
        let steps = job.get("steps").map(|steps| steps.items()).unwrap_or_default();
        for step in steps {
            let context = job_context.within(step, job_context.place);
            if let Some(run) = step.get("run").and_then(|run| run.scalar()) {
                let interpreter = match context.shell {
                    Some(shell) => machine::interpreter(shell),
                    None if other => Some(Interpreter::Windows),
                    None => Some(Interpreter::Shell),
                };
                if let Some(interpreter) = interpreter {
                    self.run(run, &interpreter, &context)?;
                }
            }
            let uses = step.get("uses").and_then(|uses| uses.text()).unwrap_or_default().to_lowercase();
            let script = step.path(&["with", "script"]).and_then(Node::scalar);
            if let Some(script) = script.filter(|_| uses.starts_with("actions/github-script")) {
                self.run(script, &Interpreter::Code("node"), &context)?;
            }
            for (_, input, place) in RUNNERS.iter().filter(|(name, ..)| uses.starts_with(name)) {
                if let Some(run) = step.path(&["with", input]).and_then(Node::scalar) {
                    let place = place.unwrap_or(context.place);
                    self.run(run, &Interpreter::Shell, &context.at(place))?;
                }
            }
        }
        Ok(())
    }

    fn run(&mut self, run: &Scalar, interpreter: &Interpreter, context: &Context<'_>) -> Result<(), Unread> {
        let mut draft = Draft::default();
        let known = |expression: &str| context.known(expression);
        for (name, value) in context.variables() {
            draft.export(self.source, (name, value), MARKS, &known);
        }
        draft.prepared();
        match interpreter {
            Interpreter::Shell | Interpreter::Windows => {
                draft.scalar(self.source, run, (MARKS, Reading::Shell), &known);
            }
            Interpreter::Code(program) => {
                let mut end = "CODE".to_owned();
                while run.value.contains(&end) {
                    end.push('_');
                }
                draft.made(format!("{program} - <<'{end}'\n"), run.at);
                draft.scalar(self.source, run, (MARKS, Reading::Other), &known);
                draft.made(format!("\n{end}\n"), run.at);
            }
        }
        if draft.is_cut() {
            let why = "not all that its expressions may stand for was read".to_owned();
            self.pieces.push(Piece::Unread(Unread { at: run.at, why }));
        }
        let passage: Passage = draft.passage_of(context.place, |text| match interpreter {
            Interpreter::Windows => windows::lines(&text),
            _ => text,
        });
        if !self.growth.take(&passage) {
            return Err(Unread { at: run.at, why: "its steps hold too much to read".to_owned() });
        }
        self.pieces.push(Piece::Passage(passage));
        Ok(())
    }
}

#[cfg(test)]
mod tests;

//! Lists, pipelines and compound commands: in the order in which they run, every branch of them.

use std::rc::Rc;

use super::state::{self, State, Variable};
use super::{Form, Input, Io, Output, Walk, look_up};
use crate::shell::syntax::{Item, Join, Kind, Part, Pipeline, Script, Stage, Word};
use crate::shell::value::Value;

impl Walk<'_> {
    /// A list of commands. What comes after `&&` and `||` may not run, so that
    /// afterwards the state may be that of each place where it may have stopped.
    pub(super) fn script(&mut self, state: &mut State, script: &Script, io: &Io) -> Output {
        let mut written = vec![Vec::new()];
        let mut stopped: Vec<State> = Vec::new();
        let mut certain = true;
        for item in &script.items {
            if !self.spend(1, state) {
                return Output::new();
            }
            if item.join == Join::Then {
                self.settle(state, &mut stopped);
            } else if !certain || item.join == Join::Or {
                stopped.push(self.own(state));
            }
            let output = self.item(state, item, io);
            certain = succeeds(&item.pipeline);
            written = joined(&written, &output);
        }
        self.settle(state, &mut stopped);
        written
    }

    pub(super) fn settle(&mut self, state: &mut State, stopped: &mut Vec<State>) {
        for other in stopped.drain(..) {
            if self.surroundings.form == Form::Line {
                self.budget = self.budget.saturating_sub(state.weight());
            }
            self.join(state, other);
        }
    }

    /// Takes in a state that this point may be reached with as well.
    pub(super) fn join(&mut self, state: &mut State, other: State) {
        let looked_at = state.merge(other);
        if matches!(self.surroundings.form, Form::Script(_)) {
            self.budget = self.budget.saturating_sub(looked_at as u64);
        }
    }

    pub(super) fn item(&mut self, state: &mut State, item: &Item, io: &Io) -> Output {
        if !item.background {
            return self.pipeline(state, &item.pipeline, io);
        }
        let mut own = self.own(state);
        self.background += 1;
        self.pipeline(&mut own, &item.pipeline, io);
        self.background -= 1;
        // What it writes may come before or after anything else.
        state.take_files(&own);
        Output::new()
    }

    /// A state of its own for a shell below this one.
    pub(super) fn own(&mut self, state: &State) -> State {
        // A copy costs nothing; of a line, what it would cost counts, so that nothing
        // is followed further than it ever was.
        let cost = if self.surroundings.form == Form::Line { state.weight() } else { 4 };
        self.budget = self.budget.saturating_sub(cost);
        state.clone()
    }

    /// The stages of a pipeline: each reads what the one before writes. The last
    /// one may run in this shell (zsh, `lastpipe`), the others never do.
    pub(super) fn pipeline(&mut self, state: &mut State, pipeline: &Pipeline, io: &Io) -> Output {
        let Some((last, before)) = pipeline.stages.split_last() else { return vec![Vec::new()] };
        let mut io = io.clone();
        for stage in before {
            let mut own = self.own(state);
            let output = self.stage(&mut own, stage, &io);
            state.take_files(&own);
            io.input = fed(&output, stage);
        }
        if before.is_empty() {
            return self.stage(state, last, &io);
        }
        // Whether it runs in this shell depends on the shell.
        let mut own = self.own(state);
        let output = self.stage(&mut own, last, &io);
        self.join(state, own);
        output
    }

    /// One command with its redirections.
    pub(super) fn stage(&mut self, state: &mut State, one: &Stage, io: &Io) -> Output {
        let around = self.here;
        self.here = one.at.or(around);
        // What a function is given to run stands where the function is called.
        if matches!(&one.kind, Kind::Simple { words, .. } if words.first().is_some_and(is_variable)) {
            self.here = self.called_at.filter(|_| one.at.is_some()).or(self.here);
        }
        let output = self.stage_here(state, one, io);
        self.here = around;
        output
    }

    fn stage_here(&mut self, state: &mut State, one: &Stage, io: &Io) -> Output {
        if !self.spend(1, state) {
            return Output::new();
        }
        let mut io = io.clone();
        if io.input == Input::Inherited {
            io.input.clone_from(&state.input);
        }
        let writes = self.redirections(state, &one.redirections, &mut io);
        if let Kind::Simple { assignments, words } = &one.kind {
            // `exec` without a program moves the shell's own streams.
            if assignments.is_empty() && words.len() == 1 && words.iter().all(|word| word.source == b"exec") {
                state.input = io.input;
                return vec![Vec::new()];
            }
            let output = self.simple(state, assignments, words, &io);
            return Self::write(state, &writes, output);
        }
        let output = self.compound(state, &one.kind, &io);
        Self::write(state, &writes, output)
    }

    pub(super) fn compound(&mut self, state: &mut State, kind: &Kind, io: &Io) -> Output {
        match kind {
            Kind::Simple { .. } => Output::new(),
            Kind::Group(script) => self.script(state, script, io),
            Kind::Subshell(script) => {
                let mut own = self.own(state);
                let output = self.script(&mut own, script, io);
                state.take_files(&own);
                output
            }
            Kind::If(branches) => self.branches(state, branches, io),
            Kind::While { condition, body } => {
                state.forget_assigned(&[condition, body]);
                self.script(state, condition, io);
                // Of the turns, which write alike, one is enough.
                self.maybe(state, body, io)
            }
            Kind::For { names, words, body } => self.for_each(state, names, words.as_deref(), body, io),
            Kind::ForArithmetic { header, body } => {
                state.settles(look_up::is_number(&header.source));
                self.expressions(state, header);
                state.forget_assigned(&[body]);
                self.maybe(state, body, io)
            }
            Kind::Case { subject, arms } => {
                self.expressions(state, subject);
                let mut states = vec![self.own(state)];
                for (patterns, body) in arms {
                    for pattern in patterns {
                        self.expressions(state, pattern);
                    }
                    let mut own = self.own(state);
                    self.script(&mut own, body, io);
                    states.push(own);
                }
                self.settle(state, &mut states);
                Output::new()
            }
            Kind::Function { name, body } => {
                for fields in self.expand(state, name, false) {
                    for name in fields {
                        state.settles(!look_up::is_called_by_itself(&name.bytes));
                        // The shell calls it for any command that there is none of.
                        if name.bytes.starts_with(b"command_not_found_handle") {
                            let mut own = self.own(state);
                            self.stage(&mut own, body, &Io::default());
                        }
                        let body = Rc::new((**body).clone());
                        if matches!(self.surroundings.form, Form::Script(_)) && body.at.is_some() {
                            self.defined.push(Rc::clone(&body));
                        }
                        state.functions.insert(name.bytes, vec![body]);
                    }
                }
                vec![Vec::new()]
            }
            Kind::Test(words) => {
                state.settles(!words.iter().any(|word| look_up::computes(&word.source)));
                for word in words {
                    for value in self.expand(state, word, false).into_iter().flatten() {
                        self.subscripts(state, &value.bytes);
                    }
                }
                vec![Vec::new()]
            }
            Kind::Arithmetic(word) => {
                state.settles(look_up::is_number(&word.source));
                let before = std::mem::replace(&mut self.arithmetic, true);
                self.expressions(state, word);
                self.arithmetic = before;
                vec![Vec::new()]
            }
            Kind::Coprocess(body) => {
                let mut own = self.own(state);
                // It reads what is written to it later.
                let io = Io { input: Input::Unknown("the coprocess's writer".to_owned()) };
                self.stage(&mut own, body, &io);
                Output::new()
            }
        }
    }

    /// `if`: each condition runs where those before failed, and one body at most.
    pub(super) fn branches(
        &mut self,
        state: &mut State,
        branches: &[(Option<Script>, Script)],
        io: &Io,
    ) -> Output {
        let mut states = Vec::new();
        let mut has_else = false;
        // What each branch writes, one behind the other.
        let mut written = vec![Vec::new()];
        for (condition, body) in branches {
            match condition {
                Some(condition) => {
                    self.script(state, condition, io);
                }
                None => has_else = true,
            }
            let mut own = self.own(state);
            let output = self.script(&mut own, body, io);
            written = joined(&written, &output);
            states.push(own);
        }
        if has_else && let Some(last) = states.pop() {
            *state = last;
        }
        self.settle(state, &mut states);
        written
    }

    /// A body that runs once, several times, or never.
    pub(super) fn maybe(&mut self, state: &mut State, body: &Script, io: &Io) -> Output {
        let mut own = self.own(state);
        let output = self.script(&mut own, body, io);
        self.join(state, own);
        output
    }

    pub(super) fn for_each(
        &mut self,
        state: &mut State,
        names: &[String],
        words: Option<&[Word]>,
        body: &Script,
        io: &Io,
    ) -> Output {
        let mut values: Vec<Value> = Vec::new();
        match words {
            Some(words) => {
                for word in words {
                    for fields in self.expand(state, word, true) {
                        values.extend(fields);
                    }
                }
            }
            None => values.extend(state.positional_values()),
        }
        state.forget_assigned(&[body]);
        let certain = !values.is_empty() && values.iter().all(|value| !value.may_split());
        for name in names {
            state.assign(name, Variable::any_of(values.clone()));
        }
        if certain && !state::may_leave(body) {
            self.script(state, body, io)
        } else {
            self.maybe(state, body, io)
        }
    }

    /// A word that is no argument: what it substitutes runs.
    pub(super) fn expressions(&mut self, state: &mut State, word: &Word) {
        self.expand(state, word, false);
    }
}

/// Whether a word is what a variable holds, from its beginning.
fn is_variable(word: &Word) -> bool {
    matches!(word.parts.first(), Some(Part::Parameter(_)))
}

/// What is fed on to the next stage.
fn fed(output: &Output, stage: &Stage) -> Input {
    match output.as_slice() {
        [] => Input::Unknown(named(stage)),
        // Of several, the last is the one with escapes undone.
        [.., last] => Input::Known(last.clone()),
    }
}

fn named(stage: &Stage) -> String {
    match &stage.kind {
        Kind::Simple { words, .. } => words
            .first()
            .map_or_else(|| "it".to_owned(), |word| String::from_utf8_lossy(&word.source).into_owned()),
        _ => "a group of commands".to_owned(),
    }
}

/// One text after the other.
fn joined(before: &Output, output: &Output) -> Output {
    if before.len() * output.len() > 4 {
        return Output::new();
    }
    before.iter().flat_map(|one| output.iter().map(move |other| [one.as_slice(), other].concat())).collect()
}

/// Whether a pipeline surely succeeds, so that what follows `&&` runs.
fn succeeds(pipeline: &Pipeline) -> bool {
    let [stage] = pipeline.stages.as_slice() else { return false };
    let Kind::Simple { words, .. } = &stage.kind else { return matches!(stage.kind, Kind::Function { .. }) };
    let sure: [&[u8]; 8] = [b"export", b"echo", b"true", b":", b"set", b"printf", b"alias", b"local"];
    stage.redirections.is_empty() && words.first().is_none_or(|word| sure.contains(&word.source.as_slice()))
}

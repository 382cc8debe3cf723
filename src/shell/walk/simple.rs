//! A simple command: what it is by its words, and what it runs in turn.

use super::state::{COMBINATIONS, State, Variable, stage_may_leave};
use super::{CALL_DEPTH, Input, Io, Output, RECURSION, Walk, What, idioms, look_up, typed};
use crate::shell::inner::{Inner, Language, Runs, inner};
use crate::shell::output::outputs;
use crate::shell::parse;
use crate::shell::syntax::{Assigned, Assignment, Kind, Part, Script, Stage, Word};
use crate::shell::value::{HOLE, HOLES, Value};

/// Builtins whose arguments are assignments, which are not split.
const DECLARATIONS: [&[u8]; 5] = [b"export", b"declare", b"typeset", b"local", b"readonly"];

/// Variables whose value a program runs as a command.
const COMMAND_VARIABLES: [&str; 18] = [
    "EDITOR",
    "GIT_EDITOR",
    "GIT_EXTERNAL_DIFF",
    "GIT_PAGER",
    "GIT_SEQUENCE_EDITOR",
    "GIT_SSH_COMMAND",
    "KUBECTL_EXTERNAL_DIFF",
    "KUBE_EDITOR",
    "LESSOPEN",
    "MANPAGER",
    "PAGER",
    "PROMPT_COMMAND",
    "PS0",
    "PS1",
    "PS2",
    "PS4",
    "PSQL_PAGER",
    "VISUAL",
];

impl Walk<'_> {
    /// Assignments, words, and what they do.
    pub(super) fn simple(
        &mut self,
        state: &mut State,
        assignments: &[Assignment],
        words: &[Word],
        io: &Io,
    ) -> Output {
        let commands = self.argument_lists(state, words);
        let assigned: Vec<(String, Variable)> =
            assignments.iter().map(|one| (one.name.clone(), self.assigned(state, one))).collect();
        for (name, variable) in &assigned {
            self.command_variable(state, name, variable);
        }
        if words.is_empty() {
            for (name, variable) in assigned {
                self.assign(state, &name, variable);
            }
            return match &io.input {
                // `$(<file)` is what stands in the file.
                Input::Known(text) if assignments.is_empty() => vec![text.clone()],
                _ => vec![Vec::new()],
            };
        }
        // Set for this command alone.
        let mut before = Vec::new();
        for (name, variable) in assigned {
            before.push((name.clone(), state.variables.get(&name).cloned()));
            state.assign(&name, Variable { exported: true, ..variable });
        }
        let output = self.alternatives(state, commands, io);
        for (name, variable) in before {
            match variable {
                Some(variable) => state.variables.insert(name, variable),
                None => state.variables.remove(&name),
            }
        }
        output
    }

    /// Each command that it may be, in a state of its own where there are several.
    fn alternatives(&mut self, state: &mut State, commands: Vec<Vec<Value>>, io: &Io) -> Output {
        let [_, _, ..] = commands.as_slice() else {
            return commands
                .into_iter()
                .next()
                .map_or(vec![Vec::new()], |words| self.command(state, &words, io));
        };
        let mut written = Output::new();
        let mut states: Vec<State> = Vec::new();
        for words in commands {
            let mut own = self.own(state);
            let output = self.command(&mut own, &words, io);
            written.extend(output);
            states.push(own);
        }
        if let Some(first) = states.pop() {
            *state = first;
        }
        self.settle(state, &mut states);
        written.dedup();
        if written.len() > 4 { Output::new() } else { written }
    }

    /// Every list of words that these may become.
    fn argument_lists(&mut self, state: &mut State, words: &[Word]) -> Vec<Vec<Value>> {
        let mut all: Vec<Vec<Value>> = vec![Vec::new()];
        let declares = words.first().is_some_and(|word| DECLARATIONS.contains(&word.source.as_slice()));
        for (at, word) in words.iter().enumerate() {
            let how = super::expand::How { splits: !declares, matches: at == 0 };
            let one = self.expand_as(state, word, how);
            if all.len() * one.len() > COMBINATIONS {
                for before in &mut all {
                    before.push(Value::known([HOLES]));
                }
                continue;
            }
            if let ([before], [fields]) = (all.as_mut_slice(), one.as_slice()) {
                before.extend_from_slice(fields);
                continue;
            }
            all = all
                .iter()
                .flat_map(|before| one.iter().map(move |fields| [before.as_slice(), fields].concat()))
                .collect();
        }
        all
    }

    fn assigned(&mut self, state: &mut State, assignment: &Assignment) -> Variable {
        if let Some(index) = &assignment.index {
            // An index is computed.
            state.settles(false);
            self.expand(state, index, false);
        }
        let before = state.variables.get(&assignment.name).cloned();
        match &assignment.value {
            Assigned::Word(word) => {
                let values: Vec<Value> = self
                    .expand(state, word, false)
                    .into_iter()
                    .filter_map(|fields| fields.into_iter().next())
                    .collect();
                if let Some(index) = &assignment.index {
                    Self::named_element(state, &assignment.name, index, &values);
                    return with_element(before, index, &values);
                }
                if !assignment.append {
                    return Variable::any_of(values);
                }
                let Some(before) = before else {
                    return Variable::any_of(prefixed(&[Value::known([HOLES])], &values));
                };
                let before: Vec<Value> =
                    before.values.iter().filter_map(|list| list.first().cloned()).collect();
                Variable::any_of(prefixed(&before, &values))
            }
            Assigned::Array(words) => {
                let mut elements: Vec<Value> = Vec::new();
                if assignment.append {
                    elements.extend(before.iter().flat_map(|before| before.values.iter().flatten().cloned()));
                }
                for word in words {
                    let lists = self.expand(state, word, true);
                    match lists.as_slice() {
                        [fields] => elements.extend(fields.iter().cloned()),
                        _ => elements.push(Value::known([HOLES])),
                    }
                }
                Variable::array(elements)
            }
        }
    }

    /// A function's body, with its arguments where they are known.
    pub(super) fn call(
        &mut self,
        state: &mut State,
        body: &Stage,
        rest: Option<&[Value]>,
        io: &Io,
    ) -> Output {
        self.called.extend(body.at);
        if self.is_repeated(body, rest) {
            state.forget_assigned_by(body);
            return Output::new();
        }
        self.locals.push(Vec::new());
        let arguments = rest.map(|rest| rest.iter().map(|one| vec![one.clone()]).collect());
        let before = std::mem::replace(&mut state.positional, arguments);
        let around = std::mem::replace(&mut self.called_at, self.here);
        let written = self.stage(state, body, io);
        self.called_at = around;
        state.positional = before;
        for (name, variable) in self.locals.pop().into_iter().flatten().rev() {
            match variable {
                Some(variable) => state.variables.insert(name, variable),
                None => state.variables.remove(&name),
            }
        }
        written
    }

    /// `BASH_ALIASES[x]=…` and zsh's `aliases`, `functions` and `commands`.
    fn named_element(state: &mut State, name: &str, index: &Word, values: &[Value]) {
        if !matches!(name, "BASH_ALIASES" | "aliases" | "galiases" | "functions" | "commands" | "BASH_CMDS") {
            return;
        }
        if let Some(value) = values.first() {
            state.aliases.insert(index.source.clone(), value.bytes.clone());
        }
    }

    /// `EDITOR='sh -c …'`: the program that reads the variable runs it.
    pub(super) fn command_variable(&mut self, state: &mut State, name: &str, variable: &Variable) {
        for value in variable.values.iter().flatten() {
            self.subscripts(state, &value.bytes);
            match name {
                "BASH_ENV" | "ENV" => {
                    self.substitutions(state, &value.bytes);
                    self.file(state, value, Some(Language::Shell), &[], false, &Io::default());
                }
                "ZDOTDIR" => {
                    let file = Value::known([value.bytes.as_slice(), b"/.zshenv"].concat());
                    if state.path(&file).is_some_and(|path| state.files.contains_key(&path)) {
                        self.file(state, &file, Some(Language::Shell), &[], false, &Io::default());
                    }
                }
                name if name.starts_with("BASH_FUNC_") => self.opaque(state, "it hands a function to bash"),
                _ => {}
            }
        }
        if !COMMAND_VARIABLES.contains(&name) {
            return;
        }
        for value in variable.values.iter().flatten().filter(|value| value.is_known()) {
            if name.starts_with("PS") {
                self.substitutions(state, &value.bytes);
                continue;
            }
            let mut own = self.own(state);
            self.calls += 1;
            if self.calls < CALL_DEPTH {
                self.text(&mut own, &value.bytes, &Io::default());
            }
            self.calls -= 1;
        }
    }

    /// A command by its words; what it writes.
    pub(super) fn command(&mut self, state: &mut State, words: &[Value], io: &Io) -> Output {
        let Some((program, rest)) = words.split_first() else { return vec![Vec::new()] };
        if !self.spend(words.len(), state) {
            return Output::new();
        }
        if self.calls >= CALL_DEPTH {
            self.opaque(state, "commands run each other too deep to follow");
            return Output::new();
        }
        self.calls += 1;
        let output = self.called(state, program, rest, words, io);
        self.calls -= 1;
        output
    }

    fn called(
        &mut self,
        state: &mut State,
        program: &Value,
        rest: &[Value],
        words: &[Value],
        io: &Io,
    ) -> Output {
        let is_own =
            state.functions.contains_key(&program.bytes) || state.aliases.contains_key(&program.bytes);
        state.settles(is_own || look_up::leaves(words));
        if let Some(text) = state.aliases.get(&program.bytes).cloned() {
            // An alias stands for itself within its own text.
            state.aliases.remove(&program.bytes);
            self.alias(state, &text, rest, io);
            state.aliases.insert(program.bytes.clone(), text);
        }
        let mut written = None;
        let depth = self.active.iter().filter(|name| **name == program.bytes).count();
        let bodies = state.functions.get(&program.bytes).filter(|_| depth < RECURSION).cloned();
        if depth >= RECURSION && self.background > 0 && state.functions.contains_key(&program.bytes) {
            self.opaque(state, "a function starts itself again in the background, without end");
        }
        for body in bodies.iter().flatten() {
            let several = bodies.as_ref().is_some_and(|bodies| bodies.len() > 1);
            let outside = (several || stage_may_leave(body)).then(|| self.own(state));
            self.active.push(program.bytes.clone());
            written = Some(self.call(state, body, Some(rest), io));
            self.active.pop();
            if let Some(outside) = outside {
                self.join(state, outside);
            }
        }
        if !program.is_known() {
            self.computed(state, program, rest, io);
        }
        if let Some(other) = state.program(program) {
            let words: Vec<Value> = std::iter::once(other).chain(rest.iter().cloned()).collect();
            self.command(state, &words, io);
        }
        if state.variables.contains_key("PATH") && !program.bytes.contains(&b'/') {
            self.written_by_name(state, program, rest, io);
        }
        let input = match &io.input {
            Input::Known(text) => Some(text.clone()),
            Input::Unknown(_) | Input::Missing(_) => Some(vec![HOLE]),
            Input::Inherited => None,
        };
        if io.input == Input::Inherited && typed::waits(words) {
            self.typed_into(state);
        }
        let inners = inner(words);
        let runs_others = inners.is_some();
        // A shell that nothing is fed to does what is typed, and code of other
        // languages does more than is read of it.
        let listed = |one: &Inner| match &one.runs {
            Runs::Words(_) | Runs::WordsFromInput { .. } | Runs::Text { .. } => true,
            Runs::Input { language, .. } => *language == Language::Shell && io.input != Input::Inherited,
            _ => false,
        };
        let carries = inners.as_ref().is_some_and(|inners| inners.iter().all(listed));
        // Of arithmetic, only a shell that has none would run what it computes.
        if !self.arithmetic || program.is_known() {
            self.push(state, &What::Command(words.to_vec()), input.as_deref(), carries);
        }
        if let Some(output) = self.builtin(state, words, io) {
            return output;
        }
        self.writes_files(state, words, io);
        for one in inners.into_iter().flatten() {
            let output = self.inner(state, words, one, io);
            written.get_or_insert(output);
        }
        if !runs_others && program.is_known() && program.bytes.contains(&b'/') {
            self.program_file(state, program, rest, io);
        }
        if let Some(written) = written {
            return written;
        }
        if idioms::is_known(words) {
            return vec![Vec::new()];
        }
        if let Some(rest) = input.as_deref().and_then(|input| idioms::filtered(words, input)) {
            return vec![rest];
        }
        if let Some(listed) = idioms::listed(words) {
            return vec![listed];
        }
        self.printed(state, words)
            .unwrap_or_else(|| outputs(words, input.as_deref().filter(|input| *input != [HOLE])))
    }

    /// A program whose name is not known: it may be a function, or nothing at all,
    /// so that the next word is the program.
    fn computed(&mut self, state: &mut State, program: &Value, rest: &[Value], io: &Io) {
        if program.bytes.iter().all(|byte| *byte == HOLES) && !rest.is_empty() {
            self.command(state, rest, io);
        }
        if self.guessing || program.bytes.iter().any(|byte| !matches!(*byte, HOLE | HOLES)) {
            return;
        }
        self.guessing = true;
        for body in state.functions.values().flatten().cloned().collect::<Vec<_>>() {
            let mut own = self.own(state);
            own.positional = None;
            self.stage(&mut own, &body, io);
        }
        self.guessing = false;
    }

    /// The text of an alias, with the words behind it.
    fn alias(&mut self, state: &mut State, text: &[u8], rest: &[Value], io: &Io) {
        let mut script = match parse::parse(text) {
            Ok(script) => script,
            Err(why) => return self.opaque(state, why.0),
        };
        let next = rest.first().and_then(|word| state.aliases.get(&word.bytes)).cloned();
        if let (true, Some(next)) = (text.ends_with(b" "), next) {
            // The word behind such an alias may be one too.
            let all = [text, &next].concat();
            return self.alias(state, &all, rest.get(1..).unwrap_or_default(), io);
        }
        if let Some(words) = last_words(&mut script) {
            words.extend(rest.iter().map(|value| Word {
                parts: vec![Part::Literal { text: value.bytes.clone(), quoted: true }],
                source: value.shown().to_vec(),
            }));
        }
        self.script(state, &script, io);
    }
}

/// An array with one element set: bash counts from 0, zsh from 1.
fn with_element(before: Option<Variable>, index: &Word, values: &[Value]) -> Variable {
    let number = std::str::from_utf8(&index.source).ok().and_then(|text| text.parse::<usize>().ok());
    let (Some(number), [value]) = (number.filter(|number| *number < 1_000), values) else {
        return Variable::unknown();
    };
    let lists = before.map_or_else(|| vec![Vec::new()], |before| before.values);
    let mut all: Vec<Vec<Value>> = Vec::new();
    for list in lists {
        for at in [Some(number), number.checked_sub(1)].into_iter().flatten() {
            let mut list = list.clone();
            if list.len() <= at {
                list.resize(at + 1, Value::default());
            }
            if let Some(element) = list.get_mut(at) {
                *element = value.clone();
            }
            if !all.contains(&list) && all.len() < COMBINATIONS {
                all.push(list);
            }
        }
    }
    Variable { values: all, ..Variable::unknown() }
}

/// The words of the command that an alias ends with.
fn last_words(script: &mut Script) -> Option<&mut Vec<Word>> {
    match &mut script.items.last_mut()?.pipeline.stages.last_mut()?.kind {
        Kind::Simple { words, .. } => Some(words),
        _ => None,
    }
}

fn prefixed(before: &[Value], after: &[Value]) -> Vec<Value> {
    before
        .iter()
        .flat_map(|one| {
            after.iter().map(move |other| Value::known([one.bytes.as_slice(), &other.bytes].concat()))
        })
        .collect()
}

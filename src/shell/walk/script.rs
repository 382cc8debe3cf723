//! A script that was asked about, rather than a line.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::state::State;
use super::{Form, Io, Walk};
use crate::shell::Unread;
use crate::shell::parse::{self, Dialect};
use crate::shell::syntax::Stage;
use crate::shell::value::Value;

/// How often a function within functions is walked with the same arguments.
const SAME_CALLS: u8 = 8;

impl Walk<'_> {
    /// Whether a script calls this so deep, with these arguments, as it did often before:
    /// of functions that call each other, the ways through them multiply.
    pub(super) fn is_repeated(&mut self, body: &Stage, arguments: Option<&[Value]>) -> bool {
        let (Form::Script(_), Some(at)) = (self.surroundings.form, body.at) else { return false };
        if self.active.len() < 3 {
            return false;
        }
        let mut hasher = DefaultHasher::new();
        (at, arguments).hash(&mut hasher);
        let count = self.calls_alike.entry(hasher.finish()).or_default();
        *count = count.saturating_add(1);
        *count > SAME_CALLS
    }

    /// A script that was asked about, with every function of it.
    pub(super) fn whole_script(&mut self, state: &mut State, text: &[u8], dialect: Dialect) {
        let script = match parse::parse_script(text, dialect) {
            Ok(script) => script,
            Err(Unread { at, why }) => {
                self.here = Some(at);
                return self.opaque(state, why);
            }
        };
        state.positional = None;
        self.scripts += 1;
        self.script(state, &script, &Io::default());
        // Others may call what this one does not.
        while let Some(body) = self.defined.pop() {
            if body.at.is_some_and(|at| !self.called.contains(&at)) {
                let mut own = self.own(state);
                self.call(&mut own, &body, None, &Io::default());
            }
        }
        self.run_traps(state);
        self.scripts -= 1;
    }
}

//! A script that was asked about, rather than a line.

use super::state::State;
use super::{Io, Walk};
use crate::shell::{Unread, parse};

impl Walk<'_> {
    /// A script that was asked about, with every function of it.
    pub(super) fn whole_script(&mut self, state: &mut State, text: &[u8]) {
        let script = match parse::parse_placed(text) {
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

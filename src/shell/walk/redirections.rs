//! Redirections: what they feed to a command, and which files they write.

use super::state::State;
use super::{Input, Io, Output, Walk, What, look_up};
use crate::shell::syntax::{Redirection, RedirectionKind};
use crate::shell::value::Value;

impl Walk<'_> {
    /// What the redirections feed, and where they write to.
    pub(super) fn redirections(
        &mut self,
        state: &mut State,
        all: &[Redirection],
        io: &mut Io,
    ) -> Vec<(Value, bool)> {
        let mut writes = Vec::new();
        for one in all {
            let standard = |number: &str| one.descriptor.as_deref().is_none_or(|given| given == number);
            let targets = self.expand(state, &one.target, false);
            let Some(target) = targets.first().and_then(|fields| fields.first()).cloned() else { continue };
            match one.kind {
                RedirectionKind::HereDocument | RedirectionKind::HereString => {
                    let mut text = target.bytes;
                    if one.kind == RedirectionKind::HereString {
                        text.push(b'\n');
                    }
                    if standard("0") {
                        io.input = Input::Known(text);
                    } else {
                        state.describe(one.descriptor.as_deref(), Some(&text));
                    }
                    continue;
                }
                RedirectionKind::DuplicateInput => {
                    let number = String::from_utf8_lossy(&target.bytes).into_owned();
                    if standard("0") && number != "0" && number != "-" {
                        io.input = self.file_input(state, &Value::known(format!("/dev/fd/{number}")));
                    }
                    continue;
                }
                RedirectionKind::Duplicate => {
                    let number = String::from_utf8_lossy(&target.bytes).into_owned();
                    if let Some(file) = state.descriptors.get(&number).filter(|_| standard("1")) {
                        writes.push((file.clone(), true));
                    }
                    continue;
                }
                RedirectionKind::Read => {
                    let input = self.file_input(state, &target);
                    if standard("0") {
                        io.input = input;
                    } else {
                        let text = if let Input::Known(text) = input { Some(text) } else { None };
                        state.describe(one.descriptor.as_deref(), text.as_deref());
                    }
                }
                RedirectionKind::Write | RedirectionKind::Append | RedirectionKind::ReadWrite => {
                    if standard("1") {
                        writes.push((target.clone(), one.kind == RedirectionKind::Append));
                    } else if let Some(number) = &one.descriptor {
                        state.descriptors.insert(number.clone(), target.clone());
                    }
                }
            }
            for fields in targets {
                for target in fields.into_iter().filter(|target| !is_stream(&target.bytes)) {
                    state.settles(one.kind == RedirectionKind::Read || look_up::is_no_program(&target));
                    self.push(state, &What::Redirection(one.kind, target), None, false);
                }
            }
        }
        writes
    }

    /// Keeps what a command writes into files, which may be run later.
    pub(super) fn write(state: &mut State, writes: &[(Value, bool)], output: Output) -> Output {
        if writes.is_empty() {
            return output;
        }
        for (file, append) in writes {
            state.written(file, output.first().map(Vec::as_slice).filter(|_| output.len() == 1), *append);
        }
        vec![Vec::new()]
    }
}

/// Files that are this process's streams, or none.
fn is_stream(path: &[u8]) -> bool {
    matches!(path, b"/dev/null" | b"/dev/tty" | b"/dev/stdout" | b"/dev/stderr" | b"/dev/stdin")
        || path.starts_with(b"/dev/fd/")
}

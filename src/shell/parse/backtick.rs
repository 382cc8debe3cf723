//! Command substitutions in backticks.

use super::pieces::Pieces;
use super::quote::Quotes;
use super::{Read, Reader, whole};
use crate::shell::syntax::{Part, Script};

impl Reader<'_> {
    /// `` `…` ``: first some backslashes are taken away, then it is a text of its own.
    pub(super) fn backtick(&mut self, quotes: Quotes, pieces: &mut Pieces) -> Read<()> {
        let opened = self.at;
        self.step();
        let mut text = Vec::new();
        loop {
            let Some(byte) = self.byte(self.at) else {
                self.at = opened;
                return self.fail("a backtick is not closed");
            };
            self.step_raw();
            let next = self.byte(self.at);
            match (byte, next) {
                (b'`', _) => break,
                (b'\\', Some(next @ (b'$' | b'`' | b'\\'))) => {
                    text.push(next);
                    self.step_raw();
                }
                (b'\\', Some(b'"')) if quotes == Quotes::Double => {
                    text.push(b'"');
                    self.step_raw();
                }
                (b'\\', Some(b'"')) if quotes == Quotes::Body => {
                    return self
                        .fail("`\\\"` in backticks of a here-document, which shells read differently");
                }
                (b'\\', Some(next)) => {
                    text.extend([b'\\', next]);
                    self.step_raw();
                }
                _ => text.push(byte),
            }
        }
        let script = if self.surveying { Script::default() } else { self.apart(&text, opened)? };
        pieces.part(Part::Command { script, quoted: quotes != Quotes::None });
        Ok(())
    }

    /// Reads a text of its own, which stands at `at`.
    fn apart(&mut self, text: &[u8], at: usize) -> Read<Script> {
        let depth = self.depth.saturating_add(1);
        self.nested(|reader| Reader::read(text, depth, &mut reader.shared, whole)).map_err(|mut unread| {
            unread.at = at;
            unread
        })
    }
}

//! Where patterns between slashes end.

use super::token::Lexer;

/// The line that was looked through last, with the end of the pattern that may
/// begin at each of its places: found for all of them at once, so that a line of
/// slashes is not gone through for each.
#[derive(Debug, Default)]
pub(super) struct Ends {
    /// Where the line begins.
    from: usize,
    ends: Vec<Option<usize>>,
}

impl Lexer<'_> {
    /// The slash that ends the pattern whose text begins at `at`, on the same line.
    pub(super) fn pattern_end(&mut self, at: usize) -> Option<usize> {
        let known = self.patterns.from <= at && at < self.patterns.from + self.patterns.ends.len();
        if !known {
            let line = self.code.get(at..).unwrap_or_default();
            let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
            self.patterns = Ends { from: at, ends: ends(line, at) };
        }
        self.patterns.ends.get(at - self.patterns.from).copied().flatten()
    }
}

/// For each place of `line`, which stands at `from`: where a pattern ends of which
/// the rest begins there. Goes backwards, with what was found for the places behind.
fn ends(line: &[u8], from: usize) -> Vec<Option<usize>> {
    let mut ends = vec![None; line.len()];
    // Outside and inside of brackets, for the next place and for the one behind it.
    let (mut next, mut after) = ((None, None), (None, None));
    for (index, byte) in line.iter().enumerate().rev() {
        let here = match byte {
            b'\\' => after,
            b'[' => (next.1, next.1),
            b']' => (next.0, next.0),
            b'/' => (Some(from + index), next.1),
            _ => next,
        };
        if let Some(end) = ends.get_mut(index) {
            *end = here.0;
        }
        (next, after) = (here, next);
    }
    ends
}

//! Places in a file, as people and editors count them.

/// A place: both numbers begin at 1, a column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

/// Where the lines of a text begin.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// The lines of `text`.
    pub fn of(text: &'a str) -> Self {
        let behind = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(behind).collect() }
    }

    /// The place of the byte at `offset`; of the end where that is behind it.
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|last| self.starts.get(last)).copied().unwrap_or_default();
        // Within a character is at it.
        let column = self.text.get(start..).unwrap_or_default().char_indices();
        Position { line, column: column.take_while(|(at, _)| start + at <= offset).count().max(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_begin_at_one() {
        let lines = Lines::of("ab\ncä d\n\n");
        let at = |offset| {
            let Position { line, column } = lines.position(offset);
            (line, column)
        };
        assert_eq!([0, 1, 2].map(at), [(1, 1), (1, 2), (1, 3)]);
        // `ä` has two bytes.
        assert_eq!([3, 4, 5, 6, 7].map(at), [(2, 1), (2, 2), (2, 2), (2, 3), (2, 4)]);
        assert_eq!(at(9), (3, 1));
        assert_eq!(Lines::of("").position(5), Position { line: 1, column: 1 });
    }
}

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
    /// How many characters begin in front of each block of [`BLOCK`] bytes: a line may
    /// be as long as the file, and hold many places.
    characters: Vec<usize>,
}

const BLOCK: usize = 4096;

impl<'a> Lines<'a> {
    /// The lines of `text`.
    pub fn of(text: &'a str) -> Self {
        let behind = text.match_indices('\n').map(|(at, _)| at + 1);
        let starts = std::iter::once(0).chain(behind).collect();
        let blocks = text.as_bytes().chunks(BLOCK).scan(0, |total, block| {
            let before = *total;
            *total += characters(block);
            Some(before)
        });
        Self { text, starts, characters: blocks.collect() }
    }

    /// The place of the byte at `offset`; of the end where that is behind it.
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|last| self.starts.get(last)).copied().unwrap_or_default();
        // Within a character is at it.
        let column = self.characters(offset + 1) - self.characters(start);
        Position { line, column: column.max(1) }
    }

    /// How many characters begin in front of the byte at `offset`.
    fn characters(&self, offset: usize) -> usize {
        let bytes = self.text.as_bytes();
        let offset = offset.min(bytes.len());
        let block = offset / BLOCK;
        let Some(before) = self.characters.get(block) else { return characters(bytes) };
        before + characters(bytes.get(block * BLOCK..offset).unwrap_or_default())
    }
}

/// How many characters begin in these bytes.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
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

//! Commands of ed and ex, a line each: `!` runs what follows it.

use super::Finding;

/// What the commands run.
pub(super) fn read(code: &[u8]) -> Vec<Finding> {
    code.split(|byte| *byte == b'\n').filter_map(line).map(|text| Finding::Shell(text.to_vec())).collect()
}

/// The text behind a `!` that stands first, behind an address, or behind a
/// command that reads or writes.
fn line(line: &[u8]) -> Option<&[u8]> {
    let at = line.iter().position(|byte| *byte == b'!')?;
    let (before, behind) = line.split_at_checked(at)?;
    let before = before.trim_ascii();
    let start = before.iter().rposition(|byte| !byte.is_ascii_alphabetic()).map_or(0, |at| at + 1);
    let (address, word) = before.split_at_checked(start)?;
    let addressed = address.iter().all(|byte| byte.is_ascii_digit() || b" \t,;.$%+-:'".contains(byte));
    let runs = matches!(word, b"" | b"r" | b"re" | b"read" | b"w" | b"write" | b"e" | b"sil" | b"silent");
    (addressed && runs && !behind.starts_with(b"!=")).then(|| behind.get(1..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_run_something() {
        let cases: &[(&str, &[&str])] = &[
            ("!terraform destroy", &["terraform destroy"]),
            ("1,$!sort\nw", &["sort"]),
            ("r !date", &["date"]),
            (":silent !ls", &["ls"]),
            ("w !sudo tee f", &["sudo tee f"]),
            (",s/a/b/\nw\nq", &[]),
            ("q!", &[]),
            ("i\nHello, world!\n.", &[]),
            ("%s/!a/b/", &[]),
        ];
        for (code, expected) in cases {
            let expected: Vec<Finding> =
                expected.iter().map(|text| Finding::Shell(text.as_bytes().to_vec())).collect();
            assert_eq!(read(code.as_bytes()), expected, "{code}");
        }
    }
}

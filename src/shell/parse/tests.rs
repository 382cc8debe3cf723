//! What the parser makes of text.

use super::*;

#[test]
fn valid_lines() {
    let mut bad = 0;
    for line in include_str!("../../../tests/shell/valid.txt").lines() {
        if let Err(error) = parse(line.as_bytes()) {
            eprintln!("{line}\n    {error}");
            bad += 1;
        }
    }
    assert_eq!(bad, 0);
}

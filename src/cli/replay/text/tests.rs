//! Numbers as people read them.

use super::*;

#[test]
fn numbers_and_shares_are_readable() {
    for (number, expected) in [(0, "0"), (12, "12"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")]
    {
        assert_eq!(grouped(number), expected);
    }
    for (commands, confirm, expected) in
        [(0, 0, "0 %"), (10, 0, "0 %"), (3, 1, "33.33 %"), (1_000_000, 1, "<0.01 %"), (2, 2, "100.00 %")]
    {
        assert_eq!(percent(Count { commands, confirm, ..Count::default() }), expected);
    }
}

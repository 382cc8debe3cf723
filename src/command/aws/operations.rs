//! What aws can be told to do: every command of the CLI with what it does, as
//! `rules/aws-operations.tsv` has it.
//!
//! The table is an automaton that is part of the binary and is read in place:
//! nothing is decoded at start-up. A command that it lacks, of a newer aws, is
//! judged by the words of its name ([`by_name`], `rules/aws-verbs.yaml`).

pub mod stored;
mod verbs;

use std::sync::LazyLock;

use fst::{IntoStreamer as _, Map, Streamer as _};
use stored::Bits;
pub use verbs::{ByName, by_name};

use crate::verdict::{Effect, Risk};

/// From command path to [`Bits`], as it is compiled in.
static STORED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/aws-operations.fst"));

/// The same, to be asked.
static TABLE: LazyLock<Option<Map<&'static [u8]>>> = LazyLock::new(|| Map::new(STORED).ok());

/// Reasons and provenances, one a line.
static TEXTS: &str = include_str!(concat!(env!("OUT_DIR"), "/aws-operations.txt"));

/// The table as it is compiled in.
pub fn compiled() -> &'static [u8] {
    STORED
}

/// What is known of one command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation(Bits);

impl Operation {
    /// What an ordinary call does: one without a parameter that decides
    /// otherwise.
    pub const fn effect(&self) -> Effect {
        self.0.effect
    }

    /// How much is at stake.
    pub const fn risk(&self) -> Risk {
        self.0.risk
    }

    /// Whether it destroys what holds data.
    pub const fn destroys_data(&self) -> bool {
        self.0.data
    }

    /// Whether it has `--dry-run`.
    pub const fn has_dry_run(&self) -> bool {
        self.0.dry_run
    }

    /// Whether its parameters decide what it does.
    pub const fn depends_on_parameters(&self) -> bool {
        self.0.parameters
    }

    /// Whether the CLI implements it, rather than the API.
    pub const fn is_custom(&self) -> bool {
        self.0.custom
    }

    /// Whether it only stands for the commands below it.
    pub const fn is_group(&self) -> bool {
        self.0.group
    }

    /// Whether only v2 of the CLI has it.
    pub const fn only_v2(&self) -> bool {
        self.0.v2
    }

    /// Whether the newest CLI does not have it any more.
    pub const fn is_gone(&self) -> bool {
        self.0.gone
    }

    /// Why the general rule does not fit, where it does not.
    pub fn reason(&self) -> Option<&'static str> {
        line(self.0.reason)
    }

    /// What the classification rests on; the generator lists the words.
    pub fn provenance(&self) -> &'static str {
        line(self.0.provenance).unwrap_or_default()
    }
}

/// The text that begins at `start`.
fn line(start: u32) -> Option<&'static str> {
    let text = TEXTS.get(usize::try_from(start).ok()?..)?;
    text.lines().next().filter(|line| start > 0 && !line.is_empty())
}

/// What is known of the command `path`, `ec2 terminate-instances`.
pub fn find(path: &str) -> Option<Operation> {
    Bits::unpack(TABLE.as_ref()?.get(path)?).map(Operation)
}

/// Whether the table has a command below `path`.
pub fn has_below(path: &str) -> bool {
    next_below(path).is_some()
}

fn next_below(path: &str) -> Option<()> {
    let (from, to) = below(path);
    TABLE.as_ref()?.range().ge(from).lt(to).into_stream().next().map(|_| ())
}

/// The keys below `path`: from `path `, before `path!`.
fn below(path: &str) -> (String, String) {
    (format!("{path} "), format!("{path}!"))
}

/// Every command of the table, or those below `path`, sorted.
pub fn all(path: Option<&str>) -> Vec<(String, Operation)> {
    let Some(table) = TABLE.as_ref() else { return Vec::new() };
    let range = match path.map(below) {
        Some((from, to)) => table.range().ge(from).lt(to),
        None => table.range(),
    };
    let mut stream = range.into_stream();
    let mut found = Vec::new();
    while let Some((path, packed)) = stream.next() {
        if let (Ok(path), Some(bits)) = (std::str::from_utf8(path), Bits::unpack(packed)) {
            found.push((path.to_owned(), Operation(bits)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_there_as_it_stands_in_the_file() {
        let rows = include_str!("../../../rules/aws-operations.tsv");
        let mut count = 0;
        for row in rows.lines().skip(1) {
            let [service, operation, effect, risk, flags, provenance] =
                row.split('\t').collect::<Vec<_>>().try_into().unwrap();
            let path = format!("{service} {operation}");
            let found = find(path.trim_end()).unwrap_or_else(|| panic!("{row}"));
            assert_eq!((found.effect().name(), found.risk().name()), (effect, risk), "{row}");
            assert_eq!(found.provenance(), provenance, "{row}");
            let has = |flag: &str| flags.split(',').any(|one| one == flag);
            let switches = [
                (found.destroys_data(), "data"),
                (found.has_dry_run(), "dry-run"),
                (found.depends_on_parameters(), "parameters"),
                (found.is_custom(), "custom"),
                (found.is_group(), "group"),
                (found.only_v2(), "v2"),
                (found.is_gone(), "gone"),
            ];
            for (set, name) in switches {
                assert_eq!(set, has(name), "{row}: {name}");
            }
            count += 1;
        }
        assert_eq!(all(None).len(), count);
        assert!(count > 18_000);
    }

    #[test]
    fn a_service_is_no_row_but_has_some_below() {
        assert_eq!(find("ec2"), None);
        assert!(has_below("ec2") && has_below("ec2 wait") && has_below("s3"));
        assert!(!has_below("ec") && !has_below("ec2 terminate-instances") && !has_below(""));
        assert!(all(Some("s3")).iter().all(|(path, _)| path.starts_with("s3 ")));
    }
}

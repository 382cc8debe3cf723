//! How Python's `argparse` takes words apart, as far as aws uses it.
//!
//! aws parses in passes, each with a parser of its own: the global options and
//! the command, the operation, the operation's options. What a pass does not
//! know it hands to the next. A word that begins with a dash is never the value
//! of an option, and the beginning of an option's name stands for the option
//! where no other begins so.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

/// How many words an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// None: it is a switch.
    Nothing,
    /// One.
    One,
    /// One, or none.
    Optional,
    /// All that follow, up to the next option.
    Many,
    /// Exactly two.
    Two,
}

/// Which versions of aws have an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Versions {
    Both,
    One,
    Two,
}

/// An option of one parser.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opt {
    /// Its name, with the dashes.
    pub(super) name: &'static str,
    pub(super) takes: Takes,
    pub(super) versions: Versions,
}

impl Opt {
    pub(super) const fn new(name: &'static str, takes: Takes) -> Self {
        Self { name, takes, versions: Versions::Both }
    }

    const fn is_in(&self, version: Versions) -> bool {
        matches!(
            (self.versions, version),
            (Versions::Both, _) | (Versions::One, Versions::One) | (Versions::Two, Versions::Two)
        )
    }
}

/// aws refuses the line before it does anything: an ambiguous option, or one
/// without its value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused;

/// An option as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) name: String,
    pub(super) values: Vec<OsString>,
}

/// What one pass made of its words.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Pass {
    /// The parser's own options, in order.
    pub(super) given: Vec<Given>,
    /// The first words that are neither an option nor its value, as many as the
    /// parser wants.
    pub(super) positionals: Vec<OsString>,
    /// Where the first of them stands.
    pub(super) first: Option<usize>,
    /// What the next parser gets.
    pub(super) rest: Vec<OsString>,
}

/// What `argparse` takes a word for before it looks at its neighbours.
enum Kind<'a> {
    /// An option of this parser, with the value behind `=`.
    Known(&'a Opt, Option<OsString>),
    /// An option that this parser does not have.
    Unknown,
    /// `--`: what follows are words.
    Dashes,
    /// Any other word.
    Word,
}

/// Whether a word is an option to a parser that does not know it: no number, and
/// without a space anywhere.
pub(super) fn looks_like_option(word: &OsStr) -> bool {
    !word.as_bytes().contains(&b' ') && may_be_option(word)
}

/// Whether a word is an option to a parser that has one of this name: a space may
/// then stand behind its `=`.
pub(super) fn may_be_option(word: &OsStr) -> bool {
    let bytes = word.as_bytes();
    let name = bytes.split(|byte| *byte == b'=').next().unwrap_or_default();
    bytes.len() > 1 && bytes.starts_with(b"-") && !is_negative_number(word) && !name.contains(&b' ')
}

/// Whether every version of Python reads a word alike: they differ in what is a
/// number, and this reader knows only those of ASCII.
pub(super) fn is_plain(word: &OsStr) -> bool {
    let bytes = word.as_bytes();
    let number = bytes.starts_with(b"-")
        && bytes.get(1).is_some_and(|byte| !byte.is_ascii_alphabetic() && *byte != b'-');
    bytes.iter().all(u8::is_ascii_graphic) && (!number || is_negative_number(word))
}

fn is_negative_number(word: &OsStr) -> bool {
    let bytes = word.as_bytes();
    let Some(digits) = bytes.strip_prefix(b"-") else { return false };
    let (whole, fraction) = match digits.iter().position(|byte| *byte == b'.') {
        Some(at) => (digits.get(..at).unwrap_or_default(), digits.get(at + 1..)),
        None => (digits, None),
    };
    let numeric = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    match fraction {
        Some(fraction) => numeric(whole) && numeric(fraction) && !fraction.is_empty(),
        None => numeric(whole) && !whole.is_empty(),
    }
}

/// Splits `--name=value`.
pub(super) fn split_value(word: &OsStr) -> (&OsStr, Option<OsString>) {
    let bytes = word.as_bytes();
    match bytes.iter().position(|byte| *byte == b'=') {
        Some(at) => (
            OsStr::from_bytes(bytes.get(..at).unwrap_or_default()),
            bytes.get(at + 1..).map(|value| OsStr::from_bytes(value).to_owned()),
        ),
        None => (word, None),
    }
}

/// The option that `word` names, whole or by its beginning.
///
/// # Errors
/// Where it may be several in every version.
fn find<'a>(options: &'a [Opt], word: &OsStr) -> Result<Option<(&'a Opt, Option<OsString>)>, Refused> {
    let exact = |name: &OsStr| options.iter().find(|option| name == option.name);
    if let Some(option) = exact(word) {
        return Ok(Some((option, None)));
    }
    let (name, value) = split_value(word);
    if let Some(option) = exact(name) {
        return Ok(Some((option, value)));
    }
    if !name.as_bytes().starts_with(b"--") || name.len() < 3 {
        return Ok(None);
    }
    let begun: Vec<&Opt> =
        options.iter().filter(|option| option.name.as_bytes().starts_with(name.as_bytes())).collect();
    let of = |version| begun.iter().filter(|option| option.is_in(version)).collect::<Vec<_>>();
    // Which version runs is not known: what one of them refuses, the other may run.
    match (of(Versions::One).as_slice(), of(Versions::Two).as_slice()) {
        ([option], _) | (_, [option]) => Ok(Some((*option, value))),
        ([], _) | (_, []) => Ok(None),
        _ => Err(Refused),
    }
}

/// Parses `words` with `options`, taking up to `wanted` words that stand alone.
///
/// # Errors
/// Where aws prints its usage and does nothing.
pub(super) fn pass(words: &[OsString], options: &[Opt], wanted: usize) -> Result<Pass, Refused> {
    let kinds = words_by_kind(words, |word| find(options, word))?;
    read(words, kinds, wanted, true)
}

/// The same for options that some version may have more of: what is refused by
/// these may run there. An ambiguous option is left to whoever reads the rest,
/// and every word that stands alone is taken.
pub(super) fn pass_loosely(words: &[OsString], options: &[Opt]) -> Pass {
    let kinds = words_by_kind(words, |word| Ok(find(options, word).unwrap_or_default()));
    kinds.and_then(|kinds| read(words, kinds, usize::MAX, false)).unwrap_or_default()
}

fn words_by_kind<'a>(
    words: &[OsString],
    find: impl Fn(&OsStr) -> Result<Option<(&'a Opt, Option<OsString>)>, Refused>,
) -> Result<Vec<Kind<'a>>, Refused> {
    let mut kinds = Vec::with_capacity(words.len());
    let mut only_words = false;
    for word in words {
        kinds.push(if only_words {
            Kind::Word
        } else if word == "--" {
            only_words = true;
            Kind::Dashes
        } else if !word.as_bytes().starts_with(b"-") || word.len() == 1 {
            Kind::Word
        } else if let Some((option, value)) = find(word)? {
            Kind::Known(option, value)
        } else if looks_like_option(word) {
            Kind::Unknown
        } else {
            Kind::Word
        });
    }
    Ok(kinds)
}

fn read(words: &[OsString], kinds: Vec<Kind<'_>>, wanted: usize, strictly: bool) -> Result<Pass, Refused> {
    let mut pass = Pass::default();
    let mut rest = words.iter().zip(kinds).peekable();
    while let Some((word, kind)) = rest.next() {
        let left = rest.len();
        let (option, value) = match kind {
            Kind::Known(option, value) => (option, value),
            Kind::Word if pass.positionals.len() < wanted => {
                pass.first.get_or_insert(words.len() - left - 1);
                pass.positionals.push(word.clone());
                // The dashes next to it belong to it, and are dropped.
                rest.next_if(|(_, kind)| matches!(kind, Kind::Dashes));
                continue;
            }
            Kind::Dashes if pass.positionals.len() < wanted => continue,
            _ => {
                pass.rest.push(word.clone());
                continue;
            }
        };
        let (least, most) = match option.takes {
            Takes::Nothing => (0, 0),
            Takes::One => (1, 1),
            Takes::Optional => (0, 1),
            Takes::Many => (0, usize::MAX),
            Takes::Two => (2, 2),
        };
        let mut values: Vec<OsString> = value.into_iter().collect();
        if values.is_empty() {
            while values.len() < most
                && let Some((word, _)) = rest.next_if(|(_, kind)| matches!(kind, Kind::Word))
            {
                values.push(word.clone());
            }
        }
        if strictly && (values.len() < least || values.len() > most) {
            return Err(Refused);
        }
        pass.given.push(Given { name: option.name.to_owned(), values });
    }
    Ok(pass)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: &[Opt] = &[
        Opt::new("--profile", Takes::One),
        Opt::new("--region", Takes::One),
        Opt::new("--debug", Takes::Nothing),
        Opt::new("--no-paginate", Takes::Nothing),
        Opt::new("--no-sign-request", Takes::Nothing),
        Opt { name: "--v2-debug", takes: Takes::Nothing, versions: Versions::One },
        Opt::new("--version", Takes::Nothing),
    ];

    fn words(line: &str) -> Vec<OsString> {
        shell_words::split(line).unwrap().into_iter().map(OsString::from).collect()
    }

    fn read(line: &str) -> Option<String> {
        let pass = pass(&words(line), OPTIONS, 1).ok()?;
        let text = |words: &[OsString]| {
            let shown = words.iter().map(|word| word.to_string_lossy().into_owned());
            shown.collect::<Vec<_>>().join(" ")
        };
        let given = pass.given.iter().map(|one| format!("{} {}", one.name, text(&one.values)));
        let given: Vec<String> = given.map(|one| one.trim().to_owned()).collect();
        Some(format!("{} | {} | {}", given.join(", "), text(&pass.positionals), text(&pass.rest)))
    }

    #[test]
    fn globals_stand_anywhere_and_may_be_begun() {
        for (line, result) in [
            ("ec2 x", " | ec2 | x"),
            ("--region r ec2 x --profile p y", "--region r, --profile p | ec2 | x y"),
            ("--prof=p ec2 x --reg r", "--profile p, --region r | ec2 | x"),
            ("--profile a ec2 --profile b x", "--profile a, --profile b | ec2 | x"),
            ("--debug ec2 --ids i-1 x", "--debug | ec2 | --ids i-1 x"),
            ("--ids=i-1 ec2 x", " | ec2 | --ids=i-1 x"),
            ("--ids i-1 x", " | i-1 | --ids x"),
            ("ec2 x -1 -.5 --y", " | ec2 | x -1 -.5 --y"),
            ("- x", " | - | x"),
            ("'' x", " |  | x"),
            ("'--odd word' x", " | --odd word | x"),
            ("ec2 x --region '--help=a b'", "--region --help=a b | ec2 | x"),
            ("ec2 x --why='a b' --region r", "--region r | ec2 | x --why=a b"),
            ("--ve x", "--version | x | "),
            ("--v x", "--version | x | "),
            ("--v2 x", "--v2-debug | x | "),
        ] {
            assert_eq!(read(line).as_deref(), Some(result), "{line}");
        }
    }

    #[test]
    fn two_dashes_end_the_options() {
        for (line, result) in [
            ("-- ec2 x --region r", " | ec2 | x --region r"),
            ("ec2 -- x --region r", " | ec2 | x --region r"),
            ("ec2 x -- --region r", " | ec2 | x -- --region r"),
            ("--debug ec2 -- -- x", "--debug | ec2 | -- x"),
        ] {
            assert_eq!(read(line).as_deref(), Some(result), "{line}");
        }
    }

    #[test]
    fn what_aws_refuses_is_refused() {
        for line in ["--no x", "x --profile", "--profile -- x", "--profile --debug x", "--debug=1 x"] {
            assert_eq!(read(line), None, "{line}");
        }
    }
}

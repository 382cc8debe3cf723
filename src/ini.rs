//! The INI format of aws' files, read as Python's `RawConfigParser` and botocore
//! read it, or not at all.
//!
//! `DEFAULT` gives every section its options, a line that is indented deeper
//! goes on with the value before it, `:` is as good as `=`, and a section or an
//! option that stands twice is an error, with which aws runs nothing. What
//! another version of Python, or another locale, would read otherwise is
//! refused.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The section whose options every other one has too.
const DEFAULTS: &str = "DEFAULT";

/// Why a file is not read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unclear {
    #[error("not UTF-8")]
    Encoding,
    #[error("line {0} has a sign that may be read in two ways")]
    Sign(usize),
    #[error("line {0} has a section's name that may be read in two ways")]
    Name(usize),
    #[error("line {0} belongs to no section")]
    NoSection(usize),
    #[error("line {0} has no name before `=`")]
    NoOption(usize),
    #[error("line {0} has a section or an option that stands twice")]
    Twice(usize),
    #[error("its section DEFAULT is too large for so many sections")]
    Large,
    #[error("{0:?} has a line without `=` among its own values")]
    Nested(String),
}

/// A value: text, or a block of its own values, whose names keep their case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Block(BTreeMap<String, String>),
}

/// Options by their name in lower case.
pub(crate) type Section = BTreeMap<String, Value>;

/// Sections in the order of the file.
pub(crate) type File = Vec<(String, Section)>;

/// The options of a section while the file is read.
type Options<'a> = BTreeMap<String, Lines<'a>>;

/// The lines of one value. Nearly all have one, for which nothing is allocated.
#[derive(Clone, Debug)]
struct Lines<'a> {
    first: &'a str,
    more: Vec<&'a str>,
}

impl Lines<'_> {
    /// The lines in one text, without white space at its end.
    fn joined(&self) -> String {
        let mut text = self.first.to_owned();
        for line in &self.more {
            text.push('\n');
            text.push_str(line);
        }
        text.truncate(text.trim_end().len());
        text
    }

    /// About what a copy takes, in bytes.
    fn size(&self) -> usize {
        96 + self.first.len() + self.more.iter().map(|line| 32 + line.len()).sum::<usize>()
    }
}

/// What the defaults may come to in all sections, in bytes.
const DEFAULTS_LIMIT: usize = 64 << 20;

/// Reads one file.
///
/// # Errors
/// Where aws would stop, and where two readers could read two things.
pub(crate) fn parse(bytes: &[u8]) -> Result<File, Unclear> {
    read(bytes, value)
}

/// Reads one file of which no value has values of its own.
///
/// # Errors
/// As [`parse`] has them.
pub(crate) fn parse_flat(bytes: &[u8]) -> Result<File, Unclear> {
    read(bytes, |_, lines| Ok(Value::Text(lines.joined())))
}

fn read(bytes: &[u8], value: impl Fn(&str, &Lines<'_>) -> Result<Value, Unclear>) -> Result<File, Unclear> {
    let text = std::str::from_utf8(bytes).map_err(|_| Unclear::Encoding)?;
    let text = if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    };
    let mut reader = Reader::default();
    for (at, line) in text.split('\n').enumerate() {
        reader.line(at + 1, line)?;
    }
    reader.keep();
    let Reader { sections, defaults, .. } = reader;
    let each: usize = defaults.iter().map(|(option, lines)| option.len() + lines.size()).sum();
    if each.saturating_mul(sections.len()) > DEFAULTS_LIMIT {
        return Err(Unclear::Large);
    }
    sections
        .into_iter()
        .map(|(name, options)| Ok((name.to_owned(), section(options, &defaults, &value)?)))
        .collect()
}

/// A section as it counts: with the defaults, and its values made of their lines.
fn section<'a>(
    mut options: Options<'a>,
    defaults: &Options<'a>,
    value: impl Fn(&str, &Lines<'_>) -> Result<Value, Unclear>,
) -> Result<Section, Unclear> {
    for (option, lines) in defaults {
        if !options.contains_key(option) {
            options.insert(option.clone(), lines.clone());
        }
    }
    let options = options.into_iter().map(|(option, lines)| {
        let value = value(&option, &lines)?;
        Ok((option, value))
    });
    options.collect()
}

/// A file while it is read.
#[derive(Default)]
struct Reader<'a> {
    sections: Vec<(&'a str, Options<'a>)>,
    names: BTreeSet<&'a str>,
    defaults: Options<'a>,
    /// Whether the line is in the section of defaults; otherwise it is in the
    /// last, since a section stands once.
    in_defaults: bool,
    /// The option that the line may go on with.
    option: Option<(String, Lines<'a>)>,
    indent: usize,
}

impl<'a> Reader<'a> {
    fn line(&mut self, at: usize, line: &'a str) -> Result<(), Unclear> {
        let content = line.trim_matches([' ', '\t']);
        if content.starts_with(['#', ';']) {
            return Ok(());
        }
        // White space but these two, and control signs, depend on the encoding.
        if content.chars().any(|c| c != '\t' && c != ' ' && (c.is_control() || c.is_whitespace())) {
            return Err(Unclear::Sign(at));
        }
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        match &mut self.option {
            Some((_, lines)) if content.is_empty() || indent > self.indent => lines.more.push(content),
            _ if content.is_empty() => {}
            _ => {
                self.indent = indent;
                self.keep();
                return match header(at, content)? {
                    Some(name) => self.header(at, name),
                    None => self.option(at, content),
                };
            }
        }
        Ok(())
    }

    fn header(&mut self, at: usize, name: &'a str) -> Result<(), Unclear> {
        self.in_defaults = name == DEFAULTS;
        if !self.in_defaults {
            if !self.names.insert(name) {
                return Err(Unclear::Twice(at));
            }
            self.sections.push((name, Options::new()));
        }
        Ok(())
    }

    fn option(&mut self, at: usize, content: &'a str) -> Result<(), Unclear> {
        let options = self.section().ok_or(Unclear::NoSection(at))?;
        let (name, value) = content.split_once(['=', ':']).ok_or(Unclear::NoOption(at))?;
        let name = name.trim().to_lowercase();
        if name.is_empty() {
            return Err(Unclear::NoOption(at));
        }
        if options.contains_key(&name) {
            return Err(Unclear::Twice(at));
        }
        self.option = Some((name, Lines { first: value.trim(), more: Vec::new() }));
        Ok(())
    }

    /// The section that the line is in; none before the first.
    fn section(&mut self) -> Option<&mut Options<'a>> {
        if self.in_defaults {
            return Some(&mut self.defaults);
        }
        self.sections.last_mut().map(|(_, options)| options)
    }

    /// Puts the option that was read into its section.
    fn keep(&mut self) {
        if let Some((name, lines)) = self.option.take()
            && let Some(options) = self.section()
        {
            options.insert(name, lines);
        }
    }
}

/// The name in brackets, where the line begins with them. Versions of Python
/// differ in which bracket ends it.
fn header(at: usize, content: &str) -> Result<Option<&str>, Unclear> {
    let Some(rest) = content.strip_prefix('[') else { return Ok(None) };
    let Some((name, behind)) = rest.split_once(']') else { return Ok(None) };
    if name.is_empty() || behind.contains(']') {
        return Err(Unclear::Name(at));
    }
    Ok(Some(name))
}

/// A value whose first line is empty has values of its own.
fn value(option: &str, lines: &Lines<'_>) -> Result<Value, Unclear> {
    let text = lines.joined();
    if !text.starts_with('\n') {
        return Ok(Value::Text(text));
    }
    let pairs = text.split('\n').map(str::trim).filter(|line| !line.is_empty()).map(|line| {
        let (name, value) =
            line.split_once('=').ok_or_else(|| Unclear::Nested(option.chars().take(60).collect()))?;
        Ok((name.trim().to_owned(), value.trim().to_owned()))
    });
    Ok(Value::Block(pairs.collect::<Result<_, _>>()?))
}

/// The words of a section's name, as Python's `shlex.split` has them; `None`
/// where a quote is not closed, or a backslash may mean anything.
pub(crate) fn words(name: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in name.chars() {
        match (quote, c) {
            (_, '\\') => return None,
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ' | '\t') => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(file: &File, section: &str, option: &str) -> Option<String> {
        let (_, section) = file.iter().find(|(name, _)| name == section)?;
        match section.get(option)? {
            Value::Text(text) => Some(text.clone()),
            Value::Block(block) => Some(format!("{block:?}")),
        }
    }

    #[test]
    fn what_people_write_is_read_as_python_reads_it() {
        for (written, expected) in [
            ("[a]\nx=1", "1"),
            ("  [a]\n  x = 1", "1"),
            ("[a] # b\r\nX : 1\r", "1"),
            ("[a]\nx = 1 # b", "1 # b"),
            ("[a]\nx = 1\n  2\n# y\n\n  ; z\n  3\n\n", "1\n2\n\n3"),
            ("[a]\nx = 1\n y = 2", "1\ny = 2"),
            ("[a]\n  x = 1\n  y = 2", "1"),
            ("[a]\nx = 1\n [b]", "1\n[b]"),
            ("[DEFAULT]\nx=1\n[a]\ny=2", "1"),
            ("[a]\nx = 2\n[DEFAULT]\nx=1", "2"),
            ("[a]\nx =\n  y = 1\n  Z=2=3", r#"{"Z": "2=3", "y": "1"}"#),
            ("[a]\nx =\n\ny = 1", ""),
        ] {
            let file = parse(written.as_bytes()).unwrap();
            assert_eq!(text(&file, "a", "x").as_deref(), Some(expected), "{written:?}");
        }
        assert_eq!(parse(b"# nothing\n\n").unwrap(), []);
    }

    #[test]
    fn a_text_of_several_lines_may_be_just_that() {
        let file = parse_flat(b"[a]\nx =\n  !f() {\n  }; f\ny = 1").unwrap();
        assert_eq!(text(&file, "a", "x").as_deref(), Some("\n!f() {\n}; f"));
        assert_eq!(text(&file, "a", "y").as_deref(), Some("1"));
    }

    #[test]
    fn what_aws_stops_at_or_others_read_otherwise_is_refused() {
        for (written, why) in [
            (&b"[a]\nx=\xff"[..], Unclear::Encoding),
            (b"x=1", Unclear::NoSection(1)),
            (b"\xef\xbb\xbf[a]", Unclear::NoSection(1)),
            (b"[a]\nx", Unclear::NoOption(2)),
            (b"[a]\n=1", Unclear::NoOption(2)),
            (b"[a]\n[a", Unclear::NoOption(2)),
            (b"[a]\n[b]\n[a]", Unclear::Twice(3)),
            (b"[a]\nx=1\nX:2", Unclear::Twice(3)),
            (b"[a]b]\n", Unclear::Name(1)),
            (b"[a]\nx=1\xc2\x85[b]", Unclear::Sign(2)),
            (b"[a]\nx=\0", Unclear::Sign(2)),
            (b"[a]\nx=1\x0b", Unclear::Sign(2)),
            (b"[a]\nx=\n y", Unclear::Nested("x".to_owned())),
        ] {
            assert_eq!(parse(written).unwrap_err(), why, "{:?}", String::from_utf8_lossy(written));
        }
    }

    #[test]
    fn what_takes_long_is_refused_or_does_not() {
        let lines = |line: &dyn Fn(usize) -> String| (0..60_000).map(line).collect::<Vec<_>>().concat();
        let defaults = lines(&|at| format!("option{at} = x\n"));
        let sections = lines(&|at| format!("[{at}]\n"));
        assert_eq!(parse(format!("[DEFAULT]\n{defaults}{sections}").as_bytes()), Err(Unclear::Large));
        assert_eq!(parse(sections.as_bytes()).unwrap().len(), 60_000);
        let name = "n".repeat(1 << 20);
        let many = format!("[{name}]\n{name} = 1\n{}{defaults}", " x\n".repeat(1 << 18));
        let file = parse(many.as_bytes()).unwrap();
        assert_eq!((file.len(), file[0].1.len()), (1, 60_001));
    }

    #[test]
    fn names_are_split_as_a_shell_would() {
        for (name, expected) in [
            ("profile a", Some(&["profile", "a"][..])),
            ("profile \"a b\"", Some(&["profile", "a b"])),
            ("profile  a'b'c ", Some(&["profile", "abc"])),
            ("profile ''", Some(&["profile", ""])),
            ("profile #a", Some(&["profile", "#a"])),
            ("profile it's", None),
            ("profile a\\b", None),
        ] {
            let words = words(name);
            let words: Option<Vec<&str>> =
                words.as_ref().map(|words| words.iter().map(String::as_str).collect());
            assert_eq!(words.as_deref(), expected, "{name}");
        }
    }
}

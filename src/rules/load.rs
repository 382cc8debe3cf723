//! Reads a rule file, and says exactly where it is wrong.

use std::fmt;
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::schema::{RuleFile, VERSION};
use crate::ui::sanitize;

/// The largest rule file that is read, in bytes.
pub const FILE_LIMIT: u64 = 1 << 20;

/// The largest project file that is read, in bytes: it comes with a checkout,
/// and is checked anew on every call.
pub const PROJECT_LIMIT: u64 = 64 << 10;

/// The deepest nesting of a rule file; its own format needs a dozen levels.
const DEPTH_LIMIT: usize = 64;

/// Something wrong in a rule file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file.
    pub path: PathBuf,
    /// Line and column, from 1, where they are known.
    pub place: Option<(usize, usize)>,
    /// The text of that line.
    pub line: String,
    /// How many characters the caret underlines.
    pub width: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A finding that no line can be named for.
    pub fn whole_file(path: &Path, message: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            place: None,
            line: String::new(),
            width: 0,
            message: message.into(),
            help: None,
        }
    }

    /// A finding at the last of `needles`, each searched behind the one before.
    pub fn at(path: &Path, text: &str, needles: &[&str], message: impl Into<String>) -> Self {
        let mut finding = Self::whole_file(path, message);
        let mut from = 0;
        let mut width = 0;
        for needle in needles {
            let Some(offset) = text.get(from..).and_then(|rest| rest.find(needle)) else { continue };
            from += offset;
            width = needle.chars().count();
        }
        if width > 0 {
            let before = text.get(..from).unwrap_or_default();
            let start = before.rfind('\n').map_or(0, |at| at + 1);
            let column = text.get(start..from).unwrap_or_default().chars().count() + 1;
            finding.place = Some((before.matches('\n').count() + 1, column));
            let line = text.get(start..).unwrap_or_default().lines().next();
            line.unwrap_or_default().clone_into(&mut finding.line);
            finding.width = width;
        }
        finding
    }

    /// A finding at the last place where `needle` stands.
    pub fn at_last(path: &Path, text: &str, needle: &str, message: impl Into<String>) -> Self {
        let from = text.rfind(needle).unwrap_or(0);
        let (before, rest) = text.split_at_checked(from).unwrap_or(("", text));
        let mut finding = Self::at(path, rest, &[needle], message);
        finding.place = finding.place.map(|(line, column)| {
            let skipped = before.rsplit('\n').next().unwrap_or_default().chars().count();
            (line + before.matches('\n').count(), column + if line == 1 { skipped } else { 0 })
        });
        let line = text.lines().nth(before.matches('\n').count());
        line.unwrap_or_default().clone_into(&mut finding.line);
        finding
    }

    /// The same finding with advice.
    #[must_use]
    pub fn with_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rulebook error: {}", Described(self))
    }
}

/// A finding without saying what kind of file it is in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Described<'a>(pub(crate) &'a Diagnostic);

impl fmt::Display for Described<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(finding) = self;
        write!(f, "{}", sanitize::text(&finding.message))?;
        let path = sanitize::os(finding.path.as_os_str());
        if let Some((line, column)) = finding.place {
            let number = line.to_string();
            let margin = " ".repeat(number.len());
            // A caret under a tab would be off: tabs are shown as one space.
            let shown = finding.line.replace('\t', " ");
            write!(f, "\n{margin}--> {path}:{line}:{column}\n{margin} |")?;
            write!(f, "\n{number} | {}", sanitize::text(&shown))?;
            write!(
                f,
                "\n{margin} | {}{}",
                " ".repeat(column.saturating_sub(1)),
                "^".repeat(finding.width.max(1))
            )?;
        } else {
            write!(f, "\n --> {path}")?;
        }
        if let Some(help) = &finding.help {
            write!(f, "\nhelp: {}", sanitize::text(help))?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostic {}

/// Reads the text of a rule file. `None` where there is no such file.
///
/// # Errors
/// Anything that is not a readable, regular UTF-8 file below [`FILE_LIMIT`]:
/// a pipe or a device would block, a directory is a mistake.
pub fn read(path: &Path) -> Result<Option<String>, Diagnostic> {
    read_within(path, FILE_LIMIT)
}

/// Reads the text of a rule file of at most `limit` bytes, as [`read`] does.
///
/// # Errors
/// As [`read`].
pub fn read_within(path: &Path, limit: u64) -> Result<Option<String>, Diagnostic> {
    let error = |message: String| Diagnostic::whole_file(path, message);
    let file = std::fs::OpenOptions::new()
        .read(true)
        .custom_flags(nix::libc::O_NONBLOCK | nix::libc::O_NOCTTY)
        .open(path);
    let file = match file {
        Ok(file) => file,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(error(format!("the file cannot be opened: {cause}"))),
    };
    let metadata = file.metadata().map_err(|cause| error(format!("the file cannot be read: {cause}")))?;
    if !metadata.is_file() {
        return Err(error("a rule file must be a regular file".to_owned()));
    }
    let mut text = String::new();
    file.take(limit + 1)
        .read_to_string(&mut text)
        .map_err(|cause| error(format!("the file cannot be read: {cause}")))?;
    if text.len() as u64 > limit {
        return Err(error(format!("the file is larger than {} KiB", limit / 1024)));
    }
    Ok(Some(text))
}

/// Parses the text of a rule file.
///
/// # Errors
/// What is wrong, with line and column, and the nearest known word where a
/// word is unknown.
pub fn parse(path: &Path, text: &str) -> Result<RuleFile, Diagnostic> {
    let file: RuleFile = document(path, text, "a rule file")?;
    if file.version != VERSION {
        let message = format!("version {} of the format is not known, only {VERSION}", file.version);
        return Err(Diagnostic::at(path, text, &["version:"], message));
    }
    Ok(file)
}

/// Reads the text of a file of `kind`, which has a version.
///
/// # Errors
/// As [`parse`].
pub(crate) fn document<T: DeserializeOwned>(path: &Path, text: &str, kind: &str) -> Result<T, Diagnostic> {
    if let Some(line) = too_deep(text) {
        return Err(Diagnostic::whole_file(path, format!("line {line} is nested too deeply")));
    }
    let is_blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    serde_yaml::from_str(text).map_err(|error| {
        if text.lines().all(is_blank) {
            let help = Some(format!("{kind} begins with `version: {VERSION}`"));
            return Diagnostic::whole_file(path, "the file is empty").with_help(help);
        }
        from_yaml(path, text, &error)
    })
}

/// The first line whose nesting no rule file needs: the parser's time grows
/// with the square of the depth.
fn too_deep(text: &str) -> Option<usize> {
    let mut flow = 0_usize;
    text.lines().enumerate().find_map(|(at, line)| {
        let opened = line.matches(['[', '{']).count();
        flow = (flow + opened).saturating_sub(line.matches([']', '}']).count());
        let dashes = line.split_whitespace().take_while(|word| *word == "-" || *word == "?").count();
        let indent = line.len() - line.trim_start().len();
        (flow > DEPTH_LIMIT || opened > DEPTH_LIMIT * 4 || dashes > DEPTH_LIMIT || indent > DEPTH_LIMIT * 4)
            .then_some(at + 1)
    })
}

/// Turns a parser's error into a finding with the line shown.
fn from_yaml(path: &Path, text: &str, error: &serde_yaml::Error) -> Diagnostic {
    let full = error.to_string();
    let mut finding = Diagnostic::whole_file(path, full.clone());
    let Some(location) = error.location() else { return finding };
    // The message ends in "at line 7 column 5", which is shown otherwise.
    let message = full.rfind(" at line ").and_then(|at| full.get(..at)).unwrap_or(&full);
    let message =
        message.split_once(": ").filter(|(path, _)| is_key_path(path)).map_or(message, |(_, rest)| rest);
    let word = message.split('`').nth(1).unwrap_or_default();
    let line = text.lines().nth(location.line().saturating_sub(1));
    line.unwrap_or_default().clone_into(&mut finding.line);
    finding.place = Some((location.line(), location.column()));
    finding.width = 1;
    if message.starts_with("unknown ") && !word.is_empty() {
        if let Some(at) = finding.line.find(word) {
            let column = finding.line.get(..at).unwrap_or_default().chars().count() + 1;
            finding.place = Some((location.line(), column));
        }
        finding.width = word.chars().count();
        let known = message.split('`').skip(3).step_by(2);
        finding.help = nearest(word, known).map(|near| format!("did you mean `{near}`?"));
    }
    if message.ends_with(" stands twice") && message.starts_with("the key `") {
        finding.width = word.chars().count();
    }
    message.clone_into(&mut finding.message);
    finding
}

/// Whether `text` is a parser's path to a value: `rules[0].match`.
fn is_key_path(text: &str) -> bool {
    !text.contains(' ') && !text.contains('`')
}

/// The known word that is closest to `word`, if any is close.
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len().min(word.len()) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn error(text: &str) -> String {
        parse(Path::new("rules/x.yaml"), text).unwrap_err().to_string()
    }

    #[test]
    fn an_unknown_key_is_shown_with_the_nearest_one() {
        let text =
            "version: 1\ntool: terraform\nrules:\n  - id: terraform/x\n    summary: X.\n    rsk: high\n";
        insta::assert_snapshot!(error(text), @r"
        rulebook error: unknown field `rsk`, expected one of `id`, `summary`, `effect`, `risk`, `match`, `unless`, `require`, `reason`, `safer`, `docs`, `cases`
         --> rules/x.yaml:6:5
          |
        6 |     rsk: high
          |     ^^^
        help: did you mean `risk`?
        ");
    }

    #[test]
    fn an_unknown_effect_is_shown_with_the_nearest_one() {
        let text = "version: 1\ntool: terraform\nrules:\n  - id: terraform/x\n    summary: X.\n    effect: destory\n    match: {}\n";
        insta::assert_snapshot!(error(text), @r"
        rulebook error: unknown variant `destory`, expected one of `read`, `local`, `write`, `spend`, `disclose`, `execute`, `unknown`, `disrupt`, `unprotect`, `privilege`, `destroy`
         --> rules/x.yaml:6:13
          |
        6 |     effect: destory
          |             ^^^^^^^
        help: did you mean `destroy`?
        ");
    }

    #[test]
    fn a_syntax_error_has_a_place() {
        insta::assert_snapshot!(error("version: 1\nrules: [\n"), @r"
        rulebook error: did not find expected node content
         --> rules/x.yaml:3:1
          |
        3 | 
          | ^
        ");
    }

    #[test]
    fn nested_short_forms_have_a_place() {
        let text = "version: 1\ntool: terraform\nrules:\n  - id: terraform/x\n    summary: X.\n    effect: read\n    match:\n      flags:\n        -lock: { prsent: true }\n";
        insta::assert_snapshot!(error(text), @r"
        rulebook error: unknown field `prsent`, expected one of `is`, `present`, `equals`, `regex`, `at_least`, `at_most`
         --> rules/x.yaml:9:18
          |
        9 |         -lock: { prsent: true }
          |                  ^^^^^^
        help: did you mean `present`?
        ");
    }

    #[test]
    fn a_key_that_stands_twice_is_shown() {
        let text = "version: 1\npolicy:\n  write: { human: { ordinary: deny } }\n  write: { human: { ordinary: allow } }\n";
        insta::assert_snapshot!(error(text), @r"
        rulebook error: the key `write` stands twice
         --> rules/x.yaml:4:3
          |
        4 |   write: { human: { ordinary: allow } }
          |   ^^^^^
        ");
        let rule = "version: 1\ntool: terraform\nrules:\n  - id: terraform/x\n    summary: X.\n    effect: read\n    match: ";
        for condition in [
            "{ flags: { -lock: true, -lock: false } }",
            "{ env: { X: a, X: b } }",
            "{ target: { workspace: a, workspace: b } }",
            "[{ not: { target: { workspace: a, workspace: b } } }]",
        ] {
            let error = error(&format!("{rule}{condition}\n"));
            assert!(error.contains("stands twice") && error.contains("x.yaml:7:"), "{error}");
        }
        let entry = "version: 1\nenvironments:\n  - name: x\n    match:\n      - workspace: a\n        workspace: b\n";
        insta::assert_snapshot!(error(entry), @r"
        rulebook error: the key `workspace` stands twice
         --> rules/x.yaml:6:9
          |
        6 |         workspace: b
          |         ^^^^^^^^^
        ");
    }

    #[test]
    fn another_version_is_refused() {
        insta::assert_snapshot!(error("version: 2\n"), @r"
        rulebook error: version 2 of the format is not known, only 1
         --> rules/x.yaml:1:1
          |
        1 | version: 2
          | ^^^^^^^^
        ");
    }

    #[test]
    fn an_empty_file_is_said_to_be_so() {
        for text in ["", "\n", "# later\n\n"] {
            assert_eq!(
                error(text),
                "rulebook error: the file is empty\n --> rules/x.yaml\nhelp: a rule file begins with `version: 1`"
            );
        }
    }

    #[test]
    fn bombs_are_refused() {
        assert!(parse(Path::new("x"), &"[".repeat(20_000)).is_err());
        assert!(parse(Path::new("x"), &"- ".repeat(20_000)).is_err());
        let mut bomb = String::from("version: 1\na0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for level in 1..9 {
            let references = vec![format!("*a{}", level - 1); 9].join(", ");
            let _ = writeln!(bomb, "a{level}: &a{level} [{references}]");
        }
        assert!(parse(Path::new("x"), &bomb).is_err());
    }

    #[test]
    fn only_regular_files_are_read() {
        let directory = tempfile::tempdir().unwrap();
        assert!(read(&directory.path().join("none")).unwrap().is_none());
        assert!(read(directory.path()).unwrap_err().message.contains("regular file"));
        let pipe = directory.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        assert!(read(&pipe).unwrap_err().message.contains("regular file"));
        let large = directory.path().join("large");
        std::fs::write(&large, vec![b'#'; 1 + (1 << 20)]).unwrap();
        assert!(read(&large).unwrap_err().message.contains("larger than 1024 KiB"));
        std::fs::write(&large, vec![b'#'; 1 + (64 << 10)]).unwrap();
        assert!(read(&large).unwrap().is_some());
        let project = read_within(&large, PROJECT_LIMIT).unwrap_err();
        assert!(project.message.contains("larger than 64 KiB"));
    }
}

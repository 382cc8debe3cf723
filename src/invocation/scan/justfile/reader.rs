//! A justfile's statements.

use std::ops::Range;

use super::super::placed::json_strings;
use super::expression::strings_end;

/// A recipe.
#[derive(Debug, Default)]
pub(super) struct Recipe {
    /// Its name.
    pub(super) name: String,
    /// The recipes that it needs, each with where its arguments stand.
    pub(super) needs: Vec<(String, Range<usize>)>,
    /// The parameter that takes all words that are left.
    pub(super) variadic: Option<String>,
    /// The parameters that its shells find in their environment.
    pub(super) exports: Vec<String>,
    /// Whether its shells get its arguments as theirs.
    pub(super) positional: bool,
    /// Its parameters, each with the expression of its default.
    pub(super) parameters: Vec<(String, Option<Range<usize>>)>,
    /// The lines of its body, without what they are indented by.
    pub(super) lines: Vec<Range<usize>>,
    /// The program that reads the whole body.
    pub(super) script: Option<String>,
}

/// What a justfile says.
#[derive(Debug, Default)]
pub(super) struct Justfile {
    /// Its variables, each with its expression.
    pub(super) assignments: Vec<(String, Range<usize>)>,
    /// The variables that recipes find in their environment.
    pub(super) exports: Vec<String>,
    /// Whether they find all of them there.
    pub(super) exports_all: bool,
    /// Whether recipes get their arguments as those of a shell.
    pub(super) positional: bool,
    /// What runs lines, where that is set.
    pub(super) shell: Option<String>,
    /// Its recipes.
    pub(super) recipes: Vec<Recipe>,
}

impl Justfile {
    /// What stands in `text`.
    pub(super) fn read(text: &str) -> Self {
        let mut file = Self::default();
        let (mut at, mut script) = (0, None);
        let mut positional = false;
        while at < text.len() {
            let end = statement_end(text, at);
            let line = text.get(at..end).unwrap_or_default();
            let next = end + 1;
            if line.starts_with('[') {
                // An attribute of the recipe that follows.
                script = script.or_else(|| script_attribute(line));
                positional |= line.contains("positional-arguments");
                // More may follow in its line.
                at = next;
                continue;
            }
            if line.trim().is_empty() || line.starts_with(['#', ' ', '\t']) {
                at = next;
                continue;
            }
            let known = file.recipes.len();
            at = file.statement(text, at..end, &mut script).unwrap_or(next);
            if let Some(recipe) = file.recipes.get_mut(known) {
                recipe.positional = std::mem::take(&mut positional) || file.positional;
            }
        }
        file
    }

    /// Reads one; where it is a recipe, returns what is behind its body.
    fn statement(&mut self, text: &str, line: Range<usize>, script: &mut Option<String>) -> Option<usize> {
        let statement = text.get(line.clone())?;
        let colon = outside(statement).find(|(_, c)| *c == ':').map(|(at, _)| at);
        let (word, rest) = statement.split_once(char::is_whitespace).unwrap_or((statement, ""));
        match word {
            "set" if statement.contains(":=") || !statement.contains(':') => {
                self.setting(rest);
                return None;
            }
            "alias" | "import" | "import?" | "mod" | "mod?" | "unexport"
                if colon.is_none_or(|colon| {
                    statement.get(colon..).is_some_and(|rest| rest.starts_with(":="))
                }) =>
            {
                return None;
            }
            _ => {}
        }
        let colon = colon?;
        if statement.get(colon..)?.starts_with(":=") {
            let mut words = statement.get(..colon)?.split_whitespace().rev();
            let name = words.next()?.to_owned();
            if words.any(|word| word == "export") {
                self.exports.push(name.clone());
            }
            self.assignments.push((name, line.start + colon + 2..line.end));
            return None;
        }
        let head = statement.get(..colon)?;
        let marked = |marks: &'static [char]| {
            let word = move |word: &&str| word.starts_with(marks);
            head.split_whitespace().skip(1).filter(word).map(|word| {
                let name = word.split('=').next().unwrap_or(word);
                name.trim_start_matches(['+', '*', '$']).to_owned()
            })
        };
        let mut recipe = Recipe {
            name: head.split_whitespace().next()?.trim_start_matches('@').to_owned(),
            needs: needs(statement, colon + 1, line.start),
            variadic: marked(&['+', '*']).next(),
            exports: marked(&['$']).collect(),
            parameters: parameters(head, line.start),
            script: script.take(),
            ..Recipe::default()
        };
        let behind = body(text, line.end + 1, &mut recipe.lines);
        self.recipes.push(recipe);
        Some(behind)
    }

    fn setting(&mut self, setting: &str) {
        let (name, value) = setting.split_once(":=").unwrap_or((setting, "true"));
        match name.trim() {
            "positional-arguments" => self.positional = value.trim() == "true",
            "export" => self.exports_all = value.trim() == "true",
            "shell" => {
                let value = value.replace('\'', "\"");
                let words = json_strings(&value).map(|(words, _)| words).unwrap_or_default();
                self.shell = words.into_iter().next().map(|(_, word)| word);
            }
            _ => {}
        }
    }
}

/// The recipes in brackets behind the colon at `from`, each with its arguments.
fn needs(statement: &str, from: usize, start: usize) -> Vec<(String, Range<usize>)> {
    let (mut all, mut depth, mut open) = (Vec::new(), 0_usize, 0);
    for (at, c) in outside(statement.get(from..).unwrap_or_default()) {
        match c {
            '(' => {
                depth += 1;
                open = if depth == 1 { from + at + 1 } else { open };
            }
            ')' if depth == 1 => {
                depth = 0;
                let inside = statement.get(open..from + at).unwrap_or_default();
                let blank = inside.len() - inside.trim_start().len();
                if let Some((name, _)) = inside.trim_start().split_once(char::is_whitespace) {
                    let arguments = start + open + blank + name.len()..start + from + at;
                    all.push((name.to_owned(), arguments));
                }
            }
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    all
}

/// The program of an attribute `[script("…")]`, or the one that just takes.
fn script_attribute(line: &str) -> Option<String> {
    let at = line.find("script")?;
    let before = line.get(..at)?.trim_end();
    if !before.ends_with(['[', ',']) {
        return None;
    }
    let rest = line.get(at + "script".len()..)?.trim_start();
    let Some(words) = rest.strip_prefix(['(', ':']) else { return Some("sh".to_owned()) };
    let word = words.trim_start().strip_prefix(['"', '\''])?;
    word.split(['"', '\'']).next().map(str::to_owned)
}

/// Where a statement ends: strings and brackets may take more lines.
fn statement_end(text: &str, from: usize) -> usize {
    let line_end =
        |at: usize| text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |end| at + end);
    let first = text.get(from..).and_then(|rest| rest.chars().next());
    // Bodies and comments are not looked into.
    if matches!(first, None | Some('#' | ' ' | '\t')) {
        return line_end(from);
    }
    let mut depth = 0_usize;
    for (at, c) in outside(text.get(from..).unwrap_or_default()) {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '\n' => {
                let before = text.get(from..from + at).unwrap_or_default().trim_end_matches('\r');
                if before.ends_with('\\') {
                    continue;
                }
                // Something left open is not taken for the rest of the file.
                let next = text.get(from + at + 1..).unwrap_or_default();
                if depth == 0 || before.contains("\n\n") || next.starts_with('\n') {
                    return from + at;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// The characters outside strings and comments.
pub(super) fn outside(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = text.get(at..)?;
            let c = rest.chars().next()?;
            match c {
                '\'' | '"' | '`' => at += strings_end(rest).unwrap_or(1),
                '#' => at += rest.find('\n').unwrap_or(rest.len()),
                _ => {
                    let here = at;
                    at += c.len_utf8();
                    return Some((here, c));
                }
            }
        }
    })
}

/// The parameters of a recipe's head, which stands at `start`.
fn parameters(head: &str, start: usize) -> Vec<(String, Option<Range<usize>>)> {
    let mut words: Vec<Range<usize>> = Vec::new();
    let (mut at, mut depth) = (0, 0_usize);
    let mut word: Option<usize> = None;
    while let Some(c) = head.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = head.get(at..).unwrap_or_default();
        let length =
            if matches!(c, '\'' | '"' | '`') { strings_end(rest).unwrap_or(1) } else { c.len_utf8() };
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if c.is_whitespace() && depth == 0 {
            words.extend(word.take().map(|from| from..at));
        } else {
            word = word.or(Some(at));
        }
        at += length;
    }
    words.extend(word.map(|from| from..head.len()));
    let parameter = |range: Range<usize>| {
        let word = head.get(range.clone())?;
        let (name, default) =
            word.split_once('=').map_or((word, None), |(name, default)| (name, Some(default)));
        let from = |default: &str| start + range.end - default.len()..start + range.end;
        // Many words may come.
        let default = default.filter(|_| !name.starts_with(['+', '*'])).map(from);
        Some((name.trim_start_matches(['+', '*', '$']).to_owned(), default))
    };
    words.into_iter().skip(1).filter_map(parameter).collect()
}

/// Collects the lines of a body that begins at `from`; returns what is behind it.
fn body(text: &str, from: usize, lines: &mut Vec<Range<usize>>) -> usize {
    let mut at = from;
    let mut indent: Option<&str> = None;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let end = at + rest.find('\n').unwrap_or(rest.len());
        let line = text.get(at..end).unwrap_or_default();
        let shown = line.strip_suffix('\r').unwrap_or(line);
        let blank = shown.len() - shown.trim_start().len();
        if shown.trim().is_empty() {
            lines.push(at + blank..at + blank);
        } else if blank == 0 {
            break;
        } else {
            let own = indent.get_or_insert(shown.get(..blank).unwrap_or_default());
            let taken = if shown.starts_with(*own) { own.len() } else { blank };
            lines.push(at + taken..at + shown.len());
        }
        at = end + 1;
    }
    at
}

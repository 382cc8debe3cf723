//! make's functions. A word that is not known passes through those that change words.

use super::super::Passage;
use super::super::placed::unknown;
use super::expand::Expander;
use super::references::arguments;

/// How many rounds `$(foreach …)` makes.
const ROUNDS: usize = 64;

impl Expander<'_> {
    /// What a function yields; `None` where there is none of that name.
    pub(super) fn function(&mut self, name: &str, rest: &str) -> Option<String> {
        Some(match name {
            "shell" => self.shell(rest),
            "call" => self.call(rest),
            "eval" => {
                let text = self.expand(rest);
                self.evaluated.push(text);
                String::new()
            }
            "error" | "warning" | "info" | "file" => String::new(),
            "foreach" | "let" => self.each(rest),
            "if" => self.choice(rest),
            "or" => {
                let parts = arguments(rest, usize::MAX).into_iter();
                let mut values = parts.map(|part| self.expand(part.trim()));
                values.find(|value| !value.is_empty()).unwrap_or_default()
            }
            "and" => {
                let parts = arguments(rest, usize::MAX);
                let values: Vec<String> = parts.into_iter().map(|part| self.expand(part.trim())).collect();
                let last = values.last().cloned().unwrap_or_default();
                if values.iter().any(String::is_empty) { String::new() } else { last }
            }
            "value" => {
                let name = self.expand(rest);
                self.definition(name.trim()).map_or_else(|| unknown(&name), |value| value.text.clone())
            }
            "origin" | "flavor" | "guile" | "intcmp" => unknown("MAKE_VALUE"),
            _ => return self.textual(name, rest),
        })
    }

    /// Of calls alone: what stands so in the file is found where it stands.
    fn shell(&mut self, rest: &str) -> String {
        let text = self.expand(rest);
        if !self.frames.is_empty() {
            self.run.push(Passage::made(&text, self.at));
        }
        unknown("MAKE_OUTPUT")
    }

    fn call(&mut self, rest: &str) -> String {
        let frame: Vec<String> =
            arguments(rest, usize::MAX).into_iter().map(|part| self.expand(part)).collect();
        let name = frame.first().map(|name| name.trim().to_owned()).unwrap_or_default();
        let Some(definition) = self.definition(&name) else { return unknown(&name) };
        self.frames.push(frame);
        let value = self.expand(&definition.text);
        self.frames.pop();
        value
    }

    fn each(&mut self, rest: &str) -> String {
        let parts = arguments(rest, 3);
        let [name, list, body] = parts.as_slice() else { return unknown("MAKE_VALUE") };
        let (name, list) = (self.expand(name).trim().to_owned(), self.expand(list));
        let mut values = Vec::new();
        for word in list.split_whitespace().take(ROUNDS) {
            self.locals.push((name.clone(), word.to_owned()));
            values.push(self.expand(body));
            self.locals.pop();
        }
        values.join(" ")
    }

    fn choice(&mut self, rest: &str) -> String {
        let parts = arguments(rest, 3);
        let mut parts = parts.into_iter();
        let condition = parts.next().map(|part| self.expand(part.trim())).unwrap_or_default();
        let (then, otherwise) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let holds = if condition.contains('$') { self.either() } else { !condition.is_empty() };
        self.expand(if holds { then.trim() } else { otherwise.trim() })
    }

    /// One of the words for which a word that is not known is looked through, or none.
    fn one_of(&mut self, patterns: &str) -> Option<String> {
        let words: Vec<&str> = patterns.split_whitespace().collect();
        if patterns.contains(['%', '$']) {
            return None;
        }
        self.widest = self.widest.max(words.len() + 1);
        Some(words.get(self.pick).copied().unwrap_or_default().to_owned())
    }

    /// The functions that make a text of texts.
    fn textual(&mut self, name: &str, rest: &str) -> Option<String> {
        let most = match name {
            "subst" | "patsubst" | "wordlist" => 3,
            "findstring" | "filter" | "filter-out" | "word" | "addsuffix" | "addprefix" | "join" => 2,
            "strip" | "sort" | "words" | "firstword" | "lastword" | "dir" | "notdir" | "suffix"
            | "basename" | "wildcard" | "realpath" | "abspath" => 1,
            _ => return None,
        };
        let parts: Vec<String> = arguments(rest, most).into_iter().map(|part| self.expand(part)).collect();
        let part = |at: usize| parts.get(at).map(String::as_str).unwrap_or_default();
        let (first, second, third) = (part(0), part(1), part(2));
        Some(match name {
            "subst" if first.is_empty() => third.to_owned(),
            "subst" => third.replace(first, second),
            "patsubst" => substituted(third, first.trim(), second.trim()),
            "findstring" if second.contains('$') => unknown("MAKE_VALUE"),
            "findstring" => if second.contains(first) { first } else { "" }.to_owned(),
            "filter" if second.trim().starts_with("${") && !second.trim().contains(' ') => {
                self.one_of(first).unwrap_or_else(|| chosen(second, first, true))
            }
            "filter" => chosen(second, first, true),
            "filter-out" => chosen(second, first, false),
            "word" | "wordlist" | "words" => numbered(name, first, second, third),
            "addsuffix" => each_word(second, |word| format!("{word}{first}")),
            "addprefix" => each_word(second, |word| format!("{first}{word}")),
            "join" => {
                let (mut ones, mut others) = (first.split_whitespace(), second.split_whitespace());
                let mut words = Vec::new();
                loop {
                    match (ones.next(), others.next()) {
                        (None, None) => break words.join(" "),
                        (one, other) => words.push([one, other].map(Option::unwrap_or_default).concat()),
                    }
                }
            }
            _ => of_words(name, first),
        })
    }
}

/// The functions that take words alone.
fn of_words(name: &str, words: &str) -> String {
    match name {
        "strip" => each_word(words, str::to_owned),
        "sort" => {
            let mut words: Vec<&str> = words.split_whitespace().collect();
            words.sort_unstable();
            words.dedup();
            words.join(" ")
        }
        "firstword" => words.split_whitespace().next().unwrap_or_default().to_owned(),
        "lastword" => words.split_whitespace().next_back().unwrap_or_default().to_owned(),
        "dir" => each_word(words, |word| match word.rsplit_once('/') {
            Some((directory, _)) => format!("{directory}/"),
            None if word.contains('$') => word.to_owned(),
            None => "./".to_owned(),
        }),
        "notdir" => each_word(words, |word| word.rsplit('/').next().unwrap_or(word).to_owned()),
        "suffix" => {
            each_word(words, |word| word.rfind('.').and_then(|at| word.get(at..)).unwrap_or("").into())
        }
        "basename" => each_word(words, |word| {
            let cut = word.rfind('.').filter(|at| word.rfind('/').is_none_or(|slash| slash < *at));
            cut.and_then(|at| word.get(..at)).unwrap_or(word).to_owned()
        }),
        "abspath" | "realpath" => each_word(words, |word| {
            if word.starts_with(['/', '$', '~']) { word.to_owned() } else { format!("$PWD/{word}") }
        }),
        // The shell finds the same files.
        _ => words.to_owned(),
    }
}

fn each_word(words: &str, change: impl Fn(&str) -> String) -> String {
    words.split_whitespace().map(change).collect::<Vec<_>>().join(" ")
}

/// What stands for `%` where `word` is of the form `pattern`.
pub(super) fn stem<'a>(word: &'a str, pattern: &str) -> Option<&'a str> {
    match pattern.split_once('%') {
        Some((before, after)) => word.strip_prefix(before)?.strip_suffix(after),
        None => (word == pattern).then_some(""),
    }
}

/// `words`, of which those of the form `from` are put into the form `to`.
pub(super) fn substituted(words: &str, from: &str, to: &str) -> String {
    each_word(words, |word| match stem(word, from) {
        Some(stem) if from.contains('%') => to.replacen('%', stem, 1),
        Some(_) => to.to_owned(),
        None => word.to_owned(),
    })
}

/// Those words that are, or are not, of one of the forms; and those that may be.
fn chosen(words: &str, patterns: &str, wanted: bool) -> String {
    let open = patterns.contains('$');
    let mut words: Vec<&str> = words.split_whitespace().collect();
    words.retain(|word| {
        open || word.contains('$')
            || patterns.split_whitespace().any(|pattern| stem(word, pattern).is_some()) == wanted
    });
    words.join(" ")
}

/// `$(word …)`, `$(wordlist …)`, `$(words …)`.
fn numbered(name: &str, first: &str, second: &str, third: &str) -> String {
    let list = match name {
        "words" => first,
        "word" => second,
        _ => third,
    };
    if list.contains('$') || first.contains('$') {
        return unknown("MAKE_VALUE");
    }
    let number = |text: &str| text.trim().parse::<usize>().unwrap_or_default();
    let (from, mut words) = (number(first).saturating_sub(1), list.split_whitespace());
    match name {
        "words" => words.count().to_string(),
        "word" => words.nth(from).unwrap_or_default().to_owned(),
        _ => {
            let count = number(second).saturating_sub(from);
            words.skip(from).take(count).collect::<Vec<_>>().join(" ")
        }
    }
}

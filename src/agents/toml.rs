//! Edits of Codex's `config.toml`, where hooks are tables. A table is put at the end
//! and taken out whole; nothing else is touched.

use std::ops::Range;

use toml_edit::{Document, Item, TableLike, Value};

use super::Launch;
use super::json::Fault;
use super::target::LEAST_TIME;

/// Where the groups of the event stand.
const EVENT: [&str; 2] = ["hooks", "PreToolUse"];

/// An entry of ours.
#[derive(Debug)]
pub(super) struct Found {
    /// What it starts.
    pub(super) launch: Launch,
    /// The matcher of its group.
    matcher: Option<String>,
    /// The time that it gets, as it is written, and whether that is enough.
    timeout: Option<(String, bool)>,
    /// The lines of its group, if it is alone in it and both have headers.
    lines: Option<Range<usize>>,
}

impl Found {
    /// Why it does not count, or not for all that it should.
    pub(super) fn weakness(&self) -> Option<String> {
        if self.is_narrow() {
            return Some("its matcher is not for all tools".to_owned());
        }
        if let Some((written, false)) = &self.timeout {
            return Some(format!("its time-out is {written}, and has to be {LEAST_TIME} s or more"));
        }
        self.launch.doubt()
    }

    /// Whether its group is not for all tools.
    fn is_narrow(&self) -> bool {
        self.matcher.as_deref().is_some_and(|matcher| !["", "*", ".*"].contains(&matcher))
    }
}

/// A file of settings, read.
#[derive(Debug)]
pub(super) struct Settings {
    text: String,
    document: Document<String>,
}

impl Settings {
    /// Reads the settings.
    ///
    /// # Errors
    /// Where it is no TOML.
    pub(super) fn read(text: &str) -> Result<Self, Fault> {
        let document = text.parse::<Document<String>>().map_err(|error| {
            let before = text.get(..error.span().map_or(0, |span| span.start)).unwrap_or_default();
            let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
            let why = error.message().lines().next().unwrap_or_default().to_owned();
            Fault::Syntax { line: before.matches('\n').count() + 1, column, why }
        })?;
        Ok(Self { text: text.to_owned(), document })
    }

    /// A switch.
    pub(super) fn flag(&self, path: &[&str]) -> Option<bool> {
        self.at(path)?.as_bool()
    }

    /// The tables in that at `path` whose names begin so: whether each has a switch of
    /// this name, and how it is set.
    pub(super) fn switches(&self, path: &[&str], start: &str, name: &str) -> Vec<Option<bool>> {
        let table = self.at(path).and_then(Item::as_table_like);
        let named = table.into_iter().flat_map(TableLike::iter).filter(|(key, _)| key.starts_with(start));
        named.map(|(_, item)| item.get(name).and_then(Item::as_bool)).collect()
    }

    fn at(&self, path: &[&str]) -> Option<&Item> {
        path.iter().try_fold(self.document.as_item(), |at, key| at.get(*key))
    }

    /// Whether hooks are written here, as tables with headers.
    pub(super) fn has_hooks(&self) -> bool {
        self.at(&["hooks"]).and_then(Item::as_table).is_some_and(|hooks| {
            hooks
                .iter()
                .any(|(_, groups)| groups.as_array_of_tables().is_some_and(|groups| !groups.is_empty()))
        }) && self.at(&EVENT).is_none_or(Item::is_array_of_tables)
    }

    /// Every entry of ours.
    pub(super) fn find(&self) -> Vec<Found> {
        let mut found = Vec::new();
        match self.at(&EVENT) {
            Some(Item::ArrayOfTables(groups)) => {
                for group in groups {
                    self.find_in(group, group.span(), &mut found);
                }
            }
            Some(Item::Value(Value::Array(groups))) => {
                for group in groups.iter().filter_map(Value::as_inline_table) {
                    self.find_in(group, None, &mut found);
                }
            }
            _ => {}
        }
        found
    }

    fn find_in(&self, group: &dyn TableLike, header: Option<Range<usize>>, found: &mut Vec<Found>) {
        let mut entries: Vec<&dyn TableLike> = Vec::new();
        match group.get("hooks") {
            Some(Item::ArrayOfTables(tables)) => {
                entries.extend(tables.iter().map(|table| table as &dyn TableLike));
            }
            Some(Item::Value(Value::Array(array))) => {
                entries.extend(
                    array.iter().filter_map(Value::as_inline_table).map(|table| table as &dyn TableLike),
                );
            }
            _ => {}
        }
        let lines = header.filter(|_| entries.len() == 1).map(|header| self.lines_of(header.start, group));
        for entry in entries {
            let command = entry.get("command").and_then(Item::as_str);
            if let Some(launch) = command.and_then(Launch::of_line) {
                let matcher = group.get("matcher").and_then(Item::as_str).map(str::to_owned);
                let timeout = entry.get("timeout").map(|item| match item.as_integer() {
                    Some(seconds) => (seconds.to_string(), seconds >= i64::from(LEAST_TIME)),
                    None => (format!("no whole number but a {}", item.type_name()), false),
                });
                found.push(Found { launch, matcher, timeout, lines: lines.clone() });
            }
        }
    }

    /// From a header to the end of the last line of its table, and the blank line
    /// above.
    fn lines_of(&self, start: usize, table: &dyn TableLike) -> Range<usize> {
        let end = end_of(table).max(start);
        let rest = self.text.get(end..).unwrap_or_default();
        let end = end + rest.find('\n').map_or(rest.len(), |at| at + 1);
        let above = self.text.get(..start).unwrap_or_default();
        let is_blank = above.ends_with("\n\n") || above.ends_with("\n\r\n") || above == "\n";
        let blank = if above.ends_with("\r\n") { 2 } else { 1 };
        (if is_blank { start - blank } else { start })..end
    }

    /// The text with one entry of ours, at the end.
    ///
    /// # Errors
    /// Where one that is outdated cannot be taken out.
    pub(super) fn installed(&self, command: &str, timeout: u32) -> Result<String, Fault> {
        let found = self.find();
        if let [one] = found.as_slice()
            && one.launch.shown() == command
            && one.weakness().is_none()
        {
            return Ok(self.text.clone());
        }
        let mut text = self.removed()?;
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        if !text.is_empty() && !text.ends_with('\n') {
            text.push_str(newline);
        }
        let command = basic_string(command);
        let lines = [
            String::new(),
            "[[hooks.PreToolUse]]".to_owned(),
            String::new(),
            "[[hooks.PreToolUse.hooks]]".to_owned(),
            "type = \"command\"".to_owned(),
            format!("command = {command}"),
            format!("timeout = {timeout}"),
        ];
        for line in lines {
            text.push_str(&line);
            text.push_str(newline);
        }
        Self::read(&text)?;
        Ok(text)
    }

    /// The text without any entry of ours.
    ///
    /// # Errors
    /// Where one shares its group, or is written in one line.
    pub(super) fn removed(&self) -> Result<String, Fault> {
        let mut text = self.text.clone();
        for found in self.find().iter().rev() {
            let lines = found
                .lines
                .clone()
                .ok_or_else(|| Fault::Shape(format!("take `{}` out of it by hand", found.launch.shown())))?;
            text.replace_range(lines, "");
        }
        let rest = Self::read(&text)?;
        if rest.find().is_empty() {
            Ok(text)
        } else {
            Err(Fault::Shape("take our entry out of it by hand".to_owned()))
        }
    }
}

/// Where the last value of a table ends.
fn end_of(table: &dyn TableLike) -> usize {
    let end = |item: &Item| match item {
        Item::None => 0,
        Item::Value(value) => value.span().map_or(0, |span| span.end),
        Item::Table(table) => table.span().map_or(0, |span| span.end).max(end_of(table)),
        Item::ArrayOfTables(tables) => tables
            .iter()
            .map(|table| table.span().map_or(0, |span| span.end).max(end_of(table)))
            .max()
            .unwrap_or(0),
    };
    table.iter().map(|(_, item)| end(item)).max().unwrap_or(0)
}

/// A string of TOML: as one of JSON, but for two characters that it has to escape.
fn basic_string(text: &str) -> String {
    super::node::quoted(text).replace('\u{7f}', "\\u007f")
}

#[cfg(test)]
#[path = "toml_tests.rs"]
mod tests;

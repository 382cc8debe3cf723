//! Commands in a terraform configuration: what provisioners run here and on the
//! machines that are made, and programs that data is asked from.
//!
//! What runs on a machine that was just made is judged as if it ran here: setting it up
//! is what that is for, and what would be grave here is grave there.

mod json;
mod placed;
mod planned;
mod text;
mod values;

use std::cell::Cell;
use std::path::Path;

use hcl_edit::expr::Expression;
use hcl_edit::parser::parse_body;
use hcl_edit::structure::{Block, Body};

use super::json::skipped;
use super::{Comments, Format, Passage, Piece, Unread};
use placed::Text;
pub use planned::planned;
use text::Reader;
use values::{Names, Values};

/// A configuration of terraform or `OpenTofu`.
pub(super) struct Terraform;

/// The same, written in JSON.
pub(super) struct TerraformJson;

impl Format for Terraform {
    fn name(&self) -> &'static str {
        "terraform configuration"
    }

    fn comments(&self) -> Comments {
        Comments::Slashes
    }

    fn is(&self, path: &Path, _: &str) -> bool {
        has_ending(path, &[".tf", ".tofu"])
    }

    fn read(&self, text: &str) -> Result<Vec<Piece>, Unread> {
        let skipped = skipped(text);
        let text = text.get(skipped..).unwrap_or_default();
        let body = parse_body(text).map_err(|error| Unread {
            at: skipped + error.location().offset(),
            why: format!("it is no terraform configuration: {}", error.message()),
        })?;
        let names = Names::of(&body);
        let place = |at: usize| skipped + at;
        let mut found = Found { text, place: &place, names: &names, pieces: Vec::new() };
        found.blocks(&body, None);
        Ok(found.pieces)
    }
}

impl Format for TerraformJson {
    fn name(&self) -> &'static str {
        "terraform configuration"
    }

    fn comments(&self) -> Comments {
        Comments::None
    }

    fn is(&self, path: &Path, _: &str) -> bool {
        has_ending(path, &[".tf.json", ".tofu.json"])
    }

    fn read(&self, text: &str) -> Result<Vec<Piece>, Unread> {
        json::read(text)
    }
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    endings.iter().any(|ending| name.ends_with(ending))
}

/// What is found in a configuration.
struct Found<'a> {
    text: &'a str,
    place: &'a dyn Fn(usize) -> usize,
    names: &'a Names<'a>,
    pieces: Vec<Piece>,
}

/// What a command is made of, where each is given.
#[derive(Clone, Copy, Default)]
struct Local<'a> {
    command: Option<&'a Expression>,
    interpreter: Option<&'a Expression>,
    environment: Option<&'a Expression>,
    directory: Option<&'a Expression>,
}

impl<'a> Found<'a> {
    /// Those in the blocks of `body`, which stands in the resource `own`.
    fn blocks(&mut self, body: &'a Body, own: Option<&'a Body>) {
        for block in body.blocks() {
            let label = |at: usize| block.labels.get(at).map_or("", |label| label.as_str());
            let value = |name: &str| block.body.get_attribute(name).map(|attribute| &attribute.value);
            match (block.ident.as_str(), label(0)) {
                ("provisioner", "local-exec") => {
                    let local = Local {
                        command: value("command"),
                        interpreter: value("interpreter"),
                        environment: value("environment"),
                        directory: value("working_dir"),
                    };
                    self.add(own, |reader| reader.local(local));
                }
                ("provisioner", "remote-exec") => {
                    if let Some(lines) = value("inline") {
                        self.add(own, |reader| lines_of(reader.list(lines)));
                    }
                }
                ("data", "external") => {
                    let local = Local {
                        interpreter: value("program"),
                        directory: value("working_dir"),
                        ..Local::default()
                    };
                    self.add(Some(&block.body), |reader| reader.local(local));
                }
                // Of the provider scottwinkler/shell.
                ("resource" | "data", "shell_script") => self.shell_script(block),
                _ => {}
            }
            let is_own = matches!(block.ident.as_str(), "resource" | "data");
            self.blocks(&block.body, if is_own { Some(&block.body) } else { own });
        }
    }

    fn shell_script(&mut self, script: &'a Block) {
        let value = |name: &str| script.body.get_attribute(name).map(|attribute| &attribute.value);
        for commands in script.body.get_blocks("lifecycle_commands") {
            for command in commands.body.attributes() {
                let local = Local {
                    command: Some(&command.value),
                    interpreter: value("interpreter"),
                    environment: value("environment"),
                    directory: value("working_directory"),
                };
                self.add(Some(&script.body), |reader| reader.local(local));
            }
        }
    }

    /// Adds what `command` says, in each branch of its conditions.
    fn add(&mut self, own: Option<&'a Body>, command: impl Fn(&Reader<'a>) -> Text) {
        let values = Values { names: self.names, own };
        let cut = Cell::new(None);
        let one = |branch| {
            let (left, is_cut) = (Cell::new(text::EFFORT), Cell::default());
            let reader = Reader { text: self.text, place: self.place, values, branch, left, cut: is_cut };
            let text = command(&reader);
            cut.set(cut.get().or(reader.cut.get().then(|| text.at())));
            text
        };
        self.pieces.extend(piece(one(true), one(false)));
        let why = "what its names stand for is too much to read".to_owned();
        self.pieces.extend(cut.get().map(|at| Piece::Unread(Unread { at, why })));
    }
}

/// What both branches of a command's conditions say; nothing where that is not known.
fn piece(text: Text, otherwise: Text) -> Option<Piece> {
    if !text.tells() && !otherwise.tells() {
        return None;
    }
    if text == otherwise {
        return Some(Piece::Passage(text.into_passage()));
    }
    let mut both = Text::default();
    for branch in [text, otherwise] {
        let at = branch.at();
        both.append(Text::made("(\n", at));
        both.append(branch);
        both.push("\n)\n", at, false);
    }
    Some(Piece::Passage(both.into_passage()))
}

/// Lines that one shell runs.
fn lines_of(lines: Vec<Text>) -> Text {
    let mut text = Text::default();
    for line in lines {
        let at = line.at();
        text.append(line);
        text.push("\n", at, false);
    }
    text
}

/// What a command on this machine is made of, as far as it is known.
#[derive(Default)]
struct Parts {
    environment: Vec<(String, Text)>,
    directory: Option<Text>,
    interpreter: Vec<Text>,
    command: Option<Text>,
}

impl<'a> Reader<'a> {
    fn local(&self, local: Local<'a>) -> Text {
        let environment = local.environment.map(|all| self.values.entries(all)).unwrap_or_default();
        let parts = Parts {
            environment: environment.into_iter().map(|(name, value)| (name, self.text(value))).collect(),
            directory: local.directory.map(|directory| self.text(directory)),
            interpreter: local.interpreter.map(|words| self.list(words)).unwrap_or_default(),
            command: local.command.map(|command| self.text(command)),
        };
        parts.into_text()
    }
}

impl Parts {
    /// What a shell is to run.
    fn into_text(self) -> Text {
        let mut words = self.interpreter;
        // An interpreter that is not known is taken for a shell.
        words.retain(|word| self.command.is_none() || word.tells());
        words.extend(self.command);
        let command = match shell_text(&words) {
            Some(command) => command.clone(),
            None => words_of(words),
        };
        if !command.tells() {
            return Text::default();
        }
        let mut text = Text::default();
        for (name, value) in self.environment {
            let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if is_name && value.tells() {
                text.add_line(&format!("export {name}="), value);
            }
        }
        if let Some(directory) = self.directory {
            text.add_line("cd ", directory);
        }
        text.append(command);
        text
    }
}

/// The text among `words` that a shell is given, so that its parts keep their places.
fn shell_text(words: &[Text]) -> Option<&Text> {
    const SHELLS: [&str; 7] = ["ash", "bash", "dash", "ksh", "mksh", "sh", "zsh"];
    if let [alone] = words {
        return Some(alone);
    }
    let known: Vec<String> = words.iter().map_while(Text::known).collect();
    let name = |word: &String| word.rsplit('/').next().unwrap_or_default().to_owned();
    let shell = known.iter().position(|word| name(word) != "env")?;
    if !SHELLS.contains(&name(known.get(shell)?).as_str()) {
        return None;
    }
    let is_text = |word: &String| word.starts_with('-') && !word.starts_with("--") && word.contains('c');
    let flags = known.iter().skip(shell + 1);
    let count = flags.clone().take_while(|word| !is_text(word)).count();
    let plain = flags.clone().take(count).all(|word| word.starts_with(['-', '+']) || word == "pipefail");
    words.get(shell + count + 2).filter(|_| plain)
}

/// Words of one command.
fn words_of(words: Vec<Text>) -> Text {
    let mut text = Text::default();
    for (number, word) in words.into_iter().enumerate() {
        let at = word.at();
        if number > 0 {
            text.push(" ", at, false);
        }
        text.append(word.quoted());
    }
    text
}

#[cfg(test)]
mod tests;

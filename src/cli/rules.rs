//! `tollgate rules`: shows and checks the rulebook.

use std::io::Write;
use std::path::PathBuf;

use serde_json::json;

use crate::process::Process;
use crate::rules::about;
use crate::rules::book::{Layer, Origin, Rulebook};
use crate::rules::builtin;
use crate::rules::carried::REMOTE;
use crate::rules::judge::UNKNOWN_COMMAND;
use crate::rules::load::{self, nearest};
use crate::rules::schema::{Rule, RuleFile, Strings};
use crate::rules::{layers, operations};
use crate::ui::sanitize;
use crate::verdict::{Effect, PrincipalKind};

mod check;
mod operation;
mod own;
mod tested;
mod unfiled;

/// What to do with the rulebook.
#[derive(Debug, clap::Subcommand)]
pub enum RulesCommand {
    /// List the rules that count here
    List {
        /// Only rules for this tool
        #[arg(long, value_name = "TOOL")]
        tool: Option<String>,
        /// Only rules with this effect
        #[arg(long, value_name = "EFFECT", value_parser = effect)]
        effect: Option<Effect>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Show one rule, and what it asks for
    Show {
        /// The rule's id
        id: String,
    },
    /// Check rule files; without FILE, every layer that counts here
    Lint {
        /// Files to check as a layer on top of the built-in rules
        files: Vec<PathBuf>,
    },
    /// Judge the cases of rule files; without FILE, of every layer that counts here
    Test {
        /// Files to check as a layer on top of the built-in rules
        files: Vec<PathBuf>,
        /// Print what each case that a rule matches would be asked for
        #[arg(long, short)]
        verbose: bool,
    },
}

fn effect(text: &str) -> Result<Effect, String> {
    let find = Effect::ALL.into_iter().find(|effect| effect.name() == text);
    find.ok_or_else(|| format!("expected one of {}", Effect::ALL.map(Effect::name).join(", ")))
}

/// A layer with its files' texts.
struct Texts {
    book: Rulebook,
    /// For each layer, its files' texts.
    texts: Vec<Vec<String>>,
}

/// Every tool that a link is made for unasked.
///
/// # Errors
/// Where a layer is broken.
pub fn known_tools(process: &dyn Process) -> anyhow::Result<Vec<String>> {
    Ok(here(process)?.guarded_tools())
}

fn here(process: &dyn Process) -> Result<Rulebook, crate::gate::GateError> {
    let places = layers::Directories::of(process);
    let directories: Vec<PathBuf> = process.current_dir().into_iter().collect();
    Ok(layers::load(&places, &[], &directories, process.user().uid)?)
}

/// Does what `command` says; what it returns is the exit code.
///
/// # Errors
/// Where a layer is broken or a rule is not there.
pub fn run(command: &RulesCommand, process: &dyn Process, out: &mut dyn Write) -> anyhow::Result<u8> {
    match command {
        RulesCommand::List { tool, effect, json } => {
            let book = here(process)?;
            if let Some(tool) = tool.as_ref().filter(|tool| !book.names(tool)) {
                let _ = writeln!(std::io::stderr(), "tollgate: no rule speaks of {}", sanitize::text(tool));
            }
            let today = process.now().to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
            let wanted = Wanted { tool: tool.as_deref(), effect: *effect };
            list(&book, &wanted, &today, *json, out)?;
        }
        RulesCommand::Show { id } => show(&with_texts(here(process)?)?, id, out)?,
        RulesCommand::Lint { files } => return check::lint(process, files, out),
        RulesCommand::Test { files, verbose } => {
            let shown = tested::Shown {
                verbose: *verbose,
                coloured: crate::ui::colour::of_output(process.environment()),
            };
            return tested::test(process, files, shown, out);
        }
    }
    Ok(0)
}

fn every_rule(book: &Rulebook) -> impl Iterator<Item = (&Layer, &RuleFile, &Rule)> {
    book.layers.iter().flat_map(|layer| {
        layer.files().iter().flat_map(move |(_, file)| file.rules.iter().map(move |rule| (layer, file, rule)))
    })
}

/// The widest column of ids; some operations have longer ones.
const WIDTH: usize = 60;

/// Which rules to list.
struct Wanted<'a> {
    tool: Option<&'a str>,
    effect: Option<Effect>,
}

fn list(
    book: &Rulebook,
    wanted: &Wanted<'_>,
    today: &str,
    json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let Wanted { tool, effect } = *wanted;
    // There are too many of them to be shown unasked.
    let table = &RuleFile { tools: Strings(vec![operations::TOOL.to_owned()]), ..RuleFile::default() };
    let operations: Vec<Rule> = tool
        .filter(|tool| *tool == operations::TOOL)
        .map(|_| operations::all())
        .into_iter()
        .flatten()
        .collect();
    let built_in = book.layers.iter().filter(|layer| layer.origin == Origin::BuiltIn);
    let operations = built_in.flat_map(|layer| operations.iter().map(move |rule| (layer, table, rule)));
    let rules: Vec<_> = every_rule(book)
        .filter(|(_, file, _)| tool.is_none_or(|tool| file.tools.has(tool)))
        .chain(operations)
        .filter(|(_, _, rule)| effect.is_none_or(|effect| rule.effect.0.contains(&effect)))
        .collect();
    if json {
        let rules: Vec<_> = rules
            .iter()
            .map(|(layer, file, rule)| {
                json!({
                    "id": rule.id, "summary": rule.summary, "effects": rule.effect.0, "risk": rule.risk,
                    "tools": file.tools.0, "layer": layer.origin.name(), "reason": rule.reason, "safer": rule.safer,
                })
            })
            .collect();
        let mut object = json!({ "schema": 1, "rules": rules });
        own::add_to(&mut object, book, today);
        serde_json::to_writer_pretty(&mut *out, &object)?;
        writeln!(out)?;
        return Ok(());
    }
    let width = rules.iter().map(|(_, _, rule)| rule.id.len()).max().unwrap_or(0).min(WIDTH);
    for (layer, _, rule) in rules {
        let effects: Vec<&str> = rule.effect.0.iter().map(|effect| effect.name()).collect();
        let origin = if layer.origin == Origin::BuiltIn {
            String::new()
        } else {
            format!(" [{}]", layer.origin.name())
        };
        writeln!(
            out,
            "{:<width$}  {:<18} {:<8}  {}{origin}",
            sanitize::text(&rule.id),
            effects.join("+"),
            rule.risk.name(),
            sanitize::text(&rule.summary)
        )?;
    }
    if tool.is_none() && book.names(operations::TOOL) {
        let number = crate::command::aws::operations::all(None).len();
        let _ =
            writeln!(std::io::stderr(), "tollgate: and {number} operations of aws: rules list --tool aws");
    }
    Ok(own::print(book, today, out)?)
}

/// The texts of the files in `book`; built-in ones come with their cases.
fn with_texts(mut book: Rulebook) -> anyhow::Result<Texts> {
    let mut texts = Vec::new();
    for layer in &mut book.layers {
        let mut layer_texts = Vec::new();
        if layer.origin == Origin::BuiltIn {
            let mut files = Vec::new();
            for (name, text) in builtin::texts()? {
                let path = PathBuf::from(name);
                files.push((path.clone(), load::parse(&path, &text)?));
                layer_texts.push(text);
            }
            *layer = Layer::new(layer.origin, files, layer.for_human, layer.for_agent);
        } else {
            for (path, _) in layer.files() {
                layer_texts.push(load::read(path)?.unwrap_or_default());
            }
        }
        texts.push(layer_texts);
    }
    Ok(Texts { book, texts })
}

fn show(all: &Texts, id: &str, out: &mut dyn Write) -> anyhow::Result<()> {
    for (layer, texts) in all.book.layers.iter().zip(&all.texts) {
        for ((path, file), text) in layer.files().iter().zip(texts) {
            let Some(rule) = file.rules.iter().find(|rule| rule.id == id) else { continue };
            writeln!(out, "# {} ({} layer)", sanitize::os(path.as_os_str()), layer.origin.name())?;
            for line in block(text, id) {
                writeln!(out, "{}", sanitize::text(line))?;
            }
            return Ok(asked(&all.book, rule, out)?);
        }
    }
    if let Some((rule, operation)) = operations::by_id(id) {
        return Ok(operation::show(&all.book, &rule, operation, out)?);
    }
    if let Some((tool, UNKNOWN_COMMAND)) = id.split_once('/') {
        return unknown(tool, &all.book, out);
    }
    if let Some(about) = about::unfiled(id) {
        return Ok(unfiled::show(id, &about, &all.book, out)?);
    }
    let operations: Vec<String> = operations::near(id).collect();
    let ids = every_rule(&all.book).map(|(_, _, rule)| rule.id.as_str()).chain(about::UNFILED);
    let near = nearest(id, ids.chain(operations.iter().map(String::as_str)));
    let help = near.map(|near| format!(", did you mean `{near}`?")).unwrap_or_default();
    let message = format!("there is no rule `{}`{help}\n", sanitize::text(id));
    Err(clap::Error::raw(clap::error::ErrorKind::InvalidValue, message).into())
}

/// What a rule asks for, by who asks and where.
fn asked(book: &Rulebook, rule: &Rule, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "\n# What it asks for: ordinary, guarded")?;
    for principal in [PrincipalKind::Human, PrincipalKind::Agent] {
        let asked = [false, true].map(|guarded| crate::rules::judge::policy(book, rule, principal, guarded));
        writeln!(out, "#   {:<6} {}, {}", principal.name(), asked[0], asked[1])?;
    }
    Ok(())
}

/// What it means that no rule knows a command.
fn unknown(tool: &str, book: &Rulebook, out: &mut dyn Write) -> anyhow::Result<()> {
    let (effect, what) = if tool == REMOTE {
        (Effect::Execute, "a program that no rule knows is run in a container")
    } else {
        (Effect::Unknown, "no rule knows this command of the tool")
    };
    writeln!(out, "# {}: {what}", sanitize::text(&format!("{tool}/{UNKNOWN_COMMAND}")))?;
    writeln!(out, "# If it is harmless, a rule of your own makes it known; docs/rulebook.md shows how.")?;
    writeln!(out, "\neffect: {effect}\n\n# What it asks for: ordinary, guarded")?;
    for principal in [PrincipalKind::Human, PrincipalKind::Agent] {
        let asked = [false, true].map(|guarded| book.cell(effect, principal, guarded));
        writeln!(out, "#   {:<6} {}, {}", principal.name(), asked[0], asked[1])?;
    }
    Ok(())
}

/// The lines of a rule in its file, without their indent.
fn block<'a>(text: &'a str, id: &str) -> impl Iterator<Item = &'a str> {
    let start = format!("- id: {id}");
    let lines = text.lines().skip_while(move |line| line.trim() != start);
    let indent = text
        .lines()
        .find(|line| line.trim_start().starts_with("- id: "))
        .map_or(0, |line| line.len() - line.trim_start().len());
    let mut first = true;
    lines
        .take_while(move |line| std::mem::take(&mut first) || !line.trim_start().starts_with("- id: "))
        .filter(|line| !line.trim().is_empty())
        .map(move |line| line.get(indent..).unwrap_or(line))
}

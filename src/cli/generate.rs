//! Everything in the repository that comes from the program itself:
//! completions, manual pages, the JSON schema and the rule reference.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;

use super::Cli;
use crate::authorization::approvers::file as approvers;
use crate::rules::builtin;
use crate::rules::load;
use crate::rules::schema::{PolicyCells, Rule, RuleFile};
use crate::verdict::{Decision, Effect};

/// Writes the completion script for `shell`.
pub fn completions(shell: Shell, out: &mut dyn Write) {
    clap_complete::generate(shell, &mut Cli::command(), "tollgate", &mut { out });
}

/// Writes the manual page of `command`.
///
/// # Errors
/// Where it cannot be written.
pub fn manual(command: &clap::Command, out: &mut dyn Write) -> io::Result<()> {
    Man::new(command.clone()).render(&mut { out })
}

/// Writes every generated file below `root`.
///
/// # Errors
/// Where one cannot be written.
pub fn all(root: &Path) -> anyhow::Result<()> {
    for (shell, name) in
        [(Shell::Bash, "tollgate.bash"), (Shell::Zsh, "_tollgate"), (Shell::Fish, "tollgate.fish")]
    {
        let mut script = Vec::new();
        completions(shell, &mut script);
        write(&root.join("completions").join(name), &script)?;
    }
    let mut command = Cli::command();
    command.build();
    manual_pages(&root.join("man"), &command, "tollgate")?;
    write(&root.join("schema/rules.schema.json"), schema()?.as_bytes())?;
    write(&root.join("schema/approvers.schema.json"), approvers_schema()?.as_bytes())?;
    write(&root.join("docs/rules.md"), reference()?.as_bytes())?;
    Ok(())
}

fn write(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)?;
    }
    std::fs::write(path, content).map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))
}

/// One page for the command and one for each below it: `tollgate-shim-list.1`.
fn manual_pages(directory: &Path, command: &clap::Command, name: &str) -> anyhow::Result<()> {
    let mut page = Vec::new();
    manual(&command.clone().name(name.to_owned()), &mut page)?;
    write(&directory.join(format!("{name}.1")), &page)?;
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        manual_pages(directory, below, &format!("{name}-{}", below.get_name()))?;
    }
    Ok(())
}

/// The JSON schema of a rule file, for editors.
fn schema() -> anyhow::Result<String> {
    let mut schema = schemars::schema_for!(RuleFile);
    // `tool: x` is the short form of `tools: [x]`.
    if let Some(properties) = schema.get_mut("properties").and_then(serde_json::Value::as_object_mut)
        && let Some(tools) = properties.get("tools").cloned()
    {
        properties.insert("tool".to_owned(), tools);
    }
    Ok(serde_json::to_string_pretty(&schema)? + "\n")
}

/// The same of a list of approvers.
fn approvers_schema() -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(&schemars::schema_for!(approvers::File))? + "\n")
}

/// The reference of the shipped rules, in Markdown.
fn reference() -> anyhow::Result<String> {
    let mut text = String::from(
        "# The shipped rules\n\n\
         Generated from `rules/` by `tollgate generate`. How to read and write rules: [rulebook.md](rulebook.md).\n",
    );
    for (name, yaml) in builtin::texts()? {
        let file = load::parse(Path::new(name), &yaml)?;
        if !file.policy.is_empty() {
            policy(&mut text, &file)?;
        }
        if !file.rules.is_empty() {
            writeln!(text, "\n## {}\n", file.tools.0.join(", "))?;
            writeln!(text, "| rule | effect | risk | what it does |\n|---|---|---|---|")?;
            for rule in &file.rules {
                let anchor = rule.id.replace('/', "");
                writeln!(
                    text,
                    "| [{}](#{anchor}) | {} | {} | {} |",
                    rule.id,
                    effects(rule),
                    rule.risk,
                    rule.summary
                )?;
            }
            for rule in &file.rules {
                one(&mut text, rule)?;
            }
        }
    }
    Ok(text)
}

fn effects(rule: &Rule) -> String {
    rule.effect.0.iter().map(|effect| effect.name()).collect::<Vec<_>>().join(", ")
}

fn policy(text: &mut String, file: &RuleFile) -> std::fmt::Result {
    writeln!(text, "\n## Policy\n")?;
    writeln!(
        text,
        "What each effect asks for. Risk `critical` raises an agent's confirm to peer, and a human's allow to confirm.\n"
    )?;
    writeln!(
        text,
        "| effect | is what | human, ordinary | human, guarded | agent, ordinary | agent, guarded |\n|---|---|---|---|---|---|"
    )?;
    let cell = |cell: Option<Decision>| cell.map_or("", Decision::name);
    for effect in Effect::ALL {
        let Some(row) = file.policy.get(&effect) else { continue };
        let PolicyCells { ordinary, guarded } = row.human;
        writeln!(
            text,
            "| {effect} | {} | {} | {} | {} | {} |",
            effect.meaning(),
            cell(ordinary),
            cell(guarded),
            cell(row.agent.ordinary),
            cell(row.agent.guarded)
        )?;
    }
    Ok(())
}

fn one(text: &mut String, rule: &Rule) -> std::fmt::Result {
    writeln!(text, "\n### {}\n\n{} Effect: {}; risk: {}.", rule.id, rule.summary, effects(rule), rule.risk)?;
    if let Some(reason) = &rule.reason {
        writeln!(text, "\n- Why: {reason}")?;
    }
    if let Some(safer) = &rule.safer {
        writeln!(text, "- Instead: `{safer}`")?;
    }
    if let Some(docs) = &rule.docs {
        writeln!(text, "- [The tool's own page]({docs})")?;
    }
    writeln!(text, "\n```sh\n# matches")?;
    for case in &rule.cases.matches {
        writeln!(text, "{case}")?;
    }
    writeln!(text, "# does not match")?;
    for case in &rule.cases.no_match {
        writeln!(text, "{case}")?;
    }
    writeln!(text, "```")
}

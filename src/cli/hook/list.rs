//! `tollgate hook list`: which agents are here, and where our entries are.

use std::io::Write;

use serde_json::{Value, json};

use super::shown;
use crate::agents::{self, Entry};
use crate::process::Process;
use crate::ui::sanitize;

/// Shows it.
///
/// # Errors
/// Where `out` cannot be written.
pub(super) fn run(as_json: bool, process: &dyn Process, out: &mut dyn Write) -> anyhow::Result<u8> {
    let found = agents::installed(process);
    let present: Vec<_> = agents::present(process).iter().map(|agent| agent.name).collect();
    let of = |name: &str| found.entries.iter().filter(move |entry| entry.agent == name).collect::<Vec<_>>();
    if as_json {
        let agents = agents::AGENTS.map(|agent| {
            json!({
                "agent": agent.name,
                "title": agent.title,
                "present": present.contains(&agent.name),
                "entries": of(agent.name).into_iter().map(object).collect::<Vec<_>>(),
            })
        });
        let unread = found.unread.iter().map(|unread| {
            json!({ "agent": unread.agent, "file": sanitize::os(unread.file.as_os_str()), "why": sanitize::text(&unread.why) })
        });
        let object = json!({ "schema": 1, "agents": agents, "unread": unread.collect::<Vec<_>>() });
        serde_json::to_writer_pretty(&mut *out, &object)?;
        writeln!(out)?;
        return Ok(0);
    }
    writeln!(out, "{:<12} {:<5} {:<8} HOOK", "AGENT", "HERE", "SCOPE")?;
    for agent in agents::AGENTS {
        let here = if present.contains(&agent.name) { "yes" } else { "no" };
        let entries = of(agent.name);
        if entries.is_empty() {
            writeln!(out, "{:<12} {here:<5} {:<8} -", agent.name, "-")?;
        }
        for entry in entries {
            let event = if entry.event.is_empty() { String::new() } else { format!(" ({})", entry.event) };
            let command = sanitize::text(&entry.command.shown()).into_owned();
            let (scope, file) = (entry.scope.name(), shown(&entry.file));
            writeln!(out, "{:<12} {here:<5} {scope:<8} {file}{event}: {command}", agent.name)?;
            if let Err(why) = &entry.enabled {
                writeln!(out, "{:<27} off: {}", "", sanitize::text(why))?;
            }
            if entry.fails_closed == Some(false) {
                writeln!(out, "{:<27} a failure lets the call through: install again", "")?;
            }
        }
    }
    for unread in &found.unread {
        let (file, why) = (shown(&unread.file), sanitize::text(&unread.why));
        writeln!(out, "{}: {file} cannot be read: {why}", unread.agent)?;
    }
    Ok(0)
}

fn object(entry: &Entry) -> Value {
    json!({
        "scope": entry.scope.name(),
        "file": sanitize::os(entry.file.as_os_str()),
        "event": entry.event,
        "command": sanitize::text(&entry.command.shown()),
        "program": sanitize::text(entry.command.program()),
        "enabled": entry.enabled.is_ok(),
        "off": entry.enabled.as_ref().err().map(|why| sanitize::text(why)),
        "fails_closed": entry.fails_closed,
    })
}

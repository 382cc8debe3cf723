//! What was seen and is in no environment, and the lines that would classify it.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use super::{Mark, Report};
use crate::audit;
use crate::context::{kube, target_of};
use crate::gate::{self, Reading};
use crate::invocation::Invocation;
use crate::process::Process;
use crate::rules::environment::classify;
use crate::rules::layers::Directories;
use crate::ui::sanitize;
use crate::verdict::{Fact, PrincipalKind};

/// The facts that name a place somebody may call production.
const NAMES: [Fact; 4] = [Fact::Workspace, Fact::Backend, Fact::Context, Fact::Profile];

/// Lists workspaces, backends and profiles of this directory, contexts of the
/// kubeconfig, and those of the record that no environment matches.
pub(super) fn report(process: &dyn Process, places: &Directories, report: &mut Report<'_>) -> io::Result<()> {
    let mut seen: BTreeSet<(Fact, String)> = BTreeSet::new();
    here(process, &mut seen);
    contexts(process, &mut seen);
    if let Some(state) = &places.state {
        recorded(state, &mut seen);
    }
    // The default workspace says nothing about what it is.
    seen.retain(|(_, value)| value != "default" && !value.ends_with("://"));
    if seen.is_empty() {
        return Ok(());
    }
    report.title("Seen, and in no environment")?;
    for (fact, value) in &seen {
        report.line(Mark::Note, &format!("{} {value}", fact.name()))?;
    }
    report.advice("If one of them is production, add it to a file in your rules directory:")?;
    let file = places.config.as_ref().map(|config| config.join("rules/environments.yaml"));
    if let Some(file) = file {
        report.advice(&format!("# {}", file.display()))?;
    }
    for line in ["version: 1", "environments:", "  - name: prod-here", "    guarded: true", "    match:"] {
        report.advice(line)?;
    }
    for (fact, value) in &seen {
        let quoted = serde_json::to_string(value).unwrap_or_default();
        report.advice(&format!("      - {}: {}", fact.name(), sanitize::text(&quoted)))?;
    }
    Ok(())
}

/// What a terraform started here would act on, and the workspaces beside it.
fn here(process: &dyn Process, seen: &mut BTreeSet<(Fact, String)>) {
    let Ok(directory) = process.current_dir() else { return };
    let invocation = Invocation { tool: "terraform".into(), program: None, arguments: vec!["plan".into()] };
    let Ok(inquiry) = gate::inquire(process, &invocation, Some(directory.clone()), Reading::Whole) else {
        return;
    };
    let mut target = target_of(&inquiry.command, process.environment(), Some(&directory));
    for entry in std::fs::read_dir(directory.join("terraform.tfstate.d")).into_iter().flatten().flatten() {
        target.add(Fact::Workspace, entry.file_name().to_string_lossy());
    }
    for fact in NAMES {
        for value in target.values(fact) {
            let mut alone = crate::context::target::Target::default();
            alone.add(fact, value);
            if classify(&inquiry.book, &alone, PrincipalKind::Agent).names().next().is_none() {
                seen.insert((fact, value.to_owned()));
            }
        }
    }
}

/// The contexts that kubectl knows here, by themselves or by what they lead to
/// in no environment.
fn contexts(process: &dyn Process, seen: &mut BTreeSet<(Fact, String)>) {
    let directory = process.current_dir().ok();
    let get = |context: Option<&str>| {
        let named = context.into_iter().flat_map(|name| ["--context", name]);
        let arguments = named.chain(["get", "pods"]).map(Into::into).collect();
        let invocation = Invocation { tool: "kubectl".into(), program: None, arguments };
        gate::inquire(process, &invocation, directory.clone(), Reading::Whole).ok()
    };
    let Some(inquiry) = get(None) else { return };
    for name in kube::contexts(&inquiry.command, process.environment(), directory.as_deref()) {
        let Some(inquiry) = get(Some(&name)) else { continue };
        let target = target_of(&inquiry.command, process.environment(), directory.as_deref());
        if classify(&inquiry.book, &target, PrincipalKind::Agent).names().next().is_none() {
            seen.insert((Fact::Context, name));
        }
    }
}

/// What gated commands acted on while it was unclassified.
fn recorded(state: &Path, seen: &mut BTreeSet<(Fact, String)>) {
    let Ok(history) = audit::history(state, None) else { return };
    for incident in &history.incidents {
        let Some(decision) = incident.entry("decision") else { continue };
        if decision.text("environment") != Some("unclassified") {
            continue;
        }
        for (name, value) in decision.map("target") {
            if let Some(fact) = NAMES.into_iter().find(|fact| fact.name() == name) {
                // Several values stand in one line there.
                seen.extend(value.split(", ").map(|value| (fact, value.to_owned())));
            }
        }
    }
}

//! `tollgate undo`: makes again what a run deleted, as far as it was kept.
//!
//! What is made goes through the gate like any `kubectl create`, one for the cluster's own
//! objects and one for each namespace, so that the same rules hold for it.

mod plan;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use serde_json::json;

use plan::{Group, Plan};

use crate::audit::{Actor, Event, Log};
use crate::authorization::prompt;
use crate::authorization::terminal::Answer;
use crate::context::principal::{self, Principal};
use crate::gate::{self, Assumptions, REFUSED, Reading};
use crate::impact::kube::kept::{self, Record, count};
use crate::impact::probe::Probe;
use crate::invocation::Invocation;
use crate::process::{Executable, Process};
use crate::rules::layers::Directories;
use crate::shim::real::{Own, find_real};
use crate::ui::sanitize;
use crate::verdict::{Decision, PrincipalKind};

/// The tool whose deletions are undone.
const TOOL: &str = "kubectl";

/// A token is for the command that is approved, not for looks.
const TOKEN: &str = "TOLLGATE_TOKEN";

/// How long a kind that was made may take until objects of it can be.
const ESTABLISHED: std::time::Duration = std::time::Duration::from_secs(30);

/// What to undo.
#[derive(Debug, clap::Args)]
pub struct UndoArguments {
    /// The run, by the id that was told after it, or the beginning of that
    #[arg(value_name = "ID", required_unless_present = "list")]
    id: Option<String>,
    /// List what can be undone, the newest last
    #[arg(long, conflicts_with_all = ["id", "dry_run"])]
    list: bool,
    /// Print that list as an array of JSON objects
    #[arg(long, requires = "list")]
    json: bool,
    /// Show what would be made again, make nothing
    #[arg(long)]
    dry_run: bool,
}

/// Does what was asked; returns the exit code.
///
/// # Errors
/// Where what was kept cannot be read, or nothing can be recorded.
pub fn run(arguments: &UndoArguments, process: &dyn Process, out: &mut dyn Write) -> anyhow::Result<u8> {
    let state = Directories::of(process).state.context("there is no home directory to keep anything in")?;
    kept::prune(&state, process.now());
    let Some(id) = &arguments.id else { return list(&state, arguments.json, process, out) };
    let record = by_id(&state, id, process)?;
    let undo = Undo::of(&record, process)?;
    if let Err(why) = undo.same_cluster() {
        return refused(&record, &why, "run it where the same context leads to that cluster");
    }
    let plan = Plan::of(&record, &undo.program, &undo.directory);
    write!(out, "{}", plan.shown(&record))?;
    out.flush()?;
    if plan.made.is_empty() {
        writeln!(out, "nothing is to be made")?;
        return Ok(0);
    }
    if arguments.dry_run {
        writeln!(out, "nothing was made: `tollgate undo {}` does", record.id)?;
        return Ok(0);
    }
    let groups = plan.groups();
    if let Some(because) = undo.ask(&groups)? {
        return refused(&record, &because, "run it again at a terminal, and answer there");
    }
    undo.note(&state, &plan, None)?;
    let (made, code) = undo.make(&groups, out)?;
    undo.note(&state, &plan, Some(made))?;
    let all = plan.made.len();
    if code == REFUSED {
        writeln!(
            std::io::stderr(),
            "tollgate: {made} of {} made; once that is approved, `tollgate undo {}` goes on",
            count(all),
            record.id
        )?;
    } else {
        writeln!(out, "{made} of {} made again", count(all))?;
        if made < all {
            writeln!(out, "`tollgate undo {}` tries the others again", record.id)?;
        }
    }
    Ok(code)
}

/// The record of this name.
fn by_id(state: &std::path::Path, id: &str, process: &dyn Process) -> anyhow::Result<Record> {
    let wanted = id.to_ascii_uppercase();
    let ids = kept::ids(state).map_err(anyhow::Error::msg)?;
    let found: Vec<&String> = ids.iter().filter(|id| !wanted.is_empty() && id.starts_with(&wanted)).collect();
    let shown = sanitize::text(id);
    let id = match found.as_slice() {
        [one] => *one,
        [] => bail!("nothing is kept of {shown}: `tollgate undo --list` shows what is"),
        _ => bail!("{shown} is the beginning of several: give more of it"),
    };
    match kept::load(state, id, process.now()).map_err(anyhow::Error::msg)? {
        Some(record) => Ok(record),
        None => bail!("what was kept of {id} was kept long enough, and is gone"),
    }
}

/// Says why nothing is made.
fn refused(record: &Record, because: &str, approve: &str) -> anyhow::Result<u8> {
    writeln!(
        std::io::stderr(),
        "tollgate: refused: undo {}\n  because:  {}; nothing was made\n  approve:  {approve}",
        record.id,
        sanitize::text(because)
    )?;
    Ok(REFUSED)
}

fn list(
    state: &std::path::Path,
    as_json: bool,
    process: &dyn Process,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let mut records = Vec::new();
    for id in kept::ids(state).map_err(anyhow::Error::msg)? {
        match kept::load(state, &id, process.now()) {
            Ok(record) => records.extend(record),
            Err(why) => writeln!(std::io::stderr(), "tollgate: warning: {}", sanitize::text(&why))?,
        }
    }
    records.sort_by_key(|record| record.when);
    if as_json {
        let items: Vec<_> = records
            .iter()
            .map(|record| {
                let names: Vec<String> = record
                    .objects
                    .iter()
                    .map(|one| kept::manifest::Manifest(&one.manifest).shown())
                    .collect();
                let withheld = record.objects.iter().filter(|one| !one.withheld.is_empty()).count();
                json!({
                    "id": record.id, "when": record.when, "until": record.until, "command": record.command,
                    "context": record.aim.context, "server": record.aim.server,
                    "namespace": record.aim.namespace, "objects": names,
                    "secrets_without_data": withheld, "missing": record.missing,
                })
            })
            .collect();
        writeln!(out, "{}", sanitize::json(&serde_json::to_string_pretty(&items)?))?;
        return Ok(0);
    }
    if records.is_empty() {
        writeln!(out, "nothing is kept")?;
    }
    for record in &records {
        let (when, until) = (record.when.strftime("%Y-%m-%d %H:%M UTC"), record.until.strftime("%Y-%m-%d"));
        let place = record.aim.context.as_deref().or(record.aim.server.as_deref()).unwrap_or("nowhere known");
        writeln!(out, "{}  {when}, {}, until {until}", record.id, count(record.objects.len()))?;
        writeln!(out, "    {} in {}", sanitize::text(&record.command), sanitize::text(place))?;
    }
    Ok(0)
}

/// One undo, with all that it is done with.
struct Undo<'a> {
    record: &'a Record,
    process: &'a dyn Process,
    directory: PathBuf,
    /// The real kubectl, in the environment in which the same cluster is found.
    program: Executable,
    principal: Principal,
}

impl<'a> Undo<'a> {
    fn of(record: &'a Record, process: &'a dyn Process) -> anyhow::Result<Self> {
        let directory = process.current_dir().context("the working directory is gone")?;
        let own = Own::of_this_process().context("cannot tell which file this tollgate is")?;
        let path = find_real(TOOL.as_ref(), process.environment().get("PATH"), &own)?.path;
        let mut environment = record.aim.environment(process.environment());
        environment.remove(TOKEN);
        let principal = principal::detect(process.environment(), prompt::human_terminal().is_ok());
        let program = Executable { path, arguments: Vec::new(), environment };
        Ok(Self { record, process, directory, program, principal })
    }

    /// Whether the words that led to the cluster lead to the same now.
    fn same_cluster(&self) -> Result<(), String> {
        let now = self.record.aim.again(&self.program, &self.directory);
        let now = now.map_err(|error| crate::ui::chain(&error))?;
        self.record
            .aim
            .same(&now)
            .map_err(|why| format!("that is not the cluster where it was deleted: {why}"))
    }

    /// The words that make a group.
    fn words(&self, group: &Group<'_>) -> Vec<std::ffi::OsString> {
        let mut words = vec![TOOL.into(), "create".into()];
        words.extend(self.record.aim.arguments());
        words.extend(group.namespace.map(|name| format!("--namespace={name}").into()));
        words.extend(["-f".into(), "-".into()]);
        words
    }

    /// Asks a person at a terminal, where the gate does not; why not, where they say no.
    fn ask(&self, groups: &[Group<'_>]) -> anyhow::Result<Option<String>> {
        if self.principal.kind == PrincipalKind::Agent || groups.iter().all(|group| self.is_gated(group)) {
            return Ok(None);
        }
        let Ok(mut terminal) = prompt::human_terminal() else { return Ok(None) };
        let mut turn = match prompt::turn_at(&mut terminal) {
            Ok(turn) => turn,
            Err(refused) => return Ok(Some(refused.because)),
        };
        Ok(match turn.confirm("Make them again?", prompt::PATIENCE)? {
            Answer::Yes => None,
            Answer::No(refusal) => Some(format!("at the prompt: {refusal}")),
        })
    }

    /// Whether the gate asks somebody about a group by itself.
    fn is_gated(&self, group: &Group<'_>) -> bool {
        let Some(invocation) = Invocation::of_words(&self.words(group)) else { return true };
        let world = crate::process::Within::new(
            self.process,
            self.record.aim.environment(self.process.environment()),
            Some(self.directory.clone()),
        );
        let inquiry = gate::inquire(&world, &invocation, Some(self.directory.clone()), Reading::Candidates);
        inquiry.is_ok_and(|inquiry| {
            gate::judged(&world, &inquiry, &Assumptions::default()).judgement.decision > Decision::Allow
        })
    }

    /// Records that it begins, or what came of it.
    fn note(&self, state: &std::path::Path, plan: &Plan<'_>, made: Option<usize>) -> anyhow::Result<()> {
        let user = self.process.user();
        let agent = (self.principal.kind == PrincipalKind::Agent)
            .then(|| self.principal.name.clone().unwrap_or_else(|| "unnamed".to_owned()));
        let event = Event::Undo {
            request: self.record.id.clone(),
            actor: Actor { uid: user.uid, user: user.name.clone(), agent },
            objects: plan.made.len(),
            made,
        };
        let _receipt = Log::at(state).append(&event, self.process.now())?;
        Ok(())
    }

    /// Makes each group; how many objects were made, and the exit code.
    fn make(&self, groups: &[Group<'_>], out: &mut dyn Write) -> anyhow::Result<(usize, u8)> {
        let (mut made, mut code) = (0, 0);
        for group in groups {
            let (count, ended) = self.make_one(group, out)?;
            made += count;
            if ended == REFUSED {
                return Ok((made, REFUSED));
            }
            code = code.max(u8::from(ended != 0));
            self.await_kinds(group);
        }
        Ok((made, code))
    }

    /// Has this very program run `kubectl create`, so that it is judged as any other is.
    fn make_one(&self, group: &Group<'_>, out: &mut dyn Write) -> anyhow::Result<(usize, u8)> {
        let environment = self.record.aim.environment(self.process.environment());
        let variables = environment.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut child = Command::new(std::env::current_exe()?)
            .args(["exec", "--"])
            .args(self.words(group))
            .env_clear()
            .envs(variables)
            .current_dir(&self.directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let text = group.text();
        let input = child.stdin.take();
        // What is refused reads nothing.
        let writer = std::thread::spawn(move || input.map(|mut input| input.write_all(text.as_bytes())));
        let output = child.wait_with_output()?;
        let _ = writer.join();
        let printed = String::from_utf8_lossy(&output.stdout);
        for line in printed.lines() {
            writeln!(out, "{}", sanitize::text(line))?;
        }
        out.flush()?;
        let made = printed.lines().filter(|line| line.ends_with(" created")).count();
        Ok((made, output.status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
    }

    /// Waits until objects of the kinds in this group can be made.
    fn await_kinds(&self, group: &Group<'_>) {
        let kinds = group.kinds();
        if kinds.is_empty() {
            return;
        }
        let mut words: Vec<std::ffi::OsString> = vec!["wait".into(), "--for=condition=Established".into()];
        words.push(format!("--timeout={}s", ESTABLISHED.as_secs()).into());
        words.extend(self.record.aim.arguments());
        words.extend(kinds.into_iter().map(|name| format!("customresourcedefinition/{name}").into()));
        let probe = Probe { patience: ESTABLISHED, ..Probe::of(&self.program, &self.directory, words) };
        // Where it fails, so does what is made next, and says why.
        let _ = probe.ask();
    }
}

//! `tollgate request`: the approval requests of this host.

pub(super) mod fate;
pub(super) mod view;

use std::collections::BTreeSet;
use std::io::Write;

use serde_json::{Value, json};

use super::approve::source::{Setting, by_id, ledger};
use super::approve::unusual;
use crate::audit::{Actor, Event, Log};
use crate::authorization::approval::PATIENCE;
use crate::authorization::ledger::{Ledger, Pending, Stage};
use crate::authorization::request::{NAMESPACE, Needs};
use crate::authorization::verify;
use crate::context::principal;
use crate::gate::REFUSED;
use crate::process::Process;
use crate::rules::layers::Directories;
use crate::ui::sanitize;
use crate::verdict::PrincipalKind;

/// How much of a command line a list shows, in characters.
const SHOWN: usize = 120;

/// Show and cancel what waits for an approval on this host.
#[derive(Debug, clap::Subcommand)]
pub enum RequestCommand {
    /// List what waits, the newest last
    List {
        /// Print an array of JSON objects; `path` holds the bytes to sign
        #[arg(long)]
        json: bool,
    },
    /// Show a request as whoever approves it sees it, and what became of it
    Show {
        /// The request, or the beginning of its id
        id: String,
        /// Print the bytes that are signed, and nothing else
        #[arg(long)]
        raw: bool,
    },
    /// Remove a request that waits, so that nobody can approve it any more
    Cancel {
        /// The request, or the beginning of its id
        #[arg(required_unless_present = "all")]
        id: Option<String>,
        /// Remove all that waits, what was approved and not run yet among it
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
}

/// Does what was asked; returns the exit code.
///
/// # Errors
/// Where the requests or the record cannot be read or written.
pub fn run(command: &RequestCommand, process: &dyn Process, out: &mut dyn Write) -> anyhow::Result<u8> {
    let places = Directories::of(process);
    let ledger = ledger(&places)?;
    ledger.expire(process.now())?;
    match command {
        RequestCommand::List { json } => list(*json, &ledger, &Setting::of(process, &places, true), out),
        RequestCommand::Show { id, raw } => show(id, *raw, &ledger, process, &places, out),
        RequestCommand::Cancel { id: Some(id), .. } => cancel(id, &ledger, process, &places, out),
        RequestCommand::Cancel { id: None, .. } => cancel_all(&ledger, process, &places, out),
    }
}

/// Whether it can be used no more.
fn has_expired(pending: &Pending, setting: &Setting<'_>) -> bool {
    let request = &pending.request;
    // Only the clocks: how long it may be valid is asked when it is used.
    let valid = request.execute_before.duration_since(request.created).max(PATIENCE);
    verify::in_time(request, valid, setting.now, verify::boot().as_ref()).is_err()
}

/// What can still come of a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It may be approved, or was and may be run.
    Waiting,
    /// Too few approved it in time.
    Late,
    /// It can be used no more.
    Expired,
}

impl Standing {
    /// The word in JSON.
    const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Late => "late",
            Self::Expired => "expired",
        }
    }
}

fn standing(pending: &Pending, ledger: &Ledger, setting: &Setting<'_>) -> anyhow::Result<Standing> {
    if has_expired(pending, setting) {
        return Ok(Standing::Expired);
    }
    Ok(if ledger.is_live(pending, setting.now)? { Standing::Waiting } else { Standing::Late })
}

/// Who signed it so far: the person, where the list here has the key, and the key.
fn approvals(
    pending: &Pending,
    ledger: &Ledger,
    setting: &Setting<'_>,
) -> anyhow::Result<BTreeSet<(Option<String>, String)>> {
    let signatures = ledger.signatures(pending)?;
    let signed = signatures.iter().filter(|signature| signature.verify(&pending.bytes).is_ok());
    Ok(signed
        .map(|signature| {
            let holder = setting.approvers.as_ref().and_then(|list| list.holder(signature.key()));
            (holder.map(|(person, _)| person.id.clone()), signature.key().fingerprint())
        })
        .collect())
}

fn list(as_json: bool, ledger: &Ledger, setting: &Setting<'_>, out: &mut dyn Write) -> anyhow::Result<u8> {
    let listing = ledger.pending()?;
    for (path, why) in &listing.unreadable {
        let path = sanitize::os(path.as_os_str());
        let _ =
            writeln!(std::io::stderr(), "tollgate: warning: {path} is no request: {}", sanitize::text(why));
    }
    if as_json {
        let items = listing.waiting.iter().map(|pending| object(pending, ledger, setting));
        let items: Vec<Value> = items.collect::<anyhow::Result<_>>()?;
        writeln!(out, "{}", sanitize::json(&serde_json::to_string_pretty(&items)?))?;
        return Ok(0);
    }
    if listing.waiting.is_empty() {
        writeln!(out, "no requests wait")?;
    }
    for pending in &listing.waiting {
        let request = &pending.request;
        let facts = &request.facts;
        let until = match standing(pending, ledger, setting)? {
            Standing::Expired => "expired".to_owned(),
            Standing::Late => "can no longer be approved".to_owned(),
            Standing::Waiting if setting.now >= request.approve_before => {
                format!("to be run {}", view::from(request.execute_before, setting.now))
            }
            Standing::Waiting => format!("expires {}", view::from(request.approve_before, setting.now)),
        };
        let mut line: String = view::line(facts).chars().take(SHOWN + 1).collect();
        if line.chars().count() > SHOWN {
            line.pop();
            line.push('…');
        }
        writeln!(out, "{}  {} risk, {until}", sanitize::text(&request.id), facts.risk.name())?;
        writeln!(out, "    {line}")?;
        let asker = match request.principal.kind {
            PrincipalKind::Agent => {
                format!("{} for ", request.principal.name.as_deref().unwrap_or("an agent"))
            }
            PrincipalKind::Human => String::new(),
        };
        let so_far = so_far(pending, ledger, setting)?;
        let text = format!(
            "asked by {asker}{}, environment {}; {so_far}",
            facts.requester.user, facts.environment.name
        );
        writeln!(out, "    {}", sanitize::text(&text))?;
    }
    Ok(0)
}

/// How much of the approval is there.
fn so_far(pending: &Pending, ledger: &Ledger, setting: &Setting<'_>) -> anyhow::Result<String> {
    let approval = &pending.request.facts.approval;
    if approval.needs != Needs::Peer {
        let confirmed = ledger.is_confirmed(pending)?;
        return Ok(if confirmed { "confirmed" } else { "needs a person's confirmation" }.to_owned());
    }
    let people = approvals(pending, ledger, setting)?;
    let named: BTreeSet<String> =
        people.iter().map(|(person, key)| person.clone().unwrap_or_else(|| key.clone())).collect();
    let by = named.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let by = if by.is_empty() { by } else { format!(" ({by})") };
    Ok(format!("signed by {} of {}{by}", named.len(), approval.quorum))
}

fn object(pending: &Pending, ledger: &Ledger, setting: &Setting<'_>) -> anyhow::Result<Value> {
    let request = &pending.request;
    let facts = &request.facts;
    let approvals: Vec<Value> = approvals(pending, ledger, setting)?
        .into_iter()
        .map(|(person, fingerprint)| json!({ "person": person, "fingerprint": fingerprint }))
        .collect();
    Ok(json!({
        "id": request.id,
        // What is no UTF-8 cannot be said in JSON; ids and homes hardly ever are none.
        "path": pending.path.to_string_lossy(),
        "summary": facts.summary,
        "created": request.created,
        "approve_before": request.approve_before,
        "expires": request.execute_before,
        "state": standing(pending, ledger, setting)?.name(),
        "risk": facts.risk.name(),
        "command": view::line(facts),
        "environment": facts.environment.name,
        "guarded": facts.environment.guarded,
        "user": facts.requester.user,
        "agent": (request.principal.kind == PrincipalKind::Agent)
            .then(|| request.principal.name.clone().unwrap_or_else(|| "unnamed".to_owned())),
        "needs": facts.approval.needs.name(),
        "quorum": facts.approval.quorum,
        "approvals": approvals,
        "confirmed": facts.approval.needs != Needs::Peer && ledger.is_confirmed(pending)?,
    }))
}

fn show(
    id: &str,
    raw: bool,
    ledger: &Ledger,
    process: &dyn Process,
    places: &Directories,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let Some((pending, stage)) = by_id(ledger, id)? else {
        let fate =
            places.state.as_deref().map(|state| fate::of(state, &id.to_ascii_uppercase())).transpose()?;
        let fate = fate.and_then(fate::Fate::in_words);
        let fate = fate.unwrap_or_else(|| "`tollgate request list` shows what waits".to_owned());
        anyhow::bail!("there is no request {}: {fate}", sanitize::text(id));
    };
    if raw {
        out.write_all(&pending.bytes)?;
        return Ok(0);
    }
    crate::ui::colour::choose_for_output(process.environment());
    let setting = Setting::of(process, places, stage == Stage::Waiting);
    let unusual = if stage == Stage::Waiting { unusual::of(&pending.request, &setting) } else { Vec::new() };
    write!(out, "{}", view::text(&pending.request, setting.now, &unusual))?;
    writeln!(out)?;
    if stage == Stage::Used {
        let fate = places.state.as_deref().map(|state| fate::of(state, &pending.request.id)).transpose()?;
        let used = fate.and_then(|fate| fate.used);
        let used = used
            .unwrap_or_else(|| "used, but no run is on record: it was stopped before it started".to_owned());
        writeln!(out, "{used}")?;
        writeln!(out, "the signed bytes: {}", sanitize::word(pending.path.as_os_str()))?;
        return Ok(0);
    }
    let id = &pending.request.id;
    let standing = standing(&pending, ledger, &setting)?;
    let is_over = if standing == Standing::Expired { "expired; " } else { "" };
    writeln!(out, "{is_over}{}", sanitize::text(&so_far(&pending, ledger, &setting)?))?;
    if standing != Standing::Waiting {
        writeln!(out, "it is too late to approve it: running the command again asks anew")?;
    } else if ledger.is_approved(&pending)? {
        writeln!(out, "running the command again uses it, where that is enough:")?;
        writeln!(out, "  {}", super::approve::again(&pending.request))?;
    } else if pending.request.facts.approval.needs == Needs::Peer {
        writeln!(out, "another person signs this file, on a machine of their own:")?;
        writeln!(out, "  {}", sanitize::word(pending.path.as_os_str()))?;
        writeln!(out, "with `tollgate approve FILE`, or with")?;
        writeln!(out, "  ssh-keygen -Y sign -n {NAMESPACE} -f KEY FILE")?;
    } else {
        writeln!(out, "a person confirms it with `tollgate approve {id}` in a terminal of their own")?;
    }
    Ok(0)
}

fn cancel(
    id: &str,
    ledger: &Ledger,
    process: &dyn Process,
    places: &Directories,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let pending = match by_id(ledger, id)? {
        Some((pending, Stage::Waiting)) => pending,
        Some((pending, Stage::Used)) => {
            let text = format!("tollgate: refused: request {} was used already", pending.request.id);
            let _ = writeln!(std::io::stderr(), "{text}");
            return Ok(REFUSED);
        }
        None => anyhow::bail!(
            "there is no request {}: `tollgate request list` shows what waits",
            sanitize::text(id)
        ),
    };
    cancel_one(&pending, ledger, process, places)?;
    writeln!(out, "request {} is cancelled: nobody can approve it any more", pending.request.id)?;
    Ok(0)
}

fn cancel_all(
    ledger: &Ledger,
    process: &dyn Process,
    places: &Directories,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let waiting = ledger.pending()?.waiting;
    if waiting.is_empty() {
        writeln!(out, "no requests wait")?;
    }
    for pending in &waiting {
        cancel_one(pending, ledger, process, places)?;
        writeln!(out, "request {} is cancelled: nobody can approve it any more", pending.request.id)?;
    }
    Ok(0)
}

fn cancel_one(
    pending: &Pending,
    ledger: &Ledger,
    process: &dyn Process,
    places: &Directories,
) -> anyhow::Result<()> {
    let user = process.user();
    let principal = principal::detect(process.environment(), true);
    let agent = (principal.kind == PrincipalKind::Agent)
        .then(|| principal.name.unwrap_or_else(|| "unnamed".to_owned()));
    ledger.cancel(pending)?;
    let event = Event::Cancelled {
        request: pending.request.id.clone(),
        actor: Actor { uid: user.uid, user: user.name.clone(), agent },
        replaced_by: None,
    };
    if let Some(state) = places.state.as_deref() {
        let _receipt = Log::at(state).append(&event, process.now())?;
    }
    Ok(())
}

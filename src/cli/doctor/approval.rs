//! Who can approve what, and how far that can be trusted on this machine.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access};

use super::{Mark, Report};
use crate::authorization::approvers::{self, Approvers, FILE, Requirement, requesters};
use crate::authorization::ledger::Ledger;
use crate::authorization::reachable::Reachable;
use crate::cli::approve::signing::keygen;
use crate::process::Process;
use crate::rules::layers::Directories;
use crate::ui::{chain, sanitize};
use crate::verdict::PrincipalKind;

/// The section of the report.
pub(super) fn report(process: &dyn Process, places: &Directories, report: &mut Report<'_>) -> io::Result<()> {
    report.title("A second person")?;
    match approvers::find(places, PrincipalKind::Human) {
        Ok(Some(list)) => listed(&list, process, places, report)?,
        Err(error) => report.line(Mark::Bad, &chain(&error))?,
        Ok(None) => {
            report.line(
                Mark::Note,
                "no approvers are named: where a second person is needed, you confirm alone, and",
            )?;
            report.advice("nobody else is asked; the prompt and the record say so")?;
        }
    }
    match keygen() {
        Some(path) => report.line(Mark::Good, &format!("{} signs for `tollgate approve`", path.display()))?,
        None => report.line(Mark::Note, "there is no ssh-keygen here, so nobody can sign on this machine")?,
    }
    waiting(process, places, report)
}

fn listed(
    list: &Approvers,
    process: &dyn Process,
    places: &Directories,
    report: &mut Report<'_>,
) -> io::Result<()> {
    let path = sanitize::os(list.path().as_os_str());
    if list.advisory() {
        report.line(Mark::Note, &format!("{path} names approvers, but is advisory:"))?;
        report.advice("whoever asks for an approval could have written it")?;
    } else {
        report.line(Mark::Good, &format!("{path} names approvers, and only root can change it"))?;
    }
    if list.path() != places.administrator.join(FILE)
        && let Err(error) = approvers::find(places, PrincipalKind::Agent)
    {
        report.line(Mark::Note, &format!("for an agent it does not count: {}", chain(&error)))?;
    }
    let asks = match list.excluded(&requesters(process)) {
        Ok(persons) => {
            let text =
                format!("you are {}, who approves nothing that is asked for here", persons.join(" and "));
            report.line(Mark::Good, &text)?;
            persons
        }
        Err(error) => {
            report.line(Mark::Bad, &chain(&error))?;
            Vec::new()
        }
    };
    match list.environments() {
        None => quorum(list, ("any environment", &[]), &asks, process, report)?,
        Some(environments) => {
            for name in environments.keys() {
                let what = if name == "default" {
                    "every other environment".to_owned()
                } else {
                    format!("environment {name}")
                };
                quorum(list, (&what, &[name]), &asks, process, report)?;
            }
        }
    }
    let reachable = Reachable::look(process.environment(), process.user());
    let keys = list.people().iter().flat_map(|person| person.keys.iter().map(move |key| (person, key)));
    for (person, key) in keys.filter(|(person, _)| !asks.contains(&person.id)) {
        if let Some(place) = reachable.holds(&key.key) {
            let text = format!(
                "the key {} of {} can be used on this machine ({place}),",
                key.key.fingerprint(),
                person.id
            );
            report.line(Mark::Bad, &text)?;
            report
                .advice("so it approves nothing here: forward no ssh-agent with it, and copy it nowhere")?;
        }
    }
    Ok(())
}

/// Whether enough people can approve, in one environment.
fn quorum(
    list: &Approvers,
    (what, names): (&str, &[&str]),
    asks: &[String],
    process: &dyn Process,
    report: &mut Report<'_>,
) -> io::Result<()> {
    let requirement: Requirement = match list.requirement(names) {
        Ok(requirement) => requirement,
        Err(error) => return report.line(Mark::Bad, &chain(&error)),
    };
    let able = list.able(&requirement, asks, process.now());
    let people: BTreeSet<&str> = able.iter().map(|person| person.id.as_str()).collect();
    let listed = people.iter().copied().collect::<Vec<_>>().join(", ");
    let wanted = requirement.quorum;
    if people.len() < wanted as usize {
        let who = if listed.is_empty() { "nobody".to_owned() } else { format!("only {listed}") };
        let text = format!("{what}: {who} could approve what you ask for, and {wanted} have to");
        return report.line(Mark::Bad, &text);
    }
    report.line(Mark::Good, &format!("{what}: {wanted} of {listed}"))
}

fn waiting(process: &dyn Process, places: &Directories, report: &mut Report<'_>) -> io::Result<()> {
    let Some(state) = places.state.as_deref() else { return Ok(()) };
    let ledger = Ledger::at(state);
    match ledger.expire(process.now()).and_then(|()| ledger.pending()) {
        Err(error) => report.line(Mark::Bad, &chain(&error)),
        Ok(listing) => {
            let now = process.now();
            let open = listing.waiting.iter().filter(|pending| pending.request.execute_before > now).count();
            if !listing.unreadable.is_empty() {
                let text = format!("{} files among the requests cannot be read", listing.unreadable.len());
                report.line(Mark::Bad, &text)?;
            }
            let requests =
                if open == 1 { "1 request waits".to_owned() } else { format!("{open} requests wait") };
            report.line(Mark::Good, &format!("{requests} for an approval"))
        }
    }
}

/// What of the gate this user can change, and so every program that runs as this
/// user: with nothing of it the level is L1.
pub(super) fn changeable(places: &Directories) -> Vec<String> {
    let mut found = Vec::new();
    let binary = std::env::current_exe().and_then(|path| path.canonicalize()).ok();
    let policy = places.administrator.join("rules");
    let list = places.administrator.join(FILE);
    for (what, path) in
        [("its program", binary), ("the rules", Some(policy)), ("the list of approvers", Some(list))]
    {
        match path {
            Some(path) if path.exists() => {
                if let Some(place) = writable(&path) {
                    found.push(format!("{what} ({})", sanitize::os(place.as_os_str())));
                }
            }
            Some(path) => found.push(format!("{what} ({} is not there)", sanitize::os(path.as_os_str()))),
            None => found.push(what.to_owned()),
        }
    }
    match &places.state {
        Some(state) => found.extend(
            writable(state)
                .map(|place| format!("the record and the requests ({})", sanitize::os(place.as_os_str()))),
        ),
        None => found.push("the record and the requests (there is no place for them)".to_owned()),
    }
    found
}

/// The first of `path` and what is above it that this user can write, or could
/// after a chmod.
fn writable(path: &Path) -> Option<PathBuf> {
    use std::os::unix::fs::MetadataExt as _;
    let uid = nix::unistd::geteuid().as_raw();
    let can = |place: &&Path| {
        let owned = place.metadata().is_ok_and(|metadata| metadata.uid() == uid);
        owned || access(*place, AccessFlags::W_OK).is_ok()
    };
    path.ancestors().find(can).map(Path::to_path_buf)
}

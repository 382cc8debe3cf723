//! The links, the programs behind them, and what each shell finds.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use super::{Mark, Report, shells};
use crate::process::Process;
use crate::rules::book::Rulebook;
use crate::rules::layers::Directories;
use crate::shim::links::{self, Link, State};
use crate::shim::real::{Finding, Launcher, Own, Real, candidates, find_real};
use crate::ui::sanitize;

/// Adds the lines on shims, for the tools that `book` speaks of.
pub(super) fn report(
    process: &dyn Process,
    places: &Directories,
    book: &Rulebook,
    report: &mut Report<'_>,
) -> io::Result<()> {
    report.title("Shims")?;
    let path = process.environment().get("PATH");
    let Ok(own) = Own::of_this_process() else {
        return report.line(Mark::Bad, "cannot tell which file this tollgate is (is /proc mounted?)");
    };
    let Some(directory) = places.shims() else {
        return report.line(Mark::Bad, "there is no home directory for the shims");
    };
    let links = match links::list(&directory) {
        Ok(links) => links,
        Err(error) => return report.line(Mark::Bad, &error.to_string()),
    };
    let tools = book.tools();
    for link in &links {
        of_link(link, &directory, &tools, report)?;
    }
    let ready: Vec<&OsStr> =
        links.iter().filter(|link| link.state == State::Ready).map(|link| link.tool.as_os_str()).collect();
    // Of a tool that is only judged within a shell line nobody misses the link.
    let guarded = book.guarded_tools();
    for tool in &tools {
        let linked = ready.contains(&OsStr::new(tool));
        if linked || guarded.contains(tool) {
            behind(tool, linked, path, &own, report)?;
        }
    }
    let installed = |tool: &&str| find_real(tool.as_ref(), path, &own).is_ok();
    let linked: Vec<&str> = ready.iter().filter_map(|tool| tool.to_str()).collect();
    if let Some(tool) = linked.iter().copied().find(installed).or(linked.first().copied()) {
        shells::report(process, &directory, tool, report)
    } else {
        report.line(Mark::Bad, "no shim is installed, so nothing is gated")?;
        report.advice("run `tollgate shim install`")
    }
}

/// One link in the shim directory.
fn of_link(link: &Link, directory: &Path, tools: &[String], report: &mut Report<'_>) -> io::Result<()> {
    let name = sanitize::os(&link.tool);
    match link.state {
        State::Ready if !tools.iter().any(|tool| link.tool == tool.as_str()) => {
            report.line(Mark::Bad, &format!("{name} is linked, but no rule speaks of it: it runs unjudged"))
        }
        State::Ready => report.line(Mark::Good, &format!("{name}: linked in {}", directory.display())),
        State::Dangling => {
            report.line(
                Mark::Bad,
                &format!("{name}: the link leads to a tollgate that is gone, so shells pass over it"),
            )?;
            report.advice("run `tollgate shim install`")
        }
        State::NotExecutable | State::Elsewhere | State::NotALink => report
            .line(Mark::Bad, &format!("{name} in {} is no link to a working tollgate", directory.display())),
    }
}

/// The program that runs when `tool` is allowed.
fn behind(
    tool: &str,
    linked: bool,
    path: Option<&OsStr>,
    own: &Own,
    report: &mut Report<'_>,
) -> io::Result<()> {
    match find_real(tool.as_ref(), path, own) {
        Ok(real) => {
            if !linked {
                let text = format!("{tool} is installed ({}) and has no shim", real.path.display());
                report.line(Mark::Bad, &text)?;
                report.advice(&format!("run `tollgate shim install {tool}`"))?;
            }
            of_real(tool, &real, report)?;
        }
        Err(error) if linked => report.line(Mark::Note, &format!("{tool}: {error}"))?,
        Err(_) => {}
    }
    for other in candidates(tool.as_ref(), path, own).unwrap_or_default() {
        if other.finding == Finding::OtherTollgate {
            report.line(Mark::Note, &format!("{} is another tollgate", other.path.display()))?;
        }
    }
    Ok(())
}

fn of_real(tool: &str, real: &Real, report: &mut Report<'_>) -> io::Result<()> {
    let path = real.path.display();
    let (mark, text) = match real.launcher().ok().flatten() {
        Some(Launcher::Dispatcher(program)) => (
            Mark::Note,
            format!(
                "{tool}: {path} is a launcher ({}); which program it starts is its own decision",
                program.display()
            ),
        ),
        Some(Launcher::Script) => {
            (Mark::Note, format!("{tool}: {path} is a script; which program it starts is its own decision"))
        }
        None => (Mark::Good, format!("{tool}: the real one is {path}")),
    };
    report.line(mark, &text)?;
    if real.is_relative() {
        let text = format!("{tool} is found through a relative entry of PATH: any directory can plant one");
        report.line(Mark::Bad, &text)?;
    }
    Ok(())
}

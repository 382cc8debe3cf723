//! `tollgate approve`: the human side of an approval.
//!
//! For a request that needs a second person it shows what is asked, signs it
//! with the real ssh-keygen, and prints the token. For one that needs only a
//! confirmation it asks at a terminal that no agent holds. `--import` takes a
//! token that came back.

mod confirming;
pub(super) mod importing;
mod key;
pub(super) mod signing;
pub(super) mod source;
pub(super) mod unusual;

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::authorization::Refused;
use crate::authorization::request::{Needs, Request};
use crate::context::{self, principal};
use crate::gate::REFUSED;
use crate::process::Process;
use crate::rules::layers::Directories;
use crate::ui::sanitize;
use crate::verdict::PrincipalKind;

use source::{Setting, Source};

/// What to approve.
#[derive(Debug, clap::Args)]
pub struct ApproveArguments {
    /// The key to sign with, or its public part where an ssh-agent holds it [default: the first in
    /// ~/.ssh that is on the list of approvers]
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Take a token or a signature that came back; then the command may be run again
    #[arg(long, value_name = "FILE|-", conflicts_with_all = ["key", "request"])]
    import: Option<PathBuf>,
    /// A request of this host by its id, or the file of one, also in base 64; - for standard input
    #[arg(value_name = "ID|FILE|-", required_unless_present = "import")]
    request: Option<OsString>,
}

/// Shows a request and approves it, or takes an approval that came back.
///
/// # Errors
/// Where the state cannot be read or written.
pub fn run(arguments: &ApproveArguments, process: &dyn Process, out: &mut dyn Write) -> anyhow::Result<u8> {
    let places = Directories::of(process);
    if let Some(file) = &arguments.import {
        return importing::run(file, process, &places, out);
    }
    let name = arguments.request.clone().unwrap_or_default();
    let what = sanitize::word(&name);
    let principal = principal::detect(process.environment(), true);
    if principal.kind == PrincipalKind::Agent {
        let because =
            format!("only a person can approve, and an agent asks ({})", principal.evidence.join(", "));
        return Ok(refuse(&what, &because, ELSEWHERE));
    }
    let source = match Source::read(&name, process, &places) {
        Ok(source) => source,
        Err(error) => return Ok(refuse(&what, &format!("{error:#}"), LISTED)),
    };
    let setting = Setting::of(process, &places, source.pending.is_some());
    match (source.request.facts.approval.needs, &source.pending) {
        (Needs::Peer, _) => signing::run(arguments.key.as_deref(), &source, &setting, out),
        (_, Some(pending)) => confirming::run(pending, &setting, &places, out),
        (_, None) => {
            let because = format!(
                "it asks for a confirmation on the machine {}, and does not wait here",
                sanitize::text(&source.request.facts.host.name)
            );
            let id = &source.request.id;
            Ok(refuse(&what, &because, &format!("a person runs `tollgate approve {id}` there")))
        }
    }
}

/// How to get there, where a terminal is missing.
const ELSEWHERE: &str = "a person runs it in a terminal of their own";
/// How to get there, after an answer that was none.
const AGAIN: &str = "run it again, and answer there";
/// How to get there, where the request is.
const LISTED: &str = "`tollgate request list` shows what waits here";

/// Says why nothing was approved.
fn refuse(what: &str, because: &str, approve: &str) -> u8 {
    let (what, because) = (sanitize::text(what), sanitize::text(because));
    let text = format!("tollgate: refused: approve {what}\n  because:  {because}\n  approve:  {approve}\n");
    let _ = std::io::stderr().write_all(text.as_bytes());
    REFUSED
}

fn refused(request: &Request, refused: &Refused) -> u8 {
    refuse(&request.id, &refused.because, ELSEWHERE)
}

/// The line that runs the command again, with the variables that say where it acts, whether
/// or not there is a shim.
pub(super) fn again(request: &Request) -> String {
    let facts = &request.facts;
    let tool = Path::new(&facts.tool).file_name().and_then(OsStr::to_str).unwrap_or_default();
    let named = context::variables(tool);
    let set = named.iter().filter(|name| **name != "HOME").filter_map(|name| {
        let value = facts.variables.get(*name).filter(|value| !value.is_empty())?;
        // Of what is secret the request holds no more than a hash.
        (!value.starts_with("hmac-sha256:")).then(|| format!("{name}={} ", sanitize::word(value.as_ref())))
    });
    format!(
        "cd {} && {}tollgate exec -- {}",
        sanitize::word(facts.directory.os()),
        set.collect::<String>(),
        super::request::view::line(facts)
    )
}

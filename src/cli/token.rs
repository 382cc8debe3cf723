//! `tollgate token`: what is in a token, and whether it approves a request.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::approve::importing::signer;
use super::approve::source::{Setting, Source, ledger};
use crate::authorization::ledger::Stage;
use crate::authorization::reachable::Reachable;
use crate::authorization::request::{NAMESPACE, Needs, Request};
use crate::authorization::signature::Signature;
use crate::authorization::token::Token;
use crate::authorization::verify;
use crate::files;
use crate::process::Process;
use crate::rules::layers::Directories;
use crate::ui::{chain, sanitize};

/// The largest file of tokens, in bytes.
const MOST: u64 = 256 * 1024;

/// Read a token, and check it against its request.
#[derive(Debug, clap::Subcommand)]
pub enum TokenCommand {
    /// Say whose key made it, what that vouched for, and which request here it is over
    Inspect {
        /// The one-line token, or a file with it or with the signature that ssh-keygen wrote
        #[arg(value_name = "TOKEN|FILE")]
        token: OsString,
        /// Print an array of JSON objects
        #[arg(long)]
        json: bool,
    },
    /// Check it against its request; exits 0 if it approves that, 1 if not
    Verify {
        /// The one-line token, or a file with it or with the signature that ssh-keygen wrote
        #[arg(value_name = "TOKEN|FILE")]
        token: OsString,
        /// The request [default: the one of this host that was signed]
        #[arg(long, value_name = "ID|FILE")]
        request: Option<PathBuf>,
    },
}

/// Does what was asked; returns the exit code.
///
/// # Errors
/// Where there is no token, or no request to check it against.
pub fn run(command: &TokenCommand, process: &dyn Process, out: &mut dyn Write) -> anyhow::Result<u8> {
    let places = Directories::of(process);
    match command {
        TokenCommand::Inspect { token, json } => {
            let setting = Setting::of(process, &places, true);
            let mut found = Vec::new();
            for token in read(token, process)? {
                found.push(Inspected::of(&token, &setting, &places)?);
            }
            if *json {
                let items: Vec<Value> = found.iter().map(Inspected::object).collect();
                writeln!(out, "{}", sanitize::json(&serde_json::to_string_pretty(&items)?))?;
            } else {
                found.iter().try_for_each(|token| token.write(out))?;
            }
            Ok(0)
        }
        TokenCommand::Verify { token, request } => {
            let mut failed = false;
            let checked = read(token, process).and_then(|tokens| {
                for token in tokens {
                    failed |= !verified(&token, request.as_deref(), process, &places, out)?;
                }
                Ok(())
            });
            // What cannot be checked approves nothing either.
            if let Err(error) = checked {
                writeln!(out, "BAD  {error:#}")?;
                failed = true;
            }
            Ok(u8::from(failed))
        }
    }
}

/// The tokens in what was given: a file where there is one, else the text itself.
fn read(given: &OsStr, process: &dyn Process) -> anyhow::Result<Vec<Token>> {
    let path = process.current_dir().unwrap_or_default().join(given);
    // A token is no name of a file: it may well be too long for one.
    let file = files::read(&path, MOST).ok().flatten();
    let is_file = file.is_some();
    let text = file.unwrap_or_else(|| given.as_encoded_bytes().to_vec());
    Token::parse(&text).map_err(|error| {
        // What was typed may be a secret in the wrong place.
        let what = if is_file {
            format!("the file {}", sanitize::os(given))
        } else {
            "no file, and no token".to_owned()
        };
        anyhow::anyhow!("{what}: {}", chain(&error))
    })
}

/// What there is to say of a token.
struct Inspected {
    id: Option<String>,
    fingerprint: String,
    algorithm: String,
    namespace: String,
    vouched: Option<String>,
    counter: Option<u32>,
    person: Option<String>,
    list: Option<String>,
    request: Option<(String, &'static str)>,
}

impl Inspected {
    fn of(token: &Token, setting: &Setting<'_>, places: &Directories) -> anyhow::Result<Self> {
        let signature = &token.signature;
        let presence = signature.presence();
        let vouched = presence.as_ref().map(|vouched| match (vouched.touched, vouched.verified) {
            (true, true) => "touch+pin",
            (true, false) => "touch",
            (false, _) => "nothing: it was not touched",
        });
        let list = setting.approvers.as_ref();
        Ok(Self {
            id: token.id.clone(),
            fingerprint: signature.key().fingerprint(),
            algorithm: signature.key().algorithm().to_owned(),
            namespace: signature.namespace().to_owned(),
            vouched: vouched.map(str::to_owned),
            counter: presence.map(|vouched| vouched.counter),
            person: list.and_then(|list| list.holder(signature.key())).map(|(person, _)| person.id.clone()),
            list: list.map(|list| sanitize::os(list.path().as_os_str())),
            request: signed_here(signature, places)?.map(|(request, stage)| (request.id, stage)),
        })
    }

    fn write(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let mut line = |label: &str, value: &str| writeln!(out, "{label:<11}{}", sanitize::text(value));
        line("named for", self.id.as_deref().unwrap_or("no request"))?;
        line("key", &format!("{} ({})", self.fingerprint, self.algorithm))?;
        if let Some(vouched) = &self.vouched {
            let counter = self.counter.unwrap_or_default();
            line("vouches", &format!("{vouched}; counter {counter}"))?;
        }
        let namespace = if self.namespace == NAMESPACE {
            self.namespace.clone()
        } else {
            format!("{} (approvals have {NAMESPACE}: this is none)", self.namespace)
        };
        line("namespace", &namespace)?;
        let whose = match (&self.person, &self.list) {
            (Some(person), Some(list)) => format!("{person}, by {list}"),
            (None, Some(list)) => format!("nobody's by {list}"),
            (_, None) => "not known: there is no list of approvers here".to_owned(),
        };
        line("whose", &whose)?;
        let request = match &self.request {
            Some((id, stage)) => format!("it signs request {id}, which {stage}"),
            None => "it signs no request that is kept here".to_owned(),
        };
        line("over", &request)
    }

    fn object(&self) -> Value {
        json!({
            "id": self.id,
            "fingerprint": self.fingerprint,
            "algorithm": self.algorithm,
            "namespace": self.namespace,
            "vouched": self.vouched,
            "counter": self.counter,
            "person": self.person,
            "request": self.request.as_ref().map(|(id, _)| id),
            "state": self.request.as_ref().map(|(_, stage)| stage),
        })
    }
}

/// The request of this host that was signed, and what became of it.
fn signed_here(
    signature: &Signature,
    places: &Directories,
) -> anyhow::Result<Option<(Request, &'static str)>> {
    let Ok(ledger) = ledger(places) else { return Ok(None) };
    let (waiting, used) = (ledger.pending()?.waiting, ledger.used()?);
    let waiting = waiting.into_iter().map(|pending| (pending, "waits"));
    let mut all = waiting.chain(used.into_iter().map(|pending| (pending, "was used")));
    let found = all.find(|(pending, _)| signature.verify(&pending.bytes).is_ok());
    Ok(found.map(|(pending, stage)| (pending.request, stage)))
}

/// Tells each check; false where one fails.
fn verified(
    token: &Token,
    named: Option<&Path>,
    process: &dyn Process,
    places: &Directories,
    out: &mut dyn Write,
) -> anyhow::Result<bool> {
    let signature = &token.signature;
    let (request, bytes, stage) = against(token, named, process, places)?;
    let setting = Setting::of(process, places, stage.is_some());
    let mut good = true;
    let mut line = |passed: bool, text: &str, out: &mut dyn Write| {
        good &= passed;
        writeln!(out, "{}  {}", if passed { "ok " } else { "BAD" }, sanitize::text(text))
    };
    match signature.verify(&bytes) {
        Ok(()) => {
            line(true, &format!("the signature is over request {}, byte for byte", request.id), out)?;
        }
        Err(error) => {
            line(false, &format!("it does not sign request {}: {}", request.id, chain(&error)), out)?;
        }
    }
    if request.facts.approval.needs != Needs::Peer {
        line(false, "that request asks for a confirmation, which nobody signs", out)?;
    }
    match (&setting.approvers, &setting.unlisted) {
        (Some(list), _) => {
            let reachable = match stage {
                Some(_) => Reachable::look(process.environment(), process.user()),
                // Keys of this machine are only in the way on the one that asks.
                None => Reachable::default(),
            };
            match signer(list, &request, signature, (&reachable, process)) {
                Ok(approver) => {
                    let vouched = approver.vouched.map(|vouched| format!(", {vouched}")).unwrap_or_default();
                    let text =
                        format!("{} may approve it ({}{vouched})", approver.person, approver.fingerprint);
                    line(true, &text, out)?;
                }
                Err(why) => line(false, &why.to_string(), out)?,
            }
            let same = request.facts.approval.approvers.as_deref() == Some(list.digest());
            let text = if same {
                "the list of approvers is the one it names"
            } else {
                "the list of approvers here is not the one that it names"
            };
            line(same, text, out)?;
            if list.advisory() {
                writeln!(out, "note the list is advisory: whoever asks could have written it")?;
            }
        }
        (None, why) => {
            let why = why.as_deref().unwrap_or("there is no list of approvers here");
            line(false, &format!("who may approve cannot be told: {why}"), out)?;
        }
    }
    let valid = SignedDuration::from_hours(24);
    let boot = if stage.is_some() { verify::boot() } else { request.boot.clone() };
    match verify::in_time(&request, valid, process.now(), boot.as_ref()) {
        Ok(()) => line(true, "it is in time", out)?,
        Err(why) => line(false, &why.to_string(), out)?,
    }
    if stage == Some(Stage::Used) {
        line(false, "the request was used already: it is good for one run", out)?;
    }
    writeln!(out, "Whether the command is still the one that was approved is asked when it is run.")?;
    if request.facts.approval.quorum > 1 {
        writeln!(out, "{} different people have to approve it.", request.facts.approval.quorum)?;
    }
    Ok(good)
}

/// The request to check a token against, and whether it is this host's.
fn against(
    token: &Token,
    named: Option<&Path>,
    process: &dyn Process,
    places: &Directories,
) -> anyhow::Result<(Request, Vec<u8>, Option<Stage>)> {
    if let Some(named) = named {
        if let Some(id) = named.to_str()
            && let Ok(ledger) = ledger(places)
            && let Some((pending, stage)) = super::approve::source::by_id(&ledger, id)?
        {
            return Ok((pending.request, pending.bytes, Some(stage)));
        }
        let source = Source::read(named.as_os_str(), process, places)?;
        let stage = source.pending.is_some().then_some(Stage::Waiting);
        return Ok((source.request, source.bytes, stage));
    }
    let signed = signed_here(&token.signature, places)?.map(|(request, _)| request.id);
    let id = signed
        .or_else(|| token.id.clone())
        .context("it signs no request that is kept here, and names none: name one by --request")?;
    let found = ledger(places)?.find(&id)?;
    let (pending, stage) = found.with_context(|| {
        format!("request {} is not kept here: name its file by --request", sanitize::text(&id))
    })?;
    Ok((pending.request, pending.bytes, Some(stage)))
}

//! The act with a second person: a throw-away key, and a list of approvers that
//! this demo writes.
//!
//! That list is in the demo's own `XDG_CONFIG_HOME`, and so counts for a human
//! alone: an agent could have written it as well. So the agent is refused
//! before your eyes, and it is you who ask.

use std::fs;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;

use anyhow::{Context as _, bail};

use super::Room;
use crate::authorization::approvers::{self, requesters};
use crate::authorization::ledger::Ledger;
use crate::authorization::request::NAMESPACE;
use crate::authorization::terminal::Terminal;
use crate::cli::approve::signing::keygen;
use crate::context::principal;
use crate::gate::REFUSED;
use crate::process::Process;
use crate::rules::layers::Directories;
use crate::ui::sanitize;
use crate::verdict::PrincipalKind;

/// What makes the demo's directory a place where destroying takes two.
const RULES: &str = "\
version: 1
environments:
  - name: demo-prod
    guarded: true
    match:
      - directory: { regex: \".*/infra\" }
";

const DESTROY: [&str; 3] = ["destroy", "-auto-approve", "-no-color"];

impl Room {
    /// Plays it; says why not, where that is not possible here.
    pub(super) fn peer(&self, process: &dyn Process, out: &mut dyn Write) -> anyhow::Result<()> {
        if let Some(why) = Self::no_peer(process) {
            writeln!(out, "skipped: {why}.")?;
            return Ok(());
        }
        let Some(keygen) = keygen() else {
            writeln!(out, "skipped: there is no ssh-keygen on this machine.")?;
            return Ok(());
        };
        let key = self.enrol(keygen, process)?;
        // You may have destroyed it.
        self.fill(process)?;
        writeln!(
            out,
            "The directory is now `demo-prod`, where destroying takes two people. The list of\n\
             approvers names you, and bob with a key made just now. The agent could have\n\
             written that list, so to an agent it names nobody:\n"
        )?;
        Self::step(self.shim(&DESTROY, process), true, i32::from(REFUSED), out)?;

        writeln!(out, "\nNow you ask. You are refused as well, but bob is told what to sign:\n")?;
        Self::step(self.unasked(process), false, i32::from(REFUSED), out)?;
        let request = self.request()?;
        let name = request.file_name().context("the request has no name")?;
        let copy = self.root.join("bob").join(name);
        fs::copy(&request, &copy)?;

        writeln!(out, "\nBob got that file, reads it, and signs it with nothing but OpenSSH:\n")?;
        let (key, copy) = (key.to_string_lossy(), copy.to_string_lossy());
        let sign = self.command(keygen, &["-Y", "sign", "-n", NAMESPACE, "-f", &key, &copy], process);
        Self::step(sign, false, 0, out)?;

        writeln!(out, "\nWith his signature the same command runs, once:\n")?;
        let signature = format!("{copy}.sig");
        let mut again = self.unasked(process);
        again.env("TOLLGATE_TOKEN", &signature);
        Self::step(again, false, 0, out)?;
        self.fill(process)?;
        writeln!(out, "\nThe same resources are made again. His signature was for that one run:\n")?;
        let mut replay = self.unasked(process);
        replay.env("TOLLGATE_TOKEN", &signature);
        Self::step(replay, false, i32::from(REFUSED), out)
    }

    /// Makes the resources, without tollgate.
    fn fill(&self, process: &dyn Process) -> anyhow::Result<()> {
        let made = self.real(&["apply", "-auto-approve", "-input=false"], process).output()?;
        if !made.status.success() {
            bail!("terraform could not fill the directory again");
        }
        Ok(())
    }

    /// Why a second person cannot be played here.
    fn no_peer(process: &dyn Process) -> Option<String> {
        let principal = principal::detect(process.environment(), Terminal::open().is_ok());
        if principal.kind == PrincipalKind::Agent {
            let evidence = principal.evidence.join(", ");
            return Some(format!(
                "an agent runs this demo ({evidence}), and its own list of approvers names nobody"
            ));
        }
        let places = Directories::of(process);
        if places.administered {
            return Some("an administrator's layer is in force here, and says who approves".to_owned());
        }
        // What the demo runs has another XDG_CONFIG_HOME, and the same other places.
        let own = Directories { config: None, ..places };
        match approvers::find(&own, PrincipalKind::Human) {
            Ok(None) => None,
            Ok(Some(list)) => {
                let path = sanitize::os(list.path().as_os_str());
                Some(format!("{path} says who approves here, and nobody of the demo is on it"))
            }
            Err(error) => Some(crate::ui::chain(&error)),
        }
    }

    /// Makes bob's key, and the list with you and him.
    fn enrol(&self, keygen: &Path, process: &dyn Process) -> anyhow::Result<std::path::PathBuf> {
        let directory = self.root.join("bob");
        fs::DirBuilder::new().mode(0o700).create(&directory)?;
        let key = directory.join("key");
        let shown = key.to_string_lossy();
        let made = self
            .command(keygen, &["-q", "-t", "ed25519", "-N", "", "-C", "bob@demo", "-f", &shown], process)
            .output()?;
        if !made.status.success() {
            bail!("ssh-keygen made no key: {}", String::from_utf8_lossy(&made.stderr).trim());
        }
        let public = fs::read_to_string(directory.join("key.pub"))?;
        let names = serde_json::to_string(&requesters(process).certain)?;
        let public = serde_json::to_string(public.trim())?;
        let config = self.root.join("config/tollgate");
        fs::create_dir_all(config.join("rules"))?;
        fs::write(config.join("rules/demo.yaml"), RULES)?;
        fs::write(
            config.join("approvers.yaml"),
            format!(
                "version: 1\nmode: advisory\npeople:\n  - id: you@demo\n    os_users: {names}\n  \
                 - id: bob@demo\n    keys: [{{ key: {public} }}]\n"
            ),
        )?;
        Ok(key)
    }

    /// The shim, as a job in the background: it asks nobody at the terminal.
    fn unasked(&self, process: &dyn Process) -> std::process::Command {
        let mut command = self.shim(&DESTROY, process);
        command.process_group(0);
        command
    }

    /// The file of the request that waits.
    fn request(&self) -> anyhow::Result<std::path::PathBuf> {
        let listing = Ledger::at(&self.root.join("state/tollgate")).pending()?;
        let newest = listing.waiting.into_iter().rev();
        let mut newest = newest.filter(|pending| pending.request.facts.environment.name == "demo-prod");
        Ok(newest.next().context("no request waits")?.path)
    }
}

//! Whether each hook in an agent's configuration answers as it has to, found by
//! starting it as the agent would, with a command that must be denied.

use std::io::{self, Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::Value;

use super::{Mark, Report, codex};
use crate::agents::{self, Entry, Launch};
use crate::invocation::hook::{self, Answer, Reply, examples};
use crate::process::Process;
use crate::ui::sanitize;

/// How long a hook may take: above its own deadline.
const PATIENCE: Duration = Duration::from_secs(6);

/// How long what it wrote is waited for when it is gone.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// How much of an answer is read, in bytes.
const LIMIT: u64 = 1 << 20;

/// What must be denied whatever is installed: no shim is in a path, and the record
/// tells what it was for.
const LINE: &str = "/usr/bin/terraform -chdir=/nonexistent/tollgate-doctor destroy";

/// Tries every entry, and names the agents that have none.
pub(super) fn report(process: &dyn Process, report: &mut Report<'_>) -> io::Result<()> {
    report.title("Agents")?;
    let found = agents::installed(process);
    for unread in &found.unread {
        let text = format!("{}: {} cannot be read: {}", unread.agent, unread.file.display(), unread.why);
        report.line(Mark::Bad, &text)?;
    }
    for entry in &found.entries {
        of_entry(process, entry, report)?;
    }
    let present = agents::present(process);
    for agent in &present {
        if !found.entries.iter().any(|entry| entry.agent == agent.name) {
            report.line(Mark::Note, &format!("{} is on this machine and has no hook", agent.title))?;
            report.advice(&format!("run `tollgate hook install {}`", agent.name))?;
        }
    }
    if found.entries.is_empty() && present.is_empty() {
        report.line(Mark::Good, "no coding agent was found on this machine")?;
    }
    Ok(())
}

fn of_entry(process: &dyn Process, entry: &Entry, report: &mut Report<'_>) -> io::Result<()> {
    let event = if entry.event.is_empty() { String::new() } else { format!(" {}", entry.event) };
    let name = format!("{}{event} ({}, {})", entry.agent, entry.scope.name(), entry.file.display());
    if let Err(why) = &entry.enabled {
        return report.line(Mark::Bad, &format!("{name}: {why}"));
    }
    let install = format!("run `tollgate hook install {} --{}`", entry.agent, entry.scope.name());
    let told = if entry.agent == "codex" { codex::complaint(process, &entry.file) } else { None };
    match told.map_or_else(|| denies(process, entry), Err) {
        Ok(()) => report.line(Mark::Good, &format!("{name}: denies what must be denied"))?,
        Err(why) => {
            report.line(Mark::Bad, &format!("{name}: does not deny what must be denied: {why}"))?;
            report.advice(&format!("it is started as: {}", sanitize::text(&entry.command.shown())))?;
            report.advice(&install)?;
        }
    }
    if entry.fails_closed == Some(false) {
        report.line(Mark::Bad, &format!("{name}: where it fails, the agent goes on"))?;
        report.advice(&format!("{install}, which sets the switch"))?;
    }
    Ok(())
}

/// Starts the entry with a payload of its agent's, and reads the answer.
fn denies(process: &dyn Process, entry: &Entry) -> Result<(), String> {
    let directory = process.current_dir().unwrap_or_else(|_| Path::new("/").to_path_buf());
    let payload = examples::example(entry.agent, entry.event, LINE, &directory.to_string_lossy());
    let Some(Value::Object(payload)) = payload else {
        return Err("no payload of this agent is known".to_owned());
    };
    let dialect = hook::dialect(&payload).ok().flatten();
    let dialect = dialect.ok_or_else(|| "its payload is not recognised".to_owned())?;
    let reply = fire(process, entry, &Value::Object(payload.clone()).to_string())?;
    let expected = dialect.reply(&payload, &Answer::Deny(String::new()));
    if shape(&reply) == shape(&expected) {
        return Ok(());
    }
    let said = [reply.stdout.trim(), reply.stderr.trim()].join(" ");
    let said: String = said.trim().chars().take(200).collect();
    Err(format!("exit code {}, and it says: {}", reply.code, if said.is_empty() { "nothing" } else { &said }))
}

/// An answer without its words.
fn shape(reply: &Reply) -> (u8, Option<Value>, bool) {
    let object = serde_json::from_str(&reply.stdout).ok().map(|mut object: Value| {
        blank(&mut object);
        object
    });
    (reply.code, object, reply.stdout.trim().is_empty())
}

fn blank(value: &mut Value) {
    match value {
        Value::String(text) if text.starts_with("tollgate: ") => text.clear(),
        Value::Array(values) => values.iter_mut().for_each(blank),
        Value::Object(object) => object.values_mut().for_each(blank),
        _ => {}
    }
}

/// What the entry answers, started as the agent starts it.
fn fire(process: &dyn Process, entry: &Entry, payload: &str) -> Result<Reply, String> {
    let mut command = command(process, entry);
    // A group of its own, so that what it starts in turn ends with it.
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child = command.spawn().map_err(|error| format!("it cannot be started: {error}"))?;
    let (input, text) = (child.stdin.take(), payload.to_owned());
    // One that reads nothing answers all the same.
    std::thread::spawn(move || drop(input.map(|mut input| input.write_all(text.as_bytes()))));
    let stdout = read(child.stdout.take());
    let stderr = read(child.stderr.take());
    let code = wait(&mut child);
    if let Ok(group) = i32::try_from(child.id()) {
        let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
    }
    // Something that left the group may hold them open.
    let text = |stream: mpsc::Receiver<String>| stream.recv_timeout(LAST_WORDS).unwrap_or_default();
    Ok(Reply { stdout: text(stdout), stderr: text(stderr), code: code? })
}

/// All that is written to a stream, once it ends.
fn read(stream: Option<impl io::Read + Send + 'static>) -> mpsc::Receiver<String> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = Vec::new();
        let _ = stream.map(|stream| stream.take(LIMIT).read_to_end(&mut text));
        send.send(String::from_utf8_lossy(&text).into_owned())
    });
    receive
}

fn wait(child: &mut Child) -> Result<u8, String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => {
                let code = status.code().ok_or_else(|| format!("it was ended: {status}"))?;
                return u8::try_from(code).map_err(|_| format!("it ended with {code}"));
            }
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(10)),
            Ok(None) => {
                let _ = child.kill();
                return Err(format!("it did not answer within {} seconds", PATIENCE.as_secs()));
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

fn command(process: &dyn Process, entry: &Entry) -> Command {
    match &entry.command {
        Launch::Shell { line, .. } => {
            let own = process.environment().non_empty("SHELL").unwrap_or("/bin/sh".as_ref());
            let (shell, flag) = match entry.agent {
                "codex" => (own, "-lc"),
                "gemini" => ("bash".as_ref(), "-c"),
                _ => ("sh".as_ref(), "-c"),
            };
            let mut command = Command::new(shell);
            command.arg(flag).arg(line);
            command
        }
        Launch::Exec { program, args } => {
            let mut command = Command::new(program);
            command.args(args);
            command
        }
        // Only its agent can load a plugin; a script is started by itself.
        Launch::Plugin { program } if entry.agent == "opencode" => {
            let mut command = Command::new(program);
            command.arg("hook");
            command
        }
        Launch::Plugin { .. } => Command::new(&entry.file),
    }
}

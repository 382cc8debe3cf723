//! The question that the tool asks before it applies a plan that it made itself, asked in
//! its words and answered as there: a saved plan is applied without one.

use std::io::{self, Write as _};
use std::os::fd::AsFd as _;

use jiff::Timestamp;

use super::distribute::{is_destroy, is_on, is_refresh};
use crate::command::Command;
use crate::context::target::Target;
use crate::impact::Ended;
use crate::verdict::Fact;

/// The exit code where the answer is no, or there is none.
const NO: u8 = 1;

/// What the tool would ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    product: &'static str,
    about: About,
    workspace: Option<String>,
    is_plain: bool,
}

/// What it would ask about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    Changes,
    Destroying,
    /// Writing what was found into the state.
    State,
}

/// What came back.
enum Answer {
    Line(Vec<u8>),
    End,
    Interrupted,
}

impl Question {
    /// What `command` would be asked about.
    pub(super) fn of(command: &Command, target: &Target) -> Self {
        let about = if is_refresh(command) {
            About::State
        } else if is_destroy(command) {
            About::Destroying
        } else {
            About::Changes
        };
        Self {
            product: product(&command.tool),
            about,
            workspace: target.first(Fact::Workspace).filter(|name| *name != "default").map(str::to_owned),
            is_plain: is_on(command, "-no-color"),
        }
    }

    /// Asks on standard output and reads a line of standard input, no byte more. The exit
    /// code to end with, unless the answer is yes.
    pub fn ask(&self) -> Option<u8> {
        let mut output = io::stdout();
        if let Err(error) = output.write_all(self.text().as_bytes()).and_then(|()| output.flush()) {
            return Some(self.failed(&error.to_string()));
        }
        let line = match answer() {
            Ok(Answer::Line(line)) => line,
            Ok(Answer::End) => return Some(self.failed("EOF")),
            Ok(Answer::Interrupted) => {
                let _ = output.write_all(b"\n");
                return Some(self.failed("interrupted"));
            }
            Err(error) => return Some(self.failed(&error.to_string())),
        };
        let _ = output.write_all(b"\n");
        if String::from_utf8_lossy(&line).trim_end() == "yes" {
            return None;
        }
        let what = if self.about == About::Destroying { "Destroy" } else { "Apply" };
        let _ = writeln!(output, "{what} cancelled.");
        Some(NO)
    }

    fn text(&self) -> String {
        let [bold, reset] = if self.is_plain { ["", ""] } else { ["\u{1b}[1m", "\u{1b}[0m"] };
        let Self { product, .. } = self;
        let named = |word: &str| {
            self.workspace.as_ref().map_or_else(String::new, |name| format!(" {word} \"{name}\""))
        };
        let (query, first, second) = match self.about {
            About::Destroying => (
                format!("Do you really want to destroy all resources{}?", named("in workspace")),
                format!("{product} will destroy all your managed infrastructure, as shown above."),
                "There is no undo. Only 'yes' will be accepted to confirm.",
            ),
            About::State => (
                format!(
                    "Would you like to update the {product} state{} to reflect these detected changes?",
                    named("for")
                ),
                format!(
                    "{product} will write these changes to the state without modifying any real infrastructure."
                ),
                "There is no undo. Only 'yes' will be accepted to confirm.",
            ),
            About::Changes => (
                format!("Do you want to perform these actions{}?", named("in workspace")),
                format!("{product} will perform the actions described above."),
                "Only 'yes' will be accepted to approve.",
            ),
        };
        format!(
            "{reset}{bold}\n{query}{reset}\n  {first}\n  {second}\n\n  {bold}Enter a value:{reset} {reset}"
        )
    }

    /// Says, as the tool does, that there is no answer.
    fn failed(&self, why: &str) -> u8 {
        let text = if self.is_plain {
            format!("\nError: error asking for approval: {why}\n\n")
        } else {
            let [red, bold, reset] = ["\u{1b}[31m", "\u{1b}[1m", "\u{1b}[0m"];
            format!(
                "{red}╷{reset}{reset}\n\
                 {red}│{reset} {reset}{bold}{red}Error: {reset}{reset}{bold}error asking for approval: {why}{reset}\n\
                 {red}│{reset} {reset}\n\
                 {red}│{reset} {reset}{reset}\n\
                 {red}╵{reset}{reset}\n"
            )
        };
        let _ = io::stderr().write_all(text.as_bytes());
        NO
    }
}

/// What the tool says where it may not ask (`-json`) and is not told that it need
/// not: it ends before it plans.
pub(super) fn cannot_ask(tool: &str, now: Timestamp) -> Ended {
    let summary = "Plan file or auto-approve required";
    let detail = format!(
        "{} cannot ask for interactive approval when -json is set. You can either apply a saved plan file, or \
         enable the -auto-approve option.",
        product(tool)
    );
    let line = serde_json::json!({
        "@level": "error",
        "@message": format!("Error: {summary}"),
        "@module": format!("{tool}.ui"),
        "@timestamp": now.to_string(),
        "diagnostic": {"severity": "error", "summary": summary, "detail": detail},
        "type": "diagnostic",
    });
    Ended { code: NO, printed: format!("{line}\n").into_bytes(), ..Ended::default() }
}

fn product(tool: &str) -> &'static str {
    if tool == "tofu" { "OpenTofu" } else { "Terraform" }
}

/// Reads one line, byte by byte: what follows is for somebody else. As in the tool, an interrupt is
/// an answer, and a line without an end is none.
#[cfg(target_os = "linux")]
fn answer() -> io::Result<Answer> {
    use nix::sys::signal::{SigSet, Signal};
    use nix::sys::signalfd::SignalFd;

    let mut interrupt = SigSet::empty();
    interrupt.add(Signal::SIGINT);
    let before = interrupt.thread_swap_mask(nix::sys::signal::SigmaskHow::SIG_BLOCK)?;
    let read = || {
        let signals = SignalFd::new(&interrupt)?;
        read_line(&signals)
    };
    let answer = read();
    before.thread_set_mask()?;
    answer
}

#[cfg(target_os = "linux")]
fn read_line(signals: &nix::sys::signalfd::SignalFd) -> io::Result<Answer> {
    use nix::errno::Errno;
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

    let input = io::stdin();
    let mut line = Vec::new();
    loop {
        let mut ready =
            [PollFd::new(input.as_fd(), PollFlags::POLLIN), PollFd::new(signals.as_fd(), PollFlags::POLLIN)];
        match poll(&mut ready, PollTimeout::NONE) {
            Ok(_) => {}
            Err(Errno::EINTR) => continue,
            Err(errno) => return Err(errno.into()),
        }
        if ready.get(1).and_then(PollFd::any) == Some(true) {
            signals.read_signal()?;
            return Ok(Answer::Interrupted);
        }
        let mut byte = [0];
        match nix::unistd::read(input.as_fd(), &mut byte) {
            Ok(0) => return Ok(Answer::End),
            Ok(_) if byte == *b"\n" => return Ok(Answer::Line(line)),
            Ok(_) => line.extend(byte),
            Err(Errno::EINTR | Errno::EAGAIN) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// Elsewhere no plan is made, and so nothing asked.
#[cfg(not(target_os = "linux"))]
fn answer() -> io::Result<Answer> {
    let _ = (Answer::Line(Vec::new()), Answer::Interrupted, io::stdin().as_fd());
    Ok(Answer::End)
}

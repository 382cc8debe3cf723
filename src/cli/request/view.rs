//! A request as a person should see it: the risk first, then what runs, what is
//! lost, where, who asks, until when, and what it is bound to.
//!
//! Nothing is cut and nothing is taken out: what is signed is shown. All of it
//! is somebody else's text, so all of it is made safe to print.

use std::ffi::OsStr;

use colored::Colorize as _;
use jiff::{SignedDuration, Timestamp};

use crate::authorization::request::{Approval, Facts, Needs, Presence, Request, Text};
use crate::ui::sanitize;
use crate::verdict::{PrincipalKind, Risk};

/// How wide the text is, in characters.
const WIDTH: usize = 80;

/// How far the values are indented.
const INDENT: usize = 13;

/// Variables that say where a tool goes or what it loads: these are shown first.
const TELLING: [&str; 24] = [
    "LD_",
    "DYLD_",
    "TF_CLI_",
    "TF_WORKSPACE",
    "TF_DATA_DIR",
    "TF_PLUGIN",
    "TF_REATTACH",
    "KUBECONFIG",
    "KUBE",
    "HELM_",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT",
    "AWS_CONFIG",
    "AWS_SHARED",
    "AWS_CA",
    "AWS_ENDPOINT",
    "GOOGLE_",
    "ARM_",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "http",
    "SSL_CERT",
];

/// The whole view, and `unusual` below it.
pub(in crate::cli) fn text(request: &Request, now: Timestamp, unusual: &[String]) -> String {
    let facts = &request.facts;
    let mut view = View::default();
    let id = sanitize::text(&request.id).into_owned();
    view.text = format!("Request {id}, {}\n", risk(facts.risk));
    let line = line(facts);
    view.line("runs", &line);
    if let Some(words) = words(facts) {
        for (at, word) in words.iter().enumerate() {
            view.line(if at == 0 { "word by word" } else { "" }, word);
        }
    }
    if let Some(runs) = &facts.runs {
        view.line("in its place", &spelt(facts, runs));
    }
    for (at, told) in request.impact.iter().enumerate() {
        view.line(if at == 0 { "would" } else { "" }, &sanitize::text(told));
    }
    // The summary repeats the line, as far as that tells no secret.
    let summary = sanitize::text(&facts.summary).into_owned();
    let lost = summary.strip_prefix(&line).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(&summary);
    if lost != line {
        view.line("why", lost);
    }
    let effects: Vec<String> =
        facts.effects.iter().map(|effect| format!("{effect} ({})", effect.meaning())).collect();
    view.line("effect", &effects.join("; "));
    view.line("where", &place(facts));
    view.line("machine", &sanitize::text(&facts.host.name));
    view.line("directory", &sanitize::word(facts.directory.os()));
    asks(request, &mut view);
    view.line("needs", &needs(&facts.approval));
    view.line("made", &format!("{}, {}", shown_time(request.created), from(request.created, now)));
    let (approve, run) = (request.approve_before, request.execute_before);
    view.line("approve by", &format!("{}, {}", shown_time(approve), from(approve, now)));
    view.line("run by", &format!("{}, {}", shown_time(run), from(run, now)));
    bound(facts, &mut view);
    view.line("rules", &sanitize::text(&facts.rules.join(", ")));
    for note in &facts.notes {
        view.line("note", &sanitize::text(note));
    }
    if let Some(said) = &request.untrusted_explanation {
        view.line("UNTRUSTED", "what the agent says of it; nobody checked a word:");
        for said in said.lines() {
            view.line("", &format!("> {}", sanitize::text(said)));
        }
    }
    view.text.push_str(&warnings(unusual));
    view.text
}

/// What is out of the ordinary, one thing a paragraph.
pub(in crate::cli) fn warnings(unusual: &[String]) -> String {
    let mut view = View::default();
    for warning in unusual {
        view.labelled(&"WARNING".red().bold().to_string(), "WARNING".len(), warning);
    }
    view.text
}

/// One more line, as those above it.
pub(in crate::cli) fn labelled(label: &str, value: &str) -> String {
    let mut view = View::default();
    view.line(label, value);
    view.text
}

/// The command as one line, whole.
pub(in crate::cli) fn line(facts: &Facts) -> String {
    spelt(facts, &facts.argv)
}

fn spelt(facts: &Facts, words: &[Text]) -> String {
    let words = std::iter::once(OsStr::new(&facts.tool)).chain(words.iter().map(Text::os));
    sanitize::command_line(words)
}

/// The words one by one, where the line does not show for certain what they are.
fn words(facts: &Facts) -> Option<Vec<String>> {
    let words: Vec<&OsStr> = facts.argv.iter().map(Text::os).collect();
    words
        .iter()
        .any(|word| is_unusual(word))
        .then(|| words.iter().map(|word| word.as_encoded_bytes().escape_ascii().to_string()).collect())
}

/// Whether a word holds what a reader may take for something else.
pub(in crate::cli) fn is_unusual(word: &OsStr) -> bool {
    let bytes = word.as_encoded_bytes();
    bytes.is_empty() || !bytes.iter().all(u8::is_ascii_graphic)
}

fn risk(risk: Risk) -> String {
    let text = format!("{} risk", risk.name().to_uppercase());
    match risk {
        Risk::Low | Risk::Medium => text,
        Risk::High => text.yellow().to_string(),
        Risk::Critical => text.red().bold().to_string(),
    }
}

fn place(facts: &Facts) -> String {
    let guarded = if facts.environment.guarded { " (guarded)" } else { "" };
    let mut parts = vec![format!("environment {}{guarded}", sanitize::text(&facts.environment.name))];
    // The directory has a line of its own.
    let shown = facts.target.iter().filter(|(name, _)| *name != "directory");
    parts.extend(shown.map(|(name, value)| {
        format!("{} {}", sanitize::text(&name.replace('_', " ")), sanitize::text(value))
    }));
    parts.join("; ")
}

fn asks(request: &Request, view: &mut View) {
    let requester = &request.facts.requester;
    let mut who = format!("{} (uid {})", sanitize::text(&requester.user), requester.uid);
    if !requester.persons.is_empty() {
        who = format!("{}, as {who}", sanitize::text(&requester.persons.join(" or ")));
    }
    let principal = &request.principal;
    if principal.kind == PrincipalKind::Agent {
        let name = principal.name.as_deref().map_or("an agent", |name| name);
        view.line("asks", &format!("{} for {who}", sanitize::text(name)));
        view.line("known by", &sanitize::text(&principal.evidence.join(", ")));
    } else {
        view.line("asks", &format!("{who}; no sign of an agent, which proves none"));
    }
}

/// What discharges it, in words.
pub(in crate::cli) fn needs(approval: &Approval) -> String {
    match approval.needs {
        Needs::Confirmation => "a person's confirmation at a terminal".to_owned(),
        Needs::Alone => {
            "a second person; none is configured, so a confirmation at a terminal will do".to_owned()
        }
        Needs::Peer => {
            let groups: Vec<String> = approval.groups.iter().map(|groups| groups.join(" or ")).collect();
            let groups =
                if groups.is_empty() { String::new() } else { format!(" of {}", groups.join(" and ")) };
            let require = match approval.require {
                Presence::None => String::new(),
                presence => format!(", who sign with a security key ({})", presence.name()),
            };
            let people = if approval.quorum == 1 { "other person" } else { "other people" };
            format!("{} {people}{}{require}", approval.quorum, sanitize::text(&groups))
        }
    }
}

fn bound(facts: &Facts, view: &mut View) {
    let binary = &facts.binary;
    view.line(
        "program",
        &format!("{}, {}", sanitize::word(binary.path.os()), sanitize::text(&binary.sha256)),
    );
    if let Some(launcher) = &binary.launcher {
        view.line("", &format!("a launcher: {}", sanitize::text(launcher)));
    }
    for (at, (name, digest)) in facts.inputs.iter().enumerate() {
        let text = format!("{}, {}", sanitize::text(name), sanitize::text(digest));
        view.line(if at == 0 { "reads" } else { "" }, &text);
    }
    let (telling, others): (Vec<_>, Vec<_>) =
        facts.variables.iter().partition(|(name, _)| TELLING.iter().any(|start| name.starts_with(start)));
    for (at, (name, value)) in telling.iter().chain(&others).enumerate() {
        let text = format!("{}={}", sanitize::text(name), sanitize::text(value));
        view.line(if at == 0 { "variables" } else { "" }, &text);
    }
}

/// A point in time, to the second.
pub(in crate::cli) fn shown_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// How far a point in time is from now: `in 12m`, `3m ago`, `now`.
pub(in crate::cli) fn from(time: Timestamp, now: Timestamp) -> String {
    let apart = time.duration_since(now);
    if apart.as_secs() == 0 {
        return "now".to_owned();
    }
    let length = length(apart.abs());
    if apart.is_negative() { format!("{length} ago") } else { format!("in {length}") }
}

/// A length of time in its largest unit that has two of them.
pub(in crate::cli) fn length(length: SignedDuration) -> String {
    let seconds = length.as_secs();
    let (unit, name) = [(86400, "d"), (3600, "h"), (60, "m")]
        .into_iter()
        .find(|(unit, _)| seconds >= 2 * unit)
        .unwrap_or((1, "s"));
    format!("{}{name}", seconds / unit)
}

/// Letters that look like others, and spaces that no line is broken at, could make
/// a value look like a line of the view's own.
fn plain(value: &str) -> String {
    let own = |c: char| c.is_ascii() || matches!(c, '…' | '«' | '»');
    value.chars().map(|c| if own(c) { c.to_string() } else { c.escape_unicode().to_string() }).collect()
}

/// Labelled lines, wrapped.
#[derive(Default)]
struct View {
    text: String,
}

impl View {
    fn line(&mut self, label: &str, value: &str) {
        if !value.is_empty() {
            self.labelled(label, label.len(), value);
        }
    }

    /// `width` is the label's, which may be coloured.
    fn labelled(&mut self, label: &str, width: usize, value: &str) {
        self.text.push_str("  ");
        self.text.push_str(label);
        self.text.push_str(&" ".repeat(INDENT.saturating_sub(width + 2).max(1)));
        let mut column = INDENT;
        for (at, word) in plain(value).split(' ').enumerate() {
            let length = word.chars().count();
            if at > 0 && column + 1 + length > WIDTH {
                self.text.push('\n');
                self.text.push_str(&" ".repeat(INDENT));
                column = INDENT;
            } else if at > 0 {
                self.text.push(' ');
                column += 1;
            }
            self.text.push_str(word);
            column += length;
        }
        self.text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorization::request::tests::example;

    #[test]
    fn no_value_looks_like_a_line_of_the_views_own() {
        let mut request = example();
        let fake = format!("x{}where environment dev \u{440}\u{456}\u{441}k", "\u{a0}".repeat(90));
        request.facts.variables.insert("AWS_PROFILE".to_owned(), fake);
        let shown = text(&request, request.created, &[]);
        assert!(shown.lines().all(|line| !line.trim_start().starts_with("where environment dev")), "{shown}");
        assert!(shown.contains("\\u{a0}") && shown.contains("\\u{440}"), "{shown}");
        assert!(shown.contains("where"), "{shown}");
        assert!(shown.lines().skip(1).all(|line| line.starts_with("  ")), "{shown}");
    }
}

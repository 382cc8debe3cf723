//! What of a request is out of the ordinary, so that whoever approves it looks
//! again. Nothing here stops anybody.

use std::path::Path;

use jiff::SignedDuration;

use super::source::Setting;
use crate::audit::redact;
use crate::authorization::approval::PATIENCE;
use crate::authorization::request::{Needs, Request, Text};
use crate::authorization::verify::{self, GRACE};
use crate::cli::request::view;
use crate::command::declared::CHANGES;
use crate::digest;
use crate::files;
use crate::ui::sanitize;

/// Where programs are that only an administrator can change.
const SYSTEM: [&str; 11] = [
    "/usr/bin/",
    "/usr/sbin/",
    "/bin/",
    "/sbin/",
    "/usr/local/bin/",
    "/usr/lib/",
    "/usr/libexec/",
    "/opt/homebrew/",
    "/usr/local/Cellar/",
    "/nix/store/",
    "/snap/",
];

/// Places that are anybody's, or do not outlast a restart.
const ANYBODYS: [&str; 7] =
    ["/tmp/", "/private/tmp/", "/var/tmp/", "/private/var/tmp/", "/dev/", "/proc/", "/run/"];

/// How little time makes somebody hurry.
const NEARLY: SignedDuration = SignedDuration::from_mins(2);

/// How far the clocks of two machines may be apart.
const SKEW: SignedDuration = SignedDuration::from_mins(2);

/// The largest program that is hashed again.
const PROGRAM: u64 = 1 << 29;

/// Everything unusual, in the order in which it matters; each fit to be shown.
pub(in crate::cli) fn of(request: &Request, setting: &Setting<'_>) -> Vec<String> {
    let mut found = Vec::new();
    words(request, &mut found);
    people(request, setting, &mut found);
    times(request, setting, &mut found);
    program(request, setting, &mut found);
    variables(request, setting, &mut found);
    judged(request, &mut found);
    found
}

fn words(request: &Request, found: &mut Vec<String>) {
    let facts = &request.facts;
    let control = |bytes: &[u8]| bytes.iter().any(u8::is_ascii_control);
    let words = || facts.argv.iter().map(Text::os);
    if words().any(|word| control(word.as_encoded_bytes())) {
        found.push(
            "the arguments hold control characters, which a terminal would obey: read them word by word"
                .to_owned(),
        );
    }
    if words().any(|word| !word.as_encoded_bytes().is_ascii()) {
        found.push(
            "the arguments hold characters beside ASCII, which can look like others: read them word by word"
                .to_owned(),
        );
    }
    if words().any(|word| word.as_encoded_bytes().windows(2).any(|pair| pair == b"  ") || word.is_empty()) {
        found
            .push("an argument is empty or holds several spaces in a row: read them word by word".to_owned());
    }
    let plain: Vec<String> = words().map(|word| word.to_string_lossy().into_owned()).collect();
    if redact::words(&plain).iter().any(|word| word.contains(redact::REDACTED)) {
        found.push("an argument looks like a secret: everybody who has this request can read it".to_owned());
    }
    // What tollgate itself puts where a long line is cut.
    let summary = facts.summary.replace('…', "");
    let names = [&facts.environment.name, &summary, &facts.tool, &facts.host.name];
    let names = names.into_iter().chain(facts.target.values());
    if names.clone().any(|name| !name.is_ascii()) || !facts.directory.os().is_ascii() {
        found.push("a name in it holds characters beside ASCII, which can look like others".to_owned());
    }
    if names.into_iter().any(|name| name.chars().any(char::is_control)) {
        found.push("a name in it holds control characters".to_owned());
    }
}

fn people(request: &Request, setting: &Setting<'_>, found: &mut Vec<String>) {
    let facts = &request.facts;
    if facts.approval.needs == Needs::Peer {
        let user = setting.process.user();
        let mine = setting.approvers.as_ref().map(|list| list.persons_of(&[&user.name])).unwrap_or_default();
        let same = mine.iter().find(|person| facts.requester.persons.contains(&person.id));
        if let Some(person) = same {
            found.push(format!(
                "{} asks for it, and by the list here that is you: nobody approves their own request",
                sanitize::text(&person.id)
            ));
        } else if setting.is_here && user.uid == facts.requester.uid {
            found
                .push("your own account asks for it: whoever is behind it approves nothing of it".to_owned());
        }
        if facts.approval.advisory {
            found.push("the list of approvers is advisory: whoever asks could have written it".to_owned());
        }
        if facts.approval.approvers.is_none() || facts.approval.quorum == 0 {
            found.push("it names no list of approvers, so tollgate did not write it like this".to_owned());
        }
    }
    if !setting.is_here {
        found.push(format!(
            "it waits on another machine ({}), or no longer here: nothing that it says could be checked here",
            sanitize::text(&facts.host.name)
        ));
    }
}

fn times(request: &Request, setting: &Setting<'_>, found: &mut Vec<String>) {
    let now = setting.now;
    let left = request.approve_before.duration_since(now);
    if request.execute_before <= now {
        found.push("it has expired".to_owned());
    } else if left.is_negative() || left.is_zero() {
        found.push("the time to approve it is over".to_owned());
    } else if left < NEARLY {
        found.push(format!("it expires in {}: that is no reason to hurry", view::length(left)));
    }
    if request.created.duration_since(now) > SKEW {
        found.push(format!(
            "it was made {}, by the clock here: one of the clocks is wrong",
            view::from(request.created, now)
        ));
    }
    let valid = request.execute_before.duration_since(request.created);
    if valid > PATIENCE.saturating_add(GRACE) {
        found.push(format!("it is valid for {}, longer than usual", view::length(valid)));
    }
    if valid.is_negative() || request.approve_before > request.execute_before {
        found.push("its times contradict each other, so tollgate did not write it".to_owned());
    }
    let boot = verify::boot();
    if setting.is_here
        && let (Some(made), Some(boot)) = (&request.boot, &boot)
        && (made.id != boot.id || made.milliseconds > boot.milliseconds)
    {
        found.push("this machine was started since it was made, so it has expired".to_owned());
    }
}

fn program(request: &Request, setting: &Setting<'_>, found: &mut Vec<String>) {
    let facts = &request.facts;
    let path = Path::new(facts.binary.path.os());
    if !SYSTEM.iter().any(|directory| path.starts_with(directory)) {
        found.push(
            "the program is in none of the system's directories: others than root may change it".to_owned(),
        );
    }
    if facts.binary.launcher.is_some() {
        found.push(
            "the program is a launcher: what it starts in turn is not bound to the approval".to_owned(),
        );
    }
    if setting.is_here {
        let now = files::read(path, PROGRAM).ok().flatten();
        let same = now.is_some_and(|bytes| facts.binary.sha256.ends_with(&digest::sha256(&bytes)));
        if !same {
            found.push("the program at that path is not the one that was asked for".to_owned());
        }
    }
    let state = facts.state.split(" (device ").next().unwrap_or_default();
    let user = setting.process.user();
    let own = user.home.as_deref().filter(|_| setting.is_here && user.uid == facts.requester.uid);
    let own = own.map(|home| home.canonicalize().unwrap_or_else(|_| home.to_path_buf()));
    let told = facts.variables.get("HOME").map(Path::new);
    let is_home = |home: &Path| home.parent().is_some() && Path::new(state).starts_with(home);
    let at_home = own.as_deref().map_or_else(|| told.is_some_and(is_home), is_home);
    if !at_home && ANYBODYS.iter().any(|place| state.starts_with(place)) {
        found.push(format!(
            "the request is kept in {}, where anybody keeps what does not last: somebody chose that place",
            sanitize::text(state)
        ));
    }
}

/// What a variable of this name can do, where it is one to look at.
fn danger(name: &str) -> Option<&'static str> {
    let upper = name.to_ascii_uppercase();
    let starts = |start: &str| upper.starts_with(start);
    if starts("LD_") || starts("DYLD_") {
        Some("loads other code into the program")
    } else if starts("TF_CLI_CONFIG_FILE") || starts("TF_PLUGIN") || starts("TF_REATTACH") {
        Some("decides which providers terraform runs")
    } else if upper == "KUBECONFIG" {
        Some("says which clusters there are")
    } else if upper.contains("ENDPOINT") {
        Some("sends requests elsewhere")
    } else if upper.ends_with("_PROXY") {
        Some("sends requests through another machine")
    } else if upper.contains("CA_BUNDLE") || starts("SSL_CERT") {
        Some("decides whose certificates are trusted")
    } else if upper == "AWS_CONFIG_FILE" || upper == "AWS_SHARED_CREDENTIALS_FILE" {
        Some("says which accounts there are")
    } else {
        None
    }
}

fn variables(request: &Request, setting: &Setting<'_>, found: &mut Vec<String>) {
    for (name, value) in &request.facts.variables {
        if let Some(what) =
            danger(name).filter(|_| !value.is_empty() && !name.eq_ignore_ascii_case("NO_PROXY"))
        {
            found.push(format!("{} is set, which {what}", sanitize::text(name)));
        }
        if name != "PATH" {
            continue;
        }
        // Of a link of somebody's both ends are told.
        let open: Vec<String> = std::env::split_paths(&value.replace(" -> ", ":"))
            .filter(|entry| {
                entry.is_relative() || entry.starts_with("/tmp") || entry.starts_with("/var/tmp") || {
                    setting.is_here && is_open(entry)
                }
            })
            .map(|entry| sanitize::os(entry.as_os_str()))
            .collect();
        if !open.is_empty() {
            found.push(format!("PATH holds what others can write to: {}", open.join(", ")));
        }
    }
}

/// Whether others than its owner can put programs there.
fn is_open(directory: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(directory).is_ok_and(|metadata| metadata.permissions().mode() & 0o022 != 0)
}

fn judged(request: &Request, found: &mut Vec<String>) {
    let facts = &request.facts;
    // What a command was found to do is judged beside its words, and often says the same.
    let of_words = |rule: &&String| !CHANGES.iter().any(|tool| rule.split('/').next() == Some(tool));
    let count = facts.rules.iter().filter(of_words).count();
    if count > 1 {
        found.push(format!("{count} rules matched, so it does more than one thing"));
    }
    let own = env!("CARGO_PKG_VERSION");
    if facts.version != own {
        found.push(format!("tollgate {} judged it, and this is {own}", sanitize::text(&facts.version)));
    }
}

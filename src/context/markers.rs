//! The variables and files by which coding agents can be told.
//!
//! One table. What is set only for commands that an agent runs is strong; what
//! an agent's session or an agent-driven editor sets for its human's shells too
//! is weak, and counts only where there is no controlling terminal. What a
//! human sets to configure a tool is silent: it is listed so that nobody adds
//! it as a sign, for it stands in every job of a human's CI and cron.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use crate::ui::sanitize;

/// The longest agent name taken from a variable's value, in characters.
const NAME_LIMIT: usize = 64;

/// How much a sign says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// Nothing: humans have it as well.
    Silent,
    /// An agent, if there is no controlling terminal.
    Weak,
    /// An agent.
    Strong,
}

/// Which values of a variable are a sign. An empty value never is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// Any value.
    Any,
    /// Exactly this one.
    Is(&'static str),
    /// One that starts so.
    StartsWith(&'static str),
    /// One that contains this.
    Contains(&'static str),
    /// The name of a known agent, in any case, perhaps with `@` and a version.
    KnownAgent,
}

/// Whom a marker names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// This agent.
    Agent(&'static str),
    /// The agent that the value names.
    ByValue,
    /// Nobody in particular.
    Nobody,
}

/// One variable that says something of who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marker {
    /// The variable.
    pub variable: &'static str,
    /// The values that count.
    pub value: Value,
    /// The agent that sets it.
    pub named: Named,
    /// How much it says.
    pub strength: Strength,
}

impl Marker {
    /// Whether `value` is a sign by this row.
    pub fn matches(&self, value: &OsStr) -> bool {
        let bytes = value.as_bytes();
        !bytes.is_empty()
            && match self.value {
                Value::Any => true,
                Value::Is(exact) => bytes == exact.as_bytes(),
                Value::StartsWith(prefix) => bytes.starts_with(prefix.as_bytes()),
                Value::Contains(part) => bytes.windows(part.len()).any(|window| window == part.as_bytes()),
                Value::KnownAgent => known_agent(value).is_some(),
            }
    }

    /// The agent that `value`, which matches, names; fit to be shown.
    pub fn agent(&self, value: &OsStr) -> Option<String> {
        match self.named {
            Named::Agent(name) => Some(name.to_owned()),
            Named::Nobody => None,
            // Some write only that there is an agent, not which.
            Named::ByValue if value == "1" || value == "true" => None,
            Named::ByValue => {
                Some(known_agent(value).map_or_else(
                    || sanitize::os(value).chars().take(NAME_LIMIT).collect(),
                    ToOwned::to_owned,
                ))
            }
        }
    }
}

const fn strong(variable: &'static str, agent: &'static str) -> Marker {
    Marker { variable, value: Value::Any, named: Named::Agent(agent), strength: Strength::Strong }
}

const fn weak(variable: &'static str, agent: &'static str) -> Marker {
    Marker { strength: Strength::Weak, ..strong(variable, agent) }
}

const fn silent(variable: &'static str) -> Marker {
    Marker { variable, value: Value::Any, named: Named::Nobody, strength: Strength::Silent }
}

const fn only(value: Value, marker: Marker) -> Marker {
    Marker { value, ..marker }
}

const fn by_value(variable: &'static str, value: Value) -> Marker {
    Marker { variable, value, named: Named::ByValue, strength: Strength::Strong }
}

/// Every variable that is known, an agent's own before the generic ones.
pub const MARKERS: &[Marker] = &[
    // Claude Code. CLAUDECODE is its documented marker, yet its editor
    // extensions set it in terminals that a human types in.
    strong("CLAUDE_CODE_CHILD_SESSION", "claude-code"),
    strong("CLAUDE_CODE_SESSION_ID", "claude-code"),
    strong("CLAUDE_EFFORT", "claude-code"),
    weak("CLAUDECODE", "claude-code"),
    weak("CLAUDE_CODE_ENTRYPOINT", "claude-code"),
    weak("CLAUDE_CODE_IS_COWORK", "claude-code"),
    strong("CODEX_THREAD_ID", "codex"),
    strong("CODEX_SANDBOX", "codex"),
    strong("CODEX_SANDBOX_NETWORK_DISABLED", "codex"),
    strong("CODEX_CI", "codex"),
    silent("CODEX_HOME"),
    strong("GEMINI_CLI", "gemini"),
    // Cursor gives every terminal a trace id, the human's too.
    strong("CURSOR_AGENT", "cursor"),
    only(Value::Is("agent-exec"), strong("CURSOR_EXTENSION_HOST_ROLE", "cursor")),
    weak("CURSOR_TRACE_ID", "cursor"),
    strong("COPILOT_CLI", "copilot"),
    strong("COPILOT_AGENT", "copilot"),
    strong("COPILOT_AGENT_SESSION_ID", "copilot"),
    strong("COPILOT_AGENT_PROMPT", "copilot"),
    strong("COPILOT_AGENT_JOB_ID", "copilot"),
    silent("COPILOT_MODEL"),
    silent("COPILOT_ALLOW_ALL"),
    silent("COPILOT_GITHUB_TOKEN"),
    // Q_TERM and QTERM_SESSION_ID come with a shell integration for humans.
    only(Value::Contains("AmazonQ-For-CLI"), strong("AWS_EXECUTION_ENV", "amazon-q")),
    silent("Q_TERM"),
    silent("QTERM_SESSION_ID"),
    // Kiro is an agent's editor, VS Code anybody's: `at` and `systemd-run`
    // carry its TERM_PROGRAM from a human's terminal to where there is none.
    strong("AGENT_CONTEXT_OUT", "kiro"),
    only(Value::Is("kiro"), weak("TERM_PROGRAM", "kiro")),
    only(Value::Is("vscode"), silent("TERM_PROGRAM")),
    silent("KIRO_API_KEY"),
    strong("WINDSURF_CASCADE_TERMINAL", "windsurf"),
    // OPENCODE_CLIENT is set by opencode's own programs for what they start.
    strong("OPENCODE", "opencode"),
    strong("OPENCODE_PID", "opencode"),
    strong("OPENCODE_SESSION_ID", "opencode"),
    weak("OPENCODE_CLIENT", "opencode"),
    strong("GOOSE_TERMINAL", "goose"),
    strong("AGENT_SESSION_ID", "goose"),
    silent("GOOSE_PROVIDER"),
    silent("GOOSE_MODEL"),
    strong("AMP_CURRENT_THREAD_ID", "amp"),
    silent("AMP_API_KEY"),
    // The editor extension sets the first, the command line the second.
    strong("CLINE_ACTIVE", "cline"),
    strong("CLINE_CONNECTOR_CLI_LAUNCH", "cline"),
    strong("ROO_ACTIVE", "roo"),
    strong("ROO_CLI_RUNTIME", "roo"),
    // Aider marks nothing; AIDER_* is its configuration.
    silent("AIDER_MODEL"),
    strong("AUGMENT_AGENT", "augment"),
    strong("QWEN_CODE", "qwen"),
    strong("CRUSH", "crush"),
    strong("ANTIGRAVITY_AGENT", "antigravity"),
    strong("PI_CODING_AGENT", "pi"),
    strong("TRAE_AI_SHELL_ID", "trae"),
    strong("GROK_AGENT", "grok"),
    only(Value::Is("cli"), strong("KILOCODE_FEATURE", "kilocode")),
    strong("OPENCLAW_SHELL", "openclaw"),
    strong("IFLOW_CLI", "iflow"),
    strong("VTCODE", "vtcode"),
    // A hosted workspace and an editor: set for all that runs in them.
    silent("REPL_ID"),
    silent("ZED_TERM"),
    // The conventions across tools. AGENT belongs to unrelated tools as well
    // (a CI's AGENT=linux-7), so that only agents' names and the bare switch
    // that opencode writes count.
    only(Value::StartsWith("claude-code"), strong("AI_AGENT", "claude-code")),
    only(Value::StartsWith("github_copilot"), strong("AI_AGENT", "copilot")),
    by_value("AI_AGENT", Value::Any),
    by_value("AGENT", Value::KnownAgent),
    Marker { variable: "AGENT", value: Value::Is("1"), named: Named::Nobody, strength: Strength::Weak },
];

/// Further names under which agents are known, with ours.
const ALIASES: &[(&str, &str)] = &[
    ("claude", "claude-code"),
    ("gemini-cli", "gemini"),
    ("cursor-cli", "cursor"),
    ("cursor-agent", "cursor"),
    ("github-copilot", "copilot"),
    ("kiro-cli", "kiro"),
    ("aider", "aider"),
    ("devin", "devin"),
    ("auggie", "augment"),
    ("qwen-code", "qwen"),
];

/// Our name for the agent that `value` names, if it is a known one.
fn known_agent(value: &OsStr) -> Option<&'static str> {
    let name = value.as_bytes().split(|byte| *byte == b'@').next().unwrap_or_default();
    let is = |known: &str| known.as_bytes().eq_ignore_ascii_case(name);
    let own = MARKERS.iter().find_map(|marker| match marker.named {
        Named::Agent(agent) if is(agent) => Some(agent),
        _ => None,
    });
    own.or_else(|| ALIASES.iter().find(|(alias, _)| is(alias)).map(|(_, agent)| *agent))
}

/// Whether the variable `name` may say something of who asks.
pub fn is_marker(name: &OsStr) -> bool {
    MARKERS
        .iter()
        .any(|marker| marker.strength > Strength::Silent && marker.variable.as_bytes() == name.as_bytes())
}

/// A file that an agent's vendor puts on the machines it runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileMarker {
    /// The file or directory.
    pub path: &'static str,
    /// The agent that the machine belongs to.
    pub agent: &'static str,
}

/// Every file that is known.
pub const FILES: &[FileMarker] = &[FileMarker { path: "/opt/.devin", agent: "devin" }];

/// The files of [`FILES`] that are on this machine, whatever they are.
pub fn files_here() -> Vec<&'static FileMarker> {
    FILES.iter().filter(|marker| Path::new(marker.path).symlink_metadata().is_ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_value_is_no_sign() {
        for marker in MARKERS {
            assert!(!marker.matches(OsStr::new("")), "{}", marker.variable);
        }
    }

    #[test]
    fn the_generic_variables_come_last() {
        let generic = |marker: &Marker| ["AI_AGENT", "AGENT"].contains(&marker.variable);
        let first = MARKERS.iter().position(generic).unwrap();
        assert!(MARKERS[first..].iter().all(generic));
        assert!(MARKERS[..first].iter().all(|marker| marker.named != Named::ByValue));
    }

    #[test]
    fn no_row_stands_twice() {
        for (place, marker) in MARKERS.iter().enumerate() {
            let same = |other: &&Marker| (other.variable, other.value) == (marker.variable, marker.value);
            assert_eq!(MARKERS.iter().position(|other| same(&other)), Some(place), "{}", marker.variable);
        }
    }

    #[test]
    fn values_are_told_apart() {
        let row = |variable: &str, value: &str| {
            let value = OsStr::new(value);
            MARKERS
                .iter()
                .find(|marker| marker.variable == variable && marker.matches(value))
                .map(|marker| (marker.strength, marker.agent(value)))
        };
        let named = |strength, name: &str| Some((strength, Some(name.to_owned())));
        let cases = [
            ("AI_AGENT", "claude-code_2-1-200_agent", named(Strength::Strong, "claude-code")),
            ("AI_AGENT", "github_copilot_vscode_agent", named(Strength::Strong, "copilot")),
            ("AI_AGENT", "crush", named(Strength::Strong, "crush")),
            ("AI_AGENT", "devin@1", named(Strength::Strong, "devin")),
            ("AI_AGENT", "something-new", named(Strength::Strong, "something-new")),
            ("AI_AGENT", "1", Some((Strength::Strong, None))),
            ("AGENT", "goose", named(Strength::Strong, "goose")),
            ("AGENT", "Amp", named(Strength::Strong, "amp")),
            ("AGENT", "claude", named(Strength::Strong, "claude-code")),
            ("AGENT", "1", Some((Strength::Weak, None))),
            ("AGENT", "linux-7", None),
            ("AGENT", "goosey", None),
            ("AWS_EXECUTION_ENV", "AmazonQ-For-CLI Version/1.2", named(Strength::Strong, "amazon-q")),
            ("AWS_EXECUTION_ENV", "AWS_Lambda_python3.12", None),
            ("CURSOR_EXTENSION_HOST_ROLE", "agent-exec", named(Strength::Strong, "cursor")),
            ("CURSOR_EXTENSION_HOST_ROLE", "user", None),
            ("KILOCODE_FEATURE", "cli", named(Strength::Strong, "kilocode")),
            ("KILOCODE_FEATURE", "ide", None),
            ("TERM_PROGRAM", "iTerm.app", None),
        ];
        for (variable, value, expected) in cases {
            assert_eq!(row(variable, value), expected, "{variable}={value}");
        }
    }

    #[test]
    fn a_name_from_a_value_is_fit_to_be_shown() {
        let generic = by_value("AI_AGENT", Value::Any);
        let name = generic.agent(OsStr::from_bytes(b"\x1b[2Jx\xff")).unwrap();
        assert_eq!(name, "\\u{1b}[2Jx\\xff");
        let long = "n".repeat(500);
        assert_eq!(generic.agent(OsStr::new(&long)).unwrap().len(), NAME_LIMIT);
    }

    #[test]
    fn only_names_that_say_something_are_markers() {
        assert!(is_marker(OsStr::new("CLAUDECODE")));
        assert!(is_marker(OsStr::new("TERM_PROGRAM")));
        assert!(!is_marker(OsStr::new("CODEX_HOME")));
        assert!(!is_marker(OsStr::new("PATH")));
        assert!(!is_marker(OsStr::from_bytes(b"\xff")));
    }
}

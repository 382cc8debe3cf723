//! Who asks: a human, or an AI coding agent.
//!
//! Agents are told by what they leave: see [`super::markers`] and
//! [`super::programs`]. Everything else is taken for a human, which proves
//! nothing, since whoever asks can also clear what would tell. So this may only
//! ever tighten a verdict; it is never evidence of a human.
//!
//! - A strong sign is an agent, wherever it stands: in this process's
//!   environment, in an ancestor's (`env -i` does not reach those), or as an
//!   ancestor's program. So are more ancestors than anybody has: the agent
//!   may be above those that were looked at.
//! - Weak signs are an agent only where there is no controlling terminal, for
//!   an editor gives them to its human's shells as well. At a terminal no
//!   number of them is an agent.

use schemars::JsonSchema;
use serde::Serialize;
use std::ffi::OsStr;

use super::lineage::{self, Ancestor};
use super::markers::{self, FileMarker, MARKERS, Marker, Strength};
use super::programs;
use crate::process::Environment;
use crate::ui::sanitize;
use crate::verdict::PrincipalKind;

/// Who asks, and how that is known.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Principal {
    /// Human or agent.
    pub kind: PrincipalKind,
    /// The agent's name where it can be told, such as `claude-code`; fit to be
    /// shown. Of nested agents, the innermost.
    pub name: Option<String>,
    /// What tells of an agent; fit to be shown, and empty for a human. Values
    /// of variables are never in it.
    pub evidence: Vec<String>,
}

impl Principal {
    /// Who asks, tightened by the files that an agent's vendor left on this
    /// machine.
    #[must_use]
    pub fn on_machine_with(mut self, files: &[&FileMarker]) -> Self {
        for file in files {
            self.kind = PrincipalKind::Agent;
            self.name.get_or_insert_with(|| file.agent.to_owned());
            self.evidence.push(format!("file {}", file.path));
        }
        self
    }
}

/// Who runs this process: [`principal`] with its real ancestors and machine.
///
/// `has_terminal` is whether it has a controlling terminal.
pub fn detect(environment: &Environment, has_terminal: bool) -> Principal {
    principal(environment, &lineage::lineage(), has_terminal).on_machine_with(&markers::files_here())
}

/// Who asks, from this process's environment, its ancestors (parent first),
/// and whether it has a controlling terminal.
pub fn principal(environment: &Environment, lineage: &[Ancestor], has_terminal: bool) -> Principal {
    let mut signs = program_signs(lineage);
    signs.extend(marker_signs(environment, lineage));
    signs.extend(lineage::is_cut(lineage).then(|| Sign {
        agent: None,
        strength: Strength::Strong,
        distance: lineage.len() + 1,
        evidence: format!("more than {} processes above", lineage.len()),
    }));

    let strongest = signs.iter().map(|sign| sign.strength).max().unwrap_or(Strength::Silent);
    let is_agent = match strongest {
        Strength::Strong => true,
        Strength::Weak => !has_terminal,
        Strength::Silent => false,
    };
    if !is_agent {
        return Principal::default();
    }
    let telling = || signs.iter().filter(|sign| sign.strength == strongest);
    let innermost = telling().filter(|sign| sign.agent.is_some()).min_by_key(|sign| sign.distance);
    let name = innermost.and_then(|sign| sign.agent.clone());
    Principal {
        kind: PrincipalKind::Agent,
        name,
        evidence: telling().map(|sign| sign.evidence.clone()).collect(),
    }
}

/// One thing that tells of an agent.
struct Sign {
    agent: Option<String>,
    strength: Strength,
    /// How far up the agent is: 1 for the parent.
    distance: usize,
    evidence: String,
}

fn program_signs(lineage: &[Ancestor]) -> Vec<Sign> {
    let sign = |(place, ancestor): (usize, &Ancestor)| {
        let name = OsStr::new(&ancestor.name);
        let (agent, strength) = programs::recognise(name, &ancestor.command)?;
        Some(Sign {
            agent: Some(agent.to_owned()),
            strength,
            distance: place + 1,
            evidence: format!("process {} (pid {})", sanitize::text(&ancestor.name), ancestor.pid),
        })
    };
    lineage.iter().enumerate().filter_map(sign).collect()
}

/// An environment, and the process that was started with it; none for this one.
type Place<'a> = (Option<u32>, Option<&'a Environment>);

fn marker_signs(environment: &Environment, lineage: &[Ancestor]) -> Vec<Sign> {
    let mut places: Vec<Place<'_>> = vec![(None, Some(environment))];
    places.extend(lineage.iter().map(|ancestor| (Some(ancestor.pid), ancestor.environment.as_ref())));

    let mut signs: Vec<Sign> = Vec::new();
    for marker in MARKERS.iter().filter(|marker| marker.strength > Strength::Silent) {
        if let Some(sign) = marker_sign(marker, &places) {
            // A generic row repeats what a variable's own row has said.
            if signs.iter().all(|known| known.evidence != sign.evidence) {
                signs.push(sign);
            }
        }
    }
    signs
}

/// Where `marker` stands nearest. The agent that set it is the nearest process
/// above which was started without it.
fn marker_sign(marker: &Marker, places: &[Place<'_>]) -> Option<Sign> {
    let value = |environment: &Environment| {
        environment.get(marker.variable).filter(|value| marker.matches(value)).map(ToOwned::to_owned)
    };
    let (nearest, pid, found) = places
        .iter()
        .enumerate()
        .find_map(|(place, (pid, environment))| Some((place, pid, environment.and_then(value)?)))?;
    let lacks = |(_, environment): &Place<'_>| environment.is_some_and(|known| value(known).is_none());
    let distance = places.iter().skip(nearest).position(lacks).map_or(places.len(), |steps| nearest + steps);
    let evidence = match pid {
        None => marker.variable.to_owned(),
        Some(pid) => format!("pid {pid} environment: {}", marker.variable),
    };
    Some(Sign { agent: marker.agent(&found), strength: marker.strength, distance, evidence })
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt as _;

    use super::super::markers::{FILES, Value};
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        pairs.iter().copied().collect()
    }

    type Variables<'a> = &'a [(&'a str, &'a str)];

    /// Ancestors, parent first, from their command lines and variables.
    fn chain(processes: &[(&str, Variables<'_>)]) -> Vec<Ancestor> {
        let ancestor = |(place, (command, variables)): (usize, &(&str, Variables<'_>))| {
            let command: Vec<OsString> = command.split(' ').map(OsString::from).collect();
            let path = command[0].to_str().unwrap();
            Ancestor {
                pid: 100 - u32::try_from(place).unwrap(),
                name: path.rsplit('/').next().unwrap().to_owned(),
                command,
                environment: Some(environment(variables)),
                ..Ancestor::default()
            }
        };
        processes.iter().enumerate().map(ancestor).collect()
    }

    fn sample(marker: &Marker) -> &'static str {
        match marker.value {
            Value::Any => "x",
            Value::Is(value) | Value::StartsWith(value) | Value::Contains(value) => value,
            Value::KnownAgent => "goose",
        }
    }

    #[test]
    fn every_row_of_the_table_does_what_its_strength_says() {
        for marker in MARKERS {
            let here = environment(&[(marker.variable, sample(marker))]);
            let beneath = |terminal| principal(&here, &[], terminal).kind;
            let above = [(marker.variable, sample(marker))];
            let lineage = chain(&[("sh", &[]), ("bash", &above), ("systemd", &[])]);
            let from_above = |terminal| principal(&Environment::default(), &lineage, terminal).kind;
            let (at_terminal, without) = match marker.strength {
                Strength::Strong => (PrincipalKind::Agent, PrincipalKind::Agent),
                Strength::Weak => (PrincipalKind::Human, PrincipalKind::Agent),
                Strength::Silent => (PrincipalKind::Human, PrincipalKind::Human),
            };
            let expected = [at_terminal, without, at_terminal, without];
            let found = [beneath(true), beneath(false), from_above(true), from_above(false)];
            assert_eq!(found, expected, "{}={}", marker.variable, sample(marker));
        }
    }

    #[test]
    fn nothing_is_a_human_with_and_without_a_terminal() {
        let cron = chain(&[("sh", &[("AIDER_MODEL", "x"), ("CODEX_HOME", "/x")]), ("cron", &[])]);
        for terminal in [true, false] {
            let found = principal(&environment(&[("PATH", "/bin"), ("CLAUDECODE", "")]), &cron, terminal);
            assert_eq!(found, Principal::default());
        }
    }

    #[test]
    fn weak_signs_never_add_up_at_a_terminal() {
        let lineage = chain(&[("-zsh", &[]), ("/usr/share/cursor/cursor --x", &[])]);
        let here = environment(&[("CURSOR_TRACE_ID", "1"), ("CLAUDECODE", "1"), ("AGENT", "1")]);
        assert_eq!(principal(&here, &lineage, true), Principal::default());

        let alone = principal(&here, &lineage, false);
        assert_eq!(alone.kind, PrincipalKind::Agent);
        assert_eq!(alone.evidence, ["process cursor (pid 99)", "CLAUDECODE", "CURSOR_TRACE_ID", "AGENT"]);
    }

    #[test]
    fn a_strong_sign_leaves_weak_ones_unsaid() {
        let here = environment(&[("CLAUDECODE", "1"), ("CLAUDE_CODE_CHILD_SESSION", "1")]);
        let found = principal(&here, &[], true);
        assert_eq!(found.name.as_deref(), Some("claude-code"));
        assert_eq!(found.evidence, ["CLAUDE_CODE_CHILD_SESSION"]);
    }

    #[test]
    fn an_ancestor_tells_where_the_environment_was_cleared() {
        let codex = [("CODEX_THREAD_ID", "7")];
        let lineage = chain(&[("sh", &[]), ("bash -lc x", &codex), ("systemd", &[])]);
        let found = principal(&Environment::default(), &lineage, true);
        assert_eq!(found.name.as_deref(), Some("codex"));
        assert_eq!(found.evidence, ["pid 99 environment: CODEX_THREAD_ID"]);

        let lineage = chain(&[("sh", &[]), ("node /usr/bin/gemini", &[])]);
        let found = principal(&Environment::default(), &lineage, true);
        assert_eq!(found.name.as_deref(), Some("gemini"));
        assert_eq!(found.evidence, ["process node (pid 99)"]);
    }

    #[test]
    fn who_hides_behind_thousands_of_processes_is_an_agent() {
        let deep = |parent| vec![Ancestor { parent, ..Ancestor::default() }; lineage::DEPTH_LIMIT];
        let found = principal(&Environment::default(), &deep(7), true);
        assert_eq!((found.kind, found.name), (PrincipalKind::Agent, None));
        assert_eq!(found.evidence, ["more than 4096 processes above"]);
        assert_eq!(principal(&Environment::default(), &deep(0), true), Principal::default());
    }

    #[test]
    fn of_nested_agents_the_innermost_is_named() {
        let claude = ("CLAUDE_CODE_CHILD_SESSION", "1");
        let codex = ("CODEX_THREAD_ID", "7");
        let named = |here: Variables<'_>, lineage: &[(&str, Variables<'_>)]| {
            principal(&environment(here), &chain(lineage), true).name.unwrap()
        };
        // Both are processes.
        assert_eq!(
            named(&[claude, codex], &[("codex", &[claude]), ("sh", &[claude]), ("claude", &[])]),
            "codex"
        );
        assert_eq!(
            named(&[claude, codex], &[("claude", &[codex]), ("sh", &[codex]), ("codex", &[])]),
            "claude-code"
        );
        // Only the markers' first appearance tells.
        assert_eq!(
            named(&[claude, codex], &[("sh", &[claude, codex]), ("x", &[claude]), ("y", &[])]),
            "codex"
        );
        assert_eq!(named(&[claude, codex], &[("x", &[codex]), ("y", &[])]), "claude-code");
        // The inner one has no marker.
        assert_eq!(named(&[claude], &[("aider", &[claude]), ("claude", &[])]), "aider");
        // Nothing tells: the first in the table.
        assert_eq!(named(&[claude, codex], &[]), "claude-code");
    }

    #[test]
    fn an_unreadable_ancestor_tells_nothing_and_stops_nothing() {
        let mut lineage = chain(&[("sudo", &[]), ("bash", &[("GEMINI_CLI", "1")]), ("x", &[])]);
        lineage[0].environment = None;
        let found = principal(&Environment::default(), &lineage, true);
        assert_eq!(found.evidence, ["pid 99 environment: GEMINI_CLI"]);
    }

    #[test]
    fn a_specific_variable_names_before_a_generic_one() {
        let here = environment(&[("AI_AGENT", "wrapper"), ("GEMINI_CLI", "1")]);
        let found = principal(&here, &[], true);
        assert_eq!(found.name.as_deref(), Some("gemini"));
        assert_eq!(found.evidence, ["GEMINI_CLI", "AI_AGENT"]);

        let here = environment(&[("AI_AGENT", "claude-code_2-1-0_agent")]);
        let found = principal(&here, &[], true);
        assert_eq!(found.name.as_deref(), Some("claude-code"));
        assert_eq!(found.evidence, ["AI_AGENT"]);
    }

    #[test]
    fn bytes_that_are_not_text_count_and_are_shown_escaped() {
        let mut here = Environment::default();
        here.set("AI_AGENT", OsString::from_vec(b"\xff\x1b".to_vec()));
        let found = principal(&here, &[], true);
        assert_eq!((found.kind, found.name.as_deref()), (PrincipalKind::Agent, Some("\\xff\\u{1b}")));

        let mut lineage = chain(&[("claude", &[])]);
        lineage[0].name = "x\u{1b}[2J".to_owned();
        let found = principal(&Environment::default(), &lineage, true);
        assert_eq!(found.evidence, ["process x\\u{1b}[2J (pid 100)"]);
    }

    #[test]
    fn a_vendors_file_only_tightens() {
        let devin = Principal::default().on_machine_with(&[&FILES[0]]);
        assert_eq!((devin.kind, devin.name.as_deref()), (PrincipalKind::Agent, Some("devin")));
        assert_eq!(devin.evidence, ["file /opt/.devin"]);
        let claude = principal(&environment(&[("CLAUDE_EFFORT", "high")]), &[], true);
        assert_eq!(claude.clone().on_machine_with(&[&FILES[0]]).name, claude.name);
        assert_eq!(claude.clone().on_machine_with(&[]), claude);
    }

    #[test]
    fn json_is_as_documented() {
        let found = principal(&environment(&[("CLAUDE_CODE_CHILD_SESSION", "1")]), &[], true);
        assert_eq!(
            serde_json::to_string(&found).unwrap(),
            r#"{"kind":"agent","name":"claude-code","evidence":["CLAUDE_CODE_CHILD_SESSION"]}"#
        );
        for kind in [PrincipalKind::Human, PrincipalKind::Agent] {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{kind}\""));
        }
    }
}

//! What `apply` says of a plan that was made for it, told as the command that was asked for tells it:
//! to the tool it is the apply of a saved plan.
//!
//! The apply of a saved plan with `-json` begins with the version and the planned changes, which the plan
//! has told already. `destroy` ends with words of its own.

use std::io;

use super::distribute::is_on;
use super::output::{Filter, Through};
use crate::command::Command;

/// How the apply of a plan that only destroys ends, and how `destroy` does.
const APPLIED: &str = "Apply complete! Resources: 0 added, 0 changed, ";
const DESTROYED: &str = "Destroy complete! Resources: ";

/// What ends colours.
const RESET: &[u8] = b"\x1b[0m";

/// What is told otherwise of the apply of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retold {
    /// Whether it tells in JSON.
    is_json: bool,
    /// Whether the beginning was told by the plan.
    is_told: bool,
    /// Whether it was asked for as `destroy`.
    destroys: bool,
}

impl Retold {
    /// Of `command`, which applies a plan that was made for it, and shown by this process where
    /// `is_shown`; nothing where it is told as it is.
    pub(super) fn of(command: &Command, is_shown: bool) -> Option<Self> {
        let is_json = is_on(command, "-json");
        let retold = Self { is_json, is_told: is_json && is_shown, destroys: command.path == ["destroy"] };
        (retold.is_told || retold.destroys).then_some(retold)
    }

    /// Leads standard output through this.
    ///
    /// # Errors
    /// Where the operating system refuses.
    pub fn begin(self) -> io::Result<Through> {
        Through::begin(Retelling { retold: self, line: Vec::new(), has_ended: false, is_over: false })
    }
}

/// What is being told.
struct Retelling {
    retold: Retold,
    /// The line that is not complete, as far as it was not passed on.
    line: Vec<u8>,
    /// Whether it was told that all is destroyed, after which `destroy` tells nothing.
    has_ended: bool,
    /// Whether what comes behind that was reached.
    is_over: bool,
}

impl Filter for Retelling {
    fn shown(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut shown = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                self.complete(&mut shown);
            }
        }
        shown
    }

    fn rest(&mut self) -> Vec<u8> {
        let mut shown = Vec::new();
        self.complete(&mut shown);
        shown
    }
}

impl Retelling {
    fn complete(&mut self, shown: &mut Vec<u8>) {
        let line = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&line);
        if self.retold.is_json {
            match kind(&line).as_deref() {
                Some("version" | "planned_change") if self.retold.is_told => return,
                Some("outputs") if self.retold.destroys => return,
                Some("change_summary") if self.retold.destroys => {
                    let text = text.replacen(APPLIED, DESTROYED, 1);
                    let text = text.replacen("\"operation\":\"apply\"", "\"operation\":\"destroy\"", 1);
                    return shown.extend(text.into_bytes());
                }
                _ => {}
            }
        } else if self.has_ended {
            // What ends the colours of the words above stands before what it tells of outputs.
            if !std::mem::replace(&mut self.is_over, true) && line.starts_with(RESET) {
                shown.extend_from_slice(RESET);
            }
            return;
        } else if let Some(rest) = text.strip_prefix(APPLIED) {
            self.has_ended = true;
            shown.extend(DESTROYED.bytes());
            return shown.extend(rest.bytes());
        }
        shown.extend(line);
    }
}

/// What a line of JSON is about.
fn kind(line: &[u8]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(line).ok()?;
    value.get("type")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::process::Environment;

    fn retold(line: &str, is_shown: bool) -> Option<Retold> {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        Retold::of(&crate::command::parse("terraform", &words, &Environment::default()).unwrap(), is_shown)
    }

    fn through(retold: Retold, text: &str, size: usize) -> String {
        let mut retelling = Retelling { retold, line: Vec::new(), has_ended: false, is_over: false };
        let mut shown: Vec<u8> =
            text.as_bytes().chunks(size).flat_map(|chunk| retelling.shown(chunk)).collect();
        shown.extend(retelling.rest());
        String::from_utf8(shown).unwrap()
    }

    #[test]
    fn most_is_told_as_it_is() {
        for (line, is_shown, expected) in [
            ("apply", true, false),
            ("apply -json=false", true, false),
            ("apply -destroy", true, false),
            ("refresh", true, false),
            ("apply -json", false, false),
            ("apply -json", true, true),
            ("destroy", false, true),
        ] {
            assert_eq!(retold(line, is_shown).is_some(), expected, "{line}");
        }
    }

    #[test]
    fn what_the_plan_told_is_not_told_again() {
        let summary = |what: &str, operation: &str| {
            format!(
                "{{\"@message\":\"{what}\",\"changes\":{{\"operation\":\"{operation}\"}},\"type\":\"change_summary\"}}\n"
            )
        };
        let version = "{\"type\":\"version\"}\n{\"type\":\"planned_change\"}\n";
        let hook = "{\"type\":\"apply_start\"}\nno JSON\n";
        let outputs = "{\"type\":\"outputs\"}\n";
        let end = summary("Apply complete! Resources: 0 added, 0 changed, 3 destroyed.", "apply");
        let destroyed = summary("Destroy complete! Resources: 3 destroyed.", "destroy");
        for (line, is_shown, expected) in [
            ("apply -json", true, format!("{hook}{end}{outputs}")),
            ("destroy -json", true, format!("{hook}{destroyed}")),
            ("destroy -json", false, format!("{version}{hook}{destroyed}")),
        ] {
            for size in [1, 7, 4096] {
                let text = format!("{version}{hook}{end}{outputs}");
                assert_eq!(through(retold(line, is_shown).unwrap(), &text, size), expected, "{line}");
            }
        }
    }

    #[test]
    fn destroying_ends_in_its_own_words() {
        let applied = "a\n\u{1b}[32m\nApply complete! Resources: 0 added, 0 changed, 3 destroyed.\n\u{1b}[0m";
        let destroyed = "a\n\u{1b}[32m\nDestroy complete! Resources: 3 destroyed.\n\u{1b}[0m";
        for behind in ["", "\u{1b}[1m\nOutputs:\n\n\u{1b}[0mo = 1\n"] {
            for size in [1, 7, 4096] {
                let text = format!("{applied}{behind}");
                assert_eq!(through(retold("destroy", true).unwrap(), &text, size), destroyed, "{behind}");
            }
        }
        let failed = "a\nb";
        assert_eq!(through(retold("destroy", true).unwrap(), failed, 1), failed);
    }
}

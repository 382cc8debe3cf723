//! The text that says why nothing ran, and the one that asks.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use colored::Colorize as _;

use crate::audit::redact::cut;
use crate::rules::judge::Judgement;
use crate::ui::sanitize;
use crate::verdict::{Effect, Risk};

/// How many lines of what it would do are shown.
pub const LINES: usize = 20;

/// What a message about one command speaks of.
#[derive(Debug)]
pub struct Notice<'a> {
    /// The command line, already safe to print.
    pub line: String,
    /// What the rulebook said.
    pub judgement: &'a Judgement,
    /// The classified environment.
    pub environment: &'a str,
    /// Where it would act.
    pub target: BTreeMap<String, String>,
    /// What else a reader should know: why a target counts as guarded, an
    /// exemption.
    pub notes: &'a [String],
    /// What it would do, one line each, the gravest first.
    pub lines: &'a [String],
}

impl Notice<'_> {
    /// The first line's end: `terraform destroy (rule terraform/destroy, critical)`.
    fn headline(&self) -> String {
        let rule = self.judgement.leading().map_or("", |leading| &leading.rule);
        format!("{} (rule {}, {})", self.line, sanitize::text(rule), coloured_risk(self.judgement.risk))
    }

    /// The lines below it.
    fn details(&self) -> String {
        let mut text = String::new();
        let mut line = |label: &str, value: &str| {
            if !value.is_empty() {
                let value = cut(&sanitize::text(value));
                let label = if label.is_empty() { String::new() } else { format!("{label}:") };
                let _ = writeln!(text, "  {label:<9} {value}");
            }
        };
        let target: Vec<String> = std::iter::once(format!("environment {}", self.environment))
            .chain(self.target.iter().map(|(name, value)| format!("{} {value}", name.replace('_', " "))))
            .collect();
        line("target", &target.join(", "));
        let effects: Vec<String> = telling(self.judgement.effects())
            .iter()
            .map(|effect| format!("{effect} ({})", effect.meaning()))
            .collect();
        line("effect", &effects.join("; "));
        if let Some(leading) = self.judgement.leading() {
            line("why", leading.reason.as_deref().unwrap_or_default());
            line("instead", leading.safer.as_deref().unwrap_or_default());
        }
        for (at, told) in self.lines.iter().take(LINES).enumerate() {
            line(if at == 0 { "would" } else { "" }, told);
        }
        if self.lines.len() > LINES {
            line("", &format!("and {} more", self.lines.len() - LINES));
        }
        for note in self.notes {
            line("note", note);
        }
        text
    }

    /// The refusal: what, where, why, what instead, and how to get it approved.
    pub fn refused(&self, because: &str, approve: &str) -> String {
        self.told(&"refused:".red().bold(), because, approve)
    }

    /// The same of a command that waits for its approval.
    pub fn waiting(&self, because: &str, approve: &str) -> String {
        self.told(&"waiting:".yellow().bold(), because, approve)
    }

    fn told(&self, verdict: &colored::ColoredString, because: &str, approve: &str) -> String {
        let mut text = format!("tollgate: {verdict} {}\n{}", self.headline(), self.details());
        for (label, value) in [("because:", cut(because).as_ref()), ("approve:", approve)] {
            for (at, line) in value.lines().enumerate() {
                let label = if at == 0 { label } else { "" };
                let _ = writeln!(text, "  {label:<9} {}", sanitize::text(line));
            }
        }
        text
    }

    /// What is shown above the question, to a human who is `alone` where a second
    /// person should agree.
    pub fn asked(&self, alone: bool) -> String {
        let mut text =
            format!("tollgate: {} {}\n{}", "confirm:".yellow().bold(), self.headline(), self.details());
        if alone {
            let note = "this needs a second person; none is configured, so nobody else is asked";
            let _ = writeln!(text, "  {:<9} {note}", "note:");
        }
        text
    }
}

/// The effects worth telling, of `effects` from the worst: that it changes
/// nothing, or this machine only, is wrong beside a worse one.
fn telling(mut effects: Vec<Effect>) -> Vec<Effect> {
    let worst = effects.first().copied();
    effects.retain(|effect| *effect > Effect::Local || Some(*effect) == worst);
    effects
}

fn coloured_risk(risk: Risk) -> colored::ColoredString {
    match risk {
        Risk::Low | Risk::Medium => risk.name().normal(),
        Risk::High => risk.name().yellow(),
        Risk::Critical => risk.name().red().bold(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effects_do_not_contradict_each_other() {
        for (effects, told) in [
            (&[Effect::Disclose, Effect::Read][..], &[Effect::Disclose][..]),
            (
                &[Effect::Destroy, Effect::Write, Effect::Local, Effect::Read],
                &[Effect::Destroy, Effect::Write],
            ),
            (&[Effect::Local, Effect::Read], &[Effect::Local]),
            (&[Effect::Read], &[Effect::Read]),
            (&[], &[]),
        ] {
            assert_eq!(telling(effects.to_vec()), told);
        }
    }
}

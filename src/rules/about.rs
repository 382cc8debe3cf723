//! What an id stands for, also one that is in no file.

use super::book::Rulebook;
use super::judge::{UNKNOWN_COMMAND, UNREADABLE};
use super::operations;
use super::schema::Rule;
use crate::verdict::{Effect, Risk};

/// The ids that are tollgate's own and in no file.
pub const UNFILED: [&str; 3] = [UNREADABLE, UNREAD, WAIVER];

/// The id under which a file, or a part of one, is reported that cannot be read.
pub const UNREAD: &str = "scan/unread";

/// The id under which a waiver is reported that counts for nothing.
pub const WAIVER: &str = "scan/waiver";

/// What an id stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// One sentence: what it is about.
    pub summary: String,
    /// What that does.
    pub effects: Vec<Effect>,
    /// How much is at stake.
    pub risk: Risk,
    /// What is lost.
    pub reason: Option<String>,
    /// What to do instead.
    pub safer: Option<String>,
    /// A page about it.
    pub page: Option<String>,
}

impl About {
    fn of(rule: &Rule) -> Self {
        Self {
            summary: rule.summary.clone(),
            effects: rule.effect.0.clone(),
            risk: rule.risk,
            reason: rule.reason.clone(),
            safer: rule.safer.clone(),
            page: rule.docs.clone(),
        }
    }
}

/// What `id` stands for here.
pub fn find(id: &str, book: &Rulebook) -> Option<About> {
    let files = book.layers.iter().rev().flat_map(super::book::Layer::files);
    if let Some(rule) = files.flat_map(|(_, file)| &file.rules).find(|rule| rule.id == id) {
        return Some(About::of(rule));
    }
    operations::by_id(id).map(|(rule, _)| About::of(&rule)).or_else(|| unfiled(id))
}

/// The page that a shipped rule names, by the files' own texts: what rules are judged
/// by leaves it out.
pub fn page<'a>(id: &str, texts: &'a [(&'static str, String)]) -> Option<&'a str> {
    let start = format!("  - id: {id}");
    texts.iter().find_map(|(_, text)| {
        let rule = text.lines().skip_while(|line| *line != start).skip(1);
        rule.take_while(|line| !line.starts_with("  - id: ")).find_map(|line| line.strip_prefix("    docs: "))
    })
}

/// What an id stands for that is tollgate's own and in no file.
pub fn unfiled(id: &str) -> Option<About> {
    let (summary, risk, reason, safer) = match id {
        UNREADABLE => (
            "Shell text of which it cannot be told what it runs.",
            Risk::Medium,
            "what it runs is not known before it runs: its words come from a variable, a file or the network, or its \
             grammar is not one that tollgate reads",
            "the command itself, with its words written out",
        ),
        UNREAD => (
            "A file, or a part of one, that `tollgate scan` could not read.",
            Risk::High,
            "what stands there was not judged, so it may do anything: it is broken, too long, or in a grammar that is \
             not read",
            "mend it; or read it yourself and say so: # tollgate: allow scan/unread because …",
        ),
        WAIVER => (
            "A waiver that counts for nothing.",
            Risk::High,
            "it gives no reason, names a rule that does not exist, or covers no command; somebody may believe that it \
             does",
            "# tollgate: allow RULE because REASON, on the line of the command or directly above",
        ),
        _ => {
            let (tool, _) = id.split_once('/').filter(|(_, name)| *name == UNKNOWN_COMMAND)?;
            return Some(About {
                summary: format!("A command of {tool} that no rule knows."),
                effects: vec![Effect::Unknown],
                risk: Risk::default(),
                reason: None,
                safer: None,
                page: None,
            });
        }
    };
    let effects = if id == WAIVER { Vec::new() } else { vec![Effect::Unknown] };
    let (reason, safer) = (Some(reason.to_owned()), Some(safer.to_owned()));
    Some(About { summary: summary.to_owned(), effects, risk, reason, safer, page: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::builtin;

    #[test]
    fn every_id_stands_for_something() {
        let book = Rulebook { layers: vec![builtin::layer(&[]).unwrap()] };
        for id in UNFILED {
            let about = find(id, &book).unwrap();
            assert!(
                about.reason.is_some() && about.safer.is_some() && about.summary.ends_with('.'),
                "{about:?}"
            );
        }
        for id in ["terraform/destroy", "aws/s3-rb-force", "aws/s3/rb", "helm/unknown-command"] {
            assert!(find(id, &book).is_some(), "{id}");
        }
        assert_eq!(find("scan/else", &book), None);
        let texts = builtin::texts().unwrap();
        assert!(page("terraform/destroy", &texts).unwrap().starts_with("https://"));
        assert_eq!(page("terraform/destro", &texts), None);
    }
}

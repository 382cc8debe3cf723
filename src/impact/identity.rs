//! As whom, and on what, a command would act: asked of the tool itself.
//!
//! Only before somebody is asked, and once more when they agreed: in between, a profile
//! may have come to mean another role, a name another cluster.

pub(super) mod aws;
mod kube;

use super::{Impact, Subject};
use crate::rules::book::Rulebook;
use crate::rules::judge::Judgement;
use crate::rules::operations::TOOL;
use crate::rules::schema::{Match, Rule};
use crate::verdict::{Decision, Fact};

/// Who a command acts as, and where: each with a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity(Vec<(&'static str, String)>);

/// What stands for what could not be found out.
const UNKNOWN: &str = "not known";

impl Identity {
    fn of(parts: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        Self(parts.into_iter().collect())
    }

    /// What of it is another in `now`, in words.
    fn differs(&self, now: &Self) -> Option<String> {
        let of = |identity: &Self, name: &str| {
            let found = identity.0.iter().find(|(known, _)| *known == name);
            found.map_or_else(|| UNKNOWN.to_owned(), |(_, value)| value.clone())
        };
        let names = self.0.iter().chain(&now.0).map(|(name, _)| *name);
        let changed = names.into_iter().find(|name| of(self, name) != of(now, name))?;
        Some(format!(
            "the identity changed while this waited: {changed} was {}, is {}",
            of(self, changed),
            of(now, changed)
        ))
    }
}

/// Whether all that denies a command of aws speaks of the account or the role: not knowing
/// them may be all that speaks against it.
pub fn may_lift(book: &Rulebook, judgement: &Judgement) -> bool {
    let speaks_of = |one: &Match| {
        let mut one = Some(one);
        std::iter::from_fn(|| {
            let this = one?;
            one = this.not.as_deref();
            Some(this)
        })
        .any(|one| one.target.contains_key(&Fact::Account) || one.target.contains_key(&Fact::Role))
    };
    let of_identity =
        |rule: &Rule| rule.unless.iter().chain([&rule.matches]).flat_map(|matches| &matches.0).any(speaks_of);
    let is = |id: &str| book.rules(TOOL).filter(|(_, rule)| rule.id == id).any(|(_, rule)| of_identity(rule));
    let denying = judgement.contributions.iter().filter(|one| one.decision == Decision::Deny);
    denying.clone().next().is_some() && denying.clone().all(|one| is(&one.rule))
}

/// Adds to `impact` what can be found out of the identity. That of aws is asked for with
/// all else that is asked of it.
pub fn find(subject: &Subject<'_>, impact: &mut Impact) {
    let passes = subject.judgement.decision <= Decision::Allow && impact.changes.is_empty();
    if !passes && matches!(subject.command.tool.as_str(), "kubectl" | "helm") {
        kube::find(subject, impact);
    }
}

/// Looks whether that is still so.
///
/// # Errors
/// What changed, in words.
pub fn recheck(subject: &Subject<'_>, impact: &Impact) -> Result<(), String> {
    let Some(before) = &impact.identity else { return Ok(()) };
    let now = match subject.command.tool.as_str() {
        "aws" => aws::now(subject),
        "kubectl" | "helm" => kube::now(subject),
        _ => return Ok(()),
    };
    before.differs(&now).map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_is_told() {
        let of = |parts: &[(&'static str, &str)]| {
            Identity::of(parts.iter().map(|(name, value)| (*name, (*value).to_owned())))
        };
        let one = of(&[("account", "1"), ("arn", "a")]);
        assert_eq!(one.differs(&one), None);
        for (other, told) in [
            (of(&[("account", "1"), ("arn", "b")]), "arn was a, is b"),
            (of(&[("account", "2"), ("arn", "b")]), "account was 1, is 2"),
            (of(&[]), "account was 1, is not known"),
        ] {
            let said = one.differs(&other).unwrap();
            assert_eq!(said, format!("the identity changed while this waited: {told}"));
        }
        assert!(of(&[]).differs(&one).is_some(), "who was not known before is not agreed to either");
    }
}

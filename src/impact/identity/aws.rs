//! Who aws acts as: `sts get-caller-identity`, asked by the real aws.
//!
//! The answer is as good as who gives it. Whoever chooses the endpoint, or whom TLS
//! trusts, chooses the answer; then it is told with [`UNPROVEN`] beside it, which no
//! list of accounts or roles holds. The answer never proves anything, as for a sandbox.

use std::time::Duration;

use serde_json::Value as Json;

use super::Identity;
use crate::context::target::Target;
use crate::context::{self, target_of};
use crate::impact::aws::{Question, Trouble, ask, ask_for, heard};
use crate::impact::probe::{Answer, ProbeError};
use crate::impact::{Impact, Subject};
use crate::verdict::{Fact, PrincipalKind};

/// What stands beside an account and a role that something other than AWS may have told.
const UNPROVEN: &str = "unproven";

/// How long a person waits to be asked about an account that is known: whom they agree to
/// must not become known only afterwards.
const PATIENCE: Duration = Duration::from_secs(10);

/// The operation, and what of its answer counts.
const READ: &str = "sts get-caller-identity";
const QUERY: &str = "{account: Account, arn: Arn}";

/// Commands that act on this machine alone.
const LOCAL: [&str; 2] = ["configure", "history"];

/// What makes the answer somebody else's.
const TRUSTING: [&str; 2] = ["--no-verify-ssl", "--ca-bundle"];
const TRUSTED: [&str; 2] = ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"];

/// The question; `None` where nobody acts.
pub(in crate::impact) fn question(subject: &Subject<'_>) -> Option<Result<Question, Trouble>> {
    let command = subject.command;
    let is_local = command.path.first().is_some_and(|first| LOCAL.contains(&first.as_str()));
    if is_local || command.inert.is_some() || command.flag("--no-sign-request").is_some() {
        return None;
    }
    Some(Question::asking(subject, READ, Vec::new(), QUERY))
}

/// Adds what the answer tells.
pub(in crate::impact) fn tell(
    subject: &Subject<'_>,
    asked: Option<Target>,
    answer: Result<Json, Trouble>,
    impact: &mut Impact,
) {
    let who = match answer.map(|answer| Who::of(&answer)) {
        Ok(Some(who)) => who,
        Ok(None) => return unknown("the answer names nobody", impact),
        Err(trouble) => return unknown(&trouble.short, impact),
    };
    let asked = asked.unwrap_or_default();
    let target = &mut impact.target;
    target.claim(Fact::Account, who.account.clone());
    target.detail("arn", who.arn.clone());
    if let Some(user) = &who.user {
        target.detail("user", user.clone());
    }
    let proven = is_proven(subject, &asked);
    if let Some(role) = &who.role {
        target.claim(Fact::Role, role.clone());
        target.claim(Fact::Role, if proven { "" } else { UNPROVEN });
    }
    target.claim(Fact::Account, if proven { "" } else { UNPROVEN });
    for claimed in asked.values(Fact::Account).filter(|claimed| *claimed != who.account) {
        target.cannot_read(format!(
            "a variable, a file or a key says account {claimed}, sts says {}",
            who.account
        ));
    }
    impact.identity = Some(who.identity());
}

/// What was answered; where no answer came in time, a person waits for another one. A
/// rulebook that says for how long to wait is heeded.
pub(in crate::impact) fn heard_in_time(
    subject: &Subject<'_>,
    question: &Question,
    answer: Option<Result<Answer, ProbeError>>,
) -> Result<Json, Trouble> {
    let is_late = matches!(answer, Some(Err(ProbeError::Late(_))));
    let waits = subject.principal == PrincipalKind::Human && subject.book.patience().is_none();
    if !is_late || !waits {
        return heard(answer);
    }
    heard(ask_for(subject, std::iter::once(question), PATIENCE).into_iter().next())
}

/// Who it is now.
pub(super) fn now(subject: &Subject<'_>) -> Identity {
    let Some(Ok(question)) = question(subject) else { return Identity::default() };
    let answer = ask(subject, std::iter::once(&question)).into_iter().next();
    let answer = heard_in_time(subject, &question, answer);
    let who = answer.ok().and_then(|answer| Who::of(&answer));
    who.map(Who::identity).unwrap_or_default()
}

fn unknown(why: &str, impact: &mut Impact) {
    impact.notes.push(format!("who it would act as is not known: {why}"));
    impact.identity = Some(Identity::default());
}

/// Whether AWS itself answers, as far as can be told.
fn is_proven(subject: &Subject<'_>, asked: &Target) -> bool {
    let elsewhere = asked.values(Fact::Endpoint).next().is_some() || !asked.unreadable().is_empty();
    let trusts = TRUSTING.iter().any(|flag| subject.command.flag(flag).is_some());
    let trusted = TRUSTED.iter().any(|name| subject.environment().non_empty(name).is_some());
    !elsewhere && !trusts && !trusted
}

/// Where the question itself goes, and whom the files and variables say it is from.
pub(in crate::impact) fn place(subject: &Subject<'_>, question: &Question) -> Target {
    let (command, environment) = (&question.command, subject.environment());
    let mut target = target_of(command, environment, Some(subject.directory));
    if let Some(path) = context::aws::certificates(command, environment, Some(subject.directory)) {
        target.cannot_read(format!("a profile trusts certificates of its own: {path}"));
    }
    target
}

/// Whom sts names.
#[derive(Debug, PartialEq, Eq)]
struct Who {
    account: String,
    /// Without the name of a session, which may be another every time.
    arn: String,
    role: Option<String>,
    user: Option<String>,
}

impl Who {
    fn of(answer: &Json) -> Option<Self> {
        let text = |name: &str| answer.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let (account, arn) = (text("account")?, text("arn")?);
        let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
        let (kind, name) = resource.split_once('/').unwrap_or((resource, ""));
        let last = name.rsplit('/').next().filter(|last| !last.is_empty()).map(str::to_owned);
        Some(match kind {
            "assumed-role" => {
                let role = name.split('/').next().unwrap_or_default().to_owned();
                let front = arn.len() - resource.len();
                let arn = format!("{}assumed-role/{role}", arn.get(..front).unwrap_or_default());
                Self { account, arn, role: Some(role), user: None }
            }
            "root" => Self { account, arn, role: None, user: Some("root".to_owned()) },
            "user" | "federated-user" => Self { account, arn, role: None, user: last },
            _ => Self { account, arn, role: None, user: None },
        })
    }

    fn identity(self) -> Identity {
        Identity::of([("account", self.account), ("arn", self.arn)])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_session_is_no_part_of_who_it_is() {
        for (arn, told, role, user) in [
            (
                "arn:aws:sts::123456789012:assumed-role/Admin/i-0abc",
                "arn:aws:sts::123456789012:assumed-role/Admin",
                Some("Admin"),
                None,
            ),
            (
                "arn:aws:iam::123456789012:user/team/kim",
                "arn:aws:iam::123456789012:user/team/kim",
                None,
                Some("kim"),
            ),
            ("arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:root", None, Some("root")),
        ] {
            let who = Who::of(&json!({"account": "123456789012", "arn": arn})).unwrap();
            assert_eq!((who.arn.as_str(), who.role.as_deref(), who.user.as_deref()), (told, role, user));
        }
        assert_eq!(Who::of(&json!({"account": "1"})), None);
        assert_eq!(Who::of(&json!(null)), None);
    }
}

//! How a verdict that asks for a human is discharged.
//!
//! Only this module can make an [`Authorized`], and only together with a
//! receipt from the audit log does it start anything (`shim::exec`).

pub mod approval;
pub mod approvers;
pub mod binding;
pub mod covered;
pub mod ledger;
pub mod notice;
pub mod prompt;
pub mod reachable;
pub mod request;
pub mod signature;
pub mod terminal;
pub mod token;
pub mod verify;

use approvers::Approvers;
use request::Needs;

use crate::audit::Approver;
use crate::context::principal::Principal;
use crate::rules::layers::Directories;
use crate::ui::chain;
use crate::verdict::{Decision, PrincipalKind};

/// How an authorization came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// A human answered at a terminal.
    Confirmed,
    /// A human answered where a second person would have been asked, had one
    /// been configured.
    ConfirmedAlone,
    /// A human agreed to the request at another terminal.
    ConfirmedApart {
        /// The request.
        approval: String,
        /// Its nonce.
        nonce: String,
        /// Whether a second person would have been asked, had one been configured.
        alone: bool,
    },
    /// Other people signed the request.
    Approved {
        /// The request.
        approval: String,
        /// Its nonce.
        nonce: String,
        /// Who signed.
        approvers: Vec<Approver>,
        /// Whether the requester could have written the list of approvers.
        advisory: bool,
    },
    /// An authorized run started this one.
    Covered {
        /// That run's request.
        by: String,
    },
}

impl How {
    /// The word in the record.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::ConfirmedAlone | Self::ConfirmedApart { alone: true, .. } => "confirmed-alone",
            Self::ConfirmedApart { .. } => "confirmed-apart",
            Self::Approved { .. } => "approved",
            Self::Covered { .. } => "covered",
        }
    }
}

/// Proof that a verdict was discharged for one request.
#[derive(Debug)]
#[must_use]
pub struct Authorized {
    request: String,
    how: How,
    level: Decision,
}

impl Authorized {
    /// The request that was authorized.
    pub fn request(&self) -> &str {
        &self.request
    }

    /// How it was.
    pub const fn how(&self) -> &How {
        &self.how
    }

    /// The decision that was discharged: what the run starts in turn is
    /// covered up to it.
    pub const fn level(&self) -> Decision {
        self.level
    }
}

/// Why a command may not run, and what would change that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Why, in one line.
    pub because: String,
    /// How to get it approved, in one line.
    pub approve: String,
    /// Whether a human saw the question and said no: they need not be told
    /// again what it was about.
    pub asked: bool,
}

/// Who may discharge a verdict.
#[derive(Debug)]
pub struct Standing {
    /// What discharges it.
    pub needs: Needs,
    /// Who may, where it needs a second person and there is one.
    pub approvers: Option<Approvers>,
}

/// Who may discharge `decision`, asked for by `principal`.
///
/// # Errors
/// The refusal: nobody may, or who may is not known.
pub fn standing(
    decision: Decision,
    principal: PrincipalKind,
    places: &Directories,
) -> Result<Standing, Refused> {
    match decision {
        Decision::Deny => Err(Refused {
            because: "a rule denies it, and no approval changes that".to_owned(),
            approve: "nobody can, as long as the rulebook says so".to_owned(),
            asked: false,
        }),
        Decision::Peer => match approvers::find(places, principal) {
            Ok(Some(approvers)) => Ok(Standing { needs: Needs::Peer, approvers: Some(approvers) }),
            Ok(None) => Ok(Standing { needs: Needs::Alone, approvers: None }),
            Err(error) => Err(Refused {
                because: format!(
                    "it needs a second person, and who that is cannot be told: {}",
                    chain(&error)
                ),
                approve: "`tollgate approvers check` says what to mend".to_owned(),
                asked: false,
            }),
        },
        _ => Ok(Standing { needs: Needs::Confirmation, approvers: None }),
    }
}

/// Why nobody here and now can discharge a verdict that is asked of them.
pub fn asks_for(peer: bool, principal: &Principal) -> String {
    let name = principal.name.as_deref().unwrap_or("an agent");
    match (peer, principal.kind) {
        (true, PrincipalKind::Human) => "it needs a second person".to_owned(),
        (true, PrincipalKind::Agent) => {
            format!("{name} asks ({}), and it needs a second person", principal.evidence.join(", "))
        }
        (false, _) => format!("{name} asks ({}); only a person can confirm", principal.evidence.join(", ")),
    }
}

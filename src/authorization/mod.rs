//! How a verdict that asks for a human is discharged.
//!
//! Only this module can make an [`Authorized`], and only together with a
//! receipt from the audit log does it start anything (`shim::exec`).

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

use std::path::PathBuf;

use crate::context::principal::Principal;
use crate::rules::layers::{Directories, exists};
use crate::verdict::{Decision, PrincipalKind};

/// How an authorization came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// A human answered at a terminal.
    Confirmed,
    /// A human answered where a second person would have been asked, had one
    /// been configured.
    ConfirmedAlone,
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
            Self::ConfirmedAlone => "confirmed-alone",
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

/// A human may be asked, at this terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MayAsk {
    /// Whether a second person would be asked, had one been configured.
    pub alone: bool,
}

/// The files that say who may approve; where one exists, nobody works alone.
pub fn approvers(places: &Directories) -> Option<PathBuf> {
    let own = |config: &Option<PathBuf>| config.as_ref().map(|config| config.join("approvers.yaml"));
    [Some(places.administrator.join("approvers.yaml")), own(&places.config), own(&places.trusted_config)]
        .into_iter()
        .flatten()
        .find(|path| exists(path))
}

/// Whether somebody may be asked to discharge `decision` here.
///
/// # Errors
/// The refusal, where nobody may be asked. `line` is the command as a person
/// would type it.
pub fn may_ask(
    decision: Decision,
    principal: &Principal,
    places: &Directories,
    line: &str,
) -> Result<MayAsk, Refused> {
    if decision == Decision::Deny {
        return Err(Refused {
            because: "a rule denies it, and no approval changes that".to_owned(),
            approve: "nobody can, as long as the rulebook says so".to_owned(),
            asked: false,
        });
    }
    if decision == Decision::Peer {
        if let Some(path) = approvers(places) {
            return Err(Refused {
                because: format!("it needs a second person, and {} says who that is", path.display()),
                approve: "this version cannot take a second person's approval".to_owned(),
                asked: false,
            });
        }
        if places.administered {
            return Err(Refused {
                because: "it needs a second person, and the administrator has named none".to_owned(),
                approve: format!("the administrator lists approvers in {}", places.administrator.display()),
                asked: false,
            });
        }
    }
    if principal.kind == PrincipalKind::Agent {
        let name = principal.name.as_deref().unwrap_or("an agent");
        return Err(Refused {
            because: format!("{name} asks ({}); only a person can confirm", principal.evidence.join(", ")),
            approve: format!("a person runs it in a terminal of their own: {line}"),
            asked: false,
        });
    }
    Ok(MayAsk { alone: decision == Decision::Peer })
}

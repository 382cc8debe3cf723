//! The words that everything else speaks in: what a command does, how much is
//! at stake, what that asks of the caller, who asks, and what can be known about
//! a target.
//!
//! Decisions, risks and effects are ordered from weakest to strictest, so that combining is
//! always [`Ord::max`]: strictest wins.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What has to happen before a command may run, weakest first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
#[must_use]
pub enum Decision {
    /// It runs at once, and nothing is recorded.
    #[default]
    Allow,
    /// A human answers at a terminal that no agent holds.
    Confirm,
    /// A second person agrees; the same human's confirmation never replaces it.
    Peer,
    /// It never runs.
    Deny,
}

impl Decision {
    /// The word used in rulebooks, JSON and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Confirm => "confirm",
            Self::Peer => "peer",
            Self::Deny => "deny",
        }
    }

    /// The exit code of `tollgate check` for this decision.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Allow => 0,
            Self::Confirm => 10,
            Self::Peer => 11,
            Self::Deny => 12,
        }
    }
}

/// How much is at stake, lowest first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Nothing that matters, or easily undone.
    #[default]
    Low,
    /// Undone with some work.
    Medium,
    /// Undone only from a backup, or by people outside.
    High,
    /// A whole state, namespace, database, account, key or backup.
    Critical,
}

impl Risk {
    /// Every risk, the least first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word used in rulebooks, JSON and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// What a command does to the world. A command may have several effects; each
/// is judged by the policy, and the strictest decision counts.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Changes nothing and tells no secret.
    #[default]
    Read,
    /// Changes only this machine.
    Local,
    /// Changes something remote.
    Write,
    /// Commits money.
    Spend,
    /// Prints a secret, and is meant to.
    Disclose,
    /// Runs code somewhere else that cannot be judged.
    Execute,
    /// A gated tool's unrecognised verb, or text that cannot be read.
    Unknown,
    /// Takes something running down or away.
    Disrupt,
    /// Switches off a safeguard or its record.
    Unprotect,
    /// Changes who may do what.
    Privilege,
    /// Loses data, objects, or the means to manage them.
    Destroy,
}

impl Effect {
    /// Every effect, mildest first.
    pub const ALL: [Self; 11] = [
        Self::Read,
        Self::Local,
        Self::Write,
        Self::Spend,
        Self::Disclose,
        Self::Execute,
        Self::Unknown,
        Self::Disrupt,
        Self::Unprotect,
        Self::Privilege,
        Self::Destroy,
    ];

    /// The word used in rulebooks, JSON and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Local => "local",
            Self::Write => "write",
            Self::Spend => "spend",
            Self::Disclose => "disclose",
            Self::Execute => "execute",
            Self::Unknown => "unknown",
            Self::Disrupt => "disrupt",
            Self::Unprotect => "unprotect",
            Self::Privilege => "privilege",
            Self::Destroy => "destroy",
        }
    }

    /// What the effect is, for people.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Read => "changes nothing, tells no secret",
            Self::Local => "changes only this machine",
            Self::Write => "changes something remote",
            Self::Spend => "commits money",
            Self::Disclose => "prints a secret",
            Self::Execute => "runs code elsewhere that cannot be judged",
            Self::Unknown => "is not known to the rulebook",
            Self::Disrupt => "takes something running down or away",
            Self::Unprotect => "switches off a safeguard or its record",
            Self::Privilege => "changes who may do what",
            Self::Destroy => "loses data, objects, or the means to manage them",
        }
    }
}

/// Who asks.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum PrincipalKind {
    /// A person, as far as anything tells.
    #[default]
    Human,
    /// A coding agent, or something that one started.
    Agent,
}

impl PrincipalKind {
    /// The word used in rulebooks, JSON and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Agent => "agent",
        }
    }
}

/// A fact about a command's target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// A cloud account's id.
    Account,
    /// Where terraform keeps its state: `s3://bucket/key`.
    Backend,
    /// A kubeconfig context.
    Context,
    /// The directory that the tool works in.
    Directory,
    /// The address that an API call goes to.
    Endpoint,
    /// A Kubernetes namespace.
    Namespace,
    /// A credential profile, such as `AWS_PROFILE`.
    Profile,
    /// A cloud project.
    Project,
    /// A cloud region.
    Region,
    /// A role that is assumed.
    Role,
    /// A cluster's address.
    Server,
    /// A cloud subscription.
    Subscription,
    /// A label that somebody put on what would be changed: `environment=prod`.
    Tag,
    /// A terraform workspace.
    Workspace,
}

impl Fact {
    /// The key in rulebooks and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Backend => "backend",
            Self::Context => "context",
            Self::Directory => "directory",
            Self::Endpoint => "endpoint",
            Self::Namespace => "namespace",
            Self::Profile => "profile",
            Self::Project => "project",
            Self::Region => "region",
            Self::Role => "role",
            Self::Server => "server",
            Self::Subscription => "subscription",
            Self::Tag => "tag",
            Self::Workspace => "workspace",
        }
    }

    /// Whether the fact says what a target *is*, rather than what somebody
    /// called it.
    pub const fn is_identity(self) -> bool {
        matches!(self, Self::Account | Self::Endpoint | Self::Server)
    }
}

impl std::fmt::Display for Decision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::fmt::Display for Risk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::fmt::Display for PrincipalKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::fmt::Display for Effect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_are_ordered_by_strictness() {
        assert!(Decision::Allow < Decision::Confirm);
        assert!(Decision::Confirm < Decision::Peer);
        assert!(Decision::Peer < Decision::Deny);
        assert_eq!(Decision::Confirm.max(Decision::Peer), Decision::Peer);
    }

    #[test]
    fn names_are_those_that_serde_writes() {
        for effect in Effect::ALL {
            assert_eq!(serde_json::to_string(&effect).unwrap(), format!("\"{effect}\""));
        }
    }
}

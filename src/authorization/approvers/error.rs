//! Why nobody can be said to approve, and what would mend it.

use std::path::{Path, PathBuf};

use super::exposure::Exposure;
use crate::rules::load::{Described, Diagnostic};
use crate::ui::sanitize;

/// Why nobody can be said to approve. Nothing runs that needs it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApproversError {
    /// The text is wrong.
    #[error("the list of approvers cannot be used: {}", described(.0))]
    Faults(Vec<Diagnostic>),
    /// It cannot be read.
    #[error("the list of approvers {} cannot be read: {why}", shown(.path))]
    Unread {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Others than root can change it.
    #[error("{} cannot say who approves, since others than root can change it; as root, run\n{}\nor let it say `mode: advisory`", shown(.path), listed(.exposures))]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Who, where, and what would mend it.
        exposures: Vec<Exposure>,
    },
    /// Root is whoever made this user namespace.
    #[error("{} cannot say who approves, since root is anybody in this user namespace: let it say `mode: advisory`", shown(.path))]
    NoRealRoot {
        /// The file.
        path: PathBuf,
    },
    /// Who root is here cannot be told.
    #[error(
        "{} cannot say who approves, since it is not told whether root is root on this machine ({why}): mount /proc, or let it say `mode: advisory`",
        shown(.path)
    )]
    UnknownRoot {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A user's own list that does not say what it is.
    #[error(
        "{} has to say `mode: advisory`: whoever asks for an approval may be able to write it, so only root's {administrator} can do without", shown(.path)
    )]
    NotAdvisory {
        /// The file.
        path: PathBuf,
        /// Where the administrator's would be.
        administrator: String,
    },
    /// An agent's list: it chose where that is.
    #[error("{} names nobody to an agent, which chooses HOME and XDG_CONFIG_HOME: a person moves it to {trusted}", shown(.path))]
    Elsewhere {
        /// The file.
        path: PathBuf,
        /// Where it would count.
        trusted: String,
    },
    /// There is an administrator's layer, but no list.
    #[error("the administrator has named no approvers: root lists them in {}", shown(.path))]
    NoneNamed {
        /// Where it would be.
        path: PathBuf,
    },
    /// There is no entry for an environment.
    #[error("{} does not say what an approval takes in {}: add `default` to `environments`, or the environment itself", shown(.path), place(.environment))]
    NoEnvironment {
        /// The file.
        path: PathBuf,
        /// The environment.
        environment: String,
    },
    /// Somebody asks who is not listed.
    #[error("{} does not say who `{}` is: add it to the `os_users` of everybody who can act under that name, so that none of them approves their own command", shown(.path), sanitize::text(.user))]
    Stranger {
        /// The file.
        path: PathBuf,
        /// The login name.
        user: String,
    },
}

/// An environment in words; `default` stands for what has no name.
fn place(environment: &str) -> String {
    match environment {
        super::read::DEFAULT => "environments that it does not name".to_owned(),
        name => format!("the environment `{}`", sanitize::text(name)),
    }
}

pub(super) fn shown(path: &Path) -> String {
    sanitize::os(path.as_os_str())
}

fn described(faults: &[Diagnostic]) -> String {
    faults.iter().map(|fault| Described(fault).to_string()).collect::<Vec<_>>().join("\n\n")
}

fn listed(exposures: &[Exposure]) -> String {
    exposures.iter().map(|exposure| format!("  {exposure}")).collect::<Vec<_>>().join("\n")
}

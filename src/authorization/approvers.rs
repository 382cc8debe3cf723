//! Who may approve what: the list of people, their keys and groups, and what an
//! approval takes in each environment.
//!
//! In `/etc/tollgate` the list is the administrator's: nobody but root may be
//! able to change it, nor anything on the way to it. Elsewhere it is *advisory*,
//! since whoever asks for an approval may have written it, and has to say so.
//! An agent chooses HOME and `XDG_CONFIG_HOME`; what is there names nobody.

mod addition;
mod error;
mod exposure;
pub(crate) mod file;
pub(crate) mod outline;
mod read;
mod requesters;
mod signers;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

pub use self::addition::{Added, Addition};
pub use self::error::ApproversError;
pub use self::exposure::Exposure;
pub use self::requesters::{Requesters, requesters};
use super::request::Presence;
use super::signature::PublicKey;
use crate::rules::layers::{Directories, exists};
use crate::verdict::PrincipalKind;

/// The name of the file.
pub const FILE: &str = "approvers.yaml";

/// The largest list that is read, in bytes.
pub const LIMIT: u64 = 1 << 20;

/// The list that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approvers {
    path: PathBuf,
    digest: String,
    advisory: bool,
    people: Vec<Person>,
    environments: Option<BTreeMap<String, Environment>>,
    revoked: BTreeSet<String>,
}

/// Somebody who asks or approves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name in requests and records.
    pub id: String,
    /// The groups that the person is in.
    pub groups: Vec<String>,
    /// The person's login names.
    pub os_users: Vec<String>,
    /// The keys that the person approves with.
    pub keys: Vec<Key>,
}

/// A key of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub key: PublicKey,
    /// From when it counts.
    pub valid_after: Option<Timestamp>,
    /// Until when it counts.
    pub valid_before: Option<Timestamp>,
    /// What it has to vouch for in any environment.
    pub require: Presence,
}

/// What an approval takes in one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// How many different people.
    pub quorum: u32,
    /// The groups of which each has to be in one; none is anybody.
    pub groups: Vec<String>,
    /// What their keys have to vouch for.
    pub require: Presence,
    /// How long a request may wait.
    pub max_ttl: SignedDuration,
}

/// What an approval takes for one command, in all places where it would act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// How many different people.
    pub quorum: u32,
    /// The groups that each has to be in: one of each list. None is anybody.
    pub groups: Vec<Vec<String>>,
    /// What their keys have to vouch for.
    pub require: Presence,
    /// How long a request may wait.
    pub max_ttl: SignedDuration,
}

/// The list that counts for `principal`. `None` where there is none and nobody
/// has to have one: people work alone.
///
/// # Errors
/// Where there is one that cannot be used, or has to be one.
pub fn find(places: &Directories, principal: PrincipalKind) -> Result<Option<Approvers>, ApproversError> {
    let list = find_as_seen(places, principal, &exposure::see)?;
    if let Some(list) = list.as_ref().filter(|list| !list.advisory) {
        let path = || list.path.clone();
        match exposure::is_root_real(Path::new("/proc/self")) {
            Ok(true) => {}
            Ok(false) => return Err(ApproversError::NoRealRoot { path: path() }),
            Err(error) => {
                return Err(ApproversError::UnknownRoot { path: path(), why: error.to_string() });
            }
        }
    }
    Ok(list)
}

fn find_as_seen(
    places: &Directories,
    principal: PrincipalKind,
    see: &dyn Fn(&Path) -> io::Result<exposure::Seen>,
) -> Result<Option<Approvers>, ApproversError> {
    let administrators = places.administrator.join(FILE);
    if exists(&administrators) {
        return administrators_list(&administrators, see).map(Some);
    }
    // Below an administrator's layer others can only tighten.
    if places.administered {
        return Err(ApproversError::NoneNamed { path: administrators });
    }
    let below = |config: &Option<PathBuf>| {
        config.as_ref().map(|config| config.join(FILE)).filter(|path| exists(path))
    };
    let (trusted, own) = (below(&places.trusted_config), below(&places.config));
    let path = match (trusted, own, principal) {
        (Some(path), _, _) | (None, Some(path), PrincipalKind::Human) => path,
        (None, Some(path), PrincipalKind::Agent) => {
            let trusted = places.trusted_config.as_ref().unwrap_or(&places.administrator).join(FILE);
            return Err(ApproversError::Elsewhere { path, trusted: error::shown(&trusted) });
        }
        (None, None, _) => return Ok(None),
    };
    let (list, _) = load(&path)?;
    if !list.advisory {
        return Err(ApproversError::NotAdvisory { path, administrator: error::shown(&administrators) });
    }
    Ok(Some(list))
}

/// The administrator's list, which nobody else may be able to change.
fn administrators_list(
    path: &Path,
    see: &dyn Fn(&Path) -> io::Result<exposure::Seen>,
) -> Result<Approvers, ApproversError> {
    let (list, identity) = load(path)?;
    if list.advisory {
        return Ok(list);
    }
    let unread = |why: String| ApproversError::Unread { path: path.into(), why };
    let (exposures, end) =
        exposure::on_the_way(path, see).map_err(|error| unread(format!("the way to it: {error}")))?;
    if !exposures.is_empty() {
        return Err(ApproversError::Exposed { path: path.into(), exposures });
    }
    // What was read is what nobody else could change.
    if end.identity != identity {
        return Err(unread("it was replaced meanwhile: try again".to_owned()));
    }
    Ok(list)
}

/// Who besides root can change the file at `path`.
///
/// # Errors
/// Where the way to it cannot be gone.
pub fn exposures(path: &Path) -> io::Result<Vec<Exposure>> {
    exposure::on_the_way(path, &exposure::see).map(|(exposures, _)| exposures)
}

/// Reads one file, and which file it is.
fn load(path: &Path) -> Result<(Approvers, (u64, u64)), ApproversError> {
    let unread =
        |why: &dyn std::fmt::Display| ApproversError::Unread { path: path.into(), why: why.to_string() };
    let flags = nix::libc::O_NONBLOCK | nix::libc::O_NOCTTY;
    let file = File::options().read(true).custom_flags(flags).open(path).map_err(|error| unread(&error))?;
    let metadata = file.metadata().map_err(|error| unread(&error))?;
    if !metadata.is_file() {
        return Err(unread(&"it is no regular file"));
    }
    let mut bytes = Vec::new();
    file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(|error| unread(&error))?;
    if bytes.len() as u64 > LIMIT {
        return Err(unread(&format!("it is larger than {} KiB", LIMIT / 1024)));
    }
    let text = String::from_utf8(bytes).map_err(|_| unread(&"it is no UTF-8 text"))?;
    Ok((Approvers::read(path, &text)?, (metadata.dev(), metadata.ino())))
}

impl Approvers {
    /// Reads the text of a list. Where it may stand is not looked at.
    ///
    /// # Errors
    /// All that is wrong, each with its place.
    pub fn read(path: &Path, text: &str) -> Result<Self, ApproversError> {
        read::read(path, text).map_err(ApproversError::Faults)
    }

    /// Reads a list from a file, wherever that is.
    ///
    /// # Errors
    /// Where it cannot be read, or its text is wrong.
    pub fn load(path: &Path) -> Result<Self, ApproversError> {
        load(path).map(|(list, _)| list)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The SHA-256 of its text: `sha256:…`.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Whether whoever asks for an approval may have written it.
    pub const fn advisory(&self) -> bool {
        self.advisory
    }

    /// Everybody in it.
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// What it says of environments, by name; `None` where there is no such section.
    pub const fn environments(&self) -> Option<&BTreeMap<String, Environment>> {
        self.environments.as_ref()
    }

    /// The fingerprints of keys that count no more.
    pub const fn revoked(&self) -> &BTreeSet<String> {
        &self.revoked
    }

    /// What an approval takes for a command that would act in all of
    /// `environments`: the strictest of all. None is `default`.
    ///
    /// # Errors
    /// Where there is no entry for one of them.
    pub fn requirement(&self, environments: &[&str]) -> Result<Requirement, ApproversError> {
        let default =
            Environment { quorum: 1, groups: Vec::new(), require: Presence::None, max_ttl: file::MAX_TTL };
        let names = if environments.is_empty() { &[read::DEFAULT][..] } else { environments };
        let mut strictest: Option<Requirement> = None;
        for name in names {
            let entry = match &self.environments {
                None => &default,
                Some(all) => all.get(*name).or_else(|| all.get(read::DEFAULT)).ok_or_else(|| {
                    ApproversError::NoEnvironment { path: self.path.clone(), environment: (*name).to_owned() }
                })?,
            };
            let so_far = strictest.get_or_insert_with(|| Requirement::from(entry));
            so_far.tighten(entry);
        }
        Ok(strictest.unwrap_or_else(|| Requirement::from(&default)))
    }

    /// The people behind login names.
    pub fn persons_of(&self, users: &[&str]) -> Vec<&Person> {
        let acts_as = |person: &&Person| person.os_users.iter().any(|user| users.contains(&user.as_str()));
        self.people.iter().filter(acts_as).collect()
    }

    /// Whose key it is, revoked or not.
    pub fn holder(&self, key: &PublicKey) -> Option<(&Person, &Key)> {
        // By the fingerprint: a comment makes no other key.
        let fingerprint = key.fingerprint();
        let keys = self.people.iter().flat_map(|person| person.keys.iter().map(move |key| (person, key)));
        keys.into_iter().find(|(_, listed)| listed.key.fingerprint() == fingerprint)
    }

    /// Whether a key counts no more.
    pub fn is_revoked(&self, key: &PublicKey) -> bool {
        self.revoked.contains(&key.fingerprint())
    }

    /// Who may approve: everybody in the groups, but for those who ask.
    pub fn eligible(&self, requirement: &Requirement, requesters: &[String]) -> Vec<&Person> {
        let may = |person: &&Person| {
            let in_one = |groups: &Vec<String>| groups.iter().any(|group| person.groups.contains(group));
            !requesters.contains(&person.id) && requirement.groups.iter().all(in_one)
        };
        self.people.iter().filter(may).collect()
    }

    /// Who of the eligible has a key that would be taken at `now`.
    pub fn able(&self, requirement: &Requirement, requesters: &[String], now: Timestamp) -> Vec<&Person> {
        let taken = |key: &Key| {
            !self.is_revoked(&key.key) && key.is_valid_at(now) && key.can_vouch_for(requirement.require)
        };
        let mut people = self.eligible(requirement, requesters);
        people.retain(|person| person.keys.iter().any(taken));
        people
    }
}

impl Key {
    /// Whether it counts at `time`.
    pub fn is_valid_at(&self, time: Timestamp) -> bool {
        self.valid_after.is_none_or(|after| after <= time)
            && self.valid_before.is_none_or(|before| time < before)
    }

    /// Whether it could vouch for `presence`, and for what it has to itself:
    /// only security keys tell of a touch.
    pub fn can_vouch_for(&self, presence: Presence) -> bool {
        presence.max(self.require) == Presence::None || self.key.is_security_key()
    }
}

impl From<&Environment> for Requirement {
    fn from(entry: &Environment) -> Self {
        Self { quorum: entry.quorum, groups: Vec::new(), require: entry.require, max_ttl: entry.max_ttl }
    }
}

impl Requirement {
    fn tighten(&mut self, entry: &Environment) {
        self.quorum = self.quorum.max(entry.quorum);
        self.require = self.require.max(entry.require);
        self.max_ttl = self.max_ttl.min(entry.max_ttl);
        if !entry.groups.is_empty() && !self.groups.contains(&entry.groups) {
            self.groups.push(entry.groups.clone());
        }
    }
}

#[cfg(test)]
mod tests;

//! Keys that somebody on this machine could sign with: never a second person's.
//!
//! A person who forwards an agent, or leaves a key behind, hands the machine
//! their signature without knowing it. So what an ssh-agent within reach holds,
//! and what lies in the home directory, approves nothing that is asked for here.
//! This is best effort, and refuses only: keys elsewhere, and agents under
//! unusual names, are not found.

mod agents;
mod der;
mod private;

use std::path::PathBuf;

use super::signature::PublicKey;
use crate::process::{Environment, User};
use crate::ui::sanitize;

/// The keys that were found, and where.
#[derive(Clone, Debug, Default)]
pub struct Reachable {
    keys: Vec<(PublicKey, String)>,
    unseen: Vec<String>,
}

impl Reachable {
    /// Looks for them. An agent that does not answer costs less than a second,
    /// however many there are.
    pub fn look(environment: &Environment, user: &User) -> Self {
        let homes = homes(environment, user);
        let mut found = Self::default();
        agents::ask(&agents::sockets(environment, user, &homes), agents::PATIENCE, &mut found);
        for home in &homes {
            private::look(home, &mut found);
        }
        found
    }

    /// Where `key` is within reach, fit to be shown: `the ssh-agent at …`, or a
    /// file. `None` where it was not found.
    pub fn holds(&self, key: &PublicKey) -> Option<String> {
        self.keys.iter().find(|(held, _)| held == key).map(|(_, place)| place.clone())
    }

    /// What was there but could not be looked into, fit to be shown: agents
    /// that do not answer, directories with too many files.
    pub fn unseen(&self) -> &[String] {
        &self.unseen
    }

    fn add(&mut self, key: PublicKey, place: impl FnOnce() -> String) {
        if self.holds(&key).is_none() {
            self.keys.push((key, place()));
        }
    }

    fn add_blob(&mut self, blob: &[u8], place: impl FnOnce() -> String) -> bool {
        // Whoever holds a certificate's key holds the plain one.
        let key = PublicKey::from_blob(blob).ok().or_else(|| PublicKey::of_certificate(blob));
        let Some(key) = key else { return false };
        self.add(key, place);
        true
    }
}

/// The home directories: that of the password database, and that of the
/// environment, which can only add.
fn homes(environment: &Environment, user: &User) -> Vec<PathBuf> {
    let mut homes: Vec<PathBuf> = user.home.iter().cloned().collect();
    let own = environment.non_empty("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
    homes.extend(own.filter(|own| !homes.contains(own)));
    homes
}

fn shown(path: &std::path::Path) -> String {
    sanitize::os(path.as_os_str())
}

#[cfg(test)]
mod tests;

//! The list as an `allowed_signers` file: with it, anybody can check a stored
//! approval with nothing but `ssh-keygen -Y verify`.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::{Approvers, Key, Person};
use crate::authorization::request::NAMESPACE;
use crate::ui::sanitize;

impl Approvers {
    /// An `allowed_signers` file: a line for each key, of its own namespace and
    /// time. Revoked keys are left out.
    ///
    /// Such a file knows nothing of groups, quorum or what a security key has
    /// to vouch for: it tells whose signature it is, not that it was enough.
    pub fn allowed_signers(&self) -> String {
        let path = sanitize::os(self.path.as_os_str());
        let advisory = if self.advisory { ", advisory: whoever asked may have written it" } else { "" };
        let mut text = format!("# {path}, {}{advisory}\n", self.digest);
        for person in &self.people {
            for key in &person.keys {
                text.push_str(&self.line(person, key));
            }
        }
        text
    }

    fn line(&self, person: &Person, key: &Key) -> String {
        if self.is_revoked(&key.key) {
            return format!("# revoked: {} {}\n", person.id, key.key.fingerprint());
        }
        let mut options = format!("namespaces=\"{NAMESPACE}\"");
        for (name, time) in [("valid-after", key.valid_after), ("valid-before", key.valid_before)] {
            if let Some(time) = time {
                let _ = write!(options, ",{name}=\"{}\"", stamp(time));
            }
        }
        format!("{} {options} {}\n", person.id, key.key.openssh())
    }
}

/// A time as OpenSSH reads it. The Z, without which it would be local, is known
/// since 9.1.
fn stamp(time: Timestamp) -> String {
    time.strftime("%Y%m%d%H%M%SZ").to_string()
}

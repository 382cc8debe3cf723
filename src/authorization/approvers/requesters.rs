//! Under which names this process asks. Whoever has one of them approves none
//! of its commands.

use std::collections::BTreeSet;

use super::exposure::user_name;
use super::{Approvers, ApproversError};
use crate::process::Process;

/// What the kernel says of a process that nobody logged in to start.
const NOBODY: u32 = u32::MAX;

/// The variables in which programs that change the user leave the former one.
const FORMER_USERS: [&str; 2] = ["SUDO_USER", "DOAS_USER"];

/// Login names that this process acts under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requesters {
    /// Names that the kernel vouches for: each has to be somebody's.
    pub certain: Vec<String>,
    /// Names that anybody could have put into the environment: they may only
    /// add people.
    pub told: Vec<String>,
}

/// The names that this process acts under: that of its user, and that of
/// whoever logged in.
pub fn requesters(process: &dyn Process) -> Requesters {
    let login = std::fs::read_to_string("/proc/self/loginuid").ok();
    of(process, login.as_deref())
}

fn of(process: &dyn Process, login: Option<&str>) -> Requesters {
    let user = process.user();
    let login = login.and_then(|text| text.trim().parse().ok()).filter(|uid| *uid != NOBODY);
    let mut certain = vec![user.name.clone()];
    certain.extend(login.filter(|uid| *uid != user.uid).map(user_name));
    let told = FORMER_USERS.iter().filter_map(|name| process.environment().non_empty(name));
    Requesters { certain, told: told.map(|value| value.to_string_lossy().into_owned()).collect() }
}

impl Approvers {
    /// The ids of the people who ask, and so may not approve.
    ///
    /// # Errors
    /// Where none of the names that the kernel vouches for is somebody's: then that
    /// person could approve their own command.
    pub fn excluded(&self, requesters: &Requesters) -> Result<Vec<String>, ApproversError> {
        let mut ids = BTreeSet::new();
        let mut exclude = |names: &[String]| {
            let people = names.iter().flat_map(|name| self.persons_of(&[name]));
            ids.extend(people.map(|person| person.id.clone()));
            ids.len()
        };
        // Whoever logged in as themselves may act as root, whom no list has.
        if exclude(&requesters.certain) == 0 {
            let user = requesters.certain.first().cloned().unwrap_or_default();
            return Err(ApproversError::Stranger { path: self.path.clone(), user });
        }
        exclude(&requesters.told);
        Ok(ids.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorization::approvers::tests::list;
    use crate::process::TestProcess;

    #[test]
    fn whoever_logged_in_asks_too() {
        let directory = tempfile::tempdir().unwrap();
        for (login, sudo, certain, told) in [
            (None, "", vec!["tester"], vec![]),
            (Some("4294967295\n"), "", vec!["tester"], vec![]),
            (Some("1000"), "", vec!["tester"], vec![]),
            (Some("0"), "bob", vec!["tester", "root"], vec!["bob"]),
            (Some("4000000001"), "", vec!["tester", "4000000001"], vec![]),
            (Some("rubbish"), "", vec!["tester"], vec![]),
        ] {
            let process = TestProcess::new(directory.path(), &[("SUDO_USER", sudo)]);
            let found = of(&process, login);
            assert_eq!(found.certain, certain, "{login:?}");
            assert_eq!(found.told, told, "{sudo}");
        }
    }

    #[test]
    fn names_only_ever_exclude() {
        let list = list("people:\n  - {id: alice, os_users: [al, root]}\n  - {id: bob, os_users: [bob]}\n");
        let excluded = |certain: &[&str], told: &[&str]| {
            let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            list.excluded(&Requesters { certain: own(certain), told: own(told) })
        };
        assert_eq!(excluded(&["al"], &[]).unwrap(), ["alice"]);
        assert_eq!(excluded(&["al"], &["bob", "nobody"]).unwrap(), ["alice", "bob"]);
        assert_eq!(excluded(&["bob", "root"], &["al"]).unwrap(), ["alice", "bob"]);
        assert_eq!(
            excluded(&["dave", "al"], &[]).unwrap(),
            ["alice"],
            "logged in as one, acting as the other"
        );
        let error = excluded(&["dave"], &["al", "bob"]).unwrap_err().to_string();
        assert!(error.contains("does not say who `dave` is: add it to the `os_users`"), "{error}");
    }
}

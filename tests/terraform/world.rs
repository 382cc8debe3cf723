//! The world as the gate sees it, with a case's variables in it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tollgate::process::{Environment, Executable, Process, User};

/// A process in a directory of its own, with no home but that.
pub(super) struct World {
    environment: Environment,
    directory: PathBuf,
    user: User,
}

impl World {
    pub(super) fn new(directory: &Path, environment: &Environment) -> Self {
        Self {
            environment: environment.clone(),
            directory: directory.to_path_buf(),
            user: User { uid: 1000, name: "tester".to_owned(), home: Some(directory.join("home")) },
        }
    }
}

impl Process for World {
    fn arguments(&self) -> &[OsString] {
        &[]
    }

    fn environment(&self) -> &Environment {
        &self.environment
    }

    fn current_dir(&self) -> std::io::Result<PathBuf> {
        Ok(self.directory.clone())
    }

    fn user(&self) -> &User {
        &self.user
    }

    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn replace(&self, _: &Executable) -> std::io::Error {
        std::io::Error::other("nothing is executed here")
    }
}

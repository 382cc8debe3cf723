//! Bytes that nobody can change any more, this process included: a file in memory, sealed.
//!
//! Only on Linux. Elsewhere there is no such file, and callers judge by the words.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::path::PathBuf;

/// A file in memory that has not been sealed: whoever is handed its path can write to it.
#[derive(Debug)]
pub struct Open(File);

/// A file in memory that nobody can write to.
#[derive(Debug)]
pub struct Sealed {
    file: File,
    sha256: String,
}

/// The path under which this process, and those that inherit the descriptor, find it.
fn path(file: &File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

impl Open {
    /// Makes an empty one, which programs that are started inherit.
    ///
    /// # Errors
    /// Where the system has no such files.
    pub fn new() -> io::Result<Self> {
        let file = Self(create()?);
        inherit(&file.0)?;
        Ok(file)
    }

    /// Its path, for programs that inherit it.
    pub fn path(&self) -> PathBuf {
        path(&self.0)
    }

    /// Closes it to writing, and hashes what it holds then.
    ///
    /// # Errors
    /// Where the system refuses, as while somebody has it mapped.
    pub fn seal(mut self) -> io::Result<Sealed> {
        seal(&self.0)?;
        let bytes = read(&mut self.0)?;
        Ok(Sealed { sha256: crate::digest::sha256(&bytes), file: self.0 })
    }
}

impl Sealed {
    /// Seals `bytes`.
    ///
    /// # Errors
    /// Where the system has no such files.
    pub fn of(bytes: &[u8]) -> io::Result<Self> {
        let mut file = create()?;
        file.write_all(bytes)?;
        Open(file).seal()
    }

    /// Its path, for programs that inherit it.
    pub fn path(&self) -> PathBuf {
        path(&self.file)
    }

    /// `sha256:` and the hash in hexadecimal.
    pub fn sha256(&self) -> String {
        format!("sha256:{}", self.sha256)
    }

    /// What it holds.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn bytes(&self) -> io::Result<Vec<u8>> {
        read(&mut self.file.try_clone()?)
    }

    /// The file itself, for readers that do not move its position.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn file(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// How many bytes it holds.
    ///
    /// # Errors
    /// Where that cannot be told.
    pub fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// What it begins with, up to `length` bytes.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn start(&self, length: usize) -> io::Result<Vec<u8>> {
        let mut file = self.file.try_clone()?;
        let mut bytes = Vec::new();
        file.rewind()?;
        (&mut file).take(length as u64).read_to_end(&mut bytes)?;
        file.rewind()?;
        Ok(bytes)
    }

    /// Lets programs that are started inherit it.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn inherit(&self) -> io::Result<()> {
        inherit(&self.file)
    }

    /// Makes it this process's standard input, from its beginning.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn as_standard_input(&self) -> io::Result<()> {
        (&self.file).rewind()?;
        nix::unistd::dup2_stdin(&self.file)?;
        Ok(())
    }
}

fn read(file: &mut File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    file.rewind()?;
    Ok(bytes)
}

fn inherit(file: &File) -> io::Result<()> {
    use nix::fcntl::{FcntlArg, FdFlag, fcntl};
    fcntl(file.as_fd(), FcntlArg::F_SETFD(FdFlag::empty()))?;
    Ok(())
}

#[cfg(target_os = "linux")]
fn create() -> io::Result<File> {
    use nix::sys::memfd::{MFdFlags, memfd_create};
    let file = memfd_create(c"tollgate-sealed", MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING)?;
    Ok(file.into())
}

#[cfg(target_os = "linux")]
fn seal(file: &File) -> io::Result<()> {
    use nix::fcntl::{FcntlArg, SealFlag, fcntl};
    let seals =
        SealFlag::F_SEAL_SEAL | SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_WRITE;
    fcntl(file.as_fd(), FcntlArg::F_ADD_SEALS(seals))?;
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn create() -> io::Result<File> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

#[cfg(not(target_os = "linux"))]
fn seal(_: &File) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn nobody_changes_what_is_sealed() {
        let open = Open::new().unwrap();
        std::fs::write(open.path(), "a plan").unwrap();
        let mut writer = std::fs::OpenOptions::new().write(true).open(open.path()).unwrap();
        let sealed = open.seal().unwrap();
        assert_eq!(sealed.bytes().unwrap(), b"a plan");
        assert!(writer.write_all(b"another").is_err(), "one that was open before");
        assert!(std::fs::write(sealed.path(), "x").is_err(), "one that is opened now");
        assert_eq!(std::fs::read(sealed.path()).unwrap(), b"a plan");
        assert_eq!(sealed.sha256(), Sealed::of(b"a plan").unwrap().sha256());
    }
}

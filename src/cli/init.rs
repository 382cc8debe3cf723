//! `tollgate init`: the shell code that puts the shims first on PATH, and
//! keeps them there.
//!
//! mise, nvm, conda, a virtual environment and macOS's `path_helper` all put
//! their own directories first when they are switched on, and some do so at
//! every prompt. A shim behind such a directory guards nothing and nobody
//! notices, so the code installs a hook that looks before every prompt. It
//! belongs at the end of the shell's rc file.
//!
//! The hook guards people at prompts. Two commands on one line, of which the
//! first changes PATH, run between two prompts; in a shell that reads no rc
//! file, such as an agent's `bash -c`, PATH is what it inherited.

use std::io::Write;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::shim::{DIRECTORY_HELP, Defaults};
use crate::shim::links;

/// A shell that tollgate has code for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// bash 3.2 or later.
    Bash,
    /// zsh 5 or later.
    Zsh,
    /// fish 3 or later.
    Fish,
}

impl Shell {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Bash, Self::Zsh, Self::Fish];

    /// The program's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
        }
    }

    /// The rc file that interactive shells read, as people write it.
    pub const fn rc_file(self) -> &'static str {
        match self {
            Self::Bash => "~/.bashrc",
            Self::Zsh => "~/.zshrc",
            Self::Fish => "~/.config/fish/config.fish",
        }
    }

    /// The shell whose program `path` is, as SHELL has it.
    pub fn of_program(path: &Path) -> Option<Self> {
        Self::ALL.into_iter().find(|shell| path.file_name().is_some_and(|name| name == shell.name()))
    }

    const fn template(self) -> &'static str {
        match self {
            Self::Bash => include_str!("init/tollgate.bash"),
            Self::Zsh => include_str!("init/tollgate.zsh"),
            Self::Fish => include_str!("init/tollgate.fish"),
        }
    }

    /// `text` as one word of this shell's language that expands to itself.
    fn quote(self, text: &[u8]) -> Vec<u8> {
        let mut quoted = vec![b'\''];
        for byte in text {
            match (self, byte) {
                (Self::Bash | Self::Zsh, b'\'') => quoted.extend_from_slice(b"'\\''"),
                (Self::Fish, b'\'' | b'\\') => quoted.extend_from_slice(&[b'\\', *byte]),
                _ => quoted.push(*byte),
            }
        }
        quoted.push(b'\'');
        quoted
    }
}

/// `tollgate init`'s arguments.
#[derive(Debug, clap::Args)]
pub struct InitArguments {
    /// The shell to print code for
    #[arg(value_enum)]
    pub shell: Shell,
    /// The directory of the shims.
    #[arg(long, value_name = "DIR", help = DIRECTORY_HELP)]
    pub dir: Option<PathBuf>,
}

/// Prints the code.
///
/// # Errors
/// Where the directory is unknown or cannot be on PATH, or `out` cannot be
/// written.
pub fn run(arguments: &InitArguments, defaults: &Defaults, out: &mut dyn Write) -> anyhow::Result<u8> {
    let directory = defaults.directory(arguments.dir.as_deref())?;
    links::check_directory(&directory)?;
    out.write_all(&code(arguments.shell, &directory))?;
    Ok(0)
}

/// The code that puts `directory` first on PATH.
fn code(shell: Shell, directory: &Path) -> Vec<u8> {
    let template = shell.template();
    let (before, after) = template.split_once("@SHIMS@").unwrap_or((template, ""));
    [before.as_bytes(), &shell.quote(directory.as_os_str().as_bytes()), after.as_bytes()].concat()
}

#[cfg(test)]
mod tests;

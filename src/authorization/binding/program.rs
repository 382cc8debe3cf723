//! The program that would run.

use std::fs::OpenOptions;
use std::io::{self, Read as _, Seek as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::content::of_handle;
use super::{BindingError, shown};
use crate::authorization::request::{Binary, Text};
use crate::process::absolute;
use crate::shim::real::{Launcher, Real};

/// The largest program, in bytes. Terraform has 90 MB.
const LIMIT: u64 = 2 << 30;

/// How much of a script's first line is read, in bytes.
const FIRST_LINE: u64 = 256;

/// What is known of the program at `path`, which is started in `directory`.
pub(super) fn binary(path: &Path, directory: &Path) -> Result<Binary, BindingError> {
    let unreadable = |source| BindingError::Program { path: path.to_path_buf(), source };
    let placed = absolute(directory, path);
    let flags = nix::libc::O_NONBLOCK | nix::libc::O_NOCTTY;
    let mut file = OpenOptions::new().read(true).custom_flags(flags).open(&placed).map_err(unreadable)?;
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Err(BindingError::NoFile { path: placed });
    }
    let mut start = Vec::new();
    (&file).take(FIRST_LINE).read_to_end(&mut start).map_err(unreadable)?;
    file.rewind().map_err(unreadable)?;
    let (sha256, read) = of_handle(&mut file, LIMIT).map_err(unreadable)?;
    if read > LIMIT {
        return Err(unreadable(io::Error::other("it is too large to be a program")));
    }
    let launcher = Real { path: placed, tollgates: 0 }.launcher().map_err(unreadable)?;
    let launcher = launcher.map(|launcher| match launcher {
        Launcher::Dispatcher(to) => {
            format!("{} chooses what is started; only that file is hashed", shown(&to))
        }
        Launcher::Script => format!("a script of {}; only the script is hashed", interpreter(&start)),
    });
    Ok(Binary { path: Text::from(path), sha256, launcher })
}

/// The interpreter that a script names, as it is written.
fn interpreter(start: &[u8]) -> String {
    let line = start.strip_prefix(b"#!").unwrap_or_default().split(|byte| *byte == b'\n').next();
    let line = String::from_utf8_lossy(line.unwrap_or_default()).trim().to_owned();
    crate::ui::sanitize::text(&line).into_owned()
}

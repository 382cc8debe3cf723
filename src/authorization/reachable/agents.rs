//! Agents: finding their sockets, and asking what they hold.
//!
//! They are asked by their protocol (draft-ietf-sshm-ssh-agent), all at once.
//! None is trusted, and none is waited for longer than the others.

use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr, connect, socket};

use super::{Reachable, shown};
use crate::authorization::signature::wire::Wire;
use crate::context::lineage;
use crate::process::{Environment, User};

/// How long all of them together may take to answer.
pub(super) const PATIENCE: Duration = Duration::from_millis(800);

/// `SSH_AGENTC_REQUEST_IDENTITIES`, as a message.
const REQUEST: [u8; 5] = [0, 0, 0, 1, 11];
/// `SSH_AGENT_IDENTITIES_ANSWER`.
const ANSWER: u8 = 12;
/// The longest answer, in bytes: that of OpenSSH.
const ANSWER_LIMIT: usize = 256 * 1024;
/// How many keys of one agent count.
const KEY_LIMIT: u32 = 2048;
/// How many sockets are asked, names of a directory read, ancestors looked at.
const SOCKET_LIMIT: usize = 64;
const NAME_LIMIT: usize = 20_000;
const ANCESTOR_LIMIT: usize = 64;
/// How much is read of what the kernel says, in bytes.
const KERNEL_LIMIT: u64 = 4 << 20;

const VARIABLE: &str = "SSH_AUTH_SOCK";

/// The sockets at which an agent may listen, those that somebody named first.
pub(super) fn sockets(environment: &Environment, user: &User, homes: &[PathBuf]) -> Vec<PathBuf> {
    let mut named: Vec<PathBuf> = environment.non_empty(VARIABLE).map(PathBuf::from).into_iter().collect();
    named.extend(inherited());
    let mut found = Vec::new();
    for directory in runtime_directories(environment, user) {
        for known in ["keyring/ssh", "keyring/.ssh", "gcr/ssh", "gnupg/S.gpg-agent.ssh", "openssh_agent"] {
            found.push(directory.join(known));
        }
        found.extend(within(&directory, |name| name.starts_with("ssh-agent")));
        for home in within(&directory.join("gnupg"), |name| name.starts_with("d.")) {
            found.push(home.join("S.gpg-agent.ssh"));
        }
    }
    let temporary = environment.non_empty("TMPDIR").map(PathBuf::from);
    for directory in [PathBuf::from("/tmp")].into_iter().chain(temporary) {
        for own in within(&directory, |name| name.starts_with("ssh-")) {
            found.extend(within(&own, |name| name.starts_with("agent.")));
        }
        for own in within(&directory, |name| name.starts_with("com.apple.launchd.")) {
            found.push(own.join("Listeners"));
        }
    }
    for home in homes {
        found.extend(within(&home.join(".ssh/agent"), |_| true));
        for known in [
            ".gnupg/S.gpg-agent.ssh",
            ".1password/agent.sock",
            ".bitwarden-ssh-agent.sock",
            "Library/Group Containers/2BUA8C4S2C.com.1password/t/agent.sock",
            "Library/Containers/com.maxgoedjen.Secretive.SecretAgent/Data/socket.ssh",
        ] {
            found.push(home.join(known));
        }
    }
    found.extend(listening());
    // Anybody may listen below /tmp and claim to hold anybody's key.
    found.retain(|path| is_own_socket(path, user.uid));
    let mut sockets: Vec<PathBuf> = Vec::new();
    for path in named.into_iter().chain(found) {
        if !sockets.contains(&path) {
            sockets.push(path);
        }
    }
    sockets
}

/// What the processes above this one were started with.
fn inherited() -> Vec<PathBuf> {
    lineage::lineage().iter().take(ANCESTOR_LIMIT).filter_map(|ancestor| given_to(ancestor.pid)).collect()
}

/// The agent that the process `pid` was started with.
pub(super) fn given_to(pid: u32) -> Option<PathBuf> {
    let environment = kernel(&format!("/proc/{pid}/environ"))?;
    let value = environment
        .split(|byte| *byte == 0)
        .find_map(|entry| entry.strip_prefix(VARIABLE.as_bytes())?.strip_prefix(b"="))?;
    (!value.is_empty()).then(|| PathBuf::from(OsString::from_vec(value.to_vec())))
}

/// The sockets that the kernel knows of, where the name tells of an agent.
fn listening() -> Vec<PathBuf> {
    let Some(table) = kernel("/proc/net/unix") else { return Vec::new() };
    let path = |line: &[u8]| {
        let start = line.iter().position(|byte| *byte == b'/')?;
        let path = PathBuf::from(OsString::from_vec(line.get(start..)?.to_vec()));
        let name = path.file_name()?.as_bytes();
        let tells =
            name.starts_with(b"agent.") || path.as_os_str().as_bytes().windows(3).any(|part| part == b"ssh");
        tells.then_some(path)
    };
    table.split(|byte| *byte == b'\n').filter_map(path).collect()
}

fn kernel(path: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(KERNEL_LIMIT).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

fn runtime_directories(environment: &Environment, user: &User) -> Vec<PathBuf> {
    let mut directories = vec![PathBuf::from(format!("/run/user/{}", user.uid))];
    directories.extend(environment.non_empty("XDG_RUNTIME_DIR").map(PathBuf::from));
    directories
}

/// The paths in `directory` with such a name.
fn within(directory: &Path, is_it: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let entries = entries.take(NAME_LIMIT).flatten();
    entries.filter(|entry| is_it(&entry.file_name().to_string_lossy())).map(|entry| entry.path()).collect()
}

/// Whether this user listens there; root reaches everybody's.
fn is_own_socket(path: &Path, uid: u32) -> bool {
    std::fs::metadata(path).is_ok_and(|socket| {
        socket.file_type().is_socket() && (uid == 0 || socket.uid() == uid || socket.uid() == 0)
    })
}

/// An agent that was asked.
struct Asked<'a> {
    path: &'a Path,
    stream: UnixStream,
    answer: Vec<u8>,
}

enum Progress {
    Waiting,
    Done,
    Gone,
}

/// Asks them all, and adds what they answer.
pub(super) fn ask(sockets: &[PathBuf], patience: Duration, found: &mut Reachable) {
    let deadline = Instant::now() + patience;
    let mut asked = Vec::new();
    if sockets.len() > SOCKET_LIMIT {
        found.unseen.push(format!("{} ssh-agents more", sockets.len() - SOCKET_LIMIT));
    }
    for path in sockets.iter().take(SOCKET_LIMIT) {
        match request(path) {
            Ok(stream) => asked.push(Asked { path, stream, answer: Vec::new() }),
            // It listens, but takes nobody.
            Err(Errno::EAGAIN | Errno::EINPROGRESS) => found.unseen.push(silent(path)),
            Err(_) => {}
        }
    }
    while !asked.is_empty() {
        let left = deadline.saturating_duration_since(Instant::now());
        let left = PollTimeout::try_from(left).unwrap_or(PollTimeout::ZERO);
        let mut waiting: Vec<PollFd> =
            asked.iter().map(|agent| PollFd::new(agent.stream.as_fd(), PollFlags::POLLIN)).collect();
        match poll(&mut waiting, left) {
            Ok(0) => break,
            Ok(_) | Err(Errno::EINTR) => {}
            Err(_) => break,
        }
        let before = asked.len();
        asked.retain_mut(|agent| match agent.progress() {
            Progress::Waiting => true,
            Progress::Gone => false,
            Progress::Done => {
                agent.add_to(found);
                false
            }
        });
        // One that sends an endless answer, byte by byte, ends here.
        if asked.len() == before && Instant::now() >= deadline {
            break;
        }
    }
    found.unseen.extend(asked.iter().map(|agent| silent(agent.path)));
}

fn silent(path: &Path) -> String {
    format!("the ssh-agent at {} does not answer", shown(path))
}

/// Connects without ever waiting, and asks.
fn request(path: &Path) -> Result<UnixStream, Errno> {
    let address = UnixAddr::new(path)?;
    let stream = socket(AddressFamily::Unix, SockType::Stream, SockFlag::empty(), None)?;
    let mut stream = UnixStream::from(stream);
    let failed = |error: std::io::Error| Errno::from_raw(error.raw_os_error().unwrap_or(nix::libc::EIO));
    stream.set_nonblocking(true).map_err(failed)?;
    nix::fcntl::fcntl(stream.as_fd(), nix::fcntl::FcntlArg::F_SETFD(nix::fcntl::FdFlag::FD_CLOEXEC))?;
    connect(stream.as_raw_fd(), &address)?;
    stream.write_all(&REQUEST).map_err(failed)?;
    Ok(stream)
}

impl Asked<'_> {
    fn progress(&mut self) -> Progress {
        let mut buffer = [0; 16 * 1024];
        match self.stream.read(&mut buffer) {
            Ok(0) => return Progress::Gone,
            Ok(count) => self.answer.extend_from_slice(buffer.get(..count).unwrap_or_default()),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(_) => return Progress::Gone,
        }
        let Some(length) = Wire::new(&self.answer).number() else { return Progress::Waiting };
        let Ok(length) = usize::try_from(length) else { return Progress::Gone };
        if length > ANSWER_LIMIT || self.answer.len() > ANSWER_LIMIT + 4 {
            return Progress::Gone;
        }
        if self.answer.len() >= length + 4 { Progress::Done } else { Progress::Waiting }
    }

    fn add_to(&self, found: &mut Reachable) {
        let Some(answer) = Wire::new(&self.answer).string() else { return };
        let mut answer = Wire::new(answer);
        if answer.byte() != Some(ANSWER) {
            return;
        }
        let count = answer.number().unwrap_or_default().min(KEY_LIMIT);
        for _ in 0..count {
            let (Some(key), Some(_comment)) = (answer.string(), answer.string()) else { return };
            found.add_blob(key, || format!("the ssh-agent at {}", shown(self.path)));
        }
    }
}

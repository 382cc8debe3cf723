//! The processes above this one, and those that hold a terminal.
//!
//! Read from `/proc`, without following anything else and without waiting:
//! what belongs to another user, or ended meanwhile, is passed over. Where
//! there is no `/proc` (macOS) there are no ancestors and no holders to be
//! seen, and who asks is told by the environment alone.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::MetadataExt as _;

use super::markers;
use super::principal::principal;
use crate::process::Environment;
use crate::verdict::PrincipalKind;

/// The most ancestors that are looked at. Whoever has more hides something.
pub(super) const DEPTH_LIMIT: usize = 4096;
/// The most that is read of each file, in bytes.
const STAT_LIMIT: u64 = 4 << 10;
const COMMAND_LIMIT: u64 = 64 << 10;
const ENVIRONMENT_LIMIT: u64 = 1 << 20;
/// The device number, major part, of the slave side of pseudo terminals.
const PSEUDO_TERMINAL_MAJOR: u32 = 136;

/// A process above another one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ancestor {
    /// Its process id.
    pub pid: u32,
    /// Its parent's process id; 0 for none that can be seen.
    pub parent: u32,
    /// The id of its session, which is its session leader's process id.
    pub session: u32,
    /// The index of the pseudo terminal that controls it: 3 for `/dev/pts/3`.
    pub pseudo_terminal: Option<u32>,
    /// When it was started, in clock ticks after boot. With the process id it
    /// tells processes apart for as long as the machine runs.
    pub started: u64,
    /// Its name as the kernel keeps it, cut to 15 bytes; any characters.
    pub name: String,
    /// Its arguments, its own name first. A process may overwrite them.
    pub command: Vec<OsString>,
    /// Of the environment it was started with, the variables that may say
    /// something of who asks ([`markers::is_marker`]): the others, secrets
    /// among them, are not kept. None where it may not be read.
    pub environment: Option<Environment>,
}

/// The ancestors of this process, parent first.
pub fn lineage() -> Vec<Ancestor> {
    lineage_of(std::os::unix::process::parent_id())
}

/// The process `pid` and its ancestors, itself first, as far up as they can be
/// seen, process 1 included. Of an absurd number, the nearest few thousand;
/// [`principal`] takes that for a sign of an agent.
pub fn lineage_of(pid: u32) -> Vec<Ancestor> {
    chain(pid, read_process)
}

fn chain(first: u32, process: impl Fn(u32) -> Option<Ancestor>) -> Vec<Ancestor> {
    let mut lineage: Vec<Ancestor> = Vec::new();
    let mut seen = HashSet::new();
    let mut pid = first;
    while pid != 0 && lineage.len() < DEPTH_LIMIT && seen.insert(pid) {
        let Some(ancestor) = process(pid) else { break };
        // A parent younger than its child is another process, which got the
        // id after the parent had ended.
        if lineage.last().is_some_and(|child| child.started < ancestor.started) {
            break;
        }
        pid = ancestor.parent;
        lineage.push(ancestor);
    }
    lineage
}

/// Whether there are more ancestors than were looked at.
pub(super) fn is_cut(lineage: &[Ancestor]) -> bool {
    lineage.len() >= DEPTH_LIMIT && lineage.last().is_some_and(|last| last.parent != 0)
}

fn read_process(pid: u32) -> Option<Ancestor> {
    let stat = read(pid, "stat", STAT_LIMIT)?;
    let command = read(pid, "cmdline", COMMAND_LIMIT).unwrap_or_default();
    let environment = read(pid, "environ", ENVIRONMENT_LIMIT);
    Some(Ancestor {
        command: parse_command(&command),
        environment: environment.map(|bytes| parse_environment(&bytes)),
        ..parse_stat(pid, &stat)?
    })
}

fn read(pid: u32, file: &str, limit: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(format!("/proc/{pid}/{file}")).ok()?.take(limit).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// What `/proc/PID/stat` says: `pid (name) state parent group session terminal
/// … started …`, where the name may hold anything, parentheses too.
fn parse_stat(pid: u32, stat: &[u8]) -> Option<Ancestor> {
    let open = stat.iter().position(|byte| *byte == b'(')?;
    let close = stat.iter().rposition(|byte| *byte == b')')?;
    let name = stat.get(open + 1..close)?;
    let fields: Vec<&str> =
        std::str::from_utf8(stat.get(close + 1..)?).ok()?.split_ascii_whitespace().collect();
    // The fields are numbered from 1 in proc(5), and the first two are gone.
    let field = |number: usize| fields.get(number - 3).copied();
    Some(Ancestor {
        pid,
        parent: field(4)?.parse().ok()?,
        session: field(6)?.parse().ok()?,
        pseudo_terminal: pseudo_terminal(field(7)?.parse().ok()?),
        started: field(22)?.parse().ok()?,
        name: String::from_utf8_lossy(name).into_owned(),
        ..Ancestor::default()
    })
}

/// The index in a terminal's device number as the kernel encodes it.
fn pseudo_terminal(device: i32) -> Option<u32> {
    let device = device.cast_unsigned();
    let (major, minor) = ((device >> 8) & 0xfff, (device & 0xff) | ((device >> 12) & 0xf_ff00));
    (major == PSEUDO_TERMINAL_MAJOR).then_some(minor)
}

fn parse_command(bytes: &[u8]) -> Vec<OsString> {
    let mut words: Vec<&[u8]> = bytes.split(|byte| *byte == 0).collect();
    // A process that has overwritten its arguments leaves zeros behind.
    while words.last().is_some_and(|word| word.is_empty()) {
        words.pop();
    }
    words.into_iter().map(|word| OsString::from_vec(word.to_vec())).collect()
}

fn parse_environment(bytes: &[u8]) -> Environment {
    let pair = |entry: &'_ [u8]| {
        let equals = entry.iter().position(|byte| *byte == b'=')?;
        let name = OsStr::from_bytes(entry.get(..equals)?);
        let value = OsStr::from_bytes(entry.get(equals + 1..)?);
        markers::is_marker(name).then(|| (name.to_owned(), value.to_owned()))
    };
    bytes.split(|byte| *byte == 0).filter_map(pair).collect()
}

/// The processes that hold the master side of the pseudo terminal `index`
/// (3 for `/dev/pts/3`), as far as this user may see them, in no order.
///
/// Several sets of pseudo terminals may exist, each with its own 3; a holder
/// that is known to use another set than this process's terminal is left out.
pub fn terminal_holders(index: u32) -> Vec<u32> {
    let set = own_set(index);
    let other_set = |pid: u32| {
        let theirs = fs::metadata(format!("/proc/{pid}/root/dev/pts")).ok().map(|directory| directory.dev());
        set.is_some() && theirs.is_some() && set != theirs
    };
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    processes
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| holds_master(*pid, index) && !other_set(*pid))
        .collect()
}

/// The set (by its device) that the terminal `index` of this process is in,
/// where one of the standard streams is that terminal.
fn own_set(index: u32) -> Option<u64> {
    let terminal = format!("/dev/pts/{index}");
    (0..3).map(|stream| format!("/proc/self/fd/{stream}")).find_map(|stream| {
        let is_terminal = fs::read_link(&stream).is_ok_and(|target| target.as_os_str() == terminal.as_str());
        is_terminal.then(|| fs::metadata(&stream).ok().map(|file| file.dev())).flatten()
    })
}

fn holds_master(pid: u32, index: u32) -> bool {
    let Ok(descriptors) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    descriptors.flatten().any(|entry| {
        let is_master = fs::read_link(entry.path()).is_ok_and(|target| target.ends_with("ptmx"));
        let number = entry.file_name();
        is_master
            && number
                .to_str()
                .and_then(|number| read(pid, &format!("fdinfo/{number}"), STAT_LIMIT))
                .is_some_and(|info| terminal_index(&info) == Some(index))
    })
}

/// The index that the description of an open master side tells.
fn terminal_index(info: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(info).ok()?;
    text.lines().find_map(|line| line.strip_prefix("tty-index:"))?.trim().parse().ok()
}

/// Whether an agent owns a terminal, and if so what tells it; fit to be shown.
///
/// Looks at the process that leads the terminal's session, at every process
/// that holds its master side, and at the ancestors of both. Whoever holds the
/// master side can type. Weak signs do not count: at an editor's terminal sits
/// its human. None proves nothing.
pub fn terminal_agent(session_leader: Option<u32>, index: Option<u32>) -> Option<String> {
    let leads = session_leader.into_iter().map(|pid| (format!("session leader {pid}"), pid));
    let holds = index.into_iter().flat_map(terminal_holders);
    let holds = holds.map(|pid| (format!("terminal held by pid {pid}"), pid));
    leads.chain(holds).find_map(|(role, pid)| {
        let found = principal(&Environment::default(), &lineage_of(pid), true);
        (found.kind == PrincipalKind::Agent).then(|| format!("{role}: {}", found.evidence.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_anything() {
        let stat = b"88 (a) R (b \xff) S 7 88 5 34819 88 4194304 1 0 0 0 0 0 0 0 20 0 1 0 4711 1 1";
        let found = parse_stat(88, stat).unwrap();
        assert_eq!(found.name, "a) R (b \u{fffd}");
        assert_eq!((found.parent, found.session, found.started), (7, 5, 4711));
        assert_eq!(found.pseudo_terminal, Some(3));
    }

    #[test]
    fn what_is_no_stat_is_refused() {
        for text in ["", "1", "1 (", "1 )(", "1 (x)", "1 (x) S 7", "1 (x) S a 1 1 0 0"] {
            assert_eq!(parse_stat(1, text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn terminal_devices_are_decoded() {
        assert_eq!(pseudo_terminal(0), None);
        assert_eq!(pseudo_terminal(4 << 8 | 1), None, "a console");
        assert_eq!(pseudo_terminal(136 << 8), Some(0));
        assert_eq!(pseudo_terminal(136 << 8 | 0x2c | 1 << 20), Some(300));
    }

    #[test]
    fn arguments_keep_their_bytes() {
        assert_eq!(parse_command(b""), Vec::<OsString>::new());
        let words = parse_command(b"a\0\0\xff b\0\0\0");
        assert_eq!(words, ["a".into(), OsString::new(), OsString::from_vec(b"\xff b".to_vec())]);
    }

    #[test]
    fn only_marks_are_kept_of_an_environment() {
        let bytes = b"SECRET=x\0CLAUDECODE=1\0noise\0=\0CLAUDECODE=2\0AI_AGENT=\xff=\0AWS_EXECUTION_ENV";
        let expected: Environment = [
            ("CLAUDECODE".into(), "1".into()),
            (OsString::from("AI_AGENT"), OsString::from_vec(b"\xff=".to_vec())),
        ]
        .into_iter()
        .collect();
        assert_eq!(parse_environment(bytes), expected);
    }

    #[test]
    fn a_chain_ends() {
        let of = |parents: &'static [(u32, u32, u64)]| {
            let process = move |pid| {
                let (pid, parent, started) = *parents.iter().find(|known| known.0 == pid)?;
                Some(Ancestor { pid, parent, started, ..Ancestor::default() })
            };
            chain(9, process).into_iter().map(|ancestor| ancestor.pid).collect::<Vec<_>>()
        };
        assert_eq!(of(&[(9, 5, 30), (5, 1, 20), (1, 0, 0)]), [9, 5, 1], "at the first process");
        assert_eq!(of(&[(9, 5, 30)]), [9], "at what cannot be read");
        assert_eq!(of(&[(9, 5, 30), (5, 9, 30)]), [9, 5], "at a loop");
        assert_eq!(of(&[(9, 9, 30)]), [9], "at itself");
        assert_eq!(of(&[(9, 5, 30), (5, 1, 31)]), [9], "at an id used again");
        let endless = |pid| Some(Ancestor { pid, parent: pid + 1, ..Ancestor::default() });
        let cut = chain(1, endless);
        assert!(cut.len() == DEPTH_LIMIT && is_cut(&cut));
        let deep = |pid| Some(Ancestor { pid, parent: pid - 1, ..Ancestor::default() });
        let whole = chain(u32::try_from(DEPTH_LIMIT).unwrap(), deep);
        assert!(whole.len() == DEPTH_LIMIT && !is_cut(&whole), "process 1 is the last");
    }

    #[test]
    fn a_master_sides_description_is_read() {
        assert_eq!(terminal_index(b"pos:\t0\nflags:\t02\ntty-index:\t12\n"), Some(12));
        assert_eq!(terminal_index(b"pos:\t0\n"), None);
        assert_eq!(terminal_index(b"\xff"), None);
    }

    #[cfg(target_os = "linux")]
    mod on_linux {
        use std::io::{BufRead as _, BufReader};
        use std::os::fd::AsFd as _;
        use std::process::{Child, Command, Stdio};

        use nix::fcntl::OFlag;

        use super::super::*;

        /// A process that ends with the test.
        struct Running(Child);

        impl Running {
            fn start(command: &mut Command) -> Self {
                Self(command.spawn().unwrap())
            }

            /// The line that it prints first: from then on the kernel shows its
            /// arguments and environment, which it does not while it starts.
            fn first_line(&mut self) -> String {
                let mut line = String::new();
                BufReader::new(self.0.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
                line.trim().to_owned()
            }
        }

        impl Drop for Running {
            fn drop(&mut self) {
                drop(self.0.kill());
                drop(self.0.wait());
            }
        }

        /// The processes from `pid` up to this test: what is above may be an
        /// agent's.
        fn below_this_test(pid: u32) -> Vec<Ancestor> {
            let lineage = lineage_of(pid);
            assert!(lineage.iter().any(|ancestor| ancestor.pid == std::process::id()), "{lineage:?}");
            lineage.into_iter().take_while(|ancestor| ancestor.pid != std::process::id()).collect()
        }

        /// The shell under the name `name`, and the directory it is in.
        fn shell_named(name: &str) -> (tempfile::TempDir, std::path::PathBuf) {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join(name);
            std::os::unix::fs::symlink("/bin/sh", &path).unwrap();
            (directory, path)
        }

        #[test]
        fn this_process_has_ancestors() {
            let lineage = lineage();
            assert_eq!(lineage[0].pid, std::os::unix::process::parent_id());
            assert!(lineage.windows(2).all(|pair| pair[0].parent == pair[1].pid));
            assert!(lineage.windows(2).all(|pair| pair[0].started >= pair[1].started));
            let own = lineage_of(std::process::id());
            assert_eq!(own[0].session, nix::unistd::getsid(None).unwrap().as_raw().cast_unsigned());
            assert_eq!(own[1..], lineage);
        }

        #[test]
        fn who_is_gone_has_none() {
            let mut child = Command::new("true").spawn().unwrap();
            child.wait().unwrap();
            assert_eq!(lineage_of(child.id()), []);
            assert_eq!(lineage_of(0), []);
            assert_eq!(lineage_of(u32::MAX), []);
        }

        #[test]
        fn an_agents_program_is_recognised_above_a_cleared_environment() {
            let (_directory, claude) = shell_named("claude");
            let script = "env -i /bin/sh -c 'echo $$; read x; :'; :";
            let mut agent = Running::start(
                Command::new(&claude).args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()),
            );
            let inner: u32 = agent.first_line().parse().unwrap();
            let lineage = below_this_test(inner);
            assert_eq!(lineage[0].environment, Some(Environment::default()));

            let found = principal(&Environment::default(), &lineage, true);
            assert_eq!(found.name.as_deref(), Some("claude-code"));
            assert_eq!(found.evidence[0], format!("process claude (pid {})", agent.0.id()));
        }

        #[test]
        fn a_name_given_to_exec_is_recognised() {
            let mut agent = Running::start(
                Command::new("bash")
                    .args(["-c", "exec -a /opt/bin/codex sh -c 'echo up; read x; :'"])
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped()),
            );
            assert_eq!(agent.first_line(), "up");
            let found = principal(&Environment::default(), &below_this_test(agent.0.id()), true);
            assert_eq!(found.name.as_deref(), Some("codex"));
        }

        #[test]
        fn a_marker_above_a_cleared_environment_is_found() {
            let script = "env -i /bin/sh -c 'echo $$; read x; :'; :";
            let mut shell = Running::start(
                Command::new("/bin/sh")
                    .args(["-c", script])
                    .env_clear()
                    .env("PATH", "/usr/bin:/bin")
                    .env("CODEX_THREAD_ID", "7")
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped()),
            );
            let inner: u32 = shell.first_line().parse().unwrap();
            let lineage = below_this_test(inner);
            let found = principal(&Environment::default(), &lineage, true);
            let expected = format!("pid {} environment: CODEX_THREAD_ID", shell.0.id());
            assert_eq!((found.kind, found.evidence), (PrincipalKind::Agent, vec![expected]));
            assert_eq!(found.name.as_deref(), Some("codex"));
        }

        #[test]
        fn directories_and_arguments_are_no_agents() {
            let directory = tempfile::tempdir().unwrap();
            let home = directory.path().join("claude");
            fs::create_dir(&home).unwrap();
            let script = home.join("x.sh");
            fs::write(&script, "echo up; read x; :").unwrap();
            let mut shell = Running::start(
                Command::new("/bin/sh")
                    .arg(&script)
                    .arg("claude")
                    .env_clear()
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped()),
            );
            assert_eq!(shell.first_line(), "up");
            let lineage = below_this_test(shell.0.id());
            assert_eq!(lineage[0].command[1], script);
            assert_eq!(principal(&Environment::default(), &lineage, false).kind, PrincipalKind::Human);
        }

        #[test]
        fn who_holds_a_terminal_is_found_and_judged() {
            // Closed on exec, so that no other test's child holds it as well.
            let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
            let master = nix::pty::posix_openpt(flags).unwrap();
            let path = nix::pty::ptsname_r(&master).unwrap();
            let index: u32 = path.rsplit('/').next().unwrap().parse().unwrap();
            assert!(terminal_holders(index).contains(&std::process::id()));

            // Its input is the master side: it could type for the human.
            let mut agent = Running::start(
                Command::new("/bin/sh")
                    .args(["-c", "echo up; read x; :"])
                    .env("GEMINI_CLI", "1")
                    .stdin(Stdio::from(master.as_fd().try_clone_to_owned().unwrap()))
                    .stdout(Stdio::piped()),
            );
            assert_eq!(agent.first_line(), "up");
            drop(master);
            let holders = terminal_holders(index);
            assert!(holders.contains(&agent.0.id()), "{holders:?}");
            assert!(!holders.contains(&std::process::id()), "{holders:?}");

            let evidence = terminal_agent(None, Some(index)).unwrap();
            let held = format!("terminal held by pid {0}: ", agent.0.id());
            assert!(evidence.starts_with(&held), "{evidence}");
            assert!(evidence.contains("GEMINI_CLI"), "{evidence}");
            assert_eq!(terminal_agent(None, None), None);
        }

        #[test]
        fn who_leads_a_session_is_judged() {
            let mut leader = Running::start(
                Command::new("/bin/sh")
                    .args(["-c", "echo up; read x; :"])
                    .env("CURSOR_AGENT", "1")
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped()),
            );
            assert_eq!(leader.first_line(), "up");
            let evidence = terminal_agent(Some(leader.0.id()), None).unwrap();
            assert!(evidence.starts_with(&format!("session leader {}: ", leader.0.id())), "{evidence}");
            assert!(
                evidence.contains(&format!("pid {} environment: CURSOR_AGENT", leader.0.id())),
                "{evidence}"
            );
        }
    }
}

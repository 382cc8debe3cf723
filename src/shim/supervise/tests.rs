//! Real children. The supervisor needs a process without other threads that
//! could take its signals, which a test runner is not; so this binary runs
//! itself anew, with every signal blocked in all its threads from the start
//! (`env --block-signal`), and in it [`supervisor`] by way of one test.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, ExitStatus, Stdio};

use nix::sys::signal::killpg;

use super::canary::pending_in;
use super::signals::Sender;
use super::*;
use crate::process::Environment;
use crate::pty::PtyCommand;
use std::path::Path;

/// The words that start [`supervisor`] in a process of its own.
fn words(env_options: &[&str]) -> Vec<OsString> {
    let mut words: Vec<OsString> = vec!["env".into(), "--block-signal".into()];
    words.extend(env_options.iter().map(Into::into));
    words.push(std::env::current_exe().unwrap().into());
    words.extend(
        ["shim::supervise::tests::exit_codes_are_passed_on", "--exact", "--nocapture"].map(Into::into),
    );
    words
}

/// A supervisor of `sh -c script`, in a process group of its own.
fn supervising(script: &str, env_options: &[&str]) -> Command {
    let words = words(env_options);
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).env("SUPERVISED_SCRIPT", script).process_group(0);
    command
}

/// Runs it to its end.
fn run(command: &mut Command) -> (String, ExitStatus) {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output().unwrap();
    (String::from_utf8_lossy(&output.stdout).into_owned(), output.status)
}

/// Starts it, and waits for the line that says it is ready.
fn start(command: &mut Command) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("ready") {
        line.clear();
        assert_ne!(output.read_line(&mut line).unwrap(), 0, "it ended before it was ready");
    }
    (child, output)
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(child.id().try_into().unwrap())
}

/// What a process does that supervises.
#[expect(clippy::exit, clippy::disallowed_methods, reason = "this is the end of that process")]
fn supervisor(environment: Environment) -> ! {
    let mut mask = SigSet::empty();
    if environment.get("SUPERVISED_MASK").is_some() {
        mask.add(Signal::SIGUSR2);
    }
    mask.thread_set_mask().unwrap();
    let script = environment.get("SUPERVISED_SCRIPT").expect("a script").to_owned();
    let argument = environment.get("SUPERVISED_ARGUMENT").unwrap_or_default().to_owned();
    let program = Executable {
        path: "/bin/sh".into(),
        arguments: vec!["-c".into(), script, "sh".into(), argument],
        environment,
    };
    let ended = supervise(&program).unwrap();
    std::process::exit(end_like(ended).into());
}

#[test]
fn exit_codes_are_passed_on() {
    let environment = Environment::of_this_process();
    if environment.get("COUNTING").is_some() {
        counter();
    }
    if environment.get("SUPERVISED_SCRIPT").is_some() {
        supervisor(environment);
    }
    for code in [0, 3, 255] {
        let (_, status) = run(&mut supervising(&format!("exit {code}"), &[]));
        assert_eq!(status.code(), Some(code));
    }
}

#[test]
fn the_signal_that_ended_the_child_ends_the_supervisor() {
    for signal in
        [Signal::SIGTERM, Signal::SIGKILL, Signal::SIGINT, Signal::SIGPIPE, Signal::SIGSEGV, Signal::SIGHUP]
    {
        let (_, status) = run(&mut supervising(&format!("kill -{} $$", signal as i32), &[]));
        assert_eq!(status.signal(), Some(signal as i32), "{signal}");
    }
}

#[test]
fn a_real_time_signal_ends_in_its_shell_code() {
    let (_, status) = run(&mut supervising("kill -40 $$", &[]));
    assert_eq!(status.code(), Some(128 + 40));
}

#[test]
fn signals_of_other_processes_are_forwarded() {
    for signal in [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGUSR1, Signal::SIGINT, Signal::SIGWINCH] {
        let name = signal.as_str().strip_prefix("SIG").unwrap();
        let script =
            format!("trap 'echo got {name}; exit 7' {name}; echo ready; while :; do sleep 0.05; done");
        let (mut child, mut output) = start(&mut supervising(&script, &[]));
        kill(pid(&child), signal).unwrap();
        let mut rest = String::new();
        output.read_to_string(&mut rest).unwrap();
        assert_eq!((rest.as_str(), child.wait().unwrap().code()), (&*format!("got {name}\n"), Some(7)));
    }
}

#[test]
fn a_signal_that_the_child_does_not_catch_ends_both() {
    let (mut child, _output) = start(&mut supervising("echo ready; exec sleep 600", &[]));
    kill(pid(&child), Signal::SIGTERM).unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(Signal::SIGTERM as i32));
}

#[test]
fn a_kill_of_the_supervisors_job_stops_and_continues_both() {
    let script = "echo ready $$; while [ ! -e \"$1\" ]; do sleep 0.05; done; exit 9";
    let directory = tempfile::tempdir().unwrap();
    let flag = directory.path().join("flag");
    let mut command = supervising(script, &[]);
    command.env("SUPERVISED_ARGUMENT", &flag);
    let (mut child, _output) = start(&mut command);
    kill(pid(&child), Signal::SIGTSTP).unwrap();
    let stopped = waitpid(pid(&child), Some(WaitPidFlag::WUNTRACED)).unwrap();
    assert!(matches!(stopped, WaitStatus::Stopped(..)), "{stopped:?}");
    std::fs::write(&flag, "").unwrap();
    kill(pid(&child), Signal::SIGCONT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(9));
}

#[test]
fn the_rule_of_what_is_passed_on() {
    let (child, group) = (Pid::from_raw(100), Pid::from_raw(50));
    let group_of = |pid: Pid| match pid.as_raw() {
        49..=60 | 100 => Some(group),
        101 => Some(child),
        200 => Some(Pid::from_raw(200)),
        _ => None,
    };
    let passed = |signal, sender| is_for_child(signal, sender, child, group, group_of);
    let from = |pid| Sender::Process(Pid::from_raw(pid));
    for terminal in [Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTSTP, Signal::SIGWINCH, Signal::SIGHUP] {
        assert!(!passed(terminal, Sender::Kernel), "{terminal}");
        assert!(passed(terminal, from(200)), "{terminal}");
        assert!(!passed(terminal, from(51)), "{terminal}");
    }
    assert!(passed(Signal::SIGALRM, Sender::Kernel));
    assert!(!passed(Signal::SIGTERM, from(100)), "the child itself");
    assert!(!passed(Signal::SIGTERM, from(101)), "the child's own group");
    assert!(passed(Signal::SIGTERM, from(0)), "outside the container");
    assert!(passed(Signal::SIGTERM, from(999)), "a sender that has gone");
    assert!(passed(Signal::SIGCONT, from(51)));
    assert!(!passed(Signal::SIGCONT, from(100)));
    assert!(!passed(Signal::SIGINT, Sender::Unknown));
    assert!(passed(Signal::SIGTERM, Sender::Unknown));
    assert!(passed(Signal::SIGHUP, Sender::Unknown));
}

#[test]
fn the_child_gets_the_original_mask_and_the_default_sigpipe() {
    let script = "exec grep ^Sig /proc/self/status";
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).expect(name).to_owned();
        // The standard signals: glibc's posix_spawn has the two that it keeps
        // for itself, 32 and 33, ignored in every child.
        u64::from_str_radix(line.rsplit('\t').next().unwrap(), 16).unwrap() & 0x7fff_ffff
    };
    let bit = |signal: Signal| 1_u64 << (signal as i32 - 1);
    let (text, _) = run(&mut supervising(script, &[]));
    assert_eq!((field(&text, "SigBlk"), field(&text, "SigIgn")), (0, 0));
    let (text, _) = run(supervising(script, &["--ignore-signal=HUP,PIPE"]).env("SUPERVISED_MASK", "1"));
    assert_eq!(field(&text, "SigBlk"), bit(Signal::SIGUSR2));
    assert_eq!(field(&text, "SigIgn"), bit(Signal::SIGHUP));
}

#[test]
fn an_ignored_sigchld_does_not_lose_the_end() {
    let (_, status) = run(&mut supervising("exit 3", &["--ignore-signal=CHLD"]));
    assert_eq!(status.code(), Some(3));
}

#[test]
fn arguments_and_environment_are_passed_on_as_bytes() {
    let script = r#"[ "${EMPTY-unset}" = "" ] || exit 1; printf '%s' "$1" | od -An -tx1; exit 0"#;
    let mut command = supervising(script, &[]);
    command.env("EMPTY", "").env("SUPERVISED_ARGUMENT", OsString::from_vec(b"a\xff\x80\n".to_vec()));
    let (text, status) = run(&mut command);
    assert_eq!(status.code(), Some(0));
    assert!(text.ends_with(" 61 ff 80 0a\n"), "{text}");
}

#[test]
fn a_removed_working_directory_and_closed_streams_do_not_matter() {
    let directory = tempfile::tempdir().unwrap();
    let wrapped = |prelude: &str, script: &str| {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &format!("{prelude}; exec \"$@\""), "sh"]).args(words(&[]));
        command.env("SUPERVISED_SCRIPT", script).current_dir(directory.path());
        run(&mut command).1
    };
    assert_eq!(wrapped("exec <&- >&- 2>&-", "exit 6").code(), Some(6));
    assert_eq!(wrapped("rmdir \"$PWD\"", "exit 5").code(), Some(5));
    assert!(!directory.path().exists());
}

#[test]
fn what_cannot_be_started_is_an_error_that_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str, mode: u32| {
        let path = directory.path().join(name);
        // Written by another process: were it open here while another test
        // forks, running it would fail with ETXTBSY.
        let script = r#"printf '%s\n' "$2" >"$1""#;
        assert!(
            Command::new("/bin/sh")
                .args(["-c", script, "sh"])
                .arg(&path)
                .arg(text)
                .status()
                .unwrap()
                .success()
        );
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    };
    let marker = directory.path().join("ran");
    let body = format!(": > '{}'", marker.display());
    let cases = [
        (directory.path().join("none"), "there is no such file"),
        (file("forbidden", "#!/bin/sh", 0o644), "it may not be executed"),
        (file("no-interpreter", "#!/nowhere/sh", 0o755), "the interpreter or loader"),
        (file("plain", &body, 0o755), "neither a program for this machine nor a script"),
        (directory.path().to_path_buf(), "it may not be executed"),
    ];
    let before = SigSet::thread_get_mask().unwrap();
    for (path, reason) in cases {
        let program = Executable { path, arguments: Vec::new(), environment: Environment::default() };
        let error = supervise(&program).unwrap_err();
        assert!(matches!(error, SuperviseError::Start { .. }), "{error:?}");
        assert!(error.to_string().contains(reason), "{error}");
        assert_eq!(SigSet::thread_get_mask().unwrap(), before, "signals are as before");
    }
    assert!(!marker.exists(), "no shell ran the file without #!");
    assert!(start_failure(Errno::ETXTBSY, true).contains("open for writing"));
}

#[test]
fn a_nul_byte_is_refused_before_anything_starts() {
    let argument = OsString::from_vec(b"a\0b".to_vec());
    let mut program = Executable {
        path: "/bin/true".into(),
        arguments: vec![argument.clone()],
        environment: Environment::default(),
    };
    assert!(matches!(supervise(&program), Err(SuperviseError::Nul { .. })));
    program.arguments.clear();
    program.environment.set("NAME", argument);
    assert!(matches!(supervise(&program), Err(SuperviseError::Nul { .. })));
}

#[test]
fn ctrl_c_reaches_the_child_once() {
    let script = r#"trap 'n=$((n+1)); echo "<$n>"' INT; trap 'echo "total $n"; exit 5' TERM
        echo "ready $PPID"; while :; do sleep 0.05; done"#;
    let words = words(&[]);
    let mut pty = PtyCommand::new(&words[0]).args(&words[1..]).env("SUPERVISED_SCRIPT", script).start();
    let supervisor: i32 = pty.expect_regex(r"ready \d+").strip_prefix("ready ").unwrap().parse().unwrap();
    pty.control('c');
    pty.expect("<1>");
    // Taken after the interrupt, and from outside, so passed on after it.
    kill(Pid::from_raw(supervisor), Signal::SIGTERM).unwrap();
    let (rest, code) = pty.wait();
    assert!(rest.contains("total 1"), "{rest}");
    assert_eq!(code, 5);
}

#[test]
fn ctrl_backslash_ends_both_by_its_signal() {
    let words = words(&[]);
    let mut pty = PtyCommand::new(&words[0])
        .args(&words[1..])
        .env("SUPERVISED_SCRIPT", "ulimit -c 0; echo ready; exec sleep 600")
        .start();
    pty.expect("ready");
    pty.control('\\');
    assert_eq!(pty.wait().1, 128 + Signal::SIGQUIT as i32);
}

/// Waits until `pid` is stopped, or is not.
fn await_stopped(pid: i32, wanted: bool) {
    await_state(pid, 'T', wanted);
}

/// Waits until `pid` is in `state`, or is not. Where it has gone, it is dead.
fn await_state(pid: i32, state: char, wanted: bool) {
    for _ in 0..3000 {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"));
        let stat = stat.unwrap_or_else(|_| format!("{pid} (gone) Z"));
        if stat.rsplit(") ").next().unwrap().starts_with(state) == wanted {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("{pid} did not become {state}={wanted}");
}

#[test]
fn ctrl_z_and_fg_under_a_shell() {
    let script = r#"echo "ready $$ $PPID"; read answer; echo "got $answer"; exit 3"#;
    let mut pty = PtyCommand::leader("bash")
        .args(["--norc", "--noprofile", "--noediting", "-i"])
        .env("SUPERVISED_SCRIPT", script)
        .env("PS1", "PROMPT> ")
        .start();
    let command = crate::ui::sanitize::command_line(words(&[]));
    pty.expect("PROMPT> ");
    for round in 0..2 {
        pty.send_line(&command);
        let ready = pty.expect_regex(r"ready \d+ \d+");
        let pids: Vec<i32> = ready.split(' ').skip(1).map(|pid| pid.parse().unwrap()).collect();
        for _ in 0..=round {
            pty.control('z');
            pty.expect("Stopped");
            pty.expect("PROMPT> ");
            for &pid in &pids {
                await_stopped(pid, true);
            }
            pty.send_line("fg");
            for &pid in &pids {
                await_stopped(pid, false);
            }
            // A person needs longer than this for the next Ctrl-Z.
            std::thread::sleep(std::time::Duration::from_millis(300));
        }
        pty.send_line("hello");
        pty.expect("got hello");
        pty.expect("PROMPT> ");
        pty.send_line("echo code=$?");
        pty.expect("code=3");
        pty.expect("PROMPT> ");
    }
    pty.send_line("exit 0");
    assert_eq!(pty.wait().1, 0);
}

#[test]
fn a_background_job_that_reads_is_stopped_and_goes_on_in_the_foreground() {
    let script = r#"read answer; echo "got $answer"; exit 3"#;
    let mut pty = PtyCommand::leader("bash")
        .args(["--norc", "--noprofile", "--noediting", "-i"])
        .env("SUPERVISED_SCRIPT", script)
        .env("PS1", "PROMPT> ")
        .start();
    pty.expect("PROMPT> ");
    pty.send_line(&format!("{} & pid=$!", crate::ui::sanitize::command_line(words(&[]))));
    pty.expect("PROMPT> ");
    pty.send_line("echo job=$pid.");
    let job: i32 =
        pty.expect_regex(r"job=\d+\.").trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap();
    await_stopped(job, true);
    pty.send_line("fg");
    await_stopped(job, false);
    pty.send_line("hello");
    pty.expect("got hello");
    pty.send_line("exit $?");
    assert_eq!(pty.wait().1, 3);
}

/// What [`counter`] is run by: itself a child of the supervisor.
fn counting() -> String {
    let line = crate::ui::sanitize::command_line(words(&[]));
    format!("COUNTING=1 exec {line}")
}

/// Counts the signals it gets, even those that a trap or a handler would merge,
/// until SIGPWR: of those that wait, that is taken last.
#[expect(clippy::exit, clippy::disallowed_methods, reason = "this is the end of that process")]
fn counter() -> ! {
    let inbox = Inbox::open(watched_signals()).unwrap();
    println!("ready {}", std::os::unix::process::parent_id());
    let mut count = 0;
    loop {
        match inbox.next().unwrap().signal {
            Some(Signal::SIGPWR) => break,
            // A second SIGCONT does no harm, and is not counted.
            Some(signal) if !matches!(signal, Signal::SIGCHLD | Signal::SIGCONT) => {
                count += 1;
                println!("<{signal} {count}>");
            }
            _ => {}
        }
    }
    println!("total {count}.");
    std::process::exit(5);
}

/// The processes of `group` that are canaries.
fn canaries(group: i32) -> Vec<i32> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap() {
        let Some(pid) = entry.unwrap().file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
        if stat.contains("(cat) ") && fields.get(2) == Some(&&*group.to_string()) {
            found.push(pid);
        }
    }
    found
}

/// A supervised [`counter`] in a group of its own, that of `leader`.
struct Counting {
    leader: Child,
    supervisor: Pid,
    lines: Box<dyn Iterator<Item = String>>,
}

impl Counting {
    fn start(command: &mut Command) -> Self {
        let mut leader =
            command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(leader.stdout.take().unwrap()).lines().map(Result::unwrap);
        let ready = lines.find_map(|line| line.strip_prefix("ready ")?.parse().ok());
        let counting = Self { leader, supervisor: Pid::from_raw(ready.unwrap()), lines: Box::new(lines) };
        assert_eq!(counting.canaries().len(), 1);
        counting
    }

    fn alone() -> Self {
        Self::start(&mut supervising(&counting(), &[]))
    }

    /// Under a shell without job control that on each line of its input does
    /// `action` to `$job`, which is the supervisor.
    fn scripted(action: &str) -> Self {
        let script = format!(
            r#"trap : TERM; "$@" & job=$!; while read go; do {action}; done
            wait $job"#
        );
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &script, "sh"]).args(words(&[])).env("SUPERVISED_SCRIPT", counting());
        Self::start(&mut command)
    }

    fn canaries(&self) -> Vec<i32> {
        canaries(pid(&self.leader).as_raw())
    }

    fn act(&mut self) {
        std::io::Write::write_all(self.leader.stdin.as_mut().unwrap(), b"go\n").unwrap();
    }

    #[track_caller]
    fn expect(&mut self, line: &str) {
        assert_eq!(self.lines.next().as_deref(), Some(line));
    }

    /// The number of signals the child got, and that its end was passed on and
    /// no canary is left.
    #[track_caller]
    fn expect_total(mut self, total: u32) {
        // To the supervisor alone, which takes it after all others.
        kill(self.supervisor, Signal::SIGPWR).unwrap();
        self.expect(&format!("total {total}."));
        drop(self.leader.stdin.take());
        assert_eq!(self.leader.wait().unwrap().code(), Some(5));
        assert_eq!(self.canaries(), Vec::<i32>::new());
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        // After a failure, what was started would count for ever.
        if matches!(self.leader.try_wait(), Ok(None)) {
            let _ = killpg(pid(&self.leader), Signal::SIGKILL);
            let _ = self.leader.wait();
        }
    }
}

#[test]
fn a_signal_to_the_group_from_outside_reaches_the_child_once() {
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP, Signal::SIGUSR1] {
        for _ in 0..if signal == Signal::SIGTERM || signal == Signal::SIGINT { 20 } else { 1 } {
            let mut counting = Counting::alone();
            killpg(pid(&counting.leader), signal).unwrap();
            counting.expect(&format!("<{signal} 1>"));
            counting.expect_total(1);
        }
    }
}

#[test]
fn each_signal_to_the_group_reaches_the_child_once() {
    let mut counting = Counting::alone();
    let group = pid(&counting.leader);
    let mut canaries = Vec::new();
    for round in 0..5 {
        canaries.push(counting.canaries());
        // At once, so that the one is pending while the other is judged.
        killpg(group, Signal::SIGTERM).unwrap();
        killpg(group, Signal::SIGINT).unwrap();
        let mut got: Vec<_> = (0..2).map(|_| counting.lines.next().unwrap()).collect();
        got.sort_by_key(|line| line.contains("TERM"));
        let number = |line: &str| line.trim_end_matches('>').rsplit(' ').next().unwrap().parse().unwrap();
        let mut numbers: Vec<u32> = got.iter().map(|line| number(line)).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [3 * round + 1, 3 * round + 2], "{got:?}");
        assert!(got[0].contains("SIGINT") && got[1].contains("SIGTERM"), "{got:?}");
        // And one to the supervisor alone is still told from them.
        kill(counting.supervisor, Signal::SIGUSR2).unwrap();
        counting.expect(&format!("<SIGUSR2 {}>", 3 * round + 3));
    }
    canaries.dedup();
    assert_eq!(canaries.len(), 5, "a new one each time");
    counting.expect_total(15);
}

#[test]
fn a_signal_to_the_group_does_not_hide_one_to_the_supervisor() {
    let mut counting = Counting::alone();
    killpg(pid(&counting.leader), Signal::SIGTERM).unwrap();
    counting.expect("<SIGTERM 1>");
    // Its forwarding shows that the first was judged.
    kill(counting.supervisor, Signal::SIGPROF).unwrap();
    counting.expect("<SIGPROF 2>");
    kill(counting.supervisor, Signal::SIGTERM).unwrap();
    counting.expect("<SIGTERM 3>");
    counting.expect_total(3);
}

#[test]
fn a_signal_to_the_supervisor_alone_reaches_the_child_once() {
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP, Signal::SIGQUIT] {
        let mut counting = Counting::alone();
        kill(counting.supervisor, signal).unwrap();
        counting.expect(&format!("<{signal} 1>"));
        kill(counting.supervisor, signal).unwrap();
        counting.expect(&format!("<{signal} 2>"));
        counting.expect_total(2);
    }
}

#[test]
fn a_signal_of_a_script_reaches_the_child_once() {
    for action in ["kill -TERM $job", "kill -TERM 0"] {
        let mut counting = Counting::scripted(action);
        for count in [1, 3] {
            counting.act();
            counting.expect(&format!("<SIGTERM {count}>"));
            // Its forwarding shows that the one before it was judged.
            kill(counting.supervisor, Signal::SIGPROF).unwrap();
            counting.expect(&format!("<SIGPROF {}>", count + 1));
        }
        counting.expect_total(4);
    }
}

#[test]
fn a_child_that_left_the_group_gets_what_the_group_gets() {
    let script = counting().replace("exec ", "exec setsid ");
    let mut counting = Counting::start(&mut supervising(&script, &[]));
    killpg(pid(&counting.leader), Signal::SIGTERM).unwrap();
    counting.expect("<SIGTERM 1>");
    counting.expect_total(1);
}

#[test]
fn a_timeout_reaches_the_child_once() {
    // It signals the supervisor, and at once the group.
    let mut command = Command::new("timeout");
    command.args(["--preserve-status", "600"]).args(words(&[])).env("SUPERVISED_SCRIPT", counting());
    let mut counting = Counting::start(&mut command);
    kill(pid(&counting.leader), Signal::SIGTERM).unwrap();
    counting.expect("<SIGTERM 1>");
    counting.expect_total(1);
}

#[test]
fn each_ctrl_c_reaches_the_child_once() {
    let words = words(&[]);
    let mut pty = PtyCommand::new(&words[0]).args(&words[1..]).env("SUPERVISED_SCRIPT", counting()).start();
    let supervisor = pty.expect_regex(r"ready \d+").strip_prefix("ready ").unwrap().parse().unwrap();
    let supervisor = Pid::from_raw(supervisor);
    let group = getpgid(Some(supervisor)).unwrap().as_raw();
    assert_eq!(canaries(group).len(), 1);
    for count in 1..=2 {
        pty.control('c');
        pty.expect(&format!("<SIGINT {count}>"));
    }
    kill(supervisor, Signal::SIGPROF).unwrap();
    pty.expect("<SIGPROF 3>");
    // One that no terminal made is told from those two.
    kill(supervisor, Signal::SIGINT).unwrap();
    pty.expect("<SIGINT 4>");
    kill(supervisor, Signal::SIGPWR).unwrap();
    let (rest, code) = pty.wait();
    assert!(rest.contains("total 4."), "{rest}");
    assert_eq!(code, 5);
    assert_eq!(canaries(group), Vec::<i32>::new());
}

#[test]
fn without_a_canary_the_sender_decides_and_the_next_one_is_told_again() {
    let mut counting = Counting::alone();
    let lost = counting.canaries()[0];
    kill(Pid::from_raw(lost), Signal::SIGKILL).unwrap();
    await_state(lost, 'Z', true);
    kill(counting.supervisor, Signal::SIGTERM).unwrap();
    counting.expect("<SIGTERM 1>");
    kill(counting.supervisor, Signal::SIGPROF).unwrap();
    counting.expect("<SIGPROF 2>");
    assert_ne!(counting.canaries(), [lost]);
    killpg(pid(&counting.leader), Signal::SIGTERM).unwrap();
    counting.expect("<SIGTERM 3>");
    counting.expect_total(3);
}

#[test]
fn a_stopped_canary_serves_and_ends_like_any() {
    let mut counting = Counting::alone();
    let stopped = counting.canaries()[0];
    kill(Pid::from_raw(stopped), Signal::SIGSTOP).unwrap();
    await_stopped(stopped, true);
    killpg(pid(&counting.leader), Signal::SIGTERM).unwrap();
    counting.expect("<SIGTERM 1>");
    kill(counting.supervisor, Signal::SIGPROF).unwrap();
    counting.expect("<SIGPROF 2>");
    let stopped = counting.canaries()[0];
    kill(Pid::from_raw(stopped), Signal::SIGSTOP).unwrap();
    await_stopped(stopped, true);
    counting.expect_total(2);
}

#[test]
fn a_canary_holds_nothing_of_the_callers_open_and_ends_with_the_supervisor() {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", r#"exec 3>&1 4</dev/null "$@""#, "sh"]).args(words(&[]));
    command.env("SUPERVISED_SCRIPT", counting());
    let mut counting = Counting::start(&mut command);
    let canary = counting.canaries()[0];
    let mut open: Vec<_> = std::fs::read_dir(format!("/proc/{canary}/fd"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|file| (file.file_name().unwrap().to_owned(), std::fs::read_link(&file).unwrap()))
        .collect();
    open.sort();
    assert_eq!(open.len(), 3, "{open:?}");
    assert!(open[0].1.to_str().unwrap().starts_with("pipe:"), "{open:?}");
    let output = std::fs::read_link(format!("/proc/{}/fd/1", counting.supervisor)).unwrap();
    assert_ne!(open[0].1, output);
    assert!(open[1..].iter().all(|(_, target)| target == Path::new("/dev/null")), "{open:?}");
    kill(counting.supervisor, Signal::SIGKILL).unwrap();
    counting.leader.wait().unwrap();
    await_state(canary, 'Z', true);
    // The child, which is nobody's now.
    killpg(pid(&counting.leader), Signal::SIGPWR).unwrap();
    counting.expect("total 0.");
}

#[test]
fn only_a_living_canary_of_this_process_is_evidence() {
    let status = "Name:\tcat\nState:\tS (sleeping)\nPPid:\t7\nSigPnd:\t0000000000000002\n\
        ShdPnd:\t0000000000004000\nSigBlk:\tfffffffe7ffbfeff\n";
    let ours = Pid::from_raw(7);
    assert_eq!(pending_in(status, ours), Some(0x4002));
    assert_eq!(pending_in(status, Pid::from_raw(8)), None);
    for (text, other) in [
        ("S (sleeping)", "Z (zombie)"),
        ("fffffffe7ffbfeff", "fffffffe7ffbbeff"),
        ("ShdPnd", "Other"),
        ("4000", "none"),
    ] {
        assert_eq!(pending_in(&status.replace(text, other), ours), None, "{other}");
    }
    assert!(pending_in(&status.replace("fffffffe7ffbfeff", "fffffffe7ffafeff"), ours).is_some(), "bash");
}

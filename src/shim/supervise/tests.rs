//! Real children. The supervisor needs a process without other threads that
//! could take its signals, which a test runner is not; so this binary runs
//! itself anew, with every signal blocked in all its threads from the start
//! (`env --block-signal`), and in it the one test [`supervisor`].

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, ExitStatus, Stdio};

use super::signals::Sender;
use super::*;
use crate::process::Environment;
use crate::pty::PtyCommand;

/// The words that start [`supervisor`] in a process of its own.
fn words(env_options: &[&str]) -> Vec<OsString> {
    let mut words: Vec<OsString> = vec!["env".into(), "--block-signal".into()];
    words.extend(env_options.iter().map(Into::into));
    words.push(std::env::current_exe().unwrap().into());
    words.extend(
        ["shim::supervise::tests::supervisor", "--exact", "--ignored", "--nocapture"].map(Into::into),
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

#[test]
#[ignore = "run by the tests below, in a process of its own"]
#[expect(clippy::exit, clippy::disallowed_methods, reason = "this is the end of that process")]
fn supervisor() {
    let environment = Environment::of_this_process();
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
fn a_signal_from_the_own_group_is_not_forwarded() {
    // The shell that sends USR1 to its job is in the job's group. TERM then
    // comes from outside, and as signals are taken in order of their number
    // and one at a time, a forwarded USR1 would have been seen before it.
    let script = "trap 'echo got USR1' USR1; trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done";
    let mut group = Command::new("/bin/sh");
    group
        .args(["-c", r#""$@" & job=$!; read go; kill -USR1 $job; echo sent $job; wait $job; exit $?"#, "sh"])
        .args(words(&[]))
        .env("SUPERVISED_SCRIPT", script)
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut shell = group.spawn().unwrap();
    let mut lines = BufReader::new(shell.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.by_ref().any(|line| line == "ready"));
    std::io::Write::write_all(&mut shell.stdin.take().unwrap(), b"go\n").unwrap();
    let sent = lines.by_ref().find(|line| line.starts_with("sent") || line.starts_with("got")).unwrap();
    let job: i32 = sent.strip_prefix("sent ").expect("USR1 was not forwarded").parse().unwrap();
    kill(Pid::from_raw(job), Signal::SIGTERM).unwrap();
    assert_eq!(lines.collect::<Vec<_>>(), Vec::<String>::new());
    assert_eq!(shell.wait().unwrap().code(), Some(7));
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
    assert!(matches!(supervise(&program), Err(SuperviseError::Nul { what: "an argument", .. })));
    program.arguments.clear();
    program.environment.set("NAME", argument);
    assert!(matches!(supervise(&program), Err(SuperviseError::Nul { what: "an environment variable", .. })));
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
    for _ in 0..3000 {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        if stat.rsplit(") ").next().unwrap().starts_with('T') == wanted {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("{pid} did not become stopped={wanted}");
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

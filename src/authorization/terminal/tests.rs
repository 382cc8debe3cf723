//! Questions asked for real: this binary runs itself anew under a
//! pseudo-terminal, and in it [`asker`] by way of one test.

use std::ffi::OsString;

use nix::sys::signal::SigSet;
use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};

use super::*;
use crate::process::Environment;
use crate::pty::{Pty, PtyCommand};
use crate::ui::sanitize;

/// Far more than any answer here takes.
const LONG: Duration = Duration::from_secs(60);

const ASKER: [&str; 4] =
    ["authorization::terminal::tests::only_yes_is_yes", "--exact", "--nocapture", "--test-threads=1"];

fn own_binary() -> OsString {
    std::env::current_exe().unwrap().into()
}

/// Starts [`asker`] under a terminal of its own.
fn asking(question: &str) -> Pty {
    PtyCommand::new(own_binary()).args(ASKER).env("ASKER_QUESTION", question).start()
}

fn settings(terminal: &Terminal) -> Termios {
    tcgetattr(&terminal.tty).unwrap()
}

/// What the process does that has the terminal.
fn asker(question: &str) {
    // Where the whole process was started with signals blocked, only this
    // thread takes them, as if it were alone.
    SigSet::empty().thread_set_mask().unwrap();
    let mut terminal = match Terminal::open() {
        Ok(terminal) => terminal,
        Err(error) => return println!("no terminal: {error}: {error:?}."),
    };
    println!("pts={:?} leader={:?}.", terminal.device().and_then(Device::pts), terminal.session_leader());
    if question == "raw" {
        // As a program leaves it that was killed.
        let mut raw = settings(&terminal);
        nix::sys::termios::cfmakeraw(&mut raw);
        tcsetattr(&terminal.tty, SetArg::TCSANOW, &raw).unwrap();
    }
    if question == "typed-ahead" {
        terminal.write("type ahead\n").unwrap();
        // Until what was typed is here, so that it is surely older.
        first_ready(&[terminal.tty.as_fd()], Direction::Input, Instant::now().checked_add(LONG))
            .unwrap()
            .unwrap();
    }
    let before = settings(&terminal);
    let patience = if question == "busy" { Duration::from_millis(50) } else { LONG };
    let mut turn = match terminal.take_turn(patience).unwrap() {
        Ok(turn) => turn,
        Err(refusal) => return println!("no turn: {refusal:?}."),
    };
    let answer = match question {
        "name" => turn.type_name("Type the workspace's name", "prod-eu", LONG),
        "blank" => turn.type_name("Type nothing", "", LONG),
        "escape" => turn.type_name("Type an escape", "a\u{1b}b", LONG),
        "hurry" => turn.confirm("Go on?", Duration::from_millis(50)),
        _ => turn.confirm("Go on?", LONG),
    };
    drop(turn);
    let restored = settings(&terminal) == before;
    println!("answer={answer:?} restored={restored}.");
}

/// The answer to `question` where `typed` is typed.
fn answer(question: &str, marker: &str, typed: &str) -> String {
    let mut pty = asking(question);
    pty.expect(marker);
    pty.send(typed);
    outcome(pty)
}

fn outcome(mut pty: Pty) -> String {
    pty.expect("answer=Ok(");
    let answer = pty.expect(") restored=");
    pty.expect("true.");
    assert_eq!(pty.wait().1, 0);
    answer
}

#[test]
fn only_yes_is_yes() {
    if let Some(question) = Environment::of_this_process().get("ASKER_QUESTION") {
        return asker(question.to_str().unwrap());
    }
    for yes in ["y\n", "Y\n", "yes\n", "YeS\r", "  y \n", "nox\x15y\n", "yx\x7f\n"] {
        assert_eq!(answer("confirm", "[y/N] ", yes), "Yes", "{yes:?}");
    }
    for no in [
        "\n",
        "n\n",
        "no\n",
        "yy\n",
        "yes please\n",
        "y\x1b\n",
        "\x1b[200~y\x1b[201~\n",
        "\x16y\n",
        "y\x13\n",
    ] {
        assert_eq!(answer("confirm", "[y/N] ", no), "No(Declined)", "{no:?}");
    }
}

#[test]
fn a_name_matches_exactly_or_not_at_all() {
    for right in ["prod-eu\n", " prod-eu \n", "prox\x7fd-eu\n"] {
        assert_eq!(answer("name", "name: ", right), "Yes", "{right:?}");
    }
    for wrong in [
        "prod\n",
        "PROD-EU\n",
        "y\n",
        "prod-eu prod-eu\n",
        "\x1b[200~prod-eu\x1b[201~\n",
        "\u{200b}prod-eu\n",
    ] {
        assert_eq!(answer("name", "name: ", wrong), "No(Mismatch)", "{wrong:?}");
    }
    assert_eq!(answer("name", "name: ", "\n"), "No(Declined)");
    assert_eq!(answer("blank", ": ", "\n"), "No(Declined)");
    assert_eq!(answer("escape", ": ", "a\x1bb\n"), "No(Mismatch)");
}

#[test]
fn control_keys_are_refusals_that_return() {
    for (question, marker) in [("confirm", "[y/N] "), ("name", "name: "), ("raw", "[y/N] ")] {
        for cancelled in ["\x03", "\x1c", "y\x03", "prod-eu\x1c", "\x16\x03"] {
            assert_eq!(answer(question, marker, cancelled), "No(Cancelled)", "{question} {cancelled:?}");
        }
        for stopped in ["\x1a\n", "prod\x1a-eu\n", "y\x1a\x04", "\x1ay\n"] {
            assert_eq!(answer(question, marker, stopped), "No(Cancelled)", "{question} {stopped:?}");
        }
        for ended in ["\x04", "y\x04", "prod-eu\x04"] {
            assert_eq!(answer(question, marker, ended), "No(EndOfInput)", "{question} {ended:?}");
        }
    }
}

#[test]
fn a_terminal_left_raw_still_takes_lines() {
    assert_eq!(answer("raw", "[y/N] ", "yes\r"), "Yes");
    assert_eq!(answer("raw", "[y/N] ", "nx\x7f\r"), "No(Declined)");
}

#[test]
fn what_was_typed_before_the_question_is_no_answer() {
    for typed in ["y\n".to_owned(), "y\n".repeat(10_000)] {
        let mut pty = asking("typed-ahead");
        pty.expect("type ahead");
        pty.send(&typed);
        pty.expect("[y/N] ");
        pty.send("n\n");
        assert_eq!(outcome(pty), "No(Declined)");
    }
}

#[test]
fn nobody_answering_is_a_refusal() {
    assert_eq!(answer("hurry", "[y/N] ", ""), "No(TimedOut)");
    assert_eq!(answer("hurry", "[y/N] ", "y"), "No(TimedOut)");
}

#[test]
fn an_overlong_line_neither_loops_nor_leaks_into_the_shell() {
    let mut pty = PtyCommand::new("/bin/sh")
        .args(["-c", r#""$@"; echo "asked."; IFS= read -r line; echo "line=<$line>""#, "sh"])
        .args([own_binary()])
        .args(ASKER)
        .env("ASKER_QUESTION", "confirm")
        .start();
    pty.expect("[y/N] ");
    pty.send(&format!("{}\necho leaked\n", "y".repeat(9000)));
    pty.expect("answer=Ok(No(Declined)) restored=true.");
    pty.expect("asked.");
    pty.send_line("clean");
    pty.expect("line=<clean>");
    assert_eq!(pty.wait().1, 0);
}

#[test]
fn standard_input_is_not_read_and_standard_output_not_written() {
    let command = sanitize::command_line([own_binary()].into_iter().chain(ASKER.map(Into::into)));
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("out");
    let mut pty = PtyCommand::new("/bin/sh")
        .args(["-c", &format!("yes | {command} >\"$OUT\" 2>&1; echo over.")])
        .env("ASKER_QUESTION", "name")
        .env("OUT", &out)
        .start();
    pty.expect("name: ");
    pty.send("prod-eu\n");
    pty.expect("over.");
    let text = std::fs::read_to_string(&out).unwrap();
    assert!(text.contains("answer=Ok(Yes) restored=true."), "{text}");
    assert!(!text.contains("Type the workspace's name"), "{text}");
}

#[test]
fn no_terminal_and_the_background_are_errors() {
    let mut pty = PtyCommand::new("setsid")
        .args(["-w"])
        .args([own_binary()])
        .args(ASKER)
        .env("ASKER_QUESTION", "q")
        .start();
    pty.expect("no terminal: cannot open /dev/tty");
    assert_eq!(pty.wait().1, 0);
    let command = sanitize::command_line([own_binary()].into_iter().chain(ASKER.map(Into::into)));
    let mut pty = PtyCommand::leader("bash")
        .args(["--norc", "--noprofile", "-c", &format!("set -m; {command} & wait")])
        .env("ASKER_QUESTION", "q")
        .start();
    pty.expect("Background.");
    assert_eq!(pty.wait().1, 0);
}

/// A script that starts askers (`"$@"`) and is told by the pipe when to go on.
/// It has to read until it is told: a pipe that the writer has not closed yet
/// opens once more, and ends without a word.
fn directed(script: &str) -> (tempfile::TempDir, std::path::PathBuf, Pty) {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let pty = PtyCommand::new("/bin/sh")
        .args(["-c", script, "sh", "env", "--block-signal"])
        .args([own_binary()])
        .args(ASKER)
        .env("ASKER_QUESTION", "confirm")
        .env("PIPE", &pipe)
        .start();
    (directory, pipe, pty)
}

#[test]
fn a_signal_from_another_process_gives_the_question_up_with_the_settings_restored() {
    let script = r#"before=$(stty -g); "$@" & job=$!; until read -r go <"$PIPE"; do :; done; kill -TERM $job; wait $job
        echo "code=$?"; [ "$(stty -g)" = "$before" ] && echo "settings as before.""#;
    let (_directory, pipe, mut pty) = directed(script);
    pty.expect("[y/N] ");
    std::fs::write(&pipe, "go\n").unwrap();
    pty.expect("code=143");
    pty.expect("settings as before.");
    assert_eq!(pty.wait().1, 0);
}

#[test]
fn questions_at_one_terminal_wait_for_each_other() {
    let script = r#"before=$(stty -g); "$@" & one=$!; until read -r go <"$PIPE"; do :; done; "$@" & two=$!
        for job in $one $two; do until read -r go <"$PIPE"; do :; done; echo "ending."; kill -TERM $job; wait $job; echo "code=$?."; done
        [ "$(stty -g)" = "$before" ] && echo "settings as before.""#;
    let (_directory, pipe, mut pty) = directed(script);
    pty.expect("[y/N] ");
    std::fs::write(&pipe, "go\n").unwrap();
    pty.expect("pts=");
    std::fs::write(&pipe, "go\n").unwrap();
    // As soon as the first has ended, the other may ask.
    let meanwhile = pty.expect("ending.");
    assert!(!meanwhile.contains("Go on?"), "{meanwhile}");
    pty.expect("code=143.");
    pty.expect("[y/N] ");
    std::fs::write(&pipe, "go\n").unwrap();
    pty.expect("code=143.");
    pty.expect("settings as before.");
    assert_eq!(pty.wait().1, 0);
}

#[test]
fn a_turn_that_does_not_come_is_a_refusal() {
    let script = r#"exec 9<"$(tty)"; flock 9; "$@"; echo "over.""#;
    let mut pty = PtyCommand::new("/bin/sh")
        .args(["-c", script, "sh"])
        .args([own_binary()])
        .args(ASKER)
        .env("ASKER_QUESTION", "busy")
        .start();
    pty.expect("no turn: TimedOut.");
    pty.expect("over.");
    assert_eq!(pty.wait().1, 0);
}

#[test]
fn the_terminal_knows_its_number_and_its_sessions_leader() {
    let mut pty = PtyCommand::new("/bin/sh")
        .args(["-c", r#"echo "tty=$(tty) sid=$(ps -o sid= -p $$ | tr -d ' ')."; "$@""#, "sh"])
        .args([own_binary()])
        .args(ASKER)
        .env("ASKER_QUESTION", "confirm")
        .start();
    pty.expect("tty=/dev/pts/");
    let (number, sid) = {
        let line = pty.expect_regex(r"^\d+ sid=\d+\.");
        let (number, sid) = line.trim_end_matches('.').split_once(" sid=").unwrap();
        (number.to_owned(), sid.to_owned())
    };
    pty.expect(&format!("pts=Some({number}) leader=Some(Pid({sid}))."));
    pty.expect("[y/N] ");
    pty.send("n\n");
    assert_eq!(outcome(pty), "No(Declined)");
}

#[test]
fn a_device_number_is_read_whole() {
    let stat = |number: i32| format!("7 (a) b) (c) R 1 2 3 {number} 4 5");
    assert_eq!(device_in(&stat(34816)), Some(Device { major: 136, minor: 0 }));
    assert_eq!(device_in(&stat(34816 + 5)).and_then(Device::pts), Some(5));
    assert_eq!(device_in(&stat(0x10_8803)).and_then(Device::pts), Some(259));
    assert_eq!(device_in(&stat(1025)).map(Device::pts), Some(None));
    assert_eq!(device_in(&stat(0)), None);
    assert_eq!(device_in("nonsense"), None);
}

#[test]
fn bytes_that_are_not_text_match_nothing() {
    assert_eq!(line_in(b"\xff\n"), Err(Refusal::Mismatch));
    assert_eq!(line_in(b"y\n").as_deref(), Ok("y"));
    assert_eq!(line_in(b""), Err(Refusal::EndOfInput));
    assert_eq!(line_in(b"prod\x1a\n"), Err(Refusal::Cancelled));
}

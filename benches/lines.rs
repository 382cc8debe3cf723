//! How many shell lines are judged in a second, as `tollgate check --batch` does
//! it: the lines of tests/cases, one after the other, in this process.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tollgate::context::principal::Principal;
use tollgate::gate::Assumptions;
use tollgate::gate::line::{Books, judge_line};
use tollgate::process::OsProcess;
use tollgate::shell::inner::Place;
use tollgate::shell::walk::{Form, NoScripts, Surroundings, Typing, read};
use tollgate::verdict::PrincipalKind;

/// How long each measurement goes on.
const TIME: Duration = Duration::from_secs(3);

fn lines() -> Vec<String> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let files = fs::read_dir(directory).into_iter().flatten().flatten();
    let texts = files.filter_map(|file| fs::read_to_string(file.path()).ok());
    let mut lines: Vec<String> = Vec::new();
    for text in texts {
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            match (line.strip_prefix('|'), lines.last_mut()) {
                (Some(more), Some(last)) => *last = format!("{last}\n{}", more.trim_start()),
                _ => lines.extend(line.split_once(": ").map(|(_, line)| line.to_owned())),
            }
        }
    }
    lines
}

fn rate(name: &str, lines: &[String], mut judge: impl FnMut(&str)) {
    let (begun, mut count) = (Instant::now(), 0_u32);
    while begun.elapsed() < TIME {
        for line in lines {
            judge(line);
            count += 1;
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{name}: {:.0} lines a second ({:.1} µs a line)",
        f64::from(count) / seconds,
        seconds * 1e6 / f64::from(count)
    );
}

fn main() {
    let lines = lines();
    println!("{} lines of tests/cases", lines.len());
    let surroundings = Surroundings {
        directory: Some(Path::new("/home/dev/project")),
        home: Some(Path::new("/home/dev")),
        inherited: &|_| false,
        scripts: &NoScripts,
        place: Place::Here,
        typing: Typing::Apart,
        form: Form::Line,
    };
    rate("split", &lines, |line| drop(black_box(read(line.as_bytes(), surroundings))));
    let process = OsProcess::new();
    let principal = Principal { kind: PrincipalKind::Agent, name: None, evidence: Vec::new() };
    let assumptions = Assumptions { principal: Some(principal), ..Assumptions::default() };
    let mut books = Books::whole();
    rate("judged", &lines, |line| {
        let directory = PathBuf::from("/");
        let judged = judge_line(&process, line.as_bytes(), Some(&directory), &assumptions, Some(&mut books));
        drop(black_box(judged));
    });
}

//! How long `tollgate replay` takes over a long history, and over transcripts: in this
//! process, on every core, beside the reading of the same file alone.
//!
//! The history is made up: lines as people type them (git, cargo, kubectl, terraform,
//! docker, files) with names, numbers and paths drawn from lists by a generator of fixed
//! seed, so that about two thirds of the lines stand there once only. One in a hundred
//! would be stopped.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::fs::File;
use std::hint::black_box;
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;
use std::time::Instant;

use tollgate::context::principal::Principal;
use tollgate::gate::replay::replay;
use tollgate::invocation::replay::{named, read};
use tollgate::process::OsProcess;
use tollgate::verdict::PrincipalKind;

/// How long each file is, in bytes.
const LENGTH: u64 = 50_000_000;

const LINES: [&str; 40] = [
    "ls -la {d}",
    "cd {d}",
    "git status",
    "git diff {d}/{n}.rs",
    "git commit -am 'Fix {n} in {m} ({i})'",
    "git checkout -b {n}-{i}",
    "git log --oneline -{i} -- {d}",
    "git push origin {n}-{i}",
    "cargo test {n}::{m} -- --nocapture",
    "cargo build --release 2>&1 | tail -{i}",
    "vim {d}/{n}_{m}.rs",
    "grep -rn '{n}_{m}' {d} | head -{i}",
    "find {d} -name '*{n}*' -mtime -{i}",
    "kubectl get pods -n {n}-{m}",
    "kubectl -n {n} logs deploy/{m} --since={i}m | grep -i error",
    "kubectl describe pod {n}-{i}-{m} -n {n}",
    "kubectl exec -it {n}-{i} -n {m} -- ps aux",
    "terraform plan -out={n}-{i}.tfplan",
    "terraform -chdir={d} plan -target=module.{n}",
    "helm list -n {n}-{i}",
    "docker ps | grep {n}",
    "docker run --rm -it -v $PWD:/src {n}:{i} make {m}",
    "docker logs -f {n}_{m}_{i}",
    "ssh {n}{i}.example.org uptime",
    "curl -s https://{n}.example.org/api/{m}/{i} | jq .items",
    "aws s3 ls s3://{n}-{m}/{i}/",
    "aws ec2 describe-instances --instance-ids i-{i}{i}",
    "for f in {d}/*.log; do gzip -c $f > /tmp/{n}-{i}.gz; done",
    "export {n}=$(cat {d}/{m}.txt)",
    "python3 {d}/{n}.py --limit {i} --name {m}",
    "make -j{i} {n}",
    "tar czf {n}-{i}.tar.gz {d}",
    "scp {n}-{i}.tar.gz {m}.example.org:/srv/{n}/",
    "echo \"{n} {m} {i}\" >> notes.md",
    "sudo systemctl status {n}",
    "npm run {n} -- --port {i}",
    "psql -h {n} -c 'select count(*) from {m} where id > {i}'",
    "cat {d}/{n}.json | python3 -m json.tool | less",
    "history | grep {n}",
    "rm {d}/{n}-{i}.tmp",
];

const GRAVE: [&str; 5] = [
    "terraform destroy -target=module.{n}",
    "kubectl delete namespace {n}-{i}",
    "git push --force origin main",
    "aws s3 rm s3://{n}-{m} --recursive",
    "rm -rf {d}/{n} /",
];

const NAMES: [&str; 24] = [
    "orders", "billing", "search", "gateway", "auth", "users", "catalog", "mailer", "worker", "events",
    "metrics", "reports", "cache", "proxy", "ingest", "audit", "payments", "quotas", "sessions", "uploads",
    "webhook", "ledger", "pricing", "stock",
];

const PLACES: [&str; 8] =
    ["src", "~/work/infra", "/srv/app", "tests/support", "../shared", "/var/log/app", "deploy/prod", "docs"];

/// Numbers that look drawn.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or_default() % limit
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list.get(self.below(list.len())).copied().unwrap_or_default()
    }

    fn line(&mut self) -> String {
        let pattern = if self.below(100) == 0 { self.of(&GRAVE) } else { self.of(&LINES) };
        let number = self.below(1000).to_string();
        let line = pattern.replace("{n}", self.of(&NAMES)).replace("{m}", self.of(&NAMES));
        line.replace("{i}", &number).replace("{d}", self.of(&PLACES))
    }
}

fn history(path: &Path) -> io::Result<()> {
    let (mut out, mut random, mut length, mut time) =
        (BufWriter::new(File::create(path)?), Random(7), 0, 1_500_000_000_u64);
    while length < LENGTH {
        time += random.below(300) as u64;
        let entry = format!("#{time}\n{}\n", random.line());
        length += entry.len() as u64;
        out.write_all(entry.as_bytes())?;
    }
    out.flush()
}

/// A call, and what it printed, which is longer.
fn transcript(path: &Path) -> io::Result<()> {
    let (mut out, mut random, mut length, mut id) =
        (BufWriter::new(File::create(path)?), Random(11), 0, 0_u64);
    while length < LENGTH {
        id += 1;
        let head = serde_json::json!({
            "type": "assistant", "timestamp": "2026-01-02T03:04:05.678Z", "cwd": "/home/dev/work", "sessionId": "s",
            "message": {"role": "assistant", "content": [{
                "type": "tool_use", "id": format!("toolu_{id}"), "name": "Bash",
                "input": {"command": random.line(), "description": "does it"},
            }]},
        });
        let printed: Vec<String> = (0..random.below(40)).map(|_| random.line()).collect();
        let told = serde_json::json!({
            "type": "user", "timestamp": "2026-01-02T03:04:06.678Z", "cwd": "/home/dev/work", "sessionId": "s",
            "message": {"role": "user", "content": [{
                "type": "tool_result", "tool_use_id": format!("toolu_{id}"), "content": printed.join("\n"),
            }]},
        });
        let entry = format!("{head}\n{told}\n");
        length += entry.len() as u64;
        out.write_all(entry.as_bytes())?;
    }
    out.flush()
}

#[expect(clippy::cast_precision_loss, reason = "rates are rounded")]
fn measure(source: &str, path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let length = path.metadata()?.len() as f64 / 1e6;
    let begun = Instant::now();
    let mut lines = 0_u64;
    for line in BufReader::new(File::open(path)?).split(b'\n') {
        lines += u64::from(!black_box(line?).is_empty());
    }
    let reading = begun.elapsed().as_secs_f64();
    println!("{source}: {length:.0} MB, {lines} lines; reading alone: {reading:.3} s");
    let begun = Instant::now();
    let kind = if source == "bash" { PrincipalKind::Human } else { PrincipalKind::Agent };
    let people = [Principal { kind, name: None, evidence: Vec::new() }];
    let mut reader = named(source).ok_or("no such source")?.reader();
    let mut file = BufReader::new(File::open(path)?);
    let (read, tally) = replay(&OsProcess::new(), &people, |replay| {
        read(&mut file, &mut *reader, &mut |event| replay.add(event, 0, 0), &mut |_| {})
    })?;
    read?;
    let (took, total) = (begun.elapsed().as_secs_f64(), tally.total());
    println!(
        "{source}: judged {} commands, {} would have been stopped, in {took:.2} s: {:.0} commands a second, \
         {:.1} MB a second, {:.0} times the reading alone",
        total.commands,
        total.stopped(),
        total.commands as f64 / took,
        length / took,
        took / reading
    );
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = tempfile::tempdir()?;
    let (bash, claude) = (directory.path().join("history"), directory.path().join("transcript.jsonl"));
    history(&bash)?;
    transcript(&claude)?;
    measure("bash", &bash)?;
    measure("claude-code", &claude)
}

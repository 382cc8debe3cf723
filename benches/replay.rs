//! How long `tollgate replay` takes over a long history, and over transcripts: in this
//! process, on every core, beside the reading of the same file by lines alone.
//!
//! The history is made up, as nobody's own may be shipped, by a generator of fixed seed.
//! Half of its lines are of a stock that everybody types over and over, the first of it
//! most often (`git status`, `ls`). The other half are patterns of longer lines (git, cargo,
//! kubectl, terraform, docker, ssh, loops, pipes) with names, numbers and paths drawn from
//! lists: of these most stand there once only, so that of all lines about two in five are
//! distinct, which is more than in a history of a person, and each of them is judged. One
//! line in a hundred would be stopped. The transcript has the same lines as calls of Claude
//! Code's shell tool, each followed by what it printed, which is longer than the call. How
//! many lines are distinct is counted and told.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::collections::HashSet;
use std::fs::File;
use std::hint::black_box;
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;
use std::thread::available_parallelism;
use std::time::Instant;

use tollgate::context::principal::Principal;
use tollgate::gate::replay::replay;
use tollgate::invocation::replay::{named, read};
use tollgate::process::OsProcess;
use tollgate::verdict::PrincipalKind;

/// How long each file is, in bytes.
const LENGTH: u64 = 50_000_000;

/// What is typed over and over, the most usual first.
const STOCK: [&str; 48] = [
    "git status",
    "ls",
    "cd ..",
    "ls -la",
    "git diff",
    "git pull",
    "clear",
    "git add -A",
    "git log --oneline",
    "cd",
    "make test",
    "cargo test",
    "npm test",
    "git push",
    "kubectl get pods",
    "docker ps",
    "git commit --amend --no-edit",
    "terraform plan",
    "docker compose up -d",
    "cd web && npm test",
    "vim README.md",
    "git stash",
    "exit",
    "htop",
    "git fetch --prune && git rebase origin/main",
    "kubectl get pods -n web | grep api",
    "docker compose logs -f --tail=100 api",
    "pwd",
    "git checkout main",
    "cargo clippy --all-targets -- -D warnings",
    "npm run build",
    "python3 -m venv .venv && . .venv/bin/activate",
    "pip install -r requirements.txt",
    "df -h",
    "du -sh * | sort -h | tail",
    "terraform fmt -recursive",
    "kubectl config get-contexts",
    "aws sts get-caller-identity",
    "git branch --merged | grep -v main",
    "ps aux | grep node",
    "history | tail -50",
    "source ~/.bashrc",
    "cat .env.example",
    "helm ls -A",
    "code .",
    "tail -f log/development.log | grep --line-buffered ERROR",
    "go test ./... 2>&1 | tee test.log",
    "curl -sI http://localhost:8080/health",
];

/// What is typed once, or a few times.
const LINES: [&str; 44] = [
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
    "cd {d} && npm test -- {n}.{m}.test.ts",
    "kubectl get pods -n {n} -o wide | grep {m}-{i} | awk '{print $1}'",
    "docker compose -f {d}/compose.yaml up -d {n} {m}",
    "DEBUG={n} node {d}/{m}.js --port {i} > /tmp/{n}.log 2>&1 &",
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

    /// One of the stock: the least of three draws, so that what stands first comes most
    /// often.
    fn stock(&mut self) -> &'static str {
        let at = (0..3).map(|_| self.below(STOCK.len())).min().unwrap_or_default();
        STOCK.get(at).copied().unwrap_or_default()
    }

    fn line(&mut self) -> String {
        let pattern = match self.below(100) {
            0 => self.of(&GRAVE),
            1..50 => return self.stock().to_owned(),
            _ => self.of(&LINES),
        };
        let number = self.below(1000).to_string();
        let line = pattern.replace("{n}", self.of(&NAMES)).replace("{m}", self.of(&NAMES));
        line.replace("{i}", &number).replace("{d}", self.of(&PLACES))
    }
}

/// A history with the time of each line, as bash writes it where it is told to. Returns
/// how many of its lines are distinct.
fn history(path: &Path) -> io::Result<usize> {
    let (mut out, mut random, mut length, mut time) =
        (BufWriter::new(File::create(path)?), Random(7), 0, 1_500_000_000_u64);
    let mut distinct = HashSet::new();
    while length < LENGTH {
        time += random.below(300) as u64;
        let line = random.line();
        length += add_line(&mut out, &format!("#{time}\n{line}"))?;
        distinct.insert(line);
    }
    out.flush()?;
    Ok(distinct.len())
}

/// A call, and what it printed. Returns how many of the calls are distinct.
fn transcript(path: &Path) -> io::Result<usize> {
    let (mut out, mut random, mut length, mut id) =
        (BufWriter::new(File::create(path)?), Random(11), 0, 0_u64);
    let mut distinct = HashSet::new();
    while length < LENGTH {
        id += 1;
        let line = random.line();
        let head = serde_json::json!({
            "type": "assistant", "timestamp": "2026-01-02T03:04:05.678Z", "cwd": "/home/dev/work", "sessionId": "s",
            "message": {"role": "assistant", "content": [{
                "type": "tool_use", "id": format!("toolu_{id}"), "name": "Bash",
                "input": {"command": line, "description": "does it"},
            }]},
        });
        let printed: Vec<String> = (0..random.below(40)).map(|_| random.line()).collect();
        let told = serde_json::json!({
            "type": "user", "timestamp": "2026-01-02T03:04:06.678Z", "cwd": "/home/dev/work", "sessionId": "s",
            "message": {"role": "user", "content": [{
                "type": "tool_result", "tool_use_id": format!("toolu_{id}"), "content": printed.join("\n"),
            }]},
        });
        length += add_line(&mut out, &format!("{head}\n{told}"))?;
        distinct.insert(line);
    }
    out.flush()?;
    Ok(distinct.len())
}

/// Writes a line, and returns how long it is.
fn add_line(out: &mut dyn io::Write, line: &str) -> io::Result<u64> {
    writeln!(out, "{line}")?;
    Ok(line.len() as u64 + 1)
}

#[expect(clippy::cast_precision_loss, reason = "rates are rounded")]
fn measure(source: &str, path: &Path, distinct: usize) -> Result<(), Box<dyn std::error::Error>> {
    let length = path.metadata()?.len() as f64 / 1e6;
    let begun = Instant::now();
    let mut lines = 0_u64;
    for line in BufReader::new(File::open(path)?).split(b'\n') {
        lines += u64::from(!black_box(line?).is_empty());
    }
    let reading = begun.elapsed().as_secs_f64();
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
        "{source}: {length:.0} MB, {lines} lines, {} commands of which {distinct} are distinct and {} would have \
         been stopped",
        total.commands,
        total.stopped(),
    );
    println!("  reading by lines alone: {reading:.2} s, {:.0} MB a second", length / reading);
    println!(
        "  replay on {} cores: {took:.2} s, {:.0} lines and {:.0} commands a second, {:.1} MB a second, \
         {:.0} times the reading alone",
        available_parallelism().map_or(1, usize::from),
        lines as f64 / took,
        total.commands as f64 / took,
        length / took,
        took / reading
    );
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = tempfile::tempdir()?;
    let (bash, claude) = (directory.path().join("history"), directory.path().join("transcript.jsonl"));
    let distinct = history(&bash)?;
    measure("bash", &bash, distinct)?;
    let distinct = transcript(&claude)?;
    measure("claude-code", &claude, distinct)
}

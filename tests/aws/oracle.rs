//! The installed aws, asked what it makes of a line, without sending anything.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command as Process, Stdio};
use std::sync::{Mutex, OnceLock};

use serde_json::{Map, Value, json};
use tollgate::command::{Command, Files, Found, Outside, Wanted, grammar};
use tollgate::process::Environment;

use crate::support::tools;

/// The aliases that every line is read with, here and there.
const ALIASES: &str = "[toplevel]\n\
    whoami = sts get-caller-identity\n\
    vm = ec2\n\
    far = --region us-west-2 iam\n\
    kill = vm terminate-instances --instance-ids i-9\n\
    dynamodb = dynamodb --no-paginate\n\
    sdb = ec2 stop-instances --instance-ids i-9\n";

/// One command of the CLI.
#[derive(Debug)]
pub(super) struct Entry {
    /// `ec2 terminate-instances`.
    pub(super) path: String,
    /// `operation`, `custom` or `group`.
    pub(super) kind: String,
    pub(super) options: Vec<Choice>,
    /// The members of its input, by wire names.
    pub(super) members: Vec<String>,
}

/// An option, or, without dashes, a word that stands alone.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) name: String,
    /// `nothing`, `one`, `two`, `optional` or `many`.
    pub(super) takes: String,
}

/// What ran, or would have.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) path: Vec<String>,
    /// The operation of the API; none for a command of the CLI's own.
    pub(super) wire: Option<String>,
    /// Its parameters by their wire names.
    pub(super) values: Map<String, Value>,
    /// The names of those as options.
    pub(super) options: Map<String, Value>,
}

impl Ran {
    /// Whether nothing would be changed.
    pub(super) fn is_rehearsal(&self) -> bool {
        let on = |name: &str| self.values.get(name) == Some(&Value::Bool(true));
        on("DryRun") || on("dryrun") || self.values.get("InvocationType") == Some(&json!("DryRun"))
    }
}

/// What a line came to.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) ran: Vec<Ran>,
}

/// A process of aws's own Python.
pub(super) struct Oracle {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    home: PathBuf,
    /// Its home, where that is its own.
    room: Option<tempfile::TempDir>,
}

impl Oracle {
    /// `None`, said aloud, where there is no such aws.
    pub(super) fn start() -> Option<Self> {
        let room = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(room.path().join(".aws/cli")).unwrap();
        std::fs::write(room.path().join(".aws/cli/alias"), ALIASES).unwrap();
        let mut oracle = Self::start_in(room.path(), room.path(), &[])?;
        oracle.room = Some(room);
        Some(oracle)
    }

    /// One with this home, working directory and more variables.
    pub(super) fn start_in(home: &Path, directory: &Path, more: &[(&str, &str)]) -> Option<Self> {
        let found = tools::aws_in_python()?;
        let mut process = Process::new(&found.python);
        process.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/aws/oracle.py"));
        process.env_clear().envs(variables(home)).envs(more.iter().copied()).current_dir(directory);
        process.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = process.spawn().unwrap();
        let (input, output) = (child.stdin.take(), child.stdout.take().unwrap());
        Some(Self { child, input, output: BufReader::new(output), home: home.to_owned(), room: None })
    }

    /// Has aws really do this; its exit code and all that it printed.
    pub(super) fn send(&mut self, line: &str) -> (i64, String) {
        let answer = self.ask(&json!({ "send": shell_words::split(line).unwrap() }));
        (answer["rc"].as_i64().unwrap_or(1), answer["out"].as_str().unwrap().to_owned())
    }

    /// Asks one question; the program lists them.
    pub(super) fn ask(&mut self, question: &Value) -> Value {
        let input = self.input.as_mut().unwrap();
        writeln!(input, "{question}").unwrap();
        input.flush().unwrap();
        let mut answer = String::new();
        self.output.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{question}: {error}: {answer}"))
    }

    /// What aws would run for these words.
    pub(super) fn run(&mut self, words: &[OsString]) -> Outcome {
        let words: Vec<Value> = words.iter().map(|word| encoded(word)).collect();
        let answer = self.ask(&json!({ "argv": words }));
        let ran = answer["ran"].as_array().unwrap().iter().map(|one| Ran {
            path: strings(&one["path"]),
            wire: one["wire"].as_str().map(str::to_owned),
            values: one["values"].as_object().unwrap().clone(),
            options: one["options"].as_object().unwrap().clone(),
        });
        Outcome { ran: ran.collect() }
    }

    /// A file in the directory in which the lines are read, and its home.
    pub(super) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// What the grammar makes of these words in the same surroundings.
    pub(super) fn parsed(&self, words: &[OsString]) -> Command {
        let environment: Environment = variables(&self.home).into_iter().collect();
        let aws = grammar("aws").unwrap();
        let mut files = Files::default();
        for _ in 0..3 {
            for wanted in aws.reads(words, &Outside { environment: &environment, files: &files }) {
                let found = match &wanted {
                    Wanted::File(path) => {
                        std::fs::read(self.home.join(path)).map_or(Found::Nothing, Found::Text)
                    }
                    Wanted::Directory(_) => Found::Nothing,
                };
                files.insert(wanted, found);
            }
        }
        aws.parse("aws", words, &Outside { environment: &environment, files: &files }).unwrap()
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // The end of its input is the end of it.
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

fn variables(home: &Path) -> [(&'static str, OsString); 6] {
    [
        ("HOME", home.into()),
        ("PATH", "/usr/bin:/bin".into()),
        ("LANG", "C.UTF-8".into()),
        ("AWS_DEFAULT_REGION", "us-east-1".into()),
        ("AWS_ACCESS_KEY_ID", "none".into()),
        ("AWS_SECRET_ACCESS_KEY", "none".into()),
    ]
}

/// A word that is not UTF-8 goes as hexadecimal digits.
fn encoded(word: &OsStr) -> Value {
    let hex = || word.as_bytes().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    word.to_str().map_or_else(|| json!(format!("\0{}", hex())), |text| json!(text))
}

pub(super) fn strings(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

/// Several oracles for several threads; each is started when it is needed.
pub(super) struct Oracles(Mutex<Vec<Oracle>>);

impl Oracles {
    /// `None`, said aloud, where there is no such aws.
    pub(super) fn start() -> Option<Self> {
        Some(Self(Mutex::new(vec![Oracle::start()?])))
    }

    /// Has one of them do something.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut Oracle) -> T) -> T {
        let waiting = self.0.lock().unwrap().pop();
        let mut oracle = waiting.or_else(Oracle::start).unwrap();
        let done = act(&mut oracle);
        self.0.lock().unwrap().push(oracle);
        done
    }
}

/// Every command of the installed aws, read once for all tests.
pub(super) fn commands() -> Option<&'static [Entry]> {
    static COMMANDS: OnceLock<Option<Vec<Entry>>> = OnceLock::new();
    let read = || {
        let answer = Oracle::start()?.ask(&json!({"commands": true}));
        let choice = |option: &Value| Choice {
            name: option[0].as_str().unwrap().to_owned(),
            takes: option[1].as_str().unwrap().to_owned(),
        };
        let entry = |entry: &Value| Entry {
            path: entry["path"].as_str().unwrap().to_owned(),
            kind: entry["kind"].as_str().unwrap().to_owned(),
            options: entry["options"].as_array().unwrap().iter().map(choice).collect(),
            members: strings(&entry["members"]),
        };
        Some(answer.as_array().unwrap().iter().map(entry).collect())
    };
    COMMANDS.get_or_init(read).as_deref()
}

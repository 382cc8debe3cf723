//! Where a command acts, as the installed botocore tells it.
//!
//! One Python process answers all cases of a test: what each of the two versions
//! of aws would make of the same homes, variables and flags. An access key
//! tells its account, so each key here is of an account of its own.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};

use serde_json::{Value, json};
use tollgate::command::{Command, Flag, generic};
use tollgate::context::target::Target;
use tollgate::context::target_of;
use tollgate::process::Environment;
use tollgate::verdict::Fact;

use crate::support::random::Random;
use crate::support::tools;

const CASES: u64 = 600;

const NAMES: [&str; 5] = ["default", "a", "b", "c", "d e"];

/// The Python that the installed aws runs in: the one its script names, else
/// one on PATH.
fn python() -> Option<PathBuf> {
    let aws = tools::aws()?;
    let script = std::fs::read(aws).unwrap();
    let first = script.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let named = String::from_utf8_lossy(first).trim_start_matches("#!").trim().to_owned();
    let environment = Environment::of_this_process();
    let path = environment.get("PATH").unwrap_or_default();
    let found = std::env::split_paths(path).map(|directory| directory.join("python3"));
    let has_botocore = |python: &PathBuf| {
        let asked =
            Process::new(python).args(["-c", "import awscli, botocore; print(awscli.__version__)"]).output();
        asked.is_ok_and(|answer| answer.status.success())
    };
    let mut pythons = std::iter::once(PathBuf::from(named))
        .filter(|named| named.to_string_lossy().contains("python"))
        .chain(found)
        .filter(|python| python.is_file());
    let python = pythons.find(has_botocore);
    if python.is_none() {
        tools::skipped("no python3 with the modules of aws");
    }
    python
}

/// A home, and what is called in it.
struct Case {
    home: tempfile::TempDir,
    variables: Vec<(&'static str, String)>,
    profile: Option<&'static str>,
    region: Option<&'static str>,
    /// The command's word for a service, and botocore's.
    service: (&'static str, &'static str),
}

impl Case {
    fn new(config: &str, credentials: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join(".aws");
        std::fs::create_dir(&directory).unwrap();
        std::fs::write(directory.join("config"), config).unwrap();
        std::fs::write(directory.join("credentials"), credentials).unwrap();
        let variables = vec![("HOME", home.path().to_str().unwrap().to_owned())];
        Self { home, variables, profile: None, region: None, service: ("ec2", "ec2") }
    }

    fn question(&self) -> Value {
        let variables: serde_json::Map<String, Value> =
            self.variables.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        json!({
            "variables": variables,
            "directory": self.home.path(),
            "profile": self.profile,
            "region": self.region,
            "service": self.service.1,
        })
    }

    fn target(&self) -> Target {
        let environment: Environment = self
            .variables
            .iter()
            .map(|(name, value)| (OsString::from(name), OsString::from(value)))
            .collect();
        let flags = [("--profile", self.profile), ("--region", self.region)];
        let given = flags.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let command = Command {
            path: vec![self.service.0.to_owned(), "x".to_owned()],
            flags: given
                .map(|(name, value)| Flag { name: name.to_owned(), value: Some(value.into()) })
                .collect(),
            conventional: false,
            uncertain: false,
            ..generic::parse("aws", &[])
        };
        target_of(&command, &environment, Some(self.home.path()))
    }
}

fn ask(python: &Path, cases: &[Case]) -> Vec<Vec<Value>> {
    let questions: Vec<Value> = cases.iter().map(Case::question).collect();
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/aws/target.py");
    let mut child = Process::new(python)
        .arg(program)
        .env("PYTHONUTF8", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&serde_json::to_vec(&questions).unwrap()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What may have come of a comparison.
#[derive(PartialEq)]
enum Outcome {
    /// Both aws run, and we said where.
    Same,
    /// Some aws stops.
    Stopped,
    /// We did not read what aws reads.
    Refused,
}

fn compare(case: &Case, answers: &[Value]) -> Result<Outcome, String> {
    let target = case.target();
    let has = |fact: Fact, value: &Value| {
        let value = value.as_str().unwrap_or_default();
        value.is_empty() || target.values(fact).any(|found| found == value)
    };
    let readable = target.unreadable().is_empty();
    let mut wrong = Vec::new();
    for answer in answers {
        if answer["error"] == "ConfigParseError" && readable {
            wrong.push("what aws cannot read");
        }
        if !answer["error"].is_null() || !readable {
            continue;
        }
        let facts = [
            ("profile", Fact::Profile),
            ("region", Fact::Region),
            ("account", Fact::Account),
            ("sso", Fact::Account),
            ("role", Fact::Role),
            ("endpoint", Fact::Endpoint),
        ];
        wrong.extend(facts.iter().filter(|(key, fact)| !has(*fact, &answer[key])).map(|(key, _)| *key));
        let account = answer["role"].as_str().and_then(|role| role.split(':').nth(4));
        if !has(Fact::Account, &json!(account)) {
            wrong.push("the role's account");
        }
        if target.proven(Fact::Account).any(|proven| answer["account"] != proven) {
            wrong.push("the proven account");
        }
        if target.proven(Fact::Region).any(|proven| answer["region"] != proven) {
            wrong.push("the proven region");
        }
    }
    let ran = answers.iter().all(|answer| answer["error"].is_null());
    if ran && readable {
        let same = answers.iter().all(|answer| answer == &answers[0]);
        let account = answers[0]["account"].as_str();
        if same && target.proven(Fact::Account).next() != account {
            wrong.push("an account that is not proven");
        }
        let endpoint = answers.iter().any(|answer| !answer["endpoint"].is_null());
        if !endpoint && target.first(Fact::Endpoint).is_some() {
            wrong.push("an endpoint that is not used");
        }
    }
    if !wrong.is_empty() {
        let files = ["config", "credentials"].map(|name| {
            String::from_utf8_lossy(&std::fs::read(case.home.path().join(".aws").join(name)).unwrap())
                .into_owned()
        });
        return Err(format!(
            "{wrong:?}\naws: {answers:?}\nwe: {target:?}\nfor {}\n{}",
            case.question(),
            files.join("\n--\n")
        ));
    }
    Ok(match (ran, readable) {
        (true, true) => Outcome::Same,
        (true, false) => Outcome::Refused,
        (false, _) => Outcome::Stopped,
    })
}

/// How many cases had each outcome; fails with every complaint.
fn compare_all(python: &Path, cases: &[Case]) -> [usize; 3] {
    let answers = ask(python, cases);
    assert_eq!(answers.len(), cases.len());
    let compared: Vec<Result<Outcome, String>> =
        cases.iter().zip(&answers).map(|(case, answers)| compare(case, answers)).collect();
    let wrong: Vec<&String> = compared.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    assert!(wrong.is_empty(), "{} of {}, such as {}", wrong.len(), cases.len(), wrong[0]);
    let count =
        |wanted: Outcome| compared.iter().filter(|outcome| outcome.as_ref().ok() == Some(&wanted)).count();
    [count(Outcome::Same), count(Outcome::Stopped), count(Outcome::Refused)]
}

/// An access key of an account.
fn key(account: u64) -> String {
    let bits = (1 << 47 | account << 7) << 2;
    let digit = |at: u32| b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(bits >> (45 - 5 * at) & 31) as usize] as char;
    format!("AKIA{}AAAAAA", (0..10).map(digit).collect::<String>())
}

/// One section's options.
fn options(random: &mut Random, next: &mut u64) -> String {
    let mut account = || {
        *next += 1;
        100_000_000_000 + *next
    };
    let mut text = String::new();
    let name = |random: &mut Random| random.pick(&NAMES);
    let mut line = |random: &mut Random, times: usize, option: String| {
        if random.one_in(times) {
            let sign = random.pick(&["=", " = ", ":", " : "]);
            let (name, value) = option.split_once('=').unwrap();
            let name = if random.one_in(8) { name.to_uppercase() } else { name.to_owned() };
            writeln!(text, "{name}{sign}{value}").unwrap();
        }
    };
    let region = random.pick(&["eu-west-1", "us-east-1", "us-west-2", ""]);
    line(random, 2, format!("region={region}"));
    if random.one_in(2) {
        line(random, 1, format!("aws_access_key_id={}", key(account())));
        line(random, 1, "aws_secret_access_key=s".to_owned());
        line(random, 6, format!("aws_account_id={}", account()));
    }
    if random.one_in(3) {
        line(random, 1, format!("role_arn=arn:aws:iam::{}:role/r", account()));
        let source = name(random);
        line(random, 2, format!("source_profile={source}"));
        line(random, 6, "credential_source=Environment".to_owned());
        line(random, 6, "web_identity_token_file=/none".to_owned());
    }
    if random.one_in(5) {
        line(random, 1, format!("sso_account_id={}", account()));
        line(random, 1, "sso_role_name=Admin".to_owned());
        line(random, 2, "sso_session=s".to_owned());
        line(random, 2, "sso_start_url=https://x".to_owned());
        line(random, 2, "sso_region=us-east-1".to_owned());
    }
    line(random, 8, "credential_process=/bin/false".to_owned());
    line(random, 5, "endpoint_url=http://all.example".to_owned());
    line(random, 8, "services=local".to_owned());
    line(random, 10, "ignore_configured_endpoint_urls=True".to_owned());
    if random.one_in(6) {
        text.push_str("s3 =\n  region = mars\n\n  endpoint_url=http://s3.example\n");
    }
    text
}

/// Both files.
fn files(random: &mut Random, next: &mut u64) -> (String, String) {
    let (mut config, mut credentials) = (String::new(), String::new());
    let noise = ["", "\n", "# region = x\n", "  ; [default]\n", "\r\n"];
    for name in NAMES {
        if !random.one_in(3) {
            let quoted = if name.contains(' ') { format!("\"{name}\"") } else { name.to_owned() };
            let header = match name {
                "default" if random.one_in(2) => "default".to_owned(),
                _ => format!("{} {quoted}", random.pick(&["profile", "profile ", "profiles"])),
            };
            let section = options(random, next);
            write!(config, "{}[{header}]\n{section}", random.pick(&noise)).unwrap();
        }
        if random.one_in(3) {
            let section = options(random, next);
            write!(credentials, "{}[{name}]\n{section}", random.pick(&noise)).unwrap();
        }
    }
    if random.one_in(4) {
        config.push_str("[default]\nregion = late\n");
    }
    if random.one_in(6) {
        config.push_str("[DEFAULT]\nregion = every\n");
    }
    if !random.one_in(4) {
        config.push_str("[sso-session s]\nsso_region = us-east-1\nsso_start_url = https://x\n");
    }
    if !random.one_in(4) {
        config.push_str(
            "[services local]\nec2 =\n  endpoint_url = http://ec2.example\nauto_scaling =\n  x=1\n",
        );
    }
    (config, credentials)
}

#[test]
fn generated_homes_are_read_as_botocore_reads_them() {
    let Some(python) = python() else { return };
    let cases: Vec<Case> = (0..CASES)
        .map(|seed| {
            let mut random = Random::new(seed);
            let random = &mut random;
            let mut next = seed * 100;
            let (config, credentials) = files(random, &mut next);
            let mut case = Case::new(&config, &credentials);
            case.service = random.pick(&[
                ("ec2", "ec2"),
                ("autoscaling", "autoscaling"),
                ("s3api", "s3"),
                ("deploy", "codedeploy"),
                ("logs", "logs"),
                ("s3control", "s3control"),
            ]);
            case.profile = random.one_in(3).then(|| random.pick(&NAMES));
            case.region = random.one_in(6).then(|| random.pick(&["eu-north-1", ""]));
            let mut set = |name: &'static str, times: usize, value: String| {
                if random.one_in(times) {
                    case.variables.push((name, value));
                }
            };
            let picked = [1, 2].map(|salt| NAMES[Random::new(seed + salt).below(NAMES.len())].to_owned());
            let [one, two] = picked;
            set("AWS_PROFILE", 3, one);
            set("AWS_DEFAULT_PROFILE", 4, two);
            set("AWS_REGION", 5, "ap-east-1".to_owned());
            set("AWS_DEFAULT_REGION", 5, "ap-south-1".to_owned());
            set("AWS_ACCESS_KEY_ID", 5, key(next + 1));
            set("AWS_SECRET_ACCESS_KEY", 2, "s".to_owned());
            set("AWS_ROLE_ARN", 6, format!("arn:aws:iam::{}:role/e", 200_000_000_000 + next));
            set("AWS_WEB_IDENTITY_TOKEN_FILE", 8, "/none".to_owned());
            set("AWS_ENDPOINT_URL", 6, "http://variable.example".to_owned());
            set("AWS_ENDPOINT_URL_AUTO_SCALING", 6, "http://scaling.example".to_owned());
            set("AWS_ENDPOINT_URL_S3_CONTROL", 6, "http://control.example".to_owned());
            set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", 8, "true".to_owned());
            case
        })
        .collect();
    let [same, stopped, refused] = compare_all(&python, &cases);
    assert!(same > cases.len() / 4, "{same} the same, {stopped} stopped, {refused} refused");
    assert_eq!(refused, 0, "nothing here is unclear");
}

/// Files in place of `config`, in which profile `a` may have a region.
const ODD: &[&str] = &[
    "[profile a]\nregion = x",
    "[profile a]\n  region = x\n  output = json",
    "[profile a]\nregion = x\n y = z",
    "[profile a]\nregion = x\n\n y\n",
    "[profile a]\nregion = x\n# y\n  z\n",
    "[profile a]\noutput = json\n  region = x",
    "[profile a]\ns3 =\n  region = x",
    "[profile a]\nregion =\n  x",
    "[profile a]\nregion =\n  x = y",
    "[profile a]\nregion",
    "[profile a]\nregion = x # y",
    "[profile a]\nregion = x ; y",
    "[profile a]\nregion == x",
    "[profile a]\nregion = a:x",
    "[profile a]\nregion: a=x",
    "[profile a]\nREGION = X",
    "[profile a]\n\u{212a}ey = x\nregion = x",
    "[profile a]\nregion = x\nregion = y",
    "[profile a]\nregion = x\nRegion : y",
    "[profile a]\nregion = x\n[profile a]\nregion = y",
    "[profile a]\nregion = x\n[profile 'a']\nregion = y",
    "[profile \"a\"]\nregion = x\n[profile a]\nregion = y",
    "[ profile a ]\nregion = x",
    "[profile\ta]\nregion = x",
    "[profile a b]\nregion = x",
    "[profile it's a]\nregion = x",
    "[profile a\\ b]\nregion = x",
    "[profilea]\nregion = x",
    "[profileb a]\nregion = x",
    "[Profile a]\nregion = x",
    "[a]\nregion = x",
    "[profile a] x\nregion = x",
    "[profile a] # ]\nregion = x",
    "[profile a]]\nregion = x",
    "[[profile a]\nregion = x",
    "[profile a\nregion = x",
    "[]\nregion = x",
    "  [profile a]\n  region = x",
    "[profile b]\nx = y\n  [profile a]\n  region = x",
    "[DEFAULT]\nregion = x\n[profile a]\noutput = json",
    "[DEFAULT]\nregion = x\n[DEFAULT]\noutput = json\n[profile a]",
    "[DEFAULT]\nregion = x\n[DEFAULT]\nregion = y\n[profile a]",
    "[profile DEFAULT]\nregion = x\n[profile a]",
    "[default]\nregion = x",
    "[profile a]\rregion = x\r",
    "[profile a]\r\nregion = x\r\n",
    "\u{feff}[profile a]\nregion = x",
    "\u{85}[profile a]\nregion = x",
    "[profile a]\nregion = x\u{2028}output = y",
    "[profile a]\nregion = \u{a0}x",
    "[profile a]\nregion = x\u{0b}",
    "[profile a]\nregion = x\u{0}",
    "[profile a]\nregion = x\u{1c}output = y",
    "# \u{a0}\n[profile a]\nregion = x",
    "x = y\n[profile a]\nregion = x",
    "; \n\n[profile a]\nregion = x",
    "[profile a]\n= x",
    "[profile a]\nregion = x\n[sso-session a]\nx",
    "",
    "\n",
];

#[test]
fn odd_files_are_read_as_botocore_reads_them_or_not_at_all() {
    let Some(python) = python() else { return };
    let mut cases = Vec::new();
    for text in ODD {
        for profile in [Some("a"), None] {
            let mut case = Case::new(text, "[a]\naws_secret_access_key = s\n");
            case.profile = profile;
            cases.push(case);
        }
        let mut raw = Case::new("", text);
        raw.profile = Some("profile a");
        cases.push(raw);
    }
    let [same, stopped, refused] = compare_all(&python, &cases);
    assert!(same > cases.len() / 3, "{same} the same, {stopped} stopped, {refused} refused");
    assert!(refused < cases.len() / 5, "{same} the same, {stopped} stopped, {refused} refused");
}

#[test]
fn files_are_found_where_python_finds_them() {
    let Some(python) = python() else { return };
    let places = [
        "x",
        "~/x",
        "$HOME/x",
        "${HOME}/x",
        "$PLACE",
        "~root/none",
        "$NONE/x",
        "~x",
        "",
        "/dev/null",
        ".aws",
    ];
    let mut cases: Vec<Case> = places
        .iter()
        .map(|written| {
            let mut case = Case::new("[profile a]\nregion = home\n", "");
            for name in ["x", "~x"] {
                std::fs::write(case.home.path().join(name), format!("[profile a]\nregion = {name}\n"))
                    .unwrap();
            }
            case.variables.push(("AWS_CONFIG_FILE", (*written).to_owned()));
            case.variables.push(("PLACE", "~/x".to_owned()));
            case
        })
        .collect();
    for home in ["", ".", "/nowhere"] {
        let mut case = Case::new("[profile a]\nregion = home\n", "");
        case.variables[0].1 = home.to_owned();
        cases.push(case);
    }
    for case in &mut cases {
        case.profile = Some("a");
        std::fs::write(case.home.path().join("names"), "[a]\naws_secret_access_key = s\n").unwrap();
        case.variables.push(("AWS_SHARED_CREDENTIALS_FILE", "names".to_owned()));
    }
    let counts = compare_all(&python, &cases);
    assert_eq!(counts, [cases.len(), 0, 0]);
}

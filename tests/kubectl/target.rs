//! Where a command acts, as the real kubectl tells it.
//!
//! Nothing listens where it is sent: with `-v6` kubectl names the URL that it
//! cannot reach, after every file, flag and variable had its say.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use tollgate::command::parse;
use tollgate::context::target::Target;
use tollgate::context::target_of;
use tollgate::process::Environment;
use tollgate::verdict::Fact;

use crate::support::random::{Random, for_each_case};
use crate::support::tools;

const CASES: u64 = 240;

/// Clusters `a`, `b` and the one without a name, with a server each.
const CLUSTERS: &str = "
contexts:
- {name: a, context: {cluster: a, namespace: na}}
- {name: b, context: {cluster: b}}
clusters:
- {name: a, cluster: {server: 'http://127.0.0.1:1/a'}}
- {name: b, cluster: {server: 'http://127.0.0.1:1/b'}}
- {name: '', cluster: {server: 'http://127.0.0.1:1/none'}}
";

/// What a command line is about: flags, and variables beside KUBECONFIG.
struct Case<'a> {
    flags: Vec<String>,
    variables: Vec<(&'a str, String)>,
}

/// A real kubectl in `directory`, as bare as it goes.
fn run(kubectl: &Path, case: &Case<'_>, directory: &Path, words: &[&str]) -> String {
    let output = Command::new(kubectl)
        .args(&case.flags)
        .args(words)
        .current_dir(directory)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", directory)
        .envs(case.variables.iter().map(|(name, value)| (*name, value)))
        .output()
        .unwrap();
    [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat()
}

/// The server and the namespace that kubectl asks, or none where it asks nobody.
/// `create token` sends its one request without looking at the API first.
fn asked(kubectl: &Path, case: &Case<'_>, directory: &Path) -> Option<(String, String)> {
    let told = run(kubectl, case, directory, &["-v6", "create", "token", "x"]);
    let (_, url) = told.split_once(" POST ")?;
    let (server, rest) = url.split_once("/api/v1/namespaces/").unwrap();
    let (namespace, _) = rest.split_once("/serviceaccounts/").unwrap();
    Some((server.to_owned(), namespace.to_owned()))
}

fn ours(case: &Case<'_>, directory: &Path) -> Target {
    let home = ("HOME", directory.to_str().unwrap().to_owned());
    let environment: Environment = case
        .variables
        .iter()
        .cloned()
        .chain([home])
        .map(|(name, value)| (name, OsString::from(value)))
        .collect();
    let words: Vec<OsString> =
        case.flags.iter().map(String::as_str).chain(["delete", "pod", "x"]).map(OsString::from).collect();
    let command = parse("kubectl", &words, &environment).unwrap();
    target_of(&command, &environment, Some(directory))
}

/// Compares; where kubectl runs, it has to be where we say it acts.
fn compare(kubectl: &Path, case: &Case<'_>, directory: &Path) -> Result<bool, String> {
    let target = ours(case, directory);
    let told = asked(kubectl, case, directory);
    let Some((server, namespace)) = &told else { return Ok(false) };
    if !target.unreadable().is_empty() {
        return Ok(false);
    }
    let same = target.values(Fact::Server).any(|value| value == server)
        && target.proven(Fact::Namespace).eq([namespace.as_str()])
        && target.proven(Fact::Server).all(|value| value == server);
    if same { Ok(true) } else { Err(format!("kubectl: {told:?}, we: {target:?}")) }
}

/// One file of kubeconfig, with holes in it.
fn file(random: &mut Random, number: usize) -> String {
    const NAMES: [&str; 5] = ["a", "b", "c", "''", "~"];
    let mut text = String::new();
    if random.one_in(2) {
        writeln!(text, "current-context: {}", random.pick(&NAMES)).unwrap();
    }
    let mut entries = |list: &str, body: &mut dyn FnMut(&mut Random) -> String| {
        writeln!(text, "{list}:").unwrap();
        for name in NAMES {
            if random.one_in(3) {
                let body = if random.one_in(6) { String::new() } else { body(random) };
                let kind = list.trim_end_matches('s');
                writeln!(text, "- name: {name}\n  {kind}: {body}").unwrap();
            }
        }
    };
    entries("contexts", &mut |random| {
        let mut fields = Vec::new();
        if !random.one_in(4) {
            fields.push(format!("cluster: {}", random.pick(&NAMES)));
        }
        if random.one_in(2) {
            fields.push(format!("namespace: {}", random.pick(&["one", "two", "''", "~"])));
        }
        format!("{{{}}}", fields.join(", "))
    });
    entries("clusters", &mut |random| {
        let path = random.pick(&["x", "y", "z"]);
        match random.below(5) {
            0 => "{}".to_owned(),
            1 => "{server: ''}".to_owned(),
            _ => format!("{{server: 'http://127.0.0.1:1/{path}{number}'}}"),
        }
    });
    text
}

#[test]
fn generated_files_are_merged_as_kubectl_merges_them() {
    let Some(kubectl) = tools::kubectl() else { return };
    let compared = AtomicU64::new(0);
    for_each_case(CASES, |seed| {
        let mut random = Random::new(seed);
        let directory = tempfile::tempdir().unwrap();
        let count = 1 + random.below(3);
        let mut names: Vec<String> = (0..count).map(|number| format!("f{number}")).collect();
        for (number, name) in names.iter().enumerate() {
            std::fs::write(directory.path().join(name), file(&mut random, number)).unwrap();
        }
        if random.one_in(4) {
            names.insert(random.below(count), random.pick(&["", "gone", "f0"]).to_owned());
        }
        let mut case = Case { flags: Vec::new(), variables: vec![("KUBECONFIG", names.join(":"))] };
        for (flag, values) in [
            ("--context", &["a", "b", "c", ""][..]),
            ("--cluster", &["a", "b", ""]),
            ("-n", &["three", "default"]),
            ("--server", &["http://127.0.0.1:1/flag", ""]),
            ("--kubeconfig", &["f0", ""]),
        ] {
            if random.one_in(6) {
                case.flags.extend([flag.to_owned(), random.pick(values).to_owned()]);
            }
        }
        if random.one_in(5) {
            case.variables.push(("KUBERNETES_MASTER", "http://127.0.0.1:1/master".to_owned()));
        }
        let ran = compare(kubectl, &case, directory.path())
            .map_err(|why| format!("{why}\nflags {:?} variables {:?}", case.flags, case.variables))?;
        compared.fetch_add(u64::from(ran), Ordering::Relaxed);
        Ok(())
    });
    let compared = compared.into_inner();
    assert!(compared > CASES / 3, "only {compared} of {CASES} ran");
}

/// What may stand before the contexts and clusters.
const HEADS: &[&str] = &[
    "current-context: a",
    "current-context: b\nCurrent-Context: a",
    "current-context: b\n\"current\\x2dcontext\": a",
    "current-context: b\ncurrent-context: a",
    "x: &x a\ncurrent-context: *x",
    "x: &x {current-context: a}\ncurrent-context: b\n<<: *x",
    "<<: {current-context: a}",
    "current-context: !!binary YQ==",
    "current-context: !!str a",
    "current-context: !x a",
    "!!binary Y3VycmVudC1jb250ZXh0: a",
    "? current-context\n: a",
    "---\ncurrent-context: a",
    "--- \ncurrent-context: a # b",
    "%YAML 1.1\n---\ncurrent-context: a",
    "current-context:\ta",
    "current-context:   a   ",
    "current-context:\n  a",
    "current-context: >-\n  a",
    "current-context: |-\n  a",
    "current-context: |\n  a",
    "current-context: 'a'",
    "current-context: \"\\x61\"",
    "current-context: \"\\u0061\"",
    "current-context: \"\\\n  a\"",
    "current-context: a\r",
    "#\rcurrent-context: a",
    "#\u{85}current-context: a",
    "#\u{2028}current-context: a",
    "x: 1\u{85}current-context: a",
    "x: 1\u{2029}current-context: a",
    "x: 'y\u{85}current-context: a'",
    "\u{feff}current-context: a",
    "current-context: \u{feff}a",
    "\u{a0}current-context: a",
    "current-context: ~",
    "current-context: Null",
    "current-context: nUll",
    "current-context: yes",
    "current-context: 012",
    "current-context: [a]",
    "apiVersion: v2\ncurrent-context: a",
    "x: [a, b\ncurrent-context: a",
    "users: 5\ncurrent-context: a",
    "x: {y: z,\n  w}\ncurrent-context: a",
    "x: {a,: b}\ncurrent-context: a",
    "x: {a:1}\ncurrent-context: a",
    "x: 'it''s'\ncurrent-context: a",
    "x: a#b\ncurrent-context: a",
    "x: |\n  y\n current-context: b\ncurrent-context: a",
    "x: |2\n    y\n  current-context: b\ncurrent-context: a",
    "x: \"\ncurrent-context: b\n\"\ncurrent-context: a",
];

/// Kubeconfigs that are odd as a whole.
fn whole_files() -> Vec<String> {
    vec![
        format!("current-context: a{CLUSTERS}---\ncurrent-context: b\n"),
        format!("current-context: a{CLUSTERS}--- \n[[["),
        format!("current-context: a{CLUSTERS}...\ncurrent-context: b\n"),
        format!("---\n---\ncurrent-context: a{CLUSTERS}"),
        format!("current-context: a{CLUSTERS}\u{0}"),
        CLUSTERS.to_owned(),
        "{\"current-context\":\"a\",\"contexts\":[{\"name\":\"a\",\"context\":{\"cluster\":\"a\"}}],\
         \"clusters\":[{\"name\":\"a\",\"cluster\":{\"server\":\"http:\\/\\/127.0.0.1:1/\\u0061\"}}]}"
            .to_owned(),
        "{current-context: a, contexts: [{name: a,context: {cluster: a}}], clusters: [{name: a,cluster: {server: \
         http://127.0.0.1:1/a}}]}"
            .to_owned(),
        "contexts: [null]\nclusters: [{cluster: {server: 'http://127.0.0.1:1/a'}}]\n".to_owned(),
        "contexts: [{name: a}, {name: a}]\n".to_owned(),
        "# nothing\n".to_owned(),
        "\n".to_owned(),
    ]
}

#[test]
fn odd_files_are_read_as_kubectl_reads_them_or_not_at_all() {
    let Some(kubectl) = tools::kubectl() else { return };
    let texts: Vec<String> =
        HEADS.iter().map(|head| format!("{head}{CLUSTERS}")).chain(whole_files()).collect();
    let cases = u64::try_from(texts.len()).unwrap();
    let compared = AtomicU64::new(0);
    for_each_case(cases, |at| {
        let text = &texts[usize::try_from(at).unwrap()];
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join(".kube")).unwrap();
        std::fs::write(directory.path().join(".kube/config"), text).unwrap();
        let case = Case { flags: Vec::new(), variables: Vec::new() };
        let ran = compare(kubectl, &case, directory.path()).map_err(|why| format!("{text:?}: {why}"))?;
        compared.fetch_add(u64::from(ran), Ordering::Relaxed);
        Ok(())
    });
    assert!(compared.into_inner() > cases / 3);
}

#[test]
fn the_old_file_is_found_where_kubectl_finds_it() {
    let Some(kubectl) = tools::kubectl() else { return };
    for variables in [vec![], vec![("KUBECONFIG", ".kube/config".to_owned())]] {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join(".kube")).unwrap();
        std::fs::write(directory.path().join(".kube/.kubeconfig"), format!("current-context: a{CLUSTERS}"))
            .unwrap();
        let case = Case { flags: Vec::new(), variables };
        let before = ours(&case, directory.path());
        assert_eq!(before.first(Fact::Server), Some("http://127.0.0.1:1/a"));
        assert_eq!(asked(kubectl, &case, directory.path()).unwrap().0, "http://127.0.0.1:1/a");
    }
}

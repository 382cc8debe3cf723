//! What the file makes of command lines: after the source of kubectl 1.33 to
//! 1.35, which reads it.

use super::*;
use crate::command::{Files, Wanted};

const FILE: &str = "
apiVersion: kubectl.config.k8s.io/v1beta1
kind: Preference
defaults:
- command: delete
  options: [{name: interactive, default: 'true'}, {name: namespace, default: dev}]
- command: apply
  options: [{name: dry-run, default: client}]
- command: set serviceaccount
  options: [{name: local, default: 'true'}]
- command: create
  options: [{name: dry-run, default: client}]
aliases:
- name: zap
  command: delete pods
  prependArgs: [pods, web]
  appendArgs: [--now]
  options: [{name: force, default: 'true'}]
- {name: mk, command: create, prependArgs: [namespace]}
- {name: get, command: delete}
- {name: twice, command: zap}
- {name: help, command: delete}
- {name: sh, command: exec, appendArgs: [--, sh]}
";

fn os(line: &str) -> Vec<OsString> {
    shell_words::split(line).unwrap().into_iter().map(OsString::from).collect()
}

/// `found`, where kubectl would look.
fn holding(words: &[OsString], environment: &Environment, found: Found) -> Files {
    let mut files = Files::default();
    if let Some(path) = location(words, environment) {
        files.insert(Wanted::File(path), found);
    }
    files
}

fn with(file: &str, line: &str, variables: &[(&str, &str)]) -> (String, bool) {
    let environment: Environment = variables.iter().copied().collect();
    let files = holding(&os(line), &environment, Found::Text(file.into()));
    let found = effective(&os(line), &Outside { environment: &environment, files: &files });
    let words: Vec<&str> = found.arguments.iter().map(|word| word.to_str().unwrap()).collect();
    (words.join(" "), found.pinned == Some(OFF))
}

/// The line that is passed on, where kubectl is kept from the file.
#[track_caller]
fn pinned(line: &str) -> String {
    let (line, is_pinned) = with(FILE, line, &[]);
    assert!(is_pinned, "{line}");
    line
}

#[test]
fn an_alias_is_what_it_stands_for() {
    for (line, expanded) in [
        ("zap", "delete --force=true pods web --now"),
        ("zap db -n prod", "delete --force=true pods web db -n prod --now"),
        ("zap --force=false", "delete pods web --force=false --now"),
        ("zap -- x", "delete --force=true pods web -- x --now"),
        ("--context=a zap", "--context=a delete --force=true pods web --now"),
        ("--warnings-as-errors zap", "--warnings-as-errors delete --force=true pods web --now"),
        ("mk x", "create namespace x"),
        ("sh web", "exec web -- sh"),
        ("zap --kuberc f", "delete --force=true pods web --now"),
    ] {
        assert_eq!(pinned(line), expanded, "{line}");
    }
}

#[test]
fn no_alias_stands_for_anything_else() {
    for line in [
        "get pods",         // a command
        "help pods",        // help
        "twice x",          // of an alias
        "-n zap pods",      // a value
        "-n prod zap",      // kubectl takes the first word without a dash
        "--kuberc f zap",   // likewise
        "-- zap",           // no command
        "other",            // a plugin
        "other --kuberc f", // a plugin's own flag
        "ctx zap",          // a plugin's operand
    ] {
        assert_eq!(pinned(line), line);
    }
}

#[test]
fn a_default_counts_where_the_flag_is_not_given() {
    for (line, expanded) in [
        ("delete pod x", "delete --interactive=true --namespace=dev pod x"),
        ("-l a=b delete pods", "-l a=b delete --interactive=true --namespace=dev pods"),
        ("delete pod x -i=false -nprod", "delete pod x -i=false -nprod"),
        ("delete pod x -Ainprod", "delete pod x -Ainprod"),
        ("delete pod x -- -i", "delete --interactive=true --namespace=dev pod x -- -i"),
        ("delete pod x -l -i -n a", "delete --interactive=true pod x -l -i -n a"),
        ("apply -f x", "apply --dry-run=client -f x"),
        ("apply -f x --dry_run=none", "apply -f x --dry_run=none"),
        // kubectl compares last words.
        ("create sa x", "create sa --local=true x"),
        ("set sa deploy x y", "set sa --local=true deploy x y"),
        ("create -f x", "create --dry-run=client -f x"),
        // A plugin's words are its own.
        ("create widget x --kuberc f", "create widget x --kuberc f"),
        ("apply --kuberc f -f x --kuberc=g", "apply --dry-run=client -f x"),
        // No file is read where kubectl finds none named.
        ("apply -f --kuberc", "apply -f --kuberc"),
    ] {
        assert_eq!(pinned(line), expanded, "{line}");
    }
}

#[test]
fn what_is_judged_is_the_expanded_line() {
    let environment = Environment::default();
    let read = |line: &str| {
        let files = holding(&os(line), &environment, Found::Text(FILE.into()));
        let outside = Outside { environment: &environment, files: &files };
        crate::command::parse("kubectl", &os(line), outside).unwrap()
    };
    let zap = read("zap");
    assert_eq!((zap.name().as_str(), zap.rehearsed), ("delete", false));
    assert_eq!(zap.objects.first().map(|object| object.kind.as_str()), Some("pods"));
    assert!(read("apply -f x").rehearsed);
    assert_eq!(read("sh web").carried.unwrap(), ["sh"]);
    assert!(read("other").conventional);
}

#[test]
fn bytes_stay_what_they_are() {
    let environment = Environment::default();
    let files = holding(&[], &environment, Found::Text(FILE.into()));
    let outside = Outside { environment: &environment, files: &files };
    let odd = OsStr::from_bytes(b"\xff").to_owned();
    let found = effective(&["zap".into(), odd.clone()], &outside);
    assert_eq!(found.arguments.get(4), Some(&odd));
    assert_eq!(effective(&[odd.clone(), "zap".into()], &outside).arguments, [odd, "zap".into()]);
}

#[test]
fn the_file_that_is_named_first_counts() {
    let home = ("HOME", "/home/me");
    let at = |line: &str, variables: &[(&str, &str)]| {
        let environment = [&[home], variables].concat().into_iter().collect();
        location(&os(line), &environment).map(|path| path.display().to_string())
    };
    let default = Some("/home/me/.kube/kuberc".to_owned());
    for (line, file) in [
        ("get", default.clone()),
        ("get --kuberc a --kuberc=b", Some("a".to_owned())),
        ("get --kuberc=a=b --kuberc c", Some("a".to_owned())),
        ("get -n --kuberc a", Some("a".to_owned())),
        ("get -lx--kuberc=a", Some("a".to_owned())),
        ("get -- --kuberc a", default.clone()),
        ("get --kuberc", None),
        ("get --kuberc=", None),
        ("__complete get --kuberc a", None),
    ] {
        assert_eq!(at(line, &[]), file, "{line}");
    }
    assert_eq!(at("get", &[("KUBERC", "x")]).unwrap(), "x");
    assert_eq!(at("get", &[("KUBERC", "")]), default);
    assert_eq!(at("get --kuberc a", &[("KUBERC", "x")]).unwrap(), "a");
    assert_eq!(at("get --kuberc a", &[("KUBERC", "off")]), None);
    assert_eq!(at("get", &[("KUBECTL_KUBERC", "False")]), None);
    assert_eq!(at("get", &[("KUBECTL_KUBERC", "0")]), default);
}

#[test]
fn where_it_is_off_nothing_is_changed() {
    assert_eq!(with(FILE, "zap", &[("KUBECTL_KUBERC", "FALSE")]), ("zap".to_owned(), false));
    assert_eq!(with(FILE, "__complete zap w", &[]), ("__complete zap w".to_owned(), false));
}

#[test]
fn its_own_command_needs_it_switched_on() {
    assert_eq!(with(FILE, "kuberc view", &[]), ("kuberc view".to_owned(), false));
    assert_eq!(with(FILE, "alpha kuberc view", &[]), ("alpha kuberc view".to_owned(), false));
    let alias = FILE.replace("name: zap", "name: kuberc");
    assert_eq!(with(&alias, "kuberc view", &[]), ("kuberc view".to_owned(), true));
}

#[test]
fn without_a_file_that_can_be_read_kubectl_reads_none() {
    let environment = Environment::default();
    for found in [Found::Nothing, Found::Unreadable("it is a pipe".to_owned())] {
        let line = os("delete pod x --kuberc f");
        let files = holding(&line, &environment, found);
        let outside = Outside { environment: &environment, files: &files };
        let expected = Effective { arguments: line.clone(), pinned: Some(OFF) };
        assert_eq!(effective(&line, &outside), expected);
    }
    for file in ["", "kind: Preference", "{", "a: &a [*a]", "apiVersion: v1\nkind: Preference\naliases: []"] {
        assert_eq!(with(file, "zap", &[]), ("zap".to_owned(), true), "{file}");
    }
    let other = FILE.replace("kind: Preference", "kind: Other");
    assert_eq!(with(&other, "zap", &[]).0, "zap");
}

#[test]
fn the_first_document_that_can_be_read_counts() {
    let older = "
apiVersion: kubectl.config.k8s.io/v1alpha1
kind: Preference
overrides:
- {command: config set, flags: [{name: user, default: x}]}
- {command: scale, flags: [{name: replicas, default: '0'}]}
aliases:
- {name: gone, command: delete, flags: [{name: all, default: 'true'}]}
";
    assert_eq!(with(older, "gone ns", &[]).0, "delete --all=true ns");
    assert_eq!(with(older, "scale deploy x", &[]).0, "scale --replicas=0 deploy x");
    let newest = FILE.replace("v1beta1", "v7");
    let all = format!("# mine\n---\n{newest}\n--- # older\n{older}---\n{FILE}");
    assert_eq!(with(&all, "gone ns", &[]).0, "delete --all=true ns");
    assert_eq!(with(&all, "zap", &[]).0, "zap");
}

#[test]
fn a_policy_on_credentials_gives_kubectl_no_second_look() {
    let policy = format!("{FILE}credentialPluginPolicy: DenyAll\n");
    for line in ["get pods", "zap", "apply -f x", "other"] {
        assert_eq!(with(&policy, line, &[]), with(FILE, line, &[]), "{line}");
        assert!(with(&policy, line, &[]).1, "{line}");
    }
    let environment = Environment::default();
    let note = |found: Found| {
        let files = holding(&[], &environment, found);
        note(&[], &Outside { environment: &environment, files: &files })
    };
    let said = note(Found::Text(policy.into())).unwrap();
    assert!(said.contains("policy on credential plugins does not hold"), "{said}");
    let said = note(Found::Unreadable("/f: odd\u{202e}".to_owned())).unwrap();
    assert!(said.contains("kubectl is kept from it: /f: odd") && !said.contains('\u{202e}'), "{said}");
    for found in [Found::Nothing, Found::Text(FILE.into())] {
        assert_eq!(note(found), None);
    }
}

#[test]
fn the_flag_stays_where_the_line_would_mean_something_else_without() {
    // pflag reads `--kuberc f`; cobra takes `--kuberc` for the value of `--all`.
    let line = "--all --kuberc delete f pods";
    let file = FILE.replace("command: delete", "command: cp");
    assert_eq!(with(&file, line, &[]), (line.to_owned(), true));
    // Without it kubectl would look for a plugin.
    assert_eq!(pinned("create --kuberc f widget"), "create --dry-run=client --kuberc f widget");
}

#[test]
fn many_words_are_read_in_one_go() {
    let many = |word: &str| vec![OsString::from(word); 20_000];
    let environment = Environment::default();
    let mut files = holding(&[], &environment, Found::Text(FILE.into()));
    files.insert(Wanted::File("f".into()), Found::Text(FILE.into()));
    let outside = Outside { environment: &environment, files: &files };
    let read = |words: Vec<OsString>| effective(&words, &outside).arguments;
    let named = [vec!["delete".into()], many("--kuberc=f")].concat();
    assert_eq!(read(named), os("delete --interactive=true --namespace=dev"));
    let unknown = [many("--brand-new"), os("delete")].concat();
    let flags = [many("--wait"), os("--wait x delete pod")].concat();
    assert_eq!(read(flags).len(), 20_006, "with two defaults");
    let read = |words: &[OsString]| crate::command::parse("kubectl", words, outside);
    assert!(read(&unknown).is_err(), "too many readings");
    let behind = [os("delete pod x"), many("--brand-new")].concat();
    assert!(read(&behind).unwrap().uncertain);
}

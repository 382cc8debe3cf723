use super::*;
use crate::process::Environment;

fn read(line: &str) -> Command {
    let words: Vec<OsString> = shell_words::split(line).unwrap().into_iter().map(OsString::from).collect();
    crate::command::parse("helm", &words, &Environment::default()).unwrap()
}

#[test]
fn the_command_is_found_as_helm_finds_it() {
    for (line, path) in [
        ("uninstall web", "uninstall"),
        ("delete web", "uninstall"),
        ("del web", "uninstall"),
        ("un web", "uninstall"),
        ("-n x del web", "uninstall"),
        ("--namespace=x --debug uninstall web", "uninstall"),
        ("--kube-insecure-skip-tls-verify uninstall web", "uninstall"),
        ("--kube-context uninstall list", "list"),
        // The logging library's flags, which no page tells.
        ("-v 5 uninstall web", "uninstall"),
        ("--logtostderr uninstall web", "uninstall"),
        ("--v 5 uninstall web", "uninstall"),
        ("ls", "list"),
        ("hist web", "history"),
        ("fetch x", "pull"),
        ("inspect values x", "show values"),
        ("dep up", "dependency update"),
        ("dependencies ls", "dependency list"),
        ("repo -n x rm y", "repo remove"),
        ("plugin remove diff", "plugin uninstall"),
        ("get -o yaml values web", "get values"),
    ] {
        let command = read(line);
        assert_eq!(command.name(), path, "{line}");
        assert!(command.known && command.inert.is_none() && !command.conventional, "{line}");
    }
}

#[test]
fn a_flag_that_takes_a_value_swallows_the_next_word() {
    for (line, operands) in [
        ("upgrade web ./chart --server-side true", vec!["web", "./chart"]),
        ("install web ./chart --server-side", vec!["web", "./chart"]),
        ("install --server-side web ./chart", vec!["web", "./chart"]),
        ("upgrade --wait web ./chart", vec!["web", "./chart"]),
        ("upgrade --dry-run web ./chart", vec!["web", "./chart"]),
        ("uninstall --cascade orphan web", vec!["web"]),
        ("upgrade -i web ./chart -f a.yaml -fb.yaml --set a=b -n x", vec!["web", "./chart"]),
        ("upgrade -in x web ./chart", vec!["web", "./chart"]),
        ("list -Af web", vec![]),
        ("install -g ./chart", vec!["./chart"]),
        ("upgrade web ./chart --post-renderer-args --force", vec!["web", "./chart"]),
        ("rollback web 3 --history-max 5", vec!["web", "3"]),
        ("uninstall web -- --dry-run", vec!["web", "--dry-run"]),
    ] {
        let command = read(line);
        assert_eq!(command.operands, operands, "{line}");
        assert!(!command.uncertain, "{line}");
    }
    assert_eq!(read("upgrade web . --post-renderer-args --force").flag("--force"), None);
}

#[test]
fn only_what_every_version_takes_for_a_rehearsal_is_one() {
    for (line, rehearsed) in [
        ("upgrade web ./chart --dry-run", true),
        ("upgrade web ./chart --dry-run=client", true),
        ("upgrade web ./chart --dry-run=server", true),
        ("install web ./chart --dry-run=true", true),
        ("uninstall web --dry-run", true),
        ("rollback web --dry-run", true),
        // A release named so: the flag is bare.
        ("uninstall --dry-run client", true),
        ("upgrade web ./chart", false),
        ("upgrade web ./chart --dry-run=none", false),
        ("upgrade web ./chart --dry-run=false", false),
        ("upgrade web ./chart --dry-run=", false),
        ("upgrade web ./chart --dry-run=1", false),
        ("upgrade web ./chart --dry-run=unset", false),
        ("upgrade web ./chart --dry-run=SERVER", false),
        ("upgrade web ./chart --dry-run --dry-run=none", false),
        ("upgrade web ./chart --dry-run=none --dry-run", true),
        ("uninstall web --description --dry-run", false),
        ("uninstall web -- --dry-run", false),
        ("uninstall web --newflag --dry-run", false),
        ("test web --dry-run", false),
        ("upgrade web ./chart --dry-run --post-renderer ./kustomize.sh", true),
    ] {
        assert_eq!(read(line).rehearsed, rehearsed, "{line}");
    }
}

#[test]
fn what_only_prints_is_inert() {
    for (line, inert) in [
        ("", Some(Inert::Usage)),
        ("help uninstall", Some(Inert::Help)),
        ("--debug help uninstall", Some(Inert::Help)),
        ("uninstall --help", Some(Inert::Help)),
        ("uninstall web -h", Some(Inert::Help)),
        ("repo", Some(Inert::Usage)),
        ("get", Some(Inert::Usage)),
        ("-n x", Some(Inert::Usage)),
        ("__complete uninstall ''", Some(Inert::Completion)),
        ("__completeNoDesc uninstall ''", Some(Inert::Completion)),
        ("uninstall web --help=false", None),
        ("uninstall --description --help web", None),
        ("uninstall web -- --help", None),
        // A newer helm may take `--help` for the value of such a flag.
        ("uninstall web --newflag --help", None),
        ("diff help", None),
        ("-n help diff", None),
    ] {
        assert_eq!(read(line).inert, inert, "{line}");
    }
}

#[test]
fn a_subcommand_that_the_table_lacks_is_unknown() {
    for line in ["repo purge x", "get secrets web", "plugin destroy x"] {
        assert!(!read(line).known, "{line}");
    }
    let command = read("--newflag uninstall web");
    assert!(command.uncertain);
    assert_eq!(command.name(), "uninstall");
}

#[test]
fn a_plugin_is_found_behind_the_flags_of_helm() {
    for (line, path) in [
        ("diff upgrade web ./chart", vec!["diff", "upgrade", "web", "./chart"]),
        ("-n prod diff upgrade web ./chart", vec!["diff", "upgrade", "web", "./chart"]),
        ("--namespace=prod --debug secrets view f", vec!["secrets", "view", "f"]),
        ("diff -n prod upgrade web", vec!["diff", "upgrade", "web"]),
        ("diff --kube-context=prod upgrade", vec!["diff", "upgrade"]),
        ("-n diff secrets dec f", vec!["secrets", "dec", "f"]),
        ("diff upgrade -f values.yaml web", vec!["diff", "upgrade"]),
        // Which word is the plugin's name, or its command, is not known.
        ("-nprod diff upgrade", vec![]),
        ("--newflag diff view", vec![]),
        ("diff --newflag upgrade", vec!["diff"]),
        ("diff -- -n prod upgrade", vec!["diff"]),
    ] {
        let command = read(line);
        assert!(command.conventional, "{line}");
        assert_eq!(command.path, path, "{line}");
    }
    let command = read("--kube-context prod diff -n web upgrade x --install");
    assert_eq!(command.flag("--kube-context"), Some(Some("prod".as_ref())));
    assert_eq!(command.flag("--namespace"), Some(Some("web".as_ref())));
    assert!(command.uncertain, "`--install` may take a value");
    assert_eq!(command.arguments.len(), 8, "what is passed on is what was typed");
    assert!(!read("-n prod diff upgrade web").uncertain);
    // Where it acts is known, even where the plugin's command is not.
    for line in
        ["-nprod diff upgrade", "diff -nprod upgrade", "--newflag -n prod diff", "diff --x y -n=prod z"]
    {
        assert_eq!(read(line).flag("--namespace"), Some(Some("prod".as_ref())), "{line}");
    }
    assert_eq!(read("diff upgrade -- -n prod").flag("--namespace"), None);
}

#[test]
fn arguments_that_are_not_text_are_read_too() {
    use std::os::unix::ffi::OsStringExt as _;
    let words = vec!["uninstall".into(), OsString::from_vec(vec![0xff, b'w']), "-n".into(), "x".into()];
    let command = crate::command::parse("helm", &words, &Environment::default()).unwrap();
    assert_eq!(command.name(), "uninstall");
    assert_eq!(command.operands, words.get(1..2).unwrap());
    assert_eq!(command.arguments, words);
}

#[test]
fn no_flag_of_a_command_is_both_a_boolean_and_a_value() {
    for row in table::HELM {
        let lists = [row.booleans, row.values, row.optional];
        let names = lists.into_iter().flat_map(|list| list.split_whitespace());
        let mut seen = std::collections::HashSet::new();
        let mut letters = std::collections::HashSet::new();
        for flag in names {
            let (name, letter) = flag.split_once(':').unwrap_or((flag, ""));
            assert!(seen.insert(name), "{} --{name}", row.path);
            assert!(letter.is_empty() || letters.insert(letter), "{} -{letter}", row.path);
        }
    }
}

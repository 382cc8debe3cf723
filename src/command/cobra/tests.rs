//! What flags that the table lacks do to the command, with kubectl's table.

use super::*;
use crate::command::kubectl::TABLE;
use crate::command::parse;
use crate::process::Environment;

fn os(line: &str) -> Vec<OsString> {
    shell_words::split(line).unwrap().into_iter().map(OsString::from).collect()
}

#[test]
fn a_line_that_may_be_two_commands_is_not_judged() {
    for (line, flag) in [
        ("--newbool delete events --all", "--newbool"),
        ("--new_bool delete events --all", "--new_bool"),
        ("--newbool get delete x", "--newbool"),
        ("-Z delete events", "-Z"),
        ("-n x --newbool delete --context y events", "--newbool"),
        ("--newbool=x --newone delete events", "--newone"),
        // Each of them may be of either kind.
        ("--one delete --two get pods", "--one"),
        ("--one x --two delete get pods", "--one"),
        ("--a --b --c --d --e get pods", "--a"),
        // Below the first word too, where that one can also run by itself.
        ("config --newbool delete-context view", "--newbool"),
        ("cluster-info --newbool dump", "--newbool"),
        ("apply --newbool view-last-applied -f x", "--newbool"),
    ] {
        let error = TABLE.certain("kubectl", &os(line)).unwrap_err().to_string();
        assert!(error.contains(&format!("whether {flag} takes a value")), "{line}: {error}");
        assert!(parse("kubectl", &os(line), &Environment::default()).is_err(), "{line}");
    }
    assert!(parse("helm", &os("--newbool uninstall list web"), &Environment::default()).is_err());
    assert!(parse("helm", &os("-n web list --newbool uninstall"), &Environment::default()).is_ok());
}

#[test]
fn a_flag_that_hides_no_command_leaves_the_line_alone() {
    for (line, path) in [
        ("--newbool get pods", "get"),
        ("--new value get pods", "get"),
        ("--new value -n x get pods", "get"),
        ("--new=value get pods", "get"),
        ("--new=delete get events", "get"),
        ("--newbool config view", "config view"),
        ("get --newbool delete events", "get"),
        ("rollout status --newbool restart", "rollout status"),
        ("create --newbool -f x", "create"),
        ("create --newbool widget x", "create"),
        // Known: of other commands, or as cobra's own.
        ("-l delete get events", "get"),
        ("--all delete get events", "get"),
        ("--dry_run delete get events", "get"),
        ("-- --newbool delete get", ""),
        ("--help delete get pods", "get"),
    ] {
        assert!(TABLE.certain("kubectl", &os(line)).is_ok(), "{line}");
        assert_eq!(TABLE.parse(&os(line)).path.join(" "), path, "{line}");
    }
}

#[test]
fn every_word_has_its_place() {
    let parsed = TABLE.parse(&os("-n x config --kubeconfig=f use -v 6 prod --context y"));
    assert_eq!(parsed.path, ["config", "use-context"]);
    assert_eq!(parsed.words, [2, 4]);
    assert_eq!(parsed.places, [[0, 1], [3, 3], [5, 6], [8, 9]]);
    assert_eq!(parsed.operands, ["prod"]);
    let parsed = TABLE.parse(&os("get -Awoyaml pods -n"));
    assert_eq!(parsed.places, [[1, 1], [1, 1], [1, 1], [3, 3]]);
    assert_eq!(parsed.flags.last().unwrap().value, None);
}

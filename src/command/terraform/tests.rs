use super::*;

fn os(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

fn parsed(line: &str) -> Command {
    let mut environment = Environment::default();
    let mut words = shell_words::split(line).unwrap();
    while let Some((name, value)) = words.first().and_then(|word| word.split_once('=')) {
        if name.starts_with('-') {
            break;
        }
        environment.set(name, value);
        words.remove(0);
    }
    let arguments: Vec<OsString> = words.iter().map(OsString::from).collect();
    parse("terraform", &arguments, &environment).unwrap()
}

#[test]
fn finds_the_command() {
    for (line, name, known) in [
        ("destroy", "destroy", true),
        ("-chdir=infra destroy -auto-approve", "destroy", true),
        ("state rm x.y", "state rm", true),
        ("env delete -force old", "workspace delete", true),
        ("'' destroy", "destroy", true),
        ("frobnicate", "frobnicate", false),
        ("Destroy", "Destroy", false),
        ("state frobnicate x", "state frobnicate", false),
        ("providers", "providers", true),
        ("providers lock -platform=linux_amd64", "providers lock", true),
        ("applyx apply", "apply", true),
        ("applyx xapply", "apply", true),
        ("applyx -x apply", "applyx", false),
        ("applyx '' apply", "applyx", false),
        ("applyx 'a b' apply", "applyx", false),
        ("xapply apply", "xapply", false),
        ("state rmx state rm", "state rm", true),
        ("state listing", "state listing", false),
        ("env deletex env delete", "workspace delete", true),
    ] {
        let command = parsed(line);
        assert_eq!((command.name().as_str(), command.known, command.inert), (name, known, None), "{line}");
    }
}

#[test]
fn tells_what_only_prints() {
    for (line, inert) in [
        ("", Inert::Usage),
        ("-auto-approve destroy", Inert::Usage),
        ("-chdir destroy", Inert::Usage),
        ("-chdir= destroy", Inert::Usage),
        ("--chdir=x destroy", Inert::Usage),
        ("-chdir=a -chdir=b destroy", Inert::Usage),
        ("-- destroy", Inert::Usage),
        ("'state rm' x.y", Inert::Usage),
        ("state -no-color rm x", Inert::Usage),
        ("workspace", Inert::Usage),
        ("destroy -help", Inert::Help),
        ("apply -auto-approve -var -help", Inert::Help),
        ("apply plan.bin -h", Inert::Help),
        ("destroy -v", Inert::Version),
        ("destroy -auto-approve -- --version", Inert::Version),
        ("COMP_LINE=terraform destroy", Inert::Completion),
    ] {
        assert_eq!(parsed(line).inert, Some(inert), "{line}");
    }
}

#[test]
fn does_not_take_lookalikes_for_help() {
    for line in
        ["destroy -help=true", "destroy -- -help", "apply -var=-h", "destroy -helper", "COMP_LINE= destroy"]
    {
        assert_eq!(parsed(line).inert, None, "{line}");
    }
}

#[test]
fn folds_variables_in_as_terraform_does() {
    for (line, arguments) in [
        ("TF_CLI_ARGS='destroy -auto-approve'", &["destroy", "-auto-approve"] as &[_]),
        ("TF_CLI_ARGS_='destroy -auto-approve'", &["destroy", "-auto-approve"]),
        ("TF_CLI_ARGS_apply=-destroy apply", &["apply", "-destroy"]),
        ("TF_CLI_ARGS_state='rm x' state", &["state", "rm", "x"]),
        (
            "TF_CLI_ARGS_state_list=-id=x TF_CLI_ARGS=-state=y state list z",
            &["state", "list", "-id=x", "-state=y", "z"],
        ),
        ("TF_CLI_ARGS_force_unlock='-force 1' force-unlock", &["force-unlock", "-force", "1"]),
        ("TF_CLI_ARGS_env_delete=-force env delete x", &["env", "delete", "-force", "x"]),
        ("TF_CLI_ARGS_plan=-destroy -chdir=a plan", &["-chdir=a", "plan", "-destroy"]),
        ("TF_CLI_ARGS_plan=-destroy apply", &["apply"]),
        ("TF_CLI_ARGS_plan=-destroy -chdir=a -chdir=b plan", &["-chdir=a", "-chdir=b", "plan", "-destroy"]),
        ("TF_CLI_ARGS_apply=-destroy applyx apply", &["applyx", "apply", "-destroy"]),
        ("TF_CLI_ARGS=destroy 'state rm'", &["destroy", "state rm"]),
        ("TF_CLI_ARGS_plan=-chdir=b -chdir=a plan", &["-chdir=a", "plan", "-chdir=b"]),
    ] {
        assert_eq!(parsed(line).arguments, os(arguments), "{line}");
    }
    assert_eq!(parsed("TF_CLI_ARGS_state='rm x' state").name(), "state rm");
    assert_eq!(parsed("TF_CLI_ARGS=x plan").folded, Some(FOLDED_PREFIX));
}

#[test]
fn an_unreadable_variable_is_an_error() {
    let environment: Environment = [("TF_CLI_ARGS_plan", "'x")].into_iter().collect();
    let error = parse("terraform", &os(&["plan"]), &environment).unwrap_err();
    assert_eq!(error.to_string(), "TF_CLI_ARGS_plan cannot be read: a quote is not closed");
}

/// Terraform takes `-chdir` off before it looks at the variable, so that there
/// it is an unknown flag; passed on as an argument it would change directory.
#[test]
fn a_directory_in_the_variable_is_an_error() {
    for (value, words) in
        [("-chdir=x destroy", &[] as &[&str]), ("-chdir=x", &["--", "plan"]), ("-chdir", &["-chdir=a"])]
    {
        let environment: Environment = [("TF_CLI_ARGS", value)].into_iter().collect();
        let error = parse("terraform", &os(words), &environment).unwrap_err();
        assert!(error.to_string().ends_with("terraform does not take -chdir from it"), "{error}");
    }
}

#[test]
fn reads_flags_as_go_does() {
    let command =
        parsed("apply --destroy -var a=1 -var=b=2 -lock=false -target x -lock=true plan.bin -auto-approve");
    assert_eq!(command.flag("-destroy"), Some(None));
    assert_eq!(command.values("-var").flatten().collect::<Vec<_>>(), ["a=1", "b=2"]);
    assert_eq!(command.flag("-lock"), Some(Some("true".as_ref())), "the last one counts");
    assert_eq!(command.operands, os(&["plan.bin", "-auto-approve"]), "flags stop at the first operand");
    assert!(!command.uncertain);
}

#[test]
fn a_value_flag_swallows_the_next_word() {
    let command = parsed("state rm -backup -dry-run x.y");
    assert_eq!(command.flag("-dry-run"), None);
    assert_eq!(command.flag("-backup"), Some(Some("-dry-run".as_ref())));
}

#[test]
fn no_color_is_taken_out_before_flags_are_read() {
    let command = parsed("state rm -backup -no-color -dry-run x.y");
    assert_eq!(command.flag("-dry-run"), None);
    assert_eq!(command.operands, os(&["x.y"]));
    let command = parsed("apply -var -compact-warnings -destroy");
    assert_eq!(command.flag("-var"), Some(Some("-destroy".as_ref())));
}

#[test]
fn an_unknown_flag_leaves_the_rest_open() {
    let command = parsed("state rm -novel x -dry-run");
    assert!(command.uncertain);
    assert_eq!(command.flag("-dry-run"), Some(None));
}

#[test]
fn bytes_that_are_not_utf8_are_passed_on_unchanged() {
    let odd = OsStr::from_bytes(b"x\xff").to_owned();
    let command =
        parse("terraform", &[OsString::from("apply"), odd.clone()], &Environment::default()).unwrap();
    assert_eq!(command.arguments, [OsString::from("apply"), odd.clone()]);
    assert_eq!(command.operands, [odd]);
}

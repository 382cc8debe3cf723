use super::*;

fn syntax(yaml: &str) -> Syntax {
    serde_yaml::from_str(yaml).unwrap()
}

fn read(yaml: &str, line: &str) -> Command {
    let words: Vec<OsString> = shell_words::split(line).unwrap().into_iter().map(Into::into).collect();
    let environment = Environment::default();
    let surroundings = Surroundings {
        directory: Some(Path::new("/home/dev/project")),
        base: None,
        home: Some(Path::new("/home/dev")),
        environment: &environment,
        input: None,
    };
    parse(&syntax(yaml), "tool", &words, &surroundings)
}

/// Flags and words in one line: `-a -b=x | word word`.
fn shown(command: &Command) -> String {
    let flags = command.flags.iter().map(|flag| match &flag.value {
        Some(value) => format!("{}={}", flag.name, value.to_string_lossy()),
        None => flag.name.clone(),
    });
    let operands: Vec<_> = command.operands.iter().map(|word| word.to_string_lossy()).collect();
    format!("{} | {}", flags.collect::<Vec<_>>().join(" "), operands.join(" "))
}

#[test]
fn flags_are_read_as_declared() {
    let git = "{ values: [-C, -c, --git-dir], switches: [--bare], abbreviates: true,
        command_values: { push: [-o, --repo] }, aliases: { -R: --recursive, -r: --recursive, -n: --number },
        command_aliases: { push: { -f: --force } } }";
    let number = "{ values: [--number], aliases: { -n: --number } }";
    for (yaml, line, expected) in [
        (git, "push -f origin main", "--force | push origin main"),
        (git, "-f push", "--force | push"),
        (git, "clean -f", "-f | clean"),
        (git, "-C /x push -fo opt origin", "-C=/x --force -o=opt | push origin"),
        (git, "-C/x push", "-C=/x | push"),
        (git, "log -o x", "-o | log x"),
        (git, "push --repo x --repo=y", "--repo=x --repo=y | push"),
        (git, "push --rep x", "--repo=x | push"),
        (git, "--git-d x push", "--git-dir=x | push"),
        (git, "push -- -f --force", " | push -f --force"),
        (git, "push -C", "-C | push"),
        (git, "push -", " | push -"),
        (git, "rm -rR x", "--recursive --recursive | rm x"),
        (
            number,
            "-n5 -n 6 --number 7 -n=8 -xn9",
            "--number=5 --number=6 --number=7 --number=8 -x --number=9 | ",
        ),
        ("{}", "-rf x -5 --y=z", "-r -f -5 --y=z | x"),
        ("{}", "-f=false", "-f=false | "),
        ("{ stops: true, values: [-p] }", "-p 22 host rm -rf x", "-p=22 | host rm -rf x"),
        ("{ single_dash: true, values: [-name] }", ". -name x -delete", "-name=x -delete | ."),
        ("{ single_dash: true, values: [-name] }", "--name x --delete", "-name=x --delete | "),
    ] {
        assert_eq!(shown(&read(yaml, line)), expected, "{line}");
    }
}

#[test]
fn a_flag_that_is_not_listed_leaves_the_command_open() {
    let yaml = "{ values: [-C], switches: [--bare] }";
    for (line, command, expected, surely) in [
        ("push x", "push", Some((1, 1)), true),
        ("--bare push x", "push", Some((1, 1)), true),
        ("-C push pull", "push", None, false),
        ("--odd push x", "push", Some((1, 1)), false),
        ("--odd x push y", "push", Some((2, 2)), false),
        ("--odd=x push y", "push", Some((1, 1)), true),
        ("--odd push push y", "push", Some((1, 2)), false),
        ("commit --amend push", "push", None, false),
        ("stash --odd x drop", "stash drop", Some((3, 3)), false),
        ("stash drop --odd x", "stash drop", Some((2, 2)), true),
        ("log x push", "push", None, false),
    ] {
        let read = read(yaml, line);
        let declared = read.declared.as_ref().unwrap();
        let found = declared.behind(&read.path, command).map(|one| (one.first, one.last));
        assert_eq!(found, expected, "{line}");
        assert_eq!(declared.surely(&read.path, command), surely, "{line}");
    }
}

#[test]
fn a_word_that_is_not_known_may_be_any_of_the_command() {
    for (line, command, expected) in [
        (&["$"][..], "push", Some((1, 1))),
        (&["$"], "stash drop", Some((1, 1))),
        (&["$", "drop"], "stash drop", Some((1, 2))),
        (&["stash", "$"], "stash drop", Some((2, 2))),
        (&["stash", "$"], "stash drop now", None),
        (&["$", "main"], "push", Some((1, 1))),
        (&["$", "push"], "push", Some((1, 2))),
        (&["stash", "$", "drop"], "stash drop", Some((2, 3))),
        (&["$x"], "push", None),
        (&["log", "$"], "push", None),
        (&["log", "push"], "$", None),
    ] {
        let words: Vec<String> = line.iter().map(ToString::to_string).collect();
        let declared = Declared::default();
        let found = declared.behind(&words, command).map(|one| (one.first, one.last));
        assert_eq!(found, expected, "{line:?}");
        assert!(!declared.surely(&words, command), "{line:?}");
    }
}

#[test]
fn what_follows_a_flag_that_is_not_listed_may_be_its_value() {
    let yaml = "{ values: [-C, --to], switches: [--bare, -b] }";
    for (line, flags, words) in [
        ("x --odd --help", "--help", ""),
        ("x --odd=1 --help", "", ""),
        ("x --bare --help", "", ""),
        ("x --yes --no-wait --help", "", ""),
        ("x --odd --bare --help", "--bare", ""),
        ("x --odd --even --help", "--even --help", ""),
        ("x -z --help y", "--help", ""),
        ("x -bz --help", "--help", ""),
        ("x -zb --help", "-b", ""),
        // The odd one may take the flag, and what would be that one's value is left.
        ("x --odd --to y --help", "--to", "y"),
        ("x --odd --to --help", "--to --help", ""),
        ("x --odd -C -zb", "-C -z -b", ""),
        ("x --odd --to=y --help", "--to", ""),
        ("x --odd y z --help", "", "y"),
    ] {
        let read = read(yaml, line);
        let declared = read.declared.as_ref().unwrap();
        let numbered = read.flags.iter().enumerate().filter(|(at, _)| declared.is_unsure(*at));
        let unsure: Vec<&str> = numbered.map(|(_, flag)| flag.name.as_str()).collect();
        let numbered = read.path.iter().enumerate().filter(|(at, _)| declared.is_arguable(*at));
        let arguable: Vec<&str> = numbered.map(|(_, word)| word.as_str()).collect();
        assert_eq!((unsure.join(" ").as_str(), arguable.join(" ").as_str()), (flags, words), "{line}");
    }
}

#[test]
fn a_syntax_can_be_stored() {
    for yaml in [
        "{}",
        "{ values: [-C], switches: [-p], command_values: { push: [-o] }, aliases: { -f: --force },
          command_aliases: { push: { -d: --delete } }, single_dash: true, stops: true, abbreviates: true,
          paths: true, path_flags: [-t], sql: { flags: [-c], operands: true, input: true, dialect: mysql },
          target: { project: [--project, $P] } }",
        "{ sql: { operands: all } }",
        "{ sql: { operands: false } }",
    ] {
        let syntax = syntax(yaml);
        let stored = postcard::to_allocvec(&syntax).unwrap();
        assert_eq!(postcard::from_bytes::<Syntax>(&stored).unwrap(), syntax, "{yaml}");
    }
    for wrong in [
        "{ vals: [] }",
        "{ sql: { operands: some } }",
        "{ aliases: { -a: -b, -a: -c } }",
        "{ target: { x: [-a] } }",
    ] {
        assert!(serde_yaml::from_str::<Syntax>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn what_is_not_known_is_a_dollar() {
    for (bytes, shown) in [
        (b"a\xffb".as_slice(), "a$b"),
        (b"\xff", "$"),
        (b"\xfe", "$"),
        (b"\xff\xfe", "$"),
        (b"\xff/x", "$/x"),
        (b"x", "x"),
        (b"\xffa\xff", "$a$"),
    ] {
        assert_eq!(text(OsStr::from_bytes(bytes)), shown);
    }
    // It may be a flag, or none.
    let unknown = [OsString::from("push"), OsStr::from_bytes(b"\xfe").to_owned()];
    let environment = Environment::default();
    let surroundings =
        Surroundings { directory: None, base: None, home: None, environment: &environment, input: None };
    let command = parse(&Syntax::default(), "git", &unknown, &surroundings);
    assert_eq!(shown(&command), " | push $");
    assert_eq!(command.arguments, unknown);
}

#[test]
fn paths_are_normal_where_the_syntax_says_so() {
    let command =
        read("{ paths: true, path_flags: [-t], values: [-t] }", "-t ../../.. /home/dev/project/x ..");
    assert_eq!(shown(&command), "-t=/ | ./x ~");
    assert_eq!(command.path, ["/home/dev/project/x", ".."]);
    assert_eq!(shown(&read("{ path_flags: [of=] }", "if=x of=../../../dev/sda")), " | if=x of=/dev/sda");
}

#[test]
fn lists_hold_for_every_name_of_a_flag() {
    let yaml = "{ values: [--command], aliases: { -c: --command, --dir: --directory, -d: --directory },
        path_flags: [-d], command_values: { x: [-d] }, sql: { flags: [-c] } }";
    let command = read(yaml, "x -c 'DROP TABLE y' -d .. --dir ../..");
    assert_eq!(shown(&command), "--command=DROP TABLE y --directory=~ --directory=/home | x");
    let statements: Vec<&str> = command.fields.set.iter().map(|field| field.value.as_str()).collect();
    assert_eq!(statements, ["drop table y"]);
}

#[test]
fn statements_come_from_where_the_syntax_says() {
    let environment = Environment::default();
    for (yaml, line, input, expected) in [
        ("{ sql: { operands: true } }", "app.db 'DROP TABLE x'", None, vec!["drop table x"]),
        ("{ sql: { operands: all } }", "'select 1' 'select 2'", None, vec!["select 1", "select 2"]),
        ("{ sql: { operands: all, dialect: redis } }", "DEL a b", None, vec!["del a b"]),
        ("{ sql: { input: true } }", "x", Some("truncate y"), vec!["truncate y"]),
        ("{ sql: {} }", "x", Some("truncate y"), vec![]),
    ] {
        let words: Vec<OsString> = shell_words::split(line).unwrap().into_iter().map(Into::into).collect();
        let input = input.map(str::as_bytes);
        let surroundings =
            Surroundings { directory: None, base: None, home: None, environment: &environment, input };
        let command = parse(&syntax(yaml), "tool", &words, &surroundings);
        let statements: Vec<&str> = command.fields.set.iter().map(|field| field.value.as_str()).collect();
        assert_eq!(statements, expected, "{line}");
        assert!(command.fields.set.iter().all(|field| field.path == "statement"));
    }
    let surroundings = Surroundings {
        directory: None,
        base: None,
        home: None,
        environment: &environment,
        input: Some(b"\xff"),
    };
    let command = parse(&syntax("{ sql: { input: true } }"), "tool", &[], &surroundings);
    assert_eq!(command.fields.set.first().unwrap().value, "$");
}

#[test]
fn redirections_and_scripts_are_commands() {
    let environment = Environment::default();
    let surroundings = Surroundings {
        directory: Some(Path::new("/home/dev/project")),
        base: None,
        home: Some(Path::new("/home/dev")),
        environment: &environment,
        input: None,
    };
    let command = redirection("write", OsStr::new("../../../dev/sda"), &surroundings);
    assert_eq!((command.tool.as_str(), shown(&command).as_str()), (REDIRECT, " | write /dev/sda"));
    let command = script(OsStr::new("/x/deploy.sh"));
    assert_eq!((command.tool.as_str(), shown(&command).as_str()), (SCRIPT, " | deploy.sh"));
}

#[test]
fn a_home_of_the_callers_choice_makes_paths_graver_only() {
    let mut environment = Environment::default();
    let name = |environment: &Environment, word: &str| {
        let home = Some(Path::new("/home/dev"));
        path(OsStr::new(word), &Surroundings { directory: None, base: None, home, environment, input: None })
    };
    for (chosen, word, expected) in [
        ("/etc", "/etc/passwd", "/etc/passwd"),
        ("/", "/", "/"),
        ("/tmp/x", "/tmp/x", "~"),
        ("/tmp/x", "/home/dev/y", "~/y"),
    ] {
        environment.set("HOME", chosen);
        assert_eq!(name(&environment, word), expected, "{chosen}");
    }
}

#[test]
fn a_target_is_told_by_flags_or_else_by_variables() {
    let syntax = syntax("{ values: [--project], target: { project: [--project, $PROJECT] } }");
    let mut environment = Environment::default();
    environment.set("PROJECT", "acme-prod");
    let facts = |words: &[&str]| {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        let surroundings =
            Surroundings { directory: None, base: None, home: None, environment: &environment, input: None };
        parse(&syntax, "gcloud", &words, &surroundings).declared.unwrap().facts
    };
    assert_eq!(facts(&["x"]), [(Fact::Project, "acme-prod".to_owned(), true)]);
    assert_eq!(facts(&["x", "--project", "dev"]), [(Fact::Project, "dev".to_owned(), false)]);
}

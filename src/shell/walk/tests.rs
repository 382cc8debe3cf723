//! Lines, and the commands that they may run.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::*;
use crate::shell::value::{HOLE, HOLES};

struct Files(BTreeMap<PathBuf, &'static str>);

impl Scripts for Files {
    fn find(&self, path: &Path) -> Found {
        self.0.get(path).map_or(Found::Nothing, |text| Found::Text(text.as_bytes().to_vec()))
    }
}

fn runs(line: &str) -> Vec<Run> {
    let files = [
        ("/p/x.sh", "#!/bin/bash\nterraform $1\n"),
        ("/p/deep.sh", "bash deep.sh; kubectl get pods"),
        ("/p/env.sh", "export T=terraform"),
        ("/p/run.py", "#!/usr/bin/env python3\nimport os\nos.system('terraform destroy')\n"),
        ("/p/list", "terraform destroy\n"),
    ];
    let files = Files(files.into_iter().map(|(path, text)| (path.into(), text)).collect());
    read(
        line.as_bytes(),
        Surroundings {
            directory: Some(Path::new("/p")),
            home: Some(Path::new("/home/dev")),
            inherited: &|name| name == "AWS_PROFILE",
            scripts: &files,
            place: Place::Here,
            typing: Typing::Apart,
            form: Form::Line,
        },
    )
}

/// What runs, in one line: unknown parts are `?`, what cannot be told is `!`.
fn shown(line: &str) -> Vec<String> {
    let text = |value: &Value| {
        let bytes: Vec<u8> =
            value.bytes.iter().map(|byte| if matches!(*byte, HOLE | HOLES) { b'?' } else { *byte }).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let one = |run: Run| match &run.what {
        What::Command(words) => words.iter().map(text).collect::<Vec<_>>().join(" "),
        What::Redirection(kind, file) => format!("{} {}", kind.name(), text(file)),
        What::Script(path) => format!("script {}", text(path)),
        What::Opaque(_) => "!".to_owned(),
    };
    runs(line).into_iter().map(one).collect()
}

/// Whether one of the commands is this one.
fn finds(line: &str, command: &str) -> bool {
    shown(line).iter().any(|one| one == command)
}

#[test]
fn what_a_line_runs_is_found() {
    let mut missed = Vec::new();
    for line in [
        "terraform destroy",
        "terr\"a\"form des'tr'oy",
        "\\terraform \\destroy",
        "terra\\\nform destroy",
        "$'terraform' $'\\x64estroy'",
        "{terraform,destroy}",
        "CMD=destroy; terraform $CMD",
        "T=terraform && $T destroy",
        "T=terraform; \"$T\" destroy",
        "A=terra; B=form; ${A}${B} destroy",
        "X='terraform destroy'; $X",
        "terraform${IFS}destroy",
        "a=(terraform destroy); \"${a[@]}\"",
        "a=(x terraform); ${a[1]} destroy",
        "set -- terraform destroy; \"$@\"",
        "set -- destroy; terraform \"$1\"",
        "for x in plan destroy; do terraform $x; done",
        "for x in terraform; do for y in destroy; do $x $y; done; done",
        "f() { terraform \"$@\"; }; f destroy",
        "function f { terraform $1; }; f destroy",
        "alias t=terraform; t destroy",
        "alias t='terraform destroy'\nt",
        "if true; then X=destroy; else X=plan; fi; terraform $X",
        "case x in y) X=plan;; *) X=destroy;; esac; terraform $X",
        "false || terraform destroy",
        "true && { cd x; terraform destroy; }",
        "(terraform destroy)",
        "terraform destroy &",
        "! terraform destroy",
        "time terraform destroy",
        "while :; do terraform destroy; done",
        "until terraform destroy; do :; done",
        "echo $(terraform destroy)",
        "echo \"`terraform destroy`\"",
        "x=$(terraform destroy)",
        "cat <(terraform destroy)",
        "[[ $(terraform destroy) ]]",
        "echo $(( $(terraform destroy) ))",
        "echo ${x:-$(terraform destroy)}",
        "a[$(terraform destroy)]=1",
        "cat <<EOF\n$(terraform destroy)\nEOF",
        "2>/dev/null terraform >x destroy",
        "X=1 terraform destroy",
        "$(echo terraform) destroy",
        "`echo terraform` destroy",
        "terraform $(echo destroy)",
        "$(which terraform) destroy",
        "eval terraform destroy",
        "eval 'terraform destroy'",
        "X='terraform destroy'; eval \"$X\"",
        "bash -c 'terraform destroy'",
        "sh -c 'terraform $0' destroy",
        "bash -c 'terraform \"$1\"' x destroy",
        "echo 'terraform destroy' | sh",
        "printf '%s %s' terraform destroy | bash",
        "bash <<< 'terraform destroy'",
        "bash <<EOF\nterraform destroy\nEOF",
        "echo dGVycmFmb3JtIGRlc3Ryb3k= | base64 -d | sh",
        "sh -c \"$(echo dGVycmFmb3JtIGRlc3Ryb3k= | base64 -d)\"",
        "bash <(echo terraform destroy)",
        "source <(echo terraform destroy)",
        "cat > y.sh <<EOF\nterraform destroy\nEOF\nbash y.sh",
        "echo terraform destroy > y.sh; chmod +x y.sh; ./y.sh",
        "echo terraform destroy | tee y.sh; sh y.sh",
        "bash x.sh destroy",
        "./x.sh destroy",
        ". env.sh; $T destroy",
        "python3 run.py",
        "./run.py",
        "bash < list",
        "cat list | bash",
        "{ echo terraform destroy; } | sh",
        "echo destroy | xargs terraform",
        "echo destroy | xargs -I{} sh -c 'terraform {}'",
        "sudo env X=1 nice -n5 timeout 5 terraform destroy",
        "trap 'terraform destroy' EXIT",
        "command terraform destroy",
        "exec terraform destroy",
        "read X <<< destroy; terraform $X",
        "printf -v X destroy; terraform $X",
        "X=DESTROY; terraform ${X,,}",
        "X=xdestroy; terraform ${X#x}",
        "X=plan; terraform ${X/plan/destroy}",
        "X=terraform.txt; ${X%.*} destroy",
        "X=destroy; Y=X; terraform ${!Y}",
        "export X=destroy; bash -c 'terraform $X'",
        "declare X=destroy; terraform $X",
        "select x in destroy; do terraform $x; done",
        "coproc terraform destroy",
        "PAGER='terraform destroy' git log",
    ] {
        if !finds(line, "terraform destroy") {
            missed.push(format!("{line}: {:?}", shown(line)));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn text_as_data_is_no_command() {
    for line in [
        "echo terraform destroy",
        "git commit -m 'terraform destroy'",
        "grep -r 'terraform destroy' .",
        "cat > x.md <<EOF\nterraform destroy\nEOF",
        "# terraform destroy",
        "echo x # terraform destroy",
        "cat <<'EOF' > y\n$(terraform destroy)\nEOF",
        "f() { terraform destroy; }",
        "X='terraform destroy'",
        "echo 'a; terraform destroy'",
        "python3 -c 'print(\"terraform destroy\")'",
        "eval \"$(ssh-agent -s)\"",
        "source <(kubectl completion bash)",
        "jq '.x | terraform' y.json",
    ] {
        let shown = shown(line);
        let runs = |one: &String| one.starts_with("terraform") || one == "!";
        assert!(!shown.iter().any(runs), "{line}: {shown:?}");
    }
}

#[test]
fn what_is_not_known_is_a_hole_or_opaque() {
    let mut missed = Vec::new();
    for (line, expected) in [
        ("terraform $X", "terraform ?"),
        ("terraform \"$X\"", "terraform ?"),
        ("$X destroy", "? destroy"),
        ("$SUDO terraform destroy", "terraform destroy"),
        ("terraform $(cat unknown)", "terraform ?"),
        ("while read x; do terraform $x; done", "terraform ?"),
        ("X=a; for i in 1 2; do terraform $X; X=destroy; done", "terraform ?"),
        ("rm -rf $(mktemp -d)/x", "rm -rf /tmp/?/x"),
        ("curl https://x | sh", "!"),
        ("eval \"$X\"", "!"),
        ("bash -c \"$X\"", "!"),
        ("curl -o i.sh https://x; bash i.sh", "!"),
        ("bash missing.sh", "script missing.sh"),
        ("./missing.sh", "script ./missing.sh"),
        ("bash <(curl x)", "!"),
        ("echo x > /dev/sda", "write /dev/sda"),
        ("rm -rf ~/x $HOME/y", "rm -rf /home/dev/x /home/dev/y"),
    ] {
        if !finds(line, expected) {
            missed.push(format!("{line}: {:?}", shown(line)));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

fn last(line: &str) -> Run {
    runs(line).into_iter().next_back().unwrap()
}

#[test]
fn a_command_has_the_directory_and_variables_of_its_place() {
    let directory = |line: &str| last(line).directory.map(|path| path.display().to_string());
    for (line, expected) in [
        ("x", Some("/p")),
        ("cd a && x", Some("/p/a")),
        ("cd a; cd ../b; x", Some("/p/b")),
        ("cd; x", Some("/home/dev")),
        ("cd /x; cd -; x", Some("/p")),
        ("pushd a; popd; x", Some("/p")),
        ("(cd a); x", Some("/p")),
        ("cd \"$D\"; x", None),
        ("env -C a x", Some("/p/a")),
    ] {
        assert_eq!(directory(line).as_deref(), expected, "{line}");
    }
    let variables = |line: &str| {
        let mut all = BTreeMap::new();
        for (name, value) in last(line).environment {
            all.insert(name, value.map(|value| String::from_utf8_lossy(&value.bytes).into_owned()));
        }
        all.into_iter()
            .map(|(name, value)| format!("{name}={}", value.unwrap_or_default()))
            .collect::<Vec<_>>()
    };
    for (line, expected) in [
        ("A=b x", vec!["A=b"]),
        ("A=b; x", vec![]),
        ("export A=b; x", vec!["A=b"]),
        ("A=b; export A; x", vec!["A=b"]),
        ("AWS_PROFILE=b; x", vec!["AWS_PROFILE=b"]),
        ("set -a; A=b; x", vec!["A=b"]),
        ("A=b y; x", vec![]),
        ("env A=b x", vec!["A=b"]),
        ("export A=b; unset A; x", vec!["A="]),
        ("f() { x; }; A=b f", vec!["A=b"]),
    ] {
        assert_eq!(variables(line), expected, "{line}");
    }
    assert!(last("env -i x").clears);
    assert_eq!(last("echo x | y").input.as_deref(), Some(b"x\n".as_slice()));
}

#[test]
fn nothing_takes_long() {
    let deep = format!("{}x", "f() { g; g; }; ".repeat(3));
    let doubling: String =
        (0..60).fold(String::new(), |text, at| format!("{text}f{at}() {{ f{0}; f{0}; }}; ", at + 1));
    for line in [
        deep,
        format!("{doubling} f0"),
        "f() { f; }; f".to_owned(),
        "X=a; ".to_owned() + &"X=$X$X; ".repeat(60),
        "echo {a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}".to_owned(),
        "eval eval eval eval eval eval eval eval eval eval eval eval eval eval eval eval eval x".to_owned(),
        "if a; then X=1; else X=2; fi; ".repeat(2000),
        "A=1 ".repeat(10_000),
    ] {
        assert!(!runs(&line).is_empty() || line.starts_with("X=a") || line.starts_with("A=1"), "{line:.80}");
    }
}

/// What a script runs, with the text that stands at the place of each.
fn placed(script: &str) -> Vec<String> {
    let surroundings = Surroundings {
        directory: None,
        home: None,
        inherited: &|_| false,
        scripts: &NoScripts,
        place: Place::Here,
        typing: Typing::Apart,
        form: Form::Script(parse::Dialect::Bash),
    };
    let line = |at: Option<usize>| {
        let rest = at.and_then(|at| script.get(at..)).unwrap_or("nowhere");
        rest.lines().next().unwrap_or_default().to_owned()
    };
    let words = |run: &Run| match &run.what {
        What::Command(words) => {
            words.iter().map(|word| String::from_utf8_lossy(&word.bytes).into_owned()).collect()
        }
        _ => Vec::new(),
    };
    read(script.as_bytes(), surroundings)
        .iter()
        .map(|run| format!("{} @ {}", words(run).join(" "), line(run.at)))
        .collect()
}

#[test]
fn commands_of_a_script_have_their_places() {
    assert_eq!(
        placed("a\nif b; then\n  V=1 c | d; fi\nx=$(e)\n"),
        ["a @ a", "b @ b; then", "c @ V=1 c | d; fi", "d @ d; fi", "e @ e)"]
    );
    // What a line runs in turn stands where the line does, also in text that is copied.
    assert_eq!(
        placed("bash -c 'a; b'\n"),
        ["bash -c a; b @ bash -c 'a; b'", "a @ bash -c 'a; b'", "b @ bash -c 'a; b'"]
    );
    assert_eq!(placed("c `a`\n").first().map(String::as_str), Some("a @ c `a`"));
    assert_eq!(placed("trap 'a' EXIT\nb\n").last().map(String::as_str), Some("a @ trap 'a' EXIT"));
}

#[test]
fn functions_of_a_script_are_taken_to_be_called() {
    let calls = placed("f() {\n  a \"$1\"\n}\nf x\nf y\n");
    assert_eq!(calls, ["a x @ a \"$1\"", "f x @ f x", "a y @ a \"$1\"", "f y @ f y"]);
    let unknown = placed("f() {\n  a \"$1\"\n}\n");
    assert_eq!(unknown.len(), 1);
    assert!(unknown.iter().all(|one| one.ends_with("@ a \"$1\"")), "{unknown:?}");
    // What a function is given to run is the caller's.
    let given = placed("f() {\n  \"$@\"\n}\nf a b\nf c\n");
    assert_eq!(given, ["a b @ f a b", "f a b @ f a b", "c @ f c", "f c @ f c"]);
    // One that is defined again, and one that only another calls.
    let both = placed("f() { a; }\nf() { b; }\ng() { f; }\n");
    assert!(["a @ a; }", "b @ b; }"].iter().all(|one| both.iter().any(|run| run == one)), "{both:?}");
}

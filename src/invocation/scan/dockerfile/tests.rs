use super::*;

fn read(text: &str) -> Vec<String> {
    let lines = super::super::Lines::of(text);
    let pieces = Dockerfile.read(text).unwrap();
    let shown = |piece: Piece| {
        let Piece::Passage(passage) = piece else { return "no passage".to_owned() };
        assert_eq!(passage.place, Place::Container);
        let position = lines.position(passage.origin(0));
        format!("{}:{} {}", position.line, position.column, passage.text)
    };
    pieces.into_iter().map(shown).collect()
}

#[test]
fn dockerfiles_are_known_by_name() {
    let is = |path: &str| Dockerfile.is(Path::new(path), "");
    for path in [
        "Dockerfile-a",
        "Dockerfile_a",
        "a-Dockerfile",
        "Dockerfile",
        "dockerfile",
        "Containerfile",
        "Dockerfile.dev",
        "a/x.Dockerfile",
        "x.dockerfile",
    ] {
        assert!(is(path), "{path}");
    }
    for path in ["Dockerfile.md", "Dockerfile.dockerignore", "docker", "Dockerfiles"] {
        assert!(!is(path), "{path}");
    }
}

#[test]
fn instructions_that_run_something() {
    let python =
        "2:1 python <<'END_OF_EMBEDDED_SCRIPT'\n#!/usr/bin/env python3\nx\n\nEND_OF_EMBEDDED_SCRIPT\n";
    for (text, expected) in [
        ("FROM x\nRUN a b\nrun c\n", &["2:5 a b", "3:5 c"][..]),
        ("RUN a \\\n  # no\n\n  && b\n", &["1:5 a   && b"]),
        ("# escape=`\nRUN a `\n  b\\\nRUN c\n", &["2:5 a   b\\", "4:5 c"]),
        ("RUN --mount=type=cache,target=/x --network=none a\n", &["1:49 a"]),
        ("RUN [\"sh\", \"-c\", \"a 'b'\"]\n", &["1:7 'sh' '-c' 'a '\\''b'\\''' "]),
        ("RUN <<EOF\na\nb\nEOF\nRUN c\n", &["2:1 a\nb\n", "5:5 c"]),
        ("RUN <<'EOF' python3\na\nEOF\n", &["1:5 <<'EOF' python3\na\nEOF\n"]),
        ("RUN <<EOF\n#!/usr/bin/env python3\nx\nEOF\n", &[python]),
        ("RUN <<-A cat > x && b <<B\n\ty\n\tA\nz\nB\n", &["1:5 <<-A cat > x && b <<B\n\ty\n\tA\n\nz\nB\n"]),
        ("COPY <<EOF /x\nRUN no\nEOF\nRUN a\n", &["4:5 a"]),
        ("CMD a\nCMD b\n", &["2:5 b"]),
        ("ENTRYPOINT [\"a\"]\nCMD [\"b\", \"c\"]\n", &["1:14 'a'  'b' 'c' "]),
        ("CMD [\"b\"]\nENTRYPOINT [\"a\"]\n", &["2:14 'a'  'b' "]),
        ("FROM x AS y\nENTRYPOINT [\"a\"]\nFROM y\nCMD [\"b\"]\n", &["2:14 'a' ", "2:14 'a'  'b' "]),
        ("ONBUILD CMD a\n", &["1:13 a"]),
        ("ENTRYPOINT a\nCMD [\"b\"]\n", &["1:12 a", "2:7 'b' "]),
        ("HEALTHCHECK --interval=5m CMD a b\nHEALTHCHECK NONE\n", &["1:31 a b"]),
        ("ONBUILD RUN a\nONBUILD COPY b c\n", &["1:13 a"]),
        ("SHELL [\"powershell\", \"-c\"]\nRUN a\nRUN [\"b\"]\n", &["3:7 'b' "]),
        ("SHELL [\"/bin/bash\", \"-c\"]\nRUN a\n", &["2:5 a"]),
        ("RUN a\r\nRUN b \\\r\n c\r\n", &["1:5 a", "2:5 b  c"]),
        ("\u{feff}RUN a\n", &["1:6 a"]),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn here_documents_are_opened_by_words_alone() {
    for line in [
        "a '<<EOF'",
        "a \"<<EOF\" > x",
        "sed 's/a/<<EOF/'",
        "a \"x <<EOF y\"",
        "a \\<<EOF",
        "a b<<EOF",
        "a <<<EOF",
        "a $((1<<2))",
        "a << 2",
        "a 'it is \\' <<<x",
    ] {
        assert_eq!(read(&format!("RUN {line}\nRUN b\n")), [format!("1:5 {line}"), "2:5 b".to_owned()]);
    }
    for (word, end) in [("<<E", "E"), ("3<<-E", "\tE"), ("<<'E F'", "E F"), ("<<\\E", "E"), ("<<E>x", "E>x")]
    {
        let text = format!("RUN a {word}\nRUN no\n{end}\nRUN b\n");
        assert_eq!(read(&text), [format!("1:5 a {word}\nRUN no\n{end}\n"), "4:5 b".to_owned()]);
    }
    for open in ["RUN a\nRUN <<EOF\nb\n", "FROM\nCOPY <<A <<B x\nA\n"] {
        let unread = Dockerfile.read(open).unwrap_err();
        assert!(unread.why.contains("never closed") && unread.at > 0, "{open}");
    }
}

#[test]
fn variables_of_the_build_are_known() {
    for (text, expected) in [
        ("ARG A=x\nENV B=$A/y C='d e' F\nRUN g $B $C\n", "3:5 export B='x/y'\nexport C='d e'\ng $B $C"),
        ("ENV A b c\nRUN d $A\n", "2:5 export A='b c'\nd $A"),
        ("ARG A=x\nFROM y\nRUN d $A\n", "3:5 d $A"),
        ("ARG A=x\nFROM y\nARG A\nRUN d $A\n", "4:5 export A='x'\nd $A"),
        ("FROM x\nARG A\nENV B=${A:-c}\nRUN d $B\n", "4:5 export B='c'\nd $B"),
        ("FROM x AS a\nENV B=c\nFROM a\nRUN d $B\n", "4:5 export B='c'\nd $B"),
        ("FROM x AS a\nENV B=c\nFROM y\nRUN d $B\n", "4:5 d $B"),
        ("ENV A=${B:-c} D=$E G=\\$h\nRUN i $A $D $G\n", "2:5 export A='c'\nexport G='$h'\ni $A $D $G"),
        ("ENV TF_WORKSPACE=prod UNUSED=x\nRUN a\n", "2:5 export TF_WORKSPACE='prod'\na"),
    ] {
        assert_eq!(read(text), [expected], "{text}");
    }
}

#[test]
fn what_stages_hand_on_is_bounded() {
    let mut text = String::from("FROM x AS s0\n");
    for at in 0..1_000 {
        std::fmt::Write::write_fmt(&mut text, format_args!("FROM s{at} AS s{}\nENV A{at}=1\n", at + 1))
            .unwrap();
    }
    assert!(Dockerfile.read(&text).unwrap_err().why.contains("too many variables"));
}

#[test]
fn nothing_panics() {
    for broken in [
        "",
        "RUN",
        "RUN \\",
        "\\",
        "RUN <<",
        "RUN <<EOF",
        "RUN <<'",
        "RUN [",
        "RUN [\"",
        "CMD []",
        "ENTRYPOINT []\nCMD []",
        "SHELL []\nRUN a",
        "SHELL x",
        "ENV",
        "ENV =",
        "ENV A=${",
        "ENV A=$",
        "ENV A=\\",
        "ARG",
        "FROM",
        "FROM --x",
        "ONBUILD",
        "ONBUILD ONBUILD",
        "HEALTHCHECK",
        "RUN --",
        "é é",
        "RUN é \\\n é",
        "# escape=",
        "ENV A='",
        "RUN <<EOF\n",
        "SHELL [\"\"]\nRUN <<EOF\n#!\nEOF\n",
    ] {
        drop(Dockerfile.read(broken));
    }
}

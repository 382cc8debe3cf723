use nix::sys::stat::Mode;

use super::*;
use crate::authorization::signature::openssh::OpenSsh;

const ID: &str = "7KQ2-M4TD-91XH";

/// A well-formed signature with `mark` near its end: whether it is right does not matter here.
fn signature(mark: &[u8]) -> Signature {
    let armor = include_str!("sample.sig");
    let mut bytes =
        Base64::decode_vec(&compact(armor.trim().strip_prefix(BEGIN).unwrap().strip_suffix(END).unwrap()))
            .unwrap();
    let at = bytes.len() - 1 - mark.len();
    bytes[at..][..mark.len()].copy_from_slice(mark);
    Signature::read(&bytes).unwrap()
}

fn read(text: &str) -> Vec<(Option<String>, Vec<u8>)> {
    let tokens = Token::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text:?}"));
    tokens.into_iter().map(|token| (token.id, token.signature.bytes().to_vec())).collect()
}

#[test]
fn a_token_is_read_in_every_form_in_which_it_comes() {
    let signature = signature(b"a");
    let line = Token::one_line(ID, &signature);
    assert!(line.starts_with("tg1.7KQ2-M4TD-91XH.U1NIU0lH"), "{line}");
    assert!(!line.contains(['=', '+', '/']));
    let named = vec![(Some(ID.to_owned()), signature.bytes().to_vec())];
    let (half, other) = line.split_at(50);
    for text in [
        line.clone(),
        format!("\n\t {line} \r\n"),
        format!(",{line},"),
        format!("\u{feff}{line}\r\n"),
        format!("{half}\n{other}"),
        format!("{half}\r\n    {other}"),
        format!("{half}\u{a0}{other}"),
        line.split("").collect::<Vec<_>>().join(" "),
        line.replace('.', ".\n").replace('-', "-\n"),
    ] {
        assert_eq!(read(&text), named, "{text:?}");
    }
    let armor = signature.armored();
    let unnamed = vec![(None, signature.bytes().to_vec())];
    let body = armor.trim().strip_prefix(BEGIN).unwrap().strip_suffix(END).unwrap();
    for text in [
        armor.clone(),
        armor.trim_end().to_owned(),
        armor.replace('\n', "\r\n"),
        armor.replace('\n', "\r"),
        format!("\n\n  {armor}  \n"),
        format!("{BEGIN}\n{}\n{END}\n", compact(body)),
        armor.replace('\n', " "),
        compact(body).chars().fold(BEGIN.to_owned(), |text, c| format!("{text}\n{c}")) + END,
    ] {
        assert_eq!(read(&text), unnamed, "{text:?}");
    }
}

#[test]
fn several_are_read_at_once() {
    let (first, second) = (signature(b"a"), signature(b"b"));
    let (one, two) = (Token::one_line("A1", &first), Token::one_line("B2", &second));
    let named = |id: &str, signature: &Signature| (Some(id.to_owned()), signature.bytes().to_vec());
    let unnamed = |signature: &Signature| (None, signature.bytes().to_vec());
    let lines = vec![named("A1", &first), named("B2", &second)];
    for between in [",", " ", "\n", "\r\n", " , ", ",,\n", ""] {
        assert_eq!(read(&format!("{one}{between}{two}")), lines, "{between:?}");
    }
    let armors = vec![unnamed(&first), unnamed(&second)];
    for between in ["", ",", "\n\n"] {
        assert_eq!(read(&format!("{}{between}{}", first.armored(), second.armored())), armors);
    }
    let mixed = format!("{one}\n{}{two},{}", second.armored(), first.armored());
    let expected = vec![named("A1", &first), unnamed(&second), named("B2", &second), unnamed(&first)];
    assert_eq!(read(&mixed), expected);
    assert_eq!(read(&vec![one.clone(); MOST].join(" ")).len(), MOST);
    for many in [vec![one.clone(); MOST + 1].join(","), first.armored().repeat(MOST + 1)] {
        assert_eq!(Token::parse(many.as_bytes()).unwrap_err(), TokenError::TooMany);
        assert_eq!(Token::load(many.as_ref(), Path::new("/")).unwrap_err(), TokenError::TooMany);
    }
}

#[test]
fn what_is_no_token_is_refused_with_what_to_do() {
    let signature = signature(b"a");
    let (line, armor) = (Token::one_line(ID, &signature), signature.armored());
    let around = |what: &str| TokenError::Around(shown(what));
    for (text, why) in [
        (String::new(), TokenError::Missing),
        (" ,\n, ".to_owned(), TokenError::Missing),
        ("x".repeat(TEXT_LIMIT + 1), TokenError::TooLong),
        (format!("\"{line}\""), around("\"")),
        (format!("“{line}”"), around("“")),
        (format!("`{line}`"), around("`")),
        (format!("> {line}"), around(">")),
        (format!("TOLLGATE_TOKEN={line}"), around("TOLLGATE_TOKEN=")),
        (format!("Here you are: {line}"), around("Hereyouare:")),
        (format!("\u{1b}[31m{line}"), around("\\u{1b}[31m")),
        (format!("{line}\""), around("\"")),
        (format!("{line}`"), around("`")),
        (format!("{line}."), around(".")),
        (format!("{line}. {line}"), around(".")),
        (format!("{line}!"), around("!")),
        (format!("{line}\u{200b}"), around("\\u{200b}")),
        (format!("{line}="), TokenError::Damaged),
        (line.split_at(line.len() - 1).0.to_owned(), SignatureError::Damaged("it ends too early").into()),
        (line.replace("tg1", "tg2"), around("tg2")),
        (line.replace("tg1", "TG1"), around("TG1")),
        (line.replace('-', "\u{2013}"), TokenError::Id("7KQ2\u{2013}M4TD\u{2013}91XH".to_owned())),
        (line.replace(ID, ""), TokenError::Id(String::new())),
        (line.replace(ID, "../x"), around(".")),
        (line.replace(ID, "../../etc"), around(".")),
        (line.replace(ID, "a/b"), TokenError::Id("a/b".to_owned())),
        (line.replace(ID, &"A".repeat(33)), TokenError::Id("A".repeat(33))),
        ("tg1".to_owned(), TokenError::Part),
        ("tg1.A1".to_owned(), TokenError::Part),
        ("tg1.A1.".to_owned(), TokenError::Part),
        ("tg1.A1.tg1.A2.".to_owned(), TokenError::Part),
        ("tg1.A1.AAAA".to_owned(), SignatureError::NotOne.into()),
        (armor.replace(END, ""), TokenError::Cut(END)),
        (armor.replace(BEGIN, ""), around("U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkA")),
        (armor.replace('\n', "\n> "), around(">")),
        (format!("{armor}."), around(".")),
        (format!("{BEGIN}\n{END}"), SignatureError::NotOne.into()),
        (format!("{BEGIN}\n{armor}"), TokenError::Damaged),
    ] {
        assert_eq!(Token::parse(text.as_bytes()).unwrap_err(), why, "{text:?}");
    }
    assert_eq!(Token::parse(b"\xff\xfet\0g\0").unwrap_err(), TokenError::NotText);
    // Words that happen to be letters of base 64 as well: never a token.
    assert!(Token::parse(format!("{line} please run it").as_bytes()).is_err());
    let large = Base64UrlUnpadded::encode_string(&[b'S'; LIMIT + 1]);
    let refused = Token::parse(format!("tg1.A1.{large}").as_bytes()).unwrap_err();
    assert_eq!(refused, SignatureError::TooLong(LIMIT + 1).into());
}

#[test]
fn a_file_holds_either_form() {
    let directory = tempfile::tempdir().unwrap();
    let signature = signature(b"a");
    let line = Token::one_line(ID, &signature);
    for (name, text) in
        [("line", format!("{line}\n")), ("armor.sig", signature.armored()), ("tg1.x", line.clone())]
    {
        std::fs::write(directory.path().join(name), text).unwrap();
    }
    let absolute = directory.path().join("armor.sig").into_os_string();
    for (value, count) in [
        (OsStr::new("line"), 1),
        (OsStr::new("armor.sig"), 1),
        (OsStr::new(" ./line , armor.sig,, tg1.x "), 3),
        (&absolute, 1),
        (line.as_ref(), 1),
        (format!("{line},line").as_ref(), 2),
        (format!("armor.sig,{}", signature.armored()).as_ref(), 2),
        (format!("{line} {line}").as_ref(), 2),
    ] {
        let tokens =
            Token::load(value, directory.path()).unwrap_or_else(|error| panic!("{error}: {value:?}"));
        assert_eq!(tokens.len(), count, "{value:?}");
        assert!(tokens.iter().all(|token| token.signature.bytes() == signature.bytes()));
    }
}

#[test]
fn no_file_blocks_or_is_without_end() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    nix::unistd::mkfifo(&path("fifo"), Mode::S_IRWXU).unwrap();
    std::fs::write(path("rubbish"), "rubbish").unwrap();
    std::fs::write(path("empty"), "").unwrap();
    std::fs::write(path("large"), vec![b'x'; TEXT_LIMIT + 1]).unwrap();
    std::os::unix::fs::symlink("loop", path("loop")).unwrap();
    let line = Token::one_line(ID, &signature(b"a"));
    for (value, why) in [
        ("", "there is no token: it begins with `tg1.`, and `tollgate approve` prints it"),
        (" , ", "there is no token: it begins with `tg1.`, and `tollgate approve` prints it"),
        ("fifo", "fifo: not a regular file"),
        (".", ": not a regular file"),
        ("/dev/zero", "/dev/zero: not a regular file"),
        ("large", "large: too large to be read"),
        ("loop", "loop"),
        ("none", "it is neither a whole token, `tg1.ID.SIGNATURE`, nor the path of a file"),
        ("a\u{1b}[2J", "it is neither a whole token"),
        (
            "rubbish",
            "rubbish: something in it is no part of a token: copy from `tg1.` to the last letter or digit",
        ),
        ("empty", "empty: there is no token"),
        (&format!("\"{line}\""), "`\"` is no part of a token"),
        (&format!("token: {line}"), "`token:` is no part of a token"),
        (&"x".repeat(TEXT_LIMIT + 1), "the text has more than"),
        (&"x".repeat(5000), ""),
    ] {
        let refused = Token::load(value.as_ref(), directory.path()).unwrap_err();
        assert!(refused.to_string().contains(why), "{value}: {refused}");
    }
    let name = OsStr::from_bytes(b"\xff\n");
    let refused = Token::load(name, directory.path()).unwrap_err().to_string();
    assert!(refused.starts_with("it is neither a whole token"), "{refused}");
}

#[test]
fn what_ssh_keygen_writes_is_a_token() {
    let Some(ssh) = OpenSsh::find() else { return };
    let key = ssh.key("key", &["ed25519"]);
    let signature = ssh.sign("key", b"a request");
    let tokens = Token::load("message.sig".as_ref(), ssh.directory.path()).unwrap();
    assert_eq!((tokens.len(), tokens[0].signature.key(), &tokens[0].id), (1, &key, &None));
    assert_eq!(tokens[0].signature.verify(b"a request"), Ok(()));
    let sent = Token::parse(Token::one_line(ID, &signature).as_bytes()).unwrap();
    assert_eq!(sent[0].signature.verify(b"a request"), Ok(()));
    assert!(ssh.accepts(&key.openssh(), &sent[0].signature.armored(), b"a request"));
}

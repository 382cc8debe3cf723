//! What commands write, in tables. `_` stands for what is not known.

use super::outputs;
use crate::shell::value::{HOLE, HOLES, Value};

fn run(line: &str, input: Option<&[u8]>) -> Vec<String> {
    let words: Vec<Value> = shell_words::split(line)
        .unwrap()
        .into_iter()
        .map(|word| {
            Value::known(word.bytes().map(|byte| if byte == b'_' { HOLE } else { byte }).collect::<Vec<_>>())
        })
        .collect();
    outputs(&words, input)
        .into_iter()
        .map(|out| {
            let of = |byte: u8| if matches!(byte, HOLE | HOLES) { b'_' } else { byte };
            String::from_utf8_lossy(&out.into_iter().map(of).collect::<Vec<_>>()).into_owned()
        })
        .collect()
}

fn check(cases: &[(&str, Option<&str>, &[&str])]) {
    let mut wrong = Vec::new();
    for (line, input, expected) in cases {
        let found = run(line, input.map(str::as_bytes));
        if found != *expected {
            wrong.push(format!("{line}\n    expected {expected:?}\n    found    {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn known() {
    check(&[
        ("echo a b", None, &["a b\n"]),
        ("echo -n a", None, &["a"]),
        ("echo -ne 'a\\nb'", None, &["a\nb"]),
        ("echo -e 'a\\x41\\0101'", None, &["aAA\n"]),
        ("echo 'a\\nb'", None, &["a\\nb\n", "a\nb\n"]),
        ("echo -E 'a\\tb'", None, &["a\\tb\n", "a\tb\n"]),
        ("echo -x a", None, &["-x a\n"]),
        ("echo", None, &["\n"]),
        ("echo a_b", None, &["a_b\n"]),
        ("echo -e 'a\\cb'", None, &["a"]),
        ("/bin/echo a", None, &["a\n"]),
        ("printf a", None, &["a"]),
        ("printf 'a\\n'", None, &["a\n"]),
        ("printf '%s\\n' a b", None, &["a\nb\n"]),
        ("printf '%s %s\\n' a b c", None, &["a b\nc \n"]),
        ("printf %d 7", None, &["7"]),
        ("printf %x 255", None, &["ff"]),
        ("printf %c abc", None, &["a"]),
        ("printf %b 'a\\nb'", None, &["a\nb"]),
        ("printf 100%%", None, &["100%"]),
        ("printf '\\x74\\145'", None, &["te"]),
        ("printf '%s' a_b", None, &["a_b"]),
        ("printf '%5s' a", None, &["_"]),
        ("printf -- a", None, &["a"]),
        ("cat", Some("a b"), &["a b"]),
        ("cat -", Some("a"), &["a"]),
        ("cat /dev/stdin", Some("a"), &["a"]),
        ("tee x", Some("a"), &["a"]),
        ("base64 -d", Some("dGVycmFmb3JtIGRlc3Ryb3k="), &["terraform destroy"]),
        ("base64 --decode", Some("dGVycmFmb3JtIGRlc3Ryb3k=\n"), &["terraform destroy"]),
        ("base64 -D", Some("bHM="), &["ls"]),
        ("base64 -di", Some("bHM="), &["ls"]),
        ("base64", Some("terraform"), &["dGVycmFmb3Jt\n"]),
        ("base64 -w0", Some("ls"), &["bHM="]),
        ("base64 -w 0", Some("l"), &["bA=="]),
        ("base32 -d", Some("NRZQ===="), &["ls"]),
        ("xxd -r -p", Some("6c73"), &["ls"]),
        ("xxd -rp", Some("6c 73\n"), &["ls"]),
        ("xxd -p -r", Some("6c73"), &["ls"]),
        ("xxd -p", Some("ls"), &["6c73\n"]),
        ("openssl base64 -d", Some("bHM=\n"), &["ls"]),
        ("openssl enc -d -base64", Some("bHM=\n"), &["ls"]),
        ("openssl enc -base64 -d -A", Some("bHM="), &["ls"]),
        ("openssl enc -a -d", Some("bHM="), &["ls"]),
        ("rev", Some("sl\n"), &["ls\n"]),
        ("rev", Some("mrofarret"), &["terraform"]),
        ("tac", Some("a\nb\n"), &["b\na\n"]),
        ("tr A-Za-z N-ZA-Mn-za-m", Some("greensbez"), &["terraform"]),
        ("tr a-z A-Z", Some("abc"), &["ABC"]),
        ("tr '[:upper:]' '[:lower:]'", Some("ABC"), &["abc"]),
        ("tr -d x", Some("texrraxform"), &["terraform"]),
        ("tr -d '[:space:]'", Some("a b\n"), &["ab"]),
        ("tr -s ' '", Some("a  b"), &["a b"]),
        ("tr '\\n' ' '", Some("a\nb\n"), &["a b "]),
        ("head -n1", Some("a\nb\n"), &["a\n"]),
        ("head -n 1", Some("a\nb\n"), &["a\n"]),
        ("head -1", Some("a\nb\n"), &["a\n"]),
        ("head -c 2", Some("abc"), &["ab"]),
        ("head", Some("a\n"), &["a\n"]),
        ("tail -n1", Some("a\nb\n"), &["b\n"]),
        ("tail -n +2", Some("a\nb\nc\n"), &["b\nc\n"]),
        ("tail -c 2", Some("abc"), &["bc"]),
        ("cut -c1-2", Some("abc\n"), &["ab\n"]),
        ("cut -d, -f2", Some("a,b,c\n"), &["b\n"]),
        ("cut -d : -f 1,3", Some("a:b:c\n"), &["a:c\n"]),
        ("cut -f 2-", Some("a\tb\tc"), &["b\tc\n"]),
        ("sed s/a/b/", Some("aa\n"), &["ba\n"]),
        ("sed s/a/b/g", Some("aa"), &["bb"]),
        ("sed -e 's|x y|z|'", Some("x y\n"), &["z\n"]),
        ("sort", Some("b\na\n"), &["a\nb\n"]),
        ("sort -u", Some("b\na\nb\n"), &["a\nb\n"]),
        ("uniq", Some("a\na\nb\n"), &["a\nb\n"]),
        ("seq 3", None, &["1\n2\n3\n"]),
        ("seq 2 3", None, &["2\n3\n"]),
        ("seq 3 -2 1", None, &["3\n1\n"]),
        ("true", None, &[""]),
        ("basename /a/b.sh", None, &["b.sh\n"]),
        ("basename /a/b.sh .sh", None, &["b\n"]),
        ("dirname /a/b", None, &["/a\n"]),
        ("dirname a", None, &[".\n"]),
        ("dirname /a", None, &["/\n"]),
        ("basename /", None, &["/\n"]),
        ("python3 -c \"print('ls -l')\"", None, &["ls -l\n"]),
        ("python -c 'print(\"a\\x41\")'", None, &["aA\n"]),
        ("perl -e 'print \"a\\n\"'", None, &["a\n"]),
        ("ruby -e 'puts \"a\"'", None, &["a\n"]),
        ("node -e 'console.log(\"a\")'", None, &["a\n"]),
        ("command -v terraform", None, &["terraform\n"]),
        ("which kubectl", None, &["kubectl\n"]),
        ("type -p aws", None, &["aws\n"]),
        ("mktemp -d", None, &["/tmp/_\n"]),
        ("whoami", None, &["_\n"]),
        ("git rev-parse --show-toplevel", None, &["_\n"]),
    ]);
}

#[test]
fn not_known() {
    check(&[
        ("cat file", Some("a"), &[]),
        ("cat", None, &[]),
        ("base64 -d file", Some("bHM="), &[]),
        ("base64 -d", Some("b!"), &[]),
        ("base64 -d", None, &[]),
        ("sed s/a.c/b/", Some("abc"), &[]),
        ("sed -n p", Some("a"), &[]),
        ("sed s/a/b/e", Some("a"), &[]),
        ("jq -r .", Some("{}"), &[]),
        ("curl https://a.example", None, &[]),
        ("terraform output", None, &[]),
        ("gunzip -c", Some("no gzip"), &[]),
        ("openssl enc -d -aes-256-cbc -a", Some("bHM="), &[]),
        ("python3 -c 'print(x)'", None, &[]),
        ("python3 -c 'print(\"a\" + x)'", None, &[]),
        ("python3 x.py", None, &[]),
        ("seq 1 0.5 2", None, &[]),
        ("seq 99999999999", None, &[]),
        ("tr -c a b", Some("a"), &[]),
        ("sort -k2", Some("a"), &[]),
        ("yes", None, &[]),
        ("xxd", Some("a"), &[]),
    ]);
}

#[test]
fn packed_text_is_unpacked_to_the_limit() {
    use std::io::Write as _;
    let pack = |text: &[u8]| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(text).unwrap();
        packer.finish().unwrap()
    };
    for line in ["gunzip", "gzip -d", "gzip -dc", "zcat", "gunzip -c -"] {
        assert_eq!(run(line, Some(&pack(b"terraform destroy"))), ["terraform destroy"], "{line}");
    }
    assert!(run("gunzip", Some(&pack(&vec![b'a'; 8 << 20]))).is_empty());
}

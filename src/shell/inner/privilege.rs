//! Programs that run another as somebody else, or with other privileges.

use super::options::{anywhere, leading};
use super::{Changes, Inner, Language, Place, behind, command_or_shell, each};
use crate::shell::value::Value;

const SUDO: &str = "A,askpass b,background B,bell C,close-from= D,chdir= E preserve-env== \
    e,edit g,group= H,set-home h,host= i,login K,remove-timestamp k,reset-timestamp l,list \
    n,non-interactive N,no-update P,preserve-groups p,prompt= R,chroot= r,role= S,stdin s,shell \
    t,type= T,command-timeout= U,other-user= u,user= V,version v,validate help";
const SU: &str = "c,command= session-command= g,group= G,supp-group= s,shell= T,whitelist-environment= \
    w= l,login f,fast m p,preserve-environment P,pty u,user= h,help V,version";
const UNSHARE: &str = "m u i n p U C T f,fork mount== uts== ipc== net== pid== user== cgroup== time== \
    mount-proc== mount-binfmt== kill-child== map-user= map-group= r,map-root-user c,map-current-user \
    map-auto map-users= map-groups= propagation= setgroups= keep-caps R,root= w,wd= S,setuid= \
    G,setgid= monotonic= boottime= l,load-interp= owner= forward-signals h,help V,version";
const NSENTER: &str = "a,all t,target= m,mount== u,uts== i,ipc== n,net== p,pid== C,cgroup== U,user== \
    T,time== S,setuid= G,setgid= preserve-credentials keep-caps r,root== w,wd== W,wdns= F,no-fork \
    e,env c,join-cgroup N,net-socket= Z,follow-context user-parent h,help V,version";
const SETPRIV: &str = "d,dump nnp,no-new-privs ambient-caps= inh-caps= bounding-set= ruid= euid= rgid= \
    egid= reuid= regid= clear-groups keep-groups init-groups groups= securebits= pdeathsig= ptracer= \
    selinux-label= apparmor-profile= landlock-access= landlock-rule= seccomp-filter= reset-env \
    h,help V,version";
/// bubblewrap's options with one value, and those with two behind it.
const BWRAP: &str = "args= argv0= level-prefix unshare-all share-net unshare-user unshare-user-try unshare-ipc \
    unshare-pid unshare-net unshare-uts unshare-cgroup unshare-cgroup-try userns= userns2= pidns= \
    disable-userns assert-userns-disabled uid= gid= hostname= chdir= clearenv unsetenv= \
    lock-file= sync-fd= remount-ro= exec-label= file-label= proc= dev= tmpfs= mqueue= dir= seccomp= \
    add-seccomp-fd= block-fd= userns-block-fd= info-fd= json-status-fd= new-session die-with-parent \
    as-pid-1 cap-add= cap-drop= perms= size= overlay-src= tmp-overlay= ro-overlay= help version";

pub(super) fn inner(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    let here = Changes::default();
    match name {
        "sudo" | "sudo-rs" => sudo(words),
        "doas" => doas(words),
        "su" | "su-rs" => su(words),
        "runuser" => runuser(words),
        "sg" | "newgrp" => group(words),
        "pkexec" => {
            each(leading(words, "u,user= disable-internal-agent keep-cwd help version").tails(), &here)
        }
        "run0" => run0(words),
        "gosu" | "su-exec" | "setuidgid" | "s6-setuidgid" | "chpst" => dropping(name, words),
        "chroot" => {
            let parsed = leading(words, "groups= userspec= skip-chdir help version");
            let mut tails = parsed.tails().filter_map(|tail| tail.get(1..)).peekable();
            tails.peek()?;
            command_or_shell(tails.filter(|tail| !tail.is_empty()), &here)
        }
        "unshare" => namespaces(words, UNSHARE, "wd"),
        "nsenter" => namespaces(words, NSENTER, "wd"),
        "setpriv" => each(leading(words, SETPRIV).tails(), &here),
        "capsh" => capsh(words),
        "proot" => {
            let grammar = "r,rootfs= b,bind,m= w,pwd,cwd= q,qemu= k,kernel-release= 0,root-id i,change-id= S= R= v,verbose= \
                p,port= n,netcoop link2symlink kill-on-exit sysvipc l h,help V,version";
            command_or_shell(leading(words, grammar).tails(), &here)
        }
        "firejail" => command_or_shell(leading(words, "* c").tails(), &Changes::place(Place::Here)),
        "bwrap" => bwrap(words),
        "fakeroot" | "fakeroot-sysv" | "fakeroot-tcp" | "fakechroot" => command_or_shell(
            leading(words, "l,lib= faked= i= s= u,unknown-is-real b,fd-base= h,help v,version").tails(),
            &here,
        ),
        _ => None,
    }
}

fn sudo(words: &[Value]) -> Option<Vec<Inner>> {
    let parsed = leading(words, SUDO);
    if parsed.has("e l K v V help") {
        return None;
    }
    let mut changes = Changes { directory: parsed.value("D").cloned(), ..Changes::default() };
    if parsed.has("i") {
        changes.directory = Some(Value::unknown());
    }
    let shell = parsed.has("i s");
    let mut inners = Vec::new();
    for tail in parsed.tails() {
        let mut changes = changes.clone();
        let command = skip_assignments(tail, &mut changes);
        if command.is_empty() {
            continue;
        }
        // To a shell, sudo hands the words with everything escaped but `$`.
        if shell && command.iter().any(|word| word.bytes.contains(&b'$')) {
            inners.push(Inner::text(escaped(command), &[], &changes));
        } else {
            inners.push(Inner::words(command, &changes));
        }
    }
    if inners.is_empty() && shell {
        inners.push(Inner::input(Language::Shell, &[], &changes));
    }
    Some(inners)
}

/// The command behind `NAME=value` words.
pub(super) fn skip_assignments<'a>(words: &'a [Value], changes: &mut Changes) -> &'a [Value] {
    let count = words.iter().take_while(|word| changes.assign(word)).count();
    words.get(count..).unwrap_or_default()
}

fn escaped(words: &[Value]) -> Value {
    let mut text = Vec::new();
    for (index, word) in words.iter().enumerate() {
        if index > 0 {
            text.push(b' ');
        }
        for byte in &word.bytes {
            if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'-' | b'$') {
                text.push(b'\\');
            }
            text.push(*byte);
        }
    }
    Value::known(text)
}

fn doas(words: &[Value]) -> Option<Vec<Inner>> {
    let parsed = leading(words, "a= C= u= L n s");
    if parsed.has("C L") {
        return None;
    }
    if parsed.has("s") {
        return command_or_shell(parsed.tails(), &Changes::default());
    }
    each(parsed.tails(), &Changes::default())
}

fn run0(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "no-ask-password machine= M= unit= property= description= slice= slice-inherit u,user= \
        g,group= nice= D,chdir= setenv= background= pty pipe shell-prompt-prefix= lightweight= via-shell \
        i= a= h,help V,version";
    let parsed = leading(words, grammar);
    let mut changes = Changes { directory: parsed.value("D").cloned(), ..Changes::default() };
    for set in parsed.values("setenv") {
        changes.assign(set);
    }
    command_or_shell(parsed.tails(), &changes)
}

fn dropping(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    if name == "chpst" {
        let grammar = "u= U= b= e= / C= n= l= L= m= d= o= p= f= c= t= r= v V P 0 1 2";
        let parsed = leading(words, grammar);
        let directory = parsed.value("C").cloned();
        return each(parsed.tails(), &Changes { directory, ..Changes::default() });
    }
    behind(leading(words, "").tails(), 1, &Changes::default())
}

fn su(words: &[Value]) -> Option<Vec<Inner>> {
    let parsed = anywhere(words, SU);
    if parsed.has("h V") {
        return None;
    }
    let mut changes = Changes::default();
    let operands: Vec<Value> = parsed.operands.iter().filter(|word| word.bytes != b"-").cloned().collect();
    if parsed.has("l") || operands.len() < parsed.operands.len() {
        changes.directory = Some(Value::unknown());
    }
    // Behind the user stand the shell's own arguments.
    let arguments = operands.get(1..).unwrap_or_default();
    let shell = parsed.value("s").cloned().unwrap_or_else(|| "sh".into());
    let text = parsed.value("c").or_else(|| parsed.value("session-command"));
    let mut command = vec![shell];
    if let Some(text) = text {
        command.extend(["-c".into(), text.clone()]);
    }
    command.extend(arguments.iter().cloned());
    Some(vec![Inner::words(&command, &changes)])
}

/// The group, and text for a shell, with `-c` or without.
fn group(words: &[Value]) -> Option<Vec<Inner>> {
    let words = words.strip_prefix(&["-".into()]).unwrap_or(words);
    let rest = words.get(1..).unwrap_or_default();
    let rest = rest.strip_prefix(&["-c".into()]).unwrap_or(rest);
    Some(vec![match rest.first() {
        Some(text) => Inner::text(text.clone(), rest.get(1..).unwrap_or_default(), &Changes::default()),
        None => Inner::input(Language::Shell, &[], &Changes::default()),
    }])
}

fn runuser(words: &[Value]) -> Option<Vec<Inner>> {
    let parsed = leading(words, SU);
    if parsed.has("u") { each(parsed.tails(), &Changes::default()) } else { su(words) }
}

fn namespaces(words: &[Value], grammar: &'static str, directory: &str) -> Option<Vec<Inner>> {
    let parsed = leading(words, grammar);
    if parsed.has("h V") {
        return None;
    }
    let directory = parsed.value(directory).or_else(|| parsed.value("w")).or_else(|| parsed.value("W"));
    let changes = Changes { directory: directory.cloned(), ..Changes::default() };
    command_or_shell(parsed.tails(), &changes)
}

/// What stands behind `--` goes to bash.
fn capsh(words: &[Value]) -> Option<Vec<Inner>> {
    let at = words.iter().position(|word| matches!(word.bytes.as_slice(), b"--" | b"-+" | b"==" | b"=+"))?;
    let shell = words.iter().take(at).find_map(|word| super::after(word, "--shell="));
    let mut command = vec![shell.unwrap_or_else(|| "bash".into())];
    command.extend(words.iter().skip(at + 1).cloned());
    Some(vec![Inner::words(&command, &Changes::default())])
}

/// bubblewrap shows the world in directories that are bound: what runs is not
/// held to be away from it.
fn bwrap(words: &[Value]) -> Option<Vec<Inner>> {
    let pairs: &[&str] = &[
        "--setenv",
        "--bind",
        "--bind-try",
        "--dev-bind",
        "--dev-bind-try",
        "--ro-bind",
        "--ro-bind-try",
        "--bind-fd",
        "--ro-bind-fd",
        "--file",
        "--bind-data",
        "--ro-bind-data",
        "--symlink",
        "--chmod",
        "--overlay",
    ];
    let mut changes = Changes::default();
    let mut rest = Vec::new();
    let mut at = 0;
    // Options with two values are taken out, the others are read as anywhere.
    while let Some(word) = words.get(at) {
        if word.text().is_some_and(|text| pairs.contains(&text)) {
            if let (b"--setenv", Some(name), Some(value)) =
                (word.bytes.as_slice(), words.get(at + 1).and_then(Value::text), words.get(at + 2))
            {
                changes.set(name, value.clone());
            }
            at += 3 + usize::from(word.bytes == b"--overlay");
        } else if word.bytes.starts_with(b"--") && word.bytes.len() > 2 {
            let pair: Vec<Value> = words.iter().skip(at).take(2).cloned().collect();
            let found = leading(&pair, BWRAP).found;
            let takes = found.first().is_some_and(|first| first.value.is_some());
            let count = 1 + usize::from(takes && !word.bytes.contains(&b'='));
            rest.extend(words.iter().skip(at).take(count).cloned());
            at += count;
        } else {
            rest.extend(words.iter().skip(at).cloned());
            break;
        }
    }
    let parsed = leading(&rest, BWRAP);
    changes.clears = parsed.has("clearenv");
    changes.directory = parsed.value("chdir").cloned();
    let unset = parsed.values("unsetenv").filter_map(Value::text);
    let unset: Vec<(String, Option<Value>)> = unset.map(|name| (name.to_owned(), None)).collect();
    changes.environment.extend(unset);
    each(parsed.tails(), &changes)
}

//! Programs that run a command on another machine.

use super::options::{anywhere, leading};
use super::{Changes, Inner, Language, Place, behind, each, joined};
use crate::shell::value::Value;

const SSH: &str = "1 2 4 6 A a C f G g K k M N n q s T t V v X x Y y b= B= c= D= E= e= F= I= i= J= L= l= m= \
    O= o= P= p= Q= R= S= W= w=";

/// Programs that join their operands to text for a shell elsewhere, and how
/// many operands stand in front of it.
const JOINING: &[(&str, &str, usize)] = &[
    ("pdsh", "w= x= l= u= f= t= g= G= X= R= M= N= a A b i S q V L d r= P j= F=", 0),
    (
        "pssh parallel-ssh",
        "h,hosts,-hosts= H,host= l,user= p,par= o,outdir= e,errdir= t,timeout= O,option= v,verbose A,askpass \
         x,extra-args= X,extra-arg= i,inline inline-stdout I,send-input P,print g,host-glob= version help",
        0,
    ),
    (
        "clush",
        "w= x= g,group= X= a,all groupsource,s= l,user= f,fanout= t,connect_timeout= u,command_timeout= \
         o,options= m,mode= b,dshbak B L N S,maxrc n,nostdin q,quiet v,verbose d,debug r,regroup hostfile,machinefile= \
         worker,R= color= diff outdir= errdir= topology= pick= conf= O,option= c,copy rcopy dest= P",
        0,
    ),
    ("dsh", "a c M r= m= g= f= o= w n= v q i", 0),
    ("rsh remsh", "l= n d K", 1),
    ("docker-machine", "* s= storage-path= tls-ca-cert=", 2),
];

/// Programs of which an option holds the text, where this word is among the
/// operands.
const BY_OPTION: &[(&str, &str, &str)] = &[
    ("vagrant", "ssh", "* c,command= p t T no-tty"),
    (
        "gcloud",
        "ssh",
        "* command= zone= project= account= ssh-key-file= ssh-flag= worker= configuration= container= \
        tunnel-through-iap internal-ip dry-run",
    ),
    (
        "fly flyctl",
        "ssh",
        "* C,command= a,app= s,select u,user= r,region= o,org= c,config= machine= container= address=",
    ),
    (
        "doctl",
        "ssh",
        "* ssh-command= t,access-token= c,config= context= ssh-user= ssh-port= ssh-key-path= o,output= u,api-url=",
    ),
    ("cf", "ssh", "* c,command= i,app-instance-index= L= process="),
    ("eb", "ssh", "* c,command= n,number= e,custom= instance= profile= r,region="),
    ("et", "", "* c,command= p,port= u,username= t,tunnel= r,reversetunnel= jumphost= host="),
];

pub(super) fn inner(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    let elsewhere = Changes::place(Place::Remote);
    if let Some((_, grammar, operands)) = named(JOINING, |entry| entry.0, name) {
        let parsed = leading(words, grammar);
        if name == "docker-machine" && !words.iter().any(|word| word.bytes == b"ssh")
            || name == "clush" && parsed.has("c rcopy")
        {
            return None;
        }
        let tails = parsed.tails().filter_map(|tail| tail.get(*operands..)).filter(|tail| !tail.is_empty());
        return Some(tails.map(|tail| Inner::text(joined(tail), &[], &elsewhere)).collect());
    }
    if let Some((_, subcommand, grammar)) = named(BY_OPTION, |entry| entry.0, name) {
        return by_option(words, subcommand, grammar);
    }
    match name {
        "ssh" | "slogin" => ssh(words, SSH, false),
        "tsh" => {
            let parsed = leading(words, "* proxy= user= cluster= login= l= i= identity= ttl= d= k=");
            let (subcommand, rest) = parsed.tails().next()?.split_first()?;
            if subcommand.bytes == b"ssh" {
                ssh(rest, "* l,login= p,port= L= D= R= A t N proxy= user= cluster= o= i= X Y", false)
            } else if matches!(subcommand.bytes.as_slice(), b"kubectl" | b"aws" | b"gcloud" | b"az") {
                let rest = leading(rest, "* app= aws-role= exec=").tails().next()?;
                let command = [std::slice::from_ref(subcommand), rest].concat();
                Some(vec![Inner::words(&command, &Changes::default())])
            } else {
                None
            }
        }
        "autossh" => ssh(
            words,
            "1 2 4 6 A a C f G g K k M= N n q s T t V v X x Y y b= B= c= D= E= e= F= I= i= J= L= l= m= \
            O= o= P= p= Q= R= S= W= w=",
            false,
        ),
        "sshpass" => each(leading(words, "f= d= p= e== P= v h V").tails(), &Changes::default()),
        "scp" | "sftp" => copying(words),
        "mosh" => mosh(words),
        "heroku" => {
            let (subcommand, rest) = words.split_first()?;
            let grammar = "* a,app= r,remote= s,size= e,env= type= x,exit-code no-tty no-notify";
            let tails = leading(rest, grammar);
            let runs = matches!(subcommand.bytes.as_slice(), b"run" | b"run:detached" | b"run:inside");
            runs.then(|| tails.tails().map(|tail| Inner::text(joined(tail), &[], &elsewhere)).collect())
        }
        "salt" | "salt-call" | "salt-ssh" => salt(name, words),
        "oc" => openshift(words),
        "consul" => consul(words),
        "fab" => {
            let at = words.iter().position(|word| word.bytes == b"--")?;
            let tail = words.get(at + 1..).filter(|tail| !tail.is_empty())?;
            Some(vec![Inner::text(joined(tail), &[], &elsewhere)])
        }
        "knife" => {
            let grammar = "* x,ssh-user,connection-user= P,ssh-password,connection-password= i,ssh-identity-file= a,attribute= \
                C,concurrency= G,ssh-gateway= p,ssh-port= c,config= E,environment= u,user= k,key= s,server-url= m,manual-list";
            match anywhere(words, grammar).operands.as_slice() {
                [ssh, _, command @ ..] if ssh.bytes == b"ssh" && !command.is_empty() => {
                    Some(vec![Inner::text(joined(command), &[], &elsewhere)])
                }
                _ => None,
            }
        }
        "gh" => {
            let at = words.iter().position(|word| word.bytes == b"ssh")?;
            let rest = words.get(at + 1..)?;
            ssh(
                &[
                    &["codespace".into()],
                    leading(rest, "* c,codespace= R,repo= profile= server-port= config d").tails().next()?,
                ]
                .concat(),
                SSH,
                true,
            )
        }
        "coder" => {
            let (subcommand, rest) = words.split_first()?;
            let tail = leading(rest, "*").tails().next()?;
            (subcommand.bytes == b"ssh").then(|| {
                tail.get(1..).filter(|tail| !tail.is_empty()).map(|tail| {
                    let tail = tail.strip_prefix(&["--".into()]).unwrap_or(tail);
                    vec![Inner::text(joined(tail), &[], &elsewhere)]
                })
            })?
        }
        _ => None,
    }
}

fn named<'a, Entry>(
    entries: &'a [Entry],
    names: impl Fn(&Entry) -> &'static str,
    name: &str,
) -> Option<&'a Entry> {
    entries.iter().find(|entry| names(entry).split(' ').any(|own| own == name))
}

/// Options, the host, options again, and what is left is text for its shell.
fn ssh(words: &[Value], grammar: &'static str, given: bool) -> Option<Vec<Inner>> {
    let first = leading(words, grammar);
    let mut inners: Vec<Inner> = Vec::new();
    let mut settings: Vec<Value> = first.values("o").cloned().collect();
    for tail in first.tails() {
        let Some((host, rest)) = tail.split_first() else { continue };
        let second = leading(rest, grammar);
        settings.extend(second.values("o").cloned());
        if first.has("N O Q V G s W") || second.has("N O Q V G s W") {
            continue;
        }
        let changes = Changes::place(if is_here(host) { Place::Here } else { Place::Remote });
        match second.tails().next() {
            Some(command) => inners.push(Inner::text(joined(command), &[], &changes)),
            None if given => {}
            None => inners.push(Inner::input(Language::Shell, &[], &changes)),
        }
    }
    inners.extend(settings.iter().filter_map(setting_runs));
    Some(inners)
}

fn is_here(host: &Value) -> bool {
    let host = host.bytes.strip_prefix(b"ssh://").unwrap_or(&host.bytes);
    let host = host.rsplit(|byte| *byte == b'@').next().unwrap_or_default();
    let host = host.strip_prefix(b"[").unwrap_or(host);
    matches!(host, b"localhost" | b"::1" | b"ip6-localhost" | b"0" | b"0.0.0.0")
        || host.starts_with(b"127.")
        || host.starts_with(b"localhost:")
}

/// Settings of ssh that are commands; they run on this machine.
fn setting_runs(setting: &Value) -> Option<Inner> {
    let text = setting.bytes.trim_ascii();
    let at = text.iter().position(|byte| matches!(byte, b'=' | b' ' | b'\t'))?;
    let (name, value) = text.split_at_checked(at)?;
    let name = name.to_ascii_lowercase();
    let value = value.trim_ascii();
    let value = value.strip_prefix(b"=").unwrap_or(value).trim_ascii();
    let remote = name == b"remotecommand";
    let runs = remote || matches!(name.as_slice(), b"proxycommand" | b"localcommand" | b"knownhostscommand");
    let place = if remote { Place::Remote } else { Place::Here };
    let set = runs && !value.eq_ignore_ascii_case(b"none");
    set.then(|| Inner::text(Value::known(value), &[], &Changes::place(place)))
}

fn copying(words: &[Value]) -> Option<Vec<Inner>> {
    let parsed = anywhere(words, "* S= o= c= D= F= i= J= l= P= X= B= b= R= s=");
    let programs =
        parsed.values("S").map(|text| Inner::words(std::slice::from_ref(text), &Changes::default()));
    Some(programs.chain(parsed.values("o").filter_map(setting_runs)).collect())
}

fn mosh(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "client= server= ssh= predict= a n 4 6 p,port= bind-server= no-init local family= no-ssh-pty \
        experimental-remote-ip= help version predict-overwrite";
    let parsed = leading(words, grammar);
    let mut inners: Vec<Inner> =
        parsed.values("ssh").map(|text| Inner::text(text.clone(), &[], &Changes::default())).collect();
    let commands = parsed
        .tails()
        .filter_map(|tail| tail.get(1..))
        .map(|tail| tail.strip_prefix(&["--".into()]).unwrap_or(tail));
    let commands = commands.filter(|command| !command.is_empty());
    inners.extend(commands.map(|command| Inner::words(command, &Changes::place(Place::Remote))));
    Some(inners)
}

fn by_option(words: &[Value], subcommand: &str, grammar: &'static str) -> Option<Vec<Inner>> {
    let parsed = anywhere(words, grammar);
    let asked =
        subcommand.is_empty() || parsed.operands.iter().any(|word| word.bytes == subcommand.as_bytes());
    if !asked {
        return None;
    }
    let elsewhere = Changes::place(Place::Remote);
    let texts = ["c", "command", "C", "ssh-command"].iter().flat_map(|name| parsed.values(name));
    let mut inners: Vec<Inner> = texts.map(|text| Inner::text(text.clone(), &[], &elsewhere)).collect();
    // Behind `--` stand ssh's own arguments.
    if let Some(at) = words.iter().position(|word| word.bytes == b"--") {
        let tail = words.get(at + 1..).unwrap_or_default();
        inners.extend(ssh(&[&["host".into()], tail].concat(), SSH, true).unwrap_or_default());
    }
    Some(inners)
}

/// `lock` and `watch` run a command here, `exec` on every node.
fn consul(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "* -http-addr,http-addr= -token,token= -token-file= -ca-file= -ca-path= -client-cert= -client-key= \
        -datacenter= -name= -n= -timeout= -monitor-retry= -try= -namespace= -partition= -type= -key= -prefix= -service= \
        -tag= -state= -node= -wait= -wait-repl= -stdin -shell== -verbose -child-exit-code -pass-stdin -stale";
    let (subcommand, rest) = words.split_first()?;
    let (operands, place) = match subcommand.bytes.as_slice() {
        b"lock" => (1, Place::Here),
        b"watch" => (0, Place::Here),
        b"exec" => (0, Place::Remote),
        _ => return None,
    };
    let parsed = leading(rest, grammar);
    let tails = parsed.tails().filter_map(|tail| tail.get(operands..)).filter(|tail| !tail.is_empty());
    Some(tails.map(|tail| Inner::text(joined(tail), &[], &Changes::place(place))).collect())
}

fn salt(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "* c,config-dir= t,timeout= b,batch-size,batch= a,auth,eauth= T,make-token= u,user= out,output= \
        l,log-level= log-file= log-file-level= out-file= out-indent= username= password= args-separator= return= m= id=";
    let parsed = anywhere(words, grammar);
    let operands = parsed.operands.get(usize::from(name != "salt-call")..)?;
    let (function, rest) = operands.split_first()?;
    let function = function.text()?;
    let place = if name == "salt-call" { Place::Here } else { Place::Remote };
    function.starts_with("cmd.").then(|| {
        let text = rest.iter().find(|word| !word.bytes.contains(&b'=')).or(rest.first());
        let text = text.map(|text| super::after(text, "cmd=").unwrap_or_else(|| text.clone()));
        text.map(|text| vec![Inner::text(text, &[], &Changes::place(place))])
    })?
}

fn openshift(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "* n,namespace= c,container= f,filename= context= cluster= kubeconfig= s,server= token= user= as= as-group= \
        pod-running-timeout= request-timeout= shell= timeout= i,stdin t,tty T,no-tty q,quiet image= to-namespace= as-user= node-name=";
    let parsed = leading(words, grammar);
    let (subcommand, rest) = parsed.tails().next()?.split_first()?;
    let elsewhere = Changes::place(Place::Remote);
    match subcommand.bytes.as_slice() {
        b"rsh" => behind(leading(rest, grammar).tails(), 1, &elsewhere),
        b"exec" | b"debug" => {
            let at = rest.iter().position(|word| word.bytes == b"--")?;
            each(rest.get(at + 1..).filter(|tail| !tail.is_empty()).into_iter(), &elsewhere)
        }
        _ => None,
    }
}

//! Programs that run a command in a container, a virtual machine, or an
//! environment that looks like one.
//!
//! What shows the home directory or the host's root inside is held to run on
//! this machine.

use super::images::{is_tool, starts};
use super::mounts::{mounted, shows_host};
use super::options::{Parsed, leading};
use super::{Changes, Inner, Language, Place, behind, command_or_shell, each};
use crate::shell::value::Value;

const GLOBAL: &str = "config= c,context,connection= D,debug H,host= l,log-level= tls tlscacert= tlscert= tlskey= tlsverify \
    v,version url= identity= root= runroot= storage-driver= storage-opt= r,remote cgroup-manager= conmon= events-backend= \
    hooks-dir= module= n,namespace= a,address= cni-path= cni-netconfpath= snapshotter= data-root= network-cmd-path= \
    network-config-dir= noout out= runtime= runtime-flag= ssh= syslog tmpdir= transient-store volumepath= imagestore= h,help";
const RUN: &str = "add-host= annotation= a,attach= blkio-weight= blkio-weight-device= cap-add= cap-drop= cgroup-parent= cgroupns= \
    cidfile= cpu-count= cpu-percent= cpu-period= cpu-quota= cpu-rt-period= cpu-rt-runtime= c,cpu-shares= cpus= cpuset-cpus= \
    cpuset-mems= d,detach detach-keys= device= device-cgroup-rule= device-read-bps= device-read-iops= device-write-bps= \
    device-write-iops= disable-content-trust dns= dns-option,dns-opt= dns-search= domainname= entrypoint= e,env= env-file= \
    expose= gpus= group-add= health-cmd= health-interval= health-retries= health-start-interval= health-start-period= \
    health-timeout= help h,hostname= init i,interactive io-maxbandwidth= io-maxiops= ip= ip6= ipc= isolation= kernel-memory= \
    l,label= label-file= link= link-local-ip= log-driver= log-opt= mac-address= m,memory= memory-reservation= memory-swap= \
    memory-swappiness= mount= name= network,net= network-alias,net-alias= no-healthcheck oom-kill-disable oom-score-adj= pid= \
    pids-limit= platform= privileged p,publish= P,publish-all pull= q,quiet read-only restart= rm runtime= security-opt= \
    shm-size= sig-proxy stop-signal= stop-timeout= storage-opt= sysctl= tmpfs= t,tty ulimit= use-api-socket u,user= userns= \
    uts= v,volume= volume-driver= volumes-from= w,workdir= arch= os= variant= authfile= cert-dir= cgroup-conf= cgroups= \
    chrootdirs= conmon-pidfile= creds= decryption-key= env-host env-merge= gidmap= uidmap= group-entry= hostuser= hosts-file= \
    health-on-failure= health-log-destination= health-max-log-count= health-max-log-size= health-startup-cmd= \
    health-startup-interval= health-startup-retries= health-startup-success= health-startup-timeout= http-proxy image-volume= \
    init-ctr= init-path= no-hosts no-hostname passwd passwd-entry= personality= pidfile= pod= pod-id-file= preserve-fds= \
    preserve-fd= rdt-class= intel-rdt-closid= read-only-tmpfs replace requires= retry= retry-delay= rmi rootfs sdnotify= \
    seccomp-policy= secret= shm-size-systemd= signature-policy= stop-timeout= subgidname= subuidname= systemd= timeout= \
    tls-verify tz= umask= unsetenv= unsetenv-all gpus= ipfs-address= verify= soci-index-digest= cosign-key= build \
    env-from-file= T,no-tty,no-TTY no-deps quiet-build quiet-pull remove-orphans service-ports use-aliases";
const EXEC: &str = "d,detach detach-keys= e,env= env-file= i,interactive privileged t,tty u,user= w,workdir= l,latest \
    preserve-fds= cidfile= index= T,no-tty,no-TTY";
const COMPOSE: &str = "all-resources ansi= compatibility dry-run env-file= f,file= parallel= profile= progress= \
    project-directory= p,project-name= verbose workdir= H,host= c,context= tls D no-ansi v,version h,help podman-args= \
    podman-run-args= in-pod=";

/// Programs with one subcommand that runs a command: names, the subcommand,
/// options, the operands in front of the command, and the place.
const SUBCOMMANDS: &[(&str, &str, &str, usize, Place)] = &[
    ("crictl", "exec", "* i t s,sync timeout= r= config=", 1, Place::Container),
    (
        "lxc incus",
        "exec",
        "* cwd= env= user= group= mode= n,disable-stdin T t project= force-local",
        1,
        Place::Container,
    ),
    ("multipass", "exec", "* d,working-directory= n,no-map-working-directory v", 1, Place::Container),
    ("limactl", "shell", "* workdir= shell= log-level= tty= reconnect preserve-env", 1, Place::Container),
    ("colima", "ssh", "* p,profile=", 0, Place::Container),
    (
        "devcontainer",
        "exec",
        "* workspace-folder= config= docker-path= id-label= remote-env= container-id= log-level= \
         docker-compose-path= override-config= mount-workspace-git-root= user-data-folder=",
        0,
        Place::Container,
    ),
    ("toolbox", "run", "* c,container= d,distro= r,release= v preserve-fds=", 0, Place::Here),
];

pub(super) fn inner(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    let inside = Changes::place(Place::Container);
    if let Some((_, subcommand, grammar, operands, place)) =
        SUBCOMMANDS.iter().find(|entry| entry.0.split(' ').any(|own| own == name))
    {
        return after_subcommand(words, subcommand, grammar, *operands, &Changes::place(*place));
    }
    match name {
        "docker" | "podman" | "nerdctl" | "finch" | "podman-remote" => engine(words),
        "docker-compose" | "podman-compose" => compose(words),
        "ctr" => {
            let at = words.iter().position(|word| matches!(word.bytes.as_slice(), b"exec" | b"run"))?;
            let operands = if words.get(at)?.bytes == b"run" { 2 } else { 1 };
            let grammar = "* exec-id= cwd= user= fifo-dir= log-uri= env= mount= label= runtime= snapshotter= t,tty d,detach rm net-host";
            behind(leading(words.get(at + 1..)?, grammar).tails(), operands, &inside)
        }
        "lxc-attach" | "lxc-execute" => each(
            leading(words, "* n,name= u= g= l= o= v,set-var= P,lxcpath= f,rcfile= e= s= R= a=").tails(),
            &inside,
        ),
        "lima" => each(leading(words, "* workdir= shell=").tails(), &inside),
        "minikube" => match subcommand(words, "* p,profile= v= n,node=") {
            Some((b"kubectl", rest)) => tool("kubectl", leading(rest, "* p,profile= ssh").tails().next()?),
            Some((b"ssh", rest)) => {
                let tail = leading(rest, "* p,profile= n,node= native-ssh").tails().next()?;
                Some(vec![Inner::text(super::joined(tail), &[], &inside)])
            }
            _ => None,
        },
        "buildah" => match subcommand(words, "* root= runroot= storage-driver= storage-opt= log-level=") {
            Some((b"unshare", rest)) => {
                command_or_shell(leading(rest, "* m,mount=").tails(), &Changes::default())
            }
            Some((b"run", rest)) => exec(rest),
            _ => None,
        },
        "machinectl" => machine(words),
        "k3s" | "k0s" | "microk8s" | "rke2" | "rancher" => match subcommand(words, "* data-dir= d= debug") {
            Some((name @ (b"kubectl" | b"kc" | b"helm" | b"helm3" | b"ctr" | b"crictl"), rest)) => {
                let name = match name {
                    b"kc" => "kubectl",
                    b"helm3" => "helm",
                    other => std::str::from_utf8(other).ok()?,
                };
                tool(name, rest)
            }
            _ => None,
        },
        _ => environment(name, words),
    }
}

/// Environments that share this machine's files, or may.
fn environment(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    let here = Changes::default();
    match name {
        "wsl" => {
            let parsed =
                leading(words, "* d,distribution= u,user= cd= e,exec shell-type= l,list v,version system");
            let changes = Changes { directory: parsed.value("cd").cloned(), ..here };
            each(parsed.tails(), &changes)
        }
        "distrobox" | "distrobox-enter" => distrobox(words),
        "apptainer" | "singularity" => apptainer(words),
        "nix-shell" => {
            let grammar = "* run= command= p,packages= I= A,attr= E,expr= i= keep= arg= argstr= option= j= max-jobs= cores=";
            let parsed = super::options::anywhere(words, grammar);
            let texts = parsed.values("run").chain(parsed.values("command"));
            let inners: Vec<Inner> = texts.map(|text| Inner::text(text.clone(), &[], &here)).collect();
            Some(if inners.is_empty() { vec![Inner::input(Language::Shell, &[], &here)] } else { inners })
        }
        "nix" => nix(words),
        "flatpak-spawn" => {
            let parsed = leading(words, "* directory= env= forward-fd= watch-bus host");
            let place = if parsed.has("host") { Place::Here } else { Place::Container };
            each(parsed.tails(), &Changes::place(place))
        }
        "systemd-nspawn" => each(
            leading(
                words,
                "* D,directory= i,image= M,machine= u,user= E,setenv= bind= bind-ro= q b,boot \
            chdir= t x,ephemeral",
            )
            .tails(),
            &here,
        ),
        "snap" => match subcommand(words, "*") {
            Some((b"run", rest)) => each(leading(rest, "* shell r hook= command= timer=").tails(), &here),
            _ => None,
        },
        _ => None,
    }
}

fn subcommand<'a>(words: &'a [Value], grammar: &'static str) -> Option<(&'a [u8], &'a [Value])> {
    let (subcommand, rest) = leading(words, grammar).tails().next()?.split_first()?;
    Some((subcommand.bytes.as_slice(), rest))
}

fn tool(name: &str, rest: &[Value]) -> Option<Vec<Inner>> {
    Some(vec![Inner::words(&[&[name.into()], rest].concat(), &Changes::default())])
}

/// The command behind a subcommand and so many operands, between which options
/// may stand.
fn after_subcommand(
    words: &[Value],
    own: &str,
    grammar: &'static str,
    operands: usize,
    changes: &Changes,
) -> Option<Vec<Inner>> {
    let (name, rest) = subcommand(words, grammar)?;
    if own.as_bytes() != name {
        return None;
    }
    let tails = behind_operands(rest, grammar, operands);
    each(tails.into_iter().filter(|tail| !tail.is_empty()), changes)
}

/// What stands behind so many operands, before and behind which options stand.
/// Where `--` comes sooner, the command does.
pub(super) fn behind_operands<'a>(
    words: &'a [Value],
    grammar: &'static str,
    operands: usize,
) -> Vec<&'a [Value]> {
    let mut tails: Vec<&'a [Value]> = leading(words, grammar).tails().collect();
    for _ in 0..operands {
        let ended = |tail: &&[Value]| {
            let at = words.len() - tail.len();
            at > 0 && words.get(at - 1).is_some_and(|word| word.bytes == b"--")
        };
        tails = tails
            .iter()
            .flat_map(|tail| {
                if ended(tail) {
                    vec![*tail]
                } else {
                    leading(tail.get(1..).unwrap_or_default(), grammar).tails().take(2).collect()
                }
            })
            .collect();
    }
    tails
}

fn engine(words: &[Value]) -> Option<Vec<Inner>> {
    let (mut name, mut rest) = subcommand(words, GLOBAL)?;
    if name == b"container" {
        (name, rest) = subcommand(rest, GLOBAL)?;
    }
    match name {
        b"run" | b"create" => run(rest),
        b"exec" => exec(rest),
        b"compose" => compose(rest),
        b"machine" => match subcommand(rest, "*") {
            Some((b"ssh", rest)) => {
                let tail =
                    leading(rest, "* username=").tails().next()?.get(1..).filter(|tail| !tail.is_empty())?;
                Some(vec![Inner::text(super::joined(tail), &[], &Changes::place(Place::Container))])
            }
            _ => None,
        },
        b"unshare" => command_or_shell(leading(rest, "* rootless-netns").tails(), &Changes::default()),
        _ => None,
    }
}

/// Variables and directory of a container.
fn settings(parsed: &Parsed<'_>, place: Place) -> Changes {
    let mut changes = Changes { directory: parsed.value("w").cloned(), ..Changes::place(place) };
    for set in parsed.values("e") {
        changes.assign(set);
    }
    changes
}

fn exec(words: &[Value]) -> Option<Vec<Inner>> {
    let parsed = leading(words, EXEC);
    behind(parsed.tails(), 1, &settings(&parsed, Place::Container))
}

fn run(words: &[Value]) -> Option<Vec<Inner>> {
    let parsed = leading(words, RUN);
    let open = shows_host(&parsed);
    let mut inners = Vec::new();
    for (image, command) in parsed.tails().filter_map(<[Value]>::split_first) {
        let known = image.text().and_then(starts);
        let place = if open || known.is_some() { Place::Here } else { Place::Container };
        let changes = settings(&parsed, place);
        let shown = if open { mounted(&parsed, command) } else { command.to_vec() };
        let command = shown.as_slice();
        let entry = parsed.value("entrypoint").cloned();
        let start =
            entry.or_else(|| known.flatten().map(Value::from)).filter(|start| !start.bytes.is_empty());
        if let Some(start) = start {
            inners.push(Inner::words(&[&[start], command].concat(), &changes));
        }
        // An image may also start what it is given, whatever its name.
        if !command.is_empty() && parsed.value("entrypoint").is_none_or(|entry| entry.bytes.is_empty()) {
            inners.push(Inner::words(command, &changes));
        }
    }
    Some(inners)
}

/// A service may be a tool's image: what follows then are the tool's arguments.
fn compose(words: &[Value]) -> Option<Vec<Inner>> {
    let (name, rest) = subcommand(words, COMPOSE)?;
    match name {
        b"exec" => exec(rest),
        b"run" => {
            let parsed = leading(rest, RUN);
            let mut inners = Vec::new();
            for (service, command) in parsed.tails().filter_map(<[Value]>::split_first) {
                let name = service.text().unwrap_or_default();
                let here = is_tool(name) || shows_host(&parsed);
                let changes = settings(&parsed, if here { Place::Here } else { Place::Container });
                // compose splits the entry point as a shell would.
                if let Some(entry) = parsed.value("entrypoint").filter(|entry| !entry.bytes.is_empty()) {
                    let text = Value::known([&entry.bytes, b" \"$@\"".as_slice()].concat());
                    let arguments = [std::slice::from_ref(service), command].concat();
                    inners.push(Inner::text(text, &arguments, &changes));
                    continue;
                }
                if is_tool(name) {
                    inners.push(Inner::words(&[&[name.into()], command].concat(), &changes));
                }
                if !command.is_empty() {
                    inners.push(Inner::words(command, &changes));
                }
            }
            Some(inners)
        }
        _ => None,
    }
}

/// The machine, a path and its arguments; a shell where there are none.
fn machine(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "* M,machine= H,host= uid= E,setenv= p,property= q,quiet no-pager no-ask-password";
    let (name, rest) = subcommand(words, grammar)?;
    if name != b"shell" {
        return None;
    }
    let parsed = leading(rest, grammar);
    let tail = parsed.tails().next().unwrap_or_default();
    let host = tail.first().map_or(b".host".as_slice(), |host| host.bytes.as_slice());
    let here = host.ends_with(b".host") || host.is_empty() || !host.is_ascii();
    let place = if here { Place::Here } else { Place::Container };
    command_or_shell(tail.get(1..).into_iter().filter(|tail| !tail.is_empty()), &Changes::place(place))
}

fn distrobox(words: &[Value]) -> Option<Vec<Inner>> {
    let words = match words.split_first() {
        Some((first, rest)) if first.bytes == b"enter" => rest,
        Some((first, _)) if matches!(first.bytes.as_slice(), b"list" | b"create" | b"rm" | b"stop") => {
            return None;
        }
        _ => words,
    };
    let at = words.iter().position(|word| matches!(word.bytes.as_slice(), b"--" | b"-e" | b"--exec"))?;
    each(words.get(at + 1..).filter(|tail| !tail.is_empty()).into_iter(), &Changes::default())
}

fn apptainer(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "* B,bind= H,home= W,workdir= pwd,cwd= env= env-file= S,scratch= o,overlay= app= network= network-args= hostname= \
        mount= dns= fusemount= security= add-caps= drop-caps= apply-cgroups= pid-file= c,contain e,cleanenv n,net p,pid u,userns \
        w,writable f,fakeroot C,containall";
    let parsed = leading(words, "* c,config= d,debug q s v");
    let (name, rest) = parsed.tails().next()?.split_first()?;
    let operands = match name.bytes.as_slice() {
        b"exec" => 1,
        _ => return None,
    };
    let options = leading(rest, grammar);
    let directory = options.value("pwd").cloned();
    behind(options.tails(), operands, &Changes { directory, ..Changes::default() })
}

fn nix(words: &[Value]) -> Option<Vec<Inner>> {
    let (name, rest) = subcommand(words, "* option= extra-experimental-features= I= log-format=")?;
    let grammar = "* c,command! I= f,file= expr= impure i,ignore-environment k,keep= keep-env-var= u,unset= override-input= inputs-from= \
        extra-experimental-features= option= profile= set-env-var= s= arg= argstr= phase= system=";
    match name {
        b"shell" | b"develop" | b"env" => {
            let rest = rest.strip_prefix(&["shell".into()]).unwrap_or(rest);
            let parsed = super::options::anywhere(rest, grammar);
            let first = parsed.value("c")?.clone();
            let behind = rest.get(rest.len() - parsed.behind_rest()..).unwrap_or_default();
            Some(vec![Inner::words(&[&[first], behind].concat(), &Changes::default())])
        }
        b"run" => {
            let (package, rest) = leading(rest, grammar).tails().next()?.split_first()?;
            // `nixpkgs#terraform`: what stands last names the program.
            let name = package.bytes.rsplit(|byte| matches!(byte, b'#' | b'.' | b'/')).next()?;
            let name = super::packages::program(&Value::known(name));
            let rest = rest.strip_prefix(&["--".into()]).unwrap_or(rest);
            Some(vec![Inner::words(&[&[name], rest].concat(), &Changes::default())])
        }
        _ => None,
    }
}

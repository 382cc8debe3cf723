//! Programs that run another with variables, secrets or versions of their own.

use super::containers::behind_operands;
use super::options::{anywhere, leading};
use super::privilege::skip_assignments;
use super::{Changes, Inner, Language, each, joined};
use crate::shell::value::Value;

/// How many operands stand in front of the command.
#[derive(Clone, Copy)]
enum Operands {
    /// So many.
    Exactly(usize),
    /// All that stand in front of `--`.
    UpToDashes,
}

use Operands::{Exactly, UpToDashes};

/// A launcher: its names and subcommands (apart by spaces; none where it has
/// none), its options, and its operands. Of `command` the value is shell text.
struct Launcher(&'static str, &'static str, &'static str, Operands);

const LAUNCHERS: &[Launcher] = &[
    Launcher(
        "aws-vault",
        "exec",
        "* d,duration= n,no-session t,mfa-token= region= j,json backend= prompt= keychain= pass-dir= pass-cmd= \
         pass-prefix= file-dir= s,server ecs-server ec2-server lazy stdout debug",
        Exactly(1),
    ),
    Launcher(
        "aws-okta",
        "exec",
        "* t,session-ttl= a,assume-role-ttl= b,backend= mfa-provider= mfa-factor-type= mfa-duo-device= r,assume-role-arn=",
        Exactly(1),
    ),
    Launcher(
        "saml2aws",
        "exec",
        "* a,idp-account= p,profile= exec-profile= config= username= password= role= idp-provider= browser-type= mfa= \
         url= r,region= mfa-token= session-duration= cache-file= credentials-file=",
        Exactly(0),
    ),
    Launcher(
        "aws-sso",
        "exec",
        "* p,profile= a,arn= A,account= R,role= S,sso= config= L= level= browser= u=",
        Exactly(0),
    ),
    Launcher("awsume gossamer assume granted", "", "* d= duration= e,exec== c= service= region=", UpToDashes),
    Launcher(
        "chamber",
        "exec",
        "* b,backend= r,retries= strict-value= min-throttle-delay= retry-mode= kms-key-alias=",
        UpToDashes,
    ),
    Launcher(
        "doppler",
        "run",
        "* command= p,project= c,config= t,token= fallback= fallback-passphrase= format= mount= mount-format= mount-template= \
         mount-max-reads= name-transformer= only-secrets= scope= configuration= attempts= timeout= api-host= passphrase= \
         preserve-env==",
        Exactly(0),
    ),
    Launcher(
        "op",
        "run",
        "* env-file= account= session= config= encoding= environment= no-masking",
        Exactly(0),
    ),
    Launcher(
        "infisical",
        "run",
        "* command= c= e,env= path= p= projectId= project-config-dir= t,tags= token= domain= log-level= l=",
        Exactly(0),
    ),
    Launcher("vault-env secrethub", "", "", Exactly(0)),
    Launcher(
        "envconsul",
        "",
        "* -config,config= -prefix,prefix= -secret,secret= -consul-addr,consul-addr= -consul,consul= -vault-addr,vault-addr= \
         -vault-token,vault-token= -log-level,log-level= -kill-signal= -wait= -token= -service= -exec-splay=",
        Exactly(0),
    ),
    Launcher("teller berglas railway", "run exec", "* c,config= s= e,environment= p= local", Exactly(0)),
    Launcher("summon", "", "* p,provider= f= D= e,environment= yaml= I", Exactly(0)),
    Launcher("envchain", "", "", Exactly(1)),
    Launcher("envdir", "", "", Exactly(1)),
    Launcher("kubie", "exec", "* e,exit-early context-headers=", Exactly(2)),
    Launcher("mise rtx", "exec x", "* c,command= C,cd= E,env= j,jobs= raw fresh-env", UpToDashes),
    Launcher("asdf rbenv pyenv nodenv jenv goenv tfenv-exec", "exec", "", Exactly(0)),
    Launcher("direnv", "exec", "", Exactly(1)),
    Launcher(
        "dotenvx",
        "run",
        "* f,env-file= fk= e,env= o,overload convention= env-vault-file= fv= ignore= l,log-level= strict q,quiet",
        Exactly(0),
    ),
    Launcher("dotenv", "run", "* f,file= q,quote= e= c== v= p= o,override debug", Exactly(0)),
    Launcher("dotenv", "", "* f,file= q,quote= e= c== v= p= o,override debug", Exactly(0)),
    Launcher(
        "env-cmd",
        "",
        "* f,file= r,rc-file= e,environments= x,expand-envs silent no-override fallback recursive",
        Exactly(0),
    ),
    Launcher("poetry", "run", "* C,directory= P,project= n v q", Exactly(0)),
    Launcher("pipenv", "run", "* python= pypi-mirror=", Exactly(0)),
    Launcher("pdm", "run", "* p,project= site-packages s env-file=", Exactly(0)),
    Launcher("rye", "run", "* pyproject=", Exactly(0)),
    Launcher(
        "conda mamba micromamba",
        "run",
        "* n,name= p,prefix= cwd= no-capture-output,live-stream v dev a,attach= r,root-prefix= e= label=",
        Exactly(0),
    ),
    Launcher("bundle bundler", "exec", "* gemfile= keep-file-descriptors", Exactly(0)),
    Launcher("nvm", "exec", "* silent save", Exactly(1)),
    Launcher("fnm", "exec", "* using= node-dist-mirror= fnm-dir= log-level= arch=", Exactly(0)),
    Launcher("volta", "run", "* node= npm= yarn= pnpm= env= bundled-npm no-yarn", Exactly(0)),
    Launcher("rustup", "run", "* install", Exactly(1)),
    Launcher("opam", "exec", "* switch= root= set-switch", Exactly(0)),
    Launcher("stack cabal lerna nx", "exec", "* scope= ignore= package= resolver= concurrency=", Exactly(0)),
    Launcher(
        "pixi",
        "run exec x",
        "* manifest-path= e,environment= s,spec= c,channel= w,with= p,platform=",
        Exactly(0),
    ),
    Launcher("devbox", "run", "* c,config= e,env= env-file= environment=", Exactly(0)),
    Launcher("dopplerx with-env", "", "", Exactly(0)),
];

pub(super) fn inner(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    match name {
        "sops" => return sops(words),
        "cross-env" | "cross-env-shell" => return cross_env(name, words),
        "cargo" => return cargo(words),
        "concurrently" => return concurrently(words),
        "hatch" => return hatch(words),
        "assume" | "granted" | "gossamer" | "awsume" => {
            if let Some(inners) = assumed(words) {
                return Some(inners);
            }
        }
        _ => {}
    }
    let launchers = LAUNCHERS.iter().filter(|launcher| launcher.0.split(' ').any(|own| own == name));
    for launcher in launchers {
        if let Some(rest) = behind_subcommand(launcher, words) {
            return launched(name, launcher, rest);
        }
    }
    None
}

fn behind_subcommand<'a>(launcher: &Launcher, words: &'a [Value]) -> Option<&'a [Value]> {
    if launcher.1.is_empty() {
        return Some(words);
    }
    let (subcommand, rest) = leading(words, launcher.2).tails().next()?.split_first()?;
    launcher.1.split(' ').any(|own| own.as_bytes() == subcommand.bytes).then_some(rest)
}

fn launched(name: &str, launcher: &Launcher, rest: &[Value]) -> Option<Vec<Inner>> {
    let parsed = leading(rest, launcher.2);
    let mut changes = Changes {
        directory: parsed.value("cwd").or_else(|| parsed.value("C")).cloned(),
        ..Changes::default()
    };
    if name == "aws-vault"
        && let Some(profile) = parsed.tails().next().and_then(<[Value]>::first)
    {
        changes.set("AWS_VAULT", profile.clone());
    }
    let texts = parsed.values("command").chain(parsed.values("c").filter(|_| matches!(name, "mise" | "rtx")));
    let inners: Vec<Inner> = texts.map(|text| Inner::text(text.clone(), &[], &changes)).collect();
    if !inners.is_empty() {
        return Some(inners);
    }
    let tails = match launcher.3 {
        Exactly(operands) => behind_operands(rest, launcher.2, operands),
        UpToDashes => {
            let at = rest.iter().position(|word| word.bytes == b"--")?;
            rest.get(at + 1..).into_iter().collect()
        }
    };
    let inners = each(tails.into_iter().filter(|tail| !tail.is_empty()), &changes);
    let opens_shell = matches!(name, "aws-vault" | "aws-okta") && !rest.is_empty();
    inners.or_else(|| opens_shell.then(|| vec![Inner::input(Language::Shell, &[], &changes)]))
}

fn sops(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar =
        "* background pristine same-process user= input-type= output-type= filename= config= no-fifo";
    let (subcommand, rest) = leading(words, grammar).tails().next()?.split_first()?;
    if !matches!(subcommand.bytes.as_slice(), b"exec-env" | b"exec-file") {
        return None;
    }
    let parsed = anywhere(rest, grammar);
    // `{}` is the file that exec-file makes.
    Some(vec![Inner::text(parsed.operands.get(1)?.clone(), &[], &Changes::default())])
}

fn cross_env(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    let mut changes = Changes::default();
    let command = skip_assignments(words, &mut changes);
    if command.is_empty() {
        return None;
    }
    Some(vec![if name == "cross-env" {
        Inner::words(command, &changes)
    } else {
        Inner::text(joined(command), &[], &changes)
    }])
}

fn cargo(words: &[Value]) -> Option<Vec<Inner>> {
    let (subcommand, rest) = leading(words, "* Z= config= C= color=").tails().next()?.split_first()?;
    if subcommand.bytes != b"watch" {
        return None;
    }
    let grammar = "* x,exec= s,shell= w,watch= i,ignore= d,delay= C,workdir= E,env= features= use-shell= c,clear q,quiet \
        L= why poll postpone no-gitignore no-ignore B=";
    let parsed = leading(rest, grammar);
    let changes = Changes { directory: parsed.value("C").cloned(), ..Changes::default() };
    let cargo = parsed.values("x").map(|text| Value::known([b"cargo ".as_slice(), &text.bytes].concat()));
    let texts = cargo.chain(parsed.values("s").cloned());
    let mut inners: Vec<Inner> = texts.map(|text| Inner::text(text, &[], &changes)).collect();
    inners.extend(parsed.tails().map(|tail| Inner::words(tail, &changes)));
    Some(inners)
}

fn concurrently(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "* n,names= c,prefix-colors= p,prefix= l,prefix-length= t,timestamp-format= m,max-processes= \
        name-separator= hide= restart-tries= restart-after= teardown= default-input-target= handle-input i k,kill-others \
        s,success= r,raw g,group kill-signal= cwd= P,passthrough-arguments";
    let parsed = anywhere(words, grammar);
    let texts = parsed.operands.iter().chain(parsed.values("teardown"));
    Some(texts.map(|text| Inner::text(text.clone(), &[], &Changes::default())).collect())
}

/// `--exec` takes a command as text, or stands in front of `--` and a command.
fn assumed(words: &[Value]) -> Option<Vec<Inner>> {
    let at = words.iter().position(|word| matches!(word.bytes.as_slice(), b"--exec" | b"-e"));
    let separate = at.and_then(|at| words.get(at + 1)).filter(|word| !word.bytes.starts_with(b"-")).cloned();
    let text = separate.or_else(|| words.iter().find_map(|word| super::after(word, "--exec=")))?;
    Some(vec![Inner::text(text, &[], &Changes::default())])
}

/// An environment may stand in front of the command: `test:pytest`.
fn hatch(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "* e,env= p,project= data-dir= cache-dir= config= v q";
    let (subcommand, rest) = leading(words, grammar).tails().next()?.split_first()?;
    let (first, rest) = leading(rest, grammar).tails().next()?.split_first()?;
    let program = first.bytes.rsplit(|byte| *byte == b':').next()?;
    let command = [&[Value::known(program)], rest].concat();
    (subcommand.bytes == b"run").then(|| vec![Inner::words(&command, &Changes::default())])
}

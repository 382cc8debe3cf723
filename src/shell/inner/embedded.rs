//! Programs for other work of which an option, or a subcommand, runs a command.

use super::options::{anywhere, leading};
use super::{Changes, Inner, Place, after, each};
use crate::shell::value::Value;

pub(super) fn inner(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    match name {
        "tar" | "gtar" | "bsdtar" => tar(words),
        "zip" => texts(words, "* TT,-TT,unzip-command= b= t= tt= n= P= i= x= s= sp= ic T", &["TT"]),
        "rsync" => rsync(words),
        "split" | "gsplit" => {
            texts(words, "* filter= a= b,bytes= C= l,lines= n,number= t= additional-suffix=", &["filter"])
        }
        "sort" | "gsort" => texts(
            words,
            "* compress-program= k,key= o,output= S= t= T= parallel= batch-size=",
            &["compress-program"],
        ),
        "man" => texts(words, "* P,pager= p= C= R= L= M= S= s= e= r= H,html==", &["P", "H"]),
        "tcpdump" => texts(words, "* z= r= w= c= i= s= C= G= W= Z= F= E= M= m= T= y= V= B= j=", &["z"]),
        "apt" | "apt-get" | "aptitude" => apt(words),
        "ip" => ip(words),
        "ansible" => ansible(words),
        "make" | "gmake" | "bmake" | "mingw32-make" => make(words),
        "puppet" => {
            let (subcommand, rest) = words.split_first()?;
            let parsed = anywhere(rest, "* e,execute= l,logdest=");
            let runs = parsed.values("e").any(|code| code.bytes.windows(4).any(|part| part == b"exec"));
            (subcommand.bytes == b"apply" && runs)
                .then(|| vec![Inner::opaque("puppet runs what its code gives")])
        }
        "chef-apply" => anywhere(words, "* e,execute== s,stdin l=")
            .has("e s")
            .then(|| vec![Inner::opaque("chef does what its code says")]),
        "wget" => texts(words, "* use-askpass=", &["use-askpass"]),
        "logsave" => each(
            leading(words, "a s v").tails().filter_map(|tail| tail.get(1..)).filter(|tail| !tail.is_empty()),
            &Changes::default(),
        ),
        "run-one" | "run-this-one" | "run-one-constantly" | "keep-one-running" => {
            each(leading(words, "").tails(), &Changes::default())
        }
        _ => None,
    }
}

/// The values of these options, each of them shell text.
fn texts(words: &[Value], grammar: &'static str, names: &[&str]) -> Option<Vec<Inner>> {
    let parsed = anywhere(words, grammar);
    let values = names.iter().flat_map(|name| parsed.values(name));
    Some(values.map(|text| Inner::text(text.clone(), &[], &Changes::default())).collect())
}

const TAR: &str = "* I,use-compress-program= to-command= checkpoint-action= F,info-script,new-volume-script= rsh-command= \
    rmt-command= f,file= C,directory= b,blocking-factor= L,tape-length= N,newer,after-date= T,files-from= X,exclude-from= \
    V,label= K,starting-file= g,listed-incremental= H,format= exclude= transform,xform= owner= group= mode= mtime= sort= \
    strip-components= suffix= checkpoint== warning= quoting-style= index-file= record-size= newer-mtime= one-top-level== \
    c,create x,extract,get t,list r,append u,update A d,diff delete z j J Z v p P k m O S s W w h l a i n o B G M R U";

fn tar(words: &[Value]) -> Option<Vec<Inner>> {
    let mut words = words.to_vec();
    // In the old style the first word is letters, whose values follow in turn.
    let bundle = words.first().filter(|first| {
        first.bytes.iter().all(u8::is_ascii_alphabetic)
            && first.bytes.iter().any(|letter| b"cxtruAd".contains(letter))
    });
    if let Some(letters) = bundle.map(|bundle| bundle.bytes.clone()) {
        let mut values = words.split_off(1).into_iter();
        words.clear();
        for letter in letters {
            words.push(Value::known([b'-', letter]));
            if b"IFfCbLNTXVKgH".contains(&letter) {
                words.extend(values.next());
            }
        }
        words.extend(values);
    }
    let parsed = anywhere(&words, TAR);
    let changes = Changes::default();
    let names = ["I", "to-command", "F", "rsh-command", "rmt-command"];
    let values = names.iter().flat_map(|name| parsed.values(name)).cloned();
    let actions = parsed.values("checkpoint-action").filter_map(|action| after(action, "exec="));
    Some(values.chain(actions).map(|text| Inner::text(text, &[], &changes)).collect())
}

fn rsync(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "* e,rsh= rsync-path= f,filter= T,temp-dir= B,block-size= M,remote-option= exclude= include= exclude-from= \
        include-from= files-from= log-file= log-file-format= password-file= port= timeout= contimeout= bwlimit= max-size= \
        min-size= backup-dir= suffix= compare-dest= copy-dest= link-dest= partial-dir= chmod= chown= usermap= groupmap= \
        out-format= info= debug= address= sockopts= outbuf= protocol= iconv= checksum-seed= checksum-choice= max-delete= \
        compress-choice= compress-level= skip-compress= modify-window= stop-after= stop-at= write-batch= read-batch= \
        only-write-batch= early-input= max-alloc= copy-as= config= dparam=";
    let parsed = anywhere(words, grammar);
    let remote = |word: &Value| word.bytes.contains(&b':');
    let place = if parsed.operands.iter().any(remote) { Place::Remote } else { Place::Here };
    let mut inners: Vec<Inner> =
        parsed.values("e").map(|text| Inner::text(text.clone(), &[], &Changes::default())).collect();
    let paths = parsed.values("rsync-path");
    inners.extend(paths.map(|text| Inner::text(text.clone(), &[], &Changes::place(place))));
    Some(inners)
}

/// A makefile that is given on the line, or through a pipe.
fn make(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "* f,file,makefile= E,eval= C,directory= I,include-dir= j,jobs== l,load-average== o,old-file,assume-old= \
        W,what-if,new-file,assume-new= O,output-sync== debug== n,just-print,dry-run,recon q,question v,version h,help";
    let parsed = anywhere(words, grammar);
    let through: [&[u8]; 3] = [b"/dev/fd/", b"/dev/stdin", b"/proc/self/fd/"];
    let piped =
        |path: &Value| path.bytes == b"-" || through.iter().any(|start| path.bytes.starts_with(start));
    let given = parsed.values("E").next().is_some() || parsed.values("f").any(piped);
    given.then(|| vec![Inner::opaque("make runs a makefile that is given on the line")])
}

/// Hooks that are set for one call.
fn apt(words: &[Value]) -> Option<Vec<Inner>> {
    let parsed = anywhere(words, "* o,option= c,config-file= t,target-release= a,host-architecture=");
    let hook = |setting: &Value| {
        let at = setting.bytes.iter().position(|byte| *byte == b'=')?;
        let name = setting.bytes.get(..at)?.to_ascii_lowercase();
        let runs = [&b"invoke"[..], b"pre-install-pkgs", b"pager", b"dir::bin", b"proxy-auto-detect"];
        runs.iter().any(|part| name.windows(part.len()).any(|found| found == *part)).then(|| {
            Inner::text(
                Value::known(setting.bytes.get(at + 1..).unwrap_or_default()),
                &[],
                &Changes::default(),
            )
        })
    };
    Some(parsed.values("o").filter_map(hook).collect())
}

/// `ip netns exec NAME CMD` and `ip vrf exec NAME CMD`.
fn ip(words: &[Value]) -> Option<Vec<Inner>> {
    let globals =
        leading(words, "* n,netns,-netns= f,family,-family= b,batch,-batch= l,loops= rc,rcvbuf,-rc=");
    let tail = globals.tails().next()?;
    let (object, rest) = tail.split_first()?;
    let (exec, rest) = rest.split_first()?;
    let asked = matches!(object.bytes.as_slice(), b"netns" | b"net" | b"vrf" | b"netn")
        && b"exec".starts_with(&exec.bytes)
        && !exec.bytes.is_empty();
    let all = globals.found.is_empty() && words.iter().take(2).any(|word| word.bytes == b"-all");
    let rest = rest.get(usize::from(!all)..).filter(|rest| asked && !rest.is_empty())?;
    Some(vec![Inner::words(rest, &Changes::default())])
}

fn ansible(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "* a,args= m,module-name= i,inventory,inventory-file= l,limit= u,user= e,extra-vars= f,forks= B,background= P,poll= \
        t,tree= c,connection= T,timeout= M,module-path= private-key,key-file= become-method= become-user= vault-id= \
        vault-password-file,vault-pass-file= playbook-dir= task-timeout= ssh-common-args= sftp-extra-args= scp-extra-args= \
        ssh-extra-args= become-password-file,become-pass-file= connection-password-file,conn-pass-file= C,check \
        list-hosts version h,help b,become K k o v D";
    let parsed = anywhere(words, grammar);
    if parsed.has("list-hosts version h") {
        return None;
    }
    let module = parsed.value("m").map_or(b"command".as_slice(), |module| module.bytes.as_slice());
    let module = module.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    if !matches!(
        module,
        b"shell" | b"command" | b"raw" | b"win_shell" | b"win_command" | b"script" | b"expect"
    ) {
        return None;
    }
    let local = parsed.value("c").is_some_and(|connection| connection.bytes == b"local")
        || parsed
            .operands
            .first()
            .is_some_and(|hosts| matches!(hosts.bytes.as_slice(), b"localhost" | b"127.0.0.1"));
    let changes = Changes::place(if local { Place::Here } else { Place::Remote });
    let text = parsed.value("a")?;
    let text = after(text, "cmd=").unwrap_or_else(|| text.clone());
    Some(vec![Inner::text(text, &[], &changes)])
}

//! Programs that run another with other limits, at another time, or watched.

use super::options::leading;
use super::privilege::skip_assignments;
use super::{Changes, Inner, Language, behind, each, joined};
use crate::shell::value::{HOLE, Value};

/// A program that runs the command behind its options.
struct Wrapper {
    /// Its names, apart by spaces.
    names: &'static str,
    options: &'static str,
    /// How many operands of its own stand in front of the command.
    operands: usize,
    /// Options with which it runs nothing, apart by spaces.
    idle: &'static str,
}

const fn wrapper(names: &'static str, options: &'static str, operands: usize, idle: &'static str) -> Wrapper {
    Wrapper { names, options, operands, idle }
}

const WRAPPERS: &[Wrapper] = &[
    wrapper("nohup", "help version", 0, ""),
    wrapper("setsid", "c,ctty f,fork w,wait h,help V,version", 0, ""),
    wrapper("nice gnice", "n,adjustment= 0 1 2 3 4 5 6 7 8 9 - help version", 0, ""),
    wrapper("ionice", "c,class= n,classdata= p,pid= P,pgid= t,ignore u,uid= h V", 0, "p P u"),
    wrapper("taskset", "a,all-tasks p,pid c,cpu-list h,help V,version", 1, "p"),
    wrapper(
        "timeout gtimeout",
        "f,foreground k,kill-after= p,preserve-status s,signal= v,verbose help version",
        1,
        "",
    ),
    wrapper(
        "time gtime",
        "f,format= o,output= a,append p,portability v,verbose q,quiet l h V help version",
        0,
        "",
    ),
    wrapper("stdbuf gstdbuf", "i,input= o,output= e,error= help version", 0, ""),
    wrapper("unbuffer unbuffer.tcl", "p", 0, ""),
    wrapper("caffeinate", "d i m s u t= w=", 0, ""),
    wrapper(
        "cpulimit",
        "p,pid= e,exe= P,path= l,limit= c,cpu= v,verbose z,lazy i,include-children k s= h,help m b f q",
        0,
        "",
    ),
    wrapper("valgrind", "* h v q", 0, ""),
    wrapper(
        "rlwrap",
        "a== A== b,break-chars= c,complete-filenames C,command-name= d== D= e= E= f,file= F= g,forget-matching= \
        h,help H,history-filename= i,case-insensitive I,pass-sigint-as-sigterm l,logfile= m== M,multi-line-ext= n,no-warnings \
        N,no-children o,one-shot O,only-cook= p== P,pre-given= q,quote-characters= r,remember R,renice s,histsize= S= \
        t,set-term-name= T u,run-unfiltered U,mirror-arguments v,version w= W== x X z= prompt-colour== protect-prompt= \
        always-readline== ansi-colour-aware== debug== history-no-dupes= extra-char-after-completion= multi-line== \
        polling== substitute-prompt= wait-before-prompt= filter=",
        0,
        "",
    ),
    wrapper("dbus-run-session", "config-file= dbus-daemon= help version", 0, ""),
    wrapper("dbus-launch", "* exit-with-session sh-syntax csh-syntax auto-syntax", 0, ""),
    wrapper(
        "xvfb-run",
        "a,auto-servernum d,auto-display e,error-file= f,auth-file= n,server-num= h,help l,listen-tcp \
        p,xauth-protocol= s,server-args= w,wait=",
        0,
        "",
    ),
    wrapper("ssh-agent", "a= c D d E= k O= P= s t= T U u x", 0, "k"),
    wrapper("chronic", "e v", 0, ""),
    wrapper("multitime", "f= I= i= l n= o= q r= s= v b=", 0, ""),
    wrapper(
        "systemd-inhibit",
        "what= who= why= mode= list no-pager no-legend no-ask-password h,help version",
        0,
        "list",
    ),
    wrapper("daemonize", "a u= c= v e= o= p= l= E=", 0, ""),
    wrapper(
        "daemon",
        "* n,name= p,pidfile= P,pidfiles= u,user= t,chroot= D,chdir= m,umask= e,env= o,output= O,stderr= \
        l,errlog= b,dbglog= E,stdout= a,attempts= L,delay= M,limit= F= X= r,respawn",
        0,
        "",
    ),
    wrapper("prlimit", "* p,pid= o,output= noheadings raw verbose", 0, "p"),
    wrapper("softlimit", "a= c= d= f= l= m= n= o= p= r= s= t=", 0, ""),
    wrapper(
        "numactl",
        "i,interleave= w= N,cpunodebind= P,preferred= C,physcpubind= m,membind= l,localalloc b,balancing \
        a,all s,show H,hardware touch strict",
        0,
        "s H",
    ),
    wrapper("setarch linux32 linux64 i386 x86_64", "* v B F I L R S T X Z 3 4 h V", 0, ""),
    wrapper("eatmydata catchsegv proxychains proxychains4 torsocks tsocks", "q f=", 0, ""),
    wrapper("retry", "t,times= d,delay= m,max= s= u= v", 0, ""),
    wrapper("cgexec", "g= b sticky", 0, ""),
    wrapper("with-contenv s6-envdir", "", 0, ""),
    wrapper("catatonit tini dumb-init", "s v p= e= w g c r= single-child rewrite= verbose", 0, ""),
    wrapper(
        "arch",
        "-x86_64 -x86_64h -arm64 -arm64e -i386 -arch,arch= -c -d= -e= -h 32 64 help version",
        0,
        "",
    ),
    wrapper("ifne", "n", 0, ""),
    wrapper("lckdo", "w q e W= s x t", 1, ""),
    wrapper("faketime", "m p f h v exclude-monotonic date-prog= help version", 1, ""),
    wrapper("reptyr", "s l L v V T", 0, "s l L v V T"),
];

pub(super) fn inner(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    if let Some(wrapper) = WRAPPERS.iter().find(|wrapper| wrapper.names.split(' ').any(|own| own == name)) {
        return wrapped(wrapper, words);
    }
    match name {
        "env" | "genv" => env(words),
        "chrt" => chrt(words),
        "systemd-run" => systemd_run(words),
        "flock" => flock(words),
        "at" | "batch" => at(words),
        "pee" | "mispipe" => {
            Some(words.iter().map(|text| Inner::text(text.clone(), &[], &Changes::default())).collect())
        }
        "start-stop-daemon" => start_stop_daemon(words),
        "hyperfine" => hyperfine(words),
        _ => None,
    }
}

fn wrapped(wrapper: &Wrapper, words: &[Value]) -> Option<Vec<Inner>> {
    let parsed = leading(words, wrapper.options);
    if !wrapper.idle.is_empty() && parsed.has(wrapper.idle) {
        return None;
    }
    let mut changes = Changes::default();
    if wrapper.names == "daemonize" {
        changes.directory = parsed.value("c").cloned();
        for set in parsed.values("E") {
            changes.assign(set);
        }
    }
    behind(parsed.tails(), wrapper.operands, &changes)
}

fn env(words: &[Value]) -> Option<Vec<Inner>> {
    // What `-S` splits stands in place of it, options and all.
    let grammar = "i,ignore-environment 0,null u,unset= C,chdir= S,split-string! P= L= U= a,argv0= \
        block-signal== default-signal== ignore-signal== list-signal-handling v,debug help version";
    let parsed = leading(words, grammar);
    let mut changes =
        Changes { directory: parsed.value("C").cloned(), clears: parsed.has("i"), ..Changes::default() };
    for found in &parsed.found {
        if let ("u", Some(name)) = (found.name, found.value.as_ref().and_then(Value::text)) {
            changes.environment.push((name.to_owned(), None));
        }
    }
    if let Some(text) = parsed.value("S") {
        let mut command = vec![Value::from("env")];
        command.extend(split(&text.bytes));
        command.extend(parsed.tails().next().unwrap_or_default().iter().cloned());
        return Some(vec![Inner::words(&command, &changes)]);
    }
    let mut inners = Vec::new();
    for tail in parsed.tails() {
        let mut changes = changes.clone();
        let tail = match tail.split_first() {
            Some((first, rest)) if first.bytes == b"-" => {
                changes.clears = true;
                rest
            }
            _ => tail,
        };
        let command = skip_assignments(tail, &mut changes);
        if !command.is_empty() {
            inners.push(Inner::words(command, &changes));
        }
    }
    Some(inners)
}

/// Splits as `env -S` does: quotes, backslashes, `${NAME}`, and `#` in front of
/// a word for a comment.
fn split(text: &[u8]) -> Vec<Value> {
    let mut words = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut quote = None;
    let mut bytes = text.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c if quote.is_none() => words.extend(word.take()),
            b'#' if quote.is_none() && word.is_none() => break,
            b'\'' | b'"' if quote.is_none() => {
                quote = Some(byte);
                word.get_or_insert_default();
            }
            _ if quote == Some(byte) => quote = None,
            b'\\' => match bytes.next() {
                Some(b'c') if quote.is_none() => break,
                Some(b'_') if quote.is_none() => words.extend(word.take()),
                Some(b'_') => word.get_or_insert_default().push(b' '),
                Some(escaped) => {
                    let word = word.get_or_insert_default();
                    if quote == Some(b'\'') && escaped != b'\'' && escaped != b'\\' {
                        word.push(b'\\');
                    }
                    word.push(match escaped {
                        b'n' => b'\n',
                        b't' => b'\t',
                        other => other,
                    });
                }
                None => {}
            },
            b'$' if quote != Some(b'\'') && bytes.peek() == Some(&b'{') => {
                while bytes.next().is_some_and(|byte| byte != b'}') {}
                word.get_or_insert_default().push(HOLE);
            }
            _ => word.get_or_insert_default().push(byte),
        }
    }
    words.extend(word);
    words.into_iter().map(Value::known).collect()
}

/// The priority is an operand, which some policies do without.
fn chrt(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "a,all-tasks b,batch d,deadline e,ext f,fifo i,idle o,other r,rr R,reset-on-fork \
        T,sched-runtime= P,sched-period= D,sched-deadline= m,max p,pid v,verbose h,help V,version";
    let parsed = leading(words, grammar);
    if parsed.has("p m") {
        return None;
    }
    let commands = parsed.tails().map(|tail| {
        let number = tail.first().is_some_and(|first| {
            first.bytes.iter().all(|byte| byte.is_ascii_digit() || *byte >= crate::shell::value::HOLES)
        });
        tail.get(usize::from(number)..).unwrap_or_default()
    });
    each(commands.filter(|command| !command.is_empty()), &Changes::default())
}

fn systemd_run(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "no-ask-password scope u,unit= p,property= description= slice= slice-inherit expand-environment= \
        r,remain-after-exit send-sighup service-type= uid= gid= nice= working-directory= d,same-dir E,setenv= \
        t,pty P,pipe q,quiet ignore-failure background= on-active= on-boot= on-startup= on-unit-active= on-unit-inactive= \
        on-calendar= on-clock-change on-timezone-change path-property= socket-property= timer-property= no-block \
        wait G,collect S,shell user system H,host= M,machine= C,capsule= job-mode= json= root-directory= \
        pty-late T v,verbose no-pager h,help version";
    let parsed = leading(words, grammar);
    let mut changes = Changes { directory: parsed.value("working-directory").cloned(), ..Changes::default() };
    for set in parsed.values("E") {
        changes.assign(set);
    }
    if parsed.value("H").is_some() {
        changes.place = super::Place::Remote;
    }
    if parsed.has("S") {
        super::command_or_shell(parsed.tails(), &changes)
    } else {
        each(parsed.tails(), &changes)
    }
}

fn flock(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "s,shared x,exclusive e u,unlock n,nonblock,nb w,timeout,wait= o,close c,command= E,conflict-exit-code= \
        F,no-fork fcntl start= length= verbose h,help V,version";
    let parsed = leading(words, grammar);
    let changes = Changes::default();
    let mut inners: Vec<Inner> =
        parsed.values("c").map(|text| Inner::text(text.clone(), &[], &changes)).collect();
    for tail in parsed.tails().filter_map(|tail| tail.get(1..)) {
        match tail.split_first() {
            Some((option, rest)) if matches!(option.bytes.as_slice(), b"-c" | b"--command") => {
                inners.extend(rest.first().map(|text| Inner::text(text.clone(), &[], &changes)));
            }
            Some((option, rest)) if option.bytes == b"--" && !rest.is_empty() => {
                inners.push(Inner::words(rest, &changes));
            }
            Some((option, _)) => {
                let text = super::after(option, "--command=").or_else(|| super::after(option, "-c"));
                inners.push(match text {
                    Some(text) => Inner::text(text, &[], &changes),
                    None => Inner::words(tail, &changes),
                });
            }
            None => {}
        }
    }
    Some(inners)
}

fn at(words: &[Value]) -> Option<Vec<Inner>> {
    let parsed = leading(words, "q= f= t= u= m M l r d b v c V");
    if parsed.has("l r d c V") {
        return None;
    }
    Some(vec![match parsed.value("f") {
        Some(path) => Inner::file(path.clone(), Some(Language::Shell), &[]),
        None => Inner::input(Language::Shell, &[], &Changes::default()),
    }])
}

fn start_stop_daemon(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "S,start K,stop T,status H,help V,version p,pidfile= x,exec= n,name= u,user= g,group= c,chuid= s,signal= \
        R,retry= a,startas= t,test o,oknodo q,quiet r,chroot= d,chdir= N,nicelevel= P,procsched= I,iosched= k,umask= \
        b,background C,no-close O,output= m,make-pidfile remove-pidfile v,verbose ppid= pid= notify-await \
        notify-timeout= e,env= i,interpreted w,wait= 1,stdout= 2,stderr=";
    let parsed = leading(words, grammar);
    if parsed.has("K T H V") {
        return None;
    }
    let program = parsed.value("a").or_else(|| parsed.value("x"));
    let mut changes = Changes { directory: parsed.value("d").cloned(), ..Changes::default() };
    for set in parsed.values("e") {
        changes.assign(set);
    }
    let mut command: Vec<Value> = program.cloned().into_iter().collect();
    command.extend(parsed.tails().next().unwrap_or_default().iter().cloned());
    (!command.is_empty()).then(|| vec![Inner::words(&command, &changes)])
}

/// Each operand is shell text, and so are what stands before and behind it.
fn hyperfine(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "w,warmup= m,min-runs= M,max-runs= r,runs= s,setup= reference= reference-name= p,prepare= C,conclude= c,cleanup= \
        P,parameter-scan= D,parameter-step-size= L,parameter-list= S,shell= N i,ignore-failure== style= sort= u,time-unit= \
        export-asciidoc= export-csv= export-json= export-markdown= export-orgmode= show-output output= input= n,command-name= \
        h,help V,version";
    let parsed = super::options::anywhere(words, grammar);
    let texts = ["s", "reference", "p", "C", "c"].iter().flat_map(|name| parsed.values(name));
    let changes = Changes::default();
    Some(
        texts
            .chain(&parsed.operands)
            .map(|text| Inner::text(joined(std::slice::from_ref(text)), &[], &changes))
            .collect(),
    )
}

//! Programs that run another to look into it.

use super::options::leading;
use super::{Changes, Inner, behind, each};
use crate::shell::value::Value;

pub(super) fn inner(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    match name {
        "strace" => strace(words),
        "ltrace" => ltrace(words),
        "perf" => perf(words),
        "gdb" | "lldb" => debugger(name, words),
        _ => None,
    }
}

fn strace(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "a,columns= b,detach-on= e= E,env= I,interruptible= o,output= O,summary-syscall-overhead= \
        p,attach= P,trace-path= s,string-limit= S,summary-sort-by= u,user= U,summary-columns= X,const-print-style= \
        trace= signal= status= abbrev= verbose= raw= read= write= fault= inject= kvm= quiet== \
        decode-fds== decode-pids= tips== stack-trace== stack-trace-frame-limit= strings-in-hex== \
        absolute-timestamps== relative-timestamps== syscall-times== daemonize== timestamps== \
        argv0= always-show-pid seccomp-bpf secontext== \
        A,output-append-mode C,summary c,summary-only D d,debug F f,follow-forks output-separately \
        h,help i,instruction-pointer k n,syscall-number N,arg-names q r T t v w,summary-wall-clock x y Y z,successful-only \
        Z,failed-only V,version no-abbrev";
    let parsed = leading(words, grammar);
    let mut changes = Changes::default();
    for set in parsed.values("E") {
        if let Some(name) = (!changes.assign(set)).then(|| set.text()).flatten() {
            changes.environment.push((name.to_owned(), None));
        }
    }
    each(parsed.tails(), &changes)
}

fn ltrace(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "a,align= A= b,no-signals c C,demangle D,debug= e= f F,config= h,help i l,library= L n,indent= \
        o,output= p= r s= S t T u= V,version w,where= x= where=";
    each(leading(words, grammar).tails(), &Changes::default())
}

fn perf(words: &[Value]) -> Option<Vec<Inner>> {
    let globals = leading(
        words,
        "* debug= buildid-dir= exec-path== html-path paginate no-pager list-cmds list-opts v h",
    );
    let (subcommand, rest) = globals.tails().next()?.split_first()?;
    let grammar = match subcommand.bytes.as_slice() {
        b"stat" => {
            "* a B c D,delay= d e,event= f,filter= G,cgroup= g I,interval-print= i j M,metrics= m,metrics= n o,output= p,pid= \
             t,tid= r,repeat= S T,transaction v x,field-separator= C,cpu= pre= post= log-fd= interval-count= timeout= \
             interval-clear for-each-cgroup= control= per-socket per-core append"
        }
        b"record" | b"trace" | b"top" => {
            "* a A B b c,count= C,cpu= D,delay= d e,event= F,freq= G,cgroup= g H I i j,branch-filter= k,clockid= M m,mmap-pages= \
             N n O o,output= P p,pid= q R r,realtime= S s T t,tid= u,uid= v W z call-graph= max-size= switch-output== \
             proc-map-timeout= vmlinux= clang-path= clang-opt= affinity= mmap-flush= control= num-thread-synthesize= \
             filter= user-regs== intr-regs== duration= max-events= max-stack= expr="
        }
        b"lock" | b"mem" | b"sched" | b"kmem" | b"c2c" => "* o,output= e,event=",
        _ => return None,
    };
    let inners = each(leading(rest, grammar).tails(), &Changes::default())?;
    // `perf lock record CMD` and the like name one more subcommand.
    let nested = matches!(subcommand.bytes.as_slice(), b"lock" | b"mem" | b"sched" | b"kmem" | b"c2c");
    if nested { behind(leading(rest, grammar).tails(), 1, &Changes::default()) } else { Some(inners) }
}

/// A program to be debugged, and shell commands among the debugger's own.
fn debugger(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    let mut inners = Vec::new();
    let at = words.iter().position(|word| matches!(word.bytes.as_slice(), b"--args" | b"-args" | b"--"));
    if let Some(tail) = at.and_then(|at| words.get(at + 1..)).filter(|tail| !tail.is_empty()) {
        let behind = leading(tail, "* ex= -ex= x= -x= eval-command= command= cd= d= q n").tails().next();
        inners.extend(behind.map(|command| Inner::words(command, &Changes::default())));
    }
    let asked = ["-ex", "--ex", "-iex", "--eval-command", "-eval-command", "-o", "--one-line", "-O"];
    for (index, word) in words.iter().enumerate() {
        let attached =
            ["-ex=", "--eval-command=", "-iex="].iter().find_map(|option| super::after(word, option));
        let separate = word.text().filter(|text| asked.contains(text)).and_then(|_| words.get(index + 1));
        let Some(command) = attached.or_else(|| separate.cloned()) else { continue };
        let beginnings: &[&str] =
            if name == "gdb" { &["!", "shell ", "pipe "] } else { &["platform shell ", "shell "] };
        let text = beginnings.iter().find_map(|beginning| super::after(&command, beginning));
        inners.extend(text.map(|text| Inner::text(text, &[], &Changes::default())));
    }
    Some(inners)
}

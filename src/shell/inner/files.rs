//! Programs that run a command for each of many: files that are watched, words
//! or lines from standard input.

use super::options::{anywhere, leading};
use super::shells::file_or_input;
use super::{Changes, Inner, Language, Runs, each, joined};
use crate::shell::value::{HOLE, HOLES, Value};

pub(super) fn inner(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    match name {
        "xargs" | "gxargs" => xargs(words),
        "parallel" | "sem" => parallel(words),
        "entr" => entr(words),
        "watch" | "viddy" | "hwatch" => watch(words),
        "watchexec" => watchexec(words),
        "nodemon" => nodemon(words),
        "chokidar" => {
            let parsed =
                anywhere(words, "* c,command= d,debounce= t,throttle= i,ignore= p,polling initial silent");
            parsed.value("c").map(|text| vec![Inner::text(text.clone(), &[], &Changes::default())])
        }
        _ => None,
    }
}

/// A word with something else in place of a mark.
pub(super) fn replaced(word: &Value, mark: &[u8], with: &[u8]) -> Value {
    let mut bytes = Vec::with_capacity(word.bytes.len());
    let mut rest = word.bytes.as_slice();
    while let Some(byte) = rest.first() {
        if let Some(behind) = rest.strip_prefix(mark).filter(|_| !mark.is_empty()) {
            bytes.extend_from_slice(with);
            rest = behind;
        } else {
            bytes.push(*byte);
            rest = rest.get(1..).unwrap_or_default();
        }
    }
    Value::known(bytes)
}

fn xargs(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "0,null a,arg-file= d,delimiter= E= e,eof== I= i,replace== J= L,max-lines= l== n,max-args= o,open-tty \
        P,max-procs= p,interactive process-slot-var= r,no-run-if-empty R= S= s,max-chars= show-limits t,verbose x,exit \
        help version";
    let parsed = leading(words, grammar);
    if parsed.has("help version") {
        return None;
    }
    let mark = parsed.found.iter().rev().find_map(|found| match found.name {
        "I" | "J" => found.value.clone(),
        "i" => Some(found.value.clone().unwrap_or_else(|| "{}".into())),
        _ => None,
    });
    let mut changes = Changes { other_input: parsed.value("a").is_none(), ..Changes::default() };
    if let Some(name) = parsed.value("process-slot-var").and_then(Value::text) {
        changes.set(name, Value::unknown());
    }
    let replaces = mark.map(|mark| mark.bytes);
    let inner = |tail: &[Value]| Inner {
        runs: Runs::WordsFromInput { words: tail.to_vec(), replaces: replaces.clone() },
        changes: changes.clone(),
    };
    Some(parsed.tails().map(inner).collect())
}

const PARALLEL: &str = "* a,arg-file= arg-file-sep= arg-sep= basefile,bf= block,block-size= cat C,colsep= d,delimiter= \
    delay= E= env= halt= halt-on-error= header= I= i,replace== J,profile= joblog,jl= memfree= memsuspend= minversion= filter= group-by= block-timeout,bt= bin= shard= \
    compress-program= decompress-program= basenamereplace,bnr= basenameextensionreplace,bner= dirnamereplace,dnr= \
    extensionreplace,er= ctagstring= parens= process-slot-var= template= tmux tmuxpane total-jobs= j,jobs,P,max-procs= limit= L= l== \
    load= max-chars,s= max-args,n= N,max-replace-args= nice= output-as-files res,results= recstart= recend= retries= return= \
    S,sshlogin= sshloginfile,slf= g,shellquote tagstring= tempdir,tmpdir= term-seq= timeout= trc= trim= transferfile,tf= \
    U= wd,workdir= seqreplace= rpl= semaphore-name,id= semaphoretimeout,st= sqlworker= sqlmaster= plus progress bar k,keep-order \
    0,null q,quote r,no-run-if-empty t,verbose u,ungroup v X,xargs x,exit m dry-run dryrun line-buffer,lb tag eta \
    will-cite pipe pipepart fg,bg wait semaphore results-from== ctrlc cleanup will-cite colour h,help version citation";

/// The words in front of `:::` are shell text, those behind it are put into it.
fn parallel(words: &[Value]) -> Option<Vec<Inner>> {
    let parsed = leading(words, PARALLEL);
    if parsed.has("h version citation dry-run dryrun") {
        return None;
    }
    let remote = parsed.has("S sshloginfile");
    let place = if remote { super::Place::Remote } else { super::Place::Here };
    let mut changes = Changes { other_input: true, place, ..Changes::default() };
    if let Some(directory) = parsed.value("wd") {
        changes.directory = Some(directory.clone());
    }
    let mark = parsed.value("I").cloned().unwrap_or_else(|| "{}".into());
    let tail = parsed.tails().next().unwrap_or_default();
    let separator = |word: &Value| word.bytes.starts_with(b":::");
    let at = tail.iter().position(separator).unwrap_or(tail.len());
    let (command, sources) = tail.split_at_checked(at)?;
    let single = sources.first().is_some_and(|first| first.bytes == b":::")
        && sources.iter().filter(|word| separator(word)).count() == 1
        && sources.len() <= 65;
    let given = sources.get(1..).unwrap_or_default();
    if command.is_empty() {
        if single {
            return Some(given.iter().map(|text| Inner::text(text.clone(), &[], &changes)).collect());
        }
        let files = sources.iter().filter(|word| !separator(word)).chain(parsed.values("a"));
        return Some(lines_of(files, &Changes { other_input: false, ..changes.clone() }));
    }
    let text = joined(command);
    if single && (replaced(&text, &mark.bytes, b"") != text || !text.bytes.contains(&b'{')) {
        let one = |word: &Value| {
            let quoted = quoted(word);
            let filled = replaced(&text, &mark.bytes, &quoted);
            if filled == text { joined(&[text.clone(), Value::known(quoted)]) } else { filled }
        };
        return Some(given.iter().map(|word| Inner::text(one(word), &[], &changes)).collect());
    }
    Some(vec![Inner::text(unknown_arguments(&text, &mark), &[], &changes)])
}

/// Each line is a command: of files, or of standard input.
fn lines_of<'a>(files: impl Iterator<Item = &'a Value>, changes: &Changes) -> Vec<Inner> {
    let inners: Vec<Inner> = files.map(|path| file_or_input(path, Language::Shell, &[])).collect();
    let inners = if inners.is_empty() { vec![Inner::input(Language::Shell, &[], changes)] } else { inners };
    inners.into_iter().map(|inner| Inner { changes: changes.clone(), ..inner }).collect()
}

/// Text with holes where `{}`, `{.}`, `{1}` and the like stand, or one at its end.
fn unknown_arguments(text: &Value, mark: &Value) -> Value {
    let mut filled = replaced(text, &mark.bytes, &[HOLE]);
    for mark in ["{.}", "{/}", "{//}", "{/.}", "{#}", "{%}", "{1}", "{2}", "{3}", "{4}"] {
        filled = replaced(&filled, mark.as_bytes(), &[HOLE]);
    }
    if filled == *text { joined(&[filled, Value::known([HOLES])]) } else { filled }
}

/// A word as a shell reads it back.
fn quoted(word: &Value) -> Vec<u8> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_./:=@,+%".contains(byte) || *byte >= HOLES;
    if !word.bytes.is_empty() && word.bytes.iter().all(plain) {
        return word.bytes.clone();
    }
    let mut text = vec![b'\''];
    text.extend(replaced(word, b"'", b"'\\''").bytes);
    text.push(b'\'');
    text
}

fn entr(words: &[Value]) -> Option<Vec<Inner>> {
    let parsed = leading(words, "a c d n p r s x z");
    let tails: Vec<Vec<Value>> =
        parsed.tails().map(|tail| tail.iter().map(|word| replaced(word, b"/_", &[HOLE])).collect()).collect();
    let changes = Changes { other_input: true, ..Changes::default() };
    if parsed.has("s") {
        let texts = tails.iter().filter_map(|tail| tail.split_first());
        return Some(texts.map(|(text, rest)| Inner::text(text.clone(), rest, &changes)).collect());
    }
    each(tails.iter().map(Vec::as_slice), &changes)
}

fn watch(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "b,beep c,color C,no-color d,differences== e,errexit f,follow g,chgexit q,equexit= n,interval= p,precise \
        r,no-rerun s,shotsdir= t,no-title w,no-wrap x,exec h,help v,version";
    let parsed = leading(words, grammar);
    if parsed.has("h v") {
        return None;
    }
    let changes = Changes::default();
    if parsed.has("x") {
        return each(parsed.tails(), &changes);
    }
    Some(parsed.tails().map(|tail| Inner::text(joined(tail), &[], &changes)).collect())
}

fn watchexec(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "w,watch= W,watch-non-recursive= F,watch-file= c,clear== o,on-busy-update= r,restart s,signal= stop-signal= \
        stop-timeout= map-signal= d,debounce= stdin-quit no-vcs-ignore no-project-ignore no-global-ignore no-default-ignore \
        no-discover-ignore ignore-nothing p,postpone delay-run= poll== shell= n no-environment emit-events-to= only-emit-events \
        E,env= no-process-group wrap-process= N,notify== color= timings q,quiet bell project-origin= workdir= e,exts= f,filter= \
        filter-file= j,filter-prog= i,ignore= ignore-file= fs-events= no-meta print-events v verbose log-file== manual h,help V,version \
        completions= socket= socket-env= interactive exit-on-error once";
    let parsed = leading(words, grammar);
    let mut changes = Changes { directory: parsed.value("workdir").cloned(), ..Changes::default() };
    for set in parsed.values("E") {
        changes.assign(set);
    }
    let plain = parsed.has("n") || parsed.value("shell").is_some_and(|shell| shell.bytes == b"none");
    if plain {
        return each(parsed.tails(), &changes);
    }
    Some(parsed.tails().map(|tail| Inner::text(joined(tail), &[], &changes)).collect())
}

fn nodemon(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "* x,exec= e,ext= w,watch= i,ignore= d,delay= C,on-change-only= s,signal= config= c= cwd= t= q,quiet V,verbose \
        h,help v,version L,legacy-watch I,no-stdin";
    let parsed = leading(words, grammar);
    let changes = Changes { directory: parsed.value("cwd").cloned(), ..Changes::default() };
    let tail = parsed.tails().next().unwrap_or_default();
    if let Some(text) = parsed.value("x") {
        let mut command = vec![text.clone()];
        command.extend(tail.iter().cloned());
        return Some(vec![Inner::text(joined(&command), &[], &changes)]);
    }
    let (path, arguments) = tail.split_first()?;
    let script = [b".js".as_slice(), b".mjs", b".cjs", b".ts", b".py", b".sh", b".rb", b".pl"];
    let language = path
        .bytes
        .rsplit(|byte| *byte == b'/')
        .next()
        .filter(|last| script.iter().any(|end| last.ends_with(end)));
    let language = match language.and_then(|last| last.rsplit(|byte| *byte == b'.').next()) {
        Some(b"py") => Language::Python,
        Some(b"sh") => Language::Shell,
        Some(b"rb") => Language::Ruby,
        Some(b"pl") => Language::Perl,
        _ => Language::JavaScript,
    };
    Some(vec![Inner::file(path.clone(), Some(language), arguments)])
}

//! Shells, and the builtins that run what they are given.

use super::options::{leading, starts_unknown};
use super::{Changes, Inner, Language, Runs, after, each, joined};
use crate::shell::value::Value;

pub(super) fn inner(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    match name {
        "sh" | "bash" | "dash" | "ash" | "ksh" | "ksh93" | "mksh" | "oksh" | "pdksh" | "zsh" | "rbash"
        | "rzsh" | "rksh" | "posh" | "yash" | "-sh" | "-bash" | "-zsh" => posix(name, words),
        "fish" => fish(words),
        "pwsh" | "powershell" | "pwsh-preview" => powershell(name, words),
        "nu" | "elvish" | "xonsh" | "tcsh" | "csh" | "rc" | "es" | "ion" | "murex" => other(words),
        "cmd" => cmd(words),
        "busybox" | "toybox" => {
            let applet = words.first().filter(|word| !word.bytes.starts_with(b"-"))?;
            (applet.bytes != b"busybox" || words.len() > 1)
                .then(|| vec![Inner::words(words, &Changes::default())])
        }
        _ => builtin(name, words),
    }
}

fn builtin(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    let here = Changes::default();
    match name {
        "exec" => {
            let parsed = leading(words, "a= c l");
            each(parsed.tails(), &Changes { clears: parsed.has("c"), ..here })
        }
        "command" => {
            let parsed = leading(words, "p v V");
            if parsed.has("v V") { None } else { each(parsed.tails(), &here) }
        }
        "builtin" | "noglob" | "nocorrect" | "-" => each(leading(words, "*").tails(), &here),
        "eval" => {
            let words = words.strip_prefix(&["--".into()]).unwrap_or(words);
            (!words.is_empty()).then(|| vec![Inner::text(joined(words), &[], &here)])
        }
        "source" | "." => {
            let words = words.strip_prefix(&["--".into()]).unwrap_or(words);
            let (path, arguments) = words.split_first()?;
            let arguments = arguments.to_vec();
            let runs =
                Runs::File { path: path.clone(), language: Some(Language::Shell), arguments, sourced: true };
            Some(vec![Inner { runs, changes: here }])
        }
        "trap" => {
            let parsed = leading(words, "* l p P");
            let (text, signals) = parsed.tails().next()?.split_first()?;
            let idle =
                parsed.has("l p P") || signals.is_empty() || matches!(text.bytes.as_slice(), b"-" | b"");
            (!idle).then(|| vec![Inner::text(text.clone(), &[], &here)])
        }
        // Callbacks: each runs once for so many lines, or words.
        "mapfile" | "readarray" => callbacks(words, "C= c= d= n= O= s= t u="),
        "compgen" => {
            let grammar = "C= A= F= G= o= P= S= V= W= X= a b c d e f g j k s u v";
            let mut inners = callbacks(words, grammar)?;
            // The words are expanded, but nothing in them ends a command.
            let lists = leading(words, grammar);
            let lists = lists.values("W").filter(|list| list.bytes.iter().any(|byte| b"$`".contains(byte)));
            inners.extend(lists.map(|list| Inner::text(joined(&[":".into(), list.clone()]), &[], &here)));
            Some(inners)
        }
        "emulate" => emulate(words),
        "zargs" => zargs(words),
        _ => None,
    }
}

/// zsh runs a text as another shell would.
fn emulate(words: &[Value]) -> Option<Vec<Inner>> {
    let rest = leading(words, "*").tails().next()?.get(1..)?;
    let is_text = |word: &Value| {
        word.bytes.starts_with(b"-") && !word.bytes.starts_with(b"--") && word.bytes.ends_with(b"c")
    };
    let at = rest.iter().position(is_text)?;
    let (text, arguments) = rest.get(at + 1..)?.split_first()?;
    Some(vec![Inner::text(text.clone(), arguments, &Changes::default())])
}

/// `zargs -- WORD… -- COMMAND`: the command gets the words.
fn zargs(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "e,eof== i,replace== I= L= l== n,max-args= P,max-procs= s,max-chars= p,interactive \
        r,no-run-if-empty t,verbose x,exit help version";
    let parsed = leading(words, grammar);
    let tail = parsed.tails().next()?;
    let at = tail.iter().position(|word| word.bytes == b"--")?;
    let (given, command) = tail.split_at_checked(at)?;
    let command = command.get(1..).filter(|command| !command.is_empty())?;
    if parsed.has("i I") {
        return Some(vec![Inner::opaque("zargs puts words into a command")]);
    }
    Some(vec![Inner::words(&[command, given].concat(), &Changes::default())])
}

fn callbacks(words: &[Value], grammar: &'static str) -> Option<Vec<Inner>> {
    let parsed = leading(words, grammar);
    let texts = parsed.values("C").chain(parsed.values("F"));
    Some(texts.map(|text| Inner::text(text.clone(), &[], &Changes::default())).collect())
}

/// What the options of a shell say.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
struct Started {
    text: bool,
    input: bool,
    interactive: bool,
    checks_only: bool,
    startup: Option<Value>,
}

fn posix(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    let mut started = Started::default();
    let operands = words.get(shell_options(name, words, &mut started)?..).unwrap_or_default();
    if started.checks_only && !started.interactive {
        return None;
    }
    let startup = started.startup.map(|path| Inner::file(path, Some(Language::Shell), &[]));
    let mut inners: Vec<Inner> = startup.into_iter().collect();
    let first = operands.split_first();
    if started.text {
        let (text, arguments) = first?;
        inners.push(Inner::text(text.clone(), arguments, &Changes::default()));
    } else if let Some((path, arguments)) = first.filter(|_| !started.input) {
        inners.push(file_or_input(path, Language::Shell, arguments));
    } else {
        inners.push(Inner::input(Language::Shell, operands, &Changes::default()));
    }
    Some(inners)
}

/// Where the operands of a shell begin; `None` where it runs nothing.
fn shell_options(name: &str, words: &[Value], started: &mut Started) -> Option<usize> {
    let attaches = name.contains("zsh") || name.contains("ksh");
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        match word.bytes.as_slice() {
            b"-" | b"--" => return Some(at),
            b"--version" | b"--help" => return None,
            b"--rcfile" | b"--init-file" | b"-rcfile" | b"-init-file" => {
                started.startup = words.get(at).cloned();
                at += 1;
            }
            b"--emulate" => at += 1,
            [b'-', b'-', ..]
            | b"-norc"
            | b"-noprofile"
            | b"-login"
            | b"-posix"
            | b"-verbose"
            | b"-restricted"
            | b"-noediting"
            | b"-debugger" => {}
            [sign @ (b'-' | b'+'), letters @ ..] => {
                at += letters_of(*sign == b'-', letters, attaches, started);
            }
            // What is not known is an option where more options follow it.
            _ if starts_unknown(word)
                && words.get(at).is_some_and(|next| matches!(next.bytes.first(), Some(b'-' | b'+'))) => {}
            _ => return Some(at - 1),
        }
    }
    Some(at)
}

/// Takes a cluster of letters; how many words behind it are values.
fn letters_of(on: bool, letters: &[u8], attaches: bool, started: &mut Started) -> usize {
    let mut values = 0;
    for (index, letter) in letters.iter().enumerate() {
        match letter {
            b'c' => started.text |= on,
            b's' => started.input |= on,
            b'i' => started.interactive |= on,
            b'n' => started.checks_only = on,
            b'o' | b'O' if attaches && index + 1 < letters.len() => break,
            b'o' | b'O' => values += 1,
            _ => {}
        }
    }
    values
}

/// A file that is an interpreter's program, or standard input by one of its names.
pub(super) fn file_or_input(path: &Value, language: Language, arguments: &[Value]) -> Inner {
    match path.bytes.as_slice() {
        b"-" | b"/dev/stdin" | b"/dev/fd/0" | b"/proc/self/fd/0" => {
            Inner::input(language, arguments, &Changes::default())
        }
        _ => Inner::file(path.clone(), Some(language), arguments),
    }
}

fn fish(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "c,command= C,init-command= d,debug= o,debug-output= D,debug-stack-frames= f,features= profile= \
        profile-startup= i,interactive l,login n,no-execute N,no-config p= P,private print-rusage-self \
        print-debug-categories v,version h,help";
    let parsed = leading(words, grammar);
    if parsed.has("n v h") {
        return None;
    }
    let texts = parsed.values("C").chain(parsed.values("c"));
    let mut inners: Vec<Inner> = texts.map(|code| Inner::code(code.clone(), Language::OtherShell)).collect();
    if parsed.value("c").is_none() {
        inners.push(match parsed.tails().next().and_then(<[Value]>::split_first) {
            Some((path, arguments)) => file_or_input(path, Language::OtherShell, arguments),
            None => Inner::input(Language::OtherShell, &[], &Changes::default()),
        });
    }
    Some(inners)
}

fn other(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "c,commands,command= e,execute= I,include-path= m,table-mode= log-level= log-target= config= env-config= \
        plugins= plugin-config= l,login i,interactive n,no-config-file f version help h";
    let parsed = leading(words, grammar);
    if parsed.has("version help h") {
        return None;
    }
    let texts = parsed.values("c").chain(parsed.values("e"));
    let inners: Vec<Inner> = texts.map(|code| Inner::code(code.clone(), Language::OtherShell)).collect();
    if !inners.is_empty() {
        return Some(inners);
    }
    Some(vec![match parsed.tails().next().and_then(<[Value]>::split_first) {
        Some((path, arguments)) => file_or_input(path, Language::OtherShell, arguments),
        None => Inner::input(Language::OtherShell, &[], &Changes::default()),
    }])
}

/// `PowerShell`'s options are words of which a beginning will do, in any case.
fn powershell(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let lower = word.bytes.to_ascii_lowercase();
        let option = lower
            .strip_prefix(b"--")
            .or_else(|| lower.strip_prefix(b"-"))
            .or_else(|| lower.strip_prefix(b"/"));
        let rest = words.get(at + 1..).unwrap_or_default();
        let is = |full: &str, least: usize| {
            option.is_some_and(|option| option.len() >= least && full.as_bytes().starts_with(option))
        };
        if option.is_none() && !starts_unknown(word) {
            break;
        } else if lower == b"-" || is("command", 1) && rest.first().is_some_and(|next| next.bytes == b"-") {
            return Some(vec![Inner::input(Language::OtherShell, &[], &Changes::default())]);
        } else if is("command", 1) || is("commandwithargs", 8) || option == Some(b"cwa") {
            return (!rest.is_empty()).then(|| vec![Inner::code(joined(rest), Language::OtherShell)]);
        } else if is("file", 1) {
            let (path, arguments) = rest.split_first()?;
            return Some(vec![file_or_input(path, Language::OtherShell, arguments)]);
        } else if is("encodedcommand", 1) || option == Some(b"ec") {
            return Some(vec![Inner::opaque("PowerShell runs a command that is written in base64")]);
        } else if is("version", 1) && name != "powershell" || is("help", 1) || option == Some(b"?") {
            return None;
        }
        let valued = is("executionpolicy", 2)
            || option == Some(b"ep")
            || is("inputformat", 2)
            || is("outputformat", 1)
            || is("windowstyle", 1)
            || is("workingdirectory", 2)
            || option == Some(b"wd")
            || is("configurationname", 6)
            || is("settingsfile", 1)
            || is("custompipename", 2)
            || is("version", 1)
            || is("psconsolefile", 1);
        at += 1 + usize::from(valued);
    }
    let rest = words.get(at..).unwrap_or_default();
    Some(vec![match rest.split_first() {
        Some((path, arguments)) if name != "powershell" => {
            file_or_input(path, Language::OtherShell, arguments)
        }
        Some(_) => Inner::code(joined(rest), Language::OtherShell),
        None => Inner::input(Language::OtherShell, &[], &Changes::default()),
    }])
}

fn cmd(words: &[Value]) -> Option<Vec<Inner>> {
    let asks = |word: &&Value| matches!(word.bytes.as_slice(), b"/c" | b"/C" | b"/k" | b"/K" | b"/r" | b"/R");
    let at = words.iter().position(|word| asks(&word))?;
    let text = joined(words.get(at + 1..)?);
    let text = after(&text, "\"")
        .map_or(text.clone(), |inner| Value::known(inner.bytes.strip_suffix(b"\"").unwrap_or(&inner.bytes)));
    Some(vec![Inner::code(text, Language::OtherShell)])
}

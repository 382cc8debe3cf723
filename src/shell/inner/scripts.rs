//! Interpreters that are searched for calls of the system, not read.

use super::options::{anywhere, leading};
use super::shells::file_or_input;
use super::{Changes, Inner, Language, after};
use crate::shell::value::Value;

/// A language: the names of its interpreter, the options that take code, and
/// what code must hold to run a command.
struct Searched {
    names: &'static [&'static str],
    options: &'static str,
    calls: &'static [&'static str],
}

const SEARCHED: &[Searched] = &[
    Searched {
        names: &["lua", "luajit", "texlua", "lua5.1", "lua5.2", "lua5.3", "lua5.4"],
        options: "e= l= i v E W",
        calls: &[
            ".execute(",
            ".popen(",
            ".execute\"",
            ".popen\"",
            ".execute'",
            ".popen'",
            ".execute[",
            ".popen[",
            "loadstring(",
        ],
    },
    Searched {
        names: &["rscript", "r", "littler"],
        options: "* e=",
        calls: &["system", "shell", "processx", "parse"],
    },
    Searched {
        names: &["julia"],
        options: "* e,eval= E,print=",
        calls: &["run(", "`", "read(", "ccall", "eval"],
    },
    Searched {
        names: &["elixir", "iex"],
        options: "* e,eval= rpc-eval=",
        calls: &["System.", ":os.", "Port.", "Code."],
    },
    Searched {
        names: &["erl"],
        options: "* -eval,eval= -noshell -noinput -s=",
        calls: &["os:cmd", "open_port", "apply"],
    },
    Searched { names: &["groovy"], options: "* e=", calls: &["execute", "ProcessBuilder", "Runtime"] },
    Searched { names: &["scala"], options: "* e=", calls: &["process", "ProcessBuilder", "Runtime"] },
    Searched {
        names: &["guile"],
        options: "* c= e= l=",
        calls: &["system", "open-pipe", "open-input-pipe", "primitive-"],
    },
    Searched {
        names: &["emacs"],
        options: "* -eval,eval= -execute,execute= -batch",
        calls: &["shell-command", "call-process", "start-process", "process-file", "process-lines"],
    },
    Searched { names: &["raku", "perl6"], options: "* e=", calls: &["run", "shell", "Proc", "EVAL"] },
    Searched { names: &["swift"], options: "* e=", calls: &["Process", "system", "posix_spawn", "exec"] },
    Searched { names: &["gnuplot"], options: "* e= c=", calls: &["system", "`", "!"] },
    Searched {
        names: &["octave", "octave-cli"],
        options: "* eval=",
        calls: &["system", "shell_cmd", "popen", "unix", "dos"],
    },
];

pub(super) fn inner(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    match name {
        "osascript" => return osascript(words),
        "expect" => return expect(words),
        "tclsh" | "jimsh" | "wish" => return tcl(words),
        "m4" | "gm4" => return m4(words),
        _ => {}
    }
    let searched = SEARCHED.iter().find(|searched| searched.names.contains(&name))?;
    let parsed = anywhere(words, searched.options);
    let codes = parsed.found.iter().filter_map(|found| found.value.as_ref());
    let calls = |code: &Value| {
        !code.is_known()
            || searched
                .calls
                .iter()
                .any(|call| code.bytes.windows(call.len()).any(|part| part == call.as_bytes()))
    };
    if name.starts_with("lua") || name == "texlua" {
        let removals: Vec<Inner> = codes.clone().flat_map(removed).collect();
        if !removals.is_empty() && !codes.clone().any(calls) {
            return Some(removals);
        }
    }
    codes.into_iter().any(calls).then(|| vec![Inner::opaque(&format!("code for {name} may run commands"))])
}

/// What Lua removes.
fn removed(code: &Value) -> Vec<Inner> {
    const CALL: &[u8] = b"os.remove(";
    let ends = code.bytes.windows(CALL.len()).enumerate().filter(|(_, part)| *part == CALL);
    ends.map(|(at, _)| {
        let path = code.bytes.get(at + CALL.len()..).unwrap_or_default();
        let path = literal(path.get(..256).unwrap_or(path)).unwrap_or_else(Value::unknown);
        Inner::words(&["rm".into(), path], &Changes::default())
    })
    .collect()
}

/// What Tcl runs by `exec` looks as it does in a shell.
fn tcl(words: &[Value]) -> Option<Vec<Inner>> {
    let parsed = leading(words, "encoding,-encoding=");
    Some(vec![match parsed.tails().next().and_then(<[Value]>::split_first) {
        Some((path, arguments)) => file_or_input(path, Language::OtherShell, arguments),
        None => Inner::input(Language::OtherShell, &[], &Changes::default()),
    }])
}

/// Macros from standard input may be `syscmd` and `esyscmd`.
fn m4(words: &[Value]) -> Option<Vec<Inner>> {
    let parsed =
        anywhere(words, "* I,include= D,define= U,undefine= B= S= T= F,freeze-state= R,reload-state= L= H=");
    let reads = parsed.operands.iter().all(|word| word.bytes == b"-") && !parsed.has("F");
    reads.then(|| vec![Inner::input(Language::OtherShell, &[], &Changes::default())])
}

/// `do shell script "…"`, and text for Terminal's `do script "…"`.
fn osascript(words: &[Value]) -> Option<Vec<Inner>> {
    let parsed = leading(words, "e= l= s= i");
    let mut inners = Vec::new();
    for code in parsed.values("e") {
        let lower = code.bytes.to_ascii_lowercase();
        for call in ["do shell script", "do script", "write text"] {
            for at in 0..lower.len() {
                if !lower.get(at..).is_some_and(|rest| rest.starts_with(call.as_bytes())) {
                    continue;
                }
                let rest = code.bytes.get(at + call.len()..).unwrap_or_default();
                inners.push(match literal(rest) {
                    Some(text) => Inner::text(text, &[], &Changes::default()),
                    None => Inner::opaque("AppleScript runs a command that it puts together"),
                });
            }
        }
    }
    Some(inners)
}

/// A string literal that stands alone: nothing is joined to it.
fn literal(code: &[u8]) -> Option<Value> {
    let code = code.trim_ascii_start().strip_prefix(b"\"")?;
    let mut text = Vec::new();
    let mut bytes = code.iter().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => {
                let behind = code.get(at + 1..).unwrap_or_default().trim_ascii_start();
                return (!behind.starts_with(b"&")).then(|| Value::known(text));
            }
            b'\\' => {
                text.extend(bytes.next().map(|(_, escaped)| if *escaped == b'n' { b'\n' } else { *escaped }));
            }
            _ => text.push(*byte),
        }
    }
    None
}

/// What a Tcl script spawns, runs, or types into what it spawned.
fn expect(words: &[Value]) -> Option<Vec<Inner>> {
    let parsed = leading(words, "c= f= d D= i n N b v");
    let mut inners = Vec::new();
    for code in parsed.values("c") {
        for line in code.bytes.split(|byte| matches!(byte, b';' | b'\n' | b'{' | b'}' | b'[' | b']')) {
            let line = Value::known(line.trim_ascii());
            let beginnings = ["spawn -noecho ", "spawn ", "exec ", "system ", "overlay "];
            if let Some(text) = beginnings.iter().find_map(|beginning| after(&line, beginning)) {
                inners.push(Inner::text(text, &[], &Changes::default()));
            } else if let Some(sent) = after(&line, "send ") {
                inners.extend(typed(&sent).map(|text| Inner::text(text, &[], &Changes::default())));
            }
        }
    }
    Some(inners)
}

/// A Tcl string that is typed, without the key at its end.
fn typed(word: &Value) -> Option<Value> {
    let text = word.bytes.strip_prefix(b"-- ").unwrap_or(&word.bytes);
    let text = text.strip_suffix(b"\"").unwrap_or(text);
    let text = text.strip_suffix(b"\\n").unwrap_or(text);
    let text = text.strip_suffix(b"\\r").unwrap_or(text);
    literal(&[text, b"\""].concat())
}

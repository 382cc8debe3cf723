//! Programs that join a command to a connection.

use super::options::anywhere;
use super::{Changes, Inner};
use crate::shell::value::Value;

pub(super) fn inner(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    match name {
        "socat" | "socat1" | "socat2" => {
            let addresses = words.iter().filter(|word| !word.bytes.starts_with(b"-"));
            Some(addresses.flat_map(address).collect())
        }
        "nc" | "ncat" | "netcat" | "nc.traditional" | "nc.openbsd" => {
            let grammar = "* e,exec= c,sh-exec= lua-exec= w,wait= p,source-port= s,source= q= i,idle-timeout= X= x= m= \
                I= O= T= P= V= g= G= d,delay= proxy= proxy-type= proxy-auth= ssl-cert= ssl-key= allow= deny= o,output=";
            let parsed = anywhere(words, grammar);
            let mut inners: Vec<Inner> = ["e", "c"]
                .iter()
                .flat_map(|name| parsed.values(name))
                .map(|text| joined_to(&text.bytes))
                .collect();
            if parsed.has("lua-exec") {
                inners.push(Inner::opaque("ncat runs a Lua script for whoever connects"));
            }
            Some(inners)
        }
        _ => None,
    }
}

/// `EXEC:text,option`, `SYSTEM:text`, `SHELL:text`; two of them with `!!`.
fn address(word: &Value) -> Vec<Inner> {
    let lower = word.bytes.to_ascii_lowercase();
    let mut inners = Vec::new();
    let mut from = 0;
    for part in split(&lower, b"!!") {
        let written = word.bytes.get(from..from + part.len()).unwrap_or_default();
        from += part.len() + 2;
        let kind = [&b"exec:"[..], b"system:", b"shell:"].into_iter().find(|kind| part.starts_with(kind));
        if let Some(text) = kind.and_then(|kind| written.get(kind.len()..)) {
            let text = text.split(|byte| *byte == b',').next().unwrap_or_default();
            inners.push(joined_to(text));
        }
    }
    inners
}

fn split<'a>(text: &'a [u8], mark: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.windows(mark.len()).position(|part| part == mark) {
        parts.extend(rest.get(..at));
        rest = rest.get(at + mark.len()..).unwrap_or_default();
    }
    parts.push(rest);
    parts
}

/// A shell that reads from a connection does what the other end says.
fn joined_to(text: &[u8]) -> Inner {
    let text = text.trim_ascii();
    let mut words = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let program = words.next().unwrap_or_default();
    let program = program.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let shells: [&[u8]; 9] =
        [b"sh", b"bash", b"zsh", b"dash", b"ash", b"ksh", b"fish", b"cmd.exe", b"powershell.exe"];
    let is_shell =
        shells.contains(&program) && words.all(|word| matches!(word, b"-i" | b"-l" | b"-li" | b"-il"));
    if is_shell {
        Inner::opaque("it gives a shell to whoever is at the other end")
    } else {
        Inner::text(Value::known(text), &[], &Changes::default())
    }
}

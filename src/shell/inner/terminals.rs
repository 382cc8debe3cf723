//! Terminals that programs hold, and what is run or typed there.

use super::files::replaced;
use super::options::{anywhere, leading};
use super::{Changes, Inner, Language, after, each, joined};
use crate::shell::value::Value;

pub(super) fn inner(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    match name {
        "tmux" | "byobu" => tmux(words),
        "screen" => screen(words),
        "script" | "scriptlive" => script(words),
        "zellij" => zellij(words),
        "dtach" | "abduco" => dtach(words),
        "xterm"
        | "uxterm"
        | "urxvt"
        | "rxvt"
        | "konsole"
        | "alacritty"
        | "xfce4-terminal"
        | "terminator"
        | "st"
        | "foot"
        | "kitty"
        | "wezterm"
        | "gnome-terminal"
        | "x-terminal-emulator"
        | "ghostty" => emulator(words),
        _ => None,
    }
}

/// A tmux command: its name, its alias, the shortest beginning that will do,
/// and its options.
const TMUX: &[(&str, &str, usize, &str)] = &[
    ("new-session", "new", 5, "A d D E P X c= e= f= F= n= s= t= x= y="),
    ("new-window", "neww", 5, "a b d k P S c= e= F= n= t="),
    ("split-window", "splitw", 2, "b d f h I v P Z c= e= F= l= p= t="),
    ("respawn-pane", "respawnp", 9, "k c= e= t="),
    ("respawn-window", "respawnw", 9, "k c= e= t="),
    ("display-popup", "popup", 9, "B C E k N b= c= d= e= h= s= S= t= T= w= x= y="),
    ("run-shell", "run", 2, "b C E c= d= t="),
    ("if-shell", "if", 2, "b F t="),
    ("pipe-pane", "pipep", 1, "I O o t="),
    ("send-keys", "send", 6, "F H K l M R X N= t= c="),
    ("set-hook", "set-hook", 5, "a g p R u w B= t="),
    ("confirm-before", "confirm", 2, "b y c= p= t="),
    ("command-prompt", "command-prompt", 2, "1 b F k i I= p= t= T="),
];

fn tmux(words: &[Value]) -> Option<Vec<Inner>> {
    let globals = leading(words, "2 C D h l N u U v V c= f= L= S= T=");
    let changes = Changes::default();
    let mut inners: Vec<Inner> =
        globals.values("c").map(|text| Inner::text(text.clone(), &[], &changes)).collect();
    let tail = globals.tails().next().unwrap_or_default();
    // A word that is or ends in `;` ends a command.
    let mut command: Vec<Value> = Vec::new();
    for word in tail {
        if let Some(last) = word.bytes.strip_suffix(b";").filter(|last| !last.ends_with(b"\\")) {
            if !last.is_empty() {
                command.push(Value::known(last));
            }
            inners.extend(tmux_command(&std::mem::take(&mut command)));
        } else {
            command.push(word.clone());
        }
    }
    inners.extend(tmux_command(&command));
    Some(inners)
}

fn tmux_command(words: &[Value]) -> Vec<Inner> {
    let Some((name, rest)) = words.split_first() else { return Vec::new() };
    let Some(written) = name.text() else { return Vec::new() };
    let entry = TMUX.iter().find(|(full, alias, least, _)| {
        written == *alias || written.len() >= *least && full.starts_with(written)
    });
    let Some((full, _, _, grammar)) = entry else { return Vec::new() };
    let parsed = leading(rest, grammar);
    let tail = parsed.tails().next().unwrap_or_default();
    let mut changes = Changes { directory: parsed.value("c").cloned(), ..Changes::default() };
    let nested =
        |words: &[Value]| Inner::text(joined(&[&["tmux".into()], words].concat()), &[], &Changes::default());
    match *full {
        "send-keys" => typed(&keys(tail, parsed.has("H"), parsed.has("l"))).into_iter().collect(),
        "set-hook" => tail.get(1..).filter(|tail| !tail.is_empty()).map(nested).into_iter().collect(),
        "confirm-before" | "command-prompt" if !tail.is_empty() => vec![nested(tail)],
        "if-shell" => {
            let mut inners = Vec::new();
            let texts = tail.first().filter(|_| !parsed.has("F"));
            inners.extend(texts.map(|text| Inner::text(text.clone(), &[], &changes)));
            inners.extend(tail.iter().skip(1).map(|command| nested(std::slice::from_ref(command))));
            inners
        }
        "run-shell" if parsed.has("C") && !tail.is_empty() => vec![nested(tail)],
        _ => {
            for set in parsed.values("e") {
                changes.assign(set);
            }
            match tail {
                [] => Vec::new(),
                [text] => vec![Inner::text(text.clone(), &[], &changes)],
                _ => vec![Inner::words(tail, &changes)],
            }
        }
    }
}

/// What keys type.
fn keys(words: &[Value], hexadecimal: bool, literally: bool) -> Vec<u8> {
    let mut typed = Vec::new();
    for word in words {
        if hexadecimal {
            let byte =
                word.text().and_then(|text| u8::from_str_radix(text.trim_start_matches("0x"), 16).ok());
            typed.extend(byte);
            continue;
        }
        match word.bytes.as_slice() {
            _ if literally => typed.extend_from_slice(&word.bytes),
            b"Enter" | b"C-m" | b"C-j" | b"^M" | b"^J" | b"KPEnter" => typed.push(b'\n'),
            b"Space" => typed.push(b' '),
            b"Tab"
            | b"C-i"
            | b"Escape"
            | b"BSpace"
            | b"Up"
            | b"Down"
            | b"Left"
            | b"Right"
            | b"Home"
            | b"End"
            | [b'C' | b'M' | b'S', b'-', _]
            | [b'^', _] => {}
            bytes => typed.extend_from_slice(bytes),
        }
    }
    typed
}

/// Text that is typed where a shell may read it. A single key is none.
fn typed(text: &[u8]) -> Option<Inner> {
    let text = text.trim_ascii();
    (text.len() > 1 || text.iter().any(|byte| *byte >= 0x80))
        .then(|| Inner::text(Value::known(text), &[], &Changes { other_input: true, ..Changes::default() }))
}

fn screen(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "a A c= d D e= f h= i l -ls,-list -wipe L Logfile= m O p= q Q r R S= s= t= T= U v x X!";
    let parsed = leading(words, grammar);
    let Some(command) = parsed.value("X") else {
        if parsed.has("-ls -wipe v") || parsed.has("r R x") && !parsed.has("m") {
            return None;
        }
        return each(parsed.tails(), &Changes::default());
    };
    let tail = parsed.tails().next().unwrap_or_default();
    match command.bytes.as_slice() {
        b"stuff" => Some(tail.iter().filter_map(stuffed).collect()),
        b"exec" | b"screen" => each(leading(tail, "* t= h= T=").tails(), &Changes::default()),
        b"eval" => Some(tail.iter().filter_map(|part| stuffed(&after(part, "stuff ")?)).collect()),
        b"paste" | b"readbuf" | b"source" => {
            Some(vec![Inner::opaque("screen types or runs what a file holds")])
        }
        _ => None,
    }
}

/// Keys as screen writes them: `\n`, `\r`, `\015`, `^M`.
fn stuffed(word: &Value) -> Option<Inner> {
    let text = word.bytes.trim_ascii();
    let text = text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")).unwrap_or(text);
    let written = ["\\n", "\\r", "\\015", "\\012", "^M", "^J"];
    let text = written.iter().fold(Value::known(text), |text, key| replaced(&text, key.as_bytes(), b"\n"));
    typed(&text.bytes)
}

/// util-linux takes the command with `-c` or behind `--`, BSD behind the file.
fn script(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "a,append c,command= d e,return E,echo= f,flush force I,log-in= O,log-out= B,log-io= T,log-timing= \
        m,logging-format= o,output-limit= q,quiet t,timing== k r F p h,help V,version";
    let parsed = leading(words, grammar);
    if parsed.has("h V") {
        return None;
    }
    let changes = Changes::default();
    let all = anywhere(words, grammar);
    if let Some(text) = all.value("c") {
        return Some(vec![Inner::text(text.clone(), &[], &changes)]);
    }
    let mut inners = Vec::new();
    if let Some(at) = words.iter().position(|word| word.bytes == b"--") {
        let tail = words.get(at + 1..).unwrap_or_default();
        inners.extend((!tail.is_empty()).then(|| Inner::words(tail, &changes)));
    }
    let behind_file = parsed.tails().filter_map(|tail| tail.get(1..)).filter_map(|tail| {
        let tail = tail.strip_prefix(&["--".into()]).unwrap_or(tail);
        tail.first().filter(|first| !first.bytes.starts_with(b"-")).map(|_| tail)
    });
    inners.extend(behind_file.map(|tail| Inner::words(tail, &changes)));
    inners.dedup();
    if inners.is_empty() {
        inners.push(Inner::input(Language::Shell, &[], &changes));
    }
    Some(inners)
}

fn zellij(words: &[Value]) -> Option<Vec<Inner>> {
    let at =
        words.iter().position(|word| matches!(word.bytes.as_slice(), b"run" | b"r" | b"action" | b"ac"))?;
    let rest = words.get(at + 1..).unwrap_or_default();
    if let [action, keys, ..] = rest
        && action.bytes == b"write-chars"
    {
        return Some(typed(&keys.bytes).into_iter().collect());
    }
    let at = rest.iter().position(|word| word.bytes == b"--")?;
    let tail = rest.get(at + 1..).filter(|tail| !tail.is_empty())?;
    Some(vec![Inner::words(tail, &Changes::default())])
}

fn dtach(words: &[Value]) -> Option<Vec<Inner>> {
    let mode =
        words.iter().position(|word| matches!(word.bytes.as_slice(), b"-A" | b"-c" | b"-n" | b"-N"))?;
    let rest = words.get(mode + 2..).unwrap_or_default();
    each(leading(rest, "e= r= E z p= f l").tails(), &Changes::default())
}

/// Behind `-e` or `--` stands a command; one word of it alone is shell text.
fn emulator(words: &[Value]) -> Option<Vec<Inner>> {
    let asks = |word: &Value| {
        matches!(word.bytes.as_slice(), b"-e" | b"-x" | b"--" | b"--command" | b"--execute" | b"start")
    };
    let at = words.iter().position(asks)?;
    let tail = words.get(at + 1..).unwrap_or_default();
    let tail = tail.strip_prefix(&["--".into()]).unwrap_or(tail);
    match tail {
        [] => None,
        [text] => Some(vec![Inner::text(text.clone(), &[], &Changes::default())]),
        _ => Some(vec![Inner::words(tail, &Changes::default())]),
    }
}
